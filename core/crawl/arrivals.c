/* An exchange has ended: record it, then see what follows from it. */
#include "core/crawl/capture_part.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/news/profile.h"
#include "core/web/decode.h"
#include "core/web/fetch.h"
#include "core/web/url.h"

static const char *
sniff(const struct exchange *x)
{
	const uint8_t *p;

	/* Coded bodies would have to be decoded first: a worker's business. */
	if (x->response == NULL || x->content_encoding[0] != '\0' ||
	    x->payload_len == 0)
		return "";
	p = spool_memory(x->response);
	return p == NULL ? ""
			 : decode_sniff(p + x->head_len,
			       (size_t)(spool_len(x->response) - x->head_len));
}

/* What kind of failure a seed met; good ones are counted when settled. */
void
capture_count_failure(struct capture *c, enum outcome outcome)
{
	struct capture_result *r = c->result;

	switch (outcome) {
	case OUTCOME_TLS_INVALID:
		r->seeds_tls++;
		r->seeds_network++;
		break;
	case OUTCOME_DNS:
	case OUTCOME_CONNECT:
	case OUTCOME_TIMEOUT:
		r->seeds_network++;
		break;
	case OUTCOME_AUTH_REQUIRED:
		r->seeds_auth++;
		break;
	case OUTCOME_PROTOCOL_ERROR:
		r->seeds_protocol++;
		break;
	default:
		break;
	}
}

/* T leads where we do not go: that is written down, too. */
static void
refuse_scheme(struct capture *c, const struct target *t, const char *to)
{
	char *hops = mem_format("%sR", t->hops);
	struct capture_facts f = capture_facts_of(t);
	struct target *known;

	f.via = t->url;
	f.hops = hops;
	if (strlen(to) <= LIMIT_URL_BYTES &&
	    frontier_find(c->frontier, to, &known) == FRONTIER_NEW) {
		frontier_pass(c->frontier, to);
		c->last_ticket = snapshot_outcome(c->snapshot, to,
		    OUTCOME_BLOCKED_SCHEME, "a redirect to what is not http",
		    -1, &f);
	}
	free(hops);
}

/* The target of a redirect, absolute without fragment; NULL when it is none.
 * To be freed. */
static char *
redirect_to(struct capture *c, const struct target *t, const struct exchange *x)
{
	struct url base;
	struct url to;
	char *text = NULL;

	if (x->outcome != OUTCOME_REDIRECT ||
	    url_parse(&base, t->url, strlen(t->url), NULL, NULL) != 0)
		return NULL;
	if (url_parse(&to, x->location, strlen(x->location), &base, NULL) ==
	    0) {
		url_drop_fragment(&to);
		if (url_is_http(&to))
			text = mem_text(to.text);
		else if (!t->is_recalled)
			refuse_scheme(c, t, to.text);
		url_clear(&to);
	}
	url_clear(&base);
	return text;
}

/* Does J wait for T as its own page, and not as something the page shows? */
static int
is_page_of(const struct job *j, const struct target *t)
{
	return j->state == JOB_FETCHING && strcmp(j->url, t->url) == 0;
}

/* T leads to NEXT, which is under way already: what it brings is the
 * robots.txt of both. */
static void
hand_down(struct target *t, struct target *next)
{
	struct host *last = t->robots_of;

	if (last == NULL)
		return;
	while (last->heir != NULL)
		last = last->heir;
	last->heir = next->robots_of;
	next->robots_of = t->robots_of;
	t->robots_of = NULL;
}

/* Follow one hop of redirection: same need, same jobs waiting. */
static int
follow(struct capture *c, struct target *t, const char *to, struct error *e)
{
	struct target *next;
	enum frontier_state state = frontier_find(c->frontier, to, &next);

	for (size_t i = 0; i < t->waiting_count; i++)
		if (is_page_of(t->waiting[i], t))
			job_redirect(t->waiting[i], to);
	if (state == FRONTIER_DONE ||
	    (state == FRONTIER_PENDING && next == t)) {
		for (size_t i = 0; i < t->waiting_count; i++)
			capture_lean(c, t->waiting[i]);
		return 0;
	}
	if (state == FRONTIER_NEW) {
		next = frontier_add(c->frontier, to, t->need, t, "R", t->where);
		next->redirects = t->redirects + 1;
		next->is_fresh = t->is_fresh;
		next->is_recapture = t->is_recapture;
	}
	for (size_t i = 0; i < t->waiting_count; i++) {
		t->waiting[i]->pending += (size_t)target_wait(
		    next, t->waiting[i]);
	}
	if (state == FRONTIER_PENDING) {
		hand_down(t, next);
		return 0;
	}
	/* A robots.txt behind too many redirects is unavailable (RFC 9309,
	 * 2.3.1.2): T's own answer, which has no rules, is then its host's. */
	if (t->robots_of != NULL && next->redirects > LIMIT_ROBOTS_REDIRECTS) {
		capture_refuse(
		    c, next, OUTCOME_TRAP, "more than 5 redirects", "");
		return 0;
	}
	if (next->redirects > LIMIT_REDIRECTS) {
		capture_refuse(
		    c, next, OUTCOME_TRAP, "more than 10 redirects", "");
		return 0;
	}
	next->robots_of = t->robots_of;
	t->robots_of = NULL;
	/* What brings rules waits for none. */
	return next->need == NEED_PAGE && next->robots_of == NULL
		   ? capture_page_gate(c, next, e)
		   : capture_start(c, next, e);
}

/* What the waiting jobs make of a page target that ended without a redirect.
 */
static int
deliver_page(struct capture *c, struct target *t, struct exchange *x,
    const char *media_type, struct error *e)
{
	struct exchange *seen = NULL;
	int rc = 0;

	if (t->waiting_count > 0)
		capture_count_failure(c, x->outcome);
	for (size_t i = 0; i < t->waiting_count && rc == 0; i++) {
		struct job *j = t->waiting[i];

		if (!is_page_of(j, t))
			continue;
		capture_note_same(c, j, t, x);
		if (seen == NULL && !j->is_whole)
			rc = capture_seen(c, t, x, &seen, e);
		if (rc == 0)
			rc = capture_page_arrived(
			    c, j, seen == NULL ? x : seen, media_type, e);
	}
	exchange_free(seen);
	return rc;
}

/* What follows from the answer of T that leads nowhere else: 0; 1, T ends when
 * its harvest does; -1. */
static int
deliver(struct capture *c, struct target *t, struct exchange *x,
    const char *media_type, struct error *e)
{
	struct exchange *seen;
	int rc;

	if (t->need == NEED_PAGE || t->need == NEED_ROBOTS)
		return deliver_page(c, t, x, media_type, e);
	if (t->need != NEED_STYLESHEET)
		return 0;
	if (capture_seen(c, t, x, &seen, e) != 0)
		return -1;
	rc = capture_sheet_start(c, t, seen, e);
	exchange_free(seen);
	return rc < 0 ? -1 : rc == 0;
}

int
capture_exchange_ended(
    struct capture *c, struct target *t, struct exchange *x, struct error *e)
{
	struct capture_facts f = capture_facts_of(t);
	struct host *robots_of;
	uint64_t ticket = 0; /* what was recalled is durable */
	char *to;
	int rc = 0;

	if (capture_learn(c, t, x, e) != 0)
		return -1;
	f.media_type = sniff(x);
	if (capture_compare(c, t, x, &f, e) != 0)
		return -1;
	f.robots = t->robots;
	if (!t->is_recalled) {
		ticket = snapshot_put(c->snapshot, x, &f);
		c->last_ticket = ticket;
		c->progress.bytes += x->payload_len;
	}
	c->progress.failed += !outcome_is_good(x->outcome);
	c->progress.url = x->url;
	c->result->truncated += x->truncated != TRUNCATED_NO;
	c->result->not_tried += x->outcome == OUTCOME_NOT_TRIED;
	for (size_t i = 0; i < t->waiting_count; i++)
		if (ticket > t->waiting[i]->ticket)
			t->waiting[i]->ticket = ticket;
	to = redirect_to(c, t, x);
	if (to != NULL)
		rc = follow(c, t, to, e);
	else
		rc = deliver(c, t, x, f.media_type, e);
	free(to);
	robots_of = t->robots_of;
	if (rc == 1) { /* ends with its harvest */
		t->robots_of = NULL;
		return robots_of == NULL
			   ? 0
			   : capture_robots_ended(c, robots_of, x, e);
	}
	if (c->o->progress != NULL)
		c->o->progress(c->o->context, &c->progress);
	capture_target_ended(c, t, ticket);
	if (rc == 0 && robots_of != NULL)
		rc = capture_robots_ended(c, robots_of, x, e);
	capture_set_pace(c, x->url);
	return rc;
}
