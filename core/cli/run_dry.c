/* run --dry-run: what is due, without a lock or a change. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/date.h"
#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/cli/verb_run.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"
#include "core/crawl/queue.h"
#include "core/crawl/site.h"
#include "core/crawl/sources.h"
#include "core/crawl/state.h"
#include "core/crawl/watch.h"

struct dry {
	struct cli *cli;
	struct arena *arena;
	struct state *state; /* NULL: there is none */
	struct queue *queue;
	struct sources *sources;
	struct watch *watch;
	int64_t now_us;
	const struct site *site;
	unsigned *known; /* of the site's sources: looked at before */
};

static void
put(const struct dry *d, const char *what, const char *url, int64_t due_us)
{
	char due[DATE_TEXT_MAX];
	struct json *o;

	date_rfc3339_s(due_us > 0 ? due_us : d->now_us, due);
	if (!config_flag(d->cli->config, "json")) {
		cli_put(stdout, d->site->name);
		printf("\t%s\t%s\t", what, due);
		cli_put(stdout, url);
		(void)fputc('\n', stdout);
		return;
	}
	o = json_new_object(d->arena);
	json_set_string(d->arena, o, "site", d->site->name);
	json_set_string(d->arena, o, "what", what);
	json_set_string(d->arena, o, "due", due);
	json_set_string(d->arena, o, "url", url);
	cli_print_json(o);
}

static int
each_queued(void *context, const struct queued *t)
{
	const struct dry *d = context;

	if (t->due_us <= d->now_us)
		put(d,
		    t->rank == RANK_SOURCE  ? "source"
		    : t->rank == RANK_WATCH ? "recapture"
					    : "page",
		    t->url, t->due_us);
	return 0;
}

static int
each_source(void *context, const char *url, const char *kind, int64_t last_us,
    int64_t due_us, uint64_t last_count, uint64_t usual_count)
{
	struct dry *d = context;

	(void)last_us;
	(void)last_count;
	(void)usual_count;
	for (size_t i = 0; i < d->site->source_count; i++)
		if (strcmp(d->site->sources[i].url, url) == 0)
			d->known[i] = 1;
	if (due_us <= d->now_us)
		put(d, kind, url, due_us);
	return 0;
}

/* Articles to be looked at again, not in the queue yet: their number. */
static int
show_watched(struct dry *d, const char *name, struct error *e)
{
	struct watch_counts n = { 0 };
	char text[64];

	if (watch_count(d->watch, name, d->now_us, &n, e) != 0)
		return -1;
	(void)snprintf(text, sizeof(text), "%" PRIu64 " article(s)", n.due);
	if (n.due > 0)
		put(d, "recapture", text, 0);
	return 0;
}

static int
show_site(struct dry *d, const char *name, struct error *e)
{
	struct arena *a = arena_new();
	struct site site;
	int rc = site_read(&site, a, d->cli->config, d->cli->profiles, name, e);

	if (rc != 0)
		goto done;
	d->site = &site;
	d->known = arena_alloc(a, (site.source_count + 1) * sizeof(unsigned));
	if (d->sources != NULL)
		rc = sources_each(d->sources, name, each_source, d, e);
	for (size_t i = 0; i < site.source_count && rc == 0; i++)
		if (!d->known[i])
			put(d, source_kind_name(site.sources[i].kind),
			    site.sources[i].url, 0);
	if (rc == 0 && d->watch != NULL)
		rc = show_watched(d, name, e);
	if (rc == 0 && d->queue != NULL)
		rc = queue_each(d->queue, name, each_queued, d, e);
done:
	d->site = NULL;
	arena_free(a);
	return rc;
}

static int
open_state(struct dry *d, const struct collection *c, struct error *e)
{
	if (state_open_read(&d->state, c) != 1)
		return 0;
	if (queue_open(&d->queue, d->state, e) != 0 ||
	    sources_open(&d->sources, d->state, e) != 0 ||
	    watch_open(&d->watch, d->state, e) != 0)
		return -1;
	return 0;
}

int
run_dry(struct cli *c, const struct collection *collection,
    const char *const *names)
{
	struct dry d = { .cli = c, .arena = arena_new() };
	struct error e = { 0 };
	int code = EXIT_DONE;
	int rc;

	d.now_us = clock_system()->wall_us(clock_system());
	rc = open_state(&d, collection, &e);
	if (names == NULL)
		names = config_sites(c->config);
	for (size_t i = 0; rc == 0 && names[i] != NULL; i++)
		rc = show_site(&d, names[i], &e);
	if (rc != 0)
		code = cli_fail(&e);
	watch_close(d.watch);
	sources_close(d.sources);
	queue_close(d.queue);
	state_close(d.state);
	arena_free(d.arena);
	return code;
}
