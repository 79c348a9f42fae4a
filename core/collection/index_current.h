#ifndef COLLECTION_INDEX_CURRENT_H
#define COLLECTION_INDEX_CURRENT_H

#include <stddef.h>
#include <stdint.h>

struct collection;
struct error;

/*
 * index/CURRENT: which runs the collection's index consists of, and every
 * snapshot that was ever indexed with the SHA-256 of its manifest. Lines:
 *
 *	holdfast-index 1
 *	run NAME BYTES
 *	snapshot RUN SHA256 PATH
 *	end CRC32C
 *
 * The CRC32C, in 8 hex digits, is over all lines before. The snapshot lines,
 * and the copies of the manifests in index/manifests/, are a witness outside
 * the snapshots: they tell of a last one that is gone, or was changed
 * together with its manifest.
 */

struct index_run {
	char *name; /* "00000001.cdxj" */
	uint64_t bytes;
};

struct index_snapshot {
	char *path; /* below the collection */
	char *run;  /* that holds its lines */
	char manifest[65];
};

struct index_current {
	struct index_run *runs;
	size_t run_count;
	struct index_snapshot *snapshots; /* bytewise by path */
	size_t count;
};

/* ERROR_NOTFOUND, ERROR_INPUT (does not read), ERROR_SYSTEM. */
int index_current_read(
    const struct collection *c, struct index_current *out, struct error *e);
int index_current_write(
    const struct collection *c, const struct index_current *n, struct error *e);

/* The lines alone, without their checksum; TEXT is cut up. 1 / 0: not what
 * was ever written; clear *OUT, which was {0}, in either case. */
int index_current_parse(struct index_current *out, char *text);
void index_current_clear(struct index_current *n);

/* NULL: not known. */
struct index_snapshot *
index_current_find(const struct index_current *n, const char *path);

/* RUN is copied; a snapshot that is known keeps its manifest. */
void index_current_add(struct index_current *n, const char *path,
    const char *run, const char *manifest);
void index_current_add_run(
    struct index_current *n, const char *name, uint64_t bytes);

/* Where the copy of a snapshot's manifest lies; to be freed. */
char *index_manifest_path(const struct collection *c, const char *snapshot);

#endif
