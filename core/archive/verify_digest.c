/* Blocks and payloads: their digests, and what an HTTP message says. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "core/archive/gzip_member.h"
#include "core/archive/verify_state.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/web/http_message.h"

#define CHUNK_NOTES                                    \
	(HTTP_NOTE_BAD_CHUNK | HTTP_NOTE_NOT_CHUNKED | \
	    HTTP_NOTE_BAD_CODING_ORDER)

static struct digester *
digester_in(struct digester **all, enum digest_kind kind)
{
	if (all[kind] == NULL)
		all[kind] = digester_new(kind);
	digester_reset(all[kind]);
	return all[kind];
}

/* The digester that a recorded digest asks for; NULL when it says nothing
 * that can be computed. */
static struct digester *
digester_for(struct digester **all, const char *recorded)
{
	struct digest_value value;

	return recorded[0] != '\0' && digest_parse(&value, recorded)
		   ? digester_in(all, value.kind)
		   : NULL;
}

static int
is_equal(const struct digester *d, const char *recorded)
{
	struct digest_value value;
	uint8_t raw[DIGEST_RAW_MAX];

	return digest_parse(&value, recorded) &&
	       digester_raw(d, raw) == value.len &&
	       memcmp(raw, value.raw, value.len) == 0;
}

static int
is_http(const struct verifier *v)
{
	enum record_type type = record_type(v->record);
	const char *content = v->now.content_type;

	if (type != RECORD_RESPONSE && type != RECORD_REQUEST &&
	    type != RECORD_REVISIT)
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
	enum http_side side = record_type(v->record) == RECORD_REQUEST
				  ? HTTP_REQUEST
				  : HTTP_RESPONSE;

	if (v->http[side] == NULL)
		v->http[side] = http_reader_new(
		    side, NULL, HTTP_LENIENT_CHUNKS);
	http_reader_reset(v->http[side], "");
	http_reader_on_payload(v->http[side], NULL, NULL);
	return v->http[side];
}

/* A revisit's payload lies elsewhere, a segment's in several records. */
static int
has_own_payload(const struct verifier *v)
{
	return record_type(v->record) != RECORD_REVISIT &&
	       record_field(v->record, "WARC-Segment-Number") == NULL;
}

static int
same_kind(const struct verifier *v)
{
	struct digest_value a;
	struct digest_value b;

	return digest_parse(&a, v->now.block_digest) &&
	       digest_parse(&b, v->now.payload_digest) && a.kind == b.kind;
}

void
verify_block_start(struct verifier *v)
{
	struct verify_payload *payload = &v->payload;

	*payload = (struct verify_payload){ 0 };
	v->block_digest = NULL;
	if (verify_wants(v, CHECK_DIGESTS))
		v->block_digest = digester_for(
		    v->block_digests, v->now.block_digest);
	if (verify_wants(v, CHECK_DIGESTS) && has_own_payload(v))
		payload->digest = digester_for(
		    v->payload_digests, v->now.payload_digest);
	if (!is_http(v)) {
		/* The payload is the block: digest it once. */
		if (payload->digest != NULL && v->block_digest != NULL &&
		    same_kind(v))
			payload->digest = v->block_digest;
		return;
	}
	payload->http = http_for(v);
	if (payload->digest != NULL)
		http_reader_on_payload(
		    payload->http, payload_add, payload->digest);
}

/* Bytes behind the message are payload too where nothing but the record's
 * end ends it; behind a last chunk they are not. */
static void
http_add(struct verify_payload *payload, const uint8_t *p, size_t len)
{
	size_t used = 0;

	if (!payload->ended)
		payload->ended = http_reader_feed(
				     payload->http, p, len, &used, NULL) != 0;
	if (used == len)
		return;
	payload->extra += len - used;
	if (payload->digest != NULL &&
	    http_reader_framing(payload->http) != HTTP_FRAMING_CHUNKED)
		digester_add(payload->digest, p + used, len - used);
}

void
verify_block_add(struct verifier *v, const uint8_t *p, size_t len)
{
	if (v->block_digest != NULL)
		digester_add(v->block_digest, p, len);
	if (v->payload.http != NULL)
		http_add(&v->payload, p, len);
	else if (v->payload.digest != NULL &&
		 v->payload.digest != v->block_digest)
		digester_add(v->payload.digest, p, len);
}

static void
check_msgtype(struct verifier *v)
{
	int request = record_type(v->record) == RECORD_REQUEST;
	const char *wrong = request ? "msgtype=response" : "msgtype=request";

	if (strcasestr(v->now.content_type, wrong) != NULL)
		verify_say(v, SEVERITY_WARNING, "http",
		    "Content-Type does not fit the record type: %.80s",
		    v->now.content_type);
}

/* What the HTTP message says of itself against what is there. */
static void
check_http(struct verifier *v)
{
	struct http_reader *h = v->payload.http;
	unsigned notes = http_reader_notes(h);
	struct buf words = { 0 };
	uint64_t announced;
	uint64_t there = http_reader_body_len(h) + v->payload.extra;
	int empty = v->now.block_len == 0;

	check_msgtype(v);
	if (!http_reader_head_done(h) && !empty)
		verify_say(v, SEVERITY_NOTE, "http", "HTTP head has no end");
	if ((notes & ~(unsigned)CHUNK_NOTES) != 0 && !empty) {
		http_notes_add(&words, notes & ~(unsigned)CHUNK_NOTES);
		verify_say(v, SEVERITY_NOTE, "http", "%s", buf_text(&words));
	}
	buf_reset(&words);
	if (record_type(v->record) == RECORD_REVISIT)
		goto done;
	if ((notes & CHUNK_NOTES) != 0) {
		http_notes_add(&words, notes & CHUNK_NOTES);
		verify_say(v, SEVERITY_NOTE, "chunk", "%s", buf_text(&words));
	} else if (http_reader_framing(h) == HTTP_FRAMING_CHUNKED) {
		if (v->payload.extra > 0)
			verify_say(v, SEVERITY_NOTE, "chunk",
			    "%" PRIu64 " bytes behind the last chunk",
			    v->payload.extra);
		else if (!v->payload.ended && v->now.truncated[0] == '\0')
			verify_say(v, SEVERITY_NOTE, "chunk",
			    "the last chunk is missing");
	} else if (v->now.truncated[0] == '\0' &&
		   http_reader_announced_len(h, &announced) &&
		   announced != there)
		verify_say(v, SEVERITY_NOTE, "length",
		    "HTTP announces %" PRIu64 " bytes, %" PRIu64 " are there",
		    announced, there);
done:
	buf_clear(&words);
}

void
verify_block_end(struct verifier *v)
{
	struct http_reader *h = v->payload.http;
	const char *type;

	if (h == NULL)
		return;
	(void)http_reader_end(h); /* a cut message is a note of check_http */
	if (record_type(v->record) == RECORD_REQUEST)
		return;
	v->now.status = http_reader_status(h);
	buf_reset(&v->mime);
	type = http_reader_field(h, "Content-Type");
	if (type != NULL)
		http_content_type(type, &v->mime, NULL);
	v->now.mime = buf_text(&v->mime);
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

	if (len > LIMIT_DECODED_BYTES - c->bytes.len)
		c->too_long = 1;
	else
		buf_add(&c->bytes, p, len);
}

/* Is it the digest of the decoded content? */
static int
is_decoded(struct verifier *v, struct http_reader *h, const struct collected *c,
    const char *recorded)
{
	const char *coding = http_reader_field(h, "Content-Encoding");
	struct digester *d = digester_for(v->payload_digests, recorded);

	return coding != NULL && !c->too_long &&
	       (strcasecmp(coding, "gzip") == 0 ||
		   strcasecmp(coding, "x-gzip") == 0) &&
	       gzip_inflate(c->bytes.data, c->bytes.len, LIMIT_DECODED_BYTES,
		   payload_add, d) &&
	       is_equal(d, recorded);
}

/* The current record once more, opened apart. 1; 0 it is not found; -1,
 * ERROR_SYSTEM. */
static int
reopen(struct verifier *v, struct source **s, struct record *r, struct error *e)
{
	struct place where;
	uint64_t seen = 0;
	int more = 1;

	if (source_open_input(s, v->in, e) != 0 ||
	    source_seek(*s, v->member, e) != 0)
		return -1;
	/* The same steps as before give the same records. */
	while (more != 0 && seen <= v->member_index) {
		more = source_next(*s, v->arena, r, &where, e);
		if (more > 0)
			seen++;
		else if (more < 0 && e->kind == ERROR_SYSTEM)
			return -1;
	}
	return more > 0;
}

/* Read the record again to learn which other rule its digest follows. */
static int
other_rule(struct verifier *v, enum payload_rule *rule, struct error *e)
{
	const char *recorded = v->now.payload_digest;
	struct digester *framed = digester_for(v->payload_digests, recorded);
	/* Before http_for, which takes the same reader again. */
	uint64_t head = http_reader_head_offset(v->payload.http) +
			http_reader_head_len(v->payload.http);
	struct http_reader *h = http_for(v);
	struct collected c = { 0 };
	struct source *s = NULL;
	struct record r;
	const uint8_t *data;
	size_t len;
	uint64_t at = 0;
	int more;

	*rule = PAYLOAD_NONE;
	http_reader_on_payload(h, collect, &c);
	if ((more = reopen(v, &s, &r, e)) <= 0)
		goto done;
	while ((more = stream_next(r.block, &data, &len, e)) > 0) {
		size_t used;
		size_t skip = at >= head        ? 0
			      : head - at < len ? (size_t)(head - at)
						: len;

		digester_add(framed, data + skip, len - skip);
		(void)http_reader_feed(h, data, len, &used, e);
		at += len;
	}
	(void)http_reader_end(h); /* as in the first pass */
	if (more == 0 && is_equal(framed, recorded))
		*rule = PAYLOAD_FRAMED;
	else if (more == 0 && is_decoded(v, h, &c, recorded))
		*rule = PAYLOAD_DECODED;
done:
	source_free(s);
	buf_clear(&c.bytes);
	return more < 0 && e->kind == ERROR_SYSTEM ? -1 : 0;
}

static int
check_payload(struct verifier *v, struct error *e)
{
	enum payload_rule rule = PAYLOAD_STANDARD;

	if (v->payload.digest == NULL ||
	    is_equal(v->payload.digest, v->now.payload_digest))
		return 0;
	if (v->payload.http == NULL)
		rule = PAYLOAD_NONE;
	else if (other_rule(v, &rule, e) != 0)
		return -1;
	v->rule = rule;
	switch (rule) {
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
	return 0;
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
check_spelling(struct verifier *v, const char *code, const char *recorded)
{
	struct digest_value value;

	if (recorded[0] == '\0')
		return;
	if (digest_parse(&value, recorded)) {
		if (v->options->ours && strncmp(recorded, "sha", 3) != 0)
			verify_say(v, SEVERITY_WARNING, code,
			    "digest is spelled in another way: %.100s",
			    recorded);
	} else if (is_known_label(recorded)) {
		verify_say(v, SEVERITY_CHANGED, code,
		    "recorded digest does not read: %.100s", recorded);
	} else {
		verify_say(v, SEVERITY_NOTE, code,
		    "digest is of an unknown kind: %.100s", recorded);
	}
}

int
verify_digests(struct verifier *v, struct error *e)
{
	v->rule = PAYLOAD_STANDARD;
	check_spelling(v, "digest-block", v->now.block_digest);
	check_spelling(v, "digest-payload", v->now.payload_digest);
	if (v->block_digest != NULL &&
	    !is_equal(v->block_digest, v->now.block_digest))
		verify_say(v, SEVERITY_CHANGED, "digest-block",
		    "block digest differs from the recorded %.100s",
		    v->now.block_digest);
	if (v->payload.http != NULL)
		check_http(v);
	return check_payload(v, e);
}
