#ifndef CRAWL_SCOPE_H
#define CRAWL_SCOPE_H

#include <stdint.h>

#include "core/web/exchange.h"

struct buf;
struct error;
struct profile;
struct url;

/*
 * Which links are followed: scope, include and exclude, depth, and guards
 * against traps. Everything that is refused says why.
 */

enum scope_kind {
	SCOPE_PAGE,   /* nothing is followed */
	SCOPE_NEWS,   /* what the profile takes for articles (the usual one) */
	SCOPE_PREFIX, /* below the folder of a source */
	SCOPE_HOST,   /* on the hosts of the sources, aliases too */
	SCOPE_DOMAIN, /* on them and hosts below their domains */
	SCOPE_ANY
};

struct scope_options {
	enum scope_kind kind;
	const char *const *origins;    /* URLs of sources and seeds */
	const char *const *include;    /* POSIX extended, over the whole URL */
	const char *const *exclude;    /* wins over include */
	const struct profile *profile; /* NULL none */
	unsigned depth;                /* links from a source; 0: any */
	unsigned pattern_budget; /* URLs of one pattern a run; 0: a default */
	int64_t now_us;          /* for calendars; 0: no time is far from it */
};

struct scope;

/* ERROR_USAGE names the expression. All is copied but the profile. */
int
scope_new(struct scope **out, const struct scope_options *o, struct error *e);
void scope_free(struct scope *s);

/* May URL, found DEPTH links from a source, be wanted? 1; 0: *OUTCOME is
 * out-of-scope, blocked-scheme, url-too-long, trap or budget, and WHY
 * (appended) names rule and value: for traps the pattern
 * ("a.example/calendar/N/N", "a.example/list?page=&sort="). Counts what it
 * allows against the budgets, so it is to be asked once for a URL: those that
 * the queue knows already (queue_knows) need not be. */
int scope_allows(struct scope *s, const struct url *url, unsigned depth,
    enum outcome *outcome, struct buf *why);

/* A new run: budgets begin again, NOW_US is the time for calendars. */
void scope_reset(struct scope *s, int64_t now_us);

/* The pattern of a URL: host and path with UUIDs, runs of digits and of hex
 * digits (8 or more) as "N", names of parameters sorted, without values.
 * Appended. */
void scope_pattern(const struct url *url, struct buf *out);

#endif
