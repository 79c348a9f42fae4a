#ifndef COLLECTION_LAYOUT_H
#define COLLECTION_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;
struct file_names;

/*
 * A collection: the long-lived directory of snapshots, index, state, local
 * profiles and configuration (DESIGN, 6). Readers take no lock and work on a
 * read-only mount.
 */

enum { COLLECTION_LAYOUT = 1 };

struct collection {
	char *dir;    /* absolute */
	char *id;     /* "urn:uuid:..." */
	char *prefix; /* file name prefix of segments */
	int64_t created_us;
	int lock_fd; /* -1 unless collection_lock succeeded */
};

struct collection_facts {
	const char *id;     /* made by the caller, who owns randomness */
	const char *prefix; /* [A-Za-z0-9._~-]+ */
	int64_t now_us;
};

/* Make DIR (and its parents) a collection: collection.json, README.txt,
 * sub-directories. A non-empty directory that is no collection is
 * ERROR_USAGE. */
int collection_create(
    const char *dir, const struct collection_facts *f, struct error *e);

/* ERROR_NOTFOUND: no such directory; ERROR_USAGE: not a collection, or a
 * newer layout. */
int collection_open(struct collection **out, const char *dir, struct error *e);
void collection_free(struct collection *c); /* lets go of the lock */

/* For writing verbs. ERROR_LOCKED when another process holds it. */
int collection_lock(struct collection *c, struct error *e);

/* "DIR/A/B", to be freed. */
char *collection_path(const struct collection *c, const char *name);

/* Sealed snapshots as paths below DIR ("snapshots/2026/11/NAME"), in bytewise
 * order of their names, which is the order of sealing times; ".open" ones
 * apart when OPEN is not NULL. */
int collection_snapshots(const struct collection *c, struct file_names *sealed,
    struct file_names *open, struct error *e);

/* The open ones alone. */
int collection_open_ones(
    const struct collection *c, struct file_names *out, struct error *e);

/* The folders of months: "snapshots/2026/11". */
int collection_months(
    const struct collection *c, struct file_names *out, struct error *e);

/* The snapshots that have a journal beside them, as paths without its suffix
 * (".journal"), in bytewise order: open ones, and those whose sealing was cut
 * off at the very end. */
int collection_journals(
    const struct collection *c, struct file_names *out, struct error *e);

/* Everything a sealed snapshot must hold, by name, for verify and README. */
extern const char *const snapshot_files[]; /* ends with NULL */

#endif
