/* ZipNum read. */
#include "core/archive/zipnum.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/gzip_member.h"
#include "core/archive/sorted_file.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#define META "!meta "

enum {
	BLOCK_PACKED_MAX = 4 * 1024 * 1024,
	BLOCK_MAX = 16 * 1024 * 1024,
	LOC_MAX = 16 * 1024 * 1024
};

struct zipnum {
	char *dir;     /* with "/" behind it, or "" */
	char *loc;     /* path of the .loc */
	char *usual;   /* file of the data by the "!meta" line; NULL */
	char *part;    /* the file that is open */
	int fd;        /* of it; -1 */
	uint64_t data; /* its size */
	struct buf packed;
	/* the block that is next, read out of the list already */
	char *line;
	size_t line_len;
	int more;
};

/* Where a block lies. */
struct block {
	const char *part;
	uint64_t offset, length;
};

/* "key time TAB part TAB offset TAB length", or "!meta" first. */
int
zipnum_recognise(const uint8_t *head, size_t len)
{
	const uint8_t *lf = memchr(head, '\n', len);
	size_t line = lf == NULL ? len : (size_t)(lf - head);
	size_t tabs = 0;

	if (len >= sizeof(META) - 1 &&
	    memcmp(head, META, sizeof(META) - 1) == 0)
		return 1;
	for (size_t i = 0; i < line; i++)
		tabs += head[i] == '\t';
	return tabs >= 3;
}

/* "filename" of the "!meta" line. */
static void
read_meta(struct zipnum *z, const uint8_t *head, size_t len)
{
	const uint8_t *open = memchr(head, '{', len);
	const uint8_t *lf = memchr(head, '\n', len);
	struct arena *a;
	const char *name;

	if (len < sizeof(META) - 1 || open == NULL || lf == NULL || lf < open ||
	    memcmp(head, META, sizeof(META) - 1) != 0)
		return;
	a = arena_new();
	name = json_text(json_get(json_parse(a, (const char *)open,
				      (size_t)(lf - open), NULL),
			     "filename"),
	    NULL);
	if (name != NULL)
		z->usual = mem_text(name);
	arena_free(a);
}

int
zipnum_open(struct zipnum **out, const char *path, const uint8_t *head,
    size_t len, struct error *e)
{
	struct zipnum *z = mem_zero(1, sizeof(*z));
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(slash == NULL ? path : slash, '.');

	(void)e;
	z->fd = -1;
	z->dir = slash == NULL ? mem_text("")
			       : mem_text_n(path, (size_t)(slash + 1 - path));
	z->loc = mem_format("%.*s.loc",
	    (int)(dot == NULL ? strlen(path) : (size_t)(dot - path)), path);
	read_meta(z, head, len);
	*out = z;
	return 0;
}

void
zipnum_free(struct zipnum *z)
{
	if (z == NULL)
		return;
	if (z->fd >= 0)
		(void)close(z->fd); /* only read */
	buf_clear(&z->packed);
	free(z->line);
	free(z->part);
	free(z->usual);
	free(z->loc);
	free(z->dir);
	free(z);
}

/* The next line of the list into Z, but not its "!meta". */
static int
take_line(struct zipnum *z, struct sorted_file *list, struct error *e)
{
	char *line = NULL;
	size_t len = 0;
	uint64_t at;

	free(z->line);
	z->line = NULL;
	do
		z->more = sorted_file_next(list, &line, &len, &at, e);
	while (z->more == 1 && text_starts(line, META));
	if (z->more == 1) {
		z->line = mem_text_n(line, len);
		z->line_len = len;
	}
	return z->more < 0 ? -1 : 0;
}

/* How much of a line is key and time: lists have no more of a block's first
 * line, and what follows there compares with nothing. */
static size_t
front_length(const char *line, size_t len)
{
	const char *tab = memchr(line, '\t', len);
	const char *blank;

	if (tab != NULL)
		return (size_t)(tab - line);
	blank = memchr(line, ' ', len);
	if (blank != NULL)
		blank = memchr(
		    blank + 1, ' ', len - (size_t)(blank + 1 - line));
	return blank == NULL ? len : (size_t)(blank - line);
}

int
zipnum_find(struct zipnum *z, struct sorted_file *list, const char *key,
    struct error *e)
{
	char *front = mem_text_n(key, front_length(key, strlen(key)));
	uint64_t from = 0;
	char *line;
	size_t len;
	uint64_t at;
	int more = sorted_file_find(list, front, e);

	/* The last block that begins before KEY. */
	from = list->data_at;
	if (more == 0)
		while (
		    (more = sorted_file_next(list, &line, &len, &at, e)) == 1 &&
		    sorted_compare(line, len, front) < 0)
			from = at;
	free(front);
	if (more < 0)
		return -1;
	sorted_file_seek(list, from);
	return take_line(z, list, e);
}

/* Cuts up the line. 1 / 0. */
static int
read_tabs(const struct zipnum *z, struct block *out)
{
	char *part = strchr(z->line, '\t');
	char *offset = part == NULL ? NULL : strchr(part + 1, '\t');
	char *length = offset == NULL ? NULL : strchr(offset + 1, '\t');

	if (length == NULL)
		return 0;
	*part++ = *offset++ = *length++ = '\0';
	out->part = part;
	return text_uint(offset, strlen(offset), INT64_MAX, &out->offset) &&
	       text_uint(length, strcspn(length, "\t\r"), BLOCK_PACKED_MAX,
		   &out->length);
}

static int
read_block(const struct zipnum *z, struct arena *a, struct block *out)
{
	const char *open = strchr(z->line, '{');
	struct json *o;
	int64_t offset;
	int64_t length;

	if (open == NULL || strchr(z->line, '\t') != NULL)
		return read_tabs(z, out);
	o = json_parse(a, open, strlen(open), NULL);
	offset = json_int(json_get(o, "offset"), -1);
	length = json_int(json_get(o, "length"), -1);
	out->part = json_text(json_get(o, "filename"), z->usual);
	if (out->part == NULL || offset < 0 || length < 0 ||
	    length > BLOCK_PACKED_MAX)
		return 0;
	out->offset = (uint64_t)offset;
	out->length = (uint64_t)length;
	return 1;
}

static int
open_at(struct zipnum *z, const char *name, size_t len)
{
	char *path = mem_format(
	    "%s%.*s", name[0] == '/' ? "" : z->dir, (int)len, name);
	int fd = file_open_read(path, NULL);

	if (fd >= 0 && file_size(path, &z->data, NULL) != 0) {
		(void)close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

/* The first path of PART in the .loc that opens; -1. */
static int
open_by_loc(struct zipnum *z, const char *part)
{
	struct buf loc = { 0 };
	size_t part_len = strlen(part);
	int fd = -1;

	if (file_get(z->loc, &loc, LOC_MAX, NULL) != 0)
		buf_reset(&loc);
	for (const char *s = buf_text(&loc); fd < 0 && *s != '\0';) {
		size_t len = strcspn(s, "\r\n");
		const char *end = s + len;

		if (len > part_len && s[part_len] == '\t' &&
		    memcmp(s, part, part_len) == 0)
			for (s += part_len; fd < 0 && s < end;) {
				size_t n = strcspn(++s, "\t\r\n");

				fd = open_at(z, s, n);
				s += n;
			}
		s = end + strspn(end, "\r\n");
	}
	buf_clear(&loc);
	return fd;
}

static int
open_part(struct zipnum *z, const char *part, struct error *e)
{
	if (z->part != NULL && strcmp(z->part, part) == 0)
		return 0;
	if (z->fd >= 0)
		(void)close(z->fd); /* only read */
	free(z->part);
	z->part = NULL;
	z->fd = open_by_loc(z, part);
	if (z->fd < 0)
		z->fd = open_at(z, part, strlen(part));
	if (z->fd < 0)
		return error_set(e, ERROR_INPUT,
		    "the file of \"%s\" is not there (%s)", part, z->loc);
	z->part = mem_text(part);
	return 0;
}

static void
add_bytes(void *context, const uint8_t *p, size_t len)
{
	buf_add(context, p, len);
}

static int
inflate_block(
    struct zipnum *z, const struct block *b, struct buf *out, struct error *e)
{
	uint8_t *to;
	ssize_t n;

	if (b->length > BLOCK_MAX || b->offset > z->data ||
	    b->length > z->data - b->offset)
		return error_set(e, ERROR_INPUT,
		    "%s has no block at %ju of %ju bytes", z->part,
		    (uintmax_t)b->offset, (uintmax_t)b->length);
	buf_reset(&z->packed);
	to = buf_room(&z->packed, b->length + 1);
	n = pread(z->fd, to, b->length, (off_t)b->offset);
	if (n < 0)
		return error_system(e, "%s", z->part);
	if ((uint64_t)n != b->length ||
	    !gzip_inflate(to, b->length, BLOCK_MAX, add_bytes, out))
		return error_set(e, ERROR_INPUT,
		    "%s at %ju: the block does not inflate", z->part,
		    (uintmax_t)b->offset);
	return 0;
}

int
zipnum_block(struct zipnum *z, struct sorted_file *list, const char *end,
    struct buf *out, struct error *e)
{
	struct arena *a;
	struct block b = { .part = "" };
	int rc;

	if (z->more != 1)
		return z->more;
	if (end != NULL && sorted_compare(z->line,
			       front_length(z->line, z->line_len), end) >= 0)
		return 0;
	a = arena_new();
	rc = read_block(z, a, &b)
		 ? 0
		 : error_set(e, ERROR_INPUT, "a line that names no block");
	if (rc == 0)
		rc = open_part(z, b.part, e);
	if (rc == 0)
		rc = inflate_block(z, &b, out, e);
	arena_free(a);
	if (rc != 0 || take_line(z, list, e) != 0)
		return -1;
	return 1;
}
