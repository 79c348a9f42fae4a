/* Paths as they stand in manifests and fetch.txt. */
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "core/archive/bag_text.h"
#include "core/base/error.h"
#include "core/base/text.h"

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)text_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Of a path at P, "%0A" and its like: the byte, or -1. RFC 8493, 2.1.3; the
 * drafts knew CR and LF only. */
static int
escape_at(const char *p, size_t len, unsigned version)
{
	int byte;

	if (len < 3 || p[0] != '%' || hex_value(p[1]) < 0 ||
	    hex_value(p[2]) < 0)
		return -1;
	byte = hex_value(p[1]) * 16 + hex_value(p[2]);
	if (byte == '\n' || byte == '\r' || (byte == '%' && version >= 100))
		return byte;
	return -1;
}

/* Why a path is not followed; NULL: it stays in the bag. */
static const char *
path_danger(const char *p, size_t len)
{
	if (len == 0)
		return "is empty";
	if (memchr(p, '\0', len) != NULL)
		return "holds a NUL";
	if (p[0] == '/' || p[0] == '~')
		return "leads out of the bag";
	if (len >= 2 && p[1] == ':' && text_lower(p[0]) >= 'a' &&
	    text_lower(p[0]) <= 'z')
		return "leads out of the bag (a drive)";
	if (memchr(p, '\\', len) != NULL)
		return "holds a backslash";
	while (len > 0) {
		const char *slash = memchr(p, '/', len);
		size_t part = slash == NULL ? len : (size_t)(slash - p);

		if (part == 2 && memcmp(p, "..", 2) == 0)
			return "leads out of the bag";
		if (part == 0 || (part == 1 && p[0] == '.'))
			return "has an empty part";
		if (slash != NULL && part + 1 == len)
			return "is a folder's";
		p += slash == NULL ? part : part + 1;
		len -= slash == NULL ? part : part + 1;
	}
	return NULL;
}

int
bag_path_read(struct bag_path *out, const char *p, size_t len, unsigned version,
    struct error *e)
{
	const char *danger;
	size_t n = 0;
	int shown = (int)(len < 200 ? len : 200);
	const char *whole = p;

	out->loose = 0;
	while (len >= 2 && p[0] == '.' && p[1] == '/') {
		out->loose |= BAG_LOOSE_DOT;
		p += 2;
		len -= 2;
	}
	for (size_t i = 0; i < len; i++) {
		int byte = escape_at(p + i, len - i, version);

		if (n == LIMIT_PACKAGE_NAME)
			return error_set(e, ERROR_LIMIT,
			    "path \"%.*s...\" is longer than %d bytes", shown,
			    whole, (int)LIMIT_PACKAGE_NAME);
		out->text[n++] = byte >= 0 ? (char)byte : p[i];
		i += byte >= 0 ? 2 : 0;
	}
	danger = path_danger(out->text, n);
	if (danger != NULL)
		return error_set(
		    e, ERROR_INPUT, "path \"%.*s\" %s", shown, whole, danger);
	out->text[n] = '\0';
	if (!text_is_utf8(out->text, n))
		out->loose |= BAG_LOOSE_CODING;
	return 0;
}

int
bag_entry_read(struct bag_entry *out, const char *line, size_t len,
    size_t raw_len, unsigned version, struct error *e)
{
	size_t digits = 0;
	size_t n;
	unsigned loose = 0;

	while (digits < len && hex_value(line[digits]) >= 0)
		digits++;
	n = digits;
	while (n < len && bag_is_blank(line[n]))
		n++;
	if (digits == 0 || n == digits || n == len)
		return error_set(e, ERROR_INPUT, "is no digest and path");
	if (digits % 2 != 0 || digits > (size_t)2 * DIGEST_RAW_MAX ||
	    (raw_len != 0 && digits != 2 * raw_len))
		return error_set(e, ERROR_INPUT,
		    "digest of %llu digits is none of its algorithm",
		    (unsigned long long)digits);
	out->raw_len = digits / 2;
	(void)text_unhex(out->raw, line, out->raw_len); /* are digits */
	if (line[n] == '*' && n + 1 < len) {
		loose = BAG_LOOSE_STAR;
		n++;
	}
	if (bag_path_read(&out->path, line + n, len - n, version, e) != 0)
		return -1;
	out->path.loose |= loose;
	return 0;
}

/* Is it "scheme:" and something? */
static int
is_absolute_url(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && text_lower(p[n]) >= 'a' && text_lower(p[n]) <= 'z')
		n++;
	if (n == 0)
		return 0;
	while (
	    n < len && ((text_lower(p[n]) >= 'a' && text_lower(p[n]) <= 'z') ||
			   (p[n] >= '0' && p[n] <= '9') || p[n] == '+' ||
			   p[n] == '-' || p[n] == '.'))
		n++;
	return n + 1 < len && p[n] == ':';
}

static size_t
word_end(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && !bag_is_blank(p[n]))
		n++;
	return n;
}

int
bag_fetch_read(struct bag_fetch *out, const char *line, size_t len,
    unsigned version, struct error *e)
{
	size_t at = word_end(line, len);
	size_t n;

	out->url = line;
	out->url_len = at;
	if (!is_absolute_url(line, at))
		return error_set(e, ERROR_INPUT, "has no absolute address");
	at += bag_blank_end(line + at, len - at);
	n = word_end(line + at, len - at);
	out->length = UINT64_MAX;
	if (!(n == 1 && line[at] == '-') &&
	    !text_uint(line + at, n, UINT64_MAX - 1, &out->length))
		return error_set(e, ERROR_INPUT, "has no length");
	at += n;
	n = bag_blank_end(line + at, len - at);
	if (n == 0)
		return error_set(e, ERROR_INPUT, "has no path");
	at += n;
	return bag_path_read(&out->path, line + at, len - at, version, e);
}

static int
is_ascii(const char *s)
{
	while (*s != '\0' && (unsigned char)*s < 0x80)
		s++;
	return *s == '\0';
}

static char *
mapped(const char *name, unsigned options)
{
	utf8proc_uint8_t *out = NULL;
	utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)name, 0,
	    &out,
	    (utf8proc_option_t)(options | UTF8PROC_NULLTERM | UTF8PROC_STABLE |
				UTF8PROC_COMPOSE));

	return n < 0 ? NULL : (char *)out;
}

void
bag_fold(struct buf *out, const char *name)
{
	char *folded = NULL;

	if (!is_ascii(name))
		folded = mapped(name, UTF8PROC_CASEFOLD);
	if (folded != NULL)
		buf_add_text(out, folded);
	else
		for (; *name != '\0'; name++)
			buf_add_byte(out, (uint8_t)text_lower(*name));
	free(folded);
}

int
bag_same_form(const char *a, const char *b)
{
	char *x = mapped(a, 0);
	char *y = mapped(b, 0);
	int same = x != NULL && y != NULL && strcmp(x, y) == 0;

	free(x);
	free(y);
	return same;
}

int
bag_manifest_name(
    const char *name, int *is_tag, const char **algorithm, size_t *len)
{
	const char *p = name;
	size_t n;

	*is_tag = text_starts(p, "tag");
	p += *is_tag ? 3 : 0;
	if (!text_starts(p, "manifest-"))
		return 0;
	p += strlen("manifest-");
	n = strlen(p);
	if (n <= 4 || strcmp(p + n - 4, ".txt") != 0 ||
	    memchr(p, '/', n) != NULL)
		return 0;
	*algorithm = p;
	*len = n - 4;
	return 1;
}
