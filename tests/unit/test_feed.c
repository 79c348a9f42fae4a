/* Feeds, sitemaps, lists: what they name, whatever is wrong with them. */
#include "tests/test.h"

#include <time.h>
#include <zlib.h>

#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/web/feed.h"
#include "core/web/feed_part.h"
#include "core/web/url.h"

struct result {
	struct feed_facts facts;
	struct buf text; /* a line an entry: URL, date, flags, title */
	uint64_t count;
	int quiet;
};

static void
note(void *context, const struct feed_entry *f)
{
	struct result *r = context;
	char date[DATE_TEXT_MAX] = "-";

	r->count++;
	if (r->quiet)
		return;
	if (f->changed_us != INT64_MIN)
		date_rfc3339_s(f->changed_us, date);
	buf_format(&r->text, "%s %s %s%s%s%s\n", f->url, date,
	    f->is_list ? "L" : "", f->is_news ? "N" : "",
	    f->is_alternate ? "A" : "", f->title);
}

static void
read_bytes(struct result *r, const void *p, size_t len)
{
	static const char base[] = "https://n.example/feeds/all.xml";
	struct url url;

	CHECK(url_parse(&url, base, strlen(base), NULL, NULL) == 0);
	feed_read(p, len, &url, note, r, &r->facts);
	CHECK_INT(r->facts.entries, r->count);
	url_clear(&url);
}

static void
check(const char *input, enum feed_kind kind, const char *expected)
{
	struct result r = { 0 };

	read_bytes(&r, input, strlen(input));
	CHECK_TEXT(feed_kind_name(r.facts.kind), feed_kind_name(kind));
	CHECK_TEXT(buf_text(&r.text), expected);
	buf_clear(&r.text);
}

CASE(a_sitemap_is_read_whatever_its_spelling)
{
	/* BOM, blanks, upper case, no namespace, "&" as it is, CDATA,
	 * relative, entities and numbers, comments between. */
	check("\xEF\xBB\xBF \n <?xml version='1.0'?><!-- x > y -->"
	      "<URLSET><URL><LOC> /a?x=1&y=2&copy=3 </LOC>"
	      "<LastMod>2023-11-16T03:53+02:00</LastMod></URL>"
	      "<url><loc><![CDATA[https://n.example/b?x=1&y=2]]></loc></url>"
	      "<url><loc>https://n.example/&#99;&#x64;?a=1&amp;b=2#f</loc>"
	      "<lastmod>2023-11-16</lastmod><!-- <url> --></url></URLSET>",
	    FEED_SITEMAP,
	    "https://n.example/a?x=1&y=2&copy=3 2023-11-16T01:53:00Z \n"
	    "https://n.example/b?x=1&y=2 - \n"
	    "https://n.example/cd?a=1&b=2 2023-11-16T00:00:00Z \n");
	/* Any prefix; the names of the extensions are no addresses. */
	check("<s:urlset xmlns:s='x'><s:url><image:image><image:loc>/i.jpg"
	      "</image:loc></image:image><image:loc>/j.jpg</image:loc>"
	      "<s:loc>/p</s:loc></s:url></s:urlset>",
	    FEED_SITEMAP, "https://n.example/p - \n");
}

CASE(an_entry_without_an_address_is_counted_and_left_out)
{
	struct result r = { 0 };
	const char *in = "<urlset><url><loc> \n </loc></url><url/>"
			 "<url><loc>javascript:alert(1)</loc></url>"
			 "<url><loc>http://[</loc></url>"
			 "<url><loc>#top</loc></url>"
			 "<url><loc>ftp://n.example/a</loc></url>"
			 "<url><loc>/good</loc></url></urlset>";

	read_bytes(&r, in, strlen(in));
	CHECK_TEXT(buf_text(&r.text), "https://n.example/good - \n");
	CHECK_INT(r.facts.rejected, 6);
	buf_clear(&r.text);
}

CASE(a_news_sitemap_tells_title_and_date)
{
	check("<urlset><url><loc>/n</loc><news:news><news:publication>"
	      "<news:name>P</news:name></news:publication>"
	      "<news:publication_date>2026-11-22T10:00:00Z"
	      "</news:publication_date><news:title>A\n\t B &amp; C</news:title>"
	      "</news:news></url></urlset>",
	    FEED_SITEMAP,
	    "https://n.example/n 2026-11-22T10:00:00Z NA B & C\n");
}

CASE(an_index_names_lists)
{
	check("<sitemapindex><sitemap><loc>/s1.xml.gz</loc>"
	      "<lastmod>2026-11-01</lastmod></sitemap>"
	      "<sitemap>\n/s2.xml\n</sitemap><sitemap>\n<loc/></sitemap>"
	      "</sitemapindex>",
	    FEED_SITEMAP_INDEX,
	    "https://n.example/s1.xml.gz 2026-11-01T00:00:00Z L\n"
	    "https://n.example/s2.xml - L\n");
}

CASE(alternates_are_handed_out_once_and_marked)
{
	check("<urlset>"
	      "<url><loc>https://n.example/en</loc>"
	      "<xhtml:link rel='alternate' hreflang='en' "
	      "href='https://n.example/en'/>"
	      "<xhtml:link rel='alternate' hreflang='ar' "
	      "href=\"https://ar.example/x?a=1&amp;b=2\"/></url>"
	      "<url><loc>https://n.example/es</loc>"
	      "<xhtml:link rel='alternate' hreflang='ar' "
	      "href='https://ar.example/x?a=1&b=2'/></url></urlset>",
	    FEED_SITEMAP,
	    "https://n.example/en - \n"
	    "https://ar.example/x?a=1&b=2 - A\n"
	    "https://n.example/es - \n");
}

CASE(rss_items_are_read_by_link_guid_or_original)
{
	check("<rss version='2.0'><channel><title>T</title><link>/</link>"
	      "<image><url>/logo.png</url><link>/x</link></image>"
	      "<atom:link rel='self' href='/feed'/>"
	      "<atom:link rel='next' href='/feed?p=2'/>"
	      "<item><title>One</title><link>/1</link><atom:link rel='self' "
	      "href='/self'/><media:content url='/m.jpg'><media:title>no"
	      "</media:title></media:content>"
	      "<pubDate>Thu, 05 Jan 17 13:34:52 +0100</pubDate></item>"
	      "<item><guid>/2</guid><dc:date>2017-01-05</dc:date></item>"
	      "<item><guid isPermaLink='false'>id-3</guid></item>"
	      "<item><guid isPermaLink='false'>https://n.example/4</guid>"
	      "</item><item><link>https://proxy.example/5</link>"
	      "<feedburner:origLink>https://n.example/5</feedburner:origLink>"
	      "</item></channel></rss>",
	    FEED_RSS,
	    "https://n.example/feed?p=2 - L\n"
	    "https://n.example/1 2017-01-05T12:34:52Z One\n"
	    "https://n.example/2 2017-01-05T00:00:00Z \n"
	    "https://n.example/4 - \n"
	    "https://n.example/5 - \n");
	check("<rdf:RDF xmlns:rdf='x'><channel><link>/</link><items><rdf:Seq/>"
	      "</items></channel><item rdf:about='/about'><title>A</title>"
	      "</item><item rdf:about='/x'><link>/b</link></item></rdf:RDF>",
	    FEED_RSS, "https://n.example/about - A\nhttps://n.example/b - \n");
}

CASE(markup_in_a_description_does_not_lose_the_next_item)
{
	struct buf in = { 0 };

	buf_add_text(&in, "<rss><channel><item><link>/1</link><description>");
	for (int i = 0; i < 200; i++)
		buf_add_text(&in, "<p><link>/no</link><br>");
	buf_add_text(&in, "</description></item><item><link>/2</link>"
			  "<description><p>open<title>no</title></description>"
			  "<title>Two</title><item><link>/3</link></item>"
			  "</channel></rss>");
	check(buf_text(&in), FEED_RSS,
	    "https://n.example/1 - \nhttps://n.example/2 - Two\n"
	    "https://n.example/3 - \n");
	buf_clear(&in);
}

CASE(atom_entries_are_read_by_their_page_link)
{
	check("<feed xml:base='https://b.example/x/'><title>F</title>"
	      "<link rel='self' href='f'/><link rel='next' href='f2'/>"
	      "<entry><title type='html'>&lt;b&gt;A&lt;/b&gt;</title>"
	      "<link rel='enclosure' href='a.mp3'/>"
	      "<link type='application/json' href='a.json'/>"
	      "<link rel='alternate' type='text/html' href='a'/>"
	      "<published>2026-11-20T00:00:00Z</published>"
	      "<updated>2026-11-21T00:00:00.5Z</updated>"
	      "<content type='xhtml'><div><link href='no'/></div></content>"
	      "</entry><entry xml:base='/y/'><link href='b'/></entry>"
	      "<entry><id>https://b.example/c</id></entry></feed>",
	    FEED_ATOM,
	    "https://b.example/x/f2 - L\n"
	    "https://b.example/x/a 2026-11-21T00:00:00Z <b>A</b>\n"
	    "https://b.example/y/b - \n"
	    "https://b.example/c - \n");
}

CASE(json_feeds_and_plain_lists_are_read)
{
	check("{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":["
	      "{\"id\":\"1\",\"url\":\"/a\",\"title\":\"A\","
	      "\"date_published\":\"2026-11-20T00:00:00Z\"},"
	      "{\"id\":\"https://n.example/b\"},3],\"next_url\":\"/p2\"}",
	    FEED_JSON,
	    "https://n.example/a 2026-11-20T00:00:00Z A\n"
	    "https://n.example/b - \n"
	    "https://n.example/p2 - L\n");
	check("{\"items\":3}", FEED_NONE, "");
	check("a list\r\nHTTPS://n.example/a\r\n\r\n  http://n.example/b b",
	    FEED_TEXT, "https://n.example/a - \nhttp://n.example/b%20b - \n");
}

CASE(a_robots_txt_names_sitemaps)
{
	check("User-agent: *\nDisallow: /x\nSITEMAP:/s.xml # one\n"
	      "site-map : https://o.example/t.xml\nSitemaps: no\nsitemap:\n",
	    FEED_SITEMAP_INDEX,
	    "https://n.example/s.xml - L\nhttps://o.example/t.xml - L\n");
	check("User-agent: *\nDisallow:\n", FEED_NONE, "");
}

CASE(what_is_no_list_is_none)
{
	check("<!DOCTYPE html><html><body><a href='/x'>x</a></body></html>",
	    FEED_NONE, "");
	check("", FEED_NONE, "");
	check("Access denied", FEED_NONE, "");
	check("<urlset></urlset>", FEED_SITEMAP, "");
	/* A broken program's words before it, a DTD in it. */
	check("Warning: foo() in bar\n<?xml version='1.0'?>"
	      "<!DOCTYPE rss [<!ENTITY a 'b>]'><!ENTITY c SYSTEM 'd'> ] >"
	      "<rss><channel><item><link>/&a;</link></item></channel></rss>",
	    FEED_RSS, "https://n.example/&a; - \n");
}

static void
add_gzip(struct buf *out, const struct buf *in)
{
	z_stream z = { 0 };

	CHECK(
	    deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	z.next_in = in->data;
	z.avail_in = (uInt)in->len;
	z.avail_out = (uInt)deflateBound(&z, (uLong)in->len);
	z.next_out = buf_room(out, z.avail_out);
	CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
	out->len += z.total_out;
	(void)deflateEnd(&z);
}

CASE(gzip_is_undone_twice_and_a_cut_one_is_read_as_far_as_it_goes)
{
	struct buf plain = { 0 };
	struct buf once = { 0 };
	struct buf twice = { 0 };
	struct result r = { .quiet = 1 };
	struct result cut = { .quiet = 1 };

	buf_add_text(&plain, "<urlset>");
	for (int i = 0; i < 20000; i++)
		buf_format(
		    &plain, "<url><loc>/page/%d</loc></url>", i * 7919 % 65537);
	buf_add_text(&plain, "</urlset>");
	add_gzip(&once, &plain);
	add_gzip(&twice, &once);
	read_bytes(&r, twice.data, twice.len);
	CHECK_INT(r.count, 20000);
	CHECK_INT(r.facts.is_cut, 0);
	read_bytes(&cut, once.data, once.len / 2);
	CHECK(cut.count > 5000 && cut.count < 15000);
	CHECK_INT(cut.facts.is_cut, 1);
	buf_clear(&plain);
	buf_clear(&once);
	buf_clear(&twice);
}

CASE(utf16_and_declared_charsets_are_read)
{
	static const char text[] = "<?xml version='1.0'?><rss><channel><item>"
				   "<link>/a</link><title>T</title></item>"
				   "</channel></rss>";
	struct buf wide = { 0 };
	struct result r = { 0 };

	for (int bom = 0; bom < 2; bom++) {
		buf_reset(&wide);
		buf_reset(&r.text);
		r.count = 0;
		if (bom)
			buf_add(&wide, "\xFF\xFE", 2);
		for (size_t i = 0; text[i] != '\0'; i++)
			buf_add(&wide, (char[]){ text[i], '\0' }, 2);
		read_bytes(&r, wide.data, wide.len);
		CHECK_TEXT(buf_text(&r.text), "https://n.example/a - T\n");
	}
	check("<?xml version='1.0' encoding='windows-1256'?><rss><item>"
	      "<link>/a</link><title>\xC7\xE1</title></item></rss>",
	    FEED_RSS, "https://n.example/a - \xD8\xA7\xD9\x84\n");
	/* It says something else, and is UTF-8. */
	check("<?xml version='1.0' encoding='iso-8859-1'?><rss><item>"
	      "<link>/a</link><title>\xD8\xA7</title></item></rss>",
	    FEED_RSS, "https://n.example/a - \xD8\xA7\n");
	buf_clear(&wide);
	buf_clear(&r.text);
}

CASE(a_million_items_are_cut_at_the_limit_and_counted)
{
	struct buf in = { 0 };
	struct result r = { .quiet = 1 };

	buf_add_text(&in, "<rss><channel>");
	for (int i = 0; i < 1000000; i++)
		buf_format(&in, "<item><link>/%d</link></item>", i);
	buf_add_text(&in, "</channel></rss>");
	read_bytes(&r, in.data, in.len);
	CHECK_INT(r.count, FEED_ENTRIES);
	CHECK_INT(r.facts.more, 1000000 - FEED_ENTRIES);
	CHECK_INT(r.facts.is_cut, 0);
	buf_clear(&in);
}

CASE(more_than_the_limit_of_bytes_is_cut)
{
	struct buf in = { 0 };
	struct result r = { .quiet = 1 };

	buf_add_text(&in, "<urlset><url><loc>/a</loc></url><!--");
	memset(buf_room(&in, LIMIT_FEED_BYTES), 'x', LIMIT_FEED_BYTES);
	in.len += LIMIT_FEED_BYTES;
	buf_add_text(&in, "--><url><loc>/b</loc></url></urlset>");
	read_bytes(&r, in.data, in.len);
	CHECK_INT(r.count, 1);
	CHECK_INT(r.facts.is_cut, 1);
	buf_clear(&in);
}

CASE(an_end_in_the_middle_keeps_what_was_whole)
{
	struct result r = { 0 };
	const char *in = "<urlset><url><loc>/a</loc></url><url><loc>/b";

	read_bytes(&r, in, strlen(in));
	CHECK_TEXT(buf_text(&r.text), "https://n.example/a - \n");
	CHECK_INT(r.facts.is_cut, 1);
	buf_clear(&r.text);
}

static double
seconds_for(const char *piece, size_t bytes)
{
	struct buf in = { 0 };
	struct result r = { .quiet = 1 };
	clock_t begun;

	buf_add_text(&in, "<rss><channel><item>");
	while (in.len < bytes)
		buf_add_text(&in, piece);
	begun = clock();
	read_bytes(&r, in.data, in.len);
	buf_clear(&in);
	return (double)(clock() - begun) / CLOCKS_PER_SEC;
}

CASE(time_is_linear_in_the_worst_pieces)
{
	static const char *const pieces[] = { "<a", "<a b='", "<!", "<!--",
		"<![CDATA[", "</x>", "<x>", "<item>", "<![", "<!DOCTYPE [",
		"<link a=a ", "<title>&#x", "&", "<item><link>/" };

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		double s = seconds_for(pieces[i], 8 << 20);

		if (s > 2.0)
			printf("# %s: %.1f s\n", pieces[i], s);
		CHECK(s <= 2.0);
	}
}

static void
check_date(const char *s, const char *expected)
{
	char text[DATE_TEXT_MAX] = "none";
	int64_t us;

	if (feed_date(s, strlen(s), &us))
		date_rfc3339_s(us, text);
	CHECK_TEXT(text, expected);
}

CASE(dates_are_read_as_they_are_written)
{
	check_date("Thu, 05 Jan 2017 13:34:51 +0100", "2017-01-05T12:34:51Z");
	check_date("05 Jan 17 13:34:55", "2017-01-05T13:34:55Z");
	check_date("Thursday, 5 January 2017 1:02 EST", "2017-01-05T06:02:00Z");
	check_date("5-Jan-99 00:00:00 GMT", "1999-01-05T00:00:00Z");
	check_date("Jan 5, 2017", "2017-01-05T00:00:00Z");
	check_date("Thu Jan 05, 2017 10:00 UTC", "2017-01-05T10:00:00Z");
	check_date(
	    " 2017-01-05T10:00:00.123456789+02:00 ", "2017-01-05T08:00:00Z");
	check_date("2017-01-05 10:00:00 +0200", "2017-01-05T08:00:00Z");
	check_date("2017-01-05T10:00Z", "2017-01-05T10:00:00Z");
	check_date("2017-01", "2017-01-01T00:00:00Z");
	check_date("2017", "2017-01-01T00:00:00Z");
	check_date("2024-02-29T24:00:00Z", "2024-03-01T00:00:00Z");
	check_date("", "none");
	check_date("yesterday", "none");
	check_date("2017-13-01", "none");
	check_date("31 Feb 2017 10:00", "none");
	check_date("99999-01-01", "none");
	check_date("05 Foo 2017", "none");
}

TESTS(T(a_sitemap_is_read_whatever_its_spelling),
    T(an_entry_without_an_address_is_counted_and_left_out),
    T(a_news_sitemap_tells_title_and_date), T(an_index_names_lists),
    T(alternates_are_handed_out_once_and_marked),
    T(rss_items_are_read_by_link_guid_or_original),
    T(markup_in_a_description_does_not_lose_the_next_item),
    T(atom_entries_are_read_by_their_page_link),
    T(json_feeds_and_plain_lists_are_read), T(a_robots_txt_names_sitemaps),
    T(what_is_no_list_is_none),
    T(gzip_is_undone_twice_and_a_cut_one_is_read_as_far_as_it_goes),
    T(utf16_and_declared_charsets_are_read),
    T(a_million_items_are_cut_at_the_limit_and_counted),
    T(more_than_the_limit_of_bytes_is_cut),
    T(an_end_in_the_middle_keeps_what_was_whole),
    T(time_is_linear_in_the_worst_pieces),
    T(dates_are_read_as_they_are_written))
