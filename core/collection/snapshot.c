/* A snapshot being written: names, queue items, and what is known of it. */
#include "core/collection/snapshot.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
#include "core/collection/fields.h"
#include "core/collection/journal.h"
#include "core/collection/layout.h"
#include "core/collection/lines.h"
#include "core/collection/originals.h"
#include "core/collection/past.h"
#include "core/collection/place.h"
#include "core/collection/recall.h"
#include "core/collection/recent.h"
#include "core/collection/records.h"
#include "core/collection/seal.h"
#include "core/collection/writer.h"

/* URLs of one page are told in lines of about this many bytes. */
enum { DISCOVERED_LINE = 256 * 1024 };

struct snapshot {
	struct collection *collection; /* borrowed */
	struct clock *clock;
	struct snapshot_place place;
	uint64_t last_ticket;
	struct writer *writer;
	int64_t run_start_us;
	unsigned run;     /* which of the snapshot, from 1 */
	struct past past; /* of the runs before */
	struct recent recent;
};

static struct records *
make_records(const struct snapshot *s, const struct snapshot_options *o)
{
	char time[DATE_TEXT_MAX];

	date_digits(s->place.second * 1000000, time);
	return records_new(&(struct records_options){
	    .dir = s->place.dir,
	    .name = s->place.name,
	    .collection_id = s->collection->id,
	    .prefix = s->collection->prefix,
	    .time = time,
	    .start_us = s->run_start_us,
	    .run = s->run,
	    .warcinfo = o->warcinfo,
	    .segment_bytes = o->segment_bytes == 0 ? LIMIT_SEGMENT_BYTES
						   : o->segment_bytes,
	    .add_sha1 = o->add_sha1,
	    .revisits = o->revisits,
	});
}

static int
start_writer(
    struct snapshot *s, const struct snapshot_options *o, struct error *e)
{
	struct buf begin = { 0 };
	int fd = place_journal(&s->place, e);

	if (fd < 0)
		return -1;
	s->run_start_us = s->place.start_us;
	place_begin(&begin, &s->place, s->collection, o->kind, o->facts);
	s->writer = writer_start(make_records(s, o), fd, buf_text(&begin), e);
	buf_clear(&begin);
	return s->writer == NULL ? -1 : 0;
}

struct snapshot *
snapshot_begin(struct collection *c, const struct snapshot_options *o,
    struct clock *clock, struct error *e)
{
	struct snapshot *s = mem_zero(1, sizeof(*s));

	assert(strchr(o->site, '/') == NULL);
	s->collection = c;
	s->clock = clock;
	s->run = 1;
	s->past.cut_from = UINT64_MAX;
	if (place_make(&s->place, c, o->site, clock->wall_us(clock), e) != 0 ||
	    start_writer(s, o, e) != 0) {
		snapshot_abandon(s);
		return NULL;
	}
	return s;
}

/* The writer goes on behind what the journal FD (taken) holds. */
static int
resume_writer(struct snapshot *s, const struct snapshot_options *o, int fd,
    struct error *e)
{
	struct records_past past;
	struct records *records;
	struct buf run = { 0 };
	uint64_t size;

	if (past_read(&s->past, fd, e) != 0 ||
	    file_size(s->place.journal, &size, e) != 0 ||
	    (size != s->past.end &&
		error_set(e, ERROR_INTEGRITY, "bytes behind its end") != 0)) {
		(void)close(fd);
		return error_within(e, "%s", s->place.journal);
	}
	s->run = s->past.runs + 1;
	s->run_start_us = s->clock->wall_us(s->clock);
	if (s->run_start_us < s->past.ended_us)
		s->run_start_us = s->past.ended_us;
	past = (struct records_past){ &s->past.certificates, &s->past.repeats,
		s->past.connections, s->past.evidence_serial,
		s->past.derived_serial };
	records = make_records(s, o);
	records_resume(records, &past);
	place_run(&run, s->run, s->run_start_us, o->facts);
	s->writer = writer_resume(records, fd, buf_text(&run), &s->past, e);
	buf_clear(&run);
	return s->writer == NULL ? -1 : 0;
}

struct snapshot *
snapshot_resume(struct collection *c, const char *name,
    const struct snapshot_options *o, struct clock *clock, struct error *e)
{
	struct snapshot *s = mem_zero(1, sizeof(*s));
	int fd = -1;

	s->collection = c;
	s->clock = clock;
	if (place_find(&s->place, c, name, e) == 0)
		fd = file_open_write(s->place.journal, e);
	if (fd < 0 || resume_writer(s, o, fd, e) != 0) {
		snapshot_abandon(s);
		return NULL;
	}
	return s;
}

const char *
snapshot_name(const struct snapshot *s)
{
	return s->place.name;
}

int64_t
snapshot_date_us(const struct snapshot *s, const struct exchange *x)
{
	return records_date_us(s->run_start_us, x);
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
	if (f->original != NULL) {
		item_set(i, ITEM_ORIGINAL, f->original->record_id);
		item_set(i, ITEM_ORIGINAL_URL, f->original->url);
		item_set(i, ITEM_ORIGINAL_DATE, f->original->date);
		item_set(i, ITEM_ORIGINAL_DIGEST, f->original->payload_digest);
		i->original_len = f->original->payload_len;
	}
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
	o.run = s->run;
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

/* The outcome that the line at AT tells. 1 / 0. */
static int
read_outcome(
    struct snapshot *s, uint64_t at, struct arena *a, struct captured *out)
{
	struct buf line = { 0 };
	struct json *o = NULL;

	if (writer_line(s->writer, at, &line))
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
	out->is_earlier = writer_is_earlier(s->writer, at);
	return 1;
}

int
snapshot_find(
    struct snapshot *s, const char *url, struct arena *a, struct captured *out)
{
	uint64_t at;

	if (!writer_at(s->writer, url, &at))
		return 0;
	if (recent_find(&s->recent, at, a, out))
		return 1;
	if (!read_outcome(s, at, a, out))
		return 0;
	recent_keep(&s->recent, at, out);
	return 1;
}

/* Was it told by a run that was cut off, of a capture of PAGE_URL that this run
 * has not made anew? 1 / 0. */
static int
is_told(struct snapshot *s, char kind, const char *what, const char *page_url)
{
	struct buf line = { 0 };
	uint64_t at;
	int is_earlier;

	if (s->past.cut_from == UINT64_MAX ||
	    !past_has_told(&s->past, kind, what))
		return 0;
	is_earlier = writer_find(s->writer, page_url, &line, &at) &&
		     writer_is_earlier(s->writer, at);
	buf_clear(&line);
	return is_earlier;
}

int
snapshot_recall(
    struct snapshot *s, const char *url, struct exchange **x, struct error *e)
{
	struct arena *a;
	struct buf text = { 0 };
	const struct json *line;
	char *open;
	uint64_t at;
	int rc = 0;

	if (s->past.cut_from == UINT64_MAX)
		return 0;
	a = arena_new();
	open = mem_format("%s.open", s->place.below);
	if (writer_find(s->writer, url, &text, &at) &&
	    writer_is_earlier(s->writer, at) && at >= s->past.cut_from) {
		line = json_parse(a, buf_text(&text), text.len, e);
		rc = line == NULL
			 ? -1
			 : recall_exchange(s->collection, open, line, x, e);
	}
	buf_clear(&text);
	arena_free(a);
	free(open);
	return rc;
}

uint64_t
snapshot_add_derived(struct snapshot *s, const char *kind, const char *page_url,
    const char *record_id, const char *date, const char *block, size_t len)
{
	struct buf uri = { 0 };
	struct item *i;
	int is_old;

	derived_uri(&uri, kind, page_url);
	is_old = is_told(s, 'a', buf_text(&uri), page_url);
	buf_clear(&uri);
	if (is_old)
		return s->last_ticket;
	i = item_new(ITEM_DERIVED);
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
	const char *url = json_text(json_get(page, "url"), "");
	struct item *i;

	if (is_told(s, 'p', url, url))
		return s->last_ticket;
	i = item_new(ITEM_LINE);
	i->line = 'p';
	json_write(&i->data, page);
	if (s->run > 1) {
		buf_cut(&i->data, i->data.len - 1);
		line_number(&i->data, "run", s->run);
		line_end(&i->data);
	}
	return put(s, i);
}

int
snapshot_add_profile(struct snapshot *s, const char *key, const char *data,
    size_t len, struct error *e)
{
	char digest[DIGEST_TEXT_MAX];
	char *folder = mem_format("%s/profiles", s->place.dir);
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

/* The run's end by the clock, which may have stepped back. */
static int64_t
end_us(const struct snapshot *s)
{
	int64_t now = s->clock->wall_us(s->clock);

	return now < s->run_start_us ? s->run_start_us : now;
}

int
snapshot_seal(struct snapshot *s, const char *status,
    struct snapshot_totals *totals, char **dir, struct error *e)
{
	const struct seal_options options = {
		.status = status,
		.ended_us = end_us(s),
	};
	struct seal_result result = { .totals = totals };
	int rc = writer_finish(s->writer, e);

	*dir = NULL;
	*totals = (struct snapshot_totals){ 0 };
	if (rc == 0)
		rc = seal_snapshot(
		    s->collection, s->place.below, &options, &result, e);
	*dir = result.dir == NULL ? mem_text("") : result.dir;
	snapshot_abandon(s);
	return rc;
}

int
snapshot_park(struct snapshot *s, const char *status, struct error *e)
{
	struct buf json = { 0 };
	int rc = writer_finish(s->writer, e);

	journal_end_json(&json, status, end_us(s));
	if (rc == 0)
		rc = writer_end(s->writer, 'k', &json, e);
	buf_clear(&json);
	snapshot_abandon(s);
	return rc;
}

void
snapshot_abandon(struct snapshot *s)
{
	if (s == NULL)
		return;
	writer_free(s->writer);
	place_clear(&s->place);
	past_clear(&s->past);
	recent_clear(&s->recent);
	free(s);
}
