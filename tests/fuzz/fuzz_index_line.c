/* Index lines of any kind: what is read lies in the line, and a time that is
 * read of CDXJ is digits. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/cdx.h"
#include "core/base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct arena *a = arena_new();
	struct index_line l;

	if (index_line_read(
		&l, a, arena_text_n(a, (const char *)p, len), NULL) == 0) {
		if (l.json != NULL &&
		    l.time[strspn(l.time, "0123456789")] != '\0')
			abort();
		if (strlen(l.key) + strlen(l.time) > len ||
		    strlen(l.url) > 6 * len || strlen(l.file) > 6 * len)
			abort();
	}
	arena_free(a);
	return 0;
}
