/* Zips that two programs would read as two different ones, and those that are
 * small and unpack to much: refused, or what is wrong is told and left out. */
#include "core/archive/tree.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/base/stream.h"
#include "core/archive/package.h"
#include "formats/zip_write.h"
#include "tests/test.h"
#include "tests/unit/zip_fixture.h"

static void
hear(void *context, const char *name, const struct error *why)
{
	(void)name;
	(void)why;
	++*(int *)context;
}

/* Files in it; -1 refused. TOLD: those left out. */
static int
files_of(const struct buf *zip, int *told)
{
	const struct tree_options o = { .unread = hear, .context = told };
	struct tree *t = NULL;
	struct error e = { 0 };
	size_t files = 0;
	int rc;

	*told = 0;
	CHECK_OK(file_put("x.zip", zip->data, zip->len, &e), &e);
	rc = tree_open(&t, "x.zip", &o, &e);
	if (rc == 0)
		(void)tree_files(t, &files);
	else
		CHECK(e.kind == ERROR_INPUT || e.kind == ERROR_LIMIT);
	tree_free(t);
	return rc == 0 ? (int)files : -1;
}

#define CHECK_FILES(zip, expected)                          \
	do {                                                \
		int told_;                                  \
		CHECK_INT(files_of(zip, &told_), expected); \
	} while (0)

static void
make_one(struct zip_made *z, const char *comment)
{
	static const struct zip_file file = { .name = "a", .bytes = "one" };

	zip_put(z, &file);
	zip_end(z, 1, comment);
}

/* Python's zipfile takes the 56 bytes in front of the locator, wherever that
 * points to. */
CASE(nothing_stands_between_the_64_bit_end_record_and_its_locator)
{
	enum { END64 = 56, TAIL = 20 + 22 };
	struct zip_made z = { 0 };
	struct buf two = { 0 };
	size_t at;

	make_one(&z, "");
	CHECK_FILES(&z.out, 1);
	at = z.out.len - TAIL - END64;
	buf_add(&two, z.out.data, at + END64);
	two.data[at + 4] = 44 + END64; /* "extensible data" is its own */
	buf_add(&two, z.out.data + at, END64 + TAIL);
	CHECK_FILES(&two, -1);
	buf_clear(&two);
	zip_clear(&z);
}

CASE(no_comment_holds_an_end_record)
{
	static const char *const comments[] = { "a comment", "PK\5\6",
		"PK\5\6 and twenty bytes more", "xPK\5\6" };

	for (size_t i = 0; i < 4; i++) {
		struct zip_made z = { 0 };

		make_one(&z, comments[i]);
		CHECK_FILES(&z.out, i == 0 ? 1 : -1);
		zip_clear(&z);
	}
}

/* "a", of 3 bytes, with a 64-bit field of COUNT numbers and TAIL bytes; WIDE:
 * the sizes in the header are all ones. */
static void
make_wide(struct buf *out, int wide, int in_local, const uint64_t *numbers,
    size_t count, int tail)
{
	static const struct zip_file file = { .name = "a", .bytes = "one" };
	struct zip_made plain = { 0 };
	struct zip_made z = { 0 };
	struct buf extra = { 0 };
	struct buf *b[2] = { &z.out, &z.directory };
	const size_t head[2] = { 31, 47 };
	const size_t sizes[2] = { 18, 20 };
	const size_t len_at[2] = { 28, 30 };

	zip_put(&plain, &file);
	zip_number(&extra, 1, 2);
	zip_number(&extra, 8 * count + (size_t)tail, 2);
	for (size_t i = 0; i < count; i++)
		zip_number(&extra, numbers[i], 8);
	zip_number(&extra, 0, tail);
	for (int i = 0; i < 2; i++) {
		const struct buf *from = i == 0 ? &plain.out : &plain.directory;
		int with = (i == 0) == in_local;

		buf_add(b[i], from->data, head[i]);
		if (with) {
			buf_add(b[i], extra.data, extra.len);
			b[i]->data[len_at[i]] = (uint8_t)extra.len;
		}
		if (with && wide)
			memset(b[i]->data + sizes[i], 0xff, 8);
		buf_add(b[i], from->data + head[i], from->len - head[i]);
	}
	z.count = 1;
	zip_end(&z, 0, "");
	buf_add(out, z.out.data, z.out.len);
	buf_clear(&extra);
	zip_clear(&plain);
	zip_clear(&z);
}

CASE(a_64_bit_field_says_no_more_than_the_header_asks_for)
{
	static const struct {
		int wide;
		uint64_t numbers[3];
		size_t count;
		int tail;
		int files;
	} all[] = {
		{ 1, { 3, 3 }, 2, 0, 1 },
		{ 1, { 3, 3, 0 }, 3, 0, 1 },
		{ 1, { 3, 3, 0 }, 3, 4, 1 },
		{ 1, { 3, 3, 7 }, 3, 0, -1 },
		{ 1, { 3, 3 }, 2, 5, -1 },
		{ 0, { 3, 3 }, 2, 0, 1 },
		{ 0, { 4, 4 }, 2, 0, -1 },
		{ 0, { 3, UINT64_MAX }, 2, 0, -1 },
		{ 0, { (uint64_t)1 << 63, 3 }, 2, 0, -1 },
		{ 0, { 0 }, 0, 0, 1 },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		for (int local = 0; local < 2; local++) {
			struct buf zip = { 0 };

			make_wide(&zip, all[i].wide, local, all[i].numbers,
			    all[i].count, all[i].tail);
			CHECK_FILES(&zip, all[i].files);
			buf_clear(&zip);
		}
}

CASE(a_name_that_is_not_utf_8_is_left_out)
{
	for (unsigned flag = 0; flag < 2; flag++) {
		struct zip_file good = { .name = "\xc3\xa9", .bytes = "x" };
		struct zip_file bad = { .name = "\x82", .bytes = "x" };
		struct zip_made z = { 0 };
		int told;

		good.flags = bad.flags = flag << 11;
		zip_put(&z, &good);
		zip_put(&z, &bad);
		zip_end(&z, 0, "");
		CHECK_INT(files_of(&z.out, &told), 1);
		CHECK_INT(told, 1);
		zip_clear(&z);
	}
}

/* Each is small enough to be read whatever it is packed to. */
CASE(many_small_bombs_are_a_large_one)
{
	enum { SMALL = 1024 * 1024, COUNT = 80 };
	static char zeros[SMALL];
	char name[8];
	struct zip_file f = {
		.name = name, .bytes = zeros, .len = SMALL, .deflate = 1
	};
	struct zip_made z = { 0 };

	for (int i = 0; i < COUNT; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		zip_put(&z, &f);
	}
	zip_end(&z, 0, "");
	CHECK(z.out.len < 200000);
	CHECK_FILES(&z.out, -1);
	zip_clear(&z);
}

static int
drop(void *context, const uint8_t *p, size_t len, struct error *e)
{
	(void)context;
	(void)p;
	(void)len;
	(void)e;
	return 0;
}

CASE(no_more_names_are_written_than_can_be_read)
{
	enum { LONG = 1000, ENTRY = 46 + LONG };
	const struct package_options o = { .given_order = 1 };
	const struct package_bytes to = { .each = drop };
	char name[LONG + 1];
	struct error e = { 0 };
	void *z = NULL;
	size_t n = 0;
	int rc;

	memset(name, 'n', LONG);
	name[LONG] = '\0';
	CHECK_OK(zip_begin(&z, &o, &to, &e), &e);
	do {
		struct stream *s = stream_of_bytes("", 0);

		(void)snprintf(name, 9, "%08zu", n);
		name[8] = 'n';
		rc = zip_write_entry(z, name, 0, s, &e);
		stream_free(s);
	} while (rc == 0 && ++n < 2 * LIMIT_ZIP_DIRECTORY / ENTRY);
	CHECK_INT(rc, -1);
	CHECK_INT(e.kind, ERROR_LIMIT);
	CHECK_INT(n, LIMIT_ZIP_DIRECTORY / ENTRY);
	zip_write_free(z);
}

TESTS(T(nothing_stands_between_the_64_bit_end_record_and_its_locator),
    T(no_comment_holds_an_end_record),
    T(a_64_bit_field_says_no_more_than_the_header_asks_for),
    T(a_name_that_is_not_utf_8_is_left_out),
    T(many_small_bombs_are_a_large_one),
    T(no_more_names_are_written_than_can_be_read))
