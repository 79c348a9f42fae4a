/* How deep a page's tags nest, without building a tree. */

#include "core/web/html_guard.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/text.h"

enum {
	NAME_MAX_BYTES = 24, /* longer names are no HTML element's */

	VOID = 1,      /* never open; also html, head and body */
	RAW = 2,       /* its content holds no tags */
	SPECIAL = 4,   /* HTML standard, 13.2.4.2 */
	BARRIER = 8,   /* ends a scope */
	CLOSES_P = 16, /* its start tag ends an open p */
	FORMATTING = 32,
	TABLE_PART = 64,
	FOREIGN = 128,   /* svg or math, and what is in them */
	BREAKS_IN = 256, /* HTML again inside svg or math */
};

struct element {
	const char *name;
	int flags;
};

#define BLOCK (SPECIAL | CLOSES_P)

/* Sorted by name. */
static const struct element elements[] = {
	{ "a", FORMATTING },
	{ "address", BLOCK },
	{ "annotation-xml", BREAKS_IN },
	{ "applet", SPECIAL | BARRIER },
	{ "area", VOID },
	{ "article", BLOCK },
	{ "aside", BLOCK },
	{ "b", FORMATTING },
	{ "base", VOID },
	{ "basefont", VOID },
	{ "bgsound", VOID },
	{ "big", FORMATTING },
	{ "blockquote", BLOCK },
	{ "body", VOID },
	{ "br", VOID },
	{ "button", SPECIAL },
	{ "caption", SPECIAL | BARRIER | TABLE_PART },
	{ "center", BLOCK },
	{ "code", FORMATTING },
	{ "col", VOID },
	{ "colgroup", SPECIAL | TABLE_PART },
	{ "dd", BLOCK },
	{ "desc", BREAKS_IN },
	{ "details", BLOCK },
	{ "dir", BLOCK },
	{ "div", BLOCK },
	{ "dl", BLOCK },
	{ "dt", BLOCK },
	{ "em", FORMATTING },
	{ "embed", VOID },
	{ "fieldset", BLOCK },
	{ "figcaption", BLOCK },
	{ "figure", BLOCK },
	{ "font", FORMATTING },
	{ "footer", BLOCK },
	{ "foreignobject", BREAKS_IN },
	{ "form", BLOCK },
	{ "frame", VOID },
	{ "frameset", VOID },
	{ "h1", BLOCK },
	{ "h2", BLOCK },
	{ "h3", BLOCK },
	{ "h4", BLOCK },
	{ "h5", BLOCK },
	{ "h6", BLOCK },
	{ "head", VOID },
	{ "header", BLOCK },
	{ "hgroup", BLOCK },
	{ "hr", VOID },
	{ "html", VOID },
	{ "i", FORMATTING },
	{ "iframe", RAW },
	{ "image", VOID },
	{ "img", VOID },
	{ "input", VOID },
	{ "keygen", VOID },
	{ "li", BLOCK },
	{ "link", VOID },
	{ "listing", BLOCK },
	{ "main", BLOCK },
	{ "marquee", SPECIAL | BARRIER },
	{ "math", FOREIGN },
	{ "menu", BLOCK },
	{ "meta", VOID },
	{ "mi", BREAKS_IN },
	{ "mn", BREAKS_IN },
	{ "mo", BREAKS_IN },
	{ "ms", BREAKS_IN },
	{ "mtext", BREAKS_IN },
	{ "nav", BLOCK },
	{ "nobr", FORMATTING },
	{ "noembed", RAW },
	{ "noframes", RAW },
	{ "object", SPECIAL | BARRIER },
	{ "ol", BLOCK },
	{ "optgroup", 0 },
	{ "option", 0 },
	{ "p", BLOCK },
	{ "param", VOID },
	{ "plaintext", RAW },
	{ "pre", BLOCK },
	{ "s", FORMATTING },
	{ "script", RAW },
	{ "section", BLOCK },
	{ "select", SPECIAL },
	{ "small", FORMATTING },
	{ "source", VOID },
	{ "strike", FORMATTING },
	{ "strong", FORMATTING },
	{ "style", RAW },
	{ "summary", BLOCK },
	{ "svg", FOREIGN },
	{ "table", SPECIAL | BARRIER | CLOSES_P },
	{ "tbody", SPECIAL | TABLE_PART },
	{ "td", SPECIAL | BARRIER | TABLE_PART },
	{ "template", SPECIAL | BARRIER },
	{ "textarea", RAW },
	{ "tfoot", SPECIAL | TABLE_PART },
	{ "th", SPECIAL | BARRIER | TABLE_PART },
	{ "thead", SPECIAL | TABLE_PART },
	{ "title", RAW },
	{ "tr", SPECIAL | TABLE_PART },
	{ "track", VOID },
	{ "tt", FORMATTING },
	{ "u", FORMATTING },
	{ "ul", BLOCK },
	{ "wbr", VOID },
	{ "xmp", RAW },
};

struct open {
	uint32_t hash; /* of the name; equal names, equal hashes */
	int flags;
};

struct guard {
	const char *p;
	const char *end;
	struct open stack[LIMIT_HTML_DEPTH];
	size_t depth;
};

struct tag {
	char name[NAME_MAX_BYTES + 1]; /* lower case; cut when longer */
	struct open is;
	int self_closing;
};

static int
compare_name(const void *name, const void *element)
{
	return strcmp(name, ((const struct element *)element)->name);
}

static uint32_t
hash_name(const char *s, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)text_lower((unsigned char)s[i])) * 16777619u;
	return h;
}

static uint32_t
hash_word(const char *s)
{
	return hash_name(s, strlen(s));
}

static int
is_tag(const struct tag *t, const char *name)
{
	return strcmp(t->name, name) == 0;
}

static int
is_name_end(char c)
{
	return text_is_space((unsigned char)c) || c == '/' || c == '>';
}

static int
is_letter(const char *p, const char *end)
{
	int c = p < end ? text_lower((unsigned char)*p) : 0;

	return c >= 'a' && c <= 'z';
}

/* G stands on the first letter of a tag's name. */
static void
read_name(struct guard *g, struct tag *t)
{
	const char *start = g->p;
	size_t len = 0;

	while (g->p < g->end && !is_name_end(*g->p))
		g->p++;
	for (; len < NAME_MAX_BYTES && start + len < g->p; len++)
		t->name[len] = (char)text_lower((unsigned char)start[len]);
	t->name[len] = '\0';
	t->is.hash = hash_name(start, (size_t)(g->p - start));
	const struct element *known = bsearch(t->name, elements,
	    sizeof(elements) / sizeof(elements[0]), sizeof(elements[0]),
	    compare_name);
	t->is.flags = known == NULL ? 0 : known->flags;
}

static void
skip_value(struct guard *g)
{
	while (g->p < g->end && text_is_space((unsigned char)*g->p))
		g->p++;
	if (g->p == g->end || *g->p != '=')
		return;
	g->p++;
	while (g->p < g->end && text_is_space((unsigned char)*g->p))
		g->p++;
	if (g->p == g->end)
		return;
	if (*g->p == '"' || *g->p == '\'') {
		const char *stop = memchr(
		    g->p + 1, *g->p, (size_t)(g->end - g->p - 1));

		g->p = stop == NULL ? g->end : stop + 1;
		return;
	}
	while (g->p < g->end && !text_is_space((unsigned char)*g->p) &&
	       *g->p != '>')
		g->p++;
}

/* Past the ">" of a tag; -1 when it has too many attributes. */
static int
skip_attributes(struct guard *g, struct tag *t)
{
	size_t count = 0;

	t->self_closing = 0;
	while (g->p < g->end && *g->p != '>') {
		if (is_name_end(*g->p)) {
			t->self_closing = *g->p == '/';
			g->p++;
			continue;
		}
		if (++count > LIMIT_HTML_ATTRIBUTES)
			return -1;
		t->self_closing = 0;
		g->p++; /* the first may be "=" */
		while (g->p < g->end && !is_name_end(*g->p) && *g->p != '=')
			g->p++;
		skip_value(g);
	}
	if (g->p < g->end)
		g->p++;
	return 0;
}

static const struct open *
top(const struct guard *g)
{
	return g->depth == 0 ? NULL : &g->stack[g->depth - 1];
}

static int
in_foreign(const struct guard *g)
{
	return g->depth > 0 && (top(g)->flags & FOREIGN) != 0;
}

/* The highest open element of that name that lies above everything with one
 * of the flags STOP; SIZE_MAX when there is none. */
static size_t
find(const struct guard *g, uint32_t hash, int stop)
{
	for (size_t i = g->depth; i-- > 0;) {
		if (g->stack[i].hash == hash)
			return i;
		if (g->stack[i].flags & stop)
			break;
	}
	return SIZE_MAX;
}

static void
close_to(struct guard *g, size_t at)
{
	if (at != SIZE_MAX)
		g->depth = at;
}

/* A formatting element ends; blocks opened in it stay open. */
static void
close_formatting(struct guard *g, size_t at)
{
	size_t above = at;

	if (at == SIZE_MAX)
		return;
	while (above < g->depth && !(g->stack[above].flags & SPECIAL))
		above++;
	if (above == g->depth) {
		g->depth = at;
		return;
	}
	memmove(g->stack + at, g->stack + above,
	    (g->depth - above) * sizeof(g->stack[0]));
	g->depth -= above - at;
}

/* An item ends the one before it, but not one of an outer list. */
static void
close_item(struct guard *g, const char *one, const char *other)
{
	for (size_t i = g->depth; i-- > 0;) {
		uint32_t h = g->stack[i].hash;

		if (h == hash_word(one) || h == hash_word(other)) {
			g->depth = i;
			return;
		}
		if ((g->stack[i].flags & SPECIAL) && h != hash_word("div") &&
		    h != hash_word("p") && h != hash_word("address"))
			return;
	}
}

/* Cells, rows and groups end whatever is open below their place in the
 * table. 0: there is no table, the tag counts for nothing. */
static int
close_table_parts(struct guard *g, const struct tag *t)
{
	int is_cell = is_tag(t, "td") || is_tag(t, "th");
	int is_row = is_tag(t, "tr");

	for (size_t i = g->depth; i-- > 0;) {
		uint32_t h = g->stack[i].hash;
		int is_group = h == hash_word("tbody") ||
			       h == hash_word("thead") ||
			       h == hash_word("tfoot");

		if (h == hash_word("table") || h == hash_word("template") ||
		    (is_cell && h == hash_word("tr")) ||
		    ((is_cell || is_row) && is_group)) {
			g->depth = i + 1;
			return 1;
		}
	}
	return 0;
}

static int
is_heading(const char *name)
{
	return name[0] == 'h' && name[1] >= '1' && name[1] <= '6' &&
	       name[2] == '\0';
}

static int
is_open_heading(const struct open *o)
{
	static const char *const names[] = { "h1", "h2", "h3", "h4", "h5",
		"h6" };

	for (size_t i = 0; o != NULL && i < 6; i++)
		if (o->hash == hash_word(names[i]))
			return 1;
	return 0;
}

/* What a start tag ends before it opens. 0: it does not open at all. */
static int
close_implied(struct guard *g, const struct tag *t)
{
	if (t->is.flags & TABLE_PART)
		return close_table_parts(g, t);
	if (is_tag(t, "form") && find(g, t->is.hash, 0) != SIZE_MAX)
		return 0;
	if (is_tag(t, "li"))
		close_item(g, "li", "li");
	if (is_tag(t, "dd") || is_tag(t, "dt"))
		close_item(g, "dd", "dt");
	if (t->is.flags & CLOSES_P)
		close_to(g, find(g, hash_word("p"), BARRIER));
	if (is_heading(t->name) && is_open_heading(top(g)))
		g->depth--;
	if (is_tag(t, "button") || is_tag(t, "select"))
		close_to(g, find(g, t->is.hash, BARRIER));
	if (is_tag(t, "a") || is_tag(t, "nobr"))
		close_formatting(g, find(g, t->is.hash, BARRIER));
	if ((is_tag(t, "option") || is_tag(t, "optgroup")) && g->depth > 0 &&
	    top(g)->hash == hash_word("option"))
		g->depth--;
	if (is_tag(t, "optgroup") && g->depth > 0 && top(g)->hash == t->is.hash)
		g->depth--;
	return 1;
}

/* The content of a raw text element, up to its end tag. */
static void
skip_raw(struct guard *g, const struct tag *t)
{
	size_t len = strlen(t->name);

	if (is_tag(t, "plaintext")) {
		g->p = g->end;
		return;
	}
	while (g->p < g->end) {
		g->p = memchr(g->p, '<', (size_t)(g->end - g->p));
		if (g->p == NULL) {
			g->p = g->end;
			return;
		}
		if ((size_t)(g->end - g->p) > len + 2 && g->p[1] == '/' &&
		    is_name_end(g->p[len + 2]) &&
		    text_equal_nocase(g->p + 2, len, t->name))
			return;
		g->p++;
	}
}

/* -1: one more is too deep. */
static int
start_tag(struct guard *g, struct tag *t)
{
	if (in_foreign(g) && (t->is.flags & (CLOSES_P | FORMATTING | VOID)) &&
	    !is_tag(t, "a"))
		while (in_foreign(g))
			g->depth--;
	if (in_foreign(g)) {
		if (t->self_closing)
			return 0;
		t->is.flags = t->is.flags & BREAKS_IN
				  ? SPECIAL | BARRIER | BREAKS_IN
				  : FOREIGN;
	} else {
		if (t->is.flags & VOID)
			return 0;
		if (t->is.flags & RAW) {
			skip_raw(g, t);
			return 0;
		}
		if ((t->is.flags & FOREIGN) && t->self_closing)
			return 0;
		if (!close_implied(g, t))
			return 0;
	}
	if (g->depth == LIMIT_HTML_DEPTH)
		return -1;
	g->stack[g->depth++] = t->is;
	return 0;
}

static void
end_tag(struct guard *g, const struct tag *t)
{
	static const int scope = BARRIER | FOREIGN;
	size_t at = SIZE_MAX;

	if (in_foreign(g)) {
		at = g->depth;
		while (at-- > 0 && (g->stack[at].flags & FOREIGN))
			if (g->stack[at].hash == t->is.hash) {
				g->depth = at;
				return;
			}
	}
	if (t->is.flags & (VOID | RAW))
		return;
	if (is_tag(t, "table") || is_tag(t, "template")) {
		close_to(g, find(g, t->is.hash, 0));
	} else if (t->is.flags & TABLE_PART) {
		at = find(g, t->is.hash, 0);
		/* Not across the table that it would be outside of. */
		if (at != SIZE_MAX) {
			size_t table = find(g, hash_word("table"), 0);

			if (table == SIZE_MAX || table < at)
				close_to(g, at);
		}
	} else if (t->is.flags & FORMATTING) {
		close_formatting(g, find(g, t->is.hash, scope));
	} else if (t->is.flags & SPECIAL) {
		/* An end tag's own barrier (object, marquee) is found first. */
		close_to(g, find(g, t->is.hash, scope));
	} else {
		close_to(g, find(g, t->is.hash, SPECIAL | scope));
	}
}

static void
skip_past(struct guard *g, const char *what)
{
	const char *found = memmem(
	    g->p, (size_t)(g->end - g->p), what, strlen(what));

	g->p = found == NULL ? g->end : found + strlen(what);
}

static int
starts(const struct guard *g, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(g->end - g->p) >= len && memcmp(g->p, word, len) == 0;
}

int
html_guard(const char *s, size_t len, struct error *e)
{
	struct guard g = { .p = s, .end = s + len };
	struct tag t;

	while (g.p < g.end) {
		g.p = memchr(g.p, '<', (size_t)(g.end - g.p));
		if (g.p == NULL)
			break;
		int is_end = starts(&g, "</");

		if (is_letter(g.p + 1 + is_end, g.end)) {
			g.p += 1 + is_end;
			read_name(&g, &t);
			if (skip_attributes(&g, &t) < 0)
				return error_set(e, ERROR_LIMIT,
				    "page: a tag has more than %d attributes",
				    LIMIT_HTML_ATTRIBUTES);
			if (is_end)
				end_tag(&g, &t);
			else if (start_tag(&g, &t) < 0)
				return error_set(e, ERROR_LIMIT,
				    "page: nested deeper than %d elements",
				    LIMIT_HTML_DEPTH);
		} else if (starts(&g, "<!--")) {
			g.p += 2; /* "<!-->" is a whole comment */
			skip_past(&g, "-->");
		} else if (starts(&g, "<![CDATA[") && in_foreign(&g)) {
			skip_past(&g, "]]>");
		} else if (is_end || starts(&g, "<!") || starts(&g, "<?")) {
			skip_past(&g, ">");
		} else {
			g.p++;
		}
	}
	return 0;
}
