/* robots.txt: groups, rules and which of them decides about a URL. */
#include "core/web/robots.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/web/url.h"

enum { DELAY_MAX_S = 1000000 };

enum kind { KIND_AGENT, KIND_ALLOW, KIND_DISALLOW, KIND_DELAY };

/* One line that means something; the file is a list of these. */
struct entry {
	enum kind kind;
	int is_anchored; /* the pattern ended in "$", which START leaves out */
	unsigned line;
	size_t start; /* of the token or pattern in the text */
	size_t len;
	int64_t delay_ms;
};

struct robots {
	struct buf text;
	struct entry *entries;
	size_t count;
	size_t cap;
};

struct span {
	const char *s;
	size_t len;
};

static int
is_blank(char c)
{
	return text_is_space((unsigned char)c) || c == '\0';
}

static struct span
trimmed(const char *s, size_t len)
{
	while (len > 0 && is_blank(s[len - 1]))
		len--;
	while (len > 0 && is_blank(s[0])) {
		s++;
		len--;
	}
	return (struct span){ s, len };
}

/* KEY begins with one of WORDS. What follows is ignored, as Google does. */
static int
key_is(const struct span *key, const char *const *words)
{
	for (; *words != NULL; words++) {
		size_t len = strlen(*words);

		if (key->len >= len && text_equal_nocase(key->s, len, *words))
			return 1;
	}
	return 0;
}

/* 1 and the kind of a line that means something to us; misspellings count
 * where Google has seen them often. */
static int
kind_of(const struct span *key, enum kind *kind)
{
	static const char *const agent[] = { "user-agent", "useragent",
		"user agent", NULL };
	static const char *const allow[] = { "allow", NULL };
	static const char *const disallow[] = { "disallow", "dissallow",
		"dissalow", "disalow", "diasllow", "disallaw", NULL };
	static const char *const delay[] = { "crawl-delay", "crawldelay",
		"crawl delay", NULL };

	if (key_is(key, agent))
		*kind = KIND_AGENT;
	else if (key_is(key, allow))
		*kind = KIND_ALLOW;
	else if (key_is(key, disallow))
		*kind = KIND_DISALLOW;
	else if (key_is(key, delay))
		*kind = KIND_DELAY;
	else
		return 0;
	return 1;
}

/*
 * The one spelling in which patterns and targets are compared (RFC 9309,
 * 2.2.2): unreserved bytes plain, all others that may not stand in a URI
 * escaped, escapes in upper case. "*" and "$" of a target are escaped, so
 * that a pattern can name them as %2A and %24.
 */
static void
add_normal(struct buf *out, const char *s, size_t len, const char *wildcard)
{
	for (size_t i = 0; i < len; i++) {
		char c = s[i];
		uint8_t value;

		if (c == '%' && len - i > 2 &&
		    text_unhex(&value, s + i + 1, 1)) {
			char plain = (char)value;

			url_add_percent_encoded(out, &plain, 1);
			i += 2;
		} else if ((c == '*' || c == '$') && c != *wildcard) {
			url_add_percent_encoded(out, &c, 1);
		} else {
			url_add_escaped(out, &c, 1, " \"<>\\^`{|}");
		}
	}
}

static struct entry *
new_entry(struct robots *r, enum kind kind, unsigned line)
{
	struct entry *entry;

	if (r->count == r->cap) {
		r->cap = r->cap == 0 ? 16 : 2 * r->cap;
		r->entries = mem_grow(r->entries, r->cap, sizeof(*r->entries));
	}
	entry = &r->entries[r->count++];
	*entry = (struct entry){ .kind = kind, .line = line };
	entry->start = r->text.len;
	return entry;
}

/* A product token is what stands before the first other character. */
static void
add_agent(struct robots *r, const struct span *value, unsigned line)
{
	struct entry *entry = new_entry(r, KIND_AGENT, line);
	size_t len = 0;

	if (value->s[0] == '*' && (value->len == 1 || is_blank(value->s[1])))
		len = 1;
	while (len < value->len && value->s[0] != '*') {
		int c = text_lower((unsigned char)value->s[len]);

		if ((c < 'a' || c > 'z') && c != '-' && c != '_')
			break;
		len++;
	}
	buf_add(&r->text, value->s, len);
	entry->len = len;
}

static void
add_rule(
    struct robots *r, enum kind kind, const struct span *value, unsigned line)
{
	struct entry *entry = new_entry(r, kind, line);
	size_t len = value->len;

	if (len > 0 && value->s[len - 1] == '$') {
		entry->is_anchored = 1;
		len--;
	}
	add_normal(&r->text, value->s, len, "*");
	entry->len = r->text.len - entry->start;
}

/* Seconds with or without decimals; anything else is no delay. */
static void
add_delay(struct robots *r, const struct span *value, unsigned line)
{
	const char *dot = memchr(value->s, '.', value->len);
	size_t whole = dot == NULL ? value->len : (size_t)(dot - value->s);
	uint64_t seconds = 0;
	int64_t ms = 0;
	int64_t unit = 100;

	if (whole > 0 && !text_uint(value->s, whole, DELAY_MAX_S, &seconds))
		return;
	if (whole == 0 && value->len < 2)
		return;
	for (size_t i = whole + 1; i < value->len; i++, unit /= 10) {
		if (value->s[i] < '0' || value->s[i] > '9')
			return;
		ms += unit * (value->s[i] - '0');
	}
	new_entry(r, KIND_DELAY, line)->delay_ms = 1000 * (int64_t)seconds + ms;
}

/* "key: value # comment"; the colon may be missing if there is a blank. */
static int
split_line(const char *s, size_t len, struct span *key, struct span *value)
{
	const char *comment = memchr(s, '#', len);
	struct span line = trimmed(
	    s, comment == NULL ? len : (size_t)(comment - s));
	const char *end = line.s + line.len;
	const char *mark = memchr(line.s, ':', line.len);

	if (mark == NULL) {
		mark = line.s;
		while (mark < end && !is_blank(*mark))
			mark++;
		*value = trimmed(mark, (size_t)(end - mark));
		for (size_t i = 0; i < value->len; i++)
			if (is_blank(value->s[i]))
				return 0;
		if (value->len == 0)
			return 0;
	} else {
		*value = trimmed(mark + 1, (size_t)(end - mark - 1));
	}
	*key = trimmed(line.s, (size_t)(mark - line.s));
	return key->len > 0;
}

static void
add_line(struct robots *r, const char *s, size_t len, unsigned line)
{
	struct span key;
	struct span value;
	enum kind kind;

	if (!split_line(s, len, &key, &value) || !kind_of(&key, &kind))
		return;
	switch (kind) {
	case KIND_AGENT:
		if (value.len > 0)
			add_agent(r, &value, line);
		break;
	case KIND_ALLOW:
	case KIND_DISALLOW:
		add_rule(r, kind, &value, line);
		break;
	case KIND_DELAY:
		add_delay(r, &value, line);
		break;
	}
}

static size_t
line_length(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len && s[i] != '\n' && s[i] != '\r')
		i++;
	return i;
}

struct robots *
robots_parse(const uint8_t *p, size_t len)
{
	struct robots *r = mem_zero(1, sizeof(*r));
	const char *s = (const char *)p;
	unsigned line = 1;

	/* What a cut leaves of a line could refuse more than the line did. */
	if (len > LIMIT_ROBOTS_BYTES) {
		len = LIMIT_ROBOTS_BYTES;
		while (len > 0 && s[len - 1] != '\n' && s[len - 1] != '\r')
			len--;
	}
	if (len >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0) {
		s += 3;
		len -= 3;
	}
	for (; len > 0; line++) {
		size_t line_len = line_length(s, len);
		size_t end = line_len;

		add_line(r, s, line_len, line);
		if (end + 1 < len && s[end] == '\r' && s[end + 1] == '\n')
			end++;
		if (end < len)
			end++;
		s += end;
		len -= end;
	}
	return r;
}

void
robots_free(struct robots *r)
{
	if (r == NULL)
		return;
	buf_clear(&r->text);
	free(r->entries);
	free(r);
}

static int
names(const struct robots *r, const struct entry *entry, const char *agent)
{
	return entry->kind == KIND_AGENT && entry->len > 0 &&
	       text_equal_nocase(
		   buf_text(&r->text) + entry->start, entry->len, agent);
}

/* PRODUCT if a group names it, else the groups for all. */
static const char *
agent_for(const struct robots *r, const char *product)
{
	for (size_t i = 0; i < r->count; i++)
		if (names(r, &r->entries[i], product))
			return product;
	return "*";
}

/* A walk over the entries of every group that names AGENT. */
struct walk {
	const struct robots *r;
	const char *agent;
	size_t at;
	int applies;
	int has_rules; /* the next user-agent line begins a group */
};

/* The next entry; NULL at the end. A delay does not end the agents' list. */
static const struct entry *
next_entry(struct walk *w)
{
	while (w->at < w->r->count) {
		const struct entry *entry = &w->r->entries[w->at++];

		if (entry->kind == KIND_AGENT) {
			if (w->has_rules)
				w->applies = 0;
			w->has_rules = 0;
			if (names(w->r, entry, w->agent))
				w->applies = 1;
			continue;
		}
		if (entry->kind != KIND_DELAY)
			w->has_rules = 1;
		if (w->applies)
			return entry;
	}
	return NULL;
}

/* "*" takes as little as it can, which is enough: pieces are found from the
 * left, and an anchored last piece must be the end. */
static int
matches(
    const struct robots *r, const struct entry *entry, const struct buf *target)
{
	const char *pattern = buf_text(&r->text) + entry->start;
	const char *end = pattern + entry->len;
	const char *t = buf_text(target);
	const char *t_end = t + target->len;
	int is_first = 1;

	for (;; is_first = 0) {
		const char *star = memchr(
		    pattern, '*', (size_t)(end - pattern));
		size_t len = (size_t)((star == NULL ? end : star) - pattern);
		const char *found = t;

		if ((size_t)(t_end - t) < len)
			return 0;
		if (star == NULL && entry->is_anchored)
			found = t_end - len;
		else if (!is_first)
			found = memmem(t, (size_t)(t_end - t), pattern, len);
		if (found == NULL || (is_first && found != t) ||
		    memcmp(found, pattern, len) != 0)
			return 0;
		if (star == NULL)
			return 1;
		t = found + len;
		pattern = star + 1;
	}
}

/* RFC 9309, 2.2.2: the longest pattern decides, "allow" between equals. */
static const struct entry *
deciding_entry(
    const struct robots *r, const char *product, const struct buf *target)
{
	struct walk w = { .r = r, .agent = agent_for(r, product) };
	const struct entry *best = NULL;
	const struct entry *entry;
	size_t best_len = 0;

	while ((entry = next_entry(&w)) != NULL) {
		size_t len = entry->len + (entry->is_anchored ? 1 : 0);

		if (entry->kind == KIND_DELAY || len == 0 || len < best_len)
			continue;
		if (len == best_len &&
		    (entry->kind != KIND_ALLOW || best->kind == KIND_ALLOW))
			continue;
		if (!matches(r, entry, target))
			continue;
		best = entry;
		best_len = len;
	}
	return best;
}

int
robots_allowed(const struct robots *r, const char *product, const char *target,
    unsigned *line)
{
	const struct entry *entry = NULL;
	struct buf normal = { 0 };

	if (target[0] == '\0')
		target = "/";
	add_normal(&normal, target, strlen(target), "");
	/* RFC 9309, 2.2.2: the file itself is always allowed. */
	if (strcmp(buf_text(&normal), "/robots.txt") != 0)
		entry = deciding_entry(r, product, &normal);
	buf_clear(&normal);
	if (line != NULL)
		*line = entry == NULL ? 0 : entry->line;
	return entry == NULL || entry->kind == KIND_ALLOW;
}

int64_t
robots_delay_ms(const struct robots *r, const char *product)
{
	struct walk w = { .r = r, .agent = agent_for(r, product) };
	const struct entry *entry;
	int64_t delay_ms = -1;

	/* Of several, the most patient. */
	while ((entry = next_entry(&w)) != NULL)
		if (entry->kind == KIND_DELAY && entry->delay_ms > delay_ms)
			delay_ms = entry->delay_ms;
	return delay_ms;
}
