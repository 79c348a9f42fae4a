#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* Small things about text that no library does the way we need. */

/* LEN raw bytes as lower-case hex and a NUL: OUT holds 2 * LEN + 1. */
void text_hex(char *out, const uint8_t *raw, size_t len);

/* The other way, LEN raw bytes from 2 * LEN digits of either case. 1 / 0. */
int text_unhex(uint8_t *raw, const char *hex, size_t len);

/* RFC 4648; base32 in either case, base64 in either alphabet; padded or not;
 * exactly WANT bytes must come out. */
int text_unbase32(uint8_t *raw, size_t want, const char *s, size_t len);
int text_unbase64(uint8_t *raw, size_t want, const char *s, size_t len);

/* Upper-case base32 without padding, and a NUL: OUT holds 8 * LEN / 5 + 2. */
void text_base32(char *out, const uint8_t *raw, size_t len);

/* A value of decimal digits only, at most MAX. 1 / 0. */
int text_uint(const char *s, size_t len, uint64_t max, uint64_t *value);

/* CRC32C (Castagnoli), as in journal lines. */
uint32_t text_crc32c(const void *p, size_t len);

/*
 * Decode one code point of UTF-8 at S (LEN > 0 bytes). Returns the bytes used
 * and sets *CP; an invalid byte is used up alone and gives U+FFFD with
 * *VALID = 0 (VALID may be NULL).
 */
size_t text_utf8_next(const uint8_t *s, size_t len, uint32_t *cp, int *valid);
void text_utf8_add(struct buf *out, uint32_t cp);
int text_is_utf8(const void *p, size_t len);

/* Append S with every invalid byte replaced by U+FFFD. Returns how many. */
size_t text_add_clean(struct buf *out, const void *p, size_t len);

/*
 * Append foreign text so that a terminal shows it and obeys none of it: C0,
 * C1, DEL, bidi controls, zero-width and invalid bytes become \n, \t, \xHH or
 * \u{HHHH}; a backslash becomes two. Tab and line feed are escaped too.
 */
void text_add_escaped(struct buf *out, const void *p, size_t len);

/* ASCII only, whatever the locale. */
int text_equal_nocase(const char *a, size_t a_len, const char *b);
int text_starts(const char *s, const char *prefix);
int text_ends(const char *s, const char *suffix);

/* The word nearest to WORD in a NULL-terminated list, or NULL when none is
 * near (edit distance at most a third of its length, at least 1). */
const char *text_nearest(const char *word, const char *const *words);

static inline int
text_is_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline int
text_lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

#endif
