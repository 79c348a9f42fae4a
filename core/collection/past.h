#ifndef COLLECTION_PAST_H
#define COLLECTION_PAST_H

#include <stdint.h>

#include "core/collection/repeats.h"
#include "core/collection/target_set.h"

struct arena;
struct error;
struct json;

/*
 * What the journal of an open snapshot tells to the run that goes on with it.
 * Memory: 24 bytes a target, a page, a derived record, a certificate.
 */
struct past {
	struct arena *arena;
	const struct json *begin; /* of the first run */
	uint64_t end;             /* of the journal */
	unsigned runs;
	int is_closed;      /* the last of them has ended ("k") */
	int is_sealing;     /* an "e" was written: nothing may follow */
	int64_t ended_us;   /* the last run */
	uint64_t cut_from;  /* where the runs begin that were cut off and gone
	     on with; UINT64_MAX: the last one was not cut off */
	uint64_t run_begin; /* of the last one */

	struct target_set targets;      /* URL: offset of its last outcome */
	struct repeats repeats;         /* payloads */
	struct target_set certificates; /* digests */
	struct target_set told;         /* by cut off runs: "p URL", "a URI" */
	uint64_t connections;           /* highest number */
	unsigned evidence_serial, derived_serial;
};

/* Of the journal FD. ERROR_INTEGRITY: it is not as recovery leaves it. */
int past_read(struct past *p, int fd, struct error *e);
void past_clear(struct past *p);

/* Was that page ("p", its URL) or derived record ("a", its URI) told of by a
 * run that was cut off? 1 / 0. */
int past_has_told(const struct past *p, char kind, const char *what);

#endif
