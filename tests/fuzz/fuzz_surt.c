/* The SURT key of any text: graphic ASCII without a blank, never empty, and
 * the same by the short way and the long. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/cdxj.h"
#include "core/archive/surt_session.h"
#include "core/base/buf.h"
#include "core/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	char *url = mem_text_n((const char *)p, len);
	struct buf key = { 0 };
	struct buf any = { 0 };

	cdxj_add_key(&key, url);
	if (key.len == 0)
		abort();
	surt_add_any(&any, url);
	if (any.len != key.len || memcmp(any.data, key.data, key.len) != 0)
		abort();
	/* "filedesc" is kept as it stands. */
	for (size_t i = 0; i < key.len; i++)
		if ((key.data[i] <= ' ' || key.data[i] > '~') &&
		    memcmp(key.data, "filedesc", 8) != 0)
			abort();
	buf_clear(&key);
	buf_clear(&any);
	free(url);
	return 0;
}
