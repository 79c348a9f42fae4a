/* verify: are the bytes those that were recorded? */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"
#include "core/collection/lookup.h"
#include "core/collection/verify_collection.h"

struct verifying {
	struct cli *cli;
	struct verify_collection_totals totals;
	int code; /* of what could not be looked at */
	int json, quiet;
};

static void
finding_json(const struct finding *f)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);

	json_set_string(a, o, "code", f->code);
	json_set_string(a, o, "severity", severity_name(f->severity));
	json_set_string(a, o, "file", f->file);
	json_set_integer(a, o, "offset", (int64_t)f->offset);
	json_set_string(a, o, "record", f->record);
	json_set_string(a, o, "text", f->text);
	cli_print_json(o);
	arena_free(a);
}

static void
each_finding(void *context, const struct finding *f)
{
	struct verifying *v = context;

	if (v->quiet && f->severity < SEVERITY_DAMAGE)
		return;
	cli_status(v->cli, "");
	if (v->json) {
		finding_json(f);
		return;
	}
	printf("%s %s ", severity_name(f->severity), f->code);
	cli_put(stdout, f->file);
	printf(":%" PRIu64 " ", f->offset);
	cli_put(stdout, f->record[0] == '\0' ? "-" : f->record);
	(void)fputc(' ', stdout);
	cli_put(stdout, f->text);
	(void)fputc('\n', stdout);
}

static void
progress(void *context, const char *what)
{
	struct verifying *v = context;

	/* Nothing is half done: whoever interrupts may have it now. */
	if (*v->cli->stop) {
		cli_status(v->cli, "");
		(void)fflush(stdout);
		exit(EXIT_SIGNAL);
	}
	cli_status(v->cli, what);
}

static struct verify_collection_options
options_of(struct verifying *v)
{
	return (struct verify_collection_options){
		.each_finding = each_finding,
		.progress = progress,
		.context = v,
		.rederive = config_flag(v->cli->config, "rederive"),
	};
}

/* Something could not be looked at: said, and the first such code counts. */
static void
failed(struct verifying *v, const struct error *e)
{
	int code = cli_fail(e);

	if (v->code == EXIT_DONE)
		v->code = code;
}

static void
verify_all(struct verifying *v, const char *dir)
{
	const struct verify_collection_options o = options_of(v);
	struct collection *c = NULL;
	struct error e = { 0 };

	if (collection_open(&c, dir, &e) != 0 ||
	    verify_collection(c, &o, &v->totals, &e) != 0)
		failed(v, &e);
	collection_free(c);
}

/* The collection around the snapshot at DIR (absolute), if there is one:
 * COLLECTION/snapshots/YYYY/MM/NAME. */
static struct collection *
collection_around(const char *dir, const char **snapshot)
{
	struct collection *c = NULL;
	size_t len = strlen(dir);
	unsigned slashes = 0;
	char *above;

	while (len > 0 && slashes < 4)
		slashes += dir[--len] == '/';
	if (len == 0 || !text_starts(dir + len + 1, "snapshots/"))
		return NULL;
	above = mem_text_n(dir, len);
	if (collection_open(&c, above, NULL) == 0)
		*snapshot = dir + len + 1;
	free(above);
	return c;
}

static void
verify_dir(struct verifying *v, const char *path)
{
	const struct verify_collection_options o = options_of(v);
	const char *snapshot = NULL;
	struct collection *c;
	struct error e = { 0 };
	char *dir = realpath(path, NULL);

	if (dir == NULL) {
		(void)error_system(&e, "%s", path);
		failed(v, &e);
		return;
	}
	c = collection_around(dir, &snapshot);
	if (verify_snapshot(c, snapshot, dir, &o, &v->totals, &e) != 0)
		failed(v, &e);
	collection_free(c);
	free(dir);
}

static void
verify_record_file(struct verifying *v, const char *path)
{
	const struct verify_options o = { .each_finding = each_finding,
		.context = v };
	struct error e = { 0 };

	if (verify_file(path, path, &o, &v->totals.files, &e) != 0)
		failed(v, &e);
}

static void
verify_name(struct verifying *v, const char *name)
{
	const struct verify_collection_options o = options_of(v);
	struct arena *a = arena_new();
	const char *snapshot = NULL;
	struct error e = { 0 };
	struct collection *c = NULL;
	char *dir = cli_collection_dir(v->cli);

	if (collection_open(&c, dir, NULL) != 0) {
		(void)error_set(&e, ERROR_NOTFOUND,
		    "%s: no such file, and no collection at %s to look in",
		    name, dir);
		failed(v, &e);
		goto done;
	}
	free(dir);
	dir = NULL;
	if (lookup_snapshot(c, a, name, &snapshot, &e) == 0) {
		dir = collection_path(c, snapshot);
		if (verify_snapshot(c, snapshot, dir, &o, &v->totals, &e) != 0)
			failed(v, &e);
	} else {
		failed(v, &e);
	}
done:
	free(dir);
	collection_free(c);
	arena_free(a);
}

static void
verify_object(struct verifying *v, const char *object)
{
	struct stat st;
	char *mark = mem_format("%s/collection.json", object);

	if (file_exists(mark))
		verify_all(v, object);
	else if (stat(object, &st) != 0)
		verify_name(v, object);
	else if (S_ISDIR(st.st_mode))
		verify_dir(v, object);
	else
		verify_record_file(v, object);
	free(mark);
}

static int
exit_of(const struct verifying *v)
{
	if (v->totals.files.changed > 0)
		return EXIT_CHANGED;
	if (v->totals.files.damaged > 0)
		return EXIT_DAMAGED;
	return v->code;
}

static void
summary_json(const struct verifying *v, int code)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);
	const struct verify_totals *t = &v->totals.files;

	json_set_bool(a, o, "summary", 1);
	json_set_integer(a, o, "snapshots", (int64_t)v->totals.snapshots);
	json_set_integer(a, o, "files", (int64_t)t->files);
	json_set_integer(a, o, "records", (int64_t)t->records);
	json_set_integer(a, o, "bytes", (int64_t)t->bytes);
	json_set_integer(a, o, "articles", (int64_t)v->totals.articles);
	json_set_integer(a, o, "rederived", (int64_t)v->totals.rederived);
	json_set_integer(a, o, "changed", (int64_t)t->changed);
	json_set_integer(a, o, "damaged", (int64_t)t->damaged);
	json_set_integer(a, o, "warnings", (int64_t)t->warnings);
	json_set_integer(a, o, "notes", (int64_t)t->notes);
	json_set_integer(a, o, "exit", code);
	cli_print_json(o);
	arena_free(a);
}

static void
summary_text(const struct verifying *v)
{
	const struct verify_totals *t = &v->totals.files;
	char size[LOOK_SIZE_MAX];

	if (v->totals.snapshots > 0)
		printf("%" PRIu64 " snapshot(s), ", v->totals.snapshots);
	printf("%" PRIu64 " record file(s), %" PRIu64 " records, %s: ",
	    t->files, t->records, look_size(t->bytes, size));
	if (v->code != EXIT_DONE)
		printf("not all could be looked at");
	else if (t->changed + t->damaged == 0)
		printf("all found is as recorded");
	else
		printf("%" PRIu64 " changed, %" PRIu64 " damaged", t->changed,
		    t->damaged);
	if (t->warnings > 0)
		printf(", %" PRIu64 " warning(s)", t->warnings);
	if (config_flag(v->cli->config, "rederive"))
		printf("; %" PRIu64 " of %" PRIu64
		       " article(s) read again and equal",
		    v->totals.rederived, v->totals.articles);
	(void)fputc('\n', stdout);
}

int
verb_verify(struct cli *c)
{
	struct verifying v = { .cli = c,
		.json = config_flag(c->config, "json"),
		.quiet = config_flag(c->config, "quiet") };
	int code;

	if (c->object_count == 0) {
		char *dir = cli_collection_dir(c);

		verify_all(&v, dir);
		free(dir);
	}
	for (size_t i = 0; i < c->object_count && !*c->stop; i++)
		verify_object(&v, c->objects[i]);
	cli_status(c, "");
	code = *c->stop ? EXIT_SIGNAL : exit_of(&v);
	if (v.json)
		summary_json(&v, code);
	else if (!v.quiet && v.totals.snapshots + v.totals.files.files > 0)
		summary_text(&v);
	return code;
}
