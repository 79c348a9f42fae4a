#ifndef CRAWL_CAPTURE_H
#define CRAWL_CAPTURE_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "core/collection/snapshot.h"
#include "core/crawl/politeness.h"

struct clock;
struct collection;
struct error;
struct fetch_options;
struct profile_set;
struct zygote;

/*
 * The verb capture: pages and everything they show, from a list of URLs to a
 * sealed snapshot. Links to other pages are not followed.
 */

struct capture_progress {
	uint64_t pages, targets, bytes, failed;
	const char *url; /* the last one that ended */
};

struct capture_options {
	struct collection *collection; /* locked, recovered */
	struct zygote *zygote;
	const struct profile_set *profiles;
	struct clock *clock;
	const struct fetch_options *fetch;
	const char
	    *site; /* for the snapshot's name: a profile's key or "web" */
	enum robots_policy robots;
	int media; /* fetch video and audio too */
	int add_sha1;
	uint64_t min_free; /* bytes; 0: LIMIT_FREE_BYTES */
	uint64_t max_body; /* 0: by kind */
	uint64_t segment_bytes;
	const char *operator;    /* "" not set */
	const char *contact;     /* "" not set */
	const char *trust_store; /* what certificates are checked against */
	/* The next seed: absolute URL as typed, NULL at the end. Borrowed until
	 * the next call. */
	const char *(*next_seed)(void *context);
	/* A seed that is no URL, or one met before. */
	void (*bad_seed)(void *context, const char *seed, const char *why);
	void (*progress)(void *context, const struct capture_progress *p);
	/* Something an operator should read: OBJECT first, then why. */
	void (*warn)(void *context, const char *object, const char *text);
	void *context;
	volatile sig_atomic_t *stop; /* set by a signal: seal and end */
};

struct capture_result {
	char *snapshot; /* absolute directory; "" when nothing was kept */
	struct snapshot_totals totals;
	uint64_t seeds, seeds_good, seeds_bad_url;
	uint64_t seeds_network, seeds_tls, seeds_auth, seeds_protocol;
	uint64_t incomplete; /* pages with a required image missing */
	uint64_t truncated, not_tried;
	int rate_limited, stopped, disk_full;
};

/* 0: sealed (or nothing to seal); -1: ERROR_SYSTEM or ERROR_USAGE; what was
 * acknowledged is kept for recovery. */
int capture_run(const struct capture_options *o, struct capture_result *result,
    struct error *e);
void capture_result_clear(struct capture_result *r);

/* The exit code that fits (DESIGN, 9). */
int capture_exit_code(const struct capture_result *r);

#endif
