#ifndef CRAWL_QUEUE_PART_H
#define CRAWL_QUEUE_PART_H

#include <stdint.h>

#include "core/base/buf.h"

struct arena;
struct db;
struct db_query;
struct error;
struct known;
struct queued;
struct state;

/* Shared by the queue's two sides; nothing else includes this. */

enum statement {
	NAME_FIND,
	NAME_ADD,
	NAME_TEXT,
	VIA_ADD,
	TARGET_ADD,
	TARGET_GET,
	TARGET_WAITS,
	TARGET_SOONER,
	TARGET_TAKE,
	TARGET_DONE,
	TARGET_BACK,
	LANE_NEXT,
	STATEMENTS
};

struct queue {
	struct state *state;
	struct db *db;
	struct known *known;
	struct db_query *q[STATEMENTS];
	int64_t next;    /* number of the next target */
	struct buf site; /* named last, and its number */
	int64_t site_number;
	struct buf host; /* likewise */
	int64_t host_number;
	struct buf via; /* likewise */
	int64_t via_number;
	struct buf scratch;
};

/* The number in the first column of the only row: 1; 0 none; -1. */
int queue_one_number(struct db_query *q, int64_t *number, struct error *e);

/* The number of a site or host: 1; 0 there is no such name; -1. */
int queue_name_find(
    struct queue *q, const char *text, int64_t *number, struct error *e);

/* The row that GET (TARGET_GET) stands on. */
void queue_read_row(struct db_query *get, struct arena *a, struct queued *out);

#endif
