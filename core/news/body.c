/* The blocks of an article's body. */

#include "core/news/body.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/news/normalize.h"
#include "core/news/pattern.h"
#include "core/news/profile_rules.h"
#include "core/news/reading.h"
#include "core/web/page.h"
#include "core/web/select.h"

struct walk {
	struct reading *r;
	const struct body_rules *rules;
	struct node_list *marked; /* per mark: the elements it names */
	struct body *body;
	struct buf run; /* text and inline elements outside of any block */
	const struct node *run_node;
};

static int
is_one_of(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], name) == 0)
			return 1;
	return 0;
}

static int
is_inline(const char *name)
{
	static const char *const names[] = { "a", "abbr", "b", "bdi", "bdo",
		"cite", "code", "del", "em", "font", "i", "ins", "mark", "q",
		"s", "small", "span", "strong", "sub", "sup", "time", "u",
		"wbr" };

	return is_one_of(name, names, sizeof(names) / sizeof(names[0]));
}

static int
is_silent(const char *name)
{
	static const char *const names[] = { "script", "style", "template",
		"noscript", "hr", "" };

	return is_one_of(name, names, sizeof(names) / sizeof(names[0]));
}

static struct block *
add_block(struct walk *w, const char *kind, const struct node *n)
{
	struct body *b = w->body;
	struct block *out;

	if (b->count == BODY_BLOCKS_MAX) {
		reading_warn(w->r, "body.limit");
		return NULL;
	}
	if (b->count == b->cap) {
		size_t cap = b->cap == 0 ? 64 : b->cap * 2;
		struct block *blocks = arena_alloc(
		    w->r->arena, cap * sizeof(*blocks));

		if (b->count > 0)
			memcpy(blocks, b->blocks, b->count * sizeof(*blocks));
		b->blocks = blocks;
		b->cap = cap;
	}
	out = &b->blocks[b->count++];
	memset(out, 0, sizeof(*out));
	out->kind = kind;
	out->text = "";
	out->node = n;
	return out;
}

static void
add_text_block(struct walk *w, const char *kind, const struct node *n)
{
	const char *text = reading_ws(w->r, reading_text(w->r, n));
	struct block *b;

	if (text[0] != '\0' && (b = add_block(w, kind, n)) != NULL)
		b->text = text;
}

/* What stood between blocks is a paragraph of its own. */
static void
flush(struct walk *w)
{
	const char *text = reading_ws(w->r, buf_text(&w->run));
	struct block *b;

	if (text[0] != '\0' && (b = add_block(w, "p", w->run_node)) != NULL)
		b->text = text;
	buf_reset(&w->run);
	w->run_node = NULL;
}

static void
add_images(struct walk *w, const struct node *n)
{
	if (strcmp(node_name(n), "img") == 0) {
		if (!reading_is_furniture(w->r, n))
			(void)add_block(w, "image", n);
		return;
	}
	for (struct node *c = node_first_child(n); c != NULL; c = node_next(c))
		add_images(w, c);
}

static void
add_list(struct walk *w, const struct node *list)
{
	for (struct node *n = node_first_child(list); n != NULL;
	     n = node_next(n)) {
		if (strcmp(node_name(n), "li") != 0)
			continue;
		add_text_block(w, "li", n);
		add_images(w, n);
	}
}

static struct json *
row_cells(struct walk *w, const struct node *row, struct buf *text)
{
	struct json *cells = json_new_array(w->r->arena);

	for (struct node *n = node_first_child(row); n != NULL;
	     n = node_next(n)) {
		const char *cell;

		if (strcmp(node_name(n), "td") != 0 &&
		    strcmp(node_name(n), "th") != 0)
			continue;
		cell = reading_ws(w->r, reading_text(w->r, n));
		if (json_count(cells) > 0)
			buf_add_byte(text, '\t');
		buf_add_text(text, cell);
		json_append(
		    w->r->arena, cells, json_new_string(w->r->arena, cell));
	}
	return cells;
}

/* Rows are direct children or stand in thead, tbody, tfoot. */
static void
add_rows(
    struct walk *w, const struct node *n, struct json *rows, struct buf *text)
{
	for (struct node *c = node_first_child(n); c != NULL;
	     c = node_next(c)) {
		if (strcmp(node_name(c), "tr") == 0) {
			if (json_count(rows) > 0)
				buf_add_byte(text, '\n');
			json_append(w->r->arena, rows, row_cells(w, c, text));
		} else if (text_starts(node_name(c), "t")) {
			add_rows(w, c, rows, text);
		}
	}
}

static void
add_table(struct walk *w, const struct node *n)
{
	struct json *rows = json_new_array(w->r->arena);
	struct buf text = { 0 };
	struct block *b = add_block(w, "table", n);

	if (b != NULL) {
		add_rows(w, n, rows, &text);
		b->rows = rows;
		b->text = arena_text(w->r->arena, buf_text(&text));
	}
	buf_clear(&text);
}

static const struct node *
find_below(const struct node *n, const char *name)
{
	if (strcmp(node_name(n), name) == 0)
		return n;
	for (struct node *c = node_first_child(n); c != NULL;
	     c = node_next(c)) {
		const struct node *found = find_below(c, name);

		if (found != NULL)
			return found;
	}
	return NULL;
}

static void
add_embed(struct walk *w, const struct node *n, const struct body_mark *m)
{
	const struct node *frame = find_below(n, "iframe");
	struct block *b = add_block(w, "embed", n);
	struct pattern_match match;
	struct buf id = { 0 };

	if (b == NULL)
		return;
	b->provider = m != NULL ? m->provider : NULL;
	b->rule = m != NULL ? m->rule.id : NULL;
	b->href = frame != NULL
		      ? reading_url(w->r, node_attribute(frame, "src"))
		      : reading_href(w->r, n);
	b->text = reading_ws(w->r, reading_text(w->r, n));
	if (m != NULL && m->id != NULL && b->href != NULL &&
	    pattern_find(m->id, b->href, strlen(b->href), &match)) {
		pattern_fill(&id, "\\1", b->href, &match);
		b->id = arena_text(w->r->arena, buf_text(&id));
	}
	buf_clear(&id);
}

/* "Read next: title" with the label taken off. */
static void
add_marked(struct walk *w, const struct node *n, const struct body_mark *m)
{
	struct block *b;
	const char *text;

	if (strcmp(m->kind, "embed") == 0) {
		add_embed(w, n, m);
		return;
	}
	b = add_block(w, m->kind, n);
	if (b == NULL)
		return;
	text = reading_ws(w->r, reading_text(w->r, n));
	b->rule = m->rule.id;
	if (m->label != NULL && text_starts(text, m->label)) {
		b->label = m->label;
		text = reading_ws(w->r, text + strlen(m->label));
	}
	b->text = text;
	if (strcmp(m->kind, "xref") == 0)
		b->href = reading_href(w->r, n);
}

static void
add_element(struct walk *w, const struct node *n, const char *name)
{
	static const char *const headings[] = { "h2", "h2", "h3", "h4", "h5",
		"h6" };

	if (name[0] == 'h' && name[1] >= '1' && name[1] <= '6') {
		add_text_block(w, headings[name[1] - '1'], n);
	} else if (strcmp(name, "ul") == 0 || strcmp(name, "ol") == 0) {
		add_list(w, n);
	} else if (strcmp(name, "table") == 0) {
		add_table(w, n);
	} else if (strcmp(name, "iframe") == 0) {
		add_embed(w, n, NULL);
	} else if (strcmp(name, "figure") == 0) {
		add_images(w, n);
		if (find_below(n, "iframe") != NULL)
			add_embed(w, n, NULL);
	} else {
		add_text_block(
		    w, strcmp(name, "blockquote") == 0 ? "quote" : "p", n);
		add_images(w, n);
	}
}

static const struct body_mark *
mark_of(const struct walk *w, const struct node *n)
{
	for (size_t i = 0; i < w->rules->mark_count; i++)
		for (size_t k = 0; k < w->marked[i].count; k++)
			if (w->marked[i].nodes[k] == n)
				return &w->rules->marks[i];
	return NULL;
}

static void walk_children(struct walk *w, const struct node *parent);

static void
walk_element(struct walk *w, const struct node *n)
{
	const char *name = node_name(n);
	const struct body_mark *m = mark_of(w, n);

	if (m != NULL) {
		flush(w);
		add_marked(w, n, m);
	} else if (is_one_of(
		       name, w->rules->blocks.items, w->rules->blocks.count)) {
		flush(w);
		add_element(w, n, name);
	} else if (strcmp(name, "br") == 0) {
		buf_add_byte(&w->run, '\n');
	} else if (strcmp(name, "img") == 0 || strcmp(name, "picture") == 0) {
		flush(w);
		add_images(w, n);
	} else if (is_one_of(
		       name, w->rules->unwrap.items, w->rules->unwrap.count)) {
		if (!is_inline(name))
			flush(w);
		walk_children(w, n);
		if (!is_inline(name))
			flush(w);
	} else if (is_inline(name)) {
		if (w->run_node == NULL)
			w->run_node = n;
		node_add_text(&w->run, n);
	} else if (!is_silent(name)) {
		/* Nothing is lost without a word. */
		flush(w);
		reading_warn(w->r,
		    arena_format(w->r->arena, "body.not-read.%.20s", name));
	}
}

/* Depth is bounded by LIMIT_HTML_DEPTH: page_parse refuses deeper pages. */
static void
walk_children(struct walk *w, const struct node *parent)
{
	for (struct node *n = node_first_child(parent); n != NULL;
	     n = node_next(n)) {
		if (node_is_text(n)) {
			if (w->run_node == NULL)
				w->run_node = parent;
			node_add_text(&w->run, n);
		} else if (!reading_begins_furniture(w->r, n)) {
			walk_element(w, n);
		} else {
			flush(w);
		}
	}
}

static const struct rule *
find_root(struct reading *r, struct body *out)
{
	const struct rule_list *list = &r->profile->body.root;

	for (size_t i = 0; i < list->count; i++) {
		struct node_list found;

		rule_select(&list->rules[i], r, NULL, &found);
		for (size_t k = 0; k < found.count; k++) {
			if (reading_is_furniture(r, found.nodes[k]))
				continue;
			out->root = found.nodes[k];
			return &list->rules[i];
		}
	}
	return NULL;
}

void
body_read(struct reading *r, struct body *out)
{
	const struct body_rules *rules = &r->profile->body;
	struct walk w = { .r = r, .rules = rules, .body = out };
	const struct rule *rule;
	struct value v = { 0 };

	memset(out, 0, sizeof(*out));
	rule = find_root(r, out);
	if (rule == NULL)
		return;
	v.node = out->root;
	out->root_provenance = reading_provenance(r, rule, &v);
	w.marked = arena_alloc(
	    r->arena, (rules->mark_count + 1) * sizeof(*w.marked));
	for (size_t i = 0; i < rules->mark_count; i++)
		rule_select(&rules->marks[i].rule, r, out->root, &w.marked[i]);
	walk_children(&w, out->root);
	flush(&w);
	buf_clear(&w.run);
}

int
block_is_text(const struct block *b)
{
	static const char *const others[] = { "embed", "image", "xref" };

	return !is_one_of(b->kind, others, sizeof(others) / sizeof(others[0]));
}

static void
add_table_stream(struct buf *out, const struct block *b)
{
	for (size_t i = 0; i < json_count(b->rows); i++) {
		const struct json *cells = json_at(b->rows, i);
		struct buf row = { 0 };

		for (size_t k = 0; k < json_count(cells); k++) {
			if (k > 0)
				buf_add_byte(&row, 0x1f);
			buf_add_text(&row, json_text(json_at(cells, k), ""));
		}
		nt1_block(out, "t", buf_text(&row), row.len);
		buf_clear(&row);
	}
}

static const char *
stream_kind(const struct block *b)
{
	static const char *const kinds[][2] = { { "p", "p" }, { "h2", "2" },
		{ "h3", "3" }, { "h4", "4" }, { "h5", "5" }, { "h6", "6" },
		{ "quote", "q" }, { "li", "l" }, { "note", "n" },
		{ "correction", "n" }, { "entry", "e" } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(b->kind, kinds[i][0]) == 0)
			return kinds[i][1];
	return "p";
}

void
body_add_stream(struct buf *out, const struct body *body)
{
	for (size_t i = 0; i < body->count; i++) {
		const struct block *b = &body->blocks[i];

		if (!block_is_text(b))
			continue;
		if (b->rows != NULL)
			add_table_stream(out, b);
		else
			nt1_block(
			    out, stream_kind(b), b->text, strlen(b->text));
	}
}

void
body_add_text(struct buf *out, const struct body *body)
{
	for (size_t i = 0; i < body->count; i++) {
		const struct block *b = &body->blocks[i];

		if (!block_is_text(b) || b->text[0] == '\0')
			continue;
		if (out->len > 0)
			buf_add_byte(out, '\n');
		buf_add_text(out, b->text);
	}
}
