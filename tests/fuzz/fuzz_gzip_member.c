/* Gzip members: hostile ones are read, passed over and searched for; any
 * content comes back from a member of ours. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/archive/gzip_member.h"
#include "core/base/buf.h"
#include "core/base/error.h"
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
file_of(const void *p, size_t len)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || pwrite(fd, p, len, 0) != (ssize_t)len)
		abort();
	return fd;
}

static void
read_members(int fd, size_t len)
{
	struct gzip_reader *r = gzip_reader_new(fd, "fuzz");
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

			if (!gzip_reader_resync(r, from, "", &at))
				break;
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
	int fd;

	buf_add(&content, p, len);
	if (gzip_member_write(w, way, &content, NULL, &none, collect, &out,
		&length, NULL) != 0)
		abort();
	fd = file_of(out.data, out.len);
	r = gzip_reader_new(fd, "fuzz");
	buf_reset(&content);
	if (gzip_reader_next(r, &bytes, NULL) != 1 ||
	    stream_read(bytes, &content, len, NULL) != 0 ||
	    content.len != len || memcmp(buf_text(&content), p, len) != 0 ||
	    gzip_reader_member_len(r) != length)
		abort();
	gzip_reader_free(r);
	(void)close(fd);
	buf_clear(&content);
	buf_clear(&out);
	gzip_writer_free(w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	uint8_t out[64];
	int fd;

	if (len == 0)
		return 0;
	fd = file_of(p, len);
	read_members(fd, len);
	(void)close(fd);
	(void)gzip_peek(p, len, out, sizeof(out));
	(void)gzip_inflate(p, len, 1 << 20, drop, NULL);
	write_and_read(p, len, p[0] & 1 ? GZIP_STORED : GZIP_DEFLATE);
	(void)gzip_way_for("", "", p, len);
	return 0;
}
