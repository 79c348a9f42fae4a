/* Tars that are wrong: refused, or what is wrong in them is left out. */
#include <archive.h>
#include <archive_entry.h>

#include "core/archive/package.h"
#include "core/archive/tree.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "tests/test.h"
#include "tests/unit/package_fixture.h"

enum { BLOCK = 512 };

/* Not synced: there are thousands. */
static void
write_file(const char *path, const void *p, size_t len)
{
	FILE *f = fopen(path, "wb");

	CHECK(f != NULL);
	if (f == NULL)
		return;
	CHECK(fwrite(p, 1, len, f) == len);
	CHECK(fclose(f) == 0);
}

static void
hear(void *context, const char *name, const struct error *why)
{
	unsigned *told = context;

	(void)name;
	CHECK(why->kind == ERROR_INPUT);
	(*told)++;
}

/* Digest of names and bytes of all files of PATH; 0, or -1 refused. */
static int
look(
    const char *path, unsigned *told, size_t *count, char text[DIGEST_TEXT_MAX])
{
	const struct tree_options o = { .unread = hear, .context = told };
	struct digester *d = digester_new(DIGEST_SHA256);
	const struct tree_file *files;
	struct tree *t = NULL;
	struct error e = { 0 };
	int rc;

	*told = 0;
	*count = 0;
	rc = tree_open(&t, path, &o, &e);
	if (rc != 0)
		CHECK(e.kind == ERROR_INPUT || e.kind == ERROR_LIMIT ||
		      e.kind == ERROR_USAGE);
	files = rc == 0 ? tree_files(t, count) : NULL;
	for (size_t i = 0; i < *count; i++) {
		struct buf b = { 0 };
		struct input *in = NULL;
		struct stream *s;

		digester_add(d, files[i].name, strlen(files[i].name) + 1);
		CHECK_OK(tree_file_open(t, &files[i], &in, &e), &e);
		s = input_stream(in, 0, INPUT_NO_END);
		CHECK_OK(stream_read(s, &b, 1000000, &e), &e);
		digester_add(d, b.data, b.len);
		stream_free(s);
		input_free(in);
		buf_clear(&b);
	}
	digester_text(d, text);
	digester_free(d);
	tree_free(t);
	return rc;
}

static void
check_refused(const char *what, const char *path)
{
	char text[DIGEST_TEXT_MAX];
	unsigned told;
	size_t count;
	int rc = look(path, &told, &count, text);

	if (rc == 0)
		printf("# %s: is not refused\n", what);
	CHECK_INT(rc, -1);
}

static void
check_left_out(const char *what, const char *path, size_t expected)
{
	char text[DIGEST_TEXT_MAX];
	unsigned told;
	size_t count;
	int rc = look(path, &told, &count, text);

	if (rc != 0 || told != 1 || count != expected)
		printf("# %s: is not left out\n", what);
	CHECK_INT(rc, 0);
	CHECK_INT(told, 1);
	CHECK_INT(count, expected);
}

/* ---- ours, bit by bit ---- */

static void
write_own(const char *path)
{
	static const struct package_options o = { .time_us = 1795336067000000 };
	char *deep = mem_format("d/%0150d", 1);
	struct package_writer *w = NULL;
	struct error e = { 0 };

	CHECK_OK(package_create(&w, path, &o, &e), &e);
	put(w, "a", "first");
	put(w, deep, "of a name that ustar cannot say");
	put(w, "z", "");
	CHECK_OK(package_finish(w, &e), &e);
	free(deep);
}

CASE(no_bit_of_our_tar_can_change_unnoticed)
{
	char good[DIGEST_TEXT_MAX];
	char text[DIGEST_TEXT_MAX];
	struct buf b = { 0 };
	struct error e = { 0 };
	unsigned silent = 0;
	unsigned told;
	size_t count;

	write_own("own.tar");
	CHECK_INT(look("own.tar", &told, &count, good), 0);
	CHECK_INT(count, 3);
	CHECK_OK(file_get("own.tar", &b, 1000000, &e), &e);
	/* All bits of each third byte, in headers and in what fills blocks. */
	for (size_t i = 0; i < b.len; i += 3)
		for (int bit = 0; bit<8; bit += i> 5000 ? 8 : 1) {
			b.data[i] ^= (uint8_t)(1 << bit);
			write_file("bit.tar", b.data, b.len);
			if (look("bit.tar", &told, &count, text) == 0 &&
			    told == 0 && strcmp(text, good) == 0) {
				printf("# byte %zu bit %d\n", i, bit);
				silent++;
			}
			b.data[i] ^= (uint8_t)(1 << bit);
		}
	CHECK_INT(silent, 0);
	buf_clear(&b);
}

CASE(no_bit_of_our_packed_tars_can_change_unnoticed)
{
	static const char *const paths[] = { "own.tar.gz", "own.tar.zst" };

	for (size_t k = 0; k < 2; k++) {
		char good[DIGEST_TEXT_MAX];
		char text[DIGEST_TEXT_MAX];
		struct buf b = { 0 };
		struct error e = { 0 };
		unsigned silent = 0;
		unsigned told;
		size_t count;

		write_own(paths[k]);
		CHECK_INT(look(paths[k], &told, &count, good), 0);
		CHECK_INT(count, 3);
		CHECK_OK(file_get(paths[k], &b, 1000000, &e), &e);
		for (size_t i = 0; i < b.len * 8; i++) {
			b.data[i / 8] ^= (uint8_t)(1 << i % 8);
			write_file("bit", b.data, b.len);
			silent += look("bit", &told, &count, text) == 0 &&
				  told == 0 && strcmp(text, good) == 0;
			b.data[i / 8] ^= (uint8_t)(1 << i % 8);
		}
		printf("# %s: %zu bytes, %u bits without meaning\n", paths[k],
		    b.len, silent);
		/* Time and system in the head of gzip; the same content coded
		 * in another way. */
		CHECK(silent < 100);
		buf_clear(&b);
	}
}

CASE(every_cut_of_our_tars_is_refused_or_cuts_zeros)
{
	static const char *const paths[] = { "cut.tar", "cut.tar.gz",
		"cut.tar.zst" };

	for (size_t k = 0; k < 3; k++) {
		char good[DIGEST_TEXT_MAX];
		char text[DIGEST_TEXT_MAX];
		struct buf b = { 0 };
		struct error e = { 0 };
		unsigned told;
		size_t count;
		size_t zeros = 0;

		write_own(paths[k]);
		CHECK_INT(look(paths[k], &told, &count, good), 0);
		CHECK_OK(file_get(paths[k], &b, 1000000, &e), &e);
		for (size_t cut = 0; cut < b.len; cut += k == 0 ? 64 : 1) {
			write_file("c", b.data, cut);
			if (look("c", &told, &count, text) == 0) {
				CHECK_TEXT(text, good);
				zeros++;
			}
		}
		CHECK(k == 0 || zeros == 0);
		buf_clear(&b);
	}
}

/* ---- of others ---- */

struct odd {
	const char *what, *name;
	unsigned kind;
	const char *symlink, *hardlink;
	int is_refused;
};

static void
add(struct archive *a, const struct odd *o, const char *bytes)
{
	struct archive_entry *entry = archive_entry_new();
	size_t len = o->kind == AE_IFREG && o->hardlink == NULL ? strlen(bytes)
								: 0;

	archive_entry_set_pathname(entry, o->name);
	archive_entry_set_filetype(entry, o->kind);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, (la_int64_t)len);
	if (o->symlink != NULL)
		archive_entry_set_symlink(entry, o->symlink);
	if (o->hardlink != NULL)
		archive_entry_set_hardlink(entry, o->hardlink);
	CHECK_INT(archive_write_header(a, entry), ARCHIVE_OK);
	if (len > 0)
		CHECK_INT(archive_write_data(a, bytes, len), len);
	archive_entry_free(entry);
}

static void
write_odd(const char *path, int filter, const struct odd *o)
{
	static const struct odd first = { NULL, "good/a", AE_IFREG, NULL, NULL,
		0 };
	static const struct odd last = { NULL, "last", AE_IFREG, NULL, NULL,
		0 };
	struct archive *a = archive_write_new();

	CHECK_INT(archive_write_set_format_pax_restricted(a), ARCHIVE_OK);
	CHECK_INT(archive_write_add_filter(a, filter), ARCHIVE_OK);
	CHECK_INT(archive_write_open_filename(a, path), ARCHIVE_OK);
	add(a, &first, "a");
	if (o != NULL)
		add(a, o, "x");
	add(a, &last, "z");
	CHECK_INT(archive_write_close(a), ARCHIVE_OK);
	(void)archive_write_free(a);
}

static const struct odd odds[] = {
	{ "up", "../x", AE_IFREG, NULL, NULL, 0 },
	{ "up and down", "d/../x", AE_IFREG, NULL, NULL, 0 },
	{ "absolute", "/etc/x", AE_IFREG, NULL, NULL, 0 },
	{ "backslash", "..\\x", AE_IFREG, NULL, NULL, 0 },
	{ "line feed", "x\ny", AE_IFREG, NULL, NULL, 0 },
	{ "escape", "\033[2Jx", AE_IFREG, NULL, NULL, 0 },
	{ "deep", "1/2/3/4/5/6/7/8/9/x", AE_IFREG, NULL, NULL, 0 },
	{ "link", "x", AE_IFLNK, "/etc/passwd", NULL, 0 },
	{ "link up", "d/x", AE_IFLNK, "../../x", NULL, 0 },
	{ "hard link", "x", AE_IFREG, NULL, "good/a", 0 },
	{ "hard link outside", "x", AE_IFREG, NULL, "/etc/passwd", 0 },
	{ "device", "x", AE_IFCHR, NULL, NULL, 0 },
	{ "disk", "x", AE_IFBLK, NULL, NULL, 0 },
	{ "pipe", "x", AE_IFIFO, NULL, NULL, 0 },
	{ "twice", "good/a", AE_IFREG, NULL, NULL, 1 },
	{ "twice with a dot", "./good/a", AE_IFREG, NULL, NULL, 1 },
	{ "twice but for case", "Good/A", AE_IFREG, NULL, NULL, 1 },
	{ "a link in a file's place", "good/a", AE_IFLNK, "/etc", NULL, 1 },
	{ "a link in a folder's place", "good", AE_IFLNK, "/etc", NULL, 1 },
	{ "a file in a folder's place", "GOOD", AE_IFREG, NULL, NULL, 1 },
	{ "a file in a file", "good/a/b", AE_IFREG, NULL, NULL, 1 },
};

CASE(what_is_no_plain_file_is_left_out_or_refused)
{
	static const int filters[] = { ARCHIVE_FILTER_NONE, ARCHIVE_FILTER_GZIP,
		ARCHIVE_FILTER_ZSTD };

	for (size_t k = 0; k < 3; k++)
		for (size_t i = 0; i < sizeof(odds) / sizeof(odds[0]); i++) {
			write_odd("odd", filters[k], &odds[i]);
			if (odds[i].is_refused)
				check_refused(odds[i].what, "odd");
			else
				check_left_out(odds[i].what, "odd", 2);
			CHECK(remove("odd") == 0);
		}
}

CASE(other_filters_and_formats_are_no_tars)
{
	static const int filters[] = { ARCHIVE_FILTER_BZIP2, ARCHIVE_FILTER_XZ,
		ARCHIVE_FILTER_COMPRESS, ARCHIVE_FILTER_LZ4,
		ARCHIVE_FILTER_UU };
	static const int formats[] = { ARCHIVE_FORMAT_CPIO_POSIX,
		ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, ARCHIVE_FORMAT_ISO9660 };

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		write_odd("other", filters[i], NULL);
		check_refused("a filter", "other");
		/* Its name does not help. */
		CHECK(rename("other", "other.tar") == 0);
		check_refused("a filter", "other.tar");
		CHECK(remove("other.tar") == 0);
	}
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct archive *a = archive_write_new();
		static const struct odd file = { NULL, "x", AE_IFREG, NULL,
			NULL, 0 };

		CHECK_INT(archive_write_set_format(a, formats[i]), ARCHIVE_OK);
		CHECK_INT(
		    archive_write_open_filename(a, "other.tar"), ARCHIVE_OK);
		add(a, &file, "x");
		CHECK_INT(archive_write_close(a), ARCHIVE_OK);
		(void)archive_write_free(a);
		check_refused("a format", "other.tar");
	}
}

/* ---- what hides between files ---- */

static void
check_changed(const char *what, size_t offset, const char *bytes, size_t len)
{
	struct buf b = { 0 };
	struct error e = { 0 };

	(void)remove("plain.tar");
	write_odd("plain.tar", ARCHIVE_FILTER_NONE, NULL);
	CHECK_OK(file_get("plain.tar", &b, 1000000, &e), &e);
	memcpy(b.data + offset, bytes, len);
	write_file("changed.tar", b.data, b.len);
	check_refused(what, "changed.tar");
	buf_clear(&b);
}

CASE(bytes_between_and_behind_files_are_refused)
{
	struct buf b = { 0 };
	struct error e = { 0 };

	check_changed("behind a file", BLOCK + 1, "hidden", 6);
	check_changed("at the end of its block", 2 * BLOCK - 1, "h", 1);
	check_changed("behind the end", 4 * BLOCK + 5, "hidden", 6);
	check_changed("far behind the end", 6 * BLOCK - 6, "hidden", 6);
	check_changed("a sum of blanks", 148, "        ", 8);
	check_changed("a sum spelled otherwise", 2 * BLOCK + 154, "  ", 2);
	/* One tar behind another: some readers read both. */
	CHECK_OK(file_get("plain.tar", &b, 1000000, &e), &e);
	buf_add(&b, b.data, b.len / 2);
	write_file("two.tar", b.data, b.len);
	check_refused("two tars", "two.tar");
	buf_clear(&b);
}

CASE(a_bomb_is_stopped)
{
	enum { PIECE = 1024 * 1024, PIECES = 80 };
	static const int filters[] = { ARCHIVE_FILTER_GZIP,
		ARCHIVE_FILTER_ZSTD };
	static char zeros[PIECE];

	for (size_t k = 0; k < 2; k++) {
		struct archive *a = archive_write_new();
		struct archive_entry *entry = archive_entry_new();

		CHECK_INT(
		    archive_write_set_format_pax_restricted(a), ARCHIVE_OK);
		CHECK_INT(archive_write_add_filter(a, filters[k]), ARCHIVE_OK);
		CHECK_INT(archive_write_open_filename(a, "bomb"), ARCHIVE_OK);
		archive_entry_set_pathname(entry, "bomb");
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_perm(entry, 0644);
		archive_entry_set_size(entry, (la_int64_t)PIECE * PIECES);
		CHECK_INT(archive_write_header(a, entry), ARCHIVE_OK);
		for (int i = 0; i < PIECES; i++)
			CHECK_INT(archive_write_data(a, zeros, PIECE), PIECE);
		archive_entry_free(entry);
		CHECK_INT(archive_write_close(a), ARCHIVE_OK);
		(void)archive_write_free(a);
		check_refused("bomb", "bomb");
	}
}

/* COUNT entries called PREFIX and their number, which repeats itself REPEAT
 * times. */
static void
write_names(const char *path, unsigned kind, unsigned count, size_t repeat)
{
	struct archive *a = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	struct buf name = { 0 };

	CHECK_INT(archive_write_set_format_pax_restricted(a), ARCHIVE_OK);
	CHECK_INT(archive_write_add_filter_zstd(a), ARCHIVE_OK);
	CHECK_INT(archive_write_open_filename(a, path), ARCHIVE_OK);
	for (unsigned i = 0; i < count; i++) {
		buf_reset(&name);
		for (size_t k = 0; k < repeat; k++)
			buf_format(&name, "%08u.", i);
		(void)archive_entry_clear(entry);
		archive_entry_set_pathname(entry, buf_text(&name));
		archive_entry_set_filetype(entry, kind);
		archive_entry_set_perm(entry, 0644);
		archive_entry_set_size(entry, 0);
		if (kind == AE_IFLNK)
			archive_entry_set_symlink(entry, "x");
		CHECK_INT(archive_write_header(a, entry), ARCHIVE_OK);
	}
	archive_entry_free(entry);
	CHECK_INT(archive_write_close(a), ARCHIVE_OK);
	(void)archive_write_free(a);
	buf_clear(&name);
}

CASE(names_take_no_more_memory_than_they_may)
{
	enum { LONG = 110, MANY = LIMIT_PACKAGE_NAMES / (9 * LONG + 1) };
	char text[DIGEST_TEXT_MAX];
	unsigned told;
	size_t count;

	write_names("names", AE_IFLNK, LIMIT_PACKAGE_UNREAD, 1);
	CHECK_INT(look("names", &told, &count, text), 0);
	CHECK_INT(told, LIMIT_PACKAGE_UNREAD);
	write_names("names", AE_IFLNK, LIMIT_PACKAGE_UNREAD + 1, 1);
	check_refused("too many links", "names");
	write_names("names", AE_IFREG, MANY + 1, LONG);
	check_refused("too many bytes of names", "names");
	CHECK(remove("names") == 0);
}

TESTS(T(no_bit_of_our_tar_can_change_unnoticed),
    T(no_bit_of_our_packed_tars_can_change_unnoticed),
    T(every_cut_of_our_tars_is_refused_or_cuts_zeros),
    T(what_is_no_plain_file_is_left_out_or_refused),
    T(other_filters_and_formats_are_no_tars),
    T(bytes_between_and_behind_files_are_refused), T(a_bomb_is_stopped),
    T(names_take_no_more_memory_than_they_may))
