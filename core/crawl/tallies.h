#ifndef CRAWL_TALLIES_H
#define CRAWL_TALLIES_H

#include <stdint.h>

struct collection;
struct config;
struct error;
struct state;

/*
 * Sums that status tells without reading every snapshot: bytes by site and
 * day, pages that are incomplete, when runs ended. In state/run.sqlite; what
 * can be had from snapshots is put into a new one again.
 */

/* Their tables; before anything else, once for each state that is opened. */
int tallies_open(struct state *s, struct error *e);

/* SNAPSHOT (a path below the collection) was sealed. Counted once. */
int tallies_add(struct state *s, const struct collection *c,
    const struct config *config, const char *snapshot, struct error *e);

/* Was the snapshot NAME counted? 1 / 0. */
int tallies_has(struct state *s, const char *name);

/* A page of SITE was captured. */
int tallies_page(struct state *s, const char *site, const char *url,
    int is_complete, int64_t now_us, struct error *e);

/* The turn of SITE begins, and when its last one did; 0 never. */
int tallies_turn(
    struct state *s, const char *site, int64_t now_us, struct error *e);
int64_t tallies_last_turn(struct state *s, const char *site);

/* A run ended. */
int tallies_ended(struct state *s, int64_t now_us, int code, struct error *e);

/* Was this state filled from the snapshots, or begun with none? 1 / 0. A state
 * may have been made by a verb that had no use for that. */
int tallies_is_filled(struct state *s);
int tallies_set_filled(struct state *s, struct error *e);

struct tally_site {
	uint64_t snapshots, bytes;
	uint64_t recent_bytes; /* of the last TALLY_DAYS days */
	uint64_t incomplete;   /* pages */
};
enum { TALLY_DAYS = 14 };

/* SITE "": all. What does not read is 0. */
void tallies_of(
    struct state *s, const char *site, int64_t now_us, struct tally_site *out);

/* When a run ended last, with what code, and when one ended well (that is:
 * was able to do its work, whatever sites answered); 0 never. */
struct tally_runs {
	int64_t ended_us, good_us, first_day;
	int code;
};
void tallies_runs(struct state *s, struct tally_runs *out);

#endif
