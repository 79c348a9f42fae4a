#ifndef CLI_COUNT_TABLE_H
#define CLI_COUNT_TABLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Sums by a text: how many records, how many bytes. Embedded: start with {0},
 * end with count_table_clear. Of more than COUNT_KEYS different texts the
 * later ones are summed up under COUNT_OTHERS.
 */

enum { COUNT_KEYS = 65536 };
#define COUNT_OTHERS "(others)"

struct count {
	char *key;
	uint64_t records, bytes, stored;
};

struct count_table {
	struct count *slots; /* in the order in which keys came */
	size_t count, cap;
	uint32_t *places; /* a hash table: index into SLOTS + 1; 0 free */
	size_t places_cap;
};

void count_table_clear(struct count_table *t);
void count_table_add(
    struct count_table *t, const char *key, uint64_t bytes, uint64_t stored);

/* SLOTS by records, most first, then by key; nothing is added afterwards. */
void count_table_sort(struct count_table *t);

#endif
