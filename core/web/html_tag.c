/* Tags of the HTML tokenizer: where they end, their names and attributes. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/web/html_lexeme.h"
#include "core/web/html_reference.h"

enum {
	SPACE = 1 << 0,
	NAME_END = 1 << 1,      /* of a tag's name: space / > */
	ATTRIBUTE_END = 1 << 2, /* of an attribute's name: space / > = */
	BARE_END = 1 << 3,      /* of an unquoted value: space > */
	ODD = 1 << 4            /* in a name: upper case or NUL */
};

#define BLANK (SPACE | NAME_END | ATTRIBUTE_END | BARE_END)

static const uint8_t class[256] = {
	['\t'] = BLANK,
	['\n'] = BLANK,
	['\f'] = BLANK,
	['\r'] = BLANK,
	[' '] = BLANK,
	['/'] = NAME_END | ATTRIBUTE_END,
	['>'] = NAME_END | ATTRIBUTE_END | BARE_END,
	['='] = ATTRIBUTE_END,
	['\0'] = ODD,
	['A'] = ODD,
	['B'] = ODD,
	['C'] = ODD,
	['D'] = ODD,
	['E'] = ODD,
	['F'] = ODD,
	['G'] = ODD,
	['H'] = ODD,
	['I'] = ODD,
	['J'] = ODD,
	['K'] = ODD,
	['L'] = ODD,
	['M'] = ODD,
	['N'] = ODD,
	['O'] = ODD,
	['P'] = ODD,
	['Q'] = ODD,
	['R'] = ODD,
	['S'] = ODD,
	['T'] = ODD,
	['U'] = ODD,
	['V'] = ODD,
	['W'] = ODD,
	['X'] = ODD,
	['Y'] = ODD,
	['Z'] = ODD,
};

enum {
	MANY = 24,    /* attributes from which names are hashed */
	PLACES = 4096 /* of the hash table: over twice the limit */
};

void
html_tag_clear(struct html_tag *t)
{
	free(t->attributes);
	free(t->places);
	t->attributes = NULL;
	t->places = NULL;
	t->cap = 0;
}

void
html_tag_start(struct html_tag *t, int is_end)
{
	t->state = HTML_TAG_NAME;
	t->name_start = is_end ? 2 : 1;
	t->pos = t->name_start;
	t->odd = 0;
	t->self_closing = 0;
	t->count = 0;
}

static struct html_attribute *
current(struct html_tag *t)
{
	return &t->attributes[t->count];
}

/* The attribute at hand is complete. Beyond the limit its place is used
 * again. */
static inline void
close_attribute(struct html_tag *t)
{
	if (t->count < LIMIT_HTML_ATTRIBUTES)
		t->count++;
}

/* A name begins at I. The current attribute is not counted until it ends. */
static inline size_t
open_attribute(struct html_tag *t, const uint8_t *p, size_t i)
{
	struct html_attribute *a;

	if (t->count >= t->cap) {
		t->cap = t->cap == 0 ? 16 : t->cap * 2;
		t->attributes = mem_grow(
		    t->attributes, t->cap, sizeof(*t->attributes));
	}
	a = current(t);
	a->start = i;
	a->name_len = 0;
	a->value_start = 0;
	a->value_end = 0;
	a->quote = 0;
	a->odd_name = (class[p[i]] & ODD) != 0;
	t->state = HTML_TAG_ATTRIBUTE;
	return i + 1;
}

static inline size_t
tag_name(struct html_tag *t, const uint8_t *p, size_t i, size_t len)
{
	unsigned seen = t->odd;

	while (i < len && (class[p[i]] & NAME_END) == 0)
		seen |= class[p[i++]];
	t->odd = seen;
	if (i < len) {
		t->name_len = i - t->name_start;
		t->state = HTML_TAG_BEFORE_NAME;
	}
	return i;
}

static inline size_t
skip_space(const uint8_t *p, size_t i, size_t len)
{
	while (i < len && (class[p[i]] & SPACE) != 0)
		i++;
	return i;
}

static inline size_t
before_name(struct html_tag *t, const uint8_t *p, size_t i, size_t len)
{
	i = skip_space(p, i, len);
	if (i == len)
		return i;
	if (p[i] == '>') {
		t->state = HTML_TAG_DONE;
		return i + 1;
	}
	if (p[i] == '/') {
		t->state = HTML_TAG_SLASH;
		return i + 1;
	}
	/* An "=" here is the first byte of a name (13.2.5.32). */
	return open_attribute(t, p, i);
}

static inline size_t
attribute_name(struct html_tag *t, const uint8_t *p, size_t i, size_t len)
{
	struct html_attribute *a = current(t);
	unsigned seen = 0;

	while (i < len && (class[p[i]] & ATTRIBUTE_END) == 0)
		seen |= class[p[i++]];
	if ((seen & ODD) != 0)
		a->odd_name = 1;
	if (i == len)
		return i;
	a->name_len = i - (size_t)a->start;
	if (p[i] != '=') {
		t->state = HTML_TAG_AFTER_NAME;
		return i;
	}
	t->state = HTML_TAG_BEFORE_VALUE;
	return i + 1;
}

static inline size_t
after_name(struct html_tag *t, const uint8_t *p, size_t i, size_t len)
{
	i = skip_space(p, i, len);
	if (i == len)
		return i;
	if (p[i] == '=') {
		t->state = HTML_TAG_BEFORE_VALUE;
		return i + 1;
	}
	close_attribute(t);
	t->state = HTML_TAG_BEFORE_NAME;
	return i;
}

static inline size_t
before_value(struct html_tag *t, const uint8_t *p, size_t i, size_t len)
{
	struct html_attribute *a = current(t);

	i = skip_space(p, i, len);
	if (i == len)
		return i;
	if (p[i] == '>') {
		close_attribute(t);
		t->state = HTML_TAG_DONE;
		return i + 1;
	}
	t->state = HTML_TAG_VALUE_BARE;
	if (p[i] == '"' || p[i] == '\'') {
		a->quote = (char)p[i];
		t->state = HTML_TAG_VALUE_QUOTED;
		i++;
	}
	a->value_start = i;
	return i;
}

static inline size_t
value_quoted(struct html_tag *t, const uint8_t *p, size_t i, size_t len)
{
	struct html_attribute *a = current(t);
	const uint8_t *end = memchr(p + i, a->quote, len - i);

	if (end == NULL)
		return len;
	a->value_end = (uint64_t)(end - p);
	close_attribute(t);
	t->state = HTML_TAG_AFTER_VALUE;
	return (size_t)(end - p) + 1;
}

static inline size_t
value_bare(struct html_tag *t, const uint8_t *p, size_t i, size_t len)
{
	while (i < len && (class[p[i]] & BARE_END) == 0)
		i++;
	if (i == len)
		return i;
	current(t)->value_end = i;
	close_attribute(t);
	t->state = HTML_TAG_BEFORE_NAME;
	if (p[i] == '>') {
		t->state = HTML_TAG_DONE;
		i++;
	}
	return i;
}

static inline size_t
slash(struct html_tag *t, const uint8_t *p, size_t i)
{
	if (p[i] != '>') {
		t->state = HTML_TAG_BEFORE_NAME;
		return i;
	}
	t->self_closing = 1;
	t->state = HTML_TAG_DONE;
	return i + 1;
}

size_t
html_tag_scan(struct html_tag *t, const uint8_t *p, size_t len)
{
	size_t i = t->pos;

	while (i < len) {
		switch (t->state) {
		case HTML_TAG_NAME:
			i = tag_name(t, p, i, len);
			break;
		case HTML_TAG_BEFORE_NAME:
		case HTML_TAG_AFTER_VALUE:
			i = before_name(t, p, i, len);
			break;
		case HTML_TAG_ATTRIBUTE:
			i = attribute_name(t, p, i, len);
			break;
		case HTML_TAG_AFTER_NAME:
			i = after_name(t, p, i, len);
			break;
		case HTML_TAG_BEFORE_VALUE:
			i = before_value(t, p, i, len);
			break;
		case HTML_TAG_VALUE_QUOTED:
			i = value_quoted(t, p, i, len);
			break;
		case HTML_TAG_VALUE_BARE:
			i = value_bare(t, p, i, len);
			break;
		case HTML_TAG_SLASH:
			i = slash(t, p, i);
			break;
		case HTML_TAG_DONE:
			return i;
		}
	}
	t->pos = i;
	return t->state == HTML_TAG_DONE ? i : 0;
}

/* Lower case, NUL as U+FFFD, appended to SCRATCH, which has room. */
static const char *
rewrite_name(struct buf *scratch, const uint8_t *p, size_t len, size_t *out_len)
{
	char *to = (char *)scratch->data + scratch->len;
	char *start = to;

	for (size_t i = 0; i < len; i++) {
		if (p[i] == '\0') {
			memcpy(to, "\xEF\xBF\xBD", 3);
			to += 3;
			continue;
		}
		*to++ = (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] | 0x20 : p[i]);
	}
	*out_len = (size_t)(to - start);
	scratch->len += *out_len;
	return start;
}

static uint32_t
hash(const char *s, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)s[i]) * 16777619u;
	return h ^ h >> 15;
}

static int
same_name(const struct html_attribute *a, const struct html_attribute *b)
{
	return a->name_len == b->name_len && a->name[0] == b->name[0] &&
	       memcmp(a->name, b->name, a->name_len) == 0;
}

/* Attribute N is of a name that one before it has; with few of them. */
static int
is_repeated(const struct html_attribute *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (same_name(&all[i], &all[n]))
			return 1;
	return 0;
}

/* The same by a table of places (index + 1), which learns the name. */
static int
is_repeated_hashed(uint16_t *places, const struct html_attribute *all, size_t n)
{
	uint32_t h = hash(all[n].name, all[n].name_len);

	for (;; h++) {
		uint16_t *place = &places[h % PLACES];

		if (*place == 0) {
			*place = (uint16_t)(n + 1);
			return 0;
		}
		if (same_name(&all[*place - 1], &all[n]))
			return 1;
	}
}

static void
set_value(struct html_attribute *a, const uint8_t *p, struct html_window *w,
    struct buf *scratch)
{
	const uint8_t *s = p + a->value_start;
	const uint8_t *end = p + a->value_end;

	a->value = "";
	a->value_len = (size_t)(end - s);
	if (a->value_start == 0)
		return;
	a->value = (const char *)s;
	if (html_next(w, &w->amp, s, '&') >= end &&
	    html_next(w, &w->cr, s, '\r') >= end &&
	    html_next(w, &w->nul, s, '\0') >= end)
		return;
	a->value = (const char *)scratch->data + scratch->len;
	a->value_len = html_reference_decode(
	    (char *)scratch->data + scratch->len, s, a->value_len, 1);
	scratch->len += a->value_len;
}

/* From offsets to pointers, each name once, in place. */
static size_t
finish_attributes(struct html_tag *t, struct html_window *w, uint64_t start,
    struct buf *scratch)
{
	const uint8_t *p = w->at;
	size_t kept = 0;

	if (t->count > MANY) {
		if (t->places == NULL)
			t->places = mem_alloc(PLACES * sizeof(*t->places));
		memset(t->places, 0, PLACES * sizeof(*t->places));
	}
	for (size_t i = 0; i < t->count; i++) {
		struct html_attribute *a = &t->attributes[kept];

		*a = t->attributes[i];
		a->name = (const char *)p + a->start;
		if (a->odd_name)
			a->name = rewrite_name(
			    scratch, p + a->start, a->name_len, &a->name_len);
		if (t->count > MANY
			? is_repeated_hashed(t->places, t->attributes, kept)
			: is_repeated(t->attributes, kept))
			continue;
		set_value(a, p, w, scratch);
		a->start += start;
		if (a->value_start > 0) {
			a->value_start += start;
			a->value_end += start;
		}
		kept++;
	}
	return kept;
}

void
html_tag_token(struct html_tag *t, struct html_window *w, size_t len,
    uint64_t start, struct buf *scratch, struct html_token *out)
{
	assert(t->state == HTML_TAG_DONE);
	/* Nothing grows by more: no pointer into it moves below. */
	buf_reset(scratch);
	if (scratch->cap < 3 * len + 1)
		(void)buf_room(scratch, 3 * len);
	out->kind = t->name_start == 1 ? HTML_TOKEN_START : HTML_TOKEN_END;
	out->text = (const char *)w->at + t->name_start;
	out->len = t->name_len;
	if ((t->odd & ODD) != 0)
		out->text = rewrite_name(
		    scratch, w->at + t->name_start, t->name_len, &out->len);
	out->attribute_count = t->count == 0
				   ? 0
				   : finish_attributes(t, w, start, scratch);
	out->attributes = t->attributes;
	out->self_closing = t->self_closing;
}
