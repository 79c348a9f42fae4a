/* The news site of a scenario: conditions, articles, pictures. */
#include "tests/site/news.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/site/truth.h"
#include "tests/site/words.h"

enum { FIXTURE_MAX = 1 << 20, CLOCK_MAX = 64, HOST_MAX = 256 };

/* ---- loading ---- */

static int
load_edition(struct edition *ed, const char *folder, struct error *e)
{
	struct buf text = { 0 };
	char *path = mem_format("%s/article.html.in", folder);
	int rc = file_get(path, &text, FIXTURE_MAX, e);

	free(path);
	ed->template_len = text.len;
	ed->template_text = buf_take(&text);
	path = mem_format("%s/story.json", folder);
	if (rc == 0)
		rc = file_get(path, &text, FIXTURE_MAX, e);
	free(path);
	ed->story_len = text.len;
	ed->story_text = buf_take(&text);
	return rc;
}

static void
clear_edition(struct edition *ed)
{
	free(ed->template_text);
	free(ed->story_text);
	*ed = (struct edition){ 0 };
}

static int
load_editions(struct news *n, const char *fixtures, struct error *e)
{
	static const char *const others[] = { "", "../ar", "../es" };

	for (size_t i = 0; i < SITE_EDITIONS; i++) {
		struct error missing = { 0 };
		char *folder = mem_format("%s/%s", fixtures, others[i]);
		int rc = load_edition(&n->editions[i], folder, &missing);

		free(folder);
		if (rc == 0)
			continue;
		clear_edition(&n->editions[i]);
		if (load_edition(&n->editions[i], fixtures, e) != 0)
			return -1;
	}
	return 0;
}

static int
compare_latest(const void *a, const void *b)
{
	const struct life *const *x = a;
	const struct life *const *y = b;
	int64_t p = (*x)->list[0]->at;
	int64_t q = (*y)->list[0]->at;

	if (p != q)
		return p > q ? -1 : 1;
	return strcmp((*x)->id, (*y)->id);
}

static void
add_addresses(struct news *n, const struct life *l)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct happening *h = l->list[i];
		struct shown s;

		if ((h->kind != HAPPENS_PUBLISH && h->kind != HAPPENS_RENAME) ||
		    !shown_at(&s, n->arena, l, h->at))
			continue;
		n->addresses = mem_grow(
		    n->addresses, n->address_count + 1, sizeof(*n->addresses));
		n->addresses[n->address_count++] = (struct news_address){
			.life = l,
			.path = s.path,
			.edition = s.edition,
			.from = h->at
		};
	}
}

int
news_load(struct news *n, const char *fixtures, const char *scenario,
    const char *clock_path, struct error *e)
{
	*n = (struct news){ .clock_path = clock_path, .arena = arena_new() };
	if (scenario_load(&n->scenario, scenario, e) != 0 ||
	    load_editions(n, fixtures, e) != 0)
		return -1;
	n->latest = mem_zero(n->scenario.life_count + 1, sizeof(*n->latest));
	for (size_t i = 0; i < n->scenario.life_count; i++) {
		n->latest[i] = &n->scenario.lives[i];
		add_addresses(n, n->latest[i]);
	}
	qsort(n->latest, n->scenario.life_count, sizeof(*n->latest),
	    compare_latest);
	return 0;
}

void
news_clear(struct news *n)
{
	scenario_clear(&n->scenario);
	for (size_t i = 0; i < SITE_EDITIONS; i++)
		clear_edition(&n->editions[i]);
	free(n->latest);
	free(n->addresses);
	arena_free(n->arena);
}

int64_t
news_now(const struct news *n)
{
	struct buf text = { 0 };
	struct error e = { 0 };
	int64_t now = n->scenario.start;

	if (n->clock_path != NULL &&
	    file_get(n->clock_path, &text, CLOCK_MAX, &e) == 0 && text.len > 0)
		now = strtoll(buf_text(&text), NULL, 10);
	buf_clear(&text);
	return now;
}

/* ---- looking things up ---- */

const struct condition *
request_condition(const struct request *q, const char *what)
{
	return scenario_condition(
	    &q->news->scenario, what, q->now, q->host, q->target);
}

const char *
request_query(const struct request *q, const char *name, const char *fallback)
{
	const char *at = strchr(q->target, '?');
	size_t len = strlen(name);

	while (at != NULL) {
		at++;
		if (strncmp(at, name, len) == 0 && at[len] == '=')
			return arena_text_n(
			    q->arena, at + len + 1, strcspn(at + len + 1, "&"));
		at = strchr(at, '&');
	}
	return fallback;
}

const char *
path_encoded(struct arena *a, const char *path, int upper)
{
	struct buf b = { 0 };
	char *out;

	for (const uint8_t *s = (const uint8_t *)path; *s != '\0'; s++)
		if (*s < 128)
			buf_add_byte(&b, *s);
		else
			buf_format(&b, upper ? "%%%02X" : "%%%02x", *s);
	out = arena_text(a, buf_text(&b));
	buf_clear(&b);
	return out;
}

static const char *
decoded(struct arena *a, const char *target)
{
	size_t len = strcspn(target, "?");
	char *out = arena_text_n(a, target, len);
	size_t to = 0;

	for (size_t i = 0; i < len; i++) {
		uint8_t byte;

		if (target[i] == '%' && i + 2 < len &&
		    text_unhex(&byte, target + i + 1, 1) && byte >= 32) {
			out[to++] = (char)byte;
			i += 2;
		} else {
			out[to++] = target[i];
		}
	}
	out[to] = '\0';
	return out;
}

static int
is_there(const struct life *l, int64_t now)
{
	int there = 0;

	for (size_t i = 0; i < l->count && l->list[i]->at <= now; i++) {
		if (l->list[i]->kind == HAPPENS_PUBLISH ||
		    l->list[i]->kind == HAPPENS_RESTORE)
			there = 1;
		else if (l->list[i]->kind == HAPPENS_DELETE)
			there = 0;
	}
	return there;
}

size_t
news_latest(const struct request *q, const char *section, size_t first,
    struct shown *out, size_t cap)
{
	const struct news *n = q->news;
	const char *edition = q->edition == NULL ? "en" : q->edition;
	size_t count = 0;

	for (size_t i = 0; i < n->scenario.life_count && count < cap; i++) {
		const struct life *l = n->latest[i];
		const char *its = happening_get(l->list[0], "section",
		    strcmp(edition, "es") == 0 ? "noticias/politica"
					       : "news/politics");

		if (strcmp(happening_get(l->list[0], "edition", "en"),
			edition) != 0 ||
		    !text_starts(its, section) || !is_there(l, q->now))
			continue;
		if (first > 0)
			first--;
		else
			count += (size_t)shown_at(
			    &out[count], q->arena, l, q->now);
	}
	return count;
}

/* ---- answers ---- */

static void
answer_gone(const struct request *q, const struct shown *s, struct answer *out)
{
	const char *how = s->gone;

	if (strcmp(how, "soft404") == 0) {
		small_page(out, 200, "This page is not here any more");
	} else if (strcmp(how, "home") == 0) {
		out->status = 301;
		out->location = mem_text("/");
	} else if (strcmp(how, "section") == 0) {
		out->status = 301;
		out->location = mem_format("/%s", s->section);
	} else if (strcmp(how, "login") == 0) {
		out->status = 302;
		out->location = mem_format(
		    "/login?next=%s", path_encoded(q->arena, s->path, 1));
	} else {
		small_page(out, (unsigned)strtoul(how, NULL, 10),
		    "This story is not available");
	}
}

static void
set_validators(
    const struct request *q, const struct shown *s, struct answer *out)
{
	if (request_condition(q, "no-validators") != NULL)
		return;
	if (request_condition(q, "last-modified-only") == NULL)
		(void)snprintf(out->etag, sizeof(out->etag), "W/\"%s-%s-%u\"",
		    s->edition, s->life->id, s->version);
	out->last_modified = s->modified;
}

/* Text in another charset than its header says, or than anyone expects. */
static void
set_charset(const struct shown *s, struct answer *out)
{
	const char *charset = happening_get(
	    s->published_by, "charset", "utf-8");
	struct buf marked = { 0 };

	if (strcmp(charset, "wrong-header") == 0) {
		out->type = "text/html; charset=iso-8859-1";
	} else if (strcmp(charset, "none") == 0) {
		out->type = "text/html";
	} else if (strcmp(charset, "bom") == 0) {
		buf_add_text(&marked, "\ufeff");
		buf_add(&marked, out->body->data, out->body->len);
		buf_clear(out->body);
		*out->body = marked;
		out->type = "text/html";
	}
}

static void
answer_article(
    const struct request *q, const struct shown *s, struct answer *out)
{
	struct error e = { 0 };

	(void)snprintf(out->article, sizeof(out->article), "%s", s->life->id);
	if (s->gone != NULL) {
		answer_gone(q, s, out);
		return;
	}
	if (strcmp(s->path, q->path) != 0) {
		out->status = 301;
		out->location = mem_text(path_encoded(q->arena, s->path, 1));
		return;
	}
	out->version = s->version;
	(void)snprintf(
	    out->core, sizeof(out->core), "%s", shown_core(q->arena, s));
	set_validators(q, s, out);
	if (article_page(q, s, out->body, &e) != 0) {
		small_page(out, 500, e.text);
		return;
	}
	set_charset(s, out);
	if (request_condition(q, "consent") != NULL && out->head != NULL)
		buf_add_text(out->head,
		    "Set-Cookie: user_id=u-1; Max-Age=31536000; Path=/\r\n");
}

static int
find_article(const struct request *q, struct answer *out)
{
	const struct news_address *best = NULL;
	struct shown s;

	for (size_t i = 0; i < q->news->address_count; i++) {
		const struct news_address *at = &q->news->addresses[i];

		if (at->from <= q->now && strcmp(at->path, q->path) == 0 &&
		    strcmp(at->edition, q->edition) == 0 &&
		    (best == NULL || at->from >= best->from))
			best = at;
	}
	if (best == NULL || !shown_at(&s, q->arena, best->life, q->now))
		return 0;
	answer_article(q, &s, out);
	return 1;
}

/* How often the picture at PATH was exchanged under its address. */
static unsigned
salt_of(const struct request *q)
{
	for (size_t i = 0; i < q->news->scenario.life_count; i++) {
		const struct life *l = &q->news->scenario.lives[i];
		int changes = 0;
		struct shown s;

		for (size_t h = 0; h < l->count; h++)
			changes |= strcmp(l->list[h]->what, "image-bytes") == 0;
		if (!changes || !shown_at(&s, q->arena, l, q->now))
			continue;
		for (size_t p = 0; p < s.picture_count; p++)
			if (strcmp(s.pictures[p].path, q->path) == 0)
				return s.pictures[p].salt;
	}
	return 0;
}

static int
answer_picture(const struct request *q, struct answer *out)
{
	unsigned width = (unsigned)strtoul(
	    request_query(q, "width", "800"), NULL, 10);
	const char *seed;

	if (!text_starts(q->path, "/archive/image/") &&
	    !text_starts(q->path, "/media/image/"))
		return 0;
	seed = arena_format(q->arena, "%s/%s/%u", q->path,
	    request_query(q, "v", ""), salt_of(q));
	width = (width > 1600 ? 1600 : width < 80 ? 80 : width) / 8;
	out->type = "image/png";
	picture_png(
	    out->body, width, width * 9 / 16 + 1, (unsigned)words_number(seed));
	if (request_condition(q, "no-validators") == NULL)
		(void)snprintf(out->etag, sizeof(out->etag), "\"%016llx-%u\"",
		    (unsigned long long)words_number(seed), width);
	return 1;
}

static int
route(const struct request *q, struct answer *out)
{
	struct request home = *q;

	if (conditions_answer(q, out))
		return 1;
	if (request_condition(q, "home-for-all") != NULL) {
		home.target = home.path = "/";
		home.edition = q->edition == NULL ? "en" : q->edition;
		return fronts_answer(&home, out);
	}
	if (answer_picture(q, out))
		return 1;
	if (q->edition == NULL)
		return 0;
	if (find_article(q, out) || feeds_answer(q, out) ||
	    fronts_answer(q, out))
		return 1;
	return 0;
}

int
news_answer(const struct news *n, const char *host, const char *target,
    unsigned visit, struct answer *out)
{
	char name[HOST_MAX];
	struct request q = { .news = n,
		.arena = arena_new(),
		.host = name,
		.target = target,
		.now = news_now(n),
		.visit = visit };
	int rc;

	(void)snprintf(
	    name, sizeof(name), "%.*s", (int)strcspn(host, ":"), host);
	q.edition = edition_of_host(name);
	q.path = decoded(q.arena, target);
	if (strcmp(q.path, "/truth") == 0) {
		out->type = "application/x-ndjson";
		truth_write(n, out->body);
		rc = 1;
	} else {
		rc = route(&q, out);
	}
	if (rc == 0 && !text_starts(q.path, "/assets/") &&
	    !text_starts(q.path, "/embed/") &&
	    !text_starts(q.path, "/favicon") && !text_starts(q.path, "/odd/")) {
		small_page(out, 404, "Not here");
		rc = 1;
	}
	arena_free(q.arena);
	return rc;
}
