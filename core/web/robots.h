#ifndef WEB_ROBOTS_H
#define WEB_ROBOTS_H

#include <stddef.h>
#include <stdint.h>

/* robots.txt by RFC 9309; at most LIMIT_ROBOTS_BYTES are read. */
struct robots;

struct robots *robots_parse(const uint8_t *p, size_t len);
void robots_free(struct robots *r);

/* PRODUCT is our product token, TARGET path and query of the URL. 1 allowed,
 * 0 refused; *LINE (or NULL) the line that decided, 0 for none. */
int robots_allowed(const struct robots *r, const char *product,
    const char *target, unsigned *line);

/* Crawl-delay in ms of the group that applies; -1 none. */
int64_t robots_delay_ms(const struct robots *r, const char *product);

#endif
