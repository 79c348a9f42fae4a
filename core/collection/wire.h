#ifndef COLLECTION_WIRE_H
#define COLLECTION_WIRE_H

#include "core/web/exchange.h"

struct arena;
struct record;

/* What records say of how an exchange crossed the wire (DESIGN, 7). */

/* Who sent it and how: address, protocols, cipher. */
void wire_fields(struct arena *a, struct record *to, const struct exchange *x);

/* Would deflating the response not be worth it? 1 / 0. */
int wire_is_stored(const struct exchange *x);

/* The target of a redirect, absolute, in the arena; "" when there is none. */
const char *wire_redirect(struct arena *a, const struct exchange *x);

/* As in WARC-Truncated; NULL when it is whole. */
const char *wire_truncation(enum truncation t);

#endif
