#ifndef ARCHIVE_TREE_NAMES_H
#define ARCHIVE_TREE_NAMES_H

#include <stddef.h>

/*
 * Names of a container's files, to see whether two of them are one: the same,
 * the same but for the case of ASCII letters, or one a folder of the other.
 */

struct tree_names {         /* start with {0} */
	const char **names; /* borrowed */
	size_t count, cap;
};

void tree_names_add(struct tree_names *n, const char *name);
void tree_names_clear(struct tree_names *n);

/* 1 and two that clash; 0. Changes the order of the names. */
int tree_names_clash(struct tree_names *n, const char **a, const char **b);

#endif
