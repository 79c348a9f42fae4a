/* Links are absolute http(s) URLs in ASCII, whatever the page. */
#include <stdlib.h>
#include <string.h>

#include "core/web/links.h"
#include "core/web/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void
each(void *context, const struct link *l)
{
	enum link_kind k;

	(void)context;
	if ((strncmp(l->url, "http://", 7) != 0 &&
		strncmp(l->url, "https://", 8) != 0) ||
	    strchr(l->url, '#') != NULL || l->where[0] == '\0' ||
	    !link_kind_find(link_kind_name(l->kind), &k) || k != l->kind)
		abort();
	for (const char *s = l->url; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~')
			abort();
	for (const char *s = l->where; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~')
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static const char base[] = "https://news.example/a/story?x";
	struct url url = { 0 };
	uint64_t more;

	if (url_parse(&url, base, sizeof(base) - 1, NULL, NULL) != 0)
		abort();
	links_of_html(p, len, &url, each, NULL, &more);
	links_of_css(p, len, &url, each, NULL, &more);
	url_clear(&url);
	return 0;
}
