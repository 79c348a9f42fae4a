/* WARC files: written, read, damaged, resumed. */
#include "core/archive/format.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "core/archive/gzip_member.h"
#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "tests/test.h"

static int
collect(void *context, const uint8_t *p, size_t len, struct error *e)
{
	(void)e;
	buf_add(context, p, len);
	return 0;
}

/* A record whose block is LEN bytes of text that name NUMBER. */
static void
make_block(struct buf *b, int number, size_t len)
{
	buf_reset(b);
	while (b->len < len)
		buf_format(b, "block %d at %zu\n", number, b->len);
	b->len = len;
}

/* Append record NUMBER to OUT as a member of its own. */
static void
add_member(struct buf *out, int number, size_t len, int stored)
{
	struct gzip_writer *w = gzip_writer_new();
	struct arena *a = arena_new();
	struct record r = { .version = "WARC/1.1", .block_len = len };
	struct buf block = { 0 };
	struct error e = { 0 };
	char text[64];
	uint64_t length;

	make_block(&block, number, len);
	record_add(a, &r, "WARC-Type", "resource");
	(void)snprintf(text, sizeof(text), "<urn:x:%d>", number);
	record_add(a, &r, "WARC-Record-ID", text);
	(void)snprintf(text, sizeof(text), "%zu", len);
	record_add(a, &r, "Content-Length", text);
	r.block = stream_of_bytes(buf_text(&block), len);
	CHECK_OK(warc_write(w, &r, stored, collect, out, &length, &e), &e);
	stream_free(r.block);
	buf_clear(&block);
	arena_free(a);
	gzip_writer_free(w);
}

static void
add_plain(struct buf *out, int number, size_t len)
{
	struct buf block = { 0 };

	make_block(&block, number, len);
	buf_format(out,
	    "WARC/1.1\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:x:%d>\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    number, len);
	buf_add(out, buf_text(&block), len);
	buf_add_text(out, "\r\n\r\n");
	buf_clear(&block);
}

/* All of a file as one line of text: the number of each record with its place,
 * "!" and code for each place that does not read or breaks a rule. */
static char *
read_all(const char *path)
{
	struct arena *a = arena_new();
	struct buf out = { 0 };
	struct source *s = NULL;
	struct error e = { 0 };
	struct record r;
	struct place where;
	struct buf block = { 0 };
	struct buf want = { 0 };
	int more;

	if (source_open(&s, path, &e) != 0) {
		buf_add_text(&out, "unknown");
		goto done;
	}
	for (int calls = 0; calls < 1000; calls++, arena_reset(a)) {
		int number;
		int sound = 0;

		more = source_next(s, a, &r, &where, &e);
		if (more == 0)
			break;
		if (more < 0) {
			buf_format(&out, "!%s@%ju+%ju ", where.code,
			    (uintmax_t)where.offset, (uintmax_t)where.length);
			continue;
		}
		number = (int)strtol(
		    record_uri_field(a, &r, "WARC-Record-ID") + 6, NULL, 10);
		buf_reset(&block);
		make_block(&want, number, (size_t)r.block_len % (8 << 20));
		if (stream_read(r.block, &block, 8 << 20, NULL) == 0 &&
		    block.len == want.len)
			sound = memcmp(buf_text(&block), buf_text(&want),
				    want.len) == 0;
		buf_format(&out, "%d%s", number, sound ? "" : "?");
		if (source_finish(s, &where, &e) != 0)
			buf_format(&out, "!%s", where.code);
		buf_format(&out, "@%ju+%ju ", (uintmax_t)where.offset,
		    (uintmax_t)where.length);
	}
done:
	source_free(s);
	buf_clear(&block);
	buf_clear(&want);
	arena_free(a);
	return buf_take(&out);
}

static void
check_reads(const struct buf *file, const char *name, const char *expected)
{
	struct error e = { 0 };
	char *got;

	CHECK_OK(file_put(name, file->data, file->len, &e), &e);
	got = read_all(name);
	CHECK_TEXT(got, expected);
	free(got);
}

/* The whole of B as one gzip member. */
static void
squeeze(struct buf *b)
{
	struct gzip_writer *w = gzip_writer_new();
	struct buf none = { 0 };
	struct buf out = { 0 };
	uint64_t length;

	CHECK_INT(gzip_member_write(w, GZIP_DEFLATE, b, NULL, &none, collect,
		      &out, &length, NULL),
	    0);
	buf_clear(b);
	*b = out;
	gzip_writer_free(w);
}

CASE(records_come_back_with_their_places)
{
	struct buf f = { 0 };
	size_t at[5] = { 0 };
	char *want;

	for (int i = 0; i < 4; i++) {
		/* The last is larger than a member read at once. */
		add_member(&f, i, i == 3 ? 6000000 : (size_t)i * 90000, i & 1);
		at[i + 1] = f.len;
	}
	want = mem_format("0@0+%zu 1@%zu+%zu 2@%zu+%zu 3@%zu+%zu ", at[1],
	    at[1], at[2] - at[1], at[2], at[3] - at[2], at[3], at[4] - at[3]);
	check_reads(&f, "a.warc.gz", want);
	free(want);
	buf_reset(&f);
	for (int i = 0; i < 3; i++) {
		add_plain(&f, i, (size_t)i * 90000);
		at[i + 1] = f.len;
	}
	want = mem_format("0@0+%zu 1@%zu+%zu 2@%zu+%zu ", at[1], at[1],
	    at[2] - at[1], at[2], at[3] - at[2]);
	check_reads(&f, "a.warc", want);
	/* The name is no matter. */
	check_reads(&f, "plain.gz", want);
	free(want);
	buf_clear(&f);
}

CASE(one_member_for_all_is_read_in_order_and_said)
{
	struct buf f = { 0 };
	size_t one;
	char *want;

	for (int i = 0; i < 3; i++)
		add_plain(&f, i, 1000);
	squeeze(&f);
	one = f.len;
	add_member(&f, 3, 10, 0);
	want = mem_format(
	    "0!members@0+0 1@0+0 2@0+0 3@%zu+%zu ", one, f.len - one);
	check_reads(&f, "a.warc.gz", want);
	free(want);
	buf_clear(&f);
}

CASE(other_line_ends_are_read_and_said)
{
	struct buf f = { 0 };

	buf_add_text(&f,
	    "\n\nWARC/1.0\nWARC-Record-ID: urn:x:1\nContent-Length: 8\n\n"
	    "block 1 \n\n"
	    "WARC/0.18\nWARC-Record-ID: urn:x:2\nContent-Length: 8\r\n\r\n"
	    "block 2 WARC/1.0\r\nWARC-Record-ID: <urn:x:3>\r\n"
	    "Content-Length:8\r\n\r\nblock 3 \r\n\r\n\r\n"
	    "WARC/1.0\r\nWARC-Record-ID: <urn:x:4>\r\n"
	    "Content-Length:8\r\n\r\nblock 4 ");
	check_reads(&f, "a.warc",
	    "1!framing@2+62 2!framing@64+63 3!framing@127+69 "
	    "4!framing@198+65 ");
	buf_clear(&f);
}

CASE(a_lying_length_costs_one_record_of_a_plain_file)
{
	static const char *const lies[] = { "10005", "9995", "20000",
		"99999999999" };

	for (size_t i = 0; i < 4; i++) {
		struct buf f = { 0 };
		char *got;
		char *hit;
		char *rest;

		for (int k = 0; k < 4; k++)
			add_plain(&f, k, 10000);
		hit = memmem(f.data + f.len / 4 + 1, f.len / 2, "10000", 5);
		CHECK(hit != NULL);
		rest = mem_text_n(
		    hit + 5, (size_t)((char *)f.data + f.len - hit - 5));
		f.len = (size_t)(hit - (char *)f.data);
		buf_add_text(&f, lies[i]);
		buf_add_text(&f, rest);
		free(rest);
		CHECK_INT(file_put("a.warc", f.data, f.len, NULL), 0);
		got = read_all("a.warc");
		CHECK(strncmp(got, "0@0+", 4) == 0);
		CHECK(strstr(got, i == 3 ? "!length@" : "!framing@") != NULL);
		CHECK(strstr(got, " 2@") != NULL && strstr(got, " 3@") != NULL);
		free(got);
		buf_clear(&f);
	}
}

CASE(junk_between_records_is_passed_over)
{
	struct buf f = { 0 };
	char *want;
	size_t junk;
	size_t next;

	add_plain(&f, 0, 100);
	junk = f.len;
	buf_add_text(&f, "some junk\nWARC, but not really\nWARC/x\n");
	next = f.len;
	add_plain(&f, 1, 100);
	want = mem_format("0@0+%zu !head@%zu+%zu 1@%zu+%zu ", junk, junk,
	    next - junk, next, f.len - next);
	check_reads(&f, "a.warc", want);
	free(want);
	buf_clear(&f);

	add_member(&f, 0, 100, 0);
	junk = f.len;
	buf_add(&f, "\x1f\x8b junk \x1f\x8b\x08", 11);
	next = f.len;
	add_member(&f, 1, 100, 0);
	want = mem_format("0@0+%zu !gzip-header@%zu+%zu 1@%zu+%zu ", junk, junk,
	    next - junk, next, f.len - next);
	check_reads(&f, "a.warc.gz", want);
	free(want);
	buf_clear(&f);
}

CASE(each_kind_of_gzip_damage_has_its_name_and_costs_one_member)
{
	static const struct {
		int back; /* bytes from the end of the second member */
		const char *code;
	} cases[] = { { 1, "gzip-length" }, { 5, "gzip-crc" },
		{ 400, "gzip-crc" } };

	for (int stored = 0; stored < 2; stored++)
		for (size_t i = 0; i < 3; i++) {
			struct buf f = { 0 };
			size_t one;
			size_t two;
			char *want;

			add_member(&f, 0, 20000, 0);
			one = f.len;
			add_member(&f, 1, 20000, stored);
			two = f.len;
			add_member(&f, 2, 20000, 0);
			f.data[two - (size_t)cases[i].back] ^= 0x10;
			want = mem_format("0@0+%zu 1%s!%s@%zu+%zu 2@%zu+%zu ",
			    one, i < 2 ? "" : "?", cases[i].code, one,
			    two - one, two, f.len - two);
			if (i < 2 || stored)
				check_reads(&f, "a.warc.gz", want);
			free(want);
			buf_clear(&f);
		}
}

CASE(a_block_header_that_breaks_is_deflate_damage)
{
	struct buf f = { 0 };
	size_t one;
	size_t two;
	char *want;

	add_member(&f, 0, 200000, 1);
	one = f.len;
	add_member(&f, 1, 200000, 1);
	two = f.len;
	add_member(&f, 2, 200000, 1);
	f.data[one + 10 + 5 + 65535 + 1] ^= 1; /* LEN of the second block */
	want = mem_format("0@0+%zu 1?!gzip-deflate@%zu+%zu 2@%zu+%zu ", one,
	    one, two - one, two, f.len - two);
	check_reads(&f, "a.warc.gz", want);
	free(want);
	buf_clear(&f);
}

CASE(a_file_cut_anywhere_keeps_earlier_records)
{
	struct buf f = { 0 };
	struct error e = { 0 };
	size_t one;
	size_t two;

	add_member(&f, 0, 300, 0);
	one = f.len;
	add_member(&f, 1, 300, 1);
	two = f.len;
	for (size_t len = 1; len < two; len++) {
		char *got;

		CHECK_OK(file_put("a.warc.gz", f.data, len, &e), &e);
		got = read_all("a.warc.gz");
		if (len < one)
			CHECK(strstr(got, "!gzip-cut@0+") != NULL ||
			      strstr(got, "!gzip-header@0+") != NULL);
		if (len >= one)
			CHECK(strncmp(got, "0@0+", 4) == 0);
		if (len > one)
			CHECK(strstr(got, "!gzip-cut@") != NULL);
		if (test_failed) {
			printf("# cut at %zu: %s\n", len, got);
			free(got);
			break;
		}
		free(got);
	}
	buf_clear(&f);
}

CASE(an_unread_rest_is_skipped_and_its_damage_told)
{
	struct arena *a = arena_new();
	struct buf f = { 0 };
	struct source *s = NULL;
	struct record r;
	struct place where;
	struct error e = { 0 };
	size_t one;

	add_member(&f, 0, 6000000, 0);
	one = f.len;
	add_member(&f, 1, 100, 0);
	f.data[one - 5] ^= 1;
	CHECK_OK(file_put("a.warc.gz", f.data, f.len, &e), &e);
	CHECK_OK(source_open(&s, "a.warc.gz", &e), &e);
	CHECK_INT(source_next(s, a, &r, &where, &e), 1);
	CHECK_INT(source_next(s, a, &r, &where, &e), -1);
	CHECK_TEXT(where.code, "gzip-crc");
	CHECK_INT(where.length, one);
	CHECK_INT(source_next(s, a, &r, &where, &e), 1);
	CHECK_INT(where.offset, one);
	CHECK_INT(source_next(s, a, &r, &where, &e), 0);
	CHECK_INT(source_next(s, a, &r, &where, &e), 0);
	CHECK_OK(source_seek(s, 0, &e), &e);
	CHECK_INT(source_next(s, a, &r, &where, &e), 1);
	CHECK_INT(where.offset, 0);
	CHECK_OK(source_seek(s, one, &e), &e);
	CHECK_INT(source_next(s, a, &r, &where, &e), 1);
	CHECK_TEXT(record_uri_field(a, &r, "WARC-Record-ID"), "urn:x:1");
	source_free(s);
	buf_clear(&f);
	arena_free(a);
}

CASE(an_empty_member_is_told_and_passed)
{
	struct buf f = { 0 };
	struct buf nothing = { 0 };
	char *want;
	size_t one;
	size_t two;

	squeeze(&nothing);
	add_member(&f, 0, 10, 0);
	one = f.len;
	buf_add(&f, nothing.data, nothing.len);
	two = f.len;
	add_member(&f, 1, 10, 0);
	want = mem_format("0@0+%zu !members@%zu+%zu 1@%zu+%zu ", one, one,
	    two - one, two, f.len - two);
	check_reads(&f, "a.warc.gz", want);
	free(want);
	buf_clear(&f);
	buf_clear(&nothing);
}

CASE(what_is_no_record_file_is_refused_or_read_by_its_name)
{
	struct buf f = { 0 };
	struct source *s = NULL;
	struct error e = { 0 };

	buf_add_text(&f, "hello\n");
	check_reads(&f, "a.txt", "unknown");
	check_reads(&f, "a.warc", "!head@0+6 ");
	check_reads(&f, "a.warc.gz", "!gzip-header@0+6 ");
	CHECK_INT(source_open(&s, "absent.warc", &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
	buf_clear(&f);
}

/* A block of zeros as long as wanted. */
struct zeros {
	struct stream stream;
	uint64_t left;
};

static int
zeros_next(struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	static const uint8_t zero[65536];
	struct zeros *z = (struct zeros *)s;

	(void)e;
	if (z->left == 0)
		return 0;
	*data = zero;
	*len = z->left < sizeof(zero) ? (size_t)z->left : sizeof(zero);
	z->left -= *len;
	return 1;
}

static int
append(void *context, const uint8_t *p, size_t len, struct error *e)
{
	uint64_t *at = context;
	int rc = file_write_at((int)at[0], p, len, at[1], e);

	at[1] += len;
	return rc;
}

/* Only a program built with AddressSanitizer has it. */
extern void __asan_init(void) __attribute__((weak));

/* In a process of its own, so that the peak is that of this work alone. */
static int
huge_record(void)
{
	uint64_t size = 2100000000;
	struct zeros z = { .stream.next = zeros_next, .left = size };
	struct arena *a = arena_new();
	struct gzip_writer *w = gzip_writer_new();
	struct record r = {
		.version = "WARC/1.1", .block_len = size, .block = &z.stream
	};
	struct source *s = NULL;
	struct place where = { 0 };
	struct rusage usage;
	struct error e = { 0 };
	uint64_t at[2] = { 0, 0 };
	uint64_t length;
	uint64_t got = 0;
	int rc = 1;
	int fd = file_create("huge.warc.gz", &e);

	at[0] = (uint64_t)fd;
	record_add(a, &r, "WARC-Type", "resource");
	record_add(a, &r, "Content-Length", "2100000000");
	if (fd < 0 || warc_write(w, &r, 0, append, at, &length, &e) != 0 ||
	    file_close(fd, &e) != 0 ||
	    source_open(&s, "huge.warc.gz", &e) != 0 ||
	    source_next(s, a, &r, &where, &e) != 1 ||
	    stream_skip(r.block, &got, &e) != 0 ||
	    source_finish(s, &where, &e) != 0)
		printf("# %s\n", e.text);
	else if (got == size && where.length == length &&
		 getrusage(RUSAGE_SELF, &usage) == 0) {
		printf("# peak %ld KiB\n", usage.ru_maxrss);
		rc = usage.ru_maxrss > 24 * 1024;
	}
	source_free(s);
	gzip_writer_free(w);
	arena_free(a);
	return rc;
}

CASE(a_record_of_two_gigabytes_needs_a_few_mebibytes)
{
	int status = -1;
	pid_t pid;

	if (__asan_init != NULL)
		SKIP("memory is not measured under a sanitizer");
	pid = fork();
	if (pid == 0)
		_exit(huge_record());
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK_INT(status, 0);
}

CASE(a_block_unlike_its_length_is_not_written)
{
	struct gzip_writer *w = gzip_writer_new();
	struct arena *a = arena_new();
	struct record r = { .version = "WARC/1.1", .block_len = 5 };
	struct buf out = { 0 };
	struct error e = { 0 };
	uint64_t length;

	for (size_t len = 4; len < 7; len++) {
		r.block = stream_of_bytes("abcdef", len);
		CHECK_INT(warc_write(w, &r, 0, collect, &out, &length, &e),
		    len == 5 ? 0 : -1);
		stream_free(r.block);
	}
	buf_clear(&out);
	arena_free(a);
	gzip_writer_free(w);
}

TESTS(T(records_come_back_with_their_places),
    T(one_member_for_all_is_read_in_order_and_said),
    T(other_line_ends_are_read_and_said),
    T(a_lying_length_costs_one_record_of_a_plain_file),
    T(junk_between_records_is_passed_over),
    T(each_kind_of_gzip_damage_has_its_name_and_costs_one_member),
    T(a_block_header_that_breaks_is_deflate_damage),
    T(a_file_cut_anywhere_keeps_earlier_records),
    T(an_unread_rest_is_skipped_and_its_damage_told),
    T(an_empty_member_is_told_and_passed),
    T(what_is_no_record_file_is_refused_or_read_by_its_name),
    T(a_record_of_two_gigabytes_needs_a_few_mebibytes),
    T(a_block_unlike_its_length_is_not_written))
