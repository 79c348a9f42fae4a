/* The tokenizer beside gumbo over the same pages in the same run. */
#include <gumbo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/web/html_token.h"

enum { ROUNDS = 5, CARDS = 330 };

struct pages {
	struct buf *list;
	size_t count;
	size_t bytes;
};

struct sums {
	uint64_t tokens;
	uint64_t attributes;
	uint64_t text;
};

static void
count(void *context, const struct html_token *token)
{
	struct sums *s = context;

	s->tokens++;
	s->attributes += token->attribute_count;
	if (token->kind == HTML_TOKEN_TEXT)
		s->text += token->len;
}

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
add_page(struct pages *p, struct buf b)
{
	p->list = mem_grow(p->list, p->count + 1, sizeof(*p->list));
	p->list[p->count++] = b;
	p->bytes += b.len;
}

static void
add_card(struct buf *b, int i)
{
	buf_format(b,
	    "<article class=\"card card--wide news-item\" data-id=\"%d\" "
	    "data-track=\"home:list:%d\">\n"
	    "  <a class=\"card__link\" href=\"/news/politics/%d/title-of-the-"
	    "story-number-%d?utm_source=home&amp;utm_medium=card\">\n"
	    "    <img class=\"card__image lazy\" src=\"data:image/gif;base64,"
	    "R0lGODlhAQABAAAAACw=\" data-src=\"/media/2024/%d/photo.jpg\" "
	    "alt=\"A photo of event %d\" width=\"640\" height=\"360\">\n"
	    "    <h3 class=\"card__title\">The title of story %d &mdash; it "
	    "goes on</h3>\n  </a>\n"
	    "  <p class=\"card__summary\">Some forty words of summary would be "
	    "here in a real page; this one says only that it is number "
	    "%d.</p>\n"
	    "  <time datetime=\"2024-05-01T10:00:00Z\">1 May 2024</time>\n"
	    "</article>\n",
	    i, i, i, i, i, i, i, i);
}

/* Around 215 KB: head, cards, state as JSON in a script. */
static struct buf
news_page(void)
{
	struct buf b = { 0 };

	buf_add_text(&b,
	    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	    "<title>News</title>\n<style>.card{margin:0 0 1em}"
	    ".card__link>img{max-width:100%}</style>\n</head><body>\n");
	for (int i = 0; i < CARDS; i++)
		add_card(&b, i);
	buf_add_text(&b, "<script>window.__STATE__ = [");
	for (int i = 0; i < CARDS / 2; i++)
		buf_format(&b,
		    "{\"id\":%d,\"title\":\"Story %d\",\"url\":"
		    "\"/news/%d\",\"tags\":[\"a\",\"b\"]},",
		    i, i, i);
	buf_add_text(&b, "];</script>\n</body></html>\n");
	return b;
}

static int
is_html(const char *name)
{
	size_t len = strlen(name);

	return (len > 5 && strcmp(name + len - 5, ".html") == 0) ||
	       (len > 4 && strcmp(name + len - 4, ".htm") == 0);
}

struct walk {
	const char *dir;
	struct pages *pages;
};

static int
add_file(void *context, const char *name, int is_regular, struct error *e)
{
	struct walk *w = context;
	struct buf b = { 0 };
	char *path;

	(void)e;
	if (!is_regular || !is_html(name))
		return 0;
	path = mem_format("%s/%s", w->dir, name);
	if (file_get(path, &b, 32 << 20, NULL) == 0 && b.len > 0)
		add_page(w->pages, b);
	else
		buf_clear(&b);
	free(path);
	return 0;
}

static double
run_ours(const struct pages *p, struct sums *s)
{
	double start = now();
	struct html_tokenizer *t = html_tokenizer_new(0);

	for (size_t i = 0; i < p->count; i++) {
		html_tokenizer_reset(t);
		html_token_feed(t, p->list[i].data, p->list[i].len, count, s);
		html_token_finish(t, count, s);
	}
	html_tokenizer_free(t);
	return now() - start;
}

static double
run_gumbo(const struct pages *p)
{
	GumboOptions options = kGumboDefaultOptions;
	double start = now();

	options.max_errors = 0;
	for (size_t i = 0; i < p->count; i++)
		gumbo_destroy_output(&options,
		    gumbo_parse_with_options(&options,
			(const char *)p->list[i].data, p->list[i].len));
	return now() - start;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Medians; our rounds repeat the pages so that each is long enough to time. */
static void
compare(const char *name, const struct pages *p)
{
	double ours[ROUNDS];
	double gumbo[ROUNDS];
	struct sums s = { 0 };
	int times = (int)(64.0e6 / (double)(p->bytes + 1)) + 1;
	int gumbo_times = (times + 19) / 20;
	double mb = (double)p->bytes / 1e6;

	if (p->count == 0)
		return;
	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = 0;
		gumbo[i] = 0;
		for (int k = 0; k < times; k++)
			ours[i] += run_ours(p, &s);
		for (int k = 0; k < gumbo_times; k++)
			gumbo[i] += run_gumbo(p);
		ours[i] = mb * times / ours[i];
		gumbo[i] = mb * gumbo_times / gumbo[i];
	}
	qsort(ours, ROUNDS, sizeof(*ours), by_value);
	qsort(gumbo, ROUNDS, sizeof(*gumbo), by_value);
	printf("%s: %zu pages, %.2f MB, %llu tokens, %llu attributes\n", name,
	    p->count, mb,
	    (unsigned long long)s.tokens / ((unsigned)times * ROUNDS),
	    (unsigned long long)s.attributes / ((unsigned)times * ROUNDS));
	printf("  html_token %8.1f MB/s\n  gumbo      %8.1f MB/s\n"
	       "  ratio      %8.1f\n",
	    ours[ROUNDS / 2], gumbo[ROUNDS / 2],
	    ours[ROUNDS / 2] / gumbo[ROUNDS / 2]);
}

static void
clear(struct pages *p)
{
	for (size_t i = 0; i < p->count; i++)
		buf_clear(&p->list[i]);
	free(p->list);
	*p = (struct pages){ 0 };
}

int
main(void)
{
	struct pages p = { 0 };
	struct walk w = { getenv("CORPORA"), &p };
	struct error e = { 0 };

	add_page(&p, news_page());
	compare("synthetic news page", &p);
	clear(&p);
	if (w.dir == NULL) {
		printf("corpora: CORPORA is not set\n");
		return 0;
	}
	if (file_walk(w.dir, add_file, &w, &e) != 0) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	compare("html files of the corpora", &p);
	clear(&p);
	return 0;
}
