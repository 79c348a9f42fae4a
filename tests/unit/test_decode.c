/* Content codings with their bounds; kinds and sizes by first bytes. */
#include "tests/test.h"

#include <time.h>
#include <zlib.h>
#include <zstd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/web/decode.h"

#define WORDS "the same words, the same words, the same words"

enum { ROOM = 1 << 20 };

/* WORDS in brotli. */
static const uint8_t words_br[] = { 0x13, 0x2d, 0x00, 0x00, 0x04, 0x91, 0x71,
	0xa4, 0xcb, 0xaf, 0xfa, 0x7a, 0xfe, 0x5c, 0x44, 0x94, 0x6a, 0x72, 0xb8,
	0xba, 0xbe, 0x7a, 0x4f, 0x38, 0x02 };

/* 64 MiB of the letter a. */
static const uint8_t bomb_br[] = { 0xcb, 0xff, 0xff, 0x3f, 0x00, 0x24, 0xc2,
	0xe2, 0xb1, 0x40, 0x72, 0xef, 0xff, 0xf8, 0xff, 0xff, 0x07, 0x80, 0x04,
	0x40, 0x1c, 0x16, 0x80, 0xee, 0xfd, 0x1f, 0xff, 0xff, 0xff, 0x00, 0x90,
	0x00, 0x88, 0xc3, 0x02, 0xd0, 0xbd, 0xff, 0xe3, 0xff, 0xff, 0x1f, 0x00,
	0x12, 0x00, 0x71, 0x58, 0x00, 0xba, 0xf7, 0x7f, 0xfc, 0xff, 0xff, 0x03,
	0x40, 0x02, 0x20, 0x0e, 0x0b, 0x40, 0xf7, 0xfe, 0x8f, 0xff, 0xff, 0x7f,
	0x00, 0x48, 0x00, 0xc4, 0x61, 0x01, 0xe8, 0xde, 0xff, 0xf1, 0xff, 0xff,
	0x0f, 0x00, 0x09, 0x80, 0x38, 0x2c, 0x00, 0xdd, 0xfb, 0xbf, 0xfc, 0xff,
	0xff, 0x03, 0x20, 0x01, 0x10, 0x87, 0x05, 0xa0, 0x7b, 0xff, 0x07 };

/* A window beyond those of RFC 7932. */
static const uint8_t large_br[] = { 0x11, 0x59, 0x9c, 0x0f, 0x00, 0x90, 0x08,
	0x8b, 0xc6, 0x02, 0x21, 0x34 };

enum { RAW = -15, ZLIB = 15, GZIP = 31 };

/* Deflated and appended, wrapped as said. */
static void
add_deflated(struct buf *out, const void *p, size_t len, int wrapping)
{
	z_stream z = { 0 };
	size_t room = len + len / 1000 + 100;

	CHECK_INT(
	    deflateInit2(&z, 9, Z_DEFLATED, wrapping, 8, Z_DEFAULT_STRATEGY),
	    Z_OK);
	z.next_in = (z_const Bytef *)p;
	z.avail_in = (uInt)len;
	z.next_out = buf_room(out, room);
	z.avail_out = (uInt)room;
	CHECK_INT(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->len += room - z.avail_out;
	(void)deflateEnd(&z);
}

/* A zstd frame with that window, appended. */
static void
add_zstd(struct buf *out, const void *p, size_t len, int window_log)
{
	ZSTD_CCtx *z = ZSTD_createCCtx();
	size_t room = ZSTD_compressBound(len) + 100;
	ZSTD_outBuffer to = { buf_room(out, room), room, 0 };
	ZSTD_inBuffer from = { p, len, 0 };

	(void)ZSTD_CCtx_setParameter(z, ZSTD_c_windowLog, window_log);
	/* In two steps: a frame that knows its size needs no window. */
	(void)ZSTD_compressStream2(z, &to, &from, ZSTD_e_flush);
	CHECK_INT(ZSTD_compressStream2(z, &to, &from, ZSTD_e_end), 0);
	out->len += to.pos;
	(void)ZSTD_freeCCtx(z);
}

/* Decodes to OUT; the kind of error. */
static enum error_kind
decode(
    const char *encoding, const struct buf *in, size_t limit, struct buf *out)
{
	struct error e = { 0 };

	buf_reset(out);
	if (decode_content(encoding, in->data, in->len, limit, out, &e) == 0)
		return ERROR_NONE;
	CHECK(e.kind != ERROR_NONE);
	CHECK(e.text[0] != '\0');
	return e.kind;
}

static void
check_words(const char *encoding, const struct buf *in)
{
	struct buf out = { 0 };

	CHECK_INT(decode(encoding, in, ROOM, &out), ERROR_NONE);
	CHECK_TEXT(buf_text(&out), WORDS);
	buf_clear(&out);
}

CASE(every_coding_gives_the_words_back)
{
	struct buf b = { 0 };

	buf_add_text(&b, WORDS);
	check_words("", &b);
	check_words("identity", &b);
	check_words(" Identity , ", &b);
	buf_reset(&b);
	add_deflated(&b, WORDS, strlen(WORDS), GZIP);
	check_words("gzip", &b);
	check_words("x-gzip", &b);
	check_words(" GZIP ,identity", &b);
	check_words("deflate", &b); /* some servers do */
	buf_reset(&b);
	add_deflated(&b, WORDS, strlen(WORDS), ZLIB);
	check_words("deflate", &b);
	buf_reset(&b);
	add_deflated(&b, WORDS, strlen(WORDS), RAW);
	check_words("deflate", &b);
	buf_reset(&b);
	buf_add(&b, words_br, sizeof(words_br));
	check_words("br", &b);
	buf_reset(&b);
	add_zstd(&b, WORDS, strlen(WORDS), 20);
	check_words("zstd", &b);
	buf_clear(&b);
}

CASE(raw_deflate_that_looks_like_zlib_is_read)
{
	/* A stored block whose first two bytes are a zlib header. */
	static const uint8_t bytes[] = { 0x78, 0x01, 0x00, 0xfe, 0xff };
	/* Header bits 0x78: a stored block, not the last; padding is free. */
	struct buf b = { 0 };
	struct buf out = { 0 };
	static const uint8_t last[] = { 0x01, 0x01, 0x00, 0xfe, 0xff, 'y' };

	buf_add(&b, bytes, sizeof(bytes));
	buf_add(&b, "x", 1);
	buf_add(&b, last, sizeof(last));
	CHECK_INT(decode("deflate", &b, ROOM, &out), ERROR_NONE);
	CHECK_TEXT(buf_text(&out), "xy");
	buf_clear(&b);
	buf_clear(&out);
}

CASE(codings_are_removed_in_reverse_order)
{
	struct buf a = { 0 };
	struct buf b = { 0 };

	add_deflated(&a, WORDS, strlen(WORDS), ZLIB);
	add_deflated(&b, a.data, a.len, GZIP);
	check_words("deflate, gzip", &b);
	buf_reset(&b);
	add_zstd(&b, words_br, sizeof(words_br), 20);
	check_words("br,zstd", &b);
	buf_clear(&a);
	buf_clear(&b);
}

CASE(several_members_and_frames_are_one_content)
{
	struct buf b = { 0 };

	add_deflated(&b, WORDS, 10, GZIP);
	add_deflated(&b, "", 0, GZIP);
	add_deflated(&b, WORDS + 10, strlen(WORDS) - 10, GZIP);
	check_words("gzip", &b);
	buf_add_text(&b, "junk behind");
	check_words("gzip", &b);
	buf_reset(&b);
	add_zstd(&b, WORDS, 10, 20);
	buf_add(&b, "\x50\x2a\x4d\x18\x02\0\0\0xx", 10); /* a frame to skip */
	add_zstd(&b, WORDS + 10, strlen(WORDS) - 10, 20);
	check_words("zstd", &b);
	buf_add_text(&b, "junk behind");
	check_words("zstd", &b);
	buf_clear(&b);
}

CASE(decoded_bytes_are_appended)
{
	struct buf b = { 0 };
	struct buf out = { 0 };

	add_deflated(&b, "def", 3, GZIP);
	buf_add_text(&out, "abc");
	CHECK_INT(decode_content("gzip", b.data, b.len, 3, &out, NULL), 0);
	CHECK_TEXT(buf_text(&out), "abcdef");
	buf_clear(&b);
	buf_clear(&out);
}

static void
check_cuts(const char *encoding, const struct buf *in)
{
	struct buf out = { 0 };

	for (size_t len = 1; len < in->len; len++) {
		struct buf cut = { in->data, len, 0 };

		CHECK_INT(decode(encoding, &cut, ROOM, &out), ERROR_INPUT);
		CHECK(out.len <= strlen(WORDS) &&
		      (out.len == 0 || memcmp(out.data, WORDS, out.len) == 0));
	}
	CHECK(out.len > 0); /* all but the last byte gives something */
	buf_clear(&out);
}

CASE(content_that_is_cut_is_an_error_and_gives_what_there_was)
{
	struct buf b = { 0 };

	add_deflated(&b, WORDS, strlen(WORDS), GZIP);
	check_cuts("gzip", &b);
	buf_reset(&b);
	add_deflated(&b, WORDS, strlen(WORDS), ZLIB);
	check_cuts("deflate", &b);
	buf_reset(&b);
	buf_add(&b, words_br, sizeof(words_br));
	check_cuts("br", &b);
	buf_reset(&b);
	add_zstd(&b, WORDS, strlen(WORDS), 20);
	check_cuts("zstd", &b);
	buf_clear(&b);
}

CASE(a_member_cut_behind_a_whole_one_is_an_error)
{
	struct buf b = { 0 };
	struct buf out = { 0 };
	size_t first;

	add_deflated(&b, "abc", 3, GZIP);
	first = b.len;
	add_deflated(&b, "def", 3, GZIP);
	for (size_t len = first + 1; len < b.len; len++) {
		struct buf cut = { b.data, len, 0 };

		CHECK_INT(decode("gzip", &cut, ROOM, &out), ERROR_INPUT);
		CHECK(strncmp(buf_text(&out), "abc", 3) == 0);
	}
	buf_clear(&b);
	buf_clear(&out);
}

CASE(broken_content_is_an_error)
{
	static const char *const all[] = { "gzip", "br", "zstd", "deflate" };
	struct buf b = { 0 };
	struct buf out = { 0 };

	buf_add_text(&b, "<!doctype html><p>not coded at all</p>");
	for (size_t i = 0; i < 4; i++)
		CHECK_INT(decode(all[i], &b, ROOM, &out), ERROR_INPUT);
	buf_reset(&b);
	add_deflated(&b, WORDS, strlen(WORDS), GZIP);
	b.data[b.len - 6] ^= 1; /* the checksum */
	CHECK_INT(decode("gzip", &b, ROOM, &out), ERROR_INPUT);
	CHECK_TEXT(buf_text(&out), WORDS);
	CHECK_INT(decode("compress", &b, ROOM, &out), ERROR_INPUT);
	CHECK_INT(decode("gzip;q=1", &b, ROOM, &out), ERROR_INPUT);
	buf_clear(&b);
	buf_clear(&out);
}

CASE(no_bytes_are_no_bytes_in_any_coding)
{
	struct buf none = { 0 };
	struct buf out = { 0 };

	CHECK_INT(decode("gzip", &none, ROOM, &out), ERROR_NONE);
	CHECK_INT(decode("br, zstd", &none, ROOM, &out), ERROR_NONE);
	CHECK_INT(decode("", &none, ROOM, &out), ERROR_NONE);
	CHECK_INT(out.len, 0);
	buf_clear(&out);
}

CASE(as_many_codings_as_allowed_pass_and_one_more_does_not)
{
	struct buf b = { 0 };
	struct buf c = { 0 };
	struct buf out = { 0 };
	struct buf names = { 0 };

	buf_add_text(&b, WORDS);
	for (int i = 0; i < LIMIT_CODINGS; i++) {
		buf_reset(&c);
		add_deflated(&c, b.data, b.len, GZIP);
		buf_reset(&b);
		buf_add(&b, c.data, c.len);
		buf_add_text(&names, "gzip,identity,");
	}
	check_words(buf_text(&names), &b);
	buf_add_text(&names, "gzip");
	CHECK_INT(decode(buf_text(&names), &b, ROOM, &out), ERROR_LIMIT);
	buf_clear(&b);
	buf_clear(&c);
	buf_clear(&out);
	buf_clear(&names);
}

/* ENCODING of LEN letters a, by us or from the table above. */
static void
add_bomb(struct buf *out, const char *encoding, size_t len)
{
	char *p = mem_alloc(len);

	memset(p, 'a', len);
	if (strcmp(encoding, "gzip") == 0)
		add_deflated(out, p, len, GZIP);
	else if (strcmp(encoding, "deflate") == 0)
		add_deflated(out, p, len, ZLIB);
	else if (strcmp(encoding, "zstd") == 0)
		add_zstd(out, p, len, 20);
	else
		buf_add(out, bomb_br, sizeof(bomb_br));
	free(p);
}

static const char *const codings[] = { "gzip", "deflate", "zstd", "br" };

CASE(content_of_the_limit_passes_and_one_more_byte_does_not)
{
	enum { LEN = 100000 };
	struct buf b = { 0 };
	struct buf out = { 0 };

	for (size_t i = 0; i < 3; i++) {
		buf_reset(&b);
		add_bomb(&b, codings[i], LEN);
		CHECK_INT(decode(codings[i], &b, LEN, &out), ERROR_NONE);
		CHECK_INT(out.len, LEN);
		CHECK_INT(decode(codings[i], &b, LEN - 1, &out), ERROR_LIMIT);
		CHECK_INT(out.len, LEN - 1);
	}
	buf_reset(&b);
	buf_add(&b, words_br, sizeof(words_br));
	CHECK_INT(decode("br", &b, strlen(WORDS), &out), ERROR_NONE);
	CHECK_INT(decode("br", &b, strlen(WORDS) - 1, &out), ERROR_LIMIT);
	CHECK_INT(out.len, strlen(WORDS) - 1);
	buf_reset(&b);
	buf_add_text(&b, WORDS);
	CHECK_INT(decode("", &b, strlen(WORDS), &out), ERROR_NONE);
	CHECK_INT(decode("", &b, strlen(WORDS) - 1, &out), ERROR_LIMIT);
	CHECK_INT(decode("", &b, 0, &out), ERROR_LIMIT);
	CHECK_INT(out.len, 0);
	buf_clear(&b);
	buf_clear(&out);
}

CASE(what_is_free_of_the_ratio_passes_and_one_more_byte_does_not)
{
	struct buf b = { 0 };
	struct buf out = { 0 };

	add_bomb(&b, "gzip", LIMIT_DECODED_FREE);
	CHECK(b.len < LIMIT_DECODED_FREE / LIMIT_DECODED_RATIO);
	CHECK_INT(decode("gzip", &b, LIMIT_DECODED_BYTES, &out), ERROR_NONE);
	CHECK_INT(out.len, LIMIT_DECODED_FREE);
	buf_reset(&b);
	add_bomb(&b, "gzip", LIMIT_DECODED_FREE + 1);
	CHECK_INT(decode("gzip", &b, LIMIT_DECODED_BYTES, &out), ERROR_LIMIT);
	CHECK_INT(out.len, LIMIT_DECODED_FREE);
	buf_clear(&b);
	buf_clear(&out);
}

CASE(content_of_the_ratio_passes_and_one_more_byte_does_not)
{
	enum { LEN = 2 * LIMIT_DECODED_FREE };
	struct buf b = { 0 };
	struct buf out = { 0 };

	add_bomb(&b, "gzip", LEN);
	/* What is behind the member counts as input and gives nothing. */
	while (b.len < LEN / LIMIT_DECODED_RATIO + 1)
		buf_add_byte(&b, 0);
	CHECK_INT(decode("gzip", &b, LIMIT_DECODED_BYTES, &out), ERROR_NONE);
	CHECK_INT(out.len, LEN);
	b.len--;
	CHECK_INT(decode("gzip", &b, LIMIT_DECODED_BYTES, &out), ERROR_LIMIT);
	CHECK_INT(out.len, b.len * LIMIT_DECODED_RATIO);
	buf_clear(&b);
	buf_clear(&out);
}

CASE(decoded_bytes_of_the_largest_size_pass_and_one_more_does_not)
{
	struct buf b = { 0 };
	struct buf out = { 0 };

	for (size_t more = 0; more < 2; more++) {
		buf_reset(&b);
		add_bomb(&b, "gzip", LIMIT_DECODED_BYTES + more);
		while (b.len < LIMIT_DECODED_BYTES / LIMIT_DECODED_RATIO + 2)
			buf_add_byte(&b, 0);
		CHECK_INT(decode("gzip", &b, LIMIT_DECODED_BYTES, &out),
		    more == 0 ? ERROR_NONE : ERROR_LIMIT);
		CHECK_INT(out.len, LIMIT_DECODED_BYTES);
	}
	buf_clear(&b);
	buf_clear(&out);
}

static int64_t
cpu_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

CASE(a_bomb_of_any_coding_stops_at_the_limits)
{
	struct buf b = { 0 };
	struct buf out = { 0 };

	for (size_t i = 0; i < 4; i++) {
		int64_t start;

		buf_reset(&b);
		add_bomb(&b, codings[i], 64 << 20);
		start = cpu_ms();
		CHECK_INT(decode(codings[i], &b, LIMIT_DECODED_BYTES, &out),
		    ERROR_LIMIT);
		CHECK(out.len <= LIMIT_DECODED_BYTES);
		CHECK(out.len <= b.len * LIMIT_DECODED_RATIO ||
		      out.len == LIMIT_DECODED_FREE);
		CHECK(out.cap <= LIMIT_DECODED_BYTES * 2);
		CHECK(cpu_ms() - start < 2000);
	}
	buf_clear(&b);
	buf_clear(&out);
}

CASE(a_bomb_within_a_bomb_stops_at_the_limits)
{
	struct buf a = { 0 };
	struct buf b = { 0 };
	struct buf out = { 0 };

	add_bomb(&a, "gzip", 64 << 20);
	add_deflated(&b, a.data, a.len, GZIP);
	CHECK(b.len < 2000);
	CHECK_INT(
	    decode("gzip, gzip", &b, LIMIT_DECODED_BYTES, &out), ERROR_LIMIT);
	CHECK_INT(out.len, LIMIT_DECODED_FREE);
	buf_clear(&a);
	buf_clear(&b);
	buf_clear(&out);
}

CASE(a_window_of_the_largest_size_passes_and_a_larger_does_not)
{
	struct buf b = { 0 };
	struct buf out = { 0 };

	add_zstd(&b, WORDS, strlen(WORDS), 23);
	CHECK_INT(decode("zstd", &b, ROOM, &out), ERROR_NONE);
	buf_reset(&b);
	add_zstd(&b, WORDS, strlen(WORDS), 24);
	CHECK_INT(decode("zstd", &b, ROOM, &out), ERROR_LIMIT);
	buf_reset(&b);
	buf_add(&b, large_br, sizeof(large_br));
	CHECK_INT(decode("br", &b, ROOM, &out), ERROR_INPUT);
	buf_clear(&b);
	buf_clear(&out);
}

#define B(s) s, sizeof(s) - 1

CASE(kinds_are_told_by_first_bytes)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *type;
	} kinds[] = {
		{ B("\xff\xd8\xff\xe0"), "image/jpeg" },
		{ B("\x89PNG\r\n\x1a\n"), "image/png" },
		{ B("GIF87a"), "image/gif" },
		{ B("GIF89a"), "image/gif" },
		{ B("RIFF\0\0\0\0WEBPVP8 "), "image/webp" },
		{ B("RIFF\0\0\0\0WAVEfmt "), "audio/wav" },
		{ B("\0\0\0\x20"
		    "ftypavif"),
		    "image/avif" },
		{ B("\0\0\0\x20"
		    "ftypavis"),
		    "image/avif" },
		{ B("\0\0\0\x20"
		    "ftypheic"),
		    "image/heic" },
		{ B("\0\0\0\x20"
		    "ftypheix"),
		    "image/heic" },
		{ B("\0\0\0\x20"
		    "ftypmif1"),
		    "image/heif" },
		{ B("\0\0\0\x20"
		    "ftypisom"),
		    "video/mp4" },
		{ B("\0\0\0\x20"
		    "ftypmp42"),
		    "video/mp4" },
		{ B("BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0"),
		    "image/bmp" },
		{ B("BM is a name, not a bitmap, and so on"),
		    "application/octet-stream" },
		{ B("\0\0\1\0\1\0"), "image/vnd.microsoft.icon" },
		{ B("II*\0"), "image/tiff" },
		{ B("MM\0*"), "image/tiff" },
		{ B("\xff\x0a\0"), "image/jxl" },
		{ B("\0\0\0\x0cJXL \r\n\x87\n"), "image/jxl" },
		{ B("%PDF-1.7"), "application/pdf" },
		{ B("\x1f\x8b\x08\0"), "application/gzip" },
		{ B("PK\3\4"), "application/zip" },
		{ B("\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm"), "video/webm" },
		{ B("\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska"),
		    "video/x-matroska" },
		{ B("OggS\0"), "application/ogg" },
		{ B("ID3\3"), "audio/mpeg" },
		{ B("wOF2"), "font/woff2" },
		{ B("<!DOCTYPE HTML><p>"), "text/html" },
		{ B("\xef\xbb\xbf\n <!-- a > b --> <HTML lang=en>"),
		    "text/html" },
		{ B("<p>x"), "text/html" },
		{ B("<?xml version='1.0'?><rss version='2.0'>"),
		    "application/rss+xml" },
		{ B("<feed xmlns='x'>"), "application/atom+xml" },
		{ B("<?xml version='1.0'?>\n<!--c--><urlset>"),
		    "application/xml" },
		{ B("<sitemapindex xmlns=''>"), "application/xml" },
		{ B("<svg width='1'>"), "image/svg+xml" },
		{ B("<?xml version='1.0'?><!DOCTYPE svg PUBLIC 'x'><svg >"),
		    "image/svg+xml" },
		{ B("<?xml version='1.0'?><html xmlns='x'>"),
		    "application/xhtml+xml" },
		{ B("<?xml version='1.0'?><other>"), "application/xml" },
		{ B("<other>"), "application/octet-stream" },
		{ B("<pre"), "application/octet-stream" },
		{ B(" {\"a\": 1}"), "application/json" },
		{ B("[]"), "application/json" },
		{ B("[ {\"a\""), "application/json" },
		{ B("{ not json"), "application/octet-stream" },
		{ B("[\0]"), "application/octet-stream" },
		{ B("plain words"), "application/octet-stream" },
		{ B("<"), "application/octet-stream" },
		{ B("<!--"), "application/octet-stream" },
		{ B(""), "application/octet-stream" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		/* A copy of that size, so that reading on is found out. */
		uint8_t *p = mem_dup(kinds[i].bytes, kinds[i].len);

		CHECK_TEXT(decode_sniff(p, kinds[i].len), kinds[i].type);
		free(p);
	}
}

static void
check_size(const char *bytes, size_t len, unsigned width, unsigned height)
{
	unsigned w = 0;
	unsigned h = 0;

	CHECK_INT(decode_image_size((const uint8_t *)bytes, len, &w, &h), 1);
	CHECK_INT(w, width);
	CHECK_INT(h, height);
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *p = mem_dup(bytes, cut);

		CHECK_INT(decode_image_size(p, cut, &w, &h), 0);
		free(p);
	}
}

CASE(pictures_tell_their_size_and_none_when_they_are_cut)
{
	check_size(
	    B("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\3\x20\0\0\2\x58"), 800, 600);
	check_size(B("GIF89a\x20\3\x58\2"), 800, 600);
	check_size(B("RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x20\3\x58"
		     "\2"),
	    800, 600);
	/* 799 and 599 in 14 bits each */
	check_size(B("RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x1f\xc3\x95\0\0\0\0\0"
		     "\0"),
	    800, 600);
	check_size(B("RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x1f\3\0\x57\2\0"),
	    800, 600);
	/* an APP0 segment, a fill byte, a progressive frame */
	check_size(B("\xff\xd8\xff\xe0\0\4xx\xff\xff\xc2\0\x11\x08\2\x58\3"
		     "\x20"),
	    800, 600);
}

CASE(what_is_no_picture_has_no_size)
{
	unsigned w;
	unsigned h;
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
		{ B("GIF89a\0\0\x58\2") },
		{ B("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\0\0\0\1") },
		{ B("\xff\xd8\xff\xe0\0\1xxxxxxxxxxxxx") },
		{ B("\xff\xd8\xff\xda\0\4xxxxxxxxxxxxx") },
		{ B("\xff\xd8\xff\xe0\0\4xxXXXXXXXXXXX") },
		{ B("RIFF\0\0\0\0WEBPVP8?\0\0\0\0\0\0\0\0\x1f\3\0\x57\2\0") },
		{ B("<svg width='800' height='600'>") },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(decode_image_size((const uint8_t *)bad[i].bytes,
			      bad[i].len, &w, &h),
		    0);
}

TESTS(T(every_coding_gives_the_words_back),
    T(raw_deflate_that_looks_like_zlib_is_read),
    T(codings_are_removed_in_reverse_order),
    T(several_members_and_frames_are_one_content),
    T(decoded_bytes_are_appended),
    T(content_that_is_cut_is_an_error_and_gives_what_there_was),
    T(a_member_cut_behind_a_whole_one_is_an_error),
    T(broken_content_is_an_error), T(no_bytes_are_no_bytes_in_any_coding),
    T(as_many_codings_as_allowed_pass_and_one_more_does_not),
    T(content_of_the_limit_passes_and_one_more_byte_does_not),
    T(what_is_free_of_the_ratio_passes_and_one_more_byte_does_not),
    T(content_of_the_ratio_passes_and_one_more_byte_does_not),
    T(decoded_bytes_of_the_largest_size_pass_and_one_more_does_not),
    T(a_bomb_of_any_coding_stops_at_the_limits),
    T(a_bomb_within_a_bomb_stops_at_the_limits),
    T(a_window_of_the_largest_size_passes_and_a_larger_does_not),
    T(kinds_are_told_by_first_bytes),
    T(pictures_tell_their_size_and_none_when_they_are_cut),
    T(what_is_no_picture_has_no_size))
