#ifndef BASE_STREAM_H
#define BASE_STREAM_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

/*
 * Bytes that are pulled, as spans. NEXT: 1, *DATA holds *LEN > 0 bytes, valid
 * until the next call; 0, the end; -1, an error. An implementation embeds
 * this struct as its first member.
 */
struct stream {
	int (*next)(struct stream *, const uint8_t **data, size_t *len,
	    struct error *e);
	void (*free)(struct stream *);
};

int stream_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e);
void stream_free(struct stream *s); /* NULL is fine */

/* Up to LIMIT bytes appended to OUT. 0, or -1 (ERROR_LIMIT when longer). */
int
stream_read(struct stream *s, struct buf *out, size_t limit, struct error *e);

/* Read and drop the rest. *LEN (NULL is fine) is how much there was. */
int stream_skip(struct stream *s, uint64_t *len, struct error *e);

/* SHA-256 of the rest, as bare hex. */
int stream_sha256(struct stream *s, char hex[65], struct error *e);

/* LEN bytes at P, which must outlive the stream. */
struct stream *stream_of_bytes(const void *p, size_t len);

/* LEN bytes of the file FD from OFFSET on, by pread; FD stays the caller's. */
struct stream *stream_of_file(int fd, uint64_t offset, uint64_t len);

/* All of INNER (borrowed; NULL is empty), which must be LEN bytes: ERROR_INPUT
 * when it turns out shorter or longer. */
struct stream *stream_exact(struct stream *inner, uint64_t len);

/* At most LIMIT bytes of INNER, which is freed with it when OWNED. */
struct stream *stream_limited(struct stream *inner, uint64_t limit, int owned);

#endif
