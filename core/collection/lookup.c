/* From what people write to what is meant. */
#include "core/collection/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/record.h"
#include "core/archive/cdxj.h"
#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/article_store.h"
#include "core/collection/catalog.h"
#include "core/collection/index.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"
#include "core/collection/open_record.h"
#include "core/web/url.h"

enum {
	ID_DIGITS = 32,
	ID_DIGITS_MIN = 8,
	TIME_DIGITS_MIN = 14,
	TIME_DIGITS_MAX = 20,
	TIME_DATE_MIN = 10
};

static const char urn[] = "urn:uuid:";

static int
not_found(const char *text, struct error *e)
{
	return error_set(e, ERROR_NOTFOUND, "%s: not in this collection", text);
}

/* ---- what kind of text it is ---- */

/* The hex digits of a record id or of its beginning, lower case, without
 * dashes: how many; 0 when TEXT is no such thing. */
static size_t
id_digits(const char *text, char out[ID_DIGITS + 1])
{
	size_t n = 0;

	if (*text == '<')
		text++;
	if (text_starts(text, urn))
		text += sizeof(urn) - 1;
	for (; *text != '\0' && *text != '>'; text++) {
		int c = text_lower((unsigned char)*text);

		if (c == '-' && n > 0)
			continue;
		if (n == ID_DIGITS || c == '\0' ||
		    strchr("0123456789abcdef", c) == NULL)
			return 0;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return n >= ID_DIGITS_MIN ? n : 0;
}

int
lookup_is_article_id(const char *text)
{
	const char *colon = strchr(text, ':');

	return colon != NULL && colon > text && colon[1] != '\0' &&
	       !text_starts(text, "urn:") && strpbrk(text, "/ ") == NULL;
}

/* 14 to 20 digits, or a date as RFC 3339 has it. */
static int
is_time(const char *text, int64_t *us)
{
	size_t len = strlen(text);

	if (strspn(text, "0123456789") == len)
		return len >= TIME_DIGITS_MIN && len <= TIME_DIGITS_MAX &&
		       date_parse_digits(text, us);
	return len >= TIME_DATE_MIN && date_parse(text, us, NULL);
}

int
lookup_url(struct arena *a, const char *text, const char **url, int64_t *us)
{
	const char *at = strrchr(text, '@');
	size_t len = strlen(text);
	struct url parsed;

	*us = LOOKUP_LATEST;
	if (at != NULL && is_time(at + 1, us))
		len = (size_t)(at - text);
	if (url_parse(&parsed, text, len, NULL, NULL) != 0)
		return 0;
	url_drop_fragment(&parsed);
	*url = arena_text(a, parsed.text);
	url_clear(&parsed);
	return 1;
}

/* ---- snapshots ---- */

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* Is OPEN "NAME.open", or NAME that itself? 1 / 0. */
static int
is_open_name(const char *open, const char *name)
{
	size_t len = strlen(name);

	return strncmp(open, name, len) == 0 &&
	       (open[len] == '\0' || strcmp(open + len, ".open") == 0);
}

/* "latest", or a beginning of one name alone that reaches into its time (so
 * that it is no record id). 0 / -1. */
static int
find_short(const struct file_names *sealed, struct arena *a, const char *text,
    const char **snapshot)
{
	const char *found = NULL;

	if (strcmp(text, "latest") == 0 && sealed->count > 0)
		found = sealed->names[sealed->count - 1];
	else if (strlen(text) < sizeof("20261122T") - 1)
		return -1;
	for (size_t i = 0; i < sealed->count; i++) {
		if (!text_starts(base_name(sealed->names[i]), text))
			continue;
		if (found != NULL)
			return -1;
		found = sealed->names[i];
	}
	if (found == NULL)
		return -1;
	*snapshot = arena_text(a, found);
	return 0;
}

int
lookup_snapshot(const struct collection *c, struct arena *a, const char *text,
    const char **snapshot, struct error *e)
{
	struct file_names sealed;
	struct file_names open;
	char *name = mem_text(text);
	size_t len = strlen(name);
	int rc = -1;

	while (len > 1 && name[len - 1] == '/')
		name[--len] = '\0';
	if (collection_snapshots(c, &sealed, &open, e) != 0) {
		free(name);
		return -1;
	}
	for (size_t i = 0; rc != 0 && i < sealed.count; i++) {
		if (strcmp(base_name(sealed.names[i]), base_name(name)) != 0)
			continue;
		*snapshot = arena_text(a, sealed.names[i]);
		rc = 0;
	}
	if (rc != 0)
		rc = find_short(&sealed, a, name, snapshot);
	if (rc != 0)
		(void)not_found(text, e);
	for (size_t i = 0; rc != 0 && i < open.count; i++)
		if (is_open_name(base_name(open.names[i]), base_name(name)))
			(void)error_set(e, ERROR_NOTFOUND,
			    "%s: not sealed; holdfast recover seals what "
			    "was interrupted",
			    text);
	file_names_clear(&sealed);
	file_names_clear(&open);
	free(name);
	return rc;
}

/* ---- records by id ---- */

struct id_search {
	const struct collection *collection;
	struct arena *arena;
	char digits[ID_DIGITS + 1];
	const char *target; /* or a target URI; NULL */
	size_t count;       /* different records met */
	struct found *out;  /* the first of them */
	char first[ID_DIGITS + 1];
};

/* Nothing that is still unread can change the answer. */
static int
is_done(const struct id_search *s)
{
	return s->count > 0 &&
	       (s->target != NULL || strlen(s->digits) == ID_DIGITS);
}

/* Does the record id at ID begin as asked for? Then it is taken. */
static int
meets(struct id_search *s, const char *id)
{
	char digits[ID_DIGITS + 1];

	if (id_digits(id, digits) != ID_DIGITS ||
	    !text_starts(digits, s->digits))
		return 0;
	if (s->count > 0 && strcmp(digits, s->first) == 0)
		return 0;
	memcpy(s->first, digits, sizeof(digits));
	return s->count++ == 0;
}

static void
take(struct id_search *s, const char *snapshot, const char *file,
    uint64_t offset, const char *id)
{
	*s->out = (struct found){
		.kind = FOUND_RECORD,
		.snapshot = arena_text(s->arena, snapshot),
		.file = arena_text(s->arena, file),
		.offset = offset,
		.id = arena_text(s->arena, id),
	};
}

/* A line of a snapshot's index: where its record lies, if it is the one. */
static int
look_at_line(
    struct id_search *s, const char *snapshot, char *line, struct error *e)
{
	const char *at = strstr(line, urn);
	struct arena *scratch;
	const struct json *o;
	struct cdxj_line cut;
	const char *id;
	uint64_t offset;
	const char *text;
	const char *file;

	/* The id is the last member: urn:uuid: may stand in a URL before. */
	for (const char *next = at; next != NULL; next = strstr(next + 1, urn))
		at = next;
	if (at == NULL || strlen(at) < sizeof(urn) + 36)
		return 0;
	id = arena_text_n(s->arena, at, sizeof(urn) - 1 + 36);
	if (!meets(s, id))
		return 0;
	scratch = arena_new();
	if (cdxj_split(line, &cut, e) != 0 ||
	    (o = json_parse(scratch, cut.json, strlen(cut.json), e)) == NULL) {
		arena_free(scratch);
		return -1;
	}
	text = json_text(json_get(o, "offset"), "");
	file = json_text(json_get(o, "filename"), "");
	if (text_uint(text, strlen(text), UINT64_MAX, &offset))
		take(s, snapshot,
		    arena_format(s->arena, "%s/%s%s", snapshot,
			strchr(file, '/') == NULL ? "records/" : "", file),
		    offset, id);
	arena_free(scratch);
	return 0;
}

static int
search_index(struct id_search *s, const char *snapshot, struct error *e)
{
	char *path = mem_format(
	    "%s/%s/index.cdxj", s->collection->dir, snapshot);
	struct line_reader lines = { .fd = -1 };
	struct error why = { 0 };
	char *line;
	size_t len;
	int more = line_reader_open(&lines, path, &why);

	while (more >= 0 &&
	       (more = line_reader_next(&lines, &line, &len, &why)) > 0)
		if (look_at_line(s, snapshot, line, &why) != 0)
			more = -1;
	line_reader_close(&lines);
	free(path);
	if (more < 0 && why.kind != ERROR_NOTFOUND)
		return error_set(e,
		    why.kind == ERROR_SYSTEM ? ERROR_SYSTEM : ERROR_INTEGRITY,
		    "%s/index.cdxj: %s", snapshot, why.text);
	return 0;
}

/* Is this the record? Then it is taken. */
static void
look_at_record(
    struct id_search *s, const char *snapshot, const struct open_record *o)
{
	const char *id = record_uri_field(
	    o->arena, &o->record, "WARC-Record-ID");
	const char *target = NULL;

	if (s->target != NULL) {
		target = record_uri_field(
		    o->arena, &o->record, "WARC-Target-URI");
		if (target == NULL || strcmp(target, s->target) != 0)
			return;
		s->count = 1;
	} else if (id == NULL || !meets(s, id)) {
		return;
	}
	take(s, snapshot, o->file, o->place.offset, id == NULL ? "" : id);
}

/* Requests, metadata and derived records are in no index: read the heads of
 * all records. Damage on the way is for verify to say. */
static int
search_file(struct id_search *s, const char *snapshot, const char *file,
    struct error *e)
{
	struct error why = { 0 };
	struct open_record o;
	int more = 0;

	if (open_record_file(&o, s->collection, file, &why) != 0)
		return why.kind == ERROR_SYSTEM
			   ? error_set(e, why.kind, "%s", why.text)
			   : 0;
	while (!is_done(s) && (more = open_record_next(&o, &why)) != 0) {
		if (more < 0 && why.kind == ERROR_SYSTEM)
			break;
		if (more > 0)
			look_at_record(s, snapshot, &o);
		more = 0;
	}
	open_record_close(&o);
	return more < 0 ? error_set(e, why.kind, "%s", why.text) : 0;
}

static int
search_folder(struct id_search *s, const char *snapshot, const char *folder,
    struct error *e)
{
	char *below = mem_format("%s/%s", snapshot, folder);
	char *path = collection_path(s->collection, below);
	struct file_names files = { 0 };
	int rc = 0;

	/* A snapshot without derived records has no such folder. */
	(void)file_list(path, &files, NULL);
	for (size_t i = 0; rc == 0 && !is_done(s) && i < files.count; i++) {
		char *file = mem_format("%s/%s", below, files.names[i]);

		rc = search_file(s, snapshot, file, e);
		free(file);
	}
	file_names_clear(&files);
	free(path);
	free(below);
	return rc;
}

static int
search_records(struct id_search *s, const char *snapshot, struct error *e)
{
	if (search_folder(s, snapshot, "records", e) != 0)
		return -1;
	return search_folder(s, snapshot, "derived", e);
}

/* Newest first: that is what people mostly ask for. */
static int
search_snapshots(struct id_search *s, const struct file_names *sealed,
    int (*search)(struct id_search *, const char *, struct error *),
    struct error *e)
{
	for (size_t i = sealed->count; i-- > 0;) {
		if (search(s, sealed->names[i], e) != 0)
			return -1;
		if (is_done(s))
			break;
	}
	return 0;
}

/* Is the record that the catalog tells of where it says? */
static int
is_at(const struct id_search *s, const struct catalog_record *r)
{
	struct open_record o;
	const char *id;
	int yes;

	if (open_record_at(&o, s->collection, r->file, r->offset, NULL) != 0)
		return 0;
	id = record_uri_field(o.arena, &o.record, "WARC-Record-ID");
	yes = id != NULL && strcmp(id, r->id) == 0;
	open_record_close(&o);
	return yes;
}

/* Ask the catalog first. What it holds need not be searched: *REST gets the
 * other snapshots. */
static int
search_catalog(struct id_search *s, struct file_names *rest, struct error *e)
{
	struct catalog_record *records = NULL;
	struct catalog *k = NULL;
	struct file_names sealed = { 0 };
	size_t count = 0;
	int sound = catalog_open(&k, s->collection) &&
		    catalog_find_record(
			k, s->arena, s->digits, 2, &records, &count, NULL) == 0;
	int rc = 0;

	*rest = (struct file_names){ 0 };
	/* That there is none is not taken from a catalog alone. */
	sound = sound && count > 0;
	for (size_t i = 0; sound && i < count; i++)
		sound = is_at(s, &records[i]);
	for (size_t i = 0; sound && i < count; i++)
		if (meets(s, records[i].id))
			take(s, records[i].snapshot, records[i].file,
			    records[i].offset, records[i].id);
	if (!sound || !catalog_is_whole(k, s->collection))
		rc = collection_snapshots(s->collection, &sealed, NULL, e);
	for (size_t i = 0; i < sealed.count; i++) {
		if (sound && catalog_has(k, sealed.names[i]))
			continue;
		rest->names = mem_grow(
		    rest->names, rest->count + 1, sizeof(*rest->names));
		rest->names[rest->count++] = mem_text(sealed.names[i]);
	}
	file_names_clear(&sealed);
	catalog_close(k);
	return rc;
}

int
lookup_record(const struct collection *c, struct arena *a, const char *text,
    struct found *out, struct error *e)
{
	struct id_search s = { .collection = c, .arena = a, .out = out };
	struct file_names rest;
	int rc;

	if (id_digits(text, s.digits) == 0)
		return not_found(text, e);
	rc = search_catalog(&s, &rest, e);
	if (rc == 0 && !is_done(&s))
		rc = search_snapshots(&s, &rest, search_index, e);
	if (rc == 0 && s.count == 0)
		rc = search_snapshots(&s, &rest, search_records, e);
	file_names_clear(&rest);
	if (rc != 0)
		return -1;
	if (s.count > 1)
		return error_set(e, ERROR_USAGE,
		    "%s: the beginning of %zu record ids; give more digits",
		    text, s.count);
	return s.count == 1 ? 0 : not_found(text, e);
}

int
lookup_target(const struct collection *c, struct arena *a, const char *snapshot,
    const char *uri, struct found *out, struct error *e)
{
	struct id_search s = {
		.collection = c,
		.arena = a,
		.target = uri,
		.out = out,
	};

	if (search_folder(&s, snapshot, "records", e) != 0)
		return -1;
	return s.count > 0;
}

/* ---- by URL, by article ---- */

/* The index finds http and https, with and without "www." alike: when URL
 * itself is among the hits the others are dropped. */
static size_t
keep_exact(struct index_hit *hits, size_t count, const char *url)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct index_hit hit = hits[i];

		if (strcmp(hit.url, url) == 0) {
			hits[i] = hits[kept];
			hits[kept++] = hit;
		}
	}
	return kept == 0 ? count : kept;
}

/* A URL that was asked for and not had is not unknown. */
static int
not_captured(const struct collection *c, struct arena *a, const char *text,
    const char *url, struct error *e)
{
	const char *outcome = lookup_outcome(c, a, url);

	if (outcome == NULL)
		return not_found(text, e);
	return error_set(
	    e, ERROR_NOTFOUND, "%s: not captured: %s", text, outcome);
}

static int
lookup_capture(const struct collection *c, struct arena *a, const char *text,
    struct found *out, struct error *e)
{
	const struct index_hit *hit;
	struct index_hit *hits;
	const char *url;
	int64_t us;
	size_t count;

	if (!lookup_url(a, text, &url, &us))
		return not_found(text, e);
	if (index_find(c, a, url, &hits, &count, e) != 0)
		return -1;
	count = keep_exact(hits, count, url);
	hit = count == 0 ? NULL : index_nearest(hits, count, us);
	if (hit == NULL)
		return not_captured(c, a, text, url, e);
	*out = (struct found){
		.kind = FOUND_RECORD,
		.snapshot = hit->snapshot,
		.file = hit->file,
		.offset = hit->offset,
		.id = hit->id,
	};
	return 0;
}

static int
lookup_article(const struct collection *c, struct arena *a, const char *text,
    struct found *out, struct error *e)
{
	const struct article_query q = { .id = text, .near_us = LOOKUP_LATEST };
	struct stored_article s;
	struct place place;
	int rc = article_find(c, a, &q, &s, e);

	if (rc == 1)
		rc = article_place(c, a, &s, &place, e);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return not_found(text, e);
	*out = (struct found){
		.kind = FOUND_RECORD,
		.snapshot = s.snapshot,
		.file = place.file,
		.offset = place.offset,
		.id = "",
	};
	return 0;
}

int
lookup(const struct collection *c, struct arena *a, const char *text,
    struct found *out, struct error *e)
{
	char digits[ID_DIGITS + 1];

	if (id_digits(text, digits) > 0)
		return lookup_record(c, a, text, out, e);
	if (strstr(text, "://") != NULL || text_starts(text, "urn:"))
		return lookup_capture(c, a, text, out, e);
	if (lookup_is_article_id(text))
		return lookup_article(c, a, text, out, e);
	*out = (struct found){ .kind = FOUND_SNAPSHOT, .file = "", .id = "" };
	return lookup_snapshot(c, a, text, &out->snapshot, e);
}
