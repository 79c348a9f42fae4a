/* What an index wants to know of a record. */
#include "core/archive/record_facts.h"

#include <string.h>
#include <strings.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/stream.h"
#include "core/base/text.h"

/* A block whose front was read: that again, then the rest. */
struct front {
	struct stream stream;
	struct stream *rest;
	const uint8_t *p;
	size_t len;
	const struct error *why; /* it failed so, and does again */
};

static int
front_next(struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct front *f = (struct front *)s;

	if (f->len > 0) {
		*data = f->p;
		*len = f->len;
		f->len = 0;
		return 1;
	}
	if (f->why != NULL)
		return error_set(e, f->why->kind, "%s", f->why->text);
	return stream_next(f->rest, data, len, e);
}

/* It lies in the arena; the rest is the source's. */
static void
front_free(struct stream *s)
{
	(void)s;
}

static void
take(const char **text, const char *value)
{
	if ((*text)[0] == '\0')
		*text = value;
}

/* Are the LEN bytes of NAME those of WANT? Nearly all are spelled as in the
 * standard. */
static inline int
is(const char *name, const char *want, size_t len)
{
	return memcmp(name, want, len) == 0 ||
	       ((name[0] | 0x20) == (want[0] | 0x20) &&
		   strcasecmp(name, want) == 0);
}

/* One look at every field; the first of a name counts. */
static void
read_fields(struct arena *a, const struct record *r, struct record_facts *f)
{
	for (size_t i = 0; i < r->field_count; i++) {
		const char *name = r->fields[i].name;
		const char *value = r->fields[i].value;

		switch (strlen(name)) {
		case 9:
			if (is(name, "WARC-Type", 9))
				take(&f->type_name, value);
			else if (is(name, "WARC-Date", 9))
				take(&f->date, value);
			break;
		case 12:
			if (is(name, "Content-Type", 12))
				take(&f->content_type, value);
			break;
		case 14:
			if (is(name, "WARC-Record-ID", 14))
				take(&f->id, record_bare_uri(a, value));
			break;
		case 15:
			if (is(name, "WARC-Target-URI", 15))
				take(&f->uri, record_bare_uri(a, value));
			break;
		case 17:
			if (is(name, "WARC-Block-Digest", 17))
				take(&f->block_digest, value);
			break;
		case 19:
			if (is(name, "WARC-Payload-Digest", 19))
				take(&f->payload_digest, value);
			break;
		default:
			break;
		}
	}
}

static enum record_type
type_of(const char *name)
{
	for (int t = 0; t < RECORD_OTHER; t++)
		if (strcmp(name, record_type_name((enum record_type)t)) == 0)
			return (enum record_type)t;
	for (int t = 0; t < RECORD_OTHER; t++)
		if (strcasecmp(name, record_type_name((enum record_type)t)) ==
		    0)
			return (enum record_type)t;
	return RECORD_OTHER;
}

/* "2026-11-22T08:27:47" and what follows: its digits. 1 / 0. */
static int
digits_of(const char *date, char out[15])
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd";
	size_t n = 0;

	for (size_t i = 0; i < sizeof(shape) - 1; i++) {
		if (shape[i] != 'd' && date[i] == shape[i])
			continue;
		if (shape[i] != 'd' || date[i] < '0' || date[i] > '9')
			return 0;
		out[n++] = date[i];
	}
	out[n] = '\0';
	return 1;
}

static void
read_date(struct record_facts *f)
{
	char text[DATE_TEXT_MAX];

	if (!date_parse(f->date, &f->date_us, NULL)) {
		f->date_us = INT64_MIN;
		return;
	}
	/* Fractions and zones are for the calendar. */
	if (digits_of(f->date, f->timestamp) && text_ends(f->date, "Z"))
		return;
	date_digits(f->date_us, text);
	memcpy(f->timestamp, text, sizeof(f->timestamp) - 1);
	f->timestamp[sizeof(f->timestamp) - 1] = '\0';
}

/* WARC 1.1, 6.3: what is under an http or https URI is an HTTP message,
 * whatever its Content-Type says; so are other schemes' that say so. */
static int
is_http(const struct record_facts *f)
{
	if (f->type != RECORD_RESPONSE && f->type != RECORD_REQUEST &&
	    f->type != RECORD_REVISIT)
		return 0;
	return strncmp(f->uri, "http:", 5) == 0 ||
	       strncmp(f->uri, "https:", 6) == 0 ||
	       strncasecmp(f->content_type, "application/http", 16) == 0;
}

/* How far the end of a head was looked for: no line feed in LINE..SEEN. */
struct scan {
	size_t line, seen;
};

/* Where the head at P ends, its empty line included; 0: not here. */
static size_t
find_end(const uint8_t *p, size_t len, struct scan *s)
{
	const uint8_t *end;

	while ((end = memchr(p + s->seen, '\n', len - s->seen)) != NULL) {
		size_t from = s->line;

		s->line = s->seen = (size_t)(end - p) + 1;
		while (from + 1 < s->line && p[from] == '\r')
			from++;
		/* A first line that is empty is a head without fields. */
		if (s->line - from == 1)
			return s->line;
	}
	s->seen = len;
	return 0;
}

static int
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The three digits behind the first blank of the first line. */
static unsigned
read_status(const uint8_t *p, size_t len)
{
	const uint8_t *line_end = memchr(p, '\n', len);
	const uint8_t *end = line_end == NULL ? p + len : line_end;
	const uint8_t *blank = memchr(p, ' ', (size_t)(end - p));
	unsigned status = 0;
	size_t n = 0;

	while (blank != NULL && blank < end && *blank == ' ')
		blank++;
	for (; blank != NULL && blank < end && n < 4; blank++, n++) {
		if (*blank < '0' || *blank > '9')
			break;
		status = status * 10 + (unsigned)(*blank - '0');
	}
	if (n != 3 || (blank < end && !is_blank(*blank)))
		return 0;
	return status;
}

/* The value at P up to ";" or blank; it may begin on a line that continues
 * this one (RFC 9112, 5.2). */
static const char *
read_mime(struct arena *a, const uint8_t *p, const uint8_t *end)
{
	const uint8_t *from;

	while (p < end && is_blank(*p)) {
		if (*p == '\n' &&
		    (p + 1 == end || (p[1] != ' ' && p[1] != '\t')))
			return "";
		p++;
	}
	for (from = p;
	     p < end && *p != ';' && !is_blank(*p) && *p != '\v' && *p != '\f';)
		p++;
	return arena_text_n(a, (const char *)from, (size_t)(p - from));
}

/* Content-Type in the head at P. */
static const char *
find_mime(struct arena *a, const uint8_t *p, size_t len)
{
	static const char name[] = "content-type";
	const size_t n = sizeof(name) - 1;
	const uint8_t *end = p + len;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		const uint8_t *colon;

		p++;
		if ((size_t)(end - p) <= n || (*p | 0x20) != 'c' ||
		    strncasecmp((const char *)p, name, n) != 0)
			continue;
		colon = p + n;
		while (colon < end && (*colon == ' ' || *colon == '\t'))
			colon++;
		if (colon < end && *colon == ':')
			return read_mime(a, colon + 1, end);
	}
	return "";
}

/* Pull until the head is whole. Whatever was pulled is in FRONT then; more
 * than one span is gathered in B. *HEAD_LEN is 0 when it has no end. */
static int
pull_head(struct front *front, struct buf *b, size_t *head_len, struct error *e)
{
	const uint8_t *p;
	size_t len;
	struct scan scan = { 0 };
	int more;

	*head_len = 0;
	while ((more = stream_next(front->rest, &p, &len, e)) == 1) {
		if (front->len == 0) {
			front->p = p;
			front->len = len;
		} else {
			/* The span before is no longer valid when the next is
			 * there: B has it since. */
			buf_add(b, p, len);
			front->p = b->data;
			front->len = b->len;
		}
		*head_len = find_end(front->p,
		    front->len < LIMIT_HEAD_BYTES ? front->len
						  : LIMIT_HEAD_BYTES,
		    &scan);
		if (*head_len > 0 || front->len >= LIMIT_HEAD_BYTES)
			return 0;
		if (b->len == 0)
			buf_add(b, p, len);
	}
	/* A head may be all that there is, as in revisits. */
	if (more == 0)
		*head_len = front->len;
	return more;
}

static int
read_http(
    struct arena *a, struct record *r, struct record_facts *f, struct error *e)
{
	struct front *front = arena_alloc(a, sizeof(*front));
	struct buf b = { 0 };
	struct error why;
	int rc;

	*front = (struct front){ .stream = { front_next, front_free },
		.rest = r->block };
	rc = pull_head(front, &b, &f->http_head_len, &why);
	if (b.len > 0)
		front->p = arena_dup(a, b.data, front->len);
	buf_clear(&b);
	r->block = &front->stream;
	if (rc < 0) {
		front->why = arena_dup(a, &why, sizeof(why));
		return error_set(e, why.kind, "%s", why.text);
	}
	if (f->http_head_len == 0)
		return 0;
	f->http_head = arena_dup(a, front->p, f->http_head_len);
	if (f->type != RECORD_REQUEST)
		f->status = read_status(f->http_head, f->http_head_len);
	f->mime = find_mime(a, f->http_head, f->http_head_len);
	return 0;
}

int
record_facts_read(
    struct arena *a, struct record *r, struct record_facts *f, struct error *e)
{
	*f = (struct record_facts){ .type = RECORD_OTHER,
		.type_name = "",
		.id = "",
		.uri = "",
		.date = "",
		.content_type = "",
		.block_digest = "",
		.payload_digest = "",
		.block_len = r->block_len,
		.http_head = (const uint8_t *)"",
		.mime = "" };
	read_fields(a, r, f);
	f->type = type_of(f->type_name);
	read_date(f);
	return is_http(f) ? read_http(a, r, f, e) : 0;
}
