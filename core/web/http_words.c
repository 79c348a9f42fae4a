/* Words about HTTP messages: notes by name, parts of a content type. */
#include "core/web/http_message.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/text.h"

/* In the order of the bits. */
static const char *const note_words[] = {
	"no-status-line",
	"bad-status-line",
	"bare-lf",
	"obs-fold",
	"no-colon",
	"space-before-colon",
	"control-byte",
	"lengths-differ",
	"bad-length",
	"length-and-chunked",
	"bad-chunk",
	"bad-coding-order",
	"not-chunked",
	"trailers",
	"head-too-long",
	"upgraded",
	"beyond-length",
};

void
http_notes_add(struct buf *out, unsigned notes)
{
	int first = 1;

	for (size_t i = 0; i < sizeof(note_words) / sizeof(note_words[0]);
	     i++) {
		if ((notes & 1u << i) == 0)
			continue;
		if (!first)
			buf_add_byte(out, ' ');
		buf_add_text(out, note_words[i]);
		first = 0;
	}
}

/* LEN bytes without blanks at both ends, lower-case. */
static void
add_lower(struct buf *out, const char *p, size_t len)
{
	while (len > 0 && text_is_space((unsigned char)p[len - 1]))
		len--;
	while (len > 0 && text_is_space((unsigned char)*p)) {
		p++;
		len--;
	}
	for (size_t i = 0; i < len; i++)
		buf_add_byte(out, (uint8_t)text_lower((unsigned char)p[i]));
}

/*
 * The value of a parameter from P on, quoted or not; single quotes are no
 * quotes by the rules, but are written as such. Returns where it ends.
 */
static const char *
value_end(const char **p)
{
	const char *s = *p + strspn(*p, " \t");
	char quote = *s;

	if (quote == '"' || quote == '\'') {
		*p = s + 1;
		return *p + strcspn(*p, quote == '"' ? "\"" : "'");
	}
	*p = s;
	return s + strcspn(s, ";,");
}

void
http_content_type(const char *value, struct buf *type, struct buf *charset)
{
	const char *p = value == NULL ? "" : value;
	size_t n = strcspn(p, ";,");
	int found = 0;

	if (type != NULL)
		add_lower(type, p, n);
	for (p += n; *p == ';' && !found;) {
		const char *name = p + 1 + strspn(p + 1, " \t");
		const char *end;

		n = strcspn(name, "=;,");
		p = name + n;
		if (*p != '=')
			continue;
		p++;
		end = value_end(&p);
		while (n > 0 && text_is_space((unsigned char)name[n - 1]))
			n--;
		found = text_equal_nocase(name, n, "charset");
		if (found && charset != NULL)
			add_lower(charset, p, (size_t)(end - p));
		p = end + strcspn(end, ";,");
	}
}
