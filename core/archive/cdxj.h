#ifndef ARCHIVE_CDXJ_H
#define ARCHIVE_CDXJ_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

/* Index lines: SURT key, 14-digit time, JSON (standards.md 3.1). */

struct cdxj_facts {
	const char *url;
	int64_t date_us;
	const char *mime;   /* "" omitted; "warc/revisit" for revisits */
	unsigned status;    /* 0 omitted */
	const char *digest; /* labelled payload digest */
	uint64_t length, offset;
	const char *file; /* base name, or path relative to a collection */
	const char *id;   /* record id without brackets; "" omitted */

	/* What indexes of anybody's files have besides; NULL and 0 without. */
	const char *key;           /* NULL: that of URL */
	const char *time;          /* 14 digits; NULL: by DATE_US */
	const char *record_digest; /* of the stored record */
	const char *method;        /* of the request; with it its body */
	const char *body;          /* as a query; NULL: null */
	size_t body_len;
	int ascii; /* texts beyond ASCII escaped, as Python writes them */
};

/* The SURT key of pywb and cdxj-indexer (standards.md 3.3), appended. */
void cdxj_add_key(struct buf *out, const char *url);

/* TEXT as a JSON string of ASCII, as Python writes it: what is not UTF-8 is
 * read as ISO 8859-1. */
void cdxj_add_ascii(struct buf *out, const char *text, size_t len);

/* A whole line with LF, appended; values are strings, keys in the order url
 * mime status digest length offset filename id recordDigest requestBody
 * method. */
void cdxj_add_line(struct buf *out, const struct cdxj_facts *f);

/* A line as read: pointers into LINE, which is cut up. */
struct cdxj_line {
	char *key;
	char *time;
	char *json;
};
int cdxj_split(char *line, struct cdxj_line *out, struct error *e);

#endif
