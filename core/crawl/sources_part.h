#ifndef CRAWL_SOURCES_PART_H
#define CRAWL_SOURCES_PART_H

#include "core/base/buf.h"
#include "core/crawl/links_seen.h"
#include "core/crawl/site.h"
#include "core/crawl/sources.h"
#include "core/web/url.h"

struct db;
struct db_query;

/* Shared by the files that sources.h is split into. */

enum {
	SOURCE_LEVELS = 3,     /* sitemaps of sitemaps of a source */
	SOURCE_CHILDREN = 100, /* of them read for a site in a run */
	SOURCE_FAILS = 3,      /* in a row, until a source is told of */
	SOURCE_GONE_FAILS = 8  /* a child that is not there is forgotten */
};

enum source_statement {
	SOURCE_FIND,
	SOURCE_PUT,
	SOURCE_DROP,
	SOURCE_DUE,
	SOURCE_EACH,
	FOUND_ADD,
	FOUND_SUM,
	FOUND_FIRST,
	FOUND_DROP,
	GOOD_LAST,
	OLD_FIND,
	OLD_PUT,
	OLD_DROP,
	SOURCE_STATEMENTS
};

/* Of a site in this run. */
struct source_tally {
	struct source_tally *next;
	char *site;
	size_t children;      /* that were read */
	int64_t last_good_us; /* look at any list before the run; 0 never */
	int was_looked;       /* a source was read */
};

struct sources {
	struct state *state;
	struct db *db;
	struct db_query *q[SOURCE_STATEMENTS];
	struct source_tally *tallies;
	struct links_seen seen;
};

/* One address that is looked at for others. */
struct source_row {
	struct buf url;
	struct buf root; /* as configured: of a pattern, a first page */
	enum source_kind kind;
	unsigned page;  /* fronts and feeds: from 1 */
	unsigned level; /* 0: configured; named by one of LEVEL - 1 */
	int is_guess;   /* a usual place: nothing is missed when it is none */
	int64_t changed_us; /* what its index says; INT64_MIN nothing */
	int64_t read_us;    /* what it said when this was read last */
	int64_t place;      /* order among the children, newest first */
	int64_t last_us;    /* looked at; 0 never */
	int64_t good_us;    /* the same, and it could be read */
	int64_t due_us;     /* LEVEL or PAGE > first; INT64_MAX not again */
	int64_t step_us;    /* LEVEL > 0: between two looks */
	uint64_t count;     /* what it had */
	uint64_t usual;     /* what it has usually, times USUAL_UNIT */
	uint64_t fails;     /* in a row */
};

enum { USUAL_UNIT = 64 };

void source_row_clear(struct source_row *r);

/* 1: R (cleared before) is filled; 0: there is none, R holds what is known of
 * a new one; -1. */
int source_row_find(struct sources *s, const char *site, const char *url,
    struct source_row *r, struct error *e);
int source_row_put(struct sources *s, const char *site,
    const struct source_row *r, struct error *e);

/* It is forgotten; named again it is new. */
int source_row_drop(struct sources *s, const char *site,
    const struct source_row *r, struct error *e);

/* NULL: out of order. */
struct source_tally *
source_tally(struct sources *s, const char *site, struct error *e);

/* The one of SITE that ROOT stands for; NULL: no more configured. */
const struct source *source_of(const struct site *site, const char *root);

/* R's address waits. 1; 0: it did already; -1. */
int source_enqueue(struct queue *q, const struct site *site,
    const struct source_row *r, const char *via, int rank, int64_t now_us,
    struct error *e);

/* Due children go into the queue, as many as the run has left. */
int source_enqueue_children(struct sources *s, struct queue *q,
    const struct site *site, int64_t now_us, struct error *e);

/* sources_names.c: addresses of patterns. */
int source_is_monthly(const char *url);
int source_is_robots(const char *url);

/* "{Y}" and "{M}" of MONTHS_BACK months before NOW_US, appended; *BEGIN_US and
 * *END_US bound it. */
void source_month_url(struct buf *out, const char *pattern, int64_t now_us,
    unsigned months_back, int64_t *begin_us, int64_t *end_us);

/* The beginning of the month that URL names ("/sitemap-2026-1.xml", "202601");
 * INT64_MIN none. */
int64_t source_month_of(const char *url);

/* Page N of a front: "{N}" or "?page=N" behind the first one's. */
void source_page_url(struct buf *out, const char *pattern, unsigned n);

/* As the queue knows it: normalized, without fragment; "" when it is none. */
void source_normalize(struct buf *out, const char *text);

/* Numbers in them compare as numbers. */
int source_compare_names(const char *a, const char *b);

/* sources_judge.c: what is unusual about a look. */
/* COUNT is had now: R's usual number follows, alarms are raised. */
int source_judge(const struct finding_place *p, struct source_row *r,
    const struct page_end *end, uint64_t count, struct error *e);
int source_judge_failure(const struct finding_place *p, struct source_row *r,
    const struct page_end *end, struct error *e);

/* ADDED new pages of the site. */
int source_count_new(struct sources *s, const struct finding_place *p,
    uint64_t added, struct error *e);

/* One end of a page under way. */
struct finding {
	/* Entries of the list that were left out as old: hashes, those of
	 * the look before sorted. */
	uint64_t *old_before, *old_now;
	size_t old_before_count, old_now_count, old_now_cap;
	int64_t month_us; /* the list is that of a month; INT64_MIN none */
	struct sources *s;
	const struct finding_place *p;
	const struct page_end *end;
	struct source_row row; /* of a source */
	const struct source *source;
	struct url url; /* of the page that names */
	const char *hops;
	unsigned depth;   /* of what it names */
	int64_t since_us; /* entries of sitemaps before it are old */
	uint64_t had;     /* pages named that are wanted, or were */
	uint64_t added;
	uint64_t nudged;
	int is_first_look;
	const char *next; /* rel=next, or of a feed; NULL none */
	struct error *e;
};

/* sources_old.c: is URL, which says it is old, one that was left out before?
 * It is noted for the next look. A list that claims so of what it names for the
 * first time is not believed. */
int finding_old_begin(struct finding *f);
int finding_was_old(struct finding *f, const char *url);
int finding_old_end(struct finding *f);

/* sources_follow.c: hosts; lists that a list names; further pages. */
int finding_same_host(const struct url *a, const struct url *b);
int finding_is_site_host(const struct site *site, const struct url *url);
void finding_refuse(const struct finding *f, const char *url,
    enum outcome outcome, const char *why);
int
finding_add_list(struct finding *f, const struct page_link *l, int64_t place);
int finding_add_guesses(struct finding *f);
int finding_add_further_pages(struct finding *f);

/* When a child is due again: when its index says that it changed; when that
 * says nothing, soon after there was something new and later otherwise. One
 * that fails is asked for less and less often. */
void finding_plan_child(struct finding *f, int was_good);

#endif
