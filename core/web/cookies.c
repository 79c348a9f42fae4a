/* Cookies out of a Netscape file. */
#include "core/web/cookies.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum {
	FIELD_DOMAIN,
	FIELD_SUBDOMAINS,
	FIELD_PATH,
	FIELD_SECURE,
	FIELD_EXPIRES,
	FIELD_NAME,
	FIELD_VALUE,
	FIELDS
};

struct cookie {
	char *field[FIELDS];
	int with_subdomains;
	int is_secure;
	int64_t expires_s; /* 0: with the session, that is never */
};

struct cookies {
	struct cookie *list; /* longest path first */
	size_t count;
};

static int
parse_flag(const char *text, int *flag)
{
	*flag = text_equal_nocase(text, strlen(text), "TRUE");
	return *flag || text_equal_nocase(text, strlen(text), "FALSE");
}

/* Only what can stand in a Cookie field (no line may hide in it). */
static int
is_clean(const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return 0;
	}
	return 1;
}

static int
parse_cookie(struct cookie *c, char *line)
{
	char *at = line;
	uint64_t expires = 0;

	for (int i = 0; i < FIELDS; i++) {
		char *tab = strchr(at, '\t');

		c->field[i] = at;
		if ((tab == NULL) != (i == FIELD_VALUE))
			return 0;
		if (tab == NULL)
			break;
		*tab = '\0';
		at = tab + 1;
	}
	for (char *p = c->field[FIELD_DOMAIN]; *p != '\0'; p++)
		*p = (char)text_lower((unsigned char)*p);
	/* Chromium exporters write a fraction, which says nothing to us. */
	at = c->field[FIELD_EXPIRES];
	if (!parse_flag(c->field[FIELD_SUBDOMAINS], &c->with_subdomains) ||
	    !parse_flag(c->field[FIELD_SECURE], &c->is_secure) ||
	    !text_uint(at, strcspn(at, "."), INT64_MAX, &expires))
		return 0;
	c->expires_s = (int64_t)expires;
	if (c->field[FIELD_DOMAIN][0] == '.')
		c->field[FIELD_DOMAIN]++;
	return c->field[FIELD_DOMAIN][0] != '\0' &&
	       c->field[FIELD_PATH][0] == '/' &&
	       is_clean(c->field[FIELD_NAME]) &&
	       is_clean(c->field[FIELD_VALUE]);
}

/* Behind all whose path is as long or longer (RFC 6265, 5.4 step 2). */
static void
insert(struct cookies *c, const struct cookie *new)
{
	size_t len = strlen(new->field[FIELD_PATH]);
	size_t at = c->count;

	c->list = mem_grow(c->list, c->count + 1, sizeof(*c->list));
	while (at > 0 && strlen(c->list[at - 1].field[FIELD_PATH]) < len) {
		c->list[at] = c->list[at - 1];
		at--;
	}
	c->list[at] = *new;
	c->count++;
}

/* 0 added or nothing in it, -1 not a cookie. */
static int
add_line(struct cookies *c, const char *line, size_t len)
{
	static const char http_only[] = "#HttpOnly_";
	struct cookie new = { 0 };
	char *copy;

	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (memchr(line, '\0', len) != NULL)
		return -1;
	if (len >= sizeof(http_only) - 1 &&
	    memcmp(line, http_only, sizeof(http_only) - 1) == 0) {
		line += sizeof(http_only) - 1;
		len -= sizeof(http_only) - 1;
	} else if (len == 0 || line[0] == '#') {
		return 0;
	}
	copy = mem_text_n(line, len);
	if (!parse_cookie(&new, copy)) {
		free(copy);
		return -1;
	}
	/* A leading dot was stepped over; the memory begins before it. */
	new.field[FIELD_DOMAIN] = mem_text(new.field[FIELD_DOMAIN]);
	for (int i = FIELD_SUBDOMAINS; i < FIELDS; i++)
		new.field[i] = mem_text(new.field[i]);
	free(copy);
	insert(c, &new);
	return 0;
}

int
cookies_parse(
    struct cookies **out, const char *text, size_t len, struct error *e)
{
	struct cookies *c = mem_zero(1, sizeof(*c));
	const char *end = text + len;

	for (unsigned number = 1; text < end; number++) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));

		if (stop == NULL)
			stop = end;
		if (c->count == LIMIT_COOKIES) {
			cookies_free(c);
			return error_set(e, ERROR_LIMIT,
			    "line %u: more than %d cookies", number,
			    LIMIT_COOKIES);
		}
		if (add_line(c, text, (size_t)(stop - text)) != 0) {
			cookies_free(c);
			return error_set(e, ERROR_INPUT,
			    "line %u: not a cookie (seven fields with tabs)",
			    number);
		}
		text = stop + (stop < end);
	}
	*out = c;
	return 0;
}

int
cookies_open(struct cookies **out, const char *path, struct error *e)
{
	struct buf text = { 0 };
	int rc = -1;

	if (file_get(path, &text, LIMIT_COOKIES_BYTES, e) != 0)
		goto done;
	if (cookies_parse(out, buf_text(&text), text.len, e) != 0) {
		(void)error_within(e, "%s", path);
		goto done;
	}
	rc = 0;
done:
	buf_clear(&text);
	return rc;
}

int
cookies_give(struct cookies **c, const char *text, struct error *e)
{
	const char *equals = strchr(text, '=');
	const char *end = strrchr(text, ';');
	const char *domain = end == NULL ? ""
					 : end + 1 + strspn(end + 1, " \t");
	struct buf line = { 0 };
	int rc = -1;

	if (end != NULL && equals != NULL && equals < end && equals > text &&
	    domain[0] != '\0' && strpbrk(domain, " \t/:=") == NULL &&
	    strchr(text, '\t') == NULL) {
		buf_format(&line, "%s\tTRUE\t/\tFALSE\t0\t%.*s\t%.*s", domain,
		    (int)(equals - text), text, (int)(end - equals - 1),
		    equals + 1);
		if (*c == NULL)
			*c = mem_zero(1, sizeof(**c));
		rc = add_line(*c, buf_text(&line), line.len);
	}
	if (rc != 0)
		(void)error_set(
		    e, ERROR_USAGE, "%s: not \"name=value; domain\"", text);
	buf_clear(&line);
	return rc;
}

void
cookies_free(struct cookies *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->count; i++) {
		for (int k = 0; k < FIELDS; k++)
			free(c->list[i].field[k]);
	}
	free(c->list);
	free(c);
}

size_t
cookies_count(const struct cookies *c)
{
	return c->count;
}

static int
is_literal(const char *host)
{
	uint8_t raw[16];

	return inet_pton(AF_INET, host, raw) == 1 ||
	       inet_pton(AF_INET6, host, raw) == 1;
}

/* RFC 6265, 5.1.3. */
static int
domain_matches(const struct cookie *c, const char *host)
{
	const char *domain = c->field[FIELD_DOMAIN];
	size_t host_len = strlen(host);
	size_t len = strlen(domain);

	if (strcmp(host, domain) == 0)
		return 1;
	return c->with_subdomains && host_len > len &&
	       host[host_len - len - 1] == '.' && text_ends(host, domain) &&
	       !is_literal(host);
}

/* RFC 6265, 5.1.4. */
static int
path_matches(const char *cookie, const char *path)
{
	size_t len = strlen(cookie);

	return text_starts(path, cookie) &&
	       (cookie[len - 1] == '/' || path[len] == '\0' ||
		   path[len] == '/' || path[len] == '?');
}

size_t
cookies_add(
    const struct cookies *c, const struct cookies_for *to, struct buf *out)
{
	size_t count = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct cookie *k = &c->list[i];

		if ((k->is_secure && !to->is_https) ||
		    (k->expires_s != 0 && k->expires_s <= to->now_s) ||
		    !domain_matches(k, to->host) ||
		    !path_matches(k->field[FIELD_PATH], to->path))
			continue;
		buf_format(out, "%s%s%s%s", count == 0 ? "" : "; ",
		    k->field[FIELD_NAME],
		    k->field[FIELD_NAME][0] == '\0' ? "" : "=",
		    k->field[FIELD_VALUE]);
		count++;
	}
	return count;
}
