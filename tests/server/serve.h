#ifndef SERVER_SERVE_H
#define SERVER_SERVE_H

#include <openssl/ssl.h>

#include "tests/server/shapes.h"

/* What every connection of the raw server shares; nothing in it changes. */
struct server {
	struct shapes shapes;
	SSL_CTX *tls;
	const char *record; /* directory for the bytes sent; NULL none */
	int log;            /* where heads of requests go; -1 nowhere */
};

/* Serve the connection FD, TLS or not, until its end; closes FD. */
void serve(const struct server *s, int fd, int is_tls);

#endif
