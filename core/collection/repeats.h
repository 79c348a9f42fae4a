#ifndef COLLECTION_REPEATS_H
#define COLLECTION_REPEATS_H

#include <stdint.h>

#include "core/collection/target_set.h"
#include "core/web/exchange.h"

struct arena;
struct buf;
struct error;
struct json;
struct revisit_original;

/*
 * The payloads of an open snapshot by their digests, each with the place of
 * its first record's outcome line in the journal, which says the rest: 24
 * bytes a payload. Embedded: start with {0}.
 */
struct repeats {
	struct target_set payloads;
	int journal;
	uint64_t base; /* what the journal holds; the rest is in LINES */
};

void repeats_clear(struct repeats *r);

/* May a record that ended so be an original, or a revisit under another URL:
 * whole, and not too short? 1 / 0. */
int repeats_may(enum outcome outcome, unsigned status, uint64_t payload_len);

/* The outcome line that will be at AT of LINES tells of DIGEST. */
void repeats_add(struct repeats *r, const char *digest, uint64_t at);

/* The same of a line (JSON as in outcome_line) at AT of the journal; one that
 * cannot be an original is passed over. */
void repeats_know(struct repeats *r, const struct json *line, uint64_t at);

/* The record that has this payload; texts in A. 1; 0 none; -1. */
int
repeats_find(const struct repeats *r, struct arena *a, const struct buf *lines,
    const char *digest, struct revisit_original *out, struct error *e);

#endif
