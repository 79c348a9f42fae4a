/* Session identifiers that SURT keys leave out, as pywb leaves them out. */
#include "core/archive/surt_session.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/text.h"

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

static int
are_letters_or_digits(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_letter(s[i]) && !is_digit(s[i]))
			return 0;
	return 1;
}

/* The length of "(24 characters)/" at S; if GROUPED, of "(x(24)y(24))/". */
static size_t
aspx_session(const char *s, size_t len, int is_grouped)
{
	size_t at = 1;

	if (len < 27 || s[0] != '(')
		return 0;
	if (!is_grouped) {
		at += 24;
		if (!are_letters_or_digits(s + 1, 24))
			return 0;
	}
	while (is_grouped && len - at >= 27 && is_letter(s[at])) {
		if (s[at + 1] != '(' || s[at + 26] != ')' ||
		    !are_letters_or_digits(s + at + 2, 24))
			return 0;
		at += 27;
	}
	if (at == 1 || len - at < 2 || s[at] != ')' || s[at + 1] != '/')
		return 0;
	return at + 2;
}

/* The last session segment before "name.aspx" goes. */
static void
remove_aspx_session(struct buf *path, int is_grouped)
{
	const char *s = buf_text(path);

	for (size_t i = path->len; i-- > 1;) {
		size_t token;
		const char *rest;
		const char *aspx;

		if (s[i - 1] != '/')
			continue;
		token = aspx_session(s + i, path->len - i, is_grouped);
		rest = s + i + token;
		if (token == 0 || *rest == '\0')
			continue;
		aspx = strstr(rest + 1, ".aspx");
		if (aspx == NULL || strcspn(rest, "?") < (size_t)(aspx - rest))
			continue;
		memmove(path->data + i, rest, strlen(rest));
		buf_cut(path, path->len - token);
		return;
	}
}

void
surt_remove_path_session(struct buf *path)
{
	remove_aspx_session(path, 1);
	remove_aspx_session(path, 0);
}

/* A session parameter: a name, LETTERS more of it, "=", LENGTH of value. */
struct session {
	const char *name;
	size_t letters;
	size_t length;
};

/* In this order: the third would else match in the second. */
static const struct session sessions[] = {
	{ "jsessionid", 0, 32 },
	{ "phpsessid", 0, 32 },
	{ "sid", 0, 32 },
	{ "aspsessionid", 8, 24 },
};

/* The length of the parameter at S; 0 when it is another. */
static size_t
session_length(const struct session *session, const char *s, size_t len)
{
	size_t name = strlen(session->name);
	size_t whole = name + session->letters + 1 + session->length;
	const char *value = s + whole - session->length;

	if (len < whole || memcmp(s, session->name, name) != 0 ||
	    value[-1] != '=' || (len > whole && s[whole] != '&') ||
	    !are_letters_or_digits(value, session->length))
		return 0;
	for (size_t i = 0; session->letters > 0 && i < whole; i++)
		if (is_digit(s[i]) ||
		    (i < name + session->letters && s[i] == '='))
			return 0;
	return whole;
}

/* "cfid=...&cftoken=..."; AMPERSAND is the first from S on, or the end. */
static size_t
cold_fusion_length(const char *s, size_t ampersand)
{
	static const char token[] = "&cftoken=";
	size_t value;

	if (ampersand <= 5 || memcmp(s, "cfid=", 5) != 0 ||
	    !text_starts(s + ampersand, token))
		return 0;
	value = strcspn(s + ampersand + sizeof(token) - 1, "&");
	return value == 0 ? 0 : ampersand + sizeof(token) - 1 + value;
}

/* The last match goes, wherever it stands, with the "&" after it. */
static void
remove_session(struct buf *query, const struct session *session)
{
	const char *s = buf_text(query);
	size_t ampersand = query->len;

	for (size_t i = query->len; i-- > 0;) {
		size_t cut;

		if (s[i] == '&')
			ampersand = i;
		cut = session == NULL
			  ? cold_fusion_length(s + i, ampersand - i)
			  : session_length(session, s + i, query->len - i);
		if (cut == 0)
			continue;
		if (s[i + cut] == '&')
			cut++;
		memmove(query->data + i, query->data + i + cut,
		    query->len - i - cut);
		buf_cut(query, query->len - cut);
		return;
	}
}

void
surt_remove_query_sessions(struct buf *query)
{
	for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++)
		remove_session(query, &sessions[i]);
	remove_session(query, NULL);
}
