/* Which spellings of a URL are one target. */
#include "core/web/url_identity.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/web/url.h"

static void
add_escaped(struct buf *out, uint8_t c, const char *digits)
{
	buf_add_byte(out, '%');
	buf_add_byte(out, (uint8_t)digits[c >> 4]);
	buf_add_byte(out, (uint8_t)digits[c & 15]);
}

static void
add_identity(struct buf *out, const char *text, const char *digits)
{
	const char *end = text + strcspn(text, "#");

	while (text < end) {
		const char *escape = memchr(text, '%', (size_t)(end - text));
		uint8_t c;

		if (escape == NULL)
			escape = end;
		buf_add(out, text, (size_t)(escape - text));
		text = escape;
		if (text == end)
			return;
		if (end - text < 3 || !text_unhex(&c, text + 1, 1)) {
			buf_add_byte(out, '%');
			text++;
			continue;
		}
		if (url_is_unreserved(c))
			buf_add_byte(out, c);
		else
			add_escaped(out, c, digits);
		text += 3;
	}
}

void
url_add_identity(struct buf *out, const char *text)
{
	add_identity(out, text, "0123456789ABCDEF");
}

void
url_add_identity_lower(struct buf *out, const char *text)
{
	add_identity(out, text, "0123456789abcdef");
}

int
url_is_same(const char *a, const char *b)
{
	struct buf x = { 0 };
	struct buf y = { 0 };
	int same = strcmp(a, b) == 0;

	if (!same) {
		url_add_identity(&x, a);
		url_add_identity(&y, b);
		same = strcmp(buf_text(&x), buf_text(&y)) == 0;
	}
	buf_clear(&x);
	buf_clear(&y);
	return same;
}
