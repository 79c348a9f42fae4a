/* Other layouts of article pages, and broken data in them. */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "tests/site/news.h"
#include "tests/site/words.h"

static void
swap_text(struct buf *b, const char *from, const char *to)
{
	struct buf out = { 0 };
	const char *s = buf_text(b);

	for (;;) {
		const char *at = strstr(s, from);

		if (at == NULL)
			break;
		buf_add(&out, s, (size_t)(at - s));
		buf_add_text(&out, to);
		s = at + strlen(from);
	}
	buf_add_text(&out, s);
	buf_clear(b);
	*b = out;
}

static void
other_layout(struct buf *b)
{
	swap_text(b, "class=\"side-block\"", "class=\"side-box\"");
	swap_text(b, "class=\"post-info\"", "class=\"meta-row\"");
	swap_text(b, "<main>", "<main class=\"wide\"><div class=\"wrap\">");
	swap_text(b, "</main>", "</div></main>");
	swap_text(b, "class=\"breaking-news\"", "class=\"breaking-bar\"");
}

static void
redesign(struct buf *b, const char *json)
{
	swap_text(b, "p-content", "story-text");
	swap_text(b, "lg_para summary", "story-intro");
	swap_text(b, "post-info", "story-info");
	swap_text(b, "media-caption", "figure-text");
	if (strcmp(json, "dropped") == 0) {
		swap_text(b, "tawsiyat-metadata", "app-state");
		swap_text(b, "\"postid\"", "\"id\"");
	}
}

static void
break_json(struct buf *b, const char *how)
{
	static const char from[] = "type=\"text/tawsiyat\">\n{";
	static const char end[] = "\"lite_url\": \"\"\n}";

	if (strcmp(how, "newline") == 0)
		swap_text(b, "\"html\": \"\"", "\"html\": \"a\nb\"");
	else if (strcmp(how, "comma") == 0)
		swap_text(b, end, "\"lite_url\": \"\",\n}");
	else if (strcmp(how, "entity") == 0)
		swap_text(b, "\"postid\":", "&quot;postid&quot;:");
	else if (strcmp(how, "bom") == 0)
		swap_text(b, from, "type=\"text/tawsiyat\">\n\ufeff{");
	else if (strcmp(how, "comment") == 0) {
		swap_text(b, from, "type=\"text/tawsiyat\"><!--\n{");
		swap_text(b, end, "\"lite_url\": \"\"\n}-->");
	} else if (strcmp(how, "cut") == 0)
		swap_text(b, end, "\"lite_u");
}

void
article_apply_conditions(
    const struct request *q, const struct shown *s, struct buf *out)
{
	const struct condition *c;

	if (s->json_title != NULL)
		swap_text(out,
		    arena_format(q->arena, "\"title\": \"%s\"", s->headline),
		    arena_format(q->arena, "\"title\": \"%s\"", s->json_title));
	if (request_condition(q, "layout") != NULL &&
	    ((uint64_t)q->now / 3600 + words_number(q->path)) % 2 == 1)
		other_layout(out);
	c = request_condition(q, "redesign");
	if (c != NULL)
		redesign(out, condition_get(c, "as", "kept"));
	c = request_condition(q, "json-broken");
	if (c != NULL)
		break_json(out, condition_get(c, "how", "comma"));
}
