/* Images in JSON-LD, which is often not quite JSON. */
#include <string.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/web/links_collect.h"

enum { DEPTH_MAX = 64 };

enum key {
	KEY_OTHER,
	KEY_TYPE,  /* "@type" */
	KEY_IMAGE, /* its value is an image, or says which */
	KEY_URL,
	KEY_CONTENT
};

enum type { TYPE_OTHER, TYPE_IMAGE, TYPE_MEDIA };

/* An open object or array. What url and contentUrl mean is known at its end:
 * "@type" may come last. */
struct level {
	int is_object;
	int is_image; /* it is the value of a KEY_IMAGE */
	enum key key; /* of an array: the one whose value it is */
	enum type type;
	struct buf url;
	struct buf content;
};

struct reader {
	struct collector *c;
	const uint8_t *p;
	size_t i;
	size_t len;
	struct buf text; /* last string */
	size_t depth;    /* may be over DEPTH_MAX; those levels are not kept */
	struct level levels[DEPTH_MAX];
};

static const struct {
	const char *name;
	enum key key;
} keys[] = {
	{ "@type", KEY_TYPE },
	{ "image", KEY_IMAGE },
	{ "thumbnailUrl", KEY_IMAGE },
	{ "thumbnail", KEY_IMAGE },
	{ "logo", KEY_IMAGE },
	{ "primaryImageOfPage", KEY_IMAGE },
	{ "photo", KEY_IMAGE },
	{ "url", KEY_URL },
	{ "contentUrl", KEY_CONTENT },
};

static unsigned
hex4(struct reader *r)
{
	unsigned c = 0;

	for (size_t n = 0; n < 4 && r->i < r->len; n++) {
		uint8_t h = r->p[r->i];

		if (h >= '0' && h <= '9')
			c = c * 16 + (h - '0');
		else if ((h | 0x20) >= 'a' && (h | 0x20) <= 'f')
			c = c * 16 + ((h | 0x20) - 'a' + 10);
		else
			break;
		r->i++;
	}
	return c;
}

/* Behind "\u". */
static void
unicode(struct reader *r)
{
	unsigned c = hex4(r);

	if (c >= 0xD800 && c < 0xDC00 && r->len - r->i > 6 &&
	    r->p[r->i] == '\\' && r->p[r->i + 1] == 'u') {
		unsigned low;

		r->i += 2;
		low = hex4(r);
		c = low >= 0xDC00 && low < 0xE000
			? 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00)
			: 0xFFFD;
	}
	text_utf8_add(&r->text, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);
}

/* At a quote: the string into R->text. */
static void
string(struct reader *r)
{
	buf_reset(&r->text);
	r->i++;
	while (r->i < r->len && r->p[r->i] != '"') {
		uint8_t c = r->p[r->i++];

		if (c != '\\' || r->i == r->len) {
			buf_add_byte(&r->text, c);
			continue;
		}
		c = r->p[r->i++];
		if (c == 'u')
			unicode(r);
		else if (strchr("bfnrt", c) != NULL && c != 0)
			buf_add_byte(&r->text, ' ');
		else
			buf_add_byte(&r->text, c);
	}
	r->i += r->i < r->len;
}

static int
is_key(struct reader *r)
{
	while (r->i < r->len && text_is_space(r->p[r->i]))
		r->i++;
	return r->i < r->len && r->p[r->i] == ':';
}

static enum key
find_key(const struct buf *text)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].name, buf_text(text)) == 0)
			return keys[i].key;
	return KEY_OTHER;
}

static void
set_type(struct level *l, const char *name)
{
	if (strcmp(name, "ImageObject") == 0)
		l->type = TYPE_IMAGE;
	else if (strcmp(name, "VideoObject") == 0 ||
		 strcmp(name, "AudioObject") == 0)
		l->type = TYPE_MEDIA;
}

static void
report(struct reader *r, enum link_kind kind, const struct buf *text,
    const char *where)
{
	links_add(r->c, kind, buf_text(text), text->len, where);
}

/* The string in R->text is a value in L. */
static void
value(struct reader *r, struct level *l)
{
	struct buf swap;

	switch (l->key) {
	case KEY_OTHER:
		return;
	case KEY_TYPE:
		/* ["Thing", "ImageObject"] speaks of the object around it. */
		if (!l->is_object && r->depth > 1)
			l--;
		set_type(l, buf_text(&r->text));
		return;
	case KEY_IMAGE:
		report(r, LINK_META_IMAGE, &r->text, "json-ld@image");
		return;
	case KEY_URL:
		swap = l->url;
		l->url = r->text;
		r->text = swap;
		return;
	case KEY_CONTENT:
		swap = l->content;
		l->content = r->text;
		r->text = swap;
		return;
	}
}

static void
open(struct reader *r, int is_object)
{
	enum key key = KEY_OTHER; /* whose value it is */
	struct level *l;

	if (r->depth > 0 && r->depth <= DEPTH_MAX)
		key = r->levels[r->depth - 1].key;
	if (r->depth++ >= DEPTH_MAX)
		return;
	l = &r->levels[r->depth - 1];
	buf_reset(&l->url);
	buf_reset(&l->content);
	l->is_object = is_object;
	l->is_image = key == KEY_IMAGE;
	l->key = is_object ? KEY_OTHER : key;
	l->type = TYPE_OTHER;
}

static void
close_object(struct reader *r, struct level *l)
{
	int is_image = l->is_image || l->type == TYPE_IMAGE;

	if (l->content.len > 0 && l->type == TYPE_MEDIA)
		report(r, LINK_MEDIA, &l->content, "json-ld@contentUrl");
	else if (l->content.len > 0 &&
		 (is_image || links_ends_in_image(
				  buf_text(&l->content), l->content.len)))
		report(r, LINK_META_IMAGE, &l->content, "json-ld@contentUrl");
	if (l->url.len > 0 && is_image)
		report(r, LINK_META_IMAGE, &l->url, "json-ld@url");
}

/* A bracket closes whatever is innermost. */
static void
close(struct reader *r)
{
	if (r->depth == 0)
		return;
	if (--r->depth < DEPTH_MAX && r->levels[r->depth].is_object)
		close_object(r, &r->levels[r->depth]);
}

static struct level *
innermost(struct reader *r)
{
	return r->depth == 0 || r->depth > DEPTH_MAX ? NULL
						     : &r->levels[r->depth - 1];
}

static void
read_string(struct reader *r)
{
	struct level *l = innermost(r);

	string(r);
	if (l == NULL)
		return;
	if (l->is_object && is_key(r))
		l->key = find_key(&r->text);
	else
		value(r, l);
}

void
links_add_json_ld(struct collector *c, const uint8_t *p, size_t len)
{
	struct reader r = { .c = c, .p = p, .len = len };

	while (r.i < len) {
		uint8_t b = p[r.i];
		struct level *l = innermost(&r);

		if (b == '"') {
			read_string(&r);
			continue;
		}
		if (b == '{' || b == '[')
			open(&r, b == '{');
		else if (b == '}' || b == ']')
			close(&r);
		else if (b == ',' && l != NULL && l->is_object)
			l->key = KEY_OTHER;
		r.i++;
	}
	while (r.depth > 0)
		close(&r);
	for (size_t i = 0; i < DEPTH_MAX; i++) {
		buf_clear(&r.levels[i].url);
		buf_clear(&r.levels[i].content);
	}
	buf_clear(&r.text);
}
