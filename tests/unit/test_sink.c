/* Record files written: what went in comes out, or nothing does. */
#include "core/archive/sink.h"

#include <zstd.h>

#include "core/archive/format.h"
#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "tests/test.h"

#define HEAD                                                \
	"WARC/1.0\r\nWARC-Type:  resource\r\n"              \
	"WARC-Record-ID: <urn:uuid:1>\r\nX-Folded: one\r\n" \
	"  two\r\nContent-Length: 5\r\n\r\n"

/* Put the record of HEAD with a block of LEN fives. */
static int
put(struct sink *s, struct arena *a, size_t len, struct place *where,
    struct error *e)
{
	struct record r;
	size_t used;
	int rc;

	CHECK_OK(record_read_head(
		     a, &r, (const uint8_t *)HEAD, strlen(HEAD), &used, e),
	    e);
	r.block = stream_of_bytes("55555", len);
	rc = sink_put(s, &r, GZIP_DEFLATE, where, e);
	stream_free(r.block);
	return rc;
}

static struct sink *
open_sink(const char *path, uint64_t split)
{
	struct sink_options o = { .coding = sink_coding_of(path),
		.split = split };
	struct sink *s = NULL;
	struct error e = { 0 };

	CHECK_OK(sink_open(&s, path, &o, &e), &e);
	return s;
}

CASE(a_head_is_written_as_it_was_read)
{
	struct sink *s = open_sink("a.warc", 0);
	struct arena *a = arena_new();
	struct buf got = { 0 };
	struct place where;
	struct error e = { 0 };

	CHECK_OK(put(s, a, 5, &where, &e), &e);
	CHECK_TEXT(where.file, "a.warc");
	CHECK_INT(where.offset, 0);
	CHECK_INT(where.length, strlen(HEAD) + 9);
	CHECK_OK(sink_finish(s, &e), &e);
	CHECK_OK(file_get("a.warc", &got, 4096, &e), &e);
	CHECK_TEXT(buf_text(&got), HEAD "55555\r\n\r\n");
	CHECK(!file_exists("a.warc.open"));
	buf_clear(&got);
	sink_free(s);
	arena_free(a);
}

CASE(changed_fields_are_written_anew)
{
	struct sink *s = open_sink("f.warc", 0);
	struct arena *a = arena_new();
	struct buf got = { 0 };
	struct record r;
	struct error e = { 0 };
	size_t used;

	CHECK_OK(record_read_head(
		     a, &r, (const uint8_t *)HEAD, strlen(HEAD), &used, &e),
	    &e);
	record_add(a, &r, "X-More", "yes");
	r.block = stream_of_bytes("55555", 5);
	CHECK_OK(sink_put(s, &r, GZIP_DEFLATE, NULL, &e), &e);
	stream_free(r.block);
	CHECK_OK(sink_finish(s, &e), &e);
	CHECK_OK(file_get("f.warc", &got, 4096, &e), &e);
	CHECK_TEXT(buf_text(&got),
	    "WARC/1.0\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:uuid:1>"
	    "\r\nX-Folded: one two\r\nContent-Length: 5\r\nX-More: yes\r\n\r\n"
	    "55555\r\n\r\n");
	buf_clear(&got);
	sink_free(s);
	arena_free(a);
}

CASE(each_record_is_a_member_that_reads_back)
{
	struct sink *s = open_sink("a.warc.gz", 0);
	struct arena *a = arena_new();
	struct source *source = NULL;
	struct place where[3];
	struct place at;
	struct record r;
	struct error e = { 0 };

	for (int i = 0; i < 3; i++)
		CHECK_OK(put(s, a, 5, &where[i], &e), &e);
	CHECK_INT(sink_records(s), 3);
	CHECK_OK(sink_finish(s, &e), &e);
	CHECK_OK(source_open(&source, "a.warc.gz", &e), &e);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(source_next(source, a, &r, &at, &e), 1);
		CHECK_INT(r.head_len, strlen(HEAD));
		CHECK(memcmp(r.head, HEAD, r.head_len) == 0);
		CHECK_OK(source_finish(source, &at, &e), &e);
		CHECK_INT(at.offset, where[i].offset);
		CHECK_INT(at.length, where[i].length);
	}
	CHECK_INT(source_next(source, a, &r, &at, &e), 0);
	source_free(source);
	sink_free(s);
	arena_free(a);
}

CASE(a_zstd_frame_says_its_size_and_has_a_checksum)
{
	struct sink *s = open_sink("a.warc.zst", 0);
	struct arena *a = arena_new();
	struct buf got = { 0 };
	struct place where;
	struct error e = { 0 };
	char out[512];
	size_t want = strlen(HEAD) + 9;

	CHECK_OK(put(s, a, 5, &where, &e), &e);
	CHECK_OK(put(s, a, 5, &where, &e), &e);
	CHECK_OK(sink_finish(s, &e), &e);
	CHECK_OK(file_get("a.warc.zst", &got, 4096, &e), &e);
	CHECK_INT(ZSTD_getFrameContentSize(got.data, got.len), want);
	CHECK_INT(
	    ZSTD_findFrameCompressedSize(got.data, got.len), where.offset);
	CHECK((got.data[4] & 4) != 0); /* checksum flag, RFC 8878, 3.1.1.1.1 */
	CHECK_INT(
	    ZSTD_decompress(out, sizeof(out), got.data, where.offset), want);
	CHECK(memcmp(out, HEAD "55555\r\n\r\n", want) == 0);
	buf_clear(&got);
	sink_free(s);
	arena_free(a);
}

CASE(a_block_of_another_length_leaves_nothing)
{
	const char *names[] = { "b.warc", "b.warc.gz", "b.warc.zst" };

	for (size_t i = 0; i < 3; i++) {
		struct sink *s = open_sink(names[i], 0);
		struct arena *a = arena_new();
		struct place first;
		struct place second;
		struct error e = { 0 };

		CHECK_OK(put(s, a, 5, &first, &e), &e);
		CHECK_INT(put(s, a, 4, NULL, &e), -1);
		CHECK_INT(e.kind, ERROR_INPUT);
		CHECK_OK(put(s, a, 5, &second, &e), &e);
		CHECK_INT(second.offset, first.length);
		CHECK_INT(sink_records(s), 2);
		sink_free(s);
		arena_free(a);
		CHECK(!file_exists(names[i]));
	}
}

CASE(a_record_taken_back_leaves_no_trace)
{
	size_t big = 3 * 1024 * 1024;
	uint8_t *bytes = mem_zero(1, big);
	struct record r = { .version = "WARC/1.1", .block_len = big };
	struct sink *s = open_sink("u.warc", 0);
	struct arena *a = arena_new();
	struct error e = { 0 };
	uint64_t size = 0;

	record_add(a, &r, "Content-Length", "3145728");
	CHECK_OK(put(s, a, 5, NULL, &e), &e);
	CHECK_OK(put(s, a, 5, NULL, &e), &e);
	CHECK_OK(sink_undo(s, &e), &e);
	CHECK_INT(sink_undo(s, &e), -1);
	r.block = stream_of_bytes(bytes, big);
	CHECK_OK(sink_put(s, &r, GZIP_STORED, NULL, &e), &e);
	stream_free(r.block);
	CHECK_OK(sink_undo(s, &e), &e);
	CHECK_INT(sink_records(s), 1);
	CHECK_OK(sink_finish(s, &e), &e);
	CHECK_OK(file_size("u.warc", &size, &e), &e);
	CHECK_INT(size, strlen(HEAD) + 9);
	sink_free(s);
	arena_free(a);
	free(bytes);
}

CASE(a_new_file_begins_only_between_events)
{
	struct sink *s = open_sink("s.warc.gz", 1);
	struct arena *a = arena_new();
	const struct sink_file *files;
	struct error e = { 0 };
	size_t count;

	CHECK_OK(put(s, a, 5, NULL, &e), &e);
	CHECK_OK(put(s, a, 5, NULL, &e), &e);
	CHECK_OK(sink_event(s, &e), &e);
	CHECK_OK(put(s, a, 5, NULL, &e), &e);
	CHECK_OK(sink_finish(s, &e), &e);
	files = sink_files(s, &count);
	CHECK_INT(count, 2);
	CHECK_TEXT(files[0].path, "s-00000.warc.gz");
	CHECK_TEXT(files[1].path, "s-00001.warc.gz");
	CHECK_INT(files[0].records, 2);
	CHECK_INT(files[1].records, 1);
	sink_free(s);
	arena_free(a);
	CHECK(file_exists("s-00000.warc.gz") && file_exists("s-00001.warc.gz"));
}

CASE(a_file_that_is_there_stays)
{
	struct sink_options o = { .coding = SINK_PLAIN };
	struct sink *s = NULL;
	struct error e = { 0 };

	CHECK_OK(file_put("there.warc", "x", 1, &e), &e);
	CHECK_INT(sink_open(&s, "there.warc", &o, &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK(!file_exists("there.warc.open"));
}

CASE(members_are_copied_byte_for_byte)
{
	struct sink *s = open_sink("c.warc.gz", 0);
	struct arena *a = arena_new();
	struct input *in = NULL;
	struct buf x = { 0 };
	struct buf y = { 0 };
	struct error e = { 0 };
	struct place where;

	CHECK_OK(put(s, a, 5, &where, &e), &e);
	CHECK_OK(sink_finish(s, &e), &e);
	sink_free(s);
	s = open_sink("d.warc.gz", 0);
	CHECK_OK(input_open(&in, "c.warc.gz", "c.warc.gz", &e), &e);
	CHECK_OK(sink_copy(s, in, 0, input_size(in), NULL, &e), &e);
	CHECK_INT(sink_copy(s, in, 1, input_size(in), NULL, &e), -1);
	CHECK_OK(sink_finish(s, &e), &e);
	CHECK_OK(file_get("c.warc.gz", &x, 4096, &e), &e);
	CHECK_OK(file_get("d.warc.gz", &y, 4096, &e), &e);
	CHECK(x.len == y.len && memcmp(x.data, y.data, x.len) == 0);
	buf_clear(&x);
	buf_clear(&y);
	input_free(in);
	sink_free(s);
	arena_free(a);
}

CASE(a_failing_disk_leaves_no_file)
{
	for (long n = 1; n < 7; n++) {
		struct sink_options o = { .coding = SINK_GZIP };
		struct sink *s = NULL;
		struct arena *a = arena_new();
		struct error e = { 0 };
		int ok;

		file_fail_at(n);
		ok = sink_open(&s, "fail.warc.gz", &o, &e) == 0 &&
		     put(s, a, 5, NULL, &e) == 0 && sink_finish(s, &e) == 0;
		file_fail_at(0);
		CHECK(ok || e.kind == ERROR_SYSTEM);
		sink_free(s);
		CHECK(!file_exists("fail.warc.gz.open"));
		/* All but the last, which synced the directory. */
		CHECK(ok || n == 5 || !file_exists("fail.warc.gz"));
		(void)file_remove("fail.warc.gz", NULL);
		arena_free(a);
	}
}

TESTS(T(a_head_is_written_as_it_was_read), T(changed_fields_are_written_anew),
    T(each_record_is_a_member_that_reads_back),
    T(a_zstd_frame_says_its_size_and_has_a_checksum),
    T(a_block_of_another_length_leaves_nothing),
    T(a_record_taken_back_leaves_no_trace),
    T(a_new_file_begins_only_between_events), T(a_file_that_is_there_stays),
    T(members_are_copied_byte_for_byte), T(a_failing_disk_leaves_no_file))
