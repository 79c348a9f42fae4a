#ifndef NEWS_READER_FALLBACK_H
#define NEWS_READER_FALLBACK_H

#include <stddef.h>
#include <stdint.h>

struct json;
struct reading;

/*
 * What a page that the tree refuses (too deep, too large) still tells: title,
 * meta and link elements by the tokenizer alone. An article/1 with
 * quality.status "degraded" and layout "fallback", or NULL when there is not
 * even a title.
 */
struct json *reader_fallback(struct reading *r, const uint8_t *p, size_t len);

#endif
