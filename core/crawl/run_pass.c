/* A site's turn in a run: what is due is handed to the engine. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"
#include "core/collection/originals.h"
#include "core/crawl/hosts.h"
#include "core/crawl/queue.h"
#include "core/crawl/run_part.h"
#include "core/crawl/settings.h"
#include "core/crawl/sources.h"
#include "core/crawl/state.h"
#include "core/crawl/watch.h"
#include "core/news/profile.h"

enum {
	TOP_UP_MS = 30 * 1000, /* a long turn looks again at what is due */
	SHUN_MS = 1000,
	TELL_MS = 200,              /* the status line, at most so often */
	PATIENCE_US = 15 * 1000000, /* waited for at the end of a turn */
	WATCH_AT_ONCE = 10000,
	SLICE_MS = 10 * 60 * 1000 /* of links and archives, with other sites */
};

/* Hosts in back-off and those that were silent: not in this run. */
static int
add_shunned(void *context, const char *host, int64_t until_us,
    const char *reason, uint64_t strikes)
{
	struct pass *p = context;
	size_t n = 0;

	(void)reason;
	(void)strikes;
	if (until_us <= run_now_us(p->run))
		return 0;
	while (p->shun[n] != NULL)
		n++;
	p->shun = mem_grow(p->shun, n + 2, sizeof(*p->shun));
	p->shun[n] = arena_text(p->shunned, host);
	p->shun[n + 1] = NULL;
	return 0;
}

static int
read_shunned(struct pass *p, struct error *e)
{
	int64_t now = run_now_ms(p->run);

	if (!p->shun_is_old && now - p->shown_ms < SHUN_MS && p->shun != NULL)
		return 0;
	p->shown_ms = now;
	p->shun_is_old = 0;
	arena_reset(p->shunned);
	p->shun = mem_grow(p->shun, 1, sizeof(*p->shun));
	p->shun[0] = NULL;
	for (struct host_tally *h = p->hosts; h != NULL; h = h->next)
		if (h->silent >= PASS_SILENT)
			(void)add_shunned(p, h->host, INT64_MAX, "", 0);
	return hosts_each(p->run->hosts, add_shunned, p, e);
}

int
pass_top_up(struct pass *p, struct error *e)
{
	struct run *r = p->run;
	int64_t now = run_now_us(r);
	int64_t watched = 0;
	int sources;

	p->topped_ms = run_now_ms(r);
	if (state_begin(r->state, e) != 0)
		return -1;
	sources = sources_enqueue(r->sources, r->queue, &p->site, now, e);
	if (sources >= 0)
		watched = watch_enqueue(
		    r->watch, r->queue, p->site.name, now, WATCH_AT_ONCE, e);
	if (state_end(r->state, sources < 0 || watched < 0 ? -1 : 0, e) != 0)
		return -1;
	p->result->sources += (uint64_t)sources;
	p->result->recaptures += (uint64_t)watched;
	return 0;
}

/* The selector for the links of a front; a further page of one has that of
 * the first. */
static const char *
links_of(const struct pass *p, const struct queued *t)
{
	const char *via = t->via == NULL ? "" : t->via;

	if (t->kind != WANTED_FRONT)
		return "";
	for (size_t i = 0; i < p->site.source_count; i++) {
		const struct source *s = &p->site.sources[i];

		if (s->kind == SOURCE_FRONT && s->links != NULL &&
		    (strcmp(s->url, t->url) == 0 || strcmp(s->url, via) == 0))
			return s->links;
	}
	return "";
}

/* No more pages in this run, whatever waits. */
static int
is_over(const struct pass *p)
{
	return p->site.limit > 0 && p->handed >= p->site.limit;
}

/* Others wait: what is not news can wait, too. */
static int
must_yield(const struct pass *p, const struct queued *t)
{
	return p->slice_end_ms > 0 && t->rank >= RANK_LINK &&
	       run_now_ms(p->run) >= p->slice_end_ms;
}

static int
hand_out(struct pass *p, const struct queued *t, struct wanted *out)
{
	*out = (struct wanted){
		.url = t->url,
		.kind = t->kind,
		.via = t->via == NULL ? "" : t->via,
		.hops = t->hops == NULL ? "" : t->hops,
		.links = links_of(p, t),
		.number = t->number,
		.is_recapture = t->rank == RANK_WATCH || t->rank == RANK_SOURCE,
	};
	p->numbers[p->open] = t->number;
	p->tries[p->open++] = t->tries;
	p->handed++;
	return 1;
}

size_t
pass_slot(const struct pass *p, int64_t number)
{
	size_t i = 0;

	while (i < p->open && p->numbers[i] != number)
		i++;
	assert(i < p->open);
	return i;
}

void
pass_forget(struct pass *p, int64_t number)
{
	size_t i = pass_slot(p, number);

	p->open--;
	memmove(&p->numbers[i], &p->numbers[i + 1],
	    (p->open - i) * sizeof(p->numbers[0]));
	memmove(&p->tries[i], &p->tries[i + 1],
	    (p->open - i) * sizeof(p->tries[0]));
}

/* Nothing to hand out now: is there still something to wait for? */
static int
nothing_now(struct pass *p, int64_t due_us, int64_t *wait_ms)
{
	int64_t left = due_us == INT64_MAX ? INT64_MAX
					   : due_us - run_now_us(p->run);

	if (p->open == 0 && left > PATIENCE_US)
		return -1;
	*wait_ms = left > 1000000 ? 1000 : left / 1000 + 1;
	return 0;
}

static int
pass_next(void *context, struct wanted *out, int64_t *wait_ms, struct error *e)
{
	struct pass *p = context;
	struct run *r = p->run;
	struct queued t = { 0 };
	int64_t due_us = INT64_MAX;
	int rc;

	run_clock_look(r);
	if (is_over(p) || p->open == PASS_OPEN)
		return p->open > 0 ? nothing_now(p, INT64_MAX, wait_ms) : -1;
	if (run_now_ms(r) - p->topped_ms >= TOP_UP_MS && pass_top_up(p, e) != 0)
		return -2;
	if (read_shunned(p, e) != 0)
		return -2;
	arena_reset(p->taken);
	rc = queue_take(r->queue, p->taken, p->site.name, run_now_us(r),
	    p->shun, &t, &due_us, e);
	if (rc < 0)
		return -2;
	if (rc == 0)
		return nothing_now(p, due_us, wait_ms);
	if (must_yield(p, &t)) {
		if (queue_put_back(r->queue, t.number, t.due_us, 0, e) != 0)
			return -2;
		return nothing_now(p, INT64_MAX, wait_ms);
	}
	return hand_out(p, &t, out);
}

/* The page handed out last is none that can be fetched. */
static void
pass_bad_seed(void *context, const char *seed, const char *why)
{
	struct pass *p = context;
	struct error e = { 0 };

	if (p->open == 0)
		return;
	p->open--;
	run_warn(p->run, seed, why);
	if (queue_done(p->run->queue, p->numbers[p->open], &e) != 0)
		run_warn(p->run, seed, e.text);
}

static void
tell_progress(struct pass *p, int to_log)
{
	const struct capture_progress *c = &p->progress;
	struct run *r = p->run;
	struct run_progress x = {
		.site = p->site.name,
		.url = c->url == NULL ? "" : c->url,
		.done = p->result->pages,
		.queued = queue_waiting(r->queue, p->site.name, INT64_MAX),
		.failed = c->failed,
		.files = c->targets,
		.bytes = c->bytes,
		.elapsed_ms = run_now_ms(r) - p->begin_ms,
		.left_ms = -1,
	};
	char *text;

	if (x.done > 0)
		x.left_ms = (int64_t)(x.queued * (uint64_t)x.elapsed_ms /
				      x.done);
	if (r->o->progress != NULL)
		r->o->progress(r->o->context, &x);
	if (!to_log)
		return;
	text = run_progress_text(&x);
	log_event(run_now_us(r), "status", p->site.name, text);
	free(text);
}

static void
pass_progress(void *context, const struct capture_progress *c)
{
	struct pass *p = context;
	int show = p->run->o->show != NULL && *p->run->o->show;

	p->progress = *c;
	if (show)
		*p->run->o->show = 0;
	if (!show && (p->run->o->progress == NULL ||
			 run_now_ms(p->run) - p->told_ms < TELL_MS))
		return;
	p->told_ms = run_now_ms(p->run);
	tell_progress(p, show);
}

/* The engine has written it into the log. */
static void
pass_warn(void *context, const char *object, const char *text)
{
	const struct run_options *o = ((const struct pass *)context)->run->o;

	o->warn(o->context, object, text);
}

/* What is left of the run's time and bytes. */
static void
set_limits(struct pass *p)
{
	const struct run *r = p->run;
	struct capture_options *o = &p->capture;

	if (r->end_at_ms > 0) {
		o->max_time_ms = r->end_at_ms - run_now_ms(r);
		if (o->max_time_ms < 1)
			o->max_time_ms = 1;
	}
	if (r->o->max_bytes > 0)
		o->max_bytes = r->bytes < r->o->max_bytes
				   ? r->o->max_bytes - r->bytes
				   : 1;
}

static void
set_engine(struct pass *p)
{
	const struct run_options *ro = p->run->o;
	const struct kept *kept = run_kept(p->run, p->site.name);
	struct capture_options *o = &p->capture;

	capture_settings(o, &p->fetch, p->arena, p->site.config);
	p->fetch.spool_dir = ro->collection->dir;
	o->collection = ro->collection;
	o->zygote = ro->zygote;
	o->profiles = ro->profiles;
	o->clock = ro->clock;
	o->site = p->site.name;
	o->next = pass_next;
	o->ended = pass_ended;
	o->bad_seed = pass_bad_seed;
	o->progress = pass_progress;
	o->warn = pass_warn;
	o->context = p;
	o->stop = ro->stop;
	o->hosts = p->run->hosts;
	/* Anew for each site: what the one before sealed counts. */
	o->originals = originals_settings(
	    p->site.config, ro->collection, run_now_us(p->run));
	o->wait_ms = p->site.wait_ms;
	o->images = p->site.images;
	o->resume = kept == NULL ? NULL : kept->name;
	o->park = p->site.seal_daily;
	set_limits(p);
}

/* Is there anything that the engine could fetch now? 1 / 0 / -1. */
static int
is_due(struct pass *p, struct error *e)
{
	struct queued t = { 0 };
	int64_t due_us = INT64_MAX;
	int rc = read_shunned(p, e);

	if (rc == 0)
		rc = queue_take(p->run->queue, p->taken, p->site.name,
		    run_now_us(p->run), p->shun, &t, &due_us, e);
	if (rc == 1 &&
	    queue_put_back(p->run->queue, t.number, t.due_us, 0, e) != 0)
		rc = -1;
	return rc;
}

static int
open_pass(struct pass *p, const char *name, struct error *e)
{
	const struct run_options *o = p->run->o;

	p->arena = arena_new();
	p->taken = arena_new();
	p->shunned = arena_new();
	p->begin_ms = run_now_ms(p->run);
	if (site_read(&p->site, p->arena, o->config, o->profiles, name, e) != 0)
		return -1;
	p->result->name = p->site.name;
	alarms_scope(p->run->alarms, arena_format(p->arena, "%s ", name));
	p->site.scope.now_us = run_now_us(p->run);
	return scope_new(&p->scope, &p->site.scope, e);
}

static void
close_pass(struct pass *p)
{
	struct run_site *s = p->result;

	for (size_t i = 0; i < s->refusal_count; i++)
		free(s->refusals[i].why);
	free(s->refusals);
	capture_result_clear(&s->capture);
	originals_free(p->capture.originals);
	scope_free(p->scope);
	free(p->shun);
	arena_free(p->shunned);
	arena_free(p->taken);
	arena_free(p->arena);
}

/* Hosts that want to be left alone hold something up that is due. */
static int
is_held_up(struct pass *p)
{
	return p->shun[0] != NULL && queue_waiting(p->run->queue, p->site.name,
					 run_now_us(p->run)) > 0;
}

static int
fetch_due(struct pass *p, struct error *e)
{
	struct run_site *s = p->result;
	struct capture_result *c = &s->capture;

	set_engine(p);
	if (capture_run(&p->capture, c, e) != 0)
		return -1;
	s->is_parked = c->parked;
	p->run->bytes += c->totals.archive_bytes;
	c->seeds_good += p->gone;
	s->code = capture_exit_code(c);
	return 0;
}

int
run_pass(struct run *r, const char *name, struct error *e)
{
	struct run_site result = { 0 };
	struct pass p = { .run = r, .result = &result };
	const struct kept *kept;
	int rc = open_pass(&p, name, e);
	int due = 0;

	if (rc == 0)
		rc = pass_top_up(&p, e);
	if (rc == 0)
		rc = due = is_due(&p, e);
	kept = run_kept(r, name);
	/* One that was cut off is to end well, even with nothing to add. */
	if (rc >= 0 && (due || (kept != NULL && !kept->is_parked))) {
		/* News of the others, in this run or the next, come first. */
		if (r->all_count > 1)
			p.slice_end_ms = run_now_ms(r) + SLICE_MS;
		rc = fetch_due(&p, e);
	} else if (rc == 0 && is_held_up(&p)) {
		result.code = 18;
	}
	if (rc >= 0)
		rc = pass_judge(&p, e);
	if (rc >= 0) {
		result.waiting = queue_waiting(
		    r->queue, p.site.name, INT64_MAX);
		r->code = run_worse_code(r->code, result.code);
		if (p.handed > 0)
			r->o->site_ended(r->o->context, &result);
	}
	close_pass(&p);
	return rc < 0 ? -1 : 0;
}
