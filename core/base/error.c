/* Errors: a kind for callers, a sentence for people. */
#include "core/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
error_set(struct error *e, enum error_kind kind, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return -1;
	e->kind = kind;
	va_start(ap, fmt);
	(void)vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return -1;
}

int
error_system(struct error *e, const char *fmt, ...)
{
	int saved = errno;
	size_t used;
	va_list ap;

	if (e == NULL)
		return -1;
	e->kind = ERROR_SYSTEM;
	va_start(ap, fmt);
	(void)vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	used = strlen(e->text);
	(void)snprintf(
	    e->text + used, sizeof(e->text) - used, ": %s", strerror(saved));
	errno = saved;
	return -1;
}

int
error_within(struct error *e, const char *fmt, ...)
{
	char context[ERROR_TEXT_MAX];
	char text[ERROR_TEXT_MAX];
	size_t used;
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(context, sizeof(context), fmt, ap);
	va_end(ap);
	memcpy(text, e->text, sizeof(text));
	(void)snprintf(e->text, sizeof(e->text),
	    "%.*s: ", (int)(sizeof(context) / 2), context);
	used = strlen(e->text);
	(void)snprintf(e->text + used, sizeof(e->text) - used, "%s", text);
	return -1;
}

void
error_clear(struct error *e)
{
	if (e == NULL)
		return;
	e->kind = ERROR_NONE;
	e->text[0] = '\0';
}
