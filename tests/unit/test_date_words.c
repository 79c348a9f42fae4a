/* Printed dates: formats, names, offsets, inferred years. */

#include "tests/test.h"

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/json.h"
#include "core/news/date_words.h"

/* 2025-08-25T12:00:00Z */
#define CAPTURED_US 1756123200000000ll

/* +02:00, and +03:00 from 30 April to 28 October 2023. */
static struct date_period periods[] = {
	{ 120, INT64_MIN, INT64_MAX },
	{ 180, 19477, 19658 },
};

static const struct date_rules rules = { .zone = "Asia/Beirut",
	.periods = periods,
	.period_count = 2,
	.captured_us = CAPTURED_US };

static const struct date_rules no_offset = { .zone = "",
	.captured_us = CAPTURED_US };

static void
check(const char *raw, const char *format, const struct date_rules *r,
    const char *expected)
{
	struct arena *a = arena_new();
	struct json *date = NULL;
	struct buf out = { 0 };
	int rc = format != NULL ? date_words_read(a, raw, format, r, &date)
				: date_words_iso(a, raw, r, &date);

	if (rc == 0) {
		buf_add_text(&out, "-");
	} else {
		CHECK_TEXT(json_text(json_get(date, "raw"), ""), raw);
		buf_format(&out, "%s %s %s %s",
		    json_text(json_get(date, "iso"), "-"),
		    json_text(json_get(date, "precision"), "-"),
		    json_text(json_get(date, "offset"), "-"),
		    json_text(json_get(date, "tz_source"), "-"));
	}
	if (strcmp(buf_text(&out), expected) != 0)
		printf("# raw '%s', format '%s'\n", raw,
		    format == NULL ? "ISO" : format);
	CHECK_TEXT(buf_text(&out), expected);
	buf_clear(&out);
	arena_free(a);
}

CASE(the_whole_object_is_as_published)
{
	struct arena *a = arena_new();
	struct json *date = NULL;
	struct buf out = { 0 };

	CHECK_INT(date_words_read(
		      a, "16 Nov 2023 03:53", "%d %b %Y %H:%M", &rules, &date),
	    1);
	json_write(&out, date);
	CHECK_TEXT(buf_text(&out),
	    "{\"raw\":\"16 Nov 2023 03:53\","
	    "\"iso\":\"2023-11-16T03:53:00+02:00\","
	    "\"utc\":\"2023-11-16T01:53:00Z\",\"precision\":\"minute\","
	    "\"offset\":\"+02:00\",\"tz\":\"Asia/Beirut\","
	    "\"tz_source\":\"assumed\",\"year_inferred\":false,"
	    "\"calendar\":\"gregorian\"}");
	buf_clear(&out);
	arena_free(a);
}

CASE(formats_of_the_sites_are_read)
{
	check(
	    "21 Jan 2022", "%d %b %Y", &rules, "2022-01-21 day +02:00 assumed");
	check("7 Mar, 2023", "%d %b, %Y", &rules,
	    "2023-03-07 day +02:00 assumed");
	check("7 Mar, 2023 9:05 pm", "%d %b, %Y %H:%M %p", &rules,
	    "2023-03-07T21:05:00+02:00 minute +02:00 assumed");
	check("Aug. 10, 2025", "%b %d, %Y", &rules,
	    "2025-08-10 day +02:00 assumed");
	check("10/08/25 12:00:07 AM", "%d/%m/%y %I:%M:%S %p", &rules,
	    "2025-08-10T00:00:07+02:00 second +02:00 assumed");
	check("Thursday, July 14, 2022", "%A, %B %d, %Y", &rules,
	    "2022-07-14 day +02:00 assumed");
	check("November 2023", "%B %Y", &rules, "2023-11 month - -");
	check("16 Nov 2023 | 3 Min Read", "%d %b %Y", &rules,
	    "2023-11-16 day +02:00 assumed");
	check("  16\xc2\xa0Nov\n2023 ", "%d %b %Y", &rules,
	    "2023-11-16 day +02:00 assumed");
	check("16 de noviembre de 2023", "%d de %B de %Y", &rules,
	    "2023-11-16 day +02:00 assumed");
	check(
	    "16 NOV 2023", "%d %b %Y", &rules, "2023-11-16 day +02:00 assumed");
	check("5 mayo 2023, 7 p. m.", "%d %B %Y, %H %p", &rules,
	    "2023-05-05T19:00:00+03:00 hour +03:00 assumed");
	check(
	    "3 Sept 2023", "%d %b %Y", &rules, "2023-09-03 day +03:00 assumed");
}

CASE(arabic_names_and_digits_are_read)
{
	check("16 تشرين الثاني 2023 03:53", "%d %B %Y %H:%M", &rules,
	    "2023-11-16T03:53:00+02:00 minute +02:00 assumed");
	check("١٦ نوفمبر ٢٠٢٣", "%d %B %Y", &rules,
	    "2023-11-16 day +02:00 assumed");
	check("۱۶ تشرين الأول ۲۰۲۳", "%d %B %Y", &rules,
	    "2023-10-16 day +03:00 assumed");
	check("1 آب 2023", "%d %B %Y", &rules, "2023-08-01 day +03:00 assumed");
	/* Without hamza, with tashkeel and a mark of direction. */
	check("\xe2\x80\x8f"
	      "2 ايّار 2023",
	    "%d %B %Y", &rules, "2023-05-02 day +03:00 assumed");
	check("3 كانون الثاني، 2023 5:07 مساءً", "%d %B، %Y %H:%M %p", &rules,
	    "2023-01-03T17:07:00+02:00 minute +02:00 assumed");
	check(
	    "٠٥/٠٦/٢٠٢٣", "%d/%m/%Y", &rules, "2023-06-05 day +03:00 assumed");
}

CASE(hijri_dates_stay_raw)
{
	struct arena *a = arena_new();
	struct json *date = NULL;
	struct buf out = { 0 };

	CHECK_INT(
	    date_words_read(a, "3 رمضان 1445", "%d %B %Y", &rules, &date), 1);
	json_write(&out, date);
	CHECK_TEXT(buf_text(&out),
	    "{\"raw\":\"3 رمضان 1445\",\"calendar\":\"hijri\"}");
	buf_clear(&out);
	arena_free(a);
}

CASE(what_does_not_fit_is_refused)
{
	check("16 Nov 2023", "%d %b %Y %H:%M", &rules, "-");
	check("16 Nov 20234", "%d %b %Y", &rules, "-");
	check("16 Novem 2023", "%d %b %Y", &rules, "-");
	check("31 Feb 2023", "%d %b %Y", &rules, "-");
	check("29 Feb 2023", "%d %b %Y", &rules, "-");
	check("0 Feb 2023", "%d %b %Y", &rules, "-");
	check("16 Nov 2023 24:00", "%d %b %Y %H:%M", &rules, "-");
	check("16 Nov 2023 13:00 pm", "%d %b %Y %H:%M %p", &rules, "-");
	check("1211 2023", "%d %m %Y", &rules, "-");
	check("By 16 Nov 2023", "%d %b %Y", &rules, "-");
	check("", "%d %b %Y", &rules, "-");
	check("03:53", "%H:%M", &rules, "-");
	check("16", "%q", &rules, "-");
	check("16", "%", &rules, "-");
}

CASE(a_missing_year_is_inferred_from_the_capture)
{
	struct arena *a = arena_new();
	struct json *date = NULL;

	check("23 Sep 23:47", "%d %b %H:%M", &rules,
	    "2024-09-23T23:47:00+02:00 minute +02:00 assumed");
	check("25 Aug 13:00", "%d %b %H:%M", &rules,
	    "2025-08-25T13:00:00+02:00 minute +02:00 assumed");
	/* One day ahead is allowed, a minute more is last year. */
	check("26 Aug 14:00", "%d %b %H:%M", &rules,
	    "2025-08-26T14:00:00+02:00 minute +02:00 assumed");
	check("26 Aug 14:01", "%d %b %H:%M", &rules,
	    "2024-08-26T14:01:00+02:00 minute +02:00 assumed");
	check("29 Feb", "%d %b", &rules, "2024-02-29 day +02:00 assumed");
	CHECK_INT(
	    date_words_read(a, "23 Sep 23:47", "%d %b %H:%M", &rules, &date),
	    1);
	CHECK_INT(json_bool(json_get(date, "year_inferred"), -1), 1);
	arena_free(a);

	struct date_rules unknown = { .captured_us = 0 };
	check("23 Sep", "%d %b", &unknown, "-");

	/* On 31 December the first of January may be tomorrow. */
	struct date_rules eve = { .captured_us = 1735646400000000ll };
	check("1 Jan", "%d %b", &eve, "2025-01-01 day - -");
	check("2 Jan", "%d %b", &eve, "2024-01-02 day - -");
}

CASE(a_printed_offset_is_kept)
{
	check("16 Nov 2023 03:53 +03:00", "%d %b %Y %H:%M %z", &rules,
	    "2023-11-16T03:53:00+03:00 minute +03:00 printed");
	check("Thu, 16 Nov 2023 03:53:01 GMT", "%a, %d %b %Y %H:%M:%S %z",
	    &rules, "2023-11-16T03:53:01+00:00 second GMT printed");
	check("16 Nov 2023 03:53 +99:00", "%d %b %Y %H:%M %z", &rules, "-");
}

CASE(without_any_offset_there_is_no_utc)
{
	struct arena *a = arena_new();
	struct json *date = NULL;

	check("16 Nov 2023 03:53", "%d %b %Y %H:%M", &no_offset,
	    "2023-11-16T03:53:00 minute - -");
	CHECK_INT(date_words_read(a, "16 Nov 2023 03:53", "%d %b %Y %H:%M",
		      &no_offset, &date),
	    1);
	CHECK(json_get(date, "utc") == NULL);
	CHECK_INT(
	    date_words_read(a, "16 Nov 2023", "%d %b %Y", &rules, &date), 1);
	CHECK(json_get(date, "utc") == NULL);
	arena_free(a);
}

CASE(periods_change_the_assumed_offset)
{
	check("29 Apr 2023 12:00", "%d %b %Y %H:%M", &rules,
	    "2023-04-29T12:00:00+02:00 minute +02:00 assumed");
	check("30 Apr 2023 12:00", "%d %b %Y %H:%M", &rules,
	    "2023-04-30T12:00:00+03:00 minute +03:00 assumed");
	check("28 Oct 2023 12:00", "%d %b %Y %H:%M", &rules,
	    "2023-10-28T12:00:00+03:00 minute +03:00 assumed");
	check("29 Oct 2023 12:00", "%d %b %Y %H:%M", &rules,
	    "2023-10-29T12:00:00+02:00 minute +02:00 assumed");
}

CASE(iso_dates_are_read)
{
	check("2023-11-16T03:53:00+02:00", NULL, &rules,
	    "2023-11-16T03:53:00+02:00 second +02:00 printed");
	/* A printed offset stands even where the profile has another. */
	check("2023-07-16T03:53:00+02:00", NULL, &rules,
	    "2023-07-16T03:53:00+02:00 second +02:00 printed");
	check("2023-11-16T03:53:00.123Z", NULL, &rules,
	    "2023-11-16T03:53:00+00:00 second Z printed");
	check("2023-11-16 03:53:00 -0530", NULL, &rules,
	    "2023-11-16T03:53:00-05:30 second -0530 printed");
	check("2023-11-16T03:53+02", NULL, &rules,
	    "2023-11-16T03:53:00+02:00 minute +02 printed");
	check("2023-11-16T03:53:00", NULL, &rules,
	    "2023-11-16T03:53:00+02:00 second +02:00 assumed");
	check(" 2023-11-16 ", NULL, &rules, "2023-11-16 day +02:00 assumed");
	check("2023-11", NULL, &rules, "2023-11 month - -");
	check("2023", NULL, &rules, "2023 year - -");
	check("٢٠٢٣-١١-١٦", NULL, &no_offset, "2023-11-16 day - -");
}

CASE(what_is_no_iso_date_is_refused)
{
	check("2023-13-01", NULL, &rules, "-");
	check("2023-02-29", NULL, &rules, "-");
	check("2023-11-16T", NULL, &rules, "-");
	check("2023-11-16T25:00", NULL, &rules, "-");
	check("2023-11-16T03:53:60Z", NULL, &rules, "-");
	check("2023-11-16T03:53:00+15:00", NULL, &rules, "-");
	check("2023-11-16T03:53:00Zx", NULL, &rules, "-");
	check("16 Nov 2023", NULL, &rules, "-");
	check("", NULL, &rules, "-");
	check("0000-01-01", NULL, &rules, "-");
}

CASE(an_instant_of_our_clock_is_utc)
{
	struct arena *a = arena_new();
	struct json *date = date_words_instant(a, CAPTURED_US);

	CHECK_TEXT(
	    json_text(json_get(date, "iso"), ""), "2025-08-25T12:00:00Z");
	CHECK_TEXT(
	    json_text(json_get(date, "utc"), ""), "2025-08-25T12:00:00Z");
	CHECK_TEXT(json_text(json_get(date, "precision"), ""), "second");
	arena_free(a);
}

TESTS(T(the_whole_object_is_as_published), T(formats_of_the_sites_are_read),
    T(arabic_names_and_digits_are_read), T(hijri_dates_stay_raw),
    T(what_does_not_fit_is_refused),
    T(a_missing_year_is_inferred_from_the_capture), T(a_printed_offset_is_kept),
    T(without_any_offset_there_is_no_utc), T(periods_change_the_assumed_offset),
    T(iso_dates_are_read), T(what_is_no_iso_date_is_refused),
    T(an_instant_of_our_clock_is_utc))
