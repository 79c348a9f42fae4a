/* WARC records written: head, block and two line ends as one gzip member. */
#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/base/buf.h"
#include "core/base/stream.h"

int
warc_write(struct gzip_writer *w, const struct record *r, int stored,
    int (*each)(void *context, const uint8_t *p, size_t len, struct error *e),
    void *context, uint64_t *length, struct error *e)
{
	struct stream *block = stream_exact(r->block, r->block_len);
	struct buf head = { 0 };
	struct buf tail = { 0 };
	int rc;

	record_write_head(&head, r);
	buf_add(&tail, "\r\n\r\n", 4);
	rc = gzip_member_write(w, stored ? GZIP_STORED : GZIP_DEFLATE, &head,
	    block, &tail, each, context, length, e);
	buf_clear(&tail);
	buf_clear(&head);
	stream_free(block);
	return rc;
}
