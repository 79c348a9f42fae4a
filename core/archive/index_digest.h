#ifndef ARCHIVE_INDEX_DIGEST_H
#define ARCHIVE_INDEX_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/record_facts.h"
#include "core/base/digest.h"

struct arena;
struct error;
struct input;

/*
 * The digest an index names for a record: its WARC-Payload-Digest as it is
 * spelled; where it has none, the base32 SHA-1 of what follows the HTTP head,
 * as other tools count it. With SHA1, one of another kind is replaced by the
 * SHA-1 of the payload without transfer coding. A revisit keeps its own, or
 * has none, for its payload is elsewhere; warcinfo has none. D is of kind DIGEST_SHA1. -1: the block does not
 * read.
 */
int index_digest(struct arena *a, struct digester *d, struct record *r,
    const struct record_facts *f, int sha1, const char **out, struct error *e);

/* "sha256:hex" of LENGTH bytes of IN at OFFSET. */
int index_record_digest(struct arena *a, struct input *in, uint64_t offset,
    uint64_t length, const char **out, struct error *e);

#endif
