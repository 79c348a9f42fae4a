/* What records say of how an exchange crossed the wire. */
#include "core/collection/wire.h"

#include <string.h>

#include "core/archive/gzip_member.h"
#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/web/exchange.h"
#include "core/web/url.h"

/* "http/1.0" when the status line says so; else the version we spoke. */
static const char *
http_protocol(const struct exchange *x)
{
	struct stream *s = spool_stream(x->response, 0, spool_len(x->response));
	const char *protocol = "http/1.1";
	const uint8_t *p;
	size_t len;

	if (stream_next(s, &p, &len, NULL) == 1 && len > 8 &&
	    memcmp(p, "HTTP/1.0", 8) == 0)
		protocol = "http/1.0";
	stream_free(s);
	return protocol;
}

/* Who sent it and how (DESIGN, 7). */
void
wire_fields(struct arena *a, struct record *to, const struct exchange *x)
{
	const struct connection *n = x->connection;

	if (n != NULL && *n->peer != '\0')
		record_add(a, to, "WARC-IP-Address", n->peer);
	record_add(a, to, "WARC-Protocol", http_protocol(x));
	if (n == NULL || *n->tls_version == '\0')
		return;
	record_add(a, to, "WARC-Protocol", n->tls_version);
	if (*n->cipher != '\0')
		record_add(a, to, "WARC-Cipher-Suite", n->cipher);
}

/* Would deflating this response be worth it? */
int
wire_is_stored(const struct exchange *x)
{
	uint64_t len = spool_len(x->response);
	uint64_t from = x->head_len < len ? x->head_len : len;
	struct stream *s = spool_stream(x->response, from, len - from);
	const uint8_t *p = NULL;
	size_t n = 0;
	enum gzip_way way;

	if (stream_next(s, &p, &n, NULL) != 1)
		p = NULL;
	way = gzip_way_for(
	    x->content_type, x->content_encoding, p, p == NULL ? 0 : n);
	stream_free(s);
	return way == GZIP_STORED;
}

/* The target of a redirect, absolute, in the arena; "" when there is none. */
const char *
wire_redirect(struct arena *a, const struct exchange *x)
{
	struct url base = { 0 };
	struct url to = { 0 };
	const char *text = "";

	if (*x->location == '\0' || x->status < 300 || x->status > 399)
		return "";
	if (url_parse(&base, x->url, strlen(x->url), NULL, NULL) != 0)
		return "";
	if (url_parse(&to, x->location, strlen(x->location), &base, NULL) ==
	    0) {
		text = arena_text(a, to.text);
		url_clear(&to);
	}
	url_clear(&base);
	return text;
}

const char *
wire_truncation(enum truncation t)
{
	switch (t) {
	case TRUNCATED_NO:
		return NULL;
	case TRUNCATED_LENGTH:
		return "length";
	case TRUNCATED_TIME:
		return "time";
	case TRUNCATED_DISCONNECT:
		return "disconnect";
	}
	return NULL;
}
