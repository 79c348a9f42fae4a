/* The collection-wide index: complete, sorted, found with or without it. */
#include "core/collection/index.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/archive/cdxj.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/collection/index_current.h"
#include "core/collection/index_run.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"
#include "tests/test.h"

#define DAY_US (24ll * 3600 * 1000 * 1000)

static struct collection *
new_collection(const char *dir)
{
	struct collection *c = NULL;
	struct collection_facts facts = {
		.id = "urn:uuid:00000000-0000-4000-8000-000000000001",
		.prefix = "test",
		.now_us = 1700000000ll * 1000000,
	};
	struct error e = { 0 };

	CHECK_OK(collection_create(dir, &facts, &e), &e);
	CHECK_OK(collection_open(&c, dir, &e), &e);
	return c;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A snapshot of the N-th day with COUNT pages, /0 and on; TAG makes a URL of
 * its own. Returns its path below the collection. */
static char *
add_snapshot(struct collection *c, unsigned n, unsigned count)
{
	char **lines = mem_zero(count + 1, sizeof(*lines));
	struct buf b = { 0 };
	struct error e = { 0 };
	char digits[DATE_TEXT_MAX];
	int64_t us = 1700000000ll * 1000000 + (int64_t)n * DAY_US;
	char *name;
	char *path;

	date_compact(us, digits);
	name = mem_format(
	    "snapshots/%.4s/%.2s/%s-t", digits, digits + 4, digits);
	for (unsigned i = 0; i <= count; i++) {
		struct buf line = { 0 };
		char url[80];
		char id[80];
		struct cdxj_facts f = {
			.url = url,
			.date_us = us + (int64_t)i * 1000000,
			.mime = "text/html",
			.status = i % 7 == 3 ? 404 : 200,
			.digest = "sha256:00",
			.length = 100 + i,
			.offset = 1000ull * i,
			.file = "records/t.warc.gz",
			.id = id,
		};

		if (i == count)
			(void)snprintf(
			    url, sizeof(url), "https://example.org/only/%u", n);
		else
			(void)snprintf(
			    url, sizeof(url), "https://example.org/page/%u", i);
		(void)snprintf(id, sizeof(id), "urn:uuid:%u-%u", n, i);
		cdxj_add_line(&line, &f);
		lines[i] = buf_take(&line);
	}
	qsort(lines, count + 1, sizeof(*lines), by_text);
	for (unsigned i = 0; i <= count; i++) {
		buf_add_text(&b, lines[i]);
		free(lines[i]);
	}
	free(lines);
	path = collection_path(c, name);
	CHECK_OK(file_make_dirs(path, &e), &e);
	free(path);
	path = mem_format("%s/%s/index.cdxj", c->dir, name);
	CHECK_OK(file_put(path, b.data, b.len, &e), &e);
	free(path);
	path = mem_format("%s/%s/manifest-sha256.txt", c->dir, name);
	CHECK_OK(file_put(path, name, strlen(name), &e), &e);
	free(path);
	buf_clear(&b);
	return name;
}

/* How many captures URL has; checks order and that nothing is there twice. */
static size_t
found(const struct collection *c, const char *url)
{
	struct arena *a = arena_new();
	struct index_hit *hits = NULL;
	size_t count = 0;
	struct error e = { 0 };

	CHECK_OK(index_find(c, a, url, &hits, &count, &e), &e);
	for (size_t i = 1; i < count; i++)
		CHECK(strcmp(hits[i - 1].time, hits[i].time) < 0);
	arena_free(a);
	return count;
}

static void
check_all(const struct collection *c, unsigned snapshots)
{
	CHECK_INT(found(c, "https://example.org/page/0"), snapshots);
	CHECK_INT(found(c, "https://example.org/page/9"), snapshots);
	CHECK_INT(found(c, "http://www.example.org/page/50"), snapshots);
	CHECK_INT(found(c, "https://example.org/page/99"), snapshots);
	CHECK_INT(found(c, "https://example.org/page"), 0);
	CHECK_INT(found(c, "https://example.org/page/100"), 0);
	CHECK_INT(found(c, "https://a.example/"), 0);
	CHECK_INT(found(c, "https://zz.example/"), 0);
	for (unsigned i = 0; i < snapshots; i++) {
		char url[80];

		(void)snprintf(
		    url, sizeof(url), "https://example.org/only/%u", i);
		CHECK_INT(found(c, url), 1);
	}
}

CASE(each_snapshot_is_found_after_it_was_added)
{
	struct collection *c = new_collection("each");
	struct error e = { 0 };

	for (unsigned i = 0; i < 30; i++) {
		char *name = add_snapshot(c, i, 100);

		CHECK_OK(index_add(c, name, &e), &e);
		CHECK_OK(index_add(c, name, &e), &e); /* twice is once */
		free(name);
	}
	check_all(c, 30);
	collection_free(c);
}

CASE(runs_stay_few_and_leftovers_go)
{
	struct collection *c = new_collection("few");
	struct index_current n = { 0 };
	struct file_names names = { 0 };
	char *dir = collection_path(c, "index");
	char *left = collection_path(c, "index/99999999.cdxj");
	struct error e = { 0 };

	CHECK_OK(file_put(left, "x\n", 2, &e), &e);
	for (unsigned i = 0; i < 25; i++) {
		char *name = add_snapshot(c, i, 10);

		CHECK_OK(index_add(c, name, &e), &e);
		free(name);
	}
	CHECK_OK(index_current_read(c, &n, &e), &e);
	CHECK(n.run_count <= 8);
	CHECK_INT(n.count, 25);
	CHECK_OK(file_list(dir, &names, &e), &e);
	/* each with its .top; CURRENT, SNAPSHOTS and manifests */
	CHECK_INT(names.count, 2 * n.run_count + 3);
	file_names_clear(&names);
	index_current_clear(&n);
	free(dir);
	free(left);
	collection_free(c);
}

/* The lines of every run are all the lines of all snapshots. */
CASE(a_run_is_sorted_and_its_top_says_where_lines_begin)
{
	struct collection *c = new_collection("run");
	struct index_source source;
	struct line_reader top;
	struct buf last = { 0 };
	struct error e = { 0 };
	char *path;
	char *line;
	size_t len;
	size_t count = 0;

	for (unsigned i = 0; i < 5; i++)
		free(add_snapshot(c, i, 99));
	CHECK_OK(index_rebuild(c, &e), &e);
	path = collection_path(c, "index/00000001.cdxj");
	CHECK_OK(index_source_open(&source, path, NULL, &e), &e);
	while (index_source_next(&source, &e) == 1) {
		CHECK(strcmp(buf_text(&last), buf_text(&source.line)) < 0);
		buf_reset(&last);
		buf_add(&last, source.line.data, source.line.len);
		count++;
	}
	CHECK_INT(count, 500);
	free(path);
	path = collection_path(c, "index/00000001.top");
	CHECK_OK(line_reader_open(&top, path, &e), &e);
	count = 0;
	while (line_reader_next(&top, &line, &len, &e) == 1) {
		char *at = strrchr(line, ' ');

		*at = '\0';
		line_reader_seek(&source.lines, strtoull(at + 1, NULL, 10));
		CHECK_INT(index_source_next(&source, &e), 1);
		CHECK(strncmp(buf_text(&source.line), line, strlen(line)) == 0);
		count++;
	}
	CHECK_INT(count, (500 + INDEX_TOP_LINES - 1) / INDEX_TOP_LINES);
	line_reader_close(&top);
	index_source_close(&source);
	buf_clear(&last);
	free(path);
	collection_free(c);
}

CASE(without_the_index_snapshots_are_searched)
{
	struct collection *c = new_collection("without");

	for (unsigned i = 0; i < 12; i++)
		free(add_snapshot(c, i, 100));
	check_all(c, 12);
	collection_free(c);
}

CASE(a_stale_or_damaged_index_loses_nothing)
{
	static const char *const files[] = { "CURRENT", "00000001.cdxj",
		"00000001.top", "00000002.cdxj" };
	struct collection *c = new_collection("stale");
	struct error e = { 0 };

	for (unsigned i = 0; i < 3; i++) {
		char *name = add_snapshot(c, i, 100);

		CHECK_OK(index_add(c, name, &e), &e);
		free(name);
	}
	free(add_snapshot(c, 3, 100)); /* not added */
	check_all(c, 4);
	for (size_t i = 0; i < 4; i++) {
		char *path = mem_format("%s/index/%s", c->dir, files[i]);

		CHECK_OK(file_put(path, "rubbish\n", 8, &e), &e);
		check_all(c, 4);
		CHECK_OK(file_remove(path, &e), &e);
		check_all(c, 4);
		free(path);
	}
	CHECK_OK(index_rebuild(c, &e), &e);
	check_all(c, 4);
	collection_free(c);
}

CASE(adding_repairs_what_is_not_whole)
{
	struct collection *c = new_collection("repairs");
	struct index_current n = { 0 };
	struct error e = { 0 };
	char *path = collection_path(c, "index/00000001.cdxj");
	char *name = add_snapshot(c, 0, 100);

	CHECK_OK(index_add(c, name, &e), &e);
	free(name);
	CHECK_OK(file_put(path, "short\n", 6, &e), &e);
	name = add_snapshot(c, 1, 100);
	CHECK_OK(index_add(c, name, &e), &e);
	CHECK_OK(index_current_read(c, &n, &e), &e);
	CHECK_INT(n.count, 2);
	CHECK_INT(n.run_count, 1);
	index_current_clear(&n);
	check_all(c, 2);
	free(name);
	free(path);
	collection_free(c);
}

CASE(the_index_remembers_snapshots_and_their_manifests)
{
	struct collection *c = new_collection("remembers");
	struct index_current n = { 0 };
	struct error e = { 0 };
	char *first = add_snapshot(c, 0, 10);
	char *second = add_snapshot(c, 1, 10);
	char *path = mem_format("%s/%s/manifest-sha256.txt", c->dir, first);
	char before[65];

	CHECK_OK(index_add(c, second, &e), &e);
	CHECK_OK(index_current_read(c, &n, &e), &e);
	memcpy(before, index_current_find(&n, first)->manifest, 65);
	index_current_clear(&n);
	CHECK_OK(file_put(path, "other", 5, &e), &e);
	free(path);
	path = mem_format("%s/%s/index.cdxj", c->dir, second);
	CHECK_OK(file_remove(path, &e), &e);
	free(path);
	path = mem_format("%s/%s/manifest-sha256.txt", c->dir, second);
	CHECK_OK(file_remove(path, &e), &e);
	free(path);
	path = collection_path(c, second);
	CHECK(rmdir(path) == 0);
	CHECK_OK(index_rebuild(c, &e), &e);
	CHECK_OK(index_current_read(c, &n, &e), &e);
	CHECK_INT(n.count, 2);
	CHECK_TEXT(index_current_find(&n, first)->manifest, before);
	CHECK(index_current_find(&n, second) != NULL);
	CHECK_INT(n.holds, 1);
	index_current_clear(&n);
	CHECK_INT(found(c, "https://example.org/page/1"), 1);
	CHECK_INT(found(c, "https://example.org/only/1"), 0);
	free(path);
	free(first);
	free(second);
	collection_free(c);
}

CASE(many_snapshots_are_indexed_in_batches)
{
	struct collection *c = new_collection("many");
	struct error e = { 0 };

	for (unsigned i = 0; i < 150; i++)
		free(add_snapshot(c, i, 100));
	CHECK_OK(index_rebuild(c, &e), &e);
	check_all(c, 150);
	collection_free(c);
}

CASE(hits_say_all_that_is_known)
{
	struct collection *c = new_collection("hits");
	struct arena *a = arena_new();
	struct index_hit *hits = NULL;
	struct error e = { 0 };
	char *name = add_snapshot(c, 2, 20);
	char *file = mem_format("%s/records/t.warc.gz", name);
	size_t count = 0;

	CHECK_OK(index_add(c, name, &e), &e);
	CHECK_OK(
	    index_find(c, a, "https://example.org/page/3", &hits, &count, &e),
	    &e);
	CHECK_INT(count, 1);
	CHECK_TEXT(hits[0].url, "https://example.org/page/3");
	CHECK_TEXT(hits[0].time, "20231116221323");
	CHECK_TEXT(hits[0].mime, "text/html");
	CHECK_TEXT(hits[0].digest, "sha256:00");
	CHECK_TEXT(hits[0].id, "urn:uuid:2-3");
	CHECK_TEXT(hits[0].file, file);
	CHECK_TEXT(hits[0].snapshot, name);
	CHECK_INT(hits[0].offset, 3000);
	CHECK_INT(hits[0].length, 103);
	CHECK_INT(hits[0].status, 404);
	free(file);
	free(name);
	arena_free(a);
	collection_free(c);
}

CASE(the_nearest_hit_wins_and_a_200_at_equal_distance)
{
	const struct index_hit hits[] = {
		{ .time = "20231116221300", .status = 404 },
		{ .time = "20231116221300", .status = 200 },
		{ .time = "20231116221310", .status = 301 },
	};
	int64_t us;

	CHECK(date_parse_digits("20231116221304", &us));
	CHECK(index_nearest(hits, 3, us) == &hits[1]);
	CHECK(date_parse_digits("20231116221305", &us));
	CHECK(index_nearest(hits, 3, us) == &hits[1]);
	CHECK(date_parse_digits("20231116221306", &us));
	CHECK(index_nearest(hits, 3, us) == &hits[2]);
	CHECK(date_parse_digits("19990101000000", &us));
	CHECK(index_nearest(hits, 3, us) == &hits[1]);
	CHECK(index_nearest(hits, 0, us) == NULL);
}

CASE(of_two_captures_in_one_second_the_later_is_nearest)
{
	static const struct index_hit hits[] = {
		{ .time = "20231116221305", .status = 200 },
		{ .time = "20231116221305", .status = 200 },
		{ .time = "20231116221305", .status = 404 },
	};
	int64_t us;

	CHECK(date_parse_digits("20991231000000", &us));
	CHECK(index_nearest(hits, 3, us) == &hits[1]);
	CHECK(index_nearest(hits, 1, us) == &hits[0]);
}

TESTS(T(each_snapshot_is_found_after_it_was_added),
    T(runs_stay_few_and_leftovers_go),
    T(a_run_is_sorted_and_its_top_says_where_lines_begin),
    T(without_the_index_snapshots_are_searched),
    T(a_stale_or_damaged_index_loses_nothing),
    T(adding_repairs_what_is_not_whole),
    T(the_index_remembers_snapshots_and_their_manifests),
    T(many_snapshots_are_indexed_in_batches), T(hits_say_all_that_is_known),
    T(the_nearest_hit_wins_and_a_200_at_equal_distance),
    T(of_two_captures_in_one_second_the_later_is_nearest))
