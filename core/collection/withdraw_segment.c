/* A record file written anew with tombstones. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/output.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/tombstone.h"
#include "core/collection/withdraw_part.h"

struct rewriting {
	const struct withdraw_plan *plan;
	const struct withdraw_segment *segment;
	struct gzip_writer *gzip;
	struct output out;
	int fd;          /* of the old file */
	uint64_t copied; /* its bytes up to here are done with */
	uint64_t number; /* of the record under way */
	char warcinfo[RECORD_ID_MAX + 2]; /* of the file, in brackets */
};

static int
copy_to(struct rewriting *w, uint64_t end, struct error *e)
{
	struct stream *s = stream_of_file(w->fd, w->copied, end - w->copied);
	const uint8_t *p;
	size_t len;
	int more;

	while ((more = stream_next(s, &p, &len, e)) == 1)
		if (output_add(&w->out, p, len, e) != 0) {
			more = -1;
			break;
		}
	stream_free(s);
	w->copied = end;
	return more;
}

static int
add_piece(void *context, const uint8_t *p, size_t len, struct error *e)
{
	return output_add(context, p, len, e);
}

static const char *
field_of(const struct record *r, const char *name)
{
	const char *value = record_field(r, name);

	return value == NULL ? "" : value;
}

/* The block, and the digest of it. */
static void
make_block(const struct rewriting *w, struct arena *a, const struct record *old,
    struct buf *block, char digest[DIGEST_TEXT_MAX])
{
	const char *uri = record_uri_field(a, old, "WARC-Target-URI");
	char hash[DIGEST_TEXT_MAX];
	const struct tombstone t = {
		.record = record_uri_field(a, old, "WARC-Record-ID"),
		.type = field_of(old, "WARC-Type"),
		.date = field_of(old, "WARC-Date"),
		.uri_hash = hash,
		.block_digest = field_of(old, "WARC-Block-Digest"),
		.payload_digest = field_of(old, "WARC-Payload-Digest"),
		.block_len = (int64_t)old->block_len,
		.reason = w->plan->reason,
		.by = w->plan->by,
		.at = w->plan->at,
	};

	withdrawn_hash(uri == NULL ? "" : uri, hash);
	tombstone_write(block, &t);
	digest_text(DIGEST_SHA256, block->data, block->len, digest);
}

static int
put_tombstone(struct rewriting *w, struct arena *a, const struct record *old,
    struct error *e)
{
	const struct withdraw_segment *s = w->segment;
	const char *uri = record_uri_field(a, old, "WARC-Target-URI");
	const char *id = record_uri_field(a, old, "WARC-Record-ID");
	struct record r = { .version = "WARC/1.1" };
	struct buf block = { 0 };
	char digest[DIGEST_TEXT_MAX];
	char hash[DIGEST_TEXT_MAX];
	char own[RECORD_ID_MAX];
	uint64_t length;
	int rc;

	withdrawn_hash(uri == NULL ? "" : uri, hash);
	make_block(w, a, old, &block, digest);
	record_make_id(own, s->collection_id, s->file, w->number, "conversion",
	    w->plan->at, digest);
	r.block_len = block.len;
	record_add(a, &r, "WARC-Type", "conversion");
	record_add(a, &r, "WARC-Record-ID", arena_format(a, "<%s>", own));
	record_add(a, &r, "WARC-Date", w->plan->at);
	if (w->warcinfo[0] != '\0')
		record_add(a, &r, "WARC-Warcinfo-ID", w->warcinfo);
	record_add(a, &r, "WARC-Refers-To", arena_format(a, "<%s>", id));
	record_add(a, &r, "WARC-Target-URI",
	    arena_format(a, TOMBSTONE_URI "%s", hash));
	record_add(a, &r, "Content-Type", TOMBSTONE_TYPE);
	record_add(a, &r, "WARC-Block-Digest", digest);
	record_add(
	    a, &r, "Content-Length", arena_format(a, "%" PRIu64, r.block_len));
	r.block = stream_of_bytes(block.data, block.len);
	rc = warc_write(w->gzip, &r, 0, add_piece, &w->out, &length, e);
	stream_free(r.block);
	buf_clear(&block);
	json_append(s->arena, s->erased, json_new_string(s->arena, id));
	return rc;
}

static int
is_erased(
    const struct withdraw_plan *p, struct arena *a, const struct record *r)
{
	const char *id = record_uri_field(a, r, "WARC-Record-ID");

	return id != NULL && record_type(r) != RECORD_CONVERSION &&
	       target_set_find(&p->ids, id) != NULL;
}

/* One record of the old file, which is open. */
static int
put_record(struct rewriting *w, struct arena *a, struct source *s,
    const struct record *r, struct place *where, struct error *e)
{
	const char *id = field_of(r, "WARC-Record-ID");

	if (w->number == 0 && record_type(r) == RECORD_WARCINFO &&
	    strlen(id) < sizeof(w->warcinfo))
		memcpy(w->warcinfo, id, strlen(id) + 1);
	if (!is_erased(w->plan, a, r))
		return source_finish(s, where, e);
	if (copy_to(w, where->offset, e) != 0 || put_tombstone(w, a, r, e) != 0)
		return -1;
	if (source_finish(s, where, e) != 0)
		return -1;
	if (where->length == 0)
		return error_set(e, ERROR_INTEGRITY,
		    "at %" PRIu64 ": shares a member with another record",
		    where->offset);
	w->copied = where->offset + where->length;
	return 0;
}

static int
put_all(struct rewriting *w, struct source *s, struct error *e)
{
	struct arena *a = arena_new();
	struct place where;
	struct record r;
	int more;

	while ((more = source_next(s, a, &r, &where, e)) == 1) {
		if (put_record(w, a, s, &r, &where, e) != 0) {
			more = -1;
			break;
		}
		w->number++;
		arena_reset(a);
	}
	arena_free(a);
	return more;
}

int
withdraw_segment(const struct withdraw_plan *p,
    const struct withdraw_segment *segment, struct error *e)
{
	struct rewriting w = {
		.plan = p, .segment = segment, .out = { .fd = -1 }, .fd = -1
	};
	char *from = mem_format("%s/%s", segment->from, segment->file);
	char *to = mem_format("%s/%s", segment->to, segment->file);
	struct source *s = NULL;
	uint64_t size;
	int rc = -1;

	w.gzip = gzip_writer_new();
	w.fd = file_open_read(from, e);
	if (w.fd < 0 || file_size(from, &size, e) != 0 ||
	    source_open(&s, from, e) != 0 || output_open(&w.out, to, e) != 0)
		goto done;
	rc = put_all(&w, s, e);
	if (rc == 0)
		rc = copy_to(&w, size, e);
	if (rc == 0)
		rc = output_finish(&w.out, e);
done:
	if (rc != 0)
		(void)error_within(e, "%s", from);
	output_clear(&w.out);
	source_free(s);
	if (w.fd >= 0)
		(void)close(w.fd); /* only read */
	gzip_writer_free(w.gzip);
	free(from);
	free(to);
	return rc;
}

int
withdraw_concerns(
    const struct withdraw_plan *p, const char *path, struct error *e)
{
	struct arena *a = arena_new();
	struct source *s = NULL;
	struct place where;
	struct record r;
	int yes = 0;
	int more = source_open(&s, path, e) == 0 ? 1 : -1;

	while (!yes && more == 1) {
		more = source_next(s, a, &r, &where, e);
		yes = more == 1 && is_erased(p, a, &r);
		arena_reset(a);
	}
	source_free(s);
	arena_free(a);
	return more < 0 ? error_within(e, "%s", path) : yes;
}
