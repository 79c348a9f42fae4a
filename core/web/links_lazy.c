/* Attributes that scripts put into src and srcset later. */
#include <string.h>

#include "core/base/text.h"
#include "core/web/html_token.h"
#include "core/web/links_collect.h"

/*
 * How much a name says. Of an image's own names any URL counts; names that
 * others use too, and images' names elsewhere, need a value that looks like an
 * image; any other data-* needs one that ends like an image file.
 */
enum trust { TRUST_NONE, TRUST_ANY_DATA, TRUST_SHARED, TRUST_OWN };

static const char *const own_names[] = { "data-src", "data-srcset", "data-lazy",
	"data-lazy-src", "data-lazy-srcset", "data-original",
	"data-original-src", "data-original-set", "data-orig-file",
	"data-medium-file", "data-large-file", "data-full-src", "data-img-src",
	"data-bg", "data-bgset", "data-background", "data-background-image",
	"data-poster", "data-thumb", "data-thumbnail", "data-hi-res-src",
	"data-highres", "data-zoom-image", "data-large_image", "data-echo",
	"data-flickity-lazyload", "data-flickity-lazyload-src",
	"data-flickity-lazyload-srcset", "data-src-retina", "data-cfsrc",
	"data-ezsrc", "data-ezsrcset", "data-runner-src", "nitro-lazy-src",
	"nitro-lazy-srcset", "lazy-src", "lazy-srcset", "lazysrc" };

static const char *const shared_names[] = { "data-full", "data-image",
	"data-img", "data-url", "data-href", "data-retina", "data-desktop",
	"data-mobile" };

/* Between slashes, with or without an "s" behind them. */
static const char *const segments[] = { "image", "img", "photo", "picture",
	"thumb", "thumbnail" };

int
links_is_lazy_name(const char *name, size_t len)
{
	return (len > 5 && memcmp(name, "data-", 5) == 0) ||
	       (len > 6 && memcmp(name, "lazy", 4) == 0) ||
	       (len > 6 && memcmp(name, "nitro-", 6) == 0);
}

static int
in_list(const char *const *list, size_t count, const char *name, size_t len)
{
	/* Names are longer than five bytes (links_is_lazy_name); the sixth
	 * tells most of them apart. */
	for (size_t i = 0; i < count; i++)
		if (list[i][5] == name[5] && strlen(list[i]) == len &&
		    memcmp(list[i], name, len) == 0)
			return 1;
	return 0;
}

static enum trust
trust_of(const char *name, size_t len, int is_image)
{
	if (in_list(
		own_names, sizeof(own_names) / sizeof(own_names[0]), name, len))
		return is_image ? TRUST_OWN : TRUST_SHARED;
	if (in_list(shared_names,
		sizeof(shared_names) / sizeof(shared_names[0]), name, len))
		return TRUST_SHARED;
	return memcmp(name, "data-", 5) == 0 ? TRUST_ANY_DATA : TRUST_NONE;
}

static int
is_segment(const char *s, size_t len)
{
	if (len > 0 && s[len - 1] == 's')
		len--;
	for (size_t i = 0; i < sizeof(segments) / sizeof(segments[0]); i++)
		if (segments[i][0] == s[0] && strlen(segments[i]) == len &&
		    memcmp(s, segments[i], len) == 0)
			return 1;
	return 0;
}

static int
has_segment(const char *s, size_t len)
{
	size_t start = len; /* behind the last slash */

	for (size_t i = 0; i < len && s[i] != '?' && s[i] != '#'; i++) {
		if (s[i] != '/')
			continue;
		if (start < i && is_segment(s + start, i - start))
			return 1;
		start = i + 1;
	}
	return 0;
}

static int
has_space(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text_is_space(s[i]))
			return 1;
	return 0;
}

/* One word that may be a URL, judged by what its attribute is called. */
static int
is_wanted(enum trust trust, const char *s, size_t len)
{
	int has_slash = memchr(s, '/', len) != NULL;

	if (len == 0 || strchr("{[<\"'", s[0]) != NULL)
		return 0;
	switch (trust) {
	case TRUST_NONE:
		return 0;
	case TRUST_ANY_DATA:
		return has_slash && links_ends_in_image(s, len);
	case TRUST_SHARED:
		return links_ends_in_image(s, len) || has_segment(s, len);
	case TRUST_OWN:
		return has_slash || memchr(s, '.', len) != NULL;
	}
	return 0;
}

/* Is this a list of candidates, every one of them wanted? */
struct judgement {
	enum trust trust;
	size_t good;
	size_t bad;
	size_t descriptors;
};

static void
judge(void *context, const char *url, size_t url_len, const char *descriptor,
    size_t descriptor_len)
{
	struct judgement *j = context;
	/* A valid one that holds a word which means nothing is prose. */
	int is_sound = descriptor_len == 0 ||
		       (descriptor[0] >= '0' && descriptor[0] <= '9' &&
			   links_srcset_is_valid(descriptor, descriptor_len) &&
			   !has_space(descriptor, descriptor_len));

	if (is_sound && is_wanted(j->trust, url, url_len))
		j->good++;
	else
		j->bad++;
	j->descriptors += descriptor_len > 0;
}

static int
is_srcset(enum trust trust, const char *s, size_t len)
{
	struct judgement j = { trust, 0, 0, 0 };

	links_of_srcset(s, len, judge, &j);
	return j.good > 0 && j.bad == 0 && j.descriptors > 0;
}

/* Names that say it is a srcset; a bgset has several, parted by "|". */
static void
add_named_set(struct collector *c, const char *s, size_t len, const char *where)
{
	while (len > 0) {
		const char *bar = memmem(s, len, " | ", 3);
		size_t n = bar == NULL ? len : (size_t)(bar - s);

		links_add_srcset(c, LINK_IMAGE, s, n, where);
		n += bar == NULL ? 0 : 3;
		s += n;
		len -= n;
	}
}

void
links_add_lazy(struct collector *c, const struct html_token *tag,
    size_t attribute, enum link_kind kind, int is_image)
{
	const struct html_attribute *a = &tag->attributes[attribute];
	enum trust trust = trust_of(a->name, a->name_len, is_image);
	const char *s = a->value;
	size_t len = a->value_len;
	char where[LINKS_WHERE_MAX];

	while (len > 0 && text_is_space(s[0])) {
		s++;
		len--;
	}
	while (len > 0 && text_is_space(s[len - 1]))
		len--;
	if (trust == TRUST_NONE || len < 3)
		return;
	links_where(where, tag->text, tag->len, a->name, a->name_len);
	if (trust != TRUST_ANY_DATA &&
	    memcmp(a->name + a->name_len - 3, "set", 3) == 0)
		add_named_set(c, s, len, where);
	else if (trust != TRUST_ANY_DATA && len > 4 &&
		 text_equal_nocase(s, 4, "url("))
		links_add_css(c, (const uint8_t *)s, len, where);
	else if (!has_space(s, len)) {
		if (is_wanted(trust, s, len))
			links_add(c,
			    links_ends_in_image(s, len) ? LINK_IMAGE : kind, s,
			    len, where);
	} else if (is_srcset(trust, s, len))
		links_add_srcset(c, LINK_IMAGE, s, len, where);
	else if (trust == TRUST_OWN && memchr(s, ',', len) == NULL &&
		 links_ends_in_image(s, len))
		links_add(c, LINK_IMAGE, s, len, where);
}
