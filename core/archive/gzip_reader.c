/* Gzip members read: whole by libdeflate, streaming by zlib. */
#define ZLIB_CONST
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/archive/gzip_member.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/stream.h"

#define GZIP_WINDOW_MAX  LIMIT_WHOLE_MEMBER
#define GZIP_WINDOW_FILL ((size_t)1024 * 1024)
#define GZIP_AHEAD       ((size_t)64 * 1024) /* wanted before a first try */
#define GZIP_SPAN        ((size_t)256 * 1024)
#define GZIP_HEADER_MAX  (GZIP_AHEAD) /* with name, comment, extra field */
#define GZIP_TRAILER     8
#define GZIP_PEEK        4096

/* Flags (RFC 1952, 2.3.1). */
enum {
	FLAG_CRC = 2,
	FLAG_EXTRA = 4,
	FLAG_NAME = 8,
	FLAG_COMMENT = 16,
	FLAG_RESERVED = 0xe0
};

enum gzip_state {
	GZIP_BETWEEN, /* pos is at the next member, or at the end */
	GZIP_WHOLE,   /* all of the member is in OUT and checked */
	GZIP_STREAMING,
	GZIP_ENDING, /* inflated to the end, trailer not yet checked */
	GZIP_BROKEN
};

struct gzip_reader {
	struct stream stream; /* the current member's content */
	struct input *file;
	uint8_t *in; /* a window of the file */
	size_t in_len;
	size_t pos;         /* next unread byte of the window */
	uint64_t in_offset; /* of in[0] in the file */
	int at_end;         /* the window reaches the end of the file */
	uint8_t *out;
	struct libdeflate_decompressor *whole;
	z_stream streaming;
	enum gzip_state state;
	uint64_t start;
	uint64_t member_len;
	size_t whole_len; /* of OUT not yet handed on */
	uint32_t crc;
	uint32_t size;
	const char *verdict;
	struct error broken;
};

static int gzip_stream_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e);

/* The stream is a part of the reader. */
static void
gzip_stream_free(struct stream *s)
{
	(void)s;
}

struct gzip_reader *
gzip_reader_new(struct input *file)
{
	struct gzip_reader *r = mem_zero(1, sizeof(*r));

	r->stream.next = gzip_stream_next;
	r->stream.free = gzip_stream_free;
	r->file = input_keep(file);
	/* Pages of both that are never used cost nothing. */
	r->in = mem_alloc(GZIP_WINDOW_MAX);
	r->out = mem_alloc(LIMIT_WHOLE_MEMBER);
	r->whole = libdeflate_alloc_decompressor();
	if (r->whole == NULL || inflateInit2(&r->streaming, -MAX_WBITS) != Z_OK)
		abort(); /* as mem_*: no memory, no program */
	return r;
}

void
gzip_reader_free(struct gzip_reader *r)
{
	if (r == NULL)
		return;
	(void)inflateEnd(&r->streaming); /* the state goes away */
	libdeflate_free_decompressor(r->whole);
	free(r->out);
	free(r->in);
	input_free(r->file);
	free(r);
}

void
gzip_reader_seek(struct gzip_reader *r, uint64_t offset)
{
	r->state = GZIP_BETWEEN;
	r->verdict = NULL;
	r->member_len = 0;
	if (offset >= r->in_offset && offset - r->in_offset <= r->in_len) {
		r->pos = (size_t)(offset - r->in_offset);
		return;
	}
	r->in_offset = offset;
	r->in_len = 0;
	r->pos = 0;
	r->at_end = 0;
}

uint64_t
gzip_reader_offset(const struct gzip_reader *r)
{
	return r->in_offset + r->pos;
}

uint64_t
gzip_reader_start(const struct gzip_reader *r)
{
	return r->start;
}

uint64_t
gzip_reader_member_len(const struct gzip_reader *r)
{
	return r->member_len;
}

const char *
gzip_reader_verdict(const struct gzip_reader *r)
{
	return r->verdict;
}

/* At least WANT bytes from pos on in the window, unless the file ends before.
 * Pointers into the window are void afterwards. */
static int
ahead(struct gzip_reader *r, size_t want, struct error *e)
{
	size_t fill = want < GZIP_WINDOW_FILL ? GZIP_WINDOW_FILL : want;
	size_t got;

	if (r->in_len - r->pos >= want || r->at_end)
		return 0;
	memmove(r->in, r->in + r->pos, r->in_len - r->pos);
	r->in_offset += r->pos;
	r->in_len -= r->pos;
	r->pos = 0;
	if (input_read(r->file, r->in_offset + r->in_len, r->in + r->in_len,
		fill - r->in_len, &got, e) != 0)
		return -1;
	r->in_len += got;
	r->at_end = r->in_len < fill;
	return 0;
}

static uint32_t
le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

/* Length of the header at P (RFC 1952, 2.3); 0, it goes on behind LEN; -1, it
 * is none. */
static int
header_len(const uint8_t *p, size_t len)
{
	static const uint8_t magic[3] = { 0x1f, 0x8b, 8 };
	size_t at = GZIP_HEADER_BYTES;

	if (memcmp(p, magic, len < 3 ? len : 3) != 0 ||
	    (len > 3 && p[3] & FLAG_RESERVED) || len > GZIP_HEADER_MAX)
		return -1;
	if (len < at)
		return 0;
	if (p[3] & FLAG_EXTRA) {
		if (len < at + 2)
			return 0;
		at += 2 + ((size_t)p[at] | (size_t)p[at + 1] << 8);
	}
	for (int flag = FLAG_NAME; flag <= FLAG_COMMENT; flag *= 2) {
		const uint8_t *nul;

		if (!(p[3] & flag))
			continue;
		if (at >= len || (nul = memchr(p + at, 0, len - at)) == NULL)
			return 0;
		at = (size_t)(nul - p) + 1;
	}
	if (p[3] & FLAG_CRC) {
		if (len < at + 2)
			return 0;
		if ((libdeflate_crc32(0, p, at) & 0xffff) !=
		    ((unsigned)p[at] | (unsigned)p[at + 1] << 8))
			return -1;
		at += 2;
	}
	return at <= len ? (int)at : 0;
}

static int
broken(struct gzip_reader *r, const char *verdict, struct error *e)
{
	r->state = GZIP_BROKEN;
	r->verdict = verdict;
	(void)error_set(&r->broken, ERROR_INPUT,
	    "%s at %ju: gzip member is broken (%s)", input_name(r->file),
	    (uintmax_t)r->start, verdict);
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

	if (ahead(r, GZIP_AHEAD, e) != 0)
		return -1;
	r->start = gzip_reader_offset(r);
	r->member_len = 0;
	if (r->pos == r->in_len)
		return 0;
	n = header_len(r->in + r->pos, r->in_len - r->pos < GZIP_HEADER_MAX
					   ? r->in_len - r->pos
					   : GZIP_HEADER_MAX);
	if (n < 0)
		return broken(r, "header", e);
	if (n == 0)
		return broken(r, r->at_end ? "cut" : "header", e);
	r->pos += (size_t)n;
	return 1;
}

/*
 * Inflate all of the member at once: 1 done and sound; 0 it is too large for
 * that, or broken, which only the slow way may say; -1.
 */
static int
try_whole(struct gzip_reader *r, struct error *e)
{
	size_t want = r->in_len - r->pos;

	for (;;) {
		const uint8_t *p = r->in + r->pos;
		size_t len = r->in_len - r->pos;
		size_t used = 0;
		enum libdeflate_result result = LIBDEFLATE_BAD_DATA;

		/* libdeflate calls input that ends too early bad data. */
		result = libdeflate_deflate_decompress_ex(r->whole, p, len,
		    r->out, LIMIT_WHOLE_MEMBER, &used, &r->whole_len);
		if (result == LIBDEFLATE_INSUFFICIENT_SPACE)
			return 0;
		if (result == LIBDEFLATE_SUCCESS &&
		    len - used >= GZIP_TRAILER) {
			if (le32(p + used + 4) != (uint32_t)r->whole_len ||
			    le32(p + used) !=
				libdeflate_crc32(0, r->out, r->whole_len))
				return 0;
			r->pos += used + GZIP_TRAILER;
			return 1;
		}
		if (r->at_end || want >= GZIP_WINDOW_MAX)
			return 0;
		want = want < GZIP_WINDOW_FILL ? GZIP_WINDOW_FILL
					       : GZIP_WINDOW_MAX;
		if (ahead(r, want, e) != 0)
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

	if (ahead(r, GZIP_TRAILER, e) != 0)
		return -1;
	if (r->in_len - r->pos < GZIP_TRAILER)
		return broken(r, "cut", e);
	p = r->in + r->pos;
	r->pos += GZIP_TRAILER;
	r->member_len = gzip_reader_offset(r) - r->start;
	if (le32(p) != r->crc)
		return broken(r, "crc", e);
	if (le32(p + 4) != r->size)
		return broken(r, "length", e);
	r->state = GZIP_BETWEEN;
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

		if (ahead(r, 1, e) != 0)
			return -1;
		have = r->in_len - r->pos;
		z->next_in = r->in + r->pos;
		z->avail_in = (uInt)have;
		z->next_out = r->out;
		z->avail_out = GZIP_SPAN;
		code = inflate(z, Z_NO_FLUSH);
		r->pos += have - z->avail_in;
		*data = r->out;
		*len = GZIP_SPAN - z->avail_out;
		r->crc = libdeflate_crc32(r->crc, r->out, *len);
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
		if (r->at_end && r->pos == r->in_len)
			return broken(r, "cut", e);
	}
}

static int
gzip_stream_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct gzip_reader *r = (struct gzip_reader *)s;
	int more;

	switch (r->state) {
	case GZIP_BETWEEN:
		return 0;
	case GZIP_WHOLE:
		r->state = GZIP_BETWEEN;
		r->member_len = gzip_reader_offset(r) - r->start;
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

/* Inflate at Z from P..LEN until a block ends or CAP bytes are there. */
static size_t
peek_with(z_stream *z, const uint8_t *p, size_t len, uint8_t *out, size_t cap)
{
	int head = header_len(p, len < GZIP_HEADER_MAX ? len : GZIP_HEADER_MAX);
	size_t n;
	int code;

	if (head <= 0 || inflateReset(z) != Z_OK)
		return 0;
	z->next_in = p + head;
	z->avail_in = (uInt)(len - (size_t)head);
	z->next_out = out;
	z->avail_out = (uInt)cap;
	code = inflate(z, Z_BLOCK);
	n = cap - z->avail_out;
	if (code != Z_OK && code != Z_STREAM_END &&
	    !(code == Z_BUF_ERROR && n > 0))
		return 0;
	return n;
}

size_t
gzip_peek(const uint8_t *p, size_t len, uint8_t *out, size_t cap)
{
	z_stream z = { 0 };
	size_t n;

	if (len == 0 || inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return 0;
	n = peek_with(&z, p, len, out, cap < GZIP_PEEK ? cap : GZIP_PEEK);
	(void)inflateEnd(&z); /* the state goes away */
	return n;
}

/* Does the member at pos inflate, and begin with PREFIX? */
static int
is_member(struct gzip_reader *r, const char *prefix)
{
	size_t n = peek_with(&r->streaming, r->in + r->pos, r->in_len - r->pos,
	    r->out, GZIP_PEEK);
	size_t at = 0;
	size_t want = strlen(prefix);

	while (at < n && (r->out[at] == '\r' || r->out[at] == '\n'))
		at++;
	return n > at && n - at >= want &&
	       memcmp(r->out + at, prefix, want) == 0;
}

int
gzip_reader_resync(
    struct gzip_reader *r, uint64_t from, const char *prefix, uint64_t *at)
{
	gzip_reader_seek(r, from);
	while (ahead(r, GZIP_AHEAD, NULL) == 0 && r->pos < r->in_len) {
		const uint8_t *hit = memmem(
		    r->in + r->pos, r->in_len - r->pos, "\x1f\x8b\x08", 3);

		if (hit == NULL) {
			/* The magic may stand across the window's end. */
			size_t keep = r->at_end || r->in_len - r->pos < 2 ? 0
									  : 2;

			r->pos = r->in_len - keep;
			if (r->at_end)
				break;
			continue;
		}
		r->pos = (size_t)(hit - r->in);
		if (ahead(r, GZIP_AHEAD, NULL) != 0)
			break;
		if (is_member(r, prefix)) {
			*at = gzip_reader_offset(r);
			return 1;
		}
		r->pos++;
	}
	return 0;
}

int
gzip_inflate(const uint8_t *p, size_t len, uint64_t limit,
    void (*each)(void *context, const uint8_t *p, size_t len), void *context)
{
	uint8_t out[16384];
	z_stream z = { .next_in = p, .avail_in = (uInt)len };
	uint64_t total = 0;
	int code;

	if (len > UINT32_MAX || inflateInit2(&z, MAX_WBITS + 16) != Z_OK)
		return 0;
	do {
		size_t n;

		z.next_out = out;
		z.avail_out = sizeof(out);
		code = inflate(&z, Z_NO_FLUSH);
		n = sizeof(out) - z.avail_out;
		total += n;
		each(context, out, n);
	} while (code == Z_OK && total <= limit);
	(void)inflateEnd(&z); /* the state goes away */
	return code == Z_STREAM_END && total <= limit;
}
