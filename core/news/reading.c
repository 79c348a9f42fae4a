/* One page being read: what rules see. */

#include "core/news/reading.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/news/loose_json.h"
#include "core/news/normalize.h"
#include "core/news/rule.h"
#include "core/web/page.h"

static const char *
take_text(struct arena *a, struct buf *b)
{
	const char *s = arena_text_n(a, buf_text(b), b->len);

	buf_clear(b);
	return s;
}

const char *
reading_text(const struct reading *r, const struct node *n)
{
	struct buf b = { 0 };

	node_add_text(&b, n);
	return take_text(r->arena, &b);
}

static int
is_white(uint32_t cp)
{
	return (cp >= 9 && cp <= 13) || cp == 0x20 || cp == 0x85 ||
	       cp == 0xa0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) ||
	       cp == 0x2028 || cp == 0x2029 || cp == 0x202f || cp == 0x205f ||
	       cp == 0x3000;
}

const char *
reading_ws(const struct reading *r, const char *s)
{
	const uint8_t *p = (const uint8_t *)s;
	size_t len = strlen(s);
	struct buf b = { 0 };
	int pending = 0;

	for (size_t i = 0; i < len;) {
		uint32_t cp;
		size_t used = text_utf8_next(p + i, len - i, &cp, NULL);

		if (is_white(cp)) {
			pending = b.len > 0;
		} else {
			if (pending)
				buf_add_byte(&b, ' ');
			pending = 0;
			buf_add(&b, p + i, used);
		}
		i += used;
	}
	return take_text(r->arena, &b);
}

const char *
reading_nt1(const struct reading *r, const char *s)
{
	struct buf b = { 0 };

	nt1_text(&b, s, strlen(s));
	return take_text(r->arena, &b);
}

const char *
reading_url(const struct reading *r, const char *s)
{
	struct url url;
	const char *text;

	if (s == NULL ||
	    url_parse(&url, s, strlen(s),
		r->page != NULL ? page_base(r->page) : &r->url, NULL) != 0)
		return NULL;
	text = arena_text(r->arena, url.text);
	url_clear(&url);
	return text;
}

void
reading_warn(struct reading *r, const char *warning)
{
	for (size_t i = 0; i < json_count(r->warnings); i++)
		if (strcmp(json_text(json_at(r->warnings, i), ""), warning) ==
		    0)
			return;
	json_append(r->arena, r->warnings, json_new_string(r->arena, warning));
}

const struct node *
reading_ancestor(const struct node *n, const char *name)
{
	while (n != NULL && strcmp(node_name(n), name) != 0)
		n = node_parent(n);
	return n;
}

/* The next node in document order below ROOT. */
static struct node *
next_node(struct node *n, const struct node *root)
{
	struct node *next = node_first_child(n);

	if (next != NULL)
		return next;
	while (n != NULL && n != root) {
		next = node_next(n);
		if (next != NULL)
			return next;
		n = node_parent(n);
	}
	return NULL;
}

const char *
reading_href(const struct reading *r, const struct node *n)
{
	const struct node *link = NULL;

	for (struct node *x = node_first_child(n); link == NULL && x != NULL;
	     x = next_node(x, n))
		if (strcmp(node_name(x), "a") == 0 &&
		    node_attribute(x, "href") != NULL)
			link = x;
	if (link == NULL || strcmp(node_name(n), "a") == 0)
		link = reading_ancestor(n, "a") != NULL
			   ? reading_ancestor(n, "a")
			   : link;
	return link == NULL ? NULL
			    : reading_url(r, node_attribute(link, "href"));
}

int
reading_is_furniture(const struct reading *r, const struct node *n)
{
	for (size_t i = 0; i < r->furniture_count; i++)
		if (r->furniture[i] == n || node_contains(r->furniture[i], n))
			return 1;
	return 0;
}

int
reading_begins_furniture(const struct reading *r, const struct node *n)
{
	for (size_t i = 0; i < r->furniture_count; i++)
		if (r->furniture[i] == n)
			return 1;
	return 0;
}

void
reading_add_furniture(struct reading *r, const struct node *n)
{
	enum { FURNITURE_MAX = 128 };

	if (r->furniture == NULL)
		r->furniture = arena_alloc(
		    r->arena, FURNITURE_MAX * sizeof(const struct node *));
	if (reading_is_furniture(r, n))
		return;
	if (r->furniture_count == FURNITURE_MAX)
		reading_warn(r, "furniture.limit");
	else
		r->furniture[r->furniture_count++] = n;
}

/* The text of a script: what node_add_text leaves out for readers. */
static const char *
script_text(const struct reading *r, const struct node *script)
{
	struct buf b = { 0 };

	for (const struct node *n = node_first_child(script); n != NULL;
	     n = node_next(n))
		node_add_text(&b, n);
	return take_text(r->arena, &b);
}

const struct json *
reading_parse_json(struct reading *r, const char *text, size_t len)
{
	int repaired;
	const struct json *v = loose_json_parse(r->arena, text, len, &repaired);

	if (v == NULL)
		reading_warn(r, "json.broken");
	else if (repaired)
		reading_warn(r, "json.repaired");
	return v;
}

const struct json *
reading_script_json(struct reading *r, const struct node *script)
{
	const char *text;

	for (size_t i = 0; i < r->script_count; i++)
		if (r->scripts[i].node == script)
			return r->scripts[i].json;
	if (r->script_count == READING_SCRIPTS_MAX)
		return NULL;
	text = script_text(r, script);
	r->scripts[r->script_count].node = script;
	r->scripts[r->script_count].json = reading_parse_json(
	    r, text, strlen(text));
	return r->scripts[r->script_count++].json;
}

/* Lists and @graph are gone through. */
static void
add_ld(struct reading *r, const struct node *script, const struct json *v,
    unsigned depth)
{
	if (depth > 4 || v == NULL)
		return;
	if (json_is(v, JSON_KIND_ARRAY)) {
		for (size_t i = 0; i < json_count(v); i++)
			add_ld(r, script, json_at(v, i), depth + 1);
		return;
	}
	if (json_get(v, "@type") != NULL && r->ld_count < READING_LD_MAX) {
		r->ld[r->ld_count].node = script;
		r->ld[r->ld_count++].json = v;
	}
	add_ld(r, script, json_get(v, "@graph"), depth + 1);
}

void
reading_add_ld(struct reading *r, const struct json *v, const struct node *node)
{
	add_ld(r, node, v, 0);
}

void
reading_add_meta(struct reading *r, const char *name, const char *value,
    const struct node *node)
{
	struct reading_meta *m = &r->metas[r->meta_count];

	if (name == NULL || value == NULL || r->meta_count == READING_METAS_MAX)
		return;
	m->name = name;
	m->value = value;
	m->node = node;
	r->meta_count++;
}

void
reading_add_link(struct reading *r, const char *rel, const char *href,
    const struct node *node)
{
	struct reading_meta *m = &r->links[r->link_count];

	if (rel == NULL || href == NULL || r->link_count == READING_METAS_MAX)
		return;
	m->name = rel;
	m->value = href;
	m->node = node;
	r->link_count++;
}

static void
index_node(struct reading *r, struct node *n)
{
	static const char *const names[] = { "name", "property", "itemprop",
		"http-equiv" };
	const char *name = node_name(n);

	if (strcmp(name, "meta") == 0) {
		for (size_t i = 0; i < 4; i++)
			reading_add_meta(r, node_attribute(n, names[i]),
			    node_attribute(n, "content"), n);
	} else if (strcmp(name, "link") == 0) {
		reading_add_link(
		    r, node_attribute(n, "rel"), node_attribute(n, "href"), n);
	} else if (strcmp(name, "script") == 0) {
		const char *type = node_attribute(n, "type");

		if (type != NULL && strcmp(type, "application/ld+json") == 0)
			reading_add_ld(r, reading_script_json(r, n), n);
	} else if (name[0] == 'h' && name[1] >= '1' && name[1] <= '6' &&
		   name[2] == '\0' && r->heading_count < READING_HEADINGS_MAX) {
		r->headings[r->heading_count++] = n;
	}
}

void
reading_begin(struct reading *r)
{
	r->metas = arena_alloc(
	    r->arena, (READING_METAS_MAX + 1) * sizeof(*r->metas));
	r->links = arena_alloc(
	    r->arena, (READING_METAS_MAX + 1) * sizeof(*r->links));
	r->headings = arena_alloc(
	    r->arena, READING_HEADINGS_MAX * sizeof(struct node *));
	r->ld = arena_alloc(r->arena, READING_LD_MAX * sizeof(*r->ld));
	r->scripts = arena_alloc(
	    r->arena, READING_SCRIPTS_MAX * sizeof(*r->scripts));
}

void
reading_index(struct reading *r)
{
	struct node *root = page_root(r->page);

	for (struct node *n = root; n != NULL; n = next_node(n, root))
		index_node(r, n);
}

struct json *
reading_provenance(
    const struct reading *r, const struct rule *rule, const struct value *v)
{
	struct json *o = json_new_object(r->arena);
	struct json *filters = json_new_array(r->arena);
	struct buf path = { 0 };

	if (rule->id != NULL)
		json_set_string(r->arena, o, "rule", rule->id);
	json_set_string(r->arena, o, "source", rule->written);
	for (size_t i = 0; i < rule->filter_count; i++)
		json_append(r->arena, filters,
		    json_new_string(r->arena, rule->filters[i].written));
	json_set(r->arena, o, "filters", filters);
	if (v == NULL || v->node == NULL)
		return o;
	node_add_path(&path, v->node);
	json_set_string(r->arena, o, "locator", take_text(r->arena, &path));
	if (node_offset(v->node) >= 0)
		json_set_integer(
		    r->arena, o, "byte_offset", node_offset(v->node));
	return o;
}
