/* Containers of named files: their kinds, the file they are written to. */
#include "core/archive/package.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/text.h"

struct package_writer {
	const struct package *package;
	void *state;
	char *path, *temporary;
	int fd;
	uint64_t offset;    /* of what is pending */
	uint64_t under_way; /* to the disk, up to here */
	struct buf pending;
	struct buf last; /* name put last */
	int given_order;
	int is_begun; /* TEMPORARY is what we made */
};

enum { PACKAGE_PENDING = 256 * 1024, PACKAGE_BEHIND = 8 * 1024 * 1024 };

const struct package *
package_of(const uint8_t *head, size_t len)
{
	const struct package *best = NULL;
	int best_score = 0;

	for (size_t i = 0; package_table[i] != NULL; i++) {
		int score = package_table[i]->recognise(head, len);

		if (score > best_score) {
			best = package_table[i];
			best_score = score;
		}
	}
	return best;
}

/* Does NAME end in one of the blank-separated SUFFIXES? */
static int
ends_in_one(const char *name, const char *suffixes)
{
	size_t name_len = strlen(name);

	while (*suffixes != '\0') {
		size_t len = strcspn(suffixes, " ");

		if (len < name_len &&
		    memcmp(name + name_len - len, suffixes, len) == 0)
			return 1;
		suffixes += len;
		suffixes += strspn(suffixes, " ");
	}
	return 0;
}

const struct package *
package_named(const char *name)
{
	for (size_t i = 0; package_table[i] != NULL; i++)
		if (ends_in_one(name, package_table[i]->suffix) ||
		    ends_in_one(name, package_table[i]->aliases))
			return package_table[i];
	return NULL;
}

static int
part_is_plain(const char *part, size_t len)
{
	if (len == 0 || (len == 1 && part[0] == '.') ||
	    (len == 2 && part[0] == '.' && part[1] == '.'))
		return 0;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)part[i];

		if (c < 0x20 || c == 0x7f || c == '\\')
			return 0;
	}
	return 1;
}

int
package_name_is_plain(const char *name, size_t len)
{
	if (len > LIMIT_PACKAGE_NAME)
		return 0;
	for (;;) {
		const char *slash = memchr(name, '/', len);
		size_t part = slash == NULL ? len : (size_t)(slash - name);

		if (!part_is_plain(name, part))
			return 0;
		if (slash == NULL)
			return 1;
		name += part + 1;
		len -= part + 1;
	}
}

size_t
package_name_depth(const char *name)
{
	size_t depth = 0;

	for (; *name != '\0'; name++)
		depth += *name == '/';
	return depth;
}

static const struct package *
find_kind(const char *path, struct error *e)
{
	const struct package *kind = package_named(path);
	struct buf known = { 0 };

	if (kind != NULL && kind->begin != NULL)
		return kind;
	for (size_t i = 0; package_table[i] != NULL; i++) {
		const struct package *k = package_table[i];

		if (k->begin != NULL)
			buf_format(&known, "%s%s%s%s", i == 0 ? "" : " ",
			    k->suffix, k->aliases[0] == '\0' ? "" : " ",
			    k->aliases);
	}
	(void)error_set(e, ERROR_USAGE, "%s: must end in one of %s", path,
	    buf_text(&known));
	buf_clear(&known);
	return NULL;
}

/* What is complete goes to the disk while the rest is made, so that little is
 * left to wait for at the end. */
static void
begin_writing(struct package_writer *w)
{
	if (w->offset - w->under_way < PACKAGE_BEHIND)
		return;
	file_begin_sync(w->fd, w->under_way, w->offset - w->under_way);
	w->under_way = w->offset;
}

static int
flush(struct package_writer *w, struct error *e)
{
	if (file_write_at(
		w->fd, w->pending.data, w->pending.len, w->offset, e) != 0)
		return error_within(e, "%s", w->temporary);
	w->offset += w->pending.len;
	buf_reset(&w->pending);
	begin_writing(w);
	return 0;
}

/* Large pieces go as they are when nothing waits in front of them. */
static int
each_piece(void *context, const uint8_t *p, size_t len, struct error *e)
{
	struct package_writer *w = context;

	if (w->pending.len == 0 && len >= PACKAGE_PENDING) {
		if (file_write_at(w->fd, p, len, w->offset, e) != 0)
			return error_within(e, "%s", w->temporary);
		w->offset += len;
		begin_writing(w);
		return 0;
	}
	buf_add(&w->pending, p, len);
	return w->pending.len < PACKAGE_PENDING ? 0 : flush(w, e);
}

static int
patch(void *context, uint64_t offset, const uint8_t *p, size_t len,
    struct error *e)
{
	struct package_writer *w = context;

	if (offset >= w->offset) {
		memcpy(w->pending.data + (offset - w->offset), p, len);
		return 0;
	}
	/* What is pending ends where the next byte goes. */
	if (offset + len > w->offset && flush(w, e) != 0)
		return -1;
	return file_write_at(w->fd, p, len, offset, e) == 0
		   ? 0
		   : error_within(e, "%s", w->temporary);
}

/* An interrupted attempt may have left one. A folder may be somebody's. */
static int
remove_temporary(const struct package_writer *w, struct error *e)
{
	if (file_is_dir(w->temporary))
		return error_set(e, ERROR_USAGE,
		    "%s: is in the way, perhaps of an attempt that was cut "
		    "off; look, and remove it",
		    w->temporary);
	return file_exists(w->temporary) ? file_remove(w->temporary, e) : 0;
}

static int
begin(
    struct package_writer *w, const struct package_options *o, struct error *e)
{
	const struct package_bytes to = { each_piece, patch, w };

	if (remove_temporary(w, e) != 0)
		return -1;
	if (w->package->begin_folder != NULL) {
		w->is_begun = file_make_dir(w->temporary, e) == 0;
		return w->is_begun ? w->package->begin_folder(
					 &w->state, w->temporary, o, e)
				   : -1;
	}
	w->fd = file_create(w->temporary, e);
	w->is_begun = w->fd >= 0;
	return w->is_begun ? w->package->begin(&w->state, o, &to, e) : -1;
}

int
package_create(struct package_writer **out, const char *path,
    const struct package_options *o, struct error *e)
{
	struct package_writer *w;
	const struct package *kind = o->kind;

	if (kind == NULL)
		kind = find_kind(path, e);
	if (kind == NULL)
		return -1;
	if (file_exists(path))
		return error_set(e, ERROR_USAGE, "%s: is there already", path);
	w = mem_zero(1, sizeof(*w));
	w->package = kind;
	w->given_order = o->given_order;
	w->path = mem_text(path);
	w->temporary = mem_format("%s.tmp", path);
	w->fd = -1;
	if (begin(w, o, e) != 0) {
		package_abandon(w);
		return -1;
	}
	*out = w;
	return 0;
}

/* Folders of NAME in which the last name was not. */
static int
put_folders(struct package_writer *w, const char *name, struct error *e)
{
	const char *last = buf_text(&w->last);

	for (const char *at = strchr(name, '/'); at != NULL;
	     at = strchr(at + 1, '/')) {
		size_t len = (size_t)(at - name) + 1;
		char *folder = mem_text_n(name, len);
		int rc = 0;

		if (strncmp(last, folder, len) != 0)
			rc = w->package->entry(w->state, folder, 0, NULL, e);
		free(folder);
		if (rc != 0)
			return -1;
	}
	return 0;
}

int
package_put(struct package_writer *w, const char *name, uint64_t size,
    struct stream *bytes, struct error *e)
{
	if (!package_name_is_plain(name, strlen(name)) ||
	    (!w->given_order && strcmp(buf_text(&w->last), name) >= 0))
		return error_set(
		    e, ERROR_USAGE, "%s: not in order or no plain name", name);
	if ((!w->given_order && put_folders(w, name, e) != 0) ||
	    w->package->entry(w->state, name, size, bytes, e) != 0)
		return error_within(e, "%s", w->path);
	buf_reset(&w->last);
	buf_add_text(&w->last, name);
	return 0;
}

static void
clear(struct package_writer *w)
{
	if (w->state != NULL)
		w->package->free(w->state);
	if (w->fd >= 0)
		(void)close(w->fd); /* what is there is dropped */
	buf_clear(&w->pending);
	buf_clear(&w->last);
	free(w->temporary);
	free(w->path);
	free(w);
}

/* All of it on the disk, under its temporary name. */
static int
settle(struct package_writer *w, struct error *e)
{
	int fd = w->fd;

	if (w->package->end(w->state, e) != 0)
		return -1;
	if (fd < 0)
		return 0; /* a folder, synced by its kind */
	if ((w->pending.len > 0 && flush(w, e) != 0) || file_sync(fd, e) != 0)
		return -1;
	w->fd = -1;
	return file_close(fd, e);
}

int
package_finish(struct package_writer *w, struct error *e)
{
	if (settle(w, e) != 0 || file_rename(w->temporary, w->path, e) != 0) {
		package_abandon(w);
		return -1;
	}
	clear(w);
	return 0;
}

void
package_abandon(struct package_writer *w)
{
	if (w == NULL)
		return;
	if (w->is_begun && file_is_dir(w->temporary))
		(void)file_remove_tree(w->temporary, NULL);
	else if (w->is_begun && file_exists(w->temporary))
		(void)file_remove(w->temporary, NULL);
	clear(w);
}
