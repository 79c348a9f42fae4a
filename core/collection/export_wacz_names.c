/* What a plan's files are called in a WACZ, and in which of several they lie.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/export_wacz_part.h"

static int
is_record_file(const struct export_file *f)
{
	return f->role == EXPORT_RECORDS || f->role == EXPORT_DERIVED;
}

static const char *
last_part(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash == NULL ? name : slash + 1;
}

/* "archive/X.warc.gz", of derived records "archive/X.derived.warc.gz". */
static char *
archive_path(const struct export_file *f)
{
	const char *base = last_part(f->name);
	const char *end = strstr(base, ".warc");

	if (f->role == EXPORT_RECORDS)
		return mem_format("archive/%s", base);
	if (end == NULL)
		end = base + strlen(base);
	return mem_format(
	    "archive/%.*s.derived%s", (int)(end - base), base, end);
}

/* Ends that nobody takes for more than a file: JSON and lists of lines are
 * looked into by py-wacz (as tables, by their first rows) and indexes by
 * wabac. */
static int
keeps_end(const char *name)
{
	return text_ends(name, ".txt") || text_ends(name, ".md") ||
	       text_ends(name, ".site");
}

/* "SNAPSHOT/about.ARCHIVING.md", "SNAPSHOT/report.json.sealed" */
static char *
other_path(const struct export_file *f)
{
	char *path = mem_format("%s/%s%s", f->snapshot, f->name,
	    keeps_end(f->name) ? "" : ".sealed");
	size_t folder = strlen(f->snapshot);

	for (size_t i = 0; i < folder; i++)
		if (path[i] == '.')
			path[i] = '_';
	for (char *c = path + folder + 1; *c != '\0'; c++)
		if (*c == '/')
			*c = '.';
	return path;
}

/* By name without regard to case, then as in the plan. */
static int
compare(const void *va, const void *vb)
{
	const struct wacz_entry *a = *(struct wacz_entry *const *)va;
	const struct wacz_entry *b = *(struct wacz_entry *const *)vb;
	int order = strcasecmp(a->path, b->path);

	if (order != 0)
		return order;
	return a < b ? -1 : a > b;
}

/* PREFIX and a dot before the last part of the name. */
static void
prepend(struct wacz_entry *x, const char *prefix)
{
	size_t folder = (size_t)(last_part(x->path) - x->path);
	char *path = mem_format(
	    "%.*s%s.%s", (int)folder, x->path, prefix, x->path + folder);

	free(x->path);
	x->path = path;
}

/* All but the first of each name get another: 1, some did. */
static int
tell_apart(struct wacz_names *n, struct wacz_entry **sorted, int by_number)
{
	int found = 0;

	qsort(sorted, n->count, sizeof(struct wacz_entry *), compare);
	for (size_t i = n->count; i-- > 1;) {
		struct wacz_entry *x = sorted[i];
		char *number;

		if (strcasecmp(x->path, sorted[i - 1]->path) != 0)
			continue;
		found = 1;
		number = mem_format("%zu", (size_t)(x - n->entries));
		prepend(x, by_number ? number : x->file->snapshot);
		free(number);
	}
	return found;
}

/* Where the next snapshot begins. */
static size_t
snapshot_end(const struct wacz_names *n, size_t from)
{
	size_t to = from;

	while (to < n->count &&
	       n->entries[to].file->number == n->entries[from].file->number)
		to++;
	return to;
}

/* How far a snapshot that begins in part FIRST reaches. */
struct reach {
	unsigned part;  /* where the next file goes */
	uint64_t used;  /* bytes in it */
	size_t records; /* record files in it */
};

static void
assign_records(struct wacz_names *n, size_t from, size_t to, uint64_t split,
    struct reach *r)
{
	for (size_t i = from; i < to; i++) {
		struct wacz_entry *x = &n->entries[i];

		if (x->file->role != EXPORT_RECORDS)
			continue;
		if (r->records > 0 && r->used + x->file->size > split)
			*r = (struct reach){ .part = r->part + 1 };
		x->first = x->last = r->part;
		r->records++;
		r->used += x->file->size;
	}
}

/* Each part holds what proves its own records; the rest is in the first. */
static void
assign_snapshot(struct wacz_names *n, size_t from, size_t to, uint64_t split,
    struct reach *r)
{
	uint64_t bytes = 0, others = 0;
	unsigned first;

	for (size_t i = from; i < to; i++) {
		bytes += n->entries[i].file->size;
		if (n->entries[i].file->role != EXPORT_RECORDS)
			others += n->entries[i].file->size;
	}
	if (r->records > 0 && r->used + bytes > split)
		*r = (struct reach){ .part = r->part + 1 };
	first = r->part;
	r->used += others;
	assign_records(n, from, to, split, r);
	for (size_t i = from; i < to; i++) {
		struct wacz_entry *x = &n->entries[i];

		if (x->file->role == EXPORT_RECORDS)
			continue;
		x->first = x->last = first;
		if (x->file->role == EXPORT_MANIFEST ||
		    x->file->role == EXPORT_REPORT)
			x->last = r->part;
	}
}

void
wacz_names_make(
    struct wacz_names *n, const struct export_plan *p, uint64_t split)
{
	const struct export_file *files = export_plan_files(p, &n->count);
	struct reach reach = { .part = 1 };
	struct wacz_entry **sorted;

	n->entries = mem_zero(n->count + 1, sizeof(*n->entries));
	sorted = mem_zero(n->count + 1, sizeof(struct wacz_entry *));
	for (size_t i = 0; i < n->count; i++) {
		const struct export_file *f = &files[i];
		struct wacz_entry *x = &n->entries[i];

		x->file = f;
		x->path = is_record_file(f) ? archive_path(f) : other_path(f);
		x->origin = mem_format("%s/%s", f->snapshot, f->name);
		sorted[i] = x;
	}
	if (tell_apart(n, sorted, 0))
		while (tell_apart(n, sorted, 1))
			continue;
	for (size_t from = 0, to; from < n->count; from = to) {
		to = snapshot_end(n, from);
		assign_snapshot(
		    n, from, to, split == 0 ? UINT64_MAX : split, &reach);
	}
	n->parts = reach.part;
	free(sorted);
}

void
wacz_names_clear(struct wacz_names *n)
{
	for (size_t i = 0; i < n->count; i++) {
		free(n->entries[i].path);
		free(n->entries[i].origin);
	}
	free(n->entries);
	*n = (struct wacz_names){ 0 };
}

const struct wacz_entry *
wacz_names_find(const struct wacz_names *n, const struct export_plan *p,
    const struct export_file *file, const char *name)
{
	size_t count, low = 0, high;
	const struct export_file *files = export_plan_files(p, &count);

	for (high = count; low < high;) {
		size_t middle = low + (high - low) / 2;
		int order = export_compare_snapshots(
		    files[middle].snapshot, file->snapshot);

		if (order == 0)
			order = strcmp(files[middle].name, name);
		if (order == 0)
			return &n->entries[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
