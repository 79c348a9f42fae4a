/* The second reading of an import: records into segments of our own. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/archive/convert_head.h"
#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/collection/fields.h"
#include "core/collection/import_part.h"
#include "core/collection/import_tell.h"
#include "core/collection/journal.h"
#include "core/collection/layout.h"
#include "core/collection/lines.h"
#include "core/collection/place.h"
#include "core/collection/seal.h"
#include "core/collection/segment.h"

/* Bytes of records between two groups of the journal. */
#define IMPORT_GROUP ((uint64_t)64 * 1024 * 1024)

/* Or bytes of its lines. */
#define IMPORT_LINES ((size_t)4 * 1024 * 1024)

struct import_copy {
	struct import *import;
	struct snapshot_place place;
	char time[DATE_TEXT_MAX];
	char started[DATE_TEXT_MAX];
	struct buf warcinfo;
	struct segment segment;
	struct gzip_writer *gzip;
	struct import_teller *teller;
	struct arena *arena; /* of one record */
	struct buf lines;    /* of the group, for the journal */
	int fd;              /* journal */
	uint64_t journal_end;
};

/* One file being copied. */
struct copying {
	struct import_copy *copy;
	const struct import_file *file;
	const struct import_survey *survey;
	struct input *in;
	struct source *source;
	size_t exception; /* the next one */
	uint64_t number;  /* of the next record */
	uint64_t copied;
};

/* Steps 1 to 3 of the order of writes. */
static int
commit(struct import_copy *y, struct error *e)
{
	struct buf json = { 0 };
	int rc = segment_sync(&y->segment, e);

	buf_add_text(&json, "{\"files\":[");
	segment_state(&y->segment, &json);
	buf_add_text(&json, "]}");
	journal_add(&y->lines, 'g', buf_text(&json), json.len);
	buf_clear(&json);
	if (rc == 0)
		rc = file_write_at(
		    y->fd, y->lines.data, y->lines.len, y->journal_end, e);
	if (rc == 0)
		rc = file_sync(y->fd, e);
	if (rc != 0)
		return error_within(e, "%s", y->place.journal);
	y->journal_end += y->lines.len;
	buf_reset(&y->lines);
	segment_commit(&y->segment);
	return 0;
}

/* A record of our own. */
static void
tell_draft(struct import_copy *y, const struct draft *d)
{
	import_tell_record(&y->lines, &(struct import_line){
					  .file = y->segment.file,
					  .offset = d->offset,
					  .length = d->length,
					  .number = d->number,
					  .id = d->id,
					  .type = d->type,
					  .uri = d->uri,
					  .date = d->date,
					  .mime = d->content_type,
					  .digest = d->payload_digest,
				      });
}

/* The next file of the snapshot, with its warcinfo record. */
static int
roll(struct import_copy *y, struct error *e)
{
	struct arena *a = arena_new(); /* the record under way has the other */
	struct draft d;
	int rc;

	draft_init(&d, "warcinfo", y->started);
	rc = segment_roll(&y->segment, y->gzip, a, &d, e);
	if (rc == 0)
		tell_draft(y, &d);
	arena_free(a);
	return rc;
}

/* Where everything came from, as a record. */
static int
put_facts(struct import_copy *y, const struct json *facts, struct error *e)
{
	char digest[DIGEST_TEXT_MAX];
	struct buf block = { 0 };
	struct draft d;
	int rc;

	json_write_canonical(&block, facts);
	digest_text(DIGEST_SHA256, block.data, block.len, digest);
	draft_init(&d, "metadata", y->started);
	d.uri = arena_format(y->arena, "urn:holdfast:import:%s", y->place.name);
	d.content_type = "application/vnd.holdfast.import+json";
	d.block_digest = digest;
	d.len = block.len;
	d.block = stream_of_bytes(block.data, block.len);
	rc = segment_put(&y->segment, y->gzip, y->arena, &d, e);
	stream_free(d.block);
	buf_clear(&block);
	if (rc == 0)
		tell_draft(y, &d);
	return rc;
}

/* Fields of the warcinfo record: who, and what was imported. */
static void
write_warcinfo(struct import_copy *y, const struct json *facts)
{
	struct arena *a = arena_new();
	struct json *fields = json_new_object(a);

	json_set(a, fields, "operator", json_get(facts, "operator"));
	json_set(a, fields, "contact", json_get(facts, "contact"));
	json_set_string(a, fields, "description",
	    arena_format(a,
		"import of %zu record file(s); their origin is told by the "
		"record of urn:holdfast:import:%s",
		json_count(json_get(facts, "files")), y->place.name));
	warcinfo_write(&y->warcinfo, y->place.name, fields);
	arena_free(a);
}

static void
init_segment(struct import_copy *y)
{
	const struct import_options *o = y->import->options;
	const struct segment_options options = {
		.dir = y->place.dir,
		.folder = "records",
		.prefix = y->import->collection->prefix,
		.time = y->time,
		.collection_id = y->import->collection->id,
		.warcinfo = &y->warcinfo,
		.roll_bytes = o->segment_bytes == 0 ? LIMIT_SEGMENT_BYTES
						    : o->segment_bytes,
	};

	segment_init(&y->segment, &options);
}

static void
import_copy_free(struct import_copy *y)
{
	segment_clear(&y->segment);
	gzip_writer_free(y->gzip);
	import_teller_free(y->teller);
	arena_free(y->arena);
	buf_clear(&y->warcinfo);
	buf_clear(&y->lines);
	if (y->fd >= 0)
		(void)close(y->fd);
	place_clear(&y->place);
	free(y);
}

static int
begin(struct import_copy *y, const struct json *facts, struct error *e)
{
	struct buf json = { 0 };

	y->fd = place_journal(&y->place, e);
	if (y->fd < 0)
		return -1;
	place_begin(&json, &y->place, y->import->collection, "import", facts);
	if (json.len > IMPORT_REPORT_MAX) {
		buf_clear(&json);
		return error_set(e, ERROR_LIMIT,
		    "too many files, or too much is wrong with them, for one "
		    "import: import fewer at a time");
	}
	journal_add(&y->lines, 'b', buf_text(&json), json.len);
	buf_clear(&json);
	if (roll(y, e) != 0 || put_facts(y, facts, e) != 0)
		return -1;
	return commit(y, e);
}

struct import_copy *
import_copy_begin(struct import *m, const struct json *facts,
    struct clock *clock, struct error *e)
{
	struct import_copy *y = mem_zero(1, sizeof(*y));

	y->import = m;
	y->fd = y->segment.fd = -1;
	y->gzip = gzip_writer_new();
	y->teller = import_teller_new();
	y->arena = arena_new();
	if (place_make(&y->place, m->collection, m->options->site,
		clock->wall_us(clock), e) != 0) {
		import_copy_free(y);
		return NULL;
	}
	date_digits(y->place.second * 1000000, y->time);
	date_rfc3339_us(y->place.start_us, y->started);
	write_warcinfo(y, facts);
	init_segment(y);
	if (begin(y, facts, e) == 0)
		return y;
	import_copy_undo(y);
	return NULL;
}

static enum import_way
way_of(struct copying *f, uint64_t number)
{
	const struct import_survey *s = f->survey;

	while (f->exception < s->exception_count &&
	       s->exceptions[f->exception].end <= number)
		f->exception++;
	if (f->exception < s->exception_count &&
	    s->exceptions[f->exception].first <= number)
		return s->exceptions[f->exception].way;
	return IMPORT_COPY;
}

/* The whole block to whoever asks. 0 whole; 1 it does not read; -1. */
static int
read_block(
    struct copying *f, struct record *r, struct spool *spool, struct error *e)
{
	const uint8_t *p;
	size_t len;
	int more;

	import_tell_begin(f->copy->teller, r);
	while ((more = stream_next(r->block, &p, &len, e)) == 1) {
		import_tell_block(f->copy->teller, p, len);
		if (spool != NULL && spool_add(spool, p, len, e) != 0)
			return -1;
	}
	import_tell_end(f->copy->teller);
	if (more < 0 && e->kind == ERROR_SYSTEM)
		return -1;
	return more < 0;
}

static int
put_anew(struct copying *f, struct record *r, enum import_way way,
    const struct spool *spool, struct import_line *line, struct error *e)
{
	struct import_copy *y = f->copy;
	int rc;

	if (way == IMPORT_ANEW)
		r->head_len = 0; /* it was framed in another way */
	r->block = spool_stream(spool, 0, spool_len(spool));
	rc = segment_put_record(&y->segment, y->gzip, r,
	    import_tell_way(y->teller, r), &line->offset, &line->length, e);
	stream_free(r->block);
	return rc;
}

static int
put_member(struct copying *f, const struct place *where,
    struct import_line *line, struct error *e)
{
	struct stream *s = input_stream(f->in, where->offset, where->length);
	int rc = segment_put_member(
	    &f->copy->segment, s, where->length, &line->offset, e);

	line->length = where->length;
	stream_free(s);
	return rc;
}

/* A sound record, read to its end. */
static int
put_record(struct copying *f, struct record *r, const struct place *where,
    enum import_way way, const struct spool *spool, struct error *e)
{
	struct import_copy *y = f->copy;
	struct import_line line = { 0 };
	int rc;

	if (y->segment.end >= y->segment.roll_bytes &&
	    (commit(y, e) != 0 || roll(y, e) != 0))
		return -1;
	line.number = y->segment.number;
	line.file = y->segment.file;
	rc = spool != NULL ? put_anew(f, r, way, spool, &line, e)
			   : put_member(f, where, &line, e);
	if (rc != 0)
		return -1;
	import_tell(y->teller, y->arena, r, &line, &y->lines);
	f->copied++;
	if (y->segment.end - y->segment.committed >= IMPORT_GROUP ||
	    y->lines.len >= IMPORT_LINES)
		return commit(y, e);
	return 0;
}

/* The record just begun: copied unless the survey said no, or it does not
 * read. */
static int
copy_record(
    struct copying *f, struct record *r, struct place *where, struct error *e)
{
	enum import_way way = way_of(f, f->number++);
	const char *dir = f->copy->import->collection->dir;
	struct spool *spool = NULL;
	int rc = 0;

	if (way == IMPORT_LEAVE)
		return 0;
	if (f->survey->anew || way == IMPORT_ANEW)
		spool = spool_new(dir, LIMIT_SPOOL_MEMORY);
	if (f->survey->is_arc)
		(void)convert_arc_head(f->copy->arena, r, "WARC/1.1",
		    f->file->name, where->offset);
	r->head = arena_dup(f->copy->arena, r->head, r->head_len);
	rc = read_block(f, r, spool, e);
	if (rc < 0)
		goto done;
	if (source_finish(f->source, where, e) != 0) {
		if (e->kind == ERROR_SYSTEM) {
			rc = -1;
			goto done;
		}
		rc |= where->damaged;
		error_clear(e);
	}
	rc = rc != 0 ? 0 : put_record(f, r, where, way, spool, e);
done:
	spool_free(spool);
	return rc;
}

static int
copy_records(struct copying *f, struct error *e)
{
	struct import_copy *y = f->copy;
	struct record r;
	struct place where;
	int more;

	for (;;) {
		if (import_is_stopped(y->import))
			return 0;
		arena_reset(y->arena);
		more = source_next(f->source, y->arena, &r, &where, e);
		if (more == 0)
			return 0;
		if (more < 0 && e->kind == ERROR_SYSTEM)
			return -1;
		if (more < 0)
			error_clear(e); /* the survey has told */
		else if (copy_record(f, &r, &where, e) != 0)
			return -1;
	}
}

/* Was it the same file all the time? */
static int
check_same(struct copying *f, struct error *e)
{
	char hex[65];

	if (import_is_stopped(f->copy->import))
		return 0;
	if (import_digest(f->in, hex, e) != 0)
		return -1;
	if (f->copied != f->file->copied || strcmp(hex, f->file->sha256) != 0)
		return error_set(e, ERROR_INPUT,
		    "%s: changed while it was imported", f->file->name);
	return 0;
}

int
import_copy_file(
    struct import_copy *y, struct input *in, size_t number, struct error *e)
{
	const struct import_options *o = y->import->options;
	struct copying f = {
		.copy = y,
		.file = &y->import->result->files[number],
		.survey = &y->import->surveys[number],
	};
	struct error mine = { 0 };
	int rc;

	if (e == NULL)
		e = &mine;
	if (f.file->copied == 0)
		return 0;
	if (o->progress != NULL)
		o->progress(o->context, f.file->name, 1);
	if (import_make_random(y->import, in, &f.in, e) != 0)
		return -1;
	rc = source_open_input(&f.source, f.in, e);
	if (rc == 0)
		rc = copy_records(&f, e);
	if (rc == 0)
		rc = check_same(&f, e);
	source_free(f.source);
	input_free(f.in);
	return rc;
}

int
import_copy_end(struct import_copy *y, struct clock *clock, struct error *e)
{
	struct import_result *r = y->import->result;
	const struct seal_options options = {
		.status = "complete",
		.ended_us = clock->wall_us(clock),
	};
	struct seal_result sealed = { .totals = &r->totals };

	if (commit(y, e) != 0) {
		import_copy_undo(y);
		return -1;
	}
	if (seal_snapshot(y->import->collection, y->place.below, &options,
		&sealed, e) != 0) {
		free(sealed.dir);
		import_copy_free(y); /* recovery decides */
		return -1;
	}
	free(r->dir);
	r->dir = sealed.dir;
	import_copy_free(y);
	return 0;
}

void
import_copy_undo(struct import_copy *y)
{
	if (y == NULL)
		return;
	/* What cannot be removed now recovery removes. */
	if (y->place.dir != NULL && y->fd >= 0)
		(void)seal_remove(y->import->collection, y->place.below, NULL);
	import_copy_free(y);
}
