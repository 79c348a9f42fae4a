/* Record files as people name them: folders, zips, tars, and bad input. */
#include "core/archive/record_files.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/archive/package.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/stream.h"
#include "tests/test.h"
#include "tests/unit/zip_fixture.h"

#define RECORD \
	"WARC/1.1\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n"

struct seen {
	struct buf names;  /* "NAME=LENGTH[r]\n"; r: random */
	struct buf unread; /* texts */
	int stop_after;
	int fail;
	size_t count;
};

static int
see(void *context, struct input *in, struct error *e)
{
	struct seen *s = context;
	struct buf all = { 0 };
	struct stream *bytes;
	struct error why = { 0 };

	if (s->fail)
		return error_set(e, ERROR_SYSTEM, "each failed");
	bytes = input_stream(in, 0, INPUT_NO_END);
	if (stream_read(bytes, &all, 100000000, &why) != 0)
		buf_format(
		    &s->names, "%s broken: %s\n", input_name(in), why.text);
	else
		buf_format(&s->names, "%s=%zu%s\n", input_name(in), all.len,
		    input_is_random(in) ? "r" : "");
	stream_free(bytes);
	buf_clear(&all);
	s->count++;
	return s->stop_after != 0 && s->count == (size_t)s->stop_after;
}

static void
hear(void *context, const char *name, const struct error *why)
{
	struct seen *s = context;

	(void)name;
	buf_format(&s->unread, "%s\n", why->text);
}

static int
look(struct seen *s, const char *object, struct error *e)
{
	const struct record_files f = { see, hear, s };

	return record_files_each(object, &f, e);
}

/* OBJECT gives NAMES and says UNREAD. */
static void
check_look(const char *object, const char *names, const char *unread)
{
	struct seen s = { 0 };
	struct error e = { 0 };

	CHECK_OK(look(&s, object, &e), &e);
	CHECK_TEXT(buf_text(&s.names), names);
	CHECK_TEXT(buf_text(&s.unread), unread);
	buf_clear(&s.names);
	buf_clear(&s.unread);
}

/* The one word said of OBJECT contains WORD, and nothing is seen. */
static void
check_refused(const char *object, const char *word)
{
	struct seen s = { 0 };
	struct error e = { 0 };

	CHECK_OK(look(&s, object, &e), &e);
	CHECK_TEXT(buf_text(&s.names), "");
	if (strstr(buf_text(&s.unread), word) == NULL)
		CHECK_TEXT(buf_text(&s.unread), word);
	buf_clear(&s.names);
	buf_clear(&s.unread);
}

static void
put(const char *path, const void *p, size_t len)
{
	struct error e = { 0 };
	int fd;

	(void)unlink(path);
	fd = file_create(path, &e);
	CHECK_OK(fd, &e);
	CHECK_OK(file_write_at(fd, p, len, 0, &e), &e);
	(void)close(fd);
}

static void
put_text(const char *path, const char *text)
{
	put(path, text, strlen(text));
}

/* FILES as a zip at PATH. */
static void
put_zip(const char *path, const struct zip_file *files, size_t count)
{
	struct zip_made z = { 0 };

	for (size_t i = 0; i < count; i++)
		zip_put(&z, &files[i]);
	zip_end(&z, 0, "");
	put(path, z.out.data, z.out.len);
	zip_clear(&z);
}

/* ---- folders and single files ---- */

CASE(a_folder_is_walked_in_order_of_paths)
{
	struct error e = { 0 };

	CHECK_OK(file_make_dirs("f/a/deep", &e), &e);
	put_text("f/b.warc", RECORD);
	put_text("f/a.warc", RECORD);
	put_text("f/a/x.warc.gz", "");
	put_text("f/a/deep/unnamed", RECORD);
	put_text("f/a/notes.txt", "nothing");
	put_text("f/new\nline.warc", RECORD);
	check_look("f",
	    "f/a.warc=56r\nf/a/deep/unnamed=56r\nf/a/x.warc.gz=0r\n"
	    "f/b.warc=56r\nf/new\nline.warc=56r\n",
	    "");
	check_look("f/",
	    "f/a.warc=56r\nf/a/deep/unnamed=56r\n"
	    "f/a/x.warc.gz=0r\nf/b.warc=56r\nf/new\nline.warc=56r\n",
	    "");
	check_look("f/b.warc", "f/b.warc=56r\n", "");
	check_look("f/a/deep/unnamed", "f/a/deep/unnamed=56r\n", "");
}

CASE(what_is_no_record_file_is_said_when_it_was_named)
{
	put_text("notes", "nothing");
	put_text("empty", "");
	put_text("empty.warc", "");
	check_refused("notes", "notes: is no record file of a known kind");
	check_refused("empty", "empty: is empty");
	check_look("empty.warc", "empty.warc=0r\n", "");
	check_refused("absent", "absent: no such file");
	check_refused("notes/inner.warc", "notes: is no container");
	check_refused("absent/inner.warc", "absent/inner.warc: no such file");
	check_refused("", ": no such file");
}

CASE(links_pipes_and_unreadable_files_do_not_stop_the_rest)
{
	struct error e = { 0 };

	CHECK_OK(file_make_dirs("odd/sub", &e), &e);
	put_text("odd/z.warc", RECORD);
	put_text("odd/secret.warc", RECORD);
	CHECK_INT(symlink("loop.warc", "odd/loop.warc"), 0);
	CHECK_INT(symlink("..", "odd/sub/up"), 0);
	CHECK_INT(mkfifo("odd/pipe.warc", 0600), 0);
	CHECK_INT(chmod("odd/secret.warc", 0), 0);
	if (geteuid() == 0) {
		CHECK_INT(unlink("odd/secret.warc"), 0);
		check_look("odd", "odd/z.warc=56r\n",
		    "odd/pipe.warc: is no regular file\n");
	} else {
		check_look("odd", "odd/z.warc=56r\n",
		    "odd/pipe.warc: is no regular file\n"
		    "odd/secret.warc: Permission denied\n");
	}
	check_refused("odd/loop.warc", "Too many levels of symbolic links");
	CHECK_INT(symlink("odd/z.warc", "link.warc"), 0);
	check_look("link.warc", "link.warc=56r\n", "");
}

CASE(a_pipe_without_a_writer_does_not_hang)
{
	CHECK_INT(mkfifo("pipe", 0600), 0);
	check_refused("pipe", "pipe: is a pipe that nobody writes to");
}

CASE(a_pipe_with_a_writer_is_read_once)
{
	int fd;

	CHECK_INT(mkfifo("written", 0600), 0);
	fd = open("written", O_RDWR | O_CLOEXEC);
	CHECK(fd >= 0);
	if (fork() == 0) {
		int w = open("written", O_WRONLY);
		ssize_t n;

		(void)close(fd);
		(void)usleep(100000);
		n = write(w, RECORD, strlen(RECORD));
		_exit(n < 0);
	}
	(void)close(fd);
	check_look("written", "written=56\n", "");
}

CASE(each_can_stop_and_its_failure_comes_through)
{
	struct seen s = { .stop_after = 2 };
	struct error e = { 0 };

	CHECK_OK(file_make_dirs("many", &e), &e);
	put_text("many/1.warc", RECORD);
	put_text("many/2.warc", RECORD);
	put_text("many/3.warc", RECORD);
	CHECK_INT(look(&s, "many", &e), 1);
	CHECK_TEXT(buf_text(&s.names), "many/1.warc=56r\nmany/2.warc=56r\n");
	buf_clear(&s.names);
	s = (struct seen){ .fail = 1 };
	CHECK_INT(look(&s, "many", &e), -1);
	CHECK_INT(e.kind, ERROR_SYSTEM);
	CHECK_TEXT(e.text, "each failed");
}

/* ---- zips ---- */

CASE(stored_files_of_a_zip_are_random_and_deflated_ones_come_once)
{
	const struct zip_file files[] = {
		{ .name = "archive/b.warc.gz", .bytes = RECORD },
		{ .name = "archive/a.warc", .bytes = RECORD, .deflate = 1 },
		{ .name = "pages/pages.jsonl", .bytes = "{}", .deflate = 1 },
		{ .name = "archive/unnamed", .bytes = RECORD },
		{ .name = "archive/", .bytes = "", .mode = 040755 },
	};
	struct seen s = { 0 };
	struct error e = { 0 };

	put_zip("x.wacz", files, 5);
	check_look("x.wacz",
	    "x.wacz/archive/a.warc=56\nx.wacz/archive/b.warc.gz=56r\n"
	    "x.wacz/archive/unnamed=56r\n",
	    "");
	check_look(
	    "x.wacz/archive/b.warc.gz", "x.wacz/archive/b.warc.gz=56r\n", "");
	check_look("x.wacz/archive/a.warc", "x.wacz/archive/a.warc=56\n", "");
	check_look(
	    "./x.wacz/archive/a.warc", "./x.wacz/archive/a.warc=56\n", "");
	check_refused(
	    "x.wacz/archive/c.warc", "x.wacz/archive/c.warc: no such file");
	check_refused("x.wacz/pages/pages.jsonl", "is no record file");
	check_look("x.wacz/archive",
	    "x.wacz/archive/a.warc=56\nx.wacz/archive/b.warc.gz=56r\n"
	    "x.wacz/archive/unnamed=56r\n",
	    "");
	s.stop_after = 1;
	CHECK_INT(look(&s, "x.wacz", &e), 1);
	CHECK_TEXT(buf_text(&s.names), "x.wacz/archive/a.warc=56\n");
	buf_clear(&s.names);
	s = (struct seen){ .fail = 1 };
	CHECK_INT(look(&s, "x.wacz", &e), -1);
	CHECK_TEXT(e.text, "each failed");
}

CASE(descriptors_and_64_bit_sizes_are_read)
{
	const struct zip_file files[] = {
		{ .name = "1.warc", .bytes = RECORD, .descriptor = 12 },
		{ .name = "2.warc",
		    .bytes = RECORD,
		    .descriptor = 16,
		    .deflate = 1 },
		{ .name = "3.warc",
		    .bytes = RECORD,
		    .descriptor = 20,
		    .wide = 1 },
		{ .name = "4.warc",
		    .bytes = RECORD,
		    .descriptor = 24,
		    .wide = 1,
		    .deflate = 1 },
		{ .name = "5.warc", .bytes = RECORD, .wide = 1 },
	};
	const char *names = "w.zip/1.warc=56r\nw.zip/2.warc=56\n"
			    "w.zip/3.warc=56r\nw.zip/4.warc=56\n"
			    "w.zip/5.warc=56r\n";
	struct zip_made z = { 0 };

	put_zip("w.zip", files, 5);
	check_look("w.zip", names, "");
	for (size_t i = 0; i < 5; i++)
		zip_put(&z, &files[i]);
	zip_end(&z, 1, "a comment");
	put("w.zip", z.out.data, z.out.len);
	check_look("w.zip", names, "");
	zip_clear(&z);
	zip_end(&z, 0, "");
	put("w.zip", z.out.data, z.out.len);
	check_look("w.zip", "", "");
	zip_clear(&z);
}

/* A zip of one record file and another one, which is at fault. */
static void
check_fault(const struct zip_file *other, const char *word)
{
	struct zip_file files[] = {
		{ .name = "a.warc", .bytes = RECORD },
		*other,
		{ .name = "c.warc", .bytes = RECORD },
	};

	put_zip("fault.zip", files, 3);
	check_refused("fault.zip", word);
}

CASE(what_two_readers_could_read_as_two_zips_is_refused)
{
	check_fault(
	    &(struct zip_file){
		.name = "b.warc", .bytes = RECORD, .central_name = "B.warc" },
	    "its header is not that of the directory");
	check_fault(
	    &(struct zip_file){
		.name = "b.warc", .bytes = RECORD, .crc_change = 1 },
	    "its header is not that of the directory");
	check_fault(
	    &(struct zip_file){
		.name = "b.warc", .bytes = RECORD, .local_size_change = 1 },
	    "its header is not that of the directory");
	check_fault(&(struct zip_file){ .name = "b.warc",
			.bytes = RECORD,
			.descriptor = 16,
			.crc_change = 1 },
	    "its descriptor is not what the directory says");
	check_fault(&(struct zip_file){ .name = "b.warc",
			.bytes = RECORD,
			.descriptor = 12,
			.size_change = 1 },
	    "its descriptor is not what the directory says");
	check_fault(
	    &(struct zip_file){ .name = "b.warc", .bytes = RECORD, .gap = 12 },
	    "bytes behind it that belong to nothing");
	check_fault(&(struct zip_file){ .name = "a.warc", .bytes = RECORD },
	    "stands twice in the zip");
}

CASE(bytes_around_a_zip_are_refused)
{
	const struct zip_file file = { .name = "a.warc", .bytes = RECORD };
	struct zip_made z = { 0 };
	struct zip_made second = { 0 };
	struct buf all = { 0 };

	zip_put(&z, &file);
	zip_end(&z, 0, "");
	/* in front, with offsets that count from the zip */
	buf_add_text(&all, "#!/bin/sh\n");
	buf_add(&all, z.out.data, z.out.len);
	put("p.zip", all.data, all.len);
	check_refused("p.zip", "does not stand right before the end");
	/* behind */
	buf_reset(&all);
	buf_add(&all, z.out.data, z.out.len);
	buf_add_byte(&all, 0);
	put("p.zip", all.data, all.len);
	check_refused("p.zip", "the end record does not stand at its end");
	/* two in one: the second hides the first */
	buf_reset(&all);
	buf_add(&all, z.out.data, z.out.len);
	buf_add(&all, z.out.data, z.out.len);
	put("p.zip", all.data, all.len);
	check_refused("p.zip", "does not stand right before the end");
	/* in front, with offsets that count from the file */
	buf_add_text(&second.out, "#!/bin/sh\n");
	zip_put(&second, &file);
	zip_end(&second, 0, "");
	put("p.zip", second.out.data, second.out.len);
	check_refused("p.zip", "bytes in front of the zip");
	/* an end record in the comment that ends there too */
	zip_clear(&second);
	zip_put(&second, &file);
	zip_end(&second, 0, "0123456789012345678901");
	memcpy(second.out.data + second.out.len - 22, "PK\5\6", 4);
	memset(second.out.data + second.out.len - 18, 0, 18);
	put("p.zip", second.out.data, second.out.len);
	check_refused("p.zip", "two end records");
	zip_clear(&z);
	zip_clear(&second);
	buf_clear(&all);
}

CASE(a_cut_or_overlapping_zip_is_refused)
{
	const struct zip_file files[] = {
		{ .name = "a.warc", .bytes = RECORD },
		{ .name = "b.warc", .bytes = RECORD, .deflate = 1 },
	};
	struct zip_made z = { 0 };
	size_t directory;

	zip_put(&z, &files[0]);
	zip_put(&z, &files[1]);
	directory = z.out.len;
	zip_end(&z, 0, "");
	for (size_t cut = 5; cut < z.out.len; cut++) {
		put("cut.zip", z.out.data, cut);
		check_refused("cut.zip", "end record does not stand at its");
	}
	/* The second entry points to the first. */
	memset(z.out.data + directory + 52 + 42, 0, 4);
	put("cut.zip", z.out.data, z.out.len);
	check_refused("cut.zip", "cut.zip/");
	zip_clear(&z);
}

CASE(no_byte_of_a_zip_can_change_unnoticed_but_those_without_meaning)
{
	const struct zip_file files[] = {
		{ .name = "a.warc", .bytes = RECORD, .deflate = 1 },
		{ .name = "b.warc",
		    .bytes = RECORD,
		    .deflate = 1,
		    .descriptor = 16 },
	};
	static const char good[] = "bit.zip/a.warc=56\nbit.zip/b.warc=56\n";
	struct zip_made z = { 0 };
	unsigned silent = 0;

	zip_put(&z, &files[0]);
	zip_put(&z, &files[1]);
	zip_end(&z, 0, "");
	for (size_t i = 0; i < z.out.len; i++) {
		struct seen s = { 0 };
		struct error e = { 0 };

		z.out.data[i] ^= 0x10;
		put("bit.zip", z.out.data, z.out.len);
		CHECK_OK(look(&s, "bit.zip", &e), &e);
		if (s.unread.len == 0 && strcmp(buf_text(&s.names), good) == 0)
			silent++;
		z.out.data[i] ^= 0x10;
		buf_clear(&s.names);
		buf_clear(&s.unread);
	}
	/* Versions, in the directory attributes too; the bits that fill the
	 * last deflated byte. */
	CHECK_INT(silent, 2 * (1 + 6 + 1));
	zip_clear(&z);
}

CASE(a_deflated_file_that_is_not_what_the_zip_says_is_broken)
{
	struct zip_file f = { .name = "a.warc", .bytes = RECORD, .deflate = 1 };
	struct zip_made z = { 0 };

	zip_put(&z, &f);
	zip_end(&z, 0, "");
	/* the same wrong size in both headers */
	z.out.data[22]++;
	z.out.data[z.out.len - 22 - 52 + 24]++;
	put("lie.zip", z.out.data, z.out.len);
	check_refused("lie.zip", "lie.zip/a.warc: shorter than the zip says");
	z.out.data[22] -= 2;
	z.out.data[z.out.len - 22 - 52 + 24] -= 2;
	put("lie.zip", z.out.data, z.out.len);
	check_refused("lie.zip", "lie.zip/a.warc: longer than the zip says");
	z.out.data[22]++;
	z.out.data[z.out.len - 22 - 52 + 24]++;
	z.out.data[14] ^= 1;
	z.out.data[z.out.len - 22 - 52 + 16] ^= 1;
	put("lie.zip", z.out.data, z.out.len);
	check_refused("lie.zip", "its CRC-32 is not the one the zip says");
	zip_clear(&z);
	f.tail = 3;
	put_zip("lie.zip", &f, 1);
	check_refused("lie.zip", "bytes behind the deflated ones");
}

CASE(only_plain_files_of_a_zip_are_read)
{
	const struct zip_file files[] = {
		{ .name = "../up.warc", .bytes = RECORD },
		{ .name = "/abs.warc", .bytes = RECORD },
		{ .name = "a\\b.warc", .bytes = RECORD },
		{ .name = "d/../e.warc", .bytes = RECORD },
		{ .name = "link.warc", .bytes = "good.warc", .mode = 0120777 },
		{ .name = "locked.warc", .bytes = RECORD, .flags = 1 },
		{ .name = "good.warc", .bytes = RECORD },
		{ .name = "inner.zip", .bytes = "PK\5\6" },
		{ .name = "line\nfeed.warc", .bytes = RECORD },
	};

	put_zip("odd.zip", files, 9);
	check_look("odd.zip", "odd.zip/good.warc=56r\n",
	    "odd.zip/../up.warc: has no plain name in a zip\n"
	    "odd.zip//abs.warc: has no plain name in a zip\n"
	    "odd.zip/a\\b.warc: has no plain name in a zip\n"
	    "odd.zip/d/../e.warc: has no plain name in a zip\n"
	    "odd.zip/inner.zip: a container in a container is not opened\n"
	    "odd.zip/line\nfeed.warc: has no plain name in a zip\n"
	    "odd.zip/link.warc: is neither file nor folder in a zip\n"
	    "odd.zip/locked.warc: is encrypted in a zip\n");
}

/* ---- tars ---- */

static void
tar_entry(struct archive *a, const char *name, unsigned kind, const char *link,
    const char *bytes)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, kind);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, (la_int64_t)strlen(bytes));
	if (link != NULL && kind == AE_IFLNK)
		archive_entry_set_symlink(entry, link);
	else if (link != NULL)
		archive_entry_set_hardlink(entry, link);
	CHECK_INT(archive_write_header(a, entry), ARCHIVE_OK);
	if (bytes[0] != '\0')
		CHECK_INT(
		    archive_write_data(a, bytes, strlen(bytes)), strlen(bytes));
	archive_entry_free(entry);
}

static void
put_tar(const char *path, int filter, int format)
{
	struct archive *a = archive_write_new();

	(void)unlink(path);
	CHECK_INT(archive_write_set_format(a, format), ARCHIVE_OK);
	CHECK_INT(archive_write_add_filter(a, filter), ARCHIVE_OK);
	CHECK_INT(archive_write_open_filename(a, path), ARCHIVE_OK);
	tar_entry(a, "./t/b.warc.gz", AE_IFREG, NULL, RECORD);
	tar_entry(a, "t/unnamed", AE_IFREG, NULL, RECORD);
	tar_entry(a, "t/notes.txt", AE_IFREG, NULL, "nothing");
	tar_entry(a, "t/link.warc", AE_IFLNK, "b.warc.gz", "");
	tar_entry(a, "t/hard.warc", AE_IFREG, "t/unnamed", "");
	tar_entry(a, "../up.warc", AE_IFREG, NULL, RECORD);
	tar_entry(a, "t/a.warc", AE_IFREG, NULL, RECORD);
	tar_entry(a, "t/pipe.warc", AE_IFIFO, NULL, "");
	CHECK_INT(archive_write_close(a), ARCHIVE_OK);
	(void)archive_write_free(a);
}

static void
check_plain_tar(const char *path, int format)
{
	put_tar(path, ARCHIVE_FILTER_NONE, format);
	check_look(path,
	    "x.tar/t/a.warc=56r\nx.tar/t/b.warc.gz=56r\n"
	    "x.tar/t/unnamed=56r\n",
	    "x.tar/t/link.warc: is a link in a tar\n"
	    "x.tar/t/hard.warc: is a link in a tar\n"
	    "x.tar/../up.warc: has no plain name in a tar\n"
	    "x.tar/t/pipe.warc: is neither file nor folder in a tar\n");
}

CASE(files_of_a_plain_tar_are_random_and_in_order)
{
	check_plain_tar("x.tar", ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE);
	check_plain_tar("x.tar", ARCHIVE_FORMAT_TAR_GNUTAR);
	check_plain_tar("x.tar", ARCHIVE_FORMAT_TAR_USTAR);
	check_look("x.tar/t/a.warc", "x.tar/t/a.warc=56r\n", "");
	check_refused("x.tar/t/c.warc", "x.tar/t/c.warc: no such file");
}

CASE(files_of_a_packed_tar_come_once_in_its_order)
{
	const char
	    *said = "%s/t/link.warc: is a link in a tar\n"
		    "%s/t/hard.warc: is a link in a tar\n"
		    "%s/../up.warc: has no plain name in a tar\n"
		    "%s/t/pipe.warc: is neither file nor folder in a tar\n";
	const char *const names[] = { "y.tar.gz", "y.tar.zst", "y" };
	const int filters[] = { ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_ZSTD,
		ARCHIVE_FILTER_GZIP };

	for (int i = 0; i < 3; i++) {
		const char *n = names[i];
		char *seen = mem_format("%s/t/b.warc.gz=56\n%s/t/unnamed=56\n"
					"%s/t/a.warc=56\n",
		    n, n, n);
		struct buf unread = { 0 };

		for (const char *p = said; *p != '\0'; p++)
			if (p[0] == '%')
				buf_add_text(&unread, n), p++;
			else
				buf_add_byte(&unread, (uint8_t)*p);
		put_tar(n, filters[i], ARCHIVE_FORMAT_TAR_PAX_RESTRICTED);
		check_look(n, seen, buf_text(&unread));
		free(seen);
		buf_clear(&unread);
	}
}

CASE(a_cut_tar_still_gives_what_stands_before_the_cut)
{
	struct seen s = { 0 };
	struct error e = { 0 };

	put_tar("z.tar", ARCHIVE_FILTER_NONE, ARCHIVE_FORMAT_TAR_USTAR);
	CHECK_INT(truncate("z.tar", 1024 + 512 + 30), 0);
	CHECK_OK(look(&s, "z.tar", &e), &e);
	CHECK_TEXT(
	    buf_text(&s.names), "z.tar/t/b.warc.gz=56r\nz.tar/t/unnamed=30r\n");
	CHECK(strstr(buf_text(&s.unread), "z.tar: does not read as a tar") !=
	      NULL);
	buf_clear(&s.names);
	buf_clear(&s.unread);
	put_tar("z.tar", ARCHIVE_FILTER_NONE, ARCHIVE_FORMAT_TAR_USTAR);
	CHECK_INT(truncate("z.tar", 2048), 0); /* between two files */
	check_look("z.tar", "z.tar/t/b.warc.gz=56r\nz.tar/t/unnamed=56r\n",
	    "z.tar: the tar has no end, so it may be cut\n");
	put_tar("z.tgz", ARCHIVE_FILTER_GZIP, ARCHIVE_FORMAT_TAR_USTAR);
	CHECK_INT(truncate("z.tgz", 100), 0);
	CHECK_OK(look(&s, "z.tgz", &e), &e);
	CHECK(strstr(buf_text(&s.unread), "z.tgz") != NULL);
	buf_clear(&s.names);
	buf_clear(&s.unread);
}

/* The first input that comes once, kept beyond its call. */
static int
keep_first(void *context, struct input *in, struct error *e)
{
	struct input **kept = context;

	(void)e;
	if (*kept == NULL)
		*kept = input_keep(in);
	return 0;
}

static void
ignore(void *context, const char *name, const struct error *why)
{
	(void)context;
	(void)name;
	(void)why;
}

CASE(a_file_of_a_packed_tar_that_was_kept_ends_with_its_visit)
{
	struct input *kept = NULL;
	const struct record_files f = { keep_first, ignore, &kept };
	struct archive *a = archive_write_new();
	struct error e = { 0 };
	char *large = mem_format("%s%0200000d", RECORD, 0);
	uint8_t byte;
	size_t n;

	CHECK_INT(archive_write_set_format_ustar(a), ARCHIVE_OK);
	CHECK_INT(archive_write_add_filter_gzip(a), ARCHIVE_OK);
	CHECK_INT(archive_write_open_filename(a, "k.tar.gz"), ARCHIVE_OK);
	tar_entry(a, "large.warc", AE_IFREG, NULL, large);
	CHECK_INT(archive_write_close(a), ARCHIVE_OK);
	(void)archive_write_free(a);
	free(large);
	CHECK_OK(record_files_each("k.tar.gz", &f, &e), &e);
	CHECK(kept != NULL);
	CHECK_INT(input_read(kept, 0, &byte, 1, &n, &e), 0);
	CHECK_INT(byte, 'W');
	CHECK_INT(input_read(kept, 200000, &byte, 1, &n, &e), -1);
	CHECK_INT(e.kind, ERROR_LIMIT);
	input_free(kept);
}

CASE(a_tar_this_program_wrote_is_read_again)
{
	const struct package_options o = { 0 };
	struct package_writer *w = NULL;
	struct stream *s = stream_of_bytes(RECORD, strlen(RECORD));
	char *deep = mem_format("top/%0150d/%0150d.warc", 1, 2);
	char *seen = mem_format("own.tar/%s=56r\n", deep);
	struct error e = { 0 };

	CHECK_OK(package_create(&w, "own.tar", &o, &e), &e);
	CHECK_OK(package_put(w, deep, strlen(RECORD), s, &e), &e);
	CHECK_OK(package_finish(w, &e), &e);
	check_look("own.tar", seen, "");
	check_look("own.tar/top", seen, "");
	stream_free(s);
	free(deep);
	free(seen);
}

CASE(a_folder_of_containers_is_opened_one_level_deep)
{
	const struct zip_file file = { .name = "in.warc", .bytes = RECORD };
	struct error e = { 0 };

	CHECK_OK(file_make_dirs("boxes", &e), &e);
	put_zip("boxes/b.wacz", &file, 1);
	put_zip("boxes/letter.docx", &file, 1);
	put_text("boxes/a.warc", RECORD);
	put_text("boxes/c.zip", "PK\3\4 no");
	check_look("boxes", "boxes/a.warc=56r\nboxes/b.wacz/in.warc=56r\n",
	    "boxes/c.zip: no zip, or cut: the end record does not stand at "
	    "its end\n");
	check_look("boxes/letter.docx", "boxes/letter.docx/in.warc=56r\n", "");
}

TESTS(T(a_folder_is_walked_in_order_of_paths),
    T(what_is_no_record_file_is_said_when_it_was_named),
    T(links_pipes_and_unreadable_files_do_not_stop_the_rest),
    T(a_pipe_without_a_writer_does_not_hang),
    T(a_pipe_with_a_writer_is_read_once),
    T(each_can_stop_and_its_failure_comes_through),
    T(stored_files_of_a_zip_are_random_and_deflated_ones_come_once),
    T(descriptors_and_64_bit_sizes_are_read),
    T(what_two_readers_could_read_as_two_zips_is_refused),
    T(bytes_around_a_zip_are_refused), T(a_cut_or_overlapping_zip_is_refused),
    T(no_byte_of_a_zip_can_change_unnoticed_but_those_without_meaning),
    T(a_deflated_file_that_is_not_what_the_zip_says_is_broken),
    T(only_plain_files_of_a_zip_are_read),
    T(files_of_a_plain_tar_are_random_and_in_order),
    T(files_of_a_packed_tar_come_once_in_its_order),
    T(a_cut_tar_still_gives_what_stands_before_the_cut),
    T(a_file_of_a_packed_tar_that_was_kept_ends_with_its_visit),
    T(a_tar_this_program_wrote_is_read_again),
    T(a_folder_of_containers_is_opened_one_level_deep))
