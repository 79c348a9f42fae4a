/* A section of holdfast.conf as the crawler understands it. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/collection/config.h"
#include "core/crawl/site.h"
#include "core/news/profile.h"
#include "tests/test.h"

struct trial {
	struct arena *arena;
	struct config *config;
	struct profile_set *profiles;
	struct site site;
	struct buf faults;
	int rc;
};

static void
collect(void *context, const struct error *e)
{
	struct buf *b = context;

	CHECK_INT(e->kind, ERROR_USAGE);
	buf_add_text(b, e->text);
	buf_add_text(b, "\n");
}

/* The section "[site a]" of TEXT. */
static void
begin(struct trial *t, const char *text)
{
	struct error e = { 0 };

	*t = (struct trial){ .arena = arena_new(), .config = config_new() };
	CHECK_OK(file_put("t.conf", text, strlen(text), &e), &e);
	CHECK_OK(config_load(t->config, "t.conf", &e), &e);
	CHECK_OK(profile_set_load(&t->profiles, NULL, &e), &e);
	t->rc = site_read_all(&t->site, t->arena, t->config, t->profiles, "a",
	    collect, &t->faults);
}

static void
end(struct trial *t)
{
	buf_clear(&t->faults);
	profile_set_free(t->profiles);
	config_free(t->config);
	arena_free(t->arena);
}

/* TEXT has this one fault. */
static void
refused(const char *text, const char *want)
{
	struct trial t;
	struct site site;
	struct error e = { 0 };

	begin(&t, text);
	CHECK_INT(t.rc, -1);
	CHECK_TEXT(buf_text(&t.faults), arena_format(t.arena, "%s\n", want));
	CHECK_INT(site_read(&site, t.arena, t.config, t.profiles, "a", &e), -1);
	CHECK_TEXT(e.text, want);
	end(&t);
}

CASE(sources_have_kind_address_times_and_place)
{
	struct trial t;
	const struct source *s;

	begin(&t, "every = 20m\n[site a]\nprofile = none\n"
		  "front = HTTPS://News.example/a/../#top pages 2..4 every 1h "
		  "links main a.story, .list > a\n"
		  "feed = https://news.example/rss\n"
		  "sitemap = https://news.example/map.xml every 2d\n");
	CHECK_TEXT(buf_text(&t.faults), "");
	CHECK_INT(t.site.source_count, 3);
	s = t.site.sources;
	CHECK_INT(s[0].kind, SOURCE_FRONT);
	CHECK_TEXT(s[0].url, "https://news.example/");
	CHECK_INT(s[0].first_page, 2);
	CHECK_INT(s[0].last_page, 4);
	CHECK_INT(s[0].every_us, 3600000000ll);
	CHECK_TEXT(s[0].links, "main a.story, .list > a");
	CHECK_TEXT(s[0].origin, "t.conf:4");
	CHECK_INT(s[1].kind, SOURCE_FEED);
	CHECK_INT(s[1].every_us, 1200000000ll);
	CHECK_INT(s[1].last_page, 1);
	CHECK_INT(s[2].kind, SOURCE_SITEMAP);
	CHECK_INT(s[2].every_us, 2 * 86400000000ll);
	end(&t);
}

CASE(auto_is_the_robots_txt_of_every_origin_once)
{
	struct trial t;

	begin(&t, "[site a]\nprofile = none\nfront = https://news.example/\n"
		  "sitemap = auto\n"
		  "front = https://news.example/world\n"
		  "feed = http://feeds.example:8080/rss\n");
	CHECK_TEXT(buf_text(&t.faults), "");
	CHECK_INT(t.site.source_count, 5);
	CHECK_TEXT(t.site.sources[3].url, "https://news.example/robots.txt");
	CHECK_INT(t.site.sources[3].kind, SOURCE_SITEMAP);
	CHECK_INT(t.site.sources[3].every_us, 6 * 3600000000ll);
	CHECK_TEXT(
	    t.site.sources[4].url, "http://feeds.example:8080/robots.txt");
	end(&t);
}

CASE(a_profile_is_named_or_that_of_a_source)
{
	struct trial t;

	begin(&t, "[site a]\nfront = https://english.almayadeen.net/\n");
	CHECK(t.site.profile != NULL);
	if (t.site.profile != NULL)
		CHECK_TEXT(profile_key(t.site.profile), "almayadeen-en");
	CHECK_INT(t.site.scope.kind, SCOPE_NEWS);
	CHECK_INT(t.site.scope.depth, 2);
	CHECK(t.site.scope.profile == t.site.profile);
	end(&t);
	begin(&t, "[site a]\nfront = https://english.almayadeen.net/\n"
		  "profile = none\n");
	CHECK(t.site.profile == NULL);
	end(&t);
}

/* The origins of the sources of one kind. */
static const char *
origins_of(struct trial *t, enum source_kind kind)
{
	const char *all = "";

	for (size_t i = 0; i < t->site.source_count; i++)
		if (t->site.sources[i].kind == kind)
			all = arena_format(
			    t->arena, "%s%s;", all, t->site.sources[i].origin);
	return all;
}

CASE(where_the_section_is_silent_the_profile_says)
{
	struct trial t;
	const struct profile_source *list;

	begin(&t, "[site a]\nprofile = almayadeen-en\n");
	CHECK_TEXT(buf_text(&t.faults), "");
	CHECK_INT(t.site.source_count, profile_sources(t.site.profile, &list));
	CHECK_TEXT(t.site.sources[0].url, "https://english.almayadeen.net/");
	CHECK_TEXT(t.site.sources[0].origin, "profile almayadeen-en");
	CHECK_INT(t.site.sources[0].every_us, 900000000ll);
	end(&t);
	begin(&t, "[site a]\nprofile = almayadeen-en\n"
		  "front = https://english.almayadeen.net/world\n"
		  "sitemap = none\n");
	CHECK_TEXT(origins_of(&t, SOURCE_FRONT), "t.conf:3;");
	CHECK_TEXT(origins_of(&t, SOURCE_SITEMAP), "");
	end(&t);
}

CASE(without_a_profile_the_scope_is_the_host_one_link_deep)
{
	struct trial t;

	begin(&t, "[site a]\nfront = https://news.example/\n");
	CHECK(t.site.profile == NULL);
	CHECK_INT(t.site.scope.kind, SCOPE_HOST);
	CHECK_INT(t.site.scope.depth, 1);
	CHECK_TEXT(t.site.scope.origins[0], "https://news.example/");
	CHECK(t.site.scope.origins[1] == NULL);
	end(&t);
	begin(&t, "depth = 7\n[site a]\nfront = https://news.example/\n");
	CHECK_INT(t.site.scope.depth, 7);
	end(&t);
}

CASE(the_rest_is_what_the_section_says)
{
	struct trial t;

	begin(&t,
	    "[site a]\nscope = domain\nimages = best\nwait = 2.5s\n"
	    "limit = 40\nseal = day\nsitemap-since = 12h\nexclude = /live/\n"
	    "exclude = ^https://x\\.\npattern-budget = 9\n");
	CHECK_TEXT(buf_text(&t.faults), "");
	CHECK_INT(t.rc, 0);
	CHECK_INT(t.site.source_count, 0);
	CHECK_INT(t.site.scope.kind, SCOPE_DOMAIN);
	CHECK_INT(t.site.images, IMAGES_BEST);
	CHECK_INT(t.site.wait_ms, 2500);
	CHECK_INT(t.site.limit, 40);
	CHECK_INT(t.site.seal_daily, 1);
	CHECK_INT(t.site.sitemap_since_us, 12 * 3600000000ll);
	CHECK_TEXT(t.site.scope.exclude[1], "^https://x\\.");
	CHECK_INT(t.site.scope.pattern_budget, 9);
	CHECK(t.site.ladder.count > 0);
	end(&t);
}

CASE(the_usual_recapture_is_that_of_the_watch)
{
	struct config *c = config_new();

	CHECK_TEXT(config_text(c, "recapture"), ladder_default);
	config_free(c);
}

CASE(mistakes_of_a_source_are_told_with_their_line)
{
	refused("[site a]\nfront = news.example\n",
	    "t.conf:2: front: news.example: not an address that begins with https:// or http://");
	refused("[site a]\nfront = ftp://news.example/\n",
	    "t.conf:2: front: ftp://news.example/: not an address that begins "
	    "with https:// or http://");
	refused("[site a]\nfront = https://n.example/ every 0\n",
	    "t.conf:2: front: every 0: not a time of a second or more (as 90, "
	    "15m, 2h)");
	refused("[site a]\nfront = https://n.example/ page 1..2\n",
	    "t.conf:2: front: page: not expected here; did you mean "
	    "\"pages\"?");
	refused("[site a]\nfront = https://n.example/ pages 3..1\n",
	    "t.conf:2: front: pages 3..1: not A..B with 1 <= A <= B <= 1000 "
	    "(as 1..3)");
	refused("[site a]\nfeed = https://n.example/ pages 1..2\n",
	    "t.conf:2: feed: pages: not expected here; it is URL [every "
	    "TIME]");
	refused("[site a]\nfeed = auto\n",
	    "t.conf:2: feed: auto: not an address that begins with https:// or http://");
	refused("[site a]\nsitemap = auto\n",
	    "t.conf:2: sitemap: auto: of which host? Add a front, a feed or "
	    "the sitemap's URL");
	refused("[site a]\nfeed = https://n.example/r\nfeed = "
		"https://n.example/r#x\n",
	    "t.conf:3: feed: https://n.example/r: there already, by t.conf:2");
}

CASE(mistakes_of_a_site_are_told_with_their_line)
{
	refused("[site a]\nprofile = almayadeen-eng\n",
	    "t.conf:2: profile: almayadeen-eng: there is none of this key; "
	    "did you mean \"almayadeen-en\"?; see: holdfast profile list");
	refused("scope = news\n[site a]\nfront = https://n.example/\n",
	    "t.conf:1: scope: news: no profile says what is news on this "
	    "site; set profile, or another scope (as host)");
	refused("[site a]\nheader = Accept-Language en\n",
	    "t.conf:2: header: Accept-Language en: not \"Name: value\"");
	refused("[site a]\ncookie = consent; x.example\n",
	    "t.conf:2: cookie: consent; x.example: not \"name=value; "
	    "domain\"");
	refused("[site a]\nconnections = 0\n",
	    "t.conf:2: connections: 0: there is at least one");
}

CASE(all_mistakes_of_a_site_are_told)
{
	struct trial t;
	const char *text;

	begin(&t, "[site a]\nexclude = a(b\nfront = x\ncookie = y\n"
		  "allow-address = 10.0.0.0/99\nload-cookies = nosuch.txt\n");
	text = buf_text(&t.faults);
	CHECK_INT(t.rc, -1);
	CHECK(strstr(text, "t.conf:2: exclude: a(b: ") != NULL);
	CHECK(strstr(text, "t.conf:3: front: x: ") != NULL);
	CHECK(strstr(text, "t.conf:4: cookie: y: ") != NULL);
	CHECK(strstr(text, "t.conf:5: allow-address: ") != NULL);
	CHECK(strstr(text, "t.conf:6: load-cookies: nosuch.txt: ") != NULL);
	end(&t);
}

CASE(a_site_that_is_not_there_is_told_with_the_nearest)
{
	struct trial t;

	begin(&t, "[site ab]\n");
	CHECK_INT(t.rc, -1);
	CHECK_TEXT(buf_text(&t.faults),
	    "a: holdfast.conf has no [site a]; did you mean \"ab\"?\n");
	end(&t);
}

TESTS(T(sources_have_kind_address_times_and_place),
    T(auto_is_the_robots_txt_of_every_origin_once),
    T(a_profile_is_named_or_that_of_a_source),
    T(where_the_section_is_silent_the_profile_says),
    T(without_a_profile_the_scope_is_the_host_one_link_deep),
    T(the_rest_is_what_the_section_says),
    T(the_usual_recapture_is_that_of_the_watch),
    T(mistakes_of_a_source_are_told_with_their_line),
    T(mistakes_of_a_site_are_told_with_their_line),
    T(all_mistakes_of_a_site_are_told),
    T(a_site_that_is_not_there_is_told_with_the_nearest))
