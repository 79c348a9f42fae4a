#ifndef COLLECTION_IMPORT_PACKAGE_H
#define COLLECTION_IMPORT_PACKAGE_H

#include <stddef.h>
#include <stdint.h>

#include "core/collection/import_part.h"
#include "core/collection/verify_package.h"

struct tree;

/*
 * Packages that are imported: a WACZ, a bag, folders of snapshots in a
 * container or not. What one says of itself is verified before anything of it
 * is read for its records; what it holds besides records comes along as it is.
 * Part of import.h.
 */

struct import_package {
	struct import *import;
	const char *path;
	size_t place; /* of the object, from 1: sources/PLACE */
	struct tree *tree;
	enum package_form form;
	size_t root; /* bytes of a bag's own folder in every name */
	struct import_package_facts *facts;
	struct kept_file {
		const char *name; /* in the tree */
		const char *hex;
		int is_profile;
	} * kept; /* in bytewise order of their names */
	size_t kept_count;
	struct import_writer *writer; /* in the second reading */
};

/* 1, PATH is one: verified, and either sound or refused (told); 0, it is
 * something else; -1. */
int import_package_open(struct import_package **out, struct import *m,
    const char *path, size_t place, struct error *e);
void import_package_free(struct import_package *p); /* NULL is fine */

/* Is the record file NAME ("PATH/...") of what is sealed in it? 1 / 0. */
int import_package_wants(const struct import_package *p, const char *name);

/* For the report. */
struct json *
import_package_json(const struct import_package *p, struct arena *a);

/* Everything but records, below sources/PLACE and in profiles/. */
int import_package_copy(
    struct import_package *p, struct import_writer *w, struct error *e);

#endif
