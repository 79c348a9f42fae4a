/* The bytes of what an export takes along, digested on the way. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/collection/export_part.h"
#include "core/collection/layout.h"

struct file_stream {
	struct stream stream;
	const struct export_file *file;
	struct stream *inner;
	int fd;
	struct digester *digest;
	uint64_t left;
	int is_checked;
	char hex[DIGEST_TEXT_MAX];
};

static int
not_as_sealed(const struct export_file *f, struct error *e)
{
	return error_set(e, ERROR_INTEGRITY,
	    "%s/%s: not as it was sealed; see: holdfast verify", f->snapshot,
	    f->name);
}

static int
check_end(struct file_stream *s, struct error *e)
{
	s->is_checked = 1;
	digester_hex(s->digest, s->hex);
	if (s->file->hex[0] != '\0' && strcmp(s->hex, s->file->hex) != 0)
		return not_as_sealed(s->file, e);
	return 0;
}

/* The last span is handed out only when all of it is right: whoever takes
 * SIZE bytes and no more is told, too. */
static int
file_stream_next(
    struct stream *stream, const uint8_t **data, size_t *len, struct error *e)
{
	struct file_stream *s = (struct file_stream *)stream;
	int more = 0;

	if (s->left > 0)
		more = stream_next(s->inner, data, len, e);
	if (more < 0)
		/* Shorter than it was when the plan was made. */
		return e != NULL && e->kind == ERROR_INPUT
			   ? not_as_sealed(s->file, e)
			   : -1;
	if (more > 0) {
		digester_add(s->digest, *data, *len);
		s->left -= *len;
	}
	if (s->left == 0 && !s->is_checked && check_end(s, e) != 0)
		return -1;
	return more;
}

static void
file_stream_free(struct stream *stream)
{
	struct file_stream *s = (struct file_stream *)stream;

	stream_free(s->inner);
	digester_free(s->digest);
	if (s->fd >= 0)
		(void)close(s->fd); /* only read */
	free(s);
}

static struct stream *
open_file(const struct export_plan *p, const char *path, uint64_t size, int *fd,
    struct error *e)
{
	char *full = collection_path(p->collection, path);

	*fd = file_open_read(full, e);
	free(full);
	if (*fd >= 0)
		return stream_of_file(*fd, 0, size);
	if (e != NULL && e->kind == ERROR_NOTFOUND)
		e->kind = ERROR_INTEGRITY;
	return NULL;
}

/* ---- bytes of several files ---- */

struct piece_stream {
	struct stream stream;
	const struct export_plan *plan;
	const struct export_pieces *pieces;
	struct stream *list; /* of pieces */
	struct buf data;     /* read of it */
	size_t used;
	struct stream *inner; /* of one piece; NULL none */
	uint64_t file;        /* that FD is */
	int fd;
};

/* 1; 0 there is none any more; -1. */
static int
next_piece(struct piece_stream *s, struct export_piece *piece, struct error *e)
{
	const uint8_t *p;
	size_t len;

	while (s->data.len - s->used < sizeof(*piece)) {
		int more;

		if (s->used > 0) {
			memmove(s->data.data, s->data.data + s->used,
			    s->data.len - s->used);
			buf_cut(&s->data, s->data.len - s->used);
			s->used = 0;
		}
		more = stream_next(s->list, &p, &len, e);
		if (more <= 0)
			return more;
		buf_add(&s->data, p, len);
	}
	memcpy(piece, s->data.data + s->used, sizeof(*piece));
	s->used += sizeof(*piece);
	return 1;
}

static int
open_piece(
    struct piece_stream *s, const struct export_piece *piece, struct error *e)
{
	char *path;

	if (s->fd < 0 || s->file != piece->file) {
		if (s->fd >= 0)
			(void)close(s->fd); /* only read */
		path = collection_path(
		    s->plan->collection, s->pieces->files->names[piece->file]);
		s->fd = file_open_read(path, e);
		s->file = piece->file;
		free(path);
		if (s->fd < 0)
			return -1;
	}
	s->inner = stream_of_file(s->fd, piece->offset, piece->length);
	return 0;
}

static int
piece_stream_next(
    struct stream *stream, const uint8_t **data, size_t *len, struct error *e)
{
	struct piece_stream *s = (struct piece_stream *)stream;
	struct export_piece piece;

	for (;;) {
		int more = s->inner == NULL
			       ? 0
			       : stream_next(s->inner, data, len, e);

		if (more != 0)
			return more;
		stream_free(s->inner);
		s->inner = NULL;
		more = next_piece(s, &piece, e);
		if (more <= 0)
			return more;
		if (open_piece(s, &piece, e) != 0)
			return -1;
	}
}

static void
piece_stream_free(struct stream *stream)
{
	struct piece_stream *s = (struct piece_stream *)stream;

	stream_free(s->inner);
	stream_free(s->list);
	buf_clear(&s->data);
	if (s->fd >= 0)
		(void)close(s->fd); /* only read */
	free(s);
}

static struct stream *
open_pieces(const struct export_plan *p, const struct export_source *source)
{
	struct piece_stream *s = mem_zero(1, sizeof(*s));

	s->stream.next = piece_stream_next;
	s->stream.free = piece_stream_free;
	s->plan = p;
	s->pieces = source->pieces;
	s->list = spool_stream(source->pieces->spool,
	    source->first * sizeof(struct export_piece),
	    source->count * sizeof(struct export_piece));
	s->fd = -1;
	return &s->stream;
}

int
export_file_open(const struct export_plan *p, const struct export_file *f,
    struct stream **out, struct error *e)
{
	const struct export_source *source = &p->sources[f - p->files];
	struct file_stream *s;
	struct stream *inner;
	int fd = -1;

	if (source->text != NULL)
		inner = spool_stream(source->text, 0, f->size);
	else if (source->pieces != NULL)
		inner = open_pieces(p, source);
	else
		inner = open_file(p, source->path, f->size, &fd, e);
	if (inner == NULL)
		return -1;
	s = mem_zero(1, sizeof(*s));
	s->stream.next = file_stream_next;
	s->stream.free = file_stream_free;
	s->file = f;
	s->fd = fd;
	s->left = f->size;
	s->inner = inner;
	s->digest = digester_new(DIGEST_SHA256);
	*out = &s->stream;
	return 0;
}

void
export_stream_hex(const struct stream *stream, char hex[65])
{
	const struct file_stream *s = (const struct file_stream *)stream;
	char text[DIGEST_TEXT_MAX];

	digester_hex(s->digest, text);
	memcpy(hex, text, DIGEST_SHA256_HEX + 1);
}
