/* The HTML tokenizer: modes, text, and bytes that come in any cut. */
#include "core/web/html_token.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/web/html_lexeme.h"

static void
set_end_tag(struct html_tokenizer *t, const char *name, size_t len)
{
	t->end_tag_len = len < HTML_END_TAG_MAX ? len : 0;
	memcpy(t->end_tag, name, t->end_tag_len);
}

static int
name_is(const struct html_token *token, const char *name)
{
	return memcmp(token->text, name, token->len) == 0;
}

/* The mode of what stands in this element. */
static enum html_mode
mode_of(const struct html_tokenizer *t, const struct html_token *token)
{
	switch (token->len) {
	case 3:
		return name_is(token, "xmp") ? HTML_MODE_RAWTEXT
					     : HTML_MODE_DATA;
	case 5:
		if (name_is(token, "style"))
			return HTML_MODE_RAWTEXT;
		return name_is(token, "title") ? HTML_MODE_RCDATA
					       : HTML_MODE_DATA;
	case 6:
		if (name_is(token, "script"))
			return HTML_MODE_SCRIPT;
		return name_is(token, "iframe") ? HTML_MODE_RAWTEXT
						: HTML_MODE_DATA;
	case 7:
		return name_is(token, "noembed") ? HTML_MODE_RAWTEXT
						 : HTML_MODE_DATA;
	case 8:
		if (name_is(token, "textarea"))
			return HTML_MODE_RCDATA;
		if (name_is(token, "noframes") ||
		    ((t->options & HTML_TOKENIZER_SCRIPTING) != 0 &&
			name_is(token, "noscript")))
			return HTML_MODE_RAWTEXT;
		return HTML_MODE_DATA;
	case 9:
		return name_is(token, "plaintext") ? HTML_MODE_PLAINTEXT
						   : HTML_MODE_DATA;
	default:
		return HTML_MODE_DATA;
	}
}

/* Set the mode before EACH sees the tag, so that it may set another. */
static void
follow_tag(struct html_tokenizer *t)
{
	const struct html_token *token = &t->token;
	int is_foreign = (token->len == 3 && name_is(token, "svg")) ||
			 (token->len == 4 && name_is(token, "math"));
	enum html_mode mode;

	t->mode = HTML_MODE_DATA;
	if ((t->options & HTML_TOKENIZER_NO_MODES) != 0)
		return;
	if (is_foreign && token->kind == HTML_TOKEN_START)
		t->foreign += !token->self_closing;
	else if (is_foreign && t->foreign > 0)
		t->foreign--;
	if (token->kind == HTML_TOKEN_END)
		return;
	mode = mode_of(t, token);
	/* In svg and math <script/> is closed; in HTML it is not. */
	if (mode == HTML_MODE_DATA || (t->foreign > 0 && token->self_closing))
		return;
	t->mode = mode;
	t->escape = HTML_ESCAPE_NONE;
	set_end_tag(t, token->text, token->len);
}

/* The lexeme needs bytes that are not there: 0 waits for them. At the end of
 * the input it ends as it is: what was begun is dropped when it is a tag. */
static int
wait_for_more(struct html_tokenizer *t, struct html_window *w)
{
	if (!t->is_end)
		return 0;
	t->lexeme = HTML_LEXEME_NONE;
	w->at = w->end;
	return 1;
}

static int
step_tag(struct html_tokenizer *t, struct html_window *w)
{
	size_t len = html_tag_scan(&t->tag, w->at, html_left(w));

	if (len == 0)
		return wait_for_more(t, w);
	html_tag_token(
	    &t->tag, w, len, html_raw_offset(t, w->at), &t->scratch, &t->token);
	t->lexeme = HTML_LEXEME_NONE;
	follow_tag(t);
	html_emit(t, w, len);
	t->token.attribute_count = 0;
	t->token.self_closing = 0;
	return 1;
}

/* One step on; 0: nothing goes on without more bytes. */
static int
step(struct html_tokenizer *t, struct html_window *w)
{
	switch (t->lexeme) {
	case HTML_LEXEME_NONE:
		break;
	case HTML_LEXEME_TAG:
		return step_tag(t, w);
	case HTML_LEXEME_COMMENT:
		return html_step_comment(t, w);
	case HTML_LEXEME_BOGUS:
	case HTML_LEXEME_DOCTYPE:
		return html_step_to_greater(t, w);
	case HTML_LEXEME_NUMBER:
		return html_step_number(t, w);
	}
	switch (t->mode) {
	case HTML_MODE_DATA:
		return html_step_data(t, w);
	case HTML_MODE_SCRIPT:
		if (t->escape != HTML_ESCAPE_NONE)
			return html_step_escaped(t, w);
		return html_step_raw(t, w);
	case HTML_MODE_RCDATA:
	case HTML_MODE_RAWTEXT:
	case HTML_MODE_PLAINTEXT:
		return html_step_raw(t, w);
	case HTML_MODE_CDATA:
		return html_step_cdata(t, w);
	}
	return 0;
}

/* As far as these bytes go. Returns how many were consumed. */
static size_t
run(struct html_tokenizer *t, const uint8_t *p, size_t len)
{
	struct html_window w = { .at = p, .end = p + len };

	t->base = p;
	if (t->skip_lf && len > 0) {
		t->skip_lf = 0;
		w.at += *p == '\n';
	}
	while (w.at < w.end && step(t, &w))
		;
	t->offset += (uint64_t)(w.at - p);
	return (size_t)(w.at - p);
}

/* Complete what waits in CARRY by the next of these bytes. Returns how many
 * of them are done with. */
static size_t
run_carry(struct html_tokenizer *t, const uint8_t *p, size_t len)
{
	size_t before = t->carry.len;
	size_t used;

	if (len > HTML_CARRY_STEP)
		len = HTML_CARRY_STEP;
	buf_add(&t->carry, p, len);
	used = run(t, t->carry.data, t->carry.len);
	if (used >= before) {
		buf_reset(&t->carry);
		return used - before;
	}
	if (used > 0)
		memmove(
		    t->carry.data, t->carry.data + used, t->carry.len - used);
	t->carry.len -= used;
	return len;
}

struct html_tokenizer *
html_tokenizer_new(unsigned options)
{
	struct html_tokenizer *t = mem_zero(1, sizeof(*t));

	t->options = options;
	return t;
}

void
html_tokenizer_free(struct html_tokenizer *t)
{
	if (t == NULL)
		return;
	html_tag_clear(&t->tag);
	buf_clear(&t->carry);
	buf_clear(&t->scratch);
	free(t);
}

void
html_tokenizer_reset(struct html_tokenizer *t)
{
	t->mode = HTML_MODE_DATA;
	t->escape = HTML_ESCAPE_NONE;
	t->skip_lf = 0;
	t->is_end = 0;
	t->foreign = 0;
	t->lexeme = HTML_LEXEME_NONE;
	t->offset = 0;
	buf_reset(&t->carry);
}

void
html_token_feed(struct html_tokenizer *t, const uint8_t *p, size_t len,
    html_token_each *each, void *context)
{
	size_t used = 0;

	t->each = each;
	t->context = context;
	while (used < len && t->carry.len > 0)
		used += run_carry(t, p + used, len - used);
	if (used == len)
		return;
	used += run(t, p + used, len - used);
	buf_add(&t->carry, p + used, len - used);
}

void
html_token_finish(
    struct html_tokenizer *t, html_token_each *each, void *context)
{
	t->each = each;
	t->context = context;
	t->is_end = 1;
	if (t->carry.len > 0)
		(void)run(t, t->carry.data, t->carry.len);
	if (t->lexeme == HTML_LEXEME_NUMBER) {
		struct html_window w = { 0 };

		t->base = NULL;
		(void)html_step_number(t, &w);
	}
	buf_reset(&t->carry);
}

void
html_tokens(const uint8_t *p, size_t len, unsigned options,
    html_token_each *each, void *context)
{
	struct html_tokenizer *t = html_tokenizer_new(options);

	html_token_feed(t, p, len, each, context);
	html_token_finish(t, each, context);
	html_tokenizer_free(t);
}

void
html_tokenizer_set_mode(
    struct html_tokenizer *t, enum html_mode mode, const char *end_tag)
{
	t->mode = mode;
	t->escape = HTML_ESCAPE_NONE;
	set_end_tag(t, end_tag, strlen(end_tag));
}

const struct html_attribute *
html_token_attribute(const struct html_token *token, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < token->attribute_count; i++) {
		const struct html_attribute *a = &token->attributes[i];

		if (a->name_len == len && memcmp(a->name, name, len) == 0)
			return a;
	}
	return NULL;
}
