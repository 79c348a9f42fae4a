/* Filters of rules, compiled. */

#include <string.h>

#include "core/base/arena.h"
#include "core/base/conf.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/news/filter.h"
#include "core/news/pattern.h"
#include "core/news/profile_rules.h"
#include "core/news/rule.h"
#include "core/news/scan.h"

enum { FILTER_ARGS_MAX = 16 };

/* What stands behind the name. */
enum filter_shape {
	SHAPE_NONE,
	SHAPE_QUOTED,
	SHAPE_QUOTED_MANY,
	SHAPE_REGEX,
	SHAPE_REGEX_FORM,
	SHAPE_MAP,
	SHAPE_NAMES,
	SHAPE_NUMBER
};

/* In the order of enum filter_kind. */
static const char *const filter_names[] = { "ws", "trim", "prefix", "suffix",
	"re", "split", "split-re", "uniq", "join", "lower", "int", "map",
	"date", "isodate", "url", "drop-params", "keep-params", "param",
	"credit", "unescape", "nonempty", "minlen", NULL };

static enum filter_shape
shape_of(enum filter_kind kind)
{
	switch (kind) {
	case FILTER_PREFIX:
	case FILTER_SUFFIX:
	case FILTER_SPLIT:
	case FILTER_JOIN:
		return SHAPE_QUOTED;
	case FILTER_DATE:
		return SHAPE_QUOTED_MANY;
	case FILTER_SPLIT_RE:
		return SHAPE_REGEX;
	case FILTER_RE:
		return SHAPE_REGEX_FORM;
	case FILTER_MAP:
		return SHAPE_MAP;
	case FILTER_DROP_PARAMS:
	case FILTER_KEEP_PARAMS:
	case FILTER_PARAM:
		return SHAPE_NAMES;
	case FILTER_MINLEN:
		return SHAPE_NUMBER;
	case FILTER_WS:
	case FILTER_TRIM:
	case FILTER_UNIQ:
	case FILTER_LOWER:
	case FILTER_INT:
	case FILTER_ISODATE:
	case FILTER_URL:
	case FILTER_CREDIT:
	case FILTER_UNESCAPE:
	case FILTER_NONEMPTY:
		return SHAPE_NONE;
	}
	return SHAPE_NONE;
}

static int
add_arg(struct rule_compiler *c, struct filter *f, const char *arg)
{
	if (f->args == NULL)
		f->args = arena_alloc(
		    c->arena, FILTER_ARGS_MAX * sizeof(*f->args));
	if (f->arg_count == FILTER_ARGS_MAX)
		return rule_fail(c, "too many arguments of a filter", NULL);
	f->args[f->arg_count++] = arg;
	return 0;
}

static int
compile_quoted(
    struct rule_compiler *c, struct scan *x, struct filter *f, int many)
{
	const char *text = scan_quoted(x);

	if (text == NULL)
		return rule_fail(c, "filter wants \"text\" behind it", NULL);
	do {
		if (add_arg(c, f, text) != 0)
			return -1;
	} while (many && (text = scan_quoted(x)) != NULL);
	return 0;
}

static int
compile_regex(
    struct rule_compiler *c, struct scan *x, struct filter *f, int with_form)
{
	int ignore_case;
	const char *text = scan_regex(x, &ignore_case);

	if (text == NULL)
		return rule_fail(c, "filter wants /pattern/ behind it", NULL);
	if (rule_compile_pattern(c, text, ignore_case, &f->pattern) != 0)
		return -1;
	f->form = "\\0";
	if (!with_form || !scan_mark(x, "->"))
		return 0;
	f->form = scan_quoted(x);
	if (f->form == NULL)
		f->form = scan_until(x, "|;");
	if (f->form == NULL)
		return rule_fail(c, "nothing behind \"->\"", NULL);
	return 0;
}

static int
compile_map(struct rule_compiler *c, struct scan *x, struct filter *f)
{
	const char *name = scan_word(x);
	const char **names;

	if (name == NULL)
		return rule_fail(c, "filter wants the name of a map", NULL);
	names = arena_alloc(c->arena, (c->map_count + 1) * sizeof(*names));
	for (size_t i = 0; i < c->map_count; i++) {
		names[i] = c->maps[i].name;
		if (strcmp(names[i], name) == 0)
			f->map = &c->maps[i];
	}
	if (f->map == NULL)
		return rule_unknown(c, "map", name, names);
	if (scan_this_word(x, "keep")) {
		f->number = 1;
	} else if (scan_this_word(x, "else")) {
		f->form = scan_word(x);
		if (f->form == NULL)
			return rule_fail(c, "nothing behind \"else\"", NULL);
	}
	return 0;
}

static int
compile_names(struct rule_compiler *c, struct scan *x, struct filter *f)
{
	do {
		const char *name = scan_until(x, ",|;");

		if (name == NULL)
			return rule_fail(
			    c, "filter wants parameter names", NULL);
		if (add_arg(c, f, name) != 0)
			return -1;
	} while (scan_byte(x, ','));
	return 0;
}

static int
compile_number(struct rule_compiler *c, struct scan *x, struct filter *f)
{
	const char *word = scan_word(x);
	uint64_t n;

	if (word == NULL || !text_uint(word, strlen(word), 1000000, &n))
		return rule_fail(c, "filter wants a number", NULL);
	f->number = (size_t)n;
	return 0;
}

static int
compile_arguments(struct rule_compiler *c, struct scan *x, struct filter *f)
{
	switch (shape_of(f->kind)) {
	case SHAPE_NONE:
		return 0;
	case SHAPE_QUOTED:
		return compile_quoted(c, x, f, 0);
	case SHAPE_QUOTED_MANY:
		return compile_quoted(c, x, f, 1);
	case SHAPE_REGEX:
		return compile_regex(c, x, f, 0);
	case SHAPE_REGEX_FORM:
		return compile_regex(c, x, f, 1);
	case SHAPE_MAP:
		return compile_map(c, x, f);
	case SHAPE_NAMES:
		return compile_names(c, x, f);
	case SHAPE_NUMBER:
		return compile_number(c, x, f);
	}
	return 0;
}

int
filter_compile(struct rule_compiler *c, struct scan *x, struct filter *out)
{
	const char *start;
	const char *name;
	size_t k = 0;

	memset(out, 0, sizeof(*out));
	(void)scan_at_end(x);
	start = x->s;
	name = scan_word(x);
	if (name == NULL)
		return rule_fail(c, "no filter behind \"|\"", NULL);
	while (filter_names[k] != NULL && strcmp(filter_names[k], name) != 0)
		k++;
	if (filter_names[k] == NULL)
		return rule_unknown(c, "filter", name, filter_names);
	out->kind = (enum filter_kind)k;
	if (compile_arguments(c, x, out) != 0)
		return -1;
	out->written = arena_text_n(c->arena, start, (size_t)(x->s - start));
	return 0;
}
