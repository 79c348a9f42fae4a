/* The charset in a page's meta elements (HTML standard, 13.2.3.2). */

#include "core/web/charset_meta.h"

#include <string.h>

#include "core/base/text.h"
#include "core/web/charset.h"

enum { VALUE_MAX = 256 };

struct scan {
	const uint8_t *p;
	const uint8_t *end;
};

/* An attribute, in lower case; longer ones are cut, which no charset is. */
struct attribute {
	char name[VALUE_MAX];
	size_t name_len;
	char value[VALUE_MAX];
	size_t value_len;
};

static void
add(char *text, size_t *len, int c)
{
	if (*len < VALUE_MAX)
		text[(*len)++] = (char)text_lower(c);
}

static void
skip_space(struct scan *s)
{
	while (s->p < s->end && text_is_space(*s->p))
		s->p++;
}

static void
read_value(struct scan *s, struct attribute *a)
{
	skip_space(s);
	if (s->p == s->end)
		return;
	if (*s->p == '"' || *s->p == '\'') {
		uint8_t quote = *s->p++;

		while (s->p < s->end && *s->p != quote)
			add(a->value, &a->value_len, *s->p++);
		if (s->p < s->end)
			s->p++;
		return;
	}
	while (s->p < s->end && !text_is_space(*s->p) && *s->p != '>')
		add(a->value, &a->value_len, *s->p++);
}

/* "Get an attribute": 1 one was read, 0 the tag ends here. */
static int
read_attribute(struct scan *s, struct attribute *a)
{
	a->name_len = 0;
	a->value_len = 0;
	while (s->p < s->end && (text_is_space(*s->p) || *s->p == '/'))
		s->p++;
	if (s->p == s->end || *s->p == '>')
		return 0;
	while (s->p < s->end && !text_is_space(*s->p) && *s->p != '/' &&
	       *s->p != '>' && (*s->p != '=' || a->name_len == 0))
		add(a->name, &a->name_len, *s->p++);
	skip_space(s);
	if (s->p < s->end && *s->p == '=') {
		s->p++;
		read_value(s, a);
	}
	return 1;
}

/* "Extracting a character encoding from a meta element": the label after
 * "charset =" in the value of content. */
static const char *
charset_of_content(const char *s, size_t len)
{
	struct scan at = { (const uint8_t *)s, (const uint8_t *)s + len };

	for (;;) {
		at.p = memmem(at.p, (size_t)(at.end - at.p), "charset", 7);
		if (at.p == NULL)
			return NULL;
		at.p += 7;
		skip_space(&at);
		if (at.p < at.end && *at.p == '=')
			break;
	}
	at.p++;
	skip_space(&at);
	if (at.p == at.end)
		return NULL;

	const uint8_t *start = at.p;
	if (*start == '"' || *start == '\'') {
		const uint8_t *stop = memchr(
		    start + 1, *start, (size_t)(at.end - start - 1));

		if (stop == NULL)
			return NULL;
		return charset_name(
		    (const char *)start + 1, (size_t)(stop - start - 1));
	}
	while (at.p < at.end && !text_is_space(*at.p) && *at.p != ';')
		at.p++;
	return charset_name((const char *)start, (size_t)(at.p - start));
}

static int
is_named(const struct attribute *a, const char *name)
{
	return text_equal_nocase(a->name, a->name_len, name);
}

/* The charset of one meta element; S stands after "<meta". */
static const char *
read_meta(struct scan *s)
{
	struct attribute a;
	const char *charset = NULL;
	int seen_http_equiv = 0;
	int seen_content = 0;
	int seen_charset = 0;
	int got_pragma = 0;
	int need_pragma = -1; /* not decided */

	while (read_attribute(s, &a)) {
		if (is_named(&a, "http-equiv") && !seen_http_equiv) {
			seen_http_equiv = 1;
			got_pragma = text_equal_nocase(
			    a.value, a.value_len, "content-type");
		} else if (is_named(&a, "content") && !seen_content) {
			const char *found = charset_of_content(
			    a.value, a.value_len);

			seen_content = 1;
			if (found != NULL && charset == NULL) {
				charset = found;
				need_pragma = 1;
			}
		} else if (is_named(&a, "charset") && !seen_charset) {
			seen_charset = 1;
			charset = charset_name(a.value, a.value_len);
			need_pragma = 0;
		}
	}
	if (s->p == s->end) /* the tag has no end */
		return NULL;
	if (need_pragma < 0 || (need_pragma && !got_pragma) || charset == NULL)
		return NULL;
	/* Whoever reads the tag as ASCII cannot be in these. */
	if (text_starts(charset, "utf-16"))
		return charset_name("utf-8", 5);
	if (strcmp(charset, "x-user-defined") == 0)
		return charset_name("windows-1252", 12);
	return charset;
}

static int
starts(const struct scan *s, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(s->end - s->p) >= len &&
	       text_equal_nocase((const char *)s->p, len, word);
}

static void
skip_past(struct scan *s, const char *what)
{
	const uint8_t *found = memmem(
	    s->p, (size_t)(s->end - s->p), what, strlen(what));

	s->p = found == NULL ? s->end : found + strlen(what);
}

/* Any tag but meta: its attributes may hold ">" and "<meta". */
static void
skip_tag(struct scan *s)
{
	struct attribute a;

	while (s->p < s->end && !text_is_space(*s->p) && *s->p != '>')
		s->p++;
	while (read_attribute(s, &a))
		continue;
}

static int
is_letter_at(const struct scan *s, size_t at)
{
	if ((size_t)(s->end - s->p) <= at)
		return 0;
	int c = text_lower(s->p[at]);

	return c >= 'a' && c <= 'z';
}

/* Past the contents of an element in which the tree builder sees no tags. */
static void
skip_raw(struct scan *s)
{
	static const char *const names[] = { "script", "style", "title",
		"textarea", "noembed", "noframes", "iframe", "xmp" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i]);

		if (s->p == s->end)
			return;
		struct scan name = { s->p + 1, s->end };

		if (!starts(&name, names[i]) ||
		    (size_t)(name.end - name.p) <= len ||
		    (name.p[len] != '>' && !text_is_space(name.p[len])))
			continue;
		skip_tag(s);
		while (s->p < s->end) {
			skip_past(s, "</");
			if (starts(s, names[i]))
				return;
		}
	}
}

/* IS_LATE: as the tree builder meets the tags, not as the prescan does. */
static const char *
scan_meta(struct scan s, int is_late)
{
	const char *charset = NULL;

	while (s.p < s.end) {
		s.p = memchr(s.p, '<', (size_t)(s.end - s.p));
		if (s.p == NULL)
			return NULL;
		if (starts(&s, "<!--")) {
			s.p += 2; /* "<!-->" is a whole comment */
			skip_past(&s, "-->");
		} else if (starts(&s, "<meta") && s.end - s.p > 5 &&
			   (text_is_space(s.p[5]) || s.p[5] == '/')) {
			s.p += 5;
			charset = read_meta(&s);
			if (charset != NULL)
				return charset;
		} else if (is_letter_at(&s, 1) ||
			   (starts(&s, "</") && is_letter_at(&s, 2))) {
			const uint8_t *before = s.p;

			if (is_late)
				skip_raw(&s);
			if (s.p == before)
				skip_tag(&s);
		} else if (starts(&s, "<!") || starts(&s, "</") ||
			   starts(&s, "<?")) {
			skip_past(&s, ">");
		} else {
			s.p++;
		}
	}
	return NULL;
}

const char *
charset_meta(const uint8_t *p, size_t len)
{
	size_t first = len < CHARSET_META_BYTES ? len : CHARSET_META_BYTES;
	size_t late = len < CHARSET_LATE_BYTES ? len : CHARSET_LATE_BYTES;
	const char *charset = scan_meta((struct scan){ p, p + first }, 0);

	if (charset != NULL)
		return charset;
	return scan_meta((struct scan){ p, p + late }, 1);
}
