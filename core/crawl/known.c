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
 * is large, so batches are large. A batch goes there sorted, a slice behind
 * each transaction, so that none waits long for it. "fresh" holds, in order of
 * arrival, what is not in "known" yet.
 */
const char known_schema[] =
    "CREATE TABLE IF NOT EXISTS known("
    " key BLOB NOT NULL PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS fresh("
    " number INTEGER PRIMARY KEY, entries BLOB NOT NULL)";

enum {
	BATCH = 360 * 1024,    /* in 12 MiB of places */
	SLICE = 16 * 1024,     /* of a batch in one transaction */
	ROWS = 8 * 1024,       /* of "fresh": each run reads all of them */
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
	struct db_query *find, *put, *keep, *drop;
	struct entry *places; /* open addressing */
	size_t cap, count, batch;
	size_t rows;          /* of "fresh" that are not on their way */
	struct entry *sorted; /* the batch that is on its way; NULL none */
	size_t sorted_count, sorted_done;
	int64_t sorted_last; /* of its rows of "fresh" */
	struct buf added;    /* entries since the last commit */
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
		k->rows++;
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
	k->rows++;
	return db_next(k->keep, e);
}

static int
by_key(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct known_key));
}

/* What is held is on its way from now on; what comes is held apart. */
static void
begin_batch(struct known *k)
{
	size_t n = 0;

	k->sorted = mem_alloc(k->count * sizeof(*k->sorted));
	for (size_t i = 0; i < k->cap; i++)
		if (k->places[i].number != 0)
			k->sorted[n++] = k->places[i];
	qsort(k->sorted, n, sizeof(*k->sorted), by_key);
	k->sorted_count = n;
	k->sorted_done = 0;
	k->sorted_last = db_number(k->db, "SELECT max(number) FROM fresh", 0);
	memset(k->places, 0, k->cap * sizeof(*k->places));
	k->count = 0;
	k->rows = 0;
}

static void
end_batch(struct known *k)
{
	free(k->sorted);
	k->sorted = NULL;
	k->sorted_count = 0;
}

/* Entries before TO, and, when they are the last ones, their rows of "fresh"
 * go. What is in both until then does no harm. */
static int
put_entries(struct known *k, size_t to, struct error *e)
{
	for (size_t i = k->sorted_done; i < to; i++) {
		const struct entry *x = &k->sorted[i];

		db_bind_bytes(k->put, 1, &x->key, sizeof(x->key));
		db_bind_int(k->put, 2, x->number);
		if (db_next(k->put, e) != 0)
			return -1;
	}
	if (to < k->sorted_count)
		return 0;
	db_bind_int(k->drop, 1, k->sorted_last);
	return db_next(k->drop, e);
}

static int
put_slice(struct known *k, struct error *e)
{
	size_t to = k->sorted_done + SLICE;

	if (to > k->sorted_count)
		to = k->sorted_count;
	if (db_begin(k->db, e) != 0)
		return -1;
	if (put_entries(k, to, e) != 0 || db_commit(k->db, e) != 0) {
		db_rollback(k->db);
		return -1;
	}
	k->sorted_done = to;
	if (to == k->sorted_count)
		end_batch(k);
	return 0;
}

/* Behind a transaction: a slice, or all of a batch when the next is full: of
 * keys, or of rows, when the same keys are wanted again and again. */
static int
put_batch(void *context, struct error *e)
{
	struct known *k = context;
	int is_full = k->count >= k->batch || k->rows >= ROWS;
	int rc = 0;

	if (k->sorted != NULL)
		do
			rc = put_slice(k, e);
		while (rc == 0 && is_full && k->sorted != NULL);
	if (rc == 0 && is_full)
		begin_batch(k);
	return rc;
}

static const struct entry *
find_sorted(const struct known *k, const struct known_key *key)
{
	const struct entry wanted = { .key = *key };

	return k->sorted == NULL ? NULL
				 : bsearch(&wanted, k->sorted, k->sorted_count,
				       sizeof(*k->sorted), by_key);
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
	k->drop = db_prepare(db, "DELETE FROM fresh WHERE number <= ?1", e);
	if (k->find == NULL || k->put == NULL || k->keep == NULL ||
	    k->drop == NULL || load(k, e) != 0) {
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
	db_finish(k->drop);
	end_batch(k);
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

	if (held->number == 0)
		held = find_sorted(k, key);
	if (held != NULL && held->number != 0) {
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
