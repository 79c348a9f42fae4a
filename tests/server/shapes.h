#ifndef SERVER_SHAPES_H
#define SERVER_SHAPES_H

#include <stddef.h>
#include <stdio.h>

#include "core/base/buf.h"

/*
 * Responses that servers really send, and some that they should not: the raw
 * server's table of shapes, each with what an archiver must make of it.
 */

enum shape_after {
	AFTER_KEEP,  /* the connection stays open */
	AFTER_CLOSE, /* closed in order */
	AFTER_RUDE,  /* closed; TLS is not told */
	AFTER_RESET
};

struct shape {
	const char *name;
	struct buf interim; /* 1xx heads */
	struct buf message; /* the final head and body */
	struct buf extra;   /* bytes behind its end */
	struct buf payload; /* transfer coding removed */
	int has_payload;    /* PAYLOAD is to be checked */
	enum shape_after after;
	size_t step; /* bytes sent at a time; 0 all */
	const char *outcome;
	const char *truncated; /* "-" "length" "disconnect" */
	int is_reused;         /* the connection may carry another exchange */
};

struct shapes {
	struct shape *list;
	size_t count;
};

void shapes_init(struct shapes *s);
void shapes_clear(struct shapes *s);

/* For the tables: one more, that is captured whole; all those of
 * shapes_made.c. */
struct shape *shapes_add(struct shapes *s, const char *name);
void shapes_add_made(struct shapes *s);

const struct shape *shapes_find(const struct shapes *s, const char *name);

/* One line for each: name, bytes of interim, of message, of extra, outcome,
 * truncation, sha256 of the payload or "-", 1 if the connection is reused;
 * separated by tabs. */
void shapes_print(const struct shapes *s, FILE *out);

#endif
