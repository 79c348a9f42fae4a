/* Which links are followed, and which lead into sites without end. */
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/crawl/scope.h"
#include "core/crawl/trap.h"
#include "core/news/profile.h"
#include "core/web/url.h"
#include "tests/test.h"

/* 2026-11-22T00:00:00Z */
#define NOW_US INT64_C(1795305600000000)

static const char *const home[] = { "https://www.news.example/en/index.html",
	NULL };

static struct scope *
made(const struct scope_options *o)
{
	struct error e = { 0 };
	struct scope *s = NULL;

	CHECK_OK(scope_new(&s, o, &e), &e);
	return s;
}

static struct scope *
any(void)
{
	const struct scope_options o = { .kind = SCOPE_ANY, .now_us = NOW_US };

	return made(&o);
}

/* "" allowed; else "OUTCOME: WHY", to be freed. */
static char *
asked(struct scope *s, const char *text, unsigned depth)
{
	struct buf why = { 0 };
	struct error e = { 0 };
	struct url url = { 0 };
	enum outcome outcome = OUTCOME_CAPTURED;
	char *answer;

	CHECK_OK(url_parse(&url, text, strlen(text), NULL, &e), &e);
	answer = scope_allows(s, &url, depth, &outcome, &why)
		     ? mem_text("")
		     : mem_format(
			   "%s: %s", outcome_name(outcome), buf_text(&why));
	url_clear(&url);
	buf_clear(&why);
	return answer;
}

static void
expect(struct scope *s, const char *url, const char *answer)
{
	char *is = asked(s, url, 1);

	CHECK_TEXT(is, answer);
	free(is);
}

struct row {
	const char *url, *answer;
};

static void
expect_all(struct scope *s, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect(s, rows[i].url, rows[i].answer);
}

#define ROWS(rows) rows, sizeof(rows) / sizeof(rows[0])

CASE(the_scope_is_a_page_a_folder_a_host_a_domain_or_anything)
{
	static const struct {
		const char *url;
		const char
		    *answers; /* page prefix host domain any; "y" / "n" */
	} rows[] = {
		{ "https://www.news.example/en/story", "nyyyy" },
		{ "http://news.example/en/story", "nyyyy" },
		{ "https://www.news.example/en", "nnyyy" },
		{ "https://www.news.example/ar/story", "nnyyy" },
		{ "https://video.news.example/en/story", "nnnyy" },
		{ "https://badnews.example/en/story", "nnnny" },
		{ "https://news.example.net/en/story", "nnnny" },
		{ "https://www.news.example:8443/en/story", "nnnny" },
		{ "ftp://www.news.example/en/story", "nnnnn" },
		{ "mailto:desk@news.example", "nnnnn" },
	};
	static const enum scope_kind kinds[] = { SCOPE_PAGE, SCOPE_PREFIX,
		SCOPE_HOST, SCOPE_DOMAIN, SCOPE_ANY };

	for (size_t k = 0; k < 5; k++) {
		const struct scope_options o = { .kind = kinds[k],
			.origins = home };
		struct scope *s = made(&o);

		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			char *is = asked(s, rows[i].url, 1);
			int want = rows[i].answers[k] == 'y';

			if (want != (is[0] == '\0'))
				printf(
				    "# kind %zu: %s: %s\n", k, rows[i].url, is);
			CHECK_INT(is[0] == '\0', want);
			free(is);
		}
		scope_free(s);
	}
}

CASE(a_refusal_names_rule_and_value)
{
	static const char *const include[] = { "^https://other\\.example/",
		NULL };
	static const char *const exclude[] = { "\\.pdf$", "/print/", NULL };
	const struct scope_options o = { .kind = SCOPE_HOST,
		.origins = home,
		.include = include,
		.exclude = exclude,
		.depth = 3 };
	struct scope *s = made(&o);
	static const struct row rows[] = {
		{ "https://news.example/a", "" },
		{ "https://other.example/a", "" },
		{ "https://third.example/a", "out-of-scope: scope host" },
		{ "https://other.example/a.pdf",
		    "out-of-scope: exclude \\.pdf$" },
		{ "https://news.example/print/a",
		    "out-of-scope: exclude /print/" },
		{ "javascript:void(0)", "blocked-scheme: scheme javascript" },
	};
	char *is;

	expect_all(s, ROWS(rows));
	is = asked(s, "https://news.example/b", 4);
	CHECK_TEXT(is, "out-of-scope: depth 4 > 3");
	free(is);
	is = asked(s, "https://news.example/b", 3);
	CHECK_TEXT(is, "");
	free(is);
	scope_free(s);
}

CASE(a_bad_expression_or_origin_is_told)
{
	static const char *const bad[] = { "fine", "(", NULL };
	static const char *const no_url[] = { "news.example", NULL };
	struct scope_options o = {
		.kind = SCOPE_HOST, .origins = home, .exclude = bad
	};
	struct scope *s = NULL;
	struct error e = { 0 };

	CHECK_INT(scope_new(&s, &o, &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK(strstr(e.text, "exclude: \"(\"") != NULL);
	o.exclude = NULL;
	o.origins = no_url;
	CHECK_INT(scope_new(&s, &o, &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
}

CASE(a_url_is_as_long_as_the_limit_and_no_longer)
{
	struct scope *s = any();
	char *text = mem_alloc(8194);
	char *is;

	memset(text, 'x', 8193);
	memcpy(text, "http://a.example/", 17);
	text[8192] = '\0';
	is = asked(s, text, 1);
	CHECK_TEXT(is, "");
	free(is);
	text[8192] = 'x';
	text[8193] = '\0';
	is = asked(s, text, 1);
	CHECK_TEXT(is, "url-too-long: url-bytes 8193 > 8192");
	free(is);
	free(text);
	scope_free(s);
}

CASE(real_article_addresses_are_no_traps)
{
	static const char *const urls[] = {
		"https://english.almayadeen.net/news/politics/"
		"the-us-and--israel--is-losing-the-war-of-narratives--nbc-new",
		"https://english.almayadeen.net/articles/features/"
		"what-remains-of-it---a-walk-through-the-old-town",
		"https://english.almayadeen.net/live",
		"https://www.almayadeen.net/newscast/2023/11/11/"
		"\xd9\x86\xd8\xb4\xd8\xb1\xd8\xa9-"
		"\xd8\xa7\xd9\x84\xd8\xb8\xd9\x87\xd9\x8a\xd8\xb1\xd8\xa9",
		"https://www.almayadeen.net/newscast/2024/1/1/"
		"%d9%86%d8%b4%d8%b1%d8%a9",
		"https://www.almayadeen.net/newscast/2019/12/31/news-12-31",
		"https://www.almayadeen.net/tv-reports/809544/some-report",
		"https://www.almayadeen.net/tv-reports/200912/some-report",
		"https://www.almayadeen.net/tv-reports/203012",
		"https://www.almayadeen.net/Blog/"
		"\xd8\xa7\xd9\x84\xd8\xb4\xd9\x87\xd9\x8a\xd8\xaf",
		"https://www.almayadeen.net/research-papers/1948/the-year",
		"https://paper.example/1948/05/14/a-day-in-may",
		"https://paper.example/news/2050/2",
		"https://paper.example/2026/11/22/world/2026/election-2026",
		"https://paper.example/story.php?id=20301231",
		"https://paper.example/story.php?sid=20301231",
		"https://paper.example/?p=123456&lang=en",
		"https://paper.example/articles/c1d2e3f4a5b6",
		"https://paper.example/a/b/a/b",
		"https://paper.example/news/news/news/story",
	};
	struct scope *s = any();

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		expect(s, urls[i], "");
	scope_free(s);
}

CASE(every_address_of_the_real_sample_is_allowed)
{
	const char *corpora = getenv("CORPORA");
	struct scope *s;
	char *name;
	FILE *f;
	char line[65536];
	long count = 0;
	long bad = 0;

	if (corpora == NULL || corpora[0] == '\0')
		SKIP("CORPORA is not set");
	name = mem_format("%s/almayadeen_meta/tawsiyat_sample.jsonl", corpora);
	f = fopen(name, "r");
	free(name);
	if (f == NULL)
		SKIP("no sample of addresses there");
	s = any();
	while (fgets(line, sizeof(line), f) != NULL) {
		char *url = strstr(line, "\"url\": \"");
		char *end;
		char *is;

		if (url == NULL || (end = strchr(url + 8, '"')) == NULL)
			continue;
		*end = '\0';
		is = asked(s, url + 8, 1);
		count++;
		bad += is[0] != '\0';
		if (is[0] != '\0')
			printf("# %s: %s\n", url + 8, is);
		free(is);
	}
	(void)fclose(f);
	CHECK(count > 300);
	CHECK_INT(bad, 0);
	scope_free(s);
}

CASE(paths_that_repeat_themselves_are_traps)
{
	static const struct row rows[] = {
		{ "http://a.example/x/x/x/1", "" },
		{ "http://a.example/x/x/x/x",
		    "trap: segment-repeated x: a.example/x/x/x/x" },
		{ "http://a.example/x/1/x/2/x/3/x/4",
		    "trap: segment-repeated x: a.example/x/N/x/N/x/N/x/N" },
		{ "http://a.example/a/b/a/b/a/b",
		    "trap: segments-repeated a/b: a.example/a/b/a/b/a/b" },
		{ "http://a.example/z/a/b/c/a/b/c/a/b/c",
		    "trap: segments-repeated a/b/c: "
		    "a.example/z/a/b/c/a/b/c/a/b/c" },
		{ "http://a.example/a/b/c/a/b/c/d", "" },
		{ "http://a.example/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/"
		  "18/19/20",
		    "" },
		{ "http://a.example/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u",
		    "trap: path-segments 21: "
		    "a.example/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u" },
	};
	struct scope *s = any();

	expect_all(s, ROWS(rows));
	scope_free(s);
}

CASE(session_ids_are_traps)
{
	static const struct row rows[] = {
		{ "http://a.example/p?PHPSESSID=0a1b2c",
		    "trap: session-id PHPSESSID: a.example/p?PHPSESSID=" },
		{ "http://a.example/p;jsessionid=0A1B?x=1",
		    "trap: session-id jsessionid: "
		    "a.example/p;jsessionid=NANB?x=" },
		{ "http://a.example/(S(abcdefghijklmnopqrstuvwx))/p.aspx",
		    "trap: session-id (S(abcdefghijklmnopqrstuvwx)): "
		    "a.example/(S(abcdefghijklmnopqrstuvwx))/p.aspx" },
		{ "http://a.example/p?aspsessionidABCD=X",
		    "trap: session-id aspsessionidABCD: "
		    "a.example/p?aspsessionidABCD=" },
		{ "http://a.example/p?sid=9125af0c5d7e9125af0c",
		    "trap: session-id sid: a.example/p?sid=" },
		{ "http://a.example/p?sid=912", "" },
		{ "http://a.example/p?inside=9125af0c5d7e9125af0c", "" },
	};
	struct scope *s = any();

	expect_all(s, ROWS(rows));
	scope_free(s);
}

CASE(a_calendar_far_ahead_or_behind_is_a_trap)
{
	static const struct row rows[] = {
		{ "http://a.example/events/2027/11/22", "" },
		{ "http://a.example/events/2027/12/22",
		    "trap: calendar-future 2027/12/22: "
		    "a.example/events/N/N/N" },
		{ "http://a.example/events/2031-05",
		    "trap: calendar-future 2031-05: a.example/events/N-N" },
		{ "http://a.example/cal?year=2031&month=5",
		    "trap: calendar-future year=2031: "
		    "a.example/cal?month=&year=" },
		{ "http://a.example/cal?date=2040-01-31",
		    "trap: calendar-future 2040-01-31: a.example/cal?date=" },
		{ "http://a.example/events/1989/12/31",
		    "trap: calendar-past 1989/12/31: a.example/events/N/N/N" },
		{ "http://a.example/events/1990/01/01", "" },
		{ "http://a.example/events/1989/12/31/the-wall", "" },
	};
	struct scope *s = any();

	expect_all(s, ROWS(rows));
	scope_free(s);
}

CASE(a_calendar_that_is_walked_is_a_trap_stories_by_day_are_none)
{
	struct scope *s = any();

	for (int i = 0; i < TRAP_CALENDAR; i++) {
		char *url = mem_format("http://a.example/day/20%02d/%02d/%02d",
		    20 + i / 28 / 12, i / 28 % 12 + 1, i % 28 + 1);

		expect(s, url, "");
		free(url);
	}
	expect(s, "http://a.example/day/2021/01/01",
	    "trap: calendar-walk 2021/01/01: a.example/day/N/N/N");
	for (int i = 0; i < 300; i++) {
		char *url = mem_format(
		    "http://a.example/news/2020/%02d/%02d/a-story-%c%c",
		    i / 28 % 12 + 1, i % 28 + 1, 'a' + i % 26, 'a' + i / 26);

		expect(s, url, "");
		free(url);
	}
	scope_reset(s, NOW_US);
	expect(s, "http://a.example/day/2021/01/01", "");
	scope_free(s);
}

CASE(parameters_in_ever_new_combinations_are_a_trap)
{
	struct scope *s = any();

	for (int i = 0; i < TRAP_PARAMETER_SETS; i++) {
		char *url = mem_format(
		    "http://a.example/list?page=1&filter%c=1", 'a' + i);

		expect(s, url, "");
		free(url);
	}
	expect(s, "http://a.example/list?page=1&zz=1",
	    "trap: parameter-sets 24: a.example/list?page=&zz=");
	/* Known combinations with other values, and other paths, go on. */
	expect(s, "http://a.example/list?filtera=7&page=9", "");
	expect(s, "http://a.example/other?page=1&zz=1", "");
	expect(s,
	    "http://a.example/x?a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1"
	    "&l=1&m=1&n=1&o=1&p=1&q=1",
	    "trap: parameters 17: "
	    "a.example/x?a=&b=&c=&d=&e=&f=&g=&h=&i=&j=&k=&l=&m=&n=&o=&p=&q=");
	scope_free(s);
}

CASE(a_story_per_parameter_is_no_trap)
{
	struct scope *s = any();

	for (int i = 0; i < 5000; i++) {
		char *url = mem_format(
		    "http://a.example/story.php?id=%d", 1000 + i);

		expect(s, url, "");
		free(url);
	}
	scope_free(s);
}

CASE(a_pattern_has_a_budget_for_each_run)
{
	const struct scope_options o = { .kind = SCOPE_ANY,
		.pattern_budget = 3 };
	struct scope *s = made(&o);
	static const struct row rows[] = {
		{ "http://a.example/tag/1", "" },
		{ "http://a.example/tag/2", "" },
		{ "http://a.example/tag/2#top", "" },
		{ "http://a.example/tag/3", "" },
		{ "http://a.example/tag/4",
		    "budget: pattern-budget 3: a.example/tag/N" },
		{ "http://a.example/tag/4",
		    "budget: pattern-budget 3: a.example/tag/N" },
		{ "http://a.example/tags/4", "" },
	};

	expect_all(s, ROWS(rows));
	scope_reset(s, 0);
	expect(s, "http://a.example/tag/4", "");
	scope_free(s);
}

CASE(a_pattern_is_what_urls_have_in_common)
{
	static const struct row rows[] = {
		{ "http://a.example/calendar/2024/11?b=2&a=1",
		    "a.example/calendar/N/N?a=&b=" },
		{ "http://a.example:8080/", "a.example:8080/" },
		{ "http://a.example/media/5ba704b1-d45a-47d5-816a-ddb6cdb8aba9"
		  ".png?v=3&width=1000",
		    "a.example/media/N.png?v=&width=" },
		{ "http://a.example/0a1b2c3d4e/deadbee/x12",
		    "a.example/N/deadbee/xN" },
		{ "http://a.example/%d8%a75", "a.example/%d8%a7N" },
		{ "http://a.example/?x&y&&=1", "a.example/?x=&y=" },
		{ "http://a.example/list?p1=a&p2=b", "a.example/list?pN=&pN=" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct url url = { 0 };
		struct buf out = { 0 };

		CHECK_INT(url_parse(&url, rows[i].url, strlen(rows[i].url),
			      NULL, NULL),
		    0);
		scope_pattern(&url, &out);
		CHECK_TEXT(buf_text(&out), rows[i].answer);
		buf_clear(&out);
		url_clear(&url);
	}
}

CASE(news_are_what_the_profile_takes_for_articles)
{
	struct profile_set *set = NULL;
	struct error e = { 0 };
	struct scope_options o = { .kind = SCOPE_NEWS, .origins = home };
	struct scope *s;

	CHECK_OK(profile_set_load(&set, NULL, &e), &e);
	o.profile = profile_set_find(set, "almayadeen-en");
	CHECK(o.profile != NULL);
	s = made(&o);
	expect(s,
	    "https://english.almayadeen.net/news/politics/a-story--of--now",
	    "");
	expect(
	    s, "https://english.almayadeen.net/", "out-of-scope: scope news");
	expect(s, "https://elsewhere.example/news/politics/a-story",
	    "out-of-scope: scope news");
	scope_free(s);
	profile_set_free(set);
}

CASE(patterns_without_number_cost_bounded_memory_and_time)
{
	struct scope *s = any();
	long refused = 0;

	for (uint64_t i = 0; i < 300000; i++) {
		char *url = mem_format("http://a.example/%c%c%c%c%c-x",
		    (int)('g' + i % 20), (int)('g' + i / 20 % 20),
		    (int)('g' + i / 400 % 20), (int)('g' + i / 8000 % 20),
		    (int)('g' + i / 160000 % 20));
		char *is = asked(s, url, 1);

		refused += is[0] != '\0';
		free(is);
		free(url);
	}
	CHECK_INT(refused, 0);
	scope_free(s);
}

TESTS(T(the_scope_is_a_page_a_folder_a_host_a_domain_or_anything),
    T(a_refusal_names_rule_and_value), T(a_bad_expression_or_origin_is_told),
    T(a_url_is_as_long_as_the_limit_and_no_longer),
    T(real_article_addresses_are_no_traps),
    T(every_address_of_the_real_sample_is_allowed),
    T(paths_that_repeat_themselves_are_traps), T(session_ids_are_traps),
    T(a_calendar_far_ahead_or_behind_is_a_trap),
    T(a_calendar_that_is_walked_is_a_trap_stories_by_day_are_none),
    T(parameters_in_ever_new_combinations_are_a_trap),
    T(a_story_per_parameter_is_no_trap), T(a_pattern_has_a_budget_for_each_run),
    T(a_pattern_is_what_urls_have_in_common),
    T(news_are_what_the_profile_takes_for_articles),
    T(patterns_without_number_cost_bounded_memory_and_time))
