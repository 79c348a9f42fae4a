#ifndef ARCHIVE_WACZ_READ_H
#define ARCHIVE_WACZ_READ_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

struct arena;
struct error;
struct gzip_reader;
struct input;
struct json;
struct stream;

/*
 * What a WACZ says of itself (standards.md 4.2 to 4.5), read strictly and in
 * bounded memory. Texts live in the arena. ERROR_INPUT says what does not
 * read, and where.
 */

#define WACZ_PACKAGE "datapackage.json"
#define WACZ_DIGEST  "datapackage-digest.json"
#define WACZ_PAGES   "pages/pages.jsonl"

enum {
	WACZ_PACKAGE_MAX = 256 * 1024 * 1024,
	WACZ_DIGEST_MAX = 1024 * 1024,
	WACZ_LINE_MAX = 16 * 1024 * 1024,  /* of a page list */
	WACZ_INDEX_LINE_MAX = 1024 * 1024, /* of an index */
	WACZ_TEXT_MAX = 64 * 1024          /* of a URL in either */
};

struct wacz_resource {
	const char *name, *path;
	const char *hash;   /* "sha256:..."; "" none */
	const char *origin; /* in a collection, as we write it; "" */
	uint64_t bytes;
	int has_bytes;
};

struct wacz_package {
	const char *profile, *version, *created; /* "" without */
	unsigned part, parts;                    /* of several; else 0 */
	struct wacz_resource *resources;         /* sorted by path */
	size_t count;
};

/* datapackage.json, as 1.1.1 has it, 1.0.0 had it, or the list of a
 * multi-WACZ. Memory is that of what comes out, and WACZ_DIGEST_MAX bytes of
 * JSON. */
int wacz_read_package(struct arena *a, const void *p, size_t len,
    struct wacz_package *out, struct error *e);

const struct wacz_resource *
wacz_find(const struct wacz_package *p, const char *path);

struct wacz_digest {
	const char *path, *hash;
	const struct json *signed_data; /* NULL: none */
};

/* datapackage-digest.json: no members but these. */
int wacz_read_digest(struct arena *a, const void *p, size_t len,
    struct wacz_digest *out, struct error *e);

/* A line of a page list. */
struct wacz_page {
	const char *url, *ts;
	int64_t us;
};

/* The first line. */
int wacz_read_pages_head(
    struct arena *a, const char *line, size_t len, struct error *e);
int wacz_read_page(struct arena *a, const char *line, size_t len,
    struct wacz_page *out, struct error *e);

/* A line of an index, CDXJ. */
struct wacz_index_line {
	const char *key, *time; /* time: 14 to 17 digits */
	const char *url, *digest, *file, *status;
	uint64_t offset, length;
	int has_length, has_method; /* a request's body is in the key */
};
int wacz_read_index_line(struct arena *a, const char *line, size_t len,
    struct wacz_index_line *out, struct error *e);

/* A line of an .idx behind the first: a block of the index. */
struct wacz_block {
	const char *key;    /* "com,example)/ 20261122080000" */
	const char *digest; /* "" */
	uint64_t offset, length;
};
/* 1; 0, it is the "!meta" line; -1. */
int wacz_read_block(struct arena *a, const char *line, size_t len,
    struct wacz_block *out, struct error *e);

/* Lines of IN, or of all its gzip members. */
struct wacz_lines {
	struct stream *plain;
	struct gzip_reader *packed;
	struct stream *member; /* the reader's */
	size_t most;
	struct buf line;
	const uint8_t *rest; /* of the span read last */
	size_t rest_len;
	uint64_t number; /* of the line handed out, from 1 */
	int is_torn;     /* the last has no LF */
};
void wacz_lines_begin(
    struct wacz_lines *l, struct input *in, int is_packed, size_t most);
void wacz_lines_end(struct wacz_lines *l);

/* 1, *LINE without LF and ended by NUL, valid until the next call; 0, the
 * end; -1. */
int wacz_lines_next(
    struct wacz_lines *l, char **line, size_t *len, struct error *e);

#endif
