/* Feeds and sitemaps of the corpora: what each of them names, checked by
 * hand against the files. */
#include "tests/test.h"

#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/web/feed.h"
#include "core/web/url.h"

#define COMMONS "crawler-commons__crawler-commons/src/test/resources/"
#define PARSER \
	"GateNLP__ultimate-sitemap-parser/docs/reference/formats_examples/"

/*
 * Where we read otherwise than others do, on purpose:
 *  - a loc whose host differs from the sitemap's is handed out; whether it is
 *    in scope is decided by the caller (crawler-commons drops it when strict);
 *  - a namespace that is not the right one is no reason to refuse a file;
 *  - a guid with isPermaLink="false" is taken when there is no link and it is
 *    an address;
 *  - alternates in other languages are entries of their own, marked;
 *  - Atom's rel=edit is no address of a page; of several pages the first is
 *    taken.
 */
struct expected {
	const char *path;
	enum feed_kind kind;
	unsigned entries, rejected, news, alternates, dated;
	const char *first, *last;
};

static const struct expected all[] = {
	{ COMMONS "sitemaps/atom.xml", FEED_ATOM, 1, 0, 0, 0, 1,
	    "http://example.org/2003/12/13/atom03",
	    "http://example.org/2003/12/13/atom03" },
	{ COMMONS "sitemaps/do-not-visit.txt", FEED_TEXT, 1, 0, 0, 0, 0,
	    "http://www.example.com/do-not-visit-here",
	    "http://www.example.com/do-not-visit-here" },
	{ COMMONS "sitemaps/sitemap-with-bom.txt", FEED_TEXT, 2, 0, 0, 0, 0,
	    "http://www.domain.com/page1.html",
	    "http://www.domain.com/page2.html" },
	{ COMMONS "sitemaps/sitemap.txt", FEED_TEXT, 2, 0, 0, 0, 0,
	    "http://www.domain.com/page1.html",
	    "http://www.domain.com/page2.html" },
	{ COMMONS "sitemaps/sitemap.txt.gz", FEED_TEXT, 5, 0, 0, 0, 0,
	    "http://www.example.com/",
	    "http://www.example.com/catalog?item=83&desc=vacation_usa" },
	{ COMMONS "sitemaps/sitemap.badns.xml", FEED_SITEMAP, 2, 0, 0, 0, 0,
	    "http://www.example.com/1", "http://www.example.com/2" },
	{ COMMONS "sitemaps/sitemap.ns.xml", FEED_SITEMAP, 2, 0, 0, 0, 0,
	    "http://www.example.com/1", "http://www.example.com/2" },
	{ COMMONS "sitemaps/sitemap.index.xml", FEED_SITEMAP_INDEX, 15, 0, 0, 0,
	    0, "https://example.com/sitemap.jss?portalCode=10260&lang=en",
	    "https://example.com/sitemap.jss?portalCode=10570&lang=en" },
	{ COMMONS "sitemaps/xmlSitemap.gz", FEED_SITEMAP, 5, 0, 0, 0, 4,
	    "http://www.example.com/",
	    "http://www.example.com/catalog?item=83&desc=vacation_usa" },
	{ COMMONS "sitemaps/extension/hebdenbridgetimes-articles-sitemap.xml",
	    FEED_SITEMAP, 74, 0, 0, 0, 74,
	    "http://www.hebdenbridgetimes.co.uk/news/local/"
	    "video-tour-de-yorkshire-in-calderdale-1-7242580",
	    "http://www.hebdenbridgetimes.co.uk/news/local/"
	    "now-you-see-it-now-you-don-t-it-s-off-the-wall-1-7229940" },
	{ COMMONS "sitemaps/extension/pagemaps-sitemap.xml", FEED_SITEMAP, 2, 0,
	    0, 0, 0, "http://www.example.com/foo",
	    "http://www.example.com/bar" },
	{ COMMONS "sitemaps/extension/shinpaideshou-news-sitemap.xml",
	    FEED_SITEMAP, 3, 0, 3, 0, 3,
	    "https://shinpaideshou.wordpress.com/2017/04/25/"
	    "job-opening-reischauer-policy-research-fellow/",
	    "https://shinpaideshou.wordpress.com/2017/04/24/"
	    "job-opening-lecturer-in-japanese-studies-university-of-leeds/" },
	{ COMMONS "sitemaps/extension/sitemap-images.xml", FEED_SITEMAP, 1, 0,
	    0, 0, 0,
	    "http://www.example.com/images/some_image_landing_page.html",
	    "http://www.example.com/images/some_image_landing_page.html" },
	{ COMMONS "sitemaps/extension/sitemap-links.xml", FEED_SITEMAP, 6, 0, 0,
	    3, 0, "http://www.example.com/english/",
	    "http://www.example.com/schweiz-deutsch/" },
	{ COMMONS "sitemaps/extension/sitemap-mobile.xml", FEED_SITEMAP, 3, 0,
	    0, 0, 0, "http://www.example.com/mobile-friendly-1/",
	    "http://www.example.com/no-mobile/" },
	{ COMMONS "sitemaps/extension/sitemap-news.xml", FEED_SITEMAP, 2, 0, 2,
	    0, 2, "http://www.example.org/business/article55.html",
	    "http://www.example.org/empty_news_name.html" },
	{ COMMONS "sitemaps/extension/sitemap-videos-tvshow.xml", FEED_SITEMAP,
	    1, 0, 0, 0, 0, "https://example.org/my-tv-show/23/13/",
	    "https://example.org/my-tv-show/23/13/" },
	{ COMMONS "sitemaps/extension/sitemap-videos.xml", FEED_SITEMAP, 3, 0,
	    0, 0, 0,
	    "http://www.example.com/videos/some_video_landing_page.html",
	    "http://www.example.com/videos/"
	    "some_video_landing_page-3.html" },
	{ COMMONS "rss/feed.rss", FEED_RSS, 4, 0, 0, 0, 1,
	    "https://www.example.com/blog/post/1",
	    "https://www.example.com/foo?q=a&l=fr" },
	{ COMMONS "rss/xmlRss_pubDate.xml", FEED_RSS, 7, 0, 0, 0, 5,
	    "http://www.example.com/article_1",
	    "http://www.example.com/article_7" },
	{ PARSER "atom0.3.xml", FEED_ATOM, 2, 0, 0, 0, 2,
	    "https://example.org/page1", "https://example.org/page2" },
	{ PARSER "atom1.0.xml", FEED_ATOM, 2, 0, 0, 0, 2,
	    "https://example.org/page1", "https://example.org/page2" },
	{ PARSER "rss2.0.xml", FEED_RSS, 2, 0, 0, 0, 2,
	    "https://example.org/page1", "https://example.org/page2" },
	{ PARSER "google-image.xml", FEED_SITEMAP, 2, 0, 0, 0, 0,
	    "https://example.org/news/one", "https://example.org/news/two" },
	{ PARSER "google-news.xml", FEED_SITEMAP, 2, 0, 2, 0, 2,
	    "https://example.org/page1", "https://example.org/page2" },
	{ PARSER "hreflang.xml", FEED_SITEMAP, 4, 0, 0, 2, 2,
	    "https://example.org/en/page", "https://example.org/en/page" },
	{ PARSER "plaintext.txt", FEED_TEXT, 2, 1, 0, 0, 0,
	    "https://example.org/page1", "https://example.org/page2" },
	{ PARSER "simple-index.xml", FEED_SITEMAP_INDEX, 2, 0, 0, 0, 2,
	    "https://example.org/sitemap1.xml",
	    "https://example.org/sitemap2.xml" },
	{ PARSER "simple-urlset.xml", FEED_SITEMAP, 2, 0, 0, 0, 2,
	    "https://example.org/page1", "https://example.org/page2" },
	{ PARSER "robots.txt", FEED_SITEMAP_INDEX, 4, 7, 0, 0, 0,
	    "https://example.org/sitemap.xml",
	    "https://example.org/and-another-sitemap.xml" },
};

struct found {
	unsigned count, news, alternates, dated;
	char *first, *last;
	int64_t last_us;
};

static void
note(void *context, const struct feed_entry *f)
{
	struct found *t = context;

	t->count++;
	t->news += (unsigned)f->is_news;
	t->alternates += (unsigned)f->is_alternate;
	t->dated += f->changed_us != INT64_MIN && !f->is_alternate;
	t->last_us = f->changed_us;
	if (t->first == NULL)
		t->first = mem_text(f->url);
	free(t->last);
	t->last = mem_text(f->url);
}

static int
load(struct buf *out, const char *name)
{
	const char *corpora = getenv("CORPORA");
	struct error e = { 0 };
	char *path;

	if (corpora == NULL || corpora[0] == '\0')
		return 0;
	path = mem_format("%s/%s", corpora, name);
	CHECK_OK(file_get(path, out, 64 << 20, &e), &e);
	free(path);
	return 1;
}

static void
read_one(const struct buf *b, struct found *t, struct feed_facts *facts)
{
	static const char base[] = "https://list.example/sitemap.xml";
	struct url url;

	CHECK(url_parse(&url, base, strlen(base), NULL, NULL) == 0);
	feed_read(b->data, b->len, &url, note, t, facts);
	url_clear(&url);
}

CASE(every_list_of_the_corpora_names_what_is_expected)
{
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const struct expected *x = &all[i];
		struct found t = { 0 };
		struct feed_facts facts;
		struct buf b = { 0 };

		if (!load(&b, x->path))
			SKIP("CORPORA is not set");
		read_one(&b, &t, &facts);
		printf("# %s\n", strrchr(x->path, '/') + 1);
		CHECK_TEXT(feed_kind_name(facts.kind), feed_kind_name(x->kind));
		CHECK_INT(facts.entries, t.count);
		CHECK_INT(t.count, x->entries);
		CHECK_INT(facts.rejected, x->rejected);
		CHECK_INT(t.news, x->news);
		CHECK_INT(t.alternates, x->alternates);
		CHECK_INT(t.dated, x->dated);
		CHECK_INT(facts.is_cut, 0);
		CHECK_TEXT(t.first == NULL ? "" : t.first, x->first);
		CHECK_TEXT(t.last == NULL ? "" : t.last, x->last);
		free(t.first);
		free(t.last);
		buf_clear(&b);
	}
}

TESTS(T(every_list_of_the_corpora_names_what_is_expected))
