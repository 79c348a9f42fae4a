/* Rules, compiled. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/conf.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/news/fields.h"
#include "core/news/loose_json.h"
#include "core/news/pattern.h"
#include "core/news/profile_rules.h"
#include "core/news/rule.h"
#include "core/news/scan.h"
#include "core/web/select.h"

enum { RULE_GUARDS_MAX = 4, RULE_FILTERS_MAX = 12, RULE_TYPES_MAX = 8 };

int
rule_fail(struct rule_compiler *c, const char *text, const char *nearest)
{
	return conf_error(c->conf, c->entry, text, nearest, c->error);
}

int
rule_unknown(struct rule_compiler *c, const char *what, const char *word,
    const char *const *list)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "unknown %s \"%s\"", what, word);
	return rule_fail(c, text, text_nearest(word, list));
}

int
rule_compile_selector(
    struct rule_compiler *c, const char *css, struct selector **out)
{
	struct rule_owned *o = c->owned;
	struct error reason = { 0 };

	if (selector_compile(out, css, &reason) != 0)
		return rule_fail(c, reason.text, NULL);
	o->selectors = mem_grow(
	    o->selectors, o->selector_count + 1, sizeof(*o->selectors));
	o->selectors[o->selector_count++] = *out;
	return 0;
}

int
rule_compile_pattern(struct rule_compiler *c, const char *text, int ignore_case,
    struct pattern **out)
{
	struct rule_owned *o = c->owned;
	struct error reason = { 0 };

	if (pattern_compile(out, text, strlen(text), ignore_case, &reason) != 0)
		return rule_fail(c, reason.text, NULL);
	o->patterns = mem_grow(
	    o->patterns, o->pattern_count + 1, sizeof(*o->patterns));
	o->patterns[o->pattern_count++] = *out;
	return 0;
}

void
rule_owned_clear(struct rule_owned *o)
{
	for (size_t i = 0; i < o->selector_count; i++)
		selector_free(o->selectors[i]);
	for (size_t i = 0; i < o->pattern_count; i++)
		pattern_free(o->patterns[i]);
	free(o->selectors);
	free(o->patterns);
	memset(o, 0, sizeof(*o));
}

/* ".a.b[0]" directly behind the closing bracket. */
static int
compile_path(struct rule_compiler *c, struct scan *x, struct rule *out)
{
	const char *s = x->s;
	int inside = 0;

	if (*s != '.')
		return rule_fail(c, "source wants .path behind it", NULL);
	for (s++; *s != '\0'; s++) {
		if (*s == '[')
			inside = 1;
		else if (*s == ']')
			inside = 0;
		else if (!inside && strchr(" \t|;", *s) != NULL)
			break;
	}
	out->path = json_path_compile(
	    c->arena, x->s + 1, (size_t)(s - x->s) - 1);
	x->s = s;
	if (out->path == NULL)
		return rule_fail(c, "the path does not read", NULL);
	return 0;
}

static int
compile_attribute(struct scan *x, struct rule *out)
{
	if (*x->s != '@')
		return 0;
	x->s++;
	out->attribute = scan_until(x, "|;");
	return out->attribute == NULL ? -1 : 0;
}

/* "NewsArticle,Article" */
static int
compile_types(struct rule_compiler *c, const char *inner, struct rule *out)
{
	struct scan x = { .s = inner, .arena = c->arena };

	out->types = arena_alloc(
	    c->arena, RULE_TYPES_MAX * sizeof(*out->types));
	do {
		const char *type = scan_word(&x);

		if (type == NULL || out->type_count == RULE_TYPES_MAX)
			return rule_fail(c, "ld() wants type names", NULL);
		out->types[out->type_count++] = type;
	} while (scan_byte(&x, ','));
	if (!scan_at_end(&x))
		return rule_fail(c, "ld() wants type names", NULL);
	return 0;
}

/* "/re/" or "/re/ -> \1 \2" */
static int
compile_url(struct rule_compiler *c, const char *inner, struct rule *out)
{
	struct scan x = { .s = inner, .arena = c->arena };
	int ignore_case;
	const char *text = scan_regex(&x, &ignore_case);

	if (text == NULL)
		return rule_fail(c, "url() wants /pattern/", NULL);
	out->form = "\\0";
	if (scan_mark(&x, "->")) {
		if (scan_at_end(&x))
			return rule_fail(c, "nothing behind \"->\"", NULL);
		out->form = x.s;
	} else if (!scan_at_end(&x)) {
		return rule_fail(c, "url() holds more than a pattern", NULL);
	}
	return rule_compile_pattern(c, text, ignore_case, &out->pattern);
}

static int
compile_field(struct rule_compiler *c, const char *word, struct rule *out)
{
	const char *names[FIELD_COUNT + 16];
	static const char *const sources[] = { "json", "ld", "meta", "link",
		"css", "all", "self", "heading", "url", "http", "const" };
	size_t n = 0;

	out->kind = SOURCE_FIELD;
	out->field = field_find(word);
	if (out->field < c->field_limit)
		return 0;
	if (out->field < FIELD_COUNT)
		return rule_fail(
		    c, "a field may use only fields above it", NULL);
	for (; n < c->field_limit; n++)
		names[n] = field_names[n];
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		names[n++] = sources[i];
	names[n] = NULL;
	return rule_unknown(c, "source", word, names);
}

/* Sources that are a word and something in parentheses. */
static int
compile_call(
    struct rule_compiler *c, struct scan *x, const char *word, struct rule *out)
{
	static const char *const words[] = { "json", "ld", "meta", "link",
		"css", "all", "url", "http", "const", NULL };
	static const enum source_kind kinds[] = { SOURCE_JSON, SOURCE_LD,
		SOURCE_META, SOURCE_LINK, SOURCE_CSS, SOURCE_ALL, SOURCE_URL,
		SOURCE_HTTP, SOURCE_CONST };
	const char *inner = scan_parens(x, strcmp(word, "url") == 0);
	size_t k = 0;

	if (inner == NULL)
		return rule_fail(c, "the parenthesis does not close", NULL);
	while (words[k] != NULL && strcmp(words[k], word) != 0)
		k++;
	if (words[k] == NULL)
		return rule_unknown(c, "source", word, words);
	out->kind = kinds[k];
	out->name = inner;
	if (inner[0] == '\0')
		return rule_fail(c, "nothing between the parentheses", NULL);
	if (out->kind == SOURCE_JSON || out->kind == SOURCE_CSS ||
	    out->kind == SOURCE_ALL)
		if (rule_compile_selector(c, inner, &out->selector) != 0)
			return -1;
	if (out->kind == SOURCE_LD && compile_types(c, inner, out) != 0)
		return -1;
	if (out->kind == SOURCE_URL)
		return compile_url(c, inner, out);
	if (out->kind == SOURCE_JSON || out->kind == SOURCE_LD)
		return compile_path(c, x, out);
	if (out->kind == SOURCE_CSS || out->kind == SOURCE_ALL)
		if (compile_attribute(x, out) != 0)
			return rule_fail(c, "no attribute behind \"@\"", NULL);
	return 0;
}

static int
compile_source(struct rule_compiler *c, struct scan *x, struct rule *out)
{
	const char *start;
	const char *word;

	(void)scan_at_end(x);
	start = x->s;
	word = scan_word(x);
	if (word == NULL)
		return rule_fail(c, "no source", NULL);
	if (*x->s == '(') {
		if (compile_call(c, x, word, out) != 0)
			return -1;
	} else if (strcmp(word, "self") == 0) {
		out->kind = SOURCE_SELF;
		if (compile_attribute(x, out) != 0)
			return rule_fail(c, "no attribute behind \"@\"", NULL);
	} else if (strcmp(word, "heading") == 0) {
		out->kind = SOURCE_HEADING;
		out->name = scan_quoted(x);
		if (out->name == NULL)
			return rule_fail(c, "heading wants \"text\"", NULL);
	} else if (compile_field(c, word, out) != 0) {
		return -1;
	}
	out->written = arena_text_n(c->arena, start, (size_t)(x->s - start));
	return 0;
}

static int
compile_guard_argument(struct rule_compiler *c, struct scan *x, struct guard *g)
{
	int ignore_case;

	switch (g->kind) {
	case GUARD_TEXT_STARTS:
	case GUARD_TEXT_ENDS:
	case GUARD_TEXT_HAS:
		g->text = scan_quoted(x);
		if (g->text == NULL)
			return rule_fail(c, "guard wants \"text\"", NULL);
		return 0;
	case GUARD_URL:
		g->text = scan_regex(x, &ignore_case);
		if (g->text == NULL)
			return rule_fail(c, "guard wants /pattern/", NULL);
		return rule_compile_pattern(
		    c, g->text, ignore_case, &g->pattern);
	case GUARD_HAS:
		break;
	}
	g->text = scan_parens(x, 0);
	if (g->text == NULL)
		g->text = scan_until(x, "|;");
	if (g->text == NULL)
		return rule_fail(c, "guard wants a selector", NULL);
	return rule_compile_selector(c, g->text, &g->selector);
}

int
rule_compile_guard(struct rule_compiler *c, struct scan *x, struct guard *out)
{
	static const char *const words[] = { "text-starts", "text-ends",
		"text-has", "has", "url", NULL };
	const char *word;
	size_t k = 0;

	memset(out, 0, sizeof(*out));
	out->negated = scan_this_word(x, "not");
	word = scan_word(x);
	if (word == NULL)
		return rule_fail(c, "no guard behind \"when\"", NULL);
	while (words[k] != NULL && strcmp(words[k], word) != 0)
		k++;
	if (words[k] == NULL)
		return rule_unknown(c, "guard", word, words);
	out->kind = (enum guard_kind)k;
	return compile_guard_argument(c, x, out);
}

static int
compile_guards(struct rule_compiler *c, struct scan *x, struct rule *out)
{
	out->guards = arena_alloc(
	    c->arena, RULE_GUARDS_MAX * sizeof(*out->guards));
	while (scan_this_word(x, "when")) {
		if (out->guard_count == RULE_GUARDS_MAX)
			return rule_fail(c, "too many guards", NULL);
		if (rule_compile_guard(
			c, x, &out->guards[out->guard_count++]) != 0)
			return -1;
	}
	return 0;
}

static int
at_filter(const struct scan *x)
{
	const char *s = x->s;

	while (*s == ' ' || *s == '\t')
		s++;
	return s[0] == '|' && s[1] != '|';
}

int
rule_compile_filters(
    struct rule_compiler *c, struct scan *x, struct filter **out, size_t *count)
{
	*out = arena_alloc(c->arena, RULE_FILTERS_MAX * sizeof(**out));
	*count = 0;
	while (at_filter(x)) {
		(void)scan_byte(x, '|');
		if (*count == RULE_FILTERS_MAX)
			return rule_fail(c, "too many filters", NULL);
		if (filter_compile(c, x, &(*out)[(*count)++]) != 0)
			return -1;
	}
	return 0;
}

int
rule_compile(struct rule_compiler *c, struct scan *x, struct rule *out)
{
	memset(out, 0, sizeof(*out));
	if (compile_source(c, x, out) != 0 || compile_guards(c, x, out) != 0)
		return -1;
	return rule_compile_filters(c, x, &out->filters, &out->filter_count);
}

int
rule_compile_all(struct rule_compiler *c, const char *text, struct rule *out)
{
	struct scan x = { .s = text, .arena = c->arena };

	if (rule_compile(c, &x, out) != 0)
		return -1;
	if (!scan_at_end(&x)) {
		char message[128];

		(void)snprintf(
		    message, sizeof(message), "not understood: \"%.60s\"", x.s);
		return rule_fail(c, message, NULL);
	}
	return 0;
}

static int
filter_may_drop(const struct filter *f)
{
	switch (f->kind) {
	case FILTER_RE:
	case FILTER_INT:
	case FILTER_MAP:
	case FILTER_DATE:
	case FILTER_ISODATE:
	case FILTER_PARAM:
	case FILTER_CREDIT:
	case FILTER_NONEMPTY:
	case FILTER_MINLEN:
	case FILTER_PREFIX:
	case FILTER_SUFFIX:
		return 1;
	case FILTER_WS:
	case FILTER_TRIM:
	case FILTER_SPLIT:
	case FILTER_SPLIT_RE:
	case FILTER_UNIQ:
	case FILTER_JOIN:
	case FILTER_LOWER:
	case FILTER_URL:
	case FILTER_DROP_PARAMS:
	case FILTER_KEEP_PARAMS:
	case FILTER_UNESCAPE:
		return 0;
	}
	return 1;
}

int
rule_is_unconditional(const struct rule *r)
{
	if (r->guard_count > 0)
		return 0;
	for (size_t i = 0; i < r->filter_count; i++)
		if (filter_may_drop(&r->filters[i]))
			return 0;
	if (r->kind == SOURCE_CONST)
		return 1;
	/* Every address has a path of at least "/". */
	return r->kind == SOURCE_URL && strcmp(r->form, "\\0") == 0 &&
	       pattern_find(r->pattern, "/", 1, NULL) &&
	       pattern_find(r->pattern, "", 0, NULL);
}
