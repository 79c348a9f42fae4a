/* Relative paths for what URLs gave. */
#include "core/collection/safe_path.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/text.h"
#include "core/web/url.h"

enum {
	DIGEST_SHOWN = 8, /* raw bytes of the digest in a cut name */
	SUFFIX_MAX = 8    /* ".jpeg" survives a cut */
};

static int
is_safe(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-_.~%+,=@", c) != NULL);
}

static void
add_digest(struct buf *out, const char *s, size_t len)
{
	uint8_t raw[DIGEST_SHA256_RAW];
	char hex[2 * DIGEST_SHOWN + 1];

	digest_sha256(s, len, raw);
	text_hex(hex, raw, DIGEST_SHOWN);
	buf_add_text(out, hex);
}

/* Where the suffix of the name S..LEN begins: LEN when it has none worth
 * keeping. */
static size_t
suffix_at(const char *s, size_t len)
{
	for (size_t i = len; i-- > 1 && len - i <= SUFFIX_MAX;)
		if (s[i] == '.')
			return i;
	return len;
}

/* One part of the path: unsafe bytes become "_". */
static void
add_part(struct buf *out, const char *s, size_t len)
{
	size_t start = out->len;
	size_t suffix;

	if (len == 0 || s[0] == '.')
		buf_add_byte(out, '_');
	for (size_t i = 0; i < len; i++)
		buf_add_byte(
		    out, is_safe((unsigned char)s[i]) ? (uint8_t)s[i] : '_');
	if (out->len - start <= SAFE_NAME_MAX)
		return;
	suffix = suffix_at(s, len);
	buf_cut(out, start + SAFE_NAME_MAX - 2 * DIGEST_SHOWN - 1 - SUFFIX_MAX);
	buf_add_byte(out, '~');
	add_digest(out, s, len);
	for (size_t i = suffix; i < len; i++)
		buf_add_byte(
		    out, is_safe((unsigned char)s[i]) ? (uint8_t)s[i] : '_');
}

static void
add_host(struct buf *out, const struct url *url)
{
	char host[512];
	struct buf name = { 0 };

	if (!url_host(url, host, sizeof(host)))
		host[0] = '\0';
	buf_add_text(&name, host);
	if (url->port != URL_NO_PORT)
		buf_format(&name, "+%d", url->port);
	add_part(out, buf_text(&name), name.len);
	buf_clear(&name);
}

static int
is_html(const char *type)
{
	return strcmp(type, "text/html") == 0 ||
	       strcmp(type, "application/xhtml+xml") == 0;
}

/* The last part: a name, or the page of a folder, and the query. */
static void
add_name(struct buf *out, const struct url *url, const char *s, size_t len,
    const char *type)
{
	struct buf name = { 0 };

	buf_add(&name, s, len);
	if (len == 0)
		buf_add_text(&name, "index");
	if (url->query_start != 0 && url->query_len > 0) {
		buf_add_byte(&name, '@');
		buf_add(&name, url->text + url->query_start, url->query_len);
	}
	if (is_html(type) && !text_ends(buf_text(&name), ".html") &&
	    !text_ends(buf_text(&name), ".htm"))
		buf_add_text(&name, ".html");
	add_part(out, buf_text(&name), name.len);
	buf_clear(&name);
}

/* The parts below the host. 1 / 0: they are too many. */
static int
add_parts(struct buf *out, const struct url *url, const char *type)
{
	const char *s = url->text + url->path_start;
	const char *end = s + url->path_len;
	int depth = 1;

	s += s < end && *s == '/';
	while (depth++ < SAFE_DEPTH_MAX) {
		const char *slash = memchr(s, '/', (size_t)(end - s));

		buf_add_byte(out, '/');
		if (slash == NULL) {
			add_name(out, url, s, (size_t)(end - s), type);
			return 1;
		}
		add_part(out, s, (size_t)(slash - s));
		s = slash + 1;
	}
	return 0;
}

void
safe_path(struct buf *out, const char *text, const char *type)
{
	struct url url = { 0 };
	size_t start = out->len;
	size_t host;

	if (url_parse(&url, text, strlen(text), NULL, NULL) != 0) {
		buf_add_text(out, "_/");
		add_digest(out, text, strlen(text));
		return;
	}
	add_host(out, &url);
	host = out->len;
	if (!add_parts(out, &url, type) || out->len - start > SAFE_PATH_MAX) {
		buf_cut(out, host);
		buf_add_text(out, "/_long/");
		add_digest(out, text, strlen(text));
	}
	url_clear(&url);
}

void
safe_path_numbered(struct buf *out, const char *path, unsigned n)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	size_t suffix = suffix_at(name, strlen(name));

	buf_add(out, path, (size_t)(name - path) + suffix);
	buf_format(out, "~%u", n);
	buf_add_text(out, name + suffix);
}
