#ifndef ARCHIVE_BAG_PART_H
#define ARCHIVE_BAG_PART_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/bag.h"
#include "core/archive/bag_text.h"

struct sorter;
struct stream;
struct tree_file;

/*
 * The inside of the verification of a bag. Its manifests are read line by
 * line; each line becomes a claim about a file (sorted by file, whatever there
 * are), or about a name that is not there (sorted by what it is folded to).
 * Then all files are digested in one pass as they come, which gives facts; at
 * the end claims meet facts. Memory is that of the sorters and of the names
 * that the tree holds.
 */

enum { BAG_SORT_BYTES = 8 * 1024 * 1024 };

struct bag_manifest {
	const struct tree_file *file;
	char name[24]; /* of the algorithm */
	int is_tag;
	int is_known; /* it can be computed */
	enum digest_kind kind;
};

/* How a claim came about. */
enum bag_claim {
	CLAIM_EXACT = 0,
	CLAIM_FORM = 1, /* the name in another normal form */
	CLAIM_CASE = 2  /* ... in another case */
};

struct bagging {
	struct tree *tree;
	const struct bag_options *o;
	struct verify_totals *totals;
	const struct tree_file *files;
	size_t count;
	size_t root; /* length of the root's name, with "/" */
	struct bag_declaration declared;
	struct bag_manifest manifests[LIMIT_BAG_MANIFESTS];
	size_t manifest_count;
	struct sorter *claims; /* and facts */
	struct sorter *names;
	uint64_t payload_files, payload_bytes;
	uint64_t forgiven; /* files of a system, listed and not there */
	int has_oxum;
	uint64_t oxum_files, oxum_bytes;
	struct buf shown; /* the name of a finding that is none of the tree's */
};

static inline int
bag_is_payload(const struct bagging *b, const char *name)
{
	return strncmp(name + b->root, "data/", 5) == 0;
}

/* A finding about FILE (a name in the bag, below its root). */
void bag_say(struct bagging *b, enum severity severity, const char *code,
    const char *file, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* What breaks RFC 8493: damage in a bag of 1.0, a warning in older ones,
 * whose drafts did not say so. */
enum severity bag_severity(const struct bagging *b);

/* The file NAME below the root; NULL. */
const struct tree_file *bag_find(const struct bagging *b, const char *name);

/* bagit.txt; the manifests there are. */
int bag_read_declaration(struct bagging *b, struct error *e);
void bag_find_manifests(struct bagging *b);

/* Manifests, fetch.txt and bag-info.txt: claims and names. */
int bag_read_tags(struct bagging *b, struct error *e);

/* MANIFEST says of FILE (a number) that its digest is RAW. */
int bag_add_claim(struct bagging *b, size_t file, size_t manifest,
    enum bag_claim how, const uint8_t *raw, size_t len, struct error *e);

/* Names that are not there; names that are equal when folded. */
int bag_add_absent(struct bagging *b, const char *name, size_t manifest,
    const uint8_t *raw, size_t len, struct error *e);
int bag_add_fetch(struct bagging *b, const char *name, struct error *e);
int bag_compare_names(struct bagging *b, struct error *e);

/* All bytes, and what the claims make of them. */
int bag_digest_files(struct bagging *b, struct error *e);
int bag_compare_claims(struct bagging *b, struct error *e);

#endif
