/* Packages: the same bytes twice, whole or not at all. */
#include "core/archive/package.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "tests/test.h"

static const struct package_options options = {
	.time_us = 1795336067999999, /* 2026-11-22T08:27:47.999999Z */
};

static int
put(struct package_writer *w, const char *name, const char *text,
    struct error *e)
{
	struct stream *s = stream_of_bytes(text, strlen(text));
	int rc = package_put(w, name, strlen(text), s, e);

	stream_free(s);
	return rc;
}

/* A large file whose bytes come from a generator, in odd pieces. */
struct pieces {
	struct stream stream;
	uint64_t left;
	uint8_t data[7001];
};

static int
pieces_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct pieces *p = (struct pieces *)s;

	(void)e;
	if (p->left == 0)
		return 0;
	*data = p->data;
	*len = p->left < sizeof(p->data) ? (size_t)p->left : sizeof(p->data);
	p->left -= *len;
	return 1;
}

static void
write_sample(const char *path, struct error *e)
{
	char *deep = mem_format("top/%0150d/%0150d", 1, 2);
	struct package_writer *w = NULL;
	struct pieces p = { .stream.next = pieces_next, .left = 3000000 };

	CHECK_OK(package_create(&w, path, &options, e), e);
	CHECK_OK(put(w, deep, "long name", e), e);
	CHECK_OK(put(w, "top/a/one", "1", e), e);
	CHECK_OK(put(w, "top/a/two", "", e), e);
	CHECK_OK(package_put(w, "top/b/c/large", p.left, &p.stream, e), e);
	CHECK_OK(put(w, "top/b/d", "last", e), e);
	CHECK_OK(put(w, "top/\xd8\xa3", "arabic", e), e);
	CHECK(!file_exists(path)); /* not before it is whole */
	CHECK_OK(package_finish(w, e), e);
	free(deep);
}

static void
check_equal(const char *a, const char *b)
{
	struct buf x = { 0 };
	struct buf y = { 0 };
	struct error e = { 0 };

	CHECK_OK(file_get(a, &x, 100000000, &e), &e);
	CHECK_OK(file_get(b, &y, 100000000, &e), &e);
	CHECK_INT(x.len, y.len);
	CHECK(x.len == y.len && memcmp(x.data, y.data, x.len) == 0);
	buf_clear(&x);
	buf_clear(&y);
}

/* What a reader finds, one line an entry; all else must be as pinned. */
static void
list(const char *path, struct buf *out)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t before = uselocale(utf8);

	archive_read_support_format_tar(a);
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_zstd(a);
	CHECK_INT(archive_read_open_filename(a, path, 10240), ARCHIVE_OK);
	while (archive_read_next_header(a, &entry) == ARCHIVE_OK) {
		int is_folder = archive_entry_filetype(entry) == AE_IFDIR;

		buf_format(out, "%s %lld\n", archive_entry_pathname_utf8(entry),
		    (long long)archive_entry_size(entry));
		CHECK_INT(archive_entry_perm(entry), is_folder ? 0755 : 0644);
		CHECK_INT(archive_entry_mtime(entry), 1795336067);
		CHECK_INT(archive_entry_mtime_nsec(entry), 0);
		CHECK_INT(archive_entry_uid(entry), 0);
		CHECK_INT(archive_entry_gid(entry), 0);
		CHECK(archive_entry_uname(entry) == NULL ||
		      archive_entry_uname(entry)[0] == '\0');
		CHECK(!archive_entry_atime_is_set(entry));
		CHECK(!archive_entry_ctime_is_set(entry));
	}
	archive_read_free(a);
	(void)uselocale(before);
	freelocale(utf8);
}

CASE(the_same_calls_give_the_same_bytes)
{
	struct error e = { 0 };

	write_sample("one.tar", &e);
	write_sample("two.tar", &e);
	check_equal("one.tar", "two.tar");
	write_sample("one.tar.gz", &e);
	write_sample("two.tar.gz", &e);
	check_equal("one.tar.gz", "two.tar.gz");
	write_sample("one.tar.zst", &e);
	write_sample("two.tzst", &e);
	check_equal("one.tar.zst", "two.tzst");
}

CASE(folders_come_before_what_they_hold)
{
	struct buf plain = { 0 };
	struct buf gz = { 0 };
	struct buf zst = { 0 };
	struct error e = { 0 };
	uint64_t size = 0;
	char *expected = mem_format("top/ 0\ntop/%0150d/ 0\n"
				    "top/%0150d/%0150d 9\n"
				    "top/a/ 0\ntop/a/one 1\ntop/a/two 0\n"
				    "top/b/ 0\ntop/b/c/ 0\n"
				    "top/b/c/large 3000000\n"
				    "top/b/d 4\ntop/\xd8\xa3 6\n",
	    1, 1, 2);

	write_sample("list.tar", &e);
	write_sample("list.tar.gz", &e);
	list("list.tar", &plain);
	list("list.tar.gz", &gz);
	CHECK_TEXT(buf_text(&plain), expected);
	CHECK_TEXT(buf_text(&gz), expected);
	write_sample("list.tar.zst", &e);
	list("list.tar.zst", &zst);
	CHECK_TEXT(buf_text(&zst), expected);
	buf_clear(&zst);
	CHECK_OK(file_size("list.tar", &size, &e), &e);
	CHECK_INT(size % 10240, 0);
	free(expected);
	buf_clear(&plain);
	buf_clear(&gz);
}

CASE(the_gzip_head_has_no_time_and_no_name)
{
	static const uint8_t head[8] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0 };
	struct buf b = { 0 };
	struct error e = { 0 };

	write_sample("head.tar.gz", &e);
	CHECK_OK(file_get("head.tar.gz", &b, 100000000, &e), &e);
	CHECK(b.len > 8 && memcmp(b.data, head, 8) == 0);
	buf_clear(&b);
}

CASE(names_that_leave_or_come_in_disorder_are_refused)
{
	static const char *const bad[] = { "", "/etc/passwd", "../x",
		"a/../../x", "a/", "a/..", "b/a", "b/b" };
	struct package_writer *w = NULL;
	struct error e = { 0 };

	CHECK_OK(package_create(&w, "bad.tar", &options, &e), &e);
	CHECK_OK(put(w, "b/b", "x", &e), &e);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_INT(put(w, bad[i], "x", &e), -1);
		CHECK_INT(e.kind, ERROR_USAGE);
	}
	package_abandon(w);
	CHECK(!file_exists("bad.tar"));
	CHECK(!file_exists("bad.tar.tmp"));
}

CASE(a_stream_of_another_length_is_refused)
{
	for (int longer = 0; longer < 2; longer++) {
		struct package_writer *w = NULL;
		struct stream *s = stream_of_bytes("12345", 5);
		struct error e = { 0 };

		CHECK_OK(package_create(&w, "length.tar", &options, &e), &e);
		CHECK_INT(package_put(w, "x", longer ? 4 : 6, s, &e), -1);
		CHECK_INT(e.kind, ERROR_INPUT);
		package_abandon(w);
		stream_free(s);
		CHECK(!file_exists("length.tar"));
	}
}

CASE(what_is_there_is_not_overwritten)
{
	struct package_writer *w = NULL;
	struct error e = { 0 };

	CHECK_OK(file_put("there.tar", "x", 1, &e), &e);
	CHECK_INT(package_create(&w, "there.tar", &options, &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK_INT(package_create(&w, "x.rar", &options, &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK(strstr(e.text, ".tar.gz") != NULL);
}

/* At whichever call the disk is full: an error, and no half file. */
CASE(a_full_disk_leaves_no_half_file)
{
	static const char *const paths[] = { "full.tar", "full.tar.gz",
		"full.tar.zst" };
	int done = 0;

	for (long n = 1; n < 100 && done < 3; n++) {
		const char *path = paths[done];
		struct package_writer *w = NULL;
		struct pieces p = { .stream.next = pieces_next,
			.left = 900000 };
		struct error e = { 0 };
		int rc;

		file_fail_at(n);
		rc = package_create(&w, path, &options, &e);
		if (rc == 0 &&
		    (put(w, "a", "1", &e) != 0 ||
			package_put(w, "b", p.left, &p.stream, &e) != 0)) {
			package_abandon(w);
			rc = -1;
		} else if (rc == 0) {
			rc = package_finish(w, &e);
		}
		file_fail_at(0);
		if (rc != 0)
			CHECK_INT(e.kind, ERROR_SYSTEM);
		else
			CHECK(file_exists(path));
		if (file_exists(path)) {
			/* At the very last call, it is whole and in place. */
			struct buf b = { 0 };

			list(path, &b);
			CHECK_TEXT(buf_text(&b), "a 1\nb 900000\n");
			buf_clear(&b);
			CHECK_OK(file_remove(path, &e), &e);
		}
		if (rc == 0) {
			done++;
			n = 0;
		}
	}
	CHECK_INT(done, 3);
}

static void
write_sample_fails(const char *path)
{
	struct package_writer *w = NULL;
	struct error e = { 0 };

	CHECK_INT(package_create(&w, path, &options, &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
}

static void
check_file(const char *path, const char *text)
{
	struct buf b = { 0 };
	struct error e = { 0 };

	CHECK_OK(file_get(path, &b, 1000, &e), &e);
	CHECK_TEXT(buf_text(&b), text);
	buf_clear(&b);
}

static int
put_in_folder(const char *path, int given_order, struct error *e)
{
	struct package_options o = options;
	struct package_writer *w = NULL;
	struct pieces p = { .stream.next = pieces_next, .left = 900000 };

	o.kind = &package_folder;
	o.given_order = given_order;
	if (package_create(&w, path, &o, e) != 0)
		return -1;
	if (put(w, "a/b/c", "1", e) != 0 || put(w, "a/d", "2", e) != 0 ||
	    package_put(w, "e", p.left, &p.stream, e) != 0 ||
	    (given_order && put(w, "a/b/a", "3", e) != 0)) {
		package_abandon(w);
		return -1;
	}
	CHECK(!file_exists(path)); /* not before it is whole */
	return package_finish(w, e);
}

CASE(a_folder_is_written_as_a_package)
{
	struct error e = { 0 };
	uint64_t size = 0;

	CHECK_OK(put_in_folder("out", 0, &e), &e);
	check_file("out/a/b/c", "1");
	check_file("out/a/d", "2");
	CHECK_OK(file_size("out/e", &size, &e), &e);
	CHECK_INT(size, 900000);
	CHECK(!file_exists("out.tmp"));
	CHECK_OK(put_in_folder("given", 1, &e), &e);
	check_file("given/a/b/a", "3");
	CHECK_INT(put_in_folder("out", 0, &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
}

CASE(what_an_interrupted_attempt_left_is_removed_unless_it_is_a_folder)
{
	struct error e = { 0 };

	CHECK_OK(file_put("file.tar.tmp", "x", 1, &e), &e);
	write_sample("file.tar", &e);
	CHECK(!file_exists("file.tar.tmp"));
	/* Which may be somebody's. */
	CHECK_OK(file_make_dirs("left.tmp/a", &e), &e);
	CHECK_INT(put_in_folder("left", 0, &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK(file_exists("left.tmp/a"));
	CHECK_OK(file_make_dirs("left.tar.tmp/a", &e), &e);
	write_sample_fails("left.tar");
	CHECK(file_exists("left.tar.tmp/a"));
}

CASE(a_folder_given_up_leaves_nothing)
{
	struct package_options o = options;
	struct package_writer *w = NULL;
	struct stream *s = stream_of_bytes("12345", 5);
	struct error e = { 0 };

	o.kind = &package_folder;
	CHECK_OK(package_create(&w, "gone", &o, &e), &e);
	CHECK_OK(put(w, "a/b", "x", &e), &e);
	CHECK_INT(package_put(w, "a/c", 6, s, &e), -1);
	CHECK_INT(e.kind, ERROR_INPUT);
	stream_free(s);
	package_abandon(w);
	CHECK(!file_exists("gone"));
	CHECK(!file_exists("gone.tmp"));
}

CASE(a_folder_on_a_full_disk_is_an_error)
{
	int done = 0;

	for (long n = 1; n < 200 && !done; n++) {
		struct error e = { 0 };
		int rc;

		file_fail_at(n);
		rc = put_in_folder("full", 0, &e);
		file_fail_at(0);
		done = rc == 0;
		if (rc != 0)
			CHECK_INT(e.kind, ERROR_SYSTEM);
		if (file_exists("full")) {
			/* At the very last call, it is whole. */
			check_file("full/a/b/c", "1");
			CHECK_OK(file_remove_tree("full", &e), &e);
		}
		/* Nothing can be removed either, from there on. */
		if (file_exists("full.tmp"))
			CHECK_OK(file_remove_tree("full.tmp", &e), &e);
	}
	CHECK_INT(done, 1);
}

TESTS(T(the_same_calls_give_the_same_bytes),
    T(folders_come_before_what_they_hold),
    T(the_gzip_head_has_no_time_and_no_name),
    T(names_that_leave_or_come_in_disorder_are_refused),
    T(a_stream_of_another_length_is_refused),
    T(what_is_there_is_not_overwritten), T(a_full_disk_leaves_no_half_file),
    T(a_folder_is_written_as_a_package),
    T(what_an_interrupted_attempt_left_is_removed_unless_it_is_a_folder),
    T(a_folder_given_up_leaves_nothing), T(a_folder_on_a_full_disk_is_an_error))
