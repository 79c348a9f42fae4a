/* The files of a snapshot, in a folder or in a tree. */
#include "core/collection/verify_place.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/manifest.h"
#include "core/archive/tree.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/line_reader.h"

static char *
path_of(const struct verify_place *p, const char *file)
{
	return p->dir == NULL ? mem_format("%s%s", p->below, file)
			      : mem_format("%s/%s", p->dir, file);
}

/* The file of the tree; NULL. */
static const struct tree_file *
find(const struct verify_place *p, const char *file)
{
	char *name = path_of(p, file);
	const struct tree_file *f = tree_find(p->tree, name);

	free(name);
	return f;
}

static int
not_found(const struct verify_place *p, const char *file, struct error *e)
{
	return error_set(e, ERROR_NOTFOUND, "%s/%s%s: no such file",
	    tree_name(p->tree), p->below, file);
}

const char *
verify_place_name(const struct verify_place *p)
{
	const char *whole = p->dir == NULL ? p->below : p->dir;
	size_t len = strlen(whole);

	if (p->dir == NULL && len > 0)
		len--; /* "/" */
	while (len > 0 && whole[len - 1] != '/')
		len--;
	return whole + len;
}

/* Both lists are sorted by bytes, and so is what comes of them. */
static int
walk_tree(const struct verify_place *p,
    int (*each)(
	void *context, const char *name, int is_regular, struct error *e),
    void *context, struct error *e)
{
	const size_t len = strlen(p->below);
	const size_t odd_count = p->odd == NULL ? 0 : p->odd->count;
	const struct tree_file *files;
	size_t count;
	size_t odd = 0;
	int rc = 0;

	files = tree_files(p->tree, &count);
	for (size_t i = 0; rc == 0 && (i < count || odd < odd_count);) {
		int is_odd = i == count ||
			     (odd < odd_count &&
				 strcmp(p->odd->names[odd], files[i].name) < 0);
		const char *name = is_odd ? p->odd->names[odd++]
					  : files[i++].name;

		if (text_starts(name, p->below))
			rc = each(context, name + len, !is_odd, e);
	}
	return rc;
}

int
verify_place_walk(const struct verify_place *p,
    int (*each)(
	void *context, const char *name, int is_regular, struct error *e),
    void *context, struct error *e)
{
	return p->dir == NULL ? walk_tree(p, each, context, e)
			      : file_walk(p->dir, each, context, e);
}

static int
add_entry(void *context, const char *name)
{
	struct file_names *out = context;

	if ((out->count & (out->count - 1)) == 0)
		out->names = mem_grow(out->names,
		    out->count == 0 ? 1 : 2 * out->count, sizeof(*out->names));
	out->names[out->count++] = mem_text(name);
	return 0;
}

void
verify_place_list(
    const struct verify_place *p, const char *folder, struct file_names *out)
{
	char *path = path_of(p, folder);
	const struct tree_file *files;
	size_t count = 0;
	size_t len = strlen(path);

	*out = (struct file_names){ 0 };
	if (p->dir != NULL) {
		if (!file_is_dir(path) || file_list(path, out, NULL) != 0)
			*out = (struct file_names){ 0 };
		free(path);
		return;
	}
	files = tree_files(p->tree, &count);
	for (size_t i = 0; i < count; i++) {
		const char *name = files[i].name;

		if (text_starts(name, path) && name[len] == '/' &&
		    strchr(name + len + 1, '/') == NULL)
			(void)add_entry(out, name + len + 1);
	}
	free(path);
}

int
verify_place_comes_once(const struct verify_place *p, const char *file)
{
	const struct tree_file *f;

	if (p->dir != NULL || tree_is_folder(p->tree))
		return 0;
	f = find(p, file);
	return f != NULL && f->comes_once;
}

int
verify_place_exists(const struct verify_place *p, const char *file)
{
	char *path;
	int yes;

	if (p->dir == NULL)
		return find(p, file) != NULL;
	path = path_of(p, file);
	yes = file_exists(path);
	free(path);
	return yes;
}

int
verify_place_size(const struct verify_place *p, const char *file,
    uint64_t *size, struct error *e)
{
	const struct tree_file *f;
	char *path;
	int rc;

	if (p->dir == NULL) {
		f = find(p, file);
		if (f == NULL)
			return not_found(p, file, e);
		*size = f->size;
		return 0;
	}
	path = path_of(p, file);
	rc = file_size(path, size, e);
	free(path);
	return rc;
}

int
verify_place_open(const struct verify_place *p, const char *file,
    const char *name, struct input **out, struct error *e)
{
	const struct tree_file *f;
	char *path;
	int rc;

	if (p->dir == NULL) {
		f = find(p, file);
		return f == NULL ? not_found(p, file, e)
				 : tree_file_open(p->tree, f, out, e);
	}
	path = path_of(p, file);
	rc = input_open(out, path, name, e);
	free(path);
	return rc;
}

int
verify_place_get(const struct verify_place *p, const char *file,
    struct buf *out, size_t limit, struct error *e)
{
	struct input *in = NULL;
	struct stream *s;
	char *path;
	int rc;

	if (p->dir != NULL) {
		path = path_of(p, file);
		rc = file_get(path, out, limit, e);
		free(path);
		return rc;
	}
	if (verify_place_open(p, file, file, &in, e) != 0)
		return -1;
	s = input_stream(in, 0, INPUT_NO_END);
	rc = stream_read(s, out, limit, e);
	stream_free(s);
	input_free(in);
	return rc;
}

int
verify_place_digest(const struct verify_place *p, const char *file,
    char hex[65], struct error *e)
{
	struct input *in = NULL;
	char *path;
	int rc;

	if (p->dir != NULL) {
		path = path_of(p, file);
		rc = manifest_digest_file(path, hex, e);
		free(path);
		return rc;
	}
	if (verify_place_open(p, file, file, &in, e) != 0)
		return -1;
	rc = input_sha256(in, hex, e);
	input_free(in);
	return rc;
}

int
verify_place_lines(const struct verify_place *p, const char *file,
    struct line_reader *lines, struct error *e)
{
	struct input *in = NULL;
	char *path;
	int rc;

	if (p->dir != NULL) {
		path = path_of(p, file);
		rc = line_reader_open(lines, path, e);
		free(path);
		return rc;
	}
	*lines = (struct line_reader){ .fd = -1 };
	if (verify_place_open(p, file, file, &in, e) != 0)
		return -1;
	line_reader_of(lines, in);
	input_free(in);
	return 0;
}
