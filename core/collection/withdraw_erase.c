/* Erasing: built beside, verified, exchanged; then the old is removed. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/manifest.h"
#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/collection/layout.h"
#include "core/collection/seal.h"
#include "core/collection/tombstone.h"
#include "core/collection/withdraw_part.h"

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static int
add_snapshots(struct withdraw_plan *p, const struct collection *c,
    const struct withdraw_set *s, struct error *e)
{
	struct file_names sealed;
	struct file_names *to = &p->snapshots;

	if (collection_snapshots(c, &sealed, NULL, e) != 0)
		return -1;
	for (size_t i = 0; i < sealed.count; i++) {
		if (target_set_find(&s->snapshots, sealed.names[i]) == NULL)
			continue;
		to->names = mem_grow(
		    to->names, to->count + 1, sizeof(*to->names));
		to->names[to->count++] = mem_text(sealed.names[i]);
	}
	file_names_clear(&sealed);
	return 0;
}

static void
add_lines(struct withdraw_plan *p, const struct withdraw_set *s)
{
	p->lines = mem_zero(s->count + 1, sizeof(*p->lines));
	p->line_count = s->count;
	for (size_t i = 0; i < s->count; i++) {
		const struct withdraw_record *r = &s->records[i];
		char hash[DIGEST_TEXT_MAX];

		withdrawn_hash(r->uri, hash);
		(void)target_set_add(&p->ids, r->id, i);
		p->lines[i] = (struct withdrawn_line){
			.kind = WITHDRAWN_ERASE,
			.what = {
			    .record = r->id,
			    .type = r->type,
			    .uri_hash = arena_text(p->arena, hash),
			    .date = r->date,
			    .snapshot = base_name(r->snapshot),
			    .reason = p->reason,
			    .by = p->by,
			    .made_us = p->at_us,
			    .until_us = INT64_MAX,
			},
		};
	}
}

static void
copy_texts(const char ***out, size_t *count, const char *const *texts, size_t n)
{
	*out = mem_zero(n + 1, sizeof(**out));
	*count = n;
	for (size_t i = 0; i < n; i++)
		(*out)[i] = texts[i];
}

static int
take_time(void *context, const struct withdrawn_line *line, struct error *e)
{
	int64_t *latest = context;

	(void)e;
	if (line->what.made_us > *latest)
		*latest = line->what.made_us;
	return 0;
}

/* An erasure is known by its time: behind all that was withdrawn before,
 * whatever the clock says. */
static int
find_time(struct withdraw_plan *p, const struct collection *c,
    const struct withdraw_order *o, struct error *e)
{
	char *path = collection_path(c, WITHDRAWN_FILE);
	struct arena *a = arena_new();
	struct withdrawn_end end;
	int64_t latest = INT64_MIN;
	char at[DATE_TEXT_MAX];
	int rc = withdrawn_file_read(a, path, take_time, &latest, &end, e);

	p->at_us = latest < o->now_us ? o->now_us : latest + 1;
	date_rfc3339_us(p->at_us, at);
	p->at = arena_text(p->arena, at);
	arena_free(a);
	free(path);
	return rc;
}

static int
make_plan(struct withdraw_plan *p, const struct collection *c,
    const struct withdraw_set *s, const struct withdraw_order *o,
    struct error *e)
{
	*p = (struct withdraw_plan){
		.arena = arena_new(),
		.reason = o->reason,
		.by = o->by,
		.now_us = o->now_us,
	};
	if (find_time(p, c, o, e) != 0)
		return -1;
	add_lines(p, s);
	copy_texts(&p->terms, &p->term_count, s->terms, s->term_count);
	copy_texts(&p->words, &p->word_count, s->words, s->word_count);
	return add_snapshots(p, c, s, e);
}

/* Where the last generation waits when the two cannot be exchanged. */
#define OLD "%s.old"

static int
remove_stages(
    const struct collection *c, const struct withdraw_plan *p, struct error *e)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->snapshots.count; i++) {
		char *stage = withdraw_stage(c, p->snapshots.names[i]);
		char *old = mem_format(OLD, stage);

		if (file_is_dir(stage))
			rc = seal_remove_dir(stage, e);
		if (rc == 0 && file_is_dir(old))
			rc = seal_remove_dir(old, e);
		free(old);
		free(stage);
	}
	return rc;
}

static int
remove_plan(const struct collection *c, struct error *e)
{
	char *path = collection_path(c, WITHDRAW_PLAN);
	int rc = file_remove(path, e);

	free(path);
	return rc == 0 ? file_sync_dir(c->dir, e) : -1;
}

static int
undo(const struct collection *c, const struct withdraw_plan *p, struct error *e)
{
	return remove_stages(c, p, e) == 0 ? remove_plan(c, e) : -1;
}

/* ---- what is verified is made to hold ---- */

/* Is what lies at DIR the generation that this plan made? */
static int
is_new(const struct withdraw_plan *p, const char *dir)
{
	struct arena *a = arena_new();
	int is_there;
	const struct json *history = generation_history(a, dir, &is_there);
	size_t count = json_count(history);
	int yes = count > 0 &&
		  strcmp(json_text(
			     json_get(json_at(history, count - 1), "at"), ""),
		      p->at) == 0;

	arena_free(a);
	return yes;
}

/* The SHA-256 of the manifest that this plan made of SNAPSHOT, wherever it lies
 * by now. */
static int
new_manifest(const struct collection *c, const struct withdraw_plan *p,
    const char *snapshot, char hex[65], struct error *e)
{
	char *dir = collection_path(c, snapshot);
	char *stage = withdraw_stage(c, snapshot);
	char *path = mem_format(
	    "%s/manifest-sha256.txt", is_new(p, dir) ? dir : stage);
	int rc = manifest_digest_file(path, hex, e);

	free(path);
	free(stage);
	free(dir);
	return rc;
}

struct listing {
	const struct withdraw_plan *plan;
	struct target_set told; /* manifests */
	struct withdrawn_line *lines;
	size_t count;
};

static int
take_manifest(void *context, const struct withdrawn_line *line, struct error *e)
{
	struct listing *l = context;

	(void)e;
	if (line->kind == WITHDRAWN_GENERATION)
		(void)target_set_add(&l->told, line->manifest, 0);
	return 0;
}

/* A line for each generation; what the list tells already, it tells once. */
static int
add_generations(struct listing *l, const struct collection *c, struct error *e)
{
	const struct withdraw_plan *p = l->plan;
	char *path = collection_path(c, WITHDRAWN_FILE);
	struct withdrawn_end end;
	int rc = withdrawn_file_read(p->arena, path, take_manifest, l, &end, e);

	for (size_t i = 0; rc == 0 && i < p->snapshots.count; i++) {
		char hex[65];

		rc = new_manifest(c, p, p->snapshots.names[i], hex, e);
		if (rc != 0 || target_set_find(&l->told, hex) != NULL)
			continue;
		l->lines[l->count++] = (struct withdrawn_line){
			.kind = WITHDRAWN_GENERATION,
			.manifest = arena_text(p->arena, hex),
			.what = {
			    .snapshot = base_name(p->snapshots.names[i]),
			    .reason = p->reason,
			    .by = p->by,
			    .made_us = p->at_us,
			    .until_us = INT64_MAX,
			},
		};
	}
	free(path);
	return rc;
}

static int
list_erased(
    struct collection *c, const struct withdraw_plan *p, struct error *e)
{
	struct listing l = { .plan = p };
	struct withdrawn *now = NULL;
	int rc = withdrawn_open(&now, c, p->at_us, e);

	l.lines = mem_zero(
	    p->line_count + p->snapshots.count + 1, sizeof(*l.lines));
	for (size_t i = 0; rc == 0 && i < p->line_count; i++) {
		const struct withdrawal *w = withdrawn_record(
		    now, p->lines[i].what.record);

		if (w == NULL || !w->is_erased)
			l.lines[l.count++] = p->lines[i];
	}
	if (rc == 0)
		rc = add_generations(&l, c, e);
	if (rc == 0)
		rc = withdrawn_file_add(c, l.lines, l.count, e);
	withdrawn_free(now);
	target_set_clear(&l.told);
	free(l.lines);
	return rc;
}

/*
 * The generation at STAGE in the place of that at DIR: in one step, or where a
 * file system has none for that (FAT, CIFS) in two, between which DIR is not
 * there; that is gone on with from here. An exchange that was made but could
 * not be synced is no reason for the second way: DIR is new then.
 */
static int
put_in_place(const struct withdraw_plan *p, const char *stage, const char *dir,
    struct error *e)
{
	char *old = mem_format(OLD, stage);
	int rc = 0;

	if (file_is_dir(dir)) {
		rc = file_exchange(stage, dir, e);
		if (rc == 0 || is_new(p, dir) || !is_new(p, stage))
			goto done;
		error_clear(e);
		rc = file_rename(dir, old, e);
	}
	if (rc == 0)
		rc = file_rename(stage, dir, e);
done:
	free(old);
	return rc;
}

static int
exchange(const struct collection *c, const struct withdraw_plan *p,
    const char *snapshot, struct error *e)
{
	char *dir = collection_path(c, snapshot);
	char *stage = withdraw_stage(c, snapshot);
	int rc = 0;

	if (!is_new(p, dir))
		rc = is_new(p, stage)
			 ? put_in_place(p, stage, dir, e)
			 : error_set(e, ERROR_INTEGRITY,
			       "%s: an erasure was begun, and what was made "
			       "for it is gone",
			       dir);
	free(stage);
	free(dir);
	return rc;
}

static int
finish(struct collection *c, const struct withdraw_plan *p, struct error *e)
{
	if (list_erased(c, p, e) != 0)
		return -1;
	for (size_t i = 0; i < p->snapshots.count; i++)
		if (exchange(c, p, p->snapshots.names[i], e) != 0)
			return -1;
	if (withdraw_traces(c, p, e) != 0 || remove_stages(c, p, e) != 0)
		return -1;
	return remove_plan(c, e);
}

static int
build_all(
    const struct collection *c, const struct withdraw_plan *p, struct error *e)
{
	for (size_t i = 0; i < p->snapshots.count; i++)
		if (withdraw_build(c, p, p->snapshots.names[i], e) != 0)
			return -1;
	return 0;
}

/* An open one may hold it, too, and cannot be written anew. */
static int
check_open(const struct collection *c, struct error *e)
{
	struct file_names open;
	int rc = collection_open_ones(c, &open, e);

	if (rc == 0 && open.count > 0)
		rc = error_set(e, ERROR_USAGE,
		    "%s: is not sealed and may hold it, too; holdfast recover "
		    "seals it",
		    open.names[0]);
	if (rc == 0 || open.count > 0)
		file_names_clear(&open);
	return rc;
}

int
withdraw_erase(struct collection *c, const struct withdraw_set *s,
    const struct withdraw_order *o, struct error *e)
{
	struct withdraw_plan p;
	int rc;

	if (check_open(c, e) != 0)
		return -1;
	rc = make_plan(&p, c, s, o, e);
	if (rc == 0)
		rc = withdraw_plan_write(c, &p, e);
	if (rc == 0 && build_all(c, &p, e) != 0) {
		(void)undo(c, &p, NULL); /* else recovery does */
		rc = -1;
	}
	if (rc == 0) {
		p.is_ready = 1;
		rc = withdraw_plan_write(c, &p, e);
	}
	if (rc == 0)
		rc = finish(c, &p, e);
	withdraw_plan_clear(&p);
	return rc;
}

int
withdraw_recover(struct collection *c, int64_t now_us, struct error *e)
{
	char *part = collection_path(c, WITHDRAW_PLAN ".tmp");
	struct withdraw_plan p;
	int rc = withdraw_plan_read(c, &p, e);

	if (rc >= 0 && file_exists(part) && file_remove(part, e) != 0)
		rc = -1;
	free(part);

	p.now_us = now_us;
	if (rc == 1)
		rc = p.is_ready ? finish(c, &p, e) : undo(c, &p, e);
	withdraw_plan_clear(&p);
	return rc;
}
