/* Calendar arithmetic without the system's time zones. */
#include "core/base/date.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"

#define DAY_US 86400000000ll

/* Days from civil date: eras of 400 years that begin on 1 March. */
int64_t
date_days(int year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day -
			  1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

static void
date_civil(int64_t days, struct date_fields *f)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t of_era = z - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 -
			   of_era / 146096) /
		       365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	f->day = (int)(of_year - (153 * month + 2) / 5 + 1);
	f->month = (int)(month < 10 ? month + 3 : month - 9);
	f->year = (int)(year + era * 400 + (f->month <= 2));
}

int
date_month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (month < 1 || month > 12)
		return 0;
	return month == 2 && leap ? 29 : days[month - 1];
}

int
date_weekday(int64_t days)
{
	int64_t w = (days + 4) % 7; /* 1970-01-01 was a Thursday */

	return (int)(w < 0 ? w + 7 : w);
}

int64_t
date_us(const struct date_fields *f)
{
	int64_t s = date_days(f->year, f->month, f->day) * 86400 +
		    f->hour * 3600 + f->minute * 60 + f->second;

	return s * 1000000 + f->microsecond;
}

void
date_split(int64_t us, struct date_fields *f)
{
	int64_t days = us / DAY_US;
	int64_t rest = us % DAY_US;

	if (rest < 0) {
		rest += DAY_US;
		days--;
	}
	date_civil(days, f);
	f->microsecond = (int)(rest % 1000000);
	rest /= 1000000;
	f->second = (int)(rest % 60);
	f->minute = (int)(rest / 60 % 60);
	f->hour = (int)(rest / 3600);
}

void
date_rfc3339_us(int64_t us, char out[DATE_TEXT_MAX])
{
	struct date_fields f;

	date_split(us, &f);
	(void)snprintf(out, DATE_TEXT_MAX,
	    "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", f.year, f.month, f.day,
	    f.hour, f.minute, f.second, f.microsecond);
}

void
date_rfc3339_s(int64_t us, char out[DATE_TEXT_MAX])
{
	struct date_fields f;

	date_split(us, &f);
	(void)snprintf(out, DATE_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ",
	    f.year, f.month, f.day, f.hour, f.minute, f.second);
}

void
date_digits(int64_t us, char out[DATE_TEXT_MAX])
{
	struct date_fields f;

	date_split(us, &f);
	(void)snprintf(out, DATE_TEXT_MAX, "%04d%02d%02d%02d%02d%02d", f.year,
	    f.month, f.day, f.hour, f.minute, f.second);
}

void
date_compact(int64_t us, char out[DATE_TEXT_MAX])
{
	struct date_fields f;

	date_split(us, &f);
	(void)snprintf(out, DATE_TEXT_MAX, "%04d%02d%02dT%02d%02d%02dZ", f.year,
	    f.month, f.day, f.hour, f.minute, f.second);
}

void
date_rfc3339_offset(int64_t us, int offset_minutes, char out[DATE_TEXT_MAX])
{
	struct date_fields f;
	int away = offset_minutes < 0 ? -offset_minutes : offset_minutes;

	date_split(us + offset_minutes * 60000000ll, &f);
	(void)snprintf(out, DATE_TEXT_MAX,
	    "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d", f.year, f.month, f.day,
	    f.hour, f.minute, f.second, offset_minutes < 0 ? '-' : '+',
	    away / 60, away % 60);
}

/* COUNT digits at *S into *VALUE, moving *S behind them. */
static int
take_digits(const char **s, int count, int *value)
{
	unsigned v = 0;

	for (int i = 0; i < count; i++) {
		unsigned digit = (unsigned char)(*s)[i] - (unsigned)'0';

		if (digit > 9)
			return 0;
		v = 10 * v + digit;
	}
	*value = (int)v;
	*s += count;
	return 1;
}

static int
take_byte(const char **s, char c)
{
	if (**s != c)
		return 0;
	(*s)++;
	return 1;
}

static int
fields_are_sound(const struct date_fields *f)
{
	return f->month >= 1 && f->month <= 12 && f->day >= 1 &&
	       f->day <= date_month_days(f->year, f->month) && f->hour <= 23 &&
	       f->minute <= 59 && f->second <= 60;
}

/* "Z", "+hh:mm", "-hhmm" or nothing. */
static int
take_zone(const char **s, int *minutes)
{
	int negative = **s == '-';
	int hour;
	int minute;

	*minutes = 0;
	if (**s == '\0')
		return 1;
	if (take_byte(s, 'Z') || take_byte(s, 'z'))
		return 1;
	if (!take_byte(s, '+') && !take_byte(s, '-'))
		return 0;
	if (!take_digits(s, 2, &hour))
		return 0;
	(void)take_byte(s, ':');
	if (!take_digits(s, 2, &minute) || hour > 23 || minute > 59)
		return 0;
	*minutes = (negative ? -1 : 1) * (hour * 60 + minute);
	return 1;
}

static int
take_fraction(const char **s, int *microsecond)
{
	int scale = 100000;
	int digits = 0;

	for (; **s >= '0' && **s <= '9'; (*s)++, digits++) {
		*microsecond += (**s - '0') * scale;
		scale /= 10;
	}
	return digits >= 1 && digits <= 9;
}

static int
take_clock(const char **s, struct date_fields *f)
{
	if (!take_digits(s, 2, &f->hour) || !take_byte(s, ':') ||
	    !take_digits(s, 2, &f->minute))
		return 0;
	if (!take_byte(s, ':'))
		return 1;
	if (!take_digits(s, 2, &f->second))
		return 0;
	return !take_byte(s, '.') || take_fraction(s, &f->microsecond);
}

int
date_parse(const char *s, int64_t *us, int *offset_minutes)
{
	struct date_fields f = { .month = 1, .day = 1 };
	int minutes = 0;

	if (!take_digits(&s, 4, &f.year))
		return 0;
	if (take_byte(&s, '-')) {
		if (!take_digits(&s, 2, &f.month))
			return 0;
		if (take_byte(&s, '-')) {
			if (!take_digits(&s, 2, &f.day))
				return 0;
			if ((take_byte(&s, 'T') || take_byte(&s, 't') ||
				take_byte(&s, ' ')) &&
			    (!take_clock(&s, &f) || !take_zone(&s, &minutes)))
				return 0;
		}
	}
	if (*s != '\0' || !fields_are_sound(&f))
		return 0;
	*us = date_us(&f) - minutes * 60000000ll;
	if (offset_minutes != NULL)
		*offset_minutes = minutes;
	return 1;
}

int
date_parse_digits(const char *s, int64_t *us)
{
	struct date_fields f = { .month = 1, .day = 1 };
	int *parts[] = { &f.month, &f.day, &f.hour, &f.minute, &f.second };

	if (!take_digits(&s, 4, &f.year))
		return 0;
	for (size_t i = 0; i < 5 && *s != '\0'; i++)
		if (!take_digits(&s, 2, parts[i]))
			return 0;
	if (*s != '\0' && !take_fraction(&s, &f.microsecond))
		return 0;
	if (*s != '\0' || !fields_are_sound(&f))
		return 0;
	*us = date_us(&f);
	return 1;
}

static int
take_month(const char **s, int *month)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++) {
		if (strncmp(*s, names + 3 * i, 3) == 0) {
			*month = i + 1;
			*s += 3;
			return 1;
		}
	}
	return 0;
}

/* "06 Nov 1994 08:49:37" or "06-Nov-94 08:49:37", behind the weekday. */
static int
http_plain(const char *s, struct date_fields *f)
{
	char gap;

	if (!take_digits(&s, 2, &f->day))
		return 0;
	gap = *s;
	if ((gap != ' ' && gap != '-') || !take_byte(&s, gap) ||
	    !take_month(&s, &f->month) || !take_byte(&s, gap))
		return 0;
	if (gap == '-') {
		if (!take_digits(&s, 2, &f->year))
			return 0;
		f->year += f->year < 70 ? 2000 : 1900;
	} else if (!take_digits(&s, 4, &f->year)) {
		return 0;
	}
	return take_byte(&s, ' ') && take_clock(&s, f);
}

/* "Nov  6 08:49:37 1994", behind the weekday. */
static int
http_asctime(const char *s, struct date_fields *f)
{
	if (!take_month(&s, &f->month) || !take_byte(&s, ' '))
		return 0;
	if (!take_digits(&s, take_byte(&s, ' ') ? 1 : 2, &f->day))
		return 0;
	return take_byte(&s, ' ') && take_clock(&s, f) && take_byte(&s, ' ') &&
	       take_digits(&s, 4, &f->year);
}

int
date_parse_http(const char *s, int64_t *us)
{
	struct date_fields f = { .month = 1, .day = 1 };
	const char *comma = strchr(s, ',');
	int ok;

	if (comma != NULL) {
		s = comma + 1;
		while (*s == ' ')
			s++;
		ok = http_plain(s, &f);
	} else {
		s += strcspn(s, " ");
		ok = *s == ' ' && http_asctime(s + 1, &f);
	}
	if (!ok || !fields_are_sound(&f))
		return 0;
	*us = date_us(&f);
	return 1;
}
