#ifndef CRAWL_TRAP_H
#define CRAWL_TRAP_H

#include <stdint.h>

#include "core/web/exchange.h"

struct buf;
struct url;

/*
 * Guards against sites without end: paths that repeat themselves, calendars,
 * parameters in ever new combinations, session ids, and a budget for every
 * pattern. Part of scope.h.
 */
struct traps;

enum {
	TRAP_SEGMENTS = 20,       /* of a path */
	TRAP_SAME_SEGMENT = 3,    /* of them the same */
	TRAP_CYCLES = 2,          /* "/a/b/a/b": the same segments in a row */
	TRAP_PARAMETERS = 16,     /* of a URL */
	TRAP_PARAMETER_SETS = 24, /* names used together with one path */
	TRAP_DAYS_AHEAD = 366,
	TRAP_YEAR_FIRST = 1990, /* before it no list of a day is looked at */
	TRAP_CALENDAR = 64,     /* lists of days, months of one pattern a run */
	TRAP_BUDGET = 20000     /* URLs of one pattern a run */
};

struct traps *traps_new(unsigned budget, int64_t now_us);
void traps_free(struct traps *t); /* NULL is fine */
void traps_reset(struct traps *t, int64_t now_us);

/* 1, and counted; 0: *OUTCOME is trap or budget, WHY is appended. */
int traps_allow(struct traps *t, const struct url *url, enum outcome *outcome,
    struct buf *why);

#endif
