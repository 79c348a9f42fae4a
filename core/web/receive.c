/* Responses: from the wire into an exchange. */
#include "core/web/receive.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/text.h"
#include "core/web/exchange.h"
#include "core/web/http_message.h"
#include "core/web/outcome.h"

struct receiver {
	char *spool_dir;
	struct http_reader *reader;
	struct digester *block;
	struct digester *payload;
	struct exchange *x;
	uint64_t max_body;
	uint64_t total;     /* bytes that belong to the message */
	struct buf early;   /* bytes from EARLY_AT on, while there is no head */
	uint64_t early_at;  /* in TOTAL */
	const uint8_t *fed; /* what the reader is looking at */
	size_t fed_len;
	const uint8_t *cut; /* first byte of FED too many; NULL none */
	const char *limit;  /* why we stopped; NULL not */
	int is_dirty;       /* bytes came behind the end */
	int keeps_alive;
	int is_flood; /* 1xx heads up to the limit: no answer */
};

static void
on_payload(void *context, const uint8_t *p, size_t len)
{
	struct receiver *r = context;
	struct exchange *x = r->x;
	int is_fed = p >= r->fed && p < r->fed + r->fed_len;

	if (r->cut != NULL)
		return;
	/* What the reader had set aside is in the spool already or comes
	 * whole: only a span of what was just fed can be cut. */
	if (is_fed && len > r->max_body - x->payload_len) {
		len = (size_t)(r->max_body - x->payload_len);
		r->cut = p + len;
		r->limit = "body is longer than the limit";
	}
	digester_add(r->payload, p, len);
	x->payload_len += len;
	if (x->payload_len > r->max_body)
		r->max_body = x->payload_len;
}

struct receiver *
receiver_new(const char *spool_dir)
{
	struct receiver *r = mem_zero(1, sizeof(*r));

	r->spool_dir = mem_text(spool_dir);
	r->reader = http_reader_new(HTTP_RESPONSE, NULL, 0);
	http_reader_on_payload(r->reader, on_payload, r);
	r->block = digester_new(DIGEST_SHA256);
	r->payload = digester_new(DIGEST_SHA256);
	return r;
}

void
receiver_free(struct receiver *r)
{
	if (r == NULL)
		return;
	http_reader_free(r->reader);
	digester_free(r->block);
	digester_free(r->payload);
	buf_clear(&r->early);
	free(r->spool_dir);
	free(r);
}

void
receiver_begin(struct receiver *r, struct exchange *x, uint64_t max_body)
{
	http_reader_reset(r->reader, x->method);
	digester_reset(r->block);
	digester_reset(r->payload);
	buf_reset(&r->early);
	r->x = x;
	r->max_body = max_body;
	r->total = r->early_at = 0;
	r->fed = r->cut = NULL;
	r->fed_len = 0;
	r->limit = NULL;
	r->is_dirty = r->keeps_alive = r->is_flood = 0;
}

static int
keep(struct receiver *r, const uint8_t *p, size_t len, struct error *e)
{
	struct exchange *x = r->x;

	if (len == 0)
		return 0;
	if (x->response == NULL)
		x->response = spool_new(r->spool_dir, LIMIT_SPOOL_MEMORY);
	digester_add(r->block, p, len);
	return spool_add(x->response, p, len, e);
}

/* Set aside what may be of the final head; 1xx heads are dropped. */
static void
set_aside(struct receiver *r, const uint8_t *p, size_t len)
{
	uint64_t offset = http_reader_head_offset(r->reader);

	if (offset > r->early_at + r->early.len) {
		size_t skip = (size_t)(offset - r->early_at - r->early.len);

		r->early_at = offset;
		buf_reset(&r->early);
		buf_add(&r->early, p + skip, len - skip);
		return;
	}
	if (offset > r->early_at) {
		size_t drop = (size_t)(offset - r->early_at);

		memmove(
		    r->early.data, r->early.data + drop, r->early.len - drop);
		buf_cut(&r->early, r->early.len - drop);
		r->early_at = offset;
	}
	buf_add(&r->early, p, len);
}

/* The final head has just become known, LEN bytes of P belong to the message:
 * from here on everything is kept. */
static int
keep_first(struct receiver *r, const uint8_t *p, size_t len, struct error *e)
{
	uint64_t offset = http_reader_head_offset(r->reader);
	uint64_t have = r->early_at + r->early.len;
	uint64_t announced;
	size_t skip;

	if (r->x->response == NULL)
		r->x->response = spool_new(r->spool_dir, LIMIT_SPOOL_MEMORY);
	if (http_reader_announced_len(r->reader, &announced) &&
	    announced < LIMIT_SPOOL_MEMORY)
		spool_expect(r->x->response,
		    http_reader_head_len(r->reader) + announced);

	if (offset < have) {
		skip = (size_t)(offset - r->early_at);
		if (keep(r, r->early.data + skip, r->early.len - skip, e) != 0)
			return -1;
		skip = 0;
	} else {
		skip = (size_t)(offset - have);
	}
	return keep(r, p + skip, len - skip, e);
}

int
receiver_feed(struct receiver *r, const uint8_t *p, size_t len, struct error *e)
{
	int had_head = http_reader_head_done(r->reader);
	size_t used = 0;
	int rc;

	r->fed = p;
	r->fed_len = len;
	rc = http_reader_feed(r->reader, p, len, &used, e);
	r->fed = NULL;
	r->fed_len = 0;
	/* What is left of a flood of 1xx heads, which are not kept, would read
	 * differently without them: none of it is. */
	if (!had_head && http_reader_head_offset(r->reader) > 0 &&
	    http_reader_notes(r->reader) & HTTP_NOTE_HEAD_TOO_LONG) {
		r->is_flood = 1;
		r->limit = "1xx heads are longer than the limit";
		r->total += len;
		return 1;
	}
	if (r->cut != NULL)
		used = (size_t)(r->cut - p);
	if (!http_reader_head_done(r->reader))
		set_aside(r, p, used);
	else if ((had_head ? keep(r, p, used, e) : keep_first(r, p, used, e)) !=
		 0)
		return -1;
	r->total += used;
	if (rc < 0)
		r->limit = "message is beyond all limits";
	else if (http_reader_notes(r->reader) & HTTP_NOTE_HEAD_TOO_LONG)
		r->limit = "head is longer than the limit";
	r->is_dirty = used < len;
	return rc != 0 || r->limit != NULL;
}

int
receiver_has_bytes(const struct receiver *r)
{
	return r->total > 0;
}

static void
set_text(char **to, const char *text)
{
	free(*to);
	*to = mem_text(text);
}

static void
set_field(struct receiver *r, char **to, const char *name)
{
	const char *value = http_reader_field(r->reader, name);

	set_text(to, value == NULL ? "" : value);
}

/* Why the response is not whole. */
static enum truncation
truncation(const struct receiver *r, enum receive_end end, int is_proper)
{
	if (r->limit != NULL)
		return TRUNCATED_LENGTH;
	switch (end) {
	case RECEIVE_FED:
		return TRUNCATED_NO;
	case RECEIVE_CLOSED:
		if (is_proper ||
		    (http_reader_notes(r->reader) & HTTP_NOTE_BAD_CHUNK))
			return TRUNCATED_NO;
		return TRUNCATED_DISCONNECT;
	case RECEIVE_BROKEN:
		return TRUNCATED_DISCONNECT;
	case RECEIVE_LATE:
		return TRUNCATED_TIME;
	}
	return TRUNCATED_NO;
}

static void
note_facts(struct receiver *r)
{
	struct exchange *x = r->x;
	const struct http_reader *h = r->reader;

	x->status = http_reader_status(h);
	x->notes = http_reader_notes(h);
	if (http_reader_head_done(h))
		x->head_len = http_reader_head_len(h);
	if (!http_reader_announced_len(h, &x->announced_len))
		x->announced_len = 0;
	set_field(r, &x->content_type, "content-type");
	set_field(r, &x->content_encoding, "content-encoding");
	for (char *p = x->content_encoding; *p != '\0'; p++)
		*p = (char)text_lower((unsigned char)*p);
	set_field(r, &x->location, "location");
	set_field(r, &x->retry_after, "retry-after");
	set_field(r, &x->etag, "etag");
	set_field(r, &x->last_modified, "last-modified");
	if (x->response != NULL) {
		digester_text(r->block, x->block_digest);
		digester_text(r->payload, x->payload_digest);
	}
}

int
receiver_finish(struct receiver *r, enum receive_end end, const char *reason,
    struct error *e)
{
	struct exchange *x = r->x;
	int is_proper = 0;

	if (r->is_flood) {
		x->payload_len = 0;
		x->outcome = OUTCOME_PROTOCOL_ERROR;
		set_text(&x->reason, r->limit);
		return 0;
	}

	/* A response cut by a limit of ours ends there: what the reader has
	 * seen behind it is nothing. */
	if (r->limit == NULL && end != RECEIVE_FED)
		is_proper = http_reader_end(r->reader);
	if (!http_reader_head_done(r->reader) &&
	    keep(r, r->early.data, r->early.len, e) != 0)
		return -1;
	note_facts(r);
	x->truncated = x->response == NULL ? TRUNCATED_NO
					   : truncation(r, end, is_proper);
	r->keeps_alive = end == RECEIVE_FED && r->limit == NULL &&
			 !r->is_dirty && http_reader_keeps_alive(r->reader);
	if (r->limit != NULL)
		reason = r->limit;
	outcome_conclude(x, r->reader, end, reason);
	return 0;
}

int
receiver_keeps_alive(const struct receiver *r)
{
	return r->keeps_alive;
}
