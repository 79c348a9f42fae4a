#ifndef COLLECTION_RECORDS_H
#define COLLECTION_RECORDS_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct capture_facts;
struct error;
struct exchange;
struct json;
struct repeats;
struct target_set;

/*
 * What becomes of captures and readings in an open snapshot: which records,
 * in which order, with which fields (DESIGN, 7), and the journal lines that
 * tell of them. Equal calls give equal bytes. Used by one thread; all
 * failures are ERROR_SYSTEM.
 */
struct records;

struct records_options {
	const char *dir;  /* NAME.open, absolute */
	const char *name; /* of the snapshot */
	const char *collection_id;
	const char *prefix, *time; /* of segments; 14 digits */
	int64_t start_us;
	const struct json *warcinfo; /* object of strings; NULL none */
	uint64_t segment_bytes;
	int add_sha1;
	int revisits; /* a payload put before becomes a revisit of that record */
	unsigned run; /* which of the snapshot, from 1 */
};

struct records *records_new(const struct records_options *o);
void records_free(struct records *r);

/* What runs before this one put: certificates' digests and payloads (taken,
 * left empty), the highest number of a connection and of a segment. */
struct records_past {
	struct target_set *certificates;
	struct repeats *repeats;
	uint64_t connections;
	unsigned evidence_serial, derived_serial;
};
void records_resume(struct records *r, const struct records_past *past);

/* The first segment with its warcinfo record. */
int records_begin(struct records *r, struct buf *lines, struct error *e);

/* Lines to come will lie behind BASE bytes of the journal FD, where those of
 * captures before can be read; said anew for each group. */
void records_group(struct records *r, int journal, uint64_t base);

/* A whole payload that the snapshot holds: the outcome line at AT tells of it,
 * JSON as in outcome_line. What cannot be an original is passed over. */
void records_know(struct records *r, const struct json *outcome, uint64_t at);

/* WARC-Date of X in a run that started at RUN_START_US. */
int64_t records_date_us(int64_t run_start_us, const struct exchange *x);

/*
 * Response or revisit, request, metadata and, when new, certificate and connection
 * records (without a response: none), then the outcome, as journal lines
 * appended to LINES. *OUTCOME_AT is where in LINES the outcome's begins.
 */
int records_capture(struct records *r, const struct exchange *x,
    const struct capture_facts *f, struct buf *lines, size_t *outcome_at,
    struct error *e);

struct derived {
	const char *kind; /* "article" or "pagestate" */
	const char *page_url;
	const char *record_id;
	const char *date;
	const uint8_t *block;
	size_t len;
};
int records_derived(struct records *r, const struct derived *d,
    struct buf *lines, struct error *e);

/* What was put has filled a segment: commit it, and the next record begins
 * another. 1 / 0. */
int records_are_full(const struct records *r);

/* Write out and sync all that was put; LINES gets the line that ends the
 * group ("g"). */
int records_sync(struct records *r, struct buf *lines, struct error *e);
void records_commit(struct records *r); /* the group is journalled */
void records_back(struct records *r);   /* the group has failed */

#endif
