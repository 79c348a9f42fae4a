#ifndef COLLECTION_EXPORT_SELECTION_H
#define COLLECTION_EXPORT_SELECTION_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/manifest.h"
#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/collection/export_part.h"
#include "core/collection/export_pick.h"
#include "core/collection/snapshot.h"
#include "core/collection/target_set.h"

struct digester;
struct export_walk;
struct json;
struct sorter;
struct spool;
struct withdrawn;

/*
 * A snapshot in the making that is never on the disk. Part of export_plan.h.
 * Record files are pieces of others, each behind the warcinfo record it stood
 * behind there; listings are made anew, in unnamed files.
 */

enum { SELECTION_RECORDS, SELECTION_DERIVED, SELECTION_FOLDERS };
enum { SELECTION_INDEX, SELECTION_REPORT, SELECTION_MANIFEST, SELECTION_TEXTS };

struct selection_file {
	const char *name; /* below the selection */
	size_t folder;
	uint64_t first, count; /* of the folder's pieces */
	uint64_t size;
	char hex[65];
};

struct selection {
	struct export_plan *plan;
	struct file_names sources; /* that pieces are of */
	struct export_pieces pieces[SELECTION_FOLDERS];
	struct export_piece pending; /* LENGTH 0: none */
	struct selection_file *files;
	size_t file_count;
	size_t current[SELECTION_FOLDERS]; /* file of it, from 1; 0 none */
	struct digester *digest[SELECTION_FOLDERS]; /* of the current one */
	struct sorter *index;
	struct spool *outcomes, *articles, *pages;
	struct spool *texts[SELECTION_TEXTS]; /* as they go */
	struct snapshot_totals totals;
	struct buf from, runs, marked; /* members of report.json */
	size_t run_count;
	int is_import;
	int64_t newest_us, oldest_us;
	struct manifest kept;         /* profiles: names, digests */
	struct file_names kept_paths; /* where each lies, the same order */
	const char *about;            /* path below the collection of about/ */
	char about_hex[65];
};

/* What is chosen of the snapshots PATHS by the request's filters, and
 * WANTED, made one more snapshot of the plan called TIME-SUFFIX. */
struct export_choice {
	const struct export_request *request;
	const struct file_names *paths;
	const struct export_wanted *wanted;
	size_t wanted_count;
	const struct file_names *whole; /* that go anyhow; NULL */
	const char *suffix;
};
int export_select(struct export_plan *p, struct withdrawn *withdrawn,
    const struct export_choice *x, struct error *e);
void selection_free(struct selection *s); /* NULL is fine */

/* Originals of revisits in the snapshots WHOLE that lie elsewhere, as a
 * selection called TIME-originals; none when there are none. */
int export_select_originals(struct export_plan *p, struct withdrawn *withdrawn,
    const struct export_request *r, const struct file_names *whole,
    struct error *e);

/* One snapshot's records and listings. */
int selection_add_records(
    struct selection *s, struct export_walk *w, struct error *e);
int selection_add_listings(struct selection *s, struct export_pick *k,
    const struct export_walk *w, struct error *e);

/* No record comes any more. */
void selection_end_files(struct selection *s);

/* All of it into the plan. */
int selection_finish(
    struct selection *s, const struct export_choice *x, struct error *e);

#endif
