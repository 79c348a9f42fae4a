#ifndef ARCHIVE_INDEX_FILE_H
#define ARCHIVE_INDEX_FILE_H

#include <stddef.h>
#include <stdint.h>

struct error;

/*
 * A sorted index that somebody wrote, searched without being loaded: CDXJ or
 * CDX lines in a plain file, or ZipNum (its .idx or .summary names the blocks
 * of the compressed data; both dialects, standards.md 3.6). A CDXJ or CDX file
 * that is compressed as a whole is read from its start. Upper levels of the
 * search stay in memory once they were looked at (about 2 MiB at most). Used
 * by one thread.
 */
struct index_file;

enum { INDEX_LINE_MAX = 1024 * 1024 };

/* ERROR_NOTFOUND, ERROR_INPUT, ERROR_SYSTEM. */
int index_file_open(struct index_file **out, const char *path, struct error *e);

/* The same of a plain file with another beside it, TOP, whose lines are every
 * so manieth one's front and " OFFSET", in order. One that does not open or
 * does not fit is done without. */
int index_file_open_with_top(struct index_file **out, const char *path,
    const char *top, struct error *e);

void index_file_free(struct index_file *f); /* NULL is fine */

/*
 * Lines from START (included) to END (excluded; NULL the end) follow, compared
 * bytewise. Both are copied. -1: ERROR_INPUT, ERROR_SYSTEM.
 */
int index_file_find(
    struct index_file *f, const char *start, const char *end, struct error *e);

/* 1, LINE without its LF, ended by NUL, valid until the next call, to be
 * changed at will; 0, no more; -1. */
int index_file_next(
    struct index_file *f, char **line, size_t *len, struct error *e);

#endif
