#ifndef FORMATS_WALK_H
#define FORMATS_WALK_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/format.h"
#include "core/archive/members.h"

/*
 * One reader for all record files: members of any packing (members.h), and in
 * them heads, blocks and line ends as a dialect has them.
 */

enum { WALK_VERSION_MAX = 16 };

struct dialect {
	const struct format *format;
	/* As record_read_head. */
	int (*read_head)(struct arena *a, struct record *r, const uint8_t *p,
	    size_t len, size_t *used, struct error *e);
	members_begins *begins;
	/*
	 * The first line in P..LEN at which a record begins, behind a line end:
	 * 1, *AT; 0, none: all but the last *KEEP bytes are done with.
	 */
	int (*find)(const uint8_t *p, size_t len, size_t *at, size_t *keep);
	/* Complete R by the first bytes of its block; NULL: nothing to do. */
	void (*settle)(struct arena *a, struct record *r, const uint8_t *p,
	    size_t len, char version[WALK_VERSION_MAX]);
	size_t look;     /* how many bytes of a block SETTLE wants */
	const char *end; /* what stands behind a block */
	size_t end_max;  /* as many line ends may stand there unblamed */
	const char *lacks_end, *other_end; /* what is said else */
};

/* Read IN (kept) by DIALECT. */
struct source *walk_open(const struct dialect *d, struct input *in);

/* What begins at P..LEN, packed or not, behind a byte order mark and blank
 * lines? 100, a record; 10, it cannot be told; 0. */
int walk_recognise(const struct dialect *d, const uint8_t *p, size_t len);

#endif
