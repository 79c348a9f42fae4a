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
#include "core/base/worker.h"
#include "core/collection/layout.h"
#include "core/crawl/job.h"
#include "core/crawl/run.h"
#include "core/crawl/run_facts.h"
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

/* One more seed becomes a job. 1 yes, 0 there are none, -1. */
static int
admit_seed(struct capture *c, struct error *e)
{
	const char *seed = c->o->next_seed(c->o->context);
	struct error why = { 0 };
	struct job *j;
	struct url url;
	int rc;

	if (seed == NULL) {
		c->seeds_ended = 1;
		return 0;
	}
	if (url_parse(&url, seed, strlen(seed), NULL, &why) != 0) {
		c->result->seeds_bad_url++;
		c->o->bad_seed(c->o->context, seed, why.text);
		return 1;
	}
	url_drop_fragment(&url);
	if (!url_is_http(&url) || url.user_len > 0) {
		c->result->seeds_bad_url++;
		c->o->bad_seed(c->o->context, seed,
		    url.user_len > 0
			? "holds a user name or password; give it without"
			: "neither http nor https");
		url_clear(&url);
		return 1;
	}
	if (is_known_seed(c, url.text)) {
		url_clear(&url);
		return 1;
	}
	c->result->seeds++;
	j = job_new(url.text);
	j->next = c->jobs;
	c->jobs = j;
	c->job_count++;
	rc = run_want(c, j, NULL, url.text, NEED_PAGE, "", e);
	run_advance(j);
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

/* The job's end: completeness and articles are put, it is freed. */
static void
settle(struct capture *c, struct job *j)
{
	enum outcome outcome = OUTCOME_NOT_TRIED;
	uint64_t ticket = 0;

	if (!job_settle(j, c->snapshot, &outcome, &ticket))
		c->result->incomplete++;
	if (outcome == OUTCOME_CAPTURED || outcome == OUTCOME_REVISIT ||
	    outcome == OUTCOME_NOT_MODIFIED)
		c->result->seeds_good++;
	if (ticket > c->last_ticket)
		c->last_ticket = ticket;
	c->progress.pages++;
	job_free(j);
}

/* Let every open job make a step. */
static int
step_jobs(struct capture *c, struct error *e)
{
	struct job **at = &c->jobs;

	for (struct sheet *s = c->sheets; s != NULL; s = s->next)
		if (s->worker != NULL && run_sheet_take(c, s, e) != 0)
			return -1;
	while (*at != NULL) {
		struct job *j = *at;
		int rc = 0;

		if (j->state == JOB_HARVESTING)
			rc = run_harvested(c, j, e);
		if (rc == 0 && j->state == JOB_READING)
			rc = run_read(c, j, e);
		if (rc != 0)
			return -1;
		run_advance(j);
		job_fell_through(j);
		if (j->state == JOB_SETTLING && j->ticket <= c->durable) {
			*at = j->next;
			c->job_count--;
			settle(c, j);
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
must_stop(struct capture *c)
{
	if (c->o->stop != NULL && *c->o->stop) {
		c->result->stopped = 1;
		return 1;
	}
	return disk_is_full(c);
}

/* One turn of the loop: wait for an exchange, a worker or the writer. */
static int
turn(struct capture *c, struct error *e)
{
	struct pollfd fds[OPEN_JOBS + SHEETS_KEPT + 1];
	struct exchange *x = NULL;
	void *tag = NULL;
	int ended;
	int rc = 0;

	ended = fetcher_wait(c->fetcher, fds,
	    listen_to(c, fds, sizeof(fds) / sizeof(fds[0])), POLL_MS, &x, &tag,
	    e);
	if (ended < 0)
		return -1;
	if (ended > 0) {
		rc = run_exchange_ended(c, tag, x, e);
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

	for (const struct job *j = c->jobs; j != NULL; j = j->next)
		active += j->state != JOB_SETTLING;
	return active < ACTIVE_JOBS && c->job_count < OPEN_JOBS;
}

static int
work(struct capture *c, struct error *e)
{
	while (!must_stop(c)) {
		while (!c->seeds_ended && may_admit(c))
			if (admit_seed(c, e) < 0)
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

/* The run ends early: what was wanted and not got is not-tried. */
static void
wind_up(struct capture *c)
{
	const char *why = c->result->stopped     ? "stopped by a signal"
			  : c->result->disk_full ? "the disk is full"
						 : "the run ended";
	struct target *t;

	while ((t = frontier_any(c->frontier)) != NULL) {
		struct capture_facts f = run_facts_of(t);
		int sheet = 0;

		/* A sheet under harvest has its outcome already. */
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
	while (c->jobs != NULL) {
		struct job *j = c->jobs;

		c->jobs = j->next;
		settle(c, j);
	}
}

static int
begin(struct capture *c, struct error *e)
{
	struct snapshot_options so = {
		.site = c->o->site,
		.kind = "capture",
		.segment_bytes = c->o->segment_bytes,
		.add_sha1 = c->o->add_sha1,
	};

	if (c->o->clock->wall_us(c->o->clock) / 86400000000ll <
	    YEAR_2020_US_DAYS)
		return error_set(e, ERROR_USAGE,
		    "clock: says a time before 2020; set it before capturing");
	c->facts = arena_new();
	so.warcinfo = run_facts(c->facts, c->o);
	so.facts = so.warcinfo;
	c->snapshot = snapshot_begin(c->o->collection, &so, c->o->clock, e);
	if (c->snapshot == NULL)
		return -1;
	c->fetcher = fetcher_new(c->o->fetch, c->o->clock, e);
	c->frontier = frontier_new();
	c->politeness = politeness_new(c->o->robots, "holdfast");
	return c->fetcher == NULL ? -1 : 0;
}

static void
end(struct capture *c)
{
	struct job *next_job;
	struct sheet *next_sheet;

	for (struct job *j = c->jobs; j != NULL; j = next_job) {
		next_job = j->next;
		job_free(j);
	}
	for (struct sheet *s = c->sheets; s != NULL; s = next_sheet) {
		next_sheet = s->next;
		run_sheet_free(s);
	}
	fetcher_free(c->fetcher);
	frontier_free(c->frontier);
	politeness_free(c->politeness);
	free(c->profiles_kept);
	arena_free(c->facts);
}

int
capture_run(const struct capture_options *o, struct capture_result *result,
    struct error *e)
{
	struct capture c = { .o = o, .result = result };
	const char *status = "complete";
	int rc;

	*result = (struct capture_result){ 0 };
	rc = begin(&c, e);
	if (rc == 0)
		rc = work(&c, e);
	if (rc == 0) {
		wind_up(&c);
		if (result->stopped)
			status = "signal";
		else if (result->disk_full)
			status = "disk";
		rc = snapshot_seal(
		    c.snapshot, status, &result->totals, &result->snapshot, e);
		c.snapshot = NULL;
	}
	if (c.snapshot != NULL)
		snapshot_abandon(c.snapshot);
	end(&c);
	return rc;
}

void
capture_result_clear(struct capture_result *r)
{
	free(r->snapshot);
	*r = (struct capture_result){ 0 };
}

int
capture_exit_code(const struct capture_result *r)
{
	uint64_t bad = r->seeds - r->seeds_good;

	if (r->disk_full)
		return 16;
	if (r->stopped)
		return 11;
	if (r->seeds_tls > 0)
		return 5;
	if (r->rate_limited)
		return 18;
	if (r->seeds_auth > 0)
		return 6;
	if (r->seeds_protocol > 0)
		return 7;
	if (r->seeds > 0 && r->seeds_network == r->seeds)
		return 4;
	if (bad > 0 || r->incomplete > 0 || r->truncated > 0 ||
	    r->not_tried > 0)
		return 8;
	return r->seeds == 0 && r->seeds_bad_url > 0 ? 2 : 0;
}
