/* dedup: equal payloads become revisits. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/dedup.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/collection/config.h"
#include "core/collection/dedup_known.h"
#include "core/collection/layout.h"

static void
progress(void *context, const char *name, int second)
{
	char *text = mem_format("%s %s", second ? "writing" : "reading", name);

	cli_status(context, text);
	free(text);
}

static void
report_json(const struct cli *c, const struct dedup_result *r)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);

	json_set_string(a, o, "output", config_text(c->config, "output"));
	json_set_integer(a, o, "files", (int64_t)r->files);
	json_set_integer(a, o, "records", (int64_t)r->records);
	json_set_integer(a, o, "responses", (int64_t)r->responses);
	json_set_integer(a, o, "revisits", (int64_t)r->revisits);
	json_set_integer(a, o, "payload_bytes", (int64_t)r->payload_bytes);
	json_set_integer(a, o, "kept", (int64_t)r->kept);
	json_set_integer(a, o, "known", (int64_t)r->known);
	json_set_integer(a, o, "weak", (int64_t)r->weak);
	json_set_integer(a, o, "bytes_in", (int64_t)r->bytes_in);
	json_set_integer(a, o, "bytes_out", (int64_t)r->bytes_out);
	json_set_bool(a, o, "dry_run", config_flag(c->config, "dry-run"));
	cli_print_json(o);
	arena_free(a);
}

static void
report_text(const struct cli *c, const struct dedup_result *r)
{
	char in[LOOK_SIZE_MAX];
	char out[LOOK_SIZE_MAX];
	char saved[LOOK_SIZE_MAX];

	printf("%" PRIu64 " of %" PRIu64 " responses %s revisits, %s of "
	       "payload left out; %" PRIu64 " records of %" PRIu64
	       " file(s), %s",
	    r->revisits, r->responses,
	    config_flag(c->config, "dry-run") ? "would become" : "became",
	    look_size(r->payload_bytes, saved), r->records, r->files,
	    look_size(r->bytes_in, in));
	if (r->bytes_out > 0)
		printf(", now %s", look_size(r->bytes_out, out));
	(void)fputc('\n', stdout);
	if (r->kept > 0)
		printf("%" PRIu64 " with an equal payload stayed: they, or "
		       "what came first, are not what their digests say, or "
		       "it is the same record\n",
		    r->kept);
	if (r->weak > 0)
		printf("%" PRIu64 " index line(s) have no SHA-256 and were "
		       "not used\n",
		    r->weak);
}

/* What --against names. */
static int
know(struct dedup *d, const char *name, struct error *e)
{
	struct collection *c = NULL;
	int rc;

	if (!file_is_dir(name))
		return dedup_know_index(d, name, e);
	rc = collection_open(&c, name, e);
	if (rc == 0)
		rc = dedup_know_collection(d, c, e);
	collection_free(c);
	return rc;
}

static int
know_all(const struct cli *c, struct dedup *d, struct error *e)
{
	const char *const *names = config_list(c->config, "against");

	for (; names != NULL && *names != NULL; names++)
		if (know(d, *names, e) != 0)
			return -1;
	return 0;
}

static int
check_usage(const struct cli *c, struct error *e)
{
	const char *output = config_text(c->config, "output");
	int dry_run = config_flag(c->config, "dry-run");

	if (output[0] == '\0' && !dry_run)
		return error_set(e, ERROR_USAGE,
		    "dedup: needs -o FILE, or --dry-run; see: holdfast help "
		    "dedup");
	if (strcmp(output, "-") == 0)
		return error_set(e, ERROR_USAGE,
		    "-: revisits need their originals in a file");
	return cli_no_pipes(c, e);
}

int
verb_dedup(struct cli *c)
{
	const struct dedup_options o = {
		.min_size = config_size(c->config, "min-size"),
		.output = config_flag(c->config, "dry-run")
			      ? NULL
			      : config_text(c->config, "output"),
		.stop = c->stop,
		.progress = c->terminal ? progress : NULL,
		.context = c,
	};
	struct dedup *d = dedup_new(&o);
	struct dedup_result r = { 0 };
	struct error e = { 0 };
	int code = EXIT_DONE;
	int rc = check_usage(c, &e);

	if (rc == 0)
		rc = know_all(c, d, &e);
	if (rc == 0)
		rc = dedup_run(d, c->objects, c->object_count, &r, &e);
	cli_status(c, "");
	if (rc != 0) {
		code = cli_fail(&e);
	} else if (r.stopped) {
		cli_say("dedup: stopped; nothing was written");
		code = EXIT_SIGNAL;
	} else if (config_flag(c->config, "json")) {
		report_json(c, &r);
	} else {
		report_text(c, &r);
	}
	dedup_free(d);
	return code;
}
