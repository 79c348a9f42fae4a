/* A growing run of bytes. */
#include "core/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

void
buf_init(struct buf *b)
{
	*b = (struct buf){ 0 };
}

void
buf_clear(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	if (b->data != NULL)
		b->data[0] = '\0';
}

void
buf_cut(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->data[len] = '\0';
}

uint8_t *
buf_grow(struct buf *b, size_t len)
{
	size_t want = b->len + len + 1;
	size_t cap = b->cap < 64 ? 64 : b->cap;

	if (want > b->cap) {
		while (cap < want)
			cap += cap / 2;
		b->data = mem_grow(b->data, cap, 1);
		b->cap = cap;
	}
	return b->data + b->len;
}

void
buf_add_text(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_format(struct buf *b, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (len <= 0)
		return;
	if ((size_t)len < sizeof(text)) {
		buf_add(b, text, (size_t)len);
		return;
	}
	va_start(ap, fmt);
	(void)vsnprintf(
	    (char *)buf_room(b, (size_t)len), (size_t)len + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)len;
}

const char *
buf_text(const struct buf *b)
{
	return b->data == NULL ? "" : (const char *)b->data;
}

char *
buf_take(struct buf *b)
{
	char *text;

	(void)buf_room(b, 0);
	b->data[b->len] = '\0';
	text = (char *)b->data;
	*b = (struct buf){ 0 };
	return text;
}
