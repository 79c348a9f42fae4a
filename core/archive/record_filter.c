/* Which records somebody wants. */
#include "core/archive/record_filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/record_facts.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/text.h"

struct record_filter {
	struct record_filter_options options;
	int64_t from, to; /* TO is the last moment wanted */
};

/* Call EACH for every part of LIST, commas and elements alike: 1 as soon as
 * one call gives 1. */
static int
any_of(const char *const *list,
    int (*each)(const void *context, const char *p, size_t len),
    const void *context)
{
	for (; list != NULL && *list != NULL; list++) {
		const char *p = *list;

		for (;;) {
			size_t len = strcspn(p, ",");

			if (len > 0 && each(context, p, len))
				return 1;
			if (p[len] == '\0')
				break;
			p += len + 1;
		}
	}
	return 0;
}

static int
is_empty(const char *const *list)
{
	return list == NULL || *list == NULL;
}

/* "200", "3xx", "200-299": 1, the range. */
static int
read_status(const char *p, size_t len, unsigned *low, unsigned *high)
{
	uint64_t a;
	uint64_t b;

	if (len == 3 && text_lower(p[1]) == 'x' && text_lower(p[2]) == 'x' &&
	    p[0] >= '0' && p[0] <= '9') {
		*low = (unsigned)(p[0] - '0') * 100;
		*high = *low + 99;
		return 1;
	}
	if (len == 3 && text_uint(p, 3, 999, &a)) {
		*low = *high = (unsigned)a;
		return 1;
	}
	if (len == 7 && p[3] == '-' && text_uint(p, 3, 999, &a) &&
	    text_uint(p + 4, 3, 999, &b)) {
		*low = (unsigned)a;
		*high = (unsigned)b;
		return 1;
	}
	return 0;
}

/* Does PATTERN, in which "*" is any run, fit all of TEXT? */
static int
star_fits(const char *pattern, size_t len, const char *text)
{
	const char *end = pattern + len;
	const char *star = NULL;
	const char *back = NULL;

	while (*text != '\0') {
		if (pattern < end && *pattern == '*') {
			star = ++pattern;
			back = text;
		} else if (pattern < end && text_lower((uint8_t)*pattern) ==
						text_lower((uint8_t)*text)) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star;
			text = ++back;
		} else {
			return 0;
		}
	}
	while (pattern < end && *pattern == '*')
		pattern++;
	return pattern == end;
}

static int
is_bad_status(const void *context, const char *p, size_t len)
{
	unsigned low;
	unsigned high;

	(void)context;
	return !read_status(p, len, &low, &high);
}

static int
is_bad_type(const void *context, const char *p, size_t len)
{
	(void)context;
	for (int t = 0; t < RECORD_OTHER; t++)
		if (text_equal_nocase(
			p, len, record_type_name((enum record_type)t)))
			return 0;
	return 1;
}

/* What is left of the pattern is filled from the calendar. */
int
record_filter_time(const char *text, int64_t *first, int64_t *last)
{
	char digits[15];
	size_t n = 0;
	struct date_fields f;
	static const char rest[] = "00001231235959";

	if (strlen(text) > 32)
		return 0;
	for (const char *p = text; *p != '\0'; p++) {
		if (*p >= '0' && *p <= '9' && n < 14)
			digits[n++] = *p;
		else if (strchr("-:TZ", *p) == NULL) {
			/* A fraction, a zone: a moment. */
			if (!date_parse(text, first, NULL))
				return 0;
			*last = *first;
			return 1;
		}
	}
	if (n < 4 || n % 2 != 0)
		return 0;
	digits[n] = '\0';
	if (!date_parse_digits(digits, first))
		return 0;
	memcpy(digits + n, rest + n, sizeof(rest) - n);
	if (n == 6) {
		int days;

		date_split(*first, &f);
		days = date_month_days(f.year, f.month);
		digits[6] = (char)('0' + days / 10);
		digits[7] = (char)('0' + days % 10);
	}
	if (!date_parse_digits(digits, last))
		return 0;
	*last += 999999;
	return 1;
}

static int
read_times(struct record_filter *f, struct error *e)
{
	const char *from = f->options.from;
	const char *to = f->options.to;
	int64_t other;

	f->from = INT64_MIN;
	f->to = INT64_MAX;
	if (from != NULL && from[0] != '\0' &&
	    !record_filter_time(from, &f->from, &other))
		return error_set(e, ERROR_USAGE, "--from: %s is no time", from);
	if (to != NULL && to[0] != '\0' &&
	    !record_filter_time(to, &other, &f->to))
		return error_set(e, ERROR_USAGE, "--to: %s is no time", to);
	return 0;
}

int
record_filter_new(struct record_filter **out,
    const struct record_filter_options *o, struct error *e)
{
	struct record_filter *f = mem_zero(1, sizeof(*f));
	int rc = 0;

	f->options = *o;
	if (any_of(o->statuses, is_bad_status, NULL))
		rc = error_set(e, ERROR_USAGE,
		    "--status: %s is neither 200 nor 3xx nor 200-299",
		    o->statuses[0]);
	else if (any_of(o->types, is_bad_type, NULL))
		rc = error_set(e, ERROR_USAGE,
		    "--type: %s is no type of record", o->types[0]);
	else
		rc = read_times(f, e);
	if (rc != 0)
		record_filter_free(f);
	else
		*out = f;
	return rc;
}

void
record_filter_free(struct record_filter *f)
{
	free(f);
}

int
record_filter_asks(const struct record_filter *f)
{
	return !is_empty(f->options.statuses) || !is_empty(f->options.mimes) ||
	       !is_empty(f->options.urls) || f->from != INT64_MIN ||
	       f->to != INT64_MAX;
}

static int
type_fits(const void *context, const char *p, size_t len)
{
	const struct record_facts *r = context;

	return text_equal_nocase(p, len, r->type_name);
}

static int
status_fits(const void *context, const char *p, size_t len)
{
	const struct record_facts *r = context;
	unsigned low;
	unsigned high;

	return read_status(p, len, &low, &high) && r->status >= low &&
	       r->status <= high;
}

static int
mime_fits(const void *context, const char *p, size_t len)
{
	const struct record_facts *r = context;
	char plain[256];

	if (r->http_head_len > 0)
		return star_fits(p, len, r->mime);
	/* Without parameters, as that of a message is. */
	(void)snprintf(plain, sizeof(plain), "%.*s",
	    (int)strcspn(r->content_type, "; \t"), r->content_type);
	return star_fits(p, len, plain);
}

int
record_filter_url(const char *pattern, const char *uri)
{
	if (strchr(pattern, '*') != NULL)
		return star_fits(pattern, strlen(pattern), uri);
	return strncmp(uri, pattern, strlen(pattern)) == 0;
}

int
record_filter_type(const struct record_filter *f, const struct record_facts *r)
{
	return is_empty(f->options.types) ||
	       any_of(f->options.types, type_fits, r);
}

int
record_filter_fits(const struct record_filter *f, const struct record_facts *r)
{
	const struct record_filter_options *o = &f->options;
	int fits = is_empty(o->urls);

	if (r->type == RECORD_WARCINFO)
		return 1;
	for (const char *const *u = o->urls; !fits && *u != NULL; u++)
		fits = record_filter_url(*u, r->uri);
	if (!fits)
		return 0;
	if ((f->from != INT64_MIN || f->to != INT64_MAX) &&
	    (r->date_us == INT64_MIN || r->date_us < f->from ||
		r->date_us > f->to))
		return 0;
	return (is_empty(o->statuses) || any_of(o->statuses, status_fits, r)) &&
	       (is_empty(o->mimes) || any_of(o->mimes, mime_fits, r));
}
