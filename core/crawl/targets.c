/* Targets: from wanted to under way, or refused. */
#include "core/crawl/capture_part.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/news/profile.h"
#include "core/web/fetch.h"
#include "core/web/url.h"

void
capture_warn(struct capture *c, const char *object, const char *text)
{
	log_event(c->o->clock->wall_us(c->o->clock), "warning", object, text);
	if (c->o->warn != NULL)
		c->o->warn(c->o->context, object, text);
}

/* From waiting to settling, when nothing is pending any more. */
void
capture_advance(struct job *j)
{
	if (j->state == JOB_WAITING && j->pending == 0)
		j->state = JOB_SETTLING;
}

struct capture_facts
capture_facts_of(const struct target *t)
{
	return (struct capture_facts){
		.via = t->via,
		.hops = t->hops,
		.need = need_name(t->need),
		.where = t->where,
		.media_type = "",
		.robots = "",
	};
}

static uint64_t
body_limit(const struct capture *c, enum need need)
{
	if (c->o->max_body > 0)
		return c->o->max_body;
	switch (need) {
	case NEED_PAGE:
		return LIMIT_BODY_PAGE;
	case NEED_IMAGE:
		return LIMIT_BODY_IMAGE;
	case NEED_ROBOTS:
	case NEED_STYLESHEET:
	case NEED_OTHER:
		break;
	}
	return LIMIT_BODY_OTHER;
}

static const char *
accept_for(enum need need)
{
	switch (need) {
	case NEED_PAGE:
		return "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";
	case NEED_IMAGE:
		return "image/*,*/*;q=0.8";
	case NEED_STYLESHEET:
		return "text/css,*/*;q=0.1";
	case NEED_ROBOTS:
	case NEED_OTHER:
		break;
	}
	return "*/*";
}

/* ---- targets: from wanted to an outcome ---- */

/* A target has its outcome under TICKET: whoever waited may go on. */
void
capture_target_ended(struct capture *c, struct target *t, uint64_t ticket)
{
	struct job **waiting = t->waiting;
	size_t count = t->waiting_count;

	t->waiting = NULL;
	t->waiting_count = 0;
	frontier_done(c->frontier, t);
	if (ticket > c->last_ticket)
		c->last_ticket = ticket;
	c->progress.targets++;
	c->since_check++;
	for (size_t i = 0; i < count; i++) {
		waiting[i]->pending--;
		if (ticket > waiting[i]->ticket)
			waiting[i]->ticket = ticket;
	}
	for (size_t i = 0; i < count; i++)
		capture_advance(waiting[i]);
	free(waiting);
}

/* A target ends without having been fetched. */
void
capture_refuse(struct capture *c, struct target *t, enum outcome outcome,
    const char *reason, const char *robots)
{
	struct capture_facts f = capture_facts_of(t);

	f.robots = robots;
	c->progress.failed++;
	capture_target_ended(c, t,
	    snapshot_outcome(c->snapshot, t->url, outcome, reason, -1, &f));
}

/* What a page needs goes before the next page. */
static unsigned
rank_of(enum need need)
{
	switch (need) {
	case NEED_ROBOTS:
		return 0;
	case NEED_STYLESHEET:
		return 1;
	case NEED_IMAGE:
	case NEED_OTHER:
		return 2;
	case NEED_PAGE:
		break;
	}
	return 3;
}

/* A robots.txt that is wanted as a page is always allowed (RFC 9309, 2.2.2),
 * and serves as such. */
static int
is_rules(const struct target *t, const struct host *h)
{
	size_t len = strlen(h->origin);

	return strncmp(t->url, h->origin, len) == 0 &&
	       strcmp(t->url + len, "/robots.txt") == 0;
}

/* T brings the rules of H, and of those that it brought before. */
static void
target_serve(struct target *t, struct host *h)
{
	struct host **at = &t->robots_of;

	while (*at != NULL)
		at = &(*at)->heir;
	*at = h;
}

/* T is the robots.txt of a host: of one that was not asked yet, whatever it is
 * wanted for, it serves as such (another host's leads here, say). */
static void
serve_rules(struct capture *c, struct target *t)
{
	struct host *h;
	struct url url;

	if (url_parse(&url, t->url, strlen(t->url), NULL, NULL) != 0)
		return;
	h = politeness_host(c->politeness, &url);
	if (h->state == HOST_ROBOTS_UNKNOWN && is_rules(t, h)) {
		h->state = HOST_ROBOTS_PENDING;
		target_serve(t, h);
	}
	url_clear(&url);
}

int
capture_start(struct capture *c, struct target *t, struct error *e)
{
	struct fetch_request r = {
		.url = t->url,
		.referer = t->need == NEED_PAGE || t->need == NEED_ROBOTS
			       ? NULL
			       : t->via,
		.accept = accept_for(t->need),
		.max_body = body_limit(c, t->need),
		.rank = rank_of(t->need),
		.is_foreign = !capture_is_home(c, t),
		.tag = t,
	};
	int rc;

	serve_rules(c, t);
	rc = capture_recall(c, t, e);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	rc = capture_put_off(c, t, e);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	capture_set_pace(c, t->url);
	if (capture_ask_changed(c, t, &r, e) != 0)
		return -1;
	return fetcher_start(c->fetcher, &r, e);
}

static int
robots_start(
    struct capture *c, struct host *h, struct target *page, struct error *e)
{
	char *url = host_robots_url(h);
	struct target *t;
	int rc = 0;

	h->state = HOST_ROBOTS_PENDING;
	switch (frontier_find(c->frontier, url, &t)) {
	case FRONTIER_NEW:
		t = frontier_add(
		    c->frontier, url, NEED_ROBOTS, page, "P", "robots");
		t->robots_of = h;
		rc = capture_start(c, t, e);
		break;
	case FRONTIER_PENDING:
		target_serve(t, h); /* asked for as a seed: that one serves */
		break;
	case FRONTIER_DONE:
		h->state = HOST_ROBOTS_KNOWN;
		rc = capture_release_pages(c, h, e);
		break;
	}
	free(url);
	return rc;
}

/* H's robots.txt is known, or there is no need to. */
static int
let_page(struct capture *c, struct target *t, const struct host *h,
    const struct url *url, struct error *e)
{
	enum robots_policy policy = politeness_policy(c->politeness);
	struct buf decision = { 0 };
	int rc = 0;

	if (politeness_allows(c->politeness, h, url, &decision)) {
		if (policy == ROBOTS_WARN &&
		    strstr(buf_text(&decision), "warning") != NULL)
			capture_warn(c, t->url, buf_text(&decision));
		free(t->robots);
		t->robots = mem_format("%s%s%s", robots_policy_name(policy),
		    decision.len > 0 ? ": " : "", buf_text(&decision));
		rc = capture_start(c, t, e);
	} else {
		capture_refuse_page(c, t, h, buf_text(&decision));
	}
	buf_clear(&decision);
	return rc;
}

/* T wants the rules of H. 0: they are known, or need not be; 1: T waits for
 * them, or has ended; -1. */
static int
want_rules(struct capture *c, struct target *t, struct host *h, struct error *e)
{
	int is_new = h->state == HOST_ROBOTS_UNKNOWN;
	int rc = 0;

	if (is_rules(t, h)) {
		if (is_new) {
			h->state = HOST_ROBOTS_PENDING;
			target_serve(t, h);
		}
		return 0;
	}
	if (is_new && politeness_policy(c->politeness) == ROBOTS_IGNORE)
		h->state = HOST_ROBOTS_KNOWN;
	else if (is_new)
		rc = capture_kept_robots(c, h, e);
	if (rc < 0)
		return -1;
	if (h->state == HOST_ROBOTS_KNOWN || h->state == HOST_ROBOTS_REFUSED)
		return 0;
	if (is_new) {
		rc = capture_put_off(c, t, e);
		if (rc != 0)
			return rc;
	}
	h->waiting = mem_grow(
	    h->waiting, h->waiting_count + 1, sizeof(*h->waiting));
	h->waiting[h->waiting_count++] = t;
	return is_new && robots_start(c, h, t, e) != 0 ? -1 : 1;
}

/* A page goes only where the host's robots.txt lets it. */
int
capture_page_gate(struct capture *c, struct target *t, struct error *e)
{
	struct host *h;
	struct url url;
	int rc;

	if (url_parse(&url, t->url, strlen(t->url), NULL, e) != 0)
		return -1;
	h = politeness_host(c->politeness, &url);
	rc = want_rules(c, t, h, e);
	if (rc == 0)
		rc = let_page(c, t, h, &url, e);
	url_clear(&url);
	return rc < 0 ? -1 : 0;
}

/* J leans on what was put before: it is told of when all that is durable. */
void
capture_lean(const struct capture *c, struct job *j)
{
	if (c->last_ticket > j->ticket)
		j->ticket = c->last_ticket;
}

/* The job needs URL: fetch it once, wait for it, or know it already. */
int
capture_want(struct capture *c, struct job *j, const struct target *parent,
    const char *url, enum need need, const char *where, struct error *e)
{
	struct target *t;

	switch (frontier_find(c->frontier, url, &t)) {
	case FRONTIER_DONE:
		capture_lean(c, j);
		return 0;
	case FRONTIER_PENDING:
		/* Wanted as an image, say, and now as a page: it is read. */
		if (need == NEED_PAGE && t->need != NEED_ROBOTS)
			t->need = NEED_PAGE;
		if (target_wait(t, j))
			j->pending++;
		return 0;
	case FRONTIER_NEW:
		break;
	}
	t = frontier_add(c->frontier, url, need, parent,
	    parent == NULL      ? ""
	    : need == NEED_PAGE ? "R"
				: "E",
	    where);
	t->is_recapture = need == NEED_PAGE && j->wanted.is_recapture;
	t->is_fresh = need == NEED_PAGE && j->wanted.kind != WANTED_PAGE;
	j->pending += (size_t)target_wait(t, j);
	if (strlen(url) > LIMIT_URL_BYTES) {
		capture_refuse(
		    c, t, OUTCOME_URL_TOO_LONG, "longer than 8,192 bytes", "");
		return 0;
	}
	return need == NEED_PAGE ? capture_page_gate(c, t, e)
				 : capture_start(c, t, e);
}
