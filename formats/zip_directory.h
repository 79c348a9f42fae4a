#ifndef FORMATS_ZIP_DIRECTORY_H
#define FORMATS_ZIP_DIRECTORY_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;
struct input;

/*
 * What is in a zip (APPNOTE 6.3), strictly: what two readers could read as
 * two different archives is refused. One end record at the very end; the
 * central directory right before it; the files' local headers equal to it, one
 * behind the other from the first byte on, without gap or overlap; no name
 * twice; versions and attributes as there are any.
 */

enum {
	ZIP_LOCAL_BYTES = 30,   /* 4.3.7 */
	ZIP_CENTRAL_BYTES = 46, /* 4.3.12 */
	ZIP_END64_BYTES = 56,   /* 4.3.14 */
	ZIP_LOCATOR_BYTES = 20, /* 4.3.15 */
	ZIP_END_BYTES = 22,     /* end of central directory, 4.3.16 */
	ZIP_VERSION_MAX = 63,   /* of the format, 4.4.3 */
	ZIP_EXTRA_ZIP64 = 0x0001,
	ZIP_STORED = 0,
	ZIP_DEFLATED = 8,
	ZIP_FLAG_ENCRYPTED = 1 << 0,
	ZIP_FLAG_DESCRIPTOR = 1 << 3,
	ZIP_FLAG_PATCH = 1 << 5,
	ZIP_FLAG_STRONG = 1 << 6,
	ZIP_FLAG_UTF8 = 1 << 11,
	ZIP_FLAG_MASKED = 1 << 13,
	ZIP_BY_UNIX = 3 /* MADE_BY: MODE is that of a file there */
};

struct zip_entry {
	const char *name; /* in the arena */
	size_t name_len;
	uint64_t at; /* of the local header */
	uint64_t data, packed, size;
	uint32_t crc, time;
	unsigned flags, method, made_by, mode;
};

struct zip {
	struct input *in; /* random */
	struct arena *arena;
	uint64_t size;                     /* of the whole */
	uint64_t count;                    /* of entries */
	uint64_t directory, directory_len; /* where, and how long */
	struct zip_entry *entries;         /* by name; to be freed */
};

/* All of Z but IN and ARENA, which are given. ERROR_INPUT, ERROR_LIMIT,
 * ERROR_SYSTEM. */
int zip_read_directory(struct zip *z, struct error *e);

/* ERROR_INPUT about an entry. */
int zip_refuse(const struct zip *z, const struct zip_entry *n, const char *why,
    struct error *e);

#endif
