/* Was everything kept that the site showed? */
#include "tests/site/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/site/check_kept.h"
#include "tests/site/news.h"

enum { TEXT_MAX = 512 << 20, FIELDS = 8, WORST = 5, DAY = 86400 };

/* As the default of holdfast's recapture setting. */
static const int64_t ladder[] = { 900, 2700, 7200, 21600, DAY, 3 * DAY, 7 * DAY,
	30 * DAY };

static void
judge(struct checking *c, const char *name, unsigned wrong, const char *text)
{
	if (wrong == 0) {
		(void)printf(
		    "pass %s%s%s\n", name, text[0] == '\0' ? "" : ": ", text);
		return;
	}
	(void)printf("fail %s: %u wrong; %s\n", name, wrong, text);
	c->failed = 1;
}

void
check_tell(struct checking *c, const char *fmt, ...)
{
	va_list args;

	if (c->told++ >= WORST * 4)
		return;
	va_start(args, fmt);
	(void)fputs("# ", stdout);
	(void)vprintf(fmt, args);
	(void)putchar('\n');
	va_end(args);
}

/* ---- reading ---- */

static char *
read_text(struct checking *c, const char *name, struct error *e)
{
	struct buf text = { 0 };
	char *path = mem_format("%s/%s", c->folder, name);
	int rc = file_get(path, &text, TEXT_MAX, e);

	free(path);
	if (rc != 0) {
		buf_clear(&text);
		return NULL;
	}
	if (text.len == 0)
		buf_add_text(&text, "");
	return buf_take(&text);
}

static const struct life *
find_life(const struct checking *c, const char *id)
{
	for (size_t i = 0; i < c->news.scenario.life_count; i++)
		if (strcmp(c->news.scenario.lives[i].id, id) == 0)
			return &c->news.scenario.lives[i];
	return NULL;
}

static void
add_visit(struct checking *c, char *line)
{
	char *fields[FIELDS] = { NULL };
	struct visit *v;

	for (size_t i = 0; i < FIELDS; i++) {
		fields[i] = line;
		line += strcspn(line, "\t");
		if (*line == '\t')
			*line++ = '\0';
	}
	c->visits = mem_grow(c->visits, c->visit_count + 1, sizeof(*v));
	v = &c->visits[c->visit_count++];
	*v = (struct visit){ .wall = strtoll(fields[0], NULL, 10),
		.mono = strtoll(fields[1], NULL, 10),
		.status = (unsigned)strtoul(fields[2], NULL, 10),
		.host = fields[3],
		.target = fields[4],
		.core = fields[7] };
	v->life = find_life(c, fields[5]);
}

static void
each_line(
    struct checking *c, char *text, void (*take)(struct checking *, char *))
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		char *next = text + len + (text[len] == '\n');

		text[len] = '\0';
		take(c, text);
		text = next;
	}
}

/* The log is written as answers are ready; asked they were before. */
static int
compare_visits(const void *a, const void *b)
{
	const struct visit *x = a;
	const struct visit *y = b;

	return x->mono < y->mono ? -1 : x->mono > y->mono;
}

static void
take_run(struct checking *c, char *line)
{
	struct run r;

	r.begin = strtoll(line, &line, 10);
	r.end = strtoll(line, &line, 10);
	r.code = (int)strtol(line, &line, 10);
	c->runs = mem_grow(c->runs, c->run_count + 1, sizeof(r));
	c->runs[c->run_count++] = r;
}

/* ---- what must have been visited ---- */

static int
is_bad(const struct condition *k)
{
	static const char *const kinds[] = { "outage", "status", "challenge",
		"ratelimit", "truncate" };

	for (size_t n = 0; n < 5; n++)
		if (strcmp(k->what, kinds[n]) == 0)
			return 1;
	return 0;
}

/* A condition keeps the host of EDITION from answering at AT, or has just
 * ended: hosts that refused are left alone for as long as a day. */
static int
is_hindered(const struct checking *c, const char *edition, int64_t at)
{
	const struct scenario *s = &c->news.scenario;

	for (size_t i = 0; i < s->condition_count; i++) {
		const struct condition *k = &s->conditions[i];
		int64_t rest = k->until - k->from;

		if (rest > DAY)
			rest = DAY;
		if (is_bad(k) && at >= k->from - 60 && at < k->until + rest &&
		    text_starts(
			edition_host(edition), condition_get(k, "host", "")))
			return 1;
	}
	return 0;
}

enum meeting { NOT_MET, MET_GONE, MET_SHOWN };

/* What a visitor of run R saw of L. */
static enum meeting
meet(const struct checking *c, const struct life *l, const struct run *r)
{
	enum meeting m = NOT_MET;

	for (size_t i = 0; i < c->visit_count; i++) {
		const struct visit *v = &c->visits[i];

		if (v->life == l && v->wall == r->begin && m != MET_SHOWN)
			m = v->core[0] == '-' ? MET_GONE : MET_SHOWN;
	}
	return m;
}

static int
is_shown(const struct checking *c, const struct life *l, int64_t at)
{
	struct arena *a = arena_new();
	struct shown s;
	int yes = shown_at(&s, a, l, at) && s.gone == NULL;

	(void)c;
	arena_free(a);
	return yes;
}

/* From visit to visit: the next one is due by the ladder, and is made by the
 * first run from then on that nothing hinders. */
static void
check_life(struct checking *c, const struct life *l, unsigned *wrong)
{
	const char *edition = happening_get(l->list[0], "edition", "en");
	int64_t last = 0;
	size_t step = 0;
	unsigned gone = 0; /* in a row; thrice it is looked at less often */
	int64_t gone_since = 0;
	int64_t due = l->list[0]->at;

	for (size_t r = 0; r < c->run_count; r++) {
		const struct run *run = &c->runs[r];
		enum meeting m = meet(c, l, run);

		if (m != NOT_MET) {
			gone = m == MET_SHOWN ? 0 : gone + 1;
			gone_since = gone == 1 ? run->begin : gone_since;
			last = run->end;
			due = last + ladder[step < 7 ? step : 7];
			step++;
			continue;
		}
		if (run->begin < due || gone >= 3 ||
		    is_hindered(c, edition, run->begin) ||
		    !is_shown(c, l, run->begin) ||
		    (last == 0 && run->begin - l->list[0]->at > 7 * DAY))
			continue;
		(*wrong)++;
		check_tell(c,
		    "%s: due at %lld, not in the run of %lld (exit "
		    "%d, visit %zu)",
		    l->id, (long long)due, (long long)run->begin, run->code,
		    step);
		due = run->end + DAY;
	}
	if (gone >= 3 && last - gone_since >= DAY)
		c->gone[edition[0] == 'a' ? 1 : edition[1] == 's' ? 2 : 0]++;
}

static void
check_visits(struct checking *c)
{
	unsigned wrong = 0;
	size_t count = c->news.scenario.life_count;
	char text[64];

	for (size_t i = 0; i < count; i++)
		check_life(c, &c->news.scenario.lives[i], &wrong);
	(void)printf("gone english %u\ngone www %u\ngone espanol %u\n",
	    c->gone[0], c->gone[1], c->gone[2]);
	(void)snprintf(
	    text, sizeof(text), "%zu articles, %zu runs", count, c->run_count);
	judge(c, "articles are visited when they are due", wrong, text);
}

/* Was its article there at a visit before I? */
static int
was_met(const struct checking *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (c->visits[k].life == c->visits[i].life &&
		    c->visits[k].status == 200)
			return 1;
	return 0;
}

/* Did a visitor of run R find an article gone that none had met? That is exit
 * 8; of one that was met it is what he came to see. */
static int
missed_one(const struct checking *c, const struct run *r)
{
	for (size_t i = 0; i < c->visit_count; i++)
		if (c->visits[i].wall == r->begin &&
		    c->visits[i].life != NULL && c->visits[i].status >= 400 &&
		    !was_met(c, i))
			return 1;
	return 0;
}

/* A run under the weather says so by its code, one under a clear sky ends with
 * 0. */
static void
check_codes(struct checking *c)
{
	static const char *const all[] = { "en", "ar", "es" };
	unsigned wrong = 0;
	unsigned clear_runs = 0;
	char text[64];

	for (size_t r = 0; r < c->run_count; r++) {
		const struct run *run = &c->runs[r];
		int hindered = 0;

		for (size_t i = 0; i < 3; i++)
			hindered |= is_hindered(c, all[i], run->begin);
		clear_runs += !hindered;
		if (hindered || run->code == 0 ||
		    (run->code == 8 && missed_one(c, run)))
			continue;
		wrong++;
		check_tell(c, "run of %lld ended with %d",
		    (long long)run->begin, run->code);
	}
	(void)snprintf(
	    text, sizeof(text), "%u of %zu runs", clear_runs, c->run_count);
	judge(c,
	    "runs that nothing hinders end with 0, or 8 for what was never met",
	    wrong, text);
	wrong = 0;
	for (size_t i = 0; i < c->news.scenario.condition_count; i++) {
		const struct condition *k = &c->news.scenario.conditions[i];

		for (size_t r = 0; r < c->run_count; r++) {
			const struct run *run = &c->runs[r];

			if (run->begin < k->from || run->begin >= k->until ||
			    !is_bad(k) || run->code != 0)
				continue;
			wrong++;
			check_tell(c, "run of %lld ended with 0 under %s",
			    (long long)run->begin, k->what);
		}
	}
	judge(c, "runs that were hindered say so by their code", wrong, "");
}

/* ---- manners ---- */

static void
check_pauses(struct checking *c, long wait_ms)
{
	unsigned wrong = 0;
	size_t most = 0;
	char text[96];

	for (size_t i = 0; i < c->visit_count; i++) {
		const struct visit *v = &c->visits[i];

		for (size_t k = i;
		     k-- > 0 && v->wall - c->visits[k].wall < 60;) {
			if (strcmp(c->visits[k].host, v->host) != 0)
				continue;
			if (v->mono - c->visits[k].mono < wait_ms - 1) {
				wrong++;
				check_tell(c, "%s%s %lld ms after %s", v->host,
				    v->target,
				    (long long)(v->mono - c->visits[k].mono),
				    c->visits[k].target);
			}
			break;
		}
	}
	for (size_t i = 0, n = 0; i < c->visit_count; i++) {
		n = i > 0 && c->visits[i].wall == c->visits[i - 1].wall ? n + 1
									: 1;
		most = n > most ? n : most;
	}
	(void)snprintf(text, sizeof(text),
	    "%zu requests, at most %zu in a run, %ld ms between",
	    c->visit_count, most, wait_ms);
	judge(c, "no host is asked sooner than it may be", wrong, text);
}

/* Found in three spellings, in feeds, fronts and sitemaps: asked for once. */
static void
check_once(struct checking *c)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < c->visit_count; i++) {
		const struct visit *v = &c->visits[i];

		if (v->life == NULL || v->core[0] == '-')
			continue;
		for (size_t k = i; k-- > 0 && c->visits[k].wall == v->wall;) {
			if (c->visits[k].life != v->life ||
			    c->visits[k].core[0] == '-')
				continue;
			wrong++;
			check_tell(c, "%s and %s in one run", v->target,
			    c->visits[k].target);
			break;
		}
	}
	judge(c, "no article is asked for twice in a run", wrong, "");
}

/* While a host refuses, a run asks it a few times at most. */
static void
check_refusals(struct checking *c)
{
	enum { AT_MOST = 6 };
	unsigned wrong = 0;
	unsigned refused = 0;
	char text[64];

	for (size_t i = 0; i < c->visit_count; i++) {
		const struct visit *v = &c->visits[i];
		size_t n = 0;

		if (v->status != 403 && v->status != 429 && v->status != 503)
			continue;
		refused++;
		for (size_t k = i; k-- > 0 && c->visits[k].wall == v->wall;)
			n += strcmp(c->visits[k].host, v->host) == 0 &&
			     c->visits[k].status == v->status;
		if (n != AT_MOST)
			continue;
		wrong++;
		check_tell(c, "%s was asked on after %d answers of %u at %lld",
		    v->host, AT_MOST, v->status, (long long)v->wall);
	}
	(void)snprintf(text, sizeof(text), "%u refusals", refused);
	judge(c, "a host that refuses is left alone", wrong, text);
}

/* ---- all of it ---- */

static void
check_all(struct checking *c, long wait_ms)
{
	char text[128];

	check_visits(c);
	check_codes(c);
	check_pauses(c, wait_ms);
	check_refusals(c);
	check_once(c);
	check_shown_kept(c);
	(void)snprintf(text, sizeof(text), "%u versions shown to a visitor",
	    c->shown_versions);
	judge(c, "every version shown to a visitor is kept",
	    c->shown_versions == 0 ? 1 : c->lost, text);
	(void)snprintf(text, sizeof(text), "%u articles in %u snapshots",
	    c->kept_articles, c->snapshots);
	judge(c, "no version is kept that was not shown", c->invented, text);
	(void)snprintf(
	    text, sizeof(text), "%u pictures of kept versions", c->pictures);
	judge(c, "no picture is missing", c->pictures_missing, text);
	(void)snprintf(text, sizeof(text), "%u targets", c->outcomes);
	judge(c, "outcomes and reports say the same sums", c->unbalanced, text);
}

static void
clear(struct checking *c)
{
	check_clear(c);
	free(c->visits);
	free(c->runs);
	news_clear(&c->news);
}

int
check_month(
    const char *fixtures, const char *folder, long wait_ms, struct error *e)
{
	struct checking c = { .folder = folder };
	char *scenario = mem_format("%s/scenario", folder);
	char *log = NULL;
	char *runs = NULL;
	char *snapshots = NULL;
	int rc = -1;

	if (news_load(&c.news, fixtures, scenario, NULL, e) != 0)
		goto done;
	log = read_text(&c, "site.log", e);
	runs = log == NULL ? NULL : read_text(&c, "runs", e);
	snapshots = runs == NULL ? NULL : read_text(&c, "snapshots", e);
	if (snapshots == NULL)
		goto done;
	each_line(&c, log, add_visit);
	if (c.visit_count > 0)
		qsort(
		    c.visits, c.visit_count, sizeof(*c.visits), compare_visits);
	each_line(&c, runs, take_run);
	each_line(&c, snapshots, check_snapshot);
	check_all(&c, wait_ms);
	rc = c.failed;
done:
	clear(&c);
	free(log);
	free(runs);
	free(snapshots);
	free(scenario);
	return rc;
}
