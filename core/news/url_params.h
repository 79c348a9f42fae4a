#ifndef NEWS_URL_PARAMS_H
#define NEWS_URL_PARAMS_H

#include <stddef.h>

struct arena;

/*
 * Query parameters of an absolute address, by name; a name that ends in "*"
 * stands for all that begin so. Nothing is decoded, order is kept, a query
 * left empty goes with its "?". Results are in the arena.
 */

const char *url_params_drop(
    struct arena *a, const char *url, const char *const *names, size_t count);
const char *url_params_keep(
    struct arena *a, const char *url, const char *const *names, size_t count);

/* The value of the first parameter of that name; NULL none. */
const char *url_params_get(struct arena *a, const char *url, const char *name);

#endif
