/* What URLs of one kind have in common. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/crawl/scope.h"
#include "core/web/url.h"

enum {
	HEX_RUN = 8,
	UUID_LEN = 36,
	NAMES_MAX = 64 /* parameters of one URL; the rest counts as one */
};

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
is_hex(char c)
{
	int lower = text_lower((unsigned char)c);

	return is_digit(c) || (lower >= 'a' && lower <= 'f');
}

static int
is_uuid(const char *s, size_t len)
{
	if (len < UUID_LEN)
		return 0;
	for (size_t i = 0; i < UUID_LEN; i++) {
		int is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? s[i] != '-' : !is_hex(s[i]))
			return 0;
	}
	return 1;
}

/* How many bytes at S are one "N"; 0 none. */
static size_t
number_length(const char *s, size_t len)
{
	size_t digits = 0;
	size_t hex = 0;

	if (is_uuid(s, len))
		return UUID_LEN;
	while (digits < len && is_digit(s[digits]))
		digits++;
	while (hex < len && is_hex(s[hex]))
		hex++;
	return hex >= HEX_RUN ? hex : digits;
}

static void
add_path(struct buf *out, const char *s, size_t len)
{
	while (len > 0) {
		size_t used = number_length(s, len);

		if (used > 0) {
			buf_add_byte(out, 'N');
		} else {
			/* The digits of an escape are no number. */
			used = *s == '%' && len >= 3 ? 3 : 1;
			buf_add(out, s, used);
		}
		s += used;
		len -= used;
	}
}

struct name {
	const char *s;
	size_t len;
};

static int
by_name(const void *a, const void *b)
{
	const struct name *x = a;
	const struct name *y = b;
	int order = memcmp(x->s, y->s, x->len < y->len ? x->len : y->len);

	return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

static void
add_names(struct buf *out, const char *s, size_t len)
{
	struct name names[NAMES_MAX] = { { "", 0 } };
	const char *end = s + len;
	size_t count = 0;

	while (s < end && count < NAMES_MAX) {
		const char *next = memchr(s, '&', (size_t)(end - s));
		const char *equals;

		if (next == NULL)
			next = end;
		equals = memchr(s, '=', (size_t)(next - s));
		if (equals == NULL)
			equals = next;
		if (equals > s)
			names[count++] = (struct name){ s,
				(size_t)(equals - s) };
		s = next < end ? next + 1 : end;
	}
	qsort(names, count, sizeof(names[0]), by_name);
	for (size_t i = 0; i < count; i++) {
		buf_add_byte(out, i == 0 ? '?' : '&');
		add_path(out, names[i].s, names[i].len);
		buf_add_byte(out, '=');
	}
}

void
scope_pattern(const struct url *url, struct buf *out)
{
	buf_add(out, url->text + url->host_start, url->host_len);
	if (url->port != URL_NO_PORT)
		buf_format(out, ":%d", url->port);
	add_path(out, url->text + url->path_start, url->path_len);
	if (url->query_start > 0)
		add_names(out, url->text + url->query_start, url->query_len);
}
