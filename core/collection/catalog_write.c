/* state/catalog.sqlite written: at seal, and made anew. */
#include <stdlib.h>

#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/collection/catalog.h"
#include "core/collection/catalog_part.h"
#include "core/collection/chain_head.h"
#include "core/collection/layout.h"

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS snapshot("
    " number INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);"
    "CREATE TABLE IF NOT EXISTS file("
    " number INTEGER PRIMARY KEY, snapshot INTEGER NOT NULL,"
    " name TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS record("
    " id BLOB NOT NULL, file INTEGER NOT NULL, offset INTEGER NOT NULL,"
    " length INTEGER NOT NULL, type TEXT NOT NULL, uri TEXT NOT NULL,"
    " date TEXT NOT NULL, PRIMARY KEY(id, file, offset)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS article("
    " article_id TEXT NOT NULL, captured TEXT NOT NULL, url TEXT NOT NULL,"
    " headline TEXT NOT NULL, core TEXT NOT NULL, record TEXT NOT NULL,"
    " snapshot INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS article_by_id"
    " ON article(article_id, captured);"
    "CREATE TABLE IF NOT EXISTS payload("
    " digest BLOB NOT NULL, record BLOB NOT NULL,"
    " PRIMARY KEY(digest, record)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS page("
    " requested TEXT NOT NULL, url TEXT NOT NULL, outcome TEXT NOT NULL,"
    " complete INTEGER NOT NULL, snapshot INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS page_by_url ON page(url);"
    "CREATE TABLE IF NOT EXISTS known("
    " key TEXT NOT NULL, snapshot INTEGER NOT NULL,"
    " PRIMARY KEY(key, snapshot)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS sums(files INTEGER NOT NULL);"
    "INSERT INTO sums SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM sums);"
    "PRAGMA user_version = 3";

static int
add_one(struct db *db, const struct collection *c, const char *snapshot,
    struct error *e)
{
	struct catalog_adding *x = catalog_adding_new(db, e);
	int rc = x == NULL ? -1 : db_begin(db, e);

	if (rc == 0)
		rc = catalog_adding_put(x, c, snapshot, e);
	if (rc == 0)
		rc = db_commit(db, e);
	catalog_adding_free(x);
	db_rollback(db); /* nothing, when it was committed */
	return rc;
}

/* Open PATH to write, with our tables in it. */
static int
open_to_write(struct db **db, const char *path, struct error *e)
{
	int64_t version;

	if (db_open(db, path, DB_WRITE, e) != 0)
		return -1;
	version = catalog_number(*db, "PRAGMA user_version", 0, NULL, e);
	if (version == 0)
		return db_run(*db, schema, e);
	if (version == CATALOG_VERSION)
		return 0;
	if (version > 0)
		(void)error_set(e, ERROR_INPUT, "%s: another version", path);
	return -1;
}

static void
remove_catalog(const char *path)
{
	char *journal = mem_format("%s-journal", path);

	(void)file_remove(path, NULL);
	(void)file_remove(journal, NULL);
	free(journal);
}

/* One that does not read, or is of another version, is begun anew. */
static int
open_sound(struct db **db, const char *path, struct error *e)
{
	struct error why = { 0 };

	*db = NULL;
	if (open_to_write(db, path, &why) == 0)
		return 0;
	db_close(*db);
	*db = NULL;
	if (why.kind != ERROR_INPUT)
		return error_set(e, why.kind, "%s", why.text);
	remove_catalog(path);
	return open_to_write(db, path, e);
}

/* Does it read, and lack what was added since? 1 / 0. */
static int
is_older(const char *path)
{
	struct db *db = NULL;
	int64_t version = 0;

	if (db_open(&db, path, DB_READ, NULL) == 0)
		version = catalog_number(
		    db, "PRAGMA user_version", 0, NULL, NULL);
	db_close(db);
	return version > 0 && version < CATALOG_VERSION;
}

int
catalog_add(struct collection *c, const char *snapshot, struct error *e)
{
	char *path = collection_path(c, CATALOG_FILE);
	char *folder = collection_path(c, "state");
	struct error why = { 0 };
	struct db *db = NULL;
	int rc = file_make_dir(folder, e);

	if (rc == 0 && is_older(path)) {
		rc = catalog_rebuild(c, e);
		goto done;
	}
	if (rc == 0)
		rc = open_sound(&db, path, e);
	if (rc == 0 && add_one(db, c, snapshot, &why) != 0) {
		rc = -1;
		db_close(db);
		db = NULL;
		if (why.kind == ERROR_INPUT) {
			remove_catalog(path);
			rc = open_sound(&db, path, e);
			if (rc == 0)
				rc = add_one(db, c, snapshot, e);
		} else {
			(void)error_set(e, why.kind, "%s", why.text);
		}
	}
	db_close(db);
done:
	free(folder);
	free(path);
	return rc;
}

/* In one transaction: nothing was there that its journal had to keep, and
 * what does not fit into the cache goes to the file before it ends. */
static int
add_all(struct db *db, const struct collection *c,
    const struct file_names *sealed, struct error *e)
{
	/* The one sealed last is added last. */
	size_t head = chain_head_read(c, sealed);
	struct catalog_adding *x = catalog_adding_new(db, e);
	int rc = x == NULL ? -1 : db_begin(db, e);

	for (size_t i = 0; rc == 0 && i < sealed->count; i++)
		if (i != head)
			rc = catalog_adding_put(x, c, sealed->names[i], e);
	if (rc == 0 && head < sealed->count)
		rc = catalog_adding_put(x, c, sealed->names[head], e);
	if (rc == 0)
		rc = db_commit(db, e);
	catalog_adding_free(x);
	return rc;
}

int
catalog_rebuild(struct collection *c, struct error *e)
{
	char *path = collection_path(c, CATALOG_FILE);
	char *fresh = mem_format("%s.new", path);
	char *folder = collection_path(c, "state");
	struct file_names sealed = { 0 };
	struct db *db = NULL;
	int rc = collection_snapshots(c, &sealed, NULL, e);

	remove_catalog(fresh);
	if (rc == 0)
		rc = file_make_dir(folder, e);
	free(folder);
	if (rc == 0)
		rc = open_to_write(&db, fresh, e);
	if (rc == 0)
		rc = db_run(db, "PRAGMA cache_size = -16384", e);
	if (rc == 0)
		rc = add_all(db, c, &sealed, e);
	db_close(db);
	if (rc == 0) {
		/* A journal of the old one must not meet the new one. */
		remove_catalog(path);
		rc = file_rename(fresh, path, e);
	}
	file_names_clear(&sealed);
	free(fresh);
	free(path);
	return rc;
}
