/* From gumbo's tree to a libxml2 document, node by node. */

#include "core/web/page_tree.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <gumbo.h>
#include <libxml/dict.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlstring.h>
#include <libxml/xpath.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/text.h"

/*
 * gumbo gets its memory from the page's arena: its tree is never freed node
 * by node (which would recurse), its strings serve the copy, and the way out
 * of the allocator bounds what it may take. gumbo keeps no state of its own,
 * so nothing is left behind.
 */
struct builder {
	struct arena *arena;
	jmp_buf too_large;
	const char *source;
	size_t source_len;
	struct page_tree *tree;
	size_t offset_cap;
};

static void *
take_memory(void *context, size_t size)
{
	struct builder *b = context;

	if (size > PAGE_TREE_BYTES - arena_size(b->arena))
		longjmp(b->too_large, 1);
	return arena_alloc(b->arena, size);
}

static void
leave_memory(void *context, void *p)
{
	(void)context; /* goes with the arena */
	(void)p;
}

static GumboOutput *
run_gumbo(struct builder *b)
{
	GumboOptions options = kGumboDefaultOptions;

	options.allocator = take_memory;
	options.deallocator = leave_memory;
	options.userdata = b;
	/* Each kept error holds a copy of all open elements. */
	options.max_errors = 0;
	if (setjmp(b->too_large) != 0)
		return NULL;
	return gumbo_parse_with_options(&options, b->source, b->source_len);
}

static int64_t
source_offset(const struct builder *b, const GumboStringPiece *piece)
{
	if (piece->data == NULL || piece->length == 0 ||
	    piece->data < b->source || piece->data >= b->source + b->source_len)
		return -1;
	return piece->data - b->source;
}

static xmlNode *
new_node(struct builder *b, xmlElementType type, int64_t offset)
{
	struct page_tree *tree = b->tree;
	xmlNode *n = arena_alloc(b->arena, sizeof(*n));

	if (tree->count + 1 >= b->offset_cap) {
		b->offset_cap = b->offset_cap * 2 + 1024;
		tree->offsets = mem_grow(
		    tree->offsets, b->offset_cap, sizeof(tree->offsets[0]));
	}
	tree->offsets[++tree->count] = offset;
	n->type = type;
	n->doc = &tree->document;
	n->_private = (void *)(uintptr_t)tree->count;
	return n;
}

static void
link_last(xmlNode *parent, xmlNode *n)
{
	n->parent = parent;
	n->prev = parent->last;
	if (parent->last != NULL)
		parent->last->next = n;
	else
		parent->children = n;
	parent->last = n;
}

/* PREFIX and NAME in lower case, in the dictionary. */
static const xmlChar *
intern(struct builder *b, const char *prefix, const char *name, size_t len)
{
	size_t prefix_len = strlen(prefix);
	char local[64];
	char *word = local;

	if (prefix_len + len > sizeof(local))
		word = arena_alloc(b->arena, prefix_len + len);
	memcpy(word, prefix, prefix_len);
	for (size_t i = 0; i < len; i++)
		word[prefix_len + i] = (char)text_lower((unsigned char)name[i]);
	return xmlDictLookup(b->tree->document.dict, (const xmlChar *)word,
	    (int)(prefix_len + len));
}

/* Elements of svg and math have the plain name that the page wrote. */
static const xmlChar *
element_name(struct builder *b, const GumboElement *g)
{
	GumboStringPiece piece = g->original_tag;
	const char *known = gumbo_normalized_tagname(g->tag);

	if (g->tag != GUMBO_TAG_UNKNOWN)
		return intern(b, "", known, strlen(known));
	gumbo_tag_from_original_text(&piece);
	if (piece.data == NULL || piece.length == 0)
		return intern(b, "", "unknown", 7);
	return intern(b, "", piece.data, piece.length);
}

static const xmlChar *
attribute_name(struct builder *b, const GumboAttribute *g)
{
	size_t len = strlen(g->name);

	switch (g->attr_namespace) {
	case GUMBO_ATTR_NAMESPACE_XLINK:
		return intern(b, "xlink:", g->name, len);
	case GUMBO_ATTR_NAMESPACE_XML:
		return intern(b, "xml:", g->name, len);
	case GUMBO_ATTR_NAMESPACE_XMLNS:
		if (strcmp(g->name, "xmlns") == 0)
			break;
		return intern(b, "xmlns:", g->name, len);
	case GUMBO_ATTR_NAMESPACE_NONE:
		break;
	}
	return intern(b, "", g->name, len);
}

static xmlAttr *
new_attribute(struct builder *b, xmlNode *owner, const GumboAttribute *g)
{
	xmlAttr *attribute = arena_alloc(b->arena, sizeof(*attribute));
	xmlNode *value = arena_alloc(b->arena, sizeof(*value));

	attribute->type = XML_ATTRIBUTE_NODE;
	attribute->name = attribute_name(b, g);
	attribute->parent = owner;
	attribute->doc = owner->doc;
	attribute->children = value;
	attribute->last = value;
	value->type = XML_TEXT_NODE;
	value->name = xmlStringText;
	value->content = (xmlChar *)(uintptr_t)g->value;
	value->doc = owner->doc;
	value->parent = (xmlNode *)attribute;
	return attribute;
}

static xmlNode *
copy_element(struct builder *b, const GumboElement *g)
{
	xmlNode *n = new_node(
	    b, XML_ELEMENT_NODE, source_offset(b, &g->original_tag));
	xmlAttr **next = &n->properties;
	xmlAttr *last = NULL;

	n->name = element_name(b, g);
	for (unsigned int i = 0; i < g->attributes.length; i++) {
		xmlAttr *attribute = new_attribute(b, n, g->attributes.data[i]);

		attribute->prev = last;
		*next = attribute;
		next = &attribute->next;
		last = attribute;
	}
	return n;
}

/* Comments are left out, and what a template holds: it is no part of the
 * page until a script puts it there. */
static xmlNode *
copy_node(struct builder *b, const GumboNode *g)
{
	xmlNode *n = NULL;

	switch (g->type) {
	case GUMBO_NODE_ELEMENT:
	case GUMBO_NODE_TEMPLATE:
		return copy_element(b, &g->v.element);
	case GUMBO_NODE_TEXT:
	case GUMBO_NODE_CDATA:
	case GUMBO_NODE_WHITESPACE:
		n = new_node(b, XML_TEXT_NODE,
		    source_offset(b, &g->v.text.original_text));
		n->name = xmlStringText;
		n->content = (xmlChar *)(uintptr_t)g->v.text.text;
		return n;
	case GUMBO_NODE_DOCUMENT:
	case GUMBO_NODE_COMMENT:
		break;
	}
	return NULL;
}

struct level {
	const GumboVector *children;
	unsigned int next;
	xmlNode *parent;
};

static int
copy_tree(struct builder *b, const GumboNode *document, struct error *e)
{
	struct level stack[LIMIT_HTML_DEPTH + 1];
	size_t depth = 1;

	stack[0] = (struct level){ &document->v.document.children, 0,
		(xmlNode *)&b->tree->document };
	while (depth > 0) {
		struct level *at = &stack[depth - 1];

		if (at->next == at->children->length) {
			depth--;
			continue;
		}
		const GumboNode *g = at->children->data[at->next++];
		xmlNode *n = copy_node(b, g);

		if (n == NULL)
			continue;
		link_last(at->parent, n);
		if (g->type != GUMBO_NODE_ELEMENT)
			continue;
		if (depth > LIMIT_HTML_DEPTH)
			return error_set(e, ERROR_LIMIT,
			    "page: nested deeper than %d elements",
			    LIMIT_HTML_DEPTH);
		stack[depth++] = (struct level){ &g->v.element.children, 0, n };
	}
	return 0;
}

int
page_tree_build(struct page_tree *tree, const char *s, size_t len,
    struct arena *a, struct error *e)
{
	struct builder b = {
		.arena = a, .source = s, .source_len = len, .tree = tree
	};

	tree->document.type = XML_HTML_DOCUMENT_NODE;
	tree->document.doc = &tree->document;
	tree->document.dict = xmlDictCreate();
	if (tree->document.dict == NULL)
		return error_set(e, ERROR_SYSTEM, "page: no dictionary");
	const GumboOutput *out = run_gumbo(&b);
	if (out == NULL)
		return error_set(e, ERROR_LIMIT,
		    "page: its tree takes more than %d bytes", PAGE_TREE_BYTES);
	if (copy_tree(&b, out->document, e) < 0)
		return -1;
	/* Comparisons of XPath by document order become cheap. */
	(void)xmlXPathOrderDocElems(&tree->document);
	return 0;
}

void
page_tree_clear(struct page_tree *tree)
{
	xmlDictFree(tree->document.dict);
	free(tree->offsets);
	*tree = (struct page_tree){ 0 };
}
