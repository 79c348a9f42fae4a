/* Page lists, index lines and blocks, plain and packed. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/wacz_read.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void
read_all(const uint8_t *p, size_t len, int is_packed)
{
	struct input *in = input_of_bytes(p, len, "fuzz");
	struct arena *a = arena_new();
	struct wacz_lines lines;
	char *line;
	size_t n;
	uint64_t number = 0;

	wacz_lines_begin(&lines, in, is_packed, 4096);
	while (wacz_lines_next(&lines, &line, &n, NULL) == 1) {
		struct wacz_page page;
		struct wacz_index_line index;
		struct wacz_block block;

		if (lines.number != ++number || n > 4096 || line[n] != '\0' ||
		    memchr(line, '\n', n) != NULL)
			abort();
		(void)wacz_read_pages_head(a, line, n, NULL);
		if (wacz_read_page(a, line, n, &page, NULL) == 0 &&
		    page.url[0] == '\0')
			abort();
		if (wacz_read_index_line(a, line, n, &index, NULL) == 0 &&
		    (index.url[0] == '\0' || strlen(index.time) < 14))
			abort();
		(void)wacz_read_block(a, line, n, &block, NULL);
		arena_reset(a);
	}
	wacz_lines_end(&lines);
	arena_free(a);
	input_free(in);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	/* What is no gzip is refused at its first byte, after making room for
	 * much that is never used: that would be most of a run. */
	read_all(p, len, len > 0 && p[0] == 0x1f);
	return 0;
}
