#ifndef COLLECTION_CONTENTS_H
#define COLLECTION_CONTENTS_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct http_reader;
struct record;
struct stream;

/*
 * What a record holds for a reader: of HTTP messages the payload (transfer
 * coding removed, WARC 1.1, 6.3.2), of all others the block.
 */
struct contents;

/* Read R's block up to behind the head of its HTTP message. R is borrowed and
 * its block read by nobody else. -1: the block does not read. */
int
contents_open(struct contents **out, const struct record *r, struct error *e);
void contents_free(struct contents *c);

/* The message's head; NULL when R holds no HTTP message. Borrowed. */
const struct http_reader *contents_http(const struct contents *c);

/* Media type without parameters, lower case: of the message, else of the
 * record; "" unknown. Borrowed. */
const char *contents_type(const struct contents *c);

/* Content-Encoding as sent; "" none. Borrowed. */
const char *contents_encoding(const struct contents *c);

/* The bytes; borrowed, read once. */
struct stream *contents_stream(struct contents *c);

#endif
