/* Revisit records of a snapshot being written, and what follows from them. */
#include "core/collection/verify_collection.h"

#include <unistd.h>

#include "tests/unit/revisit_fixture.h"

static void
see(void *context, const struct finding *f)
{
	int *count = context;

	if (f->severity < SEVERITY_WARNING)
		return;
	(*count)++;
	printf("# %s %s: %s\n", f->code, f->file, f->text);
}

/* How many findings of weight verify has about the collection. */
static int
findings(const struct collection *c)
{
	int count = 0;
	const struct verify_collection_options o = { .each_finding = see,
		.context = &count };
	struct verify_collection_totals totals = { 0 };
	struct error e = { 0 };

	CHECK_OK(verify_collection(c, &o, &totals, &e), &e);
	return count;
}

CASE(a_payload_met_again_in_a_run_becomes_a_revisit)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("again");
	struct snapshot *s = begin(c, &clock, 1);
	struct snapshot_totals t;
	struct arena *a = arena_new();
	char body[BODY + 1];
	char other[BODY + 1];
	const struct json *first;
	const struct json *o;
	struct buf index = { 0 };
	struct error e = { 0 };
	uint64_t ticket;
	char *dir;

	fill(body, 0);
	fill(other, 1);
	(void)put(
	    s, picture("https://n.example/a.png", body, BODY), "image", NULL);
	(void)put(
	    s, picture("https://n.example/b.png", body, BODY), "image", NULL);
	ticket = put(
	    s, picture("https://n.example/c.png", other, BODY), "image", NULL);
	CHECK_OK(fixture_wait(s, ticket, &e), &e);
	/* The original lies in an earlier group now. */
	(void)put(
	    s, picture("https://n.example/d.png", body, BODY), "image", NULL);
	dir = seal(s, &t);
	CHECK_INT(t.by_outcome[OUTCOME_CAPTURED], 2);
	CHECK_INT(t.by_outcome[OUTCOME_REVISIT], 2);
	CHECK_INT(t.good, 4);
	first = line_of(a, dir, 0);
	for (unsigned i = 1; i < 4; i += 2) {
		o = line_of(a, dir, i);
		CHECK_TEXT(text_of(o, "outcome"), "revisit");
		CHECK_TEXT(text_of(o, "digest"), text_of(first, "digest"));
		CHECK_INT(json_int(json_get(o, "bytes"), -1), BODY);
		CHECK_INT(json_int(json_get(o, "status"), -1), 200);
		CHECK(json_is(json_get(o, "payload_offset"), JSON_KIND_NULL));
	}
	fixture_read(dir, "index.cdxj", &index);
	CHECK_INT(fixture_count(&index, "warc/revisit"), 2);
	CHECK_INT(fixture_count(&index, text_of(first, "digest")), 3);
	CHECK_INT(findings(c), 0);
	buf_clear(&index);
	arena_free(a);
	free(dir);
	collection_free(c);
}

CASE(pages_short_payloads_and_failures_are_kept_in_full)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("full");
	struct snapshot *s = begin(c, &clock, 1);
	struct snapshot_totals t;
	char body[BODY + 1];
	struct exchange *x;
	char *dir;

	fill(body, 0);
	(void)put(s, picture("https://n.example/1", body, BODY), "page", NULL);
	(void)put(s, picture("https://n.example/2", body, BODY), "page", NULL);
	(void)put(s, picture("https://n.example/3", body, 100), "image", NULL);
	(void)put(s, picture("https://n.example/4", body, 100), "image", NULL);
	x = picture("https://n.example/5", body, 2000);
	x->truncated = TRUNCATED_DISCONNECT;
	x->outcome = OUTCOME_TRUNCATED_DISCONNECT;
	(void)put(s, x, "image", NULL);
	/* Never of one that was cut. */
	(void)put(s, picture("https://n.example/6", body, 2000), "image", NULL);
	x = picture("https://n.example/7", body, 2000);
	x->outcome = OUTCOME_NOT_FOUND;
	x->status = 404;
	(void)put(s, x, "image", NULL);
	dir = seal(s, &t);
	CHECK_INT(t.by_outcome[OUTCOME_REVISIT], 0);
	CHECK_INT(t.by_outcome[OUTCOME_CAPTURED], 5);
	free(dir);
	collection_free(c);
}

CASE(revisits_are_written_only_when_asked_for)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("off");
	struct snapshot *s = begin(c, &clock, 0);
	struct snapshot_totals t;
	char body[BODY + 1];
	char *dir;

	fill(body, 0);
	(void)put(
	    s, picture("https://n.example/a.png", body, BODY), "image", NULL);
	(void)put(
	    s, picture("https://n.example/b.png", body, BODY), "image", NULL);
	dir = seal(s, &t);
	CHECK_INT(t.by_outcome[OUTCOME_CAPTURED], 2);
	CHECK_INT(findings(c), 0);
	free(dir);
	collection_free(c);
}

/* Snapshots of one image: in full, then what X is, with its original. */
struct two {
	struct collection *c;
	struct fixture_clock clock;
	struct arena *a;
	struct original original;
	char body[BODY + 1];
	char *first, *second;
	struct snapshot_totals t;
};

static void
two_begin(struct two *w, const char *name)
{
	const struct json *o;
	struct snapshot *s;

	*w = (struct two){ .clock = fixture_clock_at(fixture_start_us),
		.c = fixture_collection(name),
		.a = arena_new() };
	fill(w->body, 3);
	s = begin(w->c, &w->clock, 1);
	(void)put(s, picture("https://n.example/a.png", w->body, BODY), "image",
	    NULL);
	w->first = seal(s, &w->t);
	o = line_of(w->a, w->first, 0);
	w->original = (struct original){
		.record_id = text_of(o, "record"),
		.url = text_of(o, "url"),
		.date = text_of(o, "time"),
		.payload_digest = text_of(o, "digest"),
		.payload_len = BODY,
	};
	w->clock.us += 60000000;
}

static void
two_put(struct two *w, struct exchange *x, const struct original *original)
{
	struct snapshot *s = begin(w->c, &w->clock, 1);

	x->started_us = w->clock.us + 2000;
	(void)put(s, x, "image", original);
	w->second = seal(s, &w->t);
}

static void
two_end(struct two *w)
{
	free(w->first);
	free(w->second);
	arena_free(w->a);
	collection_free(w->c);
}

CASE(not_modified_refers_to_the_earlier_snapshot)
{
	struct two w;
	const struct json *o;
	struct captured found;
	struct snapshot *s;
	struct error e = { 0 };

	two_begin(&w, "notmodified");
	s = begin(w.c, &w.clock, 1);
	CHECK_OK(fixture_wait(s,
		     put(s, unchanged("https://n.example/a.png"), "image",
			 &w.original),
		     &e),
	    &e);
	CHECK(snapshot_find(s, "https://n.example/a.png", w.a, &found));
	CHECK_INT(found.outcome, OUTCOME_NOT_MODIFIED);
	CHECK_TEXT(found.payload_digest, w.original.payload_digest);
	CHECK_INT(found.bytes, BODY);
	w.second = seal(s, &w.t);
	CHECK_INT(w.t.by_outcome[OUTCOME_NOT_MODIFIED], 1);
	CHECK_INT(w.t.good, 1);
	o = line_of(w.a, w.second, 0);
	CHECK_TEXT(text_of(o, "outcome"), "not-modified");
	CHECK_INT(json_int(json_get(o, "status"), -1), 304);
	CHECK_INT(findings(w.c), 0);
	two_end(&w);
}

CASE(an_equal_payload_refers_to_the_earlier_snapshot)
{
	struct two w;
	struct exchange *x;

	two_begin(&w, "identical");
	/* Under another URL: the original is looked for by its own. */
	x = picture("https://n.example/alias.png", w.body, BODY);
	x->outcome = OUTCOME_REVISIT;
	two_put(&w, x, &w.original);
	CHECK_INT(w.t.by_outcome[OUTCOME_REVISIT], 1);
	CHECK_INT(findings(w.c), 0);
	two_end(&w);
}

CASE(not_modified_without_an_original_is_the_response_it_is)
{
	struct two w;
	struct buf index = { 0 };

	two_begin(&w, "unasked");
	two_put(&w, unchanged("https://n.example/a.png"), NULL);
	fixture_read(w.second, "index.cdxj", &index);
	CHECK_INT(fixture_count(&index, "warc/revisit"), 0);
	CHECK_INT(fixture_count(&index, "\"status\": \"304\""), 1);
	CHECK_INT(findings(w.c), 0);
	buf_clear(&index);
	two_end(&w);
}

CASE(verify_finds_revisits_without_a_true_original)
{
	struct two w;
	struct original wrong;
	struct exchange *x;

	two_begin(&w, "dangling");
	wrong = w.original;
	wrong.record_id = "urn:uuid:00000000-0000-8000-8000-000000000000";
	two_put(&w, unchanged("https://n.example/a.png"), &wrong);
	CHECK_INT(findings(w.c), 1);
	two_end(&w);
	/* It is there, and holds something else. */
	two_begin(&w, "another");
	wrong = w.original;
	wrong.payload_digest = "sha256:00000000000000000000000000000000000000"
			       "00000000000000000000000000";
	x = picture("https://n.example/b.png", w.body, BODY);
	x->outcome = OUTCOME_REVISIT;
	two_put(&w, x, &wrong);
	CHECK_INT(findings(w.c), 1);
	two_end(&w);
}

static int
keep_all(void *context, const struct open_capture *o)
{
	(void)context;
	(void)o;
	return 1;
}

/* Run 1 of a snapshot holds a picture and is parked, or cut off before the
 * picture was durable; run 2 gets it under another address. */
static void
over_two_runs(const char *name, int is_torn)
{
	const struct recover_options ro = { .keep = keep_all };
	const struct snapshot_options so = {
		.site = "web", .kind = "capture", .revisits = 1
	};
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection(name);
	struct snapshot *s = begin(c, &clock, 1);
	char *snapshot = mem_text(snapshot_name(s));
	char *journal = mem_format(
	    "%s/snapshots/2026/11/%s.journal", name, snapshot);
	struct recover_report r;
	struct snapshot_totals t;
	char body[BODY + 1];
	uint64_t whole = 0;
	struct error e = { 0 };
	uint64_t ticket;
	char *dir;

	fill(body, 0);
	ticket = put(
	    s, picture("https://n.example/1", body, 100), "image", NULL);
	CHECK_OK(fixture_wait(s, ticket, &e), &e);
	CHECK(file_size(journal, &whole, NULL) == 0);
	ticket = put(
	    s, picture("https://n.example/a.png", body, BODY), "image", NULL);
	CHECK_OK(fixture_wait(s, ticket, &e), &e);
	if (is_torn) {
		snapshot_abandon(s);
		CHECK(truncate(journal, (off_t)whole + 200) == 0);
	} else {
		CHECK_OK(snapshot_park(s, "complete", &e), &e);
	}
	clock.us += 60000000;
	CHECK_OK(collection_recover(c, &clock.clock, &ro, &r, &e), &e);
	CHECK_INT(r.left.count, 1);
	recover_report_clear(&r);
	s = snapshot_resume(c, snapshot, &so, &clock.clock, &e);
	CHECK(s != NULL);
	(void)put(
	    s, picture("https://n.example/b.png", body, BODY), "image", NULL);
	dir = seal(s, &t);
	CHECK_INT(t.by_outcome[OUTCOME_REVISIT], !is_torn);
	CHECK_INT(t.by_outcome[OUTCOME_CAPTURED], 2);
	CHECK_INT(findings(c), 0);
	free(dir);
	free(journal);
	free(snapshot);
	collection_free(c);
}

CASE(a_payload_of_an_earlier_run_of_the_snapshot_becomes_a_revisit)
{
	over_two_runs("runs", 0);
}

CASE(what_a_cut_off_run_did_not_make_durable_is_no_original)
{
	over_two_runs("torn", 1);
}

TESTS(T(a_payload_met_again_in_a_run_becomes_a_revisit),
    T(pages_short_payloads_and_failures_are_kept_in_full),
    T(revisits_are_written_only_when_asked_for),
    T(not_modified_refers_to_the_earlier_snapshot),
    T(an_equal_payload_refers_to_the_earlier_snapshot),
    T(not_modified_without_an_original_is_the_response_it_is),
    T(verify_finds_revisits_without_a_true_original),
    T(a_payload_of_an_earlier_run_of_the_snapshot_becomes_a_revisit),
    T(what_a_cut_off_run_did_not_make_durable_is_no_original))
