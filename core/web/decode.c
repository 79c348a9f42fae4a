/* Content codings, removed with a bound on what comes out. */
#include "core/web/decode.h"

#include <string.h>

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "core/base/buf.h"
#include "core/base/deflate.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/text.h"

enum {
	STEP_BYTES = 64 * 1024,
	ZSTD_WINDOW_LOG = 23 /* 8 MiB: RFC 9659, 3 */
};

/* Where decoded bytes go, and how many may. */
struct sink {
	struct buf *out;
	size_t start; /* of ours in OUT */
	size_t most;
};

/* Room for *LEN > 0 more bytes: one byte over the limit at most, which shows
 * that there is more. */
static uint8_t *
sink_room(struct sink *s, size_t *len)
{
	size_t left = s->most + 1 - (s->out->len - s->start);

	*len = left < STEP_BYTES ? left : STEP_BYTES;
	return buf_room(s->out, *len);
}

/* LEN bytes were put there. -1: they are too many. */
static int
sink_add(struct sink *s, size_t len, struct error *e)
{
	size_t have = s->out->len - s->start + len;
	int fits = have <= s->most;

	s->out->len = s->start + (fits ? have : s->most);
	s->out->data[s->out->len] = '\0';
	if (fits)
		return 0;
	return error_set(
	    e, ERROR_LIMIT, "content: more than %zu decoded bytes", s->most);
}

static int
ends_early(const char *coding, struct error *e)
{
	return error_set(e, ERROR_INPUT, "content: %s ends early", coding);
}

static int
broken(const char *coding, const char *why, struct error *e)
{
	return error_set(e, ERROR_INPUT, "content: %s is broken: %s", coding,
	    why == NULL ? "bad data" : why);
}

/* One zlib stream of any wrapping; *USED of the input is its. */
static int
inflate_one(z_stream *z, const char *coding, const uint8_t *p, size_t len,
    struct sink *s, size_t *used, struct error *e)
{
	size_t at = 0;
	int rc = Z_OK;

	z->avail_in = 0;
	while (rc != Z_STREAM_END) {
		size_t room;

		if (z->avail_in == 0) { /* zlib counts input in an int */
			size_t n = len - at < STEP_BYTES ? len - at
							 : STEP_BYTES;

			z->next_in = (z_const Bytef *)(p + at);
			z->avail_in = (uInt)n;
			at += n;
		}
		z->next_out = sink_room(s, &room);
		z->avail_out = (uInt)room;
		rc = inflate(z, Z_NO_FLUSH);
		*used = at - z->avail_in;
		if (sink_add(s, room - z->avail_out, e) < 0)
			return -1;
		if (rc == Z_BUF_ERROR && at == len)
			return ends_early(coding, e);
		if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
			return broken(coding, z->msg, e);
	}
	return 0;
}

/* Little-endian, as gzip has its numbers. */
static uint32_t
number_at(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

/* Where the deflated bytes of a plain member begin: behind ten bytes and, at
 * most, the name of a file. 0: the head is not plain. */
static size_t
gzip_plain_head(const uint8_t *p, size_t len)
{
	enum { HEAD = 10, HAS_NAME = 8 };
	static const uint8_t start[] = { 0x1f, 0x8b, 8 };
	const uint8_t *end;

	if (len < HEAD || memcmp(p, start, sizeof(start)) != 0)
		return 0;
	if (p[3] == 0)
		return HEAD;
	if (p[3] != HAS_NAME)
		return 0;
	end = memchr(p + HEAD, '\0', len - HEAD);
	return end == NULL ? 0 : (size_t)(end - p) + 1;
}

/*
 * One plain member with nothing behind it, as nearly every server sends: by
 * the fast inflater, the length at its end saying how much room it needs. 1;
 * 0: it is something else, for zlib to judge.
 */
static int
gzip_decode_plain(const uint8_t *p, size_t len, struct sink *s)
{
	enum { TAIL = 8 };
	size_t head = gzip_plain_head(p, len);
	struct inflater *inflater;
	uint8_t *room;
	size_t size;
	size_t used = 0;
	size_t got = 0;
	int ok;

	if (head == 0 || len < head + TAIL)
		return 0;
	size = number_at(p + len - 4);
	if (size > s->most || size / LIMIT_DECODED_RATIO > len)
		return 0;
	room = buf_room(s->out, size + 1);
	inflater = inflater_new();
	ok = inflater_run(inflater, p + head, len - head - TAIL, room, size,
		 &used, &got) == DEFLATE_DONE &&
	     used == len - head - TAIL && got == size &&
	     deflate_crc32(0, room, size) == number_at(p + len - TAIL);
	inflater_free(inflater);
	if (ok)
		s->out->len += size;
	s->out->data[s->out->len] = '\0';
	return ok;
}

/* RFC 1952: members one after the other. What follows the last whole one and
 * is none is not looked at, as browsers do. */
static int
gzip_decode(const uint8_t *p, size_t len, struct sink *s, struct error *e)
{
	z_stream z = { 0 };
	size_t used = 0;
	int rc = 0;

	if (gzip_decode_plain(p, len, s))
		return 0;
	if (inflateInit2(&z, 15 + 16) != Z_OK)
		return error_set(e, ERROR_SYSTEM, "content: no memory");
	do {
		rc = inflate_one(&z, "gzip", p, len, s, &used, e);
		p += used;
		len -= used;
		if (rc == 0 && len == 1 && p[0] == 0x1f)
			rc = ends_early("gzip", e);
	} while (rc == 0 && len > 1 && p[0] == 0x1f && p[1] == 0x8b &&
		 inflateReset(&z) == Z_OK);
	(void)inflateEnd(&z); /* nothing to lose */
	return rc;
}

static int
zlib_decode(const uint8_t *p, size_t len, int window_bits, struct sink *s,
    struct error *e)
{
	z_stream z = { 0 };
	size_t used;
	int rc;

	if (inflateInit2(&z, window_bits) != Z_OK)
		return error_set(e, ERROR_SYSTEM, "content: no memory");
	rc = inflate_one(&z, "deflate", p, len, s, &used, e);
	(void)inflateEnd(&z); /* nothing to lose */
	return rc;
}

/* RFC 9110, 8.4.1.2: a zlib stream, but some servers send a raw one, and some
 * gzip. Raw bytes that look like zlib fail before anything comes out. */
static int
deflate_decode(const uint8_t *p, size_t len, struct sink *s, struct error *e)
{
	size_t before = s->out->len;
	int rc;

	if (len >= 2 && p[0] == 0x1f && p[1] == 0x8b)
		return gzip_decode(p, len, s, e);
	if (len >= 2 && (p[0] & 0x0f) == 8 && p[0] >> 4 <= 7 &&
	    (p[0] << 8 | p[1]) % 31 == 0) {
		rc = zlib_decode(p, len, 15, s, e);
		if (rc == 0 || s->out->len > before)
			return rc;
	}
	return zlib_decode(p, len, -15, s, e);
}

static int
br_decode(const uint8_t *p, size_t len, struct sink *s, struct error *e)
{
	BrotliDecoderState *b = BrotliDecoderCreateInstance(NULL, NULL, NULL);
	BrotliDecoderResult result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
	int rc = 0;

	if (b == NULL)
		return error_set(e, ERROR_SYSTEM, "content: no memory");
	while (rc == 0 && result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
		size_t room;
		size_t left;
		uint8_t *to = sink_room(s, &room);

		left = room;
		result = BrotliDecoderDecompressStream(
		    b, &len, &p, &left, &to, NULL);
		rc = sink_add(s, room - left, e);
	}
	if (rc == 0 && result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT)
		rc = ends_early("br", e);
	if (rc == 0 && result == BROTLI_DECODER_RESULT_ERROR)
		rc = broken("br",
		    BrotliDecoderErrorString(BrotliDecoderGetErrorCode(b)), e);
	BrotliDecoderDestroyInstance(b);
	return rc;
}

/* RFC 8878, 3.1: a frame, maybe one to skip, begins here. */
static int
is_zstd_frame(const uint8_t *p, size_t len)
{
	return len >= 4 &&
	       (memcmp(p, "\x28\xb5\x2f\xfd", 4) == 0 ||
		   (p[0] >> 4 == 5 && memcmp(p + 1, "\x2a\x4d\x18", 3) == 0));
}

static int
zstd_failed(size_t code, struct error *e)
{
	if (ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge)
		return error_set(
		    e, ERROR_LIMIT, "content: zstd window over 8 MiB");
	return broken("zstd", ZSTD_getErrorName(code), e);
}

static int
zstd_decode(const uint8_t *p, size_t len, struct sink *s, struct error *e)
{
	ZSTD_DCtx *z = ZSTD_createDCtx();
	ZSTD_inBuffer in = { p, len, 0 };
	size_t room;
	int rc = 0;

	if (z == NULL || ZSTD_isError(ZSTD_DCtx_setParameter(
			     z, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG))) {
		rc = error_set(e, ERROR_SYSTEM, "content: no memory");
		goto done;
	}
	for (;;) {
		ZSTD_outBuffer out = { sink_room(s, &room), 0, 0 };
		size_t hint;

		out.size = room;
		hint = ZSTD_decompressStream(z, &out, &in);
		rc = sink_add(s, out.pos, e);
		if (rc < 0)
			break;
		if (ZSTD_isError(hint)) {
			rc = zstd_failed(hint, e);
			break;
		}
		if (hint == 0) {
			if (!is_zstd_frame(p + in.pos, len - in.pos))
				break;
		} else if (in.pos == len && out.pos < room) {
			rc = ends_early("zstd", e);
			break;
		}
	}
done:
	(void)ZSTD_freeDCtx(z); /* nothing to lose */
	return rc;
}

typedef int (*decode_function)(
    const uint8_t *p, size_t len, struct sink *s, struct error *e);

/* The function for a coding's name: NULL for one that is not known. */
static decode_function
coding_find(const char *name, size_t len)
{
	static const struct {
		const char *name;
		decode_function decode;
	} codings[] = {
		{ "gzip", gzip_decode },
		{ "x-gzip", gzip_decode },
		{ "deflate", deflate_decode },
		{ "br", br_decode },
		{ "zstd", zstd_decode },
	};

	for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++)
		if (text_equal_nocase(name, len, codings[i].name))
			return codings[i].decode;
	return NULL;
}

/* The codings of ENCODING in the order they were applied. Their count, or -1. */
static int
codings_read(
    const char *encoding, decode_function list[LIMIT_CODINGS], struct error *e)
{
	int count = 0;

	for (const char *p = encoding; *p != '\0';) {
		size_t len = strcspn(p, ",");
		const char *next = p + len + (p[len] == ',');

		while (len > 0 && text_is_space((unsigned char)*p)) {
			p++;
			len--;
		}
		while (len > 0 && text_is_space((unsigned char)p[len - 1]))
			len--;
		if (len > 0 && !text_equal_nocase(p, len, "identity")) {
			if (count == LIMIT_CODINGS)
				return error_set(e, ERROR_LIMIT,
				    "content: more than %d codings",
				    LIMIT_CODINGS);
			list[count] = coding_find(p, len);
			if (list[count] == NULL)
				return error_set(e, ERROR_INPUT,
				    "content: coding is not known: %.*s",
				    len > 40 ? 40 : (int)len, p);
			count++;
		}
		p = next;
	}
	return count;
}

static int
copy(const uint8_t *p, size_t len, struct sink *s, struct error *e)
{
	if (len <= s->most) {
		buf_add(s->out, p, len);
		return 0;
	}
	buf_add(s->out, p, s->most);
	return error_set(
	    e, ERROR_LIMIT, "content: more than %zu bytes", s->most);
}

/* The bound on every step's output: of the bytes that came, so that codings
 * upon codings win nothing. */
static size_t
most_bytes(size_t len, size_t limit)
{
	size_t most = LIMIT_DECODED_FREE;

	if (len > LIMIT_DECODED_FREE / LIMIT_DECODED_RATIO)
		most = len > SIZE_MAX / LIMIT_DECODED_RATIO
			   ? SIZE_MAX
			   : len * LIMIT_DECODED_RATIO;
	return most < limit ? most : limit;
}

int
decode_content(const char *encoding, const uint8_t *p, size_t len, size_t limit,
    struct buf *out, struct error *e)
{
	decode_function list[LIMIT_CODINGS];
	int count = codings_read(encoding, list, e);
	struct buf middle[2] = { { 0 }, { 0 } };
	size_t most = most_bytes(len, limit);
	int rc = 0;

	if (count < 0)
		return -1;
	if (count == 0)
		return copy(p, len, &(struct sink){ out, out->len, limit }, e);
	while (count-- > 0) {
		struct buf *to = count == 0 ? out : &middle[count % 2];
		struct sink s = { to, to->len, most };

		/* What came out before a failure is decoded on; the failure
		 * that came first is the one that is told. No bytes at all
		 * are no bytes in any coding: many redirects say so. */
		if (len > 0 && list[count](p, len, &s, rc == 0 ? e : NULL) < 0)
			rc = -1;
		p = to->data;
		len = to->len;
		if (count > 0)
			buf_reset(&middle[(count + 1) % 2]);
	}
	buf_clear(&middle[0]);
	buf_clear(&middle[1]);
	return rc;
}
