/* A selection: what is chosen of several snapshots as one more. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/base/spool.h"
#include "core/collection/export_selection.h"
#include "core/collection/export_walk.h"
#include "core/collection/layout.h"

enum { SPOOL_MEMORY = 256 * 1024, SORT_MEMORY = 4 * 1024 * 1024 };

struct selecting {
	struct export_plan *plan;
	struct selection *selection;
	struct withdrawn *withdrawn;
	const struct export_choice *choice;
	struct arena *arena;
	struct file_names paths; /* all that something is taken of */
	struct export_wanted *wanted;
	size_t wanted_count;
	struct target_set known; /* ids in WANTED */
};

static int
has_path(const struct file_names *n, const char *path)
{
	for (size_t i = 0; i < n->count; i++)
		if (strcmp(n->names[i], path) == 0)
			return 1;
	return 0;
}

static void
want(struct selecting *x, const char *snapshot, const char *id)
{
	if (!target_set_add(&x->known, id, 0))
		return;
	if ((x->wanted_count & (x->wanted_count - 1)) == 0)
		x->wanted = mem_grow(x->wanted,
		    x->wanted_count == 0 ? 1 : 2 * x->wanted_count,
		    sizeof(*x->wanted));
	x->wanted[x->wanted_count++] = (struct export_wanted){
		arena_text(x->arena, snapshot), arena_text(x->arena, id)
	};
}

/* In the order of their names, which is that of their times. */
static void
list_paths(struct selecting *x)
{
	const struct file_names *given = x->choice->paths;

	file_names_clear(&x->paths);
	for (size_t i = 0; i < given->count; i++)
		export_add_path(&x->paths, given->names[i]);
	for (size_t i = 0; i < x->wanted_count; i++)
		if (i == 0 || strcmp(x->wanted[i].snapshot,
				  x->wanted[i - 1].snapshot) != 0)
			export_add_path(&x->paths, x->wanted[i].snapshot);
	export_settle_paths(&x->paths);
}

static int
pick(struct selecting *x, const char *path, struct export_pick *k,
    struct error *e)
{
	const char *slash = strrchr(path, '/');

	*k = (struct export_pick){ .plan = x->plan,
		.request = x->choice->request,
		.withdrawn = x->withdrawn,
		.path = path,
		.name = slash == NULL ? path : slash + 1,
		.is_filtered = has_path(x->choice->paths, path),
		.arena = arena_new() };
	return export_pick_make(k, x->wanted, x->wanted_count, e);
}

static int
each_original(
    void *context, const char *snapshot, const char *id, struct error *e)
{
	struct selecting *x = context;
	const struct file_names *whole = x->choice->whole;

	(void)e;
	if (whole == NULL || !has_path(whole, snapshot))
		want(x, snapshot, id);
	return 0;
}

/* Is something of this snapshot wanted, from the number FROM on? */
static int
is_wanted(const struct selecting *x, size_t from, const char *path)
{
	for (size_t i = from; i < x->wanted_count; i++)
		if (strcmp(x->wanted[i].snapshot, path) == 0)
			return 1;
	return 0;
}

/* An original that is a page brings what it needs, and there may be revisits
 * among that: until nothing new is wanted. */
static int
add_originals(struct selecting *x, struct error *e)
{
	size_t from = 0, count;
	int is_first = 1;
	int rc = 0;

	do {
		count = x->wanted_count;
		for (size_t i = 0; rc == 0 && i < x->paths.count; i++) {
			const char *path = x->paths.names[i];
			struct export_pick k;

			if (!is_first && !is_wanted(x, from, path))
				continue;
			rc = pick(x, path, &k, e);
			if (rc == 0)
				rc = export_pick_originals(
				    &k, each_original, x, e);
			export_pick_clear(&k);
		}
		list_paths(x);
		from = count;
		is_first = 0;
	} while (rc == 0 && x->wanted_count > count);
	return rc;
}

static int
add_snapshot(struct selecting *x, const char *path, struct error *e)
{
	struct export_pick k;
	struct export_walk w = { 0 };
	int rc = pick(x, path, &k, e);

	if (rc == 0 && k.ids.count > 0) {
		rc = export_walk_make(&w, &k, e);
		if (rc == 0)
			rc = selection_add_records(x->selection, &w, e);
		if (rc == 0)
			rc = selection_add_listings(x->selection, &k, &w, e);
		export_walk_clear(&w);
	}
	export_pick_clear(&k);
	return rc;
}

static struct selection *
selection_new(struct export_plan *p)
{
	struct selection *s = mem_zero(1, sizeof(*s));

	s->plan = p;
	s->newest_us = INT64_MIN;
	s->oldest_us = INT64_MAX;
	s->index = sorter_new(SORT_MEMORY, NULL);
	s->outcomes = spool_new(NULL, SPOOL_MEMORY);
	s->articles = spool_new(NULL, SPOOL_MEMORY);
	s->pages = spool_new(NULL, SPOOL_MEMORY);
	for (size_t i = 0; i < SELECTION_TEXTS; i++)
		s->texts[i] = spool_new(NULL, SPOOL_MEMORY);
	for (size_t i = 0; i < SELECTION_FOLDERS; i++) {
		s->digest[i] = digester_new(DIGEST_SHA256);
		s->pieces[i].spool = spool_new(NULL, SPOOL_MEMORY);
		s->pieces[i].files = &s->sources;
	}
	return s;
}

void
selection_free(struct selection *s)
{
	if (s == NULL)
		return;
	sorter_free(s->index);
	spool_free(s->outcomes);
	spool_free(s->articles);
	spool_free(s->pages);
	for (size_t i = 0; i < SELECTION_TEXTS; i++)
		spool_free(s->texts[i]);
	for (size_t i = 0; i < SELECTION_FOLDERS; i++) {
		digester_free(s->digest[i]);
		spool_free(s->pieces[i].spool);
	}
	file_names_clear(&s->sources);
	file_names_clear(&s->kept_paths);
	manifest_clear(&s->kept);
	buf_clear(&s->from);
	buf_clear(&s->runs);
	buf_clear(&s->marked);
	free(s->files);
	free(s);
}

int
export_select(struct export_plan *p, struct withdrawn *withdrawn,
    const struct export_choice *choice, struct error *e)
{
	struct selecting x = { .plan = p,
		.withdrawn = withdrawn,
		.choice = choice,
		.arena = arena_new() };
	int rc = 0;

	x.selection = p->selection = selection_new(p);
	for (size_t i = 0; i < choice->wanted_count; i++)
		want(&x, choice->wanted[i].snapshot, choice->wanted[i].id);
	list_paths(&x);
	if (choice->request->self_contained)
		rc = add_originals(&x, e);
	for (size_t i = 0; rc == 0 && i < x.paths.count; i++)
		rc = add_snapshot(&x, x.paths.names[i], e);
	if (rc == 0 && p->selection->totals.records == 0)
		rc = error_set(e, ERROR_USAGE, "nothing is chosen");
	if (rc == 0)
		rc = selection_finish(p->selection, choice, e);
	target_set_clear(&x.known);
	file_names_clear(&x.paths);
	free(x.wanted);
	arena_free(x.arena);
	return rc;
}

/* ---- whole snapshots, and what they lean on ---- */

int
export_select_originals(struct export_plan *p, struct withdrawn *withdrawn,
    const struct export_request *r, const struct file_names *whole,
    struct error *e)
{
	const struct file_names none = { 0 };
	struct export_choice choice = { .request = r,
		.paths = whole,
		.whole = whole,
		.suffix = "originals" };
	struct selecting x = { .plan = p,
		.withdrawn = withdrawn,
		.choice = &choice,
		.arena = arena_new() };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < whole->count; i++) {
		struct export_pick k;

		rc = pick(&x, whole->names[i], &k, e);
		if (rc == 0)
			rc = export_pick_originals(&k, each_original, &x, e);
		export_pick_clear(&k);
	}
	if (rc == 0 && x.wanted_count > 0) {
		choice.paths = &none;
		choice.wanted = x.wanted;
		choice.wanted_count = x.wanted_count;
		rc = export_select(p, withdrawn, &choice, e);
	}
	target_set_clear(&x.known);
	free(x.wanted);
	arena_free(x.arena);
	return rc;
}
