/* What the elements of a page need and point to. */
#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/web/html_token.h"
#include "core/web/links_collect.h"
#include "core/web/url.h"

/* The element whose text is being put together. */
enum text_of { TEXT_NONE, TEXT_STYLE, TEXT_JSON_LD };

struct document {
	struct collector *c;
	int depth;       /* of srcdoc */
	size_t pictures; /* open picture elements */
	enum text_of text_of;
	struct buf text;
};

enum how { HOW_URL, HOW_SRCSET };

/* Attributes that hold a URL whatever else their element says. */
static const struct source {
	const char *tag; /* "" any */
	const char *attribute;
	enum how how;
	enum link_kind kind;
} sources[] = {
	{ "img", "src", HOW_URL, LINK_IMAGE },
	{ "img", "srcset", HOW_SRCSET, LINK_IMAGE },
	{ "img", "lowsrc", HOW_URL, LINK_IMAGE },
	{ "source", "srcset", HOW_SRCSET, LINK_IMAGE },
	{ "video", "poster", HOW_URL, LINK_IMAGE },
	{ "video", "src", HOW_URL, LINK_MEDIA },
	{ "audio", "src", HOW_URL, LINK_MEDIA },
	{ "track", "src", HOW_URL, LINK_MEDIA },
	{ "bgsound", "src", HOW_URL, LINK_MEDIA },
	{ "script", "src", HOW_URL, LINK_SCRIPT },
	{ "iframe", "src", HOW_URL, LINK_FRAME },
	{ "frame", "src", HOW_URL, LINK_FRAME },
	{ "a", "href", HOW_URL, LINK_PAGE },
	{ "area", "href", HOW_URL, LINK_PAGE },
	{ "", "background", HOW_URL, LINK_IMAGE },
	/* SVG; "image" is also what some write for img */
	{ "image", "href", HOW_URL, LINK_IMAGE },
	{ "image", "xlink:href", HOW_URL, LINK_IMAGE },
	{ "image", "src", HOW_URL, LINK_IMAGE },
	{ "image", "srcset", HOW_SRCSET, LINK_IMAGE },
	{ "use", "href", HOW_URL, LINK_IMAGE },
	{ "use", "xlink:href", HOW_URL, LINK_IMAGE },
	{ "feimage", "href", HOW_URL, LINK_IMAGE },
	{ "feimage", "xlink:href", HOW_URL, LINK_IMAGE },
	{ "script", "href", HOW_URL, LINK_SCRIPT },
	{ "script", "xlink:href", HOW_URL, LINK_SCRIPT },
	{ "a", "xlink:href", HOW_URL, LINK_PAGE },
	/* AMP */
	{ "amp-img", "src", HOW_URL, LINK_IMAGE },
	{ "amp-img", "srcset", HOW_SRCSET, LINK_IMAGE },
	{ "amp-anim", "src", HOW_URL, LINK_IMAGE },
	{ "amp-anim", "srcset", HOW_SRCSET, LINK_IMAGE },
	{ "amp-video", "poster", HOW_URL, LINK_IMAGE },
	{ "amp-video", "src", HOW_URL, LINK_MEDIA },
	{ "amp-audio", "src", HOW_URL, LINK_MEDIA },
	{ "amp-iframe", "src", HOW_URL, LINK_FRAME },
};

/* Words of link@rel; those of preloading say more in link@as. */
static const struct {
	const char *word;
	int is_preload;
	enum link_kind kind;
} rels[] = {
	{ "stylesheet", 0, LINK_STYLESHEET },
	{ "icon", 0, LINK_ICON },
	{ "apple-touch-icon", 0, LINK_ICON },
	{ "apple-touch-icon-precomposed", 0, LINK_ICON },
	{ "apple-touch-startup-image", 0, LINK_ICON },
	{ "mask-icon", 0, LINK_ICON },
	{ "fluid-icon", 0, LINK_ICON },
	{ "image_src", 0, LINK_META_IMAGE },
	{ "manifest", 0, LINK_DATA },
	{ "modulepreload", 0, LINK_SCRIPT },
	{ "preload", 1, LINK_DATA },
	{ "prefetch", 1, LINK_DATA },
	{ "next", 0, LINK_NEXT },
};

static const struct {
	const char *as;
	enum link_kind kind;
} preloads[] = {
	{ "image", LINK_IMAGE },
	{ "style", LINK_STYLESHEET },
	{ "script", LINK_SCRIPT },
	{ "font", LINK_FONT },
	{ "audio", LINK_MEDIA },
	{ "video", LINK_MEDIA },
	{ "track", LINK_MEDIA },
	{ "document", LINK_FRAME },
};

/* meta@property, @name and @itemprop whose content is a picture. */
static const struct {
	const char *name;
	enum link_kind kind;
} metas[] = {
	{ "og:image", LINK_META_IMAGE },
	{ "og:image:url", LINK_META_IMAGE },
	{ "og:image:secure_url", LINK_META_IMAGE },
	{ "twitter:image", LINK_META_IMAGE },
	{ "twitter:image:src", LINK_META_IMAGE },
	{ "image", LINK_META_IMAGE },
	{ "thumbnail", LINK_META_IMAGE },
	{ "thumbnailurl", LINK_META_IMAGE },
	{ "primaryimageofpage", LINK_META_IMAGE },
	{ "logo", LINK_META_IMAGE },
	{ "msapplication-tileimage", LINK_ICON },
	{ "msapplication-square70x70logo", LINK_ICON },
	{ "msapplication-square150x150logo", LINK_ICON },
	{ "msapplication-wide310x150logo", LINK_ICON },
	{ "msapplication-square310x310logo", LINK_ICON },
};

static int
equals(const struct html_attribute *a, const char *word)
{
	return a != NULL && text_equal_nocase(a->value, a->value_len, word);
}

static int
named(const struct html_attribute *a, const char *name)
{
	return strlen(name) == a->name_len &&
	       memcmp(name, a->name, a->name_len) == 0;
}

static void
add_at(struct document *d, enum link_kind kind, const struct html_token *t,
    const struct html_attribute *a)
{
	char where[LINKS_WHERE_MAX];

	links_where(where, t->text, t->len, a->name, a->name_len);
	links_add(d->c, kind, a->value, a->value_len, where);
}

static void
add_set_at(struct document *d, const struct html_token *t,
    const struct html_attribute *a)
{
	char where[LINKS_WHERE_MAX];

	links_where(where, t->text, t->len, a->name, a->name_len);
	links_add_srcset(d->c, LINK_IMAGE, a->value, a->value_len, where);
}

static void
add_style_at(struct document *d, const struct html_token *t,
    const struct html_attribute *a)
{
	char where[LINKS_WHERE_MAX];

	links_where(where, t->text, t->len, a->name, a->name_len);
	links_add_css(d->c, (const uint8_t *)a->value, a->value_len, where);
}

static void
add_source(struct document *d, const struct html_token *t,
    const struct html_attribute *a)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		const struct source *s = &sources[i];

		if (s->attribute[0] != a->name[0] || !named(a, s->attribute) ||
		    (s->tag[0] != '\0' && !html_token_is(t, s->tag)))
			continue;
		if (s->how == HOW_SRCSET)
			add_set_at(d, t, a);
		else
			add_at(d, s->kind, t, a);
		/* What a picture links to is often the larger original. */
		if (s->kind == LINK_PAGE &&
		    links_ends_in_image(a->value, a->value_len))
			add_at(d, LINK_IMAGE, t, a);
		return;
	}
}

/* What the element shows, for attributes that wait for a script. */
static enum link_kind
shown_by(const struct document *d, const struct html_token *t)
{
	if (html_token_is(t, "iframe") || html_token_is(t, "embed") ||
	    html_token_is(t, "object") || html_token_is(t, "amp-iframe"))
		return LINK_FRAME;
	if (html_token_is(t, "video") || html_token_is(t, "audio") ||
	    (html_token_is(t, "source") && d->pictures == 0))
		return LINK_MEDIA;
	return html_token_is(t, "script") ? LINK_SCRIPT : LINK_IMAGE;
}

static void
add_lazy(struct document *d, const struct html_token *t, size_t i)
{
	enum link_kind kind = shown_by(d, t);
	int is_image = kind != LINK_IMAGE || html_token_is(t, "img") ||
		       html_token_is(t, "source") ||
		       html_token_is(t, "picture") ||
		       html_token_is(t, "image") || html_token_is(t, "amp-img");

	if (kind == LINK_MEDIA && named(&t->attributes[i], "data-poster"))
		kind = LINK_IMAGE;
	links_add_lazy(d->c, t, i, kind, is_image);
}

static void
add_meta_content(struct document *d, const struct html_attribute *name,
    const struct html_attribute *content)
{
	char where[LINKS_WHERE_MAX];

	for (size_t i = 0; i < sizeof(metas) / sizeof(metas[0]); i++) {
		if (!equals(name, metas[i].name))
			continue;
		(void)snprintf(where, sizeof(where), "meta[%.*s=%s]@content",
		    (int)name->name_len, name->name, metas[i].name);
		links_add(d->c, metas[i].kind, content->value,
		    content->value_len, where);
		return;
	}
}

/* "5; url='/next'" (HTML 4.2.5.3, shared declarative refresh steps). */
static void
add_refresh(struct document *d, const char *s, size_t len)
{
	const char *end = s + len;
	char quote;

	while (s < end && strchr("0123456789. \t\n\f\r", *s) != NULL)
		s++;
	if (s == end || (*s != ';' && *s != ','))
		return;
	do
		s++;
	while (s < end && text_is_space(*s));
	if (end - s > 3 && text_equal_nocase(s, 3, "url")) {
		const char *p = s + 3;

		while (p < end && text_is_space(*p))
			p++;
		if (p < end && *p == '=') {
			do
				p++;
			while (p < end && text_is_space(*p));
			s = p;
		}
	}
	quote = s < end ? *s : '\0';
	if (quote == '"' || quote == '\'') {
		const char *close;

		s++;
		close = memchr(s, quote, (size_t)(end - s));
		end = close == NULL ? end : close;
	}
	links_add(d->c, LINK_PAGE, s, (size_t)(end - s),
	    "meta[http-equiv=refresh]@content");
}

static void
meta(struct document *d, const struct html_token *t)
{
	static const char *const names[] = { "property", "name", "itemprop" };
	const struct html_attribute *content = html_token_attribute(
	    t, "content");

	if (content == NULL)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct html_attribute *name = html_token_attribute(
		    t, names[i]);

		if (name != NULL)
			add_meta_content(d, name, content);
	}
	if (equals(html_token_attribute(t, "http-equiv"), "refresh"))
		add_refresh(d, content->value, content->value_len);
}

/* An "a" with rel=next: its href is a page's like any other, too. */
static void
add_next(struct document *d, const struct html_token *t)
{
	const struct html_attribute *rel = html_token_attribute(t, "rel");
	const struct html_attribute *href = html_token_attribute(t, "href");

	if (rel == NULL || href == NULL)
		return;
	for (size_t i = 0; i + 4 <= rel->value_len; i++)
		if (text_equal_nocase(rel->value + i, 4, "next") &&
		    (i == 0 || text_is_space(rel->value[i - 1])) &&
		    (i + 4 == rel->value_len ||
			text_is_space(rel->value[i + 4])))
			links_add(d->c, LINK_NEXT, href->value, href->value_len,
			    "a[rel=next]@href");
}

/* One word of rel. */
static void
add_rel(struct document *d, const struct html_token *t, const char *word,
    size_t len)
{
	const struct html_attribute *href = html_token_attribute(t, "href");
	const struct html_attribute *as = html_token_attribute(t, "as");
	char where[LINKS_WHERE_MAX];

	for (size_t i = 0; i < sizeof(rels) / sizeof(rels[0]); i++) {
		enum link_kind kind = rels[i].kind;

		if (!text_equal_nocase(word, len, rels[i].word))
			continue;
		for (size_t n = 0; rels[i].is_preload &&
				   n < sizeof(preloads) / sizeof(preloads[0]);
		     n++)
			if (equals(as, preloads[n].as))
				kind = preloads[n].kind;
		(void)snprintf(
		    where, sizeof(where), "link[rel=%s]@href", rels[i].word);
		if (href != NULL)
			links_add(
			    d->c, kind, href->value, href->value_len, where);
	}
}

static void
link_element(struct document *d, const struct html_token *t)
{
	const struct html_attribute *rel = html_token_attribute(t, "rel");
	const struct html_attribute *set = html_token_attribute(
	    t, "imagesrcset");
	const struct html_attribute *item = html_token_attribute(t, "itemprop");
	const struct html_attribute *href = html_token_attribute(t, "href");
	size_t i = 0;

	while (rel != NULL && i < rel->value_len) {
		size_t start = i;

		while (i < rel->value_len && !text_is_space(rel->value[i]))
			i++;
		if (i > start)
			add_rel(d, t, rel->value + start, i - start);
		else
			i++;
	}
	if (set != NULL)
		add_set_at(d, t, set);
	if (item != NULL && href != NULL)
		add_meta_content(d, item, href);
}

/* Elements whose URL depends on their other attributes. */
static void
special(struct document *d, const struct html_token *t)
{
	const struct html_attribute *src = html_token_attribute(t, "src");
	const struct html_attribute *type = html_token_attribute(t, "type");
	int is_image = type != NULL && type->value_len > 6 &&
		       text_equal_nocase(type->value, 6, "image/");

	if (html_token_is(t, "link")) {
		link_element(d, t);
	} else if (html_token_is(t, "meta")) {
		meta(d, t);
	} else if (html_token_is(t, "input")) {
		if (src != NULL && equals(type, "image"))
			add_at(d, LINK_IMAGE, t, src);
	} else if (html_token_is(t, "object") || html_token_is(t, "embed")) {
		if (html_token_is(t, "object"))
			src = html_token_attribute(t, "data");
		if (src != NULL)
			add_at(d,
			    is_image || links_ends_in_image(
					    src->value, src->value_len)
				? LINK_IMAGE
				: LINK_FRAME,
			    t, src);
	} else if (html_token_is(t, "source")) {
		if (src != NULL)
			add_at(d, d->pictures > 0 ? LINK_IMAGE : LINK_MEDIA, t,
			    src);
	} else if (html_token_is(t, "iframe")) {
		const struct html_attribute *doc = html_token_attribute(
		    t, "srcdoc");

		if (doc != NULL && d->depth == 0)
			links_add_html(d->c, (const uint8_t *)doc->value,
			    doc->value_len, d->depth + 1);
	}
}

static void
begin_text(struct document *d, const struct html_token *t)
{
	static const char ld[] = "application/ld+json";
	const struct html_attribute *type = html_token_attribute(t, "type");

	buf_reset(&d->text);
	if (html_token_is(t, "style"))
		d->text_of = TEXT_STYLE;
	else if (html_token_is(t, "script") && type != NULL &&
		 type->value_len >= sizeof(ld) - 1 &&
		 text_equal_nocase(type->value, sizeof(ld) - 1, ld))
		d->text_of = TEXT_JSON_LD;
}

static void
end_text(struct document *d)
{
	switch (d->text_of) {
	case TEXT_NONE:
		return;
	case TEXT_STYLE:
		links_add_css(d->c, d->text.data, d->text.len, "style");
		break;
	case TEXT_JSON_LD:
		links_add_json_ld(d->c, d->text.data, d->text.len);
		break;
	}
	d->text_of = TEXT_NONE;
}

static void
start_tag(struct document *d, const struct html_token *t)
{
	for (size_t i = 0; i < t->attribute_count; i++) {
		const struct html_attribute *a = &t->attributes[i];

		if (a->value_len == 0 || a->name_len < 3)
			continue;
		if (links_is_lazy_name(a->name, a->name_len))
			add_lazy(d, t, i);
		else if (named(a, "style"))
			add_style_at(d, t, a);
		else
			add_source(d, t, a);
	}
	d->pictures += html_token_is(t, "picture");
	/* Most tags are none of these; their initials tell. */
	if (strchr("eilmos", t->text[0]) != NULL)
		special(d, t);
	else if (html_token_is(t, "a"))
		add_next(d, t);
	if (html_token_is(t, "style") || html_token_is(t, "script"))
		begin_text(d, t);
}

static void
add_token(void *context, const struct html_token *t)
{
	struct document *d = context;

	switch (t->kind) {
	case HTML_TOKEN_START:
		end_text(d);
		start_tag(d, t);
		return;
	case HTML_TOKEN_END:
		end_text(d);
		if (d->pictures > 0 && html_token_is(t, "picture"))
			d->pictures--;
		return;
	case HTML_TOKEN_TEXT:
		if (d->text_of != TEXT_NONE)
			buf_add(&d->text, t->text, t->len);
		return;
	case HTML_TOKEN_COMMENT:
	case HTML_TOKEN_DOCTYPE:
		return;
	}
}

/* The first base element that has a href (HTML 2.4.2). */
struct base_search {
	const struct url *fallback;
	struct url found; /* text NULL: none, or one that does not count */
	int is_over;
};

static void
look_for_base(void *context, const struct html_token *t)
{
	struct base_search *s = context;
	const struct html_attribute *href;

	if (s->is_over || t->kind != HTML_TOKEN_START ||
	    !html_token_is(t, "base"))
		return;
	href = html_token_attribute(t, "href");
	if (href == NULL)
		return;
	s->is_over = 1;
	/* One longer than any URL that is fetched would multiply. */
	if (href->value_len <= LIMIT_URL_BYTES &&
	    url_parse(&s->found, href->value, href->value_len, s->fallback,
		NULL) == 0 &&
	    !url_is_http(&s->found))
		url_clear(&s->found);
}

/* Most pages have none, which is cheap to see. */
static int
may_have_base(const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;

	while (len > 5 && (p = memchr(p, '<', (size_t)(end - p))) != NULL &&
	       end - p > 5) {
		if (text_equal_nocase((const char *)p + 1, 4, "base"))
			return 1;
		p++;
	}
	return 0;
}

void
links_add_html(struct collector *c, const uint8_t *p, size_t len, int depth)
{
	struct document d = { .c = c, .depth = depth };
	const struct url *outer = c->base;
	struct base_search s = { .fallback = outer };

	if (may_have_base(p, len))
		html_tokens(p, len, 0, look_for_base, &s);
	if (s.found.text != NULL)
		c->base = &s.found;
	html_tokens(p, len, 0, add_token, &d);
	end_text(&d);
	c->base = outer;
	if (s.found.text != NULL)
		url_clear(&s.found);
	buf_clear(&d.text);
}
