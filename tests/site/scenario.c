/* Scenario files: strict, with the line of what is wrong. */
#include "tests/site/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum { SCENARIO_BYTES_MAX = 16 << 20 };

struct parsing {
	struct scenario *s;
	struct error *error;
	const char *path;
	unsigned line;
	char *words[SCENARIO_WORDS_MAX];
	size_t count;
};

static int
fail(struct parsing *p, const char *text, const char *word)
{
	return error_set(p->error, ERROR_INPUT, "%s:%u: %s%s%s", p->path,
	    p->line, text, word[0] == '\0' ? "" : " ", word);
}

/* ---- words ---- */

/* What a backslash in quotes stands for; S is behind it. */
static const char *
add_escape(struct buf *out, const char *s)
{
	uint32_t cp = 0;

	if (*s == 'n') {
		buf_add_byte(out, '\n');
		return s + 1;
	}
	if (*s == 'u') {
		for (int i = 1; i <= 4; i++) {
			char digit[2] = { s[i], '\0' };
			char *end;
			unsigned long v = strtoul(digit, &end, 16);

			if (*end != '\0' || s[i] == '\0')
				return NULL;
			cp = cp * 16 + (uint32_t)v;
		}
		text_utf8_add(out, cp);
		return s + 5;
	}
	if (*s != '"' && *s != '\\')
		return NULL;
	buf_add_byte(out, (uint8_t)*s);
	return s + 1;
}

static const char *
add_word(struct buf *out, const char *s)
{
	int quoted = 0;

	while (*s != '\0' && (quoted || (*s != ' ' && *s != '\t'))) {
		if (*s == '"') {
			quoted = !quoted;
			s++;
		} else if (quoted && *s == '\\') {
			s = add_escape(out, s + 1);
			if (s == NULL)
				return NULL;
		} else {
			buf_add_byte(out, (uint8_t)*s++);
		}
	}
	return quoted ? NULL : s;
}

static void
drop_words(struct parsing *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->words[i]);
	p->count = 0;
}

static int
split(struct parsing *p, const char *s)
{
	for (;;) {
		struct buf word = { 0 };

		s += strspn(s, " \t\r");
		if (*s == '\0' || *s == '#')
			return 0;
		if (p->count == SCENARIO_WORDS_MAX)
			return fail(p, "more words than a line may have", "");
		s = add_word(&word, s);
		if (s == NULL) {
			buf_clear(&word);
			return fail(p, "a value in quotes is broken", "");
		}
		p->words[p->count++] = buf_take(&word);
	}
}

/* "+3d4h15m" or RFC 3339, in seconds. */
static int
get_time(struct parsing *p, const char *s, int64_t *out)
{
	static const char units[] = "dhms";
	static const int64_t seconds[] = { 86400, 3600, 60, 1 };
	int64_t us;
	int64_t sum = 0;

	if (*s != '+') {
		if (!date_parse(s, &us, NULL))
			return fail(p, "not a time:", s);
		*out = us / 1000000;
		return 0;
	}
	for (const char *t = s + 1; *t != '\0';) {
		char *end;
		unsigned long long n = strtoull(t, &end, 10);
		const char *unit = *end == '\0' ? NULL : strchr(units, *end);

		if (end == t || unit == NULL)
			return fail(p, "not a time:", s);
		sum += (int64_t)n * seconds[unit - units];
		t = end + 1;
	}
	*out = p->s->start + sum;
	return 0;
}

static const char *const edits[] = { "headline", "dek", "typo", "add-paragraph",
	"remove-paragraph", "reorder", "tashkeel", "quotes", "nbsp", "bidi",
	"zwsp", "caption", "alt", "credit", "image-new", "image-revision",
	"image-bytes", "image-add", "tags", "tag-add", "touch", "silent",
	"note", "updated", "post", "json-title", NULL };
static const char *const deletions[] = { "404", "410", "451", "403", "500",
	"soft404", "home", "section", "login", NULL };
static const char *const conditions[] = { "outage", "status", "challenge",
	"ratelimit", "slow", "truncate", "robots", "layout", "redesign",
	"json-broken", "no-validators", "last-modified-only", "home-for-all",
	"no-churn", "sitemap-big", "sitemap-foreign", "sitemap-gz",
	"feed-items", "front-empty", "charset", "consent", NULL };
static const char *const settings[] = { "edition", "section", "headline",
	"slug", "paragraphs", "images", "post", "kind", "date", "offset",
	"style", "charset", "bulk", "author", "source", "json", "ld", "og",
	"text", "n", "host", "path", "mitigated", "after", "ms", "crawl-delay",
	"as", "how", "lines", "keywords", "quiet", "tags", "title", NULL };

static int
is_word(const char *const *list, const char *s)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, s) == 0)
			return 1;
	return 0;
}

/* NAME=VALUE words from FIRST on. */
static int
get_settings(
    struct parsing *p, size_t first, struct setting **list, size_t *count)
{
	*list = mem_zero(SCENARIO_WORDS_MAX, sizeof(**list));
	for (size_t i = first; i < p->count; i++) {
		char *equals = strchr(p->words[i], '=');
		struct setting *s = &(*list)[*count];

		if (equals == NULL)
			return fail(p, "not NAME=VALUE:", p->words[i]);
		*equals = '\0';
		if (!is_word(settings, p->words[i]))
			return fail(p, "no setting named", p->words[i]);
		s->name = mem_text(p->words[i]);
		s->value = mem_text(equals + 1);
		(*count)++;
	}
	return 0;
}

static int
read_condition(struct parsing *p)
{
	struct scenario *s = p->s;
	struct condition *c;

	if (p->count < 5 || strcmp(p->words[2], "to") != 0)
		return fail(p, "expected: from TIME to TIME WHAT", "");
	s->conditions = mem_grow(
	    s->conditions, s->condition_count + 1, sizeof(*s->conditions));
	c = &s->conditions[s->condition_count++];
	*c = (struct condition){ .line = p->line };
	c->what = mem_text(p->words[4]);
	if (!is_word(conditions, c->what))
		return fail(p, "no condition named", c->what);
	if (get_time(p, p->words[1], &c->from) != 0 ||
	    get_time(p, p->words[3], &c->until) != 0)
		return -1;
	if (c->until <= c->from)
		return fail(p, "ends before it begins", "");
	return get_settings(p, 5, &c->settings, &c->setting_count);
}

static int
read_happening(struct parsing *p)
{
	static const char *const verbs[] = { "publish", "edit", "delete",
		"restore", "rename" };
	struct scenario *s = p->s;
	struct happening *h;
	size_t kind = 0;
	size_t next = 4;

	if (p->count < 4)
		return fail(p, "expected: at TIME VERB ID", "");
	while (kind < 5 && strcmp(p->words[2], verbs[kind]) != 0)
		kind++;
	if (kind == 5)
		return fail(p, "no verb named", p->words[2]);
	s->happenings = mem_grow(
	    s->happenings, s->happening_count + 1, sizeof(*s->happenings));
	h = &s->happenings[s->happening_count++];
	*h = (struct happening){ .kind = (enum happening_kind)kind,
		.line = p->line };
	h->id = mem_text(p->words[3]);
	h->what = mem_text("");
	if (get_time(p, p->words[1], &h->at) != 0)
		return -1;
	if (h->kind == HAPPENS_EDIT || h->kind == HAPPENS_DELETE) {
		if (p->count < 5)
			return fail(p, "what of it?", "");
		free(h->what);
		h->what = mem_text(p->words[next++]);
		if (!is_word(
			h->kind == HAPPENS_EDIT ? edits : deletions, h->what))
			return fail(p, "unknown:", h->what);
	}
	return get_settings(p, next, &h->settings, &h->setting_count);
}

static int
read_line(struct parsing *p)
{
	if (p->count == 0)
		return 0;
	if (strcmp(p->words[0], "start") == 0 && p->count == 2)
		return get_time(p, p->words[1], &p->s->start);
	if (strcmp(p->words[0], "at") == 0)
		return read_happening(p);
	if (strcmp(p->words[0], "from") == 0)
		return read_condition(p);
	return fail(p, "expected start, at or from, not", p->words[0]);
}

/* ---- lives ---- */

static struct life *
find_life(struct scenario *s, const char *id)
{
	for (size_t i = 0; i < s->life_count; i++)
		if (strcmp(s->lives[i].id, id) == 0)
			return &s->lives[i];
	return NULL;
}

static void
add_to_life(struct life *l, const struct happening *h)
{
	size_t at = l->count;

	l->list = mem_grow(l->list, l->count + 1, sizeof(*l->list));
	for (; at > 0 && l->list[at - 1]->at > h->at; at--)
		l->list[at] = l->list[at - 1];
	l->list[at] = h;
	l->count++;
}

static int
make_lives(struct parsing *p)
{
	struct scenario *s = p->s;

	for (size_t i = 0; i < s->happening_count; i++) {
		const struct happening *h = &s->happenings[i];
		struct life *l = find_life(s, h->id);

		p->line = h->line;
		if ((l != NULL) == (h->kind == HAPPENS_PUBLISH))
			return fail(p,
			    l == NULL ? "not published before:"
				      : "published twice:",
			    h->id);
		if (l == NULL) {
			s->lives = mem_grow(
			    s->lives, s->life_count + 1, sizeof(*s->lives));
			l = &s->lives[s->life_count++];
			*l = (struct life){ .id = h->id };
		}
		add_to_life(l, h);
		if (l->list[0]->kind != HAPPENS_PUBLISH)
			return fail(p, "before it is published:", h->id);
	}
	return 0;
}

int
scenario_load(struct scenario *s, const char *path, struct error *e)
{
	struct parsing p = { .s = s, .error = e, .path = path };
	struct buf text = { 0 };
	int rc = file_get(path, &text, SCENARIO_BYTES_MAX, e);
	char *line = text.len > 0 ? (char *)text.data : NULL;

	*s = (struct scenario){ 0 };
	while (rc == 0 && line != NULL) {
		char *end = strchr(line, '\n');

		if (end != NULL)
			*end = '\0';
		p.line++;
		rc = split(&p, line);
		if (rc == 0)
			rc = read_line(&p);
		drop_words(&p);
		line = end == NULL || end[1] == '\0' ? NULL : end + 1;
	}
	if (rc == 0)
		rc = make_lives(&p);
	buf_clear(&text);
	return rc;
}

static void
clear_settings(struct setting *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(list[i].name);
		free(list[i].value);
	}
	free(list);
}

void
scenario_clear(struct scenario *s)
{
	for (size_t i = 0; i < s->happening_count; i++) {
		struct happening *h = &s->happenings[i];

		clear_settings(h->settings, h->setting_count);
		free(h->id);
		free(h->what);
	}
	for (size_t i = 0; i < s->condition_count; i++) {
		clear_settings(
		    s->conditions[i].settings, s->conditions[i].setting_count);
		free(s->conditions[i].what);
	}
	for (size_t i = 0; i < s->life_count; i++)
		free(s->lives[i].list);
	free(s->happenings);
	free(s->conditions);
	free(s->lives);
	*s = (struct scenario){ 0 };
}

static const char *
get(const struct setting *list, size_t count, const char *name,
    const char *fallback)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].name, name) == 0)
			return list[i].value;
	return fallback;
}

const char *
happening_get(const struct happening *h, const char *name, const char *fallback)
{
	return get(h->settings, h->setting_count, name, fallback);
}

const char *
condition_get(const struct condition *c, const char *name, const char *fallback)
{
	return get(c->settings, c->setting_count, name, fallback);
}

const struct condition *
scenario_condition(const struct scenario *s, const char *what, int64_t now,
    const char *host, const char *target)
{
	for (size_t i = s->condition_count; i-- > 0;) {
		const struct condition *c = &s->conditions[i];

		if (now >= c->from && now < c->until &&
		    strcmp(c->what, what) == 0 &&
		    text_starts(host, condition_get(c, "host", "")) &&
		    text_starts(target, condition_get(c, "path", "")))
			return c;
	}
	return NULL;
}
