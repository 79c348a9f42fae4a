#ifndef CRAWL_FRONTIER_H
#define CRAWL_FRONTIER_H

#include <stddef.h>
#include <stdint.h>

struct earlier;
struct host;
struct job;

/*
 * What is to be fetched, and what was: every URL of a run is new once, then
 * pending, then done. Done ones cost 16 bytes (a cut SHA-256), so that a run
 * of many URLs stays small.
 */

enum need { NEED_PAGE, NEED_ROBOTS, NEED_STYLESHEET, NEED_IMAGE, NEED_OTHER };

/* A wanted URL with why, depth and who waits for it. */
struct target {
	char *url;
	char *via;    /* "" for a seed */
	char *hops;   /* hopsFromSeed */
	char *where;  /* "img@srcset"; "" */
	char *robots; /* what robots.txt decided; "" */
	enum need need;
	int is_fresh;            /* not to be had from a run that was cut off */
	int is_recalled;         /* had from there */
	int is_recapture;        /* of a page: ask whether it changed */
	struct earlier *earlier; /* what is known of it (revisits.c); NULL */
	unsigned redirects;      /* hops of redirection that led here */
	struct job **waiting;    /* page jobs that need it */
	size_t waiting_count;
	struct host *robots_of; /* NEED_ROBOTS: whose robots.txt this is */
	struct target *next;    /* in a bucket, or in a host's queue */
};

struct frontier;

struct frontier *frontier_new(void);
void frontier_free(struct frontier *f);

enum frontier_state { FRONTIER_NEW, FRONTIER_PENDING, FRONTIER_DONE };

/* Where URL stands; *OUT is its target when pending. */
enum frontier_state
frontier_find(const struct frontier *f, const char *url, struct target **out);

/*
 * Under which spelling URL is fetched in this run: that of the first that was
 * added or passed and is one target with it (web/url_identity.h); URL itself
 * when there was none. To be asked before frontier_find, but not where a
 * server leads from one spelling to another: that is followed to the letter.
 * Valid until the next call.
 */
const char *frontier_spelling(struct frontier *f, const char *url);

/* A new URL becomes pending; texts are copied. The frontier's. */
struct target *frontier_add(struct frontier *f, const char *url, enum need need,
    const struct target *parent, const char *hop, const char *where);

/* Seen and done without ever being pending. */
void frontier_pass(struct frontier *f, const char *url);

/* J waits for T. 1; 0: it does already. */
int target_wait(struct target *t, struct job *j);

/* A pending target is done; it is freed. */
void frontier_done(struct frontier *f, struct target *t);
size_t frontier_pending(const struct frontier *f);

/* Any pending target, NULL when there is none: for winding up. */
struct target *frontier_any(const struct frontier *f);

const char *need_name(enum need n);

#endif
