/* What an operator must know: told once, daily, and when it is over. */
#include "core/crawl/alarms.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/crawl/state.h"

#define DAY_US (86400 * INT64_C(1000000))

enum { UNJUDGED_DAYS = 31 }; /* then nobody is able to any more */

/* What this run says of one key. */
struct verdict {
	struct verdict *next;
	const char *key, *text; /* of a raised one */
	int is_raised;
};

struct alarms {
	struct db *db;
	struct arena *arena;
	int64_t now_us;
	char *scope;
	struct verdict *verdicts;
};

/* An alarm as kept. TOLD is when people heard of it last. */
struct alarm {
	const char *key, *text;
	int64_t since_us, last_us, told_us, count;
};

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS alarm (key TEXT PRIMARY KEY, "
    "text TEXT NOT NULL, since INTEGER NOT NULL, last INTEGER NOT NULL, "
    "told INTEGER NOT NULL, count INTEGER NOT NULL) WITHOUT ROWID";

const char *
alarm_when_name(enum alarm_when w)
{
	switch (w) {
	case ALARM_BEGINS:
		return "begins";
	case ALARM_LASTS:
		return "lasts";
	case ALARM_ENDS:
		break;
	}
	return "ends";
}

int
alarms_open(
    struct alarms **out, struct state *s, int64_t now_us, struct error *e)
{
	struct alarms *a;

	if (db_run(state_db(s), schema, e) != 0)
		return -1;
	a = mem_zero(1, sizeof(*a));
	a->db = state_db(s);
	a->arena = arena_new();
	a->now_us = now_us;
	a->scope = mem_text("");
	*out = a;
	return 0;
}

void
alarms_close(struct alarms *a)
{
	if (a == NULL)
		return;
	arena_free(a->arena);
	free(a->scope);
	free(a);
}

void
alarms_scope(struct alarms *a, const char *scope)
{
	free(a->scope);
	a->scope = mem_text(scope);
}

/* Runs raise few alarms: a list is enough. */
static struct verdict *
verdict_find(const struct alarms *a, const char *key)
{
	struct verdict *v = a->verdicts;

	while (v != NULL && strcmp(v->key, key) != 0)
		v = v->next;
	return v;
}

static struct verdict *
verdict_of(struct alarms *a, const char *key)
{
	const char *whole = arena_format(a->arena, "%s%s", a->scope, key);
	struct verdict *v = verdict_find(a, whole);

	if (v == NULL) {
		v = arena_alloc(a->arena, sizeof(*v));
		v->key = whole;
		v->text = "";
		v->next = a->verdicts;
		a->verdicts = v;
	}
	return v;
}

int
alarms_raise(
    struct alarms *a, const char *key, const char *text, struct error *e)
{
	struct verdict *v = verdict_of(a, key);

	(void)e;
	v->is_raised = 1;
	v->text = arena_text(a->arena, text);
	return 0;
}

void
alarms_clear(struct alarms *a, const char *key)
{
	(void)verdict_of(a, key);
}

int
alarms_is_raised(const struct alarms *a, const char *key)
{
	char *whole = mem_format("%s%s", a->scope, key);
	const struct verdict *v = verdict_find(a, whole);

	free(whole);
	return v != NULL && v->is_raised;
}

size_t
alarms_raised(const struct alarms *a)
{
	size_t count = 0;

	for (const struct verdict *v = a->verdicts; v != NULL; v = v->next)
		count += v->is_raised && text_starts(v->key, a->scope);
	return count;
}

static struct alarm *
read_alarm(struct arena *a, struct db_query *q)
{
	struct alarm *x = arena_alloc(a, sizeof(*x));

	x->key = arena_text(a, db_text(q, 0));
	x->text = arena_text(a, db_text(q, 1));
	x->since_us = db_int(q, 2);
	x->last_us = db_int(q, 3);
	x->told_us = db_int(q, 4);
	x->count = db_int(q, 5);
	return x;
}

static int
put_alarm(struct alarms *a, const struct alarm *x, struct error *e)
{
	struct db_query *q = db_prepare(
	    a->db, "INSERT OR REPLACE INTO alarm VALUES (?,?,?,?,?,?)", e);
	int rc;

	if (q == NULL)
		return -1;
	db_bind_text(q, 1, x->key);
	db_bind_text(q, 2, x->text);
	db_bind_int(q, 3, x->since_us);
	db_bind_int(q, 4, x->last_us);
	db_bind_int(q, 5, x->told_us);
	db_bind_int(q, 6, x->count);
	rc = db_next(q, e);
	db_finish(q);
	return rc < 0 ? -1 : 0;
}

static int
drop_alarm(struct alarms *a, const char *key, struct error *e)
{
	struct db_query *q = db_prepare(
	    a->db, "DELETE FROM alarm WHERE key = ?", e);
	int rc;

	if (q == NULL)
		return -1;
	db_bind_text(q, 1, key);
	rc = db_next(q, e);
	db_finish(q);
	return rc < 0 ? -1 : 0;
}

/* The kept alarm of KEY: 1 / 0 / -1. */
static int
get_alarm(
    struct alarms *a, const char *key, struct alarm **out, struct error *e)
{
	struct db_query *q = db_prepare(
	    a->db, "SELECT * FROM alarm WHERE key = ?", e);
	int rc;

	if (q == NULL)
		return -1;
	db_bind_text(q, 1, key);
	rc = db_next(q, e);
	if (rc == 1)
		*out = read_alarm(a->arena, q);
	db_finish(q);
	return rc;
}

static const char *
since_text(struct alarms *a, const struct alarm *x)
{
	char since[DATE_TEXT_MAX];

	date_rfc3339_s(x->since_us, since);
	return arena_format(a->arena, "%s (since %s, %" PRId64 " time%s)",
	    x->text, since, x->count, x->count == 1 ? "" : "s");
}

typedef void
tell_fn(void *context, enum alarm_when when, const char *key, const char *text);

/* A clock that was set back must not silence an alarm for years: a time in
 * the future counts as long ago. */
static int
is_old(int64_t then_us, int64_t now_us)
{
	return now_us - then_us >= DAY_US || then_us > now_us;
}

static int
settle_raised(struct alarms *a, const struct verdict *v, tell_fn *tell,
    void *context, struct error *e)
{
	struct alarm fresh = { 0 };
	struct alarm *x = &fresh;
	int rc = get_alarm(a, v->key, &x, e);
	int is_new = rc == 0;
	int must_tell;

	if (rc < 0)
		return -1;
	if (is_new || x->since_us > a->now_us)
		x->since_us = a->now_us;
	x->key = v->key;
	x->text = v->text;
	x->last_us = a->now_us;
	x->count++;
	must_tell = is_new || is_old(x->told_us, a->now_us);
	if (must_tell)
		x->told_us = a->now_us;
	if (put_alarm(a, x, e) != 0)
		return -1;
	if (must_tell)
		tell(context, is_new ? ALARM_BEGINS : ALARM_LASTS, x->key,
		    since_text(a, x));
	return 0;
}

/* Was this run able to say that KEY, so at LAST_US, is not so? Or is it out of
 * the world without anybody having looked? */
static int
is_over(
    const struct alarms *a, const char *key, int64_t last_us, const char *scope)
{
	const struct verdict *v = verdict_find(a, key);

	if (v != NULL)
		return !v->is_raised;
	return (scope != NULL && text_starts(key, scope)) ||
	       a->now_us - last_us > UNJUDGED_DAYS * DAY_US ||
	       last_us - a->now_us > UNJUDGED_DAYS * DAY_US;
}

/* Those standing that have ended, into LIST (NULL-terminated). */
static int
list_ended(
    struct alarms *a, const char *scope, struct alarm ***out, struct error *e)
{
	struct db_query *q = db_prepare(
	    a->db, "SELECT * FROM alarm ORDER BY key", e);
	struct alarm **list = mem_zero(1, sizeof(struct alarm *));
	size_t count = 0;
	int rc = -1;

	while (q != NULL && (rc = db_next(q, e)) == 1) {
		if (!is_over(a, db_text(q, 0), db_int(q, 3), scope))
			continue;
		list = mem_grow(list, count + 2, sizeof(struct alarm *));
		list[count++] = read_alarm(a->arena, q);
		list[count] = NULL;
	}
	db_finish(q);
	*out = list;
	return rc < 0 ? -1 : 0;
}

int
alarms_settle(struct alarms *a, const char *scope, tell_fn *tell, void *context,
    struct error *e)
{
	struct alarm **ended = NULL;
	int rc = 0;

	for (struct verdict *v = a->verdicts; rc == 0 && v != NULL; v = v->next)
		if (v->is_raised)
			rc = settle_raised(a, v, tell, context, e);
	if (rc == 0)
		rc = list_ended(a, scope, &ended, e);
	for (size_t i = 0; rc == 0 && ended[i] != NULL; i++) {
		rc = drop_alarm(a, ended[i]->key, e);
		if (rc == 0)
			tell(context, ALARM_ENDS, ended[i]->key,
			    since_text(a, ended[i]));
	}
	free(ended);
	if (rc == 0)
		a->verdicts = NULL;
	return rc;
}

int
alarms_each(struct alarms *a,
    int (*each)(void *context, const char *key, const char *text,
	int64_t since_us, int64_t last_us, uint64_t count),
    void *context, struct error *e)
{
	struct db_query *q = db_prepare(
	    a->db, "SELECT * FROM alarm ORDER BY key", e);
	int rc = -1;

	while (q != NULL && (rc = db_next(q, e)) == 1) {
		struct alarm *x = read_alarm(a->arena, q);

		if (each(context, x->key, x->text, x->since_us, x->last_us,
			(uint64_t)x->count) != 0) {
			rc = 0;
			break;
		}
	}
	db_finish(q);
	return rc < 0 ? -1 : 0;
}
