#ifndef COLLECTION_VERIFY_REVISITED_H
#define COLLECTION_VERIFY_REVISITED_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct package_check;

/*
 * Revisits of one snapshot whose originals may be in another one of the same
 * package: both are written down while the snapshots are verified, sorted
 * outside of memory, and brought together at the end.
 */
struct revisited;

struct revisited *revisited_new(void);
void revisited_free(struct revisited *o); /* NULL is fine */

/* A record that may be one. A failure is told by revisited_end. */
void revisited_add(
    struct revisited *o, const char *id, int is_revisit, const char *digest);

/* A revisit whose original is not in its snapshot. */
struct lost_original {
	const char *id;   /* of the original */
	const char *file; /* of the revisit, as findings name it */
	uint64_t offset;
	const char *record; /* the revisit's id */
	const char *digest; /* of the payload, as it says; "" */
	int is_import;      /* others count payloads otherwise */
};
void revisited_want(struct revisited *o, const struct lost_original *l);

/* What is not in any of them is a note. -1: ERROR_SYSTEM. */
int
revisited_end(struct revisited *o, struct package_check *p, struct error *e);

#endif
