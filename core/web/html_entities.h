#ifndef WEB_HTML_ENTITIES_H
#define WEB_HTML_ENTITIES_H

#include <stddef.h>
#include <stdint.h>

/* The named character references of the HTML standard (13.5). */

enum {
	HTML_ENTITY_NAME_MAX = 31, /* without ";" */
	HTML_ENTITY_BARE_MAX = 6   /* of those that need no ";" */
};

struct html_entity {
	uint32_t code[2]; /* the second is 0 for most */
	int needs_semicolon;
};

/* NAME is without "&" and ";". 1 / 0. */
int
html_entity_find(const uint8_t *name, size_t len, struct html_entity *entity);

#endif
