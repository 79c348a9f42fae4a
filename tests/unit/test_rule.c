/* Rules of profiles: every source, guard and filter, on small pages. */

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/news/loose_json.h"
#include "core/news/pattern.h"
#include "core/news/profile.h"
#include "core/news/url_params.h"
#include "tests/site/story.h"
#include "tests/test.h"

static struct arena *arena;

/* What a profile with ENTRIES reads on a page of BODY; "" for an error, which
 * is in E. */
static struct json *
read_with(const char *entries, const char *html, struct error *e)
{
	struct profile_set *set = NULL;
	struct buf site = { 0 };
	struct buf page = { 0 };
	struct json *result = NULL;

	if (arena == NULL)
		arena = arena_new();
	error_clear(e);
	buf_format(&site,
	    "[site]\nformat = 1\nkey = t\nhost = t.example\n"
	    "zone = Asia/Beirut\noffset = +02:00\n%s\n",
	    entries);
	buf_add_text(&page, html);
	CHECK_OK(file_make_dir("sites", e), e);
	CHECK_OK(file_put("sites/t.site", site.data, site.len, e), e);
	if (profile_set_load(&set, "sites", e) == 0)
		result = story_read(arena, profile_set_find(set, "t"),
		    "https://t.example/news/world/a-b?p=1", &page, NULL, e);
	profile_set_free(set);
	buf_clear(&site);
	buf_clear(&page);
	return json_get(result, "article");
}

/* The value of a rule of one text. */
static const char *
value(const char *rule, const char *html)
{
	struct error e = { 0 };
	const struct json *article;

	if (arena == NULL)
		arena = arena_new();
	article = read_with(
	    arena_format(arena, "[map m]\na = one\n[fields]\ndek = %s", rule),
	    html, &e);

	if (e.kind != ERROR_NONE)
		return arena_text(arena, e.text);
	return json_text(json_get(article, "dek"), "");
}

/* The values of a rule of many, joined by "|". */
static const char *
values(const char *rule, const char *html)
{
	struct error e = { 0 };
	struct buf out = { 0 };
	const struct json *tags;
	const char *text;

	if (arena == NULL)
		arena = arena_new();
	tags = json_get(
	    read_with(
		arena_format(arena, "[fields]\ntags = %s", rule), html, &e),
	    "tags");
	for (size_t i = 0; i < json_count(tags); i++) {
		if (i > 0)
			buf_add_byte(&out, '|');
		buf_add_text(&out, json_text(json_at(tags, i), ""));
	}
	text = arena_text(arena, buf_text(&out));
	buf_clear(&out);
	return e.kind != ERROR_NONE ? arena_text(arena, e.text) : text;
}

CASE(css_gives_the_first_element_that_passes_and_all_gives_every_one)
{
	static const char html[] = "<ul><li> <li>one <li class=x>two</ul>"
				   "<a href='/z'>link</a>";

	CHECK_TEXT(value("css(li) | ws", html), "one");
	CHECK_TEXT(value("css(li.x)", html), "two");
	CHECK_TEXT(value("css(a)@href | url", html), "https://t.example/z");
	CHECK_TEXT(values("all(li) | ws", html), "one|two");
	CHECK_TEXT(value("css(li) when text-starts \"tw\"", html), "two");
	CHECK_TEXT(
	    value("css(li) when not text-has \"one\" | ws | nonempty", html),
	    "two");
	CHECK_TEXT(value("css(li) when text-ends \"o\"", html), "two");
	CHECK_TEXT(value("css(ul) when has li.x | re /two/", html), "two");
	CHECK_TEXT(value("css(ul) when has li.y", html), "");
	CHECK_TEXT(value("css(li.x) when url /^\\/news\\//", html), "two");
	CHECK_TEXT(value("css(li.x) when not url /^\\/news\\//", html), "");
}

CASE(json_in_scripts_is_read_even_when_it_is_not_quite_json)
{
	static const char *const scripts[] = {
		"{\"a\":{\"b\":[{\"k\":\"x\",\"v\":\"no\"},"
		"{\"k\":\"y\",\"v\":\"yes\"}]}}",
		"<!-- {\"a\":{\"b\":[{\"k\":\"y\",\"v\":\"yes\",},],},} -->",
		"// one\n{/* two */\"a\":{\"b\":[{\"k\":\"y\","
		"\"v\":\"yes\"}]}}};",
		"{\"x\":\"raw\nline\",\"a\":{\"b\":[{\"k\":\"y\","
		"\"v\":\"yes\"}]}}",
		"\xef\xbb\xbf{\"a\":{\"b\":[{\"k\":\"y\",\"v\":\"yes\"}]}}",
		"{&quot;a&quot;:{&quot;b&quot;:[{&quot;k&quot;:&quot;y&quot;,"
		"&quot;v&quot;:&quot;yes&quot;}]}}",
	};
	char html[512];

	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		(void)snprintf(html, sizeof(html),
		    "<script id=s type=text/x>%s</script>", scripts[i]);
		CHECK_TEXT(value("json(script#s).a.b[k=y].v", html), "yes");
	}
	CHECK_TEXT(value("json(#s).a[1]", "<script id=s>{\"a\":[1,2]}"), "2");
	CHECK_TEXT(values("json(#s).a[*].b",
		       "<script id=s>{\"a\":[{\"b\":\"1\"},{\"b\":2}]}"),
	    "1|2");
	CHECK_TEXT(
	    value("json(#s).a", "<script id=s>{\"a\":null}</script>"), "");
	CHECK_TEXT(value("json(#s).a", "<script id=s>{nonsense</script>"), "");
}

CASE(typed_objects_are_found_in_every_block_and_graph)
{
	static const char html[] =
	    "<script type=application/ld+json>[{\"@type\":\"WebSite\","
	    "\"headline\":\"no\"}]</script>"
	    "<script type=application/ld+json>{\"@graph\":[{\"@type\":"
	    "[\"X\",\"NewsArticle\"],\"headline\":\"A &amp; B\"}]}</script>";

	CHECK_TEXT(value("ld(NewsArticle,Article).headline | unescape", html),
	    "A & B");
	CHECK_TEXT(value("ld(Person).headline", html), "");
}

CASE(metadata_headers_address_and_constants_are_sources)
{
	static const char html[] = "<meta property=og:title content=T>"
				   "<link rel=canonical href=/c><p>x";

	CHECK_TEXT(value("meta(og:title)", html), "T");
	CHECK_TEXT(value("meta(OG:Title)", html), "T");
	CHECK_TEXT(value("link(canonical) | url", html), "https://t.example/c");
	CHECK_TEXT(
	    value("http(Content-Type)", html), "text/html; charset=utf-8");
	CHECK_TEXT(value("const(fixed text)", html), "fixed text");
	CHECK_TEXT(value("url(/^\\/(\\w+)\\/(\\w+)/ -> \\2 of \\1)", html),
	    "world of news");
	CHECK_TEXT(value("url(/p=(\\d+)/)", html), "p=1");
}

CASE(a_field_above_is_a_source)
{
	struct error e;
	const struct json *article = read_with("[fields]\n"
					       "byline_raw = css(i) | ws\n"
					       "authors = byline_raw | "
					       "prefix \"By \"\n",
	    "<i>By Ada</i>", &e);
	const struct json *author = json_at(json_get(article, "authors"), 0);

	CHECK_TEXT(json_text(json_get(author, "name"), ""), "Ada");
	CHECK_TEXT(json_text(json_get(author, "raw"), ""), "By Ada");
}

CASE(every_filter_does_what_its_name_says)
{
	static const struct {
		const char *rule;
		const char *expected;
	} cases[] = {
		{ "const( a  b ) | ws", "a b" },
		{ "const(By Ada) | prefix \"By \"", "Ada" },
		{ "const(Ada) | prefix \"By \"", "Ada" },
		{ "const(Title | Site) | suffix \" | Site\"", "Title" },
		{ "const(a12b) | re /(\\d)(\\d)/ -> \\2\\1", "21" },
		{ "const(ab) | re /\\d/", "" },
		{ "const(AbC) | lower", "abc" },
		{ "const(007 days) | int", "7" },
		{ "const(none) | int", "" },
		{ "const(a) | map m", "one" },
		{ "const(b) | map m", "" },
		{ "const(b) | map m keep", "b" },
		{ "const(b) | map m else other", "other" },
		{ "const(a,b) | split \",\" | join \"+\"", "a+b" },
		{ "const(/x?y=1) | url", "https://t.example/x?y=1" },
		{ "const(https://a/?v=1&w=2&utm_x=3) | drop-params w,utm_*",
		    "https://a/?v=1" },
		{ "const(https://a/?v=1&w=2) | keep-params w",
		    "https://a/?w=2" },
		{ "const(https://a/?v=1&w=2) | param w", "2" },
		{ "const(a &#x41;&quot;&#66;) | unescape", "a A\"B" },
		{ "const(short) | minlen 6", "" },
		{ "const(longer) | minlen 6", "longer" },
		{ "const(2024-03-07T18:20:11+02:00) | isodate",
		    "2024-03-07T18:20:11+02:00" },
		{ "const(7 Mar 2024) | date \"%d %b %Y %H:%M\" \"%d %b %Y\"",
		    "2024-03-07" },
		{ "const(never) | date \"%d %b %Y\"", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_TEXT(value(cases[i].rule, "<p>x"), cases[i].expected);
	CHECK_TEXT(
	    values("const(a, b,, a) | split \",\" | trim", "<p>x"), "a|b|a");
	CHECK_TEXT(
	    values("const(a, b,, a) | split \",\" | trim | uniq", "<p>x"),
	    "a|b");
	CHECK_TEXT(values("const(a1b22c) | split-re /\\d+/", "<p>x"), "a|b|c");
}

CASE(patterns_know_no_runaways)
{
	static const char *const bad[] = { "(", "a{300}", "(a{20}){20}",
		"(a)\\1", "(?=a)", "\\q", "a\\" };
	struct pattern *p = NULL;
	struct pattern_match m;
	struct error e;
	char long_text[PATTERN_TEXT_MAX + 2];
	char *subject = malloc(PATTERN_SUBJECT_MAX + 2);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_INT(
		    pattern_compile(&p, bad[i], strlen(bad[i]), 0, &e), -1);
		CHECK_INT(e.kind, ERROR_USAGE);
	}
	memset(long_text, 'a', sizeof(long_text));
	CHECK_INT(pattern_compile(&p, long_text, PATTERN_TEXT_MAX, 0, &e), 0);
	pattern_free(p);
	CHECK_INT(
	    pattern_compile(&p, long_text, PATTERN_TEXT_MAX + 1, 0, &e), -1);
	CHECK_INT(pattern_compile(&p, "(?:x)(b)[\\d\\w]", 14, 1, &e), 0);
	CHECK_INT(pattern_find(p, "aXBc", 4, &m), 1);
	CHECK_INT(m.start[1], 2);
	CHECK_INT(m.end[1], 3);
	pattern_free(p);
	/* Only the first 64 KiB of a subject are looked at. */
	memset(subject, 'a', PATTERN_SUBJECT_MAX);
	subject[PATTERN_SUBJECT_MAX] = 'z';
	subject[PATTERN_SUBJECT_MAX + 1] = '\0';
	CHECK_INT(pattern_compile(&p, "z", 1, 0, &e), 0);
	CHECK_INT(pattern_find(p, subject, PATTERN_SUBJECT_MAX + 1, NULL), 0);
	subject[PATTERN_SUBJECT_MAX - 1] = 'z';
	CHECK_INT(pattern_find(p, subject, PATTERN_SUBJECT_MAX + 1, NULL), 1);
	pattern_free(p);
	free(subject);
}

CASE(zones_are_found_by_heading_and_hidden_from_fields)
{
	static const char html[] =
	    "<main><h1>A</h1><a class=t>seen</a></main>"
	    "<div><div><h2>Most Read</h2><a>All</a></div><ul>"
	    "<li><h3><a class=t href=/1>one</a></h3>"
	    "<li><h3><a class=t href=/2>two</a></h3></ul></div>"
	    "<div><h2>Other</h2><a class=t>also seen</a></div>";
	static const char site[] =
	    "[fields]\ntags = all(a.t)\n"
	    "[furniture]\nzone most = heading \"Most Read\""
	    " ; item around css(h3) ; title css(a)\n";
	struct error e;
	const struct json *article = read_with(site, html, &e);
	const struct json *tags = json_get(article, "tags");

	CHECK_TEXT(e.text, "");
	CHECK_INT(json_count(tags), 2);
	CHECK_TEXT(json_text(json_at(tags, 0), ""), "seen");
	CHECK_TEXT(json_text(json_at(tags, 1), ""), "also seen");
}

CASE(query_parameters_are_cut_by_name)
{
	static const char *const names[] = { "a", "x*" };

	if (arena == NULL)
		arena = arena_new();
	CHECK_TEXT(url_params_drop(arena, "u?a=1&b&xy=2#f", names, 2), "u?b#f");
	CHECK_TEXT(url_params_drop(arena, "u?a=1", names, 2), "u");
	CHECK_TEXT(url_params_drop(arena, "u#f?a=1", names, 2), "u#f?a=1");
	CHECK_TEXT(url_params_keep(arena, "u?&&a&b", names, 2), "u?a");
	CHECK(url_params_get(arena, "u?ab=1#a=2", "a") == NULL);
	arena_free(arena);
	arena = NULL;
}

TESTS(T(css_gives_the_first_element_that_passes_and_all_gives_every_one),
    T(json_in_scripts_is_read_even_when_it_is_not_quite_json),
    T(typed_objects_are_found_in_every_block_and_graph),
    T(metadata_headers_address_and_constants_are_sources),
    T(a_field_above_is_a_source), T(every_filter_does_what_its_name_says),
    T(patterns_know_no_runaways),
    T(zones_are_found_by_heading_and_hidden_from_fields),
    T(query_parameters_are_cut_by_name))
