/* Listings of a snapshot, made from its records. */
#include "core/collection/listing.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/format.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"

int
listing_open(struct output *o, const char *path, struct error *e)
{
	*o = (struct output){ .fd = -1 };
	return file_remove(path, e) != 0 ? -1 : output_open(o, path, e);
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
add_block(struct output *o, const struct record *r, struct error *e)
{
	const uint8_t *p;
	size_t len;
	int more;

	while ((more = stream_next(r->block, &p, &len, e)) == 1)
		if (output_add(o, p, len, e) != 0)
			return -1;
	return more < 0 ? -1 : output_add(o, "\n", 1, e);
}

/* The articles of one file of derived records. */
static int
add_articles(struct output *o, const char *path, struct error *e)
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
	struct output o = { .fd = -1 };
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
	rc = output_finish(&o, e);
done:
	output_clear(&o);
	file_names_clear(&names);
	free(path);
	free(folder);
	return rc;
}
