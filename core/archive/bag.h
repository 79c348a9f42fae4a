#ifndef ARCHIVE_BAG_H
#define ARCHIVE_BAG_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/verify.h"

struct error;
struct input;
struct package_writer;
struct stream;
struct tree;

/* BagIt (RFC 8493, and 0.93 to 0.97): read by their letter, written as 1.0. */

/* Has it a bagit.txt, at its root or in its only folder? 1 / 0. The first
 * ROOT bytes of every name in the tree are that folder with "/" (0: none). */
int bag_is(const struct tree *t, size_t *root);

struct bag_options {
	void (*each_finding)(void *context, const struct finding *f);
	/* Every payload file as it passes, for who verifies what is in it:
	 * NULL. NAME is that in the tree. What it leaves unread is read on;
	 * 0; -1 with ERROR_SYSTEM or ERROR_STOPPED ends it all. */
	int (*each_payload)(
	    void *context, const char *name, struct input *in, struct error *e);
	void *context;
	int completeness_only; /* names, sizes, Payload-Oxum: no digests */
	uint32_t skip;
};

/*
 * Complete and valid as RFC 8493, 3 has it; nothing is ever fetched, and no
 * name that a manifest gives is opened but that of a file of the tree. What
 * the standard forbids and older drafts did not is a warning in their bags.
 * 0: looked at, findings tell; -1: ERROR_SYSTEM, or EACH_PAYLOAD failed.
 * TOTALS gets findings, no files or bytes. Codes: package, resource-digest,
 * resource-missing, resource-extra; names of findings are those in the tree.
 */
int bag_verify(struct tree *t, const struct bag_options *o,
    struct verify_totals *totals, struct error *e);

/* Labels and values of bag-info.txt, in their order. */
struct bag_field {
	const char *label, *value;
};

/*
 * A bag written front to back into a package, in bytewise order of names:
 * bag-info.txt (the fields given, but those of no value, Bag-Size,
 * Payload-Oxum), bagit.txt, data/..., manifests and tag manifests of SHA-256
 * and SHA-512. Equal calls, equal bytes. FOLDER holds it all: "name" or "".
 * FILES and BYTES are how much payload there will be.
 */
struct bag_writer;
int bag_begin(struct bag_writer **out, struct package_writer *to,
    const char *folder, const struct bag_field *fields, size_t field_count,
    uint64_t files, uint64_t bytes, struct error *e);

/* As package_put, NAME below data/: ERROR_USAGE when it holds "%", CR or LF,
 * which programs read differently. HEX: SHA-256 of what BYTES gives, which
 * the stream compares itself; NULL or "" when it is not known. */
int bag_put(struct bag_writer *w, const char *name, uint64_t size,
    struct stream *bytes, const char *hex, struct error *e);

/* Manifests. ERROR_USAGE when it was other payload than announced. The package
 * is still to be finished. */
int bag_end(struct bag_writer *w, struct error *e);
void bag_free(struct bag_writer *w); /* NULL is fine */

#endif
