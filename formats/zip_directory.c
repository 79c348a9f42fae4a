/* The directory of a zip and the headers that must agree with it. */
#include "formats/zip_directory.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/limits.h"
#include "core/base/mem.h"

enum {
	COMMENT_MAX = 65535,
	EXTRA_UNICODE_PATH = 0x7075,
	INTERNAL_MAX = 3 /* 4.4.14: text, records with lengths */
};

static uint16_t
u16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t
u32(const uint8_t *p)
{
	return u16(p) | (uint32_t)u16(p + 2) << 16;
}

static uint64_t
u64(const uint8_t *p)
{
	return u32(p) | (uint64_t)u32(p + 4) << 32;
}

static int
refuse(const struct zip *z, const char *why, struct error *e)
{
	return error_set(e, ERROR_INPUT, "%s: %s", input_name(z->in), why);
}

int
zip_refuse(const struct zip *z, const struct zip_entry *n, const char *why,
    struct error *e)
{
	return error_set(
	    e, ERROR_INPUT, "%s/%s: %s", input_name(z->in), n->name, why);
}

/* Exactly LEN bytes at OFFSET. */
static int
read_all(struct zip *z, uint64_t offset, void *p, size_t len, struct error *e)
{
	size_t n;

	if (offset > z->size || len > z->size - offset)
		return refuse(z, "the zip is cut", e);
	if (input_read(z->in, offset, p, len, &n, e) != 0)
		return -1;
	return n == len ? 0 : refuse(z, "the zip was cut while read", e);
}

/* ---- the end ---- */

/* The 64-bit end record, which the locator right before the end at END
 * points to. A locator that is there counts even if nothing needs it. 1, it
 * was there and *END moves to it; 0; -1. */
static int
read_end64(struct zip *z, uint64_t *end, struct error *e)
{
	uint8_t p[ZIP_END64_BYTES] = { 0 };
	uint64_t at;

	if (*end < ZIP_LOCATOR_BYTES + ZIP_END64_BYTES)
		return 0;
	if (read_all(z, *end - ZIP_LOCATOR_BYTES, p, ZIP_LOCATOR_BYTES, e) != 0)
		return -1;
	if (memcmp(p, "PK\6\7", 4) != 0)
		return 0;
	at = u64(p + 8);
	if (u32(p + 4) != 0 || u32(p + 16) != 1)
		return refuse(z, "a zip of several parts", e);
	/* Some readers follow the locator, others look right before it: no
	 * "extensible data" stands between. */
	if (at != *end - ZIP_LOCATOR_BYTES - ZIP_END64_BYTES)
		return refuse(z, "its 64-bit end record is elsewhere", e);
	if (read_all(z, at, p, ZIP_END64_BYTES, e) != 0)
		return -1;
	if (memcmp(p, "PK\6\6", 4) != 0 ||
	    u64(p + 4) != *end - ZIP_LOCATOR_BYTES - at - 12)
		return refuse(z, "its 64-bit end record is broken", e);
	if (u32(p + 16) != 0 || u32(p + 20) != 0 || u64(p + 24) != u64(p + 32))
		return refuse(z, "a zip of several parts", e);
	z->count = u64(p + 32);
	z->directory_len = u64(p + 40);
	z->directory = u64(p + 48);
	*end = at;
	return 1;
}

/* A field of the end record: all ones when the 64-bit one has it. */
static int
agrees(uint64_t said, uint64_t all_ones, int has_64, uint64_t *value)
{
	if (has_64)
		return said == all_ones || said == *value;
	*value = said;
	return said != all_ones;
}

static int
take_end(struct zip *z, const uint8_t *p, uint64_t at, struct error *e)
{
	uint64_t end = at;
	int has_64 = read_end64(z, &end, e);

	if (has_64 < 0)
		return -1;
	if ((u16(p + 4) != 0 && u16(p + 4) != 0xffff) ||
	    (u16(p + 6) != 0 && u16(p + 6) != 0xffff) ||
	    u16(p + 8) != u16(p + 10))
		return refuse(z, "a zip of several parts", e);
	if (!agrees(u16(p + 10), 0xffff, has_64, &z->count) ||
	    !agrees(u32(p + 12), 0xffffffff, has_64, &z->directory_len) ||
	    !agrees(u32(p + 16), 0xffffffff, has_64, &z->directory))
		return refuse(z, "its two end records do not agree", e);
	if (z->directory > end || end - z->directory != z->directory_len)
		return refuse(z,
		    "the central directory does not stand right before the end",
		    e);
	if (z->count > LIMIT_PACKAGE_FILES ||
	    z->directory_len > LIMIT_ZIP_DIRECTORY)
		return error_set(e, ERROR_LIMIT, "%s: more than %d entries",
		    input_name(z->in), LIMIT_PACKAGE_FILES);
	if (z->count > z->directory_len / ZIP_CENTRAL_BYTES)
		return refuse(z, "more entries than its directory holds", e);
	return 0;
}

/* Some readers take the last signature for the end record, whatever follows. */
static int
has_signature(const uint8_t *p, size_t len)
{
	return memmem(p, len, "PK\5\6", 4) != NULL;
}

/* The one end record whose comment ends with the file. */
static int
find_end(struct zip *z, struct error *e)
{
	size_t len = ZIP_END_BYTES + COMMENT_MAX;
	uint8_t *tail;
	size_t found = 0;
	size_t ends = 0;
	int rc;

	if (z->size < len)
		len = (size_t)z->size;
	tail = mem_alloc(len + 1);
	rc = read_all(z, z->size - len, tail, len, e);
	for (size_t i = 0;
	     rc == 0 && len >= ZIP_END_BYTES && i <= len - ZIP_END_BYTES; i++) {
		if (memcmp(tail + i, "PK\5\6", 4) != 0 ||
		    u16(tail + i + 20) != len - ZIP_END_BYTES - i)
			continue;
		found = i;
		ends++;
	}
	if (rc == 0 && ends == 0)
		rc = refuse(z,
		    "no zip, or cut: the end record does not stand at its end",
		    e);
	else if (rc == 0 &&
		 (ends > 1 || has_signature(tail + found + 4, len - found - 4)))
		rc = refuse(z, "a zip with two end records", e);
	if (rc == 0)
		rc = take_end(z, tail + found, z->size - len + found, e);
	free(tail);
	return rc;
}

/* ---- headers ---- */

struct extra {
	const uint8_t *zip64; /* NULL: none; what of it is left */
	size_t zip64_len;
	const uint8_t *zip64_whole;
	size_t zip64_whole_len;
};

/* The extra fields of a header: a second name or two 64-bit fields are two
 * readings. */
static int
read_extra(const struct zip *z, const struct zip_entry *n, const uint8_t *p,
    size_t len, struct extra *x, struct error *e)
{
	*x = (struct extra){ 0 };
	while (len >= 4) {
		unsigned id = u16(p);
		size_t field = u16(p + 2);

		p += 4;
		len -= 4;
		if (field > len)
			return zip_refuse(z, n, "broken extra field", e);
		if (id == ZIP_EXTRA_ZIP64 && x->zip64 != NULL)
			return zip_refuse(z, n, "two 64-bit sizes", e);
		if (id == ZIP_EXTRA_ZIP64) {
			x->zip64 = x->zip64_whole = p;
			x->zip64_len = x->zip64_whole_len = field;
		}
		if (id == EXTRA_UNICODE_PATH &&
		    (field != n->name_len + 5 ||
			memcmp(p + 5, n->name, n->name_len) != 0))
			return zip_refuse(z, n, "has two names", e);
		p += field;
		len -= field;
	}
	/* Less than a field's head is padding (zipalign). */
	return 0;
}

/*
 * 4.5.3: a 64-bit field holds what is all ones in the header and nothing else.
 * What some writers add must be what it would stand for, or it is a second
 * reading: size, packed size, offset, part.
 */
static int
is_all_used(const struct extra *x, uint64_t size, uint64_t packed, uint64_t at)
{
	const uint64_t values[] = { size, packed, at };
	const uint8_t *p = x->zip64_whole;
	size_t len = x->zip64_whole_len;

	if (x->zip64_len == 0)
		return 1;
	for (size_t i = 0; i < 3 && len >= 8; i++, p += 8, len -= 8)
		if (u64(p) != values[i])
			return 0;
	return len == 0 || (len == 4 && u32(p) == 0);
}

/* VALUE, or the next of the 64-bit field when it is all ones. */
static int
widen(struct extra *x, uint64_t *value)
{
	if (*value != 0xffffffff || x->zip64 == NULL)
		return 0;
	if (x->zip64_len < 8)
		return -1;
	*value = u64(x->zip64);
	x->zip64 += 8;
	x->zip64_len -= 8;
	return 0;
}

/* An entry of the central directory at P; *USED is its length. */
static int
read_central(struct zip *z, struct zip_entry *n, const uint8_t *p, size_t len,
    size_t *used, struct error *e)
{
	struct extra x;
	size_t name_len;
	size_t extra_len;

	if (len < ZIP_CENTRAL_BYTES || memcmp(p, "PK\1\2", 4) != 0)
		return refuse(z, "the central directory is broken", e);
	name_len = u16(p + 28);
	extra_len = u16(p + 30);
	*used = ZIP_CENTRAL_BYTES + name_len + extra_len + u16(p + 32);
	if (*used > len)
		return refuse(z, "the central directory is broken", e);
	if (u16(p + 34) != 0)
		return refuse(z, "a zip of several parts", e);
	/* What no writer says is no zip, or one that changed. */
	if (p[4] > ZIP_VERSION_MAX || u16(p + 6) > ZIP_VERSION_MAX ||
	    u16(p + 36) > INTERNAL_MAX)
		return refuse(
		    z, "versions or attributes that there are not", e);
	n->made_by = p[5];
	n->flags = u16(p + 8);
	n->method = u16(p + 10);
	n->time = u32(p + 12);
	n->crc = u32(p + 16);
	n->packed = u32(p + 20);
	n->size = u32(p + 24);
	n->mode = u32(p + 38) >> 16;
	n->at = u32(p + 42);
	p += ZIP_CENTRAL_BYTES;
	n->name = arena_text_n(z->arena, (const char *)p, name_len);
	n->name_len = name_len;
	if (name_len == 0 || strlen(n->name) != name_len)
		return refuse(z, "a name with a zero byte, or none", e);
	if (read_extra(z, n, p + name_len, extra_len, &x, e) != 0)
		return -1;
	if (widen(&x, &n->size) != 0 || widen(&x, &n->packed) != 0 ||
	    widen(&x, &n->at) != 0 ||
	    !is_all_used(&x, n->size, n->packed, n->at))
		return zip_refuse(z, n, "broken 64-bit sizes", e);
	return 0;
}

static int
read_central_all(struct zip *z, struct error *e)
{
	uint8_t *p = mem_alloc((size_t)z->directory_len + 1);
	size_t left = (size_t)z->directory_len;
	size_t at = 0;
	int rc = read_all(z, z->directory, p, left, e);

	z->entries = mem_zero((size_t)z->count + 1, sizeof(*z->entries));
	for (uint64_t i = 0; rc == 0 && i < z->count; i++) {
		size_t used = 0;

		rc = read_central(z, &z->entries[i], p + at, left, &used, e);
		at += used;
		left -= used;
	}
	if (rc == 0 && left > 0)
		rc = refuse(z, "bytes behind the central directory", e);
	free(p);
	return rc;
}

/* Does a local header say VALUE? With a descriptor behind the bytes it may
 * say nothing. */
static int
says(const struct zip_entry *n, uint64_t said, uint64_t value)
{
	return said == value || ((n->flags & ZIP_FLAG_DESCRIPTOR) && said == 0);
}

static int
compare_local(const struct zip *z, struct zip_entry *n, const uint8_t *p,
    const uint8_t *rest, struct error *e)
{
	uint64_t packed = u32(p + 18);
	uint64_t size = u32(p + 22);
	struct extra x;

	if (memcmp(rest, n->name, n->name_len) != 0 || u16(p + 6) != n->flags ||
	    u16(p + 8) != n->method || u32(p + 10) != n->time ||
	    u16(p + 4) > ZIP_VERSION_MAX)
		return zip_refuse(
		    z, n, "its header is not that of the directory", e);
	if (read_extra(z, n, rest + n->name_len, u16(p + 28), &x, e) != 0)
		return -1;
	if (widen(&x, &size) != 0 || widen(&x, &packed) != 0 ||
	    !is_all_used(&x, size, packed, n->at))
		return zip_refuse(z, n, "broken 64-bit sizes", e);
	if (!says(n, u32(p + 14), n->crc) || !says(n, packed, n->packed) ||
	    !says(n, size, n->size))
		return zip_refuse(
		    z, n, "its header is not that of the directory", e);
	return 0;
}

/* The header in front of an entry's bytes; sets where they begin. */
static int
read_local(struct zip *z, struct zip_entry *n, struct error *e)
{
	uint8_t p[ZIP_LOCAL_BYTES] = { 0 };
	uint8_t *rest;
	size_t len;
	int rc;

	if (read_all(z, n->at, p, sizeof(p), e) != 0)
		return -1;
	if (memcmp(p, "PK\3\4", 4) != 0 || u16(p + 26) != n->name_len)
		return zip_refuse(
		    z, n, "its header is not that of the directory", e);
	len = n->name_len + u16(p + 28);
	rest = mem_alloc(len + 1);
	rc = read_all(z, n->at + ZIP_LOCAL_BYTES, rest, len, e);
	if (rc == 0)
		rc = compare_local(z, n, p, rest, e);
	n->data = n->at + ZIP_LOCAL_BYTES + len;
	free(rest);
	return rc;
}

/* What stands between an entry's bytes and the next header, LEN bytes: a
 * descriptor (4.3.9), with or without signature, 32 or 64 bits. */
static int
check_descriptor(
    struct zip *z, const struct zip_entry *n, uint64_t len, struct error *e)
{
	uint8_t p[24] = { 0 };
	size_t at = len == 16 || len == 24 ? 4 : 0;
	int wide = len >= 20;
	uint64_t packed;
	uint64_t size;

	if (!(n->flags & ZIP_FLAG_DESCRIPTOR) && len == 0)
		return 0;
	if (!(n->flags & ZIP_FLAG_DESCRIPTOR) ||
	    (len != 12 && len != 16 && len != 20 && len != 24))
		return zip_refuse(
		    z, n, "bytes behind it that belong to nothing", e);
	if (read_all(z, n->data + n->packed, p, (size_t)len, e) != 0)
		return -1;
	packed = wide ? u64(p + at + 4) : u32(p + at + 4);
	size = wide ? u64(p + at + 12) : u32(p + at + 8);
	if ((at == 4 && memcmp(p, "PK\7\10", 4) != 0) ||
	    u32(p + at) != n->crc || packed != n->packed || size != n->size)
		return zip_refuse(
		    z, n, "its descriptor is not what the directory says", e);
	return 0;
}

/* ---- the whole ---- */

static int
by_place(const void *a, const void *b)
{
	const struct zip_entry *x = a;
	const struct zip_entry *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

static int
by_name(const void *a, const void *b)
{
	const struct zip_entry *x = a;
	const struct zip_entry *y = b;

	return strcmp(x->name, y->name);
}

/* Headers and bytes cover the zip up to the directory exactly once. */
static int
check_places(struct zip *z, struct error *e)
{
	uint64_t at = 0;

	if (z->count > 0)
		qsort(z->entries, (size_t)z->count, sizeof(*z->entries),
		    by_place);
	for (uint64_t i = 0; i < z->count; i++) {
		struct zip_entry *n = &z->entries[i];
		uint64_t next = i + 1 < z->count ? z->entries[i + 1].at
						 : z->directory;

		if (n->at != at)
			return refuse(z, "bytes in front of the zip", e);
		if (read_local(z, n, e) != 0)
			return -1;
		if (next > z->directory || n->data > next ||
		    n->packed > next - n->data)
			return zip_refuse(z, n, "overlaps the next", e);
		if (check_descriptor(z, n, next - n->data - n->packed, e) != 0)
			return -1;
		at = next;
	}
	if (at != z->directory)
		return refuse(z, "bytes in front of the zip", e);
	return 0;
}

static int
check_names(struct zip *z, struct error *e)
{
	if (z->count > 0)
		qsort(
		    z->entries, (size_t)z->count, sizeof(*z->entries), by_name);
	for (uint64_t i = 1; i < z->count; i++)
		if (strcmp(z->entries[i - 1].name, z->entries[i].name) == 0)
			return zip_refuse(
			    z, &z->entries[i], "stands twice in the zip", e);
	return 0;
}

int
zip_read_directory(struct zip *z, struct error *e)
{
	z->size = input_size(z->in);
	if (find_end(z, e) != 0 || read_central_all(z, e) != 0 ||
	    check_places(z, e) != 0)
		return -1;
	return check_names(z, e);
}
