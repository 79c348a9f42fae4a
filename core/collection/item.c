/* What waits for the writer thread. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/collection/writer.h"
#include "core/web/exchange.h"

enum {
	ITEM_OVERHEAD = 1024,    /* what an item costs at least */
	ITEM_SPOOLED = 64 * 1024 /* a body that lies in a file */
};

struct item *
item_new(enum item_kind kind)
{
	struct item *i = mem_zero(1, sizeof(*i));

	i->kind = kind;
	return i;
}

void
item_set(struct item *i, enum item_text which, const char *text)
{
	free(i->texts[which]);
	i->texts[which] = text == NULL ? NULL : mem_text(text);
}

const char *
item_text(const struct item *i, enum item_text which)
{
	return i->texts[which] == NULL ? "" : i->texts[which];
}

void
item_free(struct item *i)
{
	if (i == NULL)
		return;
	exchange_free(i->exchange);
	for (int k = 0; k < ITEM_TEXT_COUNT; k++)
		free(i->texts[k]);
	buf_clear(&i->data);
	free(i);
}

size_t
item_cost(const struct item *i)
{
	size_t cost = ITEM_OVERHEAD + i->data.len;
	const struct exchange *x = i->exchange;

	if (x == NULL)
		return cost;
	if (x->request != NULL)
		cost += (size_t)spool_len(x->request);
	if (x->response == NULL)
		return cost;
	return cost + (spool_memory(x->response) != NULL
			      ? (size_t)spool_len(x->response)
			      : (size_t)ITEM_SPOOLED);
}

int
item_ends_target(const struct item *i)
{
	return i->kind == ITEM_CAPTURE ||
	       (i->kind == ITEM_LINE && i->line == 'o');
}
