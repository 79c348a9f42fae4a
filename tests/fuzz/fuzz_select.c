/* Any text as a selector on a small page: what compiles selects nodes in
 * document order, each once. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/mem.h"
#include "core/web/page.h"
#include "core/web/select.h"
#include "core/web/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static struct page *
small_page(void)
{
	static const char address[] = "https://news.test/a/b";
	static const char html[] =
	    "<div class='a b' id=x><p title=\"it's\">1 <b>2</b></p><ul>"
	    "<li>3<li class=on>4<li>5</ul><svg><a xlink:href=#></a></svg>";
	struct page *page = NULL;
	struct url url = { 0 };

	if (url_parse(&url, address, sizeof(address) - 1, NULL, NULL) < 0 ||
	    page_parse(&page, (const uint8_t *)html, sizeof(html) - 1, "utf-8",
		&url, NULL) < 0)
		abort();
	url_clear(&url);
	return page;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	char *css = mem_text_n((const char *)p, len);
	struct selector *s = NULL;

	if (selector_compile(&s, css, NULL) == 0) {
		struct page *page = small_page();
		struct arena *a = arena_new();
		struct node_list list;

		if (page_select(page, s, NULL, a, &list, NULL) == 0)
			for (size_t i = 1; i < list.count; i++)
				assert(node_compare(list.nodes[i - 1],
					   list.nodes[i]) < 0);
		arena_free(a);
		page_free(page);
	}
	selector_free(s);
	free(css);
	return 0;
}
