/* withdraw: what is no longer shown. */
#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"
#include "core/collection/withdraw.h"
#include "core/collection/withdrawn.h"

static const char *
time_text(struct arena *a, int64_t us)
{
	char text[DATE_TEXT_MAX];

	date_rfc3339_s(us, text);
	return arena_text(a, text);
}

/* ---- --list ---- */

static void
list_json(struct arena *a, const struct withdrawal *w)
{
	struct json *o = json_new_object(a);

	json_set_string(a, o, "record", w->record);
	json_set_string(a, o, "type", w->type);
	json_set_string(a, o, "uri_sha256", w->uri_hash);
	json_set_string(a, o, "date", w->date);
	json_set_string(a, o, "snapshot", w->snapshot);
	json_set_string(a, o, "at", time_text(a, w->made_us));
	if (w->until_us == INT64_MAX)
		json_set(a, o, "until", json_new_null(a));
	else
		json_set_string(a, o, "until", time_text(a, w->until_us));
	json_set_bool(a, o, "erased", w->is_erased);
	json_set_string(a, o, "reason", w->reason);
	json_set_string(a, o, "by", w->by);
	cli_print_json(o);
}

static void
list_text(const struct withdrawal *w)
{
	char how[128];

	withdrawn_tell(w, how, sizeof(how));
	cli_put(stdout, w->record);
	(void)fputc(' ', stdout);
	cli_put(stdout, w->type);
	(void)fputc(' ', stdout);
	cli_put(stdout, w->date);
	(void)fputc(' ', stdout);
	cli_put(stdout, w->snapshot);
	printf(" %s by ", how);
	cli_put(stdout, w->by);
	(void)fputs(": ", stdout);
	cli_put(stdout, w->reason);
	(void)fputc('\n', stdout);
}

static int
list(struct cli *c, const struct withdraw_order *o)
{
	int code = EXIT_DONE;
	struct collection *collection = cli_open(c, &code);
	struct arena *a = arena_new();
	struct withdrawn *w = NULL;
	struct error e = { 0 };

	if (collection != NULL &&
	    withdrawn_open(&w, collection, o->now_us, &e) != 0)
		code = cli_fail(&e);
	look_only_prints();
	for (size_t i = 0; w != NULL && i < withdrawn_count(w); i++)
		if (config_flag(c->config, "json"))
			list_json(a, withdrawn_at(w, i));
		else
			list_text(withdrawn_at(w, i));
	withdrawn_free(w);
	arena_free(a);
	collection_free(collection);
	return code;
}

/* ---- withdrawing and lifting ---- */

static int
read_until(struct cli *c, struct withdraw_order *o, struct error *e)
{
	const char *until = config_text(c->config, "until");

	o->until_us = INT64_MAX;
	if (until[0] == '\0')
		return 0;
	if (strlen(until) < sizeof("2027-01-01") - 1 ||
	    !date_parse(until, &o->until_us, NULL))
		return error_set(e, ERROR_USAGE,
		    "--until %s: no date, as 2027-01-01 or "
		    "2027-01-01T12:00:00Z are",
		    until);
	if (o->until_us <= o->now_us)
		return error_set(
		    e, ERROR_USAGE, "--until %s: is over already", until);
	return 0;
}

static int
check_usage(struct cli *c, struct withdraw_order *o, struct error *e)
{
	o->reason = config_text(c->config, "reason");
	o->by = config_text(c->config, "by");
	if (c->object_count == 0)
		return error_set(e, ERROR_USAGE,
		    "withdraw: which capture? Name its URL or id, or say "
		    "--list");
	if (o->reason[0] == '\0' || o->by[0] == '\0')
		return error_set(e, ERROR_USAGE,
		    "withdraw: --reason and --by must say why and who");
	if (config_flag(c->config, "lift") + config_flag(c->config, "erase") +
		(config_text(c->config, "until")[0] != '\0') >
	    1)
		return error_set(e, ERROR_USAGE,
		    "withdraw: one of --until, --erase and --lift, not "
		    "several");
	if (config_flag(c->config, "with-revisits") &&
	    !config_flag(c->config, "erase"))
		return error_set(e, ERROR_USAGE,
		    "withdraw: --with-revisits is said with --erase");
	return read_until(c, o, e);
}

static void
report_json(
    struct cli *c, const struct withdraw_set *s, const char *done, long records)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);
	struct json *list = json_new_array(a);

	json_set_string(a, o, "done", done);
	json_set_integer(a, o, "captures", (int64_t)s->captures.count);
	json_set_integer(a, o, "records", records);
	json_set_integer(a, o, "others", (int64_t)s->others);
	json_set_bool(a, o, "dry_run", config_flag(c->config, "dry-run"));
	for (size_t i = 0; i < s->count; i++)
		json_append(a, list, json_new_string(a, s->records[i].id));
	json_set(a, o, "ids", list);
	list = json_new_array(a);
	for (size_t i = 0; i < s->quote_count; i++)
		json_append(a, list, json_new_string(a, s->quotes[i]));
	json_set(a, o, "quoted_by", list);
	cli_print_json(o);
	arena_free(a);
}

static void
report(
    struct cli *c, const struct withdraw_set *s, const char *done, long records)
{
	int dry = config_flag(c->config, "dry-run");

	if (config_flag(c->config, "json")) {
		report_json(c, s, done, records);
		return;
	}
	printf("%zu capture(s), %ld record(s) %s%s\n", s->captures.count,
	    records, dry ? "would be " : "", done);
	if (s->others > 0)
		printf("%zu other capture(s) of the address stay as they "
		       "are; --all-captures means them, too\n",
		    s->others);
	if (s->quote_count > 0)
		printf("%zu capture(s) that quote it or link to it stay:\n",
		    s->quote_count);
	for (size_t i = 0; i < s->quote_count; i++) {
		cli_put(stdout, s->quotes[i]);
		(void)fputc('\n', stdout);
	}
	for (size_t i = 0; dry && i < s->count; i++) {
		cli_put(stdout, s->records[i].id);
		(void)fputc(' ', stdout);
		cli_put(stdout, s->records[i].type);
		(void)fputc(' ', stdout);
		cli_put(stdout, s->records[i].uri);
		(void)fputc('\n', stdout);
	}
}

static int
change(struct cli *c, struct collection *collection, struct withdraw_set *s,
    const struct withdraw_order *o, struct error *e)
{
	int lift = config_flag(c->config, "lift");
	int erase = config_flag(c->config, "erase");
	long records;

	if (withdraw_find(s, collection, c->objects[0],
		config_flag(c->config, "all-captures"), e) != 0)
		return look_missing(collection, c->objects[0], e);
	if ((erase ? withdraw_reach(s, collection,
			 config_flag(c->config, "with-revisits"), e)
		   : withdraw_survey(s, collection, e)) != 0)
		return -1;
	records = (long)s->count;
	if (config_flag(c->config, "dry-run"))
		;
	else if (erase && withdraw_erase(collection, s, o, e) != 0)
		records = -1;
	else if (erase)
		;
	else if (lift)
		records = withdraw_lift(collection, s, o, e);
	else if (withdraw_embargo(collection, s, o, e) != 0)
		records = -1;
	if (records < 0)
		return -1;
	if (lift && records == 0)
		return error_set(e, ERROR_USAGE,
		    "%s: is not withdrawn, or erased", c->objects[0]);
	report(c, s,
	    lift    ? "shown again"
	    : erase ? "erased"
		    : "withdrawn",
	    records);
	return 0;
}

int
verb_withdraw(struct cli *c)
{
	struct clock *clock = clock_system();
	struct withdraw_order o = { .now_us = clock->wall_us(clock) };
	struct collection *collection;
	struct withdraw_set set;
	struct error e = { 0 };
	int code = EXIT_DONE;

	if (config_flag(c->config, "list") && c->object_count == 0)
		return list(c, &o);
	if (check_usage(c, &o, &e) != 0)
		return cli_fail(&e);
	collection = config_flag(c->config, "dry-run")
			 ? cli_open(c, &code)
			 : cli_open_to_write(c, 0, &code);
	if (collection == NULL)
		return code;
	withdraw_set_init(&set);
	if (change(c, collection, &set, &o, &e) != 0)
		code = cli_fail(&e);
	withdraw_set_clear(&set);
	collection_free(collection);
	return code;
}
