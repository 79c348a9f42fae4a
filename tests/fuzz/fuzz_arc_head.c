/* ARC record lines: whatever they are, they are read within their bounds, and
 * what is certainly a line reads as one. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/arc_head.h"
#include "core/base/arena.h"
#include "core/base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct arena *a = arena_new();
	char version[ARC_VERSION_MAX] = "";
	struct record r;
	size_t used = 0;
	int64_t us;
	int begins = arc_begins(p, len);
	int got = arc_read_head(a, &r, p, len, &used, NULL);

	if (used > len || (got > 0 && used == 0))
		abort();
	if (begins > 0 && got < 0 && memcmp(p, "filedesc:", 9) != 0 &&
	    r.field_count == 0)
		abort();
	if (got > 0) {
		if (record_field(&r, "Content-Length") == NULL ||
		    record_field(&r, "WARC-Type") == NULL)
			abort();
		arc_settle(a, &r, p + used, len - used, version);
		(void)record_date_us(&r, &us);
		if (strncmp(r.version, "ARC/", 4) != 0)
			abort();
	}
	arena_free(a);
	return 0;
}
