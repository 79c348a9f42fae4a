/* Where pages and stylesheets name what they need, one example each. */
#include "core/web/links.h"

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/web/url.h"
#include "tests/test.h"

#define HOST "https://news.example/"

/* "kind where url" per line; the page's own folder is left out. */
static void
show(void *context, const struct link *l)
{
	struct buf *b = context;
	const char *url = l->url;

	if (strncmp(url, HOST "a/", strlen(HOST) + 2) == 0)
		url += strlen(HOST) + 2;
	buf_format(b, "%s %s %s\n", link_kind_name(l->kind), l->where, url);
}

static struct url
page_url(void)
{
	struct url url = { 0 };

	CHECK(url_parse(&url, HOST "a/story.html?x#y",
		  strlen(HOST "a/story.html?x#y"), NULL, NULL) == 0);
	return url;
}

static void
check(const char *html, const char *expected)
{
	struct url url = page_url();
	struct buf b = { 0 };
	uint64_t more = 7;

	links_of_html(
	    (const uint8_t *)html, strlen(html), &url, show, &b, &more);
	CHECK_TEXT(buf_text(&b), expected);
	CHECK_INT(more, 0);
	buf_clear(&b);
	url_clear(&url);
}

CASE(img_and_every_srcset_candidate)
{
	check("<img src=1.jpg srcset='2.jpg 1x, 3,4.jpg 2x,5.jpg bad 1x 1x'>",
	    "image img@src 1.jpg\n"
	    "image img@srcset 2.jpg\n"
	    "image img@srcset 3,4.jpg\n"
	    "image img@srcset 5.jpg\n");
	check("<IMG SRC='/x y.png?a=1&amp;b#c' lowsrc=l.gif>",
	    "image img@src " HOST "x%20y.png?a=1&b\n"
	    "image img@lowsrc l.gif\n");
}

CASE(picture_and_source)
{
	check("<picture><source srcset='a.avif 1x, b.avif 2x' data-srcset="
	      "'c.avif 3x'><source src=d.webp></picture><video><source "
	      "src=e.mp4>",
	    "image source@srcset a.avif\n"
	    "image source@srcset b.avif\n"
	    "image source@data-srcset c.avif\n"
	    "image source@src d.webp\n"
	    "media source@src e.mp4\n");
}

CASE(lazy_attributes)
{
	check("<img src='data:image/gif;base64,R0lGOD=' data-src=/i/1 "
	      "data-srcset='2.jpg 1x, 3.jpg 2x' data-lazy-src=4.jpg>",
	    "image img@data-src " HOST "i/1\n"
	    "image img@data-srcset 2.jpg\n"
	    "image img@data-srcset 3.jpg\n"
	    "image img@data-lazy-src 4.jpg\n");
	check("<img data-original='5.jpg' nitro-lazy-src=6.jpg>"
	      "<div data-bg=\"url('7.jpg')\"></div>"
	      "<div data-bgset='8.jpg 1x | 9.jpg 1x'></div>",
	    "image img@data-original 5.jpg\n"
	    "image img@nitro-lazy-src 6.jpg\n"
	    "css-image div@data-bg 7.jpg\n"
	    "image div@data-bgset 8.jpg\n"
	    "image div@data-bgset 9.jpg\n");
	check("<iframe data-src=//v.example/1></iframe><video data-src=2.mp4 "
	      "data-poster=3.jpg></video>",
	    "frame iframe@data-src https://v.example/1\n"
	    "media video@data-src 2.mp4\n"
	    "image video@data-poster 3.jpg\n");
}

CASE(any_data_attribute_that_ends_in_an_image)
{
	check("<section data-hero='/x/1.jpg?w=9' data-set='/2.png 100w, "
	      "/3.png 200w'>",
	    "image section@data-hero " HOST "x/1.jpg?w=9\n"
	    "image section@data-set " HOST "2.png\n"
	    "image section@data-set " HOST "3.png\n");
	check("<p data-name=1.jpg data-title='A /photo.jpg here' data-n=5 "
	      "data-url=/share/me data-json='{\"a\":\"/1.jpg\"}' "
	      "data-href='/images/7'>",
	    "image p@data-href " HOST "images/7\n");
}

CASE(the_page_that_follows_is_named_beside_the_link)
{
	check("<link rel=next href=/p2><a href=/p2>2</a>"
	      "<a rel='nofollow Next' href=/p3>3</a><a rel=nextish href=/p4>",
	    "next link[rel=next]@href " HOST "p2\n"
	    "page a@href " HOST "p2\n"
	    "page a@href " HOST "p3\n"
	    "next a[rel=next]@href " HOST "p3\n"
	    "page a@href " HOST "p4\n");
}

CASE(placeholders_and_templates_are_no_links)
{
	check("<img src=about:blank><img src='{{url}}'><img data-src="
	      "'/a{width}.jpg'><img src='%%IMG%%'><img src=''><a href='#top'>"
	      "<a href='javascript:void(0)'><a href=mailto:a@b.example>"
	      "<img src=blob:x><img src='data:,a'>",
	    "");
}

CASE(noscript_and_template_contents_are_markup)
{
	check("<noscript><img src=1.jpg></noscript><template><img src=2.jpg>",
	    "image img@src 1.jpg\nimage img@src 2.jpg\n");
}

CASE(style_elements_and_attributes)
{
	check("<style>@import 'a.css'; @font-face{src:url(f.woff2)} "
	      "b{c:url(1.png)}</style><p style=\"background:url(&quot;2.png"
	      "&quot;)\">",
	    "stylesheet style@import a.css\n"
	    "font style@font-face f.woff2\n"
	    "css-image style 1.png\n"
	    "css-image p@style 2.png\n");
}

CASE(link_relations)
{
	check("<link rel='shortcut icon' href=1.ico><link rel=Stylesheet "
	      "href=2.css><link rel=apple-touch-icon href=3.png><link "
	      "rel=image_src href=4.jpg><link rel=manifest href=5.json>"
	      "<link rel=mask-icon href=6.svg><link rel=canonical href=7>",
	    "icon link[rel=icon]@href 1.ico\n"
	    "stylesheet link[rel=stylesheet]@href 2.css\n"
	    "icon link[rel=apple-touch-icon]@href 3.png\n"
	    "meta-image link[rel=image_src]@href 4.jpg\n"
	    "data link[rel=manifest]@href 5.json\n"
	    "icon link[rel=mask-icon]@href 6.svg\n");
}

CASE(preloads_by_what_they_load)
{
	check("<link rel=preload as=image href=1.jpg imagesrcset='2.jpg 1x, "
	      "3.jpg 2x'><link rel=preload as=font href=4.woff2><link "
	      "rel=preload as=style href=5.css><link rel=preload as=fetch "
	      "href=6.json><link rel=modulepreload href=7.js>",
	    "image link[rel=preload]@href 1.jpg\n"
	    "image link@imagesrcset 2.jpg\n"
	    "image link@imagesrcset 3.jpg\n"
	    "font link[rel=preload]@href 4.woff2\n"
	    "stylesheet link[rel=preload]@href 5.css\n"
	    "data link[rel=preload]@href 6.json\n"
	    "script link[rel=modulepreload]@href 7.js\n");
}

CASE(metadata_images)
{
	check("<meta property=og:image content=1.jpg><meta name=twitter:image "
	      "content=2.jpg><meta itemprop=image content=3.jpg><meta "
	      "name=description content=/x.jpg><link itemprop=thumbnailUrl "
	      "href=4.jpg><meta name=msapplication-TileImage content=5.png>",
	    "meta-image meta[property=og:image]@content 1.jpg\n"
	    "meta-image meta[name=twitter:image]@content 2.jpg\n"
	    "meta-image meta[itemprop=image]@content 3.jpg\n"
	    "meta-image meta[itemprop=thumbnailurl]@content 4.jpg\n"
	    "icon meta[name=msapplication-tileimage]@content 5.png\n");
}

CASE(json_ld_images)
{
	check("<script type='application/ld+json'>{\"@graph\":[{\"image\":["
	      "\"1.jpg\",{\"url\":\"2.jpg\"}],\"url\":\"/page\"},{\"url\":"
	      "\"https:\\/\\/c.example\\/3.jpg\",\"@type\":\"ImageObject\"},"
	      "{\"@type\":[\"VideoObject\"],\"contentUrl\":\"4.mp4\","
	      "\"thumbnailUrl\":\"5.jpg\",},{\"logo\":{\"@type\":\"X\","
	      "\"url\":\"6\\u002epng\"}}</script>",
	    "meta-image json-ld@image 1.jpg\n"
	    "meta-image json-ld@url 2.jpg\n"
	    "meta-image json-ld@url https://c.example/3.jpg\n"
	    "meta-image json-ld@image 5.jpg\n"
	    "media json-ld@contentUrl 4.mp4\n"
	    "meta-image json-ld@url 6.png\n");
	check("<script>{\"image\":\"1.jpg\"}</script>", "");
}

CASE(svg_images_and_uses)
{
	check("<svg><image href=1.png /><image xlink:href=2.png /><use "
	      "href='3.svg#icon'/><use href='#local'/><feImage href=4.png />"
	      "<script/><a xlink:href=5></svg><img src=6.png>",
	    "image image@href 1.png\n"
	    "image image@xlink:href 2.png\n"
	    "image use@href 3.svg\n"
	    "image feimage@href 4.png\n"
	    "page a@xlink:href 5\n"
	    "image img@src 6.png\n");
}

CASE(scripts_frames_objects_and_media)
{
	check("<script src=1.js></script><iframe src=2.html></iframe><embed "
	      "src=3.swf><object data=4.svg></object><object data=5 "
	      "type=image/png></object><video src=6.mp4 poster=7.jpg></video>"
	      "<audio src=8.mp3></audio><track src=9.vtt><frame src=10>",
	    "script script@src 1.js\n"
	    "frame iframe@src 2.html\n"
	    "frame embed@src 3.swf\n"
	    "image object@data 4.svg\n"
	    "image object@data 5\n"
	    "media video@src 6.mp4\n"
	    "image video@poster 7.jpg\n"
	    "media audio@src 8.mp3\n"
	    "media track@src 9.vtt\n"
	    "frame frame@src 10\n");
}

CASE(image_buttons_and_backgrounds)
{
	check("<input type=image src=1.png><input type=text src=2.png><body "
	      "background=3.png><td background=4.png>",
	    "image input@src 1.png\n"
	    "image body@background 3.png\n"
	    "image td@background 4.png\n");
}

CASE(the_document_in_srcdoc_is_read_once)
{
	check("<iframe srcdoc='<img src=1.jpg><iframe srcdoc=\"<img "
	      "src=2.jpg>\"></iframe>'></iframe>",
	    "image img@src 1.jpg\n");
}

CASE(anchors_are_pages_and_maybe_originals)
{
	check("<a href=/next>x</a><a href='big.JPG?x=1'>y</a><area href=z>",
	    "page a@href " HOST "next\n"
	    "page a@href big.JPG?x=1\n"
	    "image a@href big.JPG?x=1\n"
	    "page area@href z\n");
	check("<meta http-equiv=Refresh content=\"0; URL = '/moved'\">",
	    "page meta[http-equiv=refresh]@content " HOST "moved\n");
}

CASE(the_first_base_with_href_counts_everywhere)
{
	check("<img src=1.jpg><!-- <base href=/no/> --><base target=_top>"
	      "<base href='//cdn.example/b/'><base href=/late/><p "
	      "style='a:url(2.png)'>",
	    "image img@src https://cdn.example/b/1.jpg\n"
	    "css-image p@style https://cdn.example/b/2.png\n");
	check("<base href='javascript:1'><base href=/no/><img src=1.jpg>",
	    "image img@src 1.jpg\n");
}

CASE(amp_elements)
{
	check("<amp-img src=1.jpg srcset='2.jpg 2x'></amp-img><amp-video "
	      "poster=3.jpg src=4.mp4>",
	    "image amp-img@src 1.jpg\n"
	    "image amp-img@srcset 2.jpg\n"
	    "image amp-video@poster 3.jpg\n"
	    "media amp-video@src 4.mp4\n");
}

CASE(each_url_comes_once_per_kind)
{
	check("<img src=1.jpg><img src='1.jpg#x' srcset='1.jpg 1x'><link "
	      "rel=icon href=1.jpg>",
	    "image img@src 1.jpg\nicon link[rel=icon]@href 1.jpg\n");
}

CASE(links_of_a_stylesheet_are_relative_to_it)
{
	const char *css = "@import url(b.css); @font-face{src:url(/f.woff)} "
			  "a{b:url(../c.png); d:image-set('e.png' 2x)} "
			  "f{g:url(#h) url(data:,x)}";
	struct url url = page_url();
	struct buf b = { 0 };

	links_of_css((const uint8_t *)css, strlen(css), &url, show, &b, NULL);
	CHECK_TEXT(buf_text(&b), "stylesheet css@import b.css\n"
				 "font css@font-face " HOST "f.woff\n"
				 "css-image css " HOST "c.png\n"
				 "css-image css e.png\n");
	buf_clear(&b);
	url_clear(&url);
}

static void
show_candidate(void *context, const char *url, size_t url_len,
    const char *descriptor, size_t descriptor_len)
{
	buf_format(context, "%.*s[%.*s]%s ", (int)url_len, url,
	    (int)descriptor_len, descriptor,
	    links_srcset_is_valid(descriptor, descriptor_len) ? "" : "!");
}

static void
show_lesser(void *context, const struct link *l)
{
	buf_format(context, "%s%s%s ", l->is_lesser ? "<" : "",
	    l->is_again ? "=" : "", l->url + strlen(HOST) - 1);
}

CASE(lesser_candidates_are_told_and_handed_out_again_when_shown)
{
	static const struct {
		const char *html, *expected;
	} rows[] = {
		{ "<img srcset='/s 400w, /l 1600w, /m 800w' src=/m>",
		    "</s /l </m =/m " },
		{ "<img src=/m srcset='/s 400w, /m 800w, /l 1600w'>",
		    "/m </s /l " },
		{ "<img srcset='/a, /b 2x, /c 1.5x'>", "</a /b </c " },
		{ "<img srcset='/a 2x, /b 2x'>", "/a /b " },
		{ "<img srcset='/a, /b'>", "/a /b " },
		{ "<img srcset='/s 1x, /l 2x'><img srcset='/s 1x, /t 2x'>",
		    "</s /l /t " },
		{ "<img srcset='/s 1x, /l 2x'><img src=/s><img src=/s>",
		    "</s /l =/s " },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct url url = page_url();
		struct buf b = { 0 };
		uint64_t more = 0;

		links_of_html((const uint8_t *)rows[i].html,
		    strlen(rows[i].html), &url, show_lesser, &b, &more);
		CHECK_TEXT(buf_text(&b), rows[i].expected);
		buf_clear(&b);
		url_clear(&url);
	}
}

CASE(the_largest_is_one_that_a_browser_takes)
{
	static const struct {
		const char *set, *links;
	} rows[] = {
		{ "/a 100w, /b 200w, /c 900w 2x", "</a /b </c " },
		{ "/a 600h 400w, /b 300h 500w", "</a /b " },
		{ "/a 1e1x, /b 2x", "/a </b " },
		{ "/a .5x, /b .75x, /c", "</a </b /c " },
		{ "/a 1.25x, /b 1.5x", "</a /b " },
		{ "/a 1e-3x, /b 0x", "/a </b " },
		{ "/a -5x, /b 3q", "</a /b " },
		{ "/a 0w, /b 5w 5w", "/a /b " },
		{ "/a 1234567890w, /b 1234567891w", "</a /b " },
		{ "/a 1e999999999x, /b 1x", "/a </b " },
	};
	struct url url = page_url();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf html = { 0 };
		struct buf b = { 0 };
		uint64_t more = 0;

		buf_format(&html, "<img srcset=\"%s\">", rows[i].set);
		links_of_html(
		    html.data, html.len, &url, show_lesser, &b, &more);
		CHECK_TEXT(buf_text(&b), rows[i].links);
		buf_clear(&html);
		buf_clear(&b);
	}
	url_clear(&url);
}

CASE(srcset_candidates_have_their_descriptors)
{
	const char *set = " a.jpg 1x,,b.jpg , c,d.jpg 2x 3x ,(e f(,) 100w, g,";
	struct buf b = { 0 };

	links_of_srcset(set, strlen(set), show_candidate, &b);
	CHECK_TEXT(buf_text(&b),
	    "a.jpg[1x] b.jpg[] c,d.jpg[2x 3x]! (e[f(,) 100w] g[] ");
	buf_clear(&b);
}

static void
count(void *context, const struct link *l)
{
	(void)l;
	++*(uint64_t *)context;
}

CASE(links_beyond_the_limit_are_counted)
{
	struct url url = page_url();
	struct buf b = { 0 };
	uint64_t found = 0;
	uint64_t more = 0;

	for (int i = 0; i < LIMIT_PAGE_LINKS; i++)
		buf_format(&b, "<img src=%d><img src=%d>", i, i);
	links_of_html(b.data, b.len, &url, count, &found, &more);
	CHECK_INT(found, LIMIT_PAGE_LINKS);
	CHECK_INT(more, 0);
	buf_add_text(&b, "<a href=x><a href=y><img src=0>");
	found = 0;
	links_of_html(b.data, b.len, &url, count, &found, &more);
	CHECK_INT(found, LIMIT_PAGE_LINKS);
	CHECK_INT(more, 2);
	buf_clear(&b);
	url_clear(&url);
}

CASE(kinds_have_names)
{
	enum link_kind k;

	for (int i = 0; i < LINK_KIND_COUNT; i++) {
		CHECK(link_kind_find(link_kind_name((enum link_kind)i), &k));
		CHECK_INT(k, i);
	}
	CHECK(!link_kind_find("picture", &k));
}

TESTS(T(img_and_every_srcset_candidate), T(picture_and_source),
    T(lazy_attributes), T(any_data_attribute_that_ends_in_an_image),
    T(the_page_that_follows_is_named_beside_the_link),
    T(placeholders_and_templates_are_no_links),
    T(noscript_and_template_contents_are_markup),
    T(style_elements_and_attributes), T(link_relations),
    T(preloads_by_what_they_load), T(metadata_images), T(json_ld_images),
    T(svg_images_and_uses), T(scripts_frames_objects_and_media),
    T(image_buttons_and_backgrounds), T(the_document_in_srcdoc_is_read_once),
    T(anchors_are_pages_and_maybe_originals),
    T(the_first_base_with_href_counts_everywhere), T(amp_elements),
    T(each_url_comes_once_per_kind),
    T(links_of_a_stylesheet_are_relative_to_it),
    T(lesser_candidates_are_told_and_handed_out_again_when_shown),
    T(the_largest_is_one_that_a_browser_takes),
    T(srcset_candidates_have_their_descriptors),
    T(links_beyond_the_limit_are_counted), T(kinds_have_names))
