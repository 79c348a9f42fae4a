/* run: one pass over the sites that are watched; made for cron. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/cli/url_lines.h"
#include "core/cli/verb_run.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"
#include "core/collection/log_files.h"

enum { LOOK_MS = 200 };

/* What it must know before it asks anybody for anything. */
static int
check_settings(const struct cli *c, struct error *e)
{
	const char *const *sites = config_sites(c->config);

	if (config_text(c->config, "operator")[0] == '\0' ||
	    config_text(c->config, "contact")[0] == '\0')
		return error_set(e, ERROR_USAGE,
		    "run: operator and contact are not set; sites must be "
		    "able to reach who fetches their pages: set both in "
		    "%s/holdfast.conf, or with holdfast init",
		    config_text(c->config, "collection"));
	if (sites[0] == NULL)
		return error_set(e, ERROR_USAGE,
		    "run: no site is watched; add a section \"[site NAME]\" "
		    "with a front, feed or sitemap to %s/holdfast.conf (man "
		    "holdfast.conf)",
		    config_text(c->config, "collection"));
	for (size_t i = 0; i < c->object_count; i++) {
		const char *near;

		if (config_site(c->config, c->objects[i]) != NULL)
			continue;
		near = text_nearest(c->objects[i], sites);
		return error_set(e, ERROR_USAGE,
		    "%s: no such section in holdfast.conf%s%s%s", c->objects[i],
		    near == NULL ? "" : "; did you mean ",
		    near == NULL ? "" : near, near == NULL ? "" : "?");
	}
	return 0;
}

/* Sleep, until a signal asks to stop. 1 it did. */
static int
sleep_ms(const struct cli *c, int64_t ms)
{
	struct clock *clock = clock_system();
	int64_t end = clock->mono_ms(clock) + ms;

	while (!*c->stop && clock->mono_ms(clock) < end) {
		int64_t left = end - clock->mono_ms(clock);

		(void)poll(NULL, 0, left < LOOK_MS ? (int)left : LOOK_MS);
	}
	return *c->stop != 0;
}

/* Many machines with one crontab do not all ask at the same second. */
static int
wait_jitter(const struct cli *c)
{
	int64_t most = config_duration_ms(c->config, "jitter");
	uint64_t random = 0;

	if (most <= 0)
		return 0;
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return 0;
	return sleep_ms(c, (int64_t)(random % (uint64_t)most));
}

/* By --lock. 1 got it; 0 another run has it, and that is fine; -1. */
static int
lock(const struct cli *c, struct collection *collection, struct error *e)
{
	const char *how = config_text(c->config, "lock");
	int64_t end = config_duration_ms(c->config, "lock-wait");
	struct clock *clock = clock_system();

	end += clock->mono_ms(clock);
	while (collection_lock(collection, e) != 0) {
		if (e->kind != ERROR_LOCKED)
			return -1;
		if (strcmp(how, "skip") == 0)
			return 0;
		if (strcmp(how, "wait") != 0 || clock->mono_ms(clock) >= end ||
		    sleep_ms(c, LOOK_MS))
			return -1;
		error_clear(e);
	}
	return 1;
}

static const char *
next_given(void *context)
{
	return url_lines_next(context);
}

static int
run_locked(struct cli *c, struct collection *collection,
    const char *const *names, struct url_lines *given)
{
	struct run_output out = { .cli = c, .arena = arena_new() };
	struct error e = { 0 };
	const struct run_options o = {
		.collection = collection,
		.config = c->config,
		.zygote = c->zygote,
		.profiles = c->profiles,
		.clock = clock_system(),
		.sites = names,
		.given = given->file == NULL ? NULL : next_given,
		.given_context = given,
		.stop = c->stop,
		.show = c->show,
		.max_time_ms = config_duration_ms(c->config, "max-time:run"),
		.max_bytes = config_size(c->config, "max-size"),
		.warn = run_output_warn,
		.progress = c->terminal ? run_output_progress : NULL,
		.alarm = run_output_alarm,
		.site_ended = run_output_site,
		.context = &out,
	};
	int code = EXIT_DONE;

	if (run_sites(&o, &code, &e) != 0) {
		cli_status(c, "");
		cli_say("%s", e.text);
	}
	run_output_end(&out, code);
	arena_free(out.arena);
	return code;
}

static int
lock_and_run(struct cli *c, struct collection *collection,
    const char *const *names, struct url_lines *given)
{
	struct clock *clock = clock_system();
	int64_t now = clock->wall_us(clock);
	struct error e = { 0 };
	int rc = lock(c, collection, &e);
	int code;

	if (rc < 0)
		return cli_fail(&e);
	if (rc == 0)
		return EXIT_DONE;
	if (log_files_open(collection, now, &e) != 0)
		cli_say("%s", e.text);
	log_files_drop(collection, now, config_size(c->config, "log-keep"));
	code = run_locked(c, collection, names, given);
	log_close();
	return code;
}

int
verb_run(struct cli *c)
{
	const char *const *names = c->object_count == 0
				       ? NULL
				       : (const char *const *)c->objects;
	struct url_lines given = { 0 };
	struct error e = { 0 };
	int code = EXIT_DONE;
	struct collection *collection = cli_open(c, &code);

	if (collection == NULL)
		return code;
	if (check_settings(c, &e) != 0 ||
	    url_lines_open(&given, config_text(c->config, "input-file"), &e) !=
		0)
		code = cli_fail(&e);
	else if (config_flag(c->config, "dry-run"))
		code = run_dry(c, collection, names);
	else if (wait_jitter(c))
		code = EXIT_SIGNAL;
	else
		code = lock_and_run(c, collection, names, &given);
	url_lines_close(&given);
	collection_free(collection);
	return code;
}
