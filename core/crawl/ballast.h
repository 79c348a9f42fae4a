#ifndef CRAWL_BALLAST_H
#define CRAWL_BALLAST_H

#include <stdint.h>

struct collection;
struct error;

/*
 * state/ballast: room held back on the disk. When the disk is full it is let
 * go, so that what was acknowledged can be sealed and told.
 */

/* Hold up to BYTES back, of what is free beyond LEAST at most a quarter. 0;
 * -1 is no reason to stop. */
int ballast_keep(const struct collection *c, uint64_t bytes, uint64_t least,
    struct error *e);

/* 1: there was some. */
int ballast_release(const struct collection *c);

#endif
