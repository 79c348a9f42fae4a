#ifndef COLLECTION_README_H
#define COLLECTION_README_H

struct buf;

/* The README.txt of a collection, appended: for whoever finds the disk. */
void readme_write(struct buf *out, const char *id, const char *created);

#endif
