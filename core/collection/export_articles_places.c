/* Where the records of a plan lie: their index lines sorted by id, so that each
 * picture need not be looked for in all of them. */
#include <string.h>

#include "core/archive/cdxj.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/sort.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/article_text.h"
#include "core/collection/export_articles_part.h"
#include "core/collection/lookup.h"

/* A place: the id's 16 bytes, the number of the index among the plan's files,
 * the record's offset, and the name of its file in the snapshot, filled up with
 * NULs. */
enum {
	ID_BYTES = 16,
	PLACE_BYTES = ID_BYTES + 4 + 8,
	SORT_BYTES = 4 * 1024 * 1024,
	LINE_MOST = 1024 * 1024,
	NAME_MOST = 255
};

/* "urn:uuid:f826964d-9543-..." as raw bytes. 1 / 0. */
static int
raw_id(const char *id, uint8_t raw[ID_BYTES])
{
	char hex[2 * ID_BYTES];
	size_t n = 0;

	if (!text_starts(id, "urn:uuid:"))
		return 0;
	for (id += strlen("urn:uuid:"); *id != '\0'; id++) {
		if (*id == '-')
			continue;
		if (n == sizeof(hex))
			return 0;
		hex[n++] = *id;
	}
	return n == sizeof(hex) && text_unhex(raw, hex, ID_BYTES);
}

/* The sorter's line has the file's name behind the place. */
static int
add_place(struct sorter *sorter, struct arena *a, size_t file, char *line,
    struct error *e)
{
	struct cdxj_line cut;
	struct buf entry = { 0 };
	uint8_t raw[ID_BYTES];
	const struct json *o;
	const char *name;
	uint64_t offset;
	int rc = 0;

	if (cdxj_split(line, &cut, e) != 0)
		return -1;
	o = json_parse(a, cut.json, strlen(cut.json), e);
	if (o == NULL)
		return -1;
	/* Offsets are texts in an index. */
	name = article_member(o, "filename");
	if (!raw_id(article_member(o, "id"), raw) || strlen(name) > NAME_MOST ||
	    !text_uint(article_member(o, "offset"),
		strlen(article_member(o, "offset")), INT64_MAX, &offset))
		return 0;
	buf_add(&entry, raw, sizeof(raw));
	articles_add_be(&entry, file, 4);
	articles_add_be(&entry, offset, 8);
	buf_add(&entry, name, strlen(name) + 1);
	while (entry.len < PLACE_BYTES + NAME_MOST + 1)
		buf_add_byte(&entry, 0);
	rc = sorter_add(sorter, entry.data, entry.len, e);
	buf_clear(&entry);
	return rc;
}

static int
add_lines(struct sorter *sorter, struct arena *a, size_t file, struct buf *b,
    struct error *e)
{
	size_t at = 0;
	uint8_t *end;

	while ((end = memchr(b->data + at, '\n', b->len - at)) != NULL) {
		char *line = (char *)b->data + at;

		*end = '\0';
		arena_reset(a);
		if (add_place(sorter, a, file, line, e) != 0)
			return -1;
		at = (size_t)(end - b->data) + 1;
	}
	memmove(b->data, b->data + at, b->len - at);
	buf_cut(b, b->len - at);
	return b->len > LINE_MOST
		   ? error_set(e, ERROR_LIMIT, "index.cdxj: line too long")
		   : 0;
}

static int
add_index(struct articles *x, struct sorter *sorter, size_t file,
    const struct export_file *f, struct error *e)
{
	struct arena *a = arena_new();
	struct stream *inner = NULL;
	struct stream *s = NULL;
	struct buf b = { 0 };
	const uint8_t *p;
	size_t len;
	int more = export_file_open(x->run.plan, f, &inner, e);

	if (more == 0)
		s = export_run_stream(&x->run, inner);
	while (more == 0 && (more = stream_next(s, &p, &len, e)) == 1) {
		buf_add(&b, p, len);
		more = add_lines(sorter, a, file, &b, e);
	}
	stream_free(s);
	stream_free(inner);
	buf_clear(&b);
	arena_free(a);
	return more;
}

int
articles_places(struct articles *x, struct error *e)
{
	struct sorter *sorter = sorter_new(SORT_BYTES, NULL);
	size_t count;
	const struct export_file *files = export_plan_files(
	    x->run.plan, &count);
	const uint8_t *p;
	size_t len;
	int more = 0;
	int rc = 0;

	x->places = spool_new(NULL, LIMIT_SPOOL_MEMORY);
	/* What a selection makes lies nowhere yet. */
	for (size_t i = 0; rc == 0 && i < count; i++)
		if (files[i].role == EXPORT_INDEX &&
		    x->run.plan->sources[i].path != NULL)
			rc = add_index(x, sorter, i, &files[i], e);
	if (rc == 0)
		rc = sorter_begin(sorter, e);
	while (rc == 0 && (more = sorter_next(sorter, &p, &len, e)) == 1)
		rc = spool_add(x->places, p, len, e);
	sorter_free(sorter);
	return more < 0 ? -1 : rc;
}

enum { ENTRY_BYTES = PLACE_BYTES + NAME_MOST + 1 };

static int
read_entry(const struct articles *x, uint64_t number, uint8_t out[ENTRY_BYTES],
    struct error *e)
{
	struct stream *s = spool_stream(
	    x->places, number * ENTRY_BYTES, ENTRY_BYTES);
	struct buf b = { 0 };
	int rc = stream_read(s, &b, ENTRY_BYTES, e);

	if (rc == 0)
		memcpy(out, b.data, ENTRY_BYTES);
	buf_clear(&b);
	stream_free(s);
	return rc;
}

static void
fill(const struct articles *x, struct arena *a, const char *id,
    const uint8_t *entry, struct found *out)
{
	const struct export_plan *p = x->run.plan;
	size_t file = (size_t)entry[ID_BYTES] << 24 |
		      (size_t)entry[ID_BYTES + 1] << 16 |
		      (size_t)entry[ID_BYTES + 2] << 8 | entry[ID_BYTES + 3];
	const char *index = p->sources[file].path;
	size_t len = strlen(index) - strlen("/index.cdxj");
	uint64_t offset = 0;

	for (size_t i = 0; i < 8; i++)
		offset = offset << 8 | entry[ID_BYTES + 4 + i];
	*out = (struct found){ .kind = FOUND_RECORD,
		.snapshot = arena_text_n(a, index, len),
		.offset = offset,
		.id = arena_text(a, id) };
	out->file = arena_format(
	    a, "%s/%s", out->snapshot, (const char *)entry + PLACE_BYTES);
}

int
articles_place(struct articles *x, struct arena *a, const char *id,
    struct found *out, struct error *e)
{
	uint64_t low = 0;
	uint64_t high = spool_len(x->places) / ENTRY_BYTES;
	uint8_t wanted[ID_BYTES];
	uint8_t entry[ENTRY_BYTES];

	if (!raw_id(id, wanted))
		return 0;
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		int order;

		if (read_entry(x, middle, entry, e) != 0)
			return -1;
		order = memcmp(entry, wanted, ID_BYTES);
		if (order == 0) {
			fill(x, a, id, entry, out);
			return 1;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}
