/* Deflate of whole buffers by libdeflate. */
#include <libdeflate.h>
#include <stdlib.h>
#include <zlib.h>

#include "core/base/deflate.h"

/* Both are libdeflate's own objects under our name. */

struct inflater *
inflater_new(void)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();

	if (d == NULL)
		abort(); /* as mem_*: no memory, no program */
	return (struct inflater *)d;
}

void
inflater_free(struct inflater *i)
{
	libdeflate_free_decompressor((struct libdeflate_decompressor *)i);
}

enum deflate_result
inflater_run(struct inflater *i, const uint8_t *p, size_t len, uint8_t *out,
    size_t cap, size_t *used, size_t *got)
{
	switch (libdeflate_deflate_decompress_ex(
	    (struct libdeflate_decompressor *)i, p, len, out, cap, used, got)) {
	case LIBDEFLATE_SUCCESS:
		return DEFLATE_DONE;
	case LIBDEFLATE_INSUFFICIENT_SPACE:
		return DEFLATE_LARGE;
	/* Input that ends too early is bad data, too. */
	case LIBDEFLATE_BAD_DATA:
	case LIBDEFLATE_SHORT_OUTPUT:
		return DEFLATE_BROKEN;
	}
	return DEFLATE_BROKEN;
}

struct deflater *
deflater_new(int level)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(level);

	if (c == NULL)
		abort(); /* as mem_* */
	return (struct deflater *)c;
}

void
deflater_free(struct deflater *d)
{
	libdeflate_free_compressor((struct libdeflate_compressor *)d);
}

size_t
deflater_bound(struct deflater *d, size_t len)
{
	return libdeflate_deflate_compress_bound(
	    (struct libdeflate_compressor *)d, len);
}

size_t
deflater_run(
    struct deflater *d, const uint8_t *p, size_t len, uint8_t *out, size_t cap)
{
	return libdeflate_deflate_compress(
	    (struct libdeflate_compressor *)d, p, len, out, cap);
}

uint32_t
deflate_crc32(uint32_t crc, const void *p, size_t len)
{
	return libdeflate_crc32(crc, p, len);
}

const char *
deflate_libraries(void)
{
	return "libdeflate " LIBDEFLATE_VERSION_STRING ", zlib " ZLIB_VERSION;
}
