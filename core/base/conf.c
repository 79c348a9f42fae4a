/* The line grammar of holdfast.conf and *.site files. */

#include "core/base/conf.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/text.h"

struct reading {
	struct arena *arena;
	struct conf *conf;
	size_t cap, head_cap;
	int continues; /* an indented line belongs to the last entry */
	int skips;     /* it belongs to a line that was none */
	unsigned line;
};

static int
fail(const struct reading *r, struct error *e, const char *text)
{
	return error_set(
	    e, ERROR_USAGE, "%s:%u: %s", r->conf->file, r->line, text);
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void
trim(const char **s, size_t *len)
{
	while (*len > 0 && is_blank((*s)[0])) {
		(*s)++;
		(*len)--;
	}
	while (*len > 0 && is_blank((*s)[*len - 1]))
		(*len)--;
}

static struct conf_entry *
new_entry(struct reading *r)
{
	struct conf *c = r->conf;

	if (c->count == r->cap) {
		size_t cap = r->cap == 0 ? 64 : r->cap * 2;
		struct conf_entry *entries;

		entries = arena_alloc(r->arena, cap * sizeof(*entries));
		if (c->count > 0)
			memcpy(
			    entries, c->entries, c->count * sizeof(*entries));
		c->entries = entries;
		r->cap = cap;
	}
	return &c->entries[c->count++];
}

static struct conf_head *
new_head(struct reading *r)
{
	struct conf *c = r->conf;

	if (c->head_count == r->head_cap) {
		size_t cap = r->head_cap == 0 ? 16 : r->head_cap * 2;
		struct conf_head *heads;

		heads = arena_alloc(r->arena, cap * sizeof(*heads));
		if (c->head_count > 0)
			memcpy(heads, c->heads, c->head_count * sizeof(*heads));
		c->heads = heads;
		r->head_cap = cap;
	}
	return &c->heads[c->head_count++];
}

/* "[section]" or "[section name]". */
static int
read_head(struct reading *r, const char *s, size_t len, struct error *e)
{
	const char *blank;
	const char *second = "";
	struct conf_head *head;

	trim(&s, &len);
	if (len < 2 || s[len - 1] != ']')
		return fail(r, e, "section head has no closing bracket");
	s++;
	len -= 2;
	trim(&s, &len);
	if (len == 0)
		return fail(r, e, "section has no name");
	if (memchr(s, '[', len) != NULL || memchr(s, ']', len) != NULL)
		return fail(r, e, "bracket inside a section head");
	blank = memchr(s, ' ', len);
	if (blank == NULL)
		blank = memchr(s, '\t', len);
	if (blank != NULL) {
		const char *name = blank;
		size_t name_len = len - (size_t)(blank - s);

		trim(&name, &name_len);
		if (memchr(name, ' ', name_len) != NULL ||
		    memchr(name, '\t', name_len) != NULL)
			return fail(
			    r, e, "section head has more than two words");
		second = arena_text_n(r->arena, name, name_len);
		len = (size_t)(blank - s);
	}
	head = new_head(r);
	head->section = arena_text_n(r->arena, s, len);
	head->name = second;
	head->line = r->line;
	r->continues = 0;
	return 0;
}

static int
read_entry(struct reading *r, const char *s, size_t len, struct error *e)
{
	const char *equals = memchr(s, '=', len);
	enum conf_operator op = CONF_SET;
	struct conf_entry *entry;
	const char *value;
	size_t value_len;
	size_t key_len;

	if (equals == NULL)
		return fail(r, e, "neither a section head nor \"key = value\"");
	value = equals + 1;
	value_len = len - (size_t)(value - s);
	key_len = (size_t)(equals - s);
	trim(&s, &key_len);
	if (key_len > 0 && (s[key_len - 1] == '+' || s[key_len - 1] == '!')) {
		op = s[key_len - 1] == '+' ? CONF_ADD : CONF_CLEAR;
		key_len--;
		trim(&s, &key_len);
	}
	trim(&value, &value_len);
	if (key_len == 0)
		return fail(r, e, "there is no key in front of \"=\"");
	if (op == CONF_CLEAR && value_len > 0)
		return fail(r, e, "\"! =\" takes no value");
	entry = new_entry(r);
	entry->head = r->conf->head_count;
	entry->section = "";
	entry->name = "";
	if (entry->head > 0) {
		entry->section = r->conf->heads[entry->head - 1].section;
		entry->name = r->conf->heads[entry->head - 1].name;
	}
	entry->key = arena_text_n(r->arena, s, key_len);
	entry->value = arena_text_n(r->arena, value, value_len);
	entry->operator= op;
	entry->line = r->line;
	r->continues = op != CONF_CLEAR;
	return 0;
}

static int
read_continuation(struct reading *r, const char *s, size_t len, struct error *e)
{
	struct conf_entry *entry;

	if (!r->continues)
		return fail(r, e, "indented line with nothing to continue");
	entry = &r->conf->entries[r->conf->count - 1];
	trim(&s, &len);
	if (strlen(entry->value) + len + 1 > CONF_LINE_MAX)
		return fail(r, e, "value is too long");
	entry->value = arena_format(r->arena, "%s%s%.*s", entry->value,
	    entry->value[0] != '\0' ? " " : "", (int)len, s);
	return 0;
}

static int
check_bytes(const struct reading *r, const char *s, size_t len, struct error *e)
{
	if (len > CONF_LINE_MAX)
		return fail(r, e, "line is too long");
	if (len > 0 && s[len - 1] == '\r')
		return fail(r, e, "line ends in CR LF; save the file with LF");
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)s[i] < 0x20 && s[i] != '\t') ||
		    s[i] == 0x7f)
			return fail(r, e, "control character");
	if (!text_is_utf8(s, len))
		return fail(r, e, "not UTF-8");
	if (r->line == 1 && len >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
		return fail(r, e, "file begins with a byte order mark");
	return 0;
}

static int
read_line(struct reading *r, const char *s, size_t len, struct error *e)
{
	const char *inner = s;
	size_t inner_len = len;

	if (check_bytes(r, s, len, e) != 0)
		return -1;
	trim(&inner, &inner_len);
	if (inner_len == 0) {
		r->continues = r->skips = 0;
		return 0;
	}
	if (s[0] == '#' || (is_blank(s[0]) && r->skips))
		return 0;
	r->skips = 0;
	if (is_blank(s[0]))
		return read_continuation(r, s, len, e);
	if (s[0] == '[')
		return read_head(r, s, len, e);
	return read_entry(r, s, len, e);
}

/* FAULT NULL: the first fault ends it. */
static struct conf *
parse(struct arena *a, const char *file, const char *text, size_t len,
    void (*fault)(void *context, const struct error *e), void *context,
    struct error *e)
{
	struct reading r = { .arena = a };
	size_t start = 0;

	r.conf = arena_alloc(a, sizeof(*r.conf));
	r.conf->file = arena_text(a, file);
	if (len > CONF_FILE_MAX) {
		(void)error_set(e, ERROR_USAGE, "%s: larger than %d bytes",
		    file, CONF_FILE_MAX);
		if (fault == NULL)
			return NULL;
		fault(context, e);
		return r.conf;
	}
	while (start < len) {
		const char *end = memchr(text + start, '\n', len - start);
		size_t n = end == NULL ? len - start
				       : (size_t)(end - (text + start));

		r.line++;
		if (read_line(&r, text + start, n, e) != 0) {
			if (fault == NULL)
				return NULL;
			fault(context, e);
			/* What follows a bad head is in no known section. */
			if (n > 0 && text[start] == '[')
				*new_head(
				    &r) = (struct conf_head){ "", "", r.line };
			r.continues = 0;
			r.skips = 1;
		}
		start += n + 1;
	}
	return r.conf;
}

struct conf *
conf_parse(struct arena *a, const char *file, const char *text, size_t len,
    struct error *e)
{
	return parse(a, file, text, len, NULL, NULL, e);
}

struct conf *
conf_parse_all(struct arena *a, const char *file, const char *text, size_t len,
    void (*fault)(void *context, const struct error *e), void *context)
{
	struct error e = { 0 };

	return parse(a, file, text, len, fault, context, &e);
}

int
conf_error(const struct conf *c, const struct conf_entry *entry,
    const char *text, const char *nearest, struct error *e)
{
	if (nearest == NULL)
		return error_set(
		    e, ERROR_USAGE, "%s:%u: %s", c->file, entry->line, text);
	return error_set(e, ERROR_USAGE, "%s:%u: %s; did you mean \"%s\"?",
	    c->file, entry->line, text, nearest);
}
