/* Withdrawals, tombstones and generations: what reads of a tombstone is what
 * would be written, and no line counts that does not follow the one before. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/collection/tombstone.h"
#include "core/collection/withdrawn_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static int
each(void *context, const struct withdrawn_line *line, struct error *e)
{
	(void)context;
	(void)e;
	if (line->what.record == NULL || line->what.reason == NULL ||
	    line->what.is_erased != (line->kind == WITHDRAWN_ERASE))
		abort();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct arena *a = arena_new();
	struct buf text = { 0 };
	struct buf out = { 0 };
	struct withdrawn_end end;
	struct tombstone t;
	struct tombstone again;

	buf_add(&text, p, len);
	(void)withdrawn_lines_read(
	    a, "fuzz", buf_text(&text), len, each, NULL, &end, NULL);
	if (end.at > len)
		abort();
	(void)generation_read(a, buf_text(&text), len);
	if (tombstone_read(a, buf_text(&text), len, &t)) {
		tombstone_write(&out, &t);
		if (!tombstone_read(a, buf_text(&out), out.len, &again) ||
		    strcmp(t.record, again.record) != 0 ||
		    t.block_len != again.block_len)
			abort();
	}
	buf_clear(&text);
	buf_clear(&out);
	arena_free(a);
	return 0;
}
