/* Tars that two programs would read as two different ones: names and sizes
 * that are said twice, or for all, or end in two places. */
#include <zlib.h>

#include "core/archive/tree.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "tests/test.h"

enum { BLOCK = 512 };

/* A header of TYPE and LEN bytes behind it. */
static void
add(struct buf *tar, char type, const char *name, const void *p, size_t len)
{
	uint8_t head[BLOCK] = { 0 };
	static const uint8_t zeros[BLOCK];
	unsigned sum = 0;

	(void)snprintf((char *)head, 100, "%s", name);
	memcpy(head + 100,
	    "0000644\0"
	    "0000000\0"
	    "0000000",
	    23);
	(void)snprintf((char *)head + 124, 12, "%011o", (unsigned)len);
	memcpy(head + 136, "00000000000", 11);
	memset(head + 148, ' ', 8);
	head[156] = (uint8_t)type;
	memcpy(head + 257,
	    "ustar\0"
	    "00",
	    8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += head[i];
	(void)snprintf((char *)head + 148, 7, "%06o", sum);
	buf_add(tar, head, BLOCK);
	if (len > 0)
		buf_add(tar, p, len);
	buf_add(tar, zeros, (BLOCK - len % BLOCK) % BLOCK);
}

static void
end(struct buf *tar)
{
	static const uint8_t zeros[2 * BLOCK];

	buf_add(tar, zeros, sizeof(zeros));
}

static void
write_gzip(const char *path, const struct buf *b)
{
	gzFile f = gzopen(path, "wb");

	CHECK(f != NULL && gzwrite(f, b->data, (unsigned)b->len) > 0);
	CHECK(gzclose(f) == Z_OK);
}

/* Files in it; -1 refused. */
static int
files_of(const char *path)
{
	struct tree *t = NULL;
	struct error e = { 0 };
	size_t count = 0;
	int rc = tree_open(&t, path, NULL, &e);

	if (rc == 0)
		(void)tree_files(t, &count);
	else
		CHECK_INT(e.kind, ERROR_INPUT);
	tree_free(t);
	return rc == 0 ? (int)count : -1;
}

static void
check_files(const char *what, struct buf *tar, int expected)
{
	struct error e = { 0 };
	int plain;
	int packed;

	CHECK_OK(file_put("x.tar", tar->data, tar->len, &e), &e);
	write_gzip("x.tar.gz", tar);
	plain = files_of("x.tar");
	packed = files_of("x.tar.gz");
	if (plain != expected || packed != expected)
		printf("# %s: %d plain, %d packed\n", what, plain, packed);
	CHECK_INT(plain, expected);
	CHECK_INT(packed, expected);
	buf_clear(tar);
}

struct head {
	char type;
	const char *bytes;
	size_t len; /* 0: strlen */
};

CASE(an_entry_has_one_name_and_one_size)
{
	static const struct {
		const char *what;
		struct head heads[2];
		int files; /* of which one follows */
	} all[] = {
		{ "none", { { 0 } }, 1 },
		{ "pax", { { 'x', "9 path=b\n", 0 } }, 1 },
		{ "pax of other things", { { 'x', "11 uname=a\n", 0 } }, 1 },
		{ "GNU", { { 'L', "b", 2 } }, 1 },
		{ "both, of other things",
		    { { 'x', "11 uname=a\n", 0 }, { 'L', "b", 2 } }, 1 },
		{ "comment for all", { { 'g', "13 comment=c\n", 0 } }, 1 },
		{ "path for all", { { 'g', "9 path=b\n", 0 } }, -1 },
		{ "size for all", { { 'g', "9 size=9\n", 0 } }, -1 },
		{ "pax twice",
		    { { 'x', "9 path=b\n", 0 }, { 'x', "9 path=c\n", 0 } },
		    -1 },
		{ "path twice in one", { { 'x', "9 path=b\n9 path=c\n", 0 } },
		    -1 },
		{ "GNU twice", { { 'L', "b", 2 }, { 'L', "c", 2 } }, -1 },
		{ "pax and GNU", { { 'x', "9 path=b\n", 0 }, { 'L', "c", 2 } },
		    -1 },
		{ "GNU and pax", { { 'L', "c", 2 }, { 'x', "9 path=b\n", 0 } },
		    -1 },
		{ "a sparse name beside it",
		    { { 'x', "9 path=b\n21 GNU.sparse.name=c\n", 0 } }, -1 },
		{ "a zero byte in pax", { { 'x', "11 path=b\0c\n", 11 } }, -1 },
		{ "a zero byte in GNU", { { 'L', "b\0c", 4 } }, -1 },
		{ "a record that is longer", { { 'x', "99 path=b\n", 0 } },
		    -1 },
		{ "a record of no length", { { 'x', "path=b\n", 0 } }, -1 },
		{ "a record of 2^64 and 9",
		    { { 'x', "18446744073709551625 path=b\n", 0 } }, -1 },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct buf tar = { 0 };

		for (size_t k = 0; k < 2; k++) {
			const struct head *h = &all[i].heads[k];

			if (h->type != '\0')
				add(&tar, h->type, "ext", h->bytes,
				    h->len == 0 ? strlen(h->bytes) : h->len);
		}
		add(&tar, '0', "a", "one", 3);
		end(&tar);
		check_files(all[i].what, &tar, all[i].files);
	}
}

/* Of a sparse file it does not show where it ends. */
CASE(nothing_hides_behind_a_sparse_file_at_the_end)
{
	static const char map[] =
	    "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"
	    "21 GNU.sparse.name=s\n30 GNU.sparse.realsize=100000\n";

	for (int hidden = 0; hidden < 2; hidden++) {
		char body[BLOCK + 3] = "1\n99997\n3\n";
		struct buf tar = { 0 };

		add(&tar, '0', "a", "one", 3);
		add(&tar, 'x', "ext", map, sizeof(map) - 1);
		memcpy(body + BLOCK, "end", 3);
		add(&tar, '0', "s", body, sizeof(body));
		end(&tar);
		if (hidden) {
			add(&tar, '0', "b", "two", 3);
			end(&tar);
		}
		check_files("sparse", &tar, hidden ? -1 : 1);
	}
}

CASE(sizes_that_no_file_has_are_refused)
{
	static const char *const sizes[] = { "\x80\0\0\0\x7f\xff\xff\xff\xff"
					     "\xff\xff\xff",
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff",
		"\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		"77777777777" };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct buf tar = { 0 };
		unsigned sum = 0;

		add(&tar, '0', "a", "one", 3);
		end(&tar);
		memcpy(tar.data + 124, sizes[i], 12);
		memset(tar.data + 148, ' ', 8);
		for (size_t k = 0; k < BLOCK; k++)
			sum += tar.data[k];
		(void)snprintf((char *)tar.data + 148, 7, "%06o", sum);
		check_files("size", &tar, -1);
	}
}

TESTS(T(an_entry_has_one_name_and_one_size),
    T(nothing_hides_behind_a_sparse_file_at_the_end),
    T(sizes_that_no_file_has_are_refused))
