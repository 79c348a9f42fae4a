#ifndef COLLECTION_SNAPSHOT_H
#define COLLECTION_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "core/web/exchange.h"

struct arena;
struct clock;
struct collection;
struct error;
struct json;
struct original;

/*
 * A snapshot being written: one run's evidence. A writer thread frames,
 * compresses, digests, appends and syncs in groups (DESIGN, 6, order of
 * writes); what snapshot_done reports is durable. One caller thread.
 */

struct snapshot_options {
	const char *site; /* key for the name: "almayadeen-en", "web" */
	const char *kind; /* "capture" */
	const struct json
	    *warcinfo;            /* object of strings: fields of the warcinfo
	    block in this order (operator, software, robots ...); software,
	    format, conformsTo are put in front */
	const struct json *facts; /* object, into report.json as "run":
	    versions, limits, seeds count ... NULL none */
	uint64_t segment_bytes;   /* 0: LIMIT_SEGMENT_BYTES */
	int add_sha1;             /* --digest sha1: base32 SHA-1 beside */
	int revisits; /* a payload that this snapshot holds already becomes a
	    revisit (identical-payload-digest) of that record */
};

struct snapshot;

/* Under the collection's lock, after recovery. Makes NAME.open with its first
 * segment and warcinfo record, journal synced. */
struct snapshot *snapshot_begin(struct collection *c,
    const struct snapshot_options *o, struct clock *clock, struct error *e);

/* "20261122T082747Z-web", without ".open". */
const char *snapshot_name(const struct snapshot *s);

/* WARC-Date that the records of X get: readings of it are dated the same. */
int64_t snapshot_date_us(const struct snapshot *s, const struct exchange *x);

/* Why a target was fetched: goes to metadata record and outcome line. */
struct capture_facts {
	/* The record whose payload this is; NULL none. X then ended as revisit
	 * or not-modified: a revisit record is written (WARC/1.1, 6.7). */
	const struct original *original;
	const char *via;   /* URL that led here; "" seed */
	const char *hops;  /* hopsFromSeed: "", "L", "E", "R", "P" ... */
	const char *need;  /* "page", "image", "stylesheet", "robots" ... */
	const char *where; /* "img@srcset" ...; "" */
	const char *media_type; /* sniffed (WARC-Identified-Payload-Type); "" */
	const char
	    *robots; /* decision for pages: "allowed", "ignored: line 3" */
};

/*
 * Hand an exchange over (kept by the snapshot until written). Returns its
 * ticket, from 1; waits while the queue holds LIMIT_QUEUE_BYTES. Writes
 * response, request, metadata records and, when new, connection and
 * certificate records, and its outcome line. An exchange without response
 * gets an outcome line only (and, if a request was sent, nothing else).
 */
uint64_t snapshot_put(
    struct snapshot *s, struct exchange *x, const struct capture_facts *f);

/* A target that was never fetched (blocked, out of scope, not tried). BYTES
 * is the size if known, else -1. */
uint64_t
snapshot_outcome(struct snapshot *s, const char *url, enum outcome outcome,
    const char *reason, int64_t bytes, const struct capture_facts *f);

/* Note what a page needs (its requisites' URLs, one JSON array of strings),
 * so that recovery knows of targets without an outcome. */
uint64_t snapshot_discovered(
    struct snapshot *s, const char *page_url, const struct json *urls);

/* All up to *TICKET is durable. 0; -1: the writer failed (ERROR_SYSTEM): no
 * more can be put, the snapshot is resumable by recovery. */
int snapshot_done(struct snapshot *s, uint64_t *ticket, struct error *e);
int snapshot_fd(const struct snapshot *s); /* readable when that moved */

/* Ask that everything put so far becomes durable now (nothing else is in
 * flight); does not wait. */
void snapshot_flush(struct snapshot *s);

/* What is known of a target that was put and is durable. Texts in A. 1/0. */
struct captured {
	enum outcome outcome;
	unsigned status;
	const char *reason;
	const char *record_id;      /* response record, no brackets; "" none */
	const char *date;           /* WARC-Date; "" */
	const char *payload_digest; /* "sha256:..."; "" */
	const char *block_digest;
	const char *media_type;
	const char *content_type;
	int64_t bytes;        /* payload; -1 unknown */
	const char *location; /* redirect target, absolute; "" */
	int is_earlier;       /* of a run before this one (snapshot_resume) */
};
int snapshot_find(
    struct snapshot *s, const char *url, struct arena *a, struct captured *out);

/* The article and page state of a durable page capture: RECORD_ID of its
 * response, BLOCK the whole derived block (canonical JSON with schema,
 * article, binding). KIND "article" or "pagestate". */
uint64_t
snapshot_add_derived(struct snapshot *s, const char *kind, const char *page_url,
    const char *record_id, const char *date, const char *block, size_t len);

/* Completeness of one page (an object), into report.json's "pages". */
uint64_t snapshot_add_page(struct snapshot *s, const struct json *page);

/* A profile that was used, byte for byte: profiles/KEY-SHA16.site. */
int snapshot_add_profile(struct snapshot *s, const char *key, const char *data,
    size_t len, struct error *e);

/*
 * Go on with a snapshot that was left open (seal = day, or a run that was cut
 * off), after recovery has cut it back: NAME as in recover_report.left. Its
 * site, kind and first facts stay, O's facts are those of this run; records go
 * to a new segment; what it holds is known to snapshot_find again, and each
 * target may have an outcome of this run, too. NULL with E: ERROR_NOTFOUND no
 * such open snapshot, ERROR_INTEGRITY it is not as recovery leaves it.
 */
struct snapshot *snapshot_resume(struct collection *c, const char *name,
    const struct snapshot_options *o, struct clock *clock, struct error *e);

/* Everything durable, and leave it open for snapshot_resume. Frees S. STATUS
 * is how the run ended ("complete" ...), and how the snapshot will have ended
 * if none goes on with it. */
int snapshot_park(struct snapshot *s, const char *status, struct error *e);

/*
 * The run before this one was cut off and had URL's response already: *X is
 * that exchange again (without connection and request), so that what follows
 * from it can be done over; it is not to be put again, and what is told of its
 * page twice (snapshot_add_page, snapshot_add_derived) is written once. 1; 0
 * there is none, it must be fetched; -1.
 */
int snapshot_recall(
    struct snapshot *s, const char *url, struct exchange **x, struct error *e);

/* What the run amounts to, known after sealing. */
struct snapshot_totals {
	uint64_t targets, good, left_out, failed; /* by outcome_is_... */
	uint64_t by_outcome[OUTCOME_COUNT];
	uint64_t records, archive_bytes, payload_bytes, articles;
	uint64_t pages, pages_incomplete;
};

/*
 * Finish: everything durable, index.cdxj, articles.jsonl, outcomes.jsonl,
 * report.json (with totals, previous, pages), about/, manifest, all synced,
 * read-only, renamed; the collection's index and catalog updated; the journal
 * deleted. Frees S whatever happens. STATUS is "complete" or why the run
 * ended early ("signal", "disk" ...). A run without a single exchange leaves
 * no snapshot (*DIR is "").
 */
int snapshot_seal(struct snapshot *s, const char *status,
    struct snapshot_totals *totals, char **dir, struct error *e);

/* Stop at once, leaving NAME.open for recovery. */
void snapshot_abandon(struct snapshot *s);

#endif
