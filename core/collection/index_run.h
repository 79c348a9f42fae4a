#ifndef COLLECTION_INDEX_RUN_H
#define COLLECTION_INDEX_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/collection/line_reader.h"

struct error;

/*
 * Runs of the collection's index: NAME.cdxj, sorted bytewise without equal
 * lines, and NAME.top, for every INDEX_TOP_LINES-th line of it its key, its
 * time and where it begins.
 */

enum { INDEX_TOP_LINES = 64, INDEX_MERGE_MAX = 64 };

/* Something sorted that is merged: a run, or the index.cdxj of a snapshot,
 * whose "filename" values get PREFIX ("snapshots/2026/11/NAME/") in front. */
struct index_source {
	struct line_reader lines;
	char *prefix;    /* NULL: a run */
	struct buf line; /* the current one, with LF */
	int more;
};

/* ERROR_NOTFOUND, ERROR_SYSTEM. PREFIX is copied. */
int index_source_open(struct index_source *s, const char *path,
    const char *prefix, struct error *e);
void index_source_close(struct index_source *s);

/* S->line is the next line: 1; 0, the end; -1, as line_reader_next. */
int index_source_next(struct index_source *s, struct error *e);

/* LINE, of a snapshot's own index, with PREFIX in front of its file's name,
 * appended. */
void index_add_prefixed(struct buf *out, const char *line, const char *prefix);

/* Merge COUNT sources into PATH (NAME.cdxj) and its .top, both synced.
 * *BYTES is the size of the run. Sources are read to their ends. */
int index_run_write(const char *path, struct index_source *sources,
    size_t count, uint64_t *bytes, struct error *e);

/* "NAME.top" of "NAME.cdxj"; to be freed. */
char *index_top_path(const char *run_path);

#endif
