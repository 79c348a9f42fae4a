#ifndef COLLECTION_LISTING_H
#define COLLECTION_LISTING_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

struct error;

/* A new file written front to back through a buffer. */
struct listing {
	char *path;
	int fd;
	uint64_t offset;
	struct buf pending;
};

/* What stands at PATH is replaced. */
int listing_open(struct listing *o, const char *path, struct error *e);
int listing_add(struct listing *o, const void *p, size_t len, struct error *e);

/* Written out, synced, closed. */
int listing_finish(struct listing *o, struct error *e);

/* Free; after listing_finish, or to give up. {.fd = -1} is fine. */
void listing_clear(struct listing *o);

/*
 * DIR/articles.jsonl, made from the records under DIR/derived alone: the
 * blocks of article records in the order of their files' names and of their
 * place in them, one per line.
 */
int listing_articles(const char *dir, struct error *e);

#endif
