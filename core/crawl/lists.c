/* Sources of pages: lists are read for their entries, and of a front's links
 * those that its selector picks are handed out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/crawl/capture_part.h"
#include "core/news/service.h"

/* ---- feeds and sitemaps ---- */

int
capture_list_arrived(
    struct capture *c, struct job *j, struct exchange *x, struct error *e)
{
	j->extraction = "not-article";
	j->reason = "a list of pages";
	/* What an error page says is no list. */
	if (x->status < 200 || x->status > 299)
		return 0;
	j->payload_fd = service_payload(x->response, e);
	if (j->payload_fd < 0) {
		if (e->kind != ERROR_LIMIT)
			return -1;
		j->reason = "list too large to read";
		capture_warn(c, j->url, e->text);
		return 0;
	}
	j->state = JOB_HARVESTING;
	return capture_ask(c, j, SERVICE_FEED, e);
}

static void
add_entry(void *context, const struct feed_entry *f)
{
	job_link(context, &(struct page_link){
			      .url = f->url,
			      .title = f->title,
			      .changed_us = f->changed_us,
			      .is_list = f->is_list,
			      .is_news = f->is_news,
			      .is_alternate = f->is_alternate,
			  });
}

/* What is wrong with a list that was read. */
static void
tell_faults(struct capture *c, struct job *j, const struct feed_facts *facts)
{
	char text[160];

	if (facts->kind == FEED_NONE) {
		j->reason = "neither a feed nor a sitemap nor a list";
		capture_warn(c, j->url, j->reason);
		return;
	}
	if (!facts->is_cut && facts->more == 0)
		return;
	(void)snprintf(text, sizeof(text),
	    "%s: %ju entries read, %ju more left out%s",
	    feed_kind_name(facts->kind), (uintmax_t)facts->entries,
	    (uintmax_t)facts->more,
	    facts->is_cut ? "; it ends in the middle" : "");
	j->reason = arena_text(j->arena, text);
	capture_warn(c, j->url, text);
}

int
capture_list_taken(struct capture *c, struct job *j, struct error *e)
{
	struct buf result = { 0 };
	struct error why = { 0 };
	struct feed_facts facts;
	int rc = worker_take(j->worker, &result, &why);

	(void)e;
	if (rc == 0)
		return 0;
	j->worker = NULL;
	if (rc < 0 || service_feed(&result, add_entry, j, &facts, &why) != 0) {
		j->reason = arena_text(j->arena, why.text);
		capture_warn(c, j->url, why.text);
	} else {
		j->list_kind = (int)facts.kind;
		j->more_links = facts.more;
		tell_faults(c, j, &facts);
	}
	buf_clear(&result);
	j->state = JOB_WAITING;
	return 0;
}

/* ---- fronts ---- */

int
capture_pick(struct capture *c, struct job *j, struct error *e)
{
	j->state = JOB_PICKING;
	return capture_ask(c, j, SERVICE_FRONT, e);
}

struct picks {
	struct page_link *links;
	size_t count, cap;
	struct arena *arena;
};

static void
add_pick(void *context, const struct link *l)
{
	struct picks *p = context;

	if (p->count == p->cap) {
		p->cap = p->cap == 0 ? 64 : 2 * p->cap;
		p->links = mem_grow(p->links, p->cap, sizeof(*p->links));
	}
	p->links[p->count++] = (struct page_link){
		.url = arena_text(p->arena, l->url),
		.title = "",
		.changed_us = INT64_MIN,
	};
}

/* The page that follows is not a matter of the selector. */
static void
replace_links(struct job *j, struct picks *p)
{
	struct page_link *before = j->links;
	size_t count = j->link_count;

	j->links = p->links;
	j->link_count = p->count;
	j->link_cap = p->cap;
	for (size_t i = 0; i < count; i++)
		if (before[i].is_next)
			job_link(j, &before[i]);
	free(before);
}

int
capture_picked(struct capture *c, struct job *j, struct error *e)
{
	struct picks p = { .arena = j->arena };
	struct buf result = { 0 };
	struct error why = { 0 };
	uint64_t more = 0;
	int rc = worker_take(j->worker, &result, &why);

	if (rc == 0)
		return 0;
	j->worker = NULL;
	if (rc < 0 || service_links(&result, add_pick, &p, &more, &why) != 0) {
		capture_warn(c, j->url, why.text);
		p.count = 0;
	}
	buf_clear(&result);
	if (p.count > 0) {
		j->more_links = more;
		replace_links(j, &p);
	} else {
		free(p.links);
		capture_warn(c, j->url,
		    "the selector picks no link; every link of the page is "
		    "followed");
	}
	return capture_read_start(c, j, e);
}
