/* The lasting frontier: new once, taken in order, nothing lost, nothing
 * twice. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/db.h"
#include "core/base/mem.h"
#include "core/crawl/known.h"
#include "core/crawl/queue.h"
#include "tests/unit/state_fixture.h"

struct fixture {
	struct collection *c;
	struct state *s;
	struct queue *q;
	struct arena *a;
	struct error e;
};

static struct fixture
begin(const char *dir)
{
	struct fixture f = { 0 };

	f.s = fixture_state(dir, &f.c);
	f.a = arena_new();
	CHECK_OK(queue_open(&f.q, f.s, &f.e), &f.e);
	return f;
}

static void
end(struct fixture *f)
{
	queue_close(f->q);
	state_close(f->s);
	collection_free(f->c);
	arena_free(f->a);
}

static int
add(struct fixture *f, const char *url, int rank, int64_t due_us)
{
	const struct queued t = { .url = url,
		.site = "s",
		.via = "",
		.hops = "",
		.rank = rank,
		.due_us = due_us };
	int rc = queue_add(f->q, &t, &f->e);

	CHECK_OK(rc, &f->e);
	return rc;
}

static int
again(struct fixture *f, const char *url, int rank, int64_t due_us)
{
	const struct queued t = { .url = url,
		.site = "s",
		.via = "",
		.hops = "",
		.rank = rank,
		.due_us = due_us };
	int rc = queue_add_again(f->q, &t, &f->e);

	CHECK_OK(rc, &f->e);
	return rc;
}

/* The URL of the next one at NOW, "" none; *NUMBER is its. */
static const char *
take(
    struct fixture *f, int64_t now_us, const char *const *shun, int64_t *number)
{
	struct queued t = { .url = "" };
	int64_t due_us;
	int rc = queue_take(f->q, f->a, "s", now_us, shun, &t, &due_us, &f->e);

	CHECK_OK(rc, &f->e);
	*number = rc == 1 ? t.number : 0;
	return rc == 1 ? t.url : "";
}

CASE(a_url_is_new_once_whatever_its_spelling)
{
	struct fixture f = begin("a");

	CHECK_INT(add(&f, "https://a.example/x?b=%c3%a9", RANK_NEWS, 0), 1);
	CHECK_INT(add(&f, "https://A.example:443/y/../x?b=\xc3\xa9#top",
		      RANK_NEWS, 0),
	    0);
	CHECK_INT(add(&f, "https://a.example/%78?b=%C3%A9", RANK_NEWS, 0), 0);
	CHECK_INT(add(&f, "http://a.example/x?b=%c3%a9", RANK_NEWS, 0), 1);
	CHECK_INT(queue_knows(f.q, "https://a.example/x?b=%C3%a9", &f.e), 1);
	CHECK_INT(queue_knows(f.q, "https://a.example/x", &f.e), 0);
	CHECK_INT(queue_waiting(f.q, "s", INT64_MAX), 2);
	CHECK_INT(queue_waiting(f.q, "", INT64_MAX), 2);
	CHECK_INT(queue_waiting(f.q, "other", INT64_MAX), 0);
	end(&f);
}

CASE(what_is_no_url_is_told)
{
	struct fixture f = begin("bad");
	const struct queued t = { .url = "http://", .site = "s" };

	CHECK_INT(queue_add(f.q, &t, &f.e), -1);
	CHECK_INT(f.e.kind, ERROR_INPUT);
	CHECK_INT(add(&f, "http://a.example/", RANK_NEWS, 0), 1);
	end(&f);
}

CASE(rank_then_due_time_then_order_of_arrival)
{
	struct fixture f = begin("b");
	int64_t n;

	(void)add(&f, "http://a.example/link", RANK_LINK, 0);
	(void)add(&f, "http://a.example/later", RANK_NEWS, 50);
	(void)add(&f, "http://a.example/one", RANK_NEWS, 10);
	(void)add(&f, "http://b.example/two", RANK_NEWS, 10);
	(void)add(&f, "http://b.example/early", RANK_NEWS, 5);
	(void)add(&f, "http://c.example/front", RANK_SOURCE, 90);
	CHECK_TEXT(take(&f, 20, NULL, &n), "http://b.example/early");
	CHECK_TEXT(take(&f, 20, NULL, &n), "http://a.example/one");
	CHECK_TEXT(take(&f, 20, NULL, &n), "http://b.example/two");
	CHECK_TEXT(take(&f, 20, NULL, &n), "http://a.example/link");
	CHECK_TEXT(take(&f, 20, NULL, &n), "");
	CHECK_TEXT(take(&f, 100, NULL, &n), "http://c.example/front");
	CHECK_TEXT(take(&f, 100, NULL, &n), "http://a.example/later");
	CHECK_TEXT(take(&f, 100, NULL, &n), "");
	end(&f);
}

CASE(when_none_is_due_it_says_when_one_will_be)
{
	struct fixture f = begin("c");
	static const char *const shun[] = { "b.example", NULL };
	struct queued t;
	int64_t due_us = 1;

	CHECK_INT(queue_take(f.q, f.a, "s", 0, NULL, &t, &due_us, &f.e), 0);
	CHECK(due_us == INT64_MAX);
	(void)add(&f, "http://a.example/", RANK_LINK, 70);
	(void)add(&f, "http://b.example/", RANK_NEWS, 50);
	CHECK_INT(queue_take(f.q, f.a, "s", 0, NULL, &t, &due_us, &f.e), 0);
	CHECK_INT(due_us, 50);
	CHECK_INT(queue_take(f.q, f.a, "s", 60, shun, &t, &due_us, &f.e), 0);
	CHECK_INT(due_us, 70);
	CHECK_INT(queue_waiting(f.q, "s", 60), 1);
	end(&f);
}

CASE(a_shunned_host_waits_with_all_its_ports)
{
	struct fixture f = begin("d");
	static const char *const shun[] = { "a.example", "b.example:81", NULL };
	int64_t n;

	(void)add(&f, "http://a.example/1", RANK_NEWS, 0);
	(void)add(&f, "http://a.example:8080/2", RANK_NEWS, 0);
	(void)add(&f, "http://b.example:81/3", RANK_NEWS, 0);
	(void)add(&f, "http://b.example/4", RANK_NEWS, 0);
	(void)add(&f, "http://a.example.net/5", RANK_LINK, 0);
	CHECK_TEXT(take(&f, 0, shun, &n), "http://b.example/4");
	CHECK_TEXT(take(&f, 0, shun, &n), "http://a.example.net/5");
	CHECK_TEXT(take(&f, 0, shun, &n), "");
	CHECK_TEXT(take(&f, 0, NULL, &n), "http://a.example/1");
	end(&f);
}

CASE(what_waits_is_handed_back_as_it_was_given)
{
	struct fixture f = begin("e");
	const struct queued t = { .url = "https://a.example/%d8%a7#x",
		.site = "news",
		.via = "https://a.example/",
		.hops = "LL",
		.kind = WANTED_FRONT,
		.rank = 7,
		.depth = 3,
		.due_us = 12 };
	struct queued out;
	int64_t due_us;

	CHECK_INT(queue_add(f.q, &t, &f.e), 1);
	CHECK_INT(
	    queue_take(f.q, f.a, "news", 12, NULL, &out, &due_us, &f.e), 1);
	CHECK_TEXT(out.url, "https://a.example/%d8%a7");
	CHECK_TEXT(out.site, "news");
	CHECK_TEXT(out.via, "https://a.example/");
	CHECK_TEXT(out.hops, "LL");
	CHECK_INT(out.kind, WANTED_FRONT);
	CHECK_INT(out.rank, 7);
	CHECK_INT(out.depth, 3);
	CHECK_INT(out.tries, 0);
	CHECK_INT(out.due_us, 12);
	CHECK(out.is_taken);
	CHECK_INT(queue_put_back(f.q, out.number, 99, 1, &f.e), 0);
	CHECK_INT(
	    queue_take(f.q, f.a, "news", 99, NULL, &out, &due_us, &f.e), 1);
	CHECK_INT(out.tries, 1);
	CHECK_INT(out.due_us, 99);
	CHECK_INT(queue_put_back(f.q, out.number, 99, 0, &f.e), 0);
	CHECK_INT(
	    queue_take(f.q, f.a, "news", 99, NULL, &out, &due_us, &f.e), 1);
	CHECK_INT(out.tries, 1);
	end(&f);
}

CASE(what_has_an_outcome_is_known_and_waits_no_more)
{
	struct fixture f = begin("f");
	int64_t n;

	(void)add(&f, "http://a.example/", RANK_NEWS, 0);
	(void)take(&f, 0, NULL, &n);
	CHECK_INT(queue_done(f.q, n, &f.e), 0);
	CHECK_INT(queue_waiting(f.q, "s", INT64_MAX), 0);
	CHECK_INT(add(&f, "http://a.example/", RANK_NEWS, 0), 0);
	CHECK_INT(queue_release(f.q, &f.e), 0);
	CHECK_TEXT(take(&f, 0, NULL, &n), "");
	end(&f);
}

CASE(wanted_again_it_waits_once)
{
	struct fixture f = begin("g");
	int64_t n;

	CHECK_INT(again(&f, "http://a.example/", RANK_WATCH, 50), 1);
	CHECK_INT(again(&f, "http://a.example/#again", RANK_LINK, 20), 0);
	CHECK_INT(queue_waiting(f.q, "s", 20), 1);
	CHECK_INT(again(&f, "http://a.example/", RANK_NEWS, 90), 0);
	CHECK_TEXT(take(&f, 20, NULL, &n), "http://a.example/");
	CHECK_INT(again(&f, "http://a.example/", RANK_NEWS, 90), 0);
	CHECK_INT(queue_done(f.q, n, &f.e), 0);
	CHECK_INT(again(&f, "http://a.example/", RANK_WATCH, 70), 1);
	CHECK_INT(again(&f, "http://a.example/", RANK_WATCH, 70), 0);
	CHECK_TEXT(take(&f, 60, NULL, &n), "");
	CHECK_TEXT(take(&f, 70, NULL, &n), "http://a.example/");
	CHECK_INT(queue_done(f.q, n, &f.e), 0);
	CHECK_INT(add(&f, "http://a.example/", RANK_NEWS, 0), 0);
	end(&f);
}

CASE(a_number_given_out_again_is_not_taken_for_another_url)
{
	struct fixture f = begin("h");
	int64_t n;

	(void)add(&f, "http://a.example/one", RANK_NEWS, 0);
	(void)take(&f, 0, NULL, &n);
	CHECK_INT(queue_done(f.q, n, &f.e), 0);
	end(&f);
	f = begin("h");
	(void)add(&f, "http://a.example/two", RANK_NEWS, 0);
	CHECK_INT(again(&f, "http://a.example/one", RANK_WATCH, 0), 1);
	CHECK_INT(queue_waiting(f.q, "s", INT64_MAX), 2);
	end(&f);
}

CASE(passed_urls_are_known_and_never_wait)
{
	struct fixture f = begin("i");

	CHECK_INT(queue_pass(f.q, "http://a.example/", &f.e), 1);
	CHECK_INT(queue_pass(f.q, "http://a.example/#x", &f.e), 0);
	CHECK_INT(add(&f, "http://a.example/", RANK_NEWS, 0), 0);
	CHECK_INT(queue_waiting(f.q, "s", INT64_MAX), 0);
	CHECK_INT(again(&f, "http://a.example/", RANK_NEWS, 0), 1);
	CHECK_INT(queue_waiting(f.q, "s", INT64_MAX), 1);
	end(&f);
}

static char *
numbered(long i)
{
	return mem_format("http://h%ld.example/a/%ld/slug", i % 5, i);
}

CASE(keys_are_known_over_batches_and_openings)
{
	enum { COUNT = 5000, BATCH_KEYS = 700 };
	struct fixture f = begin("j");
	long bad = 0;

	for (long round = 0; round < 5; round++) {
		queue_set_batch(f.q, BATCH_KEYS);
		CHECK_OK(state_begin(f.s, &f.e), &f.e);
		for (long i = round * 1000; i < (round + 1) * 1000; i++) {
			char *url = numbered(i);

			bad += add(&f, url, RANK_LINK, 0) != 1;
			free(url);
			if (i % 100 == 99) {
				CHECK_OK(state_commit(f.s, &f.e), &f.e);
				CHECK_OK(state_begin(f.s, &f.e), &f.e);
			}
		}
		CHECK_OK(state_commit(f.s, &f.e), &f.e);
		end(&f);
		f = begin("j");
	}
	CHECK(db_number(state_db(f.s), "SELECT count(*) FROM known", 0) > 0);
	CHECK(
	    db_number(state_db(f.s), "SELECT count(*) FROM known", 0) < COUNT);
	for (long i = 0; i < COUNT; i++) {
		char *url = numbered(i);

		bad += queue_knows(f.q, url, &f.e) != 1;
		bad += add(&f, url, RANK_LINK, 0) != 0;
		free(url);
	}
	CHECK_INT(bad, 0);
	CHECK_INT(queue_waiting(f.q, "s", INT64_MAX), COUNT);
	end(&f);
}

struct seen {
	char text[256];
	size_t count;
};

static int
note(void *context, const struct queued *t)
{
	struct seen *s = context;
	size_t len = strlen(s->text);

	s->count++;
	(void)snprintf(s->text + len, sizeof(s->text) - len, "%s%s ",
	    strrchr(t->url, '/') + 1, t->is_taken ? "*" : "");
	return s->count == 4;
}

CASE(the_list_is_in_the_order_they_will_be_taken)
{
	struct fixture f = begin("k");
	struct seen seen = { .count = 0 };
	int64_t n;

	(void)add(&f, "http://a.example/d", RANK_LINK, 0);
	(void)add(&f, "http://a.example/c", RANK_NEWS, 9);
	(void)add(&f, "http://b.example/b", RANK_NEWS, 5);
	(void)add(&f, "http://b.example/a", RANK_SOURCE, 0);
	(void)add(&f, "http://b.example/e", RANK_ARCHIVE, 0);
	(void)take(&f, 0, NULL, &n);
	CHECK_INT(queue_each(f.q, "s", note, &seen, &f.e), 0);
	CHECK_TEXT(seen.text, "a* b c d ");
	CHECK_INT(queue_waiting(f.q, "s", INT64_MAX), 5);
	end(&f);
}

CASE(those_of_removed_sites_are_counted_and_left)
{
	struct fixture f = begin("l");
	static const char *const names[] = { "s", "t", NULL };
	static const char *const none[] = { NULL };
	struct queued t = { .url = "http://o.example/1", .site = "old" };

	(void)add(&f, "http://a.example/", RANK_NEWS, 0);
	CHECK_INT(queue_add(f.q, &t, &f.e), 1);
	t.url = "http://o.example/2";
	CHECK_INT(queue_add(f.q, &t, &f.e), 1);
	CHECK_INT(queue_orphans(f.q, names), 2);
	CHECK_INT(queue_orphans(f.q, none), 3);
	CHECK_INT(queue_waiting(f.q, "", INT64_MAX), 3);
	end(&f);
}

CASE(a_transaction_undone_leaves_nothing)
{
	struct fixture f = begin("m");

	CHECK_OK(state_begin(f.s, &f.e), &f.e);
	(void)add(&f, "http://a.example/1", RANK_NEWS, 0);
	end(&f);
	f = begin("m");
	CHECK_INT(queue_knows(f.q, "http://a.example/1", &f.e), 0);
	CHECK_INT(add(&f, "http://a.example/1", RANK_NEWS, 0), 1);
	end(&f);
}

CASE(where_nobody_comes_from_any_more_is_forgotten)
{
	struct fixture f = begin("n");
	int64_t left;

	CHECK_OK(state_begin(f.s, &f.e), &f.e);
	for (long i = 0; i < 12000; i++) {
		char *url = mem_format("http://a.example/%ld", i);
		char *via = mem_format("http://a.example/from/%ld", i);
		const struct queued t = { .url = url, .site = "s", .via = via };

		CHECK_INT(queue_add(f.q, &t, &f.e), 1);
		free(url);
		free(via);
	}
	for (long i = 0; i < 11990; i++) {
		int64_t n;

		(void)take(&f, 0, NULL, &n);
		CHECK_INT(queue_done(f.q, n, &f.e), 0);
	}
	CHECK_INT(queue_release(f.q, &f.e), 0);
	CHECK_OK(state_commit(f.s, &f.e), &f.e);
	left = db_number(state_db(f.s), "SELECT count(*) FROM via", 0);
	CHECK_INT(left, 10);
	end(&f);
}

/*
 * A child works on the queue and says after every commit how far it is; it is
 * killed at some moment. What it said is there, and nothing twice.
 */
static void
work(int to)
{
	struct fixture f = begin("kill");

	queue_set_batch(f.q, 300);
	CHECK_OK(queue_release(f.q, &f.e), &f.e);
	for (long i = 0;; i++) {
		char *url = numbered(i);
		int64_t n;

		CHECK_OK(state_begin(f.s, &f.e), &f.e);
		(void)add(&f, url, RANK_LINK, 0);
		(void)again(&f, "http://front.example/", RANK_SOURCE, 0);
		if (i % 3 == 0) {
			(void)take(&f, 0, NULL, &n);
			CHECK_OK(queue_done(f.q, n, &f.e), &f.e);
		}
		CHECK_OK(state_commit(f.s, &f.e), &f.e);
		free(url);
		if (write(to, &i, sizeof(i)) != sizeof(i))
			_exit(1);
	}
}

static long
worked_and_killed(long said_before_kill)
{
	int ends[2];
	long said = -1;
	long next;
	pid_t child;

	if (pipe(ends) != 0 || (child = fork()) < 0)
		return -1;
	if (child == 0) {
		(void)close(ends[0]);
		work(ends[1]);
	}
	(void)close(ends[1]);
	while (read(ends[0], &next, sizeof(next)) == sizeof(next)) {
		said = next;
		if (said == said_before_kill)
			(void)kill(child, SIGKILL);
	}
	(void)waitpid(child, NULL, 0);
	(void)close(ends[0]);
	return said;
}

CASE(killed_at_any_moment_nothing_is_lost_or_twice)
{
	for (long round = 0; round < 12; round++) {
		long said = worked_and_killed(37 * round + 5);
		struct fixture f = begin("kill");
		long lost = 0;

		for (long i = 0; i <= said; i++) {
			char *url = numbered(i);

			lost += queue_knows(f.q, url, &f.e) != 1;
			free(url);
		}
		CHECK(said >= 0);
		CHECK_INT(lost, 0);
		CHECK_INT(db_number(state_db(f.s),
			      "SELECT count(*) - count(DISTINCT url) FROM"
			      " target",
			      -1),
		    0);
		end(&f);
	}
}

CASE(many_lanes_cost_a_step_each_not_a_step_a_target)
{
	struct fixture f = begin("o");
	static const char *const shun[] = { "h0.example", "h1.example",
		"h2.example", "h3.example", NULL };
	int64_t n;

	CHECK_OK(state_begin(f.s, &f.e), &f.e);
	for (long i = 0; i < 20000; i++) {
		char *url = numbered(i);

		(void)add(&f, url, RANK_LINK, 0);
		free(url);
	}
	/* A scan over the shunned ones would be 10 million steps. */
	for (long i = 0; i < 600; i++)
		CHECK(strstr(take(&f, 0, shun, &n), "//h4.example/") != NULL);
	CHECK_OK(state_commit(f.s, &f.e), &f.e);
	end(&f);
}

/* tests/bench/bench_frontier.c does this with ten million. */
CASE(a_waiting_url_costs_its_text_and_a_hundred_bytes)
{
	enum { COUNT = 100000, TEXT = 80 };
	struct fixture f = begin("p");
	int64_t bytes;

	queue_set_batch(f.q, COUNT / 3);
	CHECK_OK(state_begin(f.s, &f.e), &f.e);
	for (long i = 0; i < COUNT; i++) {
		char *url = mem_format("http://h%ld.example/%0*ld", i % 5,
		    TEXT - (int)strlen("http://h0.example/"), i);

		(void)add(&f, url, RANK_LINK, 1700000000000000 + i);
		free(url);
		if (i % 1000 == 999) {
			CHECK_OK(state_commit(f.s, &f.e), &f.e);
			CHECK_OK(state_begin(f.s, &f.e), &f.e);
		}
	}
	CHECK_OK(state_commit(f.s, &f.e), &f.e);
	bytes = db_number(state_db(f.s), "PRAGMA page_count", 0) *
		db_number(state_db(f.s), "PRAGMA page_size", 0);
	if (bytes > COUNT * (TEXT + 100))
		printf("# %ld bytes a URL\n", (long)(bytes / COUNT));
	CHECK(bytes > 0 && bytes <= COUNT * (TEXT + 100));
	end(&f);
}

/* A front is wanted again at every run, for years. */
CASE(wanting_the_same_again_costs_nothing_lasting)
{
	enum { ROUNDS = 40000, MOST = 20000 };
	struct fixture f = begin("years");
	struct queued t;
	int64_t rows;
	int64_t due;

	for (int i = 0; i < ROUNDS; i++) {
		(void)again(&f, "https://a.example/", RANK_SOURCE, i);
		arena_reset(f.a);
		CHECK_INT(
		    queue_take(f.q, f.a, "s", i, NULL, &t, &due, &f.e), 1);
		CHECK_OK(queue_done(f.q, t.number, &f.e), &f.e);
	}
	rows = db_number(state_db(f.s), "SELECT count(*) FROM fresh", -1);
	CHECK(rows >= 0 && rows <= MOST);
	end(&f);
	f = begin("years");
	CHECK_INT(queue_knows(f.q, "https://a.example/", &f.e), 1);
	CHECK_INT(again(&f, "https://a.example/", RANK_SOURCE, 0), 1);
	end(&f);
}

TESTS(T(a_url_is_new_once_whatever_its_spelling), T(what_is_no_url_is_told),
    T(rank_then_due_time_then_order_of_arrival),
    T(when_none_is_due_it_says_when_one_will_be),
    T(a_shunned_host_waits_with_all_its_ports),
    T(what_waits_is_handed_back_as_it_was_given),
    T(what_has_an_outcome_is_known_and_waits_no_more),
    T(wanted_again_it_waits_once),
    T(a_number_given_out_again_is_not_taken_for_another_url),
    T(passed_urls_are_known_and_never_wait),
    T(keys_are_known_over_batches_and_openings),
    T(the_list_is_in_the_order_they_will_be_taken),
    T(those_of_removed_sites_are_counted_and_left),
    T(a_transaction_undone_leaves_nothing),
    T(where_nobody_comes_from_any_more_is_forgotten),
    T(wanting_the_same_again_costs_nothing_lasting),
    T(killed_at_any_moment_nothing_is_lost_or_twice),
    T(many_lanes_cost_a_step_each_not_a_step_a_target),
    T(a_waiting_url_costs_its_text_and_a_hundred_bytes))
