/* ZipNum written. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/gzip_member.h"
#include "core/archive/zipnum.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"

enum { OUT_PENDING = 256 * 1024, BLOCK_BYTES = 4 * 1024 * 1024 };

/* A file written front to back. */
struct out {
	char *path;
	int fd;
	uint64_t offset;
	struct buf pending;
};

struct zipnum_writer {
	struct out data, idx, summary, loc;
	char *name; /* of the data, without folders */
	struct gzip_writer *gzip;
	size_t lines; /* of a block */
	struct buf block;
	size_t count; /* lines in BLOCK */
	uint64_t blocks;
};

static int
out_open(struct out *o, const char *prefix, const char *suffix, struct error *e)
{
	o->path = mem_format("%s%s", prefix, suffix);
	o->fd = file_create(o->path, e);
	return o->fd < 0 ? -1 : 0;
}

static int
out_flush(struct out *o, struct error *e)
{
	if (file_write_at(
		o->fd, o->pending.data, o->pending.len, o->offset, e) != 0)
		return error_within(e, "%s", o->path);
	o->offset += o->pending.len;
	buf_reset(&o->pending);
	return 0;
}

static int
out_finish(struct out *o, struct error *e)
{
	int fd = o->fd;

	if (out_flush(o, e) != 0)
		return -1;
	if (file_sync(fd, e) != 0)
		return error_within(e, "%s", o->path);
	o->fd = -1;
	return file_close(fd, e);
}

static void
out_clear(struct out *o)
{
	if (o->fd >= 0)
		(void)close(o->fd); /* given up */
	buf_clear(&o->pending);
	free(o->path);
}

int
zipnum_writer_open(struct zipnum_writer **out, const char *prefix, size_t lines,
    struct error *e)
{
	struct zipnum_writer *w = mem_zero(1, sizeof(*w));
	const char *slash = strrchr(prefix, '/');
	const char *word = slash == NULL ? prefix : slash + 1;
	struct buf meta = { 0 };

	w->data.fd = w->idx.fd = w->summary.fd = w->loc.fd = -1;
	w->gzip = gzip_writer_new();
	w->lines = lines == 0 ? 1 : lines;
	w->name = mem_format("%s.cdx.gz", word);
	if (out_open(&w->data, prefix, ".cdx.gz", e) != 0 ||
	    out_open(&w->idx, prefix, ".idx", e) != 0 ||
	    out_open(&w->summary, prefix, ".summary", e) != 0 ||
	    out_open(&w->loc, prefix, ".loc", e) != 0) {
		zipnum_writer_free(w);
		return -1;
	}
	json_add_string(&meta, w->name, strlen(w->name));
	buf_format(&w->idx.pending,
	    "!meta 0 {\"format\": \"cdxj-gzip-1.0\", \"filename\": %s}\n",
	    buf_text(&meta));
	buf_format(&w->loc.pending, "%s\t%s\n", w->name, w->name);
	buf_clear(&meta);
	*out = w;
	return 0;
}

static int
add_packed(void *context, const uint8_t *p, size_t len, struct error *e)
{
	struct zipnum_writer *w = context;

	(void)e;
	buf_add(&w->data.pending, p, len);
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
	    w->data.pending.data + (offset - w->data.offset), length, digest);
	buf_add(&w->idx.pending, line, front);
	buf_format(&w->idx.pending,
	    " {\"offset\": %ju, \"length\": %zu, \"digest\": \"%s\"}\n",
	    (uintmax_t)offset, length, digest);
	buf_add(&w->summary.pending, line, front);
	buf_format(&w->summary.pending, "\t%s\t%ju\t%zu\t%ju\n", w->name,
	    (uintmax_t)offset, length, (uintmax_t)w->blocks);
}

static int
end_block(struct zipnum_writer *w, struct error *e)
{
	const struct buf none = { 0 };
	uint64_t offset = w->data.offset + w->data.pending.len;
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
	if (w->data.pending.len >= OUT_PENDING && out_flush(&w->data, e) != 0)
		return -1;
	if (w->idx.pending.len < OUT_PENDING)
		return 0;
	return out_flush(&w->idx, e) != 0 || out_flush(&w->summary, e) != 0 ? -1
									    : 0;
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

int
zipnum_writer_finish(struct zipnum_writer *w, struct error *e)
{
	if (end_block(w, e) != 0 || out_finish(&w->data, e) != 0 ||
	    out_finish(&w->idx, e) != 0 || out_finish(&w->summary, e) != 0)
		return -1;
	return out_finish(&w->loc, e);
}

void
zipnum_writer_free(struct zipnum_writer *w)
{
	if (w == NULL)
		return;
	out_clear(&w->data);
	out_clear(&w->idx);
	out_clear(&w->summary);
	out_clear(&w->loc);
	gzip_writer_free(w->gzip);
	buf_clear(&w->block);
	free(w->name);
	free(w);
}
