/* The requests we send. */
#include "core/web/request.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/web/cookies.h"
#include "core/web/fetch.h"
#include "core/web/url.h"

struct request_maker {
	char *user_agent;
	char **headers;          /* NULL-terminated "Name: value" */
	char **mask;             /* NULL-terminated names */
	struct cookies *cookies; /* NULL none */
};

static const char *const always_masked[] = { "cookie", "authorization",
	"proxy-authorization", NULL };

/* Who sends these himself changes what a response means. */
static const char *const never_sent[] = { "host", "connection",
	"content-length", "transfer-encoding", "te", "upgrade", "expect",
	"range", "if-none-match", "if-modified-since", "if-match",
	"if-unmodified-since", "if-range", NULL };

static int
is_in(const char *const *list, const char *name, size_t len)
{
	for (; *list != NULL; list++) {
		if (text_equal_nocase(name, len, *list))
			return 1;
	}
	return 0;
}

/* No byte that could end a line or is nothing for a field (RFC 9110, 5.5). */
static int
is_value(const char *s)
{
	for (; *s != '\0'; s++) {
		if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
			return 0;
	}
	return 1;
}

int
request_can_send(const char *value)
{
	return strlen(value) <= LIMIT_FIELD_SENT && is_value(value);
}

int
request_is_one_tag(const char *etag)
{
	const char *p = text_starts(etag, "W/") ? etag + 2 : etag;
	size_t len = strlen(p);

	/* Written without quotes by some; then nothing may divide it. */
	if (len >= 2 && p[0] == '"' && p[len - 1] == '"')
		return memchr(p + 1, '"', len - 2) == NULL;
	return len > 0 && strcmp(p, "*") != 0 && strpbrk(p, "\", \t") == NULL;
}

/* RFC 9110, 5.6.2. */
static int
is_token(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int c = text_lower((unsigned char)s[i]);

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
			return 0;
	}
	return len > 0;
}

static int
check_header(const char *line, struct error *e)
{
	size_t name_len = strcspn(line, ":");

	if (line[name_len] != ':' || !is_token(line, name_len) ||
	    !is_value(line))
		return error_set(
		    e, ERROR_USAGE, "%s: not a header (Name: value)", line);
	if (is_in(never_sent, line, name_len))
		return error_set(e, ERROR_USAGE,
		    "%s: this header is not for you to set", line);
	return 0;
}

static char **
copy_list(const char *const *list)
{
	size_t count = 0;
	char **copy;

	while (list != NULL && list[count] != NULL)
		count++;
	copy = mem_zero(count + 1, sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = mem_text(list[i]);
	return copy;
}

static void
free_list(char **list)
{
	for (char **s = list; s != NULL && *s != NULL; s++)
		free(*s);
	free(list);
}

static int
add_cookie_settings(
    struct request_maker *m, const struct fetch_options *o, struct error *e)
{
	if (o->cookies_file != NULL &&
	    cookies_open(&m->cookies, o->cookies_file, e) != 0)
		return -1;
	for (const char *const *s = o->cookies; s != NULL && *s != NULL; s++)
		if (cookies_give(&m->cookies, *s, e) != 0)
			return -1;
	return 0;
}

struct request_maker *
request_maker_new(const struct fetch_options *o, struct error *e)
{
	struct request_maker *m = mem_zero(1, sizeof(*m));

	m->user_agent = mem_text(o->user_agent == NULL ? "" : o->user_agent);
	m->headers = copy_list(o->headers);
	m->mask = copy_list(o->mask_headers);
	if (!is_value(m->user_agent)) {
		(void)error_set(e, ERROR_USAGE,
		    "%s: not a user agent (control characters)", m->user_agent);
		goto failed;
	}
	for (char **s = m->headers; *s != NULL; s++) {
		if (check_header(*s, e) != 0)
			goto failed;
	}
	if (add_cookie_settings(m, o, e) != 0)
		goto failed;
	return m;
failed:
	request_maker_free(m);
	return NULL;
}

void
request_maker_free(struct request_maker *m)
{
	if (m == NULL)
		return;
	free(m->user_agent);
	free_list(m->headers);
	free_list(m->mask);
	cookies_free(m->cookies);
	free(m);
}

/* Where the bytes of one request go. */
struct sink {
	const struct request_maker *maker;
	struct buf *wire, *stored, *masked;
};

static int
is_secret_field(
    const struct request_maker *m, const char *name, size_t name_len)
{
	return is_in(always_masked, name, name_len) ||
	       is_in((const char *const *)m->mask, name, name_len);
}

static void
add_field(struct sink *s, const char *name, size_t name_len, const char *value)
{
	int is_secret = is_secret_field(s->maker, name, name_len);

	buf_format(s->wire, "%.*s: %s\r\n", (int)name_len, name, value);
	buf_format(s->stored, "%.*s: %s\r\n", (int)name_len, name,
	    is_secret ? "<redacted>" : value);
	if (is_secret)
		buf_format(s->masked, "%s%.*s", s->masked->len > 0 ? " " : "",
		    (int)name_len, name);
}

/* One of ours, unless there is nothing to say, it cannot be sent, or the
 * owner says it himself. */
static void
add_own(struct sink *s, const char *name, const char *value)
{
	size_t len = strlen(name);

	if (value[0] == '\0' || !is_value(value))
		return;
	for (char **h = s->maker->headers; *h != NULL; h++) {
		if (text_equal_nocase(*h, strcspn(*h, ":"), name))
			return;
	}
	add_field(s, name, len, value);
}

static void
add_cookies(struct sink *s, const struct request_for *r)
{
	struct buf host = { 0 };
	struct buf path = { 0 };
	struct buf value = { 0 };
	struct cookies_for to = { .is_https = url_is_https(r->url),
		.now_s = r->now_s };

	if (s->maker->cookies == NULL)
		return;
	buf_add(&host, r->url->text + r->url->host_start, r->url->host_len);
	url_add_request_target(&path, r->url);
	to.host = buf_text(&host);
	to.path = buf_text(&path);
	if (cookies_add(s->maker->cookies, &to, &value) > 0)
		add_own(s, "Cookie", buf_text(&value));
	buf_clear(&host);
	buf_clear(&path);
	buf_clear(&value);
}

static void
add_owners(struct sink *s, int is_foreign)
{
	for (char **h = s->maker->headers; *h != NULL; h++) {
		size_t len = strcspn(*h, ":");
		const char *value = *h + len + 1;

		if (is_foreign && is_secret_field(s->maker, *h, len))
			continue;
		while (*value == ' ' || *value == '\t')
			value++;
		add_field(s, *h, len, value);
	}
}

void
request_make(const struct request_maker *m, const struct request_for *r,
    struct buf *wire, struct buf *stored, struct buf *masked)
{
	struct sink s = { m, wire, stored, masked };
	const struct url *u = r->url;
	size_t start = wire->len;

	buf_add_text(wire, "GET ");
	url_add_request_target(wire, u);
	buf_add_text(wire, " HTTP/1.1\r\nHost: ");
	buf_add(wire, u->text + u->host_start, u->host_len);
	if (u->port != URL_NO_PORT)
		buf_format(wire, ":%d", u->port);
	buf_add_text(wire, "\r\n");
	buf_add(stored, wire->data + start, wire->len - start);
	add_own(&s, "User-Agent", m->user_agent);
	add_own(&s, "Accept", r->accept[0] == '\0' ? "*/*" : r->accept);
	add_own(&s, "Accept-Encoding", "gzip");
	add_own(&s, "Referer", r->referer);
	add_own(&s, "If-None-Match", r->if_none_match);
	add_own(&s, "If-Modified-Since", r->if_modified_since);
	add_cookies(&s, r);
	add_owners(&s, r->is_foreign);
	add_field(&s, "Connection", strlen("Connection"), "keep-alive");
	buf_add_text(wire, "\r\n");
	buf_add_text(stored, "\r\n");
}
