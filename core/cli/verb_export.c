/* export: a snapshot to hand on. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/collection/config.h"
#include "core/collection/export.h"
#include "core/collection/layout.h"
#include "core/collection/lookup.h"

struct exported {
	const char *snapshot, *path;
	uint64_t count, bytes;
};

static void
report_json(const struct exported *x)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);

	json_set_string(a, o, "snapshot", look_name(x->snapshot));
	json_set_string(a, o, "file", x->path);
	json_set_integer(a, o, "files", (int64_t)x->count);
	json_set_integer(a, o, "bytes", (int64_t)x->bytes);
	cli_print_json(o);
	arena_free(a);
}

static void
report_text(const struct exported *x)
{
	char size[LOOK_SIZE_MAX];

	cli_put(stdout, x->path);
	(void)fputs(": ", stdout);
	cli_put(stdout, look_name(x->snapshot));
	printf(
	    ", %" PRIu64 " files, %s\n", x->count, look_size(x->bytes, size));
}

int
verb_export(struct cli *c)
{
	struct exported x = { .path = config_text(c->config, "tar") };
	struct arena *a = arena_new();
	struct collection *collection = NULL;
	struct error e = { 0 };
	int code = EXIT_DONE;

	if (x.path[0] == '\0') {
		(void)error_set(&e, ERROR_USAGE,
		    "export: needs --tar FILE; see: holdfast help export");
		code = cli_fail(&e);
		goto done;
	}
	collection = cli_open(c, &code);
	if (collection == NULL)
		goto done;
	if (lookup_snapshot(collection, a, c->objects[0], &x.snapshot, &e) !=
		0 ||
	    export_snapshot(
		collection, x.snapshot, x.path, &x.count, &x.bytes, &e) != 0)
		code = cli_fail(&e);
	else if (config_flag(c->config, "json"))
		report_json(&x);
	else
		report_text(&x);
done:
	collection_free(collection);
	arena_free(a);
	return code;
}
