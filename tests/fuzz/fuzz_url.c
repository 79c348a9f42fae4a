/* A reference and a base, split at the first LF, resolved: what comes out
 * must be ASCII, lie within its text and read back as itself. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/web/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void
check(const struct url *url)
{
	struct url again;
	struct buf out = { 0 };

	assert(strlen(url->text) == url->len);
	for (uint32_t i = 0; i < url->len; i++)
		if (url->text[i] < ' ' || url->text[i] > '~')
			abort();
	if (url->user_start + url->user_len > url->len ||
	    url->host_start + url->host_len > url->len ||
	    url->path_start + url->path_len > url->len ||
	    url->query_start + url->query_len > url->len ||
	    url->fragment_start + url->fragment_len > url->len)
		abort();
	if (url_parse(&again, url->text, url->len, NULL, NULL) != 0 ||
	    strcmp(again.text, url->text) != 0)
		abort();
	url_drop_fragment(&again);
	url_add_origin(&out, &again);
	url_add_request_target(&out, &again);
	url_clear(&again);
	buf_clear(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const char *s = (const char *)p;
	const char *end = memchr(s, '\n', len);
	size_t reference = end == NULL ? len : (size_t)(end - s);
	struct url base;
	struct url url;
	int has_base;

	has_base = end != NULL && url_parse(&base, end + 1, len - reference - 1,
				      NULL, NULL) == 0;
	if (url_parse(&url, s, reference, has_base ? &base : NULL, NULL) == 0) {
		check(&url);
		url_clear(&url);
	}
	if (has_base)
		url_clear(&base);
	return 0;
}
