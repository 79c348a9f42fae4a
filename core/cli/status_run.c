/* status: queue, hosts, recaptures, disk, alarms. */
#include "core/cli/status_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/date.h"
#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"
#include "core/crawl/alarms.h"
#include "core/crawl/hosts.h"
#include "core/crawl/queue.h"
#include "core/crawl/sources.h"
#include "core/crawl/state.h"
#include "core/crawl/tallies.h"
#include "core/crawl/watch.h"

#define DAY_US (86400 * INT64_C(1000000))

/* What is open while the state is read. */
struct reading {
	struct run_status *out;
	struct arena *arena;
	const struct config *config;
	struct state *state;
	struct queue *queue;
	struct watch *watch;
	struct sources *sources;
	struct hosts *hosts;
	struct alarms *alarms;
	int64_t now_us;
	struct json *list; /* being filled */
};

static void
set_count(struct arena *a, struct json *o, const char *name, uint64_t n)
{
	json_set_integer(a, o, name, (int64_t)n);
}

static void
set_time(struct arena *a, struct json *o, const char *name, int64_t us)
{
	char time[DATE_TEXT_MAX];

	if (us <= 0 || us == INT64_MAX)
		return;
	date_rfc3339_s(us, time);
	json_set_string(a, o, name, time);
}

static int
add_source(void *context, const char *url, const char *kind, int64_t last_us,
    int64_t due_us, uint64_t last_count, uint64_t usual_count)
{
	struct reading *r = context;
	struct json *o = json_new_object(r->arena);

	json_set_string(r->arena, o, "url", url);
	json_set_string(r->arena, o, "kind", kind);
	set_time(r->arena, o, "last", last_us);
	set_time(r->arena, o, "due", due_us);
	set_count(r->arena, o, "found", last_count);
	set_count(r->arena, o, "usual", usual_count);
	json_append(r->arena, r->list, o);
	return 0;
}

static int
add_host(void *context, const char *host, int64_t until_us, const char *reason,
    uint64_t strikes)
{
	struct reading *r = context;
	struct json *o;

	if (until_us <= r->now_us)
		return 0;
	o = json_new_object(r->arena);
	json_set_string(r->arena, o, "host", host);
	set_time(r->arena, o, "until", until_us);
	json_set_string(r->arena, o, "reason", reason);
	set_count(r->arena, o, "strikes", strikes);
	json_append(r->arena, r->out->hosts, o);
	r->out->backoff++;
	return 0;
}

static int
add_alarm(void *context, const char *key, const char *text, int64_t since_us,
    int64_t last_us, uint64_t count)
{
	struct reading *r = context;
	struct json *o = json_new_object(r->arena);

	json_set_string(r->arena, o, "key", key);
	json_set_string(r->arena, o, "text", text);
	set_time(r->arena, o, "since", since_us);
	set_time(r->arena, o, "last", last_us);
	set_count(r->arena, o, "times", count);
	json_append(r->arena, r->out->standing, o);
	r->out->alarms++;
	return 0;
}

/* Growth by day over the last days there were. */
static uint64_t
per_day(const struct reading *r, uint64_t recent_bytes, int64_t first_day)
{
	int64_t days = r->now_us / DAY_US - first_day + 1;

	if (days > TALLY_DAYS)
		days = TALLY_DAYS;
	return days < 1 ? 0 : recent_bytes / (uint64_t)days;
}

static void
add_site(struct reading *r, const char *name, int64_t first_day)
{
	struct arena *a = r->arena;
	struct run_status *s = r->out;
	struct json *o = json_new_object(a);
	struct watch_counts w = { 0 };
	struct tally_site t = { 0 };
	uint64_t waiting = queue_waiting(r->queue, name, INT64_MAX);
	uint64_t due = queue_waiting(r->queue, name, r->now_us);

	(void)watch_count(r->watch, name, r->now_us, &w, NULL);
	tallies_of(r->state, name, r->now_us, &t);
	json_set_string(a, o, "site", name);
	set_count(a, o, "waiting", waiting);
	set_count(a, o, "due", due);
	set_count(a, o, "watched", w.watched);
	set_count(a, o, "recaptures_due", w.due);
	set_count(a, o, "suspected", w.suspected);
	set_count(a, o, "disappeared", w.disappeared);
	set_count(a, o, "incomplete", t.incomplete);
	set_count(a, o, "snapshots", t.snapshots);
	set_count(a, o, "bytes", t.bytes);
	set_count(a, o, "bytes_per_day", per_day(r, t.recent_bytes, first_day));
	r->list = json_new_array(a);
	if (r->sources != NULL)
		(void)sources_each(r->sources, name, add_source, r, NULL);
	json_set(a, o, "sources", r->list);
	json_append(a, s->sites, o);
	s->waiting += waiting;
	s->due += due;
	s->watch_due += w.due;
	s->suspected += w.suspected;
	s->disappeared += w.disappeared;
}

static void
read_disk(struct reading *r, const struct collection *c, int64_t first_day)
{
	struct run_status *s = r->out;
	struct tally_site all = { 0 };

	s->min_free = config_size(r->config, "min-free");
	if (file_free_bytes(c->dir, &s->free_bytes, NULL) != 0)
		return;
	tallies_of(r->state, "", r->now_us, &all);
	s->incomplete = all.incomplete;
	s->bytes_per_day = per_day(r, all.recent_bytes, first_day);
	if (s->bytes_per_day > 0)
		s->days_left = s->free_bytes <= s->min_free
				   ? 0
				   : (int64_t)((s->free_bytes - s->min_free) /
					       s->bytes_per_day);
}

static void
read_parts(struct reading *r, const struct collection *c)
{
	struct run_status *s = r->out;
	const char *const *sites = config_sites(r->config);
	struct tally_runs runs = { 0 };

	tallies_runs(r->state, &runs);
	s->ended_us = runs.ended_us;
	s->good_us = runs.good_us;
	s->code = runs.code;
	s->orphans = queue_orphans(r->queue, sites);
	for (size_t i = 0; sites[i] != NULL; i++)
		add_site(r, sites[i], runs.first_day);
	if (r->hosts != NULL)
		(void)hosts_each(r->hosts, add_host, r, NULL);
	if (r->alarms != NULL)
		(void)alarms_each(r->alarms, add_alarm, r, NULL);
	s->pending = (uint64_t)db_number(
	    state_db(r->state), "SELECT count(*) FROM step", 0);
	read_disk(r, c, runs.first_day);
}

void
run_status_read(struct run_status *s, struct arena *a, const struct cli *cli,
    const struct collection *c, int64_t now_us)
{
	struct reading r = {
		.out = s, .arena = a, .config = cli->config, .now_us = now_us
	};
	char *path = collection_path(c, "state/run.sqlite");
	uint64_t size = 0;

	*s = (struct run_status){ .days_left = -1 };
	s->sites = json_new_array(a);
	s->hosts = json_new_array(a);
	s->standing = json_new_array(a);
	if (state_open_read(&r.state, c) != 1) {
		s->state_is_broken = file_size(path, &size, NULL) == 0 &&
				     size > 0;
		free(path);
		return;
	}
	free(path);
	s->has_state = queue_open(&r.queue, r.state, NULL) == 0 &&
		       watch_open(&r.watch, r.state, NULL) == 0;
	s->state_is_broken = !s->has_state;
	if (s->has_state) {
		if (sources_open(&r.sources, r.state, NULL) != 0)
			r.sources = NULL;
		if (hosts_open(&r.hosts, r.state, clock_system(), NULL) != 0)
			r.hosts = NULL;
		if (alarms_open(&r.alarms, r.state, now_us, NULL) != 0)
			r.alarms = NULL;
		read_parts(&r, c);
	}
	alarms_close(r.alarms);
	hosts_close(r.hosts);
	sources_close(r.sources);
	watch_close(r.watch);
	queue_close(r.queue);
	state_close(r.state);
}

void
run_status_json(const struct run_status *s, struct arena *a, struct json *o)
{
	json_set_bool(a, o, "state", s->has_state);
	if (!s->has_state)
		return;
	set_time(a, o, "last_run", s->ended_us);
	set_time(a, o, "last_good_run", s->good_us);
	json_set_integer(a, o, "last_exit", s->code);
	set_count(a, o, "waiting", s->waiting);
	set_count(a, o, "due", s->due);
	set_count(a, o, "recaptures_due", s->watch_due);
	set_count(a, o, "incomplete", s->incomplete);
	set_count(a, o, "suspected", s->suspected);
	set_count(a, o, "disappeared", s->disappeared);
	set_count(a, o, "orphans", s->orphans);
	set_count(a, o, "pending_steps", s->pending);
	set_count(a, o, "free_bytes", s->free_bytes);
	set_count(a, o, "min_free", s->min_free);
	set_count(a, o, "bytes_per_day", s->bytes_per_day);
	if (s->days_left >= 0)
		json_set_integer(a, o, "days_left", s->days_left);
	json_set(a, o, "sites", s->sites);
	json_set(a, o, "hosts", s->hosts);
	json_set(a, o, "standing_alarms", s->standing);
}

static int64_t
number(const struct json *o, const char *name)
{
	return json_int(json_get(o, name), 0);
}

static void
put_site(const struct json *o)
{
	char size[LOOK_SIZE_MAX];
	char daily[LOOK_SIZE_MAX];

	printf("%-12s", "site");
	cli_put(stdout, json_text(json_get(o, "site"), ""));
	printf(": %" PRId64 " wait (%" PRId64 " due), %" PRId64
	       " watched (%" PRId64 " due), %" PRId64 " incomplete, %" PRId64
	       " disappeared; %s, %s a day\n",
	    number(o, "waiting"), number(o, "due"), number(o, "watched"),
	    number(o, "recaptures_due"), number(o, "incomplete"),
	    number(o, "disappeared"),
	    look_size((uint64_t)number(o, "bytes"), size),
	    look_size((uint64_t)number(o, "bytes_per_day"), daily));
}

static void
put_host(const struct json *o)
{
	printf("%-12s", "back-off");
	cli_put(stdout, json_text(json_get(o, "host"), ""));
	(void)fputs(" until ", stdout);
	cli_put(stdout, json_text(json_get(o, "until"), ""));
	(void)fputs(": ", stdout);
	cli_put(stdout, json_text(json_get(o, "reason"), ""));
	(void)fputc('\n', stdout);
}

static void
put_alarm(const struct json *o)
{
	printf("%-12s", "alarm");
	cli_put(stdout, json_text(json_get(o, "text"), ""));
	(void)fputs(" (since ", stdout);
	cli_put(stdout, json_text(json_get(o, "since"), ""));
	printf(", %" PRId64 " times)\n", number(o, "times"));
}

static void
put_disk(const struct run_status *s)
{
	char room[LOOK_SIZE_MAX];
	char daily[LOOK_SIZE_MAX];

	if (s->free_bytes == 0)
		return;
	printf("%-12s%s free, %s a day", "disk", look_size(s->free_bytes, room),
	    look_size(s->bytes_per_day, daily));
	if (s->days_left >= 0)
		printf("; %" PRId64 " days until min-free", s->days_left);
	(void)fputc('\n', stdout);
}

void
run_status_text(const struct run_status *s, int64_t now_us)
{
	if (s->state_is_broken)
		printf("%-12sstate/run.sqlite does not read; the next run "
		       "makes it anew\n",
		    "state");
	if (!s->has_state)
		return;
	if (s->ended_us > 0) {
		char ended[DATE_TEXT_MAX];

		date_rfc3339_s(s->ended_us, ended);
		printf("%-12s%s, %" PRId64 " minutes ago, exit %d\n",
		    "last run", ended, (now_us - s->ended_us) / 60000000,
		    s->code);
	}
	for (size_t i = 0; i < json_count(s->sites); i++)
		put_site(json_at(s->sites, i));
	if (s->orphans > 0)
		printf("%-12s%" PRIu64 " URL(s) wait for sites that are no "
		       "longer in holdfast.conf\n",
		    "orphans", s->orphans);
	for (size_t i = 0; i < json_count(s->hosts); i++)
		put_host(json_at(s->hosts, i));
	if (s->pending > 0)
		printf("%-12s%" PRIu64 " hook(s) or package(s) to be tried "
		       "again\n",
		    "pending", s->pending);
	put_disk(s);
	for (size_t i = 0; i < json_count(s->standing); i++)
		put_alarm(json_at(s->standing, i));
}
