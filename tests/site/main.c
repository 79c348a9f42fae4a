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
#include <time.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/server/certificates.h"
#include "tests/site/check.h"
#include "tests/site/content.h"
#include "tests/site/news.h"
#include "tests/site/truth.h"

enum { HEAD_MAX = 65536, SILENT_S = 120 };

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
	int is_broken;
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

static int64_t
mono_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* With a scenario: wall s, monotonic ms, status, host, target, article,
 * version, core hash; by tabs. */
static void
log_visit(struct server *s, const char *host, const char *target,
    int64_t began_ms, const struct answer *a)
{
	if (s->log == NULL)
		return;
	(void)pthread_mutex_lock(&s->lock);
	if (s->site.news == NULL)
		(void)fprintf(
		    s->log, "%u %s %s%s\n", a->status, a->type, host, target);
	else
		(void)fprintf(s->log, "%lld\t%lld\t%u\t%s\t%s\t%s\t%u\t%s\n",
		    (long long)news_now(s->site.news), (long long)began_ms,
		    a->status, host, target,
		    a->article[0] == '\0' ? "-" : a->article, a->version,
		    a->core[0] == '\0' ? "-" : a->core);
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

/* The value of field NAME ("\r\nname:") in HEAD, up to its line's end. */
static char *
get_field(const char *head, const char *name)
{
	const char *at = strcasestr(head, name);

	if (at == NULL)
		return NULL;
	at += strlen(name);
	at += strspn(at, " ");
	return mem_text_n(at, strcspn(at, "\r\n"));
}

/* RFC 9110, 13.2.2: If-None-Match comes before If-Modified-Since. */
static int
is_unmodified(const char *head, const struct answer *a)
{
	char *match = get_field(head, "\r\nif-none-match:");
	char *since = get_field(head, "\r\nif-modified-since:");
	int64_t us;
	int same = 0;

	if (a->status == 200 && match != NULL)
		same = a->etag[0] != '\0' && strstr(match, a->etag) != NULL;
	else if (a->status == 200 && since != NULL && a->last_modified > 0)
		same = date_parse_http(since, &us) &&
		       us / 1000000 >= a->last_modified;
	free(match);
	free(since);
	return same;
}

static void
write_head(const struct answer *a, size_t len, struct buf *out)
{
	char date[64];

	buf_format(out, "HTTP/1.1 %u %s\r\nServer: %s\r\n", a->status,
	    a->status == 200 ? "OK" : "Other", a->server);
	if (a->status != 304)
		buf_format(out, "Content-Type: %s\r\nContent-Length: %zu\r\n",
		    a->type, len);
	if (a->location != NULL)
		buf_format(out, "Location: %s\r\n", a->location);
	if (a->etag[0] != '\0')
		buf_format(out, "ETag: %s\r\n", a->etag);
	if (a->last_modified > 0) {
		http_date(a->last_modified, date, sizeof(date));
		buf_format(out, "Last-Modified: %s\r\n", date);
	}
	buf_add(out, a->head->data, a->head->len);
	buf_add_text(out, "\r\n");
}

static int
send_answer(struct client *c, const struct answer *a)
{
	static const struct linger at_once = { 1, 0 };
	struct buf out = { 0 };
	int rc = -1;

	if (a->wait_ms > 0)
		(void)usleep(a->wait_ms * 1000);
	if (a->end == END_SILENT)
		(void)sleep(SILENT_S);
	if (a->end == END_IN_ORDER || a->end == END_HALFWAY) {
		size_t len = a->end == END_HALFWAY ? a->body->len / 2
						   : a->body->len;

		write_head(a, a->body->len, &out);
		rc = client_write(c, out.data, out.len);
		if (rc == 0 && len > 0 && a->status != 304)
			rc = client_write(c, a->body->data, len);
	}
	if (a->end != END_IN_ORDER) {
		(void)setsockopt(
		    c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		c->is_broken = 1;
		rc = -1;
	}
	buf_clear(&out);
	return rc;
}

static int
serve_one(struct client *c, char *head)
{
	char *target = strchr(head, ' ');
	char *host = get_field(head, "\r\nhost:");
	int64_t began_ms = mono_ms();
	struct buf body = { 0 };
	struct buf more = { 0 };
	struct answer a = { .body = &body, .head = &more, .server = "fixture" };
	int rc = -1;

	if (target == NULL || host == NULL)
		goto done;
	target = mem_text_n(target + 1, strcspn(target + 1, " \r\n"));
	a.wait_ms = c->server->delay_ms;
	site_answer(&c->server->site, host, target, next_visit(c->server), &a);
	if (is_unmodified(head, &a))
		a.status = 304;
	log_visit(c->server, host, target, began_ms, &a);
	rc = send_answer(c, &a);
	free(target);
done:
	free(a.location);
	free(host);
	buf_clear(&body);
	buf_clear(&more);
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
		if (!c->is_broken)
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
    "            [--scenario FILE [--clock FILE]]\n"
    "       site FIXTURES --truth SCENARIO\n"
    "       site FIXTURES --check FOLDER WAIT-MS\n"
    "Serves the fixture news site on loopback; writes \"HTTP-PORT TLS-PORT\"\n"
    "to READY-FILE. Ends on SIGTERM or after its lifetime (600 s).\n";

struct options {
	const char *scenario, *clock, *log;
	unsigned lifetime;
};

static int
read_options(int argc, char **argv, struct server *s, struct options *o)
{
	for (int i = 4; i < argc; i++) {
		if (strcmp(argv[i], "--churn") == 0)
			s->site.churn = 1;
		else if (i + 1 == argc)
			return -1;
		else if (strcmp(argv[i], "--log") == 0)
			o->log = argv[++i];
		else if (strcmp(argv[i], "--delay") == 0)
			s->delay_ms = (unsigned)strtoul(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--lifetime") == 0)
			o->lifetime = (unsigned)strtoul(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--scenario") == 0)
			o->scenario = argv[++i];
		else if (strcmp(argv[i], "--clock") == 0)
			o->clock = argv[++i];
		else
			return -1;
	}
	return 0;
}

static int
say(const struct error *e)
{
	(void)fprintf(stderr, "site: %s\n", e->text);
	return 1;
}

static int
print_truth(const char *fixtures, const char *scenario)
{
	struct news n;
	struct buf out = { 0 };
	struct error e = { 0 };

	if (news_load(&n, fixtures, scenario, NULL, &e) != 0)
		return say(&e);
	truth_write(&n, &out);
	(void)fwrite(out.data, 1, out.len, stdout);
	buf_clear(&out);
	news_clear(&n);
	return 0;
}

static int
run(struct server *s, const char *ready, const char *ca, unsigned lifetime)
{
	struct listener plain = { s, -1, 0 };
	struct listener secure = { s, -1, 1 };
	struct error e = { 0 };
	pthread_t thread;
	char text[64];
	int plain_port;
	int tls_port;

	(void)signal(SIGPIPE, SIG_IGN);
	s->tls = certificates_context(certificates_new(ca));
	plain.fd = listen_on(&plain_port);
	secure.fd = listen_on(&tls_port);
	if (pthread_create(&thread, NULL, run_listener, &plain) != 0 ||
	    pthread_create(&thread, NULL, run_listener, &secure) != 0)
		return 1;
	(void)snprintf(text, sizeof(text), "%d %d\n", plain_port, tls_port);
	if (file_put(ready, text, strlen(text), &e) != 0)
		return say(&e);
	(void)sleep(lifetime);
	return 0;
}

int
main(int argc, char **argv)
{
	struct server s = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct options o = { .lifetime = 600 };
	struct news n;
	struct error e = { 0 };

	if (argc == 4 && strcmp(argv[2], "--truth") == 0)
		return print_truth(argv[1], argv[3]);
	if (argc == 5 && strcmp(argv[2], "--check") == 0) {
		int rc = check_month(
		    argv[1], argv[3], strtol(argv[4], NULL, 10), &e);

		return rc < 0 ? say(&e) + 1 : rc;
	}
	if (argc < 4 || read_options(argc, argv, &s, &o) != 0) {
		(void)fputs(usage, stderr);
		return 2;
	}
	if (site_load(&s.site, argv[1], &e) != 0)
		return say(&e);
	if (o.scenario != NULL) {
		if (news_load(&n, argv[1], o.scenario, o.clock, &e) != 0)
			return say(&e);
		s.site.news = &n;
	}
	if (o.log != NULL)
		s.log = fopen(o.log, "ae");
	return run(&s, argv[2], argv[3], o.lifetime);
}
