/* Recovery: what the journal vouches for comes back, once, and verifies. */
#include "tests/unit/left_fixture.h"

static int
recover(const char *dir, struct recover_report *r, struct error *e)
{
	struct fixture_clock clock = fixture_clock_at(
	    fixture_start_us + 60000000);
	struct collection *c = NULL;
	int rc = collection_open(&c, dir, e);

	if (rc == 0)
		rc = collection_recover(c, &clock.clock, NULL, r, e);
	collection_free(c);
	return rc;
}

/* Cut the journal to JOURNAL bytes and the segment to SEGMENT, recover,
 * look. Every byte is in the snapshot or in quarantine. */
static void
cut_and_recover(
    const struct left *l, const char *dir, size_t segment, size_t journal)
{
	struct recover_report r;
	struct file_names names;
	struct error e = { 0 };
	unsigned groups = 0;
	size_t vouched = 0;
	size_t journal_end = 0;
	uint64_t away;

	for (unsigned i = 0; i < 4; i++)
		if (l->journal_ends[i] <= journal) {
			groups = i;
			vouched = l->segment_ends[i];
			journal_end = l->journal_ends[i];
		}
	lay_down(l, dir, segment, journal);
	CHECK_OK(recover(dir, &r, &e), &e);
	check_groups(dir, groups);
	away = quarantined(dir, &names);
	CHECK_INT(away, segment - vouched + journal - journal_end);
	CHECK_INT(r.quarantined_bytes, away);
	CHECK_INT(r.snapshots, 1);
	CHECK_INT(r.sealed, groups > 0);
	CHECK_INT(r.removed, groups == 0);
	CHECK_INT(r.not_tried, groups > 1);
	file_names_clear(&names);
	/* Once more changes nothing. */
	CHECK_OK(recover(dir, &r, &e), &e);
	CHECK_INT(r.snapshots, 0);
}

CASE(a_journal_cut_at_any_byte_keeps_all_whole_groups)
{
	struct left l = { 0 };

	make_left(&l, "journal");
	for (size_t cut = 0; cut <= l.journal.len; cut++)
		cut_and_recover(&l, "journal", l.segment.len, cut);
	printf("# %zu places\n", l.journal.len + 1);
	clear_left(&l);
}

CASE(a_segment_cut_at_any_byte_of_its_tail_keeps_all_before_it)
{
	struct left l = { 0 };
	size_t places = 0;

	make_left(&l, "segment");
	for (unsigned group = 0; group < 3; group++)
		for (size_t cut = l.segment_ends[group];
		     cut <= l.segment_ends[group + 1]; cut++, places++)
			cut_and_recover(
			    &l, "segment", cut, l.journal_ends[group]);
	printf("# %zu places\n", places);
	clear_left(&l);
}

CASE(what_lies_behind_the_end_goes_to_quarantine_under_its_place)
{
	struct left l = { 0 };
	struct recover_report r;
	struct file_names names;
	struct error e = { 0 };
	struct buf text = { 0 };
	char *name;

	make_left(&l, "tail");
	lay_down(&l, "tail", l.segment.len, l.journal_ends[2]);
	CHECK_OK(recover("tail", &r, &e), &e);
	CHECK_INT(
	    quarantined("tail", &names), l.segment_ends[3] - l.segment_ends[2]);
	CHECK_INT(names.count, 1);
	name = mem_format(
	    "hf-20261122082747-00001.%zu.warc.gz", l.segment_ends[2]);
	CHECK_TEXT(names.count == 1 ? names.names[0] : "", name);
	free(name);
	name = mem_format("quarantine/hf-20261122082747-00001.%zu.warc.gz",
	    l.segment_ends[2]);
	fixture_read("tail", name, &text);
	CHECK(text.len == l.segment_ends[3] - l.segment_ends[2] &&
	      memcmp(text.data, l.segment.data + l.segment_ends[2], text.len) ==
		  0);
	free(name);
	buf_clear(&text);
	file_names_clear(&names);
	clear_left(&l);
}

/* Damage before the end is told and nothing is touched. */
static void
check_damage(const struct left *l, const char *dir, const char *what)
{
	struct recover_report r;
	struct error e = { 0 };
	struct buf text = { 0 };
	char *open = mem_format("%s/" MONTH "/" NAME ".open", dir);

	CHECK_INT(recover(dir, &r, &e), -1);
	CHECK_INT(e.kind, ERROR_INTEGRITY);
	CHECK(strstr(e.text, what) != NULL);
	CHECK(file_is_dir(open));
	fixture_read(dir, MONTH "/" NAME ".journal", &text);
	CHECK_INT(text.len, l->journal.len);
	free(open);
	buf_clear(&text);
}

CASE(damage_before_the_journalled_end_is_an_alarm_and_left_alone)
{
	struct left l = { 0 };
	char *path = NULL;

	make_left(&l, "damage");
	lay_down(&l, "damage", l.segment.len - 1, l.journal.len);
	check_damage(&l, "damage", "were journalled");
	for (size_t at = 0; at < l.segment.len; at += 97) {
		l.segment.data[at] ^= 0x40;
		lay_down(&l, "damage", l.segment.len, l.journal.len);
		check_damage(&l, "damage", "not the bytes");
		l.segment.data[at] ^= 0x40;
	}
	lay_down(&l, "damage", l.segment.len, l.journal.len);
	path = mem_format("damage/" MONTH "/" NAME ".open/" FILE1);
	(void)unlink(path);
	check_damage(&l, "damage", "were journalled");
	path[strlen(path) - strlen("/" FILE1)] = '\0';
	remove_tree(path);
	{
		struct recover_report r;
		struct error e = { 0 };

		CHECK_INT(recover("damage", &r, &e), -1);
		CHECK_INT(e.kind, ERROR_INTEGRITY);
		CHECK(strstr(e.text, "are gone") != NULL);
	}
	free(path);
	clear_left(&l);
}

CASE(an_open_snapshot_without_a_journal_goes_to_quarantine_whole)
{
	struct left l = { 0 };
	struct recover_report r;
	struct file_names names;
	struct error e = { 0 };

	make_left(&l, "alone");
	lay_down(&l, "alone", l.segment.len, 0);
	(void)unlink("alone/" MONTH "/" NAME ".journal");
	CHECK_OK(recover("alone", &r, &e), &e);
	CHECK_INT(quarantined("alone", &names), l.segment.len);
	CHECK_INT(r.removed, 1);
	CHECK(!file_exists("alone/" MONTH "/" NAME ".open"));
	file_names_clear(&names);
	clear_left(&l);
}

CASE(a_recovery_cut_off_anywhere_is_finished_by_the_next)
{
	struct left l = { 0 };
	struct recover_report r;
	struct error e = { 0 };
	struct file_names names;
	long n;
	int rc = -1;

	make_left(&l, "again");
	for (n = 1; rc != 0 && n < 1000; n++) {
		lay_down(&l, "again", l.segment.len, l.journal_ends[2] + 50);
		file_fail_at(n);
		rc = recover("again", &r, &e);
		file_fail_at(0);
		if (rc != 0)
			CHECK_INT(e.kind, ERROR_SYSTEM);
		CHECK_OK(recover("again", &r, &e), &e);
		check_groups("again", 2);
		/* What lay behind the end is there once. */
		CHECK_INT(quarantined("again", &names),
		    l.segment_ends[3] - l.segment_ends[2] + 50);
		CHECK_INT(names.count, 2);
		file_names_clear(&names);
	}
	CHECK(n > 40 && n < 1000);
	printf("# %ld calls\n", n - 2);
	clear_left(&l);
}

/*
 * A run in DIR: three captures, each waited for, a derived record, the seal.
 * *ACKNOWLEDGED counts the captures that were told durable. 0, or -1 with
 * why it stopped.
 */
static int
run(const char *dir, unsigned *acknowledged, int *sealed, struct error *e)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = NULL;
	struct snapshot_totals totals;
	struct snapshot *s = NULL;
	char *path = NULL;
	uint64_t ticket;
	int rc = -1;

	*acknowledged = 0;
	*sealed = 0;
	if (collection_open(&c, dir, e) != 0)
		return -1;
	s = fixture_begin(c, &clock, e);
	if (s == NULL)
		goto done;
	for (unsigned i = 0; i < 3; i++) {
		ticket = fixture_put(s, fixture_page(urls[i], "x", NULL));
		if (fixture_wait(s, ticket, e) != 0)
			goto done;
		*acknowledged = i + 1;
	}
	if (snapshot_add_profile(s, "web", "x", 1, e) != 0)
		goto done;
	ticket = snapshot_add_derived(s, "article", urls[0], "urn:uuid:1",
	    "2026-11-22T08:27:47Z", "{}", 2);
	if (fixture_wait(s, ticket, e) != 0)
		goto done;
	rc = snapshot_seal(s, "complete", &totals, &path, e);
	*sealed = rc == 0;
	s = NULL;
done:
	snapshot_abandon(s);
	free(path);
	collection_free(c);
	return rc;
}

/* After recovery: whatever was acknowledged is there. */
static void
check_acknowledged(const char *dir, unsigned acknowledged)
{
	char *sealed = mem_format("%s/" MONTH "/" NAME, dir);
	char *open = mem_format("%s.open", sealed);
	char *journal = mem_format("%s.journal", sealed);
	struct buf text = { 0 };

	CHECK(!file_exists(open));
	CHECK(!file_exists(journal));
	CHECK(acknowledged == 0 || file_is_dir(sealed));
	if (file_is_dir(sealed)) {
		(void)fixture_check_sealed(sealed);
		fixture_read(sealed, "outcomes.jsonl", &text);
		for (unsigned i = 0; i < 3; i++)
			CHECK(fixture_count(&text, urls[i]) <= 1);
		CHECK(fixture_count(&text, "\"captured\"") >= acknowledged);
	}
	buf_clear(&text);
	free(sealed);
	free(open);
	free(journal);
}

CASE(each_failing_call_of_a_run_is_told_and_loses_nothing_acknowledged)
{
	struct recover_report r;
	unsigned acknowledged;
	unsigned at_all = 0;
	int sealed = 0;
	long n;

	collection_free(fixture_collection("fail"));
	for (n = 1; !sealed && n < 1000; n++) {
		struct error e = { 0 };

		remove_tree("fail/snapshots/2026");
		file_fail_at(n);
		(void)run("fail", &acknowledged, &sealed, &e);
		file_fail_at(0);
		if (!sealed)
			CHECK_INT(e.kind, ERROR_SYSTEM);
		CHECK_OK(recover("fail", &r, &e), &e);
		check_acknowledged("fail", acknowledged);
		at_all += acknowledged;
	}
	CHECK(n > 60 && n < 1000);
	CHECK(at_all > 60);
	printf("# %ld calls\n", n - 2);
}

CASE(a_seal_cut_off_keeps_the_status_that_the_run_had)
{
	struct recover_report r;
	struct buf text = { 0 };
	struct error e = { 0 };
	unsigned acknowledged;
	unsigned complete = 0;
	unsigned interrupted = 0;
	int sealed = 0;

	collection_free(fixture_collection("status"));
	for (long n = 1; !sealed && n < 1000; n++) {
		remove_tree("status/snapshots/2026");
		file_fail_at(n);
		(void)run("status", &acknowledged, &sealed, &e);
		file_fail_at(0);
		CHECK_OK(recover("status", &r, &e), &e);
		if (!file_is_dir("status/" MONTH "/" NAME))
			continue;
		fixture_read("status/" MONTH "/" NAME, "report.json", &text);
		interrupted += fixture_count(&text, "\"interrupted\"");
		complete += fixture_count(&text, "\"status\":\"complete\"");
		/* Once told complete it stays so. */
		CHECK(complete == 0 ||
		      fixture_count(&text, "\"interrupted\"") == 0);
	}
	CHECK(complete > 20);
	CHECK(interrupted > 20);
	buf_clear(&text);
}

CASE(an_interrupted_run_is_named_by_the_next_as_its_predecessor)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct left l = { 0 };
	struct recover_report r;
	struct collection *c = NULL;
	struct snapshot_totals t;
	struct buf text = { 0 };
	struct error e = { 0 };
	struct snapshot *s;
	char *dir = NULL;

	make_left(&l, "chain");
	CHECK_OK(recover("chain", &r, &e), &e);
	CHECK_OK(collection_open(&c, "chain", &e), &e);
	s = fixture_begin(c, &clock, &e);
	(void)fixture_put(s, fixture_page("https://b.example/", "x", NULL));
	CHECK_OK(snapshot_seal(s, "complete", &t, &dir, &e), &e);
	fixture_read(dir, "report.json", &text);
	CHECK(strstr(buf_text(&text),
		  "\"previous\":{\"snapshot\":\"" NAME "\"") != NULL);
	buf_clear(&text);
	free(dir);
	collection_free(c);
	clear_left(&l);
}

TESTS(T(a_journal_cut_at_any_byte_keeps_all_whole_groups),
    T(a_segment_cut_at_any_byte_of_its_tail_keeps_all_before_it),
    T(what_lies_behind_the_end_goes_to_quarantine_under_its_place),
    T(damage_before_the_journalled_end_is_an_alarm_and_left_alone),
    T(an_open_snapshot_without_a_journal_goes_to_quarantine_whole),
    T(a_recovery_cut_off_anywhere_is_finished_by_the_next),
    T(each_failing_call_of_a_run_is_told_and_loses_nothing_acknowledged),
    T(a_seal_cut_off_keeps_the_status_that_the_run_had),
    T(an_interrupted_run_is_named_by_the_next_as_its_predecessor))
