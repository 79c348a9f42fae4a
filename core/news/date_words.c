/* Dates as news sites print them. */

#include "core/news/date_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/news/month_names.h"
#include "core/news/normalize.h"

#define DAY_US    86400000000ll
#define MINUTE_US 60000000ll

enum {
	RAW_MAX = 1024, /* bytes of raw text that are looked at */
	OFFSET_MAX = 14 * 60,
	YEARS_BACK = 9, /* 29 February may be eight years away */
};

enum precision {
	PRECISION_YEAR,
	PRECISION_MONTH,
	PRECISION_DAY,
	PRECISION_HOUR,
	PRECISION_MINUTE,
	PRECISION_SECOND,
};

enum { UNSET = -1 };

/* What was read so far. */
struct parts {
	int year, month, day, hour, minute, second;
	int is_afternoon;
	int has_offset; /* printed */
	int offset_minutes;
	char offset[8]; /* as printed */
	int is_hijri;
};

static const struct parts no_parts = { .year = UNSET,
	.month = UNSET,
	.day = UNSET,
	.hour = UNSET,
	.minute = UNSET,
	.second = UNSET,
	.is_afternoon = UNSET };

/* The form in which texts, names and formats are compared: NT1's loose one,
 * with ASCII digits, and one kind of comma. */
static void
fold(struct buf *out, const char *s)
{
	static const char comma[] = "\xd8\x8c";
	struct buf text = { 0 };
	struct buf loose = { 0 };

	nt1_text(&text, s, strnlen(s, RAW_MAX));
	nt1_loose(&loose, buf_text(&text), text.len);
	for (const char *p = buf_text(&loose); *p != '\0'; p++) {
		if (text_starts(p, comma)) {
			buf_add_byte(out, ',');
			p++;
		} else {
			buf_add_byte(out, (uint8_t)*p);
		}
	}
	buf_clear(&loose);
	buf_clear(&text);
}

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Part of a word in the folded form. */
static int
is_letter(char c)
{
	return (unsigned char)c >= 0x80 || (c >= 'a' && c <= 'z');
}

/* At most MOST digits, at least one; a number goes on to its last digit. */
static int
take_number(const char **s, int least, int most, int max, int *value)
{
	int n = 0;
	int v = 0;

	for (; n < most && is_digit((*s)[n]); n++)
		v = v * 10 + ((*s)[n] - '0');
	if (n < least || v > max)
		return 0;
	*s += n;
	*value = v;
	return 1;
}

/* The longest name that stands at *S as a word. */
static int
take_month(const char **s, struct parts *parts)
{
	size_t count = 0;
	const struct month_name *names = month_names(&count);
	const struct month_name *best = NULL;
	size_t best_len = 0;

	for (size_t i = 0; i < count; i++) {
		struct buf name = { 0 };

		fold(&name, names[i].name);
		if (name.len > best_len && text_starts(*s, buf_text(&name)) &&
		    !is_letter((*s)[name.len])) {
			best = &names[i];
			best_len = name.len;
		}
		buf_clear(&name);
	}
	if (best == NULL)
		return 0;
	*s += best_len;
	if (**s == '.') /* "Aug." */
		(*s)++;
	parts->month = best->month;
	parts->is_hijri = best->is_hijri;
	return 1;
}

/* am and pm, as English, Spanish and Arabic have them. */
static int
take_half(const char **s, struct parts *parts)
{
	static const struct {
		const char *word;
		int is_afternoon;
	} words[] = { { "a.m.", 0 }, { "p.m.", 1 }, { "a. m.", 0 },
		{ "p. m.", 1 }, { "am", 0 }, { "pm", 1 }, { "صباحا", 0 },
		{ "مساء", 1 }, { "ص", 0 }, { "م", 1 } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i].word);

		if (text_starts(*s, words[i].word) && !is_letter((*s)[len])) {
			parts->is_afternoon = words[i].is_afternoon;
			*s += len;
			return 1;
		}
	}
	return 0;
}

/* "Z", "UTC", "GMT", "+02:00", "+0200", "+02", all in lower case here; kept
 * as printed, letters in upper case. */
static int
take_offset(const char **s, struct parts *parts)
{
	static const char *const zero[] = { "z", "utc", "gmt" };
	const char *start = *s;
	int negative = *start == '-';
	int hours = 0;
	int minutes = 0;
	size_t len = 0;

	for (size_t i = 0; i < 3 && len == 0; i++)
		if (text_starts(start, zero[i]) &&
		    !is_letter(start[strlen(zero[i])]))
			len = strlen(zero[i]);
	if (len == 0) {
		if (*start != '+' && *start != '-')
			return 0;
		(*s)++;
		if (!take_number(s, 2, 2, 14, &hours))
			return 0;
		if (**s == ':' && is_digit((*s)[1]))
			(*s)++;
		if (is_digit(**s) && !take_number(s, 2, 2, 59, &minutes))
			return 0;
		len = (size_t)(*s - start);
	}
	*s = start + len;
	parts->offset_minutes = hours * 60 + minutes;
	if (parts->offset_minutes > OFFSET_MAX)
		return 0;
	if (negative)
		parts->offset_minutes = -parts->offset_minutes;
	for (size_t i = 0; i < len; i++) {
		int lower = start[i] >= 'a' && start[i] <= 'z';

		parts->offset[i] = (char)(lower ? start[i] - 32 : start[i]);
	}
	parts->offset[len] = '\0';
	parts->has_offset = 1;
	return 1;
}

static int
take_word(const char **s)
{
	const char *start = *s;

	while (is_letter(**s))
		(*s)++;
	return *s > start;
}

/* One directive of a format. */
static int
take_directive(const char **s, char directive, struct parts *parts)
{
	switch (directive) {
	case 'd':
		return take_number(s, 1, 2, 31, &parts->day);
	case 'm':
		return take_number(s, 1, 2, 12, &parts->month);
	case 'b':
	case 'B':
		return take_month(s, parts);
	case 'Y':
		return take_number(s, 4, 4, 9999, &parts->year);
	case 'y':
		if (!take_number(s, 2, 2, 99, &parts->year))
			return 0;
		parts->year += parts->year < 69 ? 2000 : 1900;
		return 1;
	case 'H':
	case 'I':
		return take_number(s, 1, 2, 23, &parts->hour);
	case 'M':
		return take_number(s, 2, 2, 59, &parts->minute);
	case 'S':
		return take_number(s, 2, 2, 59, &parts->second);
	case 'p':
		return take_half(s, parts);
	case 'z':
		return take_offset(s, parts);
	case 'a':
	case 'A':
		return take_word(s);
	default:
		return 0;
	}
}

/* What stands literally at *FORMAT up to a blank or a directive. */
static int
take_literal(const char **s, const char **format)
{
	size_t n = strcspn(*format, "% \t\r\n");
	char *word = strndup(*format, n);
	struct buf folded = { 0 };
	int fits = 0;

	if (word != NULL) {
		fold(&folded, word);
		fits = text_starts(*s, buf_text(&folded));
		*s += fits ? folded.len : 0;
	}
	*format += n;
	buf_clear(&folded);
	free(word);
	return fits;
}

/* Match the folded text S; 1 when all of FORMAT was found. */
static int
match(const char *s, const char *format, struct parts *parts)
{
	const char *start = s;
	char last = 0;

	while (*format != '\0') {
		last = *format;
		if (text_is_space((unsigned char)*format)) {
			while (text_is_space((unsigned char)*format))
				format++;
			if (*s == ' ')
				s++; /* folded: there is one at most */
			else if (s > start && *s != '\0')
				return 0;
		} else if (*format == '%') {
			if (format[1] == '\0' ||
			    !take_directive(&s, format[1], parts))
				return 0;
			format += 2;
		} else if (!take_literal(&s, &format)) {
			return 0;
		}
	}
	/* A number that goes on was another one. */
	return last != '%' || !is_digit(*s);
}

static int
find_offset(const struct date_rules *rules, int64_t day, int *minutes)
{
	int found = 0;

	for (size_t i = 0; i < rules->period_count; i++) {
		const struct date_period *p = &rules->periods[i];

		if (day >= p->from_day && day <= p->until_day) {
			*minutes = p->offset_minutes;
			found = 1;
		}
	}
	return found;
}

/* The missing offset by the profile's periods; *IS_ASSUMED when found. */
static void
assume_offset(
    struct parts *parts, const struct date_rules *rules, int *is_assumed)
{
	int64_t day = 0;
	int away = 0;

	*is_assumed = 0;
	if (parts->has_offset || parts->day == UNSET)
		return;
	day = date_days(parts->year, parts->month, parts->day);
	if (!find_offset(rules, day, &parts->offset_minutes))
		return;
	*is_assumed = 1;
	away = abs(parts->offset_minutes) % (100 * 60);
	(void)snprintf(parts->offset, sizeof(parts->offset), "%c%02d:%02d",
	    parts->offset_minutes < 0 ? '-' : '+', away / 60, away % 60);
}

/* The instant of the parts at their offset; missing ones are the first. */
static int64_t
instant(const struct parts *p)
{
	struct date_fields f = { .year = p->year,
		.month = p->month == UNSET ? 1 : p->month,
		.day = p->day == UNSET ? 1 : p->day,
		.hour = p->hour == UNSET ? 0 : p->hour,
		.minute = p->minute == UNSET ? 0 : p->minute,
		.second = p->second == UNSET ? 0 : p->second };

	return date_us(&f) - p->offset_minutes * MINUTE_US;
}

static int
is_real_day(const struct parts *p)
{
	if (p->year < 1 || p->month == 0 || p->day == 0)
		return 0;
	return p->day == UNSET || p->month == UNSET ||
	       p->day <= date_month_days(p->year, p->month);
}

/* The latest year with which the date is at most one day after the capture. */
static int
infer_year(struct parts *parts, const struct date_rules *rules)
{
	struct date_fields now;

	if (rules->captured_us <= 0 || parts->month == UNSET ||
	    parts->day == UNSET)
		return 0;
	date_split(rules->captured_us, &now);
	for (int back = -1; back < YEARS_BACK; back++) {
		struct parts p = *parts;
		int is_assumed = 0;

		p.year = now.year - back;
		if (!is_real_day(&p))
			continue;
		assume_offset(&p, rules, &is_assumed);
		if (instant(&p) <= rules->captured_us + DAY_US) {
			parts->year = p.year;
			return 1;
		}
	}
	return 0;
}

/* 12-hour time to 24 hours; 0 when there is no such hour. */
static int
apply_half(struct parts *p)
{
	if (p->is_afternoon == UNSET)
		return 1;
	if (p->hour < 1 || p->hour > 12)
		return 0;
	p->hour = p->hour % 12 + (p->is_afternoon ? 12 : 0);
	return 1;
}

/* 0 when parts are missing in the middle. */
static int
find_precision(const struct parts *p, enum precision *precision)
{
	const int given[] = { p->year != UNSET, p->month != UNSET,
		p->day != UNSET, p->hour != UNSET, p->minute != UNSET,
		p->second != UNSET };
	int last = -1;

	for (int i = 0; i < 6; i++)
		if (given[i]) {
			if (i > last + 1)
				return 0;
			last = i;
		}
	if (last < 0)
		return 0;
	*precision = (enum precision)last;
	return 1;
}

static const char *
precision_name(enum precision precision)
{
	switch (precision) {
	case PRECISION_YEAR:
		return "year";
	case PRECISION_MONTH:
		return "month";
	case PRECISION_DAY:
		return "day";
	case PRECISION_HOUR:
		return "hour";
	case PRECISION_MINUTE:
		return "minute";
	case PRECISION_SECOND:
		return "second";
	}
	return "";
}

/* RFC 3339 at the known offset; without one the local time alone; a date
 * coarser than an hour is cut (ISO 8601, reduced precision). */
static void
format_iso(char out[DATE_TEXT_MAX], const struct parts *p,
    enum precision precision, int has_offset)
{
	static const size_t lengths[] = { 4, 7, 10, 19, 19, 19 };

	date_rfc3339_offset(instant(p), p->offset_minutes, out);
	if (precision < PRECISION_HOUR || !has_offset)
		out[lengths[precision]] = '\0';
}

static struct json *
new_object(struct arena *a, const char *raw, const struct parts *p,
    enum precision precision, const struct date_rules *rules)
{
	struct json *o = json_new_object(a);
	struct parts full = *p;
	int is_assumed = 0;
	char text[DATE_TEXT_MAX];

	assume_offset(&full, rules, &is_assumed);
	json_set_string(a, o, "raw", raw);
	format_iso(text, &full, precision, full.has_offset || is_assumed);
	json_set_string(a, o, "iso", text);
	if (precision >= PRECISION_HOUR && (full.has_offset || is_assumed)) {
		date_rfc3339_s(instant(&full), text);
		json_set_string(a, o, "utc", text);
	}
	json_set_string(a, o, "precision", precision_name(precision));
	if (full.has_offset || is_assumed)
		json_set_string(a, o, "offset", full.offset);
	if (is_assumed && rules->zone != NULL && *rules->zone != '\0')
		json_set_string(a, o, "tz", rules->zone);
	if (full.has_offset || is_assumed)
		json_set_string(
		    a, o, "tz_source", is_assumed ? "assumed" : "printed");
	return o;
}

/* The object of what was read, or 0 when that is no date. */
static int
finish(struct arena *a, const char *raw, struct parts *parts,
    const struct date_rules *rules, struct json **out)
{
	enum precision precision = PRECISION_YEAR;
	int is_inferred = 0;

	if (parts->is_hijri) {
		*out = json_new_object(a);
		json_set_string(a, *out, "raw", raw);
		json_set_string(a, *out, "calendar", "hijri");
		return 1;
	}
	if (!apply_half(parts))
		return 0;
	if (parts->year == UNSET) {
		if (!infer_year(parts, rules))
			return 0;
		is_inferred = 1;
	}
	if (!find_precision(parts, &precision) || !is_real_day(parts))
		return 0;
	*out = new_object(a, raw, parts, precision, rules);
	json_set_bool(a, *out, "year_inferred", is_inferred);
	json_set_string(a, *out, "calendar", "gregorian");
	return 1;
}

int
date_words_read(struct arena *a, const char *raw, const char *format,
    const struct date_rules *rules, struct json **out)
{
	struct parts parts = no_parts;
	struct buf folded = { 0 };
	int fits = 0;

	fold(&folded, raw);
	fits = match(buf_text(&folded), format, &parts);
	buf_clear(&folded);
	return fits ? finish(a, raw, &parts, rules, out) : 0;
}

/* ISO 8601, calendar dates in the extended format; what is missing at the
 * end is not there. */
static int
match_iso(const char *s, struct parts *p)
{
	if (!take_number(&s, 4, 4, 9999, &p->year))
		return 0;
	if (*s == '-') {
		s++;
		if (!take_number(&s, 2, 2, 12, &p->month))
			return 0;
	}
	if (p->month != UNSET && *s == '-') {
		s++;
		if (!take_number(&s, 2, 2, 31, &p->day))
			return 0;
	}
	if (p->day != UNSET && (*s == 't' || *s == ' ') && s[1] != '\0') {
		s++;
		if (!take_number(&s, 2, 2, 23, &p->hour))
			return 0;
	}
	if (p->hour != UNSET && *s == ':') {
		s++;
		if (!take_number(&s, 2, 2, 59, &p->minute))
			return 0;
	}
	if (p->minute != UNSET && *s == ':') {
		s++;
		if (!take_number(&s, 2, 2, 59, &p->second))
			return 0;
	}
	if (p->second != UNSET && (*s == '.' || *s == ',') && is_digit(s[1]))
		s += 1 + strspn(s + 1, "0123456789");
	if (p->hour != UNSET && *s != '\0') {
		if (*s == ' ')
			s++;
		if (!take_offset(&s, p))
			return 0;
	}
	return *s == '\0';
}

int
date_words_iso(struct arena *a, const char *raw, const struct date_rules *rules,
    struct json **out)
{
	struct parts parts = no_parts;
	struct buf folded = { 0 };
	int fits = 0;

	fold(&folded, raw);
	fits = match_iso(buf_text(&folded), &parts);
	buf_clear(&folded);
	return fits ? finish(a, raw, &parts, rules, out) : 0;
}

struct json *
date_words_instant(struct arena *a, int64_t us)
{
	struct json *o = json_new_object(a);
	char text[DATE_TEXT_MAX];

	date_rfc3339_s(us, text);
	json_set_string(a, o, "raw", text);
	json_set_string(a, o, "iso", text);
	json_set_string(a, o, "utc", text);
	json_set_string(a, o, "precision", "second");
	json_set_string(a, o, "offset", "Z");
	json_set_string(a, o, "tz_source", "printed");
	json_set_bool(a, o, "year_inferred", 0);
	json_set_string(a, o, "calendar", "gregorian");
	return o;
}
