/* Gzip members seen from outside: header, first bytes, all of one in memory. */
#define ZLIB_CONST
#include "core/archive/gzip_header.h"

#include <string.h>

#include "core/base/deflate.h"
#include "core/archive/gzip_member.h"

/* Flags (RFC 1952, 2.3.1). */
enum {
	FLAG_CRC = 2,
	FLAG_EXTRA = 4,
	FLAG_NAME = 8,
	FLAG_COMMENT = 16,
	FLAG_RESERVED = 0xe0
};

int
gzip_header_len(const uint8_t *p, size_t len)
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
		if ((deflate_crc32(0, p, at) & 0xffff) !=
		    ((unsigned)p[at] | (unsigned)p[at + 1] << 8))
			return -1;
		at += 2;
	}
	return at <= len ? (int)at : 0;
}

struct gzip_said
gzip_header_said(const uint8_t *p)
{
	struct gzip_said said = { 0 };
	const uint8_t *end;

	if (!(p[3] & FLAG_EXTRA))
		return said;
	p += GZIP_HEADER_BYTES;
	end = p + 2 + ((size_t)p[0] | (size_t)p[1] << 8);
	for (p += 2; end - p >= 4;) {
		size_t len = (size_t)p[2] | (size_t)p[3] << 8;

		if ((size_t)(end - p) - 4 < len)
			break;
		if (p[0] == 's' && p[1] == 'l' && len == 8) {
			said.is_there = 1;
			said.packed = gzip_le32(p + 4);
			said.size = gzip_le32(p + 8);
			break;
		}
		p += 4 + len;
	}
	return said;
}

size_t
gzip_peek_with(
    z_stream *z, const uint8_t *p, size_t len, uint8_t *out, size_t cap)
{
	int head = gzip_header_len(
	    p, len < GZIP_HEADER_MAX ? len : GZIP_HEADER_MAX);
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
	n = gzip_peek_with(&z, p, len, out, cap < GZIP_PEEK ? cap : GZIP_PEEK);
	(void)inflateEnd(&z); /* the state goes away */
	return n;
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
