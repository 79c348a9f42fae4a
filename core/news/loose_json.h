#ifndef NEWS_LOOSE_JSON_H
#define NEWS_LOOSE_JSON_H

#include <stddef.h>

struct arena;
struct json;

/*
 * JSON as pages embed it: strict reading first, then once more with the usual
 * faults repaired (byte order mark, comment and CDATA wrappers, comments,
 * trailing commas, raw control characters in strings, bytes after the value,
 * entities instead of quotes).
 */

/* NULL when it does not read even so. *REPAIRED tells which case it was. */
struct json *
loose_json_parse(struct arena *a, const char *s, size_t len, int *repaired);

/*
 * Paths into JSON: "a.b[0].c[*].d[mapping=category].value". Lists met by a
 * name are searched element by element.
 */
struct json_path_step {
	enum { STEP_NAME, STEP_INDEX, STEP_ALL, STEP_WHERE } kind;
	const char *name;  /* STEP_NAME, and the key of STEP_WHERE */
	const char *value; /* of STEP_WHERE */
	size_t index;
};

struct json_path {
	struct json_path_step *steps;
	size_t count;
};

/* TEXT is used up to LEN. NULL when it does not follow the grammar. */
struct json_path *
json_path_compile(struct arena *a, const char *text, size_t len);

/* EACH gets every value the path leads to; 0 to go on. */
void json_path_walk(const struct json_path *p, const struct json *v,
    int (*each)(void *context, const struct json *v), void *context);

#endif
