/* The other end of a connection. */
#include "tests/server/peer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int
peer_open(struct peer *p, int fd, SSL_CTX *tls)
{
	int on = 1;

	p->fd = fd;
	p->ssl = NULL;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (tls == NULL)
		return 0;
	p->ssl = SSL_new(tls);
	(void)SSL_set_fd(p->ssl, fd);
	return SSL_accept(p->ssl) == 1 ? 0 : -1;
}

void
peer_close(struct peer *p, enum peer_close how)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	if (p->ssl != NULL && how == PEER_IN_ORDER)
		(void)SSL_shutdown(p->ssl);
	if (how == PEER_BY_RESET)
		(void)setsockopt(
		    p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	SSL_free(p->ssl);
	(void)close(p->fd);
}

static long
send_some(struct peer *p, const uint8_t *data, size_t len)
{
	if (len > INT32_MAX)
		len = INT32_MAX;
	if (p->ssl != NULL)
		return SSL_write(p->ssl, data, (int)len);
	return (long)send(p->fd, data, len, MSG_NOSIGNAL);
}

int
peer_send(
    struct peer *p, const void *data, size_t len, size_t step, long wait_ms)
{
	const uint8_t *at = data;

	while (len > 0) {
		long n = send_some(p, at, step > 0 && step < len ? step : len);

		if (n <= 0)
			return -1;
		at += n;
		len -= (size_t)n;
		if (wait_ms > 0 && len > 0)
			peer_sleep(wait_ms);
	}
	return 0;
}

long
peer_receive(struct peer *p, void *data, size_t cap)
{
	if (p->ssl != NULL)
		return SSL_read(p->ssl, data, (int)cap);
	return (long)recv(p->fd, data, cap, 0);
}

void
peer_sleep(long ms)
{
	struct timespec t = { .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}
