/* rebuild: what can be made again from the snapshots. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/cli/cli.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"
#include "core/collection/rebuild.h"

static const struct {
	const char *name;
	unsigned parts;
} choices[] = {
	{ "index", REBUILD_INDEX },
	{ "state", REBUILD_STATE },
	{ "all", REBUILD_INDEX | REBUILD_STATE },
};

static unsigned
find_parts(const char *name)
{
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
		if (strcmp(choices[i].name, name) == 0)
			return choices[i].parts;
	return 0;
}

static void
each_difference(void *context, const char *file)
{
	const struct cli *c = context;

	if (config_flag(c->config, "json")) {
		struct arena *a = arena_new();
		struct json *o = json_new_object(a);

		json_set_string(a, o, "differs", file);
		cli_print_json(o);
		arena_free(a);
		return;
	}
	(void)fputs("differs ", stdout);
	cli_put(stdout, file);
	(void)fputs(": not what the records give; it stays as it is; see: "
		    "holdfast verify\n",
	    stdout);
}

static void
report(const struct cli *c, const struct rebuild_report *r, int code)
{
	struct arena *a;
	struct json *o;

	if (!config_flag(c->config, "json")) {
		printf("%s made anew from %" PRIu64 " snapshot(s); %" PRIu64
		       " lines of their listings compared, %" PRIu64
		       " listing(s) differ\n",
		    c->objects[0], r->snapshots, r->lines, r->differ);
		return;
	}
	a = arena_new();
	o = json_new_object(a);
	json_set_bool(a, o, "summary", 1);
	json_set_string(a, o, "rebuilt", c->objects[0]);
	json_set_integer(a, o, "snapshots", (int64_t)r->snapshots);
	json_set_integer(a, o, "lines", (int64_t)r->lines);
	json_set_integer(a, o, "differ", (int64_t)r->differ);
	json_set_integer(a, o, "exit", code);
	cli_print_json(o);
	arena_free(a);
}

int
verb_rebuild(struct cli *c)
{
	unsigned parts = find_parts(c->objects[0]);
	struct rebuild_report r = { 0 };
	struct collection *collection;
	struct error e = { 0 };
	int code = EXIT_DONE;

	if (parts == 0) {
		(void)error_set(&e, ERROR_USAGE,
		    "%s: rebuild takes index, state or all", c->objects[0]);
		return cli_fail(&e);
	}
	collection = cli_open_to_write(c, 0, &code);
	if (collection == NULL)
		return code;
	if (rebuild(collection, parts, each_difference, c, &r, &e) != 0) {
		code = cli_fail(&e);
	} else {
		code = r.differ > 0 ? EXIT_CHANGED : EXIT_DONE;
		report(c, &r, code);
	}
	collection_free(collection);
	return code;
}
