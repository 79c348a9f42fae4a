/* The reader: what becomes of responses that are no plain article page, and
 * of articles with more in them than paragraphs. */

#include <zlib.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/news/profile.h"
#include "core/news/reader.h"
#include "tests/site/story.h"
#include "tests/test.h"

static const char address[] = "https://english.almayadeen.net/news/politics/a";

struct bench {
	struct arena *arena;
	struct error error;
	struct profile_set *set;
	const struct profile *profile;
	struct buf page;
};

static void
open_bench(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	b->arena = arena_new();
	CHECK_OK(profile_set_load(&b->set, NULL, &b->error), &b->error);
	b->profile = profile_set_find(b->set, "almayadeen-en");
	CHECK_OK(story_page(b->arena, story_load(b->arena, &b->error), NULL,
		     &b->page, &b->error),
	    &b->error);
}

static void
close_bench(struct bench *b)
{
	buf_clear(&b->page);
	profile_set_free(b->set);
	arena_free(b->arena);
}

/* HEAD (its lines end in LF here) and BODY read as one response. */
static struct json *
read_response(struct bench *b, const char *head, const void *body, size_t len)
{
	struct reading_input in = { .url = address,
		.requested = "",
		.captured_us = story_captured_us };
	struct buf response = { 0 };
	struct buf result = { 0 };
	struct json *v;

	for (; *head != '\0'; head++) {
		if (*head == '\n')
			buf_add_byte(&response, '\r');
		buf_add_byte(&response, (uint8_t)*head);
	}
	buf_add(&response, body, len);
	in.response = response.data;
	in.response_len = response.len;
	CHECK_OK(reader_read(b->profile, &in, &result, &b->error), &b->error);
	v = json_parse(b->arena, buf_text(&result), result.len, &b->error);
	CHECK(v != NULL);
	buf_clear(&response);
	buf_clear(&result);
	return v;
}

static struct json *
read_html(struct bench *b, const char *html)
{
	return read_response(b, "HTTP/1.1 200 OK\nContent-Type: text/html\n\n",
	    html, strlen(html));
}

static const char *
text_of(const struct json *v, const char *name)
{
	return json_text(json_get(v, name), "");
}

static const char *
headline(const struct json *result)
{
	return text_of(json_get(result, "article"), "headline");
}

CASE(a_response_that_is_no_article_says_why)
{
	static const struct {
		const char *head;
		const char *body;
		const char *reason;
	} cases[] = {
		{ "HTTP/1.1 404 Not Found\n\n", "gone", "status 404" },
		{ "HTTP/1.1 403 Forbidden\nServer: cloudflare\n\n", "x",
		    "challenge" },
		{ "HTTP/1.1 200 OK\nContent-Type: application/pdf\n\n", "%PDF",
		    "content type application/pdf" },
		{ "HTTP/1.1 200 OK\nContent-Type: text/html\n\n", "<p>none",
		    "almayadeen-common.require#1" },
		{ "HTTP/1.1 200 OK\nContent-Type: text/html\n\n", "",
		    "almayadeen-common.require#1" },
	};
	struct bench b;

	open_bench(&b);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json *v = read_response(
		    &b, cases[i].head, cases[i].body, strlen(cases[i].body));

		CHECK_TEXT(text_of(v, "status"), "not-article");
		CHECK_TEXT(text_of(v, "reason"), cases[i].reason);
		CHECK(json_is(json_get(v, "article"), JSON_KIND_NULL));
	}
	close_bench(&b);
}

static void
add_gzip(struct buf *out, const struct buf *in)
{
	z_stream z = { 0 };

	CHECK_INT(
	    deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
	    Z_OK);
	z.next_in = in->data;
	z.avail_in = (uInt)in->len;
	z.next_out = buf_room(out, in->len + 1000);
	z.avail_out = (uInt)in->len + 1000;
	CHECK_INT(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->len += z.total_out;
	(void)deflateEnd(&z);
}

CASE(codings_are_removed_and_a_broken_one_degrades)
{
	static const char head[] = "HTTP/1.1 200 OK\nContent-Type: "
				   "text/html\nContent-Encoding: gzip\n\n";
	struct bench b;
	struct buf coded = { 0 };
	struct json *v;

	open_bench(&b);
	add_gzip(&coded, &b.page);
	v = read_response(&b, head, coded.data, coded.len);
	CHECK_TEXT(text_of(v, "status"), "ok");
	v = read_response(&b, head, coded.data, coded.len - 8);
	CHECK_TEXT(text_of(v, "status"), "degraded");
	CHECK_INT(strncmp(headline(v), "Harbor town", 11), 0);
	v = read_response(&b, head, "no gzip at all", 14);
	CHECK_TEXT(text_of(v, "status"), "failed");
	buf_clear(&coded);
	close_bench(&b);
}

CASE(chunked_bodies_and_other_charsets_are_read)
{
	static const char body[] =
	    "22\r\n<h1>\xe3 \xc7</h1><p class='lg_para summ\r\n"
	    "b\r\nary'>dek</p\r\n1\r\n>\r\n0\r\n\r\n";
	struct bench b;
	struct json *v;

	open_bench(&b);
	v = read_response(&b,
	    "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nContent-Type: "
	    "text/html; charset=windows-1256\n\n",
	    body, strlen(body));
	CHECK_TEXT(headline(v), "\xd9\x85 \xd8\xa7");
	CHECK_TEXT(text_of(json_get(v, "article"), "dek"), "dek");
	CHECK_TEXT(text_of(v, "status"), "degraded");
	close_bench(&b);
}

CASE(a_page_that_the_tree_refuses_still_gives_what_its_head_says)
{
	static const char head[] =
	    "<title>The  title</title>"
	    "<link rel=canonical href=/news/politics/real>"
	    "<meta property=og:description content='The &amp; dek'>"
	    "<script id=tawsiyat-metadata>{\"type\":\"article\","
	    "\"postid\":\"77\"}</script>";
	struct bench b;
	struct buf html = { 0 };
	struct json *article;
	struct json *v;

	open_bench(&b);
	buf_add_text(&html, head);
	for (int i = 0; i < 20000; i++)
		buf_add_text(&html, "<div>");
	v = read_html(&b, buf_text(&html));
	article = json_get(v, "article");
	CHECK_TEXT(text_of(v, "status"), "degraded");
	CHECK_TEXT(text_of(article, "headline"), "The title");
	CHECK_TEXT(text_of(article, "dek"), "The & dek");
	CHECK_TEXT(text_of(article, "article_id"), "almayadeen-en:77");
	CHECK_TEXT(text_of(json_get(article, "url"), "canonical"),
	    "https://english.almayadeen.net/news/politics/real");
	CHECK_TEXT(text_of(json_get(article, "quality"), "status"), "degraded");
	CHECK_TEXT(
	    text_of(json_get(article, "extractor"), "layout"), "fallback");
	buf_clear(&html);
	close_bench(&b);
}

CASE(hostile_pages_end_in_a_result)
{
	static const char *const units[] = { "<b>", "<table>", "<img src=x>",
		"<p>", "<a href=/x>", "<h1>", "<script>", "<!--", "<div a=1 " };
	struct bench b;

	open_bench(&b);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct buf html = { 0 };

		buf_add_text(&html, "<title>t</title><h1>x</h1>"
				    "<div class=p-content>");
		for (int k = 0; k < 3000; k++)
			buf_add_text(&html, units[i]);
		CHECK(text_of(read_html(&b, buf_text(&html)), "status")[0] !=
		      '\0');
		buf_clear(&html);
	}
	close_bench(&b);
}

static const struct json *
block_at(const struct json *result, size_t i)
{
	return json_at(json_get(json_get(result, "article"), "body"), i);
}

CASE(blocks_of_every_kind_keep_their_order)
{
	static const char html[] =
	    "<h1>H</h1><div class=p-content>loose <b>text</b>"
	    "<p>one<h2>Two</h2><blockquote>three</blockquote>"
	    "<ul><li>four<li>five</ul>"
	    "<table><tr><td>a<td>b<tr><td>c<td>d</table>"
	    "<iframe src=https://video.example/v></iframe>"
	    "<section>lost</section><p>Read next: <a href=/n>six</a></div>";
	static const char *const kinds[] = { "p", "p", "h2", "quote", "li",
		"li", "table", "embed", "xref" };
	struct bench b;
	struct json *v;
	const struct json *article;

	open_bench(&b);
	v = read_html(&b, html);
	article = json_get(v, "article");
	CHECK_INT(json_count(json_get(article, "body")), 9);
	for (size_t i = 0; i < 9; i++)
		CHECK_TEXT(text_of(block_at(v, i), "kind"), kinds[i]);
	CHECK_TEXT(text_of(block_at(v, 0), "text"), "loose text");
	CHECK_TEXT(text_of(block_at(v, 6), "text"), "a\tb\nc\td");
	CHECK_TEXT(text_of(block_at(v, 8), "text"), "six");
	CHECK_TEXT(text_of(article, "body_text"),
	    "loose text\none\nTwo\nthree\nfour\nfive\na\tb\nc\td");
	CHECK_TEXT(text_of(json_at(json_get(article, "media"), 0), "url"),
	    "https://video.example/v");
	CHECK_TEXT(
	    json_text(
		json_at(json_get(json_get(article, "quality"), "warnings"), 0),
		""),
	    "body.not-read.section");
	close_bench(&b);
}

CASE(credits_are_told_from_the_rest_of_a_caption)
{
	static const struct {
		const char *caption;
		const char *credit;
		const char *kind;
		const char *person;
		const char *rest;
	} cases[] = {
		{ "A pier (AP)", "AP", "agency", "", "A pier" },
		{ "A pier (ap)", "ap", "agency", "", "A pier" },
		{ "A pier (AP Photo/Jo Doe)", "AP Photo/Jo Doe", "agency",
		    "Jo Doe", "A pier" },
		{ "A pier (Jo Doe/Reuters)", "Jo Doe/Reuters", "agency",
		    "Jo Doe", "A pier" },
		{ "A pier (Social media)", "Social media", "social", "",
		    "A pier" },
		{ "A pier (Al Mayadeen English; Illustrated by Jo Doe)",
		    "Al Mayadeen English; Illustrated by Jo Doe",
		    "illustration", "Jo Doe", "A pier" },
		{ "A pier (p)", "", "", "", "A pier (p)" },
		{ "A pier (in 1950)", "", "", "", "A pier (in 1950)" },
		{ "A pier) (AP", "", "", "", "A pier) (AP" },
	};
	struct bench b;

	open_bench(&b);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf html = { 0 };
		const struct json *image;

		buf_format(&html,
		    "<article><h1>H</h1><figure><img src=/i alt='x (EPA)'>"
		    "<div class=media-caption>%s</div></figure>"
		    "<div class=p-content>text",
		    cases[i].caption);
		image = json_at(
		    json_get(
			json_get(read_html(&b, buf_text(&html)), "article"),
			"images"),
		    0);
		CHECK_TEXT(text_of(image, "credit"), cases[i].credit);
		CHECK_TEXT(text_of(image, "credit_kind"), cases[i].kind);
		CHECK_TEXT(text_of(image, "credit_person"), cases[i].person);
		CHECK_TEXT(text_of(image, "caption"), cases[i].rest);
		CHECK_INT(json_bool(json_get(image, "credit_conflict"), 0),
		    cases[i].credit[0] != '\0');
		buf_clear(&html);
	}
	close_bench(&b);
}

CASE(what_is_missing_is_explained)
{
	static const char html[] = "<h1>H</h1><div class=p-content><p>one"
				   "</div><ul class=tags></ul>";
	static const char *const expected[][2] = { { "dek", "rule_failed" },
		{ "modified", "not_on_page" }, { "tags", "rule_failed" },
		{ "coverage", "not_on_page" }, { "images", "not_on_page" } };
	struct bench b;
	const struct json *quality;
	const struct json *missing;

	open_bench(&b);
	quality = json_get(json_get(read_html(&b, html), "article"), "quality");
	missing = json_get(quality, "missing");
	CHECK_TEXT(text_of(quality, "status"), "degraded");
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		const char *reason = "";

		for (size_t k = 0; k < json_count(missing); k++)
			if (strcmp(text_of(json_at(missing, k), "field"),
				expected[i][0]) == 0)
				reason = text_of(json_at(missing, k), "reason");
		CHECK_TEXT(reason, expected[i][1]);
	}
	close_bench(&b);
}

TESTS(T(a_response_that_is_no_article_says_why),
    T(codings_are_removed_and_a_broken_one_degrades),
    T(chunked_bodies_and_other_charsets_are_read),
    T(a_page_that_the_tree_refuses_still_gives_what_its_head_says),
    T(hostile_pages_end_in_a_result), T(blocks_of_every_kind_keep_their_order),
    T(credits_are_told_from_the_rest_of_a_caption),
    T(what_is_missing_is_explained))
