/* Profiles: strict, chained, asked. */

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/news/profile.h"
#include "core/web/url.h"
#include "tests/test.h"

/* Line 1 to 4 of every file below. */
static const char head[] = "[site]\nformat = 1\nkey = t\nhost = t.example\n";

static struct profile_set *
load(const char *dir, struct error *e)
{
	struct profile_set *set = NULL;

	error_clear(e);
	(void)profile_set_load(&set, dir, e);
	return set;
}

static void
put(const char *path, const char *text)
{
	struct error e;

	CHECK_OK(file_put(path, text, strlen(text), &e), &e);
}

CASE(what_is_not_understood_is_an_error_with_line_and_nearest_word)
{
	static const struct {
		const char *text;
		const char *error;
	} bad[] = {
		{ "[feilds]\na = b\n",
		    "x:6: unknown section \"feilds\"; did you mean "
		    "\"fields\"?" },
		{ "[fields]\nhedline = css(h1)\n",
		    "x:6: unknown key \"hedline\"; did you mean "
		    "\"headline\"?" },
		{ "[fields]\nheadline = css(h1) | wss\n",
		    "x:6: unknown filter \"wss\"; did you mean \"ws\"?" },
		{ "[discover]\nhome = / ; lnks css(a)\n",
		    "x:6: unknown option \"lnks\"; did you mean \"links\"?" },
		{ "[discover]\nhome = / ; links a[href]\n",
		    "x:6: links wants css(...)" },
		{ "[discover]\nhome = news\n",
		    "x:6: an address begins with \"/\" or \"https://\"" },
		{ "[discover]\nsection_pages = /a /b ; pages 3..1\n",
		    "x:6: pages wants FIRST..LAST, at most 50" },
		{ "[discover]\nsitemap = /s.xml ; children /s-{Y}.xml\n",
		    "x:6: children wants an address with {Y} and {M}" },
		{ "[discover]\narticle_url = /a/b\n",
		    "x:6: article_url wants /pattern/" },
		{ "[discover]\nmin_new = 1 per day\n",
		    "x:6: not \"N per TIME\" (24h, 7d)" },
		{ "[fields]\nheadline = jsn(script).a\n",
		    "x:6: unknown source \"jsn\"; did you mean \"json\"?" },
		{ "[fields]\nheadline = css(h1) when text-start \"a\"\n",
		    "x:6: unknown guard \"text-start\"; did you mean "
		    "\"text-starts\"?" },
		{ "[fields]\nheadline = css(h1) ws\n",
		    "x:6: not understood: \"ws\"" },
		{ "[fields]\nheadline = dek | ws\n",
		    "x:6: a field may use only fields above it" },
		{ "[fields]\nheadline = css(h1) | map nowhere\n",
		    "x:6: unknown map \"nowhere\"" },
		{ "[fields]\nheadline = css(h1\n",
		    "x:6: the parenthesis does not close" },
		{ "[fields]\nheadline = json(script)\n",
		    "x:6: source wants .path behind it" },
		{ "[fields]\nheadline = css(h1) | re /(/\n",
		    "x:6: /(/: Unmatched ( or \\(" },
		{ "[fields]\nheadline = const(a)\nheadline = css(h1)\n",
		    "x:7: never reached: const(a) (t.headline#1) always "
		    "gives a value" },
		{ "[canonical]\nfrom = url(/.*/) | url\n"
		  "from = link(canonical)\n",
		    "x:7: never reached: url(/.*/) (t.from#1) always gives a "
		    "value" },
		{ "[body]\nminlen = 1\nminlen = 2\n",
		    "x:7: this key was given before" },
		{ "[body]\nminlen += 1\n", "x:6: this key holds one value" },
		{ "[body]\nminlen = few\n", "x:6: not a number" },
		{ "[body]\nminlen =\n", "x:6: no value" },
		{ "[body x]\nminlen = 1\n", "x:6: this section has no name" },
		{ "[map]\na = b\n", "x:6: this section needs a name" },
		{ "[layout a]\nprobe = css(p) 1\n",
		    "profile t: [layout a] has no min_score" },
		{ "[layout a]\nmin_score = 1\nprobe = css(p)\n",
		    "x:7: a probe ends with its score" },
		{ "[site]\noffset = 2\n",
		    "x:6: not \"+HH:MM\" or \"+HH:MM DAY..DAY\"" },
		{ "[fetch]\nchallenge = stats(403)\n",
		    "x:6: unknown condition \"stats\"; did you mean "
		    "\"status\"?" },
		{ "[fetch]\non_challenge = stop 6h\n",
		    "x:6: not stop-host TIME (6h)" },
		{ "[fetch]\non_challenge = stop-host 25h\n",
		    "x:6: not a time from 1m to 24h (30m, 6h)" },
		{ "[fetch]\non_challenge = stop-host 0m\n",
		    "x:6: not a time from 1m to 24h (30m, 6h)" },
		{ "[fetch]\non_challenge = stop-host 6h now\n",
		    "x:6: not a time from 1m to 24h (30m, 6h)" },
		{ "[furniture]\nzone a = meta(b)\n",
		    "x:6: a zone is css(...) or heading \"...\"" },
		{ "[images]\ncredit = trailing-paren agencies=none\n",
		    "x:6: agencies= wants the name of a map" },
		{ "[images]\ncandidates = video@src\n",
		    "x:6: candidates are \"picture source@NAME\" and "
		    "\"img@NAME\"" },
		{ "[site]\nextends = nobody\n",
		    "x: extends nobody, which is not there" },
	};
	struct error e;
	struct profile_set *set = load(NULL, &e);

	CHECK_TEXT(e.text, "");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf text = { 0 };

		buf_format(&text, "%s%s", head, bad[i].text);
		CHECK_INT(
		    profile_check_text(set, "x", buf_text(&text), text.len, &e),
		    -1);
		CHECK_INT(e.kind, ERROR_USAGE);
		CHECK_TEXT(e.text, bad[i].error);
		buf_clear(&text);
	}
	profile_set_free(set);
}

static int
is_article(const struct profile *p, const char *text)
{
	struct url url;
	int is;

	CHECK_INT(url_parse(&url, text, strlen(text), NULL, NULL), 0);
	is = profile_is_article_url(p, &url);
	url_clear(&url);
	return is;
}

CASE(sources_are_absolute_and_children_are_sources)
{
	static const char *const expected[] = { "https://t.example/",
		"https://t.example/a", "https://o.example/b",
		"https://t.example/rss?x=1", "https://t.example/all.xml",
		"https://t.example/{Y}/{MM}.xml",
		"https://t.example/s-{Y}-{M}.xml.gz" };
	const struct profile_source *sources;
	const struct profile *p;
	struct profile_set *set;
	struct error e = { 0 };
	int64_t time_us;
	unsigned count;

	CHECK_OK(file_make_dir("found", &e), &e);
	put("found/t.site",
	    "[site]\nformat = 1\nkey = t\nhost = t.example\n"
	    "host = u.example\n[discover]\nhome = / ; links css(h2 a)\n"
	    "section_pages = /a https://o.example/b ; pages 1..3\n"
	    "feed = /rss?x=1\n"
	    "sitemap = /all.xml ; children /{Y}/{M}.xml\n"
	    "sitemap = /s-{Y}-{M}.xml.gz\n"
	    "article_url = /^\\/n\\/[^\\/]+$/i\nmin_new = 2 per 7d\n");
	set = load("found", &e);
	CHECK(set != NULL);
	p = profile_set_find(set, "t");
	CHECK_INT(profile_sources(p, &sources), 7);
	for (size_t i = 0; i < 7; i++)
		CHECK_TEXT(sources[i].url, expected[i]);
	CHECK_INT(sources[0].kind, PROFILE_FRONT);
	CHECK_TEXT(sources[0].links, "h2 a");
	CHECK_INT(sources[0].last_page, 1);
	CHECK_TEXT(sources[1].links, "");
	CHECK_INT(sources[2].last_page, 3);
	CHECK_INT(sources[3].kind, PROFILE_FEED);
	CHECK_INT(sources[5].kind, PROFILE_SITEMAP);
	CHECK_INT(profile_min_new(p, &count, &time_us), 1);
	CHECK_INT(count, 2);
	CHECK_INT(time_us, 7 * INT64_C(86400) * 1000000);
	CHECK_INT(is_article(p, "https://t.example/n/slug?page=2"), 1);
	CHECK_INT(is_article(p, "https://u.example/N/slug"), 1);
	CHECK_INT(is_article(p, "https://o.example/n/slug"), 0);
	CHECK_INT(is_article(p, "https://t.example/n/slug/more"), 0);
	profile_set_free(set);
}

CASE(addresses_of_articles_are_known_by_their_path)
{
	static const char *const yes[] = { "/news/politics/a-b",
		"/articles/features/a-b", "/articles/a-b", "/tv-reports/8/a",
		"/news/politics/809544/a", "/articles/809544/a",
		"/newscast/2023/11/16/a", "/Blog/a",
		"/news/politics/%D8%A7%D9%84" };
	static const char *const no[] = { "/", "/news/politics", "/authors/a",
		"/coverage/a", "/news/politics/a/b", "/live", "/newscast/a" };
	const struct profile *p;
	struct profile_set *set;
	struct error e = { 0 };
	char text[200];

	set = load(NULL, &e);
	p = profile_set_find(set, "almayadeen-en");
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		(void)snprintf(text, sizeof(text),
		    "https://english.almayadeen.net%s", yes[i]);
		CHECK_INT(is_article(p, text), 1);
	}
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		(void)snprintf(text, sizeof(text),
		    "https://english.almayadeen.net%s", no[i]);
		CHECK_INT(is_article(p, text), 0);
	}
	profile_set_free(set);
}

CASE(a_bad_selector_names_its_line)
{
	static const char text[] = "[site]\nformat = 1\nkey = t\n"
				   "host = t.example\n[fields]\n"
				   "headline = css(h1[)\n";
	struct error e;
	struct profile_set *set = load(NULL, &e);

	CHECK_INT(profile_check_text(set, "x", text, strlen(text), &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK_INT(strncmp(e.text, "x:6: ", 5), 0);
	profile_set_free(set);
}

CASE(a_file_without_key_or_of_another_format_is_refused)
{
	static const char *const bad[] = { "", "[site]\nformat = 1\n",
		"[site]\nformat = 2\nkey = a\n",
		"[site]\nformat = 1\nkey = Not Sound\n",
		"[site]\nformat = 1\nkey = a\n" };
	struct error e;
	struct profile_set *set = load(NULL, &e);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_INT(
		    profile_check_text(set, "x", bad[i], strlen(bad[i]), &e),
		    -1);
		CHECK_INT(e.kind, ERROR_USAGE);
	}
	profile_set_free(set);
}

CASE(the_built_in_profiles_load_and_know_their_hosts)
{
	const struct profile_file *files;
	struct error e;
	struct profile_set *set = load(NULL, &e);
	const struct profile *p = profile_set_find(set, "almayadeen-en");
	struct url url;

	CHECK(p != NULL);
	if (p == NULL)
		return;
	CHECK_TEXT(profile_origin(p), "built-in");
	CHECK_INT(profile_chain(p, &files), 3);
	CHECK_TEXT(files[0].key, "agencies");
	CHECK_TEXT(files[2].key, "almayadeen-en");
	CHECK(profile_set_find(set, "almayadeen-common") == NULL);
	CHECK_INT(
	    url_parse(&url, "https://ENGLISH.almayadeen.net/x", 32, NULL, &e),
	    0);
	CHECK(profile_for(set, &url) == p);
	url_clear(&url);
	CHECK_INT(
	    url_parse(&url, "https://almayadeen.net.example/", 31, NULL, &e),
	    0);
	CHECK(profile_for(set, &url) == NULL);
	url_clear(&url);
	profile_set_free(set);
}

CASE(files_of_a_folder_win_by_key_and_extend_built_in_ones)
{
	struct error e;
	struct profile_set *set;
	const struct profile *p;
	const struct profile_file *files;

	CHECK_OK(file_make_dir("local", &e), &e);
	put("local/a.site",
	    "[site]\nformat = 1\nkey = almayadeen-en\nversion = 9\n"
	    "extends = almayadeen-common\nhost = english.almayadeen.net\n"
	    "[map sections]\nnews = News\n");
	put("local/notes.txt", "not a profile\n");
	set = load("local", &e);
	CHECK_TEXT(e.text, "");
	p = profile_set_find(set, "almayadeen-en");
	CHECK(p != NULL);
	if (p != NULL) {
		CHECK_TEXT(profile_version(p), "9");
		CHECK_TEXT(profile_origin(p), "local/a.site");
		CHECK_INT(profile_chain(p, &files), 3);
	}
	profile_set_free(set);
	put("local/b.site",
	    "[site]\nformat = 1\nkey = almayadeen-en\nhost = a.example\n");
	CHECK(load("local", &e) == NULL);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK_INT(file_remove("local/b.site", &e), 0);
	put("local/b.site", "[site]\nformat = 1\nkey = b\nhost = a.example\n"
			    "extends = almayadeen-en\n");
	CHECK(load("local", &e) == NULL);
	CHECK_TEXT(
	    e.text, "local/b.site: more than 3 profiles extend each other");
	CHECK_OK(file_remove("local/b.site", &e), &e);
	put("local/b.site",
	    "[site]\nformat = 1\nkey = b\nhost = a.example\nextends = b\n");
	CHECK(load("local", &e) == NULL);
	CHECK_OK(file_remove("local/b.site", &e), &e);
}

CASE(an_older_base_in_a_folder_does_not_break_built_in_profiles)
{
	struct error e;
	struct profile_set *set;

	CHECK_OK(file_make_dir("old", &e), &e);
	put("old/almayadeen-common-0123456789abcdef.site",
	    "[site]\nformat = 1\nkey = almayadeen-common\nabstract = yes\n"
	    "version = 1\n[map sections]\nnews = News\n"
	    "[fields]\npublished = const(2024-01-01)\n");
	put("old/b.site", "[site]\nformat = 1\nkey = b\nhost = b.example\n"
			  "extends = almayadeen-common\n");
	set = load("old", &e);
	CHECK_TEXT(e.text, "");
	CHECK_TEXT(profile_version(profile_set_find(set, "b")), "1");
	CHECK(strcmp(profile_version(profile_set_find(set, "almayadeen-en")),
		  "1") != 0);
	profile_set_free(set);
}

CASE(a_missing_folder_is_no_error)
{
	struct error e;
	struct profile_set *set = load("nowhere", &e);

	CHECK(set != NULL);
	CHECK(profile_set_count(set) >= 1);
	CHECK(profile_set_at(set, profile_set_count(set)) == NULL);
	profile_set_free(set);
}

CASE(a_hostile_file_is_refused_in_good_time)
{
	struct error e;
	struct profile_set *set = load(NULL, &e);
	struct buf text = { 0 };

	buf_format(&text, "%s[map m]\n", head);
	for (int i = 0; i < 100000; i++)
		buf_format(&text, "%d=a\n", i);
	CHECK_INT(
	    profile_check_text(set, "x", buf_text(&text), text.len, &e), -1);
	CHECK_TEXT(e.text, "x: more than 4000 entries");
	buf_clear(&text);
	profile_set_free(set);
}

CASE(beacons_and_challenges_are_known)
{
	static const char cloudflare[] =
	    "HTTP/1.1 403 Forbidden\r\nServer: cloudflare\r\n\r\n";
	static const char mitigated[] =
	    "HTTP/1.1 503 X\r\nCF-Mitigated: challenge\r\n\r\n";
	static const char plain[] =
	    "HTTP/1.1 403 Forbidden\r\nServer: nginx\r\n\r\n";
	struct error e;
	struct profile_set *set = load(NULL, &e);
	const struct profile *p = profile_set_find(set, "almayadeen-en");
	struct url url;

	CHECK_INT(profile_is_challenge(
		      p, 403, (const uint8_t *)cloudflare, strlen(cloudflare)),
	    1);
	CHECK_INT(profile_is_challenge(
		      p, 404, (const uint8_t *)cloudflare, strlen(cloudflare)),
	    0);
	CHECK_INT(profile_is_challenge(
		      p, 503, (const uint8_t *)mitigated, strlen(mitigated)),
	    1);
	CHECK_INT(
	    profile_is_challenge(p, 403, (const uint8_t *)plain, strlen(plain)),
	    0);
	CHECK_INT(profile_is_challenge(p, 403, NULL, 0), 0);
	CHECK_INT(profile_challenge_pause_ms(p), 6 * 3600 * 1000);
	CHECK_INT(url_parse(&url, "https://tracking-api.almayadeen.net/c", 37,
		      NULL, &e),
	    0);
	CHECK_INT(profile_blocks(p, &url), 1);
	url_clear(&url);
	CHECK_INT(
	    url_parse(&url, "https://media.almayadeen.net/c", 30, NULL, &e), 0);
	CHECK_INT(profile_blocks(p, &url), 0);
	url_clear(&url);
	profile_set_free(set);
}

TESTS(T(what_is_not_understood_is_an_error_with_line_and_nearest_word),
    T(sources_are_absolute_and_children_are_sources),
    T(addresses_of_articles_are_known_by_their_path),
    T(a_bad_selector_names_its_line),
    T(a_file_without_key_or_of_another_format_is_refused),
    T(the_built_in_profiles_load_and_know_their_hosts),
    T(files_of_a_folder_win_by_key_and_extend_built_in_ones),
    T(an_older_base_in_a_folder_does_not_break_built_in_profiles),
    T(a_missing_folder_is_no_error), T(a_hostile_file_is_refused_in_good_time),
    T(beacons_and_challenges_are_known))
