/* The fixture news site: HTTP and HTTPS on loopback, one thread each. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/server/certificates.h"
#include "tests/site/content.h"

enum { HEAD_MAX = 65536 };

struct server {
	struct site site;
	SSL_CTX *tls;
	FILE *log;            /* one line a request; NULL none */
	pthread_mutex_t lock; /* over LOG and VISITS */
	unsigned visits;
	unsigned delay_ms;
};

struct client {
	struct server *server;
	int fd;
	SSL *ssl; /* NULL: plain */
};

static ssize_t
client_read(struct client *c, void *p, size_t len)
{
	return c->ssl != NULL ? SSL_read(c->ssl, p, (int)len)
			      : recv(c->fd, p, len, 0);
}

static int
client_write(struct client *c, const void *p, size_t len)
{
	const char *s = p;

	while (len > 0) {
		ssize_t n = c->ssl != NULL ? SSL_write(c->ssl, s, (int)len)
					   : send(c->fd, s, len, MSG_NOSIGNAL);

		if (n <= 0)
			return -1;
		s += n;
		len -= (size_t)n;
	}
	return 0;
}

/* One request head into BUF; what comes behind it is not expected. 1 / 0. */
static int
read_head(struct client *c, char *buf, size_t *len)
{
	*len = 0;
	while (*len < HEAD_MAX - 1) {
		ssize_t n = client_read(c, buf + *len, HEAD_MAX - 1 - *len);

		if (n <= 0)
			return 0;
		*len += (size_t)n;
		buf[*len] = '\0';
		if (strstr(buf, "\r\n\r\n") != NULL)
			return 1;
	}
	return 0;
}

static void
log_visit(struct server *s, const char *host, const char *target,
    const struct answer *a)
{
	if (s->log == NULL)
		return;
	(void)pthread_mutex_lock(&s->lock);
	(void)fprintf(s->log, "%u %s %s%s\n", a->status, a->type, host, target);
	(void)fflush(s->log);
	(void)pthread_mutex_unlock(&s->lock);
}

static unsigned
next_visit(struct server *s)
{
	unsigned visit;

	(void)pthread_mutex_lock(&s->lock);
	visit = ++s->visits;
	(void)pthread_mutex_unlock(&s->lock);
	return visit;
}

static int
serve_one(struct client *c, char *head)
{
	char *target = strchr(head, ' ');
	char *host = strcasestr(head, "\r\nhost:");
	struct buf body = { 0 };
	struct buf out = { 0 };
	struct answer a = { .body = &body };
	int rc;

	if (target == NULL || host == NULL)
		return -1;
	target++;
	target[strcspn(target, " \r\n")] = '\0';
	host += strlen("\r\nhost:");
	host += strspn(host, " ");
	host[strcspn(host, "\r\n")] = '\0';
	if (c->server->delay_ms > 0)
		(void)usleep(c->server->delay_ms * 1000);
	site_answer(&c->server->site, host, target, next_visit(c->server), &a);
	log_visit(c->server, host, target, &a);
	buf_format(&out,
	    "HTTP/1.1 %u %s\r\nServer: fixture\r\nContent-Type: %s\r\n"
	    "Content-Length: %zu\r\n%s%s%s\r\n",
	    a.status, a.status == 200 ? "OK" : "Other", a.type, body.len,
	    a.location == NULL ? "" : "Location: ",
	    a.location == NULL ? "" : a.location,
	    a.location == NULL ? "" : "\r\n");
	buf_add(&out, body.data, body.len);
	rc = client_write(c, out.data, out.len);
	free(a.location);
	buf_clear(&body);
	buf_clear(&out);
	return rc;
}

static void *
run_client(void *argument)
{
	struct client *c = argument;
	char *head = mem_alloc(HEAD_MAX);
	size_t len;

	if (c->ssl == NULL || SSL_accept(c->ssl) == 1)
		while (read_head(c, head, &len) && serve_one(c, head) == 0)
			;
	if (c->ssl != NULL) {
		(void)SSL_shutdown(c->ssl);
		SSL_free(c->ssl);
	}
	(void)close(c->fd);
	free(head);
	free(c);
	return NULL;
}

struct listener {
	struct server *server;
	int fd;
	int tls;
};

static void *
run_listener(void *argument)
{
	struct listener *l = argument;
	pthread_attr_t detached;
	pthread_t thread;
	int one = 1;

	(void)pthread_attr_init(&detached);
	(void)pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	for (;;) {
		struct client *c;
		int fd = accept(l->fd, NULL, NULL);

		if (fd < 0)
			continue;
		(void)setsockopt(
		    fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		c = mem_zero(1, sizeof(*c));
		c->server = l->server;
		c->fd = fd;
		if (l->tls) {
			c->ssl = SSL_new(l->server->tls);
			(void)SSL_set_fd(c->ssl, fd);
		}
		if (pthread_create(&thread, &detached, run_client, c) != 0) {
			(void)close(fd);
			free(c);
		}
	}
	return NULL;
}

static int
listen_on(int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(fd, 128) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0) {
		perror("site: listen");
		exit(1);
	}
	*port = ntohs(a.sin_port);
	return fd;
}

static const char usage[] =
    "usage: site FIXTURES READY-FILE CA-FILE [--churn] [--log FILE]\n"
    "            [--delay MS] [--lifetime SECONDS]\n"
    "Serves the fixture news site on loopback; writes \"HTTP-PORT TLS-PORT\"\n"
    "to READY-FILE. Ends on SIGTERM or after its lifetime (600 s).\n";

int
main(int argc, char **argv)
{
	struct server s = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct listener plain = { &s, -1, 0 };
	struct listener secure = { &s, -1, 1 };
	struct error e = { 0 };
	unsigned lifetime = 600;
	pthread_t thread;
	char ready[64];
	int plain_port;
	int tls_port;

	if (argc < 4) {
		(void)fputs(usage, stderr);
		return 2;
	}
	if (site_load(&s.site, argv[1], &e) != 0) {
		(void)fprintf(stderr, "site: %s\n", e.text);
		return 1;
	}
	for (int i = 4; i < argc; i++) {
		if (strcmp(argv[i], "--churn") == 0)
			s.site.churn = 1;
		else if (strcmp(argv[i], "--log") == 0 && i + 1 < argc)
			s.log = fopen(argv[++i], "ae");
		else if (strcmp(argv[i], "--delay") == 0 && i + 1 < argc)
			s.delay_ms = (unsigned)strtoul(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--lifetime") == 0 && i + 1 < argc)
			lifetime = (unsigned)strtoul(argv[++i], NULL, 10);
		else {
			(void)fputs(usage, stderr);
			return 2;
		}
	}
	(void)signal(SIGPIPE, SIG_IGN);
	s.tls = certificates_context(certificates_new(argv[3]));
	plain.fd = listen_on(&plain_port);
	secure.fd = listen_on(&tls_port);
	if (pthread_create(&thread, NULL, run_listener, &plain) != 0 ||
	    pthread_create(&thread, NULL, run_listener, &secure) != 0)
		return 1;
	(void)snprintf(ready, sizeof(ready), "%d %d\n", plain_port, tls_port);
	if (file_put(argv[2], ready, strlen(ready), &e) != 0) {
		(void)fprintf(stderr, "site: %s\n", e.text);
		return 1;
	}
	(void)sleep(lifetime);
	return 0;
}
