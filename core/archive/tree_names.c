/* Names that would be one file. */
#include "core/archive/tree_names.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

void
tree_names_add(struct tree_names *n, const char *name)
{
	if (n->count == n->cap) {
		n->cap = n->cap == 0 ? 64 : n->cap * 2;
		n->names = mem_grow(n->names, n->cap, sizeof(*n->names));
	}
	n->names[n->count++] = name;
}

void
tree_names_clear(struct tree_names *n)
{
	free(n->names);
	*n = (struct tree_names){ 0 };
}

/* The weight of a character: the end first, then "/", so that what is in a
 * folder stands right behind a file of the folder's name. */
static int
weight(unsigned char c)
{
	if (c == '\0')
		return 0;
	return c == '/' ? 1 : text_lower(c) + 1;
}

static int
by_folded(const void *a, const void *b)
{
	const char *x = *(const char *const *)a;
	const char *y = *(const char *const *)b;

	while (*x != '\0' &&
	       weight((unsigned char)*x) == weight((unsigned char)*y)) {
		x++;
		y++;
	}
	return weight((unsigned char)*x) - weight((unsigned char)*y);
}

/* Is A, but for case, B or a folder that B is in? */
static int
holds(const char *a, const char *b)
{
	size_t len = strlen(a);

	if (strlen(b) < len || (b[len] != '\0' && b[len] != '/'))
		return 0;
	return text_equal_nocase(b, len, a);
}

int
tree_names_clash(struct tree_names *n, const char **a, const char **b)
{
	if (n->count > 0)
		qsort(n->names, n->count, sizeof(*n->names), by_folded);
	for (size_t i = 1; i < n->count; i++)
		if (holds(n->names[i - 1], n->names[i])) {
			*a = n->names[i - 1];
			*b = n->names[i];
			return 1;
		}
	return 0;
}
