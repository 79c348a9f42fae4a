/* URLs in CSS by example. */
#include "core/web/css_urls.h"

#include "core/base/buf.h"
#include "tests/test.h"

static void
show(void *context, const struct css_url *url)
{
	static const char *const kinds[] = { "image", "import", "font" };

	buf_format(
	    context, "%s %.*s|", kinds[url->kind], (int)url->len, url->text);
}

static void
check(const char *css, const char *expected)
{
	struct buf b = { 0 };

	css_urls((const uint8_t *)css, strlen(css), show, &b);
	CHECK_TEXT(buf_text(&b), expected);
	buf_clear(&b);
}

CASE(url_functions_are_found_however_they_are_written)
{
	check("a{background:url(a.png)}", "image a.png|");
	check("a{background:URL( \"a b.png\" )}", "image a b.png|");
	check("a{b:url( a.png )} c{d:\\75RL('x'), src(\"y\")}",
	    "image a.png|image x|image y|");
	check("a{--x:url(a.png);cursor:url(b.cur),auto}",
	    "image a.png|image b.cur|");
	check("background-image:url(x.jpg)", "image x.jpg|");
	check("a{b:url(eof", "image eof|");
}

CASE(escapes_are_resolved)
{
	check("a{b:url(a\\)\\20 b\\0000e9.png)}", "image a) b\xC3\xA9.png|");
	check("a{b:url('a\\\nb\\'c\\0')}", "image ab'c\xEF\xBF\xBD|");
}

CASE(what_only_looks_like_a_url_is_none)
{
	check("/* url(a) */ a{b:'url(b)'}", "");
	check("a{b:1url(c);d:xurl(e)} #url(f){}", "");
	check("a{b:url(a b) url(a'b) url(c)}", "image c|");
	check("a{b:url('x\n)} c{d:url(y)}", "image y|");
	check("@namespace svg url(http://x/); @charset \"utf-8\";", "");
}

CASE(imports_take_a_string_or_a_url)
{
	check("@import \"a.css\" screen; @import url(b.css);a{c:url(d)}",
	    "import a.css|import b.css|image d|");
	check("@IMPORT url('a.css') supports(d:url(e)) ;",
	    "import a.css|image e|");
	check("<!-- @import 'a'; -->", "import a|");
}

CASE(image_sets_have_strings_and_urls)
{
	check("a{b:image-set('a.png' 1x, url(b.png) 2x, 'c.avif' "
	      "type('image/avif'))}",
	    "image a.png|image b.png|image c.avif|");
	check("a{b:-webkit-image-set(url('a') 1x)} c{d:cross-fade(url(e),"
	      " url(f))}",
	    "image a|image e|image f|");
	check("a{b:image('x.png')} c{d:url('e' 'f')}", "image x.png|image e|");
}

CASE(urls_in_font_face_are_fonts)
{
	check("@font-face{src:local('A'),url(a.woff2) format('woff2')}"
	      "b{c:url(d)}",
	    "font a.woff2|image d|");
	check("@media print{@font-face {src:url('a')} b{c:url(d)}}",
	    "font a|image d|");
}

static void
take(void *context, const struct css_url *url)
{
	*(struct css_url *)context = *url;
}

CASE(raw_places_of_urls_are_exact)
{
	const char *bare = "a{b:url( a\\)b )}";
	const char *quoted = "a{b:url( 'c' )}";
	struct css_url url = { 0 };

	css_urls((const uint8_t *)bare, strlen(bare), take, &url);
	CHECK_INT(url.start, 9);
	CHECK_INT(url.end, 13);
	css_urls((const uint8_t *)quoted, strlen(quoted), take, &url);
	CHECK_INT(url.start, 10);
	CHECK_INT(url.end, 11);
}

CASE(deep_nesting_and_long_urls_are_linear)
{
	struct buf css = { 0 };
	struct buf b = { 0 };

	for (int i = 0; i < 300000; i++)
		buf_add_text(&css, "(url(/*\\\"");
	css_urls(css.data, css.len, show, &b);
	buf_reset(&css);
	for (int i = 0; i < 1000000; i++)
		buf_add_text(&css, "[");
	css_urls(css.data, css.len, show, &b);
	buf_clear(&css);
	buf_clear(&b);
	CHECK(1);
}

TESTS(T(url_functions_are_found_however_they_are_written),
    T(escapes_are_resolved), T(what_only_looks_like_a_url_is_none),
    T(imports_take_a_string_or_a_url), T(image_sets_have_strings_and_urls),
    T(urls_in_font_face_are_fonts), T(raw_places_of_urls_are_exact),
    T(deep_nesting_and_long_urls_are_linear))
