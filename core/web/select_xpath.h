#ifndef WEB_SELECT_XPATH_H
#define WEB_SELECT_XPATH_H

#include <stddef.h>

struct buf;
struct error;

/*
 * The XPath 1.0 of one CSS selector list: an expression per alternative, each
 * ended by a NUL byte, appended to OUT. Returns their number, or -1 with
 * ERROR_USAGE and the position (from 1) of what is not understood.
 *
 * Every alternative is "descendant::T[...]": what stands to the left of a
 * combinator is a condition on ancestors and siblings, so that no node comes
 * twice and nothing has to be merged. Besides XPath's own, the expressions
 * call has-word(string, word), nth(a, b, from_end, of_type) and
 * has-text(words), which select.c provides.
 */
int select_xpath(struct buf *out, const char *css, struct error *e);

#endif
