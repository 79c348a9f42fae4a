#ifndef COLLECTION_IMPORT_FOLDER_H
#define COLLECTION_IMPORT_FOLDER_H

#include <stddef.h>
#include <stdint.h>

#include "core/collection/import_layout.h"
#include "core/collection/import_part.h"

#define HTTRACK_LIST "hts-cache/new.txt"
#define HTTRACK_LOG  "hts-log.txt"

struct digester;
struct index_view;
struct tree;

/*
 * Folders that hold no record files but what other programs fetched: each
 * file becomes a resource record (import_layout.h tells its URL). Part of
 * import.h.
 */

struct import_folder {
	struct import *import;
	const char *path;
	size_t place;  /* of the object, from 1: sources/PLACE */
	size_t number; /* in the result's files */
	struct tree *tree;
	enum import_layout layout;
	struct import_base base;
	struct spool *entries;   /* JSON lines of what is to be copied */
	struct digester *digest; /* of all lines */
	struct seen_set *seen;   /* files that a log named */
	struct index_view *index;
	struct json *unread; /* what the tree does not take */
	size_t unread_count;
	size_t front; /* bytes before the tree's names in HTTrack's list */
	int64_t began_us;
};

/* Is every folder to be taken so? 1 / 0. */
int import_wants_folder(const struct import_options *o);

enum import_layout import_layout_of(const struct tree *t);

/* ERROR_NOTFOUND: no layout that we know; ERROR_USAGE. */
int import_folder_open(struct import_folder **out, struct import *m,
    const char *path, size_t place, struct error *e);
void import_folder_free(struct import_folder *f); /* NULL is fine */

/* What is known of one file before it is read. */
struct import_found {
	const char *path; /* in the tree */
	const char *url;
	const char *type;  /* as somebody says; "" */
	int64_t date_us;   /* INT64_MIN: of the file */
	struct json *more; /* what a log says of it; NULL */
};

/* A file that has a URL is to be copied. One that does not read is told. */
int import_folder_add(
    struct import_folder *f, const struct import_found *k, struct error *e);

/* Something that is not imported; IS_LOSS: it should have been. */
void import_folder_leave(struct import_folder *f, const char *path,
    const char *code, const char *why, int is_loss);

/* All that the list of HTTrack names. */
int import_httrack_survey(struct import_folder *f, struct error *e);

/* The first reading: one more of the result's files. */
int import_folder_survey(struct import_folder *f, struct error *e);

/* The second. */
int import_folder_copy(
    struct import_folder *f, struct import_writer *w, struct error *e);

#endif
