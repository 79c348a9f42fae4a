/* ZipNum written. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/gzip_member.h"
#include "core/archive/zipnum.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/output.h"

enum { BLOCK_BYTES = 4 * 1024 * 1024 };

enum { DATA, IDX, SUMMARY, LOC, PARTS };

struct zipnum_writer {
	char *prefix;
	struct output parts[PARTS];
	int opened, renamed; /* how many of them */
	char *name;          /* of the data, without folders */
	struct gzip_writer *gzip;
	size_t lines; /* of a block */
	struct buf block;
	size_t count; /* lines in BLOCK */
	uint64_t blocks;
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

int
zipnum_writer_open(struct zipnum_writer **out, const char *prefix, size_t lines,
    struct error *e)
{
	struct zipnum_writer *w = mem_zero(1, sizeof(*w));
	const char *slash = strrchr(prefix, '/');
	const char *word = slash == NULL ? prefix : slash + 1;
	struct buf meta = { 0 };

	for (int i = 0; i < PARTS; i++)
		w->parts[i].fd = -1;
	w->prefix = mem_text(prefix);
	w->gzip = gzip_writer_new();
	w->lines = lines == 0 ? 1 : lines;
	w->name = mem_format("%s.cdx.gz", word);
	if (open_parts(w, e) != 0) {
		zipnum_writer_free(w);
		return -1;
	}
	json_add_string(&meta, w->name, strlen(w->name));
	buf_format(&w->parts[IDX].pending,
	    "!meta 0 {\"format\": \"cdxj-gzip-1.0\", \"filename\": %s}\n",
	    buf_text(&meta));
	buf_format(&w->parts[LOC].pending, "%s\t%s\n", w->name, w->name);
	buf_clear(&meta);
	*out = w;
	return 0;
}

static int
add_packed(void *context, const uint8_t *p, size_t len, struct error *e)
{
	struct zipnum_writer *w = context;

	(void)e;
	buf_add(&w->parts[DATA].pending, p, len);
	return 0;
}

/* Both lists name the block by the key and time of its first line. */
static void
list_block(struct zipnum_writer *w, uint64_t offset, size_t length)
{
	const char *line = buf_text(&w->block);
	char digest[DIGEST_TEXT_MAX];
	size_t key = strcspn(line, " \n");
	size_t front = key;

	if (line[key] == ' ')
		front += 1 + strcspn(line + key + 1, " \n");
	digest_text(DIGEST_SHA256,
	    w->parts[DATA].pending.data + (offset - w->parts[DATA].offset),
	    length, digest);
	buf_add(&w->parts[IDX].pending, line, front);
	buf_format(&w->parts[IDX].pending,
	    " {\"offset\": %ju, \"length\": %zu, \"digest\": \"%s\"}\n",
	    (uintmax_t)offset, length, digest);
	buf_add(&w->parts[SUMMARY].pending, line, front);
	buf_format(&w->parts[SUMMARY].pending, "\t%s\t%ju\t%zu\t%ju\n", w->name,
	    (uintmax_t)offset, length, (uintmax_t)w->blocks);
}

static int
end_block(struct zipnum_writer *w, struct error *e)
{
	const struct buf none = { 0 };
	uint64_t offset = w->parts[DATA].offset + w->parts[DATA].pending.len;
	uint64_t length;

	if (w->count == 0)
		return 0;
	if (gzip_member_write(w->gzip, GZIP_DEFLATE, &w->block, NULL, &none,
		add_packed, w, &length, e) != 0)
		return -1;
	w->blocks++;
	list_block(w, offset, (size_t)length);
	buf_reset(&w->block);
	w->count = 0;
	for (int i = 0; i < PARTS; i++)
		if (output_may_flush(&w->parts[i], e) != 0)
			return -1;
	return 0;
}

int
zipnum_writer_add(
    struct zipnum_writer *w, const void *line, size_t len, struct error *e)
{
	/* A reader has to inflate a block whole. */
	if (w->block.len + len > BLOCK_BYTES && end_block(w, e) != 0)
		return -1;
	buf_add(&w->block, line, len);
	if (++w->count < w->lines)
		return 0;
	return end_block(w, e);
}

/* The data first: a list is there only with what it names. */
int
zipnum_writer_finish(struct zipnum_writer *w, struct error *e)
{
	if (end_block(w, e) != 0)
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
	gzip_writer_free(w->gzip);
	buf_clear(&w->block);
	free(w->name);
	free(w->prefix);
	free(w);
}
