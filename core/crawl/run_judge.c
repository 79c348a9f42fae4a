/* What a turn and a run have shown: alarms, packages, hooks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"
#include "core/crawl/hosts.h"
#include "core/crawl/queue.h"
#include "core/crawl/run_part.h"
#include "core/crawl/sources.h"
#include "core/crawl/state.h"
#include "core/crawl/tallies.h"

enum {
	FAILURES_LEAST = 5, /* pages; fewer are no share */
	FAILURES_PART = 5,  /* every fifth */
	DRIFT_LEAST = 3,
	DRIFT_PART = 5,
	CODE_INCOMPLETE = 8,
	CODE_SIGNAL = 11,
	CODE_DRIFT = 20,
	CODE_PENDING = 22,
	CODE_RATE = 18,
	CODE_DISK = 16
};

/* KEY is so when N is not 0: TEXT (freed) says it. */
static int
raise_or_clear(
    struct alarms *a, const char *key, uint64_t n, char *text, struct error *e)
{
	int rc = 0;

	if (n > 0)
		rc = alarms_raise(a, key, text, e);
	else
		alarms_clear(a, key);
	free(text);
	return rc;
}

static int
judge_hosts(struct pass *p, struct error *e)
{
	struct alarms *a = p->run->alarms;
	int rc = 0;

	for (struct host_tally *h = p->hosts; h != NULL && rc == 0;
	     h = h->next) {
		char *key = mem_format("challenge %s", h->host);

		/* One in back-off has an alarm of its own. */
		if (h->challenged > 0 && hosts_until_us(p->run->hosts, h->host,
					     NULL) <= run_now_us(p->run))
			rc = raise_or_clear(a, key, h->challenged,
			    mem_format("%s: answers with a challenge instead "
				       "of the page",
				h->host),
			    e);
		else if (h->answered + h->challenged > 0)
			alarms_clear(a, key);
		free(key);
	}
	return rc;
}

/* Hosts in back-off have an alarm that says why pages of theirs failed. */
static int
has_backoff(const struct pass *p)
{
	for (const struct host_tally *h = p->hosts; h != NULL; h = h->next)
		if (hosts_until_us(p->run->hosts, h->host, NULL) >
		    run_now_us(p->run))
			return 1;
	return 0;
}

static int
judge_shares(struct pass *p, struct error *e)
{
	struct alarms *a = p->run->alarms;
	struct run_site *s = p->result;
	const struct capture_result *c = &s->capture;
	uint64_t failed = c->seeds - c->seeds_good;
	uint64_t read = s->articles + s->extraction_failed;
	int fails = failed >= FAILURES_LEAST &&
		    failed * FAILURES_PART > c->seeds && !has_backoff(p);
	int drifts = s->extraction_failed >= DRIFT_LEAST &&
		     s->extraction_failed * DRIFT_PART > read;

	/* What was cut off says little. */
	if (c->stopped || c->time_up || c->size_up || c->disk_full)
		return 0;
	if (drifts)
		s->code = run_worse_code(s->code, CODE_DRIFT);
	if (raise_or_clear(a, "incomplete", c->incomplete,
		mem_format("%s: %" PRIu64 " of %" PRIu64
			   " pages are incomplete: a required image is missing",
		    s->name, c->incomplete, s->pages),
		e) != 0 ||
	    raise_or_clear(a, "failures", fails ? failed : 0,
		mem_format("%s: %" PRIu64 " of %" PRIu64 " pages failed",
		    s->name, failed, c->seeds),
		e) != 0)
		return -1;
	if (read == 0)
		return 0;
	return raise_or_clear(a, "drift", (uint64_t)drifts,
	    mem_format("%s: %" PRIu64 " of %" PRIu64
		       " articles could not be read by their profile",
		s->name, s->extraction_failed, read),
	    e);
}

static void
log_refusals(const struct pass *p)
{
	const struct run_site *s = p->result;

	for (size_t i = 0; i < s->refusal_count; i++) {
		const struct run_refusal *x = &s->refusals[i];
		char *text = mem_format("%s: %" PRIu64 " link(s): %s",
		    outcome_name(x->outcome), x->count, x->why);

		log_event(run_now_us(p->run), "refused", s->name, text);
		free(text);
	}
}

static void
log_turn(const struct pass *p)
{
	const struct run_site *s = p->result;
	char *text = mem_format("%" PRIu64 " pages, %" PRIu64 " new, %" PRIu64
				" changed, %" PRIu64 " targets, %" PRIu64
				" failed, exit %d: %s",
	    s->pages, s->first_seen, s->changed, s->capture.totals.targets,
	    s->capture.totals.failed, s->code,
	    s->is_parked ? "left open"
	    : s->capture.snapshot == NULL || s->capture.snapshot[0] == '\0'
		? "nothing was exchanged"
		: strrchr(s->capture.snapshot, '/') + 1);

	log_event(run_now_us(p->run), "site-end", s->name, text);
	free(text);
}

int
run_sealed(struct run *r, const char *snapshot, struct error *e)
{
	int rc;

	if (state_begin(r->state, e) != 0)
		return -1;
	rc = tallies_add(r->state, r->o->collection, r->o->config, snapshot, e);
	if (rc == 0)
		rc = steps_sealed(&r->steps, snapshot, e);
	return state_end(r->state, rc, e);
}

/* Its hooks and packages. The path below the collection is wanted. */
static int
plan_sealed(struct pass *p, struct error *e)
{
	struct run *r = p->run;
	const char *dir = r->o->collection->dir;
	const char *snapshot = p->result->capture.snapshot;
	size_t len = strlen(dir);

	if (snapshot == NULL || strncmp(snapshot, dir, len) != 0 ||
	    snapshot[len] != '/')
		return 0;
	return run_sealed(r, snapshot + len + 1, e);
}

int
pass_judge(struct pass *p, struct error *e)
{
	struct run *r = p->run;
	const struct finding_place place = {
		.alarms = r->alarms,
		.site = &p->site,
		.now_us = run_now_us(r),
	};

	r->is_full |= p->result->capture.disk_full;
	if (p->handed == 0)
		return plan_sealed(p, e);
	log_refusals(p);
	if (sources_judge(r->sources, &place, e) != 0)
		return -1;
	if (plan_sealed(p, e) != 0 || judge_hosts(p, e) != 0 ||
	    judge_shares(p, e) != 0)
		return -1;
	if (alarms_raised(r->alarms) > 0)
		p->result->code = run_worse_code(
		    p->result->code, CODE_INCOMPLETE);
	log_turn(p);
	return 0;
}

static int
raise_backoff(void *context, const char *host, int64_t until_us,
    const char *reason, uint64_t strikes)
{
	struct run *r = context;
	char until[DATE_TEXT_MAX];
	char *key;
	char *text;

	(void)strikes;
	if (until_us <= run_now_us(r))
		return 0;
	date_rfc3339_s(until_us, until);
	key = mem_format("host-backoff %s", host);
	text = mem_format(
	    "%s: is left alone until %s: %s", host, until, reason);
	(void)alarms_raise(r->alarms, key, text, NULL);
	free(text);
	free(key);
	return 0;
}

static void
step_failed(void *context, const char *kind, const char *why)
{
	struct run *r = context;
	char *key = mem_format("step %s", kind);
	char *text = mem_format(
	    "%s failed and will be tried again: %s", kind, why);

	(void)alarms_raise(r->alarms, key, text, NULL);
	r->code = run_worse_code(r->code, CODE_PENDING);
	free(text);
	free(key);
}

static int
do_steps(struct run *r, struct error *e)
{
	static const char *const kinds[] = { "step tar", "step on-seal",
		"step on-alarm" };
	uint64_t pending = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		alarms_clear(r->alarms, kinds[i]);
	if (steps_do(&r->steps, step_failed, r, &pending, e) != 0)
		return -1;
	if (r->o->stop != NULL && *r->o->stop)
		r->code = run_worse_code(r->code, CODE_SIGNAL);
	if (pending > 0)
		r->code = run_worse_code(r->code, CODE_PENDING);
	return 0;
}

static void
tell(void *context, enum alarm_when when, const char *key, const char *text)
{
	struct run *r = context;
	struct error e = { 0 };
	char *line = mem_format("%s: %s", alarm_when_name(when), text);

	log_event(run_now_us(r), "alarm", key, line);
	free(line);
	r->o->alarm(r->o->context, when, key, text);
	if (steps_alarm(&r->steps, alarm_when_name(when), key, text, &e) != 0)
		run_warn(r, "on-alarm", e.text);
}

/* WHAT ("front-empty URL" ...) of the site NAME: about a source that it has no
 * more, or of a month that is over? */
static int
is_past_source(const struct run *r, const char *name, const char *what)
{
	const char *url = strchr(what, ' ');

	if (url == NULL || (!text_starts(what, "front-empty ") &&
			       !text_starts(what, "feed-empty ") &&
			       !text_starts(what, "sitemap-empty ")))
		return 0;
	for (size_t i = 0; i < r->all_count; i++)
		if (strcmp(r->all[i].name, name) == 0)
			return sources_expects(r->sources, &r->all[i], url + 1,
				   run_now_us(r), NULL) == 0;
	return 0;
}

/* Alarms of sites that are no longer watched end, and of their sources. */
static int
clear_foreign(void *context, const char *key, const char *text,
    int64_t since_us, int64_t last_us, uint64_t count)
{
	static const char *const ours[] = { "host-backoff", "disk-full", "step",
		"orphans", NULL };
	struct run *r = context;
	size_t len = strcspn(key, " ");
	char *word = mem_text_n(key, len);
	int known = config_site(r->o->config, word) != NULL;

	(void)text;
	(void)since_us;
	(void)last_us;
	(void)count;
	for (size_t i = 0; ours[i] != NULL; i++)
		known |= strcmp(ours[i], word) == 0;
	if (!known ||
	    (key[len] != '\0' && is_past_source(r, word, key + len + 1)))
		alarms_clear(r->alarms, key);
	free(word);
	return 0;
}

static int
settle(struct run *r, struct error *e)
{
	int rc;

	if (state_begin(r->state, e) != 0)
		return -1;
	rc = alarms_settle(r->alarms, "host-backoff ", tell, r, e);
	return state_end(r->state, rc, e);
}

int
run_judge(struct run *r, struct error *e)
{
	alarms_scope(r->alarms, "");
	if (raise_or_clear(r->alarms, "disk-full", (uint64_t)r->is_full,
		mem_format("%s: the disk is full, or has less room than "
			   "min-free asks for; nothing more is captured",
		    r->o->collection->dir),
		e) != 0)
		return -1;
	if (r->is_full)
		r->code = run_worse_code(r->code, CODE_DISK);
	if (hosts_each(r->hosts, raise_backoff, r, e) != 0 ||
	    alarms_each(r->alarms, clear_foreign, r, e) != 0)
		return -1;
	/* Twice: what is told now wants its hook now. */
	if (do_steps(r, e) != 0 || settle(r, e) != 0 || do_steps(r, e) != 0)
		return -1;
	return run_clock_end(r, e) == 0
		   ? tallies_ended(r->state, run_now_us(r), r->code, e)
		   : -1;
}
