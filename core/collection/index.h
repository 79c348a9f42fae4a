#ifndef COLLECTION_INDEX_H
#define COLLECTION_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct collection;
struct error;
struct file_names;

/*
 * The collection-wide index: sorted CDXJ runs under index/, whose file names
 * stand in CURRENT (replaced by rename); small runs are merged when sealing
 * adds one, large ones only when the index is made anew. Where index/ is missing or stale the snapshots' own index.cdxj files
 * are searched instead. "filename" in it is the path below the collection.
 */

/* Add the index of a snapshot just sealed (path below the collection). */
int index_add(struct collection *c, const char *snapshot, struct error *e);

/* Make it anew from the snapshots' index.cdxj. */
int index_rebuild(struct collection *c, struct error *e);

/* The same, and the manifests of CHANGED (paths below the collection) are
 * remembered as they are now. */
int index_renew(
    struct collection *c, const struct file_names *changed, struct error *e);

struct index_hit {
	const char *url, *time, *mime, *digest, *id;
	const char *file;     /* below the collection */
	const char *snapshot; /* path below the collection */
	uint64_t offset, length;
	unsigned status;
};

/* The index as it is now, held open for those who ask often. */
struct index_view;

int index_view_open(
    struct index_view **out, const struct collection *c, struct error *e);
void index_view_free(struct index_view *v); /* NULL is fine */

/*
 * The lines of sealed snapshots from START (included) to END (excluded), in
 * order as long as no more than INDEX_MERGE_MAX files have some; "filename" as
 * above. EACH returns 0 to go on, -1 to stop; LINE is without LF, NUL-ended.
 */
int index_view_each(struct index_view *v, const char *start, const char *end,
    int (*each)(void *context, const char *line, size_t len, struct error *e),
    void *context, struct error *e);
int index_each(const struct collection *c, const char *start, const char *end,
    int (*each)(void *context, const char *line, size_t len, struct error *e),
    void *context, struct error *e);

/* All captures of URL in order of time; texts live in A. */
int index_view_find(struct index_view *v, struct arena *a, const char *url,
    struct index_hit **hits, size_t *count, struct error *e);
int index_find(const struct collection *c, struct arena *a, const char *url,
    struct index_hit **hits, size_t *count, struct error *e);

/* The hit nearest to US; at equal distance (times are whole seconds) 200s win
 * over others, then the later one. */
const struct index_hit *
index_nearest(const struct index_hit *hits, size_t count, int64_t us);

#endif
