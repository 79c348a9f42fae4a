/* Hooks and packages: written down, done, struck out. */
#include "core/crawl/steps.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/manifest.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/config.h"
#include "core/collection/export.h"
#include "core/collection/facts.h"
#include "core/collection/layout.h"
#include "core/crawl/hook.h"
#include "core/crawl/site.h"
#include "core/crawl/state.h"

#define DAY_US (86400 * INT64_C(1000000))

enum {
	STEPS_AT_ONCE = 10000,
	ALARMS_KEPT = 100, /* older ones that nobody could be told go */
	FACTS_MAX = 32
};

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS step (number INTEGER PRIMARY KEY, "
    "kind TEXT NOT NULL, object TEXT NOT NULL, tries INTEGER NOT NULL, "
    "since INTEGER NOT NULL, UNIQUE (kind, object))";

struct step {
	struct step *next;
	int64_t number;
	const char *kind, *object;
};

struct doing {
	const struct steps_options *o;
	struct arena *arena;
	const struct step *step;
	const char *facts[FACTS_MAX + 1];
	size_t fact_count;
};

static int
add(const struct steps_options *o, const char *kind, const char *object,
    struct error *e)
{
	struct db *db = state_db(o->state);
	struct db_query *q;
	int rc = db_run(db, schema, e);

	if (rc != 0)
		return -1;
	q = db_prepare(
	    db, "INSERT OR IGNORE INTO step VALUES (NULL,?,?,0,?)", e);
	if (q == NULL)
		return -1;
	db_bind_text(q, 1, kind);
	db_bind_text(q, 2, object);
	db_bind_int(q, 3, o->clock->wall_us(o->clock));
	rc = db_next(q, e);
	db_finish(q);
	return rc < 0 ? -1 : 0;
}

static int
wants_tar(const struct config *c, const char *snapshot)
{
	char *name = site_of_snapshot(c, snapshot);
	const struct config *site = config_site(c, name);
	const char *const *also = config_list(site == NULL ? c : site, "also");
	int yes = 0;

	for (; *also != NULL; also++)
		yes |= strcmp(*also, "tar") == 0;
	free(name);
	return yes;
}

int
steps_sealed(
    const struct steps_options *o, const char *snapshot, struct error *e)
{
	int rc = 0;

	if (wants_tar(o->config, snapshot))
		rc = add(o, "tar", snapshot, e);
	if (rc == 0 && config_text(o->config, "on-seal")[0] != '\0')
		rc = add(o, "on-seal", snapshot, e);
	return rc;
}

/* A command that never works must not be told of years at once some day. */
static int
drop_old_alarms(const struct steps_options *o, struct error *e)
{
	char *sql = mem_format(
	    "DELETE FROM step WHERE kind = 'on-alarm' AND number NOT IN "
	    "(SELECT number FROM step WHERE kind = 'on-alarm' "
	    "ORDER BY number DESC LIMIT %d)",
	    ALARMS_KEPT);
	int rc = db_run(state_db(o->state), sql, e);

	free(sql);
	return rc;
}

int
steps_alarm(const struct steps_options *o, const char *when, const char *key,
    const char *text, struct error *e)
{
	struct arena *a;
	struct json *j;
	struct buf line = { 0 };
	int rc;

	if (config_text(o->config, "on-alarm")[0] == '\0')
		return 0;
	a = arena_new();
	j = json_new_object(a);
	json_set_string(a, j, "when", when);
	json_set_string(a, j, "key", key);
	json_set_string(a, j, "text", text);
	json_write(&line, j);
	rc = add(o, "on-alarm", buf_text(&line), e);
	if (rc == 0)
		rc = drop_old_alarms(o, e);
	buf_clear(&line);
	arena_free(a);
	return rc;
}

static void
fact(struct doing *d, const char *name, const char *value)
{
	if (d->fact_count < FACTS_MAX)
		d->facts[d->fact_count++] = arena_format(
		    d->arena, "HOLDFAST_%s=%s", name, value);
}

static void
fact_number(struct doing *d, const char *name, uint64_t n)
{
	fact(d, name, arena_format(d->arena, "%" PRIu64, n));
}

static void
put_line(void *context, const char *line)
{
	const struct doing *d = context;

	log_event(d->o->clock->wall_us(d->o->clock), "hook-output",
	    d->step->kind, line);
}

static int
call(struct doing *d, struct error *e)
{
	const struct config *c = d->o->config;
	const struct hook_call h = {
		.command = config_text(c, d->step->kind),
		.facts = d->facts,
		.clock = d->o->clock,
		.limit_ms = config_duration_ms(c, "hook-time"),
		.stop = d->o->stop,
		.put = put_line,
		.context = d,
	};

	d->facts[d->fact_count] = NULL;
	return hook_call(&h, e);
}

static int
call_on_seal(struct doing *d, struct error *e)
{
	const char *snapshot = d->step->object;
	struct snapshot_facts f = { 0 };
	char *dir = collection_path(d->o->collection, snapshot);
	char *manifest = mem_format("%s/manifest-sha256.txt", dir);
	char *site = site_of_snapshot(d->o->config, snapshot);
	char hex[65] = "";
	int rc = snapshot_facts_read(
	    d->o->collection, d->arena, snapshot, &f, e);

	if (rc == 0)
		rc = manifest_digest_file(manifest, hex, e);
	if (rc == 0) {
		fact(d, "EVENT", "seal");
		fact(d, "SNAPSHOT", dir);
		fact(d, "NAME", f.name);
		fact(d, "MANIFEST_SHA256", hex);
		fact(d, "SITE", site);
		fact(d, "KIND", f.kind);
		fact(d, "STATUS", f.status);
		fact_number(d, "TARGETS", f.targets);
		fact_number(d, "GOOD", f.good);
		fact_number(d, "FAILED", f.failed);
		fact_number(d, "PAGES", f.pages);
		fact_number(d, "PAGES_INCOMPLETE", f.pages_incomplete);
		fact_number(d, "ARTICLES", f.articles);
		fact_number(d, "RECORDS", f.records);
		fact_number(d, "BYTES", f.archive_bytes);
		rc = call(d, e);
	}
	free(site);
	free(manifest);
	free(dir);
	return rc;
}

static int
call_on_alarm(struct doing *d, struct error *e)
{
	const struct json *j = json_parse(
	    d->arena, d->step->object, strlen(d->step->object), e);
	const char *key = json_text(json_get(j, "key"), "");
	size_t word = strcspn(key, " ");
	char *site = mem_text_n(key, word);

	fact(d, "EVENT", "alarm");
	fact(d, "ALARM", json_text(json_get(j, "text"), ""));
	fact(d, "ALARM_KEY", key);
	fact(d, "ALARM_WHEN", json_text(json_get(j, "when"), ""));
	fact(d, "SITE", config_site(d->o->config, site) == NULL ? "" : site);
	free(site);
	return call(d, e);
}

/* packages/NAME.tar; one that is there was finished. */
static int
write_tar(struct doing *d, struct error *e)
{
	const struct collection *c = d->o->collection;
	const char *name = strrchr(d->step->object, '/');
	char *folder = collection_path(c, "packages");
	char *path = mem_format(
	    "%s/%s.tar", folder, name == NULL ? d->step->object : name + 1);
	char *part = mem_format("%s.tmp", path);
	int rc = file_make_dir(folder, e);

	if (rc == 0 && file_exists(part))
		rc = file_remove(part, e);
	if (rc == 0 && !file_exists(path))
		rc = export_snapshot(c, d->step->object, path,
		    d->o->clock->wall_us(d->o->clock), e);
	free(part);
	free(path);
	free(folder);
	return rc;
}

/* 0; 1: not wanted any more; -1: failed. */
static int
do_step(struct doing *d, struct error *e)
{
	const char *kind = d->step->kind;
	char *dir;
	int gone;

	fact(d, "COLLECTION", d->o->collection->dir);
	if (strcmp(kind, "on-alarm") != 0) {
		dir = collection_path(d->o->collection, d->step->object);
		gone = !file_is_dir(dir);
		free(dir);
		if (gone)
			return 1;
	}
	if (strcmp(kind, "tar") == 0)
		return write_tar(d, e);
	if (strcmp(kind, "on-seal") != 0 && strcmp(kind, "on-alarm") != 0)
		return 1;
	if (config_text(d->o->config, kind)[0] == '\0')
		return 1;
	return strcmp(kind, "on-seal") == 0 ? call_on_seal(d, e)
					    : call_on_alarm(d, e);
}

/* A snapshot whose step fails every time must not hold others up; alarms are
 * told in their order. */
static int
read_steps(struct db *db, struct arena *a, struct step **out, struct error *e)
{
	struct db_query *q = db_prepare(db,
	    "SELECT number, kind, object FROM step ORDER BY "
	    "CASE kind WHEN 'on-alarm' THEN 0 ELSE tries END, number LIMIT ?",
	    e);
	struct step **end = out;
	int rc = -1;

	if (q != NULL)
		db_bind_int(q, 1, STEPS_AT_ONCE);
	while (q != NULL && (rc = db_next(q, e)) == 1) {
		struct step *s = arena_alloc(a, sizeof(*s));

		s->number = db_int(q, 0);
		s->kind = arena_text(a, db_text(q, 1));
		s->object = arena_text(a, db_text(q, 2));
		*end = s;
		end = &s->next;
	}
	db_finish(q);
	return rc < 0 ? -1 : 0;
}

static int
strike_out(struct db *db, const struct step *s, int failed, struct error *e)
{
	struct db_query *q = db_prepare(db,
	    failed ? "UPDATE step SET tries = tries + 1 WHERE number = ?"
		   : "DELETE FROM step WHERE number = ?",
	    e);
	int rc;

	if (q == NULL)
		return -1;
	db_bind_int(q, 1, s->number);
	rc = db_next(q, e);
	db_finish(q);
	return rc < 0 ? -1 : 0;
}

static void
log_step(const struct steps_options *o, const struct step *s, int rc,
    const char *why)
{
	char *text;

	if (rc > 0)
		return;
	text = mem_format("%s: %s", s->object, rc == 0 ? "done" : why);
	log_event(o->clock->wall_us(o->clock),
	    strcmp(s->kind, "tar") == 0 ? "package" : "hook", s->kind, text);
	free(text);
}

/* Did a step of KIND fail in this run? Another one would probably fail, too,
 * and take its time again. */
static int
has_failed(const char *const *failed, const char *kind)
{
	for (; *failed != NULL; failed++)
		if (strcmp(*failed, kind) == 0)
			return 1;
	return 0;
}

static int
must_stop(const struct steps_options *o)
{
	return o->stop != NULL && *o->stop;
}

int
steps_do(const struct steps_options *o,
    void (*failed)(void *context, const char *kind, const char *why),
    void *context, uint64_t *pending, struct error *e)
{
	struct db *db = state_db(o->state);
	struct arena *a = arena_new();
	struct step *steps = NULL;
	const char *bad[8] = { NULL };
	size_t bad_count = 0;
	int rc = db_run(db, schema, e);

	if (rc == 0)
		rc = read_steps(db, a, &steps, e);
	for (struct step *s = steps; rc == 0 && s != NULL && !must_stop(o);
	     s = s->next) {
		struct doing d = { .o = o, .arena = arena_new(), .step = s };
		struct error why = { 0 };
		int done = -1;

		if (!has_failed(bad, s->kind)) {
			done = do_step(&d, &why);
			log_step(o, s, done, why.text);
			rc = strike_out(db, s, done < 0, e);
		}
		/* One that ended with the run has not failed. */
		if (done < 0 && why.text[0] != '\0' && bad_count < 7 &&
		    !must_stop(o)) {
			bad[bad_count++] = s->kind;
			failed(context, s->kind, why.text);
		}
		arena_free(d.arena);
	}
	if (rc == 0)
		*pending = (uint64_t)db_number(
		    db, "SELECT count(*) FROM step", 0);
	arena_free(a);
	return rc;
}
