#ifndef ARCHIVE_BAG_H
#define ARCHIVE_BAG_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/verify.h"

struct error;
struct package_writer;
struct stream;
struct tree;

/* BagIt (RFC 8493, and 0.93 to 0.97): read by their letter, written as 1.0. */

/* Has it a bagit.txt, at its root or in its only folder? 1 / 0. ROOT gets
 * that folder with "/", or "". */
int bag_is(const struct tree *t, const char **root);

struct bag_options {
	void (*each_finding)(void *context, const struct finding *f);
	/* Every payload file as it passes, for who verifies what is in it:
	 * NULL. What it leaves unread is read on. */
	int (*each_payload)(
	    void *context, const char *name, struct input *in, struct error *e);
	void *context;
	int completeness_only; /* names, sizes, Payload-Oxum: no digests */
	uint32_t skip;
};

/* 0: looked at, findings tell; -1: ERROR_SYSTEM. */
int bag_verify(struct tree *t, const struct bag_options *o,
    struct verify_totals *totals, struct error *e);

#endif
