/* Digest labels: a value that is read is as long as its kind says, equals
 * itself, and reads back the same from hex. */
#include <stdlib.h>
#include <string.h>

#include "core/base/digest.h"
#include "core/base/mem.h"
#include "core/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	char *text = mem_text_n((const char *)p, len);
	char hex[2 * DIGEST_RAW_MAX + 1];
	struct digest_value v;
	struct digest_value again;
	char *back;

	if (digest_parse(&v, text) == 1) {
		if (v.len != digest_length(v.kind) || !digest_equal(&v, &v))
			abort();
		text_hex(hex, v.raw, v.len);
		back = mem_format("%s:%s", digest_label(v.kind), hex);
		if (digest_parse(&again, back) != 1 ||
		    !digest_equal(&v, &again))
			abort();
		free(back);
	}
	free(text);
	return 0;
}
