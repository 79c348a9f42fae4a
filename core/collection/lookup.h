#ifndef COLLECTION_LOOKUP_H
#define COLLECTION_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct collection;
struct error;

/*
 * From what people write to what is meant (DESIGN, 7): a snapshot's name, a
 * record id or a unique beginning of it (8 or more hex digits, with or without
 * "urn:uuid:" and "-"), an article id, a URL or URL@TIME. Works without index,
 * lock and on a read-only mount.
 */

enum found_kind { FOUND_SNAPSHOT, FOUND_RECORD };

struct found {
	enum found_kind kind;
	const char *snapshot; /* path below the collection */
	const char *file;     /* below the collection; "" for a snapshot */
	uint64_t offset;
	const char *id; /* record id without brackets; "" not known */
};

/* 0; -1: ERROR_NOTFOUND "TEXT: not in this collection", ERROR_USAGE (it names
 * several), ERROR_INTEGRITY, ERROR_SYSTEM. Texts live in A. */
int lookup(const struct collection *c, struct arena *a, const char *text,
    struct found *out, struct error *e);

/* A sealed snapshot by its name or a path that ends in it, "latest", or a
 * unique beginning of a name up to the T of its time or further. */
int lookup_snapshot(const struct collection *c, struct arena *a,
    const char *text, const char **snapshot, struct error *e);

/* A record by id alone, as revisits and metadata name them. */
int lookup_record(const struct collection *c, struct arena *a, const char *text,
    struct found *out, struct error *e);

/* How URL (normalized) ended in the latest snapshot that tells of it, as in
 * "dns at 2026-11-22T08:27:47Z: no such host"; NULL: none does. */
const char *
lookup_outcome(const struct collection *c, struct arena *a, const char *url);

/* The first record of target URI in the records of SNAPSHOT (a path below the
 * collection): connections are in no index. 1 / 0 / -1 (ERROR_SYSTEM). */
int lookup_target(const struct collection *c, struct arena *a,
    const char *snapshot, const char *uri, struct found *out, struct error *e);

/* The latest time that URL without "@TIME" asks for. */
#define LOOKUP_LATEST 253402300799000000ll /* end of the year 9999 */

/*
 * TEXT cut into a normalized URL without fragment and a time: 14 to 20 digits
 * or RFC 3339 behind the last "@"; LOOKUP_LATEST when there is none. 1; 0, not
 * a URL: it has no scheme.
 */
int
lookup_url(struct arena *a, const char *text, const char **url, int64_t *us);

/* Does TEXT look like an article id ("almayadeen-en:1834512")? 1 / 0. */
int lookup_is_article_id(const char *text);

#endif
