#ifndef COLLECTION_EXPORT_PICK_H
#define COLLECTION_EXPORT_PICK_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/manifest.h"
#include "core/collection/export_plan.h"
#include "core/collection/target_set.h"

struct arena;
struct cdxj_line;
struct json;
struct withdrawn;

/* What a selection takes of one snapshot. Part of export_plan.h. */

struct export_wanted {
	const char *snapshot; /* path below the collection */
	const char *id;       /* of a response, revisit, resource ... */
};

struct export_pick {
	struct export_plan *plan;
	const struct export_request *request;
	const struct withdrawn *withdrawn;
	struct arena *arena;
	const char *path; /* of the snapshot, below the collection */
	const char *name;
	int is_filtered; /* REQUEST's filters choose from it, too */
	struct manifest manifest;
	char manifest_hex[65];
	const struct json *report; /* without its pages */
	const char *kind;
	int is_import;
	size_t runs;              /* how many made it */
	struct target_set ids;    /* of captures; 0 come along, 1 withdrawn */
	struct target_set urls;   /* whose outcomes come along */
	struct target_set marked; /* imported with wrong digests */
	struct target_set pages;  /* offsets of those of report.json */
	struct target_set gone;   /* URLs of withdrawn captures */
	size_t grown;             /* how often IDS or URLS got something new */
	size_t via_pages;         /* lines of pages that export_pick_via knew */
};

/* Read and choose: what WANTED asks for of this snapshot, and of captures
 * that the filters fit, with all that their pages need. */
int export_pick_make(struct export_pick *k, const struct export_wanted *wanted,
    size_t count, struct error *e);
void export_pick_clear(struct export_pick *k);

/* Each line of its index, cut up: what it tells. */
struct export_line {
	const char *line; /* all of it */
	const char *url, *mime, *id, *file;
	uint64_t offset, length;
	int64_t us;
};
int export_each_line(const struct export_pick *k,
    int (*each)(void *context, const struct export_line *l, struct error *e),
    void *context, struct error *e);

/* Does this line of outcomes.jsonl come along? */
struct outcome_line;
int
export_takes_outcome(const struct export_pick *k, const struct outcome_line *o);

/* Each line of its outcomes. */
int export_each_outcome(const struct export_pick *k,
    int (*each)(void *context, const struct outcome_line *o, struct error *e),
    void *context, struct error *e);

/* Does the capture of this id? */
int export_takes_id(const struct export_pick *k, const char *id);

/* Each page of report.json that does. */
int export_each_page(struct export_pick *k,
    int (*each)(void *context, const struct json *page), void *context,
    struct error *e);

/* What pages of an import need, into IDS; nothing is read when there is no
 * more of them than the last time. */
int export_pick_via(struct export_pick *k, struct error *e);

/* Where originals of its revisits lie: EACH is told. */
int export_pick_originals(struct export_pick *k,
    int (*each)(
	void *context, const char *snapshot, const char *id, struct error *e),
    void *context, struct error *e);

#endif
