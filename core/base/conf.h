#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stddef.h>

struct arena;
struct error;

/*
 * The one line grammar of holdfast.conf and *.site files: UTF-8, LF; "#" as
 * the first character of a line starts a comment; "[section]" or
 * "[section name]"; "key = value"; an indented line continues the value (one
 * space joins them); "key += value" and "key ! =" are kept as operators.
 * Strict: anything else is ERROR_USAGE with file and line.
 */

enum conf_operator { CONF_SET, CONF_ADD, CONF_CLEAR };

struct conf_entry {
	const char *section; /* "" before the first one */
	const char *name;    /* second word of the section head, or "" */
	const char *key;
	const char *value;
	enum conf_operator operator;
	unsigned line;
	size_t head; /* heads[head - 1] is above it; 0: none */
};

struct conf_head {
	const char *section;
	const char *name; /* or "" */
	unsigned line;
};

struct conf {
	const char *file; /* as given, for messages */
	struct conf_entry *entries;
	size_t count;
	struct conf_head *heads; /* also of sections without entries */
	size_t head_count;
};

enum { CONF_FILE_MAX = 1 << 20, CONF_LINE_MAX = 16384 };

/* FILE names the text in messages. Everything lives in A. */
struct conf *conf_parse(struct arena *a, const char *file, const char *text,
    size_t len, struct error *e);

/* The same for those who want all faults: FAULT is told of each line that is
 * none, and reading goes on behind it; behind a bad head in a section "". */
struct conf *
conf_parse_all(struct arena *a, const char *file, const char *text, size_t len,
    void (*fault)(void *context, const struct error *e), void *context);

/* ERROR_USAGE "FILE:LINE: ..."; NEAREST (or NULL) adds "; did you mean". */
int conf_error(const struct conf *c, const struct conf_entry *entry,
    const char *text, const char *nearest, struct error *e);

#endif
