#ifndef ARCHIVE_ZIPNUM_H
#define ARCHIVE_ZIPNUM_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;
struct sorted_file;

/*
 * ZipNum (standards.md 3.6): gzip members of some hundred index lines each,
 * and a sorted list of them. Lists come in two dialects: lines of blank and
 * tabs with a .loc beside them, and those of WACZ with "!meta" first.
 */

/* Reading, for index_file.c. */
struct zipnum;

int zipnum_recognise(const uint8_t *head, size_t len); /* of a list; 1 / 0 */
int zipnum_open(struct zipnum **out, const char *path, const uint8_t *head,
    size_t len, struct error *e);
void zipnum_free(struct zipnum *z); /* NULL is fine */

/* The block where KEY has its place is next. */
int zipnum_find(struct zipnum *z, struct sorted_file *list, const char *key,
    struct error *e);

/* The next block's lines appended: 1; 0, there is none before END (NULL: the
 * last was read). */
int zipnum_block(struct zipnum *z, struct sorted_file *list, const char *end,
    struct buf *out, struct error *e);

/*
 * Writing: PREFIX.cdx.gz, the lines, with PREFIX.idx in the dialect of WACZ
 * and PREFIX.summary with PREFIX.loc in the other. None of these may exist;
 * until all are whole ".open" stands behind their names.
 */
struct zipnum_writer;

int zipnum_writer_open(struct zipnum_writer **out, const char *prefix,
    size_t lines, struct error *e);

/* LEN bytes: a line with its LF. In order. */
int zipnum_writer_add(
    struct zipnum_writer *w, const void *line, size_t len, struct error *e);

/* Written out, synced and renamed. */
int zipnum_writer_finish(struct zipnum_writer *w, struct error *e);

/* What was not finished is removed. NULL is fine. */
void zipnum_writer_free(struct zipnum_writer *w);

#endif
