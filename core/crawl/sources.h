#ifndef CRAWL_SOURCES_H
#define CRAWL_SOURCES_H

#include <stddef.h>
#include <stdint.h>

#include "core/web/feed.h"

struct alarms;
struct arena;
struct error;
struct page_end;
struct queue;
struct scope;
struct site;
struct state;
struct watch;

/*
 * Discovery: the fronts, feeds and sitemaps of a site, when they are due, and
 * what follows from what they held. Their addresses go through the queue like
 * pages (WANTED_FRONT, WANTED_LIST); what was found on them is added to the
 * queue in the transaction that ends them.
 */
struct sources;

int sources_open(struct sources **out, struct state *s, struct error *e);
void sources_close(struct sources *s);

/* Those of SITE that are due go into the queue. The count; -1. */
int sources_enqueue(struct sources *s, struct queue *q, const struct site *site,
    int64_t now_us, struct error *e);

struct finding_place {
	struct queue *queue;
	struct scope *scope;
	struct watch *watch; /* Most Read nudges; NULL none */
	struct alarms *alarms;
	const struct site *site;
	int64_t now_us;
	/* Told of every URL that is not taken, with its outcome and why. */
	void (*refused)(void *context, const char *url, const char *via,
	    int outcome, const char *why);
	void *context;
};

/*
 * A source, or a page whose links are followed, has ended: what it names goes
 * into the queue. Ranks, depth, pagination, sitemaps of an index (those of
 * which something is new, newest first), windows by lastmod, entries of other
 * hosts (out of scope) are decided here. A source that has none of what it
 * usually has raises an alarm ("front-empty URL", "feed-empty URL",
 * "sitemap-empty URL"). *NEW_PAGES counts what was added.
 */
int sources_found(struct sources *s, const struct finding_place *p,
    const struct page_end *end, uint64_t *new_pages, struct error *e);

/* At the end of a site's turn: "nothing-new SITE" is raised when fewer new
 * pages than the profile's min_new turned up in its time, else cleared; nothing
 * when no source could be read. */
int sources_judge(
    struct sources *s, const struct finding_place *p, struct error *e);

/* Is something missing when the source URL has nothing: is it one that SITE
 * still has? Else nobody will look at it again. 1 / 0 / -1. */
int sources_expects(struct sources *s, const struct site *site, const char *url,
    int64_t now_us, struct error *e);

/* For status: sources, when each was looked at last and what it had. */
int sources_each(struct sources *s, const char *site,
    int (*each)(void *context, const char *url, const char *kind,
	int64_t last_us, int64_t due_us, uint64_t last_count,
	uint64_t usual_count),
    void *context, struct error *e);

#endif
