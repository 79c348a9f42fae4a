/* Regular expressions of profiles, on the C library's POSIX ones. */

#include "core/news/pattern.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/mem.h"

struct pattern {
	regex_t regex;
	/* Our group N is the library's MAP[N]: (?:...) counts there too. */
	unsigned map[PATTERN_GROUPS];
	unsigned group_count;
};

struct translation {
	const char *s;
	size_t len;
	size_t i;
	struct buf *out;
	struct pattern *p;
	unsigned groups; /* of the library so far */
	unsigned long repeats;
	int in_class;
	struct error *error;
};

static int
fail(const struct translation *t, const char *text)
{
	return error_set(
	    t->error, ERROR_USAGE, "/%.*s/: %s", (int)t->len, t->s, text);
}

static int
translate_escape(struct translation *t)
{
	static const char *const sets[][2] = { { "d", "0-9" },
		{ "w", "0-9A-Za-z_" }, { "s", " \t\r\n\f\v" } };
	char c;

	if (++t->i == t->len)
		return fail(t, "ends in a backslash");
	c = t->s[t->i];
	for (size_t k = 0; k < 3; k++) {
		if (c == sets[k][0][0]) {
			buf_format(
			    t->out, t->in_class ? "%s" : "[%s]", sets[k][1]);
			return 0;
		}
		if (c == sets[k][0][0] - 'a' + 'A' && !t->in_class) {
			buf_format(t->out, "[^%s]", sets[k][1]);
			return 0;
		}
	}
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z'))
		return fail(t, "unknown escape");
	/* Inside a class POSIX knows no escapes; "\/" is a plain slash. */
	if (!t->in_class && c != '/')
		buf_add_byte(t->out, '\\');
	else if (t->in_class && (c == ']' || c == '^' || c == '-'))
		return fail(
		    t, "put ] first, - last and ^ not first in a class");
	buf_add_byte(t->out, (uint8_t)c);
	return 0;
}

static int
translate_group(struct translation *t)
{
	t->groups++;
	buf_add_byte(t->out, '(');
	if (t->len - t->i < 2 || t->s[t->i + 1] != '?') {
		if (t->p->group_count + 1 < PATTERN_GROUPS)
			t->p->map[++t->p->group_count] = t->groups;
		return 0;
	}
	if (t->len - t->i < 3 || t->s[t->i + 2] != ':')
		return fail(t, "only (?:...) is known of (?");
	t->i += 2;
	return 0;
}

/* "{n}", "{n,}" or "{n,m}": the larger number counts. */
static int
translate_repeat(struct translation *t)
{
	unsigned long number = 0;
	unsigned long largest = 1;

	for (; t->i < t->len; t->i++) {
		char c = t->s[t->i];

		buf_add_byte(t->out, (uint8_t)c);
		if (c >= '0' && c <= '9') {
			number = number * 10 + (unsigned long)(c - '0');
			if (number > PATTERN_REPEAT_MAX)
				return fail(t, "repeats too often");
			if (number > largest)
				largest = number;
		} else if (c == ',') {
			number = 0;
		} else if (c == '}') {
			t->repeats *= largest;
			if (t->repeats > PATTERN_REPEAT_MAX)
				return fail(t, "repeats too often");
			return 0;
		} else if (c != '{') {
			break;
		}
	}
	return fail(t, "bad repeat count");
}

static int
translate_one(struct translation *t)
{
	char c = t->s[t->i];

	if (c == '\0')
		return fail(t, "holds a NUL");
	if (c == '\\')
		return translate_escape(t);
	if (t->in_class) {
		if (c == ']')
			t->in_class = 0;
		buf_add_byte(t->out, (uint8_t)c);
		return 0;
	}
	if (c == '(')
		return translate_group(t);
	if (c == '{')
		return translate_repeat(t);
	buf_add_byte(t->out, (uint8_t)c);
	if (c != '[')
		return 0;
	t->in_class = 1;
	/* "[]" and "[^]" begin with a literal bracket. */
	if (t->i + 1 < t->len && t->s[t->i + 1] == '^') {
		t->i++;
		buf_add_byte(t->out, '^');
	}
	if (t->i + 1 < t->len && t->s[t->i + 1] == ']') {
		t->i++;
		buf_add_byte(t->out, ']');
	}
	return 0;
}

int
pattern_compile(struct pattern **out, const char *text, size_t len,
    int ignore_case, struct error *e)
{
	struct buf posix = { 0 };
	struct pattern *p = mem_zero(1, sizeof(*p));
	struct translation t = { .s = text,
		.len = len,
		.out = &posix,
		.p = p,
		.repeats = 1,
		.error = e };
	int rc = -1;
	int code;

	if (len > PATTERN_TEXT_MAX) {
		(void)error_set(e, ERROR_USAGE,
		    "pattern is longer than %d bytes", PATTERN_TEXT_MAX);
		goto done;
	}
	for (; t.i < len; t.i++)
		if (translate_one(&t) != 0)
			goto done;
	code = regcomp(&p->regex, buf_text(&posix),
	    REG_EXTENDED | (ignore_case ? REG_ICASE : 0));
	if (code != 0) {
		char reason[128];

		(void)regerror(code, &p->regex, reason, sizeof(reason));
		(void)fail(&t, reason);
		goto done;
	}
	*out = p;
	p = NULL;
	rc = 0;
done:
	free(p);
	buf_clear(&posix);
	return rc;
}

void
pattern_free(struct pattern *p)
{
	if (p == NULL)
		return;
	regfree(&p->regex);
	free(p);
}

int
pattern_find(
    const struct pattern *p, const char *s, size_t len, struct pattern_match *m)
{
	enum { LIBRARY_GROUPS = 24 };
	regmatch_t found[LIBRARY_GROUPS] = { 0 };

	if (len > PATTERN_SUBJECT_MAX)
		len = PATTERN_SUBJECT_MAX;
	found[0].rm_so = 0;
	found[0].rm_eo = (regoff_t)len;
	if (regexec(&p->regex, s, LIBRARY_GROUPS, found, REG_STARTEND) != 0)
		return 0;
	if (m == NULL)
		return 1;
	memset(m, 0, sizeof(*m));
	for (unsigned i = 0; i <= p->group_count; i++) {
		unsigned k = p->map[i];

		if (k < LIBRARY_GROUPS && found[k].rm_so >= 0) {
			m->start[i] = (size_t)found[k].rm_so;
			m->end[i] = (size_t)found[k].rm_eo;
		}
	}
	return 1;
}

void
pattern_fill(struct buf *out, const char *form, const char *s,
    const struct pattern_match *m)
{
	for (; *form != '\0'; form++) {
		if (form[0] == '\\' && form[1] >= '0' && form[1] <= '9') {
			unsigned k = (unsigned)(form[1] - '0');

			buf_add(out, s + m->start[k], m->end[k] - m->start[k]);
			form++;
		} else {
			buf_add_byte(out, (uint8_t)*form);
		}
	}
}
