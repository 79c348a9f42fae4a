#ifndef WEB_RECEIVE_H
#define WEB_RECEIVE_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct exchange;

/*
 * One response after the other: bytes from the wire into an exchange. The
 * final head and the body are spooled exactly as they came and digested on
 * the way; heads before the final one and bytes behind the end are left out.
 */
struct receiver;

struct receiver *receiver_new(const char *spool_dir);
void receiver_free(struct receiver *r);

/* X stays the caller's and must live until receiver_finish. MAX_BODY payload
 * bytes are kept. */
void receiver_begin(struct receiver *r, struct exchange *x, uint64_t max_body);

/* 1: the response is whole, or cut by a limit of ours; 0: wants more; -1:
 * ERROR_SYSTEM (the spool). */
int receiver_feed(
    struct receiver *r, const uint8_t *p, size_t len, struct error *e);

/* Any byte at all has come. */
int receiver_has_bytes(const struct receiver *r);

/* How the response ended. */
enum receive_end {
	RECEIVE_FED,    /* receiver_feed said 1 */
	RECEIVE_CLOSED, /* the peer closed in order */
	RECEIVE_BROKEN, /* reset */
	RECEIVE_LATE    /* our patience */
};

/*
 * Fill the exchange: outcome, truncation, digests, fields. REASON is for
 * RECEIVE_LATE. A status other than 2xx keeps its own outcome when the body
 * is cut; the truncation says that it is. -1: ERROR_SYSTEM (the spool).
 */
int receiver_finish(struct receiver *r, enum receive_end end,
    const char *reason, struct error *e);

/* After receiver_finish: the connection may carry another exchange. */
int receiver_keeps_alive(const struct receiver *r);

#endif
