#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct error;

/*
 * JSON values in an arena: read (strictly, duplicate keys refused; plain ones
 * at once, the rest by jansson), built by hand, written canonically (RFC 8785:
 * members sorted by UTF-16 code units, shortest escapes) or in the order in
 * which members were added.
 * Numbers are int64_t or double. All pointers live as long as the arena.
 * Looking things up in NULL gives NULL or the fallback, so that chains of
 * look-ups need no checks.
 */

enum json_kind {
	JSON_KIND_NULL,
	JSON_KIND_FALSE,
	JSON_KIND_TRUE,
	JSON_KIND_INTEGER,
	JSON_KIND_REAL,
	JSON_KIND_STRING,
	JSON_KIND_ARRAY,
	JSON_KIND_OBJECT
};

struct json;

enum { JSON_DEPTH_MAX = 256 };

/* One value and nothing after it. NULL: ERROR_INPUT with line and column. */
struct json *
json_parse(struct arena *a, const char *s, size_t len, struct error *e);

enum json_kind json_kind(const struct json *v);
int json_is(const struct json *v, enum json_kind kind); /* 0 for NULL */
const char *json_text(const struct json *v, const char *fallback);
size_t json_string_len(const struct json *v);
int64_t json_int(const struct json *v, int64_t fallback);
double json_double(const struct json *v, double fallback);
int json_bool(const struct json *v, int fallback);

size_t json_count(const struct json *v); /* elements or members; else 0 */
struct json *json_at(const struct json *v, size_t i); /* element or value */
const char *json_key(const struct json *v, size_t i); /* name of member I */
struct json *json_get(const struct json *v, const char *name);

struct json *json_new_null(struct arena *a);
struct json *json_new_bool(struct arena *a, int yes);
struct json *json_new_integer(struct arena *a, int64_t n);
struct json *json_new_real(struct arena *a, double n);
struct json *json_new_string(struct arena *a, const char *s); /* copied */
struct json *json_new_string_n(struct arena *a, const char *s, size_t len);
struct json *json_new_array(struct arena *a);
struct json *json_new_object(struct arena *a);

void json_append(struct arena *a, struct json *array, struct json *v);

/* NAME is copied; a member of that name is replaced in its place. */
void
json_set(struct arena *a, struct json *o, const char *name, struct json *v);
void json_set_string(
    struct arena *a, struct json *o, const char *name, const char *s);
void
json_set_integer(struct arena *a, struct json *o, const char *name, int64_t n);
void json_set_bool(struct arena *a, struct json *o, const char *name, int yes);

/* RFC 8785; what is not finite becomes 0. */
void json_write_canonical(struct buf *out, const struct json *v);

/* Members in the order in which they were added, no spaces. */
void json_write(struct buf *out, const struct json *v);

/* Indented by two spaces per level, for people. */
void json_write_pretty(struct buf *out, const struct json *v);

/* Append S as a JSON string with its quotes; invalid UTF-8 as U+FFFD. */
void json_add_string(struct buf *out, const char *s, size_t len);

#endif
