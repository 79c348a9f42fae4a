/* URLs lie where they are said to lie, one behind the other. */
#include <stdlib.h>

#include "core/web/css_urls.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

struct check {
	size_t len;
	size_t end; /* of the last one */
};

static void
each(void *context, const struct css_url *url)
{
	struct check *c = context;

	if (url->start < c->end || url->end < url->start || url->end > c->len ||
	    url->text[url->len] != '\0')
		abort();
	c->end = url->end;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct check c = { len, 0 };

	css_urls(p, len, each, &c);
	return 0;
}
