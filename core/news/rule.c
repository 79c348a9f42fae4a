/* Rules, evaluated. */

#include "core/news/rule.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/news/loose_json.h"
#include "core/news/pattern.h"
#include "core/news/reading.h"
#include "core/web/http_message.h"
#include "core/web/page.h"
#include "core/web/select.h"

struct evaluation {
	const struct rule *rule;
	struct reading *reading;
	const struct node *root;
	const struct node *node; /* of the values being added */
	struct values found;
};

static void
add(struct evaluation *x, const char *text)
{
	struct value v = { .text = text, .node = x->node };

	if (text != NULL && text[0] != '\0')
		values_add(x->reading->arena, &x->found, &v);
}

static void
select_nodes(const struct evaluation *x, struct node_list *out)
{
	out->count = 0;
	if (x->reading->page == NULL)
		return;
	if (page_select(x->reading->page, x->rule->selector, x->root,
		x->reading->arena, out, NULL) != 0) {
		out->count = 0;
		reading_warn(x->reading, "select.limit");
	}
}

/* Below ROOT; on the whole page (NULL) what zones hold does not count. */
static int
page_has(struct reading *r, const struct selector *s, const struct node *root)
{
	struct node_list list = { 0 };

	if (r->page == NULL)
		return 0;
	if (page_select(r->page, s, root, r->arena, &list, NULL) != 0)
		reading_warn(r, "select.limit");
	for (size_t i = 0; i < list.count; i++)
		if (root != NULL || !reading_is_furniture(r, list.nodes[i]))
			return 1;
	return 0;
}

static const char *
url_subject(const struct reading *r)
{
	struct buf b = { 0 };
	const char *s;

	url_add_request_target(&b, &r->url);
	s = arena_text(r->arena, buf_text(&b));
	buf_clear(&b);
	return s;
}

int
guard_holds(const struct guard *g, struct reading *r, const struct value *v)
{
	const char *text = "";
	int holds = 0;

	switch (g->kind) {
	case GUARD_TEXT_STARTS:
	case GUARD_TEXT_ENDS:
	case GUARD_TEXT_HAS:
		text = reading_ws(r, v->text);
		break;
	case GUARD_HAS:
		holds = page_has(r, g->selector, v->node);
		break;
	case GUARD_URL:
		text = url_subject(r);
		holds = pattern_find(g->pattern, text, strlen(text), NULL);
		break;
	}
	if (g->kind == GUARD_TEXT_STARTS)
		holds = text_starts(text, g->text);
	else if (g->kind == GUARD_TEXT_ENDS)
		holds = text_ends(text, g->text);
	else if (g->kind == GUARD_TEXT_HAS)
		holds = strstr(text, g->text) != NULL;
	return holds != g->negated;
}

/* Drop the values for which a guard does not hold. */
static void
apply_guards(struct evaluation *x)
{
	size_t kept = 0;

	for (size_t i = 0; i < x->found.count; i++) {
		const struct value *v = &x->found.items[i];
		size_t k = 0;

		while (k < x->rule->guard_count &&
		       guard_holds(&x->rule->guards[k], x->reading, v))
			k++;
		if (k == x->rule->guard_count)
			x->found.items[kept++] = *v;
	}
	x->found.count = kept;
}

static void
apply_filters(struct evaluation *x)
{
	for (size_t i = 0; i < x->rule->filter_count; i++) {
		struct values out = { 0 };

		filter_apply(&x->rule->filters[i], x->reading, &x->found, &out);
		x->found = out;
	}
}

static int
add_json(void *context, const struct json *v)
{
	struct evaluation *x = context;
	struct buf number = { 0 };

	switch (json_kind(v)) {
	case JSON_KIND_STRING:
		add(x, json_text(v, ""));
		break;
	case JSON_KIND_INTEGER:
	case JSON_KIND_REAL:
	case JSON_KIND_TRUE:
	case JSON_KIND_FALSE:
		json_write(&number, v);
		add(x, arena_text(x->reading->arena, buf_text(&number)));
		buf_clear(&number);
		break;
	case JSON_KIND_ARRAY:
		for (size_t i = 0; i < json_count(v); i++)
			if (json_is(json_at(v, i), JSON_KIND_STRING))
				add(x, json_text(json_at(v, i), ""));
		break;
	case JSON_KIND_NULL:
	case JSON_KIND_OBJECT:
		break;
	}
	return x->found.count < VALUES_MAX ? 0 : -1;
}

/* Without a tree "script#ID" is known by its id alone. */
static const struct json *
json_by_id(const struct rule *rule, const struct reading *r)
{
	const char *id = strchr(rule->name, '#');

	for (size_t i = 0; id != NULL && i < r->script_count; i++)
		if (r->scripts[i].id != NULL &&
		    strcmp(r->scripts[i].id, id + 1) == 0)
			return r->scripts[i].json;
	return NULL;
}

static void
find_json(struct evaluation *x)
{
	struct node_list list;

	if (x->reading->page == NULL) {
		json_path_walk(x->rule->path, json_by_id(x->rule, x->reading),
		    add_json, x);
		return;
	}

	select_nodes(x, &list);
	for (size_t i = 0; i < list.count; i++) {
		const struct json *v = reading_script_json(
		    x->reading, list.nodes[i]);

		x->node = list.nodes[i];
		if (v != NULL)
			json_path_walk(x->rule->path, v, add_json, x);
	}
}

static int
is_typed(const struct rule *rule, const struct json *v)
{
	const struct json *type = json_get(v, "@type");
	size_t n = json_is(type, JSON_KIND_ARRAY) ? json_count(type) : 1;

	for (size_t i = 0; i < n; i++) {
		const char *name = json_text(
		    json_is(type, JSON_KIND_ARRAY) ? json_at(type, i) : type,
		    "");

		for (size_t k = 0; k < rule->type_count; k++)
			if (strcmp(name, rule->types[k]) == 0)
				return 1;
	}
	return 0;
}

static void
find_ld(struct evaluation *x)
{
	const struct reading *r = x->reading;

	for (size_t i = 0; i < r->ld_count; i++) {
		if (!is_typed(x->rule, r->ld[i].json))
			continue;
		x->node = r->ld[i].node;
		json_path_walk(x->rule->path, r->ld[i].json, add_json, x);
	}
}

static void
find_metas(struct evaluation *x, const struct reading_meta *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!text_equal_nocase(
			list[i].name, strlen(list[i].name), x->rule->name))
			continue;
		x->node = list[i].node;
		add(x, list[i].value);
	}
}

static const char *
node_value(const struct evaluation *x, const struct node *n)
{
	if (x->rule->attribute != NULL)
		return node_attribute(n, x->rule->attribute);
	return reading_text(x->reading, n);
}

/* css(): the first element that leads to a value; all(): every element. */
static void
find_nodes(struct evaluation *x, struct values *out)
{
	const int is_all = x->rule->kind == SOURCE_ALL;
	struct node_list list;

	select_nodes(x, &list);
	for (size_t i = 0; i < list.count; i++) {
		x->node = list.nodes[i];
		if (x->root == NULL &&
		    reading_is_furniture(x->reading, x->node))
			continue;
		add(x, node_value(x, x->node));
		if (is_all)
			continue;
		apply_guards(x);
		apply_filters(x);
		if (x->found.count > 0)
			break;
	}
	if (is_all) {
		apply_guards(x);
		apply_filters(x);
	}
	*out = x->found;
}

static void
find_url(struct evaluation *x)
{
	const char *subject = url_subject(x->reading);
	struct pattern_match m;
	struct buf out = { 0 };

	if (pattern_find(x->rule->pattern, subject, strlen(subject), &m)) {
		pattern_fill(&out, x->rule->form, subject, &m);
		add(x, arena_text(x->reading->arena, buf_text(&out)));
	}
	buf_clear(&out);
}

static void
find_http(struct evaluation *x)
{
	const struct http_reader *head = x->reading->head;

	for (size_t i = 0; i < http_reader_field_count(head); i++) {
		const struct http_field *f = http_reader_field_at(head, i);

		if (!text_equal_nocase(f->name, f->name_len, x->rule->name))
			continue;
		add(x, arena_text_n(x->reading->arena, f->value,
			   strnlen(f->value, f->value_len)));
	}
}

void
rule_evaluate(const struct rule *rule, struct reading *r,
    const struct node *root, struct values *out)
{
	struct evaluation x = { .rule = rule, .reading = r, .root = root };

	switch (rule->kind) {
	case SOURCE_CSS:
	case SOURCE_ALL:
		find_nodes(&x, out);
		return;
	case SOURCE_JSON:
		find_json(&x);
		break;
	case SOURCE_LD:
		find_ld(&x);
		break;
	case SOURCE_META:
		find_metas(&x, r->metas, r->meta_count);
		break;
	case SOURCE_LINK:
		find_metas(&x, r->links, r->link_count);
		break;
	case SOURCE_SELF:
		x.node = root;
		if (root != NULL)
			add(&x, node_value(&x, root));
		break;
	case SOURCE_HEADING:
		break;
	case SOURCE_URL:
		find_url(&x);
		break;
	case SOURCE_HTTP:
		find_http(&x);
		break;
	case SOURCE_CONST:
		add(&x, rule->name);
		break;
	case SOURCE_FIELD:
		for (size_t i = 0; i < r->fields[rule->field].count; i++)
			values_add(r->arena, &x.found,
			    &r->fields[rule->field].items[i]);
		break;
	}
	apply_guards(&x);
	apply_filters(&x);
	*out = x.found;
}

int
rule_has_place(const struct rule *rule, struct reading *r)
{
	switch (rule->kind) {
	case SOURCE_JSON:
		return page_has(r, rule->selector, NULL) ||
		       json_by_id(rule, r) != NULL;
	case SOURCE_LD:
		for (size_t i = 0; i < r->ld_count; i++)
			if (is_typed(rule, r->ld[i].json))
				return 1;
		return 0;
	case SOURCE_META:
		for (size_t i = 0; i < r->meta_count; i++)
			if (text_equal_nocase(r->metas[i].name,
				strlen(r->metas[i].name), rule->name))
				return 1;
		return 0;
	case SOURCE_LINK:
		for (size_t i = 0; i < r->link_count; i++)
			if (text_equal_nocase(r->links[i].name,
				strlen(r->links[i].name), rule->name))
				return 1;
		return 0;
	case SOURCE_HTTP:
		return http_reader_field(r->head, rule->name) != NULL;
	case SOURCE_FIELD:
		return r->fields[rule->field].count > 0;
	case SOURCE_CSS:
	case SOURCE_ALL:
	case SOURCE_SELF:
	case SOURCE_HEADING:
	case SOURCE_URL:
	case SOURCE_CONST:
		return 1;
	}
	return 1;
}

static int
heading_rank(const struct node *n)
{
	const char *name = node_name(n);

	return name[0] == 'h' && name[1] >= '1' && name[1] <= '6' &&
		       name[2] == '\0'
		   ? name[1] - '0'
		   : 0;
}

static int
is_sectioning(const struct node *n)
{
	static const char *const names[] = { "section", "aside", "nav",
		"article", "main" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(node_name(n), names[i]) == 0)
			return 1;
	return 0;
}

/* Another heading of the same or a higher rank stands in BOX. */
static int
has_rival(
    const struct reading *r, const struct node *box, const struct node *heading)
{
	for (size_t i = 0; i < r->heading_count; i++) {
		const struct node *n = r->headings[i];

		if (n != heading && heading_rank(n) <= heading_rank(heading) &&
		    node_contains(box, n))
			return 1;
	}
	return 0;
}

/* The section that HEADING opens: as far out as no equal heading comes in,
 * and no further than the next sectioning element. */
static struct node *
section_of(const struct reading *r, struct node *heading)
{
	struct node *section = heading;
	struct node *n;

	for (n = node_parent(heading); n != NULL; n = node_parent(n)) {
		if (strcmp(node_name(n), "body") == 0 ||
		    strcmp(node_name(n), "html") == 0 ||
		    has_rival(r, n, heading))
			break;
		section = n;
		if (is_sectioning(n))
			break;
	}
	return section;
}

static void
select_headings(struct evaluation *x, struct node_list *out)
{
	struct reading *r = x->reading;

	out->nodes = arena_alloc(
	    r->arena, (r->heading_count + 1) * sizeof(*out->nodes));
	for (size_t i = 0; i < r->heading_count; i++) {
		const char *text = reading_nt1(
		    r, reading_text(r, r->headings[i]));

		if (strcmp(text, x->rule->name) == 0)
			out->nodes[out->count++] = section_of(
			    r, r->headings[i]);
	}
}

void
rule_select(const struct rule *rule, struct reading *r, const struct node *root,
    struct node_list *out)
{
	struct evaluation x = { .rule = rule, .reading = r, .root = root };
	size_t kept = 0;

	memset(out, 0, sizeof(*out));
	if (rule->kind == SOURCE_HEADING)
		select_headings(&x, out);
	else
		select_nodes(&x, out);
	for (size_t i = 0; i < out->count; i++) {
		struct value v = { .node = out->nodes[i] };
		size_t k = 0;

		v.text = reading_text(r, v.node);
		while (k < rule->guard_count &&
		       guard_holds(&rule->guards[k], r, &v))
			k++;
		if (k == rule->guard_count)
			out->nodes[kept++] = out->nodes[i];
	}
	out->count = kept;
}
