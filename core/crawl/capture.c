/* The verb capture: pages and everything they show. */
#include "core/crawl/capture.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/worker.h"
#include "core/collection/layout.h"
#include "core/crawl/job.h"
#include "core/crawl/left_out.h"
#include "core/crawl/capture_part.h"
#include "core/crawl/run_facts.h"
#include "core/news/profile.h"
#include "core/web/fetch.h"
#include "core/web/url.h"

enum {
	ACTIVE_JOBS = 8, /* pages being fetched and read at once */
	OPEN_JOBS = 32,  /* with those that wait for the disk */
	POLL_MS = 200,   /* how often the stop flag is looked at, at least */
	WIND_UP_MS = 4000,
	FREE_CHECK = 256, /* targets between two looks at the free space */
	YEAR_2020_US_DAYS = 18262
};

static int64_t
now_ms(const struct capture *c)
{
	return c->o->clock->mono_ms(c->o->clock);
}

/* A duplicate: under way, or fetched already, perhaps as part of a page. */
static int
is_known_seed(const struct capture *c, const char *url)
{
	struct target *t;

	for (const struct job *j = c->jobs; j != NULL; j = j->next)
		if (strcmp(j->seed, url) == 0)
			return 1;
	return frontier_find(c->frontier, url, &t) == FRONTIER_DONE;
}

static struct job *
add_job(struct capture *c, const char *url, const struct wanted *w)
{
	struct job *j = job_new(url, w);

	j->next = c->jobs;
	c->jobs = j;
	c->job_count++;
	return j;
}

/* URL becomes the spelling of it that this run goes by. Always 1. */
static int
use_spelling(struct capture *c, struct url *url)
{
	const char *text = frontier_spelling(c->frontier, url->text);
	struct url first;

	if (strcmp(text, url->text) != 0 &&
	    url_parse(&first, text, strlen(text), NULL, NULL) == 0) {
		url_clear(url);
		*url = first;
	}
	return 1;
}

/* The wanted URL, parsed; 0: it is none, and was told so. */
static int
parse_wanted(struct capture *c, const struct wanted *w, struct url *url)
{
	struct error why = { 0 };

	if (url_parse(url, w->url, strlen(w->url), NULL, &why) != 0) {
		c->result->seeds_bad_url++;
		c->o->bad_seed(c->o->context, w->url, why.text);
		return 0;
	}
	url_drop_fragment(url);
	if (url_is_http(url) && url->user_len == 0)
		return use_spelling(c, url);
	c->result->seeds_bad_url++;
	c->o->bad_seed(c->o->context, w->url,
	    url->user_len > 0 ? "holds a user name or password; give it without"
			      : "neither http nor https");
	url_clear(url);
	return 0;
}

/* A page fetched already is told of once more, to those who ask. */
static void
admit_known(struct capture *c, const char *url, const struct wanted *w)
{
	struct job *j;

	if (c->o->ended == NULL)
		return;
	j = add_job(c, url, w);
	j->is_known = 1;
	j->state = JOB_SETTLING;
	j->ticket = c->last_ticket;
}

/* One more page becomes a job. 1 yes, 0 there is none now, -1. */
static int
admit(struct capture *c, struct error *e)
{
	struct wanted w = { 0 };
	int64_t wait_ms = 1000;
	struct url url;
	int rc = c->o->next(c->o->context, &w, &wait_ms, e);

	if (rc < -1)
		return -1;
	c->seeds_ended = rc < 0;
	c->ask_at_ms = now_ms(c) + wait_ms;
	c->is_idle = rc == 0;
	if (rc <= 0)
		return 0;
	if (!parse_wanted(c, &w, &url))
		return 1;
	if (is_known_seed(c, url.text)) {
		admit_known(c, url.text, &w);
	} else {
		struct job *j = add_job(c, url.text, &w);

		c->result->seeds++;
		capture_make_home(c, &url);
		rc = capture_want(c, j, NULL, url.text, NEED_PAGE, "", e);
		capture_advance(j);
	}
	url_clear(&url);
	return rc < 0 ? -1 : 1;
}

/* A job with no outcome of its own target (it waited for a URL that was
 * fetched as something else) settles with what there is. */
static void
job_fell_through(struct job *j)
{
	if (j->state == JOB_FETCHING && j->pending == 0)
		j->state = JOB_SETTLING;
}

/* Tell the caller of a job's end. */
static int
tell(struct capture *c, const struct job *j, const struct captured *page,
    int is_complete, struct error *e)
{
	const struct page_end end = {
		.number = j->wanted.number,
		.kind = j->wanted.kind,
		.requested = j->seed,
		.url = j->url,
		.via = j->wanted.via,
		.hops = j->wanted.hops,
		.outcome = page->outcome,
		.status = page->status,
		.reason = page->reason,
		.record_id = page->record_id,
		.captured_us = j->started_us,
		.again_us = j->again_us,
		.took_ms = j->took_ms,
		.is_complete = is_complete,
		.profile = j->profile == NULL ? "" : profile_key(j->profile),
		.extraction = j->extraction,
		.article = j->article,
		.pagestate = j->pagestate,
		.list_kind = j->list_kind,
		.links = j->links,
		.link_count = j->link_count,
		.more_links = j->more_links,
		.left_out = c->left_out,
	};

	c->is_idle = 0; /* there may be more wanted now */
	return c->o->ended == NULL ? 0 : c->o->ended(c->o->context, &end, e);
}

/* All that a job waited for is durable: completeness and articles are put. */
static void
settle(struct capture *c, struct job *j)
{
	uint64_t ticket = 0;

	j->page = arena_alloc(j->arena, sizeof(*j->page));
	*j->page = (struct captured){
		.outcome = OUTCOME_NOT_TRIED,
		.reason = "",
		.record_id = "",
	};
	j->is_complete = job_settle(j, c->snapshot, j->page, &ticket);
	j->state = JOB_TELLING;
	c->result->incomplete += !j->is_complete;
	if (!j->is_known)
		c->result->seeds_good += j->page->outcome == OUTCOME_CAPTURED ||
					 j->page->outcome == OUTCOME_REVISIT ||
					 j->page->outcome ==
					     OUTCOME_NOT_MODIFIED;
	if (ticket > c->last_ticket)
		c->last_ticket = ticket;
	/* Who is told never asks again: the article must be durable, too. */
	if (c->o->ended != NULL)
		j->ticket = ticket;
	c->progress.pages++;
}

/* The job's end, when all of it is durable, or the run ends without that. */
static int
leave(struct capture *c, struct job *j, struct error *e)
{
	int rc;

	if (j->ticket > c->durable)
		j->page->outcome = OUTCOME_NOT_TRIED;
	if (j->is_known)
		j->again_us = capture_again_us(c, j->url, j->page->outcome);
	rc = tell(c, j, j->page, j->is_complete, e);

	job_free(j);
	return rc;
}

/* Let every open job make a step. */
static int
step_jobs(struct capture *c, struct error *e)
{
	struct job **at = &c->jobs;

	for (struct sheet *s = c->sheets; s != NULL; s = s->next)
		if (s->worker != NULL && capture_sheet_take(c, s, e) != 0)
			return -1;
	while (*at != NULL) {
		struct job *j = *at;
		int rc = 0;

		if (j->state == JOB_HARVESTING)
			rc = capture_harvested(c, j, e);
		if (rc == 0 && j->state == JOB_PICKING)
			rc = capture_picked(c, j, e);
		if (rc == 0 && j->state == JOB_READING)
			rc = capture_read(c, j, e);
		if (rc != 0)
			return -1;
		capture_advance(j);
		job_fell_through(j);
		if (j->state == JOB_SETTLING && j->ticket <= c->durable)
			settle(c, j);
		if (j->state == JOB_TELLING && j->ticket <= c->durable) {
			*at = j->next;
			c->job_count--;
			if (leave(c, j, e) != 0)
				return -1;
			continue;
		}
		at = &j->next;
	}
	return 0;
}

/* Descriptors to listen to: the writer's and every worker's. */
static size_t
listen_to(struct capture *c, struct pollfd *fds, size_t cap)
{
	size_t n = 0;

	fds[n++] = (struct pollfd){ snapshot_fd(c->snapshot), POLLIN, 0 };
	for (struct job *j = c->jobs; j != NULL && n < cap; j = j->next)
		if (j->worker != NULL)
			fds[n++] = (struct pollfd){ worker_fd(j->worker),
				POLLIN, 0 };
	for (struct sheet *s = c->sheets; s != NULL && n < cap; s = s->next)
		if (s->worker != NULL)
			fds[n++] = (struct pollfd){ worker_fd(s->worker),
				POLLIN, 0 };
	return n;
}

/* 1 when the disk is too full to go on. */
static int
disk_is_full(struct capture *c)
{
	uint64_t least = c->o->min_free == 0 ? LIMIT_FREE_BYTES
					     : c->o->min_free;
	uint64_t bytes;

	if (c->since_check < FREE_CHECK && c->progress.targets > 0)
		return 0;
	c->since_check = 0;
	if (file_free_bytes(c->o->collection->dir, &bytes, NULL) != 0 ||
	    bytes >= least)
		return 0;
	c->result->disk_full = 1;
	return 1;
}

static int
limit_is_reached(struct capture *c)
{
	c->result->time_up = c->o->max_time_ms > 0 && now_ms(c) >= c->end_at_ms;
	c->result->size_up = c->o->max_bytes > 0 &&
			     c->progress.bytes >= c->o->max_bytes;
	return c->result->time_up || c->result->size_up;
}

static int
must_stop(struct capture *c)
{
	if (c->o->stop != NULL && *c->o->stop) {
		c->result->stopped = 1;
		return 1;
	}
	return limit_is_reached(c) || disk_is_full(c);
}

/* One turn of the loop: wait for an exchange, a worker or the writer. */
static int
turn(struct capture *c, struct error *e)
{
	struct pollfd fds[OPEN_JOBS + SHEETS_KEPT + 1];
	struct exchange *x = NULL;
	struct target *t = NULL;
	void *tag = NULL;
	int ended = capture_recalled(c, &t, &x);
	int rc = 0;

	if (ended == 0) {
		ended = fetcher_wait(c->fetcher, fds,
		    listen_to(c, fds, sizeof(fds) / sizeof(fds[0])), POLL_MS,
		    &x, &tag, e);
		t = tag;
	}
	if (ended < 0)
		return -1;
	if (ended > 0) {
		rc = capture_exchange_ended(c, t, x, e);
		exchange_free(x);
	}
	if (rc == 0)
		rc = snapshot_done(c->snapshot, &c->durable, e);
	if (rc == 0)
		rc = step_jobs(c, e);
	/* Nothing in flight: do not let a group wait for company. */
	if (rc == 0 && fetcher_pending(c->fetcher) == 0 &&
	    c->flushed < c->last_ticket) {
		snapshot_flush(c->snapshot);
		c->flushed = c->last_ticket;
	}
	return rc;
}

/* Pages that only wait for the disk hold nobody up, so that a group of writes
 * fills. */
static int
may_admit(const struct capture *c)
{
	size_t active = 0;

	if (c->seeds_ended || (c->is_idle && now_ms(c) < c->ask_at_ms))
		return 0;
	for (const struct job *j = c->jobs; j != NULL; j = j->next)
		active += j->state < JOB_SETTLING;
	return active < ACTIVE_JOBS && c->job_count < OPEN_JOBS;
}

static int
work(struct capture *c, struct error *e)
{
	while (!must_stop(c)) {
		int more = 1;

		while (more == 1 && may_admit(c))
			more = admit(c, e);
		if (more < 0)
			return -1;
		if (c->jobs == NULL && c->seeds_ended)
			return 0;
		if (turn(c, e) != 0)
			return -1;
	}
	return 0;
}

/* Wait until all that was put is durable; a bounded time. */
static void
wait_durable(struct capture *c)
{
	struct pollfd p = { snapshot_fd(c->snapshot), POLLIN, 0 };

	snapshot_flush(c->snapshot);
	for (int i = 0; i < WIND_UP_MS / POLL_MS; i++) {
		if (snapshot_done(c->snapshot, &c->durable, NULL) != 0 ||
		    c->durable >= c->last_ticket)
			return;
		(void)poll(&p, 1, POLL_MS);
	}
}

/* Links that were not followed get their outcomes last. */
static void
put_left_out(struct capture *c)
{
	uint64_t more = 0;
	uint64_t ticket = left_out_put(
	    c->left_out, c->frontier, c->snapshot, &more);

	if (ticket > 0)
		c->last_ticket = ticket;
	if (more > 0) {
		char *text = mem_format(
		    "%ju more links were not followed; no line tells of them",
		    (uintmax_t)more);

		capture_warn(c, c->o->site, text);
		free(text);
	}
}

/* The run ends early: what was wanted and not got is not-tried. */
static int
wind_up(struct capture *c, struct error *e)
{
	const char *why = c->result->stopped     ? "stopped by a signal"
			  : c->result->disk_full ? "the disk is full"
			  : c->result->time_up   ? "the time is up"
			  : c->result->size_up   ? "the size is reached"
						 : "the run ended";
	struct target *t;

	while ((t = frontier_any(c->frontier)) != NULL) {
		struct capture_facts f = capture_facts_of(t);
		int sheet = t->is_recalled;

		/* A sheet under harvest has its outcome already, and so has
		 * what an earlier run fetched. */
		for (struct sheet *s = c->sheets; s != NULL; s = s->next)
			sheet |= s->target == t;
		if (!sheet) {
			c->last_ticket = snapshot_outcome(c->snapshot, t->url,
			    OUTCOME_NOT_TRIED, why, -1, &f);
			c->result->not_tried++;
		}
		frontier_done(c->frontier, t);
	}
	wait_durable(c);
	for (struct job *j = c->jobs; j != NULL; j = j->next)
		if (j->state != JOB_TELLING)
			settle(c, j);
	if (c->jobs != NULL && c->o->ended != NULL)
		wait_durable(c);
	while (c->jobs != NULL) {
		struct job *j = c->jobs;

		c->jobs = j->next;
		if (leave(c, j, e) != 0)
			return -1;
	}
	put_left_out(c);
	return 0;
}

static int
begin(struct capture *c, struct error *e)
{
	struct snapshot_options so = {
		.site = c->o->site,
		.kind = "capture",
		.segment_bytes = c->o->segment_bytes,
		.add_sha1 = c->o->add_sha1,
		.revisits = c->o->originals != NULL,
	};

	if (c->o->clock->wall_us(c->o->clock) / 86400000000ll <
	    YEAR_2020_US_DAYS)
		return error_set(e, ERROR_USAGE,
		    "clock: says a time before 2020; set it before capturing");
	c->facts = arena_new();
	so.warcinfo = run_facts(c->facts, c->o);
	so.facts = so.warcinfo;
	c->snapshot = c->o->resume == NULL
			  ? snapshot_begin(
				c->o->collection, &so, c->o->clock, e)
			  : snapshot_resume(c->o->collection, c->o->resume, &so,
				c->o->clock, e);
	if (c->snapshot == NULL)
		return -1;
	c->fetcher = fetcher_new(c->o->fetch, c->o->clock, e);
	c->frontier = frontier_new();
	c->left_out = left_out_new();
	c->politeness = politeness_new(c->o->robots, ROBOTS_PRODUCT);
	return c->fetcher == NULL ? -1 : capture_polite_begin(c, e);
}

static void
end(struct capture *c)
{
	struct job *next_job;
	struct sheet *next_sheet;
	struct exchange *x;
	struct target *t;

	while (capture_recalled(c, &t, &x))
		exchange_free(x);
	for (struct job *j = c->jobs; j != NULL; j = next_job) {
		next_job = j->next;
		job_free(j);
	}
	for (struct sheet *s = c->sheets; s != NULL; s = next_sheet) {
		next_sheet = s->next;
		capture_sheet_free(s);
	}
	fetcher_free(c->fetcher);
	frontier_free(c->frontier);
	left_out_free(c->left_out);
	politeness_free(c->politeness);
	capture_polite_end(c);
	free(c->profiles_kept);
	arena_free(c->facts);
}

/* Sealed, or left open for another run. */
static int
finish(struct capture *c, struct error *e)
{
	struct capture_result *r = c->result;

	if (!c->o->park) {
		int rc = snapshot_seal(c->snapshot, capture_status(r),
		    &r->totals, &r->snapshot, e);

		/* With those that the writer made. */
		r->revisits = r->totals.by_outcome[OUTCOME_REVISIT];
		return rc;
	}
	r->snapshot = mem_text("");
	r->parked = 1;
	return snapshot_park(c->snapshot, capture_status(r), e);
}

int
capture_run(const struct capture_options *o, struct capture_result *result,
    struct error *e)
{
	struct capture c = { .o = o, .result = result };
	int rc;

	*result = (struct capture_result){ 0 };
	rc = begin(&c, e);
	c.end_at_ms = now_ms(&c) + o->max_time_ms;
	if (rc == 0)
		rc = work(&c, e);
	if (rc == 0)
		rc = wind_up(&c, e);
	if (rc == 0) {
		rc = finish(&c, e);
		c.snapshot = NULL;
	}
	if (c.snapshot != NULL)
		snapshot_abandon(c.snapshot);
	end(&c);
	return rc;
}
