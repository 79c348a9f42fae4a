#ifndef ARCHIVE_ARC_HEAD_H
#define ARCHIVE_ARC_HEAD_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/record.h"

struct arena;
struct error;

/*
 * Heads of ARC files, the predecessor of WARC: one line before each block,
 *
 *	URL IP-address Archive-date Content-type Archive-length          (v1)
 *	URL IP-address Archive-date Content-type Result-code Checksum
 *	    Location Offset Filename Archive-length              (v2, one line)
 *
 * read as a record of the fields that WARC would have: WARC-Type,
 * WARC-Target-URI, WARC-Date (when the digits are a date), WARC-IP-Address,
 * Content-Type, Content-Length; and as they stand, Archive-date and
 * Content-type as ARC-Date and ARC-Content-Type, in v2 also ARC-Result-Code,
 * ARC-Checksum, ARC-Location, ARC-Offset and ARC-Filename. "-" is left out.
 * There is no record id. The URL may hold blanks.
 *
 * WARC-Type is "warcinfo" for the version block (filedesc://, its name as
 * WARC-Filename), "response" for blocks that begin with "HTTP/" (their
 * Content-Type is then application/http; msgtype=response) and for dns:,
 * "resource" for the rest. The version is "ARC/1.0", or what the version block
 * of the file said.
 */

/* As record_read_head, for ARC. */
int arc_read_head(struct arena *a, struct record *r, const uint8_t *p,
    size_t len, size_t *used, struct error *e);

enum { ARC_VERSION_MAX = 16, ARC_LOOK_BYTES = 32 };

/*
 * Complete R by the first LEN bytes of its block (ARC_LOOK_BYTES, unless it is
 * shorter). VERSION is that of the file: set by a version block, else used;
 * it starts as "".
 */
void arc_settle(struct arena *a, struct record *r, const uint8_t *p, size_t len,
    char version[ARC_VERSION_MAX]);

/* Does an ARC record certainly begin at P..LEN? 1 / 0; -1, the line is not
 * whole. */
int arc_begins(const uint8_t *p, size_t len);

#endif
