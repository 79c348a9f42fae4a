#ifndef WEB_FEED_PART_H
#define WEB_FEED_PART_H

#include "core/base/buf.h"
#include "core/web/feed.h"

/* Shared by the readers of the kinds of lists. */
struct feed_sink {
	const struct url *url;
	void (*each)(void *context, const struct feed_entry *f);
	void *context;
	struct feed_facts *facts;
	struct buf title;    /* tidied */
	uint64_t *seen;      /* hashes of alternates; open addressing */
	uint64_t alternates; /* handed out */
};

enum { FEED_SEEN_SLOTS = 32768 }; /* three times LIMIT_FEED_ALTERNATES */

/* An entry whose address is TEXT, against BASE. F->url and F->title are made
 * from TEXT and TITLE. */
void feed_add(struct feed_sink *s, const struct url *base,
    const struct buf *text, const struct buf *title, struct feed_entry f);

/* RSS, Atom, sitemaps. 0: P is none of them. */
int feed_read_xml(struct feed_sink *s, const struct buf *p);
int feed_read_json(struct feed_sink *s, const struct buf *p);
int feed_read_text(struct feed_sink *s, const struct buf *p);

/* RFC 822 and W3C-DTF as they are written: weekday, zone, seconds missing,
 * years of two digits, names of zones; without a zone: UTC. 1 / 0. */
int feed_date(const char *s, size_t len, int64_t *us);

#endif
