/* A plain file of sorted lines, searched by pread. */
#include "core/archive/sorted_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/index_file.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"

enum {
	PROBE = 1024,    /* mostly one line and the front of the next */
	NEAR = 8 * 1024, /* read line by line from here on */
	READ_FIRST = NEAR + 2048,
	READ_MORE = 64 * 1024
};

int
sorted_compare(const char *line, size_t len, const char *key)
{
	size_t key_len = strlen(key);
	int c = memcmp(line, key, len < key_len ? len : key_len);

	if (c != 0)
		return c;
	return len < key_len ? -1 : len > key_len;
}

int
sorted_file_open(struct sorted_file *s, const char *path, struct error *e)
{
	*s = (struct sorted_file){ .fd = file_open_read(path, e) };
	if (s->fd < 0)
		return -1;
	s->path = mem_text(path);
	if (file_size(path, &s->size, e) != 0) {
		sorted_file_close(s);
		return -1;
	}
	s->reading = READ_MORE;
	return 0;
}

void
sorted_file_close(struct sorted_file *s)
{
	if (s->fd >= 0 && s->path != NULL)
		(void)close(s->fd); /* only read */
	for (size_t i = 0; s->upper != NULL && i < 1u << SORTED_LEVELS; i++)
		free((void *)(uintptr_t)s->upper[i].text);
	free(s->upper);
	free(s->path);
	buf_clear(&s->data);
	*s = (struct sorted_file){ .fd = -1 };
}

void
sorted_file_seek(struct sorted_file *s, uint64_t at)
{
	buf_reset(&s->data);
	s->data_at = at;
	s->next = 0;
	s->end = 0;
}

/* LEN bytes more behind DATA. */
static int
fill(struct sorted_file *s, size_t len, struct error *e)
{
	uint64_t at = s->data_at + s->data.len;
	ssize_t n;

	if (at + len > s->size)
		len = at < s->size ? (size_t)(s->size - at) : 0;
	do
		n = pread(s->fd, buf_room(&s->data, len + 1), len, (off_t)at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_system(e, "%s", s->path);
	s->data.len += (size_t)n;
	s->end = n == 0 || at + (uint64_t)n >= s->size;
	return 0;
}

int
sorted_file_next(struct sorted_file *s, char **line, size_t *len, uint64_t *at,
    struct error *e)
{
	char *from;
	char *lf = NULL;
	size_t seen = 0;

	(void)buf_room(&s->data, 1); /* there is memory to point into */
	for (;;) {
		size_t there = s->data.len - s->next;

		from = (char *)s->data.data + s->next;
		if (there > seen)
			lf = memchr(from + seen, '\n', there - seen);
		if (lf != NULL || s->end)
			break;
		seen = there;
		if (seen > INDEX_LINE_MAX)
			return error_set(e, ERROR_INPUT,
			    "%s at %ju: line longer than %d bytes", s->path,
			    (uintmax_t)(s->data_at + s->next), INDEX_LINE_MAX);
		if (s->next > 0) {
			memmove(s->data.data, from, there);
			s->data_at += s->next;
			buf_cut(&s->data, there);
			s->next = 0;
		}
		if (fill(s, s->reading, e) != 0)
			return -1;
		s->reading = READ_MORE;
	}
	if (lf == NULL && s->next == s->data.len)
		return 0;
	*len = lf == NULL ? s->data.len - s->next : (size_t)(lf - from);
	*line = from;
	from[*len] = '\0'; /* fill made room for one behind the end */
	*at = s->data_at + s->next;
	s->next += *len + (lf != NULL);
	return 1;
}

/* The first line that begins behind MID: 1; 0, there is none. Read into DATA,
 * which is small then. */
static int
probe(struct sorted_file *s, uint64_t mid, struct sorted_line *out,
    struct error *e)
{
	char *line = NULL;
	int more;

	*out = (struct sorted_line){ "", 0, UINT64_MAX };
	sorted_file_seek(s, mid);
	s->reading = PROBE;
	more = sorted_file_next(s, &line, &out->len, &out->at, e);
	if (more == 1)
		more = sorted_file_next(s, &line, &out->len, &out->at, e);
	if (more == 1)
		out->text = line;
	s->reading = READ_MORE;
	return more;
}

/* The same for a NODE of the search tree, kept if it is an upper one. Beyond
 * the last line is a line that is greater than all. */
static int
look_at(struct sorted_file *s, uint64_t node, uint64_t mid,
    struct sorted_line *out, struct error *e)
{
	int more;

	if (s->upper == NULL)
		s->upper = mem_zero(1u << SORTED_LEVELS, sizeof(*s->upper));
	if (node < 1u << SORTED_LEVELS && s->upper[node].text != NULL) {
		*out = s->upper[node];
		return 0;
	}
	more = probe(s, mid, out, e);
	if (more < 0)
		return -1;
	if (more == 0)
		*out = (struct sorted_line){ "", 0, UINT64_MAX };
	if (node < 1u << SORTED_LEVELS) {
		s->upper[node] = *out;
		/* A key is found by its front. */
		if (out->len > 1024)
			s->upper[node].len = 1024;
		s->upper[node].text = mem_text_n(out->text, s->upper[node].len);
	}
	return 0;
}

int
sorted_file_find(struct sorted_file *s, const char *key, struct error *e)
{
	uint64_t low = 0;
	uint64_t high = s->size;
	uint64_t from = 0; /* a line begins here: the first, or one less */

	/* Halves of the file itself, so that the same nodes come again. */
	for (uint64_t node = 1; high - low > NEAR;) {
		uint64_t mid = low + (high - low) / 2;
		struct sorted_line line;

		if (look_at(s, node, mid, &line, e) != 0)
			return -1;
		node = 2 * node;
		if (line.at < high &&
		    sorted_compare(line.text, line.len, key) < 0) {
			low = mid;
			from = line.at;
			node++;
		} else {
			high = mid;
		}
	}
	sorted_file_seek(s, from);
	s->reading = READ_FIRST;
	return 0;
}
