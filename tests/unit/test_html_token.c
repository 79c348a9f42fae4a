/* The HTML tokenizer by example. */
#include "core/web/html_token.h"

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "tests/test.h"

/* Tokens as one line: <name a="v"/> </name> text [comment] {doctype}. */
static void
show(void *context, const struct html_token *t)
{
	struct buf *b = context;

	switch (t->kind) {
	case HTML_TOKEN_TEXT:
		buf_add(b, t->text, t->len);
		return;
	case HTML_TOKEN_START:
		buf_format(b, "<%.*s", (int)t->len, t->text);
		for (size_t i = 0; i < t->attribute_count; i++)
			buf_format(b, " %.*s=\"%.*s\"",
			    (int)t->attributes[i].name_len,
			    t->attributes[i].name,
			    (int)t->attributes[i].value_len,
			    t->attributes[i].value);
		buf_add_text(b, t->self_closing ? "/>" : ">");
		return;
	case HTML_TOKEN_END:
		buf_format(b, "</%.*s>", (int)t->len, t->text);
		return;
	case HTML_TOKEN_COMMENT:
		buf_format(b, "[%.*s]", (int)t->len, t->text);
		return;
	case HTML_TOKEN_DOCTYPE:
		buf_format(b, "{%.*s}", (int)t->len, t->text);
		return;
	}
}

static void
check_options(const char *html, unsigned options, const char *expected)
{
	struct buf b = { 0 };

	html_tokens((const uint8_t *)html, strlen(html), options, show, &b);
	CHECK_TEXT(buf_text(&b), expected);
	buf_clear(&b);
}

static void
check(const char *html, const char *expected)
{
	check_options(html, 0, expected);
}

CASE(tags_have_lower_case_names_and_each_attribute_once)
{
	check("<IMG SRC='A.jpg' alt=x src=B.jpg hidden>",
	    "<img src=\"A.jpg\" alt=\"x\" hidden=\"\">");
	check("<br/><p/ a>", "<br/><p a=\"\">");
	check("<a b=c/>x</A >", "<a b=\"c/\">x</a>");
	check("1 < 2 <3 a<b", "1 < 2 <3 a"); /* <b never ends */
}

CASE(references_are_decoded_and_values_keep_ambiguous_ones)
{
	check("&lt;b&gt; &amp &notit; &#x41;&#66 &#0; &nosuch; &",
	    "<b> & \xC2\xACit; AB \xEF\xBF\xBD &nosuch; &");
	check(
	    "<a href=\"?a=1&copy=2&amp;b&lt\">", "<a href=\"?a=1&copy=2&b<\">");
	check("&nGt;&CounterClockwiseContourIntegral;&#x80;",
	    "\xE2\x89\xAB\xE2\x83\x92\xE2\x88\xB3\xE2\x82\xAC");
}

CASE(line_ends_become_line_feeds)
{
	check("a\r\nb\rc<x y='1\r\n2'><!--\r-->", "a\nb\nc<x y=\"1\n2\">[\n]");
}

CASE(contents_of_raw_elements_are_text)
{
	check("<script>if (a<b) '<img>'</script><i>",
	    "<script>if (a<b) '<img>'</script><i>");
	check("<title>a &amp; <b></title>", "<title>a & <b></title>");
	check(
	    "<style>a>b{}</styles></STYLE x>", "<style>a>b{}</styles></style>");
	check("<script><!--<script></script>--></script>",
	    "<script><!--<script></script>--></script>");
	check("<plaintext></plaintext><b>", "<plaintext></plaintext><b>");
}

CASE(noscript_is_markup_unless_scripting_is_on)
{
	const char *html = "<noscript><IMG></noscript>";

	check(html, "<noscript><img></noscript>");
	check_options(
	    html, HTML_TOKENIZER_SCRIPTING, "<noscript><IMG></noscript>");
}

CASE(a_self_closing_script_is_closed_in_svg_only)
{
	check("<svg><script/><B></svg>", "<svg><script/><b></svg>");
	check("<svg></svg><script/><B>", "<svg></svg><script/><B>");
}

CASE(comments_doctypes_and_sections_are_told_apart)
{
	check("<!doctype HTML><!--a--><!-b><?c?></ d><!---->",
	    "{html}[a][-b][?c?][ d][]");
	check("<!-->x<!--->y<!--z--!>", "[]x[]y[z]");
	check("<![CDATA[a]]>", "[[CDATA[a]]]");
	check_options("<![CDATA[a<b>]]]>c", HTML_TOKENIZER_CDATA, "a<b>]c");
}

CASE(what_the_end_of_input_cuts_short_is_dropped_or_text)
{
	check("a<img src='x", "a");
	check("a<!--b-", "a[b]");
	check("a</", "a</");
	check("<script>a</script", "<script>a</script");
	check("&#65", "A");
	check("&am", "&am");
}

static void
take_second(void *context, const struct html_token *t)
{
	struct html_token *copy = context;

	if (t->kind == HTML_TOKEN_START)
		*copy = *t;
}

/* What a rewriter needs: the raw bytes of tags and values. */
CASE(raw_offsets_of_tags_and_values_are_exact_in_any_cut)
{
	const char *html = "\r\n&amp;x<A HREF = \"a&amp;b\" c=d e F=''>";
	size_t len = strlen(html);

	for (size_t step = 1; step <= len; step++) {
		struct html_tokenizer *t = html_tokenizer_new(0);
		struct html_token tag = { 0 };
		const struct html_attribute *a;

		for (size_t i = 0; i < len; i += step)
			html_token_feed(t, (const uint8_t *)html + i,
			    len - i < step ? len - i : step, take_second, &tag);
		a = tag.attributes;
		CHECK_INT(tag.attribute_count, 4);
		CHECK_INT(tag.start, 8);
		CHECK_INT(tag.end, len);
		CHECK_INT(a[0].start, 11);
		CHECK(memcmp(html + a[0].value_start, "a&amp;b", 7) == 0);
		CHECK_INT(a[0].value_end - a[0].value_start, 7);
		CHECK_INT(a[0].quote, '"');
		CHECK(memcmp(html + a[1].value_start, "d ", 2) == 0);
		CHECK_INT(a[1].quote, 0);
		CHECK_INT(a[2].value_start, 0);
		CHECK_INT(a[3].value_start, len - 2);
		CHECK_INT(a[3].value_end, len - 2);
		html_tokenizer_free(t);
	}
}

static void
feed_all(struct buf *b, const char *html, size_t first, size_t second)
{
	struct html_tokenizer *t = html_tokenizer_new(0);
	const uint8_t *p = (const uint8_t *)html;

	html_token_feed(t, p, first, show, b);
	html_token_feed(t, p + first, second - first, show, b);
	html_token_feed(t, p + second, strlen(html) - second, show, b);
	html_token_finish(t, show, b);
	html_tokenizer_free(t);
}

CASE(tokens_do_not_depend_on_where_the_bytes_are_cut)
{
	const char *html = "<!DOCTYPE html><p Class=\"a&quot;b\" x>&notin;&"
			   "#x41;\r\n<script><!--<script>-</script>--></scr"
			   "ipt><title>&lt;</title><!--a--!><?b></p>";
	size_t len = strlen(html);
	struct buf whole = { 0 };

	html_tokens((const uint8_t *)html, len, 0, show, &whole);
	for (size_t i = 0; i <= len; i++)
		for (size_t k = i; k <= len; k++) {
			struct buf b = { 0 };

			feed_all(&b, html, i, k);
			CHECK_TEXT(buf_text(&b), buf_text(&whole));
			buf_clear(&b);
		}
	buf_clear(&whole);
}

static void
count_attributes(void *context, const struct html_token *t)
{
	*(size_t *)context += t->attribute_count;
}

CASE(attributes_beyond_the_limit_are_dropped)
{
	struct buf b = { 0 };
	size_t count = 0;

	buf_add_text(&b, "<p");
	for (int i = 0; i < LIMIT_HTML_ATTRIBUTES; i++)
		buf_format(&b, " a%d=1 a0=2", i / 2);
	buf_add_text(&b, ">");
	html_tokens(b.data, b.len, 0, count_attributes, &count);
	CHECK_INT(count, LIMIT_HTML_ATTRIBUTES / 4);
	buf_reset(&b);
	count = 0;
	buf_add_text(&b, "<p");
	for (int i = 0; i < 40000; i++)
		buf_format(&b, " a%d", i);
	buf_add_text(&b, ">");
	html_tokens(b.data, b.len, 0, count_attributes, &count);
	CHECK_INT(count, LIMIT_HTML_ATTRIBUTES);
	buf_clear(&b);
}

CASE(a_tokenizer_reads_another_document_after_reset)
{
	struct html_tokenizer *t = html_tokenizer_new(0);
	struct buf b = { 0 };

	html_token_feed(t, (const uint8_t *)"<script>a<", 10, show, &b);
	html_tokenizer_reset(t);
	html_token_feed(t, (const uint8_t *)"<b>&amp;", 8, show, &b);
	html_token_finish(t, show, &b);
	CHECK_TEXT(buf_text(&b), "<script>a<b>&");
	html_tokenizer_free(t);
	buf_clear(&b);
}

CASE(long_lexemes_fed_byte_by_byte_take_linear_time)
{
	static const char *const open[] = { "<!--", "<a b='", "<!doctype ",
		"<a ", "&#0", "<?" };

	/* With looking again at what is kept this would take minutes. */
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		struct html_tokenizer *t = html_tokenizer_new(0);
		struct buf b = { 0 };

		html_token_feed(
		    t, (const uint8_t *)open[i], strlen(open[i]), show, &b);
		for (int k = 0; k < 1000000; k++)
			html_token_feed(t, (const uint8_t *)"0", 1, show, &b);
		CHECK_INT(b.len, 0);
		html_token_finish(t, show, &b);
		html_tokenizer_free(t);
		buf_clear(&b);
	}
}

TESTS(T(tags_have_lower_case_names_and_each_attribute_once),
    T(references_are_decoded_and_values_keep_ambiguous_ones),
    T(line_ends_become_line_feeds), T(contents_of_raw_elements_are_text),
    T(noscript_is_markup_unless_scripting_is_on),
    T(a_self_closing_script_is_closed_in_svg_only),
    T(comments_doctypes_and_sections_are_told_apart),
    T(what_the_end_of_input_cuts_short_is_dropped_or_text),
    T(raw_offsets_of_tags_and_values_are_exact_in_any_cut),
    T(tokens_do_not_depend_on_where_the_bytes_are_cut),
    T(attributes_beyond_the_limit_are_dropped),
    T(a_tokenizer_reads_another_document_after_reset),
    T(long_lexemes_fed_byte_by_byte_take_linear_time))
