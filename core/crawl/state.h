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

/* To look at, without a lock; nothing can be changed. 1; 0, there is none that
 * can be read. */
int state_open_read(struct state **out, const struct collection *c);

/* NULL is fine. Undoes an open transaction; a file found broken meanwhile is
 * moved aside, so that the next run has a new one. */
void state_close(struct state *s);

struct db *state_db(struct state *s); /* borrowed */

/*
 * Everything that follows from one page goes into one transaction. Nothing is
 * to be read back from disk: state_commit does not wait for it. They nest:
 * the outermost pair counts. When something in between failed, state_fail
 * takes the place of state_commit: all is undone at once, and nothing more
 * can be begun or committed with this handle.
 */
int state_begin(struct state *s, struct error *e);
int state_commit(struct state *s, struct error *e);
void state_fail(struct state *s);

/* "return state_end(s, rc, e)": commit when RC is 0 or more, else fail. */
int state_end(struct state *s, int rc, struct error *e);

/* At every outermost commit: BEFORE within the transaction, AFTER behind it
 * (either may be NULL; not 0: state_commit fails). At most 8; a CONTEXT that
 * goes is taken off. */
void
state_on_commit(struct state *s, int (*before)(void *context, struct error *e),
    int (*after)(void *context, struct error *e), void *context);
void state_off_commit(struct state *s, const void *context);

/* The tables of the modules, as state_open runs them ("CREATE TABLE IF NOT
 * EXISTS ..."). Each is defined by its module. */
extern const char known_schema[];
extern const char queue_schema[];
extern const char watch_schema[];
extern const char sources_schema[];

#endif
