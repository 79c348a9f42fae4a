#ifndef COLLECTION_LINE_READER_H
#define COLLECTION_LINE_READER_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

struct error;
struct input;

/*
 * The lines of a file, read by pread through one small buffer, from any
 * offset on: for listings of any size, and for searching sorted ones.
 */
struct line_reader {
	int fd;
	struct input *in; /* instead of FD; NULL */
	char *path;
	uint64_t size;
	uint64_t next;   /* offset of the next line */
	uint64_t start;  /* offset of the line last handed out */
	struct buf data; /* bytes from DATA_AT on */
	uint64_t data_at;
};

enum { LINE_READER_MAX = 64 * 1024 * 1024 };

/* ERROR_NOTFOUND, ERROR_SYSTEM. {.fd = -1} may be closed too. */
int line_reader_open(struct line_reader *r, const char *path, struct error *e);
/* The lines of what is open already (random; kept). */
void line_reader_of(struct line_reader *r, struct input *in);
void line_reader_close(struct line_reader *r);

/*
 * 1: LINE, without its LF, NUL-terminated, to be changed at will, valid until
 * the next call; 0: the end; -1: ERROR_INPUT (longer than LINE_READER_MAX),
 * ERROR_SYSTEM. A last line without LF is handed out too: then START + LEN
 * is SIZE.
 */
int line_reader_next(
    struct line_reader *r, char **line, size_t *len, struct error *e);

/* Go on at OFFSET, which must be the start of a line. */
void line_reader_seek(struct line_reader *r, uint64_t offset);

/*
 * In a file sorted bytewise: go to a line from which reading on soon meets
 * the first line that is not less than KEY (a prefix of lines); all before it
 * are less. 0 / -1 as line_reader_next.
 */
int line_reader_find(struct line_reader *r, const char *key, struct error *e);

#endif
