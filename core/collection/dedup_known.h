#ifndef COLLECTION_DEDUP_KNOWN_H
#define COLLECTION_DEDUP_KNOWN_H

struct collection;
struct dedup;
struct error;

/* The responses that a dedup may refer to besides its own: those of the CDXJ
 * index at PATH, whose files lie beside it; those of a collection. -1:
 * ERROR_NOTFOUND, ERROR_INPUT (a line that is none), ERROR_SYSTEM. */
int dedup_know_index(struct dedup *d, const char *path, struct error *e);
int dedup_know_collection(
    struct dedup *d, const struct collection *c, struct error *e);

#endif
