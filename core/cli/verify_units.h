#ifndef CLI_VERIFY_UNITS_H
#define CLI_VERIFY_UNITS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/digest.h"

struct error;

/*
 * Which of all that is named one call verifies. A unit is a record file, or a
 * snapshot of a collection; units come in the same order each time. A call
 * takes the units of one part of several (by a hash of their names), begins
 * none when its time is over, and remembers in a file how far it came.
 */
struct verify_units {
	uint64_t part, parts;           /* part 1..parts; parts 0: all */
	int64_t end_ms;                 /* of clock_system; -1: no limit */
	char *state;                    /* file; NULL: nothing is remembered */
	char of[DIGEST_SHA256_HEX + 1]; /* what is verified, and how */
	size_t object;                  /* number of the object under way */
	/* done by earlier calls: all up to this unit */
	int has_done;
	size_t done_object;
	struct buf done;
	/* the last one done by this call */
	size_t last_object;
	struct buf last;
	int64_t saved_ms;
	uint64_t begun, passed;
	int is_over; /* no unit is begun any more */
};

/* "2/5". 1 / 0. */
int verify_units_subset(struct verify_units *u, const char *text);

/* MS from now; STATE is copied. WHAT tells apart what is verified.
 * 0; -1, STATE does not read. */
int verify_units_limit(struct verify_units *u, int64_t ms, const char *state,
    const struct buf *what, struct error *e);
/* The text of a state: 0, U goes on from there, or begins anew when it is of
 * something else; -1, ERROR_USAGE: it is none. */
int
verify_units_read(struct verify_units *u, const char *text, struct error *e);
void verify_units_clear(struct verify_units *u);

/* 1, verify it; 0, pass over it; -1, no more: time is over. */
int verify_units_want(struct verify_units *u, const char *name);
int
verify_units_done(struct verify_units *u, const char *name, struct error *e);

/* All is done, or (not FINISHED) a later call goes on. */
int verify_units_end(struct verify_units *u, int finished, struct error *e);

#endif
