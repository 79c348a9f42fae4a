#ifndef ARCHIVE_INDEX_RECORDS_H
#define ARCHIVE_INDEX_RECORDS_H

#include <stddef.h>
#include <stdint.h>

struct cdxj_facts;
struct error;
struct input;

/*
 * The records of a file as index entries, the same that cdxj-indexer makes
 * (standards.md 3): responses, revisits, resources and metadata, of the latter
 * two not those of application/warc-fields.
 */

struct index_options {
	unsigned types; /* bits 1 << enum record_type; 0: those above */
	int post;       /* requests' bodies go into the keys of their answers */
	int sha1;       /* digests as base32 SHA-1 */
	int record_digest; /* SHA-256 of the stored bytes */
	unsigned threads;  /* 0: one for each core; 1 with POST */

	/* An entry, valid for the call. -1 ends all. */
	int (*each)(void *context, const struct cdxj_facts *f, struct error *e);
	/* Something at OFFSET that is not in the index, or no more than half:
	 * damage (DAMAGED), or a record that nobody can find by it. */
	void (*problem)(void *context, const char *name, uint64_t offset,
	    int damaged, const struct error *why);
	void *context;
};

struct index_totals {
	uint64_t files, entries, problems, damaged;
};

/* FILE is what entries name the file. Entries and problems come in the order
 * of the file, on the caller's thread. Damage is passed over, told and
 * counted. -1: EACH failed, or ERROR_SYSTEM. */
int index_records(struct input *in, const char *file,
    const struct index_options *o, struct index_totals *t, struct error *e);

#endif
