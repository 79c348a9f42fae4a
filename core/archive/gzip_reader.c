/* Gzip members read: whole where they are small, streaming by zlib. */
#define ZLIB_CONST
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/base/deflate.h"
#include "core/archive/gzip_header.h"
#include "core/archive/gzip_member.h"
#include "core/archive/members.h"
#include "core/archive/window.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/stream.h"

#define GZIP_WINDOW_MAX  LIMIT_WHOLE_MEMBER
#define GZIP_WINDOW_FILL ((size_t)1024 * 1024)
#define GZIP_WINDOW_FEW  ((size_t)256 * 1024)
#define GZIP_AHEAD       ((size_t)64 * 1024) /* wanted before a first try */
#define GZIP_SPAN        ((size_t)256 * 1024)

enum gzip_state {
	GZIP_BETWEEN, /* pos is at the next member, or at the end */
	GZIP_WHOLE,   /* all of the member is in OUT and checked */
	GZIP_STREAMING,
	GZIP_ENDING, /* inflated to the end, trailer not yet checked */
	GZIP_BROKEN
};

struct gzip_reader {
	struct members members;
	struct stream stream; /* the current member's content */
	struct window in;
	uint8_t *out;
	struct inflater *whole;
	z_stream streaming;
	enum gzip_state state;
	size_t whole_len; /* of OUT not yet handed on */
	struct gzip_said said;
	uint32_t crc;
	uint32_t size;
	struct error broken;
};

/* The stream is a part of the reader. */
static void
gzip_stream_free(struct stream *s)
{
	(void)s;
}

void
gzip_reader_free(struct gzip_reader *r)
{
	if (r == NULL)
		return;
	(void)inflateEnd(&r->streaming); /* the state goes away */
	inflater_free(r->whole);
	free(r->out);
	window_clear(&r->in);
	free(r);
}

void
gzip_reader_seek(struct gzip_reader *r, uint64_t offset)
{
	r->state = GZIP_BETWEEN;
	r->members.verdict = NULL;
	r->members.length = 0;
	window_seek(&r->in, offset);
}

uint64_t
gzip_reader_offset(const struct gzip_reader *r)
{
	return window_offset(&r->in);
}

uint64_t
gzip_reader_start(const struct gzip_reader *r)
{
	return r->members.start;
}

uint64_t
gzip_reader_member_len(const struct gzip_reader *r)
{
	return r->members.length;
}

const char *
gzip_reader_verdict(const struct gzip_reader *r)
{
	return r->members.verdict;
}

/* The member was read to its end and is sound. */
static void
complete(struct gzip_reader *r, uint32_t size)
{
	struct members *m = &r->members;

	r->state = GZIP_BETWEEN;
	m->length = gzip_reader_offset(r) - m->start;
	if (r->said.is_there &&
	    (r->said.size != size || r->said.packed != (uint32_t)m->length))
		m->odd = "the lengths in the extra field of the gzip header "
			 "are wrong";
}

static int
broken(struct gzip_reader *r, const char *verdict, struct error *e)
{
	int is_header = strcmp(verdict, "header") == 0;

	r->state = GZIP_BROKEN;
	r->members.verdict = verdict;
	(void)error_set(&r->broken, ERROR_INPUT, "%s at %ju: %s%s%s",
	    input_name(r->in.file), (uintmax_t)r->members.start,
	    is_header ? "no gzip member starts here"
		      : "gzip member is broken (",
	    is_header ? "" : verdict, is_header ? "" : ")");
	if (e != NULL)
		*e = r->broken;
	return -1;
}

/* The header of the member at pos is passed over: 1; 0, the file ends here;
 * -1. */
static int
read_header(struct gzip_reader *r, struct error *e)
{
	int n;

	if (window_ahead(&r->in, GZIP_AHEAD, e) != 0)
		return -1;
	r->members.start = gzip_reader_offset(r);
	r->members.length = 0;
	r->members.odd = NULL;
	if (window_left(&r->in) == 0)
		return 0;
	n = gzip_header_len(window_here(&r->in),
	    window_left(&r->in) < GZIP_HEADER_MAX ? window_left(&r->in)
						  : GZIP_HEADER_MAX);
	if (n < 0)
		return broken(r, "header", e);
	if (n == 0)
		return broken(r, r->in.at_end ? "cut" : "header", e);
	r->said = gzip_header_said(window_here(&r->in));
	r->in.pos += (size_t)n;
	return 1;
}

/*
 * Inflate all of the member at once: 1 done and sound; 0 it is too large for
 * that, or broken, which only the slow way may say; -1.
 */
static int
try_whole(struct gzip_reader *r, struct error *e)
{
	size_t want = window_left(&r->in);

	for (;;) {
		const uint8_t *p = window_here(&r->in);
		size_t len = window_left(&r->in);
		size_t used = 0;
		enum deflate_result result = inflater_run(r->whole, p, len,
		    r->out, LIMIT_WHOLE_MEMBER, &used, &r->whole_len);

		if (result == DEFLATE_LARGE)
			return 0;
		if (result == DEFLATE_DONE && len - used >= GZIP_TRAILER) {
			if (gzip_le32(p + used + 4) != (uint32_t)r->whole_len ||
			    gzip_le32(p + used) !=
				deflate_crc32(0, r->out, r->whole_len))
				return 0;
			r->in.pos += used + GZIP_TRAILER;
			return 1;
		}
		if (r->in.at_end || want >= GZIP_WINDOW_MAX)
			return 0;
		want = want < GZIP_WINDOW_FEW    ? GZIP_WINDOW_FEW
		       : want < GZIP_WINDOW_FILL ? GZIP_WINDOW_FILL
						 : GZIP_WINDOW_MAX;
		if (window_ahead(&r->in, want, e) != 0)
			return -1;
	}
}

/* The rest of the member before, dropped and checked. */
static int
leave_member(struct gzip_reader *r, struct error *e)
{
	int rc;

	if (r->state == GZIP_BROKEN) {
		if (e != NULL)
			*e = r->broken;
		return -1;
	}
	rc = r->state == GZIP_BETWEEN ? 0 : stream_skip(&r->stream, NULL, e);
	return rc;
}

int
gzip_reader_next(struct gzip_reader *r, struct stream **bytes, struct error *e)
{
	int got;

	if (leave_member(r, e) != 0)
		return -1;
	if ((got = read_header(r, e)) <= 0 || (got = try_whole(r, e)) < 0)
		return got;
	r->state = got ? GZIP_WHOLE : GZIP_STREAMING;
	if (got == 0) {
		(void)inflateReset(&r->streaming); /* cannot fail: was made */
		r->streaming.avail_in = 0;
		r->crc = 0;
		r->size = 0;
	}
	*bytes = &r->stream;
	return 1;
}

/* CRC32 and ISIZE (RFC 1952, 2.3.1). */
static int
check_trailer(struct gzip_reader *r, struct error *e)
{
	const uint8_t *p;

	if (window_ahead(&r->in, GZIP_TRAILER, e) != 0)
		return -1;
	if (window_left(&r->in) < GZIP_TRAILER)
		return broken(r, "cut", e);
	p = window_here(&r->in);
	r->in.pos += GZIP_TRAILER;
	r->members.length = gzip_reader_offset(r) - r->members.start;
	if (gzip_le32(p) != r->crc)
		return broken(r, "crc", e);
	if (gzip_le32(p + 4) != r->size)
		return broken(r, "length", e);
	complete(r, r->size);
	return 0;
}

/* One span from zlib: 1; 0, the deflated data ended; -1. */
static int
inflate_span(
    struct gzip_reader *r, const uint8_t **data, size_t *len, struct error *e)
{
	z_stream *z = &r->streaming;

	for (;;) {
		size_t have;
		int code;

		if (window_ahead(&r->in, 1, e) != 0)
			return -1;
		have = window_left(&r->in);
		z->next_in = window_here(&r->in);
		z->avail_in = (uInt)have;
		z->next_out = r->out;
		z->avail_out = GZIP_SPAN;
		code = inflate(z, Z_NO_FLUSH);
		r->in.pos += have - z->avail_in;
		*data = r->out;
		*len = GZIP_SPAN - z->avail_out;
		r->crc = deflate_crc32(r->crc, r->out, *len);
		r->size += (uint32_t)*len;
		if (code == Z_STREAM_END) {
			r->state = GZIP_ENDING;
			return *len > 0;
		}
		/* Hand on what came before the break; the next call meets it
		 * again. */
		if (*len > 0)
			return 1;
		if (code == Z_MEM_ERROR)
			abort();
		if (code != Z_OK && code != Z_BUF_ERROR)
			return broken(r, "deflate", e);
		if (r->in.at_end && window_left(&r->in) == 0)
			return broken(r, "cut", e);
	}
}

static int
gzip_stream_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	const size_t at = offsetof(struct gzip_reader, stream);
	struct gzip_reader *r = (void *)((char *)s - at);
	int more;

	switch (r->state) {
	case GZIP_BETWEEN:
		return 0;
	case GZIP_WHOLE:
		complete(r, (uint32_t)r->whole_len);
		*data = r->out;
		*len = r->whole_len;
		return *len > 0;
	case GZIP_STREAMING:
		if ((more = inflate_span(r, data, len, e)) != 0)
			return more;
		return check_trailer(r, e);
	case GZIP_ENDING:
		return check_trailer(r, e);
	case GZIP_BROKEN:
		if (e != NULL)
			*e = r->broken;
		return -1;
	}
	return -1;
}

/* The first bytes of the member at pos. */
static size_t
peek_here(struct gzip_reader *r, uint8_t *out, size_t cap)
{
	return gzip_peek_with(&r->streaming, window_here(&r->in),
	    window_left(&r->in), out, cap < GZIP_PEEK ? cap : GZIP_PEEK);
}

int
gzip_reader_resync(struct gzip_reader *r, uint64_t from, members_begins *begins)
{
	uint64_t floor = input_floor(r->in.file);

	gzip_reader_seek(r, from < floor ? floor : from);
	while (window_ahead(&r->in, GZIP_AHEAD, NULL) == 0 &&
	       window_left(&r->in) > 0) {
		const uint8_t *hit = memmem(window_here(&r->in),
		    window_left(&r->in), "\x1f\x8b\x08", 3);
		size_t n;

		if (hit == NULL) {
			/* The magic may stand across the window's end. */
			size_t keep = r->in.at_end || window_left(&r->in) < 2
					  ? 0
					  : 2;

			r->in.pos = r->in.len - keep;
			if (r->in.at_end)
				break;
			continue;
		}
		r->in.pos = (size_t)(hit - r->in.data);
		if (window_ahead(&r->in, GZIP_AHEAD, NULL) != 0)
			break;
		n = peek_here(r, r->out, GZIP_PEEK);
		if (n > 0 && members_begin(r->out, n, begins))
			return 1;
		r->in.pos++;
	}
	return 0;
}

static size_t
gzip_peek_next(struct members *m, uint8_t *out, size_t cap)
{
	struct gzip_reader *r = (struct gzip_reader *)m;

	if (r->state != GZIP_BETWEEN ||
	    window_ahead(&r->in, GZIP_AHEAD, NULL) != 0 ||
	    window_left(&r->in) == 0)
		return 0;
	return peek_here(r, out, cap);
}

static int
gzip_next(struct members *m, struct stream **bytes, struct error *e)
{
	return gzip_reader_next((struct gzip_reader *)m, bytes, e);
}

static int
gzip_expected_end(struct members *m, uint64_t start, uint64_t *end)
{
	return gzip_stored_end(((struct gzip_reader *)m)->in.file, start, end);
}

static void
gzip_seek(struct members *m, uint64_t offset)
{
	gzip_reader_seek((struct gzip_reader *)m, offset);
}

static uint64_t
gzip_offset(const struct members *m)
{
	return gzip_reader_offset((const struct gzip_reader *)m);
}

static int
gzip_resync(struct members *m, uint64_t from, members_begins *begins)
{
	return gzip_reader_resync((struct gzip_reader *)m, from, begins);
}

static void
gzip_free(struct members *m)
{
	gzip_reader_free((struct gzip_reader *)m);
}

struct gzip_reader *
gzip_reader_new(struct input *file)
{
	struct gzip_reader *r = mem_zero(1, sizeof(*r));

	r->members = (struct members){ .next = gzip_next,
		.peek = gzip_peek_next,
		.seek = gzip_seek,
		.offset = gzip_offset,
		.resync = gzip_resync,
		.expected_end = gzip_expected_end,
		.free = gzip_free };
	r->stream.next = gzip_stream_next;
	r->stream.free = gzip_stream_free;
	window_init(&r->in, file, GZIP_WINDOW_MAX);
	/* Pages that are never used cost nothing. */
	r->out = mem_alloc(LIMIT_WHOLE_MEMBER);
	r->whole = inflater_new();
	if (inflateInit2(&r->streaming, -MAX_WBITS) != Z_OK)
		abort(); /* as mem_*: no memory, no program */
	return r;
}

struct members *
gzip_members_new(struct input *in)
{
	return &gzip_reader_new(in)->members;
}
