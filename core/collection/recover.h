#ifndef COLLECTION_RECOVER_H
#define COLLECTION_RECOVER_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/file.h"

struct clock;
struct collection;
struct error;

/*
 * Recovery, idempotent, at the start of every writing verb and by the verb
 * recover. For each open snapshot: bytes past the last journalled end move to
 * quarantine/; targets discovered without an outcome become not-tried
 * ("interrupted"); the snapshot is sealed with status "interrupted". An import
 * is all or nothing: one that was cut off is removed. Damage
 * before the journalled end (bytes changed, or a copy made while a run wrote,
 * whose files are older than its journal) is ERROR_INTEGRITY (exit 10) and
 * leaves that snapshot as it is, unless CUT_DAMAGED is asked for.
 */
struct recover_report {
	size_t snapshots;       /* open ones met */
	size_t sealed, removed; /* removed: no exchange had been recorded, or
	    an import that had not ended */
	size_t damaged;         /* cut back at damage */
	size_t twice; /* an open one beside the same sealed: to quarantine */
	uint64_t quarantined_bytes;
	uint64_t not_tried;
	struct file_names left; /* names of captures cut back and left open */
};

/* KEEP is asked for every capture that could go on (snapshot_resume): 1,
 * leave it open; 0, seal it. Its facts: name, site, time of its beginning,
 * whether it was parked (snapshot_park) or cut off. NULL: seal all. */
struct open_capture {
	const char *name, *site;
	int64_t start_us;
	int is_parked;
};

struct recover_options {
	int (*keep)(void *context, const struct open_capture *o);
	void *context;
	int cut_damaged; /* what was acknowledged before the damage is sealed,
	    the rest goes to quarantine */
};

/* O NULL: all is sealed. A parked one that is sealed gets the status it was
 * parked with. */
int collection_recover(struct collection *c, struct clock *clock,
    const struct recover_options *o, struct recover_report *report,
    struct error *e);
void recover_report_clear(struct recover_report *report);

#endif
