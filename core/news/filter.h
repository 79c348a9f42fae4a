#ifndef NEWS_FILTER_H
#define NEWS_FILTER_H

#include <stddef.h>

struct arena;
struct error;
struct json;
struct map;
struct node;
struct pattern;
struct reading;
struct rule_compiler;
struct scan;

/* One text that a rule took from the page, and where. */
struct value {
	const char *text;        /* never "" in results */
	const char *mapped;      /* what "map" gave; NULL */
	const char *raw;         /* all that "re" matched; NULL */
	const char *label;       /* what "prefix" took off; NULL */
	struct json *date;       /* what "date" and "isodate" gave; NULL */
	const struct node *node; /* NULL not of the tree */
};

/* In the arena of the reading. */
struct values {
	struct value *items;
	size_t count;
	size_t cap;
};

enum { VALUES_MAX = 5000 };

/* More than VALUES_MAX are dropped. */
void values_add(struct arena *a, struct values *v, const struct value *item);

enum filter_kind {
	FILTER_WS, /* white space runs to one space, trimmed */
	FILTER_TRIM,
	FILTER_PREFIX, /* "X": dropped from the front where it stands */
	FILTER_SUFFIX,
	FILTER_RE,       /* /X/ [-> \1]: what matched; no match, no value */
	FILTER_SPLIT,    /* "," */
	FILTER_SPLIT_RE, /* /X/ */
	FILTER_UNIQ,     /* equal by NT1 */
	FILTER_JOIN,     /* " " */
	FILTER_LOWER,
	FILTER_INT,  /* decimal digits in front, or no value */
	FILTER_MAP,  /* NAME [keep]: unknown ones go, or stay with keep */
	FILTER_DATE, /* "%d %b %Y" ...: the first that fits */
	FILTER_ISODATE,
	FILTER_URL,         /* absolute */
	FILTER_DROP_PARAMS, /* a,b,utm_* */
	FILTER_KEEP_PARAMS,
	FILTER_PARAM,    /* a: the value of that query parameter */
	FILTER_CREDIT,   /* the credit in a trailing parenthesis */
	FILTER_UNESCAPE, /* character references */
	FILTER_NONEMPTY,
	FILTER_MINLEN /* 20: code points */
};

struct filter {
	enum filter_kind kind;
	const char *written; /* "prefix \"By \"" */
	const char **args;
	size_t arg_count;
	struct pattern *pattern;
	const char *form; /* behind "->" */
	const struct map *map;
	size_t number;
};

/* One filter (behind its "|"). 0 / -1. */
int filter_compile(struct rule_compiler *c, struct scan *x, struct filter *out);

/* IN to OUT (empty before). */
void filter_apply(const struct filter *f, const struct reading *r,
    const struct values *in, struct values *out);

#endif
