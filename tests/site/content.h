#ifndef TESTS_SITE_CONTENT_H
#define TESTS_SITE_CONTENT_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;
struct json;

/*
 * What the fixture news site answers: one invented newspaper with the
 * structure of a real one, generated from a story file, a template and the
 * URL asked for. Nothing is random: the same request number gives the same
 * bytes.
 */

enum { SITE_EDITIONS = 3 };

struct site {
	char *template_text;
	size_t template_len;
	char *story_text;
	size_t story_len;
	unsigned churn;          /* furniture differs at every visit when set */
	const struct news *news; /* with a scenario; NULL none */
};

enum answer_end {
	END_IN_ORDER,
	END_BY_RESET, /* nothing is sent */
	END_SILENT,   /* nothing is sent, the connection stays open */
	END_HALFWAY   /* half of the body, then a reset */
};

struct answer {
	unsigned status;
	const char *type; /* Content-Type */
	char *location;   /* NULL none; to be freed */
	struct buf *body;
	struct buf *head;      /* more header lines; NULL: none wanted */
	char etag[80];         /* "" none */
	int64_t last_modified; /* 0 none */
	unsigned wait_ms;
	enum answer_end end;
	const char *server; /* Server: field */
	/* For the log: what the answer shows. */
	char article[64];
	unsigned version;
	char core[65];
};

/* Reads FIXTURES/article.html.in and FIXTURES/story.json. */
int site_load(struct site *s, const char *fixtures, struct error *e);
void site_clear(struct site *s);

/*
 * Answer a GET of TARGET (path and query) on HOST, the VISIT-th since start.
 * Routes:
 *	/news/politics/SLUG      an article; ?churn=N gives the furniture of
 *	                         visit N, ?layout=lazy|plain|data, ?edit=WORD
 *	                         puts WORD into the third paragraph
 *	/media/image/..., /archive/image/...  pictures, sized by ?width=
 *	/assets/...              style sheets, scripts, fonts, pictures
 *	/robots.txt  /sitemap.xml  /  /news/politics
 *	/list?n=N                N article URLs, one a line
 *	/truth?url=PATH          what the page at PATH needs, as the generator
 *	                         wrote it down while it made it: one URL a line
 *	/odd/...                 see odd.c: limits, charsets, strange types
 * With a scenario news.c answers first.
 */
void site_answer(const struct site *s, const char *host, const char *target,
    unsigned visit, struct answer *out);

/* A picture of WIDTH x HEIGHT whose pixels depend on SEED, as PNG. */
void
picture_png(struct buf *out, unsigned width, unsigned height, unsigned seed);

#endif
