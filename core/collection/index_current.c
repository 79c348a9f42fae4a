/* index/CURRENT: the runs of the index, and the snapshots in them. */
#include "core/collection/index_current.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/layout.h"

#define CURRENT_HEAD "holdfast-index 1"

enum { CURRENT_MAX = 256 * 1024 * 1024, CRC_DIGITS = 8 };

void
index_current_clear(struct index_current *n)
{
	for (size_t i = 0; i < n->run_count; i++)
		free(n->runs[i].name);
	for (size_t i = 0; i < n->count; i++) {
		free(n->snapshots[i].path);
		free(n->snapshots[i].run);
	}
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

void
index_current_add(struct index_current *n, const char *path, const char *run,
    const char *manifest)
{
	size_t at = place_of(n, path);
	struct index_snapshot *s;

	s = index_current_find(n, path);
	if (s != NULL) {
		free(s->run);
		s->run = mem_text(run);
		return;
	}
	n->snapshots = mem_grow(
	    n->snapshots, n->count + 1, sizeof(*n->snapshots));
	s = &n->snapshots[at];
	memmove(s + 1, s, (n->count - at) * sizeof(*s));
	n->count++;
	s->path = mem_text(path);
	s->run = mem_text(run);
	(void)snprintf(s->manifest, sizeof(s->manifest), "%s", manifest);
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
read_snapshot(struct index_current *out, char *rest)
{
	char *hex = strchr(rest, ' ');
	char *path = hex == NULL ? NULL : strchr(hex + 1, ' ');
	uint8_t raw[DIGEST_SHA256_RAW];

	if (path == NULL)
		return 0;
	*hex++ = *path++ = '\0';
	if (strlen(hex) != DIGEST_SHA256_HEX ||
	    !text_unhex(raw, hex, sizeof(raw)) || !is_plain_path(path))
		return 0;
	index_current_add(out, path, rest, hex);
	return 1;
}

/* The CRC32C in the last line is that of all before. */
static int
is_whole(const char *text, size_t len)
{
	size_t tail = sizeof("end \n") - 1 + CRC_DIGITS;
	char want[32];

	if (len <= tail)
		return 0;
	(void)snprintf(
	    want, sizeof(want), "end %08x\n", text_crc32c(text, len - tail));
	return memcmp(text + len - tail, want, tail) == 0;
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
		if (text_starts(text, "snapshot ") &&
		    !read_snapshot(out, text + 9))
			return 0;
		first = 0;
	}
	return 1;
}

int
index_current_read(
    const struct collection *c, struct index_current *out, struct error *e)
{
	char *path = collection_path(c, "index/CURRENT");
	struct buf b = { 0 };
	int rc;

	*out = (struct index_current){ 0 };
	rc = file_get(path, &b, CURRENT_MAX, e);
	if (rc == 0 && (!is_whole(buf_text(&b), b.len) ||
			   !index_current_parse(out, (char *)b.data))) {
		index_current_clear(out);
		rc = error_set(
		    e, ERROR_INPUT, "%s: not as it was written", path);
	}
	free(path);
	buf_clear(&b);
	return rc;
}

int
index_current_write(
    const struct collection *c, const struct index_current *n, struct error *e)
{
	char *path = collection_path(c, "index/CURRENT");
	struct buf b = { 0 };
	int rc;

	buf_add_text(&b, CURRENT_HEAD "\n");
	for (size_t i = 0; i < n->run_count; i++)
		buf_format(&b, "run %s %ju\n", n->runs[i].name,
		    (uintmax_t)n->runs[i].bytes);
	for (size_t i = 0; i < n->count; i++)
		buf_format(&b, "snapshot %s %s %s\n", n->snapshots[i].run,
		    n->snapshots[i].manifest, n->snapshots[i].path);
	buf_format(&b, "end %08x\n", text_crc32c(b.data, b.len));
	rc = file_put(path, b.data, b.len, e);
	free(path);
	buf_clear(&b);
	return rc;
}
