#ifndef COLLECTION_VERIFY_PACKAGE_PART_H
#define COLLECTION_VERIFY_PACKAGE_PART_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/verify.h"
#include "core/base/file.h"

struct arena;
struct error;
struct input;
struct revisited;
struct tree;
struct verify_collection_options;
struct verify_collection_totals;
struct verify_package_options;
struct verify_references;

/* A package being verified. Part of verify_package.h; nothing else includes
 * this. */
struct package_check {
	struct tree *tree;
	const struct verify_package_options *whole;
	const struct verify_collection_options *options; /* of WHOLE */
	struct verify_collection_totals *totals;
	struct arena *arena;
	unsigned depth;        /* packages around it */
	const char *within;    /* snapshots are looked for below it: "" */
	struct file_names odd; /* names that are no regular files, sorted */
	struct snapshot_root *roots;
	size_t root_count;
	struct revisited *originals; /* of revisits, while roots are verified */
};

/* A folder in it that holds a snapshot. */
struct snapshot_root {
	const char *below; /* its name with "/", or "" */
	/* As its report says. */
	const char *name, *previous, *previous_manifest; /* "" */
	int has_once; /* some of its record files come by tree_visit alone */
	int is_done;
	struct snapshot_check *check; /* under way */
};

/* FILE is a name in the tree. */
void package_say(struct package_check *p, enum severity severity,
    const char *code, const char *file, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* A level or check that is left out. 1 / 0. */
int package_skips(const struct package_check *p, enum verify_check check);

/* Fill ROOTS with the snapshots that lie below WITHIN. */
void roots_find(struct package_check *p);

/* The one that FILE is in; NULL. */
struct snapshot_root *root_of(const struct package_check *p, const char *file);

/* What their reports say of themselves. ERROR_USAGE: a newer layout. */
int roots_read(struct package_check *p, struct error *e);

/* All of them, and the links between them. -1: ERROR_SYSTEM. */
int roots_verify(struct package_check *p, struct error *e);

/* The container does not read on: said; -1 when that is our machine's. */
int package_broken(
    struct package_check *p, const struct error *why, struct error *e);

/* "PACKAGE/FILE", to be freed. */
char *package_path(const struct package_check *p, const char *file);

/* One record file, by its records. */
int package_record_file(struct package_check *p, const char *file,
    struct input *in, struct verify_references *references, struct error *e);
/* What they name of each other. */
int package_references(struct package_check *p,
    struct verify_references *references, struct error *e);

/* A container in it. */
int package_inner(struct package_check *p, struct input *in, struct error *e);

/* Also one without bagit.txt, which is missing then. 1 / 0. */
int package_is_bag(const struct tree *t);
/* A bag; QUICK: nothing is digested. */
int package_verify_bag(struct package_check *p, int quick, struct error *e);
/* Its folder of payload, in P's arena. */
const char *package_payload(struct package_check *p);

/* A folder of files and a manifest of them, which is no snapshot? 1 / 0. */
int package_is_listed(const struct tree *t);
int package_verify_listed(struct package_check *p, struct error *e);

/* Record files that are in no snapshot, each by itself. */
int package_records(struct package_check *p, struct error *e);

/* Is it called as record files are? 1 / 0. */
int package_is_records(const char *name);

#endif
