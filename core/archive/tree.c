/* Folders and containers as named files, without unpacking them. */
#include "core/archive/tree.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/package.h"
#include "core/archive/tree_names.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/stream.h"

enum { HEAD_BYTES = 64 * 1024 };

#define KEPT_MOST (64 * LIMIT_MIB)

struct tree {
	char *path;
	int is_folder;
	const struct package *kind; /* NULL of a folder */
	struct input *whole;        /* the container, random */
	struct tree_options options;
	struct arena *names;
	size_t names_len; /* bytes of them */
	struct tree_file *files;
	size_t count, cap;
	struct tree_names unread; /* names that are no files */
	int kept_fd;              /* -1: none */
	uint64_t kept_len;
	struct input *kept; /* that file; NULL: nothing was kept */
	int has_crc;        /* of the next file */
	uint32_t crc;
	struct error too_many; /* names that are no files */
};

static void
tell_unread(struct tree *t, const char *name, const struct error *why)
{
	if (t->options.unread != NULL)
		t->options.unread(t->options.context, name, why);
}

/* A name, of a file or of none, in memory; NULL: there are too many. */
static const char *
keep_name(struct tree *t, const char *name, struct error *e)
{
	size_t len = strlen(name) + 1;

	if (t->count == LIMIT_PACKAGE_FILES) {
		(void)error_set(e, ERROR_LIMIT, "%s: more than %d files",
		    t->path, LIMIT_PACKAGE_FILES);
		return NULL;
	}
	if (len > LIMIT_PACKAGE_NAMES - t->names_len) {
		(void)error_set(e, ERROR_LIMIT,
		    "%s: more than %d bytes of names", t->path,
		    LIMIT_PACKAGE_NAMES);
		return NULL;
	}
	t->names_len += len;
	return arena_text(t->names, name);
}

/* F under NAME. */
static int
add_file(struct tree *t, const char *name, struct tree_file *f, struct error *e)
{
	f->name = keep_name(t, name, e);
	if (f->name == NULL)
		return -1;
	if (t->count == t->cap) {
		t->cap = t->cap == 0 ? 64 : t->cap * 2;
		t->files = mem_grow(t->files, t->cap, sizeof(*t->files));
	}
	t->files[t->count++] = *f;
	return 0;
}

/* ---- folders ---- */

static int
find_in_folder(void *context, const char *name, int is_regular, struct error *e)
{
	struct tree *t = context;
	struct tree_file f = { .name = NULL };
	struct error why = { 0 };
	char *path = mem_format("%s/%s", t->path, name);
	int rc = 0;

	if (!is_regular)
		(void)error_set(
		    &why, ERROR_INPUT, "%s: is neither file nor folder", path);
	else if (!package_name_is_plain(name, strlen(name)))
		(void)error_set(&why, ERROR_INPUT, "%s: no plain name", path);
	else
		(void)file_size(path, &f.size, &why);
	if (why.kind == ERROR_NONE)
		rc = add_file(t, name, &f, e);
	else
		tell_unread(t, name, &why);
	free(path);
	return rc;
}

/* ---- containers ---- */

/* The bytes of S behind what is kept already, if there are not too many of
 * them: those of a longer file are written over. F gets how many there are. */
static int
keep_bytes(struct tree *t, const char *name, struct stream *s,
    struct tree_file *f, struct error *e)
{
	const struct tree_options *o = &t->options;
	const uint64_t most = o->keep != NULL && o->keep(o->context, name)
				  ? UINT64_MAX
				  : o->kept_most;
	const uint8_t *p;
	size_t len;
	int more;

	while ((more = stream_next(s, &p, &len, e)) == 1) {
		uint64_t at = t->kept_len + f->size;

		f->size += len;
		if (f->size > most)
			continue;
		if (t->kept_fd < 0)
			t->kept_fd = file_unnamed(file_temporary_dir(), e);
		if (t->kept_fd < 0 ||
		    file_write_at(t->kept_fd, p, len, at, e) != 0)
			return -1;
	}
	if (more < 0)
		return -1;
	f->comes_once = f->size > most;
	f->at = t->kept_len;
	if (!f->comes_once)
		t->kept_len += f->size;
	return 0;
}

static int
find_packed(void *context, const char *name, struct input *in, struct error *e)
{
	struct tree *t = context;
	struct tree_file f = { .has_crc = t->has_crc != 0, .crc = t->crc };
	struct stream *s;
	int rc;

	t->has_crc = 0;
	if (input_is_random(in)) {
		f.size = input_size(in);
		f.at = input_base(in);
		return add_file(t, name, &f, e);
	}
	f.packed = 1;
	s = input_stream(in, 0, INPUT_NO_END);
	rc = keep_bytes(t, name, s, &f, e);
	stream_free(s);
	return rc == 0 ? add_file(t, name, &f, e) : -1;
}

static void
hear_crc(void *context, uint32_t crc)
{
	struct tree *t = context;

	t->has_crc = 1;
	t->crc = crc;
}

static void
find_unread(void *context, const char *name, const struct error *why)
{
	struct tree *t = context;
	const char *kept = NULL;

	if (t->too_many.kind != ERROR_NONE)
		return;
	if (t->unread.count == LIMIT_PACKAGE_UNREAD)
		(void)error_set(&t->too_many, ERROR_LIMIT,
		    "%s: more than %d names that are no files", t->path,
		    LIMIT_PACKAGE_UNREAD);
	else
		kept = keep_name(t, name, &t->too_many);
	if (kept == NULL)
		return;
	tree_names_add(&t->unread, kept);
	tell_unread(t, name, why);
}

/* What comes once is copied to an unnamed file: any kind can be read then,
 * and as often as is needed. */
int
tree_spool(struct input *once, struct input **out, struct error *e)
{
	struct stream *s = input_stream(once, 0, INPUT_NO_END);
	uint64_t at = 0;
	const uint8_t *p;
	size_t len;
	int more = -1;
	int fd = file_unnamed(file_temporary_dir(), e);

	while (fd >= 0 && (more = stream_next(s, &p, &len, e)) == 1) {
		if (file_write_at(fd, p, len, at, e) != 0) {
			more = -1;
			break;
		}
		at += len;
	}
	if (more == 0)
		more = input_of_fd(
		    out, fd, input_name(once), 0, INPUT_NO_END, e);
	stream_free(s);
	if (fd >= 0)
		(void)close(fd); /* the input has its own */
	return more;
}

static int
spool_pipe(struct tree *t, struct error *e)
{
	struct input *copy = NULL;

	if (tree_spool(t->whole, &copy, e) != 0)
		return -1;
	input_free(t->whole);
	t->whole = copy;
	return 0;
}

static int
open_container(struct tree *t, struct error *e)
{
	const struct package_visit v = { find_packed, find_unread, t,
		hear_crc };
	uint8_t *head;
	size_t n = 0;
	struct error why = { 0 };
	int rc = 0;

	if (t->whole == NULL)
		rc = input_open(&t->whole, t->path, t->path, e);
	if (rc == 0 && !input_is_random(t->whole))
		rc = spool_pipe(t, e);
	if (rc != 0)
		return -1;
	head = mem_alloc(HEAD_BYTES);
	rc = input_read(t->whole, 0, head, HEAD_BYTES, &n, e);
	if (rc == 0)
		t->kind = package_of(head, n);
	free(head);
	if (rc != 0)
		return -1;
	/* One that is damaged at its beginning is called what it is not. */
	if (t->kind == NULL)
		t->kind = package_named(t->path);
	if (t->kind == NULL)
		return error_set(e, ERROR_USAGE,
		    "%s: is neither a folder nor a container of a known kind",
		    t->path);
	rc = t->kind->read(t->whole, &v, &why);
	if (rc == 0 && t->too_many.kind != ERROR_NONE) {
		why = t->too_many;
		rc = -1;
	}
	if (rc == 0)
		return 0;
	if (t->options.broken == NULL ||
	    (why.kind != ERROR_INPUT && why.kind != ERROR_LIMIT))
		return error_set(e, why.kind, "%s", why.text);
	t->options.broken(t->options.context, &why);
	return 0;
}

/* ---- all of them ---- */

static int
by_name(const void *a, const void *b)
{
	const struct tree_file *x = a;
	const struct tree_file *y = b;

	return strcmp(x->name, y->name);
}

/* The files as others see them. */
static int
settle(struct tree *t, struct error *e)
{
	if (t->count > 0)
		qsort(t->files, t->count, sizeof(*t->files), by_name);
	return t->kept_fd < 0 ? 0
			      : input_of_fd(&t->kept, t->kept_fd, t->path, 0,
				    INPUT_NO_END, e);
}

/* Two readers would see two trees. */
static int
check_container_names(struct tree *t, struct error *e)
{
	struct tree_names all = { 0 };
	const char *a;
	const char *b;
	int rc = 0;

	for (size_t i = 0; i < t->count; i++)
		tree_names_add(&all, t->files[i].name);
	for (size_t i = 0; i < t->unread.count; i++)
		tree_names_add(&all, t->unread.names[i]);
	if (tree_names_clash(&all, &a, &b))
		rc = error_set(e, ERROR_INPUT,
		    "%s: \"%s\" and \"%s\" would be one file or a file in it",
		    t->path, a, b);
	tree_names_clear(&all);
	return rc;
}

/* A link that was named is followed, those below it are not. */
static int
leads_to_folder(const char *path)
{
	char *inside = mem_format("%s/.", path);
	int yes = strcmp(path, "-") != 0 && file_is_dir(inside);

	free(inside);
	return yes;
}

/* WHOLE is kept; NULL: what PATH names. */
static int
open_tree(struct tree **out, const char *path, struct input *whole,
    const struct tree_options *o, struct error *e)
{
	struct tree *t = mem_zero(1, sizeof(*t));
	int rc;

	t->path = mem_text(path);
	t->whole = whole == NULL ? NULL : input_keep(whole);
	t->names = arena_new();
	t->kept_fd = -1;
	if (o != NULL)
		t->options = *o;
	if (t->options.kept_most == 0)
		t->options.kept_most = KEPT_MOST;
	t->is_folder = whole == NULL && leads_to_folder(path);
	rc = t->is_folder ? file_walk(path, find_in_folder, t, e)
			  : open_container(t, e);
	if (settle(t, rc == 0 ? e : NULL) != 0)
		rc = -1;
	if (rc == 0 && !t->is_folder)
		rc = check_container_names(t, e);
	if (rc != 0) {
		tree_free(t);
		return -1;
	}
	*out = t;
	return 0;
}

int
tree_open(struct tree **out, const char *path, const struct tree_options *o,
    struct error *e)
{
	return open_tree(out, path, NULL, o, e);
}

int
tree_open_input(struct tree **out, struct input *in,
    const struct tree_options *o, struct error *e)
{
	return open_tree(out, input_name(in), in, o, e);
}

void
tree_free(struct tree *t)
{
	if (t == NULL)
		return;
	input_free(t->kept);
	if (t->kept_fd >= 0)
		(void)close(t->kept_fd); /* unnamed: gone */
	tree_names_clear(&t->unread);
	free(t->files);
	input_free(t->whole);
	arena_free(t->names);
	free(t->path);
	free(t);
}

int
tree_is_folder(const struct tree *t)
{
	return t->is_folder;
}

const char *
tree_name(const struct tree *t)
{
	return t->path;
}

const struct tree_file *
tree_files(const struct tree *t, size_t *count)
{
	*count = t->count;
	return t->files;
}

static int
name_of(const void *key, const void *f)
{
	return strcmp(key, ((const struct tree_file *)f)->name);
}

const struct tree_file *
tree_find(const struct tree *t, const char *name)
{
	if (t->count == 0)
		return NULL;
	return bsearch(name, t->files, t->count, sizeof(*t->files), name_of);
}

int
tree_file_open(struct tree *t, const struct tree_file *f, struct input **out,
    struct error *e)
{
	struct input *whole = f->packed ? t->kept : t->whole;
	char *path;
	int rc = 0;

	if (f->comes_once)
		return error_set(e, ERROR_LIMIT,
		    "%s/%s: is packed, so it comes in one go", t->path,
		    f->name);
	path = mem_format("%s/%s", t->path, f->name);
	if (t->is_folder)
		rc = input_open_below(out, t->path, f->name, path, e);
	else if (whole == NULL) /* all that was kept was empty */
		*out = input_of_bytes("", 0, path);
	else
		*out = input_part(whole, path, f->at, f->size);
	free(path);
	return rc;
}

/* ---- visits ---- */

struct pass {
	struct tree *tree;
	const struct tree_visit *visit;
	uint8_t *left; /* of each file: is it still to come? */
	size_t count;  /* of those */
};

static int
visit_file(struct tree *t, const struct tree_visit *v,
    const struct tree_file *f, struct error *e)
{
	struct input *in = NULL;
	int rc;

	if (tree_file_open(t, f, &in, e) != 0)
		return -1;
	rc = v->each(v->context, f, in, e);
	input_free(in);
	return rc;
}

static int
each_passing(void *context, const char *name, struct input *in, struct error *e)
{
	struct pass *p = context;
	const struct tree_file *f = tree_find(p->tree, name);
	size_t at = f == NULL ? 0 : (size_t)(f - p->tree->files);

	if (f == NULL || !p->left[at])
		return 0;
	p->left[at] = 0;
	p->count--;
	return p->visit->each(p->visit->context, f, in, e);
}

static void
nothing_new(void *context, const char *name, const struct error *why)
{
	(void)context;
	(void)name;
	(void)why;
}

/* The container once more, for files that are not kept. */
static int
read_again(struct pass *p, struct error *e)
{
	const struct package_visit v = { each_passing, nothing_new, p, NULL };
	int rc = p->tree->kind->read(p->tree->whole, &v, e);

	if (rc == 0 && p->count > 0)
		return error_set(e, ERROR_INPUT,
		    "%s: changed while it was read", p->tree->path);
	return rc;
}

int
tree_visit(struct tree *t, const struct tree_visit *v, struct error *e)
{
	struct pass p = { .tree = t, .visit = v };
	int again = 0;
	int rc = 0;

	p.left = mem_zero(t->count + 1, 1);
	for (size_t i = 0; i < t->count; i++) {
		const struct tree_file *f = &t->files[i];

		if (v->want != NULL && !v->want(v->context, f))
			continue;
		p.left[i] = 1;
		p.count++;
		again |= f->comes_once;
	}
	if (again)
		rc = read_again(&p, e);
	for (size_t i = 0; !again && rc == 0 && i < t->count; i++)
		if (p.left[i])
			rc = visit_file(t, v, &t->files[i], e);
	free(p.left);
	return rc;
}
