#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/*
 * Memory that is always there: when the system has none left, the process
 * ends with one line on stderr (exit 3). Inputs are bounded before they get
 * here and an unfinished run is resumable. Free with free().
 */

void *mem_alloc(size_t size);              /* not cleared */
void *mem_zero(size_t count, size_t size); /* cleared; checks the product */
void *mem_grow(void *p, size_t count, size_t size); /* realloc, checked */
void *mem_dup(const void *p, size_t len);
char *mem_text(const char *s);               /* strdup */
char *mem_text_n(const char *s, size_t len); /* LEN bytes and a NUL */

/* Formatted text of any length. */
char *mem_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
