#ifndef TESTS_SITE_NEWS_H
#define TESTS_SITE_NEWS_H

#include <stddef.h>
#include <stdint.h>

#include "tests/site/content.h"
#include "tests/site/scenario.h"
#include "tests/site/shown.h"

struct arena;
struct buf;
struct error;
struct json;

/*
 * The news site of a scenario: three editions by host (english., www.,
 * espanol.almayadeen.net), at the time that a file tells.
 *
 *	/SECTION/SLUG            articles, as the scenario has them
 *	/                        home: the 30 latest
 *	/SECTION?page=N          12 a page, <link rel=next>; the first article
 *	                         of a page is there thrice
 *	/api/more?section=S&offset=N  ten more, as a piece of HTML
 *	/rss /rss.xml            RSS 2.0, the 20 latest
 *	/atom.xml                Atom 1.0
 *	/sitemaps/all.xml        index of the months
 *	/sitemaps/all/sitemap-Y-M.xml[.gz]
 *	/sitemaps/news.xml       Google News, two days
 *	/robots.txt
 *	/truth                   see truth.h
 */

struct edition {
	char *template_text;
	size_t template_len;
	char *story_text;
	size_t story_len;
};

struct news {
	struct scenario scenario;
	struct edition editions[SITE_EDITIONS]; /* en ar es */
	const char *clock_path;
	/* Lives by time of publishing, the latest first. */
	const struct life **latest;
	struct news_address *addresses; /* every one an article ever had */
	size_t address_count;
	struct arena *arena;
};

struct news_address {
	const struct life *life;
	const char *path, *edition;
	int64_t from;
};

/* FIXTURES: the folder of the English edition; its neighbours "ar" and "es"
 * are used if they are there. */
int news_load(struct news *n, const char *fixtures, const char *scenario,
    const char *clock_path, struct error *e);
void news_clear(struct news *n);

/* Seconds since 1970 by the clock file; the start of the scenario without. */
int64_t news_now(const struct news *n);

/* What was asked for. */
struct request {
	const struct news *news;
	struct arena *arena;
	const char *host;    /* without port */
	const char *edition; /* NULL: a host of pictures */
	const char *target;
	const char *path; /* decoded, without query */
	int64_t now;
	unsigned visit;
};

/* As site_answer. 0: the path is none of the news site's. */
int news_answer(const struct news *n, const char *host, const char *target,
    unsigned visit, struct answer *out);

/* article.c: the page of S. */
int article_page(const struct request *q, const struct shown *s,
    struct buf *out, struct error *e);

/* layouts.c: what layout, redesign and json-broken make of the page. */
void article_apply_conditions(
    const struct request *q, const struct shown *s, struct buf *out);

/* All that the page of S shows, by address; one a line, appended. */
void article_pictures(const struct shown *s, struct buf *out);

/* conditions.c: outages, refusals, slowness. 1: answered. */
int conditions_answer(const struct request *q, struct answer *out);

/* A page that says TEXT and no more. */
void small_page(struct answer *out, unsigned status, const char *text);

/* fronts.c: 1 answered, 0 no such route. */
int fronts_answer(const struct request *q, struct answer *out);

/* feeds.c: feeds, sitemaps, robots.txt. */
int feeds_answer(const struct request *q, struct answer *out);

/* The articles of the edition that are there now, the latest first, from the
 * FIRST on; SECTION: "" all. How many. */
size_t news_latest(const struct request *q, const char *section, size_t first,
    struct shown *out, size_t cap);

const struct condition *
request_condition(const struct request *q, const char *what);

/* IMF-fixdate of RFC 9110. */
void http_date(int64_t s, char *out, size_t cap);

/* PATH with everything but ASCII as %XX, digits of either case. */
const char *path_encoded(struct arena *a, const char *path, int upper);

const char *
request_query(const struct request *q, const char *name, const char *fallback);

#endif
