/* index/CURRENT and index/SNAPSHOTS: the runs of the index, and the witness. */
#include "core/collection/index_current.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/end_line.h"
#include "core/collection/layout.h"

#define CURRENT_HEAD "holdfast-index 2"
#define WITNESS      "index/SNAPSHOTS"

enum { CURRENT_MAX = 256 * 1024 * 1024, CRC_DIGITS = 8 };

void
index_current_clear(struct index_current *n)
{
	for (size_t i = 0; i < n->run_count; i++)
		free(n->runs[i].name);
	for (size_t i = 0; i < n->count; i++)
		free(n->snapshots[i].path);
	buf_clear(&n->added);
	free(n->runs);
	free(n->snapshots);
	*n = (struct index_current){ 0 };
}

/* Where PATH stands, or would have to. */
static size_t
place_of(const struct index_current *n, const char *path)
{
	size_t low = 0;
	size_t high = n->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(n->snapshots[mid].path, path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct index_snapshot *
index_current_find(const struct index_current *n, const char *path)
{
	size_t at = place_of(n, path);

	if (at == n->count || strcmp(n->snapshots[at].path, path) != 0)
		return NULL;
	return &n->snapshots[at];
}

/* Into the list: 1; 0, it is known. */
static int
insert(struct index_current *n, const char *path, const char *manifest)
{
	size_t at = place_of(n, path);
	struct index_snapshot *s;

	if (index_current_find(n, path) != NULL)
		return 0;
	if ((n->count & (n->count - 1)) == 0)
		n->snapshots = mem_grow(n->snapshots,
		    n->count == 0 ? 1 : 2 * n->count, sizeof(*n->snapshots));
	s = &n->snapshots[at];
	memmove(s + 1, s, (n->count - at) * sizeof(*s));
	n->count++;
	s->path = mem_text(path);
	(void)snprintf(s->manifest, sizeof(s->manifest), "%s", manifest);
	return 1;
}

static void
add_line(struct buf *out, const char *path, const char *manifest)
{
	size_t start = out->len;

	buf_format(out, "%s %s", manifest, path);
	buf_format(
	    out, " %08x\n", text_crc32c(out->data + start, out->len - start));
}

void
index_current_add(
    struct index_current *n, const char *path, const char *manifest)
{
	if (insert(n, path, manifest))
		add_line(&n->added, path, manifest);
}

void
index_current_add_run(struct index_current *n, const char *name, uint64_t bytes)
{
	n->runs = mem_grow(n->runs, n->run_count + 1, sizeof(*n->runs));
	n->runs[n->run_count++] = (struct index_run){ mem_text(name), bytes };
}

char *
index_manifest_path(const struct collection *c, const char *snapshot)
{
	const char *name = strrchr(snapshot, '/');

	return mem_format("%s/index/manifests/%s.txt", c->dir,
	    name == NULL ? snapshot : name + 1);
}

/* A name that stays where it is: no "..", nothing absolute. */
static int
is_plain_path(const char *path)
{
	return path[0] != '\0' && path[0] != '/' && path[0] != '.' &&
	       strstr(path, "/.") == NULL;
}

static int
read_run(struct index_current *out, char *rest)
{
	char *blank = strchr(rest, ' ');
	uint64_t bytes;

	if (blank == NULL ||
	    !text_uint(blank + 1, strlen(blank + 1), UINT64_MAX, &bytes))
		return 0;
	*blank = '\0';
	if (!is_plain_path(rest) || strchr(rest, '/') != NULL)
		return 0;
	index_current_add_run(out, rest, bytes);
	return 1;
}

static int
read_holds(struct index_current *out, char *rest)
{
	uint64_t *const to[] = { &out->holds, &out->sum, &out->witness_bytes };

	for (size_t i = 0; i < 3; i++) {
		size_t len = strcspn(rest, " ");

		if (!text_uint(rest, len, UINT64_MAX, to[i]))
			return 0;
		rest += len + (rest[len] == ' ');
	}
	return *rest == '\0';
}

int
index_witness_parse(struct index_current *out, char *line)
{
	char *path = strchr(line, ' ');
	char *crc = path == NULL ? NULL : strrchr(path + 1, ' ');
	uint8_t raw[DIGEST_SHA256_RAW];
	char want[CRC_DIGITS + 1];

	if (crc == NULL)
		return 0;
	(void)snprintf(want, sizeof(want), "%08x",
	    text_crc32c((const uint8_t *)line, (size_t)(crc - line)));
	if (strcmp(want, crc + 1) != 0)
		return 0;
	*path++ = *crc = '\0';
	if (strlen(line) != DIGEST_SHA256_HEX ||
	    !text_unhex(raw, line, sizeof(raw)) || !is_plain_path(path))
		return 0;
	(void)insert(out, path, line);
	return 1;
}

int
index_current_parse(struct index_current *out, char *text)
{
	char *end;
	int first = 1;

	for (; (end = strchr(text, '\n')) != NULL; text = end + 1) {
		*end = '\0';
		if (first && strcmp(text, CURRENT_HEAD) != 0)
			return 0;
		if (text_starts(text, "run ") && !read_run(out, text + 4))
			return 0;
		if (text_starts(text, "holds ") && !read_holds(out, text + 6))
			return 0;
		first = 0;
	}
	return 1;
}

int
index_current_read_head(
    const struct collection *c, struct index_current *out, struct error *e)
{
	char *path = collection_path(c, "index/CURRENT");
	struct buf b = { 0 };
	int rc;

	*out = (struct index_current){ 0 };
	rc = file_get(path, &b, CURRENT_MAX, e);
	if (rc == 0 && (!end_line_is_right(buf_text(&b), b.len) ||
			   !index_current_parse(out, (char *)b.data))) {
		index_current_clear(out);
		rc = error_set(
		    e, ERROR_INPUT, "%s: not as it was written", path);
	}
	free(path);
	buf_clear(&b);
	return rc;
}

/* Lines of the witness up to LIMIT: 1, all are sound and reach it; 0; -1. */
static int
read_witness(const struct collection *c, struct index_current *out,
    uint64_t limit, struct error *e)
{
	char *path = collection_path(c, WITNESS);
	struct error why = { 0 };
	struct buf b = { 0 };
	uint64_t at = 0;
	int rc = file_get(path, &b, CURRENT_MAX, &why);

	free(path);
	if (rc != 0 && why.kind == ERROR_SYSTEM)
		return error_set(e, why.kind, "%s", why.text);
	rc = 1;
	while (at < b.len && at < limit) {
		char *line = (char *)b.data + at;
		char *end = strchr(line, '\n');

		if (end == NULL)
			break;
		*end = '\0';
		at += (uint64_t)(end - line) + 1;
		rc &= index_witness_parse(out, line);
	}
	rc &= limit == UINT64_MAX || at == limit;
	buf_clear(&b);
	return rc;
}

int
index_current_read(
    const struct collection *c, struct index_current *out, struct error *e)
{
	int sound;

	if (index_current_read_head(c, out, e) != 0)
		return -1;
	sound = read_witness(c, out, out->witness_bytes, e);
	if (sound == 1)
		return 0;
	index_current_clear(out);
	return sound < 0 ? -1
			 : error_set(e, ERROR_INPUT,
			       "%s/" WITNESS ": not as it was written", c->dir);
}

int
index_witness_read(
    const struct collection *c, struct index_current *out, struct error *e)
{
	*out = (struct index_current){ 0 };
	if (read_witness(c, out, UINT64_MAX, e) < 0) {
		index_current_clear(out);
		return -1;
	}
	for (size_t i = 0; i < out->count; i++)
		add_line(&out->added, out->snapshots[i].path,
		    out->snapshots[i].manifest);
	return 0;
}

void
index_witness_forget(struct index_current *n, const char *path)
{
	struct index_snapshot *s = index_current_find(n, path);

	if (s == NULL)
		return;
	free(s->path);
	n->count--;
	memmove(s, s + 1, (size_t)(&n->snapshots[n->count] - s) * sizeof(*s));
	buf_reset(&n->added);
	for (size_t i = 0; i < n->count; i++)
		add_line(
		    &n->added, n->snapshots[i].path, n->snapshots[i].manifest);
}

/* Nothing before what counts is touched; lines that an attempt cut off left
 * behind it are written over. */
static int
write_witness(
    const struct collection *c, struct index_current *n, struct error *e)
{
	char *path = collection_path(c, WITNESS);
	int fd = -1;
	int rc = -1;

	if (n->witness_bytes == 0) {
		rc = file_put(path, n->added.data, n->added.len, e);
		goto done;
	}
	fd = file_open_write(path, e);
	if (fd < 0)
		goto done;
	rc = file_truncate(fd, n->witness_bytes, e);
	if (rc == 0)
		rc = file_write_at(
		    fd, n->added.data, n->added.len, n->witness_bytes, e);
	if (rc == 0)
		rc = file_sync(fd, e);
done:
	if (fd >= 0)
		(void)close(fd);
	if (rc == 0) {
		n->witness_bytes += n->added.len;
		buf_reset(&n->added);
	}
	free(path);
	return rc;
}

int
index_current_write(
    const struct collection *c, struct index_current *n, struct error *e)
{
	char *path;
	struct buf b = { 0 };
	int rc;

	if (n->added.len > 0 && write_witness(c, n, e) != 0)
		return -1;
	path = collection_path(c, "index/CURRENT");
	buf_add_text(&b, CURRENT_HEAD "\n");
	for (size_t i = 0; i < n->run_count; i++)
		buf_format(&b, "run %s %ju\n", n->runs[i].name,
		    (uintmax_t)n->runs[i].bytes);
	buf_format(&b, "holds %ju %ju %ju\n", (uintmax_t)n->holds,
	    (uintmax_t)n->sum, (uintmax_t)n->witness_bytes);
	end_line_add(&b);
	rc = file_put(path, b.data, b.len, e);
	free(path);
	buf_clear(&b);
	return rc;
}
