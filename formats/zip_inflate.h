#ifndef FORMATS_ZIP_INFLATE_H
#define FORMATS_ZIP_INFLATE_H

#include <stdint.h>

struct input;
struct stream;

/*
 * A deflated file of a zip (APPNOTE 6.3, method 8) as a stream: PACKED bytes
 * of WHOLE (kept) from OFFSET on give exactly SIZE bytes of that CRC-32, or
 * its end is ERROR_INPUT. NAME is copied.
 */
struct zip_deflated {
	const char *name;
	uint64_t offset, packed, size;
	uint32_t crc;
};
struct stream *zip_inflate(struct input *whole, const struct zip_deflated *d);

#endif
