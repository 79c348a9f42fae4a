#ifndef COLLECTION_CHAIN_HEAD_H
#define COLLECTION_CHAIN_HEAD_H

#include <stddef.h>

struct collection;
struct error;
struct file_names;

/*
 * The end of the chain that sealed snapshots form: the one sealed last, which
 * none follows. Names tell when a snapshot was begun; one that was left open
 * for several runs is sealed behind others with later names.
 */

/* Its place in SEALED, by what their reports say; SEALED->count: none. Where
 * the chain is broken, the one that ended last of those that could be it. */
size_t
chain_head_read(const struct collection *c, const struct file_names *sealed);

/* Its path, to be freed; NULL with *OUT: there is none. Asks the catalog, and
 * the reports when that does not know all. */
int chain_head(const struct collection *c, char **out, struct error *e);

#endif
