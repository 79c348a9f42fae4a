#ifndef CRAWL_WATCH_PART_H
#define CRAWL_WATCH_PART_H

#include <stddef.h>
#include <stdint.h>

#include "core/crawl/watch.h"

struct arena;
struct buf;
struct db;
struct db_query;

/* Shared by the watch's parts; nothing else includes this. */

#define WATCH_SECOND_US INT64_C(1000000)
#define WATCH_MINUTE_US (60 * WATCH_SECOND_US)
#define WATCH_HOUR_US   (60 * WATCH_MINUTE_US)
#define WATCH_DAY_US    (24 * WATCH_HOUR_US)

/* An article and what was seen of it. Texts are never NULL. */
struct watched {
	int64_t number; /* 0: not kept yet */
	const char *url, *site, *host;
	const char *article_id, *post_id, *core, *modified;
	int64_t first_us, look_us; /* first and last looked at */
	int64_t ok_us;             /* when it answered last; 0 never */
	int64_t step;              /* of the ladder, that is waited for */
	int64_t waited_us;         /* its length */
	int64_t step_due_us;       /* its end; 0: the ladder is over */
	int64_t due_us;            /* the next look; 0 none */
	int64_t is_extra;          /* which is beside the ladder */
	int64_t nudged_us;         /* on Most Read */
	const char *doubt;         /* core seen once; "" none */
	int64_t doubt_us, doubt_count;
	int64_t is_seen; /* its first sight counted */
	int64_t gone;    /* sightings that it seems gone, with control */
	int64_t gone_first_us, gone_step;
	int64_t is_gone; /* confirmed */
	int64_t unknown; /* looks in a row that said nothing */
};

/* What O means for W, which is changed, and for the next look. CONTROL: an
 * other article of the host answered within the hour. */
enum watch_event watch_judge(struct watched *w, const struct ladder *l,
    const struct observation *o, int control);

/* Within the hour, once in a while. 1: DUE_US was changed; 0. */
int watch_judge_nudge(struct watched *w, int64_t now_us);
int watch_judge_listed(struct watched *w, int64_t now_us);

/* As after one look at FIRST_US and one at LAST_US and those in between. */
void watch_judge_past(struct watched *w, const struct ladder *l,
    int64_t first_us, int64_t last_us);

/* Does O show the article? (Not: it seems gone, or nothing is known.) */
int watch_is_good(const struct watched *w, const struct observation *o);

enum watch_statement {
	WATCH_BY_ADDRESS,
	WATCH_BY_ARTICLE,
	WATCH_PUT,
	WATCH_GET,
	WATCH_ADDRESS_PUT,
	WATCH_CONTROL,
	WATCH_CONTROL_OTHER,
	WATCH_CONTROL_WAKE,
	WATCH_OFFERS,
	WATCH_OFFERED,
	WATCH_STATEMENTS
};

struct watch {
	struct state *state;
	struct db *db;
	struct db_query *q[WATCH_STATEMENTS];
	struct arena *arena; /* of one call */
	struct buf *scratch;
	int64_t next; /* number of the next article */
	int is_clock_looked_at;
};

/* The article whose address is URL: 1; 0; -1. Texts live in W's arena. */
int watch_find(
    struct watch *w, const char *url, struct watched *out, struct error *e);

/* The same for an article met under another address. */
int watch_find_article(struct watch *w, const char *id, const char *site,
    struct watched *out, struct error *e);

/* Kept: a new one gets its number, and URL is its address. */
int watch_put(struct watch *w, struct watched *a, struct error *e);

#endif
