#ifndef BASE_DB_H
#define BASE_DB_H

#include <stddef.h>
#include <stdint.h>

struct error;

/*
 * Databases of our own that can be made again: SQLite behind a small door.
 * One thread a handle. Failures are ERROR_SYSTEM, or ERROR_INPUT when the file
 * is no sound database.
 */
struct db;
struct db_query;

enum db_mode {
	DB_READ,  /* an existing one; ERROR_NOTFOUND when there is none */
	DB_WRITE, /* made when there is none; rollback journal */
	DB_WAL /* made when there is none; write-ahead log: a commit waits for
	    no disk, survives a kill, and may be lost with the power */
};

int
db_open(struct db **out, const char *path, enum db_mode mode, struct error *e);
void db_close(struct db *d); /* NULL is fine; undoes an open transaction */

/* A statement found that the file is no sound database. 1 / 0. */
int db_is_broken(const struct db *d);

/* Statements without parameters, apart by ";". */
int db_run(struct db *d, const char *sql, struct error *e);

/* "BEGIN IMMEDIATE" and its ends. */
int db_begin(struct db *d, struct error *e);
int db_commit(struct db *d, struct error *e);
void db_rollback(struct db *d);

/* The number in the first row and column; NONE when there is no row or it
 * does not read. */
int64_t db_number(struct db *d, const char *sql, int64_t none);

/* A statement with parameters, to be used again and again. NULL: failed. */
struct db_query *db_prepare(struct db *d, const char *sql, struct error *e);
void db_finish(struct db_query *q); /* NULL is fine */

/* Parameters are numbered from 1; texts are copied. */
void db_bind_text(struct db_query *q, int number, const char *text);
void db_bind_bytes(struct db_query *q, int number, const void *p, size_t len);
void db_bind_int(struct db_query *q, int number, int64_t value);

/* The next row: 1; 0, there is none (more), the query may be bound anew; -1. */
int db_next(struct db_query *q, struct error *e);
void db_reset(struct db_query *q); /* before the rows are at an end */

/* Columns are numbered from 0; valid until the next call. */
const char *db_text(struct db_query *q, int column); /* "" for NULL */
const void *db_bytes(struct db_query *q, int column, size_t *len);
int64_t db_int(struct db_query *q, int column);

#endif
