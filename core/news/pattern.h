#ifndef NEWS_PATTERN_H
#define NEWS_PATTERN_H

#include <stddef.h>

struct buf;
struct error;

/*
 * Regular expressions of profiles: POSIX extended ones with \d \w \s, (?:...)
 * and nothing that could run away: no back references, patterns of at most
 * PATTERN_TEXT_MAX bytes, repeat counts whose product is at most
 * PATTERN_REPEAT_MAX, subjects cut to PATTERN_SUBJECT_MAX bytes. Bytes, not
 * characters: "." is one byte.
 */
struct pattern;

enum {
	PATTERN_TEXT_MAX = 512,
	PATTERN_REPEAT_MAX = 256,
	PATTERN_SUBJECT_MAX = 64 * 1024,
	PATTERN_GROUPS = 10
};

struct pattern_match {
	size_t start[PATTERN_GROUPS]; /* start == end: empty or not taken */
	size_t end[PATTERN_GROUPS];
};

/* ERROR_USAGE with the reason. */
int pattern_compile(struct pattern **out, const char *text, size_t len,
    int ignore_case, struct error *e);
void pattern_free(struct pattern *p);

/* Anywhere in S. 1 / 0; M may be NULL. */
int pattern_find(const struct pattern *p, const char *s, size_t len,
    struct pattern_match *m);

/* FORM with \0 to \9 replaced by what the groups took from S, appended. */
void pattern_fill(struct buf *out, const char *form, const char *s,
    const struct pattern_match *m);

#endif
