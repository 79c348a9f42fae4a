/* Blocks of our own records. */
#include "core/collection/fields.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "core/collection/snapshot.h"
#include "core/web/exchange.h"
#include "core/web/http_message.h"
#include "core/web/url.h"

void
fields_add(struct buf *out, const char *name, const char *value)
{
	size_t start;

	buf_add_text(out, name);
	buf_add_text(out, ": ");
	start = out->len;
	(void)text_add_clean(out, value, strlen(value));
	for (size_t i = start; i < out->len; i++)
		if (out->data[i] < 0x20 || out->data[i] == 0x7f)
			out->data[i] = ' ';
	buf_add_text(out, "\r\n");
}

/* RFC 4648, 4. */
static void
add_base64(struct buf *out, const uint8_t *p, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t v = (uint32_t)p[i] << 16 |
			     (n > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
			     (n > 2 ? (uint32_t)p[i + 2] : 0);

		buf_add_byte(out, (uint8_t)digits[v >> 18]);
		buf_add_byte(out, (uint8_t)digits[v >> 12 & 63]);
		buf_add_byte(out, n > 1 ? (uint8_t)digits[v >> 6 & 63] : '=');
		buf_add_byte(out, n > 2 ? (uint8_t)digits[v & 63] : '=');
	}
}

static void
set_base64(struct arena *a, struct json *o, const char *name, const uint8_t *p,
    size_t len)
{
	struct buf b = { 0 };

	add_base64(&b, p, len);
	json_set_string(a, o, name, buf_text(&b));
	buf_clear(&b);
}

/* Words apart by blanks as an array of strings. */
static void
set_words(struct arena *a, struct json *o, const char *name, const char *words)
{
	struct json *array = json_new_array(a);

	while (*words != '\0') {
		size_t len = strcspn(words, " ");

		if (len > 0)
			json_append(a, array, json_new_string_n(a, words, len));
		words += len;
		words += *words == ' ';
	}
	json_set(a, o, name, array);
}

static void
set_tls(struct arena *a, struct json *o, const struct connection *c)
{
	struct json *chain = json_new_array(a);

	for (size_t i = 0; i < c->chain_count; i++)
		json_append(a, chain, json_new_string(a, c->chain[i].digest));
	json_set(a, o, "certificates", chain);
	json_set_string(a, o, "tls", c->tls_version);
	json_set_string(a, o, "cipher", c->cipher);
	json_set_string(a, o, "alpn", c->alpn);
	set_base64(a, o, "ocsp", c->ocsp, c->ocsp_len);
	set_base64(a, o, "sct", c->sct, c->sct_len);
	json_set_string(a, o, "verify", c->verify);
	json_set_string(a, o, "trust_store", c->trust_store);
}

void
connection_write(struct buf *out, const struct connection *c, uint64_t number)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);
	char opened[DATE_TEXT_MAX];

	date_rfc3339_us(c->opened_us, opened);
	json_set_string(a, o, "schema", "connection/1");
	json_set_integer(a, o, "number", (int64_t)number);
	json_set_string(a, o, "opened", opened);
	json_set_string(a, o, "host", c->host);
	json_set_integer(a, o, "port", c->port);
	json_set_string(a, o, "peer", c->peer);
	json_set_integer(a, o, "peer_port", c->peer_port);
	json_set_string(a, o, "local", c->local);
	json_set_integer(a, o, "local_port", c->local_port);
	set_words(a, o, "resolved", c->resolved);
	json_set_string(a, o, "proxy", c->proxy);
	if (*c->tls_version != '\0')
		set_tls(a, o, c);
	json_write_canonical(out, o);
	arena_free(a);
}

void
warcinfo_write(struct buf *out, const char *snapshot, const struct json *fields)
{
	size_t count = json_count(fields);
	char *software = mem_format(
	    "holdfast/%s (%s)", version_text(), version_revision());

	fields_add(out, "software", software);
	fields_add(out, "format", "WARC File Format 1.1");
	fields_add(out, "conformsTo",
	    "http://iipc.github.io/warc-specifications/specifications/"
	    "warc-format/warc-1.1/");
	if (json_get(fields, "isPartOf") == NULL)
		fields_add(out, "isPartOf", snapshot);
	for (size_t i = 0; i < count; i++)
		fields_add(out, json_key(fields, i),
		    json_text(json_at(fields, i), ""));
	free(software);
}

/* Append a field unless it says nothing. */
static void
add_some(struct buf *b, const char *name, const char *value)
{
	if (*value != '\0')
		fields_add(b, name, value);
}

static void
hash_payload(void *context, const uint8_t *p, size_t len)
{
	digester_add(context, p, len);
}

/* "sha1:BASE32" of the payload, for mixing with indexes of others. */
static void
add_sha1(struct buf *b, const struct exchange *x)
{
	struct digester *sha1 = digester_new(DIGEST_SHA1);
	struct http_reader *h = http_reader_new(HTTP_RESPONSE, NULL, 0);
	struct stream *s = spool_stream(x->response, 0, spool_len(x->response));
	uint8_t raw[DIGEST_RAW_MAX];
	char base32[2 * DIGEST_RAW_MAX];
	const uint8_t *p;
	size_t len;
	size_t used;

	http_reader_reset(h, x->method);
	http_reader_on_payload(h, hash_payload, sha1);
	while (stream_next(s, &p, &len, NULL) == 1)
		if (http_reader_feed(h, p, len, &used, NULL) != 0)
			break;
	text_base32(base32, raw, digester_raw(sha1, raw));
	buf_format(b, "payloadDigest: sha1:%s\r\n", base32);
	stream_free(s);
	http_reader_free(h);
	digester_free(sha1);
}

void
metadata_write(struct buf *out, const struct exchange *x,
    const struct capture_facts *f, enum outcome outcome, const char *connection,
    int with_sha1)
{
	struct buf notes = { 0 };
	char *ms = mem_format("%" PRId64, x->duration_ms);

	add_some(out, "via", f->via);
	fields_add(out, "hopsFromSeed", f->hops);
	fields_add(out, "fetchTimeMs", ms);
	fields_add(out, "outcome", outcome_name(outcome));
	add_some(out, "reason", x->reason);
	add_some(out, "need", f->need);
	add_some(out, "where", f->where);
	add_some(out, "robots", f->robots);
	http_notes_add(&notes, x->notes);
	add_some(out, "protocolNotes", buf_text(&notes));
	add_some(out, "maskedFields", x->masked);
	add_some(out, "connection", connection);
	if (with_sha1 && outcome != OUTCOME_NOT_MODIFIED)
		add_sha1(out, x);
	buf_clear(&notes);
	free(ms);
}

void
derived_uri(struct buf *out, const char *kind, const char *page_url)
{
	buf_format(out, "urn:holdfast:%s:", kind);
	url_add_percent_encoded(out, page_url, strlen(page_url));
}
