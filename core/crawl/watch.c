/* Articles that are looked at again: kept in state/run.sqlite. */
#include "core/crawl/watch.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/crawl/known.h"
#include "core/crawl/state.h"
#include "core/crawl/watch_part.h"
#include "core/web/url.h"

/*
 * "offer" is when the article goes into the queue: when it is due, or later
 * again if nothing came of it. An article may have been met under several
 * addresses; it is looked at under the first.
 */
const char watch_schema[] =
    "CREATE TABLE IF NOT EXISTS watched("
    " number INTEGER PRIMARY KEY, url TEXT NOT NULL, site TEXT NOT NULL,"
    " host TEXT NOT NULL, article_id TEXT NOT NULL, post_id TEXT NOT NULL,"
    " core TEXT NOT NULL, modified TEXT NOT NULL, first INTEGER NOT NULL,"
    " look INTEGER NOT NULL, ok INTEGER NOT NULL, step INTEGER NOT NULL,"
    " waited INTEGER NOT NULL, step_due INTEGER NOT NULL,"
    " due INTEGER NOT NULL, is_extra INTEGER NOT NULL,"
    " nudged INTEGER NOT NULL, doubt TEXT NOT NULL,"
    " doubt_since INTEGER NOT NULL, doubts INTEGER NOT NULL,"
    " is_seen INTEGER NOT NULL, gone INTEGER NOT NULL,"
    " gone_first INTEGER NOT NULL, gone_step INTEGER NOT NULL,"
    " is_gone INTEGER NOT NULL, unknown INTEGER NOT NULL,"
    " offer INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS watched_offer ON watched(site, offer)"
    " WHERE offer > 0;"
    "CREATE INDEX IF NOT EXISTS watched_control ON watched(host, ok);"
    "CREATE INDEX IF NOT EXISTS watched_article ON watched(article_id);"
    "CREATE TABLE IF NOT EXISTS address("
    " key BLOB NOT NULL PRIMARY KEY, article INTEGER NOT NULL) WITHOUT ROWID";

/* In the order of read_row and watch_put; "offer" is last. */
#define COLUMNS                                                              \
	"number, url, site, host, article_id, post_id, core, modified,"      \
	" first, look, ok, step, waited, step_due, due, is_extra, nudged,"   \
	" doubt, doubt_since, doubts, is_seen, gone, gone_first, gone_step," \
	" is_gone, unknown"

static const char *const statements[] = {
	[WATCH_BY_ADDRESS] = "SELECT article FROM address WHERE key = ?1",
	[WATCH_BY_ARTICLE] =
	    "SELECT number FROM watched WHERE article_id = ?1 AND site = ?2",
	[WATCH_PUT] =
	    "INSERT OR REPLACE INTO watched VALUES(?1, ?2, ?3, ?4, ?5, ?6,"
	    " ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,"
	    " ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?15)",
	[WATCH_GET] = "SELECT " COLUMNS " FROM watched WHERE number = ?1",
	[WATCH_ADDRESS_PUT] = "INSERT OR IGNORE INTO address VALUES(?1, ?2)",
	[WATCH_CONTROL] = "SELECT max(ok) FROM watched WHERE host = ?1",
	[WATCH_CONTROL_OTHER] =
	    "SELECT number, ok FROM watched WHERE host = ?1 AND number <> ?2"
	    " AND ok > 0 AND gone = 0 ORDER BY ok DESC LIMIT 1",
	[WATCH_CONTROL_WAKE] =
	    "UPDATE watched SET due = ?2, offer = ?2, is_extra = 1"
	    " WHERE number = ?1 AND (due = 0 OR due > ?2)",
	/* One whose second look must not be early is not offered early. */
	[WATCH_OFFERS] =
	    "SELECT number, url FROM watched WHERE site = ?1 AND offer > 0"
	    " AND offer <= ?2 AND (offer <= ?3 OR doubt = '')"
	    " ORDER BY offer, number LIMIT ?4",
	[WATCH_OFFERED] = "UPDATE watched SET offer = ?2 WHERE number = ?1",
};

int
watch_open(struct watch **out, struct state *s, struct error *e)
{
	struct watch *w = mem_zero(1, sizeof(*w));
	int rc = 0;

	w->state = s;
	w->db = state_db(s);
	w->arena = arena_new();
	w->scratch = mem_zero(1, sizeof(*w->scratch));
	for (size_t i = 0; i < WATCH_STATEMENTS && rc == 0; i++) {
		w->q[i] = db_prepare(w->db, statements[i], e);
		rc = w->q[i] == NULL ? -1 : 0;
	}
	w->next = db_number(w->db, "SELECT max(number) FROM watched", 0) + 1;
	if (rc != 0) {
		watch_close(w);
		return -1;
	}
	*out = w;
	return 0;
}

void
watch_close(struct watch *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < WATCH_STATEMENTS; i++)
		db_finish(w->q[i]);
	arena_free(w->arena);
	buf_clear(w->scratch);
	free(w->scratch);
	free(w);
}

static void
read_row(struct db_query *q, struct arena *a, struct watched *out)
{
	*out = (struct watched){
		.number = db_int(q, 0),
		.url = arena_text(a, db_text(q, 1)),
		.site = arena_text(a, db_text(q, 2)),
		.host = arena_text(a, db_text(q, 3)),
		.article_id = arena_text(a, db_text(q, 4)),
		.post_id = arena_text(a, db_text(q, 5)),
		.core = arena_text(a, db_text(q, 6)),
		.modified = arena_text(a, db_text(q, 7)),
		.first_us = db_int(q, 8),
		.look_us = db_int(q, 9),
		.ok_us = db_int(q, 10),
		.step = db_int(q, 11),
		.waited_us = db_int(q, 12),
		.step_due_us = db_int(q, 13),
		.due_us = db_int(q, 14),
		.is_extra = db_int(q, 15),
		.nudged_us = db_int(q, 16),
		.doubt = arena_text(a, db_text(q, 17)),
		.doubt_us = db_int(q, 18),
		.doubt_count = db_int(q, 19),
		.is_seen = db_int(q, 20),
		.gone = db_int(q, 21),
		.gone_first_us = db_int(q, 22),
		.gone_step = db_int(q, 23),
		.is_gone = db_int(q, 24),
		.unknown = db_int(q, 25),
	};
}

/* The row of that NUMBER. 1 / 0 / -1. */
static int
get(struct watch *w, int64_t number, struct watched *out, struct error *e)
{
	struct db_query *q = w->q[WATCH_GET];
	int more;

	db_bind_int(q, 1, number);
	more = db_next(q, e);
	if (more == 1) {
		read_row(q, w->arena, out);
		db_reset(q);
	}
	return more;
}

/* The key of URL as it was found, and its host ("" none). */
static int
read_url(struct watch *w, const char *text, struct known_key *key,
    char host[256], struct error *e)
{
	struct url url = { 0 };

	if (url_parse(&url, text, strlen(text), NULL, e) != 0)
		return -1;
	*key = known_key_of(url.text, w->scratch);
	if (host != NULL && !url_host(&url, host, 256))
		host[0] = '\0';
	url_clear(&url);
	return 0;
}

/* The article whose number Q, bound, gives first: 1 / 0 / -1. */
static int
first(struct watch *w, struct db_query *q, struct watched *out, struct error *e)
{
	int64_t number;
	int more = db_next(q, e);

	if (more == 1) {
		number = db_int(q, 0);
		db_reset(q);
		more = get(w, number, out, e);
	}
	return more;
}

static int
by_key(struct watch *w, const struct known_key *key, struct watched *out,
    struct error *e)
{
	struct db_query *q = w->q[WATCH_BY_ADDRESS];

	db_bind_bytes(q, 1, key->bytes, sizeof(key->bytes));
	return first(w, q, out, e);
}

int
watch_find(
    struct watch *w, const char *url, struct watched *out, struct error *e)
{
	struct known_key key;

	return read_url(w, url, &key, NULL, e) != 0 ? -1
						    : by_key(w, &key, out, e);
}

int
watch_knows(struct watch *w, const char *url, struct error *e)
{
	struct watched found;

	arena_reset(w->arena);
	return watch_find(w, url, &found, e);
}

static int
put_address(struct watch *w, const char *url, int64_t number, struct error *e)
{
	struct db_query *q = w->q[WATCH_ADDRESS_PUT];
	struct known_key key;

	if (read_url(w, url, &key, NULL, e) != 0)
		return -1;
	db_bind_bytes(q, 1, key.bytes, sizeof(key.bytes));
	db_bind_int(q, 2, number);
	return db_next(q, e);
}

int
watch_put(struct watch *w, struct watched *a, struct error *e)
{
	struct db_query *q = w->q[WATCH_PUT];
	int is_new = a->number == 0;

	if (is_new)
		a->number = w->next++;
	const char *const texts[] = { a->url, a->site, a->host, a->article_id,
		a->post_id, a->core, a->modified };
	const int64_t times[] = { a->first_us, a->look_us, a->ok_us, a->step,
		a->waited_us, a->step_due_us, a->due_us, a->is_extra,
		a->nudged_us };
	const int64_t rest[] = { a->doubt_us, a->doubt_count, a->is_seen,
		a->gone, a->gone_first_us, a->gone_step, a->is_gone,
		a->unknown };

	db_bind_int(q, 1, a->number);
	for (int i = 0; i < 7; i++)
		db_bind_text(q, 2 + i, texts[i]);
	for (int i = 0; i < 9; i++)
		db_bind_int(q, 9 + i, times[i]);
	db_bind_text(q, 18, a->doubt);
	for (int i = 0; i < 8; i++)
		db_bind_int(q, 19 + i, rest[i]);
	if (db_next(q, e) != 0)
		return -1;
	return is_new ? put_address(w, a->url, a->number, e) : 0;
}

int
watch_find_article(struct watch *w, const char *id, const char *site,
    struct watched *out, struct error *e)
{
	struct db_query *q = w->q[WATCH_BY_ARTICLE];

	if (id[0] == '\0')
		return 0;
	db_bind_text(q, 1, id);
	db_bind_text(q, 2, site);
	return first(w, q, out, e);
}

int64_t
watch_control(struct watch *w, const char *host)
{
	struct db_query *q = w->q[WATCH_CONTROL];
	int64_t at = 0;

	db_bind_text(q, 1, host);
	if (db_next(q, NULL) == 1) {
		at = db_int(q, 0);
		db_reset(q);
	}
	return at;
}

/*
 * Did another article of the host answer within the hour before AT? What the
 * caller knows counts, unless it is this article's own answer. When none did,
 * one is woken, so that there is a control at the next look.
 */
static int
has_control(struct watch *w, const struct watched *a,
    const struct observation *o, int *control, struct error *e)
{
	struct db_query *q = w->q[WATCH_CONTROL_OTHER];
	struct db_query *wake = w->q[WATCH_CONTROL_WAKE];
	int64_t since = o->at_us - WATCH_HOUR_US;
	int64_t number = 0;
	int64_t ok = 0;
	int more;

	*control = o->control_us != a->ok_us && o->control_us >= since &&
		   o->control_us > 0;
	if (*control || watch_is_good(a, o) || o->sighting == SIGHT_UNKNOWN)
		return 0;
	db_bind_text(q, 1, a->host);
	db_bind_int(q, 2, a->number);
	more = db_next(q, e);
	if (more != 1)
		return more;
	number = db_int(q, 0);
	ok = db_int(q, 1);
	db_reset(q);
	*control = ok >= since;
	if (*control)
		return 0;
	db_bind_int(wake, 1, number);
	db_bind_int(wake, 2, o->at_us);
	return db_next(wake, e);
}

/*
 * Seen under another address: its own address decides what it says. This look
 * says that it is there, and, when it reads otherwise, that a look is due.
 */
static int
observe_elsewhere(struct watch *w, struct watched *a,
    const struct observation *o, struct error *e)
{
	if (put_address(w, o->url, a->number, e) != 0)
		return -1;
	if (strcmp(o->core, a->core) != 0 && a->due_us != 0 &&
	    a->due_us > o->at_us) {
		a->due_us = o->at_us;
		a->is_extra = 1;
	}
	if (o->at_us > a->ok_us && strcmp(o->core, a->core) == 0)
		a->ok_us = o->at_us;
	return watch_put(w, a, e);
}

/* Whose URL has this KEY and HOST. */
static int
observe(struct watch *w, const struct ladder *l, const struct observation *o,
    const struct known_key *key, const char *host, enum watch_event *event,
    int64_t *due_us, struct error *e)
{
	struct watched a = { .url = o->url,
		.site = o->site,
		.host = host,
		.article_id = o->article_id,
		.post_id = o->post_id,
		.core = "",
		.modified = o->modified,
		.doubt = "" };
	int control = 0;
	int found = by_key(w, key, &a, e);

	if (found == 0 && o->sighting == SIGHT_ARTICLE) {
		found = watch_find_article(w, o->article_id, o->site, &a, e);
		if (found == 1) {
			*due_us = a.due_us;
			return observe_elsewhere(w, &a, o, e);
		}
	}
	if (found < 0 || has_control(w, &a, o, &control, e) != 0)
		return -1;
	*event = watch_judge(&a, l, o, control);
	*due_us = a.due_us;
	return watch_put(w, &a, e);
}

int
watch_observe(struct watch *w, const struct ladder *l,
    const struct observation *o, enum watch_event *event, int64_t *due_us,
    struct error *e)
{
	struct known_key key;
	char host[256];

	*event = EVENT_NONE;
	*due_us = 0;
	arena_reset(w->arena);
	/* What is no URL undoes nothing. */
	if (read_url(w, o->url, &key, host, e) != 0 ||
	    state_begin(w->state, e) != 0)
		return -1;
	return state_end(
	    w->state, observe(w, l, o, &key, host, event, due_us, e), e);
}
