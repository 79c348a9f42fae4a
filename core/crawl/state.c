/* state/run.sqlite: opened, mended, and its transactions. */
#include "core/crawl/state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/date.h"
#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/collection/layout.h"

#define STATE_FILE "state/run.sqlite"

/* One number for all tables: another set of tables has another one. The first
 * is "hfst", and tells our files from others'. */
#define STATE_MARK "PRAGMA application_id = 1751544692; PRAGMA user_version = 1"
enum { STATE_APPLICATION = 0x68667374, STATE_VERSION = 1 };

static const char *const schemas[] = {
	known_schema,
	queue_schema,
	watch_schema,
	sources_schema,
};

enum { HOOKS_MAX = 8 };

struct hook {
	int (*before)(void *context, struct error *e);
	int (*after)(void *context, struct error *e);
	void *context;
};

struct state {
	struct db *db;
	struct clock *clock;
	char *path;
	unsigned depth; /* of begun transactions */
	int is_undone;  /* a begun one failed */
	struct hook hooks[HOOKS_MAX];
	size_t hook_count;
};

/* What belongs to a database besides its file. */
static const char *const beside[] = { "", "-wal", "-shm" };

enum { BESIDE = sizeof(beside) / sizeof(beside[0]) };

/* The file at PATH goes out of the way, to be looked at by people. */
static int
move_aside(const char *path, struct clock *clock, struct error *e)
{
	char stamp[DATE_TEXT_MAX];
	int rc = 0;

	date_compact(clock->wall_us(clock), stamp);
	for (size_t i = 0; i < BESIDE && rc == 0; i++) {
		char *from = mem_format("%s%s", path, beside[i]);
		char *to = mem_format("%s.broken-%s%s", path, stamp, beside[i]);

		if (file_exists(from))
			rc = file_replace(from, to, e);
		free(from);
		free(to);
	}
	return rc;
}

static int
remove_all(const char *path, struct error *e)
{
	int rc = 0;

	for (size_t i = BESIDE; i > 0 && rc == 0; i--) {
		char *name = mem_format("%s%s", path, beside[i - 1]);

		if (file_exists(name))
			rc = file_remove(name, e);
		free(name);
	}
	return rc;
}

enum found {
	FOUND_NOTHING, /* an empty database */
	FOUND_OURS,
	FOUND_OLD,    /* ours, of another version */
	FOUND_FOREIGN /* somebody else's, or none at all */
};

static enum found
look(struct db *db)
{
	if (db_number(db, "SELECT count(*) FROM sqlite_schema", -1) < 0)
		return FOUND_FOREIGN;
	if (db_number(db, "PRAGMA application_id", 0) != STATE_APPLICATION)
		return db_number(db, "SELECT count(*) FROM sqlite_schema", 1) ==
				   0 &&
			       db_number(db, "PRAGMA user_version", 1) == 0
			   ? FOUND_NOTHING
			   : FOUND_FOREIGN;
	return db_number(db, "PRAGMA user_version", 0) == STATE_VERSION
		   ? FOUND_OURS
		   : FOUND_OLD;
}

static int
make_tables(struct db *db, struct error *e)
{
	int rc = db_begin(db, e);

	for (size_t i = 0; rc == 0 && i < sizeof(schemas) / sizeof(schemas[0]);
	     i++)
		rc = db_run(db, schemas[i], e);
	if (rc == 0)
		rc = db_run(db, STATE_MARK, e);
	return rc == 0 ? db_commit(db, e) : -1;
}

/* The database at PATH, made when there is none. 1; 0, what lay there is out
 * of the way now and it is to be tried again; -1. */
static int
open_once(struct state *s, int *is_new, struct error *e)
{
	struct error why = { 0 };
	enum found found = FOUND_FOREIGN;
	int is_ours;

	if (db_open(&s->db, s->path, DB_WAL, &why) == 0)
		found = look(s->db);
	else if (why.kind != ERROR_INPUT)
		return error_set(e, why.kind, "%s", why.text);
	is_ours = found == FOUND_OURS || found == FOUND_NOTHING;
	if (is_ours && make_tables(s->db, &why) == 0) {
		*is_new |= found == FOUND_NOTHING;
		return 1;
	}
	if (is_ours && !db_is_broken(s->db))
		return error_set(e, why.kind, "%s", why.text);
	db_close(s->db);
	s->db = NULL;
	*is_new = 1;
	return found == FOUND_OLD ? remove_all(s->path, e)
				  : move_aside(s->path, s->clock, e);
}

static struct state *
state_new(const struct collection *c, struct clock *clock)
{
	struct state *s = mem_zero(1, sizeof(*s));

	s->path = collection_path(c, STATE_FILE);
	s->clock = clock;
	return s;
}

int
state_open(struct state **out, const struct collection *c, struct clock *clock,
    int *is_new, struct error *e)
{
	struct state *s = state_new(c, clock);
	char *dir = collection_path(c, "state");
	int made = 0;
	int rc = file_make_dir(dir, e);

	free(dir);
	if (rc == 0)
		rc = open_once(s, &made, e);
	if (rc == 0)
		rc = open_once(s, &made, e);
	if (rc == 0)
		rc = error_set(
		    e, ERROR_SYSTEM, "%s: cannot be made anew", s->path);
	if (is_new != NULL)
		*is_new = made;
	if (rc < 0) {
		state_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

int
state_open_read(struct state **out, const struct collection *c)
{
	struct state *s = state_new(c, NULL);

	if (db_open(&s->db, s->path, DB_READ, NULL) != 0 ||
	    look(s->db) != FOUND_OURS) {
		state_close(s);
		return 0;
	}
	*out = s;
	return 1;
}

void
state_close(struct state *s)
{
	int is_broken;

	if (s == NULL)
		return;
	is_broken = s->db != NULL && db_is_broken(s->db);
	db_close(s->db);
	if (is_broken && s->clock != NULL)
		/* When it cannot be moved, the next run finds it as it is. */
		(void)move_aside(s->path, s->clock, NULL);
	free(s->path);
	free(s);
}

struct db *
state_db(struct state *s)
{
	return s->db;
}

int
state_begin(struct state *s, struct error *e)
{
	if (s->is_undone)
		return error_set(e, ERROR_SYSTEM,
		    "%s: a transaction was undone before", s->path);
	if (s->depth == 0 && db_begin(s->db, e) != 0)
		return -1;
	s->depth++;
	return 0;
}

int
state_commit(struct state *s, struct error *e)
{
	assert(s->depth > 0);
	if (s->is_undone) {
		s->depth--;
		return error_set(e, ERROR_SYSTEM,
		    "%s: a part of the transaction failed", s->path);
	}
	if (s->depth > 1) {
		s->depth--;
		return 0;
	}
	for (size_t i = 0; i < s->hook_count; i++)
		if (s->hooks[i].before != NULL &&
		    s->hooks[i].before(s->hooks[i].context, e) != 0) {
			state_fail(s);
			return -1;
		}
	if (db_commit(s->db, e) != 0) {
		state_fail(s);
		return -1;
	}
	s->depth = 0;
	for (size_t i = 0; i < s->hook_count; i++)
		if (s->hooks[i].after != NULL &&
		    s->hooks[i].after(s->hooks[i].context, e) != 0)
			return -1;
	return 0;
}

void
state_fail(struct state *s)
{
	assert(s->depth > 0);
	s->depth--;
	if (!s->is_undone)
		db_rollback(s->db);
	s->is_undone = 1;
}

int
state_end(struct state *s, int rc, struct error *e)
{
	if (rc < 0) {
		state_fail(s);
		return -1;
	}
	return state_commit(s, e) == 0 ? rc : -1;
}

void
state_on_commit(struct state *s, int (*before)(void *context, struct error *e),
    int (*after)(void *context, struct error *e), void *context)
{
	assert(s->hook_count < HOOKS_MAX);
	s->hooks[s->hook_count++] = (struct hook){ before, after, context };
}

void
state_off_commit(struct state *s, const void *context)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->hook_count; i++)
		if (s->hooks[i].context != context)
			s->hooks[kept++] = s->hooks[i];
	s->hook_count = kept;
}
