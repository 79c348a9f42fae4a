/* A sorted index searched without being loaded. */
#include "core/archive/index_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/gzip_member.h"
#include "core/archive/sorted_file.h"
#include "core/archive/zipnum.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"

enum { HEAD = 512 };

struct index_file {
	char *path;
	struct sorted_file lines; /* the index, or a ZipNum's list of blocks */
	struct sorted_file top;   /* .fd = -1: none */
	struct zipnum *zipnum;    /* NULL: plain */
	struct input *packed;     /* compressed as a whole; NULL: not */
	struct gzip_reader *gzip;
	struct stream *bytes;
	char *start, *end;
	int passing; /* lines may still be less than START */
	struct buf block;
	size_t next; /* in BLOCK */
};

void
index_file_free(struct index_file *f)
{
	if (f == NULL)
		return;
	zipnum_free(f->zipnum);
	gzip_reader_free(f->gzip);
	input_free(f->packed);
	sorted_file_close(&f->lines);
	sorted_file_close(&f->top);
	buf_clear(&f->block);
	free(f->path);
	free(f->start);
	free(f->end);
	free(f);
}

/* What kind of file it is, by its first bytes. */
static int
recognise(struct index_file *f, struct error *e)
{
	uint8_t head[HEAD];
	ssize_t n = pread(f->lines.fd, head, sizeof(head), 0);

	if (n < 0)
		return error_system(e, "%s", f->path);
	if (n >= 2 && head[0] == 0x1f && head[1] == 0x8b)
		return input_of_fd(
		    &f->packed, f->lines.fd, f->path, 0, INPUT_NO_END, e);
	if (zipnum_recognise(head, (size_t)n))
		return zipnum_open(&f->zipnum, f->path, head, (size_t)n, e);
	return 0;
}

int
index_file_open(struct index_file **out, const char *path, struct error *e)
{
	struct index_file *f = mem_zero(1, sizeof(*f));

	f->lines.fd = f->top.fd = -1;
	f->path = mem_text(path);
	if (sorted_file_open(&f->lines, path, e) != 0 || recognise(f, e) != 0) {
		index_file_free(f);
		return -1;
	}
	*out = f;
	return 0;
}

int
index_file_open_with_top(
    struct index_file **out, const char *path, const char *top, struct error *e)
{
	if (index_file_open(out, path, e) != 0)
		return -1;
	(void)sorted_file_open(&(*out)->top, top, NULL);
	return 0;
}

/* By the file beside it, where to begin: the line that was last less. 1; 0, it
 * does not fit; -1. */
static int
find_by_top(struct index_file *f, uint64_t *from, struct error *e)
{
	char *line;
	size_t len;
	uint64_t at;
	int more;

	*from = 0;
	if (sorted_file_find(&f->top, f->start, e) != 0)
		return -1;
	while ((more = sorted_file_next(&f->top, &line, &len, &at, e)) == 1) {
		const char *blank = memrchr(line, ' ', len);

		/* The front alone decides: "a 1" is before "a 1 {" too. */
		if (sorted_compare(line, len, f->start) >= 0)
			break;
		if (blank == NULL ||
		    !text_uint(blank + 1, len - (size_t)(blank + 1 - line),
			f->lines.size, from))
			return 0;
	}
	return more < 0 ? -1 : 1;
}

/* Is the line at FROM, or the file's front, less than START? */
static int
is_before(struct index_file *f, uint64_t from, struct error *e)
{
	char *line;
	size_t len;
	uint64_t at;
	int more;

	if (from == 0)
		return 1;
	/* A line begins there if a line feed stands before it. */
	sorted_file_seek(&f->lines, from - 1);
	f->lines.reading = 32 * 1024;
	more = sorted_file_next(&f->lines, &line, &len, &at, e);
	if (more == 1 && len > 0)
		return 0;
	if (more == 1)
		more = sorted_file_next(&f->lines, &line, &len, &at, e);
	return more < 0 ? -1
			: more == 1 && sorted_compare(line, len, f->start) < 0;
}

static int
find_plain(struct index_file *f, struct error *e)
{
	uint64_t from;
	int good = 0;

	if (f->top.fd >= 0) {
		good = find_by_top(f, &from, NULL);
		if (good == 1)
			good = is_before(f, from, e);
		if (good < 0)
			good = 0;
		if (good && from == 0)
			sorted_file_seek(&f->lines, 0);
	}
	return good ? 0 : sorted_file_find(&f->lines, f->start, e);
}

int
index_file_find(
    struct index_file *f, const char *start, const char *end, struct error *e)
{
	char *s = mem_text(start);
	char *t = end == NULL ? NULL : mem_text(end);

	free(f->start);
	free(f->end);
	f->start = s;
	f->end = t;
	f->passing = 1;
	buf_reset(&f->block);
	f->next = 0;
	if (f->packed != NULL) {
		gzip_reader_free(f->gzip);
		f->gzip = gzip_reader_new(f->packed);
		f->bytes = NULL;
		return 0;
	}
	if (f->zipnum != NULL)
		return zipnum_find(f->zipnum, &f->lines, f->start, e);
	return find_plain(f, e);
}

/* More of what is compressed, behind what is left of BLOCK: 1; 0, the end. */
static int
more_packed(struct index_file *f, struct error *e)
{
	const uint8_t *p;
	size_t len;
	int more;

	for (;;) {
		if (f->bytes == NULL &&
		    (more = gzip_reader_next(f->gzip, &f->bytes, e)) <= 0)
			return more;
		more = stream_next(f->bytes, &p, &len, e);
		if (more < 0)
			return -1;
		if (more == 1) {
			buf_add(&f->block, p, len);
			return 1;
		}
		f->bytes = NULL;
	}
}

static int
more_block(struct index_file *f, struct error *e)
{
	size_t left = f->block.len - f->next;
	int more;

	if (f->next > 0) {
		memmove(f->block.data, f->block.data + f->next, left);
		buf_cut(&f->block, left);
		f->next = 0;
	}
	if (left > INDEX_LINE_MAX)
		return error_set(e, ERROR_INPUT,
		    "%s: line longer than %d bytes", f->path, INDEX_LINE_MAX);
	more = f->packed != NULL
		   ? more_packed(f, e)
		   : zipnum_block(f->zipnum, &f->lines, f->end, &f->block, e);
	return more < 0 ? error_within(e, "%s", f->path) : more;
}

/* The next line out of BLOCK. */
static int
next_of_block(struct index_file *f, char **line, size_t *len, struct error *e)
{
	(void)buf_room(&f->block, 1); /* there is memory to point into */
	for (;;) {
		size_t left = f->block.len - f->next;
		char *from = (char *)f->block.data + f->next;
		char *lf = left == 0 ? NULL : memchr(from, '\n', left);
		int more;

		if (lf == NULL && (more = more_block(f, e)) != 0) {
			if (more < 0)
				return -1;
			continue;
		}
		from = (char *)f->block.data + f->next;
		left = f->block.len - f->next;
		if (left == 0)
			return 0;
		*line = from;
		*len = lf == NULL ? left : (size_t)(lf - from);
		from[*len] = '\0';
		f->next += *len + (lf != NULL);
		return 1;
	}
}

int
index_file_next(struct index_file *f, char **line, size_t *len, struct error *e)
{
	uint64_t at;
	int more;

	if (f->start == NULL)
		return 0;
	while ((more = f->packed != NULL || f->zipnum != NULL
			   ? next_of_block(f, line, len, e)
			   : sorted_file_next(&f->lines, line, len, &at, e)) ==
	       1) {
		if (f->passing && sorted_compare(*line, *len, f->start) < 0)
			continue;
		f->passing = 0;
		if (f->end != NULL && sorted_compare(*line, *len, f->end) >= 0)
			more = 0;
		break;
	}
	if (more != 1) {
		free(f->start);
		f->start = NULL;
	}
	return more;
}
