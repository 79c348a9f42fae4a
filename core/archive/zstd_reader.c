/* Zstandard frames read (RFC 8878, and the WARC proposal for it: one record in
 * one or more frames; a dictionary in a skippable frame at the start). */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "core/archive/members.h"
#include "core/archive/window.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/stream.h"

#define ZSTD_READ_WINDOW ((size_t)1024 * 1024)
#define ZSTD_READ_AHEAD  ((size_t)64 * 1024)
#define ZSTD_READ_SPAN   ((size_t)256 * 1024)
#define ZSTD_READ_HEADER 18 /* of a frame, at most (RFC 8878, 3.1.1.1) */
#define ZSTD_READ_SKIP   8  /* of a skippable frame */
#define ZSTD_READ_PEEK   4096
#define ZSTD_READ_HOPS   100000 /* blocks followed after damage */

static const uint8_t zstd_magic[4] = { 0x28, 0xb5, 0x2f, 0xfd };
static const uint8_t zstd_dictionary_magic[4] = { 0x5d, 0x2a, 0x4d, 0x18 };

enum zstd_state { ZSTD_BETWEEN, ZSTD_READING, ZSTD_BROKEN };

struct zstd_reader {
	struct members members;
	struct stream stream;
	struct window in;
	uint8_t *out;
	size_t out_cap;
	ZSTD_DCtx *context;
	ZSTD_DDict *dictionary;
	int has_looked; /* for a dictionary at the start */
	enum zstd_state state;
	struct error broken;
};

static uint32_t
zstd_le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static int
is_skippable(const uint8_t *p)
{
	return (p[0] & 0xf0) == 0x50 && memcmp(p + 1, "\x2a\x4d\x18", 3) == 0;
}

static uint64_t
zstd_offset(const struct members *m)
{
	const struct zstd_reader *r = (const struct zstd_reader *)m;

	return window_offset(&r->in);
}

static void
zstd_seek(struct members *m, uint64_t offset)
{
	struct zstd_reader *r = (struct zstd_reader *)m;

	r->state = ZSTD_BETWEEN;
	m->verdict = NULL;
	m->length = 0;
	window_seek(&r->in, offset);
}

static int
broken(struct zstd_reader *r, const char *verdict, struct error *e)
{
	int is_header = strcmp(verdict, "header") == 0;

	r->state = ZSTD_BROKEN;
	r->members.verdict = verdict;
	(void)error_set(&r->broken, ERROR_INPUT, "%s at %ju: %s%s%s",
	    input_name(r->in.file), (uintmax_t)r->members.start,
	    is_header ? "no zstd frame starts here" : "zstd frame is broken (",
	    is_header ? "" : verdict, is_header ? "" : ")");
	if (e != NULL)
		*e = r->broken;
	return -1;
}

/* The dictionary in P..LEN, as it is or in a frame of its own: 1 / 0. */
static int
unpack_dictionary(struct zstd_reader *r, const uint8_t *p, size_t len)
{
	unsigned long long size;
	uint8_t *plain;
	size_t n;

	ZSTD_freeDDict(r->dictionary);
	r->dictionary = NULL;
	if (len < 4 || memcmp(p, zstd_magic, 4) != 0) {
		r->dictionary = ZSTD_createDDict(p, len);
		return r->dictionary != NULL &&
		       ZSTD_getDictID_fromDDict(r->dictionary) != 0;
	}
	size = ZSTD_getFrameContentSize(p, len);
	if (size > LIMIT_ZSTD_DICTIONARY) /* or unknown */
		return 0;
	plain = mem_alloc((size_t)size + 1);
	n = ZSTD_decompress(plain, (size_t)size, p, len);
	if (!ZSTD_isError(n))
		r->dictionary = ZSTD_createDDict(plain, n);
	free(plain);
	return r->dictionary != NULL &&
	       ZSTD_getDictID_fromDDict(r->dictionary) != 0;
}

/* Take the dictionary frame of LEN bytes at OFFSET: 0; -1. */
static int
load_dictionary(
    struct zstd_reader *r, uint64_t offset, uint32_t len, struct error *e)
{
	uint8_t *packed;
	size_t got;
	int is_good;

	if (len > LIMIT_ZSTD_DICTIONARY)
		return broken(r, "dictionary", e);
	packed = mem_alloc((size_t)len + 1);
	if (input_read(r->in.file, offset, packed, len, &got, e) != 0) {
		free(packed);
		return -1;
	}
	is_good = got == len && unpack_dictionary(r, packed, len);
	free(packed);
	if (!is_good)
		return broken(r, got == len ? "dictionary" : "cut", e);
	(void)ZSTD_DCtx_reset(r->context, ZSTD_reset_session_only);
	(void)ZSTD_DCtx_refDDict(r->context, r->dictionary); /* stays */
	return 0;
}

/* The dictionary at the start of the file, wherever one reads first. */
static int
look_for_dictionary(struct zstd_reader *r, struct error *e)
{
	uint8_t head[ZSTD_READ_SKIP];
	size_t n;

	if (r->has_looked || input_floor(r->in.file) > 0)
		return 0;
	if (input_read(r->in.file, 0, head, sizeof(head), &n, e) != 0)
		return -1;
	r->has_looked = 1;
	if (n < sizeof(head) || memcmp(head, zstd_dictionary_magic, 4) != 0)
		return 0;
	return load_dictionary(r, sizeof(head), zstd_le32(head + 4), e);
}

/* Pass over skippable frames (RFC 8878, 3.1.2); a dictionary in the middle,
 * where files were joined, is for what follows. 1; 0, the end; -1. */
static int
pass_skippable(struct zstd_reader *r, struct error *e)
{
	for (;;) {
		const uint8_t *p;
		uint64_t at;
		uint32_t len;

		if (window_ahead(&r->in, ZSTD_READ_AHEAD, e) != 0)
			return -1;
		p = window_here(&r->in);
		at = zstd_offset(&r->members);
		if (window_left(&r->in) == 0)
			return 0;
		if (window_left(&r->in) < 4 || !is_skippable(p))
			return 1;
		r->members.start = at;
		if (window_left(&r->in) < ZSTD_READ_SKIP)
			return broken(r, "cut", e);
		len = zstd_le32(p + 4);
		if (at > 0 && memcmp(p, zstd_dictionary_magic, 4) == 0 &&
		    load_dictionary(r, at + ZSTD_READ_SKIP, len, e) != 0)
			return -1;
		at += ZSTD_READ_SKIP + len;
		if (input_size(r->in.file) < at)
			return broken(r, "cut", e);
		zstd_seek(&r->members, at);
	}
}

/* The frame's header is checked and the context made ready: 0; -1. */
static int
read_header(struct zstd_reader *r, struct error *e)
{
	const uint8_t *p = window_here(&r->in);
	size_t left = window_left(&r->in);
	unsigned long long size;
	unsigned id;

	if (memcmp(p, zstd_magic, left < 4 ? left : 4) != 0)
		return broken(r, "header", e);
	size = ZSTD_getFrameContentSize(p, left);
	if (size == ZSTD_CONTENTSIZE_ERROR)
		return broken(r, left < ZSTD_READ_HEADER ? "cut" : "header", e);
	id = ZSTD_getDictID_fromFrame(p, left);
	if (id != 0 && (r->dictionary == NULL ||
			   id != ZSTD_getDictID_fromDDict(r->dictionary)))
		return broken(r, "dictionary", e);
	r->members.odd = NULL;
	if (size == ZSTD_CONTENTSIZE_UNKNOWN)
		r->members.odd = "a zstd frame does not say its length";
	else if (!(p[4] & 4))
		r->members.odd = "a zstd frame has no checksum";
	r->out_cap = size <= LIMIT_WHOLE_MEMBER ? LIMIT_WHOLE_MEMBER
						: ZSTD_READ_SPAN;
	(void)ZSTD_DCtx_reset(r->context, ZSTD_reset_session_only);
	r->state = ZSTD_READING;
	return 0;
}

/* The frame before is dropped and checked. */
static int
leave_frame(struct zstd_reader *r, struct error *e)
{
	if (r->state == ZSTD_BROKEN) {
		if (e != NULL)
			*e = r->broken;
		return -1;
	}
	return r->state == ZSTD_BETWEEN ? 0 : stream_skip(&r->stream, NULL, e);
}

static int
zstd_next(struct members *m, struct stream **bytes, struct error *e)
{
	struct zstd_reader *r = (struct zstd_reader *)m;
	int more;

	if (leave_frame(r, e) != 0)
		return -1;
	m->start = zstd_offset(m);
	m->length = 0;
	if (look_for_dictionary(r, e) != 0 || (more = pass_skippable(r, e)) < 0)
		return -1;
	m->start = zstd_offset(m);
	if (more == 0)
		return 0;
	if (read_header(r, e) != 0)
		return -1;
	*bytes = &r->stream;
	return 1;
}

static const char *
verdict_of(size_t code)
{
	switch (ZSTD_getErrorCode(code)) {
	case ZSTD_error_checksum_wrong:
		return "crc";
	case ZSTD_error_dictionary_wrong:
	case ZSTD_error_dictionary_corrupted:
		return "dictionary";
	case ZSTD_error_frameParameter_windowTooLarge:
		return "window";
	case ZSTD_error_prefix_unknown:
	case ZSTD_error_frameParameter_unsupported:
		return "header";
	default: /* everything else: the library's enum grows */
		return "data";
	}
}

static int
zstd_stream_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	const size_t at = offsetof(struct zstd_reader, stream);
	struct zstd_reader *r = (void *)((char *)s - at);

	if (r->state == ZSTD_BETWEEN)
		return 0;
	if (r->state == ZSTD_BROKEN) {
		if (e != NULL)
			*e = r->broken;
		return -1;
	}
	for (;;) {
		ZSTD_outBuffer out = { r->out, r->out_cap, 0 };
		ZSTD_inBuffer in;
		size_t code;

		if (window_ahead(&r->in, 1, e) != 0)
			return -1;
		in = (ZSTD_inBuffer){ r->in.data, r->in.len, r->in.pos };
		code = ZSTD_decompressStream(r->context, &out, &in);
		r->in.pos = in.pos;
		if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
			abort(); /* as mem_*: no memory, no program */
		if (ZSTD_isError(code))
			return broken(r, verdict_of(code), e);
		if (code == 0) {
			r->state = ZSTD_BETWEEN;
			r->members.length = zstd_offset(&r->members) -
					    r->members.start;
		}
		*data = r->out;
		*len = out.pos;
		if (out.pos > 0 || code == 0)
			return out.pos > 0;
		if (r->in.at_end && window_left(&r->in) == 0)
			return broken(r, "cut", e);
	}
}

static void
zstd_stream_free(struct stream *s)
{
	(void)s; /* a part of the reader */
}

/* The first bytes of the frame at P..LEN by CONTEXT. */
static size_t
peek_with(
    ZSTD_DCtx *context, const uint8_t *p, size_t len, uint8_t *out, size_t cap)
{
	ZSTD_outBuffer to = { out, cap, 0 };
	ZSTD_inBuffer from = { p, len, 0 };

	if (len < 4 || memcmp(p, zstd_magic, 4) != 0)
		return 0;
	(void)ZSTD_DCtx_reset(context, ZSTD_reset_session_only);
	while (to.pos < cap && from.pos < len) {
		size_t before = from.pos + to.pos;
		size_t code = ZSTD_decompressStream(context, &to, &from);

		if (ZSTD_isError(code))
			return 0;
		if (code == 0 || from.pos + to.pos == before)
			break;
	}
	return to.pos;
}

static size_t
zstd_peek_next(struct members *m, uint8_t *out, size_t cap)
{
	struct zstd_reader *r = (struct zstd_reader *)m;

	if (r->state != ZSTD_BETWEEN || look_for_dictionary(r, NULL) != 0 ||
	    pass_skippable(r, NULL) <= 0)
		return 0;
	return peek_with(
	    r->context, window_here(&r->in), window_left(&r->in), out, cap);
}

static int
zstd_resync(struct members *m, uint64_t from, members_begins *begins)
{
	struct zstd_reader *r = (struct zstd_reader *)m;
	uint8_t out[ZSTD_READ_PEEK];
	uint64_t floor = input_floor(r->in.file);

	zstd_seek(m, from < floor ? floor : from);
	while (window_ahead(&r->in, ZSTD_READ_AHEAD, NULL) == 0 &&
	       window_left(&r->in) > 0) {
		const uint8_t *hit = memmem(
		    window_here(&r->in), window_left(&r->in), zstd_magic, 4);
		size_t n;

		if (hit == NULL) {
			size_t left = window_left(&r->in);

			r->in.pos = r->in.len -
				    (r->in.at_end || left < 3 ? 0 : 3);
			if (r->in.at_end)
				break;
			continue;
		}
		r->in.pos = (size_t)(hit - r->in.data);
		/* A first block is up to 128 KiB, and comes out whole. */
		if (window_ahead(&r->in, ZSTD_READ_WINDOW / 2, NULL) != 0)
			break;
		n = peek_with(r->context, window_here(&r->in),
		    window_left(&r->in), out, sizeof(out));
		if (n > 0 && members_begin(out, n, begins))
			return 1;
		r->in.pos++;
	}
	return 0;
}

/* Length of the frame header at P (RFC 8878, 3.1.1.1). */
static size_t
header_len(const uint8_t *p)
{
	static const uint8_t id[4] = { 0, 1, 2, 4 };
	static const uint8_t size[4] = { 0, 2, 4, 8 };
	int single = p[4] >> 5 & 1;
	int log = p[4] >> 6;

	return 5 + (size_t)!single + id[p[4] & 3] +
	       (log == 0 ? (size_t)single : size[log]);
}

/* The blocks of a frame say how long they are (RFC 8878, 3.1.1.2): content
 * that broke hides not where the next frame stands. */
static int
zstd_expected_end(struct members *m, uint64_t start, uint64_t *end)
{
	struct zstd_reader *r = (struct zstd_reader *)m;
	uint8_t p[ZSTD_READ_HEADER];
	uint64_t at = start;
	size_t n;
	int has_checksum;
	int hops = 0;
	uint32_t block = 0;

	if (!input_is_random(r->in.file) ||
	    input_read(r->in.file, start, p, sizeof(p), &n, NULL) != 0 ||
	    n < 9 || memcmp(p, zstd_magic, 4) != 0)
		return 0;
	has_checksum = p[4] >> 2 & 1;
	at += header_len(p);
	while (!(block & 1)) {
		if (hops++ == ZSTD_READ_HOPS ||
		    input_read(r->in.file, at, p, 3, &n, NULL) != 0 || n < 3)
			return 0;
		block = (uint32_t)p[0] | (uint32_t)p[1] << 8 |
			(uint32_t)p[2] << 16;
		if ((block >> 1 & 3) == 3)
			return 0; /* no such type */
		at += 3 + ((block >> 1 & 3) == 1 ? 1 : block >> 3);
	}
	*end = at + (has_checksum ? 4 : 0);
	if (*end == input_size(r->in.file))
		return 1;
	return input_read(r->in.file, *end, p, 4, &n, NULL) == 0 && n == 4 &&
	       (memcmp(p, zstd_magic, 4) == 0 || is_skippable(p));
}

static void
zstd_free(struct members *m)
{
	struct zstd_reader *r = (struct zstd_reader *)m;

	(void)ZSTD_freeDCtx(r->context); /* the state goes away */
	(void)ZSTD_freeDDict(r->dictionary);
	free(r->out);
	window_clear(&r->in);
	free(r);
}

static ZSTD_DCtx *
context_new(void)
{
	ZSTD_DCtx *context = ZSTD_createDCtx();

	if (context == NULL || ZSTD_isError(ZSTD_DCtx_setParameter(context,
				   ZSTD_d_windowLogMax, LIMIT_ZSTD_WINDOW_LOG)))
		abort(); /* as mem_*: no memory, no program */
	return context;
}

struct members *
zstd_members_new(struct input *in)
{
	struct zstd_reader *r = mem_zero(1, sizeof(*r));

	r->members = (struct members){ .next = zstd_next,
		.peek = zstd_peek_next,
		.seek = zstd_seek,
		.offset = zstd_offset,
		.resync = zstd_resync,
		.expected_end = zstd_expected_end,
		.free = zstd_free };
	r->stream = (struct stream){ .next = zstd_stream_next,
		.free = zstd_stream_free };
	window_init(&r->in, in, ZSTD_READ_WINDOW);
	/* Pages that are never used cost nothing. */
	r->out = mem_alloc(LIMIT_WHOLE_MEMBER);
	r->context = context_new();
	return &r->members;
}

size_t
zstd_peek(const uint8_t *p, size_t len, uint8_t *out, size_t cap)
{
	ZSTD_DCtx *context;
	size_t n;

	if (len < 4 || memcmp(p, zstd_magic, 4) != 0)
		return 0;
	context = context_new();
	n = peek_with(context, p, len, out, cap);
	(void)ZSTD_freeDCtx(context); /* the state goes away */
	return n;
}

int
zstd_is(const uint8_t *p, size_t len)
{
	return len >= 4 && (memcmp(p, zstd_magic, 4) == 0 ||
			       memcmp(p, zstd_dictionary_magic, 4) == 0);
}
