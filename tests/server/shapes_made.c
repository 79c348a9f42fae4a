/* Shapes that are too long to write down. */
#include "tests/server/shapes.h"

#include <stdint.h>

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
#define CHUNKED OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"

static void
add_pattern(struct buf *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_add_byte(b, (uint8_t)(i * 7 + i / 251));
}

static void
finish_length(struct shape *s, const char *head)
{
	buf_format(
	    &s->message, "%sContent-Length: %zu\r\n\r\n", head, s->payload.len);
	buf_add(&s->message, s->payload.data, s->payload.len);
}

static void
finish_chunked(struct shape *s, size_t chunk)
{
	buf_add_text(&s->message, CHUNKED);
	for (size_t at = 0; at < s->payload.len; at += chunk) {
		size_t n = s->payload.len - at < chunk ? s->payload.len - at
						       : chunk;

		buf_format(&s->message, "%zx\r\n", n);
		buf_add(&s->message, s->payload.data + at, n);
		buf_add_text(&s->message, "\r\n");
	}
	buf_add_text(&s->message, "0\r\n\r\n");
}

/* A head of about LEN bytes in fields of SIZE bytes. */
static void
add_long_head(struct shapes *s, const char *name, size_t len, size_t size)
{
	struct shape *new = shapes_add(s, name);
	struct buf head = { 0 };

	buf_add_text(&head, OK_HEAD);
	while (head.len + size + 32 < len) {
		buf_format(&head, "X-%06zu: ", head.len);
		for (size_t i = 12; i < size; i++)
			buf_add_byte(&head, 'v');
		buf_add_text(&head, "\r\n");
	}
	buf_add_text(&new->payload, "hello");
	finish_length(new, buf_text(&head));
	buf_clear(&head);
}

static void
add_fields(struct shapes *s, const char *name, int count)
{
	struct shape *new = shapes_add(s, name);
	struct buf head = { 0 };

	buf_add_text(&head, OK_HEAD);
	for (int i = 2; i < count; i++)
		buf_format(&head, "X-%d: %d\r\n", i, i);
	buf_add_text(&new->payload, "hello");
	finish_length(new, buf_text(&head));
	buf_clear(&head);
}

static void
cut_by_limit(struct shape *s)
{
	s->has_payload = 0;
	s->is_reused = 0;
	s->outcome = "truncated-length";
	s->truncated = "length";
}

void
shapes_add_made(struct shapes *s)
{
	struct shape *new = shapes_add(s, "length-2mb");

	add_pattern(&new->payload, 2000000);
	finish_length(new, OK_HEAD);
	new = shapes_add(s, "length-64k"); /* the size of our reads */
	add_pattern(&new->payload, 65536);
	finish_length(new, OK_HEAD);
	new = shapes_add(s, "chunked-3mb");
	add_pattern(&new->payload, 3000000);
	finish_chunked(new, 7772);
	new = shapes_add(s, "chunked-bytes");
	add_pattern(&new->payload, 2000);
	finish_chunked(new, 1);
	new = shapes_add(s, "chunked-extension-8k");
	buf_add_text(&new->message, CHUNKED "5;x=");
	for (int i = 0; i < 8000; i++)
		buf_add_byte(&new->message, 'x');
	buf_add_text(&new->message, "\r\nhello\r\n0\r\n\r\n");
	buf_add_text(&new->payload, "hello");
	new = shapes_add(s, "interim-flood");
	for (int i = 0; i < 200; i++)
		buf_add_text(&new->interim, "HTTP/1.1 102 Processing\r\n\r\n");
	buf_add_text(&new->payload, "hello");
	finish_length(new, OK_HEAD);
	add_long_head(s, "head-60k", 60 * 1024, 1000);
	add_long_head(s, "head-one-field", 200 * 1024, 190 * 1024);
	add_long_head(s, "head-250k", 250 * 1024, 1000);
	add_long_head(s, "head-400k", 400 * 1024, 1000);
	cut_by_limit(&s->list[s->count - 1]);
	add_fields(s, "fields-2000", 2000);
	add_fields(s, "fields-2001", 2001);
	cut_by_limit(&s->list[s->count - 1]);
}
