/* What a plan's snapshots list, read: index lines and pages of a WACZ. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/cdxj.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/export_wacz_part.h"

enum {
	SORT_MEMORY = 6 * 1024 * 1024,
	LINE_MAX_BYTES = 32 * 1024 * 1024,
	TEXT_MAX_BYTES = 384 * 1024,
	WORD_MAX_BYTES = 4096,       /* of all other members */
	PAGE_MAX_BYTES = 800 * 1024, /* with its address it fits a sorter */
	STOP_LINES = 256             /* look for a signal so often */
};

/*
 * Pages are captures of HTML that the index knows; what is known of an article
 * is joined to the capture it was read from by the record's id. Entries of the
 * join: id, NUL, "0", part and facts of the index line; or id, NUL, "1", a
 * number that is less for later snapshots, members of the page.
 */
struct reading {
	struct export_run *run;
	const struct wacz_names *names;
	struct wacz_lists *lists;
	struct sorter *join;
	struct sorter *digests; /* NULL: there is one part */
	struct arena *arena;    /* of a line */
	const struct export_file *file;
	uint64_t articles; /* read so far */
	struct buf out;
};

/* ---- lines of a file of the plan ---- */

typedef int
each_line(struct reading *r, char *line, size_t len, struct error *e);

/* Whole lines in B to EACH; what remains is moved to its front. */
static int
cut_lines(struct reading *r, struct buf *b, each_line *each, struct error *e)
{
	size_t at = 0;
	uint8_t *end;

	while ((end = memchr(b->data + at, '\n', b->len - at)) != NULL) {
		char *line = (char *)b->data + at;
		size_t len = (size_t)(end - b->data) - at;

		*end = '\0';
		arena_reset(r->arena);
		if (each(r, line, len, e) != 0)
			return error_within(
			    e, "%s/%s", r->file->snapshot, r->file->name);
		at += len + 1;
	}
	memmove(b->data, b->data + at, b->len - at);
	buf_cut(b, b->len - at);
	if (b->len > LINE_MAX_BYTES)
		return error_set(e, ERROR_LIMIT, "%s/%s: line too long",
		    r->file->snapshot, r->file->name);
	return 0;
}

static int
read_lines(struct reading *r, const struct export_file *f, each_line *each,
    struct error *e)
{
	volatile sig_atomic_t *stop = r->run->options->stop;
	struct stream *s = NULL;
	struct buf b = { 0 };
	const uint8_t *p;
	size_t len;
	int more;

	r->file = f;
	if (export_file_open(r->run->plan, f, &s, e) != 0)
		return -1;
	while ((more = stream_next(s, &p, &len, e)) == 1) {
		buf_add(&b, p, len);
		if (stop != NULL && *stop)
			more = error_set(
			    e, ERROR_STOPPED, "stopped by a signal");
		else
			more = cut_lines(r, &b, each, e);
		if (more != 0)
			break;
	}
	stream_free(s);
	buf_clear(&b);
	return more;
}

/* ---- index lines ---- */

/* No text in JSON holds these bytes: it would escape the quotes. */
#define FILENAME "\"filename\": \""

/* LINE with the file's name in archive/ instead of that in the snapshot. */
static const struct wacz_entry *
rename_file(struct reading *r, const char *line, size_t len, struct error *e)
{
	const char *name = strstr(line, FILENAME);
	const struct wacz_entry *x = NULL;
	size_t front, name_len;

	if (name != NULL) {
		name += strlen(FILENAME);
		name_len = strcspn(name, "\"");
		x = wacz_names_find(r->names, r->run->plan, r->file,
		    arena_text_n(r->arena, name, name_len));
	}
	if (x == NULL) {
		(void)error_set(e, ERROR_INTEGRITY,
		    "names a file that is not in the snapshot: %.200s", line);
		return NULL;
	}
	front = (size_t)(name - line);
	buf_reset(&r->out);
	buf_format(&r->out, "%05u", x->first);
	buf_add(&r->out, line, front);
	buf_add_text(&r->out, x->path + strlen("archive/"));
	buf_add(&r->out, name + name_len, len - front - name_len);
	return x;
}

static int
is_html(const char *mime)
{
	return strcmp(mime, "text/html") == 0 ||
	       strcmp(mime, "application/xhtml+xml") == 0;
}

/* What a page needs of its index line, by the record's id. */
static int
join_line(
    struct reading *r, char *line, const struct wacz_entry *x, struct error *e)
{
	struct cdxj_line parts;
	const struct json *v;
	const char *mime, *url, *id;
	unsigned status;
	int is_revisit;

	if (cdxj_split(line, &parts, e) != 0)
		return -1;
	v = json_parse(r->arena, parts.json, strlen(parts.json), e);
	if (v == NULL)
		return -1;
	url = json_text(json_get(v, "url"), "");
	mime = json_text(json_get(v, "mime"), "");
	id = json_text(json_get(v, "id"), "");
	is_revisit = strcmp(mime, "warc/revisit") == 0;
	status = (unsigned)strtoul(
	    json_text(json_get(v, "status"), "0"), NULL, 10);
	if (r->digests != NULL &&
	    wacz_needs_add(r->digests, json_text(json_get(v, "digest"), ""),
		is_revisit, x->first, e) != 0)
		return -1;
	if (id[0] == '\0' || !text_starts(url, "http") ||
	    (!is_html(mime) && !is_revisit))
		return 0;
	buf_reset(&r->out);
	buf_add(&r->out, id, strlen(id) + 1);
	buf_format(&r->out, "0%05u%c%s %s", x->first,
	    is_html(mime) && status / 100 == 2 ? 'x' : '-', parts.time, url);
	return sorter_add(r->join, r->out.data, r->out.len, e);
}

static int
each_index_line(struct reading *r, char *line, size_t len, struct error *e)
{
	const struct wacz_entry *x = rename_file(r, line, len, e);

	if (x == NULL ||
	    sorter_add(r->lists->lines, r->out.data, r->out.len, e) != 0)
		return -1;
	return join_line(r, line, x, e);
}

/* ---- articles ---- */

/* At most LIMIT bytes of TEXT, cut where a character begins. */
static size_t
cut_text(const char *text, size_t limit)
{
	size_t len = strlen(text);

	if (len <= limit)
		return len;
	while (limit > 0 && ((unsigned char)text[limit] & 0xc0) == 0x80)
		limit--;
	return limit;
}

static void
set_text(struct arena *a, struct json *page, const char *name,
    const struct json *value)
{
	const char *text = json_text(value, "");

	if (text[0] != '\0')
		json_set(a, page, name,
		    json_new_string_n(a, text, cut_text(text, WORD_MAX_BYTES)));
}

/* Members of the page's line behind its address and time, with LIMIT bytes of
 * the text. */
static struct json *
page_of(struct arena *a, const struct json *article, size_t limit)
{
	struct json *page = json_new_object(a);
	const char *text = json_text(json_get(article, "body_text"), "");
	const struct json *edition = json_get(article, "edition");

	set_text(a, page, "title", json_get(article, "headline"));
	json_set(
	    a, page, "text", json_new_string_n(a, text, cut_text(text, limit)));
	set_text(a, page, "articleId", json_get(article, "article_id"));
	set_text(a, page, "language", json_get(edition, "lang"));
	set_text(a, page, "published",
	    json_get(json_get(article, "published"), "utc"));
	set_text(a, page, "modified",
	    json_get(json_get(article, "modified"), "utc"));
	return page;
}

static int
each_article(struct reading *r, char *line, size_t len, struct error *e)
{
	const struct json *v = json_parse(r->arena, line, len, e);
	const struct json *article = json_get(v, "article");
	const char *id = json_text(
	    json_get(json_get(v, "binding"), "response_record"), "");
	size_t front;

	if (v == NULL)
		return -1;
	if (id[0] == '\0' || !json_bool(json_get(article, "is_article"), 1))
		return 0;
	r->articles++;
	buf_reset(&r->out);
	buf_add(&r->out, id, strlen(id) + 1);
	buf_format(&r->out, "1%020" PRIu64, UINT64_MAX - r->articles);
	front = r->out.len;
	json_write(&r->out, page_of(r->arena, article, TEXT_MAX_BYTES));
	if (r->out.len - front > PAGE_MAX_BYTES) {
		/* Full of what is escaped. */
		buf_cut(&r->out, front);
		json_write(
		    &r->out, page_of(r->arena, article, TEXT_MAX_BYTES / 8));
	}
	return sorter_add(r->join, r->out.data, r->out.len, e);
}

/* ---- both joined ---- */

/* A capture of the index, and of several readings of it the latest. */
struct capture {
	struct buf id, facts, page; /* FACTS is empty: no capture */
	int has_page;
};

static void
note_headline(struct reading *r, const struct json *page)
{
	if (r->lists->articles++ > 0)
		return;
	free(r->lists->headline);
	r->lists->headline = mem_text(json_text(json_get(page, "title"), ""));
}

/* "00001a20261122T115704Z URL", NUL, the line; articles come first. */
static int
put_page(struct reading *r, const struct capture *c, struct error *e)
{
	const char *facts = buf_text(&c->facts);
	const char *time = facts + 6, *url = strchr(time, ' ') + 1;
	const char *id = buf_text(&c->id);
	struct json *more = NULL;
	char digits[DATE_TEXT_MAX], ts[DATE_TEXT_MAX];
	int64_t us;

	(void)snprintf(
	    digits, sizeof(digits), "%.*s", (int)strcspn(time, " "), time);
	if (!date_parse_digits(digits, &us))
		return 0;
	date_rfc3339_s(us, ts);
	arena_reset(r->arena);
	if (c->has_page) {
		more = json_parse(r->arena, buf_text(&c->page), c->page.len, e);
		if (more == NULL)
			return -1;
		note_headline(r, more);
	}
	buf_reset(&r->out);
	buf_format(&r->out, "%.5s%c%s %s", facts, c->has_page ? 'a' : 'x',
	    digits, url);
	buf_add_byte(&r->out, '\0');
	buf_add_text(&r->out, "{\"id\": ");
	json_add_string(&r->out, id, strlen(id));
	buf_add_text(&r->out, ", \"url\": ");
	json_add_string(&r->out, url, strlen(url));
	buf_format(&r->out, ", \"ts\": \"%s\"", ts);
	for (size_t i = 0; i < json_count(more); i++) {
		buf_format(&r->out, ", \"%s\": ", json_key(more, i));
		json_write(&r->out, json_at(more, i));
	}
	buf_add_text(&r->out, "}\n");
	return sorter_add(r->lists->pages, r->out.data, r->out.len, e);
}

/* C is a page: an article, or other HTML of its own. */
static int
end_capture(struct reading *r, struct capture *c, struct error *e)
{
	int rc = 0;

	if (c->facts.len > 0 && (c->has_page || c->facts.data[5] == 'x'))
		rc = put_page(r, c, e);
	buf_reset(&c->id);
	buf_reset(&c->facts);
	buf_reset(&c->page);
	c->has_page = 0;
	return rc;
}

static void
add_to_capture(struct capture *c, const uint8_t *p, size_t len)
{
	if (p[0] == '0' && c->facts.len == 0) {
		buf_add(&c->facts, p + 1, len - 1);
	} else if (p[0] == '1' && !c->has_page) {
		buf_add(&c->page, p + 21, len - 21);
		c->has_page = 1;
	}
}

static int
join(struct reading *r, struct error *e)
{
	struct capture c = { 0 };
	const uint8_t *p;
	size_t len;
	int more, rc = sorter_begin(r->join, e);

	while (rc == 0 && (more = sorter_next(r->join, &p, &len, e)) != 0) {
		size_t id = strlen((const char *)p) + 1;

		if (more < 0)
			rc = -1;
		else if (strcmp((const char *)p, buf_text(&c.id)) != 0)
			rc = end_capture(r, &c, e);
		if (rc != 0)
			break;
		if (c.id.len == 0)
			buf_add(&c.id, p, id - 1);
		add_to_capture(&c, p + id, len - id);
	}
	if (rc == 0)
		rc = end_capture(r, &c, e);
	buf_clear(&c.id);
	buf_clear(&c.facts);
	buf_clear(&c.page);
	return rc;
}

static int
read_all(struct reading *r, struct error *e)
{
	for (size_t i = 0; i < r->names->count; i++) {
		const struct export_file *f = r->names->entries[i].file;
		int rc = 0;

		if (f->role == EXPORT_INDEX)
			rc = read_lines(r, f, each_index_line, e);
		else if (f->role == EXPORT_ARTICLES)
			rc = read_lines(r, f, each_article, e);
		if (rc != 0)
			return -1;
	}
	return 0;
}

int
wacz_lists_make(struct wacz_lists *l, struct export_run *x,
    const struct wacz_names *n, const char *dir, struct error *e)
{
	struct reading r = { .run = x, .names = n, .lists = l };
	int rc;

	*l = (struct wacz_lists){ 0 };
	l->headline = mem_text("");
	l->lines = sorter_new(SORT_MEMORY, dir);
	l->pages = sorter_new(SORT_MEMORY, dir);
	r.join = sorter_new(SORT_MEMORY, dir);
	r.arena = arena_new();
	if (n->parts > 1) {
		r.digests = sorter_new(SORT_MEMORY, dir);
		l->needs = sorter_new(SORT_MEMORY, dir);
	}
	rc = read_all(&r, e);
	if (rc == 0)
		rc = join(&r, e);
	if (rc == 0 && l->needs != NULL)
		rc = wacz_needs_join(r.digests, l->needs, e);
	sorter_free(r.digests);
	sorter_free(r.join);
	buf_clear(&r.out);
	arena_free(r.arena);
	return rc == 0 ? wacz_lists_begin(l, e) : -1;
}
