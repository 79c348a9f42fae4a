#ifndef ARCHIVE_PARALLEL_H
#define ARCHIVE_PARALLEL_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct input;

/*
 * The records of one file, read by several threads, with results in the order
 * of the file. The file is cut into pieces; a thread guesses where in its
 * piece the first record starts and reads on from there, up to the first
 * record of the next piece. Results wait until it is known that every piece
 * before ended exactly where this one began; when it did not, they are thrown
 * away and the piece is read again from where it must be. So the results are
 * those of one thread, whatever the file. What comes once is read by one
 * thread, and so is what is small.
 */

#define PARALLEL_END UINT64_MAX

/* A stretch of the file: from the record at START to the first record at LIMIT
 * or later, whose offset is END then (PARALLEL_END: there is none). */
struct stretch {
	uint64_t start, limit, end;
	/* How often the source went back after damage, from the start of the
	 * file on; told to the source before, taken from it after. A guesser
	 * begins with 0 and ends early, at any record, when it comes to
	 * PARALLEL_REWINDS. */
	unsigned rewinds;
	int is_guess;
};

enum { PARALLEL_REWINDS = 8 };

/* Where a reader's results go. */
struct outlet;

/* One result: LEN bytes. 0; 1, no more is wanted: walk returns 1; -1, as take
 * said: walk returns -1. */
int outlet_put(struct outlet *out, const void *p, size_t len, struct error *e);

/* No more is wanted. To be asked now and then by who reads much between two
 * results. */
int outlet_is_closed(const struct outlet *out);

/* Results go straight to take, on the caller's thread. */
int outlet_is_direct(const struct outlet *out);

struct parallel_job {
	/* A reader, used by one thread. */
	int (*open)(
	    void *context, void **reader, struct outlet *out, struct error *e);
	void (*close)(void *reader);
	/*
	 * The first place behind P, before P + LEN, where a record seems to
	 * start (in a compressed file, the member that holds it); LEN: none.
	 * NULL: the file cannot be cut.
	 */
	size_t (*find)(void *reader, const uint8_t *p, size_t len);
	/* 0, S->end is set; 1, no more is wanted; -1 */
	int (*walk)(void *reader, struct stretch *s, struct error *e);
	/* A result, in order, on the caller's thread. 0; 1, enough; -1 */
	int (*take)(
	    void *context, const uint8_t *p, size_t len, struct error *e);
	void *context;
	unsigned max_rewinds; /* beyond which the source goes on otherwise */
	uint64_t piece;       /* bytes of the file; 0: as many as are good */
};

/* THREADS 0: one for each core. 0; 1, take had enough; -1 as a function of the
 * job. */
int parallel_walk(struct input *in, unsigned threads,
    const struct parallel_job *job, struct error *e);

/* How many threads 0 means. */
unsigned parallel_cores(void);

#endif
