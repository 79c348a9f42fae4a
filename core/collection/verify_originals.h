#ifndef COLLECTION_VERIFY_ORIGINALS_H
#define COLLECTION_VERIFY_ORIGINALS_H

#include <stdint.h>

struct error;
struct verified_record;

/*
 * Originals of revisits across any number of record files, in bounded memory:
 * records are told as they come, in any order of files; at the end those
 * revisits come out whose original was in none.
 */
struct verify_originals;

struct verified_revisit {
	const char *file;
	uint64_t offset;
	const char *record;
	const char *refers_to;
};

struct verify_originals *verify_originals_new(void);
void verify_originals_free(struct verify_originals *o); /* NULL is fine */

/* -1: ERROR_SYSTEM. */
int verify_originals_add(struct verify_originals *o,
    const struct verified_record *r, struct error *e);

/* EACH gets the revisits without an original. 0 / -1 ERROR_SYSTEM. */
int verify_originals_end(struct verify_originals *o,
    int (*each)(
	void *context, const struct verified_revisit *r, struct error *e),
    void *context, struct error *e);

#endif
