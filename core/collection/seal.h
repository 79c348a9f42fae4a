#ifndef COLLECTION_SEAL_H
#define COLLECTION_SEAL_H

#include <stdint.h>

struct collection;
struct error;
struct snapshot_totals;

/*
 * Sealing an open snapshot from its journal and its record files alone, so
 * that the run itself and recovery do the same, and either can begin anew
 * after the other was cut off anywhere.
 */

struct seal_options {
	const char *status; /* unless the journal tells of an end already */
	int64_t ended_us;
};

struct seal_result {
	struct snapshot_totals *totals;
	uint64_t added; /* targets found without an outcome: not-tried now */
	char *dir;      /* absolute; "" when nothing was worth keeping */
};

/*
 * SNAPSHOT is "snapshots/2026/11/NAME"; its journal ends with a whole group.
 * Where no exchange took place all of it is removed. A failure leaves
 * NAME.open, or NAME with its journal, for the next attempt; ERROR_INTEGRITY
 * when the files are not what the journal says.
 */
int seal_snapshot(struct collection *c, const char *snapshot,
    const struct seal_options *o, struct seal_result *result, struct error *e);

/* The last steps alone: NAME is there, and so is its journal still. */
int seal_finish(struct collection *c, const char *snapshot, struct error *e);

/* Remove NAME.open and its journal. */
int seal_remove(struct collection *c, const char *snapshot, struct error *e);

/* The folders of a snapshot at DIR synced and closed to writing, as sealed ones
 * are. */
int seal_folders(const char *dir, struct error *e);

/* Remove a snapshot's folder with all that is in it. */
int seal_remove_dir(const char *dir, struct error *e);

#endif
