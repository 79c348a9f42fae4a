/* verify: are the bytes those that were recorded? */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/format.h"
#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/cli/verify_verb.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"
#include "core/collection/lookup.h"
#include "core/collection/proof.h"

enum { SHOW_MS = 200 };

static int64_t
now_ms(void)
{
	return clock_system()->mono_ms(clock_system());
}

/* "1.2 GB of 3.4 GB, 850.0 MB/s, 3 s left: NAME" */
void
verify_show(struct verifying *v, uint64_t bytes)
{
	char done[LOOK_SIZE_MAX];
	char all[LOOK_SIZE_MAX];
	char rate[LOOK_SIZE_MAX];
	int64_t now;
	uint64_t spent;
	uint64_t speed;
	char *text;

	if (!v->cli->terminal || (now = now_ms()) - v->shown_ms < SHOW_MS)
		return;
	v->shown_ms = now;
	spent = (uint64_t)(now - v->begun_ms) + 1;
	speed = bytes * 1000 / spent;
	if (v->all_bytes > bytes && speed > 0)
		text = mem_format("%s of %s, %s/s, %" PRIu64 " s left: %s",
		    look_size(bytes, done), look_size(v->all_bytes, all),
		    look_size(speed, rate), (v->all_bytes - bytes) / speed + 1,
		    v->shown);
	else
		text = mem_format("%s, %s/s: %s", look_size(bytes, done),
		    look_size(speed, rate), v->shown);
	cli_status(v->cli, text);
	free(text);
}

void
verify_say_finding(void *context, const struct finding *f)
{
	struct verifying *v = context;

	verify_report_finding(v->report, f);
}

void
verify_note(struct verifying *v, enum severity severity, const char *code,
    const char *file, uint64_t offset, const char *text)
{
	const struct finding f = { severity, code, file, offset, "", text };
	enum verify_check check = verify_check_of(code);

	if (check != CHECK_COUNT && v->skip >> check & 1)
		return;
	verify_count(&v->totals.files, severity);
	verify_report_finding(v->report, &f);
}

int
verify_each_record(void *context, const struct verified_record *r)
{
	struct verifying *v = context;

	verify_report_record(v->report, r);
	verify_stop(v);
	return 0;
}

void
verify_failed(struct verifying *v, const char *name, const struct error *e)
{
	int code = cli_fail(e);

	v->unread++;
	verify_report_unread(v->report, name, e->text);
	if (v->code == EXIT_DONE)
		v->code = code;
}

/* The first that applies (DESIGN, 9). */
static int
exit_of(const struct verifying *v)
{
	if (v->totals.files.changed > 0)
		return EXIT_CHANGED;
	if (v->totals.files.damaged > 0)
		return EXIT_DAMAGED;
	/* What was named wrongly is a matter of the command line as long as
	 * nothing else was looked at. */
	if (v->code == EXIT_USAGE && v->units.begun + v->units.passed > 0)
		return EXIT_FILE;
	if (v->code != EXIT_DONE)
		return v->code;
	if (*v->cli->stop)
		return EXIT_SIGNAL;
	return v->is_stopped ? EXIT_TIME : EXIT_DONE;
}

/* --only and --skip. */
static int
read_checks(struct verifying *v, struct error *e)
{
	const char *only = config_text(v->cli->config, "only");
	const char *skip = config_text(v->cli->config, "skip");
	uint32_t mask;

	if (only[0] != '\0') {
		if (verify_checks_parse(only, &mask, e) != 0)
			return -1;
		v->skip = ~mask & (((uint32_t)1 << CHECK_COUNT) - 1);
	}
	if (skip[0] != '\0') {
		if (verify_checks_parse(skip, &mask, e) != 0)
			return -1;
		v->skip |= mask;
	}
	return 0;
}

static enum verify_level
level_of(const struct cli *c)
{
	const char *name = config_text(c->config, "level");

	if (strcmp(name, "quick") == 0)
		return VERIFY_QUICK;
	if (strcmp(name, "deep") == 0 || config_flag(c->config, "rederive"))
		return VERIFY_DEEP;
	return VERIFY_FULL;
}

/* What two calls must have in common for the second to go on where the first
 * stopped. */
static void
describe(const struct verifying *v, struct buf *out)
{
	const struct cli *c = v->cli;
	char *dir = cli_collection_dir(c);

	buf_format(out, "%d %" PRIu32 " %" PRIu64 "/%" PRIu64 " %s ",
	    (int)v->level, v->skip, v->units.part, v->units.parts,
	    config_text(c->config, "input-file"));
	buf_add(out, dir, strlen(dir) + 1);
	for (size_t i = 0; i < c->object_count; i++)
		buf_add(out, c->objects[i], strlen(c->objects[i]) + 1);
	free(dir);
}

static int
set_limit(struct verifying *v, struct error *e)
{
	const struct cli *c = v->cli;
	const char *file = config_text(c->config, "state");
	int is_all = c->object_count == 0 &&
		     config_text(c->config, "input-file")[0] == '\0';
	char *dir = cli_collection_dir(c);
	char *state = NULL;
	struct buf what = { 0 };
	int rc;

	v->units.end_ms = -1;
	if (config_text(c->config, "max-time")[0] == '\0') {
		free(dir);
		return file[0] == '\0'
			   ? 0
			   : error_set(e, ERROR_USAGE,
				 "--state: is for --max-time SECONDS");
	}
	if (file[0] != '\0')
		state = mem_text(file);
	else if (is_all) {
		char *folder = mem_format("%s/state", dir);

		/* It may be lost without loss. */
		if (file_is_dir(dir) && !file_is_dir(folder))
			(void)file_make_dir(folder, NULL);
		state = mem_format("%s/verify", folder);
		free(folder);
	}
	free(dir);
	if (state == NULL)
		return error_set(e, ERROR_USAGE,
		    "--max-time: needs --state FILE, to go on from, unless a "
		    "whole collection is verified");
	describe(v, &what);
	rc = verify_units_limit(&v->units,
	    config_duration_ms(c->config, "max-time"), state, &what, e);
	buf_clear(&what);
	free(state);
	return rc;
}

static int
begin(struct verifying *v, struct error *e)
{
	const struct config *c = v->cli->config;
	const char *subset = config_text(c, "subset");
	const struct verify_report_options o = {
		.json = config_flag(c, "json"),
		.quiet = config_flag(c, "quiet"),
		.verdicts = config_flag(c, "verdicts"),
		.junit = config_text(c, "junit"),
	};

	if (proof_trust_open(&v->trust, config_text(c, "trust"), e) != 0)
		return -1;
	v->level = level_of(v->cli);
	v->verdicts = o.verdicts;
	v->threads = (unsigned)config_size(c, "threads");
	v->begun_ms = now_ms();
	if (subset[0] != '\0' && !verify_units_subset(&v->units, subset))
		return error_set(e, ERROR_USAGE,
		    "--subset: %s is not a part as 2/5 is", subset);
	if (read_checks(v, e) != 0 || set_limit(v, e) != 0)
		return -1;
	/* Of a part nobody knows what the rest names. */
	if (v->level != VERIFY_QUICK && v->units.parts == 0)
		v->references = verify_references_new();
	return verify_report_new(&v->report, v->cli, &o, e);
}

static int
is_enough(const struct verifying *v)
{
	return *v->cli->stop || v->is_stopped;
}

/* The objects in FILE (NULL: none), one a line, or behind each a NUL. */
static void
verify_list(struct verifying *v, const char *path)
{
	int end = config_flag(v->cli->config, "null") ? '\0' : '\n';
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	struct error e = { 0 };

	if (f == NULL) {
		(void)error_system(&e, "%s", path);
		verify_failed(v, path, &e);
		return;
	}
	while (!is_enough(v) && (len = getdelim(&line, &cap, end, f)) >= 0) {
		if (len > 0 && line[len - 1] == end)
			line[--len] = '\0';
		if (len == 0)
			continue;
		verify_object(v, line);
		v->units.object++;
	}
	if (ferror(f)) {
		(void)error_system(&e, "%s", path);
		verify_failed(v, path, &e);
	}
	free(line);
	if (f != stdin)
		(void)fclose(f);
}

static void
verify_objects(struct verifying *v)
{
	struct cli *c = v->cli;
	const char *list = config_text(c->config, "input-file");
	char *dir = cli_collection_dir(c);

	if (c->terminal) {
		for (size_t i = 0; i < c->object_count; i++)
			v->all_bytes += verify_object_bytes(v, c->objects[i]);
		if (c->object_count == 0 && list[0] == '\0')
			v->all_bytes = verify_object_bytes(v, dir);
	}
	if (c->object_count == 0 && list[0] == '\0')
		verify_all(v, dir);
	for (size_t i = 0; i < c->object_count && !is_enough(v); i++) {
		verify_object(v, c->objects[i]);
		v->units.object++;
	}
	if (list[0] != '\0' && !is_enough(v))
		verify_list(v, list);
	free(dir);
}

/* The collection around a file in a snapshot, else that of --collection;
 * NULL. */
static struct collection *
collection_of(const struct verifying *v, const char *file)
{
	struct collection *c = NULL;
	char *path = realpath(file, NULL);
	char *end = path == NULL ? NULL : strstr(path, "/snapshots/");
	char *dir;

	if (end != NULL) {
		*end = '\0';
		(void)collection_open(&c, path, NULL);
	}
	free(path);
	if (c != NULL)
		return c;
	dir = cli_collection_dir(v->cli);
	(void)collection_open(&c, dir, NULL);
	free(dir);
	return c;
}

/* What the revisit at OFFSET of FILE refers to; NULL. */
static const char *
original_of(struct arena *a, const char *file, uint64_t offset)
{
	struct source *source = NULL;
	struct record record;
	struct place where;
	const char *id = NULL;

	if (source_open(&source, file, NULL) == 0 &&
	    source_seek(source, offset, NULL) == 0 &&
	    source_next(source, a, &record, &where, NULL) == 1)
		id = record_uri_field(a, &record, "WARC-Refers-To");
	source_free(source);
	return id;
}

/* An original that is in none of the files named may be in the collection
 * around them. */
static int
is_in_collection(const struct verifying *v, const struct finding *f)
{
	struct arena *a = arena_new();
	struct collection *c = collection_of(v, f->file);
	const char *id = c == NULL ? NULL : original_of(a, f->file, f->offset);
	struct found found;
	int there = id != NULL && id[0] != '\0' &&
		    lookup_record(c, a, id, &found, NULL) == 0;

	collection_free(c);
	arena_free(a);
	return there;
}

static void
say_reference(void *context, const struct finding *f)
{
	struct verifying *v = context;

	if (f->severity == SEVERITY_NOTE && strcmp(f->code, "revisit") == 0 &&
	    is_in_collection(v, f))
		v->totals.files.notes--;
	else
		verify_report_finding(v->report, f);
}

static void
check_references(struct verifying *v)
{
	const struct verify_options o = {
		.each_finding = say_reference, .context = v, .skip = v->skip
	};
	struct error e = { 0 };

	if (v->references != NULL && !is_enough(v) &&
	    verify_references_end(v->references, &o, &v->totals.files, &e) != 0)
		verify_failed(v, "references", &e);
}

/* Nothing is half done: whoever interrupts may have it now. */
static int
finish(struct verifying *v)
{
	struct verify_summary s = { .totals = &v->totals,
		.unread = v->unread,
		.passed = v->units.passed,
		.is_unfinished = is_enough(v),
		.rederive = v->level == VERIFY_DEEP };
	struct error e = { 0 };

	if (verify_units_end(&v->units, !is_enough(v), &e) != 0)
		verify_failed(v, v->units.state, &e);
	s.code = exit_of(v);
	if (verify_report_end(v->report, &s, &e) != 0) {
		int code = cli_fail(&e);

		s.code = s.code == EXIT_DONE ? code : s.code;
	}
	return s.code;
}

void
verify_stop(struct verifying *v)
{
	int code;

	if (!*v->cli->stop)
		return;
	code = finish(v);
	(void)fflush(stdout);
	_exit(code); /* threads may be at work */
}

int
verb_verify(struct cli *c)
{
	struct verifying v = { .cli = c, .shown = "" };
	struct error e = { 0 };
	int code;

	if (begin(&v, &e) != 0) {
		code = cli_fail(&e);
	} else {
		verify_objects(&v);
		check_references(&v);
		code = finish(&v);
	}
	verify_report_free(v.report);
	verify_units_clear(&v.units);
	verify_references_free(v.references);
	proof_trust_free(v.trust);
	target_set_clear(&v.files);
	return code;
}
