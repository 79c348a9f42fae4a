/* Selecting nodes of a page: XPath by libxml2, the order by ourselves. */

#include "core/web/select.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/web/page.h"
#include "core/web/page_tree.h"
#include "core/web/select_xpath.h"

/* Steps of the engine for one selection: some tenths of a second. */
enum { STEPS_MAX = 20 * 1000 * 1000 };

struct selector {
	char *text;
	xmlXPathCompExpr **alternatives;
	size_t count;
};

/* libxml2 would print; what is wrong is seen from the results. */
static void
be_silent(void *context, xmlErrorPtr why)
{
	(void)context;
	(void)why;
}

/* Charge work that the engine does not see; 0 when there was too much. */
static int
charge(xmlXPathParserContext *x, size_t steps)
{
	xmlXPathContext *context = x->context;

	if (context->opLimit != 0 &&
	    steps > context->opLimit - context->opCount) {
		context->opCount = context->opLimit;
		xmlXPathErr(x, XPATH_OP_LIMIT_EXCEEDED);
		return 0;
	}
	context->opCount += steps;
	return 1;
}

/* The functions below serve select_xpath's expressions alone, which always
 * pass the right number of arguments. */

/* has-word(string, word): WORD is among the words of STRING. */
static void
has_word(xmlXPathParserContext *x, int argument_count)
{
	xmlChar *word = xmlXPathPopString(x);
	xmlChar *string = xmlXPathPopString(x);
	const char *s = (const char *)string;
	size_t len = word == NULL ? 0 : strlen((const char *)word);
	int found = 0;

	(void)argument_count;
	while (s != NULL && len > 0 && *s != '\0' && !found) {
		size_t n = strcspn(s, " \t\n\f\r");

		found = n == len && memcmp(s, word, n) == 0;
		s += n;
		s += strspn(s, " \t\n\f\r");
	}
	xmlFree(string);
	xmlFree(word);
	xmlXPathReturnBoolean(x, found);
}

/* nth(a, b, from_end, of_type): the node's place is a * n + b, n >= 0. */
static void
nth(xmlXPathParserContext *x, int argument_count)
{
	int of_type = (int)xmlXPathPopNumber(x);
	int from_end = (int)xmlXPathPopNumber(x);
	long b = (long)xmlXPathPopNumber(x);
	long a = (long)xmlXPathPopNumber(x);
	const xmlNode *node = x->context->node;
	size_t steps = 0;
	long place = 0;

	(void)argument_count;
	for (const xmlNode *n = node; n != NULL && n->type != XML_DOCUMENT_NODE;
	     n = from_end ? n->next : n->prev) {
		steps++;
		if (n->type == XML_ELEMENT_NODE &&
		    (!of_type || xmlStrEqual(n->name, node->name)))
			place++;
	}
	if (!charge(x, steps))
		return;
	long far = place - b;
	int found = a == 0 ? far == 0 : far % a == 0 && far / a >= 0;

	xmlXPathReturnBoolean(x, found);
}

/* Every run of white space becomes one space. */
static void
add_folded(struct buf *out, const char *s)
{
	int space = 0;

	for (; *s != '\0'; s++) {
		int no_break = (uint8_t)s[0] == 0xc2 && (uint8_t)s[1] == 0xa0;

		if (no_break || text_is_space((unsigned char)*s)) {
			space = 1;
			s += no_break;
			continue;
		}
		if (space && out->len > 0)
			buf_add_byte(out, ' ');
		space = 0;
		buf_add_byte(out, (uint8_t)*s);
	}
}

/* has-text(words): the node's text holds them, white space folded. */
static void
has_text(xmlXPathParserContext *x, int argument_count)
{
	xmlChar *words = xmlXPathPopString(x);
	struct buf want = { 0 };
	struct buf text = { 0 };
	struct buf folded = { 0 };

	(void)argument_count;
	if (words != NULL)
		add_folded(&want, (const char *)words);
	node_add_text(&text, node_of(x->context->node));
	add_folded(&folded, buf_text(&text));
	if (charge(x, 1 + text.len / 8))
		xmlXPathReturnBoolean(
		    x, strstr(buf_text(&folded), buf_text(&want)) != NULL);
	buf_clear(&folded);
	buf_clear(&text);
	buf_clear(&want);
	xmlFree(words);
}

static xmlXPathContext *
new_context(xmlDoc *document)
{
	xmlXPathContext *context = xmlXPathNewContext(document);

	if (context == NULL)
		return NULL;
	context->error = be_silent;
	context->opLimit = STEPS_MAX;
	if (xmlXPathRegisterFunc(
		context, (const xmlChar *)"has-word", has_word) == 0 &&
	    xmlXPathRegisterFunc(context, (const xmlChar *)"nth", nth) == 0 &&
	    xmlXPathRegisterFunc(
		context, (const xmlChar *)"has-text", has_text) == 0)
		return context;
	xmlXPathFreeContext(context);
	return NULL;
}

int
selector_compile(struct selector **out, const char *css, struct error *e)
{
	struct selector *s = mem_zero(1, sizeof(*s));
	xmlXPathContext *context = new_context(NULL);
	struct buf paths = { 0 };
	int rc = -1;
	int count = 0;

	s->text = mem_text(css);
	if (context == NULL) {
		error_set(e, ERROR_SYSTEM, "selector: no XPath context");
		goto done;
	}
	count = select_xpath(&paths, css, e);
	if (count < 0)
		goto done;
	s->alternatives = mem_zero((size_t)count, sizeof(s->alternatives[0]));
	const char *path = buf_text(&paths);
	for (; s->count < (size_t)count; path += strlen(path) + 1) {
		xmlXPathCompExpr *compiled = xmlXPathCtxtCompile(
		    context, (const xmlChar *)path);

		if (compiled == NULL) {
			error_set(e, ERROR_USAGE,
			    "selector '%s': too deeply nested", css);
			goto done;
		}
		s->alternatives[s->count++] = compiled;
	}
	*out = s;
	s = NULL;
	rc = 0;
done:
	buf_clear(&paths);
	xmlXPathFreeContext(context);
	selector_free(s);
	return rc;
}

void
selector_free(struct selector *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++)
		xmlXPathFreeCompExpr(s->alternatives[i]);
	free(s->alternatives);
	free(s->text);
	free(s);
}

const char *
selector_text(const struct selector *s)
{
	return s->text;
}

static int
compare_nodes(const void *a, const void *b)
{
	const struct node *const *one = a;
	const struct node *const *two = b;

	return node_compare(*one, *two);
}

/* Document order, each once. */
static size_t
put_in_order(struct node **nodes, size_t count)
{
	size_t kept = 0;

	if (count > 1)
		qsort(nodes, count, sizeof(nodes[0]), compare_nodes);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || nodes[kept - 1] != nodes[i])
			nodes[kept++] = nodes[i];
	return kept;
}

static void
add_nodes(struct buf *found, const xmlNodeSet *set)
{
	for (int i = 0; set != NULL && i < set->nodeNr; i++) {
		struct node *n = node_of(set->nodeTab[i]);

		buf_add(found, &n, sizeof(n));
	}
}

int
page_select(const struct page *page, const struct selector *s,
    const struct node *root, struct arena *a, struct node_list *out,
    struct error *e)
{
	xmlDoc *document = page_document(page);
	xmlXPathContext *context = new_context(document);
	struct buf found = { 0 };
	int rc = -1;

	*out = (struct node_list){ 0 };
	if (context == NULL) {
		error_set(e, ERROR_SYSTEM, "selector: no XPath context");
		goto done;
	}
	for (size_t i = 0; i < s->count; i++) {
		context->node = root != NULL ? node_xml(root)
					     : (xmlNode *)document;
		xmlXPathObject *result = xmlXPathCompiledEval(
		    s->alternatives[i], context);

		if (result == NULL || result->type != XPATH_NODESET) {
			xmlXPathFreeObject(result);
			error_set(e, ERROR_LIMIT,
			    "selector '%s': takes more than %d steps here",
			    s->text, STEPS_MAX);
			goto done;
		}
		add_nodes(&found, result->nodesetval);
		xmlXPathFreeObject(result);
	}
	out->count = found.len / sizeof(out->nodes[0]);
	if (out->count > 0)
		out->nodes = arena_dup(a, found.data, found.len);
	out->count = put_in_order(out->nodes, out->count);
	rc = 0;
done:
	buf_clear(&found);
	xmlXPathFreeContext(context);
	return rc;
}
