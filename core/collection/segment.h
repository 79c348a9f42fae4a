#ifndef COLLECTION_SEGMENT_H
#define COLLECTION_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/gzip_member.h"
#include "core/archive/record.h"
#include "core/base/buf.h"

struct arena;
struct digester;
struct error;
struct exchange;
struct stream;

/*
 * The record files of one folder of an open snapshot, one after the other:
 * each begins with its own warcinfo record, is written front to back at known
 * offsets, digested on the way and rolled when it is full. Used by one
 * thread. All failures are ERROR_SYSTEM.
 */

struct segment_options {
	const char *dir;            /* NAME.open, absolute */
	const char *folder;         /* "records" or "derived" */
	const char *prefix;         /* of file names */
	const char *time;           /* 14 digits, of file names */
	const char *collection_id;  /* for record ids */
	const struct buf *warcinfo; /* block of every warcinfo record; borrowed
	    for the segment's life */
	uint64_t roll_bytes;
};

struct segment {
	char *folder; /* path of the folder */
	char *stem;   /* "records/PREFIX-TIME" */
	char *collection_id;
	const struct buf *warcinfo;
	uint64_t roll_bytes;
	unsigned serial; /* 0: no file yet */
	char *file;      /* below the snapshot; NULL: no file yet */
	int fd;
	uint64_t number;    /* of the next record in the file */
	uint64_t end;       /* where it will lie */
	uint64_t committed; /* journalled end */
	uint64_t written;   /* end of what was given to the system */
	struct buf pending; /* what comes behind that */
	int suspect;        /* a sync failed: touch it no more */
	struct digester *digest;
	char warcinfo_id[RECORD_ID_MAX];
};

void segment_init(struct segment *s, const struct segment_options *o);
void segment_clear(struct segment *s); /* drops what is not committed */

/* A record to be put; the rest of its fields is made from where it goes. */
struct draft {
	const char *type;
	const char *date;
	const char *uri;           /* "" none */
	const char *concurrent_to; /* id; "" none */
	const char *refers_to;
	struct record more; /* fields between target and Content-Type */
	const char *content_type;
	const char *media_type; /* identified; "" none */
	struct stream *block;   /* borrowed; NULL empty */
	uint64_t len;
	const char *payload_digest; /* "" none */
	const char *block_digest;
	int stored;

	char id[RECORD_ID_MAX]; /* results, for the journal */
	uint64_t number, offset, length;
	uint64_t head_len; /* of the record's head, unpacked */
};

/* Empty texts. */
void draft_init(struct draft *d, const char *type, const char *date);

/* No file yet, or the last one is full and committed. 1 / 0. */
int segment_must_roll(const struct segment *s);

/* Begin the next file with its warcinfo record, told in *WARCINFO. */
int segment_roll(struct segment *s, struct gzip_writer *gzip, struct arena *a,
    struct draft *warcinfo, struct error *e);

/* Append a record. Strings of D may lie anywhere; scratch in A. */
int segment_put(struct segment *s, struct gzip_writer *gzip, struct arena *a,
    struct draft *d, struct error *e);

/* Append R, a record of somebody else, with its head as it was read, or from
 * its fields where there is none: *OFFSET and *LENGTH tell where. */
int segment_put_record(struct segment *s, struct gzip_writer *gzip,
    const struct record *r, enum gzip_way way, uint64_t *offset,
    uint64_t *length, struct error *e);

/* Append the LEN bytes of BYTES, the gzip member of one whole record, as they
 * are, at *OFFSET. ERROR_INPUT when there are fewer. */
int segment_put_member(struct segment *s, struct stream *bytes, uint64_t len,
    uint64_t *offset, struct error *e);

/* What the journal says of a record that was put: all that an index line needs.
 * X is the exchange that it tells of, NULL none. */
void segment_tell(const struct segment *s, const struct draft *d,
    const struct exchange *x, struct buf *json);

/* Something was put since the last commit. 1 / 0. */
int segment_is_dirty(const struct segment *s);

/* Write out and sync what was put. */
int segment_sync(struct segment *s, struct error *e);

/* {"file":..,"end":..,"sha256":..} as it stands, appended. */
void segment_state(const struct segment *s, struct buf *json);

/* What was synced is journalled now. */
void segment_commit(struct segment *s);

/* After a failed write: cut the file back to what is journalled. */
void segment_back(struct segment *s);

#endif
