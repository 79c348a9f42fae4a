/* What was withdrawn: lines that follow each other, and what they mean. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/collection/layout.h"
#include "core/collection/withdraw_part.h"
#include "core/collection/withdrawn.h"
#include "core/collection/withdrawn_file.h"
#include "tests/test.h"

static char here[] = ".";

static struct collection
collection_here(void)
{
	(void)unlink(WITHDRAWN_FILE);
	(void)unlink(WITHDRAWN_COPY);
	return (struct collection){ .dir = here, .lock_fd = -1 };
}

static struct withdrawn_line
line(enum withdrawn_kind kind, const char *id, int64_t until_us)
{
	return (struct withdrawn_line){
		.kind = kind,
		.what = {
		    .record = id,
		    .type = "response",
		    .uri_hash = "sha256:00",
		    .date = "2026-11-22T00:00:00Z",
		    .snapshot = "20261122T000000Z-web",
		    .reason = "because \"so\"",
		    .by = "somebody",
		    .made_us = 1000000,
		    .until_us = until_us,
		},
	};
}

static void
add(const struct collection *c, enum withdrawn_kind kind, const char *id,
    int64_t until_us)
{
	struct withdrawn_line l = line(kind, id, until_us);
	struct error e = { 0 };

	CHECK_OK(withdrawn_file_add(c, &l, 1, &e), &e);
}

static struct withdrawn *
open_at(const struct collection *c, int64_t now_us)
{
	struct withdrawn *w = NULL;
	struct error e = { 0 };

	CHECK_OK(withdrawn_open(&w, c, now_us, &e), &e);
	return w;
}

static void
write_file(const struct buf *b)
{
	struct error e = { 0 };

	CHECK_OK(file_put(WITHDRAWN_FILE, b->data, b->len, &e), &e);
}

CASE(a_collection_without_the_file_has_none)
{
	struct collection c = collection_here();
	struct withdrawn *w = open_at(&c, 0);

	CHECK_INT(withdrawn_count(w), 0);
	CHECK(withdrawn_record(w, "urn:uuid:1") == NULL);
	CHECK(withdrawn_uri(w, "http://a/") == NULL);
	withdrawn_free(w);
}

CASE(an_embargo_holds_until_its_date)
{
	struct collection c = collection_here();
	struct withdrawn *w;
	struct error e = { 0 };

	add(&c, WITHDRAWN_EMBARGO, "urn:uuid:1", 86400000000);
	w = open_at(&c, 86399999999);
	CHECK(withdrawn_record(w, "urn:uuid:1") != NULL);
	CHECK(withdrawn_in(w, "20261122T000000Z-web") != NULL);
	CHECK(withdrawn_in(w, "other") == NULL);
	CHECK(
	    withdrawn_refuse(withdrawn_record(w, "urn:uuid:1"), "X", &e) == -1);
	CHECK_INT(e.kind, ERROR_WITHDRAWN);
	CHECK_TEXT(e.text, "X: withdrawn until 1970-01-02 by somebody: because "
			   "\"so\"");
	withdrawn_free(w);
	w = open_at(&c, 86400000000);
	CHECK_INT(withdrawn_count(w), 0);
	withdrawn_free(w);
}

CASE(the_last_line_of_a_record_holds)
{
	struct collection c = collection_here();
	struct withdrawn *w;

	add(&c, WITHDRAWN_EMBARGO, "urn:uuid:2", INT64_MAX);
	add(&c, WITHDRAWN_EMBARGO, "urn:uuid:1", INT64_MAX);
	add(&c, WITHDRAWN_LIFT, "urn:uuid:2", 0);
	w = open_at(&c, 5);
	CHECK(withdrawn_record(w, "urn:uuid:2") == NULL);
	CHECK(withdrawn_record(w, "urn:uuid:1") != NULL);
	withdrawn_free(w);
	add(&c, WITHDRAWN_EMBARGO, "urn:uuid:2", 9);
	w = open_at(&c, 5);
	CHECK_INT(withdrawn_count(w), 2);
	CHECK_INT(withdrawn_record(w, "urn:uuid:2")->until_us, 9);
	withdrawn_free(w);
}

CASE(what_is_erased_cannot_be_lifted)
{
	struct collection c = collection_here();
	struct withdrawn *w;

	add(&c, WITHDRAWN_EMBARGO, "urn:uuid:1", 9);
	add(&c, WITHDRAWN_ERASE, "urn:uuid:1", INT64_MAX);
	add(&c, WITHDRAWN_LIFT, "urn:uuid:1", 0);
	add(&c, WITHDRAWN_EMBARGO, "urn:uuid:1", 10);
	w = open_at(&c, 100);
	CHECK_INT(withdrawn_count(w), 1);
	CHECK(withdrawn_record(w, "urn:uuid:1")->is_erased);
	withdrawn_free(w);
}

CASE(an_address_is_found_by_its_digest)
{
	struct collection c = collection_here();
	struct withdrawn_line l = line(
	    WITHDRAWN_ERASE, "urn:uuid:1", INT64_MAX);
	char hash[DIGEST_TEXT_MAX];
	struct error e = { 0 };
	struct withdrawn *w;

	withdrawn_hash("http://a/b", hash);
	l.what.uri_hash = hash;
	CHECK_OK(withdrawn_file_add(&c, &l, 1, &e), &e);
	w = open_at(&c, 5);
	CHECK(withdrawn_uri(w, "http://a/b") != NULL);
	CHECK(withdrawn_uri(w, "http://a/") == NULL);
	withdrawn_free(w);
}

CASE(a_torn_last_line_does_not_count_and_is_written_over)
{
	struct collection c = collection_here();
	struct buf all = { 0 };
	struct withdrawn *w;
	struct error e = { 0 };

	add(&c, WITHDRAWN_EMBARGO, "urn:uuid:1", INT64_MAX);
	CHECK_OK(file_get(WITHDRAWN_FILE, &all, 100000, &e), &e);
	buf_add_text(&all, "{\"at\":\"19");
	write_file(&all);
	w = open_at(&c, 5);
	CHECK_INT(withdrawn_count(w), 1);
	withdrawn_free(w);
	add(&c, WITHDRAWN_EMBARGO, "urn:uuid:2", INT64_MAX);
	w = open_at(&c, 5);
	CHECK_INT(withdrawn_count(w), 2);
	withdrawn_free(w);
	buf_clear(&all);
}

/* Every byte of three lines, changed, and every line taken away. */
CASE(a_changed_or_missing_line_is_found)
{
	struct collection c = collection_here();
	struct buf all = { 0 };
	struct withdrawn *w = NULL;
	struct error e = { 0 };
	size_t missed = 0;
	char *first_end;

	add(&c, WITHDRAWN_EMBARGO, "urn:uuid:1", INT64_MAX);
	add(&c, WITHDRAWN_EMBARGO, "urn:uuid:2", 7);
	CHECK_OK(file_get(WITHDRAWN_FILE, &all, 100000, &e), &e);
	first_end = strchr((char *)all.data, '\n');
	for (size_t i = 0; i < (size_t)(first_end - (char *)all.data); i++) {
		all.data[i] ^= 1;
		write_file(&all);
		if (withdrawn_open(&w, &c, 5, &e) == 0 ||
		    e.kind != ERROR_INTEGRITY)
			missed++;
		withdrawn_free(w);
		all.data[i] ^= 1;
	}
	CHECK_INT(missed, 0);
	CHECK_OK(file_put(WITHDRAWN_FILE, first_end + 1,
		     all.len - (size_t)(first_end + 1 - (char *)all.data), &e),
	    &e);
	CHECK(withdrawn_open(&w, &c, 5, &e) == -1);
	CHECK_INT(e.kind, ERROR_INTEGRITY);
	buf_clear(&all);
}

CASE(a_write_that_fails_leaves_what_was_there)
{
	struct collection c = collection_here();
	struct withdrawn_line l = line(WITHDRAWN_LIFT, "urn:uuid:1", 0);
	struct withdrawn *w;

	add(&c, WITHDRAWN_EMBARGO, "urn:uuid:1", INT64_MAX);
	file_fail_at(1);
	CHECK(withdrawn_file_add(&c, &l, 1, NULL) == -1);
	file_fail_at(0);
	w = open_at(&c, 5);
	CHECK_INT(withdrawn_count(w), 1);
	withdrawn_free(w);
}

CASE(the_copy_of_a_snapshot_is_the_file_as_it_stands)
{
	struct collection c = collection_here();
	struct buf a = { 0 };
	struct buf b = { 0 };
	struct error e = { 0 };

	CHECK_OK(withdrawn_copy(&c, ".", &e), &e);
	CHECK(!file_exists(WITHDRAWN_COPY));
	add(&c, WITHDRAWN_EMBARGO, "urn:uuid:1", INT64_MAX);
	CHECK_OK(withdrawn_copy(&c, ".", &e), &e);
	CHECK_OK(file_get(WITHDRAWN_FILE, &a, 100000, &e), &e);
	CHECK_OK(file_get(WITHDRAWN_COPY, &b, 100000, &e), &e);
	CHECK_TEXT(buf_text(&b), buf_text(&a));
	buf_clear(&a);
	buf_clear(&b);
}

CASE(an_address_is_not_told_by_a_longer_one)
{
	static const char term[] = "https://x.example/a";
	static const char *const told[] = { "https://x.example/a",
		"{\"url\":\"https://x.example/a\"}",
		"of https://x.example/a: done", "see https://x.example/a.",
		"https://x.example/a#part", "(https://x.example/a)",
		"https://x.example/ab https://x.example/a" };
	static const char *const others[] = { "", "https://x.example/",
		"https://x.example/ab", "https://x.example/a/b",
		"https://x.example/a?b", "https://x.example/a.html",
		"https://x.example/a,b", "https://x.example/a%20",
		"https://x.example/a\xd9\x81" };

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		CHECK(withdraw_has_address(told[i], strlen(told[i]), term));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		CHECK(
		    !withdraw_has_address(others[i], strlen(others[i]), term));
}

TESTS(T(a_collection_without_the_file_has_none),
    T(an_embargo_holds_until_its_date), T(the_last_line_of_a_record_holds),
    T(what_is_erased_cannot_be_lifted), T(an_address_is_found_by_its_digest),
    T(a_torn_last_line_does_not_count_and_is_written_over),
    T(a_changed_or_missing_line_is_found),
    T(a_write_that_fails_leaves_what_was_there),
    T(the_copy_of_a_snapshot_is_the_file_as_it_stands),
    T(an_address_is_not_told_by_a_longer_one))
