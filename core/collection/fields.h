#ifndef COLLECTION_FIELDS_H
#define COLLECTION_FIELDS_H

#include <stdint.h>

#include "core/web/exchange.h"

struct buf;
struct capture_facts;
struct connection;
struct json;

/* Blocks of our own records. */

/* "name: value CRLF" of application/warc-fields, appended; bytes of VALUE
 * that would break the line become blanks, invalid UTF-8 U+FFFD. */
void fields_add(struct buf *out, const char *name, const char *value);

/* The facts of a connection in canonical JSON (ARCHIVING.md), appended; it
 * goes by NUMBER in its snapshot. */
void
connection_write(struct buf *out, const struct connection *c, uint64_t number);

/* The block of a warcinfo record: what wrote it, then FIELDS, an object of
 * strings (NULL none). */
void warcinfo_write(
    struct buf *out, const char *snapshot, const struct json *fields);

/* The block of a capture's metadata record: the standard's three fields
 * (WARC 1.1, 6.5), then ours. OUTCOME is what the records amount to,
 * CONNECTION its URN, or "". */
void metadata_write(struct buf *out, const struct exchange *x,
    const struct capture_facts *f, enum outcome outcome, const char *connection,
    int with_sha1);

/* "urn:holdfast:article:..." of a page, appended. */
void derived_uri(struct buf *out, const char *kind, const char *page_url);

#endif
