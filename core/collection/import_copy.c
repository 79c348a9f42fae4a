/* The second reading of an import: records into segments of our own. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/convert_head.h"
#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/limits.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/collection/import_part.h"
#include "core/collection/import_tell.h"
#include "core/collection/layout.h"
#include "core/collection/lines.h"

/* A file of more runs is not told where it lies. */
enum { PIECES_MAX = 1000 };

/* One file being copied. */
struct copying {
	struct import_writer *writer;
	const struct import_file *file;
	const struct import_survey *survey;
	struct import_teller *teller;
	struct input *in;
	struct source *source;
	size_t exception; /* the next one */
	uint64_t number;  /* of the next record */
	uint64_t copied;

	/* Where its bytes lie, as long as every one of them does. */
	uint64_t whole_to; /* all before it is there as it was */
	int is_cut;        /* no longer so */
	struct buf pieces; /* JSON, up to the last one */
	size_t piece_count;
	struct piece {
		const char *file; /* in the arena of the result */
		uint64_t offset, length;
	} piece;
};

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

	import_tell_begin(f->teller, r);
	while ((more = stream_next(r->block, &p, &len, e)) == 1) {
		import_tell_block(f->teller, p, len);
		if (spool != NULL && spool_add(spool, p, len, e) != 0)
			return -1;
	}
	import_tell_end(f->teller);
	if (more < 0 && e->kind == ERROR_SYSTEM)
		return -1;
	return more < 0;
}

/* The run of bytes that ends here, as JSON. */
static void
end_piece(struct copying *f)
{
	if (f->piece.file == NULL)
		return;
	buf_add_text(&f->pieces, f->piece_count++ == 0 ? "" : ",");
	line_begin(&f->pieces);
	line_text(&f->pieces, "file", f->piece.file);
	line_number(&f->pieces, "offset", (int64_t)f->piece.offset);
	line_number(&f->pieces, "length", (int64_t)f->piece.length);
	line_end(&f->pieces);
	f->piece.file = NULL;
}

/* A member was put as it was. */
static void
note_piece(
    struct copying *f, const struct place *where, const struct import_line *l)
{
	struct piece *p = &f->piece;

	f->is_cut |= where->offset != f->whole_to ||
		     f->piece_count >= PIECES_MAX;
	if (f->is_cut)
		return;
	f->whole_to += where->length;
	if (p->file == NULL || strcmp(p->file, l->file) != 0 ||
	    p->offset + p->length != l->offset) {
		end_piece(f);
		p->file = arena_text(f->writer->import->result->arena, l->file);
		p->offset = l->offset;
		p->length = 0;
	}
	p->length += where->length;
}

/* A file that is there byte for byte can be proved by its own digest. */
static int
put_place(struct copying *f, struct error *e)
{
	struct buf line = { 0 };
	int rc;

	end_piece(f);
	if (f->is_cut || f->whole_to != f->file->size)
		return 0;
	line_begin(&line);
	line_text(&line, "name", f->file->name);
	line_text(&line, "sha256", f->file->sha256);
	line_number(&line, "size", (int64_t)f->file->size);
	buf_format(&line, ",\"pieces\":[%s]", buf_text(&f->pieces));
	line_end(&line);
	buf_add_byte(&line, '\n');
	rc = import_write_place(f->writer, &line, e);
	buf_clear(&line);
	return rc;
}

static int
put_anew(struct copying *f, struct segment *s, struct record *r,
    enum import_way way, const struct spool *spool, struct import_line *line,
    struct error *e)
{
	int rc;

	if (way == IMPORT_ANEW)
		r->head_len = 0; /* it was framed in another way */
	r->block = spool_stream(spool, 0, spool_len(spool));
	rc = segment_put_record(s, f->writer->gzip, r,
	    import_tell_way(f->teller, r), &line->offset, &line->length, e);
	stream_free(r->block);
	f->is_cut = 1;
	return rc;
}

static int
put_member(struct copying *f, struct segment *to, const struct place *where,
    struct import_line *line, struct error *e)
{
	struct stream *s = input_stream(f->in, where->offset, where->length);
	int rc = segment_put_member(to, s, where->length, &line->offset, e);

	line->length = where->length;
	stream_free(s);
	if (rc == 0)
		note_piece(f, where, line);
	return rc;
}

static const char *
field(const struct record *r, const char *name)
{
	const char *value = record_field(r, name);

	return value == NULL ? "" : value;
}

/* A sound record, read to its end. */
static int
put_record(struct copying *f, struct record *r, const struct place *where,
    enum import_way way, const struct spool *spool, struct error *e)
{
	struct import_writer *w = f->writer;
	int is_derived = import_is_derived(
	    field(r, "WARC-Type"), field(r, "Content-Type"));
	struct segment *s = import_write_to(w,
	    is_derived || f->survey->is_derived ? IMPORT_DERIVED
						: IMPORT_RECORDS,
	    e);
	struct import_line line = { .kind = is_derived ? 'a' : 'r' };
	int rc;

	if (s == NULL)
		return -1;
	line.number = s->number;
	line.file = s->file;
	rc = spool != NULL ? put_anew(f, s, r, way, spool, &line, e)
			   : put_member(f, s, where, &line, e);
	if (rc != 0)
		return -1;
	import_tell(f->teller, w->arena, r, &line, &w->lines);
	f->copied++;
	return import_write_done(w, e);
}

/* The record just begun: copied unless the survey said no, or it does not
 * read. */
static int
copy_record(
    struct copying *f, struct record *r, struct place *where, struct error *e)
{
	enum import_way way = way_of(f, f->number++);
	const char *dir = f->writer->import->collection->dir;
	struct spool *spool = NULL;
	int rc = 0;

	if (way == IMPORT_LEAVE)
		return 0;
	if (f->survey->anew || way == IMPORT_ANEW)
		spool = spool_new(dir, LIMIT_SPOOL_MEMORY);
	if (f->survey->is_arc)
		(void)convert_arc_head(f->writer->arena, r, "WARC/1.1",
		    f->file->name, where->offset);
	r->head = arena_dup(f->writer->arena, r->head, r->head_len);
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
	struct import_writer *w = f->writer;
	struct record r;
	struct place where;
	int more;

	for (;;) {
		if (import_is_stopped(w->import))
			return 0;
		arena_reset(w->arena);
		more = source_next(f->source, w->arena, &r, &where, e);
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

	if (input_sha256(f->in, hex, e) != 0)
		return -1;
	if (f->copied != f->file->copied || strcmp(hex, f->file->sha256) != 0)
		return error_set(e, ERROR_INPUT,
		    "%s: changed while it was imported", f->file->name);
	return 0;
}

int
import_copy_file(
    struct import_writer *w, struct input *in, size_t number, struct error *e)
{
	const struct import_options *o = w->import->options;
	struct copying f = {
		.writer = w,
		.file = &w->import->result->files[number],
		.survey = &w->import->surveys[number],
	};
	struct error mine = { 0 };
	int rc;

	if (e == NULL)
		e = &mine;
	if (f.file->copied == 0)
		return 0;
	if (o->progress != NULL)
		o->progress(o->context, f.file->name, 1);
	if (import_make_random(w->import, in, &f.in, e) != 0)
		return -1;
	f.teller = import_teller_new();
	rc = source_open_input(&f.source, f.in, e);
	if (rc == 0)
		rc = copy_records(&f, e);
	if (rc == 0 && !import_is_stopped(w->import))
		rc = check_same(&f, e) != 0 ? -1 : put_place(&f, e);
	source_free(f.source);
	import_teller_free(f.teller);
	buf_clear(&f.pieces);
	input_free(f.in);
	return rc;
}
