/* Snapshots in a bag. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/bag.h"
#include "core/archive/package.h"
#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "core/collection/export_part.h"
#include "core/collection/layout.h"

/* More snapshots are not named one by one. */
enum { NAMED_SNAPSHOTS = 16, FIELDS = 8 + NAMED_SNAPSHOTS };

struct fields {
	struct arena *arena;
	struct bag_field list[FIELDS];
	size_t count;
};

static void
add(struct fields *f, const char *label, const char *value)
{
	f->list[f->count++] = (struct bag_field){ label, value };
}

static void
add_contact(struct fields *f, const char *contact)
{
	if (text_starts(contact, "mailto:"))
		add(f, "Contact-Email", contact + strlen("mailto:"));
	else if (strchr(contact, ':') == NULL && strchr(contact, '@') != NULL)
		add(f, "Contact-Email", contact);
	else
		add(f, "Contact-URL", contact);
}

static const char *
description(const struct fields *f, const struct export_plan *p)
{
	size_t count = export_plan_snapshots(p);
	char oldest[DATE_TEXT_MAX];
	char newest[DATE_TEXT_MAX];

	date_rfc3339_s(export_plan_oldest_us(p), oldest);
	date_rfc3339_s(export_plan_newest_us(p), newest);
	return arena_format(f->arena,
	    "%s of web pages captured from %s to %s: WARC records, articles "
	    "and listings as they were sealed",
	    export_plan_is_selection(p) ? "Selection"
	    : count == 1                ? "Snapshot"
					: "Snapshots",
	    oldest, newest);
}

/* RFC 8493, 2.2.2. */
static void
make_fields(struct fields *f, const struct export_run *x)
{
	const struct export_plan *p = x->plan;
	const struct export_options *o = x->options;
	size_t count = export_plan_snapshots(p);
	char date[DATE_TEXT_MAX];

	date_rfc3339_s(x->time_us, date);
	add(f, "Source-Organization", o->operator);
	add_contact(f, o->contact);
	add(f, "External-Description", description(f, p));
	add(f, "Bagging-Date", arena_text_n(f->arena, date, 10));
	add(f, "External-Identifier", export_plan_collection(p)->id);
	for (size_t i = 0; count <= NAMED_SNAPSHOTS && i < count; i++)
		add(f, "External-Identifier", export_plan_snapshot(p, i));
	add(f, "Bag-Software-Agent",
	    arena_format(f->arena, "holdfast %s", version_text()));
}

static int
put_file(struct export_run *x, struct bag_writer *bag,
    const struct export_file *f, struct error *e)
{
	struct arena *a = arena_new_small();
	struct stream *bytes = NULL;
	struct stream *counted = NULL;
	int rc = export_file_open(x->plan, f, &bytes, e);

	if (rc == 0) {
		counted = export_run_stream(x, bytes);
		rc = bag_put(bag,
		    arena_format(a, "%s/%s", f->snapshot, f->name), f->size,
		    counted, f->hex, e);
	}
	stream_free(counted);
	stream_free(bytes);
	arena_free(a);
	if (rc == 0) {
		x->result->files++;
		x->result->bytes += f->size;
	}
	return rc;
}

static int
put_bag(struct export_run *x, struct package_writer *to, const char *folder,
    struct error *e)
{
	struct fields fields = { .arena = arena_new() };
	size_t count;
	const struct export_file *files = export_plan_files(x->plan, &count);
	struct bag_writer *bag = NULL;
	int rc;

	make_fields(&fields, x);
	rc = bag_begin(&bag, to, folder, fields.list, fields.count, count,
	    export_plan_bytes(x->plan), e);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = put_file(x, bag, &files[i], e);
	if (rc == 0)
		rc = bag_end(bag, e);
	bag_free(bag);
	arena_free(fields.arena);
	return rc;
}

int
export_bag(const struct export_plan *p, const struct export_options *o,
    struct export_result *r, struct error *e)
{
	struct package_options options = { 0 };
	struct package_writer *w;
	struct export_run x;
	char *folder = NULL;
	int rc;

	export_run_begin(&x, p, o, r);
	options.time_us = x.time_us;
	rc = export_folder_kind(o->path, &options.kind, &folder, e);
	if (rc == 0)
		rc = o->dry ? export_run_dry(&x, o->path, e)
			    : package_create(&w, o->path, &options, e);
	if (rc != 0 || o->dry) {
		free(folder);
		return rc;
	}
	rc = put_bag(&x, w, folder, e);
	free(folder);
	if (rc != 0) {
		package_abandon(w);
		return -1;
	}
	if (package_finish(w, e) != 0)
		return -1;
	return export_run_made(&x, o->path, e);
}
