/* Deflate of whole buffers by zlib, where there is no libdeflate. */
#define ZLIB_CONST
#include <stdlib.h>
#include <zlib.h>

#include "core/base/deflate.h"
#include "core/base/mem.h"

struct inflater {
	z_stream z;
};

struct deflater {
	z_stream z;
};

struct inflater *
inflater_new(void)
{
	struct inflater *i = mem_zero(1, sizeof(*i));

	if (inflateInit2(&i->z, -MAX_WBITS) != Z_OK)
		abort(); /* as mem_*: no memory, no program */
	return i;
}

void
inflater_free(struct inflater *i)
{
	if (i == NULL)
		return;
	(void)inflateEnd(&i->z); /* the state goes away */
	free(i);
}

enum deflate_result
inflater_run(struct inflater *i, const uint8_t *p, size_t len, uint8_t *out,
    size_t cap, size_t *used, size_t *got)
{
	z_stream *z = &i->z;
	int code;

	(void)inflateReset(z); /* cannot fail: was made */
	z->next_in = p;
	z->avail_in = len > UINT32_MAX ? UINT32_MAX : (uInt)len;
	z->next_out = out;
	z->avail_out = cap > UINT32_MAX ? UINT32_MAX : (uInt)cap;
	code = inflate(z, Z_FINISH);
	*used = z->total_in;
	*got = z->total_out;
	if (code == Z_STREAM_END)
		return DEFLATE_DONE;
	if (code == Z_MEM_ERROR)
		abort();
	return z->avail_out == 0 && code != Z_DATA_ERROR ? DEFLATE_LARGE
							 : DEFLATE_BROKEN;
}

struct deflater *
deflater_new(int level)
{
	struct deflater *d = mem_zero(1, sizeof(*d));

	if (deflateInit2(&d->z, level, Z_DEFLATED, -MAX_WBITS, 8,
		Z_DEFAULT_STRATEGY) != Z_OK)
		abort(); /* as mem_* */
	return d;
}

void
deflater_free(struct deflater *d)
{
	if (d == NULL)
		return;
	(void)deflateEnd(&d->z); /* the state goes away */
	free(d);
}

size_t
deflater_bound(struct deflater *d, size_t len)
{
	return deflateBound(&d->z, len);
}

size_t
deflater_run(
    struct deflater *d, const uint8_t *p, size_t len, uint8_t *out, size_t cap)
{
	z_stream *z = &d->z;

	(void)deflateReset(z); /* cannot fail: was made */
	z->next_in = p;
	z->avail_in = (uInt)len;
	z->next_out = out;
	z->avail_out = (uInt)cap;
	return deflate(z, Z_FINISH) == Z_STREAM_END ? cap - z->avail_out : 0;
}

uint32_t
deflate_crc32(uint32_t crc, const void *p, size_t len)
{
	return (uint32_t)crc32_z(crc, p, len);
}

const char *
deflate_libraries(void)
{
	return "zlib " ZLIB_VERSION;
}
