/* From what people write to what is meant; articles; what records hold. */
#include "core/collection/lookup.h"

#include <unistd.h>

#include "core/archive/cdxj.h"
#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/archive/record.h"
#include "core/base/date.h"
#include "core/collection/article_store.h"
#include "core/collection/contents.h"
#include "core/collection/facts.h"
#include "core/collection/open_record.h"
#include "core/web/http_message.h"
#include "tests/unit/snapshot_fixture.h"

#define DAY_US (24ll * 3600 * 1000 * 1000)
#define FIRST  "20261122T082747Z-web"
#define SECOND "20261123T082747Z-web"

static const char page_url[] = "https://news.example/story";

static const char *
base_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* What a reading of the page would give. */
static char *
block_of(const char *headline, const char *record, int day)
{
	return mem_format(
	    "{\"article\":{\"article_id\":\"news-en:7\",\"headline\":\"%s\","
	    "\"url\":{\"canonical\":\"https://news.example/canonical\","
	    "\"final\":\"%s\",\"redirects\":[\"https://news.example/r\"],"
	    "\"requested\":\"https://news.example/seed\"}},\"binding\":{"
	    "\"response_date\":\"2026-11-%dT08:27:47.002000Z\","
	    "\"response_record\":\"%s\"},\"schema\":\"article/1\"}",
	    headline, page_url, 22 + day, record);
}

/* A sealed snapshot of day DAY: the page, a picture, what was read. */
static void
capture_day(struct collection *c, int day, const char *headline)
{
	struct fixture_clock clock = fixture_clock_at(
	    fixture_start_us + day * DAY_US);
	struct error e = { 0 };
	struct arena *a = arena_new();
	struct snapshot *s = fixture_begin(c, &clock, &e);
	struct connection *n = fixture_connection(1);
	struct exchange *x = fixture_page(page_url, headline, n);
	struct snapshot_totals totals = { 0 };
	struct captured known;
	char *block;
	char *dir = NULL;

	CHECK(s != NULL);
	x->started_us += day * DAY_US;
	(void)fixture_put(s, x);
	x = fixture_page("https://news.example/once", "picture", n);
	x->started_us += day * DAY_US;
	CHECK_OK(fixture_wait(s, fixture_put(s, x), &e), &e);
	CHECK_INT(snapshot_find(s, page_url, a, &known), 1);
	block = block_of(headline, known.record_id, day);
	(void)snapshot_add_derived(s, "article", page_url, known.record_id,
	    known.date, block, strlen(block));
	CHECK_OK(snapshot_seal(s, "complete", &totals, &dir, &e), &e);
	free(block);
	free(dir);
	connection_free(n);
	arena_free(a);
}

static struct collection *
two_days(const char *dir)
{
	struct collection *c = fixture_collection(dir);

	capture_day(c, 0, "one");
	capture_day(c, 1, "two");
	return c;
}

/* The payload of what TEXT means; "" when it means nothing. */
static const char *
payload(const struct collection *c, struct arena *a, const char *text)
{
	struct open_record o = { 0 };
	struct contents *contents = NULL;
	struct buf all = { 0 };
	struct found found;
	struct error e = { 0 };
	const char *result = "";

	if (lookup(c, a, text, &found, &e) != 0)
		return "";
	CHECK_INT(found.kind, FOUND_RECORD);
	CHECK_OK(open_record_at(&o, c, found.file, found.offset, &e), &e);
	CHECK_OK(contents_open(&contents, &o.record, &e), &e);
	CHECK_OK(stream_read(contents_stream(contents), &all, 1 << 20, &e), &e);
	CHECK_OK(open_record_check(&o, &e), &e);
	result = arena_text(a, buf_text(&all));
	contents_free(contents);
	open_record_close(&o);
	buf_clear(&all);
	return result;
}

CASE(a_url_leads_to_its_latest_capture)
{
	struct collection *c = two_days("latest");
	struct arena *a = arena_new();

	CHECK_TEXT(payload(c, a, page_url), "two");
	CHECK_TEXT(payload(c, a, "https://news.example/story#part"), "two");
	CHECK_TEXT(payload(c, a, "HTTPS://NEWS.example:443/./story"), "two");
	CHECK_TEXT(payload(c, a, "https://news.example/nothing"), "");
	arena_free(a);
	collection_free(c);
}

CASE(a_time_picks_the_nearest_capture)
{
	static const struct {
		const char *time;
		const char *text;
	} cases[] = {
		{ "@20261122082747", "one" },
		{ "@20261123082747", "two" },
		{ "@20261122200000", "one" },
		{ "@20261122203000", "two" },
		{ "@19990101000000", "one" },
		{ "@29990101000000", "two" },
		{ "@20261122082747002000", "one" },
		{ "@2026-11-22T08:00:00Z", "one" },
		{ "@2026-11-23T10:27:47+02:00", "two" },
		{ "@2026-11-22", "one" },
	};
	struct collection *c = two_days("nearest");
	struct arena *a = arena_new();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = mem_format("%s%s", page_url, cases[i].time);

		CHECK_TEXT(payload(c, a, text), cases[i].text);
		free(text);
	}
	arena_free(a);
	collection_free(c);
}

CASE(an_at_sign_that_is_no_time_belongs_to_the_url)
{
	static const struct {
		const char *text;
		const char *url;
		int has_time;
	} cases[] = {
		{ "https://a.example/@user", "https://a.example/@user", 0 },
		{ "https://a.example/@2026", "https://a.example/@2026", 0 },
		{ "https://a.example/@user@20260101000000",
		    "https://a.example/@user", 1 },
		{ "https://a.example/x@2026010100000", "", 0 },
		{ "https://a.example/x@20261301000000", "", 0 },
		{ "https://a.example#f@20260101000000", "https://a.example/",
		    1 },
	};
	struct arena *a = arena_new();
	const char *url;
	int64_t us;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_INT(lookup_url(a, cases[i].text, &url, &us), 1);
		CHECK_TEXT(url,
		    cases[i].url[0] == '\0' ? cases[i].text : cases[i].url);
		CHECK_INT(us != LOOKUP_LATEST, cases[i].has_time);
	}
	CHECK_INT(lookup_url(a, "a.example/x", &url, &us), 0);
	CHECK_INT(lookup_url(a, "", &url, &us), 0);
	arena_free(a);
}

CASE(a_url_that_was_not_captured_says_why)
{
	struct collection *c = fixture_collection("why");
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct arena *a = arena_new();
	struct snapshot_totals totals = { 0 };
	struct capture_facts f = fixture_facts("page");
	struct error e = { 0 };
	struct snapshot *s = fixture_begin(c, &clock, &e);
	struct connection *n = fixture_connection(1);
	struct found found;
	char *dir = NULL;

	(void)fixture_put(s, fixture_page(page_url, "x", n));
	(void)snapshot_outcome(
	    s, "https://gone.example/", OUTCOME_DNS, "no such host", -1, &f);
	CHECK_OK(snapshot_seal(s, "complete", &totals, &dir, &e), &e);
	CHECK_INT(lookup(c, a, "https://gone.example", &found, &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
	CHECK(text_starts(
	    e.text, "https://gone.example: not captured: dns at 2026-11-22T"));
	CHECK(text_ends(e.text, ": no such host"));
	CHECK_INT(lookup(c, a, "https://gone.example/x", &found, &e), -1);
	CHECK_TEXT(e.text, "https://gone.example/x: not in this collection");
	free(dir);
	connection_free(n);
	arena_free(a);
	collection_free(c);
}

CASE(a_record_is_found_by_id_and_by_its_unique_beginning)
{
	struct collection *c = two_days("ids");
	struct arena *a = arena_new();
	struct open_record o = { 0 };
	struct found page;
	struct found found;
	struct error e = { 0 };

	CHECK_OK(lookup(c, a, page_url, &page, &e), &e);
	CHECK_OK(open_record_at(&o, c, page.file, page.offset, &e), &e);
	for (int i = 0; i < 3; i++) { /* response, request, metadata */
		const char *id = record_uri_field(
		    a, &o.record, "WARC-Record-ID");
		char *forms[] = { mem_text(id), mem_format("<%s>", id),
			mem_text(id + strlen("urn:uuid:")),
			mem_format("%.8s", id + strlen("urn:uuid:")),
			mem_format("%.10s", id + strlen("urn:uuid:")) };

		for (size_t k = 0; k < 5; k++) {
			CHECK_OK(lookup(c, a, forms[k], &found, &e), &e);
			CHECK_INT(found.offset, o.place.offset);
			CHECK_TEXT(found.id, id);
			CHECK_TEXT(found.file, page.file);
			CHECK_TEXT(base_name(found.snapshot), SECOND);
			free(forms[k]);
		}
		CHECK_INT(open_record_next(&o, &e), 1);
	}
	open_record_close(&o);
	arena_free(a);
	collection_free(c);
}

/* A snapshot of nothing but an index with records of these ids. */
static void
fake_snapshot(struct collection *c, const char *name, const char *const *ids)
{
	char *dir = mem_format("%s/snapshots/2027/01/%s", c->dir, name);
	char *path = mem_format("%s/index.cdxj", dir);
	struct buf lines = { 0 };
	struct error e = { 0 };

	for (; *ids != NULL; ids++) {
		const struct cdxj_facts f = {
			.url = "https://z.example/?u=urn:uuid:00000000-0000",
			.date_us = fixture_start_us,
			.digest = "sha256:00",
			.file = "records/x.warc.gz",
			.offset = 7,
			.id = *ids,
		};

		cdxj_add_line(&lines, &f);
	}
	CHECK_OK(file_make_dirs(dir, &e), &e);
	CHECK_OK(file_put(path, lines.data, lines.len, &e), &e);
	buf_clear(&lines);
	free(path);
	free(dir);
}

CASE(a_beginning_of_several_ids_is_refused)
{
	static const char *const ids[] = {
		"urn:uuid:abcdef01-1111-8111-8111-111111111111",
		"urn:uuid:abcdef01-2222-8222-8222-222222222222", NULL
	};
	static const char *const again[] = {
		"urn:uuid:abcdef01-1111-8111-8111-111111111111", NULL
	};
	struct collection *c = fixture_collection("several");
	struct arena *a = arena_new();
	struct found found;
	struct error e = { 0 };

	fake_snapshot(c, "20270101T000000Z-a", ids);
	fake_snapshot(c, "20270102T000000Z-a", again);
	CHECK_INT(lookup(c, a, "abcdef01", &found, &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK(strstr(e.text, "2 record ids") != NULL);
	/* Twice the same record is one. */
	CHECK_OK(lookup(c, a, "abcdef01-1", &found, &e), &e);
	CHECK_TEXT(found.id, ids[0]);
	CHECK_INT(found.offset, 7);
	CHECK_OK(lookup(c, a, ids[1], &found, &e), &e);
	CHECK_TEXT(found.file,
	    "snapshots/2027/01/20270101T000000Z-a/records/x.warc.gz");
	CHECK_INT(lookup(c, a, "abcdef0", &found, &e), -1); /* 7 digits */
	CHECK_INT(lookup(c, a, "abcdef02", &found, &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
	arena_free(a);
	collection_free(c);
}

CASE(a_snapshot_is_found_by_name_and_by_path)
{
	struct collection *c = two_days("names");
	struct arena *a = arena_new();
	struct found found;
	struct error e = { 0 };
	char *open = collection_path(c, "snapshots/2026/11/NAME.open");

	CHECK_OK(lookup(c, a, FIRST, &found, &e), &e);
	CHECK_INT(found.kind, FOUND_SNAPSHOT);
	CHECK_TEXT(found.snapshot, "snapshots/2026/11/" FIRST);
	CHECK_OK(
	    lookup(c, a, "c/snapshots/2026/11/" FIRST "/", &found, &e), &e);
	CHECK_TEXT(found.snapshot, "snapshots/2026/11/" FIRST);
	CHECK_INT(lookup(c, a, "20991122T082747Z", &found, &e), -1);
	CHECK_TEXT(e.text, "20991122T082747Z: not in this collection");
	CHECK_OK(file_make_dir(open, &e), &e);
	CHECK_INT(lookup(c, a, "NAME", &found, &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
	CHECK(strstr(e.text, "recover") != NULL);
	CHECK_INT(lookup(c, a, "", &found, &e), -1);
	CHECK_INT(lookup(c, a, "/", &found, &e), -1);
	free(open);
	arena_free(a);
	collection_free(c);
}

CASE(an_article_is_found_by_each_of_its_addresses)
{
	static const char *const urls[] = { "https://news.example/story",
		"https://news.example/seed", "https://news.example/canonical",
		"https://news.example/r" };
	struct collection *c = two_days("articles");
	struct arena *a = arena_new();
	struct stored_article s;
	struct error e = { 0 };

	for (size_t i = 0; i < 4; i++) {
		struct article_query q = { .url = urls[i],
			.near_us = LOOKUP_LATEST };

		CHECK_INT(article_find(c, a, &q, &s, &e), 1);
		CHECK_TEXT(
		    json_text(json_get(s.article, "headline"), ""), "two");
		q.near_us = fixture_start_us;
		CHECK_INT(article_find(c, a, &q, &s, &e), 1);
		CHECK_TEXT(
		    json_text(json_get(s.article, "headline"), ""), "one");
		CHECK_TEXT(base_name(s.snapshot), FIRST);
		CHECK_TEXT(s.id, "news-en:7");
		CHECK_TEXT(s.url, page_url);
	}
	CHECK_INT(
	    article_find(c, a,
		&(struct article_query){ .url = "https://news.example/stor" },
		&s, &e),
	    0);
	arena_free(a);
	collection_free(c);
}

CASE(an_article_id_leads_to_the_derived_record)
{
	struct collection *c = two_days("derived");
	struct arena *a = arena_new();
	struct stored_article s;
	struct buf canonical = { 0 };
	const char *text = payload(c, a, "news-en:7");

	CHECK_INT(article_read(a, text, strlen(text), &s), 1);
	CHECK_TEXT(json_text(json_get(s.article, "headline"), ""), "two");
	json_write_canonical(&canonical, s.article);
	CHECK(strstr(text, buf_text(&canonical)) != NULL);
	CHECK_TEXT(payload(c, a, "news-en:8"), "");
	CHECK_INT(article_read(a, "[]", 2, &s), 0);
	CHECK_INT(article_read(a, "{\"article\":1}", 13, &s), 0);
	buf_clear(&canonical);
	arena_free(a);
	collection_free(c);
}

/* Of two readings of one capture the later snapshot's counts. */
CASE(a_later_reading_of_the_same_capture_wins)
{
	static const char *const none[] = { NULL };
	struct collection *c = two_days("rederived");
	struct arena *a = arena_new();
	struct article_query q = { .near_us = LOOKUP_LATEST };
	struct stored_article s;
	struct error e = { 0 };
	char *block;
	char *path = collection_path(
	    c, "snapshots/2027/01/20270101T000000Z-a/articles.jsonl");

	CHECK_INT(article_find(c, a, &q, &s, &e), 1);
	q.record = s.record;
	block = block_of("better", s.record, 1);
	fake_snapshot(c, "20270101T000000Z-a", none);
	CHECK_OK(file_put(path, block, strlen(block), &e), &e);
	CHECK_INT(article_find(c, a, &q, &s, &e), 1);
	CHECK_TEXT(json_text(json_get(s.article, "headline"), ""), "better");
	free(block);
	free(path);
	arena_free(a);
	collection_free(c);
}

CASE(the_record_of_a_target_is_found_without_index)
{
	struct collection *c = two_days("target");
	struct arena *a = arena_new();
	struct found found;
	struct error e = { 0 };
	const char *in = "snapshots/2026/11/" FIRST;

	CHECK_INT(lookup_target(c, a, in, "urn:holdfast:connection:" FIRST ":1",
		      &found, &e),
	    1);
	CHECK(text_starts(found.file, in));
	CHECK_INT(
	    lookup_target(c, a, in, "urn:holdfast:connection:x", &found, &e),
	    0);
	arena_free(a);
	collection_free(c);
}

CASE(facts_of_a_snapshot_come_from_its_report)
{
	struct collection *c = two_days("facts");
	struct arena *a = arena_new();
	struct snapshot_facts f;
	struct error e = { 0 };

	CHECK_OK(
	    snapshot_facts_read(c, a, "snapshots/2026/11/" SECOND, &f, &e), &e);
	CHECK_TEXT(f.name, SECOND);
	CHECK_TEXT(f.kind, "capture");
	CHECK_TEXT(f.status, "complete");
	CHECK_TEXT(f.previous, FIRST);
	CHECK_INT(f.targets, 2);
	CHECK_INT(f.good, 2);
	CHECK_INT(f.articles, 1);
	CHECK(f.archive_bytes > 1000);
	CHECK(f.ended_us >= fixture_start_us + DAY_US);
	CHECK_INT(snapshot_facts_read(c, a, "snapshots/2026/11/x", &f, &e), -1);
	CHECK_INT(e.kind, ERROR_INTEGRITY);
	CHECK_TEXT(f.kind, "");
	arena_free(a);
	collection_free(c);
}

/* ---- records by hand ---- */

struct out {
	int fd;
	uint64_t at;
};

static int
write_out(void *context, const uint8_t *p, size_t len, struct error *e)
{
	struct out *o = context;
	int rc = file_write_at(o->fd, p, len, o->at, e);

	o->at += len;
	return rc;
}

/* A file in the collection with one response of this block; DIGEST "" makes
 * a true one. */
static void
put_record(struct collection *c, const char *name, const char *type,
    const char *content_type, const void *block, size_t len, const char *digest)
{
	struct arena *a = arena_new();
	struct gzip_writer *w = gzip_writer_new();
	struct stream *s = stream_of_bytes(block, len);
	struct record r = {
		.version = "WARC/1.1", .block_len = len, .block = s
	};
	struct out o = { .fd = -1 };
	char *path = collection_path(c, name);
	char real[DIGEST_TEXT_MAX];
	uint64_t length;
	struct error e = { 0 };

	digest_text(DIGEST_SHA256, block, len, real);
	record_add(a, &r, "WARC-Type", type);
	record_add(a, &r, "WARC-Record-ID",
	    "<urn:uuid:00000000-0000-8000-8000-000000000001>");
	record_add(a, &r, "WARC-Date", "2026-11-22T08:27:47Z");
	record_add(a, &r, "Content-Type", content_type);
	record_add(
	    a, &r, "WARC-Block-Digest", digest[0] == '\0' ? real : digest);
	record_add(a, &r, "Content-Length", arena_format(a, "%zu", len));
	(void)unlink(path);
	o.fd = file_create(path, &e);
	CHECK_OK(warc_write(w, &r, 0, write_out, &o, &length, &e), &e);
	(void)close(o.fd);
	gzip_writer_free(w);
	stream_free(s);
	free(path);
	arena_free(a);
}

static char *
contents_of(struct collection *c, const char *name, char **type, char **coding)
{
	struct open_record o = { 0 };
	struct contents *contents = NULL;
	struct buf all = { 0 };
	struct error e = { 0 };

	CHECK_OK(open_record_at(&o, c, name, 0, &e), &e);
	CHECK_OK(contents_open(&contents, &o.record, &e), &e);
	CHECK_OK(stream_read(contents_stream(contents), &all, 1 << 20, &e), &e);
	CHECK_OK(open_record_check(&o, &e), &e);
	*type = mem_text(contents_type(contents));
	*coding = mem_text(contents_encoding(contents));
	contents_free(contents);
	open_record_close(&o);
	return buf_take(&all);
}

CASE(contents_are_the_payload_of_responses_and_the_block_of_others)
{
	static const struct {
		const char *type;
		const char *content_type;
		const char *block;
		const char *contents, *media, *coding;
	} cases[] = {
		{ "response", "application/http;msgtype=response",
		    "HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; a=b\r\n"
		    "Transfer-Encoding: chunked\r\n\r\n"
		    "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
		    "abcde", "text/html", "" },
		{ "response", "application/http; msgtype=response",
		    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
		    "Content-Length: 4\r\n\r\nabcd",
		    "abcd", "", "gzip" },
		{ "response", "application/http",
		    "HTTP/1.1 301 Moved\r\nLocation: /x\r\n\r\n", "", "", "" },
		{ "response", "application/http", "no head at all",
		    "no head at all", "", "" },
		{ "response", "text/dns", "a b c", "a b c", "text/dns", "" },
		{ "metadata", "application/warc-fields", "via: x\r\n",
		    "via: x\r\n", "application/warc-fields", "" },
		{ "resource", "image/png", "\x89PNG", "\x89PNG", "image/png",
		    "" },
		{ "request", "application/http",
		    "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi", "hi", "",
		    "" },
	};
	struct collection *c = fixture_collection("contents");

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *type;
		char *coding;
		char *text;

		put_record(c, "one.warc.gz", cases[i].type,
		    cases[i].content_type, cases[i].block,
		    strlen(cases[i].block), "");
		text = contents_of(c, "one.warc.gz", &type, &coding);
		CHECK_TEXT(text, cases[i].contents);
		CHECK_TEXT(type, cases[i].media);
		CHECK_TEXT(coding, cases[i].coding);
		free(text);
		free(type);
		free(coding);
	}
	collection_free(c);
}

CASE(a_payload_larger_than_a_span_comes_whole)
{
	struct collection *c = fixture_collection("large");
	struct buf block = { 0 };
	char *type;
	char *coding;
	char *text;

	buf_add_text(
	    &block, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 1000; i++) {
		buf_add_text(&block, "1f4\r\n");
		for (int k = 0; k < 500; k++)
			buf_add_byte(&block, (uint8_t)('a' + i % 26));
		buf_add_text(&block, "\r\n");
	}
	buf_add_text(&block, "0\r\n\r\n");
	put_record(c, "one.warc.gz", "response", "application/http", block.data,
	    block.len, "");
	text = contents_of(c, "one.warc.gz", &type, &coding);
	CHECK_INT(strlen(text), 500000);
	for (int i = 0; i < 500000; i++)
		if (text[i] != 'a' + i / 500 % 26) {
			CHECK(!"in order");
			break;
		}
	free(text);
	free(type);
	free(coding);
	buf_clear(&block);
	collection_free(c);
}

CASE(a_block_that_is_not_the_one_recorded_is_said)
{
	struct collection *c = fixture_collection("digest");
	struct open_record o = { 0 };
	struct error e = { 0 };

	put_record(c, "one.warc.gz", "resource", "text/plain", "true", 4,
	    "sha256:9f86d081884c7d659a2feaa0c55ad015"
	    "a3bf4f1b2b0b822cd15d6c15b0f00a08"); /* of "test" */
	CHECK_OK(open_record_at(&o, c, "one.warc.gz", 0, &e), &e);
	CHECK_INT(open_record_check(&o, &e), -1);
	CHECK_INT(e.kind, ERROR_INTEGRITY);
	CHECK_TEXT(e.text, "one.warc.gz at 0: block digest differs");
	open_record_close(&o);
	put_record(c, "one.warc.gz", "resource", "text/plain", "test", 4,
	    "sha256:9f86d081884c7d659a2feaa0c55ad015"
	    "a3bf4f1b2b0b822cd15d6c15b0f00a08");
	CHECK_OK(open_record_at(&o, c, "one.warc.gz", 0, &e), &e);
	CHECK_OK(open_record_check(&o, &e), &e);
	open_record_close(&o);
	CHECK_INT(open_record_at(&o, c, "one.warc.gz", 3, &e), -1);
	CHECK_INT(e.kind, ERROR_INTEGRITY);
	CHECK_INT(open_record_at(&o, c, "none.warc.gz", 0, &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
	collection_free(c);
}

TESTS(T(a_url_leads_to_its_latest_capture), T(a_time_picks_the_nearest_capture),
    T(an_at_sign_that_is_no_time_belongs_to_the_url),
    T(a_url_that_was_not_captured_says_why),
    T(a_record_is_found_by_id_and_by_its_unique_beginning),
    T(a_beginning_of_several_ids_is_refused),
    T(a_snapshot_is_found_by_name_and_by_path),
    T(an_article_is_found_by_each_of_its_addresses),
    T(an_article_id_leads_to_the_derived_record),
    T(a_later_reading_of_the_same_capture_wins),
    T(the_record_of_a_target_is_found_without_index),
    T(facts_of_a_snapshot_come_from_its_report),
    T(contents_are_the_payload_of_responses_and_the_block_of_others),
    T(a_payload_larger_than_a_span_comes_whole),
    T(a_block_that_is_not_the_one_recorded_is_said))
