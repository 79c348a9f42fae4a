/* Query parameters by name. */

#include "core/news/url_params.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"

static int
is_named(const char *s, size_t len, const char *name)
{
	size_t n = strlen(name);

	if (n > 0 && name[n - 1] == '*')
		return len >= n - 1 && memcmp(s, name, n - 1) == 0;
	return len == n && memcmp(s, name, n) == 0;
}

static int
is_listed(const char *s, size_t len, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_named(s, len, names[i]))
			return 1;
	return 0;
}

static size_t
name_len(const char *s, size_t len)
{
	const char *equals = memchr(s, '=', len);

	return equals == NULL ? len : (size_t)(equals - s);
}

/* Only the parameters that are in NAMES (LISTED 1) or are not (0). */
static const char *
filtered(struct arena *a, const char *url, const char *const *names,
    size_t count, int listed)
{
	size_t before = strcspn(url, "?#");
	const char *s = url + before;
	struct buf out = { 0 };
	const char *text;
	char mark = '?';

	if (*s != '?')
		return arena_text(a, url);
	buf_add(&out, url, before);
	do {
		size_t len = strcspn(++s, "&#");

		if (len > 0 &&
		    is_listed(s, name_len(s, len), names, count) == listed) {
			buf_add_byte(&out, (unsigned char)mark);
			buf_add(&out, s, len);
			mark = '&';
		}
		s += len;
	} while (*s == '&');
	buf_add_text(&out, s);
	text = arena_text(a, buf_text(&out));
	buf_clear(&out);
	return text;
}

const char *
url_params_drop(
    struct arena *a, const char *url, const char *const *names, size_t count)
{
	return filtered(a, url, names, count, 0);
}

const char *
url_params_keep(
    struct arena *a, const char *url, const char *const *names, size_t count)
{
	return filtered(a, url, names, count, 1);
}

const char *
url_params_get(struct arena *a, const char *url, const char *name)
{
	const char *s = url + strcspn(url, "?#");

	while (*s == '?' || *s == '&') {
		size_t len = strcspn(++s, "&#");
		size_t n = name_len(s, len);

		if (n < len && is_named(s, n, name))
			return arena_text_n(a, s + n + 1, len - n - 1);
		s += len;
	}
	return NULL;
}
