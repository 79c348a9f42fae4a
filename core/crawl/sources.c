/* The sources of sites: when they are due. */
#include "core/crawl/sources.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/collection/config.h"
#include "core/crawl/queue.h"
#include "core/crawl/sources_part.h"
#include "core/crawl/state.h"

#define MINUTE_US (INT64_C(60) * 1000000)
#define DAY_US    (INT64_C(86400) * 1000000)

enum {
	MONTHS_BACK = 240,    /* of a pattern, within the window */
	MONTH_GRACE_DAYS = 2, /* a month's file is read so long behind it */
	SLACK_PARTS = 10      /* a look may come a tenth of its time early */
};

const char sources_schema[] =
    "CREATE TABLE IF NOT EXISTS source("
    " site TEXT NOT NULL, url TEXT NOT NULL, root TEXT NOT NULL,"
    " kind INTEGER NOT NULL, page INTEGER NOT NULL, level INTEGER NOT NULL,"
    " guess INTEGER NOT NULL, changed INTEGER NOT NULL, read INTEGER NOT NULL,"
    " place INTEGER NOT NULL, last INTEGER NOT NULL, due INTEGER NOT NULL,"
    " step INTEGER NOT NULL, count INTEGER NOT NULL, usual INTEGER NOT NULL,"
    " fails INTEGER NOT NULL, good INTEGER NOT NULL, PRIMARY KEY(site, url)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS source_due ON source(site, due)"
    " WHERE level > 0;"
    "CREATE TABLE IF NOT EXISTS source_old("
    " site TEXT NOT NULL, url TEXT NOT NULL, hashes BLOB NOT NULL,"
    " PRIMARY KEY(site, url)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS source_found("
    " site TEXT NOT NULL, hour INTEGER NOT NULL, found INTEGER NOT NULL,"
    " PRIMARY KEY(site, hour)) WITHOUT ROWID";

static const char *const statements[SOURCE_STATEMENTS] = {
	[SOURCE_FIND] =
	    "SELECT root, kind, page, level, guess, changed, read, place,"
	    " last, due, step, count, usual, fails, good FROM source"
	    " WHERE site = ?1 AND url = ?2",
	[SOURCE_PUT] = "INSERT OR REPLACE INTO source VALUES(?1, ?2, ?3, ?4,"
		       " ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
		       " ?16, ?17)",
	[SOURCE_DROP] = "DELETE FROM source WHERE site = ?1 AND url = ?2",
	[SOURCE_DUE] = "SELECT url FROM source WHERE site = ?1 AND level > 0"
		       " AND due <= ?2 ORDER BY changed DESC, place LIMIT ?3",
	[SOURCE_EACH] = "SELECT url, kind, last, due, count, usual, root"
			" FROM source WHERE site = ?1 ORDER BY level, kind,"
			" url",
	[FOUND_ADD] = "INSERT INTO source_found VALUES(?1, ?2, ?3)"
		      " ON CONFLICT DO UPDATE SET found = found +"
		      " excluded.found",
	[FOUND_SUM] = "SELECT total(found) FROM source_found"
		      " WHERE site = ?1 AND hour > ?2",
	[FOUND_FIRST] = "SELECT min(hour) FROM source_found WHERE site = ?1",
	[GOOD_LAST] = "SELECT max(good) FROM source WHERE site = ?1"
		      " AND kind = ?2",
	[OLD_FIND] = "SELECT hashes FROM source_old WHERE site = ?1 AND"
		     " url = ?2",
	[OLD_PUT] = "INSERT OR REPLACE INTO source_old VALUES(?1, ?2, ?3)",
	[OLD_DROP] = "DELETE FROM source_old WHERE site = ?1 AND url = ?2",
	[FOUND_DROP] = "DELETE FROM source_found WHERE site = ?1 AND hour <"
		       " ?2",
};

int
sources_open(struct sources **out, struct state *s, struct error *e)
{
	struct sources *x = mem_zero(1, sizeof(*x));
	int rc = 0;

	x->state = s;
	x->db = state_db(s);
	for (size_t i = 0; i < SOURCE_STATEMENTS && rc == 0; i++) {
		x->q[i] = db_prepare(x->db, statements[i], e);
		rc = x->q[i] == NULL ? -1 : 0;
	}
	if (rc != 0) {
		sources_close(x);
		return -1;
	}
	*out = x;
	return 0;
}

void
sources_close(struct sources *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < SOURCE_STATEMENTS; i++)
		db_finish(s->q[i]);
	while (s->tallies != NULL) {
		struct source_tally *t = s->tallies;

		s->tallies = t->next;
		free(t->site);
		free(t);
	}
	links_seen_clear(&s->seen);
	free(s);
}

/* ---- rows ---- */

void
source_row_clear(struct source_row *r)
{
	buf_clear(&r->url);
	buf_clear(&r->root);
}

int
source_row_find(struct sources *s, const char *site, const char *url,
    struct source_row *r, struct error *e)
{
	struct db_query *q = s->q[SOURCE_FIND];
	int more;

	buf_reset(&r->url);
	buf_reset(&r->root);
	*r = (struct source_row){ .url = r->url,
		.root = r->root,
		.page = 1,
		.changed_us = INT64_MIN,
		.read_us = INT64_MIN };
	buf_add_text(&r->url, url);
	db_bind_text(q, 1, site);
	db_bind_text(q, 2, url);
	more = db_next(q, e);
	if (more != 1)
		return more;
	buf_add_text(&r->root, db_text(q, 0));
	r->kind = (enum source_kind)db_int(q, 1);
	r->page = (unsigned)db_int(q, 2);
	r->level = (unsigned)db_int(q, 3);
	r->is_guess = (int)db_int(q, 4);
	r->changed_us = db_int(q, 5);
	r->read_us = db_int(q, 6);
	r->place = db_int(q, 7);
	r->last_us = db_int(q, 8);
	r->due_us = db_int(q, 9);
	r->step_us = db_int(q, 10);
	r->count = (uint64_t)db_int(q, 11);
	r->usual = (uint64_t)db_int(q, 12);
	r->fails = (uint64_t)db_int(q, 13);
	r->good_us = db_int(q, 14);
	db_reset(q);
	return 1;
}

int
source_row_put(struct sources *s, const char *site, const struct source_row *r,
    struct error *e)
{
	struct db_query *q = s->q[SOURCE_PUT];
	const int64_t numbers[] = { r->kind, r->page, r->level, r->is_guess,
		r->changed_us, r->read_us, r->place, r->last_us, r->due_us,
		r->step_us, (int64_t)r->count, (int64_t)r->usual,
		(int64_t)r->fails, r->good_us };

	db_bind_text(q, 1, site);
	db_bind_text(q, 2, buf_text(&r->url));
	db_bind_text(q, 3, buf_text(&r->root));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		db_bind_int(q, (int)i + 4, numbers[i]);
	return db_next(q, e) < 0 ? -1 : 0;
}

int
source_row_drop(struct sources *s, const char *site, const struct source_row *r,
    struct error *e)
{
	static const enum source_statement both[] = { SOURCE_DROP, OLD_DROP };

	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		struct db_query *q = s->q[both[i]];

		db_bind_text(q, 1, site);
		db_bind_text(q, 2, buf_text(&r->url));
		if (db_next(q, e) < 0)
			return -1;
	}
	return 0;
}

const struct source *
source_of(const struct site *site, const char *root)
{
	for (size_t i = 0; i < site->source_count; i++)
		if (strcmp(site->sources[i].url, root) == 0)
			return &site->sources[i];
	return NULL;
}

struct source_tally *
source_tally(struct sources *s, const char *site, struct error *e)
{
	struct db_query *q = s->q[GOOD_LAST];
	struct source_tally *t = s->tallies;
	int64_t last = 0;
	int more;

	while (t != NULL && strcmp(t->site, site) != 0)
		t = t->next;
	if (t != NULL)
		return t;
	db_bind_text(q, 1, site);
	db_bind_int(q, 2, SOURCE_SITEMAP);
	more = db_next(q, e);
	if (more < 0)
		return NULL;
	if (more > 0) {
		last = db_int(q, 0);
		db_reset(q);
	}
	t = mem_zero(1, sizeof(*t));
	t->site = mem_text(site);
	t->last_good_us = last;
	t->next = s->tallies;
	s->tallies = t;
	return t;
}

/* ---- what is due ---- */

int
source_enqueue(struct queue *q, const struct site *site,
    const struct source_row *r, const char *via, int rank, int64_t now_us,
    struct error *e)
{
	const struct queued t = {
		.url = buf_text(&r->url),
		.site = site->name,
		.via = via,
		.hops = via[0] == '\0' ? "" : "M",
		.kind = r->kind == SOURCE_FRONT ? WANTED_FRONT : WANTED_LIST,
		.rank = rank,
		.due_us = now_us,
	};

	return queue_add_again(q, &t, e);
}

/* A run that comes every quarter of an hour, a little early or late, looks at
 * what is due every quarter of an hour each time. */
static int
is_due(const struct source_row *r, int64_t every_us, int64_t now_us)
{
	int64_t slack = every_us / SLACK_PARTS;

	slack = slack > 5 * MINUTE_US ? 5 * MINUTE_US : slack;
	/* A clock that was ahead must not make it wait. */
	return r->last_us == 0 || r->last_us > now_us + every_us ||
	       now_us >= r->last_us + every_us - slack;
}

/* URL of SOURCE, when it is due. */
static int
enqueue_url(struct sources *s, struct queue *q, const struct site *site,
    const struct source *source, const char *url, int rank, int64_t every_us,
    int64_t now_us, struct error *e)
{
	struct source_row r = { 0 };
	const char *via = strcmp(url, source->url) == 0 ? "" : source->url;
	int rc = source_row_find(s, site->name, url, &r, e);

	if (rc >= 0 && r.url.len > 0 && is_due(&r, every_us, now_us)) {
		r.kind = source->kind;
		r.level = 0;
		buf_reset(&r.root);
		buf_add_text(&r.root, source->url);
		if (rc == 0)
			r.page = source->first_page;
		rc = source_row_put(s, site->name, &r, e);
		if (rc == 0)
			rc = source_enqueue(q, site, &r, via, rank, now_us, e);
	} else if (rc > 0) {
		rc = 0;
	}
	source_row_clear(&r);
	return rc;
}

/* Was the file of a month that ended at END_US read when it was whole? */
static int
is_month_done(struct sources *s, const struct site *site, const char *url,
    int64_t end_us, struct error *e)
{
	struct source_row r = { 0 };
	int rc = source_row_find(s, site->name, url, &r, e);
	int64_t whole_us = end_us + MONTH_GRACE_DAYS * DAY_US;
	int done = r.good_us >= whole_us ||
		   (r.fails >= SOURCE_FAILS && r.last_us >= whole_us);

	source_row_clear(&r);
	return rc < 0 ? -1 : done;
}

/* Files of months before it hold nothing that is wanted. */
static int
months_since(struct sources *s, const struct site *site, int64_t now_us,
    int64_t *since, struct error *e)
{
	const struct source_tally *t = source_tally(s, site->name, e);

	if (t == NULL)
		return -1;
	*since = now_us - site->sitemap_since_us;
	if (t->last_good_us > 0 && t->last_good_us < *since)
		*since = t->last_good_us;
	if (site->config != NULL &&
	    config_flag(site->config, "sitemap-archive"))
		*since = INT64_MIN;
	return 0;
}

/* This month's file, the ones before it as long as they may still grow, and
 * those of the window that were never read. */
static int
enqueue_months(struct sources *s, struct queue *q, const struct site *site,
    const struct source *source, int64_t now_us, struct error *e)
{
	struct buf pattern = { 0 };
	struct buf url = { 0 };
	int64_t begin = now_us;
	int64_t since;
	int64_t end;
	int count = 0;
	int rc = 0;

	if (months_since(s, site, now_us, &since, e) != 0)
		return -1;
	for (unsigned back = 0; rc >= 0 && back < MONTHS_BACK; back++) {
		buf_reset(&pattern);
		source_month_url(
		    &pattern, source->url, now_us, back, &begin, &end);
		if (back > 0 && end + MONTH_GRACE_DAYS * DAY_US < since)
			break;
		source_normalize(&url, buf_text(&pattern));
		rc = back == 0 ? 0
			       : is_month_done(s, site, buf_text(&url), end, e);
		if (rc != 0)
			continue;
		rc = enqueue_url(s, q, site, source, buf_text(&url),
		    back < 2 ? RANK_SOURCE : RANK_ARCHIVE,
		    back < 2 ? source->every_us : DAY_US, now_us, e);
		count += rc > 0;
	}
	buf_clear(&pattern);
	buf_clear(&url);
	return rc < 0 ? -1 : count;
}

static int
enqueue_source(struct sources *s, struct queue *q, const struct site *site,
    const struct source *source, int64_t now_us, struct error *e)
{
	struct buf pattern = { 0 };
	struct buf url = { 0 };
	int rc;

	if (source_is_monthly(source->url))
		return enqueue_months(s, q, site, source, now_us, e);
	source_page_url(&pattern, source->url,
	    source->first_page == 0 ? 1 : source->first_page);
	source_normalize(&url, buf_text(&pattern));
	rc = enqueue_url(s, q, site, source, buf_text(&url), RANK_SOURCE,
	    source->every_us, now_us, e);
	buf_clear(&pattern);
	buf_clear(&url);
	return rc;
}

/* The addresses of due children: read first, changed then. */
static int
list_children(struct sources *s, const char *site, int64_t now_us, size_t most,
    char **urls, size_t *count, struct error *e)
{
	struct db_query *q = s->q[SOURCE_DUE];
	int more;

	*count = 0;
	db_bind_text(q, 1, site);
	db_bind_int(q, 2, now_us);
	db_bind_int(q, 3, (int64_t)most);
	while ((more = db_next(q, e)) == 1)
		urls[(*count)++] = mem_text(db_text(q, 0));
	return more;
}

int
source_enqueue_children(struct sources *s, struct queue *q,
    const struct site *site, int64_t now_us, struct error *e)
{
	struct source_tally *t = source_tally(s, site->name, e);
	char *urls[SOURCE_CHILDREN];
	size_t count = 0;
	int added = 0;
	int rc = 0;

	if (t == NULL)
		return -1;
	if (t->children < SOURCE_CHILDREN)
		rc = list_children(s, site->name, now_us,
		    SOURCE_CHILDREN - t->children, urls, &count, e);
	for (size_t i = 0; i < count; i++) {
		struct source_row r = { 0 };
		const struct source *source;

		if (rc >= 0)
			rc = source_row_find(s, site->name, urls[i], &r, e);
		source = source_of(site, buf_text(&r.root));
		/* Until it has ended it is not due again. */
		r.due_us = source == NULL ? INT64_MAX
					  : now_us + source->every_us;
		if (rc >= 0)
			rc = source_row_put(s, site->name, &r, e);
		if (rc >= 0 && source != NULL) {
			rc = source_enqueue(q, site, &r, buf_text(&r.root),
			    RANK_SOURCE, now_us, e);
			added += rc > 0;
			t->children++;
		}
		source_row_clear(&r);
		free(urls[i]);
	}
	return rc < 0 ? -1 : added;
}

int
sources_enqueue(struct sources *s, struct queue *q, const struct site *site,
    int64_t now_us, struct error *e)
{
	int count = 0;
	int rc;

	for (size_t i = 0; i < site->source_count; i++) {
		rc = enqueue_source(s, q, site, &site->sources[i], now_us, e);
		if (rc < 0)
			return -1;
		count += rc;
	}
	rc = source_enqueue_children(s, q, site, now_us, e);
	return rc < 0 ? -1 : count + rc;
}

int
sources_each(struct sources *s, const char *site,
    int (*each)(void *context, const char *url, const char *kind,
	int64_t last_us, int64_t due_us, uint64_t last_count,
	uint64_t usual_count),
    void *context, struct error *e)
{
	struct db_query *q = s->q[SOURCE_EACH];
	int more;
	int rc;

	db_bind_text(q, 1, site);
	while ((more = db_next(q, e)) == 1) {
		rc = each(context, db_text(q, 0),
		    source_kind_name((enum source_kind)db_int(q, 1)),
		    db_int(q, 2), db_int(q, 3), (uint64_t)db_int(q, 4),
		    (uint64_t)db_int(q, 5) / USUAL_UNIT);
		if (rc != 0) {
			db_reset(q);
			return rc;
		}
	}
	return more;
}
