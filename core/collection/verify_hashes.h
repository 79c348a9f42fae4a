#ifndef COLLECTION_VERIFY_HASHES_H
#define COLLECTION_VERIFY_HASHES_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct input;

/*
 * SHA-256 of files, by several threads, in the order in which they will be
 * asked for. They run ahead by no more than VERIFY_AHEAD bytes, so that what
 * is read here is still in the page cache when it is read again.
 */
#define VERIFY_AHEAD ((uint64_t)512 * 1024 * 1024)

struct verify_hashes;

struct verify_hashes *verify_hashes_new(void);
void verify_hashes_free(struct verify_hashes *h); /* NULL is fine */

/* A file (PATH is copied), or what is open already (random; kept). Before
 * verify_hashes_start. */
void verify_hashes_add(struct verify_hashes *h, const char *path);
void verify_hashes_add_input(struct verify_hashes *h, struct input *in);
void verify_hashes_start(struct verify_hashes *h, unsigned threads);

/* Of the file added as number N; ask in order. -1: it does not read. SIZE is
 * that of what was read. */
int verify_hashes_get(struct verify_hashes *h, size_t n, char hex[65],
    uint64_t *size, struct error *e);

#endif
