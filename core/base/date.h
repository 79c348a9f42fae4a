#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdint.h>

/*
 * Calendar arithmetic without the system's time zones. Times are int64_t
 * microseconds since 1970-01-01T00:00:00Z, always UTC, proleptic Gregorian.
 */

struct date_fields {
	int year, month, day; /* month and day from 1 */
	int hour, minute, second, microsecond;
};

#define DATE_TEXT_MAX 40

/* Days since 1970-01-01 of a civil date, and back. */
int64_t date_days(int year, int month, int day);
int date_month_days(int year, int month);
int date_weekday(int64_t days); /* 0 Sunday */

int64_t date_us(const struct date_fields *f);
void date_split(int64_t us, struct date_fields *f);

void date_rfc3339_us(int64_t us, char out[DATE_TEXT_MAX]); /* ...:ss.ffffffZ */
void date_rfc3339_s(int64_t us, char out[DATE_TEXT_MAX]);  /* ...:ssZ */
void date_digits(int64_t us, char out[DATE_TEXT_MAX]);     /* 14 digits */
void date_compact(int64_t us, char out[DATE_TEXT_MAX]); /* 20261122T082747Z */

/* As above for a time at a printed offset: 2023-11-16T03:53:00+02:00. */
void
date_rfc3339_offset(int64_t us, int offset_minutes, char out[DATE_TEXT_MAX]);

/*
 * Read RFC 3339 or W3C-DTF (any shape of WARC 1.1: year, month, day, minute,
 * second, 1-9 fraction digits; "Z" or an offset). 1 / 0. OFFSET_MINUTES may
 * be NULL; a missing zone is UTC.
 */
int date_parse(const char *s, int64_t *us, int *offset_minutes);

/* 4 to 20 digits: YYYY up to microseconds; missing parts are the first of
 * their kind. 1 / 0. */
int date_parse_digits(const char *s, int64_t *us);

/* The three formats of RFC 9110, 5.6.7. 1 / 0. */
int date_parse_http(const char *s, int64_t *us);

#endif
