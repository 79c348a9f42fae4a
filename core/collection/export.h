#ifndef COLLECTION_EXPORT_H
#define COLLECTION_EXPORT_H

#include <stdint.h>

struct collection;
struct error;

/*
 * A sealed snapshot (a path below the collection) as a package at PATH: its
 * manifest and exactly the files that it lists, byte for byte, under the
 * snapshot's name, all dated to the end of its run. Each file is digested on
 * the way: ERROR_INTEGRITY when it is not as it was sealed; nothing is left
 * at PATH then. *BYTES is the sum of the files' sizes, *COUNT how many.
 */
int export_snapshot(const struct collection *c, const char *snapshot,
    const char *path, uint64_t *count, uint64_t *bytes, struct error *e);

#endif
