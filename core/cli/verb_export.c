/* export: what is kept, as packages that others accept. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/record_filter.h"
#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/worker.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/collection/config.h"
#include "core/collection/export.h"
#include "core/collection/export_plan.h"
#include "core/collection/layout.h"
#include "core/collection/proof.h"

enum {
	STATUS_EVERY_MS = 250,
	FORECAST_MS = 1000 /* before that nobody knows how fast it goes */
};

struct export_kind {
	const char *setting; /* whose value is the path */
	int splits;          /* into several, when asked to */
	int (*make)(const struct export_plan *p, const struct export_options *o,
	    struct export_result *r, struct error *e);
};

static const struct export_kind kinds[] = {
	{ "tar", 0, export_tar },
	{ "wacz", 1, export_wacz },
	{ "warc", 1, export_warc },
	{ "bag", 0, export_bag },
	{ "articles", 0, export_articles },
};

struct exporting {
	struct cli *cli;
	const struct export_kind *kind;
	struct export_plan *plan;
	struct proof_key *key;  /* NULL: nothing is signed */
	struct zygote *decoder; /* NULL: not of articles */
	struct export_options options;
	struct export_result result;
	int64_t begun_ms, told_ms;
};

/* Exactly one. */
static int
choose_kind(struct exporting *x, struct error *e)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const char *path = config_text(
		    x->cli->config, kinds[i].setting);

		if (path[0] == '\0')
			continue;
		if (x->kind != NULL)
			return error_set(e, ERROR_USAGE,
			    "--%s and --%s: one at a time", x->kind->setting,
			    kinds[i].setting);
		x->kind = &kinds[i];
		x->options.path = path;
	}
	if (x->kind == NULL)
		return error_set(e, ERROR_USAGE,
		    "export: needs --tar FILE or another kind of package; "
		    "see: holdfast help export");
	if (config_size(x->cli->config, "split") > 0 && !x->kind->splits)
		return error_set(e, ERROR_USAGE,
		    "--split: of --wacz and --warc, not of --%s",
		    x->kind->setting);
	return 0;
}

/* RFC 3339, or 4 to 14 digits; NAME not given leaves *US. */
static int
get_time(const struct cli *c, const char *name, int64_t *us, struct error *e)
{
	const char *text = config_text(c->config, name);

	if (text[0] == '\0' || date_parse_digits(text, us) ||
	    date_parse(text, us, NULL))
		return 0;
	return error_set(e, ERROR_USAGE,
	    "--%s: %s: no time (2026-11-22T08:27:47Z or 20261122082747)", name,
	    text);
}

static void
progress(void *context, uint64_t done, uint64_t all)
{
	struct exporting *x = context;
	struct clock *clock = clock_system();
	int64_t now = clock->mono_ms(clock);
	int64_t passed = now - x->begun_ms;
	char size[2][LOOK_SIZE_MAX];
	char left[64] = "";
	char text[192];

	if (now - x->told_ms < STATUS_EVERY_MS)
		return;
	x->told_ms = now;
	if (passed >= FORECAST_MS && done > 0 && done <= all)
		(void)snprintf(left, sizeof(left), ", %" PRId64 " s left",
		    (int64_t)((double)passed / 1e3 * (double)(all - done) /
			      (double)done));
	(void)snprintf(text, sizeof(text), "%s of %s%s",
	    look_size(done, size[0]), look_size(all, size[1]), left);
	cli_status(x->cli, text);
}

static int
fill_options(struct exporting *x, struct error *e)
{
	struct export_options *o = &x->options;
	struct clock *clock = clock_system();

	o->time_us = INT64_MIN;
	o->operator= config_text(x->cli->config, "operator");
	o->contact = config_text(x->cli->config, "contact");
	o->split = config_size(x->cli->config, "split");
	o->packed_index = config_flag(x->cli->config, "packed-index");
	o->dry = config_flag(x->cli->config, "dry-run");
	o->now_us = clock->wall_us(clock);
	o->stop = x->cli->stop;
	o->progress = x->cli->terminal ? progress : NULL;
	o->context = x;
	x->told_ms = clock->mono_ms(clock) - STATUS_EVERY_MS;
	return get_time(x->cli, "time", &o->time_us, e);
}

/* All of the year, month, day ... that it names. */
static int
get_bounds(const struct cli *c, const char *name, int64_t *first, int64_t *last,
    struct error *e)
{
	const char *text = config_text(c->config, name);

	if (text[0] == '\0' || record_filter_time(text, first, last))
		return 0;
	return error_set(e, ERROR_USAGE, "--%.*s: %s is no time",
	    (int)strcspn(name, ":"), name, text);
}

static int
make_plan(
    struct exporting *x, const struct collection *collection, struct error *e)
{
	const struct cli *c = x->cli;
	struct clock *clock = clock_system();
	struct export_request r = { .objects = c->objects,
		.object_count = c->object_count,
		.site = config_text(c->config, "site:export"),
		.url = config_text(c->config, "url:export"),
		.since_us = INT64_MIN,
		.until_us = INT64_MAX,
		.self_contained = config_flag(c->config, "self-contained"),
		.without_withdrawn = config_flag(
		    c->config, "without-withdrawn"),
		.now_us = clock->wall_us(clock),
		.stop = c->stop };
	int64_t other;

	if (get_bounds(c, "since", &r.since_us, &other, e) != 0 ||
	    get_bounds(c, "until:export", &other, &r.until_us, e) != 0)
		return -1;
	return export_plan_make(&x->plan, collection, &r, e);
}

/* The collection's key, when it has one, signs what can be signed. */
static int
open_key(struct exporting *x, const struct collection *c, struct error *e)
{
	char *folder;
	char *path;
	int rc = 0;

	if (x->kind->make != export_wacz ||
	    config_flag(x->cli->config, "no-sign"))
		return 0;
	/* A key that is gone or cannot be reached is no reason to export
	 * without a word what nobody signed. */
	folder = collection_path(c, PROOF_KEYS);
	path = collection_path(c, PROOF_KEY_FILE);
	if (file_exists(folder))
		rc = proof_key_open(&x->key, path, e);
	x->options.key = x->key;
	free(path);
	free(folder);
	return rc;
}

/* ---- what is told ---- */

struct part {
	const char *snapshot;
	uint64_t files, bytes;
};

/* One for each snapshot of the plan. */
static struct part *
add_up(const struct export_plan *p, struct arena *a)
{
	size_t count;
	const struct export_file *files = export_plan_files(p, &count);
	struct part *parts = arena_alloc(
	    a, export_plan_snapshots(p) * sizeof(*parts));

	for (size_t i = 0; i < count; i++) {
		struct part *part = &parts[files[i].number];

		part->snapshot = files[i].snapshot;
		part->files++;
		part->bytes += files[i].size;
	}
	return parts;
}

static struct json *
parts_json(struct arena *a, const struct export_plan *p)
{
	const struct part *parts = add_up(p, a);
	struct json *list = json_new_array(a);

	for (size_t i = 0; i < export_plan_snapshots(p); i++) {
		struct json *o = json_new_object(a);

		json_set_string(a, o, "snapshot", parts[i].snapshot);
		json_set_integer(a, o, "files", (int64_t)parts[i].files);
		json_set_integer(a, o, "bytes", (int64_t)parts[i].bytes);
		json_append(a, list, o);
	}
	return list;
}

static struct json *
made_json(struct arena *a, const struct file_names *made)
{
	struct json *list = json_new_array(a);

	for (size_t i = 0; i < made->count; i++)
		json_append(a, list, json_new_string(a, made->names[i]));
	return list;
}

static void
report_json(const struct exporting *x, int dry)
{
	const struct export_result *r = &x->result;
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);
	char time[DATE_TEXT_MAX];

	date_rfc3339_s(x->options.time_us == INT64_MIN
			   ? export_plan_newest_us(x->plan)
			   : x->options.time_us,
	    time);
	json_set_string(a, o, "kind", x->kind->setting);
	json_set(a, o, "made", made_json(a, &r->made));
	json_set(a, o, "snapshots", parts_json(a, x->plan));
	json_set_bool(a, o, "selection", export_plan_is_selection(x->plan));
	json_set_integer(a, o, "files", (int64_t)r->files);
	json_set_integer(a, o, "bytes", (int64_t)r->bytes);
	json_set_integer(a, o, "written", (int64_t)r->written);
	json_set_string(a, o, "time", time);
	json_set_bool(a, o, "dry_run", dry);
	cli_print_json(o);
	arena_free(a);
}

static void
dry_text(const struct exporting *x)
{
	struct arena *a = arena_new();
	const struct part *parts = add_up(x->plan, a);
	char size[LOOK_SIZE_MAX];

	for (size_t i = 0; i < export_plan_snapshots(x->plan); i++) {
		cli_put(stdout, parts[i].snapshot);
		printf(": %" PRIu64 " files, %s\n", parts[i].files,
		    look_size(parts[i].bytes, size));
	}
	cli_put(stdout, x->options.path);
	printf(": would hold %" PRIu64 " files, %s\n", x->result.files,
	    look_size(x->result.bytes, size));
	arena_free(a);
}

static void
report_text(const struct exporting *x)
{
	const struct export_result *r = &x->result;
	char size[LOOK_SIZE_MAX];

	for (size_t i = 0; i < r->made.count; i++) {
		cli_put(stdout, r->made.names[i]);
		(void)puts("");
	}
	printf("%zu snapshot%s, %" PRIu64 " file%s, %s\n",
	    export_plan_snapshots(x->plan),
	    export_plan_snapshots(x->plan) == 1 ? "" : "s", r->files,
	    r->files == 1 ? "" : "s", look_size(r->written, size));
}

/* What is made is no part of what it is made of: in the collection it may lie
 * beside its folders, or in packages/. */
static int
check_place(
    const struct exporting *x, const struct collection *c, struct error *e)
{
	const char *path = x->options.path;
	const char *slash = strrchr(path, '/');
	char *folder = slash == NULL
			   ? mem_text(".")
			   : mem_text_n(path, (size_t)(slash - path) + 1);
	char *real = realpath(folder, NULL);
	char *own = realpath(c->dir, NULL);
	size_t len = own == NULL ? 0 : strlen(own);
	int rc = 0;

	if (real != NULL && own != NULL && strncmp(real, own, len) == 0 &&
	    real[len] == '/' && strcmp(real + len, "/packages") != 0 &&
	    !text_starts(real + len, "/packages/"))
		rc = error_set(e, ERROR_USAGE,
		    "%s: would lie in the collection's own folders", path);
	free(own);
	free(real);
	free(folder);
	return rc;
}

static int export(
    struct exporting *x, const struct collection *c, struct error *e)
{
	struct clock *clock = clock_system();
	int dry = x->options.dry;
	int rc;

	if (check_place(x, c, e) != 0 || make_plan(x, c, e) != 0 ||
	    (!dry && open_key(x, c, e) != 0))
		return -1;
	/* How fast it goes is how fast it is written. */
	x->begun_ms = clock->mono_ms(clock);
	rc = x->kind->make(x->plan, &x->options, &x->result, e);
	cli_status(x->cli, "");
	if (rc != 0)
		return -1;
	if (config_flag(x->cli->config, "json"))
		report_json(x, dry);
	else if (dry)
		dry_text(x);
	else
		report_text(x);
	return 0;
}

static int
decode(void *context, struct contents *c, struct buf *out, struct error *e)
{
	const struct exporting *x = context;

	return look_decode(x->decoder, c, out, e);
}

/* Pages are decoded by workers, which begin before anything is opened. */
static int
start_decoder(struct exporting *x, struct error *e)
{
	if (x->kind->make != export_articles)
		return 0;
	x->decoder = look_decoder();
	if (x->decoder == NULL)
		return error_set(e, ERROR_SYSTEM, "no workers");
	x->options.decode = decode;
	x->options.decode_context = x;
	return 0;
}

int
verb_export(struct cli *c)
{
	struct exporting x = { .cli = c };
	struct collection *collection = NULL;
	struct error e = { 0 };
	int code = EXIT_DONE;

	if (choose_kind(&x, &e) != 0 || fill_options(&x, &e) != 0 ||
	    start_decoder(&x, &e) != 0)
		code = cli_fail(&e);
	else
		collection = cli_open(c, &code);
	if (collection != NULL && export(&x, collection, &e) != 0)
		code = cli_fail(&e);
	export_result_clear(&x.result);
	export_plan_free(x.plan);
	zygote_stop(x.decoder);
	proof_key_free(x.key);
	collection_free(collection);
	return code;
}
