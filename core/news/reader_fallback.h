#ifndef NEWS_READER_FALLBACK_H
#define NEWS_READER_FALLBACK_H

#include <stddef.h>
#include <stdint.h>

struct reading;

/*
 * What a page that the tree refuses (too deep, too many attributes) still
 * tells: title, meta, link and JSON by the tokenizer alone, put into the lists
 * of the reading, whose page is NULL. Rules that need no tree work on.
 */

/* P is the decoded body; CHARSET that of the Content-Type. */
void reader_fallback_index(
    struct reading *r, const uint8_t *p, size_t len, const char *charset);

/* The title stands in where no rule gave a headline. 1 there is one, 0. */
int reader_fallback_headline(struct reading *r);

#endif
