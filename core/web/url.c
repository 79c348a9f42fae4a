/* URLs: their parts and their escapes. The parser is url_parse.c. */
#include "core/web/url.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/text.h"

struct scheme {
	const char *name;
	int port;
};

static const struct scheme special_schemes[] = {
	{ "http", 80 },
	{ "https", 443 },
	{ "ws", 80 },
	{ "wss", 443 },
	{ "ftp", 21 },
	{ "file", URL_NO_PORT },
};

int
url_scheme_is_special(const char *s, size_t len, int *port)
{
	size_t count = sizeof(special_schemes) / sizeof(special_schemes[0]);

	for (size_t i = 0; i < count; i++) {
		if (!text_equal_nocase(s, len, special_schemes[i].name))
			continue;
		if (port != NULL)
			*port = special_schemes[i].port;
		return 1;
	}
	return 0;
}

int
url_is_unreserved(int c)
{
	int lower = text_lower(c);

	return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

static void
add_escape(struct buf *out, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";
	char escape[3] = { '%', digits[c >> 4], digits[c & 15] };

	buf_add(out, escape, sizeof(escape));
}

void
url_add_percent_encoded(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (url_is_unreserved(c))
			buf_add_byte(out, c);
		else
			add_escape(out, c);
	}
}

void
url_add_escaped(struct buf *out, const char *s, size_t len, const char *set)
{
	size_t start = 0; /* of what passes as it is */

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		/* No set has unreserved characters. */
		if (url_is_unreserved(c) ||
		    (c >= 0x20 && c <= 0x7E && strchr(set, c) == NULL))
			continue;
		buf_add(out, s + start, i - start);
		add_escape(out, c);
		start = i + 1;
	}
	buf_add(out, s + start, len - start);
}

void
url_add_stripped(struct buf *out, const char *s, size_t len)
{
	while (len > 0 && (unsigned char)s[len - 1] <= ' ')
		len--;
	while (len > 0 && (unsigned char)s[0] <= ' ') {
		s++;
		len--;
	}
	while (len > 0) {
		size_t n = 0;

		while (n < len && s[n] != '\t' && s[n] != '\n' && s[n] != '\r')
			n++;
		buf_add(out, s, n);
		n += n < len;
		s += n;
		len -= n;
	}
}

void
url_add_percent_decoded(struct buf *out, const char *s, size_t len)
{
	if (memchr(s, '%', len) == NULL) {
		buf_add(out, s, len);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		uint8_t c = (uint8_t)s[i];

		if (c == '%' && len - i > 2 && text_unhex(&c, s + i + 1, 1))
			i += 2;
		buf_add_byte(out, c);
	}
}

int
url_copy(struct url *to, const struct url *from)
{
	*to = *from;
	to->text = mem_dup(from->text, (size_t)from->len + 1);
	return 0;
}

void
url_clear(struct url *url)
{
	free(url->text);
	*url = (struct url){ .port = URL_NO_PORT };
}

void
url_drop_fragment(struct url *url)
{
	if (url->fragment_start == 0)
		return;
	url->len = url->fragment_start - 1;
	url->text[url->len] = '\0';
	url->fragment_start = 0;
	url->fragment_len = 0;
}

static int
is_scheme(const struct url *url, const char *name)
{
	return url->text != NULL &&
	       text_equal_nocase(url->text, url->scheme_len, name);
}

int
url_is_https(const struct url *url)
{
	return is_scheme(url, "https") && url->host_len > 0;
}

int
url_is_http(const struct url *url)
{
	return url_is_https(url) ||
	       (is_scheme(url, "http") && url->host_len > 0);
}

int
url_port(const struct url *url)
{
	int port = url->port;

	if (port == URL_NO_PORT)
		(void)url_scheme_is_special(url->text, url->scheme_len, &port);
	return port;
}

int
url_host(const struct url *url, char *out, size_t cap)
{
	const char *s = url->text + url->host_start;
	size_t len = url->host_len;

	if (len > 1 && s[0] == '[') {
		s++;
		len -= 2;
	}
	if (len >= cap)
		return 0;
	memcpy(out, s, len);
	out[len] = '\0';
	return 1;
}

void
url_add_origin(struct buf *out, const struct url *url)
{
	buf_add(out, url->text, url->scheme_len);
	buf_add_text(out, "://");
	buf_add(out, url->text + url->host_start, url->host_len);
	if (url->port != URL_NO_PORT)
		buf_format(out, ":%d", url->port);
}

void
url_add_request_target(struct buf *out, const struct url *url)
{
	if (url->path_len == 0)
		buf_add_byte(out, '/');
	buf_add(out, url->text + url->path_start, url->path_len);
	if (url->query_start == 0)
		return;
	buf_add_byte(out, '?');
	buf_add(out, url->text + url->query_start, url->query_len);
}
