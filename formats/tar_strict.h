#ifndef FORMATS_TAR_STRICT_H
#define FORMATS_TAR_STRICT_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct input;

/*
 * What a reader of plain tars passes over, looked at: nothing may hide there
 * and no bit change unnoticed. IN is random, or held these bytes lately. ERROR_INPUT, ERROR_SYSTEM.
 */

/* Zeros from FROM up to TO: what fills a block, what follows the end. */
int
tar_check_zeros(struct input *in, uint64_t from, uint64_t to, struct error *e);

/* The headers of an entry from FROM up to its bytes at TO: one name and one
 * size, none for entries to come; nothing but zeros behind extended ones; sums spelled as in the first header of the tar, whose
 * SPELLING is set then (0: not yet; NULL:
 * they may be, a check sum covers all). */
int tar_check_heads(struct input *in, uint64_t from, uint64_t to,
    unsigned *spelling, struct error *e);

#endif
