/* What an index wants to know of a record. */
#include "core/archive/record_facts.h"

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "tests/test.h"

#define FACTS_DATE 1795335567000000ll /* 2026-11-22T08:19:27Z */

/* Bytes in spans of STEP, each in memory of its own so that a stale pointer
 * shows; FAIL: an error instead of the end. */
struct cut {
	struct stream stream;
	const uint8_t *p;
	size_t len, step;
	int fail;
	uint8_t *span;
};

static int
cut_next(struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct cut *c = (struct cut *)s;
	size_t n = c->step < c->len ? c->step : c->len;

	free(c->span);
	c->span = NULL;
	if (n == 0)
		return c->fail ? error_set(e, ERROR_INPUT, "torn") : 0;
	*data = c->span = mem_dup(c->p, n);
	*len = n;
	c->p += n;
	c->len -= n;
	return 1;
}

static void
cut_free(struct stream *s)
{
	free(((struct cut *)s)->span);
}

static struct cut
cut_of(const void *p, size_t len, size_t step, int fail)
{
	return (struct cut){ { cut_next, cut_free }, p, len, step, fail, NULL };
}

static void
begin(struct arena *a, struct record *r, const char *type, const char *uri,
    struct cut *c)
{
	*r = (struct record){
		.version = "WARC/1.1", .block = &c->stream, .block_len = c->len
	};
	record_add(a, r, "WARC-Type", type);
	record_add(a, r, "WARC-Target-URI", uri);
	record_add(a, r, "WARC-Date", "2026-11-22T08:19:27Z");
	record_add(a, r, "WARC-Record-ID", "<urn:uuid:1>");
	record_add(a, r, "WARC-Block-Digest", "sha1:B");
	record_add(a, r, "WARC-Payload-Digest", "sha1:P");
	record_add(a, r, "Content-Type", "application/http; msgtype=response");
}

/* The block as it comes after the facts were read. */
static void
check_block(struct record *r, const void *want, size_t len)
{
	struct buf b = { 0 };
	struct error e = { 0 };

	CHECK_OK(stream_read(r->block, &b, 1 << 24, &e), &e);
	CHECK_INT(b.len, len);
	CHECK(b.len == len && (len == 0 || memcmp(b.data, want, len) == 0));
	buf_clear(&b);
}

static const char page[] = "HTTP/1.1 404 Not Found\r\nServer: x\r\n"
			   "content-type: text/html; charset=utf-8\r\n"
			   "Content-Type: text/plain\r\n\r\n<p>body\r\n\r\n";

CASE(facts_and_the_whole_block_come_however_it_is_cut)
{
	size_t len = sizeof(page) - 1;
	size_t head = len - strlen("<p>body\r\n\r\n");

	for (size_t step = 1; step <= len; step++) {
		struct arena *a = arena_new();
		struct cut c = cut_of(page, len, step, 0);
		struct record_facts f;
		struct record r;
		struct error e = { 0 };

		begin(a, &r, "response", "<http://a.example/x>", &c);
		CHECK_OK(record_facts_read(a, &r, &f, &e), &e);
		check_block(&r, page, len);
		CHECK_INT(f.type, RECORD_RESPONSE);
		CHECK_TEXT(f.type_name, "response");
		CHECK_TEXT(f.id, "urn:uuid:1");
		CHECK_TEXT(f.uri, "http://a.example/x");
		CHECK_TEXT(f.date, "2026-11-22T08:19:27Z");
		CHECK_INT(f.date_us, FACTS_DATE);
		CHECK_TEXT(f.timestamp, "20261122081927");
		CHECK_TEXT(f.block_digest, "sha1:B");
		CHECK_TEXT(f.payload_digest, "sha1:P");
		CHECK_INT(f.block_len, len);
		CHECK_INT(f.status, 404);
		CHECK_TEXT(f.mime, "text/html");
		CHECK_INT(f.http_head_len, head);
		CHECK(memcmp(f.http_head, page, head) == 0);
		stream_free(&c.stream);
		arena_free(a);
	}
}

static void
check_http(const char *type, const char *uri, const char *block,
    unsigned status, const char *mime, size_t head_len)
{
	struct arena *a = arena_new();
	struct cut c = cut_of(block, strlen(block), 7, 0);
	struct record_facts f;
	struct record r;
	struct error e = { 0 };

	begin(a, &r, type, uri, &c);
	CHECK_OK(record_facts_read(a, &r, &f, &e), &e);
	check_block(&r, block, strlen(block));
	CHECK_INT(f.status, status);
	CHECK_TEXT(f.mime, mime);
	CHECK_INT(f.http_head_len, head_len);
	stream_free(&c.stream);
	arena_free(a);
}

CASE(loose_heads_are_read)
{
	const char *uri = "https://a.example/";

	/* LF only; no blank line; folded; odd blanks; ICY; longer numbers. */
	check_http("response", uri, "HTTP/1.0 200 OK\nContent-Type:a/b\n\nrest",
	    200, "a/b", 34);
	check_http("revisit", uri, "HTTP/1.1 304\r\nContent-Type: a/b\r\n", 304,
	    "a/b", 33);
	check_http("revisit", uri, "HTTP/1.1 200 OK", 200, "", 15);
	check_http("revisit", uri, "", 0, "", 0);
	check_http("response", uri, "H 200\nContent-Type :\r\n  c/d e\n\n", 200,
	    "c/d", 31);
	check_http(
	    "response", uri, "H 200\nContent-Type:\nX: y\n\n", 200, "", 26);
	check_http("response", uri, "ICY 200 OK\r\n\r\nContent-Type: a/b\r\n",
	    200, "", 14);
	check_http("response", uri, "HTTP/1.1 2000 OK\r\n\r\n", 0, "", 20);
	check_http("response", uri, "HTTP/1.1 abc\r\n\r\n", 0, "", 16);
	check_http("response", uri, "\r\nContent-Type: a/b\r\n\r\n", 0, "", 2);
	check_http("request", uri,
	    "GET 200 HTTP/1.1\r\nContent-Type: a/b\r\n\r\n", 0, "a/b", 39);
	/* Not at the front of a line, or of another name. */
	check_http("response", uri,
	    "H 200\nX-Content-Type: a/b\nContent-Types: b/c\n\n", 200, "", 46);
	/* Other kinds of records have no head. */
	check_http("resource", uri, "HTTP/1.1 200 OK\r\n\r\n", 0, "", 0);
	check_http("metadata", uri, "HTTP/1.1 200 OK\r\n\r\n", 0, "", 0);
	/* By their Content-Type they have. */
	check_http(
	    "response", "gemini://a.example/", "H 200\r\n\r\n", 200, "", 9);
}

CASE(a_head_is_read_up_to_its_limit_and_no_further)
{
	char *block = mem_alloc(LIMIT_HEAD_BYTES + 10);
	static const char front[] = "HTTP/1.1 200 OK\r\nX: ";

	for (int over = 0; over < 2; over++) {
		size_t len = LIMIT_HEAD_BYTES + (size_t)over;
		struct arena *a = arena_new();
		struct cut c = cut_of(block, len + 4, 1000, 0);
		struct record_facts f;
		struct record r;

		memset(block, 'x', LIMIT_HEAD_BYTES + 10);
		memcpy(block, front, sizeof(front) - 1);
		memcpy(block + len - 4, "\r\n\r\n", 4);
		begin(a, &r, "response", "http://a.example/", &c);
		CHECK_INT(record_facts_read(a, &r, &f, NULL), 0);
		CHECK_INT(f.http_head_len, over ? 0 : len);
		CHECK_INT(f.status, over ? 0 : 200);
		check_block(&r, block, len + 4);
		stream_free(&c.stream);
		arena_free(a);
	}
	free(block);
}

CASE(a_block_that_fails_fails_again_behind_what_it_gave)
{
	for (size_t cut = 0; cut < 60; cut++) {
		struct arena *a = arena_new();
		struct cut c = cut_of(page, cut, 9, 1);
		struct record_facts f;
		struct record r;
		struct error e = { 0 };
		struct buf b = { 0 };

		begin(a, &r, "response", "http://a.example/", &c);
		CHECK_INT(record_facts_read(a, &r, &f, &e), -1);
		CHECK_INT(e.kind, ERROR_INPUT);
		CHECK_TEXT(f.id, "urn:uuid:1");
		CHECK_TEXT(f.timestamp, "20261122081927");
		CHECK_INT(f.http_head_len, 0);
		e = (struct error){ 0 };
		CHECK_INT(stream_read(r.block, &b, 1000, &e), -1);
		CHECK_TEXT(e.text, "torn");
		CHECK_INT(b.len, cut);
		CHECK(b.len == 0 || memcmp(b.data, page, b.len) == 0);
		buf_clear(&b);
		stream_free(&c.stream);
		arena_free(a);
	}
}

static void
check_date(const char *date, const char *timestamp)
{
	struct arena *a = arena_new();
	struct record r = { .version = "WARC/1.1" };
	struct record_facts f;

	record_add(a, &r, "WARC-Date", date);
	CHECK_INT(record_facts_read(a, &r, &f, NULL), 0);
	CHECK_TEXT(f.timestamp, timestamp);
	CHECK_INT(f.date_us == INT64_MIN, timestamp[0] == '\0');
	arena_free(a);
}

CASE(dates_give_fourteen_digits_or_none)
{
	check_date("2026-11-22T08:19:27Z", "20261122081927");
	check_date("2026-11-22T08:19:27.999999Z", "20261122081927");
	check_date("2026-11-22T08:19:27+02:00", "20261122061927");
	check_date("2026-11", "20261101000000");
	check_date("2026-11-22T08:19:61Z", "");
	check_date("2026-02-30T08:19:00Z", "");
	check_date("yesterday", "");
	check_date("", "");
}

CASE(a_record_without_anything_has_empty_facts)
{
	struct arena *a = arena_new();
	struct record r = { .version = "WARC/1.1" };
	struct record_facts f;

	CHECK_INT(record_facts_read(a, &r, &f, NULL), 0);
	CHECK_INT(f.type, RECORD_OTHER);
	CHECK_TEXT(f.type_name, "");
	CHECK_TEXT(f.id, "");
	CHECK_TEXT(f.uri, "");
	CHECK_TEXT(f.date, "");
	CHECK_TEXT(f.content_type, "");
	CHECK_TEXT(f.block_digest, "");
	CHECK_TEXT(f.payload_digest, "");
	CHECK_TEXT(f.mime, "");
	CHECK_TEXT((const char *)f.http_head, "");
	arena_free(a);
}

TESTS(T(facts_and_the_whole_block_come_however_it_is_cut),
    T(loose_heads_are_read), T(a_head_is_read_up_to_its_limit_and_no_further),
    T(a_block_that_fails_fails_again_behind_what_it_gave),
    T(dates_give_fourteen_digits_or_none),
    T(a_record_without_anything_has_empty_facts))
