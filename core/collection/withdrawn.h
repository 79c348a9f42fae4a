#ifndef COLLECTION_WITHDRAWN_H
#define COLLECTION_WITHDRAWN_H

#include <stddef.h>
#include <stdint.h>

struct collection;
struct error;

/*
 * What was withdrawn from a collection: withdrawals.jsonl at its root, one
 * line for each record of a withdrawn capture (response, request, metadata,
 * derived records), only added to; a copy lies in every snapshot sealed
 * afterwards, and so in its manifest. No address stands in it, only SHA-256 of
 * one, so that what was erased is gone.
 */

struct withdrawal {
	const char *record;   /* id */
	const char *uri_hash; /* "sha256:..." of the target URI */
	const char *date;     /* WARC-Date of the capture */
	const char *snapshot; /* name */
	const char *reason, *by;
	int64_t made_us;
	int64_t until_us; /* INT64_MAX: for good */
	int is_erased;    /* its bytes are gone */
	const char *type; /* of the record: "response", "request" ... */
};

struct withdrawn;

/* As it stands at NOW_US: embargoes that are over count no more. A collection
 * without the file has none. -1: ERROR_SYSTEM, ERROR_INTEGRITY. */
int withdrawn_open(struct withdrawn **out, const struct collection *c,
    int64_t now_us, struct error *e);
void withdrawn_free(struct withdrawn *w); /* NULL is fine */

size_t withdrawn_count(const struct withdrawn *w);

/* NULL: it is not withdrawn. ID without brackets. */
const struct withdrawal *
withdrawn_record(const struct withdrawn *w, const char *id);

/* Every one in turn, I below withdrawn_count: in order of ids. */
const struct withdrawal *withdrawn_at(const struct withdrawn *w, size_t i);

/* The latest of a capture of URI; NULL: none. What was erased is known by
 * its address alone. */
const struct withdrawal *
withdrawn_uri(const struct withdrawn *w, const char *uri);

/* One of SNAPSHOT (its name) whose bytes are there; NULL: none. */
const struct withdrawal *
withdrawn_in(const struct withdrawn *w, const char *snapshot);

/* What SNAPSHOT (path below C) tells of one whose bytes are there, though it
 * lies elsewhere: articles read from it, page lists that an import kept. *OUT
 * NULL: nothing. -1: ERROR_SYSTEM. */
int withdrawn_told(const struct withdrawn *w, const struct collection *c,
    const char *snapshot, const struct withdrawal **out, struct error *e);

/* "until 2027-01-01", "for good", "and erased on 2026-11-22". */
void withdrawn_tell(const struct withdrawal *x, char *out, size_t size);

/* ERROR_WITHDRAWN "WHAT: withdrawn until 2027-01-01 by NAME: REASON". */
int
withdrawn_refuse(const struct withdrawal *x, const char *what, struct error *e);

#endif
