#ifndef COLLECTION_ORIGINALS_H
#define COLLECTION_ORIGINALS_H

#include <stdint.h>

struct arena;
struct collection;
struct error;
struct exchange;

/*
 * Earlier captures that a revisit may name (WARC/1.1, 6.7; DESIGN, 7): found
 * by index and catalog, and read again before anything is written that leans
 * on them: only a record whose block and payload digests hold is an original.
 */
struct original {
	const char *record_id; /* of the response, no brackets */
	const char *url, *date;
	const char *payload_digest;       /* "sha256:..." */
	const char *etag, *last_modified; /* as received; "" */
	const char *file;                 /* below the collection */
	uint64_t offset;
	int64_t captured_us;
	uint64_t payload_len;
	unsigned status;
	const char *media_type; /* as identified then; "" */
};

/* Shorter payloads are not worth a revisit of another URL's record. */
enum { ORIGINAL_LEAST_BYTES = 256 };

struct originals;

/* MAX_AGE_US: older captures are no originals; 0: of any age. */
struct originals *
originals_new(const struct collection *c, int64_t max_age_us, int64_t now_us);
void originals_free(struct originals *o); /* NULL is fine */

/* The newest sound capture of URL with status 200 and a whole payload; a
 * revisit is followed to its original. Texts live in A. 1; 0 there is none,
 * or it is not sound (told once by a warning in the log); -1. */
int originals_for_url(struct originals *o, struct arena *a, const char *url,
    struct original *out, struct error *e);

/* The same if it has that payload; else nothing is read. */
int originals_same(struct originals *o, struct arena *a, const char *url,
    const char *payload_digest, struct original *out, struct error *e);

/* A sound capture of that payload, under any URL; the same. */
int originals_for_digest(struct originals *o, struct arena *a,
    const char *payload_digest, struct original *out, struct error *e);

/* The exchange that a sound original was: without connection and request, a
 * large body in a file in SPOOL_DIR. 1; 0 or -1, it does not read any more. */
int originals_exchange(struct originals *o, const struct original *x,
    const char *spool_dir, struct exchange **out, struct error *e);

/* How the page at URL ended when it was wanted last: 1 complete; 0 not; -1
 * nobody knows. */
int originals_page_state(struct originals *o, const char *url);

#endif
