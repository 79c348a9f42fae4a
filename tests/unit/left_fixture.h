#ifndef TESTS_LEFT_FIXTURE_H
#define TESTS_LEFT_FIXTURE_H

/* An open snapshot as a killed run leaves it, laid down again and again. */

#include <unistd.h>

#include "tests/unit/snapshot_fixture.h"

#define MONTH "snapshots/2026/11"
#define NAME  "20261122T082747Z-web"
#define FILE1 "records/hf-20261122082747-00001.warc.gz"

static const char *const urls[] = { "https://a.example/0",
	"https://a.example/1", "https://a.example/2" };

/* Thousands of recoveries sync a lot: in memory where there is such a place,
 * else where we are. */
static char memory_dir[] = "/dev/shm/holdfast-test-XXXXXX";
static int is_in_memory;

__attribute__((constructor)) static void
enter_memory(void)
{
	is_in_memory = mkdtemp(memory_dir) != NULL && chdir(memory_dir) == 0;
}

__attribute__((destructor)) static void
leave_memory(void)
{
	if (is_in_memory && chdir("/") == 0)
		remove_tree(memory_dir);
}

static void
put_file(const char *path, const uint8_t *p, size_t len)
{
	struct error e = { 0 };
	int fd;

	(void)unlink(path);
	fd = file_create(path, &e);
	CHECK(fd >= 0);
	CHECK_OK(file_write_at(fd, p, len, 0, &e), &e);
	(void)close(fd);
}

/* An open snapshot as a killed run leaves it: three groups of a capture
 * each, the second with a page that needs something never fetched. */
struct left {
	struct buf segment;
	struct buf journal;
	size_t segment_ends[4]; /* after the begin and after each group */
	size_t journal_ends[4];
};

static void
note_ends(struct left *l, const char *dir, unsigned group)
{
	uint64_t size = 0;
	char *path = mem_format("%s/" MONTH "/" NAME ".open/" FILE1, dir);

	CHECK(file_size(path, &size, NULL) == 0);
	l->segment_ends[group] = size;
	free(path);
	path = mem_format("%s/" MONTH "/" NAME ".journal", dir);
	CHECK(file_size(path, &size, NULL) == 0);
	l->journal_ends[group] = size;
	free(path);
}

static void
make_left(struct left *l, const char *dir)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection(dir);
	struct arena *a = arena_new();
	struct json *needs = json_new_array(a);
	struct error e = { 0 };
	struct snapshot *s = fixture_begin(c, &clock, &e);

	json_append(a, needs, json_new_string(a, "https://a.example/need"));
	note_ends(l, dir, 0);
	for (unsigned i = 0; i < 3; i++) {
		uint64_t t = fixture_put(s, fixture_page(urls[i], "x", NULL));

		if (i == 1)
			t = snapshot_discovered(s, urls[i], needs);
		CHECK_OK(fixture_wait(s, t, &e), &e);
		note_ends(l, dir, i + 1);
	}
	snapshot_abandon(s);
	collection_free(c);
	fixture_read(dir, MONTH "/" NAME ".open/" FILE1, &l->segment);
	fixture_read(dir, MONTH "/" NAME ".journal", &l->journal);
	CHECK_INT(l->segment.len, l->segment_ends[3]);
	CHECK_INT(l->journal.len, l->journal_ends[3]);
	arena_free(a);
}

static void
clear_left(struct left *l)
{
	buf_clear(&l->segment);
	buf_clear(&l->journal);
}

/* Lay the open snapshot down anew, both files cut. */
static void
lay_down(const struct left *l, const char *dir, size_t segment, size_t journal)
{
	char *path = mem_format("%s/" MONTH, dir);

	remove_tree(path);
	free(path);
	path = mem_format("%s/quarantine", dir);
	remove_tree(path);
	free(path);
	path = mem_format("%s/" MONTH "/" NAME ".open/records", dir);
	CHECK(file_make_dirs(path, NULL) == 0);
	free(path);
	path = mem_format("%s/" MONTH "/" NAME ".open/" FILE1, dir);
	put_file(path, l->segment.data, segment);
	free(path);
	path = mem_format("%s/" MONTH "/" NAME ".journal", dir);
	put_file(path, l->journal.data, journal);
	free(path);
}

/* The sealed snapshot in DIR holds exactly GROUPS captures, and verifies. */
static void
check_groups(const char *dir, unsigned groups)
{
	char *sealed = mem_format("%s/" MONTH "/" NAME, dir);
	char *open = mem_format("%s.open", sealed);
	char *journal = mem_format("%s.journal", sealed);
	struct buf text = { 0 };

	CHECK(!file_exists(open));
	CHECK(!file_exists(journal));
	CHECK_INT(file_exists(sealed), groups > 0);
	if (groups > 0) {
		CHECK_INT(fixture_check_sealed(sealed), 1 + 3 * groups);
		fixture_read(sealed, "outcomes.jsonl", &text);
		for (unsigned i = 0; i < 3; i++)
			CHECK_INT(fixture_count(&text, urls[i]),
			    i >= groups ? 0
			    : i == 1    ? 2
					: /* once as the page, via */
				1);
		CHECK_INT(fixture_count(&text, "\"captured\""), groups);
		CHECK_INT(fixture_count(&text, "\"not-tried\""), groups > 1);
		fixture_read(sealed, "index.cdxj", &text);
		CHECK_INT(fixture_count(&text, "\n"), groups);
		fixture_read(sealed, "report.json", &text);
		CHECK_INT(
		    fixture_count(&text, "\"status\":\"interrupted\""), 1);
	}
	buf_clear(&text);
	free(sealed);
	free(open);
	free(journal);
}

/* Bytes below quarantine/, and the names there. */
static uint64_t
quarantined(const char *dir, struct file_names *names)
{
	char *path = mem_format("%s/quarantine", dir);
	uint64_t sum = 0;
	uint64_t size;

	*names = (struct file_names){ 0 };
	if (file_is_dir(path))
		CHECK(file_list(path, names, NULL) == 0);
	for (size_t i = 0; i < names->count; i++) {
		char *file = mem_format("%s/%s", path, names->names[i]);

		CHECK(file_size(file, &size, NULL) == 0);
		sum += size;
		free(file);
	}
	free(path);
	return sum;
}

#endif
