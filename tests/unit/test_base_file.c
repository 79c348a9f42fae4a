/* Every byte that reaches an archive goes through here. */
#include "core/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "tests/test.h"

static void
check_content(const char *path, const char *expected)
{
	struct buf b = { 0 };
	struct error e = { 0 };

	CHECK_OK(file_get(path, &b, 1 << 20, &e), &e);
	CHECK_TEXT(buf_text(&b), expected);
	buf_clear(&b);
}

static size_t
count_names(const char *dir)
{
	struct file_names n;
	size_t count;

	if (file_list(dir, &n, NULL) != 0)
		return 0;
	count = n.count;
	file_names_clear(&n);
	return count;
}

CASE(a_new_file_never_replaces_one)
{
	struct error e = { 0 };
	struct stat st;
	int fd = file_create("new", &e);

	CHECK(fd >= 0);
	CHECK_OK(file_write_at(fd, "abc", 3, 2, &e), &e);
	CHECK_OK(file_write_at(fd, "", 0, 99, &e), &e);
	CHECK_OK(file_sync(fd, &e), &e);
	CHECK_OK(file_truncate(fd, 4, &e), &e);
	CHECK_OK(file_close(fd, &e), &e);
	CHECK_INT(stat("new", &st), 0);
	CHECK_INT(st.st_size, 4);
	CHECK_INT(file_create("new", &e), -1);
	CHECK_INT(e.kind, ERROR_SYSTEM);
	CHECK(strncmp(e.text, "new: ", 5) == 0);
	CHECK_INT(symlink("nowhere", "link"), 0);
	CHECK_INT(file_create("link", &e), -1);
	CHECK_INT(file_open_read("none", &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
	CHECK_INT(file_open_write("none", &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
	CHECK_INT(file_open_read("new/x", &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
	(void)unlink("new");
	(void)unlink("link");
}

CASE(a_file_is_put_whole_or_not_at_all)
{
	struct error e = { 0 };
	int failures = 0;

	CHECK_OK(file_put("put", "old", 3, &e), &e);
	check_content("put", "old");
	for (long n = 1; n < 20; n++) {
		int rc;

		file_fail_at(n);
		rc = file_put("put", "new!", 4, &e);
		file_fail_at(0);
		if (rc == 0)
			break;
		failures++;
		CHECK_INT(e.kind, ERROR_SYSTEM);
		CHECK(strstr(e.text, "No space") != NULL);
		CHECK(!file_exists("put.tmp"));
		if (n <= 4) /* renamed, but the directory not synced */
			check_content("put", "old");
	}
	CHECK_INT(failures, 5); /* create write sync rename sync */
	check_content("put", "new!");
	CHECK_INT(count_names("."), 1);
	(void)unlink("put");
}

CASE(a_failing_disk_keeps_failing)
{
	struct error e = { 0 };
	int fd = file_create("f", &e);

	file_fail_at(2);
	CHECK_OK(file_write_at(fd, "a", 1, 0, &e), &e);
	CHECK_INT(file_write_at(fd, "b", 1, 1, &e), -1);
	CHECK_INT(file_sync(fd, &e), -1);
	CHECK_INT(file_make_dir("d", &e), -1);
	CHECK_INT(file_remove("f", &e), -1);
	CHECK_INT(file_chmod("f", 0400, &e), -1);
	CHECK_INT(file_truncate(fd, 0, &e), -1);
	file_fail_at(0);
	check_content("f", "a");
	CHECK_OK(file_write_at(fd, "b", 1, 1, &e), &e);
	check_content("f", "ab");
	(void)close(fd);
	CHECK_OK(file_remove("f", &e), &e);
	CHECK_OK(file_remove("f", &e), &e); /* it is gone: fine */
}

CASE(rename_refuses_what_exists_and_replace_does_not)
{
	struct error e = { 0 };

	CHECK_OK(file_put("a", "a", 1, &e), &e);
	CHECK_OK(file_put("b", "b", 1, &e), &e);
	CHECK_INT(file_rename("a", "b", &e), -1);
	CHECK_INT(e.kind, ERROR_SYSTEM);
	check_content("b", "b");
	CHECK_OK(file_replace("a", "b", &e), &e);
	check_content("b", "a");
	CHECK(!file_exists("a"));
	CHECK_OK(file_make_dirs("x/y", &e), &e);
	CHECK_OK(file_rename("b", "x/y/c", &e), &e);
	check_content("x/y/c", "a");
	CHECK_OK(file_remove("x/y/c", &e), &e);
	(void)rmdir("x/y");
	(void)rmdir("x");
}

CASE(a_file_over_the_limit_is_not_read)
{
	struct error e = { 0 };
	struct buf b = { 0 };
	uint64_t size;

	CHECK_OK(file_put("ten", "0123456789", 10, &e), &e);
	CHECK_OK(file_get("ten", &b, 10, &e), &e);
	CHECK_INT(b.len, 10);
	CHECK_OK(file_get("ten", &b, 10, &e), &e);
	CHECK_INT(b.len, 20); /* appended */
	CHECK_INT(file_get("ten", &b, 9, &e), -1);
	CHECK_INT(e.kind, ERROR_LIMIT);
	CHECK_INT(file_get("none", &b, 9, &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
	CHECK_INT(file_get(".", &b, 9, &e), -1);
	CHECK_INT(e.kind, ERROR_SYSTEM);
	CHECK_OK(file_size("ten", &size, &e), &e);
	CHECK_INT(size, 10);
	CHECK_INT(file_size("none", &size, &e), -1);
	CHECK_OK(file_free_bytes(".", &size, &e), &e);
	CHECK(size > 0);
	(void)unlink("ten");
	buf_clear(&b);
}

CASE(directories_are_made_once_and_with_their_parents)
{
	struct error e = { 0 };

	CHECK_OK(file_make_dirs("p/q/r", &e), &e);
	CHECK_OK(file_make_dirs("p/q/r", &e), &e);
	CHECK_OK(file_make_dir("p/q", &e), &e);
	CHECK(file_is_dir("p/q/r"));
	CHECK_OK(file_put("p/file", "", 0, &e), &e);
	CHECK_INT(file_make_dir("p/file", &e), -1);
	CHECK_INT(file_make_dirs("p/file/x", &e), -1);
	CHECK_INT(symlink("q", "p/link"), 0);
	CHECK(!file_is_dir("p/link")); /* not followed */
	CHECK(file_exists("p/link"));
	CHECK_INT(file_make_dir("p/none/x", &e), -1);
	(void)unlink("p/link");
	(void)unlink("p/file");
	(void)rmdir("p/q/r");
	(void)rmdir("p/q");
	(void)rmdir("p");
}

struct walked {
	struct buf names;
	int stop_at;
};

static int
each_name(void *context, const char *name, int is_regular, struct error *e)
{
	struct walked *w = context;

	buf_format(&w->names, "%s%s ", name, is_regular ? "" : "!");
	if (w->stop_at > 0 && --w->stop_at == 0)
		return error_set(e, ERROR_LIMIT, "enough");
	return 0;
}

CASE(a_tree_is_walked_in_bytewise_order_of_whole_paths)
{
	static const char *const files[] = { "w/a/z", "w/a.b", "w/a-b", "w/B",
		"w/\xc3\xa4", "w/a/b/c" };
	struct walked w = { 0 };
	struct file_names n;
	struct error e = { 0 };

	CHECK_OK(file_make_dirs("w/a/b", &e), &e);
	for (size_t i = 0; i < 6; i++)
		CHECK_OK(file_put(files[i], "", 0, &e), &e);
	CHECK_INT(symlink("/etc", "w/link"), 0);
	CHECK_INT(mkfifo("w/pipe", 0600), 0);
	CHECK_OK(file_walk("w", each_name, &w, &e), &e);
	CHECK_TEXT(
	    buf_text(&w.names), "B a-b a.b a/b/c a/z link! pipe! \xc3\xa4 ");
	buf_reset(&w.names);
	w.stop_at = 2;
	CHECK_INT(file_walk("w", each_name, &w, &e), -1);
	CHECK_INT(e.kind, ERROR_LIMIT);
	CHECK_TEXT(buf_text(&w.names), "B a-b ");
	CHECK_OK(file_list("w", &n, &e), &e);
	CHECK_INT(n.count, 7);
	CHECK_TEXT(n.names[0], "B");
	CHECK_TEXT(n.names[6], "\xc3\xa4");
	file_names_clear(&n);
	file_names_clear(&n);
	CHECK_INT(file_list("none", &n, &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
	(void)unlink("w/link");
	(void)unlink("w/pipe");
	for (size_t i = 0; i < 6; i++)
		(void)unlink(files[i]);
	(void)rmdir("w/a/b");
	(void)rmdir("w/a");
	(void)rmdir("w");
	buf_clear(&w.names);
}

CASE(one_open_file_at_a_time_holds_the_lock)
{
	struct error e = { 0 };
	int first = file_create("lock", &e);
	int second = file_open_write("lock", &e);

	CHECK_INT(file_lock(first, &e), 1);
	CHECK_INT(file_lock(first, &e), 1);
	CHECK_INT(file_lock(second, &e), 0);
	(void)close(first);
	CHECK_INT(file_lock(second, &e), 1);
	(void)close(second);
	CHECK_INT(file_lock(-1, &e), -1);
	CHECK_INT(e.kind, ERROR_SYSTEM);
	(void)unlink("lock");
}

CASE(an_unnamed_file_leaves_no_name)
{
	struct error e = { 0 };
	int fd = file_unnamed(".", &e);
	char back[3];

	CHECK(fd >= 0);
	CHECK_OK(file_write_at(fd, "abc", 3, 0, &e), &e);
	CHECK_INT(pread(fd, back, 3, 0), 3);
	CHECK_INT(count_names("."), 0);
	(void)close(fd);
	CHECK_INT(file_unnamed("none", &e), -1);
	CHECK_INT(e.kind, ERROR_SYSTEM);
}

TESTS(T(a_new_file_never_replaces_one), T(a_file_is_put_whole_or_not_at_all),
    T(a_failing_disk_keeps_failing),
    T(rename_refuses_what_exists_and_replace_does_not),
    T(a_file_over_the_limit_is_not_read),
    T(directories_are_made_once_and_with_their_parents),
    T(a_tree_is_walked_in_bytewise_order_of_whole_paths),
    T(one_open_file_at_a_time_holds_the_lock),
    T(an_unnamed_file_leaves_no_name))
