#ifndef CRAWL_STEPS_H
#define CRAWL_STEPS_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

struct clock;
struct collection;
struct config;
struct error;
struct state;

/*
 * What is to be done after a snapshot was sealed or an alarm was told: hooks
 * and packages. Each is written down first and struck out when it worked, so
 * that what failed is tried again by the next run.
 */

struct steps_options {
	struct state *state;
	const struct collection *collection;
	const struct config *config; /* on-seal, on-alarm, hook-time, also */
	struct clock *clock;
	const volatile sig_atomic_t *stop; /* the rest waits; NULL: never */
};

/* SNAPSHOT (a path below the collection) was sealed. Planned once, however
 * often it is said. Within the caller's transaction. */
int steps_sealed(
    const struct steps_options *o, const char *snapshot, struct error *e);

/* WHEN: "begins", "lasts", "ends". */
int steps_alarm(const struct steps_options *o, const char *when,
    const char *key, const char *text, struct error *e);

/* Do what waits; what failed before comes last. FAILED (once for each kind) says why; *PENDING is how many
 * wait afterwards. No threads may run. */
int steps_do(const struct steps_options *o,
    void (*failed)(void *context, const char *kind, const char *why),
    void *context, uint64_t *pending, struct error *e);

#endif
