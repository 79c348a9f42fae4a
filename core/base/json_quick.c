/* Plain JSON in one pass. */
#include "core/base/json_quick.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/base/text.h"

enum {
	DEPTH = 32,
	MEMBERS = 64, /* of an object: more would be searched too long */
	DIGITS = 18   /* that surely fit into 64 bits */
};

struct reader {
	struct arena *arena;
	const char *at;
	const char *end;
	struct buf scratch; /* of a string with escapes */
};

static struct json *read_value(struct reader *r, int depth);

static void
skip_blanks(struct reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' ||
				     *r->at == '\t' || *r->at == '\r'))
		r->at++;
}

/* Is C the next byte behind blanks? Then go past it. */
static int
take(struct reader *r, char c)
{
	skip_blanks(r);
	if (r->at == r->end || *r->at != c)
		return 0;
	r->at++;
	return 1;
}

/* Four hex digits of a character of the BMP that stands alone. */
static int
take_unicode(struct reader *r)
{
	uint8_t raw[2];
	uint32_t c;

	if (r->end - r->at < 4 || !text_unhex(raw, r->at, sizeof(raw)))
		return 0;
	r->at += 4;
	c = (uint32_t)raw[0] << 8 | raw[1];
	if (c == 0 || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	text_utf8_add(&r->scratch, c);
	return 1;
}

/* What follows a backslash. */
static int
take_escape(struct reader *r)
{
	static const char names[] = "\"\\/bfnrt";
	static const char bytes[] = "\"\\/\b\f\n\r\t";
	const char *which;

	if (r->at == r->end)
		return 0;
	if (*r->at == 'u') {
		r->at++;
		return take_unicode(r);
	}
	which = memchr(names, *r->at, sizeof(names) - 1);
	if (which == NULL)
		return 0;
	buf_add_byte(&r->scratch, (uint8_t)bytes[which - names]);
	r->at++;
	return 1;
}

/* Bytes up to a quote, a backslash or something else; whether all are ASCII.
 */
static const char *
plain_end(const struct reader *r, int *is_ascii)
{
	const char *p = r->at;

	while (p < r->end && (unsigned char)*p >= 0x20 && *p != '"' &&
	       *p != '\\') {
		*is_ascii &= (unsigned char)*p < 0x80;
		p++;
	}
	return p;
}

/* A string behind its first quote. 1; 0: not plain. *TEXT is in the input or
 * in the scratch buffer. */
static int
take_string(struct reader *r, const char **text, size_t *len)
{
	const char *from = r->at;
	int is_ascii = 1;
	const char *p = plain_end(r, &is_ascii);

	buf_reset(&r->scratch);
	while (p < r->end && *p == '\\') {
		buf_add(&r->scratch, r->at, (size_t)(p - r->at));
		r->at = p + 1;
		if (!take_escape(r))
			return 0;
		p = plain_end(r, &is_ascii);
		from = NULL;
	}
	if (p == r->end || *p != '"')
		return 0;
	if (from == NULL) {
		buf_add(&r->scratch, r->at, (size_t)(p - r->at));
		*text = buf_text(&r->scratch);
		*len = r->scratch.len;
	} else {
		*text = from;
		*len = (size_t)(p - from);
	}
	r->at = p + 1;
	return is_ascii || text_is_utf8(*text, *len);
}

static int
is_digit(const struct reader *r)
{
	return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

static struct json *
read_integer(struct reader *r)
{
	const char *from = r->at;
	int64_t n = 0;
	int sign = 1;

	if (*r->at == '-') {
		sign = -1;
		from = ++r->at;
	}
	while (is_digit(r) && r->at - from < DIGITS)
		n = n * 10 + (*r->at++ - '0');
	if (r->at == from || is_digit(r) ||
	    (*from == '0' && (r->at - from > 1 || sign < 0)))
		return NULL;
	if (r->at < r->end && (*r->at == '.' || *r->at == 'e' || *r->at == 'E'))
		return NULL;
	return json_new_integer(r->arena, sign * n);
}

static struct json *
read_word(struct reader *r)
{
	static const char *const words[] = { "null", "false", "true" };

	for (int i = 0; i < 3; i++) {
		size_t len = strlen(words[i]);

		if ((size_t)(r->end - r->at) < len ||
		    memcmp(r->at, words[i], len) != 0)
			continue;
		r->at += len;
		return i == 0 ? json_new_null(r->arena)
			      : json_new_bool(r->arena, i - 1);
	}
	return NULL;
}

static struct json *
read_array(struct reader *r, int depth)
{
	struct json *v = json_new_array(r->arena);

	if (take(r, ']'))
		return v;
	do {
		struct json *child = read_value(r, depth + 1);

		if (child == NULL)
			return NULL;
		json_append(r->arena, v, child);
	} while (take(r, ','));
	return take(r, ']') ? v : NULL;
}

/* A member whose name the object has not. */
static int
read_member(struct reader *r, struct json *o, int depth)
{
	const char *name;
	struct json *child;
	size_t len;

	if (json_count(o) == MEMBERS || !take(r, '"') ||
	    !take_string(r, &name, &len))
		return 0;
	name = arena_text_n(r->arena, name, len);
	if (json_get(o, name) != NULL || !take(r, ':'))
		return 0;
	child = read_value(r, depth + 1);
	if (child == NULL)
		return 0;
	json_add_member(r->arena, o, name, child);
	return 1;
}

static struct json *
read_object(struct reader *r, int depth)
{
	struct json *v = json_new_object(r->arena);

	if (take(r, '}'))
		return v;
	do {
		if (!read_member(r, v, depth))
			return NULL;
	} while (take(r, ','));
	return take(r, '}') ? v : NULL;
}

static struct json *
read_value(struct reader *r, int depth)
{
	const char *text;
	size_t len;

	if (depth > DEPTH)
		return NULL;
	skip_blanks(r);
	if (r->at == r->end)
		return NULL;
	switch (*r->at) {
	case '"':
		r->at++;
		return take_string(r, &text, &len)
			   ? json_new_string_n(r->arena, text, len)
			   : NULL;
	case '{':
		r->at++;
		return read_object(r, depth);
	case '[':
		r->at++;
		return read_array(r, depth);
	case 'n':
	case 'f':
	case 't':
		return read_word(r);
	default:
		return read_integer(r);
	}
}

struct json *
json_quick(struct arena *a, const char *s, size_t len)
{
	struct reader r = { .arena = a, .at = s, .end = s + len };
	struct json *v = read_value(&r, 0);

	skip_blanks(&r);
	if (r.at != r.end)
		v = NULL;
	buf_clear(&r.scratch);
	return v;
}
