/* What a record holds: payload of HTTP messages, else the block. */
#include "core/collection/contents.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/record.h"
#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/web/http_message.h"

struct contents {
	struct stream stream; /* first: contents_stream is this */
	struct stream *block;
	struct http_reader *http; /* NULL: no HTTP message */
	struct buf span;          /* payload bytes of the last feed */
	int handed_out;           /* SPAN was */
	int ended;
	struct buf type;
};

static void
add_payload(void *context, const uint8_t *p, size_t len)
{
	buf_add(context, p, len);
}

/* Feed one span of the block: 1; 0, the message ends; -1. */
static int
feed(struct contents *c, struct error *e)
{
	const uint8_t *p;
	size_t len;
	size_t used;
	int rc;

	rc = stream_next(c->block, &p, &len, e);
	if (rc < 0)
		return -1;
	if (rc == 0) {
		(void)http_reader_end(c->http);
		c->ended = 1;
		return 0;
	}
	rc = http_reader_feed(c->http, p, len, &used, e);
	c->ended = rc != 0;
	return rc < 0 ? -1 : 1;
}

static int
contents_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct contents *c = (struct contents *)s;

	if (c->http == NULL)
		return stream_next(c->block, data, len, e);
	if (c->handed_out)
		buf_reset(&c->span);
	c->handed_out = 0;
	while (c->span.len == 0 && !c->ended)
		if (feed(c, e) < 0)
			return -1;
	if (c->span.len == 0)
		return 0;
	*data = c->span.data;
	*len = c->span.len;
	c->handed_out = 1;
	return 1;
}

/* The stream is the contents: freed with them. */
static void
contents_keep(struct stream *s)
{
	(void)s;
}

/* Which side of HTTP the block of R is; 0: none. */
static int
http_side_of(const struct record *r, enum http_side *side)
{
	const char *type = record_field(r, "Content-Type");
	struct buf plain = { 0 };
	int is_http;

	http_content_type(type == NULL ? "" : type, &plain, NULL);
	is_http = strcmp(buf_text(&plain), "application/http") == 0;
	buf_clear(&plain);
	switch (record_type(r)) {
	case RECORD_RESPONSE:
	case RECORD_REVISIT:
		*side = HTTP_RESPONSE;
		return is_http;
	case RECORD_REQUEST:
		*side = HTTP_REQUEST;
		return is_http;
	case RECORD_WARCINFO:
	case RECORD_RESOURCE:
	case RECORD_METADATA:
	case RECORD_CONVERSION:
	case RECORD_CONTINUATION:
	case RECORD_OTHER:
		break;
	}
	return 0;
}

int
contents_open(struct contents **out, const struct record *r, struct error *e)
{
	struct contents *c = mem_zero(1, sizeof(*c));
	enum http_side side;
	const char *type;

	c->stream.next = contents_next;
	c->stream.free = contents_keep;
	c->block = r->block;
	type = record_field(r, "Content-Type");
	if (http_side_of(r, &side)) {
		c->http = http_reader_new(
		    side, NULL, HTTP_LENIENT_CHUNKS | HTTP_LENIENT_LENGTH);
		http_reader_reset(c->http, "GET");
		http_reader_on_payload(c->http, add_payload, &c->span);
		while (!http_reader_head_done(c->http) && !c->ended) {
			if (feed(c, e) < 0) {
				contents_free(c);
				return -1;
			}
		}
		type = http_reader_field(c->http, "Content-Type");
	}
	http_content_type(type == NULL ? "" : type, &c->type, NULL);
	*out = c;
	return 0;
}

void
contents_free(struct contents *c)
{
	if (c == NULL)
		return;
	http_reader_free(c->http);
	buf_clear(&c->span);
	buf_clear(&c->type);
	free(c);
}

const struct http_reader *
contents_http(const struct contents *c)
{
	return c->http;
}

const char *
contents_type(const struct contents *c)
{
	return buf_text(&c->type);
}

const char *
contents_encoding(const struct contents *c)
{
	const char *coding = c->http == NULL ? NULL
					     : http_reader_field(
						   c->http, "Content-Encoding");

	return coding == NULL ? "" : coding;
}

struct stream *
contents_stream(struct contents *c)
{
	return &c->stream;
}
