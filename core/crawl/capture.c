/* The verb capture: pages and everything they show. */
#include "core/crawl/capture.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/collection/layout.h"
#include "core/crawl/frontier.h"
#include "core/crawl/job.h"
#include "core/crawl/run_facts.h"
#include "core/news/profile.h"
#include "core/news/service.h"
#include "core/web/decode.h"
#include "core/web/fetch.h"
#include "core/web/http_message.h"
#include "core/web/url.h"

enum {
	OPEN_JOBS = 8, /* pages under way at once */
	POLL_MS = 200, /* how often the stop flag is looked at, at least */
	WIND_UP_MS = 4000,
	FREE_CHECK = 256, /* targets between two looks at the free space */
	SHEETS_KEPT = 64, /* stylesheets whose links are remembered */
	YEAR_2020_US_DAYS = 18262
};

/* A stylesheet under harvest, and later what it needs, so that a page that
 * uses it again knows without asking. */
struct sheet {
	struct sheet *next;
	char *url;
	struct target *target; /* NULL once harvested */
	struct worker *worker;
	struct arena *arena;
	struct candidate *links;
	size_t link_count;
};

struct capture {
	const struct capture_options *o;
	struct capture_result *result;
	struct snapshot *snapshot;
	struct fetcher *fetcher;
	struct frontier *frontier;
	struct politeness *politeness;
	struct job *jobs; /* open ones, newest first */
	size_t job_count;
	struct sheet *sheets;
	size_t sheet_count;
	int seeds_ended;
	uint64_t durable; /* up to this ticket */
	uint64_t last_ticket;
	uint64_t flushed;     /* last_ticket when a flush was asked for */
	uint64_t since_check; /* targets since the free space was looked at */
	struct capture_progress progress;
	struct arena *facts;
	const char **profiles_kept; /* keys whose files are in the snapshot */
	size_t profile_count;
};

/* ---- small things ---- */

static void
warn(struct capture *c, const char *object, const char *text)
{
	log_event(c->o->clock->wall_us(c->o->clock), "warning", object, text);
	if (c->o->warn != NULL)
		c->o->warn(c->o->context, object, text);
}

static struct capture_facts
facts_of(const struct target *t)
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

static void job_advance(struct capture *c, struct job *j);

/* A target has its outcome under TICKET: whoever waited may go on. */
static void
target_ended(struct capture *c, struct target *t, uint64_t ticket)
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
		job_advance(c, waiting[i]);
	free(waiting);
}

/* A target ends without having been fetched. */
static void
target_refused(struct capture *c, struct target *t, enum outcome outcome,
    const char *reason, const char *robots)
{
	struct capture_facts f = facts_of(t);

	f.robots = robots;
	c->progress.failed++;
	target_ended(c, t,
	    snapshot_outcome(c->snapshot, t->url, outcome, reason, -1, &f));
}

static int
target_start(struct capture *c, struct target *t, struct error *e)
{
	struct fetch_request r = {
		.url = t->url,
		.referer = t->need == NEED_PAGE || t->need == NEED_ROBOTS
			       ? NULL
			       : t->via,
		.accept = accept_for(t->need),
		.max_body = body_limit(c, t->need),
		.tag = t,
	};

	return fetcher_start(c->fetcher, &r, e);
}

static int page_gate(struct capture *c, struct target *t, struct error *e);

/* Robots.txt of a host is known: the pages that waited may go. */
static int
release_pages(struct capture *c, struct host *h, struct error *e)
{
	struct target **waiting = h->waiting;
	size_t count = h->waiting_count;
	int rc = 0;

	h->waiting = NULL;
	h->waiting_count = 0;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = page_gate(c, waiting[i], e);
	free(waiting);
	return rc;
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
		rc = target_start(c, t, e);
		break;
	case FRONTIER_PENDING:
		t->robots_of = h; /* asked for as a seed: that one serves */
		break;
	case FRONTIER_DONE:
		h->state = HOST_ROBOTS_KNOWN;
		rc = release_pages(c, h, e);
		break;
	}
	free(url);
	return rc;
}

/* A page goes only where the host's robots.txt lets it. */
static int
page_gate(struct capture *c, struct target *t, struct error *e)
{
	struct buf decision = { 0 };
	struct host *h;
	struct url url;
	int rc = 0;

	if (url_parse(&url, t->url, strlen(t->url), NULL, e) != 0)
		return -1;
	h = politeness_host(c->politeness, &url);
	if (politeness_policy(c->politeness) == ROBOTS_IGNORE &&
	    h->state == HOST_ROBOTS_UNKNOWN)
		h->state = HOST_ROBOTS_KNOWN;
	if (h->state == HOST_ROBOTS_UNKNOWN ||
	    h->state == HOST_ROBOTS_PENDING) {
		h->waiting = mem_grow(
		    h->waiting, h->waiting_count + 1, sizeof(*h->waiting));
		h->waiting[h->waiting_count++] = t;
		if (h->state == HOST_ROBOTS_UNKNOWN)
			rc = robots_start(c, h, t, e);
	} else if (politeness_allows(c->politeness, h, &url, &decision)) {
		if (politeness_policy(c->politeness) == ROBOTS_WARN &&
		    strstr(buf_text(&decision), "warning") != NULL)
			warn(c, t->url, buf_text(&decision));
		rc = target_start(c, t, e);
	} else {
		target_refused(c, t, OUTCOME_BLOCKED_ROBOTS,
		    buf_text(&decision), buf_text(&decision));
	}
	buf_clear(&decision);
	url_clear(&url);
	return rc;
}

/* The job needs URL: fetch it once, wait for it, or know it already. */
static int
want(struct capture *c, struct job *j, const struct target *parent,
    const char *url, enum need need, const char *where, struct error *e)
{
	struct target *t;

	switch (frontier_find(c->frontier, url, &t)) {
	case FRONTIER_DONE:
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
	j->pending += (size_t)target_wait(t, j);
	if (strlen(url) > LIMIT_URL_BYTES) {
		target_refused(
		    c, t, OUTCOME_URL_TOO_LONG, "longer than 8,192 bytes", "");
		return 0;
	}
	return need == NEED_PAGE ? page_gate(c, t, e) : target_start(c, t, e);
}

/* ---- what a page needs ---- */

static enum need
need_of(enum link_kind kind)
{
	switch (kind) {
	case LINK_IMAGE:
	case LINK_ICON:
	case LINK_META_IMAGE:
	case LINK_CSS_IMAGE:
		return NEED_IMAGE;
	case LINK_STYLESHEET:
		return NEED_STYLESHEET;
	case LINK_SCRIPT:
	case LINK_FONT:
	case LINK_MEDIA:
	case LINK_FRAME:
	case LINK_DATA:
	case LINK_PAGE:
		break;
	}
	return NEED_OTHER;
}

/* Ends a new URL at once with an outcome, without fetching it. */
static void
pass(struct capture *c, struct job *j, const struct candidate *l,
    const char *via, enum outcome outcome, const char *reason)
{
	struct capture_facts f = {
		.via = via,
		.hops = "E",
		.need = link_kind_name(l->kind),
		.where = l->where,
		.media_type = "",
		.robots = "",
	};
	struct target *t;
	uint64_t ticket;

	if (frontier_find(c->frontier, l->url, &t) != FRONTIER_NEW)
		return;
	frontier_pass(c->frontier, l->url);
	ticket = snapshot_outcome(c->snapshot, l->url, outcome, reason, -1, &f);
	if (ticket > j->ticket)
		j->ticket = ticket;
	if (ticket > c->last_ticket)
		c->last_ticket = ticket;
}

/* One requisite of a page: fetched unless its kind or the profile says no. */
static int
need_link(struct capture *c, struct job *j, const struct candidate *l,
    const struct target *parent, struct error *e)
{
	const char *via = parent == NULL ? j->url : parent->url;
	struct target from = { .url = (char *)(uintptr_t)via,
		.hops = (char *)(uintptr_t) "" };
	struct url url;
	int rc = 0;

	if (!job_need(j, l->url, l->kind, l->where, l->required))
		return 0;
	if (url_parse(&url, l->url, strlen(l->url), NULL, e) != 0)
		return -1;
	if (!url_is_http(&url))
		pass(c, j, l, via, OUTCOME_BLOCKED_SCHEME, "not http");
	else if (j->profile != NULL && profile_blocks(j->profile, &url))
		pass(c, j, l, via, OUTCOME_BLOCKED_BY_PROFILE,
		    "listed by the profile");
	else if (l->kind == LINK_MEDIA && !c->o->media)
		pass(c, j, l, via, OUTCOME_OUT_OF_SCOPE_MEDIA,
		    "video or audio; --media fetches it");
	else if (l->kind == LINK_FRAME)
		pass(c, j, l, via, OUTCOME_OUT_OF_SCOPE,
		    "an embedded page of its own");
	else
		rc = want(c, j, parent == NULL ? &from : parent, l->url,
		    need_of(l->kind), l->where, e);
	url_clear(&url);
	return rc;
}

static struct sheet *
sheet_find(const struct capture *c, const char *url)
{
	for (struct sheet *s = c->sheets; s != NULL; s = s->next)
		if (strcmp(s->url, url) == 0)
			return s;
	return NULL;
}

struct harvest {
	struct capture *c;
	struct job *job;
	struct sheet *sheet;
	const struct target *parent;
	struct json *urls; /* of the job: journalled for recovery */
	struct error *e;
	int rc;
};

static int needed_by_sheet(
    struct capture *c, struct job *j, const char *url, struct error *e);

/* A link that the page's worker found. */
static void
harvest_link(void *context, const struct link *l)
{
	struct harvest *h = context;
	struct candidate k = { l->url, l->kind, l->where,
		l->kind == LINK_IMAGE && h->job->profile == NULL };

	if (h->rc != 0 || l->kind == LINK_PAGE)
		return;
	json_append(
	    h->job->arena, h->urls, json_new_string(h->job->arena, l->url));
	h->rc = need_link(h->c, h->job, &k, NULL, h->e);
	if (h->rc == 0 && l->kind == LINK_STYLESHEET)
		h->rc = needed_by_sheet(h->c, h->job, l->url, h->e);
}

/* A stylesheet harvested before needs these again for this page; sheets that
 * import each other end because job_need takes each URL once. */
static int
needed_by_sheet(
    struct capture *c, struct job *j, const char *url, struct error *e)
{
	struct sheet *s = sheet_find(c, url);
	struct target from = { .hops = (char *)(uintptr_t) "E" };

	if (s == NULL || s->target != NULL)
		return 0;
	from.url = s->url;
	for (size_t i = 0; i < s->link_count; i++) {
		size_t before = j->candidate_count;

		if (need_link(c, j, &s->links[i], &from, e) != 0)
			return -1;
		if (j->candidate_count > before &&
		    s->links[i].kind == LINK_STYLESHEET &&
		    needed_by_sheet(c, j, s->links[i].url, e) != 0)
			return -1;
	}
	return 0;
}

/* ---- stylesheets ---- */

static void
sheet_free(struct sheet *s)
{
	worker_abandon(s->worker);
	arena_free(s->arena);
	free(s->url);
	free(s);
}

/* Forget the oldest harvested sheet when there are too many. */
static void
sheets_trim(struct capture *c)
{
	struct sheet **last = NULL;

	if (c->sheet_count < SHEETS_KEPT)
		return;
	for (struct sheet **s = &c->sheets; *s != NULL; s = &(*s)->next)
		if ((*s)->target == NULL)
			last = s;
	if (last != NULL) {
		struct sheet *gone = *last;

		*last = gone->next;
		sheet_free(gone);
		c->sheet_count--;
	}
}

/* The body of a stylesheet is here: a worker looks for what it needs. Returns
 * 0 when one was started, 1 when there is nothing to look at, -1. */
static int
sheet_start(
    struct capture *c, struct target *t, struct exchange *x, struct error *e)
{
	struct service_request r = { .task = SERVICE_LINKS_CSS,
		.url = t->url,
		.requested = "",
		.status = x->status };
	struct worker *w = NULL;
	struct sheet *s;
	int fd;
	int rc;

	if (x->response == NULL || x->status < 200 || x->status > 299)
		return 1;
	fd = service_payload(x->response, e);
	if (fd < 0)
		return e->kind == ERROR_LIMIT ? 1 : -1;
	rc = service_begin(c->o->zygote, &r, fd, &w, e);
	(void)close(fd);
	if (rc != 0)
		return -1;
	sheets_trim(c);
	s = mem_zero(1, sizeof(*s));
	s->url = mem_text(t->url);
	s->arena = arena_new();
	s->worker = w;
	s->target = t;
	s->next = c->sheets;
	c->sheets = s;
	c->sheet_count++;
	return 0;
}

static void
sheet_link(void *context, const struct link *l)
{
	struct harvest *h = context;
	struct sheet *s = h->sheet;

	/* Powers of two: grow when the count reaches one. */
	if ((s->link_count & (s->link_count - 1)) == 0) {
		struct candidate *more = arena_alloc(
		    s->arena, (s->link_count == 0 ? 1 : 2 * s->link_count) *
				  sizeof(*more));

		if (s->link_count > 0)
			memcpy(more, s->links, s->link_count * sizeof(*more));
		s->links = more;
	}
	s->links[s->link_count++] = (struct candidate){ arena_text(
							    s->arena, l->url),
		l->kind, arena_text(s->arena, l->where), 0 };
}

/* The worker has answered: every page that waits for the sheet needs what it
 * names, and then the sheet itself has ended. */
static int
sheet_take(struct capture *c, struct sheet *s, struct error *e)
{
	struct harvest h = { .c = c, .sheet = s, .e = e };
	struct target *t = s->target;
	struct buf result = { 0 };
	struct error why = { 0 };
	uint64_t more = 0;
	int rc = worker_take(s->worker, &result, &why);

	if (rc == 0)
		return 0;
	s->worker = NULL;
	if (rc < 0 || service_links(&result, sheet_link, &h, &more, &why) != 0)
		warn(c, s->url, why.text);
	buf_clear(&result);
	s->target = NULL;
	rc = 0;
	for (size_t i = 0; rc == 0 && i < t->waiting_count; i++)
		rc = needed_by_sheet(c, t->waiting[i], s->url, e);
	target_ended(c, t, c->last_ticket);
	return rc;
}

/* ---- pages ---- */

static int
is_html(const struct exchange *x, const char *media_type)
{
	struct buf type = { 0 };
	int yes;

	http_content_type(x->content_type, &type, NULL);
	yes = strcmp(buf_text(&type), "text/html") == 0 ||
	      strcmp(buf_text(&type), "application/xhtml+xml") == 0 ||
	      (type.len == 0 && strcmp(media_type, "text/html") == 0);
	buf_clear(&type);
	return yes;
}

/* Keep the profile's files in the snapshot, once. */
static int
keep_profile(struct capture *c, const struct profile *p, struct error *e)
{
	const struct profile_file *files;
	size_t count;

	for (size_t i = 0; i < c->profile_count; i++)
		if (strcmp(c->profiles_kept[i], profile_key(p)) == 0)
			return 0;
	c->profiles_kept = mem_grow(
	    c->profiles_kept, c->profile_count + 1, sizeof(*c->profiles_kept));
	c->profiles_kept[c->profile_count++] = profile_key(p);
	count = profile_chain(p, &files);
	for (size_t i = 0; i < count; i++)
		if (snapshot_add_profile(c->snapshot, files[i].key,
			files[i].data, files[i].len, e) != 0)
			return -1;
	return 0;
}

static int
job_ask(
    struct capture *c, struct job *j, enum service_task task, struct error *e)
{
	struct service_request r = {
		.task = task,
		.url = j->url,
		.requested = j->seed,
		.redirects = j->redirects,
		.captured_us = j->started_us,
		.status = j->status,
		.profile = j->profile == NULL ? "" : profile_key(j->profile),
	};

	return service_begin(c->o->zygote, &r, j->payload_fd, &j->worker, e);
}

/* The page itself has arrived. */
static int
job_page(struct capture *c, struct job *j, struct exchange *x,
    const char *media_type, struct error *e)
{
	struct url url;

	j->status = x->status;
	j->started_us = x->started_us;
	if (url_parse(&url, j->url, strlen(j->url), NULL, e) == 0) {
		j->profile = profile_for(c->o->profiles, &url);
		url_clear(&url);
	}
	j->state = JOB_WAITING;
	if (x->response == NULL || x->head_len == 0)
		return 0;
	if (!is_html(x, media_type)) {
		j->extraction = "not-article";
		j->reason = "not HTML";
		return 0;
	}
	j->payload_fd = service_payload(x->response, e);
	if (j->payload_fd < 0) {
		if (e->kind != ERROR_LIMIT)
			return -1;
		j->extraction = "failed";
		j->reason = "page too large to read";
		warn(c, j->url, e->text);
		return 0;
	}
	j->state = JOB_HARVESTING;
	return job_ask(c, j, SERVICE_LINKS_HTML, e);
}

/* Only a page that was delivered whole and well may be an article. */
static int
may_be_article(const struct job *j)
{
	return j->profile != NULL && j->status >= 200 && j->status <= 299;
}

static int
job_harvested(struct capture *c, struct job *j, struct error *e)
{
	struct harvest h = { .c = c, .job = j, .e = e };
	struct buf result = { 0 };
	struct error why = { 0 };
	int rc = worker_take(j->worker, &result, &why);

	if (rc == 0)
		return 0;
	j->worker = NULL;
	h.urls = json_new_array(j->arena);
	if (rc < 0 || service_links(&result, harvest_link, &h, &j->more_links,
			  &why) != 0) {
		warn(c, j->url, why.text);
		j->extraction = "failed";
		j->reason = arena_text(j->arena, why.text);
	}
	buf_clear(&result);
	if (h.rc != 0)
		return -1;
	(void)snapshot_discovered(c->snapshot, j->url, h.urls);
	j->state = JOB_WAITING;
	if (!may_be_article(j))
		return 0;
	j->state = JOB_READING;
	if (keep_profile(c, j->profile, e) != 0)
		return -1;
	return job_ask(c, j, SERVICE_ARTICLE, e);
}

/* Images that the reading names, originals among them. */
static int
need_images(struct capture *c, struct job *j, struct error *e)
{
	for (size_t i = 0; i < json_count(j->images); i++) {
		const struct json *o = json_at(j->images, i);
		struct candidate k = {
			.url = json_text(json_get(o, "url"), ""),
			.kind = LINK_IMAGE,
			.where = json_text(json_get(o, "role"), "article"),
			.required = json_bool(json_get(o, "required"), 0),
		};

		if (k.url[0] != '\0' && need_link(c, j, &k, NULL, e) != 0)
			return -1;
	}
	return 0;
}

static int
job_read(struct capture *c, struct job *j, struct error *e)
{
	struct buf result = { 0 };
	struct error why = { 0 };
	int rc = worker_take(j->worker, &result, &why);

	if (rc == 0)
		return 0;
	j->worker = NULL;
	if (rc < 0 ||
	    job_take_reading(j, buf_text(&result), result.len, &why) != 0) {
		warn(c, j->url, why.text);
		j->extraction = "failed";
		j->reason = arena_text(j->arena, why.text);
	}
	buf_clear(&result);
	j->state = JOB_WAITING;
	return need_images(c, j, e);
}

/* From waiting to settling, when nothing is pending any more. */
static void
job_advance(struct capture *c, struct job *j)
{
	(void)c;
	if (j->state == JOB_WAITING && j->pending == 0)
		j->state = JOB_SETTLING;
}

/* ---- an exchange has ended ---- */

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

/* The head as text, for the profile's challenge rules. */
static void
apply_challenge(struct capture *c, struct target *t, struct exchange *x)
{
	const uint8_t *p = x->response == NULL ? NULL
					       : spool_memory(x->response);
	const struct profile *profile;
	struct url url;

	if (p == NULL || x->head_len == 0 ||
	    url_parse(&url, t->url, strlen(t->url), NULL, NULL) != 0)
		return;
	profile = profile_for(c->o->profiles, &url);
	if (profile != NULL &&
	    profile_is_challenge(profile, x->status, p, (size_t)x->head_len))
		x->outcome = OUTCOME_CHALLENGE;
	url_clear(&url);
}

/* 429 and 503 with Retry-After stop their host for this run. */
static void
apply_retry_after(
    struct capture *c, const struct target *t, const struct exchange *x)
{
	struct url url;
	char host[512];

	if (x->status == 429)
		c->result->rate_limited = 1;
	if ((x->status != 429 && x->status != 503) ||
	    x->retry_after[0] == '\0' ||
	    url_parse(&url, t->url, strlen(t->url), NULL, NULL) != 0)
		return;
	if (url_host(&url, host, sizeof(host))) {
		c->result->rate_limited = 1;
		fetcher_stop_host(c->fetcher, host);
		warn(c, host,
		    "asked to come back later; no more requests to it in "
		    "this run");
	}
	url_clear(&url);
}

/* What kind of failure a seed met; good ones are counted when settled. */
static void
count_seed_failure(struct capture *c, const struct exchange *x)
{
	struct capture_result *r = c->result;

	switch (x->outcome) {
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

/* The target of a redirect, absolute without fragment; NULL when it is none.
 * To be freed. */
static char *
redirect_to(const struct target *t, const struct exchange *x)
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
		url_clear(&to);
	}
	url_clear(&base);
	return text;
}

/* Follow one hop of redirection: same need, same jobs waiting. */
static int
follow(struct capture *c, struct target *t, const char *to, struct error *e)
{
	struct target *next;
	enum frontier_state state = frontier_find(c->frontier, to, &next);

	for (size_t i = 0; t->need == NEED_PAGE && i < t->waiting_count; i++)
		job_redirect(t->waiting[i], to);
	if (state == FRONTIER_DONE || (state == FRONTIER_PENDING && next == t))
		return 0;
	if (state == FRONTIER_NEW) {
		next = frontier_add(c->frontier, to, t->need, t, "R", t->where);
		next->redirects = t->redirects + 1;
		next->robots_of = t->robots_of;
		t->robots_of = NULL;
	}
	for (size_t i = 0; i < t->waiting_count; i++) {
		t->waiting[i]->pending += (size_t)target_wait(
		    next, t->waiting[i]);
	}
	if (state == FRONTIER_PENDING)
		return 0;
	if (next->redirects > LIMIT_REDIRECTS) {
		target_refused(
		    c, next, OUTCOME_TRAP, "more than 10 redirects", "");
		return 0;
	}
	return next->need == NEED_PAGE ? page_gate(c, next, e)
				       : target_start(c, next, e);
}

/* What the waiting jobs make of a page target that ended without a
 * redirect. */
static int
deliver_page(struct capture *c, struct target *t, struct exchange *x,
    const char *media_type, struct error *e)
{
	if (t->waiting_count > 0)
		count_seed_failure(c, x);
	for (size_t i = 0; i < t->waiting_count; i++) {
		struct job *j = t->waiting[i];

		if (strcmp(j->url, t->url) == 0 && j->state == JOB_FETCHING &&
		    job_page(c, j, x, media_type, e) != 0)
			return -1;
	}
	return 0;
}

static int
exchange_ended(
    struct capture *c, struct target *t, struct exchange *x, struct error *e)
{
	struct capture_facts f = facts_of(t);
	struct host *robots_of;
	uint64_t ticket;
	char *to;
	int rc = 0;

	apply_challenge(c, t, x);
	f.media_type = sniff(x);
	f.robots = t->need == NEED_PAGE
		       ? robots_policy_name(politeness_policy(c->politeness))
		       : "";
	ticket = snapshot_put(c->snapshot, x, &f);
	c->last_ticket = ticket;
	c->progress.bytes += x->payload_len;
	c->progress.failed += !outcome_is_good(x->outcome);
	c->progress.url = x->url;
	c->result->truncated += x->truncated != TRUNCATED_NO;
	c->result->not_tried += x->outcome == OUTCOME_NOT_TRIED;
	for (size_t i = 0; i < t->waiting_count; i++)
		t->waiting[i]->ticket = ticket;
	apply_retry_after(c, t, x);
	to = redirect_to(t, x);
	if (to != NULL)
		rc = follow(c, t, to, e);
	else if (t->need == NEED_PAGE || t->need == NEED_ROBOTS)
		rc = deliver_page(c, t, x, f.media_type, e);
	else if (t->need == NEED_STYLESHEET) {
		rc = sheet_start(c, t, x, e);
		if (rc == 0)
			return 0; /* ends with its harvest */
		rc = rc < 0 ? -1 : 0;
	}
	free(to);
	robots_of = t->robots_of;
	if (robots_of != NULL)
		host_robots_answer(robots_of, x);
	if (c->o->progress != NULL)
		c->o->progress(c->o->context, &c->progress);
	target_ended(c, t, ticket);
	if (rc == 0 && robots_of != NULL)
		rc = release_pages(c, robots_of, e);
	return rc;
}

/* ---- jobs: from seeds to completeness ---- */

/* One more seed becomes a job. 1 yes, 0 there are none, -1. */
static int
admit_seed(struct capture *c, struct error *e)
{
	const char *seed = c->o->next_seed(c->o->context);
	struct error why = { 0 };
	struct target *t;
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
	if (frontier_find(c->frontier, url.text, &t) == FRONTIER_DONE) {
		/* A duplicate, or already fetched as part of another page. */
		url_clear(&url);
		return 1;
	}
	c->result->seeds++;
	j = job_new(url.text);
	j->next = c->jobs;
	c->jobs = j;
	c->job_count++;
	rc = want(c, j, NULL, url.text, NEED_PAGE, "", e);
	job_advance(c, j);
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
		if (s->worker != NULL && sheet_take(c, s, e) != 0)
			return -1;
	while (*at != NULL) {
		struct job *j = *at;
		int rc = 0;

		if (j->state == JOB_HARVESTING)
			rc = job_harvested(c, j, e);
		if (rc == 0 && j->state == JOB_READING)
			rc = job_read(c, j, e);
		if (rc != 0)
			return -1;
		job_advance(c, j);
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
	struct pollfd fds[2 * OPEN_JOBS + SHEETS_KEPT + 1];
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
		rc = exchange_ended(c, tag, x, e);
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

static int
work(struct capture *c, struct error *e)
{
	while (!must_stop(c)) {
		while (!c->seeds_ended && c->job_count < OPEN_JOBS)
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
		struct capture_facts f = facts_of(t);
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
		sheet_free(s);
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
