#ifndef COLLECTION_WRITER_H
#define COLLECTION_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

struct error;
struct exchange;
struct past;
struct records;

/*
 * The writer thread of an open snapshot: takes items from a queue bounded in
 * bytes and makes them durable in groups (DESIGN, 6, order of writes). One
 * thread puts; any may ask. A failure to write or to sync is the end of it:
 * nothing more is taken, what was acknowledged stays.
 */

enum item_kind {
	ITEM_CAPTURE, /* EXCHANGE and texts */
	ITEM_LINE,    /* DATA is the JSON of a journal line of kind LINE */
	ITEM_DERIVED  /* DATA is the block */
};

enum item_text {  /* "" when absent */
	ITEM_URL, /* target whose outcome this is; the page of derived ones */
	ITEM_VIA,
	ITEM_HOPS,
	ITEM_NEED,
	ITEM_WHERE,
	ITEM_MEDIA_TYPE,
	ITEM_ROBOTS,
	ITEM_TYPE, /* derived: its kind */
	ITEM_RECORD,
	ITEM_DATE,
	ITEM_ORIGINAL, /* of a revisit: id, URL, date, payload digest */
	ITEM_ORIGINAL_URL,
	ITEM_ORIGINAL_DATE,
	ITEM_ORIGINAL_DIGEST
};
enum { ITEM_TEXT_COUNT = ITEM_ORIGINAL_DIGEST + 1 };

struct item {
	enum item_kind kind;
	char line;
	struct exchange *exchange; /* kept */
	char *texts[ITEM_TEXT_COUNT];
	struct buf data;
	uint64_t original_len; /* of the payload */

	struct item *next; /* the writer's */
	uint64_t ticket;
	size_t cost;
	size_t line_at;
};

struct item *item_new(enum item_kind kind);
void item_set(struct item *i, enum item_text which, const char *text);
const char *item_text(const struct item *i, enum item_text which);
void item_free(struct item *i);

/* Memory that the item holds on to. */
size_t item_cost(const struct item *i);

/* Does the item end a target, and so carry its URL? 1 / 0. */
int item_ends_target(const struct item *i);

struct writer;

/*
 * Write and sync the begin of the journal FD (an empty file), BEGIN being the
 * JSON of its first line, and of the first segment; then start the thread.
 * Takes R and FD, also when it fails.
 */
struct writer *
writer_start(struct records *r, int fd, const char *begin, struct error *e);

/*
 * The same for a journal that ends at PAST->end, RUN being the JSON of the line
 * that begins a run which goes on. Takes PAST's targets.
 */
struct writer *writer_resume(struct records *r, int fd, const char *run,
    struct past *past, struct error *e);

/* After writer_finish: one line more, synced. */
int writer_end(
    struct writer *w, char kind, const struct buf *json, struct error *e);

/* Takes I. Returns its ticket; waits while the queue is full. An item whose
 * target (ITEM_URL of captures and "o" lines) has an outcome of this run already
 * is dropped: 0. */
uint64_t writer_put(struct writer *w, struct item *i);

/* As snapshot_done. */
int writer_done(struct writer *w, uint64_t *ticket, struct error *e);
int writer_fd(const struct writer *w);
void writer_flush(struct writer *w);

/* The journal's JSON of URL's outcome, appended, and where it stands: 1; 0
 * none is durable yet. */
int
writer_find(struct writer *w, const char *url, struct buf *json, uint64_t *at);

/* The two steps of it: where, and what is there. 1 / 0. */
int writer_at(struct writer *w, const char *url, uint64_t *at);
int writer_line(const struct writer *w, uint64_t at, struct buf *json);

/* Is that place in the journal of a run before this one? 1 / 0. */
int writer_is_earlier(const struct writer *w, uint64_t at);

/* Write all there is and end the thread. -1: it failed before or now. */
int writer_finish(struct writer *w, struct error *e);

/* After writer_finish, or to drop what is queued. NULL is fine. */
void writer_free(struct writer *w);

#endif
