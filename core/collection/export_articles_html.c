/* The pages that articles are looked at with: no script, nothing from
 * outside. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/article_text.h"
#include "core/collection/export_articles_part.h"
#include "core/collection/layout.h"

enum { ITEM_TEXT = 4000 }; /* bytes of a text in the list */

/* Chromium takes "self" of a file for the file; Firefox wants the scheme. */
static const char head[] =
    "<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
    "'none'; img-src 'self' file:; style-src 'unsafe-inline'; base-uri "
    "'none'; form-action 'none'\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, "
    "initial-scale=1\">\n"
    "<style>\n"
    "body{margin:0 auto;max-width:46em;padding:1.5em;font:17px/1.6 Georgia,"
    "\"Noto Naskh Arabic\",\"Amiri\",serif;color:#222;background:#fdfdfb}\n"
    "h1{line-height:1.25;font-size:1.8em}h2{line-height:1.3}\n"
    "a{color:#1a4d80}.meta,figcaption,footer{color:#666;font-size:.85em}\n"
    ".dek{font-size:1.15em;color:#444}\n"
    "figure{margin:1.5em 0}img{max-width:100%;height:auto}\n"
    "blockquote{border-inline-start:3px solid #bbb;margin-inline:0;"
    "padding-inline-start:1em}\n"
    "table{border-collapse:collapse}td{border:1px solid #ccc;"
    "padding:.2em .5em}\n"
    "footer{border-top:1px solid #ccc;margin-top:3em;overflow-wrap:anywhere}\n"
    ".item{display:flex;gap:1em;border-top:1px solid #ddd;padding:1em 0}\n"
    ".item .picture{flex:0 0 9em}.item img{width:9em;height:6em;"
    "object-fit:cover}\n"
    ".item div{flex:1;min-width:0}.item h2{margin:0;font-size:1.1em}"
    ".item p{margin:.3em 0}\n"
    "</style>\n";

static void
add_escaped(struct buf *out, const char *text)
{
	struct buf clean = { 0 };

	(void)text_add_clean(
	    &clean, text, strlen(text)); /* then it is U+FFFD */
	for (size_t i = 0; i < clean.len; i++) {
		uint8_t c = clean.data[i];

		if (c == '&')
			buf_add_text(out, "&amp;");
		else if (c == '<')
			buf_add_text(out, "&lt;");
		else if (c == '>')
			buf_add_text(out, "&gt;");
		else if (c == '"')
			buf_add_text(out, "&quot;");
		else if (c == '\'')
			buf_add_text(out, "&#39;");
		else if (c >= 0x20 || c == '\n' || c == '\t')
			buf_add_byte(out, c);
	}
	buf_clear(&clean);
}

/* A path that we made, as a reference. */
static void
add_reference(struct buf *out, const char *path)
{
	for (; *path != '\0'; path++) {
		unsigned char c = (unsigned char)*path;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || strchr("-._/", c) != NULL)
			buf_add_byte(out, c);
		else
			buf_format(out, "%%%02X", c);
	}
}

/* An element whose text has a direction of its own. Nothing when it is empty.
 */
static void
add_element(
    struct buf *out, const char *name, const char *class, const char *text)
{
	if (text[0] == '\0')
		return;
	buf_format(out, "<%s%s%s%s dir=\"auto\">", name,
	    class[0] == '\0' ? "" : " class=\"", class,
	    class[0] == '\0' ? "" : "\"");
	add_escaped(out, text);
	buf_format(out, "</%s>\n", name);
}

/* The beginning of a text that may be of any length. */
static void
add_some(struct buf *out, const char *element, const char *text)
{
	size_t len = strlen(text);
	char *some;

	if (len > ITEM_TEXT)
		for (len = ITEM_TEXT;
		     ((unsigned char)text[len] & 0xc0) == 0x80;)
			len--;
	some = mem_text_n(text, len);
	if (element[0] == '\0')
		add_escaped(out, some);
	else
		add_element(out, element, "", some);
	free(some);
}

/* A date: of the text around it in place, of its own in order. */
static void
add_date(struct buf *out, const struct json *date)
{
	struct buf text = { 0 };

	article_date(&text, date);
	if (text.len > 0) {
		buf_add_text(out, "<p class=\"meta\"><bdi>");
		add_escaped(out, buf_text(&text));
		buf_add_text(out, "</bdi></p>\n");
	}
	buf_clear(&text);
}

/* An address outside: a link only when it is one of the web. */
static void
add_link(struct buf *out, const char *url)
{
	int is_web = text_starts(url, "https://") ||
		     text_starts(url, "http://");

	if (is_web) {
		buf_add_text(out, "<a rel=\"noreferrer noopener\" href=\"");
		add_escaped(out, url);
		buf_add_text(out, "\">");
	}
	buf_add_text(out, "<bdi>");
	add_escaped(out, url);
	buf_add_text(out, is_web ? "</bdi></a>" : "</bdi>");
}

/* Attributes lang and dir of an article; only what such values may hold. */
static void
add_language(struct buf *out, const struct json *article)
{
	const struct json *edition = json_get(article, "edition");
	const char *lang = article_member(edition, "lang");
	const char *dir = article_member(edition, "dir");

	if (lang[0] != '\0') {
		buf_add_text(out, " lang=\"");
		add_escaped(out, lang);
		buf_add_text(out, "\"");
	}
	buf_format(out, " dir=\"%s\"",
	    strcmp(dir, "rtl") == 0   ? "rtl"
	    : strcmp(dir, "ltr") == 0 ? "ltr"
				      : "auto");
}

static void
add_figure(struct buf *out, const struct shown_image *i)
{
	const char *caption = article_member(i->image, "caption");
	const char *credit = article_member(i->image, "credit");

	buf_add_text(out, "<figure>\n");
	if (i->file[0] != '\0') {
		buf_add_text(out, "<img src=\"");
		add_reference(out, i->file);
		buf_add_text(out, "\" alt=\"");
		add_escaped(out, article_member(i->image, "alt"));
		buf_add_text(out, "\">\n");
	} else {
		buf_add_text(
		    out, "<p class=\"meta\">[picture not captured]</p>\n");
	}
	if (caption[0] != '\0' || credit[0] != '\0') {
		buf_add_text(out, "<figcaption dir=\"auto\">");
		add_escaped(out, caption);
		if (credit[0] != '\0') {
			buf_add_text(out, caption[0] == '\0' ? "(" : " (");
			add_escaped(out, credit);
			buf_add_text(out, ")");
		}
		buf_add_text(out, "</figcaption>\n");
	}
	buf_add_text(out, "</figure>\n");
}

static void
add_table(struct buf *out, const struct json *rows)
{
	buf_add_text(out, "<table>\n");
	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);

		buf_add_text(out, "<tr>");
		for (size_t n = 0; n < json_count(row); n++) {
			buf_add_text(out, "<td dir=\"auto\">");
			add_escaped(out, json_text(json_at(row, n), ""));
			buf_add_text(out, "</td>");
		}
		buf_add_text(out, "</tr>\n");
	}
	buf_add_text(out, "</table>\n");
}

/* Is it shown where its block stands? */
static int
stands_in_body(const struct shown *s, size_t image)
{
	const struct json *body = json_get(s->stored.article, "body");

	for (size_t i = 0; i < json_count(body); i++)
		if (json_int(json_get(json_at(body, i), "media_ref"), -1) ==
		    (int64_t)image)
			return 1;
	return 0;
}

static void
add_block(struct buf *out, const struct shown *s, const struct json *block)
{
	static const struct {
		const char *kind, *element, *class;
	} kinds[] = { { "h2", "h2", "" }, { "h3", "h3", "" },
		{ "h4", "h4", "" }, { "h5", "h5", "" }, { "h6", "h6", "" },
		{ "quote", "blockquote", "" }, { "xref", "p", "meta" },
		{ "note", "p", "meta" }, { "correction", "p", "meta" } };
	const char *kind = article_member(block, "kind");
	const char *text = article_member(block, "text");
	int64_t image = json_int(json_get(block, "media_ref"), -1);

	if (image >= 0 && (uint64_t)image < s->image_count) {
		add_figure(out, &s->images[image]);
		return;
	}
	if (json_count(json_get(block, "rows")) > 0) {
		add_table(out, json_get(block, "rows"));
		return;
	}
	if (strcmp(kind, "li") == 0) {
		buf_add_text(out, "<ul>");
		add_element(out, "li", "", text);
		buf_add_text(out, "</ul>\n");
		return;
	}
	add_element(out, "p", "meta", article_member(block, "label"));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kind, kinds[i].kind) == 0) {
			add_element(
			    out, kinds[i].element, kinds[i].class, text);
			return;
		}
	}
	add_element(out, "p", "", text);
}

static void
add_byline(struct buf *out, const struct json *article)
{
	struct buf line = { 0 };
	const char *byline = article_member(article, "byline_raw");

	if (byline[0] != '\0')
		buf_add_text(&line, byline);
	else
		article_names(&line, json_get(article, "authors"));
	add_element(out, "p", "meta", buf_text(&line));
	buf_clear(&line);
	add_date(out, json_get(article, "published"));
}

static void
add_footer(struct buf *out, const struct shown *s)
{
	const struct stored_article *x = &s->stored;

	buf_add_text(out, "<footer dir=\"ltr\" lang=\"en\">\n<p>Captured ");
	add_escaped(
	    out, article_member(json_get(x->article, "captured"), "iso"));
	buf_add_text(out, " from ");
	add_link(out, x->url);
	buf_add_text(out, "</p>\n<p>Article <bdi>");
	add_escaped(out, x->id);
	buf_add_text(out,
	    "</bdi>. This page was made from article.json, which is what was "
	    "read from the captured page. In the same folder: article.txt, "
	    "provenance.json (which records all of it comes from, and how to "
	    "check that) and page.html, the page as the server sent it: opened "
	    "in a browser it runs its own scripts and asks the network.</p>\n"
	    "</footer>\n");
}

void
articles_page(struct buf *out, const struct shown *s)
{
	const struct json *article = s->stored.article;
	const struct json *body = json_get(article, "body");

	buf_add_text(out, "<!DOCTYPE html>\n<html");
	add_language(out, article);
	buf_format(out, ">\n<head>\n%s<title>", head);
	add_escaped(out, article_member(article, "headline"));
	buf_add_text(out, "</title>\n</head>\n<body>\n<p class=\"meta\" "
			  "dir=\"ltr\" lang=\"en\"><a "
			  "href=\"../../index.html\">All articles</a></p>\n"
			  "<article>\n");
	add_element(out, "h1", "", article_member(article, "headline"));
	add_element(out, "p", "dek", article_member(article, "dek"));
	add_byline(out, article);
	for (size_t i = 0; i < s->image_count; i++)
		if (!stands_in_body(s, i))
			add_figure(out, &s->images[i]);
	for (size_t i = 0; i < json_count(body); i++)
		add_block(out, s, json_at(body, i));
	buf_add_text(out, "</article>\n");
	add_footer(out, s);
	buf_add_text(out, "</body>\n</html>\n");
}

/* ---- the list of all ---- */

static void
begin_link(struct buf *out, const struct shown *s)
{
	buf_add_text(out, "<a href=\"articles/");
	add_reference(out, s->folder);
	buf_add_text(out, "/index.html\">");
}

void
articles_item(struct buf *out, const struct shown *s)
{
	const struct json *article = s->stored.article;
	const char *headline = article_member(article, "headline");

	buf_add_text(out, "<div class=\"item\"");
	add_language(out, article);
	buf_add_text(out, ">\n");
	for (size_t i = 0; i < s->image_count; i++) {
		if (s->images[i].file[0] == '\0')
			continue;
		buf_add_text(
		    out, "<span class=\"picture\"><img src=\"articles/");
		add_reference(out, s->folder);
		buf_add_byte(out, '/');
		add_reference(out, s->images[i].file);
		buf_add_text(out, "\" alt=\"\" loading=\"lazy\"></span>\n");
		break;
	}
	buf_add_text(out, "<div>\n<h2>");
	begin_link(out, s);
	add_some(out, "", headline[0] == '\0' ? s->stored.url : headline);
	buf_add_text(out, "</a></h2>\n");
	add_date(out, json_get(article, "published"));
	add_some(out, "p", article_member(article, "dek"));
	buf_add_text(out, "</div>\n</div>\n");
}

void
articles_index_head(struct buf *out, const struct articles *x)
{
	buf_format(out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n%s"
	    "<title>Articles</title>\n</head>\n<body>\n<h1>%" PRIu64
	    " article%s</h1>\n<p class=\"meta\">",
	    head, x->count, x->count == 1 ? "" : "s");
	add_escaped(out, x->run.options->operator);
	if (x->run.options->operator[0] != '\0')
		buf_add_text(out, " · ");
	buf_add_text(out, "collection <bdi>");
	add_escaped(out, export_plan_collection(x->run.plan)->id);
	buf_add_text(out, "</bdi></p>\n");
}

void
articles_index_end(struct buf *out)
{
	buf_add_text(out,
	    "<footer>\n<p>The latest first. Each folder below articles/ has "
	    "one article, as text and as data, with its pictures, the page as "
	    "it was captured and where all of it comes from. sha256sum -c "
	    "manifest-sha256.txt checks every file.</p>\n</footer>\n</body>\n"
	    "</html>\n");
}
