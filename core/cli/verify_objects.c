/* What verify is given: collections, snapshots, record files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/archive/record_files.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/cli/verify_verb.h"
#include "core/collection/layout.h"
#include "core/collection/lookup.h"
#include "core/collection/verify_collection.h"

static int
want_snapshot(void *context, const char *snapshot)
{
	struct verifying *v = context;
	int want = verify_units_want(&v->units, snapshot);

	v->is_stopped |= want < 0;
	return want;
}

static void
unit_done(struct verifying *v, const char *name)
{
	struct error e = { 0 };

	if (verify_units_done(&v->units, name, &e) != 0)
		verify_failed(v, v->units.state, &e);
}

static void
snapshot_done(void *context, const char *snapshot)
{
	unit_done(context, snapshot);
}

static void
progress(void *context, const char *what)
{
	struct verifying *v = context;

	verify_stop(v);
	v->shown = what;
	verify_show(v, v->totals.hashed + v->totals.files.bytes);
	v->shown = "";
}

static void
each_snapshot_file(void *context, const char *file)
{
	struct verifying *v = context;

	verify_report_file(v->report, file);
}

struct verify_collection_options
verify_options_of(struct verifying *v)
{
	return (struct verify_collection_options){
		.each_finding = verify_say_finding,
		.each_record = verify_each_record,
		.each_file = each_snapshot_file,
		.progress = progress,
		.want = want_snapshot,
		.done = snapshot_done,
		.context = v,
		.level = v->level,
		.rederive = v->level == VERIFY_DEEP,
		.skip = v->skip,
		.threads = v->threads,
	};
}

void
verify_all(struct verifying *v, const char *dir)
{
	const struct verify_collection_options o = verify_options_of(v);
	struct collection *c = NULL;
	struct error e = { 0 };

	if (collection_open(&c, dir, &e) != 0 ||
	    verify_collection(c, &o, &v->totals, &e) != 0)
		verify_failed(v, dir, &e);
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

/* One snapshot is a unit by itself. */
static void
verify_unit(struct verifying *v, const struct collection *c,
    const char *snapshot, const char *dir)
{
	const struct verify_collection_options o = verify_options_of(v);
	struct error e = { 0 };

	if (want_snapshot(v, dir) != 1)
		return;
	if (verify_snapshot(c, snapshot, dir, &o, &v->totals, &e) != 0)
		verify_failed(v, dir, &e);
	unit_done(v, dir);
}

static void
verify_snapshot_dir(struct verifying *v, const char *path)
{
	const char *snapshot = NULL;
	struct collection *c;
	struct error e = { 0 };
	char *dir = realpath(path, NULL);

	if (dir == NULL) {
		(void)error_system(&e, "%s", path);
		verify_failed(v, path, &e);
		return;
	}
	c = collection_around(dir, &snapshot);
	verify_unit(v, c, snapshot, dir);
	collection_free(c);
	free(dir);
}

static int
each_file(void *context, struct input *in, struct error *e)
{
	struct verifying *v = context;
	const char *name = input_name(in);
	int want = want_snapshot(v, name);

	if (want != 1)
		return want < 0;
	if (verify_lone(v, in, e) != 0) {
		verify_failed(v, name, e);
		error_clear(e);
	}
	unit_done(v, name);
	return *v->cli->stop != 0;
}

/* Bytes that do not read are damage, wherever they show. */
static void
unread(void *context, const char *name, const struct error *why)
{
	struct verifying *v = context;

	if (why->kind == ERROR_INPUT || why->kind == ERROR_LIMIT) {
		verify_report_file(v->report, name);
		verify_note(v, SEVERITY_DAMAGE, "format", name, 0, why->text);
	} else {
		verify_failed(v, name, why);
	}
}

/* In IN, or (NULL) what OBJECT names. */
static void
verify_files_in(struct verifying *v, const char *object, struct input *in)
{
	const struct record_files f = {
		.each = each_file, .unread = unread, .context = v
	};
	const uint64_t before = v->units.begun + v->units.passed + v->unread;
	const uint64_t damaged = v->totals.files.damaged;
	struct error e = { 0 };

	if ((in == NULL ? record_files_each(object, &f, &e)
			: record_files_each_input(in, &f, &e)) < 0)
		verify_failed(v, object, &e);
	else if (before == v->units.begun + v->units.passed + v->unread &&
		 damaged == v->totals.files.damaged && !v->is_stopped) {
		(void)error_set(&e, ERROR_NOTFOUND,
		    "%s: no record file, snapshot, package or collection",
		    object);
		verify_failed(v, object, &e);
	}
}

static void
verify_files(struct verifying *v, const char *object)
{
	struct input *in = NULL;

	if (!verify_packed(v, object, &in))
		verify_files_in(v, object, in);
	input_free(in);
}

static void
verify_name(struct verifying *v, const char *name)
{
	struct arena *a = arena_new();
	const char *snapshot = NULL;
	struct error e = { 0 };
	struct collection *c = NULL;
	char *dir = cli_collection_dir(v->cli);

	if (collection_open(&c, dir, NULL) != 0) {
		(void)error_set(&e, ERROR_NOTFOUND,
		    "%s: no such file, and no collection at %s to look in",
		    name, dir);
		verify_failed(v, name, &e);
	} else if (lookup_snapshot(c, a, name, &snapshot, &e) == 0) {
		free(dir);
		dir = collection_path(c, snapshot);
		verify_unit(v, c, snapshot, dir);
	} else {
		verify_failed(v, name, &e);
	}
	free(dir);
	collection_free(c);
	arena_free(a);
}

/* "a.wacz/archive/data.warc.gz": is some beginning of it a file? */
static int
is_inside(const char *object)
{
	char *path = mem_text(object);
	struct stat st;
	char *slash;
	int inside = 0;

	while (
	    !inside && (slash = strrchr(path, '/')) != NULL && slash != path) {
		*slash = '\0';
		inside = stat(path, &st) == 0 && S_ISREG(st.st_mode);
	}
	free(path);
	return inside;
}

/* Was the same file, under whatever name, named before? */
static int
is_named_again(struct verifying *v, const char *object, const struct stat *st)
{
	char *id = mem_format(
	    "%ju:%ju", (uintmax_t)st->st_dev, (uintmax_t)st->st_ino);
	int again = !target_set_add(&v->files, id, 0);

	free(id);
	if (again)
		verify_note(v, SEVERITY_NOTE, "named-twice", object, 0,
		    "was named before; it is verified once");
	return again;
}

void
verify_object(struct verifying *v, const char *object)
{
	struct stat st;
	struct error e = { 0 };
	char *mark = mem_format("%s/collection.json", object);

	if (strcmp(object, "-") == 0)
		verify_files(v, object);
	else if (file_exists(mark))
		verify_all(v, object);
	else if (stat(object, &st) == 0) {
		if (is_named_again(v, object, &st))
			; /* said */
		else if (S_ISDIR(st.st_mode) && verify_is_snapshot(object) &&
			 !verify_is_listed(object))
			verify_snapshot_dir(v, object);
		else
			verify_files(v, object);
	} else if (errno == ENOENT || errno == ENOTDIR) {
		if (is_inside(object))
			verify_files_in(v, object, NULL);
		else
			verify_name(v, object);
	} else {
		(void)error_system(&e, "%s", object);
		verify_failed(v, object, &e);
	}
	free(mark);
}

struct sum {
	const char *dir;
	uint64_t bytes;
};

/* Record files are read by their records and against the manifest. */
static int
add_size(void *context, const char *name, int is_regular, struct error *e)
{
	struct sum *s = context;
	char *path = mem_format("%s/%s", s->dir, name);
	uint64_t size = 0;

	(void)e;
	if (is_regular && file_size(path, &size, NULL) == 0)
		s->bytes += strstr(name, "snapshots/") != NULL &&
				    text_ends(name, ".warc.gz")
				? 2 * size
				: size;
	free(path);
	return 0;
}

uint64_t
verify_object_bytes(struct verifying *v, const char *object)
{
	struct sum sum = { .dir = object };
	struct stat st;

	(void)v;
	if (stat(object, &st) != 0)
		return 0;
	if (S_ISREG(st.st_mode))
		return (uint64_t)st.st_size;
	if (S_ISDIR(st.st_mode))
		(void)file_walk(object, add_size, &sum, NULL);
	return sum.bytes;
}
