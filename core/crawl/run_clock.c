/* Clocks that jump: noticed, told, and what they left behind put right. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/date.h"
#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/crawl/run_part.h"
#include "core/crawl/state.h"

#define SECOND_US INT64_C(1000000)
#define DAY_US    (86400 * SECOND_US)

enum {
	JUMP_S = 60,     /* within a run, against the other clock */
	BACK_S = 5 * 60, /* between two runs */
	QUEUE_DAYS = 2,  /* nothing waits longer for its next try */
	HOSTS_DAYS = 31, /* Retry-After is obeyed so far */
	WATCH_DAYS = 400 /* the longest step of the usual ladder, and more */
};

static void
tell_jump(const struct run *r, int64_t by_us)
{
	char *text = mem_format(
	    "the clock jumped by %+" PRId64 " s", by_us / SECOND_US);

	log_event(run_now_us(r), "clock-jump", "", text);
	free(text);
}

void
run_clock_look(struct run *r)
{
	int64_t wall = run_now_us(r);
	int64_t mono = run_now_ms(r);
	int64_t jump;

	if (r->wall_us != 0) {
		jump = (wall - r->wall_us) - (mono - r->mono_ms) * 1000;
		if (jump > JUMP_S * SECOND_US || jump < -JUMP_S * SECOND_US)
			tell_jump(r, jump);
	}
	r->wall_us = wall;
	r->mono_ms = mono;
}

static int64_t
last_us(struct db *db)
{
	return db_number(
	    db, "SELECT value FROM run_fact WHERE name = 'last'", 0);
}

static int
set_last(struct run *r, struct error *e)
{
	char *sql = mem_format("INSERT OR REPLACE INTO run_fact VALUES "
			       "('last', %" PRId64 ")",
	    run_now_us(r));
	int rc = db_run(state_db(r->state), sql, e);

	free(sql);
	return rc;
}

/* Due times further ahead than possible were set by a clock that was wrong:
 * due now. A table that is not there has none. */
static int
pull_back(struct run *r, const char *table, const char *column, int days,
    struct error *e)
{
	struct db *db = state_db(r->state);
	char *sql = mem_format("SELECT count(*) FROM pragma_table_info('%s') "
			       "WHERE name = '%s'",
	    table, column);
	int64_t now = run_now_us(r);
	int is_there = db_number(db, sql, 0) > 0;
	int rc = 0;

	free(sql);
	if (!is_there)
		return 0;
	sql = mem_format("UPDATE %s SET %s = %" PRId64 " WHERE %s > %" PRId64
			 " AND %s < %" PRId64,
	    table, column, now, column, now + days * DAY_US, column, INT64_MAX);
	rc = db_run(db, sql, e);
	free(sql);
	return rc;
}

int
run_clock_begin(struct run *r, struct error *e)
{
	int64_t now = run_now_us(r);
	int64_t last;

	last = last_us(state_db(r->state));
	run_clock_look(r);
	if (last <= now + BACK_S * SECOND_US)
		return set_last(r, e);
	tell_jump(r, now - last);
	if (state_begin(r->state, e) != 0)
		return -1;
	if (pull_back(r, "target", "due", QUEUE_DAYS, e) != 0 ||
	    pull_back(r, "source", "due", QUEUE_DAYS, e) != 0 ||
	    pull_back(r, "watched", "due", WATCH_DAYS, e) != 0 ||
	    pull_back(r, "watched", "step_due", WATCH_DAYS, e) != 0 ||
	    pull_back(r, "host_pause", "until_us", HOSTS_DAYS, e) != 0 ||
	    pull_back(r, "host_robots", "until_us", HOSTS_DAYS, e) != 0 ||
	    set_last(r, e) != 0) {
		state_fail(r->state);
		return -1;
	}
	return state_commit(r->state, e);
}

int
run_clock_end(struct run *r, struct error *e)
{
	run_clock_look(r);
	return set_last(r, e);
}
