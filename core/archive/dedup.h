#ifndef ARCHIVE_DEDUP_H
#define ARCHIVE_DEDUP_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

struct error;

/*
 * Responses whose payload came before become revisit records (WARC 1.1, 6.7.2,
 * identical-payload-digest). Payloads are compared by SHA-256 over what the
 * standard calls payload: transfer coding removed, content coding kept. All is
 * read twice; before a revisit is written its original is read again and must
 * give the same full digest. Everything else is copied as it is. Memory does
 * not grow with the number of records.
 *
 * Left as they are: revisits and whatever is no response, truncated and
 * segmented records, those shorter than MIN_SIZE, those that are not what
 * their own digests say, those in members shared with others.
 */

struct dedup_options {
	uint64_t min_size;           /* of payloads */
	const char *output;          /* sink_open; NULL: nothing is written */
	volatile sig_atomic_t *stop; /* NULL none */
	/* Any of these may be NULL. */
	void (*progress)(void *context, const char *name, int second);
	void *context;
};

struct dedup_result {
	uint64_t files, records, responses;
	uint64_t revisits;      /* written */
	uint64_t payload_bytes; /* that they left out */
	uint64_t bytes_in, bytes_out;
	uint64_t known; /* originals known from an index */
	uint64_t weak;  /* lines there without a SHA-256: of no use */
	uint64_t kept;  /* had an equal but stayed: the guard said no, or
	    they are not what their digests say */
	int stopped;
};

struct dedup;

struct dedup *dedup_new(const struct dedup_options *o);
void dedup_free(struct dedup *d); /* NULL is fine; unfinished output goes */

/*
 * A response kept elsewhere: the record at OFFSET of FILE, whose payload has
 * this recorded DIGEST; only a SHA-256 is of use. Before dedup_run, those of a
 * file one after the other.
 */
int dedup_know(struct dedup *d, const char *file, uint64_t offset,
    const char *digest, struct error *e);

/* The objects (record_files.h) into the output. -1: ERROR_INPUT, something
 * does not read (nothing is left then), ERROR_USAGE, ERROR_NOTFOUND,
 * ERROR_SYSTEM. */
int dedup_run(struct dedup *d, char *const *objects, size_t count,
    struct dedup_result *result, struct error *e);

#endif
