/* The lines of a file, from any offset on. */
#include "core/collection/line_reader.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"

enum {
	READ_BYTES = 64 * 1024,
	/* A range this small is read line by line. */
	FIND_BYTES = 2048
};

int
line_reader_open(struct line_reader *r, const char *path, struct error *e)
{
	*r = (struct line_reader){ .fd = -1 };
	r->fd = file_open_read(path, e);
	if (r->fd < 0)
		return -1;
	r->path = mem_text(path);
	if (file_size(path, &r->size, e) != 0) {
		line_reader_close(r);
		return -1;
	}
	return 0;
}

void
line_reader_of(struct line_reader *r, struct input *in)
{
	*r = (struct line_reader){ .fd = -1,
		.in = input_keep(in),
		.path = mem_text(input_name(in)),
		.size = input_size(in) };
}

void
line_reader_close(struct line_reader *r)
{
	input_free(r->in);
	if (r->fd >= 0)
		(void)close(r->fd);
	free(r->path);
	buf_clear(&r->data);
	*r = (struct line_reader){ .fd = -1 };
}

/* More bytes behind those in DATA: 1; 0, the file ends. */
static int
fill(struct line_reader *r, struct error *e)
{
	ssize_t got;
	size_t n;

	if (r->in != NULL) {
		if (input_read(r->in, r->data_at + r->data.len,
			buf_room(&r->data, READ_BYTES), READ_BYTES, &n, e) != 0)
			return -1;
		r->data.len += n;
		return n > 0;
	}
	got = pread(r->fd, buf_room(&r->data, READ_BYTES), READ_BYTES,
	    (off_t)(r->data_at + r->data.len));
	if (got < 0)
		return error_system(e, "%s", r->path);
	r->data.len += (size_t)got;
	return got > 0;
}

/* Make DATA begin no later than at NEXT, dropping what is behind us. */
static void
align(struct line_reader *r)
{
	uint64_t end = r->data_at + r->data.len;

	if (r->next < r->data_at || r->next > end) {
		buf_reset(&r->data);
		r->data_at = r->next;
	}
}

static void
drop_used(struct line_reader *r)
{
	size_t used = (size_t)(r->next - r->data_at);

	if (used == 0)
		return;
	memmove(r->data.data, r->data.data + used, r->data.len - used);
	r->data.len -= used;
	r->data_at = r->next;
}

int
line_reader_next(
    struct line_reader *r, char **line, size_t *len, struct error *e)
{
	size_t from;
	size_t seen = 0;
	char *end = NULL;

	align(r);
	for (;;) {
		int more;

		from = (size_t)(r->next - r->data_at);
		if (r->data.len > from + seen)
			end = memchr(r->data.data + from + seen, '\n',
			    r->data.len - from - seen);
		if (end != NULL)
			break;
		seen = r->data.len - from;
		if (seen > LINE_READER_MAX)
			return error_set(e, ERROR_INPUT,
			    "%s at %ju: line longer than %d bytes", r->path,
			    (uintmax_t)r->next, LINE_READER_MAX);
		drop_used(r);
		more = fill(r, e);
		if (more < 0)
			return -1;
		if (more == 0 && seen == 0)
			return 0;
		if (more == 0) {
			*buf_room(&r->data, 1) = '\n';
			end = (char *)r->data.data + r->data.len;
			break;
		}
	}
	from = (size_t)(r->next - r->data_at);
	*line = (char *)r->data.data + from;
	*len = (size_t)(end - *line);
	*end = '\0';
	r->start = r->next;
	r->next += *len + 1;
	/* The reader gave the last LF itself. */
	if (r->next > r->data_at + r->data.len)
		r->next = r->data_at + r->data.len;
	return 1;
}

void
line_reader_seek(struct line_reader *r, uint64_t offset)
{
	/* Lines handed out lost their LF: read them again. */
	buf_reset(&r->data);
	r->data_at = r->next = offset;
}

/* The first line that begins behind MID. As line_reader_next. */
static int
line_after(struct line_reader *r, uint64_t mid, char **line, size_t *len,
    struct error *e)
{
	int more;

	line_reader_seek(r, mid);
	more = line_reader_next(r, line, len, e);
	return more == 1 ? line_reader_next(r, line, len, e) : more;
}

int
line_reader_find(struct line_reader *r, const char *key, struct error *e)
{
	uint64_t low = 0; /* a line begins here, it or all before are less */
	uint64_t high = r->size;

	while (high - low > FIND_BYTES) {
		uint64_t mid = low + (high - low) / 2;
		char *line = NULL;
		size_t len;
		int more = line_after(r, mid, &line, &len, e);

		if (more < 0)
			return -1;
		if (line != NULL && more == 1 && r->start < high &&
		    strcmp(line, key) < 0)
			low = r->start;
		else
			high = mid;
	}
	line_reader_seek(r, low);
	return 0;
}
