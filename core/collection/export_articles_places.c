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
add_place(const struct articles_reading *r, struct arena *a, char *line,
    size_t len, struct error *e)
{
	struct cdxj_line cut;
	struct buf entry = { 0 };
	uint8_t raw[ID_BYTES];
	const struct json *o;
	const char *name;
	uint64_t offset;
	int rc = 0;

	(void)len;
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
	articles_add_be(&entry, r->file, 4);
	articles_add_be(&entry, offset, 8);
	buf_add(&entry, name, strlen(name) + 1);
	while (entry.len < PLACE_BYTES + NAME_MOST + 1)
		buf_add_byte(&entry, 0);
	rc = sorter_add(r->sorter, entry.data, entry.len, e);
	buf_clear(&entry);
	return rc;
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
	struct articles_reading r = { .articles = x,
		.each = add_place,
		.name = "index.cdxj",
		.line_most = LINE_MOST,
		.sorter = sorter };
	int more = 0;
	int rc = 0;

	x->places = spool_new(NULL, LIMIT_SPOOL_MEMORY);
	/* What a selection makes lies nowhere yet. */
	for (; rc == 0 && r.file < count; r.file++)
		if (files[r.file].role == EXPORT_INDEX &&
		    x->run.plan->sources[r.file].path != NULL)
			rc = articles_read(&r, &files[r.file], e);
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
