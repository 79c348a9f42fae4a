#ifndef NEWS_SCAN_H
#define NEWS_SCAN_H

#include <stddef.h>

struct arena;

/*
 * Reading the values of profile entries piece by piece. Every function skips
 * blanks in front and leaves the position behind what it took; what does not
 * fit is not taken.
 */
struct scan {
	const char *s; /* NUL-terminated */
	struct arena *arena;
};

int scan_at_end(struct scan *x);

/* The next byte if it is C: taken, 1; else 0. */
int scan_byte(struct scan *x, char c);

/* As scan_byte for a mark of several bytes ("->", "=="). */
int scan_mark(struct scan *x, const char *mark);

/* Letters, digits, "_", "-" and "." ; NULL when there is none. */
const char *scan_word(struct scan *x);

/* The word WORD alone: taken, 1; else 0. */
int scan_this_word(struct scan *x, const char *word);

/* Bytes up to a blank or one of the set STOP; NULL when there is none. */
const char *scan_until(struct scan *x, const char *stop);

/* "..." with \" and \\ inside; NULL when there is none or it does not end. */
const char *scan_quoted(struct scan *x);

/* /.../ with \/ inside, as written between the slashes (escapes kept), and
 * "i" behind; NULL when there is none. */
const char *scan_regex(struct scan *x, int *ignore_case);

/* "(" ... ")" with balanced brackets and quotes inside: what is between them,
 * trimmed; NULL when there is none. WITH_REGEX: a /pattern/ comes first, whose
 * brackets and quotes do not count. */
const char *scan_parens(struct scan *x, int with_regex);

#endif
