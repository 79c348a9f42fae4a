/* Addresses of sources: one a month, one a page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/date.h"
#include "core/base/text.h"
#include "core/crawl/sources_part.h"
#include "core/web/url.h"

/* As written, and as a URL parser leaves it in a path. */
static const char *const marks[][2] = {
	{ "{Y}", "%7BY%7D" },
	{ "{MM}", "%7BMM%7D" },
	{ "{M}", "%7BM%7D" },
	{ "{N}", "%7BN%7D" },
};

enum { MARK_YEAR, MARK_MONTH_2, MARK_MONTH, MARK_PAGE };

static int
has_mark(const char *s, int mark)
{
	return strstr(s, marks[mark][0]) != NULL ||
	       strstr(s, marks[mark][1]) != NULL;
}

int
source_is_monthly(const char *url)
{
	return has_mark(url, MARK_YEAR) &&
	       (has_mark(url, MARK_MONTH) || has_mark(url, MARK_MONTH_2));
}

int
source_is_robots(const char *url)
{
	struct url u;
	int yes;

	if (url_parse(&u, url, strlen(url), NULL, NULL) != 0)
		return 0;
	yes = u.path_len == strlen("/robots.txt") &&
	      memcmp(u.text + u.path_start, "/robots.txt", u.path_len) == 0;
	url_clear(&u);
	return yes;
}

/* PATTERN with every mark I replaced by WITH[I] (NULL: left). */
static void
fill(struct buf *out, const char *pattern, const char *const *with)
{
	while (*pattern != '\0') {
		size_t used = 0;

		for (int i = 0; i <= MARK_PAGE && used == 0; i++) {
			for (int k = 0; k < 2 && used == 0; k++)
				if (with[i] != NULL &&
				    text_starts(pattern, marks[i][k]))
					used = strlen(marks[i][k]);
			if (used > 0)
				buf_add_text(out, with[i]);
		}
		if (used == 0) {
			buf_add_byte(out, (uint8_t)*pattern);
			used = 1;
		}
		pattern += used;
	}
}

static int64_t
month_us(int year, int month)
{
	struct date_fields f = { .year = year, .month = month, .day = 1 };

	return date_us(&f);
}

void
source_month_url(struct buf *out, const char *pattern, int64_t now_us,
    unsigned months_back, int64_t *begin_us, int64_t *end_us)
{
	struct date_fields f;
	char year[16];
	char month[16];
	char padded[16];
	const char *with[] = { year, padded, month, NULL };
	int number;

	date_split(now_us, &f);
	number = f.year * 12 + f.month - 1 - (int)months_back;
	f.year = number / 12;
	f.month = number % 12 + 1;
	*begin_us = month_us(f.year, f.month);
	*end_us = f.month == 12 ? month_us(f.year + 1, 1)
				: month_us(f.year, f.month + 1);
	(void)snprintf(year, sizeof(year), "%d", f.year);
	(void)snprintf(month, sizeof(month), "%d", f.month);
	(void)snprintf(padded, sizeof(padded), "%02d", f.month);
	fill(out, pattern, with);
}

int64_t
source_month_of(const char *url)
{
	const char *p = strstr(url, "://");
	int64_t found = INT64_MIN;

	for (p = p == NULL ? url : strchr(p + 3, '/'); p != NULL && *p != '\0';
	     p++) {
		size_t n = strspn(p, "0123456789");
		const char *m = p + 4;
		uint64_t year;
		uint64_t month;
		size_t len;

		if (n == 4 && (*m == '-' || *m == '_' || *m == '/'))
			m++;
		else if (n != 6)
			goto next;
		len = strspn(m, "0123456789");
		if (len >= 1 && len <= 2 && text_uint(p, 4, 2099, &year) &&
		    year >= 1990 && text_uint(m, len, 12, &month) && month >= 1)
			found = month_us((int)year, (int)month);
	next:
		p += n > 0 ? n - 1 : 0;
	}
	return found;
}

void
source_page_url(struct buf *out, const char *pattern, unsigned n)
{
	char number[16];
	const char *with[] = { NULL, NULL, NULL, number };

	(void)snprintf(number, sizeof(number), "%u", n);
	if (has_mark(pattern, MARK_PAGE)) {
		fill(out, pattern, with);
		return;
	}
	buf_add_text(out, pattern);
	if (n > 1)
		buf_format(out, "%cpage=%u",
		    strchr(pattern, '?') == NULL ? '?' : '&', n);
}

void
source_normalize(struct buf *out, const char *text)
{
	struct url url;

	buf_reset(out);
	if (url_parse(&url, text, strlen(text), NULL, NULL) != 0)
		return;
	url_drop_fragment(&url);
	buf_add(out, url.text, url.len);
	url_clear(&url);
}

int
source_compare_names(const char *a, const char *b)
{
	while (*a != '\0' && *b != '\0') {
		size_t n = strspn(a, "0123456789");
		size_t m = strspn(b, "0123456789");

		if (n > 0 && m > 0) {
			size_t zeros_a = strspn(a, "0");
			size_t zeros_b = strspn(b, "0");
			size_t len_a = n - (zeros_a < n ? zeros_a : n - 1);
			size_t len_b = m - (zeros_b < m ? zeros_b : m - 1);
			int c = len_a != len_b ? (len_a < len_b ? -1 : 1)
					       : memcmp(a + n - len_a,
						     b + m - len_b, len_a);

			if (c != 0)
				return c;
			a += n;
			b += m;
			continue;
		}
		if (*a != *b)
			return (uint8_t)*a < (uint8_t)*b ? -1 : 1;
		a++;
		b++;
	}
	return (*a != '\0') - (*b != '\0');
}
