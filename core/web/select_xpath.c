/* CSS selectors written as XPath 1.0. */

#include "core/web/select_xpath.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/web/select_words.h"

enum {
	DEPTH_MAX = 8,         /* of parentheses */
	COMPOUNDS_MAX = 32,    /* in one alternative */
	ALTERNATIVES_MAX = 64, /* in one list */
	CSS_BYTES_MAX = 4096,
};

/* One compound selector: an XPath node test and what must hold besides. */
struct compound {
	struct buf test;  /* "div"; "*" when any name will do */
	struct buf holds; /* "x and y"; "" nothing */
	char combinator;  /* what stands before it: ' ' '>' '+' '~' */
};

struct complex {
	struct compound *compounds;
	size_t count;
};

static void
lower(struct buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		b->data[i] = (uint8_t)text_lower(b->data[i]);
}

static void
add_condition(struct compound *c)
{
	if (c->holds.len > 0)
		buf_add_text(&c->holds, " and ");
}

/* "self::T and ...", as a boolean. */
static void
add_boolean(struct buf *out, const struct compound *c)
{
	int any = strcmp(buf_text(&c->test), "*") == 0;

	if (!any)
		buf_format(out, "self::%s", buf_text(&c->test));
	if (!any && c->holds.len > 0)
		buf_add_text(out, " and ");
	buf_add(out, buf_text(&c->holds), c->holds.len);
	if (any && c->holds.len == 0)
		buf_add_text(out, "true()");
}

/* "T[...]", as a step of AXIS. */
static void
add_step(struct buf *out, const char *axis, const struct compound *c)
{
	buf_format(out, "%s::%s", axis, buf_text(&c->test));
	if (c->holds.len > 0)
		buf_format(out, "[%s]", buf_text(&c->holds));
}

static const char *
axis_to_left(char combinator)
{
	switch (combinator) {
	case '>':
		return "parent::*";
	case '+':
		/* A condition on the [1] itself would visit every sibling. */
		return "preceding-sibling::*[1]/self::*";
	case '~':
		return "preceding-sibling::*";
	default:
		return "ancestor::*";
	}
}

/* Fold everything left of the last compound into its conditions. */
static void
fold_left(struct complex *x)
{
	for (size_t i = 1; i < x->count; i++) {
		struct compound *left = &x->compounds[i - 1];
		struct compound *right = &x->compounds[i];
		struct buf condition = { 0 };

		add_boolean(&condition, left);
		add_condition(right);
		buf_format(&right->holds, "%s[%s]",
		    axis_to_left(right->combinator), buf_text(&condition));
		buf_clear(&condition);
	}
}

/* The path from the node that has it, for :has(). */
static void
add_path(struct buf *out, const struct complex *x)
{
	for (size_t i = 0; i < x->count; i++) {
		const struct compound *c = &x->compounds[i];

		if (i > 0)
			buf_add_byte(out, '/');
		if (c->combinator == '+') {
			buf_add_text(out, "following-sibling::*[1]/");
			add_step(out, "self", c);
		} else if (c->combinator == '~') {
			add_step(out, "following-sibling", c);
		} else if (c->combinator == '>') {
			add_step(out, "child", c);
		} else {
			add_step(out, "descendant", c);
		}
	}
}

static void
complex_clear(struct complex *x)
{
	for (size_t i = 0; i < x->count; i++) {
		buf_clear(&x->compounds[i].test);
		buf_clear(&x->compounds[i].holds);
	}
	free(x->compounds);
	*x = (struct complex){ 0 };
}

static int
read_complex(struct select_reader *s, struct complex *x, int is_relative);

static int
read_type(struct select_reader *s, struct compound *c)
{
	struct buf name = { 0 };
	int rc = -1;

	if (*s->p == '*') {
		s->p++;
		return 0;
	}
	if (select_read_name(s, &name, "no selector") < 0)
		goto done;
	lower(&name);
	if (select_is_plain_name(buf_text(&name))) {
		buf_reset(&c->test);
		buf_add_text(&c->test, buf_text(&name));
	} else {
		buf_add_text(&c->holds, "name()=");
		select_add_literal(&c->holds, buf_text(&name));
	}
	rc = 0;
done:
	buf_clear(&name);
	return rc;
}

/* "#id" or ".class". */
static int
read_short(struct select_reader *s, struct compound *c)
{
	struct buf name = { 0 };
	int is_id = *s->p++ == '#';

	if (select_read_name(s, &name, "no name") < 0) {
		buf_clear(&name);
		return -1;
	}
	add_condition(c);
	buf_add_text(&c->holds, is_id ? "@id=" : "has-word(@class,");
	select_add_literal(&c->holds, buf_text(&name));
	if (!is_id)
		buf_add_byte(&c->holds, ')');
	buf_clear(&name);
	return 0;
}

struct test {
	struct buf attribute; /* as XPath: "@href" */
	struct buf value;     /* as XPath: a literal */
	char op;              /* '=' '~' '|' '^' '$' '*'; 0 none */
	int is_empty;         /* an empty value matches nothing with ^ $ * ~ */
};

static void
add_test(struct buf *out, const struct test *t)
{
	const char *a = buf_text(&t->attribute);
	const char *v = buf_text(&t->value);

	switch (t->op) {
	case 0:
		buf_add_text(out, a);
		break;
	case '~':
		buf_format(out, "has-word(%s,%s)", a, v);
		break;
	case '|':
		buf_format(out, "(%s=%s or starts-with(%s,concat(%s,'-')))", a,
		    v, a, v);
		break;
	case '^':
		buf_format(out, "starts-with(%s,%s)", a, v);
		break;
	case '*':
		buf_format(out, "contains(%s,%s)", a, v);
		break;
	case '$':
		buf_format(out,
		    "substring(%s,string-length(%s)-string-length(%s)+1)=%s", a,
		    a, v, v);
		break;
	default:
		buf_format(out, "%s=%s", a, v);
		break;
	}
}

static int
read_operator(struct select_reader *s, struct test *t)
{
	if (*s->p == ']')
		return 0;
	if (*s->p == '=') {
		t->op = '=';
		s->p++;
		return 0;
	}
	if (*s->p == '\0' || strchr("~|^$*", *s->p) == NULL || s->p[1] != '=')
		return select_fail(s, s->p, "no operator of an attribute");
	t->op = *s->p;
	s->p += 2;
	return 0;
}

/* The value, and "i" or "s" after it. */
static int
read_test_value(struct select_reader *s, struct test *t)
{
	static const char upper[] = "'ABCDEFGHIJKLMNOPQRSTUVWXYZ',"
				    "'abcdefghijklmnopqrstuvwxyz'";
	struct buf text = { 0 };
	int rc = -1;

	select_skip_space(s);
	if ((*s->p == '"' || *s->p == '\''
		    ? select_read_string(s, &text)
		    : select_read_name(s, &text, "no value of an attribute")) <
	    0)
		goto done;
	t->is_empty = text.len == 0;
	select_skip_space(s);
	/* An empty value needs no folding, and translate() would make an
	 * absent attribute equal to it. */
	if (text_lower((unsigned char)*s->p) == 'i' && text.len == 0) {
		s->p++;
	} else if (text_lower((unsigned char)*s->p) == 'i') {
		struct buf folded = { 0 };

		lower(&text);
		buf_format(&folded, "translate(%s,%s)", buf_text(&t->attribute),
		    upper);
		buf_clear(&t->attribute);
		t->attribute = folded;
		s->p++;
	} else if (text_lower((unsigned char)*s->p) == 's') {
		s->p++;
	}
	select_add_literal(&t->value, buf_text(&text));
	rc = 0;
done:
	buf_clear(&text);
	return rc;
}

static int
read_attribute(struct select_reader *s, struct compound *c)
{
	struct test t = { 0 };
	struct buf name = { 0 };
	int rc = -1;

	s->p++;
	select_skip_space(s);
	if (select_read_name(s, &name, "no name of an attribute") < 0)
		goto done;
	lower(&name);
	if (select_is_plain_name(buf_text(&name))) {
		buf_format(&t.attribute, "@%s", buf_text(&name));
	} else {
		buf_add_text(&t.attribute, "@*[name()=");
		select_add_literal(&t.attribute, buf_text(&name));
		buf_add_byte(&t.attribute, ']');
	}
	select_skip_space(s);
	if (read_operator(s, &t) < 0 ||
	    (t.op != 0 && read_test_value(s, &t) < 0))
		goto done;
	select_skip_space(s);
	if (*s->p != ']') {
		select_fail(s, s->p, "no ']'");
		goto done;
	}
	s->p++;
	add_condition(c);
	if (t.is_empty && strchr("~^$*", t.op) != NULL)
		buf_add_text(&c->holds, "false()");
	else
		add_test(&c->holds, &t);
	rc = 0;
done:
	buf_clear(&name);
	buf_clear(&t.value);
	buf_clear(&t.attribute);
	return rc;
}

static int
read_open(struct select_reader *s)
{
	if (*s->p != '(')
		return select_fail(s, s->p, "no '('");
	if (++s->depth > DEPTH_MAX)
		return select_fail(s, s->p, "too many parentheses");
	s->p++;
	select_skip_space(s);
	return 0;
}

static int
read_close(struct select_reader *s)
{
	select_skip_space(s);
	if (*s->p != ')')
		return select_fail(s, s->p, "no ')'");
	s->depth--;
	s->p++;
	return 0;
}

static int
read_nth(struct select_reader *s, struct compound *c, int from_end, int of_type)
{
	int a = 0;
	int b = 0;

	if (read_open(s) < 0 || select_read_nth(s, &a, &b) < 0 ||
	    read_close(s) < 0)
		return -1;
	buf_format(&c->holds, "nth(%d,%d,%d,%d)", a, b, from_end, of_type);
	return 0;
}

static int
read_contains(struct select_reader *s, struct compound *c)
{
	struct buf text = { 0 };
	int rc = -1;

	if (read_open(s) < 0)
		goto done;
	if (*s->p != '"' && *s->p != '\'') {
		select_fail(s, s->p, "no string");
		goto done;
	}
	if (select_read_string(s, &text) < 0 || read_close(s) < 0)
		goto done;
	buf_add_text(&c->holds, "has-text(");
	select_add_literal(&c->holds, buf_text(&text));
	buf_add_byte(&c->holds, ')');
	rc = 0;
done:
	buf_clear(&text);
	return rc;
}

/* A list in parentheses, its alternatives joined by "or". */
static int
read_list(struct select_reader *s, struct buf *out, int is_relative)
{
	size_t count = 0;

	if (read_open(s) < 0)
		return -1;
	for (;;) {
		struct complex x = { 0 };

		if (++count > ALTERNATIVES_MAX)
			return select_fail(s, s->p, "too many alternatives");
		if (read_complex(s, &x, is_relative) < 0) {
			complex_clear(&x);
			return -1;
		}
		if (count > 1)
			buf_add_text(out, " or ");
		buf_add_byte(out, '(');
		if (is_relative) {
			add_path(out, &x);
		} else {
			fold_left(&x);
			add_boolean(out, &x.compounds[x.count - 1]);
		}
		buf_add_byte(out, ')');
		complex_clear(&x);
		select_skip_space(s);
		if (*s->p != ',')
			return read_close(s);
		s->p++;
		select_skip_space(s);
	}
}

struct pseudo {
	const char *name;
	const char *xpath; /* NULL: it has arguments */
	enum {
		PLAIN,
		NTH,
		NTH_LAST,
		NTH_TYPE,
		NTH_LAST_TYPE,
		IS,
		NOT,
		HAS,
		CONTAINS
	} kind;
};

static const struct pseudo pseudos[] = {
	{ "first-child", "not(preceding-sibling::*[1])", PLAIN },
	{ "last-child", "not(following-sibling::*[1])", PLAIN },
	{ "only-child",
	    "not(preceding-sibling::*[1]) and not(following-sibling::*[1])",
	    PLAIN },
	{ "first-of-type", "nth(0,1,0,1)", PLAIN },
	{ "last-of-type", "nth(0,1,1,1)", PLAIN },
	{ "empty", "not(node())", PLAIN },
	{ "root", "not(parent::*)", PLAIN },
	{ "nth-child", NULL, NTH },
	{ "nth-last-child", NULL, NTH_LAST },
	{ "nth-of-type", NULL, NTH_TYPE },
	{ "nth-last-of-type", NULL, NTH_LAST_TYPE },
	{ "is", NULL, IS },
	{ "where", NULL, IS },
	{ "not", NULL, NOT },
	{ "has", NULL, HAS },
	{ "contains", NULL, CONTAINS },
};

static int
read_pseudo(struct select_reader *s, struct compound *c)
{
	const char *start = s->p++;
	const struct pseudo *found = NULL;
	size_t len = strspn(
	    s->p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-");

	for (size_t i = 0; i < sizeof(pseudos) / sizeof(pseudos[0]); i++)
		if (text_equal_nocase(s->p, len, pseudos[i].name))
			found = &pseudos[i];
	if (found == NULL)
		return select_fail(s, start, "an unknown pseudo-class");
	s->p += len;
	add_condition(c);
	switch (found->kind) {
	case PLAIN:
		buf_add_text(&c->holds, found->xpath);
		return 0;
	case NTH:
	case NTH_LAST:
	case NTH_TYPE:
	case NTH_LAST_TYPE:
		return read_nth(s, c,
		    found->kind == NTH_LAST || found->kind == NTH_LAST_TYPE,
		    found->kind == NTH_TYPE || found->kind == NTH_LAST_TYPE);
	case CONTAINS:
		return read_contains(s, c);
	case IS:
	case NOT:
	case HAS:
		break;
	}
	buf_add_text(&c->holds, found->kind == NOT ? "not(" : "(");
	if (read_list(s, &c->holds, found->kind == HAS) < 0)
		return -1;
	buf_add_byte(&c->holds, ')');
	return 0;
}

static int
read_compound(struct select_reader *s, struct compound *c)
{
	const char *start = s->p;

	buf_add_text(&c->test, "*");
	if (*s->p == '\0' || strchr("#.[:", *s->p) == NULL)
		if (read_type(s, c) < 0)
			return -1;
	for (;;) {
		int rc = 0;

		if (*s->p == '#' || *s->p == '.')
			rc = read_short(s, c);
		else if (*s->p == '[')
			rc = read_attribute(s, c);
		else if (*s->p == ':')
			rc = read_pseudo(s, c);
		else
			return s->p > start
				   ? 0
				   : select_fail(s, start, "no selector");
		if (rc < 0)
			return -1;
	}
}

/* The combinator here; 0 when the alternative ends. */
static char
read_combinator(struct select_reader *s)
{
	int space = text_is_space((unsigned char)*s->p);

	select_skip_space(s);
	if (*s->p == '>' || *s->p == '+' || *s->p == '~') {
		char c = *s->p++;

		select_skip_space(s);
		return c;
	}
	if (*s->p == '\0' || *s->p == ',' || *s->p == ')')
		return 0;
	return space ? ' ' : 0;
}

static int
read_complex(struct select_reader *s, struct complex *x, int is_relative)
{
	char combinator = ' ';

	select_skip_space(s);
	if (is_relative && (*s->p == '>' || *s->p == '+' || *s->p == '~'))
		combinator = read_combinator(s);
	x->compounds = mem_zero(COMPOUNDS_MAX, sizeof(x->compounds[0]));
	while (combinator != 0) {
		if (x->count == COMPOUNDS_MAX)
			return select_fail(s, s->p, "too many parts");
		struct compound *c = &x->compounds[x->count++];

		c->combinator = combinator;
		if (read_compound(s, c) < 0)
			return -1;
		combinator = read_combinator(s);
	}
	return 0;
}

int
select_xpath(struct buf *out, const char *css, struct error *e)
{
	struct select_reader s = { .css = css, .p = css, .e = e };
	int count = 0;

	if (strlen(css) > CSS_BYTES_MAX)
		return error_set(e, ERROR_USAGE,
		    "selector: longer than %d bytes", CSS_BYTES_MAX);
	for (;;) {
		struct complex x = { 0 };
		int rc = read_complex(&s, &x, 0);

		if (rc == 0) {
			fold_left(&x);
			add_step(out, "descendant", &x.compounds[x.count - 1]);
			buf_add_byte(out, '\0');
		}
		complex_clear(&x);
		if (rc < 0)
			return -1;
		if (++count > ALTERNATIVES_MAX)
			return select_fail(&s, s.p, "too many alternatives");
		if (*s.p == '\0')
			return count;
		if (*s.p != ',')
			return select_fail(&s, s.p, "something not understood");
		s.p++;
	}
}
