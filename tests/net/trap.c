/*
 * A small internet for a network namespace in which every address is local
 * ("ip route add local 0.0.0.0/0 dev lo", the same for ::/0): a name server, a
 * web server at one public address, and listeners on all others.
 *
 *	trap LIST HITS READY
 *
 * LIST holds URLs nobody may come to, one a line; READY is written when all
 * listens; each connection that a listener sees is a line "ADDRESS PORT" of
 * HITS. Ends with a signal or after ten minutes.
 *
 * Names, below ".test": pub, rob-N (the web server); a-10-0-0-1 (that
 * address); x-HEX32 (that IPv6 address); rb-10-0-0-1 (the web server when
 * asked first, then the address, and so on: rebinding); mx-10-0-0-1 (both);
 * cn-10-0-0-1 (an alias of a-10-0-0-1). TTLs are 0.
 *
 * The web server: /r/N redirects to line N of LIST, /p/N is a page that needs
 * it in every way, rob-N.test/robots.txt redirects to it, /list.xml is a
 * sitemap of all; anything else is a small page.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#define WEB_ADDRESS "11.0.0.1"

enum { LINES_MAX = 1000, NAMES_MAX = 1000, PACKET_MAX = 512, LISTENERS = 6 };

static const int ports[] = { 80, 443, 8080 };

struct trap {
	char *lines[LINES_MAX];
	size_t line_count;
	char *names[NAMES_MAX]; /* asked for an odd number of times */
	size_t name_count;
	FILE *hits;
};

static void
must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

/*
 * Names
 */

/* The labels of a question at P, with dots; its length, 0 when it is none. */
static size_t
read_name(const uint8_t *p, size_t len, char *out, size_t cap)
{
	size_t at = 0;
	size_t n = 0;

	while (at < len && p[at] != 0) {
		size_t label = p[at++];

		if (label > 63 || at + label >= len || n + label + 2 > cap)
			return 0;
		for (size_t i = 0; i < label; i++)
			out[n++] = (char)text_lower(p[at + i]);
		out[n++] = '.';
		at += label;
	}
	out[n] = '\0';
	return at < len ? at + 1 : 0;
}

/* 1 when NAME is asked for the first, third ... time. */
static int
is_odd_question(struct trap *t, const char *name)
{
	for (size_t i = 0; i < t->name_count; i++)
		if (strcmp(t->names[i], name) == 0) {
			free(t->names[i]);
			t->names[i] = t->names[--t->name_count];
			return 0;
		}
	if (t->name_count < NAMES_MAX)
		t->names[t->name_count++] = mem_text(name);
	return 1;
}

/* "a-10-0-0-1.test." behind its first two letters and the hyphen. */
static int
address_in(const char *name, struct in_addr *out)
{
	char text[64];
	size_t len = strcspn(name + 3 - (name[1] == '-'), ".");

	if (len >= sizeof(text))
		return 0;
	memcpy(text, name + 3 - (name[1] == '-'), len);
	text[len] = '\0';
	for (char *p = text; *p != '\0'; p++)
		if (*p == '-')
			*p = '.';
	return inet_pton(AF_INET, text, out) == 1;
}

static void
add_answer(struct buf *b, const void *name, size_t name_len, int type,
    const void *data, size_t len)
{
	const uint8_t head[] = { 0, (uint8_t)type, 0, 1, 0, 0, 0, 0,
		(uint8_t)(len >> 8), (uint8_t)len };

	buf_add(b, name, name_len);
	buf_add(b, head, sizeof(head));
	buf_add(b, data, len);
	b->data[7]++; /* ANCOUNT */
}

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_AAAA = 28 };

/* What NAME is, for a question of TYPE. 0: there is no such name. */
static int
answer_name(struct trap *t, struct buf *b, const char *name, int type)
{
	static const uint8_t here[] = { 0xc0, 12 };
	struct in_addr web;
	struct in_addr a;
	uint8_t raw[16];
	int is_a = type == TYPE_A;

	(void)inet_pton(AF_INET, WEB_ADDRESS, &web);
	if (text_starts(name, "pub.") || text_starts(name, "rob-")) {
		if (is_a)
			add_answer(b, here, 2, TYPE_A, &web, 4);
		return 1;
	}
	if (text_starts(name, "x-") && strlen(name) > 34 &&
	    text_unhex(raw, name + 2, 16)) {
		if (type == TYPE_AAAA)
			add_answer(b, here, 2, TYPE_AAAA, raw, 16);
		return 1;
	}
	if (!text_ends(name, ".test.") || !address_in(name, &a))
		return 0;
	if (!is_a)
		return 1;
	if (text_starts(name, "cn-")) {
		struct buf alias = { 0 };
		size_t len = strcspn(name, ".") - 1;

		buf_add_byte(&alias, (uint8_t)len);
		buf_add_text(&alias, "a-");
		buf_add(&alias, name + 3, len - 2);
		buf_add(&alias, "\4test\0", 6);
		add_answer(b, here, 2, TYPE_CNAME, alias.data, alias.len);
		add_answer(b, alias.data, alias.len, TYPE_A, &a, 4);
		buf_clear(&alias);
		return 1;
	}
	if (text_starts(name, "mx-"))
		add_answer(b, here, 2, TYPE_A, &web, 4);
	if (text_starts(name, "rb-") && is_odd_question(t, name))
		a = web;
	add_answer(b, here, 2, TYPE_A, &a, 4);
	return 1;
}

static void
serve_name(struct trap *t, int fd)
{
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);
	uint8_t p[PACKET_MAX];
	char name[300];
	struct buf b = { 0 };
	ssize_t len = recvfrom(
	    fd, p, sizeof(p), 0, (struct sockaddr *)&from, &from_len);
	size_t n = len < 17 ? 0
			    : read_name(
				  p + 12, (size_t)len - 16, name, sizeof(name));

	if (n == 0)
		return;
	/* Header and question; an OPT record is left out. */
	buf_add(&b, p, 12 + n + 4);
	b.data[2] = 0x85;
	b.data[3] = 0x80;
	memset(b.data + 6, 0, 6);
	if (!answer_name(t, &b, name, p[12 + n + 1]))
		b.data[3] |= 3; /* NXDOMAIN */
	(void)sendto(fd, b.data, b.len, 0, (struct sockaddr *)&from, from_len);
	buf_clear(&b);
}

/*
 * Pages
 */

static const char *
line_of(const struct trap *t, const char *number)
{
	uint64_t n = 0;

	if (!text_uint(number, strspn(number, "0123456789"), LINES_MAX, &n) ||
	    n >= t->line_count)
		return "http://" WEB_ADDRESS "/none";
	return t->lines[n];
}

static void
add_page(struct buf *b, const char *url)
{
	static const char *const needs[] = {
		"<link rel=stylesheet href=\"%s?css\">",
		"<link rel=canonical href=\"%s?canonical\">",
		"<link rel=icon href=\"%s?icon\">",
		"<link rel=preload as=font href=\"%s?font\">",
		"<meta property=\"og:image\" content=\"%s?og\">",
		"<script src=\"%s?script\"></script>",
		"<img src=\"%s?img\">",
		"<img srcset=\"%s?srcset 2x\">",
		"<video poster=\"%s?poster\"></video>",
		"<iframe src=\"%s?frame\"></iframe>",
		"<p style=\"background:url(%s?style)\">x</p>",
		"<a href=\"%s?link\">x</a>",
	};

	buf_add_text(b, "<!DOCTYPE html><title>needs</title>\n");
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		const char *hole = strstr(needs[i], "%s");

		buf_add(b, needs[i], (size_t)(hole - needs[i]));
		buf_add_text(b, url);
		buf_add_text(b, hole + 2);
		buf_add_text(b, "\n");
	}
}

static void
add_list(struct buf *b, const struct trap *t)
{
	buf_add_text(b, "<?xml version=\"1.0\"?><urlset xmlns=\"http://www."
			"sitemaps.org/schemas/sitemap/0.9\">\n");
	for (size_t i = 0; i < t->line_count; i++)
		buf_format(b, "<url><loc>%s?list</loc></url>\n", t->lines[i]);
	buf_add_text(b, "</urlset>\n");
}

static void
answer(const struct trap *t, const char *request, struct buf *out)
{
	const char *target = request + strcspn(request, " ");
	const char *host = strcasestr(request, "\nHost: ");
	const char *to = NULL;
	struct buf body = { 0 };

	target += *target == ' ';
	host = host == NULL ? "" : host + 7;
	if (text_starts(target, "/robots.txt") && text_starts(host, "rob-"))
		to = line_of(t, host + 4);
	else if (text_starts(target, "/r/"))
		to = line_of(t, target + 3);
	if (to != NULL) {
		buf_format(out,
		    "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0"
		    "\r\nConnection: close\r\n\r\n",
		    to);
		return;
	}
	if (text_starts(target, "/p/"))
		add_page(&body, line_of(t, target + 3));
	else if (text_starts(target, "/list.xml"))
		add_list(&body, t);
	else
		buf_add_text(&body, "<!DOCTYPE html><title>a</title><p>b\n");
	buf_format(out,
	    "HTTP/1.1 %s\r\nContent-Type: text/%s\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n",
	    text_starts(target, "/robots.txt") ? "404 None" : "200 OK",
	    text_starts(target, "/list.xml") ? "xml" : "html", body.len);
	buf_add(out, buf_text(&body), body.len);
	buf_clear(&body);
}

static void
serve_web(const struct trap *t, int listener)
{
	struct timeval patience = { .tv_sec = 2 };
	struct buf request = { 0 };
	struct buf out = { 0 };
	char block[4096];
	ssize_t n;
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		return;
	(void)setsockopt(
	    fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	while (strstr(buf_text(&request), "\r\n\r\n") == NULL &&
	       request.len < 65536 &&
	       (n = recv(fd, block, sizeof(block), 0)) > 0)
		buf_add(&request, block, (size_t)n);
	answer(t, buf_text(&request), &out);
	(void)send(fd, out.data, out.len, MSG_NOSIGNAL);
	(void)shutdown(fd, SHUT_WR);
	(void)close(fd);
	buf_clear(&request);
	buf_clear(&out);
}

/*
 * Listeners
 */

static void
note_hit(struct trap *t, int listener)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} a = { 0 };
	socklen_t len = sizeof(a);
	char text[64] = "?";
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		return;
	(void)getsockname(fd, &a.any, &len);
	if (a.any.sa_family == AF_INET)
		(void)inet_ntop(AF_INET, &a.v4.sin_addr, text, sizeof(text));
	else
		(void)inet_ntop(AF_INET6, &a.v6.sin6_addr, text, sizeof(text));
	(void)fprintf(t->hits, "%s %d\n", text, ntohs(a.v4.sin_port));
	(void)fflush(t->hits);
	(void)close(fd);
}

static int
listen_on(int family, const char *address, int port, int type)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)port) };
	int fd = socket(family, type | SOCK_CLOEXEC, 0);
	int on = 1;

	must(fd >= 0, "socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	if (family == AF_INET) {
		(void)inet_pton(AF_INET, address, &v4.sin_addr);
		must(
		    bind(fd, (struct sockaddr *)&v4, sizeof(v4)) == 0, address);
	} else {
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
		must(bind(fd, (struct sockaddr *)&v6, sizeof(v6)) == 0, "::");
	}
	must(type == SOCK_DGRAM || listen(fd, 256) == 0, "listen");
	return fd;
}

static void
read_list(struct trap *t, const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t cap = 0;

	must(f != NULL, path);
	while (t->line_count < LINES_MAX && getline(&line, &cap, f) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		t->lines[t->line_count++] = mem_text(line);
	}
	free(line);
	(void)fclose(f);
}

int
main(int argc, char **argv)
{
	struct trap t = { 0 };
	struct pollfd fds[LISTENERS + 2];
	FILE *ready;

	if (argc != 4) {
		(void)fprintf(stderr, "usage: trap LIST HITS READY\n");
		return 2;
	}
	read_list(&t, argv[1]);
	t.hits = fopen(argv[2], "ae");
	must(t.hits != NULL, argv[2]);
	for (size_t i = 0; i < LISTENERS; i++)
		fds[i].fd = listen_on(i % 2 == 0 ? AF_INET : AF_INET6,
		    "0.0.0.0", ports[i / 2], SOCK_STREAM);
	fds[LISTENERS].fd = listen_on(AF_INET, WEB_ADDRESS, 80, SOCK_STREAM);
	fds[LISTENERS + 1].fd = listen_on(AF_INET, "127.0.0.1", 53, SOCK_DGRAM);
	for (size_t i = 0; i < LISTENERS + 2; i++)
		fds[i].events = POLLIN;
	(void)alarm(600);
	ready = fopen(argv[3], "we");
	must(ready != NULL, argv[3]);
	(void)fprintf(ready, "%zu\n", t.line_count);
	(void)fclose(ready);
	for (;;) {
		if (poll(fds, LISTENERS + 2, -1) < 0)
			continue;
		for (size_t i = 0; i < LISTENERS; i++)
			if (fds[i].revents != 0)
				note_hit(&t, fds[i].fd);
		if (fds[LISTENERS].revents != 0)
			serve_web(&t, fds[LISTENERS].fd);
		if (fds[LISTENERS + 1].revents != 0)
			serve_name(&t, fds[LISTENERS + 1].fd);
	}
}
