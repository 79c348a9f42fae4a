/* What the fixture news site answers. */
#include "tests/site/content.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/site/news.h"
#include "tests/site/odd.h"
#include "tests/site/template.h"

#define SITE  "https://english.almayadeen.net"
#define MEDIA "https://media.almayadeen.net"

enum { FILE_MAX = 1 << 20 };

int
site_load(struct site *s, const char *fixtures, struct error *e)
{
	struct buf text = { 0 };
	char *path = mem_format("%s/article.html.in", fixtures);
	int rc = file_get(path, &text, FILE_MAX, e);

	*s = (struct site){ 0 };
	s->template_len = text.len;
	s->template_text = buf_take(&text);
	free(path);
	path = mem_format("%s/story.json", fixtures);
	if (rc == 0)
		rc = file_get(path, &text, FILE_MAX, e);
	s->story_len = text.len;
	s->story_text = buf_take(&text);
	free(path);
	return rc;
}

void
site_clear(struct site *s)
{
	free(s->template_text);
	free(s->story_text);
}

/* The value of NAME in the query of TARGET; 0 when absent. */
static unsigned
query_number(const char *target, const char *name, unsigned fallback)
{
	const char *at = strchr(target, '?');
	size_t len = strlen(name);

	while (at != NULL) {
		at++;
		if (strncmp(at, name, len) == 0 && at[len] == '=')
			return (unsigned)strtoul(at + len + 1, NULL, 10);
		at = strchr(at, '&');
	}
	return fallback;
}

static char *
query_text(const char *target, const char *name)
{
	const char *at = strchr(target, '?');
	size_t len = strlen(name);

	while (at != NULL) {
		at++;
		if (strncmp(at, name, len) == 0 && at[len] == '=')
			return mem_text_n(
			    at + len + 1, strcspn(at + len + 1, "&"));
		at = strchr(at, '&');
	}
	return mem_text("");
}

/* ---- articles ---- */

/* A page being made, with what it needs written down on the way. */
struct making {
	struct arena *a;
	struct json *story;
	struct buf truth; /* "KIND URL" lines */
};

static void
need(struct making *m, const char *kind, const char *url)
{
	buf_format(
	    &m->truth, "%s %s%s\n", kind, url[0] == '/' ? SITE : "", url);
}

/* The picture that belongs to SLUG: a UUID out of its digest. */
static char *
picture_base(struct making *m, const char *slug)
{
	uint8_t raw[DIGEST_SHA256_RAW];
	char hex[65];

	digest_sha256(slug, strlen(slug), raw);
	text_hex(hex, raw, sizeof(raw));
	return arena_format(m->a,
	    MEDIA "/archive/image/2024/3/7/%.8s-%.4s-%.4s-%.4s-%.12s.jpg", hex,
	    hex + 8, hex + 12, hex + 16, hex + 20);
}

static void
make_lead(struct making *m, const char *slug)
{
	static const unsigned widths[] = { 400, 1600 };
	struct json *lead = json_get(m->story, "lead");
	const char *base = picture_base(m, slug);
	struct buf set = { 0 };
	struct buf webp = { 0 };
	const char *url;

	url = arena_format(m->a, "%s?v=2&width=750", base);
	json_set_string(m->a, lead, "src", url);
	need(m, "fetch", url);
	for (size_t i = 0; i < 2; i++) {
		url = arena_format(m->a, "%s?v=2&width=%u", base, widths[i]);
		buf_format(&set, "%s%s %uw", i > 0 ? ", " : "", url, widths[i]);
		need(m, "fetch", url);
		url = arena_format(
		    m->a, "%s?v=2&width=%u&format=webp", base, widths[i]);
		buf_format(
		    &webp, "%s%s %uw", i > 0 ? ", " : "", url, widths[i]);
		need(m, "fetch", url);
	}
	json_set_string(m->a, lead, "srcset", buf_text(&set));
	json_set_string(m->a, lead, "webp_srcset", buf_text(&webp));
	/* The profile adds the original: the same without resizing. */
	need(m, "fetch", arena_format(m->a, "%s?v=2", base));
	buf_clear(&set);
	buf_clear(&webp);
}

static void
need_images(struct making *m, const char *list)
{
	const struct json *l = json_get(m->story, list);

	for (size_t i = 0; i < json_count(l); i++)
		need(m, "fetch",
		    json_text(json_get(json_at(l, i), "image"), ""));
}

/* What a page may hold beside its article, one of each kind. */
static void
make_extras(struct making *m)
{
	static const char head[] =
	    "<link rel=\"stylesheet\" href=\"/assets/style.css\">\n"
	    "<link rel=\"icon\" href=\"/favicon.ico\">\n"
	    "<link rel=\"preload\" as=\"image\" href=\"/assets/preload.png\">\n"
	    "<style>.bar{background:url(/assets/inline.png)}</style>\n"
	    "<script src=\"/assets/app.js\" defer></script>\n"
	    "<script src=\"https://tracking-api.almayadeen.net/api/collect.js\""
	    " async></script>\n";
	static const char body[] =
	    "<img class=\"lazy\" src=\"data:image/gif;base64,R0lGODlhAQABAIAAAA"
	    "AAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7\" "
	    "data-src=\"/assets/lazy.png\" alt=\"\">\n"
	    "<noscript><img src=\"/assets/noscript.png\" alt=\"\"></noscript>\n"
	    "<div style=\"background-image:url('/assets/attr.png')\"></div>\n"
	    "<svg width=\"10\" height=\"10\"><image href=\"/assets/vector.png\" "
	    "width=\"10\" height=\"10\"/></svg>\n"
	    "<video poster=\"/assets/poster.png\" src=\"/assets/clip.mp4\" "
	    "preload=\"none\"></video>\n"
	    "<iframe src=\"/embed/1\" width=\"10\" height=\"10\" "
	    "loading=\"lazy\"></iframe>\n";
	static const char *const fetched[] = { "/assets/style.css",
		"/assets/print.css", "/assets/bg.png", "/assets/bg-2x.png",
		"/assets/deep.png", "/assets/news.woff2", "/favicon.ico",
		"/assets/preload.png", "/assets/inline.png", "/assets/app.js",
		"/assets/lazy.png", "/assets/noscript.png", "/assets/attr.png",
		"/assets/vector.png", "/assets/poster.png" };

	json_set_string(m->a, m->story, "head_extra", head);
	json_set_string(m->a, m->story, "body_extra", body);
	for (size_t i = 0; i < sizeof(fetched) / sizeof(fetched[0]); i++)
		need(m, "fetch", fetched[i]);
	need(
	    m, "blocked", "https://tracking-api.almayadeen.net/api/collect.js");
	need(m, "media", "/assets/clip.mp4");
	need(m, "frame", "/embed/1");
}

/* Another visit: another ticker, other cards, another related story. */
static void
churn(struct making *m, unsigned visit)
{
	static const char *const lists[] = { "ticker", "most_read", "read_next",
		"related" };
	static const char *const texts[] = { "text", "title", "title",
		"title" };

	for (size_t l = 0; visit > 0 && l < 4; l++) {
		struct json *list = json_get(m->story, lists[l]);

		for (size_t i = 0; i < json_count(list); i++) {
			struct json *o = json_at(list, i);
			const char *was = json_text(json_get(o, texts[l]), "");

			json_set_string(m->a, o, texts[l],
			    arena_format(
				m->a, "%s (%u)", was, visit + (unsigned)i));
		}
	}
}

/* One word of the third paragraph, for edits. */
static void
edit(struct making *m, const char *word)
{
	struct json *list = json_get(m->story, "paragraphs_before");
	struct json *copy = json_new_array(m->a);

	for (size_t i = 0; word[0] != '\0' && i < json_count(list); i++)
		json_append(m->a, copy,
		    i == 2 ? json_new_string(m->a,
				 arena_format(m->a, "%s %s",
				     json_text(json_at(list, i), ""), word))
			   : json_at(list, i));
	if (word[0] != '\0')
		json_set(m->a, m->story, "paragraphs_before", copy);
}

static int
make_article(const struct site *s, const char *target, unsigned visit,
    struct buf *page, struct buf *truth, struct error *e)
{
	size_t path = strcspn(target, "?");
	struct making m = { .a = arena_new() };
	char *word = query_text(target, "edit");
	unsigned n = query_number(target, "churn", s->churn ? visit : 0);
	const char *url = arena_format(m.a, SITE "%.*s", (int)path, target);
	int rc = -1;

	m.story = json_parse(m.a, s->story_text, s->story_len, e);
	if (m.story == NULL)
		goto done;
	json_set_string(m.a, m.story, "url", url);
	json_set_bool(
	    m.a, m.story, "with_json", query_number(target, "json", 0) != 0);
	json_set_bool(
	    m.a, m.story, "with_ld", query_number(target, "ld", 0) != 0);
	json_set_bool(
	    m.a, m.story, "with_og", query_number(target, "og", 0) != 0);
	need(&m, "fetch", json_text(json_get(m.story, "logo"), ""));
	need(&m, "fetch", json_text(json_get(m.story, "slogan"), ""));
	make_lead(&m, url);
	need(&m, "fetch",
	    json_text(json_get(json_get(m.story, "coverage"), "image"), ""));
	/* An image of the article's coverage has an original, too. */
	need_images(&m, "most_read");
	need_images(&m, "read_next");
	make_extras(&m);
	churn(&m, n);
	edit(&m, word);
	rc = template_expand(
	    page, s->template_text, s->template_len, m.story, e);
	if (truth != NULL)
		buf_add(truth, m.truth.data, m.truth.len);
done:
	buf_clear(&m.truth);
	arena_free(m.a);
	free(word);
	return rc;
}

/* ---- the rest of the site ---- */

struct asset {
	const char *path;
	const char *type;
	const char *text;
};

static const struct asset assets[] = {
	{ "/assets/style.css", "text/css; charset=utf-8",
	    "@import \"print.css\";\n"
	    "@font-face{font-family:News;src:url(news.woff2) "
	    "format(\"woff2\")}\n"
	    "body{font-family:News,sans-serif;max-width:60em;margin:auto;"
	    "background:url('bg.png')}\n"
	    ".card{background-image:image-set(\"bg.png\" 1x,\"bg-2x.png\" "
	    "2x)}\n"
	    "img{max-width:100%}\n" },
	{ "/assets/print.css", "text/css",
	    "/* url(not-this.png) */\nfooter{background:url( \"deep.png\" )}\n" },
	{ "/assets/app.js", "text/javascript",
	    "addEventListener('scroll',function(){document."
	    "querySelectorAll('img.lazy').forEach(function(i){if(i.dataset.src)"
	    "{i.src=i.dataset.src;delete i.dataset.src}})});\n" },
	{ "/robots.txt", "text/plain",
	    "User-agent: *\nDisallow: /private/\nCrawl-delay: 0\n" },
	{ "/rules.txt", "text/plain", "User-agent: *\nDisallow: /private/\n" },
	{ "/embed/1", "text/html", "<!DOCTYPE html><title>embed</title>\n" },
};

static int
answer_asset(const char *path, size_t len, struct answer *out)
{
	for (size_t i = 0; i < sizeof(assets) / sizeof(assets[0]); i++) {
		if (strlen(assets[i].path) == len &&
		    memcmp(assets[i].path, path, len) == 0) {
			out->type = assets[i].type;
			buf_add_text(out->body, assets[i].text);
			return 1;
		}
	}
	return 0;
}

/* Any path below the picture folders, or that ends in .png or .ico, is a
 * picture: its seed is the path, its width the one asked for. */
static int
answer_picture(const char *target, size_t path, struct answer *out)
{
	unsigned width = query_number(target, "width", 0);
	unsigned seed = 0;

	if (!text_starts(target, "/archive/image/") &&
	    !text_starts(target, "/media/image/") &&
	    !(path > 4 && (memcmp(target + path - 4, ".png", 4) == 0 ||
			      memcmp(target + path - 4, ".ico", 4) == 0)))
		return 0;
	for (size_t i = 0; i < path; i++)
		seed = seed * 31 + (uint8_t)target[i];
	if (width == 0)
		width = path > 40 ? 800 : 256;
	/* A small picture stands for a large one: only the bytes differ. */
	width = (width > 1600 ? 1600 : width) / 8;
	out->type = "image/png";
	picture_png(out->body, width, width * 9 / 16 + 1, seed);
	return 1;
}

static void
answer_list(const char *target, struct answer *out)
{
	unsigned n = query_number(target, "n", 10);

	out->type = "text/plain";
	for (unsigned i = 1; i <= n && i <= 100000; i++)
		buf_format(out->body, SITE "/news/politics/story-%u\n", i);
}

static void
answer_front(struct answer *out)
{
	out->type = "text/html; charset=utf-8";
	buf_add_text(out->body,
	    "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">"
	    "<title>Al Mayadeen English (fixture)</title></head><body>"
	    "<h1>Fixture news</h1><ul>");
	for (unsigned i = 1; i <= 25; i++)
		buf_format(out->body,
		    "<li><a href=\"/news/politics/story-%u\">Story %u</a></li>",
		    i, i);
	buf_add_text(out->body, "</ul></body></html>\n");
}

static void
answer_truth(const struct site *s, const char *target, struct answer *out)
{
	char *url = query_text(target, "url");
	struct buf page = { 0 };
	struct error e = { 0 };

	out->type = "text/plain";
	if (make_article(s, url, 0, &page, out->body, &e) != 0)
		out->status = 500;
	buf_clear(&page);
	free(url);
}

/* Hosts whose robots.txt is elsewhere: "bare." leads to www in all it has,
 * "moved." to a file of its own. 1 / 0. */
static int
answer_elsewhere(const char *host, const char *target, struct answer *out)
{
	if (text_starts(host, "bare."))
		out->location =
		    text_starts(target, "/go/")
			? mem_format("http://www.almayadeen.net/private/%s",
			      target + 4)
			: mem_format("http://www.almayadeen.net%s", target);
	else if (text_starts(host, "moved.") &&
		 text_starts(target, "/robots.txt"))
		out->location = mem_text("/rules.txt");
	else
		return 0;
	out->status = 301;
	return 1;
}

void
site_answer(const struct site *s, const char *host, const char *target,
    unsigned visit, struct answer *out)
{
	size_t path = strcspn(target, "?");
	struct error e = { 0 };

	out->status = 200;
	out->type = "text/html; charset=utf-8";
	out->location = NULL;
	if (s->news != NULL && news_answer(s->news, host, target, visit, out))
		return;
	if (answer_elsewhere(host, target, out))
		return;
	if (text_starts(host, "hops.") && text_starts(target, "/robots.txt"))
		odd_answer("/odd/hop?n=0", out);
	else if (text_starts(target, "/news/politics/") ||
		 text_starts(target, "/articles/")) {
		if (make_article(s, target, visit, out->body, NULL, &e) != 0) {
			out->status = 500;
			buf_add_text(out->body, e.text);
		}
	} else if (answer_asset(target, path, out))
		;
	else if (text_starts(target, "/list?"))
		answer_list(target, out);
	else if (text_starts(target, "/truth?"))
		answer_truth(s, target, out);
	else if (path == 1 || strncmp(target, "/news/politics", path) == 0)
		answer_front(out);
	else if (text_starts(target, "/odd/"))
		odd_answer(target, out);
	else if (text_starts(target, "/assets/news.woff2")) {
		out->type = "font/woff2";
		buf_add(out->body, "wOF2 not really a font", 22);
	} else if (!answer_picture(target, path, out)) {
		out->status = 404;
		buf_add_text(out->body,
		    "<!DOCTYPE html><title>Not here</title><p>Not here.</p>\n");
	}
}
