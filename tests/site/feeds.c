/* Feeds, sitemaps and robots.txt. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/site/news.h"

enum { FEED_ITEMS = 20, NEWS_ITEMS = 100, BIG_ITEMS = 50000, WRONG_EACH = 7 };

static const char *
url_of(const struct request *q, const struct shown *s)
{
	return arena_format(q->arena, "https://%s%s", edition_host(s->edition),
	    path_encoded(q->arena, s->path, 1));
}

static void
add_xml(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '&')
			buf_add_text(b, "&amp;");
		else if (*s == '<')
			buf_add_text(b, "&lt;");
		else
			buf_add_byte(b, (uint8_t)*s);
	}
}

/* A feed without end, for limits. */
static void
add_invented_items(const struct request *q, struct buf *b)
{
	const struct condition *c = request_condition(q, "feed-items");
	unsigned long n = c == NULL ? 0
				    : strtoul(condition_get(c, "n", "1000000"),
					  NULL, 10);

	for (unsigned long i = 0; i < n; i++)
		buf_format(b,
		    "<item><title>Invented %lu</title><link>https://%s/news/"
		    "politics/invented-%lu</link></item>\n",
		    i, q->host, i);
}

static void
answer_rss(const struct request *q, struct answer *out)
{
	struct shown *list = arena_alloc(q->arena, FEED_ITEMS * sizeof(*list));
	size_t count = news_latest(q, "", 0, list, FEED_ITEMS);
	struct buf *b = out->body;

	out->type = "application/rss+xml; charset=utf-8";
	buf_format(b,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\">"
	    "<channel><title>Al Mayadeen (fixture)</title><link>https://%s/"
	    "</link><description>Invented</description>\n",
	    q->host);
	for (size_t i = 0; i < count; i++) {
		char date[64];

		http_date(list[i].published, date, sizeof(date));
		buf_add_text(b, "<item><title>");
		add_xml(b, list[i].headline);
		buf_format(b,
		    "</title><link>%s</link><guid isPermaLink=\"false\">%s"
		    "</guid><pubDate>%s</pubDate></item>\n",
		    url_of(q, &list[i]), list[i].post, date);
	}
	add_invented_items(q, b);
	buf_add_text(b, "</channel></rss>\n");
}

static void
answer_atom(const struct request *q, struct answer *out)
{
	struct shown *list = arena_alloc(q->arena, FEED_ITEMS * sizeof(*list));
	size_t count = news_latest(q, "", 0, list, FEED_ITEMS);
	struct buf *b = out->body;
	char date[DATE_TEXT_MAX];

	out->type = "application/atom+xml; charset=utf-8";
	date_rfc3339_s(q->now * 1000000, date);
	buf_format(b,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed "
	    "xmlns=\"http://www.w3.org/2005/Atom\"><title>Al Mayadeen "
	    "(fixture)</title><id>https://%s/</id><updated>%s</updated>\n",
	    q->host, date);
	for (size_t i = 0; i < count; i++) {
		date_rfc3339_s(list[i].modified * 1000000, date);
		buf_add_text(b, "<entry><title>");
		add_xml(b, list[i].headline);
		buf_format(b,
		    "</title><link rel=\"alternate\" href=\"%s\"/><id>urn:post:"
		    "%s</id><updated>%s</updated></entry>\n",
		    url_of(q, &list[i]), list[i].post, date);
	}
	buf_add_text(b, "</feed>\n");
}

/* ---- sitemaps ---- */

static const char urlset[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset "
    "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"%s>\n";

static void
add_location(struct buf *b, const char *url, const char *lastmod)
{
	buf_format(b, "<url><loc>%s</loc>", url);
	if (lastmod[0] != '\0')
		buf_format(b, "<lastmod>%s</lastmod>", lastmod);
	buf_add_text(b, "</url>\n");
}

static int64_t
month_start(int year, int month)
{
	struct date_fields f = { .year = year, .month = month, .day = 1 };

	return date_us(&f) / 1000000;
}

static void
add_month(
    const struct request *q, const char *url, int64_t lastmod, struct buf *b)
{
	char date[DATE_TEXT_MAX];

	date_rfc3339_s(lastmod * 1000000, date);
	buf_format(b, "<sitemap><loc>%s</loc><lastmod>%s</lastmod></sitemap>\n",
	    url, date);
	(void)q;
}

static void
answer_index(const struct request *q, struct answer *out)
{
	const struct news *n = q->news;
	struct buf *b = out->body;
	const char *end = request_condition(q, "sitemap-gz") ? ".xml.gz"
							     : ".xml";
	struct date_fields f;
	struct date_fields last;
	int64_t first = n->scenario.start;

	if (n->scenario.life_count > 0 &&
	    n->latest[n->scenario.life_count - 1]->list[0]->at < first)
		first = n->latest[n->scenario.life_count - 1]->list[0]->at;
	date_split(first * 1000000, &f);
	date_split(q->now * 1000000, &last);
	out->type = "application/xml";
	buf_add_text(b,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sitemapindex "
	    "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
	while (f.year * 12 + f.month <= last.year * 12 + last.month) {
		int64_t next = month_start(
		    f.year + f.month / 12, f.month % 12 + 1);

		add_month(q,
		    arena_format(q->arena,
			"https://%s/sitemaps/all/sitemap-%d-%d%s", q->host,
			f.year, f.month, end),
		    next < q->now ? next - 1 : q->now, b);
		f.year += f.month / 12;
		f.month = f.month % 12 + 1;
	}
	if (request_condition(q, "sitemap-big") != NULL)
		add_month(q,
		    arena_format(
			q->arena, "https://%s/sitemaps/all/big.xml", q->host),
		    month_start(2012, 1), b);
	if (request_condition(q, "sitemap-foreign") != NULL)
		add_month(
		    q, "https://sitemaps.other.example/all/1.xml", q->now, b);
	buf_add_text(b, "</sitemapindex>\n");
}

/* What is in every month beside articles. */
static void
add_noise(const struct request *q, struct buf *b)
{
	static const char *const paths[] = { "/authors/ilse-tamm",
		"/coverage/the-ferry-question", "/tags/ferries" };
	int foreign = request_condition(q, "sitemap-foreign") != NULL;

	for (size_t i = 0; i < 3; i++)
		add_location(b,
		    arena_format(q->arena, "https://%s%s", q->host, paths[i]),
		    "2026-01-01");
	for (unsigned i = 0; i < (foreign ? 200U : 1U); i++)
		add_location(b,
		    arena_format(q->arena,
			"https://pages.other.example/news/politics/theirs-%u",
			i),
		    "2026-01-01");
}

static void
gzip(struct buf *b)
{
	z_stream z = { 0 };
	struct buf out = { 0 };
	uint8_t *room;

	if (deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return;
	room = mem_alloc(deflateBound(&z, b->len) + 32);
	z.next_in = b->data;
	z.avail_in = (uInt)b->len;
	z.next_out = room;
	z.avail_out = (uInt)(deflateBound(&z, b->len) + 32);
	(void)deflate(&z, Z_FINISH);
	buf_add(&out, room, z.total_out);
	(void)deflateEnd(&z);
	free(room);
	buf_clear(b);
	*b = out;
}

static int
answer_month(const struct request *q, struct answer *out)
{
	static const char prefix[] = "/sitemaps/all/sitemap-";
	struct shown *list = NULL;
	size_t cap = q->news->scenario.life_count;
	size_t count;
	char *end;
	int year;
	int month;
	int64_t from;
	int64_t until;

	if (!text_starts(q->path, prefix))
		return 0;
	year = (int)strtol(q->path + strlen(prefix), &end, 10);
	if (*end != '-')
		return 0;
	month = (int)strtol(end + 1, &end, 10);
	if (month < 1 || month > 12 || !text_starts(end, ".xml"))
		return 0;
	from = month_start(year, month);
	until = month_start(year + month / 12, month % 12 + 1);
	list = arena_alloc(q->arena, (cap + 1) * sizeof(*list));
	count = news_latest(q, "", 0, list, cap);
	out->type = "application/xml";
	buf_format(out->body, urlset, "");
	for (size_t i = 0; i < count; i++) {
		char date[DATE_TEXT_MAX];

		if (list[i].published < from || list[i].published >= until)
			continue;
		date_rfc3339_s(list[i].modified * 1000000, date);
		add_location(out->body, url_of(q, &list[i]),
		    i % WRONG_EACH == 3   ? "2009-01-01"
		    : i % WRONG_EACH == 5 ? "2026-13-45"
					  : date);
	}
	add_noise(q, out->body);
	buf_add_text(out->body, "</urlset>\n");
	if (text_ends(q->path, ".gz")) {
		gzip(out->body);
		out->type = "application/gzip";
	}
	return 1;
}

static void
answer_big(const struct request *q, struct answer *out)
{
	out->type = "application/xml";
	buf_format(out->body, urlset, "");
	for (unsigned i = 0; i < BIG_ITEMS; i++)
		add_location(out->body,
		    arena_format(
			q->arena, "https://%s/news/archive/old-%u", q->host, i),
		    "2011-05-05");
	buf_add_text(out->body, "</urlset>\n");
}

static void
answer_news_sitemap(const struct request *q, struct answer *out)
{
	struct shown *list = arena_alloc(q->arena, NEWS_ITEMS * sizeof(*list));
	size_t count = news_latest(q, "", 0, list, NEWS_ITEMS);

	out->type = "application/xml";
	buf_format(out->body, urlset,
	    " xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\"");
	for (size_t i = 0; i < count; i++) {
		char date[DATE_TEXT_MAX];

		if (list[i].published < q->now - 2 * 86400)
			break;
		date_rfc3339_s(list[i].published * 1000000, date);
		buf_format(out->body,
		    "<url><loc>%s</loc><news:news><news:publication><news:name>"
		    "Al Mayadeen</news:name><news:language>%s</news:language>"
		    "</news:publication><news:publication_date>%s"
		    "</news:publication_date><news:title>",
		    url_of(q, &list[i]), list[i].edition, date);
		add_xml(out->body, list[i].headline);
		buf_add_text(out->body, "</news:title></news:news></url>\n");
	}
	buf_add_text(out->body, "</urlset>\n");
}

static void
answer_robots(const struct request *q, struct answer *out)
{
	const struct condition *c = request_condition(q, "robots");
	const char *delay = c == NULL ? NULL
				      : condition_get(c, "crawl-delay", NULL);

	out->type = "text/plain; charset=utf-8";
	buf_add_text(
	    out->body, c == NULL ? "User-agent: *\nDisallow: /private/\n"
				 : condition_get(c, "lines",
				       "User-agent: *\nDisallow: /private/\n"));
	if (delay != NULL)
		buf_format(out->body, "Crawl-delay: %s\n", delay);
	buf_format(out->body,
	    "\nSitemap: https://%s/sitemaps/all.xml\n"
	    "Sitemap: https://%s/sitemaps/news.xml\n",
	    q->host, q->host);
}

int
feeds_answer(const struct request *q, struct answer *out)
{
	const char *p = q->path;

	if (strcmp(p, "/robots.txt") == 0)
		answer_robots(q, out);
	else if (strcmp(p, "/rss") == 0 || strcmp(p, "/rss.xml") == 0)
		answer_rss(q, out);
	else if (strcmp(p, "/atom.xml") == 0)
		answer_atom(q, out);
	else if (strcmp(p, "/sitemaps/all.xml") == 0)
		answer_index(q, out);
	else if (strcmp(p, "/sitemaps/all/big.xml") == 0)
		answer_big(q, out);
	else if (strcmp(p, "/sitemaps/news.xml") == 0)
		answer_news_sitemap(q, out);
	else
		return text_starts(p, "/sitemaps/all/") && answer_month(q, out);
	return 1;
}
