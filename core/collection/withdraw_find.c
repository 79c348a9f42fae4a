/* What belongs to a capture that is to be withdrawn. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/index.h"
#include "core/collection/layout.h"
#include "core/collection/lookup.h"
#include "core/collection/open_record.h"
#include "core/collection/withdraw_part.h"

/* Of a block of facts: no longer one was ever written. */
enum { FACTS_MAX = 1024 * 1024, DERIVED_MAX = 16 * 1024 * 1024 };

void
withdraw_set_init(struct withdraw_set *s)
{
	*s = (struct withdraw_set){ .arena = arena_new() };
}

void
withdraw_set_clear(struct withdraw_set *s)
{
	target_set_clear(&s->captures);
	target_set_clear(&s->snapshots);
	free(s->revisits);
	free(s->unnamed);
	free(s->quotes);
	free(s->words);
	free(s->terms);
	free(s->records);
	arena_free(s->arena);
	*s = (struct withdraw_set){ 0 };
}

static const char *
kept(struct withdraw_set *s, const char *text)
{
	return arena_text(s->arena, text == NULL ? "" : text);
}

static void
add_capture(struct withdraw_set *s, const char *id, const char *snapshot)
{
	(void)target_set_add(&s->captures, id, 0);
	(void)target_set_add(&s->snapshots, snapshot, 0);
}

static int
is_derived(const char *uri)
{
	return uri != NULL && (text_starts(uri, "urn:holdfast:article:") ||
				  text_starts(uri, "urn:holdfast:pagestate:"));
}

/* The id of the capture that a record belongs to, in its own arena; NULL: to
 * none. */
static const char *
capture_of(struct arena *a, const struct record *r)
{
	const char *uri = record_uri_field(a, r, "WARC-Target-URI");

	switch (record_type(r)) {
	case RECORD_RESPONSE:
	case RECORD_REVISIT:
		return record_uri_field(a, r, "WARC-Record-ID");
	case RECORD_RESOURCE: /* certificates belong to many */
		return uri == NULL || text_starts(uri, "urn:holdfast:")
			   ? NULL
			   : record_uri_field(a, r, "WARC-Record-ID");
	case RECORD_REQUEST:
		return record_uri_field(a, r, "WARC-Concurrent-To");
	case RECORD_METADATA:
		if (is_derived(uri))
			return record_uri_field(a, r, "WARC-Refers-To");
		return record_uri_field(a, r, "WARC-Concurrent-To");
	default:
		return NULL;
	}
}

/* The capture that the record at FOUND belongs to; *URI is its address. */
static int
climb(struct withdraw_set *s, const struct collection *c, const char *object,
    struct found *found, const char **uri, struct error *e)
{
	for (int step = 0; step < 3; step++) {
		struct open_record r;
		const char *id, *own;

		if (open_record_at(&r, c, found->file, found->offset, e) != 0)
			return -1;
		own = kept(
		    s, record_uri_field(r.arena, &r.record, "WARC-Record-ID"));
		id = kept(s, capture_of(r.arena, &r.record));
		*uri = kept(
		    s, record_uri_field(r.arena, &r.record, "WARC-Target-URI"));
		open_record_close(&r);
		if (id[0] == '\0' || own[0] == '\0' || (*uri)[0] == '\0')
			break;
		if (strcmp(id, own) == 0) {
			add_capture(s, id, found->snapshot);
			return 0;
		}
		if (lookup_record(c, s->arena, id, found, e) != 0)
			return -1;
	}
	return error_set(
	    e, ERROR_USAGE, "%s: belongs to no single capture", object);
}

/* All captures of the address, or only how many more there are. */
static int
add_all(struct withdraw_set *s, const struct collection *c, const char *uri,
    int all, struct error *e)
{
	struct index_hit *hits;
	size_t count;

	if (index_find(c, s->arena, uri, &hits, &count, e) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (strcmp(hits[i].url, uri) != 0 || hits[i].id[0] == '\0')
			continue;
		else if (all)
			add_capture(s, hits[i].id, hits[i].snapshot);
		else if (target_set_find(&s->captures, hits[i].id) == NULL)
			s->others++;
	return 0;
}

int
withdraw_find(struct withdraw_set *s, const struct collection *c,
    const char *object, int all, struct error *e)
{
	struct found found;
	const char *uri;

	if (lookup(c, s->arena, object, &found, e) != 0)
		return -1;
	if (found.kind == FOUND_SNAPSHOT)
		return error_set(e, ERROR_USAGE,
		    "%s: a snapshot; captures are withdrawn, by URL or id",
		    object);
	if (climb(s, c, object, &found, &uri, e) != 0)
		return -1;
	return add_all(s, c, uri, all, e);
}

static struct withdraw_record
record_of(
    struct withdraw_set *s, const char *snapshot, const struct open_record *o)
{
	const struct record *r = &o->record;

	return (struct withdraw_record){
		.id = kept(s, record_uri_field(o->arena, r, "WARC-Record-ID")),
		.type = kept(s, record_field(r, "WARC-Type")),
		.uri = kept(
		    s, record_uri_field(o->arena, r, "WARC-Target-URI")),
		.date = kept(s, record_field(r, "WARC-Date")),
		.snapshot = snapshot,
		.file = kept(s, o->file),
		.offset = o->place.offset,
		.payload = kept(s, record_field(r, "WARC-Payload-Digest")),
		.of_uri = kept(s,
		    record_uri_field(o->arena, r, "WARC-Refers-To-Target-URI")),
		.of_date = kept(s, record_field(r, "WARC-Refers-To-Date")),
	};
}

static void
take(struct withdraw_set *s, const char *snapshot, const struct open_record *o)
{
	if (s->count == s->cap) {
		s->cap = s->cap == 0 ? 16 : s->cap * 2;
		s->records = mem_grow(s->records, s->cap, sizeof(*s->records));
	}
	s->records[s->count++] = record_of(s, snapshot, o);
	(void)target_set_add(&s->snapshots, snapshot, 0);
}

/* A revisit that repeats what is in the set, or does not say by id what. */
static void
take_revisit(struct withdraw_set *s, const char *snapshot,
    const struct open_record *o, const char *of)
{
	struct withdraw_record r;

	if (of != NULL && target_set_find(&s->captures, of) == NULL)
		return;
	r = record_of(s, snapshot, o);
	if (of != NULL)
		withdraw_add_revisit(s, &r);
	else {
		s->unnamed = mem_grow(
		    s->unnamed, s->unnamed_count + 1, sizeof(*s->unnamed));
		s->unnamed[s->unnamed_count++] = r;
	}
}

static int
is_in(const struct withdraw_set *s, const char *id)
{
	return id != NULL && target_set_find(&s->captures, id) != NULL;
}

/* Does a metadata record tell of one of the terms ("via: ..."), or a request
 * ("Referer: ...")? 1 / 0 / -1. */
static int
names_term(const struct withdraw_set *s, struct open_record *o, struct error *e)
{
	const char *type = record_field(&o->record, "Content-Type");
	struct buf block = { 0 };
	int yes = 0;
	int rc = 0;

	if (record_type(&o->record) != RECORD_REQUEST &&
	    (record_type(&o->record) != RECORD_METADATA || type == NULL ||
		strcmp(type, "application/warc-fields") != 0))
		return 0;
	if (s->term_count == 0 || o->record.block_len > FACTS_MAX)
		return 0;
	rc = stream_read(o->record.block, &block, FACTS_MAX, e);
	for (size_t i = 0; rc == 0 && i < s->term_count; i++)
		yes |= withdraw_has_line(
		    buf_text(&block), block.len, s->terms[i]);
	buf_clear(&block);
	return rc != 0 ? -1 : yes;
}

/* What was derived of another capture, and has a term or word: that is told. */
static int
take_quote(struct withdraw_set *s, struct open_record *o, struct error *e)
{
	const char *of = capture_of(o->arena, &o->record);
	struct buf block = { 0 };
	int rc = 0;

	if (of == NULL || s->term_count == 0 ||
	    !is_derived(
		record_uri_field(o->arena, &o->record, "WARC-Target-URI")) ||
	    o->record.block_len > DERIVED_MAX)
		return 0;
	rc = stream_read(o->record.block, &block, DERIVED_MAX, e);
	if (rc == 0 && withdraw_quotes(s, buf_text(&block), block.len))
		(void)withdraw_note(s, &s->quotes, &s->quote_count, of);
	buf_clear(&block);
	return rc;
}

static int
survey_record(struct withdraw_set *s, const char *snapshot,
    struct open_record *o, struct error *e)
{
	const struct record *r = &o->record;
	int names = 0;

	if (is_in(s, capture_of(o->arena, r))) {
		take(s, snapshot, o);
		return 0;
	}
	if (!s->everywhere)
		return 0;
	if (record_type(r) == RECORD_REVISIT)
		take_revisit(s, snapshot, o,
		    record_uri_field(o->arena, r, "WARC-Refers-To"));
	else
		names = names_term(s, o, e);
	if (names > 0)
		take(s, snapshot, o);
	return names < 0 ? -1 : take_quote(s, o, e);
}

/* A file that does not read hides what belongs to it: that is for verify. */
static int
survey_file(struct withdraw_set *s, const struct collection *c,
    const char *snapshot, const char *file, struct error *e)
{
	struct open_record o;
	int more;

	if (open_record_file(&o, c, file, e) != 0)
		return -1;
	while ((more = open_record_next(&o, e)) > 0)
		if (survey_record(s, snapshot, &o, e) != 0) {
			more = -1;
			break;
		}
	open_record_close(&o);
	return more;
}

static int
survey_folder(struct withdraw_set *s, const struct collection *c,
    const char *snapshot, const char *folder, struct error *e)
{
	char *below = mem_format("%s/%s", snapshot, folder);
	char *path = collection_path(c, below);
	struct file_names files = { 0 };
	int rc = file_is_dir(path) ? file_list(path, &files, e) : 0;

	for (size_t i = 0; rc == 0 && i < files.count; i++) {
		char *file = mem_format("%s/%s", below, files.names[i]);

		rc = survey_file(s, c, snapshot, file, e);
		free(file);
	}
	file_names_clear(&files);
	free(path);
	free(below);
	return rc;
}

int
withdraw_survey(
    struct withdraw_set *s, const struct collection *c, struct error *e)
{
	struct file_names sealed;
	int rc = collection_snapshots(c, &sealed, NULL, e);

	if (rc != 0)
		return -1;
	s->count = s->revisit_count = s->unnamed_count = s->quote_count = 0;
	for (size_t i = 0; rc == 0 && i < sealed.count; i++) {
		const char *snapshot = arena_text(s->arena, sealed.names[i]);

		if (s->everywhere ||
		    target_set_find(&s->snapshots, snapshot) != NULL)
			rc = survey_folder(s, c, snapshot, "records", e);
		/* Readings made later lie in snapshots of their own. */
		if (rc == 0)
			rc = survey_folder(s, c, snapshot, "derived", e);
	}
	file_names_clear(&sealed);
	return rc;
}
