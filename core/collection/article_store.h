#ifndef COLLECTION_ARTICLE_STORE_H
#define COLLECTION_ARTICLE_STORE_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct collection;
struct error;
struct json;
struct place;

/*
 * The articles that snapshots hold: derived blocks, read from articles.jsonl
 * of every sealed snapshot (DESIGN, 7). Needs no index and no lock.
 */

/* One derived block. All of it lives in the arena it was read into. */
struct stored_article {
	const char *snapshot;       /* path below the collection */
	const struct json *article; /* the pure part */
	const struct json *binding;
	const char *id;     /* article_id; "" */
	const char *url;    /* where the page was found in the end; "" */
	const char *record; /* id of the response it was read from; "" */
	int64_t captured_us;
};

/* What is asked for; NULL texts match anything. */
struct article_query {
	const char *url;    /* final, requested, canonical or on the way */
	const char *id;     /* article_id */
	const char *record; /* id of the response */
	int64_t near_us;    /* of all that match, the one captured nearest */
};

/* 1; 0 there is none; -1: ERROR_INTEGRITY, ERROR_SYSTEM. Of readings of the
 * same capture the one in the later snapshot wins: it was made with better
 * rules. */
int article_find(const struct collection *c, struct arena *a,
    const struct article_query *q, struct stored_article *out, struct error *e);

/* TEXT is a derived block. 1; 0 it is none; *OUT without snapshot. */
int article_read(
    struct arena *a, const char *text, size_t len, struct stored_article *out);

/* Where its derived record lies; FILE below the collection. 1 / 0 / -1. */
int article_place(const struct collection *c, struct arena *a,
    const struct stored_article *s, struct place *place, struct error *e);

/* The canonical bytes of the pure part are what article_find hands out,
 * written by json_write_canonical. */

#endif
