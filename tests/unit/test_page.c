/* The page as a tree: nodes, text, places, and the limits before it. */

#include "tests/test.h"

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/web/html_guard.h"
#include "core/web/page.h"
#include "core/web/url.h"

static int
parse_bytes(struct page **page, const char *p, size_t len, const char *charset,
    struct error *e)
{
	static const char address[] = "https://news.test/a/b?c";
	struct url url = { 0 };
	int rc = -1;

	CHECK_OK(url_parse(&url, address, sizeof(address) - 1, NULL, e), e);
	rc = page_parse(page, (const uint8_t *)p, len, charset, &url, e);
	url_clear(&url);
	return rc;
}

static struct page *
parse(const char *html)
{
	struct error e = { 0 };
	struct page *page = NULL;

	CHECK_OK(parse_bytes(&page, html, strlen(html), "", &e), &e);
	return page;
}

/* The first element of that name below N, in document order. */
static struct node *
first(struct node *n, const char *name)
{
	if (strcmp(node_name(n), name) == 0)
		return n;
	for (struct node *c = node_first_child(n); c != NULL;
	     c = node_next(c)) {
		struct node *found = first(c, name);

		if (found != NULL)
			return found;
	}
	return NULL;
}

static void
check_text(const char *html, const char *expected)
{
	struct page *page = parse(html);
	struct buf out = { 0 };

	buf_add_text(&out, "[");
	node_add_text(&out, first(page_root(page), "body"));
	CHECK_TEXT(buf_text(&out) + 1, expected);
	buf_clear(&out);
	page_free(page);
}

CASE(nodes_are_walked_in_document_order)
{
	struct page *page = parse("<p id=a title='x &amp; y'>t<b>u</b>v</p>");
	struct node *p = first(page_root(page), "p");
	struct node *t = node_first_child(p);
	struct node *b = node_next(t);

	CHECK_TEXT(node_name(page_root(page)), "html");
	CHECK(node_parent(page_root(page)) == NULL);
	CHECK_TEXT(node_attribute(p, "title"), "x & y");
	CHECK(node_attribute(p, "class") == NULL);
	CHECK(node_is_text(t) && !node_is_text(p));
	CHECK_TEXT(node_name(t), "");
	CHECK(node_attribute(t, "id") == NULL);
	CHECK_TEXT(node_name(b), "b");
	CHECK(node_parent(b) == p);
	CHECK(node_next(node_next(b)) == NULL);
	CHECK(node_compare(p, b) < 0);
	CHECK(node_compare(b, t) > 0);
	CHECK(node_compare(b, b) == 0);
	CHECK(node_contains(p, node_first_child(b)));
	CHECK(node_contains(p, p));
	CHECK(!node_contains(b, t));
	page_free(page);
}

CASE(text_has_a_line_for_each_block)
{
	check_text("<p>a<p>b<br>c</p>d", "a\nb\nc\nd");
	check_text("<div><div>a</div></div><div>b</div>", "a\nb");
	check_text("a <b>b</b><span>c</span>", "a bc");
	check_text("<ul><li>a<li>b</ul>c", "a\nb\nc");
	check_text("<table><tr><td>a<td>b<tr><td>c</table>", "a\nb\nc");
	check_text("<br>a", "\na");
	check_text("<p> a </p>", " a ");
	check_text("<p></p><hr>", "");
	check_text("a<hr>b", "a\nb");
}

CASE(text_leaves_out_what_is_not_shown)
{
	check_text("a<script>x</script><style>y</style><noscript>z</noscript>"
		   "<template>w</template><!-- v -->b",
	    "ab");

	struct page *page = parse("<script>{\"a\": 1 < 2}</script>");
	struct buf out = { 0 };

	node_add_text(&out, first(page_root(page), "script"));
	CHECK_TEXT(buf_text(&out), "{\"a\": 1 < 2}");
	buf_clear(&out);
	page_free(page);
}

CASE(a_template_holds_nothing)
{
	struct page *page = parse("<template><h1>x</h1></template>");
	struct node *template = first(page_root(page), "template");

	CHECK(template != NULL);
	CHECK(node_first_child(template) == NULL);
	CHECK(first(page_root(page), "h1") == NULL);
	page_free(page);
}

CASE(foreign_elements_and_attributes_are_plain)
{
	struct page *page = parse(
	    "<svg viewBox=1><foreignObject/><a xlink:href=#x></a></svg>"
	    "<FOO:Bar Data-X=1>");
	struct node *svg = first(page_root(page), "svg");

	CHECK_TEXT(node_attribute(svg, "viewbox"), "1");
	CHECK(first(svg, "foreignobject") != NULL);
	CHECK_TEXT(node_attribute(first(svg, "a"), "xlink:href"), "#x");
	CHECK_TEXT(
	    node_attribute(first(page_root(page), "foo:bar"), "data-x"), "1");
	page_free(page);
}

static void
check_path(struct node *n, const char *expected)
{
	struct buf out = { 0 };

	node_add_path(&out, n);
	CHECK_TEXT(buf_text(&out), expected);
	buf_clear(&out);
}

CASE(paths_number_siblings_of_one_name)
{
	struct page *page = parse(
	    "<div><p>a</p><ul></ul><p>b</p></div><h1>c</h1>");
	struct node *div = first(page_root(page), "div");
	struct node *p = node_first_child(div);

	check_path(p, "/html/body/div/p[1]");
	check_path(node_next(node_next(p)), "/html/body/div/p[2]");
	check_path(node_next(p), "/html/body/div/ul");
	check_path(first(page_root(page), "h1"), "/html/body/h1");
	check_path(node_first_child(p), "/html/body/div/p[1]/text()");
	page_free(page);
}

CASE(offsets_point_at_start_tags)
{
	static const char html[] = "<p>a</p>\n<H2 id=x>b</h2><table><tr>";
	struct page *page = parse(html);
	struct node *root = page_root(page);
	size_t len = 0;

	CHECK_INT(node_offset(first(root, "p")), 0);
	CHECK_INT(node_offset(first(root, "h2")), 9);
	CHECK_INT(node_offset(node_first_child(first(root, "h2"))), 18);
	CHECK_INT(node_offset(first(root, "tr")), strstr(html, "<tr") - html);
	CHECK_INT(node_offset(first(root, "tbody")), -1);
	CHECK_TEXT(page_source(page, &len), html);
	CHECK_INT(len, sizeof(html) - 1);
	page_free(page);
}

CASE(text_is_utf8_whatever_the_charset)
{
	struct error e = { 0 };
	struct page *page = NULL;
	struct buf out = { 0 };
	static const char html[] = "<meta charset=koi8-r><p>\xc7\xd2\xc9</p>";

	CHECK_OK(
	    parse_bytes(&page, html, sizeof(html) - 1, "windows-1256", &e), &e);
	CHECK_TEXT(page_charset(page), "windows-1256");
	CHECK_TEXT(page_charset_source(page), "header");
	node_add_text(&out, first(page_root(page), "p"));
	CHECK_TEXT(buf_text(&out), "\xd8\xa7\xd8\xb2\xd8\xa9");
	buf_clear(&out);
	page_free(page);

	CHECK_OK(parse_bytes(&page, html, sizeof(html) - 1, "", &e), &e);
	CHECK_TEXT(page_charset(page), "koi8-r");
	CHECK_TEXT(page_charset_source(page), "meta");
	page_free(page);
}

static void
check_base(const char *html, const char *expected)
{
	struct page *page = parse(html);

	CHECK_TEXT(page_base(page)->text, expected);
	CHECK_TEXT(page_url(page)->text, "https://news.test/a/b?c");
	page_free(page);
}

CASE(the_first_base_with_an_address_counts)
{
	check_base("<p>", "https://news.test/a/b?c");
	check_base("<base href=../x/>", "https://news.test/x/");
	check_base("<base target=_top><base href=//o.test/><base href=/y>",
	    "https://o.test/");
	check_base("<base href='http://['>", "https://news.test/a/b?c");
}

/* COUNT times WHAT in a document: 1 parsed, 0 refused for a limit. */
static int
parses(const char *before, const char *what, size_t count)
{
	struct error e = { 0 };
	struct page *page = NULL;
	struct buf html = { 0 };
	int rc = 0;

	buf_add_text(&html, before);
	for (size_t i = 0; i < count; i++)
		buf_add_text(&html, what);
	rc = parse_bytes(&page, buf_text(&html), html.len, "", &e);
	if (rc < 0)
		CHECK_INT(e.kind, ERROR_LIMIT);
	page_free(page);
	buf_clear(&html);
	return rc == 0;
}

CASE(depth_is_limited)
{
	/* html and body are two of the levels. */
	CHECK(parses("", "<div>", LIMIT_HTML_DEPTH - 2));
	CHECK(!parses("", "<div>", LIMIT_HTML_DEPTH - 1));
	CHECK(!parses("", "<svg>", 400000));
	CHECK(!parses("", "<table><tr><td>", 1000));
	CHECK(!parses("<table>", "x<b>", 5000));
	CHECK(!parses("", "<div><table><tr><td></div>", 5000));
	CHECK(!parses("", "<span><div></span>", 5000));
	CHECK(!parses("", "<b><div></b>", 5000));
}

CASE(what_html_closes_by_itself_is_not_deep)
{
	CHECK(parses("", "<p>x", 5000));
	CHECK(parses("<ul>", "<li>x", 5000));
	CHECK(parses("<dl>", "<dt>x<dd>y", 5000));
	CHECK(parses("<table>", "<tr><td>x<th>y", 5000));
	CHECK(parses("<select>", "<option>x", 5000));
	CHECK(parses("", "<br><img><input>", 5000));
	CHECK(parses("", "<a href=x>y", 5000));
	CHECK(parses("", "<h2>x", 500));
	CHECK(parses("", "<form>x", 5000));
	CHECK(parses("<svg>", "<path/><g></g>", 5000));
	CHECK(parses("", "<script><div></script>", 5000));
	CHECK(parses("", "<!-- <div> -->", 5000));
	CHECK(parses("", "<a title='<div>'>", 5000));
	CHECK(parses("", "</div>", 5000));
	CHECK(parses("", "<p><b>x</b></p>", 5000));
}

CASE(attributes_are_limited)
{
	CHECK(parses("<p", " a", LIMIT_HTML_ATTRIBUTES));
	CHECK(!parses("<p", " a", LIMIT_HTML_ATTRIBUTES + 1));
	CHECK(!parses("</p", " a='b'", LIMIT_HTML_ATTRIBUTES + 1));
}

CASE(size_is_limited)
{
	CHECK(parses("", "x", PAGE_BYTES_MAX));
	CHECK(!parses("", "x", PAGE_BYTES_MAX + 1));
}

CASE(a_tree_that_multiplies_is_stopped)
{
	struct error e = { 0 };
	struct page *page = NULL;
	struct buf html = { 0 };

	/* Each paragraph opens all formatting elements before it again. */
	for (int i = 0; i < 20000; i++)
		buf_format(&html, "<p><b id=%d>x", i);
	CHECK(parse_bytes(&page, buf_text(&html), html.len, "", &e) < 0);
	CHECK_INT(e.kind, ERROR_LIMIT);
	buf_clear(&html);
}

CASE(anything_is_a_page)
{
	struct error e = { 0 };
	struct page *page = NULL;
	static const char bytes[] = "\0<\xff<a\0b='\0'>\0</";

	CHECK_OK(parse_bytes(&page, "", 0, "", &e), &e);
	CHECK_TEXT(node_name(page_root(page)), "html");
	page_free(page);
	CHECK_OK(parse_bytes(&page, bytes, sizeof(bytes) - 1, "utf-8", &e), &e);
	page_free(page);
}

TESTS(T(nodes_are_walked_in_document_order), T(text_has_a_line_for_each_block),
    T(text_leaves_out_what_is_not_shown), T(a_template_holds_nothing),
    T(foreign_elements_and_attributes_are_plain),
    T(paths_number_siblings_of_one_name), T(offsets_point_at_start_tags),
    T(text_is_utf8_whatever_the_charset),
    T(the_first_base_with_an_address_counts), T(depth_is_limited),
    T(what_html_closes_by_itself_is_not_deep), T(attributes_are_limited),
    T(size_is_limited), T(a_tree_that_multiplies_is_stopped),
    T(anything_is_a_page))
