/* Damage in an open snapshot: what is whole before it is kept on demand. */
#include "core/collection/catalog.h"
#include "tests/unit/left_fixture.h"

static int
recover_cut(const char *dir, int cut, struct recover_report *r, struct error *e)
{
	struct fixture_clock clock = fixture_clock_at(
	    fixture_start_us + 60000000);
	const struct recover_options o = { .cut_damaged = cut };
	struct collection *c = NULL;
	int rc = collection_open(&c, dir, e);

	if (rc == 0)
		rc = collection_recover(c, &clock.clock, &o, r, e);
	collection_free(c);
	return rc;
}

/* How many groups stand before byte AT of the segment; the begin is one, too:
 * -1, not even that. */
static int
groups_before(const struct left *l, size_t at)
{
	int groups = -1;

	for (int i = 0; i < 4; i++)
		if (l->segment_ends[i] <= at)
			groups = i;
	return groups;
}

/* The segment as laid down, SEGMENT bytes with damage at or before AT: what is
 * before it is sealed, every other byte is in quarantine. */
static void
check_cut(const struct left *l, const char *dir, size_t segment, size_t at)
{
	int whole = groups_before(l, at);
	size_t kept = whole > 0 ? l->segment_ends[whole] : 0;
	size_t told = whole > 0 ? l->journal_ends[whole] : 0;
	struct recover_report r = { 0 };
	struct file_names names;
	struct error e = { 0 };
	uint64_t away;

	CHECK_INT(recover_cut(dir, 0, &r, &e), -1);
	CHECK_INT(e.kind, ERROR_INTEGRITY);
	CHECK(strstr(e.text, "recover --cut-damaged") != NULL);
	e = (struct error){ 0 };
	CHECK_OK(recover_cut(dir, 1, &r, &e), &e);
	CHECK_INT(r.damaged, 1);
	check_groups(dir, whole > 0 ? (unsigned)whole : 0);
	away = quarantined(dir, &names);
	CHECK_INT(r.quarantined_bytes, away);
	/* Without an exchange the begin goes, too; it tells nothing. */
	if (whole > 0)
		CHECK_INT(away, segment - kept + l->journal.len - told);
	else
		CHECK(away + l->segment_ends[0] + l->journal_ends[0] >=
		      segment + l->journal.len);
	file_names_clear(&names);
	CHECK_OK(recover_cut(dir, 0, &r, &e), &e);
	CHECK_INT(r.snapshots, 0);
}

CASE(a_changed_byte_keeps_all_groups_before_it)
{
	struct left l = { 0 };

	make_left(&l, "flip");
	for (size_t at = 0; at < l.segment.len; at += 31) {
		l.segment.data[at] ^= 0x40;
		lay_down(&l, "flip", l.segment.len, l.journal.len);
		check_cut(&l, "flip", l.segment.len, at);
		l.segment.data[at] ^= 0x40;
	}
	clear_left(&l);
}

CASE(records_copied_before_the_journal_keep_all_groups_that_they_hold)
{
	struct left l = { 0 };

	make_left(&l, "short");
	for (size_t len = 0; len < l.segment.len; len += 29) {
		lay_down(&l, "short", len, l.journal.len);
		check_cut(&l, "short", len, len);
	}
	clear_left(&l);
}

CASE(a_cut_that_fails_anywhere_is_finished_by_the_next)
{
	struct left l = { 0 };
	struct recover_report r = { 0 };
	struct file_names names;
	struct error e = { 0 };
	int rc = -1;
	long n;

	make_left(&l, "again");
	l.segment.data[l.segment_ends[1] + 5] ^= 1;
	for (n = 1; rc != 0 && n < 1000; n++) {
		lay_down(&l, "again", l.segment.len, l.journal.len);
		file_fail_at(n);
		rc = recover_cut("again", 1, &r, &e);
		file_fail_at(0);
		CHECK_OK(recover_cut("again", 1, &r, &e), &e);
		check_groups("again", 1);
		CHECK_INT(quarantined("again", &names),
		    l.segment.len - l.segment_ends[1] + l.journal.len -
			l.journal_ends[1]);
		CHECK_INT(names.count, 2);
		file_names_clear(&names);
	}
	CHECK(n > 40 && n < 1000);
	clear_left(&l);
}

CASE(a_journal_whose_records_are_gone_moves_to_quarantine)
{
	struct left l = { 0 };
	struct recover_report r = { 0 };
	struct file_names names;
	struct error e = { 0 };

	make_left(&l, "alone");
	lay_down(&l, "alone", l.segment.len, l.journal.len);
	remove_tree("alone/" MONTH "/" NAME ".open");
	CHECK_INT(recover_cut("alone", 0, &r, &e), -1);
	CHECK(strstr(e.text, "are gone") != NULL);
	CHECK(strstr(e.text, "--cut-damaged") != NULL);
	e = (struct error){ 0 };
	CHECK_OK(recover_cut("alone", 1, &r, &e), &e);
	CHECK_INT(r.damaged, 1);
	CHECK_INT(quarantined("alone", &names), l.journal.len);
	CHECK(!file_exists("alone/" MONTH "/" NAME ".journal"));
	file_names_clear(&names);
	CHECK_OK(recover_cut("alone", 0, &r, &e), &e);
	clear_left(&l);
}

static void
check_found(const char *dir, const char *url)
{
	struct collection *c = NULL;
	struct catalog *k = NULL;
	struct catalog_record *found = NULL;
	struct arena *a = arena_new();
	size_t count = 0;
	unsigned there = 0;
	struct error e = { 0 };

	CHECK_OK(collection_open(&c, dir, &e), &e);
	CHECK(catalog_open(&k, c));
	CHECK_OK(catalog_find_record(k, a, "", 100, &found, &count, &e), &e);
	for (size_t i = 0; i < count; i++)
		there += strcmp(found[i].uri, url) == 0 &&
			 strcmp(found[i].type, "response") == 0;
	CHECK_INT(there, 1);
	catalog_close(k);
	collection_free(c);
	arena_free(a);
}

/* A first copy while the run wrote, a second when it had sealed. */
CASE(of_one_that_is_open_and_sealed_the_sealed_one_counts)
{
	struct left l = { 0 };
	struct recover_report r = { 0 };
	struct error e = { 0 };

	make_left(&l, "twice");
	CHECK_OK(recover_cut("twice", 0, &r, &e), &e);
	CHECK(
	    file_make_dirs("twice/" MONTH "/" NAME ".open/records", NULL) == 0);
	put_file("twice/" MONTH "/" NAME ".open/" FILE1, l.segment.data,
	    l.segment_ends[1]);
	put_file("twice/" MONTH "/" NAME ".journal", l.journal.data,
	    l.journal_ends[1]);
	/* As in the copy, which has no state. */
	(void)unlink("twice/state/catalog.sqlite");
	CHECK_OK(recover_cut("twice", 0, &r, &e), &e);
	CHECK_INT(r.twice, 1);
	CHECK_INT(r.damaged, 0);
	CHECK(file_exists("twice/quarantine/" NAME ".open/" FILE1));
	check_groups("twice", 3);
	/* The old journal tells of one of three only. */
	for (unsigned i = 0; i < 3; i++)
		check_found("twice", urls[i]);
	CHECK_OK(recover_cut("twice", 0, &r, &e), &e);
	CHECK_INT(r.snapshots, 0);
	clear_left(&l);
}

TESTS(T(a_changed_byte_keeps_all_groups_before_it),
    T(records_copied_before_the_journal_keep_all_groups_that_they_hold),
    T(a_cut_that_fails_anywhere_is_finished_by_the_next),
    T(a_journal_whose_records_are_gone_moves_to_quarantine),
    T(of_one_that_is_open_and_sealed_the_sealed_one_counts))
