#ifndef WEB_SELECT_H
#define WEB_SELECT_H

#include <stddef.h>

struct arena;
struct error;
struct node;
struct page;

/*
 * CSS selectors compiled to XPath: type, *, #id, .class, [a], [a=v] [a~=v]
 * [a|=v] [a^=v] [a$=v] [a*=v] (with i), descendant, ">", "+", "~", ",",
 * :first-child :last-child :only-child :nth-child(an+b) :nth-last-child
 * :nth-of-type :first-of-type :last-of-type :empty :root :not(...) :is(...)
 * :where(...) :has(...) and our own :contains("...").
 */
struct selector;

/* ERROR_USAGE with the position of what is not understood. */
int selector_compile(struct selector **out, const char *css, struct error *e);
void selector_free(struct selector *s);
const char *selector_text(const struct selector *s);

struct node_list {
	struct node **nodes; /* document order, each once; in the arena */
	size_t count;
};

/* Below ROOT (NULL: the whole page). ERROR_LIMIT when the work limit of the
 * engine is reached. */
int page_select(const struct page *page, const struct selector *s,
    const struct node *root, struct arena *a, struct node_list *out,
    struct error *e);

#endif
