#ifndef TESTS_UNIT_ZIP_FIXTURE_H
#define TESTS_UNIT_ZIP_FIXTURE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

/* Zips for tests, with whatever may be wrong with them. */

struct zip_file {
	const char *name;
	const char *bytes;
	size_t len; /* 0: strlen */
	int deflate;
	int descriptor;                   /* 0 none, 12, 16, 20 or 24 bytes */
	int wide;                         /* 64-bit sizes in both headers */
	unsigned mode;                    /* of unix */
	unsigned flags;                   /* more of them, in both headers */
	const char *central_name;         /* another name there; NULL */
	uint32_t crc_change, size_change; /* in the directory only */
	uint32_t local_size_change;
	size_t gap;  /* bytes behind it */
	size_t tail; /* more packed bytes, counted as such */
};

struct zip_made {
	struct buf out;
	struct buf directory;
	size_t count;
};

static void
zip_number(struct buf *b, uint64_t value, int bytes)
{
	for (; bytes > 0; bytes--, value >>= 8)
		buf_add_byte(b, (uint8_t)value);
}

static void
zip_deflate(struct buf *out, const void *p, size_t len)
{
	z_stream z = { 0 };
	uLong bound;

	if (deflateInit2(
		&z, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	bound = deflateBound(&z, len);
	z.next_in = (Bytef *)(uintptr_t)p;
	z.avail_in = (uInt)len;
	z.next_out = buf_room(out, bound);
	z.avail_out = (uInt)bound;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	out->len += bound - z.avail_out;
	(void)deflateEnd(&z);
}

static void
zip_head(struct buf *b, const struct zip_file *f, uint32_t crc, uint64_t packed,
    uint64_t size)
{
	unsigned flags = f->flags | (f->descriptor ? 8u : 0);

	zip_number(b, f->wide ? 45 : 20, 2);
	zip_number(b, flags, 2);
	zip_number(b, f->deflate ? 8 : 0, 2);
	zip_number(b, 0x5ab66ca3, 4); /* a time */
	zip_number(b, crc, 4);
	zip_number(b, f->wide ? 0xffffffff : packed, 4);
	zip_number(b, f->wide ? 0xffffffff : size, 4);
}

static void
zip_wide(
    struct buf *b, const struct zip_file *f, uint64_t packed, uint64_t size)
{
	if (!f->wide)
		return;
	zip_number(b, 1, 2);
	zip_number(b, 16, 2);
	zip_number(b, size, 8);
	zip_number(b, packed, 8);
}

static void
zip_put(struct zip_made *z, const struct zip_file *f)
{
	size_t len = f->len == 0 ? strlen(f->bytes) : f->len;
	uint32_t crc = (uint32_t)crc32(0, (const Bytef *)f->bytes, (uInt)len);
	const char *central = f->central_name == NULL ? f->name
						      : f->central_name;
	uint64_t at = z->out.len;
	struct buf packed = { 0 };
	int late = f->descriptor != 0;

	if (f->deflate)
		zip_deflate(&packed, f->bytes, len);
	else
		buf_add(&packed, f->bytes, len);
	for (size_t i = 0; i < f->tail; i++)
		buf_add_byte(&packed, 0);
	buf_add(&z->out, "PK\3\4", 4);
	zip_head(&z->out, f, late ? 0 : crc, late ? 0 : packed.len,
	    late ? 0 : len + f->local_size_change);
	zip_number(&z->out, strlen(f->name), 2);
	zip_number(&z->out, f->wide ? 20 : 0, 2);
	buf_add_text(&z->out, f->name);
	zip_wide(&z->out, f, late ? 0 : packed.len, late ? 0 : len);
	buf_add(&z->out, packed.data, packed.len);
	if (f->descriptor == 16 || f->descriptor == 24)
		buf_add(&z->out, "PK\7\10", 4);
	if (late) {
		zip_number(&z->out, crc, 4);
		zip_number(&z->out, packed.len, f->descriptor >= 20 ? 8 : 4);
		zip_number(&z->out, len, f->descriptor >= 20 ? 8 : 4);
	}
	for (size_t i = 0; i < f->gap; i++)
		buf_add_byte(&z->out, 0);

	buf_add(&z->directory, "PK\1\2", 4);
	zip_number(&z->directory, 3 << 8 | 45, 2);
	zip_head(&z->directory, f, crc + f->crc_change, packed.len,
	    len + f->size_change);
	zip_number(&z->directory, strlen(central), 2);
	zip_number(&z->directory, f->wide ? 20 : 0, 2);
	zip_number(&z->directory, 0, 2);
	zip_number(&z->directory, 0, 4);
	zip_number(&z->directory, (f->mode != 0 ? f->mode : 0100644u) << 16, 4);
	zip_number(&z->directory, at, 4);
	buf_add_text(&z->directory, central);
	zip_wide(&z->directory, f, packed.len, len);
	z->count++;
	buf_clear(&packed);
}

/* The directory and the end record; with END64 a 64-bit one too. */
static void
zip_end(struct zip_made *z, int end64, const char *comment)
{
	uint64_t at = z->out.len;

	buf_add(&z->out, z->directory.data, z->directory.len);
	if (end64) {
		uint64_t record = z->out.len;

		buf_add(&z->out, "PK\6\6", 4);
		zip_number(&z->out, 44, 8);
		zip_number(&z->out, 45, 2);
		zip_number(&z->out, 45, 2);
		zip_number(&z->out, 0, 8);
		zip_number(&z->out, z->count, 8);
		zip_number(&z->out, z->count, 8);
		zip_number(&z->out, z->directory.len, 8);
		zip_number(&z->out, at, 8);
		buf_add(&z->out, "PK\6\7", 4);
		zip_number(&z->out, 0, 4);
		zip_number(&z->out, record, 8);
		zip_number(&z->out, 1, 4);
	}
	buf_add(&z->out, "PK\5\6", 4);
	zip_number(&z->out, 0, 4);
	zip_number(&z->out, end64 ? 0xffff : z->count, 2);
	zip_number(&z->out, end64 ? 0xffff : z->count, 2);
	zip_number(&z->out, end64 ? 0xffffffff : z->directory.len, 4);
	zip_number(&z->out, end64 ? 0xffffffff : at, 4);
	zip_number(&z->out, strlen(comment), 2);
	buf_add_text(&z->out, comment);
}

static void
zip_clear(struct zip_made *z)
{
	buf_clear(&z->out);
	buf_clear(&z->directory);
	*z = (struct zip_made){ 0 };
}

#endif
