/* The records of a snapshot, and which of them a selection takes. */
#include "core/collection/export_walk.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/export_part.h"
#include "core/collection/export_pick.h"
#include "core/collection/layout.h"
#include "core/collection/open_record.h"

#define ARTICLE_TYPE    "application/vnd.holdfast.article+json"
#define CONNECTION_TYPE "application/vnd.holdfast.connection+json"
#define CERTIFICATE_URI "urn:holdfast:certificate:"

enum { BLOCK_MAX = 16 * 1024 * 1024 };

static void
add_name(struct file_names *n, const char *name)
{
	if ((n->count & (n->count - 1)) == 0)
		n->names = mem_grow(n->names, n->count == 0 ? 1 : 2 * n->count,
		    sizeof(*n->names));
	n->names[n->count++] = mem_text(name);
}

/* ---- where captures lie ---- */

static void
list_files(struct export_walk *w)
{
	static const char *const folders[] = { "records/", "derived/" };
	const struct manifest *m = &w->pick->manifest;

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < m->count; i++)
			if (text_starts(m->entries[i].name, folders[k]))
				add_name(&w->files, m->entries[i].name);
}

static uint32_t
file_number(const struct export_walk *w, const char *name)
{
	uint32_t i = 0;

	while (i < w->files.count && strcmp(w->files.names[i], name) != 0)
		i++;
	return i;
}

static int
add_line(void *context, const struct export_line *l, struct error *e)
{
	struct export_walk *w = context;
	const struct export_pick *k = w->pick;
	struct export_entry *x;

	(void)e;
	if (w->line_count == w->line_cap) {
		w->line_cap = w->line_cap == 0 ? 64 : 2 * w->line_cap;
		w->lines = mem_grow(w->lines, w->line_cap, sizeof(*w->lines));
	}
	x = &w->lines[w->line_count++];
	*x = (struct export_entry){ .file = file_number(w, l->file),
		.offset = l->offset,
		.length = l->length,
		.kind = ENTRY_CAPTURE,
		.chosen = export_takes_id(k, l->id) != 0,
		.marked = target_set_find(&k->marked, l->id) != NULL };
	return 0;
}

static int
by_place(const void *a, const void *b)
{
	const struct export_entry *x = a;
	const struct export_entry *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int
each_certificate(void *context, const struct export_line *l, struct error *e)
{
	struct export_walk *w = context;
	const struct export_entry *x;

	(void)e;
	if (!text_starts(l->url, CERTIFICATE_URI))
		return 0;
	x = export_walk_find(w, l->file, l->offset);
	if (x != NULL)
		(void)target_set_add(
		    &w->certificates, l->url, (uint64_t)(x - w->entries));
	return 0;
}

/* ---- record by record ---- */

static struct export_entry *
add_entry(struct export_walk *w, const struct export_entry *x)
{
	if (w->count == w->cap) {
		w->cap = w->cap == 0 ? 256 : 2 * w->cap;
		w->entries = mem_grow(w->entries, w->cap, sizeof(*w->entries));
	}
	w->entries[w->count] = *x;
	return &w->entries[w->count++];
}

/* "connection: URI" of a capture's metadata. */
static int
take_connection(struct export_walk *w, struct open_record *o, struct error *e)
{
	struct buf block = { 0 };
	const char *at;
	int rc = stream_read(o->block, &block, BLOCK_MAX, e);

	if (rc == 0 &&
	    (at = strstr(buf_text(&block), "\nconnection: ")) != NULL) {
		char *uri = mem_text_n(at + 13, strcspn(at + 13, "\r\n"));
		const uint64_t *found = target_set_find(&w->connections, uri);

		/* It stands before what came through it. */
		if (found != NULL)
			w->entries[*found].chosen = 1;
		free(uri);
	}
	buf_clear(&block);
	return rc;
}

/* Of what is in no index: does it come along? */
static int
take_other(struct export_walk *w, struct open_record *o, struct export_entry *x,
    struct error *e)
{
	const struct export_pick *k = w->pick;
	const struct record *r = &o->record;
	const char *type = record_field(r, "Content-Type");
	const char *with = record_uri_field(o->arena, r, "WARC-Concurrent-To");
	const char *from = record_uri_field(o->arena, r, "WARC-Refers-To");
	const char *uri = record_uri_field(o->arena, r, "WARC-Target-URI");
	const char *id = record_uri_field(o->arena, r, "WARC-Record-ID");

	type = type == NULL ? "" : type;
	x->kind = record_type(r) == RECORD_WARCINFO    ? ENTRY_INFO
		  : strcmp(type, ARTICLE_TYPE) == 0    ? ENTRY_ARTICLE
		  : strcmp(type, CONNECTION_TYPE) == 0 ? ENTRY_CONNECTION
						       : ENTRY_OTHER;
	if (x->kind == ENTRY_CONNECTION && uri != NULL)
		(void)target_set_add(&w->connections, uri, w->count);
	if (k->is_import && id != NULL)
		(void)target_set_add(&w->others, id, w->count);
	if (x->kind == ENTRY_INFO)
		return 0;
	x->chosen = (with != NULL && export_takes_id(k, with)) ||
		    (from != NULL && export_takes_id(k, from));
	if (x->chosen && record_type(r) == RECORD_METADATA && with != NULL &&
	    strcmp(type, "application/warc-fields") == 0)
		return take_connection(w, o, e);
	return 0;
}

/* What a capture that others made names: its request, mostly. */
static void
take_named(struct export_walk *w, const struct record *r)
{
	for (size_t i = 0; i < r->field_count; i++) {
		const char *value = r->fields[i].value;
		size_t len = strlen(value);
		char *id;

		if (!text_equal_nocase(r->fields[i].name,
			strlen(r->fields[i].name), "WARC-Concurrent-To") ||
		    len < 2)
			continue;
		id = value[0] == '<' ? mem_text_n(value + 1, len - 2)
				     : mem_text(value);
		add_name(&w->along, id);
		free(id);
	}
}

/* A capture's place is known: nothing of it is read, but of an import. */
static int
step_over(
    struct export_walk *w, struct open_record *o, uint64_t *at, struct error *e)
{
	const struct export_entry *x = add_entry(w, &w->lines[w->line_next++]);

	if (x->chosen && w->pick->is_import) {
		if (open_record_seek(o, *at, e) != 0)
			return -1;
		take_named(w, &o->record);
	}
	*at += x->length;
	return 0;
}

static int
step(struct export_walk *w, struct open_record *o, uint32_t file, uint64_t *at,
    struct error *e)
{
	struct export_entry x = { .file = file, .offset = *at };

	if (export_plan_goes_on(w->pick->plan, e) != 0 ||
	    open_record_seek(o, *at, e) != 0 || take_other(w, o, &x, e) != 0 ||
	    open_record_check(o, e) != 0)
		return -1;
	x.length = o->place.length;
	if (x.length == 0)
		return error_set(e, ERROR_INTEGRITY, "%s at %ju: has no length",
		    o->file, (uintmax_t)*at);
	(void)add_entry(w, &x);
	*at += x.length;
	return 0;
}

static int
walk_file(struct export_walk *w, uint32_t file, struct error *e)
{
	const struct export_pick *k = w->pick;
	char *name = mem_format("%s/%s", k->path, w->files.names[file]);
	char *path = collection_path(k->plan->collection, name);
	struct open_record o = { 0 };
	uint64_t size;
	uint64_t at = 0;
	int rc = file_size(path, &size, e);

	if (rc == 0)
		rc = open_record_file(&o, k->plan->collection, name, e);
	if (rc != 0 && e->kind == ERROR_NOTFOUND)
		e->kind = ERROR_INTEGRITY;
	while (rc == 0 && at < size) {
		const struct export_entry *line = &w->lines[w->line_next];

		if (w->line_next < w->line_count && line->file == file &&
		    line->offset == at)
			rc = step_over(w, &o, &at, e);
		else
			rc = step(w, &o, file, &at, e);
	}
	open_record_close(&o);
	free(path);
	free(name);
	return rc;
}

/* ---- what captures name ---- */

static int
take_certificates(
    struct export_walk *w, const struct export_entry *x, struct error *e)
{
	const struct export_pick *k = w->pick;
	char *name = mem_format("%s/%s", k->path, w->files.names[x->file]);
	struct buf block = { 0 };
	struct open_record o;
	const struct json *list;
	int rc = open_record_at(&o, k->plan->collection, name, x->offset, e);

	free(name);
	if (rc != 0)
		return -1;
	rc = stream_read(o.block, &block, BLOCK_MAX, e);
	list = rc != 0 ? NULL
		       : json_get(json_parse(o.arena, buf_text(&block),
				      block.len, NULL),
			     "certificates");
	for (size_t i = 0; i < json_count(list); i++) {
		char *uri = mem_format(
		    CERTIFICATE_URI "%s", json_text(json_at(list, i), ""));
		const uint64_t *found = target_set_find(&w->certificates, uri);

		if (found != NULL)
			w->entries[*found].chosen = 1;
		free(uri);
	}
	buf_clear(&block);
	open_record_close(&o);
	return rc;
}

static int
take_connections(struct export_walk *w, struct error *e)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->entries[i].kind == ENTRY_CONNECTION &&
		    w->entries[i].chosen &&
		    take_certificates(w, &w->entries[i], e) != 0)
			return -1;
	for (size_t i = 0; i < w->along.count; i++) {
		const uint64_t *found = target_set_find(
		    &w->others, w->along.names[i]);

		if (found != NULL && w->entries[*found].kind != ENTRY_INFO)
			w->entries[*found].chosen = 1;
	}
	return 0;
}

int
export_walk_make(
    struct export_walk *w, struct export_pick *pick, struct error *e)
{
	*w = (struct export_walk){ .pick = pick };
	list_files(w);
	if (export_each_line(pick, add_line, w, e) != 0)
		return -1;
	if (w->line_count > 0)
		qsort(w->lines, w->line_count, sizeof(*w->lines), by_place);
	for (uint32_t i = 0; i < w->files.count; i++)
		if (walk_file(w, i, e) != 0)
			return -1;
	if (w->line_next != w->line_count)
		return error_set(e, ERROR_INTEGRITY,
		    "%s/index.cdxj: not as its records are; see: holdfast "
		    "verify",
		    pick->name);
	if (export_each_line(pick, each_certificate, w, e) != 0)
		return -1;
	return take_connections(w, e);
}

struct export_entry *
export_walk_find(const struct export_walk *w, const char *file, uint64_t offset)
{
	const struct export_entry key = { .file = file_number(w, file),
		.offset = offset };

	return w->count == 0
		   ? NULL
		   : bsearch(&key, w->entries, w->count, sizeof(key), by_place);
}

void
export_walk_clear(struct export_walk *w)
{
	file_names_clear(&w->files);
	file_names_clear(&w->along);
	target_set_clear(&w->connections);
	target_set_clear(&w->certificates);
	target_set_clear(&w->others);
	free(w->entries);
	free(w->lines);
}
