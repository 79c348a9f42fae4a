#ifndef ARCHIVE_WINDOW_H
#define ARCHIVE_WINDOW_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct input;

/* The part of a compressed file that is looked at; the inside of gzip_reader.c
 * and zstd_reader.c. */
struct window {
	struct input *file; /* kept */
	uint8_t *data;
	size_t len;
	size_t pos;      /* the next unread byte */
	uint64_t offset; /* of DATA[0] in the file */
	size_t fill;     /* bytes wanted at once, at least */
	int at_end;      /* it reaches the end of the file */
};

/* SIZE bytes may be looked at at once; at least 1 MiB. */
void window_init(struct window *w, struct input *file, size_t size);
void window_clear(struct window *w);

void window_seek(struct window *w, uint64_t offset);

/* At least WANT bytes from POS on, unless the file ends before. Pointers into
 * the window are void afterwards. */
int window_ahead(struct window *w, size_t want, struct error *e);

/* The next byte. */
static inline const uint8_t *
window_here(const struct window *w)
{
	return w->data + w->pos;
}

/* How many there are from the next on. */
static inline size_t
window_left(const struct window *w)
{
	return w->len - w->pos;
}

/* Where the next byte lies in the file. */
static inline uint64_t
window_offset(const struct window *w)
{
	return w->offset + w->pos;
}

#endif
