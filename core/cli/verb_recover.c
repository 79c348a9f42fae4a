/* recover: seal what an interrupted run left. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"
#include "core/collection/recover.h"
#include "core/collection/withdraw.h"

static void
report_json(const struct recover_report *r, int code)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);

	json_set_integer(a, o, "interrupted", (int64_t)r->snapshots);
	json_set_integer(a, o, "sealed", (int64_t)r->sealed);
	json_set_integer(a, o, "removed", (int64_t)r->removed);
	json_set_integer(a, o, "damaged", (int64_t)r->damaged);
	json_set_integer(a, o, "twice", (int64_t)r->twice);
	json_set_integer(
	    a, o, "quarantined_bytes", (int64_t)r->quarantined_bytes);
	json_set_integer(a, o, "not_tried", (int64_t)r->not_tried);
	json_set_integer(a, o, "exit", code);
	cli_print_json(o);
	arena_free(a);
}

static void
report_text(const struct recover_report *r)
{
	char size[LOOK_SIZE_MAX];

	if (r->snapshots + r->damaged == 0) {
		puts("nothing was interrupted");
		return;
	}
	printf(
	    "%zu interrupted snapshot(s): %zu sealed, %zu removed (without an "
	    "exchange, or an unfinished import)\n",
	    r->snapshots, r->sealed, r->removed);
	if (r->damaged > 0)
		printf("%zu cut for damage\n", r->damaged);
	if (r->twice > 0)
		printf("%zu open beside the same sealed: moved to quarantine/"
		       "\n",
		    r->twice);
	printf("%" PRIu64 " target(s) not tried; %s moved to quarantine/\n",
	    r->not_tried, look_size(r->quarantined_bytes, size));
}

int
verb_recover(struct cli *c)
{
	int code = EXIT_DONE;
	struct clock *clock = clock_system();
	struct collection *collection = cli_open(c, &code);
	struct recover_report r = { 0 };
	struct recover_options o = { 0 };
	struct error e = { 0 };

	if (collection == NULL)
		return code;
	o.cut_damaged = config_flag(c->config, "cut-damaged");
	if (collection_lock(collection, &e) != 0 ||
	    withdraw_recover(collection, clock->wall_us(clock), &e) != 0 ||
	    collection_recover(collection, clock, &o, &r, &e) != 0)
		code = cli_fail(&e);
	else if (r.damaged > 0)
		code = EXIT_INCOMPLETE;
	/* What was done before a failure is reported too. */
	if (config_flag(c->config, "json"))
		report_json(&r, code);
	else if (code == EXIT_DONE || r.snapshots + r.damaged > 0)
		report_text(&r);
	collection_free(collection);
	return code;
}
