/* Sources that have less than usual. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/date.h"
#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/crawl/alarms.h"
#include "core/crawl/sources_part.h"
#include "core/news/profile.h"

#define HOUR_US (INT64_C(3600) * 1000000)

enum {
	FEW_PART = 5,    /* less than a fifth of the usual number is few */
	USUAL_LEAST = 5, /* of fewer a fifth says nothing */
	SMOOTHING = 8,   /* the last look counts for an eighth */
	GIVING_IN = 512, /* few is the usual number after some days */
	KEPT_HOURS = 24 * 100
};

static const char *
alarm_word(enum source_kind k)
{
	static const char *const words[] = { "front-empty", "feed-empty",
		"sitemap-empty" };

	return words[k];
}

/* Is anything missing when R has nothing? Not where it was only supposed to be:
 * at a usual place, or where the profile says, until it was there once; nor in
 * the file of a month that has gone, or only just begun. */
static int
is_expected(const struct finding_place *p, const struct source_row *r)
{
	const struct source *source = source_of(p->site, buf_text(&r->root));
	const char *root = buf_text(&r->root);
	struct buf pattern = { 0 };
	struct buf url = { 0 };
	struct date_fields now;
	int64_t begin;
	int64_t end;
	int yes;

	if (r->is_guess || r->level > 0 || r->page > 1 || source == NULL ||
	    (r->usual == 0 && source->origin != NULL &&
		text_starts(source->origin, "profile ")))
		return 0;
	if (!source_is_monthly(root))
		return 1;
	date_split(p->now_us, &now);
	source_month_url(&pattern, root, p->now_us, 0, &begin, &end);
	source_normalize(&url, buf_text(&pattern));
	yes = now.day > 2 && strcmp(buf_text(&url), buf_text(&r->url)) == 0;
	buf_clear(&pattern);
	buf_clear(&url);
	return yes;
}

int
sources_expects(struct sources *s, const struct site *site, const char *url,
    int64_t now_us, struct error *e)
{
	const struct finding_place p = { .site = site, .now_us = now_us };
	struct source_row r = { 0 };
	int rc = source_row_find(s, site->name, url, &r, e);

	if (rc == 1)
		rc = is_expected(&p, &r);
	source_row_clear(&r);
	return rc;
}

static int
tell(struct alarms *a, const struct source_row *r, const char *text,
    struct error *e)
{
	char *key;
	char *line;
	int rc;

	if (a == NULL)
		return 0;
	key = mem_format("%s %s", alarm_word(r->kind), buf_text(&r->url));
	line = mem_format("%s: %s", buf_text(&r->url), text);
	rc = alarms_raise(a, key, line, e);
	free(line);
	free(key);
	return rc;
}

/* The usual number follows slowly what there is, and hardly what is far less
 * or far more than usual. */
static void
follow_usual(struct source_row *r, int is_few)
{
	uint64_t most = 2 * r->usual + USUAL_UNIT;
	uint64_t now = r->count * USUAL_UNIT;

	if (r->usual == 0)
		r->usual = now;
	else if (is_few)
		r->usual -= r->usual / GIVING_IN;
	else
		r->usual = ((SMOOTHING - 1) * r->usual +
			       (now > most ? most : now)) /
			   SMOOTHING;
}

int
source_judge(const struct finding_place *p, struct source_row *r,
    const struct page_end *end, uint64_t count, struct error *e)
{
	uint64_t usual = r->usual / USUAL_UNIT;
	int is_few = count == 0 ||
		     (usual >= USUAL_LEAST && count < usual / FEW_PART);
	char text[200];

	r->count = count;
	follow_usual(r, is_few);
	if (!is_few || !is_expected(p, r))
		return 0;
	if (end->kind == WANTED_LIST && end->list_kind == FEED_NONE)
		(void)snprintf(text, sizeof(text),
		    "is neither a feed nor a sitemap nor a list");
	else if (usual == 0)
		(void)snprintf(text, sizeof(text), "names no page");
	else
		(void)snprintf(text, sizeof(text),
		    "names %ju pages, usually %ju", (uintmax_t)count,
		    (uintmax_t)usual);
	return tell(p->alarms, r, text, e);
}

int
source_judge_failure(const struct finding_place *p, struct source_row *r,
    const struct page_end *end, struct error *e)
{
	char text[200];

	r->fails++;
	if (!is_expected(p, r) ||
	    (end->outcome != OUTCOME_NOT_FOUND &&
		end->outcome != OUTCOME_GONE && r->fails < SOURCE_FAILS))
		return 0;
	(void)snprintf(text, sizeof(text),
	    "cannot be read: %s, %ju times in a row",
	    outcome_name(end->outcome), (uintmax_t)r->fails);
	return tell(p->alarms, r, text, e);
}

/* ---- news of a site ---- */

int
source_count_new(struct sources *s, const struct finding_place *p,
    uint64_t added, struct error *e)
{
	struct source_tally *tally = source_tally(s, p->site->name, e);
	struct db_query *q = s->q[FOUND_ADD];
	int64_t hour = p->now_us / HOUR_US;

	if (tally == NULL)
		return -1;
	tally->was_looked = 1;
	db_bind_text(q, 1, p->site->name);
	db_bind_int(q, 2, hour);
	db_bind_int(q, 3, (int64_t)added);
	if (db_next(q, e) < 0)
		return -1;
	db_bind_text(s->q[FOUND_DROP], 1, p->site->name);
	db_bind_int(s->q[FOUND_DROP], 2, hour - KEPT_HOURS);
	return db_next(s->q[FOUND_DROP], e) < 0 ? -1 : 0;
}

/* One number of one row. */
static int
number(struct db_query *q, int64_t *out, struct error *e)
{
	int more = db_next(q, e);

	if (more == 1) {
		*out = db_int(q, 0);
		db_reset(q);
	}
	return more < 0 ? -1 : 0;
}

int
sources_judge(struct sources *s, const struct finding_place *p, struct error *e)
{
	const struct source_tally *tally;
	int64_t now = p->now_us / HOUR_US;
	int64_t time_us;
	int64_t found = 0;
	int64_t first = now;
	unsigned least;
	char *key;
	char *text;
	int rc = 0;

	tally = source_tally(s, p->site->name, e);
	if (tally == NULL)
		return -1;
	if (!tally->was_looked || p->alarms == NULL ||
	    p->site->profile == NULL ||
	    !profile_min_new(p->site->profile, &least, &time_us))
		return 0;
	db_bind_text(s->q[FOUND_SUM], 1, p->site->name);
	db_bind_int(s->q[FOUND_SUM], 2, now - time_us / HOUR_US);
	db_bind_text(s->q[FOUND_FIRST], 1, p->site->name);
	if (number(s->q[FOUND_SUM], &found, e) != 0 ||
	    number(s->q[FOUND_FIRST], &first, e) != 0)
		return -1;
	key = mem_format("nothing-new %s", p->site->name);
	text = mem_format("%s: %jd new pages in %jd hours, at least %u are "
			  "usual",
	    p->site->name, (intmax_t)found, (intmax_t)(time_us / HOUR_US),
	    least);
	if (first <= now - time_us / HOUR_US && found < (int64_t)least)
		rc = alarms_raise(p->alarms, key, text, e);
	else
		alarms_clear(p->alarms, key);
	free(text);
	free(key);
	return rc;
}
