#ifndef COLLECTION_RECOVER_H
#define COLLECTION_RECOVER_H

#include <stddef.h>
#include <stdint.h>

struct clock;
struct collection;
struct error;

/*
 * Recovery, idempotent, at the start of every writing verb and by the verb
 * recover. For each open snapshot: bytes past the last journalled end move to
 * quarantine/; targets discovered without an outcome become not-tried
 * ("interrupted"); the snapshot is sealed with status "interrupted". An import
 * is all or nothing: one that was cut off is removed. Damage
 * before the journalled end is ERROR_INTEGRITY (exit 10) and leaves that
 * snapshot as it is.
 */
struct recover_report {
	size_t snapshots;       /* open ones met */
	size_t sealed, removed; /* removed: no exchange had been recorded, or
	    an import that had not ended */
	uint64_t quarantined_bytes;
	uint64_t not_tried;
};

int collection_recover(struct collection *c, struct clock *clock,
    struct recover_report *report, struct error *e);

#endif
