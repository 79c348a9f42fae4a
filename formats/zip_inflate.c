/* A deflated file of a zip, checked on the way. */
#include <stdlib.h>
#include <zlib.h>

#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "formats/zip_inflate.h"

enum { ZIP_SPAN = 64 * 1024 };

struct inflating {
	struct stream stream;
	struct input *whole;
	struct stream *packed;
	char *name;
	z_stream z;
	uint64_t in_left; /* packed bytes that zlib has not taken */
	uint64_t left;    /* bytes still to come out */
	uLong crc;
	uint32_t crc_said;
	int ready, ended;
	uint8_t span[ZIP_SPAN];
};

static int
broken(const struct inflating *i, const char *why, struct error *e)
{
	return error_set(e, ERROR_INPUT, "%s: %s", i->name, why);
}

static int
begin(struct inflating *i, struct error *e)
{
	if (inflateInit2(&i->z, -MAX_WBITS) != Z_OK)
		return error_set(e, ERROR_SYSTEM, "%s: zlib", i->name);
	i->ready = 1;
	return 0;
}

/* Bytes for zlib: 0, there are some; -1. */
static int
feed(struct inflating *i, struct error *e)
{
	const uint8_t *p;
	size_t len;
	int more = stream_next(i->packed, &p, &len, e);

	if (more < 0)
		return -1;
	if (more == 0)
		return broken(i, "the deflated bytes end too early", e);
	i->z.next_in = (Bytef *)(uintptr_t)p;
	i->z.avail_in = (uInt)len;
	return 0;
}

static int
check_end(struct inflating *i, struct error *e)
{
	i->ended = 1;
	if (i->in_left != 0)
		return broken(i, "bytes behind the deflated ones", e);
	if (i->left != 0)
		return broken(i, "shorter than the zip says", e);
	if (i->crc != i->crc_said)
		return broken(i, "its CRC-32 is not the one the zip says", e);
	return 0;
}

/* Some bytes in SPAN: 1, 0 at the end of the deflated bytes, -1. */
static int
inflate_some(struct inflating *i, size_t *len, struct error *e)
{
	i->z.next_out = i->span;
	i->z.avail_out = sizeof(i->span);
	while (i->z.avail_out == sizeof(i->span)) {
		uInt before;
		int rc;

		if (i->z.avail_in == 0 && feed(i, e) != 0)
			return -1;
		before = i->z.avail_in;
		rc = inflate(&i->z, Z_NO_FLUSH);
		i->in_left -= before - i->z.avail_in;
		if (rc == Z_STREAM_END) {
			i->ended = 1;
			break;
		}
		if (rc != Z_OK && rc != Z_BUF_ERROR)
			return broken(i, "the deflated bytes are broken", e);
	}
	*len = sizeof(i->span) - i->z.avail_out;
	return *len > 0;
}

static int
inflating_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct inflating *i = (struct inflating *)s;
	int more = 0;

	if (!i->ready && begin(i, e) != 0)
		return -1;
	if (!i->ended && (more = inflate_some(i, len, e)) < 0)
		return -1;
	if (more == 0)
		return check_end(i, e);
	if (*len > i->left)
		return broken(i, "longer than the zip says", e);
	i->left -= *len;
	i->crc = crc32(i->crc, i->span, (uInt)*len);
	/* The last bytes are only good when all of them were. */
	if (i->ended && check_end(i, e) != 0)
		return -1;
	*data = i->span;
	return 1;
}

static void
inflating_free(struct stream *s)
{
	struct inflating *i = (struct inflating *)s;

	if (i->ready)
		(void)inflateEnd(&i->z);
	stream_free(i->packed);
	input_free(i->whole);
	free(i->name);
	free(i);
}

struct stream *
zip_inflate(struct input *whole, const struct zip_deflated *d)
{
	struct inflating *i = mem_zero(1, sizeof(*i));

	i->stream.next = inflating_next;
	i->stream.free = inflating_free;
	i->whole = input_keep(whole);
	i->packed = input_stream(whole, d->offset, d->packed);
	i->name = mem_text(d->name);
	i->in_left = d->packed;
	i->left = d->size;
	i->crc = crc32(0, NULL, 0);
	i->crc_said = d->crc;
	return &i->stream;
}
