/* Record files of others taken into a collection: the steps in order. */
#include "core/collection/import.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/archive/record_files.h"
#include "core/archive/verify.h"
#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/collection/catalog.h"
#include "core/collection/import_folder.h"
#include "core/collection/import_package.h"
#include "core/collection/import_part.h"
#include "core/collection/layout.h"
#include "core/collection/seen_set.h"
#include "core/collection/withdrawn.h"

int
import_is_stopped(const struct import *m)
{
	return m->options->stop != NULL && *m->options->stop != 0;
}

void
import_say(const struct import *m, const struct finding *f)
{
	if (m->options->each_finding != NULL)
		m->options->each_finding(m->options->context, f);
}

/* Copy all of S into the unnamed file FD. */
static int
pour(int fd, struct stream *s, struct error *e)
{
	uint64_t at = 0;
	const uint8_t *p;
	size_t len;
	int more;

	while ((more = stream_next(s, &p, &len, e)) == 1) {
		if (file_write_at(fd, p, len, at, e) != 0)
			return -1;
		at += len;
	}
	return more;
}

int
import_make_random(
    struct import *m, struct input *in, struct input **out, struct error *e)
{
	struct stream *s;
	int fd;
	int rc;

	if (input_is_random(in)) {
		*out = input_keep(in);
		return 0;
	}
	fd = file_unnamed(m->collection->dir, e);
	if (fd < 0)
		return -1;
	s = input_stream(in, 0, INPUT_NO_END);
	rc = pour(fd, s, e);
	if (rc == 0)
		rc = input_of_fd(out, fd, input_name(in), 0, INPUT_NO_END, e);
	else
		(void)error_within(e, "%s", input_name(in));
	stream_free(s);
	(void)close(fd); /* unnamed: the input has its own */
	return rc;
}

static struct json *
file_facts(const struct import *m, struct arena *a, size_t i)
{
	const struct import_file *f = &m->result->files[i];
	const struct import_survey *s = &m->surveys[i];
	struct json *o = json_new_object(a);

	json_set_string(a, o, "name", f->name);
	json_set_integer(a, o, "size", (int64_t)f->size);
	json_set_string(a, o, "sha256", f->sha256);
	if (f->already[0] != '\0') {
		json_set_string(a, o, "already", f->already);
		return o;
	}
	json_set_string(a, o, "format", f->format);
	json_set_string(a, o, "warcinfo", f->warcinfo);
	json_set_integer(a, o, "records", (int64_t)f->records);
	json_set_integer(a, o, "imported", (int64_t)f->copied);
	json_set_integer(a, o, "damaged", (int64_t)f->damaged);
	json_set_integer(a, o, "mismatched", (int64_t)f->mismatched);
	json_set_integer(a, o, "unfit", (int64_t)f->unfit);
	json_set_integer(a, o, "repeated", (int64_t)f->repeated);
	json_set_integer(a, o, "in_collection", (int64_t)f->known);
	json_set(a, o, "marked", s->marked);
	json_set(a, o, "left_out", s->left);
	if (s->how != NULL)
		json_set(a, o, "folder", s->how);
	return o;
}

struct json *
import_facts(const struct import *m, struct arena *a)
{
	const struct import_options *o = m->options;
	struct json *facts = json_new_object(a);
	struct json *files = json_new_array(a);
	struct json *packages = json_new_array(a);

	json_set_string(a, facts, "operator",
	    o->operator[0] == '\0' ? "not set" : o->operator);
	json_set_string(a, facts, "contact",
	    o->contact[0] == '\0' ? "not set" : o->contact);
	assert(m->result->file_count == 0 || m->surveys != NULL);
	for (size_t i = 0; i < m->result->file_count; i++)
		json_append(a, files, file_facts(m, a, i));
	json_set(a, facts, "files", files);
	for (size_t i = 0; i < o->object_count; i++)
		if (m->objects[i].package != NULL)
			json_append(a, packages,
			    import_package_json(m->objects[i].package, a));
	if (json_count(packages) > 0)
		json_set(a, facts, "packages", packages);
	if (m->result->articles > 0)
		json_set_integer(
		    a, facts, "articles", (int64_t)m->result->articles);
	if (m->result->orphans > 0)
		json_set(a, facts, "articles_without_page", m->orphans);
	return facts;
}

/* A visit of the objects: the first reading, or the second. */
struct visit {
	struct import *import;
	struct import_writer *copy;           /* NULL: the first */
	const struct import_package *package; /* that is visited; NULL */
	size_t number;                        /* of the next file */
};

static int
each_file(void *context, struct input *in, struct error *e)
{
	struct visit *v = context;
	const struct import_result *r = v->import->result;

	if (import_is_stopped(v->import))
		return 1;
	if (v->package != NULL &&
	    !import_package_wants(v->package, input_name(in)))
		return 0;
	if (v->copy == NULL)
		return import_survey_file(v->import, in, e);
	if (v->number >= r->file_count ||
	    strcmp(r->files[v->number].name, input_name(in)) != 0)
		return error_set(e, ERROR_INPUT,
		    "%s: was not there when the import began", input_name(in));
	return import_copy_file(v->copy, in, v->number++, e);
}

static void
unread(void *context, const char *name, const struct error *why)
{
	struct visit *v = context;
	const struct import_options *o = v->import->options;

	if (v->copy != NULL)
		return;
	v->import->result->unread++;
	if (o->unread != NULL)
		o->unread(o->context, name, why);
}

static int
visit_folder(struct visit *v, struct import_folder *f, struct error *e)
{
	if (v->copy == NULL)
		return import_folder_survey(f, e);
	v->number++;
	return import_folder_copy(f, v->copy, e);
}

static int
visit_all(struct import *m, struct import_writer *copy, struct error *e)
{
	struct visit v = { .import = m, .copy = copy };
	const struct record_files f = { each_file, unread, &v };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < m->options->object_count; i++) {
		const struct import_object *o = &m->objects[i];

		if (import_is_stopped(m))
			break;
		v.package = o->package;
		if (o->folder != NULL)
			rc = visit_folder(&v, o->folder, e);
		else if (!o->is_unread)
			rc = record_files_each(o->path, &f, e);
		if (rc == 0 && o->package != NULL && copy != NULL)
			rc = import_package_copy(o->package, copy, e);
	}
	if (import_is_stopped(m))
		m->result->stopped = 1;
	else if (rc == 0 && copy != NULL && v.number != m->result->file_count)
		return error_set(e, ERROR_INPUT,
		    "%s: is gone since the import began",
		    m->result->files[v.number].name);
	return rc < 0 ? -1 : 0;
}

static int
any_file(void *context, struct input *in, struct error *e)
{
	(void)context;
	(void)in;
	(void)e;
	return 1;
}

static void
any_unread(void *context, const char *name, const struct error *why)
{
	(void)name;
	(void)why;
	*(int *)context = 1;
}

/* Is there a record file in the folder, or something that should be one? */
static int
has_record_files(const char *path)
{
	int unread_there = 0;
	const struct record_files f = { any_file, any_unread, &unread_there };

	/* A folder without any is told, too. */
	return record_files_each(path, &f, NULL) == 1;
}

/* What PATH is: a folder of files, or whatever holds record files. */
static int
open_object(struct import *m, size_t i, struct error *e)
{
	struct import_object *o = &m->objects[i];
	struct error why = { 0 };
	struct stat st;

	int rc;

	o->path = m->options->objects[i];
	if (stat(o->path, &st) != 0)
		return 0;
	if (S_ISREG(st.st_mode) ||
	    (S_ISDIR(st.st_mode) && !import_wants_folder(m->options))) {
		rc = import_package_open(&o->package, m, o->path, i + 1, e);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
	}
	if (!S_ISDIR(st.st_mode))
		return 0;
	if (!import_wants_folder(m->options) && has_record_files(o->path))
		return 0;
	if (import_folder_open(&o->folder, m, o->path, i + 1, &why) == 0)
		return 0;
	if (why.kind == ERROR_SYSTEM || why.kind == ERROR_USAGE)
		return error_set(e, why.kind, "%s", why.text);
	o->is_unread = 1;
	m->result->unread++;
	if (m->options->unread != NULL)
		m->options->unread(m->options->context, o->path, &why);
	return 0;
}

static int
open_objects(struct import *m, struct error *e)
{
	size_t count = m->options->object_count;
	int rc = 0;

	m->objects = mem_zero(count + 1, sizeof(*m->objects));
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = open_object(m, i, e);
	return rc;
}

static int
copy_all(struct import *m, struct clock *clock, struct error *e)
{
	struct arena *a = arena_new();
	struct import_writer *w = import_write_begin(
	    m, import_facts(m, a), clock, e);
	int rc = w == NULL ? -1 : visit_all(m, w, e);

	arena_free(a);
	if (rc == 0 && !m->result->stopped)
		return import_write_end(w, clock, e);
	import_write_undo(w);
	return rc;
}

int
import_run(struct collection *c, const struct import_options *o,
    struct clock *clock, struct import_result *result, struct error *e)
{
	struct import m = {
		.collection = c,
		.options = o,
		.result = result,
	};
	int rc;

	*result = (struct import_result){ .arena = arena_new() };
	result->dir = mem_text("");
	m.ids = seen_set_new(c->dir);
	m.pages = spool_new(c->dir, LIMIT_SPOOL_MEMORY);
	rc = withdrawn_open(&m.withdrawn, c, clock->wall_us(clock), e);
	if (rc == 0)
		rc = import_know(&m, e);
	if (rc == 0)
		rc = open_objects(&m, e);
	if (rc == 0 && result->changed_packages + result->damaged_packages > 0)
		goto done; /* refused */
	if (rc == 0)
		rc = visit_all(&m, NULL, e);
	if (rc == 0)
		rc = import_orphans(&m, e);
	if (rc == 0 && !o->dry_run && !result->stopped && result->copied > 0)
		rc = copy_all(&m, clock, e);
done:
	for (size_t i = 0; i < result->file_count; i++)
		import_survey_clear(&m.surveys[i]);
	free(m.surveys);
	for (size_t i = 0; m.objects != NULL && i < o->object_count; i++) {
		import_folder_free(m.objects[i].folder);
		import_package_free(m.objects[i].package);
	}
	free(m.objects);
	target_set_clear(&m.before);
	seen_set_free(m.ids);
	withdrawn_free(m.withdrawn);
	spool_free(m.pages);
	catalog_close(m.catalog);
	return rc;
}

void
import_result_clear(struct import_result *r)
{
	arena_free(r->arena);
	free(r->files);
	free(r->dir);
	*r = (struct import_result){ 0 };
}
