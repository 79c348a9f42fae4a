#ifndef WEB_CARRY_H
#define WEB_CARRY_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

struct error;
struct exchange;
struct receiver;
struct wire;

/*
 * Carrying one exchange over an open wire: the request out, the response in,
 * within the limits of time. Nothing here waits; now_ms is monotonic.
 */

struct carry_limits {
	int64_t total_ms, first_byte_ms, idle_ms;
	uint64_t rate_bytes; /* per second, over LIMIT_RATE_WINDOW_MS */
};

enum { CARRY_BUFFER_BYTES = 64 * 1024 };

struct carry {
	const struct carry_limits *limits;
	struct receiver *receiver; /* owned */
	struct wire *wire;         /* borrowed */
	struct exchange *x;        /* borrowed */
	struct buf request;
	size_t sent;
	int64_t started_ms; /* of the target, connecting included */
	int64_t sent_ms;    /* the request began to go */
	int64_t heard_ms;   /* last byte received */
	int64_t window_ms;
	uint64_t window_bytes;
	int has_more; /* stopped reading though there may be more */
};

void carry_init(
    struct carry *c, const struct carry_limits *limits, const char *spool_dir);
void carry_clear(struct carry *c);

/* Begin to send c->request; c->started_ms is set. What fails shows in the
 * steps that follow. */
void carry_begin(struct carry *c, struct wire *w, struct exchange *x,
    uint64_t max_body, int64_t now_ms);

enum carry_result {
	CARRY_GOING, /* wait for carry_events, until carry_deadline */
	CARRY_DONE,  /* X is complete with its outcome */
	CARRY_LOST,  /* X too, but the wire died before any answer */
	CARRY_FAILED /* ERROR_SYSTEM */
};

/* Send and receive what goes now; BUFFER holds CARRY_BUFFER_BYTES. */
enum carry_result
carry_step(struct carry *c, uint8_t *buffer, int64_t now_ms, struct error *e);

short carry_events(const struct carry *c); /* for poll */

/* When a limit is reached if nothing happens; carry_expire ends X if NOW is
 * past one. */
int64_t carry_deadline(const struct carry *c);
enum carry_result
carry_expire(struct carry *c, int64_t now_ms, struct error *e);

#endif
