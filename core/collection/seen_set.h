#ifndef COLLECTION_SEEN_SET_H
#define COLLECTION_SEEN_SET_H

#include <stdint.h>

struct error;

/*
 * A set of any number of texts, each with a number, in bounded memory: the
 * first SEEN_SET_MEMORY entries as a target_set holds them, more of them in an
 * unnamed file. Nothing is ever taken out or changed.
 */
struct seen_set;

enum { SEEN_SET_MEMORY = 32 * 1024 };

/* The file goes to DIR (copied; NULL: the directory for temporary files),
 * which is touched only when there is one. */
struct seen_set *seen_set_new(const char *dir);
void seen_set_free(struct seen_set *s); /* NULL is fine */

/* 1, TEXT is new and has VALUE now; 0, it was there and *WAS (may be NULL) is
 * its number; -1, ERROR_SYSTEM. */
int seen_set_add(struct seen_set *s, const char *text, uint64_t value,
    uint64_t *was, struct error *e);

#endif
