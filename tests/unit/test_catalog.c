/* The catalog: the same from journal and from files, never needed. */
#include "core/collection/catalog.h"

#include <sys/stat.h>

#include "core/base/db.h"
#include "core/collection/index_current.h"
#include "core/collection/lookup.h"
#include "core/collection/rebuild.h"

/* Here the index is the real one. */
#define index_add fixture_index_add
#include "tests/unit/snapshot_fixture.h"
#undef index_add

#define ARTICLE                                                        \
	"{\"article\":{\"article_id\":\"web:7\",\"hashes\":{\"core\":" \
	"\"sha256:11\"},\"headline\":\"%s\",\"url\":{\"final\":"       \
	"\"https://news.example/a\"}},\"binding\":{"                   \
	"\"response_date\":\"%s\",\"response_record\":\"%s\"},"        \
	"\"schema\":\"holdfast-article/1\"}"

static void
seal_one(struct collection *c, struct fixture_clock *clock, const char *body)
{
	struct connection *n = fixture_connection(1);
	struct arena *a = arena_new();
	struct captured captured;
	struct snapshot_totals t;
	struct error e = { 0 };
	struct snapshot *s = fixture_begin(c, clock, &e);
	char *sealed = NULL;
	char *block;
	uint64_t ticket;

	CHECK(s != NULL);
	ticket = fixture_put(
	    s, fixture_page("https://news.example/a", body, n));
	CHECK_OK(fixture_wait(s, ticket, &e), &e);
	CHECK(snapshot_find(s, "https://news.example/a", a, &captured));
	block = mem_format(ARTICLE, body, captured.date, captured.record_id);
	(void)snapshot_add_derived(s, "article", "https://news.example/a",
	    captured.record_id, captured.date, block, strlen(block));
	CHECK_OK(snapshot_seal(s, "complete", &t, &sealed, &e), &e);
	clock->us += 10000000;
	free(block);
	free(sealed);
	arena_free(a);
	connection_free(n);
}

static struct collection *
two_snapshots(const char *dir)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection(dir);

	seal_one(c, &clock, "one");
	seal_one(c, &clock, "two");
	return c;
}

/* All that it holds, as text. */
static void
dump(const struct collection *c, struct buf *out)
{
	struct catalog *k = NULL;
	struct arena *a = arena_new();
	struct catalog_record *records = NULL;
	struct catalog_article *articles = NULL;
	struct error e = { 0 };
	size_t count = 0;

	buf_reset(out);
	CHECK_INT(catalog_open(&k, c), 1);
	CHECK_OK(catalog_find_record(k, a, "", 1000, &records, &count, &e), &e);
	for (size_t i = 0; i < count; i++)
		buf_format(out, "%s %s %llu %llu %s %s %s\n", records[i].id,
		    records[i].file, (unsigned long long)records[i].offset,
		    (unsigned long long)records[i].length, records[i].type,
		    records[i].uri, records[i].date);
	CHECK_OK(
	    catalog_find_article(k, a, "", 1000, &articles, &count, &e), &e);
	for (size_t i = 0; i < count; i++)
		buf_format(out, "%s %s %s %s %s %s %s\n",
		    articles[i].article_id, articles[i].url,
		    articles[i].captured, articles[i].headline,
		    articles[i].core, articles[i].record, articles[i].snapshot);
	catalog_close(k);
	arena_free(a);
}

CASE(sealing_and_rebuilding_give_equal_content)
{
	struct collection *c = two_snapshots("equal");
	struct buf sealed = { 0 };
	struct buf rebuilt = { 0 };
	struct error e = { 0 };

	dump(c, &sealed);
	/* 2 x (warcinfo, 2 certificates, connection, 3; warcinfo, derived) */
	CHECK_INT(fixture_count(&sealed, "urn:uuid:"), 2 * 9 + 2);
	CHECK_INT(fixture_count(&sealed, "web:7 https://news.example/a"), 2);
	CHECK_OK(catalog_rebuild(c, &e), &e);
	dump(c, &rebuilt);
	CHECK_TEXT(buf_text(&rebuilt), buf_text(&sealed));
	buf_clear(&sealed);
	buf_clear(&rebuilt);
	collection_free(c);
}

CASE(adding_twice_is_adding_once)
{
	struct collection *c = two_snapshots("twice");
	struct buf before = { 0 };
	struct buf after = { 0 };
	struct error e = { 0 };

	dump(c, &before);
	CHECK_OK(
	    catalog_add(c, "snapshots/2026/11/20261122T082747Z-web", &e), &e);
	dump(c, &after);
	CHECK_TEXT(buf_text(&after), buf_text(&before));
	buf_clear(&before);
	buf_clear(&after);
	collection_free(c);
}

CASE(articles_are_found_by_their_id)
{
	struct collection *c = two_snapshots("articles");
	struct arena *a = arena_new();
	struct catalog_article *articles = NULL;
	struct catalog *k = NULL;
	struct error e = { 0 };
	size_t count = 0;

	CHECK_INT(catalog_open(&k, c), 1);
	CHECK_OK(
	    catalog_find_article(k, a, "web:7", 9, &articles, &count, &e), &e);
	CHECK_INT(count, 2);
	CHECK_TEXT(articles[0].headline, "one");
	CHECK_TEXT(articles[1].headline, "two");
	CHECK_OK(
	    catalog_find_article(k, a, "web:8", 9, &articles, &count, &e), &e);
	CHECK_INT(count, 0);
	catalog_close(k);
	arena_free(a);
	collection_free(c);
}

/* Every record is found by its id, whatever became of the catalog. */
static void
check_lookup(const struct collection *c, const struct buf *dumped)
{
	const char *at = buf_text(dumped);

	while (text_starts(at, "urn:uuid:")) {
		struct arena *a = arena_new();
		struct found found;
		struct error e = { 0 };
		const char *id = arena_text_n(a, at, strcspn(at, " "));
		const char *file;

		at = strchr(at, ' ') + 1;
		file = arena_text_n(a, at, strcspn(at, " "));
		CHECK_OK(lookup_record(c, a, id, &found, &e), &e);
		CHECK_TEXT(found.id, id);
		CHECK_TEXT(found.file, file);
		at = strchr(at, '\n') + 1;
		arena_free(a);
	}
}

CASE(records_are_found_with_without_and_with_a_broken_catalog)
{
	struct collection *c = two_snapshots("lookup");
	char *path = collection_path(c, "state/catalog.sqlite");
	struct buf dumped = { 0 };
	struct buf file = { 0 };
	struct error e = { 0 };

	dump(c, &dumped);
	check_lookup(c, &dumped);
	CHECK_OK(file_get(path, &file, 100000000, &e), &e);
	for (size_t at = 0; at < file.len; at += file.len / 40 + 1) {
		file.data[at] ^= 0x40;
		CHECK_OK(file_put(path, file.data, file.len, &e), &e);
		check_lookup(c, &dumped);
		file.data[at] ^= 0x40;
	}
	CHECK_OK(file_put(path, "rubbish", 7, &e), &e);
	check_lookup(c, &dumped);
	CHECK_OK(file_remove(path, &e), &e);
	check_lookup(c, &dumped);
	buf_clear(&dumped);
	buf_clear(&file);
	free(path);
	collection_free(c);
}

/* Only part of the snapshots: the others are searched. */
CASE(a_catalog_that_holds_some_snapshots_is_no_hindrance)
{
	struct collection *c = two_snapshots("some");
	char *path = collection_path(c, "state/catalog.sqlite");
	struct buf dumped = { 0 };
	struct catalog *k = NULL;
	struct error e = { 0 };

	dump(c, &dumped);
	CHECK_OK(file_remove(path, &e), &e);
	CHECK_OK(
	    catalog_add(c, "snapshots/2026/11/20261122T082757Z-web", &e), &e);
	CHECK_INT(catalog_open(&k, c), 1);
	CHECK(catalog_has(k, "snapshots/2026/11/20261122T082757Z-web"));
	CHECK(!catalog_has(k, "snapshots/2026/11/20261122T082747Z-web"));
	catalog_close(k);
	check_lookup(c, &dumped);
	buf_clear(&dumped);
	free(path);
	collection_free(c);
}

CASE(a_broken_or_newer_catalog_is_begun_anew_at_seal)
{
	static const char snapshot[] = "snapshots/2026/11/20261122T082757Z-web";
	struct collection *c = two_snapshots("anew");
	char *path = collection_path(c, "state/catalog.sqlite");
	struct catalog *k = NULL;
	struct db *db = NULL;
	struct error e = { 0 };

	CHECK_OK(file_put(path, "this is no database at all", 26, &e), &e);
	CHECK_OK(catalog_add(c, snapshot, &e), &e);
	CHECK_INT(catalog_open(&k, c), 1);
	CHECK(catalog_has(k, snapshot));
	catalog_close(k);
	CHECK_OK(db_open(&db, path, DB_WRITE, &e), &e);
	CHECK_OK(db_run(db, "PRAGMA user_version = 99", &e), &e);
	db_close(db);
	CHECK_INT(catalog_open(&k, c), 0);
	CHECK_OK(catalog_add(c, snapshot, &e), &e);
	CHECK_INT(catalog_open(&k, c), 1);
	CHECK(catalog_has(k, snapshot));
	catalog_close(k);
	free(path);
	collection_free(c);
}

CASE(a_transaction_that_is_left_is_undone)
{
	struct db *db = NULL;
	struct db_query *q;
	struct error e = { 0 };

	CHECK_INT(db_open(&db, "none.sqlite", DB_READ, &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
	CHECK_OK(db_open(&db, "left.sqlite", DB_WRITE, &e), &e);
	CHECK_OK(db_run(db, "CREATE TABLE t(x)", &e), &e);
	CHECK_OK(db_begin(db, &e), &e);
	q = db_prepare(db, "INSERT INTO t VALUES(?1)", &e);
	db_bind_text(q, 1, "a");
	CHECK_INT(db_next(q, &e), 0);
	db_finish(q);
	db_close(db);
	CHECK_OK(db_open(&db, "left.sqlite", DB_READ, &e), &e);
	q = db_prepare(db, "SELECT x FROM t", &e);
	CHECK_INT(db_next(q, &e), 0);
	db_finish(q);
	CHECK(db_prepare(db, "SELECT y FROM t", &e) == NULL);
	CHECK_INT(db_run(db, "INSERT INTO t VALUES(1)", &e), -1);
	db_close(db);
}

/* ---- rebuild ---- */

static void
each_difference(void *context, const char *file)
{
	buf_format(context, "%s\n", file);
}

CASE(listings_made_anew_are_those_that_were_sealed)
{
	struct collection *c = two_snapshots("rebuild");
	struct rebuild_report r = { 0 };
	struct buf told = { 0 };
	struct error e = { 0 };

	CHECK_OK(rebuild(c, REBUILD_INDEX | REBUILD_STATE, each_difference,
		     &told, &r, &e),
	    &e);
	CHECK_INT(r.snapshots, 2);
	CHECK_INT(r.lines, 2 * (3 + 1));
	CHECK_INT(r.differ, 0);
	CHECK_TEXT(buf_text(&told), "");
	buf_clear(&told);
	collection_free(c);
}

CASE(a_listing_that_differs_is_told_and_left_alone)
{
	static const char *const names[] = { "articles.jsonl", "index.cdxj" };
	static const char snapshot[] = "snapshots/2026/11/20261122T082757Z-web";
	struct collection *c = two_snapshots("differ");
	char *dir = collection_path(c, snapshot);
	struct error e = { 0 };

	CHECK(chmod(dir, 0755) == 0);
	for (size_t i = 0; i < 2; i++) {
		char *path = mem_format("%s/%s", dir, names[i]);
		char *expected = mem_format("%s/%s\n", snapshot, names[i]);
		struct rebuild_report r = { 0 };
		struct buf told = { 0 };
		struct buf changed = { 0 };
		struct buf after = { 0 };
		struct buf sound = { 0 };

		CHECK_OK(file_get(path, &sound, 1000000, &e), &e);
		buf_add(&changed, sound.data, sound.len);
		changed.data[changed.len / 2] ^= 1;
		CHECK_OK(file_put(path, changed.data, changed.len, &e), &e);
		CHECK_OK(
		    rebuild(c, REBUILD_INDEX, each_difference, &told, &r, &e),
		    &e);
		CHECK_INT(r.differ, 1);
		CHECK_TEXT(buf_text(&told), expected);
		CHECK_OK(file_get(path, &after, 1000000, &e), &e);
		CHECK_TEXT(buf_text(&after), buf_text(&changed));
		CHECK_OK(file_put(path, sound.data, sound.len, &e), &e);
		buf_clear(&told);
		buf_clear(&changed);
		buf_clear(&after);
		buf_clear(&sound);
		free(expected);
		free(path);
	}
	free(dir);
	collection_free(c);
}

TESTS(T(sealing_and_rebuilding_give_equal_content),
    T(adding_twice_is_adding_once), T(articles_are_found_by_their_id),
    T(records_are_found_with_without_and_with_a_broken_catalog),
    T(a_catalog_that_holds_some_snapshots_is_no_hindrance),
    T(a_broken_or_newer_catalog_is_begun_anew_at_seal),
    T(a_transaction_that_is_left_is_undone),
    T(listings_made_anew_are_those_that_were_sealed),
    T(a_listing_that_differs_is_told_and_left_alone))
