/* Filters and heads of convert. */
#include "core/archive/convert_head.h"
#include "core/archive/convert_seen.h"
#include "core/archive/record_facts.h"
#include "core/archive/record_filter.h"
#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "tests/test.h"

/* The head TEXT in VERSION; "" when it stays. */
static char *
in_version(struct arena *a, const char *text, const char *version)
{
	struct record r;
	struct error e = { 0 };
	size_t used;

	CHECK_OK(record_read_head(
		     a, &r, (const uint8_t *)text, strlen(text), &used, &e),
	    &e);
	if (!convert_head(a, &r, version))
		return arena_text(a, "");
	return arena_text_n(a, (const char *)r.head, r.head_len);
}

CASE(only_what_the_version_asks_for_changes)
{
	struct arena *a = arena_new();
	const char *one = "WARC/1.0\r\nWARC-Type:  revisit\r\n"
			  "warc-target-uri : <http://a.example/>\r\n"
			  "WARC-Profile: http://netpreserve.org/warc/1.0/"
			  "revisit/server-not-modified\r\n"
			  "X-Folded: one\r\n\ttwo\r\n"
			  "WARC-Record-ID: <urn:uuid:1>\r\n"
			  "WARC-Date: 2026-11-22T08:27:47Z\r\n"
			  "Content-Length: 0\r\n\r\n";

	CHECK_TEXT(in_version(a, one, "WARC/1.0"), "");
	CHECK_TEXT(in_version(a, one, "WARC/1.1"),
	    "WARC/1.1\r\nWARC-Type:  revisit\r\n"
	    "warc-target-uri : http://a.example/\r\n"
	    "WARC-Profile: http://netpreserve.org/warc/1.1/"
	    "revisit/server-not-modified\r\n"
	    "X-Folded: one\r\n\ttwo\r\n"
	    "WARC-Record-ID: <urn:uuid:1>\r\n"
	    "WARC-Date: 2026-11-22T08:27:47Z\r\n"
	    "Content-Length: 0\r\n\r\n");
	arena_free(a);
}

CASE(a_date_of_1_1_is_cut_for_1_0)
{
	struct arena *a = arena_new();

	CHECK_TEXT(in_version(a,
		       "WARC/1.1\nWARC-Date: 2026-11-22T08:27:47.123456Z\n"
		       "WARC-Refers-To-Date: 2026-11\nContent-Length: 0\n\n",
		       "WARC/1.0"),
	    "WARC/1.0\nWARC-Date: 2026-11-22T08:27:47Z\n"
	    "WARC-Refers-To-Date: 2026-11-01T00:00:00Z\n"
	    "Content-Length: 0\n\n");
	arena_free(a);
}

/* Does the record of STATUS, MIME, URI and DATE fit the one condition? */
static int
fits(struct record_filter_options o, unsigned status, const char *mime,
    const char *uri, const char *date)
{
	struct record_facts f = { .type = RECORD_RESPONSE,
		.type_name = "response",
		.uri = uri,
		.content_type = "application/http",
		.http_head_len = 10,
		.status = status,
		.mime = mime };
	struct record_filter *filter = NULL;
	struct error e = { 0 };
	int result = -1;

	CHECK(date_parse(date, &f.date_us, NULL));
	if (record_filter_new(&filter, &o, &e) == 0)
		result = record_filter_type(filter, &f) &&
			 record_filter_fits(filter, &f);
	record_filter_free(filter);
	return result;
}

static int
status_fits(const char *text, unsigned status)
{
	const char *list[] = { text, NULL };

	return fits((struct record_filter_options){ .statuses = list }, status,
	    "text/html", "http://a.example/", "2026-11-22T08:27:47Z");
}

static int
mime_fits(const char *text, const char *mime)
{
	const char *list[] = { text, NULL };

	return fits((struct record_filter_options){ .mimes = list }, 200, mime,
	    "http://a.example/", "2026-11-22T08:27:47Z");
}

static int
url_fits(const char *text, const char *uri)
{
	const char *list[] = { text, NULL };

	return fits((struct record_filter_options){ .urls = list }, 200,
	    "text/html", uri, "2026-11-22T08:27:47Z");
}

static int
time_fits(const char *from, const char *to, const char *date)
{
	return fits((struct record_filter_options){ .from = from, .to = to },
	    200, "text/html", "http://a.example/", date);
}

CASE(statuses_are_numbers_classes_and_ranges)
{
	CHECK_INT(status_fits("200", 200), 1);
	CHECK_INT(status_fits("200", 201), 0);
	CHECK_INT(status_fits("3xx", 399), 1);
	CHECK_INT(status_fits("3XX", 400), 0);
	CHECK_INT(status_fits("404,200-299", 206), 1);
	CHECK_INT(status_fits("404,200-299", 404), 1);
	CHECK_INT(status_fits("404,200-299", 300), 0);
	CHECK_INT(status_fits("20x", 200), -1);
	CHECK_INT(status_fits("2000", 200), -1);
	CHECK_INT(status_fits("200,ok", 200), -1);
}

CASE(media_types_fit_in_any_case_and_with_stars)
{
	CHECK_INT(mime_fits("text/html", "Text/HTML"), 1);
	CHECK_INT(mime_fits("text/html", "text/htm"), 0);
	CHECK_INT(mime_fits("image/*", "image/png"), 1);
	CHECK_INT(mime_fits("image/*,text/*", "text/css"), 1);
	CHECK_INT(mime_fits("*+xml", "application/rss+xml"), 1);
	CHECK_INT(mime_fits("*+xml", "application/xml"), 0);
	CHECK_INT(mime_fits("*", ""), 1);
}

CASE(urls_fit_by_their_beginning_or_as_a_whole)
{
	CHECK_INT(url_fits("http://a.", "http://a.example/"), 1);
	CHECK_INT(url_fits("a.example", "http://a.example/"), 0);
	CHECK_INT(url_fits("*a.example", "http://a.example/"), 0);
	CHECK_INT(url_fits("*a.example*", "http://a.example/"), 1);
	CHECK_INT(url_fits("*/x*y*", "http://a.example/x1yx2z"), 1);
	CHECK_INT(url_fits("*/x*y", "http://a.example/x1yx2z"), 0);
	CHECK_INT(
	    url_fits("http://a.example/?q=1,2", "http://a.example/?q=1"), 0);
}

CASE(times_take_in_all_of_what_they_name)
{
	CHECK_INT(time_fits("2026", NULL, "2026-01-01T00:00:00Z"), 1);
	CHECK_INT(time_fits("2026", NULL, "2025-12-31T23:59:59Z"), 0);
	CHECK_INT(time_fits(NULL, "2026", "2026-12-31T23:59:59.999999Z"), 1);
	CHECK_INT(time_fits(NULL, "2024-02", "2024-02-29T23:59:59Z"), 1);
	CHECK_INT(time_fits(NULL, "2024-02", "2024-03-01T00:00:00Z"), 0);
	CHECK_INT(time_fits("20261122", "20261122", "2026-11-22T08:27:47Z"), 1);
	CHECK_INT(time_fits(NULL, "20261122082746", "2026-11-22T08:27:47Z"), 0);
	CHECK_INT(
	    time_fits(NULL, "2026-11-22T08:27:47Z", "2026-11-22T08:27:47Z"), 1);
	CHECK_INT(time_fits("yesterday", NULL, "2026-11-22T08:27:47Z"), -1);
	CHECK_INT(time_fits("202", NULL, "2026-11-22T08:27:47Z"), -1);
	CHECK_INT(time_fits("20261322", NULL, "2026-11-22T08:27:47Z"), -1);
}

CASE(what_became_of_records_is_remembered)
{
	struct convert_seen *s = convert_seen_new();
	int wrong = 0;

	for (int i = 0; i < 100000; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "urn:uuid:%d", i);
		convert_seen_add(s, name, "", i % 3 == 0);
	}
	for (int i = 0; i < 100000; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "urn:uuid:%d", i);
		wrong += convert_seen_find(s, name, "") != (i % 3 == 0);
	}
	/* A few may have been pushed out; none may be taken for another. */
	CHECK(wrong < 10);
	CHECK_INT(convert_seen_find(s, "urn:uuid:x", ""), -1);
	convert_seen_add(s, "urn:uuid:3", "", 0);
	CHECK_INT(convert_seen_find(s, "urn:uuid:3", ""), 0);
	convert_seen_free(s);
}

TESTS(T(only_what_the_version_asks_for_changes),
    T(a_date_of_1_1_is_cut_for_1_0), T(statuses_are_numbers_classes_and_ranges),
    T(media_types_fit_in_any_case_and_with_stars),
    T(urls_fit_by_their_beginning_or_as_a_whole),
    T(times_take_in_all_of_what_they_name),
    T(what_became_of_records_is_remembered))
