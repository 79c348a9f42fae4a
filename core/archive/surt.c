/* SURT keys of URLs, byte for byte those of the tools that replay archives. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/cdxj.h"
#include "core/archive/surt_session.h"
#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/web/url.h"
#include "core/web/url_host.h"

/* Escaped besides controls and what is above ASCII. */
#define SET_SURT " #%"

struct span {
	const char *s;
	size_t len;
};

/* A URL by the grammar of RFC 2396, 4.3; no port or query is length 0. */
struct parts {
	struct span scheme;
	struct span host;
	struct span port;
	struct span path;
	struct span query;
};

static int
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
is_letter(char c)
{
	int lower = text_lower((unsigned char)c);

	return lower >= 'a' && lower <= 'z';
}

static size_t
count_digits(const char *s, size_t len)
{
	size_t count = 0;

	while (count < len && is_digit(s[count]))
		count++;
	return count;
}

/* The length of "scheme" before ":"; 0 when there is none. */
static size_t
scheme_length(const char *s, size_t len)
{
	size_t i = 0;

	if (len == 0 || !is_letter(s[0]))
		return 0;
	while (i < len && (is_letter(s[i]) || is_digit(s[i]) || s[i] == '+' ||
			      s[i] == '.' || s[i] == '-'))
		i++;
	return i < len && s[i] == ':' ? i : 0;
}

/* Without blanks at the ends and line ends anywhere; always with a scheme. */
static void
add_cleaned(struct buf *out, const char *url)
{
	size_t len = strlen(url);

	while (len > 0 && is_blank(url[len - 1]))
		len--;
	while (len > 0 && is_blank(url[0])) {
		url++;
		len--;
	}
	for (size_t i = 0; i < len; i++)
		if (url[i] != '\t' && url[i] != '\n' && url[i] != '\r')
			buf_add_byte(out, (uint8_t)url[i]);
	if (out->len > 0 && !text_starts(buf_text(out), "filedesc") &&
	    scheme_length(buf_text(out), out->len) == 0) {
		struct buf whole = { 0 };

		buf_add_text(&whole, "http://");
		buf_add(&whole, out->data, out->len);
		buf_clear(out);
		*out = whole;
	}
}

/* The length of "http://" or "https://" at S. */
static size_t
http_length(const char *s)
{
	if (text_starts(s, "http://"))
		return 7;
	return text_starts(s, "https://") ? 8 : 0;
}

/* AUTHORITY is "[user@]host[:port]"; a host in brackets loses them. */
static void
split_authority(struct parts *p, const char *s, size_t len)
{
	const char *at = memrchr(s, '@', len);
	const char *colon;
	const char *open;

	if (len > 0 && s[len - 1] == ':')
		len--;
	if (at != NULL) {
		len -= (size_t)(at + 1 - s);
		s = at + 1;
	}
	open = memchr(s, '[', len);
	if (open != NULL) {
		const char *end = s + len;
		const char *close = memchr(open, ']', (size_t)(end - open));

		if (close == NULL)
			close = end;
		p->host = (struct span){ open + 1, (size_t)(close - open - 1) };
		s = close;
		len = (size_t)(end - close);
	} else {
		p->host = (struct span){ s, strcspn(s, ":/?#") };
		if (p->host.len > len)
			p->host.len = len;
	}
	colon = memchr(s, ':', len);
	if (colon != NULL)
		p->port = (struct span){ colon + 1,
			(size_t)(s + len - colon - 1) };
}

/* "http:/x/y" and "http:///x/y": the first segment becomes the host. */
static void
take_host_from_path(struct parts *p)
{
	const char *s = p->path.s;
	const char *end = s + p->path.len;
	const char *slash;

	while (s < end && *s == '/')
		s++;
	if (s == end)
		return;
	slash = memchr(s, '/', (size_t)(end - s));
	if (slash == NULL)
		slash = end;
	p->host = (struct span){ s, (size_t)(slash - s) };
	p->path = (struct span){ slash, (size_t)(end - slash) };
}

/* S has a scheme. */
static struct parts
split(const char *s)
{
	struct parts p = { 0 };

	for (size_t http; (http = http_length(s)) > 0;) {
		if (http_length(s + http) == 0)
			break;
		s += http;
	}
	p.scheme = (struct span){ s, strcspn(s, ":") };
	s += p.scheme.len + 1;
	p.path = (struct span){ s, strcspn(s, "?#") };
	s += p.path.len;
	if (*s == '?')
		p.query = (struct span){ s + 1, strcspn(s + 1, "#") };
	if (p.path.len >= 2 && memcmp(p.path.s, "//", 2) == 0) {
		size_t len = strcspn(p.path.s + 2, "/?#");

		split_authority(&p, p.path.s + 2, len);
		p.path.s += len + 2;
		p.path.len -= len + 2;
	}
	if (p.host.len == 0 && (text_starts(p.scheme.s, "http:") ||
				   text_starts(p.scheme.s, "https:")))
		take_host_from_path(&p);
	return p;
}

/*
 * Percent-decode until nothing changes, in one pass: only the last three
 * bytes can become an escape when a byte is added or decoded, because no two
 * escapes overlap.
 */
static void
add_decoded(struct buf *out, const struct span *in)
{
	size_t before = out->len;

	for (size_t i = 0; i < in->len; i++) {
		buf_add_byte(out, (uint8_t)in->s[i]);
		while (out->len >= before + 3) {
			uint8_t *tail = out->data + out->len - 3;
			uint8_t c;

			if (tail[0] != '%' ||
			    !text_unhex(&c, (const char *)tail + 1, 1))
				break;
			buf_cut(out, out->len - 2);
			out->data[out->len - 1] = c;
		}
	}
}

static void
add_lower(struct buf *out, const char *s, size_t len)
{
	struct buf escaped = { 0 };

	url_add_escaped(&escaped, s, len, SET_SURT);
	for (size_t i = 0; i < escaped.len; i++)
		buf_add_byte(out, (uint8_t)text_lower(escaped.data[i]));
	buf_clear(&escaped);
}

/* Digits alone are the low 32 bits of an address, as far as they go. */
static int
host_ipv4(const char *s, size_t len, unsigned *v4)
{
	uint32_t bits = 0;

	if (strspn(s, "0123456789.") < len || len == 0)
		return 0;
	if (count_digits(s, len) < len)
		return url_host_ipv4(s, len, v4);
	for (size_t i = 0; i < len; i++)
		bits = 10 * bits + (uint32_t)(s[i] - '0');
	*v4 = bits;
	return 1;
}

/* The host without escapes, as lower-case ASCII, without stray dots. */
static void
add_host(struct buf *out, const struct span *host)
{
	struct buf decoded = { 0 };
	struct buf ascii = { 0 };
	struct span s;
	unsigned v4;

	add_decoded(&decoded, host);
	s = (struct span){ buf_text(&decoded), decoded.len };
	if (!url_host_add_ascii(&ascii, s.s, s.len))
		buf_add(&ascii, s.s, s.len);
	buf_reset(&decoded);
	for (size_t i = 0; i < ascii.len; i++) {
		buf_add_byte(&decoded, ascii.data[i]);
		if (ascii.data[i] == '.' && i + 1 < ascii.len &&
		    ascii.data[i + 1] == '.')
			i++;
	}
	s = (struct span){ buf_text(&decoded), decoded.len };
	while (s.len > 0 && s.s[s.len - 1] == '.')
		s.len--;
	while (s.len > 0 && s.s[0] == '.') {
		s.s++;
		s.len--;
	}
	buf_cut(&decoded, (size_t)(s.s + s.len - buf_text(&decoded)));
	if (host_ipv4(s.s, s.len, &v4))
		buf_format(out, "%u.%u.%u.%u", v4 >> 24, v4 >> 16 & 255,
		    v4 >> 8 & 255, v4 & 255);
	else
		add_lower(out, s.s, s.len);
	buf_clear(&decoded);
	buf_clear(&ascii);
}

static void
add_labels(struct buf *out, const char *host, size_t len)
{
	for (;;) {
		const char *dot = memrchr(host, '.', len);
		size_t start = dot == NULL ? 0 : (size_t)(dot + 1 - host);

		buf_add(out, host + start, len - start);
		if (dot == NULL)
			return;
		buf_add_byte(out, ',');
		len = start - 1;
	}
}

void
surt_add_reversed(struct buf *out, const char *host, size_t len)
{
	if (len > 3 && memcmp(host, "www", 3) == 0) {
		size_t skip = 3 + count_digits(host + 3, len - 3);

		if (skip < len && host[skip] == '.') {
			host += skip + 1;
			len -= skip + 1;
		}
	}
	add_labels(out, host, len);
}

/* Not the scheme's own port; what is no port is kept as it is written. */
static void
add_port(struct buf *out, const struct parts *p)
{
	uint64_t port;
	int usual = 0;

	if (p->port.len == 0)
		return;
	if (!text_uint(p->port.s, p->port.len, UINT16_MAX, &port)) {
		buf_add_byte(out, ':');
		add_lower(out, p->port.s, p->port.len);
		return;
	}
	if (text_equal_nocase(p->scheme.s, p->scheme.len, "http") ||
	    text_equal_nocase(p->scheme.s, p->scheme.len, "https"))
		(void)url_scheme_is_special(p->scheme.s, p->scheme.len, &usual);
	if (port != 0 && (int)port != usual)
		buf_format(out, ":%u", (unsigned)port);
}

/* Dot segments are resolved, ".." that leads nowhere stays; an empty segment
 * is one that ".." can remove, and goes itself only at the end. */
static void
add_normal_path(struct buf *out, const char *s, size_t len)
{
	struct buf path = { 0 };
	const char *end = s + len;

	for (s += len > 0 && s[0] == '/'; s <= end; s++) {
		const char *slash = memchr(s, '/', (size_t)(end - s));
		size_t part = (size_t)((slash == NULL ? end : slash) - s);

		if (part == 2 && memcmp(s, "..", 2) == 0 && path.len > 0) {
			const uint8_t *last = memrchr(path.data, '/', path.len);

			buf_cut(&path, (size_t)(last - path.data));
		} else if (part != 1 || s[0] != '.') {
			buf_add_byte(&path, '/');
			buf_add(&path, s, part);
		}
		s += part;
	}
	for (size_t i = 0; i < path.len; i++)
		if (path.data[i] != '/' || i == 0 || path.data[i - 1] != '/')
			buf_add_byte(out, path.data[i]);
	if (out->len == 0)
		buf_add_byte(out, '/');
	buf_clear(&path);
}

static void
add_path(struct buf *out, const struct parts *p, int has_host)
{
	struct buf decoded = { 0 };
	struct buf normal = { 0 };
	struct buf path = { 0 };

	add_decoded(&decoded, &p->path);
	if (has_host) {
		add_normal_path(&normal, buf_text(&decoded), decoded.len);
		add_lower(&path, buf_text(&normal), normal.len);
	} else {
		add_lower(&path, buf_text(&decoded), decoded.len);
	}
	surt_remove_path_session(&path);
	if (path.len > 1 && path.data[path.len - 1] == '/')
		buf_cut(&path, path.len - 1);
	if (path.len == 0 && p->query.len > 0)
		buf_add_byte(&path, '/');
	buf_add(out, path.data, path.len);
	buf_clear(&decoded);
	buf_clear(&normal);
	buf_clear(&path);
}

static int
compare_spans(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	if (order != 0)
		return order;
	return a_len < b_len ? -1 : a_len > b_len;
}

/* By name, then by value; a bare name before one with "=". */
static int
compare_parameters(const void *a_void, const void *b_void)
{
	const struct span *a = a_void;
	const struct span *b = b_void;
	const char *a_mark = memchr(a->s, '=', a->len);
	const char *b_mark = memchr(b->s, '=', b->len);
	size_t a_name = a_mark == NULL ? a->len : (size_t)(a_mark - a->s);
	size_t b_name = b_mark == NULL ? b->len : (size_t)(b_mark - b->s);
	int order = compare_spans(a->s, a_name, b->s, b_name);

	if (order != 0)
		return order;
	return compare_spans(
	    a->s + a_name, a->len - a_name, b->s + b_name, b->len - b_name);
}

void
surt_add_sorted(struct buf *out, const char *s, size_t len)
{
	struct span *list = mem_zero(len + 1, sizeof(*list));
	size_t count = 0;
	size_t start = 0;

	for (size_t i = 0; i <= len; i++)
		if (i == len || s[i] == '&') {
			list[count++] = (struct span){ s + start, i - start };
			start = i + 1;
		}
	qsort(list, count, sizeof(*list), compare_parameters);
	for (size_t i = 0; i < count; i++) {
		buf_add_byte(out, i == 0 ? '?' : '&');
		buf_add(out, list[i].s, list[i].len);
	}
	free(list);
}

static void
add_query(struct buf *out, const struct span *raw)
{
	struct buf decoded = { 0 };
	struct buf query = { 0 };

	add_decoded(&decoded, raw);
	add_lower(&query, buf_text(&decoded), decoded.len);
	surt_remove_query_sessions(&query);
	if (query.len > 0)
		surt_add_sorted(out, buf_text(&query), query.len);
	buf_clear(&decoded);
	buf_clear(&query);
}

void
cdxj_add_key(struct buf *out, const char *url)
{
	if (!surt_add_plain(out, url))
		surt_add_any(out, url);
}

void
surt_add_any(struct buf *out, const char *url)
{
	struct buf clean = { 0 };
	struct buf host = { 0 };
	struct parts p;

	add_cleaned(&clean, url);
	if (clean.len == 0 || text_starts(buf_text(&clean), "filedesc")) {
		buf_add_text(out, clean.len == 0 ? "-" : buf_text(&clean));
		buf_clear(&clean);
		return;
	}
	p = split(buf_text(&clean));
	add_host(&host, &p.host);
	if (host.len > 0) {
		if (p.scheme.len == 3 && memcmp(p.scheme.s, "dns", 3) == 0)
			add_labels(out, buf_text(&host), host.len);
		else
			surt_add_reversed(out, buf_text(&host), host.len);
		add_port(out, &p);
		buf_add_byte(out, ')');
	} else {
		buf_add(out, p.scheme.s, p.scheme.len);
		buf_add_byte(out, ':');
	}
	add_path(out, &p, host.len > 0);
	add_query(out, &p.query);
	buf_clear(&clean);
	buf_clear(&host);
}
