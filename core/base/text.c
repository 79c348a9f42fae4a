/* Small things about text that no library does the way we need. */
#include "core/base/text.h"

#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"

void
text_hex(char *out, const uint8_t *raw, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[raw[i] >> 4];
		out[2 * i + 1] = digits[raw[i] & 15];
	}
	out[2 * len] = '\0';
}

/* -1: none. Digits and letters come as they like, no branch can be foretold:
 * there is none. */
static int
hex_digit(unsigned c)
{
	unsigned digit = c - '0';
	unsigned letter = (c | 0x20) - 'a';
	int is_digit = digit < 10;
	int is_letter = letter < 6;

	return (int)(digit & (0u - (unsigned)is_digit)) |
	       (int)((letter + 10) & (0u - (unsigned)is_letter)) |
	       -(int)!(is_digit | is_letter);
}

typedef uint8_t sixteen __attribute__((vector_size(16)));
typedef uint16_t pairs __attribute__((vector_size(16)));

/* The low halves of four pairs. */
static void
narrow(uint8_t raw[4], uint64_t x)
{
	uint32_t four;

	x = (x >> 8 | x) & UINT64_C(0x0000ffff0000ffff);
	four = (uint32_t)(x >> 16 | x);
	memcpy(raw, &four, sizeof(four));
}

/* Sixteen digits at HEX to eight bytes, all at once: 1 / 0. */
static int
unhex_sixteen(uint8_t *raw, const char *hex)
{
	sixteen x;
	sixteen digit;
	sixteen letter;
	sixteen is_digit;
	sixteen is_letter;
	sixteen known;
	pairs v;
	uint64_t all[2];

	memcpy(&x, hex, sizeof(x));
	digit = x - '0';
	letter = (x | 0x20) - 'a';
	is_digit = (sixteen)(digit < 10);
	is_letter = (sixteen)(letter < 6);
	known = is_digit | is_letter;
	memcpy(all, &known, sizeof(all));
	if ((all[0] & all[1]) != UINT64_MAX)
		return 0;
	v = (pairs)((digit & is_digit) | ((letter + 10) & is_letter));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = v >> 4 | v;
#else
	v = v << 4 | v >> 8;
#endif
	v &= 0xff;
	memcpy(all, &v, sizeof(all));
	narrow(raw, all[0]);
	narrow(raw + 4, all[1]);
	return 1;
}

int
text_unhex(uint8_t *raw, const char *hex, size_t len)
{
	/* Of a text that ends early nothing behind it is read. */
	if (len >= 8 && strnlen(hex, 2 * len) < 2 * len)
		return 0;
	for (; len >= 8; len -= 8) {
		if (!unhex_sixteen(raw, hex))
			return 0;
		raw += 8;
		hex += 16;
	}
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit((unsigned char)hex[2 * i]);
		int low = high < 0 ? -1
				   : hex_digit((unsigned char)hex[2 * i + 1]);

		if (low < 0)
			return 0;
		raw[i] = (uint8_t)(high << 4 | low);
	}
	return 1;
}

static int
base32_digit(int c)
{
	c = text_lower(c);
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

static int
base64_digit(int c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

/* Both codings of RFC 4648: BITS to a digit, "=" only at the end. */
static int
unbase(uint8_t *raw, size_t want, const char *s, size_t len, int bits,
    int (*digit)(int))
{
	uint32_t pending = 0;
	int have = 0;
	size_t n = 0;

	while (len > 0 && s[len - 1] == '=')
		len--;
	for (size_t i = 0; i < len; i++) {
		int d = digit((unsigned char)s[i]);

		if (d < 0)
			return 0;
		pending = pending << bits | (uint32_t)d;
		have += bits;
		if (have >= 8) {
			have -= 8;
			if (n == want)
				return 0;
			raw[n++] = (uint8_t)(pending >> have);
		}
	}
	return n == want && have < bits;
}

int
text_unbase32(uint8_t *raw, size_t want, const char *s, size_t len)
{
	return unbase(raw, want, s, len, 5, base32_digit);
}

int
text_unbase64(uint8_t *raw, size_t want, const char *s, size_t len)
{
	return unbase(raw, want, s, len, 6, base64_digit);
}

void
text_base32(char *out, const uint8_t *raw, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t pending = 0;
	int have = 0;

	for (size_t i = 0; i < len; i++) {
		pending = pending << 8 | raw[i];
		have += 8;
		while (have >= 5) {
			have -= 5;
			*out++ = digits[pending >> have & 31];
		}
	}
	if (have > 0)
		*out++ = digits[pending << (5 - have) & 31];
	*out = '\0';
}

int
text_uint(const char *s, size_t len, uint64_t max, uint64_t *value)
{
	uint64_t v = 0;

	if (len == 0)
		return 0;
	/* So few digits cannot run over. */
	for (size_t i = 0; len <= 18 && i < len; i++) {
		unsigned d = (unsigned)(unsigned char)s[i] - '0';

		if (d > 9)
			return 0;
		v = v * 10 + d;
	}
	for (size_t i = 0; len > 18 && i < len; i++) {
		unsigned d = (unsigned)(unsigned char)s[i] - '0';

		if (d > 9 || v > (max - d) / 10 || d > max)
			return 0;
		v = v * 10 + d;
	}
	if (v > max)
		return 0;
	*value = v;
	return 1;
}

#if defined(__x86_64__) && defined(__GNUC__)
#define TEXT_CRC32C_INSTRUCTION 1

/* By the processor's own instruction (SSE 4.2). */
__attribute__((target("sse4.2"))) static uint32_t
crc32c_fast(const uint8_t *s, size_t len)
{
	uint64_t crc = 0xffffffff;
	uint64_t eight;

	for (; len >= sizeof(eight); s += sizeof(eight), len -= sizeof(eight)) {
		memcpy(&eight, s, sizeof(eight));
		crc = __builtin_ia32_crc32di(crc, eight);
	}
	for (; len > 0; s++, len--)
		crc = __builtin_ia32_crc32qi((uint32_t)crc, *s);
	return ~(uint32_t)crc;
}
#endif

/* Four bits at a time where there is no instruction for it: a large table
 * would only fill the cache. */
uint32_t
text_crc32c(const void *p, size_t len)
{
	static const uint32_t steps[16] = { 0x00000000, 0x105ec76f, 0x20bd8ede,
		0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
		0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4,
		0xd3d3e1ab, 0xe330a81a, 0xf36e6f75 };
	const uint8_t *s = p;
	uint32_t crc = 0xffffffff;

#ifdef TEXT_CRC32C_INSTRUCTION
	if (__builtin_cpu_supports("sse4.2"))
		return crc32c_fast(p, len);
#endif
	for (size_t i = 0; i < len; i++) {
		crc ^= s[i];
		crc = crc >> 4 ^ steps[crc & 15];
		crc = crc >> 4 ^ steps[crc & 15];
	}
	return ~crc;
}

/* How many bytes a first byte announces, and its bits; 0 for none. */
static size_t
utf8_announced(uint8_t first, uint32_t *bits, uint32_t *least)
{
	if (first >= 0xc2 && first <= 0xdf) {
		*bits = first & 0x1f;
		*least = 0x80;
		return 2;
	}
	if (first >= 0xe0 && first <= 0xef) {
		*bits = first & 0x0f;
		*least = 0x800;
		return 3;
	}
	if (first >= 0xf0 && first <= 0xf4) {
		*bits = first & 0x07;
		*least = 0x10000;
		return 4;
	}
	return 0;
}

size_t
text_utf8_next(const uint8_t *s, size_t len, uint32_t *cp, int *valid)
{
	uint32_t bits = 0;
	uint32_t least = 0;
	size_t want;
	int ok = 1;

	if (valid != NULL)
		*valid = 1;
	if (s[0] < 0x80) {
		*cp = s[0];
		return 1;
	}
	want = utf8_announced(s[0], &bits, &least);
	if (want == 0 || want > len)
		ok = 0;
	for (size_t i = 1; ok && i < want; i++) {
		if ((s[i] & 0xc0) != 0x80)
			ok = 0;
		bits = bits << 6 | (s[i] & 0x3f);
	}
	if (ok && bits >= least && bits <= 0x10ffff &&
	    !(bits >= 0xd800 && bits <= 0xdfff)) {
		*cp = bits;
		return want;
	}
	*cp = 0xfffd;
	if (valid != NULL)
		*valid = 0;
	return 1;
}

void
text_utf8_add(struct buf *out, uint32_t cp)
{
	uint8_t s[4];
	size_t n;

	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		cp = 0xfffd;
	if (cp < 0x80) {
		s[0] = (uint8_t)cp;
		n = 1;
	} else if (cp < 0x800) {
		s[0] = (uint8_t)(0xc0 | cp >> 6);
		s[1] = (uint8_t)(0x80 | (cp & 0x3f));
		n = 2;
	} else if (cp < 0x10000) {
		s[0] = (uint8_t)(0xe0 | cp >> 12);
		s[1] = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
		s[2] = (uint8_t)(0x80 | (cp & 0x3f));
		n = 3;
	} else {
		s[0] = (uint8_t)(0xf0 | cp >> 18);
		s[1] = (uint8_t)(0x80 | (cp >> 12 & 0x3f));
		s[2] = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
		s[3] = (uint8_t)(0x80 | (cp & 0x3f));
		n = 4;
	}
	buf_add(out, s, n);
}

/* How many of LEN bytes, eight at a time, are ASCII before one that is not. */
static size_t
ascii_run(const uint8_t *s, size_t len)
{
	size_t i = 0;
	uint64_t eight;

	for (; i + sizeof(eight) <= len; i += sizeof(eight)) {
		memcpy(&eight, s + i, sizeof(eight));
		if ((eight & 0x8080808080808080u) != 0)
			break;
	}
	return i;
}

int
text_is_utf8(const void *p, size_t len)
{
	const uint8_t *s = p;
	uint32_t cp;
	int valid;

	for (size_t i = ascii_run(s, len); i < len;) {
		i += text_utf8_next(s + i, len - i, &cp, &valid);
		if (!valid)
			return 0;
		i += ascii_run(s + i, len - i);
	}
	return 1;
}

size_t
text_add_clean(struct buf *out, const void *p, size_t len)
{
	const uint8_t *s = p;
	size_t start = 0;
	size_t bad = 0;
	uint32_t cp;
	int valid;

	for (size_t i = 0; i < len;) {
		size_t n = ascii_run(s + i, len - i);

		i += n;
		if (i == len)
			break;
		n = text_utf8_next(s + i, len - i, &cp, &valid);
		if (!valid) {
			buf_add(out, s + start, i - start);
			text_utf8_add(out, 0xfffd);
			start = i + n;
			bad++;
		}
		i += n;
	}
	buf_add(out, s + start, len - start);
	return bad;
}

/* Invisible or direction-changing: what a terminal must not obey. */
static int
is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || cp == 0xad ||
	       cp == 0x61c || (cp >= 0x200b && cp <= 0x200f) ||
	       (cp >= 0x2028 && cp <= 0x202e) ||
	       (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff ||
	       (cp >= 0xfff0 && cp <= 0xfffb) ||
	       (cp >= 0xe0000 && cp <= 0xe007f);
}

void
text_add_escaped(struct buf *out, const void *p, size_t len)
{
	const uint8_t *s = p;
	size_t start = 0;
	uint32_t cp;
	int valid;

	for (size_t i = 0; i < len;) {
		size_t n = text_utf8_next(s + i, len - i, &cp, &valid);

		if (valid && cp != '\\' && !is_control(cp)) {
			i += n;
			continue;
		}
		buf_add(out, s + start, i - start);
		if (!valid ||
		    (cp < 0x80 && cp != '\\' && cp != '\n' && cp != '\t'))
			buf_format(out, "\\x%02x", s[i]);
		else if (cp == '\\')
			buf_add_text(out, "\\\\");
		else if (cp == '\n')
			buf_add_text(out, "\\n");
		else if (cp == '\t')
			buf_add_text(out, "\\t");
		else
			buf_format(out, "\\u{%x}", cp);
		i += n;
		start = i;
	}
	buf_add(out, s + start, len - start);
}

int
text_equal_nocase(const char *a, size_t a_len, const char *b)
{
	if (strlen(b) != a_len)
		return 0;
	for (size_t i = 0; i < a_len; i++)
		if (text_lower((unsigned char)a[i]) !=
		    text_lower((unsigned char)b[i]))
			return 0;
	return 1;
}

int
text_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

int
text_ends(const char *s, const char *suffix)
{
	size_t len = strlen(s);
	size_t n = strlen(suffix);

	return len >= n && memcmp(s + len - n, suffix, n) == 0;
}

enum { NEAREST_MAX = 63 };

static size_t
edit_distance(const char *a, const char *b)
{
	size_t a_len = strlen(a);
	size_t b_len = strlen(b);
	size_t row[NEAREST_MAX + 1];

	if (a_len > NEAREST_MAX || b_len > NEAREST_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t least = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < least)
				least = row[j] + 1;
			if (row[j - 1] + 1 < least)
				least = row[j - 1] + 1;
			row[j] = least;
		}
	}
	return row[b_len];
}

const char *
text_nearest(const char *word, const char *const *words)
{
	const char *best = NULL;
	size_t limit = strlen(word) / 3;
	size_t least = (limit == 0 ? 1 : limit) + 1;

	for (; *words != NULL; words++) {
		size_t d = edit_distance(word, *words);

		if (d < least) {
			least = d;
			best = *words;
		}
	}
	return best;
}
