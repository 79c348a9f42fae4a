#ifndef BASE_SORT_MEMORY_H
#define BASE_SORT_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Strings in one block of memory, at most 4 GiB; the inside of sort.c. */

struct sort_entry {
	uint64_t word;   /* eight bytes of it, while sorting */
	uint32_t offset; /* in the block */
	uint32_t len;
};

/* COUNT entries put in bytewise order of their strings; equal ones in the
 * order of their offsets. In place; the stack does not grow with the input. */
void
sort_memory(const uint8_t *block, struct sort_entry *entries, size_t count);

#endif
