/* Article pages: the edition's story with the article poured in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "tests/site/news.h"
#include "tests/site/template.h"
#include "tests/site/words.h"

enum { CARDS = 4, BEFORE_RELATED = 5 };

struct page {
	const struct request *q;
	const struct shown *s;
	struct arena *a;
	struct json *o;
};

static const char *
option(const struct page *p, const char *name, const char *fallback)
{
	return happening_get(p->s->published_by, name, fallback);
}

static void
set(struct page *p, const char *name, const char *value)
{
	json_set_string(p->a, p->o, name, value);
}

static const char *
picture_url(struct arena *a, const struct shown *s,
    const struct shown_picture *pic, const char *more)
{
	return arena_format(a, "https://%s%s?v=%u%s", edition_media(s->edition),
	    pic->path, pic->revision, more);
}

/* ---- dates ---- */

static const char *const spanish_months[] = { "ene", "feb", "mar", "abr", "may",
	"jun", "jul", "ago", "sep", "oct", "nov", "dic" };
static const char *const arabic_months[] = { "كانون الثاني/يناير",
	"شباط/فبراير", "آذار/مارس", "نيسان/أبريل", "أيار/مايو", "حزيران/يونيو",
	"تموز/يوليو", "آب/أغسطس", "أيلول/سبتمبر", "تشرين الأول/أكتوبر",
	"تشرين الثاني/نوفمبر", "كانون الأول/ديسمبر" };

/* With Arabic-Indic digits. */
static const char *
arabic_date(struct arena *a, const struct date_fields *f)
{
	const char *plain = arena_format(a, "%d %s %d %02d:%02d", f->day,
	    arabic_months[f->month - 1], f->year, f->hour, f->minute);
	struct buf b = { 0 };
	const char *text;

	for (; *plain != '\0'; plain++)
		if (*plain >= '0' && *plain <= '9')
			text_utf8_add(&b, 0x660 + (uint32_t)(*plain - '0'));
		else
			buf_add_byte(&b, (uint8_t)*plain);
	text = arena_text(a, buf_text(&b));
	buf_clear(&b);
	return text;
}

static void
set_dates(struct page *p)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int minutes = site_offset_minutes(p->s->published);
	const char *offset = option(p, "offset", NULL);
	const char *style = option(p, "date", "full");
	char text[DATE_TEXT_MAX];
	struct date_fields f;
	struct date_fields now;

	if (offset != NULL)
		minutes = (int)strtol(offset, NULL, 10);
	date_rfc3339_offset(p->s->published * 1000000, minutes, text);
	set(p, "published_iso", text);
	date_rfc3339_offset(p->s->modified * 1000000, minutes, text);
	set(p, "modified_iso", text);
	date_split((p->s->published + minutes * 60) * 1000000, &f);
	date_split((p->q->now + minutes * 60) * 1000000, &now);
	if (strcmp(p->s->edition, "ar") == 0)
		set(p, "date", arabic_date(p->a, &f));
	else if (strcmp(p->s->edition, "es") == 0)
		set(p, "date",
		    arena_format(p->a, "%d %s %d %02d:%02d", f.day,
			spanish_months[f.month - 1], f.year, f.hour, f.minute));
	else if (strcmp(style, "noyear") == 0 && f.year == now.year)
		set(p, "date",
		    arena_format(p->a, "%d %s %02d:%02d", f.day,
			months[f.month - 1], f.hour, f.minute));
	else
		set(p, "date",
		    arena_format(p->a, "%d %s %d %02d:%02d", f.day,
			months[f.month - 1], f.year, f.hour, f.minute));
}

/* ---- pictures ---- */

static void
set_lead(struct page *p)
{
	static const unsigned widths[] = { 400, 1600 };
	const struct shown_picture *pic = &p->s->pictures[0];
	struct json *lead;
	struct buf sets[2] = { { 0 }, { 0 } };

	if (p->s->picture_count == 0) {
		json_set_bool(p->a, p->o, "lead", 0);
		set(p, "thumbnail", "");
		return;
	}
	lead = json_new_object(p->a);
	json_set(p->a, p->o, "lead", lead);
	for (size_t i = 0; i < 4; i++)
		buf_format(&sets[i / 2], "%s%s %uw", i % 2 > 0 ? ", " : "",
		    picture_url(p->a, p->s, pic,
			arena_format(p->a, "&width=%u%s", widths[i % 2],
			    i / 2 > 0 ? "&format=webp" : "")),
		    widths[i % 2]);
	json_set_string(
	    p->a, lead, "src", picture_url(p->a, p->s, pic, "&width=750"));
	json_set_string(p->a, lead, "srcset", buf_text(&sets[0]));
	json_set_string(p->a, lead, "webp_srcset", buf_text(&sets[1]));
	json_set_string(p->a, lead, "alt", pic->alt);
	json_set_string(p->a, lead, "caption", pic->caption);
	set(p, "thumbnail", picture_url(p->a, p->s, pic, "&width=1000"));
	buf_clear(&sets[0]);
	buf_clear(&sets[1]);
}

/* The ways in which pages show pictures, one after the other. */
static const char *
figure(struct page *p, const struct shown_picture *pic, size_t number)
{
	static const char gif[] = "data:image/gif;base64,R0lGODlhAQABAAAAACw=";
	const char *small = picture_url(p->a, p->s, pic, "&amp;width=400");
	const char *large = picture_url(p->a, p->s, pic, "&amp;width=1600");
	const char *tail = arena_format(p->a,
	    " alt=\"%s\"><div class=\"media-caption\">%s</div></figure>",
	    pic->alt, pic->caption);

	switch (number % 5) {
	case 0: /* lazy */
		return arena_format(p->a,
		    "<figure><img class=\"lazy\" data-src=\"%s\" src=\"%s\"%s",
		    small, gif, tail);
	case 1: /* x descriptors; a comma inside an address */
		return arena_format(p->a,
		    "<figure><img src=\"%s\" srcset=\"%s 1x, %s&amp;crop=1,2 "
		    "2x\"%s",
		    small, small, large, tail);
	case 2: /* webp and avif first */
		return arena_format(p->a,
		    "<figure><picture><source type=\"image/avif\" srcset=\"%s"
		    "&amp;format=avif\"><source type=\"image/webp\" srcset="
		    "\"%s&amp;format=webp\"><img src=\"%s\"%s",
		    large, large, small,
		    arena_format(p->a,
			" alt=\"%s\"></picture><div class=\"media-caption\">%s"
			"</div></figure>",
			pic->alt, pic->caption));
	case 3: /* for those without scripts */
		return arena_format(p->a,
		    "<figure><noscript><img src=\"%s\"></noscript><img "
		    "data-src=\"%s\" src=\"%s\"%s",
		    small, small, gif, tail);
	default:
		return arena_format(
		    p->a, "<figure><img src=\"%s\"%s", small, tail);
	}
}

static void
add_pictures(struct page *p, struct json *blocks)
{
	for (size_t i = 1; i < p->s->picture_count; i++)
		json_append(p->a, blocks,
		    json_new_string(
			p->a, figure(p, &p->s->pictures[i], i - 1)));
}

void
article_pictures(const struct shown *s, struct buf *out)
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < s->picture_count; i++) {
		const struct shown_picture *pic = &s->pictures[i];

		buf_format(out, "%s\n", picture_url(a, s, pic, ""));
		buf_format(out, "%s\n",
		    picture_url(
			a, s, pic, i == 0 ? "&width=750" : "&width=400"));
		if (i == 0)
			buf_format(
			    out, "%s\n", picture_url(a, s, pic, "&width=1600"));
	}
	arena_free(a);
}

/* ---- body ---- */

static void
add_escaped(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '&')
			buf_add_text(b, "&amp;");
		else if (*s == '<')
			buf_add_text(b, "&lt;");
		else
			buf_add_byte(b, (uint8_t)*s);
	}
}

static void
add_kind(struct page *p, struct json *blocks)
{
	const char *kind = p->s->kind;

	if (strcmp(kind, "tweet") == 0)
		json_append(p->a, blocks,
		    json_new_string(p->a,
			"<blockquote class=\"twitter-tweet\"><p>Fog.</p>"
			"— Harbor (@harbor) <a href=\"https://twitter.com/"
			"harbor/status/1234567890\">March 7, 2024</a>"
			"</blockquote>"));
	else if (strcmp(kind, "video") == 0)
		json_append(p->a, blocks,
		    json_new_string(p->a,
			"<iframe src=\"https://www.youtube.com/embed/"
			"a_b-C1d2E3f\"></iframe>"));
}

/* Blocks behind a heading go where any element may stand. */
static void
set_blocks(struct page *p)
{
	struct json *before = json_new_array(p->a);
	struct json *after = json_new_array(p->a);
	struct json *rest = json_new_array(p->a);
	int raw = 0;

	for (size_t i = 0; i < p->s->block_count; i++) {
		const struct shown_block *b = &p->s->blocks[i];
		struct buf html = { 0 };

		raw |= b->kind != 'p';
		if (!raw) {
			json_append(p->a, i < BEFORE_RELATED ? before : after,
			    json_new_string(p->a, b->text));
			continue;
		}
		buf_add_text(&html, b->kind == 'p' ? "<p>" : "<h3>");
		add_escaped(&html, b->text);
		buf_add_text(&html, b->kind == 'p' ? "</p>" : "</h3>");
		json_append(p->a, rest, json_new_string(p->a, buf_text(&html)));
		buf_clear(&html);
	}
	add_kind(p, rest);
	add_pictures(p, rest);
	json_set(p->a, p->o, "paragraphs_before", before);
	json_set(p->a, p->o, "paragraphs_after", after);
	json_set(p->a, p->o, "blocks_after", rest);
}

/* ---- furniture ---- */

static struct json *
card(struct page *p, const struct shown *s)
{
	struct json *o = json_new_object(p->a);
	struct date_fields f;

	date_split(s->published * 1000000, &f);
	json_set_string(p->a, o, "title", s->headline);
	json_set_string(p->a, o, "href", s->path);
	json_set_string(p->a, o, "section", "Politics");
	json_set_string(
	    p->a, o, "section_href", arena_format(p->a, "/%s", s->section));
	json_set_string(
	    p->a, o, "date", arena_format(p->a, "%d Jan %d", f.day, f.year));
	json_set_string(p->a, o, "caption",
	    s->picture_count > 0 ? s->pictures[0].caption : "");
	json_set_string(p->a, o, "image",
	    s->picture_count > 0
		? picture_url(p->a, s, &s->pictures[0], "&width=400")
		: "/assets/card.png");
	return o;
}

/* Other articles in another order at each visit. */
static void
set_cards(struct page *p)
{
	static const char *const names[] = { "most_read", "read_next",
		"related" };
	struct shown *others = arena_alloc(p->a, 12 * sizeof(*others));
	size_t count = news_latest(p->q, "", 0, others, 12);
	size_t turn = request_condition(p->q, "no-churn") ? 0 : p->q->visit;

	for (size_t l = 0; l < 3; l++) {
		struct json *list = json_new_array(p->a);
		size_t want = l == 2 ? 2 : CARDS;

		for (size_t i = 0; i < count && json_count(list) < want; i++) {
			struct shown
			    *s = &others[(i + turn + l * CARDS) % count];

			if (s->life != p->s->life)
				json_append(p->a, list, card(p, s));
		}
		json_set(p->a, p->o, names[l], list);
	}
	if (count > 1) {
		struct json *next = json_get(p->o, "readnext");

		json_set_string(p->a, next, "href", others[count - 1].path);
		json_set_string(p->a, next, "text", others[count - 1].headline);
	} else {
		json_set_bool(p->a, p->o, "readnext", 0);
	}
}

static void
set_ticker(struct page *p)
{
	struct json *list = json_new_array(p->a);
	unsigned turn = request_condition(p->q, "no-churn") ? 0 : p->q->visit;

	for (unsigned i = 0; i < 10; i++) {
		struct json *o = json_new_object(p->a);

		json_set_string(p->a, o, "text",
		    words_make(p->a, p->s->edition,
			arena_format(p->a, "ticker/%u/%u", turn, i), 9, ""));
		json_set_string(p->a, o, "href", "");
		json_append(p->a, list, o);
	}
	json_set(p->a, p->o, "ticker", list);
}

static void
set_tags(struct page *p)
{
	struct json *list = json_new_array(p->a);
	struct buf keywords = { 0 };

	for (size_t i = 0; i < p->s->tag_count; i++) {
		struct json *o = json_new_object(p->a);

		json_set_string(p->a, o, "name", p->s->tags[i]);
		json_set_string(p->a, o, "href",
		    arena_format(
			p->a, "/tags/%s", words_slug(p->a, p->s->tags[i])));
		json_append(p->a, list, o);
		buf_format(&keywords, "%s%s", i > 0 ? "," : "", p->s->tags[i]);
	}
	/* Real ones have doubles. */
	if (p->s->tag_count > 0)
		buf_format(&keywords, ",%s", p->s->tags[0]);
	json_set(p->a, p->o, "tags", list);
	set(p, "keywords", option(p, "keywords", buf_text(&keywords)));
	buf_clear(&keywords);
}

static void
set_texts(struct page *p)
{
	const struct shown *s = p->s;
	int es = strcmp(s->edition, "es") == 0;
	int ar = strcmp(s->edition, "ar") == 0;

	set(p, "url",
	    arena_format(
		p->a, "https://%s%s", edition_host(s->edition), s->path));
	set(p, "title", s->headline);
	set(p, "dek", s->dek);
	set(p, "post_id", s->post);
	set(p, "type", strcmp(s->kind, "page") == 0 ? "page" : "article");
	set(p, "source",
	    arena_format(p->a, "%s %s",
		es   ? "Fuente:"
		: ar ? "المصدر:"
		     : "Source:",
		s->source));
	if (s->author[0] != '\0') {
		set(p, "author", s->author);
		set(p, "byline",
		    ar ? s->author
		       : arena_format(
			     p->a, "%s %s", es ? "Por" : "By", s->author));
	}
	json_set_bool(
	    p->a, p->o, "with_json", strcmp(option(p, "json", "1"), "0") != 0);
	json_set_bool(p->a, p->o, "with_ld",
	    s->picture_count > 0 && strcmp(option(p, "ld", "1"), "0") != 0);
	json_set_bool(p->a, p->o, "with_og",
	    s->picture_count > 0 && strcmp(option(p, "og", "1"), "0") != 0);
}

static void
set_extras(struct page *p)
{
	struct buf body = { 0 };

	set(p, "head_extra",
	    "<link rel=\"stylesheet\" href=\"/assets/style.css\">\n"
	    "<script src=\"/assets/app.js\" defer></script>\n"
	    "<script src=\"https://tracking-api.almayadeen.net/api/collect.js\""
	    " async></script>\n");
	if (request_condition(p->q, "consent") != NULL)
		buf_add_text(&body,
		    "<div class=\"consent-banner\"><p>We value your privacy."
		    "</p><button>Accept all</button></div>\n");
	if (strcmp(option(p, "bulk", ""), "3m") == 0)
		while (body.len < 3 << 20)
			buf_add_text(&body, "<!-- much of nothing -->\n");
	for (unsigned i = 0;
	     strcmp(option(p, "bulk", ""), "nested") == 0 && i < 20000; i++)
		buf_add_text(&body, "<div>");
	for (unsigned i = 0;
	     strcmp(option(p, "bulk", ""), "images") == 0 && i < 10000; i++)
		buf_format(&body, "<img src=\"/assets/m%u.png\" alt=\"\">", i);
	set(p, "body_extra", buf_text(&body));
	buf_clear(&body);
}

int
article_page(const struct request *q, const struct shown *s, struct buf *out,
    struct error *e)
{
	size_t which = strcmp(s->edition, "ar") == 0   ? 1
		       : strcmp(s->edition, "es") == 0 ? 2
						       : 0;
	const struct edition *ed = &q->news->editions[which];
	struct page p = { .q = q, .s = s, .a = q->arena };

	p.o = json_parse(p.a, ed->story_text, ed->story_len, e);
	if (p.o == NULL)
		return -1;
	set_texts(&p);
	set_dates(&p);
	set_lead(&p);
	set_blocks(&p);
	set_cards(&p);
	set_ticker(&p);
	set_tags(&p);
	set_extras(&p);
	if (template_expand(out, ed->template_text, ed->template_len, p.o, e) !=
	    0)
		return -1;
	article_apply_conditions(q, s, out);
	return 0;
}
