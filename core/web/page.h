#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct error;
struct url;

/*
 * A page as a tree, behind our own interface; which parser made it is known
 * in page.c alone (gumbo, copied to libxml2), which engine selects is known
 * in select.c alone. Only for workers: nothing here is safe against hostile
 * input by itself but the guards that page_parse applies first (size, depth
 * and attribute counts by the tokenizer: ERROR_LIMIT).
 */
struct page;
struct node; /* borrowed from its page */

enum { PAGE_BYTES_MAX = 8 * 1024 * 1024 }; /* raw, and as UTF-8 */

/* P is the decoded body (content coding removed); CHARSET_HEADER the charset
 * of the Content-Type ("" none). The charset is found by BOM, header, meta,
 * then guessed; text is UTF-8 from here on. Comments and what is in a template
 * are not in the tree; svg and math have plain lower-case names; an attribute
 * of a namespace is spelt "xlink:href". */
int page_parse(struct page **out, const uint8_t *p, size_t len,
    const char *charset_header, const struct url *url, struct error *e);
void page_free(struct page *page);

const struct url *page_url(const struct page *page);
const struct url *page_base(const struct page *page); /* base href honoured */
const char *page_charset(const struct page *page);    /* "utf-8" */
const char *page_charset_source(const struct page *page); /* "bom" "header"
    "meta" "guess" "default" */

/* The whole text as UTF-8. Borrowed. */
const char *page_source(const struct page *page, size_t *len);

struct node *page_root(const struct page *page);
const char *node_name(const struct node *n); /* lower case; "" for text */
int node_is_text(const struct node *n);
const char *node_attribute(const struct node *n, const char *name); /* NULL */
struct node *node_parent(const struct node *n);
struct node *node_first_child(const struct node *n);
struct node *node_next(const struct node *n); /* sibling */

/* All text below N in document order, appended, as it stands; script, style,
 * template and noscript below N are left out (a script's own text is read by
 * asking the script). br gives LF, block elements are separated by LF. */
void node_add_text(struct buf *out, const struct node *n);

/* Where N stands: "/html/body/main/article/p[2]", appended; the place among
 * siblings of the same name is printed when there are any. Text is its
 * parent's path and "/text()". */
void node_add_path(struct buf *out, const struct node *n);

/* Byte offset in page_source of N's start tag (or text); -1 when not known. */
int64_t node_offset(const struct node *n);

/* Document order: negative, 0, positive. */
int node_compare(const struct node *a, const struct node *b);
int node_contains(const struct node *outer, const struct node *inner);

#endif
