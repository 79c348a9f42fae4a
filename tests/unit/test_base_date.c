/* Calendar arithmetic. */
#include "core/base/date.h"

#include "tests/test.h"

CASE(leap_years_follow_the_gregorian_rule)
{
	CHECK_INT(date_month_days(2024, 2), 29);
	CHECK_INT(date_month_days(2023, 2), 28);
	CHECK_INT(date_month_days(2000, 2), 29);
	CHECK_INT(date_month_days(1900, 2), 28);
	CHECK_INT(date_month_days(2100, 2), 28);
	CHECK_INT(date_month_days(1600, 2), 29);
	CHECK_INT(date_month_days(2023, 0), 0);
	CHECK_INT(date_month_days(2023, 13), 0);
}

CASE(days_count_from_1970)
{
	CHECK_INT(date_days(1970, 1, 1), 0);
	CHECK_INT(date_days(1969, 12, 31), -1);
	CHECK_INT(date_days(2000, 2, 29), 11016);
	CHECK_INT(date_days(2000, 3, 1), 11017);
	CHECK_INT(date_days(1601, 1, 1), -134774);
	CHECK_INT(date_days(9999, 12, 31), 2932896);
	CHECK_INT(date_days(0, 3, 1), -719468);
	CHECK_INT(date_weekday(0), 4);
	CHECK_INT(date_weekday(-1), 3);
	CHECK_INT(date_weekday(date_days(2026, 11, 22)), 0);
	CHECK_INT(date_weekday(date_days(1601, 1, 1)), 1);
}

CASE(every_day_from_1601_to_9999_comes_back)
{
	int64_t day = date_days(1601, 1, 1);
	int wrong = 0;

	for (int y = 1601; y <= 9999; y++)
		for (int m = 1; m <= 12; m++)
			for (int d = 1; d <= date_month_days(y, m); d++) {
				struct date_fields f;

				date_split(day * 86400000000ll + 1, &f);
				wrong += f.year != y || f.month != m ||
					 f.day != d || f.microsecond != 1;
				wrong += date_days(y, m, d) != day;
				day++;
			}
	CHECK_INT(wrong, 0);
	CHECK_INT(day - 1, date_days(9999, 12, 31));
}

CASE(times_before_1970_split_downwards)
{
	struct date_fields f;
	char text[DATE_TEXT_MAX];

	date_split(-1, &f);
	CHECK_INT(f.year, 1969);
	CHECK_INT(f.second, 59);
	CHECK_INT(f.microsecond, 999999);
	CHECK_INT(date_us(&f), -1);
	date_rfc3339_us(-1, text);
	CHECK_TEXT(text, "1969-12-31T23:59:59.999999Z");
	date_rfc3339_s(-11644473600000000ll, text);
	CHECK_TEXT(text, "1601-01-01T00:00:00Z");
}

CASE(each_form_is_written_as_its_readers_want_it)
{
	const int64_t us = 1795336067001002ll; /* 2026-11-22 08:27:47 */
	char text[DATE_TEXT_MAX];

	date_rfc3339_us(us, text);
	CHECK_TEXT(text, "2026-11-22T08:27:47.001002Z");
	date_rfc3339_s(us, text);
	CHECK_TEXT(text, "2026-11-22T08:27:47Z");
	date_digits(us, text);
	CHECK_TEXT(text, "20261122082747");
	date_compact(us, text);
	CHECK_TEXT(text, "20261122T082747Z");
	date_rfc3339_offset(us, 120, text);
	CHECK_TEXT(text, "2026-11-22T10:27:47+02:00");
	date_rfc3339_offset(us, -570, text);
	CHECK_TEXT(text, "2026-11-21T22:57:47-09:30");
	date_rfc3339_offset(us, 0, text);
	CHECK_TEXT(text, "2026-11-22T08:27:47+00:00");
	date_rfc3339_us(253402300799999999ll, text);
	CHECK_TEXT(text, "9999-12-31T23:59:59.999999Z");
}

struct reading {
	const char *text;
	const char *utc; /* "" not a date */
};

static void
check_readings(const struct reading *cases, size_t count,
    int (*read)(const char *, int64_t *))
{
	for (size_t i = 0; i < count; i++) {
		char text[DATE_TEXT_MAX] = "";
		int64_t us = 0;

		if (read(cases[i].text, &us))
			date_rfc3339_us(us, text);
		if (strcmp(text, cases[i].utc) != 0)
			printf("# %s\n", cases[i].text);
		CHECK_TEXT(text, cases[i].utc);
	}
}

static int
read_parse(const char *s, int64_t *us)
{
	return date_parse(s, us, NULL);
}

CASE(w3c_dates_of_every_shape_are_read)
{
	static const struct reading cases[] = {
		{ "2026", "2026-01-01T00:00:00.000000Z" },
		{ "2026-11", "2026-11-01T00:00:00.000000Z" },
		{ "2026-11-22", "2026-11-22T00:00:00.000000Z" },
		{ "2026-11-22T08:27Z", "2026-11-22T08:27:00.000000Z" },
		{ "2026-11-22T08:27:47Z", "2026-11-22T08:27:47.000000Z" },
		{ "2026-11-22t08:27:47z", "2026-11-22T08:27:47.000000Z" },
		{ "2026-11-22 08:27:47", "2026-11-22T08:27:47.000000Z" },
		{ "2026-11-22T08:27:47.5Z", "2026-11-22T08:27:47.500000Z" },
		{ "2026-11-22T08:27:47.123456789Z",
		    "2026-11-22T08:27:47.123456Z" },
		{ "2026-11-22T08:27:47+02:00", "2026-11-22T06:27:47.000000Z" },
		{ "2026-11-22T08:27:47-0930", "2026-11-22T17:57:47.000000Z" },
		{ "2024-02-29", "2024-02-29T00:00:00.000000Z" },
		{ "1601-01-01T00:00:00Z", "1601-01-01T00:00:00.000000Z" },
		{ "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000000Z" },
		{ "2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z" },
		{ "", "" },
		{ "202", "" },
		{ "20261", "" },
		{ "2026-", "" },
		{ "2026-1-2", "" },
		{ "2026-13", "" },
		{ "2026-00", "" },
		{ "2026-11-00", "" },
		{ "2026-11-31", "" },
		{ "2023-02-29", "" },
		{ "1900-02-29", "" },
		{ "2026-11-22T", "" },
		{ "2026-11-22T24:00:00Z", "" },
		{ "2026-11-22T23:60:00Z", "" },
		{ "2026-11-22T23:59:61Z", "" },
		{ "2026-11-22T08:27:47.Z", "" },
		{ "2026-11-22T08:27:47.1234567890Z", "" },
		{ "2026-11-22T08:27:47+24:00", "" },
		{ "2026-11-22T08:27:47Zx", "" },
		{ "-026-11-22", "" },
		{ "+2026-11-22", "" },
		{ " 2026", "" },
	};

	check_readings(cases, sizeof(cases) / sizeof(cases[0]), read_parse);
}

CASE(the_printed_offset_is_handed_out)
{
	int64_t us;
	int minutes = 7;

	CHECK_INT(date_parse("2026-11-22T08:27:47-09:30", &us, &minutes), 1);
	CHECK_INT(minutes, -570);
	CHECK_INT(date_parse("2026-11-22T08:27:47Z", &us, &minutes), 1);
	CHECK_INT(minutes, 0);
}

CASE(four_to_twenty_digits_are_a_time)
{
	static const struct reading cases[] = {
		{ "2026", "2026-01-01T00:00:00.000000Z" },
		{ "202611", "2026-11-01T00:00:00.000000Z" },
		{ "20261122", "2026-11-22T00:00:00.000000Z" },
		{ "2026112208", "2026-11-22T08:00:00.000000Z" },
		{ "202611220827", "2026-11-22T08:27:00.000000Z" },
		{ "20261122082747", "2026-11-22T08:27:47.000000Z" },
		{ "20261122082747123", "2026-11-22T08:27:47.123000Z" },
		{ "20261122082747123456", "2026-11-22T08:27:47.123456Z" },
		{ "16010101000000", "1601-01-01T00:00:00.000000Z" },
		{ "99991231235959", "9999-12-31T23:59:59.000000Z" },
		{ "202", "" },
		{ "20261", "" },
		{ "2026112208274", "" },
		{ "20261322000000", "" },
		{ "20230229000000", "" },
		{ "2026112a", "" },
		{ "", "" },
	};

	check_readings(
	    cases, sizeof(cases) / sizeof(cases[0]), date_parse_digits);
}

/* RFC 9110, 5.6.7. */
CASE(the_three_dates_of_http_are_read)
{
	static const struct reading cases[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT",
		    "1994-11-06T08:49:37.000000Z" },
		{ "Sunday, 06-Nov-94 08:49:37 GMT",
		    "1994-11-06T08:49:37.000000Z" },
		{ "Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37.000000Z" },
		{ "Sun Nov 16 08:49:37 1994", "1994-11-16T08:49:37.000000Z" },
		{ "Monday, 01-Jan-69 00:00:00 GMT",
		    "2069-01-01T00:00:00.000000Z" },
		{ "Thursday, 01-Jan-70 00:00:00 GMT",
		    "1970-01-01T00:00:00.000000Z" },
		{ "Thu, 29 Feb 2024 00:00:00 GMT",
		    "2024-02-29T00:00:00.000000Z" },
		{ "Wed, 29 Feb 2023 00:00:00 GMT", "" },
		{ "Sun, 06 Nev 1994 08:49:37 GMT", "" },
		{ "Sun, 6 Nov 1994 08:49:37 GMT", "" },
		{ "Sun, 06 Nov 1994", "" },
		{ "120", "" },
		{ "", "" },
		{ ",", "" },
		{ "Sun", "" },
	};

	check_readings(
	    cases, sizeof(cases) / sizeof(cases[0]), date_parse_http);
}

TESTS(T(leap_years_follow_the_gregorian_rule), T(days_count_from_1970),
    T(every_day_from_1601_to_9999_comes_back),
    T(times_before_1970_split_downwards),
    T(each_form_is_written_as_its_readers_want_it),
    T(w3c_dates_of_every_shape_are_read), T(the_printed_offset_is_handed_out),
    T(four_to_twenty_digits_are_a_time), T(the_three_dates_of_http_are_read))
