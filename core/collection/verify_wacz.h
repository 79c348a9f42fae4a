#ifndef COLLECTION_VERIFY_WACZ_H
#define COLLECTION_VERIFY_WACZ_H

#include "core/collection/verify_package.h"

struct error;
struct tree;
struct verify_collection_totals;

/*
 * A WACZ (1.1.1, standards.md 4) where it lies: its layout, every file against
 * datapackage.json, that against datapackage-digest.json and its signature,
 * the records of archive/ as verify_input has them, every line of the index
 * against the record it names and every record against its line, pages against
 * the index, and the manifests of our own snapshots in it. Findings name
 * files "NAME/PATH" with tree_name and are told to O->base->each_finding;
 * O->base->skip leaves checks out. Memory does not grow with the records.
 * FACTS->signature is set to a text of the caller's. 0: looked at; -1:
 * ERROR_SYSTEM.
 */
int verify_wacz(struct tree *t, const struct verify_package_options *o,
    struct verify_collection_totals *totals, struct verify_package_facts *facts,
    struct error *e);

/* The same of a container that holds several and a list of them. */
int verify_multi_wacz(struct tree *t, const struct verify_package_options *o,
    struct verify_collection_totals *totals, struct verify_package_facts *facts,
    struct error *e);

/* The same of such a list, PATH, and the files beside it: 0; 1, PATH is none
 * (nothing was said); -1. */
int verify_wacz_list(const char *path, const struct verify_package_options *o,
    struct verify_collection_totals *totals, struct verify_package_facts *facts,
    struct error *e);

#endif
