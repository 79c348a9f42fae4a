/* Filters of rules, applied. */

#include "core/news/filter.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/news/credit.h"
#include "core/news/date_words.h"
#include "core/news/normalize.h"
#include "core/news/pattern.h"
#include "core/news/profile_rules.h"
#include "core/news/reading.h"
#include "core/news/url_params.h"

void
values_add(struct arena *a, struct values *v, const struct value *item)
{
	if (v->count == VALUES_MAX)
		return;
	if (v->count == v->cap) {
		size_t cap = v->cap == 0 ? 4 : v->cap * 2;
		struct value *items = arena_alloc(a, cap * sizeof(*items));

		if (v->count > 0)
			memcpy(items, v->items, v->count * sizeof(*items));
		v->items = items;
		v->cap = cap;
	}
	v->items[v->count++] = *item;
}

static const char *
cut(struct arena *a, const char *s, size_t start, size_t end)
{
	return arena_text_n(a, s + start, end - start);
}

static const char *
trim(struct arena *a, const char *s)
{
	size_t len = strlen(s);
	size_t start = 0;

	while (len > 0 && text_is_space(s[len - 1]))
		len--;
	while (start < len && text_is_space(s[start]))
		start++;
	return cut(a, s, start, len);
}

static const char *
drop_prefix(struct arena *a, struct value *v, const char *prefix)
{
	if (!text_starts(v->text, prefix))
		return v->text;
	v->label = prefix;
	return trim(a, v->text + strlen(prefix));
}

static const char *
drop_suffix(struct arena *a, const char *s, const char *suffix)
{
	if (!text_ends(s, suffix))
		return s;
	return cut(a, s, 0, strlen(s) - strlen(suffix));
}

static const char *
lower(struct arena *a, const char *s)
{
	char *out = arena_text(a, s);

	for (char *p = out; *p != '\0'; p++)
		*p = (char)text_lower(*p);
	return out;
}

/* The digits in front, of any script, without leading zeros; NULL none. */
static const char *
integer(struct arena *a, const char *text)
{
	struct buf folded = { 0 };
	const char *number = NULL;
	const char *s;
	size_t n = 0;

	nt1_loose(&folded, text, strlen(text));
	s = buf_text(&folded);
	while (text_is_space(*s))
		s++;
	while (s[0] == '0' && s[1] >= '0' && s[1] <= '9')
		s++;
	while (s[n] >= '0' && s[n] <= '9')
		n++;
	if (n > 0 && n <= 15)
		number = cut(a, s, 0, n);
	buf_clear(&folded);
	return number;
}

/* One character reference at S, or 0 bytes used. */
static size_t
unescape_one(struct buf *out, const char *s)
{
	static const char *const named[][2] = { { "&amp;", "&" },
		{ "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" },
		{ "&apos;", "'" }, { "&nbsp;", "\xc2\xa0" } };
	const char *p = s + 2;
	uint32_t cp = 0;
	int hex;

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		if (text_starts(s, named[i][0])) {
			buf_add_text(out, named[i][1]);
			return strlen(named[i][0]);
		}
	}
	if (s[1] != '#')
		return 0;
	hex = text_lower(*p) == 'x';
	p += hex;
	for (; p < s + 10 && *p != ';' && *p != '\0'; p++) {
		int c = text_lower(*p);
		uint32_t digit;

		if (c >= '0' && c <= '9')
			digit = (uint32_t)(c - '0');
		else if (hex && c >= 'a' && c <= 'f')
			digit = (uint32_t)(c - 'a') + 10;
		else
			return 0;
		cp = cp * (hex ? 16 : 10) + digit;
	}
	if (*p != ';' || cp == 0 || cp > 0x10ffff ||
	    (cp >= 0xd800 && cp < 0xe000))
		return 0;
	text_utf8_add(out, cp);
	return (size_t)(p - s) + 1;
}

static const char *
unescape(struct arena *a, const char *s)
{
	struct buf out = { 0 };
	const char *text;

	while (*s != '\0') {
		size_t used = *s == '&' ? unescape_one(&out, s) : 0;

		if (used == 0) {
			buf_add_byte(&out, (uint8_t)*s);
			used = 1;
		}
		s += used;
	}
	text = arena_text(a, buf_text(&out));
	buf_clear(&out);
	return text;
}

static size_t
count_characters(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* What matched, and in RAW all that the pattern took. */
static const char *
match(const struct filter *f, struct arena *a, struct value *v)
{
	struct pattern_match m;
	struct buf out = { 0 };
	const char *text;

	if (!pattern_find(f->pattern, v->text, strlen(v->text), &m))
		return NULL;
	pattern_fill(&out, f->form, v->text, &m);
	v->raw = cut(a, v->text, m.start[0], m.end[0]);
	text = arena_text(a, buf_text(&out));
	buf_clear(&out);
	return text;
}

static const char *
map(const struct filter *f, struct value *v)
{
	v->mapped = map_find(f->map, v->text);
	if (v->mapped == NULL)
		v->mapped = f->number == 1 ? v->text : f->form;
	return v->mapped != NULL ? v->text : NULL;
}

static const char *
date(const struct filter *f, const struct reading *r, struct value *v)
{
	struct json *out = NULL;
	int fits = 0;

	for (size_t i = 0; !fits && i < f->arg_count; i++)
		fits = date_words_read(
		    r->arena, v->text, f->args[i], &r->dates, &out);
	if (f->kind == FILTER_ISODATE)
		fits = date_words_iso(r->arena, v->text, &r->dates, &out);
	if (!fits)
		return NULL;
	v->date = out;
	return json_text(json_get(out, "iso"), v->text);
}

static const char *
credit(const struct reading *r, const char *s)
{
	struct credit found;

	return credit_find(r->arena, &r->profile->images, s, &found)
		   ? found.text
		   : NULL;
}

/* Filters that make one text of one; NULL: it does not pass. */
static const char *
apply_one(const struct filter *f, const struct reading *r, struct value *v)
{
	struct arena *a = r->arena;

	switch (f->kind) {
	case FILTER_WS:
		return reading_ws(r, v->text);
	case FILTER_TRIM:
		return trim(a, v->text);
	case FILTER_PREFIX:
		return drop_prefix(a, v, f->args[0]);
	case FILTER_SUFFIX:
		return drop_suffix(a, v->text, f->args[0]);
	case FILTER_RE:
		return match(f, a, v);
	case FILTER_LOWER:
		return lower(a, v->text);
	case FILTER_INT:
		return integer(a, v->text);
	case FILTER_MAP:
		return map(f, v);
	case FILTER_DATE:
	case FILTER_ISODATE:
		return date(f, r, v);
	case FILTER_URL:
		return reading_url(r, v->text);
	case FILTER_DROP_PARAMS:
		return url_params_drop(a, v->text, f->args, f->arg_count);
	case FILTER_KEEP_PARAMS:
		return url_params_keep(a, v->text, f->args, f->arg_count);
	case FILTER_PARAM:
		return url_params_get(a, v->text, f->args[0]);
	case FILTER_CREDIT:
		return credit(r, v->text);
	case FILTER_UNESCAPE:
		return unescape(a, v->text);
	case FILTER_NONEMPTY:
		return trim(a, v->text)[0] != '\0' ? v->text : NULL;
	case FILTER_MINLEN:
		return count_characters(v->text) >= f->number ? v->text : NULL;
	case FILTER_SPLIT:
	case FILTER_SPLIT_RE:
	case FILTER_UNIQ:
	case FILTER_JOIN:
		break;
	}
	return v->text;
}

static void
add_part(const struct reading *r, struct values *out, const struct value *v,
    size_t start, size_t end)
{
	struct value part = *v;

	if (start == end)
		return;
	part.text = cut(r->arena, v->text, start, end);
	values_add(r->arena, out, &part);
}

static void
split(const struct filter *f, const struct reading *r, const struct value *v,
    struct values *out)
{
	size_t len = strlen(v->text);
	size_t start = 0;

	while (start < len && out->count < VALUES_MAX) {
		struct pattern_match m = { 0 };
		const char *found;

		if (f->kind == FILTER_SPLIT) {
			found = f->args[0][0] == '\0'
				    ? NULL
				    : strstr(v->text + start, f->args[0]);
			if (found != NULL) {
				m.start[0] = (size_t)(found - v->text) - start;
				m.end[0] = m.start[0] + strlen(f->args[0]);
			}
		} else {
			(void)pattern_find(
			    f->pattern, v->text + start, len - start, &m);
		}
		/* An empty match would split between all bytes: it ends. */
		if (m.end[0] == m.start[0])
			break;
		add_part(r, out, v, start, start + m.start[0]);
		start += m.end[0];
	}
	add_part(r, out, v, start, len);
}

static void
uniq(const struct reading *r, const struct values *in, struct values *out)
{
	const char **seen = arena_alloc(
	    r->arena, (in->count + 1) * sizeof(*seen));

	for (size_t i = 0; i < in->count; i++) {
		const char *text = reading_nt1(r, in->items[i].text);
		size_t k = 0;

		while (k < out->count && strcmp(seen[k], text) != 0)
			k++;
		if (k < out->count)
			continue;
		seen[k] = text;
		values_add(r->arena, out, &in->items[i]);
	}
}

static void
join(const struct filter *f, const struct reading *r, const struct values *in,
    struct values *out)
{
	struct buf text = { 0 };
	struct value v;

	if (in->count == 0)
		return;
	v = in->items[0];
	for (size_t i = 0; i < in->count; i++) {
		if (i > 0)
			buf_add_text(&text, f->args[0]);
		buf_add_text(&text, in->items[i].text);
	}
	v.text = arena_text(r->arena, buf_text(&text));
	values_add(r->arena, out, &v);
	buf_clear(&text);
}

void
filter_apply(const struct filter *f, const struct reading *r,
    const struct values *in, struct values *out)
{
	if (f->kind == FILTER_UNIQ) {
		uniq(r, in, out);
		return;
	}
	if (f->kind == FILTER_JOIN) {
		join(f, r, in, out);
		return;
	}
	for (size_t i = 0; i < in->count; i++) {
		struct value v = in->items[i];

		if (f->kind == FILTER_SPLIT || f->kind == FILTER_SPLIT_RE) {
			split(f, r, &v, out);
			continue;
		}
		v.text = apply_one(f, r, &v);
		if (v.text != NULL && v.text[0] != '\0')
			values_add(r->arena, out, &v);
	}
}
