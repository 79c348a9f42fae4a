/*
 * Looking up in an index of N lines and adding to it (performance.md, 6 and
 * 8), and the external sort.
 *
 *	bench_index DIR [LINES]      (10,000,000; about 390 bytes each)
 *
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "core/archive/index_file.h"
#include "core/archive/index_range.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/collection/index.h"
#include "core/collection/index_current.h"
#include "core/collection/months.h"
#include "core/collection/index_run.h"
#include "core/collection/layout.h"

enum { LOOKS = 20000, COLD_LOOKS = 300, ADDED = 20000 };

#define SNAPSHOT "snapshots/2026/01/20260101T000000Z-web"
#define ADDITION "snapshots/2026/02/20260201T000000Z-web"

static int64_t
now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static _Noreturn void
fail(const struct error *e)
{
	(void)fprintf(stderr, "bench_index: %s\n", e->text);
	exit(1);
}

/* A fixed disorder of 64 bits. */
static uint64_t
noise(uint64_t n)
{
	n += 0x9e3779b97f4a7c15u;
	n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9u;
	n = (n ^ n >> 27) * 0x94d049bb133111ebu;
	return n ^ n >> 31;
}

/* The URL of page N: in the order of N, as a sorted index has them. */
static void
url_of(char out[256], uint64_t n)
{
	(void)snprintf(out, 256,
	    "https://site%04u.example/2026/section/%010" PRIu64
	    "/a-headline-of-some-words.html",
	    (unsigned)(n / 2500), n);
}

static void
add_line(struct buf *b, uint64_t n, const char *folder)
{
	uint64_t h = noise(n);

	buf_format(b,
	    "example,site%04u)/2026/section/%010" PRIu64
	    "/a-headline-of-some-words.html 20260101%06u "
	    "{\"url\": \"https://site%04u.example/2026/section/%010" PRIu64
	    "/a-headline-of-some-words.html\", \"mime\": \"text/html\", "
	    "\"status\": \"200\", \"digest\": \"sha256:%016" PRIx64
	    "%016" PRIx64 "%016" PRIx64 "%016" PRIx64 "\", \"length\": "
	    "\"%u\", \"offset\": \"%u\", \"filename\": \"%s%s\"}\n",
	    (unsigned)(n / 2500), n, (unsigned)(n % 240000),
	    (unsigned)(n / 2500), n, h, noise(h), noise(h + 1), noise(h + 2),
	    (unsigned)(h % 90000), (unsigned)(h >> 34), folder,
	    "records/holdfast-20260101000000-00001.warc.gz");
}

/* COUNT lines, every STEP-th page, sorted. */
static void
make_file(const char *path, uint64_t count, uint64_t step, const char *folder)
{
	struct error e = { 0 };
	struct buf b = { 0 };
	uint64_t at = 0;
	int fd = file_create(path, &e);

	if (fd < 0)
		fail(&e);
	for (uint64_t i = 0; i < count; i++) {
		add_line(&b, i * step, folder);
		if (b.len < 1 << 20 && i + 1 < count)
			continue;
		if (file_write_at(fd, b.data, b.len, at, &e) != 0)
			fail(&e);
		at += b.len;
		buf_reset(&b);
	}
	if (file_sync(fd, &e) != 0)
		fail(&e);
	(void)close(fd); /* synced */
	buf_clear(&b);
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static long
resident_mib(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u); /* cannot fail for oneself */
	return u.ru_maxrss / 1024;
}

static void
report(const char *name, int64_t *ns, size_t count)
{
	qsort(ns, count, sizeof(*ns), by_size);
	printf("%-34s p50 %8.1f us  p99 %8.1f us  resident %ld MiB\n", name,
	    (double)ns[count / 2] / 1000, (double)ns[count * 99 / 100] / 1000,
	    resident_mib());
}

static void
forget(const char *const *paths)
{
	for (; *paths != NULL; paths++) {
		int fd = open(*paths, O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			continue;
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		(void)close(fd); /* only read */
	}
}

static int64_t
look(struct index_file *f, uint64_t n)
{
	struct buf start = { 0 };
	struct buf end = { 0 };
	struct error e = { 0 };
	char url[256];
	char *line;
	size_t len;
	size_t count = 0;
	int64_t began;
	int64_t took;

	url_of(url, n);
	began = now_ns();
	index_range(url, INDEX_EXACT, &start, &end);
	if (index_file_find(f, (char *)start.data, (char *)end.data, &e) != 0)
		fail(&e);
	while (index_file_next(f, &line, &len, &e) == 1)
		count++;
	took = now_ns() - began;
	if (count != 1) {
		(void)fprintf(
		    stderr, "bench_index: %zu lines of %s\n", count, url);
		exit(1);
	}
	buf_clear(&start);
	buf_clear(&end);
	return took;
}

/* Random pages of what is there, warm and cold. */
static void
look_up(const char *name, const char *path, const char *top, uint64_t lines)
{
	const char *const paths[] = { path, top == NULL ? path : top, NULL };
	int64_t *ns = mem_zero(LOOKS, sizeof(*ns));
	struct index_file *f = NULL;
	struct error e = { 0 };
	char title[80];
	int64_t began = now_ns();
	int rc = top == NULL ? index_file_open(&f, path, &e)
			     : index_file_open_with_top(&f, path, top, &e);

	if (rc != 0)
		fail(&e);
	printf("%-34s %.2f ms\n", "open", (double)(now_ns() - began) / 1e6);
	for (uint64_t i = 0; i < LOOKS; i++)
		(void)look(f, noise(i) % lines);
	for (uint64_t i = 0; i < LOOKS; i++)
		ns[i] = look(f, noise(i) % lines);
	(void)snprintf(title, sizeof(title), "%s, warm", name);
	report(title, ns, LOOKS);
	for (uint64_t i = 0; i < COLD_LOOKS; i++) {
		forget(paths);
		ns[i] = look(f, noise(i + LOOKS) % lines);
	}
	(void)snprintf(title, sizeof(title), "%s, cold", name);
	report(title, ns, COLD_LOOKS);
	index_file_free(f);
	free(ns);
}

/* A collection whose index has so many lines, and a snapshot of ADDED more
 * that is not in it yet. */
static void
make_collection(const char *dir, uint64_t lines)
{
	struct index_source source;
	struct error e = { 0 };
	char *old = mem_format("%s/" SNAPSHOT, dir);
	char *fresh = mem_format("%s/" ADDITION, dir);
	char *index = mem_format("%s/index/manifests", dir);
	char *own = mem_format("%s/index.cdxj", old);
	char *added = mem_format("%s/index.cdxj", fresh);
	char *run = mem_format("%s/index/00000001.cdxj", dir);
	uint64_t bytes;

	if (file_make_dirs(old, &e) != 0 || file_make_dirs(fresh, &e) != 0 ||
	    file_make_dirs(index, &e) != 0)
		fail(&e);
	make_file(own, lines, 1, "");
	make_file(added, ADDED, lines / ADDED, "");
	if (index_source_open(&source, own, SNAPSHOT "/", &e) != 0 ||
	    index_run_write(run, &source, 1, &bytes, &e) != 0)
		fail(&e);
	index_source_close(&source);
	(void)file_remove(own, NULL); /* it is in the run */
	free(old);
	free(fresh);
	free(index);
	free(own);
	free(added);
	free(run);
}

/* The index is that of the first snapshot, as it was made. */
static void
set_current(const char *dir)
{
	struct collection c = { .dir = mem_text(dir) };
	struct index_current n = { 0 };
	struct error e = { 0 };
	char *run = mem_format("%s/index/00000001.cdxj", dir);
	char zeros[65];
	uint64_t bytes;

	memset(zeros, '0', 64);
	zeros[64] = '\0';
	if (file_size(run, &bytes, &e) != 0)
		fail(&e);
	index_current_add(&n, SNAPSHOT, zeros);
	n.holds = 1;
	n.sum = months_hash(SNAPSHOT);
	index_current_add_run(&n, "00000001.cdxj", bytes);
	if (index_current_write(&c, &n, &e) != 0)
		fail(&e);
	index_current_clear(&n);
	free(c.dir);
	free(run);
}

/* Adding, and asking the whole as verbs do, which open it every time. */
static void
add_and_ask(const char *dir, uint64_t lines)
{
	struct collection c = { .dir = mem_text(dir) };
	struct error e = { 0 };
	int64_t *ns = mem_zero(1000, sizeof(*ns));
	int64_t began = now_ns();

	if (index_add(&c, ADDITION, &e) != 0)
		fail(&e);
	printf("%-34s %.3f s\n", "20,000 lines added",
	    (double)(now_ns() - began) / 1e9);
	for (uint64_t i = 0; i < 1000; i++) {
		struct arena *a = arena_new();
		struct index_hit *hits;
		size_t count;
		char url[256];

		url_of(url, noise(i) % ADDED * (lines / ADDED));
		began = now_ns();
		if (index_find(&c, a, url, &hits, &count, &e) != 0)
			fail(&e);
		ns[i] = now_ns() - began;
		if (count != 2) {
			(void)fprintf(stderr, "bench_index: %zu hits of %s\n",
			    count, url);
			exit(1);
		}
		arena_free(a);
	}
	report("the collection, opened each time", ns, 1000);
	free(ns);
	free(c.dir);
}

static void
sort_all(uint64_t lines)
{
	struct sorter *s = sorter_new((size_t)16 * 1024 * 1024, NULL);
	struct error e = { 0 };
	struct buf b = { 0 };
	const uint8_t *p;
	size_t len;
	uint64_t bytes = 0;
	int64_t began = now_ns();

	for (uint64_t i = 0; i < lines; i++) {
		buf_reset(&b);
		add_line(&b, noise(i) % lines, "");
		bytes += b.len;
		if (sorter_add(s, b.data, b.len, &e) != 0)
			fail(&e);
	}
	if (sorter_begin(s, &e) != 0)
		fail(&e);
	while (sorter_next(s, &p, &len, &e) == 1)
		continue;
	printf("%-34s %.2f s, %.0f MB, resident %ld MiB\n",
	    "lines made and sorted in 16 MiB", (double)(now_ns() - began) / 1e9,
	    (double)bytes / 1e6, resident_mib());
	sorter_free(s);
	buf_clear(&b);
}

int
main(int argc, char **argv)
{
	uint64_t lines = argc > 2 ? strtoull(argv[2], NULL, 10) : 10000000;
	char *dir;
	char *run;
	char *top;

	if (argc < 2 || lines < ADDED) {
		(void)fputs("usage: bench_index DIR [LINES]\n", stderr);
		return 2;
	}
	dir = mem_format("%s/collection", argv[1]);
	run = mem_format("%s/index/00000001.cdxj", dir);
	top = mem_format("%s/index/00000001.top", dir);
	if (!file_exists(run))
		make_collection(dir, lines);
	set_current(dir);
	printf("%" PRIu64 " lines\n", lines);
	look_up("a run", run, top, lines);
	look_up("a plain file", run, NULL, lines);
	add_and_ask(dir, lines);
	sort_all(lines < 2000000 ? lines : 2000000);
	free(dir);
	free(run);
	free(top);
	return 0;
}
