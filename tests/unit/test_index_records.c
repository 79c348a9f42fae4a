/* The records of a file as index entries. */
#include "core/archive/index_records.h"

#include "core/archive/cdx.h"
#include "core/archive/cdxj.h"
#include "core/archive/index_post.h"
#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "tests/test.h"

struct seen {
	struct buf lines;
	unsigned cdx;
	size_t problems, damaged;
};

static int
each_entry(void *context, const struct cdxj_facts *f, struct error *e)
{
	struct seen *s = context;

	(void)e;
	if (s->cdx != 0)
		cdx_add_line(&s->lines, f, s->cdx);
	else
		cdxj_add_line(&s->lines, f);
	return 0;
}

static void
problem(void *context, const char *name, uint64_t offset, int damaged,
    const struct error *why)
{
	struct seen *s = context;

	(void)name;
	(void)offset;
	CHECK(why->text[0] != '\0');
	s->problems++;
	s->damaged += damaged != 0;
}

static void
add_record(struct buf *b, const char *type, const char *fields,
    const char *content_type, const char *block)
{
	buf_format(b,
	    "WARC/1.0\r\nWARC-Type: %s\r\nWARC-Date: 2026-11-22T08:19:27Z\r\n"
	    "%sContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s\r\n\r\n",
	    type, fields, content_type, strlen(block), block);
}

static void
check(
    struct buf *file, struct index_options o, struct seen *s, const char *want)
{
	struct input *in = input_of_bytes(file->data, file->len, "x.warc");
	struct index_totals t = { 0 };
	struct error e = { 0 };

	o.each = each_entry;
	o.problem = problem;
	o.context = s;
	CHECK_OK(index_records(in, "x.warc", &o, &t, &e), &e);
	CHECK_TEXT(buf_text(&s->lines), want);
	CHECK_INT(t.problems, s->problems);
	input_free(in);
	buf_clear(&s->lines);
	buf_clear(file);
}

#define URI "WARC-Target-URI: http://a.example/x\r\n"

CASE(the_usual_types_are_indexed)
{
	struct buf b = { 0 };
	struct seen s = { 0 };

	add_record(&b, "warcinfo", "", "application/warc-fields", "a: b\r\n");
	add_record(&b, "response", URI "WARC-Payload-Digest: sha1:P\r\n",
	    "application/http",
	    "HTTP/1.1 200 OK\r\nContent-Type: text/html; x\r\n\r\nhi");
	add_record(&b, "request", URI, "application/http", "GET / H\r\n\r\n");
	add_record(&b, "revisit", URI "WARC-Payload-Digest: sha1:P\r\n",
	    "application/http", "HTTP/1.1 304 N\r\n\r\n");
	add_record(&b, "resource", URI, "image/png;q", "hi");
	add_record(&b, "metadata", URI, "application/warc-fields", "a: b\r\n");
	add_record(&b, "metadata", URI, "text/x", "hi");
	add_record(&b, "conversion", URI, "text/plain", "hi");
	check(&b, (struct index_options){ 0 }, &s,
	    "example,a)/x 20261122081927 {\"url\": \"http://a.example/x\", "
	    "\"mime\": \"text/html\", \"status\": \"200\", \"digest\": "
	    "\"sha1:P\", \"length\": \"233\", \"offset\": \"134\", "
	    "\"filename\": \"x.warc\"}\n"
	    "example,a)/x 20261122081927 {\"url\": \"http://a.example/x\", "
	    "\"mime\": \"warc/revisit\", \"status\": \"304\", \"digest\": "
	    "\"sha1:P\", \"length\": \"201\", \"offset\": \"540\", "
	    "\"filename\": \"x.warc\"}\n"
	    "example,a)/x 20261122081927 {\"url\": \"http://a.example/x\", "
	    "\"mime\": \"image/png\", \"digest\": "
	    "\"sha1:YIVV7ELYGQTASQUNN5I3FRNPJQF542SC\", \"length\": \"151\", "
	    "\"offset\": \"745\", \"filename\": \"x.warc\"}\n"
	    "example,a)/x 20261122081927 {\"url\": \"http://a.example/x\", "
	    "\"mime\": \"text/x\", \"digest\": "
	    "\"sha1:YIVV7ELYGQTASQUNN5I3FRNPJQF542SC\", \"length\": \"146\", "
	    "\"offset\": \"1071\", \"filename\": \"x.warc\"}\n");
}

CASE(types_can_be_chosen_and_lines_be_of_cdx)
{
	struct buf b = { 0 };
	struct seen s = { .cdx = 11 };

	add_record(&b, "response", URI, "application/http",
	    "HTTP/1.1 200 OK\r\n\r\nhi");
	add_record(&b, "conversion", URI "WARC-Payload-Digest: md5:X\r\n",
	    "text/plain", "hi");
	check(&b, (struct index_options){ .types = 1u << RECORD_CONVERSION },
	    &s,
	    "example,a)/x 20261122081927 http://a.example/x text/plain - X - - "
	    "180 180 x.warc\n");
	s.cdx = 9;
	add_record(&b, "response", URI, "application/http",
	    "HTTP/1.1 200 OK\r\n\r\nhi");
	check(&b, (struct index_options){ 0 }, &s,
	    "example,a)/x 20261122081927 http://a.example/x - 200 "
	    "YIVV7ELYGQTASQUNN5I3FRNPJQF542SC - 0 x.warc\n");
}

CASE(sha1_replaces_other_digests_but_that_of_a_revisit)
{
	struct buf b = { 0 };
	struct seen s = { .cdx = 9 };

	add_record(&b, "response", URI "WARC-Payload-Digest: sha256:00\r\n",
	    "application/http",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "2\r\nhi\r\n0\r\n\r\n");
	add_record(&b, "revisit", URI "WARC-Payload-Digest: sha256:00\r\n",
	    "application/http", "HTTP/1.1 200 OK\r\n\r\n");
	add_record(&b, "resource",
	    URI "WARC-Payload-Digest: "
		"SHA1:c22b5f9178342609428d6f51b2c5af4c0bde6a42\r\n",
	    "a/b", "hi");
	check(&b, (struct index_options){ .sha1 = 1 }, &s,
	    "example,a)/x 20261122081927 http://a.example/x - 200 "
	    "YIVV7ELYGQTASQUNN5I3FRNPJQF542SC - 0 x.warc\n"
	    "example,a)/x 20261122081927 http://a.example/x warc/revisit 200 "
	    "00 - 250 x.warc\n"
	    "example,a)/x 20261122081927 http://a.example/x a/b - "
	    "YIVV7ELYGQTASQUNN5I3FRNPJQF542SC - 459 x.warc\n");
}

CASE(damage_and_what_nobody_can_find_are_told)
{
	struct buf b = { 0 };
	struct seen s = { .cdx = 9 };

	add_record(&b, "resource", URI, "a/b", "one");
	buf_add_text(&b, "WARC/1.0\r\nWARC-Type: resource\r\n\r\n");
	add_record(&b, "resource", URI, "a/b", "two");
	buf_add_text(&b, "WARC/1.0\r\nWARC-Type: resource\r\nWARC-Date: "
			 "soon\r\n" URI "Content-Length: 0\r\n\r\n\r\n\r\n");
	s.problems = 0;
	check(&b, (struct index_options){ 0 }, &s,
	    "example,a)/x 20261122081927 http://a.example/x a/b - "
	    "7YC3ZXG4JEUACJ4BUXY2FJ34XNJZRYIG - 0 x.warc\n"
	    "example,a)/x 20261122081927 http://a.example/x a/b - "
	    "VV4C5TNMO4H4N242MLSE7EEHH64X7MTL - 181 x.warc\n");
	CHECK_INT(s.problems, 2);
	CHECK_INT(s.damaged, 1);
}

#define ID(n) "WARC-Record-ID: <urn:" #n ">\r\n"
#define TO(n) "WARC-Concurrent-To: <urn:" #n ">\r\n"

static void
add_pair(struct buf *b, int request_first, const char *second_to)
{
	char fields[200];
	static const char *const blocks[2] = { "HTTP/1.1 200 OK\r\n\r\nhi",
		"POST /x H\r\nContent-Length: 3\r\nContent-Type: "
		"application/x-www-form-urlencoded\r\n\r\nb=2" };

	for (int i = 0; i < 2; i++) {
		int is_request = request_first ? i == 0 : i == 1;

		(void)snprintf(fields, sizeof(fields), "%s%s", URI,
		    i == 0 ? ID(1) : second_to);
		add_record(b, is_request ? "request" : "response", fields,
		    "application/http", blocks[is_request]);
	}
}

CASE(a_request_beside_its_response_gives_it_a_key)
{
	static const char joined[] = "example,a)/x?__wb_method=post&b=2 ";
	static const char single[] = "example,a)/x 2";

	for (int first = 0; first < 2; first++)
		for (int bad = 0; bad < 2; bad++) {
			struct buf b = { 0 };
			struct seen s = { 0 };
			struct index_totals t = { 0 };
			struct input *in;
			const struct index_options o = { .post = 1,
				.each = each_entry,
				.problem = problem,
				.context = &s };

			add_pair(&b, first, bad ? ID(2) TO(3) : ID(2) TO(1));
			in = input_of_bytes(b.data, b.len, "x.warc");
			CHECK_INT(index_records(in, "x", &o, &t, NULL), 0);
			CHECK_INT(t.entries, 1);
			CHECK(strncmp(buf_text(&s.lines), bad ? single : joined,
				  strlen(bad ? single : joined)) == 0);
			CHECK((strstr(buf_text(&s.lines),
				   "\"filename\": \"x\", \"requestBody\": "
				   "\"b=2\", \"method\": \"POST\"}") != NULL) ==
			      !bad);
			input_free(in);
			buf_clear(&b);
			buf_clear(&s.lines);
		}
}

static void
check_query(const char *type, const char *body, const char *want)
{
	struct buf b = { 0 };

	index_post_query(&b, type, (const uint8_t *)body, strlen(body));
	CHECK_TEXT(buf_text(&b), want);
	buf_clear(&b);
}

#define FORM "application/x-www-form-urlencoded"
#define JSON "application/json"

/* As cdxj-indexer 1.5.0 has them. */
CASE(bodies_become_queries_as_python_tools_make_them)
{
	check_query(FORM, "foo=bar&a=b+c%20d&x=%E4%B8%AD&bad=%zz",
	    "foo=bar&a=b c d&x=\xe4\xb8\xad&bad=%zz");
	check_query(FORM, "u=%E4%B8x%ff", "u=\xef\xbf\xbdx\xef\xbf\xbd");
	check_query(FORM, "\xff\xfe=1", "__wb_post_data=//49MQ==");
	check_query(FORM ";charset=x", "", "");
	check_query(JSON, "{\"a\":1,\"b\":[1,2,{\"c\":\"d e\"}]}",
	    "a=1&b=1&b.2_=2&c=d+e");
	check_query(JSON,
	    "{\"f\":1.5,\"g\":1e5,\"h\":1e16,\"i\":-0,\"j\":1.0E-7,\"k\":true,"
	    "\"l\":null,\"m\":false,\"n\":12345678901234567890123,\"o\":0.1,"
	    "\"p\":-1.25e-3}",
	    "f=1.5&g=100000.0&h=1e%2B16&i=0&j=1e-07&k=True&l=None&m=False&"
	    "n=12345678901234567890123&o=0.1&p=-0.00125");
	check_query(JSON, "{\"a\":\"\\u00e9\\ud83d\\ude00\\n\\\"\"}",
	    "a=%C3%A9%F0%9F%98%80%0A%22");
	check_query(JSON, "{\"a\":\"\\ud83d\"}", "");
	check_query(JSON, "{\"a\":[1,1,1],\"x\":{\"a\":2}}",
	    "a=1&a.2_=1&a.3_=1&a.4_=2");
	check_query(JSON, "[1,2,3]", "");
	check_query(JSON, "not json", "");
	check_query(JSON, "{\"a\":1}\n{\"b\":2}", "a=1&b=2");
	check_query(JSON, "{\"a\":1}\n{\"b\":2}\n", "");
	check_query(JSON, "{\"a\":01}", "");
	check_query(JSON, "{\"a\":1,}", "");
	check_query("text/plain", "{\"a\":1}", "a=1");
	check_query(
	    "text/plain", "hello world", "__wb_post_data=aGVsbG8gd29ybGQ=");
	check_query("", "ab", "__wb_post_data=YWI=");
	check_query("multipart/form-data; boundary=XX",
	    "--XX\r\nContent-Disposition: form-data; name=\"a b\"\r\n\r\n"
	    "val ue\r\n--XX\r\nContent-Disposition: form-data; name=\"f\"; "
	    "filename=\"x\"\r\n\r\n\xff\r\n--XX--\r\n",
	    "a+b=val+ue&f=%FF");
	check_query("multipart/form-data", "--XX", "__wb_post_data=LS1YWA==");
}

CASE(a_query_is_cut_at_4096_characters)
{
	struct buf body = { 0 };
	struct buf out = { 0 };

	for (int i = 0; i < 4100; i++)
		buf_add_text(&body, "\xc3\xa9");
	index_post_query(&out, FORM, body.data, body.len);
	CHECK_INT(out.len, 2 * 4096);
	buf_reset(&out);
	index_post_query(&out, "x/y", body.data, body.len);
	CHECK_INT(out.len, 4096);
	buf_clear(&out);
	buf_clear(&body);
}

/* Nested deeper than any limit of ours: no JSON, no crash. */
CASE(deep_json_is_refused)
{
	struct buf body = { 0 };
	struct buf out = { 0 };

	for (int i = 0; i < 100000; i++)
		buf_add_byte(&body, '[');
	CHECK_INT(index_post_json(&out, body.data, body.len), -1);
	buf_clear(&out);
	buf_clear(&body);
}

static void
check_line(const char *text, const char *key, const char *url, unsigned status,
    const char *digest, uint64_t length, uint64_t offset, const char *file)
{
	struct arena *a = arena_new();
	struct index_line l;
	struct error e = { 0 };

	CHECK_OK(index_line_read(&l, a, arena_text(a, text), &e), &e);
	CHECK_TEXT(l.key, key);
	CHECK_TEXT(l.url, url);
	CHECK_INT(l.status, status);
	CHECK_TEXT(l.digest, digest);
	CHECK_INT(l.length, length);
	CHECK_INT(l.offset, offset);
	CHECK_TEXT(l.file, file);
	arena_free(a);
}

CASE(lines_of_every_kind_are_read)
{
	struct arena *a = arena_new();
	struct index_line l;

	check_line("k 2026 u m 200 D r 5 f", "k", "u", 200, "D", 0, 5, "f");
	check_line("k 2026 u - - - - - 5 f", "k", "u", 0, "", 0, 5, "f");
	check_line("k 2026 u m 200 D r M 7 5 f", "k", "u", 200, "D", 7, 5, "f");
	check_line("k 2026 u m 200 D 7", "k", "u", 200, "D", 7, 0, "");
	check_line(
	    "k 2026 u m 200 D r M 7 5 f 1 2 g", "k", "u", 200, "D", 7, 5, "f");
	check_line("k 20261122081927 {\"url\": \"u\", \"status\": 200, "
		   "\"length\": \"7\", \"offset\": 5, \"filename\": \"f\"}",
	    "k", "u", 200, "", 7, 5, "f");
	CHECK_INT(index_line_read(&l, a, arena_text(a, "a b c"), NULL), -1);
	CHECK_INT(index_line_read(&l, a, arena_text(a, ""), NULL), -1);
	CHECK_INT(index_line_read(&l, a, arena_text(a, "k 2026 {}"), NULL), -1);
	CHECK_INT(index_line_read(
		      &l, a, arena_text(a, "k 20260101000000 {\"a\""), NULL),
	    -1);
	arena_free(a);
}

/* A source of bytes that come once. */
static struct input *
input_once(struct input *whole)
{
	return input_of_stream(
	    input_stream(whole, 0, input_size(whole)), "x.warc");
}

/* The lines of IN, which is freed. */
static void
lines_of(struct input *in, unsigned threads, struct seen *s)
{
	const struct index_options o = { .each = each_entry,
		.problem = problem,
		.context = s,
		.threads = threads,
		.record_digest = 1 };
	struct index_totals t = { 0 };
	struct error e = { 0 };

	CHECK_OK(index_records(in, "x.warc", &o, &t, &e), &e);
	input_free(in);
}

CASE(threads_and_pipes_give_the_lines_of_one_thread)
{
	struct buf b = { 0 };
	struct buf block = { 0 };
	struct seen one = { 0 };
	struct seen two = { 0 };
	struct seen once = { 0 };
	struct input *whole;

	/* Longer than what can be read again of a pipe. */
	while (block.len < INPUT_WINDOW + 2000000)
		buf_format(&block, "line %zu of a block\n", block.len);
	for (int i = 0; i < 400; i++)
		add_record(&b, "resource", URI, "text/plain",
		    buf_text(&block) + block.len - 30000);
	add_record(&b, "resource", URI, "text/plain", buf_text(&block));
	add_record(&b, "resource",
	    URI
	    "WARC-Payload-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n",
	    "text/plain", buf_text(&block));
	whole = input_of_bytes(b.data, b.len, "x.warc");
	lines_of(input_keep(whole), 1, &one);
	lines_of(input_keep(whole), 2, &two);
	lines_of(input_once(whole), 2, &once);
	CHECK(one.lines.len > 10000);
	CHECK_TEXT(buf_text(&two.lines), buf_text(&one.lines));
	CHECK_TEXT(buf_text(&once.lines), buf_text(&one.lines));
	CHECK_INT(one.problems + two.problems + once.problems, 0);
	input_free(whole);
	buf_clear(&one.lines);
	buf_clear(&two.lines);
	buf_clear(&once.lines);
	buf_clear(&block);
	buf_clear(&b);
}

CASE(a_byte_order_mark_is_no_damage)
{
	struct buf b = { 0 };
	struct seen s = { 0 };

	buf_add_text(&b, "\xef\xbb\xbf");
	add_record(&b, "request", URI, "application/http", "GET / HTTP/1.0");
	check(&b, (struct index_options){ 0 }, &s, "");
	CHECK_INT(s.problems, 1);
	CHECK_INT(s.damaged, 0);
}

TESTS(T(threads_and_pipes_give_the_lines_of_one_thread),
    T(a_byte_order_mark_is_no_damage), T(the_usual_types_are_indexed),
    T(types_can_be_chosen_and_lines_be_of_cdx),
    T(sha1_replaces_other_digests_but_that_of_a_revisit),
    T(damage_and_what_nobody_can_find_are_told),
    T(a_request_beside_its_response_gives_it_a_key),
    T(bodies_become_queries_as_python_tools_make_them),
    T(a_query_is_cut_at_4096_characters), T(deep_json_is_refused),
    T(lines_of_every_kind_are_read))
