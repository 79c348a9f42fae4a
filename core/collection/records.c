/* Which records a capture becomes, in which order, with which fields. */
#include "core/collection/records.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/gzip_member.h"
#include "core/archive/revisit.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/collection/fields.h"
#include "core/collection/journal.h"
#include "core/collection/lines.h"
#include "core/collection/originals.h"
#include "core/collection/repeats.h"
#include "core/collection/segment.h"
#include "core/collection/snapshot.h"
#include "core/collection/target_set.h"
#include "core/collection/wire.h"
#include "core/web/exchange.h"

struct records {
	char *name;
	int64_t start_us;
	int add_sha1;
	unsigned run;
	uint64_t connection_base;      /* numbers that earlier runs gave out */
	char last_date[DATE_TEXT_MAX]; /* of the last record put */
	struct buf warcinfo;
	struct segment evidence;
	struct segment derived;
	struct target_set certificates; /* digests of those put */
	struct target_set connections;  /* numbers of those put */
	int revisits;
	struct repeats repeats;
	struct gzip_writer *gzip;
	struct arena *arena; /* of one capture */
};

/* One capture under way. */
struct capture {
	struct records *records;
	const struct exchange *x;
	const struct capture_facts *facts;
	struct buf *lines;
	char date[DATE_TEXT_MAX];
	const char *connection; /* URN, or "" */
	enum outcome outcome;
	struct revisit_original original; /* of a revisit */
	uint64_t payload_len;
	char head_digest[DIGEST_TEXT_MAX]; /* of a revisit's block */
	struct draft response;
};

static void
init_segment(struct segment *s, const struct records *r,
    const struct records_options *o, const char *folder)
{
	const struct segment_options options = {
		.dir = o->dir,
		.folder = folder,
		.prefix = o->prefix,
		.time = o->time,
		.collection_id = o->collection_id,
		.warcinfo = &r->warcinfo,
		.roll_bytes = o->segment_bytes,
	};

	segment_init(s, &options);
}

struct records *
records_new(const struct records_options *o)
{
	struct records *r = mem_zero(1, sizeof(*r));

	r->name = mem_text(o->name);
	r->start_us = o->start_us;
	r->add_sha1 = o->add_sha1;
	r->revisits = o->revisits;
	r->repeats.journal = -1;
	r->run = o->run;
	date_rfc3339_us(o->start_us, r->last_date);
	warcinfo_write(&r->warcinfo, o->name, o->warcinfo);
	init_segment(&r->evidence, r, o, "records");
	init_segment(&r->derived, r, o, "derived");
	r->gzip = gzip_writer_new();
	r->arena = arena_new();
	return r;
}

void
records_free(struct records *r)
{
	if (r == NULL)
		return;
	segment_clear(&r->evidence);
	segment_clear(&r->derived);
	target_set_clear(&r->certificates);
	target_set_clear(&r->connections);
	repeats_clear(&r->repeats);
	gzip_writer_free(r->gzip);
	arena_free(r->arena);
	buf_clear(&r->warcinfo);
	free(r->name);
	free(r);
}

void
records_resume(struct records *r, const struct records_past *past)
{
	target_set_clear(&r->certificates);
	r->certificates = *past->certificates;
	*past->certificates = (struct target_set){ 0 };
	repeats_clear(&r->repeats);
	r->repeats.payloads = past->repeats->payloads;
	past->repeats->payloads = (struct target_set){ 0 };
	r->connection_base = past->connections;
	r->evidence.serial = past->evidence_serial;
	r->derived.serial = past->derived_serial;
}

static void
add_line(struct buf *lines, char kind, const struct segment *s,
    const struct draft *d, const struct exchange *x)
{
	struct buf json = { 0 };

	segment_tell(s, d, x, &json);
	journal_add(lines, kind, buf_text(&json), json.len);
	buf_clear(&json);
}

static int
roll(struct records *r, struct segment *s, struct buf *lines, struct error *e)
{
	struct draft d;

	draft_init(&d, "warcinfo", r->last_date);
	if (segment_roll(s, r->gzip, r->arena, &d, e) != 0)
		return -1;
	add_line(lines, 'r', s, &d, NULL);
	return 0;
}

int
records_begin(struct records *r, struct buf *lines, struct error *e)
{
	return roll(r, &r->evidence, lines, e);
}

/* A record whose block is in memory, into S. */
static int
put_bytes(struct records *r, struct segment *s, struct draft *d,
    const void *block, size_t len, struct error *e)
{
	char digest[DIGEST_TEXT_MAX];
	struct stream *bytes = stream_of_bytes(block, len);
	int rc;

	digest_text(DIGEST_SHA256, block, len, digest);
	d->block = bytes;
	d->len = len;
	d->block_digest = digest;
	if (strcmp(d->type, "resource") == 0)
		d->payload_digest = arena_text(r->arena, digest);
	rc = segment_put(s, r->gzip, r->arena, d, e);
	d->block = NULL;
	d->block_digest = "";
	stream_free(bytes);
	return rc;
}

/* Each certificate of the chain that was not put before. */
static int
put_certificates(struct capture *c, struct error *e)
{
	struct records *r = c->records;
	const struct connection *n = c->x->connection;

	for (size_t i = 0; i < n->chain_count; i++) {
		const struct certificate *cert = &n->chain[i];
		struct draft d;

		if (!target_set_add(&r->certificates, cert->digest, 0))
			continue;
		draft_init(&d, "resource", c->date);
		d.uri = arena_format(
		    r->arena, "urn:holdfast:certificate:%s", cert->digest);
		d.content_type = "application/pkix-cert";
		if (put_bytes(r, &r->evidence, &d, cert->der, cert->len, e) !=
		    0)
			return -1;
		add_line(c->lines, 'r', &r->evidence, &d, NULL);
	}
	return 0;
}

/* The connection, before the first response that came over it. */
static int
put_connection(struct capture *c, struct error *e)
{
	struct records *r = c->records;
	const struct connection *n = c->x->connection;
	struct buf block = { 0 };
	struct draft d;
	int rc;

	c->connection = "";
	if (n == NULL)
		return 0;
	c->connection = arena_format(r->arena,
	    "urn:holdfast:connection:%s:%" PRIu64, r->name,
	    r->connection_base + n->number);
	if (!target_set_add(&r->connections, c->connection, 0))
		return 0;
	if (put_certificates(c, e) != 0)
		return -1;
	connection_write(&block, n, r->connection_base + n->number);
	draft_init(&d, "metadata", c->date);
	d.uri = c->connection;
	d.content_type = "application/vnd.holdfast.connection+json";
	rc = put_bytes(r, &r->evidence, &d, block.data, block.len, e);
	buf_clear(&block);
	if (rc == 0)
		add_line(c->lines, 'r', &r->evidence, &d, NULL);
	return rc;
}

/* 1 / 0. */
static int
is_revisit(const struct capture *c)
{
	return c->original.id != NULL;
}

/* The block of a revisit: the head as it was received (WARC 1.1, 6.7). */
static int
digest_head(struct capture *c, struct error *e)
{
	struct stream *s = spool_stream(c->x->response, 0, c->x->head_len);
	struct digester *d = digester_new(DIGEST_SHA256);
	const uint8_t *p;
	size_t len;
	int more;

	while ((more = stream_next(s, &p, &len, e)) == 1)
		digester_add(d, p, len);
	digester_text(d, c->head_digest);
	digester_free(d);
	stream_free(s);
	return more;
}

static int
draft_revisit(struct capture *c, struct error *e)
{
	const struct exchange *x = c->x;
	struct draft *d = &c->response;

	d->type = "revisit";
	revisit_add_fields(c->records->arena, &d->more,
	    c->outcome == OUTCOME_NOT_MODIFIED ? REVISIT_NOT_MODIFIED
					       : REVISIT_IDENTICAL,
	    "WARC/1.1", &c->original);
	d->payload_digest = c->original.payload_digest;
	d->block_digest = c->head_digest;
	d->len = x->head_len;
	return digest_head(c, e);
}

static void
draft_response(struct capture *c)
{
	const struct exchange *x = c->x;
	const char *truncated = wire_truncation(x->truncated);
	struct draft *d = &c->response;

	d->type = "response";
	if (truncated != NULL)
		record_add(
		    c->records->arena, &d->more, "WARC-Truncated", truncated);
	d->payload_digest = x->payload_digest;
	d->block_digest = x->block_digest;
	d->len = spool_len(x->response);
	d->stored = wire_is_stored(x);
}

static int
put_response(struct capture *c, struct error *e)
{
	struct records *r = c->records;
	const struct exchange *x = c->x;
	struct draft *d = &c->response;
	struct stream *block;
	int rc;

	draft_init(d, "", c->date);
	d->uri = x->url;
	d->content_type = "application/http;msgtype=response";
	d->media_type = c->facts->media_type;
	wire_fields(r->arena, &d->more, x);
	if (!is_revisit(c))
		draft_response(c);
	else if (draft_revisit(c, e) != 0)
		return -1;
	block = spool_stream(x->response, 0, d->len);
	d->block = block;
	rc = segment_put(&r->evidence, r->gzip, r->arena, d, e);
	d->block = NULL;
	stream_free(block);
	if (rc == 0)
		add_line(c->lines, 'r', &r->evidence, d, x);
	return rc;
}

static int
put_request(struct capture *c, struct error *e)
{
	struct records *r = c->records;
	const struct exchange *x = c->x;
	struct draft d;
	int rc;

	if (x->request == NULL)
		return 0;
	draft_init(&d, "request", c->date);
	d.uri = x->url;
	d.concurrent_to = c->response.id;
	if (x->connection != NULL && *x->connection->peer != '\0')
		record_add(
		    r->arena, &d.more, "WARC-IP-Address", x->connection->peer);
	d.content_type = "application/http;msgtype=request";
	d.block_digest = x->request_digest;
	d.len = spool_len(x->request);
	d.block = spool_stream(x->request, 0, d.len);
	rc = segment_put(&r->evidence, r->gzip, r->arena, &d, e);
	stream_free(d.block);
	if (rc == 0)
		add_line(c->lines, 'r', &r->evidence, &d, NULL);
	return rc;
}

static int
put_metadata(struct capture *c, struct error *e)
{
	struct records *r = c->records;
	struct buf block = { 0 };
	struct draft d;
	int rc;

	metadata_write(
	    &block, c->x, c->facts, c->outcome, c->connection, r->add_sha1);
	draft_init(&d, "metadata", c->date);
	d.uri = c->x->url;
	d.concurrent_to = c->response.id;
	d.content_type = "application/warc-fields";
	rc = put_bytes(r, &r->evidence, &d, block.data, block.len, e);
	buf_clear(&block);
	if (rc == 0)
		add_line(c->lines, 'r', &r->evidence, &d, NULL);
	return rc;
}

/* Where the contents lie inside the response, if in one piece. */
static void
add_places(const struct capture *c, struct outcome_line *o)
{
	const struct exchange *x = c->x;
	const struct draft *d = &c->response;

	o->record = d->id;
	o->file = c->records->evidence.file;
	o->offset = (int64_t)d->offset;
	o->length = (int64_t)d->length;
	o->bytes = (int64_t)c->payload_len;
	o->digest = d->payload_digest;
	o->block_digest = d->block_digest;
	if (!is_revisit(c) && d->len == x->head_len + x->payload_len)
		o->payload_offset = (int64_t)(d->head_len + x->head_len);
}

static void
add_outcome(struct capture *c, int has_response)
{
	const struct exchange *x = c->x;
	const struct capture_facts *f = c->facts;
	struct outcome_line o;
	struct buf json = { 0 };

	outcome_line_init(&o);
	o.url = x->url;
	o.outcome = c->outcome;
	o.status = x->status;
	o.reason = x->reason;
	o.time = c->date;
	o.via = f->via;
	o.hops = f->hops;
	o.need = f->need;
	o.where = f->where;
	o.robots = f->robots;
	if (has_response)
		add_places(c, &o);
	o.media_type = f->media_type;
	o.content_type = x->content_type;
	o.location = wire_redirect(c->records->arena, x);
	o.fetch_ms = x->duration_ms < 0 ? 0 : x->duration_ms;
	o.run = c->records->run;
	outcome_line_write(&json, &o);
	journal_add(c->lines, 'o', buf_text(&json), json.len);
	buf_clear(&json);
}

static int
put_records(struct capture *c, struct error *e)
{
	struct records *r = c->records;

	if (segment_must_roll(&r->evidence) &&
	    roll(r, &r->evidence, c->lines, e) != 0)
		return -1;
	memcpy(r->last_date, c->date, sizeof(r->last_date));
	if (put_connection(c, e) != 0 || put_response(c, e) != 0 ||
	    put_request(c, e) != 0)
		return -1;
	return put_metadata(c, e);
}

void
records_group(struct records *r, int journal, uint64_t base)
{
	r->repeats.journal = journal;
	r->repeats.base = base;
}

void
records_know(struct records *r, const struct json *outcome, uint64_t at)
{
	if (r->revisits)
		repeats_know(&r->repeats, outcome, at);
}

/* Does the snapshot hold this payload? Pages are kept in full: what is read
 * out of them refers to them. */
static int
find_payload(struct capture *c, struct error *e)
{
	const struct exchange *x = c->x;
	int found;

	if (!c->records->revisits || strcmp(c->facts->need, "page") == 0 ||
	    !repeats_may(x->outcome, x->status, x->payload_len))
		return 0;
	found = repeats_find(&c->records->repeats, c->records->arena, c->lines,
	    x->payload_digest, &c->original, e);
	if (found == 1)
		c->outcome = OUTCOME_REVISIT;
	return found < 0 ? -1 : 0;
}

/* Is it a revisit, and of what? */
static int
choose(struct capture *c, struct error *e)
{
	const struct exchange *x = c->x;
	const struct original *o = c->facts->original;

	c->outcome = x->outcome;
	c->payload_len = x->payload_len;
	if (o == NULL || (x->outcome != OUTCOME_REVISIT &&
			     x->outcome != OUTCOME_NOT_MODIFIED))
		return find_payload(c, e);
	c->original = (struct revisit_original){ o->record_id, o->url, o->date,
		o->payload_digest };
	if (x->outcome == OUTCOME_NOT_MODIFIED)
		c->payload_len = o->payload_len;
	return 0;
}

/* A clock that steps back does not take a capture before the run. */
int64_t
records_date_us(int64_t run_start_us, const struct exchange *x)
{
	return x->started_us < run_start_us ? run_start_us : x->started_us;
}

int
records_capture(struct records *r, const struct exchange *x,
    const struct capture_facts *f, struct buf *lines, size_t *outcome_at,
    struct error *e)
{
	struct capture c = { .records = r, .x = x, .facts = f, .lines = lines };
	int has_response = x->response != NULL && spool_len(x->response) > 0;

	date_rfc3339_us(records_date_us(r->start_us, x), c.date);
	arena_reset(r->arena);
	if (choose(&c, e) != 0 || (has_response && put_records(&c, e) != 0))
		return -1;
	*outcome_at = lines->len;
	add_outcome(&c, has_response);
	if (r->revisits && has_response && !is_revisit(&c) &&
	    repeats_may(x->outcome, x->status, x->payload_len))
		repeats_add(&r->repeats, x->payload_digest, *outcome_at);
	return 0;
}

int
records_derived(struct records *r, const struct derived *d, struct buf *lines,
    struct error *e)
{
	struct buf uri = { 0 };
	struct draft draft;
	int rc = -1;

	arena_reset(r->arena);
	if (segment_must_roll(&r->derived) &&
	    roll(r, &r->derived, lines, e) != 0)
		return -1;
	derived_uri(&uri, d->kind, d->page_url);
	draft_init(&draft, "metadata", d->date);
	draft.uri = buf_text(&uri);
	draft.refers_to = d->record_id;
	draft.content_type = arena_format(
	    r->arena, "application/vnd.holdfast.%s+json", d->kind);
	rc = put_bytes(r, &r->derived, &draft, d->block, d->len, e);
	if (rc == 0)
		add_line(lines, 'a', &r->derived, &draft, NULL);
	buf_clear(&uri);
	return rc;
}

static int
is_full(const struct segment *s)
{
	return segment_is_dirty(s) && s->end >= s->roll_bytes;
}

int
records_are_full(const struct records *r)
{
	return is_full(&r->evidence) || is_full(&r->derived);
}

/* Sync S when something was put; its state goes to JSON. */
static int
sync_segment(struct segment *s, struct buf *json, struct error *e)
{
	if (!segment_is_dirty(s))
		return 0;
	if (segment_sync(s, e) != 0)
		return -1;
	if (json->data[json->len - 1] != '[')
		buf_add_byte(json, ',');
	segment_state(s, json);
	return 0;
}

int
records_sync(struct records *r, struct buf *lines, struct error *e)
{
	struct buf json = { 0 };
	int rc = -1;

	buf_add_text(&json, "{\"files\":[");
	if (sync_segment(&r->evidence, &json, e) != 0 ||
	    sync_segment(&r->derived, &json, e) != 0)
		goto done;
	buf_add_text(&json, "]}");
	journal_add(lines, 'g', buf_text(&json), json.len);
	rc = 0;
done:
	buf_clear(&json);
	return rc;
}

void
records_commit(struct records *r)
{
	segment_commit(&r->evidence);
	segment_commit(&r->derived);
}

void
records_back(struct records *r)
{
	segment_back(&r->evidence);
	segment_back(&r->derived);
}
