/* What an export takes along. */
#include "core/collection/export_plan.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/export_part.h"
#include "core/collection/export_selection.h"
#include "core/collection/layout.h"
#include "core/collection/lookup.h"
#include "core/collection/open_record.h"
#include "core/collection/withdrawn.h"

static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* Is NAME "TIME-SITE"? */
static int
is_of_site(const char *name, const char *site)
{
	const char *dash = strchr(name, '-');

	return site[0] == '\0' || (dash != NULL && strcmp(dash + 1, site) == 0);
}

int
export_compare_snapshots(const char *x, const char *y)
{
	while (*x != '\0' && *x == *y) {
		x++;
		y++;
	}
	return (*x == '\0' ? '/' : (unsigned char)*x) -
	       (*y == '\0' ? '/' : (unsigned char)*y);
}

static int
by_name(const void *a, const void *b)
{
	return export_compare_snapshots(
	    name_of(*(char *const *)a), name_of(*(char *const *)b));
}

void
export_add_path(struct file_names *paths, const char *path)
{
	paths->names = mem_grow(
	    paths->names, paths->count + 1, sizeof(*paths->names));
	paths->names[paths->count++] = mem_text(path);
}

void
export_settle_paths(struct file_names *paths)
{
	size_t kept = 0;

	if (paths->count > 0)
		qsort(
		    paths->names, paths->count, sizeof(*paths->names), by_name);
	for (size_t i = 0; i < paths->count; i++) {
		if (kept > 0 &&
		    strcmp(paths->names[kept - 1], paths->names[i]) == 0)
			free(paths->names[i]);
		else
			paths->names[kept++] = paths->names[i];
	}
	paths->count = kept;
}

/* The whole collection, or of it what is of the site. */
static int
choose_all(struct export_plan *p, const struct export_request *r,
    struct file_names *paths, struct error *e)
{
	struct file_names sealed;

	if (collection_snapshots(p->collection, &sealed, NULL, e) != 0)
		return -1;
	for (size_t i = 0; i < sealed.count; i++)
		if (is_of_site(name_of(sealed.names[i]), r->site))
			export_add_path(paths, sealed.names[i]);
	file_names_clear(&sealed);
	return 0;
}

/* What is asked for, as it was found. */
struct chosen {
	struct export_plan *plan;
	const struct export_request *request;
	struct withdrawn *withdrawn;
	struct file_names paths;
	struct export_wanted *wanted;
	size_t wanted_count;
};

/* The capture that a record is, or belongs to. */
static int
want_record(struct chosen *x, const struct found *found, struct error *e)
{
	struct arena *a = x->plan->arena;
	struct open_record o;
	const char *id = NULL;

	if (open_record_at(
		&o, x->plan->collection, found->file, found->offset, e) != 0)
		return -1;
	if (record_type(&o.record) == RECORD_REQUEST ||
	    record_type(&o.record) == RECORD_METADATA) {
		id = record_uri_field(a, &o.record, "WARC-Concurrent-To");
		if (id == NULL)
			id = record_uri_field(a, &o.record, "WARC-Refers-To");
	}
	if (id == NULL)
		id = record_uri_field(a, &o.record, "WARC-Record-ID");
	open_record_close(&o);
	x->wanted = mem_grow(
	    x->wanted, x->wanted_count + 1, sizeof(*x->wanted));
	x->wanted[x->wanted_count++] = (struct export_wanted){ found->snapshot,
		id == NULL ? "" : id };
	return 0;
}

static int
choose_named(struct chosen *x, struct error *e)
{
	const struct export_request *r = x->request;
	struct export_plan *p = x->plan;

	for (size_t i = 0; i < r->object_count; i++) {
		struct found found;

		if (lookup(p->collection, p->arena, r->objects[i], &found, e) !=
		    0)
			return -1;
		if (!is_of_site(name_of(found.snapshot), r->site))
			continue;
		if (found.kind == FOUND_SNAPSHOT)
			export_add_path(&x->paths, found.snapshot);
		else if (want_record(x, &found, e) != 0)
			return -1;
	}
	return 0;
}

/* Something in these snapshots must not be shown now; *OUT NULL: nothing. */
static int
find_withdrawn(
    const struct chosen *x, const struct withdrawal **out, struct error *e)
{
	int rc = 0;

	*out = NULL;
	for (size_t i = 0; i < withdrawn_count(x->withdrawn); i++) {
		const struct withdrawal *w = withdrawn_at(x->withdrawn, i);

		for (size_t n = 0; !w->is_erased && n < x->paths.count; n++)
			if (strcmp(w->snapshot, name_of(x->paths.names[n])) ==
			    0)
				*out = w;
	}
	for (size_t n = 0; rc == 0 && *out == NULL && n < x->paths.count; n++)
		rc = withdrawn_told(x->withdrawn, x->plan->collection,
		    x->paths.names[n], out, e);
	return rc;
}

/* Snapshots without any condition go whole. */
static int
fill(struct chosen *x, struct error *e)
{
	const struct export_request *r = x->request;
	const struct export_choice choice = { .request = r,
		.paths = &x->paths,
		.wanted = x->wanted,
		.wanted_count = x->wanted_count,
		.suffix = "selection" };
	const struct withdrawal *w = NULL;
	int is_whole = x->wanted_count == 0 && r->url[0] == '\0' &&
		       r->since_us == INT64_MIN && r->until_us == INT64_MAX;

	if (x->paths.count + x->wanted_count == 0)
		return error_set(e, ERROR_USAGE, "nothing is chosen");
	if (is_whole && find_withdrawn(x, &w, e) != 0)
		return -1;
	if (w != NULL && !r->without_withdrawn)
		return withdrawn_refuse(w, w->snapshot, e);
	x->plan->is_selection = !is_whole || w != NULL;
	if (x->plan->is_selection)
		return export_select(x->plan, x->withdrawn, &choice, e);
	if (export_whole(x->plan, &x->paths, e) != 0)
		return -1;
	return !r->self_contained ? 0
				  : export_select_originals(
					x->plan, x->withdrawn, r, &x->paths, e);
}

/* As package_put wants them: a selection may stand between snapshots. */
struct pair {
	struct export_file file;
	struct export_source source;
};

static int
by_path(const void *a, const void *b)
{
	const struct export_file *x = &((const struct pair *)a)->file;
	const struct export_file *y = &((const struct pair *)b)->file;
	int order = by_name(&x->snapshot, &y->snapshot);

	return order != 0 ? order : strcmp(x->name, y->name);
}

static void
sort_files(struct export_plan *p)
{
	struct pair *pairs = mem_zero(p->count + 1, sizeof(*pairs));

	for (size_t i = 0; i < p->count; i++)
		pairs[i] = (struct pair){ p->files[i], p->sources[i] };
	qsort(pairs, p->count, sizeof(*pairs), by_path);
	for (size_t i = 0; i < p->count; i++) {
		p->files[i] = pairs[i].file;
		p->sources[i] = pairs[i].source;
	}
	free(pairs);
}

int
export_plan_make(struct export_plan **out, const struct collection *c,
    const struct export_request *r, struct error *e)
{
	struct export_plan *p = mem_zero(1, sizeof(*p));
	struct chosen x = { .plan = p, .request = r };
	int rc;

	p->arena = arena_new();
	p->collection = c;
	p->stop = r->stop;
	p->newest_us = INT64_MIN;
	p->oldest_us = INT64_MAX;
	rc = withdrawn_open(&x.withdrawn, c, r->now_us, e);
	if (rc == 0)
		rc = r->object_count > 0 ? choose_named(&x, e)
					 : choose_all(p, r, &x.paths, e);
	if (rc == 0) {
		export_settle_paths(&x.paths);
		rc = fill(&x, e);
	}
	if (rc == 0 && p->selection != NULL)
		sort_files(p);
	withdrawn_free(x.withdrawn);
	file_names_clear(&x.paths);
	free(x.wanted);
	if (rc != 0)
		export_plan_free(p);
	else
		*out = p;
	return rc;
}

void
export_plan_free(struct export_plan *p)
{
	if (p == NULL)
		return;
	selection_free(p->selection);
	file_names_clear(&p->snapshots);
	free(p->files);
	free(p->sources);
	arena_free(p->arena);
	free(p);
}

int
export_plan_goes_on(const struct export_plan *p, struct error *e)
{
	return p->stop == NULL || !*p->stop
		   ? 0
		   : error_set(e, ERROR_STOPPED, "stopped by a signal");
}

void
export_plan_add(struct export_plan *p, const struct export_file *f,
    const struct export_source *source)
{
	if (p->count == p->cap) {
		p->cap = p->cap == 0 ? 32 : p->cap * 2;
		p->files = mem_grow(p->files, p->cap, sizeof(*p->files));
		p->sources = mem_grow(p->sources, p->cap, sizeof(*p->sources));
	}
	p->files[p->count] = *f;
	p->sources[p->count] = *source;
	p->count++;
	p->bytes += f->size;
}

const struct export_file *
export_plan_files(const struct export_plan *p, size_t *count)
{
	*count = p->count;
	return p->files;
}

uint64_t
export_plan_bytes(const struct export_plan *p)
{
	return p->bytes;
}

int
export_plan_is_selection(const struct export_plan *p)
{
	return p->is_selection;
}

size_t
export_plan_snapshots(const struct export_plan *p)
{
	return p->snapshots.count;
}

const char *
export_plan_snapshot(const struct export_plan *p, size_t number)
{
	return p->snapshots.names[number];
}

int64_t
export_plan_newest_us(const struct export_plan *p)
{
	return p->newest_us;
}

int64_t
export_plan_oldest_us(const struct export_plan *p)
{
	return p->oldest_us;
}

const struct collection *
export_plan_collection(const struct export_plan *p)
{
	return p->collection;
}
