#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

/*
 * Memory that lives and dies together: one arena per page, per record, per
 * article. Nothing in it is freed alone. Everything handed out is valid until
 * arena_reset or arena_free.
 */
struct arena;

struct arena *arena_new(void);
struct arena *arena_new_small(void); /* for many that hold little each */
void arena_free(struct arena *a);
void arena_reset(struct arena *a);               /* keeps one block */
void *arena_alloc(struct arena *a, size_t size); /* cleared, 16-aligned */
void *arena_dup(struct arena *a, const void *p, size_t len);
char *arena_text(struct arena *a, const char *s);
char *arena_text_n(struct arena *a, const char *s, size_t len);
char *arena_format(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
size_t arena_size(const struct arena *a); /* bytes handed out */

#endif
