#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * A growing run of bytes. Embedded: start with {0} or buf_init, end with
 * buf_clear. DATA is always followed by a NUL that LEN does not count (once
 * anything was added), so text in it can be handed on as a string.
 */
struct buf {
	uint8_t *data;
	size_t len;
	size_t cap;
};

void buf_init(struct buf *b);
void buf_clear(struct buf *b); /* frees; usable again */
void buf_reset(struct buf *b); /* empties, keeps the memory */
void buf_add_text(struct buf *b, const char *s);
void buf_cut(struct buf *b, size_t len);      /* keeps the first LEN bytes */
uint8_t *buf_grow(struct buf *b, size_t len); /* buf_room, the long way */
void buf_format(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The bytes as text; "" when nothing was ever added. Borrowed. */
const char *buf_text(const struct buf *b);

/* Hand the memory to the caller (a NUL-terminated string); B is empty then. */
char *buf_take(struct buf *b);

/* Room for LEN more; borrowed. */
static inline uint8_t *
buf_room(struct buf *b, size_t len)
{
	return len < b->cap - b->len ? b->data + b->len : buf_grow(b, len);
}

static inline void
buf_add(struct buf *b, const void *p, size_t len)
{
	uint8_t *to = buf_room(b, len);

	if (len > 0)
		memcpy(to, p, len);
	to[len] = '\0';
	b->len += len;
}

static inline void
buf_add_byte(struct buf *b, uint8_t c)
{
	uint8_t *to = buf_room(b, 1);

	to[0] = c;
	to[1] = '\0';
	b->len++;
}

#endif
