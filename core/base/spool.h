#ifndef BASE_SPOOL_H
#define BASE_SPOOL_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct stream;

/*
 * Bytes on their way: in memory up to a limit, then in an unnamed file. One
 * thread adds; once adding has ended any thread may read.
 */
struct spool;

/* DIR (NULL: the directory for temporary files) is copied and used only when
 * MEMORY_LIMIT is passed. */
struct spool *spool_new(const char *dir, size_t memory_limit);
void spool_free(struct spool *s);
/* About LEN bytes will be there in all: room for them is made at once. */
void spool_expect(struct spool *s, uint64_t len);

int spool_add(struct spool *s, const void *p, size_t len, struct error *e);
uint64_t spool_len(const struct spool *s);

/* Cut to LEN bytes, which must not be more than there are. */
int spool_cut(struct spool *s, uint64_t len, struct error *e);

/* A reader of LEN bytes from OFFSET on; any number at a time, any thread. The
 * spool must outlive it. */
struct stream *
spool_stream(const struct spool *s, uint64_t offset, uint64_t len);

/* All of it when it is still in memory, else NULL. Borrowed. */
const uint8_t *spool_memory(const struct spool *s);

#endif
