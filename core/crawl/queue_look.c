/* The lasting frontier looked over, and tidied at the start of a run. */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/db.h"
#include "core/crawl/queue.h"
#include "core/crawl/queue_part.h"
#include "core/crawl/state.h"

/* Rows of "via" that nobody needs any more are looked for when so many were
 * added, and as many again as were left the last time. */
enum { VIA_SPARE = 10000 };

/* Where no target came from any more. */
static int
via_clean(struct queue *q, struct error *e)
{
	int64_t last = db_number(q->db, "SELECT max(number) FROM via", 0);
	int64_t before = db_number(q->db, "SELECT last FROM tidied", 0);
	int64_t kept = db_number(q->db, "SELECT kept FROM tidied", 0);

	if (last - before <= kept + VIA_SPARE)
		return 0;
	return db_run(q->db,
	    "DELETE FROM via WHERE number <> (SELECT max(number) FROM via)"
	    " AND number NOT IN (SELECT via FROM target);"
	    "DELETE FROM tidied;"
	    "INSERT INTO tidied SELECT max(number), count(*) FROM via",
	    e);
}

int
queue_release(struct queue *q, struct error *e)
{
	int rc;

	if (state_begin(q->state, e) != 0)
		return -1;
	rc = db_run(q->db,
	    "UPDATE target INDEXED BY held SET taken = 0 WHERE taken = 1", e);
	if (rc == 0)
		rc = via_clean(q, e);
	return state_end(q->state, rc, e);
}

/* COUNT of the targets of a site, of both kinds; ?1 site, ?2 until. */
static uint64_t
count_waiting(struct queue *q, int64_t site, int64_t until_us)
{
	struct db_query *count = db_prepare(q->db,
	    "SELECT (SELECT count(*) FROM target INDEXED BY ready"
	    "  WHERE taken = 0 AND site = ?1 AND due <= ?2) +"
	    " (SELECT count(*) FROM target INDEXED BY held"
	    "  WHERE taken = 1 AND site = ?1 AND due <= ?2)",
	    NULL);
	int64_t n = 0;

	if (count == NULL)
		return 0;
	db_bind_int(count, 1, site);
	db_bind_int(count, 2, until_us);
	(void)queue_one_number(count, &n, NULL);
	db_finish(count);
	return (uint64_t)n;
}

/* The next site behind AT that anything waits for: its number; 0 none. */
static int64_t
next_site(struct queue *q, int64_t at)
{
	struct db_query *next = db_prepare(q->db,
	    "SELECT ifnull(min(site), 0) FROM (SELECT min(site) AS site"
	    " FROM target INDEXED BY ready WHERE taken = 0 AND site > ?1"
	    " UNION ALL SELECT min(site) FROM target INDEXED BY held"
	    " WHERE taken = 1 AND site > ?1)",
	    NULL);
	int64_t site = 0;

	if (next == NULL)
		return 0;
	db_bind_int(next, 1, at);
	(void)queue_one_number(next, &site, NULL);
	db_finish(next);
	return site;
}

uint64_t
queue_waiting(struct queue *q, const char *site, int64_t until_us)
{
	uint64_t count = 0;
	int64_t number = 0;

	if (site[0] != '\0')
		return queue_name_find(q, site, &number, NULL) == 1
			   ? count_waiting(q, number, until_us)
			   : 0;
	while ((number = next_site(q, number)) > 0)
		count += count_waiting(q, number, until_us);
	return count;
}

int
queue_each(struct queue *q, const char *site,
    int (*each)(void *context, const struct queued *t), void *context,
    struct error *e)
{
	/* Numbers are sorted, and texts got when they are wanted. */
	struct db_query *all = db_prepare(q->db,
	    "SELECT number FROM target WHERE ?1 = '' OR site ="
	    " (SELECT name.number FROM name WHERE text = ?1)"
	    " ORDER BY rank, due, number",
	    e);
	struct db_query *get = q->q[TARGET_GET];
	struct arena *a = arena_new();
	int more = -1;

	if (all != NULL) {
		db_bind_text(all, 1, site);
		while ((more = db_next(all, e)) == 1) {
			struct queued t;

			db_bind_int(get, 1, db_int(all, 0));
			more = db_next(get, e);
			if (more != 1)
				break;
			arena_reset(a);
			queue_read_row(get, a, &t);
			db_reset(get);
			more = 0;
			if (each(context, &t) != 0)
				break;
		}
	}
	db_finish(all);
	arena_free(a);
	return more;
}

uint64_t
queue_orphans(struct queue *q, const char *const *names)
{
	uint64_t count = 0;
	int64_t site = 0;

	while ((site = next_site(q, site)) > 0) {
		int is_named = 0;

		for (size_t i = 0; names[i] != NULL && !is_named; i++) {
			int64_t number = 0;

			is_named = queue_name_find(
				       q, names[i], &number, NULL) == 1 &&
				   number == site;
		}
		if (!is_named)
			count += count_waiting(q, site, INT64_MAX);
	}
	return count;
}
