#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

struct error;

/*
 * Any number of byte strings put in bytewise order in bounded memory: sorted
 * in memory, written out as runs to an unnamed file when MEMORY is passed,
 * merged while they are read. Equal strings come in the order of adding.
 * Used by one thread.
 */
struct sorter;

/* MEMORY bytes at most (at least 1 MiB); runs go to DIR (copied; NULL: the
 * directory for temporary files), which is touched only when they are. */
struct sorter *sorter_new(size_t memory, const char *dir);
void sorter_free(struct sorter *s); /* NULL is fine */

/* LEN is at most 1 MiB (ERROR_LIMIT). */
int sorter_add(struct sorter *s, const void *p, size_t len, struct error *e);

/* No more is added: what was, from the least on. May be called again to read
 * once more from the start. */
int sorter_begin(struct sorter *s, struct error *e);

/* 1, *P is valid until the next call; 0, the end; -1, ERROR_SYSTEM. */
int
sorter_next(struct sorter *s, const uint8_t **p, size_t *len, struct error *e);

#endif
