/* Which URLs were ever wanted. */
#include "core/crawl/known.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/db.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/crawl/state.h"
#include "core/web/url_identity.h"

/*
 * "known" is sorted by key; a batch touches nearly all of its pages once it
 * is large, so batches are large. "fresh" holds, in order of arrival, what is
 * not in "known" yet.
 */
const char known_schema[] =
    "CREATE TABLE IF NOT EXISTS known("
    " key BLOB NOT NULL PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS fresh("
    " number INTEGER PRIMARY KEY, entries BLOB NOT NULL)";

enum {
	BATCH = 360 * 1024,    /* in 12 MiB of places */
	SLICE = 16 * 1024,     /* of a batch in one transaction */
	PLACES_FIRST = 1 << 10 /* a power of two */
};

/* Also as it lies in a row of "fresh". */
struct entry {
	struct known_key key;
	int64_t number; /* 0: an empty place */
};

struct known {
	struct state *state;
	struct db *db;
	struct db_query *find, *put, *keep;
	struct entry *places; /* open addressing */
	size_t cap, count, batch;
	struct buf added; /* entries since the last commit */
};

struct known_key
known_key_of(const char *url, struct buf *scratch)
{
	uint8_t raw[DIGEST_SHA256_RAW];
	struct known_key k;

	buf_reset(scratch);
	url_add_identity(scratch, url);
	digest_sha256(buf_text(scratch), scratch->len, raw);
	memcpy(k.bytes, raw, sizeof(k.bytes));
	return k;
}

/* Where KEY is, or the empty place where it would go. */
static struct entry *
place_of(struct entry *places, size_t cap, const struct known_key *key)
{
	size_t i;

	memcpy(&i, key->bytes, sizeof(i));
	for (i &= cap - 1; places[i].number != 0; i = (i + 1) & (cap - 1))
		if (memcmp(&places[i].key, key, sizeof(*key)) == 0)
			break;
	return &places[i];
}

static void
hold(struct known *k, const struct entry *new)
{
	struct entry *place;

	if (4 * (k->count + 1) > 3 * k->cap) {
		size_t cap = 2 * k->cap;
		struct entry *places = mem_zero(cap, sizeof(*places));

		for (size_t i = 0; i < k->cap; i++)
			if (k->places[i].number != 0)
				*place_of(places, cap,
				    &k->places[i].key) = k->places[i];
		free(k->places);
		k->places = places;
		k->cap = cap;
	}
	place = place_of(k->places, k->cap, &new->key);
	k->count += place->number == 0;
	*place = *new;
}

static int
load(struct known *k, struct error *e)
{
	struct db_query *q = db_prepare(
	    k->db, "SELECT entries FROM fresh ORDER BY number", e);
	int more;

	if (q == NULL)
		return -1;
	while ((more = db_next(q, e)) == 1) {
		size_t len;
		const uint8_t *p = db_bytes(q, 0, &len);

		for (struct entry x; len >= sizeof(x);
		     p += sizeof(x), len -= sizeof(x)) {
			memcpy(&x, p, sizeof(x));
			if (x.number != 0)
				hold(k, &x);
		}
	}
	db_finish(q);
	return more;
}

/* Within the transaction that ends: what came in it. */
static int
keep_added(void *context, struct error *e)
{
	struct known *k = context;

	if (k->added.len == 0)
		return 0;
	db_bind_bytes(k->keep, 1, k->added.data, k->added.len);
	buf_reset(&k->added);
	return db_next(k->keep, e);
}

static int
by_key(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct known_key));
}

/* The held entries, sorted, become the first COUNT places. */
static void
sort_held(struct known *k)
{
	size_t n = 0;

	for (size_t i = 0; i < k->cap; i++)
		if (k->places[i].number != 0)
			k->places[n++] = k->places[i];
	qsort(k->places, n, sizeof(*k->places), by_key);
}

static int
put_slice(struct known *k, size_t from, size_t to, struct error *e)
{
	if (db_begin(k->db, e) != 0)
		return -1;
	for (size_t i = from; i < to; i++) {
		db_bind_bytes(
		    k->put, 1, &k->places[i].key, sizeof(k->places[i].key));
		db_bind_int(k->put, 2, k->places[i].number);
		if (db_next(k->put, e) != 0)
			return -1;
	}
	if (to == k->count && db_run(k->db, "DELETE FROM fresh", e) != 0)
		return -1;
	return db_commit(k->db, e);
}

/*
 * Behind a transaction: a full batch goes into the table, in slices, so that
 * the log stays small; "fresh" goes with the last one, and what is in both
 * until then does no harm.
 */
static int
put_batch(void *context, struct error *e)
{
	struct known *k = context;

	if (k->count < k->batch)
		return 0;
	sort_held(k);
	for (size_t at = 0; at < k->count; at += SLICE) {
		size_t to = at + SLICE < k->count ? at + SLICE : k->count;

		if (put_slice(k, at, to, e) != 0) {
			db_rollback(k->db);
			return -1;
		}
	}
	memset(k->places, 0, k->cap * sizeof(*k->places));
	k->count = 0;
	return 0;
}

int
known_open(struct known **out, struct state *s, struct error *e)
{
	struct known *k = mem_zero(1, sizeof(*k));
	struct db *db = state_db(s);

	k->state = s;
	k->db = db;
	k->batch = BATCH;
	k->cap = PLACES_FIRST;
	k->places = mem_zero(k->cap, sizeof(*k->places));
	k->find = db_prepare(db, "SELECT number FROM known WHERE key = ?1", e);
	k->put = db_prepare(db,
	    "INSERT INTO known VALUES(?1, ?2)"
	    " ON CONFLICT(key) DO UPDATE SET number = excluded.number",
	    e);
	k->keep = db_prepare(db, "INSERT INTO fresh(entries) VALUES(?1)", e);
	if (k->find == NULL || k->put == NULL || k->keep == NULL ||
	    load(k, e) != 0) {
		known_close(k);
		return -1;
	}
	state_on_commit(s, keep_added, put_batch, k);
	*out = k;
	return 0;
}

void
known_close(struct known *k)
{
	if (k == NULL)
		return;
	state_off_commit(k->state, k);
	db_finish(k->find);
	db_finish(k->put);
	db_finish(k->keep);
	free(k->places);
	buf_clear(&k->added);
	free(k);
}

int
known_find(struct known *k, const struct known_key *key, int64_t *number,
    struct error *e)
{
	const struct entry *held = place_of(k->places, k->cap, key);
	int more;

	if (held->number != 0) {
		*number = held->number;
		return 1;
	}
	db_bind_bytes(k->find, 1, key->bytes, sizeof(key->bytes));
	more = db_next(k->find, e);
	if (more == 1) {
		*number = db_int(k->find, 0);
		db_reset(k->find);
	}
	return more;
}

void
known_put(struct known *k, const struct known_key *key, int64_t number)
{
	struct entry new = { *key, number };

	hold(k, &new);
	buf_add(&k->added, &new, sizeof(new));
}

void
known_set_batch(struct known *k, size_t count)
{
	k->batch = count;
}
