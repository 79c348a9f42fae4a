/* What a collection kept, beside what the site showed. */
#include "tests/site/check_kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum { TEXT_MAX = 512 << 20 };

struct snapshot {
	struct checking *c;
	const char *path;
	struct arena *a;
	uint64_t lines; /* of outcomes.jsonl */
	struct json *sums;
};

static int
each_json(struct snapshot *s, const char *name,
    void (*take)(struct snapshot *, const struct json *))
{
	struct buf text = { 0 };
	struct error e = { 0 };
	char *path = mem_format("%s/%s", s->path, name);
	int rc = file_get(path, &text, TEXT_MAX, &e);
	const char *at = text.len > 0 ? buf_text(&text) : "";

	free(path);
	while (rc == 0 && *at != '\0') {
		size_t len = strcspn(at, "\n");
		struct json *v = json_parse(s->a, at, len, &e);

		if (v == NULL) {
			check_tell(s->c, "%s/%s: %s", s->path, name, e.text);
			rc = -1;
		} else {
			take(s, v);
		}
		at += len + (at[len] == '\n');
	}
	buf_clear(&text);
	return rc;
}

static void
add_kept(struct kept **list, size_t *count, size_t *cap, const char *key,
    const char *core, int64_t at)
{
	if (*count == *cap) {
		*cap = *cap == 0 ? 1024 : *cap * 2;
		*list = mem_grow(*list, *cap, sizeof(**list));
	}
	(*list)[(*count)++] = (struct kept){ mem_text(key), mem_text(core),
		at };
}

static void
take_article(struct snapshot *s, const struct json *v)
{
	const struct json *article = json_get(v, "article");
	const char *id = json_text(json_get(article, "article_id"), "");
	const char *colon = strrchr(id, ':');
	const char *when = json_text(
	    json_get(json_get(article, "captured"), "utc"), "");
	int64_t us = 0;

	if (!json_bool(json_get(article, "is_article"), 1))
		return;
	(void)date_parse(when, &us, NULL);
	add_kept(&s->c->articles, &s->c->article_count, &s->c->article_cap,
	    colon == NULL ? id : colon + 1,
	    json_text(json_get(json_get(article, "hashes"), "core"), ""),
	    us / 1000000);
}

static void
take_outcome(struct snapshot *s, const struct json *v)
{
	const char *outcome = json_text(json_get(v, "outcome"), "");
	int64_t n = json_int(json_get(s->sums, outcome), 0);

	s->lines++;
	s->c->outcomes++;
	json_set_integer(s->a, s->sums, outcome, n + 1);
	if (json_text(json_get(v, "record"), "")[0] != '\0' &&
	    json_int(json_get(v, "status"), 0) < 400)
		add_kept(&s->c->targets, &s->c->target_count, &s->c->target_cap,
		    json_text(json_get(v, "url"), ""), outcome, 0);
}

static void
check_sums(struct snapshot *s)
{
	struct buf text = { 0 };
	struct error e = { 0 };
	char *path = mem_format("%s/report.json", s->path);
	const struct json *totals = NULL;
	const struct json *by;

	if (file_get(path, &text, TEXT_MAX, &e) == 0)
		totals = json_get(
		    json_parse(s->a, buf_text(&text), text.len, &e), "totals");
	by = json_get(totals, "by_outcome");
	if (json_int(json_get(totals, "targets"), -1) != (int64_t)s->lines ||
	    json_count(by) != json_count(s->sums)) {
		s->c->unbalanced++;
		check_tell(s->c, "%s: %lld targets reported, %llu outcomes",
		    s->path,
		    (long long)json_int(json_get(totals, "targets"), -1),
		    (unsigned long long)s->lines);
	}
	for (size_t i = 0; i < json_count(by); i++) {
		const char *name = json_key(by, i);

		if (json_int(json_at(by, i), -1) ==
		    json_int(json_get(s->sums, name), -2))
			continue;
		s->c->unbalanced++;
		check_tell(s->c, "%s: %s differs", s->path, name);
	}
	buf_clear(&text);
	free(path);
}

void
check_snapshot(struct checking *c, char *path)
{
	struct snapshot s = { .c = c, .path = path, .a = arena_new() };

	c->snapshots++;
	s.sums = json_new_object(s.a);
	(void)each_json(&s, "articles.jsonl", take_article);
	if (each_json(&s, "outcomes.jsonl", take_outcome) != 0)
		check_tell(c, "%s: no outcomes", path);
	check_sums(&s);
	arena_free(s.a);
}

/* ---- comparing ---- */

static int
compare_kept(const void *a, const void *b)
{
	const struct kept *x = a;
	const struct kept *y = b;

	return strcmp(x->url_or_post, y->url_or_post);
}

static int
has_target(const struct checking *c, const char *url)
{
	struct kept key = { .url_or_post = (char *)(uintptr_t)url };

	return c->target_count > 0 && bsearch(&key, c->targets, c->target_count,
					  sizeof(key), compare_kept) != NULL;
}

/* The site's clock stands still during a run. */
static int64_t
site_time(const struct checking *c, int64_t at)
{
	for (size_t i = c->run_count; i-- > 0;)
		if (c->runs[i].begin <= at)
			return c->runs[i].begin;
	return at;
}

/* K as the site showed it when it was captured. 1 / 0. */
static int
was_shown(const struct checking *c, struct arena *a, const struct kept *k,
    struct shown *s)
{
	const struct scenario *sc = &c->news.scenario;
	int64_t at = site_time(c, k->at);

	for (size_t i = 0; i < sc->life_count; i++)
		if (shown_at(s, a, &sc->lives[i], at) && s->gone == NULL &&
		    strcmp(s->post, k->url_or_post) == 0 &&
		    strcmp(shown_core(a, s), k->core) == 0)
			return 1;
	return 0;
}

static void
check_pictures(struct checking *c, struct arena *a, const struct shown *s)
{
	struct buf b = { 0 };

	article_pictures(s, &b);
	for (char *at = (char *)b.data; at != NULL && *at != '\0';) {
		size_t len = strcspn(at, "\n");
		char *next = at + len + (at[len] == '\n');

		at[len] = '\0';
		c->pictures++;
		if (!has_target(c, at)) {
			c->pictures_missing++;
			check_tell(c, "%s version %u: no %s", s->life->id,
			    s->version, at);
		}
		at = next;
	}
	buf_clear(&b);
	(void)a;
}

static int
is_kept(const struct checking *c, const char *post, const char *core)
{
	for (size_t i = 0; i < c->article_count; i++)
		if (strcmp(c->articles[i].url_or_post, post) == 0 &&
		    strcmp(c->articles[i].core, core) == 0)
			return 1;
	return 0;
}

static void
check_visit(struct checking *c, struct arena *a, const struct visit *v)
{
	struct shown s;

	/* Half a page shows no version. */
	if (v->life == NULL || v->status != 200 || v->core[0] == '-' ||
	    scenario_condition(&c->news.scenario, "truncate", v->wall, v->host,
		v->target) != NULL ||
	    !shown_at(&s, a, v->life, v->wall))
		return;
	for (const struct visit *w = c->visits; w < v; w++)
		if (w->life == v->life && strcmp(w->core, v->core) == 0)
			return;
	c->shown_versions++;
	if (is_kept(c, s.post, v->core))
		return;
	c->lost++;
	check_tell(c, "%s: version %u, shown at %lld, is not kept: %s",
	    v->life->id, s.version, (long long)v->wall, v->target);
}

void
check_shown_kept(struct checking *c)
{
	struct arena *a = arena_new();

	if (c->target_count > 0)
		qsort(c->targets, c->target_count, sizeof(*c->targets),
		    compare_kept);
	for (size_t i = 0; i < c->visit_count; i++) {
		check_visit(c, a, &c->visits[i]);
		arena_reset(a);
	}
	for (size_t i = 0; i < c->article_count; i++) {
		const struct kept *k = &c->articles[i];
		struct shown s;

		c->kept_articles++;
		if (was_shown(c, a, k, &s)) {
			check_pictures(c, a, &s);
		} else {
			c->invented++;
			check_tell(c,
			    "article %s of %lld with core %.12s was "
			    "not shown then",
			    k->url_or_post, (long long)k->at, k->core);
		}
		arena_reset(a);
	}
	arena_free(a);
}

static void
clear_list(struct kept *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(list[i].url_or_post);
		free(list[i].core);
	}
	free(list);
}

void
check_clear(struct checking *c)
{
	clear_list(c->articles, c->article_count);
	clear_list(c->targets, c->target_count);
}
