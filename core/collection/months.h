#ifndef COLLECTION_MONTHS_H
#define COLLECTION_MONTHS_H

#include <stddef.h>
#include <stdint.h>

struct collection;
struct error;
struct file_names;

/*
 * How many snapshots there are, and the newest: by month, so that a collection
 * of many years is as fast to open as a new one. What was counted in months
 * that have not changed since (by the time of their folder) is remembered in
 * state/months; the last one is always looked at. Without that file all are.
 */
struct month {
	char *path; /* "snapshots/2026/11" */
	int64_t changed_ns;
	uint64_t sealed, open, journals;
	uint64_t sum;      /* of months_hash of the sealed ones' paths */
	char *last_sealed; /* name; "" none */
	char *last;        /* the same, open ones counted in, without ".open" */
};

struct months {
	struct month *list; /* in order */
	size_t count;
	uint64_t sealed, open, journals, sum; /* of all */
	int is_remembered; /* all but the last are in state/months */
};

int months_read(struct months *m, const struct collection *c, struct error *e);
void months_clear(struct months *m);

/* Remember them. Under the collection's lock. */
int months_keep(
    const struct months *m, const struct collection *c, struct error *e);

/* Equal sets of paths have equal sums. */
uint64_t months_hash(const char *path);

/* Path of the newest sealed one, to be freed; NULL: there is none. */
char *months_last_sealed(const struct months *m);
/* Name of the newest one at all; "" none. */
const char *months_last(const struct months *m);

#endif
