/* The lasting frontier, in state/run.sqlite. */
#include "core/crawl/queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/crawl/known.h"
#include "core/crawl/queue_part.h"
#include "core/crawl/state.h"
#include "core/web/url.h"

/*
 * "ready" has a lane for every site, rank and host, whose head is found in
 * one step; so the next target costs a step a lane, however many wait.
 */
const char queue_schema[] =
    "CREATE TABLE IF NOT EXISTS name("
    " number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);"
    "CREATE TABLE IF NOT EXISTS via("
    " number INTEGER PRIMARY KEY, url TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS tidied("
    " last INTEGER NOT NULL, kept INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS target("
    " number INTEGER PRIMARY KEY, site INTEGER NOT NULL,"
    " rank INTEGER NOT NULL, host INTEGER NOT NULL, due INTEGER NOT NULL,"
    " taken INTEGER NOT NULL, kind INTEGER NOT NULL, depth INTEGER NOT NULL,"
    " tries INTEGER NOT NULL, via INTEGER NOT NULL, url TEXT NOT NULL,"
    " hops TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS ready ON target(site, rank, host, due)"
    " WHERE taken = 0;"
    "CREATE INDEX IF NOT EXISTS held ON target(site) WHERE taken = 1";

#define COLUMNS                                                           \
	"target.number, target.url, (SELECT text FROM name WHERE number"  \
	" = target.site), ifnull((SELECT via.url FROM via WHERE number =" \
	" target.via), ''), hops, kind, rank, depth, tries, due, taken"

static const char *const statements[STATEMENTS] = {
	[NAME_FIND] = "SELECT number FROM name WHERE text = ?1",
	[NAME_ADD] = "INSERT INTO name(text) VALUES(?1) RETURNING number",
	[NAME_TEXT] = "SELECT text FROM name WHERE number = ?1",
	[VIA_ADD] = "INSERT INTO via(url) VALUES(?1) RETURNING number",
	[TARGET_ADD] = "INSERT INTO target VALUES(?1, ?2, ?3, ?4, ?5, 0, ?6,"
		       " ?7, ?8, ?9, ?10, ?11)",
	[TARGET_GET] = "SELECT " COLUMNS " FROM target WHERE number = ?1",
	[TARGET_WAITS] = "SELECT url FROM target WHERE number = ?1",
	[TARGET_SOONER] = "UPDATE target SET rank = min(rank, ?2),"
			  " due = min(due, ?3) WHERE number = ?1",
	[TARGET_TAKE] = "UPDATE target SET taken = 1 WHERE number = ?1",
	[TARGET_DONE] = "DELETE FROM target WHERE number = ?1",
	[TARGET_BACK] = "UPDATE target SET taken = 0, due = ?2,"
			" tries = tries + ?3 WHERE number = ?1",
	[LANE_NEXT] =
	    "SELECT rank, host, due, number FROM target INDEXED BY ready"
	    " WHERE taken = 0 AND site = ?1 AND (rank, host, due) > (?2, ?3, ?4)"
	    " ORDER BY rank, host, due, number LIMIT 1",
};

int
queue_one_number(struct db_query *q, int64_t *number, struct error *e)
{
	int more = db_next(q, e);

	if (more == 1) {
		*number = db_int(q, 0);
		db_reset(q);
	}
	return more;
}

/* The number of TEXT among the names; LAST is the one asked for before. */
static int
name_number(struct queue *q, const char *text, struct buf *last,
    int64_t *number, struct error *e)
{
	int more;

	if (*number != 0 && strcmp(buf_text(last), text) == 0)
		return 0;
	*number = 0;
	db_bind_text(q->q[NAME_FIND], 1, text);
	more = queue_one_number(q->q[NAME_FIND], number, e);
	if (more == 0) {
		db_bind_text(q->q[NAME_ADD], 1, text);
		more = queue_one_number(q->q[NAME_ADD], number, e);
	}
	buf_reset(last);
	buf_add_text(last, text);
	return more < 0 ? -1 : 0;
}

int
queue_name_find(
    struct queue *q, const char *text, int64_t *number, struct error *e)
{
	db_bind_text(q->q[NAME_FIND], 1, text);
	return queue_one_number(q->q[NAME_FIND], number, e);
}

static int
via_number(struct queue *q, const char *via, struct error *e)
{
	if (q->via_number != 0 && strcmp(buf_text(&q->via), via) == 0)
		return 0;
	buf_reset(&q->via);
	buf_add_text(&q->via, via);
	db_bind_text(q->q[VIA_ADD], 1, via);
	return queue_one_number(q->q[VIA_ADD], &q->via_number, e) == 1 ? 0 : -1;
}

int
queue_open(struct queue **out, struct state *s, struct error *e)
{
	struct queue *q = mem_zero(1, sizeof(*q));
	int rc = known_open(&q->known, s, e);

	q->state = s;
	q->db = state_db(s);
	for (size_t i = 0; i < STATEMENTS && rc == 0; i++) {
		q->q[i] = db_prepare(q->db, statements[i], e);
		rc = q->q[i] == NULL ? -1 : 0;
	}
	q->next = db_number(q->db, "SELECT max(number) FROM target", 0) + 1;
	if (rc != 0) {
		queue_close(q);
		return -1;
	}
	*out = q;
	return 0;
}

void
queue_close(struct queue *q)
{
	if (q == NULL)
		return;
	known_close(q->known);
	for (size_t i = 0; i < STATEMENTS; i++)
		db_finish(q->q[i]);
	buf_clear(&q->site);
	buf_clear(&q->host);
	buf_clear(&q->via);
	buf_clear(&q->scratch);
	free(q);
}

/* "host" or "host:port", of which the queue has lanes. */
static const char *
lane_host(struct queue *q, const struct url *url)
{
	buf_reset(&q->scratch);
	buf_add(&q->scratch, url->text + url->host_start, url->host_len);
	if (url->port != URL_NO_PORT)
		buf_format(&q->scratch, ":%d", url->port);
	return buf_text(&q->scratch);
}

/* As it is kept: next_lane needs a time that none has. */
static int64_t
due_of(int64_t due_us)
{
	return due_us < INT64_MAX ? due_us : INT64_MAX - 1;
}

/* A new row for URL. */
static int
target_add(struct queue *q, const struct queued *t, const struct url *url,
    struct error *e)
{
	struct db_query *add = q->q[TARGET_ADD];

	if (name_number(q, t->site, &q->site, &q->site_number, e) != 0 ||
	    name_number(q, lane_host(q, url), &q->host, &q->host_number, e) !=
		0 ||
	    via_number(q, t->via == NULL ? "" : t->via, e) != 0)
		return -1;
	db_bind_int(add, 1, q->next);
	db_bind_int(add, 2, q->site_number);
	db_bind_int(add, 3, t->rank);
	db_bind_int(add, 4, q->host_number);
	db_bind_int(add, 5, due_of(t->due_us));
	db_bind_int(add, 6, t->kind);
	db_bind_int(add, 7, t->depth);
	db_bind_int(add, 8, t->tries);
	db_bind_int(add, 9, q->via_number);
	db_bind_text(add, 10, url->text);
	db_bind_text(add, 11, t->hops == NULL ? "" : t->hops);
	if (db_next(add, e) != 0)
		return -1;
	q->next++;
	return 0;
}

/* TEXT as it is kept, and its key. */
static int
read_url(struct queue *q, const char *text, struct url *url,
    struct known_key *key, struct error *e)
{
	if (url_parse(url, text, strlen(text), NULL, e) != 0)
		return -1;
	url_drop_fragment(url);
	*key = known_key_of(url->text, &q->scratch);
	return 0;
}

/* Does the target of NUMBER wait (or is it taken), and is it KEY's? Numbers
 * of the last targets may be given out again. 1 / 0 / -1. */
static int
still_waits(struct queue *q, int64_t number, const struct known_key *key,
    struct error *e)
{
	struct db_query *waits = q->q[TARGET_WAITS];
	struct known_key its;
	int more;

	db_bind_int(waits, 1, number);
	more = db_next(waits, e);
	if (more != 1)
		return more;
	its = known_key_of(db_text(waits, 0), &q->scratch);
	db_reset(waits);
	return memcmp(&its, key, sizeof(its)) == 0;
}

static int
sooner(struct queue *q, int64_t number, const struct queued *t, struct error *e)
{
	struct db_query *update = q->q[TARGET_SOONER];

	db_bind_int(update, 1, number);
	db_bind_int(update, 2, t->rank);
	db_bind_int(update, 3, due_of(t->due_us));
	return db_next(update, e);
}

enum again { ONCE, AGAIN };

static int
add(struct queue *q, const struct queued *t, enum again again, struct error *e)
{
	struct url url = { 0 };
	struct known_key key;
	int64_t number = 0;
	int rc;
	int waits;

	if (read_url(q, t->url, &url, &key, e) != 0)
		return -1;
	rc = state_begin(q->state, e);
	if (rc != 0)
		goto done;
	rc = known_find(q->known, &key, &number, e);
	waits = rc == 1;
	if (rc == 1 && again == AGAIN) {
		rc = waits = still_waits(q, number, &key, e);
		if (rc == 1)
			rc = sooner(q, number, t, e);
	}
	if (rc >= 0 && !waits) {
		number = q->next;
		rc = target_add(q, t, &url, e);
		if (rc == 0)
			known_put(q->known, &key, number);
	}
	rc = state_end(q->state, rc < 0 ? -1 : !waits, e);
done:
	url_clear(&url);
	return rc;
}

int
queue_add(struct queue *q, const struct queued *t, struct error *e)
{
	return add(q, t, ONCE, e);
}

int
queue_add_again(struct queue *q, const struct queued *t, struct error *e)
{
	return add(q, t, AGAIN, e);
}

int
queue_pass(struct queue *q, const char *url, struct error *e)
{
	/* No target has this number. */
	const int64_t never = -1;
	struct url parsed = { 0 };
	struct known_key key;
	int64_t number;
	int rc;

	if (read_url(q, url, &parsed, &key, e) != 0)
		return -1;
	url_clear(&parsed);
	if (state_begin(q->state, e) != 0)
		return -1;
	rc = known_find(q->known, &key, &number, e);
	if (rc == 0)
		known_put(q->known, &key, never);
	return state_end(q->state, rc < 0 ? -1 : !rc, e);
}

int
queue_knows(struct queue *q, const char *url, struct error *e)
{
	struct url parsed = { 0 };
	struct known_key key;
	int64_t number;

	if (read_url(q, url, &parsed, &key, e) != 0)
		return -1;
	url_clear(&parsed);
	return known_find(q->known, &key, &number, e);
}

void
queue_read_row(struct db_query *get, struct arena *a, struct queued *out)
{
	*out = (struct queued){
		.number = db_int(get, 0),
		.url = arena_text(a, db_text(get, 1)),
		.site = arena_text(a, db_text(get, 2)),
		.via = arena_text(a, db_text(get, 3)),
		.hops = arena_text(a, db_text(get, 4)),
		.kind = (enum wanted_kind)db_int(get, 5),
		.rank = (int)db_int(get, 6),
		.depth = (unsigned)db_int(get, 7),
		.tries = (unsigned)db_int(get, 8),
		.due_us = db_int(get, 9),
		.is_taken = db_int(get, 10) != 0,
	};
}

/* The first target of a lane. */
struct head {
	int64_t rank, host, due_us, number;
};

/* The lane behind AT: 1; 0 there is none; -1. */
static int
next_lane(struct queue *q, int64_t site, struct head *at, struct error *e)
{
	struct db_query *next = q->q[LANE_NEXT];
	int more;

	db_bind_int(next, 1, site);
	db_bind_int(next, 2, at->rank);
	db_bind_int(next, 3, at->host);
	db_bind_int(next, 4, INT64_MAX); /* behind all of the lane at AT */
	more = db_next(next, e);
	if (more == 1) {
		*at = (struct head){ db_int(next, 0), db_int(next, 1),
			db_int(next, 2), db_int(next, 3) };
		db_reset(next);
	}
	return more;
}

/* Is the host of that NUMBER in the list? 1 / 0 / -1. */
static int
is_shunned(
    struct queue *q, int64_t number, const char *const *shun, struct error *e)
{
	struct db_query *name = q->q[NAME_TEXT];
	int found = 0;

	if (shun == NULL || *shun == NULL)
		return 0;
	db_bind_int(name, 1, number);
	if (db_next(name, e) != 1)
		return -1;
	for (; *shun != NULL && !found; shun++) {
		const char *host = db_text(name, 0);
		size_t len = strlen(*shun);

		found = strncmp(host, *shun, len) == 0 &&
			(host[len] == '\0' || host[len] == ':');
	}
	db_reset(name);
	return found;
}

/* The first of all lanes whose host is not shunned. 1; 0 and *DUE_US; -1. */
static int
first_due(struct queue *q, int64_t site, int64_t now_us,
    const char *const *shun, struct head *first, int64_t *due_us,
    struct error *e)
{
	struct head at = { .rank = INT64_MIN };
	int found = 0;
	int more;

	*due_us = INT64_MAX;
	while ((more = next_lane(q, site, &at, e)) == 1) {
		int shunned;

		if (found && at.rank != first->rank)
			return 1;
		shunned = is_shunned(q, at.host, shun, e);
		if (shunned < 0)
			return -1;
		if (shunned)
			continue;
		if (at.due_us < *due_us)
			*due_us = at.due_us;
		if (at.due_us > now_us)
			continue;
		if (!found || at.due_us < first->due_us ||
		    (at.due_us == first->due_us && at.number < first->number))
			*first = at;
		found = 1;
	}
	return more < 0 ? -1 : found;
}

static int
take(struct queue *q, struct arena *a, int64_t number, struct queued *out,
    struct error *e)
{
	struct db_query *get = q->q[TARGET_GET];

	db_bind_int(q->q[TARGET_TAKE], 1, number);
	db_bind_int(get, 1, number);
	if (db_next(q->q[TARGET_TAKE], e) != 0 || db_next(get, e) != 1)
		return -1;
	queue_read_row(get, a, out);
	db_reset(get);
	return 1;
}

int
queue_take(struct queue *q, struct arena *a, const char *site, int64_t now_us,
    const char *const *shun, struct queued *out, int64_t *due_us,
    struct error *e)
{
	struct head first = { 0 };
	int64_t number;
	int rc = queue_name_find(q, site, &number, e);

	*due_us = INT64_MAX;
	if (rc == 1)
		rc = first_due(q, number, now_us, shun, &first, due_us, e);
	if (rc != 1)
		return rc;
	if (state_begin(q->state, e) != 0)
		return -1;
	return state_end(q->state, take(q, a, first.number, out, e), e);
}

int
queue_done(struct queue *q, int64_t number, struct error *e)
{
	if (state_begin(q->state, e) != 0)
		return -1;
	db_bind_int(q->q[TARGET_DONE], 1, number);
	return state_end(q->state, db_next(q->q[TARGET_DONE], e), e);
}

int
queue_put_back(struct queue *q, int64_t number, int64_t due_us, int count_try,
    struct error *e)
{
	struct db_query *back = q->q[TARGET_BACK];

	if (state_begin(q->state, e) != 0)
		return -1;
	db_bind_int(back, 1, number);
	db_bind_int(back, 2, due_of(due_us));
	db_bind_int(back, 3, count_try != 0);
	return state_end(q->state, db_next(back, e), e);
}

void
queue_set_batch(struct queue *q, size_t count)
{
	known_set_batch(q->known, count);
}
