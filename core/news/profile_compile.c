/* A profile from the merged entries of its chain. */

#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/news/profile_rules.h"
#include "core/news/scan.h"

enum { ALTERNATIVES_MAX = 8, TERMS_MAX = 4 };

const char *
map_find(const struct map *m, const char *from)
{
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->from[i], from) == 0)
			return m->to[i];
	return NULL;
}

const char *
map_find_nocase(const struct map *m, const char *from)
{
	for (size_t i = 0; i < m->count; i++)
		if (text_equal_nocase(m->from[i], strlen(m->from[i]), from))
			return m->to[i];
	return NULL;
}

struct rule_compiler *
site_at(struct site_compiler *c, const struct chain_value *v)
{
	c->rule.conf = v->conf;
	c->rule.entry = v->entry;
	return &c->rule;
}

struct text_list
site_words(struct arena *a, const char *value)
{
	struct scan x = { .s = value, .arena = a };
	struct text_list out = { 0 };
	const char *word;

	out.items = arena_alloc(
	    a, (strlen(value) / 2 + 2) * sizeof(*out.items));
	while ((word = scan_until(&x, "")) != NULL)
		out.items[out.count++] = word;
	return out;
}

int
site_rules(struct site_compiler *c, const char *section, const char *name,
    const char *key, struct rule_list *out)
{
	struct chain_values v = chain_find(
	    c->arena, c->chain, section, name, key);

	out->rules = arena_alloc(c->arena, (v.count + 1) * sizeof(*out->rules));
	out->count = v.count;
	for (size_t i = 0; i < v.count; i++) {
		struct rule_compiler *rc = site_at(c, &v.items[i]);

		if (i > 0 && rule_is_unconditional(&out->rules[i - 1])) {
			char text[256];

			(void)snprintf(text, sizeof(text),
			    "never reached: %s (%s) always gives a value",
			    out->rules[i - 1].written, out->rules[i - 1].id);
			return rule_fail(rc, text, NULL);
		}
		if (rule_compile_all(
			rc, v.items[i].entry->value, &out->rules[i]) != 0)
			return -1;
		out->rules[i].id = v.items[i].id;
	}
	return 0;
}

/* "+02:00" */
static int
read_offset(const char *s, int *minutes)
{
	uint64_t hours, rest;

	if ((s[0] != '+' && s[0] != '-') || strlen(s) != 6 || s[3] != ':' ||
	    !text_uint(s + 1, 2, 14, &hours) || !text_uint(s + 4, 2, 59, &rest))
		return 0;
	*minutes = (int)(hours * 60 + rest) * (s[0] == '-' ? -1 : 1);
	return 1;
}

/* "2024-03-31..2024-10-26" */
static int
read_period(const char *s, struct date_period *out)
{
	const int64_t day_us = INT64_C(86400) * 1000000;
	char day[16];
	int64_t us;

	if (strlen(s) != 22 || strncmp(s + 10, "..", 2) != 0)
		return 0;
	(void)snprintf(day, sizeof(day), "%.10s", s);
	if (!date_parse(day, &us, NULL))
		return 0;
	out->from_day = us / day_us;
	if (!date_parse(s + 12, &us, NULL))
		return 0;
	out->until_day = us / day_us;
	return out->until_day >= out->from_day;
}

/* The period without dates comes first, whatever the order of lines. */
static int
compile_offsets(struct site_compiler *c)
{
	struct profile *p = c->profile;
	struct chain_values v = chain_find(
	    c->arena, c->chain, "site", "", "offset");
	size_t n = 1;

	p->periods = arena_alloc(c->arena, (v.count + 1) * sizeof(*p->periods));
	p->periods[0].from_day = INT64_MIN;
	p->periods[0].until_day = INT64_MAX;
	for (size_t i = 0; i < v.count; i++) {
		struct text_list w = site_words(
		    c->arena, v.items[i].entry->value);
		struct date_period *period = w.count == 1 ? &p->periods[0]
							  : &p->periods[n];

		if (w.count > 2 ||
		    !read_offset(w.items[0], &period->offset_minutes) ||
		    (w.count == 2 && !read_period(w.items[1], period)))
			return rule_fail(site_at(c, &v.items[i]),
			    "not \"+HH:MM\" or \"+HH:MM DAY..DAY\"", NULL);
		n += w.count == 2;
	}
	p->period_count = v.count == 0 ? 0 : n;
	return 0;
}

/* A word that nobody knows would pass for "stable". */
static int
check_status(struct site_compiler *c)
{
	static const char *const words[] = { "draft", "beta", "stable", NULL };
	struct chain_values v = chain_find(
	    c->arena, c->chain, "site", "", "status");

	for (size_t i = 0; i < v.count; i++) {
		const char *word = v.items[i].entry->value;
		size_t k = 0;

		while (words[k] != NULL && strcmp(words[k], word) != 0)
			k++;
		if (words[k] == NULL)
			return rule_fail(site_at(c, &v.items[i]),
			    "status is draft, beta or stable",
			    text_nearest(word, words));
	}
	return 0;
}

static int
compile_site(struct site_compiler *c)
{
	struct profile *p = c->profile;
	const struct chain *chain = c->chain;
	struct chain_values hosts = chain_find(
	    c->arena, chain, "site", "", "host");

	p->version = chain_scalar(chain, "site", "", "version");
	p->status = chain_scalar(chain, "site", "", "status");
	p->publisher = chain_scalar(chain, "site", "", "publisher");
	p->publisher_url = chain_scalar(chain, "site", "", "publisher_url");
	p->edition = chain_scalar(chain, "site", "", "edition");
	p->lang = chain_scalar(chain, "site", "", "lang");
	p->dir = chain_scalar(chain, "site", "", "dir");
	p->script = chain_scalar(chain, "site", "", "script");
	p->zone = chain_scalar(chain, "site", "", "zone");
	p->hosts.items = arena_alloc(
	    c->arena, (hosts.count + 1) * sizeof(*p->hosts.items));
	for (size_t i = 0; i < hosts.count; i++)
		p->hosts.items[p->hosts.count++] = hosts.items[i].entry->value;
	if (hosts.count == 0)
		return error_set(c->error, ERROR_USAGE,
		    "profile %s: no host in [site], and not abstract", p->key);
	return check_status(c) != 0 ? -1 : compile_offsets(c);
}

/* One "status(403)" or "header(name[: value])". */
static int
compile_term(
    struct rule_compiler *rc, struct scan *x, struct challenge_term *out)
{
	const char *word = scan_word(x);
	const char *inner = word == NULL ? NULL : scan_parens(x, 0);
	const char *colon;
	uint64_t n;

	if (inner == NULL)
		return rule_fail(rc, "not status(N) or header(NAME)", NULL);
	if (strcmp(word, "status") == 0) {
		if (!text_uint(inner, strlen(inner), 999, &n) || n < 100)
			return rule_fail(rc, "not a status", NULL);
		out->status = (unsigned)n;
		return 0;
	}
	if (strcmp(word, "header") != 0) {
		static const char *const words[] = { "status", "header", NULL };

		return rule_unknown(rc, "condition", word, words);
	}
	colon = strchr(inner, ':');
	out->header = inner;
	if (colon != NULL) {
		out->header = arena_text_n(
		    rc->arena, inner, (size_t)(colon - inner));
		for (colon++; *colon == ' ';)
			colon++;
		out->value = colon;
	}
	return 0;
}

static int
compile_challenge(struct rule_compiler *rc, struct challenge *out)
{
	struct scan x = { .s = rc->entry->value, .arena = rc->arena };

	out->terms = arena_alloc(rc->arena, TERMS_MAX * sizeof(*out->terms));
	do {
		if (out->count == TERMS_MAX)
			return rule_fail(rc, "too many conditions", NULL);
		if (compile_term(rc, &x, &out->terms[out->count++]) != 0)
			return -1;
	} while (scan_byte(&x, '&'));
	if (!scan_at_end(&x))
		return rule_fail(rc, "conditions are joined by \"&\"", NULL);
	return 0;
}

/* on_challenge = stop-host N(m|h), from a minute to a day. */
static int
compile_on_challenge(struct rule_compiler *rc, int64_t *pause_ms)
{
	static const char verb[] = "stop-host ";
	const char *value = rc->entry->value;
	size_t digits;
	uint64_t n;
	uint64_t unit;

	if (!text_starts(value, verb))
		return rule_fail(rc, "not stop-host TIME (6h)", NULL);
	value += strlen(verb);
	digits = strspn(value, "0123456789");
	unit = strcmp(value + digits, "m") == 0   ? 60
	       : strcmp(value + digits, "h") == 0 ? 3600
						  : 0;
	if (unit == 0 ||
	    !text_uint(value, digits, LIMIT_RETRY_AFTER_S / unit, &n) || n == 0)
		return rule_fail(
		    rc, "not a time from 1m to 24h (30m, 6h)", NULL);
	*pause_ms = (int64_t)(n * unit * 1000);
	return 0;
}

static int
compile_fetch(struct site_compiler *c)
{
	struct profile *p = c->profile;
	struct chain_values v = chain_find(
	    c->arena, c->chain, "fetch", "", "block");

	p->blocked.items = arena_alloc(
	    c->arena, (v.count + 1) * sizeof(*p->blocked.items));
	for (size_t i = 0; i < v.count; i++)
		p->blocked.items[p->blocked.count++] = v.items[i].entry->value;
	v = chain_find(c->arena, c->chain, "fetch", "", "challenge");
	p->challenges = arena_alloc(
	    c->arena, (v.count + 1) * sizeof(*p->challenges));
	for (size_t i = 0; i < v.count; i++)
		if (compile_challenge(site_at(c, &v.items[i]),
			&p->challenges[p->challenge_count++]) != 0)
			return -1;
	v = chain_find(c->arena, c->chain, "fetch", "", "on_challenge");
	return v.count == 0 ? 0
			    : compile_on_challenge(site_at(c, &v.items[0]),
				  &p->challenge_pause_ms);
}

/* RULE [== "text"] */
static int
compile_condition(
    struct rule_compiler *rc, struct scan *x, struct condition *out)
{
	if (rule_compile(rc, x, &out->rule) != 0)
		return -1;
	if (!scan_mark(x, "=="))
		return 0;
	out->equals = scan_quoted(x);
	if (out->equals == NULL)
		return rule_fail(rc, "\"==\" wants \"text\"", NULL);
	return 0;
}

static int
compile_conditions(struct site_compiler *c, const char *key,
    struct condition_list **out, size_t *count)
{
	struct chain_values v = chain_find(
	    c->arena, c->chain, "is_article", "", key);

	*out = arena_alloc(c->arena, (v.count + 1) * sizeof(**out));
	*count = v.count;
	for (size_t i = 0; i < v.count; i++) {
		struct rule_compiler *rc = site_at(c, &v.items[i]);
		struct scan x = { .s = v.items[i].entry->value,
			.arena = c->arena };
		struct condition_list *l = &(*out)[i];

		l->id = v.items[i].id;
		l->conditions = arena_alloc(
		    c->arena, ALTERNATIVES_MAX * sizeof(*l->conditions));
		do {
			if (l->count == ALTERNATIVES_MAX)
				return rule_fail(
				    rc, "too many alternatives", NULL);
			if (compile_condition(
				rc, &x, &l->conditions[l->count++]) != 0)
				return -1;
		} while (scan_mark(&x, "||"));
		if (!scan_at_end(&x))
			return rule_fail(
			    rc, "alternatives are joined by \"||\"", NULL);
	}
	return 0;
}

static int
site_number(struct site_compiler *c, const char *section, const char *name,
    const char *key, size_t *out)
{
	struct chain_values v = chain_find(
	    c->arena, c->chain, section, name, key);
	const char *text;
	uint64_t n;

	if (v.count == 0)
		return 0;
	text = v.items[0].entry->value;
	if (!text_uint(text, strlen(text), 1000000, &n))
		return rule_fail(site_at(c, &v.items[0]), "not a number", NULL);
	*out = (size_t)n;
	return 1;
}

static int
compile_layout(struct site_compiler *c, struct layout *out)
{
	struct chain_values v = chain_find(
	    c->arena, c->chain, "layout", out->name, "probe");
	int found = site_number(
	    c, "layout", out->name, "min_score", &out->min_score);

	if (found < 0)
		return -1;
	if (found == 0)
		return error_set(c->error, ERROR_USAGE,
		    "profile %s: [layout %s] has no min_score", c->profile->key,
		    out->name);
	out->probes = arena_alloc(
	    c->arena, (v.count + 1) * sizeof(*out->probes));
	out->scores = arena_alloc(
	    c->arena, (v.count + 1) * sizeof(*out->scores));
	for (size_t i = 0; i < v.count; i++) {
		struct rule_compiler *rc = site_at(c, &v.items[i]);
		struct scan x = { .s = v.items[i].entry->value,
			.arena = c->arena };
		const char *word;
		uint64_t n;

		if (compile_condition(rc, &x, &out->probes[out->probe_count]) !=
		    0)
			return -1;
		word = scan_word(&x);
		if (word == NULL || !text_uint(word, strlen(word), 100, &n) ||
		    !scan_at_end(&x))
			return rule_fail(
			    rc, "a probe ends with its score", NULL);
		out->scores[out->probe_count++] = (size_t)n;
	}
	return 0;
}

static int
compile_layouts(struct site_compiler *c)
{
	struct text_list names = chain_names(
	    c->arena, c->chain, "layout", NULL);
	struct profile *p = c->profile;

	p->layouts = arena_alloc(
	    c->arena, (names.count + 1) * sizeof(*p->layouts));
	for (size_t i = 0; i < names.count; i++) {
		p->layouts[i].name = names.items[i];
		if (compile_layout(c, &p->layouts[i]) != 0)
			return -1;
	}
	p->layout_count = names.count;
	return 0;
}

static void
compile_maps(struct site_compiler *c)
{
	struct text_list names = chain_names(c->arena, c->chain, "map", NULL);
	struct profile *p = c->profile;

	p->maps = arena_alloc(c->arena, (names.count + 1) * sizeof(*p->maps));
	for (size_t i = 0; i < names.count; i++) {
		struct map *m = &p->maps[i];
		struct text_list from = chain_names(
		    c->arena, c->chain, "map", names.items[i]);

		m->name = names.items[i];
		m->from = from.items;
		m->count = from.count;
		m->to = arena_alloc(
		    c->arena, (from.count + 1) * sizeof(*m->to));
		for (size_t k = 0; k < from.count; k++)
			m->to[k] = chain_scalar(
			    c->chain, "map", m->name, from.items[k]);
	}
	p->map_count = names.count;
	c->rule.maps = p->maps;
	c->rule.map_count = p->map_count;
}

static int
compile_fields(struct site_compiler *c)
{
	struct profile *p = c->profile;

	for (size_t i = 0; i < FIELD_COUNT; i++) {
		struct chain_values v;
		struct scan x = { .arena = c->arena };

		c->rule.field_limit = i;
		if (site_rules(
			c, "fields", "", field_names[i], &p->fields[i]) != 0)
			return -1;
		v = chain_find(
		    c->arena, c->chain, "absent", "", field_names[i]);
		if (v.count == 0)
			continue;
		p->absent[i] = arena_alloc(c->arena, sizeof(*p->absent[i]));
		x.s = v.items[0].entry->value;
		if (rule_compile_guard(
			site_at(c, &v.items[0]), &x, p->absent[i]) != 0)
			return -1;
		if (!scan_at_end(&x))
			return rule_fail(
			    &c->rule, "more than one condition", NULL);
	}
	c->rule.field_limit = FIELD_COUNT;
	return 0;
}

int
profile_compile(struct profile *p, struct arena *a, const struct chain *chain,
    struct error *e)
{
	struct site_compiler c = {
		.profile = p, .arena = a, .chain = chain, .error = e
	};
	struct text_list drop = site_words(
	    a, chain_scalar(chain, "canonical", "", "drop_params"));

	c.rule.arena = a;
	c.rule.owned = &p->owned;
	c.rule.error = e;
	p->drop_params = drop.items;
	p->drop_param_count = drop.count;
	compile_maps(&c);
	if (compile_site(&c) != 0 || compile_fetch(&c) != 0 ||
	    compile_conditions(&c, "require", &p->require, &p->require_count) !=
		0 ||
	    compile_conditions(&c, "reject", &p->reject, &p->reject_count) !=
		0 ||
	    compile_layouts(&c) != 0 ||
	    site_rules(&c, "canonical", "", "from", &p->canonical) != 0 ||
	    compile_fields(&c) != 0 || profile_compile_parts(&c) != 0)
		return -1;
	return profile_compile_discover(&c);
}
