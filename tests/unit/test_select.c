/* Selectors against a small page: which nodes, in which order. */

#include "tests/test.h"

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/web/page.h"
#include "core/web/select.h"
#include "core/web/url.h"

static const char small[] =
    "<!DOCTYPE html><html lang=en-GB><head><title>T</title>"
    "<meta property='og:title' content=M></head><body>"
    "<header class='top main-bar'><nav id=nav><a href='/a'>a1</a>"
    "<a href='https://x.test/b.PDF' rel='nofollow noopener'>a2</a></nav>"
    "</header>"
    "<article id=art data-kind=News>"
    "<h1>head</h1>"
    "<p class='lg_para summary'>p1</p>"
    "<div class='p-content'><p>p2</p><p class=x>p3 <b>b1</b></p>"
    "<div><p>p4</p></div><p></p><p>Read&nbsp;  next: it's <a href=#>a3</a>"
    "</p></div>"
    "<ul><li>l1</li><li class=on>l2</li><li>l3</li><li>l4</li><li>l5</li>"
    "</ul>"
    "<svg viewBox='0 0 1 1'><linearGradient id=g xlink:href='#z'/>"
    "<text>s1</text></svg>"
    "<x-card :bind=1>c1</x-card>"
    "</article><footer><p>f1</p></footer></body></html>";

static struct page *
parse(const char *html)
{
	struct error e = { 0 };
	struct url url = { 0 };
	struct page *page = NULL;
	static const char address[] = "https://news.test/a/b";

	CHECK_OK(url_parse(&url, address, sizeof(address) - 1, NULL, &e), &e);
	CHECK_OK(page_parse(&page, (const uint8_t *)html, strlen(html), "utf-8",
		     &url, &e),
	    &e);
	url_clear(&url);
	return page;
}

/* The texts of what CSS selects below ROOT, joined by "|"; "!" and the error
 * when it does not compile. */
static void
select_texts(
    struct buf *out, struct page *page, const char *root, const char *css)
{
	struct error e = { 0 };
	struct arena *a = arena_new();
	struct selector *s = NULL;
	struct selector *below = NULL;
	struct node_list list = { 0 };
	const struct node *from = NULL;

	if (selector_compile(&s, css, &e) < 0) {
		buf_format(out, "!%s", e.text);
		goto done;
	}
	CHECK_TEXT(selector_text(s), css);
	if (root != NULL) {
		CHECK_OK(selector_compile(&below, root, &e), &e);
		CHECK_OK(page_select(page, below, NULL, a, &list, &e), &e);
		CHECK(list.count > 0);
		from = list.count > 0 ? list.nodes[0] : NULL;
	}
	CHECK_OK(page_select(page, s, from, a, &list, &e), &e);
	for (size_t i = 0; i < list.count; i++) {
		if (i > 0)
			buf_add_byte(out, '|');
		if (list.nodes[i] == page_root(page))
			buf_add_text(out, "ROOT");
		else
			node_add_text(out, list.nodes[i]);
	}
done:
	selector_free(below);
	selector_free(s);
	arena_free(a);
}

struct expected {
	const char *css;
	const char *texts;
};

static void
check_table(const struct expected *rows, size_t count, const char *root)
{
	struct page *page = parse(small);

	for (size_t i = 0; page != NULL && i < count; i++) {
		struct buf out = { 0 };

		select_texts(&out, page, root, rows[i].css);
		if (strcmp(buf_text(&out), rows[i].texts) != 0)
			printf("# selector %s\n", rows[i].css);
		CHECK_TEXT(buf_text(&out), rows[i].texts);
		buf_clear(&out);
	}
	page_free(page);
}

#define TABLE(rows, root) \
	check_table((rows), sizeof(rows) / sizeof((rows)[0]), (root))

CASE(simple_selectors_find_their_nodes)
{
	static const struct expected rows[] = {
		{ "h1", "head" },
		{ "H1", "head" },
		{ "b, h1", "head|b1" },
		{ "h1, article h1, h1", "head" },
		{ "#nav", "a1a2" },
		{ ".x", "p3 b1" },
		{ ".summary.lg_para", "p1" },
		{ "p.summary", "p1" },
		{ ".summ", "" },
		{ ".main-bar > nav > a", "a1|a2" },
		{ "div.p-content > p",
		    "p2|p3 b1||Read\xc2\xa0  next: it's a3" },
		{ "div.p-content p", "p2|p3 b1|p4||"
				     "Read\xc2\xa0  next: it's a3" },
		{ "article   b", "b1" },
		{ "article>b", "" },
		{ "h1 + p", "p1" },
		{ "h1+p+p", "" },
		{ "h1 ~ ul > .on", "l2" },
		{ "li.on ~ li", "l3|l4|l5" },
		{ "* > b", "b1" },
		{ "title", "T" },
	};

	TABLE(rows, NULL);
}

CASE(attribute_operators_compare_values)
{
	static const struct expected rows[] = {
		{ "a[rel]", "a2" },
		{ "[ id = 'art' ] h1", "head" },
		{ "[data-kind=news]", "" },
		{ "[data-kind=news i] h1", "head" },
		{ "a[rel~=noopener]", "a2" },
		{ "a[rel~=noopen]", "" },
		{ "a[rel~='']", "" },
		{ "html[lang|=en]", "ROOT" },
		{ "html[lang|=e]", "" },
		{ "a[href^='/']", "a1" },
		{ "a[href^='']", "" },
		{ "a[href$=\".pdf\" i]", "a2" },
		{ "a[href$='.pdf']", "" },
		{ "a[href$='a']", "a1" },
		{ "a[href*='x.test']", "a2" },
		{ "a[HREF='#']", "a3" },
		{ "[class*=\"cont\"] b", "b1" },
		{ "[\\:bind='1']", "c1" },
		{ "[xlink\\:href] + text", "s1" },
		{ "p[class='' i]", "" },
		{ "[property='og:title']", "" },
	};

	TABLE(rows, NULL);
}

CASE(structural_pseudo_classes_count_elements)
{
	static const struct expected rows[] = {
		{ "li:first-child", "l1" },
		{ "li:last-child", "l5" },
		{ "b:only-child", "b1" },
		{ "li:nth-child(2)", "l2" },
		{ "li:nth-child(odd)", "l1|l3|l5" },
		{ "li:nth-child( even )", "l2|l4" },
		{ "li:nth-child(2n+1)", "l1|l3|l5" },
		{ "li:nth-child(-n + 2)", "l1|l2" },
		{ "li:nth-child(n+4)", "l4|l5" },
		{ "li:nth-child(3n-1)", "l2|l5" },
		{ "li:nth-last-child(1)", "l5" },
		{ "li:nth-last-child(-n+2)", "l4|l5" },
		{ ".p-content > p:nth-of-type(2)", "p3 b1" },
		{ ".p-content > p:nth-last-of-type(1)",
		    "Read\xc2\xa0  next: it's a3" },
		{ ".p-content > :nth-child(3)", "p4" },
		{ ".p-content > p:first-of-type", "p2" },
		{ "article > p:last-of-type", "p1" },
		{ "p:empty", "" },
		{ ":root", "ROOT" },
		{ "article > *:nth-of-type(1):not(p, div, ul, svg)",
		    "head|c1" },
	};

	TABLE(rows, NULL);
}

CASE(logical_pseudo_classes_combine)
{
	static const struct expected rows[] = {
		{ "li:not(.on)", "l1|l3|l4|l5" },
		{ "li:not(:first-child):not(.on)", "l3|l4|l5" },
		{ "p:not(article p)", "f1" },
		{ ":is(h1, b)", "head|b1" },
		{ ":where(article, footer) > p", "p1|f1" },
		{ "p:has(b)", "p3 b1" },
		{ "p:has(> a)", "Read\xc2\xa0  next: it's a3" },
		{ "li:has(+ .on)", "l1" },
		{ "li:has(~ .on)", "l1" },
		{ "li:has(~ li:nth-child(4))", "l1|l2|l3" },
		{ "article:has(.p-content > div > p) > h1", "head" },
		{ "article:has(.p-content > b) > h1", "" },
		{ "p:has(b, a)", "p3 b1|Read\xc2\xa0  next: it's a3" },
		{ "li:not(:has(+ li))", "l5" },
		{ "p:not(:is(.x, .summary)):not(:empty)",
		    "p2|p4|Read\xc2\xa0  next: it's a3|f1" },
		{ "li:not(*)", "" },
	};

	TABLE(rows, NULL);
}

CASE(contains_looks_at_text_with_folded_white_space)
{
	static const struct expected rows[] = {
		{ "p:contains(\"Read next\")", "Read\xc2\xa0  next: it's a3" },
		{ "p:contains('read next')", "" },
		{ "p:contains(\"it's\")", "Read\xc2\xa0  next: it's a3" },
		{ "p:contains(\"next: it's a3\") > a", "a3" },
		{ "li:contains('l')", "l1|l2|l3|l4|l5" },
		{ "h1:contains(\"\")", "head" },
	};

	TABLE(rows, NULL);
}

CASE(foreign_elements_have_plain_names)
{
	static const struct expected rows[] = {
		{ "svg > text", "s1" },
		{ "linearGradient + text", "s1" },
		{ "x-card", "c1" },
		{ "svg[viewbox]", "s1" },
	};

	TABLE(rows, NULL);
}

CASE(a_root_bounds_what_is_found_not_what_is_asked)
{
	static const struct expected rows[] = {
		{ "p", "p2|p3 b1|p4||Read\xc2\xa0  next: it's a3" },
		{ "article p.x", "p3 b1" },
		{ "h1", "" },
		{ ".p-content", "" },
	};

	TABLE(rows, ".p-content");
}

CASE(what_is_not_understood_is_named_with_its_position)
{
	static const struct expected rows[] = {
		{ "", "!selector '': no selector at 1" },
		{ "p >", "!selector 'p >': no selector at 4" },
		{ "p,,b", "!selector 'p,,b': no selector at 3" },
		{ "p::before", "!selector 'p::before': an unknown "
			       "pseudo-class at 2" },
		{ "p:hover", "!selector 'p:hover': an unknown pseudo-class "
			     "at 2" },
		{ "a[href", "!selector 'a[href': no operator of an "
			    "attribute at 7" },
		{ "a[href=", "!selector 'a[href=': no value of an attribute "
			     "at 8" },
		{ "a[href='x", "!selector 'a[href='x': a string without an "
			       "end at 8" },
		{ "a[b=c x]", "!selector 'a[b=c x]': no ']' at 7" },
		{ "li:nth-child(x)",
		    "!selector 'li:nth-child(x)': no an+b at 14" },
		{ "li:nth-child(2", "!selector 'li:nth-child(2': no ')' at "
				    "15" },
		{ "p:contains(x)", "!selector 'p:contains(x)': no string at "
				   "12" },
		{ ":not()", "!selector ':not()': no selector at 6" },
		{ "p)", "!selector 'p)': something not understood at 2" },
		{ "p|b", "!selector 'p|b': something not understood at 2" },
		{ ".1a", "!selector '.1a': no name at 2" },
		{ "a[b='c'd]", "!selector 'a[b='c'd]': no ']' at 8" },
	};

	TABLE(rows, NULL);
}

CASE(parentheses_nest_only_so_deep)
{
	struct error e = { 0 };
	struct selector *s = NULL;

	CHECK(
	    selector_compile(&s,
		":not(:not(:not(:not(:not(:not(:not(:not(b))))))))", &e) == 0);
	selector_free(s);
	s = NULL;
	CHECK(selector_compile(&s,
		  ":not(:not(:not(:not(:not(:not(:not(:not(:not(b)))))))))",
		  &e) < 0);
	CHECK_INT(e.kind, ERROR_USAGE);
}

CASE(costly_selections_stop_at_the_limit)
{
	struct buf html = { 0 };
	struct error e = { 0 };
	struct arena *a = arena_new();
	struct selector *s = NULL;
	struct node_list list = { 0 };

	for (int i = 0; i < 10000; i++)
		buf_add_text(&html, "<b>x</b>");
	struct page *page = parse(buf_text(&html));

	CHECK_OK(selector_compile(
		     &s, "b ~ b:has(~ i):nth-child(3n+1):not(u ~ b)", &e),
	    &e);
	CHECK(page_select(page, s, NULL, a, &list, &e) < 0);
	CHECK_INT(e.kind, ERROR_LIMIT);
	selector_free(s);
	s = NULL;
	CHECK_OK(selector_compile(&s, "b:first-child + b", &e), &e);
	CHECK_OK(page_select(page, s, NULL, a, &list, &e), &e);
	CHECK_INT(list.count, 1);
	selector_free(s);
	page_free(page);
	arena_free(a);
	buf_clear(&html);
}

TESTS(T(simple_selectors_find_their_nodes),
    T(attribute_operators_compare_values),
    T(structural_pseudo_classes_count_elements),
    T(logical_pseudo_classes_combine),
    T(contains_looks_at_text_with_folded_white_space),
    T(foreign_elements_have_plain_names),
    T(a_root_bounds_what_is_found_not_what_is_asked),
    T(what_is_not_understood_is_named_with_its_position),
    T(parentheses_nest_only_so_deep), T(costly_selections_stop_at_the_limit))
