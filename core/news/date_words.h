#ifndef NEWS_DATE_WORDS_H
#define NEWS_DATE_WORDS_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct json;

/*
 * Dates as news sites print them: month names in English, Spanish and Arabic
 * (both series), Arabic-Indic and Persian digits. A printed offset is kept
 * verbatim; a missing one is assumed from the profile's offset periods, never
 * from the system's time zones.
 */

struct date_period {
	int offset_minutes;
	int64_t from_day, until_day; /* days since 1970, both included; the
	    period without dates is [INT64_MIN, INT64_MAX] and comes first */
};

struct date_rules {
	const char *zone;                  /* label only: "Asia/Beirut" */
	const struct date_period *periods; /* later ones win */
	size_t period_count;
	int64_t captured_us; /* to infer a missing year */
};

/*
 * Read RAW by a format of %d %b %B %Y %H %M %S %y %m %p %I %z (an offset), %a
 * (any word, as a weekday) and literal text (a blank matches any white space;
 * the text may go on behind). Compared is NT1's loose form: case,
 * bidi controls, tashkeel and kinds of digits do not matter. 1: the date
 * object of article/1 (5.2 of the field list: raw iso utc precision offset tz
 * tz_source year_inferred calendar), in A. 0: it does not fit.
 *
 * utc is there when the hour and an offset are known; offset and tz_source
 * ("printed", "assumed") when there is an offset, tz when it was assumed. iso
 * stops at the precision when that is coarser than an hour, and has no offset
 * when none is known. A date by the Hijri calendar has only raw and calendar.
 */
int date_words_read(struct arena *a, const char *raw, const char *format,
    const struct date_rules *rules, struct json **out);

/* The same for ISO 8601 with or without offset. 1 / 0. */
int date_words_iso(struct arena *a, const char *raw,
    const struct date_rules *rules, struct json **out);

/* The date object of an instant of our own clock (captured, first_seen). */
struct json *date_words_instant(struct arena *a, int64_t us);

#endif
