#ifndef COLLECTION_WITHDRAW_H
#define COLLECTION_WITHDRAW_H

#include <stddef.h>
#include <stdint.h>

#include "core/collection/target_set.h"
#include "core/collection/withdrawn.h"

struct arena;
struct collection;
struct error;

/*
 * Taking a capture out of a collection: a capture is a response, revisit or
 * resource, its request and metadata (WARC-Concurrent-To), and all that was
 * derived from it (WARC-Refers-To), in whatever snapshot that lies.
 */

/* A record that belongs to one. Texts live in the set's arena. */
struct withdraw_record {
	const char *id, *type, *uri, *date;
	const char *snapshot; /* path below the collection */
	const char *file;     /* below the collection */
	uint64_t offset;
	const char *payload; /* WARC-Payload-Digest; "" */
	/* Of a revisit that names no id: the address and date of what it
	 * repeats; "" */
	const char *of_uri, *of_date;
};

struct withdraw_set {
	struct arena *arena;
	struct target_set captures;  /* ids of the responses */
	struct target_set snapshots; /* that hold them, paths */
	struct withdraw_record *records;
	size_t count, cap;

	/* Of an erasure (withdraw_reach): */
	size_t others;  /* captures of the address that are not in the set */
	int everywhere; /* look into every record */
	const char **terms; /* addresses that nothing else has: what */
	size_t term_count;  /* names them goes, too */
	const char **words; /* headlines and ids of articles */
	size_t word_count;
	const char **quotes; /* ids of captures that are kept, of which */
	size_t quote_count;  /* something derived has a term or word */
	struct withdraw_record *revisits; /* of others, that repeat it */
	size_t revisit_count;
	struct withdraw_record *unnamed; /* revisits that name no id */
	size_t unnamed_count;
};

void withdraw_set_init(struct withdraw_set *s);
void withdraw_set_clear(struct withdraw_set *s);

/*
 * The capture that OBJECT (ID, URL or URL@TIME as look-ups take them) names or
 * belongs to; with ALL every capture of its address. -1: ERROR_NOTFOUND,
 * ERROR_USAGE (a snapshot, or a record that belongs to no capture),
 * ERROR_INTEGRITY, ERROR_SYSTEM.
 */
int withdraw_find(struct withdraw_set *s, const struct collection *c,
    const char *object, int all, struct error *e);

/* Every record that belongs to the captures found. */
int withdraw_survey(
    struct withdraw_set *s, const struct collection *c, struct error *e);

/*
 * Every record and snapshot that an erasure of the captures found concerns:
 * those that belong to them, in whatever snapshot a copy lies; redirects that
 * led to them; where none but they have their address, metadata records that
 * name it. REVISITS: revisits of them, too; else such are ERROR_USAGE.
 */
int withdraw_reach(struct withdraw_set *s, const struct collection *c,
    int revisits, struct error *e);

/* Who takes it out and why. */
struct withdraw_order {
	const char *reason, *by;
	int64_t now_us;
	int64_t until_us; /* INT64_MAX: for good */
};

/* Refuse all records of the set until then; nothing of them changes. Under
 * the lock, synced. */
int withdraw_embargo(struct collection *c, const struct withdraw_set *s,
    const struct withdraw_order *o, struct error *e);

/*
 * Erase all records of the set (withdraw_reach): each snapshot concerned gets
 * a new generation of files, in which tombstones stand in their places, and
 * what else the collection keeps of them is removed. Nothing changes before
 * every new generation has been verified; what is cut off then is finished by
 * withdraw_recover. -1: ERROR_USAGE (a snapshot is open), ERROR_INTEGRITY (one
 * is not as it was sealed), ERROR_SYSTEM.
 */
int withdraw_erase(struct collection *c, const struct withdraw_set *s,
    const struct withdraw_order *o, struct error *e);

/* Undo an erasure that was cut off before all was verified, finish a later
 * one; under the lock, before anything else is written. */
int withdraw_recover(struct collection *c, int64_t now_us, struct error *e);

/* Show again what is under embargo of the set: how many records, -1; what was
 * erased stays so. */
long withdraw_lift(struct collection *c, const struct withdraw_set *s,
    const struct withdraw_order *o, struct error *e);

#endif
