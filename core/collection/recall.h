#ifndef COLLECTION_RECALL_H
#define COLLECTION_RECALL_H

#include <stdint.h>

struct collection;
struct error;
struct exchange;
struct json;

/*
 * The exchange that an outcome line of an open snapshot tells of, read back
 * from its response record: without connection and request. SNAPSHOT is
 * "snapshots/2026/11/NAME.open". 1; 0, the line names no response; -1,
 * ERROR_INTEGRITY or ERROR_SYSTEM.
 */
int recall_exchange(const struct collection *c, const char *snapshot,
    const struct json *line, struct exchange **x, struct error *e);

/* The same of the response record at OFFSET of FILE (below the collection) of
 * URL; a large body goes to a file in SPOOL_DIR. 1; 0, it is no response; -1.
 */
int recall_response(const struct collection *c, const char *file,
    uint64_t offset, const char *url, const char *spool_dir,
    struct exchange **x, struct error *e);

#endif
