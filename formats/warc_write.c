/* WARC records written: head, block and two line ends as one gzip member. */
#include <inttypes.h>

#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/stream.h"

/* A block that must hold exactly as much as the head announces. */
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
		    "block ends %" PRIu64 " bytes before Content-Length",
		    x->left);
	if (more == 0)
		return 0;
	if (*len > x->left)
		return error_set(
		    e, ERROR_INPUT, "block is longer than Content-Length");
	x->left -= *len;
	return 1;
}

int
warc_write(struct gzip_writer *w, const struct record *r, int stored,
    int (*each)(void *context, const uint8_t *p, size_t len, struct error *e),
    void *context, uint64_t *length, struct error *e)
{
	struct exact_stream block = { .stream.next = exact_next,
		.inner = r->block,
		.left = r->block_len };
	struct buf head = { 0 };
	struct buf tail = { 0 };
	int rc;

	record_write_head(&head, r);
	buf_add(&tail, "\r\n\r\n", 4);
	rc = gzip_member_write(w, stored ? GZIP_STORED : GZIP_DEFLATE, &head,
	    &block.stream, &tail, each, context, length, e);
	buf_clear(&tail);
	buf_clear(&head);
	return rc;
}
