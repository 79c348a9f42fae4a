#ifndef COLLECTION_EXPORT_PART_H
#define COLLECTION_EXPORT_PART_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/file.h"
#include "core/collection/export.h"
#include "core/collection/export_plan.h"

struct arena;
struct manifest;
struct package;
struct package_writer;
struct selection;
struct spool;
struct stream;

/* Shared by the files export_*.c. */

/* Bytes of files below the collection, one behind the other, spooled. */
struct export_pieces {
	struct spool *spool;      /* of struct export_piece */
	struct file_names *files; /* below the collection; the plan's */
	uint64_t count;
};

struct export_piece {
	uint64_t file; /* of FILES */
	uint64_t offset, length;
};

/* Where a file's bytes are: one of these. */
struct export_source {
	const char *path;             /* a whole file below the collection */
	struct spool *text;           /* all of it; the plan's */
	struct export_pieces *pieces; /* COUNT of them from FIRST on */
	uint64_t first, count;
};

struct export_plan {
	struct arena *arena;
	const struct collection *collection;
	int is_selection;
	struct file_names snapshots; /* names */
	struct export_file *files;
	struct export_source *sources; /* one for each file */
	size_t count, cap;
	uint64_t bytes;
	int64_t newest_us, oldest_us;
	struct selection *selection; /* NULL: nothing is selected */
	volatile sig_atomic_t *stop; /* while it is made; NULL */
};

/* ERROR_STOPPED when asked to. */
int export_plan_goes_on(const struct export_plan *p, struct error *e);

/* Takes a copy of F and SOURCE; texts stay the caller's (the arena's). */
void export_plan_add(struct export_plan *p, const struct export_file *f,
    const struct export_source *source);

/* Snapshots by their paths, each whole, into P. */
int export_whole(
    struct export_plan *p, const struct file_names *paths, struct error *e);

/* Names of snapshots as the names of what is in them sort: "web-2/x" stands
 * before "web/x". */
int export_compare_snapshots(const char *x, const char *y);

/* Paths of snapshots: one more; then in order of names, each once. */
void export_add_path(struct file_names *paths, const char *path);
void export_settle_paths(struct file_names *paths);

/* The manifest of a snapshot; HEX its own SHA-256. */
int export_manifest(const struct export_plan *p, const char *snapshot,
    struct manifest *m, char hex[65], struct error *e);

/* The capture that REVISIT, a record of URL, repeats: by its id, or when none
 * is told by its address and time. 1; 0 it is nowhere; -1. Texts live in A. */
struct index_hit;
struct index_view;
struct record;
int export_find_original(struct index_view *index, struct arena *a,
    const struct record *revisit, const char *url, const struct index_hit **hit,
    struct error *e);

/* ---- what every kind of package does with a plan ---- */

struct export_run {
	const struct export_plan *plan;
	const struct export_options *options;
	struct export_result *result;
	int64_t time_us;    /* of everything */
	uint64_t done, all; /* bytes */
};

void export_run_begin(struct export_run *x, const struct export_plan *p,
    const struct export_options *o, struct export_result *r);

/* INNER (borrowed), counted and told of; ERROR_STOPPED when asked to. */
struct stream *export_run_stream(struct export_run *x, struct stream *inner);

/* F as NAME into W, checked on the way. */
int export_run_put(struct export_run *x, struct package_writer *w,
    const char *name, const struct export_file *f, struct error *e);

/*
 * For what is a folder, or a folder in a tar by the name's end: the kind, and
 * what the folder in the tar is called ("": PATH is it), the caller's to free.
 * ERROR_USAGE for ends of other packages.
 */
int export_folder_kind(const char *path, const struct package **kind,
    char **folder, struct error *e);

/* Nothing but the plan's files would be in PATH: into the result. */
int export_run_dry(struct export_run *x, const char *path, struct error *e);

/* PATH is finished: its name and size into the result. */
int export_run_made(struct export_run *x, const char *path, struct error *e);

#endif
