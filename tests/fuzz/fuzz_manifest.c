/* Manifests: what reads is exactly what would be written. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/manifest.h"
#include "core/base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct manifest m = { 0 };
	struct buf out = { 0 };

	if (manifest_read(&m, (const char *)p, len, NULL) == 0) {
		manifest_write(&out, &m);
		if (out.len != len || memcmp(out.data, p, len) != 0)
			abort();
	}
	manifest_clear(&m);
	buf_clear(&out);
	return 0;
}
