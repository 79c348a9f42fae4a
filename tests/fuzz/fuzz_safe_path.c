/* Paths for what URLs gave: whatever the URL, none leads out of the folder,
 * hides, or is too long. The first byte chooses the media type. */
#include "core/collection/safe_path.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const char *path, size_t slack)
{
	size_t parts = 1;
	size_t part = 0;

	if (path[0] == '\0' || strlen(path) > SAFE_PATH_MAX + slack)
		abort();
	for (const char *s = path; *s != '\0'; s++) {
		if (*s == '/') {
			if (part == 0 || ++parts > SAFE_DEPTH_MAX)
				abort();
			part = 0;
		} else if ((part == 0 && *s == '.') || *s < 0x21 ||
			   *s == 0x7f || strchr("\\:*?\"<>|", *s) != NULL ||
			   ++part > SAFE_NAME_MAX + slack) {
			abort();
		}
	}
	if (part == 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf path = { 0 };
	struct buf numbered = { 0 };
	char *url;

	if (size == 0)
		return 0;
	url = mem_text_n((const char *)data + 1, size - 1);
	safe_path(&path, url, data[0] % 2 == 0 ? "text/html" : "image/png");
	check(buf_text(&path), 0);
	safe_path_numbered(&numbered, buf_text(&path), 999999);
	check(buf_text(&numbered), 7);
	buf_clear(&path);
	buf_clear(&numbered);
	free(url);
	return 0;
}
