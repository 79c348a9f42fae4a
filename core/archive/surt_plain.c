/*
 * SURT keys of URLs that need no repair, which nearly all are: nothing
 * escaped, no dot segments, no sessions, an ordinary host. What is not quite
 * like that is left to surt.c.
 */
#include <string.h>

#include "core/archive/surt_session.h"
#include "core/base/buf.h"

enum { PORT_DIGITS = 5 };

/* "a.b.c.d" as it is written always, or anything that cannot be taken for an
 * address. 1 / 0. */
static int
is_plain_host(const char *s, size_t len)
{
	size_t digits = 0;
	size_t others = 0;

	if (len == 0 || len > 253 || s[0] == '.' || s[len - 1] == '.')
		return 0;
	for (size_t i = 0; i < len; i++) {
		digits += s[i] >= '0' && s[i] <= '9';
		others += s[i] >= 'a' && s[i] <= 'z';
		if (s[i] == '.' && s[i + 1] == '.')
			return 0;
		/* Internationalized names are checked when they are read. */
		if (s[i] == '-' && s[i + 1] == '-')
			return 0;
	}
	if (others > 0 && s[len - 1] >= 'a')
		return s[0] != '-' && s[len - 1] != '-';
	/* An address of four numbers below 256 without leading zeros. */
	if (others > 0 || memchr(s, '-', len) != NULL)
		return 0;
	for (unsigned n = 0; n < 4; n++) {
		unsigned value = 0;
		const char *from = s;

		while (*s >= '0' && *s <= '9' && value < 1000)
			value = 10 * value + (unsigned)(*s++ - '0');
		if (s == from || value > 255 || (*from == '0' && s > from + 1))
			return 0;
		if (n < 3 && *s++ != '.')
			return 0;
	}
	return digits > 0 && *s != '.';
}

/* The port at *S, ":" included, appended unless it is USUAL: 1; 0, it wants a
 * closer look. */
static int
add_port(struct buf *out, const char **s, const char *usual)
{
	const char *from = *s;
	size_t n = 1;

	if (*from != ':')
		return 1;
	while (from[n] >= '0' && from[n] <= '9')
		n++;
	if (n == 1 || n > PORT_DIGITS || from[1] == '0')
		return 0;
	*s += n;
	if (strlen(usual) != n - 1 || memcmp(from + 1, usual, n - 1) != 0)
		buf_add(out, from, n);
	return 1;
}

/* Lower-case bytes up to a "?" (PATH) or the end; how many, or SIZE_MAX when
 * one of them has a meaning. */
static size_t
add_lower(struct buf *out, const char *s, int path)
{
	size_t len = strlen(s);
	uint8_t *to = buf_room(out, len + 1);
	size_t i = 0;

	for (; i < len; i++) {
		uint8_t c = (uint8_t)s[i];

		if (c <= ' ' || c >= 0x7f || c == '%' || c == '#')
			return SIZE_MAX;
		if (path && c == '?')
			break;
		if (path && c == '/' && (s[i + 1] == '/' || s[i + 1] == '.'))
			return SIZE_MAX;
		to[i] = c >= 'A' && c <= 'Z' ? c | 0x20 : c;
	}
	out->len += i;
	out->data[out->len] = '\0';
	return i;
}

static int
add_path(struct buf *out, const char **s)
{
	size_t start = out->len;
	size_t len;

	if (**s != '/') {
		buf_add_byte(out, '/');
		return **s == '\0' || **s == '?';
	}
	len = add_lower(out, *s, 1);
	if (len == SIZE_MAX)
		return 0;
	/* Nearly all paths show at a glance that there is no ".aspx". */
	if (memchr(out->data + start, '.', len) != NULL &&
	    memmem(out->data + start, len, ".aspx", 5) != NULL)
		return 0;
	*s += len;
	if (len > 1 && out->data[out->len - 1] == '/')
		buf_cut(out, out->len - 1);
	return 1;
}

/* What stands behind "?". */
static int
add_query(struct buf *out, const char *s)
{
	size_t start = out->len;
	struct buf query = { 0 };
	const char *text;
	size_t len;

	if (*s == '\0')
		return 1;
	buf_add_byte(out, '?');
	len = add_lower(out, s, 0);
	if (len == SIZE_MAX)
		return 0;
	text = (const char *)out->data + start + 1;
	if (strstr(text, "sid=") != NULL || strstr(text, "sess") != NULL ||
	    strstr(text, "cfid") != NULL)
		return 0;
	if (memchr(text, '&', len) == NULL)
		return 1;
	buf_add(&query, text, len);
	buf_cut(out, start);
	surt_add_sorted(out, (const char *)query.data, len);
	buf_clear(&query);
	return 1;
}

int
surt_add_plain(struct buf *out, const char *url)
{
	size_t start = out->len;
	const char *usual = "80";
	const char *s = url + 7;
	size_t host = 0;

	if (strncmp(url, "https://", 8) == 0) {
		usual = "443";
		s++;
	} else if (strncmp(url, "http://", 7) != 0) {
		return 0;
	}
	while ((s[host] >= 'a' && s[host] <= 'z') ||
	       (s[host] >= '0' && s[host] <= '9') || s[host] == '.' ||
	       s[host] == '-')
		host++;
	if (!is_plain_host(s, host))
		return 0;
	surt_add_reversed(out, s, host);
	s += host;
	if (add_port(out, &s, usual)) {
		buf_add_byte(out, ')');
		if (add_path(out, &s) &&
		    (*s == '\0' || (*s == '?' && add_query(out, s + 1))))
			return 1;
	}
	buf_cut(out, start);
	return 0;
}
