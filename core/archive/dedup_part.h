#ifndef ARCHIVE_DEDUP_PART_H
#define ARCHIVE_DEDUP_PART_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/record.h"
#include "core/archive/revisit.h"
#include "core/base/buf.h"
#include "core/base/digest.h"

struct arena;
struct error;
struct http_reader;
struct input;

/* One response read for its payload, and the original it is compared with: of
 * dedup.h, and of others who write revisits. */

struct payload_reader {
	struct http_reader *http;
	struct digester *sha256;
	struct digester *digests[DIGEST_MD5 + 1][3]; /* made at first use */
	int ended;
	uint64_t len;  /* of the payload */
	uint64_t seen; /* of the block */
	/* what the record says of itself; NULL nothing, or not to be checked */
	struct digester *block, *standard, *framed;
	const char *block_digest, *payload_digest;
};

void payload_reader_init(struct payload_reader *p);
void payload_reader_clear(struct payload_reader *p);

/* May R become a revisit, or be the original of one? 1 / 0. */
int payload_is_wanted(const struct record *r);

/* What is compared with the record's own digests: by any rule met in practice,
 * or the payload's by the rule of WARC 1.1 alone, in one pass. */
enum payload_check { PAYLOAD_UNCHECKED, PAYLOAD_ALL, PAYLOAD_ALONE };

/* Read R's block to its end. 0; 1, it does not read to its end, or is no HTTP
 * message with a head; -1, ERROR_SYSTEM. */
int payload_read(struct payload_reader *p, const struct record *r,
    enum payload_check check, struct error *e);

/* After payload_read with PAYLOAD_ALL: are the recorded digests those of the bytes,
 * the payload's by any rule met in practice? 1 / 0. STANDARD (NULL is fine):
 * the payload's is by that of WARC 1.1. */
int payload_is_true(const struct payload_reader *p, int *standard);

/* After payload_read with PAYLOAD_ALONE: is the payload's digest the recorded
 * one? */
int payload_is_standard(const struct payload_reader *p);

/* The guard: the original of the record under way, read again. */
struct dedup_guard {
	struct payload_reader payload;
	struct arena *arena; /* of the texts */
	struct revisit_original facts;
	uint8_t sha256[DIGEST_RAW_MAX]; /* of its payload */
	int is_sound;                   /* it is there and its digests agree */
	struct input *held;             /* the file it was read from last */
	const char *held_name;
};

void dedup_guard_init(struct dedup_guard *g);
void dedup_guard_clear(struct dedup_guard *g);

/* The record at OFFSET of FILE (a name that outlives G), which says by
 * IS_SOUND whether a revisit may refer to it. -1: ERROR_SYSTEM. */
int dedup_guard_read(
    struct dedup_guard *g, const char *file, uint64_t offset, struct error *e);

/* The revisit that R, read last, becomes: fields in their order. BLOCK gets
 * its block, which *OUT borrows. */
void payload_make_revisit(const struct payload_reader *p, struct arena *a,
    const struct record *r, const struct revisit_original *o, struct buf *block,
    struct record *out);

#endif
