/* What an article looks like after everything that happened to it. */
#include "tests/site/shown.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/text.h"
#include "core/news/normalize.h"
#include "tests/site/words.h"

struct folding {
	struct arena *a;
	struct shown *s;
	const struct happening *h;
	unsigned number; /* of the happening, for text that differs */
};

static const struct {
	const char *edition, *host, *media;
} editions[] = {
	{ "en", "english.almayadeen.net", "media.almayadeen.net" },
	{ "ar", "www.almayadeen.net", "alpha-ar-media.almayadeen.net" },
	{ "es", "espanol.almayadeen.net", "media-es.almayadeen.net" },
};

const char *
edition_host(const char *edition)
{
	for (size_t i = 0; i < 3; i++)
		if (strcmp(editions[i].edition, edition) == 0)
			return editions[i].host;
	return editions[0].host;
}

const char *
edition_media(const char *edition)
{
	for (size_t i = 0; i < 3; i++)
		if (strcmp(editions[i].edition, edition) == 0)
			return editions[i].media;
	return editions[0].media;
}

const char *
edition_of_host(const char *host)
{
	for (size_t i = 0; i < 3; i++)
		if (text_starts(host, editions[i].host))
			return editions[i].edition;
	return strcmp(host, "almayadeen.net") == 0 ? "ar" : NULL;
}

int
site_offset_minutes(int64_t now)
{
	struct date_fields f;
	int day;

	date_split(now * 1000000, &f);
	day = f.month * 100 + f.day;
	return day >= 327 && day < 1025 ? 180 : 120;
}

static unsigned
get_number(const struct happening *h, const char *name, unsigned fallback)
{
	const char *v = happening_get(h, name, NULL);

	return v == NULL ? fallback : (unsigned)strtoul(v, NULL, 10);
}

/* ---- the beginning ---- */

static void
add_block(struct folding *f, char kind, const char *text)
{
	if (f->s->block_count < SHOWN_BLOCKS_MAX)
		f->s->blocks[f->s->block_count++] = (struct shown_block){ kind,
			text };
}

static char *
make_paragraph(struct folding *f, unsigned number)
{
	struct shown *s = f->s;
	char *key = arena_format(
	    f->a, "%s/%u/%u", s->life->id, f->number, number);
	char *said = words_make(
	    f->a, s->edition, arena_format(f->a, "%s/said", key), 6, "");

	return arena_format(f->a, "%s \"%s\" %s",
	    words_make(f->a, s->edition, key, 18, ""), said,
	    words_make(f->a, s->edition, said, 9, "."));
}

static void
add_picture(struct folding *f, const char *key)
{
	struct shown *s = f->s;
	struct shown_picture *p = &s->pictures[s->picture_count];
	struct date_fields d;
	uint8_t raw[DIGEST_SHA256_RAW];
	char hex[DIGEST_SHA256_HEX + 1];

	if (s->picture_count == SHOWN_PICTURES_MAX)
		return;
	s->picture_count++;
	date_split(f->h->at * 1000000, &d);
	digest_sha256(key, strlen(key), raw);
	text_hex(hex, raw, sizeof(raw));
	p->path = arena_format(f->a,
	    "/archive/image/%d/%d/%d/%.8s-%.4s-%.4s-%.4s-%.12s.jpg", d.year,
	    d.month, d.day, hex, hex + 8, hex + 12, hex + 16, hex + 20);
	p->revision = 2;
	p->alt = words_make(f->a, s->edition, key, 9, " (p)");
	p->caption = words_make(
	    f->a, s->edition, arena_format(f->a, "%s/c", key), 10, " (AP)");
}

static void
add_blocks(struct folding *f)
{
	unsigned count = get_number(f->h, "paragraphs", 7);

	if (strcmp(f->s->kind, "infograph") == 0 ||
	    strcmp(f->s->kind, "gallery") == 0)
		count = 0;
	for (unsigned i = 0; i < count; i++)
		add_block(f, 'p', make_paragraph(f, i));
	for (unsigned i = 0; strcmp(f->s->kind, "live") == 0 && i < 6; i++) {
		add_block(f, '3', arena_format(f->a, "%u:30", 8 + i));
		add_block(f, 'p', make_paragraph(f, 100 + i));
	}
}

static void
publish(struct folding *f)
{
	struct shown *s = f->s;
	const struct happening *h = f->h;
	const char *id = s->life->id;

	s->published_by = h;
	s->edition = happening_get(h, "edition", "en");
	s->section = happening_get(h, "section",
	    strcmp(s->edition, "es") == 0 ? "noticias/politica"
					  : "news/politics");
	s->kind = happening_get(h, "kind", "article");
	s->headline = happening_get(h, "headline", NULL);
	if (s->headline == NULL)
		s->headline = words_make(f->a, s->edition, id, 8, "");
	s->json_title = happening_get(h, "title", NULL);
	s->slug = happening_get(h, "slug", words_slug(f->a, s->headline));
	s->path = arena_format(f->a, "/%s/%s", s->section, s->slug);
	s->first_path = s->path;
	s->dek = words_make(
	    f->a, s->edition, arena_format(f->a, "%s/dek", id), 14, ".");
	s->author = happening_get(h, "author", "");
	s->source = happening_get(h, "source", "The Tide");
	s->post = happening_get(h, "post",
	    arena_format(
		f->a, "%u", 1900000 + (unsigned)(words_number(id) % 1000000)));
	s->published = s->modified = s->changed = h->at;
	s->version = 1;
	add_blocks(f);
	for (unsigned i = 0; i < get_number(h, "images", 1); i++)
		add_picture(f, arena_format(f->a, "%s/image/%u", id, i));
	for (unsigned i = 0; i < get_number(h, "tags", 3); i++)
		if (i < SHOWN_TAGS_MAX)
			s->tags[s->tag_count++] = words_one(
			    s->edition, arena_format(f->a, "%s/tag/%u", id, i));
}

/* ---- edits ---- */

static char *
insert(struct arena *a, const char *text, size_t at, const char *what)
{
	if (at > strlen(text))
		at = strlen(text);
	return arena_format(a, "%.*s%s%s", (int)at, text, what, text + at);
}

/* The first FROM in TEXT becomes TO. */
static const char *
replace(struct arena *a, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	return at == NULL ? text
			  : arena_format(a, "%.*s%s%s", (int)(at - text), text,
				to, at + strlen(from));
}

static void
insert_block(struct folding *f, size_t at, const char *text)
{
	struct shown *s = f->s;

	if (s->block_count == SHOWN_BLOCKS_MAX)
		return;
	for (size_t i = s->block_count++; i > at; i--)
		s->blocks[i] = s->blocks[i - 1];
	s->blocks[at] = (struct shown_block){ 'p', text };
}

static void
remove_block(struct shown *s, size_t at)
{
	if (s->block_count < 2)
		return;
	s->block_count--;
	for (size_t i = at; i < s->block_count; i++)
		s->blocks[i] = s->blocks[i + 1];
}

/* Edits of the text. 1: it was one. */
static int
edit_text(struct folding *f, const char *what)
{
	struct shown *s = f->s;
	struct arena *a = f->a;
	size_t at = s->block_count == 0
			? 0
			: get_number(f->h, "n", 2) % s->block_count;
	const char **text = s->block_count > 0 ? &s->blocks[at].text : &s->dek;
	const char *given = happening_get(f->h, "text", NULL);

	if (strcmp(what, "headline") == 0)
		s->headline = given != NULL ? given
					    : words_make(a, s->edition,
						  arena_format(a, "%s/h/%u",
						      s->life->id, f->number),
						  8, "");
	else if (strcmp(what, "dek") == 0)
		s->dek = given != NULL
			     ? given
			     : insert(a, s->dek, 0,
				   arena_format(a, "%u. ", f->number));
	else if (strcmp(what, "typo") == 0 || strcmp(what, "silent") == 0)
		*text = insert(a, *text, strlen(*text),
		    arena_format(a, " %s",
			given != NULL ? given
				      : words_one(s->edition,
					    arena_format(a, "%u", f->number))));
	else if (strcmp(what, "add-paragraph") == 0)
		insert_block(f, at,
		    given != NULL ? given : make_paragraph(f, f->number));
	else if (strcmp(what, "remove-paragraph") == 0)
		remove_block(s, at);
	else if (strcmp(what, "reorder") == 0 && at + 1 < s->block_count) {
		const char *first = s->blocks[at].text;

		s->blocks[at].text = s->blocks[at + 1].text;
		s->blocks[at + 1].text = first;
	} else if (strcmp(what, "note") == 0)
		insert_block(f, 0,
		    given != NULL ? given
				  : arena_format(a, "Correction: %s",
					make_paragraph(f, f->number)));
	else if (strcmp(what, "updated") == 0)
		insert_block(f, s->block_count,
		    arena_format(a, "Updated %u times", f->number));
	else
		return 0;
	return 1;
}

/* Edits of characters that hardly show. 1: it was one. */
static int
edit_characters(struct folding *f, const char *what)
{
	struct shown *s = f->s;
	struct arena *a = f->a;
	const char **first = s->block_count > 0 ? &s->blocks[0].text : &s->dek;
	const uint8_t *h = (const uint8_t *)s->headline;
	uint32_t cp;
	size_t letter = text_utf8_next(h, strlen(s->headline), &cp, NULL);

	if (strcmp(what, "tashkeel") == 0)
		s->headline = insert(a, s->headline, letter, "\u064e");
	else if (strcmp(what, "quotes") == 0)
		*first = replace(
		    a, replace(a, *first, "\"", "\u201c"), "\"", "\u201d");
	else if (strcmp(what, "nbsp") == 0)
		*first = replace(a, *first, " ", "\u00a0");
	else if (strcmp(what, "bidi") == 0)
		s->headline = arena_format(a, "\u200f%s\u200e", s->headline);
	else if (strcmp(what, "zwsp") == 0)
		*first = insert(a, *first, 0, "\u200b");
	else
		return 0;
	return 1;
}

static int
edit_pictures(struct folding *f, const char *what)
{
	struct shown *s = f->s;
	struct arena *a = f->a;
	size_t at = get_number(f->h, "n", 0);
	struct shown_picture *p = &s->pictures[at];
	const char *given = happening_get(f->h, "text", NULL);
	const char *key = arena_format(
	    a, "%s/image/%u/%u", s->life->id, (unsigned)at, f->number);

	if (strcmp(what, "image-add") == 0) {
		add_picture(f, key);
		return 1;
	}
	if (at >= s->picture_count)
		return text_starts(what, "image-");
	if (strcmp(what, "caption") == 0)
		p->caption = given != NULL ? given
					   : words_make(a, s->edition, key, 9,
						 " (Reuters)");
	else if (strcmp(what, "credit") == 0)
		p->caption = replace(
		    a, p->caption, "(AP)", given != NULL ? given : "(AFP)");
	else if (strcmp(what, "alt") == 0)
		p->alt = given != NULL ? given : "";
	else if (strcmp(what, "image-revision") == 0)
		p->revision++;
	else if (strcmp(what, "image-bytes") == 0)
		p->salt++;
	else if (strcmp(what, "image-new") == 0) {
		size_t count = s->picture_count;

		s->picture_count = at;
		add_picture(f, key);
		s->picture_count = count;
	} else
		return 0;
	return 1;
}

static void
edit_rest(struct folding *f, const char *what)
{
	struct shown *s = f->s;

	if (strcmp(what, "tags") == 0 && s->tag_count > 1) {
		const char *first = s->tags[0];

		for (size_t i = 1; i < s->tag_count; i++)
			s->tags[i - 1] = s->tags[i];
		s->tags[s->tag_count - 1] = first;
	} else if (strcmp(what, "tag-add") == 0 &&
		   s->tag_count < SHOWN_TAGS_MAX) {
		s->tags[s->tag_count++] = happening_get(
		    f->h, "text", arena_format(f->a, "Topic %u", f->number));
	} else if (strcmp(what, "post") == 0) {
		s->post = happening_get(f->h, "post", "1");
	} else if (strcmp(what, "json-title") == 0) {
		s->json_title = happening_get(f->h, "text", "Another title");
	}
}

static void
edit(struct folding *f)
{
	const char *what = f->h->what;

	if (!edit_text(f, what) && !edit_characters(f, what) &&
	    !edit_pictures(f, what))
		edit_rest(f, what);
	if (strcmp(what, "image-bytes") == 0)
		return;
	f->s->version++;
	f->s->changed = f->h->at;
	if (strcmp(what, "silent") != 0 &&
	    strcmp(happening_get(f->h, "quiet", "no"), "yes") != 0)
		f->s->modified = f->h->at;
}

static void
rename_it(struct folding *f)
{
	struct shown *s = f->s;

	s->slug = happening_get(f->h, "slug", words_slug(f->a, s->headline));
	s->path = arena_format(f->a, "/%s/%s", s->section, s->slug);
	s->version++;
	s->changed = s->modified = f->h->at;
}

static void
happen(struct folding *f)
{
	switch (f->h->kind) {
	case HAPPENS_PUBLISH:
		publish(f);
		break;
	case HAPPENS_EDIT:
		edit(f);
		break;
	case HAPPENS_DELETE:
		f->s->gone = f->h->what;
		break;
	case HAPPENS_RESTORE:
		f->s->gone = NULL;
		break;
	case HAPPENS_RENAME:
		rename_it(f);
		break;
	}
}

int
shown_at(struct shown *out, struct arena *a, const struct life *l, int64_t now)
{
	struct folding f = { .a = a, .s = out };

	memset(out, 0, sizeof(*out));
	out->life = l;
	out->headline = out->dek = "";
	for (size_t i = 0; i < l->count && l->list[i]->at <= now; i++) {
		f.h = l->list[i];
		f.number = (unsigned)i;
		happen(&f);
	}
	return out->version > 0;
}

const char *
shown_core(struct arena *a, const struct shown *s)
{
	struct buf b = { 0 };
	uint8_t raw[DIGEST_SHA256_RAW];
	char hex[DIGEST_SHA256_HEX + 1];

	nt1_block(&b, "h", s->headline, strlen(s->headline));
	nt1_block(&b, "d", s->dek, strlen(s->dek));
	for (size_t i = 0; i < s->block_count; i++) {
		char kind[2] = { s->blocks[i].kind, '\0' };

		nt1_block(
		    &b, kind, s->blocks[i].text, strlen(s->blocks[i].text));
	}
	digest_sha256(b.data, b.len, raw);
	text_hex(hex, raw, sizeof(raw));
	buf_clear(&b);
	return arena_text(a, hex);
}
