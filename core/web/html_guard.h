#ifndef WEB_HTML_GUARD_H
#define WEB_HTML_GUARD_H

#include <stddef.h>

struct error;

/*
 * A tree builder's time grows with the square of a page's depth and of a
 * tag's attributes. This looks at the tags alone, in one pass, keeping count
 * of what is open by the main rules of the HTML standard (13.2.6: implied end
 * tags, scopes, formatting elements), and returns ERROR_LIMIT beyond
 * LIMIT_HTML_DEPTH or LIMIT_HTML_ATTRIBUTES. Real pages pass; what slips
 * through is met by the tree's own limits.
 */
int html_guard(const char *s, size_t len, struct error *e);

#endif
