/* Articles read again by the profiles that their snapshot keeps. */
#include "core/base/worker.h"
#include "core/news/profile.h"
#include "core/news/service.h"
#include "core/collection/verify_collection.h"
#include "tests/unit/verify_fixture.h"

#define URL "https://news.example/world/a"

static const char rules[] =
    "[site]\nformat = 1\nkey = t\nhost = news.example\nlang = en\n"
    "[fields]\nheadline = css(h1) | ws\ndek = css(h2) | ws\n";
static const char other_rules[] =
    "[site]\nformat = 1\nkey = t\nhost = news.example\nlang = en\n"
    "[fields]\nheadline = css(h2) | ws\ndek = css(h1) | ws\n";
static const char page[] = "<h1>Headline</h1><h2>Dek</h2><p>one</p>";

/* What a run does: a worker reads the page that was stored. */
static struct json *
read_page(struct arena *a, const struct exchange *x)
{
	struct worker_service service = service_new("sites");
	struct worker_limits limits;
	const struct service_request r = {
		.task = SERVICE_ARTICLE,
		.url = URL,
		.requested = URL,
		.captured_us = x->started_us,
		.status = 200,
		.profile = "t",
	};
	struct buf result = { 0 };
	struct worker *w = NULL;
	struct error e = { 0 };
	struct zygote *z;
	struct json *answer;
	int fd;

	CHECK_OK(file_make_dir("sites", &e), &e);
	CHECK_OK(file_put("sites/t.site", rules, strlen(rules), &e), &e);
	service_limits(&limits);
	z = zygote_start(&service, &limits, &e);
	free(service.context);
	fd = service_payload(x->response, &e);
	CHECK_OK(service_begin(z, &r, fd, &w, &e), &e);
	CHECK_OK(service_wait(w, &result, &e), &e);
	close(fd);
	zygote_stop(z);
	answer = json_parse(a, buf_text(&result), result.len, &e);
	buf_clear(&result);
	return json_get(answer, "article");
}

/* What the run says of it; ARTICLE was read by TOLD. */
static void
put_read(struct snapshot *s, struct arena *a, struct json *article)
{
	struct json *block = json_new_object(a);
	struct json *binding = json_new_object(a);
	struct captured captured;
	struct buf text = { 0 };

	CHECK(snapshot_find(s, URL, a, &captured));
	json_set_string(a, binding, "response_record", captured.record_id);
	json_set(a, block, "article", article);
	json_set(a, block, "binding", binding);
	json_set_string(a, block, "schema", "holdfast-article/1");
	json_write_canonical(&text, block);
	(void)snapshot_add_derived(s, "article", URL, captured.record_id,
	    captured.date, buf_text(&text), text.len);
	buf_clear(&text);
}

/* A snapshot of PAGE with its article as CHANGE made it. */
static struct collection *
one_article(const char *dir, const char *kept,
    void (*change)(struct arena *a, struct json *article))
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection(dir);
	struct connection *n = fixture_connection(1);
	struct exchange *x = fixture_page(URL, page, n);
	struct arena *a = arena_new();
	struct json *article = read_page(a, x);
	struct snapshot_totals t;
	struct error e = { 0 };
	struct snapshot *s = fixture_begin(c, &clock, &e);
	char *sealed = NULL;

	CHECK(json_is(article, JSON_KIND_OBJECT));
	CHECK_TEXT(json_text(json_get(article, "headline"), ""), "Headline");
	CHECK_OK(fixture_wait(s, fixture_put(s, x), &e), &e);
	if (change != NULL)
		change(a, article);
	put_read(s, a, article);
	CHECK_OK(snapshot_add_profile(s, "t", kept, strlen(kept), &e), &e);
	CHECK_OK(snapshot_seal(s, "complete", &t, &sealed, &e), &e);
	connection_free(n);
	arena_free(a);
	free(sealed);
	return c;
}

static void
rederive(struct seen *s, const struct collection *c)
{
	const struct verify_collection_options o = {
		.each_finding = see, .context = s, .rederive = 1
	};
	struct error e = { 0 };

	seen_clear(s);
	CHECK_OK(verify_collection(c, &o, &s->totals, &e), &e);
}

CASE(an_article_read_again_is_the_same)
{
	struct collection *c = one_article("same", rules, NULL);
	struct seen s = { 0 };

	rederive(&s, c);
	check_silent(&s);
	CHECK_INT(s.totals.articles, 1);
	CHECK_INT(s.totals.rederived, 1);
	seen_clear(&s);
	collection_free(c);
}

static void
another_headline(struct arena *a, struct json *article)
{
	json_set_string(a, article, "headline", "Another");
}

CASE(an_article_that_the_page_does_not_give_is_named)
{
	struct collection *c = one_article("other", rules, another_headline);
	struct seen s = { 0 };

	rederive(&s, c);
	check_named(&s, "snapshots/2026/11/20261122T082747Z-web/articles.jsonl",
	    "rederive");
	CHECK_INT(s.totals.files.changed, 1);
	CHECK(strstr(s.findings[0].text, "differs in headline") != NULL);
	CHECK(s.findings[0].record[0] != '\0');
	CHECK_INT(s.totals.rederived, 0);
	seen_clear(&s);
	collection_free(c);
}

/* The kept profile is used, not the one that the program would. */
CASE(the_profile_beside_the_article_decides)
{
	struct collection *c = one_article("kept", other_rules, NULL);
	struct seen s = { 0 };

	rederive(&s, c);
	check_named(&s, "snapshots/2026/11/20261122T082747Z-web/articles.jsonl",
	    "rederive");
	check_named(&s, "snapshots/2026/11/20261122T082747Z-web/articles.jsonl",
	    "profile-missing");
	seen_clear(&s);
	collection_free(c);
}

static void
another_version(struct arena *a, struct json *article)
{
	json_set_string(a, json_get(article, "extractor"), "version", "0.0.1");
}

CASE(another_version_may_read_differently)
{
	struct collection *c = one_article("version", rules, another_version);
	struct seen s = { 0 };

	rederive(&s, c);
	CHECK_INT(s.totals.files.changed, 0);
	CHECK_INT(s.totals.files.notes, 1);
	CHECK_INT(s.count, 1);
	CHECK_TEXT(s.findings[0].code, "rederive-version");
	seen_clear(&s);
	collection_free(c);
}

/* Two runs made it, with a profile changed between them. */
CASE(each_article_is_read_again_by_the_profile_it_names)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("two");
	struct exchange *x = fixture_page(URL, page, NULL);
	struct arena *a = arena_new();
	struct json *article = read_page(a, x);
	struct snapshot_totals t;
	struct error e = { 0 };
	struct snapshot *s = fixture_begin(c, &clock, &e);
	struct seen seen = { 0 };
	char *sealed = NULL;

	CHECK_OK(fixture_wait(s, fixture_put(s, x), &e), &e);
	put_read(s, a, article);
	CHECK_OK(snapshot_add_profile(s, "t", rules, strlen(rules), &e), &e);
	CHECK_OK(
	    snapshot_add_profile(s, "t", other_rules, strlen(other_rules), &e),
	    &e);
	CHECK_OK(snapshot_seal(s, "complete", &t, &sealed, &e), &e);
	rederive(&seen, c);
	check_silent(&seen);
	CHECK_INT(seen.totals.rederived, 1);
	seen_clear(&seen);
	arena_free(a);
	free(sealed);
	collection_free(c);
}

TESTS(T(each_article_is_read_again_by_the_profile_it_names),
    T(an_article_read_again_is_the_same),
    T(an_article_that_the_page_does_not_give_is_named),
    T(the_profile_beside_the_article_decides),
    T(another_version_may_read_differently))
