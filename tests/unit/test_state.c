/* state/run.sqlite: made, kept, made anew, moved aside; transactions nest. */
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/collection/layout.h"
#include "core/crawl/state.h"
#include "tests/test.h"

static int64_t
wall(struct clock *c)
{
	(void)c;
	return 1700000000000000;
}

static int64_t
mono(struct clock *c)
{
	(void)c;
	return 0;
}

static struct clock fixed = { wall, mono };

static struct collection *
made(const char *dir)
{
	const struct collection_facts facts = { .id = "urn:uuid:1",
		.prefix = "t" };
	struct collection *c = NULL;
	struct error e = { 0 };

	CHECK_OK(collection_create(dir, &facts, &e), &e);
	CHECK_OK(collection_open(&c, dir, &e), &e);
	return c;
}

static struct state *
opened(const struct collection *c, int expect_new)
{
	struct error e = { 0 };
	struct state *s = NULL;
	int is_new = -1;

	CHECK_OK(state_open(&s, c, &fixed, &is_new, &e), &e);
	CHECK_INT(is_new, expect_new);
	return s;
}

static void
put(const struct collection *c, const char *name, const char *text)
{
	char *path = collection_path(c, name);
	struct error e = { 0 };

	CHECK_OK(file_put(path, text, strlen(text), &e), &e);
	free(path);
}

static int
has(const struct collection *c, const char *name)
{
	char *path = collection_path(c, name);
	int found = file_exists(path);

	free(path);
	return found;
}

CASE(a_state_is_new_once)
{
	struct collection *c = made("a");
	struct state *s = opened(c, 1);

	CHECK_OK(db_run(state_db(s), "CREATE TABLE mine(x)", NULL),
	    &(struct error){ 0 });
	state_close(s);
	s = opened(c, 0);
	CHECK_INT(db_number(state_db(s), "SELECT count(*) FROM mine", -1), 0);
	CHECK_INT(db_number(state_db(s), "PRAGMA secure_delete", -1), 0);
	CHECK_INT(db_number(state_db(s), "PRAGMA synchronous", -1), 1);
	CHECK_INT(db_number(state_db(s), "PRAGMA trusted_schema", -1), 0);
	state_close(s);
	collection_free(c);
}

CASE(another_version_is_made_anew)
{
	struct collection *c = made("b");
	struct state *s = opened(c, 1);
	struct error e = { 0 };

	CHECK_OK(db_run(state_db(s),
		     "CREATE TABLE old(x); PRAGMA user_version = 77", &e),
	    &e);
	state_close(s);
	s = opened(c, 1);
	CHECK_INT(db_number(state_db(s), "SELECT count(*) FROM old", -1), -1);
	state_close(s);
	CHECK(!has(c, "state/run.sqlite.broken-20231114T221320Z"));
	collection_free(c);
}

CASE(what_is_no_database_is_moved_aside)
{
	struct collection *c = made("c");

	put(c, "state/run.sqlite", "this is not a database, but a letter\n");
	put(c, "state/run.sqlite-wal", "nor is this a log\n");
	state_close(opened(c, 1));
	CHECK(has(c, "state/run.sqlite.broken-20231114T221320Z"));
	state_close(opened(c, 0));
	collection_free(c);
}

CASE(a_database_of_others_is_moved_aside)
{
	struct collection *c = made("d");
	char *path = collection_path(c, "state/run.sqlite");
	struct error e = { 0 };
	struct db *db = NULL;

	CHECK_OK(db_open(&db, path, DB_WRITE, &e), &e);
	CHECK_OK(db_run(db, "CREATE TABLE theirs(x)", &e), &e);
	db_close(db);
	state_close(opened(c, 1));
	CHECK(has(c, "state/run.sqlite.broken-20231114T221320Z"));
	free(path);
	collection_free(c);
}

CASE(one_found_broken_in_use_is_out_of_the_way_next_time)
{
	struct collection *c = made("e");
	char *path = collection_path(c, "state/run.sqlite");
	struct state *s = opened(c, 1);
	struct error e = { 0 };
	int fd;

	CHECK_OK(db_run(state_db(s),
		     "CREATE TABLE mine(x); INSERT INTO mine WITH RECURSIVE"
		     " n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i"
		     " < 9000) SELECT 'some text ' || i FROM n",
		     &e),
	    &e);
	state_close(s);
	fd = file_open_write(path, &e);
	for (uint64_t at = 4096; at < 40 * 4096; at += 512)
		if (at < 4096 || at >= 8 * 4096)
			CHECK_OK(
			    file_write_at(fd, "\xff\xfe\xfd\xfc", 4, at, &e),
			    &e);
	CHECK_OK(file_close(fd, &e), &e);
	s = opened(c, 0);
	CHECK_INT(
	    db_run(state_db(s), "SELECT sum(length(x)) FROM mine", &e), -1);
	CHECK_INT(e.kind, ERROR_INPUT);
	state_close(s);
	CHECK(has(c, "state/run.sqlite.broken-20231114T221320Z"));
	state_close(opened(c, 1));
	free(path);
	collection_free(c);
}

CASE(it_is_read_without_a_lock_while_another_writes)
{
	struct collection *c = made("f");
	struct state *reader = NULL;
	struct state *s;
	struct error e = { 0 };

	CHECK_INT(state_open_read(&reader, c), 0);
	s = opened(c, 1);
	CHECK_OK(db_run(state_db(s), "CREATE TABLE mine(x)", &e), &e);
	CHECK_OK(state_begin(s, &e), &e);
	CHECK_OK(db_run(state_db(s), "INSERT INTO mine VALUES(1)", &e), &e);
	CHECK_INT(state_open_read(&reader, c), 1);
	CHECK_INT(
	    db_number(state_db(reader), "SELECT count(*) FROM mine", -1), 0);
	CHECK_OK(state_commit(s, &e), &e);
	CHECK_INT(
	    db_number(state_db(reader), "SELECT count(*) FROM mine", -1), 1);
	CHECK_INT(
	    db_run(state_db(reader), "INSERT INTO mine VALUES(1)", NULL), -1);
	state_close(reader);
	state_close(s);
	collection_free(c);
}

static int
count_up(void *context, struct error *e)
{
	(void)e;
	++*(int *)context;
	return 0;
}

CASE(transactions_nest_and_the_outermost_counts)
{
	struct collection *c = made("g");
	struct state *s = opened(c, 1);
	struct error e = { 0 };
	int commits = 0;

	state_on_commit(s, count_up, NULL, &commits);
	CHECK_OK(db_run(state_db(s), "CREATE TABLE mine(x)", &e), &e);
	CHECK_OK(state_begin(s, &e), &e);
	CHECK_OK(state_begin(s, &e), &e);
	CHECK_OK(db_run(state_db(s), "INSERT INTO mine VALUES(1)", &e), &e);
	CHECK_INT(state_end(s, 7, &e), 7);
	CHECK_INT(commits, 0);
	CHECK_OK(state_commit(s, &e), &e);
	CHECK_INT(commits, 1);
	CHECK_OK(state_begin(s, &e), &e);
	CHECK_OK(db_run(state_db(s), "INSERT INTO mine VALUES(2)", &e), &e);
	state_close(s);
	s = opened(c, 0);
	CHECK_INT(db_number(state_db(s), "SELECT count(*) FROM mine", -1), 1);
	state_close(s);
	collection_free(c);
}

CASE(a_failed_part_undoes_all_and_ends_the_handle)
{
	struct collection *c = made("h");
	struct state *s = opened(c, 1);
	struct error e = { 0 };

	CHECK_OK(db_run(state_db(s), "CREATE TABLE mine(x)", &e), &e);
	CHECK_OK(state_begin(s, &e), &e);
	CHECK_OK(db_run(state_db(s), "INSERT INTO mine VALUES(1)", &e), &e);
	CHECK_OK(state_begin(s, &e), &e);
	CHECK_INT(state_end(s, -1, &e), -1);
	CHECK_INT(state_commit(s, &e), -1);
	CHECK_INT(state_begin(s, &e), -1);
	state_close(s);
	s = opened(c, 0);
	CHECK_INT(db_number(state_db(s), "SELECT count(*) FROM mine", -1), 0);
	state_close(s);
	collection_free(c);
}

TESTS(T(a_state_is_new_once), T(another_version_is_made_anew),
    T(what_is_no_database_is_moved_aside),
    T(a_database_of_others_is_moved_aside),
    T(one_found_broken_in_use_is_out_of_the_way_next_time),
    T(it_is_read_without_a_lock_while_another_writes),
    T(transactions_nest_and_the_outermost_counts),
    T(a_failed_part_undoes_all_and_ends_the_handle))
