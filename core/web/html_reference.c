/* Character references of HTML. */
#include "core/web/html_reference.h"

#include <string.h>

#include "core/web/html_entities.h"
#include "core/web/html_lexeme.h"

/* The C1 range as windows-1252 has it; 0: stays (13.2.5.80). */
static const uint16_t c1[32] = { 0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026,
	0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0, 0,
	0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122,
	0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178 };

static size_t
put_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xC0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xE0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3F));
		to[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	to[0] = (char)(0xF0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3F));
	to[2] = (char)(0x80 | (c >> 6 & 0x3F));
	to[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

static size_t
put_entity(const struct html_entity *entity, char *out)
{
	size_t len = put_utf8(out, entity->code[0]);

	if (entity->code[1] != 0)
		len += put_utf8(out + len, entity->code[1]);
	return len;
}

size_t
html_reference_named(const uint8_t *p, size_t len, int in_attribute,
    char out[HTML_REFERENCE_BYTES], size_t *out_len)
{
	struct html_entity entity;
	size_t run = 0;

	while (
	    run < len && run <= HTML_ENTITY_NAME_MAX && html_is_alnum(p[run]))
		run++;
	if (run < len && p[run] == ';' && html_entity_find(p, run, &entity)) {
		*out_len = put_entity(&entity, out);
		return run + 1;
	}
	/* Names hold letters and digits only: what ends in ";" was the whole
	 * run, what does not is the longest of few short names in front. */
	for (size_t n = run < HTML_ENTITY_BARE_MAX ? run : HTML_ENTITY_BARE_MAX;
	     n >= 2; n--) {
		if (!html_entity_find(p, n, &entity) || entity.needs_semicolon)
			continue;
		if (in_attribute && n < len &&
		    (p[n] == '=' || html_is_alnum(p[n])))
			return 0;
		*out_len = put_entity(&entity, out);
		return n;
	}
	return 0;
}

int
html_reference_is_digit(uint8_t c, int is_hex)
{
	return (uint8_t)(c - '0') < 10 ||
	       (is_hex && (uint8_t)((c | 0x20) - 'a') < 6);
}

uint32_t
html_reference_digit(uint32_t number, uint8_t digit, int is_hex)
{
	uint32_t value = digit - (uint32_t)'0';

	if (digit > '9')
		value = (digit | 0x20u) - 'a' + 10;
	if (number > 0x10FFFF)
		return number;
	return number * (is_hex ? 16 : 10) + value;
}

size_t
html_reference_number(uint32_t number, char out[HTML_REFERENCE_BYTES])
{
	if (number == 0 || number > 0x10FFFF ||
	    (number >= 0xD800 && number <= 0xDFFF))
		number = 0xFFFD;
	else if (number >= 0x80 && number <= 0x9F && c1[number - 0x80] != 0)
		number = c1[number - 0x80];
	return put_utf8(out, number);
}

/* "#65;" at P, behind "&". Bytes taken; 0: none. */
static size_t
numeric(const uint8_t *p, size_t len, char out[HTML_REFERENCE_BYTES],
    size_t *out_len)
{
	int is_hex = len > 1 && (p[1] | 0x20) == 'x';
	size_t first = is_hex ? 2 : 1;
	size_t i = first;
	uint32_t number = 0;

	while (i < len && html_reference_is_digit(p[i], is_hex))
		number = html_reference_digit(number, p[i++], is_hex);
	if (i == first)
		return 0;
	*out_len = html_reference_number(number, out);
	return i < len && p[i] == ';' ? i + 1 : i;
}

size_t
html_reference_decode(char *to, const uint8_t *p, size_t len, int in_attribute)
{
	char out[HTML_REFERENCE_BYTES];
	char *start = to;
	size_t i = 0;

	while (i < len) {
		uint8_t c = p[i++];
		size_t n = 0;

		if (c != '&' && c != '\r' && c != '\0') {
			*to++ = (char)c;
			continue;
		}
		if (c == '\0')
			n = put_utf8(out, 0xFFFD);
		else if (c == '\r' && i < len && p[i] == '\n')
			continue;
		else if (c == '\r')
			c = '\n';
		else if (i < len && p[i] == '#')
			i += numeric(p + i, len - i, out, &n);
		else
			i += html_reference_named(
			    p + i, len - i, in_attribute, out, &n);
		if (n == 0)
			out[n++] = (char)c;
		memcpy(to, out, n);
		to += n;
	}
	return (size_t)(to - start);
}
