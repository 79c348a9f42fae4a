/* The body of an HTTP message: length, chunks, trailers, loss of framing. */
#include "core/web/http_state.h"

#include <string.h>

#include "core/base/limits.h"
#include "core/base/text.h"

void
http_body_payload(struct http_reader *r, const uint8_t *p, size_t len)
{
	if (len == 0)
		return;
	r->payload_len += len;
	if (r->each != NULL)
		r->each(r->context, p, len);
}

void
http_reader_done(struct http_reader *r)
{
	r->state = AT_DONE;
	r->complete = 1;
}

void
http_body_full(struct http_reader *r)
{
	if (r->options & HTTP_LENIENT_LENGTH)
		r->state = AT_BEYOND;
	else
		http_reader_done(r);
}

/* Up to what is left of the body or the chunk. */
static size_t
data_step(struct http_reader *r, const uint8_t *p, size_t len)
{
	size_t n = len < r->remaining ? len : (size_t)r->remaining;

	http_body_payload(r, p, n);
	r->remaining -= n;
	return n;
}

static size_t
length_step(struct http_reader *r, const uint8_t *p, size_t len)
{
	size_t n = data_step(r, p, len);

	if (r->remaining == 0)
		http_body_full(r);
	return n;
}

static size_t
beyond_step(struct http_reader *r, const uint8_t *p, size_t len)
{
	r->notes |= HTTP_NOTE_BEYOND_LENGTH;
	http_body_payload(r, p, len);
	return len;
}

static size_t
chunk_data_step(struct http_reader *r, const uint8_t *p, size_t len)
{
	size_t n = data_step(r, p, len);

	if (r->remaining == 0)
		r->state = AT_CHUNK_END;
	return n;
}

static size_t
rest_step(struct http_reader *r, const uint8_t *p, size_t len)
{
	http_body_payload(r, p, len);
	return len;
}

/* The bytes in LINE are not what must come here: all from them on is raw. */
static void
chunk_lost(struct http_reader *r)
{
	if (r->chunks == 0 && r->options & HTTP_LENIENT_CHUNKS) {
		r->notes |= HTTP_NOTE_NOT_CHUNKED;
		r->framing = HTTP_FRAMING_CLOSE;
		r->state = AT_CLOSE;
	} else {
		r->notes |= HTTP_NOTE_BAD_CHUNK;
		r->state = AT_LOST;
	}
	http_body_payload(r, r->line.data, r->line.len);
	buf_reset(&r->line);
}

/* RFC 9112, 7.1: hex digits, blanks, then ";" and anything. 1 / 0. */
static int
chunk_size_read(const uint8_t *p, size_t len, uint64_t *size)
{
	uint64_t v = 0;
	size_t i = 0;

	for (; i < len; i++) {
		int c = text_lower(p[i]);
		unsigned digit;

		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			digit = (unsigned)(c - 'a' + 10);
		else
			break;
		if (v > (uint64_t)INT64_MAX >> 4)
			return 0;
		v = v << 4 | digit;
	}
	if (i == 0)
		return 0;
	while (i < len && (p[i] == ' ' || p[i] == '\t'))
		i++;
	*size = v;
	return i == len || p[i] == ';';
}

/* Size of the chunk whose line, maybe not all of it, is in LINE. 1 / 0. */
static int
chunk_line_read(struct http_reader *r, uint64_t *size, int *bare)
{
	const uint8_t *p = r->line.data;
	size_t len = r->line.len;
	int ended = len > 0 && p[len - 1] == '\n';

	len -= (size_t)ended;
	*bare = ended;
	if (len > 0 && p[len - 1] == '\r') {
		*bare = 0;
		len--;
	}
	return chunk_size_read(p, len, size);
}

static size_t
chunk_line_step(struct http_reader *r, const uint8_t *p, size_t len)
{
	size_t room = LIMIT_CHUNK_LINE_BYTES - r->line.len;
	size_t n = len < room ? len : room;
	const uint8_t *lf = memchr(p, '\n', n);
	uint64_t size;
	int bare;

	if (lf != NULL)
		n = (size_t)(lf - p) + 1;
	buf_add(&r->line, p, n);
	if (lf == NULL) {
		if (r->line.len == LIMIT_CHUNK_LINE_BYTES)
			chunk_lost(r);
		return n;
	}
	if (!chunk_line_read(r, &size, &bare)) {
		chunk_lost(r);
		return n;
	}
	if (bare)
		r->notes |= HTTP_NOTE_BARE_LF;
	r->chunks++;
	r->remaining = size;
	r->state = size == 0 ? AT_TRAILER : AT_CHUNK_DATA;
	buf_reset(&r->line);
	return n;
}

static size_t
chunk_end_step(struct http_reader *r, const uint8_t *p, size_t len)
{
	(void)len; /* one byte is looked at */
	if (*p == '\r' && r->line.len == 0) {
		buf_add_byte(&r->line, *p);
		return 1;
	}
	if (*p != '\n') {
		chunk_lost(r);
		return 0;
	}
	if (r->line.len == 0)
		r->notes |= HTTP_NOTE_BARE_LF;
	buf_reset(&r->line);
	r->state = AT_CHUNK_LINE;
	return 1;
}

static size_t
trailer_step(struct http_reader *r, const uint8_t *p, size_t len)
{
	size_t room = r->limits.head_bytes - r->trailer_len;
	size_t n = len < room ? len : room;
	const uint8_t *lf = n == 0 ? NULL : memchr(p, '\n', n);
	uint8_t before;

	if (n == 0) {
		r->notes |= HTTP_NOTE_HEAD_TOO_LONG | HTTP_NOTE_BAD_CHUNK;
		r->state = AT_SKIP;
		return 0;
	}
	if (lf != NULL)
		n = (size_t)(lf - p) + 1;
	if (r->trailer_line_len == 0)
		r->trailer_first = p[0];
	before = n > 1 ? p[n - 2] : r->trailer_last;
	r->trailer_last = p[n - 1];
	r->trailer_line_len += n;
	r->trailer_len += n;
	if (lf == NULL)
		return n;
	if (r->trailer_line_len == 1 || before != '\r')
		r->notes |= HTTP_NOTE_BARE_LF;
	if (r->trailer_line_len == 1 ||
	    (r->trailer_line_len == 2 && r->trailer_first == '\r'))
		http_reader_done(r);
	else
		r->notes |= HTTP_NOTE_TRAILERS;
	r->trailer_line_len = 0;
	return n;
}

size_t
http_body_step(struct http_reader *r, const uint8_t *p, size_t len)
{
	switch (r->state) {
	case AT_LENGTH:
		return length_step(r, p, len);
	case AT_BEYOND:
		return beyond_step(r, p, len);
	case AT_CLOSE:
	case AT_LOST:
		return rest_step(r, p, len);
	case AT_CHUNK_LINE:
		return chunk_line_step(r, p, len);
	case AT_CHUNK_DATA:
		return chunk_data_step(r, p, len);
	case AT_CHUNK_END:
		return chunk_end_step(r, p, len);
	case AT_TRAILER:
		return trailer_step(r, p, len);
	case AT_SKIP:
		return len;
	case AT_HEAD:
	case AT_DONE:
		break;
	}
	return 0;
}

/* A body that was said to be chunked ends where a chunk should begin. */
static void
chunk_line_end(struct http_reader *r)
{
	int lenient = r->chunks == 0 && r->options & HTTP_LENIENT_CHUNKS;
	uint64_t size;
	int bare;

	if (r->line.len == 0) {
		if (lenient)
			chunk_lost(r);
	} else if (!chunk_line_read(r, &size, &bare) ||
		   (lenient && r->head.has_length &&
		       r->head.length == r->line.len))
		chunk_lost(r);
}

void
http_body_end(struct http_reader *r)
{
	switch (r->state) {
	case AT_CHUNK_LINE:
		chunk_line_end(r);
		break;
	case AT_BEYOND:
	case AT_CLOSE:
	case AT_DONE:
	case AT_HEAD:
	case AT_LENGTH:
	case AT_CHUNK_DATA:
	case AT_CHUNK_END:
	case AT_TRAILER:
	case AT_LOST:
	case AT_SKIP:
		break;
	}
	if (r->state == AT_CLOSE || r->state == AT_BEYOND)
		http_reader_done(r);
}
