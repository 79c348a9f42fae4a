#ifndef FORMATS_TAR_PACKED_H
#define FORMATS_TAR_PACKED_H

#include <stddef.h>
#include <stdint.h>

struct input;
struct stream;

/*
 * The tar in gzip members or zstd frames, one behind the other, as a stream:
 * cut ones, check sums and lengths that differ and bytes that are neither are
 * ERROR_INPUT, at the latest where they end; more than LIMIT_DECODED_RATIO times
 * IN's size, beyond LIMIT_UNPACKED_FREE, is ERROR_LIMIT. IN must outlive it. NULL: IN does
 * not begin as either (HEAD are its first bytes).
 */
struct stream *tar_unpacked(struct input *in, const uint8_t *head, size_t len);

#endif
