#ifndef COLLECTION_VERIFY_COLLECTION_H
#define COLLECTION_VERIFY_COLLECTION_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/verify.h"

struct collection;
struct error;

/*
 * Is a sealed snapshot what it was when it was sealed, and is none missing?
 * Every byte of a snapshot is vouched for by its manifest, and most of them a
 * second time by others: records by their digests and ids, index.cdxj,
 * articles.jsonl and outcomes.jsonl by the records, report.json by all of
 * them, profiles by their names, the manifest by the next snapshot and by
 * what index/ remembers. Never stops at the first finding, never writes, and
 * needs neither index/ nor state/.
 */

enum verify_level {
	VERIFY_FULL,  /* every byte */
	VERIFY_QUICK, /* names, sizes, manifest, chain, ends, indexes */
	VERIFY_DEEP   /* and everything derived made anew and compared */
};

struct verify_collection_options {
	void (*each_finding)(void *context, const struct finding *f);
	/* As verify_options has it; what it returns counts for nothing. */
	int (*each_record)(void *context, const struct verified_record *r);
	/* Every file of a snapshot that is looked at; NULL. */
	void (*each_file)(void *context, const char *file);
	/* Where we are, for a status line; NULL. */
	void (*progress)(void *context, const char *what);
	/* Before and behind each snapshot of a collection. WANT: 1, verify
	 * it; 0, pass over it; -1, verify no more, nor the chain. NULL. */
	int (*want)(void *context, const char *snapshot);
	void (*done)(void *context, const char *snapshot);
	void *context;
	enum verify_level level;
	int rederive;  /* run the kept profiles again, too (in workers) */
	uint32_t skip; /* checks left out: a mask of 1 << enum verify_check */
	unsigned threads; /* 0: one for each core */
};

struct verify_collection_totals {
	struct verify_totals files; /* its findings count all of them */
	uint64_t snapshots;
	uint64_t hashed;    /* bytes compared with manifests */
	uint64_t withdrawn; /* captures in whose place a tombstone stands */
	uint64_t articles;
	uint64_t rederived; /* of which so many were read again and agree */
};

/*
 * One snapshot at DIR, standing alone: findings name files below it. With C,
 * the collection around it, SNAPSHOT is its path there and findings name
 * files below the collection; its links to the snapshots before and behind
 * it and what the index remembers of it are checked then. Either may be NULL.
 * 0: looked at; -1: ERROR_SYSTEM, or ERROR_NOTFOUND when it is no snapshot.
 */
int verify_snapshot(const struct collection *c, const char *snapshot,
    const char *dir, const struct verify_collection_options *o,
    struct verify_collection_totals *totals, struct error *e);

/* All snapshots, the chain they form, and index/. */
int verify_collection(const struct collection *c,
    const struct verify_collection_options *o,
    struct verify_collection_totals *totals, struct error *e);

/* Does DIR look like a snapshot: has it a manifest and a report? 1 / 0. */
int verify_is_snapshot(const char *dir);

/* Articles as they are exported: a manifest, but nothing else that a snapshot
 * has? They are verified as a package. 1 / 0. */
int verify_is_listed(const char *dir);

#endif
