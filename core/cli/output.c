/* What people see: messages, the status line, escaped foreign text. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
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
		return EXIT_USAGE;
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
