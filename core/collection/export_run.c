/* What every kind of package does with a plan. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/package.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/export_part.h"

struct counted_stream {
	struct stream stream;
	struct stream *inner;
	struct export_run *run;
};

static int
counted_next(
    struct stream *stream, const uint8_t **data, size_t *len, struct error *e)
{
	struct counted_stream *s = (struct counted_stream *)stream;
	struct export_run *x = s->run;
	const struct export_options *o = x->options;
	int more = stream_next(s->inner, data, len, e);

	if (o->stop != NULL && *o->stop)
		return error_set(e, ERROR_STOPPED, "stopped by a signal");
	if (more > 0) {
		x->done += *len;
		if (o->progress != NULL)
			o->progress(o->context, x->done, x->all);
	}
	return more;
}

static void
counted_free(struct stream *stream)
{
	free(stream);
}

void
export_run_begin(struct export_run *x, const struct export_plan *p,
    const struct export_options *o, struct export_result *r)
{
	*r = (struct export_result){ 0 };
	*x = (struct export_run){ .plan = p,
		.options = o,
		.result = r,
		.time_us = o->time_us == INT64_MIN ? export_plan_newest_us(p)
						   : o->time_us,
		.all = export_plan_bytes(p) };
}

struct stream *
export_run_stream(struct export_run *x, struct stream *inner)
{
	struct counted_stream *s = mem_zero(1, sizeof(*s));

	s->stream.next = counted_next;
	s->stream.free = counted_free;
	s->inner = inner;
	s->run = x;
	return &s->stream;
}

int
export_run_put(struct export_run *x, struct package_writer *w, const char *name,
    const struct export_file *f, struct error *e)
{
	struct stream *bytes;
	struct stream *counted;
	int rc;

	if (export_file_open(x->plan, f, &bytes, e) != 0)
		return -1;
	counted = export_run_stream(x, bytes);
	rc = package_put(w, name, f->size, counted, e);
	stream_free(counted);
	stream_free(bytes);
	if (rc == 0) {
		x->result->files++;
		x->result->bytes += f->size;
	}
	return rc;
}

/* A tar of it is called as the folder is, and an end more (RFC 8493, 4.2). */
static char *
folder_in(const char *path, const struct package *kind)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	/* An alias: up to its last dot. */
	const char *end = text_ends(name, kind->suffix)
			      ? name + strlen(name) - strlen(kind->suffix)
			      : strrchr(name, '.');

	return mem_text_n(name, (size_t)(end - name));
}

/* Is PATH called as a packed file that is not written here? */
static int
is_other_package(const char *path)
{
	static const char *const ends[] = { ".bz2", ".xz", ".lz", ".lzma",
		".7z", ".rar", ".gz", ".zst", ".tbz", ".txz", ".cpio" };
	size_t n = sizeof(ends) / sizeof(*ends);

	for (size_t i = 0; i < n; i++)
		if (text_ends(path, ends[i]))
			return 1;
	return 0;
}

int
export_folder_kind(const char *path, const struct package **kind, char **folder,
    struct error *e)
{
	*kind = package_named(path);
	if (*kind == NULL && !is_other_package(path)) {
		*kind = &package_folder;
		*folder = mem_text("");
		return 0;
	}
	*folder = NULL;
	if (*kind == NULL || !text_starts((*kind)->name, "tar") ||
	    (*kind)->begin == NULL)
		return error_set(e, ERROR_USAGE,
		    "%s: must be a folder's name, or end in .tar, .tar.gz or "
		    ".tar.zst",
		    path);
	*folder = folder_in(path, *kind);
	if ((*folder)[0] != '\0')
		return 0;
	free(*folder);
	*folder = NULL;
	return error_set(
	    e, ERROR_USAGE, "%s: needs a name in front of its end", path);
}

int
export_run_dry(struct export_run *x, const char *path, struct error *e)
{
	size_t count;

	(void)export_plan_files(x->plan, &count);
	x->result->files = count;
	x->result->bytes = export_plan_bytes(x->plan);
	return file_exists(path)
		   ? error_set(e, ERROR_USAGE, "%s: is there already", path)
		   : 0;
}

int
export_run_made(struct export_run *x, const char *path, struct error *e)
{
	struct file_names *made = &x->result->made;
	uint64_t size = x->result->bytes;

	if (!file_is_dir(path) && file_size(path, &size, e) != 0)
		return -1;
	made->names = mem_grow(
	    made->names, made->count + 1, sizeof(*made->names));
	made->names[made->count++] = mem_text(path);
	x->result->written += size;
	return 0;
}

void
export_result_clear(struct export_result *r)
{
	file_names_clear(&r->made);
	*r = (struct export_result){ 0 };
}
