/* Articles on their way out: names of files, text, pages. */
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/collection/article_text.h"
#include "core/collection/export_articles_part.h"
#include "tests/test.h"

static const char block[] =
    "{\"schema\":\"holdfast-article/1\",\"article\":{"
    "\"article_id\":\"site-en:12\",\"headline\":\"A <b> & \\\"c\\\"\","
    "\"dek\":\"Below\\u202e\",\"byline_raw\":\"By Somebody\","
    "\"edition\":{\"lang\":\"en\\\" onload=\\\"x\",\"dir\":\"rtl\"},"
    "\"url\":{\"final\":\"javascript:alert(1)\"},"
    "\"published\":{\"raw\":\"7 Mar 2024\",\"iso\":\"2024-03-07\"},"
    "\"captured\":{\"iso\":\"2026-01-05T00:00:00Z\"},"
    "\"sources\":[{\"name\":\"One\"},{\"name\":\"Two\"}],"
    "\"body\":[{\"i\":0,\"kind\":\"p\",\"text\":\"First.\"},"
    "{\"i\":1,\"kind\":\"h2\",\"text\":\"Head\"},"
    "{\"i\":2,\"kind\":\"li\",\"text\":\"item\"},"
    "{\"i\":3,\"kind\":\"table\",\"text\":\"\",\"rows\":[[\"<1>\",\"2\"]]},"
    "{\"i\":4,\"kind\":\"image\",\"text\":\"\",\"media_ref\":1},"
    "{\"i\":5,\"kind\":\"p\",\"text\":\"Last.\"}],"
    "\"images\":[{\"alt\":\"left\",\"caption\":\"C1\",\"credit\":\"AP\"},"
    "{\"alt\":\"\\\"><script>\",\"caption\":\"\"}]},"
    "\"binding\":{\"response_record\":\"urn:uuid:1\"}}";

/* The article, with its first picture missing. */
static void
fill(struct shown *s, struct shown_image images[2])
{
	const struct json *list;

	*s = (struct shown){ .arena = arena_new(), .folder = "f" };
	CHECK(article_read(s->arena, block, sizeof(block) - 1, &s->stored));
	list = json_get(s->stored.article, "images");
	images[0] = (struct shown_image){ json_at(list, 0), "" };
	images[1] = (struct shown_image){ json_at(list, 1),
		"images/02-ü x.png" };
	s->images = images;
	s->image_count = 2;
}

static const char *
slug(struct buf *out, const char *text, size_t limit)
{
	buf_reset(out);
	articles_slug(out, text, limit);
	return buf_text(out);
}

CASE(words_of_a_text_make_a_name)
{
	struct buf b = { 0 };

	CHECK_TEXT(
	    slug(&b, "Harbor \"town\": it's 5/6!", 60), "harbor-town-it-s-5-6");
	CHECK_TEXT(slug(&b, "مجلسُ الميناء", 60), "مجلسُ-الميناء");
	CHECK_TEXT(slug(&b, "ÉLAN Über", 60), "élan-über");
	CHECK_TEXT(slug(&b, "../../etc/passwd", 60), "etc-passwd");
	CHECK_TEXT(slug(&b, "\xff\xfe ... \n", 60), "");
	CHECK_TEXT(slug(&b, "one two three", 9), "one-two");
	CHECK_TEXT(slug(&b, "one two three", 7), "one-two");
	CHECK_TEXT(slug(&b, "éééé", 5), "éé");
	buf_clear(&b);
}

static const char *
folder_of(struct arena *a, const char *article)
{
	struct stored_article s = { .id = "", .url = "" };
	char *text;
	struct error e = { 0 };

	s.article = json_parse(a, article, strlen(article), &e);
	text = arena_text(a, json_text(json_get(s.article, "article_id"), ""));
	s.id = text;
	return articles_folder(a, &s);
}

CASE(folders_have_date_words_and_id)
{
	struct arena *a = arena_new();

	CHECK_TEXT(
	    folder_of(a, "{\"article_id\":\"a-en:7\",\"headline\":\"B c\","
			 "\"published\":{\"iso\":\"2024-03-07T01:02Z\"}}"),
	    "2024-03-07-b-c-a-en-7");
	CHECK_TEXT(folder_of(a, "{\"article_id\":\"a-en:7\","
				"\"published\":{\"iso\":\"2024-03\"}}"),
	    "2024-03-a-en-7");
	CHECK_TEXT(folder_of(a, "{\"article_id\":\"a-en:7\","
				"\"published\":{\"raw\":\"soon\"}}"),
	    "undated-a-en-7");
	arena_free(a);
}

CASE(ids_that_lose_something_stay_apart)
{
	struct arena *a = arena_new();
	const char *one = folder_of(a, "{\"article_id\":\"a:b/c\"}");
	const char *two = folder_of(a, "{\"article_id\":\"a:b:c\"}");
	const char *three = folder_of(a, "{\"article_id\":\"a:B-c\"}");

	CHECK(strcmp(one, two) != 0 && strcmp(one, three) != 0 &&
	      strcmp(two, three) != 0);
	CHECK(strchr(one, '/') == NULL);
	arena_free(a);
}

CASE(text_reads_from_headline_to_pictures)
{
	struct shown s;
	struct shown_image images[2];
	struct buf b = { 0 };

	fill(&s, images);
	article_text(&b, s.stored.article);
	article_text_images(&b, s.stored.article);
	CHECK_TEXT(buf_text(&b),
	    "A <b> & \"c\"\n\nBelow\xe2\x80\xae\n\nBy Somebody\nSource: One, "
	    "Two\nPublished 2024-03-07 (7 Mar 2024)\n\nFirst.\n\n## Head\n\n- "
	    "item\n\nLast.\n\nPictures\n\n01: C1 (AP)\n\n02: \"><script>\n");
	buf_clear(&b);
	arena_free(s.arena);
}

CASE(foreign_text_is_never_markup)
{
	struct shown s;
	struct shown_image images[2];
	struct buf b = { 0 };
	const char *html;

	fill(&s, images);
	articles_page(&b, &s);
	html = buf_text(&b);
	CHECK(strstr(html, "<h1 dir=\"auto\">A &lt;b&gt; &amp; "
			   "&quot;c&quot;</h1>") != NULL);
	CHECK(strstr(html, "lang=\"en&quot; onload=&quot;x\" dir=\"rtl\"") !=
	      NULL);
	CHECK(strstr(html, "<script") == NULL);
	CHECK(strstr(html, "href=\"javascript:") == NULL);
	CHECK(strstr(html, "<td dir=\"auto\">&lt;1&gt;</td>") != NULL);
	CHECK(strstr(html, "src=\"images/02-%C3%BC%20x.png\" "
			   "alt=\"&quot;&gt;&lt;script&gt;\"") != NULL);
	CHECK(strstr(html, "[picture not captured]") != NULL);
	/* The one with a place in the body stands there, once. */
	CHECK(strstr(html, "<img ") > strstr(html, "<table>"));
	CHECK(strstr(strstr(html, "<img ") + 1, "<img ") == NULL);
	buf_reset(&b);
	articles_item(&b, &s);
	html = buf_text(&b);
	CHECK(strstr(html, "<a href=\"articles/f/index.html\">A &lt;b&gt;") !=
	      NULL);
	CHECK(strstr(html, "src=\"articles/f/images/02-%C3%BC%20x.png\"") !=
	      NULL);
	buf_clear(&b);
	arena_free(s.arena);
}

TESTS(T(words_of_a_text_make_a_name), T(folders_have_date_words_and_id),
    T(ids_that_lose_something_stay_apart),
    T(text_reads_from_headline_to_pictures), T(foreign_text_is_never_markup))
