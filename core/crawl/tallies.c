/* Sums for status. */
#include "core/crawl/tallies.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/collection/facts.h"
#include "core/crawl/site.h"
#include "core/crawl/state.h"

#define DAY_US (86400 * INT64_C(1000000))

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS kept (snapshot TEXT PRIMARY KEY, "
    "site TEXT NOT NULL, day INTEGER NOT NULL, bytes INTEGER NOT NULL) "
    "WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS kept_sum (site TEXT NOT NULL, "
    "day INTEGER NOT NULL, snapshots INTEGER NOT NULL, "
    "bytes INTEGER NOT NULL, PRIMARY KEY (site, day)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS incomplete (url TEXT PRIMARY KEY, "
    "site TEXT NOT NULL, since INTEGER NOT NULL, last INTEGER NOT NULL) "
    "WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS run_fact (name TEXT PRIMARY KEY, "
    "value INTEGER NOT NULL) WITHOUT ROWID";

/* Run SQL with up to two texts and two numbers. */
static int
change(struct state *s, const char *sql, const char *one, const char *two,
    int64_t three, int64_t four, struct error *e)
{
	struct db_query *q = db_prepare(state_db(s), sql, e);
	int rc;

	if (q == NULL)
		return -1;
	db_bind_text(q, 1, one);
	db_bind_text(q, 2, two);
	db_bind_int(q, 3, three);
	db_bind_int(q, 4, four);
	rc = db_next(q, e);
	db_finish(q);
	return rc < 0 ? -1 : 0;
}

int
tallies_open(struct state *s, struct error *e)
{
	return db_run(state_db(s), schema, e);
}

int
tallies_add(struct state *s, const struct collection *c,
    const struct config *config, const char *snapshot, struct error *e)
{
	struct arena *a = arena_new();
	struct snapshot_facts f = { 0 };
	struct error why = { 0 };
	const char *slash = strrchr(snapshot, '/');
	char *site;
	int rc;

	/* One whose report does not read is verify's matter. */
	if (snapshot_facts_read(c, a, snapshot, &f, &why) != 0)
		f = (struct snapshot_facts){ 0 };
	f.name = slash == NULL ? snapshot : slash + 1;
	site = site_of_snapshot(config, f.name);
	rc = change(s,
	    "INSERT INTO kept_sum SELECT ?2, ?3, 1, ?4 "
	    "WHERE NOT EXISTS (SELECT 1 FROM kept WHERE snapshot = ?1) "
	    "ON CONFLICT (site, day) DO UPDATE SET snapshots = snapshots + 1, "
	    "bytes = bytes + excluded.bytes",
	    f.name, site, f.ended_us / DAY_US, (int64_t)f.archive_bytes, e);
	if (rc == 0)
		rc = change(s, "INSERT OR IGNORE INTO kept VALUES (?,?,?,?)",
		    f.name, site, f.ended_us / DAY_US, (int64_t)f.archive_bytes,
		    e);
	free(site);
	arena_free(a);
	return rc;
}

int
tallies_page(struct state *s, const char *site, const char *url,
    int is_complete, int64_t now_us, struct error *e)
{
	if (is_complete)
		return change(s,
		    "DELETE FROM incomplete WHERE url = ?1 AND ?2 <> '' AND "
		    "?3 <> ?4",
		    url, site, 0, 1, e);
	return change(s,
	    "INSERT INTO incomplete VALUES (?1,?2,?3,?4) "
	    "ON CONFLICT (url) DO UPDATE SET last = excluded.last",
	    url, site, now_us, now_us, e);
}

/* Codes of runs that could not do their work. */
static int
is_good(int code)
{
	return code != 1 && code != 2 && code != 3 && code != 10 &&
	       code != 16 && code != 23;
}

int
tallies_ended(struct state *s, int64_t now_us, int code, struct error *e)
{
	static const char put[] =
	    "INSERT OR REPLACE INTO run_fact SELECT ?1, ?3 "
	    "WHERE ?2 = '' AND ?4 = 0";

	if (change(s, put, "ended", "", now_us, 0, e) != 0 ||
	    change(s, put, "code", "", code, 0, e) != 0)
		return -1;
	return is_good(code) ? change(s, put, "good", "", now_us, 0, e) : 0;
}

int
tallies_turn(struct state *s, const char *site, int64_t now_us, struct error *e)
{
	return change(s,
	    "INSERT OR REPLACE INTO run_fact SELECT 'turn ' || ?1, ?3 "
	    "WHERE ?2 = '' AND ?4 = 0",
	    site, "", now_us, 0, e);
}

int
tallies_is_filled(struct state *s)
{
	return db_number(state_db(s),
		   "SELECT value FROM run_fact WHERE name = 'filled'", 0) == 1;
}

int
tallies_set_filled(struct state *s, struct error *e)
{
	return db_run(state_db(s),
	    "INSERT OR REPLACE INTO run_fact VALUES ('filled', 1)", e);
}

/* The number that SQL (with one text and one number) gives; 0 none. */
static int64_t
number(struct state *s, const char *sql, const char *text, int64_t n)
{
	struct db_query *q = db_prepare(state_db(s), sql, NULL);
	int64_t out = 0;

	if (q == NULL)
		return 0;
	db_bind_text(q, 1, text);
	db_bind_int(q, 2, n);
	if (db_next(q, NULL) == 1)
		out = db_int(q, 0);
	db_finish(q);
	return out;
}

int64_t
tallies_last_turn(struct state *s, const char *site)
{
	return number(s,
	    "SELECT value FROM run_fact WHERE name = 'turn ' || ?1 AND ?2 = 0",
	    site, 0);
}

int
tallies_has(struct state *s, const char *name)
{
	return number(s,
		   "SELECT count(*) FROM kept WHERE snapshot = ?1 AND ?2 = 0",
		   name, 0) > 0;
}

void
tallies_of(
    struct state *s, const char *site, int64_t now_us, struct tally_site *out)
{
	int64_t since = now_us / DAY_US - TALLY_DAYS;

	out->snapshots = (uint64_t)number(s,
	    "SELECT sum(snapshots) FROM kept_sum "
	    "WHERE (?1 = '' OR site = ?1) AND day > ?2",
	    site, INT64_MIN);
	out->bytes = (uint64_t)number(s,
	    "SELECT sum(bytes) FROM kept_sum "
	    "WHERE (?1 = '' OR site = ?1) AND day > ?2",
	    site, INT64_MIN);
	out->recent_bytes = (uint64_t)number(s,
	    "SELECT sum(bytes) FROM kept_sum "
	    "WHERE (?1 = '' OR site = ?1) AND day > ?2",
	    site, since);
	out->incomplete = (uint64_t)number(s,
	    "SELECT count(*) FROM incomplete "
	    "WHERE (?1 = '' OR site = ?1) AND ?2 = 0",
	    site, 0);
}

void
tallies_runs(struct state *s, struct tally_runs *out)
{
	static const char get[] =
	    "SELECT value FROM run_fact WHERE name = ?1 AND ?2 = 0";

	out->ended_us = number(s, get, "ended", 0);
	out->good_us = number(s, get, "good", 0);
	out->code = (int)number(s, get, "code", 0);
	out->first_day = number(
	    s, "SELECT min(day) FROM kept_sum WHERE ?1 = '' AND ?2 = 0", "", 0);
}
