/* HTTP/1.x messages, read as they come. */
#include "core/web/http_message.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/web/http_head.h"
#include "core/web/http_state.h"

/* Blank lines before a start line: this many bytes are passed over. */
enum { LEAD_BYTES_MAX = 4 };

/* The head ends after LEN bytes; what more there is begins a body that lasts
 * until the connection ends. */
static void
head_cut(struct http_reader *r, size_t len, enum http_note note)
{
	size_t rest = r->bytes.len - len;

	http_head_read(&r->head, r->side, r->bytes.data, len);
	r->notes |= r->head.notes | note;
	r->head_len = len;
	r->head_done = 1;
	r->framing = HTTP_FRAMING_CLOSE;
	r->state = AT_CLOSE;
	r->body_len = rest;
	if (rest > 0)
		http_body_payload(r, r->bytes.data + len, rest);
	r->bytes.len = len;
}

/* The blank line is in. */
static void
head_finish(struct http_reader *r)
{
	http_head_read(&r->head, r->side, r->bytes.data, r->bytes.len);
	r->framing = http_head_framing(&r->head, r->side, r->method);
	r->notes |= r->head.notes;
	if (r->side == HTTP_RESPONSE && r->head.status / 100 == 1 &&
	    r->head.status != 101) { /* RFC 9110, 15.2: another one follows */
		r->head_offset += r->bytes.len;
		buf_reset(&r->bytes);
		http_head_read(&r->head, r->side, NULL, 0);
		r->line_start = r->fields = 0;
		r->started = 0;
		return;
	}
	if (r->side == HTTP_RESPONSE && r->head.status == 101)
		r->notes |= HTTP_NOTE_UPGRADED;
	r->head_done = 1;
	r->head_len = r->bytes.len;
	r->remaining = r->head.length;
	switch (r->framing) {
	case HTTP_FRAMING_NONE:
		http_reader_done(r);
		break;
	case HTTP_FRAMING_LENGTH:
		r->state = AT_LENGTH;
		if (r->remaining == 0)
			http_body_full(r);
		break;
	case HTTP_FRAMING_CHUNKED:
		r->state = AT_CHUNK_LINE;
		break;
	case HTTP_FRAMING_CLOSE:
		r->state = AT_CLOSE;
		break;
	}
}

/* What came so far can be the beginning of a start line. */
static int
head_can_begin(const struct http_reader *r)
{
	static const char *const words[] = { "http/", "http ", "icy " };
	const uint8_t *p = r->bytes.data + r->lead;
	size_t len = r->bytes.len - r->lead;

	if (len == 0 || (len == 1 && p[0] == '\r'))
		return 1;
	if (p[0] == '\n' || (p[0] == '\r' && p[1] == '\n'))
		return r->bytes.len <= LEAD_BYTES_MAX;
	if (r->side == HTTP_REQUEST)
		return 1;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]);
		size_t j = 0;

		while (j < n && j < len && text_lower(p[j]) == words[i][j])
			j++;
		if (j == n || j == len)
			return 1;
	}
	return 0;
}

/* Blank lines before the start line are not part of the head. */
static void
head_drop_lead(struct http_reader *r)
{
	if (r->lead == 0)
		return;
	if (r->side == HTTP_RESPONSE)
		r->notes |= HTTP_NOTE_BAD_STATUS_LINE;
	r->head_offset += r->lead;
	r->bytes.len -= r->lead;
	memmove(r->bytes.data, r->bytes.data + r->lead, r->bytes.len);
	r->line_start = r->lead = 0;
}

static void
head_line_end(struct http_reader *r)
{
	const uint8_t *line = r->bytes.data + r->line_start;
	size_t len = r->bytes.len - r->line_start;
	int blank = len == 1 || (len == 2 && line[0] == '\r');

	if (!r->started) {
		if (blank) {
			r->lead = r->line_start = r->bytes.len;
			return;
		}
		head_drop_lead(r);
		r->started = 1;
	} else if (blank) {
		head_finish(r);
		return;
	} else if (line[0] != ' ' && line[0] != '\t' &&
		   memchr(line, ':', len) != NULL &&
		   ++r->fields > r->limits.fields) {
		head_cut(r, r->line_start, HTTP_NOTE_HEAD_TOO_LONG);
		return;
	}
	r->line_start = r->bytes.len;
}

static size_t
head_step(struct http_reader *r, const uint8_t *p, size_t len)
{
	/* 1xx heads count: no flood of them is endless. */
	uint64_t have = r->head_offset + r->bytes.len;
	size_t room = r->limits.head_bytes > have
			  ? r->limits.head_bytes - (size_t)have
			  : 0;
	size_t n = len < room ? len : room;
	const uint8_t *lf = n == 0 ? NULL : memchr(p, '\n', n);

	if (lf != NULL)
		n = (size_t)(lf - p) + 1;
	if (n == 0) {
		head_cut(
		    r, r->started ? r->line_start : 0, HTTP_NOTE_HEAD_TOO_LONG);
		return 0;
	}
	buf_add(&r->bytes, p, n);
	if (!r->started && !head_can_begin(r))
		head_cut(r, 0, HTTP_NOTE_NO_STATUS_LINE);
	else if (lf != NULL)
		head_line_end(r);
	return n;
}

/* What is there of a head is kept; its open line is not read as a field. */
static void
head_end(struct http_reader *r)
{
	if (r->started) {
		http_head_read(&r->head, r->side, r->bytes.data, r->line_start);
		r->notes |= r->head.notes;
	}
	r->head_len = r->bytes.len;
}

/* Uses up some of the LEN > 0 bytes, or changes the state. */
static size_t
step(struct http_reader *r, const uint8_t *p, size_t len)
{
	size_t used;

	if (r->state == AT_HEAD)
		return head_step(r, p, len);
	used = http_body_step(r, p, len);
	r->body_len += used;
	return used;
}

struct http_reader *
http_reader_new(
    enum http_side side, const struct http_limits *limits, unsigned options)
{
	struct http_reader *r = mem_zero(1, sizeof(*r));

	r->side = side;
	r->options = options;
	r->limits = limits != NULL ? *limits
				   : (struct http_limits){ LIMIT_HEAD_BYTES,
					     LIMIT_HEAD_FIELDS };
	r->method = mem_text("");
	http_head_init(&r->head);
	return r;
}

void
http_reader_free(struct http_reader *r)
{
	if (r == NULL)
		return;
	http_head_clear(&r->head);
	buf_clear(&r->bytes);
	buf_clear(&r->line);
	free(r->method);
	free(r);
}

void
http_reader_reset(struct http_reader *r, const char *method)
{
	struct http_reader old = *r;

	*r = (struct http_reader){ .side = old.side,
		.limits = old.limits,
		.options = old.options,
		.each = old.each,
		.context = old.context,
		.bytes = old.bytes,
		.line = old.line,
		.head = old.head };
	buf_reset(&r->bytes);
	buf_reset(&r->line);
	http_head_read(&r->head, r->side, NULL, 0);
	r->method = mem_text(method);
	free(old.method);
}

void
http_reader_on_payload(struct http_reader *r,
    void (*each)(void *context, const uint8_t *p, size_t len), void *context)
{
	r->each = each;
	r->context = context;
}

int
http_reader_feed(struct http_reader *r, const uint8_t *p, size_t len,
    size_t *used, struct error *e)
{
	size_t at = 0;

	(void)e; /* nothing that comes leaves no way to go on */
	while (at < len && r->state != AT_DONE) {
		at += step(r, p + at, len - at);
	}
	*used = at;
	return r->state == AT_DONE;
}

int
http_reader_end(struct http_reader *r)
{
	if (r->state == AT_HEAD)
		head_end(r);
	else
		http_body_end(r);
	r->state = AT_DONE;
	return r->complete;
}

int
http_reader_is_complete(const struct http_reader *r)
{
	return r->complete;
}

int
http_reader_head_done(const struct http_reader *r)
{
	return r->head_done;
}

uint64_t
http_reader_head_offset(const struct http_reader *r)
{
	return r->head_offset;
}

uint64_t
http_reader_head_len(const struct http_reader *r)
{
	return r->head_len;
}

const uint8_t *
http_reader_head_bytes(const struct http_reader *r)
{
	return (const uint8_t *)buf_text(&r->bytes);
}

uint64_t
http_reader_payload_len(const struct http_reader *r)
{
	return r->payload_len;
}

uint64_t
http_reader_body_len(const struct http_reader *r)
{
	return r->body_len;
}

enum http_framing
http_reader_framing(const struct http_reader *r)
{
	return r->framing;
}

unsigned
http_reader_notes(const struct http_reader *r)
{
	return r->notes;
}

int
http_reader_keeps_alive(const struct http_reader *r)
{
	/* Odd, but nobody takes these for another message. */
	const unsigned harmless = HTTP_NOTE_BARE_LF | HTTP_NOTE_OBS_FOLD |
				  HTTP_NOTE_CONTROL_BYTE | HTTP_NOTE_TRAILERS;

	if (!r->complete || r->framing == HTTP_FRAMING_CLOSE ||
	    (r->notes & ~harmless) != 0 ||
	    http_head_lists(&r->head, "connection", "close"))
		return 0;
	return strcmp(r->head.version, "1.1") == 0 ||
	       (strcmp(r->head.version, "1.0") == 0 &&
		   http_head_lists(&r->head, "connection", "keep-alive"));
}

unsigned
http_reader_status(const struct http_reader *r)
{
	return r->head.status;
}

const char *
http_reader_start_line(const struct http_reader *r)
{
	return r->head.start_line;
}

const char *
http_reader_version(const struct http_reader *r)
{
	return r->head.version;
}

const char *
http_reader_method(const struct http_reader *r)
{
	return r->side == HTTP_REQUEST ? r->head.method : r->method;
}

const char *
http_reader_target(const struct http_reader *r)
{
	return r->head.target;
}

size_t
http_reader_field_count(const struct http_reader *r)
{
	return r->head.count;
}

const struct http_field *
http_reader_field_at(const struct http_reader *r, size_t i)
{
	return &r->head.fields[i];
}

const char *
http_reader_field(const struct http_reader *r, const char *name)
{
	for (size_t i = 0; i < r->head.count; i++)
		if (text_equal_nocase(r->head.fields[i].name,
			r->head.fields[i].name_len, name))
			return r->head.fields[i].value;
	return NULL;
}

int
http_reader_announced_len(const struct http_reader *r, uint64_t *len)
{
	*len = r->head.length;
	return r->head.has_length;
}
