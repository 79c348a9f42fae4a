/* What a POST or PUT sent, as a query. */
#include "core/archive/index_post.h"

#include <string.h>
#include <strings.h>

#include "core/archive/cdxj.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/web/http_message.h"

/* Without Content-Length so much is read. */
#define UNKNOWN_LENGTH 8192

void
index_request_reset(struct index_request *q)
{
	q->method = NULL;
	q->type = "";
	q->no_length = 0;
	buf_reset(&q->body);
}

/* The first word of the request line, when it is one that has a body. */
static const char *
method_of(struct arena *a, const struct record_facts *f)
{
	const char *head = (const char *)f->http_head;
	size_t len = 0;

	while (len < f->http_head_len && len < 5 && head[len] != ' ' &&
	       head[len] != '\r' && head[len] != '\n')
		len++;
	if (!text_equal_nocase(head, len, "POST") &&
	    !text_equal_nocase(head, len, "PUT"))
		return NULL;
	return arena_text_n(a, head, len);
}

static void
add_payload(void *context, const uint8_t *p, size_t len)
{
	struct buf *body = context;
	size_t room = INDEX_BODY_MAX - body->len;

	buf_add(body, p, len < room ? len : room);
}

/* Everything behind the head. */
static int
read_rest(struct buf *body, struct stream *s, size_t skip, struct error *e)
{
	const uint8_t *p;
	size_t len;
	int more;

	while ((more = stream_next(s, &p, &len, e)) == 1) {
		size_t off = skip < len ? skip : len;

		add_payload(body, p + off, len - off);
		skip -= off;
	}
	return more;
}

/* What is in BODY without its transfer coding. */
static void
remove_coding(struct buf *body, const struct record_facts *f)
{
	struct http_reader *http = http_reader_new(
	    HTTP_REQUEST, NULL, HTTP_LENIENT_CHUNKS);
	struct buf plain = { 0 };
	size_t used;

	http_reader_reset(http, "");
	http_reader_on_payload(http, add_payload, &plain);
	if (http_reader_feed(
		http, f->http_head, f->http_head_len, &used, NULL) == 0 &&
	    http_reader_feed(http, body->data, body->len, &used, NULL) == 0)
		(void)http_reader_end(http);
	http_reader_free(http);
	buf_clear(body);
	*body = plain;
}

/* Content-Length as the limit of the body. */
static size_t
length_of(struct index_request *q, const char *value)
{
	uint64_t len = UNKNOWN_LENGTH;

	if (value != NULL &&
	    !text_uint(value, strlen(value), UINT64_MAX, &len)) {
		q->no_length = 1;
		return 0;
	}
	return len < INDEX_BODY_MAX ? (size_t)len : INDEX_BODY_MAX;
}

int
index_request_read(struct index_request *q, struct arena *a, struct record *r,
    const struct record_facts *f, struct error *e)
{
	struct http_reader *http;
	const char *type;
	size_t len;
	size_t used;

	q->method = f->http_head_len == 0 ? NULL : method_of(a, f);
	if (q->method == NULL)
		return 0;
	if (read_rest(&q->body, r->block, f->http_head_len, e) != 0)
		return -1;
	http = http_reader_new(HTTP_REQUEST, NULL, 0);
	http_reader_reset(http, "");
	(void)http_reader_feed(
	    http, f->http_head, f->http_head_len, &used, NULL);
	type = http_reader_field(http, "Content-Type");
	q->type = arena_text(a, type == NULL ? "" : type);
	len = length_of(q, http_reader_field(http, "Content-Length"));
	if (http_reader_field(http, "Transfer-Encoding") != NULL)
		remove_coding(&q->body, f);
	if (q->body.len > len)
		buf_cut(&q->body, len);
	http_reader_free(http);
	return 0;
}

void
index_post_quote(struct buf *out, const void *p, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";
	const uint8_t *s = p;

	for (size_t i = 0; i < len; i++) {
		int c = text_lower(s[i]);

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    (c != 0 && strchr("-._~", c) != NULL)) {
			buf_add_byte(out, s[i]);
		} else if (c == ' ') {
			buf_add_byte(out, '+');
		} else {
			buf_add_byte(out, '%');
			buf_add_byte(out, (uint8_t)digits[s[i] >> 4]);
			buf_add_byte(out, (uint8_t)digits[s[i] & 15]);
		}
	}
}

static void
add_binary(struct buf *out, const uint8_t *p, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	buf_add_text(out, "__wb_post_data=");
	/* The rest would be cut off. */
	if (len > INDEX_QUERY_MAX)
		len = INDEX_QUERY_MAX;
	for (size_t i = 0; i < len; i += 3) {
		uint32_t word = (uint32_t)p[i] << 16;
		size_t left = len - i;

		if (left > 1)
			word |= (uint32_t)p[i + 1] << 8;
		if (left > 2)
			word |= p[i + 2];
		buf_add_byte(out, (uint8_t)digits[word >> 18]);
		buf_add_byte(out, (uint8_t)digits[word >> 12 & 63]);
		buf_add_byte(
		    out, left > 1 ? (uint8_t)digits[word >> 6 & 63] : '=');
		buf_add_byte(out, left > 2 ? (uint8_t)digits[word & 63] : '=');
	}
}

/* How many bytes at S one U+FFFD stands for: a sequence as far as it is right
 * (Unicode 15, 3.9, U+FFFD substitution of maximal subparts). */
static size_t
broken_length(const uint8_t *s, size_t len)
{
	size_t want = s[0] >= 0xf0 ? 3 : s[0] >= 0xe0 ? 2 : 1;
	uint8_t low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
	uint8_t high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
	size_t n = 1;

	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 1;
	while (n <= want && n < len && s[n] >= low && s[n] <= high) {
		low = 0x80;
		high = 0xbf;
		n++;
	}
	return n;
}

static void
add_replaced(struct buf *out, const uint8_t *s, size_t len)
{
	for (size_t n; len > 0; s += n, len -= n) {
		uint32_t cp;
		int valid = 1;

		n = text_utf8_next(s, len, &cp, &valid);
		if (!valid)
			n = broken_length(s, len);
		text_utf8_add(out, cp);
	}
}

/* A form: "+" and escapes undone. */
static void
add_form(struct buf *out, const uint8_t *p, size_t len)
{
	struct buf plain = { 0 };

	for (size_t i = 0; i < len; i++) {
		uint8_t c = p[i] == '+' ? ' ' : p[i];

		if (c == '%' && i + 2 < len &&
		    text_unhex(&c, (const char *)p + i + 1, 1))
			i += 2;
		buf_add_byte(&plain, c);
	}
	add_replaced(out, plain.data, plain.len);
	buf_clear(&plain);
}

/* The value of NAME="..." or NAME=... in LINE; its length, or 0 and NULL. */
static const char *
parameter(const char *line, size_t line_len, const char *name, size_t *len)
{
	size_t n = strlen(name);

	*len = 0;
	for (const char *at = line; at + n + 1 < line + line_len; at++) {
		const char *end = line + line_len;
		const char *from = at + n + 1;
		int quoted;

		if (strncasecmp(at, name, n) != 0 || at[n] != '=' ||
		    (at > line && at[-1] != ' ' && at[-1] != ';' &&
			at[-1] != '\t'))
			continue;
		quoted = *from == '"';
		from += quoted;
		while (from + *len < end &&
		       (quoted ? from[*len] != '"' : from[*len] != ';'))
			(*len)++;
		return from;
	}
	return NULL;
}

/* Name and contents of one part. 0: it is none. */
static int
add_part(struct buf *out, const char *s, size_t len, int first)
{
	const char *end = memmem(s, len, "\r\n\r\n", 4);
	const char *name = NULL;
	size_t name_len = 0;

	if (end == NULL)
		return 0;
	for (const char *line = s; line < end && name == NULL;) {
		const char *line_end = memchr(line, '\r', (size_t)(end - line));
		size_t n = (size_t)((line_end == NULL ? end : line_end) - line);

		if (n > 20 &&
		    strncasecmp(line, "Content-Disposition:", 20) == 0)
			name = parameter(line, n, "name", &name_len);
		line += n + 2;
	}
	if (name == NULL)
		return 0;
	if (!first)
		buf_add_byte(out, '&');
	index_post_quote(out, name, name_len);
	buf_add_byte(out, '=');
	index_post_quote(out, end + 4, len - (size_t)(end + 4 - s));
	return 1;
}

/* multipart/form-data (RFC 7578). 0: it does not read. */
static int
add_parts(struct buf *out, const char *type, const uint8_t *body, size_t len)
{
	const char *boundary = strstr(type, "boundary=");
	const char *s = (const char *)body;
	const char *end = s + len;
	struct buf mark = { 0 };
	size_t parts = 0;
	int closed = 0;

	if (boundary == NULL)
		return 0;
	buf_format(&mark, "\r\n--%s", boundary + 9);
	if (len < mark.len - 2 || memcmp(s, mark.data + 2, mark.len - 2) != 0)
		goto done;
	s += mark.len - 2;
	while (!closed && end - s >= 2 && memcmp(s, "\r\n", 2) == 0) {
		const char *next;

		s += 2;
		/* The line feed in front of the mark may be the one that ended
		 * the head of an empty part. */
		next = memmem(s, (size_t)(end - s), mark.data, mark.len);
		if (next == NULL ||
		    !add_part(out, s, (size_t)(next - s), parts == 0))
			break;
		parts++;
		s = next + mark.len;
		closed = end - s >= 2 && memcmp(s, "--", 2) == 0;
	}
done:
	buf_clear(&mark);
	return closed;
}

/* At most INDEX_QUERY_MAX characters behind START. */
static void
cut_query(struct buf *out, size_t start)
{
	size_t at = start;

	for (size_t n = 0; n < INDEX_QUERY_MAX && at < out->len; n++) {
		uint32_t cp;

		at += text_utf8_next(out->data + at, out->len - at, &cp, NULL);
	}
	if (at < out->len)
		buf_cut(out, at);
}

void
index_post_query(
    struct buf *out, const char *type, const uint8_t *body, size_t len)
{
	size_t start = out->len;
	int is_json = text_starts(type, "application/json");

	if (text_starts(type, "application/x-www-form-urlencoded") &&
	    text_is_utf8(body, len)) {
		add_form(out, body, len);
	} else if (is_json || text_starts(type, "text/plain")) {
		if (index_post_json(out, body, len) != 0) {
			buf_cut(out, start);
			if (!is_json)
				add_binary(out, body, len);
		}
	} else if (!text_starts(type, "multipart/") ||
		   !add_parts(out, type, body, len)) {
		if (out->len > start)
			buf_cut(out, start);
		add_binary(out, body, len);
	}
	cut_query(out, start);
}

/* Texts of C end at NUL; escaped it means the same in a key. */
static void
add_without_nul(struct buf *out, const struct buf *query)
{
	for (size_t i = 0; i < query->len; i++)
		if (query->data[i] == '\0')
			buf_add_text(out, "%00");
		else
			buf_add_byte(out, query->data[i]);
}

int
index_post_make(struct index_post *out, struct arena *a,
    const struct index_request *q, const char *url)
{
	struct buf query = { 0 };
	struct buf whole = { 0 };
	struct buf key = { 0 };

	if (q->method == NULL)
		return 0;
	out->method = strcasecmp(q->method, "PUT") == 0 ? "PUT" : "POST";
	/* Tools read bodies of methods in capitals only. */
	if (!q->no_length && strcmp(q->method, out->method) == 0)
		index_post_query(&query, q->type,
		    (const uint8_t *)buf_text(&q->body), q->body.len);
	out->query = q->no_length
			 ? NULL
			 : arena_text_n(a, buf_text(&query), query.len);
	out->query_len = query.len;
	buf_format(&whole, "%s%s__wb_method=%s", url,
	    strchr(url, '?') == NULL ? "?" : "&", q->method);
	if (query.len > 0) {
		buf_add_byte(&whole, '&');
		add_without_nul(&whole, &query);
	}
	cdxj_add_key(&key, buf_text(&whole));
	out->key = arena_text_n(a, buf_text(&key), key.len);
	buf_clear(&query);
	buf_clear(&whole);
	buf_clear(&key);
	return 1;
}
