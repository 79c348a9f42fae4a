/* What an export takes along. */
#include "core/collection/export_plan.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/export_part.h"
#include "core/collection/layout.h"
#include "core/collection/lookup.h"

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

/* As the names of what is in them sort: "web-2/x" stands before "web/x". */
static int
by_name(const void *a, const void *b)
{
	const char *x = name_of(*(char *const *)a);
	const char *y = name_of(*(char *const *)b);

	while (*x != '\0' && *x == *y) {
		x++;
		y++;
	}
	return (*x == '\0' ? '/' : (unsigned char)*x) -
	       (*y == '\0' ? '/' : (unsigned char)*y);
}

static void
add_path(struct file_names *paths, const char *path)
{
	paths->names = mem_grow(
	    paths->names, paths->count + 1, sizeof(*paths->names));
	paths->names[paths->count++] = mem_text(path);
}

/* Sorted, each once. */
static void
settle(struct file_names *paths)
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
			add_path(paths, sealed.names[i]);
	file_names_clear(&sealed);
	return 0;
}

static int
choose_named(struct export_plan *p, const struct export_request *r,
    struct file_names *paths, struct error *e)
{
	const char *path;

	for (size_t i = 0; i < r->object_count; i++) {
		if (lookup_snapshot(
			p->collection, p->arena, r->objects[i], &path, e) != 0)
			return -1;
		if (is_of_site(name_of(path), r->site))
			add_path(paths, path);
	}
	return 0;
}

static int
fill(struct export_plan *p, const struct export_request *r,
    struct file_names *paths, struct error *e)
{
	int rc = r->object_count > 0 ? choose_named(p, r, paths, e)
				     : choose_all(p, r, paths, e);

	if (rc != 0)
		return -1;
	settle(paths);
	if (paths->count == 0)
		return error_set(e, ERROR_USAGE, "nothing is chosen");
	return export_whole(p, paths, e);
}

int
export_plan_make(struct export_plan **out, const struct collection *c,
    const struct export_request *r, struct error *e)
{
	struct export_plan *p = mem_zero(1, sizeof(*p));
	struct file_names paths = { 0 };
	int rc;

	p->arena = arena_new();
	p->collection = c;
	p->newest_us = INT64_MIN;
	p->oldest_us = INT64_MAX;
	rc = fill(p, r, &paths, e);
	file_names_clear(&paths);
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
	file_names_clear(&p->snapshots);
	free(p->files);
	free(p->sources);
	arena_free(p->arena);
	free(p);
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
