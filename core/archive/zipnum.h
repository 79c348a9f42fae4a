#ifndef ARCHIVE_ZIPNUM_H
#define ARCHIVE_ZIPNUM_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/digest.h"

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

/* Writing, wherever it goes: lines packed into blocks. */
struct zipnum_block {
	const char *front; /* key and time of its first line */
	size_t front_len;
	const uint8_t *bytes; /* a gzip member */
	size_t len;
	uint64_t offset; /* behind all blocks before it */
	uint64_t number; /* from 0 */
	char digest[DIGEST_TEXT_MAX];
};

typedef int
zipnum_each_block(void *context, const struct zipnum_block *b, struct error *e);

/* Blocks of so many lines, each handed to EACH when it is full. */
struct zipnum_packer;

struct zipnum_packer *
zipnum_packer_new(size_t lines, zipnum_each_block *each, void *context);
void zipnum_packer_free(struct zipnum_packer *p); /* NULL is fine */

/* LEN bytes: a line with its LF. In order. */
int zipnum_packer_add(
    struct zipnum_packer *p, const void *line, size_t len, struct error *e);

/* The last block, which may be smaller. */
int zipnum_packer_end(struct zipnum_packer *p, struct error *e);

/* The list in the dialect of WACZ, appended: its first line, NAME is that of
 * the data, and the line of a block. */
void zipnum_add_meta(struct buf *out, const char *name);
void zipnum_add_entry(struct buf *out, const struct zipnum_block *b);

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
