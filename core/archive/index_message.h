#ifndef ARCHIVE_INDEX_MESSAGE_H
#define ARCHIVE_INDEX_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct cdxj_facts;
struct error;

/* Entries and problems on their way from a reading thread to the caller's;
 * the inside of index_records.c. */

struct index_message {
	int is_entry;
	uint64_t offset;
	int damaged; /* of a problem; WHY is its text */
	const char *why;
};

/* Without the file's name, method and body. */
void index_message_entry(struct buf *out, const struct cdxj_facts *f);
void index_message_problem(
    struct buf *out, uint64_t offset, int damaged, const struct error *why);

/* Texts of F and M lie in P. F->file is left NULL. */
void index_message_read(
    struct index_message *m, struct cdxj_facts *f, const uint8_t *p);

#endif
