/* Names in mirrors, lines of HTTrack's log, bag-info.txt, on any bytes. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/import_layout.h"
#include "core/collection/import_package.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static const struct import_base bases[] = {
		{ .url = "", .scheme = "" },
		{ .url = "http://a.org/x/", .scheme = "https" },
	};
	char *text = mem_text_n((const char *)p, len);
	struct httrack_line l;
	struct buf url = { 0 };
	struct error e = { 0 };
	int64_t us;

	for (int layout = LAYOUT_FILES; layout <= LAYOUT_HTTRACK; layout++)
		for (size_t i = 0; i < 2; i++) {
			buf_reset(&url);
			error_clear(&e);
			if (import_layout_url((enum import_layout)layout,
				&bases[i], text, &url, &e) == 0) {
				if (!text_starts(buf_text(&url), "http"))
					abort();
			} else if (e.kind != ERROR_INPUT || url.len != 0) {
				abort();
			}
		}
	(void)import_is_host(text, strlen(text));
	(void)import_type_of_name(text);
	(void)httrack_began(text, &us);
	if (httrack_line_read(text, &l) &&
	    (l.url[0] == '\0' || l.seconds < 0 || l.seconds >= 90000))
		abort();
	buf_clear(&url);
	free(text);
	return 0;
}
