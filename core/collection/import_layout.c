/* From files in folders to URLs: wget, HTTrack, plain folders. */
#include "core/collection/import_layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/web/url.h"

/* Bytes that no path of a URL has as they are, but for "%" and "?". */
#define NEVER_PLAIN " \"#<>\\^`{|}"

enum { HTTRACK_FIELDS = 9, SECONDS_OF_DAY = 24 * 3600 };

const char *
import_layout_name(enum import_layout l)
{
	static const char *const names[] = { "none", "files", "wget",
		"httrack" };

	return names[l];
}

/* ---- wget ---- */

static int
is_host_byte(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

/* The length of the host in HOST[:PORT], or HOST+PORT as on other systems;
 * 0 it is none. */
static size_t
host_len(const char *name, size_t len)
{
	size_t host = 0;
	size_t digits = 0;

	while (host < len && is_host_byte((unsigned char)name[host]))
		host++;
	if (host == 0 || name[0] == '.' || name[host - 1] == '.')
		return 0;
	if (host == len)
		return host;
	if (name[host] != ':' && name[host] != '+')
		return 0;
	for (size_t i = host + 1; i < len; i++, digits++)
		if (name[i] < '0' || name[i] > '9')
			return 0;
	return digits > 0 && digits <= 5 ? host : 0;
}

static int
is_localhost(const char *name, size_t len)
{
	return len == strlen("localhost") &&
	       memcmp(name, "localhost", len) == 0;
}

int
import_is_host(const char *name, size_t len)
{
	size_t host = host_len(name, len);

	if (host == 0)
		return 0;
	return host < len || memchr(name, '.', host) != NULL ||
	       is_localhost(name, host);
}

static int
is_address(const char *host, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (host[i] != '.' && (host[i] < '0' || host[i] > '9'))
			return 0;
	return 1;
}

/* Nobody has a certificate for a machine of the house, or asks one behind
 * another port as a rule. */
static const char *
likely_scheme(const char *name, size_t len)
{
	size_t host = host_len(name, len);
	const char *port = name + host + 1;
	size_t digits = host < len ? len - host - 1 : 0;

	if (digits > 0)
		return (digits == 3 && memcmp(port, "443", 3) == 0) ||
			       (digits == 4 && memcmp(port, "8443", 4) == 0)
			   ? "https"
			   : "http";
	return is_address(name, host) || is_localhost(name, host) ? "http"
								  : "https";
}

static void
add_byte(struct buf *out, const char *at, const char *more)
{
	if (*at == '%' && at[1] != '\0' &&
	    strspn(at + 1, "0123456789abcdefABCDEF") >= 2)
		buf_add_byte(out, '%');
	else
		url_add_escaped(out, at, 1, more);
}

/* PATH as wget spells it: escapes undone, but for what no file name has. */
static void
add_wget_path(struct buf *out, const char *path)
{
	static const char index[] = "index.html";
	const char *slash = strrchr(path, '/');
	const char *last = slash == NULL ? path : slash + 1;
	size_t skip = strncmp(last, index, sizeof(index) - 1) == 0
			  ? sizeof(index) - 1
			  : 0;

	if (last[skip] != '\0' && last[skip] != '?')
		skip = 0;
	for (const char *at = path; *at != '\0'; at++) {
		if (at == last)
			at += skip;
		if (*at == '\0')
			break;
		if (at >= last && *at == '?') {
			/* The query: another "?" in it may stay. */
			for (; *at != '\0'; at++)
				add_byte(out, at, NEVER_PLAIN "%");
			return;
		}
		add_byte(out, at, NEVER_PLAIN "%?");
	}
}

static int
wget_url(const struct import_base *base, const char *path, struct buf *out,
    struct error *e)
{
	const char *scheme = base->scheme;
	size_t len = strcspn(path, "/");
	size_t host;

	if (base->url[0] != '\0') {
		buf_add_text(out, base->url);
		add_wget_path(out, path);
		return 0;
	}
	/* --protocol-directories */
	if ((len == 4 && memcmp(path, "http", 4) == 0) ||
	    (len == 5 && memcmp(path, "https", 5) == 0)) {
		scheme = len == 4 ? "http" : "https";
		path += len + (path[len] == '/');
		len = strcspn(path, "/");
	}
	host = host_len(path, len);
	if (host == 0 || path[len] != '/')
		return error_set(e, ERROR_INPUT, "lies below no host's folder");
	buf_add_text(
	    out, scheme[0] == '\0' ? likely_scheme(path, len) : scheme);
	buf_add_text(out, "://");
	buf_add(out, path, host);
	if (host < len) {
		buf_add_byte(out, ':');
		buf_add(out, path + host + 1, len - host - 1);
	}
	buf_add_byte(out, '/');
	add_wget_path(out, path + len + 1);
	return 0;
}

/* ---- any ---- */

/* As the URL standard spells it. */
static int
normalize(struct buf *url, size_t start, struct error *e)
{
	struct url u = { 0 };

	if (url_parse(&u, buf_text(url) + start, url->len - start, NULL, e) !=
	    0)
		return -1;
	buf_cut(url, start);
	buf_add_text(url, u.text);
	if (!url_is_http(&u)) {
		url_clear(&u);
		return error_set(e, ERROR_INPUT, "%s: no http or https URL",
		    buf_text(url) + start);
	}
	url_clear(&u);
	return 0;
}

int
import_layout_normalize(struct buf *url, struct error *e)
{
	return normalize(url, 0, e);
}

int
import_layout_url(enum import_layout l, const struct import_base *base,
    const char *path, struct buf *url, struct error *e)
{
	size_t start = url->len;
	int rc = 0;

	if (l == LAYOUT_WGET) {
		rc = wget_url(base, path, url, e);
	} else if (l == LAYOUT_FILES) {
		buf_add_text(url, base->url);
		url_add_escaped(url, path, strlen(path), NEVER_PLAIN "%?");
	} else {
		rc = error_set(e, ERROR_INPUT, "no path tells its URL");
	}
	if (rc == 0)
		rc = normalize(url, start, e);
	if (rc != 0)
		buf_cut(url, start);
	return rc;
}

/* ---- HTTrack ---- */

/* "20:40:29"; -1. */
static int
seconds_of(const char *time)
{
	unsigned n[3];

	for (size_t i = 0; i < 3; i++) {
		const char *at = time + 3 * i;
		uint64_t value;

		if (strlen(time) != 8 || !text_uint(at, 2, 60, &value) ||
		    (i < 2 && at[2] != ':'))
			return -1;
		n[i] = (unsigned)value;
	}
	return n[0] > 23 ? -1 : (int)(n[0] * 3600 + n[1] * 60 + n[2]);
}

int
httrack_line_read(char *line, struct httrack_line *out)
{
	char *fields[HTTRACK_FIELDS + 1];
	size_t count = 0;
	static const char from[] = "(from ";

	for (char *at = line; at != NULL; count++) {
		char *tab = strchr(at, '\t');

		if (count == HTTRACK_FIELDS + 1)
			return 0;
		fields[count] = at;
		if (tab != NULL)
			*tab++ = '\0';
		at = tab;
	}
	if (count != HTTRACK_FIELDS + 1)
		return 0;
	*out = (struct httrack_line){
		.time = fields[0],
		.flags = fields[2],
		.status = fields[3],
		.message = fields[4],
		.type = fields[5],
		.validator = fields[6],
		.url = fields[7],
		.file = fields[8],
		.from = fields[9],
		.seconds = seconds_of(fields[0]),
	};
	if (text_starts(out->from, from)) {
		size_t len = strlen(out->from);

		if (fields[9][len - 1] == ')')
			fields[9][len - 1] = '\0';
		out->from += sizeof(from) - 1;
	}
	return out->seconds >= 0 && out->url[0] != '\0';
}

int
httrack_began(const char *log, int64_t *us)
{
	static const char mark[] = " launched on ";
	const char *at = strstr(log, mark);
	char text[64];

	if (at == NULL)
		return 0;
	at += sizeof(mark) - 1;
	/* As in HTTP, without the zone. */
	(void)snprintf(text, sizeof(text), "%.25s GMT", at);
	return date_parse_http(text, us);
}

/* ---- media types ---- */

static const struct {
	const char *suffix, *type;
} types[] = {
	{ ".html", "text/html" },
	{ ".htm", "text/html" },
	{ ".xhtml", "application/xhtml+xml" },
	{ ".php", "text/html" },
	{ ".asp", "text/html" },
	{ ".aspx", "text/html" },
	{ ".css", "text/css" },
	{ ".js", "text/javascript" },
	{ ".mjs", "text/javascript" },
	{ ".json", "application/json" },
	{ ".xml", "application/xml" },
	{ ".rss", "application/rss+xml" },
	{ ".atom", "application/atom+xml" },
	{ ".txt", "text/plain" },
	{ ".csv", "text/csv" },
	{ ".md", "text/markdown" },
	{ ".png", "image/png" },
	{ ".jpg", "image/jpeg" },
	{ ".jpeg", "image/jpeg" },
	{ ".gif", "image/gif" },
	{ ".webp", "image/webp" },
	{ ".avif", "image/avif" },
	{ ".svg", "image/svg+xml" },
	{ ".ico", "image/vnd.microsoft.icon" },
	{ ".bmp", "image/bmp" },
	{ ".tif", "image/tiff" },
	{ ".tiff", "image/tiff" },
	{ ".pdf", "application/pdf" },
	{ ".doc", "application/msword" },
	{ ".docx", "application/vnd.openxmlformats-officedocument."
		   "wordprocessingml.document" },
	{ ".zip", "application/zip" },
	{ ".gz", "application/gzip" },
	{ ".mp3", "audio/mpeg" },
	{ ".m4a", "audio/mp4" },
	{ ".ogg", "audio/ogg" },
	{ ".wav", "audio/wav" },
	{ ".mp4", "video/mp4" },
	{ ".webm", "video/webm" },
	{ ".woff", "font/woff" },
	{ ".woff2", "font/woff2" },
	{ ".ttf", "font/ttf" },
	{ ".otf", "font/otf" },
	{ ".wasm", "application/wasm" },
	{ ".webmanifest", "application/manifest+json" },
};

static const char *
type_of_end(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t n = strlen(types[i].suffix);

		if (len > n &&
		    text_equal_nocase(name + len - n, n, types[i].suffix))
			return types[i].type;
	}
	return NULL;
}

const char *
import_type_of_name(const char *name)
{
	const char *type = type_of_end(name, strlen(name));

	return type != NULL ? type : type_of_end(name, strcspn(name, "?"));
}
