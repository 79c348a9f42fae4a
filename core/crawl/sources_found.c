/* What a source, or a page, named: into the queue, or why not. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/collection/config.h"
#include "core/crawl/queue.h"
#include "core/crawl/scope.h"
#include "core/crawl/sources_part.h"
#include "core/crawl/watch.h"
#include "core/web/url.h"

#define MINUTE_US (INT64_C(60) * 1000000)
#define HOUR_US   (60 * MINUTE_US)
#define DAY_US    (24 * HOUR_US)

/* Of one look at a list or front. Some lists say that all they name changed
 * just now. */
enum { NEWS_AT_ONCE = 1000, NUDGES_AT_ONCE = 50 };

/* ---- pages ---- */

/* It has a date that can be: the file of a month holds nothing that changed
 * before it. */
static int
is_dated(const struct finding *f, const struct page_link *l)
{
	return l->changed_us != INT64_MIN &&
	       (f->month_us == INT64_MIN ||
		   l->changed_us >= f->month_us - DAY_US);
}

/* An entry of a sitemap that changed before the window. */
static int
is_old(const struct finding *f, const struct page_link *l)
{
	return f->end->kind == WANTED_LIST &&
	       (f->end->list_kind == FEED_SITEMAP ||
		   f->end->list_kind == FEED_TEXT) &&
	       !l->is_news && is_dated(f, l) && l->changed_us < f->since_us;
}

static int
rank_of(const struct finding *f, const struct page_link *l)
{
	int is_sitemap = f->end->list_kind == FEED_SITEMAP ||
			 f->end->list_kind == FEED_TEXT;

	if (f->end->kind == WANTED_PAGE)
		return RANK_LINK;
	/* So much news at once is none. */
	if (is_old(f, l) || f->added >= NEWS_AT_ONCE)
		return RANK_ARCHIVE;
	/* What is new in a list without dates is news. */
	return is_sitemap && !l->is_news && !is_dated(f, l) && f->is_first_look
		   ? RANK_ARCHIVE
		   : RANK_NEWS;
}

/* Nothing is looked at again on a site that says "recapture = none". */
static int
may_nudge(const struct finding *f)
{
	return f->p->watch != NULL && f->p->site->ladder.count > 0;
}

/* What sites take back as soon as a page is gone. */
static int
is_kept_up(const struct page_end *end)
{
	return end->kind == WANTED_FRONT ||
	       (end->kind == WANTED_LIST &&
		   (end->list_kind == FEED_RSS || end->list_kind == FEED_ATOM ||
		       end->list_kind == FEED_JSON));
}

/* A known page that says it changed since the list was looked at last, or is
 * named again though it is held for gone. */
static int
nudge(struct finding *f, const struct page_link *l)
{
	if (!may_nudge(f))
		return 0;
	if (is_kept_up(f->end) &&
	    watch_listed(f->p->watch, l->url, f->p->now_us, f->e) != 0)
		return -1;
	if (f->end->kind != WANTED_LIST || f->is_first_look ||
	    l->changed_us == INT64_MIN ||
	    l->changed_us < f->row.good_us - MINUTE_US ||
	    l->changed_us > f->p->now_us + DAY_US ||
	    f->nudged == NUDGES_AT_ONCE)
		return 0;
	f->nudged++;
	return watch_nudge(f->p->watch, l->url, f->p->now_us, f->e);
}

/* A page that was never wanted. */
static int
add_new(struct finding *f, const struct url *url, const struct page_link *l)
{
	const struct site *site = f->p->site;
	struct queued t = {
		.url = url->text,
		.site = site->name,
		.via = f->end->url,
		.hops = f->hops,
		.kind = WANTED_PAGE,
		.rank = rank_of(f, l),
		.depth = f->depth,
		.due_us = f->p->now_us,
	};
	enum outcome outcome = OUTCOME_OUT_OF_SCOPE;
	struct buf why = { 0 };
	int rc;

	if (l->is_alternate && !finding_same_host(url, &f->url) &&
	    !finding_is_site_host(site, url)) {
		finding_refuse(f, url->text, outcome,
		    "another language's page on a host of its own");
		return 0;
	}
	/* First, so that they do not use budgets up. */
	if (is_old(f, l) &&
	    (site->config == NULL ||
		!config_flag(site->config, "sitemap-archive")) &&
	    finding_was_old(f, url->text)) {
		f->had++;
		finding_refuse(
		    f, url->text, outcome, "changed before sitemap-since");
		return 0;
	}
	if (!scope_allows(f->p->scope, url, f->depth, &outcome, &why)) {
		finding_refuse(f, url->text, outcome, buf_text(&why));
		buf_clear(&why);
		return 0;
	}
	buf_clear(&why);
	f->had++;
	rc = queue_add(f->p->queue, &t, f->e);
	f->added += rc > 0;
	return rc < 0 ? -1 : 0;
}

static int
is_source_url(const struct finding *f, const char *url)
{
	return source_of(f->p->site, url) != NULL;
}

static int
add_page(struct finding *f, const struct page_link *l)
{
	struct url url;
	int known;
	int rc = 0;

	if (links_seen_has(&f->s->seen, f->p->site, l->url)) {
		f->had++;
		return nudge(f, l);
	}
	if (url_parse(&url, l->url, strlen(l->url), NULL, NULL) != 0)
		return 0;
	url_drop_fragment(&url);
	if (!is_source_url(f, url.text)) {
		known = queue_knows(f->p->queue, url.text, f->e);
		f->had += known == 1;
		if (known == 1)
			links_seen_add(&f->s->seen, f->p->site, l->url);
		if (known < 0)
			rc = -1;
		else if (known)
			rc = nudge(f, l);
		else
			rc = add_new(f, &url, l);
	}
	url_clear(&url);
	return rc;
}

/* Newest first, so that what cannot be had in this run is the oldest. */
static int
compare_links(const void *a, const void *b)
{
	const struct page_link *x = *(const struct page_link *const *)a;
	const struct page_link *y = *(const struct page_link *const *)b;

	if (x->changed_us != y->changed_us)
		return x->changed_us > y->changed_us ? -1 : 1;
	if (x->is_list && y->is_list) {
		int c = source_compare_names(y->url, x->url);

		if (c != 0)
			return c;
	}
	return x < y ? -1 : x > y;
}

static int
add_links(struct finding *f)
{
	const struct page_end *end = f->end;
	size_t n = end->link_count;
	const struct page_link **sorted = mem_zero(n + 1, sizeof(*sorted));
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		sorted[i] = &end->links[i];
	if (end->kind == WANTED_LIST)
		qsort(sorted, n, sizeof(*sorted), compare_links);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct page_link *l = sorted[i];

		if (l->is_next)
			f->next = l->url;
		else if (l->is_list)
			rc = finding_add_list(f, l, (int64_t)i);
		else
			rc = add_page(f, l);
	}
	free(sorted);
	return rc;
}

/* ---- the whole ---- */

/* Articles that others read most are likely to be changed. */
static int
nudge_most_read(struct finding *f)
{
	const struct json *zones = json_get(f->end->pagestate, "zones");
	const struct json *items = json_get(zones, "most_read");
	struct url url;
	int rc = 0;

	if (!may_nudge(f))
		return 0;
	for (size_t i = 0; rc == 0 && i < json_count(items); i++) {
		const char *href = json_text(
		    json_get(json_at(items, i), "href"), "");

		if (href[0] == '\0' ||
		    url_parse(&url, href, strlen(href), &f->url, NULL) != 0)
			continue;
		url_drop_fragment(&url);
		rc = watch_nudge(f->p->watch, url.text, f->p->now_us, f->e);
		url_clear(&url);
	}
	return rc;
}

static int
is_good(const struct page_end *end)
{
	return end->outcome == OUTCOME_CAPTURED ||
	       end->outcome == OUTCOME_REVISIT ||
	       end->outcome == OUTCOME_NOT_MODIFIED;
}

/* Something can be read; of a list that was cut off what there is of it. */
static int
is_readable(const struct page_end *end)
{
	return is_good(end) || (end->link_count > 0 && end->status >= 200 &&
				   end->status <= 299);
}

/* It is as it was: nothing to read. */
static int
is_same(const struct page_end *end)
{
	return end->outcome == OUTCOME_NOT_MODIFIED ||
	       (end->outcome == OUTCOME_REVISIT && end->link_count == 0 &&
		   end->list_kind == FEED_NONE);
}

/* What is old: it changed before the window, and before lists were read last.
 * So what was published while the site or this machine was away is news. */
static int
set_window(struct finding *f)
{
	const struct source_tally *t = source_tally(
	    f->s, f->p->site->name, f->e);
	int64_t last;

	if (t == NULL)
		return -1;
	last = f->row.good_us > 0 ? f->row.good_us : t->last_good_us;
	f->since_us = INT64_MIN;
	if (f->p->site->sitemap_since_us <= 0)
		return 0;
	f->since_us = f->p->now_us - f->p->site->sitemap_since_us;
	if (last > 0 && last - DAY_US < f->since_us)
		f->since_us = last - DAY_US;
	return 0;
}

static int
read_row(struct finding *f)
{
	const struct site *site = f->p->site;
	struct source_row *r = &f->row;
	int rc = source_row_find(f->s, site->name, f->end->requested, r, f->e);

	if (rc == 0) {
		buf_add_text(&r->root, f->end->requested);
		r->kind = f->end->kind == WANTED_FRONT ? SOURCE_FRONT
						       : SOURCE_FEED;
	}
	f->source = source_of(site, buf_text(&r->root));
	if (rc == 0 && f->source != NULL)
		r->kind = f->source->kind;
	f->is_first_look = r->good_us == 0;
	return rc < 0 ? -1 : set_window(f);
}

static int
source_failed(struct finding *f)
{
	int rc = source_judge_failure(f->p, &f->row, f->end, f->e);

	if (rc == 0 && source_is_robots(buf_text(&f->row.url)) &&
	    (f->end->outcome == OUTCOME_NOT_FOUND ||
		f->end->outcome == OUTCOME_GONE))
		rc = finding_add_guesses(f);
	finding_plan_child(f, 0);
	return rc;
}

static int
source_read(struct finding *f)
{
	int is_robots = source_is_robots(buf_text(&f->row.url));
	int rc = finding_old_begin(f);

	if (rc == 0)
		rc = add_links(f);
	if (finding_old_end(f) != 0)
		rc = -1;
	if (rc == 0 && is_robots && f->had == 0)
		rc = finding_add_guesses(f);
	else if (rc == 0)
		rc = source_judge(f->p, &f->row, f->end, f->had, f->e);
	if (rc == 0)
		rc = finding_add_further_pages(f);
	f->row.fails = 0;
	finding_plan_child(f, 1);
	return rc;
}

/* For those who ask what is due: sources_enqueue goes by the last look. Files
 * of months that are over are not looked at for ever. */
static void
plan_source(struct finding *f)
{
	struct source_row *r = &f->row;
	int64_t month_us = source_is_monthly(buf_text(&r->root))
			       ? source_month_of(buf_text(&r->url))
			       : INT64_MIN;

	if (r->level > 0 || f->source == NULL ||
	    r->page > f->source->first_page)
		return;
	r->due_us = month_us != INT64_MIN &&
			    month_us < f->p->now_us - 34 * DAY_US
			? INT64_MAX
			: f->p->now_us + f->source->every_us;
}

/* One that another list named, and that has not been there for long. */
static int
is_forgotten(const struct finding *f)
{
	const struct source_row *r = &f->row;

	return r->level > 0 && !r->is_guess && r->fails >= SOURCE_GONE_FAILS &&
	       (f->end->outcome == OUTCOME_NOT_FOUND ||
		   f->end->outcome == OUTCOME_GONE);
}

/* A look at a source has ended. */
static int
source_ended(struct finding *f)
{
	int rc = read_row(f);

	if (rc != 0)
		return -1;
	if (!is_readable(f->end)) {
		rc = source_failed(f);
	} else if (is_same(f->end)) {
		f->row.fails = 0;
		finding_plan_child(f, 1);
	} else {
		rc = source_read(f);
	}
	plan_source(f);
	f->row.last_us = f->p->now_us;
	if (is_readable(f->end))
		f->row.good_us = f->p->now_us;
	if (rc == 0)
		rc = (is_forgotten(f) ? source_row_drop : source_row_put)(
		    f->s, f->p->site->name, &f->row, f->e);
	if (rc == 0 && is_readable(f->end))
		rc = source_count_new(f->s, f->p, f->added, f->e);
	if (rc == 0 && f->row.kind == SOURCE_SITEMAP)
		rc = source_enqueue_children(
			 f->s, f->p->queue, f->p->site, f->p->now_us, f->e) < 0
			 ? -1
			 : 0;
	return rc;
}

/* The links of a page that was captured. */
static int
page_ended(struct finding *f)
{
	int rc = add_links(f);

	if (rc == 0 && f->added > 0)
		rc = source_count_new(f->s, f->p, f->added, f->e);
	return rc;
}

/* "L" for every link between a source and this page, and one more. */
static unsigned
depth_below(const char *hops)
{
	unsigned n = 1;

	for (; *hops != '\0'; hops++)
		n += *hops == 'L';
	return n;
}

int
sources_found(struct sources *s, const struct finding_place *p,
    const struct page_end *end, uint64_t *new_pages, struct error *e)
{
	char *hops = mem_format("%sL", end->hops == NULL ? "" : end->hops);
	struct finding f = {
		.s = s,
		.p = p,
		.end = end,
		.hops = hops,
		.depth = depth_below(end->hops == NULL ? "" : end->hops),
		.month_us = INT64_MIN,
		.e = e,
	};
	int rc;

	*new_pages = 0;
	if (url_parse(&f.url, end->url, strlen(end->url), NULL, e) != 0) {
		free(hops);
		return -1;
	}
	rc = end->kind == WANTED_PAGE ? page_ended(&f) : source_ended(&f);
	if (rc == 0)
		rc = nudge_most_read(&f);
	*new_pages = f.added;
	source_row_clear(&f.row);
	url_clear(&f.url);
	free(hops);
	return rc;
}
