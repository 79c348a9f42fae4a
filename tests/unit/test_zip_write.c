/* Zips written: our own strict reader, others' and the bytes themselves. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/archive/package.h"
#include "core/archive/tree.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "tests/test.h"
#include "tests/unit/package_fixture.h"

static const struct package_options options = {
	.time_us = 1795336067999999, /* 2026-11-22T08:27:47.999999Z */
	.given_order = 1,
};

static void
write_sample(const char *path, int64_t time_us)
{
	struct package_options o = options;
	struct package_writer *w = NULL;
	struct error e = { 0 };
	char *large = mem_alloc(900001);

	o.time_us = time_us;
	memset(large, 'x', 900000);
	large[900000] = '\0';
	CHECK_OK(package_create(&w, path, &o, &e), &e);
	put(w, "pages/pages.jsonl", "{}\n");
	put(w, "archive/data.warc.gz", large);
	put(w, "empty", "");
	put(w, "\xd8\xa3", "arabic");
	CHECK_OK(package_finish(w, &e), &e);
	free(large);
}

static void
get(const char *path, struct buf *b)
{
	struct error e = { 0 };

	buf_reset(b);
	CHECK_OK(file_get(path, b, 10000000, &e), &e);
}

CASE(the_same_calls_give_the_same_bytes)
{
	struct buf a = { 0 };
	struct buf b = { 0 };

	write_sample("one.zip", options.time_us);
	write_sample("two.wacz", options.time_us);
	get("one.zip", &a);
	get("two.wacz", &b);
	CHECK_INT(a.len, b.len);
	CHECK(a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
	buf_clear(&a);
	buf_clear(&b);
}

CASE(headers_are_as_the_contract_says)
{
	/* PK 3 4, version 20, no flags, stored, 08:27:46 2026-11-22, the
	 * CRC-32 of "{}\n", 3 bytes twice, a name of 17, no extra. */
	static const uint8_t local[] = "PK\3\4\x14\0\0\0\0\0\x77\x43\x76\x5d"
				       "\x72\x7d\x11\x2d\3\0\0\0\3\0\0\0"
				       "\x11\0\0\0pages/pages.jsonl{}\n";
	static const uint8_t end[] = "PK\5\6\0\0\0\0\4\0\4\0";
	struct buf b = { 0 };

	write_sample("head.zip", options.time_us);
	get("head.zip", &b);
	CHECK(b.len > 900000);
	CHECK(memcmp(b.data, local, 14) == 0);
	CHECK(memcmp(b.data + 18, local + 18, sizeof(local) - 19) == 0);
	CHECK(memcmp(b.data + b.len - 22, end, 12) == 0);
	/* The last entry of the directory: made by unix, 4.5; UTF-8. */
	CHECK(memcmp(b.data + b.len - 22 - 48, "PK\1\2\x2d\3\x14\0\0\x08",
		  10) == 0);
	CHECK(memcmp(b.data + b.len - 22 - 48 + 38, "\0\0\xa4\x81", 4) == 0);
	buf_clear(&b);
}

CASE(times_stay_within_what_a_zip_can_say)
{
	static const struct {
		int64_t time_us;
		const char *bytes;
	} times[] = {
		{ 0, "\0\0\x21\0" },
		{ 315532800000000, "\0\0\x21\0" },
		{ 315532803000000, "\1\0\x21\0" },
		{ 9000000000000000, "\x7d\xbf\x9f\xff" },
	};
	struct buf b = { 0 };

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		(void)unlink("time.zip");
		write_sample("time.zip", times[i].time_us);
		get("time.zip", &b);
		CHECK(memcmp(b.data + 10, times[i].bytes, 4) == 0);
	}
	buf_clear(&b);
}

static void
check_size(const struct tree *t, const char *name, uint64_t size)
{
	const struct tree_file *f = tree_find(t, name);

	CHECK(f != NULL && f->size == size && !f->comes_once);
}

CASE(our_own_strict_reader_is_content)
{
	struct tree *t = NULL;
	struct error e = { 0 };
	size_t count = 0;

	write_sample("own.zip", options.time_us);
	CHECK_OK(tree_open(&t, "own.zip", NULL, &e), &e);
	if (t == NULL)
		return;
	(void)tree_files(t, &count);
	CHECK_INT(count, 4);
	check_size(t, "archive/data.warc.gz", 900000);
	check_size(t, "empty", 0);
	check_size(t, "\xd8\xa3", 6);
	tree_free(t);
}

/* A writer without package.c: zeros leave holes in the file. */
struct sparse {
	int fd;
	uint64_t at;
};

static int
sparse_each(void *context, const uint8_t *p, size_t len, struct error *e)
{
	struct sparse *s = context;
	int rc = 0;

	if (len < 65536 || p[0] != 0 || memcmp(p, p + 1, len - 1) != 0)
		rc = file_write_at(s->fd, p, len, s->at, e);
	s->at += len;
	return rc;
}

static int
sparse_patch(void *context, uint64_t offset, const uint8_t *p, size_t len,
    struct error *e)
{
	struct sparse *s = context;

	return file_write_at(s->fd, p, len, offset, e);
}

struct zeros {
	struct stream stream;
	uint64_t left;
	uint8_t data[1024 * 1024];
};

static int
zeros_next(struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct zeros *z = (struct zeros *)s;

	(void)e;
	if (z->left == 0)
		return 0;
	*data = z->data;
	*len = z->left < sizeof(z->data) ? (size_t)z->left : sizeof(z->data);
	z->left -= *len;
	return 1;
}

static int
entry(const struct package *zip, void *state, const char *name, uint64_t size,
    struct error *e)
{
	struct zeros *z = mem_zero(1, sizeof(*z));
	int rc;

	z->stream.next = zeros_next;
	z->left = size;
	rc = zip->entry(state, name, size, &z->stream, e);
	free(z);
	return rc;
}

/* SIZES end with 0, which is written too; N small ones after them. */
static void
write_sparse(const char *path, const uint64_t *sizes, size_t small)
{
	const struct package *zip = package_named("x.zip");
	struct error e = { 0 };
	struct sparse s = { .fd = file_create(path, &e) };
	const struct package_bytes to = { sparse_each, sparse_patch, &s };
	void *state = NULL;
	char name[32];
	size_t n = 0;

	CHECK_OK(zip->begin(&state, &options, &to, &e), &e);
	do {
		(void)snprintf(name, sizeof(name), "f%zu", n);
		CHECK_OK(entry(zip, state, name, sizes[n], &e), &e);
	} while (sizes[n++] != 0);
	for (size_t i = 0; i < small; i++) {
		struct stream *bytes = stream_of_bytes("", 0);

		(void)snprintf(name, sizeof(name), "s%zu", i);
		CHECK_OK(zip->entry(state, name, 0, bytes, &e), &e);
		stream_free(bytes);
	}
	CHECK_OK(zip->end(state, &e), &e);
	zip->free(state);
	CHECK_OK(file_close(s.fd, &e), &e);
}

static int
has_python(void)
{
	return access("/usr/bin/python3", X_OK) == 0;
}

/* Python's zipfile lists PATH: "NAME SIZE OFFSET" of its first four. */
static void
check_python(const char *path, const char *expected)
{
	struct buf out = { 0 };
	char *command;
	FILE *f;
	int c;

	if (!has_python())
		return;
	command = mem_format(
	    "/usr/bin/python3 -c 'import sys, zipfile\n"
	    "z = zipfile.ZipFile(sys.argv[1]); l = z.infolist()\n"
	    "print(len(l))\n"
	    "for i in l[:4]: print(i.filename, i.file_size, i.header_offset)\n"
	    "' %s",
	    path);
	f = popen(command, "r");
	CHECK(f != NULL);
	while (f != NULL && (c = fgetc(f)) != EOF)
		buf_add_byte(&out, (uint8_t)c);
	CHECK(f != NULL && pclose(f) == 0);
	CHECK_TEXT(buf_text(&out), expected);
	buf_clear(&out);
	free(command);
}

CASE(sizes_and_offsets_of_64_bits_are_written_where_needed)
{
	static const uint64_t sizes[] = { 0xfffffffe, 0xffffffff, 1, 0 };
	struct tree *t = NULL;
	struct error e = { 0 };

	write_sparse("large.zip", sizes, 0);
	CHECK_OK(tree_open(&t, "large.zip", NULL, &e), &e);
	if (t == NULL)
		return;
	check_size(t, "f0", 0xfffffffe);
	check_size(t, "f1", 0xffffffff);
	check_size(t, "f2", 1);
	check_size(t, "f3", 0);
	tree_free(t);
	check_python("large.zip",
	    "4\nf0 4294967294 0\nf1 4294967295 4294967326\n"
	    "f2 1 8589934673\nf3 0 8589934706\n");
	CHECK(unlink("large.zip") == 0);
}

CASE(more_entries_than_16_bits_count)
{
	static const uint64_t none[] = { 0 };
	struct tree *t = NULL;
	struct error e = { 0 };
	size_t count = 0;

	for (size_t n = 65533; n <= 65534; n++) {
		(void)unlink("many.zip");
		write_sparse("many.zip", none, n);
		CHECK_OK(tree_open(&t, "many.zip", NULL, &e), &e);
		if (t == NULL)
			return;
		(void)tree_files(t, &count);
		CHECK_INT(count, n + 1);
		tree_free(t);
		t = NULL;
	}
	check_python("many.zip", "65535\nf0 0 0\ns0 0 32\ns1 0 64\ns2 0 96\n");
}

CASE(others_read_it)
{
	static const char *const tools[] = {
		"/usr/bin/unzip -tqq own2.zip",
		"/usr/bin/zipinfo own2.zip >info",
		"/usr/bin/python3 -m zipfile -t own2.zip",
		"/usr/bin/bsdtar -tf own2.zip >list",
	};
	size_t there = 0;

	write_sample("own2.zip", options.time_us);
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		char *program = mem_text_n(tools[i], strcspn(tools[i], " "));
		char *command = mem_format("%s >said 2>&1", tools[i]);

		if (access(program, X_OK) == 0) {
			FILE *f = popen(command, "r");

			CHECK(f != NULL && pclose(f) == 0);
			there++;
		}
		free(command);
		free(program);
	}
	if (there == 0)
		SKIP("no other reader of zips is installed");
}

/* At whichever call the disk is full: an error, and no half file. */
CASE(a_full_disk_leaves_no_half_file)
{
	int done = 0;

	for (long n = 1; n < 100 && !done; n++) {
		struct package_writer *w = NULL;
		struct zeros *z = mem_zero(1, sizeof(*z));
		struct stream *s = stream_of_bytes("1", 1);
		struct error e = { 0 };
		int rc;

		z->stream.next = zeros_next;
		z->left = 3000000;
		file_fail_at(n);
		rc = package_create(&w, "full.zip", &options, &e);
		if (rc == 0 &&
		    (package_put(w, "b", 3000000, &z->stream, &e) != 0 ||
			package_put(w, "a", 1, s, &e) != 0)) {
			package_abandon(w);
			rc = -1;
		} else if (rc == 0) {
			rc = package_finish(w, &e);
		}
		file_fail_at(0);
		if (rc != 0)
			CHECK_INT(e.kind, ERROR_SYSTEM);
		else
			done = file_exists("full.zip");
		(void)unlink("full.zip");
		stream_free(s);
		free(z);
	}
	CHECK_INT(done, 1);
}

TESTS(T(the_same_calls_give_the_same_bytes),
    T(headers_are_as_the_contract_says),
    T(times_stay_within_what_a_zip_can_say),
    T(our_own_strict_reader_is_content),
    T(sizes_and_offsets_of_64_bits_are_written_where_needed),
    T(more_entries_than_16_bits_count), T(others_read_it),
    T(a_full_disk_leaves_no_half_file))
