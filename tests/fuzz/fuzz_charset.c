/* A label, LF, and text in that charset: what comes out is UTF-8, and the
 * search for a charset finds one by its canonical name. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/web/charset.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const uint8_t *line = memchr(p, '\n', len);
	size_t label_len = line == NULL ? 0 : (size_t)(line - p);
	const char *name = charset_name((const char *)p, label_len);
	const char *source = NULL;
	struct buf out = { 0 };

	if (line != NULL) {
		len -= label_len + 1;
		p = line + 1;
	}
	const char *found = charset_find(p, len, "", &source);

	assert(strcmp(charset_name(found, strlen(found)), found) == 0);
	size_t bad = charset_decode(name == NULL ? found : name, p, len, &out);
	if (!text_is_utf8(out.data, out.len) || bad > out.len / 3 ||
	    out.len > 8 * len)
		abort();
	buf_clear(&out);
	return 0;
}
