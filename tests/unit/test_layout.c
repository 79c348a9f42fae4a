/* Collections: made, opened, refused, locked, listed. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/collection/layout.h"
#include "tests/test.h"

#define ID "urn:uuid:00112233-4455-8677-8899-aabbccddeeff"

static const struct collection_facts facts = {
	.id = ID,
	.prefix = "hf",
	.now_us = 1795336067000000, /* 2026-11-22T08:27:47Z */
};

CASE(a_collection_made_can_be_opened)
{
	struct error e = { 0 };
	struct collection *c = NULL;
	struct buf b = { 0 };

	CHECK_OK(collection_create("new/one", &facts, &e), &e);
	CHECK_OK(collection_open(&c, "new/one", &e), &e);
	if (c == NULL)
		return;
	CHECK_TEXT(c->id, ID);
	CHECK_TEXT(c->prefix, "hf");
	CHECK_INT(c->created_us, facts.now_us);
	CHECK(c->dir[0] == '/');
	CHECK(file_is_dir("new/one/snapshots"));
	CHECK_OK(file_get("new/one/README.txt", &b, 100000, &e), &e);
	CHECK(strstr(buf_text(&b), ID "\nbegun 2026-11-22T08:27:47Z") != NULL);
	CHECK(strstr(buf_text(&b), "sha256sum -c manifest-sha256.txt") != NULL);
	for (const char *s = buf_text(&b), *lf; *s != '\0'; s = lf + 1) {
		lf = strchr(s, '\n');
		CHECK(lf != NULL && lf - s < 80);
		if (lf == NULL)
			break;
	}
	buf_clear(&b);
	collection_free(c);
}

CASE(a_directory_with_other_things_is_left_alone)
{
	struct error e = { 0 };
	struct collection *c = NULL;

	CHECK_OK(file_make_dir("other", &e), &e);
	CHECK_OK(file_put("other/thesis.doc", "x", 1, &e), &e);
	CHECK_INT(collection_create("other", &facts, &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK(!file_exists("other/snapshots"));
	CHECK_INT(collection_open(&c, "other", &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK_INT(collection_open(&c, "nowhere", &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
	CHECK_INT(collection_open(&c, "other/thesis.doc", &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
}

CASE(a_creation_that_was_cut_off_can_be_repeated)
{
	for (long n = 1; n < 100; n++) {
		struct error e = { 0 };
		struct collection *c = NULL;
		int rc;

		(void)file_make_dir("cut", NULL);
		file_fail_at(n);
		rc = collection_create("cut/c", &facts, &e);
		file_fail_at(0);
		if (rc == 0) {
			CHECK(n > 4);
			return;
		}
		CHECK_INT(e.kind, ERROR_SYSTEM);
		/* Only the last sync of the directory failed. */
		if (file_exists("cut/c/collection.json"))
			return;
		CHECK_INT(collection_open(&c, "cut/c", &e), -1);
	}
	CHECK(!"it never succeeded");
}

CASE(a_second_creation_is_refused)
{
	struct error e = { 0 };

	CHECK_OK(collection_create("twice", &facts, &e), &e);
	CHECK_INT(collection_create("twice", &facts, &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
}

CASE(prefixes_that_no_file_name_may_hold_are_refused)
{
	static const char *const bad[] = { "", ".x", "-x", "a/b", "a b",
		"\xc3\xa9",
		"0123456789012345678901234567890123456789012345678901234567890"
		"1234" };
	struct error e = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct collection_facts f = facts;

		f.prefix = bad[i];
		CHECK_INT(collection_create("bad", &f, &e), -1);
		CHECK_INT(e.kind, ERROR_USAGE);
		CHECK(!file_exists("bad"));
	}
}

CASE(a_newer_layout_and_a_broken_one_are_refused)
{
	static const char newer[] =
	    "{\"layout\":2,\"id\":\"x\",\"prefix\":\"p\",\"created\":"
	    "\"2026-11-22T08:27:47Z\"}";
	struct error e = { 0 };
	struct collection *c = NULL;

	CHECK_OK(file_make_dir("newer", &e), &e);
	CHECK_OK(
	    file_put("newer/collection.json", newer, sizeof(newer) - 1, &e),
	    &e);
	CHECK_INT(collection_open(&c, "newer", &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK(strstr(e.text, "layout 2 is newer") != NULL);
	CHECK_OK(
	    file_put("newer/collection.json", "{\"layout\":1", 11, &e), &e);
	CHECK_INT(collection_open(&c, "newer", &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
}

CASE(only_one_holds_the_lock)
{
	struct error e = { 0 };
	struct collection *a = NULL;
	struct collection *b = NULL;

	CHECK_OK(collection_create("locked", &facts, &e), &e);
	CHECK_OK(collection_open(&a, "locked", &e), &e);
	CHECK_OK(collection_open(&b, "locked", &e), &e);
	CHECK_OK(collection_lock(a, &e), &e);
	CHECK_OK(collection_lock(a, &e), &e);
	CHECK_INT(collection_lock(b, &e), -1);
	CHECK_INT(e.kind, ERROR_LOCKED);
	collection_free(a);
	CHECK_OK(collection_lock(b, &e), &e);
	collection_free(b);
}

CASE(snapshots_come_in_order_and_open_ones_apart)
{
	static const char *const dirs[] = {
		"list/snapshots/2027/01/20270101T000000Z-a",
		"list/snapshots/2026/11/20261122T082747Z-b.open",
		"list/snapshots/2026/11/20261122T082747Z-a",
		"list/snapshots/2026/02/20260202T000000Z-z",
		"list/snapshots/notes/02/20260202T000000Z-z",
		"list/snapshots/2026/02/.hidden",
	};
	struct error e = { 0 };
	struct collection *c = NULL;
	struct file_names sealed;
	struct file_names open;

	CHECK_OK(collection_create("list", &facts, &e), &e);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		CHECK_OK(file_make_dirs(dirs[i], &e), &e);
	CHECK_OK(file_put("list/snapshots/2026/11/x.journal", "", 0, &e), &e);
	CHECK_OK(collection_open(&c, "list", &e), &e);
	if (c == NULL)
		return;
	CHECK_OK(collection_snapshots(c, &sealed, &open, &e), &e);
	CHECK_INT(sealed.count, 3);
	CHECK_INT(open.count, 1);
	CHECK_TEXT(sealed.names[0], "snapshots/2026/02/20260202T000000Z-z");
	CHECK_TEXT(sealed.names[1], "snapshots/2026/11/20261122T082747Z-a");
	CHECK_TEXT(sealed.names[2], "snapshots/2027/01/20270101T000000Z-a");
	CHECK_TEXT(open.names[0], "snapshots/2026/11/20261122T082747Z-b.open");
	file_names_clear(&sealed);
	file_names_clear(&open);
	collection_free(c);
}

TESTS(T(a_collection_made_can_be_opened),
    T(a_directory_with_other_things_is_left_alone),
    T(a_creation_that_was_cut_off_can_be_repeated),
    T(a_second_creation_is_refused),
    T(prefixes_that_no_file_name_may_hold_are_refused),
    T(a_newer_layout_and_a_broken_one_are_refused), T(only_one_holds_the_lock),
    T(snapshots_come_in_order_and_open_ones_apart))
