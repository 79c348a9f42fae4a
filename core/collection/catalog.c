/* state/catalog.sqlite read. */
#include "core/collection/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/catalog_part.h"
#include "core/collection/layout.h"
#include "core/collection/months.h"

static const char urn[] = "urn:uuid:";

struct catalog {
	struct db *db;
	struct db_query *payload, *page; /* asked often; NULL until then */
};

int64_t
catalog_number(struct db *db, const char *sql, int64_t number, const char *text,
    struct error *e)
{
	struct db_query *q = db_prepare(db, sql, e);
	int64_t value = 0;
	int more;

	if (q == NULL)
		return -1;
	if (text != NULL) {
		db_bind_int(q, 1, number);
		db_bind_text(q, 2, text);
	}
	more = db_next(q, e);
	if (more == 1)
		value = db_int(q, 0);
	db_finish(q);
	return more < 0 ? -1 : value;
}

int
catalog_id_bytes(const char *id, uint8_t out[CATALOG_ID_BYTES])
{
	char digits[2 * CATALOG_ID_BYTES + 1];
	size_t n = 0;

	if (!text_starts(id, urn))
		return 0;
	for (id += sizeof(urn) - 1; *id != '\0'; id++) {
		if (*id == '-')
			continue;
		if (n == sizeof(digits) - 1)
			return 0;
		digits[n++] = *id;
	}
	digits[n] = '\0';
	return n == sizeof(digits) - 1 &&
	       text_unhex(out, digits, CATALOG_ID_BYTES);
}

int
catalog_payload_bytes(const char *digest, uint8_t out[CATALOG_ID_BYTES])
{
	static const char of_nothing[] = "sha256:e3b0c44298fc1c149afbf4c8996f"
					 "b92427ae41e4649b934ca495991b7852b855";

	return text_starts(digest, "sha256:") &&
	       strlen(digest) == sizeof(of_nothing) - 1 &&
	       strcmp(digest, of_nothing) != 0 &&
	       text_unhex(out, digest + strlen("sha256:"), CATALOG_ID_BYTES);
}

int
catalog_open(struct catalog **out, const struct collection *c)
{
	char *path = collection_path(c, CATALOG_FILE);
	struct db *db = NULL;
	int usable = db_open(&db, path, DB_READ, NULL) == 0 &&
		     catalog_number(db, "PRAGMA user_version", 0, NULL, NULL) ==
			 CATALOG_VERSION;

	free(path);
	if (!usable) {
		db_close(db);
		return 0;
	}
	*out = mem_zero(1, sizeof(**out));
	(*out)->db = db;
	return 1;
}

void
catalog_close(struct catalog *k)
{
	if (k == NULL)
		return;
	db_finish(k->payload);
	db_finish(k->page);
	db_close(k->db);
	free(k);
}

int
catalog_has(struct catalog *k, const char *snapshot)
{
	return catalog_number(k->db,
		   "SELECT number FROM snapshot WHERE ?1 = 0 AND path = ?2", 0,
		   snapshot, NULL) > 0;
}

uint64_t
catalog_count(struct catalog *k)
{
	int64_t n = catalog_number(
	    k->db, "SELECT count(*) FROM snapshot", 0, NULL, NULL);

	return n < 0 ? 0 : (uint64_t)n;
}

char *
catalog_last(struct catalog *k)
{
	struct db_query *q = db_prepare(k->db,
	    "SELECT path FROM snapshot ORDER BY number DESC LIMIT 1", NULL);
	char *path = NULL;

	if (q != NULL && db_next(q, NULL) == 1)
		path = mem_text(db_text(q, 0));
	db_finish(q);
	return path;
}

uint64_t
catalog_files(struct catalog *k)
{
	int64_t n = catalog_number(
	    k->db, "SELECT files FROM sums", 0, NULL, NULL);

	return n < 0 ? 0 : (uint64_t)n;
}

int
catalog_is_whole(struct catalog *k, const struct collection *c)
{
	struct months m;
	uint64_t sealed;

	if (months_read(&m, c, NULL) != 0)
		return 0;
	sealed = m.sealed;
	months_clear(&m);
	return catalog_count(k) == sealed;
}

int
catalog_known(
    struct catalog *k, const char *key, struct file_names *out, struct error *e)
{
	struct db_query *q = db_prepare(k->db,
	    "SELECT path FROM known JOIN snapshot ON number = snapshot"
	    " WHERE key = ?1 ORDER BY path",
	    e);
	int more = q == NULL ? -1 : 1;

	*out = (struct file_names){ 0 };
	if (q != NULL)
		db_bind_text(q, 1, key);
	while (more == 1 && (more = db_next(q, e)) == 1) {
		out->names = mem_grow(
		    out->names, out->count + 1, sizeof(*out->names));
		out->names[out->count++] = mem_text(db_text(q, 0));
	}
	db_finish(q);
	if (more < 0)
		file_names_clear(out);
	return more;
}

/* The least and the greatest id that begins with DIGITS. */
static int
id_range(const char *digits, uint8_t low[CATALOG_ID_BYTES],
    uint8_t high[CATALOG_ID_BYTES])
{
	char text[2 * CATALOG_ID_BYTES + 1];
	size_t len = strlen(digits);

	if (len > sizeof(text) - 1)
		return 0;
	memcpy(text, digits, len);
	text[sizeof(text) - 1] = '\0';
	memset(text + len, '0', sizeof(text) - 1 - len);
	if (!text_unhex(low, text, CATALOG_ID_BYTES))
		return 0;
	memset(text + len, 'f', sizeof(text) - 1 - len);
	return text_unhex(high, text, CATALOG_ID_BYTES);
}

static const char *
id_text(struct arena *a, struct db_query *q, int column)
{
	char hex[2 * CATALOG_ID_BYTES + 1];
	size_t len;
	const void *p = db_bytes(q, column, &len);

	if (len != CATALOG_ID_BYTES)
		return "";
	text_hex(hex, p, len);
	return arena_format(a, "%s%.8s-%.4s-%.4s-%.4s-%.12s", urn, hex, hex + 8,
	    hex + 12, hex + 16, hex + 20);
}

#define RECORD_COLUMNS                                                    \
	"SELECT r.id, s.path, f.name, r.offset, r.length, r.type, r.uri," \
	" r.date FROM record r JOIN file f ON f.number = r.file"          \
	" JOIN snapshot s ON s.number = f.snapshot"

/* Rows of RECORD_COLUMNS. */
static int
take_records(struct db_query *q, struct arena *a, size_t limit,
    struct catalog_record *out, size_t *count, struct error *e)
{
	int more = 0;

	while (*count < limit && (more = db_next(q, e)) == 1) {
		const char *snapshot = arena_text(a, db_text(q, 1));

		out[(*count)++] = (struct catalog_record){
			.id = id_text(a, q, 0),
			.snapshot = snapshot,
			.file = arena_format(
			    a, "%s/%s", snapshot, db_text(q, 2)),
			.offset = (uint64_t)db_int(q, 3),
			.length = (uint64_t)db_int(q, 4),
			.type = arena_text(a, db_text(q, 5)),
			.uri = arena_text(a, db_text(q, 6)),
			.date = arena_text(a, db_text(q, 7)),
		};
	}
	return more;
}

int
catalog_find_record(struct catalog *k, struct arena *a, const char *digits,
    size_t limit, struct catalog_record **out, size_t *count, struct error *e)
{
	uint8_t low[CATALOG_ID_BYTES];
	uint8_t high[CATALOG_ID_BYTES];
	struct db_query *q;
	int more = 0;

	*count = 0;
	*out = arena_alloc(a, (limit + 1) * sizeof(**out));
	if (!id_range(digits, low, high))
		return 0;
	q = db_prepare(k->db,
	    RECORD_COLUMNS
	    " WHERE r.id BETWEEN ?1 AND ?2 ORDER BY r.id, s.path",
	    e);
	if (q == NULL)
		return -1;
	db_bind_bytes(q, 1, low, sizeof(low));
	db_bind_bytes(q, 2, high, sizeof(high));
	more = take_records(q, a, limit, *out, count, e);
	db_finish(q);
	return more < 0 ? -1 : 0;
}

int
catalog_find_article(struct catalog *k, struct arena *a, const char *id,
    size_t limit, struct catalog_article **out, size_t *count, struct error *e)
{
	struct db_query *q = db_prepare(k->db,
	    "SELECT article_id, url, captured, headline, core, record, path"
	    " FROM article JOIN snapshot ON number = snapshot"
	    " WHERE ?1 = '' OR article_id = ?1"
	    " ORDER BY captured, article_id, path",
	    e);
	int more = 0;

	*count = 0;
	*out = arena_alloc(a, (limit + 1) * sizeof(**out));
	if (q == NULL)
		return -1;
	db_bind_text(q, 1, id);
	while (*count < limit && (more = db_next(q, e)) == 1)
		(*out)[(*count)++] = (struct catalog_article){
			.article_id = arena_text(a, db_text(q, 0)),
			.url = arena_text(a, db_text(q, 1)),
			.captured = arena_text(a, db_text(q, 2)),
			.headline = arena_text(a, db_text(q, 3)),
			.core = arena_text(a, db_text(q, 4)),
			.record = arena_text(a, db_text(q, 5)),
			.snapshot = arena_text(a, db_text(q, 6)),
		};
	db_finish(q);
	return more < 0 ? -1 : 0;
}

/* The query at *Q, prepared at its first use. */
static struct db_query *
prepared(
    struct catalog *k, struct db_query **q, const char *sql, struct error *e)
{
	if (*q == NULL)
		*q = db_prepare(k->db, sql, e);
	return *q;
}

int
catalog_find_payload(struct catalog *k, struct arena *a, const char *digest,
    size_t limit, struct catalog_record **out, size_t *count, struct error *e)
{
	uint8_t front[CATALOG_ID_BYTES];
	struct db_query *q;
	int more;

	*count = 0;
	*out = NULL;
	if (!catalog_payload_bytes(digest, front))
		return 0;
	q = prepared(k, &k->payload,
	    RECORD_COLUMNS " WHERE r.id IN"
			   " (SELECT record FROM payload WHERE digest = ?1)"
			   " ORDER BY r.date DESC, r.id",
	    e);
	if (q == NULL)
		return -1;
	*out = arena_alloc(a, (limit + 1) * sizeof(**out));
	db_bind_bytes(q, 1, front, sizeof(front));
	more = take_records(q, a, limit, *out, count, e);
	if (more == 1)
		db_reset(q);
	return more < 0 ? -1 : 0;
}

int
catalog_page_state(struct catalog *k, const char *url)
{
	struct db_query *q = prepared(k, &k->page,
	    "SELECT complete FROM page JOIN snapshot ON number = snapshot"
	    " WHERE url = ?1 ORDER BY path DESC LIMIT 1",
	    NULL);
	int state = -1;

	if (q == NULL)
		return -1;
	db_bind_text(q, 1, url);
	if (db_next(q, NULL) == 1) {
		state = db_int(q, 0) == 1;
		db_reset(q);
	}
	return state;
}

int
catalog_each_page(struct catalog *k,
    int (*each)(void *context, const struct catalog_page *p, struct error *e),
    void *context, struct error *e)
{
	/* Beside max() stand the columns of its row. */
	struct db_query *q = db_prepare(k->db,
	    "SELECT requested, outcome, complete, max(path) FROM page"
	    " JOIN snapshot ON number = snapshot"
	    " GROUP BY requested ORDER BY requested",
	    e);
	int more = q == NULL ? -1 : 1;

	while (more == 1 && (more = db_next(q, e)) == 1) {
		const struct catalog_page p = {
			.requested = db_text(q, 0),
			.outcome = db_text(q, 1),
			.is_complete = db_int(q, 2) == 1,
		};

		if (each(context, &p, e) != 0)
			more = -1;
	}
	db_finish(q);
	return more;
}

int
catalog_each_article(struct catalog *k,
    int (*each)(
	void *context, const struct catalog_article *x, struct error *e),
    void *context, struct error *e)
{
	struct db_query *q = db_prepare(k->db,
	    "SELECT article_id, url, captured, headline, core, record, path"
	    " FROM article JOIN snapshot ON number = snapshot",
	    e);
	int more = q == NULL ? -1 : 1;

	while (more == 1 && (more = db_next(q, e)) == 1) {
		const struct catalog_article x = {
			.article_id = db_text(q, 0),
			.url = db_text(q, 1),
			.captured = db_text(q, 2),
			.headline = db_text(q, 3),
			.core = db_text(q, 4),
			.record = db_text(q, 5),
			.snapshot = db_text(q, 6),
		};

		if (each(context, &x, e) != 0)
			more = -1;
	}
	db_finish(q);
	return more;
}
