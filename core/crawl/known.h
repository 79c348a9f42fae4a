#ifndef CRAWL_KNOWN_H
#define CRAWL_KNOWN_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;
struct state;

/*
 * Which URLs were ever wanted: a set of keys on disk, each with a number, for
 * any number of them in bounded memory. New keys are held in memory, kept by
 * one row a transaction, and put into the sorted table in large batches, so
 * that a page of the table is written once for many of them.
 */
struct known;

enum { KNOWN_KEY = 16 };

struct known_key {
	uint8_t bytes[KNOWN_KEY];
};

/* The key of a URL serialized by url_parse: its identity (url_identity.h),
 * hashed. SCRATCH is overwritten. */
struct known_key known_key_of(const char *url, struct buf *scratch);

int known_open(struct known **out, struct state *s, struct error *e);
void known_close(struct known *k); /* NULL is fine */

/* 1: it is there, and *NUMBER is its; 0; -1. */
int known_find(struct known *k, const struct known_key *key, int64_t *number,
    struct error *e);

/* It is there from now on, with this NUMBER (not 0). Within a transaction of
 * the state. */
void known_put(struct known *k, const struct known_key *key, int64_t number);

/* For tests: batches of COUNT keys. */
void known_set_batch(struct known *k, size_t count);

#endif
