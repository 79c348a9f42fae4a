/*
 * The raw-byte server: sends response shapes byte for byte, over TCP and TLS,
 * on loopback.
 *
 *	raw [--dir DIR] [--record] [--log FILE] [--lifetime SECONDS] [--list]
 *
 * It prints "plain PORT", "tls PORT" and "ca FILE" (DIR/ca.pem) and serves
 * until a signal or the end of its lifetime (120 s; 0 for ever). --record
 * writes what is sent for a request with ?n=NUMBER to DIR/NUMBER.sent before
 * it is sent. --log appends the head of every request to FILE. --list prints
 * the table of shapes (shapes.h) and ends.
 *
 *	/shape/NAME[?cut=N&step=N&ms=N]  /  /status/NNN[?retry=N&challenge=1]
 *	/redirect/N  /loop  /big?bytes=N[&chunked=1]  /endless[?chunked=1&ms=N]
 *	/drip?bytes=N&ms=N  /hang  /reset  /br  /gzip  /lying-gzip
 *	/echo (the request)  /last (the same; the next request on this
 *	connection is answered by closing)  /hostile/... /real/N (hostile.c)
 *	CONNECT (to 127.0.0.1)
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/server/certificates.h"
#include "tests/server/serve.h"

struct options {
	const char *dir;
	const char *log;
	int is_recording, is_listing;
	uint64_t lifetime_s;
};

struct visitor {
	const struct server *server;
	int fd;
	int is_tls;
};

static void *
visit(void *context)
{
	struct visitor v = *(struct visitor *)context;

	free(context);
	serve(v.server, v.fd, v.is_tls);
	return NULL;
}

static void
welcome(const struct server *server, int listener, int is_tls)
{
	struct visitor *v = mem_alloc(sizeof(*v));
	pthread_t thread;

	*v = (struct visitor){ server, accept(listener, NULL, NULL), is_tls };
	if (v->fd < 0 || pthread_create(&thread, NULL, visit, v) != 0) {
		if (v->fd >= 0)
			(void)close(v->fd);
		free(v);
		return;
	}
	(void)pthread_detach(thread);
}

/* A listening socket on a port that is free; *PORT is which. */
static int
listen_somewhere(int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0 ||
	    listen(fd, 256) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0) {
		perror("listen");
		exit(1);
	}
	*port = ntohs(a.sin_port);
	return fd;
}

static void
leave(int number)
{
	(void)number;
	_exit(0);
}

static struct options
read_options(int argc, char **argv)
{
	struct options o = { .dir = ".", .lifetime_s = 120 };

	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(argv[i], "--record") == 0) {
			o.is_recording = 1;
		} else if (strcmp(argv[i], "--list") == 0) {
			o.is_listing = 1;
		} else if (strcmp(argv[i], "--dir") == 0) {
			o.dir = value;
			i++;
		} else if (strcmp(argv[i], "--log") == 0) {
			o.log = value;
			i++;
		} else if (strcmp(argv[i], "--lifetime") == 0 &&
			   text_uint(
			       value, strlen(value), 1000000, &o.lifetime_s)) {
			i++;
		} else {
			(void)fprintf(stderr,
			    "usage: raw [--dir DIR] [--record] [--log FILE] "
			    "[--lifetime SECONDS] [--list]\n");
			exit(2);
		}
	}
	return o;
}

int
main(int argc, char **argv)
{
	struct options o = read_options(argc, argv);
	struct server server = { .record = o.is_recording ? o.dir : NULL };
	struct certificates *certificates;
	struct pollfd listeners[2];
	int plain_port, tls_port;
	char *ca;

	server.log = o.log == NULL
			 ? -1
			 : open(o.log,
			       O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	shapes_init(&server.shapes);
	if (o.is_listing) {
		shapes_print(&server.shapes, stdout);
		shapes_clear(&server.shapes);
		return 0;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGTERM, leave);
	(void)signal(SIGINT, leave);
	(void)signal(SIGALRM, leave);
	(void)alarm((unsigned)o.lifetime_s);
	ca = mem_format("%s/ca.pem", o.dir);
	certificates = certificates_new(ca);
	if (certificates == NULL)
		return 1;
	server.tls = certificates_context(certificates);
	listeners[0] = (struct pollfd){ .fd = listen_somewhere(&plain_port),
		.events = POLLIN };
	listeners[1] = (struct pollfd){ .fd = listen_somewhere(&tls_port),
		.events = POLLIN };
	(void)printf("plain %d\ntls %d\nca %s\n", plain_port, tls_port, ca);
	(void)fflush(stdout);
	for (;;) {
		if (poll(listeners, 2, -1) < 0)
			continue;
		for (int i = 0; i < 2; i++) {
			if (listeners[i].revents != 0)
				welcome(&server, listeners[i].fd, i == 1);
		}
	}
}
