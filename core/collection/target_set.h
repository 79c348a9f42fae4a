#ifndef COLLECTION_TARGET_SET_H
#define COLLECTION_TARGET_SET_H

#include <stddef.h>
#include <stdint.h>

/*
 * A set of texts (URLs, digests), each with a number: 24 bytes an entry, the
 * text itself is not kept but 128 bits of its SHA-256, so that nobody can
 * make two of them meet. Embedded: start with {0}, end with target_set_clear.
 */
struct target {
	uint64_t hash[2]; /* both 0: free */
	uint64_t value;
};

struct target_set {
	struct target *slots;
	size_t cap; /* a power of two */
	size_t count;
};

/* What TEXT goes by; HASH[0] is never 0. */
void target_hash(uint64_t hash[2], const char *text);

void target_set_clear(struct target_set *t);

/* 1, it is new and has VALUE now; 0, it was there and stays as it is. */
int target_set_add(struct target_set *t, const char *text, uint64_t value);

/* Its number, to read or to change until the next target_set_add; NULL. */
uint64_t *target_set_find(const struct target_set *t, const char *text);

#endif
