/* WARC files read: one gzip member per record, one for all, or plain. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/archive/record.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "formats/table.h"

/* "\nWARC/1.1": what a record's first line is known by. */
#define WARC_LINE_BYTES 9

struct warc_source {
	struct source source;
	struct stream block; /* of the open record */
	struct input *in;
	const char *name; /* of IN */

	struct gzip_reader *gzip; /* NULL: plain */
	struct stream *bytes;     /* the member, or the file; NULL: none open */
	const uint8_t *p;         /* the unread rest of its last span, */
	size_t left;              /* or of CARRY */
	uint64_t taken;           /* plain: file offset behind P..LEFT */
	struct buf carry;         /* spans joined, where one was not enough */

	uint64_t start;      /* of the record, or of its member */
	uint64_t head_end;   /* plain: file offset */
	uint64_t block_left; /* of the open record */
	int open;            /* a record is out and not finished */
	int shared;          /* the member has held a record before this one */
	int whole;           /* the record ended as it should: only what stands
	                        behind it is wrong */
};

static struct warc_source *
warc_of(struct source *s)
{
	return (struct warc_source *)s;
}

/* The next span, when the last is used up: 1; 0, the member or file ends. */
static int
pull(struct warc_source *s, struct error *e)
{
	int more;

	if (s->bytes == NULL)
		return 0;
	more = stream_next(s->bytes, &s->p, &s->left, e);
	if (more <= 0)
		s->left = 0;
	s->taken += s->left;
	return more;
}

static uint64_t
position(const struct warc_source *s)
{
	return s->taken - s->left;
}

/* Join the next span to what is left: 1; 0, nothing more comes. */
static int
extend(struct warc_source *s, struct error *e)
{
	size_t kept = s->left;
	int more;

	if (s->carry.data != NULL && s->p >= s->carry.data &&
	    s->p <= s->carry.data + s->carry.len) {
		memmove(s->carry.data, s->p, kept);
		s->carry.len = kept;
	} else {
		buf_reset(&s->carry);
		buf_add(&s->carry, s->p, kept);
	}
	if ((more = pull(s, e)) > 0)
		buf_add(&s->carry, s->p, s->left);
	s->p = s->carry.data;
	s->left = s->carry.len;
	return more;
}

static int
plain_seek(struct warc_source *s, uint64_t offset)
{
	stream_free(s->bytes);
	s->bytes = NULL;
	s->left = 0;
	s->taken = offset;
	if (offset < input_size(s->in))
		s->bytes = input_stream(
		    s->in, offset, input_size(s->in) - offset);
	return 0;
}

/* The current member is over, whatever was read of it. */
static void
leave_member(struct warc_source *s)
{
	s->bytes = NULL;
	s->left = 0;
	s->shared = 0;
}

static int
is_record_line(const uint8_t *p)
{
	return memcmp(p, "\nWARC/", 6) == 0 && p[6] >= '0' && p[6] <= '9' &&
	       p[7] == '.' && p[8] >= '0' && p[8] <= '9';
}

/* Pass over bytes up to the next line that begins a record: 1; 0, there is
 * none in this member or file; -1. */
static int
find_record(struct warc_source *s, struct error *e)
{
	int more;

	for (;;) {
		const uint8_t *end = s->p + s->left;
		const uint8_t *hit = s->left < WARC_LINE_BYTES
					 ? NULL
					 : memmem(s->p, s->left, "\nWARC/", 6);

		if (hit != NULL && end - hit >= WARC_LINE_BYTES) {
			s->left = (size_t)(end - hit) - 1;
			s->p = hit + 1;
			if (is_record_line(hit))
				return 1;
			continue;
		}
		if (s->left >= WARC_LINE_BYTES)
			s->left = WARC_LINE_BYTES - 1;
		if (hit != NULL)
			s->left = (size_t)(end - hit);
		s->p = end - s->left;
		if ((more = extend(s, e)) <= 0) {
			s->left = 0;
			return more;
		}
	}
}

/* Stand at the next member that holds a record. */
static void
find_member(struct warc_source *s)
{
	uint64_t from = s->source.rewinds++ < SOURCE_REWINDS
			    ? s->start + 1
			    : gzip_reader_offset(s->gzip);
	uint64_t at;

	leave_member(s);
	if (from <= s->start)
		from = s->start + 1;
	if (!gzip_reader_resync(s->gzip, from, "WARC/", &at))
		gzip_reader_seek(s->gzip, input_size(s->in));
}

/* Where reading goes on after damage in a gzip file. */
static void
pass_gzip(struct warc_source *s)
{
	const char *verdict = gzip_reader_verdict(s->gzip);

	if (verdict == NULL && s->bytes != NULL && find_record(s, NULL) > 0) {
		s->shared = 1;
		return;
	}
	verdict = gzip_reader_verdict(s->gzip);
	if (verdict == NULL)
		leave_member(s);
	else if (s->whole && gzip_reader_member_len(s->gzip) > 0) {
		/* Only the trailer was wrong: its end is known. Behind bytes
		 * that are no record it may have been found anywhere: a flipped
		 * bit in the last code makes inflate run on. */
		gzip_reader_seek(s->gzip, gzip_reader_offset(s->gzip));
		leave_member(s);
	} else
		find_member(s);
}

/*
 * Something at WHERE does not read: say so, and go to where the next record
 * is. RESTART is where to look from in a plain file. E is filled already.
 */
static int
damaged(struct warc_source *s, struct place *where, const char *code,
    uint64_t restart, struct error *e)
{
	static const struct {
		const char *verdict, *code;
	} codes[] = { { "header", "gzip-header" }, { "cut", "gzip-cut" },
		{ "crc", "gzip-crc" }, { "length", "gzip-length" },
		{ "deflate", "gzip-deflate" } };
	uint64_t next;

	s->open = 0;
	if (e->kind == ERROR_SYSTEM)
		return -1;
	where->damaged = 1;
	where->code = code;
	if (s->gzip == NULL) {
		if (restart < position(s) &&
		    s->source.rewinds++ < SOURCE_REWINDS)
			(void)plain_seek(s, restart);
		(void)find_record(s, NULL); /* no more: it is the end */
		next = position(s);
	} else {
		const char *verdict = gzip_reader_verdict(s->gzip);

		pass_gzip(s);
		if (verdict == NULL)
			verdict = gzip_reader_verdict(s->gzip);
		for (size_t i = 0; verdict != NULL && i < 5; i++)
			if (strcmp(verdict, codes[i].verdict) == 0)
				where->code = codes[i].code;
		next = s->bytes != NULL ? s->start
					: gzip_reader_offset(s->gzip);
	}
	s->whole = 0;
	where->length = next - s->start;
	return -1;
}

/* Only a rule is broken; reading goes on. */
static int
irregular(
    struct place *where, struct error *e, const char *code, const char *text)
{
	where->code = code;
	where->damaged = 0;
	return error_set(e, ERROR_INPUT, "%s at %" PRIu64 ": %s", where->file,
	    where->offset, text);
}

static int
broken_head(struct warc_source *s, struct place *where, const struct record *r,
    struct error *e)
{
	const char *code = "head";

	if (r->field_count > 0)
		code = record_field(r, "Content-Length") == NULL
			   ? "field-missing"
			   : "length";
	(void)error_within(e, "%s at %" PRIu64, s->name, s->start);
	return damaged(s, where, code, s->start + 1, e);
}

static int
block_next(
    struct stream *stream, const uint8_t **data, size_t *len, struct error *e)
{
	const size_t at = offsetof(struct warc_source, block);
	struct warc_source *s = (void *)((char *)stream - at);

	if (s->block_left == 0)
		return 0;
	if (s->left == 0 && pull(s, e) < 0)
		return -1;
	if (s->left == 0)
		return error_set(e, ERROR_INPUT,
		    "%s at %" PRIu64 ": block ends %" PRIu64
		    " bytes before Content-Length",
		    s->name, s->start, s->block_left);
	*data = s->p;
	*len = s->left < s->block_left ? s->left : (size_t)s->block_left;
	s->p += *len;
	s->left -= *len;
	s->block_left -= *len;
	return 1;
}

/* The block is a part of the source. */
static void
block_free(struct stream *stream)
{
	(void)stream;
}

/* Line ends between records: how many bytes, how many of them (0 to 4) are as
 * they should be: CRLF CRLF. */
struct blank {
	uint64_t count;
	uint64_t proper;
};

/* Pass over line ends: 1, a byte stands there; 0, the member or file ends. */
static int
pass_blank(struct warc_source *s, struct blank *b, struct error *e)
{
	static const uint8_t want[4] = { '\r', '\n', '\r', '\n' };
	int more;

	*b = (struct blank){ 0 };
	for (;;) {
		if (s->left == 0 && (more = pull(s, e)) <= 0)
			break;
		if (*s->p != '\r' && *s->p != '\n') {
			more = 1;
			break;
		}
		if (b->proper == b->count && b->count < 4 &&
		    *s->p == want[b->count])
			b->proper++;
		b->count++;
		s->p++;
		s->left--;
	}
	return more;
}

/* The next byte may begin a record: nobody looks further than "WARC/". */
static int
at_record(struct warc_source *s, struct error *e)
{
	while (s->left < 5) {
		int more = extend(s, e);

		if (more <= 0)
			return more;
	}
	return memcmp(s->p, "WARC/", 5) == 0;
}

/* What stands behind a block, up to the next record or the end. */
static int
finish_trailer(struct warc_source *s, struct place *where, struct error *e)
{
	struct blank blank;
	int more = pass_blank(s, &blank, e);
	int shared = s->shared;

	s->whole = more < 0 && blank.proper == 4 && blank.count == 4;
	if (more < 0)
		return damaged(s, where, "framing", s->head_end, e);
	if (more && blank.count == 0 && at_record(s, NULL) != 1) {
		(void)error_set(e, ERROR_INPUT,
		    "%s at %" PRIu64 ": no record starts where "
		    "Content-Length says that this one ends",
		    s->name, s->start);
		return damaged(s, where, "framing", s->head_end, e);
	}
	if (s->gzip == NULL) {
		/* More line ends than these are no part of the record. */
		where->length = position(s) - s->start;
		if (blank.proper == 4)
			where->length -= blank.count - 4;
	} else if (more) {
		s->shared = 1;
	} else {
		where->length = shared ? 0 : gzip_reader_member_len(s->gzip);
		leave_member(s);
	}
	s->open = 0;
	if (s->gzip != NULL && more && !shared)
		return irregular(where, e, "members",
		    "more than one record in a gzip member");
	if (blank.proper != 4 || blank.count != 4)
		return irregular(where, e, "framing",
		    blank.count == 0
			? "no CRLF CRLF after the block"
			: "other line ends than CRLF CRLF after the block");
	return 0;
}

static int
warc_finish(struct source *source, struct place *where, struct error *e)
{
	struct warc_source *s = warc_of(source);
	const uint8_t *data;
	size_t len;
	int more;

	*where = (struct place){ .file = s->name, .offset = s->start };
	if (!s->open)
		return 0;
	while ((more = block_next(&s->block, &data, &len, e)) > 0)
		continue;
	if (more < 0)
		return damaged(s, where, "length", s->head_end, e);
	return finish_trailer(s, where, e);
}

/* Make sure that a member is open: 1; 0, the file ends; -1. */
static int
open_member(struct warc_source *s, struct place *where, struct error *e)
{
	int more;

	if (s->gzip == NULL || s->bytes != NULL)
		return 1;
	more = gzip_reader_next(s->gzip, &s->bytes, e);
	s->start = gzip_reader_start(s->gzip);
	where->offset = s->start;
	if (more < 0) {
		s->bytes = NULL;
		return damaged(s, where, "gzip-header", s->start + 1, e);
	}
	return more;
}

/* Go to the next byte that is no line end, opening members as needed. */
static int
find_start(struct warc_source *s, struct place *where, struct error *e)
{
	struct blank blank;
	int more;

	for (;;) {
		if ((more = open_member(s, where, e)) <= 0)
			return more;
		more = pass_blank(s, &blank, e);
		if (s->gzip == NULL)
			s->start = position(s);
		where->offset = s->start;
		if (more < 0)
			return damaged(s, where, "head", s->start + 1, e);
		if (more > 0 || s->gzip == NULL)
			return more;
		/* Behind a last record is only the end of its member. */
		if (!s->shared) {
			leave_member(s);
			where->length = gzip_reader_member_len(s->gzip);
			return irregular(
			    where, e, "members", "a gzip member is empty");
		}
		leave_member(s);
	}
}

static int
warc_next(struct source *source, struct arena *a, struct record *r,
    struct place *where, struct error *e)
{
	struct warc_source *s = warc_of(source);
	size_t used = 0;
	int got;
	int more;

	*r = (struct record){ .version = "" };
	if (s->open && warc_finish(source, where, e) != 0) {
		if (where->damaged || e->kind == ERROR_SYSTEM)
			return -1;
		error_clear(e);
	}
	*where = (struct place){ .file = s->name, .offset = s->start };
	if ((more = find_start(s, where, e)) <= 0)
		return more;
	while ((got = record_read_head(a, r, s->p, s->left, &used, e)) == 0)
		if ((more = extend(s, e)) <= 0) {
			if (more == 0)
				(void)error_set(
				    e, ERROR_INPUT, "record head is cut");
			return broken_head(s, where, r, e);
		}
	if (got < 0)
		return broken_head(s, where, r, e);
	s->p += used;
	s->left -= used;
	s->head_end = position(s);
	s->block_left = r->block_len;
	s->open = 1;
	r->block = &s->block;
	return 1;
}

static int
warc_seek(struct source *source, uint64_t offset, struct error *e)
{
	struct warc_source *s = warc_of(source);

	(void)e;
	s->open = 0;
	s->start = offset;
	if (s->gzip == NULL)
		return plain_seek(s, offset);
	leave_member(s);
	gzip_reader_seek(s->gzip, offset);
	return 0;
}

/* Behind P a record line, or a member that inflates to one. */
static size_t
warc_find(const struct source *source, const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;
	const uint8_t *at = p;
	uint8_t first[16];

	if (source->kind == SOURCE_PLAIN) {
		while ((at = memmem(at, (size_t)(end - at), "\nWARC/", 6)) !=
			   NULL &&
		       end - at >= WARC_LINE_BYTES) {
			if (is_record_line(at))
				return (size_t)(at - p) + 1;
			at++;
		}
		return len;
	}
	for (at = p + (len > 0);
	     (at = memmem(at, (size_t)(end - at), "\x1f\x8b\x08", 3)) != NULL;
	     at++) {
		size_t n = gzip_peek(
		    at, (size_t)(end - at), first, sizeof(first));

		if (n >= 5 && memcmp(first, "WARC/", 5) == 0)
			return (size_t)(at - p);
	}
	return len;
}

static void
warc_free(struct source *source)
{
	struct warc_source *s = warc_of(source);

	if (s->gzip == NULL)
		stream_free(s->bytes);
	gzip_reader_free(s->gzip);
	buf_clear(&s->carry);
	input_free(s->in);
	free(s);
}

/* The file itself is the way to find out; a name decides only where its first
 * bytes are broken. */
static int
is_gzip(struct input *in)
{
	uint8_t head[2];
	size_t n;

	if (input_read(in, 0, head, sizeof(head), &n, NULL) != 0)
		return 0; /* who reads on will meet it again */
	if (n == 2 && head[0] == 0x1f && head[1] == 0x8b)
		return 1;
	return text_ends(input_name(in), ".gz") && !(n == 2 && head[0] == 'W');
}

static int
warc_open(struct source **out, struct input *in, struct error *e)
{
	struct warc_source *s = mem_zero(1, sizeof(*s));

	(void)e;
	s->source = (struct source){ .format = &format_warc,
		.next = warc_next,
		.finish = warc_finish,
		.seek = warc_seek,
		.free = warc_free,
		.find = warc_find };
	s->block = (struct stream){ .next = block_next, .free = block_free };
	s->in = input_keep(in);
	s->name = input_name(in);
	s->p = (const uint8_t *)"";
	if (is_gzip(in)) {
		s->source.kind = SOURCE_GZIP;
		s->gzip = gzip_reader_new(in);
	} else {
		s->source.kind = SOURCE_PLAIN;
		(void)plain_seek(s, 0);
	}
	*out = &s->source;
	return 0;
}

static int
warc_recognise(const uint8_t *head, size_t len)
{
	uint8_t first[64];
	size_t n;

	if (len >= 5 && memcmp(head, "WARC/", 5) == 0)
		return 100;
	n = gzip_peek(head, len, first, sizeof(first));
	return n >= 5 && memcmp(first, "WARC/", 5) == 0 ? 100 : 0;
}

const struct format format_warc = {
	.name = "warc",
	.suffix = ".warc.gz",
	.summary = "WARC 0.17 to 1.1, one gzip member per record",
	.recognise = warc_recognise,
	.open = warc_open,
};
