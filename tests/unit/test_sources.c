/* Sources: when they are due, and what follows from what they name. */
#include "tests/unit/state_fixture.h"

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/db.h"
#include "core/base/mem.h"
#include "core/crawl/alarms.h"
#include "core/crawl/queue.h"
#include "core/crawl/scope.h"
#include "core/crawl/site.h"
#include "core/crawl/sources.h"
#include "core/crawl/sources_part.h"
#include "core/crawl/watch.h"
#include "core/news/profile.h"

#define MINUTE INT64_C(60000000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

/* ---- alarms and watched articles, noted instead of kept ---- */

static struct buf noted;

int
alarms_raise(
    struct alarms *a, const char *key, const char *text, struct error *e)
{
	(void)a;
	(void)text;
	(void)e;
	buf_format(&noted, "raise %s\n", key);
	return 0;
}

void
alarms_clear(struct alarms *a, const char *key)
{
	(void)a;
	(void)key;
}

int
watch_nudge(struct watch *w, const char *url, int64_t now_us, struct error *e)
{
	(void)w;
	(void)now_us;
	(void)e;
	buf_format(&noted, "nudge %s\n", url);
	return 0;
}

int
watch_listed(struct watch *w, const char *url, int64_t now_us, struct error *e)
{
	(void)w;
	(void)url;
	(void)now_us;
	(void)e;
	return 0;
}

static void
note_refused(void *context, const char *url, const char *via, int outcome,
    const char *why)
{
	(void)context;
	(void)via;
	buf_format(&noted, "refused %s %s: %s\n", url,
	    outcome_name((enum outcome)outcome), why);
}

static void
check_noted(const char *expected)
{
	CHECK_TEXT(buf_text(&noted), expected);
	buf_reset(&noted);
}

/* ---- a site on a desk ---- */

struct desk {
	struct collection *c;
	struct state *state;
	struct queue *queue;
	struct sources *sources;
	struct scope *scope;
	struct source list[4];
	struct site site;
	struct finding_place place;
	const char *origins[5];
	int64_t now;
	struct error e;
};

static void
desk_open(struct desk *d, const char *dir)
{
	d->state = fixture_state(dir, &d->c);
	CHECK_OK(queue_open(&d->queue, d->state, &d->e), &d->e);
	CHECK_OK(sources_open(&d->sources, d->state, &d->e), &d->e);
	d->site.name = "news";
	d->site.sources = d->list;
	d->site.scope.kind = SCOPE_HOST;
	d->site.ladder.count = 1;
	for (size_t i = 0; i < d->site.source_count; i++)
		d->origins[i] = d->list[i].url;
	d->site.scope.origins = d->origins;
	d->site.scope.include = d->site.scope.exclude = &d->origins[4];
	CHECK_OK(scope_new(&d->scope, &d->site.scope, &d->e), &d->e);
	d->place = (struct finding_place){ .queue = d->queue,
		.scope = d->scope,
		.watch = (struct watch *)&noted,
		.alarms = (struct alarms *)&noted,
		.site = &d->site,
		.refused = note_refused };
	if (d->now == 0)
		CHECK(date_parse("2026-11-22T10:00:00Z", &d->now, NULL));
}

static void
desk_close(struct desk *d)
{
	scope_free(d->scope);
	sources_close(d->sources);
	queue_close(d->queue);
	state_close(d->state);
	collection_free(d->c);
	buf_clear(&noted);
}

static void
add_source(struct desk *d, enum source_kind kind, const char *url)
{
	d->list[d->site.source_count++] = (struct source){ .kind = kind,
		.url = url,
		.every_us = kind == SOURCE_SITEMAP ? 6 * HOUR : 15 * MINUTE,
		.first_page = 1,
		.last_page = 1,
		.links = "",
		.origin = "" };
}

static int
enqueue(struct desk *d)
{
	int count = 0;

	CHECK_OK(state_begin(d->state, &d->e), &d->e);
	count = sources_enqueue(d->sources, d->queue, &d->site, d->now, &d->e);
	CHECK_OK(count, &d->e);
	CHECK_OK(state_commit(d->state, &d->e), &d->e);
	return count;
}

/* All that is due, in order: "KIND RANK URL" a line; done with at once. */
static void
check_queue(struct desk *d, const char *expected)
{
	static const char *const kinds[] = { "page", "front", "list" };
	struct arena *a = arena_new();
	struct buf text = { 0 };
	struct queued t;
	int64_t due;

	while (queue_take(d->queue, a, "news", d->now, NULL, &t, &due, &d->e) ==
	       1) {
		buf_format(&text, "%s %d %s%s%s\n", kinds[t.kind], t.rank,
		    t.hops[0] == '\0' ? "" : t.hops,
		    t.hops[0] == '\0' ? "" : " ", t.url);
		CHECK_OK(queue_done(d->queue, t.number, &d->e), &d->e);
	}
	CHECK_TEXT(buf_text(&text), expected);
	buf_clear(&text);
	arena_free(a);
}

static uint64_t
found(struct desk *d, const struct page_end *end)
{
	struct page_end copy = *end;
	uint64_t n = 0;

	if (copy.url == NULL)
		copy.url = copy.requested;
	copy.hops = copy.hops == NULL ? "" : copy.hops;
	copy.via = copy.reason = copy.record_id = copy.profile = "";
	copy.extraction = "";
	if (copy.outcome == 0 && copy.status == 0) {
		copy.outcome = OUTCOME_CAPTURED;
		copy.status = 200;
	}
	d->place.now_us = d->now;
	CHECK_OK(state_begin(d->state, &d->e), &d->e);
	CHECK_OK(sources_found(d->sources, &d->place, &copy, &n, &d->e), &d->e);
	CHECK_OK(state_commit(d->state, &d->e), &d->e);
	return n;
}

static struct page_link
page(const char *url)
{
	return (struct page_link){
		.url = url, .title = "", .changed_us = INT64_MIN
	};
}

static struct page_link
dated(const char *url, const char *date)
{
	struct page_link l = page(url);

	CHECK(date_parse(date, &l.changed_us, NULL));
	return l;
}

static struct page_link
list(const char *url, const char *date)
{
	struct page_link l = date == NULL ? page(url) : dated(url, date);

	l.is_list = 1;
	return l;
}

#define LINKS(...)                                                  \
	.links = (struct page_link[]){ __VA_ARGS__ },               \
	.link_count = sizeof((struct page_link[]){ __VA_ARGS__ }) / \
		      sizeof(struct page_link)

CASE(a_source_is_due_at_first_and_when_its_time_has_passed)
{
	struct desk d = { 0 };

	add_source(&d, SOURCE_FRONT, "https://n.example/");
	add_source(&d, SOURCE_FEED, "https://n.example/rss");
	desk_open(&d, "due");
	CHECK_INT(enqueue(&d), 2);
	CHECK_INT(enqueue(&d), 0); /* they wait already */
	check_queue(&d, "front 0 https://n.example/\n"
			"list 0 https://n.example/rss\n");
	(void)found(&d, &(struct page_end){ .kind = WANTED_FRONT,
			    .requested = "https://n.example/",
			    LINKS(page("https://n.example/a")) });
	check_queue(&d, "page 10 L https://n.example/a\n");
	CHECK_INT(enqueue(&d), 1); /* the feed has not been looked at */
	check_queue(&d, "list 0 https://n.example/rss\n");
	(void)found(&d, &(struct page_end){ .kind = WANTED_LIST,
			    .requested = "https://n.example/rss",
			    .list_kind = FEED_RSS,
			    LINKS(page("https://n.example/a")) });
	d.now += 13 * MINUTE;
	CHECK_INT(enqueue(&d), 0);
	d.now += MINUTE; /* a run that came a little early */
	CHECK_INT(enqueue(&d), 2);
	check_noted("");
	desk_close(&d);
}

CASE(what_is_new_is_wanted_once_with_a_rank_by_where_it_was_found)
{
	struct desk d = { 0 };
	const struct page_end front = { .kind = WANTED_FRONT,
		.requested = "https://n.example/",
		LINKS(page("https://n.example/b"), page("https://n.example/a"),
		    page("https://n.example/b"), page("https://o.example/x"),
		    page("https://n.example/")) };

	add_source(&d, SOURCE_FRONT, "https://n.example/");
	desk_open(&d, "once");
	CHECK_INT(found(&d, &front), 2);
	check_queue(&d, "page 10 L https://n.example/b\n"
			"page 10 L https://n.example/a\n");
	CHECK_INT(buf_text(&noted)[0] != '\0', 1);
	CHECK(strstr(buf_text(&noted), "refused https://o.example/x "
				       "out-of-scope") != NULL);
	buf_reset(&noted);
	CHECK_INT(found(&d, &front), 0);
	/* A link of an article, one deeper, goes behind. */
	CHECK_INT(found(&d, &(struct page_end){ .kind = WANTED_PAGE,
				.requested = "https://n.example/a",
				.hops = "L",
				LINKS(page("https://n.example/c")) }),
	    1);
	check_queue(&d, "page 30 LL https://n.example/c\n");
	desk_close(&d);
}

CASE(further_pages_are_asked_for_while_there_is_something_new)
{
	struct desk d = { 0 };
	struct page_link next = page("https://n.example/?from=20");

	next.is_next = 1;
	add_source(&d, SOURCE_FRONT, "https://n.example/");
	d.list[0].last_page = 3;
	desk_open(&d, "pages");
	CHECK_INT(enqueue(&d), 1);
	check_queue(&d, "front 0 https://n.example/\n");
	(void)found(&d, &(struct page_end){ .kind = WANTED_FRONT,
			    .requested = "https://n.example/",
			    LINKS(page("https://n.example/a")) });
	check_queue(&d, "front 0 M https://n.example/?page=2\n"
			"page 10 L https://n.example/a\n");
	/* The page's own word for what follows wins. */
	(void)found(&d, &(struct page_end){ .kind = WANTED_FRONT,
			    .requested = "https://n.example/?page=2",
			    LINKS(page("https://n.example/b"), next) });
	check_queue(&d, "front 0 M https://n.example/?from=20\n"
			"page 10 L https://n.example/b\n");
	/* The third is the last one. */
	(void)found(&d, &(struct page_end){ .kind = WANTED_FRONT,
			    .requested = "https://n.example/?from=20",
			    LINKS(page("https://n.example/c")) });
	check_queue(&d, "page 10 L https://n.example/c\n");
	/* Nothing new: the second is left until tomorrow. */
	d.now += HOUR;
	(void)found(&d, &(struct page_end){ .kind = WANTED_FRONT,
			    .requested = "https://n.example/",
			    LINKS(page("https://n.example/a")) });
	check_queue(&d, "");
	d.now += DAY;
	(void)found(&d, &(struct page_end){ .kind = WANTED_FRONT,
			    .requested = "https://n.example/",
			    LINKS(page("https://n.example/a")) });
	check_queue(&d, "front 0 M https://n.example/?page=2\n");
	CHECK_INT(enqueue(&d), 0); /* a further page is not due by itself */
	check_noted("");
	desk_close(&d);
}

CASE(of_an_index_only_what_changed_is_read_newest_first)
{
	struct desk d = { 0 };
	const char *index = "https://n.example/all.xml";

	add_source(&d, SOURCE_SITEMAP, index);
	desk_open(&d, "index");
	(void)found(
	    &d, &(struct page_end){ .kind = WANTED_LIST,
		    .requested = index,
		    .list_kind = FEED_SITEMAP_INDEX,
		    LINKS(list("https://n.example/1.xml", "2026-09-30"),
			list("https://n.example/2.xml", "2026-11-22"),
			list("https://n.example/m-2026-9.xml", NULL),
			list("https://n.example/m-2026-11.xml", NULL),
			list("https://o.example/3.xml", "2026-11-22")) });
	check_queue(&d, "list 0 M https://n.example/2.xml\n"
			"list 0 M https://n.example/1.xml\n"
			"list 0 M https://n.example/m-2026-11.xml\n"
			"list 0 M https://n.example/m-2026-9.xml\n");
	check_noted("refused https://o.example/3.xml out-of-scope: a sitemap "
		    "on another host\n");
	for (int i = 1; i <= 2; i++) {
		char url[64];

		(void)snprintf(url, sizeof(url), "https://n.example/%d.xml", i);
		(void)found(&d, &(struct page_end){ .kind = WANTED_LIST,
				    .requested = url,
				    .hops = "M",
				    .list_kind = FEED_SITEMAP,
				    LINKS(page("https://n.example/a")) });
	}
	/* No date: taken last, when nothing else waits. */
	check_queue(&d, "page 40 ML https://n.example/a\n");
	d.now += 5 * HOUR;
	(void)found(&d,
	    &(struct page_end){ .kind = WANTED_LIST,
		.requested = index,
		.list_kind = FEED_SITEMAP_INDEX,
		LINKS(list("https://n.example/1.xml", "2026-09-30"),
		    list("https://n.example/2.xml", "2026-11-22T14:00:00Z")) });
	check_queue(&d, "list 0 M https://n.example/2.xml\n");
	desk_close(&d);
}

CASE(an_index_of_many_is_read_over_several_runs)
{
	struct desk d = { 0 };
	struct page_link *links = mem_zero(250, sizeof(*links));
	char *names[250];

	add_source(&d, SOURCE_SITEMAP, "https://n.example/all.xml");
	desk_open(&d, "many");
	for (int i = 0; i < 250; i++) {
		names[i] = mem_format("https://n.example/s-%d.xml", i);
		links[i] = list(names[i], NULL);
	}
	(void)found(&d, &(struct page_end){ .kind = WANTED_LIST,
			    .requested = "https://n.example/all.xml",
			    .list_kind = FEED_SITEMAP_INDEX,
			    .links = links,
			    .link_count = 250 });
	CHECK_INT(queue_waiting(d.queue, "news", INT64_MAX), 100);
	CHECK_INT(enqueue(&d), 0); /* none besides in this run */
	sources_close(d.sources);
	CHECK_OK(sources_open(&d.sources, d.state, &d.e), &d.e);
	CHECK_INT(enqueue(&d), 100);
	CHECK_INT(queue_waiting(d.queue, "news", INT64_MAX), 200);
	sources_close(d.sources);
	CHECK_OK(sources_open(&d.sources, d.state, &d.e), &d.e);
	CHECK_INT(enqueue(&d), 50);
	for (int i = 0; i < 250; i++)
		free(names[i]);
	free(links);
	desk_close(&d);
}

CASE(a_child_without_date_is_read_less_often_while_nothing_is_new)
{
	struct desk d = { 0 };
	const struct page_end index = { .kind = WANTED_LIST,
		.requested = "https://n.example/all.xml",
		.list_kind = FEED_SITEMAP_INDEX,
		LINKS(list("https://n.example/s.xml", NULL)) };
	const struct page_end child = { .kind = WANTED_LIST,
		.requested = "https://n.example/s.xml",
		.list_kind = FEED_SITEMAP,
		LINKS(page("https://n.example/a")) };
	int looks = 0;

	add_source(&d, SOURCE_SITEMAP, "https://n.example/all.xml");
	desk_open(&d, "often");
	(void)found(&d, &index);
	for (int i = 0; i < 4 * 60; i++) { /* 60 days, four runs each */
		struct arena *a = arena_new();
		struct queued t;
		int64_t due;

		(void)enqueue(&d);
		while (queue_take(d.queue, a, "news", d.now, NULL, &t, &due,
			   &d.e) == 1) {
			int is_child = strstr(t.url, "s.xml") != NULL;

			CHECK_OK(queue_done(d.queue, t.number, &d.e), &d.e);
			looks += is_child;
			if (t.kind == WANTED_LIST)
				(void)found(&d, is_child ? &child : &index);
		}
		sources_close(d.sources); /* another run */
		CHECK_OK(sources_open(&d.sources, d.state, &d.e), &d.e);
		d.now += 6 * HOUR;
		arena_free(a);
	}
	CHECK(looks >= 10 && looks <= 16);
	desk_close(&d);
}

/* Sitemaps of a day are taken away after a while: years of them. */
CASE(a_child_that_is_gone_is_asked_for_a_few_times_and_forgotten)
{
	struct desk d = { 0 };
	const struct page_end first = { .kind = WANTED_LIST,
		.requested = "https://n.example/all.xml",
		.list_kind = FEED_SITEMAP_INDEX,
		LINKS(list("https://n.example/s.xml", "2026-11-01")) };
	const struct page_end later = { .kind = WANTED_LIST,
		.requested = "https://n.example/all.xml",
		.list_kind = FEED_SITEMAP_INDEX,
		LINKS(list("https://n.example/t.xml", "2026-11-01")) };
	const struct page_end gone = { .kind = WANTED_LIST,
		.requested = "https://n.example/s.xml",
		.status = 404,
		.outcome = OUTCOME_NOT_FOUND };
	const struct page_end child = { .kind = WANTED_LIST,
		.requested = "https://n.example/t.xml",
		.list_kind = FEED_SITEMAP,
		LINKS(page("https://n.example/a")) };
	int looks = 0;
	int listed = 0;

	add_source(&d, SOURCE_SITEMAP, "https://n.example/all.xml");
	desk_open(&d, "gone");
	(void)found(&d, &first);
	for (int i = 0; i < 4 * 100; i++) {
		struct arena *a = arena_new();
		struct queued t;
		int64_t due;

		/* For ten days the index still names it. */
		listed = i < 40;
		(void)enqueue(&d);
		while (queue_take(d.queue, a, "news", d.now, NULL, &t, &due,
			   &d.e) == 1) {
			int is_gone = strstr(t.url, "s.xml") != NULL;

			CHECK_OK(queue_done(d.queue, t.number, &d.e), &d.e);
			looks += is_gone;
			if (t.kind == WANTED_LIST)
				(void)found(&d, is_gone ? &gone
						: strstr(t.url, "t.xml") != NULL
						    ? &child
						: listed ? &first
							 : &later);
		}
		sources_close(d.sources); /* another run */
		CHECK_OK(sources_open(&d.sources, d.state, &d.e), &d.e);
		d.now += 6 * HOUR;
		arena_free(a);
	}
	printf("# %d looks\n", looks);
	CHECK(looks >= 4 && looks <= 12);
	CHECK_INT(
	    db_number(state_db(d.state),
		"SELECT count(*) FROM source WHERE url LIKE '%s.xml'", -1),
	    0);
	desk_close(&d);
}

/* A clock that was hours ahead in one run is right again in the next. */
CASE(a_look_in_the_future_holds_no_source_up)
{
	struct desk d = { 0 };

	add_source(&d, SOURCE_FRONT, "https://n.example/");
	desk_open(&d, "future");
	d.now += 20 * HOUR;
	CHECK_INT(enqueue(&d), 1);
	check_queue(&d, "front 0 https://n.example/\n");
	(void)found(&d, &(struct page_end){ .kind = WANTED_FRONT,
			    .requested = "https://n.example/",
			    LINKS(page("https://n.example/a")) });
	d.now -= 20 * HOUR;
	CHECK_INT(enqueue(&d), 1);
	desk_close(&d);
}

CASE(months_of_a_pattern_are_read_as_long_as_they_grow)
{
	struct desk d = { 0 };
	const char *this_month = "https://n.example/s-2026-11.xml";

	add_source(&d, SOURCE_SITEMAP, "https://n.example/s-{Y}-{M}.xml");
	d.site.sitemap_since_us = 30 * DAY;
	desk_open(&d, "months");
	CHECK_INT(enqueue(&d), 2);
	check_queue(&d, "list 0 M https://n.example/s-2026-11.xml\n"
			"list 0 M https://n.example/s-2026-10.xml\n");
	(void)found(&d, &(struct page_end){ .kind = WANTED_LIST,
			    .requested = "https://n.example/s-2026-10.xml",
			    .list_kind = FEED_SITEMAP });
	(void)found(&d, &(struct page_end){ .kind = WANTED_LIST,
			    .requested = this_month,
			    .hops = "M",
			    .list_kind = FEED_SITEMAP,
			    LINKS(page("https://n.example/a")) });
	d.now += 6 * HOUR;
	check_queue(&d, "page 40 ML https://n.example/a\n");
	CHECK_INT(enqueue(&d), 1); /* October is whole */
	check_queue(&d, "list 0 M https://n.example/s-2026-11.xml\n");
	buf_reset(&noted);
	/* A new month: its file may be missing on the first day. */
	CHECK(date_parse("2026-12-01T01:00:00Z", &d.now, NULL));
	CHECK_INT(enqueue(&d), 2);
	check_queue(&d, "list 0 M https://n.example/s-2026-12.xml\n"
			"list 0 M https://n.example/s-2026-11.xml\n");
	(void)found(&d, &(struct page_end){ .kind = WANTED_LIST,
			    .requested = "https://n.example/s-2026-12.xml",
			    .outcome = OUTCOME_NOT_FOUND,
			    .status = 404 });
	check_noted("");
	d.now += 3 * DAY;
	(void)found(&d, &(struct page_end){ .kind = WANTED_LIST,
			    .requested = "https://n.example/s-2026-12.xml",
			    .outcome = OUTCOME_NOT_FOUND,
			    .status = 404 });
	check_noted("raise sitemap-empty https://n.example/s-2026-12.xml\n");
	/* After a long absence the months of it are read, too. */
	sources_close(d.sources);
	CHECK_OK(sources_open(&d.sources, d.state, &d.e), &d.e);
	d.site.sitemap_since_us = DAY;
	CHECK(date_parse("2027-02-20T01:00:00Z", &d.now, NULL));
	CHECK_INT(enqueue(&d), 4);
	check_queue(&d, "list 0 M https://n.example/s-2027-2.xml\n"
			"list 0 M https://n.example/s-2027-1.xml\n"
			"list 40 M https://n.example/s-2026-12.xml\n"
			"list 40 M https://n.example/s-2026-11.xml\n");
	desk_close(&d);
}

CASE(entries_before_the_window_are_left_out_and_newer_ones_come_first)
{
	struct desk d = { 0 };
	struct page_link news = page("https://n.example/n");
	struct page_link *links;

	news.is_news = 1;
	add_source(&d, SOURCE_SITEMAP, "https://n.example/s.xml");
	d.site.sitemap_since_us = 7 * DAY;
	desk_open(&d, "window");
	(void)found(
	    &d, &(struct page_end){ .kind = WANTED_LIST,
		    .requested = "https://n.example/s.xml",
		    .list_kind = FEED_SITEMAP,
		    LINKS(dated("https://n.example/old", "2026-11-01"),
			dated("https://n.example/1", "2026-11-20"),
			page("https://n.example/undated"),
			dated("https://n.example/2", "2026-11-21"), news) });
	check_queue(&d, "page 10 L https://n.example/2\n"
			"page 10 L https://n.example/1\n"
			"page 10 L https://n.example/n\n"
			"page 40 L https://n.example/undated\n");
	check_noted("refused https://n.example/old out-of-scope: changed "
		    "before sitemap-since\n");
	/* Later: without a date and new is news; known and changed is looked
	 * at again. */
	d.now += 6 * HOUR;
	(void)found(
	    &d, &(struct page_end){ .kind = WANTED_LIST,
		    .requested = "https://n.example/s.xml",
		    .list_kind = FEED_SITEMAP,
		    LINKS(dated("https://n.example/1", "2026-11-20"),
			dated("https://n.example/2", "2026-11-22T15:00:00Z"),
			page("https://n.example/undated-2")) });
	check_queue(&d, "page 10 L https://n.example/undated-2\n");
	check_noted("nudge https://n.example/2\n");
	/* All of it changed just now: hardly. */
	links = mem_zero(200, sizeof(*links));
	for (int i = 0; i < 200; i++)
		links[i] = dated("https://n.example/2", "2026-11-22T17:00:00Z");
	d.now += 6 * HOUR;
	(void)found(&d, &(struct page_end){ .kind = WANTED_LIST,
			    .requested = "https://n.example/s.xml",
			    .list_kind = FEED_SITEMAP,
			    .links = links,
			    .link_count = 200 });
	CHECK_INT(noted.len, 50 * strlen("nudge https://n.example/2\n"));
	buf_reset(&noted);
	free(links);
	desk_close(&d);
}

CASE(a_date_that_cannot_be_is_not_believed)
{
	struct desk d = { 0 };
	struct page_end s = { .kind = WANTED_LIST,
		.requested = "https://n.example/s.xml",
		.list_kind = FEED_SITEMAP,
		LINKS(dated("https://n.example/old", "2009-01-01")) };
	const struct page_end month = { .kind = WANTED_LIST,
		.requested = "https://n.example/s-2026-11.xml",
		.list_kind = FEED_SITEMAP,
		LINKS(dated("https://n.example/3", "2009-01-01")) };

	add_source(&d, SOURCE_SITEMAP, "https://n.example/s.xml");
	d.site.sitemap_since_us = 7 * DAY;
	desk_open(&d, "lies");
	(void)found(&d, &s);
	(void)found(&d, &s);
	check_queue(&d, "");
	buf_reset(&noted);
	/* It was not there at the last look. */
	(void)found(&d, &(struct page_end){ .kind = WANTED_LIST,
			    .requested = "https://n.example/s.xml",
			    .list_kind = FEED_SITEMAP,
			    LINKS(dated("https://n.example/old", "2009-01-01"),
				dated("https://n.example/2", "2009-01-01")) });
	check_queue(&d, "page 40 L https://n.example/2\n");
	check_noted("refused https://n.example/old out-of-scope: changed "
		    "before sitemap-since\n");
	/* What is in the file of a month was not changed before it. */
	(void)found(&d, &month);
	check_queue(&d, "page 40 L https://n.example/3\n");
	desk_close(&d);
}

CASE(what_was_published_while_nobody_looked_is_no_archive)
{
	struct desk d = { 0 };
	struct page_end s = { .kind = WANTED_LIST,
		.requested = "https://n.example/s.xml",
		.list_kind = FEED_SITEMAP,
		LINKS(dated("https://n.example/1", "2026-11-22T09:00:00Z")) };

	add_source(&d, SOURCE_SITEMAP, "https://n.example/s.xml");
	d.site.sitemap_since_us = 7 * DAY;
	desk_open(&d, "gap");
	(void)found(&d, &s);
	check_queue(&d, "page 10 L https://n.example/1\n");
	d.now += 20 * DAY; /* away */
	sources_close(d.sources);
	CHECK_OK(sources_open(&d.sources, d.state, &d.e), &d.e);
	s.outcome = OUTCOME_SERVER_ERROR;
	s.status = 500;
	s.link_count = 0;
	(void)found(&d, &s); /* no look at it */
	(void)found(&d, &(struct page_end){ .kind = WANTED_LIST,
			    .requested = "https://n.example/s.xml",
			    .list_kind = FEED_SITEMAP,
			    LINKS(dated("https://n.example/2", "2026-11-23"),
				dated("https://n.example/0", "2026-11-20")) });
	/* The other one was not there before, whatever it says. */
	check_queue(&d, "page 10 L https://n.example/2\n"
			"page 40 L https://n.example/0\n");
	check_noted("");
	/* The file of the next month, read for the first time. */
	sources_close(d.sources);
	CHECK_OK(sources_open(&d.sources, d.state, &d.e), &d.e);
	d.now += 20 * DAY;
	(void)found(
	    &d, &(struct page_end){ .kind = WANTED_LIST,
		    .requested = "https://n.example/t.xml",
		    .list_kind = FEED_SITEMAP,
		    LINKS(dated("https://n.example/3", "2026-12-14")) });
	check_queue(&d, "page 10 L https://n.example/3\n");
	desk_close(&d);
}

CASE(pages_of_other_hosts_and_languages_are_out_of_scope)
{
	struct desk d = { 0 };
	struct page_link here = page("https://n.example/ar");
	struct page_link there = page("https://ar.example/a");

	here.is_alternate = there.is_alternate = 1;
	add_source(&d, SOURCE_SITEMAP, "https://n.example/s.xml");
	d.site.scope.kind = SCOPE_ANY;
	desk_open(&d, "hosts");
	d.site.scope.kind = SCOPE_ANY;
	(void)found(&d, &(struct page_end){ .kind = WANTED_LIST,
			    .requested = "https://n.example/s.xml",
			    .list_kind = FEED_SITEMAP,
			    LINKS(here, there) });
	check_queue(&d, "page 40 L https://n.example/ar\n");
	check_noted("refused https://ar.example/a out-of-scope: another "
		    "language's page on a host of its own\n");
	desk_close(&d);
}

CASE(a_robots_txt_may_name_other_hosts_and_stands_for_usual_places)
{
	struct desk d = { 0 };

	add_source(&d, SOURCE_SITEMAP, "https://n.example/robots.txt");
	desk_open(&d, "robots");
	(void)found(&d, &(struct page_end){ .kind = WANTED_LIST,
			    .requested = "https://n.example/robots.txt",
			    .list_kind = FEED_SITEMAP_INDEX,
			    LINKS(list("https://o.example/n.xml", NULL)) });
	check_queue(&d, "list 0 M https://o.example/n.xml\n");
	check_noted("");
	d.now += DAY;
	(void)found(&d, &(struct page_end){ .kind = WANTED_LIST,
			    .requested = "https://n.example/robots.txt",
			    .list_kind = FEED_NONE });
	check_queue(&d, "list 0 M https://o.example/n.xml\n"
			"list 0 M https://n.example/sitemap.xml\n"
			"list 0 M https://n.example/sitemap_index.xml\n"
			"list 0 M https://n.example/sitemap-news.xml\n"
			"list 0 M https://n.example/news-sitemap.xml\n");
	/* None there: no alarm, and a week's rest. */
	(void)found(&d, &(struct page_end){ .kind = WANTED_LIST,
			    .requested = "https://n.example/sitemap.xml",
			    .outcome = OUTCOME_NOT_FOUND,
			    .status = 404 });
	check_noted("");
	d.now += 6 * DAY;
	(void)enqueue(&d);
	check_queue(&d, "list 0 https://n.example/robots.txt\n"
			"list 0 M https://o.example/n.xml\n"
			"list 0 M https://n.example/sitemap_index.xml\n"
			"list 0 M https://n.example/sitemap-news.xml\n"
			"list 0 M https://n.example/news-sitemap.xml\n");
	desk_close(&d);
}

CASE(a_source_with_much_less_than_usual_raises_an_alarm)
{
	struct desk d = { 0 };
	struct page_link links[30];
	char *names[30];
	struct page_link *flood = mem_zero(1500, sizeof(*flood));
	struct page_end front = { .kind = WANTED_FRONT,
		.requested = "https://n.example/",
		.links = links,
		.link_count = 30 };

	add_source(&d, SOURCE_FRONT, "https://n.example/");
	add_source(&d, SOURCE_FEED, "https://n.example/rss");
	desk_open(&d, "few");
	for (int i = 0; i < 30; i++) {
		names[i] = mem_format(
		    "https://n.example/a-%c%c", 'a' + i / 26, 'a' + i % 26);
		links[i] = page(names[i]);
	}
	for (int i = 0; i < 1500; i++)
		flood[i] = page(mem_format("https://n.example/f%d", i));
	for (int i = 0; i < 10; i++)
		(void)found(&d, &front);
	check_noted("");
	front.link_count = 6;
	(void)found(&d, &front);
	check_noted("");
	front.link_count = 3;
	(void)found(&d, &front);
	check_noted("raise front-empty https://n.example/\n");
	front.link_count = 0;
	for (int i = 0; i < 96; i++) { /* a day of it is no new normal */
		(void)found(&d, &front);
		check_noted("raise front-empty https://n.example/\n");
	}
	front.link_count = 30;
	(void)found(&d, &front);
	check_noted("");
	/* One flood makes no new normal, either. */
	front.links = flood;
	front.link_count = 1500;
	(void)found(&d, &front);
	front.links = links;
	front.link_count = 30;
	(void)found(&d, &front);
	check_noted("");
	/* Unchanged is no alarm. */
	(void)found(&d, &(struct page_end){ .kind = WANTED_FRONT,
			    .requested = "https://n.example/",
			    .outcome = OUTCOME_NOT_MODIFIED,
			    .status = 304 });
	check_noted("");
	/* A feed that is none, from the first look on. */
	(void)found(&d, &(struct page_end){ .kind = WANTED_LIST,
			    .requested = "https://n.example/rss",
			    .list_kind = FEED_NONE });
	check_noted("raise feed-empty https://n.example/rss\n");
	for (int i = 0; i < 3; i++) {
		check_noted("");
		(void)found(&d, &(struct page_end){ .kind = WANTED_LIST,
				    .requested = "https://n.example/rss",
				    .outcome = OUTCOME_SERVER_ERROR,
				    .status = 500 });
	}
	check_noted("raise feed-empty https://n.example/rss\n");
	for (int i = 0; i < 30; i++)
		free(names[i]);
	for (int i = 0; i < 1500; i++)
		free((char *)(uintptr_t)flood[i].url);
	free(flood);
	desk_close(&d);
}

CASE(so_much_news_at_once_does_not_hold_up_other_news)
{
	struct desk d = { 0 };
	struct page_link *links = mem_zero(1500, sizeof(*links));
	struct arena *a = arena_new();
	struct queued t;
	int64_t due;
	size_t news = 0;
	size_t archive = 0;

	for (int i = 0; i < 1500; i++)
		links[i] = page(mem_format("https://n.example/%d", i));
	add_source(&d, SOURCE_FEED, "https://n.example/rss");
	desk_open(&d, "flood");
	/* Cut off, and used as far as it was read. */
	CHECK_INT(found(&d, &(struct page_end){ .kind = WANTED_LIST,
				.requested = "https://n.example/rss",
				.list_kind = FEED_RSS,
				.outcome = OUTCOME_TRUNCATED_LENGTH,
				.status = 200,
				.links = links,
				.link_count = 1500 }),
	    1500);
	while (
	    queue_take(d.queue, a, "news", d.now, NULL, &t, &due, &d.e) == 1) {
		news += t.rank == RANK_NEWS;
		archive += t.rank == RANK_ARCHIVE;
	}
	CHECK_INT(news, 1000);
	CHECK_INT(archive, 500);
	for (int i = 0; i < 1500; i++)
		free((char *)(uintptr_t)links[i].url);
	free(links);
	arena_free(a);
	desk_close(&d);
}

CASE(a_site_without_news_for_as_long_as_its_profile_says_is_told_of)
{
	struct desk d = { 0 };
	struct profile_set *set = NULL;
	const struct page_end first = { .kind = WANTED_FRONT,
		.requested = "https://n.example/",
		LINKS(page("https://n.example/a")) };

	CHECK_OK(profile_set_load(&set, NULL, &d.e), &d.e);
	add_source(&d, SOURCE_FRONT, "https://n.example/");
	desk_open(&d, "news");
	d.site.profile = profile_set_find(set, "almayadeen-en");
	CHECK_OK(sources_judge(d.sources, &d.place, &d.e), &d.e);
	for (int hour = 0; hour <= 24; hour++) {
		(void)found(&d, &first);
		CHECK_OK(sources_judge(d.sources, &d.place, &d.e), &d.e);
		check_noted(hour < 24 ? "" : "raise nothing-new news\n");
		d.now += HOUR;
	}
	(void)found(&d, &(struct page_end){ .kind = WANTED_FRONT,
			    .requested = "https://n.example/",
			    LINKS(page("https://n.example/b")) });
	CHECK_OK(sources_judge(d.sources, &d.place, &d.e), &d.e);
	check_noted("");
	/* A site that cannot be read says nothing about its news. */
	d.now += 48 * HOUR;
	sources_close(d.sources);
	CHECK_OK(sources_open(&d.sources, d.state, &d.e), &d.e);
	(void)found(&d, &(struct page_end){ .kind = WANTED_FRONT,
			    .requested = "https://n.example/",
			    .outcome = OUTCOME_SERVER_ERROR,
			    .status = 500 });
	CHECK_OK(sources_judge(d.sources, &d.place, &d.e), &d.e);
	check_noted("");
	profile_set_free(set);
	desk_close(&d);
}

CASE(what_a_profile_only_supposes_is_missed_once_it_was_there)
{
	struct desk d = { 0 };
	const struct page_end none = { .kind = WANTED_LIST,
		.requested = "https://n.example/rss",
		.list_kind = FEED_NONE };

	add_source(&d, SOURCE_FEED, "https://n.example/rss");
	d.list[0].origin = "profile t";
	desk_open(&d, "supposed");
	(void)found(&d, &none);
	check_noted("");
	(void)found(&d, &(struct page_end){ .kind = WANTED_LIST,
			    .requested = "https://n.example/rss",
			    .list_kind = FEED_RSS,
			    LINKS(page("https://n.example/a")) });
	(void)found(&d, &none);
	check_noted("raise feed-empty https://n.example/rss\n");
	desk_close(&d);
}

static int
count_source(void *context, const char *url, const char *kind, int64_t last_us,
    int64_t due_us, uint64_t last_count, uint64_t usual_count)
{
	struct buf *out = context;

	(void)due_us;
	buf_format(out, "%s %s %d %ju %ju\n", url, kind, last_us > 0,
	    (uintmax_t)last_count, (uintmax_t)usual_count);
	return 0;
}

CASE(sources_are_listed_with_what_they_had)
{
	struct desk d = { 0 };
	struct buf text = { 0 };

	add_source(&d, SOURCE_FRONT, "https://n.example/");
	add_source(&d, SOURCE_FEED, "https://n.example/rss");
	desk_open(&d, "listed");
	(void)enqueue(&d);
	(void)found(&d, &(struct page_end){ .kind = WANTED_FRONT,
			    .requested = "https://n.example/",
			    LINKS(page("https://n.example/a"),
				page("https://n.example/b")) });
	CHECK_OK(
	    sources_each(d.sources, "news", count_source, &text, &d.e), &d.e);
	CHECK_TEXT(buf_text(&text), "https://n.example/ front 1 2 2\n"
				    "https://n.example/rss feed 0 0 0\n");
	buf_clear(&text);
	desk_close(&d);
}

static void
check_month(const char *url, const char *expected)
{
	int64_t us = source_month_of(url);
	char text[DATE_TEXT_MAX] = "none";

	if (us != INT64_MIN)
		date_rfc3339_s(us, text);
	text[7] = '\0';
	CHECK_TEXT(text, expected);
}

static int
count_due(void *context, const char *url, const char *kind, int64_t last_us,
    int64_t due_us, uint64_t last_count, uint64_t usual_count)
{
	const struct desk *d = context;

	(void)kind;
	(void)last_us;
	(void)last_count;
	(void)usual_count;
	if (due_us <= d->now)
		buf_format(&noted, "due %s\n", url);
	return 0;
}

CASE(what_was_looked_at_is_not_listed_as_due)
{
	struct desk d = { 0 };

	add_source(&d, SOURCE_FRONT, "https://n.example/");
	desk_open(&d, "listdue");
	(void)enqueue(&d);
	(void)found(&d, &(struct page_end){ .kind = WANTED_FRONT,
			    .requested = "https://n.example/",
			    LINKS(page("https://n.example/a")) });
	CHECK_OK(sources_each(d.sources, "news", count_due, &d, &d.e), &d.e);
	check_noted("");
	d.now += 15 * MINUTE;
	CHECK_OK(sources_each(d.sources, "news", count_due, &d, &d.e), &d.e);
	check_noted("due https://n.example/\n");
	desk_close(&d);
}

CASE(addresses_name_months)
{
	check_month(
	    "https://n.example/sitemaps/all/sitemap-2026-1.xml", "2026-01");
	check_month("https://n.example/2026/11/s.xml.gz", "2026-11");
	check_month("https://n.example/s_202612.xml", "2026-12");
	check_month("https://2026-11.example/s.xml", "none");
	check_month("https://n.example/s-2026-13.xml", "none");
	check_month("https://n.example/s-20261101.xml", "none");
	check_month("https://n.example/s-1234.xml", "none");
	check_month("https://n.example", "none");
}

CASE(names_compare_by_their_numbers)
{
	CHECK(source_compare_names("s-2026-9", "s-2026-11") < 0);
	CHECK(source_compare_names("s-2026-11", "s-2026-9") > 0);
	CHECK(source_compare_names("s-007", "s-7") == 0);
	CHECK(source_compare_names("a", "b") < 0);
	CHECK(source_compare_names("a", "a1") < 0);
	CHECK(source_compare_names("s-0", "s-00") == 0);
	CHECK(source_compare_names("s-10x", "s-10y") < 0);
}

TESTS(T(a_source_is_due_at_first_and_when_its_time_has_passed),
    T(what_is_new_is_wanted_once_with_a_rank_by_where_it_was_found),
    T(further_pages_are_asked_for_while_there_is_something_new),
    T(of_an_index_only_what_changed_is_read_newest_first),
    T(an_index_of_many_is_read_over_several_runs),
    T(a_child_without_date_is_read_less_often_while_nothing_is_new),
    T(a_child_that_is_gone_is_asked_for_a_few_times_and_forgotten),
    T(a_look_in_the_future_holds_no_source_up),
    T(months_of_a_pattern_are_read_as_long_as_they_grow),
    T(entries_before_the_window_are_left_out_and_newer_ones_come_first),
    T(a_date_that_cannot_be_is_not_believed),
    T(what_was_published_while_nobody_looked_is_no_archive),
    T(pages_of_other_hosts_and_languages_are_out_of_scope),
    T(a_robots_txt_may_name_other_hosts_and_stands_for_usual_places),
    T(a_source_with_much_less_than_usual_raises_an_alarm),
    T(so_much_news_at_once_does_not_hold_up_other_news),
    T(a_site_without_news_for_as_long_as_its_profile_says_is_told_of),
    T(what_a_profile_only_supposes_is_missed_once_it_was_there),
    T(sources_are_listed_with_what_they_had),
    T(what_was_looked_at_is_not_listed_as_due), T(addresses_name_months),
    T(names_compare_by_their_numbers))
