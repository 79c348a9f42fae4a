/* WARC records: heads read and written, ids, the standard's example. */
#include "core/archive/record.h"

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "tests/test.h"

static int
read_head(struct arena *a, struct record *r, const char *text, size_t *used,
    struct error *e)
{
	/* An exact copy, so that reading past it is seen. */
	size_t len = strlen(text);
	uint8_t *copy = mem_dup(text, len);
	int got = record_read_head(a, r, copy, len, used, e);

	free(copy);
	return got;
}

CASE(the_digests_of_the_example_come_out)
{
	/* An HTTP response with a head of 64 bytes and a body of 18. */
	static const char block[] = "HTTP/1.1 200 OK\r\n"
				    "Content-Type: text/html\r\n"
				    "Content-Length: 18\r\n\r\n"
				    "<html>hello</html>";
	char text[DIGEST_TEXT_MAX];

	CHECK_INT(strlen(block), 82);
	digest_text(DIGEST_SHA256, block, 82, text);
	CHECK_TEXT(text,
	    "sha256:bce6a2b1dbd972091c66b127bab418c56112dd9eae47eabd62a84b445"
	    "ad6cdf9");
	digest_text(DIGEST_SHA256, block + 64, 18, text);
	CHECK_TEXT(text,
	    "sha256:7e537e903df5bfa9c9de2dc590d2646f8b4aa71dd14877bd3e2eceda8"
	    "29a4618");
}

CASE(a_head_is_read_back_as_it_was_written)
{
	struct arena *a = arena_new();
	struct record r = { .version = "WARC/1.1" };
	struct record back;
	struct buf out = { 0 };
	struct buf again = { 0 };
	struct error e = { 0 };
	size_t used;
	char name[16];

	record_add(a, &r, "WARC-Type", "response");
	record_add(a, &r, "WARC-Date", "2026-11-22T08:00:00.123456Z");
	for (int i = 0; i < 40; i++) {
		(void)snprintf(name, sizeof(name), "X-%d", i);
		record_add(a, &r, name, i % 3 == 0 ? "" : "a: b  c");
	}
	record_add(a, &r, "Content-Length", "82");
	record_write_head(&out, &r);
	CHECK_INT(record_read_head(a, &back, out.data, out.len, &used, &e), 1);
	CHECK_INT(used, out.len);
	CHECK_INT(back.field_count, r.field_count);
	CHECK_INT(back.block_len, 82);
	CHECK_INT(record_type(&back), RECORD_RESPONSE);
	record_write_head(&again, &back);
	CHECK_TEXT(buf_text(&again), buf_text(&out));
	buf_clear(&out);
	buf_clear(&again);
	arena_free(a);
}

CASE(every_prefix_of_a_head_wants_more)
{
	static const char head[] = "WARC/1.0\r\nWARC-Type: warcinfo\r\n"
				   "Content-Length: 0\r\n\r\nWARC/1.0";
	size_t whole = sizeof(head) - 1 - 8;
	struct arena *a = arena_new();
	struct record r;
	size_t used;

	for (size_t i = 0; i < sizeof(head); i++) {
		uint8_t *copy = mem_dup(head, i);
		int got = record_read_head(a, &r, copy, i, &used, NULL);

		CHECK_INT(got, i >= whole);
		if (got)
			CHECK_INT(used, whole);
		free(copy);
	}
	arena_free(a);
}

CASE(loose_spellings_are_read)
{
	struct arena *a = arena_new();
	struct error e = { 0 };
	struct record r;
	size_t used;

	/* LF-only lines, blanks around the colon, folded lines, any case. */
	CHECK_INT(read_head(a, &r,
		      "WARC/1.0\nwarc-type : response\n"
		      "WARC-Target-URI:<http://a.example/>  \n"
		      "X-Folded: one \n  two\n\tthree\n"
		      "no colon here\n"
		      "CONTENT-LENGTH:   7\n\n",
		      &used, &e),
	    1);
	CHECK_TEXT(r.version, "WARC/1.0");
	CHECK_INT(r.field_count, 5);
	CHECK_INT(r.block_len, 7);
	CHECK_INT(record_type(&r), RECORD_RESPONSE);
	CHECK_TEXT(record_field(&r, "x-folded"), "one two three");
	CHECK_TEXT(record_field(&r, "no colon here"), "");
	CHECK_TEXT(record_field(&r, "WARC-Target-URI"), "<http://a.example/>");
	CHECK_TEXT(
	    record_uri_field(a, &r, "WARC-Target-URI"), "http://a.example/");
	CHECK(record_field(&r, "WARC-Date") == NULL);
	CHECK(record_uri_field(a, &r, "WARC-Date") == NULL);

	/* The colon of a folded name. */
	CHECK_INT(read_head(a, &r,
		      "WARC/1.0\r\nX\r\n Y: 1\r\nContent-Length: 0\r\n\r\n",
		      &used, &e),
	    1);
	CHECK_TEXT(r.fields[0].name, "X Y");
	arena_free(a);
}

CASE(broken_heads_are_refused_with_the_rule)
{
	static const struct {
		const char *head;
		const char *text;
	} cases[] = {
		{ "HTTP/1.1 200 OK\r\n\r\n",
		    "no record starts here (no WARC/)" },
		{ "WARC/x", "no record starts here (no WARC/)" },
		{ "WARC/1.1\r\nWARC-Type: resource\r\n\r\n",
		    "Content-Length is missing" },
		{ "WARC/1.1\r\nContent-Length: -1\r\n\r\n",
		    "Content-Length is no number: -1" },
		{ "WARC/1.1\r\nContent-Length: 1e3\r\n\r\n",
		    "Content-Length is no number: 1e3" },
		{ "WARC/1.1\r\nContent-Length: 9223372036854775807\r\n\r\n",
		    "Content-Length is no number: 9223372036854775807" },
		{ "WARC/1.1\r\n\r\n", "Content-Length is missing" },
	};
	struct arena *a = arena_new();
	struct record r;
	size_t used;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error e = { 0 };

		CHECK_INT(read_head(a, &r, cases[i].head, &used, &e), -1);
		CHECK_INT(e.kind, ERROR_INPUT);
		CHECK_TEXT(e.text, cases[i].text);
	}
	CHECK_INT(
	    record_read_head(a, &r,
		(const uint8_t *)"WARC/1.0\r\nA: \0\r\n\r\n", 18, &used, NULL),
	    -1);
	arena_free(a);
}

CASE(head_limits_hold_on_both_sides)
{
	struct arena *a = arena_new();
	struct record r;
	struct buf b = { 0 };
	size_t used;

	for (int over = 0; over < 2; over++) {
		/* "X: " and the CR are of the line. */
		size_t n = LIMIT_RECORD_LINE_BYTES - 4 + (size_t)over;

		buf_reset(&b);
		buf_add_text(&b, "WARC/1.1\r\nContent-Length: 0\r\nX: ");
		memset(buf_room(&b, n), 'x', n);
		b.len += n;
		buf_add_text(&b, "\r\n\r\n");
		CHECK_INT(record_read_head(a, &r, b.data, b.len, &used, NULL),
		    over ? -1 : 1);
	}
	for (int over = 0; over < 2; over++) {
		buf_reset(&b);
		buf_add_text(&b, "WARC/1.1\r\nContent-Length: 0\r\n");
		while (b.len < LIMIT_RECORD_HEAD_BYTES - 10000)
			buf_format(&b, "X: %0*d\r\n", 9990, 0);
		while (b.len < LIMIT_RECORD_HEAD_BYTES - 2 - 100)
			buf_format(&b, "X: %0*d\r\n", 45, 0);
		while (b.len < LIMIT_RECORD_HEAD_BYTES - 2 + (size_t)over)
			buf_add_byte(&b, 'y');
		buf_add_text(&b, "\n\r\n");
		CHECK_INT(record_read_head(a, &r, b.data, b.len, &used, NULL),
		    over ? -1 : 1);
	}
	buf_clear(&b);
	arena_free(a);
}

CASE(ids_depend_on_every_part_and_on_nothing_else)
{
	char id[RECORD_ID_MAX];
	char other[RECORD_ID_MAX];

	record_make_id(id, "c", "s", 1, "response", "2026", "sha256:00");
	CHECK_INT(strlen(id), 45);
	CHECK(strncmp(id, "urn:uuid:", 9) == 0);
	CHECK(id[9 + 14] == '8');
	CHECK(strchr("89ab", id[9 + 19]) != NULL);
	record_make_id(other, "c", "s", 1, "response", "2026", "sha256:00");
	CHECK_TEXT(other, id);
	record_make_id(other, "d", "s", 1, "response", "2026", "sha256:00");
	CHECK(strcmp(other, id) != 0);
	record_make_id(other, "c", "t", 1, "response", "2026", "sha256:00");
	CHECK(strcmp(other, id) != 0);
	record_make_id(other, "c", "s", 2, "response", "2026", "sha256:00");
	CHECK(strcmp(other, id) != 0);
	record_make_id(other, "c", "s", 1, "request", "2026", "sha256:00");
	CHECK(strcmp(other, id) != 0);
	record_make_id(other, "c", "s", 1, "response", "2027", "sha256:00");
	CHECK(strcmp(other, id) != 0);
	record_make_id(other, "c", "s", 1, "response", "2026", "sha256:01");
	CHECK(strcmp(other, id) != 0);
}

TESTS(T(the_digests_of_the_example_come_out),
    T(a_head_is_read_back_as_it_was_written),
    T(every_prefix_of_a_head_wants_more), T(loose_spellings_are_read),
    T(broken_heads_are_refused_with_the_rule),
    T(head_limits_hold_on_both_sides),
    T(ids_depend_on_every_part_and_on_nothing_else))
