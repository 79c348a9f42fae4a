/* Index and pages of a WACZ, from snapshots made up here. */
#include <string.h>

#include "core/archive/tree.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/export_part.h"
#include "tests/test.h"

enum { FILES_MOST = 16 };

/* A plan whose files are texts. */
struct made {
	struct export_plan plan;
	struct spool *texts[FILES_MOST];
};

static void
add(struct made *m, size_t number, const char *name, enum export_role role,
    const char *text)
{
	static const char *const snapshots[] = { "20260101T000000Z-a",
		"20260102T000000Z-b" };
	const struct export_file f = { .snapshot = snapshots[number],
		.name = name,
		.role = role,
		.size = strlen(text),
		.number = number };
	struct error e = { 0 };
	struct spool *s = spool_new(NULL, 1 << 16);
	const struct export_source source = { .text = s };

	CHECK_OK(spool_add(s, text, strlen(text), &e), &e);
	m->texts[m->plan.count] = s;
	export_plan_add(&m->plan, &f, &source);
	m->plan.snapshots.count = number + 1;
}

static void
begin(struct made *m)
{
	static char names[2][24] = { "20260101T000000Z-a",
		"20260102T000000Z-b" };
	static char *snapshots[2] = { names[0], names[1] };

	*m = (struct made){ .plan = { .arena = arena_new(),
				.newest_us = 1767225600000000 } };
	m->plan.snapshots.names = snapshots;
}

static void
end(struct made *m)
{
	for (size_t i = 0; i < m->plan.count; i++)
		spool_free(m->texts[i]);
	free(m->plan.files);
	free(m->plan.sources);
	arena_free(m->plan.arena);
}

static int
make(struct made *m, const char *path, uint64_t split, struct error *e)
{
	const struct export_options o = { .path = path,
		.time_us = INT64_MIN,
		.operator= "",
		.contact = "",
		.split = split };
	struct export_result r = { 0 };
	int rc = export_wacz(&m->plan, &o, &r, e);

	export_result_clear(&r);
	return rc;
}

/* A file of the WACZ at PATH, appended; nothing when it is not there. */
static void
get(const char *path, const char *name, struct buf *out)
{
	struct tree_options o = { 0 };
	struct error e = { 0 };
	struct tree *t = NULL;
	const struct tree_file *f;
	struct input *in = NULL;
	struct stream *s;

	buf_reset(out);
	CHECK_OK(tree_open(&t, path, &o, &e), &e);
	f = t == NULL ? NULL : tree_find(t, name);
	if (f != NULL) {
		CHECK_OK(tree_file_open(t, f, &in, &e), &e);
		s = input_stream(in, 0, f->size);
		CHECK_OK(stream_read(s, out, 8 << 20, &e), &e);
		stream_free(s);
		input_free(in);
	}
	tree_free(t);
}

#define LINE(key, time, url, mime, status, file, id)                          \
	key " " time " {\"url\": \"" url "\", \"mime\": \"" mime              \
	    "\", \"status\": \"" status "\", \"digest\": \"sha256:" id        \
	    "\", \"length\": \"1\", \"offset\": \"0\", \"filename\": \"" file \
	    "\", \"id\": \"" id "\"}\n"
#define READ(record, more)                                                   \
	"{\"article\":{" more "},\"binding\":{\"response_record\":\"" record \
	"\"}}\n"

CASE(the_latest_reading_of_a_capture_is_its_page)
{
	struct made m;
	struct buf b = { 0 };
	struct error e = { 0 };

	begin(&m);
	add(&m, 0, "articles.jsonl", EXPORT_ARTICLES,
	    READ("r1", "\"headline\":\"first\",\"body_text\":\"x\"")
		READ("r1", "\"headline\":\"second\",\"body_text\":\"x\""));
	add(&m, 0, "index.cdxj", EXPORT_INDEX,
	    LINE("a)/", "20260101000000", "http://a/", "text/html", "200",
		"records/x.warc.gz", "r1"));
	add(&m, 0, "records/x.warc.gz", EXPORT_RECORDS, "x");
	add(&m, 1, "articles.jsonl", EXPORT_ARTICLES,
	    READ("r1", "\"headline\":\"third\",\"body_text\":\"y\\nz\"")
		READ("r9", "\"headline\":\"elsewhere\""));
	CHECK_OK(make(&m, "latest.wacz", 0, &e), &e);
	get("latest.wacz", "pages/pages.jsonl", &b);
	CHECK_TEXT(buf_text(&b),
	    "{\"format\": \"json-pages-1.0\", \"id\": \"pages\", \"title\": "
	    "\"Pages\", \"hasText\": true}\n"
	    "{\"id\": \"r1\", \"url\": \"http://a/\", \"ts\": "
	    "\"2026-01-01T00:00:00Z\", \"title\": \"third\", \"text\": "
	    "\"y\\nz\"}\n");
	get("latest.wacz", "pages/extraPages.jsonl", &b);
	CHECK_INT(b.len, 0);
	buf_clear(&b);
	end(&m);
}

/* One article, and everything that is none. */
static const char others[] = LINE("a)/1", "20260101000002", "http://a/1",
    "text/html", "200", "records/x.warc.gz", "r1")
    LINE("a)/2", "20260101000003", "http://a/2", "application/xhtml+xml", "200",
	"records/x.warc.gz", "r2") LINE("a)/3", "20260101000003", "http://a/3",
	"text/html", "404", "records/x.warc.gz", "r3")
	LINE("a)/4", "20260101000003", "http://a/4", "image/png", "200",
	    "records/x.warc.gz", "r4") LINE("a)/5", "20260101000003",
	    "http://a/5", "warc/revisit", "200", "records/x.warc.gz", "r5")
	    LINE("urn:6", "20260101000003", "urn:6", "text/html", "200",
		"records/x.warc.gz", "r6") LINE("a)/7", "20260101000001",
		"http://a/7", "text/html", "200", "records/x.warc.gz", "r7");

CASE(other_html_is_listed_apart_by_time)
{
	struct made m;
	struct buf b = { 0 };
	struct error e = { 0 };

	begin(&m);
	add(&m, 0, "articles.jsonl", EXPORT_ARTICLES,
	    READ("r1", "\"headline\":\"1\"")
		READ("r7", "\"headline\":\"7\",\"is_article\":false"));
	add(&m, 0, "index.cdxj", EXPORT_INDEX, others);
	add(&m, 0, "records/x.warc.gz", EXPORT_RECORDS, "x");
	CHECK_OK(make(&m, "others.wacz", 0, &e), &e);
	get("others.wacz", "pages/pages.jsonl", &b);
	CHECK(strstr(buf_text(&b), "http://a/1") != NULL);
	CHECK(strstr(buf_text(&b), "http://a/2") == NULL);
	get("others.wacz", "pages/extraPages.jsonl", &b);
	CHECK_TEXT(buf_text(&b),
	    "{\"format\": \"json-pages-1.0\", \"id\": \"extraPages\", "
	    "\"title\": \"Other pages\"}\n"
	    "{\"id\": \"r7\", \"url\": \"http://a/7\", \"ts\": "
	    "\"2026-01-01T00:00:01Z\"}\n"
	    "{\"id\": \"r2\", \"url\": \"http://a/2\", \"ts\": "
	    "\"2026-01-01T00:00:03Z\"}\n");
	buf_clear(&b);
	end(&m);
}

CASE(without_articles_all_pages_are_in_the_one_list)
{
	struct made m;
	struct buf b = { 0 };
	struct error e = { 0 };

	begin(&m);
	add(&m, 0, "index.cdxj", EXPORT_INDEX, others);
	add(&m, 0, "records/x.warc.gz", EXPORT_RECORDS, "x");
	CHECK_OK(make(&m, "none.wacz", 0, &e), &e);
	get("none.wacz", "pages/pages.jsonl", &b);
	CHECK(strstr(buf_text(&b), "hasText") == NULL);
	CHECK(strstr(buf_text(&b), "http://a/1") != NULL);
	CHECK(strstr(buf_text(&b), "http://a/2") != NULL);
	get("none.wacz", "pages/extraPages.jsonl", &b);
	CHECK_INT(b.len, 0);
	get("none.wacz", "datapackage.json", &b);
	CHECK(strstr(buf_text(&b), "\"mainPageUrl\": \"http://a/7\"") != NULL);
	buf_clear(&b);
	end(&m);
}

CASE(the_index_is_one_sorted_whole_without_repeats)
{
	struct made m;
	struct buf b = { 0 };
	struct error e = { 0 };
	const char *line = LINE("b)/", "20260101000000", "http://b/",
	    "image/png", "200", "records/x.warc.gz", "r1");

	begin(&m);
	add(&m, 0, "index.cdxj", EXPORT_INDEX,
	    LINE("b)/", "20260101000000", "http://b/", "image/png", "200",
		"records/x.warc.gz", "r1") LINE("b)/", "20260101000000",
		"http://b/", "image/png", "200", "records/x.warc.gz", "r1"));
	add(&m, 0, "records/x.warc.gz", EXPORT_RECORDS, "x");
	add(&m, 1, "index.cdxj", EXPORT_INDEX,
	    LINE("a)/", "20260101000000", "http://a/?\\\"filename\\\": \\\"",
		"image/png", "200", "records/x.warc.gz", "r2"));
	add(&m, 1, "records/x.warc.gz", EXPORT_RECORDS, "y");
	CHECK_OK(make(&m, "index.wacz", 0, &e), &e);
	get("index.wacz", "indexes/index.cdxj", &b);
	CHECK(text_starts(buf_text(&b), "a)/ "));
	CHECK(strstr(buf_text(&b),
		  "\"filename\": \"20260102T000000Z-b.x.warc.gz\"") != NULL);
	CHECK(strstr(buf_text(&b), "\"filename\": \"x.warc.gz\"") != NULL);
	CHECK_INT(b.len, 2 * strlen(line) - 2 * strlen("records/") +
			     strlen("20260102T000000Z-b.") +
			     strlen("?\\\"filename\\\": \\\""));
	buf_clear(&b);
	end(&m);
}

CASE(a_line_of_a_file_that_is_not_there_is_an_error)
{
	struct made m;
	struct error e = { 0 };

	begin(&m);
	add(&m, 0, "index.cdxj", EXPORT_INDEX,
	    LINE("b)/", "20260101000000", "http://b/", "image/png", "200",
		"records/y.warc.gz", "r1"));
	add(&m, 0, "records/x.warc.gz", EXPORT_RECORDS, "x");
	CHECK(make(&m, "bad.wacz", 0, &e) != 0 && e.kind == ERROR_INTEGRITY);
	CHECK(!file_exists("bad.wacz") && !file_exists("bad.wacz.tmp"));
	end(&m);
}

/* How many bytes are left of a text that is COUNT times ONCE. */
static size_t
text_left(const char *once, size_t count)
{
	struct made m;
	struct arena *a = arena_new();
	struct buf line = { 0 };
	struct buf b = { 0 };
	struct error e = { 0 };
	const char *second;
	size_t len;

	buf_add_text(
	    &line, "{\"article\":{\"headline\":\"h\",\"body_text\":\"x");
	for (size_t i = 0; i < count; i++)
		buf_add_text(&line, once);
	buf_add_text(&line, "\"},\"binding\":{\"response_record\":\"r1\"}}\n");
	begin(&m);
	add(&m, 0, "articles.jsonl", EXPORT_ARTICLES, buf_text(&line));
	add(&m, 0, "index.cdxj", EXPORT_INDEX,
	    LINE("a)/", "20260101000000", "http://a/", "text/html", "200",
		"records/x.warc.gz", "r1"));
	add(&m, 0, "records/x.warc.gz", EXPORT_RECORDS, "x");
	CHECK_OK(file_remove("long.wacz", &e), &e);
	CHECK_OK(make(&m, "long.wacz", 0, &e), &e);
	get("long.wacz", "pages/pages.jsonl", &b);
	second = strchr(buf_text(&b), '\n') + 1;
	CHECK(text_is_utf8(second, strlen(second)));
	len = json_string_len(
	    json_get(json_parse(a, second, strlen(second) - 1, &e), "text"));
	buf_clear(&b);
	buf_clear(&line);
	arena_free(a);
	end(&m);
	return len;
}

CASE(a_very_long_text_is_cut_where_a_character_begins)
{
	enum { KEPT = 384 * 1024 };

	CHECK_INT(text_left("\xd9\x85", 500000), KEPT - 1);
	CHECK_INT(text_left("y", 1000), 1001);
	CHECK_INT(text_left("\\u0001", 500000), KEPT / 8);
}

CASE(a_part_that_repeats_another_names_it)
{
	struct made m;
	struct buf b = { 0 };
	struct error e = { 0 };

	begin(&m);
	add(&m, 0, "index.cdxj", EXPORT_INDEX,
	    LINE("a)/", "20260101000000", "http://a/", "text/html", "200",
		"records/x.warc.gz", "r1"));
	add(&m, 0, "records/x.warc.gz", EXPORT_RECORDS, "x");
	add(&m, 1, "index.cdxj", EXPORT_INDEX,
	    LINE("a)/", "20260102000000", "http://a/", "warc/revisit", "200",
		"records/y.warc.gz", "r1"));
	add(&m, 1, "records/y.warc.gz", EXPORT_RECORDS, "y");
	CHECK_OK(make(&m, "two.wacz", 1, &e), &e);
	get("two-00001.wacz", "datapackage.json", &b);
	CHECK(strstr(buf_text(&b), "relation") == NULL);
	get("two-00002.wacz", "datapackage.json", &b);
	CHECK(strstr(buf_text(&b), "{\"filename\": \"two-00001.wacz\", "
				   "\"hash\": \"sha256:") != NULL);
	buf_clear(&b);
	end(&m);
}

TESTS(T(the_latest_reading_of_a_capture_is_its_page),
    T(other_html_is_listed_apart_by_time),
    T(without_articles_all_pages_are_in_the_one_list),
    T(the_index_is_one_sorted_whole_without_repeats),
    T(a_line_of_a_file_that_is_not_there_is_an_error),
    T(a_very_long_text_is_cut_where_a_character_begins),
    T(a_part_that_repeats_another_names_it))
