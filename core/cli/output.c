/* What people see: messages, the status line, escaped foreign text. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/cli/cli.h"

void
cli_put(FILE *out, const char *text)
{
	struct buf b = { 0 };

	text_add_escaped(&b, text, strlen(text));
	(void)fwrite(buf_text(&b), 1, b.len, out);
	buf_clear(&b);
}

void
cli_say(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	(void)fflush(stdout);
	(void)fputs("holdfast: ", stderr);
	cli_put(stderr, text == NULL ? "out of memory" : text);
	(void)fputc('\n', stderr);
	free(text);
}

int
cli_fail(const struct error *e)
{
	cli_say("%s", e->text[0] == '\0' ? "failed" : e->text);
	switch (e->kind) {
	case ERROR_USAGE:
	case ERROR_NOTFOUND:
	case ERROR_WITHDRAWN:
		return EXIT_USAGE;
	case ERROR_KEY:
		return EXIT_KEY;
	case ERROR_STOPPED:
		return EXIT_SIGNAL;
	case ERROR_LOCKED:
		return EXIT_LOCKED;
	case ERROR_SYSTEM:
		return EXIT_FILE;
	case ERROR_INTEGRITY:
		return EXIT_CHANGED;
	case ERROR_INPUT:
		return EXIT_DAMAGED;
	case ERROR_LIMIT:
	case ERROR_NONE:
		break;
	}
	return EXIT_UNSPECIFIED;
}

void
cli_status(const struct cli *c, const char *text)
{
	struct buf b = { 0 };

	if (!c->terminal)
		return;
	text_add_escaped(&b, text, strlen(text));
	(void)fprintf(stderr, "\r\033[K%.*s", 78, buf_text(&b));
	(void)fflush(stderr);
	buf_clear(&b);
}

void
cli_put_lines(FILE *out, const char *indent, const void *p, size_t len)
{
	const char *s = p;
	struct buf b = { 0 };

	while (len > 0) {
		const char *lf = memchr(s, '\n', len);
		size_t line = lf == NULL ? len : (size_t)(lf - s);
		size_t used = line + (lf != NULL);

		if (lf != NULL && line > 0 && s[line - 1] == '\r')
			line--;
		buf_reset(&b);
		text_add_escaped(&b, s, line);
		(void)fputs(indent, out);
		(void)fwrite(buf_text(&b), 1, b.len, out);
		(void)fputc('\n', out);
		s += used;
		len -= used;
	}
	buf_clear(&b);
}

/* CP as JSON escapes it: two surrogates beyond the first plane (RFC 8259,
 * 7). */
static void
add_json_escape(struct buf *out, uint32_t cp)
{
	if (cp > 0xffff) {
		cp -= 0x10000;
		buf_format(out, "\\u%04x\\u%04x", 0xd800 + (cp >> 10),
		    0xdc00 + (cp & 0x3ff));
	} else {
		buf_format(out, "\\u%04x", cp);
	}
}

/* TEXT with everything beyond ASCII escaped that text_add_escaped would
 * escape; the rest JSON has escaped itself. */
static void
add_for_terminal(struct buf *out, const char *text, size_t len)
{
	const uint8_t *s = (const uint8_t *)text;
	struct buf shown = { 0 };
	uint32_t cp;

	for (size_t i = 0; i < len;) {
		size_t n = text_utf8_next(s + i, len - i, &cp, NULL);

		buf_reset(&shown);
		if (cp >= 0x7f)
			text_add_escaped(&shown, s + i, n);
		if (shown.len > n)
			add_json_escape(out, cp);
		else
			buf_add(out, s + i, n);
		i += n;
	}
	buf_clear(&shown);
}

void
cli_print_json_text(const char *text, size_t len)
{
	struct buf b = { 0 };

	if (isatty(STDOUT_FILENO))
		add_for_terminal(&b, text, len);
	else
		buf_add(&b, text, len);
	buf_add_byte(&b, '\n');
	(void)fwrite(b.data, 1, b.len, stdout);
	buf_clear(&b);
}

void
cli_print_json(const struct json *o)
{
	struct buf line = { 0 };

	json_write(&line, o);
	cli_print_json_text(buf_text(&line), line.len);
	buf_clear(&line);
}
