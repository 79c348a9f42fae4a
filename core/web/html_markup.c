/* Comments and doctypes of the HTML tokenizer. */
#include <string.h>

#include "core/base/buf.h"
#include "core/web/html_lexeme.h"

#define REPLACEMENT "\xEF\xBF\xBD"

int
html_starts(const uint8_t *p, size_t len, const char *word)
{
	size_t i = 0;

	for (; word[i] != '\0'; i++) {
		uint8_t c;

		if (i == len)
			return -1;
		c = p[i] >= 'A' && p[i] <= 'Z' ? p[i] | 0x20 : p[i];
		if (c != (uint8_t)word[i])
			return 0;
	}
	return 1;
}

/* How many bytes before the ">" at P[END] close the comment whose contents
 * begin at P[4]; -1: they do not close it (13.2.5.43 to 13.2.5.52). */
static int
closing(const uint8_t *p, size_t end)
{
	size_t n = end - 4;

	if (n == 0)
		return 0;
	if (n == 1)
		return p[4] == '-' ? 1 : -1;
	if (p[end - 1] == '-' && p[end - 2] == '-')
		return 2;
	if (n > 2 && memcmp(p + end - 3, "--!", 3) == 0)
		return 3;
	return -1;
}

static size_t
comment_scan(const uint8_t *p, size_t len, size_t *pos)
{
	size_t i = *pos < 4 ? 4 : *pos;

	while (i < len) {
		const uint8_t *end = memchr(p + i, '>', len - i);

		if (end == NULL)
			break;
		i = (size_t)(end - p);
		if (closing(p, i) >= 0)
			return i + 1;
		i++;
	}
	*pos = len;
	return 0;
}

static void
comment_span(const uint8_t *p, size_t len, int is_open, const uint8_t **text,
    size_t *text_len)
{
	size_t n;

	*text = p + 4;
	if (!is_open) {
		*text_len = len - 5 - (size_t)closing(p, len - 1);
		return;
	}
	/* What may have been the beginning of the end is not of it. */
	n = len - 4;
	if (n > 2 && memcmp(p + len - 3, "--!", 3) == 0)
		n -= 3;
	else if (n > 1 && p[len - 1] == '-' && p[len - 2] == '-')
		n -= 2;
	else if (n > 0 && p[len - 1] == '-')
		n -= 1;
	*text_len = n;
}

/* Bytes of doctypes are few: every one is looked at. */
static void
add_clean(struct buf *out, const uint8_t *p, size_t len, int lower)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] == '\0')
			buf_add(out, REPLACEMENT, 3);
		else if (p[i] != '\r')
			buf_add_byte(out, lower && p[i] >= 'A' && p[i] <= 'Z'
					      ? p[i] | 0x20
					      : p[i]);
		else if (i + 1 == len || p[i + 1] != '\n')
			buf_add_byte(out, '\n');
	}
}

static void
clean(const uint8_t *p, size_t len, struct buf *scratch, struct html_token *out)
{
	out->text = (const char *)p;
	out->len = len;
	if (len == 0 ||
	    (memchr(p, '\r', len) == NULL && memchr(p, '\0', len) == NULL))
		return;
	buf_reset(scratch);
	add_clean(scratch, p, len, 0);
	out->text = buf_text(scratch);
	out->len = scratch->len;
}

/* A doctype being read: no ">" is in it, so that the end is the only one. */
struct doctype {
	const uint8_t *p;
	size_t i;
	size_t len;
	int is_open;
	int quirks;
	struct buf *out;
};

static int
at_end(const struct doctype *d)
{
	return d->i == d->len;
}

static void
skip_space(struct doctype *d)
{
	while (d->i < d->len && html_is_space(d->p[d->i]))
		d->i++;
}

/* A quoted identifier if one begins here: 1, and where it is in OUT. */
static int
identifier(struct doctype *d, size_t *start, size_t *len)
{
	uint8_t quote = at_end(d) ? 0 : d->p[d->i];
	size_t first = d->i + 1;

	if (quote != '"' && quote != '\'')
		return 0;
	d->i = first;
	while (d->i < d->len && d->p[d->i] != quote)
		d->i++;
	*start = d->out->len;
	add_clean(d->out, d->p + first, d->i - first, 0);
	*len = d->out->len - *start;
	if (at_end(d))
		d->quirks = 1;
	else
		d->i++;
	return 1;
}

enum { ID_PUBLIC, ID_SYSTEM, ID_COUNT };

struct place {
	int is_there;
	size_t start;
	size_t len;
};

/* Behind the name (13.2.5.56 on). */
static void
identifiers(struct doctype *d, struct place ids[ID_COUNT])
{
	int is_public;

	skip_space(d);
	if (at_end(d)) {
		d->quirks |= d->is_open;
		return;
	}
	is_public = html_starts(d->p + d->i, d->len - d->i, "public") == 1;
	if (!is_public &&
	    html_starts(d->p + d->i, d->len - d->i, "system") != 1) {
		d->quirks = 1;
		return;
	}
	d->i += 6;
	skip_space(d);
	if (is_public) {
		struct place *id = &ids[ID_PUBLIC];

		id->is_there = identifier(d, &id->start, &id->len);
		if (!id->is_there || d->quirks) {
			d->quirks = 1;
			return;
		}
		skip_space(d);
		if (at_end(d)) {
			d->quirks |= d->is_open;
			return;
		}
	}
	ids[ID_SYSTEM].is_there = identifier(
	    d, &ids[ID_SYSTEM].start, &ids[ID_SYSTEM].len);
	if (!ids[ID_SYSTEM].is_there)
		d->quirks = 1;
	skip_space(d);
	/* What follows is ignored, but an end of input right here is not. */
	if (at_end(d))
		d->quirks |= d->is_open;
}

static void
doctype_token(const uint8_t *p, size_t len, int is_open, struct buf *scratch,
    struct html_token *out)
{
	struct doctype d = { .p = p, .i = 9, .is_open = is_open };
	struct place ids[ID_COUNT] = { { 0, 0, 0 }, { 0, 0, 0 } };
	size_t name_start;
	size_t name_len;

	d.len = is_open ? len : len - 1;
	d.out = scratch;
	buf_reset(scratch);
	(void)buf_room(scratch, 3 * len);
	skip_space(&d);
	name_start = d.i;
	while (d.i < d.len && !html_is_space(p[d.i]))
		d.i++;
	add_clean(scratch, p + name_start, d.i - name_start, 1);
	name_len = scratch->len;
	if (name_len == 0)
		d.quirks = 1;
	else
		identifiers(&d, ids);
	out->kind = HTML_TOKEN_DOCTYPE;
	out->text = (const char *)scratch->data;
	out->len = name_len;
	out->force_quirks = d.quirks;
	out->public_id = NULL;
	out->public_id_len = ids[ID_PUBLIC].len;
	out->system_id = NULL;
	out->system_id_len = ids[ID_SYSTEM].len;
	if (ids[ID_PUBLIC].is_there)
		out->public_id = (const char *)scratch->data +
				 ids[ID_PUBLIC].start;
	if (ids[ID_SYSTEM].is_there)
		out->system_id = (const char *)scratch->data +
				 ids[ID_SYSTEM].start;
}

static void
emit_comment(struct html_tokenizer *t, struct html_window *w,
    const uint8_t *text, size_t text_len, size_t len)
{
	clean(text, text_len, &t->scratch, &t->token);
	t->token.kind = HTML_TOKEN_COMMENT;
	t->lexeme = HTML_LEXEME_NONE;
	html_emit(t, w, len);
}

int
html_step_comment(struct html_tokenizer *t, struct html_window *w)
{
	size_t len = comment_scan(w->at, html_left(w), &t->looked);
	int is_open = len == 0;
	const uint8_t *text;
	size_t text_len;

	if (is_open && !t->is_end)
		return 0;
	if (is_open)
		len = html_left(w);
	comment_span(w->at, len, is_open, &text, &text_len);
	emit_comment(t, w, text, text_len, len);
	return 1;
}

/* Up to the first ">": bogus comments and doctypes. */
int
html_step_to_greater(struct html_tokenizer *t, struct html_window *w)
{
	const uint8_t *end = memchr(
	    w->at + t->looked, '>', html_left(w) - t->looked);
	size_t len = end == NULL ? html_left(w) : (size_t)(end - w->at) + 1;

	t->looked = len;
	if (end == NULL && !t->is_end)
		return 0;
	if (t->lexeme == HTML_LEXEME_BOGUS) {
		emit_comment(t, w, w->at + t->bogus,
		    len - t->bogus - (end != NULL), len);
		return 1;
	}
	doctype_token(w->at, len, end == NULL, &t->scratch, &t->token);
	t->lexeme = HTML_LEXEME_NONE;
	html_emit(t, w, len);
	t->token.force_quirks = 0;
	t->token.public_id = NULL;
	t->token.system_id = NULL;
	return 1;
}

static int
begin_bogus(struct html_tokenizer *t, size_t before)
{
	t->bogus = before;
	return html_begin(t, HTML_LEXEME_BOGUS, before);
}

/* "<!" (13.2.5.42). */
static int
declaration(struct html_tokenizer *t, struct html_window *w)
{
	const uint8_t *p = w->at + 2;
	size_t len = html_left(w) - 2;
	int comment = html_starts(p, len, "--");
	int doctype = html_starts(p, len, "doctype");
	int cdata = 0;

	/* Unlike the others this word has its case; the brackets have none. */
	if ((t->options & HTML_TOKENIZER_CDATA) != 0)
		cdata = len >= 7 ? memcmp(p, "[CDATA[", 7) == 0
				 : -(memcmp(p, "[CDATA[", len) == 0);
	if (comment == 1)
		return html_begin(t, HTML_LEXEME_COMMENT, 4);
	if (doctype == 1)
		return html_begin(t, HTML_LEXEME_DOCTYPE, 9);
	if (cdata == 1) {
		w->at += 9;
		t->mode = HTML_MODE_CDATA;
		return 1;
	}
	if ((comment < 0 || doctype < 0 || cdata < 0) && !t->is_end)
		return 0;
	return begin_bogus(t, 2);
}

/* "<" in markup (13.2.5.6). */
int
html_markup(struct html_tokenizer *t, struct html_window *w)
{
	const uint8_t *p = w->at;
	size_t len = html_left(w);

	if (len > 1 && html_is_alpha(p[1]))
		return html_begin_tag(t, 0);
	if (len < 2 || (p[1] == '/' && len < 3)) {
		if (!t->is_end)
			return 0;
		html_emit_span(t, w, w->end);
		return 1;
	}
	if (p[1] == '!')
		return declaration(t, w);
	if (p[1] == '?')
		return begin_bogus(t, 1);
	if (p[1] != '/') {
		html_emit_span(t, w, p + 1);
		return 1;
	}
	if (html_is_alpha(p[2]))
		return html_begin_tag(t, 1);
	if (p[2] != '>')
		return begin_bogus(t, 2);
	w->at += 3; /* "</>" is nothing at all */
	return 1;
}
