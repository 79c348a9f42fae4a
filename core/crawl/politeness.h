#ifndef CRAWL_POLITENESS_H
#define CRAWL_POLITENESS_H

#include <stddef.h>
#include <stdint.h>

#include "core/web/exchange.h"

struct buf;
struct robots_kept;
struct spool;
struct target;
struct url;

/*
 * What a host asks of us: its robots.txt (RFC 9309) and "come back later".
 * One host here is one origin (scheme, host, port).
 */

/* Our name in robots.txt; a part of our User-Agent. */
#define ROBOTS_PRODUCT "holdfast"

enum robots_policy { ROBOTS_OBEY, ROBOTS_WARN, ROBOTS_IGNORE };

const char *robots_policy_name(enum robots_policy p);
int robots_policy_find(const char *name, enum robots_policy *p);

enum host_robots {
	HOST_ROBOTS_UNKNOWN, /* to be fetched */
	HOST_ROBOTS_PENDING, /* under way; pages wait */
	HOST_ROBOTS_KNOWN,   /* rules, or none: all is allowed */
	HOST_ROBOTS_REFUSED  /* unreachable: nothing is allowed (2.3.1.4) */
};

struct host {
	struct host *next;
	char *origin; /* "https://english.example" */
	enum host_robots state;
	struct robots *robots; /* NULL: all allowed */
	char *reason;          /* REFUSED: why */
	enum outcome wall;     /* REFUSED: how its pages end */
	char *source;          /* of rules of an earlier run; "" */
	uint8_t *text;         /* rules got in this run */
	size_t text_len;
	int64_t max_age_s; /* said with them; -1 not */
	int is_home; /* a page was wanted of it: it gets the owner's secrets */
	int is_told; /* that it is left alone */
	struct host *heir;       /* one whose robots.txt is the same file */
	struct target **waiting; /* pages that wait for the rules */
	size_t waiting_count;
};

struct politeness;

struct politeness *politeness_new(enum robots_policy p, const char *product);
void politeness_free(struct politeness *p);
enum robots_policy politeness_policy(const struct politeness *p);

/* The host of URL; made when new. Borrowed. */
struct host *politeness_host(struct politeness *p, const struct url *url);

/* "ORIGIN/robots.txt", to be freed. */
char *host_robots_url(const struct host *h);

/* What came of fetching robots.txt (2.3.1): 2xx gives rules, 4xx allows all,
 * 5xx and silence refuse all. A page of a host that cannot be reached ends as
 * its robots.txt did. What we refuse ourselves says nothing: the page is left
 * to be refused for the same reason. */
void host_robots_answer(struct host *h, const struct exchange *x);

/* What is to be kept of an answer that told: 1; 0 nothing. Borrows from H and
 * X. */
int host_robots_kept(
    const struct host *h, const struct exchange *x, struct robots_kept *out);

/* Rules kept by an earlier run. */
void host_robots_use(struct host *h, const struct robots_kept *kept);

/* May the page at URL be fetched? 1 yes, 0 no. DECISION (for the record): the
 * rule that decided, appended. */
int politeness_allows(const struct politeness *p, const struct host *h,
    const struct url *url, struct buf *decision);

#endif
