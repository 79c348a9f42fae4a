#ifndef COLLECTION_VERIFY_WACZ_PART_H
#define COLLECTION_VERIFY_WACZ_PART_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/verify.h"
#include "core/archive/wacz_read.h"
#include "core/collection/verify_collection.h"
#include "core/collection/verify_package_part.h"

struct error;
struct sorter;
struct tree_file;

/* A WACZ being verified. Part of verify_wacz.h; nothing else includes this. */

enum {
	WACZ_SAID_MOST = 100 /* findings of one kind, the rest are counted */
};

/* Of one kind: so many were found. */
struct wacz_said {
	uint64_t count;
};

struct wacz_check {
	struct package_check p; /* its options are ours, below */
	const struct verify_collection_options *base;
	struct verify_collection_options ours;
	struct wacz_package package;
	int has_package;
	/* What records and index lines say of each other: see
	 * verify_wacz_index.c. */
	struct sorter *records, *pages;
	int unread_index; /* one of them is of a form that is not read */
	struct wacz_said lines, missing, lists;
};

/* Said unless its check is left out. FILE is a name in the tree. */
void wacz_say(struct wacz_check *w, enum severity severity, const char *code,
    const char *file, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* May one more of a kind be said? Counts it. 1 / 0. */
int wacz_may_say(struct wacz_said *s);

/* The rest of a kind, at its end. */
void wacz_say_rest(struct wacz_check *w, const struct wacz_said *s,
    enum severity severity, const char *code, const char *file);

/* A small file of it, appended: 1; 0, it is not there or does not read (said,
 * unless it is not there); -1, ERROR_SYSTEM. */
int wacz_get(struct wacz_check *w, const char *name, size_t most,
    struct buf *out, struct error *e);

/* WHY, from reading FILE: said; -1 when that is our machine's. */
int wacz_broken(struct wacz_check *w, const char *code, const char *file,
    const struct error *why, struct error *e);

/* ---- verify_wacz_files.c ---- */

/* Every file against what datapackage.json has of it, WITH_HASHES or sizes
 * alone. */
int
wacz_check_resources(struct wacz_check *w, int with_hashes, struct error *e);

/* The manifests of our own snapshots in it. */
int wacz_check_manifests(struct wacz_check *w, struct error *e);

/* ---- verify_wacz_compare.c ---- */

/* A record or an index line. */
struct wacz_note {
	const char *file;
	uint64_t offset, length;
	int has_length, is_wanted; /* a record that the index must have */
	const char *time, *digest, *url;
	const char *where; /* of a line: its index and number */
};

/* KIND is 'a' of a record, 'b' of a line. */
int wacz_put_note(
    struct wacz_check *w, int kind, const struct wacz_note *n, struct error *e);

/* KIND is 'a' of an index line, 'b' of a page, at WHERE. */
int wacz_put_page(struct wacz_check *w, const char *url, const char *time,
    int kind, const char *where, struct error *e);

/* A record, as it is verified; NAME in archive/. */
int wacz_note_record(struct wacz_check *w, const char *name,
    const struct verified_record *r, struct error *e);

/* What was noted compared. */
int wacz_check_lists(struct wacz_check *w, struct error *e);

/* ---- verify_wacz_index.c ---- */

/* All of indexes/ and pages/ read. */
int wacz_read_lists(struct wacz_check *w, struct error *e);

#endif
