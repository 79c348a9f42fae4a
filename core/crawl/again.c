/* After a run that was cut off: what it had fetched arrives from the
 * snapshot, and all that follows from it is done over. */
#include "core/crawl/capture_part.h"

#include <stdlib.h>

#include "core/base/mem.h"

/* A target's exchange, read back, to be taken like one that has ended. */
struct recalled {
	struct recalled *next;
	struct target *target;
	struct exchange *exchange;
};

int
capture_recall(struct capture *c, struct target *t, struct error *e)
{
	struct recalled *r;
	struct exchange *x = NULL;
	int rc;

	if (c->o->resume == NULL || t->is_fresh)
		return 0;
	rc = snapshot_recall(c->snapshot, t->url, &x, e);
	if (rc != 1)
		return rc;
	t->is_recalled = 1;
	r = mem_zero(1, sizeof(*r));
	r->target = t;
	r->exchange = x;
	r->next = c->recalled;
	c->recalled = r;
	return 1;
}

int
capture_recalled(struct capture *c, struct target **t, struct exchange **x)
{
	struct recalled *r = c->recalled;

	if (r == NULL)
		return 0;
	*t = r->target;
	*x = r->exchange;
	c->recalled = r->next;
	free(r);
	return 1;
}
