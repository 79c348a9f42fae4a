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
struct hosts;
struct json;
struct left_out;
struct originals;
struct profile_set;
struct zygote;

/*
 * Pages and everything they show, from wanted URLs to a sealed snapshot: what
 * the verbs capture and run do. Where pages come from and what follows from
 * them is the caller's: links to other pages are handed out, not followed.
 */

enum wanted_kind {
	WANTED_PAGE,
	WANTED_FRONT, /* a page of links: its own requisites are fetched, too */
	WANTED_LIST   /* feed or sitemap: its entries are handed out */
};

/* A page wanted by the caller. */
struct wanted {
	const char *url; /* absolute, as typed or found */
	enum wanted_kind kind;
	const char *via, *hops; /* how it was found; "" */
	const char *links;      /* of fronts: selector; "" every link */
	int64_t number;         /* the caller's, handed back */
	int is_recapture; /* ask whether it changed, and keep a revisit if not */
};

/* A link of a page, or an entry of a list. */
struct page_link {
	const char *url;
	const char *title;  /* of lists; "" */
	int64_t changed_us; /* of lists; INT64_MIN none */
	int is_list, is_news, is_alternate, is_next; /* is_next: rel=next */
};

/* What became of a wanted page; all of it is durable. Valid for the call. */
struct page_end {
	int64_t number;
	enum wanted_kind kind;
	const char *requested;  /* normalized */
	const char *url;        /* after redirects */
	const char *via, *hops; /* as wanted */
	enum outcome outcome;
	unsigned status;
	const char *reason;
	const char *record_id; /* of the response or revisit; "" */
	int64_t captured_us;
	int64_t again_us;       /* not 0: nothing was asked, because the host is
	    to be left alone or its robots.txt cannot be had: not before */
	int64_t took_ms;        /* the page's own exchange */
	int is_complete;        /* no required image is missing */
	const char *profile;    /* key; "" */
	const char *extraction; /* "" none, "ok", "degraded", "failed",
	    "not-article" */
	const struct json *article;   /* NULL none */
	const struct json *pagestate; /* NULL none */
	int list_kind;                /* enum feed_kind of WANTED_LIST */
	const struct page_link *links;
	size_t link_count;
	uint64_t more_links;       /* over the limit */
	struct left_out *left_out; /* where links go that are not followed */
};

/* Which pictures of a page are fetched. */
enum images_policy {
	IMAGES_ALL,  /* every candidate */
	IMAGES_BEST, /* of several sizes the largest, and what is shown */
	IMAGES_NONE
};

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
	const char *resume; /* name of an open snapshot to go on with; NULL */
	int park;           /* leave it open at the end, for another run */
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
	/* The next wanted page: 1, borrowed until the next call; 0, none now:
	 * asked again when a page has ended and after *WAIT_MS at the latest;
	 * -1, none any more. -2: ERROR_SYSTEM. */
	int (*next)(void *context, struct wanted *out, int64_t *wait_ms,
	    struct error *e);
	/* A page has ended; NULL: nobody asks, and links are not collected.
	 * Non-zero: ERROR_SYSTEM, the capture ends. */
	int (*ended)(
	    void *context, const struct page_end *end, struct error *e);
	/* A seed that is no URL, or one met before. */
	void (*bad_seed)(void *context, const char *seed, const char *why);
	void (*progress)(void *context, const struct capture_progress *p);
	/* Something an operator should read: OBJECT first, then why. */
	void (*warn)(void *context, const char *object, const char *text);
	void *context;
	volatile sig_atomic_t *stop; /* set by a signal: seal and end */
	struct hosts *hosts;         /* NULL: of this run alone */
	struct originals *originals; /* NULL: no revisits */
	int64_t wait_ms;             /* pause between requests to a host */
	int64_t max_time_ms;         /* end after so long; 0: never */
	uint64_t max_bytes; /* end when so much is in the snapshot; 0 */
	enum images_policy images;
};

struct capture_result {
	char *snapshot; /* absolute directory; "" when nothing was kept, or it
	    is left open */
	int parked;     /* left open; TOTALS are not known then */
	struct snapshot_totals totals;
	uint64_t seeds, seeds_good, seeds_bad_url;
	uint64_t seeds_network, seeds_tls, seeds_auth, seeds_protocol;
	uint64_t incomplete; /* pages with a required image missing */
	uint64_t truncated, not_tried;
	uint64_t revisits, not_modified;
	int rate_limited, stopped, disk_full, time_up, size_up;
};

/* 0: sealed (or nothing to seal); -1: ERROR_SYSTEM or ERROR_USAGE; what was
 * acknowledged is kept for recovery. */
int capture_run(const struct capture_options *o, struct capture_result *result,
    struct error *e);
void capture_result_clear(struct capture_result *r);

/* What the snapshot says of how the run ended: "complete", "signal" ... */
const char *capture_status(const struct capture_result *r);

/* The exit code that fits (DESIGN, 9). */
int capture_exit_code(const struct capture_result *r);

#endif
