#ifndef COLLECTION_TALLY_H
#define COLLECTION_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/collection/listing.h"
#include "core/collection/snapshot.h"

struct arena;
struct error;
struct json;
struct seen_set;
struct sorter;

/*
 * What a journal amounts to at the end of a run: index.cdxj, outcomes.jsonl,
 * the sums, and which record files there must be.
 */

struct tally_file {
	const char *file; /* below the snapshot */
	uint64_t end;
	char sha256[65]; /* bare hex */
};

/* One of the runs that made the snapshot. */
struct tally_run {
	const struct json *begin; /* "b" of the first one, "n" of others */
	const char *status;       /* of its "k" or "e"; NULL: not ended */
	int64_t ended_us;
};

struct tally {
	struct arena *arena;      /* of all that lasts */
	const struct json *begin; /* of the "b" line */
	const char *status;       /* of the "e" line; NULL none */
	int64_t ended_us;
	struct tally_run *runs; /* in their order */
	size_t run_count;
	struct tally_file *files;
	size_t file_count;
	uint64_t exchanges; /* tried, with a response or without; and derived;
	    of an import its records */
	int is_import;
	uint64_t added; /* not-tried ones that had no outcome */
	struct snapshot_totals totals;

	int fd;                   /* the journal; borrowed */
	struct arena *scratch;    /* of one line */
	struct seen_set *targets; /* that have an outcome: of any run, and
	    behind a run's number of that one */
	size_t run;               /* the one being read, from 0 */
	struct output outcomes;
	uint64_t *discovered; /* offsets of the run's "d" lines */
	size_t discovered_count;
	struct sorter *index; /* its lines; NULL until there is one */
};

void tally_init(struct tally *t, int fd);
void tally_clear(struct tally *t);

/* The begin and the end of the runs, if told. ERROR_INTEGRITY: no journal. */
int tally_ends(struct tally *t, struct error *e);

/* Read the journal and write both listings into DIR; targets found by a run
 * that have no outcome yet become not-tried at its end. STATUS must be known.
 */
int tally_write(struct tally *t, const char *dir, struct error *e);

/* NULL: the journal knows no such file. */
const struct tally_file *tally_find(const struct tally *t, const char *file);

#endif
