#ifndef ARCHIVE_CONVERT_HEAD_H
#define ARCHIVE_CONVERT_HEAD_H

#include <stdint.h>

#include "core/archive/record.h"

struct arena;

/*
 * Heads for another version. WARC to WARC, only what the version asks for
 * changes: its line; WARC-Profile, whose URIs carry the version; to 1.1 the
 * brackets around target and profile URIs go (5.8, 5.14 have none); to 1.0
 * dates are cut to seconds (1.0 knows no other). Line ends, order and spelling
 * of everything else stay, so do folded lines.
 */

/* R->head for VERSION ("WARC/1.1", "WARC/1.0"), in A. 1, it changed; 0. */
int convert_head(struct arena *a, struct record *r, const char *version);

/*
 * R as ARC gives it (arc_head.h) for VERSION: the same fields and
 * WARC-Record-ID, which is derived from FILE (its last part counts), OFFSET,
 * URI and date: the same record always gets the same. 1; 0, it has no date
 * and breaks the standard there.
 */
int convert_arc_head(struct arena *a, struct record *r, const char *version,
    const char *file, uint64_t offset);

#endif
