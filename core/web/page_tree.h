#ifndef WEB_PAGE_TREE_H
#define WEB_PAGE_TREE_H

#include <stddef.h>
#include <stdint.h>

#include <libxml/tree.h>

struct arena;
struct error;
struct node;
struct page;

/*
 * The page's tree as the engine of select.c sees it: a struct node is an
 * xmlNode. Only for page*.c and select*.c.
 */

/* A bound on what one page's tree may take. */
enum { PAGE_TREE_BYTES = 256 * 1024 * 1024 };

/* Where each node stands; the number is kept in _private. */
struct page_tree {
	xmlDoc document;
	int64_t *offsets; /* of each number, into the source; -1 not known */
	size_t count;     /* numbers given, from 1, in document order */
};

/*
 * Build TREE from UTF-8 text, all of it in A (names in the document's
 * dictionary, which page_tree_clear frees). ERROR_LIMIT when it gets deeper
 * than LIMIT_HTML_DEPTH or larger than PAGE_TREE_BYTES.
 */
int page_tree_build(struct page_tree *tree, const char *s, size_t len,
    struct arena *a, struct error *e);
void page_tree_clear(struct page_tree *tree);

/* Borrowed; XPath needs it without const. */
xmlDoc *page_document(const struct page *page);

static inline xmlNode *
node_xml(const struct node *n)
{
	return (xmlNode *)(uintptr_t)n;
}

static inline struct node *
node_of(const xmlNode *n)
{
	return (struct node *)(uintptr_t)n;
}

/* The place in document order. */
static inline size_t
node_number(const xmlNode *n)
{
	return (size_t)(uintptr_t)n->_private;
}

#endif
