/*
 * A collection of many small snapshots, one every quarter of an hour, each with
 * a page and its article, made without fetching:
 *
 *	bench_scale DIR COUNT
 *
 * Index and catalog are left to "holdfast rebuild all". about/ is the same file
 * in all of them, to save room.
 */
#include <stdlib.h>
#include <unistd.h>

#include "core/collection/catalog.h"
#include "core/collection/chain_head.h"
#include "tests/unit/snapshot_fixture.h"

enum { QUARTER_US = 900000000, PAGES = 5000 };

/* In place of the library's own, which would be asked for each. */
static char *newest;

int
catalog_add(struct collection *c, const char *snapshot, struct error *e)
{
	(void)c;
	(void)e;
	free(newest);
	newest = mem_text(snapshot);
	return 0;
}

int
chain_head(const struct collection *c, char **out, struct error *e)
{
	(void)c;
	(void)e;
	*out = newest == NULL ? NULL : mem_text(newest);
	return 0;
}

static void
fail(const struct error *e)
{
	(void)fprintf(stderr, "bench_scale: %s\n", e->text);
	exit(1);
}

/* The files of about/ become those of the first snapshot. */
static void
share_about(const char *dir, const char *first)
{
	char *about = mem_format("%s/about", dir);
	struct file_names names;

	if (file_list(about, &names, NULL) != 0)
		return;
	(void)chmod(about, 0750);
	for (size_t i = 0; i < names.count; i++) {
		char *own = mem_format("%s/%s", about, names.names[i]);
		char *other = mem_format("%s/about/%s", first, names.names[i]);

		if (unlink(own) != 0 || link(other, own) != 0)
			exit(1);
		free(own);
		free(other);
	}
	(void)chmod(about, 0550);
	file_names_clear(&names);
	free(about);
}

static void
add_article(struct snapshot *s, const char *url, unsigned number)
{
	struct arena *a = arena_new();
	struct captured page;
	char *block;

	if (snapshot_find(s, url, a, &page) != 1)
		exit(1);
	block = mem_format(
	    "{\"article\":{\"article_id\":\"bench:%u\",\"hashes\":{\"core\":"
	    "\"sha256:00\"},\"headline\":\"Story %u\",\"url\":{\"final\":\"%s\"}"
	    "},\"binding\":{\"response_date\":\"%s\",\"response_record\":\"%s\""
	    "},\"schema\":\"holdfast-article/1\"}",
	    number, number, url, page.date, page.record_id);
	(void)snapshot_add_derived(
	    s, "article", url, page.record_id, page.date, block, strlen(block));
	free(block);
	arena_free(a);
}

static char *
make_one(struct collection *c, unsigned i)
{
	struct fixture_clock clock = fixture_clock_at(
	    fixture_start_us + (int64_t)i * QUARTER_US);
	const struct snapshot_options o = { .site = "en", .kind = "capture" };
	char *url = mem_format("https://news.example/story/%u", i % PAGES);
	char *body = mem_format("<title>Story %u</title>", i);
	struct error e = { 0 };
	struct snapshot *s = snapshot_begin(c, &o, &clock.clock, &e);
	struct snapshot_totals totals;
	struct exchange *x = fixture_page(url, body, NULL);
	char *dir = NULL;

	if (s == NULL)
		fail(&e);
	x->started_us = clock.us;
	if (fixture_wait(s, fixture_put(s, x), &e) != 0)
		fail(&e);
	add_article(s, url, i % PAGES);
	if (snapshot_seal(s, "complete", &totals, &dir, &e) != 0)
		fail(&e);
	free(body);
	free(url);
	return dir;
}

int
main(int argc, char **argv)
{
	unsigned count = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	struct collection *c;
	char *first = NULL;

	(void)test_main; /* of the fixture, which tests */
	if (count == 0) {
		(void)fprintf(stderr, "usage: bench_scale DIR COUNT\n");
		return 2;
	}
	c = fixture_collection(argv[1]);
	for (unsigned i = 0; i < count; i++) {
		char *dir = make_one(c, i);

		if (first == NULL)
			first = dir;
		else
			share_about(dir, first);
		if (dir != first)
			free(dir);
	}
	free(first);
	free(newest);
	collection_free(c);
	return 0;
}
