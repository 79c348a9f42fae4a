#ifndef COLLECTION_WITHDRAWN_FILE_H
#define COLLECTION_WITHDRAWN_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/digest.h"
#include "core/collection/withdrawn.h"

struct arena;
struct buf;
struct collection;
struct error;

/*
 * The lines of withdrawals.jsonl, and of withdrawn.jsonl in a snapshot, which
 * is the former as it stood when that was sealed. Canonical JSON; "previous"
 * is the SHA-256 of the line before it with its line feed, so that none can
 * be changed, taken away or put in between. A line of kind "generation" names
 * the manifest of what an erasure left of a snapshot: it vouches for all files
 * of that as "previous" of a report does for those of one that was never
 * written anew. What stands behind the last line
 * feed was never acknowledged and does not count.
 */

#define WITHDRAWN_FILE "withdrawals.jsonl" /* of a collection */
#define WITHDRAWN_COPY "withdrawn.jsonl"   /* of a snapshot */

enum withdrawn_kind {
	WITHDRAWN_EMBARGO,   /* refused until then */
	WITHDRAWN_LIFT,      /* shown again */
	WITHDRAWN_ERASE,     /* refused for good: its bytes are gone */
	WITHDRAWN_GENERATION /* what an erasure left of a snapshot */
};

struct withdrawn_line {
	enum withdrawn_kind kind;
	struct withdrawal what; /* of a lift: until_us is not told; of a
				 * generation: of no record */
	const char *manifest;   /* of a generation: SHA-256 of it, hex; "" */
};

/* How far a file goes: what a line to be added follows. */
struct withdrawn_end {
	uint64_t at; /* behind the last whole line */
	size_t count;
	char last[DIGEST_TEXT_MAX]; /* of the last line; "" there is none */
};

/*
 * All lines of the file at PATH; EACH (may be NULL) gets every line, its texts
 * in A. No such file: none. -1: ERROR_INTEGRITY (a line that is none, or does
 * not follow the one before), ERROR_SYSTEM, or EACH's.
 */
int withdrawn_file_read(struct arena *a, const char *path,
    int (*each)(
	void *context, const struct withdrawn_line *line, struct error *e),
    void *context, struct withdrawn_end *end, struct error *e);

/* The same of its bytes; NAME is for messages. */
int withdrawn_lines_read(struct arena *a, const char *name, const char *text,
    size_t size,
    int (*each)(
	void *context, const struct withdrawn_line *line, struct error *e),
    void *context, struct withdrawn_end *end, struct error *e);

/* Put COUNT lines behind those of C, in one write, synced; under the lock. */
int withdrawn_file_add(const struct collection *c,
    const struct withdrawn_line *lines, size_t count, struct error *e);

/* "sha256:..." of a target URI. */
void withdrawn_hash(const char *uri, char out[DIGEST_TEXT_MAX]);

/* What C has now, as WITHDRAWN_COPY of the snapshot in DIR; a collection that
 * has none leaves none there. */
int
withdrawn_copy(const struct collection *c, const char *dir, struct error *e);

#endif
