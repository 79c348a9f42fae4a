/* Dates of feeds, as they are written. */
#include <string.h>

#include "core/base/date.h"
#include "core/base/text.h"
#include "core/web/feed_part.h"

struct reader {
	const char *p, *end;
};

static void
skip_blanks(struct reader *r)
{
	while (r->p < r->end && (text_is_space((uint8_t)*r->p) || *r->p == ','))
		r->p++;
}

/* Up to MAX digits. How many. */
static int
take_number(struct reader *r, int max, int *value)
{
	int n = 0;

	*value = 0;
	for (; n < max && r->p < r->end && *r->p >= '0' && *r->p <= '9'; n++)
		*value = *value * 10 + (*r->p++ - '0');
	return n;
}

static int
take(struct reader *r, char c)
{
	if (r->p >= r->end || *r->p != c)
		return 0;
	r->p++;
	return 1;
}

static size_t
take_word(struct reader *r, const char **word)
{
	*word = r->p;
	while (r->p < r->end && text_lower((uint8_t)*r->p) >= 'a' &&
	       text_lower((uint8_t)*r->p) <= 'z')
		r->p++;
	return (size_t)(r->p - *word);
}

static int
month_of(const char *word, size_t len)
{
	static const char *const names[] = { "jan", "feb", "mar", "apr", "may",
		"jun", "jul", "aug", "sep", "oct", "nov", "dec" };

	for (int i = 0; len >= 3 && i < 12; i++)
		if (text_equal_nocase(word, 3, names[i]))
			return i + 1;
	return 0;
}

/* RFC 822, 5.1 and what else is met; unknown names are UTC. */
static int
zone_minutes(const char *word, size_t len)
{
	static const struct {
		const char *name;
		int hours;
	} zones[] = { { "EST", -5 }, { "EDT", -4 }, { "CST", -6 },
		{ "CDT", -5 }, { "MST", -7 }, { "MDT", -6 }, { "PST", -8 },
		{ "PDT", -7 }, { "CET", 1 }, { "CEST", 2 }, { "EET", 2 },
		{ "EEST", 3 }, { "BST", 1 }, { "MSK", 3 } };

	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (text_equal_nocase(word, len, zones[i].name))
			return zones[i].hours * 60;
	return 0;
}

/* "+0200", "+02:00", "+02", "GMT", "Z"; nothing is UTC. 0: broken. */
static int
take_zone(struct reader *r, int *minutes)
{
	const char *word;
	size_t len;
	int hour;
	int minute = 0;
	int sign;

	*minutes = 0;
	skip_blanks(r);
	len = take_word(r, &word);
	if (len > 0) {
		*minutes = zone_minutes(word, len);
		return 1;
	}
	if (r->p >= r->end || (*r->p != '+' && *r->p != '-'))
		return 1;
	sign = *r->p++ == '-' ? -1 : 1;
	if (take_number(r, 2, &hour) != 2)
		return 0;
	(void)take(r, ':');
	if (r->p < r->end && take_number(r, 2, &minute) != 2)
		return 0;
	*minutes = sign * (hour * 60 + minute);
	return hour <= 23 && minute <= 59;
}

/* "13:34", "13:34:51", "13:34:51.123456". */
static int
take_clock(struct reader *r, struct date_fields *f)
{
	int digits;

	if (take_number(r, 2, &f->hour) == 0 || !take(r, ':') ||
	    take_number(r, 2, &f->minute) != 2)
		return 0;
	if (take(r, ':') && take_number(r, 2, &f->second) != 2)
		return 0;
	if (take(r, '.') || take(r, ',')) {
		digits = take_number(r, 6, &f->microsecond);
		for (; digits < 6; digits++)
			f->microsecond *= 10;
		while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
			r->p++;
	}
	return 1;
}

/* "2017-01-05", "2017/01/05", "2017-01", "2017". */
static int
take_iso_day(struct reader *r, struct date_fields *f)
{
	if (take_number(r, 4, &f->year) != 4)
		return 0;
	if (take(r, '-') || take(r, '/')) {
		if (take_number(r, 2, &f->month) == 0)
			return 0;
		if ((take(r, '-') || take(r, '/')) &&
		    take_number(r, 2, &f->day) == 0)
			return 0;
	}
	return r->p == r->end || *r->p == 'T' || *r->p == 't' ||
	       text_is_space((uint8_t)*r->p);
}

/* "[Thu,] 05 Jan 2017", "05-Jan-17", "[Thursday] Jan 5, 2017". */
static int
take_mail_day(struct reader *r, struct date_fields *f)
{
	const char *word;
	size_t len;
	int digits;

	f->day = 0;
	f->month = 0;
	for (int i = 0; i < 4 && (f->day == 0 || f->month == 0); i++) {
		skip_blanks(r);
		(void)(take(r, '-') || take(r, '.'));
		len = take_word(r, &word);
		if (len > 0)
			f->month = f->month != 0 ? f->month
						 : month_of(word, len);
		else if (f->day != 0 || take_number(r, 2, &f->day) == 0)
			return 0;
	}
	skip_blanks(r);
	(void)(take(r, '-') || take(r, '.'));
	skip_blanks(r);
	digits = take_number(r, 4, &f->year);
	if (digits == 2)
		f->year += f->year < 70 ? 2000 : 1900;
	return (digits == 2 || digits == 4) && f->month != 0;
}

static int
is_sound(const struct date_fields *f)
{
	return f->year >= 1970 && f->year <= 9999 && f->month >= 1 &&
	       f->month <= 12 && f->day >= 1 &&
	       f->day <= date_month_days(f->year, f->month) && f->hour <= 24 &&
	       f->minute <= 59 && f->second <= 60;
}

int
feed_date(const char *s, size_t len, int64_t *us)
{
	struct reader r = { s, s + len };
	struct date_fields f = { .month = 1, .day = 1 };
	int minutes = 0;
	int is_iso;

	skip_blanks(&r);
	while (r.end > r.p && text_is_space((uint8_t)r.end[-1]))
		r.end--;
	is_iso = r.end - r.p >= 4;
	for (int i = 0; is_iso && i < 4; i++)
		is_iso = r.p[i] >= '0' && r.p[i] <= '9';
	if (!(is_iso ? take_iso_day(&r, &f) : take_mail_day(&r, &f)))
		return 0;
	(void)(is_iso && (take(&r, 'T') || take(&r, 't')));
	skip_blanks(&r);
	if (r.p < r.end && *r.p >= '0' && *r.p <= '9' &&
	    (!take_clock(&r, &f) || !take_zone(&r, &minutes)))
		return 0;
	if (!is_sound(&f))
		return 0;
	*us = date_us(&f) - minutes * 60000000ll;
	return 1;
}
