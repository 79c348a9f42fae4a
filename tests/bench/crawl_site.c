/*
 * Makes the site that crawling is measured on: a folder for a web server, all
 * of it reachable from "/".
 *
 *	crawl_site DIR [ARTICLES [EDITION]]
 *
 * Below DIR: root/ (the files; a .gz lies beside each text), all (of every
 * file that can be reached: path, bytes, bytes of its .gz or 0), pages (the
 * paths of the pages). The same
 * counts give the same bytes; EDITION 2 has another ticker and other most-read
 * links on every page, and nothing else is different. With 2,000 articles (the
 * usual number) there are 8,232 URLs: 2,082 pages, 4,041 pictures of articles,
 * 2,000 thumbnails, 100 second addresses of pictures, 9 shared files.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <zlib.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "tests/site/bulk.h"

enum { ARTICLES = 2000, PER_LIST = 25, HOME_CARDS = 30 };

struct article {
	char *title;
	char *path;
	unsigned inlines; /* pictures beside the lead */
	int has_alias;    /* its lead has a second address */
};

struct maker {
	const char *dir;
	unsigned count;
	int edition;
	struct article *articles;
	struct bulk *bulk;      /* what lasts */
	struct bulk *furniture; /* ticker and most read */
	struct buf all;
	struct buf list; /* file "pages" */
	size_t passing;  /* bytes of the page that the edition decides */
	uint64_t html_bytes, picture_bytes, files, references, pages;
};

/* ---- files ---- */

static void
make_folder(const struct maker *m, const char *name)
{
	char *path = mem_format("%s%s", m->dir, name);

	if (mkdir(path, 0755) != 0 && errno != EEXIST) {
		perror(path);
		exit(1);
	}
	free(path);
}

/* Nothing here is worth waiting for a disk: no sync. */
static void
put_file(const char *path, const void *p, size_t len)
{
	FILE *f = fopen(path, "we");

	if (f == NULL || fwrite(p, 1, len, f) != len || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
}

/* B as gzip file at PATH, level 6 as servers do. Its size. */
static size_t
put_gzip(const char *path, const struct buf *b)
{
	z_stream z = { 0 };
	uint8_t *room;
	uLong bound;
	size_t len;

	if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		abort();
	bound = deflateBound(&z, b->len);
	room = mem_alloc(bound);
	z.next_in = b->data;
	z.avail_in = (uInt)b->len;
	z.next_out = room;
	z.avail_out = (uInt)bound;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	len = z.total_out;
	(void)deflateEnd(&z);
	put_file(path, room, len);
	free(room);
	return len;
}

/* FILE (below root) answers URL path PATH. B is cleared. */
static void
put_answer(struct maker *m, const char *file, const char *path, int is_text,
    struct buf *b)
{
	char *name = mem_format("%s/root%s", m->dir, file);
	char *packed = mem_format("%s.gz", name);
	size_t packed_len = 0;

	put_file(name, b->data, b->len);
	if (is_text)
		packed_len = put_gzip(packed, b);
	buf_format(&m->all, "%s %zu %zu\n", path, b->len, packed_len);
	m->files++;
	buf_clear(b);
	free(packed);
	free(name);
}

static void
put_page(struct maker *m, const char *file, const char *path, struct buf *b)
{
	m->html_bytes += b->len;
	m->pages++;
	buf_format(&m->list, "%s\n", path);
	put_answer(m, file, path, 1, b);
}

static void
put_picture(struct maker *m, const char *path, size_t len, const char *alias)
{
	struct buf b = { 0 };
	struct buf again = { 0 };

	bulk_picture(m->bulk, &b, len);
	m->picture_bytes += b.len;
	if (alias != NULL)
		buf_add(&again, b.data, b.len);
	put_answer(m, path, path, 0, &b);
	if (alias != NULL)
		put_answer(m, alias, alias, 0, &again);
}

/* 20 to 200 KB, every ratio as often. */
static size_t
picture_len(struct bulk *m)
{
	double len = 20000;

	for (unsigned i = bulk_between(m, 0, 1023); i > 0; i--)
		len *= 1.002251148; /* the 1,024th root of 10 */
	return (size_t)len;
}

/* ---- what pages are made of ---- */

static void
add_image(struct maker *m, struct buf *b, const char *start, unsigned number,
    const char *end)
{
	buf_format(b, "<img src=\"%s%u%s.jpg\" width=\"300\" alt=\"\">", start,
	    number, end);
	m->references++;
}

static void
add_card(struct maker *m, struct buf *b, unsigned number)
{
	const struct article *a = &m->articles[number];

	buf_format(b, "<div class=\"card\"><a href=\"%s\">", a->path);
	add_image(m, b, "/thumbs/", number, "");
	buf_format(b, "<h3>%s</h3></a></div>\n", a->title);
}

static unsigned
any_article(const struct maker *m, struct bulk *source)
{
	return bulk_between(source, 0, m->count - 1);
}

static void
add_ticker(struct maker *m, struct buf *b)
{
	size_t from = b->len;

	buf_add_text(b, "<div class=\"ticker\"><ul>\n");
	for (unsigned i = 0; i < 20; i++) {
		buf_add_text(b, "<li>");
		bulk_words(m->furniture, b, bulk_between(m->furniture, 5, 12));
		buf_add_text(b, "</li>\n");
	}
	buf_add_text(b, "</ul></div>\n");
	m->passing += b->len - from;
}

static void
add_nav(struct buf *b)
{
	for (unsigned twice = 0; twice < 2; twice++) {
		buf_add_text(b, "<nav><ul>\n");
		for (unsigned s = 0; s < BULK_SECTIONS; s++) {
			buf_format(b,
			    "<li><a href=\"/news/%u\">Section %u</a><ul>", s,
			    s);
			for (unsigned i = 0; i < 8; i++)
				buf_format(b,
				    "<li data-href=\"/topic/%u/%u\">Topic "
				    "%u</li>",
				    s, i, i);
			buf_add_text(b, "</ul></li>\n");
		}
		buf_add_text(b, "</ul></nav>\n");
	}
}

static void
add_head(struct maker *m, struct buf *b, const char *path, const char *title)
{
	buf_format(b,
	    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	    "<title>%s</title>\n<link rel=\"canonical\" href=\"%s\">\n"
	    "<link rel=\"stylesheet\" href=\"/assets/main.css\">\n"
	    "<link rel=\"stylesheet\" href=\"/assets/vendor.css\">\n"
	    "<link rel=\"icon\" href=\"/favicon.ico\">\n"
	    "<script src=\"/assets/vendor.js\" defer></script>\n"
	    "<script src=\"/assets/app.js\" defer></script>\n"
	    "<script src=\"/assets/ads.js\" async></script>\n",
	    title, path);
	m->references++;
	m->passing = 0;
}

static void
add_body(struct maker *m, struct buf *b)
{
	buf_add_text(b, "</head><body><header>");
	buf_add_text(b, "<img src=\"/assets/logo.png\" alt=\"Logo\">");
	add_nav(b);
	add_ticker(m, b);
	buf_add_text(b, "</header>\n");
}

static void
add_most_read(struct maker *m, struct buf *b)
{
	size_t from = b->len;

	buf_add_text(b, "<aside><h2>Most Read</h2><ol>\n");
	for (unsigned i = 0; i < 10; i++) {
		unsigned n = any_article(m, m->furniture);

		buf_format(b, "<li><a href=\"%s\">%s</a></li>\n",
		    m->articles[n].path, m->articles[n].title);
	}
	buf_add_text(b, "</ol></aside>\n<footer>Footer</footer>\n");
	m->passing += b->len - from;
}

static void
add_paragraph(struct maker *m, struct buf *b)
{
	unsigned sentences = bulk_between(m->bulk, 2, 5);

	buf_add_text(b, "<p>");
	for (unsigned i = 0; i < sentences; i++) {
		bulk_words(m->bulk, b, bulk_between(m->bulk, 8, 26));
		buf_add_text(b, ". ");
	}
	buf_add_text(b, "</p>\n");
}

static void
add_text(struct maker *m, struct buf *b, unsigned number)
{
	const struct article *a = &m->articles[number];
	unsigned paragraphs = bulk_between(m->bulk, 12, 30);

	buf_format(b,
	    "<article><h1>%s</h1><ul><li>By A Writer</li><li>Source: An "
	    "Agency</li><li>3 Mar 2026 10:%02u</li></ul>\n<figure>",
	    a->title, number % 60);
	add_image(m, b, "/media/", number, "-lead");
	buf_add_text(b, "<figcaption class=\"media-caption\">");
	bulk_words(m->bulk, b, 12);
	buf_add_text(
	    b, " (Agency)</figcaption></figure>\n<div class=\"text\">");
	for (unsigned i = 0; i < paragraphs; i++) {
		add_paragraph(m, b);
		if (i < a->inlines) {
			buf_add_text(b, "<figure>");
			add_image(
			    m, b, "/media/", number, i == 0 ? "-0" : "-1");
			buf_add_text(b, "</figure>\n");
		}
	}
	if (a->has_alias)
		add_image(m, b, "/uploads/alias/", number, "");
	buf_add_text(b, "</div></article>\n<ul class=\"tags\">");
	for (unsigned i = bulk_between(m->bulk, 3, 8); i > 0; i--)
		buf_format(b, "<li>%s</li>", bulk_word(m->bulk));
	buf_add_text(b, "</ul>\n");
}

/* The script with the page's state, up to LEN bytes without what the edition
 * decides, so that what lasts is the same in all. */
static void
add_state(struct maker *m, struct buf *b, size_t len)
{
	buf_add_text(b, "<script>window.state={");
	while (b->len - m->passing < len) {
		buf_format(b, "\"%s\":{\"id\":%u,\"text\":\"",
		    bulk_word(m->bulk), bulk_between(m->bulk, 0, 999999));
		bulk_words(m->bulk, b, 10);
		buf_add_text(b, "\"},\n");
	}
	buf_add_text(b, "\"end\":0}</script></body></html>\n");
}

/* ---- pages ---- */

static void
put_article(struct maker *m, unsigned number)
{
	const struct article *a = &m->articles[number];
	size_t len = bulk_between(m->bulk, 60000, 120000);
	struct buf b = { 0 };
	char *name;
	char *alias;

	add_head(m, &b, a->path, a->title);
	buf_format(&b,
	    "<meta property=\"og:title\" content=\"%s\">\n<script "
	    "type=\"application/ld+json\">{\"@type\":\"NewsArticle\","
	    "\"headline\":\"%s\"}</script>\n",
	    a->title, a->title);
	add_body(m, &b);
	add_text(m, &b, number);
	buf_add_text(&b, "<section>Related\n");
	for (unsigned i = 0; i < 6; i++)
		add_card(m, &b, any_article(m, m->bulk));
	for (unsigned i = bulk_between(m->bulk, 0, 4); i > 0; i--)
		add_card(m, &b, (number + i) % m->count);
	buf_add_text(&b, "</section>\n");
	add_most_read(m, &b);
	add_state(m, &b, len);
	put_page(m, a->path, a->path, &b);
	name = mem_format("/media/%u-lead.jpg", number);
	alias = mem_format("/uploads/alias/%u.jpg", number);
	put_picture(m, name, picture_len(m->bulk), a->has_alias ? alias : NULL);
	free(alias);
	free(name);
	for (unsigned i = 0; i < a->inlines; i++) {
		name = mem_format("/media/%u-%u.jpg", number, i);
		put_picture(m, name, picture_len(m->bulk), NULL);
		free(name);
	}
	name = mem_format("/thumbs/%u.jpg", number);
	put_picture(m, name, bulk_between(m->bulk, 20000, 40000), NULL);
	free(name);
}

/* Page PAGE (from 1) of SECTION, which begins with article FIRST; returns the
 * first article of the next one. */
static unsigned
put_list(struct maker *m, unsigned section, unsigned page, unsigned first)
{
	unsigned next = first + PER_LIST * BULK_SECTIONS;
	char *path = page == 1 ? mem_format("/news/%u", section)
			       : mem_format("/section/%u/%u", section, page);
	char *file = mem_format("%s.html", path);
	char *older = mem_format("/section/%u/%u", section, page + 1);
	struct buf b = { 0 };

	add_head(m, &b, path, "Section");
	if (next < m->count)
		buf_format(&b, "<link rel=\"next\" href=\"%s\">\n", older);
	add_body(m, &b);
	for (unsigned n = first; n < next && n < m->count; n += BULK_SECTIONS)
		add_card(m, &b, n);
	if (next < m->count)
		buf_format(
		    &b, "<a rel=\"next\" href=\"%s\">Older</a>\n", older);
	add_most_read(m, &b);
	add_state(m, &b, 60000);
	put_page(m, file, path, &b);
	free(older);
	free(file);
	free(path);
	return next;
}

static void
put_lists(struct maker *m)
{
	for (unsigned s = 0; s < BULK_SECTIONS; s++) {
		unsigned next = s;

		for (unsigned page = 1; next < m->count; page++)
			next = put_list(m, s, page, next);
	}
}

static void
put_home(struct maker *m)
{
	struct buf b = { 0 };

	add_head(m, &b, "/", "Home");
	add_body(m, &b);
	for (unsigned i = 0; i < HOME_CARDS && i < m->count; i++)
		add_card(m, &b, m->count - 1 - i);
	add_most_read(m, &b);
	add_state(m, &b, 60000);
	put_page(m, "/index.html", "/", &b);
}

static void
put_shared(struct maker *m)
{
	static const struct {
		const char *path;
		size_t len;
		const char *start;
		int is_style;
	} texts[] = {
		{ "/assets/main.css", 90000,
		    "body{background:url(bg.jpg)}\n@font-face{font-family:x;"
		    "src:url(x.woff2)}\n",
		    1 },
		{ "/assets/vendor.css", 60000, "", 1 },
		{ "/assets/vendor.js", 180000, "", 0 },
		{ "/assets/app.js", 80000, "", 0 },
		{ "/assets/ads.js", 25000, "", 0 },
	};
	struct buf b = { 0 };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		bulk_code(m->bulk, &b, texts[i].start, texts[i].is_style,
		    texts[i].len);
		put_answer(m, texts[i].path, texts[i].path, 1, &b);
	}
	put_picture(m, "/assets/bg.jpg", 60000, NULL);
	put_picture(m, "/assets/x.woff2", 40000, NULL);
	put_picture(m, "/assets/logo.png", 9000, NULL);
	put_picture(m, "/favicon.ico", 4300, NULL);
}

/* ---- the whole ---- */

/* The counts of pictures beside the lead are spread so that 2,000 articles
 * have 2,041. */
static void
name_articles(struct maker *m)
{
	m->articles = mem_zero(m->count, sizeof(*m->articles));
	for (unsigned i = 0; i < m->count; i++) {
		struct article *a = &m->articles[i];
		struct buf title = { 0 };

		bulk_words(m->bulk, &title, 8);
		a->title = buf_take(&title);
		a->path = bulk_path(i, a->title);
		a->inlines = i % 3 == 0 && i < 126 ? 1 : i % 3;
		a->has_alias = i % 20 == 0;
	}
}

static void
make_folders(const struct maker *m)
{
	static const char *const folders[] = { "", "/root", "/root/news",
		"/root/section", "/root/media", "/root/thumbs", "/root/assets",
		"/root/uploads", "/root/uploads/alias" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		make_folder(m, folders[i]);
	for (unsigned i = 0; i < BULK_SECTIONS; i++) {
		char *news = mem_format("/root/news/%u", i);
		char *section = mem_format("/root/section/%u", i);

		make_folder(m, news);
		make_folder(m, section);
		free(section);
		free(news);
	}
}

static void
put_text(const struct maker *m, const char *name, const void *p, size_t len)
{
	char *path = mem_format("%s/%s", m->dir, name);

	put_file(path, p, len);
	free(path);
}

int
main(int argc, char **argv)
{
	static const char robots[] = "User-agent: *\nDisallow: /private/\n";
	struct maker m = { .count = ARTICLES, .edition = 1 };

	if (argc < 2) {
		(void)fputs(
		    "usage: crawl_site DIR [ARTICLES [EDITION]]\n", stderr);
		return 2;
	}
	m.dir = argv[1];
	if (argc > 2)
		m.count = (unsigned)strtoul(argv[2], NULL, 10);
	if (argc > 3)
		m.edition = (int)strtol(argv[3], NULL, 10);
	m.bulk = bulk_new(20260101);
	m.furniture = bulk_new((uint64_t)(20260101 + 2 * (m.edition - 1)) << 8);
	make_folders(&m);
	name_articles(&m);
	put_shared(&m);
	for (unsigned i = 0; i < m.count; i++)
		put_article(&m, i);
	put_lists(&m);
	put_home(&m);
	put_text(&m, "root/robots.txt", robots, strlen(robots));
	put_text(&m, "all", m.all.data, m.all.len);
	put_text(&m, "pages", m.list.data, m.list.len);
	printf("crawl site: version 1, edition %d, %ju URLs, %ju bytes of HTML "
	       "in %ju pages, %ju bytes of pictures and fonts, %.2f pictures a "
	       "page\n",
	    m.edition, (uintmax_t)m.files, (uintmax_t)m.html_bytes,
	    (uintmax_t)m.pages, (uintmax_t)m.picture_bytes,
	    (double)m.references / (double)m.pages);
	for (unsigned i = 0; i < m.count; i++) {
		free(m.articles[i].title);
		free(m.articles[i].path);
	}
	free(m.articles);
	buf_clear(&m.all);
	buf_clear(&m.list);
	bulk_free(m.furniture);
	bulk_free(m.bulk);
	return 0;
}
