/* What else in a collection tells of what was erased. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/output.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/archive/gzip_member.h"
#include "core/archive/members.h"
#include "core/collection/catalog.h"
#include "core/collection/export.h"
#include "core/collection/index.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"
#include "core/collection/log_files.h"
#include "core/collection/withdraw_part.h"

/* ---- state/run.sqlite ---- */

struct names {
	char **texts;
	size_t count;
};

static int
read_names(struct names *n, struct db *db, const char *sql, const char *of,
    struct error *e)
{
	struct db_query *q = db_prepare(db, sql, e);
	int more = -1;

	*n = (struct names){ 0 };
	if (q == NULL)
		return -1;
	if (of != NULL)
		db_bind_text(q, 1, of);
	while ((more = db_next(q, e)) == 1) {
		n->texts = mem_grow(n->texts, n->count + 1, sizeof(*n->texts));
		n->texts[n->count++] = mem_text(db_text(q, 0));
	}
	db_finish(q);
	return more;
}

static void
names_clear(struct names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->texts[i]);
	free(n->texts);
}

static int
has_name(const struct names *n, const char *name)
{
	for (size_t i = 0; i < n->count; i++)
		if (strcmp(n->texts[i], name) == 0)
			return 1;
	return 0;
}

/* Rows in which a column is VALUE. */
static int
delete_rows(struct db *db, const char *table, const char *column,
    const char *value, struct error *e)
{
	/* Targets go by the numbers of those: none is given away again. */
	int is_kept = strcmp(table, "via") == 0;
	char *sql = mem_format("%s \"%s\" %s WHERE CAST(\"%s\" AS TEXT) = ?1",
	    is_kept ? "UPDATE" : "DELETE FROM", table,
	    is_kept ? "SET url = ''" : "", column);
	struct db_query *q = db_prepare(db, sql, e);
	int rc = -1;

	if (q != NULL) {
		db_bind_text(q, 1, value);
		rc = db_next(q, e);
	}
	db_finish(q);
	free(sql);
	return rc < 0 ? -1 : 0;
}

/* Rows in which a column tells of TERM; addresses that only begin as it does
 * are others'. */
static int
delete_tellers(struct db *db, const char *table, const char *column,
    const char *term, struct error *e)
{
	struct names found = { 0 };
	char *sql = mem_format("SELECT DISTINCT CAST(\"%s\" AS TEXT) FROM "
			       "\"%s\" WHERE instr(CAST(\"%s\" AS TEXT), ?1) "
			       "> 0",
	    column, table, column);
	int rc = read_names(&found, db, sql, term, e);

	for (size_t i = 0; rc == 0 && i < found.count; i++)
		if (withdraw_has_address(
			found.texts[i], strlen(found.texts[i]), term))
			rc = delete_rows(db, table, column, found.texts[i], e);
	names_clear(&found);
	free(sql);
	return rc;
}

static int
clean_table(struct db *db, const struct withdraw_plan *p, const char *table,
    struct error *e)
{
	struct names columns;
	int rc = read_names(
	    &columns, db, "SELECT name FROM pragma_table_info(?1)", table, e);

	for (size_t i = 0; rc == 0 && i < columns.count; i++) {
		for (size_t k = 0; rc == 0 && k < p->term_count; k++)
			rc = delete_tellers(
			    db, table, columns.texts[i], p->terms[k], e);
		for (size_t k = 0; rc == 0 && k < p->word_count; k++)
			rc = delete_rows(
			    db, table, columns.texts[i], p->words[k], e);
	}
	names_clear(&columns);
	return rc;
}

/* Rows that name what is gone; nothing of theirs is left in the file. */
static int
clean_database(const struct withdraw_plan *p, const char *path, struct error *e)
{
	struct names tables = { 0 };
	struct db *db = NULL;
	int rc = db_open(&db, path, DB_WRITE, e);

	if (rc == 0)
		rc = db_run(db, "PRAGMA secure_delete = ON", e);
	if (rc == 0)
		rc = read_names(&tables, db,
		    "SELECT name FROM sqlite_master WHERE type = 'table' AND "
		    "name NOT LIKE 'sqlite_%'",
		    NULL, e);
	if (rc == 0)
		rc = db_begin(db, e);
	for (size_t i = 0; rc == 0 && i < tables.count; i++)
		rc = clean_table(db, p, tables.texts[i], e);
	/* The number of one that is gone may be another's before long. */
	if (rc == 0 && has_name(&tables, "address") &&
	    has_name(&tables, "watched"))
		rc = db_run(db,
		    "DELETE FROM address WHERE article NOT IN "
		    "(SELECT number FROM watched)",
		    e);
	if (rc == 0)
		rc = db_commit(db, e);
	if (rc == 0)
		rc = db_run(db, "PRAGMA wal_checkpoint(TRUNCATE)", e);
	if (rc == 0)
		rc = db_run(db, "VACUUM", e);
	if (rc == 0)
		rc = db_run(db, "PRAGMA wal_checkpoint(TRUNCATE)", e);
	names_clear(&tables);
	db_close(db);
	return rc;
}

/* One that does not read is made anew by who needs it, and may still hold what
 * is gone. */
static int
remove_database(const char *path, struct error *e)
{
	static const char *const ends[] = { "-wal", "-shm", "-journal",
		"" }; /* it comes last: what is cut off is seen again */
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(ends) / sizeof(ends[0]); i++) {
		char *file = mem_format("%s%s", path, ends[i]);

		rc = file_remove(file, e);
		free(file);
	}
	return rc;
}

static int
clean_or_remove(
    const struct withdraw_plan *p, const char *path, struct error *e)
{
	struct error why = { 0 };

	if (clean_database(p, path, &why) == 0)
		return 0;
	if (why.kind == ERROR_INPUT)
		return remove_database(path, e);
	return error_set(e, why.kind, "%s", why.text);
}

static int
clean_state(
    const struct collection *c, const struct withdraw_plan *p, struct error *e)
{
	char *folder = collection_path(c, "state");
	struct file_names names = { 0 };
	int rc = file_is_dir(folder) ? file_list(folder, &names, e) : 0;

	for (size_t i = 0; rc == 0 && i < names.count; i++) {
		char *path = mem_format("%s/%s", folder, names.names[i]);

		/* The catalog is made anew. */
		if (text_ends(names.names[i], ".sqlite") &&
		    strcmp(names.names[i], "catalog.sqlite") != 0)
			rc = clean_or_remove(p, path, e);
		free(path);
	}
	file_names_clear(&names);
	free(folder);
	return rc;
}

/* ---- log/ ---- */

/* Lines that tell of it are left out. */
static int
clean_lines(const struct withdraw_plan *p, const char *path, struct error *e)
{
	char *part = mem_format("%s.tmp", path);
	struct line_reader lines = { .fd = -1 };
	struct output out = { .fd = -1 };
	int gone = 0;
	char *line;
	size_t len;
	int more = line_reader_open(&lines, path, e);

	if (more == 0 && file_exists(part))
		more = file_remove(part, e);
	if (more == 0)
		more = output_open(&out, part, e);
	while (
	    more >= 0 && (more = line_reader_next(&lines, &line, &len, e)) > 0)
		if (withdraw_tells(p, 1, line, len))
			gone = 1;
		else if (output_add(&out, line, len, e) != 0 ||
			 output_add(&out, "\n", 1, e) != 0)
			more = -1;
	if (more == 0)
		more = output_finish(&out, e);
	if (more == 0)
		more = gone ? file_replace(part, path, e)
			    : file_remove(part, e);
	output_clear(&out);
	line_reader_close(&lines);
	free(part);
	return more;
}

static int
clean_logs(
    const struct collection *c, const struct withdraw_plan *p, struct error *e)
{
	char *folder = collection_path(c, "log");
	struct file_names names = { 0 };
	int rc = file_is_dir(folder) ? file_list(folder, &names, e) : 0;

	for (size_t i = 0; rc == 0 && i < names.count; i++) {
		char *path = mem_format("%s/%s", folder, names.names[i]);

		if (text_ends(names.names[i], ".jsonl"))
			rc = clean_lines(p, path, e);
		free(path);
	}
	file_names_clear(&names);
	free(folder);
	/* The one that is written to may be another file now. */
	(void)log_files_open(c, p->now_us, NULL);
	return rc;
}

/* ---- quarantine/ ---- */

/* Does what comes out of S tell of it? The end of a span and the beginning
 * of the next are looked at together. 1 / 0 / -1. */
static int
stream_tells(const struct withdraw_plan *p, struct stream *s, struct error *e)
{
	struct buf window = { 0 };
	const uint8_t *data;
	size_t most = 0;
	size_t len;
	int more = 0;
	int yes = 0;

	for (size_t i = 0; i < p->term_count; i++)
		if (2 * strlen(p->terms[i]) > most)
			most = 2 * strlen(p->terms[i]);
	while (!yes && (more = stream_next(s, &data, &len, e)) == 1) {
		buf_add(&window, data, len);
		yes = withdraw_tells(p, 0, buf_text(&window), window.len);
		if (window.len > most) {
			memmove(
			    window.data, window.data + window.len - most, most);
			buf_cut(&window, most);
		}
	}
	buf_clear(&window);
	return more < 0 ? -1 : yes;
}

static int
anything(const uint8_t *p, size_t len)
{
	(void)p;
	(void)len;
	return 1;
}

/* What is inside of members that read, and the bytes themselves. */
static int
members_tell(const struct withdraw_plan *p, struct input *in)
{
	struct gzip_reader *r = gzip_reader_new(in);
	struct stream *bytes;
	struct error why = { 0 };
	uint64_t start = 0;
	int yes = 0;

	for (;;) {
		int more = gzip_reader_next(r, &bytes, &why);

		if (more == 0)
			break;
		if (more == 1) {
			start = gzip_reader_start(r);
			more = stream_tells(p, bytes, &why);
		}
		if (more == 1)
			yes = 1;
		if (yes || why.kind == ERROR_SYSTEM)
			break;
		if (more < 0 && !gzip_reader_resync(r, start + 1, anything))
			break;
	}
	gzip_reader_free(r);
	return yes;
}

static int
file_tells(const struct withdraw_plan *p, const char *path, struct error *e)
{
	struct input *in = NULL;
	struct stream *s;
	uint64_t size;
	int fd = file_open_read(path, e);
	int yes = -1;

	if (fd < 0 || file_size(path, &size, e) != 0)
		return -1;
	s = stream_of_file(fd, 0, size);
	yes = stream_tells(p, s, e);
	stream_free(s);
	(void)close(fd); /* only read */
	if (yes == 0 && input_open(&in, path, path, e) == 0) {
		yes = members_tell(p, in);
		input_free(in);
	}
	return yes;
}

struct cleaning {
	const struct withdraw_plan *plan;
	const char *folder;
};

static int
clean_quarantined(
    void *context, const char *name, int is_regular, struct error *e)
{
	const struct cleaning *x = context;
	char *path = mem_format("%s/%s", x->folder, name);
	int tells = is_regular ? file_tells(x->plan, path, e) : 0;

	if (tells > 0)
		tells = file_remove(path, e);
	free(path);
	return tells;
}

static int
clean_quarantine(
    const struct collection *c, const struct withdraw_plan *p, struct error *e)
{
	char *folder = collection_path(c, "quarantine");
	struct cleaning x = { .plan = p, .folder = folder };
	int rc = file_is_dir(folder)
		     ? file_walk(folder, clean_quarantined, &x, e)
		     : 0;

	free(folder);
	return rc;
}

/* ---- packages/ ---- */

/* The package of a snapshot, made anew. What is under embargo in it waits: it
 * can be exported again behind that. */
static int
renew_package(const struct collection *c, const struct withdraw_plan *p,
    const char *snapshot, struct error *e)
{
	char *path = mem_format(
	    "%s/packages%s.tar", c->dir, strrchr(snapshot, '/'));
	char *part = mem_format("%s.tmp", path);
	struct error why = { 0 };
	int rc = 0;

	if (file_exists(path) || file_exists(part)) {
		rc = file_remove(part, e);
		if (rc == 0)
			rc = file_remove(path, e);
		if (rc == 0)
			rc = export_snapshot(c, snapshot, path, p->at_us, &why);
		if (why.kind == ERROR_WITHDRAWN)
			rc = 0;
		else if (why.kind != ERROR_NONE)
			(void)error_set(e, why.kind, "%s", why.text);
	}
	free(part);
	free(path);
	return rc;
}

int
withdraw_traces(
    struct collection *c, const struct withdraw_plan *p, struct error *e)
{
	if (index_renew(c, &p->snapshots, e) != 0 ||
	    catalog_rebuild(c, e) != 0 || clean_state(c, p, e) != 0 ||
	    clean_logs(c, p, e) != 0 || clean_quarantine(c, p, e) != 0)
		return -1;
	for (size_t i = 0; i < p->snapshots.count; i++)
		if (renew_package(c, p, p->snapshots.names[i], e) != 0)
			return -1;
	return 0;
}
