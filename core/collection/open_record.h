#ifndef COLLECTION_OPEN_RECORD_H
#define COLLECTION_OPEN_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/record.h"

struct arena;
struct collection;
struct error;
struct input;
struct source;

/*
 * A record of the collection, or of any record file, opened at its place, to
 * be read once. Its block
 * is digested on the way, so that no reader shows bytes that are not those
 * recorded without saying so.
 */
struct open_record {
	struct arena *arena; /* of the fields, until the next record */
	struct source *source;
	char *file; /* below the collection; of others the input's name */
	int loose;  /* not of a collection */
	int once;   /* cannot be sought in */
	struct record record;
	struct place place;   /* LENGTH is known after open_record_check */
	struct stream *block; /* what RECORD.block is: digesting */
};

/* Nothing open: {0} may be closed. FILE is below the collection. -1:
 * ERROR_NOTFOUND no such file, ERROR_INTEGRITY no sound record there,
 * ERROR_SYSTEM; nothing is open then. */
int open_record_at(struct open_record *o, const struct collection *c,
    const char *file, uint64_t offset, struct error *e);

/* All records of FILE in turn: open it, then open_record_next for each. */
int open_record_file(struct open_record *o, const struct collection *c,
    const char *file, struct error *e);

/* The same of a file that nobody vouches for: what does not read there is
 * ERROR_INPUT, here and below, and a record that was read whole is sound
 * whatever rule it breaks. IN is kept. */
int open_record_input(struct open_record *o, struct input *in, struct error *e);

/* Go on at OFFSET, where a record must start; what comes once is read up to
 * there. */
int open_record_seek(struct open_record *o, uint64_t offset, struct error *e);

/* Go to the record that follows: 1; 0, the file ends; -1, ERROR_INTEGRITY
 * with the place; calling again goes on at the next sound record. */
int open_record_next(struct open_record *o, struct error *e);

/* Read the rest of the block, check framing and, when the record names one we
 * know, its block digest. 0 / -1, ERROR_INTEGRITY with the place. */
int open_record_check(struct open_record *o, struct error *e);

void open_record_close(struct open_record *o);

#endif
