/* Body, furniture, images and alternates of a profile. */

#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/news/profile_rules.h"
#include "core/news/scan.h"

enum { ZONE_FIELDS_MAX = 12, ZONE_SKIPS_MAX = 8 };

static const char *const mark_kinds[] = { "xref", "note", "correction", "entry",
	"embed" };
static const char *const image_roles[] = { "lead", "inline", "gallery" };

enum {
	MARK_KINDS = sizeof(mark_kinds) / sizeof(mark_kinds[0]),
	IMAGE_ROLES = sizeof(image_roles) / sizeof(image_roles[0])
};

/* The word behind the next ";": 1; 0 at the end; -1. */
static int
next_option(struct rule_compiler *rc, struct scan *x, const char **word)
{
	if (scan_at_end(x))
		return 0;
	if (!scan_byte(x, ';'))
		return rule_fail(rc, "options are separated by \";\"", NULL);
	*word = scan_word(x);
	if (*word == NULL)
		return rule_fail(rc, "no option behind \";\"", NULL);
	return 1;
}

static int
compile_mark_option(struct rule_compiler *rc, struct scan *x, const char *word,
    struct body_mark *out)
{
	static const char *const words[] = { "label", "provider", "id", NULL };
	int ignore_case;
	const char *text;

	if (strcmp(word, "label") == 0) {
		out->label = scan_quoted(x);
		if (out->label == NULL)
			return rule_fail(rc, "label wants \"text\"", NULL);
	} else if (strcmp(word, "provider") == 0) {
		out->provider = scan_word(x);
		if (out->provider == NULL)
			return rule_fail(rc, "provider wants a word", NULL);
	} else if (strcmp(word, "id") == 0) {
		text = scan_regex(x, &ignore_case);
		if (text == NULL)
			return rule_fail(rc, "id wants /pattern/", NULL);
		return rule_compile_pattern(rc, text, ignore_case, &out->id);
	} else {
		return rule_unknown(rc, "option", word, words);
	}
	return 0;
}

static int
compile_mark(struct rule_compiler *rc, struct body_mark *out)
{
	struct scan x = { .s = rc->entry->value, .arena = rc->arena };
	const char *word = "";
	int more;

	if (rule_compile(rc, &x, &out->rule) != 0)
		return -1;
	if (out->rule.kind != SOURCE_CSS || out->rule.filter_count > 0)
		return rule_fail(rc, "wants css(...) without filters", NULL);
	while ((more = next_option(rc, &x, &word)) == 1)
		if (compile_mark_option(rc, &x, word, out) != 0)
			return -1;
	return more;
}

static int
compile_marks(struct site_compiler *c)
{
	struct body_rules *b = &c->profile->body;
	struct chain_values v[MARK_KINDS];
	size_t most = 1;

	for (size_t i = 0; i < MARK_KINDS; i++) {
		v[i] = chain_find(
		    c->arena, c->chain, "body", "", mark_kinds[i]);
		most += v[i].count;
	}
	b->marks = arena_alloc(c->arena, most * sizeof(*b->marks));
	for (size_t i = 0; i < MARK_KINDS; i++) {
		for (size_t k = 0; k < v[i].count; k++) {
			struct body_mark *m = &b->marks[b->mark_count++];

			m->kind = mark_kinds[i];
			if (compile_mark(site_at(c, &v[i].items[k]), m) != 0)
				return -1;
			m->rule.id = v[i].items[k].id;
		}
	}
	return 0;
}

/* A number, 0 when the key is absent. */
static int
compile_number(
    struct site_compiler *c, const char *section, const char *key, size_t *out)
{
	struct chain_values v = chain_find(
	    c->arena, c->chain, section, "", key);
	const char *text = v.count > 0 ? v.items[0].entry->value : "0";
	uint64_t n;

	if (!text_uint(text, strlen(text), 1000000, &n))
		return rule_fail(site_at(c, &v.items[0]), "not a number", NULL);
	*out = (size_t)n;
	return 0;
}

static int
compile_body(struct site_compiler *c)
{
	struct body_rules *b = &c->profile->body;

	b->blocks = site_words(
	    c->arena, chain_scalar(c->chain, "body", "", "blocks"));
	b->unwrap = site_words(
	    c->arena, chain_scalar(c->chain, "body", "", "unwrap"));
	if (compile_number(c, "body", "minlen", &b->minlen) != 0 ||
	    site_rules(c, "body", "", "root", &b->root) != 0)
		return -1;
	for (size_t i = 0; i < b->root.count; i++)
		if (b->root.rules[i].kind != SOURCE_CSS)
			return error_set(c->error, ERROR_USAGE,
			    "%s: wants css(...)", b->root.rules[i].id);
	return compile_marks(c);
}

static int
compile_item(struct rule_compiler *rc, struct scan *x, struct zone *z)
{
	if (z->item == NULL)
		z->item = arena_alloc(rc->arena, sizeof(*z->item));
	z->item_around = scan_this_word(x, "around");
	if (rule_compile(rc, x, z->item) != 0)
		return -1;
	if (z->item->kind != SOURCE_CSS || z->item->filter_count > 0)
		return rule_fail(rc, "item wants css(...)", NULL);
	return 0;
}

static int
compile_skip(struct rule_compiler *rc, struct scan *x, struct zone *z)
{
	const char *text;

	z->skip.items = arena_alloc(
	    rc->arena, ZONE_SKIPS_MAX * sizeof(*z->skip.items));
	z->skip.count = 0;
	while (
	    (text = scan_quoted(x)) != NULL && z->skip.count < ZONE_SKIPS_MAX)
		z->skip.items[z->skip.count++] = text;
	if (z->skip.count == 0)
		return rule_fail(rc, "skip wants \"text\"", NULL);
	return 0;
}

static int
compile_zone_option(
    struct rule_compiler *rc, struct scan *x, const char *word, struct zone *z)
{
	if (strcmp(word, "item") == 0)
		return compile_item(rc, x, z);
	if (strcmp(word, "skip") == 0)
		return compile_skip(rc, x, z);
	if (z->fields == NULL)
		z->fields = arena_alloc(
		    rc->arena, ZONE_FIELDS_MAX * sizeof(*z->fields));
	if (z->field_count == ZONE_FIELDS_MAX)
		return rule_fail(rc, "too many fields of an item", NULL);
	z->fields[z->field_count].name = word;
	return rule_compile(rc, x, &z->fields[z->field_count++].rule);
}

/* Options count from the most specific file that gives any. */
static int
compile_zone(struct site_compiler *c, const char *key, struct zone *z)
{
	struct chain_values v = chain_find(
	    c->arena, c->chain, "furniture", "", key);

	z->name = key + strlen("zone ");
	z->where.rules = arena_alloc(
	    c->arena, (v.count + 1) * sizeof(*z->where.rules));
	for (size_t i = 0; i < v.count; i++) {
		struct rule_compiler *rc = site_at(c, &v.items[i]);
		struct scan x = { .s = v.items[i].entry->value,
			.arena = c->arena };
		struct rule *where = &z->where.rules[z->where.count++];
		struct zone unused = { 0 };
		struct zone *taker = z->item == NULL && z->field_count == 0
					 ? z
					 : &unused;
		const char *word = "";
		int more;

		if (rule_compile(rc, &x, where) != 0)
			return -1;
		where->id = v.items[i].id;
		if ((where->kind != SOURCE_CSS &&
			where->kind != SOURCE_HEADING) ||
		    where->filter_count > 0)
			return rule_fail(
			    rc, "a zone is css(...) or heading \"...\"", NULL);
		while ((more = next_option(rc, &x, &word)) == 1)
			if (compile_zone_option(rc, &x, word, taker) != 0)
				return -1;
		if (more < 0)
			return -1;
	}
	return 0;
}

static int
compile_furniture(struct site_compiler *c)
{
	struct profile *p = c->profile;
	struct text_list keys = chain_names(
	    c->arena, c->chain, "furniture", "");

	p->zones = arena_alloc(c->arena, (keys.count + 1) * sizeof(*p->zones));
	p->drops = arena_alloc(c->arena, (keys.count + 1) * sizeof(*p->drops));
	for (size_t i = 0; i < keys.count; i++) {
		const char *key = keys.items[i];
		struct chain_values v;

		if (text_starts(key, "zone ")) {
			if (compile_zone(c, key, &p->zones[p->zone_count++]) !=
			    0)
				return -1;
			continue;
		}
		v = chain_find(c->arena, c->chain, "furniture", "", key);
		if (rule_compile_all(site_at(c, &v.items[0]),
			v.items[0].entry->value, &p->drops[p->drop_count]) != 0)
			return -1;
		if (p->drops[p->drop_count++].kind != SOURCE_CSS)
			return rule_fail(&c->rule, "wants css(...)", NULL);
	}
	return 0;
}

static int
compile_image_rule(struct rule_compiler *rc, struct image_rule *out)
{
	static const char *const words[] = { "caption", NULL };
	struct scan x = { .s = rc->entry->value, .arena = rc->arena };
	const char *word = "";
	const char *inner;
	int more;

	if (rule_compile(rc, &x, &out->rule) != 0)
		return -1;
	if (out->rule.kind != SOURCE_CSS || out->rule.filter_count > 0)
		return rule_fail(rc, "wants css(...) without filters", NULL);
	while ((more = next_option(rc, &x, &word)) == 1) {
		if (strcmp(word, "caption") != 0)
			return rule_unknown(rc, "option", word, words);
		if (!scan_this_word(&x, "css") ||
		    (inner = scan_parens(&x, 0)) == NULL)
			return rule_fail(rc, "caption wants css(...)", NULL);
		if (rule_compile_selector(rc, inner, &out->caption) != 0)
			return -1;
	}
	return more;
}

static int
compile_image_rules(struct site_compiler *c)
{
	struct image_rules *r = &c->profile->images;
	struct chain_values v[IMAGE_ROLES];
	size_t most = 1;

	for (size_t i = 0; i < IMAGE_ROLES; i++) {
		v[i] = chain_find(
		    c->arena, c->chain, "images", "", image_roles[i]);
		most += v[i].count;
	}
	r->rules = arena_alloc(c->arena, most * sizeof(*r->rules));
	for (size_t i = 0; i < IMAGE_ROLES; i++) {
		for (size_t k = 0; k < v[i].count; k++) {
			struct image_rule *out = &r->rules[r->rule_count++];

			out->role = image_roles[i];
			if (compile_image_rule(
				site_at(c, &v[i].items[k]), out) != 0)
				return -1;
			out->rule.id = v[i].items[k].id;
		}
	}
	return 0;
}

/* "FILTER | FILTER": applied to the chosen address. */
static int
compile_filters(struct site_compiler *c, const char *key, struct filter **out,
    size_t *count)
{
	struct chain_values v = chain_find(
	    c->arena, c->chain, "images", "", key);
	struct rule_compiler *rc;
	struct scan x = { .arena = c->arena };

	if (v.count == 0)
		return 0;
	rc = site_at(c, &v.items[0]);
	x.s = arena_format(c->arena, "| %s", v.items[0].entry->value);
	if (rule_compile_filters(rc, &x, out, count) != 0)
		return -1;
	if (!scan_at_end(&x))
		return rule_fail(rc, "filters are joined by \"|\"", NULL);
	return 0;
}

/* "trailing-paren agencies=NAME reject=/re/" */
static int
compile_credit(struct site_compiler *c)
{
	struct chain_values v = chain_find(
	    c->arena, c->chain, "images", "", "credit");
	struct image_rules *r = &c->profile->images;
	struct rule_compiler *rc;
	struct scan x = { .arena = c->arena };
	const char *text;
	int ignore_case;

	if (v.count == 0)
		return 0;
	rc = site_at(c, &v.items[0]);
	x.s = v.items[0].entry->value;
	if (!scan_this_word(&x, "trailing-paren"))
		return rule_fail(rc, "wants trailing-paren", NULL);
	if (scan_mark(&x, "agencies=")) {
		text = scan_word(&x);
		for (size_t i = 0; text != NULL && i < rc->map_count; i++)
			if (strcmp(rc->maps[i].name, text) == 0)
				r->agencies = &rc->maps[i];
	}
	if (r->agencies == NULL)
		return rule_fail(rc, "agencies= wants the name of a map", NULL);
	if (scan_mark(&x, "reject=")) {
		text = scan_regex(&x, &ignore_case);
		if (text == NULL)
			return rule_fail(rc, "reject= wants /pattern/", NULL);
		if (rule_compile_pattern(
			rc, text, ignore_case, &r->credit_reject) != 0)
			return -1;
	}
	if (!scan_at_end(&x))
		return rule_fail(rc, "not understood at its end", NULL);
	return 0;
}

/* "picture source@srcset, img@src" */
static int
compile_candidates(struct site_compiler *c)
{
	struct chain_values v = chain_find(
	    c->arena, c->chain, "images", "", "candidates");
	struct text_list *out = &c->profile->images.candidates;
	struct scan x = { .arena = c->arena };

	if (v.count == 0)
		return 0;
	x.s = v.items[0].entry->value;
	out->items = arena_alloc(c->arena, strlen(x.s) * sizeof(*out->items));
	do {
		const char *word = scan_until(&x, ",");

		if (word != NULL && strcmp(word, "picture") == 0)
			word = scan_until(&x, ",");
		if (word == NULL || (!text_starts(word, "source@") &&
					!text_starts(word, "img@")))
			return rule_fail(site_at(c, &v.items[0]),
			    "candidates are \"picture source@NAME\" and "
			    "\"img@NAME\"",
			    NULL);
		out->items[out->count++] = word;
	} while (scan_byte(&x, ','));
	if (!scan_at_end(&x))
		return rule_fail(site_at(c, &v.items[0]),
		    "candidates are separated by commas", NULL);
	return 0;
}

/* "edition-home ar = RULE" */
static int
compile_alternates(struct site_compiler *c)
{
	struct profile *p = c->profile;
	struct text_list keys = chain_names(
	    c->arena, c->chain, "alternates", "");

	p->alternates = arena_alloc(
	    c->arena, (keys.count + 1) * sizeof(*p->alternates));
	for (size_t i = 0; i < keys.count; i++) {
		struct alternate *out = &p->alternates[p->alternate_count++];
		struct text_list w = site_words(c->arena, keys.items[i]);
		struct chain_values v = chain_find(
		    c->arena, c->chain, "alternates", "", keys.items[i]);

		if (w.count != 2)
			return rule_fail(site_at(c, &v.items[0]),
			    "the key is a kind and a language", NULL);
		out->kind = w.items[0];
		out->lang = w.items[1];
		if (rule_compile_all(site_at(c, &v.items[0]),
			v.items[0].entry->value, &out->rule) != 0)
			return -1;
		out->rule.id = v.items[0].id;
	}
	return 0;
}

int
profile_compile_parts(struct site_compiler *c)
{
	struct image_rules *r = &c->profile->images;

	/* Zones are found before fields are filled. */
	c->rule.field_limit = 0;
	if (compile_body(c) != 0 || compile_furniture(c) != 0 ||
	    compile_image_rules(c) != 0 || compile_candidates(c) != 0 ||
	    compile_number(c, "images", "cap", &r->cap) != 0 ||
	    compile_filters(c, "original", &r->original, &r->original_count) !=
		0 ||
	    compile_filters(
		c, "asset_key", &r->asset_key, &r->asset_key_count) != 0 ||
	    compile_filters(
		c, "asset_rev", &r->asset_rev, &r->asset_rev_count) != 0 ||
	    compile_filters(
		c, "asset_date", &r->asset_date, &r->asset_date_count) != 0 ||
	    site_rules(c, "images", "", "thumbnail", &r->thumbnail) != 0 ||
	    compile_credit(c) != 0)
		return -1;
	return compile_alternates(c);
}
