/* What a page needs: links of pages and stylesheets become targets. */
#include "core/crawl/capture_part.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/news/profile.h"
#include "core/news/service.h"
#include "core/web/url.h"

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
	case LINK_NEXT:
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

	if (frontier_find(c->frontier, l->url, &t) != FRONTIER_NEW) {
		capture_lean(c, j);
		return;
	}
	frontier_pass(c->frontier, l->url);
	ticket = snapshot_outcome(c->snapshot, l->url, outcome, reason, -1, &f);
	if (ticket > j->ticket)
		j->ticket = ticket;
	if (ticket > c->last_ticket)
		c->last_ticket = ticket;
}

/* One requisite of a page: fetched unless its kind or the profile says no. */
int
capture_need(struct capture *c, struct job *j, const struct candidate *found,
    const struct target *parent, struct error *e)
{
	const struct candidate *l;
	const char *via = parent == NULL ? j->url : parent->url;
	struct target from = { .url = (char *)(uintptr_t)via,
		.hops = (char *)(uintptr_t) "" };
	struct url url;
	int rc = 0;

	if (!job_need(j, frontier_spelling(c->frontier, found->url),
		found->kind, found->where, found->required))
		return 0;
	l = &j->candidates[j->candidate_count - 1];
	if (url_parse(&url, l->url, strlen(l->url), NULL, e) != 0)
		return -1;
	if (!url_is_http(&url))
		pass(c, j, l, via, OUTCOME_BLOCKED_SCHEME, "not http");
	else if (l->kind == LINK_STYLESHEET && parent != NULL &&
		 strlen(parent->hops) >= LIMIT_CSS_DEPTH)
		pass(c, j, l, via, OUTCOME_TRAP,
		    "stylesheets that import each other too deep");
	else if (j->profile != NULL && profile_blocks(j->profile, &url))
		pass(c, j, l, via, OUTCOME_BLOCKED_BY_PROFILE,
		    "listed by the profile");
	else if (l->kind == LINK_MEDIA && !c->o->media)
		pass(c, j, l, via, OUTCOME_OUT_OF_SCOPE_MEDIA,
		    "video or audio; --media fetches it");
	else if (need_of(l->kind) == NEED_IMAGE && c->o->images == IMAGES_NONE)
		pass(c, j, l, via, OUTCOME_OUT_OF_SCOPE,
		    "a picture, and images is none");
	else if (l->kind == LINK_FRAME)
		pass(c, j, l, via, OUTCOME_OUT_OF_SCOPE,
		    "an embedded page of its own");
	else
		rc = capture_want(c, j, parent == NULL ? &from : parent, l->url,
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
	int icon; /* the page names one */
	int rc;
};

/* A link to another page, for those who ask. */
static void
note_page(struct harvest *h, const struct link *l)
{
	if (h->c->o->ended != NULL)
		job_link(h->job, &(struct page_link){
				     .url = l->url,
				     .title = "",
				     .changed_us = INT64_MIN,
				     .is_next = l->kind == LINK_NEXT,
				 });
}

/* A link that the page's worker found. */
static void
harvest_link(void *context, const struct link *l)
{
	struct harvest *h = context;
	struct candidate k = { l->url, l->kind, l->where,
		l->kind == LINK_IMAGE && h->job->profile == NULL };

	if (h->rc != 0)
		return;
	if (l->kind == LINK_PAGE || l->kind == LINK_NEXT) {
		note_page(h, l);
		return;
	}
	h->icon |= l->kind == LINK_ICON;
	/* Of several sizes the lesser ones are wanted where all are. */
	if (h->c->o->images == IMAGES_BEST ? l->is_lesser : l->is_again)
		return;
	json_append(
	    h->job->arena, h->urls, json_new_string(h->job->arena, l->url));
	h->rc = capture_need(h->c, h->job, &k, NULL, h->e);
	if (h->rc == 0 && l->kind == LINK_STYLESHEET)
		h->rc = capture_need_sheet(h->c, h->job, l->url, h->e);
}

/* A stylesheet harvested before needs these again for this page; sheets that
 * import each other end because job_need takes each URL once. */
int
capture_need_sheet(
    struct capture *c, struct job *j, const char *url, struct error *e)
{
	struct sheet *s = sheet_find(c, frontier_spelling(c->frontier, url));
	struct target from = { 0 };

	if (s == NULL || s->target != NULL)
		return 0;
	from.url = s->url;
	from.hops = s->hops;
	for (size_t i = 0; i < s->link_count; i++) {
		size_t before = j->candidate_count;

		if (capture_need(c, j, &s->links[i], &from, e) != 0)
			return -1;
		if (j->candidate_count > before &&
		    s->links[i].kind == LINK_STYLESHEET &&
		    capture_need_sheet(c, j, s->links[i].url, e) != 0)
			return -1;
	}
	return 0;
}

/* A page that names no icon makes browsers ask for this one (HTML, 4.6.7.8). */
static int
need_default_icon(struct harvest *h)
{
	struct link l = { .kind = LINK_ICON, .where = "default" };
	struct url page;
	struct url icon;
	int rc = url_parse(&page, h->job->url, strlen(h->job->url), NULL, h->e);

	if (rc != 0)
		return -1;
	rc = url_parse(
	    &icon, "/favicon.ico", strlen("/favicon.ico"), &page, h->e);
	if (rc == 0) {
		l.url = icon.text;
		harvest_link(h, &l);
		rc = h->rc;
		url_clear(&icon);
	}
	url_clear(&page);
	return rc;
}

int
capture_need_links(struct capture *c, struct job *j, struct buf *result,
    struct json *urls, struct error *why, struct error *e)
{
	struct harvest h = { .c = c, .job = j, .urls = urls, .e = e };

	if (service_links(result, harvest_link, &h, &j->more_links, why) != 0)
		return 1;
	return h.rc != 0 || h.icon ? h.rc : need_default_icon(&h);
}

/* ---- stylesheets ---- */

void
capture_sheet_free(struct sheet *s)
{
	worker_abandon(s->worker);
	arena_free(s->arena);
	free(s->url);
	free(s->hops);
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
		capture_sheet_free(gone);
		c->sheet_count--;
	}
}

/* The body of a stylesheet is here: a worker looks for what it needs. Returns
 * 0 when one was started, 1 when there is nothing to look at, -1. */
int
capture_sheet_start(
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
	s->hops = mem_text(t->hops);
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
int
capture_sheet_take(struct capture *c, struct sheet *s, struct error *e)
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
		capture_warn(c, s->url, why.text);
	buf_clear(&result);
	s->target = NULL;
	rc = 0;
	for (size_t i = 0; rc == 0 && i < t->waiting_count; i++)
		rc = capture_need_sheet(c, t->waiting[i], s->url, e);
	capture_target_ended(c, t, c->last_ticket);
	return rc;
}
