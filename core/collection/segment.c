/* Record files of an open snapshot, written front to back. */
#include "core/collection/segment.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/base/arena.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/collection/lines.h"
#include "core/web/exchange.h"
#include "core/web/http_message.h"

/* Bytes gathered before they are given to the system. */
enum { SEGMENT_PENDING = 1024 * 1024 };

void
segment_init(struct segment *s, const struct segment_options *o)
{
	*s = (struct segment){ .fd = -1, .roll_bytes = o->roll_bytes };
	s->folder = mem_format("%s/%s", o->dir, o->folder);
	s->stem = mem_format("%s/%s-%s", o->folder, o->prefix, o->time);
	s->collection_id = mem_text(o->collection_id);
	s->warcinfo = o->warcinfo;
	s->digest = digester_new(DIGEST_SHA256);
}

void
segment_clear(struct segment *s)
{
	if (s->fd >= 0)
		(void)close(s->fd); /* all that counts was synced */
	buf_clear(&s->pending);
	digester_free(s->digest);
	free(s->folder);
	free(s->stem);
	free(s->collection_id);
	free(s->file);
	*s = (struct segment){ .fd = -1 };
}

void
draft_init(struct draft *d, const char *type, const char *date)
{
	*d = (struct draft){
		.type = type,
		.date = date,
		.uri = "",
		.concurrent_to = "",
		.refers_to = "",
		.content_type = "",
		.media_type = "",
		.payload_digest = "",
		.block_digest = "",
	};
}

static int
write_pending(struct segment *s, struct error *e)
{
	if (s->pending.len > 0 && file_write_at(s->fd, s->pending.data,
				      s->pending.len, s->written, e) != 0)
		return error_within(e, "%s", s->file);
	s->written += s->pending.len;
	buf_reset(&s->pending);
	return 0;
}

/* A piece of a gzip member. */
static int
add_piece(void *context, const uint8_t *p, size_t len, struct error *e)
{
	struct segment *s = context;

	digester_add(s->digest, p, len);
	buf_add(&s->pending, p, len);
	return s->pending.len < SEGMENT_PENDING ? 0 : write_pending(s, e);
}

static void
add_uri(struct arena *a, struct record *r, const char *name, const char *uri)
{
	if (*uri != '\0')
		record_add(a, r, name, arena_format(a, "<%s>", uri));
}

static void
add_text(struct arena *a, struct record *r, const char *name, const char *text)
{
	if (*text != '\0')
		record_add(a, r, name, text);
}

/* The whole head: WARC 1.1, 5. */
static void
make_record(
    const struct segment *s, struct arena *a, struct draft *d, struct record *r)
{
	int is_warcinfo = s->number == 0;

	*r = (struct record){
		.version = "WARC/1.1",
		.block = d->block,
		.block_len = d->len,
	};
	d->number = s->number;
	d->offset = s->end;
	record_make_id(d->id, s->collection_id, s->file, d->number, d->type,
	    d->date, d->block_digest);
	record_add(a, r, "WARC-Type", d->type);
	add_uri(a, r, "WARC-Record-ID", d->id);
	record_add(a, r, "WARC-Date", d->date);
	add_uri(a, r, "WARC-Warcinfo-ID", is_warcinfo ? "" : s->warcinfo_id);
	add_uri(a, r, "WARC-Concurrent-To", d->concurrent_to);
	add_uri(a, r, "WARC-Refers-To", d->refers_to);
	add_text(a, r, "WARC-Target-URI", d->uri);
	for (size_t i = 0; i < d->more.field_count; i++)
		record_add(
		    a, r, d->more.fields[i].name, d->more.fields[i].value);
	if (d->len > 0)
		add_text(a, r, "Content-Type", d->content_type);
	add_text(a, r, "WARC-Identified-Payload-Type", d->media_type);
	add_text(a, r, "WARC-Payload-Digest", d->payload_digest);
	add_text(a, r, "WARC-Block-Digest", d->block_digest);
	record_add(a, r, "Content-Length", arena_format(a, "%" PRIu64, d->len));
}

int
segment_put(struct segment *s, struct gzip_writer *gzip, struct arena *a,
    struct draft *d, struct error *e)
{
	struct record r;
	struct buf head = { 0 };

	make_record(s, a, d, &r);
	record_write_head(&head, &r);
	d->head_len = head.len;
	buf_clear(&head);
	if (warc_write(gzip, &r, d->stored, add_piece, s, &d->length, e) != 0)
		return error_within(e, "%s at %" PRIu64, s->file, s->end);
	s->end += d->length;
	s->number++;
	return 0;
}

int
segment_put_record(struct segment *s, struct gzip_writer *gzip,
    const struct record *r, enum gzip_way way, uint64_t *offset,
    uint64_t *length, struct error *e)
{
	struct stream *block = stream_exact(r->block, r->block_len);
	struct buf head = { 0 };
	struct buf tail = { 0 };
	int rc;

	if (r->head_len > 0)
		buf_add(&head, r->head, r->head_len);
	else
		record_write_head(&head, r);
	buf_add(&tail, "\r\n\r\n", 4);
	rc = gzip_member_write(
	    gzip, way, &head, block, &tail, add_piece, s, length, e);
	buf_clear(&tail);
	buf_clear(&head);
	stream_free(block);
	if (rc != 0)
		return error_within(e, "%s at %" PRIu64, s->file, s->end);
	*offset = s->end;
	s->end += *length;
	s->number++;
	return 0;
}

int
segment_put_member(struct segment *s, struct stream *bytes, uint64_t len,
    uint64_t *offset, struct error *e)
{
	const uint8_t *p;
	size_t n;
	uint64_t got = 0;
	int more;

	while ((more = stream_next(bytes, &p, &n, e)) == 1) {
		if (add_piece(s, p, n, e) != 0)
			return -1;
		got += n;
	}
	if (more == 0 && got != len)
		more = error_set(e, ERROR_INPUT,
		    "%" PRIu64 " bytes of a member are there, not %" PRIu64,
		    got, len);
	if (more != 0)
		return error_within(e, "%s at %" PRIu64, s->file, s->end);
	*offset = s->end;
	s->end += len;
	s->number++;
	return 0;
}

int
segment_must_roll(const struct segment *s)
{
	return s->file == NULL || s->committed >= s->roll_bytes;
}

/* A new empty file; the one before is complete and synced. */
static int
open_next(struct segment *s, struct error *e)
{
	char *path;

	if (s->file == NULL && file_make_dir(s->folder, e) != 0)
		return -1;
	if (s->fd >= 0 && file_close(s->fd, e) != 0) {
		s->fd = -1;
		return error_within(e, "%s", s->file);
	}
	free(s->file);
	s->serial++;
	s->file = mem_format("%s-%05u.warc.gz", s->stem, s->serial);
	path = mem_format("%s%s", s->folder, strrchr(s->file, '/'));
	s->fd = file_create(path, e);
	free(path);
	if (s->fd < 0)
		return -1;
	s->number = s->end = s->committed = s->written = 0;
	buf_reset(&s->pending);
	digester_reset(s->digest);
	return file_sync_dir(s->folder, e);
}

int
segment_roll(struct segment *s, struct gzip_writer *gzip, struct arena *a,
    struct draft *warcinfo, struct error *e)
{
	char digest[DIGEST_TEXT_MAX];
	int rc;

	if (open_next(s, e) != 0)
		return -1;
	digest_text(DIGEST_SHA256, s->warcinfo->data, s->warcinfo->len, digest);
	record_add(
	    a, &warcinfo->more, "WARC-Filename", strrchr(s->file, '/') + 1);
	warcinfo->content_type = "application/warc-fields";
	warcinfo->block = stream_of_bytes(s->warcinfo->data, s->warcinfo->len);
	warcinfo->len = s->warcinfo->len;
	warcinfo->block_digest = arena_text(a, digest);
	rc = segment_put(s, gzip, a, warcinfo, e);
	stream_free(warcinfo->block);
	warcinfo->block = NULL;
	(void)snprintf(
	    s->warcinfo_id, sizeof(s->warcinfo_id), "%s", warcinfo->id);
	return rc;
}

void
segment_tell(const struct segment *s, const struct draft *d,
    const struct exchange *x, struct buf *json)
{
	struct buf mime = { 0 };

	line_begin(json);
	line_text(json, "file", s->file);
	line_number(json, "offset", (int64_t)d->offset);
	line_number(json, "length", (int64_t)d->length);
	line_number(json, "number", (int64_t)d->number);
	line_text(json, "id", d->id);
	line_text(json, "type", d->type);
	line_text(json, "uri", d->uri);
	line_text(json, "date", d->date);
	if (x != NULL) {
		http_content_type(x->content_type, &mime, NULL);
		line_number(json, "status", x->status);
		line_text(json, "mime", buf_text(&mime));
	} else {
		line_text(json, "mime", d->content_type);
	}
	line_text(json, "digest", d->payload_digest);
	line_end(json);
	buf_clear(&mime);
}

int
segment_is_dirty(const struct segment *s)
{
	return s->end > s->committed;
}

int
segment_sync(struct segment *s, struct error *e)
{
	if (write_pending(s, e) != 0)
		return -1;
	if (file_sync(s->fd, e) != 0) {
		s->suspect = 1;
		return error_within(e, "%s", s->file);
	}
	return 0;
}

void
segment_state(const struct segment *s, struct buf *json)
{
	char hex[DIGEST_TEXT_MAX];

	digester_hex(s->digest, hex);
	line_begin(json);
	line_text(json, "file", s->file);
	line_number(json, "end", (int64_t)s->end);
	line_text(json, "sha256", hex);
	line_end(json);
}

void
segment_commit(struct segment *s)
{
	s->committed = s->end;
}

void
segment_back(struct segment *s)
{
	/* Failing here is no news: recovery cuts at the same place. */
	if (s->fd >= 0 && !s->suspect && s->end > s->committed)
		(void)file_truncate(s->fd, s->committed, NULL);
}
