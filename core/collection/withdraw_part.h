#ifndef COLLECTION_WITHDRAW_PART_H
#define COLLECTION_WITHDRAW_PART_H

#include "core/collection/withdraw.h"
#include "core/collection/withdrawn_file.h"

/* What the files of withdraw share. */

/* A line of KIND for every record of the set. */
int withdraw_add(struct collection *c, const struct withdraw_set *s,
    const struct withdraw_order *o, enum withdrawn_kind kind, struct error *e);

#endif
