#ifndef WEB_HTTP_HEAD_H
#define WEB_HTTP_HEAD_H

#include <stddef.h>
#include <stdint.h>

#include "core/web/http_message.h"

/*
 * One head of an HTTP message, read at once from bytes that are complete:
 * start line and fields. Part of the reader (http_message.h); nothing else
 * includes this. Texts live until the next http_head_read or _clear.
 */

struct arena;

struct http_head {
	struct arena *arena;
	const char *start_line;
	const char *version;
	const char *method; /* requests */
	const char *target; /* requests */
	unsigned status;    /* responses; 0: none that can be used */
	struct http_field *fields;
	size_t count;
	size_t cap;
	uint64_t length; /* Content-Length */
	int has_length;  /* LENGTH is sound */
	unsigned notes;  /* enum http_note */
};

void http_head_init(struct http_head *h);
void http_head_clear(struct http_head *h);

/* Forget the last head and read this one: lines, the blank one may lack. */
void http_head_read(
    struct http_head *h, enum http_side side, const uint8_t *p, size_t len);

/*
 * How the body behind this head ends (RFC 9112, 6.3); reads Content-Length
 * and Transfer-Encoding and notes what is wrong with them. METHOD is that of
 * the request that is answered.
 */
enum http_framing
http_head_framing(struct http_head *h, enum http_side side, const char *method);

/* The list field NAME has the element WORD, in any case. */
int
http_head_lists(const struct http_head *h, const char *name, const char *word);

#endif
