/* Zones of a page that are not the article. */

#include "core/news/furniture.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/news/profile_rules.h"
#include "core/news/reading.h"
#include "core/web/page.h"
#include "core/web/select.h"

enum { ZONE_ITEMS_MAX = 500 };

/* The elements of the first rule that is on the page, and that rule. */
static const struct rule *
find_zone(const struct zone *z, struct reading *r, struct node_list *out)
{
	out->count = 0;
	for (size_t i = 0; i < z->where.count; i++) {
		rule_select(&z->where.rules[i], r, NULL, out);
		if (out->count > 0)
			return &z->where.rules[i];
	}
	return NULL;
}

void
furniture_find(struct reading *r)
{
	const struct profile *p = r->profile;
	struct node_list list;

	r->zones = arena_alloc(
	    r->arena, (p->zone_count + 1) * sizeof(*r->zones));
	for (size_t i = 0; i < p->zone_count; i++) {
		r->zones[i].rule = find_zone(&p->zones[i], r, &list);
		r->zones[i].node = list.count > 0 ? list.nodes[0] : NULL;
		for (size_t k = 0; k < list.count; k++)
			reading_add_furniture(r, list.nodes[k]);
	}
	for (size_t i = 0; i < p->drop_count; i++) {
		rule_select(&p->drops[i], r, NULL, &list);
		for (size_t k = 0; k < list.count; k++)
			reading_add_furniture(r, list.nodes[k]);
	}
}

/* The largest box inside ZONE that holds no other of the matches. */
static const struct node *
box_around(const struct node *zone, const struct node_list *all, size_t i)
{
	const struct node *box = all->nodes[i];

	for (;;) {
		const struct node *outer = node_parent(box);

		if (outer == NULL || outer == zone)
			return box;
		for (size_t k = 0; k < all->count; k++)
			if (k != i && node_contains(outer, all->nodes[k]))
				return box;
		box = outer;
	}
}

static int
is_skipped(const struct reading *r, const struct zone *z, const struct node *n)
{
	const char *text = reading_ws(r, reading_text(r, n));

	for (size_t i = 0; i < z->skip.count; i++)
		if (strcmp(text, z->skip.items[i]) == 0)
			return 1;
	return text[0] == '\0';
}

static struct json *
field_json(
    struct reading *r, const struct zone_field *f, const struct node *item)
{
	struct values v = { 0 };

	rule_evaluate(&f->rule, r, item, &v);
	if (v.count == 0)
		return NULL;
	if (v.items[0].date != NULL)
		return v.items[0].date;
	return json_new_string(r->arena, reading_ws(r, v.items[0].text));
}

static struct json *
item_json(struct reading *r, const struct zone *z, const struct node *item,
    size_t pos)
{
	struct json *o = json_new_object(r->arena);
	const char *href = reading_href(r, item);
	int has_title = 0;

	json_set_integer(r->arena, o, "pos", (int64_t)pos);
	if (href != NULL)
		json_set_string(r->arena, o, "href", href);
	for (size_t i = 0; i < z->field_count; i++) {
		struct json *v = field_json(r, &z->fields[i], item);

		if (strcmp(z->fields[i].name, "title") == 0)
			has_title = 1;
		if (v != NULL)
			json_set(r->arena, o, z->fields[i].name, v);
	}
	if (!has_title)
		json_set_string(
		    r->arena, o, "text", reading_ws(r, reading_text(r, item)));
	return o;
}

static struct json *
zone_items(struct reading *r, const struct zone *z, const struct node *zone)
{
	struct json *list = json_new_array(r->arena);
	const struct node *last = NULL;
	struct node_list found = { 0 };

	if (z->item == NULL) {
		json_append(r->arena, list, item_json(r, z, zone, 1));
		return list;
	}
	rule_select(z->item, r, zone, &found);
	for (size_t i = 0; i < found.count; i++) {
		const struct node *item = found.nodes[i];

		if (json_count(list) == ZONE_ITEMS_MAX) {
			reading_warn(r, "zone.limit");
			break;
		}
		/* A match inside a match is part of the same item. */
		if (last != NULL && node_contains(last, item))
			continue;
		last = item;
		if (z->item_around)
			item = box_around(zone, &found, i);
		if (!is_skipped(r, z, item))
			json_append(r->arena, list,
			    item_json(r, z, item, json_count(list) + 1));
	}
	return list;
}

static void
set_hash(const struct reading *r, struct json *hashes, const char *name,
    const struct json *items)
{
	char digest[DIGEST_TEXT_MAX];
	struct buf b = { 0 };

	json_write_canonical(&b, items);
	digest_text(DIGEST_SHA256, b.data, b.len, digest);
	json_set_string(r->arena, hashes, name, digest + strlen("sha256:"));
	buf_clear(&b);
}

struct json *
furniture_state(struct reading *r)
{
	const struct profile *p = r->profile;
	struct json *o = json_new_object(r->arena);
	struct json *zones = json_new_object(r->arena);
	struct json *hashes = json_new_object(r->arena);
	struct json *provenance = json_new_object(r->arena);
	struct json *missing = json_new_array(r->arena);

	for (size_t i = 0; i < p->zone_count; i++) {
		const char *name = p->zones[i].name;
		const struct value v = { .node = r->zones[i].node };
		struct json *items;

		if (v.node == NULL) {
			json_append(
			    r->arena, missing, json_new_string(r->arena, name));
			continue;
		}
		items = zone_items(r, &p->zones[i], v.node);
		json_set(r->arena, zones, name, items);
		json_set(r->arena, provenance, name,
		    reading_provenance(r, r->zones[i].rule, &v));
		set_hash(r, hashes, name, items);
	}
	json_set_string(r->arena, o, "schema", "pagestate/1");
	json_set_string(r->arena, o, "url", r->input->url);
	json_set(r->arena, o, "captured",
	    date_words_instant(r->arena, r->input->captured_us));
	json_set(r->arena, o, "zones", zones);
	json_set(r->arena, o, "hashes", hashes);
	json_set(r->arena, o, "provenance", provenance);
	json_set(r->arena, o, "missing", missing);
	return o;
}
