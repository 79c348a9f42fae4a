/* JSON values in an arena: what is not plain read by jansson, written by us. */
#include "core/base/json.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json_quick.h"
#include "core/base/mem.h"
#include "core/base/text.h"

struct json {
	enum json_kind kind;
	union {
		int64_t integer;
		double real;
		struct {
			const char *text;
			size_t len;
		} string;
		struct {
			struct json **values;
			const char **names; /* NULL for arrays */
			size_t count;
			size_t cap;
		} list;
	} u;
};

static struct json *
json_new(struct arena *a, enum json_kind kind)
{
	struct json *v = arena_alloc(a, sizeof(*v));

	v->kind = kind;
	return v;
}

struct json *
json_new_null(struct arena *a)
{
	return json_new(a, JSON_KIND_NULL);
}

struct json *
json_new_bool(struct arena *a, int yes)
{
	return json_new(a, yes ? JSON_KIND_TRUE : JSON_KIND_FALSE);
}

struct json *
json_new_integer(struct arena *a, int64_t n)
{
	struct json *v = json_new(a, JSON_KIND_INTEGER);

	v->u.integer = n;
	return v;
}

struct json *
json_new_real(struct arena *a, double n)
{
	struct json *v = json_new(a, JSON_KIND_REAL);

	v->u.real = n;
	return v;
}

struct json *
json_new_string_n(struct arena *a, const char *s, size_t len)
{
	struct json *v = json_new(a, JSON_KIND_STRING);

	v->u.string.text = arena_text_n(a, s, len);
	v->u.string.len = len;
	return v;
}

struct json *
json_new_string(struct arena *a, const char *s)
{
	return json_new_string_n(a, s, strlen(s));
}

struct json *
json_new_array(struct arena *a)
{
	return json_new(a, JSON_KIND_ARRAY);
}

struct json *
json_new_object(struct arena *a)
{
	return json_new(a, JSON_KIND_OBJECT);
}

/* Room for one more value (and name) in a list. */
static void
list_grow(struct arena *a, struct json *v)
{
	size_t cap = v->u.list.cap == 0 ? 8 : v->u.list.cap * 2;
	struct json **values;
	const char **names;

	if (v->u.list.count < v->u.list.cap)
		return;
	values = arena_alloc(a, cap * sizeof(*values));
	if (v->u.list.count > 0)
		memcpy(values, v->u.list.values,
		    v->u.list.count * sizeof(*values));
	v->u.list.values = values;
	if (v->kind == JSON_KIND_OBJECT) {
		names = arena_alloc(a, cap * sizeof(*names));
		if (v->u.list.count > 0)
			memcpy(names, v->u.list.names,
			    v->u.list.count * sizeof(*names));
		v->u.list.names = names;
	}
	v->u.list.cap = cap;
}

void
json_append(struct arena *a, struct json *array, struct json *v)
{
	list_grow(a, array);
	array->u.list.values[array->u.list.count++] = v;
}

void
json_set(struct arena *a, struct json *o, const char *name, struct json *v)
{
	for (size_t i = 0; i < o->u.list.count; i++) {
		if (strcmp(o->u.list.names[i], name) == 0) {
			o->u.list.values[i] = v;
			return;
		}
	}
	json_add_member(a, o, arena_text(a, name), v);
}

void
json_set_string(
    struct arena *a, struct json *o, const char *name, const char *s)
{
	json_set(a, o, name, json_new_string(a, s));
}

void
json_set_integer(struct arena *a, struct json *o, const char *name, int64_t n)
{
	json_set(a, o, name, json_new_integer(a, n));
}

void
json_set_bool(struct arena *a, struct json *o, const char *name, int yes)
{
	json_set(a, o, name, json_new_bool(a, yes));
}

void
json_add_member(
    struct arena *a, struct json *o, const char *name, struct json *v)
{
	list_grow(a, o);
	o->u.list.names[o->u.list.count] = name;
	o->u.list.values[o->u.list.count++] = v;
}

/* Recursion is bounded: jansson refuses nesting over 2,048, and from_jansson
 * over JSON_DEPTH_MAX. */
static struct json *
from_jansson(struct arena *a, json_t *j, int depth, struct error *e)
{
	struct json *v = NULL;
	struct json *child;
	json_t *item;
	const char *name;
	size_t i;

	if (depth > JSON_DEPTH_MAX) {
		(void)error_set(e, ERROR_INPUT, "json: nested deeper than %d",
		    (int)JSON_DEPTH_MAX);
		return NULL;
	}
	switch (json_typeof(j)) {
	case JSON_NULL:
		return json_new_null(a);
	case JSON_TRUE:
	case JSON_FALSE:
		return json_new_bool(a, json_is_true(j));
	case JSON_INTEGER:
		return json_new_integer(a, json_integer_value(j));
	case JSON_REAL:
		return json_new_real(a, json_real_value(j));
	case JSON_STRING:
		return json_new_string_n(
		    a, json_string_value(j), json_string_length(j));
	case JSON_ARRAY:
		v = json_new_array(a);
		json_array_foreach(j, i, item)
		{
			child = from_jansson(a, item, depth + 1, e);
			if (child == NULL)
				return NULL;
			json_append(a, v, child);
		}
		return v;
	case JSON_OBJECT:
		v = json_new_object(a);
		json_object_foreach(j, name, item)
		{
			child = from_jansson(a, item, depth + 1, e);
			if (child == NULL)
				return NULL;
			/* jansson refused duplicates: no search needed. */
			json_add_member(a, v, arena_text(a, name), child);
		}
		return v;
	}
	return v;
}

struct json *
json_careful(struct arena *a, const char *s, size_t len, struct error *e)
{
	json_error_t why;
	struct json *v;
	json_t *j = json_loadb(s, len,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);

	if (j == NULL) {
		struct buf text = { 0 };

		text_add_escaped(&text, why.text, strlen(why.text));
		(void)error_set(e, ERROR_INPUT, "json: line %d column %d: %s",
		    why.line, why.column, buf_text(&text));
		buf_clear(&text);
		return NULL;
	}
	v = from_jansson(a, j, 0, e);
	json_decref(j);
	return v;
}

struct json *
json_parse(struct arena *a, const char *s, size_t len, struct error *e)
{
	struct json *v = json_quick(a, s, len);

	return v != NULL ? v : json_careful(a, s, len, e);
}

enum json_kind
json_kind(const struct json *v)
{
	return v == NULL ? JSON_KIND_NULL : v->kind;
}

int
json_is(const struct json *v, enum json_kind kind)
{
	return v != NULL && v->kind == kind;
}

const char *
json_text(const struct json *v, const char *fallback)
{
	return json_is(v, JSON_KIND_STRING) ? v->u.string.text : fallback;
}

size_t
json_string_len(const struct json *v)
{
	return json_is(v, JSON_KIND_STRING) ? v->u.string.len : 0;
}

int64_t
json_int(const struct json *v, int64_t fallback)
{
	return json_is(v, JSON_KIND_INTEGER) ? v->u.integer : fallback;
}

double
json_double(const struct json *v, double fallback)
{
	if (json_is(v, JSON_KIND_INTEGER))
		return (double)v->u.integer;
	return json_is(v, JSON_KIND_REAL) ? v->u.real : fallback;
}

int
json_bool(const struct json *v, int fallback)
{
	if (json_is(v, JSON_KIND_TRUE))
		return 1;
	return json_is(v, JSON_KIND_FALSE) ? 0 : fallback;
}

static int
is_list(const struct json *v)
{
	return json_is(v, JSON_KIND_ARRAY) || json_is(v, JSON_KIND_OBJECT);
}

size_t
json_count(const struct json *v)
{
	return is_list(v) ? v->u.list.count : 0;
}

struct json *
json_at(const struct json *v, size_t i)
{
	return i < json_count(v) ? v->u.list.values[i] : NULL;
}

const char *
json_key(const struct json *v, size_t i)
{
	if (!json_is(v, JSON_KIND_OBJECT) || i >= v->u.list.count)
		return NULL;
	return v->u.list.names[i];
}

struct json *
json_get(const struct json *v, const char *name)
{
	if (!json_is(v, JSON_KIND_OBJECT))
		return NULL;
	for (size_t i = 0; i < v->u.list.count; i++)
		if (strcmp(v->u.list.names[i], name) == 0)
			return v->u.list.values[i];
	return NULL;
}

void
json_add_string(struct buf *out, const char *s, size_t len)
{
	static const char escapes[] = "btn\0fr"; /* 08 .. 0d; 0b has none */
	const uint8_t *p = (const uint8_t *)s;
	size_t start = 0;
	uint32_t cp;
	int valid;

	buf_add_byte(out, '"');
	for (size_t i = 0; i < len;) {
		size_t n = text_utf8_next(p + i, len - i, &cp, &valid);

		if (valid && cp >= 0x20 && cp != '"' && cp != '\\') {
			i += n;
			continue;
		}
		buf_add(out, p + start, i - start);
		if (!valid)
			text_utf8_add(out, 0xfffd);
		else if (cp == '"' || cp == '\\')
			buf_format(out, "\\%c", (int)cp);
		else if (cp >= 8 && cp <= 13 && escapes[cp - 8] != '\0')
			buf_format(out, "\\%c", escapes[cp - 8]);
		else
			buf_format(out, "\\u%04x", cp);
		i += n;
		start = i;
	}
	buf_add(out, p + start, len - start);
	buf_add_byte(out, '"');
}

/* COUNT digits with a point behind the first POINT > 0; zeros fill up. */
static void
add_fixed(struct buf *out, const char *digits, int count, int point)
{
	for (int i = 0; i < count || i < point; i++) {
		if (i == point)
			buf_add_byte(out, '.');
		buf_add_byte(out, i < count ? (uint8_t)digits[i] : '0');
	}
}

/* The shortest digits that read back equal, laid out as ECMAScript does it
 * (RFC 8785, 3.2.2.3; ECMA-262, Number::toString). */
static void
add_real(struct buf *out, double n)
{
	char text[40];
	char digits[24];
	int count = 0;
	int point; /* of them stand before the decimal point */

	if (!isfinite(n) || n == 0) {
		buf_add_byte(out, '0');
		return;
	}
	for (int more = 0; more < 17; more++) {
		(void)snprintf(text, sizeof(text), "%.*e", more, fabs(n));
		if (strtod(text, NULL) == fabs(n))
			break;
	}
	for (const char *s = text; *s != 'e'; s++)
		if (*s != '.')
			digits[count++] = *s;
	point = (int)strtol(strchr(text, 'e') + 1, NULL, 10) + 1;
	if (n < 0)
		buf_add_byte(out, '-');
	if (point > 0 && point <= 21) {
		add_fixed(out, digits, count, point);
	} else if (point > -6 && point <= 0) {
		buf_add_text(out, "0.");
		for (int i = point; i < 0; i++)
			buf_add_byte(out, '0');
		buf_add(out, digits, (size_t)count);
	} else {
		add_fixed(out, digits, count, 1);
		buf_format(out, "e%c%d", point > 0 ? '+' : '-', abs(point - 1));
	}
}

enum write_style { WRITE_CANONICAL, WRITE_PLAIN, WRITE_PRETTY };

/* RFC 8785 sorts by UTF-16 code units: surrogates (d800..) come before
 * e000..ffff, unlike in UTF-8. */
static int
compare_names(const char *a, const char *b)
{
	const uint8_t *x = (const uint8_t *)a;
	const uint8_t *y = (const uint8_t *)b;
	size_t i = 0;

	while (x[i] != '\0' && x[i] == y[i])
		i++;
	if ((x[i] >= 0xf0) != (y[i] >= 0xf0) && x[i] >= 0xee && y[i] >= 0xee)
		return x[i] >= 0xf0 ? -1 : 1;
	return (int)x[i] - (int)y[i];
}

static int
compare_members(const void *a, const void *b, void *object)
{
	const struct json *o = object;

	return compare_names(o->u.list.names[*(const size_t *)a],
	    o->u.list.names[*(const size_t *)b]);
}

static void
add_break(struct buf *out, enum write_style style, int depth)
{
	if (style == WRITE_PRETTY)
		buf_format(out, "\n%*s", 2 * depth, "");
}

static void add_value(
    struct buf *out, const struct json *v, enum write_style style, int depth);

static void
add_list(
    struct buf *out, const struct json *v, enum write_style style, int depth)
{
	int object = v->kind == JSON_KIND_OBJECT;
	size_t count = v->u.list.count;
	size_t *order = mem_alloc(count * sizeof(*order));

	for (size_t i = 0; i < count; i++)
		order[i] = i;
	if (object && style == WRITE_CANONICAL)
		qsort_r(order, count, sizeof(*order), compare_members,
		    (void *)(uintptr_t)v);
	buf_add_byte(out, object ? '{' : '[');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_byte(out, ',');
		add_break(out, style, depth + 1);
		if (object) {
			const char *name = v->u.list.names[order[i]];

			json_add_string(out, name, strlen(name));
			buf_add_text(out, style == WRITE_PRETTY ? ": " : ":");
		}
		add_value(out, v->u.list.values[order[i]], style, depth + 1);
	}
	if (count > 0)
		add_break(out, style, depth);
	buf_add_byte(out, object ? '}' : ']');
	free(order);
}

static void
add_value(
    struct buf *out, const struct json *v, enum write_style style, int depth)
{
	switch (json_kind(v)) {
	case JSON_KIND_NULL:
		buf_add_text(out, "null");
		break;
	case JSON_KIND_FALSE:
		buf_add_text(out, "false");
		break;
	case JSON_KIND_TRUE:
		buf_add_text(out, "true");
		break;
	case JSON_KIND_INTEGER:
		buf_format(out, "%jd", (intmax_t)v->u.integer);
		break;
	case JSON_KIND_REAL:
		add_real(out, v->u.real);
		break;
	case JSON_KIND_STRING:
		json_add_string(out, v->u.string.text, v->u.string.len);
		break;
	case JSON_KIND_ARRAY:
	case JSON_KIND_OBJECT:
		add_list(out, v, style, depth);
		break;
	}
}

void
json_write_canonical(struct buf *out, const struct json *v)
{
	add_value(out, v, WRITE_CANONICAL, 0);
}

void
json_write(struct buf *out, const struct json *v)
{
	add_value(out, v, WRITE_PLAIN, 0);
}

void
json_write_pretty(struct buf *out, const struct json *v)
{
	add_value(out, v, WRITE_PRETTY, 0);
	buf_add_byte(out, '\n');
}
