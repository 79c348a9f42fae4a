/* Folders and containers as trees: the same files from each, whole. */
#include "core/archive/tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/archive/package.h"
#include "core/archive/tree_names.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "tests/test.h"
#include "tests/unit/zip_fixture.h"

enum { LARGE = 300000, KEPT = 1000 };

static char large[LARGE + 1];

static const struct zip_file sample[] = {
	{ .name = "a/one", .bytes = "1" },
	{ .name = "a/two", .bytes = "", .len = 0 },
	{ .name = "b", .bytes = large, .len = LARGE },
	{ .name = "c/d/e", .bytes = "deep" },
	{ .name = "z", .bytes = "last" },
};
enum { SAMPLE = sizeof(sample) / sizeof(sample[0]) };

static const char sample_list[] = "a/one 1\na/two 0\nb 300000\nc/d/e 4\nz 4\n";

static size_t
sample_len(const struct zip_file *f)
{
	return f->len == 0 ? strlen(f->bytes) : f->len;
}

static void
fill_large(void)
{
	uint32_t x = 1;

	for (size_t i = 0; i < LARGE; i++) {
		x = x * 1664525 + 1013904223;
		large[i] = (char)('a' + (x >> 28));
	}
}

static void
write_package(const char *path)
{
	static const struct package_options o = { .time_us = 1795336067000000 };
	struct package_writer *w = NULL;
	struct error e = { 0 };

	fill_large();
	CHECK_OK(package_create(&w, path, &o, &e), &e);
	for (size_t i = 0; i < SAMPLE; i++) {
		size_t len = sample_len(&sample[i]);
		struct stream *s = stream_of_bytes(sample[i].bytes, len);

		CHECK_OK(package_put(w, sample[i].name, len, s, &e), &e);
		stream_free(s);
	}
	CHECK_OK(package_finish(w, &e), &e);
}

static void
write_zip(const char *path, int deflate)
{
	struct zip_made z = { 0 };
	struct error e = { 0 };

	fill_large();
	for (size_t i = SAMPLE; i-- > 0;) {
		struct zip_file f = sample[i];

		f.deflate = deflate;
		zip_put(&z, &f);
	}
	zip_end(&z, 0, "");
	CHECK_OK(file_put(path, z.out.data, z.out.len, &e), &e);
	zip_clear(&z);
}

static void
write_folder(const char *path)
{
	struct error e = { 0 };

	fill_large();
	for (size_t i = 0; i < SAMPLE; i++) {
		char *name = mem_format("%s/%s", path, sample[i].name);

		*strrchr(name, '/') = '\0';
		CHECK_OK(file_make_dirs(name, &e), &e);
		name[strlen(name)] = '/';
		CHECK_OK(
		    file_put(name, sample[i].bytes, sample_len(&sample[i]), &e),
		    &e);
		free(name);
	}
}

static int
check_bytes(struct input *in, const struct tree_file *f)
{
	struct buf all = { 0 };
	struct stream *s = input_stream(in, 0, INPUT_NO_END);
	struct error e = { 0 };
	int found = 0;

	CHECK_OK(stream_read(s, &all, 100000000, &e), &e);
	CHECK_INT(all.len, f->size);
	for (size_t i = 0; i < SAMPLE; i++)
		if (strcmp(sample[i].name, f->name) == 0) {
			found = 1;
			CHECK_INT(sample_len(&sample[i]), all.len);
			CHECK(all.len == 0 ||
			      memcmp(sample[i].bytes, all.data, all.len) == 0);
		}
	CHECK(found);
	stream_free(s);
	buf_clear(&all);
	return 0;
}

struct seen {
	struct buf names;
	const char *only;
	int stop;
};

static int
want(void *context, const struct tree_file *f)
{
	struct seen *s = context;

	return s->only == NULL || strcmp(s->only, f->name) == 0;
}

static int
see(void *context, const struct tree_file *f, struct input *in, struct error *e)
{
	struct seen *s = context;

	(void)e;
	buf_format(&s->names, "%s\n", f->name);
	check_bytes(in, f);
	return s->stop;
}

static void
hear(void *context, const char *name, const struct error *why)
{
	(void)why;
	buf_format(context, "%s\n", name);
}

static void
check_visit(struct tree *t, const char *only, int stop, const char *names)
{
	struct seen s = { .only = only, .stop = stop };
	const struct tree_visit v = { want, see, &s };
	struct error e = { 0 };

	CHECK_OK(tree_visit(t, &v, &e), &e);
	CHECK_TEXT(buf_text(&s.names), names);
	buf_clear(&s.names);
}

/* All of it, and the files that are not KEPT_ONE by tree_visit alone. */
static void
check_tree(const char *path, int comes_again)
{
	const struct tree_options o = { .kept_most = KEPT };
	const struct tree_file *files;
	struct tree *t = NULL;
	struct buf list = { 0 };
	struct error e = { 0 };
	size_t count;

	CHECK_OK(tree_open(&t, path, &o, &e), &e);
	if (t == NULL)
		return;
	CHECK_TEXT(tree_name(t), path);
	files = tree_files(t, &count);
	for (size_t i = 0; i < count; i++) {
		const struct tree_file *f = &files[i];
		struct input *in = NULL;
		int rc = tree_file_open(t, f, &in, &e);

		buf_format(
		    &list, "%s %llu\n", f->name, (unsigned long long)f->size);
		CHECK(tree_find(t, f->name) == f);
		if (comes_again && f->size == LARGE) {
			CHECK(rc == -1 && e.kind == ERROR_LIMIT);
			continue;
		}
		CHECK_OK(rc, &e);
		CHECK(in != NULL && input_is_random(in));
		CHECK(!f->comes_once);
		check_bytes(in, f);
		input_free(in);
	}
	CHECK_TEXT(buf_text(&list), sample_list);
	CHECK(tree_find(t, "a") == NULL && tree_find(t, "zz") == NULL);
	check_visit(t, NULL, 0, "a/one\na/two\nb\nc/d/e\nz\n");
	check_visit(t, "b", 0, "b\n");
	check_visit(t, "z", 0, "z\n");
	check_visit(t, NULL, 1, "a/one\n");
	buf_clear(&list);
	tree_free(t);
}

CASE(a_folder_is_a_tree)
{
	write_folder("folder");
	check_tree("folder", 0);
	CHECK(symlink("folder", "link") == 0);
	check_tree("link", 0);
}

CASE(a_plain_tar_is_read_at_any_offset)
{
	write_package("x.tar");
	check_tree("x.tar", 0);
}

CASE(a_packed_tar_keeps_small_files_and_brings_large_ones_again)
{
	write_package("x.tar.gz");
	check_tree("x.tar.gz", 1);
}

CASE(a_stored_zip_is_read_at_any_offset)
{
	write_zip("x.zip", 0);
	check_tree("x.zip", 0);
}

CASE(a_deflated_zip_keeps_small_files)
{
	write_zip("y.zip", 1);
	check_tree("y.zip", 1);
}

/* The bytes of PATH through a named pipe. */
static void
check_piped(const char *path, int comes_again)
{
	struct buf all = { 0 };
	struct error e = { 0 };
	pid_t pid;

	(void)unlink("pipe");
	CHECK(mkfifo("pipe", 0600) == 0);
	CHECK_OK(file_get(path, &all, 100000000, &e), &e);
	pid = fork();
	if (pid == 0) {
		int fd = open("pipe", O_WRONLY | O_CLOEXEC);

		_exit(file_write(fd, all.data, all.len, NULL) == 0 ? 0 : 1);
	}
	check_tree("pipe", comes_again);
	buf_clear(&all);
}

CASE(a_pipe_is_read_as_the_file_would_be)
{
	write_package("p.tar");
	check_piped("p.tar", 0);
	write_package("p.tar.gz");
	check_piped("p.tar.gz", 1);
	write_zip("p.zip", 0);
	check_piped("p.zip", 0);
}

CASE(links_and_odd_names_are_told_and_are_no_files)
{
	struct buf heard = { 0 };
	const struct tree_options o = { .unread = hear, .context = &heard };
	struct tree *t = NULL;
	struct error e = { 0 };
	size_t count;

	CHECK_OK(file_make_dirs("odd/sub", &e), &e);
	CHECK_OK(file_put("odd/good", "x", 1, &e), &e);
	CHECK_OK(file_put("odd/a\nb", "x", 1, &e), &e);
	CHECK(symlink("/etc/passwd", "odd/link") == 0);
	CHECK(symlink("/etc", "odd/sub/dir") == 0);
	CHECK(mkfifo("odd/pipe", 0600) == 0);
	CHECK_OK(tree_open(&t, "odd", &o, &e), &e);
	(void)tree_files(t, &count);
	CHECK_INT(count, 1);
	CHECK_TEXT(buf_text(&heard), "a\nb\nlink\npipe\nsub/dir\n");
	tree_free(t);
	buf_clear(&heard);
}

static void
check_not_followed(struct tree *t, const char *name)
{
	const struct tree_file *f = tree_find(t, name);
	struct input *in = NULL;
	struct error e = { 0 };

	CHECK(f != NULL);
	CHECK_INT(tree_file_open(t, f, &in, &e), -1);
	CHECK_INT(e.kind, ERROR_INPUT);
	input_free(in);
}

/* Who can write in the folder must not choose what of ours is read. */
CASE(a_link_that_came_since_is_not_followed)
{
	struct input *in = NULL;
	struct tree *t = NULL;
	struct error e = { 0 };

	CHECK_OK(file_make_dirs("race/in", &e), &e);
	CHECK_OK(file_make_dirs("secret", &e), &e);
	CHECK_OK(file_put("race/file", "x", 1, &e), &e);
	CHECK_OK(file_put("race/in/file", "x", 1, &e), &e);
	CHECK_OK(file_put("secret/file", "s", 1, &e), &e);
	CHECK(symlink("race", "way") == 0);
	CHECK_OK(tree_open(&t, "way", NULL, &e), &e);
	CHECK_OK(tree_file_open(t, tree_find(t, "in/file"), &in, &e), &e);
	input_free(in);
	CHECK(unlink("race/file") == 0);
	CHECK(symlink("../secret/file", "race/file") == 0);
	CHECK(rename("race/in", "race/was") == 0);
	CHECK(symlink("../secret", "race/in") == 0);
	check_not_followed(t, "file");
	check_not_followed(t, "in/file");
	tree_free(t);
}

static void
check_refused(const char *path, enum error_kind kind)
{
	struct tree *t = NULL;
	struct error e = { 0 };

	CHECK_INT(tree_open(&t, path, NULL, &e), -1);
	CHECK_INT(e.kind, kind);
	CHECK(t == NULL);
}

CASE(what_is_neither_folder_nor_container_is_refused)
{
	struct error e = { 0 };

	CHECK_OK(file_put("text", "some text\n", 10, &e), &e);
	check_refused("text", ERROR_USAGE);
	CHECK_OK(file_put("empty", "", 0, &e), &e);
	check_refused("empty", ERROR_USAGE);
	check_refused("none", ERROR_NOTFOUND);
	CHECK_OK(file_put("text.zip", "some text\n", 10, &e), &e);
	check_refused("text.zip", ERROR_INPUT);
}

static void
put_pair(const char *path, const char *a, const char *b)
{
	const struct zip_file x = { .name = a, .bytes = "1" };
	const struct zip_file y = { .name = b, .bytes = "2" };
	struct zip_made z = { 0 };
	struct error e = { 0 };

	zip_put(&z, &x);
	zip_put(&z, &y);
	zip_end(&z, 0, "");
	CHECK_OK(file_put(path, z.out.data, z.out.len, &e), &e);
	zip_clear(&z);
}

CASE(names_that_would_be_one_file_are_refused)
{
	put_pair("same.zip", "a", "a");
	check_refused("same.zip", ERROR_INPUT);
	put_pair("case.zip", "dir/File", "dir/fILE");
	check_refused("case.zip", ERROR_INPUT);
	put_pair("below.zip", "a", "a/b");
	check_refused("below.zip", ERROR_INPUT);
	put_pair("folded.zip", "A", "a/b");
	check_refused("folded.zip", ERROR_INPUT);
}

static int
clash(const char *x, const char *y, const char *between)
{
	struct tree_names n = { 0 };
	const char *a;
	const char *b;
	int yes;

	tree_names_add(&n, x);
	tree_names_add(&n, between);
	tree_names_add(&n, y);
	yes = tree_names_clash(&n, &a, &b);
	tree_names_clear(&n);
	return yes;
}

CASE(names_clash_whatever_sorts_between_them)
{
	CHECK_INT(clash("a", "a/b", "a.b"), 1);
	CHECK_INT(clash("a", "A", "a!"), 1);
	CHECK_INT(clash("a/b", "A/B/c", "a/b.c"), 1);
	CHECK_INT(clash("a/b", "a/c", "a.b"), 0);
	CHECK_INT(clash("ab", "a/b", "a-"), 0);
}

CASE(what_a_zip_says_of_stored_bytes_is_handed_on)
{
	const struct tree_file *f;
	struct tree *t = NULL;
	struct error e = { 0 };

	write_zip("crc.zip", 0);
	CHECK_OK(tree_open(&t, "crc.zip", NULL, &e), &e);
	f = tree_find(t, "c/d/e");
	CHECK(f != NULL && f->has_crc &&
	      f->crc == crc32(0, (const Bytef *)"deep", 4));
	tree_free(t);
	t = NULL;
	/* Of deflated ones reading compares it; a tar has none. */
	write_zip("crc2.zip", 1);
	CHECK_OK(tree_open(&t, "crc2.zip", NULL, &e), &e);
	f = tree_find(t, "c/d/e");
	CHECK(f != NULL && !f->has_crc);
	tree_free(t);
	t = NULL;
	write_package("crc.tar");
	CHECK_OK(tree_open(&t, "crc.tar", NULL, &e), &e);
	f = tree_find(t, "c/d/e");
	CHECK(f != NULL && !f->has_crc);
	tree_free(t);
}

CASE(a_container_that_is_cut_is_refused)
{
	struct buf all = { 0 };
	struct error e = { 0 };

	write_package("w.tar.gz");
	CHECK_OK(file_get("w.tar.gz", &all, 100000000, &e), &e);
	CHECK_OK(file_put("cut.tar.gz", all.data, all.len / 2, &e), &e);
	check_refused("cut.tar.gz", ERROR_INPUT);
	CHECK_OK(file_put("cut2.tar.gz", all.data, all.len - 4, &e), &e);
	check_refused("cut2.tar.gz", ERROR_INPUT);
	buf_clear(&all);
}

TESTS(T(a_folder_is_a_tree), T(a_plain_tar_is_read_at_any_offset),
    T(a_packed_tar_keeps_small_files_and_brings_large_ones_again),
    T(a_stored_zip_is_read_at_any_offset), T(a_deflated_zip_keeps_small_files),
    T(a_pipe_is_read_as_the_file_would_be),
    T(links_and_odd_names_are_told_and_are_no_files),
    T(a_link_that_came_since_is_not_followed),
    T(what_is_neither_folder_nor_container_is_refused),
    T(names_that_would_be_one_file_are_refused),
    T(names_clash_whatever_sorts_between_them),
    T(what_a_zip_says_of_stored_bytes_is_handed_on),
    T(a_container_that_is_cut_is_refused))
