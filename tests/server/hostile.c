/*
 * What a server can do to a visitor:
 *
 *	headers  header-line  head-drip  interim	heads without an end
 *	half						no answer, and no more
 *	to/WHAT		redirect to another scheme or port; to/port?PORT to
 *			/real/77 of 127.0.0.1
 *	cookies?n=N	so many Set-Cookie fields
 *	bomb/CODINGS	a page of a few KB that is 64 MiB (gzip deflate br
 *			zstd, joined by "," when nested)
 *	links?n=N	a page with so many links
 *	css/N		a stylesheet that imports N + 1
 *	pages/WHAT	pages that need those
 *	calendar/Y/M  session?sid=N  deep/...		traps for followers
 *	inject?n=N	a page whose pictures' addresses hold line ends
 */
#include "tests/server/hostile.h"

#include <brotli/encode.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <zlib.h>
#include <zstd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/server/peer.h"

enum { BOMB_BYTES = 64 * 1024 * 1024, STOP = -1, GO_ON = 0, NOT_MINE = 1 };

static uint64_t
number_in(const char *text, uint64_t otherwise)
{
	uint64_t n;

	return text_uint(text, strspn(text, "0123456789"), INT32_MAX, &n)
		   ? n
		   : otherwise;
}

static int
send_text(struct peer *p, const char *text)
{
	return peer_send(p, text, strlen(text), 0, 0);
}

/* A whole answer; FIELDS end with CRLF each. */
static int
answer(struct peer *p, const char *fields, const struct buf *body)
{
	struct buf head = { 0 };
	int rc;

	buf_format(&head, "HTTP/1.1 200 OK\r\n%sContent-Length: %zu\r\n\r\n",
	    fields, body->len);
	rc = peer_send(p, head.data, head.len, 0, 0);
	if (rc == 0)
		rc = peer_send(p, body->data, body->len, 0, 0);
	buf_clear(&head);
	return rc;
}

#define HTML "Content-Type: text/html\r\n"

static int
answer_html(struct peer *p, const char *text)
{
	struct buf b = { 0 };
	int rc;

	buf_format(&b, "<!DOCTYPE html><title>x</title>\n%s", text);
	rc = answer(p, HTML, &b);
	buf_clear(&b);
	return rc;
}

/* The same bytes for as long as somebody reads. */
static int
for_ever(struct peer *p, const char *first, const char *again, long ms)
{
	int rc = send_text(p, first);

	while (rc == 0) {
		rc = send_text(p, again);
		if (ms > 0)
			peer_sleep(ms);
	}
	return STOP;
}

static int
endless_head(struct peer *p, const char *what)
{
	static const char ok[] = "HTTP/1.1 200 OK\r\n";

	if (strcmp(what, "headers") == 0)
		return for_ever(p, ok, "X-More: and more and more\r\n", 0);
	if (strcmp(what, "header-line") == 0)
		return for_ever(p, "HTTP/1.1 200 OK\r\nX-Long: ", "long ", 0);
	if (strcmp(what, "head-drip") == 0)
		return for_ever(p, ok, "X", 200);
	if (strcmp(what, "interim") == 0)
		return for_ever(p, "", "HTTP/1.1 102 Processing\r\n\r\n", 0);
	if (strcmp(what, "half") != 0)
		return NOT_MINE;
	(void)shutdown(p->fd, SHUT_WR);
	peer_sleep(1000);
	return STOP;
}

static int
redirect_out(struct peer *p, const char *what)
{
	static const char *const table[][2] = {
		{ "file", "file:///etc/passwd" },
		{ "ftp", "ftp://127.0.0.1/x" },
		{ "gopher", "gopher://127.0.0.1:6379/_INFO" },
		{ "data", "data:text/html,<img%20src=/x>" },
		{ "javascript", "javascript:alert(1)" },
		{ "mail", "http://127.0.0.1:25/" },
		{ "redis", "http://127.0.0.1:6379/" },
		{ "ssh", "http://127.0.0.1:22/" },
		{ "user", "http://user:word@127.0.0.1/" },
		{ "nowhere", "http://" },
		{ "inject", "/real/1%0d%0aX-Evil:%20redirect" },
	};

	if (text_starts(what, "port?")) {
		struct buf b = { 0 };
		int rc;

		buf_format(&b,
		    "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%llu"
		    "/real/77\r\nContent-Length: 0\r\n\r\n",
		    (unsigned long long)number_in(what + 5, 0));
		rc = peer_send(p, b.data, b.len, 0, 0);
		buf_clear(&b);
		return rc;
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(what, table[i][0]) == 0) {
			struct buf b = { 0 };
			int rc;

			buf_format(&b,
			    "HTTP/1.1 302 Found\r\nLocation: %s\r\n"
			    "Content-Length: 0\r\n\r\n",
			    table[i][1]);
			rc = peer_send(p, b.data, b.len, 0, 0);
			buf_clear(&b);
			return rc;
		}
	return NOT_MINE;
}

static int
many_cookies(struct peer *p, uint64_t count)
{
	struct buf fields = { 0 };
	struct buf body = { 0 };
	int rc;

	buf_add_text(&fields, HTML);
	for (uint64_t i = 0; i < count; i++)
		buf_format(&fields,
		    "Set-Cookie: bomb%llu=%060llu; Domain=.example; Path=/\r\n",
		    (unsigned long long)i, (unsigned long long)i);
	buf_add_text(&body, "<!DOCTYPE html><title>cookies</title>\n");
	rc = answer(p, buf_text(&fields), &body);
	buf_clear(&fields);
	buf_clear(&body);
	return rc;
}

/*
 * Bombs
 */

static void
pack_zlib(struct buf *out, const struct buf *in, int window)
{
	z_stream z = { 0 };
	size_t room = in->len / 900 + 65536;

	(void)deflateInit2(&z, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
	z.next_in = in->data;
	z.avail_in = (uInt)in->len;
	z.next_out = buf_room(out, room);
	z.avail_out = (uInt)room;
	(void)deflate(&z, Z_FINISH);
	out->len += z.total_out;
	(void)deflateEnd(&z);
}

/* BODY becomes itself, coded. */
static void
pack(struct buf *body, const char *coding, size_t len)
{
	struct buf out = { 0 };

	if (strncmp(coding, "gzip", len) == 0) {
		pack_zlib(&out, body, 15 + 16);
	} else if (strncmp(coding, "deflate", len) == 0) {
		pack_zlib(&out, body, 15);
	} else if (strncmp(coding, "br", len) == 0) {
		size_t n = BrotliEncoderMaxCompressedSize(body->len);

		(void)BrotliEncoderCompress(3, 22, BROTLI_MODE_GENERIC,
		    body->len, body->data, &n, buf_room(&out, n));
		out.len = n;
	} else {
		size_t room = ZSTD_compressBound(body->len);
		size_t n = ZSTD_compress(
		    buf_room(&out, room), room, body->data, body->len, 1);

		out.len = ZSTD_isError(n) ? 0 : n;
	}
	buf_clear(body);
	*body = out;
}

static int
bomb(struct peer *p, const char *codings)
{
	struct buf body = { 0 };
	char fields[128];
	int rc;

	buf_format(&body,
	    "<!DOCTYPE html><title>bomb</title><img src=\"/real/in-%s.png\">",
	    codings);
	memset(buf_room(&body, BOMB_BYTES), ' ', BOMB_BYTES);
	body.len += BOMB_BYTES;
	for (const char *c = codings; *c != '\0';) {
		size_t len = strcspn(c, ",");

		pack(&body, c, len);
		c += len + (c[len] == ',');
	}
	(void)snprintf(
	    fields, sizeof(fields), HTML "Content-Encoding: %s\r\n", codings);
	rc = answer(p, fields, &body);
	buf_clear(&body);
	return rc;
}

/*
 * Pages
 */

static int
many_links(struct peer *p, uint64_t count)
{
	struct buf b = { 0 };
	int rc;

	buf_add_text(&b, "<img src=/real/first.png>\n");
	for (uint64_t i = 0; i < count; i++)
		buf_format(
		    &b, "<a href=/l/%llu>l</a>\n", (unsigned long long)i);
	rc = answer_html(p, buf_text(&b));
	buf_clear(&b);
	return rc;
}

/* Line ends in every dress, in what becomes requests. */
static int
injections(struct peer *p, uint64_t count)
{
	static const char *const ends[] = { "%%0d%%0a",
		"%%0D%%0AHost:%%20evil"
		"%%0d%%0a",
		"&#13;&#10;", "&#10;", "&#xd;&#xa;", "%%0a", "&#x2028;",
		"&#x85;", "&#9;", "\t", "\r\n", "\n", "%%00", "&#0;",
		"\xe5\x98\x8d\xe5\x98\x8a", "%%E5%%98%%8D%%E5%%98%%8A",
		" HTTP/1.1&#13;&#10;", "%%20HTTP/1.1%%0d%%0a" };
	struct buf b = { 0 };
	int rc;

	for (uint64_t i = 0; i < count; i++) {
		size_t n = i % (sizeof(ends) / sizeof(ends[0]));

		buf_format(&b, "<img src=\"/real/%llu", (unsigned long long)i);
		for (const char *c = ends[n]; *c != '\0'; c++) {
			buf_add_byte(&b, (uint8_t)*c);
			c += c[0] == '%' && c[1] == '%';
		}
		buf_add_text(&b, "X-Evil: 1\">\n");
	}
	rc = answer_html(p, buf_text(&b));
	buf_clear(&b);
	return rc;
}

static int
answer_css(struct peer *p, uint64_t number)
{
	struct buf b = { 0 };
	int rc;

	buf_format(&b,
	    "@import url(/hostile/css/%llu);\nb{background:url(/real/css-%llu"
	    ".png)}\n",
	    (unsigned long long)number + 1, (unsigned long long)number);
	rc = answer(p, "Content-Type: text/css\r\n", &b);
	buf_clear(&b);
	return rc;
}

static int
answer_trap(struct peer *p, const char *what)
{
	struct buf b = { 0 };
	uint64_t n;
	int rc;

	if (text_starts(what, "calendar/")) {
		uint64_t month;

		n = number_in(what + 9, 2026);
		month = number_in(what + 9 + strcspn(what + 9, "/") + 1, 1);
		for (int i = -1; i <= 1; i += 2) {
			uint64_t at = n * 12 + month - 1 + (uint64_t)(int64_t)i;

			buf_format(&b,
			    "<a href=/hostile/calendar/%llu/%02llu>"
			    "month</a>\n",
			    (unsigned long long)(at / 12),
			    (unsigned long long)(at % 12 + 1));
		}
	} else if (text_starts(what, "session?sid=")) {
		n = number_in(what + 12, 0);
		for (uint64_t i = 1; i <= 3; i++)
			buf_format(&b,
			    "<a href=\"/hostile/session?sid=%llu\">s</a>\n",
			    (unsigned long long)(n * 3 + i));
	} else if (text_starts(what, "deep/")) {
		buf_format(&b, "<a href=\"%s/deep/\">d</a>\n", "deep");
	} else {
		return NOT_MINE;
	}
	rc = answer_html(p, buf_text(&b));
	buf_clear(&b);
	return rc;
}

/* /real/N, its stylesheet and its pictures. */
static int
answer_real(struct peer *p, const char *name)
{
	struct buf b = { 0 };
	int rc;

	if (text_ends(name, ".png")) {
		buf_add(&b, "\x89PNG\r\n\x1a\n", 8);
		buf_add_text(&b, name);
		rc = answer(p, "Content-Type: image/png\r\n", &b);
	} else if (text_ends(name, ".css")) {
		buf_format(&b, "p{background:url(%s.png)}\n", name);
		rc = answer(p, "Content-Type: text/css\r\n", &b);
	} else {
		buf_format(&b,
		    "<!DOCTYPE html><title>%s</title><link rel=stylesheet "
		    "href=/real/%s.css>\n<p>An honest page.</p>\n",
		    name, name);
		for (int i = 1; i <= 3; i++)
			buf_format(
			    &b, "<img src=\"/real/%s-%d.png\">\n", name, i);
		rc = answer(p, HTML, &b);
	}
	buf_clear(&b);
	return rc;
}

int
hostile_answer(struct peer *p, const char *target)
{
	const char *what = target + strlen("/hostile/");
	int rc;

	if (text_starts(target, "/real/"))
		return answer_real(p, target + strlen("/real/"));
	if (!text_starts(target, "/hostile/"))
		return NOT_MINE;
	rc = endless_head(p, what);
	if (rc != NOT_MINE)
		return rc;
	if (text_starts(what, "to/"))
		return redirect_out(p, what + 3);
	if (text_starts(what, "cookies?n="))
		return many_cookies(p, number_in(what + 10, 1000));
	if (text_starts(what, "bomb/"))
		return bomb(p, what + 5);
	if (text_starts(what, "links?n="))
		return many_links(p, number_in(what + 8, 1000));
	if (text_starts(what, "inject?n="))
		return injections(p, number_in(what + 9, 100));
	if (text_starts(what, "css/"))
		return answer_css(p, number_in(what + 4, 0));
	if (text_starts(what, "pages/css"))
		return answer_html(
		    p, "<link rel=stylesheet href=/hostile/css/1>\n");
	if (text_starts(what, "pages/traps"))
		return answer_html(p,
		    "<a href=/hostile/calendar/2026/01>c</a>"
		    "<a href=\"/hostile/session?sid=1\">s</a>"
		    "<a href=/hostile/deep/>d</a><a href=/real/101>r</a>"
		    "<a href=/real/102>r</a><a href=/real/103>r</a>\n");
	if (text_starts(what, "pages/loop"))
		return answer_html(p, "<img src=/loop><img src=/redirect/100>"
				      "<img src=/real/a.png>\n");
	return answer_trap(p, what);
}
