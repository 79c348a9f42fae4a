/* The hashes of an article by rule NT1. */

#include "core/news/hashes.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/news/body.h"
#include "core/news/images.h"
#include "core/news/normalize.h"
#include "core/news/reading.h"
#include "core/web/page.h"

enum { SHELL_LINES_MAX = 100000 };

/* Lines to be sorted bytewise. */
struct lines {
	struct arena *arena;
	const char **items;
	size_t count;
	size_t cap;
};

static void
add_line(struct lines *l, const char *line)
{
	if (l->count == SHELL_LINES_MAX)
		return;
	if (l->count == l->cap) {
		size_t cap = l->cap == 0 ? 256 : l->cap * 2;
		const char **items = arena_alloc(
		    l->arena, cap * sizeof(*items));

		if (l->count > 0)
			memcpy(items, l->items, l->count * sizeof(*items));
		l->items = items;
		l->cap = cap;
	}
	l->items[l->count++] = line;
}

static int
compare_lines(const void *a, const void *b)
{
	const char *const *x = a;
	const char *const *y = b;

	return strcmp(*x, *y);
}

static void
add_sorted(struct buf *out, struct lines *l)
{
	if (l->count > 1)
		qsort(l->items, l->count, sizeof(*l->items), compare_lines);
	for (size_t i = 0; i < l->count; i++) {
		buf_add_text(out, l->items[i]);
		buf_add_byte(out, '\n');
	}
}

static void
set_hash(
    const struct reading *r, struct json *o, const char *name, struct buf *b)
{
	uint8_t raw[DIGEST_SHA256_RAW];
	char hex[DIGEST_SHA256_HEX + 1];

	digest_sha256(b->data, b->len, raw);
	text_hex(hex, raw, sizeof(raw));
	json_set_string(r->arena, o, name, hex);
	buf_reset(b);
}

static void
add_field(
    const struct reading *r, struct buf *out, const char *kind, enum field f)
{
	for (size_t i = 0; i < r->fields[f].count; i++)
		nt1_block(out, kind, r->fields[f].items[i].text,
		    strlen(r->fields[f].items[i].text));
}

static void
set_loose(const struct reading *r, struct json *o, const struct buf *core)
{
	struct buf loose = { 0 };
	unsigned long long simhash;

	nt1_loose(&loose, buf_text(core), core->len);
	simhash = nt1_simhash(buf_text(&loose), loose.len);
	set_hash(r, o, "loose", &loose);
	json_set_string(
	    r->arena, o, "simhash", arena_format(r->arena, "%016llx", simhash));
	buf_clear(&loose);
}

/* Address-independent: asset, revision and caption of what the page shows. */
static void
add_media(const struct reading *r, struct buf *out, const struct images *list)
{
	struct lines lines = { .arena = r->arena };

	for (size_t i = 0; i < list->count; i++) {
		const struct json *o = list->items[i].json;
		const char *key = list->items[i].asset_key;

		if (list->items[i].node == NULL)
			continue;
		if (key[0] == '\0')
			key = json_text(
			    json_get(json_get(o, "chosen"), "url"), "");
		add_line(&lines,
		    arena_format(r->arena, "%s\t%s\t%s", key,
			json_text(json_get(o, "asset_rev"), ""),
			reading_nt1(
			    r, json_text(json_get(o, "caption_raw"), ""))));
	}
	add_sorted(out, &lines);
}

static void
add_meta(const struct reading *r, struct buf *out)
{
	struct lines tags = { .arena = r->arena };
	const struct values *v = &r->fields[FIELD_TAGS];

	add_field(r, out, "byline", FIELD_BYLINE_RAW);
	add_field(r, out, "source", FIELD_SOURCES);
	add_field(r, out, "published", FIELD_PUBLISHED);
	add_field(r, out, "modified", FIELD_MODIFIED);
	add_field(r, out, "section", FIELD_SECTION);
	for (size_t i = 0; i < v->count; i++)
		add_line(&tags, arena_format(r->arena, "tag\t%s",
				    reading_nt1(r, v->items[i].text)));
	add_sorted(out, &tags);
	add_field(r, out, "coverage", FIELD_COVERAGE);
}

/* "div.card" */
static void
add_step(struct buf *out, const struct node *n)
{
	static const char blanks[] = " \t\n\r\f";
	const char *class = node_attribute(n, "class");

	buf_add_text(out, node_name(n));
	while (class != NULL && *class != '\0') {
		size_t len;

		class += strspn(class, blanks);
		len = strcspn(class, blanks);
		if (len > 0)
			buf_add_byte(out, '.');
		buf_add(out, class, len);
		class += len;
	}
}

/* An element by itself and the two around it. */
static const char *
shell_line(const struct reading *r, const struct node *n)
{
	const struct node *parent = node_parent(n);
	const struct node *outer = parent != NULL ? node_parent(parent) : NULL;
	struct buf b = { 0 };
	const char *line;

	if (outer != NULL) {
		add_step(&b, outer);
		buf_add_byte(&b, '>');
	}
	if (parent != NULL) {
		add_step(&b, parent);
		buf_add_byte(&b, '>');
	}
	add_step(&b, n);
	line = arena_text(r->arena, buf_text(&b));
	buf_clear(&b);
	return line;
}

/* All elements of the page but those of furniture and of the body. */
static void
collect_shell(const struct reading *r, const struct body *body, struct node *n,
    struct lines *lines)
{
	for (; n != NULL; n = node_next(n)) {
		if (node_is_text(n) || node_name(n)[0] == '\0' ||
		    n == body->root || strcmp(node_name(n), "head") == 0 ||
		    strcmp(node_name(n), "script") == 0)
			continue;
		if (reading_begins_furniture(r, n))
			continue;
		add_line(lines, shell_line(r, n));
		collect_shell(r, body, node_first_child(n), lines);
	}
}

static void
add_shell(const struct reading *r, const struct body *body, struct buf *out)
{
	struct lines lines = { .arena = r->arena };

	if (r->page == NULL)
		return;
	collect_shell(r, body, node_first_child(page_root(r->page)), &lines);
	add_sorted(out, &lines);
}

struct json *
hashes_make(
    struct reading *r, const struct body *body, const struct images *images)
{
	struct json *o = json_new_object(r->arena);
	struct buf b = { 0 };

	json_set_string(r->arena, o, "rule", "NT1");
	add_field(r, &b, "h", FIELD_HEADLINE);
	add_field(r, &b, "d", FIELD_DEK);
	body_add_stream(&b, body);
	set_loose(r, o, &b);
	set_hash(r, o, "core", &b);
	add_field(r, &b, "h", FIELD_HEADLINE);
	set_hash(r, o, "headline", &b);
	add_field(r, &b, "d", FIELD_DEK);
	set_hash(r, o, "dek", &b);
	body_add_stream(&b, body);
	set_hash(r, o, "body", &b);
	for (size_t i = 0; i < body->count; i++)
		if (strcmp(body->blocks[i].kind, "xref") == 0)
			nt1_block(&b, "x", body->blocks[i].text,
			    strlen(body->blocks[i].text));
	set_hash(r, o, "xref", &b);
	add_media(r, &b, images);
	set_hash(r, o, "media", &b);
	add_meta(r, &b);
	set_hash(r, o, "meta", &b);
	add_shell(r, body, &b);
	set_hash(r, o, "shell", &b);
	buf_clear(&b);
	return o;
}
