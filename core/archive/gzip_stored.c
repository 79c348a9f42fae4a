/* Where a broken gzip member of stored blocks ends. */
#include <string.h>

#include "core/archive/gzip_header.h"
#include "core/base/input.h"

#define STORED_MIN     1024 /* hops from block to block are this long */
#define STORED_GUESSES 4

/* Is AT where a member may end: before another, or at the file's end? */
static int
may_end(struct input *in, uint64_t at)
{
	uint8_t magic[3];
	size_t n;

	return at == input_size(in) ||
	       (input_read(in, at, magic, sizeof(magic), &n, NULL) == 0 &&
		   n == sizeof(magic) && memcmp(magic, "\x1f\x8b\x08", 3) == 0);
}

/* The head of a stored block at AT (RFC 1951, 3.2.4): 1 it is sound; 0; -1
 * nothing is there. *LENGTHS: what LEN and NLEN each say. */
static int
stored_block(struct input *in, uint64_t at, int *is_final, size_t lengths[2])
{
	uint8_t p[5];
	size_t n;

	if (input_read(in, at, p, sizeof(p), &n, NULL) != 0 || n != sizeof(p))
		return -1;
	*is_final = p[0] & 1;
	lengths[0] = (size_t)p[1] | (size_t)p[2] << 8;
	lengths[1] = ((size_t)p[3] | (size_t)p[4] << 8) ^ 0xffff;
	return p[0] < 2 && lengths[0] == lengths[1];
}

/*
 * A broken head of a stored block at AT: the block's end, where another one or
 * the end of the member follows: 1, *END_OF_ALL tells which; 0.
 */
static int
mend_block(struct input *in, uint64_t *at, int *is_end, size_t lengths[2])
{
	size_t guesses[3] = { 65535, lengths[0], lengths[1] };

	for (int i = 0; i < 3; i++) {
		uint64_t next = *at + 5 + guesses[i];
		size_t dummy[2];
		int is_final;

		*is_end = may_end(in, next + GZIP_TRAILER);
		if (*is_end || stored_block(in, next, &is_final, dummy) == 1) {
			*at = next + (*is_end ? GZIP_TRAILER : 0);
			return 1;
		}
	}
	return 0;
}

int
gzip_stored_end(struct input *in, uint64_t start, uint64_t *end)
{
	uint8_t head[256];
	uint64_t at = start;
	uint64_t first;
	int guesses = 0;
	size_t n;
	int len;

	if (!input_is_random(in) ||
	    input_read(in, start, head, sizeof(head), &n, NULL) != 0 ||
	    (len = gzip_header_len(head, n)) <= 0)
		return 0;
	at += (uint64_t)len;
	first = at;
	for (;;) {
		size_t lengths[2] = { 0 };
		int is_final = 0;
		int got = stored_block(in, at, &is_final, lengths);

		*end = at + 5 + lengths[0] + GZIP_TRAILER;
		if (got > 0 && is_final && may_end(in, *end))
			return 1;
		if (got > 0 && !is_final && lengths[0] >= STORED_MIN) {
			at += 5 + lengths[0];
			continue;
		}
		/* The last block's final bit may be what broke. */
		*end = at + GZIP_TRAILER;
		if (got <= 0 && at > first && may_end(in, *end))
			return 1;
		if (got < 0 || guesses++ == STORED_GUESSES ||
		    !mend_block(in, &at, &is_final, lengths))
			return 0;
		*end = at;
		if (is_final)
			return 1;
	}
}
