/* One page from its seed to its completeness. */
#include "core/base/limits.h"
#include "core/crawl/job.h"
#include "tests/unit/snapshot_fixture.h"

#define PAGE "https://news.example/a"

static const struct wanted wanted = {
	.url = PAGE, .via = "", .hops = "", .links = ""
};

/* A snapshot with the page and what became of its requisites. */
struct desk {
	struct collection *collection;
	struct fixture_clock clock;
	struct connection *connection;
	struct snapshot *snapshot;
	uint64_t last;
};

static void
desk_open(struct desk *d)
{
	struct error e = { 0 };
	static int number;
	char *dir = mem_format("c%d", number++);

	d->clock = fixture_clock_at(fixture_start_us);
	d->collection = fixture_collection(dir);
	d->connection = fixture_connection(1);
	d->snapshot = fixture_begin(d->collection, &d->clock, &e);
	CHECK(d->snapshot != NULL);
	d->last = fixture_put(
	    d->snapshot, fixture_page(PAGE, "<p>text", d->connection));
	free(dir);
}

/* URL answers with STATUS; a redirect leads to LOCATION. */
static void
desk_answer(
    struct desk *d, const char *url, unsigned status, const char *location)
{
	const struct fixture_response r = {
		.url = url,
		.status = status,
		.head = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n",
		.body = url,
		.len = strlen(url),
		.content_type = "image/png",
	};
	struct exchange *x = fixture_exchange(&r, d->connection);

	fixture_text(&x->location, location);
	d->last = fixture_put(d->snapshot, x);
}

static void
desk_leave_out(struct desk *d, const char *url, enum outcome outcome)
{
	struct capture_facts f = fixture_facts("requisite");

	d->last = snapshot_outcome(d->snapshot, url, outcome, "", -1, &f);
}

/* Settle J and seal; report.json is returned, parsed in A. */
static struct json *
desk_close(struct desk *d, struct job *j, int *is_complete, struct arena *a)
{
	struct snapshot_totals totals;
	struct error e = { 0 };
	struct json *report;
	struct buf text = { 0 };
	struct captured page = { .outcome = OUTCOME_NOT_TRIED };
	uint64_t ticket = 0;
	char *dir = NULL;

	CHECK_OK(fixture_wait(d->snapshot, d->last, &e), &e);
	*is_complete = job_settle(j, d->snapshot, &page, &ticket);
	CHECK_INT(page.outcome, OUTCOME_CAPTURED);
	CHECK(ticket > d->last);
	CHECK_OK(snapshot_seal(d->snapshot, "complete", &totals, &dir, &e), &e);
	fixture_read(dir, "report.json", &text);
	report = json_parse(a, buf_text(&text), text.len, &e);
	CHECK(report != NULL);
	buf_clear(&text);
	free(dir);
	connection_free(d->connection);
	collection_free(d->collection);
	return json_at(json_get(report, "pages"), 0);
}

static int64_t
count_of(const struct json *page, const char *name)
{
	return json_int(json_get(json_get(page, "counts"), name), -1);
}

CASE(a_new_job_is_fetching_its_seed)
{
	struct job *j = job_new(PAGE, &wanted);

	CHECK_TEXT(j->seed, PAGE);
	CHECK_TEXT(j->url, PAGE);
	CHECK_INT(j->state, JOB_FETCHING);
	CHECK_INT(j->redirect_count, 0);
	CHECK(j->redirects[0] == NULL);
	job_free(j);
}

CASE(redirects_are_remembered_in_order_and_bounded)
{
	struct job *j = job_new(PAGE, &wanted);

	job_redirect(j, PAGE "/1");
	job_redirect(j, PAGE "/2");
	CHECK_TEXT(j->seed, PAGE);
	CHECK_TEXT(j->url, PAGE "/2");
	CHECK_TEXT(j->redirects[0], PAGE);
	CHECK_TEXT(j->redirects[1], PAGE "/1");
	CHECK(j->redirects[2] == NULL);
	for (int i = 0; i < 3 * LIMIT_REDIRECTS; i++)
		job_redirect(j, PAGE "/more");
	CHECK(j->redirect_count <= LIMIT_REDIRECTS + 1);
	CHECK(j->redirects[j->redirect_count] == NULL);
	job_free(j);
}

CASE(a_candidate_is_taken_once_and_may_become_required)
{
	struct job *j = job_new(PAGE, &wanted);

	CHECK_INT(job_need(j, PAGE "/i", LINK_META_IMAGE, "og:image", 0), 1);
	CHECK_INT(job_need(j, PAGE "/i", LINK_IMAGE, "img@src", 1), 0);
	CHECK_INT(job_need(j, PAGE "/i", LINK_IMAGE, "img@src", 0), 0);
	CHECK_INT(j->candidate_count, 1);
	CHECK_INT(j->candidates[0].kind, LINK_META_IMAGE);
	CHECK_TEXT(j->candidates[0].where, "og:image");
	CHECK_INT(j->candidates[0].required, 1);
	job_free(j);
}

CASE(ten_thousand_candidates_stay_apart)
{
	struct job *j = job_new(PAGE, &wanted);
	unsigned again = 0;

	for (int round = 0; round < 2; round++)
		for (unsigned i = 0; i < 10000; i++) {
			char *url = mem_format(PAGE "/%u", i);

			again += (unsigned)!job_need(j, url, LINK_IMAGE, "", 0);
			free(url);
		}
	CHECK_INT(j->candidate_count, 10000);
	CHECK_INT(again, 10000);
	CHECK_TEXT(j->candidates[9999].url, PAGE "/9999");
	job_free(j);
}

CASE(a_reading_is_taken_apart)
{
	static const char text[] =
	    "{\"article\":{\"headline\":\"H\"},\"images\":[{\"url\":\"u\"}],"
	    "\"pagestate\":null,\"reason\":\"\",\"status\":\"ok\"}";
	struct job *j = job_new(PAGE, &wanted);
	struct error e = { 0 };

	CHECK_OK(job_take_reading(j, text, strlen(text), &e), &e);
	CHECK_TEXT(j->extraction, "ok");
	CHECK_TEXT(json_text(json_get(j->article, "headline"), ""), "H");
	CHECK_INT(json_count(j->images), 1);
	CHECK(j->pagestate == NULL);
	job_free(j);
}

CASE(a_reading_that_is_none_is_refused)
{
	static const char *const texts[] = { "", "{", "{\"status\":\"ok\"",
		"\x80", "{\"status\":\"ok\"} {}" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct job *j = job_new(PAGE, &wanted);
		struct error e = { 0 };

		CHECK_INT(
		    job_take_reading(j, texts[i], strlen(texts[i]), &e), -1);
		CHECK(e.text[0] != '\0');
		CHECK(j->article == NULL);
		job_free(j);
	}
}

/* Well formed, but of other types than agreed: nothing is believed. */
CASE(a_reading_of_wrong_types_is_a_failed_one)
{
	static const char text[] =
	    "{\"article\":[1],\"images\":{},\"pagestate\":\"x\",\"status\":3}";
	struct job *j = job_new(PAGE, &wanted);
	struct error e = { 0 };

	CHECK_OK(job_take_reading(j, text, strlen(text), &e), &e);
	CHECK_TEXT(j->extraction, "failed");
	CHECK(j->article == NULL && j->pagestate == NULL && j->images == NULL);
	job_free(j);
}

CASE(a_page_with_all_its_images_is_complete_and_the_sums_balance)
{
	struct job *j = job_new(PAGE, &wanted);
	struct arena *a = arena_new();
	struct json *page;
	struct desk d;
	int is_complete;

	desk_open(&d);
	desk_answer(&d, PAGE "/ok.png", 200, "");
	desk_answer(&d, PAGE "/lost.css", 404, "");
	desk_leave_out(&d, PAGE "/clip.mp4", OUTCOME_OUT_OF_SCOPE_MEDIA);
	(void)job_need(j, PAGE "/ok.png", LINK_IMAGE, "img@src", 1);
	(void)job_need(j, PAGE "/lost.css", LINK_STYLESHEET, "link", 0);
	(void)job_need(j, PAGE "/clip.mp4", LINK_MEDIA, "video@src", 0);
	(void)job_need(j, PAGE "/unheard-of", LINK_SCRIPT, "script@src", 0);
	page = desk_close(&d, j, &is_complete, a);
	CHECK_INT(is_complete, 1);
	CHECK_TEXT(json_text(json_get(page, "url"), ""), PAGE);
	CHECK(json_bool(json_get(page, "complete"), 0));
	CHECK_INT(count_of(page, "found"), 4);
	CHECK_INT(count_of(page, "captured"), 1);
	CHECK_INT(count_of(page, "failed"), 2);
	CHECK_INT(count_of(page, "out_of_scope"), 1);
	CHECK_TEXT(
	    json_text(
		json_get(json_at(json_get(page, "failed"), 0), "outcome"), ""),
	    "not-found");
	CHECK_TEXT(
	    json_text(
		json_get(json_at(json_get(page, "failed"), 1), "outcome"), ""),
	    "not-tried");
	job_free(j);
	arena_free(a);
}

CASE(a_missing_required_image_makes_the_page_incomplete)
{
	struct job *j = job_new(PAGE, &wanted);
	struct arena *a = arena_new();
	struct json *page;
	struct desk d;
	int is_complete;

	desk_open(&d);
	desk_answer(&d, PAGE "/lost.png", 404, "");
	(void)job_need(j, PAGE "/lost.png", LINK_IMAGE, "img@src", 1);
	page = desk_close(&d, j, &is_complete, a);
	CHECK_INT(is_complete, 0);
	CHECK(!json_bool(json_get(page, "complete"), 1));
	CHECK(json_bool(
	    json_get(json_at(json_get(page, "failed"), 0), "required"), 0));
	job_free(j);
	arena_free(a);
}

CASE(an_image_behind_redirects_counts_by_where_they_end)
{
	struct job *j = job_new(PAGE, &wanted);
	struct arena *a = arena_new();
	struct json *page;
	struct desk d;
	int is_complete;

	desk_open(&d);
	desk_answer(&d, PAGE "/r", 302, PAGE "/r2");
	desk_answer(&d, PAGE "/r2", 302, PAGE "/end.png");
	desk_answer(&d, PAGE "/end.png", 200, "");
	desk_answer(&d, PAGE "/gone", 302, PAGE "/nothing");
	desk_answer(&d, PAGE "/nothing", 404, "");
	desk_answer(&d, PAGE "/nowhere", 302, "");
	desk_answer(&d, PAGE "/loop", 302, PAGE "/loop");
	(void)job_need(j, PAGE "/r", LINK_IMAGE, "img@src", 1);
	(void)job_need(j, PAGE "/gone", LINK_IMAGE, "img@src", 0);
	(void)job_need(j, PAGE "/nowhere", LINK_IMAGE, "img@src", 0);
	(void)job_need(j, PAGE "/loop", LINK_IMAGE, "img@src", 0);
	page = desk_close(&d, j, &is_complete, a);
	CHECK_INT(is_complete, 1);
	CHECK_INT(count_of(page, "captured"), 1);
	CHECK_INT(count_of(page, "failed"), 3);
	job_free(j);
	arena_free(a);
}

TESTS(T(a_new_job_is_fetching_its_seed),
    T(redirects_are_remembered_in_order_and_bounded),
    T(a_candidate_is_taken_once_and_may_become_required),
    T(ten_thousand_candidates_stay_apart), T(a_reading_is_taken_apart),
    T(a_reading_that_is_none_is_refused),
    T(a_reading_of_wrong_types_is_a_failed_one),
    T(a_page_with_all_its_images_is_complete_and_the_sums_balance),
    T(a_missing_required_image_makes_the_page_incomplete),
    T(an_image_behind_redirects_counts_by_where_they_end))
