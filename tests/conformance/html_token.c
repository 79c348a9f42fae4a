/* The tokenizer against the html5lib tokenizer vectors. */
#include "core/web/html_token.h"

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "tests/test.h"

/* Files whose cases ask for something else than the standard's tokenizer. */
static const struct {
	const char *file;
	const char *why;
} other[] = {
	{ "xmlViolation.test",
	    "coercion to an XML infoset, which is no part of tokenization" },
};

static const struct {
	const char *name;
	enum html_mode mode;
} states[] = {
	{ "Data state", HTML_MODE_DATA },
	{ "RCDATA state", HTML_MODE_RCDATA },
	{ "RAWTEXT state", HTML_MODE_RAWTEXT },
	{ "Script data state", HTML_MODE_SCRIPT },
	{ "PLAINTEXT state", HTML_MODE_PLAINTEXT },
	{ "CDATA section state", HTML_MODE_CDATA },
};

/* Tokens one after another as text: text tokens that touch are one. */
struct line {
	struct buf out;
	int in_text;
};

static void
close_text(struct line *l)
{
	if (l->in_text)
		buf_add_text(&l->out, "|\n");
	l->in_text = 0;
}

static void
add_text(struct line *l, const char *s, size_t len)
{
	if (!l->in_text)
		buf_add_text(&l->out, "text|");
	l->in_text = 1;
	buf_add(&l->out, s, len);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Attributes have no order in the vectors. */
static void
add_sorted(struct buf *out, char **lines, size_t count)
{
	if (count > 0)
		qsort(lines, count, sizeof(*lines), by_text);
	for (size_t i = 0; i < count; i++) {
		buf_add_text(out, lines[i]);
		free(lines[i]);
	}
	free(lines);
}

static void
add_attributes(struct buf *out, const struct html_token *t)
{
	char **lines = mem_zero(t->attribute_count + 1, sizeof(*lines));

	for (size_t i = 0; i < t->attribute_count; i++) {
		const struct html_attribute *a = &t->attributes[i];
		struct buf b = { 0 };

		buf_add_byte(&b, ' ');
		buf_add(&b, a->name, a->name_len);
		buf_add_byte(&b, '=');
		buf_add(&b, a->value, a->value_len);
		lines[i] = buf_take(&b);
	}
	add_sorted(out, lines, t->attribute_count);
}

static void
add_id(struct buf *out, const char *id, size_t len)
{
	buf_add_text(out, id == NULL ? " -" : " =");
	if (id != NULL)
		buf_add(out, id, len);
}

static void
add_token(void *context, const struct html_token *t)
{
	struct line *l = context;

	if (t->kind == HTML_TOKEN_TEXT) {
		add_text(l, t->text, t->len);
		return;
	}
	close_text(l);
	switch (t->kind) {
	case HTML_TOKEN_TEXT:
		return;
	case HTML_TOKEN_START:
		buf_add_text(&l->out, "start|");
		buf_add(&l->out, t->text, t->len);
		add_attributes(&l->out, t);
		buf_add_text(&l->out, t->self_closing ? " /" : "");
		break;
	case HTML_TOKEN_END:
		buf_add_text(&l->out, "end|");
		buf_add(&l->out, t->text, t->len);
		break;
	case HTML_TOKEN_COMMENT:
		buf_add_text(&l->out, "comment|");
		buf_add(&l->out, t->text, t->len);
		break;
	case HTML_TOKEN_DOCTYPE:
		buf_add_text(&l->out, "doctype|");
		buf_add(&l->out, t->text, t->len);
		add_id(&l->out, t->public_id, t->public_id_len);
		add_id(&l->out, t->system_id, t->system_id_len);
		buf_add_text(&l->out, t->force_quirks ? " quirks" : "");
		break;
	}
	buf_add_text(&l->out, "|\n");
}

static unsigned
hex4(const char *s)
{
	char four[5] = { s[0], s[1], s[2], s[3], '\0' };

	return (unsigned)strtoul(four, NULL, 16);
}

static void
add_utf8(struct buf *b, unsigned c)
{
	if (c >= 0x10000) {
		buf_add_byte(b, (uint8_t)(0xF0 | c >> 18));
		buf_add_byte(b, (uint8_t)(0x80 | (c >> 12 & 0x3F)));
	} else if (c >= 0x800) {
		buf_add_byte(b, (uint8_t)(0xE0 | c >> 12));
	}
	if (c >= 0x800)
		buf_add_byte(b, (uint8_t)(0x80 | (c >> 6 & 0x3F)));
	else if (c >= 0x80)
		buf_add_byte(b, (uint8_t)(0xC0 | c >> 6));
	buf_add_byte(b, (uint8_t)(c < 0x80 ? c : 0x80 | (c & 0x3F)));
}

/* The text of V; "\u0041" in it resolved when TWICE. Lone surrogates stay
 * three bytes each, as they pass through the tokenizer. */
static struct buf
text_of(const struct json *v, int twice)
{
	struct buf b = { 0 };
	const char *s = json_text(v, "");
	size_t len = json_string_len(v);

	for (size_t i = 0; i < len; i++) {
		unsigned c;

		if (!twice || s[i] != '\\' || i + 5 >= len || s[i + 1] != 'u') {
			buf_add_byte(&b, (uint8_t)s[i]);
			continue;
		}
		c = hex4(s + i + 2);
		i += 5;
		if (c >= 0xD800 && c < 0xDC00 && i + 6 < len &&
		    memcmp(s + i + 1, "\\uD", 3) == 0 && s[i + 4] >= 'C') {
			c = 0x10000 + ((c - 0xD800) << 10) +
			    (hex4(s + i + 3) - 0xDC00);
			i += 6;
		}
		add_utf8(&b, c);
	}
	return b;
}

static void
add_expected_id(struct buf *out, const struct json *v, int twice)
{
	struct buf b = text_of(v, twice);

	if (v == NULL || json_is(v, JSON_KIND_NULL))
		add_id(out, NULL, 0);
	else
		add_id(out, buf_text(&b), b.len);
	buf_clear(&b);
}

static void
add_expected_attributes(struct buf *out, const struct json *v, int twice)
{
	size_t count = json_count(v);
	char **lines = mem_zero(count + 1, sizeof(*lines));

	for (size_t i = 0; i < count; i++) {
		struct buf value = text_of(json_at(v, i), twice);
		struct buf b = { 0 };

		buf_format(&b, " %s=", json_key(v, i));
		buf_add(&b, buf_text(&value), value.len);
		buf_clear(&value);
		lines[i] = buf_take(&b);
	}
	add_sorted(out, lines, count);
}

static void
add_expected(struct line *l, const struct json *v, int twice)
{
	const char *kind = json_text(json_at(v, 0), "");
	struct buf text = text_of(json_at(v, 1), twice);

	if (strcmp(kind, "Character") == 0) {
		add_text(l, buf_text(&text), text.len);
		buf_clear(&text);
		return;
	}
	close_text(l);
	if (strcmp(kind, "StartTag") == 0) {
		buf_add_text(&l->out, "start|");
		buf_add(&l->out, buf_text(&text), text.len);
		add_expected_attributes(&l->out, json_at(v, 2), twice);
		buf_add_text(&l->out, json_bool(json_at(v, 3), 0) ? " /" : "");
	} else if (strcmp(kind, "DOCTYPE") == 0) {
		buf_add_text(&l->out, "doctype|");
		buf_add(&l->out, buf_text(&text), text.len);
		add_expected_id(&l->out, json_at(v, 2), twice);
		add_expected_id(&l->out, json_at(v, 3), twice);
		buf_add_text(
		    &l->out, json_bool(json_at(v, 4), 0) ? "" : " quirks");
	} else {
		buf_add_text(
		    &l->out, strcmp(kind, "EndTag") == 0 ? "end|" : "comment|");
		buf_add(&l->out, buf_text(&text), text.len);
	}
	buf_add_text(&l->out, "|\n");
	buf_clear(&text);
}

/* Tokens of INPUT fed STEP bytes at a time. */
static void
tokenize(struct line *l, const struct buf *input, enum html_mode mode,
    const char *end_tag, size_t step)
{
	struct html_tokenizer *t = html_tokenizer_new(HTML_TOKENIZER_NO_MODES);

	html_tokenizer_set_mode(t, mode, end_tag);
	for (size_t i = 0; i < input->len; i += step) {
		size_t n = input->len - i < step ? input->len - i : step;
		/* A copy of that size, so that reading past it is seen. */
		uint8_t *piece = mem_dup(input->data + i, n);

		html_token_feed(t, piece, n, add_token, l);
		free(piece);
	}
	html_token_finish(t, add_token, l);
	close_text(l);
	html_tokenizer_free(t);
}

struct counts {
	unsigned cases;
	unsigned runs;
	unsigned wrong;  /* runs */
	unsigned differ; /* runs of the files in OTHER */
	int shown;
};

static void
run_mode(
    struct counts *n, const struct json *v, enum html_mode mode, int is_other)
{
	static const size_t steps[] = { SIZE_MAX / 2, 1, 3 };
	int twice = json_bool(json_get(v, "doubleEscaped"), 0);
	struct buf input = text_of(json_get(v, "input"), twice);
	const struct json *output = json_get(v, "output");
	struct line expected = { 0 };
	int wrong = 0;

	for (size_t i = 0; i < json_count(output); i++)
		add_expected(&expected, json_at(output, i), twice);
	close_text(&expected);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct line got = { 0 };

		tokenize(&got, &input, mode,
		    json_text(json_get(v, "lastStartTag"), ""), steps[i]);
		if (got.out.len != expected.out.len ||
		    memcmp(buf_text(&got.out), buf_text(&expected.out),
			got.out.len) != 0) {
			wrong = 1;
			if (!is_other && n->shown++ < 20)
				printf("# %s (step %zu): %s\n# got\n%s# "
				       "expected\n%s",
				    json_text(json_get(v, "description"), ""),
				    steps[i], buf_text(&input),
				    buf_text(&got.out),
				    buf_text(&expected.out));
		}
		buf_clear(&got.out);
	}
	n->runs++;
	n->wrong += wrong && !is_other;
	n->differ += wrong && is_other;
	buf_clear(&expected.out);
	buf_clear(&input);
}

static void
run_case(struct counts *n, const struct json *v, int is_other)
{
	const struct json *in = json_get(v, "initialStates");

	n->cases++;
	if (json_count(in) == 0)
		run_mode(n, v, HTML_MODE_DATA, is_other);
	for (size_t i = 0; i < json_count(in); i++)
		for (size_t s = 0; s < sizeof(states) / sizeof(states[0]); s++)
			if (strcmp(json_text(json_at(in, i), ""),
				states[s].name) == 0)
				run_mode(n, v, states[s].mode, is_other);
}

static void
run_file(struct counts *n, const char *dir, const char *name)
{
	char *path = mem_format("%s/%s", dir, name);
	struct arena *a = arena_new();
	struct buf b = { 0 };
	struct error e = { 0 };
	const char *why = NULL;
	const struct json *v;
	unsigned before = n->cases;

	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		if (strcmp(other[i].file, name) == 0)
			why = other[i].why;
	CHECK_OK(file_get(path, &b, 16 << 20, &e), &e);
	v = json_at(json_parse(a, buf_text(&b), b.len, &e), 0);
	CHECK(json_count(v) > 0);
	for (size_t i = 0; i < json_count(v); i++)
		run_case(n, json_at(v, i), why != NULL);
	printf("# %s: %u cases%s%s\n", name, n->cases - before,
	    why == NULL ? "" : ", not ours: ", why == NULL ? "" : why);
	buf_clear(&b);
	arena_free(a);
	free(path);
}

CASE(tokens_of_the_html5lib_vectors_are_as_listed_in_any_cut)
{
	const char *corpora = getenv("CORPORA");
	struct file_names names = { 0 };
	struct counts n = { 0 };
	struct error e = { 0 };
	char *dir;

	if (corpora == NULL)
		SKIP("CORPORA is not set");
	dir = mem_format("%s/html5lib__html5lib-tests/tokenizer", corpora);
	CHECK_OK(file_list(dir, &names, &e), &e);
	for (size_t i = 0; i < names.count; i++)
		if (strstr(names.names[i], ".test") != NULL)
			run_file(&n, dir, names.names[i]);
	printf("# %u cases, %u runs in 3 cuts each, %u wrong, %u not ours "
	       "differ\n",
	    n.cases, n.runs, n.wrong, n.differ);
	CHECK(n.cases >= 6810);
	CHECK_INT(n.wrong, 0);
	CHECK(n.differ <= 4);
	file_names_clear(&names);
	free(dir);
}

TESTS(T(tokens_of_the_html5lib_vectors_are_as_listed_in_any_cut))
