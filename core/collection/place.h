#ifndef COLLECTION_PLACE_H
#define COLLECTION_PLACE_H

#include <stdint.h>

struct buf;
struct collection;
struct error;
struct json;

/* Where a new snapshot of any kind lies, and the first line of its journal. */
struct snapshot_place {
	char *name;    /* "20261122T082747Z-web" */
	char *below;   /* "snapshots/2026/11/NAME" */
	char *dir;     /* NAME.open, absolute */
	char *journal; /* NAME.journal, absolute */
	int64_t start_us;
	int64_t second; /* that names it */
};

/* Make the folder NAME.open, named after NOW_US and SITE. Under the
 * collection's lock. */
int place_make(struct snapshot_place *p, const struct collection *c,
    const char *site, int64_t now_us, struct error *e);
void place_clear(struct snapshot_place *p);

/* A new empty journal, its name synced: the descriptor, or -1. */
int place_journal(const struct snapshot_place *p, struct error *e);

/* What sealing needs to know of the run: the JSON of the line "b". RUN goes
 * into report.json; NULL none. */
void place_begin(struct buf *json, const struct snapshot_place *p,
    const struct collection *c, const char *kind, const struct json *run);

/* The same of a run that goes on with it: the JSON of the line "n". NUMBER is
 * 2 for the first that does. */
void place_run(struct buf *json, unsigned number, int64_t started_us,
    const struct json *run);

/* Of NAME, a snapshot there is. -1: ERROR_NOTFOUND. */
int place_find(struct snapshot_place *p, const struct collection *c,
    const char *name, struct error *e);

/* "web" of "20261122T082747Z-web"; "" when NAME is none. */
const char *place_site(const char *name);

#endif
