/* What hosts ask of us while a capture is under way. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/crawl/capture_part.h"
#include "core/crawl/hosts.h"
#include "core/news/profile.h"
#include "core/web/fetch.h"
#include "core/web/url.h"

enum { HOST_TEXT_MAX = 1024 };

/* When a host was not asked and there is no better time: after so long. */
#define AGAIN_US (10 * 60 * 1000000ll)

int
capture_polite_begin(struct capture *c, struct error *e)
{
	c->hosts = c->o->hosts;
	if (c->hosts == NULL &&
	    hosts_open(&c->own_hosts, NULL, c->o->clock, e) != 0)
		return -1;
	if (c->hosts == NULL)
		c->hosts = c->own_hosts;
	return 0;
}

void
capture_polite_end(struct capture *c)
{
	hosts_close(c->own_hosts);
}

static int64_t
now_us(const struct capture *c)
{
	return c->o->clock->wall_us(c->o->clock);
}

/* 1 / 0: URL has no host that could be a name. */
static int
host_of(const char *text, char host[HOST_TEXT_MAX])
{
	struct url url;
	int rc;

	if (url_parse(&url, text, strlen(text), NULL, NULL) != 0)
		return 0;
	rc = url_host(&url, host, HOST_TEXT_MAX);
	url_clear(&url);
	return rc;
}

/* The pages that T is are not to be wanted before UNTIL_US. */
static void
note_again(const struct target *t, int64_t until_us)
{
	for (size_t i = 0; i < t->waiting_count; i++)
		if (strcmp(t->waiting[i]->url, t->url) == 0)
			t->waiting[i]->again_us = until_us;
}

/*
 * Hosts that are left alone
 */

/* Tell people once in a run. */
static void
tell_put_off(struct capture *c, const char *text, const char *why)
{
	struct host *h;
	struct url url;

	if (url_parse(&url, text, strlen(text), NULL, NULL) != 0)
		return;
	h = politeness_host(c->politeness, &url);
	if (!h->is_told)
		capture_warn(c, h->origin, why);
	h->is_told = 1;
	url_clear(&url);
}

int
capture_put_off(struct capture *c, struct target *t, struct error *e)
{
	struct host *robots_of = t->robots_of;
	struct exchange *x;
	struct buf why = { 0 };
	char host[HOST_TEXT_MAX];
	int64_t until = 0;
	int rc = 0;

	if (host_of(t->url, host))
		until = hosts_until_us(c->hosts, host, &why);
	if (until == 0)
		return 0;
	c->result->not_tried++;
	c->result->rate_limited = 1;
	note_again(t, until);
	tell_put_off(c, t->url, buf_text(&why));
	capture_refuse(c, t, OUTCOME_NOT_TRIED, buf_text(&why), t->robots);
	if (robots_of != NULL) {
		/* Its robots.txt lies on a host that is left alone. */
		x = exchange_new();
		free(x->reason);
		x->reason = mem_text(buf_text(&why));
		x->outcome = OUTCOME_RATE_LIMITED;
		rc = capture_robots_ended(c, robots_of, x, e);
		exchange_free(x);
	}
	buf_clear(&why);
	return rc != 0 ? -1 : 1;
}

void
capture_make_home(struct capture *c, const struct url *url)
{
	char *text;
	struct url safe;

	politeness_host(c->politeness, url)->is_home = 1;
	if (url_is_https(url) || url->port != URL_NO_PORT)
		return;
	text = mem_format("https%s", url->text + url->scheme_len);
	if (url_parse(&safe, text, strlen(text), NULL, NULL) == 0) {
		politeness_host(c->politeness, &safe)->is_home = 1;
		url_clear(&safe);
	}
	free(text);
}

int
capture_is_home(struct capture *c, const struct target *t)
{
	struct url url;
	int is_home;

	if (url_parse(&url, t->url, strlen(t->url), NULL, NULL) != 0)
		return 0;
	is_home = politeness_host(c->politeness, &url)->is_home;
	url_clear(&url);
	return is_home;
}

/* The head as text, for the profile's challenge rules. */
static const struct profile *
apply_challenge(
    const struct capture *c, const struct target *t, struct exchange *x)
{
	const uint8_t *p = x->response == NULL ? NULL
					       : spool_memory(x->response);
	const struct profile *profile;
	struct url url;

	if (url_parse(&url, t->url, strlen(t->url), NULL, NULL) != 0)
		return NULL;
	profile = profile_for(c->o->profiles, &url);
	url_clear(&url);
	if (profile != NULL && p != NULL && x->head_len > 0 &&
	    profile_is_challenge(profile, x->status, p, (size_t)x->head_len))
		x->outcome = OUTCOME_CHALLENGE;
	return profile;
}

/* The host is not asked any more in this run. */
static void
stop_host(struct capture *c, const char *host)
{
	struct buf why = { 0 };

	if (hosts_until_us(c->hosts, host, &why) == 0)
		buf_add_text(&why, "the host is left alone");
	buf_add_text(&why, "; no more requests to it in this run");
	fetcher_stop_host(c->fetcher, host);
	capture_warn(c, host, buf_text(&why));
	buf_clear(&why);
}

int64_t
capture_again_us(struct capture *c, const char *text, enum outcome outcome)
{
	const struct host *h;
	char name[HOST_TEXT_MAX];
	struct url url;
	int64_t until = 0;
	int is_refused = outcome == OUTCOME_NOT_TRIED;

	if (url_parse(&url, text, strlen(text), NULL, NULL) != 0)
		return 0;
	h = politeness_host(c->politeness, &url);
	is_refused |= h->state == HOST_ROBOTS_REFUSED && outcome == h->wall;
	if (is_refused && url_host(&url, name, sizeof(name)))
		until = hosts_until_us(c->hosts, name, NULL);
	url_clear(&url);
	if (!is_refused)
		return 0;
	return until > now_us(c) + AGAIN_US ? until : now_us(c) + AGAIN_US;
}

/* It waited in the queue of a host that was stopped: say why. */
static void
explain_stop(struct capture *c, const struct target *t, const char *host,
    struct exchange *x)
{
	struct buf why = { 0 };
	int64_t until = hosts_until_us(c->hosts, host, &why);

	note_again(t, until == 0 ? now_us(c) + AGAIN_US : until);
	if (until != 0) {
		free(x->reason);
		x->reason = buf_take(&why);
	}
	buf_clear(&why);
}

int
capture_learn(struct capture *c, const struct target *t, struct exchange *x,
    struct error *e)
{
	const struct profile *profile = apply_challenge(c, t, x);
	char host[HOST_TEXT_MAX];
	int64_t pause_ms = profile == NULL
			       ? 0
			       : profile_challenge_pause_ms(profile);
	int is_part = t->need != NEED_PAGE && t->need != NEED_ROBOTS;
	int is_stopped;

	/* What a run that was cut off has learnt is known. */
	if (t->is_recalled || !host_of(t->url, host))
		return 0;
	if (x->outcome == OUTCOME_NOT_TRIED) {
		explain_stop(c, t, host, x);
		return 0;
	}
	is_stopped = is_part ? hosts_learn_part(c->hosts, host, x, e)
			     : hosts_learn(c->hosts, host, x, e);
	if (is_stopped > 0 && x->outcome == OUTCOME_CHALLENGE && pause_ms > 0 &&
	    hosts_pause(
		c->hosts, host, pause_ms, "answered with a challenge", e) != 0)
		return -1;
	if (is_stopped < 0)
		return -1;
	if (x->status == 429 || (is_stopped && x->status == 503))
		c->result->rate_limited = 1;
	if (is_stopped)
		stop_host(c, host);
	return 0;
}

void
capture_set_pace(struct capture *c, const char *url)
{
	char host[HOST_TEXT_MAX];

	if (host_of(url, host))
		fetcher_set_pause(c->fetcher, host,
		    hosts_delay_ms(c->hosts, host, c->o->wait_ms));
}

/*
 * robots.txt
 */

int
capture_kept_robots(struct capture *c, struct host *h, struct error *e)
{
	struct arena *a = arena_new();
	struct robots_kept kept;
	int rc = hosts_robots(c->hosts, a, h->origin, &kept, e);

	if (rc > 0 && kept.until_us <= now_us(c))
		rc = 0;
	if (rc > 0)
		host_robots_use(h, &kept);
	arena_free(a);
	return rc;
}

/* H's robots.txt is that of another origin, which was asked before. 1 / 0. */
static int
same_as_other(struct capture *c, struct arena *a, const struct exchange *x,
    struct robots_kept *out, struct error *e)
{
	struct buf origin = { 0 };
	struct url base;
	struct url to;
	int rc = 0;

	if (x->outcome != OUTCOME_REDIRECT ||
	    url_parse(&base, x->url, strlen(x->url), NULL, NULL) != 0)
		return 0;
	if (url_parse(&to, x->location, strlen(x->location), &base, NULL) ==
	    0) {
		url_add_origin(&origin, &to);
		buf_add_text(&origin, "/robots.txt");
		rc = strcmp(buf_text(&origin), to.text) == 0;
		buf_cut(&origin, origin.len - strlen("/robots.txt"));
		if (rc)
			rc = hosts_robots(
			    c->hosts, a, buf_text(&origin), out, e);
		url_clear(&to);
	}
	url_clear(&base);
	buf_clear(&origin);
	return rc;
}

/* Rules that cannot be had anew are good for a while; others are kept. */
static int
settle_robots(struct capture *c, struct host *h, const struct exchange *x,
    struct error *e)
{
	struct arena *a = arena_new();
	struct robots_kept kept;
	int rc = same_as_other(c, a, x, &kept, e);

	host_robots_answer(h, x);
	if (rc > 0) {
		host_robots_use(h, &kept);
		rc = hosts_keep_robots(c->hosts, h->origin, &kept, e);
	} else if (rc == 0 && h->state == HOST_ROBOTS_REFUSED) {
		rc = hosts_robots(c->hosts, a, h->origin, &kept, e);
		if (rc > 0)
			host_robots_use(h, &kept);
	} else if (rc == 0 && host_robots_kept(h, x, &kept)) {
		rc = hosts_keep_robots(c->hosts, h->origin, &kept, e);
	}
	arena_free(a);
	return rc < 0 ? -1 : 0;
}

int
capture_robots_ended(struct capture *c, struct host *h,
    const struct exchange *x, struct error *e)
{
	int rc = 0;

	while (rc == 0 && h != NULL) {
		struct host *next = h->heir;

		h->heir = NULL;
		rc = settle_robots(c, h, x, e);
		if (rc == 0)
			rc = capture_release_pages(c, h, e);
		h = next;
	}
	return rc;
}

int
capture_release_pages(struct capture *c, struct host *h, struct error *e)
{
	struct target **waiting = h->waiting;
	size_t count = h->waiting_count;
	int rc = 0;

	h->waiting = NULL;
	h->waiting_count = 0;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = capture_page_gate(c, waiting[i], e);
	free(waiting);
	return rc;
}

void
capture_refuse_page(struct capture *c, struct target *t, const struct host *h,
    const char *decision)
{
	enum outcome outcome = OUTCOME_BLOCKED_ROBOTS;

	if (h->state == HOST_ROBOTS_REFUSED) {
		outcome = h->wall;
		note_again(t, now_us(c) + AGAIN_US);
		if (t->waiting_count > 0)
			capture_count_failure(c, outcome);
	}
	capture_refuse(c, t, outcome, decision, decision);
}
