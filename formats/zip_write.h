#ifndef FORMATS_ZIP_WRITE_H
#define FORMATS_ZIP_WRITE_H

#include <stdint.h>

struct error;
struct package_bytes;
struct package_options;
struct stream;

/*
 * The writing side of zips (APPNOTE 6.3): struct package. Files are stored;
 * CRC and sizes stand in the local headers, nothing behind the bytes; 64-bit
 * fields only where a number needs them; no folders, no comments; one time
 * for all (UTC, even seconds, 1980 to 2107), mode 0644; the UTF-8 flag only on
 * names that need it.
 */

int zip_begin(void **state, const struct package_options *o,
    const struct package_bytes *to, struct error *e);
int zip_write_entry(void *state, const char *name, uint64_t size,
    struct stream *bytes, struct error *e);
int zip_write_end(void *state, struct error *e);
void zip_write_free(void *state);

#endif
