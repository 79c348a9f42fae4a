#ifndef CRAWL_RUN_H
#define CRAWL_RUN_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "core/crawl/alarms.h"
#include "core/crawl/capture.h"

struct clock;
struct collection;
struct config;
struct error;
struct profile_set;
struct zygote;

/*
 * One pass over the sites that a collection watches: what is due is fetched,
 * what follows from it is remembered in state/run.sqlite, and each site leaves
 * a sealed snapshot, or none when nothing was due. Made to be called again and
 * again by cron, to be cut off at any point, and to say nothing when all is
 * well.
 */

/* Where a run stands. */
struct run_progress {
	const char *site, *url;
	uint64_t done, queued, failed; /* pages */
	uint64_t files, bytes;
	int64_t elapsed_ms;
	int64_t left_ms; /* -1 not known */
};

/* A link that was not followed: how many, and why. */
struct run_refusal {
	enum outcome outcome;
	char *why;
	uint64_t count;
};

/* What became of one site. */
struct run_site {
	const char *name;
	struct capture_result capture; /* snapshot "": none was sealed */
	int is_parked;                 /* its snapshot stays open */
	uint64_t sources, recaptures;  /* that were due */
	uint64_t pages, found; /* pages that ended; URLs new to the queue */
	uint64_t first_seen, changed, suspected, disappeared, back;
	uint64_t put_back, waiting;
	uint64_t articles, extraction_failed;
	struct run_refusal *refusals;
	size_t refusal_count;
	uint64_t refused; /* all, in their sum */
	int code;         /* exit code for this site alone */
};

struct run_options {
	struct collection *collection; /* locked, not recovered */
	const struct config *config;
	struct zygote *zygote;
	const struct profile_set *profiles;
	struct clock *clock;
	const char *const *sites; /* names; NULL: all of the file */
	/* A URL given by hand, borrowed until the next call; NULL at the end;
	 * NULL: there are none. They go to the site whose hosts they are on,
	 * else to the first of SITES. */
	const char *(*given)(void *context);
	void *given_context;
	volatile sig_atomic_t *stop; /* seal and end */
	volatile sig_atomic_t *show; /* write the status into the log */
	int64_t max_time_ms;         /* for the whole run; 0: no end */
	uint64_t max_bytes;
	void (*warn)(void *context, const char *object, const char *text);
	void (*progress)(void *context, const struct run_progress *p);
	void (*alarm)(void *context, enum alarm_when when, const char *key,
	    const char *text);
	void (*site_ended)(void *context, const struct run_site *s);
	void *context;
};

/* *CODE is the exit code (DESIGN, 9). -1: the run ended early; what was
 * acknowledged is kept, and *CODE is set from E. */
int run_sites(const struct run_options *o, int *code, struct error *e);

/* Of two exit codes the one that is to be told (DESIGN, 9). */
int run_worse_code(int a, int b);

/* "3 done, 2 queued, 0 failed, 14 files, 0.2 MB, 1.0 MB/s, 20 s left  URL";
 * to be freed. */
char *run_progress_text(const struct run_progress *p);

#endif
