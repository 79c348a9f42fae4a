/* The listings of a snapshot's next generation. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/verify.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/output.h"
#include "core/base/text.h"
#include "core/collection/index_anew.h"
#include "core/collection/line_reader.h"
#include "core/collection/lines.h"
#include "core/collection/listing.h"
#include "core/collection/report.h"
#include "core/collection/snapshot.h"
#include "core/collection/withdraw_part.h"

#define ARTICLE_TYPE "application/vnd.holdfast.article+json"

/* Where a record lies now. */
struct new_place {
	uint64_t offset, length;
};

struct relisting {
	const struct withdraw_plan *plan;
	const char *from, *to;
	struct target_set known; /* ids: places in PLACES */
	struct new_place *places;
	size_t count, cap;
	struct snapshot_totals totals;
};

static void
each_record(void *context, const struct verified_record *r)
{
	struct relisting *l = context;

	l->totals.records++;
	l->totals.articles += strcmp(r->content_type, ARTICLE_TYPE) == 0;
	if (!target_set_add(&l->known, r->id, l->count))
		return;
	if (l->count == l->cap) {
		l->cap = l->cap == 0 ? 1024 : 2 * l->cap;
		l->places = mem_grow(l->places, l->cap, sizeof(*l->places));
	}
	l->places[l->count++] = (struct new_place){ r->offset, r->length };
}

static int
is_term(const struct withdraw_plan *p, const char *text)
{
	for (size_t i = 0; i < p->term_count; i++)
		if (strcmp(p->terms[i], text) == 0)
			return 1;
	return 0;
}

static int
is_erased(const struct withdraw_plan *p, const char *id)
{
	return id[0] != '\0' && target_set_find(&p->ids, id) != NULL;
}

/* TEXT, or its digest when it is a term. */
static const char *
hidden(const struct withdraw_plan *p, struct arena *a, const char *text)
{
	char hash[DIGEST_TEXT_MAX];

	if (!is_term(p, text))
		return text;
	withdrawn_hash(text, hash);
	return arena_text(a, hash);
}

/* ---- outcomes.jsonl ---- */

static int
relist_outcome(struct relisting *l, struct output *out, struct arena *a,
    const char *line, size_t len, struct error *e)
{
	const struct withdraw_plan *p = l->plan;
	const struct json *json = json_parse(a, line, len, e);
	const uint64_t *at;
	struct outcome_line o;
	struct buf again = { 0 };
	int rc;

	if (json == NULL)
		return -1;
	if (!outcome_line_read(&o, json))
		return error_set(e, ERROR_INTEGRITY, "a line is no outcome");
	if (is_erased(p, o.record) || is_term(p, o.url))
		return 0;
	o.run = (unsigned)json_int(json_get(json, "run"), 1);
	o.via = hidden(p, a, o.via);
	o.location = hidden(p, a, o.location);
	at = target_set_find(&l->known, o.record);
	if (o.record[0] != '\0' && at != NULL) {
		o.offset = (int64_t)l->places[*at].offset;
		o.length = (int64_t)l->places[*at].length;
	}
	report_count(&l->totals, o.outcome, o.record, o.bytes);
	outcome_line_write(&again, &o);
	buf_add_byte(&again, '\n');
	rc = output_add(out, again.data, again.len, e);
	buf_clear(&again);
	return rc;
}

static int
relist_outcomes(struct relisting *l, struct error *e)
{
	char *from = mem_format("%s/outcomes.jsonl", l->from);
	char *to = mem_format("%s/outcomes.jsonl", l->to);
	struct line_reader lines = { .fd = -1 };
	struct output out = { .fd = -1 };
	struct arena *a = arena_new();
	char *line;
	size_t len;
	int more = line_reader_open(&lines, from, e);

	if (more == 0)
		more = output_open(&out, to, e);
	if (more == 0)
		while ((more = line_reader_next(&lines, &line, &len, e)) == 1) {
			arena_reset(a);
			if (relist_outcome(l, &out, a, line, len, e) != 0) {
				more = -1;
				break;
			}
		}
	if (more == 0)
		more = output_finish(&out, e);
	output_clear(&out);
	line_reader_close(&lines);
	arena_free(a);
	free(from);
	free(to);
	return more;
}

/* ---- report.json ---- */

/* LIST without its terms: how many went. */
static int64_t
filter_list(const struct withdraw_plan *p, struct arena *a, struct json *page,
    const char *name)
{
	const struct json *list = json_get(page, name);
	struct json *kept = json_new_array(a);
	int64_t gone = 0;

	if (!json_is(list, JSON_KIND_ARRAY))
		return 0;
	for (size_t i = 0; i < json_count(list); i++) {
		struct json *v = json_at(list, i);
		const char *url = json_is(v, JSON_KIND_STRING)
				      ? json_text(v, "")
				      : json_text(json_get(v, "url"), "");

		if (is_term(p, url))
			gone++;
		else
			json_append(a, kept, v);
	}
	if (gone > 0)
		json_set(a, page, name, kept);
	return gone;
}

static void
lower(struct arena *a, struct json *counts, const char *name, int64_t by)
{
	const struct json *n = json_get(counts, name);

	if (n != NULL && by > 0)
		json_set_integer(a, counts, name, json_int(n, 0) - by);
}

static void
filter_page(const struct withdraw_plan *p, struct arena *a, struct json *page)
{
	static const char *const lists[] = { "captured", "failed",
		"out_of_scope" };
	struct json *counts = json_get(page, "counts");

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		int64_t gone = filter_list(p, a, page, lists[i]);

		lower(a, counts, lists[i], gone);
		lower(a, counts, "found", gone);
	}
}

/* What is left of a page's line, appended behind those before: nothing when
 * it tells of what is erased. */
static int
relist_page(struct relisting *l, struct buf *out, const char *line, size_t len,
    struct error *e)
{
	const struct withdraw_plan *p = l->plan;
	struct arena *a = arena_new();
	struct json *page = json_parse(a, line, len, e);
	int rc = page == NULL ? -1 : 0;

	if (page != NULL &&
	    !is_erased(p, json_text(json_get(page, "record"), "")) &&
	    !is_term(p, json_text(json_get(page, "url"), "")) &&
	    !is_term(p, json_text(json_get(page, "requested"), ""))) {
		if (l->totals.pages++ > 0)
			buf_add_byte(out, ',');
		buf_add_byte(out, '\n');
		l->totals.pages_incomplete += (uint64_t)!json_bool(
		    json_get(page, "complete"), 1);
		if (withdraw_tells(p, 0, line, len)) {
			filter_page(p, a, page);
			json_write(out, page);
		} else {
			buf_add(out, line, len);
		}
	}
	arena_free(a);
	return rc;
}

/* A line in front of the sums, with terms as their digests. */
static void
add_head_line(const struct withdraw_plan *p, struct buf *out, const char *line)
{
	while (*line != '\0') {
		size_t i = 0;

		for (; i < p->term_count; i++) {
			char *quoted = withdraw_quoted(p->terms[i]);
			size_t len = strlen(quoted);
			int here = text_starts(line, quoted) &&
				   withdraw_has_address(line,
				       strcspn(line + len, "\"") + len, quoted);
			char hash[DIGEST_TEXT_MAX];

			if (here) {
				withdrawn_hash(p->terms[i], hash);
				buf_add_text(out, hash);
				line += strlen(quoted);
			}
			free(quoted);
			if (here)
				break;
		}
		if (i == p->term_count)
			buf_add_byte(out, (uint8_t)*line++);
	}
	buf_add_byte(out, '\n');
}

static int
read_report(struct relisting *l, const char *path, struct buf *head,
    struct buf *pages, struct error *e)
{
	struct line_reader lines = { .fd = -1 };
	int in_pages = 0;
	char *line;
	size_t len;
	int more = line_reader_open(&lines, path, e);

	while (more >= 0 &&
	       (more = line_reader_next(&lines, &line, &len, e)) > 0) {
		if (text_starts(line, "\"totals\":"))
			continue;
		if (!in_pages && text_starts(line, "\"pages\":[")) {
			in_pages = line[len - 1] != ']';
			continue;
		}
		if (!in_pages) {
			if (strcmp(line, "}") != 0)
				add_head_line(l->plan, head, line);
			continue;
		}
		in_pages = line[len - 1] != ']';
		if (relist_page(l, pages, line, len - 1, e) != 0)
			more = -1;
	}
	line_reader_close(&lines);
	return more;
}

static int
relist_report(struct relisting *l, struct error *e)
{
	char *from = mem_format("%s/report.json", l->from);
	char *to = mem_format("%s/report.json", l->to);
	struct buf out = { 0 };
	struct buf pages = { 0 };
	int rc = read_report(l, from, &out, &pages, e);

	if (rc == 0) {
		buf_cut(&out, out.len - strlen(",\n"));
		report_add_totals(&out, &l->totals);
		buf_add_text(&out, ",\n\"pages\":[");
		buf_add(&out, pages.data, pages.len);
		buf_add_text(&out, "]\n}\n");
		rc = file_put(to, out.data, out.len, e);
	} else {
		(void)error_within(e, "%s", from);
	}
	buf_clear(&pages);
	buf_clear(&out);
	free(from);
	free(to);
	return rc;
}

static int
add_size(void *context, const char *name, int is_regular, struct error *e)
{
	struct relisting *l = context;
	char *path = mem_format("%s/%s", l->to, name);
	uint64_t size = 0;
	int rc = 0;

	(void)is_regular;
	if (text_starts(name, "records/") || text_starts(name, "derived/"))
		rc = file_size(path, &size, e);
	l->totals.archive_bytes += size;
	free(path);
	return rc;
}

int
withdraw_listings(const struct withdraw_plan *p, const char *from,
    const char *to, struct error *e)
{
	struct relisting l = { .plan = p, .from = from, .to = to };
	int rc = index_anew(to, each_record, &l, e);

	if (rc == 0)
		rc = listing_articles(to, e);
	if (rc == 0)
		rc = relist_outcomes(&l, e);
	if (rc == 0)
		rc = file_walk(to, add_size, &l, e);
	if (rc == 0)
		rc = relist_report(&l, e);
	target_set_clear(&l.known);
	free(l.places);
	return rc;
}
