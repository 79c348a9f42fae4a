/* Databases of our own: SQLite behind a small door. */
#include "core/base/db.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"

/* Another process may be writing; its transactions are short. */
enum { DB_WAIT_MS = 10000 };

/*
 * Of a write-ahead log: no disk is waited for at commits; freed pages are not
 * overwritten; a log that grew in one large transaction is cut again.
 */
static const char wal_settings[] = "PRAGMA journal_mode = WAL;"
				   "PRAGMA synchronous = NORMAL;"
				   "PRAGMA secure_delete = OFF;"
				   "PRAGMA journal_size_limit = 8388608;"
				   "PRAGMA cache_size = -8192";

struct db {
	sqlite3 *handle;
	char *path;
	sqlite3_stmt *begin, *commit; /* made at first use */
	int is_broken;
};

struct db_query {
	struct db *db;
	sqlite3_stmt *statement;
};

static int
failed(struct db *d, struct error *e)
{
	int code = sqlite3_errcode(d->handle);
	int is_broken = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;

	if (code == SQLITE_NOMEM)
		abort();
	d->is_broken |= is_broken;
	return error_set(e, is_broken ? ERROR_INPUT : ERROR_SYSTEM, "%s: %s",
	    d->path, sqlite3_errmsg(d->handle));
}

int
db_open(struct db **out, const char *path, enum db_mode mode, struct error *e)
{
	int flags = mode == DB_READ
			? SQLITE_OPEN_READONLY
			: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	struct db *d;
	int rc = 0;

	if (mode == DB_READ && !file_exists(path))
		return error_set(e, ERROR_NOTFOUND, "%s: no such file", path);
	d = mem_zero(1, sizeof(*d));
	d->path = mem_text(path);
	if (sqlite3_open_v2(path, &d->handle, flags | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK)
		rc = failed(d, e);
	if (rc == 0) {
		(void)sqlite3_busy_timeout(d->handle, DB_WAIT_MS);
		rc = db_run(d, "PRAGMA trusted_schema = OFF", e);
	}
	if (rc == 0 && mode == DB_WAL)
		rc = db_run(d, wal_settings, e);
	if (rc != 0) {
		db_close(d);
		return -1;
	}
	*out = d;
	return 0;
}

void
db_close(struct db *d)
{
	if (d == NULL)
		return;
	(void)sqlite3_finalize(d->begin);
	(void)sqlite3_finalize(d->commit);
	(void)sqlite3_close(d->handle);
	free(d->path);
	free(d);
}

int
db_is_broken(const struct db *d)
{
	return d->is_broken;
}

int
db_run(struct db *d, const char *sql, struct error *e)
{
	return sqlite3_exec(d->handle, sql, NULL, NULL, NULL) == SQLITE_OK
		   ? 0
		   : failed(d, e);
}

/* What is run for every page: SQL is not read again each time. */
static int
run_again(struct db *d, sqlite3_stmt **s, const char *sql, struct error *e)
{
	int rc;

	if (*s == NULL &&
	    sqlite3_prepare_v2(d->handle, sql, -1, s, NULL) != SQLITE_OK)
		return failed(d, e);
	rc = sqlite3_step(*s) == SQLITE_DONE ? 0 : failed(d, e);
	(void)sqlite3_reset(*s);
	return rc;
}

int
db_begin(struct db *d, struct error *e)
{
	return run_again(d, &d->begin, "BEGIN IMMEDIATE", e);
}

int
db_commit(struct db *d, struct error *e)
{
	return run_again(d, &d->commit, "COMMIT", e);
}

void
db_rollback(struct db *d)
{
	if (!sqlite3_get_autocommit(d->handle))
		(void)db_run(d, "ROLLBACK", NULL);
}

int64_t
db_number(struct db *d, const char *sql, int64_t none)
{
	struct db_query *q = db_prepare(d, sql, NULL);
	int64_t value = none;

	if (q == NULL)
		return none;
	if (db_next(q, NULL) == 1)
		value = db_int(q, 0);
	db_finish(q);
	return value;
}

struct db_query *
db_prepare(struct db *d, const char *sql, struct error *e)
{
	struct db_query *q;
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(d->handle, sql, -1, &s, NULL) != SQLITE_OK) {
		(void)failed(d, e);
		return NULL;
	}
	q = mem_zero(1, sizeof(*q));
	q->db = d;
	q->statement = s;
	return q;
}

void
db_finish(struct db_query *q)
{
	if (q == NULL)
		return;
	(void)sqlite3_finalize(q->statement);
	free(q);
}

/* Binding fails only for want of memory or a number that is not there. */
static void
bound(int rc)
{
	if (rc != SQLITE_OK)
		abort();
}

void
db_bind_text(struct db_query *q, int number, const char *text)
{
	bound(sqlite3_bind_text(
	    q->statement, number, text, -1, SQLITE_TRANSIENT));
}

void
db_bind_bytes(struct db_query *q, int number, const void *p, size_t len)
{
	bound(sqlite3_bind_blob64(
	    q->statement, number, p, len, SQLITE_TRANSIENT));
}

void
db_bind_int(struct db_query *q, int number, int64_t value)
{
	bound(sqlite3_bind_int64(q->statement, number, value));
}

int
db_next(struct db_query *q, struct error *e)
{
	int rc = sqlite3_step(q->statement);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE) {
		(void)failed(q->db, e);
		db_reset(q);
		return -1;
	}
	db_reset(q);
	return 0;
}

void
db_reset(struct db_query *q)
{
	(void)sqlite3_reset(q->statement); /* repeats the last step's code */
}

const char *
db_text(struct db_query *q, int column)
{
	const unsigned char *text = sqlite3_column_text(q->statement, column);

	return text == NULL ? "" : (const char *)text;
}

const void *
db_bytes(struct db_query *q, int column, size_t *len)
{
	const void *p = sqlite3_column_blob(q->statement, column);

	*len = (size_t)sqlite3_column_bytes(q->statement, column);
	return p;
}

int64_t
db_int(struct db_query *q, int column)
{
	return sqlite3_column_int64(q->statement, column);
}
