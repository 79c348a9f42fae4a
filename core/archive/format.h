#ifndef ARCHIVE_FORMAT_H
#define ARCHIVE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/record.h"

struct arena;
struct error;
struct gzip_writer;
struct input;

/*
 * Kinds of record files: one const struct each, defined in formats/ and
 * listed in format_table (formats/table.c), which core declares only.
 */

struct source;
struct sink;

/*
 * Writing. The sink numbers nothing and decides nothing: it frames RECORD,
 * compresses it one record a member and hands the bytes on. EACH as in
 * gzip_member_write. The record must carry Content-Length and
 * WARC-Block-Digest already.
 */
struct format {
	const char *name;   /* "warc" */
	const char *suffix; /* ".warc.gz" */
	const char *summary;
	int (*recognise)(const uint8_t *head, size_t len); /* 0..100 */
	int (*open)(struct source **out, struct input *in,
	    struct error *e); /* IN is kept */
};

extern const struct format *const format_table[]; /* ends with NULL */

/* Does NAME end as files of this format do, compressed or not? 1 / 0. */
int format_named(const struct format *f, const char *name);

/*
 * How the records of a file are packed: one gzip member each, one zstd frame
 * (or several) each, or plainly one after the other.
 */
enum source_kind { SOURCE_GZIP, SOURCE_PLAIN, SOURCE_ZSTD };

struct source {
	const struct format *format;
	enum source_kind kind;
	/* Set as soon as a member was met that holds more than one record (a
	 * file compressed as a whole): most records can be reached only by
	 * reading what stands before them. */
	int whole_file;
	/* The record handed out last stands behind others in its member: its
	 * place is not enough to come back to it. */
	int shared;
	int (*next)(struct source *, struct arena *, struct record *,
	    struct place *, struct error *);
	int (*finish)(struct source *, struct place *, struct error *);
	int (*seek)(struct source *, uint64_t offset, struct error *);
	void (*free)(struct source *);
	/*
	 * Without moving: the first place behind P, before P + LEN, where a
	 * record seems to start (compressed: its member). LEN: none. NULL:
	 * records cannot be found.
	 */
	size_t (*find)(const struct source *, const uint8_t *p, size_t len);
	/* The bytes of the file in front of this are used up by what was
	 * handed out so far. */
	uint64_t (*used_to)(const struct source *);
	/* After so many damaged places the search goes on where reading
	 * stopped, no longer right behind where the broken record began: a
	 * hostile file cannot make us read it over and over; going back far
	 * counts more than once. Who reads a file
	 * in pieces carries the count on. */
	unsigned rewinds;
};

enum {
	SOURCE_REWINDS = 256,
	SOURCE_REWIND_MOST = 16, /* what one counts that goes back far */
	/* Up to here whoever reads a piece of a file, two of them at a record,
	 * goes back as one does who reads all of it. */
	SOURCE_REWINDS_ALIKE = SOURCE_REWINDS - 2 * SOURCE_REWIND_MOST
};

/* Open PATH with the format that recognises it best. ERROR_NOTFOUND,
 * ERROR_INPUT when none does, ERROR_SYSTEM. */
int source_open(struct source **out, const char *path, struct error *e);
int source_open_input(struct source **out, struct input *in, struct error *e);
void source_free(struct source *s);

/*
 * 1, a record: its block is valid until the next call, an unread rest is
 * skipped; WHERE->offset is set, WHERE->length is known after source_finish.
 * 0, the end. -1, ERROR_INPUT at WHERE (offset, and length of the gap: bytes
 * up to where the next call goes on; code; R holds the fields if the head
 * could be read); calling again resumes at the next sound record. All memory
 * is in A, which the caller resets between records.
 */
int source_next(struct source *s, struct arena *a, struct record *r,
    struct place *where, struct error *e);

/*
 * Read the current record to its end and check what follows it (CRLF CRLF,
 * one record a member, CRC): 0 sound, WHERE->length set; -1 ERROR_INPUT with
 * WHERE->code: when WHERE->damaged is 0 the record was read whole and only a
 * rule broke, else WHERE->length is that of the gap. Either way source_next
 * goes on behind it. Records that share a member have its offset and length 0
 * (nobody can reach them without what stands before them).
 */
int source_finish(struct source *s, struct place *where, struct error *e);

/*
 * The next record is that at OFFSET, the place of one. ERROR_LIMIT when the
 * input comes once and has passed it; a member that does not start there is
 * the next call's damage.
 */
int source_seek(struct source *s, uint64_t offset, struct error *e);

/* Head, block and CRLF CRLF of R as one member through EACH. ERROR_INPUT when
 * the block is not as long as R->block_len says. */
int warc_write(struct gzip_writer *w, const struct record *r, int stored,
    int (*each)(void *context, const uint8_t *p, size_t len, struct error *e),
    void *context, uint64_t *length, struct error *e);

#endif
