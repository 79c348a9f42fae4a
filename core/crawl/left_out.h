#ifndef CRAWL_LEFT_OUT_H
#define CRAWL_LEFT_OUT_H

#include <stdint.h>

#include "core/web/exchange.h"

struct frontier;
struct snapshot;

/*
 * Links that were found and are not followed: out of scope, traps, over a
 * budget. They get their outcomes at the end of a run, so that one that is
 * wanted after all (as a picture, from another page) has that outcome.
 */
struct left_out;

enum { LEFT_OUT_MAX = 20000 }; /* of a run; the rest is counted */

struct left_out *left_out_new(void);
void left_out_free(struct left_out *l); /* NULL is fine */

/* URL, found on VIA; the first time counts. All is copied. */
void left_out_add(struct left_out *l, const char *url, const char *via,
    enum outcome outcome, const char *why);

/* Outcomes into S of those that F knows nothing of. The last ticket, 0 none;
 * *MORE were over the bound. */
uint64_t left_out_put(const struct left_out *l, const struct frontier *f,
    struct snapshot *s, uint64_t *more);

#endif
