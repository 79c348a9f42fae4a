/*
 * Index and pages of a WACZ against its records: what each says goes through
 * a sorter, so that memory does not grow with them.
 *
 * Records: FILE NUL OFFSET KIND, then as KIND says: 'a' of a record, 'b' of an
 * index line. Pages: URL NUL TIME KIND, 'a' of an index line, 'b' of a page.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/collection/verify_wacz_part.h"

enum { OFFSET_DIGITS = 16, TIME_DIGITS = 14 };

/* ---- what is noted ---- */

static void
add_text(struct buf *out, const char *text)
{
	buf_add(out, text, strlen(text) + 1);
}

int
wacz_put_note(
    struct wacz_check *w, int kind, const struct wacz_note *n, struct error *e)
{
	struct buf b = { 0 };
	int rc;

	add_text(&b, n->file);
	buf_format(&b, "%016" PRIx64 "%c%d%d%016" PRIx64, n->offset, kind,
	    n->has_length, n->is_wanted, n->length);
	buf_format(&b, "%.14s", n->time);
	buf_add_byte(&b, '\0');
	add_text(&b, n->digest);
	add_text(&b, n->where);
	add_text(&b, n->url);
	rc = sorter_add(w->records, b.data, b.len, e);
	buf_clear(&b);
	return rc;
}

/* A note as put_note wrote it; texts lie in P. */
static char
get_note(const uint8_t *p, struct wacz_note *n)
{
	const char *s = (const char *)p;
	const char *at = s + strlen(s) + 1;
	char hex[OFFSET_DIGITS + 1] = "";
	char kind = at[OFFSET_DIGITS];

	n->file = s;
	memcpy(hex, at, OFFSET_DIGITS);
	n->offset = strtoull(hex, NULL, 16);
	n->has_length = at[OFFSET_DIGITS + 1] == '1';
	n->is_wanted = at[OFFSET_DIGITS + 2] == '1';
	at += OFFSET_DIGITS + 3;
	memcpy(hex, at, OFFSET_DIGITS);
	n->length = strtoull(hex, NULL, 16);
	n->time = at + OFFSET_DIGITS;
	n->digest = n->time + strlen(n->time) + 1;
	n->where = n->digest + strlen(n->digest) + 1;
	n->url = n->where + strlen(n->where) + 1;
	return kind;
}

int
wacz_note_record(struct wacz_check *w, const char *name,
    const struct verified_record *r, struct error *e)
{
	char time[DATE_TEXT_MAX];
	struct wacz_note n = { .file = name,
		.offset = r->offset,
		.length = r->length,
		.has_length = 1,
		.time = time,
		.digest = r->payload_digest,
		.url = r->uri,
		.where = "" };

	if (strlen(r->uri) > WACZ_TEXT_MAX ||
	    strlen(r->payload_digest) > DIGEST_TEXT_MAX)
		return 0;
	date_digits(r->date_us, time);
	/* What is not replayed needs no line. */
	n.is_wanted = strcmp(r->type, "response") == 0 ||
		      strcmp(r->type, "revisit") == 0 ||
		      (strcmp(r->type, "resource") == 0 &&
			  strcmp(r->content_type, "application/warc-fields") !=
			      0);
	return wacz_put_note(w, 'a', &n, e);
}

int
wacz_put_page(struct wacz_check *w, const char *url, const char *time, int kind,
    const char *where, struct error *e)
{
	struct buf b = { 0 };
	int rc;

	add_text(&b, url);
	buf_format(&b, "%.14s%c%s", time, kind, where);
	buf_add_byte(&b, '\0');
	rc = sorter_add(w->pages, b.data, b.len, e);
	buf_clear(&b);
	return rc;
}

/* ---- compared ---- */

/* Index lines spell SHA-1 without its label now and then. */
static int
same_digest(const char *a, const char *b)
{
	struct digest_value x;
	struct digest_value y;
	char labelled[DIGEST_TEXT_MAX];

	if (strchr(a, ':') == NULL && strlen(a) < DIGEST_TEXT_MAX - 8) {
		(void)snprintf(labelled, sizeof(labelled), "sha1:%s", a);
		a = labelled;
	}
	return !digest_parse(&x, a) || !digest_parse(&y, b) ||
	       x.kind != y.kind || digest_equal(&x, &y);
}

static const char *
line_fault(const struct wacz_note *record, const struct wacz_note *line)
{
	if (record->file == NULL)
		return "there is no record";
	if (strcmp(record->url, line->url) != 0)
		return "the record there is of another URL";
	if (strcmp(record->time, line->time) != 0)
		return "the record there is of another time";
	if (!same_digest(line->digest, record->digest))
		return "the record there has another digest";
	return NULL;
}

static void
compare_line(struct wacz_check *w, const struct wacz_note *record,
    const struct wacz_note *line)
{
	enum severity severity = SEVERITY_CHANGED;
	const char *fault = line_fault(record, line);

	/* Indexers do not agree on what belongs to a record that is not
	 * compressed: it is found all the same. */
	if (fault == NULL && line->has_length &&
	    line->length != record->length) {
		fault = "the record there has another length";
		severity = SEVERITY_WARNING;
	}
	if (fault == NULL || !wacz_may_say(&w->lines))
		return;
	wacz_say(w, severity, "line", "indexes",
	    "%s: says that %s is at %ju of %s: %s", line->where, line->url,
	    (uintmax_t)line->offset, line->file, fault);
}

static void
end_record(struct wacz_check *w, const struct wacz_note *record, int has_line)
{
	if (record->file == NULL || !record->is_wanted || has_line ||
	    w->unread_index || !wacz_may_say(&w->missing))
		return;
	wacz_say(w, SEVERITY_WARNING, "line-missing", "indexes",
	    "no index has the record of %s at %ju of %s", record->url,
	    (uintmax_t)record->offset, record->file);
}

static int
is_at(const struct wacz_note *record, const struct wacz_note *line)
{
	return record->file != NULL && record->offset == line->offset &&
	       strcmp(record->file, line->file) == 0;
}

static int
compare_records(struct wacz_check *w, struct error *e)
{
	struct buf kept = { 0 }; /* the record that lines may follow */
	struct wacz_note record = { 0 };
	int has_line = 0;
	const uint8_t *p;
	size_t len;
	int more = sorter_begin(w->records, e);

	while (
	    more == 0 && (more = sorter_next(w->records, &p, &len, e)) == 1) {
		struct wacz_note n;
		char kind = get_note(p, &n);

		more = 0;
		if (!is_at(&record, &n) || kind == 'a') {
			end_record(w, &record, has_line);
			record.file = NULL;
		}
		if (kind == 'a') {
			buf_reset(&kept);
			buf_add(&kept, p, len);
			(void)get_note(kept.data, &record);
			has_line = 0;
		} else {
			compare_line(w, &record, &n);
			has_line = 1;
		}
	}
	if (more == 0)
		end_record(w, &record, has_line);
	buf_clear(&kept);
	wacz_say_rest(w, &w->lines, SEVERITY_CHANGED, "line", "indexes");
	wacz_say_rest(
	    w, &w->missing, SEVERITY_WARNING, "line-missing", "indexes");
	return more < 0 ? -1 : 0;
}

/* One URL's lines and pages, by time. */
struct page_group {
	struct buf url;
	char time[TIME_DIGITS + 1]; /* of the index line last met */
	int is_indexed;             /* at any time */
	struct buf open;            /* places of pages not met, each with NUL */
};

static void
end_group(struct wacz_check *w, struct page_group *g)
{
	const char *at = buf_text(&g->open);

	for (; *at != '\0'; at += strlen(at) + 1)
		if (wacz_may_say(&w->lists))
			wacz_say(w,
			    g->is_indexed ? SEVERITY_NOTE : SEVERITY_WARNING,
			    "page", "pages", "%s: %s %s", at, buf_text(&g->url),
			    g->is_indexed ? "is in the index at another time"
					  : "is in no index");
	buf_reset(&g->open);
	g->is_indexed = 0;
	g->time[0] = '\0';
}

static void
group_entry(struct wacz_check *w, struct page_group *g, const uint8_t *p)
{
	const char *url = (const char *)p;
	const char *time = url + strlen(url) + 1;
	const char *where = time + TIME_DIGITS + 1;

	if (strcmp(buf_text(&g->url), url) != 0) {
		end_group(w, g);
		buf_reset(&g->url);
		buf_add_text(&g->url, url);
	}
	if (time[TIME_DIGITS] == 'a') {
		g->is_indexed = 1;
		memcpy(g->time, time, TIME_DIGITS);
		g->time[TIME_DIGITS] = '\0';
	} else if (strncmp(g->time, time, TIME_DIGITS) != 0 &&
		   g->open.len < WACZ_INDEX_LINE_MAX) {
		buf_add(&g->open, where, strlen(where) + 1);
	}
}

static int
compare_pages(struct wacz_check *w, struct error *e)
{
	struct page_group g = { .is_indexed = 0 };
	const uint8_t *p;
	size_t len;
	int more = sorter_begin(w->pages, e);

	while (more == 0 && (more = sorter_next(w->pages, &p, &len, e)) == 1) {
		group_entry(w, &g, p);
		more = 0;
	}
	if (more == 0)
		end_group(w, &g);
	wacz_say_rest(w, &w->lists, SEVERITY_WARNING, "page", "pages");
	buf_clear(&g.open);
	buf_clear(&g.url);
	return more;
}

int
wacz_check_lists(struct wacz_check *w, struct error *e)
{
	if (compare_records(w, e) != 0)
		return -1;
	return package_skips(&w->p, CHECK_PAGES) || w->unread_index
		   ? 0
		   : compare_pages(w, e);
}
