#ifndef COLLECTION_FACTS_H
#define COLLECTION_FACTS_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct collection;
struct error;
struct json;

/* What report.json says of a sealed snapshot, without its pages. Texts live in
 * the arena; absent ones are "", absent numbers 0. */
struct snapshot_facts {
	const char *snapshot; /* path below the collection */
	const char *name;
	const char *kind, *status;
	const char *started, *ended; /* RFC 3339 */
	int64_t ended_us;
	uint64_t targets, good, failed;
	uint64_t records, articles, archive_bytes, payload_bytes;
	uint64_t pages, pages_incomplete;
	const char *previous; /* name of the snapshot before; "" */
	const char *version;  /* of the program */
};

/* SNAPSHOT is a path below the collection. -1: ERROR_INTEGRITY when the report
 * is not there or does not read, ERROR_SYSTEM. */
int snapshot_facts_read(const struct collection *c, struct arena *a,
    const char *snapshot, struct snapshot_facts *out, struct error *e);

/* report.json of a sealed snapshot without its pages, in A; NULL: as above. */
struct json *snapshot_report(const struct collection *c, struct arena *a,
    const char *snapshot, struct error *e);

#endif
