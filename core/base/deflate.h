#ifndef BASE_DEFLATE_H
#define BASE_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Deflate (RFC 1951) of bytes that are all in memory, and CRC-32. By
 * libdeflate (deflate_libdeflate.c), or in a program made with DEFLATE=zlib by
 * zlib alone (deflate_zlib.c): the same members are read with the same
 * verdicts, but slower; what is written deflates to other bytes (stored
 * members are the same).
 */

enum deflate_result {
	DEFLATE_DONE,
	DEFLATE_BROKEN, /* or its end is not among these bytes */
	DEFLATE_LARGE   /* does not fit into OUT */
};

struct inflater;
struct deflater;

struct inflater *inflater_new(void);
void inflater_free(struct inflater *i);

/* Inflate what starts at P: *USED bytes of P..LEN gave *GOT bytes of OUT. */
enum deflate_result inflater_run(struct inflater *i, const uint8_t *p,
    size_t len, uint8_t *out, size_t cap, size_t *used, size_t *got);

struct deflater *deflater_new(int level);
void deflater_free(struct deflater *d);

/* How many bytes LEN bytes can become at most. */
size_t deflater_bound(struct deflater *d, size_t len);

/* All of P..LEN as final blocks; OUT has deflater_bound bytes. */
size_t deflater_run(
    struct deflater *d, const uint8_t *p, size_t len, uint8_t *out, size_t cap);

/* CRC-32 of RFC 1952, started with 0. */
uint32_t deflate_crc32(uint32_t crc, const void *p, size_t len);

/* "libdeflate 1.14, zlib 1.2.13". */
const char *deflate_libraries(void);

#endif
