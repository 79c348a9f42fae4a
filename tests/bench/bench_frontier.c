/*
 * The frontier: what a crawler remembers of very many URLs, lasting (queue.h)
 * and of one run (frontier.h).
 *
 *	bench_frontier [N [PAGE]]
 *
 * N URLs (10,000,000), all new and all waiting, are added, PAGE of them (100)
 * in a transaction; then some are asked for, taken and ended. Works in the
 * current directory. Prints one line a figure.
 */
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/collection/layout.h"
#include "core/crawl/frontier.h"
#include "core/crawl/queue.h"
#include "core/crawl/state.h"

static struct error error;

static void
need(int rc)
{
	if (rc >= 0)
		return;
	(void)fprintf(stderr, "bench_frontier: %s\n", error.text);
	exit(1);
}

static double
seconds(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long
peak_kib(void)
{
	struct rusage r;

	(void)getrusage(RUSAGE_SELF, &r);
	return r.ru_maxrss;
}

static uint64_t
bytes_on_disk(void)
{
	static const char *const names[] = { "bench/state/run.sqlite",
		"bench/state/run.sqlite-wal", "bench/state/run.sqlite-shm" };
	uint64_t sum = 0;

	for (size_t i = 0; i < 3; i++) {
		struct stat st;

		if (stat(names[i], &st) == 0)
			sum += (uint64_t)st.st_blocks * 512;
	}
	return sum;
}

/* As long as the addresses of news sites are: 96 bytes in the mean. */
static void
address(char *out, size_t cap, uint64_t i)
{
	static const char *const words[] = { "government", "election",
		"ceasefire", "minister", "economy", "storm", "talks",
		"border" };
	uint64_t mixed = i * 0x9e3779b97f4a7c15u;

	(void)snprintf(out, cap,
	    "https://www%d.news.example/news/%s/%s-%s-%s-%s-%" PRIu64
	    "-%08" PRIx64,
	    (int)(i % 4), words[mixed >> 61], words[(mixed >> 58) & 7],
	    words[(mixed >> 55) & 7], words[(mixed >> 52) & 7],
	    words[(mixed >> 49) & 7], i, mixed >> 32);
}

struct bench {
	struct collection *c;
	struct state *s;
	struct queue *q;
	uint64_t n, page;
};

static void
open_all(struct bench *b)
{
	need(state_open(&b->s, b->c, clock_system(), NULL, &error));
	need(queue_open(&b->q, b->s, &error));
}

static void
close_all(struct bench *b)
{
	queue_close(b->q);
	state_close(b->s);
}

/* The links of one page. */
static void
add_page(struct bench *b, uint64_t from, uint64_t to)
{
	char url[256];
	char via[256];
	struct queued t = { .url = url,
		.site = "news",
		.via = via,
		.hops = "LL",
		.rank = RANK_LINK,
		.depth = 2 };

	address(via, sizeof(via), from / 2);
	need(state_begin(b->s, &error));
	for (uint64_t i = from; i < to; i++) {
		address(url, sizeof(url), i);
		if (queue_add(b->q, &t, &error) != 1)
			need(error_set(&error, ERROR_SYSTEM, "%s: known", url));
	}
	need(state_commit(b->s, &error));
}

static void
knows_some(struct bench *b, uint64_t looks)
{
	char url[256];

	for (uint64_t i = 0; i < looks; i++) {
		address(url, sizeof(url),
		    (i * 0x9e3779b97f4a7c15u >> 16) % (2 * b->n));
		need(queue_knows(b->q, url, &error));
	}
}

static void
take_some(struct bench *b, uint64_t count)
{
	struct arena *a = arena_new();

	for (uint64_t i = 0; i < count; i++) {
		struct queued t;
		int64_t due_us;

		arena_reset(a);
		need(state_begin(b->s, &error));
		if (queue_take(b->q, a, "news", 1, NULL, &t, &due_us, &error) ==
		    1)
			need(queue_done(b->q, t.number, &error));
		need(state_commit(b->s, &error));
	}
	arena_free(a);
}

static void
lasting(struct bench *b)
{
	double wall = seconds(CLOCK_MONOTONIC);
	double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	double slowest = 0;
	uint64_t looks = b->n < 200000 ? b->n : 200000;
	uint64_t takes = b->n < 20000 ? b->n : 20000;

	open_all(b);
	for (uint64_t i = 0; i < b->n; i += b->page) {
		double start = seconds(CLOCK_MONOTONIC);

		add_page(b, i, i + b->page < b->n ? i + b->page : b->n);
		start = seconds(CLOCK_MONOTONIC) - start;
		slowest = start > slowest ? start : slowest;
	}
	wall = seconds(CLOCK_MONOTONIC) - wall;
	printf("queue: known URLs %" PRIu64 "\n", b->n);
	printf("queue: adds/s %.0f (CPU %.1f s, wall %.1f s)\n",
	    (double)b->n / wall, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, wall);
	printf("queue: slowest transaction %.2f s\n", slowest);
	printf("queue: bytes on disk %" PRIu64 ", with the log\n",
	    bytes_on_disk());
	wall = seconds(CLOCK_MONOTONIC);
	knows_some(b, looks);
	wall = seconds(CLOCK_MONOTONIC) - wall;
	printf(
	    "queue: looks/s %.0f, half of them known\n", (double)looks / wall);
	wall = seconds(CLOCK_MONOTONIC);
	take_some(b, takes);
	wall = seconds(CLOCK_MONOTONIC) - wall;
	printf("queue: taken and ended/s %.0f, each in a transaction\n",
	    (double)takes / wall);
	close_all(b);
	wall = seconds(CLOCK_MONOTONIC);
	open_all(b);
	need(queue_release(b->q, &error));
	printf(
	    "queue: opened again in %.3f s\n", seconds(CLOCK_MONOTONIC) - wall);
	close_all(b);
	printf("queue: peak memory %ld KiB\n", peak_kib());
}

static void
of_a_run(uint64_t n)
{
	struct frontier *f = frontier_new();
	double wall = seconds(CLOCK_MONOTONIC);
	char url[256];

	for (uint64_t i = 0; i < n; i++) {
		struct target *t;

		address(url, sizeof(url), i);
		if (frontier_find(f, url, &t) == FRONTIER_NEW)
			frontier_done(
			    f, frontier_add(f, url, NEED_PAGE, NULL, "", ""));
	}
	wall = seconds(CLOCK_MONOTONIC) - wall;
	printf("run: done URLs/s %.0f of %" PRIu64 "\n", (double)n / wall, n);
	frontier_free(f);
	printf("run: peak memory %ld KiB\n", peak_kib());
}

int
main(int argc, char **argv)
{
	const struct collection_facts facts = { .id = "urn:uuid:bench",
		.prefix = "bench" };
	struct bench b = { .n = 10000000, .page = 100 };

	if (argc > 1)
		b.n = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		b.page = strtoull(argv[2], NULL, 10);
	if (b.page == 0)
		b.page = 1;
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	need(collection_create("bench", &facts, &error));
	need(collection_open(&b.c, "bench", &error));
	lasting(&b);
	collection_free(b.c);
	of_a_run(b.n);
	return 0;
}
