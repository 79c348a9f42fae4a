#ifndef WEB_LINKS_COLLECT_H
#define WEB_LINKS_COLLECT_H

#include <stddef.h>
#include <stdint.h>

#include "core/web/links.h"

/* Where links of a page come together: for links.c and its parts alone. */

struct html_token;

/* What was handed out: two hashes of kind and URL. A page that makes them
 * collide hides its own links alone. */
struct link_mark {
	uint64_t a;
	uint64_t b;
};

struct collector {
	void (*each)(void *context, const struct link *l);
	void *context;
	const struct url *base;
	struct link_mark *marks; /* open addressing; both 0: free */
	size_t mark_cap;
	size_t count, lesser_count;
	uint64_t more;
	int is_lesser; /* the links that follow are lesser candidates */
};

enum { LINKS_WHERE_MAX = 128 };

/* "tag@attribute" from foreign names: cut, and only printable ASCII. */
void links_where(char out[LINKS_WHERE_MAX], const char *tag, size_t tag_len,
    const char *attribute, size_t attribute_len);

/* The URL reference S, found at WHERE: resolved and handed out unless it is
 * no http(s) URL, a placeholder or known. */
void links_add(struct collector *c, enum link_kind kind, const char *s,
    size_t len, const char *where);

/* Every candidate of a srcset. */
void links_add_srcset(struct collector *c, enum link_kind kind, const char *s,
    size_t len, const char *where);

/* Every URL of CSS; that of imports and fonts get their own kinds. */
void links_add_css(
    struct collector *c, const uint8_t *p, size_t len, const char *where);

/* Images in JSON-LD; tolerant of anything. */
void links_add_json_ld(struct collector *c, const uint8_t *p, size_t len);

/* An attribute that may hold a URL for a script to put into place. KIND is
 * what its element shows. IS_IMAGE: it is there to show an image. */
void links_add_lazy(struct collector *c, const struct html_token *tag,
    size_t attribute, enum link_kind kind, int is_image);
int links_is_lazy_name(const char *name, size_t len);

/* The path, or all of it, ends in ".jpg" or the like. */
int links_ends_in_image(const char *s, size_t len);

/* The whole document. DEPTH: how many srcdoc it is in. */
void
links_add_html(struct collector *c, const uint8_t *p, size_t len, int depth);

#endif
