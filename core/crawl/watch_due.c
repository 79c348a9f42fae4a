/* Articles that are looked at again: which are due. */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/crawl/queue.h"
#include "core/crawl/state.h"
#include "core/crawl/watch_part.h"

/* A minute early is still in time; what nothing came of (the queue was lost,
 * its page was refused) is offered again. */
#define EARLY_US WATCH_MINUTE_US
#define LEASE_US (6 * WATCH_HOUR_US)

static int
hear(struct watch *w, const char *url, int64_t now_us,
    int (*judge)(struct watched *, int64_t), struct error *e)
{
	struct watched a;
	int rc;

	arena_reset(w->arena);
	rc = watch_find(w, url, &a, e);
	if (rc != 1 || !judge(&a, now_us))
		return rc < 0 ? -1 : 0;
	if (state_begin(w->state, e) != 0)
		return -1;
	return state_end(w->state, watch_put(w, &a, e), e);
}

int
watch_nudge(struct watch *w, const char *url, int64_t now_us, struct error *e)
{
	return hear(w, url, now_us, watch_judge_nudge, e);
}

int
watch_listed(struct watch *w, const char *url, int64_t now_us, struct error *e)
{
	return hear(w, url, now_us, watch_judge_listed, e);
}

/* The clock went back: looks that lie ahead of it tell nothing of when the
 * next one is due. */
static int
mend_clock(struct watch *w, int64_t now_us, struct error *e)
{
	struct db_query *q;
	int rc;

	if (w->is_clock_looked_at)
		return 0;
	w->is_clock_looked_at = 1;
	q = db_prepare(w->db,
	    "UPDATE watched SET look = ?1, ok = min(ok, ?1), due = ?1,"
	    " offer = ?1, is_extra = 0,"
	    " step_due = CASE step_due WHEN 0 THEN 0 ELSE ?1 END"
	    " WHERE look > ?2 AND due > 0",
	    e);
	if (q == NULL)
		return -1;
	db_bind_int(q, 1, now_us);
	db_bind_int(q, 2, now_us + WATCH_HOUR_US);
	rc = db_next(q, e);
	db_finish(q);
	return rc;
}

struct offer {
	int64_t number;
	const char *url;
};

/* At most LIMIT that are due, in W's arena. */
static int
read_offers(struct watch *w, const char *site, int64_t now_us, size_t limit,
    struct offer **out, size_t *count, struct error *e)
{
	struct db_query *q = w->q[WATCH_OFFERS];
	size_t cap = 0;
	int more;

	*count = 0;
	*out = NULL;
	db_bind_text(q, 1, site);
	db_bind_int(q, 2, now_us + EARLY_US);
	db_bind_int(q, 3, now_us);
	db_bind_int(q, 4, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
	while ((more = db_next(q, e)) == 1) {
		if (*count == cap) {
			struct offer *old = *out;

			cap = cap == 0 ? 64 : 2 * cap;
			*out = arena_alloc(w->arena, cap * sizeof(**out));
			if (*count > 0)
				memcpy(*out, old, *count * sizeof(**out));
		}
		(*out)[*count].number = db_int(q, 0);
		(*out)[(*count)++].url = arena_text(w->arena, db_text(q, 1));
	}
	return more;
}

static int64_t
enqueue(struct watch *w, struct queue *q, const char *site, int64_t now_us,
    size_t limit, struct error *e)
{
	struct db_query *offered = w->q[WATCH_OFFERED];
	struct offer *offers;
	size_t count;
	int64_t added = 0;

	if (mend_clock(w, now_us, e) != 0 ||
	    read_offers(w, site, now_us, limit, &offers, &count, e) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct queued t = { .url = offers[i].url,
			.site = site,
			.via = "",
			.hops = "",
			.kind = WANTED_PAGE,
			.rank = RANK_WATCH,
			.due_us = now_us };
		int new = queue_add_again(q, &t, e);

		if (new < 0)
			return -1;
		added += new;
		db_bind_int(offered, 1, offers[i].number);
		db_bind_int(offered, 2, now_us + LEASE_US);
		if (db_next(offered, e) != 0)
			return -1;
	}
	return added;
}

int64_t
watch_enqueue(struct watch *w, struct queue *q, const char *site,
    int64_t now_us, size_t limit, struct error *e)
{
	int64_t added;

	arena_reset(w->arena);
	if (state_begin(w->state, e) != 0)
		return -1;
	added = enqueue(w, q, site, now_us, limit, e);
	return state_end(w->state, added < 0 ? -1 : 0, e) == 0 ? added : -1;
}

int
watch_count(struct watch *w, const char *site, int64_t until_us,
    struct watch_counts *out, struct error *e)
{
	struct db_query *q = db_prepare(w->db,
	    "SELECT count(*), sum(due > 0 AND due <= ?2),"
	    " sum(gone > 0 AND NOT is_gone), sum(is_gone > 0) FROM watched"
	    " WHERE ?1 = '' OR site = ?1",
	    e);
	int more;

	*out = (struct watch_counts){ .watched = 0 };
	if (q == NULL)
		return -1;
	db_bind_text(q, 1, site);
	db_bind_int(q, 2, until_us);
	more = db_next(q, e);
	if (more == 1)
		*out = (struct watch_counts){
			.watched = (uint64_t)db_int(q, 0),
			.due = (uint64_t)db_int(q, 1),
			.suspected = (uint64_t)db_int(q, 2),
			.disappeared = (uint64_t)db_int(q, 3),
		};
	db_finish(q);
	return more < 0 ? -1 : 0;
}
