/* Picture credits in a trailing parenthesis. */

#include "core/news/credit.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/news/pattern.h"
#include "core/news/profile_rules.h"

/* Where the balanced parenthesis that ends S begins; NULL none. */
static const char *
open_of(const char *s, size_t len)
{
	size_t depth = 0;

	if (len == 0 || s[len - 1] != ')')
		return NULL;
	for (size_t i = len; i-- > 0 && len - i <= CREDIT_MAX + 2;) {
		if (s[i] == ')')
			depth++;
		else if (s[i] == '(' && --depth == 0)
			return s + i;
	}
	return NULL;
}

static size_t
trimmed_len(const char *s, size_t len)
{
	while (len > 0 && text_is_space(s[len - 1]))
		len--;
	return len;
}

static const char *
trimmed(struct arena *a, const char *s, size_t len)
{
	while (len > 0 && text_is_space(*s)) {
		s++;
		len--;
	}
	return arena_text_n(a, s, trimmed_len(s, len));
}

const char *
credit_parenthesis(struct arena *a, const char *caption)
{
	size_t len = trimmed_len(caption, strlen(caption));
	const char *open = open_of(caption, len);

	if (open == NULL)
		return NULL;
	return trimmed(a, open + 1, len - (size_t)(open - caption) - 2);
}

/* "AP Photo", "AP" -> the map's kind; the agency without "Photo". */
static const char *
agency_kind(struct arena *a, const struct image_rules *rules, const char *s,
    const char **agency)
{
	static const char *const tails[] = { " photo", " photos", " images",
		" image", " pictures" };
	const char *kind = map_find_nocase(rules->agencies, s);
	size_t len = strlen(s);

	*agency = s;
	for (size_t i = 0; kind == NULL && i < sizeof(tails) / sizeof(tails[0]);
	     i++) {
		size_t n = strlen(tails[i]);

		if (len <= n || !text_equal_nocase(s + len - n, n, tails[i]))
			continue;
		*agency = arena_text_n(a, s, len - n);
		kind = map_find_nocase(rules->agencies, *agency);
	}
	return kind;
}

/* "Agency/Name" and "Name/Agency". */
static int
read_slashed(struct arena *a, const struct image_rules *rules, struct credit *c)
{
	const char *slash = strchr(c->text, '/');
	const char *first;
	const char *second;
	const char *kind;

	if (slash == NULL)
		return 0;
	first = trimmed(a, c->text, (size_t)(slash - c->text));
	second = trimmed(a, slash + 1, strlen(slash + 1));
	kind = agency_kind(a, rules, first, &c->agency);
	c->person = second;
	if (kind == NULL) {
		kind = agency_kind(a, rules, second, &c->agency);
		c->person = first;
	}
	if (kind == NULL || c->person[0] == '\0')
		return 0;
	c->kind = kind;
	return 1;
}

/* "House; Illustrated by Name" and "Illustrated by Name". */
static int
read_illustrated(
    struct arena *a, const struct image_rules *rules, struct credit *c)
{
	static const char mark[] = "illustrated by ";
	const size_t n = sizeof(mark) - 1;
	const char *semicolon = strchr(c->text, ';');
	const char *s = semicolon == NULL ? c->text : semicolon + 1;

	while (text_is_space(*s))
		s++;
	if (strlen(s) <= n || !text_equal_nocase(s, n, mark))
		return 0;
	c->person = trimmed(a, s + n, strlen(s + n));
	c->agency = "";
	if (semicolon != NULL) {
		const char *house = trimmed(
		    a, c->text, (size_t)(semicolon - c->text));

		if (agency_kind(a, rules, house, &c->agency) == NULL)
			return 0;
	}
	c->kind = "illustration";
	return 1;
}

int
credit_find(struct arena *a, const struct image_rules *rules,
    const char *caption, struct credit *out)
{
	size_t len = trimmed_len(caption, strlen(caption));
	const char *text = credit_parenthesis(a, caption);
	const char *kind;

	if (text == NULL || text[0] == '\0' || rules->agencies == NULL)
		return 0;
	if (rules->credit_reject != NULL &&
	    pattern_find(rules->credit_reject, text, strlen(text), NULL))
		return 0;
	memset(out, 0, sizeof(*out));
	out->text = text;
	out->agency = "";
	out->person = "";
	len = (size_t)(open_of(caption, len) - caption);
	out->rest = trimmed(a, caption, len);
	kind = agency_kind(a, rules, text, &out->agency);
	if (kind == NULL)
		return read_slashed(a, rules, out) ||
		       read_illustrated(a, rules, out);
	out->kind = kind;
	return 1;
}
