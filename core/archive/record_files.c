/* From what people name to record files: folders and containers opened. */
#include "core/archive/record_files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/archive/format.h"
#include "core/archive/package.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum {
	SURE = 50,         /* of 100, that a head is of a format */
	HEAD_BYTES = 4096, /* by which kinds are told apart */
	DEPTH_MAX = 64     /* folders in folders */
};

struct walk {
	const struct record_files *files;
	/* In the container being read: what is wanted of it ("" all). */
	const char *inner;
	int found;  /* something that INNER names */
	int failed; /* -1 came from EACH */
	int told;   /* somebody was called */
};

static void
unread(struct walk *w, const char *name, const struct error *why)
{
	w->told = 1;
	w->files->unread(w->files->context, name, why);
}

/* ---- one input ---- */

/* PERHAPS: the formats cannot tell from the head (a dictionary comes first,
 * a line does not end in it). */
enum kind { KIND_OTHER, KIND_PERHAPS, KIND_RECORDS, KIND_PACKAGE };

static enum kind
records_by_head(const uint8_t *head, size_t len)
{
	enum kind kind = KIND_OTHER;

	for (size_t i = 0; format_table[i] != NULL; i++) {
		int score = format_table[i]->recognise(head, len);

		if (score >= SURE)
			return KIND_RECORDS;
		if (score > 0 && len == HEAD_BYTES)
			kind = KIND_PERHAPS;
	}
	return kind;
}

static int
is_named_as_records(const char *name)
{
	for (size_t i = 0; format_table[i] != NULL; i++)
		if (format_named(format_table[i], name))
			return 1;
	return 0;
}

/* What the bytes are; when they say nothing, what the name says. */
static enum kind
kind_of(const uint8_t *head, size_t len, const char *name,
    const struct package **package)
{
	enum kind kind = records_by_head(head, len);

	if (kind == KIND_RECORDS)
		return KIND_RECORDS;
	*package = package_of(head, len);
	if (*package != NULL)
		return KIND_PACKAGE;
	if (is_named_as_records(name))
		return KIND_RECORDS;
	*package = package_named(name);
	return *package != NULL ? KIND_PACKAGE : kind;
}

static int
visit_records(struct walk *w, struct input *in, struct error *e)
{
	int rc = w->files->each(w->files->context, in, e);

	w->told = 1;
	if (rc < 0)
		w->failed = 1;
	return rc;
}

/* Is NAME what INNER asks for: all, that very file, or one in that folder? */
static int
is_asked_for(const char *inner, const char *name, int *is_named)
{
	size_t len = strlen(inner);

	*is_named = len > 0 && strcmp(inner, name) == 0;
	return len == 0 || *is_named ||
	       (strncmp(inner, name, len) == 0 && name[len] == '/');
}

/* A file of a container. */
static int
each_packed(void *context, const char *name, struct input *in, struct error *e)
{
	struct walk *w = context;
	const struct package *package = NULL;
	uint8_t head[HEAD_BYTES];
	struct error why = { 0 };
	int is_named;
	size_t n;

	if (!is_asked_for(w->inner, name, &is_named))
		return 0;
	w->found = 1;
	if (input_read(in, 0, head, sizeof(head), &n, &why) != 0) {
		if (is_named || is_named_as_records(name))
			unread(w, input_name(in), &why);
		return 0;
	}
	switch (kind_of(head, n, name, &package)) {
	case KIND_RECORDS:
		return visit_records(w, in, e);
	case KIND_PERHAPS:
		return is_named ? visit_records(w, in, e) : 0;
	case KIND_PACKAGE:
		if (!is_named && package_named(name) == NULL)
			return 0;
		(void)error_set(&why, ERROR_LIMIT,
		    "%s: a container in a container is not opened",
		    input_name(in));
		break;
	case KIND_OTHER:
		if (!is_named)
			return 0;
		(void)error_set(&why, ERROR_INPUT,
		    "%s: is no record file of a known kind", input_name(in));
		break;
	}
	unread(w, input_name(in), &why);
	return 0;
}

/* Links and the like matter when they pass for record files; a name that is
 * not plain always does. */
static void
unread_packed(void *context, const char *name, const struct error *why)
{
	struct walk *w = context;
	int is_named;

	if (!is_asked_for(w->inner, name, &is_named))
		return;
	w->found = 1;
	if (is_named || is_named_as_records(name) ||
	    !package_name_is_plain(name, strlen(name)))
		unread(w, name, why);
}

static int
visit_package(struct walk *w, const struct package *package, struct input *in,
    const char *inner, struct error *e)
{
	const struct package_visit v = {
		.each = each_packed, .unread = unread_packed, .context = w
	};
	struct error why = { 0 };
	int rc;

	w->inner = inner;
	w->found = 0;
	rc = package->read(in, &v, &why);
	if (rc < 0 && w->failed) {
		if (e != NULL)
			*e = why;
		return -1;
	}
	if (rc == 0 && inner[0] != '\0' && !w->found) {
		(void)error_set(&why, ERROR_NOTFOUND, "%s/%s: no such file",
		    input_name(in), inner);
		rc = -1;
	}
	if (rc < 0)
		unread(w, input_name(in), &why);
	return rc > 0;
}

/* IN by what it is; one that was not named itself may be something else. */
static int
visit_input(struct walk *w, struct input *in, const char *inner, int is_named,
    struct error *e)
{
	const struct package *package = NULL;
	uint8_t head[HEAD_BYTES];
	struct error why = { 0 };
	enum kind kind;
	size_t n;

	if (input_read(in, 0, head, sizeof(head), &n, &why) != 0) {
		unread(w, input_name(in), &why);
		return 0;
	}
	kind = kind_of(head, n, input_name(in), &package);
	/* Much that is no archive is a zip inside. */
	if (kind == KIND_PACKAGE &&
	    (is_named || package_named(input_name(in)) != NULL))
		return visit_package(w, package, in, inner, e);
	if (kind == KIND_PERHAPS && is_named)
		kind = KIND_RECORDS;
	if (kind == KIND_RECORDS && inner[0] == '\0')
		return visit_records(w, in, e);
	if (!is_named)
		return 0;
	if (inner[0] != '\0')
		(void)error_set(
		    &why, ERROR_INPUT, "%s: is no container", input_name(in));
	else
		(void)error_set(&why, ERROR_INPUT,
		    n == 0 ? "%s: is empty"
			   : "%s: is no record file of a known kind",
		    input_name(in));
	unread(w, input_name(in), &why);
	return 0;
}

/* ---- folders ---- */

/* A name of a folder that is one itself ends in "/", so that names sort as
 * the paths below it. */
static int
by_path(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
sort_as_paths(const char *dir, struct file_names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		char *path = mem_format("%s/%s", dir, names->names[i]);

		if (file_is_dir(path)) {
			char *name = mem_format("%s/", names->names[i]);

			free(names->names[i]);
			names->names[i] = name;
		}
		free(path);
	}
	if (names->count > 0)
		qsort(
		    names->names, names->count, sizeof(*names->names), by_path);
}

/* A file in a folder. Links are not followed; pipes and devices would only
 * be waited for. */
static int
visit_found(struct walk *w, const char *path, struct error *e)
{
	struct input *in = NULL;
	struct error why = { 0 };
	struct stat st;
	int rc;

	if (lstat(path, &st) != 0) {
		(void)error_system(&why, "%s", path);
		unread(w, path, &why);
		return 0;
	}
	if (!S_ISREG(st.st_mode)) {
		if (S_ISLNK(st.st_mode) || !is_named_as_records(path))
			return 0;
		(void)error_set(
		    &why, ERROR_INPUT, "%s: is no regular file", path);
		unread(w, path, &why);
		return 0;
	}
	if (input_open(&in, path, path, &why) != 0) {
		unread(w, path, &why);
		return 0;
	}
	rc = visit_input(w, in, "", 0, e);
	input_free(in);
	return rc;
}

/* Recursion is bounded by DEPTH_MAX. */
static int
visit_folder(struct walk *w, const char *dir, int depth, struct error *e)
{
	struct file_names names = { 0 };
	struct error why = { 0 };
	int rc = 0;

	if (depth > DEPTH_MAX)
		(void)error_set(&why, ERROR_LIMIT, "%s: too deep", dir);
	else
		(void)file_list(dir, &names, &why);
	if (why.kind != ERROR_NONE) {
		unread(w, dir, &why);
		return 0;
	}
	sort_as_paths(dir, &names);
	for (size_t i = 0; rc == 0 && i < names.count; i++) {
		const char *name = names.names[i];
		char *path = mem_format(
		    "%s%s%s", dir, text_ends(dir, "/") ? "" : "/", name);

		if (text_ends(name, "/"))
			rc = visit_folder(w, path, depth + 1, e);
		else
			rc = visit_found(w, path, e);
		free(path);
	}
	file_names_clear(&names);
	return rc;
}

static int
visit_named_folder(struct walk *w, const char *dir, struct error *e)
{
	struct error why = { 0 };
	int rc = visit_folder(w, dir, 0, e);

	if (rc == 0 && !w->told) {
		(void)error_set(&why, ERROR_NOTFOUND,
		    "%s: no record file in this folder", dir);
		unread(w, dir, &why);
	}
	return rc;
}

/* ---- what was named ---- */

/* Where PATH leaves the file system: at a regular file in the middle of it,
 * which must be a container. 1 and *CONTAINER (to be freed); 0. */
static int
cut_at_file(const char *path, char **container)
{
	for (const char *slash = strchr(path, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		char *front = mem_text_n(path, (size_t)(slash - path));
		struct stat st;

		if (slash > path && slash[1] != '\0' && stat(front, &st) == 0 &&
		    S_ISREG(st.st_mode)) {
			*container = front;
			return 1;
		}
		free(front);
	}
	return 0;
}

int
record_files_are(const char *object)
{
	char *container = NULL;
	struct stat st;
	int yes = strcmp(object, "-") == 0 || lstat(object, &st) == 0 ||
		  cut_at_file(object, &container);

	free(container);
	if (yes || strstr(object, "://") != NULL)
		return yes;
	return is_named_as_records(object) || package_named(object) != NULL;
}

int
record_files_each_input(
    struct input *in, const struct record_files *f, struct error *e)
{
	struct walk w = { .files = f, .inner = "" };

	return visit_input(&w, in, "", 1, e);
}

int
record_files_each(
    const char *object, const struct record_files *f, struct error *e)
{
	struct walk w = { .files = f, .inner = "" };
	struct input *in = NULL;
	struct error why = { 0 };
	char *container = NULL;
	const char *path = object;
	const char *inner = "";
	struct stat st;
	int rc = 0;

	if (strcmp(object, "-") != 0 && stat(object, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return visit_named_folder(&w, object, e);
	} else if (cut_at_file(object, &container)) {
		path = container;
		inner = object + strlen(container) + 1;
	}
	if (input_open(&in, path, path, &why) != 0)
		unread(&w, object, &why);
	else
		rc = visit_input(&w, in, inner, 1, e);
	input_free(in);
	free(container);
	return rc;
}
