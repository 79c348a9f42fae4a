/* JSON as pages embed it, and paths into it. */

#include "core/news/loose_json.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

struct repair {
	const char *s;
	size_t len;
	size_t i;
	size_t depth;
	int began; /* the value */
	struct buf out;
};

static int
at(const struct repair *r, const char *mark)
{
	size_t n = strlen(mark);

	return r->len - r->i >= n && memcmp(r->s + r->i, mark, n) == 0;
}

/* Skip up to and over MARK, or to the end. */
static void
skip_over(struct repair *r, const char *mark)
{
	const char *end = memmem(
	    r->s + r->i, r->len - r->i, mark, strlen(mark));

	r->i = end == NULL ? r->len : (size_t)(end - r->s) + strlen(mark);
}

static void
copy_string(struct repair *r)
{
	buf_add_byte(&r->out, '"');
	for (r->i++; r->i < r->len; r->i++) {
		unsigned char c = (unsigned char)r->s[r->i];

		if (c == '"')
			break;
		if (c == '\\' && r->i + 1 < r->len &&
		    (unsigned char)r->s[r->i + 1] >= 0x20) {
			buf_add(&r->out, r->s + r->i, 2);
			r->i++;
		} else if (c < 0x20 || c == '\\') {
			buf_format(&r->out, "\\u%04x", c);
		} else {
			buf_add_byte(&r->out, c);
		}
	}
	buf_add_byte(&r->out, '"');
	if (r->i < r->len)
		r->i++;
}

/* Drop a comma that stands in front of a closing bracket. */
static void
drop_comma(struct repair *r)
{
	size_t n = r->out.len;

	while (n > 0 && text_is_space(r->out.data[n - 1]))
		n--;
	if (n > 0 && r->out.data[n - 1] == ',')
		buf_cut(&r->out, n - 1);
}

/* Comments and wrappers. 1 when something was skipped. */
static int
skip_noise(struct repair *r)
{
	static const char *const marks[] = { "<!--", "-->", "<![CDATA[", "]]>",
		"\xef\xbb\xbf" };

	for (size_t k = 0; k < sizeof(marks) / sizeof(marks[0]); k++) {
		if (at(r, marks[k])) {
			r->i += strlen(marks[k]);
			return 1;
		}
	}
	if (at(r, "//")) {
		skip_over(r, "\n");
		return 1;
	}
	if (at(r, "/*")) {
		skip_over(r, "*/");
		return 1;
	}
	return 0;
}

static void
repair(struct repair *r)
{
	while (r->i < r->len && (!r->began || r->depth > 0)) {
		char c = r->s[r->i];

		if (skip_noise(r))
			continue;
		if (c == '"') {
			copy_string(r);
			continue;
		}
		if (c == '{' || c == '[') {
			r->depth++;
			r->began = 1;
		} else if ((c == '}' || c == ']') && r->depth > 0) {
			drop_comma(r);
			r->depth--;
		}
		if (c != '\0')
			buf_add_byte(&r->out, (uint8_t)c);
		r->i++;
	}
}

static void
add_unescaped(struct buf *out, const char *s, size_t len)
{
	static const char *const entities[][2] = { { "&quot;", "\"" },
		{ "&#34;", "\"" }, { "&#39;", "'" }, { "&apos;", "'" },
		{ "&lt;", "<" }, { "&gt;", ">" }, { "&amp;", "&" } };

	for (size_t i = 0; i < len;) {
		size_t k = 0;
		size_t n = sizeof(entities) / sizeof(entities[0]);

		for (; k < n; k++) {
			size_t size = strlen(entities[k][0]);

			if (len - i >= size &&
			    memcmp(s + i, entities[k][0], size) == 0)
				break;
		}
		if (k < n) {
			buf_add_text(out, entities[k][1]);
			i += strlen(entities[k][0]);
		} else {
			buf_add_byte(out, (uint8_t)s[i++]);
		}
	}
}

static struct json *
parse_repaired(struct arena *a, const char *s, size_t len)
{
	struct repair r = { .s = s, .len = len };
	struct buf clean = { 0 };
	struct json *v;

	repair(&r);
	(void)text_add_clean(&clean, buf_text(&r.out), r.out.len);
	v = json_parse(a, buf_text(&clean), clean.len, NULL);
	buf_clear(&clean);
	buf_clear(&r.out);
	return v;
}

struct json *
loose_json_parse(struct arena *a, const char *s, size_t len, int *repaired)
{
	struct json *v = json_parse(a, s, len, NULL);

	*repaired = 0;
	if (v != NULL)
		return v;
	*repaired = 1;
	v = parse_repaired(a, s, len);
	if (v == NULL && memmem(s, len, "&quot;", 6) != NULL) {
		struct buf plain = { 0 };

		add_unescaped(&plain, s, len);
		v = parse_repaired(a, buf_text(&plain), plain.len);
		buf_clear(&plain);
	}
	return v;
}

static int
compile_bracket(
    struct arena *a, struct json_path_step *step, const char *s, size_t len)
{
	const char *equals = memchr(s, '=', len);
	uint64_t n;

	if (len == 1 && s[0] == '*') {
		step->kind = STEP_ALL;
	} else if (equals != NULL && equals > s) {
		step->kind = STEP_WHERE;
		step->name = arena_text_n(a, s, (size_t)(equals - s));
		step->value = arena_text_n(
		    a, equals + 1, len - (size_t)(equals + 1 - s));
	} else if (text_uint(s, len, 100000, &n)) {
		step->kind = STEP_INDEX;
		step->index = (size_t)n;
	} else {
		return 0;
	}
	return 1;
}

struct json_path *
json_path_compile(struct arena *a, const char *text, size_t len)
{
	enum { STEPS_MAX = 16 };
	struct json_path *p = arena_alloc(a, sizeof(*p));
	size_t i = 0;

	p->steps = arena_alloc(a, STEPS_MAX * sizeof(*p->steps));
	while (i < len) {
		struct json_path_step *step = &p->steps[p->count];
		size_t start = i;

		if (++p->count > STEPS_MAX)
			return NULL;
		if (text[i] == '[') {
			const char *end = memchr(text + i, ']', len - i);

			if (end == NULL ||
			    !compile_bracket(a, step, text + i + 1,
				(size_t)(end - text) - i - 1))
				return NULL;
			i = (size_t)(end - text) + 1;
		} else {
			while (i < len && text[i] != '.' && text[i] != '[')
				i++;
			if (i == start)
				return NULL;
			step->kind = STEP_NAME;
			step->name = arena_text_n(a, text + start, i - start);
		}
		if (i < len && text[i] == '.' && ++i == len)
			return NULL;
	}
	return p->count > 0 ? p : NULL;
}

struct walk {
	const struct json_path *path;
	int (*each)(void *context, const struct json *v);
	void *context;
};

static int walk_from(const struct walk *w, size_t step, const struct json *v);

static int
walk_elements(const struct walk *w, size_t step, const struct json *v,
    const struct json_path_step *where)
{
	for (size_t i = 0; i < json_count(v); i++) {
		const struct json *element = json_at(v, i);

		if (where != NULL &&
		    strcmp(json_text(json_get(element, where->name), ""),
			where->value) != 0)
			continue;
		if (walk_from(w, step, element) != 0)
			return -1;
	}
	return 0;
}

/* Depth is bounded by the steps, breadth by the document. */
static int
walk_from(const struct walk *w, size_t step, const struct json *v)
{
	const struct json_path_step *s;

	if (v == NULL)
		return 0;
	if (step == w->path->count)
		return w->each(w->context, v);
	s = &w->path->steps[step];
	switch (s->kind) {
	case STEP_NAME:
		if (json_is(v, JSON_KIND_ARRAY))
			return walk_elements(w, step, v, NULL);
		if (json_is(v, JSON_KIND_OBJECT))
			return walk_from(w, step + 1, json_get(v, s->name));
		return 0;
	case STEP_INDEX:
		if (json_is(v, JSON_KIND_ARRAY))
			return walk_from(w, step + 1, json_at(v, s->index));
		return 0;
	case STEP_ALL:
		if (json_is(v, JSON_KIND_ARRAY))
			return walk_elements(w, step + 1, v, NULL);
		return 0;
	case STEP_WHERE:
		if (json_is(v, JSON_KIND_ARRAY))
			return walk_elements(w, step + 1, v, s);
		return 0;
	}
	return 0;
}

void
json_path_walk(const struct json_path *p, const struct json *v,
    int (*each)(void *context, const struct json *v), void *context)
{
	struct walk w = { .path = p, .each = each, .context = context };

	(void)walk_from(&w, 0, v);
}
