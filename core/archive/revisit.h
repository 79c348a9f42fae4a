#ifndef ARCHIVE_REVISIT_H
#define ARCHIVE_REVISIT_H

struct arena;
struct record;

/* What a revisit record says of its original (WARC 1.1, 6.7). */

enum revisit_kind {
	REVISIT_IDENTICAL,   /* identical-payload-digest */
	REVISIT_NOT_MODIFIED /* server-not-modified */
};

/* The original as a revisit names it. Texts are the caller's. */
struct revisit_original {
	const char *id; /* no brackets */
	const char *uri, *date;
	const char *payload_digest; /* recorded, or computed */
};

/* The URI of WARC-Profile, of the revision that VERSION ("WARC/1.1") names. */
const char *revisit_profile(enum revisit_kind kind, const char *version);

/* Append the fields that name O, and, where the block is the head of a longer
 * message, that it was cut; not the payload digest, which has its place among
 * the digests. */
void
revisit_add_fields(struct arena *a, struct record *r, enum revisit_kind kind,
    const char *version, const struct revisit_original *o);

#endif
