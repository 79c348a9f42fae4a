#ifndef ARCHIVE_INDEX_DIGEST_H
#define ARCHIVE_INDEX_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/record_facts.h"
#include "core/base/digest.h"
#include "core/base/stream.h"

struct arena;
struct error;
struct input;
struct source;

/*
 * The digest an index names for a record: its WARC-Payload-Digest as it is
 * spelled; where it has none, the base32 SHA-1 of what follows the HTTP head,
 * as other tools count it. With SHA1, one of another kind is replaced by the
 * SHA-1 of the payload without transfer coding. A revisit keeps its own, or
 * has none, for its payload is elsewhere; warcinfo has none. D is of kind
 * DIGEST_SHA1. -1: the block does not read.
 */
int index_digest(struct arena *a, struct digester *d, struct record *r,
    const struct record_facts *f, int sha1, const char **out, struct error *e);

/*
 * SHA-256 of a record as it lies in its file. Of an input that comes once its
 * bytes must be taken while they can be read, so its block is read through
 * here.
 */
struct index_tee {
	struct stream stream; /* the record's block, for once */
	struct stream *block;
	struct source *source;
	struct input *in;
	struct digester *digester; /* SHA-256; the caller's */
	uint64_t at;               /* what stands before is in it */
};

/* The record of SOURCE at OFFSET begins; what comes once has T->stream for its
 * block from now on. */
void index_tee_begin(struct index_tee *t, uint64_t offset, struct record *r);

/* "sha256:hex" up to END. */
int index_tee_end(struct index_tee *t, struct arena *a, uint64_t end,
    const char **out, struct error *e);

#endif
