/* A folder written as a package is: beside its place, whole, synced. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/package.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/stream.h"

/* How deep a folder is read at most (file_walk). */
enum { FOLDER_DEPTH = 32 };

struct folder {
	char *dir;
	char *last; /* the folder made last, below DIR; NULL */
};

static int
folder_begin(void **state, const char *dir, const struct package_options *o,
    struct error *e)
{
	struct folder *f = mem_zero(1, sizeof(*f));

	(void)o;
	(void)e;
	f->dir = mem_text(dir);
	*state = f;
	return 0;
}

/* The folders of PATH, when they are not those made last. */
static int
make_parents(struct folder *f, const char *path, struct error *e)
{
	char *parent = mem_text_n(path, (size_t)(strrchr(path, '/') - path));
	int rc = 0;

	if (f->last == NULL || strcmp(f->last, parent) != 0)
		rc = file_make_dirs(parent, e);
	free(f->last);
	f->last = parent;
	return rc;
}

static int
write_bytes(const char *name, int fd, uint64_t size, struct stream *bytes,
    struct error *e)
{
	uint64_t at = 0;
	const uint8_t *p;
	size_t len;
	int more;

	while ((more = stream_next(bytes, &p, &len, e)) == 1) {
		if (len > size - at)
			break;
		if (file_write_at(fd, p, len, at, e) != 0)
			return -1;
		at += len;
	}
	if (more < 0)
		return -1;
	if (more == 1 || at != size)
		return error_set(
		    e, ERROR_INPUT, "%s: not as long as announced", name);
	return file_sync(fd, e);
}

static int
folder_entry(void *state, const char *name, uint64_t size, struct stream *bytes,
    struct error *e)
{
	struct folder *f = state;
	char *path;
	int fd = -1;
	int rc;

	if (bytes == NULL)
		return 0; /* made with its first file */
	if (package_name_depth(name) > FOLDER_DEPTH)
		return error_set(e, ERROR_LIMIT, "%s: too deep", name);
	path = mem_format("%s/%s", f->dir, name);
	rc = make_parents(f, path, e);
	if (rc == 0 && (fd = file_create(path, e)) < 0)
		rc = -1;
	if (rc == 0)
		rc = write_bytes(name, fd, size, bytes, e);
	if (rc == 0)
		rc = file_close(fd, e);
	else if (fd >= 0)
		(void)close(fd); /* it goes with the folder */
	free(path);
	return rc;
}

static int
folder_end(void *state, struct error *e)
{
	const struct folder *f = state;

	return file_sync_tree(f->dir, e);
}

static void
folder_free(void *state)
{
	struct folder *f = state;

	free(f->last);
	free(f->dir);
	free(f);
}

const struct package package_folder = {
	.name = "folder",
	.suffix = "",
	.aliases = "",
	.summary = "a folder",
	.begin_folder = folder_begin,
	.entry = folder_entry,
	.end = folder_end,
	.free = folder_free,
};
