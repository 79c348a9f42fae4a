/* [discover]: where pages are found, and which addresses are articles. */
#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/news/pattern.h"
#include "core/news/profile_rules.h"
#include "core/news/scan.h"
#include "core/web/url.h"

enum { PAGES_MAX = 50, SOURCES_MAX = 200 };

#define HOUR_US (INT64_C(3600) * 1000000)

/* What stands behind the addresses of an entry. */
struct options {
	const char *links;
	unsigned first_page, last_page;
	const char *children;
	int is_unpadded;
};

/* PATH on the profile's first host. "{Y}" must stay as it is, which no URL
 * parser does to it. */
static const char *
absolute(struct site_compiler *c, const char *path)
{
	struct url url;
	char *text;

	if (text_starts(path, "https://") || text_starts(path, "http://"))
		text = arena_text(c->arena, path);
	else if (path[0] == '/' && path[1] != '/')
		text = arena_format(
		    c->arena, "https://%s%s", c->profile->hosts.items[0], path);
	else
		return NULL;
	if (url_parse(&url, text, strlen(text), NULL, NULL) != 0)
		return NULL;
	if (strchr(text, '{') == NULL)
		text = arena_text(c->arena, url.text);
	url_clear(&url);
	return text;
}

/* "1..3" */
static int
read_pages(const char *word, struct options *o)
{
	const char *dots = word == NULL ? NULL : strstr(word, "..");
	uint64_t first;
	uint64_t last;

	if (dots == NULL ||
	    !text_uint(word, (size_t)(dots - word), PAGES_MAX, &first) ||
	    !text_uint(dots + 2, strlen(dots + 2), PAGES_MAX, &last) ||
	    first < 1 || last < first)
		return 0;
	o->first_page = (unsigned)first;
	o->last_page = (unsigned)last;
	return 1;
}

static int
read_links(struct rule_compiler *rc, struct scan *x, struct options *o)
{
	struct selector *checked;

	if (scan_this_word(x, "css"))
		o->links = scan_parens(x, 0);
	if (o->links == NULL)
		return rule_fail(rc, "links wants css(...)", NULL);
	return rule_compile_selector(rc, o->links, &checked);
}

/* "; NAME VALUE ..." of a front (links, pages) or a sitemap (children,
 * unpadded). */
static int
read_options(struct rule_compiler *rc, struct scan *x,
    enum profile_source_kind kind, struct options *o)
{
	static const char *const of_front[] = { "links", "pages", NULL };
	static const char *const of_sitemap[] = { "children", "unpadded",
		NULL };
	static const char *const of_feed[] = { NULL };
	const char *const *words = kind == PROFILE_FRONT     ? of_front
				   : kind == PROFILE_SITEMAP ? of_sitemap
							     : of_feed;

	while (scan_byte(x, ';')) {
		const char *word = scan_word(x);
		size_t i = 0;

		while (words[i] != NULL && word != NULL &&
		       strcmp(words[i], word) != 0)
			i++;
		if (word == NULL || words[i] == NULL)
			return rule_unknown(
			    rc, "option", word == NULL ? "" : word, words);
		if (strcmp(word, "links") == 0) {
			if (read_links(rc, x, o) != 0)
				return -1;
		} else if (strcmp(word, "pages") == 0) {
			if (!read_pages(scan_until(x, ";"), o))
				return rule_fail(rc,
				    "pages wants FIRST..LAST, at most 50",
				    NULL);
		} else if (strcmp(word, "children") == 0) {
			o->children = scan_until(x, ";");
			if (o->children == NULL ||
			    strstr(o->children, "{Y}") == NULL ||
			    strstr(o->children, "{M}") == NULL)
				return rule_fail(rc,
				    "children wants an address with {Y} and "
				    "{M}",
				    NULL);
		} else {
			o->is_unpadded = 1;
		}
	}
	return scan_at_end(x)
		   ? 0
		   : rule_fail(rc, "not understood at its end", NULL);
}

static int
add_source(struct site_compiler *c, struct rule_compiler *rc,
    enum profile_source_kind kind, const char *path, const struct options *o)
{
	struct profile *p = c->profile;
	const char *url = absolute(c, path);

	if (url == NULL)
		return rule_fail(
		    rc, "an address begins with \"/\" or \"https://\"", NULL);
	if (p->source_count == SOURCES_MAX)
		return rule_fail(rc, "too many sources", NULL);
	p->sources[p->source_count++] = (struct profile_source){
		.kind = kind,
		.url = url,
		.links = o->links == NULL ? "" : o->links,
		.first_page = o->first_page,
		.last_page = o->last_page,
	};
	return 0;
}

/* "/a/{Y}-{M}" as a source of its own; padded ones have "{MM}". */
static int
add_children(
    struct site_compiler *c, struct rule_compiler *rc, const struct options *o)
{
	const struct options none = { .first_page = 1, .last_page = 1 };
	struct buf text = { 0 };
	const char *at = strstr(o->children, "{M}");
	int rc_add;

	if (o->is_unpadded) {
		buf_add_text(&text, o->children);
	} else {
		buf_add(&text, o->children, (size_t)(at - o->children));
		buf_format(&text, "{MM}%s", at + 3);
	}
	rc_add = add_source(c, rc, PROFILE_SITEMAP, buf_text(&text), &none);
	buf_clear(&text);
	return rc_add;
}

static int
compile_sources(
    struct site_compiler *c, const char *key, enum profile_source_kind kind)
{
	struct chain_values v = chain_find(
	    c->arena, c->chain, "discover", "", key);

	for (size_t i = 0; i < v.count; i++) {
		struct rule_compiler *rc = site_at(c, &v.items[i]);
		struct scan paths = { .s = v.items[i].entry->value,
			.arena = c->arena };
		struct scan x = paths;
		struct options o = { .first_page = 1, .last_page = 1 };
		const char *path;

		while (scan_until(&x, ";") != NULL)
			;
		if (read_options(rc, &x, kind, &o) != 0)
			return -1;
		while ((path = scan_until(&paths, ";")) != NULL)
			if (add_source(c, rc, kind, path, &o) != 0)
				return -1;
		if (o.children != NULL && add_children(c, rc, &o) != 0)
			return -1;
	}
	return 0;
}

static int
compile_article_url(struct site_compiler *c)
{
	struct chain_values v = chain_find(
	    c->arena, c->chain, "discover", "", "article_url");
	struct scan x = { .arena = c->arena };
	struct rule_compiler *rc;
	const char *text;
	int ignore_case;

	if (v.count == 0)
		return 0;
	rc = site_at(c, &v.items[0]);
	x.s = v.items[0].entry->value;
	text = scan_regex(&x, &ignore_case);
	if (text == NULL || !scan_at_end(&x))
		return rule_fail(rc, "article_url wants /pattern/", NULL);
	return rule_compile_pattern(
	    rc, text, ignore_case, &c->profile->article_url);
}

/* "1 per 24h" */
static int
compile_min_new(struct site_compiler *c)
{
	struct chain_values v = chain_find(
	    c->arena, c->chain, "discover", "", "min_new");
	struct profile *p = c->profile;
	struct text_list w;
	uint64_t count;
	uint64_t time;
	size_t len;

	if (v.count == 0)
		return 0;
	w = site_words(c->arena, v.items[0].entry->value);
	len = w.count == 3 ? strlen(w.items[2]) : 0;
	if (len < 2 || strcmp(w.items[1], "per") != 0 ||
	    strchr("hd", w.items[2][len - 1]) == NULL ||
	    !text_uint(w.items[0], strlen(w.items[0]), 100000, &count) ||
	    !text_uint(w.items[2], len - 1, 1000, &time) || count == 0 ||
	    time == 0)
		return rule_fail(site_at(c, &v.items[0]),
		    "not \"N per TIME\" (24h, 7d)", NULL);
	p->min_new = (unsigned)count;
	p->min_new_us = (int64_t)time * HOUR_US *
			(w.items[2][len - 1] == 'd' ? 24 : 1);
	return 0;
}

int
profile_compile_discover(struct site_compiler *c)
{
	struct profile *p = c->profile;

	p->sources = arena_alloc(c->arena, SOURCES_MAX * sizeof(*p->sources));
	if (compile_sources(c, "home", PROFILE_FRONT) != 0 ||
	    compile_sources(c, "section_pages", PROFILE_FRONT) != 0 ||
	    compile_sources(c, "feed", PROFILE_FEED) != 0 ||
	    compile_sources(c, "sitemap", PROFILE_SITEMAP) != 0 ||
	    compile_article_url(c) != 0)
		return -1;
	return compile_min_new(c);
}

size_t
profile_sources(const struct profile *p, const struct profile_source **out)
{
	*out = p->sources;
	return p->source_count;
}

int
profile_is_article_url(const struct profile *p, const struct url *url)
{
	if (!text_list_has_host(&p->hosts, url))
		return 0;
	if (p->article_url == NULL)
		return url->path_len > 1;
	return pattern_find(
	    p->article_url, url->text + url->path_start, url->path_len, NULL);
}

int
profile_min_new(const struct profile *p, unsigned *count, int64_t *time_us)
{
	*count = p->min_new;
	*time_us = p->min_new_us;
	return p->min_new > 0;
}
