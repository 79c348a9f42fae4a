#ifndef WEB_OUTCOME_H
#define WEB_OUTCOME_H

#include "core/web/exchange.h"
#include "core/web/receive.h"

struct http_reader;

/* What a status says (DESIGN, 8), with the fields that decide beside it. */
enum outcome outcome_of_status(const struct http_reader *h);

/*
 * Set outcome and reason of X, whose status, truncation and response are
 * set. LIMIT is which limit or patience ended it, for RECEIVE_LATE and own
 * limits.
 */
void outcome_conclude(struct exchange *x, const struct http_reader *h,
    enum receive_end end, const char *limit);

#endif
