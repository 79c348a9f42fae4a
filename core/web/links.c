/* What pages and stylesheets need and point to. */
#include "core/web/links.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/web/css_urls.h"
#include "core/web/links_collect.h"
#include "core/web/url.h"

static const char *const kind_names[LINK_KIND_COUNT] = {
	[LINK_IMAGE] = "image",
	[LINK_STYLESHEET] = "stylesheet",
	[LINK_SCRIPT] = "script",
	[LINK_FONT] = "font",
	[LINK_ICON] = "icon",
	[LINK_META_IMAGE] = "meta-image",
	[LINK_MEDIA] = "media",
	[LINK_FRAME] = "frame",
	[LINK_DATA] = "data",
	[LINK_CSS_IMAGE] = "css-image",
	[LINK_PAGE] = "page",
	[LINK_NEXT] = "next",
};

static const char *const image_suffixes[] = { ".jpg", ".jpeg", ".png", ".webp",
	".gif", ".avif", ".svg", ".jpe", ".jfif", ".bmp", ".ico", ".apng",
	".heic", ".heif", ".tif", ".tiff", ".jxl" };

const char *
link_kind_name(enum link_kind k)
{
	return kind_names[k];
}

int
link_kind_find(const char *name, enum link_kind *k)
{
	for (int i = 0; i < LINK_KIND_COUNT; i++)
		if (strcmp(kind_names[i], name) == 0) {
			*k = (enum link_kind)i;
			return 1;
		}
	return 0;
}

static int
ends_in_suffix(const char *s, size_t len)
{
	enum { LONGEST = 5 };
	size_t dot = len;

	/* Most have no dot where one would have to be. */
	while (dot > 0 && len - dot < LONGEST && s[dot - 1] != '.')
		dot--;
	if (dot == 0 || s[dot - 1] != '.')
		return 0;
	for (size_t i = 0;
	     i < sizeof(image_suffixes) / sizeof(image_suffixes[0]); i++) {
		size_t n = strlen(image_suffixes[i]);

		if (len > n &&
		    text_equal_nocase(s + len - n, n, image_suffixes[i]))
			return 1;
	}
	return 0;
}

int
links_ends_in_image(const char *s, size_t len)
{
	size_t path = 0;

	while (len > 0 && text_is_space(s[len - 1]))
		len--;
	while (path < len && s[path] != '?' && s[path] != '#')
		path++;
	return ends_in_suffix(s, path) ||
	       (path < len && ends_in_suffix(s, len));
}

static size_t
add_name(char *out, size_t at, const char *s, size_t len)
{
	enum { NAME = 48 };

	for (size_t i = 0; i < len && i < NAME; i++)
		out[at++] = s[i] > ' ' && s[i] < 0x7F ? s[i] : '?';
	return at;
}

void
links_where(char out[LINKS_WHERE_MAX], const char *tag, size_t tag_len,
    const char *attribute, size_t attribute_len)
{
	size_t at = add_name(out, 0, tag, tag_len);

	out[at++] = '@';
	at = add_name(out, at, attribute, attribute_len);
	out[at] = '\0';
}

static uint64_t
hash(const char *s, size_t len, uint64_t seed)
{
	uint64_t h = 0xCBF29CE484222325u ^ seed;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)s[i]) * 0x100000001B3u;
	return h ^ h >> 29;
}

static struct link_mark *
place_of(struct collector *c, struct link_mark mark)
{
	size_t i = (size_t)mark.a & (c->mark_cap - 1);

	while ((c->marks[i].a | c->marks[i].b) != 0 &&
	       (c->marks[i].a != mark.a || c->marks[i].b != mark.b))
		i = (i + 1) & (c->mark_cap - 1);
	return &c->marks[i];
}

static void
grow(struct collector *c)
{
	struct link_mark *old = c->marks;
	size_t old_cap = c->mark_cap;

	c->mark_cap = old_cap == 0 ? 256 : old_cap * 2;
	c->marks = mem_zero(c->mark_cap, sizeof(*c->marks));
	for (size_t i = 0; i < old_cap; i++)
		if ((old[i].a | old[i].b) != 0)
			*place_of(c, old[i]) = old[i];
	free(old);
}

/* 1: not handed out before as KIND; it is marked now when there is room. */
static int
is_new(struct collector *c, unsigned kind, const char *url, size_t len)
{
	struct link_mark mark = { hash(url, len, kind),
		hash(url, len, ~(uint64_t)kind << 32) };
	struct link_mark *place;

	if (c->mark_cap < 2 * (c->count + 1))
		grow(c);
	place = place_of(c, mark);
	if ((place->a | place->b) != 0)
		return 0;
	if (c->count < LIMIT_PAGE_LINKS)
		*place = mark;
	return 1;
}

static int
is_marked(struct collector *c, unsigned kind, const char *url, size_t len)
{
	struct link_mark *place;

	if (c->mark_cap == 0)
		return 0;
	place = place_of(c, (struct link_mark){ hash(url, len, kind),
				hash(url, len, ~(uint64_t)kind << 32) });
	return (place->a | place->b) != 0;
}

/* "{{url}}", "{width}", "%%URL%%": for a script or a server to fill in. */
static int
is_template(const char *s, size_t len)
{
	const char *open = memchr(s, '{', len);
	const char *percents;

	if (open != NULL && memchr(open, '}', (size_t)(s + len - open)) != NULL)
		return 1;
	percents = memmem(s, len, "%%", 2);
	return percents != NULL &&
	       memmem(percents + 2, (size_t)(s + len - percents) - 2, "%%",
		   2) != NULL;
}

static int
starts_nocase(const char *s, size_t len, const char *prefix)
{
	size_t n = strlen(prefix);

	return len >= n && text_equal_nocase(s, n, prefix);
}

/* Lesser candidates are kept apart, as if of a kind of their own. */
static void
hand_out(struct collector *c, struct link *l)
{
	size_t len = strlen(l->url);
	unsigned lesser = (unsigned)l->kind + LINK_KIND_COUNT;

	if (l->is_lesser && is_marked(c, l->kind, l->url, len))
		return;
	l->is_again = !l->is_lesser && c->lesser_count > 0 &&
		      is_marked(c, lesser, l->url, len);
	if (!is_new(c, l->is_lesser ? lesser : l->kind, l->url, len))
		return;
	if (c->count < LIMIT_PAGE_LINKS) {
		c->count++;
		c->lesser_count += (size_t)l->is_lesser;
		c->each(c->context, l);
	} else {
		c->more += !l->is_again;
	}
}

void
links_add(struct collector *c, enum link_kind kind, const char *s, size_t len,
    const char *where)
{
	struct url url = { 0 };

	while (len > 0 && text_is_space(*s)) {
		s++;
		len--;
	}
	/* "#a" is the page itself; data: URLs are long and hold all there is. */
	if (len == 0 || s[0] == '#' || starts_nocase(s, len, "data:") ||
	    starts_nocase(s, len, "javascript:") || is_template(s, len))
		return;
	if (url_parse(&url, s, len, c->base, NULL) != 0)
		return;
	url_drop_fragment(&url);
	if (url_is_http(&url))
		hand_out(c, &(struct link){ .kind = kind,
				.url = url.text,
				.where = where,
				.is_lesser = c->is_lesser });
	url_clear(&url);
}

struct place {
	struct collector *c;
	enum link_kind kind;
	const char *where;
	double largest; /* of the candidates of a srcset */
};

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number of HTML (2.3.4.3) that is none below zero. */
static double
number_of(const char *s, size_t len)
{
	double value = 0;
	double scale = 1;
	size_t i = 0;
	int power = 0;

	for (; i < len && is_digit(s[i]); i++)
		value = value * 10 + (s[i] - '0');
	if (i < len && s[i] == '.')
		for (i++; i < len && is_digit(s[i]); i++)
			value += (s[i] - '0') * (scale /= 10);
	if (i + 1 < len && (s[i] | 0x20) == 'e') {
		int is_small = s[++i] == '-';

		for (i += s[i] == '-' || s[i] == '+';
		     i < len && is_digit(s[i]) && power < 100; i++)
			power = power * 10 + (s[i] - '0');
		for (; power > 0; power--)
			value = is_small ? value / 10 : value * 10;
	}
	return value;
}

/* "800w" is 800, "600h 800w" too, "2x" 2, nothing 1: within one srcset they
 * compare. One that no browser takes is 0. */
static double
size_of(const char *descriptor, size_t len)
{
	size_t i = 0;

	if (!links_srcset_is_valid(descriptor, len))
		return 0;
	while (i < len) {
		size_t start = i;

		while (i < len && !text_is_space(descriptor[i]))
			i++;
		if (i > start && strchr("wx", descriptor[i - 1]) != NULL)
			return number_of(descriptor + start, i - 1 - start);
		i += i < len;
	}
	return 1;
}

static void
find_largest(void *context, const char *url, size_t url_len,
    const char *descriptor, size_t descriptor_len)
{
	struct place *p = context;
	double size = size_of(descriptor, descriptor_len);

	(void)url;
	(void)url_len;
	if (size > p->largest)
		p->largest = size;
}

static void
add_candidate(void *context, const char *url, size_t url_len,
    const char *descriptor, size_t descriptor_len)
{
	struct place *p = context;

	p->c->is_lesser = size_of(descriptor, descriptor_len) < p->largest;
	links_add(p->c, p->kind, url, url_len, p->where);
	p->c->is_lesser = 0;
}

void
links_add_srcset(struct collector *c, enum link_kind kind, const char *s,
    size_t len, const char *where)
{
	struct place p = { c, kind, where, 0 };

	links_of_srcset(s, len, find_largest, &p);
	links_of_srcset(s, len, add_candidate, &p);
}

static void
add_css_url(void *context, const struct css_url *url)
{
	struct place *p = context;
	char where[LINKS_WHERE_MAX + 16];

	switch (url->kind) {
	case CSS_URL_IMAGE:
		links_add(p->c, LINK_CSS_IMAGE, url->text, url->len, p->where);
		return;
	case CSS_URL_IMPORT:
		(void)snprintf(where, sizeof(where), "%s@import", p->where);
		links_add(p->c, LINK_STYLESHEET, url->text, url->len, where);
		return;
	case CSS_URL_FONT:
		(void)snprintf(where, sizeof(where), "%s@font-face", p->where);
		links_add(p->c, LINK_FONT, url->text, url->len, where);
		return;
	}
}

void
links_add_css(
    struct collector *c, const uint8_t *p, size_t len, const char *where)
{
	struct place place = { c, LINK_CSS_IMAGE, where, 0 };

	css_urls(p, len, add_css_url, &place);
}

void
links_of_css(const uint8_t *p, size_t len, const struct url *url,
    void (*each)(void *context, const struct link *l), void *context,
    uint64_t *more)
{
	struct collector c = { .each = each, .context = context, .base = url };

	links_add_css(&c, p, len, "css");
	free(c.marks);
	if (more != NULL)
		*more = c.more;
}

void
links_of_html(const uint8_t *p, size_t len, const struct url *url,
    void (*each)(void *context, const struct link *l), void *context,
    uint64_t *more)
{
	struct collector c = { .each = each, .context = context, .base = url };

	links_add_html(&c, p, len, 0);
	free(c.marks);
	if (more != NULL)
		*more = c.more;
}
