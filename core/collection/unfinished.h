#ifndef COLLECTION_UNFINISHED_H
#define COLLECTION_UNFINISHED_H

#include <stddef.h>

struct arena;
struct collection;
struct error;

/*
 * The pages that should be captured again: of every page ever wanted (as
 * report.json tells) the newest state counts, and that is either a page that
 * lacks a required picture, or a failure that may pass: timeout, connect, dns,
 * server-error, truncated, not-tried. By the URLs that were asked for, in A,
 * bytewise. Makes the catalog anew when it does not hold all snapshots: under
 * the collection's lock.
 */
int unfinished_pages(struct collection *c, struct arena *a, const char ***urls,
    size_t *count, struct error *e);

#endif
