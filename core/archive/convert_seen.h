#ifndef ARCHIVE_CONVERT_SEEN_H
#define ARCHIVE_CONVERT_SEEN_H

#include <stddef.h>

/*
 * What became of records, by a name of theirs: the last million or so of them,
 * in 8 MiB at most. Part of convert.h; nothing else includes this.
 */
struct convert_seen;

struct convert_seen *convert_seen_new(void);
void convert_seen_free(struct convert_seen *s);
void convert_seen_add(
    struct convert_seen *s, const char *name, const char *more, int went);

/* 1 it went over, 0 it did not, -1 not known. */
int convert_seen_find(
    const struct convert_seen *s, const char *name, const char *more);

#endif
