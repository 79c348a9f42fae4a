/* What a selection takes of one snapshot. */
#include "core/collection/export_pick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/cdxj.h"
#include "core/archive/record_filter.h"
#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/export_part.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"
#include "core/collection/lines.h"
#include "core/collection/report.h"
#include "core/collection/withdrawn.h"
#include "core/web/exchange.h"

enum { ROUNDS_MAX = 24 }; /* of redirects that lead from one to the next */

static char *
path_of(const struct export_pick *k, const char *name)
{
	return mem_format("%s/%s/%s", k->plan->collection->dir, k->path, name);
}

/* What a sealed snapshot holds reads. */
static int
broken(const struct export_pick *k, const char *name, const struct error *why,
    struct error *e)
{
	return error_set(e,
	    why->kind == ERROR_INPUT || why->kind == ERROR_NOTFOUND
		? ERROR_INTEGRITY
		: why->kind,
	    "%s/%s: %s", k->name, name, why->text);
}

/* ---- its listings, line by line ---- */

static int
read_line(const struct export_pick *k, struct arena *a, char *text,
    struct export_line *l, struct error *e)
{
	struct cdxj_line cut;
	const struct json *o;
	const char *number;

	l->line = arena_text(a, text);
	if (cdxj_split(text, &cut, e) != 0 ||
	    (o = json_parse(a, cut.json, strlen(cut.json), e)) == NULL)
		return -1;
	l->url = json_text(json_get(o, "url"), "");
	l->mime = json_text(json_get(o, "mime"), "");
	l->id = json_text(json_get(o, "id"), "");
	l->file = json_text(json_get(o, "filename"), "");
	number = json_text(json_get(o, "offset"), "");
	if (!text_uint(number, strlen(number), INT64_MAX, &l->offset))
		return error_set(e, ERROR_INPUT, "%s: no offset", l->id);
	number = json_text(json_get(o, "length"), "");
	if (!text_uint(number, strlen(number), INT64_MAX, &l->length) ||
	    l->length == 0 || !date_parse_digits(cut.time, &l->us))
		return error_set(
		    e, ERROR_INPUT, "%s: no length or time", l->id);
	(void)k;
	return 0;
}

/* Reading a listing: READ (-1 with WHY, the line does not read) hands each line
 * on. */
struct reading {
	int (*read)(struct reading *r, char *line, size_t len,
	    struct error *why, struct error *e);
	const struct export_pick *pick;
	struct arena *arena;
	int (*each_line)(
	    void *context, const struct export_line *l, struct error *e);
	int (*each_outcome)(
	    void *context, const struct outcome_line *o, struct error *e);
	void *context;
	int rc; /* of EACH */
};

static int
each_of(struct reading *r, const char *name, struct error *e)
{
	char *path = path_of(r->pick, name);
	struct line_reader lines = { .fd = -1 };
	struct error why = { 0 };
	char *line;
	size_t len;
	int more = line_reader_open(&lines, path, &why);

	r->arena = arena_new();
	while (r->rc == 0 && more >= 0 &&
	       (more = line_reader_next(&lines, &line, &len, &why)) > 0) {
		arena_reset(r->arena);
		more = r->read(r, line, len, &why, e);
	}
	line_reader_close(&lines);
	arena_free(r->arena);
	free(path);
	return more < 0 ? broken(r->pick, name, &why, e) : r->rc;
}

static int
index_line(struct reading *r, char *line, size_t len, struct error *why,
    struct error *e)
{
	struct export_line l;

	(void)len;
	if (read_line(r->pick, r->arena, line, &l, why) != 0)
		return -1;
	r->rc = r->each_line(r->context, &l, e);
	return 0;
}

int
export_each_line(const struct export_pick *k,
    int (*each)(void *context, const struct export_line *l, struct error *e),
    void *context, struct error *e)
{
	struct reading r = { .read = index_line,
		.pick = k,
		.each_line = each,
		.context = context };

	return each_of(&r, "index.cdxj", e);
}

static int
outcome_text(struct reading *r, char *line, size_t len, struct error *why,
    struct error *e)
{
	struct outcome_line o;
	const struct json *j = json_parse(r->arena, line, len, why);

	if (j == NULL)
		return -1;
	if (outcome_line_read(&o, j))
		r->rc = r->each_outcome(r->context, &o, e);
	return 0;
}

int
export_each_outcome(const struct export_pick *k,
    int (*each)(void *context, const struct outcome_line *o, struct error *e),
    void *context, struct error *e)
{
	struct reading r = { .read = outcome_text,
		.pick = k,
		.each_outcome = each,
		.context = context };

	return each_of(&r, "outcomes.jsonl", e);
}

/* ---- choosing ---- */

static void
take_id(struct export_pick *k, const char *id)
{
	if (id[0] != '\0')
		k->grown += (size_t)target_set_add(&k->ids, id, 0);
}

static void
take_url(struct export_pick *k, const char *url)
{
	if (url[0] != '\0')
		k->grown += (size_t)target_set_add(&k->urls, url, 0);
}

static int
asks(const struct export_request *r)
{
	return r->url[0] != '\0' || r->since_us != INT64_MIN ||
	       r->until_us != INT64_MAX;
}

/* A capture of URL at US, a whole second. */
static int
fits(const struct export_pick *k, const char *url, int64_t us)
{
	const struct export_request *r = k->request;

	if (!k->is_filtered)
		return 0;
	return us + 999999 >= r->since_us && us <= r->until_us &&
	       (r->url[0] == '\0' || record_filter_url(r->url, url));
}

static int
choose_line(void *context, const struct export_line *l, struct error *e)
{
	struct export_pick *k = context;

	(void)e;
	if (fits(k, l->url, l->us))
		take_id(k, l->id);
	return 0;
}

/* Of several captures of a URL an import tells of one. */
static int
choose_url(void *context, const struct export_line *l, struct error *e)
{
	struct export_pick *k = context;

	(void)e;
	if (target_set_find(&k->ids, l->id) != NULL)
		take_url(k, l->url);
	return 0;
}

static void
page_key(char out[32], uint64_t offset)
{
	(void)snprintf(out, 32, "%ju", (uintmax_t)offset);
}

/* Its record comes along; where everything does, pages without one, too. */
static int
wants_page(const struct export_pick *k, const struct json *page)
{
	const char *record = json_text(json_get(page, "record"), "");

	return record[0] == '\0' ? k->is_filtered && !asks(k->request)
				 : target_set_find(&k->ids, record) != NULL;
}

/* All that a page has and had not. */
static int
choose_page(void *context, const struct json *page, uint64_t offset)
{
	static const char *const lists[] = { "captured", "failed",
		"out_of_scope" };
	struct export_pick *k = context;
	char key[32];

	if (!wants_page(k, page))
		return 0;
	page_key(key, offset);
	(void)target_set_add(&k->pages, key, 0);
	take_url(k, json_text(json_get(page, "url"), ""));
	take_url(k, json_text(json_get(page, "requested"), ""));
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const struct json *list = json_get(page, lists[i]);

		for (size_t n = 0; n < json_count(list); n++) {
			const struct json *o = json_at(list, n);

			take_url(k, json_is(o, JSON_KIND_STRING)
					? json_text(o, "")
					: json_text(json_get(o, "url"), ""));
		}
	}
	return 0;
}

int
export_takes_id(const struct export_pick *k, const char *id)
{
	const uint64_t *found = target_set_find(&k->ids, id);

	return found != NULL && *found == 0;
}

int
export_takes_outcome(const struct export_pick *k, const struct outcome_line *o)
{
	int64_t us = INT64_MIN;

	if (o->record[0] != '\0')
		return export_takes_id(k, o->record);
	if (target_set_find(&k->urls, o->url) != NULL)
		return 1;
	return date_parse(o->time, &us, NULL) && fits(k, o->url, us);
}

/* A URL's record comes along with it, and where it leads to. */
static int
choose_outcome(void *context, const struct outcome_line *o, struct error *e)
{
	struct export_pick *k = context;

	(void)e;
	if (target_set_find(&k->urls, o->url) != NULL)
		take_id(k, o->record);
	else if (o->record[0] == '\0' ||
		 target_set_find(&k->ids, o->record) == NULL)
		return 0;
	if (o->outcome == OUTCOME_REDIRECT)
		take_url(k, o->location);
	return 0;
}

/* ---- what it is ---- */

static void
add_marked(struct export_pick *k)
{
	const struct json *files = json_get(
	    json_get(k->report, "run"), "files");

	for (size_t i = 0; i < json_count(files); i++) {
		const struct json *ids = json_get(json_at(files, i), "marked");

		for (size_t n = 0; n < json_count(ids); n++)
			(void)target_set_add(
			    &k->marked, json_text(json_at(ids, n), ""), 0);
	}
}

static int
read_report(struct export_pick *k,
    int (*each_page)(void *context, const struct json *page, uint64_t offset),
    void *context, struct error *e)
{
	char *path = path_of(k, "report.json");
	struct error why = { 0 };
	struct json *report = report_read(
	    k->arena, path, each_page, context, &why);

	free(path);
	if (report == NULL)
		return broken(k, "report.json", &why, e);
	k->report = report;
	return 0;
}

/* Listings tell what is taken: they are what was sealed. */
static int
check_listings(struct export_pick *k, struct error *e)
{
	static const char *const names[] = { "index.cdxj", "outcomes.jsonl",
		"articles.jsonl", "report.json" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct manifest_entry *m = manifest_find(
		    &k->manifest, names[i]);
		char *path = path_of(k, names[i]);
		struct error why = { 0 };
		char hex[65];
		int rc = manifest_digest_file(path, hex, &why);

		free(path);
		if (rc != 0)
			return broken(k, names[i], &why, e);
		if (m == NULL || strcmp(m->hex, hex) != 0)
			return error_set(e, ERROR_INTEGRITY,
			    "%s/%s: not as it was sealed; see: holdfast "
			    "verify",
			    k->name, names[i]);
	}
	return 0;
}

static int
drop_withdrawn(void *context, const struct export_line *l, struct error *e)
{
	struct export_pick *k = context;
	const struct withdrawal *w;

	uint64_t *id = target_set_find(&k->ids, l->id);

	if (id == NULL)
		return 0;
	w = withdrawn_record(k->withdrawn, l->id);
	if (w == NULL || w->is_erased)
		return 0;
	if (!k->request->without_withdrawn)
		return withdrawn_refuse(w, l->url, e);
	*id = 1;
	(void)target_set_add(&k->gone, l->url, 0);
	return 0;
}

/* All that belongs to what is taken. A redirect may lead to a page, and that
 * page to redirects. */
static int
choose_along(struct export_pick *k, struct error *e)
{
	for (int round = 0; round < ROUNDS_MAX; round++) {
		size_t before = k->grown;

		if (read_report(k, choose_page, k, e) != 0)
			return -1;
		if (k->is_import &&
		    (export_pick_via(k, e) != 0 ||
			export_each_line(k, choose_url, k, e) != 0))
			return -1;
		if (export_each_outcome(k, choose_outcome, k, e) != 0)
			return -1;
		if (k->grown == before)
			break;
	}
	return 0;
}

int
export_pick_make(struct export_pick *k, const struct export_wanted *wanted,
    size_t count, struct error *e)
{
	if (export_manifest(
		k->plan, k->path, &k->manifest, k->manifest_hex, e) != 0 ||
	    check_listings(k, e) != 0 || read_report(k, NULL, NULL, e) != 0)
		return -1;
	k->kind = json_text(json_get(k->report, "kind"), "");
	k->is_import = strcmp(k->kind, "import") == 0 ||
		       json_bool(
			   json_get(json_get(k->report, "run"), "imported"), 0);
	k->runs = json_count(json_get(k->report, "runs"));
	if (k->runs == 0)
		k->runs = 1;
	add_marked(k);
	for (size_t i = 0; i < count; i++)
		if (strcmp(wanted[i].snapshot, k->path) == 0)
			take_id(k, wanted[i].id);
	if (export_each_line(k, choose_line, k, e) != 0 ||
	    choose_along(k, e) != 0)
		return -1;
	if (k->withdrawn == NULL || withdrawn_count(k->withdrawn) == 0)
		return 0;
	return export_each_line(k, drop_withdrawn, k, e);
}

struct page_walk {
	struct export_pick *pick;
	int (*each)(void *context, const struct json *page);
	void *context;
};

static int
each_page(void *context, const struct json *page, uint64_t offset)
{
	const struct page_walk *w = context;
	char key[32];

	page_key(key, offset);
	if (target_set_find(&w->pick->pages, key) == NULL)
		return 0;
	return w->each(w->context, page);
}

int
export_each_page(struct export_pick *k,
    int (*each)(void *context, const struct json *page), void *context,
    struct error *e)
{
	struct page_walk w = { k, each, context };

	return read_report(k, each_page, &w, e);
}

void
export_pick_clear(struct export_pick *k)
{
	arena_free(k->arena);
	manifest_clear(&k->manifest);
	target_set_clear(&k->ids);
	target_set_clear(&k->urls);
	target_set_clear(&k->marked);
	target_set_clear(&k->pages);
	target_set_clear(&k->gone);
}
