/* Bytes that are pulled, as spans. */
#include "core/base/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/mem.h"

#define STREAM_SPAN 65536

int
stream_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	return s->next(s, data, len, e);
}

void
stream_free(struct stream *s)
{
	if (s != NULL)
		s->free(s);
}

int
stream_read(struct stream *s, struct buf *out, size_t limit, struct error *e)
{
	const uint8_t *data;
	size_t len;
	size_t total = 0;
	int more;

	while ((more = stream_next(s, &data, &len, e)) > 0) {
		if (len > limit - total)
			return error_set(
			    e, ERROR_LIMIT, "longer than %zu bytes", limit);
		buf_add(out, data, len);
		total += len;
	}
	return more;
}

int
stream_skip(struct stream *s, uint64_t *len, struct error *e)
{
	const uint8_t *data;
	size_t n;
	uint64_t total = 0;
	int more;

	while ((more = stream_next(s, &data, &n, e)) > 0)
		total += n;
	if (len != NULL)
		*len = total;
	return more;
}

int
stream_sha256(struct stream *s, char hex[65], struct error *e)
{
	struct digester *d = digester_new(DIGEST_SHA256);
	char text[DIGEST_TEXT_MAX];
	const uint8_t *data;
	size_t len;
	int more;

	while ((more = stream_next(s, &data, &len, e)) > 0)
		digester_add(d, data, len);
	digester_hex(d, text);
	memcpy(hex, text, DIGEST_SHA256_HEX + 1);
	digester_free(d);
	return more;
}

struct bytes_stream {
	struct stream stream;
	const uint8_t *p;
	size_t len;
};

static int
bytes_next(struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct bytes_stream *b = (struct bytes_stream *)s;

	(void)e;
	if (b->len == 0)
		return 0;
	*data = b->p;
	*len = b->len;
	b->len = 0;
	return 1;
}

static void
plain_free(struct stream *s)
{
	free(s);
}

struct stream *
stream_of_bytes(const void *p, size_t len)
{
	struct bytes_stream *b = mem_zero(1, sizeof(*b));

	b->stream.next = bytes_next;
	b->stream.free = plain_free;
	b->p = p;
	b->len = len;
	return &b->stream;
}

struct file_stream {
	struct stream stream;
	int fd;
	uint64_t offset;
	uint64_t left;
	uint8_t span[STREAM_SPAN];
};

static int
file_next(struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct file_stream *f = (struct file_stream *)s;
	size_t want = f->left < STREAM_SPAN ? (size_t)f->left : STREAM_SPAN;
	ssize_t n;

	if (want == 0)
		return 0;
	do
		n = pread(f->fd, f->span, want, (off_t)f->offset);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_system(e, "read at %ju", (uintmax_t)f->offset);
	if (n == 0)
		return error_set(e, ERROR_INPUT, "ends at %ju, %ju bytes short",
		    (uintmax_t)f->offset, (uintmax_t)f->left);
	f->offset += (uint64_t)n;
	f->left -= (uint64_t)n;
	*data = f->span;
	*len = (size_t)n;
	return 1;
}

struct stream *
stream_of_file(int fd, uint64_t offset, uint64_t len)
{
	struct file_stream *f = mem_alloc(sizeof(*f));

	f->stream.next = file_next;
	f->stream.free = plain_free;
	f->fd = fd;
	f->offset = offset;
	f->left = len;
	return &f->stream;
}

struct limited_stream {
	struct stream stream;
	struct stream *inner;
	uint64_t left;
	int owned;
};

static int
limited_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct limited_stream *l = (struct limited_stream *)s;
	int more;

	if (l->left == 0)
		return 0;
	more = stream_next(l->inner, data, len, e);
	if (more <= 0)
		return more;
	if (*len > l->left)
		*len = (size_t)l->left;
	l->left -= *len;
	return 1;
}

static void
limited_free(struct stream *s)
{
	struct limited_stream *l = (struct limited_stream *)s;

	if (l->owned)
		stream_free(l->inner);
	free(l);
}

struct stream *
stream_limited(struct stream *inner, uint64_t limit, int owned)
{
	struct limited_stream *l = mem_zero(1, sizeof(*l));

	l->stream.next = limited_next;
	l->stream.free = limited_free;
	l->inner = inner;
	l->left = limit;
	l->owned = owned;
	return &l->stream;
}

struct exact_stream {
	struct stream stream;
	struct stream *inner;
	uint64_t left;
};

static int
exact_next(struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct exact_stream *x = (struct exact_stream *)s;
	int more = x->inner == NULL ? 0 : stream_next(x->inner, data, len, e);

	if (more < 0)
		return -1;
	if (more == 0 && x->left > 0)
		return error_set(e, ERROR_INPUT,
		    "block ends %ju bytes before Content-Length",
		    (uintmax_t)x->left);
	if (more == 0)
		return 0;
	if (*len > x->left)
		return error_set(
		    e, ERROR_INPUT, "block is longer than Content-Length");
	x->left -= *len;
	return 1;
}

struct stream *
stream_exact(struct stream *inner, uint64_t len)
{
	struct exact_stream *x = mem_zero(1, sizeof(*x));

	x->stream.next = exact_next;
	x->stream.free = plain_free;
	x->inner = inner;
	x->left = len;
	return &x->stream;
}
