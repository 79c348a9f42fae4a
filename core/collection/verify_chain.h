#ifndef COLLECTION_VERIFY_CHAIN_H
#define COLLECTION_VERIFY_CHAIN_H

#include <stddef.h>

#include "core/archive/verify.h"
#include "core/base/file.h"
#include "core/collection/target_set.h"

struct collection;
struct error;
struct verify_collection_options;
struct verify_collection_totals;

/* The chain of a collection's snapshots being verified, and index/. Part of
 * verify_collection.h; nothing else includes this. */
#define CHAIN_NONE SIZE_MAX

struct chain {
	const struct collection *collection;
	const struct verify_collection_options *options;
	struct verify_collection_totals *totals;
	struct file_names sealed, open;
	struct target_set gone; /* snapshots that were said to be gone */
	size_t *previous; /* of each: place in SEALED of the one it follows,
	    from 1; 0 not read yet, CHAIN_NONE there is none */
};

int chain_open(struct chain *ch, const struct collection *c,
    const struct verify_collection_options *o,
    struct verify_collection_totals *totals, struct error *e);
void chain_close(struct chain *ch);

/* FILE is below the collection. SEVERITY_CHANGED. */
void chain_say(struct chain *ch, const char *code, const char *file,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void chain_note(
    struct chain *ch, const char *code, const char *file, const char *text);
void chain_warn(
    struct chain *ch, const char *code, const char *file, const char *text);

/* Snapshot NUMBER of SEALED against the one it says it follows. */
void chain_check_link(struct chain *ch, size_t number);

/* What index/ remembers of the manifests: of all snapshots, those that are
 * gone among them, or of one (ONLY not NULL). */
int chain_check_witness(struct chain *ch, const char *only, struct error *e);

/* withdrawals.jsonl, and what snapshots kept of it. */
int chain_check_withdrawals(struct chain *ch, struct error *e);

/* BEHIND was sealed after BEFORE: it knows what that knew. */
void chain_check_copies(struct chain *ch, size_t before, size_t behind);

/* Do the runs of index/ hold what the snapshots' own indexes give? */
int chain_check_index(struct chain *ch, struct error *e);

#endif
