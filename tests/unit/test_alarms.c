/* Alarms: told when they begin, once a day, and when they end. */
#include "core/crawl/alarms.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/collection/layout.h"
#include "core/crawl/state.h"
#include "tests/test.h"

#define HOUR_US  (3600 * INT64_C(1000000))
#define START_US (INT64_C(1795336067) * 1000000)

struct bench {
	struct collection *collection;
	struct state *state;
	struct alarms *alarms;
	struct buf told;
};

/* DIR: a collection of its own for each case. */
static void
open_bench(struct bench *b, const char *dir)
{
	struct collection_facts facts = {
		.id = "urn:uuid:00000000-0000-4000-8000-000000000000",
		.prefix = "t",
		.now_us = START_US,
	};
	struct error e = { 0 };

	CHECK(collection_create(dir, &facts, &e) == 0);
	CHECK(collection_open(&b->collection, dir, &e) == 0);
	CHECK(collection_lock(b->collection, &e) == 0);
	CHECK(state_open(&b->state, b->collection, clock_system(), NULL, &e) ==
	      0);
}

static void
close_bench(struct bench *b)
{
	state_close(b->state);
	collection_free(b->collection);
	buf_clear(&b->told);
}

static void
tell(void *context, enum alarm_when when, const char *key, const char *text)
{
	struct bench *b = context;

	buf_format(&b->told, "%s %s: %s\n", alarm_when_name(when), key, text);
}

/* One run, H hours after the first: raises KEY, or clears it. */
static const char *
run_at(struct bench *b, int64_t h, const char *raise, const char *clear,
    const char *scope)
{
	struct error e = { 0 };

	buf_reset(&b->told);
	CHECK(
	    alarms_open(&b->alarms, b->state, START_US + h * HOUR_US, &e) == 0);
	if (raise != NULL)
		CHECK(alarms_raise(b->alarms, raise, "it is so", &e) == 0);
	if (clear != NULL)
		alarms_clear(b->alarms, clear);
	CHECK(alarms_settle(b->alarms, scope, tell, b, &e) == 0);
	alarms_close(b->alarms);
	return buf_text(&b->told);
}

CASE(an_alarm_is_told_when_it_begins_daily_and_when_it_ends)
{
	struct bench b = { 0 };

	open_bench(&b, "told");
	CHECK_TEXT(run_at(&b, 0, "front-empty a", NULL, ""),
	    "begins front-empty a: it is so (since 2026-11-22T08:27:47Z, "
	    "1 time)\n");
	for (int h = 1; h < 24; h++)
		CHECK_TEXT(run_at(&b, h, "front-empty a", NULL, ""), "");
	CHECK_TEXT(run_at(&b, 24, "front-empty a", NULL, ""),
	    "lasts front-empty a: it is so (since 2026-11-22T08:27:47Z, "
	    "25 times)\n");
	CHECK_TEXT(run_at(&b, 47, "front-empty a", NULL, ""), "");
	CHECK_TEXT(run_at(&b, 48, NULL, NULL, ""),
	    "ends front-empty a: it is so (since 2026-11-22T08:27:47Z, "
	    "26 times)\n");
	CHECK_TEXT(run_at(&b, 49, NULL, NULL, ""), "");
	close_bench(&b);
}

CASE(an_alarm_that_a_run_could_not_judge_goes_on)
{
	struct bench b = { 0 };

	open_bench(&b, "judged");
	(void)run_at(&b, 0, "front-empty a", NULL, "");
	CHECK_TEXT(run_at(&b, 1, NULL, NULL, NULL), "");
	CHECK_TEXT(run_at(&b, 2, NULL, "front-empty b", NULL), "");
	CHECK_TEXT(run_at(&b, 3, NULL, NULL, "disk"), "");
	CHECK_TEXT(run_at(&b, 4, NULL, "front-empty a", NULL),
	    "ends front-empty a: it is so (since 2026-11-22T08:27:47Z, "
	    "1 time)\n");
	close_bench(&b);
}

/* A host that nothing leads to any more, a setting that is gone. */
CASE(an_alarm_that_nobody_can_judge_any_more_ends)
{
	struct bench b = { 0 };

	open_bench(&b, "unjudged");
	(void)run_at(&b, 0, "challenge a", NULL, NULL);
	CHECK_TEXT(run_at(&b, 24 * 31, NULL, NULL, NULL), "");
	CHECK_TEXT(run_at(&b, 24 * 31 + 1, NULL, NULL, NULL),
	    "ends challenge a: it is so (since 2026-11-22T08:27:47Z, "
	    "1 time)\n");
	close_bench(&b);
}

CASE(what_is_raised_and_cleared_in_one_run_is_so)
{
	struct bench b = { 0 };

	open_bench(&b, "both");
	(void)run_at(&b, 0, "disk-full", "disk-full", NULL);
	CHECK_TEXT(buf_text(&b.told),
	    "begins disk-full: it is so (since 2026-11-22T08:27:47Z, 1 "
	    "time)\n");
	close_bench(&b);
}

CASE(two_sites_do_not_share_an_alarm)
{
	struct bench b = { 0 };
	struct error e = { 0 };

	open_bench(&b, "scopes");
	CHECK(alarms_open(&b.alarms, b.state, START_US, &e) == 0);
	alarms_scope(b.alarms, "one ");
	CHECK(alarms_raise(b.alarms, "drift", "x", &e) == 0);
	alarms_scope(b.alarms, "two ");
	alarms_clear(b.alarms, "drift");
	CHECK(!alarms_is_raised(b.alarms, "drift"));
	CHECK(alarms_settle(b.alarms, NULL, tell, &b, &e) == 0);
	alarms_close(b.alarms);
	CHECK_TEXT(buf_text(&b.told),
	    "begins one drift: x (since 2026-11-22T08:27:47Z, 1 time)\n");
	close_bench(&b);
}

CASE(a_clock_set_back_does_not_silence_an_alarm)
{
	struct bench b = { 0 };

	open_bench(&b, "back");
	(void)run_at(&b, 24 * 365, "disk-full", NULL, NULL);
	CHECK_TEXT(run_at(&b, 0, "disk-full", NULL, NULL),
	    "lasts disk-full: it is so (since 2026-11-22T08:27:47Z, 2 "
	    "times)\n");
	CHECK_TEXT(run_at(&b, 1, "disk-full", NULL, NULL), "");
	close_bench(&b);
}

TESTS(T(an_alarm_is_told_when_it_begins_daily_and_when_it_ends),
    T(an_alarm_that_a_run_could_not_judge_goes_on),
    T(an_alarm_that_nobody_can_judge_any_more_ends),
    T(what_is_raised_and_cleared_in_one_run_is_so),
    T(two_sites_do_not_share_an_alarm),
    T(a_clock_set_back_does_not_silence_an_alarm))
