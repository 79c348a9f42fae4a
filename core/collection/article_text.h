#ifndef COLLECTION_ARTICLE_TEXT_H
#define COLLECTION_ARTICLE_TEXT_H

struct buf;
struct json;

/* A member that is text; "". Borrowed. */
const char *article_member(const struct json *o, const char *name);

/* The date as printed says more than the one computed: "ISO (RAW)", appended;
 * nothing when there is none. */
void article_date(struct buf *out, const struct json *date);

/* Names of a list of texts or of objects with a name, joined by ", ". */
void article_names(struct buf *out, const struct json *list);

/*
 * The pure part of an article as plain text, appended: headline, dek, byline,
 * sources, dates, body; headings marked "## ", items "- ", quotes "> ", links
 * to other articles "-> ". Foreign text as it is: not for a terminal.
 */
void article_text(struct buf *out, const struct json *article);

/* Captions and credits of its pictures, appended behind "Pictures". */
void article_text_images(struct buf *out, const struct json *article);

#endif
