#ifndef NEWS_BODY_H
#define NEWS_BODY_H

#include <stddef.h>

struct buf;
struct json;
struct node;
struct reading;

/* The blocks of an article's body, in document order, without furniture. */

struct block {
	const char *kind; /* p h2..h6 quote li table embed image xref note
	    correction entry */
	const char *text;
	const char *label;    /* xref; NULL */
	const char *href;     /* xref, embed; NULL */
	const char *provider; /* embed; NULL */
	const char *id;       /* embed; NULL */
	struct json *rows;    /* table; NULL */
	const struct node *node;
	const char *rule; /* of marked blocks; NULL */
};

struct body {
	const struct node *root; /* NULL: not found */
	struct json *root_provenance;
	struct block *blocks;
	size_t count;
	size_t cap;
};

enum { BODY_BLOCKS_MAX = 20000 };

void body_read(struct reading *r, struct body *out);

/* Is the block part of body_text and of the body hash? */
int block_is_text(const struct block *b);

/* Lines of rule NT1 for all text blocks, appended. */
void body_add_stream(struct buf *out, const struct body *body);

/* The text blocks joined by LF, appended. */
void body_add_text(struct buf *out, const struct body *body);

#endif
