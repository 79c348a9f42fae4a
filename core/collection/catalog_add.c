/* What a snapshot adds to state/catalog.sqlite. */
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
#include "core/collection/journal.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"
#include "core/collection/report.h"

/* Snapshots being added. */
struct catalog_adding {
	struct db *db;
	struct db_query *find_snapshot, *put_snapshot;
	struct db_query *last_file, *find_file, *put_file;
	struct db_query *put_record, *put_article, *put_payload;
	struct db_query *put_page, *put_known, *add_sum;
	const char *dir; /* of the snapshot, absolute */
	int64_t snapshot;
	int64_t before; /* number of the last file of other snapshots */
	int64_t file;   /* number of the file named last */
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

/* The number in the first row of a bound query; 0 no row; -1. */
static int64_t
ask(struct db_query *q, struct error *e)
{
	int more = db_next(q, e);
	int64_t number = more == 1 ? db_int(q, 0) : more;

	if (more == 1)
		db_reset(q);
	return number;
}

/* That of the snapshot's file NAME; there is no index of names, and those of
 * other snapshots are not looked through. */
static int64_t
find_file(struct catalog_adding *x, const char *name, struct error *e)
{
	db_bind_int(x->find_file, 1, x->before);
	db_bind_text(x->find_file, 2, name);
	return ask(x->find_file, e);
}

/* Records of one file come one behind the other. */
static int
use_file(struct catalog_adding *x, const char *name, struct error *e)
{
	if (strcmp(buf_text(&x->file_name), name) == 0)
		return 0;
	buf_reset(&x->file_name);
	buf_add_text(&x->file_name, name);
	x->file = find_file(x, name, e);
	if (x->file != 0)
		return x->file < 0 ? -1 : 0;
	db_bind_int(x->put_file, 1, x->snapshot);
	db_bind_text(x->put_file, 2, name);
	if (put(x->put_file, e) != 0)
		return -1;
	x->file = find_file(x, name, e);
	return x->file < 0 ? -1 : 0;
}

static int
add_record(struct catalog_adding *x, const struct catalog_record *r,
    const char *digest, struct error *e)
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
add_page(struct catalog_adding *x, const struct json *page, struct error *e)
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
	struct catalog_adding *x = context;
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
add_file(struct catalog_adding *x, const char *name, struct error *e)
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
add_folder(struct catalog_adding *x, const char *folder, struct error *e)
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
	struct catalog_adding *x = context;

	(void)offset;
	return add_page(x, page, &x->failed);
}

/* The pages of report.json. */
static int
add_report(struct catalog_adding *x, struct error *e)
{
	char *path = mem_format("%s/report.json", x->dir);

	arena_reset(x->arena);
	(void)report_read(x->arena, path, each_page, x, NULL);
	free(path);
	if (x->failed.kind == ERROR_NONE)
		return 0;
	return error_set(e, x->failed.kind, "%s", x->failed.text);
}

static int
is_end(void *context, char kind, char *json, size_t len, uint64_t offset,
    struct error *e)
{
	(void)json;
	(void)len;
	(void)offset;
	(void)e;
	*(int *)context |= kind == 'e';
	return 0;
}

/* The journal, if it tells of all; -1 none. A copy taken while a run wrote may
 * hold an old one beside what was sealed since. */
static int
open_journal(const struct catalog_adding *x)
{
	char *journal = mem_format("%s.journal", x->dir);
	int fd = file_open_read(journal, NULL);
	int is_whole = 0;
	uint64_t end;

	free(journal);
	if (fd >= 0 && (journal_read(fd, is_end, &is_whole, &end, NULL) != 0 ||
			   !is_whole)) {
		(void)close(fd); /* only read */
		fd = -1;
	}
	return fd;
}

/* From the journal, which is short, as long as there is one. */
static int
add_records(struct catalog_adding *x, struct error *e)
{
	uint64_t end;
	int fd = open_journal(x);
	int rc;

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
add_known(struct catalog_adding *x, const char *key, struct error *e)
{
	if (*key == '\0')
		return 0;
	db_bind_text(x->put_known, 1, key);
	db_bind_int(x->put_known, 2, x->snapshot);
	return put(x->put_known, e);
}

static int
add_addresses(
    struct catalog_adding *x, const struct json *list, struct error *e)
{
	for (size_t i = 0; i < json_count(list); i++)
		if (add_known(x, json_text(json_at(list, i), ""), e) != 0)
			return -1;
	return 0;
}

static int
add_article(
    struct catalog_adding *x, const char *line, size_t len, struct error *e)
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
add_articles(struct catalog_adding *x, struct error *e)
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
prepare(struct catalog_adding *x, struct error *e)
{
	const struct {
		struct db_query **q;
		const char *sql;
	} all[] = {
		{ &x->find_snapshot,
		    "SELECT number FROM snapshot WHERE path = ?1" },
		{ &x->put_snapshot, "INSERT INTO snapshot(path) VALUES(?1)" },
		{ &x->last_file, "SELECT max(number) FROM file" },
		{ &x->find_file,
		    "SELECT number FROM file WHERE number > ?1 AND name = ?2" },
		{ &x->put_file,
		    "INSERT INTO file(snapshot, name) VALUES(?1, ?2)" },
		{ &x->put_record, "INSERT OR IGNORE INTO record"
				  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)" },
		{ &x->put_article,
		    "INSERT INTO article(article_id, captured, url, headline,"
		    " core, record, snapshot)"
		    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)" },
		{ &x->put_payload,
		    "INSERT OR IGNORE INTO payload VALUES(?1, ?2)" },
		{ &x->put_page, "INSERT INTO page VALUES(?1, ?2, ?3, ?4, ?5)" },
		{ &x->put_known, "INSERT OR IGNORE INTO known VALUES(?1, ?2)" },
		{ &x->add_sum, "UPDATE sums SET files = files + ?1" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if ((*all[i].q = db_prepare(x->db, all[i].sql, e)) == NULL)
			return -1;
	return 0;
}

/* The snapshot's own row; 1, it was there already. */
static int
begin_snapshot(struct catalog_adding *x, const char *snapshot, struct error *e)
{
	db_bind_text(x->find_snapshot, 1, snapshot);
	x->snapshot = ask(x->find_snapshot, e);
	if (x->snapshot != 0)
		return x->snapshot < 0 ? -1 : 1;
	db_bind_text(x->put_snapshot, 1, snapshot);
	if (put(x->put_snapshot, e) != 0)
		return -1;
	db_bind_text(x->find_snapshot, 1, snapshot);
	x->snapshot = ask(x->find_snapshot, e);
	x->before = ask(x->last_file, e);
	buf_reset(&x->file_name);
	return x->snapshot <= 0 || x->before < 0 ? -1 : 0;
}

/* How many files it has, by the lines of its manifest, and that. */
static int
add_files(struct catalog_adding *x, struct error *e)
{
	char *path = mem_format("%s/manifest-sha256.txt", x->dir);
	struct line_reader lines = { .fd = -1 };
	int64_t files = 1;
	char *line;
	size_t len;

	if (line_reader_open(&lines, path, NULL) == 0)
		while (line_reader_next(&lines, &line, &len, NULL) == 1)
			files++;
	line_reader_close(&lines);
	free(path);
	db_bind_int(x->add_sum, 1, files);
	return put(x->add_sum, e);
}

void
catalog_adding_free(struct catalog_adding *x)
{
	if (x == NULL)
		return;
	db_finish(x->find_snapshot);
	db_finish(x->put_snapshot);
	db_finish(x->last_file);
	db_finish(x->find_file);
	db_finish(x->put_file);
	db_finish(x->put_record);
	db_finish(x->put_article);
	db_finish(x->put_payload);
	db_finish(x->put_page);
	db_finish(x->put_known);
	db_finish(x->add_sum);
	buf_clear(&x->file_name);
	arena_free(x->arena);
	free(x);
}

struct catalog_adding *
catalog_adding_new(struct db *db, struct error *e)
{
	struct catalog_adding *x = mem_zero(1, sizeof(*x));

	x->db = db;
	x->arena = arena_new();
	if (prepare(x, e) == 0)
		return x;
	catalog_adding_free(x);
	return NULL;
}

int
catalog_adding_put(struct catalog_adding *x, const struct collection *c,
    const char *snapshot, struct error *e)
{
	char *dir = collection_path(c, snapshot);
	int rc = begin_snapshot(x, snapshot, e);

	x->dir = dir;
	if (rc == 0 && (add_records(x, e) != 0 || add_articles(x, e) != 0 ||
			   add_files(x, e) != 0))
		rc = -1;
	x->dir = NULL;
	free(dir);
	return rc < 0 ? -1 : 0;
}
