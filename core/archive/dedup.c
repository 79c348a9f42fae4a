/* Responses whose payload came before, found by sorting, become revisits. */
#include "core/archive/dedup.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/dedup_part.h"
#include "core/archive/format.h"
#include "core/archive/record.h"
#include "core/archive/record_copy.h"
#include "core/archive/record_files.h"
#include "core/archive/sink.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/base/stream.h"

/*
 * What is sorted first: PREFIX of the digest, number of the record, place of
 * the record. Then, of those that have an equal before them: number, place of
 * that one. Numbers and places are big-endian, so that bytes sort as they do.
 */
enum {
	DEDUP_PREFIX = 16,
	DEDUP_PLACE = 12, /* file, offset */
	DEDUP_ENTRY = DEDUP_PREFIX + 8 + DEDUP_PLACE,
	DEDUP_FOUND = 8 + DEDUP_PLACE,
	DEDUP_SORT = 8 * 1024 * 1024
};

struct dedup_place {
	uint32_t file; /* number in FILES */
	uint64_t offset;
};

struct dedup {
	struct dedup_options options;
	struct dedup_result *result;
	struct arena *arena; /* of names */
	const char **files;
	size_t file_count;
	struct sorter *entries;
	struct sorter *found;
	uint64_t number; /* of the next record; those known come first */
	uint64_t first;  /* of those to be written */
	uint64_t known, weak;

	struct payload_reader payload;
	struct sink *sink;
	struct arena *scratch; /* of one record */
	struct buf block;
	/* the second reading */
	size_t file; /* the next one's number in FILES */
	int more;    /* NEXT holds a number */
	uint64_t next;
	struct dedup_place next_place;
	struct dedup_guard guard;
};

struct dedup *
dedup_new(const struct dedup_options *o)
{
	struct dedup *d = mem_zero(1, sizeof(*d));

	d->options = *o;
	d->arena = arena_new();
	d->scratch = arena_new();
	d->entries = sorter_new(DEDUP_SORT, NULL);
	d->found = sorter_new(DEDUP_SORT, NULL);
	payload_reader_init(&d->payload);
	dedup_guard_init(&d->guard);
	return d;
}

void
dedup_free(struct dedup *d)
{
	if (d == NULL)
		return;
	sink_free(d->sink);
	sorter_free(d->entries);
	sorter_free(d->found);
	payload_reader_clear(&d->payload);
	dedup_guard_clear(&d->guard);
	buf_clear(&d->block);
	arena_free(d->scratch);
	arena_free(d->arena);
	free(d->files);
	free(d);
}

static int
is_stopped(const struct dedup *d)
{
	return d->options.stop != NULL && *d->options.stop != 0;
}

static void
put_number(uint8_t *p, uint64_t n, size_t bytes)
{
	for (size_t i = bytes; i-- > 0; n >>= 8)
		p[i] = (uint8_t)n;
}

static uint64_t
get_number(const uint8_t *p, size_t bytes)
{
	uint64_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n = n << 8 | p[i];
	return n;
}

static void
add_name(struct dedup *d, const char *name)
{
	size_t n = d->file_count;

	if ((n & (n - 1)) == 0)
		d->files = mem_grow(
		    d->files, n == 0 ? 1 : 2 * n, sizeof(*d->files));
	d->files[n] = arena_text(d->arena, name);
	d->file_count++;
}

/* A payload of this digest is that of the record NUMBER at OFFSET of the file
 * named last. */
static int
add_entry(struct dedup *d, const uint8_t *sha256, uint64_t number,
    uint64_t offset, struct error *e)
{
	uint8_t entry[DEDUP_ENTRY];

	memcpy(entry, sha256, DEDUP_PREFIX);
	put_number(entry + DEDUP_PREFIX, number, 8);
	put_number(entry + DEDUP_PREFIX + 8, d->file_count - 1, 4);
	put_number(entry + DEDUP_PREFIX + 12, offset, 8);
	return sorter_add(d->entries, entry, sizeof(entry), e);
}

int
dedup_know(struct dedup *d, const char *file, uint64_t offset,
    const char *digest, struct error *e)
{
	struct digest_value v;

	if (!digest_parse(&v, digest) || v.kind != DIGEST_SHA256) {
		d->weak++;
		return 0;
	}
	if (d->file_count == 0 ||
	    strcmp(d->files[d->file_count - 1], file) != 0)
		add_name(d, file);
	d->known++;
	return add_entry(d, v.raw, d->number++, offset, e);
}

static int
say_damage(const struct input *in, const struct place *where, struct error *e)
{
	return error_set(e, ERROR_INPUT,
	    "%s at %" PRIu64 ": does not read (%s); nothing is written, see: "
	    "holdfast help repair",
	    input_name(in), where->offset,
	    where->code == NULL ? "cut" : where->code);
}

/* What is no record and no damage either, as an empty member. */
static int
is_skipped(int more, const struct place *where, struct error *e)
{
	if (more >= 0 || e->kind == ERROR_SYSTEM || where->damaged)
		return 0;
	error_clear(e);
	return 1;
}

/* The first reading of one record. */
static int
scan_record(struct dedup *d, struct input *in, struct source *s,
    struct record *r, struct place *where, struct error *e)
{
	struct error why = { 0 };
	uint64_t number = d->number++;
	uint8_t raw[DIGEST_RAW_MAX];
	int unfit = 1;

	d->result->records++;
	if (record_type(r) == RECORD_RESPONSE)
		d->result->responses++;
	if (payload_is_wanted(r) && input_is_random(in)) {
		unfit = payload_read(&d->payload, r, PAYLOAD_UNCHECKED, &why);
		if (unfit < 0)
			return error_set(e, why.kind, "%s", why.text);
	}
	if (source_finish(s, where, &why) != 0) {
		if (why.kind == ERROR_SYSTEM)
			return error_set(e, why.kind, "%s", why.text);
		if (where->damaged)
			return say_damage(in, where, e);
	}
	if (unfit || where->length == 0 ||
	    d->payload.len < d->options.min_size || d->payload.len == 0)
		return 0;
	(void)digester_raw(d->payload.sha256, raw);
	return add_entry(d, raw, number, where->offset, e);
}

static int
scan_file(struct dedup *d, struct input *in, struct source *s, struct error *e)
{
	struct record r;
	struct place where;
	int more;

	add_name(d, input_name(in));
	d->result->files++;
	if (input_size(in) != INPUT_NO_END)
		d->result->bytes_in += input_size(in);
	for (;;) {
		if (is_stopped(d))
			return 1;
		arena_reset(d->scratch);
		more = source_next(s, d->scratch, &r, &where, e);
		if (is_skipped(more, &where, e))
			continue;
		if (more < 0 && e->kind != ERROR_SYSTEM)
			return say_damage(in, &where, e);
		if (more <= 0)
			return more;
		if (scan_record(d, in, s, &r, &where, e) != 0)
			return -1;
	}
}

/* Every record to be written that has an equal before it: number, and place of
 * the first of them. */
static int
find_equals(struct dedup *d, struct error *e)
{
	uint8_t first[DEDUP_ENTRY] = { 0 };
	uint8_t found[DEDUP_FOUND];
	const uint8_t *p;
	size_t len;
	int any = 0;
	int more;

	if (sorter_begin(d->entries, e) != 0)
		return -1;
	while ((more = sorter_next(d->entries, &p, &len, e)) == 1) {
		if (!any || memcmp(first, p, DEDUP_PREFIX) != 0) {
			any = 1;
			memcpy(first, p, DEDUP_ENTRY);
			continue;
		}
		if (get_number(p + DEDUP_PREFIX, 8) < d->first)
			continue;
		memcpy(found, p + DEDUP_PREFIX, 8);
		memcpy(found + 8, first + DEDUP_PREFIX + 8, DEDUP_PLACE);
		if (sorter_add(d->found, found, sizeof(found), e) != 0)
			return -1;
	}
	sorter_free(d->entries);
	d->entries = NULL;
	return more < 0 ? -1 : sorter_begin(d->found, e);
}

/* The next record that has an equal. */
static int
next_found(struct dedup *d, struct error *e)
{
	const uint8_t *p;
	size_t len;

	d->more = sorter_next(d->found, &p, &len, e);
	if (d->more == 1) {
		d->next = get_number(p, 8);
		d->next_place.file = (uint32_t)get_number(p + 8, 4);
		d->next_place.offset = get_number(p + 12, 8);
	}
	return d->more < 0 ? -1 : 0;
}

/* Is the record read last one that its original can stand for? */
static int
may_refer(const struct dedup *d, struct arena *a, const struct record *r)
{
	const struct dedup_guard *o = &d->guard;
	uint8_t raw[DIGEST_RAW_MAX];

	(void)digester_raw(d->payload.sha256, raw);
	return o->is_sound && payload_is_true(&d->payload, NULL) &&
	       memcmp(raw, o->sha256, DIGEST_SHA256_RAW) == 0 &&
	       strcmp(record_uri_field(a, r, "WARC-Record-ID"), o->facts.id) !=
		   0;
}

static int
put_revisit(struct dedup *d, const struct record *r, struct error *e)
{
	struct record out;
	int rc;

	payload_make_revisit(
	    &d->payload, d->scratch, r, &d->guard.facts, &d->block, &out);
	d->result->revisits++;
	d->result->payload_bytes += d->payload.len;
	if (d->sink == NULL)
		return 0;
	out.block = stream_of_bytes(d->block.data, d->block.len);
	rc = sink_put(d->sink, &out, GZIP_DEFLATE, NULL, e);
	stream_free(out.block);
	return rc;
}

/* A record that has an equal: 1, it was written as a revisit; 0, it stays; the
 * source stands behind it; -1. */
static int
revisit(struct dedup *d, struct source *s, struct record *r,
    struct place *where, struct error *e)
{
	struct error why = { 0 };
	int unfit;

	if (dedup_guard_read(&d->guard, d->files[d->next_place.file],
		d->next_place.offset, e) != 0 ||
	    next_found(d, e) != 0)
		return -1;
	unfit = payload_read(&d->payload, r, PAYLOAD_ALL, &why);
	if (unfit < 0)
		return error_set(e, why.kind, "%s", why.text);
	if (source_finish(s, where, &why) != 0) {
		if (why.kind == ERROR_SYSTEM)
			return error_set(e, why.kind, "%s", why.text);
		unfit |= where->damaged;
	}
	if (!unfit && may_refer(d, d->scratch, r))
		return put_revisit(d, r, e) != 0 ? -1 : 1;
	d->result->kept++;
	return 0;
}

/* Everything else goes over as it is. */
static int
copy(struct dedup *d, struct record_copier *c, struct input *in,
    struct record *r, const struct place *where, struct error *e)
{
	struct record_copied copied;

	if (record_copy(c, d->scratch, r, where, 0, &copied, e) != 0)
		return -1;
	return copied.how == RECORD_BROKEN ? say_damage(in, &copied.from, e)
					   : 0;
}

static int
write_record(struct dedup *d, struct input *in, struct source *s,
    struct record_copier *c, struct record *r, struct place *where,
    struct error *e)
{
	uint64_t number = d->number++;
	struct place again = *where;
	int rc;

	if (d->more != 1 || number != d->next)
		return copy(d, c, in, r, where, e);
	rc = revisit(d, s, r, &again, e);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (source_seek(s, where->offset, e) != 0)
		return -1;
	rc = source_next(s, d->scratch, r, &again, e);
	if (rc < 0 && e->kind == ERROR_SYSTEM)
		return -1;
	return rc != 1 ? say_damage(in, where, e)
		       : copy(d, c, in, r, &again, e);
}

static int
write_file(struct dedup *d, struct input *in, struct source *s, struct error *e)
{
	const struct record_copy_options o = { 0 };
	struct record_copier *c = record_copier_new(s, in, d->sink, &o);
	struct record r;
	struct place where;
	int rc = 0;

	for (;;) {
		if (is_stopped(d)) {
			rc = 1;
			break;
		}
		arena_reset(d->scratch);
		rc = source_next(s, d->scratch, &r, &where, e);
		if (is_skipped(rc, &where, e))
			continue;
		if (rc < 0 && e->kind != ERROR_SYSTEM)
			rc = say_damage(in, &where, e);
		if (rc <= 0)
			break;
		rc = write_record(d, in, s, c, &r, &where, e);
		if (rc != 0)
			break;
	}
	record_copier_free(c);
	return rc;
}

static int
each_file(void *context, struct input *in, struct error *e)
{
	struct dedup *d = context;
	struct source *s = NULL;
	int second = d->first != UINT64_MAX;
	int rc = source_open_input(&s, in, e);

	if (d->options.progress != NULL)
		d->options.progress(d->options.context, input_name(in), second);
	if (rc == 0 && strcmp(s->format->name, "warc") != 0)
		rc = error_set(e, ERROR_USAGE,
		    "%s: %s cannot hold revisits; see: holdfast help convert",
		    input_name(in), s->format->name);
	if (rc == 0)
		rc = second ? write_file(d, in, s, e) : scan_file(d, in, s, e);
	source_free(s);
	return rc;
}

/* One that cannot be read ends it: the output would lack it. */
struct missing {
	struct dedup *dedup;
	struct error why;
};

static int
each_of(void *context, struct input *in, struct error *e)
{
	struct missing *m = context;

	return m->why.kind != ERROR_NONE ? 1 : each_file(m->dedup, in, e);
}

static void
unread(void *context, const char *name, const struct error *why)
{
	struct missing *m = context;

	(void)name;
	if (m->why.kind == ERROR_NONE)
		m->why = *why;
}

static int
visit(struct dedup *d, char *const *objects, size_t count, struct error *e)
{
	struct missing m = { .dedup = d };
	const struct record_files f = { each_of, unread, &m };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = record_files_each(objects[i], &f, e);
		if (rc == 0 && m.why.kind != ERROR_NONE)
			rc = error_set(e, m.why.kind, "%s", m.why.text);
	}
	if (is_stopped(d))
		d->result->stopped = 1;
	return rc < 0 ? -1 : 0;
}

static int
write_all(struct dedup *d, char *const *objects, size_t count, struct error *e)
{
	const struct sink_options o = {
		.coding = d->options.output == NULL
			      ? SINK_GZIP
			      : sink_coding_of(d->options.output),
	};
	const struct sink_file *files;
	size_t n = 0;

	if (d->options.output != NULL &&
	    sink_open(&d->sink, d->options.output, &o, e) != 0)
		return -1;
	d->number = d->first;
	if (next_found(d, e) != 0 || visit(d, objects, count, e) != 0)
		return -1;
	if (d->sink == NULL || d->result->stopped)
		return 0;
	if (sink_finish(d->sink, e) != 0)
		return -1;
	files = sink_files(d->sink, &n);
	for (size_t i = 0; i < n; i++)
		d->result->bytes_out += files[i].bytes;
	return 0;
}

int
dedup_run(struct dedup *d, char *const *objects, size_t count,
    struct dedup_result *result, struct error *e)
{
	uint64_t first = d->number;
	struct error mine = { 0 };

	if (e == NULL)
		e = &mine;
	*result = (struct dedup_result){ .known = d->known, .weak = d->weak };
	d->result = result;
	d->first = UINT64_MAX;
	if (visit(d, objects, count, e) != 0)
		return -1;
	d->first = first;
	if (result->stopped)
		return 0;
	if (find_equals(d, e) != 0)
		return -1;
	return write_all(d, objects, count, e);
}
