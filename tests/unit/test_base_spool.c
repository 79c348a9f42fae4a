/* Bytes on their way: in memory up to a limit, then in a file. */
#include "core/base/spool.h"

#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/stream.h"
#include "tests/test.h"

static char *
read_range(const struct spool *s, uint64_t offset, uint64_t len)
{
	struct stream *in = spool_stream(s, offset, len);
	struct buf out = { 0 };
	struct error e = { 0 };

	CHECK_OK(stream_read(in, &out, 1 << 24, &e), &e);
	stream_free(in);
	return buf_take(&out);
}

static void
check_range(
    const struct spool *s, uint64_t offset, uint64_t len, const char *expected)
{
	char *text = read_range(s, offset, len);

	CHECK_TEXT(text, expected);
	free(text);
}

CASE(it_stays_in_memory_up_to_its_limit_and_no_further)
{
	struct spool *s = spool_new(".", 8);
	struct error e = { 0 };

	CHECK(spool_memory(s) != NULL);
	check_range(s, 0, 0, "");
	CHECK_OK(spool_add(s, "abcd", 4, &e), &e);
	CHECK_OK(spool_add(s, "efgh", 4, &e), &e);
	CHECK_INT(spool_len(s), 8);
	CHECK(spool_memory(s) != NULL);
	CHECK_OK(spool_add(s, "", 0, &e), &e);
	CHECK(spool_memory(s) != NULL);
	check_range(s, 0, 8, "abcdefgh");
	CHECK_OK(spool_add(s, "i", 1, &e), &e);
	CHECK(spool_memory(s) == NULL);
	CHECK_OK(spool_add(s, "jk", 2, &e), &e);
	CHECK_INT(spool_len(s), 11);
	check_range(s, 0, 11, "abcdefghijk");
	check_range(s, 7, 3, "hij");
	check_range(s, 11, 0, "");
	spool_free(s);
	spool_free(NULL);
}

CASE(the_file_has_no_name)
{
	struct file_names names;
	struct spool *s = spool_new(".", 0);
	struct error e = { 0 };

	CHECK_OK(spool_add(s, "x", 1, &e), &e);
	CHECK(spool_memory(s) == NULL);
	CHECK_OK(file_list(".", &names, &e), &e);
	CHECK_INT(names.count, 0);
	file_names_clear(&names);
	spool_free(s);
}

CASE(it_can_be_cut_in_memory_and_in_the_file)
{
	for (size_t limit = 0; limit <= 100; limit += 100) {
		struct spool *s = spool_new(".", limit);
		struct error e = { 0 };

		CHECK_OK(spool_add(s, "abcdef", 6, &e), &e);
		CHECK_OK(spool_cut(s, 3, &e), &e);
		CHECK_INT(spool_len(s), 3);
		CHECK_OK(spool_add(s, "xyz", 3, &e), &e);
		check_range(s, 0, 6, "abcxyz");
		CHECK_OK(spool_cut(s, 0, &e), &e);
		check_range(s, 0, 0, "");
		spool_free(s);
	}
}

CASE(many_readers_read_at_once)
{
	struct spool *s = spool_new(".", 1000);
	struct stream *in[3];
	struct error e = { 0 };
	const uint8_t *p;
	size_t len;
	char block[4096];

	for (int i = 0; i < 64; i++) {
		memset(block, 'A' + i % 26, sizeof(block));
		CHECK_OK(spool_add(s, block, sizeof(block), &e), &e);
	}
	for (int i = 0; i < 3; i++)
		in[i] = spool_stream(s, (uint64_t)i * 4096, 65536ull * 2);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(stream_next(in[i], &p, &len, &e), 1);
		CHECK_INT(p[0], 'A' + i);
	}
	for (int i = 0; i < 3; i++) {
		uint64_t rest;

		CHECK_OK(stream_skip(in[i], &rest, &e), &e);
		CHECK_INT(rest, 65536 * 2 - len);
		stream_free(in[i]);
	}
	spool_free(s);
}

CASE(a_full_disk_is_told_and_what_was_there_stays)
{
	struct spool *s = spool_new(".", 4);
	struct error e = { 0 };

	CHECK_OK(spool_add(s, "abcd", 4, &e), &e);
	file_fail_at(1);
	CHECK_INT(spool_add(s, "e", 1, &e), -1);
	CHECK_INT(e.kind, ERROR_SYSTEM);
	file_fail_at(0);
	CHECK_INT(spool_len(s), 4);
	check_range(s, 0, 4, "abcd");
	CHECK_OK(spool_add(s, "e", 1, &e), &e);
	file_fail_at(1);
	CHECK_INT(spool_add(s, "f", 1, &e), -1);
	file_fail_at(0);
	CHECK_INT(spool_len(s), 5);
	check_range(s, 0, 5, "abcde");
	spool_free(s);
	s = spool_new("no/such/dir", 1);
	CHECK_INT(spool_add(s, "ab", 2, &e), -1);
	CHECK_INT(e.kind, ERROR_SYSTEM);
	spool_free(s);
}

CASE(streams_limit_skip_and_read)
{
	struct stream *s = stream_limited(stream_of_bytes("abcdef", 6), 4, 1);
	struct buf out = { 0 };
	struct error e = { 0 };
	uint64_t len;

	CHECK_INT(stream_read(s, &out, 3, &e), -1);
	CHECK_INT(e.kind, ERROR_LIMIT);
	stream_free(s);
	s = stream_limited(stream_of_bytes("abcdef", 6), 4, 1);
	CHECK_OK(stream_read(s, &out, 4, &e), &e);
	CHECK_TEXT(buf_text(&out), "abcd");
	stream_free(s);
	s = stream_of_bytes("abcdef", 6);
	CHECK_OK(stream_skip(s, &len, &e), &e);
	CHECK_INT(len, 6);
	stream_free(s);
	stream_free(NULL);
	buf_clear(&out);
}

CASE(a_file_that_ends_early_is_not_the_end)
{
	int fd = file_create("short", NULL);
	struct stream *s = stream_of_file(fd, 1, 5);
	struct buf out = { 0 };
	struct error e = { 0 };

	CHECK_OK(file_write_at(fd, "abc", 3, 0, &e), &e);
	CHECK_INT(stream_read(s, &out, 100, &e), -1);
	CHECK_INT(e.kind, ERROR_INPUT);
	CHECK_TEXT(buf_text(&out), "bc");
	stream_free(s);
	(void)close(fd);
	(void)unlink("short");
	buf_clear(&out);
}

TESTS(T(it_stays_in_memory_up_to_its_limit_and_no_further),
    T(the_file_has_no_name), T(it_can_be_cut_in_memory_and_in_the_file),
    T(many_readers_read_at_once),
    T(a_full_disk_is_told_and_what_was_there_stays),
    T(streams_limit_skip_and_read), T(a_file_that_ends_early_is_not_the_end))
