#ifndef ARCHIVE_SINK_H
#define ARCHIVE_SINK_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/gzip_member.h"

struct error;
struct input;
struct place;
struct record;

/*
 * Record files written for anybody: records come in whole, one after the
 * other, each as a gzip member or zstd frame of its own, or plainly. A file
 * is written under PATH.open, synced and renamed; nothing that exists is
 * overwritten. Memory does not grow with a record. Used by one thread; after
 * ERROR_SYSTEM only sink_free.
 */

enum sink_coding {
	SINK_GZIP,
	SINK_PLAIN,
	SINK_ZSTD /* with content size and checksum, no dictionary */
};

/* By the end of the name: ".gz", ".zst", or neither. */
enum sink_coding sink_coding_of(const char *path);

struct sink;

struct sink_options {
	enum sink_coding coding;
	/*
	 * Begin another file at the first sink_event after so many bytes; 0
	 * never. Files are then called NAME-00000.warc.gz and so on for a PATH
	 * of NAME.warc.gz.
	 */
	uint64_t split;
	/* Told of each file before its first record, to put one; NULL. */
	int (*begin)(
	    void *context, struct sink *s, const char *path, struct error *e);
	void *context;
};

struct sink_file {
	char *path;
	uint64_t bytes, records;
};

/* "-" is standard output; what is not yet written goes to a temporary file
 * when it is more than a few MiB, so that it can be taken back there too. */
int sink_open(struct sink **out, const char *path, const struct sink_options *o,
    struct error *e);

/*
 * Write R with the head as it was read (r->head), or from its fields when
 * there is none, its block and CRLF CRLF (of ARC, LF). WAY is for gzip. WHERE (NULL is
 * fine) gets the file's path, offset and length, valid until the file ends.
 * ERROR_INPUT when the block does not read or is not as long as R->block_len
 * says: nothing was written then.
 */
int sink_put(struct sink *s, const struct record *r, enum gzip_way way,
    struct place *where, struct error *e);

/* A record as it lies in another file: LENGTH bytes of IN from OFFSET on, in
 * this sink's coding. */
int sink_copy(struct sink *s, struct input *in, uint64_t offset,
    uint64_t length, struct place *where, struct error *e);

/* Take back the last record that was put or copied. Once only. */
int sink_undo(struct sink *s, struct error *e);

/* A new capture event begins: responses and their requests stay together in
 * one file when this is said only between such groups. */
int sink_event(struct sink *s, struct error *e);

int sink_is(const struct sink *s, enum sink_coding coding); /* 1 / 0 */

int sink_splits(const struct sink *s); /* 1 / 0 */

/* Records in the current file. */
uint64_t sink_records(const struct sink *s);

/* All is on disk under its name. */
int sink_finish(struct sink *s, struct error *e);

/* The files written, the current one last; valid until sink_free. */
const struct sink_file *sink_files(const struct sink *s, size_t *count);

/* What was not finished is removed. NULL is fine. */
void sink_free(struct sink *s);

#endif
