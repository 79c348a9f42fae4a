#ifndef TESTS_SITE_TEMPLATE_H
#define TESTS_SITE_TEMPLATE_H

#include <stddef.h>

struct buf;
struct error;
struct json;

/*
 * Text with places to fill, for fixture pages:
 *
 *	{{name}}               the value, HTML-escaped
 *	{{{name}}}             the value as it is
 *	{{json name}}          the value as canonical JSON, safe in a script
 *	{{#name}} ... {{/name}}  once per element of a list; once, with its
 *	                       members as names, for an object; once for any
 *	                       other value that is not false, null, "" or []
 *	{{^name}} ... {{/name}}  once when the above would give nothing
 *	{{! remark }}          nothing
 *
 * "." is the element itself. A name is looked up in the innermost element
 * first, then outwards; dots go into objects ("lead.src"). A line that holds
 * nothing but one section tag or remark vanishes as a whole.
 */

/* Appended to OUT. -1: ERROR_INPUT with the line: a name that is nowhere in
 * DATA (sections may be absent), a tag that does not close. */
int template_expand(struct buf *out, const char *text, size_t len,
    const struct json *data, struct error *e);

#endif
