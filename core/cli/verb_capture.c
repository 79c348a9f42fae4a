/* capture: pages and everything they show, into a sealed snapshot. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/cli/cli.h"
#include "core/cli/url_lines.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"
#include "core/collection/originals.h"
#include "core/collection/unfinished.h"
#include "core/crawl/capture.h"
#include "core/crawl/hosts.h"
#include "core/crawl/settings.h"
#include "core/crawl/state.h"
#include "core/news/profile.h"
#include "core/web/fetch.h"
#include "core/web/url.h"

/* Seeds: the objects, then the lines of a file. */
struct seeds {
	struct cli *cli;
	size_t next_object;
	struct url_lines lines;
	const char **again; /* pages to be captured again */
	size_t again_count, next_again;
	char *held;   /* one seed looked at before its turn */
	char *handed; /* the one that was held, while it is used */
};

static const char *
read_seed(struct seeds *s)
{
	if (s->next_object < s->cli->object_count)
		return s->cli->objects[s->next_object++];
	if (s->next_again < s->again_count)
		return s->again[s->next_again++];
	return url_lines_next(&s->lines);
}

static int
next_seed(void *context, struct wanted *out, int64_t *wait_ms, struct error *e)
{
	struct seeds *s = context;

	(void)wait_ms;
	(void)e;
	*out = (struct wanted){ .via = "", .hops = "", .links = "" };
	if (s->held != NULL) {
		s->handed = s->held;
		s->held = NULL;
		out->url = s->handed;
	} else {
		out->url = read_seed(s);
	}
	return out->url == NULL ? -1 : 1;
}

static void
bad_seed(void *context, const char *seed, const char *why)
{
	(void)context;
	cli_say("%s: not captured: %s", seed, why);
}

static void
warn(void *context, const char *object, const char *text)
{
	const struct seeds *s = context;

	cli_status(s->cli, "");
	if (!config_flag(s->cli->config, "quiet"))
		cli_say("%s: %s", object, text);
}

static void
progress(void *context, const struct capture_progress *p)
{
	const struct seeds *s = context;
	char *text = mem_format("%ju pages, %ju files, %.1f MB, %ju failed  %s",
	    (uintmax_t)p->pages, (uintmax_t)p->targets, (double)p->bytes / 1e6,
	    (uintmax_t)p->failed, p->url == NULL ? "" : p->url);

	cli_status(s->cli, text);
	free(text);
}

/* The snapshot is named after the profile of the first seed. */
static const char *
site_of(struct seeds *s)
{
	const char *seed = read_seed(s);
	const struct profile *p;
	const char *key = "web";
	struct url url;

	if (seed == NULL)
		return key;
	s->held = mem_text(seed);
	if (url_parse(&url, seed, strlen(seed), NULL, NULL) == 0) {
		p = profile_for(s->cli->profiles, &url);
		if (p != NULL)
			key = profile_key(p);
		url_clear(&url);
	}
	return key;
}

/* What was kept and where, for people. */
static void
report(const struct cli *c, const struct capture_result *r)
{
	const struct snapshot_totals *t = &r->totals;

	if (config_flag(c->config, "quiet"))
		return;
	if (r->snapshot == NULL || r->snapshot[0] == '\0') {
		cli_say("nothing was exchanged; no snapshot was made");
		return;
	}
	printf("%ju of %ju pages, %ju targets: %ju good, %ju failed, %ju left "
	       "out; %ju records, %.1f MB kept\n",
	    (uintmax_t)r->seeds_good, (uintmax_t)r->seeds,
	    (uintmax_t)t->targets, (uintmax_t)t->good, (uintmax_t)t->failed,
	    (uintmax_t)t->left_out, (uintmax_t)t->records,
	    (double)t->archive_bytes / 1e6);
	if (r->incomplete > 0)
		printf("%ju page(s) incomplete: a required image is missing; "
		       "see report.json\n",
		    (uintmax_t)r->incomplete);
	(void)fputs("sealed: ", stdout);
	cli_put(stdout, r->snapshot);
	(void)fputc('\n', stdout);
}

static void
report_json(const struct capture_result *r, int code)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);
	struct buf line = { 0 };

	json_set_string(
	    a, o, "snapshot", r->snapshot == NULL ? "" : r->snapshot);
	json_set_integer(a, o, "pages", (int64_t)r->seeds);
	json_set_integer(a, o, "pages_good", (int64_t)r->seeds_good);
	json_set_integer(a, o, "pages_incomplete", (int64_t)r->incomplete);
	json_set_integer(a, o, "bad_urls", (int64_t)r->seeds_bad_url);
	json_set_integer(a, o, "targets", (int64_t)r->totals.targets);
	json_set_integer(a, o, "good", (int64_t)r->totals.good);
	json_set_integer(a, o, "failed", (int64_t)r->totals.failed);
	json_set_integer(a, o, "revisits", (int64_t)r->revisits);
	json_set_integer(a, o, "not_modified", (int64_t)r->not_modified);
	json_set_integer(a, o, "records", (int64_t)r->totals.records);
	json_set_integer(a, o, "articles", (int64_t)r->totals.articles);
	json_set_integer(
	    a, o, "archive_bytes", (int64_t)r->totals.archive_bytes);
	json_set_integer(a, o, "exit", code);
	json_write(&line, o);
	puts(buf_text(&line));
	buf_clear(&line);
	arena_free(a);
}

/* What hosts asked of us is known to all runs. Without a place for it this one
 * goes on with what it learns itself. */
struct memory {
	struct state *state;
	struct hosts *hosts;
};

static void
memory_open(struct memory *m, const struct collection *c)
{
	struct clock *clock = clock_system();
	struct error e = { 0 };

	if (state_open(&m->state, c, clock, NULL, &e) != 0 ||
	    hosts_open(&m->hosts, m->state, clock, &e) != 0)
		cli_say("%s; what hosts asked for is not remembered", e.text);
}

static void
memory_close(struct memory *m)
{
	hosts_close(m->hosts);
	state_close(m->state);
}

static int
capture(struct cli *c, struct collection *collection, struct seeds *seeds)
{
	struct memory memory = { 0 };
	struct fetch_options fetch = { 0 };
	struct capture_result result = { 0 };
	struct error e = { 0 };
	struct arena *a = arena_new();
	struct capture_options o = {
		.collection = collection,
		.zygote = c->zygote,
		.profiles = c->profiles,
		.clock = clock_system(),
		.next = next_seed,
		.bad_seed = bad_seed,
		.progress = c->terminal ? progress : NULL,
		.warn = warn,
		.context = seeds,
		.stop = c->stop,
	};
	int code;
	int rc;

	capture_settings(&o, &fetch, a, c->config);
	o.originals = originals_settings(
	    c->config, collection, o.clock->wall_us(o.clock));
	fetch.spool_dir = collection->dir;
	o.site = site_of(seeds);
	memory_open(&memory, collection);
	o.hosts = memory.hosts;
	rc = capture_run(&o, &result, &e);
	memory_close(&memory);
	cli_status(c, "");
	code = rc != 0 ? cli_fail(&e) : capture_exit_code(&result);
	if (config_flag(c->config, "json"))
		report_json(&result, code);
	else if (rc == 0)
		report(c, &result);
	capture_result_clear(&result);
	originals_free(o.originals);
	arena_free(a);
	return code;
}

static int
check_cookies(const struct cli *c, struct error *e)
{
	const char *path = config_text(c->config, "load-cookies");

	return path[0] == '\0' ? 0 : config_check_secret(path, e);
}

static int
find_unfinished(struct seeds *s, struct collection *collection, struct arena *a)
{
	struct error e = { 0 };

	if (unfinished_pages(collection, a, &s->again, &s->again_count, &e) !=
	    0)
		return cli_fail(&e);
	return EXIT_DONE;
}

/* Nothing is left to be captured again, and nothing else was asked for. */
static int
is_empty(const struct seeds *s)
{
	struct capture_result nothing = { 0 };

	if (!config_flag(s->cli->config, "retry-incomplete") ||
	    s->again_count > 0 || s->cli->object_count > 0 ||
	    s->lines.file != NULL)
		return 0;
	if (config_flag(s->cli->config, "json"))
		report_json(&nothing, EXIT_DONE);
	else if (!config_flag(s->cli->config, "quiet"))
		puts("no page is incomplete");
	return 1;
}

int
verb_capture(struct cli *c)
{
	struct seeds seeds = { .cli = c };
	struct collection *collection;
	struct error e = { 0 };
	int quiet = config_flag(c->config, "quiet") ||
		    config_flag(c->config, "json");
	int again = config_flag(c->config, "retry-incomplete");
	struct arena *a;
	int code = EXIT_DONE;

	if (check_cookies(c, &e) != 0 ||
	    url_lines_open(
		&seeds.lines, config_text(c->config, "input-file"), &e) != 0)
		return cli_fail(&e);
	if (c->object_count == 0 && seeds.lines.file == NULL && !again) {
		cli_say("capture: needs a URL, -i FILE or --retry-incomplete; "
			"see: holdfast help capture");
		return EXIT_USAGE;
	}
	a = arena_new();
	collection = cli_open_to_write(c,
	    !again || c->object_count > 0 || seeds.lines.file != NULL, &code);
	if (collection != NULL && again)
		code = find_unfinished(&seeds, collection, a);
	if (collection != NULL && code == EXIT_DONE && !is_empty(&seeds)) {
		if (!quiet) {
			(void)fputs("collection: ", stdout);
			cli_put(stdout, collection->dir);
			(void)fputc('\n', stdout);
			if (config_text(c->config, "contact")[0] == '\0')
				puts("contact: not set; set it with: holdfast "
				     "init --contact mailto:you@example.org, "
				     "or in holdfast.conf");
			(void)fflush(stdout);
		}
		code = capture(c, collection, &seeds);
	}
	collection_free(collection);
	url_lines_close(&seeds.lines);
	arena_free(a);
	free(seeds.held);
	free(seeds.handed);
	return code;
}
