#ifndef COLLECTION_REBUILD_H
#define COLLECTION_REBUILD_H

#include <stdint.h>

struct collection;
struct error;

/*
 * Whatever can be made again from the snapshots' record files. Inside a
 * sealed snapshot nothing is written: its index.cdxj and articles.jsonl are
 * made anew beside it and compared.
 */

enum rebuild_part {
	REBUILD_INDEX = 1 << 0, /* index/ */
	REBUILD_STATE = 1 << 1  /* state/catalog.sqlite */
};

struct rebuild_report {
	uint64_t snapshots;
	uint64_t lines;  /* of index.cdxj and articles.jsonl made anew */
	uint64_t differ; /* listings that are not what the records give */
};

/*
 * Under the collection's lock. EACH_DIFFERENCE (NULL none) is called for each
 * listing (FILE below the collection) that differs. What the index remembers
 * of manifests and of snapshots that are gone stays.
 */
int rebuild(struct collection *c, unsigned parts,
    void (*each_difference)(void *context, const char *file), void *context,
    struct rebuild_report *report, struct error *e);

#endif
