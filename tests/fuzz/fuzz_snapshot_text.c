/* Text of a snapshot as somebody may have changed it: metadata blocks, lines
 * of outcomes.jsonl. */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/collection/verify_part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct buf out = { 0 };
	char *text = mem_text_n((const char *)data, size);

	check_facts_of_block(&out, text, size);
	buf_reset(&out);
	check_facts_of_outcome(&out, json_parse(a, text, size, NULL));
	buf_clear(&out);
	free(text);
	arena_free(a);
	return 0;
}
