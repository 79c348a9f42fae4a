/* Guards against sites without end. */
#include "core/crawl/trap.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/crawl/scope.h"
#include "core/web/url.h"
#include "core/web/url_identity.h"

enum {
	CELLS_FIRST = 1 << 10,
	CELLS_MAX = 1 << 19, /* 8 MiB; what is new then is not counted */
	LATELY = 1 << 12,
	PATTERN_SHOWN = 200 /* bytes of it in WHY */
};

#define DAY_US (INT64_C(86400) * 1000000)

struct cell {
	uint64_t key; /* 0: empty */
	uint64_t count;
};

struct traps {
	unsigned budget;
	int64_t now_us;
	struct cell *cells; /* counts by hashed texts */
	size_t cap, count;
	uint64_t lately[LATELY]; /* URLs allowed: not counted again soon */
	struct buf pattern;      /* of the URL that is looked at */
	struct buf identity;     /* likewise */
	struct buf scratch;
};

/* One part of a path or query. */
struct part {
	const char *s;
	size_t len;
};

enum { PARTS_MAX = TRAP_SEGMENTS + 1 };

/* What one URL consists of. */
struct look {
	struct traps *t;
	const struct url *url;
	struct part segments[PARTS_MAX]; /* without empty ones */
	size_t segment_count; /* may be more than there is room for */
	struct part parameters[TRAP_PARAMETERS + 1];
	size_t parameter_count;
	struct buf *why;
};

struct traps *
traps_new(unsigned budget, int64_t now_us)
{
	struct traps *t = mem_zero(1, sizeof(*t));

	t->budget = budget == 0 ? TRAP_BUDGET : budget;
	t->now_us = now_us;
	t->cap = CELLS_FIRST;
	t->cells = mem_zero(t->cap, sizeof(*t->cells));
	return t;
}

void
traps_free(struct traps *t)
{
	if (t == NULL)
		return;
	free(t->cells);
	buf_clear(&t->pattern);
	buf_clear(&t->identity);
	buf_clear(&t->scratch);
	free(t);
}

void
traps_reset(struct traps *t, int64_t now_us)
{
	memset(t->cells, 0, t->cap * sizeof(*t->cells));
	memset(t->lately, 0, sizeof(t->lately));
	t->count = 0;
	t->now_us = now_us;
}

/* KIND and TEXT as a key. */
static uint64_t
key_of(char kind, const void *text, size_t len, struct buf *scratch)
{
	uint8_t raw[DIGEST_SHA256_RAW];
	uint64_t key;

	buf_reset(scratch);
	buf_add_byte(scratch, (uint8_t)kind);
	buf_add(scratch, text, len);
	digest_sha256(scratch->data, scratch->len, raw);
	memcpy(&key, raw, sizeof(key));
	return key == 0 ? 1 : key;
}

static struct cell *
place_of(struct cell *cells, size_t cap, uint64_t key)
{
	size_t i = key & (cap - 1);

	while (cells[i].key != 0 && cells[i].key != key)
		i = (i + 1) & (cap - 1);
	return &cells[i];
}

static uint64_t
counted(const struct traps *t, uint64_t key)
{
	return place_of(t->cells, t->cap, key)->count;
}

static void
count_up(struct traps *t, uint64_t key)
{
	struct cell *cell = place_of(t->cells, t->cap, key);

	if (cell->key == 0 && 2 * (t->count + 1) > t->cap) {
		size_t cap = 2 * t->cap;
		struct cell *cells;

		if (cap > CELLS_MAX)
			return;
		cells = mem_zero(cap, sizeof(*cells));
		for (size_t i = 0; i < t->cap; i++)
			if (t->cells[i].key != 0)
				*place_of(
				    cells, cap, t->cells[i].key) = t->cells[i];
		free(t->cells);
		t->cells = cells;
		t->cap = cap;
		cell = place_of(t->cells, t->cap, key);
	}
	t->count += cell->key == 0;
	cell->key = key;
	cell->count++;
}

/* The parts of S between MARKs that are not empty; the count may be more than
 * CAP. */
static size_t
split(const char *s, size_t len, char mark, struct part *parts, size_t cap)
{
	const char *end = s + len;
	size_t count = 0;

	while (s < end) {
		const char *next = memchr(s, mark, (size_t)(end - s));

		if (next == NULL)
			next = end;
		if (next > s) {
			if (count < cap)
				parts[count] = (struct part){ s,
					(size_t)(next - s) };
			count++;
		}
		s = next < end ? next + 1 : end;
	}
	return count;
}

static int
same(const struct part *a, const struct part *b)
{
	return a->len == b->len && memcmp(a->s, b->s, a->len) == 0;
}

/* ": PATTERN". */
static void
add_pattern(struct look *l)
{
	const struct buf *pattern = &l->t->pattern;
	int is_long = pattern->len > PATTERN_SHOWN;

	buf_add_text(l->why, ": ");
	buf_add(l->why, pattern->data, is_long ? PATTERN_SHOWN : pattern->len);
	if (is_long)
		buf_add_text(l->why, "...");
}

/* "RULE VALUE: PATTERN"; returns 0. */
static int
refuse(struct look *l, const char *rule, const char *value, size_t len)
{
	buf_format(l->why, "%s ", rule);
	buf_add(l->why, value, len);
	add_pattern(l);
	return 0;
}

static int
refuse_number(struct look *l, const char *rule, uint64_t value)
{
	buf_format(l->why, "%s %llu", rule, (unsigned long long)value);
	add_pattern(l);
	return 0;
}

/* "/a/b/a/b/a/b": a run of segments that comes again right behind itself,
 * more often than TRAP_CYCLES. LENGTH is that of one round. */
static int
is_cycle(const struct look *l, size_t at, size_t length)
{
	size_t rounds = 1;

	for (size_t next = at + length; next + length <= l->segment_count;
	     next += length) {
		for (size_t i = 0; i < length; i++)
			if (!same(&l->segments[at + i], &l->segments[next + i]))
				return 0;
		if (++rounds > TRAP_CYCLES)
			return 1;
	}
	return 0;
}

static int
path_is_sound(struct look *l)
{
	size_t count = l->segment_count;

	if (count > TRAP_SEGMENTS)
		return refuse_number(l, "path-segments", count);
	for (size_t i = 0; i < count; i++) {
		size_t times = 0;

		for (size_t j = i; j < count; j++)
			times += (size_t)same(&l->segments[i], &l->segments[j]);
		if (times > TRAP_SAME_SEGMENT)
			return refuse(l, "segment-repeated", l->segments[i].s,
			    l->segments[i].len);
	}
	for (size_t length = 2; (TRAP_CYCLES + 1) * length <= count; length++)
		for (size_t i = 0; i + length <= count; i++)
			if (is_cycle(l, i, length))
				return refuse(l, "segments-repeated",
				    l->segments[i].s,
				    (size_t)(l->segments[i + length - 1].s +
					     l->segments[i + length - 1].len -
					     l->segments[i].s));
	return 1;
}

/* Parameters that carry who visits, not what is shown. */
static int
is_session_name(const struct part *name)
{
	static const char *const names[] = { "phpsessid", "jsessionid",
		"sessionid", "session_id", "sessid", "cftoken", "cfid",
		"asp.net_sessionid" };
	static const char asp[] = "aspsessionid";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (text_equal_nocase(name->s, name->len, names[i]))
			return 1;
	return name->len >= sizeof(asp) - 1 &&
	       text_equal_nocase(name->s, sizeof(asp) - 1, asp);
}

/* "sid" may be a story's number; a session's is long and has both letters and
 * digits. */
static int
is_sid(const struct part *name, const struct part *value)
{
	size_t digits = 0;
	size_t others = 0;

	if (!text_equal_nocase(name->s, name->len, "sid"))
		return 0;
	for (size_t i = 0; i < value->len; i++)
		if (value->s[i] >= '0' && value->s[i] <= '9')
			digits++;
		else
			others++;
	return value->len >= 16 && digits > 0 && others > 0;
}

static struct part
name_of(const struct part *parameter)
{
	const char *equals = memchr(parameter->s, '=', parameter->len);

	return (struct part){ parameter->s,
		equals == NULL ? parameter->len
			       : (size_t)(equals - parameter->s) };
}

static struct part
value_of(const struct part *parameter)
{
	struct part name = name_of(parameter);
	size_t skip = name.len < parameter->len ? name.len + 1 : name.len;

	return (struct part){ parameter->s + skip, parameter->len - skip };
}

/* "/page;jsessionid=...", "/(S(24 characters))/page.aspx". */
static const char *
session_in_segment(const struct part *segment)
{
	const char *mark = memchr(segment->s, ';', segment->len);
	const char *end = segment->s + segment->len;
	enum { ASP_LEN = 29 };

	if (mark != NULL) {
		struct part tail = { mark + 1, (size_t)(end - mark - 1) };
		struct part name = name_of(&tail);

		if (is_session_name(&name))
			return mark + 1;
	}
	return segment->len == ASP_LEN && segment->s[0] == '(' &&
		       segment->s[2] == '(' && end[-1] == ')' && end[-2] == ')'
		   ? segment->s
		   : NULL;
}

static int
has_no_session(struct look *l)
{
	for (size_t i = 0; i < l->segment_count; i++) {
		const char *found = session_in_segment(&l->segments[i]);

		if (found != NULL)
			return refuse(
			    l, "session-id", found, strcspn(found, "=/?"));
	}
	for (size_t i = 0; i < l->parameter_count; i++) {
		struct part name = name_of(&l->parameters[i]);
		struct part value = value_of(&l->parameters[i]);

		if (is_session_name(&name) || is_sid(&name, &value))
			return refuse(l, "session-id", name.s, name.len);
	}
	return 1;
}

/* A number of exactly DIGITS digits (0: one or two) within bounds. */
static int
is_number(const struct part *p, size_t digits, unsigned low, unsigned high,
    int *value)
{
	uint64_t n;

	if ((digits != 0 ? p->len != digits : p->len > 2) ||
	    !text_uint(p->s, p->len, high, &n) || n < low)
		return 0;
	*value = (int)n;
	return 1;
}

/* A date as it stands in a URL; DAY 0: a month. */
struct calendar_date {
	int year, month, day;
	int is_digits; /* it may be the number of something */
	struct part text;
};

enum { YEAR_LOW = 1900, YEAR_HIGH = 2100 };

/* "2023-11-16", "2023-11", "20231116". Fewer digits are rather a number. */
static int
date_in_one(const struct part *p, struct calendar_date *d)
{
	size_t dash = p->len > 4 && p->s[4] == '-' ? 1 : 0;
	struct part year = { p->s, 4 };
	struct part month = { p->s + 4 + dash, 2 };
	struct part day = { p->s + 6 + 2 * dash, 2 };
	int is_day = p->len == 8 + 2 * dash;

	*d = (struct calendar_date){ .text = *p, .is_digits = !dash };
	if (!is_day && (!dash || p->len != 7))
		return 0;
	if (!is_number(&year, 4, YEAR_LOW, YEAR_HIGH, &d->year) ||
	    !is_number(&month, 2, 1, 12, &d->month))
		return 0;
	return !is_day || ((!dash || p->s[7] == '-') &&
			      is_number(&day, 2, 1, 31, &d->day));
}

/* "/2023/11/16", "/2023/05" from segment I on ("/2023/5" is rather a number
 * and a page). How many segments. */
static size_t
date_in_path(const struct look *l, size_t i, struct calendar_date *d)
{
	size_t used = 2;

	if (date_in_one(&l->segments[i], d))
		return 1;
	*d = (struct calendar_date){ .day = 0 };
	if (i + 1 >= l->segment_count ||
	    !is_number(&l->segments[i], 4, YEAR_LOW, YEAR_HIGH, &d->year) ||
	    !is_number(&l->segments[i + 1], 0, 1, 12, &d->month))
		return 0;
	if (i + 2 < l->segment_count &&
	    is_number(&l->segments[i + 2], 0, 1, 31, &d->day))
		used = 3;
	else if (l->segments[i + 1].len < 2)
		return 0;
	d->text = (struct part){ l->segments[i].s,
		(size_t)(l->segments[i + used - 1].s +
			 l->segments[i + used - 1].len - l->segments[i].s) };
	return used;
}

static int
is_name(const struct part *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (text_equal_nocase(name->s, name->len, *names))
			return 1;
	return 0;
}

/* "?year=2023&month=11", "?date=2023-11-16". */
static int
date_in_query(const struct look *l, struct calendar_date *d)
{
	static const char *const years[] = { "year", "y", "yr", NULL };
	static const char *const months[] = { "month", "m", "mon", NULL };
	struct calendar_date two = { .month = 1 };

	for (size_t i = 0; i < l->parameter_count; i++) {
		struct part name = name_of(&l->parameters[i]);
		struct part value = value_of(&l->parameters[i]);

		if (date_in_one(&value, d))
			return 1;
		if (is_name(&name, years) &&
		    is_number(&value, 4, YEAR_LOW, YEAR_HIGH, &two.year))
			two.text = l->parameters[i];
		else if (is_name(&name, months))
			(void)is_number(&value, 0, 1, 12, &two.month);
	}
	*d = two;
	return two.year != 0;
}

/*
 * A date in the URL and, *IS_LIST, nothing behind it that names one thing of
 * that day: a page of a calendar. 1 / 0.
 */
static int
find_date(const struct look *l, struct calendar_date *d, int *is_list)
{
	for (size_t i = 0; i < l->segment_count; i++) {
		size_t used = date_in_path(l, i, d);

		if (used == 0)
			continue;
		*is_list = 1;
		for (i += used; i < l->segment_count; i++)
			if (l->segments[i].len > 3)
				*is_list = 0;
		return 1;
	}
	*is_list = 1;
	return date_in_query(l, d);
}

static int
calendar_is_sound(struct look *l, uint64_t *key)
{
	struct calendar_date d;
	struct traps *t = l->t;
	int is_list;
	int is_ahead;
	int64_t days;

	if (!find_date(l, &d, &is_list))
		return 1;
	days = date_days(d.year, d.month, d.day == 0 ? 1 : d.day);
	is_ahead = t->now_us > 0 && days > t->now_us / DAY_US + TRAP_DAYS_AHEAD;
	if (is_ahead && !d.is_digits)
		return refuse(l, "calendar-future", d.text.s, d.text.len);
	if (is_ahead)
		return 1;
	if (!is_list)
		return 1;
	if (d.year < TRAP_YEAR_FIRST)
		return refuse(l, "calendar-past", d.text.s, d.text.len);
	*key = key_of('c', t->pattern.data, t->pattern.len, &t->scratch);
	if (counted(t, *key) >= TRAP_CALENDAR)
		return refuse(l, "calendar-walk", d.text.s, d.text.len);
	return 1;
}

/* *SETS and *SET are to be counted when the set of names is a new one. */
static int
parameters_are_sound(struct look *l, uint64_t *sets, uint64_t *set)
{
	struct traps *t = l->t;
	const struct url *u = l->url;
	size_t without_query = u->query_start == 0 ? u->len
						   : u->query_start - 1;
	uint64_t names;

	if (l->parameter_count == 0)
		return 1;
	names = key_of('s', t->pattern.data, t->pattern.len, &t->scratch);
	if (counted(t, names) > 0)
		return 1;
	*set = names;
	*sets = key_of('p', u->text, without_query, &t->scratch);
	if (counted(t, *sets) >= TRAP_PARAMETER_SETS)
		return refuse_number(l, "parameter-sets", counted(t, *sets));
	return 1;
}

static void
take_apart(struct look *l)
{
	const struct url *u = l->url;

	l->segment_count = split(
	    u->text + u->path_start, u->path_len, '/', l->segments, PARTS_MAX);
	if (u->query_start > 0)
		l->parameter_count = split(u->text + u->query_start,
		    u->query_len, '&', l->parameters, TRAP_PARAMETERS + 1);
	buf_reset(&l->t->pattern);
	scope_pattern(u, &l->t->pattern);
	buf_reset(&l->t->identity);
	url_add_identity(&l->t->identity, u->text);
}

int
traps_allow(struct traps *t, const struct url *url, enum outcome *outcome,
    struct buf *why)
{
	struct look l = { .t = t, .url = url, .why = why };
	uint64_t calendar = 0;
	uint64_t sets = 0;
	uint64_t set = 0;
	uint64_t pattern;
	uint64_t self;

	take_apart(&l);
	*outcome = OUTCOME_TRAP;
	if (l.parameter_count > TRAP_PARAMETERS)
		return refuse_number(&l, "parameters", l.parameter_count);
	if (!path_is_sound(&l) || !has_no_session(&l))
		return 0;
	self = key_of('u', t->identity.data, t->identity.len, &t->scratch);
	if (t->lately[self % LATELY] == self)
		return 1;
	if (!calendar_is_sound(&l, &calendar) ||
	    !parameters_are_sound(&l, &sets, &set))
		return 0;
	pattern = key_of('b', t->pattern.data, t->pattern.len, &t->scratch);
	if (counted(t, pattern) >= t->budget) {
		*outcome = OUTCOME_BUDGET;
		return refuse_number(&l, "pattern-budget", t->budget);
	}
	t->lately[self % LATELY] = self;
	count_up(t, pattern);
	if (calendar != 0)
		count_up(t, calendar);
	if (set != 0) {
		count_up(t, set);
		count_up(t, sets);
	}
	return 1;
}
