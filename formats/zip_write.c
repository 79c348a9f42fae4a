/* Zips written: stored, 64-bit where needed, the same bytes each time. */
#include "formats/zip_write.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/package.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/deflate.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "formats/zip_directory.h"

enum {
	VERSION_STORED = 20, /* that a reader must have */
	VERSION_64 = 45,
	MADE_BY = ZIP_BY_UNIX << 8 | VERSION_64,
	MODE_FILE = 0100644,
	CRC_AT = 14, /* in a local header */
	DIRECTORY_MEMORY = 1024 * 1024,
	LARGE_16 = 0xffff
};
#define LARGE_32 0xffffffffu

struct zip_writer {
	struct package_bytes to;
	uint64_t at; /* of the next byte */
	uint64_t count;
	uint32_t time; /* MS-DOS date and time */
	struct spool *directory;
	struct buf head; /* of an entry, being made */
};

static void
add_number(struct buf *b, uint64_t value, int bytes)
{
	for (; bytes > 0; bytes--, value >>= 8)
		buf_add_byte(b, (uint8_t)value);
}

/* VALUE, or all ones when a 64-bit field has it. */
static void
add_narrow(struct buf *b, uint64_t value)
{
	add_number(b, value >= LARGE_32 ? LARGE_32 : value, 4);
}

/* 4.4.6: the date above the time; seconds halved. */
static uint32_t
dos_time(int64_t time_us)
{
	struct date_fields f;

	date_split(time_us, &f);
	if (f.year < 1980)
		f = (struct date_fields){ .year = 1980, .month = 1, .day = 1 };
	if (f.year > 2107)
		f = (struct date_fields){ 2107, 12, 31, 23, 59, 58, 0 };
	return (uint32_t)(f.year - 1980) << 25 |
	       (uint32_t)(f.month << 21 | f.day << 16 | f.hour << 11 |
			  f.minute << 5 | f.second / 2);
}

int
zip_begin(void **state, const struct package_options *o,
    const struct package_bytes *to, struct error *e)
{
	struct zip_writer *z = mem_zero(1, sizeof(*z));

	(void)e;
	z->to = *to;
	z->time = dos_time(o->time_us);
	z->directory = spool_new(NULL, DIRECTORY_MEMORY);
	*state = z;
	return 0;
}

static int
put(struct zip_writer *z, const void *p, size_t len, struct error *e)
{
	if (z->to.each(z->to.context, p, len, e) != 0)
		return -1;
	z->at += len;
	return 0;
}

struct entry {
	const char *name;
	size_t name_len;
	uint64_t at, size;
	uint32_t crc;
};

/* What local header and directory have in common: 4.3.7 from "version needed"
 * to "extra field length". */
static void
add_common(const struct zip_writer *z, struct buf *b, const struct entry *n,
    int is_wide, size_t extra)
{
	int ascii = 1;

	for (size_t i = 0; i < n->name_len; i++)
		ascii &= (unsigned char)n->name[i] < 0x80;
	add_number(b, is_wide ? VERSION_64 : VERSION_STORED, 2);
	add_number(b, ascii ? 0 : ZIP_FLAG_UTF8, 2);
	add_number(b, ZIP_STORED, 2);
	add_number(b, z->time, 4);
	add_number(b, n->crc, 4);
	add_narrow(b, n->size);
	add_narrow(b, n->size);
	add_number(b, n->name_len, 2);
	add_number(b, extra, 2);
}

/* Whether 64 bits are needed shows before the first byte: SIZE is announced. */
static int
put_local(struct zip_writer *z, const struct entry *n, struct error *e)
{
	int is_wide = n->size >= LARGE_32;

	buf_reset(&z->head);
	buf_add(&z->head, "PK\3\4", 4);
	add_common(z, &z->head, n, is_wide, is_wide ? 20 : 0);
	buf_add(&z->head, n->name, n->name_len);
	if (is_wide) {
		add_number(&z->head, ZIP_EXTRA_ZIP64, 2);
		add_number(&z->head, 16, 2);
		add_number(&z->head, n->size, 8);
		add_number(&z->head, n->size, 8);
	}
	return put(z, z->head.data, z->head.len, e);
}

/* The entry of the central directory, 4.3.12. */
static int
add_central(struct zip_writer *z, const struct entry *n, struct error *e)
{
	int wide_size = n->size >= LARGE_32;
	int wide_at = n->at >= LARGE_32;
	size_t extra = (wide_size ? 16 : 0) + (wide_at ? 8 : 0);

	buf_reset(&z->head);
	buf_add(&z->head, "PK\1\2", 4);
	add_number(&z->head, MADE_BY, 2);
	add_common(z, &z->head, n, extra > 0, extra > 0 ? extra + 4 : 0);
	add_number(&z->head, 0, 2); /* no comment */
	add_number(&z->head, 0, 4); /* first part; no text flag */
	add_number(&z->head, (uint64_t)MODE_FILE << 16, 4);
	add_narrow(&z->head, n->at);
	buf_add(&z->head, n->name, n->name_len);
	if (extra > 0) {
		add_number(&z->head, ZIP_EXTRA_ZIP64, 2);
		add_number(&z->head, extra, 2);
	}
	if (wide_size) {
		add_number(&z->head, n->size, 8);
		add_number(&z->head, n->size, 8);
	}
	if (wide_at)
		add_number(&z->head, n->at, 8);
	return spool_add(z->directory, z->head.data, z->head.len, e);
}

static int
put_bytes(struct zip_writer *z, struct entry *n, struct stream *bytes,
    struct error *e)
{
	uint64_t left = n->size;
	const uint8_t *p;
	size_t len;
	int more;

	while ((more = stream_next(bytes, &p, &len, e)) == 1) {
		if (len > left)
			break;
		left -= len;
		n->crc = deflate_crc32(n->crc, p, len);
		if (put(z, p, len, e) != 0)
			return -1;
	}
	if (more < 0)
		return -1;
	if (more == 1 || left > 0)
		return error_set(
		    e, ERROR_INPUT, "%s: not as long as announced", n->name);
	return 0;
}

static int
patch_crc(struct zip_writer *z, const struct entry *n, struct error *e)
{
	buf_reset(&z->head);
	add_number(&z->head, n->crc, 4);
	return z->to.patch(
	    z->to.context, n->at + CRC_AT, z->head.data, z->head.len, e);
}

int
zip_write_entry(void *state, const char *name, uint64_t size,
    struct stream *bytes, struct error *e)
{
	struct zip_writer *z = state;
	struct entry n = {
		.name = name,
		.name_len = strlen(name),
		.at = z->at,
		.size = size,
	};

	if (bytes == NULL)
		return 0; /* a folder shows in its files' names */
	if (!text_is_utf8(name, n.name_len))
		return error_set(
		    e, ERROR_USAGE, "%s: a name not in UTF-8", name);
	/* What nobody could read is not written. */
	if (z->count == LIMIT_PACKAGE_FILES ||
	    spool_len(z->directory) + ZIP_CENTRAL_BYTES + n.name_len + 28 >
		LIMIT_ZIP_DIRECTORY)
		return error_set(e, ERROR_LIMIT,
		    "more than %d files in a zip, or too long names",
		    LIMIT_PACKAGE_FILES);
	if (put_local(z, &n, e) != 0 || put_bytes(z, &n, bytes, e) != 0)
		return -1;
	if (n.crc != 0 && patch_crc(z, &n, e) != 0)
		return -1;
	z->count++;
	return add_central(z, &n, e);
}

/* 4.3.14 and 4.3.15 */
static void
add_end64(struct zip_writer *z, uint64_t directory, uint64_t len)
{
	buf_add(&z->head, "PK\6\6", 4);
	add_number(&z->head, ZIP_END64_BYTES - 12, 8);
	add_number(&z->head, MADE_BY, 2);
	add_number(&z->head, VERSION_64, 2);
	add_number(&z->head, 0, 8);
	add_number(&z->head, z->count, 8);
	add_number(&z->head, z->count, 8);
	add_number(&z->head, len, 8);
	add_number(&z->head, directory, 8);
	buf_add(&z->head, "PK\6\7", 4);
	add_number(&z->head, 0, 4);
	add_number(&z->head, directory + len, 8);
	add_number(&z->head, 1, 4);
}

static int
put_end(struct zip_writer *z, uint64_t directory, struct error *e)
{
	uint64_t len = z->at - directory;
	uint64_t count = z->count < LARGE_16 ? z->count : LARGE_16;

	buf_reset(&z->head);
	if (count == LARGE_16 || len >= LARGE_32 || directory >= LARGE_32)
		add_end64(z, directory, len);
	buf_add(&z->head, "PK\5\6", 4);
	add_number(&z->head, 0, 4);
	add_number(&z->head, count, 2);
	add_number(&z->head, count, 2);
	add_narrow(&z->head, len);
	add_narrow(&z->head, directory);
	add_number(&z->head, 0, 2); /* no comment */
	return put(z, z->head.data, z->head.len, e);
}

int
zip_write_end(void *state, struct error *e)
{
	struct zip_writer *z = state;
	uint64_t directory = z->at;
	struct stream *s = spool_stream(
	    z->directory, 0, spool_len(z->directory));
	const uint8_t *p;
	size_t len;
	int more;

	while ((more = stream_next(s, &p, &len, e)) == 1)
		if (put(z, p, len, e) != 0) {
			more = -1;
			break;
		}
	stream_free(s);
	return more == 0 ? put_end(z, directory, e) : -1;
}

void
zip_write_free(void *state)
{
	struct zip_writer *z = state;

	spool_free(z->directory);
	buf_clear(&z->head);
	free(z);
}
