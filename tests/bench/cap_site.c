/*
 * Makes the site that capture is measured on: a folder for a web server.
 *
 *	cap_site DIR [PAGES]
 *
 * Below DIR: root/ (the files; a .gz lies beside each text), pages (the URL
 * path of each article page), all (of every file: path, bytes, bytes of its
 * .gz or 0). The same count gives the same bytes. Article pages are 60-120 KB
 * of words that are as common as in a language; each has 4 pictures of its
 * own of 20-200 KB, which like all JPEG files do not compress; style sheets
 * and scripts are shared.
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

enum {
	WORDS = 8000,
	SECTIONS = 9,
	PICTURES = 4, /* of each page */
	PAGES = 200,
	CARDS = 10
};

struct maker {
	const char *dir;
	unsigned pages;
	uint64_t random;
	char *words[WORDS];
	double weights[WORDS]; /* running sum */
	struct buf list;       /* file "pages" */
	struct buf all;        /* file "all" */
	uint64_t html_bytes, picture_bytes, files;
};

/* splitmix64 */
static uint64_t
next_random(struct maker *m)
{
	uint64_t z = (m->random += 0x9e3779b97f4a7c15U);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

static unsigned
between(struct maker *m, unsigned low, unsigned high)
{
	return low + (unsigned)(next_random(m) % (high - low + 1));
}

static double
fraction(struct maker *m)
{
	return (double)(next_random(m) >> 11) / 9007199254740992.0;
}

static void
make_words(struct maker *m)
{
	static const char *const syllables[] = { "ba", "re", "ti", "on", "al",
		"ne", "sho", "mar", "el", "in", "ca", "dor", "vi", "lu", "sen",
		"ta", "mi", "ro", "gra", "pe", "an", "is", "ko", "du", "fer",
		"ha", "je", "wo", "zan" };
	static const unsigned lengths[] = { 1, 2, 2, 3, 3, 4 };
	double sum = 0;

	for (unsigned i = 0; i < WORDS; i++) {
		struct buf word = { 0 };
		unsigned count = lengths[between(m, 0, 5)];

		for (unsigned s = 0; s < count; s++)
			buf_add_text(&word, syllables[between(m, 0, 28)]);
		m->words[i] = mem_text(buf_text(&word));
		buf_clear(&word);
		sum += 1 / (i + 2.7);
		m->weights[i] = sum;
	}
}

static const char *
word(struct maker *m)
{
	double at = fraction(m) * m->weights[WORDS - 1];
	unsigned low = 0;
	unsigned high = WORDS - 1;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (m->weights[middle] < at)
			low = middle + 1;
		else
			high = middle;
	}
	return m->words[low];
}

static void
add_words(struct maker *m, struct buf *out, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		buf_add_text(out, i > 0 ? " " : "");
		buf_add_text(out, word(m));
	}
}

static void
add_paragraph(struct maker *m, struct buf *out)
{
	unsigned sentences = between(m, 2, 5);

	buf_add_text(out, "<p>");
	for (unsigned s = 0; s < sentences; s++) {
		size_t at = out->len;

		add_words(m, out, between(m, 8, 26));
		out->data[at] = (uint8_t)(out->data[at] - 'a' + 'A');
		buf_add_text(out, ". ");
	}
	buf_add_text(out, "</p>\n");
}

/* ---- files ---- */

static void
make_folder(const char *path)
{
	if (mkdir(path, 0755) != 0 && errno != EEXIST) {
		perror(path);
		exit(1);
	}
}

/* Nothing here is worth waiting for a disk: no sync. */
static void
put_file(const char *path, const struct buf *b)
{
	FILE *f = fopen(path, "we");

	if (f == NULL || fwrite(b->data, 1, b->len, f) != b->len ||
	    fclose(f) != 0) {
		perror(path);
		exit(1);
	}
}

/* B as gzip file at PATH, level 6 as servers do. Its size. */
static size_t
put_gzip(const char *path, const struct buf *b)
{
	z_stream z = { 0 };
	struct buf out = { 0 };
	uint8_t *room;
	uLong bound;

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
	(void)deflateEnd(&z);
	buf_add(&out, room, z.total_out);
	put_file(path, &out);
	buf_clear(&out);
	free(room);
	return z.total_out;
}

/* The file that answers PATH; a text gets its .gz. B is cleared. */
static void
put_answer(struct maker *m, const char *path, int is_text, struct buf *b)
{
	char *name = mem_format("%s/root%s", m->dir, path);
	char *packed = mem_format("%s.gz", name);
	size_t packed_len = 0;

	put_file(name, b);
	if (is_text)
		packed_len = put_gzip(packed, b);
	buf_format(&m->all, "%s %zu %zu\n", path, b->len, packed_len);
	m->files++;
	buf_clear(b);
	free(packed);
	free(name);
}

/* A picture as far as anyone looks at it: JPEG head, bytes, JPEG end. */
static void
put_picture(struct maker *m, const char *path, size_t len)
{
	static const char head[] =
	    "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0";
	struct buf b = { 0 };

	buf_add(&b, head, sizeof(head));
	while (b.len < len) {
		uint64_t r = next_random(m);

		buf_add(&b, &r, sizeof(r));
	}
	buf_add(&b, "\xff\xd9", 2);
	m->picture_bytes += b.len;
	put_answer(m, path, 0, &b);
}

static void
put_shared(struct maker *m)
{
	static const struct {
		const char *path;
		size_t len;
		const char *start;
	} texts[] = {
		{ "/assets/main.css", 90000, "body{background:url(bg.jpg)}\n" },
		{ "/assets/vendor.css", 60000, "" },
		{ "/assets/vendor.js", 180000, "" },
		{ "/assets/app.js", 80000, "" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct buf b = { 0 };

		buf_add_text(&b, texts[i].start);
		while (b.len < texts[i].len) {
			const char *a = word(m);

			buf_format(&b,
			    i < 2 ? ".%s .%s-%u { margin: %upx }\n"
				  : "var %s_%s%u = %u;\n",
			    a, word(m), between(m, 0, 99), between(m, 0, 40));
		}
		put_answer(m, texts[i].path, 1, &b);
	}
	put_picture(m, "/assets/bg.jpg", 60000);
	put_picture(m, "/assets/logo.png", 9000);
}

/* ---- pages ---- */

static void
add_head(struct maker *m, struct buf *b, const char *path, const char *title,
    unsigned number)
{
	buf_format(b,
	    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	    "<title>%s</title>\n<link rel=\"canonical\" href=\"%s\">\n"
	    "<link rel=\"stylesheet\" href=\"/assets/main.css\">\n"
	    "<link rel=\"stylesheet\" href=\"/assets/vendor.css\">\n"
	    "<link rel=\"icon\" href=\"/assets/logo.png\">\n"
	    "<meta property=\"og:title\" content=\"%s\">\n"
	    "<meta property=\"og:image\" content=\"/media/%u-0.jpg\">\n"
	    "<script src=\"/assets/vendor.js\" defer></script>\n"
	    "<script src=\"/assets/app.js\" defer></script>\n"
	    "<script type=\"application/ld+json\">{\"@type\":\"NewsArticle\","
	    "\"headline\":\"%s\",\"image\":\"/media/%u-0.jpg\"}</script>\n"
	    "</head><body>\n",
	    title, path, title, number, title, number);
	for (unsigned nav = 0; nav < 2; nav++) {
		buf_add_text(b, "<nav><ul>");
		for (unsigned s = 0; s < SECTIONS * 9; s++) {
			buf_format(b,
			    "<li class=\"item\"><a href=\"/section/%u\" "
			    "data-href=\"/x/%u\">",
			    s / 9, s);
			add_words(m, b, 2);
			buf_add_text(b, "</a></li>\n");
		}
		buf_add_text(b, "</ul></nav>\n");
	}
}

static void
add_article(struct maker *m, struct buf *b, const char *title, unsigned number)
{
	unsigned paragraphs = between(m, 12, 30);
	unsigned picture = 0;

	buf_format(b, "<article><h1>%s</h1><time>3 Mar 2026</time>\n", title);
	for (unsigned i = 0; i < paragraphs; i++) {
		if (i % 3 == 0 && picture < PICTURES) {
			buf_format(b,
			    "<figure><img src=\"/media/%u-%u.jpg\" "
			    "width=\"750\" alt=\"",
			    number, picture++);
			add_words(m, b, 6);
			buf_add_text(b, "\"><figcaption>");
			add_words(m, b, 12);
			buf_add_text(b, "</figcaption></figure>\n");
		}
		add_paragraph(m, b);
	}
	buf_add_text(b, "</article>\n");
}

/* Cards and the script with the page's state, up to LEN bytes. */
static void
add_rest(struct maker *m, struct buf *b, size_t len)
{
	for (unsigned i = 0; i < CARDS; i++) {
		buf_format(b,
		    "<div class=\"card\"><a href=\"/news/0/other-%u\"><h3>",
		    between(m, 0, 9999));
		add_words(m, b, 9);
		buf_add_text(b, "</h3></a></div>\n");
	}
	buf_add_text(b, "<script>window.state={");
	while (b->len < len) {
		buf_format(b, "\"%s\":{\"id\":%u,\"text\":\"", word(m),
		    between(m, 0, 999999));
		add_words(m, b, 10);
		buf_add_text(b, "\"},\n");
	}
	buf_add_text(b, "\"end\":0}</script></body></html>\n");
}

/* 20 to 200 KB, each third of the range on a scale of ratios as often. */
static size_t
picture_len(struct maker *m)
{
	static const unsigned bounds[] = { 20000, 43000, 93000, 200000 };
	unsigned third = between(m, 0, 2);

	return between(m, bounds[third], bounds[third + 1]);
}

static void
put_page(struct maker *m, unsigned number)
{
	struct buf title = { 0 };
	struct buf b = { 0 };
	size_t len = between(m, 60000, 120000);
	char *path;

	add_words(m, &title, 8);
	path = mem_format(
	    "/news/%u/%s-%u", number % SECTIONS, buf_text(&title), number);
	for (char *p = path; *p != '\0'; p++)
		if (*p == ' ')
			*p = '-';
	add_head(m, &b, path, buf_text(&title), number);
	add_article(m, &b, buf_text(&title), number);
	add_rest(m, &b, len);
	m->html_bytes += b.len;
	buf_format(&m->list, "%s\n", path);
	put_answer(m, path, 1, &b);
	for (unsigned i = 0; i < PICTURES; i++) {
		char *picture = mem_format("/media/%u-%u.jpg", number, i);

		put_picture(m, picture, picture_len(m));
		free(picture);
	}
	buf_clear(&title);
	free(path);
}

static void
make_folders(const struct maker *m)
{
	static const char *const folders[] = { "", "/root", "/root/news",
		"/root/media", "/root/assets" };
	char *path;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		path = mem_format("%s%s", m->dir, folders[i]);
		make_folder(path);
		free(path);
	}
	for (unsigned i = 0; i < SECTIONS; i++) {
		path = mem_format("%s/root/news/%u", m->dir, i);
		make_folder(path);
		free(path);
	}
}

static void
put_list(const struct maker *m, const char *name, struct buf *b)
{
	char *path = mem_format("%s/%s", m->dir, name);

	put_file(path, b);
	buf_clear(b);
	free(path);
}

int
main(int argc, char **argv)
{
	struct maker *m = mem_zero(1, sizeof(*m));
	struct buf robots = { 0 };

	if (argc < 2) {
		(void)fputs("usage: cap_site DIR [PAGES]\n", stderr);
		return 2;
	}
	m->dir = argv[1];
	m->random = 20260101;
	m->pages = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : PAGES;
	make_words(m);
	make_folders(m);
	put_shared(m);
	for (unsigned i = 0; i < m->pages; i++)
		put_page(m, i);
	printf("site: version 1, %u pages, %ju URLs, %ju bytes of HTML, %ju "
	       "bytes of pictures, %d pictures a page\n",
	    m->pages, (uintmax_t)m->files, (uintmax_t)m->html_bytes,
	    (uintmax_t)m->picture_bytes, PICTURES);
	put_list(m, "pages", &m->list);
	put_list(m, "all", &m->all);
	buf_add_text(&robots, "User-agent: *\nDisallow: /private/\n");
	put_list(m, "root/robots.txt", &robots);
	for (unsigned i = 0; i < WORDS; i++)
		free(m->words[i]);
	free(m);
	return 0;
}
