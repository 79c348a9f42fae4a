/* Listings of a snapshot into those of a selection. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/base/spool.h"
#include "core/base/text.h"
#include "core/collection/export_selection.h"
#include "core/collection/export_walk.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"
#include "core/collection/lines.h"
#include "core/collection/report.h"
#include "core/web/exchange.h"

struct listing {
	struct selection *selection;
	struct export_pick *pick;
	const struct export_walk *walk;
	struct buf buf;
	struct error error; /* where none can be returned */
};

static int
not_its_records(const struct listing *t, const char *name, struct error *e)
{
	return error_set(e, ERROR_INTEGRITY,
	    "%s/%s: not as its records are; see: holdfast verify",
	    t->pick->name, name);
}

/* ---- index.cdxj ---- */

/* The line with the record's new place: all else is what it was. */
static int
each_line(void *context, const struct export_line *l, struct error *e)
{
	struct listing *t = context;
	struct selection *s = t->selection;
	const struct export_entry *x = export_walk_find(
	    t->walk, l->file, l->offset);
	char *place;
	const char *at;
	int rc;

	if (x == NULL)
		return not_its_records(t, "index.cdxj", e);
	if (!x->chosen)
		return 0;
	place = mem_format("\"offset\": \"%ju\", \"filename\": \"%s\"",
	    (uintmax_t)l->offset, l->file);
	at = strstr(l->line, place);
	for (const char *next = at; next != NULL;
	     next = strstr(next + 1, place))
		at = next; /* one before it may be part of a URL */
	buf_reset(&t->buf);
	if (at != NULL) {
		buf_add(&t->buf, l->line, (size_t)(at - l->line));
		buf_format(&t->buf, "\"offset\": \"%ju\", \"filename\": \"%s\"",
		    (uintmax_t)x->to, s->files[x->to_file].name);
		buf_add_text(&t->buf, at + strlen(place));
	}
	free(place);
	if (at == NULL)
		return not_its_records(t, "index.cdxj", e);
	if (l->us > s->newest_us)
		s->newest_us = l->us;
	if (l->us < s->oldest_us)
		s->oldest_us = l->us;
	rc = sorter_add(s->index, t->buf.data, t->buf.len, e);
	return rc;
}

/* ---- outcomes.jsonl ---- */

static int
each_outcome(void *context, const struct outcome_line *o, struct error *e)
{
	struct listing *t = context;
	struct selection *s = t->selection;
	struct outcome_line line = *o;

	if (!export_takes_outcome(t->pick, o))
		return 0;
	if (o->record[0] != '\0') {
		const struct export_entry *x = o->offset < 0
						   ? NULL
						   : export_walk_find(t->walk,
							 o->file,
							 (uint64_t)o->offset);

		if (x == NULL || !x->chosen)
			return not_its_records(t, "outcomes.jsonl", e);
		line.file = s->files[x->to_file].name;
		line.offset = (int64_t)x->to;
	}
	line.run += (unsigned)s->run_count;
	report_count(&s->totals, line.outcome, line.record, line.bytes);
	buf_reset(&t->buf);
	outcome_line_write(&t->buf, &line);
	buf_add_byte(&t->buf, '\n');
	return spool_add(s->outcomes, t->buf.data, t->buf.len, e);
}

/* ---- articles.jsonl, profiles ---- */

static void
keep(struct selection *s, const struct export_pick *k,
    const struct manifest_entry *m)
{
	struct file_names *n = &s->kept_paths;

	for (size_t i = 0; i < s->kept.count; i++)
		if (strcmp(s->kept.entries[i].name, m->name) == 0)
			return;
	manifest_add(&s->kept, m->name, m->hex);
	n->names = mem_grow(n->names, n->count + 1, sizeof(*n->names));
	n->names[n->count++] = mem_format("%s/%s", k->path, m->name);
}

/* The profiles that an article was read by. */
static void
keep_profiles(const struct listing *t, const char *line, size_t len)
{
	struct arena *a = arena_new();
	const struct json *chain = json_get(
	    json_get(
		json_get(json_get(json_parse(a, line, len, NULL), "article"),
		    "extractor"),
		"profile"),
	    "chain");

	for (size_t i = 0; i < json_count(chain); i++) {
		const struct json *o = json_at(chain, i);
		const struct manifest_entry *m = manifest_find(
		    &t->pick->manifest,
		    arena_format(a, "profiles/%s-%.16s.site",
			json_text(json_get(o, "key"), ""),
			json_text(json_get(o, "sha256"), "")));

		if (m != NULL)
			keep(t->selection, t->pick, m);
	}
	arena_free(a);
}

/* The lines stand in the order of the records that they are of. */
static int
add_articles(struct listing *t, struct error *e)
{
	struct selection *s = t->selection;
	const struct export_walk *w = t->walk;
	char *path = mem_format(
	    "%s/%s/articles.jsonl", s->plan->collection->dir, t->pick->path);
	struct line_reader lines = { .fd = -1 };
	char *line;
	size_t len;
	int rc = line_reader_open(&lines, path, e);

	for (size_t i = 0; rc == 0 && i < w->count; i++) {
		if (w->entries[i].kind != ENTRY_ARTICLE)
			continue;
		rc = line_reader_next(&lines, &line, &len, e);
		if (rc == 0)
			rc = not_its_records(t, "articles.jsonl", e);
		if (rc < 0)
			break;
		rc = 0;
		if (!w->entries[i].chosen)
			continue;
		keep_profiles(t, line, len);
		rc = spool_add(s->articles, line, len, e);
		if (rc == 0)
			rc = spool_add(s->articles, "\n", 1, e);
	}
	line_reader_close(&lines);
	free(path);
	return rc;
}

/* ---- report.json ---- */

/* A list of addresses without those that were withdrawn. */
static void
drop_gone(const struct listing *t, struct arena *a, struct json *page,
    const char *name)
{
	const struct json *list = json_get(page, name);
	struct json *counts = json_get(page, "counts");
	struct json *kept = json_new_array(a);
	int64_t dropped;

	for (size_t i = 0; i < json_count(list); i++) {
		struct json *o = json_at(list, i);
		const char *url = json_is(o, JSON_KIND_STRING)
				      ? json_text(o, "")
				      : json_text(json_get(o, "url"), "");

		if (target_set_find(&t->pick->gone, url) == NULL)
			json_append(a, kept, o);
	}
	dropped = (int64_t)(json_count(list) - json_count(kept));
	if (dropped == 0)
		return;
	json_set(a, page, name, kept);
	json_set_integer(
	    a, counts, name, json_int(json_get(counts, name), 0) - dropped);
	json_set_integer(a, counts, "found",
	    json_int(json_get(counts, "found"), 0) - dropped);
}

static int
each_page(void *context, const struct json *page)
{
	struct listing *t = context;
	struct selection *s = t->selection;
	struct arena *a;
	struct json *copy;
	int64_t run = json_int(json_get(page, "run"), 1) +
		      (int64_t)s->run_count;
	int rc;

	if (target_set_find(
		&t->pick->gone, json_text(json_get(page, "url"), "")) != NULL &&
	    !export_takes_id(t->pick, json_text(json_get(page, "record"), "")))
		return 0;
	a = arena_new();
	buf_reset(&t->buf);
	json_write(&t->buf, page);
	copy = json_parse(a, buf_text(&t->buf), t->buf.len, &t->error);
	if (run > 1)
		json_set_integer(a, copy, "run", run);
	drop_gone(t, a, copy, "captured");
	drop_gone(t, a, copy, "failed");
	drop_gone(t, a, copy, "out_of_scope");
	buf_reset(&t->buf);
	buf_add_text(&t->buf, s->totals.pages == 0 ? "\n" : ",\n");
	json_write(&t->buf, copy);
	s->totals.pages++;
	s->totals.pages_incomplete += (uint64_t)!json_bool(
	    json_get(copy, "complete"), 1);
	arena_free(a);
	rc = spool_add(s->pages, t->buf.data, t->buf.len, &t->error);
	return rc;
}

static void
copy_text(struct buf *b, const struct json *o, const char *name)
{
	line_text(b, name, json_text(json_get(o, name), ""));
}

/* Each run of it as one of the selection's. */
static void
add_runs(struct listing *t)
{
	struct selection *s = t->selection;
	const struct json *report = t->pick->report;
	const struct json *runs = json_get(report, "runs");

	for (size_t i = 0; i < t->pick->runs; i++) {
		const struct json *o = runs == NULL ? report : json_at(runs, i);

		buf_add_text(&s->runs, s->run_count++ == 0 ? "{" : ",{");
		line_text(&s->runs, "snapshot", t->pick->name);
		copy_text(&s->runs, o, "started");
		copy_text(&s->runs, o, "ended");
		copy_text(&s->runs, o, "status");
		copy_text(&s->runs, o, "version");
		copy_text(&s->runs, o, "revision");
		line_end(&s->runs);
	}
}

/* Where it comes from, so that it can be compared with that. */
static void
add_source(struct listing *t)
{
	struct selection *s = t->selection;
	const struct export_pick *k = t->pick;

	buf_add_text(&s->from, s->from.len == 0 ? "{" : ",{");
	line_text(&s->from, "snapshot", k->name);
	line_text(&s->from, "kind", k->kind);
	line_text(&s->from, "manifest_sha256", k->manifest_hex);
	line_end(&s->from);
	s->is_import |= k->is_import;
}

static int
each_marked(void *context, const struct export_line *l, struct error *e)
{
	struct listing *t = context;
	struct selection *s = t->selection;

	(void)e;
	if (target_set_find(&t->pick->marked, l->id) == NULL ||
	    !export_takes_id(t->pick, l->id))
		return 0;
	if (s->marked.len > 0)
		buf_add_byte(&s->marked, ',');
	json_add_string(&s->marked, l->id, strlen(l->id));
	return 0;
}

/* The texts about the format that lie in the newest of them. */
static void
keep_about(struct listing *t)
{
	const struct manifest_entry *m = manifest_find(
	    &t->pick->manifest, "about/ARCHIVING.md");
	struct selection *s = t->selection;

	if (m == NULL)
		return;
	s->about = arena_format(
	    s->plan->arena, "%s/about/ARCHIVING.md", t->pick->path);
	memcpy(s->about_hex, m->hex, sizeof(s->about_hex));
}

int
selection_add_listings(struct selection *s, struct export_pick *k,
    const struct export_walk *w, struct error *e)
{
	struct listing t = { .selection = s, .pick = k, .walk = w };
	int rc = export_each_line(k, each_line, &t, e);

	if (rc == 0)
		rc = export_each_outcome(k, each_outcome, &t, e);
	if (rc == 0)
		rc = add_articles(&t, e);
	if (rc == 0)
		rc = export_each_page(k, each_page, &t, e);
	if (rc == 0 && k->marked.count > 0)
		rc = export_each_line(k, each_marked, &t, e);
	if (t.error.kind != ERROR_NONE)
		*e = t.error;
	add_runs(&t);
	add_source(&t);
	keep_about(&t);
	buf_clear(&t.buf);
	return rc;
}
