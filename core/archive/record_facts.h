#ifndef ARCHIVE_RECORD_FACTS_H
#define ARCHIVE_RECORD_FACTS_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/record.h"

struct arena;
struct error;

/*
 * What an index, a listing or a filter wants to know of a record, read from
 * its fields and the HTTP head at the front of its block. Texts are "" where
 * there is nothing.
 */
struct record_facts {
	enum record_type type;
	const char *type_name;    /* as written */
	const char *id;           /* without brackets */
	const char *uri;          /* without brackets, as written */
	const char *date;         /* as written */
	int64_t date_us;          /* INT64_MIN when it does not read */
	char timestamp[15];       /* YYYYMMDDhhmmss; "" */
	const char *content_type; /* of the record */
	const char *block_digest, *payload_digest;
	uint64_t block_len;

	/* of the HTTP message, where the block is one */
	size_t http_head_len;     /* 0: none, or its end is not in the first
			       * LIMIT_HEAD_BYTES */
	const uint8_t *http_head; /* that many bytes */
	unsigned status;          /* of a response; 0 */
	const char *mime; /* Content-Type up to ";" or blank, as spelled; "" */
};

/*
 * Read as much from the front of R->block as is needed, and set R->block to a
 * stream that gives the whole block, front included, for whoever goes on
 * reading. All is in A, valid until the source's next call. -1: the block
 * does not read (the facts of the fields are there all the same).
 */
int record_facts_read(
    struct arena *a, struct record *r, struct record_facts *f, struct error *e);

#endif
