/* report.json: whose it is, its pages, its sums. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"
#include "core/collection/report.h"
#include "core/collection/verify_part.h"
#include "core/web/exchange.h"

static const char report_name[] = "report.json";

static const char *
text_of(const struct snapshot_check *s, const char *name)
{
	return json_text(json_get(s->report, name), "");
}

static void
say_differs(struct snapshot_check *s, const char *name, const char *expected)
{
	check_say(s, SEVERITY_CHANGED, "report", report_name, 0, "",
	    "%s is %s, not %s", name, text_of(s, name), expected);
}

/* Whose snapshot it is, and which. Its name is that of its folder. */
static void
check_place(struct snapshot_check *s)
{
	const char *name = verify_place_name(&s->place);

	/* Alone it may lie anywhere. */
	if (s->collection == NULL)
		return;
	if (strcmp(text_of(s, "snapshot"), name) != 0)
		say_differs(s, "snapshot", name);
	if (strcmp(s->collection_id, s->collection->id) != 0)
		say_differs(s, "collection", s->collection->id);
}

/* Records that were imported though their digests were wrong. */
static void
add_marked(struct snapshot_check *s)
{
	const struct json *files = json_get(
	    json_get(s->report, "run"), "files");

	for (size_t i = 0; i < json_count(files); i++) {
		const struct json *ids = json_get(json_at(files, i), "marked");

		for (size_t k = 0; k < json_count(ids); k++)
			(void)target_set_add(
			    &s->marked, json_text(json_at(ids, k), ""), 0);
	}
}

/* NULL with the error. */
static struct json *
read_report(struct snapshot_check *s,
    int (*each)(void *context, const struct json *page, uint64_t offset),
    struct error *e)
{
	struct line_reader lines;
	struct json *report;

	if (verify_place_lines(&s->place, report_name, &lines, e) != 0)
		return NULL;
	report = report_read_lines(s->arena, &lines, each, s, e);
	line_reader_close(&lines);
	return report;
}

int
check_report(struct snapshot_check *s, struct error *e)
{
	struct error why = { 0 };

	s->report = read_report(s, NULL, &why);
	if (s->report == NULL) {
		if (why.kind == ERROR_SYSTEM)
			return error_set(e, why.kind, "%s", why.text);
		if (why.kind != ERROR_NOTFOUND)
			check_say(s, SEVERITY_CHANGED, "report", report_name, 0,
			    "", "%s", why.text);
		return 0;
	}
	s->collection_id = text_of(s, "collection");
	s->kind = text_of(s, "kind");
	s->is_selection = strcmp(s->kind, "selection") == 0;
	s->is_import = strcmp(s->kind, "import") == 0 ||
		       (s->is_selection &&
			   json_bool(
			       json_get(json_get(s->report, "run"), "imported"),
			       0));
	if (s->is_import)
		add_marked(s);
	check_place(s);
	return 0;
}

uint32_t
check_run(const struct snapshot_check *s, const struct json *o)
{
	int64_t run = json_int(json_get(o, "run"), 1);
	size_t count = json_count(json_get(s->report, "runs"));

	if (s->report == NULL)
		count = UINT32_MAX;
	return run < 1 || (run > 1 && (uint64_t)run > count) ? 0
							     : (uint32_t)run;
}

static void
say_page(struct snapshot_check *s, uint64_t offset, const char *record,
    const char *text, const char *what)
{
	if (check_may_say(s, report_name))
		check_say(s, SEVERITY_CHANGED, "report-page", report_name,
		    offset, record, "%s%s", text, what);
}

/* A URL that a page needs: it has an outcome, and that one, as check_facts
 * will see. */
static void
check_need(struct snapshot_check *s, const char *url, const char *outcome,
    const struct page_place *p)
{
	enum outcome told;
	int is_told = outcome[0] != '\0';

	if (is_told && !outcome_find(outcome, &told)) {
		say_page(s, p->offset, p->record, "no outcome: ", outcome);
		is_told = 0;
	}
	fact_need(s, url, p, is_told ? (int)told : OUTCOME_COUNT);
}

static int
each_page(void *context, const struct json *page, uint64_t offset)
{
	static const char *const lists[] = { "captured", "failed",
		"out_of_scope" };
	struct snapshot_check *s = context;
	const char *record = json_text(json_get(page, "record"), "");
	const struct json *counts = json_get(page, "counts");
	const struct page_place place = { offset, check_run(s, page), record };

	s->pages++;
	s->pages_incomplete += (uint64_t)!json_bool(
	    json_get(page, "complete"), 1);
	if (place.run == 0)
		say_page(s, offset, record, "is of a run that is not told", "");
	check_need(s, json_text(json_get(page, "url"), ""),
	    json_text(json_get(page, "outcome"), ""), &place);
	if (record[0] != '\0')
		fact_reference(s, REFER_PAGE, record, offset, "", "", "");
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const struct json *list = json_get(page, lists[i]);

		if (counts != NULL && json_int(json_get(counts, lists[i]), 0) !=
					  (int64_t)json_count(list))
			say_page(s, offset, record,
			    "its list is not as long as counted: ", lists[i]);
		for (size_t k = 0; k < json_count(list); k++) {
			const struct json *o = json_at(list, k);
			int is_text = json_is(o, JSON_KIND_STRING);

			check_need(s,
			    is_text ? json_text(o, "")
				    : json_text(json_get(o, "url"), ""),
			    is_text ? ""
				    : json_text(json_get(o, "outcome"), ""),
			    &place);
		}
	}
	return 0;
}

static void
check_total(struct snapshot_check *s, const struct json *totals,
    const char *name, uint64_t value)
{
	int64_t told = json_int(json_get(totals, name), 0);

	if (told != (int64_t)value)
		check_say(s, SEVERITY_CHANGED, "report-total", report_name, 0,
		    "", "%s is %jd, there are %ju", name, (intmax_t)told,
		    (uintmax_t)value);
}

int
check_totals(struct snapshot_check *s, struct error *e)
{
	const struct json *totals = json_get(s->report, "totals");
	const struct json *by_outcome = json_get(totals, "by_outcome");
	(void)e;
	if (s->report == NULL)
		return 0;
	(void)read_report(s, each_page, NULL);
	/* Sums over what is known to be changed tell nothing. */
	if (!check_is_changed(s, "outcomes.jsonl")) {
		check_total(s, totals, "targets", s->targets);
		check_total(s, totals, "good", s->good);
		check_total(s, totals, "left_out", s->left_out);
		check_total(s, totals, "failed", s->failed);
		check_total(s, totals, "payload_bytes", s->payload_bytes);
		for (int i = 0; i < OUTCOME_COUNT; i++)
			check_total(s, by_outcome,
			    outcome_name((enum outcome)i), s->by_outcome[i]);
	}
	if (!s->records_are_changed) {
		check_total(s, totals, "records", s->records);
		check_total(s, totals, "archive_bytes", s->archive_bytes);
		check_total(s, totals, "articles", s->article_count);
	}
	check_total(s, totals, "pages", s->pages);
	check_total(s, totals, "pages_incomplete", s->pages_incomplete);
	return 0;
}
