#ifndef WEB_FEED_XML_H
#define WEB_FEED_XML_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/*
 * XML cut into tags and text as feeds need it: nothing is checked against
 * anything, nothing is declared, nothing fetched; what is no markup is text.
 * UTF-8 in one piece; linear time.
 */

enum feed_xml_kind { FEED_XML_START, FEED_XML_STOP, FEED_XML_TEXT };

/* Everything points into the input. */
struct feed_token {
	enum feed_xml_kind kind;
	const char *prefix; /* of the name, without ":" */
	size_t prefix_len;
	const char *name; /* local part, as written */
	size_t name_len;
	const char *text; /* the text; of a tag, its attributes */
	size_t len;
	int is_cdata; /* a text without references */
	int is_empty; /* a start tag that is its own end */
};

struct feed_xml {
	const char *p, *end;
	int is_cut; /* the input ended in the middle of markup */
};

/* 1, or 0 at the end. */
int feed_xml_next(struct feed_xml *x, struct feed_token *t);

/* The text of T with its references undone, appended; at most LIMIT bytes are
 * in OUT then: 1; 0 when there was more. */
int
feed_xml_add_text(struct buf *out, const struct feed_token *t, size_t limit);

/* Attribute NAME ("href", "xml:base") in any case, references undone, at most
 * LIMIT bytes: OUT is emptied first. 1 / 0. */
int feed_xml_attribute(const struct feed_token *t, const char *name,
    struct buf *out, size_t limit);

#endif
