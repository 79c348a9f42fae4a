#ifndef WEB_HTML_TOKEN_H
#define WEB_HTML_TOKEN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * HTML cut into tags, text, comments and doctypes by the tokenization rules
 * of the HTML standard (13.2.5), from bytes in any cut, in linear time, with
 * no tree. Input is UTF-8 (or ASCII-compatible) text; invalid bytes pass
 * through. Line ends are normalized: no token holds a CR that was not written
 * as a character reference.
 *
 * Since no tree builder drives it, the tokenizer itself takes the contents of
 * script, style, xmp, iframe, noembed, noframes, title, textarea and
 * plaintext for raw text.
 */

enum html_token_kind {
	HTML_TOKEN_START,
	HTML_TOKEN_END,
	HTML_TOKEN_TEXT,
	HTML_TOKEN_COMMENT,
	HTML_TOKEN_DOCTYPE
};

/* Where the contents of an element stand; html_tokenizer_set_mode. */
enum html_mode {
	HTML_MODE_DATA,
	HTML_MODE_RCDATA,  /* title, textarea */
	HTML_MODE_RAWTEXT, /* style, iframe ... */
	HTML_MODE_SCRIPT,
	HTML_MODE_PLAINTEXT,
	HTML_MODE_CDATA /* <![CDATA[ ... ]]> */
};

struct html_attribute {
	const char *name; /* lower case */
	size_t name_len;
	const char *value; /* references decoded; "" when there is none */
	size_t value_len;
	uint64_t start;       /* raw offset of the name */
	uint64_t value_start; /* raw, between the quotes; both 0: no value */
	uint64_t value_end;
	char quote;    /* '"', '\'', 0 for none */
	char odd_name; /* the tokenizer's own: the name was rewritten */
};

/*
 * Texts may hold NUL and do not end in one; they and the attributes point
 * into the fed bytes or into memory of the tokenizer and are valid for the
 * call. Raw offsets count the bytes fed since html_tokenizer_new or _reset.
 */
struct html_token {
	enum html_token_kind kind;
	enum html_mode mode; /* of a text */
	const char *text;    /* name (tags: lower case; doctype) or contents */
	size_t len;
	const struct html_attribute *attributes; /* tags: each name once */
	size_t attribute_count;
	int self_closing;
	int force_quirks;      /* doctype */
	const char *public_id; /* doctype; NULL: missing */
	size_t public_id_len;
	const char *system_id;
	size_t system_id_len;
	uint64_t start; /* raw offset of the first byte ("<" of a tag) */
	uint64_t end;   /* raw offset behind the last (">") */
};

enum html_tokenizer_option {
	HTML_TOKENIZER_SCRIPTING = 1 << 0, /* noscript holds raw text */
	HTML_TOKENIZER_CDATA = 1 << 1,     /* CDATA sections, not comments */
	HTML_TOKENIZER_NO_MODES = 1 << 2   /* only set_mode changes the mode */
};

struct html_tokenizer;

typedef void html_token_each(void *context, const struct html_token *token);

struct html_tokenizer *html_tokenizer_new(unsigned options);
void html_tokenizer_free(struct html_tokenizer *t);

/* Ready for another document; memory is kept. */
void html_tokenizer_reset(struct html_tokenizer *t);

/*
 * EACH gets every token that these bytes complete, in order. Text comes in as
 * many tokens as suits; everything else is one token. Of a tag with more than
 * LIMIT_HTML_ATTRIBUTES the rest are dropped.
 */
void html_token_feed(struct html_tokenizer *t, const uint8_t *p, size_t len,
    html_token_each *each, void *context);

/* The input ended: hands out what was waiting. Only reset may follow. */
void html_token_finish(
    struct html_tokenizer *t, html_token_each *each, void *context);

/* A whole document at once. */
void html_tokens(const uint8_t *p, size_t len, unsigned options,
    html_token_each *each, void *context);

/*
 * Read on in MODE, whose end tag is END_TAG (lower case, "" for none). For
 * fragments, before the first byte or from within EACH at a start tag.
 */
void html_tokenizer_set_mode(
    struct html_tokenizer *t, enum html_mode mode, const char *end_tag);

/* The attribute of that name (lower case); NULL when absent. */
const struct html_attribute *
html_token_attribute(const struct html_token *token, const char *name);

/* Tag TOKEN (start or end) is called NAME. 1 / 0. */
static inline int
html_token_is(const struct html_token *token, const char *name)
{
	size_t len = strlen(name);

	return token->len == len && memcmp(token->text, name, len) == 0;
}

#endif
