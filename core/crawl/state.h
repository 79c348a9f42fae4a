#ifndef CRAWL_STATE_H
#define CRAWL_STATE_H

struct clock;
struct collection;
struct db;
struct error;

/*
 * state/run.sqlite: what a crawler must remember between runs and could lose
 * without losing anything kept (DESIGN, 6). One database, WAL, synchronous
 * NORMAL; queue, hosts, watch, sources and alarms have their tables in it. One
 * of another version is made anew; one that does not read is moved aside
 * (run.sqlite.broken-TIME) and made anew.
 */
struct state;

/* Under the collection's lock. *IS_NEW (may be NULL): it was made or made
 * anew: what can be had from snapshots is to be put into it again. */
int state_open(struct state **out, const struct collection *c,
    struct clock *clock, int *is_new, struct error *e);
void state_close(struct state *s); /* undoes an open transaction */

struct db *state_db(struct state *s); /* borrowed */

/* Everything that follows from one page goes into one transaction. Nothing is
 * to be read back from disk: state_commit does not wait for it. */
int state_begin(struct state *s, struct error *e);
int state_commit(struct state *s, struct error *e);

#endif
