/* Any bytes as a page: every node is reached, numbered in document order and
 * has text, a path and an offset within the source. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/web/page.h"
#include "core/web/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void
check_node(const struct page *page, const struct node *n)
{
	size_t len = 0;

	(void)page_source(page, &len);
	assert(node_offset(n) >= -1 && node_offset(n) <= (int64_t)len);
	assert(node_is_text(n) == (node_name(n)[0] == '\0'));
	(void)node_attribute(n, "id");
}

static void
walk(const struct page *page)
{
	struct node *n = page_root(page);
	size_t depth = 1;

	while (n != NULL) {
		struct node *next = node_first_child(n);

		check_node(page, n);
		if (next != NULL && ++depth > LIMIT_HTML_DEPTH + 1)
			abort();
		while (next == NULL && n != NULL) {
			next = node_next(n);
			if (next == NULL) {
				n = node_parent(n);
				depth--;
			}
		}
		assert(next == NULL || node_compare(n, next) < 0);
		n = next;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static const char address[] = "https://news.test/a/b";
	struct page *page = NULL;
	struct url url = { 0 };
	struct buf out = { 0 };

	if (url_parse(&url, address, sizeof(address) - 1, NULL, NULL) < 0)
		abort();
	if (page_parse(&page, p, len, "", &url, NULL) == 0) {
		walk(page);
		node_add_text(&out, page_root(page));
		node_add_path(&out, page_root(page));
	}
	buf_clear(&out);
	page_free(page);
	url_clear(&url);
	return 0;
}
