#ifndef COLLECTION_LINES_H
#define COLLECTION_LINES_H

#include <stdint.h>

#include "core/web/exchange.h"

struct buf;
struct json;

/* JSON objects of one line, written member by member in a fixed order. */

void line_begin(struct buf *b);
void line_text(struct buf *b, const char *name, const char *value);
void line_number(struct buf *b, const char *name, int64_t n);
void line_null(struct buf *b, const char *name);
void line_json(struct buf *b, const char *name, const struct json *v);
void line_end(struct buf *b);

/*
 * How a target ended: a line of outcomes.jsonl and of the journal. Absent
 * texts are "", numbers below 0 are not known (null).
 */
struct outcome_line {
	const char *url;
	enum outcome outcome;
	unsigned status; /* 0: null */
	const char *reason;
	const char *time; /* RFC 3339 */
	const char *via, *hops, *need, *where, *robots;
	const char *record; /* id of the response record */
	const char *file;   /* below the snapshot */
	int64_t offset, length;
	int64_t payload_offset; /* of the contents in the unpacked record */
	int64_t bytes;          /* of the contents */
	const char *digest;     /* of the contents */
	const char *block_digest;
	const char *media_type;   /* sniffed */
	const char *content_type; /* as the server said */
	const char *location;     /* of a redirect, absolute */
	int64_t fetch_ms;         /* not below 0: a fetch was tried */
	unsigned run; /* of a snapshot that several runs made: which, from 1;
	    the first one is not told */
};

/* With empty texts and unknown numbers. */
void outcome_line_init(struct outcome_line *o);

/* From such a line read back; texts are LINE's. 1; 0, no outcome that we
 * know. */
int outcome_line_read(struct outcome_line *o, const struct json *line);

/* Appended without LF; keys in the order above. */
void outcome_line_write(struct buf *out, const struct outcome_line *o);

#endif
