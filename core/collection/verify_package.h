#ifndef COLLECTION_VERIFY_PACKAGE_H
#define COLLECTION_VERIFY_PACKAGE_H

#include <stddef.h>
#include <stdint.h>

#include "core/collection/verify_collection.h"

struct error;
struct input;
struct proof_trust;
struct tree;

/*
 * Packages verified where they lie, without unpacking: a WACZ, a bag, a tar or
 * zip of snapshots, by the same named checks as what lies in a collection.
 * Codes besides those of verify.h and verify_collection.h, by check:
 *
 *	package      structure of the container: names, links, layout
 *	resources    files against the hashes that a datapackage or a bag's
 *	             manifests have of them, missing ones, others
 *	pages        page lists against index and records
 *	signature    of a WACZ
 */

enum package_form {
	FORM_NONE,      /* of no such kind */
	FORM_SNAPSHOTS, /* folders that hold snapshots */
	FORM_WACZ,
	FORM_MULTI_WACZ,
	FORM_BAG,
	FORM_LISTED, /* articles and a manifest of them */
	FORM_RECORDS /* record files somewhere in it */
};

/* By the names in it. */
enum package_form package_form_of(const struct tree *t);

struct verify_package_options {
	const struct verify_collection_options *base;
	const struct proof_trust *trust; /* NULL: signatures of nobody known */
	/* TRUST was asked for: who signs as somebody it does not vouch for has
	 * changed something, and that nobody vouches is a warning. */
	int must_trust;
	unsigned depth;        /* lists of WACZ files around it */
	int completeness_only; /* a bag: nothing is digested */
	uint64_t kept_most;    /* as tree_options has it; 0 */
};

/* What was found about who signed it; texts are the caller's to free. */
struct verify_package_facts {
	enum package_form form;
	char *signature; /* "anonymous key sha256:...", "" none */
};

/*
 * PATH, a container or a folder (a bag, an unpacked WACZ). Findings name files
 * in it behind PREFIX. 0: looked at; -1: ERROR_SYSTEM, ERROR_NOTFOUND,
 * ERROR_USAGE (form FORM_NONE or FORM_RECORDS: verify_file is for it; else
 * the package is of a newer layout). The unit that O->base->want is asked
 * about is PATH.
 */
int
verify_package_input(struct input *in, const struct verify_package_options *o,
    struct verify_collection_totals *totals, struct verify_package_facts *facts,
    struct error *e); /* of a container that is open already, and random */
int verify_package(const char *path, const struct verify_package_options *o,
    struct verify_collection_totals *totals, struct verify_package_facts *facts,
    struct error *e);

#endif
