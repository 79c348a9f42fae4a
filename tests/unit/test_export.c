/* Packages are left whole or not at all, whatever stops them. */
#include <signal.h>

#include "core/collection/export.h"
#include "core/collection/export_plan.h"
#include "tests/unit/verify_fixture.h"

struct kind {
	const char *path;
	int (*make)(const struct export_plan *p, const struct export_options *o,
	    struct export_result *r, struct error *e);
};

static const struct kind kinds[] = {
	{ "out/a.tar", export_tar },
	{ "out/a.tar.gz", export_tar },
	{ "out/a.tar.zst", export_tar },
	{ "out/a.warc.gz", export_warc },
	{ "out/a.warc", export_warc },
	{ "out/a.wacz", export_wacz },
	{ "out/a-bag", export_bag },
	{ "out/a-bag.tar.gz", export_bag },
	{ "out/a-articles", export_articles },
	{ "out/a-articles.tar", export_articles },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static struct export_plan *
plan_of(const struct collection *c, const char *object, const char *url)
{
	char *objects[] = { mem_text(object == NULL ? "" : object) };
	const struct export_request r = { .objects = objects,
		.object_count = object != NULL,
		.site = "",
		.url = url,
		.since_us = INT64_MIN,
		.until_us = INT64_MAX,
		.now_us = fixture_start_us };
	struct export_plan *p = NULL;
	struct error e = { 0 };

	CHECK_OK(export_plan_make(&p, c, &r, &e), &e);
	free(objects[0]);
	return p;
}

static size_t
left_in(const char *dir)
{
	struct file_names found;
	size_t count = 0;

	if (file_list(dir, &found, NULL) == 0) {
		count = found.count;
		for (size_t i = 0; i < count; i++)
			printf("# there: %s\n", found.names[i]);
		file_names_clear(&found);
	}
	return count;
}

/* ---- stopping ---- */

struct stopping {
	uint64_t at; /* stop when so many bytes are done */
	uint64_t last, all;
	int went_back;
	volatile sig_atomic_t stop;
};

static void
stop_there(void *context, uint64_t done, uint64_t all)
{
	struct stopping *s = context;

	s->went_back |= done < s->last || done > all;
	s->last = done;
	s->all = all;
	if (done >= s->at)
		s->stop = 1;
}

static int
make(const struct kind *k, const struct export_plan *p, struct stopping *s,
    struct error *e)
{
	const struct export_options o = { .path = k->path,
		.time_us = INT64_MIN,
		.operator= "",
		.contact = "",
		.stop = &s->stop,
		.progress = stop_there,
		.context = s };
	struct export_result r = { 0 };
	int rc = k->make(p, &o, &r, e);

	if (rc == 0) {
		CHECK_INT(r.made.count, 1);
		CHECK(r.files > 0 && r.bytes > 0 && r.written > 0);
	}
	export_result_clear(&r);
	return rc;
}

CASE(whatever_moment_it_is_stopped_nothing_is_left)
{
	struct collection *c = three_snapshots("stopped");
	struct export_plan *p = plan_of(c, NULL, "");

	CHECK_OK(file_make_dir("out", NULL), &(struct error){ 0 });
	for (size_t i = 0; i < KINDS; i++) {
		struct stopping whole = { .at = UINT64_MAX };

		struct error e = { 0 };

		/* It tells of articles, and here is one. */
		if (kinds[i].make == export_articles)
			continue;
		CHECK_OK(make(&kinds[i], p, &whole, &e), &e);
		CHECK_INT(whole.last, whole.all);
		CHECK(!whole.went_back);
		remove_tree("out");
		CHECK(file_make_dir("out", NULL) == 0);
		for (uint64_t n = 0; n < 5; n++) {
			struct stopping s = { .at = whole.all / 5 * n };

			error_clear(&e);
			CHECK_INT(make(&kinds[i], p, &s, &e), -1);
			CHECK_INT(e.kind, ERROR_STOPPED);
			CHECK_INT(left_in("out"), 0);
		}
	}
	export_plan_free(p);
	collection_free(c);
}

CASE(whatever_write_fails_nothing_is_left_under_its_name)
{
	struct collection *c = three_snapshots("failing");
	struct export_plan *p = plan_of(c, NULL, "");

	for (size_t i = 0; i < KINDS; i++) {
		long n = 1;
		int rc = -1;

		/* A folder is many calls, and each syncs: not all of them. */
		for (; rc != 0 && n < 1000; n += 1 + n / 5) {
			struct stopping s = { .at = UINT64_MAX };
			struct error e = { 0 };

			remove_tree("out");
			CHECK(file_make_dir("out", NULL) == 0);
			file_fail_at(n);
			rc = make(&kinds[i], p, &s, &e);
			file_fail_at(0);
			CHECK(rc == 0 || e.kind == ERROR_SYSTEM);
			/* The last thing that can fail is to tell the disk of
			 * a name that is there. */
			if (rc != 0 && file_exists(kinds[i].path))
				CHECK(strstr(e.text, "sync") != NULL);
		}
		printf("# %s: %ld calls\n", kinds[i].path, n);
		CHECK(n > 4 && n < 1000);
	}
	export_plan_free(p);
	collection_free(c);
}

CASE(a_target_that_is_there_stays_as_it_is)
{
	struct collection *c = three_snapshots("there");
	struct export_plan *p = plan_of(c, NULL, "");
	struct buf text = { 0 };

	remove_tree("out");
	CHECK(file_make_dir("out", NULL) == 0);
	for (size_t i = 0; i < KINDS; i++) {
		struct stopping s = { .at = UINT64_MAX };
		struct error e = { 0 };

		CHECK_OK(file_put(kinds[i].path, "mine", 4, &e), &e);
		CHECK_INT(make(&kinds[i], p, &s, &e), -1);
		CHECK_INT(e.kind, ERROR_USAGE);
		buf_reset(&text);
		CHECK_OK(file_get(kinds[i].path, &text, 100, &e), &e);
		CHECK_TEXT(buf_text(&text), "mine");
	}
	CHECK_INT(left_in("out"), KINDS);
	buf_clear(&text);
	export_plan_free(p);
	collection_free(c);
}

/* ---- plans ---- */

CASE(making_a_plan_can_be_stopped)
{
	struct collection *c = three_snapshots("making");
	volatile sig_atomic_t stop = 1;
	struct export_request r = { .site = "",
		.url = "",
		.since_us = INT64_MIN,
		.until_us = INT64_MAX,
		.now_us = fixture_start_us,
		.stop = &stop };
	struct export_plan *p = NULL;

	for (int i = 0; i < 2; i++) {
		struct error e = { 0 };

		r.url = i == 0 ? "" : "https://*";
		CHECK_INT(export_plan_make(&p, c, &r, &e), -1);
		CHECK_INT(e.kind, ERROR_STOPPED);
	}
	collection_free(c);
}

/* Every file gives the bytes that were announced. */
static void
check_files(const struct export_plan *p)
{
	size_t count;
	const struct export_file *files = export_plan_files(p, &count);
	uint64_t sum = 0;

	CHECK(count > 0);
	for (size_t i = 0; i < count; i++) {
		struct stream *s = NULL;
		struct error e = { 0 };
		uint64_t len = 0;
		char hex[65];

		CHECK_OK(export_file_open(p, &files[i], &s, &e), &e);
		CHECK_OK(stream_skip(s, &len, &e), &e);
		CHECK_INT(len, files[i].size);
		export_stream_hex(s, hex);
		CHECK_TEXT(hex, files[i].hex);
		stream_free(s);
		sum += len;
		if (i > 0 &&
		    strcmp(files[i - 1].snapshot, files[i].snapshot) == 0)
			CHECK(strcmp(files[i - 1].name, files[i].name) < 0);
	}
	CHECK_INT(sum, export_plan_bytes(p));
}

CASE(files_of_a_plan_are_what_it_says_and_may_be_read_again)
{
	struct collection *c = three_snapshots("files");
	struct export_plan *whole = plan_of(c, NULL, "");
	struct export_plan *some = plan_of(c, NULL, "https://*");

	CHECK_INT(export_plan_is_selection(whole), 0);
	CHECK_INT(export_plan_snapshots(whole), 3);
	CHECK_INT(export_plan_is_selection(some), 1);
	CHECK_INT(export_plan_snapshots(some), 1);
	CHECK(text_ends(export_plan_snapshot(some, 0), "-selection"));
	CHECK(export_plan_newest_us(whole) >= export_plan_oldest_us(whole));
	CHECK_INT(export_plan_newest_us(whole), export_plan_newest_us(some));
	for (int again = 0; again < 2; again++) {
		check_files(whole);
		check_files(some);
	}
	export_plan_free(whole);
	export_plan_free(some);
	collection_free(c);
}

CASE(a_file_that_changes_behind_the_plan_is_found)
{
	struct collection *c = three_snapshots("changing");
	struct export_plan *p = plan_of(c, NULL, "https://*");
	size_t count;
	const struct export_file *files = export_plan_files(p, &count);
	char *dir = collection_path(c, names[1]);
	char *path = mem_format("%s/records", dir);
	struct file_names found = { 0 };
	struct buf bytes = { 0 };
	struct stream *s = NULL;
	struct error e = { 0 };
	char *file;
	size_t i = 0;

	open_dirs(c, names[1], 0755);
	CHECK_OK(file_list(path, &found, &e), &e);
	file = mem_format("%s/records/%s", names[1], found.names[0]);
	free(path);
	path = collection_path(c, file);
	CHECK_OK(file_get(path, &bytes, FIXTURE_FILE_MAX, &e), &e);
	bytes.data[bytes.len / 2] ^= 1;
	overwrite(c, file, &bytes);
	while (i + 1 < count && files[i].role != EXPORT_RECORDS)
		i++;
	CHECK_OK(export_file_open(p, &files[i], &s, &e), &e);
	CHECK_INT(stream_skip(s, NULL, &e), -1);
	CHECK_INT(e.kind, ERROR_INTEGRITY);
	stream_free(s);
	buf_clear(&bytes);
	file_names_clear(&found);
	free(file);
	free(path);
	free(dir);
	export_plan_free(p);
	collection_free(c);
}

/* Manifests lie in several parts: more is written than the plan has. */
CASE(parts_are_never_more_than_was_said)
{
	struct collection *c = three_snapshots("parts");
	struct export_plan *p = plan_of(c, NULL, "");
	struct export_result made[2];
	struct stopping s = { .at = UINT64_MAX };
	struct export_options o = { .path = "a.wacz",
		.time_us = INT64_MIN,
		.operator= "",
		.contact = "",
		.split = 1,
		.stop = &s.stop,
		.progress = stop_there,
		.context = &s };
	struct error e = { 0 };

	for (int i = 0; i < 2; i++) {
		o.dry = i == 0;
		CHECK_OK(export_wacz(p, &o, &made[i], &e), &e);
	}
	CHECK(!s.went_back);
	CHECK_INT(s.last, s.all);
	CHECK_INT(made[0].made.count, 0);
	CHECK(made[1].made.count > 3);
	CHECK_INT(made[0].files, made[1].files);
	CHECK_INT(made[0].bytes, made[1].bytes);
	export_result_clear(&made[0]);
	export_result_clear(&made[1]);
	export_plan_free(p);
	collection_free(c);
}

TESTS(T(whatever_moment_it_is_stopped_nothing_is_left),
    T(parts_are_never_more_than_was_said),
    T(whatever_write_fails_nothing_is_left_under_its_name),
    T(a_target_that_is_there_stays_as_it_is), T(making_a_plan_can_be_stopped),
    T(files_of_a_plan_are_what_it_says_and_may_be_read_again),
    T(a_file_that_changes_behind_the_plan_is_found))
