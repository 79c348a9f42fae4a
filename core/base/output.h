#ifndef BASE_OUTPUT_H
#define BASE_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

struct error;

/*
 * A file written front to back: what is added to PENDING goes out by
 * output_flush. Embedded: start with .fd = -1, end with output_clear.
 */
struct output {
	char *path;
	int fd;          /* -1: none is open */
	uint64_t offset; /* of what is pending */
	struct buf pending;
};

#define OUTPUT_PENDING ((size_t)256 * 1024)

/* A new file (file_create). */
int output_open(struct output *o, const char *path, struct error *e);

/* Goes out when OUTPUT_PENDING bytes are there. */
int output_add(struct output *o, const void *p, size_t len, struct error *e);

/* All that is pending; output_may_flush only when it is OUTPUT_PENDING bytes
 * or more. */
int output_flush(struct output *o, struct error *e);
int output_may_flush(struct output *o, struct error *e);

/* Flushed, synced and closed. */
int output_finish(struct output *o, struct error *e);

/* Closes what was not finished, and leaves it there. */
void output_clear(struct output *o);

#endif
