#ifndef ARCHIVE_GZIP_HEADER_H
#define ARCHIVE_GZIP_HEADER_H

#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

struct input;

/* What can be known of a gzip member without reading all of it. */

#define GZIP_TRAILER    8
#define GZIP_HEADER_MAX ((size_t)64 * 1024) /* with name, comment, extra */
#define GZIP_PEEK       4096

/* The extra field "sl" of some writers: how long the member and its content
 * are. Nothing rests on it; it is compared with what is there. */
struct gzip_said {
	int is_there;
	uint32_t packed, size;
};

/* Length of the header at P (RFC 1952, 2.3); 0, it goes on behind LEN; -1, it
 * is none. */
int gzip_header_len(const uint8_t *p, size_t len);

/* Of a header that gzip_header_len has measured. */
struct gzip_said gzip_header_said(const uint8_t *p);

static inline uint32_t
gzip_le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

/* Inflate at Z from the member at P..LEN until a block ends or CAP bytes are
 * there: how many; 0, it is none. */
size_t gzip_peek_with(
    z_stream *z, const uint8_t *p, size_t len, uint8_t *out, size_t cap);

/*
 * Where must the broken member at START end? Members that only store can be
 * followed from block to block: a bit that broke one block's head hides
 * neither where the next one stands nor the member's end. So an archive stored
 * in the member is not taken for records that follow it. 1, *END; 0.
 */
int gzip_stored_end(struct input *in, uint64_t start, uint64_t *end);

#endif
