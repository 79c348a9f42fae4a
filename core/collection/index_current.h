#ifndef COLLECTION_INDEX_CURRENT_H
#define COLLECTION_INDEX_CURRENT_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

struct collection;
struct error;

/*
 * index/CURRENT: which runs the collection's index consists of, and what they
 * hold: how many snapshots, the sum of their paths (months.h), and how much of
 * index/SNAPSHOTS counts. Small, whatever the number of snapshots. Lines:
 *
 *	holdfast-index 2
 *	run NAME BYTES
 *	holds COUNT SUM BYTES
 *	end CRC32C
 *
 * The CRC32C, in 8 hex digits, is over all lines before. index/SNAPSHOTS is
 * only added to: every snapshot that was ever indexed, a line "SHA256 PATH
 * CRC32C", with the SHA-256 of its manifest. It and the copies of the
 * manifests in index/manifests/ are a witness outside the snapshots: they tell
 * of a last one that is gone, or was changed together with its manifest.
 */

struct index_run {
	char *name; /* "00000001.cdxj" */
	uint64_t bytes;
};

struct index_snapshot {
	char *path; /* below the collection */
	char manifest[65];
};

struct index_current {
	struct index_run *runs;
	size_t run_count;
	uint64_t holds, sum; /* snapshots in the runs */
	uint64_t witness_bytes;
	struct index_snapshot *snapshots; /* bytewise by path; when read */
	size_t count;
	struct buf added; /* lines to come behind WITNESS_BYTES */
};

/* ERROR_NOTFOUND, ERROR_INPUT (does not read), ERROR_SYSTEM. _head: without
 * the snapshots. */
int index_current_read(
    const struct collection *c, struct index_current *out, struct error *e);
int index_current_read_head(
    const struct collection *c, struct index_current *out, struct error *e);

/* What was added goes behind the witness, then CURRENT is replaced. */
int index_current_write(
    const struct collection *c, struct index_current *n, struct error *e);

/* The snapshots alone, as far as their lines are sound, for an index that is
 * made anew; all of them are in ADDED again. -1: ERROR_SYSTEM. */
int index_witness_read(
    const struct collection *c, struct index_current *out, struct error *e);

/* The lines alone, without their checksum; TEXT is cut up. 1 / 0: not what
 * was ever written; clear *OUT, which was {0}, in either case. */
int index_current_parse(struct index_current *out, char *text);

/* One line of the witness, without LF. The same. */
int index_witness_parse(struct index_current *out, char *line);
void index_current_clear(struct index_current *n);

/* NULL: not known. */
struct index_snapshot *
index_current_find(const struct index_current *n, const char *path);

/* A snapshot that is known keeps its manifest. */
void index_current_add(
    struct index_current *n, const char *path, const char *manifest);

/* What index_witness_read knows of PATH is forgotten. */
void index_witness_forget(struct index_current *n, const char *path);
void index_current_add_run(
    struct index_current *n, const char *name, uint64_t bytes);

/* Where the copy of a snapshot's manifest lies; to be freed. */
char *index_manifest_path(const struct collection *c, const char *snapshot);

#endif
