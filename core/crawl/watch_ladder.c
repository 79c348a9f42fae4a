/* Steps after which an article is looked at again. */
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/crawl/watch.h"

const char ladder_default[] = "15m 45m 2h 6h 24h 3d 7d 30d 90d 365d";

enum { STEP_YEARS_MAX = 10 };

#define STEP_MS_MAX (INT64_C(86400000) * 366 * STEP_YEARS_MAX)

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *
after_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

/* Digits at *S. 1 / 0. */
static int
read_number(const char **s, uint64_t max, uint64_t *value)
{
	size_t len = 0;

	while (is_digit((*s)[len]))
		len++;
	if (!text_uint(*s, len, max, value))
		return 0;
	*s += len;
	return 1;
}

/* "90s", "15m", "6h", "3d", "1w". 1 / 0. */
static int
read_step(const char **s, int64_t *ms)
{
	static const struct {
		char unit;
		int64_t ms;
	} units[] = { { 's', 1000 }, { 'm', 60000 }, { 'h', 3600000 },
		{ 'd', 86400000 }, { 'w', 604800000 } };
	uint64_t count;

	if (!read_number(s, INT32_MAX, &count) || count == 0)
		return 0;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (**s == units[i].unit) {
			(*s)++;
			*ms = (int64_t)count * units[i].ms;
			return *ms <= STEP_MS_MAX;
		}
	return 0;
}

/* "x 8" behind a step; none is once. 1 / 0. */
static int
read_times(const char **s, uint64_t *times)
{
	const char *mark = after_blanks(*s);

	*times = 1;
	if (*mark != 'x')
		return 1;
	mark = after_blanks(mark + 1);
	if (!read_number(&mark, LADDER_MAX, times) || *times == 0)
		return 0;
	*s = mark;
	return 1;
}

/* Blanks, with a comma among them or not; or the end. 1 / 0. */
static int
read_between(const char **s)
{
	const char *from = *s;
	const char *at = after_blanks(from);

	if (*at == ',')
		at = after_blanks(at + 1);
	else if (at == from && *at != '\0')
		return 0;
	*s = at;
	return 1;
}

int
ladder_parse(struct ladder *l, const char *text, struct error *e)
{
	const char *s = after_blanks(text);
	struct ladder new = { .count = 0 };

	if (strcmp(s, "none") == 0) {
		*l = new;
		return 0;
	}
	while (*s != '\0') {
		const char *from = s;
		uint64_t times;
		int64_t ms;

		if (!read_step(&s, &ms) || !read_times(&s, &times) ||
		    !read_between(&s))
			return error_set(e, ERROR_USAGE,
			    "steps \"%s\": \"%s\" is no step (like \"15m\", "
			    "\"1h x 24\")",
			    text, from);
		if (times > LADDER_MAX - new.count)
			return error_set(e, ERROR_USAGE,
			    "steps \"%s\": more than %d", text, LADDER_MAX);
		while (times-- > 0)
			new.steps[new.count++] = ms;
	}
	if (new.count == 0)
		return error_set(e, ERROR_USAGE,
		    "steps \"%s\": none is named (or say \"none\")", text);
	*l = new;
	return 0;
}
