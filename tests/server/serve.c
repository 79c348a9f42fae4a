/* What the raw server answers. */
#include "tests/server/serve.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "tests/server/hostile.h"
#include "tests/server/peer.h"

enum { REQUEST_MAX = 64 * 1024, BLOCK = 64 * 1024 };

/* One connection. */
struct session {
	const struct server *server;
	struct peer peer;
	struct buf in;      /* bytes read and not yet used */
	struct buf request; /* head of the current request */
	struct buf target;  /* of it */
	int is_last;        /* the next request is answered by closing */
	enum peer_close ending;
};

/* Go on with the connection, or end it as s->ending says. */
enum { GO_ON = 0, STOP = -1 };

/*
 * Requests
 */

/* 0: s->request is a whole head. */
static int
read_request(struct session *s)
{
	char block[4096];
	const char *end;

	while ((end = strstr(buf_text(&s->in), "\r\n\r\n")) == NULL) {
		long n = peer_receive(&s->peer, block, sizeof(block));

		if (n <= 0 || s->in.len + (size_t)n > REQUEST_MAX)
			return -1;
		buf_add(&s->in, block, (size_t)n);
	}
	buf_reset(&s->request);
	buf_add(&s->request, s->in.data, (size_t)(end + 4 - buf_text(&s->in)));
	memmove(s->in.data, s->in.data + s->request.len,
	    s->in.len - s->request.len);
	buf_cut(&s->in, s->in.len - s->request.len);
	return 0;
}

static void
read_target(struct session *s)
{
	const char *start = strchr(buf_text(&s->request), ' ');
	size_t len = start == NULL ? 0 : strcspn(start + 1, " \r\n");

	buf_reset(&s->target);
	if (start != NULL)
		buf_add(&s->target, start + 1, len);
}

/* The number NAME in the query, or OTHERWISE. */
static uint64_t
query(const struct session *s, const char *name, uint64_t otherwise)
{
	const char *p = strchr(buf_text(&s->target), '?');
	size_t len = strlen(name);
	uint64_t value;

	while (p != NULL) {
		p++;
		if (strncmp(p, name, len) == 0 && p[len] == '=' &&
		    text_uint(p + len + 1, strcspn(p + len + 1, "&"), INT64_MAX,
			&value))
			return value;
		p = strchr(p, '&');
	}
	return otherwise;
}

/* The path behind PREFIX, without the query; NULL when it is another. */
static const char *
path_behind(const struct session *s, const char *prefix, char *out, size_t cap)
{
	const char *target = buf_text(&s->target);
	size_t len;

	if (!text_starts(target, prefix))
		return NULL;
	target += strlen(prefix);
	len = strcspn(target, "?");
	if (len >= cap)
		return NULL;
	memcpy(out, target, len);
	out[len] = '\0';
	return out;
}

static int
path_is(const struct session *s, const char *path)
{
	char rest[2];

	return path_behind(s, path, rest, sizeof(rest)) != NULL &&
	       rest[0] == '\0';
}

/*
 * Answers
 */

/* Keep what is about to be sent under the number ?n= for a test to compare. */
static void
record(const struct session *s, const struct buf *bytes)
{
	uint64_t number = query(s, "n", 0);
	char path[512];
	FILE *file;

	if (s->server->record == NULL || number == 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/%llu.sent", s->server->record,
	    (unsigned long long)number);
	file = fopen(path, "w");
	if (file == NULL)
		return;
	(void)fwrite(buf_text(bytes), 1, bytes->len, file);
	(void)fclose(file);
}

static int
answer_shape(struct session *s, const struct shape *shape)
{
	static const enum peer_close endings[] = {
		[AFTER_KEEP] = PEER_IN_ORDER,
		[AFTER_CLOSE] = PEER_IN_ORDER,
		[AFTER_RUDE] = PEER_RUDELY,
		[AFTER_RESET] = PEER_BY_RESET,
	};
	uint64_t cut = query(s, "cut", UINT64_MAX);
	struct buf b = { 0 };
	int rc;

	buf_add(&b, buf_text(&shape->interim), shape->interim.len);
	buf_add(&b, buf_text(&shape->message), shape->message.len);
	buf_add(&b, buf_text(&shape->extra), shape->extra.len);
	if (cut < b.len)
		buf_cut(&b, (size_t)cut);
	record(s, &b);
	s->ending = endings[shape->after];
	rc = peer_send(&s->peer, b.data, b.len,
	    (size_t)query(s, "step", shape->step), (long)query(s, "ms", 0));
	if (shape->after == AFTER_RESET)
		peer_sleep(50); /* let the bytes arrive before the reset */
	if (shape->after != AFTER_KEEP || cut != UINT64_MAX)
		rc = STOP;
	buf_clear(&b);
	return rc;
}

static int
answer(struct session *s, const char *status, const char *fields,
    const struct buf *body)
{
	struct buf b = { 0 };
	int rc;

	buf_format(&b, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n", status,
	    fields, body->len);
	buf_add(&b, buf_text(body), body->len);
	record(s, &b);
	rc = peer_send(&s->peer, b.data, b.len, 0, 0);
	buf_clear(&b);
	return rc;
}

static int
answer_text(
    struct session *s, const char *status, const char *fields, const char *text)
{
	struct buf body = { 0 };
	int rc;

	buf_add_text(&body, text);
	rc = answer(s, status, fields, &body);
	buf_clear(&body);
	return rc;
}

/* /big?bytes=N[&chunked=1]: a body made as it goes. */
static int
answer_big(struct session *s)
{
	uint64_t left = query(s, "bytes", 1000000);
	int is_chunked = query(s, "chunked", 0) != 0;
	char *block = malloc(BLOCK);
	char text[256];
	int rc = GO_ON;

	for (size_t i = 0; block != NULL && i < BLOCK; i++)
		block[i] = (char)('a' + i % 26);
	(void)snprintf(text, sizeof(text),
	    "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
	    "%s: ",
	    is_chunked ? "Transfer-Encoding" : "Content-Length");
	rc = peer_send(&s->peer, text, strlen(text), 0, 0);
	(void)snprintf(
	    text, sizeof(text), "%llu\r\n\r\n", (unsigned long long)left);
	if (is_chunked)
		(void)snprintf(text, sizeof(text), "chunked\r\n\r\n");
	if (rc == 0)
		rc = peer_send(&s->peer, text, strlen(text), 0, 0);
	while (rc == 0 && left > 0 && block != NULL) {
		size_t n = left < BLOCK ? (size_t)left : BLOCK;

		(void)snprintf(text, sizeof(text), "%zx\r\n", n);
		if (is_chunked)
			rc = peer_send(&s->peer, text, strlen(text), 0, 0);
		if (rc == 0)
			rc = peer_send(&s->peer, block, n, 0, 0);
		if (rc == 0 && is_chunked)
			rc = peer_send(&s->peer, "\r\n", 2, 0, 0);
		left -= n;
	}
	if (rc == 0 && is_chunked)
		rc = peer_send(&s->peer, "0\r\n\r\n", 5, 0, 0);
	free(block);
	return rc;
}

/* /endless[?chunked=1&ms=N]: as long as somebody reads. */
static int
answer_endless(struct session *s)
{
	int is_chunked = query(s, "chunked", 0) != 0;
	const char *head =
	    is_chunked ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		       : "HTTP/1.1 200 OK\r\n\r\n";
	const char *block = is_chunked ? "4\r\nmore\r\n" : "more";
	long ms = (long)query(s, "ms", 0);
	int rc = peer_send(&s->peer, head, strlen(head), 0, 0);

	while (rc == 0) {
		rc = peer_send(&s->peer, block, strlen(block), 0, 0);
		if (ms > 0)
			peer_sleep(ms);
	}
	return STOP;
}

/* /drip?bytes=N&ms=N: one byte at a time. */
static int
answer_drip(struct session *s)
{
	uint64_t bytes = query(s, "bytes", 100);
	long ms = (long)query(s, "ms", 100);
	char head[128];
	int rc;

	(void)snprintf(head, sizeof(head),
	    "HTTP/1.1 200 OK\r\nContent-Length: %llu\r\n\r\n",
	    (unsigned long long)bytes);
	rc = peer_send(&s->peer, head, strlen(head), 0, 0);
	while (rc == 0 && bytes-- > 0) {
		rc = peer_send(&s->peer, "x", 1, 0, 0);
		peer_sleep(ms);
	}
	return rc;
}

/* Nothing more, until the other side gives up. */
static int
hang(struct session *s)
{
	char block[256];

	while (peer_receive(&s->peer, block, sizeof(block)) > 0)
		continue;
	return STOP;
}

static int
answer_status(struct session *s, const char *number)
{
	char status[64];
	uint64_t ms = query(s, "retry", 0);
	char fields[128] = "";

	(void)snprintf(status, sizeof(status), "%.3s Text", number);
	if (ms > 0)
		(void)snprintf(fields, sizeof(fields), "Retry-After: %llu\r\n",
		    (unsigned long long)ms);
	/* 2: what stands behind such a server, and says no itself. */
	if (query(s, "challenge", 0) != 0)
		(void)snprintf(fields, sizeof(fields),
		    "Server: cloudflare\r\n%s",
		    query(s, "challenge", 0) == 2
			? "Content-Type: application/xml\r\n"
			: "Cf-Mitigated: challenge\r\n");
	return answer_text(s, status, fields, "status\n");
}

/* /redirect/N: N more hops, then /shape/length. */
static int
answer_redirect(struct session *s, const char *number)
{
	char fields[128] = "Location: /shape/length\r\n";
	uint64_t hops = 0;

	(void)text_uint(number, strlen(number), 1000000, &hops);
	if (hops > 1)
		(void)snprintf(fields, sizeof(fields),
		    "Location: /redirect/%llu\r\n",
		    (unsigned long long)hops - 1);
	return answer_text(s, "302 Found", fields, "there\n");
}

static int
answer_index(struct session *s)
{
	struct buf body = { 0 };
	int rc;

	for (size_t i = 0; i < s->server->shapes.count; i++)
		buf_format(
		    &body, "/shape/%s\n", s->server->shapes.list[i].name);
	rc = answer(s, "200 OK", "Content-Type: text/plain\r\n", &body);
	buf_clear(&body);
	return rc;
}

static int
answer_coded(struct session *s, const char *coding)
{
	char fields[128];

	(void)snprintf(fields, sizeof(fields),
	    "Content-Type: text/html\r\nContent-Encoding: %s\r\n", coding);
	return answer_text(
	    s, "200 OK", fields, "<html>this was never coded at all</html>");
}

/* A body that is coded as it says: one gzip member. */
static int
answer_gzip(struct session *s)
{
	/* "<html>this was coded</html>" */
	static const uint8_t member[] = { 0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0xff, 0xb3, 0xc9, 0x28, 0xc9, 0xcd, 0xb1,
		0x2b, 0xc9, 0xc8, 0x2c, 0x56, 0x28, 0x4f, 0x2c, 0x56, 0x48,
		0xce, 0x4f, 0x49, 0x4d, 0xb1, 0xd1, 0x07, 0x0b, 0x02, 0x00,
		0xb0, 0xec, 0x65, 0xb4, 0x1b, 0x00, 0x00, 0x00 };
	struct buf body = { 0 };
	int rc;

	buf_add(&body, member, sizeof(member));
	rc = answer(s, "200 OK",
	    "Content-Type: text/html\r\nContent-Encoding: gzip\r\n", &body);
	buf_clear(&body);
	return rc;
}

/*
 * CONNECT
 */

/* Bytes from either side to the other until one ends. */
static int
relay(struct session *s, int fd)
{
	struct pollfd fds[2] = { { .fd = s->peer.fd, .events = POLLIN },
		{ .fd = fd, .events = POLLIN } };
	char block[16384];

	while (poll(fds, 2, -1) > 0) {
		for (int i = 0; i < 2; i++) {
			ssize_t n;

			if (fds[i].revents == 0)
				continue;
			n = recv(fds[i].fd, block, sizeof(block), 0);
			if (n <= 0 || send(fds[!i].fd, block, (size_t)n,
					  MSG_NOSIGNAL) != n)
				return STOP;
		}
	}
	return STOP;
}

/* A proxy that knows one way: whatever the host, 127.0.0.1. */
static int
connect_through(struct session *s)
{
	const char *colon = strrchr(buf_text(&s->target), ':');
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	uint64_t port = 0;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc = STOP;

	if (colon != NULL)
		(void)text_uint(colon + 1, strlen(colon + 1), 65535, &port);
	to.sin_port = htons((uint16_t)port);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 &&
	    peer_send(&s->peer, "HTTP/1.1 200 Through\r\n\r\n", 24, 0, 0) == 0)
		rc = relay(s, fd);
	else
		(void)answer_text(s, "502 Bad Gateway", "", "no way\n");
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

static int
serve_request(struct session *s)
{
	char rest[256];
	const struct shape *shape;

	int rc;

	if (s->server->log >= 0)
		(void)!write(s->server->log, s->request.data, s->request.len);
	if (text_starts(buf_text(&s->request), "CONNECT "))
		return connect_through(s);
	rc = hostile_answer(&s->peer, buf_text(&s->target));
	if (rc <= 0)
		return rc;
	if (path_behind(s, "/shape/", rest, sizeof(rest)) != NULL) {
		shape = shapes_find(&s->server->shapes, rest);
		if (shape != NULL)
			return answer_shape(s, shape);
	}
	if (path_behind(s, "/status/", rest, sizeof(rest)) != NULL)
		return answer_status(s, rest);
	if (path_behind(s, "/redirect/", rest, sizeof(rest)) != NULL)
		return answer_redirect(s, rest);
	if (path_is(s, "/loop"))
		return answer_text(
		    s, "302 Found", "Location: /loop\r\n", "again\n");
	if (path_is(s, "/big"))
		return answer_big(s);
	if (path_is(s, "/endless"))
		return answer_endless(s);
	if (path_is(s, "/drip"))
		return answer_drip(s);
	if (path_is(s, "/hang"))
		return hang(s);
	if (path_is(s, "/br"))
		return answer_coded(s, "br");
	if (path_is(s, "/gzip"))
		return answer_gzip(s);
	if (path_is(s, "/lying-gzip"))
		return answer_coded(s, "gzip");
	if (path_is(s, "/reset")) {
		s->ending = PEER_BY_RESET;
		return STOP;
	}
	if (path_is(s, "/last"))
		s->is_last = 1;
	if (path_is(s, "/echo") || path_is(s, "/last"))
		return answer(
		    s, "200 OK", "Content-Type: text/plain\r\n", &s->request);
	if (path_is(s, "/"))
		return answer_index(s);
	return answer_text(s, "404 Not Found", "", "no such thing\n");
}

void
serve(const struct server *server, int fd, int is_tls)
{
	struct session s = { .server = server, .ending = PEER_IN_ORDER };

	if (peer_open(&s.peer, fd, is_tls ? server->tls : NULL) != 0)
		goto done;
	while (read_request(&s) == 0 && !s.is_last) {
		read_target(&s);
		if (serve_request(&s) == STOP)
			break;
	}
done:
	peer_close(&s.peer, s.ending);
	buf_clear(&s.in);
	buf_clear(&s.request);
	buf_clear(&s.target);
}
