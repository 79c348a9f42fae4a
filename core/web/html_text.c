/* Text of the HTML tokenizer: in markup, raw, in scripts, in CDATA. */
#include <string.h>

#include "core/web/html_lexeme.h"
#include "core/web/html_reference.h"

/* What a look at a "<" says. */
enum verdict { VERDICT_MORE, VERDICT_TEXT, VERDICT_TAG, VERDICT_ESCAPE };

/* At a CR: it becomes an LF, alone or with the LF that follows. */
static void
newline(struct html_tokenizer *t, struct html_window *w)
{
	if (html_left(w) > 1 && w->at[1] == '\n') {
		w->at++; /* that LF is the first byte of more text */
		return;
	}
	t->skip_lf = html_left(w) == 1;
	html_emit_text(t, w, "\n", 1, 1);
}

/* Digits need no keeping: the number is all there is to know of them. */
int
html_step_number(struct html_tokenizer *t, struct html_window *w)
{
	char out[HTML_REFERENCE_BYTES];
	size_t len;

	while (w->at < w->end && html_reference_is_digit(*w->at, t->is_hex))
		t->number = html_reference_digit(
		    t->number, *w->at++, t->is_hex);
	if (w->at == w->end && !t->is_end)
		return 1;
	if (w->at < w->end && *w->at == ';')
		w->at++;
	len = html_reference_number(t->number, out);
	t->lexeme = HTML_LEXEME_NONE;
	t->token.kind = HTML_TOKEN_TEXT;
	t->token.mode = t->mode;
	t->token.text = out;
	t->token.len = len;
	t->token.start = t->number_start;
	t->token.end = html_raw_offset(t, w->at);
	t->each(t->context, &t->token);
	return 1;
}

/* "&" in text: 1 it was handed out, decoded or not. */
static int
reference(struct html_tokenizer *t, struct html_window *w)
{
	const uint8_t *p = w->at + 1;
	size_t len = html_left(w) - 1;
	int is_numeric = len > 0 && *p == '#';
	int is_hex = is_numeric && len > 1 && (p[1] | 0x20) == 'x';
	size_t digits = is_hex ? 2 : 1;
	char out[HTML_REFERENCE_BYTES];
	size_t out_len;
	size_t run = 0;
	size_t used;

	while (
	    run < len && run < HTML_REFERENCE_RUN_MAX && html_is_alnum(p[run]))
		run++;
	if (!t->is_end && (run == len || (is_numeric && len <= digits)) &&
	    run < HTML_REFERENCE_RUN_MAX)
		return 0;
	if (is_numeric && len > digits &&
	    html_reference_is_digit(p[digits], is_hex)) {
		t->number = 0;
		t->is_hex = is_hex;
		t->number_start = html_raw_offset(t, w->at);
		w->at += 1 + digits;
		return html_begin(t, HTML_LEXEME_NUMBER, 0);
	}
	used = html_reference_named(p, len, 0, out, &out_len);
	if (used > 0)
		html_emit_text(t, w, out, out_len, used + 1);
	else
		html_emit_span(t, w, p);
	return 1;
}

int
html_step_data(struct html_tokenizer *t, struct html_window *w)
{
	const uint8_t *stop = html_next(w, &w->lt, w->at, '<');
	const uint8_t *amp = html_next(w, &w->amp, w->at, '&');
	const uint8_t *cr = html_next(w, &w->cr, w->at, '\r');

	if (amp < stop)
		stop = amp;
	if (cr < stop)
		stop = cr;
	html_emit_span(t, w, stop);
	if (stop == w->end)
		return 1;
	if (*stop == '<')
		return html_markup(t, w);
	if (*stop == '&')
		return reference(t, w);
	newline(t, w);
	return 1;
}

/* "<" in raw text begins the end tag that closes it, or not. */
static enum verdict
end_tag_at(const struct html_tokenizer *t, const uint8_t *p, size_t len)
{
	size_t n = t->end_tag_len;
	uint8_t c;

	if (len > 1 && p[1] != '/')
		return VERDICT_TEXT;
	for (size_t i = 0; i < n && i + 2 < len; i++)
		if ((p[i + 2] >= 'A' && p[i + 2] <= 'Z'
			    ? p[i + 2] | 0x20
			    : p[i + 2]) != (uint8_t)t->end_tag[i])
			return VERDICT_TEXT;
	if (n == 0)
		return VERDICT_TEXT;
	if (len < n + 3)
		return t->is_end ? VERDICT_TEXT : VERDICT_MORE;
	c = p[n + 2];
	return html_is_space(c) || c == '/' || c == '>' ? VERDICT_TAG
							: VERDICT_TEXT;
}

/* "<" in a script that is not escaped: also "<!--". */
static enum verdict
script_at(const struct html_tokenizer *t, const uint8_t *p, size_t len)
{
	int found;

	if (len < 2 || p[1] != '!')
		return end_tag_at(t, p, len);
	found = html_starts(p, len, "<!--");
	if (found == 0 || (found < 0 && t->is_end))
		return VERDICT_TEXT;
	return found > 0 ? VERDICT_ESCAPE : VERDICT_MORE;
}

/* "<" in an escaped script: "<script", or "</script" when it is so twice,
 * with what ends a name behind it. */
static enum verdict
escaped_at(const struct html_tokenizer *t, const uint8_t *p, size_t len)
{
	const char *word = t->escape == HTML_ESCAPE_ONCE ? "<script"
							 : "</script";
	size_t n = strlen(word);
	int found = html_starts(p, len, word);

	if (t->escape == HTML_ESCAPE_ONCE && len > 1 && p[1] == '/')
		return end_tag_at(t, p, len);
	if (found == 0)
		return VERDICT_TEXT;
	if (found < 0 || len == n)
		return t->is_end ? VERDICT_TEXT : VERDICT_MORE;
	return html_is_space(p[n]) || p[n] == '/' || p[n] == '>'
		   ? VERDICT_ESCAPE
		   : VERDICT_TEXT;
}

/* At STOP, which is no "<": what raw text has beside it. */
static int
raw_special(struct html_tokenizer *t, struct html_window *w)
{
	if (html_left(w) == 0)
		return 1;
	if (*w->at == '&')
		return reference(t, w);
	if (*w->at == '\r')
		newline(t, w);
	else
		html_emit_text(t, w, "\xEF\xBF\xBD", 3, 1);
	return 1;
}

int
html_step_escaped(struct html_tokenizer *t, struct html_window *w)
{
	for (const uint8_t *q = w->at; q < w->end; q++) {
		enum verdict verdict = VERDICT_TEXT;

		if (*q == '-') {
			t->dashes += t->dashes < 2;
			continue;
		}
		if (*q == '>' && t->dashes == 2) {
			t->escape = HTML_ESCAPE_NONE;
			html_emit_span(t, w, q + 1);
			return 1;
		}
		t->dashes = 0;
		if (*q == '\r' || *q == '\0') {
			html_emit_span(t, w, q);
			return raw_special(t, w);
		}
		if (*q == '<')
			verdict = escaped_at(t, q, (size_t)(w->end - q));
		if (verdict == VERDICT_TEXT)
			continue;
		html_emit_span(t, w, q);
		if (verdict == VERDICT_MORE)
			return 0;
		if (verdict == VERDICT_TAG)
			return html_begin_tag(t, 1);
		html_emit_span(
		    t, w, q + (t->escape == HTML_ESCAPE_ONCE ? 7 : 8));
		t->escape = t->escape == HTML_ESCAPE_ONCE ? HTML_ESCAPE_TWICE
							  : HTML_ESCAPE_ONCE;
		return 1;
	}
	html_emit_span(t, w, w->end);
	return 1;
}

/* RCDATA, RAWTEXT, scripts, PLAINTEXT. */
int
html_step_raw(struct html_tokenizer *t, struct html_window *w)
{
	const uint8_t *stop = html_next(w, &w->cr, w->at, '\r');
	const uint8_t *nul = html_next(w, &w->nul, w->at, '\0');
	const uint8_t *lt = w->at;
	enum verdict verdict = VERDICT_TEXT;

	if (nul < stop)
		stop = nul;
	if (t->mode == HTML_MODE_RCDATA &&
	    html_next(w, &w->amp, w->at, '&') < stop)
		stop = w->amp;
	/* A "<" that is only text does not end the token. */
	while (t->mode != HTML_MODE_PLAINTEXT) {
		lt = html_next(w, &w->lt, lt, '<');
		if (lt >= stop)
			break;
		verdict = t->mode == HTML_MODE_SCRIPT
			      ? script_at(t, lt, (size_t)(w->end - lt))
			      : end_tag_at(t, lt, (size_t)(w->end - lt));
		if (verdict != VERDICT_TEXT)
			break;
		lt++;
	}
	html_emit_span(t, w, verdict == VERDICT_TEXT ? stop : lt);
	switch (verdict) {
	case VERDICT_MORE:
		return 0;
	case VERDICT_TEXT:
		return raw_special(t, w);
	case VERDICT_TAG:
		return html_begin_tag(t, 1);
	case VERDICT_ESCAPE:
		html_emit_span(t, w, w->at + 4);
		t->escape = HTML_ESCAPE_ONCE;
		t->dashes = 2; /* "<!-->" is over at once */
		return 1;
	}
	return 1;
}

int
html_step_cdata(struct html_tokenizer *t, struct html_window *w)
{
	const uint8_t *cr = html_next(w, &w->cr, w->at, '\r');
	const uint8_t *end = memchr(w->at, ']', (size_t)(cr - w->at));
	size_t len;

	html_emit_span(t, w, end == NULL ? cr : end);
	len = html_left(w);
	if (end == NULL) {
		if (len > 0)
			newline(t, w);
		return 1;
	}
	if (len < 3 && (len == 1 || w->at[1] == ']') && !t->is_end)
		return 0;
	if (len < 3 || memcmp(w->at, "]]>", 3) != 0) {
		html_emit_span(t, w, w->at + 1);
		return 1;
	}
	w->at += 3;
	t->mode = HTML_MODE_DATA;
	return 1;
}
