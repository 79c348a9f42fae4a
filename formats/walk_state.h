#ifndef FORMATS_WALK_STATE_H
#define FORMATS_WALK_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/format.h"
#include "core/archive/members.h"
#include "core/base/buf.h"
#include "core/base/stream.h"
#include "formats/walk.h"

struct error;
struct input;

/* The walker's own: walk.c reads records, walk_damage.c their bytes, and finds
 * the way on behind damage. */

#define WALK_PEEK 4096

struct walker {
	struct source source;
	struct stream block; /* of the open record */
	const struct dialect *dialect;
	struct input *in;
	const char *name; /* of IN */

	struct members *members;
	struct stream *bytes; /* of the current member; NULL: none open */
	const uint8_t *p;     /* the unread rest of its last span, */
	size_t left;          /* or of CARRY */
	uint64_t taken;       /* flat: file offset behind P..LEFT */
	struct buf carry;     /* spans joined, where one was not enough */

	uint64_t start;      /* of the record, or of its first member */
	uint64_t head_end;   /* flat: file offset */
	uint64_t block_left; /* of the open record */
	int open;            /* a record is out and not finished */
	int shared;          /* the member has held a record before this one */
	int joined;          /* the record lies in more than one member */
	int started;         /* the first bytes of the file were seen */
	int ended;           /* nothing more can be read */
	int whole;           /* the record ended as it should: only what stands
			      * behind it is wrong */
	char version[WALK_VERSION_MAX];
};

/* The next span, when the last is used up: 1; 0, the member ends; -1. */
int walk_pull(struct walker *s, struct error *e);

/* As walk_pull, in the midst of a record: it may go on in the next member,
 * unless that begins one of its own. */
int walk_pull_record(struct walker *s, struct error *e);

/* Flat: the file offset of the next byte. */
uint64_t walk_position(const struct walker *s);

/* Join the next span, taken by MORE_BY, to what is left: 1; 0, nothing more
 * comes; -1. */
int walk_extend(struct walker *s,
    int (*more_by)(struct walker *, struct error *), struct error *e);

/* The current member is over, whatever was read of it. */
void walk_leave_member(struct walker *s);

void walk_go_to(struct walker *s, uint64_t offset);

/*
 * Something at WHERE does not read: say so, and go to where the next record
 * is. RESTART is where to look from in a flat file. E is filled already.
 * Returns -1.
 */
int walk_damaged(struct walker *s, struct place *where, const char *code,
    uint64_t restart, struct error *e);

#endif
