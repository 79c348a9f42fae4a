/* The digest an index names for a record. */
#include "core/archive/index_digest.h"

#include <string.h>
#include <strings.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/web/http_message.h"

#define SHA1_RAW 20
#define READ     ((size_t)64 * 1024)

static void
add_payload(void *context, const uint8_t *p, size_t len)
{
	digester_add(context, p, len);
}

static const char *
text_of(struct arena *a, const struct digester *d)
{
	char text[8 * SHA1_RAW / 5 + 2];
	uint8_t raw[DIGEST_RAW_MAX];

	(void)digester_raw(d, raw);
	text_base32(text, raw, SHA1_RAW);
	return arena_format(a, "sha1:%s", text);
}

/* Everything behind the first SKIP bytes. */
static int
digest_rest(
    struct digester *d, struct stream *s, uint64_t skip, struct error *e)
{
	const uint8_t *p;
	size_t len;
	int more;

	while ((more = stream_next(s, &p, &len, e)) == 1) {
		size_t off = skip < len ? (size_t)skip : len;

		digester_add(d, p + off, len - off);
		skip -= off;
	}
	return more;
}

/* Without transfer coding. */
static int
digest_payload(struct digester *d, struct record *r,
    const struct record_facts *f, struct error *e)
{
	struct http_reader *http;
	const uint8_t *p;
	size_t len;
	size_t used;
	int more;

	if (f->http_head_len == 0)
		return digest_rest(d, r->block, 0, e);
	http = http_reader_new(
	    f->type == RECORD_REQUEST ? HTTP_REQUEST : HTTP_RESPONSE, NULL,
	    HTTP_LENIENT_CHUNKS | HTTP_LENIENT_LENGTH);
	http_reader_reset(http, "GET");
	http_reader_on_payload(http, add_payload, d);
	while ((more = stream_next(r->block, &p, &len, e)) == 1)
		if (http_reader_feed(http, p, len, &used, e) != 0)
			break;
	if (more == 0)
		(void)http_reader_end(http);
	http_reader_free(http);
	return more < 0 ? -1 : 0;
}

int
index_digest(struct arena *a, struct digester *d, struct record *r,
    const struct record_facts *f, int sha1, const char **out, struct error *e)
{
	struct digest_value v;

	*out = f->payload_digest;
	if (f->payload_digest[0] == '\0' &&
	    (f->type == RECORD_REVISIT || f->type == RECORD_WARCINFO))
		return 0;
	if (f->payload_digest[0] != '\0' &&
	    (!sha1 || f->type == RECORD_REVISIT ||
		strncasecmp(f->payload_digest, "sha1:", 5) == 0)) {
		/* Spelled as older indexes want it. */
		if (sha1 && digest_parse(&v, f->payload_digest) == 1 &&
		    v.kind == DIGEST_SHA1 && v.spelling != DIGEST_BASE32) {
			char text[8 * SHA1_RAW / 5 + 2];

			text_base32(text, v.raw, v.len);
			*out = arena_format(a, "sha1:%s", text);
		}
		return 0;
	}
	digester_reset(d);
	if (f->payload_digest[0] == '\0') {
		if (digest_rest(d, r->block, f->http_head_len, e) != 0)
			return -1;
	} else if (digest_payload(d, r, f, e) != 0) {
		return -1;
	}
	*out = text_of(a, d);
	return 0;
}

int
index_record_digest(struct arena *a, struct input *in, uint64_t offset,
    uint64_t length, const char **out, struct error *e)
{
	struct digester *d = digester_new(DIGEST_SHA256);
	struct stream *s = input_stream(in, offset, length);
	char text[DIGEST_TEXT_MAX];
	int rc = digest_rest(d, s, 0, e);

	digester_text(d, text);
	*out = arena_text(a, text);
	stream_free(s);
	digester_free(d);
	return rc;
}
