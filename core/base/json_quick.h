#ifndef BASE_JSON_QUICK_H
#define BASE_JSON_QUICK_H

#include <stddef.h>

struct arena;
struct error;
struct json;

/*
 * The inside of json_parse: plain JSON, as we and most others write it, read
 * in one pass. Whatever is not plainly right (or is rare: reals, surrogate
 * pairs, deep nesting, very large objects) is left to jansson, whose verdict
 * alone counts: NULL.
 */
struct json *json_quick(struct arena *a, const char *s, size_t len);

/* The other way in, by jansson; as json_parse. */
struct json *
json_careful(struct arena *a, const char *s, size_t len, struct error *e);

/* Add a member that is known to be new; NAME lives in A. */
void json_add_member(
    struct arena *a, struct json *o, const char *name, struct json *v);

#endif
