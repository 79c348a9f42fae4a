#ifndef WEB_LINKS_H
#define WEB_LINKS_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;
struct url;

/*
 * What a page or stylesheet needs and points to, found by the tokenizer alone
 * (no tree), in order of appearance, each URL once per kind; once more when
 * it was the lesser candidate of a srcset and is then met in its own right.
 */

enum link_kind {
	LINK_IMAGE, /* img, srcset, picture, poster, lazy attributes ... */
	LINK_STYLESHEET,
	LINK_SCRIPT,
	LINK_FONT, /* url() in @font-face, preload as=font */
	LINK_ICON,
	LINK_META_IMAGE, /* og:image, twitter:image, JSON-LD */
	LINK_MEDIA,      /* video, audio, source in them, track */
	LINK_FRAME,      /* iframe, frame, embed, object */
	LINK_DATA,       /* manifest, preload as=fetch ... */
	LINK_CSS_IMAGE,  /* url() and image-set() in style rules */
	LINK_PAGE,       /* a href, area href: navigation, not a requisite */
	LINK_NEXT        /* rel=next of a and link: the list goes on there */
};

enum { LINK_KIND_COUNT = LINK_NEXT + 1 };

const char *link_kind_name(enum link_kind k); /* "image" ... */
int link_kind_find(const char *name, enum link_kind *k);

struct link {
	enum link_kind kind;
	const char *url;   /* absolute, ASCII, fragment dropped */
	const char *where; /* "img@srcset", "style", "link[rel=icon]@href" */
	int is_lesser;     /* its srcset has a larger candidate */
	int is_again;      /* handed out as a lesser one before */
};

/*
 * EACH is called for every link found; pointers are valid for the call. At
 * most LIMIT_PAGE_LINKS are handed out; *MORE (may be NULL) counts the rest.
 * P is decoded UTF-8 (or ASCII-compatible) text. URL is where it came from
 * (after redirects). Never fails on broken input.
 */
void links_of_html(const uint8_t *p, size_t len, const struct url *url,
    void (*each)(void *context, const struct link *l), void *context,
    uint64_t *more);
void links_of_css(const uint8_t *p, size_t len, const struct url *url,
    void (*each)(void *context, const struct link *l), void *context,
    uint64_t *more);

/* The candidates of one srcset value (HTML 4.8.4.3.10), invalid ones too. */
void links_of_srcset(const char *p, size_t len,
    void (*each)(void *context, const char *url, size_t url_len,
	const char *descriptor, size_t descriptor_len),
    void *context);

/* A descriptor of a candidate, as handed out, does not rule it out: 1 / 0.
 * Words that are no descriptor are ignored, as browsers do. */
int links_srcset_is_valid(const char *descriptor, size_t len);

#endif
