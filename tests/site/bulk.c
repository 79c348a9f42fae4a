#include "tests/site/bulk.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

enum { WORDS = 8000, CARDS = 10 };

struct bulk {
	uint64_t random;
	char *words[WORDS];
	double weights[WORDS]; /* running sum */
};

/* splitmix64 */
uint64_t
bulk_random(struct bulk *m)
{
	uint64_t z = (m->random += 0x9e3779b97f4a7c15U);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

unsigned
bulk_between(struct bulk *m, unsigned low, unsigned high)
{
	return low + (unsigned)(bulk_random(m) % (high - low + 1));
}

static double
fraction(struct bulk *m)
{
	return (double)(bulk_random(m) >> 11) / 9007199254740992.0;
}

static void
make_words(struct bulk *m)
{
	static const char *const syllables[] = { "ba", "re", "ti", "on", "al",
		"ne", "sho", "mar", "el", "in", "ca", "dor", "vi", "lu", "sen",
		"ta", "mi", "ro", "gra", "pe", "an", "is", "ko", "du", "fer",
		"ha", "je", "wo", "zan" };
	static const unsigned lengths[] = { 1, 2, 2, 3, 3, 4 };
	double sum = 0;

	for (unsigned i = 0; i < WORDS; i++) {
		struct buf word = { 0 };
		unsigned count = lengths[bulk_between(m, 0, 5)];

		for (unsigned s = 0; s < count; s++)
			buf_add_text(&word, syllables[bulk_between(m, 0, 28)]);
		m->words[i] = mem_text(buf_text(&word));
		buf_clear(&word);
		sum += 1 / (i + 2.7);
		m->weights[i] = sum;
	}
}

const char *
bulk_word(struct bulk *m)
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

void
bulk_words(struct bulk *m, struct buf *out, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		buf_add_text(out, i > 0 ? " " : "");
		buf_add_text(out, bulk_word(m));
	}
}

static void
add_paragraph(struct bulk *m, struct buf *out)
{
	unsigned sentences = bulk_between(m, 2, 5);

	buf_add_text(out, "<p>");
	for (unsigned s = 0; s < sentences; s++) {
		size_t at = out->len;

		bulk_words(m, out, bulk_between(m, 8, 26));
		out->data[at] = (uint8_t)(out->data[at] - 'a' + 'A');
		buf_add_text(out, ". ");
	}
	buf_add_text(out, "</p>\n");
}

static void
add_head(struct bulk *m, struct buf *b, const char *path, const char *title,
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
		for (unsigned s = 0; s < BULK_SECTIONS * 9; s++) {
			buf_format(b,
			    "<li class=\"item\"><a href=\"/section/%u\" "
			    "data-href=\"/x/%u\">",
			    s / 9, s);
			bulk_words(m, b, 2);
			buf_add_text(b, "</a></li>\n");
		}
		buf_add_text(b, "</ul></nav>\n");
	}
}

static void
add_article(struct bulk *m, struct buf *b, const char *title, unsigned number)
{
	unsigned paragraphs = bulk_between(m, 12, 30);
	unsigned picture = 0;

	buf_format(b, "<article><h1>%s</h1><time>3 Mar 2026</time>\n", title);
	for (unsigned i = 0; i < paragraphs; i++) {
		if (i % 3 == 0 && picture < BULK_PICTURES) {
			buf_format(b,
			    "<figure><img src=\"/media/%u-%u.jpg\" "
			    "width=\"750\" alt=\"",
			    number, picture++);
			bulk_words(m, b, 6);
			buf_add_text(b, "\"><figcaption>");
			bulk_words(m, b, 12);
			buf_add_text(b, "</figcaption></figure>\n");
		}
		add_paragraph(m, b);
	}
	buf_add_text(b, "</article>\n");
}

/* Cards and the script with the page's state, up to LEN bytes. */
static void
add_rest(struct bulk *m, struct buf *b, size_t len)
{
	for (unsigned i = 0; i < CARDS; i++) {
		buf_format(b,
		    "<div class=\"card\"><a href=\"/news/0/other-%u\"><h3>",
		    bulk_between(m, 0, 9999));
		bulk_words(m, b, 9);
		buf_add_text(b, "</h3></a></div>\n");
	}
	buf_add_text(b, "<script>window.state={");
	while (b->len < len) {
		buf_format(b, "\"%s\":{\"id\":%u,\"text\":\"", bulk_word(m),
		    bulk_between(m, 0, 999999));
		bulk_words(m, b, 10);
		buf_add_text(b, "\"},\n");
	}
	buf_add_text(b, "\"end\":0}</script></body></html>\n");
}

size_t
bulk_picture_len(struct bulk *m)
{
	static const unsigned bounds[] = { 20000, 43000, 93000, 200000 };
	unsigned third = bulk_between(m, 0, 2);

	return bulk_between(m, bounds[third], bounds[third + 1]);
}

struct bulk *
bulk_new(uint64_t seed)
{
	struct bulk *m = mem_zero(1, sizeof(*m));

	m->random = seed;
	make_words(m);
	return m;
}

void
bulk_free(struct bulk *m)
{
	if (m == NULL)
		return;
	for (unsigned i = 0; i < WORDS; i++)
		free(m->words[i]);
	free(m);
}

char *
bulk_path(unsigned number, const char *title)
{
	char *path = mem_format(
	    "/news/%u/%s-%u", number % BULK_SECTIONS, title, number);

	for (char *p = path; *p != '\0'; p++)
		if (*p == ' ')
			*p = '-';
	return path;
}

void
bulk_page(struct bulk *m, struct buf *out, unsigned number, const char *title,
    size_t len)
{
	char *path = bulk_path(number, title);

	add_head(m, out, path, title, number);
	add_article(m, out, title, number);
	add_rest(m, out, len);
	free(path);
}

void
bulk_code(
    struct bulk *m, struct buf *out, const char *start, int style, size_t len)
{
	buf_add_text(out, start);
	while (out->len < len) {
		const char *a = bulk_word(m);

		buf_format(out,
		    style ? ".%s .%s-%u { margin: %upx }\n"
			  : "var %s_%s%u = %u;\n",
		    a, bulk_word(m), bulk_between(m, 0, 99),
		    bulk_between(m, 0, 40));
	}
}

void
bulk_picture(struct bulk *m, struct buf *out, size_t len)
{
	static const char head[] =
	    "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0";
	size_t from = out->len;

	buf_add(out, head, sizeof(head));
	while (out->len - from < len) {
		uint64_t r = bulk_random(m);

		buf_add(out, &r, sizeof(r));
	}
	buf_add(out, "\xff\xd9", 2);
}
