/* The URLs in CSS. */
#include "core/web/css_urls.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/text.h"

enum { NAME_MAX_LEN = 24 }; /* longer names mean nothing here */

/* What is open, one byte each on the stack. Blocks are closed by "}", "]",
 * the others by ")". */
enum open {
	OPEN_BLOCK,
	OPEN_FONT_FACE, /* the block of @font-face */
	OPEN_BRACKET,
	OPEN_PAREN,    /* or a function that means nothing here */
	OPEN_URL,      /* url(, src( or image( before its string */
	OPEN_IMAGE_SET /* every string directly in it is a URL */
};

/* The at-rule whose prelude is being read. */
enum rule { RULE_NONE, RULE_IMPORT, RULE_NAMESPACE, RULE_FONT_FACE };

struct scanner {
	const uint8_t *p;
	size_t i;
	size_t len;
	struct buf stack;
	size_t fonts; /* OPEN_FONT_FACE on the stack */
	enum rule rule;
	size_t rule_depth;       /* of the stack where it began */
	char name[NAME_MAX_LEN]; /* last name read, lower case */
	size_t name_len;         /* NAME_MAX_LEN: too long */
	struct buf text;         /* last string or url */
	size_t start;            /* where its bytes are */
	size_t end;
	void (*each)(void *context, const struct css_url *url);
	void *context;
};

/* The byte N places ahead; 0 behind the end, where it ends whatever it is. */
static uint8_t
ahead(const struct scanner *s, size_t n)
{
	return s->len - s->i > n ? s->p[s->i + n] : 0;
}

static int
at_end(const struct scanner *s)
{
	return s->i >= s->len;
}

static int
is_newline(uint8_t c)
{
	return c == '\n' || c == '\r' || c == '\f';
}

static int
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || is_newline(c);
}

static int
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static int
is_hex(uint8_t c)
{
	return is_digit(c) || (uint8_t)((c | 0x20) - 'a') < 6;
}

static int
is_name_start(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26 || c == '_' || c >= 0x80;
}

static int
is_name(uint8_t c)
{
	return is_name_start(c) || is_digit(c) || c == '-';
}

/* Two bytes are a valid escape, the end of input being one of a kind
 * (CSS Syntax 3, 4.3.8). */
static int
is_escape(const struct scanner *s, size_t n)
{
	return ahead(s, n) == '\\' && !is_newline(ahead(s, n + 1));
}

/* A name begins N places ahead (4.3.9). */
static int
starts_name(const struct scanner *s, size_t n)
{
	uint8_t c = ahead(s, n);

	if (c != '-')
		return is_name_start(c) || is_escape(s, n);
	c = ahead(s, n + 1);
	return c == '-' || is_name_start(c) || is_escape(s, n + 1);
}

static void
skip_space(struct scanner *s)
{
	while (!at_end(s) && is_space(s->p[s->i]))
		s->i++;
}

/* Behind the backslash of a valid escape (4.3.7). */
static uint32_t
escape(struct scanner *s)
{
	uint32_t c = 0;
	size_t n = 0;

	if (at_end(s))
		return 0xFFFD;
	if (!is_hex(s->p[s->i])) {
		s->i += text_utf8_next(s->p + s->i, s->len - s->i, &c, NULL);
		return c == 0 ? 0xFFFD : c;
	}
	for (; n < 6 && is_hex(ahead(s, 0)); n++) {
		uint8_t digit = s->p[s->i++];

		c = c * 16 + (is_digit(digit) ? digit - (uint32_t)'0'
					      : (digit | 0x20u) - 'a' + 10);
	}
	if (ahead(s, 0) == '\r' && ahead(s, 1) == '\n')
		s->i++;
	if (!at_end(s) && is_space(s->p[s->i]))
		s->i++;
	return c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF) ? 0xFFFD
								      : c;
}

/* A name into S->name, as far as it matters. */
static void
read_name(struct scanner *s)
{
	size_t n = 0;

	for (;;) {
		uint32_t c = ahead(s, 0);

		if (is_name((uint8_t)c)) {
			s->i++;
		} else if (is_escape(s, 0)) {
			s->i++;
			c = escape(s);
		} else {
			break;
		}
		if (n < NAME_MAX_LEN)
			s->name[n++] = (char)(c < 0x80 ? text_lower((int)c)
						       : 0x7F);
	}
	s->name_len = n;
}

static int
named(const struct scanner *s, const char *name)
{
	return s->name_len == strlen(name) &&
	       memcmp(s->name, name, s->name_len) == 0;
}

/* At a quote. 1: a string is in S->text; 0: a bad string (4.3.5). */
static int
read_string(struct scanner *s)
{
	uint8_t quote = s->p[s->i++];

	buf_reset(&s->text);
	s->start = s->i;
	while (!at_end(s)) {
		uint8_t c = s->p[s->i];

		s->end = s->i;
		if (is_newline(c))
			return 0;
		if (is_escape(s, 0) && s->len - s->i > 1) {
			s->i++;
			text_utf8_add(&s->text, escape(s));
			continue;
		}
		s->i++;
		if (c == quote)
			return 1;
		if (c == 0)
			text_utf8_add(&s->text, 0xFFFD);
		else if (c != '\\')
			buf_add_byte(&s->text, c);
		else if (ahead(s, 0) == '\r' && ahead(s, 1) == '\n')
			s->i += 2;
		else if (!at_end(s))
			s->i++;
	}
	s->end = s->i;
	return 1;
}

static void
report(struct scanner *s, enum css_url_kind kind)
{
	struct css_url url = { kind, buf_text(&s->text), s->text.len, s->start,
		s->end };

	s->each(s->context, &url);
}

/* S->text is a URL: of what kind says the place. An @import has one. */
static void
report_here(struct scanner *s)
{
	enum rule rule = s->rule;

	if (rule == RULE_IMPORT)
		s->rule = RULE_NONE;
	if (rule == RULE_NAMESPACE)
		return;
	if (rule == RULE_IMPORT)
		report(s, CSS_URL_IMPORT);
	else
		report(s, s->fonts > 0 ? CSS_URL_FONT : CSS_URL_IMAGE);
}

/* What is left of a url token that cannot be one (4.3.14). */
static void
skip_bad_url(struct scanner *s)
{
	while (!at_end(s)) {
		uint8_t c = s->p[s->i];

		/* The byte behind a backslash closes nothing. */
		s->i += is_escape(s, 0) && s->len - s->i > 1 ? 2 : 1;
		if (c == ')')
			return;
	}
}

/* Behind "url(" and blanks, not before a quote (4.3.6). */
static void
read_url(struct scanner *s)
{
	buf_reset(&s->text);
	s->start = s->i;
	for (;;) {
		uint8_t c = ahead(s, 0);

		s->end = s->i;
		if (at_end(s) || c == ')')
			break;
		if (is_space(c)) {
			skip_space(s);
			if (at_end(s) || ahead(s, 0) == ')')
				break;
			skip_bad_url(s);
			return;
		}
		if (is_escape(s, 0)) {
			s->i++;
			text_utf8_add(&s->text, escape(s));
			continue;
		}
		/* NUL stands for U+FFFD: the preprocessing of 3.3. */
		if (strchr("\"'(\\\x7F", c) != NULL && c != 0) {
			skip_bad_url(s);
			return;
		}
		if (c < 0x20 && c != 0) {
			skip_bad_url(s);
			return;
		}
		s->i++;
		if (c == 0)
			text_utf8_add(&s->text, 0xFFFD);
		else
			buf_add_byte(&s->text, c);
	}
	s->i += !at_end(s);
	report_here(s);
}

static void
push(struct scanner *s, enum open what)
{
	buf_add_byte(&s->stack, (uint8_t)what);
	s->fonts += what == OPEN_FONT_FACE;
}

/* The innermost open thing; OPEN_BLOCK when there is none. */
static enum open
top(const struct scanner *s)
{
	return s->stack.len == 0 ? OPEN_BLOCK
				 : (enum open)s->stack.data[s->stack.len - 1];
}

/* What closes nothing is skipped, as in 5.4.8. */
static void
close(struct scanner *s, uint8_t c)
{
	enum open what = top(s);
	int is_block = what == OPEN_BLOCK || what == OPEN_FONT_FACE;

	if (s->stack.len == 0 || c != (is_block                  ? '}'
					  : what == OPEN_BRACKET ? ']'
								 : ')'))
		return;
	s->fonts -= what == OPEN_FONT_FACE;
	s->stack.len--;
	/* An at-rule may also end with the block it stands in. */
	if (s->stack.len < s->rule_depth)
		s->rule = RULE_NONE;
}

static void
at_keyword(struct scanner *s)
{
	s->i++;
	read_name(s);
	s->rule_depth = s->stack.len;
	s->rule = RULE_NONE;
	if (named(s, "import"))
		s->rule = RULE_IMPORT;
	else if (named(s, "namespace"))
		s->rule = RULE_NAMESPACE;
	else if (named(s, "font-face"))
		s->rule = RULE_FONT_FACE;
}

/* A name, or a function with its "(" (4.3.4). */
static void
ident_like(struct scanner *s)
{
	size_t i;

	read_name(s);
	if (ahead(s, 0) != '(')
		return;
	s->i++;
	if (named(s, "image-set") || named(s, "-webkit-image-set")) {
		push(s, OPEN_IMAGE_SET);
		return;
	}
	if (named(s, "src") || named(s, "image")) {
		push(s, OPEN_URL);
		return;
	}
	if (!named(s, "url")) {
		push(s, OPEN_PAREN);
		return;
	}
	for (i = s->i; i < s->len && is_space(s->p[i]);)
		i++;
	s->i = i;
	if (ahead(s, 0) == '"' || ahead(s, 0) == '\'')
		push(s, OPEN_URL);
	else
		read_url(s);
}

static void
string(struct scanner *s)
{
	enum open what = top(s);
	int is_import = s->rule == RULE_IMPORT && s->stack.len == s->rule_depth;
	int is_good = read_string(s);

	if (what == OPEN_URL)
		s->stack.data[s->stack.len - 1] = OPEN_PAREN;
	if (is_good &&
	    (is_import || what == OPEN_URL || what == OPEN_IMAGE_SET))
		report_here(s);
}

static void
comment(struct scanner *s)
{
	const uint8_t *end;

	s->i += 2;
	end = at_end(s) ? NULL : memmem(s->p + s->i, s->len - s->i, "*/", 2);
	s->i = end == NULL ? s->len : (size_t)(end - s->p) + 2;
}

/* Digits, then the unit, which may look like a name: "1url(" is none. */
static void
number(struct scanner *s)
{
	while (is_digit(ahead(s, 0)) ||
	       (ahead(s, 0) == '.' && is_digit(ahead(s, 1))))
		s->i++;
	if (starts_name(s, 0))
		read_name(s);
}

static void
punctuation(struct scanner *s, uint8_t c)
{
	int is_rule_level = s->stack.len == s->rule_depth;

	s->i++;
	switch (c) {
	case '{':
		push(s, is_rule_level && s->rule == RULE_FONT_FACE
			    ? OPEN_FONT_FACE
			    : OPEN_BLOCK);
		if (is_rule_level)
			s->rule = RULE_NONE;
		return;
	case '[':
		push(s, OPEN_BRACKET);
		return;
	case '(':
		push(s, OPEN_PAREN);
		return;
	case '}':
	case ']':
	case ')':
		close(s, c);
		return;
	case ';':
		if (is_rule_level)
			s->rule = RULE_NONE;
		return;
	case '#':
		if (is_name(ahead(s, 0)) || is_escape(s, 0))
			read_name(s);
		return;
	default:
		return;
	}
}

static void
token(struct scanner *s)
{
	uint8_t c = s->p[s->i];

	if (c == '"' || c == '\'')
		string(s);
	else if (c == '/' && ahead(s, 1) == '*')
		comment(s);
	else if (c == '@' && starts_name(s, 1))
		at_keyword(s);
	else if (is_digit(c))
		number(s);
	else if (c == '-' && ahead(s, 1) == '-' && ahead(s, 2) == '>')
		s->i += 3;
	else if (c == '<' && ahead(s, 1) == '!' && ahead(s, 2) == '-' &&
		 ahead(s, 3) == '-')
		s->i += 4;
	else if (starts_name(s, 0))
		ident_like(s);
	else
		punctuation(s, c);
}

void
css_urls(const uint8_t *p, size_t len,
    void (*each)(void *context, const struct css_url *url), void *context)
{
	struct scanner s = { .p = p, .len = len, .each = each };

	s.context = context;
	while (!at_end(&s))
		token(&s);
	buf_clear(&s.stack);
	buf_clear(&s.text);
}
