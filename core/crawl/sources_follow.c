/* Where a list leads: sitemaps of an index, further pages. */
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/crawl/queue.h"
#include "core/crawl/sources_part.h"
#include "core/web/url.h"

#define HOUR_US (INT64_C(3600) * 1000000)
#define DAY_US  (24 * HOUR_US)

enum { FEED_PAGES_MAX = 10 };

int
finding_same_host(const struct url *a, const struct url *b)
{
	return a->host_len == b->host_len &&
	       memcmp(a->text + a->host_start, b->text + b->host_start,
		   a->host_len) == 0;
}

/* A host that the configuration names a source of. */
int
finding_is_site_host(const struct site *site, const struct url *url)
{
	int yes = 0;

	for (size_t i = 0; i < site->source_count && !yes; i++) {
		const char *text = site->sources[i].url;
		struct url u;

		if (url_parse(&u, text, strlen(text), NULL, NULL) != 0)
			continue;
		yes = finding_same_host(&u, url);
		url_clear(&u);
	}
	return yes;
}

void
finding_refuse(const struct finding *f, const char *url, enum outcome outcome,
    const char *why)
{
	if (f->p->refused != NULL)
		f->p->refused(
		    f->p->context, url, f->end->url, (int)outcome, why);
}

/* ---- lists that lists name ---- */

/* Another host's sitemap is read only when that was said by somebody who may:
 * the configuration, or a robots.txt (sitemaps.org, "Cross Submits"). */
static int
may_read_list(const struct finding *f, const struct url *url)
{
	return finding_same_host(url, &f->url) ||
	       finding_is_site_host(f->p->site, url) ||
	       source_is_robots(buf_text(&f->row.url));
}

/* Does its index say what was not known when CHILD was asked for last? */
static int
has_changed(const struct source_row *child, int64_t changed_us)
{
	return changed_us != INT64_MIN && changed_us > child->read_us &&
	       (child->fails == 0 || changed_us > child->changed_us);
}

/* What is known of CHILD is brought up to date; it is due when it is new, or
 * changed since it was read. */
static int
note_child(struct finding *f, const char *url, int64_t changed_us,
    int64_t place, int is_guess)
{
	struct source_row child = { 0 };
	int rc = source_row_find(f->s, f->p->site->name, url, &child, f->e);

	if (rc == 0) {
		buf_add_text(&child.root, buf_text(&f->row.root));
		child.kind = SOURCE_SITEMAP;
		child.level = f->row.level + 1;
		child.is_guess = is_guess;
		child.due_us = f->p->now_us;
	} else if (rc > 0 && child.level == 0) {
		goto done; /* configured itself */
	} else if (has_changed(&child, changed_us) &&
		   child.due_us > f->p->now_us) {
		child.due_us = f->p->now_us;
	}
	child.changed_us = changed_us;
	child.place = place;
	if (rc >= 0)
		rc = source_row_put(f->s, f->p->site->name, &child, f->e);
done:
	source_row_clear(&child);
	return rc < 0 ? -1 : 0;
}

int
finding_add_list(struct finding *f, const struct page_link *l, int64_t place)
{
	struct url url;
	int rc = 0;

	/* Feeds name their next page so (RFC 5005). */
	if (f->end->list_kind != FEED_SITEMAP_INDEX &&
	    f->end->list_kind != FEED_SITEMAP) {
		f->next = l->url;
		return 0;
	}
	if (url_parse(&url, l->url, strlen(l->url), NULL, NULL) != 0)
		return 0;
	url_drop_fragment(&url);
	if (f->row.level + 1 > SOURCE_LEVELS)
		finding_refuse(f, url.text, OUTCOME_TRAP,
		    "sitemaps of sitemaps, more than 3 deep");
	else if (!may_read_list(f, &url))
		finding_refuse(f, url.text, OUTCOME_OUT_OF_SCOPE,
		    "a sitemap on another host");
	else {
		f->had++;
		rc = note_child(f, url.text, l->changed_us, place, 0);
	}
	url_clear(&url);
	return rc;
}

/* A robots.txt that names no sitemap: they may lie where they often do. */
int
finding_add_guesses(struct finding *f)
{
	static const char *const places[] = { "/sitemap.xml",
		"/sitemap_index.xml", "/sitemap-news.xml",
		"/news-sitemap.xml" };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(places) / sizeof(places[0]);
	     i++) {
		struct url url;

		if (url_parse(
			&url, places[i], strlen(places[i]), &f->url, NULL) != 0)
			continue;
		rc = note_child(f, url.text, INT64_MIN, (int64_t)i, 1);
		url_clear(&url);
	}
	return rc;
}

/* ---- further pages ---- */

/* A further page is worth a look when this one had something new, or when it
 * was not looked at for a day. */
static int
add_next_page(struct finding *f, const char *address)
{
	struct source_row next = { 0 };
	struct buf url = { 0 };
	int rc = 0;

	source_normalize(&url, address);
	if (url.len == 0 || strcmp(buf_text(&url), f->end->requested) == 0 ||
	    strcmp(buf_text(&url), f->end->url) == 0)
		goto done;
	rc = source_row_find(
	    f->s, f->p->site->name, buf_text(&url), &next, f->e);
	if (rc < 0 || (rc > 0 && next.page != f->row.page + 1))
		goto done;
	next.page = f->row.page + 1;
	next.kind = f->row.kind;
	next.level = f->row.level;
	next.due_us = INT64_MAX;
	buf_reset(&next.root);
	buf_add_text(&next.root, buf_text(&f->row.root));
	if (f->added == 0 && next.last_us > f->p->now_us - DAY_US) {
		rc = 0;
		goto done;
	}
	rc = source_row_put(f->s, f->p->site->name, &next, f->e);
	if (rc == 0)
		rc = source_enqueue(f->p->queue, f->p->site, &next,
		    buf_text(&f->row.root), RANK_SOURCE, f->p->now_us, f->e);
done:
	source_row_clear(&next);
	buf_clear(&url);
	return rc < 0 ? -1 : 0;
}

/* The page's own word for what follows, on its host; else by number. */
int
finding_add_further_pages(struct finding *f)
{
	const struct source *source = f->source;
	struct buf address = { 0 };
	struct url url;
	int here = 0;
	int rc;

	if (source == NULL || f->row.level > 0)
		return 0;
	if (f->row.kind == SOURCE_FRONT ? f->row.page >= source->last_page
					: f->row.page >= FEED_PAGES_MAX)
		return 0;
	if (f->next != NULL &&
	    url_parse(&url, f->next, strlen(f->next), NULL, NULL) == 0) {
		here = finding_same_host(&url, &f->url);
		url_clear(&url);
	}
	if (here)
		buf_add_text(&address, f->next);
	else if (f->row.kind == SOURCE_FRONT)
		source_page_url(&address, source->url, f->row.page + 1);
	rc = address.len == 0 ? 0 : add_next_page(f, buf_text(&address));
	buf_clear(&address);
	return rc;
}

static int64_t
every_of(const struct finding *f)
{
	return f->source != NULL               ? f->source->every_us
	       : f->row.kind == SOURCE_SITEMAP ? 6 * HOUR_US
					       : HOUR_US / 4;
}

void
finding_plan_child(struct finding *f, int was_good)
{
	struct source_row *r = &f->row;
	int64_t every = every_of(f);
	int64_t most = 7 * DAY_US > every ? 7 * DAY_US : every;

	if (r->level == 0)
		return;
	if (!was_good && r->is_guess)
		r->step_us = most;
	else if (f->added > 0 || r->step_us == 0)
		r->step_us = every;
	else if (2 * r->step_us < most)
		r->step_us *= 2;
	else
		r->step_us = most;
	if (was_good)
		r->read_us = r->changed_us;
	r->due_us = was_good && r->changed_us != INT64_MIN
			? INT64_MAX
			: f->p->now_us + r->step_us;
}
