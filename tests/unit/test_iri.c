/* One article under all the spellings of its address: what is found raw, with
 * %d8 and with %D8 is one target, one key of the index, one article; texts
 * that are equal only to Unicode stay two. */
#include "core/archive/cdxj.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/crawl/frontier.h"
#include "core/crawl/queue.h"
#include "core/crawl/scope.h"
#include "core/crawl/watch.h"
#include "core/news/profile.h"
#include "core/news/reader.h"
#include "core/web/url.h"
#include "core/web/url_identity.h"
#include "tests/unit/state_fixture.h"

#define SITE "https://www.almayadeen.net/news/politics/"

/* The spellings of one slug, "غزة-الآن". */
static const char *const same[] = {
	SITE "\xd8\xba\xd8\xb2\xd8\xa9-\xd8\xa7\xd9\x84\xd8\xa2\xd9\x86",
	SITE "%d8%ba%d8%b2%d8%a9-%d8%a7%d9%84%d8%a2%d9%86",
	SITE "%D8%BA%D8%B2%D8%A9-%D8%A7%D9%84%D8%A2%D9%86",
	SITE "%D8%ba%d8%B2%d8%a9%2d%d8%a7%d9%84%d8%a2%d9%86",
	SITE "%d8%ba\xd8\xb2\xd8\xa9-\xd8\xa7\xd9\x84\xd8\xa2\xd9\x86#comments",
	"HTTPS://WWW.almayadeen.NET:443/news/./politics/"
	"\xd8\xba\xd8\xb2\xd8\xa9-\xd8\xa7\xd9\x84\xd8\xa2\xd9\x86",
};

enum { SAME = sizeof(same) / sizeof(same[0]) };

/* The same with alef and madda apart: NFD. */
static const char decomposed[] = SITE
    "\xd8\xba\xd8\xb2\xd8\xa9-"
    "\xd8\xa7\xd9\x84\xd8\xa7\xd9\x93\xd9\x86";

/* As url_parse serializes it, without fragment; to be freed. */
static char *
parsed(const char *text)
{
	struct error e = { 0 };
	struct url url = { 0 };
	char *copy;

	CHECK_OK(url_parse(&url, text, strlen(text), NULL, &e), &e);
	url_drop_fragment(&url);
	copy = mem_text(url.text);
	url_clear(&url);
	return copy;
}

CASE(the_identity_of_a_url_is_one_for_its_spellings)
{
	static const struct {
		const char *url, *identity;
	} rows[] = {
		{ "http://a.example/", "http://a.example/" },
		{ "http://a.example/%d8%aF", "http://a.example/%D8%AF" },
		{ "http://a.example/%7ejoe/%41%2d%2E%5F",
		    "http://a.example/~joe/A-._" },
		/* What is reserved stays: it means another thing unescaped. */
		{ "http://a.example/a%2fb%3f%23%26%3d%25?q=%2b",
		    "http://a.example/a%2Fb%3F%23%26%3D%25?q=%2B" },
		/* No escapes at all. */
		{ "http://a.example/100%/%zz/%4",
		    "http://a.example/100%/%zz/%4" },
		{ "http://a.example/%", "http://a.example/%" },
		/* Once, not until nothing changes. */
		{ "http://a.example/%25d8", "http://a.example/%25d8" },
		{ "http://a.example/x#%d8", "http://a.example/x" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = { 0 };
		struct buf again = { 0 };

		url_add_identity(&out, rows[i].url);
		CHECK_TEXT(buf_text(&out), rows[i].identity);
		url_add_identity(&again, buf_text(&out));
		CHECK_TEXT(buf_text(&again), rows[i].identity);
		CHECK_INT(url_is_same(rows[i].url, rows[i].identity), 1);
		buf_clear(&out);
		buf_clear(&again);
	}
	CHECK_INT(
	    url_is_same("http://a.example/%d8", "http://a.example/%d9"), 0);
	CHECK_INT(
	    url_is_same("http://a.example/a%2Fb", "http://a.example/a/b"), 0);
}

CASE(all_spellings_have_one_identity_the_decomposed_one_another)
{
	char *first = parsed(same[0]);
	char *other = parsed(decomposed);

	for (size_t i = 0; i < SAME; i++) {
		char *url = parsed(same[i]);

		CHECK_INT(url_is_same(first, url), 1);
		CHECK_INT(url_is_same(url, other), 0);
		free(url);
	}
	free(first);
	free(other);
}

CASE(all_spellings_have_one_key_of_the_index)
{
	struct buf first = { 0 };
	struct buf other = { 0 };

	cdxj_add_key(&first, same[0]);
	cdxj_add_key(&other, decomposed);
	CHECK(strcmp(buf_text(&first), buf_text(&other)) != 0);
	for (size_t i = 0; i < SAME; i++) {
		struct buf raw = { 0 };
		struct buf key = { 0 };
		char *url = parsed(same[i]);

		cdxj_add_key(&raw, same[i]);
		cdxj_add_key(&key, url);
		CHECK_TEXT(buf_text(&key), buf_text(&first));
		CHECK_TEXT(buf_text(&raw), buf_text(&first));
		buf_clear(&raw);
		buf_clear(&key);
		free(url);
	}
	buf_clear(&first);
	buf_clear(&other);
}

CASE(all_spellings_are_one_target_of_the_queue_fetched_as_found_first)
{
	for (size_t first = 0; first < SAME; first++) {
		char *dir = mem_format("queue%zu", first);
		struct collection *c;
		struct state *s = fixture_state(dir, &c);
		struct queue *q = NULL;
		struct arena *a = arena_new();
		struct error e = { 0 };
		struct queued t = { .site = "s" };
		int64_t due_us;
		char *expected = parsed(same[first]);

		CHECK_OK(queue_open(&q, s, &e), &e);
		for (size_t i = 0; i < SAME; i++) {
			t.url = same[(first + i) % SAME];
			CHECK_INT(queue_add(q, &t, &e), i == 0);
			CHECK_INT(queue_knows(q, t.url, &e), 1);
		}
		t.url = decomposed;
		CHECK_INT(queue_knows(q, t.url, &e), 0);
		CHECK_INT(queue_add(q, &t, &e), 1);
		CHECK_INT(queue_waiting(q, "s", INT64_MAX), 2);
		CHECK_INT(queue_take(q, a, "s", 0, NULL, &t, &due_us, &e), 1);
		CHECK_TEXT(t.url, expected);
		free(expected);
		free(dir);
		queue_close(q);
		state_close(s);
		collection_free(c);
		arena_free(a);
	}
}

CASE(all_spellings_are_one_target_of_a_run_under_the_first)
{
	for (size_t first = 0; first < SAME; first++) {
		struct frontier *f = frontier_new();
		char *url = parsed(same[first]);
		struct target *t;

		CHECK_TEXT(frontier_spelling(f, url), url);
		t = frontier_add(f, url, NEED_IMAGE, NULL, "E", "");
		for (int round = 0; round < 2; round++) {
			for (size_t i = 0; i < SAME; i++) {
				char *other = parsed(same[i]);

				CHECK_TEXT(frontier_spelling(f, other), url);
				free(other);
			}
			if (round == 0)
				frontier_done(f, t);
		}
		free(url);
		url = parsed(decomposed);
		CHECK_TEXT(frontier_spelling(f, url), url);
		free(url);
		frontier_free(f);
	}
}

CASE(a_server_may_lead_from_one_spelling_to_another)
{
	struct frontier *f = frontier_new();
	struct target *from = frontier_add(
	    f, "http://a.example/%d8", NEED_PAGE, NULL, "", "");
	struct target *found;

	CHECK_INT(
	    frontier_find(f, "http://a.example/%D8", &found), FRONTIER_NEW);
	found = frontier_add(
	    f, "http://a.example/%D8", NEED_PAGE, from, "R", "");
	CHECK(found != from);
	CHECK_TEXT(frontier_spelling(f, "http://a.example/%D8"),
	    "http://a.example/%d8");
	frontier_free(f);
}

CASE(many_odd_spellings_are_each_their_own)
{
	struct frontier *f = frontier_new();
	long bad = 0;

	for (long i = 0; i < 3000; i++) {
		char *odd = mem_format("http://a.example/%%d8%%%02x/%ld%%2e",
		    (unsigned)(0x80 + i % 64), i);
		char *plain = mem_format("http://a.example/%%D8%%%02X/%ld.",
		    (unsigned)(0x80 + i % 64), i);

		frontier_pass(f, odd);
		bad += strcmp(frontier_spelling(f, plain), odd) != 0;
		free(odd);
		free(plain);
	}
	CHECK_INT(bad, 0);
	frontier_free(f);
}

CASE(all_spellings_are_one_watched_article)
{
	struct collection *c;
	struct state *s = fixture_state("watch", &c);
	struct watch *w = NULL;
	struct ladder l;
	struct error e = { 0 };
	struct watch_counts counts;

	CHECK_OK(watch_open(&w, s, &e), &e);
	CHECK_OK(ladder_parse(&l, ladder_default, &e), &e);
	for (size_t i = 0; i < SAME; i++) {
		const struct observation o = { .url = same[i],
			.site = "s",
			.article_id = "",
			.post_id = "",
			.core = "x",
			.modified = "",
			.at_us = 1700000000000000 };
		enum watch_event event;
		int64_t due_us;

		CHECK_OK(watch_observe(w, &l, &o, &event, &due_us, &e), &e);
		CHECK_INT(event, i == 0 ? EVENT_FIRST : EVENT_NONE);
		CHECK_INT(watch_knows(w, same[SAME - 1 - i], &e), 1);
	}
	CHECK_INT(watch_knows(w, decomposed, &e), 0);
	CHECK_OK(watch_count(w, "s", 0, &counts, &e), &e);
	CHECK_INT(counts.watched, 1);
	watch_close(w);
	state_close(s);
	collection_free(c);
}

/* The id of an article without post id, whose page says that CANONICAL is its
 * address; to be freed. */
static char *
id_of(const char *url, const char *canonical)
{
	struct error e = { 0 };
	struct profile_set *set = NULL;
	struct arena *a = arena_new();
	struct buf result = { 0 };
	char *page = mem_format(
	    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
	    "<html><head>%s%s%s<title>x</title></head><body><article>"
	    "<h1>A headline of some length</h1><p class=\"lg_para summary\">"
	    "The dek.</p><div class=\"p-content\"><p>One paragraph that is "
	    "long enough to be one.</p><p>Another.</p></div></article></body>",
	    canonical == NULL ? "" : "<link rel=canonical href=\"",
	    canonical == NULL ? "" : canonical, canonical == NULL ? "" : "\">");
	struct reading_input in = { .url = url,
		.requested = "",
		.captured_us = 1700000000000000,
		.status = 200,
		.response = (const uint8_t *)page,
		.response_len = strlen(page) };
	const struct json *o;
	char *id;

	CHECK_OK(profile_set_load(&set, NULL, &e), &e);
	CHECK_OK(reader_read(
		     profile_set_find(set, "almayadeen-ar"), &in, &result, &e),
	    &e);
	o = json_parse(a, buf_text(&result), result.len, &e);
	id = mem_text(
	    json_text(json_get(json_get(o, "article"), "article_id"), ""));
	free(page);
	buf_clear(&result);
	profile_set_free(set);
	arena_free(a);
	return id;
}

CASE(all_spellings_are_one_article)
{
	char *final = parsed(same[0]);
	char *first = id_of(final, NULL);
	char *other = parsed(decomposed);
	char *other_id = id_of(other, NULL);

	CHECK(strstr(first, ":url-") != NULL);
	CHECK(strcmp(first, other_id) != 0);
	for (size_t i = 0; i < SAME; i++) {
		char *url = parsed(same[i]);
		char *found = id_of(url, NULL);
		char *named = id_of(final, same[i]);

		CHECK_TEXT(found, first);
		CHECK_TEXT(named, first);
		free(url);
		free(found);
		free(named);
	}
	free(final);
	free(first);
	free(other);
	free(other_id);
}

TESTS(T(the_identity_of_a_url_is_one_for_its_spellings),
    T(all_spellings_have_one_identity_the_decomposed_one_another),
    T(all_spellings_have_one_key_of_the_index),
    T(all_spellings_are_one_target_of_the_queue_fetched_as_found_first),
    T(all_spellings_are_one_target_of_a_run_under_the_first),
    T(a_server_may_lead_from_one_spelling_to_another),
    T(many_odd_spellings_are_each_their_own),
    T(all_spellings_are_one_watched_article), T(all_spellings_are_one_article))
