/* What stands between the files of a tar. */
#include "formats/tar_strict.h"

#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/input.h"

enum {
	BLOCK = 512,
	SIZE_AT = 124,
	SIZE_LEN = 12,
	SUM_AT = 148,
	SUM_LEN = 8,
	TYPE_AT = 156
};

static int
refuse(const struct input *in, uint64_t at, const char *why, struct error *e)
{
	return error_set(e, ERROR_INPUT, "%s: at %ju %s", input_name(in),
	    (uintmax_t)at, why);
}

int
tar_check_zeros(struct input *in, uint64_t from, uint64_t to, struct error *e)
{
	uint8_t p[16 * BLOCK];

	while (from < to) {
		size_t len = to - from < sizeof(p) ? (size_t)(to - from)
						   : sizeof(p);
		size_t n;

		if (input_read(in, from, p, len, &n, e) != 0)
			return -1;
		if (n < len)
			return 0; /* cut: its reader says so */
		if (p[0] != 0 || memcmp(p, p + 1, len - 1) != 0)
			return refuse(
			    in, from, "bytes that belong to no file", e);
		from += len;
	}
	return 0;
}

static uint64_t
octal(const uint8_t *p, size_t len)
{
	uint64_t value = 0;
	size_t i = 0;

	while (i < len && p[i] == ' ')
		i++;
	for (; i < len && p[i] >= '0' && p[i] <= '7'; i++)
		value = value * 8 + (uint64_t)(p[i] - '0');
	return value;
}

/* How the sum is spelled: number of the way, from 1; 0 none of them. (POSIX
 * wants octal digits only; every writer has its own end.) */
static unsigned
sum_spelling(const uint8_t *field)
{
	static const struct {
		int is_padded; /* with zeros, else with blanks */
		int digits;
		char end[3];
	} ways[] = { { 1, 6, "\0 " }, { 1, 7, "\0" }, { 1, 6, " \0" },
		{ 1, 6, "\0\0" }, { 1, 6, "  " }, { 1, 7, " " }, { 1, 8, "" },
		{ 0, 6, "\0 " }, { 0, 6, " \0" }, { 0, 6, "\0\0" },
		{ 0, 7, "\0" } };
	unsigned sum = (unsigned)octal(field, SUM_LEN);

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		char text[32] = { 0 };
		int n = snprintf(text, sizeof(text),
		    ways[i].is_padded ? "%0*o" : "%*o", ways[i].digits, sum);

		if (n != ways[i].digits)
			continue;
		memcpy(text + n, ways[i].end, (size_t)(SUM_LEN - n));
		if (memcmp(text, field, SUM_LEN) == 0)
			return (unsigned)i + 1;
	}
	return 0;
}

/* Does a header of TYPE have bytes of its own before the entry's header? */
static int
is_extended(uint8_t type)
{
	return type == 'x' || type == 'g' || type == 'L' || type == 'K' ||
	       type == 'X';
}

int
tar_check_heads(struct input *in, uint64_t from, uint64_t to,
    unsigned *spelling, struct error *e)
{
	while (from < to) {
		uint8_t head[BLOCK];
		uint64_t size = 0;
		uint64_t end;
		unsigned way;
		size_t n;

		if (input_read(in, from, head, BLOCK, &n, e) != 0)
			return -1;
		if (n < BLOCK)
			return refuse(in, from, "the tar is cut", e);
		way = sum_spelling(head + SUM_AT);
		if (way == 0 || (*spelling != 0 && way != *spelling))
			return refuse(in, from,
			    "a sum that is not spelled as the others", e);
		*spelling = way;
		from += BLOCK;
		if (!is_extended(head[TYPE_AT]))
			continue;
		size = octal(head + SIZE_AT, SIZE_LEN);
		end = from + (size + BLOCK - 1) / BLOCK * BLOCK;
		if (size > to - from || end > to)
			return refuse(in, from, "headers that are too long", e);
		if (tar_check_zeros(in, from + size, end, e) != 0)
			return -1;
		from = end;
	}
	return 0;
}
