#ifndef WEB_HTML_LEXEME_H
#define WEB_HTML_LEXEME_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/web/html_token.h"

/*
 * The parts the tokenizer (html_token.c) is put together from: bytes with a
 * memory of where special ones are, tags, comments, doctypes. Not for others.
 */

/*
 * Bytes under the tokenizer. LT ... NUL remember where the next such byte at
 * or after the place last asked for is (END: nowhere), so that looking for
 * each costs one memchr over all bytes however often it is asked.
 */
struct html_window {
	const uint8_t *at; /* what was consumed ends here */
	const uint8_t *end;
	const uint8_t *lt;
	const uint8_t *amp;
	const uint8_t *cr;
	const uint8_t *nul;
};

/* What the next '<', '&', CR or NUL means from FROM on: its place or END. */
static inline const uint8_t *
html_next(const struct html_window *w, const uint8_t **seen,
    const uint8_t *from, int c)
{
	if (*seen == NULL || *seen < from) {
		const void *hit = memchr(from, c, (size_t)(w->end - from));

		*seen = hit == NULL ? w->end : hit;
	}
	return *seen;
}

static inline int
html_is_alpha(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26;
}

static inline int
html_is_alnum(uint8_t c)
{
	return html_is_alpha(c) || (uint8_t)(c - '0') < 10;
}

static inline int
html_is_space(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

/* P starts with WORD (lower case), any case: 1; 0 no; -1 P is too short to
 * know. */
int html_starts(const uint8_t *p, size_t len, const char *word);

enum html_tag_state {
	HTML_TAG_NAME,
	HTML_TAG_BEFORE_NAME,
	HTML_TAG_ATTRIBUTE,
	HTML_TAG_AFTER_NAME,
	HTML_TAG_BEFORE_VALUE,
	HTML_TAG_VALUE_QUOTED,
	HTML_TAG_VALUE_BARE,
	HTML_TAG_AFTER_VALUE,
	HTML_TAG_SLASH,
	HTML_TAG_DONE
};

/* One tag being read. Offsets count from its "<". */
struct html_tag {
	enum html_tag_state state;
	size_t pos; /* everything before was looked at */
	size_t name_start;
	size_t name_len;
	unsigned odd; /* the name needs rewriting */
	int self_closing;
	struct html_attribute *attributes;
	size_t count;
	size_t cap;
	uint16_t *places; /* hash table of names, for tags with many */
};

void html_tag_clear(struct html_tag *t);
void html_tag_start(struct html_tag *t, int is_end);

/* Look on at the LEN bytes from "<". Bytes used, with ">"; 0: wants more. */
size_t html_tag_scan(struct html_tag *t, const uint8_t *p, size_t len);

/* The token of a tag of LEN bytes at W->at. What must be rewritten goes into
 * SCRATCH. START is its raw offset. */
void html_tag_token(struct html_tag *t, struct html_window *w, size_t len,
    uint64_t start, struct buf *scratch, struct html_token *out);

/*
 * Text is handed out as it comes. A lexeme (a tag, a comment ...) that the
 * fed bytes do not complete is kept in CARRY from its first byte on, and
 * looking at it goes on where it stopped; so every byte is looked at a bounded
 * number of times whatever the cut.
 */
enum html_lexeme {
	HTML_LEXEME_NONE,
	HTML_LEXEME_TAG,
	HTML_LEXEME_COMMENT, /* <!--, and BOGUS: anything else up to ">" */
	HTML_LEXEME_BOGUS,
	HTML_LEXEME_DOCTYPE,
	HTML_LEXEME_NUMBER /* behind the first digit of a numeric reference */
};

/* In scripts (13.2.5.15 to 13.2.5.31). */
enum html_escape {
	HTML_ESCAPE_NONE,
	HTML_ESCAPE_ONCE, /* behind <!-- */
	HTML_ESCAPE_TWICE /* and behind <script in that */
};

enum {
	HTML_CARRY_STEP = 1024, /* bytes tried at a time to complete a lexeme */
	HTML_END_TAG_MAX = 32
};

struct html_tokenizer {
	unsigned options;
	enum html_mode mode;
	enum html_escape escape;
	unsigned dashes;  /* in a row, up to 2; escaped scripts */
	int skip_lf;      /* the last byte was a CR and gave an LF */
	int is_end;       /* no more bytes come */
	unsigned foreign; /* open svg and math elements */
	char end_tag[HTML_END_TAG_MAX];
	size_t end_tag_len;
	enum html_lexeme lexeme; /* begun at the window's AT */
	size_t looked;           /* of a comment or the like */
	size_t bogus; /* bytes before the contents of a bogus comment */
	uint32_t number;
	int is_hex;
	uint64_t number_start;
	struct html_tag tag;
	struct buf carry;
	struct buf scratch;
	uint64_t offset;     /* raw, of BASE */
	const uint8_t *base; /* the window's first byte */
	struct html_token token;
	html_token_each *each; /* of the call */
	void *context;
};

static inline size_t
html_left(const struct html_window *w)
{
	return (size_t)(w->end - w->at);
}

static inline uint64_t
html_raw_offset(const struct html_tokenizer *t, const uint8_t *p)
{
	return t->offset + (uint64_t)(p - t->base);
}

/* Hand the token out; it stands for LEN raw bytes at W->at. */
static inline void
html_emit(struct html_tokenizer *t, struct html_window *w, size_t len)
{
	t->token.start = html_raw_offset(t, w->at);
	w->at += len;
	t->token.end = html_raw_offset(t, w->at);
	t->each(t->context, &t->token);
}

static inline void
html_emit_text(struct html_tokenizer *t, struct html_window *w,
    const char *text, size_t text_len, size_t len)
{
	t->token.kind = HTML_TOKEN_TEXT;
	t->token.mode = t->mode;
	t->token.text = text;
	t->token.len = text_len;
	html_emit(t, w, len);
}

/* The bytes up to END as they are. */
static inline void
html_emit_span(
    struct html_tokenizer *t, struct html_window *w, const uint8_t *end)
{
	size_t len = (size_t)(end - w->at);

	if (len > 0)
		html_emit_text(t, w, (const char *)w->at, len, len);
}

static inline int
html_begin(struct html_tokenizer *t, enum html_lexeme lexeme, size_t looked)
{
	t->lexeme = lexeme;
	t->looked = looked;
	return 1;
}

static inline int
html_begin_tag(struct html_tokenizer *t, int is_end)
{
	html_tag_start(&t->tag, is_end);
	return html_begin(t, HTML_LEXEME_TAG, 0);
}

/* One step on in each part: 1, or 0 when nothing goes on without more bytes.
 * html_markup begins at a "<", the others where their lexeme or text does. */
int html_markup(struct html_tokenizer *t, struct html_window *w);
int html_step_comment(struct html_tokenizer *t, struct html_window *w);
int html_step_to_greater(struct html_tokenizer *t, struct html_window *w);
int html_step_number(struct html_tokenizer *t, struct html_window *w);
int html_step_data(struct html_tokenizer *t, struct html_window *w);
int html_step_raw(struct html_tokenizer *t, struct html_window *w);
int html_step_escaped(struct html_tokenizer *t, struct html_window *w);
int html_step_cdata(struct html_tokenizer *t, struct html_window *w);

#endif
