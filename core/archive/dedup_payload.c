/* Payloads of responses, and the revisits that can stand for them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/archive/dedup_part.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/web/http_message.h"

enum { FOR_BLOCK, FOR_STANDARD, FOR_FRAMED };

void
payload_reader_init(struct payload_reader *p)
{
	*p = (struct payload_reader){ 0 };
	p->http = http_reader_new(HTTP_RESPONSE, NULL, HTTP_LENIENT_CHUNKS);
	p->sha256 = digester_new(DIGEST_SHA256);
}

void
payload_reader_clear(struct payload_reader *p)
{
	for (size_t i = 0; i <= DIGEST_MD5; i++)
		for (size_t k = 0; k < 3; k++)
			digester_free(p->digests[i][k]);
	http_reader_free(p->http);
	digester_free(p->sha256);
}

static const char *
field(const struct record *r, const char *name)
{
	const char *value = record_field(r, name);

	return value == NULL ? "" : value;
}

int
payload_is_wanted(const struct record *r)
{
	return record_type(r) == RECORD_RESPONSE &&
	       strncmp(r->version, "WARC/", 5) == 0 &&
	       strncasecmp(field(r, "Content-Type"), "application/http", 16) ==
		   0 &&
	       field(r, "WARC-Record-ID")[0] != '\0' &&
	       field(r, "WARC-Target-URI")[0] != '\0' &&
	       field(r, "WARC-Date")[0] != '\0' &&
	       record_field(r, "WARC-Truncated") == NULL &&
	       record_field(r, "WARC-Segment-Number") == NULL;
}

static struct digester *
digester_for(struct payload_reader *p, const char *recorded, int purpose)
{
	struct digest_value v;
	struct digester **d;

	if (!digest_parse(&v, recorded))
		return NULL;
	d = &p->digests[v.kind][purpose];
	if (*d == NULL)
		*d = digester_new(v.kind);
	digester_reset(*d);
	return *d;
}

static void
add_payload(void *context, const uint8_t *data, size_t len)
{
	struct payload_reader *p = context;

	p->len += len;
	digester_add(p->sha256, data, len);
	if (p->standard != NULL && p->standard != p->sha256)
		digester_add(p->standard, data, len);
}

/* As the verifier does: bytes behind the message are payload too unless a
 * last chunk ended it. */
static void
add_block(struct payload_reader *p, const uint8_t *data, size_t len)
{
	size_t used = 0;

	if (!p->ended)
		p->ended = http_reader_feed(p->http, data, len, &used, NULL) !=
			   0;
	if (used < len && http_reader_framing(p->http) != HTTP_FRAMING_CHUNKED)
		add_payload(p, data + used, len - used);
	if (p->block != NULL)
		digester_add(p->block, data, len);
	if (p->framed != NULL && http_reader_head_done(p->http)) {
		uint64_t head = http_reader_head_offset(p->http) +
				http_reader_head_len(p->http);
		size_t skip = p->seen >= head        ? 0
			      : head - p->seen < len ? (size_t)(head - p->seen)
						     : len;

		digester_add(p->framed, data + skip, len - skip);
	}
	p->seen += len;
}

int
payload_read(struct payload_reader *p, const struct record *r,
    enum payload_check check, struct error *e)
{
	const uint8_t *data;
	size_t len;
	int more;

	http_reader_reset(p->http, "");
	http_reader_on_payload(p->http, add_payload, p);
	digester_reset(p->sha256);
	p->ended = 0;
	p->len = p->seen = 0;
	p->block = p->standard = p->framed = NULL;
	p->block_digest = field(r, "WARC-Block-Digest");
	p->payload_digest = field(r, "WARC-Payload-Digest");
	if (check != PAYLOAD_UNCHECKED) {
		/* Most go by the digest that is taken anyway. */
		p->standard = strncmp(p->payload_digest, "sha256:", 7) == 0
				  ? p->sha256
				  : digester_for(
					p, p->payload_digest, FOR_STANDARD);
	}
	if (check == PAYLOAD_ALL) {
		p->block = digester_for(p, p->block_digest, FOR_BLOCK);
		p->framed = digester_for(p, p->payload_digest, FOR_FRAMED);
	}
	while ((more = stream_next(r->block, &data, &len, e)) == 1)
		add_block(p, data, len);
	if (more < 0 && e->kind == ERROR_SYSTEM)
		return -1;
	(void)http_reader_end(p->http);
	return more < 0 || !http_reader_head_done(p->http) ||
	       http_reader_status(p->http) == 0;
}

/* Is it the recorded digest? What does not read is nobody's. */
static int
is_digest(const struct digester *d, const char *recorded)
{
	struct digest_value v;
	uint8_t raw[DIGEST_RAW_MAX];

	return d != NULL && digest_parse(&v, recorded) &&
	       digester_raw(d, raw) == v.len && memcmp(raw, v.raw, v.len) == 0;
}

int
payload_is_true(const struct payload_reader *p, int *standard)
{
	int is_standard = is_digest(p->standard, p->payload_digest);

	if (standard != NULL)
		*standard = is_standard;
	if (p->block_digest[0] != '\0' && !is_digest(p->block, p->block_digest))
		return 0;
	return p->payload_digest[0] == '\0' || is_standard ||
	       is_digest(p->framed, p->payload_digest);
}

int
payload_is_standard(const struct payload_reader *p)
{
	return is_digest(p->standard, p->payload_digest);
}

/* The digest of BLOCK, spelled as RECORDED was. */
static const char *
spell_digest(struct arena *a, const char *recorded, const struct buf *block)
{
	struct digest_value v;
	struct digest_value mine;
	char text[DIGEST_TEXT_MAX];
	char base32[DIGEST_TEXT_MAX];
	size_t label = strcspn(recorded, ":");

	if (!digest_parse(&v, recorded) || v.spelling == DIGEST_BASE64) {
		digest_text(DIGEST_SHA256, block->data, block->len, text);
		return arena_text(a, text);
	}
	digest_text(v.kind, block->data, block->len, text);
	if (v.spelling != DIGEST_BASE32)
		return arena_format(
		    a, "%.*s%s", (int)label, recorded, strchr(text, ':'));
	if (digest_parse(&mine, text))
		text_base32(base32, mine.raw, mine.len);
	return arena_format(a, "%.*s:%s", (int)label, recorded, base32);
}

/* Fields that a revisit has of its own. */
static int
is_replaced(const char *name)
{
	static const char *const names[] = { "WARC-Type", "WARC-Profile",
		"WARC-Refers-To", "WARC-Refers-To-Target-URI",
		"WARC-Refers-To-Date", "WARC-Payload-Digest",
		"WARC-Block-Digest", "Content-Length" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(name, names[i]) == 0)
			return 1;
	return 0;
}

void
payload_make_revisit(const struct payload_reader *p, struct arena *a,
    const struct record *r, const struct revisit_original *o, struct buf *block,
    struct record *out)
{
	char length[32];

	buf_reset(block);
	buf_add(block, http_reader_head_bytes(p->http),
	    (size_t)http_reader_head_len(p->http));
	(void)snprintf(length, sizeof(length), "%zu", block->len);
	*out = (struct record){ .version = r->version,
		.block_len = block->len };
	record_add(a, out, "WARC-Type", "revisit");
	for (size_t i = 0; i < r->field_count; i++)
		if (!is_replaced(r->fields[i].name))
			record_add(
			    a, out, r->fields[i].name, r->fields[i].value);
	revisit_add_fields(a, out, REVISIT_IDENTICAL, r->version, o);
	record_add(a, out, "WARC-Payload-Digest", o->payload_digest);
	record_add(a, out, "WARC-Block-Digest",
	    spell_digest(a, p->block_digest, block));
	record_add(a, out, "Content-Length", length);
}
