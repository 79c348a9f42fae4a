/* ZipNum written. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/zipnum.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/output.h"

enum { DATA, IDX, SUMMARY, LOC, PARTS };

struct zipnum_writer {
	char *prefix;
	struct output parts[PARTS];
	int opened, renamed; /* how many of them */
	char *name;          /* of the data, without folders */
	struct zipnum_packer *packer;
};

static const char *const suffixes[PARTS] = { ".cdx.gz", ".idx", ".summary",
	".loc" };

/* All four, under names that say they are not whole. */
static int
open_parts(struct zipnum_writer *w, struct error *e)
{
	for (int i = 0; i < PARTS; i++) {
		char *path = mem_format("%s%s", w->prefix, suffixes[i]);
		char *open_path = mem_format("%s.open", path);
		int rc = 0;

		if (file_exists(path))
			rc = error_set(
			    e, ERROR_USAGE, "%s: is there already", path);
		else
			rc = output_open(&w->parts[i], open_path, e);
		free(open_path);
		free(path);
		if (rc != 0)
			return -1;
		w->opened++;
	}
	return 0;
}

/* Both lists name the block by the key and time of its first line. */
static int
add_block(void *context, const struct zipnum_block *b, struct error *e)
{
	struct zipnum_writer *w = context;
	struct buf *summary = &w->parts[SUMMARY].pending;

	buf_add(&w->parts[DATA].pending, b->bytes, b->len);
	zipnum_add_entry(&w->parts[IDX].pending, b);
	buf_add(summary, b->front, b->front_len);
	buf_format(summary, "\t%s\t%ju\t%zu\t%ju\n", w->name,
	    (uintmax_t)b->offset, b->len, (uintmax_t)b->number + 1);
	for (int i = 0; i < PARTS; i++)
		if (output_may_flush(&w->parts[i], e) != 0)
			return -1;
	return 0;
}

int
zipnum_writer_open(struct zipnum_writer **out, const char *prefix, size_t lines,
    struct error *e)
{
	struct zipnum_writer *w = mem_zero(1, sizeof(*w));
	const char *slash = strrchr(prefix, '/');
	const char *word = slash == NULL ? prefix : slash + 1;

	for (int i = 0; i < PARTS; i++)
		w->parts[i].fd = -1;
	w->prefix = mem_text(prefix);
	w->name = mem_format("%s.cdx.gz", word);
	if (open_parts(w, e) != 0) {
		zipnum_writer_free(w);
		return -1;
	}
	w->packer = zipnum_packer_new(lines, add_block, w);
	zipnum_add_meta(&w->parts[IDX].pending, w->name);
	buf_format(&w->parts[LOC].pending, "%s\t%s\n", w->name, w->name);
	*out = w;
	return 0;
}

int
zipnum_writer_add(
    struct zipnum_writer *w, const void *line, size_t len, struct error *e)
{
	return zipnum_packer_add(w->packer, line, len, e);
}

/* The data first: a list is there only with what it names. */
int
zipnum_writer_finish(struct zipnum_writer *w, struct error *e)
{
	if (zipnum_packer_end(w->packer, e) != 0)
		return -1;
	for (int i = 0; i < PARTS; i++)
		if (output_finish(&w->parts[i], e) != 0)
			return -1;
	for (int i = 0; i < PARTS; i++) {
		char *path = mem_format("%s%s", w->prefix, suffixes[i]);
		int rc = file_rename(w->parts[i].path, path, e);

		free(path);
		if (rc != 0)
			return -1;
		w->renamed++;
	}
	return 0;
}

void
zipnum_writer_free(struct zipnum_writer *w)
{
	if (w == NULL)
		return;
	for (int i = 0; i < PARTS; i++) {
		if (i >= w->renamed && i < w->opened)
			(void)file_remove(w->parts[i].path, NULL);
		output_clear(&w->parts[i]);
	}
	zipnum_packer_free(w->packer);
	free(w->name);
	free(w->prefix);
	free(w);
}
