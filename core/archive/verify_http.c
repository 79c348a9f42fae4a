/* HTTP messages in blocks: plain heads at a glance, and what is said of all. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "core/archive/verify_state.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/web/http_message.h"

#define CHUNK_NOTES                                    \
	(HTTP_NOTE_BAD_CHUNK | HTTP_NOTE_NOT_CHUNKED | \
	    HTTP_NOTE_BAD_CODING_ORDER)

static int
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Where the line at P ends: at its CR LF; NULL when there is none, or other
 * control bytes come first. */
static const uint8_t *
plain_line(const uint8_t *p, const uint8_t *end)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t x;

	/* Eight at once, while none is a control byte: below a blank, or DEL. */
	for (; end - p >= 8; p += 8) {
		memcpy(&x, p, sizeof(x));
		if (((((x - ones * ' ') & ~x) |
			 (((x ^ ones * 0x7f) - ones) & ~(x ^ ones * 0x7f))) &
			ones * 0x80) != 0)
			break;
	}
	while (p < end && ((*p >= ' ' && *p != 0x7f) || *p == '\t'))
		p++;
	return end - p >= 2 && p[0] == '\r' && p[1] == '\n' ? p : NULL;
}

/* "HTTP/1.1 200 OK" */
static int
plain_status(struct verify_http *h, const uint8_t *p, const uint8_t *end)
{
	if (end - p < 12 || memcmp(p, "HTTP/1.", 7) != 0 || !is_digit(p[7]) ||
	    p[8] != ' ' || !is_digit(p[9]) || !is_digit(p[10]) ||
	    !is_digit(p[11]) || (end - p > 12 && p[12] != ' '))
		return 0;
	h->status = (unsigned)(p[9] - '0') * 100 +
		    (unsigned)(p[10] - '0') * 10 + (unsigned)(p[11] - '0');
	return h->status >= 200; /* heads before the final one are not plain */
}

/* "GET /path HTTP/1.1" */
static int
plain_request(const uint8_t *p, const uint8_t *end)
{
	const uint8_t *first = memchr(p, ' ', (size_t)(end - p));
	const uint8_t *last = end - 9;

	return first != NULL && first > p && last > first + 1 &&
	       memcmp(last, " HTTP/1.", 8) == 0 && is_digit(last[8]) &&
	       memchr(first + 1, ' ', (size_t)(last - first - 1)) == NULL;
}

static int
is_named(const uint8_t *p, size_t len, const char *name, size_t want)
{
	return len == want && strncasecmp((const char *)p, name, len) == 0;
}

/* A field's line. 0 when it says something of the body that needs more than a
 * glance. */
static int
plain_field(struct verify_http *h, const uint8_t *p, const uint8_t *end)
{
	const uint8_t *colon = memchr(p, ':', (size_t)(end - p));
	const uint8_t *value;
	size_t name;

	if (colon == NULL || colon == p || *p == ' ' || *p == '\t' ||
	    colon[-1] == ' ' || colon[-1] == '\t')
		return 0;
	name = (size_t)(colon - p);
	if (name < 12 || name > 17)
		return 1;
	value = colon + 1;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (is_named(p, name, "Content-Length", 14)) {
		if (h->has_announced ||
		    !text_uint((const char *)value, (size_t)(end - value),
			INT64_MAX, &h->announced))
			return 0;
		h->has_announced = 1;
	} else if (is_named(p, name, "Content-Type", 12)) {
		if (h->mime == NULL) {
			h->mime = value;
			h->mime_len = (size_t)(end - value);
		}
	} else if (is_named(p, name, "Content-Encoding", 16))
		h->has_coding = 1;
	else if (is_named(p, name, "Transfer-Encoding", 17))
		return 0;
	return 1;
}

int
verify_http_plain(
    struct verify_http *h, int is_request, const uint8_t *p, size_t len)
{
	const uint8_t *start = p;
	const uint8_t *end = p +
			     (len < LIMIT_HEAD_BYTES ? len : LIMIT_HEAD_BYTES);
	const uint8_t *line = plain_line(p, end);
	unsigned fields = 0;

	if (line == NULL || line == p ||
	    !(is_request ? plain_request(p, line) : plain_status(h, p, line)))
		return 0;
	for (;;) {
		p = line + 2;
		line = plain_line(p, end);
		if (line == NULL)
			return 0;
		if (line == p)
			break;
		if (++fields > LIMIT_HEAD_FIELDS || !plain_field(h, p, line))
			return 0;
	}
	h->head_len = (uint64_t)(line + 2 - start);
	return 1;
}

uint64_t
verify_http_head_len(const struct verify_http *h)
{
	return h->reader == NULL ? h->head_len
				 : http_reader_head_offset(h->reader) +
				       http_reader_head_len(h->reader);
}

static void
check_msgtype(struct verifier *v)
{
	int asks = v->type == RECORD_REQUEST;
	const char *wrong = asks ? "msgtype=response" : "msgtype=request";
	const char *usual = asks ? "application/http;msgtype=request"
				 : "application/http;msgtype=response";

	/* The usual ones need no search. */
	if (strcmp(v->now.content_type, usual) != 0 &&
	    strcasestr(v->now.content_type, wrong) != NULL)
		verify_say(v, SEVERITY_WARNING, "http",
		    "Content-Type does not fit the record type: %.80s",
		    v->now.content_type);
}

static void
say_notes(struct verifier *v, const char *code, unsigned notes)
{
	struct buf words = { 0 };

	http_notes_add(&words, notes);
	verify_say(v, SEVERITY_NOTE, code, "%s", buf_text(&words));
	buf_clear(&words);
}

/* How long the body is against how long it should be. */
static void
check_length(struct verifier *v, uint64_t there)
{
	const struct verify_http *h = &v->http;
	int is_marked = v->now.truncated[0] != '\0';

	if (!h->has_announced)
		return;
	if (there < h->announced && !is_marked)
		verify_say(v, SEVERITY_NOTE, "truncated",
		    "HTTP announces %" PRIu64 " bytes, %" PRIu64
		    " are there, and nothing says why",
		    h->announced, there);
	else if (there > h->announced)
		verify_say(v, SEVERITY_NOTE, "http",
		    "HTTP announces %" PRIu64 " bytes, %" PRIu64 " are there",
		    h->announced, there);
	else if (there == h->announced && is_marked)
		verify_say(v, SEVERITY_NOTE, "truncated",
		    "is marked as truncated, but the message is whole");
}

static void
check_chunks(struct verifier *v)
{
	const struct verify_http *h = &v->http;
	int is_marked = v->now.truncated[0] != '\0';

	if (h->extra > 0)
		verify_say(v, SEVERITY_NOTE, "chunk",
		    "%" PRIu64 " bytes behind the last chunk", h->extra);
	else if (!h->ended && !is_marked)
		verify_say(
		    v, SEVERITY_NOTE, "chunk", "the last chunk is missing");
	else if (h->ended && is_marked)
		verify_say(v, SEVERITY_NOTE, "truncated",
		    "is marked as truncated, but the message is whole");
}

/* What a reader noted on the way. */
static void
check_notes(struct verifier *v)
{
	const struct http_reader *r = v->http.reader;
	unsigned notes = http_reader_notes(r) & ~(unsigned)CHUNK_NOTES;

	if (v->now.block_len == 0)
		return;
	if (!http_reader_head_done(r))
		verify_say(v, SEVERITY_NOTE, "http", "HTTP head has no end");
	if (notes != 0)
		say_notes(v, "http", notes);
}

void
verify_http_check(struct verifier *v)
{
	const struct verify_http *h = &v->http;
	const struct http_reader *r = h->reader;

	check_msgtype(v);
	if (r != NULL)
		check_notes(v);
	if (v->type == RECORD_REVISIT)
		return;
	if (r == NULL)
		check_length(v, v->now.block_len - h->head_len);
	else if (http_reader_notes(r) & CHUNK_NOTES)
		say_notes(v, "chunk", http_reader_notes(r) & CHUNK_NOTES);
	else if (http_reader_framing(r) == HTTP_FRAMING_CHUNKED)
		check_chunks(v);
	else
		check_length(v, http_reader_body_len(r) + h->extra);
}
