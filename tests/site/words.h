#ifndef TESTS_SITE_WORDS_H
#define TESTS_SITE_WORDS_H

#include <stddef.h>
#include <stdint.h>

struct arena;

/* Invented text in three languages; the same key gives the same text. */

uint64_t words_number(const char *key); /* of the key's bytes */

/* COUNT words of EDITION ("en", "ar", "es"), the first one capital; END is
 * put behind them. */
char *words_make(struct arena *a, const char *edition, const char *key,
    unsigned count, const char *end);

/* One word. Borrowed. */
const char *words_one(const char *edition, const char *key);

/* As slugs are made: lower case, one hyphen for each character that is neither
 * letter nor digit, at most 60 characters. */
char *words_slug(struct arena *a, const char *text);

#endif
