/* A page has ended: what follows from it, in one transaction. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/crawl/left_out.h"
#include "core/crawl/queue.h"
#include "core/crawl/run_part.h"
#include "core/crawl/sources.h"
#include "core/crawl/state.h"
#include "core/crawl/tallies.h"
#include "core/crawl/watch.h"
#include "core/web/url.h"

#define SECOND_US INT64_C(1000000)
#define HOUR_US   (3600 * SECOND_US)

enum {
	TRIES = 2,       /* again, after a failure of the network */
	TRIES_ASKED = 8, /* again, when the host asked to wait */
	HOSTS_COUNTED = 1000,
	REFUSALS_KEPT = 1000
};

static void
host_of(const char *text, char out[256])
{
	struct url url;

	out[0] = '\0';
	if (url_parse(&url, text, strlen(text), NULL, NULL) != 0)
		return;
	if (!url_host(&url, out, 256))
		out[0] = '\0';
	url_clear(&url);
}

struct host_tally *
pass_host(struct pass *p, const char *url)
{
	struct host_tally *h;
	char name[256];
	size_t count = 0;

	host_of(url, name);
	for (h = p->hosts; h != NULL; h = h->next, count++)
		if (strcmp(h->host, name) == 0 || count == HOSTS_COUNTED)
			return h;
	h = arena_alloc(p->arena, sizeof(*h));
	h->host = arena_text(p->arena, name);
	h->next = p->hosts;
	p->hosts = h;
	return h;
}

/* No answer of the host that says anything about the page. */
static int
is_silence(enum outcome o)
{
	return o == OUTCOME_DNS || o == OUTCOME_CONNECT ||
	       o == OUTCOME_TIMEOUT || o == OUTCOME_PROTOCOL_ERROR ||
	       o == OUTCOME_TLS_INVALID || o == OUTCOME_TRUNCATED_DISCONNECT ||
	       o == OUTCOME_TRUNCATED_TIME;
}

/* The host wants to be left alone for a while, or cannot just now. */
static int
is_refusal(enum outcome o)
{
	return o == OUTCOME_RATE_LIMITED || o == OUTCOME_CHALLENGE ||
	       o == OUTCOME_SERVER_ERROR;
}

static int
is_gone(enum outcome o)
{
	return o == OUTCOME_NOT_FOUND || o == OUTCOME_GONE ||
	       o == OUTCOME_LEGAL;
}

static int
is_page_good(enum outcome o)
{
	return o == OUTCOME_CAPTURED || o == OUTCOME_REVISIT ||
	       o == OUTCOME_NOT_MODIFIED;
}

static void
count_host(struct pass *p, const struct page_end *end)
{
	struct host_tally *h = pass_host(p, end->url);

	p->shun_is_old |= !is_page_good(end->outcome);
	if (end->outcome == OUTCOME_NOT_TRIED) {
		/* Put back as it was: not to be taken again in this run. */
		h->silent = PASS_SILENT;
		return;
	}
	if (is_silence(end->outcome)) {
		h->silent++;
		return;
	}
	h->silent = 0;
	h->answered += is_page_good(end->outcome);
	h->challenged += end->outcome == OUTCOME_CHALLENGE;
}

static void
refused(void *context, const char *url, const char *via, int outcome,
    const char *why)
{
	struct pass *p = context;
	struct run_site *s = p->result;
	struct run_refusal *x = NULL;

	left_out_add(p->left_out, url, via, (enum outcome)outcome, why);
	s->refused++;
	for (size_t i = 0; i < s->refusal_count && x == NULL; i++)
		if ((int)s->refusals[i].outcome == outcome &&
		    strcmp(s->refusals[i].why, why) == 0)
			x = &s->refusals[i];
	if (x == NULL) {
		if (s->refusal_count == REFUSALS_KEPT)
			return;
		s->refusals = mem_grow(
		    s->refusals, s->refusal_count + 1, sizeof(*s->refusals));
		x = &s->refusals[s->refusal_count++];
		*x = (struct run_refusal){ (enum outcome)outcome, mem_text(why),
			0 };
	}
	x->count++;
}

/* A source was looked at: what it raises now is so, and nothing else. */
static void
clear_source(struct pass *p, const char *url)
{
	static const char *const kinds[] = { "front-empty", "feed-empty",
		"sitemap-empty" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char *key = mem_format("%s %s", kinds[i], url);

		alarms_clear(p->run->alarms, key);
		free(key);
	}
}

/* Sources always; pages when they were read. */
static int
follow(struct pass *p, const struct page_end *end, struct error *e)
{
	struct run *r = p->run;
	const struct finding_place place = {
		.queue = r->queue,
		.scope = p->scope,
		.watch = r->watch,
		.alarms = r->alarms,
		.site = &p->site,
		.now_us = run_now_us(r),
		.refused = refused,
		.context = p,
	};
	uint64_t found = 0;
	int rc;

	if (end->outcome == OUTCOME_NOT_TRIED)
		return 0;
	if (end->kind == WANTED_PAGE && !is_page_good(end->outcome))
		return 0;
	if (end->kind != WANTED_PAGE)
		clear_source(p, end->requested);
	p->left_out = end->left_out;
	rc = sources_found(r->sources, &place, end, &found, e);
	p->result->found += found;
	return rc;
}

/* Does URL lead to a front or section page of the site? */
static int
is_front(const struct pass *p, const char *url)
{
	struct url u;
	int yes = 0;

	for (size_t i = 0; i < p->site.source_count && !yes; i++)
		yes = p->site.sources[i].kind == SOURCE_FRONT &&
		      strcmp(p->site.sources[i].url, url) == 0;
	if (yes || url_parse(&u, url, strlen(url), NULL, NULL) != 0)
		return yes;
	yes = u.path_len <= 1 && u.query_len == 0;
	url_clear(&u);
	return yes;
}

static enum sighting
sighting_of(const struct pass *p, const struct page_end *end)
{
	int has_moved = strcmp(end->requested, end->url) != 0;

	switch (end->outcome) {
	case OUTCOME_NOT_MODIFIED:
	case OUTCOME_REVISIT:
		if (end->article == NULL)
			return SIGHT_SAME;
		break;
	case OUTCOME_NOT_FOUND:
		return SIGHT_MISSING;
	case OUTCOME_GONE:
		return SIGHT_GONE;
	case OUTCOME_LEGAL:
		return SIGHT_LEGAL;
	case OUTCOME_CAPTURED:
		break;
	default:
		return SIGHT_UNKNOWN;
	}
	if (end->article != NULL)
		return has_moved ? SIGHT_MOVED : SIGHT_ARTICLE;
	if (has_moved && is_front(p, end->url))
		return SIGHT_AWAY;
	/* A profile that failed says nothing about the article. */
	return strcmp(end->extraction, "failed") == 0 ? SIGHT_UNKNOWN
						      : SIGHT_NOT_ONE;
}

/* The post id among the article's other names. */
static const char *
post_id_of(const struct json *article)
{
	const struct json *ids = json_get(article, "alt_ids");

	for (size_t i = 0; i < json_count(ids); i++)
		if (strcmp(json_text(json_get(json_at(ids, i), "kind"), ""),
			"post_id") == 0)
			return json_text(
			    json_get(json_at(ids, i), "value"), "");
	return "";
}

/* Another article of the host answered within the hour. */
static int64_t
control_of(struct pass *p, const char *url)
{
	char host[256];
	int64_t at;

	host_of(url, host);
	at = watch_control(p->run->watch, host);
	return at > run_now_us(p->run) - HOUR_US ? at : 0;
}

static void
count_event(struct pass *p, const struct observation *o, enum watch_event event)
{
	struct run_site *s = p->result;
	const char *word = NULL;

	switch (event) {
	case EVENT_FIRST:
		s->first_seen++;
		break;
	case EVENT_CHANGED:
		s->changed++;
		word = "article-changed";
		break;
	case EVENT_SUSPECTED:
		s->suspected++;
		word = "article-suspected";
		break;
	case EVENT_DISAPPEARED:
		s->disappeared++;
		word = "article-disappeared";
		break;
	case EVENT_BACK:
		s->back++;
		word = "article-back";
		break;
	case EVENT_NONE:
	case EVENT_TOUCHED:
	case EVENT_DOUBTFUL:
		break;
	}
	if (word != NULL)
		log_event(
		    run_now_us(p->run), word, o->url, outcome_name(o->outcome));
}

/* An article, or a page that was one, was looked at. */
static int
observe(struct pass *p, const struct page_end *end, struct error *e)
{
	struct run *r = p->run;
	const struct json *a = end->article;
	struct observation o = {
		.url = end->requested,
		.site = p->site.name,
		.article_id = json_text(json_get(a, "article_id"), ""),
		.post_id = post_id_of(a),
		.core = json_text(json_get(json_get(a, "hashes"), "core"), ""),
		.modified = json_text(
		    json_get(json_get(a, "modified"), "raw"), ""),
		.sighting = sighting_of(p, end),
		.outcome = end->outcome,
		.at_us = end->captured_us > 0 ? end->captured_us
					      : run_now_us(r),
	};
	enum watch_event event = EVENT_NONE;
	int64_t due_us = 0;
	int known;

	if (end->kind != WANTED_PAGE || end->outcome == OUTCOME_NOT_TRIED)
		return 0;
	known = watch_knows(r->watch, end->requested, e);
	if (known < 0)
		return -1;
	if (!known && a == NULL)
		return 0;
	if (!known && o.sighting == SIGHT_MOVED) {
		/* Met under an old address: its own is what is watched. */
		o.sighting = SIGHT_ARTICLE;
		o.url = end->url;
	}
	o.is_pending = a != NULL && strcmp(end->extraction, "ok") != 0;
	o.control_us = control_of(p, o.url);
	if (watch_observe(r->watch, &p->site.ladder, &o, &event, &due_us, e) !=
	    0)
		return -1;
	count_event(p, &o, event);
	return 0;
}

/* The try after TRIES of them: 10 s, 2 min; when a host asked to wait, 2 min,
 * 10 min, an hour. Its own back-off comes on top. */
static int64_t
pause_us(uint64_t tries, int asked)
{
	static const int seconds[] = { 10, 120, 600, 3600 };
	size_t i = (size_t)tries + (asked ? 1 : 0);

	return seconds[i < 4 ? i : 3] * SECOND_US;
}

static int
put_back(struct pass *p, const struct page_end *end, int64_t after_us,
    int count_try, struct error *e)
{
	p->result->put_back++;
	return queue_put_back(p->run->queue, end->number,
	    run_now_us(p->run) + after_us, count_try, e);
}

/* The engine ends early, and what a page still wanted was not tried. */
static int
is_cut_off(const struct pass *p, const struct page_end *end)
{
	const struct run_options *o = p->run->o;

	if (end->is_complete)
		return 0;
	return (o->stop != NULL && *o->stop) ||
	       (p->run->end_at_ms > 0 &&
		   run_now_ms(p->run) >= p->run->end_at_ms) ||
	       (p->capture.max_bytes > 0 &&
		   p->progress.bytes >= p->capture.max_bytes);
}

/* Whether the queue is done with it. Sources and watched articles have a
 * schedule of their own. */
static int
finish(struct pass *p, const struct page_end *end, struct error *e)
{
	struct queue *q = p->run->queue;
	int silent = is_silence(end->outcome);
	int asked = is_refusal(end->outcome);
	unsigned tries = 0;
	int watched = 0;

	/* Nothing was asked; its host is to be left alone until then. */
	if (end->again_us > 0)
		return put_back(
		    p, end, end->again_us - run_now_us(p->run), 0, e);
	if (end->outcome == OUTCOME_NOT_TRIED || is_cut_off(p, end))
		return put_back(p, end, 0, 0, e);
	if (end->kind == WANTED_PAGE) {
		watched = watch_knows(p->run->watch, end->requested, e);
		if (watched < 0)
			return -1;
	}
	/* That an article is gone is what was to be learnt. */
	p->gone += watched && is_gone(end->outcome);
	if (end->kind != WANTED_PAGE || watched || (!silent && !asked))
		return queue_done(q, end->number, e);
	tries = p->tries[pass_slot(p, end->number)];
	/* A host that answers nobody says nothing about this page. */
	if (silent && pass_host(p, end->url)->answered == 0)
		return put_back(p, end, pause_us(1, 0), 0, e);
	if (tries >= (silent ? TRIES : TRIES_ASKED))
		return queue_done(q, end->number, e);
	return put_back(p, end, pause_us(tries, asked), 1, e);
}

static int
note_completeness(struct pass *p, const struct page_end *end, struct error *e)
{
	if (end->kind == WANTED_LIST || !is_page_good(end->outcome))
		return 0;
	return tallies_page(p->run->state, p->site.name, end->url,
	    end->is_complete, run_now_us(p->run), e);
}

int
pass_ended(void *context, const struct page_end *end, struct error *e)
{
	struct pass *p = context;
	struct state *s = p->run->state;

	if (end->outcome != OUTCOME_NOT_TRIED)
		p->result->pages++;
	p->result->articles += end->article != NULL;
	p->result->extraction_failed += strcmp(end->extraction, "failed") == 0;
	count_host(p, end);
	if (state_begin(s, e) != 0)
		return -1;
	if (follow(p, end, e) != 0 || observe(p, end, e) != 0 ||
	    finish(p, end, e) != 0 || note_completeness(p, end, e) != 0) {
		state_fail(s);
		return -1;
	}
	pass_forget(p, end->number);
	return state_commit(s, e);
}
