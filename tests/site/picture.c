/* Pictures made by arithmetic, as PNG. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "tests/site/content.h"

static void
add_be32(struct buf *out, uint32_t n)
{
	uint8_t b[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16),
		(uint8_t)(n >> 8), (uint8_t)n };

	buf_add(out, b, sizeof(b));
}

static void
add_chunk(struct buf *out, const char *type, const void *p, size_t len)
{
	uLong crc = crc32(0, (const Bytef *)type, 4);

	if (len > 0)
		crc = crc32(crc, p, (uInt)len);
	add_be32(out, (uint32_t)len);
	buf_add(out, type, 4);
	buf_add(out, p, len);
	add_be32(out, (uint32_t)crc);
}

void
picture_png(struct buf *out, unsigned width, unsigned height, unsigned seed)
{
	static const uint8_t signature[] = { 0x89, 'P', 'N', 'G', 13, 10, 26,
		10 };
	struct buf head = { 0 };
	size_t row = 1 + (size_t)width * 3;
	uint8_t *pixels = mem_zero(height, row);
	uLongf len = compressBound((uLong)(height * row));
	uint8_t *packed = mem_alloc(len);

	for (unsigned y = 0; y < height; y++)
		for (unsigned x = 0; x < width; x++) {
			uint8_t *p = pixels + y * row + 1 + 3 * (size_t)x;

			p[0] = (uint8_t)(x * 255 / width + seed);
			p[1] = (uint8_t)(y * 255 / height + seed * 7);
			p[2] = (uint8_t)((x ^ y) + seed * 13);
		}
	(void)compress2(packed, &len, pixels, (uLong)(height * row), 6);
	buf_add(out, signature, sizeof(signature));
	add_be32(&head, width);
	add_be32(&head, height);
	buf_add(&head, "\x08\x02\x00\x00\x00", 5);
	add_chunk(out, "IHDR", head.data, head.len);
	add_chunk(out, "IDAT", packed, len);
	add_chunk(out, "IEND", NULL, 0);
	buf_clear(&head);
	free(pixels);
	free(packed);
}
