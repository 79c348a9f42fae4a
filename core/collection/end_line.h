#ifndef COLLECTION_END_LINE_H
#define COLLECTION_END_LINE_H

#include <stddef.h>

struct buf;

/* The last line of small files of ours that are replaced as a whole: "end",
 * and the CRC32C of all before it. */
void end_line_add(struct buf *text);

/* Is TEXT whole: does it end so? 1 / 0. */
int end_line_is_right(const char *text, size_t len);

#endif
