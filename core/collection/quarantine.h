#ifndef COLLECTION_QUARANTINE_H
#define COLLECTION_QUARANTINE_H

#include <stdint.h>

struct collection;
struct error;

/* quarantine/ of a collection: nothing in it is ever changed or removed. */

/* Move what lies behind END of the file PATH there, first there, then away
 * here, under the file's name with END in front of SUFFIX, which PATH ends
 * with; END 0 removes the file. *MOVED grows by the bytes. */
int quarantine_tail(const struct collection *c, const char *path, uint64_t end,
    const char *suffix, uint64_t *moved, struct error *e);

/* Move the folder DIR there whole. */
int
quarantine_folder(const struct collection *c, const char *dir, struct error *e);

#endif
