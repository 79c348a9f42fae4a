/* repair: every sound record of damaged files, into new ones. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/archive/format.h"
#include "core/archive/index_beside.h"
#include "core/archive/manifest.h"
#include "core/archive/repair.h"
#include "core/archive/repair_report.h"
#include "core/archive/sink.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/cli/look_files.h"
#include "core/collection/config.h"

struct repairing {
	struct cli *cli;
	const char *output; /* as given; "" with --dry-run alone */
	int into_dir;       /* it is a directory */
	int json, dry_run;
	int code;
	/* of the current file */
	const char *name;
	struct repair_report *report;
};

/* A file with what is written beside it. */
struct repaired {
	char *path, *report_path, *index_path, *manifest_path;
};

static void
repaired_clear(struct repaired *r)
{
	free(r->path);
	free(r->report_path);
	free(r->index_path);
	free(r->manifest_path);
}

static int
each_finding(void *context, const struct repair_finding *f, struct error *e)
{
	struct repairing *x = context;

	cli_status(x->cli, "");
	if (x->json) {
		struct arena *a = arena_new();
		struct json *o = repair_finding_json(a, f);

		json_set_string(a, o, "file", x->name);
		cli_print_json(o);
		arena_free(a);
	} else {
		printf("%s %s ", repair_kind_name(f->kind), f->code);
		cli_put(stdout, x->name);
		printf(":%" PRIu64 "-%" PRIu64 " ", f->from, f->to);
		cli_put(stdout, f->record[0] == '\0' ? "-" : f->record);
		(void)fputc(' ', stdout);
		cli_put(stdout, f->uri[0] == '\0' ? "-" : f->uri);
		(void)fputs(": ", stdout);
		cli_put(stdout, f->text);
		(void)fputc('\n', stdout);
	}
	return x->report == NULL ? 0 : repair_report_add(x->report, f, e);
}

/* "news.warc.gz.open" becomes "news.warc.gz", by what is really in it. */
static char *
sound_name(const char *path, enum source_kind kind)
{
	static const char *const left[] = { ".open", ".bad", ".part", ".tmp",
		".gz", ".zst", NULL };
	const char *slash = strrchr(path, '/');
	char *name = mem_text(slash == NULL ? path : slash + 1);
	const char *coding = kind == SOURCE_GZIP   ? ".gz"
			     : kind == SOURCE_ZSTD ? ".zst"
						   : "";
	const char *format = ".warc";
	char *whole;

	for (size_t i = 0; left[i] != NULL; i++)
		if (text_ends(name, left[i]) && strlen(name) > strlen(left[i]))
			name[strlen(name) - strlen(left[i])] = '\0';
	if (strcmp(name, "-") == 0)
		memcpy(name, "x", 1);
	if (text_ends(name, ".warc") || text_ends(name, ".arc"))
		format = "";
	whole = mem_format("%s%s%s", name, format, coding);
	free(name);
	return whole;
}

static void
place_output(
    struct repairing *x, const struct source *source, struct repaired *r)
{
	if (x->into_dir) {
		char *name = sound_name(x->name, source->kind);

		r->path = mem_format("%s%s%s", x->output,
		    text_ends(x->output, "/") ? "" : "/", name);
		free(name);
	} else {
		r->path = mem_text(x->output);
	}
	r->report_path = mem_format("%s.damage.json", r->path);
	r->index_path = mem_format("%s.cdxj", r->path);
	r->manifest_path = mem_format("%s.sha256", r->path);
}

/* PATH into the manifest, under its name alone. */
static int
add_file(struct manifest *m, const char *path, struct error *e)
{
	const char *slash = strrchr(path, '/');
	char hex[65];

	if (manifest_digest_file(path, hex, e) != 0)
		return -1;
	manifest_add(m, slash == NULL ? path : slash + 1, hex);
	return 0;
}

static int
write_manifest(const struct repaired *r, int has_output, struct error *e)
{
	struct manifest m = { 0 };
	struct buf b = { 0 };
	int rc = 0;

	if (has_output)
		rc = add_file(&m, r->path, e);
	if (rc == 0 && has_output)
		rc = add_file(&m, r->index_path, e);
	if (rc == 0)
		rc = add_file(&m, r->report_path, e);
	if (rc == 0) {
		manifest_write(&b, &m);
		rc = file_put(r->manifest_path, b.data, b.len, e);
	}
	buf_clear(&b);
	manifest_clear(&m);
	return rc;
}

static void
tell(struct repairing *x, const char *output, const struct repair_totals *t,
    int code)
{
	char size[LOOK_SIZE_MAX];

	if (x->json) {
		struct arena *a = arena_new();
		struct json *o = json_new_object(a);

		json_set_bool(a, o, "summary", 1);
		json_set_string(a, o, "file", x->name);
		json_set_string(a, o, "output", output);
		repair_totals_json(a, o, t);
		json_set_bool(a, o, "dry_run", x->dry_run);
		json_set_integer(a, o, "exit", code);
		cli_print_json(o);
		arena_free(a);
		return;
	}
	cli_put(stdout, x->name);
	printf(": %" PRIu64 " sound record(s), %" PRIu64
	       " place(s) lost (%s), %" PRIu64 " changed, %" PRIu64
	       " reframed; ",
	    t->records, t->lost, look_size(t->lost_bytes, size), t->changed,
	    t->reframed);
	if (output[0] == '\0')
		printf("nothing is written\n");
	else {
		(void)fputs("written to ", stdout);
		cli_put(stdout, output);
		(void)fputc('\n', stdout);
	}
}

static int
exit_of(const struct repair_totals *t)
{
	if (t->changed > 0)
		return EXIT_CHANGED;
	return t->lost > 0 ? EXIT_DAMAGED : EXIT_DONE;
}

/* Repair what SOURCE reads into R; TOTALS tell. */
static int
repair_into(struct repairing *x, struct source *source, struct input *in,
    const struct repaired *r, struct repair_totals *t, struct error *e)
{
	const struct repair_options o = {
		.each = each_finding, .context = x, .stop = x->cli->stop
	};
	struct sink_options so = { .coding = sink_coding_of(r->path) };
	struct sink *sink = NULL;
	int rc = -1;

	if (sink_open(&sink, r->path, &so, e) != 0 ||
	    repair_report_open(&x->report, r->report_path, x->name, e) != 0 ||
	    repair_records(source, in, sink, &o, t, e) != 0)
		goto done;
	/* A file without records helps nobody. */
	if (t->records > 0 && (sink_finish(sink, e) != 0 ||
				  index_beside(r->path, r->index_path, e) != 0))
		goto done;
	if (repair_report_finish(
		x->report, t->records > 0 ? r->path : "", t, e) != 0 ||
	    write_manifest(r, t->records > 0, e) != 0)
		goto done;
	rc = 0;
done:
	repair_report_free(x->report);
	x->report = NULL;
	sink_free(sink);
	return rc;
}

static int
repair_input(struct repairing *x, struct input *in, struct error *e)
{
	const struct repair_options o = {
		.each = each_finding, .context = x, .stop = x->cli->stop
	};
	struct repair_totals t = { 0 };
	struct repaired r = { 0 };
	struct source *source = NULL;
	int rc = repair_source(&source, in, e);

	if (rc == 0 && x->dry_run)
		rc = repair_records(source, in, NULL, &o, &t, e);
	else if (rc == 0) {
		place_output(x, source, &r);
		rc = repair_into(x, source, in, &r, &t, e);
	}
	if (rc == 0) {
		int code = exit_of(&t);

		x->code = look_code(x->code, code);
		tell(x, r.path == NULL || t.records == 0 ? "" : r.path, &t,
		    code);
	}
	source_free(source);
	repaired_clear(&r);
	return rc;
}

static void
repair_object(struct repairing *x, const char *path)
{
	struct input *in = NULL;
	struct error e = { 0 };
	int code;

	x->name = path;
	cli_status(x->cli, path);
	if (file_is_dir(path)) {
		(void)error_set(&e, ERROR_USAGE,
		    "%s: is a directory; name the files in it", path);
		x->code = look_code(x->code, cli_fail(&e));
		return;
	}
	if (input_open(&in, path, path, &e) != 0 ||
	    repair_input(x, in, &e) != 0) {
		cli_status(x->cli, "");
		if (*x->cli->stop) {
			x->code = EXIT_SIGNAL;
		} else {
			code = cli_fail(&e);
			/* No records at all: bytes that do not read. */
			if (e.kind == ERROR_INPUT)
				code = EXIT_DAMAGED;
			x->code = look_code(x->code, code);
		}
	}
	input_free(in);
}

/* Is PATH, the output for COUNT files, a directory, or to become one? Where
 * several are to go nothing else helps, unless its name is that of a file. */
static int
is_directory(const char *path, size_t count)
{
	struct stat st;

	if (text_ends(path, "/"))
		return 1;
	if (stat(path, &st) == 0)
		return S_ISDIR(st.st_mode);
	for (size_t i = 0; format_table[i] != NULL; i++)
		if (format_named(format_table[i], path))
			return 0;
	return count > 1;
}

int
verb_repair(struct cli *c)
{
	struct repairing x = { .cli = c,
		.output = config_text(c->config, "output"),
		.json = config_flag(c->config, "json"),
		.dry_run = config_flag(c->config, "dry-run") };
	struct error e = { 0 };
	size_t len = strlen(x.output);

	x.into_dir = len > 0 && is_directory(x.output, c->object_count);
	if (len == 0 && !x.dry_run)
		(void)error_set(&e, ERROR_USAGE,
		    "repair: needs -o FILE or -o DIR, or --dry-run");
	else if (!x.dry_run && strcmp(x.output, "-") == 0)
		(void)error_set(
		    &e, ERROR_USAGE, "repair: does not write to a pipe");
	else if (c->object_count > 1 && !x.into_dir && !x.dry_run)
		(void)error_set(&e, ERROR_USAGE,
		    "repair: several files need -o DIR, a directory");
	else if (x.into_dir && !x.dry_run)
		(void)file_make_dirs(x.output, &e);
	if (e.kind != ERROR_NONE)
		return cli_fail(&e);
	for (size_t i = 0; i < c->object_count && !*c->stop; i++)
		repair_object(&x, c->objects[i]);
	cli_status(c, "");
	return *c->stop ? EXIT_SIGNAL : x.code;
}
