/* Blocks and payloads against the digests recorded of them. */
#include <string.h>
#include <strings.h>

#include "core/archive/gzip_member.h"
#include "core/archive/parallel.h"
#include "core/archive/verify_state.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/web/decode.h"
#include "core/web/http_message.h"

/* Of what comes once, so much is kept to be decoded. */
#define COLLECTED_BYTES ((size_t)8 * 1024 * 1024)  /* still coded */
#define DECODED_BYTES   ((size_t)12 * 1024 * 1024) /* of what has no stream */
#define AGAIN_BYTES     ((uint64_t)64 * 1024 * 1024)

static struct digester *
digester_in(struct digester **all, enum digest_kind kind)
{
	if (all[kind] == NULL)
		all[kind] = digester_new(kind);
	else
		digester_reset(all[kind]);
	return all[kind];
}

static void
digest_start(struct verify_digest *d, const char *recorded)
{
	d->digester = NULL;
	d->reads = recorded[0] != '\0' && digest_parse(&d->recorded, recorded);
}

static int
is_equal(struct verify_digest *d, struct digester *computed)
{
	return digester_final(computed, d->raw) == d->recorded.len &&
	       memcmp(d->raw, d->recorded.raw, d->recorded.len) == 0;
}

static int
is_http(const struct verifier *v)
{
	const char *content = v->now.content_type;

	if (v->type != RECORD_RESPONSE && v->type != RECORD_REQUEST &&
	    v->type != RECORD_REVISIT)
		return 0;
	if (content[0] == '\0')
		return strncasecmp(v->now.uri, "http", 4) == 0;
	return strncasecmp(content, "application/http", 16) == 0;
}

static void
payload_add(void *context, const uint8_t *p, size_t len)
{
	digester_add(context, p, len);
}

/* A reader for the current record, ready to be fed. */
static struct http_reader *
http_for(struct verifier *v)
{
	enum http_side side = v->type == RECORD_REQUEST ? HTTP_REQUEST
							: HTTP_RESPONSE;

	if (v->http_readers[side] == NULL)
		v->http_readers[side] = http_reader_new(
		    side, NULL, HTTP_LENIENT_CHUNKS);
	http_reader_reset(v->http_readers[side], "");
	http_reader_on_payload(v->http_readers[side], NULL, NULL);
	return v->http_readers[side];
}

/* A revisit's payload lies elsewhere, a segment's in several records. */
static int
has_own_payload(const struct verifier *v)
{
	return v->type != RECORD_REVISIT &&
	       (v->present & 1u << FIELD_SEGMENT_NUMBER) == 0;
}

void
verify_block_start(struct verifier *v)
{
	struct verify_digest *block = &v->block_digest;
	struct verify_digest *payload = &v->payload_digest;

	v->http = (struct verify_http){ 0 };
	v->at = 0;
	v->span = NULL;
	v->again = NULL;
	v->rule = PAYLOAD_STANDARD;
	digest_start(block, v->now.block_digest);
	digest_start(payload, v->now.payload_digest);
	v->http.there = is_http(v) && (verify_wants(v, CHECK_HTTP) ||
					  verify_wants(v, CHECK_CHUNKS) ||
					  verify_wants(v, CHECK_TRUNCATION) ||
					  verify_wants(v, CHECK_DIGESTS) ||
					  v->options->each_record != NULL);
	if (!verify_wants(v, CHECK_DIGESTS))
		return;
	if (block->reads)
		block->digester = digester_in(
		    v->digesters[0], block->recorded.kind);
	if (!payload->reads || !has_own_payload(v))
		return;
	/* Where the payload is the block, once is enough. */
	if (!v->http.there && block->reads &&
	    block->recorded.kind == payload->recorded.kind)
		payload->digester = block->digester;
	else
		payload->digester = digester_in(
		    v->digesters[1], payload->recorded.kind);
}

/* What comes once cannot be read again for other rules: what they need is
 * made on the way. */
static int
keep_for_later(
    struct verifier *v, const uint8_t *p, size_t len, struct error *e)
{
	const struct verify_http *h = &v->http;
	uint64_t head = verify_http_head_len(h);
	int chunked = h->reader != NULL &&
		      http_reader_framing(h->reader) == HTTP_FRAMING_CHUNKED;

	if (v->at == 0) {
		v->again = digester_in(
		    v->framed, v->payload_digest.recorded.kind);
		if (v->spool != NULL && spool_cut(v->spool, 0, e) != 0)
			return -1;
	}
	/* Of a chunked body the head is known before its first byte. */
	if (chunked && v->at + len > head) {
		size_t skip = v->at < head ? (size_t)(head - v->at) : 0;

		digester_add(v->again, p + skip, len - skip);
	}
	if (v->at + len > AGAIN_BYTES)
		return 0;
	if (v->spool == NULL)
		v->spool = spool_new(NULL, 1024 * 1024);
	return spool_add(v->spool, p, len, e);
}

/* Bytes behind the message are payload too where nothing but the record's
 * end ends it; behind a last chunk they are not. */
static void
http_feed(struct verifier *v, const uint8_t *p, size_t len)
{
	struct verify_http *h = &v->http;
	struct digester *d = v->payload_digest.digester;
	size_t used = 0;

	if (!h->ended)
		h->ended = http_reader_feed(h->reader, p, len, &used, NULL) !=
			   0;
	if (used == len)
		return;
	h->extra += len - used;
	if (d != NULL && http_reader_framing(h->reader) != HTTP_FRAMING_CHUNKED)
		digester_add(d, p + used, len - used);
}

static void
http_add(struct verifier *v, const uint8_t *p, size_t len)
{
	struct verify_http *h = &v->http;
	struct digester *d = v->payload_digest.digester;

	if (v->at == 0 &&
	    !verify_http_plain(h, v->type == RECORD_REQUEST, p, len)) {
		*h = (struct verify_http){ .there = 1, .reader = http_for(v) };
		if (d != NULL)
			http_reader_on_payload(h->reader, payload_add, d);
	}
	if (h->reader != NULL) {
		http_feed(v, p, len);
		return;
	}
	/* The span goes when the next one comes. */
	if (v->at == 0 && h->mime != NULL && len < v->now.block_len)
		h->mime = (const uint8_t *)arena_text_n(
		    v->arena, (const char *)h->mime, h->mime_len);
	if (d == NULL)
		return;
	if (v->at == 0)
		digester_add(d, p + h->head_len, len - (size_t)h->head_len);
	else
		digester_add(d, p, len);
}

int
verify_block_add(
    struct verifier *v, const uint8_t *p, size_t len, struct error *e)
{
	struct digester *block = v->block_digest.digester;
	struct digester *payload = v->payload_digest.digester;

	if (block != NULL)
		digester_add(block, p, len);
	if (v->http.there)
		http_add(v, p, len);
	else if (payload != NULL && payload != block)
		digester_add(payload, p, len);
	if (payload != NULL && v->http.there && !input_is_random(v->in) &&
	    len < v->now.block_len && keep_for_later(v, p, len, e) != 0)
		return -1;
	v->span = v->at == 0 ? p : NULL;
	v->span_len = len;
	v->at += len;
	return 0;
}

static void
mime_of(struct verifier *v)
{
	struct verify_http *h = &v->http;
	const char *type = NULL;

	buf_reset(&v->mime);
	if (h->reader != NULL)
		type = http_reader_field(h->reader, "Content-Type");
	else if (h->mime != NULL)
		type = arena_text_n(
		    v->arena, (const char *)h->mime, h->mime_len);
	if (type != NULL)
		http_content_type(type, &v->mime, NULL);
	v->now.mime = buf_text(&v->mime);
}

void
verify_block_end(struct verifier *v)
{
	struct verify_http *h = &v->http;

	if (!h->there)
		return;
	if (v->at == 0) /* no byte came */
		h->reader = http_for(v);
	if (h->reader != NULL) {
		(void)http_reader_end(h->reader); /* a cut one is said later */
		h->status = http_reader_status(h->reader);
		h->has_announced = http_reader_announced_len(
		    h->reader, &h->announced);
		h->has_coding = http_reader_field(
				    h->reader, "Content-Encoding") != NULL;
	}
	if (v->type == RECORD_REQUEST)
		return;
	v->now.status = h->status;
	if (v->options->each_record != NULL)
		mime_of(v);
}

/* The payload without its transfer coding, up to a bound. */
struct collected {
	struct buf bytes;
	int too_long;
};

static void
collect(void *context, const uint8_t *p, size_t len)
{
	struct collected *c = context;

	if (len > COLLECTED_BYTES - c->bytes.len)
		c->too_long = 1;
	else
		buf_add(&c->bytes, p, len);
}

/* Is it the digest of the decoded content? */
static int
is_decoded(struct verifier *v, struct http_reader *h, const struct collected *c)
{
	const char *coding = http_reader_field(h, "Content-Encoding");
	struct digester *d = digester_in(
	    v->digesters[1], v->payload_digest.recorded.kind);
	struct buf out = { 0 };
	int equal;

	if (coding == NULL || c->too_long)
		return 0;
	if (strcasecmp(coding, "gzip") == 0 ||
	    strcasecmp(coding, "x-gzip") == 0)
		return gzip_inflate(c->bytes.data, c->bytes.len,
			   LIMIT_DECODED_BYTES, payload_add, d) &&
		       is_equal(&v->payload_digest, d);
	if (decode_content(coding, c->bytes.data, c->bytes.len, DECODED_BYTES,
		&out, NULL) == 0)
		digester_add(d, out.data, out.len);
	equal = out.len > 0 && is_equal(&v->payload_digest, d);
	buf_clear(&out);
	return equal;
}

int
verify_reopen(struct source *s, struct arena *a, uint64_t member,
    uint64_t index, struct record *r, struct error *e)
{
	struct place where;
	uint64_t seen = 0;
	int more = 1;

	if (source_seek(s, member, e) != 0)
		return -1;
	/* The same steps as before give the same records. */
	while (more != 0 && seen <= index) {
		more = source_next(s, a, r, &where, e);
		if (more > 0)
			seen++;
		else if (more < 0 && e->kind == ERROR_SYSTEM)
			return -1;
	}
	return more > 0;
}

/* The block once more. *S is to be freed after *BLOCK; *BLOCK when OWNED.
 * 1; 0 it cannot be had; -1. */
static int
block_again(struct verifier *v, struct source **s, struct stream **block,
    int *owned, struct error *e)
{
	struct record r;
	int more;

	*owned = 1;
	if (v->at == 0 || v->span != NULL) {
		*block = stream_of_bytes(v->span, v->span_len);
		return 1;
	}
	if (!input_is_random(v->in)) {
		if (v->spool == NULL || spool_len(v->spool) != v->at)
			return 0;
		*block = spool_stream(v->spool, 0, v->at);
		return 1;
	}
	*owned = 0;
	if (source_open_input(s, v->in, e) != 0)
		return -1;
	more = verify_reopen(*s, v->arena, v->member, v->member_index, &r, e);
	*block = more > 0 ? r.block : NULL;
	return more;
}

/* All behind the head as it is, and the payload collected. 0; -1. */
static int
read_again(struct stream *block, uint64_t head, struct digester *framed,
    struct http_reader *h, struct error *e)
{
	const uint8_t *data;
	size_t len;
	uint64_t at = 0;
	int more;

	while ((more = stream_next(block, &data, &len, e)) > 0) {
		size_t used;
		size_t skip = at >= head        ? 0
			      : head - at < len ? (size_t)(head - at)
						: len;

		digester_add(framed, data + skip, len - skip);
		(void)http_reader_feed(h, data, len, &used, e);
		at += len;
	}
	(void)http_reader_end(h); /* as in the first pass */
	return more;
}

/* Which other rule does the digest follow? */
static int
other_rule(struct verifier *v, struct error *e)
{
	struct verify_digest *d = &v->payload_digest;
	enum digest_kind kind = d->recorded.kind;
	uint64_t head = verify_http_head_len(&v->http);
	struct collected c = { 0 };
	struct source *s = NULL;
	struct stream *block = NULL;
	struct http_reader *h;
	int owned = 0;
	int more;

	v->rule = PAYLOAD_NONE;
	if (v->again != NULL && v->http.reader != NULL &&
	    http_reader_framing(v->http.reader) == HTTP_FRAMING_CHUNKED &&
	    is_equal(d, v->again)) {
		v->rule = PAYLOAD_FRAMED;
		return 0;
	}
	h = http_reader_new(
	    v->type == RECORD_REQUEST ? HTTP_REQUEST : HTTP_RESPONSE, NULL,
	    HTTP_LENIENT_CHUNKS);
	http_reader_on_payload(h, collect, &c);
	more = block_again(v, &s, &block, &owned, e);
	if (more > 0) {
		struct digester *framed = digester_in(v->framed, kind);

		more = read_again(block, head, framed, h, e);
		if (more == 0 && is_equal(d, framed))
			v->rule = PAYLOAD_FRAMED;
		else if (more == 0 && is_decoded(v, h, &c))
			v->rule = PAYLOAD_DECODED;
	}
	if (owned)
		stream_free(block);
	source_free(s);
	http_reader_free(h);
	buf_clear(&c.bytes);
	return more < 0 && e->kind == ERROR_SYSTEM ? -1 : 0;
}

int
verify_payload_rule(struct verifier *v, struct error *e)
{
	struct verify_digest *d = &v->payload_digest;

	if (d->digester == NULL || d->digester == v->block_digest.digester ||
	    is_equal(d, d->digester))
		return 0;
	if (!v->http.there) {
		v->rule = PAYLOAD_NONE;
		return 0;
	}
	return other_rule(v, e);
}

static void
say_rule(struct verifier *v)
{
	switch (v->rule) {
	case PAYLOAD_STANDARD:
		break;
	case PAYLOAD_FRAMED:
		verify_say(v, SEVERITY_NOTE, "digest-payload",
		    "payload digest covers the chunk framing too, unlike "
		    "WARC 1.1");
		break;
	case PAYLOAD_DECODED:
		verify_say(v, SEVERITY_NOTE, "digest-payload",
		    "payload digest is that of the decoded content, unlike "
		    "WARC 1.1");
		break;
	case PAYLOAD_NONE:
		verify_say(v, SEVERITY_CHANGED, "digest-payload",
		    "payload digest differs from the recorded %.100s",
		    v->now.payload_digest);
		break;
	}
}

/* Does RECORDED bear the label of an algorithm known here? */
static int
is_known_label(const char *recorded)
{
	static const char *const labels[] = { "sha256", "sha512", "sha1",
		"md5" };
	char label[8];
	size_t n = 0;

	for (; *recorded != ':' && *recorded != '\0'; recorded++)
		if (*recorded != '-' && n < sizeof(label) - 1)
			label[n++] = *recorded;
	label[n] = '\0';
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (*recorded == ':' && strcasecmp(label, labels[i]) == 0)
			return 1;
	return 0;
}

/* A digest of an unknown kind is no proof of anything; one that is misspelled
 * is not that of these bytes. */
static void
check_spelling(struct verifier *v, const struct verify_digest *d,
    const char *code, const char *recorded)
{
	if (recorded[0] == '\0')
		return;
	if (d->reads) {
		if (v->options->ours && strncmp(recorded, "sha", 3) != 0)
			verify_say(v, SEVERITY_WARNING, code,
			    "digest is spelled in another way: %.100s",
			    recorded);
	} else if (is_known_label(recorded)) {
		verify_say(v, SEVERITY_CHANGED, code,
		    "recorded digest does not read: %.100s", recorded);
	} else {
		verify_say(v, SEVERITY_NOTE, code,
		    "digest is of an unknown kind, and proves nothing: %.100s",
		    recorded);
	}
}

void
verify_digests(struct verifier *v)
{
	struct verify_digest *block = &v->block_digest;
	struct verify_digest *payload = &v->payload_digest;

	check_spelling(v, block, "digest-block", v->now.block_digest);
	check_spelling(v, payload, "digest-payload", v->now.payload_digest);
	if (block->digester != NULL) {
		int same = is_equal(block, block->digester);

		if (!same)
			verify_say(v, SEVERITY_CHANGED, "digest-block",
			    "block digest differs from the recorded %.100s",
			    v->now.block_digest);
		if (payload->digester == block->digester &&
		    memcmp(block->raw, payload->recorded.raw,
			payload->recorded.len) != 0)
			v->rule = PAYLOAD_NONE;
	}
	if (v->http.there)
		verify_http_check(v);
	say_rule(v);
}

void
verify_digests_clear(struct verifier *v)
{
	for (size_t i = 0; i < VERIFY_DIGESTS; i++) {
		digester_free(v->digesters[0][i]);
		digester_free(v->digesters[1][i]);
		digester_free(v->framed[i]);
	}
	http_reader_free(v->http_readers[HTTP_RESPONSE]);
	http_reader_free(v->http_readers[HTTP_REQUEST]);
	spool_free(v->spool);
}
