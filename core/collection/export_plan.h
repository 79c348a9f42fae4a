#ifndef COLLECTION_EXPORT_PLAN_H
#define COLLECTION_EXPORT_PLAN_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct collection;
struct error;
struct stream;

/*
 * What an export takes along: files whose names, sizes and order are known
 * before the first byte is written, whatever they are put into. Sealed
 * snapshots go whole, their files byte for byte; a selection (records chosen
 * from them) is made to look like one more snapshot of kind "selection":
 * records and derived records copied member by member behind a warcinfo record
 * of their own, the listings made for them, a report that names every snapshot
 * they come from with the SHA-256 of its manifest, a manifest. Nothing is
 * copied to the disk beforehand but listings, in unnamed files.
 */

struct export_request {
	/* Snapshots, article ids, record ids, URLs or URLs@TIME (lookup.h);
	 * none: the collection. */
	char *const *objects;
	size_t object_count;
	const char *site;            /* of the snapshot's name; "" any */
	const char *url;             /* pattern with "*"; "" any */
	int64_t since_us, until_us;  /* INT64_MIN, INT64_MAX: any time */
	int self_contained;          /* originals of revisits come along */
	int without_withdrawn;       /* leave out what is withdrawn; else that
	    is an error that names it */
	int64_t now_us;              /* for embargoes */
	volatile sig_atomic_t *stop; /* NULL none: ERROR_STOPPED */
};

enum export_role {
	EXPORT_RECORDS, /* records/X.warc.gz */
	EXPORT_DERIVED, /* derived/X.warc.gz */
	EXPORT_INDEX,   /* index.cdxj: "filename" is below the snapshot */
	EXPORT_ARTICLES,
	EXPORT_OUTCOMES,
	EXPORT_REPORT,
	EXPORT_MANIFEST,
	EXPORT_OTHER /* profiles/, about/ ... */
};

struct export_file {
	const char *snapshot; /* its name, a folder for what is in it */
	const char *name;     /* below that */
	enum export_role role;
	uint64_t size;
	char hex[65];  /* SHA-256; "" known only when it is read */
	size_t number; /* of the snapshot in the plan */
};

struct export_plan;

/* ERROR_USAGE: an open snapshot, nothing chosen; ERROR_NOTFOUND;
 * ERROR_WITHDRAWN; ERROR_INTEGRITY: a sealed snapshot is not whole. */
int export_plan_make(struct export_plan **out, const struct collection *c,
    const struct export_request *r, struct error *e);
void export_plan_free(struct export_plan *p); /* NULL is fine */

/* By snapshot and name, bytewise. */
const struct export_file *
export_plan_files(const struct export_plan *p, size_t *count);

/* The sum of their sizes. */
uint64_t export_plan_bytes(const struct export_plan *p);

/* Whole snapshots (0), or a selection (1). */
int export_plan_is_selection(const struct export_plan *p);

/* Names of the snapshots whole, or of the one that is made. */
size_t export_plan_snapshots(const struct export_plan *p);
const char *export_plan_snapshot(const struct export_plan *p, size_t number);

/* Time of the newest capture in it: what an export is dated by. */
int64_t export_plan_newest_us(const struct export_plan *p);
int64_t export_plan_oldest_us(const struct export_plan *p);

const struct collection *export_plan_collection(const struct export_plan *p);

/* The bytes of a file, once; freed by the caller. At its end they are compared
 * with HEX: ERROR_INTEGRITY when they are not as they were sealed. */
int export_file_open(const struct export_plan *p, const struct export_file *f,
    struct stream **out, struct error *e);

/* The same, and SHA-256 of what was read so far as bare hex: no second
 * digesting of what is digested anyway. */
void export_stream_hex(const struct stream *s, char hex[65]);

#endif
