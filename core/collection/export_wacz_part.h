#ifndef COLLECTION_EXPORT_WACZ_PART_H
#define COLLECTION_EXPORT_WACZ_PART_H

#include <stddef.h>
#include <stdint.h>

#include "core/collection/export_part.h"

struct error;
struct sorter;
struct spool;

/* Shared by the files export_wacz*.c. */

/* A file of the plan in the WACZ, or in several. */
struct wacz_entry {
	const struct export_file *file;
	char *path;           /* in a WACZ */
	char *origin;         /* SNAPSHOT/NAME */
	unsigned first, last; /* parts that hold it, from 1 */
};

/*
 * The plan's files under their names. Records lie flat in archive/, as the
 * standard has it; all others exactly one folder deep, in one that is called
 * as their snapshot and has no "." in its name, because py-wacz knows files by
 * their last two parts alone, and ends in ".sealed" unless it is plain text, because
 * others look into files by their ends. No two names are equal, nor differ in
 * case alone.
 */
struct wacz_names {
	struct wacz_entry *entries; /* as the plan's files */
	size_t count;
	unsigned parts;
};

/* Parts of at most SPLIT bytes (0: one), but no file is cut, and a snapshot
 * only when it does not fit into one. */
void wacz_names_make(
    struct wacz_names *n, const struct export_plan *p, uint64_t split);
void wacz_names_clear(struct wacz_names *n);

/* What lies in NAME of the snapshot that FILE is of; NULL. */
const struct wacz_entry *
wacz_names_find(const struct wacz_names *n, const struct export_plan *p,
    const struct export_file *file, const char *name);

/* Index lines and pages of all parts, sorted, in unnamed files. */
struct wacz_lists {
	struct sorter *lines; /* part, line without LF */
	struct sorter *pages; /* part, kind, ts, url, NUL, JSON */
	struct sorter *needs; /* pairs of parts; NULL: there is one part */
	uint64_t articles;    /* pages in all */
	char *headline;       /* of one of them; "" */
	int more_lines, more_pages;
	const uint8_t *line, *page; /* that come next */
	size_t line_len, page_len;
};

/* DIR is where large lists go. */
int wacz_lists_make(struct wacz_lists *l, struct export_run *x,
    const struct wacz_names *n, const char *dir, struct error *e);
void wacz_lists_clear(struct wacz_lists *l);

/* The first line and page come next. */
int wacz_lists_begin(struct wacz_lists *l, struct error *e);

/* Of PART; parts are asked for in their order, each once. */
struct wacz_part_lists {
	struct spool *index;         /* index.cdxj or index.idx */
	struct spool *packed;        /* index.cdx.gz; NULL */
	struct spool *pages, *extra; /* EXTRA is empty when there are none */
	uint64_t articles;
	char *main_url; /* of the first page; "" */
	int64_t main_us;
};
int wacz_lists_part(struct wacz_lists *l, unsigned part, int packed_index,
    const char *dir, struct wacz_part_lists *out, struct error *e);
void wacz_part_lists_clear(struct wacz_part_lists *p);

/* ---- export_wacz_needs.c: revisits whose contents lie in other parts ---- */

/* A line of the index in PART, into DIGESTS. */
int wacz_needs_add(struct sorter *digests, const char *digest, int is_revisit,
    unsigned part, struct error *e);

/* All lines are there: pairs of parts into NEEDS. */
int
wacz_needs_join(struct sorter *digests, struct sorter *needs, struct error *e);

/* The other parts that PART needs. */
int wacz_needs_part(struct sorter *needs, unsigned part,
    int (*each)(void *context, unsigned other, struct error *e), void *context,
    struct error *e);

#endif
