#ifndef WEB_HTTP_STATE_H
#define WEB_HTTP_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/web/http_head.h"
#include "core/web/http_message.h"

/*
 * Where a reader of HTTP messages stands. Part of the reader
 * (http_message.h); nothing else includes this.
 */

/* What the next byte belongs to. */
enum http_state {
	AT_HEAD,
	AT_LENGTH,     /* body of known length */
	AT_BEYOND,     /* that body is in; with HTTP_LENIENT_LENGTH */
	AT_CLOSE,      /* body until close */
	AT_CHUNK_LINE, /* size and extensions */
	AT_CHUNK_DATA,
	AT_CHUNK_END, /* the line end behind the data */
	AT_TRAILER,
	AT_LOST, /* framing lost: payload until close, never whole */
	AT_SKIP, /* as AT_LOST, but the payload has ended */
	AT_DONE
};

struct http_reader {
	enum http_side side;
	struct http_limits limits;
	unsigned options;
	void (*each)(void *context, const uint8_t *p, size_t len);
	void *context;
	char *method; /* of the request that is answered */

	enum http_state state;
	int complete;
	enum http_framing framing;
	unsigned notes;
	struct http_head head;

	struct buf bytes;  /* the head as it came; last line may be open */
	size_t line_start; /* of the open line in BYTES */
	size_t lead;       /* blank lines before the start line, in BYTES */
	size_t fields;     /* lines in BYTES that begin a field */
	int started;       /* the start line is in */
	int head_done;
	uint64_t head_offset;
	uint64_t head_len;

	uint64_t remaining; /* of the body or the chunk */
	uint64_t chunks;    /* begun */
	struct buf line;    /* the open chunk line, or CR behind the data */
	size_t trailer_len; /* of all trailer lines */
	size_t trailer_line_len;
	uint8_t trailer_first; /* bytes of the open trailer line */
	uint8_t trailer_last;
	uint64_t body_len;
	uint64_t payload_len;
};

void http_reader_done(struct http_reader *r); /* the message is whole */

/* Count LEN bytes of payload and hand them on. */
void http_body_payload(struct http_reader *r, const uint8_t *p, size_t len);

/* As many bytes as were announced are in. */
void http_body_full(struct http_reader *r);

/* One step behind the head: how many of LEN > 0 bytes it used; none when it
 * changed the state only. */
size_t http_body_step(struct http_reader *r, const uint8_t *p, size_t len);

/* The connection ended behind the head. */
void http_body_end(struct http_reader *r);

#endif
