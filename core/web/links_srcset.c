/* srcset attributes: candidates and their descriptors. */
#include <string.h>

#include "core/web/links.h"

static int
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* Where the descriptors that begin at P[I] end: a comma outside parentheses,
 * or the end (HTML 4.8.4.3.10, step 8). */
static size_t
descriptor_end(const char *p, size_t i, size_t len)
{
	int in_parens = 0;

	for (; i < len; i++) {
		if (in_parens)
			in_parens = p[i] != ')';
		else if (p[i] == '(')
			in_parens = 1;
		else if (p[i] == ',')
			break;
	}
	return i;
}

void
links_of_srcset(const char *p, size_t len,
    void (*each)(void *context, const char *url, size_t url_len,
	const char *descriptor, size_t descriptor_len),
    void *context)
{
	size_t i = 0;

	for (;;) {
		size_t url;
		size_t url_end;
		size_t start;
		size_t end;

		while (i < len && (is_space(p[i]) || p[i] == ','))
			i++;
		if (i == len)
			return;
		url = i;
		while (i < len && !is_space(p[i]))
			i++;
		url_end = i;
		while (p[url_end - 1] == ',')
			url_end--;
		start = i;
		if (url_end == i)
			i = descriptor_end(p, i, len);
		end = i;
		while (start < end && is_space(p[start]))
			start++;
		while (end > start && is_space(p[end - 1]))
			end--;
		each(context, p + url, url_end - url, p + start, end - start);
	}
}

static size_t
digits(const char *s, size_t i, size_t len)
{
	while (i < len && s[i] >= '0' && s[i] <= '9')
		i++;
	return i;
}

static int
is_integer(const char *s, size_t len)
{
	return len > 0 && digits(s, 0, len) == len;
}

static int
is_zero(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len && s[i] == '0')
		i++;
	return i == len;
}

/* A valid floating-point number (HTML 2.3.4.3). */
static int
is_float(const char *s, size_t len)
{
	size_t i = len > 0 && s[0] == '-';
	size_t whole = digits(s, i, len);
	int has_digits = whole > i;

	i = whole;
	if (i < len && s[i] == '.') {
		size_t fraction = digits(s, i + 1, len);

		if (fraction == i + 1)
			return 0;
		has_digits = 1;
		i = fraction;
	}
	if (!has_digits)
		return 0;
	if (i < len && (s[i] | 0x20) == 'e') {
		size_t first = i + 1;

		if (first < len && (s[first] == '+' || s[first] == '-'))
			first++;
		i = digits(s, first, len);
		if (i == first)
			return 0;
	}
	return i == len;
}

/* Below zero: "-0" is not. */
static int
is_negative(const char *s, size_t len)
{
	for (size_t i = 1; s[0] == '-' && i < len && (s[i] | 0x20) != 'e'; i++)
		if (s[i] >= '1' && s[i] <= '9')
			return 1;
	return 0;
}

struct seen {
	int w;
	int x;
	int h;
};

/* One word of a descriptor. 0: it rules the candidate out. */
static int
judge(struct seen *seen, const char *s, size_t len)
{
	char unit = len > 0 ? s[len - 1] : '\0';
	size_t n = len - (len > 0);

	if (unit == 'w' && is_integer(s, n)) {
		if (seen->w || seen->x || is_zero(s, n))
			return 0;
		seen->w = 1;
	} else if (unit == 'x' && is_float(s, n) && !is_negative(s, n)) {
		if (seen->w || seen->x || seen->h)
			return 0;
		seen->x = 1;
	} else if (unit == 'h' && is_integer(s, n)) {
		if (seen->h || seen->x || is_zero(s, n))
			return 0;
		seen->h = 1;
	}
	return 1;
}

int
links_srcset_is_valid(const char *descriptor, size_t len)
{
	struct seen seen = { 0, 0, 0 };
	size_t i = 0;

	while (i < len) {
		size_t start;
		int in_parens = 0;

		while (i < len && is_space(descriptor[i]))
			i++;
		start = i;
		for (; i < len && (in_parens || !is_space(descriptor[i])); i++)
			in_parens = in_parens ? descriptor[i] != ')'
					      : descriptor[i] == '(';
		if (!judge(&seen, descriptor + start, i - start))
			return 0;
	}
	return !seen.h || seen.w;
}
