/*
 * Zips that are wrong, each in one way, made here: every one of them is
 * refused, or the file that is wrong is told and left out. The tables say what
 * is changed; nothing else is.
 */
#include "core/archive/tree.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "tests/test.h"
#include "tests/unit/zip_fixture.h"

static unsigned refused, told;

struct heard {
	unsigned count;
};

static void
hear(void *context, const char *name, const struct error *why)
{
	struct heard *h = context;

	(void)name;
	CHECK(why->kind == ERROR_INPUT);
	h->count++;
}

/* -1 refused, else how many files were told and left out. */
static int
judge(const struct buf *zip, size_t *files)
{
	struct heard h = { 0 };
	const struct tree_options o = { .unread = hear, .context = &h };
	struct tree *t = NULL;
	struct error e = { 0 };
	int rc;

	CHECK_OK(file_put("x.zip", zip->data, zip->len, &e), &e);
	rc = tree_open(&t, "x.zip", &o, &e);
	*files = 0;
	if (rc == 0)
		(void)tree_files(t, files);
	else
		CHECK(e.kind == ERROR_INPUT || e.kind == ERROR_LIMIT);
	tree_free(t);
	return rc == 0 ? (int)h.count : -1;
}

static void
check_refused(const char *what, const struct buf *zip)
{
	size_t files;
	int rc = judge(zip, &files);

	if (rc != -1)
		printf("# %s: is not refused\n", what);
	CHECK_INT(rc, -1);
	refused += rc == -1;
}

/* ---- one number changed ---- */

enum part { NOWHERE, LOCAL, CENTRAL, END, END64, LOCATOR };

struct change {
	enum part part;
	int entry; /* of LOCAL and CENTRAL: 0 stored, 1 deflated, 2 wide */
	size_t offset;
	uint64_t value;
	int bytes;
};

/* Where things are in the sample. */
struct places {
	size_t local[3], central[3];
	size_t directory, end64, locator, end;
};

static void
make_sample(struct zip_made *z, int has_64, struct places *p)
{
	static const struct zip_file files[] = {
		{ .name = "a.txt", .bytes = "stored stored stored" },
		{ .name = "b.txt",
		    .bytes = "deflated deflated deflated",
		    .deflate = 1 },
		{ .name = "c.txt", .bytes = "of 64 bits", .wide = 1 },
	};

	for (size_t i = 0; i < 3; i++) {
		p->local[i] = z->out.len;
		p->central[i] = z->directory.len;
		zip_put(z, &files[i]);
	}
	p->directory = z->out.len;
	for (size_t i = 0; i < 3; i++)
		p->central[i] += p->directory;
	zip_end(z, has_64, "");
	p->end = z->out.len - 22;
	p->locator = p->end - 20;
	p->end64 = p->locator - 56;
}

static void
change(struct zip_made *z, const struct places *p, const struct change *c)
{
	const size_t at[] = { 0, p->local[c->entry], p->central[c->entry],
		p->end, p->end64, p->locator };
	struct buf number = { 0 };

	zip_number(&number, c->value, c->bytes);
	if (number.data != NULL)
		memcpy(z->out.data + at[c->part] + c->offset, number.data,
		    number.len);
	buf_clear(&number);
}

/* All ones, or a number that is not what it was whatever that is. */
#define ONES UINT64_MAX

struct lie {
	const char *what;
	int has_64; /* the sample has a 64-bit end record */
	struct change changes[2];
};

#define ONE(part, entry, offset, value, bytes)            \
	{                                                 \
		{                                         \
			part, entry, offset, value, bytes \
		}                                         \
	}
#define BOTH(entry, local, central, value, bytes)             \
	{                                                     \
		{ LOCAL, entry, local, value, bytes },        \
		{                                             \
			CENTRAL, entry, central, value, bytes \
		}                                             \
	}

static const struct lie lies[] = {
	/* A local header that is not what the directory says. */
	{ "local signature", 0, ONE(LOCAL, 0, 0, 0x04034b51, 4) },
	{ "local version", 0, ONE(LOCAL, 0, 4, 200, 2) },
	{ "local flags: encrypted", 0, ONE(LOCAL, 0, 6, 1, 2) },
	{ "local flags: descriptor", 0, ONE(LOCAL, 0, 6, 8, 2) },
	{ "local method", 0, ONE(LOCAL, 0, 8, 8, 2) },
	{ "local method of a deflated one", 0, ONE(LOCAL, 1, 8, 0, 2) },
	{ "local time", 0, ONE(LOCAL, 0, 10, 0x1234, 2) },
	{ "local date", 0, ONE(LOCAL, 0, 12, 0x1234, 2) },
	{ "local CRC", 0, ONE(LOCAL, 0, 14, 1, 4) },
	{ "local packed size", 0, ONE(LOCAL, 0, 18, 19, 4) },
	{ "local packed size of 0", 0, ONE(LOCAL, 0, 18, 0, 4) },
	{ "local size", 0, ONE(LOCAL, 0, 22, 21, 4) },
	{ "local size of 0", 0, ONE(LOCAL, 0, 22, 0, 4) },
	{ "local sizes of all ones", 0, ONE(LOCAL, 0, 18, ONES, 8) },
	{ "local name longer", 0, ONE(LOCAL, 0, 26, 6, 2) },
	{ "local name shorter", 0, ONE(LOCAL, 0, 26, 4, 2) },
	{ "local extra field in the bytes", 0, ONE(LOCAL, 0, 28, 4, 2) },
	{ "local extra field of all there is", 0, ONE(LOCAL, 0, 28, ONES, 2) },
	{ "local name", 0, ONE(LOCAL, 0, 30, 'b', 1) },
	{ "local name in capitals", 0, ONE(LOCAL, 0, 30, 'A', 1) },
	{ "local 64-bit size", 0, ONE(LOCAL, 2, 39, 11, 8) },
	{ "local 64-bit packed size", 0, ONE(LOCAL, 2, 47, 11, 8) },
	{ "local 64-bit field of another kind", 0, ONE(LOCAL, 2, 35, 2, 2) },
	{ "local 64-bit field too long", 0, ONE(LOCAL, 2, 37, 17, 2) },
	{ "local 64-bit field too short", 0, ONE(LOCAL, 2, 37, 8, 2) },
	/* The directory. */
	{ "central signature", 0, ONE(CENTRAL, 0, 0, 0x02014b51, 4) },
	{ "central version made by", 0, ONE(CENTRAL, 0, 4, 200, 1) },
	{ "central version needed", 0, ONE(CENTRAL, 0, 6, 200, 2) },
	{ "central method", 0, ONE(CENTRAL, 0, 10, 99, 2) },
	{ "central time", 0, ONE(CENTRAL, 0, 12, 0x1234, 2) },
	{ "central CRC", 0, ONE(CENTRAL, 0, 16, 1, 4) },
	{ "central packed size", 0, ONE(CENTRAL, 0, 20, 21, 4) },
	{ "central size", 0, ONE(CENTRAL, 0, 24, 21, 4) },
	{ "central size of 2 GiB", 0, ONE(CENTRAL, 1, 24, 0x80000000, 4) },
	{ "central name of nothing", 0, ONE(CENTRAL, 0, 28, 0, 2) },
	{ "central name longer", 0, ONE(CENTRAL, 0, 28, 6, 2) },
	{ "central name of all there is", 0, ONE(CENTRAL, 0, 28, ONES, 2) },
	{ "central extra field", 0, ONE(CENTRAL, 0, 30, 4, 2) },
	{ "central comment", 0, ONE(CENTRAL, 0, 32, 1, 2) },
	{ "central comment of the last", 0, ONE(CENTRAL, 2, 32, 1, 2) },
	{ "central part", 0, ONE(CENTRAL, 0, 34, 1, 2) },
	{ "central internal attributes", 0, ONE(CENTRAL, 0, 36, 0x100, 2) },
	{ "central place between two", 0, ONE(CENTRAL, 0, 42, 1, 4) },
	{ "central place of the other", 0, ONE(CENTRAL, 1, 42, 0, 4) },
	{ "central place behind the end", 0, ONE(CENTRAL, 1, 42, 99999, 4) },
	{ "central place of all ones", 0, ONE(CENTRAL, 1, 42, ONES, 4) },
	{ "central name with a zero", 0, ONE(CENTRAL, 0, 46, 0, 1) },
	{ "central name of the other", 0, ONE(CENTRAL, 0, 46, 'b', 1) },
	{ "central 64-bit size", 0, ONE(CENTRAL, 2, 55, 11, 8) },
	{ "central 64-bit size of 2^63", 0,
	    ONE(CENTRAL, 2, 55, (uint64_t)1 << 63, 8) },
	{ "central 64-bit packed size of 2^64-1", 0,
	    ONE(CENTRAL, 2, 63, ONES, 8) },
	{ "central 64-bit field too long", 0, ONE(CENTRAL, 2, 53, 99, 2) },
	/* The end record. */
	{ "end signature", 0, ONE(END, 0, 0, 0x06054b51, 4) },
	{ "end: another part", 0, ONE(END, 0, 4, 1, 2) },
	{ "end: directory in another part", 0, ONE(END, 0, 6, 1, 2) },
	{ "end: fewer in this part", 0, ONE(END, 0, 8, 2, 2) },
	{ "end: fewer", 0, ONE(END, 0, 8, 0x00020002, 4) },
	{ "end: more", 0, ONE(END, 0, 8, 0x00040004, 4) },
	{ "end: none", 0, ONE(END, 0, 8, 0, 4) },
	{ "end: as many as can be said", 0, ONE(END, 0, 8, ONES, 4) },
	{ "end: directory shorter", 0, ONE(END, 0, 12, 100, 4) },
	{ "end: directory of all ones", 0, ONE(END, 0, 12, ONES, 4) },
	{ "end: directory in front", 0, ONE(END, 0, 16, 1, 4) },
	{ "end: directory behind", 0, ONE(END, 0, 16, 99999, 4) },
	{ "end: directory at all ones", 0, ONE(END, 0, 16, ONES, 4) },
	{ "end: a comment that is not there", 0, ONE(END, 0, 20, 1, 2) },
	/* The 64-bit end record and what leads to it. */
	{ "end64 signature", 1, ONE(END64, 0, 0, 0x06064b51, 4) },
	{ "end64 shorter", 1, ONE(END64, 0, 4, 43, 8) },
	{ "end64 longer", 1, ONE(END64, 0, 4, 45, 8) },
	{ "end64 of 2^64-1", 1, ONE(END64, 0, 4, ONES, 8) },
	{ "end64: another part", 1, ONE(END64, 0, 16, 1, 4) },
	{ "end64: directory in another part", 1, ONE(END64, 0, 20, 1, 4) },
	{ "end64: fewer in this part", 1, ONE(END64, 0, 24, 2, 8) },
	{ "end64: 2^40 entries in all", 1,
	    ONE(END64, 0, 32, (uint64_t)1 << 40, 8) },
	{ "end64: directory of 2^63", 1,
	    ONE(END64, 0, 40, (uint64_t)1 << 63, 8) },
	{ "end64: directory of 2^64-1", 1, ONE(END64, 0, 40, ONES, 8) },
	{ "end64: directory at 2^63", 1,
	    ONE(END64, 0, 48, (uint64_t)1 << 63, 8) },
	{ "end64: directory at 0", 1, ONE(END64, 0, 48, 0, 8) },
	{ "locator signature", 1, ONE(LOCATOR, 0, 0, 0x07064b51, 4) },
	{ "locator: another part", 1, ONE(LOCATOR, 0, 4, 1, 4) },
	{ "locator: elsewhere", 1, ONE(LOCATOR, 0, 8, 1, 8) },
	{ "locator: at 2^64-1", 1, ONE(LOCATOR, 0, 8, ONES, 8) },
	{ "locator: two parts", 1, ONE(LOCATOR, 0, 16, 2, 4) },
	{ "both ends, other numbers", 1, ONE(END, 0, 8, 0x00020002, 4) },
	{ "both ends, other places", 1, ONE(END, 0, 16, 5, 4) },
	/* Two that agree and lie together. */
	{ "CRC of deflated bytes", 0, BOTH(1, 14, 16, 1, 4) },
	{ "size of deflated bytes, more", 0, BOTH(1, 22, 24, 27, 4) },
	{ "size of deflated bytes, less", 0, BOTH(1, 22, 24, 25, 4) },
	{ "size of deflated bytes, 0", 0, BOTH(1, 22, 24, 0, 4) },
	{ "packed size of deflated bytes", 0, BOTH(1, 18, 20, 5, 4) },
	{ "packed size of stored bytes", 0, BOTH(0, 18, 20, 19, 4) },
};
enum { LIES = sizeof(lies) / sizeof(lies[0]) };

CASE(the_samples_are_good_before_they_are_changed)
{
	for (int has_64 = 0; has_64 < 2; has_64++) {
		struct zip_made z = { 0 };
		struct places p;
		size_t files;

		make_sample(&z, has_64, &p);
		CHECK_INT(judge(&z.out, &files), 0);
		CHECK_INT(files, 3);
		zip_clear(&z);
	}
}

CASE(every_number_that_lies_is_refused)
{
	for (size_t i = 0; i < LIES; i++) {
		struct zip_made z = { 0 };
		struct places p;

		make_sample(&z, lies[i].has_64, &p);
		for (size_t k = 0; k < 2; k++)
			if (lies[i].changes[k].part != NOWHERE)
				change(&z, &p, &lies[i].changes[k]);
		check_refused(lies[i].what, &z.out);
		zip_clear(&z);
	}
}

/* ---- files that are wrong ---- */

struct wrong {
	const char *what;
	struct zip_file file;
	int is_told; /* and left out; else the zip is refused */
};

static const struct wrong wrongs[] = {
	{ "up", { .name = "../x", .bytes = "x" }, 1 },
	{ "up from below", { .name = "d/../../x", .bytes = "x" }, 1 },
	{ "up and down", { .name = "d/../x", .bytes = "x" }, 1 },
	{ "up at the end", { .name = "d/..", .bytes = "x" }, 1 },
	{ "absolute", { .name = "/etc/x", .bytes = "x" }, 1 },
	{ "two slashes", { .name = "d//x", .bytes = "x" }, 1 },
	{ "a dot", { .name = "d/./x", .bytes = "x" }, 1 },
	{ "backslash", { .name = "d\\x", .bytes = "x" }, 1 },
	{ "drive", { .name = "C:\\x", .bytes = "x" }, 1 },
	{ "line feed", { .name = "d/x\ny", .bytes = "x" }, 1 },
	{ "escape", { .name = "\033[2Jx", .bytes = "x" }, 1 },
	{ "delete", { .name = "x\177", .bytes = "x" }, 1 },
	{ "link", { .name = "x", .bytes = "/etc/passwd", .mode = 0120777 }, 1 },
	{ "device", { .name = "x", .bytes = "x", .mode = 020666 }, 1 },
	{ "pipe", { .name = "x", .bytes = "x", .mode = 010666 }, 1 },
	{ "socket", { .name = "x", .bytes = "x", .mode = 0140666 }, 1 },
	{ "folder called as a file",
	    { .name = "x", .bytes = "x", .mode = 040755 }, 1 },
	{ "folder with bytes", { .name = "d/", .bytes = "x" }, 1 },
	{ "encrypted", { .name = "x", .bytes = "x", .flags = 1 }, 1 },
	{ "patch", { .name = "x", .bytes = "x", .flags = 1 << 5 }, 1 },
	{ "strongly encrypted", { .name = "x", .bytes = "x", .flags = 1 << 6 },
	    1 },
	{ "masked", { .name = "x", .bytes = "x", .flags = 1 << 13 }, 1 },
	{ "twice", { .name = "good/a", .bytes = "x" }, 0 },
	{ "twice but for case", { .name = "GOOD/a", .bytes = "x" }, 0 },
	{ "a file that is a folder", { .name = "good", .bytes = "x" }, 0 },
	{ "a file in a file", { .name = "good/a/b", .bytes = "x" }, 0 },
	{ "a file in a file but for case", { .name = "good/A/b", .bytes = "x" },
	    0 },
	{ "a link in a file's place",
	    { .name = "good/A", .bytes = "/etc", .mode = 0120777 }, 0 },
	{ "another name in the directory",
	    { .name = "x", .bytes = "x", .central_name = "y" }, 0 },
	{ "a longer name in the directory",
	    { .name = "x", .bytes = "x", .central_name = "x.txt" }, 0 },
	{ "up in the directory alone",
	    { .name = "ab/x", .bytes = "x", .central_name = "../x" }, 0 },
	{ "CRC in a descriptor",
	    { .name = "x", .bytes = "x", .descriptor = 16, .crc_change = 1 },
	    0 },
	{ "size in a descriptor",
	    { .name = "x", .bytes = "x", .descriptor = 24, .size_change = 1 },
	    0 },
	{ "a gap", { .name = "x", .bytes = "x", .gap = 1 }, 0 },
	{ "a gap as long as a descriptor",
	    { .name = "x", .bytes = "x", .gap = 16 }, 0 },
	{ "bytes behind deflated ones",
	    { .name = "x", .bytes = "x", .deflate = 1, .tail = 1 }, 0 },
};
enum { WRONGS = sizeof(wrongs) / sizeof(wrongs[0]) };

CASE(every_file_that_is_wrong_is_refused_or_left_out)
{
	static const struct zip_file good = { .name = "good/a", .bytes = "a" };
	static const struct zip_file last = { .name = "last", .bytes = "z" };

	for (size_t i = 0; i < WRONGS; i++) {
		const struct wrong *w = &wrongs[i];
		struct zip_made z = { 0 };
		size_t files;
		int rc;

		zip_put(&z, &good);
		zip_put(&z, &w->file);
		zip_put(&z, &last);
		zip_end(&z, 0, "");
		if (!w->is_told) {
			check_refused(w->what, &z.out);
		} else {
			rc = judge(&z.out, &files);
			if (rc != 1 || files != 2)
				printf("# %s: is not left out\n", w->what);
			CHECK_INT(rc, 1);
			CHECK_INT(files, 2);
			told += rc == 1;
		}
		zip_clear(&z);
	}
}

CASE(a_name_of_any_length_is_left_out)
{
	for (size_t len = 1024; len <= 65000; len += 63976 / 2) {
		char *name = mem_zero(len + 2, 1);
		struct zip_file f = { .name = name, .bytes = "x" };
		struct zip_made z = { 0 };
		size_t files;

		memset(name, 'n', len);
		zip_put(&z, &f);
		zip_end(&z, 0, "");
		CHECK_INT(judge(&z.out, &files), len > 1024);
		CHECK_INT(files, len <= 1024);
		told += len > 1024;
		zip_clear(&z);
		free(name);
	}
}

CASE(a_file_in_eight_folders_is_read_in_nine_it_is_not)
{
	static const struct zip_file f[] = {
		{ .name = "1/2/3/4/5/6/7/8/x", .bytes = "x" },
		{ .name = "1/2/3/4/5/6/7/8/9/x", .bytes = "x" },
	};

	for (size_t i = 0; i < 2; i++) {
		struct zip_made z = { 0 };
		size_t files;

		zip_put(&z, &f[i]);
		zip_end(&z, 0, "");
		CHECK_INT(judge(&z.out, &files), i);
		CHECK_INT(files, 1 - i);
		zip_clear(&z);
	}
}

/* ---- extra fields ---- */

/* The sample's first file with extra fields EXTRA in the directory (and in the
 * local header, when BOTH). */
static void
make_extra(struct buf *out, const void *extra, size_t len, int both)
{
	struct zip_made z = { 0 };
	struct zip_made with = { 0 };
	const struct zip_file f = { .name = "a", .bytes = "x" };

	zip_put(&z, &f);
	buf_add(&with.out, z.out.data, 31);
	if (both)
		buf_add(&with.out, extra, len);
	with.out.data[28] = (uint8_t)(both ? len : 0);
	buf_add(&with.out, z.out.data + 31, z.out.len - 31);
	buf_add(&with.directory, z.directory.data, z.directory.len);
	with.directory.data[30] = (uint8_t)len;
	buf_add(&with.directory, extra, len);
	with.count = 1;
	zip_end(&with, 0, "");
	buf_add(out, with.out.data, with.out.len);
	zip_clear(&z);
	zip_clear(&with);
}

CASE(extra_fields_that_tell_another_story_are_refused)
{
	static const struct {
		const char *what;
		const char *bytes;
		size_t len;
	} bad[] = {
		{ "another name in Unicode", "\x75\x70\6\0\1\0\0\0\0b", 10 },
		{ "a longer name in Unicode", "\x75\x70\7\0\1\0\0\0\0ab", 11 },
		{ "a field longer than all", "\1\1\xff\0abcd", 8 },
		{ "two 64-bit fields", "\1\0\0\0\1\0\0\0", 8 },
	};
	struct buf zip = { 0 };
	size_t files;

	for (int both = 0; both < 2; both++) {
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			make_extra(&zip, bad[i].bytes, bad[i].len, both);
			check_refused(bad[i].what, &zip);
			buf_reset(&zip);
		}
		/* and one that tells none */
		make_extra(&zip, "\1\2\4\0abcd", 8, both);
		CHECK_INT(judge(&zip, &files), 0);
		CHECK_INT(files, 1);
		buf_reset(&zip);
	}
	buf_clear(&zip);
}

/* ---- bytes around, cuts, bombs ---- */

CASE(bytes_in_front_and_behind_are_refused)
{
	struct zip_made z = { 0 };
	struct places p;
	struct buf all = { 0 };

	make_sample(&z, 0, &p);
	buf_add_text(&all, "#!/bin/sh\n");
	buf_add(&all, z.out.data, z.out.len);
	check_refused("a script in front", &all);
	buf_reset(&all);
	buf_add(&all, z.out.data, z.out.len);
	buf_add(&all, z.out.data, z.out.len);
	check_refused("two zips", &all);
	buf_reset(&all);
	buf_add(&all, z.out.data, z.out.len);
	buf_add(&all, z.out.data + p.end, 22);
	check_refused("two end records", &all);
	buf_reset(&all);
	buf_add(&all, z.out.data, z.out.len);
	buf_add_byte(&all, 0);
	check_refused("a byte behind", &all);
	buf_reset(&all);
	buf_add(&all, z.out.data, p.end);
	buf_add(&all, z.out.data + p.directory, p.end - p.directory);
	buf_add(&all, z.out.data + p.end, 22);
	check_refused("two directories", &all);
	buf_reset(&all);
	buf_add(&all, z.out.data, p.directory);
	buf_add_text(&all, "hidden");
	buf_add(&all, z.out.data + p.directory, z.out.len - p.directory);
	check_refused("bytes in front of the directory", &all);
	buf_reset(&all);
	buf_add(&all, z.out.data, p.end);
	buf_add_text(&all, "hidden");
	buf_add(&all, z.out.data + p.end, 22);
	check_refused("bytes behind the directory", &all);
	buf_clear(&all);
	zip_clear(&z);
}

CASE(every_cut_is_refused)
{
	struct zip_made z = { 0 };
	struct places p;
	struct buf all = { 0 };
	size_t files;

	make_sample(&z, 1, &p);
	for (size_t cut = 1; cut < z.out.len; cut++) {
		buf_reset(&all);
		buf_add(&all, z.out.data, cut);
		CHECK_INT(judge(&all, &files), -1);
	}
	refused++;
	buf_clear(&all);
	zip_clear(&z);
}

/* The middle file is in the bytes of the first; its header is good. */
CASE(a_file_in_another_one_is_refused)
{
	const struct zip_file inner = { .name = "inner", .bytes = "x" };
	const struct zip_file last = { .name = "last", .bytes = "z" };
	struct zip_made in = { 0 };
	struct zip_made z = { 0 };
	struct zip_file outer = { .name = "outer" };

	zip_put(&in, &inner);
	outer.bytes = (const char *)in.out.data;
	outer.len = in.out.len;
	zip_put(&z, &outer);
	/* 35 bytes of header and name stand in front of it. */
	in.directory.data[42] = 35;
	buf_add(&z.directory, in.directory.data, in.directory.len);
	z.count++;
	zip_put(&z, &last);
	zip_end(&z, 0, "");
	check_refused("overlap", &z.out);
	zip_clear(&in);
	zip_clear(&z);
}

CASE(what_unpacks_to_too_much_is_left_out)
{
	enum { MUCH = 80 * 1024 * 1024 };
	static char zeros[MUCH];
	struct zip_file f = { .name = "bomb", .len = MUCH, .deflate = 1 };
	struct zip_made z = { 0 };
	size_t files;

	f.bytes = zeros;
	f.len = 64 * 1024 * 1024;
	zip_put(&z, &f);
	zip_end(&z, 0, "");
	CHECK_INT(judge(&z.out, &files), 0); /* the most that is free */
	CHECK_INT(files, 1);
	zip_clear(&z);
	f.len = MUCH;
	zip_put(&z, &f);
	zip_end(&z, 0, "");
	CHECK(z.out.len < 200000);
	CHECK_INT(judge(&z.out, &files), 1);
	CHECK_INT(files, 0);
	told++;
	zip_clear(&z);
	/* more than deflate can make */
	f = (struct zip_file){ .name = "bomb", .bytes = "x", .deflate = 1 };
	zip_put(&z, &f);
	zip_end(&z, 0, "");
	z.out.data[22 + 3] = 0x7f;
	z.out.data[z.out.len - 22 - 50 + 24 + 3] = 0x7f;
	CHECK_INT(judge(&z.out, &files), 1);
	CHECK_INT(files, 0);
	told++;
	zip_clear(&z);
}

CASE(more_than_sixty_zips_were_refused_and_not_one_read)
{
	printf("# %u refused, %u told and left out\n", refused, told);
	CHECK(refused >= 60);
	CHECK(refused + told >= 100);
}

TESTS(T(the_samples_are_good_before_they_are_changed),
    T(every_number_that_lies_is_refused),
    T(every_file_that_is_wrong_is_refused_or_left_out),
    T(a_name_of_any_length_is_left_out),
    T(a_file_in_eight_folders_is_read_in_nine_it_is_not),
    T(extra_fields_that_tell_another_story_are_refused),
    T(bytes_in_front_and_behind_are_refused), T(every_cut_is_refused),
    T(a_file_in_another_one_is_refused),
    T(what_unpacks_to_too_much_is_left_out),
    T(more_than_sixty_zips_were_refused_and_not_one_read))
