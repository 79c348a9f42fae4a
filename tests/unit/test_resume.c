/* Snapshots that several runs make: parked or cut off, and gone on with. */
#include <unistd.h>

#include "core/collection/verify_collection.h"
#include "tests/unit/snapshot_fixture.h"

#define MONTH "snapshots/2026/11"
#define NAME  "20261122T082747Z-web"

enum { QUARTER_US = 15 * 60 * 1000000 };

static const char *const urls[] = { "https://a.example/0",
	"https://a.example/1", "https://a.example/2" };

/* What keep was asked last. */
struct asked {
	int answer;
	unsigned times;
	int is_parked;
	int64_t start_us;
	char site[64];
};

static int
keep(void *context, const struct open_capture *o)
{
	struct asked *a = context;

	a->times++;
	a->is_parked = o->is_parked;
	a->start_us = o->start_us;
	(void)snprintf(a->site, sizeof(a->site), "%s", o->site);
	CHECK_TEXT(o->name, NAME);
	return a->answer;
}

static int
recover(struct collection *c, struct asked *a, struct recover_report *r,
    struct error *e)
{
	struct fixture_clock clock = fixture_clock_at(
	    fixture_start_us + QUARTER_US / 2);
	const struct recover_options o = { .keep = keep, .context = a };

	return collection_recover(c, &clock.clock, &o, r, e);
}

static struct snapshot *
resume(struct collection *c, struct fixture_clock *clock, struct error *e)
{
	struct arena *a = arena_new();
	struct json *facts = json_new_object(a);
	struct snapshot_options o = { .site = "web", .kind = "capture" };
	struct snapshot *s;

	json_set_string(a, facts, "robots", "honour");
	o.facts = o.warcinfo = facts;
	s = snapshot_resume(c, NAME, &o, &clock->clock, e);
	arena_free(a);
	return s;
}

/* A page with its completeness and an article, durable. */
static void
put_page(struct snapshot *s, const char *url, struct connection *n)
{
	struct arena *a = arena_new();
	struct json *page = json_new_object(a);
	struct error e = { 0 };
	uint64_t ticket = fixture_put(s, fixture_page(url, url, n));

	CHECK_OK(fixture_wait(s, ticket, &e), &e);
	json_set_string(a, page, "url", url);
	json_set_bool(a, page, "complete", 1);
	(void)snapshot_add_derived(
	    s, "article", url, "urn:uuid:1", "2026-11-22T08:27:47Z", "{}", 2);
	ticket = snapshot_add_page(s, page);
	CHECK_OK(fixture_wait(s, ticket, &e), &e);
	arena_free(a);
}

static void
tell_again(struct snapshot *s, const char *url)
{
	struct arena *a = arena_new();
	struct json *page = json_new_object(a);

	json_set_string(a, page, "url", url);
	json_set_bool(a, page, "complete", 1);
	(void)snapshot_add_derived(
	    s, "article", url, "urn:uuid:1", "2026-11-22T08:27:47Z", "{}", 2);
	(void)snapshot_add_page(s, page);
	arena_free(a);
}

CASE(a_parked_snapshot_gone_on_with_is_one_that_tells_of_both_runs)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("parked");
	struct connection *n = fixture_connection(1);
	struct asked asked = { .answer = 1 };
	struct arena *a = arena_new();
	struct snapshot_totals t;
	struct recover_report r;
	struct captured found;
	struct exchange *x = NULL;
	struct buf text = { 0 };
	struct error e = { 0 };
	struct snapshot *s = fixture_begin(c, &clock, &e);
	char *dir = NULL;

	put_page(s, urls[0], n);
	put_page(s, urls[1], n);
	CHECK_OK(snapshot_park(s, "complete", &e), &e);
	CHECK_OK(recover(c, &asked, &r, &e), &e);
	CHECK_INT(asked.times, 1);
	CHECK_INT(asked.is_parked, 1);
	CHECK_INT(asked.start_us, fixture_start_us);
	CHECK_TEXT(asked.site, "web");
	CHECK_INT(r.left.count, 1);
	CHECK_TEXT(r.left.names[0], NAME);
	CHECK_INT(r.sealed, 0);
	recover_report_clear(&r);

	clock.us += QUARTER_US;
	s = resume(c, &clock, &e);
	CHECK(s != NULL);
	CHECK_TEXT(snapshot_name(s), NAME);
	CHECK_INT(snapshot_find(s, urls[1], a, &found), 1);
	CHECK_INT(found.is_earlier, 1);
	CHECK_INT(found.outcome, OUTCOME_CAPTURED);
	/* It was not cut off: what it holds is fetched again. */
	CHECK_INT(snapshot_recall(s, urls[1], &x, &e), 0);
	put_page(s, urls[0], n);
	put_page(s, urls[2], n);
	CHECK_INT(snapshot_find(s, urls[0], a, &found), 1);
	CHECK_INT(found.is_earlier, 0);
	CHECK(strcmp(found.date, "2026-11-22T08:42:47") > 0);
	CHECK_OK(snapshot_seal(s, "complete", &t, &dir, &e), &e);
	CHECK_INT(t.targets, 4);
	CHECK_INT(t.good, 4);
	CHECK_INT(t.pages, 4);
	CHECK_INT(t.articles, 4);
	/* 2 warcinfo, 2 certificates, 2 connections, 4 captures of 3; then 2
	 * warcinfo of derived and 4 articles. */
	CHECK_INT(fixture_check_sealed(dir), 2 + 2 + 2 + 12 + 2 + 4);
	fixture_read(dir, "outcomes.jsonl", &text);
	CHECK_INT(fixture_count(&text, "\"url\":\"https://a.example/0\""), 2);
	CHECK_INT(fixture_count(&text, ",\"run\":2}"), 2);
	fixture_read(dir, "index.cdxj", &text);
	CHECK_INT(fixture_count(&text, "\"text/html\""), 4);
	CHECK_INT(fixture_count(&text, "082747-00002.warc.gz"), 2);
	fixture_read(dir, "report.json", &text);
	CHECK_INT(fixture_count(&text, "\"runs\":[{\"started\":"
				       "\"2026-11-22T08:27:47"),
	    1);
	CHECK_INT(fixture_count(&text, "{\"robots\":\"honour\"}"), 1);
	CHECK_INT(fixture_count(&text, ",\"run\":2}"), 2);
	CHECK_INT(r.left.count, 0);
	free(dir);
	buf_clear(&text);
	connection_free(n);
	arena_free(a);
	collection_free(c);
}

CASE(a_parked_snapshot_that_none_goes_on_with_is_sealed_as_it_ended)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("alone");
	struct asked asked = { .answer = 0 };
	struct recover_report r;
	struct buf text = { 0 };
	struct error e = { 0 };
	struct snapshot *s = fixture_begin(c, &clock, &e);

	put_page(s, urls[0], NULL);
	clock.us += 5000000;
	CHECK_OK(snapshot_park(s, "time", &e), &e);
	CHECK_OK(recover(c, &asked, &r, &e), &e);
	CHECK_INT(r.sealed, 1);
	CHECK_INT(r.left.count, 0);
	(void)fixture_check_sealed("alone/" MONTH "/" NAME);
	fixture_read("alone/" MONTH "/" NAME, "report.json", &text);
	CHECK_INT(fixture_count(&text, "\"status\":\"time\""), 1);
	CHECK_INT(fixture_count(&text, "\"ended\":\"2026-11-22T08:27:52"), 1);
	CHECK_INT(fixture_count(&text, "\"runs\""), 0);
	buf_clear(&text);
	collection_free(c);
}

CASE(a_parked_snapshot_without_an_exchange_is_removed)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("empty");
	struct asked asked = { .answer = 1 };
	struct recover_report r;
	struct error e = { 0 };
	struct snapshot *s = fixture_begin(c, &clock, &e);

	CHECK_OK(snapshot_park(s, "complete", &e), &e);
	CHECK_OK(recover(c, &asked, &r, &e), &e);
	CHECK_INT(r.removed, 1);
	CHECK_INT(asked.times, 0);
	CHECK(!file_exists("empty/" MONTH "/" NAME ".open"));
	collection_free(c);
}

/* The power fails while a run that goes on writes its begin. */
CASE(a_begin_cut_at_any_byte_leaves_the_run_before_as_it_ended)
{
	const char *path = "torn/" MONTH "/" NAME ".journal";
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("torn");
	struct asked asked = { .answer = 1 };
	struct recover_report r;
	struct buf journal = { 0 };
	struct buf text = { 0 };
	struct error e = { 0 };
	struct snapshot *s = fixture_begin(c, &clock, &e);
	uint64_t parked = 0;
	unsigned begun = 0;

	put_page(s, urls[0], NULL);
	CHECK_OK(snapshot_park(s, "complete", &e), &e);
	CHECK(file_size(path, &parked, NULL) == 0);
	clock.us += QUARTER_US / 4;
	snapshot_abandon(resume(c, &clock, &e));
	CHECK(file_get(path, &journal, SIZE_MAX, NULL) == 0);
	CHECK(journal.len > parked + 100);
	for (size_t len = parked; len <= journal.len; len++) {
		CHECK(file_put(path, journal.data, len, NULL) == 0);
		CHECK_OK(recover(c, &asked, &r, &e), &e);
		CHECK_INT(asked.is_parked, len < journal.len);
		CHECK_INT(r.left.count, 1);
		recover_report_clear(&r);
		buf_reset(&text);
		CHECK(file_get(path, &text, SIZE_MAX, NULL) == 0);
		CHECK(len == journal.len || text.len == parked);
		begun += fixture_count(&text, "\"interrupted\"");
	}
	CHECK_INT(begun, 1);
	buf_clear(&text);
	buf_clear(&journal);
	collection_free(c);
}

/* A run in C that is cut off after two pages, the second of which needs
 * something that was never fetched. */
static void
make_cut(struct collection *c, struct error *e)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct arena *a = arena_new();
	struct json *needs = json_new_array(a);
	struct snapshot *s = fixture_begin(c, &clock, e);
	uint64_t ticket;

	json_append(a, needs, json_new_string(a, "https://a.example/need"));
	put_page(s, urls[0], NULL);
	(void)fixture_put(s, fixture_page(urls[1], urls[1], NULL));
	ticket = snapshot_discovered(s, urls[1], needs);
	CHECK_OK(fixture_wait(s, ticket, e), e);
	snapshot_abandon(s);
	arena_free(a);
}

static void
check_recalled(struct snapshot *s, const char *url)
{
	struct exchange *x = NULL;
	struct error e = { 0 };
	struct exchange *was = fixture_page(url, url, NULL);

	CHECK_INT(snapshot_recall(s, url, &x, &e), 1);
	if (x != NULL) {
		CHECK_TEXT(x->url, url);
		CHECK_INT(x->outcome, OUTCOME_CAPTURED);
		CHECK_INT(x->status, 200);
		CHECK_INT(x->head_len, was->head_len);
		CHECK_INT(x->payload_len, was->payload_len);
		CHECK_TEXT(x->content_type, was->content_type);
		CHECK_TEXT(x->block_digest, was->block_digest);
		CHECK_TEXT(x->payload_digest, was->payload_digest);
		CHECK_INT(x->started_us, was->started_us);
	}
	exchange_free(x);
	exchange_free(was);
}

CASE(a_run_that_was_cut_off_is_gone_on_with_and_nothing_is_put_twice)
{
	struct fixture_clock clock = fixture_clock_at(
	    fixture_start_us + QUARTER_US);
	struct collection *c = fixture_collection("cut");
	struct asked asked = { .answer = 1 };
	struct snapshot_totals t;
	struct recover_report r;
	struct exchange *x = NULL;
	struct buf text = { 0 };
	struct error e = { 0 };
	struct snapshot *s;
	char *dir = NULL;

	make_cut(c, &e);
	CHECK_OK(recover(c, &asked, &r, &e), &e);
	CHECK_INT(asked.is_parked, 0);
	CHECK_INT(r.left.count, 1);
	recover_report_clear(&r);
	s = resume(c, &clock, &e);
	CHECK(s != NULL);
	check_recalled(s, urls[0]);
	check_recalled(s, urls[1]);
	CHECK_INT(snapshot_recall(s, "https://a.example/need", &x, &e), 0);
	CHECK_INT(snapshot_recall(s, urls[2], &x, &e), 0);
	tell_again(s, urls[0]);
	tell_again(s, urls[1]);
	(void)fixture_put(s, fixture_page("https://a.example/need", "y", NULL));
	CHECK_OK(snapshot_seal(s, "complete", &t, &dir, &e), &e);
	CHECK_INT(t.pages, 2);
	CHECK_INT(t.articles, 2);
	CHECK_INT(t.good, 3);
	CHECK_INT(t.by_outcome[OUTCOME_NOT_TRIED], 1);
	(void)fixture_check_sealed(dir);
	fixture_read(dir, "outcomes.jsonl", &text);
	CHECK_INT(fixture_count(&text, "\"captured\""), 3);
	CHECK_INT(fixture_count(&text, "\"not-tried\""), 1);
	fixture_read(dir, "report.json", &text);
	CHECK_INT(fixture_count(&text, "\"status\":\"interrupted\""), 1);
	CHECK_INT(fixture_count(&text, "\"status\":\"complete\""), 2);
	free(dir);
	buf_clear(&text);
	collection_free(c);
}

CASE(a_page_fetched_anew_after_a_cut_is_told_anew)
{
	struct fixture_clock clock = fixture_clock_at(
	    fixture_start_us + QUARTER_US);
	struct collection *c = fixture_collection("anew");
	struct asked asked = { .answer = 1 };
	struct snapshot_totals t;
	struct recover_report r;
	struct error e = { 0 };
	struct snapshot *s;
	char *dir = NULL;

	make_cut(c, &e);
	CHECK_OK(recover(c, &asked, &r, &e), &e);
	recover_report_clear(&r);
	s = resume(c, &clock, &e);
	put_page(s, urls[0], NULL);
	CHECK_OK(snapshot_seal(s, "complete", &t, &dir, &e), &e);
	CHECK_INT(t.pages, 2);
	CHECK_INT(t.articles, 2);
	(void)fixture_check_sealed(dir);
	free(dir);
	collection_free(c);
}

/* Go on with what is open in C, if anything is, and seal it. -1: failed. */
static int
go_on(struct collection *c, const struct recover_report *r, struct error *e)
{
	struct fixture_clock clock = fixture_clock_at(
	    fixture_start_us + QUARTER_US);
	struct snapshot_totals t;
	struct snapshot *s;
	char *dir = NULL;
	int rc;

	if (r->left.count == 0)
		return 0;
	s = resume(c, &clock, e);
	if (s == NULL)
		return -1;
	(void)fixture_put(s, fixture_page(urls[2], "z", NULL));
	rc = snapshot_seal(s, "complete", &t, &dir, e);
	if (rc == 0 && *dir != '\0')
		(void)fixture_check_sealed(dir);
	free(dir);
	return rc;
}

CASE(recovery_that_keeps_finishes_at_the_second_attempt_wherever_it_failed)
{
	struct collection *c = fixture_collection("keep");
	struct recover_report r = { 0 };
	struct error e = { 0 };
	int rc = -1;
	long n;

	for (n = 1; rc != 0 && n < 200; n++) {
		struct asked asked = { .answer = 1 };

		remove_tree("keep/snapshots/2026");
		make_cut(c, &e);
		file_fail_at(n);
		rc = recover(c, &asked, &r, &e);
		file_fail_at(0);
		recover_report_clear(&r);
		CHECK_OK(recover(c, &asked, &r, &e), &e);
		CHECK_INT(r.left.count, 1);
		CHECK_OK(go_on(c, &r, &e), &e);
		recover_report_clear(&r);
	}
	CHECK(n > 3 && n < 200);
	printf("# %ld calls\n", n - 2);
	collection_free(c);
}

CASE(going_on_that_fails_anywhere_loses_nothing)
{
	struct collection *c = fixture_collection("going");
	struct recover_report r = { 0 };
	struct buf text = { 0 };
	struct error e = { 0 };
	int rc = -1;
	long n;

	for (n = 1; rc != 0 && n < 1000; n++) {
		struct asked asked = { .answer = 1 };
		unsigned captured;

		remove_tree("going/snapshots/2026");
		make_cut(c, &e);
		CHECK_OK(recover(c, &asked, &r, &e), &e);
		file_fail_at(n);
		rc = go_on(c, &r, &e);
		file_fail_at(0);
		recover_report_clear(&r);
		/* Once more keeps it or finishes; then all is sealed. */
		CHECK_OK(recover(c, &asked, &r, &e), &e);
		recover_report_clear(&r);
		asked.answer = 0;
		CHECK_OK(recover(c, &asked, &r, &e), &e);
		CHECK_INT(r.left.count, 0);
		(void)fixture_check_sealed("going/" MONTH "/" NAME);
		fixture_read("going/" MONTH "/" NAME, "outcomes.jsonl", &text);
		captured = fixture_count(&text, "\"captured\"");
		CHECK(captured == 2 || captured == 3);
		CHECK(rc != 0 || captured == 3);
		CHECK_INT(fixture_count(&text, "\"not-tried\""), 1);
	}
	CHECK(n > 60 && n < 1000);
	printf("# %ld calls\n", n - 2);
	buf_clear(&text);
	collection_free(c);
}

CASE(what_recovery_did_not_leave_is_not_gone_on_with)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("not");
	struct error e = { 0 };

	CHECK(resume(c, &clock, &e) == NULL);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
	make_cut(c, &e);
	CHECK(resume(c, &clock, &e) == NULL);
	CHECK_INT(e.kind, ERROR_INTEGRITY);
	collection_free(c);
}

CASE(a_clock_that_stepped_back_does_not_date_a_run_before_the_one_it_follows)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("clock");
	struct asked asked = { .answer = 1 };
	struct snapshot_totals t;
	struct recover_report r;
	struct buf text = { 0 };
	struct error e = { 0 };
	struct snapshot *s = fixture_begin(c, &clock, &e);
	char *dir = NULL;

	put_page(s, urls[0], NULL);
	clock.us += QUARTER_US;
	CHECK_OK(snapshot_park(s, "complete", &e), &e);
	CHECK_OK(recover(c, &asked, &r, &e), &e);
	recover_report_clear(&r);
	clock.us -= 100 * (int64_t)QUARTER_US;
	s = resume(c, &clock, &e);
	put_page(s, urls[1], NULL);
	CHECK_OK(snapshot_seal(s, "complete", &t, &dir, &e), &e);
	(void)fixture_check_sealed(dir);
	fixture_read(dir, "report.json", &text);
	CHECK_INT(
	    fixture_count(&text, "{\"started\":\"2026-11-22T08:42:47"), 1);
	CHECK_INT(fixture_count(&text, "2026-11-21"), 0);
	free(dir);
	buf_clear(&text);
	collection_free(c);
}

/* A snapshot of one page, named after SITE, in C. */
static void
run_alone(struct collection *c, const char *site, int64_t us)
{
	struct fixture_clock clock = fixture_clock_at(us);
	const struct snapshot_options o = { .site = site, .kind = "capture" };
	struct snapshot_totals t;
	struct error e = { 0 };
	struct snapshot *s = snapshot_begin(c, &o, &clock.clock, &e);
	char *dir = NULL;

	put_page(s, urls[2], NULL);
	CHECK_OK(snapshot_seal(s, "complete", &t, &dir, &e), &e);
	free(dir);
}

static void
count_finding(void *context, const struct finding *f)
{
	printf("# %s: %s: %s\n", f->code, f->file, f->text);
	(*(unsigned *)context)++;
}

static int
want_none(void *context, const char *snapshot)
{
	(void)context;
	(void)snapshot;
	return 0;
}

/* Findings of the chain alone. */
static unsigned
chain_findings(const struct collection *c)
{
	unsigned found = 0;
	const struct verify_collection_options o = {
		.each_finding = count_finding,
		.want = want_none,
		.context = &found,
		.skip = (uint32_t)1 << CHECK_INDEX,
	};
	struct verify_collection_totals t = { 0 };
	struct error e = { 0 };

	CHECK_OK(verify_collection(c, &o, &t, &e), &e);
	return found;
}

CASE(the_chain_holds_when_one_is_sealed_behind_others_with_later_names)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("chain");
	struct asked asked = { .answer = 1 };
	struct recover_report r;
	struct buf text = { 0 };
	struct error e = { 0 };
	struct snapshot *s;

	run_alone(c, "first", fixture_start_us - QUARTER_US);
	s = fixture_begin(c, &clock, &e);
	put_page(s, urls[0], NULL);
	CHECK_OK(snapshot_park(s, "complete", &e), &e);
	run_alone(c, "b", fixture_start_us + QUARTER_US);
	run_alone(c, "c", fixture_start_us + 2 * (int64_t)QUARTER_US);
	asked.answer = 0;
	CHECK_OK(recover(c, &asked, &r, &e), &e);
	CHECK_INT(r.sealed, 1);
	fixture_read("chain/" MONTH "/" NAME, "report.json", &text);
	CHECK_INT(fixture_count(&text, "Z-c\""), 1);
	run_alone(c, "d", fixture_start_us + 3 * (int64_t)QUARTER_US);
	/* Also when the catalog is gone: reports are asked. */
	CHECK(unlink("chain/state/catalog.sqlite") == 0);
	run_alone(c, "e", fixture_start_us + 4 * (int64_t)QUARTER_US);
	CHECK_INT(chain_findings(c), 0);
	fixture_read(
	    "chain/" MONTH "/20261122T091247Z-d", "report.json", &text);
	CHECK_INT(fixture_count(&text, "\"snapshot\":\"" NAME "\""), 1);
	/* One put there is told still. */
	CHECK(rename("chain/" MONTH "/20261122T091247Z-d",
		  "chain/" MONTH "/20261122T091248Z-d") == 0);
	CHECK(chain_findings(c) > 0);
	buf_clear(&text);
	collection_free(c);
}

TESTS(T(the_chain_holds_when_one_is_sealed_behind_others_with_later_names),
    T(a_parked_snapshot_gone_on_with_is_one_that_tells_of_both_runs),
    T(a_parked_snapshot_that_none_goes_on_with_is_sealed_as_it_ended),
    T(a_parked_snapshot_without_an_exchange_is_removed),
    T(a_begin_cut_at_any_byte_leaves_the_run_before_as_it_ended),
    T(a_run_that_was_cut_off_is_gone_on_with_and_nothing_is_put_twice),
    T(a_page_fetched_anew_after_a_cut_is_told_anew),
    T(recovery_that_keeps_finishes_at_the_second_attempt_wherever_it_failed),
    T(going_on_that_fails_anywhere_loses_nothing),
    T(what_recovery_did_not_leave_is_not_gone_on_with),
    T(a_clock_that_stepped_back_does_not_date_a_run_before_the_one_it_follows))
