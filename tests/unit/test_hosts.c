/* What hosts asked of us: pauses, delays, robots.txt, over runs. */
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/date.h"
#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/crawl/hosts.h"
#include "core/crawl/state.h"
#include "core/web/exchange.h"
#include "tests/test.h"

#define SECOND 1000000ll
#define HOUR   (3600 * SECOND)
#define DAY    (24 * HOUR)
/* 2026-11-22T08:00:00Z */
#define START 1795334400000000ll

/* The state as these tests want it: one database, without a collection. */
struct state {
	struct db *db;
};

struct db *
state_db(struct state *s)
{
	return s->db;
}

struct invented {
	struct clock clock;
	int64_t now_us;
};

static int64_t
invented_wall(struct clock *c)
{
	return ((struct invented *)(void *)c)->now_us;
}

static int64_t
invented_mono(struct clock *c)
{
	return invented_wall(c) / 1000;
}

/* Hosts over the database in this directory, and a clock. */
struct bench {
	struct invented time;
	struct state state;
	struct hosts *hosts;
};

static void
bench_open(struct bench *b)
{
	struct error e = { 0 };

	CHECK_OK(db_open(&b->state.db, "run.sqlite", DB_WRITE, &e), &e);
	CHECK_OK(hosts_open(&b->hosts, &b->state, &b->time.clock, &e), &e);
}

static void
bench_close(struct bench *b)
{
	hosts_close(b->hosts);
	db_close(b->state.db);
}

static void
bench_init(struct bench *b)
{
	*b = (struct bench){ .time = {
				 { invented_wall, invented_mono }, START } };
	(void)remove("run.sqlite");
	bench_open(b);
}

/* The next run, LATER. */
static void
next_run(struct bench *b, int64_t later_us)
{
	bench_close(b);
	b->time.now_us += later_us;
	bench_open(b);
}

static const char *const host = "english.example";

static int
learn_more(struct bench *b, enum outcome outcome, unsigned status,
    const char *retry_after, int64_t took_ms)
{
	struct exchange *x = exchange_new();
	struct error e = { 0 };
	int rc;

	x->outcome = outcome;
	x->status = status;
	x->duration_ms = took_ms;
	free(x->retry_after);
	x->retry_after = mem_text(retry_after);
	rc = hosts_learn(b->hosts, host, x, &e);
	CHECK_OK(rc, &e);
	exchange_free(x);
	return rc;
}

static int
learn(struct bench *b, enum outcome outcome, unsigned status)
{
	return learn_more(b, outcome, status, "", 100);
}

/* Seconds for which the host is still left alone. */
static int64_t
left_s(struct bench *b)
{
	int64_t until = hosts_until_us(b->hosts, host, NULL);

	return until == 0 ? 0 : (until - b->time.now_us) / SECOND;
}

CASE(a_host_waits_as_long_as_it_asks_for)
{
	static const struct {
		unsigned status;
		const char *retry_after;
		int64_t wait_s;
	} table[] = {
		{ 429, "120", 120 },
		{ 503, "3600", 3600 },
		{ 429, "0", 1 },
		{ 429, "86400", 86400 },
		{ 429, "86401", 86400 },
		{ 503, "99999999999999999999999", 86400 },
		{ 503, "Sun, 22 Nov 2026 08:30:00 GMT", 1800 },
		{ 503, "Sunday, 22-Nov-26 08:30:00 GMT", 1800 },
		{ 503, "Sun Nov 22 08:30:00 2026", 1800 },
		{ 429, "Sun, 22 Nov 2026 07:59:00 GMT", 1 },
		{ 429, "Fri, 31 Dec 2060 23:59:59 GMT", 86400 },
		/* Not understood: as if it had said nothing. */
		{ 429, "", 60 },
		{ 503, "", 60 },
		{ 429, "soon", 60 },
		{ 429, "-5", 60 },
		{ 429, "1.5", 60 },
		{ 429, "10 minutes", 60 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench b;

		bench_init(&b);
		CHECK_INT(left_s(&b), 0);
		CHECK_INT(learn_more(&b,
			      table[i].status == 429 ? OUTCOME_RATE_LIMITED
						     : OUTCOME_SERVER_ERROR,
			      table[i].status, table[i].retry_after, 100),
		    1);
		if (left_s(&b) != table[i].wait_s)
			printf("# Retry-After: %s\n", table[i].retry_after);
		CHECK_INT(left_s(&b), table[i].wait_s);
		bench_close(&b);
	}
}

CASE(a_pause_and_its_reason_outlive_the_run)
{
	struct bench b;
	struct buf why = { 0 };

	bench_init(&b);
	(void)learn_more(&b, OUTCOME_RATE_LIMITED, 429, "3600", 100);
	next_run(&b, 1800 * SECOND);
	CHECK(hosts_until_us(b.hosts, host, &why) == START + HOUR);
	CHECK_TEXT(buf_text(&why),
	    "the host answered 429 and asked to wait 3600 s at "
	    "2026-11-22T08:00:00Z and is left alone until "
	    "2026-11-22T09:00:00Z");
	CHECK_INT(hosts_until_us(b.hosts, "other.example", NULL), 0);
	next_run(&b, 1800 * SECOND);
	CHECK_INT(left_s(&b), 0);
	bench_close(&b);
	buf_clear(&why);
}

CASE(without_a_word_the_pause_doubles_up_to_a_day)
{
	static const int64_t pauses[] = { 60, 120, 240, 480, 960, 1920, 3840,
		7680, 15360, 30720, 61440, 86400, 86400 };
	struct bench b;

	bench_init(&b);
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		CHECK_INT(learn(&b, OUTCOME_CHALLENGE, 403), 1);
		CHECK_INT(left_s(&b), pauses[i]);
		next_run(&b, pauses[i] * SECOND);
		CHECK_INT(left_s(&b), 0);
	}
	/* A good answer ends the series, in this run and the next. */
	CHECK_INT(learn(&b, OUTCOME_CAPTURED, 200), 0);
	next_run(&b, SECOND);
	CHECK_INT(learn(&b, OUTCOME_RATE_LIMITED, 429), 1);
	CHECK_INT(left_s(&b), 60);
	bench_close(&b);
}

CASE(what_was_under_way_is_no_second_strike)
{
	struct bench b;

	bench_init(&b);
	CHECK_INT(learn(&b, OUTCOME_RATE_LIMITED, 429), 1);
	CHECK_INT(learn(&b, OUTCOME_RATE_LIMITED, 429), 0);
	CHECK_INT(learn(&b, OUTCOME_CHALLENGE, 403), 0);
	CHECK_INT(learn(&b, OUTCOME_CAPTURED, 200), 0);
	CHECK_INT(left_s(&b), 60);
	/* But a longer wish counts, and a shorter one does not. */
	CHECK_INT(learn_more(&b, OUTCOME_RATE_LIMITED, 429, "600", 1), 1);
	CHECK_INT(learn_more(&b, OUTCOME_RATE_LIMITED, 429, "5", 1), 1);
	CHECK_INT(left_s(&b), 600);
	b.time.now_us += 600 * SECOND;
	CHECK_INT(learn(&b, OUTCOME_RATE_LIMITED, 429), 1);
	CHECK_INT(left_s(&b), 120);
	bench_close(&b);
}

CASE(refusals_count_only_in_a_row)
{
	struct bench b;

	bench_init(&b);
	for (int i = 0; i < 20; i++) {
		for (int j = 0; j < 4; j++)
			CHECK_INT(learn(&b, OUTCOME_FORBIDDEN, 403), 0);
		CHECK_INT(
		    learn(&b, i % 2 == 0 ? OUTCOME_NOT_FOUND : OUTCOME_CAPTURED,
			i % 2 == 0 ? 404 : 200),
		    0);
	}
	for (int j = 0; j < 4; j++)
		CHECK_INT(learn(&b, OUTCOME_FORBIDDEN, 403), 0);
	CHECK_INT(learn(&b, OUTCOME_FORBIDDEN, 403), 1);
	CHECK_INT(left_s(&b), 60);
	/* After the pause one more is enough. */
	next_run(&b, 60 * SECOND);
	CHECK_INT(learn(&b, OUTCOME_FORBIDDEN, 403), 1);
	CHECK_INT(left_s(&b), 120);
	bench_close(&b);
}

/* Also after a pause, when one page's 403 would do. */
CASE(pictures_that_are_refused_say_little_of_the_host)
{
	struct exchange *x = exchange_new();
	struct error e = { 0 };
	struct bench b;

	bench_init(&b);
	x->outcome = OUTCOME_FORBIDDEN;
	x->status = 403;
	for (int round = 0; round < 2; round++) {
		for (int i = 1; i < 25; i++)
			CHECK_INT(hosts_learn_part(b.hosts, host, x, &e), 0);
		CHECK_INT(hosts_learn_part(b.hosts, host, x, &e), 1);
		CHECK_INT(left_s(&b), round == 0 ? 60 : 120);
		next_run(&b, 121 * SECOND);
	}
	CHECK_INT(learn(&b, OUTCOME_CAPTURED, 200), 0);
	for (int i = 0; i < 100; i++) {
		CHECK_INT(hosts_learn_part(b.hosts, host, x, &e), 0);
		if (i % 20 == 0)
			CHECK_INT(learn(&b, OUTCOME_CAPTURED, 200), 0);
	}
	x->outcome = OUTCOME_CHALLENGE;
	CHECK_INT(hosts_learn_part(b.hosts, host, x, &e), 1);
	exchange_free(x);
	bench_close(&b);
}

CASE(a_host_that_is_down_is_asked_again_within_the_hour)
{
	static const enum outcome ways[] = { OUTCOME_DNS, OUTCOME_CONNECT,
		OUTCOME_TIMEOUT, OUTCOME_SERVER_ERROR };
	struct bench b;

	bench_init(&b);
	for (int i = 0; i < 9; i++)
		CHECK_INT(learn(&b, ways[i % 4],
			      ways[i % 4] == OUTCOME_SERVER_ERROR ? 502 : 0),
		    0);
	CHECK_INT(learn(&b, OUTCOME_CONNECT, 0), 1);
	CHECK_INT(left_s(&b), 60);
	for (int i = 0; i < 12; i++) {
		next_run(&b, DAY);
		CHECK_INT(learn(&b, OUTCOME_CONNECT, 0), 1);
	}
	CHECK_INT(left_s(&b), LIMIT_SILENCE_S);
	bench_close(&b);
}

CASE(what_says_nothing_of_the_host_changes_nothing)
{
	static const enum outcome silent[] = { OUTCOME_NOT_TRIED,
		OUTCOME_BLOCKED_ADDRESS, OUTCOME_BLOCKED_ROBOTS,
		OUTCOME_PROTOCOL_ERROR, OUTCOME_CLIENT_ERROR,
		OUTCOME_AUTH_REQUIRED, OUTCOME_TRUNCATED_LENGTH,
		OUTCOME_TLS_INVALID };
	struct bench b;

	bench_init(&b);
	for (int i = 0; i < 160; i++)
		CHECK_INT(learn(&b, silent[i % 8], 0), 0);
	CHECK_INT(left_s(&b), 0);
	bench_close(&b);
}

CASE(a_profile_may_ask_for_a_longer_pause)
{
	struct bench b;
	struct error e = { 0 };

	bench_init(&b);
	CHECK_INT(learn(&b, OUTCOME_CHALLENGE, 403), 1);
	CHECK_OK(hosts_pause(b.hosts, host, 6 * 3600 * 1000ll, "x", &e), &e);
	CHECK_INT(left_s(&b), 6 * 3600);
	CHECK_OK(hosts_pause(b.hosts, host, 1000, "x", &e), &e);
	CHECK_INT(left_s(&b), 6 * 3600);
	CHECK_OK(hosts_pause(b.hosts, host, 48 * 3600 * 1000ll, "x", &e), &e);
	CHECK_INT(left_s(&b), LIMIT_RETRY_AFTER_S);
	bench_close(&b);
}

CASE(no_jump_of_the_clock_makes_a_pause_longer)
{
	struct bench b;

	/* Set back by years in the middle of a pause. */
	bench_init(&b);
	(void)learn_more(&b, OUTCOME_RATE_LIMITED, 429, "3600", 1);
	next_run(&b, -2000 * DAY);
	CHECK_INT(left_s(&b), 3600);
	next_run(&b, 3600 * SECOND);
	CHECK(left_s(&b) <= 3600);
	bench_close(&b);

	/* A pause that is written down as longer than any may be. */
	bench_init(&b);
	(void)learn_more(&b, OUTCOME_RATE_LIMITED, 429, "3600", 1);
	CHECK(db_run(b.state.db,
		  "UPDATE host_pause SET until_us = until_us * 2", NULL) == 0);
	next_run(&b, 0);
	CHECK_INT(left_s(&b), LIMIT_RETRY_AFTER_S);
	bench_close(&b);

	/* Set forward: over. */
	bench_init(&b);
	(void)learn_more(&b, OUTCOME_RATE_LIMITED, 429, "3600", 1);
	next_run(&b, 2000 * DAY);
	CHECK_INT(left_s(&b), 0);
	bench_close(&b);
}

CASE(the_delay_follows_the_answers_between_its_bounds)
{
	struct bench b;

	bench_init(&b);
	CHECK_INT(hosts_delay_ms(b.hosts, host, 1000), 1000);
	CHECK_INT(hosts_delay_ms(b.hosts, host, 0), 0);
	for (int i = 0; i < 50; i++)
		(void)learn_more(&b, OUTCOME_CAPTURED, 200, "", 100);
	CHECK_INT(hosts_delay_ms(b.hosts, host, 1000), 1000);
	CHECK_INT(hosts_delay_ms(b.hosts, host, 100), 400);
	/* One slow answer counts for a part, many for all. */
	(void)learn_more(&b, OUTCOME_CAPTURED, 200, "", 4100);
	CHECK_INT(hosts_delay_ms(b.hosts, host, 1000), 4400);
	for (int i = 0; i < 50; i++)
		(void)learn_more(&b, OUTCOME_CAPTURED, 200, "", 200000);
	CHECK_INT(hosts_delay_ms(b.hosts, host, 1000), LIMIT_ADAPTED_DELAY_MS);
	CHECK_INT(hosts_delay_ms(b.hosts, host, 60000), 60000);
	CHECK_INT(hosts_delay_ms(b.hosts, host, 0), 0);
	for (int i = 0; i < 60; i++)
		(void)learn_more(&b, OUTCOME_CAPTURED, 200, "", 10);
	CHECK_INT(hosts_delay_ms(b.hosts, host, 1000), 1000);
	bench_close(&b);
}

static void
keep(struct bench *b, const char *origin, const char *text)
{
	struct error e = { 0 };
	struct robots_kept r = { .status = 200,
		.fetched_us = b->time.now_us,
		.until_us = b->time.now_us + DAY,
		.text = (const uint8_t *)text,
		.len = strlen(text),
		.digest = "sha256:00" };

	CHECK_OK(hosts_keep_robots(b->hosts, origin, &r, &e), &e);
}

CASE(a_crawl_delay_is_kept_up_to_its_cap)
{
	static const struct {
		const char *text;
		int64_t ms;
	} table[] = {
		{ "User-agent: *\nCrawl-delay: 2.5\n", 2500 },
		{ "User-agent: *\nCrawl-delay: 300\n", 300000 },
		{ "User-agent: *\nCrawl-delay: 301\n", 300000 },
		{ "User-agent: *\nCrawl-delay: 999999\n", 300000 },
		{ "User-agent: *\nCrawl-delay: -1\n", 1000 },
		{ "User-agent: *\nCrawl-delay: NaN\n", 1000 },
		{ "User-agent: *\nCrawl-delay: 9\nUser-agent: holdfast\n"
		  "Crawl-delay: 3\n",
		    3000 },
		{ "User-agent: other\nCrawl-delay: 9\n", 1000 },
		{ "", 1000 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench b;
		struct arena *a = arena_new();
		struct robots_kept r;
		struct error e = { 0 };

		bench_init(&b);
		keep(&b, "https://english.example:8443", table[i].text);
		CHECK_INT(hosts_delay_ms(b.hosts, host, 1000), table[i].ms);
		CHECK_INT(hosts_delay_ms(b.hosts, "x.example", 1000), 1000);
		/* The next run knows it when it looks at the rules. */
		next_run(&b, HOUR);
		CHECK_INT(hosts_robots(b.hosts, a,
			      "https://english.example:8443", &r, &e),
		    1);
		CHECK_INT(hosts_delay_ms(b.hosts, host, 1000), table[i].ms);
		bench_close(&b);
		arena_free(a);
	}
}

CASE(rules_are_kept_over_runs_byte_for_byte)
{
	struct bench b;
	struct arena *a = arena_new();
	struct robots_kept r;
	struct error e = { 0 };
	static const char *const origin = "https://english.example";

	bench_init(&b);
	CHECK_INT(hosts_robots(b.hosts, a, origin, &r, &e), 0);
	keep(&b, origin, "User-agent: *\r\nDisallow: /\xff\n");
	next_run(&b, HOUR);
	CHECK_INT(hosts_robots(b.hosts, a, origin, &r, &e), 1);
	CHECK_INT(r.status, 200);
	CHECK(r.fetched_us == START && r.until_us == START + DAY);
	CHECK_TEXT(r.digest, "sha256:00");
	CHECK_INT(r.len, 28);
	CHECK(memcmp(r.text, "User-agent: *\r\nDisallow: /\xff\n", r.len) == 0);
	CHECK_INT(
	    hosts_robots(b.hosts, a, "http://english.example", &r, &e), 0);
	/* Old ones can still be had, for a host that is down ... */
	next_run(&b, 29 * DAY);
	CHECK_INT(hosts_robots(b.hosts, a, origin, &r, &e), 1);
	CHECK(r.until_us < b.time.now_us);
	/* ... up to a month. */
	next_run(&b, 2 * DAY);
	CHECK_INT(hosts_robots(b.hosts, a, origin, &r, &e), 0);
	/* Then they make room. */
	keep(&b, "https://other.example", "");
	next_run(&b, -DAY * 10);
	CHECK_INT(hosts_robots(b.hosts, a, origin, &r, &e), 0);
	bench_close(&b);
	arena_free(a);
}

CASE(rules_of_a_clock_that_was_ahead_are_fetched_again)
{
	struct bench b;
	struct arena *a = arena_new();
	struct robots_kept r;
	struct error e = { 0 };
	static const char *const origin = "https://english.example";

	bench_init(&b);
	keep(&b, origin, "User-agent: *\nDisallow: /x\n");
	next_run(&b, -10 * DAY);
	CHECK_INT(hosts_robots(b.hosts, a, origin, &r, &e), 1);
	CHECK(r.until_us <= b.time.now_us);
	bench_close(&b);
	arena_free(a);
}

static int
add_line(void *context, const char *name, int64_t until_us, const char *reason,
    uint64_t strikes)
{
	buf_format(context, "%s %lld %s %llu\n", name,
	    (long long)((until_us - START) / SECOND), reason,
	    (unsigned long long)strikes);
	return 0;
}

CASE(hosts_that_are_left_alone_can_be_listed)
{
	struct bench b;
	struct buf text = { 0 };
	struct error e = { 0 };

	bench_init(&b);
	(void)learn_more(&b, OUTCOME_RATE_LIMITED, 429, "600", 1);
	CHECK_OK(hosts_pause(b.hosts, "b.example", 10000, "why", &e), &e);
	CHECK_OK(hosts_pause(b.hosts, "a.example", 99000, "why not", &e), &e);
	next_run(&b, 20 * SECOND);
	CHECK_OK(hosts_each(b.hosts, add_line, &text, &e), &e);
	CHECK_TEXT(buf_text(&text),
	    "a.example 99 why not 0\n"
	    "english.example 600 answered 429 and asked to wait 600 s 1\n");
	bench_close(&b);
	buf_clear(&text);
}

CASE(without_a_state_it_lasts_as_long_as_the_handle)
{
	struct bench b = { .time = {
			       { invented_wall, invented_mono }, START } };
	struct error e = { 0 };

	CHECK_OK(hosts_open(&b.hosts, NULL, &b.time.clock, &e), &e);
	CHECK_INT(learn(&b, OUTCOME_RATE_LIMITED, 429), 1);
	keep(&b, "http://english.example", "User-agent: *\nCrawl-delay: 7\n");
	CHECK_INT(left_s(&b), 60);
	CHECK_INT(hosts_delay_ms(b.hosts, host, 0), 7000);
	hosts_close(b.hosts);
	CHECK_OK(hosts_open(&b.hosts, NULL, &b.time.clock, &e), &e);
	CHECK_INT(left_s(&b), 0);
	hosts_close(b.hosts);
}

TESTS(T(a_host_waits_as_long_as_it_asks_for),
    T(a_pause_and_its_reason_outlive_the_run),
    T(without_a_word_the_pause_doubles_up_to_a_day),
    T(what_was_under_way_is_no_second_strike), T(refusals_count_only_in_a_row),
    T(pictures_that_are_refused_say_little_of_the_host),
    T(a_host_that_is_down_is_asked_again_within_the_hour),
    T(what_says_nothing_of_the_host_changes_nothing),
    T(a_profile_may_ask_for_a_longer_pause),
    T(no_jump_of_the_clock_makes_a_pause_longer),
    T(the_delay_follows_the_answers_between_its_bounds),
    T(a_crawl_delay_is_kept_up_to_its_cap),
    T(rules_are_kept_over_runs_byte_for_byte),
    T(rules_of_a_clock_that_was_ahead_are_fetched_again),
    T(hosts_that_are_left_alone_can_be_listed),
    T(without_a_state_it_lasts_as_long_as_the_handle))
