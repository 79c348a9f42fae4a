/* Reading the values of profile entries piece by piece. */

#include "core/news/scan.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"

static void
skip_blanks(struct scan *x)
{
	while (*x->s == ' ' || *x->s == '\t')
		x->s++;
}

static int
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

int
scan_at_end(struct scan *x)
{
	skip_blanks(x);
	return *x->s == '\0';
}

int
scan_byte(struct scan *x, char c)
{
	skip_blanks(x);
	if (*x->s != c)
		return 0;
	x->s++;
	return 1;
}

int
scan_mark(struct scan *x, const char *mark)
{
	size_t n = strlen(mark);

	skip_blanks(x);
	if (strncmp(x->s, mark, n) != 0)
		return 0;
	x->s += n;
	return 1;
}

const char *
scan_word(struct scan *x)
{
	const char *start;

	skip_blanks(x);
	start = x->s;
	/* "->" is a mark, not the beginning of a word. */
	while (is_word(*x->s) && !(x->s[0] == '-' && x->s[1] == '>'))
		x->s++;
	if (x->s == start)
		return NULL;
	return arena_text_n(x->arena, start, (size_t)(x->s - start));
}

int
scan_this_word(struct scan *x, const char *word)
{
	struct scan ahead = *x;
	size_t n = strlen(word);

	skip_blanks(&ahead);
	if (strncmp(ahead.s, word, n) != 0 || is_word(ahead.s[n]))
		return 0;
	x->s = ahead.s + n;
	return 1;
}

const char *
scan_until(struct scan *x, const char *stop)
{
	const char *start;

	skip_blanks(x);
	start = x->s;
	while (*x->s != '\0' && *x->s != ' ' && *x->s != '\t' &&
	       strchr(stop, *x->s) == NULL)
		x->s++;
	if (x->s == start)
		return NULL;
	return arena_text_n(x->arena, start, (size_t)(x->s - start));
}

const char *
scan_quoted(struct scan *x)
{
	struct buf out = { 0 };
	const char *s;
	const char *text = NULL;

	skip_blanks(x);
	if (*x->s != '"')
		return NULL;
	for (s = x->s + 1; *s != '\0' && *s != '"'; s++) {
		if (s[0] == '\\' && (s[1] == '"' || s[1] == '\\'))
			s++;
		buf_add_byte(&out, (unsigned char)*s);
	}
	if (*s == '"') {
		x->s = s + 1;
		text = arena_text(x->arena, buf_text(&out));
	}
	buf_clear(&out);
	return text;
}

/* The slash that ends the expression beginning behind S[0], or NULL. A slash
 * in a bracket expression needs its backslash too. */
static const char *
regex_end(const char *s)
{
	for (s++; *s != '\0' && *s != '/'; s++)
		if (s[0] == '\\' && s[1] != '\0')
			s++;
	return *s == '/' ? s : NULL;
}

const char *
scan_regex(struct scan *x, int *ignore_case)
{
	const char *start;
	const char *end;

	skip_blanks(x);
	if (*x->s != '/' || (end = regex_end(x->s)) == NULL)
		return NULL;
	start = x->s + 1;
	x->s = end + 1;
	*ignore_case = *x->s == 'i' && !is_word(x->s[1]);
	if (*ignore_case)
		x->s++;
	return arena_text_n(x->arena, start, (size_t)(end - start));
}

/* The quote that ends the string beginning at S, or NULL. */
static const char *
quote_end(const char *s)
{
	char quote = *s;

	for (s++; *s != '\0' && *s != quote; s++)
		if (s[0] == '\\' && s[1] != '\0')
			s++;
	return *s == quote ? s : NULL;
}

const char *
scan_parens(struct scan *x, int with_regex)
{
	unsigned depth = 0;
	const char *start;
	const char *s;
	const char *end;

	skip_blanks(x);
	if (*x->s != '(')
		return NULL;
	start = x->s + 1;
	for (s = x->s; *s != '\0'; s++) {
		if (*s == '(' || *s == '[')
			depth++;
		else if ((*s == ')' || *s == ']') && --depth == 0)
			break;
		else if ((*s == '"' || *s == '\'') &&
			 (s = quote_end(s)) == NULL)
			return NULL;
		else if (with_regex && *s == '/' && s == start &&
			 (s = regex_end(s)) == NULL)
			return NULL;
	}
	if (*s == '\0')
		return NULL;
	x->s = s + 1;
	for (end = s; end > start && (end[-1] == ' ' || end[-1] == '\t');)
		end--;
	while (start < end && (*start == ' ' || *start == '\t'))
		start++;
	return arena_text_n(x->arena, start, (size_t)(end - start));
}
