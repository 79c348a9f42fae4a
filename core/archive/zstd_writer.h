#ifndef ARCHIVE_ZSTD_WRITER_H
#define ARCHIVE_ZSTD_WRITER_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;
struct stream;

/*
 * Zstandard frames (RFC 8878), one per record, with the content's size and
 * checksum. The same content gives the same bytes with the same library. A
 * writer makes its context once and is used by one thread.
 */
struct zstd_writer;

struct zstd_writer *zstd_writer_new(void);
void zstd_writer_free(struct zstd_writer *w);

/* What a frame holds, in this order. */
struct zstd_parts {
	const struct buf *head;
	struct stream *body;
	const struct buf *tail;
};

/* One frame of SIZE bytes of content handed to EACH in pieces. ERROR_INPUT
 * when the parts are not that long. */
int zstd_frame_write(struct zstd_writer *w, uint64_t size,
    const struct zstd_parts *parts,
    int (*each)(void *context, const uint8_t *p, size_t len, struct error *e),
    void *context, struct error *e);

/* One frame of as many bytes as come: begin, add them, end. EACH hears of the
 * compressed ones meanwhile. The bytes do not depend on how they are cut. */
int zstd_frame_begin(struct zstd_writer *w,
    int (*each)(void *context, const uint8_t *p, size_t len, struct error *e),
    void *context, struct error *e);
int zstd_frame_add(
    struct zstd_writer *w, const void *p, size_t len, struct error *e);
int zstd_frame_end(struct zstd_writer *w, struct error *e);

#endif
