/* The digest an index names for a record. */
#include "core/archive/index_digest.h"

#include <string.h>
#include <strings.h>

#include "core/archive/format.h"
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

/* The bytes up to END. */
static int
take_to(struct index_tee *t, uint64_t end, struct error *e)
{
	struct stream *s;
	int rc;

	if (end <= t->at)
		return 0;
	s = input_stream(t->in, t->at, end - t->at);
	rc = digest_rest(t->digester, s, 0, e);
	stream_free(s);
	t->at = end;
	return rc;
}

static int
tee_next(struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct index_tee *t = (struct index_tee *)s;
	int more = stream_next(t->block, data, len, e);

	if (more > 0 && take_to(t, t->source->used_to(t->source), e) != 0)
		return -1;
	return more;
}

/* It is the caller's. */
static void
tee_free(struct stream *s)
{
	(void)s;
}

void
index_tee_begin(struct index_tee *t, uint64_t offset, struct record *r)
{
	digester_reset(t->digester);
	t->at = offset;
	if (input_is_random(t->in))
		return;
	t->stream = (struct stream){ .next = tee_next, .free = tee_free };
	t->block = r->block;
	r->block = &t->stream;
}

int
index_tee_end(struct index_tee *t, struct arena *a, uint64_t end,
    const char **out, struct error *e)
{
	char text[DIGEST_TEXT_MAX];
	int rc = take_to(t, end, e);

	digester_text(t->digester, text);
	*out = arena_text(a, text);
	return rc;
}
