#ifndef WEB_FEED_H
#define WEB_FEED_H

#include <stddef.h>
#include <stdint.h>

struct url;

/*
 * Lists of pages: RSS 0.9 to 2.0 and RDF, Atom, JSON Feed, sitemaps and their
 * indexes (with the news, image and hreflang extensions), plain lists of URLs,
 * and robots.txt for the sitemaps that it names (an index of them).
 * Read by our own tokenizer: linear, no entities but the five of XML and
 * numbers, no DTD, nothing fetched. gzip inside (sitemap.xml.gz), even twice,
 * is undone within the usual limits.
 */

enum feed_kind {
	FEED_NONE, /* not a list: HTML, empty, something else */
	FEED_RSS,
	FEED_ATOM,
	FEED_JSON,
	FEED_SITEMAP,
	FEED_SITEMAP_INDEX,
	FEED_TEXT
};

const char *feed_kind_name(enum feed_kind k);

struct feed_entry {
	const char *url;    /* absolute, ASCII, without fragment */
	const char *title;  /* "" */
	int64_t changed_us; /* lastmod, pubDate, updated; INT64_MIN none */
	int is_list;        /* a sitemap of an index; a next page (RFC 5005) */
	int is_news;        /* of a news sitemap */
	int is_alternate;   /* another language's page (hreflang) */
};

struct feed_facts {
	enum feed_kind kind;
	uint64_t entries;  /* handed out */
	uint64_t rejected; /* no URL that can be fetched, or other limits */
	uint64_t more;     /* over FEED_ENTRIES, LIMIT_FEED_ALTERNATES */
	int is_cut;        /* ends in the middle, or over LIMIT_FEED_BYTES */
};

enum { FEED_ENTRIES = 50000 }; /* alternates have a limit of their own */

/* P is the payload, content coding removed. URL is where it came from. EACH
 * gets every entry in order; valid for the call. */
void feed_read(const uint8_t *p, size_t len, const struct url *url,
    void (*each)(void *context, const struct feed_entry *f), void *context,
    struct feed_facts *facts);

#endif
