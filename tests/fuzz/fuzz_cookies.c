/* Cookie files of any bytes: what is sent is one clean line. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/web/cookies.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cookies_for to = { .host = "www.site.test",
		.path = "/news/1",
		.is_https = 1,
		.now_s = 1000 };
	struct cookies *c = NULL;
	struct buf out = { 0 };
	size_t count;

	if (cookies_parse(&c, (const char *)data, size, NULL) != 0)
		return 0;
	count = cookies_add(c, &to, &out);
	assert(count <= cookies_count(c));
	for (size_t i = 0; i < out.len; i++)
		assert(out.data[i] >= 0x20 && out.data[i] != 0x7f);
	buf_clear(&out);
	cookies_free(c);
	return 0;
}
