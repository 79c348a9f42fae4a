/* The line grammar of configuration and profiles on any bytes. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/conf.h"
#include "core/base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct arena *a = arena_new();
	struct error e = { 0 };
	struct conf *c = conf_parse(a, "f", (const char *)p, len, &e);

	if (c == NULL && (e.kind != ERROR_USAGE || e.text[0] == '\0'))
		abort();
	for (size_t i = 0; c != NULL && i < c->count; i++)
		if (c->entries[i].key[0] == '\0' ||
		    strlen(c->entries[i].value) > CONF_LINE_MAX)
			abort();
	arena_free(a);
	return 0;
}
