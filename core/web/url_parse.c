/* URLs by the WHATWG URL standard: parsing, resolving, serializing. */
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/web/url.h"
#include "core/web/url_host.h"

/* WHATWG URL, 1.3: percent-encode sets over the C0 control set. */
#define SET_FRAGMENT      " \"<>`"
#define SET_QUERY         " \"#<>"
#define SET_SPECIAL_QUERY SET_QUERY "'"
#define SET_PATH          SET_QUERY "?^`{}"
#define SET_USERINFO      SET_PATH "/:;=@[\\]|"

/* A run of the input that is not parsed yet. */
struct span {
	const char *s;
	size_t len;
};

/*
 * The states of the standard become functions: what a state may read is cut
 * off beforehand, since "#" and "?" end every part that precedes them. The
 * serialization grows in OUT in the order in which it is read.
 */
struct parser {
	struct buf out;
	struct url url;
	const struct url *base;
	struct span rest;
	struct span query; /* s NULL: none */
	struct span fragment;
	int has_host;
	int is_file;
	struct error *e;
};

/* The path is one string without structure, as in "mailto:a@b". */
static int
is_opaque(const struct url *url)
{
	return url->host_start == 0 && url->text[url->path_start] != '/';
}

static int
is_slash(const struct parser *p, size_t at)
{
	if (at >= p->rest.len)
		return 0;
	return p->rest.s[at] == '/' ||
	       (p->url.is_special && p->rest.s[at] == '\\');
}

static void
skip(struct parser *p, size_t len)
{
	p->rest.s += len;
	p->rest.len -= len;
}

/* Two bytes, a letter and ":" or "|". */
static int
is_drive_letter(const char *s, size_t len)
{
	int c = len == 2 ? text_lower((unsigned char)s[0]) : 0;

	return c >= 'a' && c <= 'z' && (s[1] == ':' || s[1] == '|');
}

static int
starts_with_drive_letter(const struct span *rest)
{
	return rest->len >= 2 && is_drive_letter(rest->s, 2) &&
	       (rest->len == 2 || rest->s[2] == '/' || rest->s[2] == '\\');
}

/* "/C:" and no more, or followed by "/". */
static int
path_has_drive(const char *path, size_t len)
{
	return len >= 3 && path[0] == '/' && path[2] == ':' &&
	       is_drive_letter(path + 1, 2) && (len == 3 || path[3] == '/');
}

static uint32_t
here(const struct parser *p)
{
	return (uint32_t)p->out.len;
}

static int
is_scheme_of_base(const struct parser *p)
{
	return p->base != NULL && p->base->scheme_len == p->url.scheme_len &&
	       memcmp(p->base->text, p->out.data, p->url.scheme_len) == 0;
}

static void
begin_host(struct parser *p)
{
	buf_add_text(&p->out, "//");
	p->has_host = 1;
	p->url.host_start = here(p);
}

/* Take user, host and port of the base. */
static void
copy_authority(struct parser *p)
{
	const struct url *base = p->base;
	uint32_t start = base->user_len > 0 ? base->user_start
					    : base->host_start;
	int64_t move;

	if (base->host_start == 0)
		return;
	begin_host(p);
	move = (int64_t)here(p) - start;
	buf_add(&p->out, base->text + start,
	    base->host_start + base->host_len - start);
	if (base->port != URL_NO_PORT)
		buf_format(&p->out, ":%d", base->port);
	if (base->user_len > 0)
		p->url.user_start = (uint32_t)(base->user_start + move);
	p->url.user_len = base->user_len;
	p->url.host_start = (uint32_t)(base->host_start + move);
	p->url.host_len = base->host_len;
	p->url.port = base->port;
}

/* WHATWG URL, 4.1 "shorten": the last segment goes, a drive letter stays. */
static void
shorten_path(struct parser *p)
{
	const char *path = buf_text(&p->out) + p->url.path_start;
	size_t len = p->out.len - p->url.path_start;
	const char *slash = memrchr(path, '/', len);

	if (p->is_file && len == 3 && path_has_drive(path, len))
		return;
	if (slash != NULL)
		buf_cut(&p->out, (size_t)(slash - buf_text(&p->out)));
}

/* 1 for ".", 2 for "..", with dots escaped or not; else 0. */
static int
dots_in(const char *s, size_t len)
{
	int dots = 0;

	for (size_t i = 0; i < len; dots++) {
		if (dots == 2)
			return 0;
		if (s[i] == '.')
			i++;
		else if (len - i >= 3 && text_equal_nocase(s + i, 3, "%2e"))
			i += 3;
		else
			return 0;
	}
	return dots;
}

/* WHATWG URL, "path state": REST is the path without its first slash. */
static void
add_path(struct parser *p)
{
	for (;;) {
		size_t len = 0;
		int dots;
		int is_last;

		while (len < p->rest.len && !is_slash(p, len))
			len++;
		is_last = len == p->rest.len;
		dots = dots_in(p->rest.s, len);
		if (dots == 2)
			shorten_path(p);
		if (dots == 0) {
			buf_add_byte(&p->out, '/');
			url_add_escaped(&p->out, p->rest.s, len, SET_PATH);
			if (p->is_file && is_drive_letter(p->rest.s, len) &&
			    p->out.len == p->url.path_start + 3)
				p->out.data[p->out.len - 1] = ':';
		} else if (is_last) {
			buf_add_byte(&p->out, '/');
		}
		if (is_last)
			return;
		skip(p, len + 1);
	}
}

/* WHATWG URL, "path start state". */
static void
start_path(struct parser *p)
{
	p->url.path_start = here(p);
	if (p->rest.len == 0 && !p->url.is_special)
		return;
	if (is_slash(p, 0))
		skip(p, 1);
	add_path(p);
}

static void
add_userinfo(struct parser *p, const char *s, size_t len)
{
	const char *colon = memchr(s, ':', len);
	size_t user = colon == NULL ? len : (size_t)(colon - s);

	p->url.user_start = here(p);
	url_add_escaped(&p->out, s, user, SET_USERINFO);
	if (colon != NULL && user + 1 < len) {
		buf_add_byte(&p->out, ':');
		url_add_escaped(
		    &p->out, colon + 1, len - user - 1, SET_USERINFO);
	}
	p->url.user_len = here(p) - p->url.user_start;
	if (p->url.user_len > 0)
		buf_add_byte(&p->out, '@');
	else
		p->url.user_start = 0;
}

static int
add_port(struct parser *p, const char *s, size_t len)
{
	int usual = URL_NO_PORT;
	int port = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return error_set(
			    p->e, ERROR_INPUT, "URL: port is not a number");
		port = 10 * port + (s[i] - '0');
		if (port > UINT16_MAX)
			return error_set(
			    p->e, ERROR_INPUT, "URL: port above 65535");
	}
	(void)url_scheme_is_special(
	    buf_text(&p->out), p->url.scheme_len, &usual);
	if (len == 0 || port == usual)
		return 0;
	p->url.port = port;
	buf_format(&p->out, ":%d", port);
	return 0;
}

static int
add_host(struct parser *p, const char *s, size_t len)
{
	p->url.host_start = here(p);
	if (url_host_add(&p->out, s, len, p->url.is_special, p->e) != 0)
		return -1;
	p->url.host_len = here(p) - p->url.host_start;
	return 0;
}

/* REST begins behind the slashes. */
static int
add_authority(struct parser *p)
{
	const char *s = p->rest.s;
	const char *at;
	size_t end = 0;
	size_t host = 0;

	while (end < p->rest.len && !is_slash(p, end))
		end++;
	skip(p, end);
	begin_host(p);
	at = memrchr(s, '@', end);
	if (at != NULL) {
		add_userinfo(p, s, (size_t)(at - s));
		end -= (size_t)(at + 1 - s);
		s = at + 1;
	}
	for (int is_bracketed = 0; host < end; host++) {
		if (s[host] == '[')
			is_bracketed = 1;
		else if (s[host] == ']')
			is_bracketed = 0;
		else if (s[host] == ':' && !is_bracketed)
			break;
	}
	if (host == 0 && (p->url.is_special || at != NULL || end > 0))
		return error_set(p->e, ERROR_INPUT, "URL: no host");
	if (add_host(p, s, host) != 0)
		return -1;
	if (host < end && add_port(p, s + host + 1, end - host - 1) != 0)
		return -1;
	start_path(p);
	return 0;
}

static int
add_authority_after_slashes(struct parser *p)
{
	while (is_slash(p, 0))
		skip(p, 1);
	return add_authority(p);
}

/* A path without structure; a space before "?" or "#" must not be last. */
static void
add_opaque_path(struct parser *p)
{
	size_t len = p->rest.len;
	int is_followed = p->query.s != NULL || p->fragment.s != NULL;

	p->url.path_start = here(p);
	if (is_followed && len > 0 && p->rest.s[len - 1] == ' ') {
		url_add_escaped(&p->out, p->rest.s, len - 1, "");
		buf_add_text(&p->out, "%20");
	} else {
		url_add_escaped(&p->out, p->rest.s, len, "");
	}
}

/* The base's path, its query too if the reference has neither. */
static void
add_base_path(struct parser *p)
{
	const struct url *base = p->base;

	p->url.path_start = here(p);
	buf_add(&p->out, base->text + base->path_start, base->path_len);
	if (p->rest.len > 0) {
		shorten_path(p);
		add_path(p);
	} else if (p->query.s == NULL && base->query_start > 0) {
		p->query.s = base->text + base->query_start;
		p->query.len = base->query_len;
	}
}

/* WHATWG URL, "relative state" and "relative slash state". */
static int
add_relative(struct parser *p)
{
	if (is_slash(p, 0) && is_slash(p, 1)) {
		if (p->url.is_special)
			return add_authority_after_slashes(p);
		skip(p, 2);
		return add_authority(p);
	}
	copy_authority(p);
	if (is_slash(p, 0))
		start_path(p);
	else
		add_base_path(p);
	return 0;
}

/* WHATWG URL, "file host state": REST begins behind "//". */
static int
add_file_host(struct parser *p)
{
	const char *s = p->rest.s;
	size_t end = 0;

	begin_host(p);
	while (end < p->rest.len && !is_slash(p, end))
		end++;
	if (!is_drive_letter(s, end)) {
		skip(p, end);
		if (end > 0 && add_host(p, s, end) != 0)
			return -1;
		s = buf_text(&p->out) + p->url.host_start;
		if (text_equal_nocase(s, p->url.host_len, "localhost")) {
			buf_cut(&p->out, p->url.host_start);
			p->url.host_len = 0;
		}
	}
	start_path(p);
	return 0;
}

/* WHATWG URL, "file state" and "file slash state". */
static int
add_file(struct parser *p)
{
	const struct url *base = p->base;
	int is_absolute = is_slash(p, 0);
	int has_drive = starts_with_drive_letter(&p->rest);

	if (is_absolute && is_slash(p, 1)) {
		skip(p, 2);
		return add_file_host(p);
	}
	if (!is_scheme_of_base(p)) {
		begin_host(p);
		start_path(p);
		return 0;
	}
	copy_authority(p);
	if (!is_absolute && !has_drive) {
		add_base_path(p);
		return 0;
	}
	p->url.path_start = here(p);
	if (is_absolute) {
		skip(p, 1);
		if (!starts_with_drive_letter(&p->rest) &&
		    path_has_drive(
			base->text + base->path_start, base->path_len))
			buf_add(&p->out, base->text + base->path_start, 3);
	}
	add_path(p);
	return 0;
}

/* The length of "scheme" before ":"; 0 when there is none. */
static size_t
scheme_length(const struct span *rest)
{
	for (size_t i = 0; i < rest->len; i++) {
		int c = text_lower((unsigned char)rest->s[i]);

		if (c >= 'a' && c <= 'z')
			continue;
		if (i == 0)
			return 0;
		if (c == ':')
			return i;
		if ((c < '0' || c > '9') && c != '+' && c != '-' && c != '.')
			return 0;
	}
	return 0;
}

static void
set_scheme(struct parser *p, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_add_byte(&p->out, (uint8_t)text_lower(s[i]));
	buf_add_byte(&p->out, ':');
	p->url.scheme_len = (uint32_t)len;
	p->url.is_special = url_scheme_is_special(s, len, NULL);
	p->is_file = text_equal_nocase(s, len, "file");
}

/* Everything behind the scheme of a URL that has one. */
static int
add_absolute(struct parser *p)
{
	if (p->is_file)
		return add_file(p);
	/* "http:x" resolves against an "http:" base; "http://x" does not. */
	if (p->url.is_special && is_scheme_of_base(p))
		return add_relative(p);
	if (p->url.is_special)
		return add_authority_after_slashes(p);
	if (is_slash(p, 0) && is_slash(p, 1)) {
		skip(p, 2);
		return add_authority(p);
	}
	if (is_slash(p, 0))
		start_path(p);
	else
		add_opaque_path(p);
	return 0;
}

/* "#f" against a base whose path is opaque: all of the base is kept. */
static int
add_to_opaque(struct parser *p)
{
	if (p->rest.len > 0 || p->query.s != NULL || p->fragment.s == NULL)
		return error_set(p->e, ERROR_INPUT,
		    "URL: relative to a base that has no hierarchy");
	add_base_path(p);
	return 0;
}

static int
add_hierarchy(struct parser *p)
{
	size_t scheme = scheme_length(&p->rest);
	const struct url *base = p->base;

	if (scheme > 0) {
		set_scheme(p, p->rest.s, scheme);
		skip(p, scheme + 1);
		return add_absolute(p);
	}
	if (base == NULL)
		return error_set(p->e, ERROR_INPUT, "URL: no scheme");
	set_scheme(p, base->text, base->scheme_len);
	if (is_opaque(base))
		return add_to_opaque(p);
	return p->is_file ? add_file(p) : add_relative(p);
}

/* The path is complete. */
static void
end_path(struct parser *p)
{
	struct url *url = &p->url;

	url->path_len = here(p) - url->path_start;
	/* Without a host, a path of "//x" would read back as a host. */
	if (!p->has_host && url->path_len > 1 &&
	    memcmp(p->out.data + url->path_start, "//", 2) == 0) {
		uint8_t *path;

		(void)buf_room(&p->out, 2);
		path = p->out.data + url->path_start;
		memmove(path + 2, path, url->path_len + 1);
		memcpy(path, "/.", 2);
		p->out.len += 2;
		url->path_start += 2;
	}
}

static void
add_query_and_fragment(struct parser *p)
{
	struct url *url = &p->url;

	if (p->query.s != NULL) {
		buf_add_byte(&p->out, '?');
		url->query_start = here(p);
		url_add_escaped(&p->out, p->query.s, p->query.len,
		    url->is_special ? SET_SPECIAL_QUERY : SET_QUERY);
		url->query_len = here(p) - url->query_start;
	}
	if (p->fragment.s != NULL) {
		buf_add_byte(&p->out, '#');
		url->fragment_start = here(p);
		url_add_escaped(
		    &p->out, p->fragment.s, p->fragment.len, SET_FRAGMENT);
		url->fragment_len = here(p) - url->fragment_start;
	}
}

/* Cut REST at its first C; what follows goes to AFTER. */
static void
split_off(struct span *rest, char c, struct span *after)
{
	const char *at = memchr(rest->s, c, rest->len);

	if (at == NULL)
		return;
	after->s = at + 1;
	after->len = rest->len - (size_t)(at + 1 - rest->s);
	rest->len = (size_t)(at - rest->s);
}

int
url_parse(struct url *url, const char *s, size_t len, const struct url *base,
    struct error *e)
{
	struct parser p = { .base = base, .e = e };
	struct buf input = { 0 };
	int rc = -1;

	/* Escaping makes three bytes of one; offsets have 32 bits. */
	if (len > UINT32_MAX / 16)
		return error_set(e, ERROR_INPUT, "URL: %zu bytes long", len);
	(void)buf_room(&input, len);
	(void)buf_room(&p.out, len + 16 + (base == NULL ? 0 : base->len));
	url_add_stripped(&input, s, len);
	p.url.port = URL_NO_PORT;
	p.rest.s = buf_text(&input);
	p.rest.len = input.len;
	split_off(&p.rest, '#', &p.fragment);
	split_off(&p.rest, '?', &p.query);
	if (add_hierarchy(&p) != 0)
		goto done;
	end_path(&p);
	add_query_and_fragment(&p);
	p.url.len = here(&p);
	p.url.text = buf_take(&p.out);
	*url = p.url;
	rc = 0;
done:
	buf_clear(&p.out);
	buf_clear(&input);
	return rc;
}
