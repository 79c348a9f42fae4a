/* state/catalog.sqlite written: at seal, and made anew. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/format.h"
#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/catalog.h"
#include "core/collection/catalog_part.h"
#include "core/collection/chain_head.h"
#include "core/collection/journal.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"
#include "core/collection/report.h"

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

/* A snapshot being added. */
struct adding {
	struct db *db;
	struct db_query *put_file, *put_record, *put_article, *put_payload,
	    *put_page, *put_known;
	const char *dir; /* of the snapshot, absolute */
	int64_t snapshot;
	int64_t file; /* number of the file named last */
	struct buf file_name;
	struct arena *arena; /* of one line or record */
	struct error failed;
};

static const char *
text_of(const struct json *o, const char *name)
{
	return json_text(json_get(o, name), "");
}

static int
put(struct db_query *q, struct error *e)
{
	return db_next(q, e) < 0 ? -1 : 0;
}

/* Records of one file come one behind the other. */
static int
use_file(struct adding *x, const char *name, struct error *e)
{
	if (strcmp(buf_text(&x->file_name), name) == 0)
		return 0;
	buf_reset(&x->file_name);
	buf_add_text(&x->file_name, name);
	x->file = catalog_number(x->db,
	    "SELECT number FROM file WHERE snapshot = ?1 AND name = ?2",
	    x->snapshot, name, e);
	if (x->file != 0)
		return x->file < 0 ? -1 : 0;
	db_bind_int(x->put_file, 1, x->snapshot);
	db_bind_text(x->put_file, 2, name);
	if (put(x->put_file, e) != 0)
		return -1;
	x->file = catalog_number(x->db,
	    "SELECT number FROM file WHERE snapshot = ?1 AND name = ?2",
	    x->snapshot, name, e);
	return x->file < 0 ? -1 : 0;
}

static int
add_record(struct adding *x, const struct catalog_record *r, const char *digest,
    struct error *e)
{
	uint8_t id[CATALOG_ID_BYTES];
	uint8_t payload[CATALOG_ID_BYTES];

	if (!catalog_id_bytes(r->id, id))
		return 0; /* no id of ours: files are searched for it */
	if (use_file(x, r->file, e) != 0)
		return -1;
	db_bind_bytes(x->put_record, 1, id, sizeof(id));
	db_bind_int(x->put_record, 2, x->file);
	db_bind_int(x->put_record, 3, (int64_t)r->offset);
	db_bind_int(x->put_record, 4, (int64_t)r->length);
	db_bind_text(x->put_record, 5, r->type);
	db_bind_text(x->put_record, 6, r->uri);
	db_bind_text(x->put_record, 7, r->date);
	if (put(x->put_record, e) != 0)
		return -1;
	if (strcmp(r->type, "response") != 0 ||
	    !catalog_payload_bytes(digest, payload))
		return 0;
	db_bind_bytes(x->put_payload, 1, payload, sizeof(payload));
	db_bind_bytes(x->put_payload, 2, id, sizeof(id));
	return put(x->put_payload, e);
}

/* How a page ended, as journal and report.json have it. */
static int
add_page(struct adding *x, const struct json *page, struct error *e)
{
	db_bind_text(x->put_page, 1, text_of(page, "requested"));
	db_bind_text(x->put_page, 2, text_of(page, "url"));
	db_bind_text(x->put_page, 3, text_of(page, "outcome"));
	db_bind_int(x->put_page, 4, json_bool(json_get(page, "complete"), 1));
	db_bind_int(x->put_page, 5, x->snapshot);
	return put(x->put_page, e);
}

/* A record, or a page, as the journal tells of it. */
static int
each_line(void *context, char kind, char *json, size_t len, uint64_t offset,
    struct error *e)
{
	struct adding *x = context;
	const struct json *o;

	(void)offset;
	if (kind != 'r' && kind != 'a' && kind != 'p')
		return 0;
	arena_reset(x->arena);
	o = json_parse(x->arena, json, len, e);
	if (o == NULL)
		return -1;
	if (kind == 'p')
		return add_page(x, o, e);
	return add_record(x,
	    &(struct catalog_record){
		.id = text_of(o, "id"),
		.file = text_of(o, "file"),
		.type = text_of(o, "type"),
		.uri = text_of(o, "uri"),
		.date = text_of(o, "date"),
		.offset = (uint64_t)json_int(json_get(o, "offset"), 0),
		.length = (uint64_t)json_int(json_get(o, "length"), 0),
	    },
	    text_of(o, "digest"), e);
}

static const char *
uri_of(struct arena *a, const struct record *r, const char *name)
{
	const char *uri = record_uri_field(a, r, name);

	return uri == NULL ? "" : uri;
}

static const char *
field_of(const struct record *r, const char *name)
{
	const char *value = record_field(r, name);

	return value == NULL ? "" : value;
}

/* All records of one file. What does not read is for verify to tell. */
static int
add_file(struct adding *x, const char *name, struct error *e)
{
	char *path = mem_format("%s/%s", x->dir, name);
	struct source *source = NULL;
	struct error why = { 0 };
	struct record r;
	struct place where = { 0 };
	int more = source_open(&source, path, &why) == 0 ? 1 : 0;
	int rc = 0;

	while (rc == 0 && more != 0) {
		struct catalog_record k = { .file = name };

		arena_reset(x->arena);
		more = source_next(source, x->arena, &r, &where, &why);
		if (more < 0 && why.kind == ERROR_SYSTEM)
			rc = error_set(e, why.kind, "%s", why.text);
		if (more != 1)
			continue;
		k.offset = where.offset;
		k.id = uri_of(x->arena, &r, "WARC-Record-ID");
		k.uri = uri_of(x->arena, &r, "WARC-Target-URI");
		k.type = field_of(&r, "WARC-Type");
		k.date = field_of(&r, "WARC-Date");
		if (source_finish(source, &where, &why) != 0)
			continue;
		k.length = where.length;
		rc = add_record(x, &k, field_of(&r, "WARC-Payload-Digest"), e);
	}
	source_free(source);
	free(path);
	return rc;
}

static int
add_folder(struct adding *x, const char *folder, struct error *e)
{
	char *path = mem_format("%s/%s", x->dir, folder);
	struct file_names names = { 0 };
	int rc = 0;

	(void)file_list(path, &names, NULL); /* it may not be there */
	for (size_t i = 0; rc == 0 && i < names.count; i++) {
		char *name = mem_format("%s/%s", folder, names.names[i]);

		rc = add_file(x, name, e);
		free(name);
	}
	file_names_clear(&names);
	free(path);
	return rc;
}

static int
each_page(void *context, const struct json *page, uint64_t offset)
{
	struct adding *x = context;

	(void)offset;
	return add_page(x, page, &x->failed);
}

/* The pages of report.json. */
static int
add_report(struct adding *x, struct error *e)
{
	char *path = mem_format("%s/report.json", x->dir);

	arena_reset(x->arena);
	(void)report_read(x->arena, path, each_page, x, NULL);
	free(path);
	if (x->failed.kind == ERROR_NONE)
		return 0;
	return error_set(e, x->failed.kind, "%s", x->failed.text);
}

/* From the journal, which is short, as long as there is one. */
static int
add_records(struct adding *x, struct error *e)
{
	char *journal = mem_format("%s.journal", x->dir);
	uint64_t end;
	int fd = file_open_read(journal, NULL);
	int rc;

	free(journal);
	if (fd < 0) {
		if (add_folder(x, "records", e) != 0 ||
		    add_folder(x, "derived", e) != 0)
			return -1;
		return add_report(x, e);
	}
	rc = journal_read(fd, each_line, x, &end, e);
	(void)close(fd); /* only read */
	return rc;
}

/* Articles of the snapshot go by KEY: an address, their id, their page's
 * record. */
static int
add_known(struct adding *x, const char *key, struct error *e)
{
	if (*key == '\0')
		return 0;
	db_bind_text(x->put_known, 1, key);
	db_bind_int(x->put_known, 2, x->snapshot);
	return put(x->put_known, e);
}

static int
add_addresses(struct adding *x, const struct json *list, struct error *e)
{
	for (size_t i = 0; i < json_count(list); i++)
		if (add_known(x, json_text(json_at(list, i), ""), e) != 0)
			return -1;
	return 0;
}

static int
add_article(struct adding *x, const char *line, size_t len, struct error *e)
{
	const struct json *o = json_parse(x->arena, line, len, NULL);
	const struct json *article = json_get(o, "article");
	const struct json *binding = json_get(o, "binding");

	if (article == NULL)
		return 0; /* for verify to tell */
	db_bind_text(x->put_article, 1, text_of(article, "article_id"));
	db_bind_text(x->put_article, 2, text_of(binding, "response_date"));
	db_bind_text(
	    x->put_article, 3, text_of(json_get(article, "url"), "final"));
	db_bind_text(x->put_article, 4, text_of(article, "headline"));
	db_bind_text(
	    x->put_article, 5, text_of(json_get(article, "hashes"), "core"));
	db_bind_text(x->put_article, 6, text_of(binding, "response_record"));
	db_bind_int(x->put_article, 7, x->snapshot);
	if (put(x->put_article, e) != 0 ||
	    add_known(x, text_of(article, "article_id"), e) != 0 ||
	    add_known(x, text_of(binding, "response_record"), e) != 0 ||
	    add_addresses(x, json_get(article, "url"), e) != 0)
		return -1;
	return add_addresses(
	    x, json_get(json_get(article, "url"), "redirects"), e);
}

static int
add_articles(struct adding *x, struct error *e)
{
	char *path = mem_format("%s/articles.jsonl", x->dir);
	struct line_reader lines;
	struct error why = { 0 };
	char *line;
	size_t len;
	int more = line_reader_open(&lines, path, &why) == 0 ? 1 : 0;
	int rc = 0;

	while (rc == 0 && more == 1) {
		more = line_reader_next(&lines, &line, &len, &why);
		arena_reset(x->arena);
		if (more == 1)
			rc = add_article(x, line, len, e);
	}
	line_reader_close(&lines);
	free(path);
	if (rc == 0 && why.kind == ERROR_SYSTEM)
		rc = error_set(e, why.kind, "%s", why.text);
	return rc;
}

static int
prepare(struct adding *x, struct error *e)
{
	x->put_file = db_prepare(
	    x->db, "INSERT INTO file(snapshot, name) VALUES(?1, ?2)", e);
	x->put_record = db_prepare(x->db,
	    "INSERT OR IGNORE INTO record VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	    e);
	x->put_article = db_prepare(x->db,
	    "INSERT INTO article(article_id, captured, url, headline, core,"
	    " record, snapshot) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	    e);
	x->put_payload = db_prepare(
	    x->db, "INSERT OR IGNORE INTO payload VALUES(?1, ?2)", e);
	x->put_page = db_prepare(
	    x->db, "INSERT INTO page VALUES(?1, ?2, ?3, ?4, ?5)", e);
	x->put_known = db_prepare(
	    x->db, "INSERT OR IGNORE INTO known VALUES(?1, ?2)", e);
	return x->put_file == NULL || x->put_record == NULL ||
		       x->put_article == NULL || x->put_payload == NULL ||
		       x->put_page == NULL || x->put_known == NULL
		   ? -1
		   : 0;
}

/* The snapshot's own row; 1, it was there already. */
static int
begin_snapshot(struct adding *x, const char *snapshot, struct error *e)
{
	static const char select[] =
	    "SELECT number FROM snapshot WHERE ?1 = 0 AND path = ?2";
	struct db_query *q;
	int rc;

	x->snapshot = catalog_number(x->db, select, 0, snapshot, e);
	if (x->snapshot != 0)
		return x->snapshot < 0 ? -1 : 1;
	q = db_prepare(x->db, "INSERT INTO snapshot(path) VALUES(?1)", e);
	if (q == NULL)
		return -1;
	db_bind_text(q, 1, snapshot);
	rc = put(q, e);
	db_finish(q);
	if (rc != 0)
		return -1;
	x->snapshot = catalog_number(x->db, select, 0, snapshot, e);
	return x->snapshot <= 0 ? -1 : 0;
}

/* How many files it has, by the lines of its manifest, and that. */
static int
add_files(struct adding *x, struct error *e)
{
	char *path = mem_format("%s/manifest-sha256.txt", x->dir);
	struct db_query *q = db_prepare(
	    x->db, "UPDATE sums SET files = files + ?1", e);
	struct line_reader lines = { .fd = -1 };
	int64_t files = 1;
	char *line;
	size_t len;
	int rc = -1;

	if (line_reader_open(&lines, path, NULL) == 0)
		while (line_reader_next(&lines, &line, &len, NULL) == 1)
			files++;
	line_reader_close(&lines);
	free(path);
	if (q == NULL)
		return -1;
	db_bind_int(q, 1, files);
	rc = put(q, e);
	db_finish(q);
	return rc;
}

static int
add_snapshot(struct db *db, const struct collection *c, const char *snapshot,
    struct error *e)
{
	struct adding x = { .db = db, .arena = arena_new() };
	char *dir = collection_path(c, snapshot);
	int rc = db_begin(db, e);

	x.dir = dir;
	if (rc == 0)
		rc = begin_snapshot(&x, snapshot, e);
	if (rc == 0)
		rc = prepare(&x, e);
	else if (rc == 1)
		goto done;
	if (rc == 0)
		rc = add_records(&x, e);
	if (rc == 0)
		rc = add_articles(&x, e);
	if (rc == 0)
		rc = add_files(&x, e);
	if (rc == 0)
		rc = db_commit(db, e);
done:
	db_finish(x.put_file);
	db_finish(x.put_record);
	db_finish(x.put_article);
	db_finish(x.put_payload);
	db_finish(x.put_page);
	db_finish(x.put_known);
	db_rollback(db); /* nothing, when it was committed */
	buf_clear(&x.file_name);
	arena_free(x.arena);
	free(dir);
	return rc < 0 ? -1 : 0;
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
	if (rc == 0 && add_snapshot(db, c, snapshot, &why) != 0) {
		rc = -1;
		db_close(db);
		db = NULL;
		if (why.kind == ERROR_INPUT) {
			remove_catalog(path);
			rc = open_sound(&db, path, e);
			if (rc == 0)
				rc = add_snapshot(db, c, snapshot, e);
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

int
catalog_rebuild(struct collection *c, struct error *e)
{
	char *path = collection_path(c, CATALOG_FILE);
	char *fresh = mem_format("%s.new", path);
	char *folder = collection_path(c, "state");
	struct file_names sealed = { 0 };
	struct db *db = NULL;
	size_t head;
	int rc = collection_snapshots(c, &sealed, NULL, e);

	remove_catalog(fresh);
	if (rc == 0)
		rc = file_make_dir(folder, e);
	free(folder);
	if (rc == 0)
		rc = open_to_write(&db, fresh, e);
	/* The one sealed last is added last. */
	head = rc == 0 ? chain_head_read(c, &sealed) : 0;
	for (size_t i = 0; rc == 0 && i < sealed.count; i++)
		if (i != head)
			rc = add_snapshot(db, c, sealed.names[i], e);
	if (rc == 0 && head < sealed.count)
		rc = add_snapshot(db, c, sealed.names[head], e);
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
