/* Bodies as queries: the first byte says of which type. A query is UTF-8 of at
 * most so many characters. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/index_post.h"
#include "core/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static const char *const types[] = {
		"application/x-www-form-urlencoded",
		"application/json",
		"text/plain",
		"multipart/form-data; boundary=b",
		"application/octet-stream",
	};
	struct buf out = { 0 };
	size_t characters = 0;

	if (len == 0)
		return 0;
	index_post_query(&out, types[p[0] % 5], p + 1, len - 1);
	if (!text_is_utf8(out.data, out.len))
		abort();
	for (size_t at = 0; at < out.len; characters++) {
		uint32_t cp;

		at += text_utf8_next(out.data + at, out.len - at, &cp, NULL);
	}
	if (characters > INDEX_QUERY_MAX)
		abort();
	buf_clear(&out);
	return 0;
}
