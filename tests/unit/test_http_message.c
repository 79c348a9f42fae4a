/* HTTP messages of every shape, cut in every way. */
#include "tests/test.h"

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/web/http_message.h"

struct shape {
	const char *name;
	const char *bytes;
	size_t len;
	const char *method;
	unsigned status;
	size_t head_offset;
	size_t head_len;
	enum http_framing framing;
	const char *payload;
	unsigned notes;
	size_t after; /* bytes behind the message */
	int whole;    /* complete, maybe by the end of the connection */
};

#define B(s)    s, sizeof(s) - 1
#define OK      "HTTP/1.1 200 OK\r\n"
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

static const struct shape shapes[] = {
	{ "length", B(OK "Content-Length: 5\r\n\r\nhello"), "GET", 200, 0, 38,
	    HTTP_FRAMING_LENGTH, "hello", 0, 0, 1 },
	{ "length nought", B(OK "Content-Length: 0\r\n\r\n"), "GET", 200, 0, 38,
	    HTTP_FRAMING_LENGTH, "", 0, 0, 1 },
	{ "length, cut", B(OK "Content-Length: 6\r\n\r\nhello"), "GET", 200, 0,
	    38, HTTP_FRAMING_LENGTH, "hello", 0, 0, 0 },
	{ "length, more behind", B(OK "Content-Length: 5\r\n\r\nhelloHTTP"),
	    "GET", 200, 0, 38, HTTP_FRAMING_LENGTH, "hello", 0, 4, 1 },
	{ "until close", B(OK "\r\nhello"), "GET", 200, 0, 19,
	    HTTP_FRAMING_CLOSE, "hello", 0, 0, 1 },
	{ "1.0 until close", B("HTTP/1.0 200 OK\r\nServer: x\r\n\r\nhi"), "GET",
	    200, 0, 30, HTTP_FRAMING_CLOSE, "hi", 0, 0, 1 },
	{ "no reason", B("HTTP/1.1 404 \r\nContent-Length: 1\r\n\r\nx"), "GET",
	    404, 0, 36, HTTP_FRAMING_LENGTH, "x", 0, 0, 1 },
	{ "no blank, no reason",
	    B("HTTP/1.1 404\r\nContent-Length: 1\r\n\r\nx"), "GET", 404, 0, 35,
	    HTTP_FRAMING_LENGTH, "x", 0, 0, 1 },
	{ "HEAD", B(OK "Content-Length: 5\r\n\r\n"), "HEAD", 200, 0, 38,
	    HTTP_FRAMING_NONE, "", 0, 0, 1 },
	{ "HEAD with a body", B(OK "Content-Length: 5\r\n\r\nhello"), "HEAD",
	    200, 0, 38, HTTP_FRAMING_NONE, "", 0, 5, 1 },
	{ "CONNECT", B(OK "\r\ntunnel"), "CONNECT", 200, 0, 19,
	    HTTP_FRAMING_NONE, "", 0, 6, 1 },
	{ "204", B("HTTP/1.1 204 No Content\r\n\r\nxx"), "GET", 204, 0, 27,
	    HTTP_FRAMING_NONE, "", 0, 2, 1 },
	{ "304", B("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"),
	    "GET", 304, 0, 48, HTTP_FRAMING_NONE, "", 0, 0, 1 },
	{ "chunks", B(CHUNKED "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"), "GET",
	    200, 0, 47, HTTP_FRAMING_CHUNKED, "hello world", 0, 0, 1 },
	{ "chunks, more behind", B(CHUNKED "1\r\nx\r\n0\r\n\r\nHTTP/1.1 200"),
	    "GET", 200, 0, 47, HTTP_FRAMING_CHUNKED, "x", 0, 12, 1 },
	{ "chunk extensions and trailers",
	    B(CHUNKED
		"5;a=b;c=\"d\"\r\nhello\r\n00 ;x\r\nX-T: 1\r\nY: 2\r\n\r\n"),
	    "GET", 200, 0, 47, HTTP_FRAMING_CHUNKED, "hello",
	    HTTP_NOTE_TRAILERS, 0, 1 },
	{ "chunks with LF only", B(CHUNKED "5\nhello\n0\n\n"), "GET", 200, 0,
	    47, HTTP_FRAMING_CHUNKED, "hello", HTTP_NOTE_BARE_LF, 0, 1 },
	{ "capital digits", B(CHUNKED "0A  \r\n0123456789\r\n0\r\n\r\n"), "GET",
	    200, 0, 47, HTTP_FRAMING_CHUNKED, "0123456789", 0, 0, 1 },
	{ "chunks cut between", B(CHUNKED "5\r\nhello\r\n"), "GET", 200, 0, 47,
	    HTTP_FRAMING_CHUNKED, "hello", 0, 0, 0 },
	{ "chunks cut in data", B(CHUNKED "5\r\nhel"), "GET", 200, 0, 47,
	    HTTP_FRAMING_CHUNKED, "hel", 0, 0, 0 },
	{ "chunks cut in a size line", B(CHUNKED "5\r\nhello\r\n1"), "GET", 200,
	    0, 47, HTTP_FRAMING_CHUNKED, "hello", 0, 0, 0 },
	{ "chunks cut behind CR", B(CHUNKED "5\r\nhello\r\n6\r"), "GET", 200, 0,
	    47, HTTP_FRAMING_CHUNKED, "hello", 0, 0, 0 },
	{ "chunks cut in an extension", B(CHUNKED "5\r\nhello\r\n6;a="), "GET",
	    200, 0, 47, HTTP_FRAMING_CHUNKED, "hello", 0, 0, 0 },
	{ "chunks cut in trailers", B(CHUNKED "1\r\nx\r\n0\r\nA: b\r\n"), "GET",
	    200, 0, 47, HTTP_FRAMING_CHUNKED, "x", HTTP_NOTE_TRAILERS, 0, 0 },
	{ "bad first size", B(CHUNKED "<html>\r\nplain</html>"), "GET", 200, 0,
	    47, HTTP_FRAMING_CHUNKED, "<html>\r\nplain</html>",
	    HTTP_NOTE_BAD_CHUNK, 0, 0 },
	{ "bad first size, one line", B(CHUNKED "plain"), "GET", 200, 0, 47,
	    HTTP_FRAMING_CHUNKED, "plain", HTTP_NOTE_BAD_CHUNK, 0, 0 },
	{ "bad later size", B(CHUNKED "1\r\nx\r\nzz\r\nrest"), "GET", 200, 0,
	    47, HTTP_FRAMING_CHUNKED, "xzz\r\nrest", HTTP_NOTE_BAD_CHUNK, 0,
	    0 },
	{ "size that wraps", B(CHUNKED "10000000000000000\r\nx"), "GET", 200, 0,
	    47, HTTP_FRAMING_CHUNKED, "10000000000000000\r\nx",
	    HTTP_NOTE_BAD_CHUNK, 0, 0 },
	{ "negative size", B(CHUNKED "-1\r\nx"), "GET", 200, 0, 47,
	    HTTP_FRAMING_CHUNKED, "-1\r\nx", HTTP_NOTE_BAD_CHUNK, 0, 0 },
	{ "0x size", B(CHUNKED "0x1\r\nx"), "GET", 200, 0, 47,
	    HTTP_FRAMING_CHUNKED, "0x1\r\nx", HTTP_NOTE_BAD_CHUNK, 0, 0 },
	{ "chunk longer than said", B(CHUNKED "1\r\nxyz\r\n0\r\n\r\n"), "GET",
	    200, 0, 47, HTTP_FRAMING_CHUNKED, "xyz\r\n0\r\n\r\n",
	    HTTP_NOTE_BAD_CHUNK, 0, 0 },
	{ "CR without LF behind a chunk", B(CHUNKED "1\r\nx\ry"), "GET", 200, 0,
	    47, HTTP_FRAMING_CHUNKED, "x\ry", HTTP_NOTE_BAD_CHUNK, 0, 0 },
	{ "gzip, chunked",
	    B(OK "Transfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
	    "GET", 200, 0, 53, HTTP_FRAMING_CHUNKED, "x", 0, 0, 1 },
	{ "two coding fields",
	    B(OK "Transfer-Encoding: gzip\r\nTransfer-Encoding: Chunked"
		 "\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
	    "GET", 200, 0, 72, HTTP_FRAMING_CHUNKED, "x", 0, 0, 1 },
	{ "chunked, gzip", B(OK "Transfer-Encoding: chunked, gzip\r\n\r\nabc"),
	    "GET", 200, 0, 53, HTTP_FRAMING_CLOSE, "abc",
	    HTTP_NOTE_BAD_CODING_ORDER, 0, 1 },
	{ "chunked twice",
	    B(OK "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"), "GET",
	    200, 0, 56, HTTP_FRAMING_CHUNKED, "", HTTP_NOTE_BAD_CODING_ORDER, 0,
	    1 },
	{ "identity",
	    B(OK "Transfer-Encoding: identity\r\n"
		 "Content-Length: 1\r\n\r\nx"),
	    "GET", 200, 0, 67, HTTP_FRAMING_LENGTH, "x", 0, 0, 1 },
	{ "length and chunked",
	    B(OK "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
		 "1\r\nx\r\n0\r\n\r\n"),
	    "GET", 200, 0, 66, HTTP_FRAMING_CHUNKED, "x",
	    HTTP_NOTE_LENGTH_AND_CHUNKED, 0, 1 },
	{ "equal lengths",
	    B(OK "Content-Length: 1, 1\r\nContent-Length: 1\r\n\r\nx"), "GET",
	    200, 0, 60, HTTP_FRAMING_LENGTH, "x", 0, 0, 1 },
	{ "lengths that differ",
	    B(OK "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxyz"), "GET",
	    200, 0, 57, HTTP_FRAMING_CLOSE, "xyz", HTTP_NOTE_LENGTHS_DIFFER, 0,
	    1 },
	{ "negative length", B(OK "Content-Length: -1\r\n\r\nxyz"), "GET", 200,
	    0, 39, HTTP_FRAMING_CLOSE, "xyz", HTTP_NOTE_BAD_LENGTH, 0, 1 },
	{ "huge length", B(OK "Content-Length: 99999999999999999999\r\n\r\nx"),
	    "GET", 200, 0, 57, HTTP_FRAMING_CLOSE, "x", HTTP_NOTE_BAD_LENGTH, 0,
	    1 },
	{ "empty length", B(OK "Content-Length:\r\n\r\nx"), "GET", 200, 0, 36,
	    HTTP_FRAMING_CLOSE, "x", HTTP_NOTE_BAD_LENGTH, 0, 1 },
	{ "largest length",
	    B(OK "Content-Length: 9223372036854775807\r\n\r\nx"), "GET", 200, 0,
	    56, HTTP_FRAMING_LENGTH, "x", 0, 0, 0 },
	{ "LF only", B("HTTP/1.1 200 OK\nContent-Length: 1\n\nx"), "GET", 200,
	    0, 35, HTTP_FRAMING_LENGTH, "x", HTTP_NOTE_BARE_LF, 0, 1 },
	{ "obs-fold", B(OK "A: b\r\n c\r\n\t d \r\nContent-Length: 1\r\n\r\nx"),
	    "GET", 200, 0, 54, HTTP_FRAMING_LENGTH, "x", HTTP_NOTE_OBS_FOLD, 0,
	    1 },
	{ "fold behind the status line",
	    B(OK " c: d\r\nContent-Length: 1\r\n\r\nx"), "GET", 200, 0, 45,
	    HTTP_FRAMING_LENGTH, "x", HTTP_NOTE_OBS_FOLD, 0, 1 },
	{ "NUL in a value", B(OK "A: b\0c\r\nContent-Length: 1\r\n\r\nx"),
	    "GET", 200, 0, 46, HTTP_FRAMING_LENGTH, "x", HTTP_NOTE_CONTROL_BYTE,
	    0, 1 },
	{ "no colon", B(OK "nonsense\r\n more\r\nContent-Length: 1\r\n\r\nx"),
	    "GET", 200, 0, 55, HTTP_FRAMING_LENGTH, "x", HTTP_NOTE_NO_COLON, 0,
	    1 },
	{ "no name", B(OK ": x\r\nContent-Length: 1\r\n\r\nx"), "GET", 200, 0,
	    43, HTTP_FRAMING_LENGTH, "x", HTTP_NOTE_NO_COLON, 0, 1 },
	{ "blank before the colon", B(OK "Content-Length : 1\r\n\r\nx"), "GET",
	    200, 0, 39, HTTP_FRAMING_LENGTH, "x", HTTP_NOTE_SPACE_BEFORE_COLON,
	    0, 1 },
	{ "ICY", B("ICY 200 OK\r\nicy-name: r\r\n\r\nmp3"), "GET", 200, 0, 27,
	    HTTP_FRAMING_CLOSE, "mp3", HTTP_NOTE_BAD_STATUS_LINE, 0, 1 },
	{ "no status line", B("<html>\r\n\r\nhello"), "GET", 0, 0, 0,
	    HTTP_FRAMING_CLOSE, "<html>\r\n\r\nhello", HTTP_NOTE_NO_STATUS_LINE,
	    0, 1 },
	{ "nearly a status line", B("HTTPS is a protocol"), "GET", 0, 0, 0,
	    HTTP_FRAMING_CLOSE, "HTTPS is a protocol", HTTP_NOTE_NO_STATUS_LINE,
	    0, 1 },
	{ "no code", B("HTTP/1.1\r\nA: b\r\n\r\nx"), "GET", 0, 0, 18,
	    HTTP_FRAMING_CLOSE, "x", HTTP_NOTE_BAD_STATUS_LINE, 0, 1 },
	{ "code of four digits", B("HTTP/1.1 2000 OK\r\n\r\nx"), "GET", 0, 0,
	    20, HTTP_FRAMING_CLOSE, "x", HTTP_NOTE_BAD_STATUS_LINE, 0, 1 },
	{ "lower-case http", B("http/1.1 200 ok\r\n\r\nx"), "GET", 200, 0, 19,
	    HTTP_FRAMING_CLOSE, "x", HTTP_NOTE_BAD_STATUS_LINE, 0, 1 },
	{ "HTTP/2", B("HTTP/2 200 \r\ncontent-length: 1\r\n\r\nx"), "GET", 200,
	    0, 34, HTTP_FRAMING_LENGTH, "x", 0, 0, 1 },
	{ "HTTP/9.9", B("HTTP/9.9 200 OK\r\nContent-Length: 1\r\n\r\nx"), "GET",
	    200, 0, 38, HTTP_FRAMING_LENGTH, "x", 0, 0, 1 },
	{ "no version", B("HTTP 200 OK\r\nContent-Length: 1\r\n\r\nx"), "GET",
	    200, 0, 34, HTTP_FRAMING_LENGTH, "x", HTTP_NOTE_BAD_STATUS_LINE, 0,
	    1 },
	{ "blank lines first", B("\r\n\n" OK "Content-Length: 1\r\n\r\nx"),
	    "GET", 200, 3, 38, HTTP_FRAMING_LENGTH, "x",
	    HTTP_NOTE_BAD_STATUS_LINE, 0, 1 },
	{ "too many blank lines first",
	    B("\r\n\r\n\r\n" OK "Content-Length: 1\r\n\r\nx"), "GET", 0, 0, 0,
	    HTTP_FRAMING_CLOSE, "\r\n\r\n\r\n" OK "Content-Length: 1\r\n\r\nx",
	    HTTP_NOTE_NO_STATUS_LINE, 0, 1 },
	{ "1xx heads",
	    B("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
	      "HTTP/1.1 102 Processing\r\n\r\n" OK
	      "Content-Length: 1\r\n\r\nx"),
	    "GET", 200, 67, 38, HTTP_FRAMING_LENGTH, "x", 0, 0, 1 },
	{ "1xx head and nothing", B("HTTP/1.1 100 Continue\r\n\r\n"), "GET", 0,
	    25, 0, HTTP_FRAMING_NONE, "", 0, 0, 0 },
	{ "101", B("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nbytes"), "GET",
	    101, 0, 38, HTTP_FRAMING_NONE, "", HTTP_NOTE_UPGRADED, 5, 1 },
	{ "head cut", B(OK "Content-Length: 5"), "GET", 200, 0, 34,
	    HTTP_FRAMING_NONE, "", 0, 0, 0 },
	{ "status line cut", B("HTTP/1.1 20"), "GET", 0, 0, 11,
	    HTTP_FRAMING_NONE, "", 0, 0, 0 },
	{ "nothing", B(""), "GET", 0, 0, 0, HTTP_FRAMING_NONE, "", 0, 0, 0 },
};

enum { SHAPE_COUNT = sizeof(shapes) / sizeof(shapes[0]) };

static void
keep(void *context, const uint8_t *p, size_t len)
{
	buf_add(context, p, len);
}

/* Feed in pieces of PIECE bytes, the first of FIRST; then end. Returns how
 * many bytes were taken. */
static size_t
feed(struct http_reader *r, const void *bytes, size_t len, size_t first,
    size_t piece)
{
	const uint8_t *p = bytes;
	size_t at = 0;
	size_t n = first;

	while (at < len) {
		size_t used = 0;
		int rc;

		if (n > len - at)
			n = len - at;
		rc = http_reader_feed(r, p + at, n, &used, NULL);
		at += used;
		if (rc == 1)
			break;
		if (used != n)
			return SIZE_MAX;
		n = piece;
	}
	(void)http_reader_end(r);
	return at;
}

/* Everything a reader says, as text. */
static void
describe(struct buf *out, const struct http_reader *r, size_t used,
    const struct buf *payload)
{
	buf_format(out,
	    "used %zu\nwhole %d\nstatus %u\nhead %llu+%llu %d\nbody %llu\n"
	    "framing %d\nalive %d\nline %s\nnotes ",
	    used, http_reader_is_complete(r), http_reader_status(r),
	    (unsigned long long)http_reader_head_offset(r),
	    (unsigned long long)http_reader_head_len(r),
	    http_reader_head_done(r),
	    (unsigned long long)http_reader_body_len(r),
	    (int)http_reader_framing(r), http_reader_keeps_alive(r),
	    http_reader_start_line(r));
	http_notes_add(out, http_reader_notes(r));
	for (size_t i = 0; i < http_reader_field_count(r); i++) {
		const struct http_field *f = http_reader_field_at(r, i);

		buf_format(out, "\n%s = '", f->name);
		buf_add(out, f->value, f->value_len);
		buf_add_text(out, "'");
	}
	buf_format(out, "\npayload %zu '", payload->len);
	buf_add(out, payload->data, payload->len);
	buf_add_text(out, "'\n");
}

CASE(every_shape_reads_as_it_should)
{
	struct http_reader *r = http_reader_new(HTTP_RESPONSE, NULL, 0);
	struct buf payload = { 0 };

	http_reader_on_payload(r, keep, &payload);
	for (size_t i = 0; i < SHAPE_COUNT; i++) {
		const struct shape *s = &shapes[i];
		int failed = test_failed;
		size_t used;

		test_failed = 0;
		buf_reset(&payload);
		http_reader_reset(r, s->method);
		used = feed(r, s->bytes, s->len, s->len, s->len);
		CHECK_INT(used, s->len - s->after);
		CHECK_INT(http_reader_status(r), s->status);
		CHECK_INT(http_reader_head_offset(r), s->head_offset);
		CHECK_INT(http_reader_head_len(r), s->head_len);
		CHECK_INT(http_reader_framing(r), s->framing);
		CHECK_TEXT(buf_text(&payload), s->payload);
		CHECK_INT(http_reader_payload_len(r), payload.len);
		CHECK_INT(http_reader_notes(r), s->notes);
		CHECK_INT(http_reader_is_complete(r), s->whole);
		CHECK_INT(http_reader_head_offset(r) + http_reader_head_len(r) +
			      http_reader_body_len(r),
		    used);
		CHECK(memcmp(http_reader_head_bytes(r),
			  s->bytes + s->head_offset, s->head_len) == 0);
		if (test_failed)
			printf("# in '%s'\n", s->name);
		test_failed |= failed;
	}
	buf_clear(&payload);
	http_reader_free(r);
}

static void
check_cuts(const struct shape *s, unsigned options)
{
	struct http_reader *r = http_reader_new(HTTP_RESPONSE, NULL, options);
	struct buf payload = { 0 };
	struct buf want = { 0 };
	struct buf got = { 0 };

	http_reader_on_payload(r, keep, &payload);
	for (size_t cut = 0; cut <= s->len + 3; cut++) {
		/* all at once; then in two; then in steps of 1, 2, 3 */
		size_t first = cut == 0        ? s->len
			       : cut <= s->len ? cut
					       : cut - s->len;
		size_t piece = cut <= s->len ? s->len : cut - s->len;

		http_reader_reset(r, s->method);
		buf_reset(&payload);
		buf_reset(&got);
		describe(
		    &got, r, feed(r, s->bytes, s->len, first, piece), &payload);
		if (cut == 0)
			buf_add(&want, got.data, got.len);
		else if (want.len != got.len ||
			 memcmp(want.data, got.data, got.len) != 0) {
			printf("# '%s' cut at %zu:\n", s->name, cut);
			CHECK_TEXT(buf_text(&got), buf_text(&want));
			break;
		}
	}
	buf_clear(&payload);
	buf_clear(&want);
	buf_clear(&got);
	http_reader_free(r);
}

CASE(how_the_bytes_are_cut_changes_nothing)
{
	for (size_t i = 0; i < SHAPE_COUNT; i++) {
		check_cuts(&shapes[i], 0);
		check_cuts(
		    &shapes[i], HTTP_LENIENT_CHUNKS | HTTP_LENIENT_LENGTH);
	}
}

CASE(a_message_cut_anywhere_is_never_whole)
{
	static const char bytes[] = CHUNKED
	    "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nA: b\r\n\r\n";
	struct http_reader *r = http_reader_new(HTTP_RESPONSE, NULL, 0);
	struct buf payload = { 0 };

	http_reader_on_payload(r, keep, &payload);
	for (size_t len = 0; len < sizeof(bytes) - 1; len++) {
		http_reader_reset(r, "GET");
		buf_reset(&payload);
		CHECK_INT(feed(r, bytes, len, len, len), len);
		CHECK_INT(http_reader_is_complete(r), 0);
		CHECK_INT(http_reader_notes(r) & HTTP_NOTE_BAD_CHUNK, 0);
		CHECK(strncmp("hello world", buf_text(&payload), payload.len) ==
		      0);
	}
	buf_clear(&payload);
	http_reader_free(r);
}

CASE(lenient_reading_changes_the_verdict_but_not_the_payload)
{
	struct http_reader *strict = http_reader_new(HTTP_RESPONSE, NULL, 0);
	struct http_reader *lenient = http_reader_new(
	    HTTP_RESPONSE, NULL, HTTP_LENIENT_CHUNKS);
	struct buf a = { 0 };
	struct buf b = { 0 };

	http_reader_on_payload(strict, keep, &a);
	http_reader_on_payload(lenient, keep, &b);
	for (size_t i = 0; i < SHAPE_COUNT; i++) {
		const struct shape *s = &shapes[i];

		buf_reset(&a);
		buf_reset(&b);
		http_reader_reset(strict, s->method);
		http_reader_reset(lenient, s->method);
		(void)feed(strict, s->bytes, s->len, s->len, s->len);
		(void)feed(lenient, s->bytes, s->len, s->len, s->len);
		CHECK_TEXT(buf_text(&b), buf_text(&a));
		CHECK(http_reader_is_complete(lenient) >=
		      http_reader_is_complete(strict));
	}
	buf_clear(&a);
	buf_clear(&b);
	http_reader_free(strict);
	http_reader_free(lenient);
}

static void
check_lenient(const char *body, const char *payload, unsigned notes, int whole)
{
	struct http_reader *r = http_reader_new(
	    HTTP_RESPONSE, NULL, HTTP_LENIENT_CHUNKS);
	struct buf got = { 0 };
	size_t used;

	http_reader_on_payload(r, keep, &got);
	CHECK_INT(
	    http_reader_feed(r, (const uint8_t *)B(CHUNKED), &used, NULL), 0);
	CHECK_INT(feed(r, body, strlen(body), 1, 1), strlen(body));
	CHECK_TEXT(buf_text(&got), payload);
	CHECK_INT(http_reader_notes(r), notes);
	CHECK_INT(http_reader_is_complete(r), whole);
	buf_clear(&got);
	http_reader_free(r);
}

CASE(a_plain_body_that_was_said_to_be_chunked_is_whole_when_lenient)
{
	check_lenient("<p>\nplain", "<p>\nplain", HTTP_NOTE_NOT_CHUNKED, 1);
	check_lenient("plain", "plain", HTTP_NOTE_NOT_CHUNKED, 1);
	check_lenient("", "", HTTP_NOTE_NOT_CHUNKED, 1);
	check_lenient("1\r\nx\r\n0\r\n\r\n", "x", 0, 1);
	check_lenient("1\r\nx\r\n?\r\n", "x?\r\n", HTTP_NOTE_BAD_CHUNK, 0);
}

static void
check_length(const char *announced, const char *body, unsigned notes, int whole)
{
	struct http_reader *r = http_reader_new(
	    HTTP_RESPONSE, NULL, HTTP_LENIENT_LENGTH);
	struct buf text = { 0 };
	struct buf got = { 0 };

	http_reader_on_payload(r, keep, &got);
	buf_format(&text, OK "Content-Length: %s\r\n\r\n%s", announced, body);
	CHECK_INT(feed(r, text.data, text.len, 3, 3), text.len);
	CHECK_TEXT(buf_text(&got), body);
	CHECK_INT(http_reader_notes(r), notes);
	CHECK_INT(http_reader_is_complete(r), whole);
	buf_clear(&text);
	buf_clear(&got);
	http_reader_free(r);
}

CASE(a_body_longer_than_announced_is_payload_when_lenient)
{
	check_length("5", "hello world", HTTP_NOTE_BEYOND_LENGTH, 1);
	check_length("0", "hello", HTTP_NOTE_BEYOND_LENGTH, 1);
	check_length("5", "hello", 0, 1);
	check_length("0", "", 0, 1);
	check_length("6", "hello", 0, 0);
}

CASE(fields_keep_their_order_spelling_and_folds)
{
	static const char bytes[] = OK
	    "Set-Cookie: a=1\r\nset-cookie:b=2\r\nX : \t v \t\r\n"
	    "Long: one\r\n two\r\n\t\r\n  three \r\nEmpty:\r\nNul: a\0b\r\n\r\n";
	struct http_reader *r = http_reader_new(HTTP_RESPONSE, NULL, 0);

	(void)feed(r, B(bytes), 7, 7);
	CHECK_INT(http_reader_field_count(r), 6);
	CHECK_TEXT(http_reader_field_at(r, 0)->name, "Set-Cookie");
	CHECK_TEXT(http_reader_field_at(r, 1)->name, "set-cookie");
	CHECK_TEXT(http_reader_field_at(r, 1)->value, "b=2");
	CHECK_TEXT(http_reader_field(r, "SET-COOKIE"), "a=1");
	CHECK_TEXT(http_reader_field(r, "x"), "v");
	CHECK_TEXT(http_reader_field(r, "long"), "one two three");
	CHECK_TEXT(http_reader_field(r, "empty"), "");
	CHECK_INT(http_reader_field_at(r, 5)->value_len, 3);
	CHECK(http_reader_field(r, "absent") == NULL);
	CHECK_TEXT(http_reader_start_line(r), "HTTP/1.1 200 OK");
	CHECK_TEXT(http_reader_version(r), "1.1");
	CHECK_TEXT(http_reader_method(r), "");
	http_reader_free(r);
}

static void
check_request(const char *bytes, const char *method, const char *target,
    const char *version, unsigned notes, const char *payload)
{
	struct http_reader *r = http_reader_new(HTTP_REQUEST, NULL, 0);
	struct buf got = { 0 };

	http_reader_on_payload(r, keep, &got);
	http_reader_reset(r, "");
	(void)feed(r, bytes, strlen(bytes), 2, 2);
	CHECK_TEXT(http_reader_method(r), method);
	CHECK_TEXT(http_reader_target(r), target);
	CHECK_TEXT(http_reader_version(r), version);
	CHECK_INT(http_reader_notes(r), notes);
	CHECK_INT(http_reader_is_complete(r), 1);
	CHECK_TEXT(buf_text(&got), payload);
	buf_clear(&got);
	http_reader_free(r);
}

CASE(requests_read_with_method_target_and_body)
{
	check_request("GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n", "GET", "/a?b",
	    "1.1", 0, "");
	check_request("\r\nGET / HTTP/1.1\r\n\r\n", "GET", "/", "1.1", 0, "");
	check_request("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcd",
	    "POST", "/", "1.1", 0, "abc");
	check_request("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
		      "2\r\nab\r\n0\r\n\r\n",
	    "PUT", "/", "1.1", 0, "ab");
	check_request("GET /a b HTTP/1.0\r\n\r\n", "GET", "/a b", "1.0",
	    HTTP_NOTE_BAD_STATUS_LINE, "");
	check_request("GET /old\r\n\r\n", "GET", "/old", "",
	    HTTP_NOTE_BAD_STATUS_LINE, "");
	check_request(
	    "GET\r\n\r\n", "GET", "", "", HTTP_NOTE_BAD_STATUS_LINE, "");
	check_request("GET / HTTP/2\r\n\r\n", "GET", "/", "2", 0, "");
}

static int
alive(const char *bytes)
{
	struct http_reader *r = http_reader_new(HTTP_RESPONSE, NULL, 0);
	int yes;

	http_reader_reset(r, "GET");
	(void)feed(r, bytes, strlen(bytes), 100, 100);
	yes = http_reader_keeps_alive(r);
	http_reader_free(r);
	return yes;
}

CASE(a_connection_is_used_again_only_when_framing_is_sound)
{
	CHECK(alive(OK "Content-Length: 1\r\n\r\nx"));
	CHECK(alive(CHUNKED "0\r\n\r\n"));
	CHECK(alive("HTTP/1.1 304 N\r\n\r\n"));
	CHECK(alive("HTTP/1.0 200 OK\r\nConnection: x, Keep-Alive\r\n"
		    "Content-Length: 0\r\n\r\n"));
	CHECK(!alive("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
	CHECK(!alive(OK "Connection: Close\r\nContent-Length: 0\r\n\r\n"));
	CHECK(!alive(OK "Content-Length: 2\r\n\r\nx"));
	CHECK(!alive(OK "\r\nx"));
	CHECK(!alive(OK "Content-Length : 0\r\n\r\n"));
	CHECK(!alive(CHUNKED "1\r\nxy"));
	CHECK(!alive("HTTP/1.1 101 S\r\n\r\n"));
	CHECK(
	    !alive(OK "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
		      "0\r\n\r\n"));
	CHECK(!alive("<html>"));
}

CASE(the_next_message_is_read_after_a_reset)
{
	static const char two[] = CHUNKED "1\r\nx\r\n0\r\n\r\n" OK
					  "Content-Length: 2\r\n\r\nyz";
	struct http_reader *r = http_reader_new(HTTP_RESPONSE, NULL, 0);
	struct buf got = { 0 };
	uint64_t announced;
	size_t used;
	size_t at;

	http_reader_on_payload(r, keep, &got);
	CHECK_INT(http_reader_feed(
		      r, (const uint8_t *)two, sizeof(two) - 1, &at, NULL),
	    1);
	CHECK_INT(http_reader_announced_len(r, &announced), 0);
	CHECK_INT(http_reader_feed(r, (const uint8_t *)two, 1, &used, NULL), 1);
	CHECK_INT(used, 0);
	http_reader_reset(r, "GET");
	CHECK_INT(http_reader_field_count(r), 0);
	CHECK_INT(http_reader_feed(r, (const uint8_t *)two + at,
		      sizeof(two) - 1 - at, &used, NULL),
	    1);
	CHECK_INT(http_reader_announced_len(r, &announced), 1);
	CHECK_INT(announced, 2);
	CHECK_TEXT(buf_text(&got), "xyz");
	buf_clear(&got);
	http_reader_free(r);
}

/* Feed TEXT and return the notes. */
static unsigned
notes_of(const struct http_limits *limits, const struct buf *text)
{
	struct http_reader *r = http_reader_new(HTTP_RESPONSE, limits, 0);
	unsigned notes;

	http_reader_reset(r, "GET");
	CHECK_INT(feed(r, text->data, text->len, 1000, 1000), text->len);
	notes = http_reader_notes(r);
	http_reader_free(r);
	return notes;
}

static void
add_times(struct buf *out, const char *s, size_t count)
{
	while (count-- > 0)
		buf_add_text(out, s);
}

CASE(a_head_of_the_largest_size_passes_and_one_more_byte_does_not)
{
	struct buf b = { 0 };

	buf_add_text(&b, OK "A: ");
	add_times(&b, "x", LIMIT_HEAD_BYTES - b.len - 4);
	buf_add_text(&b, "\r\n\r\n");
	CHECK_INT(b.len, LIMIT_HEAD_BYTES);
	CHECK_INT(notes_of(NULL, &b), 0);
	b.len -= 4;
	buf_add_text(&b, "x\r\n\r\n");
	CHECK_INT(notes_of(NULL, &b), HTTP_NOTE_HEAD_TOO_LONG);
	buf_clear(&b);
}

CASE(a_head_of_the_most_fields_passes_and_one_more_does_not)
{
	struct http_reader *r = http_reader_new(HTTP_RESPONSE, NULL, 0);
	struct buf b = { 0 };
	size_t last;

	buf_add_text(&b, OK);
	add_times(&b, "A:b\r\n c\r\n", LIMIT_HEAD_FIELDS);
	last = b.len;
	buf_add_text(&b, "\r\n");
	CHECK_INT(notes_of(NULL, &b), HTTP_NOTE_OBS_FOLD);
	b.len -= 2;
	buf_add_text(&b, "B:c\r\n\r\n");
	CHECK_INT(
	    notes_of(NULL, &b), HTTP_NOTE_OBS_FOLD | HTTP_NOTE_HEAD_TOO_LONG);
	(void)feed(r, b.data, b.len, 77, 77);
	CHECK_INT(http_reader_field_count(r), LIMIT_HEAD_FIELDS);
	CHECK_INT(http_reader_head_len(r), last);
	CHECK_INT(http_reader_payload_len(r), b.len - last);
	http_reader_free(r);
	buf_clear(&b);
}

CASE(a_chunk_line_of_the_largest_size_passes_and_one_more_byte_does_not)
{
	struct buf b = { 0 };
	size_t start;

	buf_add_text(&b, CHUNKED);
	start = b.len;
	buf_add_text(&b, "1;");
	add_times(&b, "e", LIMIT_CHUNK_LINE_BYTES - 4);
	buf_add_text(&b, "\r\n");
	CHECK_INT(b.len - start, LIMIT_CHUNK_LINE_BYTES);
	buf_add_text(&b, "x\r\n0\r\n\r\n");
	CHECK_INT(notes_of(NULL, &b), 0);
	b.len = start;
	buf_add_text(&b, "1;");
	add_times(&b, "e", LIMIT_CHUNK_LINE_BYTES - 3);
	buf_add_text(&b, "\r\nx\r\n0\r\n\r\n");
	CHECK_INT(notes_of(NULL, &b), HTTP_NOTE_BAD_CHUNK);
	buf_clear(&b);
}

CASE(trailers_of_the_largest_size_pass_and_one_more_byte_does_not)
{
	struct buf b = { 0 };
	size_t start;

	buf_add_text(&b, CHUNKED "1\r\nx\r\n0\r\n");
	start = b.len;
	buf_add_text(&b, "T: ");
	add_times(&b, "t", LIMIT_HEAD_BYTES - 7);
	buf_add_text(&b, "\r\n\r\n");
	CHECK_INT(b.len - start, LIMIT_HEAD_BYTES);
	CHECK_INT(notes_of(NULL, &b), HTTP_NOTE_TRAILERS);
	b.len -= 4;
	buf_add_text(&b, "t\r\n\r\n");
	CHECK_INT(notes_of(NULL, &b) & HTTP_NOTE_HEAD_TOO_LONG,
	    HTTP_NOTE_HEAD_TOO_LONG);
	buf_clear(&b);
}

CASE(a_flood_of_1xx_heads_ends_at_the_limit)
{
	static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct http_limits limits = { 1000, 10 };
	struct buf b = { 0 };

	add_times(&b, interim, 1000 / (sizeof(interim) - 1) - 2);
	buf_add_text(&b, OK "Content-Length: 0\r\n\r\n");
	CHECK(b.len <= 1000);
	CHECK_INT(notes_of(&limits, &b), 0);
	buf_reset(&b);
	add_times(&b, interim, 10000);
	CHECK_INT(notes_of(&limits, &b), HTTP_NOTE_HEAD_TOO_LONG);
	buf_clear(&b);
}

CASE(a_head_that_never_ends_becomes_body)
{
	struct http_reader *r = http_reader_new(HTTP_RESPONSE, NULL, 0);
	struct buf b = { 0 };

	buf_add_text(&b, OK "A: b\r\nB: ");
	add_times(&b, "0123456789", 50000);
	(void)feed(r, b.data, b.len, 4096, 4096);
	CHECK_INT(http_reader_head_len(r), 23);
	CHECK_INT(http_reader_payload_len(r), b.len - 23);
	CHECK_TEXT(http_reader_field(r, "a"), "b");
	CHECK_INT(http_reader_notes(r), HTTP_NOTE_HEAD_TOO_LONG);
	http_reader_free(r);
	buf_clear(&b);
}

static void
check_type(const char *value, const char *type, const char *charset)
{
	struct buf t = { 0 };
	struct buf c = { 0 };

	http_content_type(value, &t, &c);
	CHECK_TEXT(buf_text(&t), type);
	CHECK_TEXT(buf_text(&c), charset);
	buf_clear(&t);
	buf_clear(&c);
}

CASE(content_types_are_taken_apart)
{
	check_type("text/html", "text/html", "");
	check_type("Text/HTML; Charset=UTF-8", "text/html", "utf-8");
	check_type("text/html;a=b ; charset = \"windows-1256\" ;c=d",
	    "text/html", "windows-1256");
	check_type("text/html; charset='utf-8'", "text/html", "utf-8");
	check_type("text/html; a=\"; charset=x\"; charset=y", "text/html", "y");
	check_type("text/html, text/plain; charset=x", "text/html", "");
	check_type("text/html; charset", "text/html", "");
	check_type("text/html; charset=", "text/html", "");
	check_type("text/html; charset=\"utf", "text/html", "utf");
	check_type(";charset=x", "", "x");
	check_type("", "", "");
	check_type(NULL, "", "");
	http_content_type("text/html; charset=x", NULL, NULL);
}

CASE(notes_have_one_word_each)
{
	struct buf b = { 0 };

	http_notes_add(&b, 0);
	CHECK_TEXT(buf_text(&b), "");
	http_notes_add(&b, HTTP_NOTE_BARE_LF | HTTP_NOTE_UPGRADED);
	CHECK_TEXT(buf_text(&b), "bare-lf upgraded");
	buf_clear(&b);
}

TESTS(T(every_shape_reads_as_it_should),
    T(how_the_bytes_are_cut_changes_nothing),
    T(a_message_cut_anywhere_is_never_whole),
    T(lenient_reading_changes_the_verdict_but_not_the_payload),
    T(a_plain_body_that_was_said_to_be_chunked_is_whole_when_lenient),
    T(a_body_longer_than_announced_is_payload_when_lenient),
    T(fields_keep_their_order_spelling_and_folds),
    T(requests_read_with_method_target_and_body),
    T(a_connection_is_used_again_only_when_framing_is_sound),
    T(the_next_message_is_read_after_a_reset),
    T(a_head_of_the_largest_size_passes_and_one_more_byte_does_not),
    T(a_head_of_the_most_fields_passes_and_one_more_does_not),
    T(a_chunk_line_of_the_largest_size_passes_and_one_more_byte_does_not),
    T(trailers_of_the_largest_size_pass_and_one_more_byte_does_not),
    T(a_flood_of_1xx_heads_ends_at_the_limit),
    T(a_head_that_never_ends_becomes_body), T(content_types_are_taken_apart),
    T(notes_have_one_word_each))
