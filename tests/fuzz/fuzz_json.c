/* What json_quick reads, jansson reads as the same; what jansson refuses,
 * json_quick never takes. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/json_quick.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct error e = { 0 };
	struct json *quick = json_quick(a, (const char *)data, size);
	struct json *careful = json_careful(a, (const char *)data, size, &e);

	if (quick != NULL) {
		struct buf x = { 0 };
		struct buf y = { 0 };

		assert(careful != NULL);
		json_write(&x, quick);
		json_write(&y, careful);
		assert(x.len == y.len && memcmp(x.data, y.data, x.len) == 0);
		buf_clear(&x);
		buf_clear(&y);
	}
	arena_free(a);
	return 0;
}
