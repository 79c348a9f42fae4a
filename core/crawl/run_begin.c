/* A run begins: recovery, ballast, state. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/catalog.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"
#include "core/collection/recover.h"
#include "core/collection/withdraw.h"
#include "core/crawl/ballast.h"
#include "core/crawl/hosts.h"
#include "core/crawl/queue.h"
#include "core/crawl/run_part.h"
#include "core/crawl/sources.h"
#include "core/crawl/state.h"
#include "core/crawl/steps.h"
#include "core/crawl/tallies.h"
#include "core/crawl/watch.h"
#include "core/news/profile.h"
#include "core/web/url.h"

#define DAY_US (86400 * INT64_C(1000000))

enum { SEALED_LOOKED = 64 /* snapshots of a month, at each run */ };

int64_t
run_now_us(const struct run *r)
{
	return r->o->clock->wall_us(r->o->clock);
}

int64_t
run_now_ms(const struct run *r)
{
	return r->o->clock->mono_ms(r->o->clock);
}

void
run_warn(const struct run *r, const char *object, const char *text)
{
	log_event(run_now_us(r), "warning", object, text);
	r->o->warn(r->o->context, object, text);
}

/* Is SITE among those of this run? */
static int
is_named(const struct run *r, const char *site)
{
	for (size_t i = 0; i < r->name_count; i++)
		if (strcmp(r->names[i], site) == 0)
			return 1;
	return 0;
}

/* One that was cut off goes on; one that was parked goes on the same day,
 * while its site seals by days. */
static int
keep_open(void *context, const struct open_capture *o)
{
	struct run *r = context;
	const struct config *site = config_site(r->o->config, o->site);
	struct kept *k;

	if (site == NULL)
		return 0;
	if (o->is_parked && (strcmp(config_text(site, "seal"), "day") != 0 ||
				o->start_us / DAY_US != run_now_us(r) / DAY_US))
		return 0;
	if (!o->is_parked && !is_named(r, o->site))
		return 0;
	k = arena_alloc(r->arena, sizeof(*k));
	k->name = arena_text(r->arena, o->name);
	k->site = arena_text(r->arena, o->site);
	k->is_parked = o->is_parked;
	k->next = r->kept;
	r->kept = k;
	return 1;
}

const struct kept *
run_kept(const struct run *r, const char *site)
{
	const struct kept *k = r->kept;

	while (k != NULL && strcmp(k->site, site) != 0)
		k = k->next;
	return k;
}

static int
recover(struct run *r, struct error *e)
{
	const struct recover_options ro = { .keep = keep_open, .context = r };
	struct recover_report report = { 0 };
	char *text;

	if (withdraw_recover(
		r->o->collection, r->o->clock->wall_us(r->o->clock), e) != 0 ||
	    collection_recover(
		r->o->collection, r->o->clock, &ro, &report, e) != 0) {
		recover_report_clear(&report);
		return -1;
	}
	if (report.sealed + report.removed > 0) {
		text = mem_format("%zu sealed, %zu removed (empty), %" PRIu64
				  " bytes to quarantine",
		    report.sealed, report.removed, report.quarantined_bytes);
		log_event(run_now_us(r), "recovered", "", text);
		free(text);
	}
	recover_report_clear(&report);
	return 0;
}

/* Those of one month that nobody has counted, the latest ones. */
static int
plan_month(struct run *r, int year, int month, struct error *e)
{
	char *folder = mem_format("snapshots/%04d/%02d", year, month);
	char *dir = collection_path(r->o->collection, folder);
	struct file_names all = { 0 };
	size_t looked = 0;
	int rc = 0;

	if (file_is_dir(dir))
		rc = file_list(dir, &all, e);
	for (size_t i = all.count; rc == 0 && i > 0 && looked < SEALED_LOOKED;
	     i--) {
		const char *name = all.names[i - 1];
		char *path;

		if (text_ends(name, ".open") || text_ends(name, ".journal"))
			continue;
		looked++;
		if (tallies_has(r->state, name))
			continue;
		path = mem_format("%s/%s", folder, name);
		rc = run_sealed(r, path, e);
		free(path);
	}
	file_names_clear(&all);
	free(dir);
	free(folder);
	return rc;
}

/* What recovery and other verbs have sealed wants its hooks and packages,
 * too. */
static int
plan_sealed(struct run *r, struct error *e)
{
	struct date_fields now;

	date_split(run_now_us(r), &now);
	if (plan_month(r, now.year, now.month, e) != 0)
		return -1;
	if (--now.month == 0) {
		now.month = 12;
		now.year--;
	}
	return plan_month(r, now.year, now.month, e);
}

/* The site whose sources are on the host of URL, or whose profile knows it. */
static const char *
site_of(void *context, const char *text)
{
	const struct run *r = context;
	const struct profile *p;
	const char *found = NULL;
	struct url url;

	if (url_parse(&url, text, strlen(text), NULL, NULL) != 0)
		return NULL;
	p = profile_for(r->o->profiles, &url);
	for (size_t i = 0; i < r->all_count && found == NULL; i++) {
		const struct site *s = &r->all[i];
		struct url source;

		if (p != NULL && s->profile == p)
			found = s->name;
		for (size_t k = 0; k < s->source_count && found == NULL; k++) {
			if (url_parse(&source, s->sources[k].url,
				strlen(s->sources[k].url), NULL, NULL) != 0)
				continue;
			if (source.host_len == url.host_len &&
			    memcmp(source.text + source.host_start,
				url.text + url.host_start, url.host_len) == 0)
				found = s->name;
			url_clear(&source);
		}
	}
	url_clear(&url);
	return found;
}

/* What was had is known, and not wanted as new. */
static int
pass_page(void *context, const struct catalog_page *page, struct error *e)
{
	struct run *r = context;
	struct error why = { 0 };
	enum outcome o;

	if (!outcome_find(page->outcome, &o) || !outcome_is_good(o))
		return 0;
	if (queue_pass(r->queue, page->requested, &why) >= 0 ||
	    why.kind == ERROR_INPUT)
		return 0;
	*e = why;
	return -1;
}

/* The catalog goes with the state's folder; it is made anew first. */
static int
pass_known(struct run *r, struct error *e)
{
	struct catalog *k;
	int rc;

	if (catalog_open(&k, r->o->collection) != 1 &&
	    (catalog_rebuild(r->o->collection, e) != 0 ||
		catalog_open(&k, r->o->collection) != 1))
		return -1;
	rc = catalog_each_page(k, pass_page, r, e);
	catalog_close(k);
	return rc;
}

/* A state that is new knows again what the snapshots know. */
static int
fill_new_state(struct run *r, struct error *e)
{
	struct file_names sealed = { 0 };
	int rc = collection_snapshots(r->o->collection, &sealed, NULL, e);

	if (rc != 0 || state_begin(r->state, e) != 0) {
		file_names_clear(&sealed);
		return -1;
	}
	if (sealed.count > 0) {
		log_event(run_now_us(r), "state-new", "state/run.sqlite",
		    "filled from the snapshots");
		rc = pass_known(r, e);
	}
	for (size_t i = 0; rc == 0 && i < sealed.count; i++)
		rc = tallies_add(r->state, r->o->collection, r->o->config,
		    sealed.names[i], e);
	if (rc == 0 && sealed.count > 0)
		rc = watch_rebuild(r->watch, r->o->collection, site_of, r,
		    &r->all[0].ladder, e);
	if (rc == 0)
		rc = tallies_set_filled(r->state, e);
	file_names_clear(&sealed);
	return state_end(r->state, rc, e);
}

/* URLs whose section is gone are left, and told of once for each number. */
static int
look_at_orphans(struct run *r, struct error *e)
{
	uint64_t n = queue_orphans(r->queue, config_sites(r->o->config));
	char *text;
	int rc = 0;

	if (n > 0) {
		text = mem_format("%" PRIu64 " URL(s) wait for sites that are "
				  "no longer in holdfast.conf; they are left",
		    n);
		rc = alarms_raise(r->alarms, "orphans", text, e);
		free(text);
	} else {
		alarms_clear(r->alarms, "orphans");
	}
	return rc;
}

static int
take_given(struct run *r, struct error *e)
{
	const char *text;
	int rc = 0;

	if (r->o->given == NULL || state_begin(r->state, e) != 0)
		return r->o->given == NULL ? 0 : -1;
	while (rc >= 0 && (text = r->o->given(r->o->given_context)) != NULL) {
		struct error why = { 0 };
		struct queued t = {
			.via = "",
			.hops = "",
			.kind = WANTED_PAGE,
			.rank = RANK_NEWS,
			.due_us = run_now_us(r),
		};
		struct url url;

		if (url_parse(&url, text, strlen(text), NULL, &why) != 0) {
			run_warn(r, text, why.text);
			continue;
		}
		url_drop_fragment(&url);
		t.url = url.text;
		t.site = site_of(r, url.text);
		if (t.site == NULL || !is_named(r, t.site))
			t.site = r->names[0];
		if (url_is_http(&url) && url.user_len == 0)
			rc = queue_add_again(r->queue, &t, e);
		else
			run_warn(r, text, "not a plain http(s) address");
		url_clear(&url);
	}
	if (rc < 0) {
		state_fail(r->state);
		return -1;
	}
	return state_commit(r->state, e);
}

static int
open_parts(struct run *r, struct error *e)
{
	struct state *s;

	if (state_open(&r->state, r->o->collection, r->o->clock, NULL, e) != 0)
		return -1;
	s = r->state;
	r->steps.state = s;
	if (tallies_open(s, e) != 0 || queue_open(&r->queue, s, e) != 0 ||
	    hosts_open(&r->hosts, s, r->o->clock, e) != 0 ||
	    watch_open(&r->watch, s, e) != 0 ||
	    sources_open(&r->sources, s, e) != 0 ||
	    alarms_open(&r->alarms, s, run_now_us(r), e) != 0)
		return -1;
	if (run_clock_begin(r, e) != 0)
		return -1;
	return queue_release(r->queue, e);
}

int
run_open(struct run *r, struct error *e)
{
	const struct run_options *o = r->o;
	struct error why = { 0 };
	int rc = recover(r, e);

	r->steps = (struct steps_options){ .collection = o->collection,
		.config = o->config,
		.clock = o->clock,
		.stop = o->stop };
	if (rc == 0 && !r->is_full &&
	    ballast_keep(o->collection, config_size(o->config, "ballast"),
		config_size(o->config, "min-free"), &why) != 0)
		run_warn(r, "ballast", why.text);
	if (rc == 0)
		rc = open_parts(r, e);
	if (rc == 0 && !tallies_is_filled(r->state))
		rc = fill_new_state(r, e);
	if (rc == 0)
		rc = plan_sealed(r, e);
	if (rc == 0)
		rc = look_at_orphans(r, e);
	return rc;
}

int
run_begin(struct run *r, struct error *e)
{
	int rc = run_open(r, e);

	return rc == 0 ? take_given(r, e) : rc;
}

void
run_close(struct run *r)
{
	alarms_close(r->alarms);
	sources_close(r->sources);
	watch_close(r->watch);
	hosts_close(r->hosts);
	queue_close(r->queue);
	state_close(r->state);
	r->alarms = NULL;
	r->sources = NULL;
	r->watch = NULL;
	r->hosts = NULL;
	r->queue = NULL;
	r->state = NULL;
	r->kept = NULL;
}
