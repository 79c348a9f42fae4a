/* Earlier captures that a revisit may name, read again before they are. */
#include "core/collection/originals.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/dedup_part.h"
#include "core/archive/format.h"
#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/catalog.h"
#include "core/collection/index.h"
#include "core/collection/layout.h"
#include "core/collection/recall.h"
#include "core/collection/target_set.h"
#include "core/web/http_message.h"

enum { SAME_PAYLOAD_MAX = 8 /* records of a digest that are looked at */ };

struct originals {
	const struct collection *collection;
	int64_t oldest_us, now_us;
	struct index_view *index; /* NULL until asked */
	struct catalog *catalog;  /* NULL: there is none */
	int is_open;
	struct arena *arena; /* of one question */
	struct payload_reader payload;
	struct source *source; /* of the file read last */
	char *file;
	/* Records that were read: 0, not sound; else the payload's length
	 * and 1. */
	struct target_set verdicts;
};

struct originals *
originals_new(const struct collection *c, int64_t max_age_us, int64_t now_us)
{
	struct originals *o = mem_zero(1, sizeof(*o));

	o->collection = c;
	o->now_us = now_us;
	o->oldest_us = max_age_us == 0 ? INT64_MIN : now_us - max_age_us;
	o->arena = arena_new();
	payload_reader_init(&o->payload);
	return o;
}

void
originals_free(struct originals *o)
{
	if (o == NULL)
		return;
	source_free(o->source);
	free(o->file);
	catalog_close(o->catalog);
	index_view_free(o->index);
	payload_reader_clear(&o->payload);
	target_set_clear(&o->verdicts);
	arena_free(o->arena);
	free(o);
}

static int
open_all(struct originals *o, struct error *e)
{
	arena_reset(o->arena);
	if (o->is_open)
		return 0;
	if (index_view_open(&o->index, o->collection, e) != 0)
		return -1;
	if (!catalog_open(&o->catalog, o->collection))
		o->catalog = NULL;
	o->is_open = 1;
	return 0;
}

/* The record at OFFSET of FILE, a path below the collection. 1; 0 none reads
 * there; -1 ERROR_SYSTEM. */
static int
read_record(struct originals *o, const char *file, uint64_t offset,
    struct record *r, struct place *where, struct error *e)
{
	struct error why = { 0 };
	char *path;
	int more;

	if (o->file == NULL || strcmp(o->file, file) != 0) {
		source_free(o->source);
		free(o->file);
		o->source = NULL;
		o->file = mem_text(file);
		path = collection_path(o->collection, file);
		if (source_open(&o->source, path, &why) != 0)
			o->source = NULL;
		free(path);
	}
	more = o->source == NULL ? 0 : source_seek(o->source, offset, &why);
	if (more == 0 && o->source != NULL)
		more = source_next(o->source, o->arena, r, where, &why);
	if (more == 1 && where->offset == offset)
		return 1;
	/* Too many open files, say; a file that is gone is no failure. */
	if (why.kind == ERROR_SYSTEM)
		return error_set(e, why.kind, "%s", why.text);
	return 0;
}

/* Only as far as the HTTP head goes. 1 / 0. */
static int
read_head(struct originals *o, const struct record *r)
{
	struct http_reader *h = o->payload.http;
	const uint8_t *p = NULL;
	size_t len = 0;
	size_t used;

	http_reader_reset(h, "");
	http_reader_on_payload(h, NULL, NULL);
	while (!http_reader_head_done(h) &&
	       stream_next(r->block, &p, &len, NULL) == 1)
		if (http_reader_feed(h, p, len, &used, NULL) != 0)
			break;
	return http_reader_head_done(h);
}

static const char *
field(struct arena *a, const struct record *r, const char *name)
{
	const char *value = record_field(r, name);

	return arena_text(a, value == NULL ? "" : value);
}

/* A date that is that of the answer itself may still change within its second
 * (RFC 9110, 8.8.2.2): then it tells no versions apart. */
static void
take_validators(
    struct arena *a, const struct http_reader *h, struct original *out)
{
	const char *etag = http_reader_field(h, "etag");
	const char *modified = http_reader_field(h, "last-modified");
	const char *date = http_reader_field(h, "date");

	if (modified != NULL && date != NULL && strcmp(modified, date) == 0)
		modified = NULL;
	out->etag = arena_text(a, etag == NULL ? "" : etag);
	out->last_modified = arena_text(a, modified == NULL ? "" : modified);
}

/* Why the record under way is no original; NULL, it is one. */
static const char *
fault_of(struct originals *o, const struct record *r, struct place *where)
{
	struct payload_reader *p = &o->payload;
	struct error why = { 0 };

	if (!payload_is_wanted(r))
		return "it is no whole response";
	/* A revisit stands for the payload: its digest vouches for that, and
	 * the member's own check for the head. */
	if (payload_read(p, r, PAYLOAD_ALONE, &why) != 0 ||
	    (source_finish(o->source, where, &why) != 0 && where->damaged))
		return "it does not read";
	if (p->standard != p->sha256 ||
	    strncmp(p->block_digest, "sha256:", 7) != 0)
		return "it has no SHA-256";
	return payload_is_standard(p) ? NULL : "its digests are wrong";
}

/* Is the record sound? Told once. */
static int
is_sound(struct originals *o, const char *id, const struct record *r,
    struct place *where, struct original *out)
{
	const uint64_t *known = target_set_find(&o->verdicts, id);
	const char *fault;

	if (known != NULL) {
		out->payload_len = *known - (*known > 0);
		return *known > 0 && read_head(o, r);
	}
	fault = fault_of(o, r, where);
	out->payload_len = o->payload.len;
	(void)target_set_add(
	    &o->verdicts, id, fault == NULL ? out->payload_len + 1 : 0);
	if (fault == NULL)
		return 1;
	log_event(o->now_us, "warning", id,
	    arena_format(o->arena,
		"%s: not used as the original of a revisit: %s", o->file,
		fault));
	return 0;
}

/* The record at OFFSET of FILE as an original, ID if it has that. 1 / 0 / -1.
 */
static int
take(struct originals *o, struct arena *a, const char *file, uint64_t offset,
    const char *id, struct original *out, struct error *e)
{
	struct record r = { 0 };
	struct place where = { 0 };
	int more = read_record(o, file, offset, &r, &where, e);
	const char *is;

	if (more != 1)
		return more;
	is = record_uri_field(o->arena, &r, "WARC-Record-ID");
	*out = (struct original){ .file = arena_text(a, file),
		.offset = offset };
	if (is == NULL || strcmp(is, id) != 0 ||
	    !record_date_us(&r, &out->captured_us) ||
	    out->captured_us < o->oldest_us ||
	    !is_sound(o, id, &r, &where, out))
		return 0;
	out->record_id = arena_text(a, id);
	out->url = arena_text(
	    a, record_uri_field(o->arena, &r, "WARC-Target-URI"));
	out->date = field(a, &r, "WARC-Date");
	out->payload_digest = field(a, &r, "WARC-Payload-Digest");
	out->media_type = field(a, &r, "WARC-Identified-Payload-Type");
	out->status = http_reader_status(o->payload.http);
	take_validators(a, o->payload.http, out);
	return out->status == 200 && out->payload_len > 0;
}

static const struct index_hit *
hit_of(const struct index_hit *hits, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(hits[i].id, id) == 0)
			return &hits[i];
	return NULL;
}

/* The original of the revisit H, one of COUNT HITS; its own head says what
 * the version goes by now. */
static int
follow(struct originals *o, struct arena *a, const struct index_hit *h,
    const struct index_hit *hits, size_t count, struct original *out,
    struct error *e)
{
	struct record r = { 0 };
	struct place where = { 0 };
	struct original now = { 0 };
	struct index_hit *others = NULL;
	const char *id;
	const char *uri;
	int rc = read_record(o, h->file, h->offset, &r, &where, e);

	if (rc != 1)
		return rc;
	id = record_uri_field(o->arena, &r, "WARC-Refers-To");
	uri = record_uri_field(o->arena, &r, "WARC-Refers-To-Target-URI");
	if (record_type(&r) != RECORD_REVISIT || id == NULL || uri == NULL ||
	    !read_head(o, &r))
		return 0;
	take_validators(a, o->payload.http, &now);
	now.status = http_reader_status(o->payload.http);
	if (hit_of(hits, count, id) == NULL) {
		if (index_view_find(
			o->index, o->arena, uri, &others, &count, e) != 0)
			return -1;
		hits = others;
	}
	h = hit_of(hits, count, id);
	rc = h == NULL ? 0 : take(o, a, h->file, h->offset, id, out, e);
	/* A 304 need not repeat them (RFC 9110, 15.4.5). */
	if (rc == 1 && (now.status != 304 || now.etag[0] != '\0')) {
		out->etag = now.etag;
		out->last_modified = now.last_modified;
	}
	return rc;
}

/* DIGEST: it must have this payload; NULL any. */
static int
find(struct originals *o, struct arena *a, const char *url, const char *digest,
    struct original *out, struct error *e)
{
	struct index_hit *hits = NULL;
	size_t count = 0;
	int is_blunt = 0;
	int rc = 0;

	if (open_all(o, e) != 0 ||
	    index_view_find(o->index, o->arena, url, &hits, &count, e) != 0)
		return -1;
	for (size_t i = count; i-- > 0;) {
		const struct index_hit *h = &hits[i];
		int is_revisit = strcmp(h->mime, "warc/revisit") == 0;

		/* A 304 that said nothing about our version: next time the
		 * whole is asked for. */
		is_blunt |= !is_revisit && h->status == 304;
		if (h->status != 200 && !(is_revisit && h->status == 304))
			continue;
		if (digest != NULL && strcmp(h->digest, digest) != 0)
			break;
		rc = is_revisit ? follow(o, a, h, hits, count, out, e)
				: take(o, a, h->file, h->offset, h->id, out, e);
		break;
	}
	if (rc == 1 && is_blunt)
		out->etag = out->last_modified = "";
	return rc;
}

int
originals_for_url(struct originals *o, struct arena *a, const char *url,
    struct original *out, struct error *e)
{
	return find(o, a, url, NULL, out, e);
}

int
originals_same(struct originals *o, struct arena *a, const char *url,
    const char *payload_digest, struct original *out, struct error *e)
{
	int rc = find(o, a, url, payload_digest, out, e);

	if (rc == 1 && strcmp(out->payload_digest, payload_digest) != 0)
		rc = 0;
	return rc;
}

int
originals_for_digest(struct originals *o, struct arena *a,
    const char *payload_digest, struct original *out, struct error *e)
{
	struct catalog_record *records = NULL;
	size_t count = 0;
	int rc = 0;

	if (open_all(o, e) != 0)
		return -1;
	/* One that does not read knows nothing. */
	if (o->catalog == NULL ||
	    catalog_find_payload(o->catalog, o->arena, payload_digest,
		SAME_PAYLOAD_MAX, &records, &count, NULL) != 0)
		return 0;
	for (size_t i = 0; i < count && rc == 0; i++) {
		rc = take(o, a, records[i].file, records[i].offset,
		    records[i].id, out, e);
		if (rc == 1 && strcmp(out->payload_digest, payload_digest) != 0)
			rc = 0;
	}
	return rc;
}

int
originals_exchange(struct originals *o, const struct original *x,
    const char *spool_dir, struct exchange **out, struct error *e)
{
	return recall_response(
	    o->collection, x->file, x->offset, x->url, spool_dir, out, e);
}

int
originals_page_state(struct originals *o, const char *url)
{
	if (open_all(o, NULL) != 0 || o->catalog == NULL)
		return -1;
	return catalog_page_state(o->catalog, url);
}
