/* Articles that are looked at again: when, and what became of them. */
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/crawl/queue.h"
#include "core/crawl/watch.h"
#include "tests/unit/state_fixture.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define BEGIN  (1700000000 * SECOND)

struct fixture {
	struct collection *c;
	struct state *s;
	struct watch *w;
	struct queue *q;
	struct ladder ladder;
	struct error e;
};

static struct fixture
begin(const char *dir)
{
	struct fixture f = { 0 };

	f.s = fixture_state(dir, &f.c);
	CHECK_OK(watch_open(&f.w, f.s, &f.e), &f.e);
	CHECK_OK(queue_open(&f.q, f.s, &f.e), &f.e);
	CHECK_OK(ladder_parse(&f.ladder, ladder_default, &f.e), &f.e);
	return f;
}

static void
end(struct fixture *f)
{
	queue_close(f->q);
	watch_close(f->w);
	state_close(f->s);
	collection_free(f->c);
}

/* "-" for none, else the time since BEGIN: "3d", "75m", "7m30s". */
static void
add_time(struct buf *out, int64_t us)
{
	int64_t t = us == 0 ? 0 : us - BEGIN;

	if (us == 0)
		buf_add_text(out, "-");
	else if (t % DAY == 0)
		buf_format(out, "%lldd", (long long)(t / DAY));
	else if (t % HOUR == 0)
		buf_format(out, "%lldh", (long long)(t / HOUR));
	else if (t % MINUTE == 0)
		buf_format(out, "%lldm", (long long)(t / MINUTE));
	else
		buf_format(out, "%llds", (long long)(t / SECOND));
}

static int64_t
read_time(const char **s)
{
	char *rest;
	int64_t n = strtoll(*s, &rest, 10);

	*s = rest + 1;
	switch (*rest) {
	case 's':
		return n * SECOND;
	case 'm':
		return n * MINUTE;
	case 'h':
		return n * HOUR;
	default:
		return n * DAY;
	}
}

static const char *
event_name(enum watch_event event)
{
	static const char *const names[] = { "none", "first", "changed",
		"touched", "doubtful", "suspected", "gone", "back" };

	return names[event];
}

static enum sighting
sighting_of(char c)
{
	static const char letters[] = "A=MWXGLNU";

	return (enum sighting)(strchr(letters, c) - letters);
}

/*
 * A look is "TIME KIND[CORE[MODIFIED]][?][!][#POST]": KIND is A article, =
 * same, M moved, W away, X 404, G 410, L 451, N no article, U unknown; CORE a
 * small letter, MODIFIED a digit; "?" it reads badly, "!" no other article of
 * the host answers. What comes of each look, "EVENT DUE", is put together.
 */
static void
play(struct fixture *f, const char *url, const char *looks, struct buf *out)
{
	const char *s = looks;

	while (*s != '\0') {
		char core[2] = "";
		char modified[2] = "";
		char post[2] = "";
		struct observation o = { .url = url,
			.site = "s",
			.article_id = "",
			.post_id = post,
			.core = core,
			.modified = modified };
		enum watch_event event;
		int64_t due_us;

		o.at_us = BEGIN + read_time(&s);
		o.control_us = o.at_us - MINUTE;
		s += *s == ' ';
		o.sighting = sighting_of(*s++);
		if (*s >= 'a' && *s <= 'z')
			core[0] = *s++;
		if (*s >= '0' && *s <= '9')
			modified[0] = *s++;
		for (; *s != '\0' && *s != ' '; s++) {
			if (*s == '?')
				o.is_pending = 1;
			if (*s == '!')
				o.control_us = 0;
			if (*s == '#')
				post[0] = *++s;
		}
		s += *s == ' ';
		CHECK_OK(
		    watch_observe(f->w, &f->ladder, &o, &event, &due_us, &f->e),
		    &f->e);
		buf_format(
		    out, "%s%s ", out->len > 0 ? " " : "", event_name(event));
		add_time(out, due_us);
	}
}

struct row {
	const char *ladder; /* NULL: the default one */
	const char *looks, *expected;
};

static void
play_all(
    struct fixture *f, const char *host, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct buf out = { 0 };
		char *url = mem_format("http://%s%zu.example/", host, i);

		CHECK_OK(ladder_parse(&f->ladder,
			     rows[i].ladder == NULL ? ladder_default
						    : rows[i].ladder,
			     &f->e),
		    &f->e);
		play(f, url, rows[i].looks, &out);
		if (strcmp(buf_text(&out), rows[i].expected) != 0)
			printf("# %s\n", rows[i].looks);
		CHECK_TEXT(buf_text(&out), rows[i].expected);
		buf_clear(&out);
		free(url);
	}
}

#define PLAY(dir, rows)                                                    \
	do {                                                               \
		struct fixture f = begin(dir);                             \
		play_all(&f, dir, rows, sizeof(rows) / sizeof((rows)[0])); \
		end(&f);                                                   \
	} while (0)

CASE(steps_are_read)
{
	static const struct {
		const char *text;
		int count;
		int64_t first_ms, last_ms;
	} rows[] = {
		{ "15m 45m 2h 6h 24h 3d 7d 30d 90d 365d", 10, 900000,
		    365 * INT64_C(86400000) },
		{ "15m x 8, 1h x 24, 1d x 30", 62, 900000, 86400000 },
		{ "15m x8,1h  x  24 , 1d", 33, 900000, 86400000 },
		{ "  90s  ", 1, 90000, 90000 },
		{ "1w", 1, 604800000, 604800000 },
		{ "1h x 256", 256, 3600000, 3600000 },
		{ "none", 0, 0, 0 },
		{ " none", 0, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ladder l = { .count = 7 };
		struct error e = { 0 };

		CHECK_OK(ladder_parse(&l, rows[i].text, &e), &e);
		CHECK_INT(l.count, rows[i].count);
		if (l.count > 0) {
			CHECK_INT(l.steps[0], rows[i].first_ms);
			CHECK_INT(l.steps[l.count - 1], rows[i].last_ms);
		}
	}
}

CASE(what_are_no_steps_is_told_and_changes_nothing)
{
	static const char *const bad[] = { "", "  ", "15", "m", "15m45m", "0m",
		"15m x 0", "15m x", "15m x 257", "1h x 200 1m x 100", "11y",
		"4000d", "-5m", "15 m", "15m,,1h", "none 15m", "15m none",
		"99999999999h", "1h x 99999999999999999999", "15m; 1h" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ladder l = { .count = 7 };
		struct error e = { 0 };

		if (ladder_parse(&l, bad[i], &e) != -1)
			printf("# \"%s\"\n", bad[i]);
		CHECK_INT(e.kind, ERROR_USAGE);
		CHECK_INT(l.count, 7);
	}
}

CASE(an_article_that_stays_is_looked_at_less_and_less_often)
{
	static const struct row rows[] = {
		{ NULL, "0m Aa", "first 15m" },
		{ NULL, "0m Aa 15m Aa", "first 15m none 1h" },
		{ NULL, "0m Aa 15m =", "first 15m none 1h" },
		{ NULL, "0m Aa 15m = 1h = 3h Aa 9h =",
		    "first 15m none 1h none 3h none 9h none 33h" },
		/* Up to a minute early is in time. */
		{ NULL, "0m Aa 14m Aa", "first 15m none 1h" },
		/* Earlier is an additional look, and the step goes on. */
		{ NULL, "0m Aa 13m Aa", "first 15m none 15m" },
		{ NULL, "0m Aa 5m Aa 10m Aa", "first 15m none 15m none 15m" },
		/* A little late does not add up, very late does. */
		{ NULL, "0m Aa 20m Aa 65m Aa", "first 15m none 1h none 3h" },
		{ NULL, "0m Aa 10h Aa", "first 15m none 645m" },
		/* At its end there is no more. */
		{ "1h 2h", "0m Aa 1h Aa 3h Aa", "first 1h none 3h none -" },
		{ "1h x 3",
		    "0m Aa 1h = 2h = 3h =", "first 1h none 2h none 3h none -" },
		{ "1h", "0m Aa 1h Aa 9h Aa", "first 1h none - none -" },
		{ "none", "0m Aa", "first -" },
		{ "none", "0m Aa 5h Ab 6h X 8h X 40h X",
		    "first - changed - suspected - none - gone -" },
		{ "365d", "0m Aa 365d =", "first 365d none -" },
	};

	PLAY("stays", rows);
}

CASE(a_change_begins_again_at_half_the_step)
{
	static const struct row rows[] = {
		{ NULL, "0m Aa 15m Ab", "first 15m changed 30m" },
		{ NULL, "0m Aa 15m = 1h Ab",
		    "first 15m none 1h changed 4950s" },
		{ NULL, "0m Aa 15m = 1h = 3h Ab",
		    "first 15m none 1h none 3h changed 4h" },
		{ NULL, "0m Aa 15m = 1h = 3h = 9h Ab 12h =",
		    "first 15m none 1h none 3h none 9h changed 12h none 18h" },
		{ NULL, "0m Aa 15m = 1h = 3h = 9h Ab 12h Ac 810m =",
		    "first 15m none 1h none 3h none 9h changed 12h changed "
		    "810m none 930m" },
		/* A to B to A are two changes. */
		{ NULL, "0m Aa 15m Ab 30m Aa",
		    "first 15m changed 30m changed 45m" },
		/* Never under a quarter of an hour, or the smallest step. */
		{ "10m 1h", "0m Aa 10m Ab", "first 10m changed 20m" },
		{ "1d x 3", "0m Aa 1d Ab", "first 1d changed 36h" },
		{ "1d x 3", "0m Aa 1d Ab 36h Ac",
		    "first 1d changed 36h changed 42h" },
		{ "1d x 3", "0m Aa 1d Ab 36h Ab 60h =",
		    "first 1d changed 36h none 60h none 84h" },
		/* Found at an additional look: half of what had passed. */
		{ "10d", "0m Aa 4h Ab", "first 10d changed 6h" },
		/* Found late: the step counts, not the delay. */
		{ "2h 10d", "0m Aa 9d Ab", "first 2h changed 217h" },
		/* Found when the ladder was over: up it again. */
		{ "1h 2h", "0m Aa 1h = 3h = 20d Ab",
		    "first 1h none 3h none - changed 481h" },
		/* Moved addresses carry the article along. */
		{ NULL, "0m Aa#1 15m Mb#1", "first 15m changed 30m" },
		{ NULL, "0m Aa#1 15m Ma#1", "first 15m none 1h" },
		{ NULL, "0m Aa 15m Ma", "first 15m none 1h" },
		/* The same address, another article: another version. */
		{ NULL, "0m Aa#1 15m Ab#2", "first 15m changed 30m" },
	};

	PLAY("changes", rows);
}

CASE(modified_moved_without_a_change_is_one_more_look_within_the_hour)
{
	static const struct row rows[] = {
		{ NULL, "0m Aa1 15m Aa2", "first 15m touched 45m" },
		{ NULL, "0m Aa1 15m Aa2 45m Aa2 1h Aa2",
		    "first 15m touched 45m none 1h none 3h" },
		/* A page that prints the time does not lead to one every
		 * half hour. */
		{ NULL, "0m Aa1 15m Aa2 45m Aa3 1h Aa4",
		    "first 15m touched 45m touched 1h touched 90m" },
		{ NULL, "0m Aa1 15m = ", "first 15m none 1h" },
		{ NULL, "0m Aa 15m Aa1", "first 15m none 1h" },
		{ NULL, "0m Aa1 15m Aa", "first 15m none 1h" },
		{ NULL, "0m Aa1 15m Ab2", "first 15m changed 30m" },
		{ "1h", "0m Aa1 1h Aa2 90m Aa2",
		    "first 1h touched 90m none -" },
		{ "15m 20m", "0m Aa1 15m Aa2", "first 15m touched 35m" },
	};

	PLAY("touched", rows);
}

CASE(a_bad_reading_counts_when_a_second_look_agrees)
{
	static const struct row rows[] = {
		{ NULL, "0m Aa 15m Ab? 17m Ab?",
		    "first 15m doubtful 17m changed 32m" },
		/* Sooner than two minutes is not another look. */
		{ NULL, "0m Aa 15m Ab? 16m Ab? 17m Ab?",
		    "first 15m doubtful 17m doubtful 17m changed 32m" },
		/* It was nothing: no version, and the ladder goes on. */
		{ NULL, "0m Aa 15m Ab? 17m Aa",
		    "first 15m doubtful 17m none 1h" },
		{ NULL, "0m Aa 15m Ab? 17m Ac? 19m Ac?",
		    "first 15m doubtful 17m doubtful 19m changed 34m" },
		/* A good reading needs no second one. */
		{ NULL, "0m Aa 15m Ab? 17m Ab",
		    "first 15m doubtful 17m changed 32m" },
		{ NULL, "0m Aa 15m Ab? 17m Ac",
		    "first 15m doubtful 17m changed 32m" },
		/* The same bytes again are a look that agrees. */
		{ NULL, "0m Aa 15m Ab? 17m = 32m Ab",
		    "first 15m doubtful 17m changed 32m none 77m" },
		/* A bad reading of what is known is no news. */
		{ NULL, "0m Aa 15m Aa?", "first 15m none 1h" },
		{ NULL, "0m Aa? 2m Aa?", "doubtful 2m first 17m" },
		{ NULL, "0m Aa? 2m Ab", "doubtful 2m first 17m" },
		{ NULL, "0m Aa? 2m =", "doubtful 2m first 17m" },
		/* Another one each time: at the usual times, then. */
		{ NULL, "0m Aa 15m Ab? 17m Ac? 19m Ad? 21m Ae? 23m Af? 25m Ag?",
		    "first 15m doubtful 17m doubtful 19m doubtful 21m doubtful"
		    " 23m doubtful 25m doubtful 1h" },
		{ NULL, "0m Aa 15m Ab? 17m U 27m Ab?",
		    "first 15m doubtful 17m none 27m changed 42m" },
	};

	PLAY("doubt", rows);
}

CASE(a_disappearance_is_three_sightings_over_a_day_with_control)
{
	static const struct row rows[] = {
		{ NULL, "0m Aa 15m X", "first 15m suspected 135m" },
		{ NULL, "0m Aa 1h X 3h X 25h X",
		    "first 15m suspected 3h none 25h gone 193h" },
		{ NULL, "0m Aa 1h G 3h G 25h G",
		    "first 15m suspected 3h none 25h gone 193h" },
		{ NULL, "0m Aa 1h L 3h L 25h L",
		    "first 15m suspected 3h none 25h gone 193h" },
		{ NULL, "0m Aa 1h W 3h N 25h X",
		    "first 15m suspected 3h none 25h gone 193h" },
		/* Three within a day are not enough, two over more neither. */
		{ NULL, "0m Aa 1h X 2h X 3h X 24h X 25h X",
		    "first 15m suspected 3h none 25h none 25h none 26h gone "
		    "193h" },
		{ NULL, "0m Aa 1h X 50h X 51h X",
		    "first 15m suspected 3h none 52h gone 219h" },
		/* Without control nothing is counted. */
		{ NULL, "0m Aa 15m X! 25m X! 45m X!",
		    "first 15m none 25m none 45m none 85m" },
		{ NULL, "0m Aa 15m X! 25m X 3h X 25h X",
		    "first 15m none 25m suspected 145m none 1465m gone 193h" },
		/* What says nothing does not count, and takes nothing away. */
		{ NULL, "0m Aa 1h X 3h U 5h X 25h X",
		    "first 15m suspected 3h none 190m none 25h gone 193h" },
		/* Another number at the end of the way: not shown any more. */
		{ NULL, "0m Aa#1 1h Mb#2 3h Mb#2 25h Mb#2",
		    "first 15m suspected 3h none 25h gone 193h" },
		/* Gone, it is asked for less and less often. */
		{ NULL, "0m Aa 1h X 3h X 25h X 193h X 38d X 128d X 500d X",
		    "first 15m suspected 3h none 25h gone 193h none 913h none "
		    "128d none 493d none -" },
	};

	PLAY("gone", rows);
}

CASE(what_is_there_again_is_told_with_its_gap)
{
	static const struct row rows[] = {
		{ NULL, "0m Aa 15m X 2h Aa",
		    "first 15m suspected 135m back 165m" },
		{ NULL, "0m Aa 1h X 3h X 25h X 193h Aa",
		    "first 15m suspected 3h none 25h gone 193h back 11595m" },
		{ NULL, "0m Aa 1h X 3h X 25h X 193h Ab",
		    "first 15m suspected 3h none 25h gone 193h back 11595m" },
		/* The counting begins again. */
		{ NULL, "0m Aa 1h X 3h X 4h Aa 25h X",
		    "first 15m suspected 3h none 25h back 285m suspected 27h" },
		/* A bad reading does not bring it back. */
		{ NULL, "0m Aa 1h X 3h Ab? 182m Ab?",
		    "first 15m suspected 3h doubtful 182m back 197m" },
	};

	PLAY("back", rows);
}

CASE(silence_is_waited_out)
{
	static const struct row rows[] = {
		{ NULL, "0m Aa 15m U", "first 15m none 25m" },
		{ NULL, "0m Aa 15m U 25m U 45m U 85m U 165m U 325m U 685m U",
		    "first 15m none 25m none 45m none 85m none 165m none 325m "
		    "none 645m none 1045m" },
		{ NULL, "0m Aa 15m U 25m =", "first 15m none 25m none 1h" },
		/* An additional look that fails does not move the step. */
		{ NULL, "0m Aa 15m = 20m U", "first 15m none 1h none 30m" },
		{ NULL, "0m Aa 15m = 55m U", "first 15m none 1h none 1h" },
		{ NULL, "0m U", "none 10m" },
		{ NULL, "0m U 10m Aa", "none 10m first 25m" },
	};

	PLAY("silence", rows);
}

static void
look(struct fixture *f, const char *url, const char *id, const char *core,
    int64_t at_us, enum watch_event *event, int64_t *due_us)
{
	const struct observation o = { .url = url,
		.site = "s",
		.article_id = id,
		.post_id = "",
		.core = core,
		.modified = "",
		.at_us = at_us };

	CHECK_OK(
	    watch_observe(f->w, &f->ladder, &o, event, due_us, &f->e), &f->e);
}

CASE(an_article_is_one_under_all_its_addresses)
{
	struct fixture f = begin("spell");
	struct watch_counts counts;
	enum watch_event event;
	int64_t due_us;

	look(&f, "http://a.example/%d8%a7", "k:1", "x", BEGIN, &event, &due_us);
	CHECK_INT(event, EVENT_FIRST);
	CHECK_INT(watch_knows(f.w, "http://A.example/\xd8\xa7#x", &f.e), 1);
	CHECK_INT(watch_knows(f.w, "http://a.example/%D8%A7", &f.e), 1);
	CHECK_INT(watch_knows(f.w, "http://www.a.example/x?id=1", &f.e), 0);
	look(&f, "http://a.example/%D8%A7", "k:1", "x", BEGIN + 15 * MINUTE,
	    &event, &due_us);
	CHECK_INT(event, EVENT_NONE);
	CHECK_INT(due_us, BEGIN + HOUR);
	/* Another address of the same id: the article's own decides. */
	look(&f, "http://www.a.example/x?id=1", "k:1", "x", BEGIN + 20 * MINUTE,
	    &event, &due_us);
	CHECK_INT(event, EVENT_NONE);
	CHECK_INT(due_us, BEGIN + HOUR);
	CHECK_INT(watch_knows(f.w, "http://www.a.example/x?id=1", &f.e), 1);
	look(&f, "http://m.a.example/y", "k:1", "other", BEGIN + 21 * MINUTE,
	    &event, &due_us);
	CHECK_INT(event, EVENT_NONE);
	CHECK_OK(
	    watch_count(f.w, "s", BEGIN + 21 * MINUTE, &counts, &f.e), &f.e);
	CHECK_INT(counts.watched, 1);
	CHECK_INT(counts.due, 1);
	end(&f);
}

static int64_t
queued(struct fixture *f, int64_t now_us, size_t limit)
{
	return watch_enqueue(f->w, f->q, "s", now_us, limit, &f->e);
}

CASE(what_is_due_goes_into_the_queue_once)
{
	struct fixture f = begin("due");
	struct arena *a = arena_new();
	enum watch_event event;
	struct queued t;
	int64_t due_us;

	look(&f, "http://a.example/1", "k:1", "x", BEGIN, &event, &due_us);
	look(&f, "http://a.example/2", "k:2", "x", BEGIN + MINUTE, &event,
	    &due_us);
	look(&f, "http://a.example/3", "k:3", "x", BEGIN + 40 * MINUTE, &event,
	    &due_us);
	CHECK_INT(queued(&f, BEGIN + 13 * MINUTE, 10), 0);
	CHECK_INT(queued(&f, BEGIN + 20 * MINUTE, 1), 1);
	CHECK_INT(queued(&f, BEGIN + 20 * MINUTE, 10), 1);
	CHECK_INT(queued(&f, BEGIN + 20 * MINUTE, 10), 0);
	CHECK_INT(queue_take(f.q, a, "s", BEGIN + 20 * MINUTE, NULL, &t,
		      &due_us, &f.e),
	    1);
	CHECK_TEXT(t.url, "http://a.example/1");
	CHECK_INT(t.rank, RANK_WATCH);
	CHECK_OK(queue_done(f.q, t.number, &f.e), &f.e);
	/* Nothing came of it: it is offered again, hours later. */
	CHECK_INT(queued(&f, BEGIN + 2 * HOUR, 10), 1);
	CHECK_INT(queued(&f, BEGIN + 7 * HOUR, 10), 1);
	CHECK_INT(queue_waiting(f.q, "s", INT64_MAX), 3);
	CHECK_INT(watch_enqueue(f.w, f.q, "other", BEGIN + DAY, 10, &f.e), 0);
	arena_free(a);
	end(&f);
}

CASE(a_place_on_most_read_is_one_more_look_within_the_hour)
{
	struct fixture f = begin("nudge");
	static const char url[] = "http://a.example/1";
	enum watch_event event;
	int64_t due_us;
	int64_t at = BEGIN + 4 * HOUR;

	look(&f, url, "k:1", "x", BEGIN, &event, &due_us);
	for (int64_t i = 0; i < 4; i++)
		look(&f, url, "k:1", "x", due_us, &event, &due_us);
	CHECK_INT(due_us, BEGIN + 33 * HOUR);
	at = BEGIN + 10 * HOUR;
	CHECK_OK(watch_nudge(f.w, "http://other.example/", at, &f.e), &f.e);
	CHECK_INT(queued(&f, at + HOUR, 9), 0);
	CHECK_OK(watch_nudge(f.w, url, at, &f.e), &f.e);
	CHECK_INT(queued(&f, at + 28 * MINUTE, 9), 0);
	CHECK_INT(queued(&f, at + 30 * MINUTE, 9), 1);
	look(&f, url, "k:1", "x", at + 30 * MINUTE, &event, &due_us);
	CHECK_INT(due_us, BEGIN + 33 * HOUR);
	/* It stays there for hours: that is no look every hour. */
	CHECK_OK(watch_nudge(f.w, url, at + HOUR, &f.e), &f.e);
	CHECK_INT(queued(&f, at + 2 * HOUR, 9), 0);
	CHECK_OK(watch_nudge(f.w, url, at + 6 * HOUR, &f.e), &f.e);
	CHECK_INT(queued(&f, at + 7 * HOUR, 9), 0);
	end(&f);
}

CASE(what_is_held_for_gone_and_named_again_is_looked_at_within_the_hour)
{
	struct fixture f = begin("listed");
	static const char url[] = "http://a.example/1";
	struct buf out = { 0 };
	int64_t at = BEGIN + 3 * DAY + HOUR;

	CHECK_OK(watch_listed(f.w, url, BEGIN, &f.e), &f.e);
	play(&f, url, "0h Aa", &out);
	/* One that is there needs no look for being on a front. */
	CHECK_OK(watch_listed(f.w, url, BEGIN, &f.e), &f.e);
	CHECK_INT(queued(&f, BEGIN + 13 * MINUTE, 9), 0);
	play(&f, url, "1h X 1d X 3d X", &out);
	CHECK(strstr(buf_text(&out), "gone") != NULL);
	CHECK_INT(queued(&f, at + 31 * MINUTE, 9), 0);
	CHECK_OK(watch_listed(f.w, url, at, &f.e), &f.e);
	CHECK_INT(queued(&f, at + 28 * MINUTE, 9), 0);
	CHECK_INT(queued(&f, at + 30 * MINUTE, 9), 1);
	/* A front that goes on naming it is believed every few hours. */
	play(&f, url, "74h X", &out);
	CHECK_OK(watch_listed(f.w, url, at + 2 * HOUR, &f.e), &f.e);
	CHECK_INT(queued(&f, at + 3 * HOUR, 9), 0);
	buf_clear(&out);
	end(&f);
}

CASE(the_control_is_another_article_than_the_one_that_is_gone)
{
	struct fixture f = begin("control");
	static const char gone[] = "http://a.example/gone";
	static const char other[] = "http://a.example/other";
	struct observation o = { .url = gone,
		.site = "s",
		.article_id = "",
		.post_id = "",
		.core = "x",
		.modified = "" };
	enum watch_event event;
	int64_t due_us;

	o.at_us = BEGIN;
	CHECK_OK(
	    watch_observe(f.w, &f.ladder, &o, &event, &due_us, &f.e), &f.e);
	CHECK_INT(watch_control(f.w, "a.example"), BEGIN);
	CHECK_INT(watch_control(f.w, "b.example"), 0);
	/* Its own answer of before is none. */
	o.sighting = SIGHT_MISSING;
	o.at_us = BEGIN + 15 * MINUTE;
	o.control_us = BEGIN;
	CHECK_OK(
	    watch_observe(f.w, &f.ladder, &o, &event, &due_us, &f.e), &f.e);
	CHECK_INT(event, EVENT_NONE);
	/* With another one, asked a day ago, that one is asked now. */
	look(&f, other, "k:2", "y", BEGIN - DAY, &event, &due_us);
	o.at_us = BEGIN + 2 * HOUR;
	o.control_us = 0;
	CHECK_OK(
	    watch_observe(f.w, &f.ladder, &o, &event, &due_us, &f.e), &f.e);
	CHECK_INT(event, EVENT_NONE);
	CHECK_INT(queued(&f, o.at_us, 9), 1);
	look(&f, other, "k:2", "y", o.at_us + MINUTE, &event, &due_us);
	o.at_us += 20 * MINUTE;
	CHECK_OK(
	    watch_observe(f.w, &f.ladder, &o, &event, &due_us, &f.e), &f.e);
	CHECK_INT(event, EVENT_SUSPECTED);
	end(&f);
}

CASE(a_site_that_shows_its_home_page_for_everything_loses_no_article)
{
	struct fixture f = begin("home");
	struct watch_counts counts;
	enum watch_event event;
	int64_t due_us;

	for (long i = 0; i < 20; i++) {
		char *url = mem_format("http://a.example/%ld", i);

		look(&f, url, "", "x", BEGIN + i * MINUTE, &event, &due_us);
		free(url);
	}
	for (int64_t at = BEGIN + 3 * HOUR; at < BEGIN + 5 * DAY; at += HOUR)
		for (long i = 0; i < 20; i++) {
			char *url = mem_format("http://a.example/%ld", i);
			const struct observation o = { .url = url,
				.site = "s",
				.article_id = "",
				.post_id = "",
				.core = "",
				.modified = "",
				.sighting = SIGHT_NOT_ONE,
				.at_us = at + i };

			CHECK_OK(watch_observe(
				     f.w, &f.ladder, &o, &event, &due_us, &f.e),
			    &f.e);
			CHECK_INT(event, EVENT_NONE);
			free(url);
		}
	CHECK_OK(watch_count(f.w, "", BEGIN, &counts, &f.e), &f.e);
	CHECK_INT(counts.watched, 20);
	CHECK_INT(counts.suspected, 0);
	CHECK_INT(counts.disappeared, 0);
	end(&f);
}

CASE(a_clock_that_was_ahead_does_not_stop_the_looks)
{
	struct fixture f = begin("clock");
	enum watch_event event;
	int64_t due_us;

	look(&f, "http://a.example/1", "", "x", BEGIN + 3000 * DAY, &event,
	    &due_us);
	CHECK_INT(queued(&f, BEGIN, 9), 1);
	look(&f, "http://a.example/1", "", "x", BEGIN, &event, &due_us);
	CHECK(due_us > BEGIN && due_us <= BEGIN + HOUR);
	end(&f);
}

/* The version that a story shows at a time: edits at these minutes. */
static char
version_at(int64_t us)
{
	static const int64_t edits[] = { 7, 22, 50, 185, 700, 2000, 20000,
		300000 };
	char v = 'a';

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++)
		v += us >= BEGIN + edits[i] * MINUTE;
	return v;
}

/* Cron begins a run every quarter of an hour, a little late each time. */
CASE(a_year_of_one_article_keeps_every_version_that_was_shown_at_a_visit)
{
	struct fixture f = begin("year");
	char last[2] = "";
	long visits = 0;
	long versions = 0;
	long week = 0;
	int is_over = 0;

	CHECK_OK(state_begin(f.s, &f.e), &f.e);
	for (int64_t tick = 0; tick <= 1200 * 96; tick++) {
		int64_t now = BEGIN + tick * 15 * MINUTE +
			      tick * 7919 % 40 * SECOND;
		const char core[2] = { version_at(now), '\0' };
		enum watch_event event;
		int64_t due_us;

		if (tick > 0 && queued(&f, now, 9) != 1)
			continue;
		if (tick > 0) {
			struct arena *a = arena_new();
			struct queued t;

			CHECK_INT(queue_take(f.q, a, "s", now, NULL, &t,
				      &due_us, &f.e),
			    1);
			CHECK_OK(queue_done(f.q, t.number, &f.e), &f.e);
			arena_free(a);
		}
		look(&f, "http://a.example/story", "k:1", core, now, &event,
		    &due_us);
		visits++;
		week += now <= BEGIN + 7 * DAY;
		if (strcmp(last, core) != 0) {
			versions++;
			CHECK_INT(
			    event, visits == 1 ? EVENT_FIRST : EVENT_CHANGED);
		} else {
			CHECK_INT(event, EVENT_NONE);
		}
		memcpy(last, core, 2);
		is_over = due_us == 0;
		if (is_over)
			break;
	}
	CHECK(is_over);
	CHECK_OK(state_commit(f.s, &f.e), &f.e);
	printf("# %ld visits, %ld in the first week, %ld versions of 9\n",
	    visits, week, versions);
	CHECK_INT(versions, 9);
	CHECK(week <= 20);
	CHECK(visits <= 40);
	end(&f);
}

CASE(what_is_no_url_undoes_nothing)
{
	struct fixture f = begin("bad");
	const struct observation o = { .url = "http://",
		.site = "s",
		.article_id = "",
		.post_id = "",
		.core = "",
		.modified = "" };
	enum watch_event event;
	int64_t due_us;

	CHECK_OK(state_begin(f.s, &f.e), &f.e);
	look(&f, "http://a.example/1", "", "x", BEGIN, &event, &due_us);
	CHECK_INT(watch_observe(f.w, &f.ladder, &o, &event, &due_us, &f.e), -1);
	CHECK_INT(f.e.kind, ERROR_INPUT);
	CHECK_INT(watch_nudge(f.w, "http://", BEGIN, &f.e), -1);
	CHECK_INT(watch_knows(f.w, "http://", &f.e), -1);
	CHECK_OK(state_commit(f.s, &f.e), &f.e);
	CHECK_INT(watch_knows(f.w, "http://a.example/1", &f.e), 1);
	end(&f);
}

static const char *
site_of(void *context, const char *url)
{
	(void)context;
	return strstr(url, "other") != NULL ? NULL : "s";
}

static void
put_snapshot(const char *dir, const char *name, const char *lines)
{
	struct error e = { 0 };
	char *folder = mem_format("%s/snapshots/2026/11/%s", dir, name);
	char *path = mem_format("%s/articles.jsonl", folder);

	CHECK_OK(file_make_dirs(folder, &e), &e);
	CHECK_OK(file_put(path, lines, strlen(lines), &e), &e);
	free(path);
	free(folder);
}

#define LINE(id, url, core, date)                                            \
	"{\"article\":{\"article_id\":\"" id "\",\"url\":{\"final\":\"" url  \
	"\"},\"hashes\":{\"core\":\"" core "\"}},\"binding\":{"              \
	"\"response_record\":\"urn:uuid:1\",\"response_date\":\"" date "\"}" \
	"}\n"

CASE(what_was_watched_is_had_again_from_the_snapshots)
{
	struct fixture f = begin("again");
	struct watch_counts counts;
	enum watch_event event;
	int64_t due_us;

	put_snapshot("again", "20261101T000000Z-s",
	    LINE("k:1", "http://a.example/1", "x", "2026-11-01T00:00:00Z")
		LINE("k:2", "http://a.example/2", "y", "2026-11-01T00:00:00Z")
		    LINE("k:9", "http://other.example/", "z",
			"2026-11-01T00:00:00Z") "no line of ours\n");
	put_snapshot("again", "20261101T040000Z-s",
	    LINE("k:1", "http://a.example/1", "xx", "2026-11-01T03:00:00Z"));
	CHECK_OK(watch_rebuild(f.w, f.c, site_of, NULL, &f.ladder, &f.e), &f.e);
	CHECK_OK(watch_rebuild(f.w, f.c, site_of, NULL, &f.ladder, &f.e), &f.e);
	CHECK_OK(watch_count(f.w, "s", INT64_MAX, &counts, &f.e), &f.e);
	CHECK_INT(counts.watched, 2);
	CHECK_INT(counts.due, 2);
	/* Three hours were watched: the next step is of 6 h. 09:00. */
	look(&f, "http://a.example/1", "k:1", "xx", 1793523600000000, &event,
	    &due_us);
	CHECK_INT(event, EVENT_NONE);
	CHECK_INT(due_us, 1793523600000000 + DAY);
	look(&f, "http://a.example/2", "k:2", "yy", 1793523600000000, &event,
	    &due_us);
	CHECK_INT(event, EVENT_CHANGED);
	end(&f);
}

TESTS(T(steps_are_read), T(what_are_no_steps_is_told_and_changes_nothing),
    T(an_article_that_stays_is_looked_at_less_and_less_often),
    T(a_change_begins_again_at_half_the_step),
    T(modified_moved_without_a_change_is_one_more_look_within_the_hour),
    T(a_bad_reading_counts_when_a_second_look_agrees),
    T(a_disappearance_is_three_sightings_over_a_day_with_control),
    T(what_is_there_again_is_told_with_its_gap), T(silence_is_waited_out),
    T(an_article_is_one_under_all_its_addresses),
    T(what_is_due_goes_into_the_queue_once),
    T(a_place_on_most_read_is_one_more_look_within_the_hour),
    T(what_is_held_for_gone_and_named_again_is_looked_at_within_the_hour),
    T(the_control_is_another_article_than_the_one_that_is_gone),
    T(a_site_that_shows_its_home_page_for_everything_loses_no_article),
    T(a_clock_that_was_ahead_does_not_stop_the_looks),
    T(a_year_of_one_article_keeps_every_version_that_was_shown_at_a_visit),
    T(what_is_no_url_undoes_nothing),
    T(what_was_watched_is_had_again_from_the_snapshots))
