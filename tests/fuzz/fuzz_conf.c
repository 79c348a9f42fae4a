/* The line grammar of configuration and profiles on any bytes. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/conf.h"
#include "core/base/error.h"

static void
count(void *context, const struct error *e)
{
	size_t *faults = context;

	if (e->kind != ERROR_USAGE || e->text[0] == '\0')
		abort();
	(*faults)++;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct arena *a = arena_new();
	struct error e = { 0 };
	size_t faults = 0;
	struct conf *c = conf_parse(a, "f", (const char *)p, len, &e);
	struct conf *all = conf_parse_all(
	    a, "f", (const char *)p, len, count, &faults);

	if (c == NULL && (e.kind != ERROR_USAGE || e.text[0] == '\0'))
		abort();
	for (size_t i = 0; c != NULL && i < c->count; i++)
		if (c->entries[i].key[0] == '\0' ||
		    strlen(c->entries[i].value) > CONF_LINE_MAX)
			abort();
	/* Without a fault both are the same. */
	if ((c == NULL) != (faults > 0) ||
	    (c != NULL &&
		(c->count != all->count || c->head_count != all->head_count)))
		abort();
	for (size_t i = 0; i < all->count; i++)
		if (all->entries[i].head > all->head_count)
			abort();
	arena_free(a);
	return 0;
}
