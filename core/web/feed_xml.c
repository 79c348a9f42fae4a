/* XML as feeds have it: tags and text, whatever else is wrong. */
#include "core/web/feed_xml.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/text.h"

static int
is_name_start(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       c >= 0x80;
}

static int
is_name(int c)
{
	return !text_is_space(c) && c != '>' && c != '/' && c != '<' &&
	       c != '=' && c != '"' && c != '\'';
}

static const char *
find(const char *p, const char *end, const char *what)
{
	return p >= end ? NULL
			: memmem(p, (size_t)(end - p), what, strlen(what));
}

static int
starts(const char *p, const char *end, const char *what)
{
	size_t n = strlen(what);

	return (size_t)(end - p) >= n && memcmp(p, what, n) == 0;
}

/* Comment, declaration, instruction at P: behind it, or NULL: no end. */
static const char *
skip_markup(const char *p, const char *end)
{
	const char *close;
	const char *open;

	if (starts(p, end, "<!--")) {
		close = find(p + 4, end, "-->");
		return close == NULL ? NULL : close + 3;
	}
	close = memchr(p, '>', (size_t)(end - p));
	open = close == NULL || p[1] == '?'
		   ? NULL
		   : memchr(p, '[', (size_t)(close - p));
	if (open == NULL)
		return close == NULL ? NULL : close + 1;
	/* A DTD inside: "]", blanks, ">". What it declares is not wanted. */
	while ((open = find(open, end, "]")) != NULL) {
		open++;
		while (open < end && text_is_space((uint8_t)*open))
			open++;
		if (open < end && *open == '>')
			return open + 1;
	}
	return NULL;
}

/* The ">" that ends the tag whose attributes start at P; NULL none. A value
 * holds no "<" (XML 1.0, 3.1): a quote left open ends there. */
static const char *
tag_end(const char *p, const char *end)
{
	const char *first = NULL;
	char quote = '\0';

	for (; p < end && *p != '<'; p++) {
		if (*p == '>' && first == NULL)
			first = p;
		if (*p == '>' && quote == '\0')
			return p;
		if (quote != '\0' && *p == quote)
			quote = '\0';
		else if (quote == '\0' && (*p == '"' || *p == '\''))
			quote = *p;
	}
	return first;
}

static void
split_name(struct feed_token *t, const char *p, size_t len)
{
	const char *colon = memchr(p, ':', len);

	t->prefix = p;
	t->prefix_len = colon == NULL ? 0 : (size_t)(colon - p);
	t->name = colon == NULL ? p : colon + 1;
	t->name_len = len - (size_t)(t->name - p);
}

/* A tag at X: 1; 0, it is none ("<" is text then). */
static int
take_tag(struct feed_xml *x, struct feed_token *t)
{
	const char *p = x->p + 1;
	const char *name;
	const char *close;

	t->kind = FEED_XML_START;
	if (p < x->end && *p == '/') {
		t->kind = FEED_XML_STOP;
		p++;
	}
	if (p >= x->end || !is_name_start((uint8_t)*p))
		return 0;
	for (name = p; p < x->end && is_name((uint8_t)*p);)
		p++;
	close = tag_end(p, x->end);
	if (close == NULL)
		return 0;
	split_name(t, name, (size_t)(p - name));
	t->text = p;
	t->len = (size_t)(close - p);
	t->is_empty = t->len > 0 && close[-1] == '/';
	if (t->is_empty)
		t->len--;
	x->p = close + 1;
	return 1;
}

static int
take_text(struct feed_xml *x, struct feed_token *t, size_t from)
{
	const char *p = x->p + from;
	const char *close = p < x->end ? memchr(p, '<', (size_t)(x->end - p))
				       : NULL;

	t->kind = FEED_XML_TEXT;
	t->text = x->p;
	t->len = (size_t)((close == NULL ? x->end : close) - x->p);
	x->p += t->len;
	return 1;
}

static int
take_cdata(struct feed_xml *x, struct feed_token *t)
{
	const char *p = x->p + strlen("<![CDATA[");
	const char *close = find(p, x->end, "]]>");

	x->is_cut |= close == NULL;
	t->kind = FEED_XML_TEXT;
	t->is_cdata = 1;
	t->text = p;
	t->len = (size_t)((close == NULL ? x->end : close) - p);
	x->p = close == NULL ? x->end : close + 3;
	return 1;
}

int
feed_xml_next(struct feed_xml *x, struct feed_token *t)
{
	memset(t, 0, sizeof(*t));
	while (x->p < x->end) {
		const char *p = x->p;

		if (*p != '<')
			return take_text(x, t, 0);
		if (starts(p, x->end, "<![CDATA["))
			return take_cdata(x, t);
		if (x->end - p > 1 && (p[1] == '!' || p[1] == '?')) {
			x->p = skip_markup(p, x->end);
			if (x->p == NULL) {
				x->p = x->end;
				x->is_cut = 1;
			}
			continue;
		}
		if (take_tag(x, t))
			return 1;
		(void)take_text(x, t, 1);
		x->is_cut |= x->p == x->end; /* a tag cut off */
		return 1;
	}
	return 0;
}

/* A reference at P ("&..."): bytes used, appended; 0 when it is none. */
static size_t
add_reference(struct buf *out, const char *p, size_t len)
{
	static const struct {
		const char *name;
		char c;
	} names[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
		{ "&quot;", '"' }, { "&apos;", '\'' } };
	uint32_t code = 0;
	size_t i = 2;
	int hex;

	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
		if (starts(p, p + len, names[n].name)) {
			buf_add_byte(out, (uint8_t)names[n].c);
			return strlen(names[n].name);
		}
	}
	if (len < 4 || p[1] != '#')
		return 0;
	hex = text_lower((uint8_t)p[2]) == 'x';
	for (i += (size_t)hex; i < len && i < 12; i++) {
		int c = text_lower((uint8_t)p[i]);
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
						   : 99;

		if (digit >= (hex ? 16 : 10) || code > 0x10FFFF)
			break;
		code = code * (hex ? 16u : 10u) + (uint32_t)digit;
	}
	if (i >= len || p[i] != ';' || i == 2 + (size_t)hex || code == 0 ||
	    code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
		return 0;
	text_utf8_add(out, code);
	return i + 1;
}

static int
add_decoded(
    struct buf *out, const char *p, size_t len, int is_plain, size_t limit)
{
	const char *end = p + len;

	while (p < end && out->len < limit) {
		const char *amp = is_plain ? NULL
					   : memchr(p, '&', (size_t)(end - p));
		size_t n = (size_t)((amp == NULL ? end : amp) - p);

		n = n > limit - out->len ? limit - out->len : n;
		buf_add(out, p, n);
		p += n;
		if (p != amp || out->len >= limit)
			continue;
		n = add_reference(out, p, (size_t)(end - p));
		if (n == 0) {
			/* Written as it is: "?a=1&b=2". */
			buf_add_byte(out, '&');
			n = 1;
		}
		p += n;
	}
	return p == end;
}

int
feed_xml_add_text(struct buf *out, const struct feed_token *t, size_t limit)
{
	return add_decoded(out, t->text, t->len, t->is_cdata, limit);
}

int
feed_xml_attribute(
    const struct feed_token *t, const char *name, struct buf *out, size_t limit)
{
	const char *p = t->text;
	const char *end = p + t->len;

	buf_reset(out);
	while (p < end) {
		const char *key = p;
		const char *value;
		size_t key_len;
		char quote;

		while (p < end && is_name((uint8_t)*p))
			p++;
		key_len = (size_t)(p - key);
		while (p < end && text_is_space((uint8_t)*p))
			p++;
		if (key_len == 0 || p >= end || *p != '=') {
			/* A blank, a stray byte, or a name without value. */
			p += key_len == 0 && p < end && p == key;
			continue;
		}
		for (p++; p < end && text_is_space((uint8_t)*p);)
			p++;
		quote = p < end && (*p == '"' || *p == '\'') ? *p++ : '\0';
		value = p;
		while (p < end && (quote != '\0' ? *p != quote
						 : !text_is_space((uint8_t)*p)))
			p++;
		if (text_equal_nocase(key, key_len, name)) {
			(void)add_decoded(
			    out, value, (size_t)(p - value), 0, limit);
			return 1;
		}
		p += p < end;
	}
	return 0;
}
