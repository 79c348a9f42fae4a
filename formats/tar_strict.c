/* What stands between the files of a tar. */
#include "formats/tar_strict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"

enum {
	BLOCK = 512,
	SIZE_AT = 124,
	SIZE_LEN = 12,
	SUM_AT = 148,
	SUM_LEN = 8,
	TYPE_AT = 156,
	EXTENDED_MAX = 1024 * 1024
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

/* ---- extended headers ---- */

/* What the extended headers of one entry have said so far. */
struct said {
	int has_pax, has_long_name, has_long_link;
	int path, link; /* by pax */
};

/* Records that decide what an entry is called, how long it is or whether it is
 * one at all. */
enum record { RECORD_OTHER, RECORD_PATH, RECORD_LINK, RECORD_SIZE, RECORDS };

static enum record
record_of(const char *key, size_t len)
{
	static const char *const names[] = { "", "path", "linkpath", "size" };

	/* Some call a file so that has it, sparse or not. */
	if (len == 15 && memcmp(key, "GNU.sparse.name", len) == 0)
		return RECORD_PATH;
	for (int i = RECORD_PATH; i < RECORDS; i++)
		if (strlen(names[i]) == len && memcmp(key, names[i], len) == 0)
			return (enum record)i;
	return RECORD_OTHER;
}

/* The length in front of a record: 1, its digits in *DIGITS; 0. */
static int
record_len(const char *p, size_t left, size_t *len, size_t *digits)
{
	*len = 0;
	for (*digits = 0; *digits < left && *digits < 8; ++*digits) {
		if (p[*digits] < '0' || p[*digits] > '9')
			break;
		*len = *len * 10 + (size_t)(p[*digits] - '0');
	}
	return *digits > 0 && *digits < left && p[*digits] == ' ' &&
	       *len > *digits + 1 && *len <= left && p[*len - 1] == '\n';
}

/* "LENGTH KEY=VALUE\n", one behind the other (POSIX.1, pax Extended Header).
 * Why it is refused; NULL. Of records for all entries (IS_GLOBAL) programs
 * heed some and others not, and of one that stands twice not the same. */
static const char *
check_records(const char *p, size_t left, int is_global, struct said *said)
{
	unsigned seen = 0;
	size_t digits;

	for (size_t len; left > 0; p += len, left -= len) {
		const char *key;
		const char *equals;
		enum record record;

		if (!record_len(p, left, &len, &digits))
			return "a pax header that does not read";
		key = p + digits + 1;
		equals = memchr(key, '=', len - digits - 1);
		if (equals == NULL || equals == key)
			return "a pax header that does not read";
		record = record_of(key, (size_t)(equals - key));
		if (record == RECORD_OTHER)
			continue;
		if (is_global)
			return "a name or size for all that follows";
		if ((seen >> record & 1) != 0)
			return "a name or size that comes twice";
		seen |= 1U << record;
		if (memchr(equals, '\0', (size_t)(p + len - equals)) != NULL)
			return "a name with a zero byte";
		said->path |= record == RECORD_PATH;
		said->link |= record == RECORD_LINK;
	}
	return NULL;
}

/* A long name of GNU ends with a zero byte, or none. */
static const char *
check_long_name(const char *p, size_t len, int *has)
{
	const char *end = memchr(p, '\0', len);

	if (*has)
		return "a name or size that comes twice";
	*has = 1;
	for (; end != NULL && end < p + len; end++)
		if (*end != '\0')
			return "a name with a zero byte";
	return NULL;
}

static const char *
check_extended(uint8_t type, const char *p, size_t len, struct said *said)
{
	const char *why = NULL;

	if (type == 'g')
		return check_records(p, len, 1, said);
	if (type == 'L')
		why = check_long_name(p, len, &said->has_long_name);
	else if (type == 'K')
		why = check_long_name(p, len, &said->has_long_link);
	else if (said->has_pax)
		why = "a name or size that comes twice";
	else
		why = check_records(p, len, 0, said);
	said->has_pax |= type == 'x' || type == 'X';
	if (why == NULL && ((said->has_long_name && said->path) ||
			       (said->has_long_link && said->link)))
		why = "a name or size that comes twice";
	return why;
}

/* The SIZE bytes at FROM, which a header of TYPE is about. */
static int
read_extended(struct input *in, uint64_t from, uint64_t size, uint8_t type,
    struct said *said, struct error *e)
{
	const char *why = NULL;
	char *p;
	size_t n;
	int rc;

	if (size > EXTENDED_MAX)
		return refuse(in, from, "headers that are too long", e);
	p = mem_alloc((size_t)size + 1);
	rc = input_read(in, from, p, (size_t)size, &n, e);
	if (rc == 0)
		why = n < size ? "the tar is cut"
			       : check_extended(type, p, (size_t)size, said);
	free(p);
	return why == NULL ? rc : refuse(in, from, why, e);
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
	struct said said = { 0 };

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
		way = spelling == NULL ? 0 : sum_spelling(head + SUM_AT);
		if (spelling != NULL &&
		    (way == 0 || (*spelling != 0 && way != *spelling)))
			return refuse(in, from,
			    "a sum that is not spelled as the others", e);
		if (spelling != NULL)
			*spelling = way;
		from += BLOCK;
		if (!is_extended(head[TYPE_AT]))
			continue;
		size = octal(head + SIZE_AT, SIZE_LEN);
		end = from + (size + BLOCK - 1) / BLOCK * BLOCK;
		if (size > to - from || end > to)
			return refuse(in, from, "headers that are too long", e);
		if (read_extended(in, from, size, head[TYPE_AT], &said, e) !=
			0 ||
		    tar_check_zeros(in, from + size, end, e) != 0)
			return -1;
		from = end;
	}
	return 0;
}
