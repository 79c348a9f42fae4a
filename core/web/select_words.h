#ifndef WEB_SELECT_WORDS_H
#define WEB_SELECT_WORDS_H

struct buf;
struct error;

/*
 * The words of a CSS selector (CSS Syntax 3, 4.3), read from a cursor, and
 * XPath's spelling of strings. Readers return -1 with ERROR_USAGE, which
 * names the position (from 1) where the word starts.
 */
struct select_reader {
	const char *css;
	const char *p;
	int depth; /* of parentheses, counted by the caller */
	struct error *e;
};

/* "selector '...': WHAT at POSITION"; returns -1. */
int select_fail(struct select_reader *s, const char *at, const char *what);
void select_skip_space(struct select_reader *s);

/* An identifier or a quoted string without its escapes, appended. WHAT is
 * the complaint when there is no identifier. */
int
select_read_name(struct select_reader *s, struct buf *out, const char *what);
int select_read_string(struct select_reader *s, struct buf *out);

/* The argument of :nth-child(): a and b of "an+b" (CSS Syntax 3, 6). */
int select_read_nth(struct select_reader *s, int *a, int *b);

/* S as an XPath string, appended. */
void select_add_literal(struct buf *out, const char *s);

/* XPath reads S as a name; others have to be compared by name(). */
int select_is_plain_name(const char *s);

#endif
