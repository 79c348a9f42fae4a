#ifndef WEB_CSS_URLS_H
#define WEB_CSS_URLS_H

#include <stddef.h>
#include <stdint.h>

/*
 * The URLs in a stylesheet or a style attribute, found by the tokenization
 * rules of CSS Syntax 3 in linear time: url(x), url("x"), src("x"),
 * image("x"), the strings of image-set() and -webkit-image-set(), and
 * @import "x". URLs in comments, in strings, in bad-url tokens and of
 * @namespace are none.
 */

enum css_url_kind {
	CSS_URL_IMAGE, /* whatever is not one of the others */
	CSS_URL_IMPORT,
	CSS_URL_FONT /* anything in @font-face */
};

struct css_url {
	enum css_url_kind kind;
	const char *text; /* escapes resolved, not resolved against a base */
	size_t len;       /* may be 0 */
	size_t start;     /* the raw bytes of it, without quotes */
	size_t end;
};

/* P is UTF-8 or ASCII-compatible. Pointers are valid for the call. */
void css_urls(const uint8_t *p, size_t len,
    void (*each)(void *context, const struct css_url *url), void *context);

#endif
