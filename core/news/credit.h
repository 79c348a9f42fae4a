#ifndef NEWS_CREDIT_H
#define NEWS_CREDIT_H

#include <stddef.h>

struct arena;
struct image_rules;

/*
 * Picture credits in a trailing parenthesis: "(AP)", "(AP Photo/Name)",
 * "(Social media)", "(House; Illustrated by Name)". The words known are the
 * profile's map of agencies; what is not known stays in the caption.
 */

enum { CREDIT_MAX = 80 }; /* bytes between the parentheses */

struct credit {
	const char *text;   /* "AP Photo/Name" as printed */
	const char *agency; /* "" none */
	const char *person; /* "" none */
	const char *kind;   /* agency own social archive illustration */
	const char *rest;   /* the caption without the parenthesis, trimmed */
};

/* 1 accepted, 0 not. */
int credit_find(struct arena *a, const struct image_rules *rules,
    const char *caption, struct credit *out);

/* What stands in a trailing parenthesis, accepted or not; NULL none. */
const char *credit_parenthesis(struct arena *a, const char *caption);

#endif
