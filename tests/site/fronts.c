/* Pages of links: home, sections with their pages, more on scrolling. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/site/news.h"
#include "tests/site/words.h"

enum { HOME_CARDS = 30, PAGE_CARDS = 12, MORE_CARDS = 10 };

static void
add_card(const struct request *q, const struct shown *s, const char *href,
    struct buf *b)
{
	(void)q;
	buf_add_text(b, "<div class=\"card\">\n");
	if (s->picture_count > 0)
		buf_format(b,
		    "<figure><a href=\"%s\"><img src=\"https://%s%s?v=%u&amp;"
		    "width=400\" alt=\"\"></a><div class=\"media-caption\">%s"
		    "</div></figure>\n",
		    href, edition_media(s->edition), s->pictures[0].path,
		    s->pictures[0].revision, s->pictures[0].caption);
	buf_format(b,
	    "<h3><a href=\"%s\">%s</a></h3>\n<ul><li><a href=\"/%s\">%s</a>"
	    "</li></ul>\n</div>\n",
	    href, s->headline, s->section, s->section);
}

static void
begin(
    const struct request *q, struct buf *b, const char *title, const char *next)
{
	const char *lang = q->edition;

	buf_format(b,
	    "<!DOCTYPE html>\n<html lang=\"%s\"%s><head><meta charset="
	    "\"utf-8\"><title>%s</title>\n<link rel=\"stylesheet\" "
	    "href=\"/assets/style.css\">\n<link rel=\"alternate\" "
	    "type=\"application/rss+xml\" href=\"/rss\">\n",
	    lang, strcmp(lang, "ar") == 0 ? " dir=\"rtl\"" : "", title);
	if (next[0] != '\0')
		buf_format(b, "<link rel=\"next\" href=\"%s\">\n", next);
	buf_format(b,
	    "</head><body>\n<header><a href=\"/\"><img "
	    "src=\"/assets/logo.png\" alt=\"Al Mayadeen\"></a><nav>"
	    "<a href=\"/live\">LIVE</a> <a href=\"/login\">x</a> "
	    "<a href=\"https://social.example/almayadeen\">x</a></nav>"
	    "</header>\n<div class=\"breaking-news\"><ul>");
	for (unsigned i = 0; i < 10; i++)
		buf_format(b, "<li>%s</li>",
		    words_make(q->arena, lang,
			arena_format(q->arena, "ticker/%u/%u", q->visit, i), 8,
			""));
	buf_add_text(b, "</ul></div>\n<main>\n");
}

static void
end(struct buf *b, const char *next)
{
	if (next[0] != '\0')
		buf_format(b, "<a rel=\"next\" href=\"%s\">Older</a>\n", next);
	buf_add_text(b,
	    "</main>\n<footer><a href=\"/privacy-policy\">Privacy Policy</a> "
	    "<a href=\"/about-us\">About Us</a></footer></body></html>\n");
}

/* Raw on the home page, %d8 on section pages. */
static void
answer_home(const struct request *q, struct answer *out)
{
	struct shown *list = arena_alloc(q->arena, HOME_CARDS * sizeof(*list));
	size_t count = news_latest(q, "", 0, list, HOME_CARDS);

	if (request_condition(q, "front-empty") != NULL)
		count = 0;
	begin(q, out->body, "Al Mayadeen (fixture)", "");
	for (size_t i = 0; i < count; i++)
		add_card(q, &list[i], list[i].path, out->body);
	buf_format(out->body,
	    "<div id=\"more\" data-next=\"/api/more?offset=%d\"></div>\n",
	    HOME_CARDS);
	end(out->body, "");
}

static void
answer_section(const struct request *q, const char *section, struct answer *out)
{
	struct shown *list = arena_alloc(
	    q->arena, (PAGE_CARDS + 1) * sizeof(*list));
	unsigned long page = strtoul(request_query(q, "page", "1"), NULL, 10);
	size_t count;
	const char *next = "";

	page = page == 0 ? 1 : page;
	count = news_latest(
	    q, section, (page - 1) * PAGE_CARDS, list, PAGE_CARDS + 1);
	if (request_condition(q, "front-empty") != NULL)
		count = 0;
	if (count > PAGE_CARDS)
		next = arena_format(
		    q->arena, "/%s?page=%lu", section, page + 1);
	begin(q, out->body, section, next);
	for (size_t i = 0; i < count && i < PAGE_CARDS; i++)
		for (int again = i == 0 ? 3 : 1; again > 0; again--)
			add_card(q, &list[i],
			    path_encoded(q->arena, list[i].path, 0), out->body);
	end(out->body, next);
}

static void
answer_more(const struct request *q, struct answer *out)
{
	struct shown *list = arena_alloc(q->arena, MORE_CARDS * sizeof(*list));
	unsigned long offset = strtoul(
	    request_query(q, "offset", "0"), NULL, 10);
	size_t count = news_latest(
	    q, request_query(q, "section", ""), offset, list, MORE_CARDS);

	for (size_t i = 0; i < count; i++)
		add_card(q, &list[i], list[i].path, out->body);
	if (count == MORE_CARDS)
		buf_format(out->body,
		    "<div id=\"more\" data-next=\"/api/more?offset=%lu\">"
		    "</div>\n",
		    offset + MORE_CARDS);
}

/* Some article is or was of SECTION. */
static int
is_section(const struct request *q, const char *section)
{
	static const char *const others[] = { "news", "articles", "videos",
		"infographs", "in-pictures", "regions", "tags", "coverage",
		"noticias", "reports", "latestnews" };
	const struct scenario *s = &q->news->scenario;
	size_t len = strcspn(section, "/");

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (text_equal_nocase(section, len, others[i]) &&
		    (strchr(section, '/') == NULL ||
			strchr(strchr(section, '/') + 1, '/') == NULL) &&
		    strlen(section) < 24)
			return 1;
	for (size_t i = 0; i < s->life_count; i++)
		if (strcmp(happening_get(s->lives[i].list[0], "section", ""),
			section) == 0)
			return 1;
	return 0;
}

static int
answer_plain(const struct request *q, struct answer *out)
{
	static const char *const names[] = { "/live", "/login",
		"/privacy-policy", "/about-us", "/contact-us", "/authors",
		"/android", "/ios", "/search" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(q->path, names[i]) != 0)
			continue;
		begin(q, out->body, names[i] + 1, "");
		buf_add_text(out->body, "<p>Nothing of interest.</p>\n");
		end(out->body, "");
		return 1;
	}
	return 0;
}

int
fronts_answer(const struct request *q, struct answer *out)
{
	out->type = "text/html; charset=utf-8";
	if (strcmp(q->path, "/") == 0)
		answer_home(q, out);
	else if (strcmp(q->path, "/api/more") == 0)
		answer_more(q, out);
	else if (answer_plain(q, out))
		;
	else if (is_section(q, q->path + 1))
		answer_section(q, q->path + 1, out);
	else
		return 0;
	return 1;
}
