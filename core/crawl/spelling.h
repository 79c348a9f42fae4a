#ifndef CRAWL_SPELLING_H
#define CRAWL_SPELLING_H

#include <stddef.h>

struct buf;

/*
 * Under which spelling URLs were met first, for those where it is not the
 * usual one (that of web/url_identity.h): 24 bytes an entry, and its text when
 * it is neither the usual one with escapes in lower case. Embedded: start with
 * {0}.
 */
struct spellings {
	struct spelling *places; /* open addressing; a power of two */
	size_t cap, count;
};

void spellings_clear(struct spellings *s);

/* URL, unless it has the usual spelling or another one was met before. */
void spellings_add(struct spellings *s, const char *url);

/* 1: the first spelling of URL, appended to OUT; 0: none is kept. */
int spellings_find(const struct spellings *s, const char *url, struct buf *out);

#endif
