/* What a run tells: nothing, when all is well and nobody looks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/cli/verb_run.h"
#include "core/collection/config.h"

struct run_alarm {
	struct run_alarm *next;
	const char *when, *key, *text;
};

/* For people at a terminal; cron's mail is for alarms. */
static int
is_watched(const struct run_output *o)
{
	return o->cli->terminal && !config_flag(o->cli->config, "quiet") &&
	       !config_flag(o->cli->config, "json");
}

void
run_output_warn(void *context, const char *object, const char *text)
{
	const struct run_output *o = context;

	if (!is_watched(o))
		return;
	cli_status(o->cli, "");
	cli_say("%s: %s", object, text);
}

void
run_output_progress(void *context, const struct run_progress *p)
{
	const struct run_output *o = context;
	char *text = run_progress_text(p);

	cli_status(o->cli, text);
	free(text);
}

void
run_output_alarm(
    void *context, enum alarm_when when, const char *key, const char *text)
{
	struct run_output *o = context;
	struct run_alarm *a = arena_alloc(o->arena, sizeof(*a));

	a->when = alarm_when_name(when);
	a->key = arena_text(o->arena, key);
	a->text = arena_text(o->arena, text);
	if (o->alarms_end == NULL)
		o->alarms_end = &o->alarms;
	*o->alarms_end = a;
	o->alarms_end = &a->next;
}

static void
set_count(struct arena *a, struct json *o, const char *name, uint64_t n)
{
	json_set_integer(a, o, name, (int64_t)n);
}

static struct json *
refusals(struct arena *a, const struct run_site *s)
{
	struct json *list = json_new_array(a);

	for (size_t i = 0; i < s->refusal_count; i++) {
		struct json *o = json_new_object(a);

		json_set_string(
		    a, o, "outcome", outcome_name(s->refusals[i].outcome));
		json_set_string(a, o, "why", s->refusals[i].why);
		set_count(a, o, "links", s->refusals[i].count);
		json_append(a, list, o);
	}
	return list;
}

static void
site_json(const struct run_site *s)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);
	const struct snapshot_totals *t = &s->capture.totals;

	json_set_string(a, o, "site", s->name);
	json_set_string(a, o, "snapshot",
	    s->capture.snapshot == NULL ? "" : s->capture.snapshot);
	json_set_bool(a, o, "left_open", s->is_parked);
	set_count(a, o, "sources", s->sources);
	set_count(a, o, "recaptures", s->recaptures);
	set_count(a, o, "pages", s->pages);
	set_count(a, o, "found", s->found);
	set_count(a, o, "articles", s->articles);
	set_count(a, o, "first_seen", s->first_seen);
	set_count(a, o, "changed", s->changed);
	set_count(a, o, "suspected", s->suspected);
	set_count(a, o, "disappeared", s->disappeared);
	set_count(a, o, "back", s->back);
	set_count(a, o, "incomplete", s->capture.incomplete);
	set_count(a, o, "put_back", s->put_back);
	set_count(a, o, "waiting", s->waiting);
	set_count(a, o, "targets", t->targets);
	set_count(a, o, "good", t->good);
	set_count(a, o, "left_out", t->left_out);
	set_count(a, o, "failed", t->failed);
	set_count(a, o, "revisits", s->capture.revisits);
	set_count(a, o, "not_modified", s->capture.not_modified);
	set_count(a, o, "archive_bytes", t->archive_bytes);
	set_count(a, o, "refused", s->refused);
	json_set(a, o, "refusals", refusals(a, s));
	json_set_integer(a, o, "exit", s->code);
	cli_print_json(o);
	arena_free(a);
}

void
run_output_site(void *context, const struct run_site *s)
{
	struct run_output *o = context;
	const struct snapshot_totals *t = &s->capture.totals;
	const char *snapshot = s->capture.snapshot;
	char size[LOOK_SIZE_MAX];

	o->sites++;
	o->pages += s->pages;
	o->first_seen += s->first_seen;
	o->changed += s->changed;
	cli_status(o->cli, "");
	if (config_flag(o->cli->config, "json")) {
		site_json(s);
		return;
	}
	if (!is_watched(o))
		return;
	cli_put(stdout, s->name);
	printf(": %" PRIu64 " pages, %" PRIu64 " new articles, %" PRIu64
	       " changed, %" PRIu64 " incomplete; %" PRIu64 " targets, %" PRIu64
	       " failed; %s kept; %" PRIu64 " wait\n",
	    s->pages, s->first_seen, s->changed, s->capture.incomplete,
	    t->targets, t->failed, look_size(t->archive_bytes, size),
	    s->waiting);
	if (snapshot != NULL && snapshot[0] != '\0') {
		(void)fputs("sealed: ", stdout);
		cli_put(stdout, snapshot);
		(void)fputc('\n', stdout);
	}
}

static void
end_json(const struct run_output *o, int code)
{
	struct json *j = json_new_object(o->arena);
	struct json *list = json_new_array(o->arena);

	for (struct run_alarm *x = o->alarms; x != NULL; x = x->next) {
		struct json *one = json_new_object(o->arena);

		json_set_string(o->arena, one, "when", x->when);
		json_set_string(o->arena, one, "key", x->key);
		json_set_string(o->arena, one, "text", x->text);
		json_append(o->arena, list, one);
	}
	set_count(o->arena, j, "sites", o->sites);
	set_count(o->arena, j, "pages", o->pages);
	set_count(o->arena, j, "first_seen", o->first_seen);
	set_count(o->arena, j, "changed", o->changed);
	json_set(o->arena, j, "alarms", list);
	json_set_integer(o->arena, j, "exit", code);
	cli_print_json(j);
}

void
run_output_end(struct run_output *o, int code)
{
	cli_status(o->cli, "");
	if (config_flag(o->cli->config, "json"))
		end_json(o, code);
	else if (o->sites == 0 && is_watched(o) && code == EXIT_DONE)
		puts("nothing was due");
	if (o->alarms == NULL)
		return;
	cli_say(
	    "%s wants attention:", config_text(o->cli->config, "collection"));
	for (struct run_alarm *x = o->alarms; x != NULL; x = x->next) {
		(void)fprintf(stderr, "  %s: ", x->when);
		cli_put(stderr, x->text);
		(void)fputc('\n', stderr);
	}
}
