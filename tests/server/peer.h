#ifndef SERVER_PEER_H
#define SERVER_PEER_H

#include <openssl/ssl.h>
#include <stddef.h>

#include "core/base/buf.h"

/* The other end of a connection, plain or TLS; calls block. */
struct peer {
	int fd;
	SSL *ssl; /* NULL: plain */
};

/* -1: no handshake. */
int peer_open(struct peer *p, int fd, SSL_CTX *tls);

enum peer_close { PEER_IN_ORDER, PEER_RUDELY, PEER_BY_RESET };
void peer_close(struct peer *p, enum peer_close how);

/* All of it, STEP bytes at a time (0: at once), WAIT_MS between. 0 / -1. */
int peer_send(
    struct peer *p, const void *data, size_t len, size_t step, long wait_ms);

/* Up to CAP bytes; 0 at the end, -1 when broken. */
long peer_receive(struct peer *p, void *data, size_t cap);

void peer_sleep(long ms);

#endif
