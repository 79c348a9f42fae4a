/* One exchange over an open wire. */
#include "core/web/carry.h"

#include <poll.h>
#include <stdlib.h>

#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/web/connect.h"
#include "core/web/receive.h"

/* Reads before others have their turn. */
enum { READS_MAX = 16 };

void
carry_init(
    struct carry *c, const struct carry_limits *limits, const char *spool_dir)
{
	*c = (struct carry){ .limits = limits };
	c->receiver = receiver_new(spool_dir);
}

void
carry_clear(struct carry *c)
{
	receiver_free(c->receiver);
	buf_clear(&c->request);
	*c = (struct carry){ 0 };
}

static enum carry_result
finish(
    struct carry *c, enum receive_end end, const char *reason, struct error *e)
{
	int is_lost = end != RECEIVE_LATE && !receiver_has_bytes(c->receiver);

	c->has_more = 0;
	if (receiver_finish(c->receiver, end, reason, e) != 0)
		return CARRY_FAILED;
	return is_lost ? CARRY_LOST : CARRY_DONE;
}

/* A broken pipe is no end yet: the answer may have come before it. */
static void
send_request(struct carry *c)
{
	while (c->sent < c->request.len) {
		size_t len = 0;
		enum wire_result r = wire_send(c->wire,
		    c->request.data + c->sent, c->request.len - c->sent, &len);

		if (r == WIRE_AGAIN)
			return;
		if (r != WIRE_MOVED)
			len = c->request.len - c->sent;
		c->sent += len;
	}
}

void
carry_begin(struct carry *c, struct wire *w, struct exchange *x,
    uint64_t max_body, int64_t now_ms)
{
	c->wire = w;
	c->x = x;
	c->sent = 0;
	c->sent_ms = c->heard_ms = c->window_ms = now_ms;
	c->window_bytes = 0;
	c->has_more = 0;
	receiver_begin(c->receiver, x, max_body);
	send_request(c);
}

enum carry_result
carry_step(struct carry *c, uint8_t *buffer, int64_t now_ms, struct error *e)
{
	send_request(c);
	c->has_more = 0;
	for (int i = 0; i < READS_MAX; i++) {
		size_t len = 0;
		int rc;

		switch (
		    wire_receive(c->wire, buffer, CARRY_BUFFER_BYTES, &len)) {
		case WIRE_AGAIN:
			return CARRY_GOING;
		case WIRE_END:
			return finish(c, RECEIVE_CLOSED, "", e);
		case WIRE_BROKEN:
			return finish(c, RECEIVE_BROKEN, "", e);
		case WIRE_MOVED:
			break;
		}
		c->heard_ms = now_ms;
		c->window_bytes += len;
		rc = receiver_feed(c->receiver, buffer, len, e);
		if (rc < 0)
			return CARRY_FAILED;
		if (rc > 0)
			return finish(c, RECEIVE_FED, "", e);
	}
	c->has_more = 1;
	return CARRY_GOING;
}

short
carry_events(const struct carry *c)
{
	return c->sent < c->request.len ? POLLIN | POLLOUT : POLLIN;
}

enum patience { WITH_TOTAL, WITH_FIRST_BYTE, WITH_SILENCE, WITH_RATE };

/* What ends first, and when. */
static int64_t
first_limit(const struct carry *c, enum patience *what)
{
	const struct carry_limits *l = c->limits;
	int64_t total = c->started_ms + l->total_ms;
	int64_t slow = c->window_ms + LIMIT_RATE_WINDOW_MS;
	int64_t first = c->sent_ms + l->first_byte_ms;

	*what = WITH_FIRST_BYTE;
	if (receiver_has_bytes(c->receiver)) {
		*what = WITH_SILENCE;
		first = c->heard_ms + l->idle_ms;
		if (slow < first && c->window_bytes < l->rate_bytes *
							  LIMIT_RATE_WINDOW_MS /
							  1000) {
			*what = WITH_RATE;
			first = slow;
		}
	}
	if (total < first) {
		*what = WITH_TOTAL;
		first = total;
	}
	return first;
}

static char *
patience_text(const struct carry_limits *l, enum patience what)
{
	switch (what) {
	case WITH_TOTAL:
		return mem_format(
		    "not done after %lld ms", (long long)l->total_ms);
	case WITH_FIRST_BYTE:
		return mem_format(
		    "no answer within %lld ms", (long long)l->first_byte_ms);
	case WITH_SILENCE:
		return mem_format(
		    "nothing came for %lld ms", (long long)l->idle_ms);
	case WITH_RATE:
		return mem_format("slower than %llu bytes a second",
		    (unsigned long long)l->rate_bytes);
	}
	return mem_text("");
}

int64_t
carry_deadline(const struct carry *c)
{
	enum patience what;

	return first_limit(c, &what);
}

enum carry_result
carry_expire(struct carry *c, int64_t now_ms, struct error *e)
{
	enum carry_result result;
	enum patience what;
	char *reason;

	if (now_ms < first_limit(c, &what)) {
		if (now_ms >= c->window_ms + LIMIT_RATE_WINDOW_MS) {
			c->window_ms = now_ms;
			c->window_bytes = 0;
		}
		return CARRY_GOING;
	}
	reason = patience_text(c->limits, what);
	result = finish(c, RECEIVE_LATE, reason, e);
	free(reason);
	return result;
}
