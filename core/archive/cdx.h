#ifndef ARCHIVE_CDX_H
#define ARCHIVE_CDX_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct cdxj_facts;
struct error;

/* Legacy index lines: fields between blanks (standards.md 3.2), and any index
 * line read. */

/* The line that says which fields follow, with LF: of 9 or 11 fields. */
const char *cdx_header(unsigned fields);

/* A line with LF, appended. */
void cdx_add_line(struct buf *out, const struct cdxj_facts *f, unsigned fields);

/* A line of any index, without LF: CDXJ, or CDX of 7, 9, 10, 11 or 14 fields,
 * told apart by how many there are. Texts are "" where there is nothing. */
struct index_line {
	const char *key, *time, *url, *mime, *digest, *file;
	unsigned status;
	uint64_t length, offset;
	struct json *json; /* of CDXJ: all of it; NULL */
};

/* LINE is cut up; all lives in A. -1: ERROR_INPUT. */
int index_line_read(
    struct index_line *out, struct arena *a, char *line, struct error *e);

#endif
