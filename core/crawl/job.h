#ifndef CRAWL_JOB_H
#define CRAWL_JOB_H

#include <stddef.h>
#include <stdint.h>

#include "core/crawl/capture.h"
#include "core/web/exchange.h"
#include "core/web/links.h"

struct arena;
struct error;
struct json;
struct profile;
struct snapshot;
struct worker;

/*
 * One page being captured, from its seed to its completeness: what it needs,
 * what its article says, and in the end the binding of both to records.
 */

enum job_state {
	JOB_FETCHING,   /* robots.txt and the page itself, by redirects */
	JOB_HARVESTING, /* a worker looks for links, or reads a list */
	JOB_PICKING,    /* a worker applies a front's selector */
	JOB_READING,    /* a worker reads the article */
	JOB_WAITING,    /* requisites are under way */
	JOB_SETTLING,   /* all is there; the disk is waited for */
	JOB_TELLING,    /* and so it is for what was read of it */
	JOB_DONE
};

/* One thing the page needs. */
struct candidate {
	const char *url;
	enum link_kind kind;
	const char *where;
	int required; /* an image of the article body */
};

struct job {
	struct job *next;
	struct arena *arena;
	enum job_state state;
	struct wanted wanted;   /* its texts live in ARENA */
	const char *seed;       /* the URL wanted, normalized */
	int is_known;           /* fetched before it was wanted: only told */
	const char **redirects; /* hops before URL; NULL-terminated */
	size_t redirect_count;
	const char *url;               /* the page's own, after redirects */
	const struct profile *profile; /* NULL: none for this host */
	unsigned status;
	int64_t started_us;
	int64_t took_ms;
	int64_t again_us;    /* nothing was asked; when it may be; 0 */
	const char *same_as; /* why there is no article: the reason then */
	int is_same;         /* its payload is that of an earlier capture */
	int is_whole;        /* and nothing need be looked for in it again */
	int is_cut;          /* its end is missing: no version of an article */
	const char *payload_digest;
	struct worker *worker;
	int payload_fd; /* -1 when closed */
	struct candidate *candidates;
	size_t candidate_count, candidate_cap;
	uint32_t *slots;         /* by URL: place in CANDIDATES, from 1 */
	uint64_t more_links;     /* over the limit, not looked at */
	struct page_link *links; /* pages it points to, entries of a list */
	size_t link_count, link_cap;
	int list_kind;         /* enum feed_kind */
	size_t pending;        /* targets without an outcome */
	uint64_t ticket;       /* highest one it depends on */
	struct captured *page; /* how it ended, once it is settled */
	int is_complete;
	const char *extraction; /* "" none, "ok", "degraded", "failed",
	    "not-article" */
	const char *reason;     /* why not ok */
	struct json *article;   /* NULL none */
	struct json *pagestate;
	struct json *images; /* of the reading: array */
};

struct job *job_new(const char *seed, const struct wanted *w);
void job_free(struct job *j);

/* Note a hop of redirection; the page's URL is now TO. */
void job_redirect(struct job *j, const char *to);

/* Add a candidate, each URL once; one met again may become required. 1 when
 * it is new. */
int job_need(struct job *j, const char *url, enum link_kind kind,
    const char *where, int required);

/* Note a link; texts are copied. */
void job_link(struct job *j, const struct page_link *l);

/* Take the reading (canonical JSON of reader_read). 0 / -1: not one. */
int
job_take_reading(struct job *j, const char *text, size_t len, struct error *e);

/* It says what an earlier one said; only its images count. */
void job_forget_reading(struct job *j);

/* Completeness and derived records of a settled job go to S. Returns 1 when
 * complete, 0 when a required image is missing. *PAGE is what is known of the
 * page itself, *TICKET that of the last put. */
int job_settle(
    struct job *j, struct snapshot *s, struct captured *page, uint64_t *ticket);

#endif
