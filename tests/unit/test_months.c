/* Snapshots counted by month: remembered, and never believed when wrong. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/collection/layout.h"
#include "core/collection/months.h"
#include "tests/test.h"

static void
make(const char *dir, const char *path)
{
	char *all = mem_format("%s/%s", dir, path);

	CHECK(file_make_dirs(all, NULL) == 0);
	free(all);
}

/* Three months of DIR, the first two long quiet. */
static struct collection *
three_months(const char *dir)
{
	static const char *const old[] = { "snapshots/2026/01",
		"snapshots/2026/02" };
	struct collection *c = mem_zero(1, sizeof(*c));

	c->lock_fd = -1;
	c->dir = mem_text(dir);
	make(dir, "state");
	make(dir, "snapshots/2026/01/20260105T000000Z-a");
	make(dir, "snapshots/2026/01/20260106T000000Z-b");
	make(dir, "snapshots/2026/02/20260205T000000Z-a");
	make(dir, "snapshots/2026/02/20260207T000000Z-a.open");
	make(dir, "snapshots/2026/03/20260305T000000Z-a");
	for (size_t i = 0; i < 2; i++) {
		const struct timespec then[2] = { { 1767225600, 5 },
			{ 1767225600, 5 } };
		char *path = mem_format("%s/%s", dir, old[i]);

		CHECK(utimensat(AT_FDCWD, path, then, 0) == 0);
		free(path);
	}
	return c;
}

static void
check_months(const struct collection *c, uint64_t sealed, const char *last)
{
	struct months m;
	struct file_names names;
	struct error e = { 0 };
	uint64_t sum = 0;
	char *newest;

	CHECK_OK(months_read(&m, c, &e), &e);
	CHECK_OK(collection_snapshots(c, &names, NULL, &e), &e);
	for (size_t i = 0; i < names.count; i++)
		sum += months_hash(names.names[i]);
	CHECK_INT(m.sealed, sealed);
	CHECK_INT(m.sealed, names.count);
	CHECK(m.sum == sum);
	newest = months_last_sealed(&m);
	CHECK_TEXT(newest, last);
	free(newest);
	file_names_clear(&names);
	months_clear(&m);
}

static void
keep(const struct collection *c)
{
	struct months m;
	struct error e = { 0 };

	CHECK_OK(months_read(&m, c, &e), &e);
	CHECK_OK(months_keep(&m, c, &e), &e);
	months_clear(&m);
	CHECK_OK(months_read(&m, c, &e), &e);
	CHECK_INT(m.is_remembered, 1);
	months_clear(&m);
}

CASE(what_is_remembered_is_what_there_is)
{
	struct collection *c = three_months("same");
	struct months m;
	struct error e = { 0 };

	check_months(c, 4, "snapshots/2026/03/20260305T000000Z-a");
	keep(c);
	check_months(c, 4, "snapshots/2026/03/20260305T000000Z-a");
	CHECK_OK(months_read(&m, c, &e), &e);
	CHECK_INT(m.open, 1);
	CHECK_TEXT(months_last(&m), "20260305T000000Z-a");
	CHECK_TEXT(m.list[1].last, "20260207T000000Z-a");
	months_clear(&m);
	collection_free(c);
}

CASE(a_month_that_changed_is_counted_anew)
{
	struct collection *c = three_months("changed");

	keep(c);
	make("changed", "snapshots/2026/01/20260109T000000Z-c");
	check_months(c, 5, "snapshots/2026/03/20260305T000000Z-a");
	CHECK(rmdir("changed/snapshots/2026/02/20260205T000000Z-a") == 0);
	check_months(c, 4, "snapshots/2026/03/20260305T000000Z-a");
	make("changed", "snapshots/2026/04/20260401T000000Z-c");
	check_months(c, 5, "snapshots/2026/04/20260401T000000Z-c");
	collection_free(c);
}

CASE(what_does_not_read_is_not_believed)
{
	struct collection *c = three_months("broken");
	struct stat st;
	int fd;

	keep(c);
	CHECK(stat("broken/state/months", &st) == 0);
	for (off_t at = 0; at < st.st_size; at++) {
		fd = open("broken/state/months", O_WRONLY);
		CHECK(pwrite(fd, "7", 1, at) == 1);
		(void)close(fd);
		check_months(c, 4, "snapshots/2026/03/20260305T000000Z-a");
		keep(c);
	}
	CHECK(unlink("broken/state/months") == 0);
	check_months(c, 4, "snapshots/2026/03/20260305T000000Z-a");
	collection_free(c);
}

TESTS(T(what_is_remembered_is_what_there_is),
    T(a_month_that_changed_is_counted_anew),
    T(what_does_not_read_is_not_believed))
