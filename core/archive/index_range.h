#ifndef ARCHIVE_INDEX_RANGE_H
#define ARCHIVE_INDEX_RANGE_H

#include "core/base/buf.h"

/* Which lines of a sorted index a question is about (standards.md 3.4). */

enum index_match { INDEX_EXACT, INDEX_PREFIX, INDEX_HOST, INDEX_DOMAIN };

/* From START (included) to END (excluded), appended. An exact match ends
 * behind the blank after the key: what begins like it is another page. */
void index_range(const char *url, enum index_match match, struct buf *start,
    struct buf *end);

#endif
