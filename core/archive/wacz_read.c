/* What a WACZ says of itself. */
#include "core/archive/wacz_read.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/cdxj.h"
#include "core/archive/package.h"
#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"

/* ---- members ---- */

/* A text without a NUL in it; ABSENT when there is none. -1: another kind. */
static int
get_text(const struct json *o, const char *name, const char *absent,
    const char **out)
{
	const struct json *v = json_get(o, name);

	*out = json_text(v, absent);
	if (v == NULL)
		return 0;
	return json_is(v, JSON_KIND_STRING) &&
		       strlen(*out) == json_string_len(v)
		   ? 0
		   : -1;
}

/* A number, or one in a text, as indexes have it. 1 / 0. */
static int
get_number(const struct json *o, const char *name, uint64_t *out)
{
	const struct json *v = json_get(o, name);
	const char *text = json_text(v, "");

	*out = 0;
	if (json_is(v, JSON_KIND_INTEGER) && json_int(v, -1) >= 0) {
		*out = (uint64_t)json_int(v, 0);
		return 1;
	}
	return json_is(v, JSON_KIND_STRING) &&
	       text_uint(text, json_string_len(v), INT64_MAX, out);
}

static struct json *
parse_object(struct arena *a, const void *p, size_t len, const char *what,
    struct error *e)
{
	struct json *o = json_parse(a, p, len, e);

	if (o == NULL) {
		(void)error_within(e, "%s", what);
		return NULL;
	}
	if (json_is(o, JSON_KIND_OBJECT))
		return o;
	(void)error_set(e, ERROR_INPUT, "%s: is no JSON object", what);
	return NULL;
}

/* ---- datapackage.json ---- */

static int
bad_resource(size_t i, const char *what, struct error *e)
{
	return error_set(
	    e, ERROR_INPUT, WACZ_PACKAGE ": resource %zu: %s", i + 1, what);
}

/* "hash" and "bytes", or in 1.0.0 "hashing" and both in "stats". */
static int
read_hash(struct arena *a, const struct json *o, struct wacz_resource *r)
{
	const struct json *stats = json_get(o, "stats");
	const char *kind;
	const char *hex;

	if (stats == NULL) {
		r->has_bytes = get_number(o, "bytes", &r->bytes);
		return get_text(o, "hash", "", &r->hash);
	}
	r->has_bytes = get_number(stats, "bytes", &r->bytes);
	if (get_text(o, "hashing", "", &kind) != 0 ||
	    get_text(stats, "hash", "", &hex) != 0)
		return -1;
	r->hash = hex[0] == '\0' ? "" : arena_format(a, "%s:%s", kind, hex);
	return 0;
}

static int
read_resource(struct arena *a, const struct json *o, size_t i,
    struct wacz_resource *r, struct error *e)
{
	if (!json_is(o, JSON_KIND_OBJECT))
		return bad_resource(i, "is no object", e);
	if (get_text(o, "path", "", &r->path) != 0 ||
	    !package_name_is_plain(r->path, strlen(r->path)))
		return bad_resource(i, "has no plain path", e);
	if (get_text(o, "name", "", &r->name) != 0 ||
	    get_text(o, "origin", "", &r->origin) != 0)
		return bad_resource(i, "name or origin is no text", e);
	if (read_hash(a, o, r) != 0)
		return bad_resource(i, "hash is no text", e);
	return 0;
}

static int
by_path(const void *va, const void *vb)
{
	const struct wacz_resource *a = va;
	const struct wacz_resource *b = vb;

	return strcmp(a->path, b->path);
}

/*
 * The list may be long, and JSON in memory is many times its text: its
 * elements are read one by one, the rest as if the list were empty.
 */
struct span {
	const char *at, *end;
};

static void
skip_blanks(struct span *s)
{
	while (s->at < s->end && memchr(" \t\r\n", *s->at, 4) != NULL)
		s->at++;
}

/* Over a string, from its quote on. */
static void
skip_string(struct span *s)
{
	for (s->at++; s->at < s->end && *s->at != '"'; s->at++)
		if (*s->at == '\\' && s->at + 1 < s->end)
			s->at++;
	s->at += s->at < s->end;
}

/* Over one value, roughly: whoever reads it in earnest judges it. */
static void
skip_value(struct span *s)
{
	size_t depth = 0;

	while (s->at < s->end) {
		if (*s->at == '"') {
			skip_string(s);
		} else if (*s->at == '{' || *s->at == '[') {
			depth++;
			s->at++;
		} else if (*s->at == '}' || *s->at == ']') {
			if (depth == 0)
				return;
			depth--;
			s->at++;
		} else if (*s->at == ',' && depth == 0) {
			return;
		} else {
			s->at++;
		}
		if (depth == 0 && s->at < s->end &&
		    memchr(",]}", *s->at, 3) != NULL)
			return;
	}
}

/* Where the value of the member "resources" of the object begins; NULL. */
static const char *
find_list(struct span s)
{
	static const char name[] = "\"resources\"";

	skip_blanks(&s);
	if (s.at == s.end || *s.at != '{')
		return NULL;
	for (s.at++; s.at < s.end; s.at++) {
		struct span key;

		skip_blanks(&s);
		key.at = s.at;
		if (s.at == s.end || *s.at != '"')
			return NULL;
		skip_string(&s);
		key.end = s.at;
		skip_blanks(&s);
		if (s.at == s.end || *s.at++ != ':')
			return NULL;
		skip_blanks(&s);
		if ((size_t)(key.end - key.at) == sizeof(name) - 1 &&
		    memcmp(key.at, name, sizeof(name) - 1) == 0)
			return s.at < s.end && *s.at == '[' ? s.at : NULL;
		skip_value(&s);
		if (s.at == s.end || *s.at != ',')
			return NULL;
	}
	return NULL;
}

/* The element at S, which goes behind it. */
static int
next_resource(struct arena *a, struct arena *scratch, struct span *s,
    struct wacz_package *out, struct error *e)
{
	struct span v;
	const struct json *o;
	struct wacz_resource r = { .path = "" };

	skip_blanks(s);
	v.at = s->at;
	skip_value(s);
	v.end = s->at;
	arena_reset(scratch);
	o = json_parse(scratch, v.at, (size_t)(v.end - v.at), e);
	if (o == NULL) {
		(void)error_within(
		    e, WACZ_PACKAGE ": resource %zu", out->count + 1);
		return -1;
	}
	if (out->count == LIMIT_PACKAGE_FILES)
		return error_set(e, ERROR_LIMIT,
		    WACZ_PACKAGE ": more than %d resources",
		    LIMIT_PACKAGE_FILES);
	if (read_resource(scratch, o, out->count, &r, e) != 0)
		return -1;
	r.path = arena_text(a, r.path);
	r.name = arena_text(a, r.name);
	r.hash = arena_text(a, r.hash);
	r.origin = arena_text(a, r.origin);
	if ((out->count & (out->count - 1)) == 0) {
		struct wacz_resource *more = arena_alloc(
		    a, (out->count == 0 ? 1 : 2 * out->count) * sizeof(r));

		if (out->count > 0)
			memcpy(more, out->resources, out->count * sizeof(r));
		out->resources = more;
	}
	out->resources[out->count++] = r;
	return 0;
}

static int
sort_resources(struct wacz_package *out, struct error *e)
{
	if (out->count > 0)
		qsort(out->resources, out->count, sizeof(*out->resources),
		    by_path);
	for (size_t i = 1; i < out->count; i++)
		if (by_path(&out->resources[i - 1], &out->resources[i]) == 0)
			return error_set(e, ERROR_INPUT,
			    WACZ_PACKAGE ": lists %s twice",
			    out->resources[i].path);
	return 0;
}

/* S stands at the list's "[" and goes behind its "]". */
static int
read_resources(
    struct arena *a, struct span *s, struct wacz_package *out, struct error *e)
{
	struct arena *scratch = arena_new();
	int rc = 0;

	s->at++;
	skip_blanks(s);
	if (s->at < s->end && *s->at == ']') {
		s->at++;
		arena_free(scratch);
		return 0;
	}
	while (rc == 0) {
		rc = next_resource(a, scratch, s, out, e);
		if (rc == 0 && s->at == s->end)
			rc = error_set(e, ERROR_INPUT,
			    WACZ_PACKAGE ": the list of resources is cut");
		if (rc == 0 && *s->at++ != ',')
			break;
	}
	arena_free(scratch);
	if (rc == 0 && s->at[-1] != ']')
		rc = error_set(e, ERROR_INPUT,
		    WACZ_PACKAGE ": the list of resources does not end");
	return rc == 0 ? sort_resources(out, e) : -1;
}

static int
read_rest(struct arena *a, const struct buf *text, struct wacz_package *out,
    struct error *e)
{
	const struct json *o = parse_object(
	    a, buf_text(text), text->len, WACZ_PACKAGE, e);
	const struct json *part = json_get(o, "part");

	if (o == NULL)
		return -1;
	if (get_text(o, "profile", "", &out->profile) != 0 ||
	    get_text(o, "wacz_version", "", &out->version) != 0 ||
	    get_text(o, "created", "", &out->created) != 0)
		return error_set(e, ERROR_INPUT,
		    WACZ_PACKAGE
		    ": profile, wacz_version or created is no text");
	out->part = (unsigned)json_int(json_get(part, "number"), 0);
	out->parts = (unsigned)json_int(json_get(part, "count"), 0);
	/* A list that was not taken out has an escape in its name. */
	if (!json_is(json_get(o, "resources"), JSON_KIND_ARRAY) ||
	    json_count(json_get(o, "resources")) > 0)
		return error_set(
		    e, ERROR_INPUT, WACZ_PACKAGE ": has no list of resources");
	return 0;
}

int
wacz_read_package(struct arena *a, const void *p, size_t len,
    struct wacz_package *out, struct error *e)
{
	struct span s = { p, (const char *)p + len };
	const char *list = len == 0 ? NULL : find_list(s);
	struct buf rest = { 0 };
	int rc = 0;

	*out = (struct wacz_package){ .profile = "" };
	if (list != NULL) {
		buf_add(&rest, p, (size_t)(list - s.at));
		s.at = list;
		rc = read_resources(a, &s, out, e);
		buf_add_text(&rest, "[]");
	}
	if (rc == 0 && rest.len + (size_t)(s.end - s.at) > WACZ_DIGEST_MAX)
		rc = error_set(e, ERROR_LIMIT,
		    WACZ_PACKAGE ": more than %d bytes besides the resources",
		    WACZ_DIGEST_MAX);
	if (rc == 0 && s.end > s.at)
		buf_add(&rest, s.at, (size_t)(s.end - s.at));
	if (rc == 0)
		rc = read_rest(a, &rest, out, e);
	buf_clear(&rest);
	return rc;
}

const struct wacz_resource *
wacz_find(const struct wacz_package *p, const char *path)
{
	const struct wacz_resource key = { .path = path };

	if (p->count == 0)
		return NULL;
	return bsearch(
	    &key, p->resources, p->count, sizeof(*p->resources), by_path);
}

/* ---- datapackage-digest.json ---- */

int
wacz_read_digest(struct arena *a, const void *p, size_t len,
    struct wacz_digest *out, struct error *e)
{
	const struct json *o = parse_object(a, p, len, WACZ_DIGEST, e);

	*out = (struct wacz_digest){ "", "", NULL };
	if (o == NULL)
		return -1;
	for (size_t i = 0; i < json_count(o); i++) {
		const char *name = json_key(o, i);

		if (strcmp(name, "path") != 0 && strcmp(name, "hash") != 0 &&
		    strcmp(name, "signedData") != 0)
			return error_set(e, ERROR_INPUT,
			    WACZ_DIGEST ": %.64s does not belong there", name);
	}
	if (get_text(o, "path", "", &out->path) != 0 ||
	    get_text(o, "hash", "", &out->hash) != 0 ||
	    strcmp(out->path, WACZ_PACKAGE) != 0 || out->hash[0] == '\0')
		return error_set(e, ERROR_INPUT,
		    WACZ_DIGEST ": names no hash of " WACZ_PACKAGE);
	out->signed_data = json_get(o, "signedData");
	return 0;
}

/* ---- pages ---- */

int
wacz_read_pages_head(
    struct arena *a, const char *line, size_t len, struct error *e)
{
	const struct json *o = parse_object(a, line, len, "first line", e);
	const char *format;
	const char *id;

	if (o == NULL)
		return -1;
	if (get_text(o, "format", "", &format) != 0 ||
	    strcmp(format, "json-pages-1.0") != 0)
		return error_set(
		    e, ERROR_INPUT, "first line: format is not json-pages-1.0");
	if (get_text(o, "id", "", &id) != 0 || id[0] == '\0')
		return error_set(e, ERROR_INPUT, "first line: has no id");
	return 0;
}

int
wacz_read_page(struct arena *a, const char *line, size_t len,
    struct wacz_page *out, struct error *e)
{
	const struct json *o = parse_object(a, line, len, "page", e);

	if (o == NULL)
		return -1;
	if (get_text(o, "url", "", &out->url) != 0 || out->url[0] == '\0' ||
	    strlen(out->url) > WACZ_TEXT_MAX)
		return error_set(e, ERROR_INPUT, "page: has no url");
	if (get_text(o, "ts", "", &out->ts) != 0 ||
	    !date_parse(out->ts, &out->us, NULL))
		return error_set(e, ERROR_INPUT, "page: has no time (ts)");
	return 0;
}

/* ---- indexes ---- */

static int
is_digits(const char *s, size_t least, size_t most)
{
	size_t len = strlen(s);

	return len >= least && len <= most && strspn(s, "0123456789") == len;
}

int
wacz_read_index_line(struct arena *a, const char *line, size_t len,
    struct wacz_index_line *out, struct error *e)
{
	struct cdxj_line parts;
	const struct json *o;

	*out = (struct wacz_index_line){ .key = "" };
	if (memchr(line, '\0', len) != NULL)
		return error_set(e, ERROR_INPUT, "index line: a NUL in it");
	if (cdxj_split(arena_text_n(a, line, len), &parts, e) != 0)
		return -1;
	if (!is_digits(parts.time, 14, 17))
		return error_set(e, ERROR_INPUT, "index line: has no time");
	o = parse_object(a, parts.json, strlen(parts.json), "index line", e);
	if (o == NULL)
		return -1;
	out->key = parts.key;
	out->time = parts.time;
	if (get_text(o, "url", "", &out->url) != 0 ||
	    get_text(o, "digest", "", &out->digest) != 0 ||
	    get_text(o, "filename", "", &out->file) != 0 ||
	    strlen(out->url) > WACZ_TEXT_MAX ||
	    strlen(out->file) > LIMIT_PACKAGE_NAME ||
	    strlen(out->digest) > LIMIT_PACKAGE_NAME)
		return error_set(e, ERROR_INPUT,
		    "index line: url, digest or filename is no text, or too "
		    "long");
	if (out->url[0] == '\0' || out->file[0] == '\0' ||
	    !get_number(o, "offset", &out->offset))
		return error_set(e, ERROR_INPUT,
		    "index line: url, filename or offset is "
		    "missing");
	out->has_length = get_number(o, "length", &out->length);
	out->has_method = json_get(o, "method") != NULL;
	return 0;
}

int
wacz_read_block(struct arena *a, const char *line, size_t len,
    struct wacz_block *out, struct error *e)
{
	const char *start = memchr(line, '{', len);
	const struct json *o;
	const char *end = start;

	*out = (struct wacz_block){ "", "", 0, 0 };
	if (len >= 5 && memcmp(line, "!meta", 5) == 0)
		return 0;
	if (start == NULL)
		return error_set(e, ERROR_INPUT, "block: has no JSON");
	o = parse_object(a, start, len - (size_t)(start - line), "block", e);
	if (o == NULL)
		return -1;
	while (end > line && end[-1] == ' ')
		end--;
	out->key = arena_text_n(a, line, (size_t)(end - line));
	if (!get_number(o, "offset", &out->offset) ||
	    !get_number(o, "length", &out->length) ||
	    get_text(o, "digest", "", &out->digest) != 0)
		return error_set(e, ERROR_INPUT,
		    "block: offset, length or digest does not read");
	return 1;
}
