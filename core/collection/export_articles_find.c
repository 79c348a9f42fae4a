/* Which articles there are, and in which order they go. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/sort.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/article_text.h"
#include "core/collection/export_articles_part.h"
#include "core/collection/withdrawn.h"

enum {
	LINE_MOST = 32 * 1024 * 1024,
	CAPTURES_MOST = 10000, /* of one article */
	SLUG_HEADLINE = 60,
	ID_MOST = 80
};

void
articles_add_be(struct buf *out, uint64_t value, unsigned bytes)
{
	while (bytes-- > 0)
		buf_add_byte(out, (uint8_t)(value >> 8 * bytes));
}

/* ---- which articles there are ---- */

static uint64_t
get_be(const uint8_t *p, unsigned bytes)
{
	uint64_t value = 0;

	while (bytes-- > 0)
		value = value << 8 | *p++;
	return value;
}

static void
add_capture(struct buf *out, const struct capture *c)
{
	articles_add_be(out, c->offset, 8);
	articles_add_be(out, c->len, 4);
	articles_add_be(out, c->file, 4);
}

struct capture
articles_capture(const uint8_t *p)
{
	return (struct capture){ get_be(p, 8), (uint32_t)get_be(p + 8, 4),
		(uint32_t)get_be(p + 12, 4) };
}

/* Sorted by article, the latest capture first; of equal times that of the
 * later snapshot, which was read with better rules. */
static int
found_line(const struct articles_reading *r, struct arena *a, char *line,
    size_t len, struct error *e)
{
	struct articles *x = r->articles;
	struct capture c = { spool_len(x->lines), (uint32_t)len,
		(uint32_t)r->file };
	struct stored_article s;
	struct buf entry = { 0 };
	int rc = 0;

	if (!article_read(a, line, len, &s))
		return 0;
	if (withdrawn_record(x->withdrawn, s.record) != NULL)
		return 0;
	rc = spool_add(x->lines, line, len, e);
	buf_add_text(&entry, s.id[0] != '\0' ? s.id : s.url);
	buf_add_byte(&entry, '\0');
	articles_add_be(
	    &entry, ~((uint64_t)s.captured_us ^ (uint64_t)1 << 63), 8);
	articles_add_be(&entry, ~(uint32_t)r->file, 4);
	add_capture(&entry, &c);
	if (rc == 0)
		rc = sorter_add(x->found, entry.data, entry.len, e);
	buf_clear(&entry);
	return rc;
}

/* Whole lines in B; what remains is moved to its front. */
static int
lines_in(const struct articles_reading *r, struct arena *a, struct buf *b,
    struct error *e)
{
	size_t at = 0;
	uint8_t *end;

	while ((end = memchr(b->data + at, '\n', b->len - at)) != NULL) {
		char *line = (char *)b->data + at;
		size_t len = (size_t)(end - b->data) - at;

		*end = '\0';
		arena_reset(a);
		if (r->each(r, a, line, len, e) != 0)
			return -1;
		at += len + 1;
	}
	memmove(b->data, b->data + at, b->len - at);
	buf_cut(b, b->len - at);
	return b->len > r->line_most
		   ? error_set(e, ERROR_LIMIT, "%s: line too long", r->name)
		   : 0;
}

int
articles_read(const struct articles_reading *r, const struct export_file *f,
    struct error *e)
{
	struct arena *a = arena_new();
	struct stream *inner = NULL;
	struct stream *s = NULL;
	struct buf b = { 0 };
	const uint8_t *p;
	size_t len;
	int more = export_file_open(r->articles->run.plan, f, &inner, e);

	if (more == 0)
		s = export_run_stream(&r->articles->run, inner);
	while (more == 0 && (more = stream_next(s, &p, &len, e)) == 1) {
		buf_add(&b, p, len);
		more = lines_in(r, a, &b, e);
	}
	stream_free(s);
	stream_free(inner);
	buf_clear(&b);
	arena_free(a);
	return more;
}

int
articles_find(struct articles *x, struct error *e)
{
	size_t count;
	const struct export_file *files = export_plan_files(
	    x->run.plan, &count);
	struct articles_reading r = { .articles = x,
		.each = found_line,
		.name = "articles.jsonl",
		.line_most = LINE_MOST };
	int rc = 0;

	for (; rc == 0 && r.file < count; r.file++)
		if (files[r.file].role == EXPORT_ARTICLES)
			rc = articles_read(&r, &files[r.file], e);
	return rc;
}

/* ---- in which order they go ---- */

int
articles_load(struct articles *x, const struct capture *c, struct shown *s,
    struct error *e)
{
	struct stream *in = spool_stream(x->lines, c->offset, c->len);
	struct buf line = { 0 };
	int rc = stream_read(in, &line, c->len, e);

	stream_free(in);
	if (rc == 0) {
		s->line = arena_text_n(s->arena, buf_text(&line), line.len);
		s->line_len = line.len;
		if (!article_read(s->arena, s->line, s->line_len, &s->stored))
			rc = error_set(e, ERROR_INTEGRITY,
			    "articles.jsonl: does not read twice");
	}
	buf_clear(&line);
	return rc;
}

/* Lower-case letters, digits and dots of an id; when that loses something a
 * digest of it is added. */
static void
add_id(struct buf *out, const char *id)
{
	size_t start = out->len;
	uint8_t raw[DIGEST_SHA256_RAW];
	char hex[DIGEST_SHA256_HEX + 1];
	int colons = 0;
	int lost = strlen(id) > ID_MOST;

	for (const char *p = id; *p != '\0' && out->len - start < ID_MOST;
	     p++) {
		int plain = (*p >= 'a' && *p <= 'z') ||
			    (*p >= '0' && *p <= '9') || *p == '-' || *p == '.';

		colons += *p == ':';
		lost |= !plain && *p != ':';
		buf_add_byte(out, plain ? (uint8_t)*p : '-');
	}
	if (!lost && colons <= 1)
		return;
	digest_sha256(id, strlen(id), raw);
	text_hex(hex, raw, sizeof(raw));
	buf_format(out, "-%.8s", hex);
}

/* "2024-03-07" as printed, of any precision; else "undated". */
static void
add_day(struct buf *out, const struct json *date)
{
	const char *iso = article_member(date, "iso");
	size_t n = 0;

	while (n < 10 && ((iso[n] >= '0' && iso[n] <= '9') || iso[n] == '-'))
		n++;
	while (n > 0 && iso[n - 1] == '-')
		n--;
	if (n < 4)
		buf_add_text(out, "undated");
	else
		buf_add(out, iso, n);
}

const char *
articles_folder(struct arena *a, const struct stored_article *s)
{
	struct buf name = { 0 };
	size_t start;
	const char *text;

	add_day(&name, json_get(s->article, "published"));
	buf_add_byte(&name, '-');
	start = name.len;
	articles_slug(
	    &name, article_member(s->article, "headline"), SLUG_HEADLINE);
	if (name.len > start)
		buf_add_byte(&name, '-');
	add_id(&name, s->id[0] != '\0' ? s->id : s->url);
	text = arena_text(a, buf_text(&name));
	buf_clear(&name);
	return text;
}

/* The captures of one article, the latest first, under its folder's name: as
 * the names in it sort, with the "/". */
static int
order_group(struct articles *x, const struct buf *captures, struct error *e)
{
	struct shown s = { .arena = arena_new() };
	struct capture newest = articles_capture(captures->data);
	struct buf entry = { 0 };
	int rc = articles_load(x, &newest, &s, e);

	if (rc == 0) {
		buf_format(&entry, "%s/", articles_folder(s.arena, &s.stored));
		buf_add_byte(&entry, '\0');
		buf_add(&entry, captures->data, captures->len);
		rc = sorter_add(x->ordered, entry.data, entry.len, e);
		x->count++;
	}
	buf_clear(&entry);
	arena_free(s.arena);
	return rc;
}

int
articles_order(struct articles *x, struct error *e)
{
	struct buf id = { 0 };
	struct buf captures = { 0 };
	const uint8_t *p;
	size_t len;
	int more = 0;
	int rc = sorter_begin(x->found, e);

	while (rc == 0 && (more = sorter_next(x->found, &p, &len, e)) == 1) {
		if (captures.len > 0 &&
		    strcmp(buf_text(&id), (const char *)p) != 0) {
			rc = order_group(x, &captures, e);
			buf_reset(&captures);
		}
		buf_reset(&id);
		buf_add_text(&id, (const char *)p);
		if (captures.len < (size_t)CAPTURES_MOST * CAPTURE_BYTES)
			buf_add(
			    &captures, p + len - CAPTURE_BYTES, CAPTURE_BYTES);
	}
	if (rc == 0 && more == 0 && captures.len > 0)
		rc = order_group(x, &captures, e);
	buf_clear(&id);
	buf_clear(&captures);
	return more < 0 ? -1 : rc;
}
