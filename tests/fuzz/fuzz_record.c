/* Record heads: what reads, reads back equal after writing. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct arena *a = arena_new();
	struct record r;
	struct record again;
	struct buf out = { 0 };
	size_t used = 0;
	int64_t us;

	if (record_read_head(a, &r, p, len, &used, NULL) == 1) {
		(void)record_type(&r);
		(void)record_date_us(&r, &us);
		(void)record_uri_field(a, &r, "WARC-Record-ID");
		record_write_head(&out, &r);
		if (used > len ||
		    record_read_head(
			a, &again, out.data, out.len, &used, NULL) != 1 ||
		    used != out.len || again.field_count != r.field_count ||
		    again.block_len != r.block_len)
			abort();
		for (size_t i = 0; i < r.field_count; i++)
			if (strcmp(r.fields[i].value, again.fields[i].value) !=
			    0)
				abort();
	}
	buf_clear(&out);
	arena_free(a);
	return 0;
}
