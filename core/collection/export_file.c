/* The bytes of what an export takes along, digested on the way. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
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

int
export_file_open(const struct export_plan *p, const struct export_file *f,
    struct stream **out, struct error *e)
{
	const struct export_source *source = &p->sources[f - p->files];
	char *path = collection_path(p->collection, source->path);
	struct file_stream *s;
	int fd = file_open_read(path, e);

	free(path);
	if (fd < 0) {
		if (e != NULL && e->kind == ERROR_NOTFOUND)
			e->kind = ERROR_INTEGRITY;
		return -1;
	}
	s = mem_zero(1, sizeof(*s));
	s->stream.next = file_stream_next;
	s->stream.free = file_stream_free;
	s->file = f;
	s->fd = fd;
	s->left = f->size;
	s->inner = stream_of_file(fd, 0, f->size);
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
