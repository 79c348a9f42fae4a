/* Parts of article/1. */

#include "core/news/article_parts.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/news/body.h"
#include "core/news/images.h"
#include "core/news/profile_rules.h"
#include "core/news/reading.h"
#include "core/news/url_params.h"
#include "core/web/page.h"

enum { LINKS_MAX = 5000 };

static const char *
shown(const struct value *v)
{
	return v->mapped != NULL ? v->mapped : v->text;
}

static void
set_if(const struct reading *r, struct json *o, const char *name,
    const char *value)
{
	if (value != NULL && value[0] != '\0')
		json_set_string(r->arena, o, name, value);
}

/* An address on one of the profile's own hosts. */
static int
is_own(const struct reading *r, const char *address)
{
	const struct text_list *hosts = &r->profile->hosts;
	struct url url;
	char host[256];
	int own = 0;

	if (url_parse(&url, address, strlen(address), NULL, NULL) != 0)
		return 0;
	if (!url_host(&url, host, sizeof(host)))
		host[0] = '\0';
	for (size_t i = 0; i < hosts->count; i++)
		own |= strcmp(hosts->items[i], host) == 0;
	url_clear(&url);
	return own;
}

/* The first candidate that names a page of this site. */
static const char *
canonical(struct reading *r, const struct rule **winner)
{
	const struct profile *p = r->profile;

	for (size_t i = 0; i < p->canonical.count; i++) {
		const struct rule *rule = &p->canonical.rules[i];
		struct values found = { 0 };

		rule_evaluate(rule, r, NULL, &found);
		if (found.count == 0)
			continue;
		if (!is_own(r, found.items[0].text)) {
			reading_warn(r, "canonical.other-host");
			continue;
		}
		*winner = rule;
		json_set(r->arena, r->provenance, "url.canonical",
		    reading_provenance(r, rule, &found.items[0]));
		return url_params_drop(r->arena, found.items[0].text,
		    p->drop_params, p->drop_param_count);
	}
	return NULL;
}

struct json *
article_url(struct reading *r)
{
	const struct reading_input *in = r->input;
	struct json *o = json_new_object(r->arena);
	struct json *hops = json_new_array(r->arena);
	const struct rule *winner = NULL;
	const char *s = canonical(r, &winner);

	for (size_t i = 0; in->redirects != NULL && in->redirects[i] != NULL;
	     i++)
		json_append(r->arena, hops,
		    json_new_string(r->arena, in->redirects[i]));
	json_set_string(r->arena, o, "requested",
	    in->requested != NULL && in->requested[0] != '\0' ? in->requested
							      : in->url);
	json_set_string(r->arena, o, "final", in->url);
	json_set_string(r->arena, o, "canonical", s != NULL ? s : in->url);
	json_set_string(r->arena, o, "canonical_source",
	    winner != NULL ? winner->written : "final");
	json_set(r->arena, o, "redirects", hops);
	return o;
}

struct json *
article_edition(struct reading *r)
{
	const struct profile *p = r->profile;
	struct json *o = json_new_object(r->arena);
	const char *lang = r->page == NULL
			       ? NULL
			       : node_attribute(page_root(r->page), "lang");
	const char *dir = r->page == NULL
			      ? NULL
			      : node_attribute(page_root(r->page), "dir");
	int from_page = lang != NULL && lang[0] != '\0';

	set_if(r, o, "key", p->edition);
	set_if(r, o, "lang", from_page ? lang : p->lang);
	json_set_string(
	    r->arena, o, "lang_source", from_page ? "page" : "profile");
	set_if(r, o, "dir", dir != NULL && dir[0] != '\0' ? dir : p->dir);
	set_if(r, o, "script", p->script);
	return o;
}

struct json *
article_alternates(struct reading *r)
{
	const struct profile *p = r->profile;
	struct json *list = json_new_array(r->arena);

	for (size_t i = 0; i < p->alternate_count; i++) {
		const struct alternate *a = &p->alternates[i];
		struct values found = { 0 };
		struct json *o;

		rule_evaluate(&a->rule, r, NULL, &found);
		if (found.count == 0)
			continue;
		o = json_new_object(r->arena);
		json_set_string(r->arena, o, "kind", a->kind);
		json_set_string(r->arena, o, "lang", a->lang);
		json_set_string(r->arena, o, "href", found.items[0].text);
		json_append(r->arena, list, o);
	}
	return list;
}

struct json *
article_publisher(struct reading *r)
{
	const struct values *seen = &r->fields[FIELD_PUBLISHER];
	struct json *o = json_new_object(r->arena);

	set_if(r, o, "name", r->profile->publisher);
	set_if(r, o, "url", r->profile->publisher_url);
	if (seen->count > 0)
		set_if(r, o, "page_name", seen->items[0].text);
	return o;
}

struct json *
article_authors(struct reading *r)
{
	const struct values *v = &r->fields[FIELD_AUTHORS];
	const struct values *byline = &r->fields[FIELD_BYLINE_RAW];
	struct json *list = json_new_array(r->arena);

	for (size_t i = 0; i < v->count; i++) {
		const struct value *x = &v->items[i];
		struct json *o = json_new_object(r->arena);

		json_set_string(r->arena, o, "name", x->text);
		json_set_string(r->arena, o, "kind",
		    x->mapped != NULL ? x->mapped : "unknown");
		json_set_string(r->arena, o, "raw",
		    byline->count > 0 ? byline->items[0].text : x->text);
		if (x->node != NULL)
			set_if(r, o, "url", reading_href(r, x->node));
		json_append(r->arena, list, o);
	}
	return list;
}

struct json *
article_sources(struct reading *r)
{
	const struct values *v = &r->fields[FIELD_SOURCES];
	struct json *list = json_new_array(r->arena);

	for (size_t i = 0; i < v->count; i++) {
		struct json *o = json_new_object(r->arena);

		json_set_string(r->arena, o, "name", v->items[i].text);
		set_if(r, o, "label_raw", v->items[i].label);
		json_append(r->arena, list, o);
	}
	return list;
}

struct json *
article_section(struct reading *r)
{
	const struct values *v = &r->fields[FIELD_SECTION];
	struct json *list = json_new_array(r->arena);

	for (size_t i = 0; i < v->count; i++) {
		const struct value *x = &v->items[i];
		struct json *o = json_new_object(r->arena);

		json_set_string(r->arena, o, "label", shown(x));
		/* A name that no map turned into a label is no slug. */
		if (x->mapped != NULL)
			json_set_string(r->arena, o, "slug", x->text);
		json_append(r->arena, list, o);
	}
	return list;
}

struct json *
article_tags(struct reading *r)
{
	const struct values *v = &r->fields[FIELD_TAGS];
	struct json *list = json_new_array(r->arena);

	for (size_t i = 0; i < v->count; i++)
		json_append(r->arena, list,
		    json_new_string(r->arena, v->items[i].text));
	return list;
}

struct json *
article_coverage(struct reading *r)
{
	const struct values *v = &r->fields[FIELD_COVERAGE];
	struct json *list = json_new_array(r->arena);

	for (size_t i = 0; i < v->count; i++) {
		const struct value *x = &v->items[i];
		struct json *o = json_new_object(r->arena);

		json_set_string(r->arena, o, "name", x->text);
		if (x->node != NULL)
			set_if(r, o, "href", reading_href(r, x->node));
		json_append(r->arena, list, o);
	}
	return list;
}

static void
set_media_ref(const struct reading *r, struct json *o, const struct node *n,
    const struct images *images)
{
	for (size_t i = 0; i < images->count; i++)
		if (images->items[i].node == n)
			json_set_integer(r->arena, o, "media_ref", (int64_t)i);
}

struct json *
article_body(
    struct reading *r, const struct body *body, const struct images *images)
{
	struct json *list = json_new_array(r->arena);

	for (size_t i = 0; i < body->count; i++) {
		const struct block *b = &body->blocks[i];
		struct json *o = json_new_object(r->arena);
		struct buf path = { 0 };

		json_set_integer(r->arena, o, "i", (int64_t)i);
		json_set_string(r->arena, o, "kind", b->kind);
		json_set_string(r->arena, o, "text", b->text);
		set_if(r, o, "label", b->label);
		set_if(r, o, "href", b->href);
		set_if(r, o, "provider", b->provider);
		set_if(r, o, "id", b->id);
		set_if(r, o, "rule", b->rule);
		if (b->rows != NULL)
			json_set(r->arena, o, "rows", b->rows);
		if (strcmp(b->kind, "image") == 0)
			set_media_ref(r, o, b->node, images);
		node_add_path(&path, b->node);
		json_set_string(r->arena, o, "node", buf_text(&path));
		buf_clear(&path);
		json_append(r->arena, list, o);
	}
	return list;
}

/* BLOCK is -1 outside of the body. */
static void
add_link(struct reading *r, struct json *list, const struct node *a,
    const char *rel, int64_t block)
{
	const char *href = reading_url(r, node_attribute(a, "href"));
	struct json *o;

	if (href == NULL)
		return;
	if (json_count(list) == LINKS_MAX) {
		reading_warn(r, "links.limit");
		return;
	}
	o = json_new_object(r->arena);
	json_set_string(r->arena, o, "href", href);
	json_set_string(r->arena, o, "text", reading_ws(r, reading_text(r, a)));
	json_set_string(r->arena, o, "rel", rel);
	json_set_bool(r->arena, o, "internal", is_own(r, href));
	if (block >= 0)
		json_set_integer(r->arena, o, "block", block);
	json_append(r->arena, list, o);
}

static void
add_links(struct reading *r, struct json *list, const struct node *n,
    const char *rel, int64_t block)
{
	if (strcmp(node_name(n), "a") == 0 &&
	    node_attribute(n, "href") != NULL) {
		add_link(r, list, n, rel, block);
		return;
	}
	for (struct node *c = node_first_child(n); c != NULL; c = node_next(c))
		add_links(r, list, c, rel, block);
}

struct json *
article_links(struct reading *r, const struct body *body)
{
	static const struct {
		enum field field;
		const char *rel;
	} fields[] = { { FIELD_AUTHORS, "author" }, { FIELD_SOURCES, "source" },
		{ FIELD_TAGS, "tag" }, { FIELD_COVERAGE, "coverage" } };
	struct json *list = json_new_array(r->arena);
	const struct node *last = NULL;

	for (size_t i = 0; i < body->count; i++) {
		const struct block *b = &body->blocks[i];
		const char *rel = strcmp(b->kind, "xref") == 0 ? "xref"
							       : "body";

		/* Text outside of blocks names its parent more than once. */
		if (b->node != body->root && b->node != last)
			add_links(r, list, b->node, rel, (int64_t)i);
		last = b->node;
	}
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const struct values *v = &r->fields[fields[i].field];

		for (size_t k = 0; k < v->count; k++)
			if (v->items[k].node != NULL)
				add_links(r, list, v->items[k].node,
				    fields[i].rel, -1);
	}
	return list;
}

struct json *
article_media(struct reading *r, const struct body *body)
{
	const struct values *duration = &r->fields[FIELD_MEDIA_DURATION];
	struct json *list = json_new_array(r->arena);

	for (size_t i = 0; i < body->count; i++) {
		const struct block *b = &body->blocks[i];
		struct json *o;

		if (strcmp(b->kind, "embed") != 0)
			continue;
		o = json_new_object(r->arena);
		json_set_string(r->arena, o, "provider",
		    b->provider != NULL ? b->provider : "unknown");
		set_if(r, o, "url", b->href);
		set_if(r, o, "id", b->id);
		json_set_integer(r->arena, o, "block", (int64_t)i);
		json_append(r->arena, list, o);
	}
	if (duration->count > 0) {
		uint64_t seconds = 0;
		struct json *o = json_new_object(r->arena);

		(void)text_uint(duration->items[0].text,
		    strlen(duration->items[0].text), UINT32_MAX, &seconds);
		json_set_string(r->arena, o, "provider", "site");
		json_set_integer(r->arena, o, "duration_s", (int64_t)seconds);
		json_append(r->arena, list, o);
	}
	return list;
}
