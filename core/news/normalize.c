/* Rule NT1: what of a text counts, and the fingerprints taken of it. */

#include "core/news/normalize.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum { CELL_SEPARATOR = 0x1f, SHINGLE_WORDS = 3 };

static int
is_ascii(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x80)
			return 0;
	return 1;
}

/* Unicode White_Space. */
static int
is_white(uint32_t cp)
{
	if (cp <= 0x20)
		return cp == 0x20 || (cp >= 0x09 && cp <= 0x0d);
	return cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
	       (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 ||
	       cp == 0x202f || cp == 0x205f || cp == 0x3000;
}

/* Invisible controls that editors' tools leave behind. U+200C and U+200D are
 * not among them: Persian, Indic scripts and emoji need them. */
static int
is_invisible(uint32_t cp)
{
	return cp == 0xad || cp == 0x61c || cp == 0x200b || cp == 0x200e ||
	       cp == 0x200f || (cp >= 0x202a && cp <= 0x202e) || cp == 0x2060 ||
	       (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff;
}

/* S (valid UTF-8) through utf8proc. The result is malloced; NULL only when
 * utf8proc finds the input too long. */
static char *
map(const char *s, size_t len, utf8proc_option_t options, size_t *mapped_len)
{
	utf8proc_uint8_t *out = NULL;
	utf8proc_ssize_t n = utf8proc_map(
	    (const utf8proc_uint8_t *)s, (utf8proc_ssize_t)len, &out, options);

	if (n < 0)
		return NULL;
	*mapped_len = (size_t)n;
	return (char *)out;
}

/* Steps 3 and 4 of the rule: delete, fold white space, trim. */
static void
add_visible(struct buf *out, const char *s, size_t len)
{
	const uint8_t *p = (const uint8_t *)s;
	size_t start = out->len;
	int space = 0;

	for (size_t i = 0; i < len;) {
		uint32_t cp = 0;
		size_t n = text_utf8_next(p + i, len - i, &cp, NULL);

		if (is_white(cp)) {
			space = 1;
		} else if (!is_invisible(cp)) {
			if (space && out->len > start)
				buf_add_byte(out, ' ');
			space = 0;
			buf_add(out, p + i, n);
		}
		i += n;
	}
}

void
nt1_text(struct buf *out, const char *s, size_t len)
{
	struct buf clean = { 0 };
	char *composed = NULL;
	size_t composed_len = 0;

	if (is_ascii(s, len)) {
		add_visible(out, s, len);
		return;
	}
	(void)text_add_clean(&clean, s, len); /* the count is not asked for */
	composed = map(buf_text(&clean), clean.len,
	    UTF8PROC_STABLE | UTF8PROC_COMPOSE, &composed_len);
	if (composed != NULL)
		add_visible(out, composed, composed_len);
	else
		add_visible(out, buf_text(&clean), clean.len);
	free(composed);
	buf_clear(&clean);
}

/* A table row: every cell for itself, so that the row does not depend on the
 * white space around the separators. Returns whether a cell has text. */
static int
add_cells(struct buf *out, const char *s, size_t len)
{
	const char *end = s + len;
	int any = 0;

	for (;;) {
		const char *cell = memchr(s, CELL_SEPARATOR, (size_t)(end - s));
		size_t before = out->len;

		nt1_text(out, s, (size_t)((cell == NULL ? end : cell) - s));
		any |= out->len > before;
		if (cell == NULL)
			return any;
		buf_add_byte(out, CELL_SEPARATOR);
		s = cell + 1;
	}
}

void
nt1_block(struct buf *out, const char *kind, const char *s, size_t len)
{
	struct buf text = { 0 };
	int any = 0;

	if (strcmp(kind, "t") == 0) {
		any = add_cells(&text, s, len);
	} else {
		nt1_text(&text, s, len);
		any = text.len > 0;
	}
	if (any) {
		buf_add_text(out, kind);
		buf_add_byte(out, '\t');
		buf_add(out, text.data, text.len);
		buf_add_byte(out, '\n');
	}
	buf_clear(&text);
}

/* Tashkeel, Koranic marks and tatweel. */
static int
is_tashkeel(uint32_t cp)
{
	return cp == 0x640 || (cp >= 0x610 && cp <= 0x61a) ||
	       (cp >= 0x64b && cp <= 0x65f) || cp == 0x670 ||
	       (cp >= 0x6d6 && cp <= 0x6dc) || (cp >= 0x6df && cp <= 0x6e4) ||
	       cp == 0x6e7 || cp == 0x6e8 || (cp >= 0x6ea && cp <= 0x6ed) ||
	       (cp >= 0x8d3 && cp <= 0x8ff);
}

/* The decimal digit of CP, or -1. Digits come in runs of ten (or fifty, for
 * the mathematical ones) that start with a zero. */
static int
digit_value(uint32_t cp)
{
	uint32_t first = cp;

	if (utf8proc_category((utf8proc_int32_t)cp) != UTF8PROC_CATEGORY_ND)
		return -1;
	while (cp - first < 50 && utf8proc_category((utf8proc_int32_t)first -
						    1) == UTF8PROC_CATEGORY_ND)
		first--;
	return (int)((cp - first) % 10);
}

/* What CP becomes in the loose form: another code point, 0 for nothing. */
static uint32_t
loose_fold(uint32_t cp)
{
	if (cp < 0x80)
		return cp == '`' ? '\'' : cp;
	if ((cp >= 0x2018 && cp <= 0x201b) || cp == 0x2032 || cp == 0xb4 ||
	    cp == 0x2039 || cp == 0x203a || cp == 0x2bc || cp == 0xff07)
		return '\'';
	if ((cp >= 0x201c && cp <= 0x201f) || cp == 0x2033 || cp == 0xab ||
	    cp == 0xbb || cp == 0xff02)
		return '"';
	if ((cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212 || cp == 0xfe58 ||
	    cp == 0xfe63 || cp == 0xff0d)
		return '-';
	if (is_tashkeel(cp))
		return 0;
	if (cp == 0x622 || cp == 0x623 || cp == 0x625 || cp == 0x671)
		return 0x627; /* alef */
	if (cp == 0x649 || cp == 0x6cc)
		return 0x64a; /* ya */
	if (cp == 0x629)
		return 0x647; /* ta marbuta to ha */
	int digit = digit_value(cp);

	return digit < 0 ? cp : (uint32_t)('0' + digit);
}

void
nt1_loose(struct buf *out, const char *s, size_t len)
{
	struct buf clean = { 0 };
	char *folded = NULL;
	size_t folded_len = 0;

	(void)text_add_clean(&clean, s, len); /* the count is not asked for */
	folded = map(buf_text(&clean), clean.len,
	    UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD,
	    &folded_len);
	const uint8_t *p = folded != NULL ? (uint8_t *)folded : clean.data;
	size_t p_len = folded != NULL ? folded_len : clean.len;

	for (size_t i = 0; i < p_len;) {
		uint32_t cp = 0;
		size_t n = text_utf8_next(p + i, p_len - i, &cp, NULL);

		if (cp == 0x2026)
			buf_add_text(out, "...");
		else if ((cp = loose_fold(cp)) != 0)
			text_utf8_add(out, cp);
		i += n;
	}
	free(folded);
	buf_clear(&clean);
}

static int
is_word(uint32_t cp)
{
	if (cp < 0x80)
		return (cp >= '0' && cp <= '9') ||
		       (text_lower((int)cp) >= 'a' &&
			   text_lower((int)cp) <= 'z');
	if (cp == 0x200c || cp == 0x200d)
		return 1; /* joiners stand inside words */
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);

	return (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_ME) ||
	       c == UTF8PROC_CATEGORY_ND || c == UTF8PROC_CATEGORY_NL ||
	       c == UTF8PROC_CATEGORY_NO;
}

struct word {
	const uint8_t *p;
	size_t len;
};

/* The length of the word character at S; an apostrophe counts when a word
 * character follows ("won't" is one word). 0: S goes on otherwise. */
static size_t
word_step(const uint8_t *s, size_t len)
{
	uint32_t cp = 0;
	size_t n = text_utf8_next(s, len, &cp, NULL);

	if (is_word(cp))
		return n;
	if ((cp != '\'' && cp != 0x2019) || n == len)
		return 0;
	(void)text_utf8_next(s + n, len - n, &cp, NULL); /* only a look */
	return is_word(cp) ? n : 0;
}

/* The next word at or after *AT; 0 at the end. */
static int
next_word(const uint8_t *s, size_t len, size_t *at, struct word *w)
{
	uint32_t cp = 0;
	size_t i = *at;
	size_t n = 0;

	for (; i < len; i += n) {
		n = text_utf8_next(s + i, len - i, &cp, NULL);
		if (is_word(cp))
			break;
	}
	w->p = s + i;
	while (i < len && (n = word_step(s + i, len - i)) > 0)
		i += n;
	w->len = (size_t)(s + i - w->p);
	*at = i;
	return w->len > 0;
}

size_t
nt1_words(const char *s, size_t len)
{
	struct word w = { 0 };
	size_t count = 0;
	size_t at = 0;

	while (next_word((const uint8_t *)s, len, &at, &w))
		count++;
	return count;
}

/* One vote per bit from the first eight bytes of the shingle's SHA-256. */
static void
vote(int64_t votes[64], const struct word *words, size_t count)
{
	struct buf shingle = { 0 };
	uint8_t raw[DIGEST_SHA256_RAW];

	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_byte(&shingle, ' ');
		buf_add(&shingle, words[i].p, words[i].len);
	}
	digest_sha256(shingle.data, shingle.len, raw);
	for (int bit = 0; bit < 64; bit++) {
		int set = raw[bit / 8] >> (7 - bit % 8) & 1;

		votes[bit] += set ? 1 : -1;
	}
	buf_clear(&shingle);
}

unsigned long long
nt1_simhash(const char *s, size_t len)
{
	struct word words[SHINGLE_WORDS] = { 0 };
	int64_t votes[64] = { 0 };
	unsigned long long hash = 0;
	size_t count = 0;
	size_t at = 0;
	struct word w = { 0 };

	while (next_word((const uint8_t *)s, len, &at, &w)) {
		/* The kind in front of a block's tab is no word of it. */
		if (at < len && s[at] == '\t')
			continue;
		if (count >= SHINGLE_WORDS)
			memmove(words, words + 1, sizeof(words) - sizeof(w));
		words[count < SHINGLE_WORDS ? count : SHINGLE_WORDS - 1] = w;
		if (++count >= SHINGLE_WORDS)
			vote(votes, words, SHINGLE_WORDS);
	}
	if (count == 0)
		return 0;
	if (count < SHINGLE_WORDS)
		vote(votes, words, count);
	for (int bit = 0; bit < 64; bit++)
		hash = hash << 1 | (votes[bit] > 0);
	return hash;
}
