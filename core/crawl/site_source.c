/* A source of pages as a line of holdfast.conf. */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/collection/config.h"
#include "core/crawl/site_part.h"
#include "core/web/select.h"
#include "core/web/url.h"

enum { PAGES_MAX = 1000, EVERY_LEAST_MS = 1000 };

const char *
source_kind_name(enum source_kind k)
{
	static const char *const names[] = { "front", "feed", "sitemap" };

	return names[k];
}

/* The next word of *AT; "" at the end. */
static const char *
next_word(struct arena *a, const char **at)
{
	const char *start = *at + strspn(*at, " \t");
	size_t len = strcspn(start, " \t");

	*at = start + len + strspn(start + len, " \t");
	return arena_text_n(a, start, len);
}

static int
read_url(struct source *out, struct arena *a, const char *text, struct error *e)
{
	static const char no_url[] =
	    "%s: not an address that begins with https:// or http://";
	struct url url;
	int rc = 0;

	if (url_parse(&url, text, strlen(text), NULL, NULL) != 0)
		return error_set(e, ERROR_USAGE, no_url, text);
	url_drop_fragment(&url);
	if (!url_is_http(&url))
		rc = error_set(e, ERROR_USAGE, no_url, text);
	else
		out->url = arena_text(a, url.text);
	url_clear(&url);
	return rc;
}

static int
read_every(struct source *out, const char *value, struct error *e)
{
	int64_t ms;

	if (!config_parse_duration(value, &ms) || ms < EVERY_LEAST_MS)
		return error_set(e, ERROR_USAGE,
		    "every %s: not a time of a second or more (as 90, 15m, 2h)",
		    value);
	out->every_us = ms * 1000;
	return 0;
}

/* "2..5". */
static int
read_pages(struct source *out, const char *value, struct error *e)
{
	const char *dots = strstr(value, "..");
	uint64_t first = 0;
	uint64_t last = 0;

	if (dots == NULL ||
	    !text_uint(value, (size_t)(dots - value), PAGES_MAX, &first) ||
	    !text_uint(dots + 2, strlen(dots + 2), PAGES_MAX, &last) ||
	    first < 1 || last < first)
		return error_set(e, ERROR_USAGE,
		    "pages %s: not A..B with 1 <= A <= B <= %d (as 1..3)",
		    value, PAGES_MAX);
	out->first_page = (unsigned)first;
	out->last_page = (unsigned)last;
	return 0;
}

/* The rest of the line: selectors hold blanks. */
static int
read_links(
    struct source *out, struct arena *a, const char *rest, struct error *e)
{
	struct selector *s = NULL;
	struct error why = { 0 };

	if (rest[0] == '\0')
		return error_set(e, ERROR_USAGE, "links: which? A selector");
	if (selector_compile(&s, rest, &why) != 0)
		return error_set(
		    e, ERROR_USAGE, "links %s: %s", rest, why.text);
	selector_free(s);
	out->links = arena_text(a, rest);
	return 0;
}

static int
read_word(struct source *out, struct arena *a, const char *word,
    const char **at, struct error *e)
{
	static const char *const of_fronts[] = { "every", "pages", "links",
		NULL };
	int is_front = out->kind == SOURCE_FRONT;
	const char *near;

	if (is_front && strcmp(word, "links") == 0) {
		int rc = read_links(out, a, *at, e);

		*at += strlen(*at);
		return rc;
	}
	if (strcmp(word, "every") == 0)
		return read_every(out, next_word(a, at), e);
	if (is_front && strcmp(word, "pages") == 0)
		return read_pages(out, next_word(a, at), e);
	near = text_nearest(word, of_fronts);
	if (near != NULL && !is_front && strcmp(near, "every") != 0)
		near = NULL;
	return error_set(e, ERROR_USAGE, "%s: not expected here; %s%s%s", word,
	    near != NULL ? "did you mean \"" : "",
	    near != NULL ? near
	    : is_front   ? "it is URL [every TIME] [pages A..B] "
			   "[links SELECTOR]"
			 : "it is URL [every TIME]",
	    near != NULL ? "\"?" : "");
}

int
site_source_parse(struct source *out, struct arena *a, enum source_kind kind,
    const char *text, int64_t every_ms, struct error *e)
{
	const char *at = text;
	const char *first = next_word(a, &at);

	*out = (struct source){ .kind = kind,
		.every_us = every_ms * 1000,
		.first_page = 1,
		.last_page = 1,
		.links = "",
		.url = first };
	if ((kind != SOURCE_SITEMAP || strcmp(first, "auto") != 0) &&
	    read_url(out, a, first, e) != 0)
		return -1;
	while (*at != '\0')
		if (read_word(out, a, next_word(a, &at), &at, e) != 0)
			return -1;
	return 0;
}
