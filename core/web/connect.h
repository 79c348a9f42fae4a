#ifndef WEB_CONNECT_H
#define WEB_CONNECT_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "core/web/exchange.h"

struct clock;
struct error;
struct fetch_options;

/*
 * Connections for the fetcher. libcurl resolves, filters, connects, tunnels
 * and shakes hands (CURLOPT_CONNECT_ONLY) without blocking; what is carried
 * afterwards is ours alone. Names no HTTP.
 *
 * A host's addresses are collected before anything is sent: the first pass
 * refuses every socket that libcurl asks for and so sees the whole answer of
 * the resolver, the second connects to what the filter lets through.
 */
struct connector; /* libcurl's multi handle and what all wires share */
struct wire;      /* one connection being made, open, or failed */

/* Ignores SIGPIPE for the process (TLS writes would raise it). NULL:
 * ERROR_USAGE, ERROR_NOTFOUND (CA file). O is copied where needed. */
struct connector *connector_new(
    const struct fetch_options *o, struct clock *clock, struct error *e);
void connector_free(struct connector *c); /* every wire must be closed */

/* "libcurl/7.88.1 OpenSSL/3.0.19 ...". */
const char *connector_libraries(void);

/* What to wait for while wires are being made: fill FDS (at least
 * connector_fd_count of them), sleep no longer than connector_wait_ms (-1: no
 * bound), then act on what poll said. -1: ERROR_SYSTEM (no descriptors). */
size_t connector_fd_count(const struct connector *c);
void connector_fds(const struct connector *c, struct pollfd *fds);
int connector_wait_ms(struct connector *c);
int connector_act(struct connector *c, const struct pollfd *fds, size_t count,
    struct error *e);

/* Begin a connection. HOST without brackets. Never fails at once: a failure
 * shows in its state after connector_act. */
struct wire *
wire_open(struct connector *c, const char *host, int port, int is_tls);
void wire_close(struct wire *w); /* NULL is fine */

enum wire_state { WIRE_CONNECTING, WIRE_OPEN, WIRE_FAILED };
enum wire_state wire_state(const struct wire *w);

/* Why it failed; *REASON is borrowed. */
enum outcome wire_failure(const struct wire *w, const char **reason);

/* Of an open wire. Borrowed. */
int wire_fd(const struct wire *w);
struct connection *wire_connection(const struct wire *w);

enum wire_result {
	WIRE_MOVED,  /* *LEN > 0 bytes */
	WIRE_AGAIN,  /* not now: poll */
	WIRE_END,    /* the peer closed in order */
	WIRE_BROKEN, /* reset, or TLS ended without saying so */
};
enum wire_result
wire_send(struct wire *w, const void *p, size_t cap, size_t *len);
enum wire_result wire_receive(struct wire *w, void *p, size_t cap, size_t *len);

#endif
