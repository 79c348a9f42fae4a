#ifndef COLLECTION_IMPORT_TELL_H
#define COLLECTION_IMPORT_TELL_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/gzip_member.h"

struct arena;
struct buf;
struct record;

/* What the journal says of records of others: the line of the record, and of
 * captures the line of their outcome. Part of import.h. */

struct import_line {
	char kind; /* of the journal: 'r', or 'a' of derived records */
	const char *file;
	uint64_t offset, length, number;
	const char *id, *type, *uri, *date, *mime, *digest;
	unsigned status; /* of HTTP responses */
	int has_status;
};

void import_tell_record(struct buf *lines, const struct import_line *l);

/* Reads the HTTP message of one record after the other. */
struct import_teller;
struct import_teller *import_teller_new(void);
void import_teller_free(struct import_teller *t);

void import_tell_begin(struct import_teller *t, const struct record *r);
void import_tell_block(struct import_teller *t, const uint8_t *p, size_t len);
void import_tell_end(struct import_teller *t);

/* Would deflating its block be worth it? */
enum gzip_way
import_tell_way(const struct import_teller *t, const struct record *r);

/* The lines of R, which lies where L says. */
void import_tell(struct import_teller *t, struct arena *a,
    const struct record *r, struct import_line *l, struct buf *lines);

/* The line of a record of ours. */
struct draft;
void
import_tell_draft(struct buf *lines, const char *file, const struct draft *d);

/* The lines of a resource record of ours that holds what another program
 * fetched. FILE is below the snapshot. */
void import_tell_resource(
    struct buf *lines, const char *file, const struct draft *d);

#endif
