#ifndef CRAWL_WATCH_H
#define CRAWL_WATCH_H

#include <stddef.h>
#include <stdint.h>

#include "core/web/exchange.h"

struct arena;
struct collection;
struct error;
struct queue;
struct state;

/*
 * Articles that are looked at again: when, and what became of them. Default
 * steps after first sight: 15 min, 45 min, 2 h, 6 h, 24 h, 3 d, 7 d, 30 d,
 * 90 d, 365 d; a change begins again at half the step it was found in;
 * "modified" moved without a change, or a place on Most Read, once more within
 * the hour. Everything here can be had again from the snapshots.
 */
struct watch;

int watch_open(struct watch **out, struct state *s, struct error *e);
void watch_close(struct watch *w);

/* "15m 45m 2h 6h 24h 3d 7d 30d 90d 365d", "15m x 8, 1h x 24, 1d x 30" or
 * "none": steps in ms after the one before, at most LADDER_MAX. -1:
 * ERROR_USAGE. */
enum { LADDER_MAX = 256 };
struct ladder {
	int64_t steps[LADDER_MAX];
	size_t count;
};
int ladder_parse(struct ladder *l, const char *text, struct error *e);
extern const char ladder_default[];

/* How an article was met. */
enum sighting {
	SIGHT_ARTICLE, /* read: CORE and MODIFIED are its own */
	SIGHT_SAME,    /* 304, or the same bytes: as before */
	SIGHT_MOVED,   /* leads to another article of the same post id */
	SIGHT_AWAY,    /* leads to a front or section page */
	SIGHT_MISSING, /* 404 */
	SIGHT_GONE,    /* 410 */
	SIGHT_LEGAL,   /* 451 */
	SIGHT_NOT_ONE, /* 200, but no article (soft 404) */
	SIGHT_UNKNOWN  /* challenge, 5xx, network: says nothing about it */
};

struct observation {
	const char *url; /* the article's address: what is fetched again */
	const char *site;
	const char *article_id; /* "" when it was not read */
	const char *post_id;    /* "" */
	const char *core;       /* hash; "" */
	const char *modified;   /* as printed; "" */
	enum sighting sighting;
	enum outcome outcome;
	int64_t at_us;
	int64_t control_us; /* another article of the host answered 200 then;
	    0: none within the hour */
	int is_pending;     /* half of its blocks are missing, or its quality is
	    not ok: to be looked at again in 2 minutes before it counts */
};

enum watch_event {
	EVENT_NONE,
	EVENT_FIRST,       /* first sight */
	EVENT_CHANGED,     /* another core */
	EVENT_TOUCHED,     /* modified moved, core did not */
	EVENT_DOUBTFUL,    /* looked at again before it counts */
	EVENT_SUSPECTED,   /* seems gone */
	EVENT_DISAPPEARED, /* confirmed: 3 sightings over 24 h, with control */
	EVENT_BACK         /* is there again */
};

/*
 * What it means, and when the next look is due by L. Within the caller's
 * transaction; *DUE_US 0: no more. -1 (ERROR_INPUT: URL is none; nothing is
 * undone).
 *
 * Late looks do not add up: a step begins where the one before was to end.
 * Halved steps are a quarter of an hour at least (or the smallest step). What
 * says nothing is tried again after 10 min, then less often. What seems gone
 * is looked at again after 2 h and after a day; each sighting counts that has
 * a control, and without one another article of the host is made due at once.
 * What is gone is looked at after 7, 30, 90 and 365 days. Met under another
 * address (ARTICLE_ID), an article is one: its first address decides.
 */
int watch_observe(struct watch *w, const struct ladder *l,
    const struct observation *o, enum watch_event *event, int64_t *due_us,
    struct error *e);

/* On Most Read: once more within the hour. */
int
watch_nudge(struct watch *w, const char *url, int64_t now_us, struct error *e);

/* A front or feed names it: one that is held for gone seems to be back, and is
 * looked at within the hour. */
int
watch_listed(struct watch *w, const char *url, int64_t now_us, struct error *e);

/* Those of SITE that are due go into the queue, at most LIMIT. The count. */
int64_t watch_enqueue(struct watch *w, struct queue *q, const char *site,
    int64_t now_us, size_t limit, struct error *e);

/* Is URL, or another spelling of the same article, watched? 1 / 0 / -1. */
int watch_knows(struct watch *w, const char *url, struct error *e);

/* The latest time at which an article of HOST answered 200; 0 none. */
int64_t watch_control(struct watch *w, const char *host);

/* For status: due until then; suspected and confirmed disappearances. */
struct watch_counts {
	uint64_t watched, due, suspected, disappeared;
};
int watch_count(struct watch *w, const char *site, int64_t until_us,
    struct watch_counts *out, struct error *e);

/* Fill an empty one from the articles of the collection (catalog, else
 * articles.jsonl): URL, core, last capture; the step follows from the time
 * between first and last capture. SITE_OF gives the section for a URL, NULL:
 * none watches it. */
int watch_rebuild(struct watch *w, const struct collection *c,
    const char *(*site_of)(void *context, const char *url), void *context,
    const struct ladder *l, struct error *e);

#endif
