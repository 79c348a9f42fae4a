/* audit: do sealed files change? For cron. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/cli/cli.h"
#include "core/collection/audit.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"

static void
put_look(const struct audit_look *l)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);
	char time[DATE_TEXT_MAX];

	date_rfc3339_us(l->time_us, time);
	json_set_string(a, o, "time", time);
	json_set_string(a, o, "file", l->file);
	json_set_integer(a, o, "size", (int64_t)l->size);
	json_set_string(a, o, "sha256", l->sha256);
	json_set_string(a, o, "result", audit_result_name(l->result));
	cli_print_json(o);
	arena_free(a);
}

/* The line that cron sends by mail. */
static void
alarm_line(const struct audit_look *l)
{
	char since[DATE_TEXT_MAX + 32] = "was never looked at before";

	if (l->ok_us > 0) {
		(void)snprintf(since, sizeof(since), "was well at ");
		date_rfc3339_s(l->ok_us, since + strlen(since));
	}
	if (l->result == AUDIT_UNREADABLE)
		cli_say("audit: %s: unreadable: %s", l->file, l->why);
	else if (l->result == AUDIT_MISSING)
		cli_say("audit: %s: missing; %s", l->file, since);
	else
		cli_say("audit: %s: changed: SHA-256 is %s, was %s; %s",
		    l->file, l->sha256, l->expected, since);
}

static int
each(void *context, const struct audit_look *l)
{
	struct cli *c = context;

	if (config_flag(c->config, "json"))
		put_look(l);
	if (l->result != AUDIT_OK) {
		cli_status(c, "");
		alarm_line(l);
	}
	return *c->stop != 0;
}

static void
progress(void *context, const char *file)
{
	cli_status(context, file);
}

static void
summary(const struct audit_totals *t, int code)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);

	json_set_bool(a, o, "summary", 1);
	json_set_integer(a, o, "files", (int64_t)t->files);
	json_set_integer(a, o, "bytes", (int64_t)t->bytes);
	json_set_integer(a, o, "left", (int64_t)t->left);
	if (t->oldest_us > 0)
		json_set_integer(a, o, "oldest_us", t->oldest_us);
	else
		json_set(a, o, "oldest_us", json_new_null(a));
	json_set_integer(a, o, "exit", code);
	cli_print_json(o);
	arena_free(a);
}

static int64_t
limit_ms(const struct cli *c)
{
	if (config_text(c->config, "max-time")[0] == '\0')
		return -1;
	return config_duration_ms(c->config, "max-time");
}

int
verb_audit(struct cli *c)
{
	int code = EXIT_DONE;
	struct collection *collection = cli_open(c, &code);
	const struct audit_options o = { .clock = clock_system(),
		.max_ms = limit_ms(c),
		.max_bytes = config_size(c->config, "max-bytes"),
		.each = each,
		.progress = progress,
		.context = c };
	struct audit_totals t = { 0 };
	struct error e = { 0 };
	int rc;

	if (collection == NULL)
		return code;
	rc = audit_run(collection, &o, &t, &e);
	cli_status(c, "");
	if (rc != 0)
		code = cli_fail(&e);
	if (t.bad > 0)
		code = EXIT_CHANGED;
	else if (code == EXIT_DONE && t.unreadable > 0)
		code = EXIT_FILE;
	else if (code == EXIT_DONE && *c->stop)
		code = EXIT_SIGNAL;
	if (config_flag(c->config, "json"))
		summary(&t, code);
	collection_free(collection);
	return code;
}
