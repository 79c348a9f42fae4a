/* Gzip members: hostile ones are read, passed over and searched for; any
 * content comes back from a member of ours. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/gzip_member.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static int
collect(void *context, const uint8_t *p, size_t len, struct error *e)
{
	(void)e;
	buf_add(context, p, len);
	return 0;
}

static void
drop(void *context, const uint8_t *p, size_t len)
{
	(void)context;
	(void)p;
	(void)len;
}

static int
any(const uint8_t *p, size_t len)
{
	(void)p;
	return len > 0;
}

static void
read_members(struct input *in, size_t len)
{
	struct gzip_reader *r = gzip_reader_new(in);
	struct stream *bytes;
	uint64_t at = 0;
	int more = 1;

	for (int i = 0; i < 100 && more != 0; i++) {
		more = gzip_reader_next(r, &bytes, NULL);
		/* Every other member is left unread. */
		if (more > 0 && i % 2 == 0)
			more = stream_skip(bytes, NULL, NULL) == 0 ? 1 : -1;
		if (more < 0) {
			uint64_t from = gzip_reader_start(r) + 1;

			if (!gzip_reader_resync(r, from, any))
				break;
			at = gzip_reader_offset(r);
			if (at < from || at >= len)
				abort();
		}
	}
	gzip_reader_free(r);
}

static void
write_and_read(const uint8_t *p, size_t len, enum gzip_way way)
{
	struct gzip_writer *w = gzip_writer_new();
	struct buf none = { 0 };
	struct buf content = { 0 };
	struct buf out = { 0 };
	struct gzip_reader *r;
	struct stream *bytes;
	uint64_t length;
	struct input *in;

	buf_add(&content, p, len);
	if (gzip_member_write(w, way, &content, NULL, &none, collect, &out,
		&length, NULL) != 0)
		abort();
	in = input_of_bytes(out.data, out.len, "fuzz");
	r = gzip_reader_new(in);
	buf_reset(&content);
	if (gzip_reader_next(r, &bytes, NULL) != 1 ||
	    stream_read(bytes, &content, len, NULL) != 0 ||
	    content.len != len || memcmp(buf_text(&content), p, len) != 0 ||
	    gzip_reader_member_len(r) != length)
		abort();
	gzip_reader_free(r);
	input_free(in);
	buf_clear(&content);
	buf_clear(&out);
	gzip_writer_free(w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	uint8_t out[64];
	struct input *in;

	if (len == 0)
		return 0;
	in = input_of_bytes(p, len, "fuzz");
	read_members(in, len);
	input_free(in);
	(void)gzip_peek(p, len, out, sizeof(out));
	(void)gzip_inflate(p, len, 1 << 20, drop, NULL);
	write_and_read(p, len, p[0] & 1 ? GZIP_STORED : GZIP_DEFLATE);
	(void)gzip_way_for("", "", p, len);
	return 0;
}
