/* The articles that snapshots hold. */
#include "core/collection/article_store.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/catalog.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"
#include "core/collection/open_record.h"
#include "core/web/url_identity.h"

static const char *
text_of(const struct json *o, const char *name)
{
	return json_text(json_get(o, name), "");
}

int
article_read(
    struct arena *a, const char *text, size_t len, struct stored_article *out)
{
	const struct json *block = json_parse(a, text, len, NULL);
	const struct json *article = json_get(block, "article");
	const struct json *binding = json_get(block, "binding");

	if (!json_is(article, JSON_KIND_OBJECT))
		return 0;
	*out = (struct stored_article){
		.snapshot = "",
		.article = article,
		.binding = binding,
		.id = text_of(article, "article_id"),
		.url = text_of(json_get(article, "url"), "final"),
		.record = text_of(binding, "response_record"),
	};
	(void)date_parse(
	    text_of(binding, "response_date"), &out->captured_us, NULL);
	return 1;
}

/* Is URL one of those by which the article is known? */
static int
has_url(const struct stored_article *s, const char *url)
{
	const struct json *all = json_get(s->article, "url");
	const struct json *hops = json_get(all, "redirects");

	for (size_t i = 0; i < json_count(all); i++)
		if (url_is_same(json_text(json_at(all, i), ""), url))
			return 1;
	for (size_t i = 0; i < json_count(hops); i++)
		if (url_is_same(json_text(json_at(hops, i), ""), url))
			return 1;
	return 0;
}

static int
matches(const struct stored_article *s, const struct article_query *q)
{
	return (q->url == NULL || has_url(s, q->url)) &&
	       (q->id == NULL || strcmp(s->id, q->id) == 0) &&
	       (q->record == NULL || strcmp(s->record, q->record) == 0);
}

/* The search through one collection. */
struct search {
	const struct article_query *query;
	struct buf needles[3]; /* JSON strings that a line must hold */
	size_t needle_count;
	struct arena *scratch;
	int found;
	uint64_t distance; /* of the best so far */
	struct buf line;   /* its line */
	const char *snapshot;
};

static void
add_needle(struct search *s, const char *text)
{
	if (text != NULL)
		json_add_string(
		    &s->needles[s->needle_count++], text, strlen(text));
}

/* A URL as far as it has no escapes: those may be spelled otherwise there. */
static void
add_url_needle(struct search *s, const char *url)
{
	struct buf *needle = &s->needles[s->needle_count];
	size_t len;

	if (url == NULL)
		return;
	len = strcspn(url, "%");
	json_add_string(needle, url, len);
	if (url[len] == '%')
		buf_cut(needle, needle->len - 1);
	s->needle_count++;
}

/* Parsing every article of a large collection would be slow: most lines are
 * known not to match from their bytes. */
static int
may_match(const struct search *s, const char *line, size_t len)
{
	for (size_t i = 0; i < s->needle_count; i++)
		if (memmem(line, len, s->needles[i].data, s->needles[i].len) ==
		    NULL)
			return 0;
	return 1;
}

static uint64_t
distance_of(int64_t a, int64_t b)
{
	return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

static void
look_at(struct search *s, const char *snapshot, const char *line, size_t len)
{
	struct stored_article here;
	uint64_t distance;

	if (!may_match(s, line, len))
		return;
	arena_reset(s->scratch);
	if (!article_read(s->scratch, line, len, &here) ||
	    !matches(&here, s->query))
		return;
	distance = distance_of(here.captured_us, s->query->near_us);
	if (s->found && distance > s->distance)
		return;
	s->found = 1;
	s->distance = distance;
	s->snapshot = snapshot;
	buf_reset(&s->line);
	buf_add(&s->line, line, len);
}

static int
search_snapshot(struct search *s, const struct collection *c,
    const char *snapshot, struct error *e)
{
	char *path = mem_format("%s/%s/articles.jsonl", c->dir, snapshot);
	struct line_reader lines = { .fd = -1 };
	struct error why = { 0 };
	char *line;
	size_t len;
	int more = line_reader_open(&lines, path, &why);

	while (more >= 0 &&
	       (more = line_reader_next(&lines, &line, &len, &why)) > 0)
		look_at(s, snapshot, line, len);
	line_reader_close(&lines);
	free(path);
	/* Its absence is for verify to say. */
	if (more < 0 && why.kind != ERROR_NOTFOUND)
		return error_set(e,
		    why.kind == ERROR_SYSTEM ? ERROR_SYSTEM : ERROR_INTEGRITY,
		    "%s/articles.jsonl: %s", snapshot, why.text);
	return 0;
}

static void
search_clear(struct search *s)
{
	for (size_t i = 0; i < s->needle_count; i++)
		buf_clear(&s->needles[i]);
	buf_clear(&s->line);
	arena_free(s->scratch);
}

/* The snapshots to be searched: those that the catalog knows of, when it knows
 * all; else every one. */
static int
list_wanted(const struct collection *c, const struct article_query *q,
    struct file_names *out, struct error *e)
{
	const char *key = q->record != NULL ? q->record
			  : q->id != NULL   ? q->id
					    : q->url;
	struct catalog *k = NULL;
	int known = key != NULL && catalog_open(&k, c) &&
		    catalog_is_whole(k, c) &&
		    catalog_known(k, key, out, NULL) == 0 && out->count > 0;

	catalog_close(k);
	return known ? 0 : collection_snapshots(c, out, NULL, e);
}

int
article_find(const struct collection *c, struct arena *a,
    const struct article_query *q, struct stored_article *out, struct error *e)
{
	struct search s = { .query = q, .scratch = arena_new() };
	struct file_names sealed = { 0 };
	int rc;

	add_url_needle(&s, q->url);
	add_needle(&s, q->id);
	add_needle(&s, q->record);
	rc = list_wanted(c, q, &sealed, e);
	for (size_t i = 0; rc == 0 && i < sealed.count; i++)
		rc = search_snapshot(&s, c, sealed.names[i], e);
	if (rc == 0 && s.found) {
		rc = article_read(a, buf_text(&s.line), s.line.len, out);
		out->snapshot = arena_text(a, s.snapshot);
	}
	search_clear(&s);
	file_names_clear(&sealed);
	return rc;
}

/* Is the open record what was derived from response RECORD? */
static int
is_derived_from(const struct open_record *o, const char *record)
{
	const char *target = record_uri_field(
	    o->arena, &o->record, "WARC-Target-URI");
	const char *from = record_uri_field(
	    o->arena, &o->record, "WARC-Refers-To");

	return target != NULL && from != NULL &&
	       text_starts(target, "urn:holdfast:article:") &&
	       strcmp(from, record) == 0;
}

/* The last such record of one file: *OFFSET. 1 / 0 / -1. */
static int
place_in(const struct collection *c, const char *file, const char *record,
    uint64_t *offset, struct error *e)
{
	struct open_record o;
	int found = 0;
	int more;

	if (open_record_file(&o, c, file, e) != 0)
		return -1;
	while ((more = open_record_next(&o, e)) > 0) {
		if (!is_derived_from(&o, record))
			continue;
		*offset = o.place.offset;
		found = 1;
	}
	open_record_close(&o);
	return more < 0 && !found ? -1 : found;
}

int
article_place(const struct collection *c, struct arena *a,
    const struct stored_article *s, struct place *place, struct error *e)
{
	char *below = mem_format("%s/derived", s->snapshot);
	char *path = collection_path(c, below);
	struct file_names files = { 0 };
	struct error why = { 0 };
	int rc = file_list(path, &files, &why);

	if (rc != 0)
		rc = why.kind == ERROR_NOTFOUND
			 ? 0
			 : error_set(e, why.kind, "%s", why.text);
	for (size_t i = files.count; rc == 0 && i-- > 0;) {
		const char *file = arena_format(
		    a, "%s/%s", below, files.names[i]);

		*place = (struct place){ .file = file };
		rc = place_in(c, file, s->record, &place->offset, e);
	}
	file_names_clear(&files);
	free(path);
	free(below);
	return rc;
}
