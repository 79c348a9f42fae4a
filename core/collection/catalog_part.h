#ifndef COLLECTION_CATALOG_PART_H
#define COLLECTION_CATALOG_PART_H

#include <stdint.h>

struct collection;
struct db;
struct error;

/* Shared by the catalog's two sides; nothing else includes this. */

#define CATALOG_FILE "state/catalog.sqlite"

enum { CATALOG_VERSION = 3, CATALOG_ID_BYTES = 16 };

/* The number in the first row and column of a query with parameters ?1, a
 * number, and ?2, a text (NULL: it has none); 0 no row; -1. */
int64_t catalog_number(struct db *db, const char *sql, int64_t number,
    const char *text, struct error *e);

/* What a payload is found by: the front of its SHA-256; 0: it goes by another
 * digest, or is empty, and is not found. */
int catalog_payload_bytes(const char *digest, uint8_t out[CATALOG_ID_BYTES]);

/* The bytes of "urn:uuid:...". 1 / 0. */
int catalog_id_bytes(const char *id, uint8_t out[CATALOG_ID_BYTES]);

/* What adds snapshots to the tables of DB. Put is for use in a transaction, and
 * does nothing with a snapshot that is there. NULL: failed. */
struct catalog_adding *catalog_adding_new(struct db *db, struct error *e);
void catalog_adding_free(struct catalog_adding *x); /* NULL is fine */
int catalog_adding_put(struct catalog_adding *x, const struct collection *c,
    const char *snapshot, struct error *e);

#endif
