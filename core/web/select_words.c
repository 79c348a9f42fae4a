/* The words of CSS selectors. */

#include "core/web/select_words.h"

#include <stdint.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/text.h"

enum { NUMBER_MAX = 100000 };

int
select_fail(struct select_reader *s, const char *at, const char *what)
{
	return error_set(s->e, ERROR_USAGE, "selector '%s': %s at %d", s->css,
	    what, (int)(at - s->css) + 1);
}

static int
is_space(char c)
{
	return text_is_space((unsigned char)c);
}

void
select_skip_space(struct select_reader *s)
{
	while (is_space(*s->p))
		s->p++;
}

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
is_name_start(char c)
{
	int l = text_lower((unsigned char)c);

	return (l >= 'a' && l <= 'z') || c == '_' || (unsigned char)c >= 0x80;
}

static int
is_name(char c)
{
	return is_name_start(c) || is_digit(c) || c == '-';
}

static int
hex_value(char c)
{
	int l = text_lower((unsigned char)c);

	if (is_digit(c))
		return c - '0';
	return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/* CSS Syntax 3, 4.3.7; S stands after the backslash. */
static void
read_escape(struct select_reader *s, struct buf *out)
{
	uint32_t cp = 0;
	int digits = 0;

	if (hex_value(*s->p) < 0) {
		/* The rest of a longer UTF-8 sequence follows as it is. */
		buf_add_byte(out, (uint8_t)*s->p++);
		return;
	}
	for (; digits < 6 && hex_value(*s->p) >= 0; digits++)
		cp = cp * 16 + (uint32_t)hex_value(*s->p++);
	if (is_space(*s->p))
		s->p++;
	if (cp == 0 || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		cp = 0xfffd;
	text_utf8_add(out, cp);
}

int
select_read_name(struct select_reader *s, struct buf *out, const char *what)
{
	const char *start = s->p;
	const char *first = *s->p == '-' ? s->p + 1 : s->p;

	if (!is_name_start(*first) && *first != '-' &&
	    (*first != '\\' || first[1] == '\0' || first[1] == '\n'))
		return select_fail(s, start, what);
	while (is_name(*s->p) ||
	       (*s->p == '\\' && s->p[1] != '\0' && s->p[1] != '\n')) {
		if (*s->p++ == '\\')
			read_escape(s, out);
		else
			buf_add_byte(out, (uint8_t)s->p[-1]);
	}
	return 0;
}

int
select_read_string(struct select_reader *s, struct buf *out)
{
	const char *start = s->p;
	char quote = *s->p++;

	while (*s->p != quote) {
		if (*s->p == '\0' || *s->p == '\n')
			return select_fail(s, start, "a string without an end");
		if (*s->p++ != '\\')
			buf_add_byte(out, (uint8_t)s->p[-1]);
		else if (*s->p == '\n')
			s->p++;
		else if (*s->p != '\0')
			read_escape(s, out);
	}
	s->p++;
	return 0;
}

/* XPath strings have no escapes: 'it' or concat('it', "'", 's'). */
void
select_add_literal(struct buf *out, const char *s)
{
	if (strchr(s, '\'') == NULL) {
		buf_format(out, "'%s'", s);
		return;
	}
	buf_add_text(out, "concat(");
	while (*s != '\0') {
		size_t n = strcspn(s, "'");

		if (n > 0)
			buf_format(out, "'%.*s',", (int)n, s);
		if (s[n] == '\'') {
			buf_add_text(out, "\"'\",");
			n++;
		}
		s += n;
	}
	buf_add_text(out, "'')");
}

int
select_is_plain_name(const char *s)
{
	int l = text_lower((unsigned char)*s);

	if (l < 'a' || l > 'z')
		return 0;
	for (; *s != '\0'; s++)
		if ((unsigned char)*s >= 0x80 || !is_name(*s))
			return 0;
	return 1;
}

static int
read_number(struct select_reader *s, int *value)
{
	const char *start = s->p;
	long n = 0;

	while (is_digit(*s->p)) {
		n = n * 10 + (*s->p++ - '0');
		if (n > NUMBER_MAX)
			return select_fail(s, start, "too large a number");
	}
	*value = (int)n;
	return s->p > start ? 1 : 0;
}

/* CSS Syntax 3, 6: an+b, even, odd. */
int
select_read_nth(struct select_reader *s, int *a, int *b)
{
	const char *start = s->p;
	int sign = 1;
	int found = 0;

	*a = 0;
	*b = 0;
	if (text_equal_nocase(s->p, strnlen(s->p, 4), "even") ||
	    text_equal_nocase(s->p, strnlen(s->p, 3), "odd")) {
		int odd = text_lower((unsigned char)*s->p) == 'o';

		*a = 2;
		*b = odd;
		s->p += odd ? 3 : 4;
		return 0;
	}
	if (*s->p == '+' || *s->p == '-')
		sign = *s->p++ == '-' ? -1 : 1;
	found = read_number(s, b);
	if (found < 0)
		return -1;
	*b *= sign;
	if (text_lower((unsigned char)*s->p) != 'n')
		return found ? 0 : select_fail(s, start, "no an+b");
	s->p++;
	*a = found ? *b : sign;
	*b = 0;
	select_skip_space(s);
	if (*s->p != '+' && *s->p != '-')
		return 0;
	sign = *s->p++ == '-' ? -1 : 1;
	select_skip_space(s);
	found = read_number(s, b);
	*b *= sign;
	return found > 0   ? 0
	       : found < 0 ? -1
			   : select_fail(s, start, "no an+b");
}
