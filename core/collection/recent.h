#ifndef COLLECTION_RECENT_H
#define COLLECTION_RECENT_H

#include <stdint.h>

#include "core/collection/snapshot.h"

struct arena;

/* Outcomes that were looked for lately, by the place of their line in the
 * journal, which never changes: what many pages show is read once. Embedded:
 * start with {0}, end with recent_clear. */
struct recent {
	struct recent_place *places; /* NULL until something is kept */
};

void recent_clear(struct recent *r);

/* The facts of the line at AT, texts in A: 1; 0, it is not kept. */
int recent_find(
    const struct recent *r, uint64_t at, struct arena *a, struct captured *out);

/* Keep a copy of F; another line's may go for it. */
void recent_keep(struct recent *r, uint64_t at, const struct captured *f);

#endif
