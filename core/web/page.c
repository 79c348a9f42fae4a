/* A page as a tree of nodes, whatever parser made it. */

#include "core/web/page.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/web/charset.h"
#include "core/web/html_guard.h"
#include "core/web/page_tree.h"
#include "core/web/url.h"

struct page {
	struct arena *arena;
	struct buf source;
	const char *charset;
	const char *charset_source;
	struct url url;
	struct url base;
	struct page_tree tree;
};

/* The node after N in document order that is not below it, within ROOT. */
static const xmlNode *
after(const xmlNode *n, const xmlNode *root)
{
	while (n != root && n->next == NULL)
		n = n->parent;
	return n == root ? NULL : n->next;
}

static const xmlNode *
following(const xmlNode *n, const xmlNode *root)
{
	return n->children != NULL ? n->children : after(n, root);
}

/* The first base element with an address that reads (HTML standard, 4.2.3);
 * the page's own address otherwise. */
static void
find_base(struct page *page)
{
	const xmlNode *root = (const xmlNode *)&page->tree.document;

	for (const xmlNode *n = root; n != NULL; n = following(n, root)) {
		const char *href = NULL;

		if (n->type != XML_ELEMENT_NODE ||
		    strcmp((const char *)n->name, "base") != 0)
			continue;
		href = node_attribute(node_of(n), "href");
		if (href == NULL)
			continue;
		if (url_parse(
			&page->base, href, strlen(href), &page->url, NULL) == 0)
			return;
		break;
	}
	(void)url_copy(&page->base, &page->url); /* a parsed one copies */
}

int
page_parse(struct page **out, const uint8_t *p, size_t len,
    const char *charset_header, const struct url *url, struct error *e)
{
	struct page *page = mem_zero(1, sizeof(*page));
	int rc = -1;

	page->arena = arena_new();
	page->tree.document._private = page;
	if (url_copy(&page->url, url) < 0) {
		error_set(e, ERROR_INPUT, "page: its address does not copy");
		goto done;
	}
	page->charset = charset_find(
	    p, len, charset_header, &page->charset_source);
	if (len > PAGE_BYTES_MAX) {
		error_set(e, ERROR_LIMIT, "page: larger than %d bytes",
		    PAGE_BYTES_MAX);
		goto done;
	}
	(void)charset_decode(page->charset, p, len, &page->source);
	if (page->source.len > PAGE_BYTES_MAX) {
		error_set(e, ERROR_LIMIT, "page: larger than %d bytes",
		    PAGE_BYTES_MAX);
		goto done;
	}
	if (html_guard(buf_text(&page->source), page->source.len, e) < 0 ||
	    page_tree_build(&page->tree, buf_text(&page->source),
		page->source.len, page->arena, e) < 0)
		goto done;
	find_base(page);
	*out = page;
	page = NULL;
	rc = 0;
done:
	page_free(page);
	return rc;
}

void
page_free(struct page *page)
{
	if (page == NULL)
		return;
	page_tree_clear(&page->tree);
	url_clear(&page->base);
	url_clear(&page->url);
	buf_clear(&page->source);
	arena_free(page->arena);
	free(page);
}

const struct url *
page_url(const struct page *page)
{
	return &page->url;
}

const struct url *
page_base(const struct page *page)
{
	return &page->base;
}

const char *
page_charset(const struct page *page)
{
	return page->charset;
}

const char *
page_charset_source(const struct page *page)
{
	return page->charset_source;
}

const char *
page_source(const struct page *page, size_t *len)
{
	*len = page->source.len;
	return buf_text(&page->source);
}

xmlDoc *
page_document(const struct page *page)
{
	return (xmlDoc *)(uintptr_t)&page->tree.document;
}

struct node *
page_root(const struct page *page)
{
	const xmlNode *n = page->tree.document.children;

	while (n != NULL && n->type != XML_ELEMENT_NODE)
		n = n->next;
	return node_of(n);
}

static int
is_element(const xmlNode *n)
{
	return n->type == XML_ELEMENT_NODE;
}

const char *
node_name(const struct node *n)
{
	const xmlNode *x = node_xml(n);

	return is_element(x) ? (const char *)x->name : "";
}

int
node_is_text(const struct node *n)
{
	return !is_element(node_xml(n));
}

const char *
node_attribute(const struct node *n, const char *name)
{
	const xmlNode *x = node_xml(n);

	if (!is_element(x))
		return NULL;
	for (const xmlAttr *a = x->properties; a != NULL; a = a->next)
		if (strcmp((const char *)a->name, name) == 0)
			return (const char *)a->children->content;
	return NULL;
}

struct node *
node_parent(const struct node *n)
{
	const xmlNode *parent = node_xml(n)->parent;

	return is_element(parent) ? node_of(parent) : NULL;
}

struct node *
node_first_child(const struct node *n)
{
	return node_of(node_xml(n)->children);
}

struct node *
node_next(const struct node *n)
{
	return node_of(node_xml(n)->next);
}

static int
is_among(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(name, *names) == 0)
			return 1;
	return 0;
}

/* Elements that begin and end a line (HTML standard, 15.3). */
static int
is_block(const xmlNode *n)
{
	static const char *const names[] = { "address", "article", "aside",
		"blockquote", "body", "button", "caption", "center", "dd",
		"details", "dialog", "dir", "div", "dl", "dt", "fieldset",
		"figcaption", "figure", "footer", "form", "h1", "h2", "h3",
		"h4", "h5", "h6", "head", "header", "hgroup", "hr", "html",
		"iframe", "legend", "li", "listing", "main", "menu", "nav",
		"ol", "optgroup", "option", "p", "pre", "search", "section",
		"select", "summary", "table", "tbody", "td", "textarea",
		"tfoot", "th", "thead", "title", "tr", "ul", "video", NULL };

	return is_among((const char *)n->name, names);
}

static int
is_hidden(const xmlNode *n)
{
	static const char *const names[] = { "noscript", "script", "style",
		"template", NULL };

	return is_among((const char *)n->name, names);
}

struct text_out {
	struct buf *buf;
	size_t start;
	int broken; /* a line ends before what comes next */
};

static void
put_text(struct text_out *out, const char *s)
{
	size_t len = strlen(s);

	if (len == 0)
		return;
	if (out->broken && out->buf->len > out->start &&
	    out->buf->data[out->buf->len - 1] != '\n')
		buf_add_byte(out->buf, '\n');
	out->broken = 0;
	buf_add(out->buf, s, len);
}

void
node_add_text(struct buf *out, const struct node *node)
{
	const xmlNode *root = node_xml(node);
	struct text_out to = { out, out->len, 0 };
	const xmlNode *n = root;

	while (n != NULL) {
		int enter = 0;

		if (!is_element(n)) {
			put_text(&to, (const char *)n->content);
		} else if (n == root || !is_hidden(n)) {
			if (strcmp((const char *)n->name, "br") == 0)
				put_text(&to, "\n");
			to.broken |= is_block(n);
			enter = n->children != NULL;
		}
		if (enter) {
			n = n->children;
			continue;
		}
		/* Leaving a block ends its line too. */
		while (n != root && n->next == NULL) {
			n = n->parent;
			to.broken |= is_block(n);
		}
		n = n == root ? NULL : n->next;
	}
}

/* The place among siblings of the same name, from 1; 0 the only one. */
static size_t
place_among(const xmlNode *n)
{
	size_t place = 1;
	int alone = 1;

	for (const xmlNode *s = n->prev; s != NULL; s = s->prev)
		if (is_element(s) && xmlStrEqual(s->name, n->name))
			place++;
	for (const xmlNode *s = n->next; s != NULL && alone; s = s->next)
		if (is_element(s) && xmlStrEqual(s->name, n->name))
			alone = 0;
	return alone && place == 1 ? 0 : place;
}

void
node_add_path(struct buf *out, const struct node *node)
{
	const xmlNode *chain[LIMIT_HTML_DEPTH + 2];
	const xmlNode *n = node_xml(node);
	size_t count = 0;

	if (!is_element(n))
		n = n->parent;
	for (; is_element(n) && count <= LIMIT_HTML_DEPTH; n = n->parent)
		chain[count++] = n;
	while (count-- > 0) {
		size_t place = place_among(chain[count]);

		buf_format(out, "/%s", (const char *)chain[count]->name);
		if (place > 0)
			buf_format(out, "[%zu]", place);
	}
	if (node_is_text(node))
		buf_add_text(out, "/text()");
}

int64_t
node_offset(const struct node *n)
{
	const xmlNode *x = node_xml(n);
	const struct page *page = x->doc->_private;

	return page->tree.offsets[node_number(x)];
}

int
node_compare(const struct node *a, const struct node *b)
{
	size_t one = node_number(node_xml(a));
	size_t two = node_number(node_xml(b));

	return (one > two) - (one < two);
}

int
node_contains(const struct node *outer, const struct node *inner)
{
	const xmlNode *n = node_xml(inner);

	while (n != NULL && n != node_xml(outer))
		n = n->parent;
	return n != NULL;
}
