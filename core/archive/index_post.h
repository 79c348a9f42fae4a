#ifndef ARCHIVE_INDEX_POST_H
#define ARCHIVE_INDEX_POST_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/record_facts.h"
#include "core/base/buf.h"

struct arena;
struct error;

/*
 * What a POST or PUT sent, as a query that becomes part of the key, so that
 * answers to different bodies are told apart (standards.md 3.5; the request
 * body canonicalization of cdxj-indexer and pywb).
 */

/* More of a body is not looked at. */
enum { INDEX_BODY_MAX = 4 * 1024 * 1024, INDEX_QUERY_MAX = 4096 };

struct index_request {
	const char *method; /* as written; NULL: neither POST nor PUT */
	const char *type;   /* Content-Type, "" */
	struct buf body;    /* as much as Content-Length says, without transfer
			     * coding */
	int no_length;      /* Content-Length is no number */
};

/* Without method and body; keeps the memory. */
void index_request_reset(struct index_request *q);

/* Read the block of the request R; texts are in A. -1: it does not read. */
int index_request_read(struct index_request *q, struct arena *a,
    struct record *r, const struct record_facts *f, struct error *e);

struct index_post {
	const char *method; /* upper case */
	const char *query;  /* NULL: nothing was read, the body's length is
			     * unknown */
	size_t query_len;
	const char *key; /* SURT of the URL with method and query */
};

/* All in A. 0: neither POST nor PUT. */
int index_post_make(struct index_post *out, struct arena *a,
    const struct index_request *q, const char *url);

/* The query of LEN bytes of Content-Type TYPE, appended, in UTF-8, at most
 * INDEX_QUERY_MAX characters. */
void index_post_query(
    struct buf *out, const char *type, const uint8_t *body, size_t len);

/* JSON flattened into "name=value&name.2_=value", appended: 0; -1, it is not
 * JSON, nor one value a line. */
int index_post_json(struct buf *out, const uint8_t *body, size_t len);

/* As urllib.parse.quote_plus. */
void index_post_quote(struct buf *out, const void *p, size_t len);

#endif
