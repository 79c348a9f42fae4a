/* JSON bodies flattened as Python tools do it (standards.md 3.5). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/index_post.h"
#include "core/base/arena.h"
#include "core/base/text.h"

enum { DEPTH_MAX = 256, NUMBER_MAX = 400 };

/* What was named already, and how often. */
struct name {
	struct name *next;
	const char *text;
	size_t len;
	unsigned count;
};

struct flat {
	struct arena *arena;
	struct buf *out;
	size_t start;
	struct name *names;
	const uint8_t *p, *end;
	unsigned depth;
};

static void
skip_blanks(struct flat *f)
{
	while (f->p < f->end && (*f->p == ' ' || *f->p == '\t' ||
				    *f->p == '\n' || *f->p == '\r'))
		f->p++;
}

static int
take(struct flat *f, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(f->end - f->p) < n || memcmp(f->p, word, n) != 0)
		return 0;
	f->p += n;
	return 1;
}

/* One pair; a name that was there gets ".2_", ".3_" behind it. Nothing is
 * added behind what will be cut off. */
static void
add_pair(struct flat *f, const struct buf *name, const void *value, size_t len)
{
	struct name *n = f->names;

	if (name->len == 0 || f->out->len - f->start > INDEX_QUERY_MAX)
		return;
	while (n != NULL && (n->len != name->len ||
				memcmp(n->text, name->data, n->len) != 0))
		n = n->next;
	if (n == NULL) {
		n = arena_alloc(f->arena, sizeof(*n));
		*n = (struct name){ f->names,
			arena_dup(f->arena, name->data, name->len), name->len,
			0 };
		f->names = n;
	}
	n->count++;
	if (f->out->len > f->start)
		buf_add_byte(f->out, '&');
	index_post_quote(f->out, name->data, name->len);
	if (n->count > 1)
		buf_format(f->out, ".%u_", n->count);
	buf_add_byte(f->out, '=');
	index_post_quote(f->out, value, len);
}

/* Four hex digits. */
static int
take_unit(struct flat *f, uint32_t *unit)
{
	uint8_t raw[2];

	if (f->end - f->p < 4 || !text_unhex(raw, (const char *)f->p, 2))
		return 0;
	f->p += 4;
	*unit = (uint32_t)raw[0] << 8 | raw[1];
	return 1;
}

static int
take_escape(struct flat *f, struct buf *out)
{
	static const char names[] = "\"\\/bfnrt";
	static const char bytes[] = "\"\\/\b\f\n\r\t";
	const char *at;
	uint32_t cp;
	uint32_t low;

	if (f->p == f->end || *f->p == '\0')
		return 0;
	at = strchr(names, *f->p);
	if (at != NULL) {
		buf_add_byte(out, (uint8_t)bytes[at - names]);
		f->p++;
		return 1;
	}
	if (*f->p++ != 'u' || !take_unit(f, &cp))
		return 0;
	if (cp >= 0xd800 && cp < 0xdc00 && take(f, "\\u")) {
		if (!take_unit(f, &low) || low < 0xdc00 || low > 0xdfff)
			return 0;
		cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
	}
	/* Half a pair is in no encoding. */
	if (cp >= 0xd800 && cp <= 0xdfff)
		return 0;
	text_utf8_add(out, cp);
	return 1;
}

/* A string behind its first quote. */
static int
take_string(struct flat *f, struct buf *out)
{
	while (f->p < f->end && *f->p != '"') {
		if (*f->p < 0x20)
			return 0;
		if (*f->p != '\\')
			buf_add_byte(out, *f->p++);
		else if (f->p++, !take_escape(f, out))
			return 0;
	}
	return take(f, "\"");
}

static int
digits(struct flat *f)
{
	const uint8_t *from = f->p;

	while (f->p < f->end && *f->p >= '0' && *f->p <= '9')
		f->p++;
	return f->p > from;
}

/* The shortest text that reads back as X, as Python's repr. */
static void
add_real(struct buf *out, double x)
{
	char text[40];
	char number[40];
	const char *mark;
	int exponent;
	size_t count;

	for (int precision = 0; precision < 17; precision++) {
		(void)snprintf(text, sizeof(text), "%.*e", precision, x);
		if (strtod(text, NULL) == x)
			break;
	}
	mark = strchr(text, 'e');
	if (mark == NULL) { /* too large: infinite */
		buf_add_text(out, x < 0 ? "-inf" : "inf");
		return;
	}
	exponent = (int)strtol(mark + 1, NULL, 10);
	if (exponent < -4 || exponent >= 16) {
		buf_add(out, text, (size_t)(mark - text));
		buf_format(
		    out, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
		return;
	}
	count = (size_t)(mark - text) - (text[0] == '-');
	count -= count > 1; /* the point */
	(void)snprintf(number, sizeof(number), "%.*f",
	    (int)count - 1 - exponent > 1 ? (int)count - 1 - exponent : 1, x);
	buf_add_text(out, number);
}

static int
take_number(struct flat *f, struct buf *out)
{
	const char *from = (const char *)f->p;
	char text[NUMBER_MAX + 1];
	int is_real = 0;
	size_t len;

	if (take(f, "-") && take(f, "Infinity")) {
		buf_add_text(out, "-inf");
		return 1;
	}
	if (!take(f, "0") && !digits(f))
		return 0;
	if (f->end - f->p > 1 && f->p[0] == '.' && f->p[1] >= '0' &&
	    f->p[1] <= '9') {
		f->p++;
		is_real = digits(f);
	}
	if (f->p < f->end && (*f->p | 0x20) == 'e') {
		const uint8_t *e = f->p++;

		if (!take(f, "+"))
			(void)take(f, "-");
		if (digits(f))
			is_real = 1;
		else
			f->p = e;
	}
	len = (size_t)((const char *)f->p - from);
	if (!is_real) {
		int minus_zero = len == 2 && memcmp(from, "-0", 2) == 0;

		buf_add(out, from + minus_zero, len - (size_t)minus_zero);
		return 1;
	}
	if (len > NUMBER_MAX)
		return 0;
	memcpy(text, from, len);
	text[len] = '\0';
	add_real(out, strtod(text, NULL));
	return 1;
}

static int flatten(struct flat *f, const struct buf *name);

/* The members of an object behind its brace. */
static int
flatten_members(struct flat *f)
{
	struct buf name = { 0 };
	int good = 0;

	skip_blanks(f);
	if (take(f, "}"))
		return 1;
	do {
		buf_reset(&name);
		skip_blanks(f);
		if (!take(f, "\"") || !take_string(f, &name))
			goto done;
		skip_blanks(f);
		if (!take(f, ":") || !flatten(f, &name))
			goto done;
		skip_blanks(f);
	} while (take(f, ","));
	good = take(f, "}");
done:
	buf_clear(&name);
	return good;
}

static int
flatten_elements(struct flat *f, const struct buf *name)
{
	skip_blanks(f);
	if (take(f, "]"))
		return 1;
	do {
		if (!flatten(f, name))
			return 0;
		skip_blanks(f);
	} while (take(f, ","));
	return take(f, "]");
}

static int
flatten_scalar(struct flat *f, const struct buf *name)
{
	static const char *const words[][2] = { { "true", "True" },
		{ "false", "False" }, { "null", "None" }, { "NaN", "nan" },
		{ "Infinity", "inf" } };
	struct buf value = { 0 };
	int good = 0;

	for (size_t i = 0; !good && i < sizeof(words) / sizeof(words[0]); i++)
		if (take(f, words[i][0])) {
			buf_add_text(&value, words[i][1]);
			good = 1;
		}
	if (!good)
		good = take(f, "\"") ? take_string(f, &value)
				     : take_number(f, &value);
	if (good)
		add_pair(f, name, value.data, value.len);
	buf_clear(&value);
	return good;
}

/* A value under NAME; recursion is bounded by DEPTH_MAX. */
static int
flatten(struct flat *f, const struct buf *name)
{
	int good;

	skip_blanks(f);
	if (++f->depth > DEPTH_MAX)
		return 0;
	if (take(f, "{"))
		good = flatten_members(f);
	else if (take(f, "["))
		good = flatten_elements(f, name);
	else
		good = flatten_scalar(f, name);
	f->depth--;
	return good;
}

/* One document from P to END. */
static int
flatten_text(struct flat *f, const uint8_t *p, const uint8_t *end)
{
	const struct buf none = { 0 };

	f->p = p;
	f->end = end;
	f->depth = 0;
	if (!flatten(f, &none))
		return 0;
	skip_blanks(f);
	return f->p == f->end;
}

static int
flatten_lines(struct flat *f, const uint8_t *p, const uint8_t *end)
{
	for (;;) {
		const uint8_t *lf = memchr(p, '\n', (size_t)(end - p));

		if (!flatten_text(f, p, lf == NULL ? end : lf))
			return 0;
		if (lf == NULL)
			return 1;
		p = lf + 1;
	}
}

int
index_post_json(struct buf *out, const uint8_t *body, size_t len)
{
	struct flat f = { .arena = arena_new(), .out = out, .start = out->len };
	const uint8_t *end = body + len;
	int good;

	if (len >= 3 && memcmp(body, "\xef\xbb\xbf", 3) == 0)
		body += 3;
	good = text_is_utf8(body, (size_t)(end - body));
	if (good && !flatten_text(&f, body, end)) {
		if (out->len > f.start)
			buf_cut(out, f.start);
		f.names = NULL;
		good = memchr(body, '\n', (size_t)(end - body)) != NULL &&
		       flatten_lines(&f, body, end);
	}
	arena_free(f.arena);
	return good ? 0 : -1;
}
