/* The snapshot that an import writes. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/gzip_member.h"
#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/collection/fields.h"
#include "core/collection/import_part.h"
#include "core/collection/import_tell.h"
#include "core/collection/journal.h"
#include "core/collection/layout.h"
#include "core/collection/seal.h"

/* Bytes of records between two groups of the journal. */
#define IMPORT_GROUP ((uint64_t)64 * 1024 * 1024)

/* Or bytes of its lines. */
#define IMPORT_LINES ((size_t)4 * 1024 * 1024)

static int
sync_segments(struct import_writer *w, struct buf *json, struct error *e)
{
	int count = 0;

	for (size_t i = 0; i < IMPORT_FOLDERS; i++) {
		struct segment *s = &w->segments[i];

		if (s->file == NULL || !segment_is_dirty(s))
			continue;
		if (segment_sync(s, e) != 0)
			return -1;
		buf_add_text(json, count++ == 0 ? "" : ",");
		segment_state(s, json);
	}
	return 0;
}

/* Steps 1 to 3 of the order of writes. */
static int
commit(struct import_writer *w, struct error *e)
{
	struct buf json = { 0 };
	int rc;

	buf_add_text(&json, "{\"files\":[");
	rc = sync_segments(w, &json, e);
	buf_add_text(&json, "]}");
	journal_add(&w->lines, 'g', buf_text(&json), json.len);
	buf_clear(&json);
	if (rc == 0)
		rc = file_write_at(
		    w->fd, w->lines.data, w->lines.len, w->journal_end, e);
	if (rc == 0)
		rc = file_sync(w->fd, e);
	if (rc != 0)
		return error_within(e, "%s", w->place.journal);
	w->journal_end += w->lines.len;
	buf_reset(&w->lines);
	for (size_t i = 0; i < IMPORT_FOLDERS; i++)
		segment_commit(&w->segments[i]);
	return 0;
}

/* The next file of a folder, with its warcinfo record. */
static int
roll(struct import_writer *w, struct segment *s, struct error *e)
{
	struct arena *a = arena_new(); /* the record under way has the other */
	struct draft d;
	int rc;

	draft_init(&d, "warcinfo", w->started);
	rc = segment_roll(s, w->gzip, a, &d, e);
	if (rc == 0)
		import_tell_draft(&w->lines, s->file, &d);
	arena_free(a);
	return rc;
}

struct segment *
import_write_to(struct import_writer *w, enum import_part part, struct error *e)
{
	struct segment *s = &w->segments[part];
	int is_full = s->file != NULL && s->end >= s->roll_bytes;

	if (is_full && commit(w, e) != 0)
		return NULL;
	if ((s->file == NULL || is_full) && roll(w, s, e) != 0)
		return NULL;
	return s;
}

int
import_write_done(struct import_writer *w, struct error *e)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < IMPORT_FOLDERS; i++)
		bytes += w->segments[i].end - w->segments[i].committed;
	return bytes >= IMPORT_GROUP || w->lines.len >= IMPORT_LINES
		   ? commit(w, e)
		   : 0;
}

/* Where everything came from, as a record. */
static int
put_facts(struct import_writer *w, const struct json *facts, struct error *e)
{
	char digest[DIGEST_TEXT_MAX];
	struct segment *s = import_write_to(w, IMPORT_RECORDS, e);
	struct buf block = { 0 };
	struct draft d;
	int rc;

	if (s == NULL)
		return -1;
	json_write_canonical(&block, facts);
	digest_text(DIGEST_SHA256, block.data, block.len, digest);
	draft_init(&d, "metadata", w->started);
	d.uri = arena_format(w->arena, "urn:holdfast:import:%s", w->place.name);
	d.content_type = "application/vnd.holdfast.import+json";
	d.block_digest = digest;
	d.len = block.len;
	d.block = stream_of_bytes(block.data, block.len);
	rc = segment_put(s, w->gzip, w->arena, &d, e);
	stream_free(d.block);
	buf_clear(&block);
	if (rc == 0)
		import_tell_draft(&w->lines, s->file, &d);
	return rc;
}

/* Fields of the warcinfo record: who, and what was imported. */
static void
write_warcinfo(struct import_writer *w, const struct json *facts)
{
	struct arena *a = arena_new();
	struct json *fields = json_new_object(a);

	json_set(a, fields, "operator", json_get(facts, "operator"));
	json_set(a, fields, "contact", json_get(facts, "contact"));
	json_set_string(a, fields, "description",
	    arena_format(a,
		"import of %zu record file(s); their origin is told by the "
		"record of urn:holdfast:import:%s",
		json_count(json_get(facts, "files")), w->place.name));
	warcinfo_write(&w->warcinfo, w->place.name, fields);
	arena_free(a);
}

static void
init_segments(struct import_writer *w)
{
	static const char *const folders[IMPORT_FOLDERS] = { "records",
		"derived" };
	const struct import_options *o = w->import->options;
	struct segment_options options = {
		.dir = w->place.dir,
		.prefix = w->import->collection->prefix,
		.time = w->time,
		.collection_id = w->import->collection->id,
		.warcinfo = &w->warcinfo,
		.roll_bytes = o->segment_bytes == 0 ? LIMIT_SEGMENT_BYTES
						    : o->segment_bytes,
	};

	for (size_t i = 0; i < IMPORT_FOLDERS; i++) {
		options.folder = folders[i];
		segment_init(&w->segments[i], &options);
	}
}

static void
writer_free(struct import_writer *w)
{
	for (size_t i = 0; i < IMPORT_FOLDERS; i++)
		segment_clear(&w->segments[i]);
	gzip_writer_free(w->gzip);
	arena_free(w->arena);
	buf_clear(&w->warcinfo);
	buf_clear(&w->lines);
	output_clear(&w->places);
	if (w->fd >= 0)
		(void)close(w->fd);
	place_clear(&w->place);
	free(w);
}

static int
begin(struct import_writer *w, const struct json *facts, struct error *e)
{
	struct buf json = { 0 };

	w->fd = place_journal(&w->place, e);
	if (w->fd < 0)
		return -1;
	place_begin(&json, &w->place, w->import->collection, "import", facts);
	if (json.len > IMPORT_REPORT_MAX) {
		buf_clear(&json);
		return error_set(e, ERROR_LIMIT,
		    "too many files, or too much is wrong with them, for one "
		    "import: import fewer at a time");
	}
	journal_add(&w->lines, 'b', buf_text(&json), json.len);
	buf_clear(&json);
	return put_facts(w, facts, e) != 0 ? -1 : commit(w, e);
}

struct import_writer *
import_write_begin(struct import *m, const struct json *facts,
    struct clock *clock, struct error *e)
{
	struct import_writer *w = mem_zero(1, sizeof(*w));

	w->import = m;
	w->fd = w->places.fd = -1;
	for (size_t i = 0; i < IMPORT_FOLDERS; i++)
		w->segments[i].fd = -1;
	w->gzip = gzip_writer_new();
	w->arena = arena_new();
	if (place_make(&w->place, m->collection, m->options->site,
		clock->wall_us(clock), e) != 0) {
		writer_free(w);
		return NULL;
	}
	date_digits(w->place.second * 1000000, w->time);
	date_rfc3339_us(w->place.start_us, w->started);
	write_warcinfo(w, facts);
	init_segments(w);
	if (begin(w, facts, e) == 0)
		return w;
	import_write_undo(w);
	return NULL;
}

/* A new file below the snapshot. */
static int
open_below(struct import_writer *w, const char *folder, const char *name,
    struct output *out, struct error *e)
{
	char *path = mem_format("%s/%s/%s", w->place.dir, folder, name);
	char *slash = strrchr(path, '/');
	int rc;

	*slash = '\0';
	rc = file_make_dirs(path, e);
	*slash = '/';
	*out = (struct output){ .fd = -1 };
	if (rc == 0)
		rc = output_open(out, path, e);
	free(path);
	return rc;
}

int
import_write_source(struct import_writer *w, const char *name,
    struct output *out, struct error *e)
{
	return open_below(w, "sources", name, out, e);
}

/* All of IN to OUT. */
static int
write_all(
    struct output *out, struct input *in, const char *hex, struct error *e)
{
	struct digester *d = digester_new(DIGEST_SHA256);
	struct stream *s = input_stream(in, 0, INPUT_NO_END);
	char text[DIGEST_TEXT_MAX];
	const uint8_t *p;
	size_t len;
	int more;

	while ((more = stream_next(s, &p, &len, e)) == 1) {
		digester_add(d, p, len);
		if (output_add(out, p, len, e) != 0) {
			more = -1;
			break;
		}
	}
	if (more == 0)
		more = output_finish(out, e);
	digester_hex(d, text);
	if (more == 0 && hex != NULL && strcmp(hex, text) != 0)
		more = error_set(e, ERROR_INPUT,
		    "%s: changed while it was imported", input_name(in));
	stream_free(s);
	digester_free(d);
	return more;
}

static int
write_below(struct import_writer *w, const char *folder, const char *name,
    struct input *in, const char *hex, struct error *e)
{
	struct output out;
	int rc = open_below(w, folder, name, &out, e);

	if (rc == 0)
		rc = write_all(&out, in, hex, e);
	output_clear(&out);
	return rc;
}

int
import_write_kept(struct import_writer *w, const char *name, struct input *in,
    const char *hex, struct error *e)
{
	return write_below(w, "sources", name, in, hex, e);
}

int
import_write_profile(struct import_writer *w, const char *name,
    struct input *in, const char *hex, struct error *e)
{
	char *path = mem_format("%s/profiles/%s", w->place.dir, name);
	int there = file_exists(path);

	free(path);
	return there ? 0 : write_below(w, "profiles", name, in, hex, e);
}

int
import_write_place(
    struct import_writer *w, const struct buf *line, struct error *e)
{
	if (w->places.fd < 0 &&
	    import_write_source(w, "files.jsonl", &w->places, e) != 0)
		return -1;
	return output_add(&w->places, line->data, line->len, e);
}

int
import_write_end(struct import_writer *w, struct clock *clock, struct error *e)
{
	struct import_result *r = w->import->result;
	const struct seal_options options = {
		.status = "complete",
		.ended_us = clock->wall_us(clock),
	};
	struct seal_result sealed = { .totals = &r->totals };

	if ((w->places.fd >= 0 && output_finish(&w->places, e) != 0) ||
	    commit(w, e) != 0) {
		import_write_undo(w);
		return -1;
	}
	if (seal_snapshot(w->import->collection, w->place.below, &options,
		&sealed, e) != 0) {
		free(sealed.dir);
		writer_free(w); /* recovery decides */
		return -1;
	}
	free(r->dir);
	r->dir = sealed.dir;
	writer_free(w);
	return 0;
}

void
import_write_undo(struct import_writer *w)
{
	if (w == NULL)
		return;
	/* What cannot be removed now recovery removes. */
	if (w->place.dir != NULL && w->fd >= 0)
		(void)seal_remove(w->import->collection, w->place.below, NULL);
	writer_free(w);
}
