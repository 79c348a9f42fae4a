#ifndef COLLECTION_TOMBSTONE_H
#define COLLECTION_TOMBSTONE_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct json;

/*
 * What stands in the place of a record that was erased: a conversion record
 * (WARC 1.1, 6.8) that refers to it, under TOMBSTONE_URI and the SHA-256 of
 * the address it had, with canonical JSON as its block.
 */

#define TOMBSTONE_TYPE   "application/vnd.holdfast.tombstone+json"
#define TOMBSTONE_URI    "urn:holdfast:withdrawn:"
#define TOMBSTONE_SCHEMA "tombstone/1"

struct tombstone {
	const char *record, *type, *date;          /* of what was erased */
	const char *uri_hash;                      /* "sha256:..." */
	const char *block_digest, *payload_digest; /* as it had them; "" */
	int64_t block_len;
	const char *reason, *by, *at;
};

void tombstone_write(struct buf *out, const struct tombstone *t);

/* TEXT is the block of one; texts live in A. 1 / 0. */
int tombstone_read(
    struct arena *a, const char *text, size_t len, struct tombstone *out);

/* Of a record that was a capture, not of what belonged to it? 1 / 0. */
int tombstone_is_capture(const struct tombstone *t);

/*
 * withdrawn.json of a snapshot: which generation of its files it is, and how
 * each came out of the one before: {"generation": 2, "history": [{at, by,
 * reason, manifest, manifest_sha256, erased: [ids]}], "schema"}. MANIFEST
 * names the manifest of the generation before, kept beside it.
 */

#define GENERATION_FILE     "withdrawn.json"
#define GENERATION_SCHEMA   "withdrawn/1"
#define GENERATION_MANIFEST "manifest-%zu-sha256.txt" /* from 1 */

enum { GENERATION_MAX = 64 * 1024 * 1024 };

/* The history in the bytes of that file; NULL: they do not read. */
const struct json *
generation_read(struct arena *a, const char *text, size_t len);

/* The history of the snapshot at DIR, in A; NULL: there is none, or it does
 * not read (*IS_THERE tells). */
const struct json *
generation_history(struct arena *a, const char *dir, int *is_there);

/* Is HEX the manifest of an earlier generation of the snapshot at DIR? */
int generation_has(const char *dir, const char *hex);

#endif
