/* A new file written front to back. */
#include "core/collection/listing.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/format.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"

enum { LISTING_PENDING = 256 * 1024 };

int
listing_open(struct listing *o, const char *path, struct error *e)
{
	*o = (struct listing){ .fd = -1 };
	if (file_remove(path, e) != 0)
		return -1;
	o->fd = file_create(path, e);
	if (o->fd < 0)
		return -1;
	o->path = mem_text(path);
	return 0;
}

static int
write_pending(struct listing *o, struct error *e)
{
	if (o->pending.len > 0 && file_write_at(o->fd, o->pending.data,
				      o->pending.len, o->offset, e) != 0)
		return error_within(e, "%s", o->path);
	o->offset += o->pending.len;
	buf_reset(&o->pending);
	return 0;
}

int
listing_add(struct listing *o, const void *p, size_t len, struct error *e)
{
	buf_add(&o->pending, p, len);
	return o->pending.len < LISTING_PENDING ? 0 : write_pending(o, e);
}

int
listing_finish(struct listing *o, struct error *e)
{
	int fd = o->fd;

	if (write_pending(o, e) != 0)
		return -1;
	if (file_sync(fd, e) != 0)
		return error_within(e, "%s", o->path);
	o->fd = -1;
	return file_close(fd, e);
}

void
listing_clear(struct listing *o)
{
	if (o->fd >= 0)
		(void)close(o->fd);
	buf_clear(&o->pending);
	free(o->path);
	*o = (struct listing){ .fd = -1 };
}

static int
is_article(const struct record *r)
{
	const char *type = record_field(r, "Content-Type");

	return type != NULL &&
	       strcmp(type, "application/vnd.holdfast.article+json") == 0;
}

/* The block of R as a line. */
static int
add_block(struct listing *o, const struct record *r, struct error *e)
{
	const uint8_t *p;
	size_t len;
	int more;

	while ((more = stream_next(r->block, &p, &len, e)) == 1)
		if (listing_add(o, p, len, e) != 0)
			return -1;
	return more < 0 ? -1 : listing_add(o, "\n", 1, e);
}

/* The articles of one file of derived records. */
static int
add_articles(struct listing *o, const char *path, struct error *e)
{
	struct source *s = NULL;
	struct arena *a = arena_new();
	struct record r;
	struct place where;
	int more = source_open(&s, path, e) == 0 ? 1 : -1;

	while (more == 1) {
		arena_reset(a);
		more = source_next(s, a, &r, &where, e);
		if (more == 1 && is_article(&r) && add_block(o, &r, e) != 0)
			more = -1;
		if (more == 1 && source_finish(s, &where, e) != 0)
			more = -1;
	}
	source_free(s);
	arena_free(a);
	return more < 0 ? error_within(e, "%s", path) : 0;
}

int
listing_articles(const char *dir, struct error *e)
{
	struct file_names names = { 0 };
	struct listing o = { .fd = -1 };
	char *folder = mem_format("%s/derived", dir);
	char *path = mem_format("%s/articles.jsonl", dir);
	int rc = -1;

	if (file_is_dir(folder) && file_list(folder, &names, e) != 0)
		goto done;
	if (listing_open(&o, path, e) != 0)
		goto done;
	for (size_t i = 0; i < names.count; i++) {
		char *file = mem_format("%s/%s", folder, names.names[i]);
		int added = text_ends(file, ".warc.gz")
				? add_articles(&o, file, e)
				: 0;

		free(file);
		if (added != 0)
			goto done;
	}
	rc = listing_finish(&o, e);
done:
	listing_clear(&o);
	file_names_clear(&names);
	free(path);
	free(folder);
	return rc;
}
