/* A snapshot being written: names, queue items, and what is known of it. */
#include "core/collection/snapshot.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/version.h"
#include "core/collection/layout.h"
#include "core/collection/lines.h"
#include "core/collection/records.h"
#include "core/collection/seal.h"
#include "core/collection/writer.h"

/* URLs of one page are told in lines of about this many bytes. */
enum { DISCOVERED_LINE = 256 * 1024 };

struct snapshot {
	struct collection *collection; /* borrowed */
	struct clock *clock;
	char *name;
	char *below; /* "snapshots/2026/11/NAME" */
	char *dir;   /* NAME.open, absolute */
	int64_t start_us;
	uint64_t last_ticket;
	struct writer *writer;
};

/* The time in a snapshot's path, in whole seconds; INT64_MIN if none. */
static int64_t
time_in_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	char digits[15] = "";
	int64_t us;

	if (strlen(name) < 16 || name[8] != 'T' || name[15] != 'Z')
		return INT64_MIN;
	memcpy(digits, name, 8);
	memcpy(digits + 8, name + 9, 6);
	return date_parse_digits(digits, &us) ? us / 1000000 : INT64_MIN;
}

/*
 * The second that names the snapshot: that of its start, or the next one that
 * none before it took, so that the order of names is the order of snapshots
 * and no two segments of a collection share a name, whatever the clock did.
 */
static int
choose_second(const struct collection *c, int64_t now_us, int64_t *second,
    struct error *e)
{
	struct file_names sealed;
	struct file_names open;
	int64_t last = INT64_MIN;

	if (collection_snapshots(c, &sealed, &open, e) != 0)
		return -1;
	if (sealed.count > 0)
		last = time_in_name(sealed.names[sealed.count - 1]);
	if (open.count > 0 && time_in_name(open.names[open.count - 1]) > last)
		last = time_in_name(open.names[open.count - 1]);
	file_names_clear(&sealed);
	file_names_clear(&open);
	*second = now_us / 1000000;
	if (*second <= last)
		*second = last + 1;
	return 0;
}

/* Folders of the new snapshot; its name and paths go to S. */
static int
make_place(
    struct snapshot *s, const char *site, int64_t second, struct error *e)
{
	char time[DATE_TEXT_MAX];
	struct date_fields d;
	char *month = NULL;
	char *path = NULL;
	int rc = -1;

	date_compact(second * 1000000, time);
	date_split(second * 1000000, &d);
	s->name = mem_format("%s-%s", time, site);
	month = mem_format("snapshots/%04d/%02d", d.year, d.month);
	s->below = mem_format("%s/%s", month, s->name);
	s->dir = mem_format("%s/%s.open", s->collection->dir, s->below);
	path = collection_path(s->collection, month);
	if (file_make_dirs(path, e) != 0)
		goto done;
	if (file_exists(s->dir)) {
		(void)error_set(
		    e, ERROR_SYSTEM, "%s: is there already", s->dir);
		goto done;
	}
	rc = file_make_dir(s->dir, e);
done:
	free(path);
	free(month);
	return rc;
}

/* The first line of the journal: what sealing needs to know of the run. */
static void
add_begin(struct buf *json, const struct snapshot *s,
    const struct snapshot_options *o)
{
	char started[DATE_TEXT_MAX];

	date_rfc3339_us(s->start_us, started);
	line_begin(json);
	line_number(json, "layout", COLLECTION_LAYOUT);
	line_text(json, "kind", o->kind);
	line_text(json, "snapshot", s->name);
	line_text(json, "collection", s->collection->id);
	line_text(json, "started", started);
	line_text(json, "software", "holdfast");
	line_text(json, "version", version_text());
	line_text(json, "revision", version_revision());
	line_json(json, "run", o->facts);
	line_end(json);
}

static struct records *
make_records(
    const struct snapshot *s, const struct snapshot_options *o, int64_t second)
{
	char time[DATE_TEXT_MAX];

	date_digits(second * 1000000, time);
	return records_new(&(struct records_options){
	    .dir = s->dir,
	    .name = s->name,
	    .collection_id = s->collection->id,
	    .prefix = s->collection->prefix,
	    .time = time,
	    .start_us = s->start_us,
	    .warcinfo = o->warcinfo,
	    .segment_bytes = o->segment_bytes == 0 ? LIMIT_SEGMENT_BYTES
						   : o->segment_bytes,
	    .add_sha1 = o->add_sha1,
	});
}

static int
start_writer(struct snapshot *s, const struct snapshot_options *o,
    int64_t second, struct error *e)
{
	char *path = mem_format("%s/%s.journal", s->collection->dir, s->below);
	struct buf begin = { 0 };
	int fd = file_create(path, e);
	int rc = -1;

	if (fd < 0)
		goto done;
	add_begin(&begin, s, o);
	s->writer = writer_start(
	    make_records(s, o, second), fd, buf_text(&begin), e);
	if (s->writer == NULL)
		goto done;
	*strrchr(path, '/') = '\0';
	rc = file_sync_dir(path, e);
done:
	buf_clear(&begin);
	free(path);
	return rc;
}

struct snapshot *
snapshot_begin(struct collection *c, const struct snapshot_options *o,
    struct clock *clock, struct error *e)
{
	struct snapshot *s = mem_zero(1, sizeof(*s));
	int64_t second;

	assert(strchr(o->site, '/') == NULL);
	s->collection = c;
	s->clock = clock;
	s->start_us = clock->wall_us(clock);
	if (choose_second(c, s->start_us, &second, e) != 0 ||
	    make_place(s, o->site, second, e) != 0 ||
	    start_writer(s, o, second, e) != 0) {
		snapshot_abandon(s);
		return NULL;
	}
	return s;
}

const char *
snapshot_name(const struct snapshot *s)
{
	return s->name;
}

int64_t
snapshot_date_us(const struct snapshot *s, const struct exchange *x)
{
	return records_date_us(s->start_us, x);
}

/* Into the queue; the ticket to give out. An outcome that comes twice is a
 * mistake of ours: shown in builds for tests, otherwise the first one stays.
 */
static uint64_t
put(struct snapshot *s, struct item *i)
{
	uint64_t ticket = writer_put(s->writer, i);

	assert(ticket != 0 || strcmp(version_mode(), "release") == 0);
	if (ticket != 0)
		s->last_ticket = ticket;
	return s->last_ticket;
}

uint64_t
snapshot_put(
    struct snapshot *s, struct exchange *x, const struct capture_facts *f)
{
	struct item *i = item_new(ITEM_CAPTURE);

	i->exchange = exchange_keep(x);
	item_set(i, ITEM_URL, x->url);
	item_set(i, ITEM_VIA, f->via);
	item_set(i, ITEM_HOPS, f->hops);
	item_set(i, ITEM_NEED, f->need);
	item_set(i, ITEM_WHERE, f->where);
	item_set(i, ITEM_MEDIA_TYPE, f->media_type);
	item_set(i, ITEM_ROBOTS, f->robots);
	return put(s, i);
}

/* Absent text is "", whatever the caller's struct holds. */
static const char *
text_of(const char *s)
{
	return s == NULL ? "" : s;
}

uint64_t
snapshot_outcome(struct snapshot *s, const char *url, enum outcome outcome,
    const char *reason, int64_t bytes, const struct capture_facts *f)
{
	struct item *i = item_new(ITEM_LINE);
	struct outcome_line o;
	char time[DATE_TEXT_MAX];

	date_rfc3339_us(s->clock->wall_us(s->clock), time);
	outcome_line_init(&o);
	o.url = url;
	o.outcome = outcome;
	o.reason = text_of(reason);
	o.time = time;
	o.via = text_of(f->via);
	o.hops = text_of(f->hops);
	o.need = text_of(f->need);
	o.where = text_of(f->where);
	o.robots = text_of(f->robots);
	o.media_type = text_of(f->media_type);
	o.bytes = bytes;
	i->line = 'o';
	item_set(i, ITEM_URL, url);
	outcome_line_write(&i->data, &o);
	return put(s, i);
}

static struct item *
new_discovered(const char *page_url)
{
	struct item *i = item_new(ITEM_LINE);

	i->line = 'd';
	line_begin(&i->data);
	line_text(&i->data, "page", page_url);
	buf_add_text(&i->data, ",\"urls\":[");
	return i;
}

uint64_t
snapshot_discovered(
    struct snapshot *s, const char *page_url, const struct json *urls)
{
	struct item *i = new_discovered(page_url);

	for (size_t k = 0; k < json_count(urls); k++) {
		if (i->data.len > DISCOVERED_LINE) {
			buf_add_text(&i->data, "]}");
			(void)put(s, i);
			i = new_discovered(page_url);
		}
		if (i->data.data[i->data.len - 1] != '[')
			buf_add_byte(&i->data, ',');
		json_write(&i->data, json_at(urls, k));
	}
	buf_add_text(&i->data, "]}");
	return put(s, i);
}

int
snapshot_done(struct snapshot *s, uint64_t *ticket, struct error *e)
{
	return writer_done(s->writer, ticket, e);
}

int
snapshot_fd(const struct snapshot *s)
{
	return writer_fd(s->writer);
}

void
snapshot_flush(struct snapshot *s)
{
	writer_flush(s->writer);
}

int
snapshot_find(
    struct snapshot *s, const char *url, struct arena *a, struct captured *out)
{
	struct buf line = { 0 };
	struct json *o = NULL;

	if (writer_find(s->writer, url, &line))
		o = json_parse(a, buf_text(&line), line.len, NULL);
	buf_clear(&line);
	if (o == NULL ||
	    !outcome_find(json_text(json_get(o, "outcome"), ""), &out->outcome))
		return 0;
	out->status = (unsigned)json_int(json_get(o, "status"), 0);
	out->reason = json_text(json_get(o, "reason"), "");
	out->record_id = json_text(json_get(o, "record"), "");
	out->date = *out->record_id == '\0'
			? ""
			: json_text(json_get(o, "time"), "");
	out->payload_digest = json_text(json_get(o, "digest"), "");
	out->block_digest = json_text(json_get(o, "block_digest"), "");
	out->media_type = json_text(json_get(o, "media_type"), "");
	out->content_type = json_text(json_get(o, "content_type"), "");
	out->bytes = json_int(json_get(o, "bytes"), -1);
	out->location = json_text(json_get(o, "location"), "");
	return 1;
}

uint64_t
snapshot_add_derived(struct snapshot *s, const char *kind, const char *page_url,
    const char *record_id, const char *date, const char *block, size_t len)
{
	struct item *i = item_new(ITEM_DERIVED);

	item_set(i, ITEM_TYPE, kind);
	item_set(i, ITEM_URL, page_url);
	item_set(i, ITEM_RECORD, record_id);
	item_set(i, ITEM_DATE, date);
	buf_add(&i->data, block, len);
	return put(s, i);
}

uint64_t
snapshot_add_page(struct snapshot *s, const struct json *page)
{
	struct item *i = item_new(ITEM_LINE);

	i->line = 'p';
	json_write(&i->data, page);
	return put(s, i);
}

int
snapshot_add_profile(struct snapshot *s, const char *key, const char *data,
    size_t len, struct error *e)
{
	char digest[DIGEST_TEXT_MAX];
	char *folder = mem_format("%s/profiles", s->dir);
	char *path;
	int rc;

	assert(strchr(key, '/') == NULL);
	digest_text(DIGEST_SHA256, data, len, digest);
	path = mem_format(
	    "%s/%s-%.16s.site", folder, key, strchr(digest, ':') + 1);
	rc = file_make_dir(folder, e);
	if (rc == 0 && !file_exists(path))
		rc = file_put(path, data, len, e);
	free(path);
	free(folder);
	return rc;
}

int
snapshot_seal(struct snapshot *s, const char *status,
    struct snapshot_totals *totals, char **dir, struct error *e)
{
	const struct seal_options options = {
		.status = status,
		.ended_us = s->clock->wall_us(s->clock),
	};
	struct seal_result result = { .totals = totals };
	int rc = writer_finish(s->writer, e);

	*dir = NULL;
	*totals = (struct snapshot_totals){ 0 };
	if (rc == 0)
		rc = seal_snapshot(
		    s->collection, s->below, &options, &result, e);
	*dir = result.dir == NULL ? mem_text("") : result.dir;
	snapshot_abandon(s);
	return rc;
}

void
snapshot_abandon(struct snapshot *s)
{
	if (s == NULL)
		return;
	writer_free(s->writer);
	free(s->name);
	free(s->below);
	free(s->dir);
	free(s);
}
