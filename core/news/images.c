/* The pictures of an article. */

#include "core/news/images.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/news/credit.h"
#include "core/news/profile_rules.h"
#include "core/news/reading.h"
#include "core/web/links.h"
#include "core/web/page.h"
#include "core/web/select.h"

struct candidates {
	struct reading *r;
	struct json *list;
	const char *source; /* "img@srcset" */
	const char *media;
	const char *type;
};

static void
set_if(const struct reading *r, struct json *o, const char *name,
    const char *value)
{
	if (value != NULL && value[0] != '\0')
		json_set_string(r->arena, o, name, value);
}

static int
is_known(const struct json *list, const char *url, const char *descriptor)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *c = json_at(list, i);

		if (strcmp(json_text(json_get(c, "url"), ""), url) == 0 &&
		    strcmp(json_text(json_get(c, "descriptor"), ""),
			descriptor) == 0)
			return 1;
	}
	return 0;
}

static void
add_candidate(struct candidates *c, const char *url, const char *descriptor)
{
	struct reading *r = c->r;
	struct json *o;

	/* Placeholders carry their bytes in the address. */
	if (url == NULL || text_starts(url, "data:") ||
	    is_known(c->list, url, descriptor))
		return;
	if (json_count(c->list) == IMAGE_CANDIDATES_MAX) {
		reading_warn(r, "image.candidates.limit");
		return;
	}
	o = json_new_object(r->arena);
	json_set_string(r->arena, o, "url", url);
	json_set_string(r->arena, o, "source", c->source);
	set_if(r, o, "descriptor", descriptor);
	set_if(r, o, "media", c->media);
	set_if(r, o, "type", c->type);
	json_append(r->arena, c->list, o);
}

static void
add_srcset(void *context, const char *url, size_t url_len,
    const char *descriptor, size_t descriptor_len)
{
	struct candidates *c = context;
	struct arena *a = c->r->arena;

	add_candidate(c, reading_url(c->r, arena_text_n(a, url, url_len)),
	    arena_text_n(a, descriptor, descriptor_len));
}

static void
add_attribute(struct candidates *c, const struct node *n, const char *name)
{
	const char *value = node_attribute(n, name);

	if (value == NULL)
		return;
	if (text_ends(name, "srcset"))
		links_of_srcset(value, strlen(value), add_srcset, c);
	else
		add_candidate(c, reading_url(c->r, value), "");
}

/* "source@NAME": all sources of the picture around N; "img@NAME": N. */
static void
add_listed(struct candidates *c, const struct node *n, const char *listed)
{
	const struct node *picture = reading_ancestor(n, "picture");
	const char *name = strchr(listed, '@') + 1;

	c->source = listed;
	c->media = NULL;
	c->type = NULL;
	if (text_starts(listed, "img@")) {
		add_attribute(c, n, name);
		return;
	}
	if (picture == NULL)
		return;
	for (struct node *s = node_first_child(picture); s != NULL;
	     s = node_next(s)) {
		if (strcmp(node_name(s), "source") != 0)
			continue;
		c->media = node_attribute(s, "media");
		c->type = node_attribute(s, "type");
		add_attribute(c, s, name);
	}
}

/* "1600w" -> 1600000, "2x" -> 2000, none -> 0: any width beats any density. */
static long
weight(const struct json *candidate, size_t cap)
{
	const char *d = json_text(json_get(candidate, "descriptor"), "");
	size_t len = strlen(d);
	double n;

	if (len < 2 || len > 12)
		return 0;
	n = strtod(d, NULL);
	if (!(n > 0 && n < 100000))
		return 0;
	if (d[len - 1] == 'x')
		return (long)(n * 1000);
	if (d[len - 1] != 'w' || (cap > 0 && n > (double)cap))
		return 0;
	return (long)n * 100000;
}

/* The widest; of equals the one every browser reads. */
static const struct json *
choose(const struct json *list, size_t cap)
{
	const struct json *best = NULL;
	long best_weight = -1;

	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *c = json_at(list, i);
		long w = weight(c, cap) * 2 + (json_get(c, "type") == NULL);

		if (w > best_weight) {
			best = c;
			best_weight = w;
		}
	}
	return best;
}

static const char *
apply(const struct reading *r, const struct filter *filters, size_t count,
    const char *url)
{
	struct value v = { .text = url };
	struct values all = { 0 };

	if (count == 0)
		return NULL;
	values_add(r->arena, &all, &v);
	for (size_t i = 0; i < count; i++) {
		struct values out = { 0 };

		filter_apply(&filters[i], r, &all, &out);
		all = out;
	}
	return all.count > 0 ? all.items[0].text : NULL;
}

/* "2023-7-3" -> 20230703; 0 when it is no day. */
static uint64_t
day_number(const char *s)
{
	static const uint64_t most[] = { 9999, 12, 31 };
	uint64_t number = 0;

	for (size_t i = 0; i < 3; i++) {
		size_t len = strspn(s, "0123456789");
		uint64_t n;

		if (!text_uint(s, len, most[i], &n))
			return 0;
		number = number * 100 + n;
		s += len + (s[len] == '-');
	}
	return number;
}

/* The day in the address against the day of publication. */
static const char *
date_relation(const struct reading *r, const char *day)
{
	const struct values *published = &r->fields[FIELD_PUBLISHED];
	uint64_t a, b;

	if (day == NULL || published->count == 0 ||
	    published->items[0].date == NULL)
		return NULL;
	a = day_number(day);
	b = day_number(
	    json_text(json_get(published->items[0].date, "iso"), ""));
	if (a == 0 || b == 0)
		return NULL;
	return a == b ? "same" : a < b ? "older" : "newer";
}

/* Chosen address, original, asset. */
static void
finish_addresses(const struct reading *r, struct image *image)
{
	const struct image_rules *rules = &r->profile->images;
	const struct json *best = choose(
	    json_get(image->json, "candidates"), rules->cap);
	const char *url = json_text(json_get(best, "url"), NULL);
	const char *why = json_text(json_get(best, "descriptor"), NULL);
	struct json *chosen = json_new_object(r->arena);
	struct json *original = json_new_object(r->arena);
	const char *s;

	if (url == NULL)
		return;
	json_set_string(r->arena, chosen, "url", url);
	json_set_string(r->arena, chosen, "why",
	    why == NULL ? "only" : arena_format(r->arena, "largest: %s", why));
	json_set(r->arena, image->json, "chosen", chosen);
	s = apply(r, rules->original, rules->original_count, url);
	if (s != NULL) {
		json_set_string(r->arena, original, "url", s);
		json_set(r->arena, image->json, "original", original);
	}
	s = apply(r, rules->asset_key, rules->asset_key_count, url);
	image->asset_key = s != NULL ? s : "";
	set_if(r, image->json, "asset_key", s);
	set_if(r, image->json, "asset_rev",
	    apply(r, rules->asset_rev, rules->asset_rev_count, url));
	set_if(r, image->json, "path_date_relation",
	    date_relation(
		r, apply(r, rules->asset_date, rules->asset_date_count, url)));
}

/* The caption in the figure around N, else in the nearest box. */
static const char *
find_caption(struct reading *r, const struct node *n, const struct selector *s)
{
	const struct node *figure = reading_ancestor(n, "figure");
	struct node_list found = { 0 };

	for (int i = 0; i < 3 && n != NULL && found.count == 0; i++) {
		n = figure != NULL ? figure : node_parent(n);
		if (n == NULL ||
		    page_select(r->page, s, n, r->arena, &found, NULL) != 0)
			return NULL;
		if (figure != NULL)
			break;
	}
	return found.count == 0
		   ? NULL
		   : reading_ws(r, reading_text(r, found.nodes[0]));
}

static void
set_credit(
    struct reading *r, struct json *o, const char *caption, const char *alt)
{
	const char *other = credit_parenthesis(r->arena, alt);
	struct credit credit;

	json_set_string(r->arena, o, "caption_raw", caption);
	if (!credit_find(r->arena, &r->profile->images, caption, &credit)) {
		json_set_string(r->arena, o, "caption", caption);
		return;
	}
	json_set_string(r->arena, o, "caption", credit.rest);
	json_set_string(r->arena, o, "credit", credit.text);
	json_set_string(r->arena, o, "credit_kind", credit.kind);
	set_if(r, o, "credit_agency", credit.agency);
	set_if(r, o, "credit_person", credit.person);
	json_set_bool(r->arena, o, "credit_conflict",
	    other != NULL && strcmp(other, credit.text) != 0);
	if (other != NULL && strcmp(other, credit.text) != 0)
		reading_warn(r, "credit.conflict");
}

static void
fill_image(
    struct reading *r, const struct image_rule *rule, struct image *image)
{
	const struct text_list *listed = &r->profile->images.candidates;
	struct candidates c = { .r = r };
	struct json *o = json_new_object(r->arena);
	const char *alt = node_attribute(image->node, "alt");
	const char *caption;

	c.list = json_new_array(r->arena);
	image->json = o;
	image->role = rule->role;
	image->asset_key = "";
	json_set_string(r->arena, o, "role", rule->role);
	json_set(r->arena, o, "candidates", c.list);
	image->rule = &rule->rule;
	if (alt != NULL)
		json_set_string(r->arena, o, "alt", alt);
	for (size_t i = 0; i < listed->count; i++)
		add_listed(&c, image->node, listed->items[i]);
	finish_addresses(r, image);
	caption = rule->caption != NULL
		      ? find_caption(r, image->node, rule->caption)
		      : NULL;
	if (caption != NULL && caption[0] != '\0')
		set_credit(r, o, caption, alt != NULL ? alt : "");
}

static struct image *
new_image(struct reading *r, struct images *out)
{
	if (out->count == IMAGES_MAX) {
		reading_warn(r, "images.limit");
		return NULL;
	}
	return &out->items[out->count++];
}

static int
has_node(const struct images *images, const struct node *n)
{
	for (size_t i = 0; i < images->count; i++)
		if (images->items[i].node == n)
			return 1;
	return 0;
}

static void
read_rule(struct reading *r, const struct image_rule *rule, struct images *out)
{
	struct node_list found;

	rule_select(&rule->rule, r, NULL, &found);
	for (size_t i = 0; i < found.count; i++) {
		struct image *image;

		if (reading_is_furniture(r, found.nodes[i]) ||
		    has_node(out, found.nodes[i]))
			continue;
		image = new_image(r, out);
		if (image == NULL)
			return;
		image->node = found.nodes[i];
		fill_image(r, rule, image);
		if (strcmp(rule->role, "lead") == 0)
			return;
	}
}

/* An address in the metadata: one more of a known picture, or one more. */
static void
read_thumbnail(struct reading *r, const struct rule *rule, const char *url,
    struct images *out)
{
	struct candidates c = { .r = r, .source = rule->written };
	const struct image_rules *rules = &r->profile->images;
	const char *key = apply(
	    r, rules->asset_key, rules->asset_key_count, url);
	struct image *image;

	for (size_t i = 0; key != NULL && i < out->count; i++) {
		if (strcmp(out->items[i].asset_key, key) != 0)
			continue;
		c.list = json_get(out->items[i].json, "candidates");
		add_candidate(&c, url, "");
		return;
	}
	image = new_image(r, out);
	if (image == NULL)
		return;
	c.list = json_new_array(r->arena);
	add_candidate(&c, url, "");
	image->role = "thumbnail";
	image->asset_key = "";
	image->json = json_new_object(r->arena);
	json_set_string(r->arena, image->json, "role", image->role);
	json_set(r->arena, image->json, "candidates", c.list);
	finish_addresses(r, image);
}

void
images_read(struct reading *r, struct images *out)
{
	const struct image_rules *rules = &r->profile->images;

	out->count = 0;
	out->items = arena_alloc(r->arena, IMAGES_MAX * sizeof(*out->items));
	for (size_t i = 0; i < rules->rule_count; i++)
		read_rule(r, &rules->rules[i], out);
	for (size_t i = 0; i < rules->thumbnail.count; i++) {
		const struct rule *rule = &rules->thumbnail.rules[i];
		struct values found = { 0 };

		rule_evaluate(rule, r, NULL, &found);
		for (size_t k = 0; k < found.count; k++) {
			const char *url = reading_url(r, found.items[k].text);

			if (url != NULL)
				read_thumbnail(r, rule, url, out);
		}
	}
}

static void
add_wanted(const struct reading *r, struct json *list, const char *url,
    const char *role, int required)
{
	struct json *o;

	if (url == NULL || is_known(list, url, "") ||
	    json_count(list) == IMAGES_WANTED_MAX)
		return;
	o = json_new_object(r->arena);
	json_set_string(r->arena, o, "url", url);
	json_set_string(r->arena, o, "role", role);
	json_set_bool(r->arena, o, "required", required);
	json_append(r->arena, list, o);
}

/* Offered by the element, not only by metadata. */
static int
is_shown(const struct json *candidate)
{
	const char *source = json_text(json_get(candidate, "source"), "");

	return text_starts(source, "img@") || text_starts(source, "source@");
}

struct json *
images_wanted(struct reading *r, const struct images *images)
{
	struct json *list = json_new_array(r->arena);

	for (size_t i = 0; i < images->count; i++) {
		const struct image *image = &images->items[i];
		const struct json *c = json_get(image->json, "candidates");

		/* What the page itself shows must be there; what only its
		 * metadata names, or we made up, may be missing. */
		for (size_t k = 0; k < json_count(c); k++)
			add_wanted(r, list,
			    json_text(json_get(json_at(c, k), "url"), NULL),
			    image->role, is_shown(json_at(c, k)));
		add_wanted(r, list,
		    json_text(
			json_get(json_get(image->json, "original"), "url"),
			NULL),
		    "original", 0);
	}
	return list;
}
