#ifndef COLLECTION_LISTING_H
#define COLLECTION_LISTING_H

#include "core/base/output.h"

struct error;

/* A listing to be written front to back: what stands at PATH is replaced. */
int listing_open(struct output *o, const char *path, struct error *e);

/*
 * DIR/articles.jsonl, made from the records under DIR/derived alone: the
 * blocks of article records in the order of their files' names and of their
 * place in them, one per line.
 */
int listing_articles(const char *dir, struct error *e);

#endif
