#ifndef NEWS_RULE_H
#define NEWS_RULE_H

#include <stddef.h>

#include "core/news/filter.h"

struct conf;
struct conf_entry;
struct json_path;
struct selector;

/*
 * A rule: SOURCE [when [not] GUARD]... [| FILTER]...
 *
 *	json(SEL).path  ld(Type,Type).path  meta(name)  link(rel)
 *	css(SEL)[@attribute]   the first element whose value passes
 *	all(SEL)[@attribute]   every element
 *	self[@attribute]       the element the rule is applied to
 *	heading "X"            the smallest section with that heading
 *	url(/re/ [-> \1])      of path and query
 *	http(Header)  const(text)  NAME of a field above
 *
 * Guards: text-starts "X", text-ends "X", text-has "X", has SEL, url /re/.
 */

enum source_kind {
	SOURCE_JSON,
	SOURCE_LD,
	SOURCE_META,
	SOURCE_LINK,
	SOURCE_CSS,
	SOURCE_ALL,
	SOURCE_SELF,
	SOURCE_HEADING,
	SOURCE_URL,
	SOURCE_HTTP,
	SOURCE_CONST,
	SOURCE_FIELD
};

enum guard_kind {
	GUARD_TEXT_STARTS,
	GUARD_TEXT_ENDS,
	GUARD_TEXT_HAS,
	GUARD_HAS,
	GUARD_URL
};

struct guard {
	enum guard_kind kind;
	int negated;
	const char *text;
	struct selector *selector;
	struct pattern *pattern;
};

struct rule {
	enum source_kind kind;
	const char *id;      /* "almayadeen-en.headline#1" */
	const char *written; /* the source: "css(article h1)" */
	const char *name;    /* of meta, link, header, constant, heading */
	const char **types;  /* of ld */
	size_t type_count;
	struct selector *selector;
	const char *attribute; /* NULL text */
	struct json_path *path;
	struct pattern *pattern;
	const char *form;
	size_t field;
	struct guard *guards;
	size_t guard_count;
	struct filter *filters;
	size_t filter_count;
};

struct rule_list {
	struct rule *rules;
	size_t count;
};

/* Selectors and patterns to free with the profile. */
struct rule_owned {
	struct selector **selectors;
	size_t selector_count;
	struct pattern **patterns;
	size_t pattern_count;
};

void rule_owned_clear(struct rule_owned *o);

struct rule_compiler {
	struct arena *arena;
	struct rule_owned *owned;
	const struct map *maps;
	size_t map_count;
	size_t field_limit;      /* fields below it may be sources */
	const struct conf *conf; /* for messages */
	const struct conf_entry *entry;
	struct error *error;
};

/* ERROR_USAGE with file and line; returns -1. */
int rule_fail(struct rule_compiler *c, const char *text, const char *nearest);

/* "unknown WHAT \"WORD\"" with the nearest of LIST. */
int rule_unknown(struct rule_compiler *c, const char *what, const char *word,
    const char *const *list);

int rule_compile_selector(
    struct rule_compiler *c, const char *css, struct selector **out);
int rule_compile_pattern(struct rule_compiler *c, const char *text,
    int ignore_case, struct pattern **out);

int
rule_compile_guard(struct rule_compiler *c, struct scan *x, struct guard *out);

/* "| filter | filter"; a "||" is not one. */
int rule_compile_filters(struct rule_compiler *c, struct scan *x,
    struct filter **out, size_t *count);

/* A rule with guards and filters; stops in front of what it cannot be (";",
 * "==", a number). */
int rule_compile(struct rule_compiler *c, struct scan *x, struct rule *out);

/* As above for a whole value; anything behind is an error. */
int
rule_compile_all(struct rule_compiler *c, const char *text, struct rule *out);

/* Gives a value whatever the page holds: nothing behind it is reached. */
int rule_is_unconditional(const struct rule *r);

/* Does G hold for V, a value of a rule? Without a node "has" asks the whole
 * page. 1 / 0. */
int
guard_holds(const struct guard *g, struct reading *r, const struct value *v);

/* The container the rule looks into is on the page at all. 1 / 0. */
int rule_has_place(const struct rule *rule, struct reading *r);

/*
 * Every value of RULE: below ROOT, or on the whole page (NULL) without what
 * the furniture zones hold. OUT is empty before.
 */
void rule_evaluate(const struct rule *rule, struct reading *r,
    const struct node *root, struct values *out);

/* The elements of a css, all or heading rule whose guards hold. */
struct node_list;
void rule_select(const struct rule *rule, struct reading *r,
    const struct node *root, struct node_list *out);

#endif
