#ifndef CRAWL_QUEUE_H
#define CRAWL_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "core/crawl/capture.h"

struct arena;
struct error;
struct state;

/*
 * The lasting frontier: which pages were ever wanted, and which still are, in
 * state/run.sqlite. A URL is new once; then it waits until an outcome ends it.
 * What it needs (images ...) belongs to the run that fetches it and is held in
 * memory (frontier.h). Any number of URLs in bounded memory; texts are kept
 * only of waiting ones.
 */
struct queue;

/* Lower goes first. */
enum queue_rank {
	RANK_SOURCE = 0,  /* fronts, feeds, sitemaps */
	RANK_NEWS = 10,   /* found on one of them, or given by hand */
	RANK_WATCH = 20,  /* looked at again (watch.h) */
	RANK_LINK = 30,   /* found in a page */
	RANK_ARCHIVE = 40 /* of a sitemap, older than the window of news */
};

/* A page that waits. */
struct queued {
	int64_t number;
	const char *url;
	const char *site; /* name of its section */
	const char *via, *hops;
	enum wanted_kind kind;
	int rank;
	unsigned depth; /* links from a source or seed */
	unsigned tries; /* that ended without an answer */
	int64_t due_us; /* not before */
	int is_taken;   /* handed out, and no outcome yet */
};

int queue_open(struct queue **out, struct state *s, struct error *e);
void queue_close(struct queue *q); /* NULL is fine */

/* A URL never wanted before waits from now on: 1. 0: known already. -1
 * (ERROR_INPUT: it is no URL). Within the caller's transaction, if there is
 * one. Known: under any spelling that is one target (web/url_identity.h); the
 * one that waits is the one found first. */
int queue_add(struct queue *q, const struct queued *t, struct error *e);

/* The same for one that may be known: wanted again, once (0: it waits
 * already; its rank and due time become the lower ones). */
int queue_add_again(struct queue *q, const struct queued *t, struct error *e);

/* It was had without this queue (a new one is being filled from snapshots): it
 * is known from now on, and does not wait. 1; 0: known already; -1. */
int queue_pass(struct queue *q, const char *url, struct error *e);

/* Was it ever wanted? 1 / 0 / -1. */
int queue_knows(struct queue *q, const char *url, struct error *e);

/* The next one of SITE by rank, due time, number whose host is not in SHUN (a
 * NULL-terminated list of "host", any port, or "host:port"; NULL none); taken
 * from now on. Texts live in A. 1; 0, none is due: *DUE_US is when the next
 * will be (INT64_MAX never); -1. */
int queue_take(struct queue *q, struct arena *a, const char *site,
    int64_t now_us, const char *const *shun, struct queued *out,
    int64_t *due_us, struct error *e);

/* It ended, with an outcome; or it is to wait until DUE_US with one try more
 * (COUNT_TRY), or as before. */
int queue_done(struct queue *q, int64_t number, struct error *e);
int queue_put_back(struct queue *q, int64_t number, int64_t due_us,
    int count_try, struct error *e);

/* After a crash: what was taken and has no outcome waits again. */
int queue_release(struct queue *q, struct error *e);

/* For status, with those that are taken. SITE "": of all. EACH returns 0 to go
 * on and may change nothing. Ordered as they will be taken. */
uint64_t queue_waiting(struct queue *q, const char *site, int64_t until_us);
int queue_each(struct queue *q, const char *site,
    int (*each)(void *context, const struct queued *t), void *context,
    struct error *e);

/* Those of sites not in NAMES (removed from the configuration): counted, left
 * as they are. */
uint64_t queue_orphans(struct queue *q, const char *const *names);

/* For tests: keys go to their table in batches of COUNT. */
void queue_set_batch(struct queue *q, size_t count);

#endif
