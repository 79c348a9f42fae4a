/* Record files written: one record a member or frame, never overwriting. */
#include "core/archive/sink.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/record.h"
#include "core/archive/zstd_writer.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/text.h"

#include "core/archive/format.h"

#define SINK_BUFFER ((size_t)512 * 1024)
#define SINK_COPY   ((size_t)256 * 1024)
#define SINK_MEMORY ((size_t)2 * 1024 * 1024) /* of one record for a pipe */

struct sink {
	struct sink_options options;
	char *path;      /* as asked for */
	char *open_path; /* of the current file; NULL: none is open */
	int fd;
	/* Standard output: the last record, which may yet be taken back. */
	struct spool *pending;
	struct buf buffer; /* the end of the file, not yet written */
	uint64_t flushed;  /* bytes before it */
	uint64_t mark;     /* where the last record begins */
	int can_undo;
	struct gzip_writer *gzip;
	struct zstd_writer *zstd;
	struct sink_file *files;
	size_t count;
	unsigned number; /* of the current file when split */
};

enum sink_coding
sink_coding_of(const char *path)
{
	if (text_ends(path, ".gz"))
		return SINK_GZIP;
	return text_ends(path, ".zst") ? SINK_ZSTD : SINK_PLAIN;
}

static struct sink_file *
current(struct sink *s)
{
	return &s->files[s->count - 1];
}

static uint64_t
position(const struct sink *s)
{
	return s->flushed + s->buffer.len;
}

/* "a/news.warc.gz" to "a/news-00007.warc.gz". */
static char *
numbered_path(const char *path, unsigned number)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	const char *dot = strstr(name, ".warc");

	if (dot == NULL)
		dot = strrchr(name, '.');
	if (dot == NULL || dot == name)
		dot = path + strlen(path);
	return mem_format("%.*s-%05u%s", (int)(dot - path), path, number, dot);
}

static int
open_file(struct sink *s, struct error *e)
{
	char *path = s->pending != NULL ? mem_text("-")
		     : s->options.split == 0
			 ? mem_text(s->path)
			 : numbered_path(s->path, s->number++);

	s->files = mem_grow(s->files, s->count + 1, sizeof(*s->files));
	s->files[s->count++] = (struct sink_file){ .path = path };
	s->flushed = 0;
	s->mark = 0;
	s->can_undo = 0;
	buf_reset(&s->buffer);
	if (s->pending != NULL)
		return 0;
	if (file_exists(path))
		return error_set(e, ERROR_USAGE, "%s: is there already", path);
	s->open_path = mem_format("%s.open", path);
	s->fd = file_create(s->open_path, e);
	if (s->fd >= 0)
		return 0;
	free(s->open_path);
	s->open_path = NULL;
	return -1;
}

/* What stands in front of every file. */
static int
begin_file(struct sink *s, struct error *e)
{
	if (open_file(s, e) != 0)
		return -1;
	return s->options.begin == NULL
		   ? 0
		   : s->options.begin(
			 s->options.context, s, s->files[s->count - 1].path, e);
}

int
sink_open(struct sink **out, const char *path, const struct sink_options *o,
    struct error *e)
{
	struct sink *s = mem_zero(1, sizeof(*s));

	s->options = *o;
	s->path = mem_text(path);
	s->fd = -1;
	if (strcmp(path, "-") == 0) {
		s->options.split = 0;
		s->pending = spool_new(NULL, SINK_MEMORY);
	}
	if (o->coding == SINK_GZIP)
		s->gzip = gzip_writer_new();
	if (o->coding == SINK_ZSTD)
		s->zstd = zstd_writer_new();
	if (begin_file(s, e) != 0) {
		sink_free(s);
		return -1;
	}
	*out = s;
	return 0;
}

static int
flush(struct sink *s, struct error *e)
{
	if (s->buffer.len == 0)
		return 0;
	if (file_write_at(
		s->fd, s->buffer.data, s->buffer.len, s->flushed, e) != 0)
		return error_within(e, "%s", s->open_path);
	s->flushed += s->buffer.len;
	buf_reset(&s->buffer);
	return 0;
}

/* The record that can no longer be taken back goes out. */
static int
flush_pending(struct sink *s, struct error *e)
{
	struct stream *all;
	const uint8_t *p;
	size_t len;
	int more;

	if (s->pending == NULL || spool_len(s->pending) == 0)
		return 0;
	all = spool_stream(s->pending, 0, spool_len(s->pending));
	while ((more = stream_next(all, &p, &len, e)) > 0)
		if (file_write(STDOUT_FILENO, p, len, e) != 0) {
			more = error_within(e, "standard output");
			break;
		}
	stream_free(all);
	s->flushed += spool_len(s->pending);
	if (more == 0)
		more = spool_cut(s->pending, 0, e);
	return more;
}

static int
emit(void *context, const uint8_t *p, size_t len, struct error *e)
{
	struct sink *s = context;

	if (s->pending != NULL)
		return spool_add(s->pending, p, len, e);
	if (s->buffer.len + len > SINK_BUFFER && flush(s, e) != 0)
		return -1;
	if (len >= SINK_BUFFER) {
		if (file_write_at(s->fd, p, len, s->flushed, e) != 0)
			return error_within(e, "%s", s->open_path);
		s->flushed += len;
	} else {
		buf_add(&s->buffer, p, len);
	}
	return 0;
}

/* Back to where the last record began. */
static int
take_back(struct sink *s, struct error *e)
{
	if (s->pending != NULL)
		return spool_cut(s->pending, 0, e);
	if (s->mark >= s->flushed) {
		buf_cut(&s->buffer, (size_t)(s->mark - s->flushed));
		return 0;
	}
	buf_reset(&s->buffer);
	s->flushed = s->mark;
	if (file_truncate(s->fd, s->mark, e) != 0)
		return error_within(e, "%s", s->open_path);
	return 0;
}

static int
begin_record(struct sink *s, struct error *e)
{
	s->can_undo = 0;
	if (flush_pending(s, e) != 0)
		return -1;
	s->mark = position(s);
	return 0;
}

/* RC is what became of the record: it stays or nothing of it does. */
static int
end_record(struct sink *s, int rc, struct place *where, struct error *e)
{
	struct error ignored;
	uint64_t end = position(s);

	if (rc != 0) {
		if (e == NULL || e->kind != ERROR_SYSTEM)
			rc = take_back(s, &ignored) == 0 ? rc : -1;
		return rc;
	}
	if (s->pending != NULL)
		end += spool_len(s->pending);
	s->can_undo = 1;
	current(s)->records++;
	if (where != NULL)
		*where = (struct place){ .file = current(s)->path,
			.offset = s->mark,
			.length = end - s->mark };
	return 0;
}

static int
put_plain(struct sink *s, const struct buf *head, struct stream *block,
    const struct buf *tail, struct error *e)
{
	const uint8_t *p;
	size_t len;
	int more;

	if (emit(s, head->data, head->len, e) != 0)
		return -1;
	while ((more = stream_next(block, &p, &len, e)) > 0)
		if (emit(s, p, len, e) != 0)
			return -1;
	return more < 0 ? -1 : emit(s, tail->data, tail->len, e);
}

int
sink_put(struct sink *s, const struct record *r, enum gzip_way way,
    struct place *where, struct error *e)
{
	struct error mine = { 0 };
	struct stream *block;
	struct buf head = { 0 };
	struct buf tail = { 0 };
	uint64_t length;
	int rc;

	if (e == NULL)
		e = &mine;
	if (begin_record(s, e) != 0)
		return -1;
	block = stream_exact(r->block, r->block_len);
	if (r->head_len > 0)
		buf_add(&head, r->head, r->head_len);
	else
		record_write_head(&head, r);
	/* An ARC record that stays one ends as those do. */
	buf_add_text(
	    &tail, text_starts(r->version, "ARC/") ? "\n" : "\r\n\r\n");
	switch (s->options.coding) {
	case SINK_GZIP:
		rc = gzip_member_write(
		    s->gzip, way, &head, block, &tail, emit, s, &length, e);
		break;
	case SINK_ZSTD:
		rc = zstd_frame_write(s->zstd,
		    head.len + r->block_len + tail.len,
		    &(struct zstd_parts){ &head, block, &tail }, emit, s, e);
		break;
	default:
		rc = put_plain(s, &head, block, &tail, e);
		break;
	}
	buf_clear(&tail);
	buf_clear(&head);
	stream_free(block);
	return end_record(s, rc, where, e);
}

static int
copy_bytes(struct sink *s, struct input *in, uint64_t offset, uint64_t length,
    struct error *e)
{
	while (length > 0) {
		size_t want = length < SINK_COPY ? (size_t)length : SINK_COPY;
		uint8_t *room;
		size_t got;

		if (s->pending == NULL && s->buffer.len + want > SINK_BUFFER &&
		    flush(s, e) != 0)
			return -1;
		room = buf_room(&s->buffer, want);
		if (input_read(in, offset, room, want, &got, e) != 0)
			return -1;
		if (got < want)
			return error_set(e, ERROR_INPUT,
			    "%s: became shorter while it was read",
			    input_name(in));
		if (s->pending != NULL) {
			if (spool_add(s->pending, room, got, e) != 0)
				return -1;
		} else {
			s->buffer.len += got;
		}
		offset += got;
		length -= got;
	}
	return 0;
}

int
sink_copy(struct sink *s, struct input *in, uint64_t offset, uint64_t length,
    struct place *where, struct error *e)
{
	struct error mine = { 0 };

	if (e == NULL)
		e = &mine;
	if (begin_record(s, e) != 0)
		return -1;
	return end_record(s, copy_bytes(s, in, offset, length, e), where, e);
}

int
sink_undo(struct sink *s, struct error *e)
{
	if (!s->can_undo)
		return error_set(e, ERROR_USAGE, "nothing to take back");
	s->can_undo = 0;
	current(s)->records--;
	return take_back(s, e);
}

static int
finish_file(struct sink *s, struct error *e)
{
	int rc;

	s->can_undo = 0;
	if (flush_pending(s, e) != 0)
		return -1;
	current(s)->bytes = position(s);
	if (s->pending != NULL)
		return 0;
	if (flush(s, e) != 0)
		return -1;
	rc = file_sync(s->fd, e);
	if (file_close(s->fd, rc == 0 ? e : NULL) != 0)
		rc = -1;
	s->fd = -1;
	if (rc != 0)
		return error_within(e, "%s", s->open_path);
	if (file_rename(s->open_path, current(s)->path, e) != 0)
		return -1;
	free(s->open_path);
	s->open_path = NULL;
	return 0;
}

int
sink_event(struct sink *s, struct error *e)
{
	if (s->options.split == 0 || position(s) < s->options.split)
		return 0;
	if (finish_file(s, e) != 0)
		return -1;
	return begin_file(s, e);
}

int
sink_is(const struct sink *s, enum sink_coding coding)
{
	return s->options.coding == coding;
}

int
sink_splits(const struct sink *s)
{
	return s->options.split != 0;
}

uint64_t
sink_records(const struct sink *s)
{
	return s->files[s->count - 1].records;
}

int
sink_finish(struct sink *s, struct error *e)
{
	return finish_file(s, e);
}

const struct sink_file *
sink_files(const struct sink *s, size_t *count)
{
	*count = s->count;
	return s->files;
}

void
sink_free(struct sink *s)
{
	if (s == NULL)
		return;
	if (s->fd >= 0)
		(void)close(s->fd); /* it goes away */
	if (s->open_path != NULL)
		(void)file_remove(s->open_path, NULL);
	for (size_t i = 0; i < s->count; i++)
		free(s->files[i].path);
	free(s->files);
	free(s->open_path);
	spool_free(s->pending);
	buf_clear(&s->buffer);
	gzip_writer_free(s->gzip);
	zstd_writer_free(s->zstd);
	free(s->path);
	free(s);
}
