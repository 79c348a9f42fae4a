/* The part of a compressed file that is looked at. */
#include "core/archive/window.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/input.h"
#include "core/base/mem.h"

#define WINDOW_FILL ((size_t)1024 * 1024)
/* While nobody asks for many: what was read should not leave the cache before
 * it is looked at. */
#define WINDOW_FEW ((size_t)256 * 1024)
#define WINDOW_ONE ((size_t)128 * 1024) /* after a leap: perhaps one record */

void
window_init(struct window *w, struct input *file, size_t size)
{
	/* Pages that are never used cost nothing. */
	*w = (struct window){ .file = input_keep(file),
		.data = mem_alloc(size),
		.fill = WINDOW_FEW };
}

void
window_clear(struct window *w)
{
	free(w->data);
	input_free(w->file);
}

void
window_seek(struct window *w, uint64_t offset)
{
	if (offset >= w->offset && offset - w->offset <= w->len) {
		w->pos = (size_t)(offset - w->offset);
		return;
	}
	w->offset = offset;
	w->len = 0;
	w->pos = 0;
	w->at_end = 0;
	w->fill = WINDOW_ONE;
}

int
window_ahead(struct window *w, size_t want, struct error *e)
{
	size_t fill;
	size_t got;

	if (window_left(w) >= want || w->at_end)
		return 0;
	if (want > WINDOW_FEW)
		w->fill = WINDOW_FILL;
	fill = want < w->fill ? w->fill : want;
	memmove(w->data, window_here(w), window_left(w));
	w->offset += w->pos;
	w->len -= w->pos;
	w->pos = 0;
	if (input_read(w->file, w->offset + w->len, w->data + w->len,
		fill - w->len, &got, e) != 0)
		return -1;
	w->len += got;
	w->at_end = w->len < fill;
	if (w->fill < WINDOW_FEW)
		w->fill = WINDOW_FEW;
	return 0;
}
