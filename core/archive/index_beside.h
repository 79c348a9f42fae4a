#ifndef ARCHIVE_INDEX_BESIDE_H
#define ARCHIVE_INDEX_BESIDE_H

struct error;

/* The sorted CDXJ index of one record file, written to INDEX, a new file. */
int index_beside(const char *path, const char *index, struct error *e);

#endif
