/* Fixture pages: text with places to fill. */

#include "tests/site/template.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"

enum { TEMPLATE_DEPTH = 16, TEMPLATE_NAME_MAX = 64 };

struct expansion {
	const char *text;
	size_t len;
	size_t at;
	const struct json *scope[TEMPLATE_DEPTH];
	size_t depth;
	struct buf *out;
	struct error *error;
};

enum tag_kind {
	TAG_VALUE,
	TAG_RAW,
	TAG_JSON,
	TAG_OPEN,
	TAG_INVERTED,
	TAG_CLOSE,
	TAG_REMARK
};

struct tag {
	enum tag_kind kind;
	char name[TEMPLATE_NAME_MAX];
	size_t start; /* where text before it ends */
	size_t end;   /* where text behind it begins */
};

static int
fail(struct expansion *x, size_t at, const char *text, const char *name)
{
	unsigned line = 1;

	for (size_t i = 0; i < at && i < x->len; i++)
		line += x->text[i] == '\n';
	return error_set(x->error, ERROR_INPUT, "template line %u: %s%s%s",
	    line, text, name[0] != '\0' ? " " : "", name);
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A section tag or remark alone on its line takes the line with it. */
static void
widen_to_line(const struct expansion *x, struct tag *tag)
{
	size_t start = tag->start;
	size_t end = tag->end;

	while (start > 0 && is_blank(x->text[start - 1]))
		start--;
	while (end < x->len && is_blank(x->text[end]))
		end++;
	if ((start > 0 && x->text[start - 1] != '\n') ||
	    (end < x->len && x->text[end] != '\n'))
		return;
	tag->start = start;
	tag->end = end < x->len ? end + 1 : end;
}

static void
classify(struct tag *tag, const char **s, size_t *len)
{
	static const char marks[] = "#^/!";
	static const enum tag_kind kinds[] = { TAG_OPEN, TAG_INVERTED,
		TAG_CLOSE, TAG_REMARK };
	const char *mark = *len > 0 ? strchr(marks, **s) : NULL;

	if (mark != NULL && *mark != '\0') {
		tag->kind = kinds[mark - marks];
		(*s)++;
		(*len)--;
	} else if (*len > 5 && memcmp(*s, "json ", 5) == 0) {
		tag->kind = TAG_JSON;
		*s += 5;
		*len -= 5;
	}
	while (*len > 0 && is_blank(**s)) {
		(*s)++;
		(*len)--;
	}
	while (*len > 0 && is_blank((*s)[*len - 1]))
		(*len)--;
}

/* The next tag at or behind FROM. 1 found, 0 none, -1 broken. */
static int
next_tag(struct expansion *x, size_t from, struct tag *tag)
{
	const char *open = memmem(x->text + from, x->len - from, "{{", 2);
	const char *close;
	const char *s;
	const char *end_mark = "}}";
	size_t len;

	if (open == NULL)
		return 0;
	memset(tag, 0, sizeof(*tag));
	tag->start = (size_t)(open - x->text);
	s = open + 2;
	if (tag->start + 2 < x->len && *s == '{') {
		tag->kind = TAG_RAW;
		end_mark = "}}}";
		s++;
	}
	len = x->len - (size_t)(s - x->text);
	close = memmem(s, len, end_mark, strlen(end_mark));
	if (close == NULL)
		return fail(x, tag->start, "tag does not close", "");
	tag->end = (size_t)(close - x->text) + strlen(end_mark);
	len = (size_t)(close - s);
	if (tag->kind != TAG_RAW)
		classify(tag, &s, &len);
	if (tag->kind != TAG_REMARK) {
		if (len == 0 || len >= sizeof(tag->name))
			return fail(x, tag->start, "tag without a name", "");
		memcpy(tag->name, s, len);
	}
	if (tag->kind >= TAG_OPEN)
		widen_to_line(x, tag);
	return 1;
}

static const struct json *
get_path(const struct json *v, const char *name)
{
	const char *dot;
	char part[TEMPLATE_NAME_MAX];

	for (; (dot = strchr(name, '.')) != NULL; name = dot + 1) {
		memcpy(part, name, (size_t)(dot - name));
		part[dot - name] = '\0';
		v = json_get(v, part);
	}
	return json_get(v, name);
}

static const struct json *
look_up(const struct expansion *x, const char *name)
{
	if (strcmp(name, ".") == 0)
		return x->scope[x->depth - 1];
	for (size_t i = x->depth; i-- > 0;) {
		const struct json *v = get_path(x->scope[i], name);

		if (v != NULL)
			return v;
	}
	return NULL;
}

static int
is_something(const struct json *v)
{
	if (v == NULL)
		return 0;
	switch (json_kind(v)) {
	case JSON_KIND_NULL:
	case JSON_KIND_FALSE:
		return 0;
	case JSON_KIND_STRING:
		return json_string_len(v) > 0;
	case JSON_KIND_ARRAY:
		return json_count(v) > 0;
	case JSON_KIND_TRUE:
	case JSON_KIND_INTEGER:
	case JSON_KIND_REAL:
	case JSON_KIND_OBJECT:
		return 1;
	}
	return 0;
}

static void
add_escaped(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		switch (s[i]) {
		case '&':
			buf_add_text(out, "&amp;");
			break;
		case '<':
			buf_add_text(out, "&lt;");
			break;
		case '>':
			buf_add_text(out, "&gt;");
			break;
		case '"':
			buf_add_text(out, "&quot;");
			break;
		default:
			buf_add_byte(out, (uint8_t)s[i]);
		}
	}
}

/* "<" can stand only inside strings; escaped it cannot end the script. */
static void
add_json(struct buf *out, const struct json *v)
{
	struct buf text = { 0 };

	json_write_canonical(&text, v);
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '<')
			buf_add_text(out, "\\u003c");
		else
			buf_add_byte(out, text.data[i]);
	}
	buf_clear(&text);
}

static int
add_value(struct expansion *x, const struct tag *tag)
{
	const struct json *v = look_up(x, tag->name);
	struct buf number = { 0 };
	const char *s;
	size_t len;

	if (v == NULL)
		return fail(x, tag->start, "no value named", tag->name);
	if (tag->kind == TAG_JSON) {
		add_json(x->out, v);
		return 0;
	}
	s = json_text(v, NULL);
	len = json_string_len(v);
	if (s == NULL) {
		json_write(&number, v);
		s = buf_text(&number);
		len = number.len;
	}
	if (tag->kind == TAG_RAW)
		buf_add(x->out, s, len);
	else
		add_escaped(x->out, s, len);
	buf_clear(&number);
	return 0;
}

/* Find the end tag of OPEN; sections nest. */
static int
find_close(struct expansion *x, const struct tag *open, struct tag *close)
{
	size_t nested = 0;
	size_t from = open->end;
	int found;

	while ((found = next_tag(x, from, close)) == 1) {
		from = close->end;
		if (strcmp(close->name, open->name) != 0)
			continue;
		if (close->kind == TAG_OPEN || close->kind == TAG_INVERTED)
			nested++;
		else if (close->kind == TAG_CLOSE && nested-- == 0)
			return 0;
	}
	if (found == 0)
		return fail(
		    x, open->start, "section does not end:", open->name);
	return -1;
}

static int expand_until(struct expansion *x, size_t end);

static int
expand_once(struct expansion *x, const struct json *v, size_t from, size_t end)
{
	int rc;

	if (x->depth == TEMPLATE_DEPTH)
		return fail(x, from, "sections nest too deep", "");
	x->scope[x->depth++] = v;
	x->at = from;
	rc = expand_until(x, end);
	x->depth--;
	return rc;
}

static int
expand_section(struct expansion *x, const struct tag *open)
{
	const struct json *v = look_up(x, open->name);
	size_t count = is_something(v);
	int is_list = v != NULL && json_is(v, JSON_KIND_ARRAY);
	struct tag close;

	if (find_close(x, open, &close) != 0)
		return -1;
	if (open->kind == TAG_INVERTED) {
		count = !count;
		is_list = 0;
		v = x->scope[x->depth - 1];
	} else if (is_list) {
		count = json_count(v);
	}
	for (size_t i = 0; i < count; i++)
		if (expand_once(x, is_list ? json_at(v, i) : v, open->end,
			close.start) != 0)
			return -1;
	x->at = close.end;
	return 0;
}

/* Text up to END, in which all sections are whole. */
static int
expand_until(struct expansion *x, size_t end)
{
	struct tag tag;

	while (x->at < end) {
		int found = next_tag(x, x->at, &tag);

		if (found < 0)
			return -1;
		if (found == 0 || tag.start >= end) {
			buf_add(x->out, x->text + x->at, end - x->at);
			x->at = end;
			break;
		}
		buf_add(x->out, x->text + x->at, tag.start - x->at);
		x->at = tag.end;
		if (tag.kind == TAG_CLOSE)
			return fail(
			    x, tag.start, "section was not begun:", tag.name);
		if ((tag.kind == TAG_OPEN || tag.kind == TAG_INVERTED) &&
		    expand_section(x, &tag) != 0)
			return -1;
		if (tag.kind < TAG_OPEN && add_value(x, &tag) != 0)
			return -1;
	}
	return 0;
}

int
template_expand(struct buf *out, const char *text, size_t len,
    const struct json *data, struct error *e)
{
	struct expansion x = {
		.text = text, .len = len, .out = out, .error = e
	};

	return expand_once(&x, data, 0, len);
}
