#ifndef COLLECTION_INDEX_ANEW_H
#define COLLECTION_INDEX_ANEW_H

struct error;
struct sorter;
struct verified_record;
struct verify_options;

/* index.cdxj of a snapshot, made anew from its records. */

/* The line of R, which lies in FILE (below the snapshot), added to LINES; a
 * record that is in no index has none: 0. 1: added; -1: ERROR_SYSTEM. */
int index_anew_add(struct sorter *lines, const char *file,
    const struct verified_record *r, struct error *e);

/* The record files in FOLDER of the snapshot at DIR, if it is there; what does
 * not read is for verify to tell. */
int index_anew_read(const char *dir, const char *folder,
    const struct verify_options *o, struct error *e);

/* Every record of the snapshot at DIR; DIR/index.cdxj is written, which is not
 * there yet. EACH gets all of them. */
int index_anew(const char *dir,
    void (*each)(void *context, const struct verified_record *r), void *context,
    struct error *e);

#endif
