/* The last line of files that are replaced as a whole. */
#include "core/collection/end_line.h"

#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/text.h"

enum { TAIL = sizeof("end 00000000\n") - 1 };

void
end_line_add(struct buf *text)
{
	buf_format(text, "end %08x\n", text_crc32c(text->data, text->len));
}

int
end_line_is_right(const char *text, size_t len)
{
	char want[TAIL + 1];

	if (len <= TAIL)
		return 0;
	(void)snprintf(
	    want, sizeof(want), "end %08x\n", text_crc32c(text, len - TAIL));
	return memcmp(text + len - TAIL, want, TAIL) == 0;
}
