/* Records copied out of files that make it hard. */
#include "core/archive/record_copy.h"

#include "core/archive/convert.h"
#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/archive/record_filter.h"
#include "core/archive/sink.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/limits.h"
#include "core/base/stream.h"
#include "tests/test.h"

static void
add_record(struct buf *b, const char *type, int id, const char *fields,
    const struct buf *block)
{
	buf_format(b,
	    "WARC/1.1\r\nWARC-Type: %s\r\n"
	    "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-%012d>\r\n"
	    "WARC-Date: 2026-11-22T08:19:27Z\r\n%s"
	    "Content-Type: application/http\r\nContent-Length: %zu\r\n\r\n",
	    type, id, fields, block->len);
	buf_add(b, block->data, block->len);
	buf_add_text(b, "\r\n\r\n");
}

static int
collect(void *context, const uint8_t *p, size_t len, struct error *e)
{
	(void)e;
	buf_add(context, p, len);
	return 0;
}

/* P..LEN as one member, behind OUT. */
static void
add_member(struct buf *out, const uint8_t *p, size_t len)
{
	const struct buf head = { .data = (uint8_t *)(uintptr_t)p, .len = len };
	const struct buf none = { 0 };
	struct gzip_writer *w = gzip_writer_new();
	struct error e = { 0 };
	uint64_t length;

	CHECK_OK(gzip_member_write(w, GZIP_DEFLATE, &head, NULL, &none, collect,
		     out, &length, &e),
	    &e);
	gzip_writer_free(w);
}

/* FILE converted to PATH by a filter; what is in it then, unpacked, in GOT. */
static void
convert(const struct buf *file, const char *name, const char *path,
    const struct record_filter_options *o, struct buf *got)
{
	const struct sink_options so = { .coding = sink_coding_of(path) };
	struct convert_options co = { 0 };
	struct record_filter *filter = NULL;
	struct input *in = input_of_bytes(file->data, file->len, name);
	struct converter *c;
	struct sink *sink = NULL;
	struct error e = { 0 };

	CHECK_OK(record_filter_new(&filter, o, &e), &e);
	co.filter = filter;
	CHECK_OK(sink_open(&sink, path, &so, &e), &e);
	c = converter_new(sink, &co);
	CHECK_OK(converter_add(c, in, &e), &e);
	CHECK_OK(sink_finish(sink, &e), &e);
	CHECK_OK(file_get(path, got, (size_t)1 << 26, &e), &e);
	converter_free(c);
	sink_free(sink);
	record_filter_free(filter);
	input_free(in);
}

CASE(a_large_record_behind_one_left_out_of_its_member_is_itself)
{
	static const char *const types[] = { "response", NULL };
	const struct record_filter_options o = { .types = types };
	struct buf first = { 0 };
	struct buf large = { 0 };
	struct buf plain = { 0 };
	struct buf file = { 0 };
	struct buf want = { 0 };
	struct buf got = { 0 };
	struct buf packed = { 0 };
	struct gzip_reader *r;
	struct stream *bytes;
	struct input *in;
	struct error e = { 0 };

	buf_add_text(&first, "short");
	for (int i = 0; large.len <= LIMIT_WHOLE_MEMBER; i++)
		buf_format(&large, "line %d of a block\n", i * 7919);
	add_record(&plain, "resource", 1, "", &first);
	add_record(&plain, "response", 2, "", &large);
	add_member(&file, plain.data, plain.len);
	add_record(&want, "response", 2, "", &large);
	convert(&file, "one.warc.gz", "out.warc.gz", &o, &packed);
	in = input_of_bytes(packed.data, packed.len, "out.warc.gz");
	r = gzip_reader_new(in);
	CHECK(gzip_reader_next(r, &bytes, &e) == 1);
	CHECK_OK(stream_read(bytes, &got, (size_t)1 << 26, &e), &e);
	CHECK(
	    got.len == want.len && memcmp(got.data, want.data, want.len) == 0);
	gzip_reader_free(r);
	input_free(in);
	buf_clear(&first);
	buf_clear(&large);
	buf_clear(&plain);
	buf_clear(&file);
	buf_clear(&want);
	buf_clear(&got);
	buf_clear(&packed);
}

CASE(of_two_requests_in_a_row_each_is_judged)
{
	static const char *const urls[] = { "http://a.example/", NULL };
	const struct record_filter_options o = { .urls = urls };
	struct buf block = { 0 };
	struct buf plain = { 0 };
	struct buf want = { 0 };
	struct buf got = { 0 };
	const char *with = "WARC-Target-URI: http://a.example/\r\n"
			   "WARC-Concurrent-To: "
			   "<urn:uuid:00000000-0000-4000-8000-000000000001>"
			   "\r\n";

	buf_add_text(&block, "GET / HTTP/1.1\r\n\r\n");
	add_record(&plain, "request", 1,
	    "WARC-Target-URI: http://a.example/\r\n", &block);
	add_record(&plain, "request", 2, with, &block);
	buf_add(&want, plain.data, plain.len);
	add_record(&plain, "response", 3,
	    "WARC-Target-URI: http://b.example/\r\n"
	    "WARC-Concurrent-To: "
	    "<urn:uuid:00000000-0000-4000-8000-000000000001>\r\n",
	    &block);
	convert(&plain, "two.warc", "asked.warc", &o, &got);
	CHECK_TEXT(buf_text(&got), buf_text(&want));
	buf_clear(&block);
	buf_clear(&plain);
	buf_clear(&want);
	buf_clear(&got);
}

CASE(a_head_in_members_of_a_byte_each_is_read)
{
	struct buf block = { 0 };
	struct buf plain = { 0 };
	struct buf file = { 0 };
	size_t crumbs;
	struct arena *a = arena_new();
	struct source *s = NULL;
	struct input *in;
	struct record r;
	struct place where;
	struct error e = { 0 };

	buf_add_text(&block, "block");
	add_record(&plain, "resource", 1, "X-Long: 0123456789\r\n", &block);
	/* A "W" alone may be the first byte of a record. */
	crumbs = (size_t)(strstr(buf_text(&plain), "X-Long") -
			  buf_text(&plain));
	add_member(&file, plain.data, crumbs);
	for (size_t i = crumbs; i < plain.len; i++)
		add_member(&file, plain.data + i, 1);
	in = input_of_bytes(file.data, file.len, "crumbs.warc.gz");
	CHECK_OK(source_open_input(&s, in, &e), &e);
	CHECK_INT(source_next(s, a, &r, &where, &e), 1);
	CHECK_TEXT(record_field(&r, "X-Long"), "0123456789");
	CHECK_INT(source_finish(s, &where, &e), -1);
	CHECK_TEXT(where.code, "members");
	CHECK_INT(where.damaged, 0);
	CHECK_INT(where.length, file.len);
	source_free(s);
	input_free(in);
	arena_free(a);
	buf_clear(&block);
	buf_clear(&plain);
	buf_clear(&file);
}

TESTS(T(a_large_record_behind_one_left_out_of_its_member_is_itself),
    T(of_two_requests_in_a_row_each_is_judged),
    T(a_head_in_members_of_a_byte_each_is_read))
