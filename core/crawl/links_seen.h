#ifndef CRAWL_LINKS_SEEN_H
#define CRAWL_LINKS_SEEN_H

struct site;

/* Links met lately that name pages of a site which the queue knows: most pages
 * of a site repeat the same ones, and what is known stays so. Embedded: start
 * with {0}, end with links_seen_clear. */
struct links_seen {
	struct seen_link *places; /* NULL until something is kept */
};

void links_seen_clear(struct links_seen *s);

/* URL as it was written, of a page of SITE. 1 / 0. */
int links_seen_has(
    const struct links_seen *s, const struct site *site, const char *url);

/* Another one may go for it. */
void
links_seen_add(struct links_seen *s, const struct site *site, const char *url);

#endif
