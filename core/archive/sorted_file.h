#ifndef ARCHIVE_SORTED_FILE_H
#define ARCHIVE_SORTED_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

struct error;

/* A plain file of sorted lines, searched by pread; the inside of
 * index_file.c. */

enum { SORTED_LEVELS = 14 };

struct sorted_line {
	const char *text; /* NULL: not looked at yet */
	size_t len;
	uint64_t at;
};

struct sorted_file {
	int fd;
	char *path;
	uint64_t size;
	struct sorted_line *upper; /* of the search tree, the root is 1 */
	struct buf data;           /* bytes from DATA_AT on */
	uint64_t data_at;
	size_t next;    /* in DATA: the next line */
	int end;        /* DATA reaches the end of the file */
	size_t reading; /* how much is read at once */
};

/* ERROR_NOTFOUND, ERROR_SYSTEM. */
int sorted_file_open(struct sorted_file *s, const char *path, struct error *e);
void sorted_file_close(struct sorted_file *s);

/* Go to where a line begins. */
void sorted_file_seek(struct sorted_file *s, uint64_t at);

/* Go to a line that is less than KEY, as near to it as a few KiB, or to the
 * first. */
int sorted_file_find(struct sorted_file *s, const char *key, struct error *e);

/* 1, LINE without LF, with a NUL instead, *AT its offset; 0, the end; -1. */
int sorted_file_next(struct sorted_file *s, char **line, size_t *len,
    uint64_t *at, struct error *e);

/* LINE against KEY, bytewise. */
int sorted_compare(const char *line, size_t len, const char *key);

#endif
