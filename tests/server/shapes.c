/* The table of shapes. */
#include "tests/server/shapes.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/digest.h"
#include "core/base/mem.h"

struct bytes {
	const char *p;
	size_t len;
};

/* A string literal that may hold NUL. */
#define B(s)                     \
	{                        \
		s, sizeof(s) - 1 \
	}

enum { REUSED = 1, DROPPED = 0 };

struct row {
	const char *name;
	struct bytes interim;
	struct bytes head; /* without the blank line when BODY begins it */
	struct bytes body;
	struct bytes payload; /* NULL: the body */
	struct bytes extra;
	const char *outcome;
	const char *truncated;
	enum shape_after after;
	int is_reused;
	size_t step;
};

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
#define CHUNKED OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"
#define HELLO   OK_HEAD "Content-Length: 5\r\n\r\n"

/* Bodies and payloads in full; what is long is made below. */
static const struct row rows[] = {
	{ .name = "length",
	    .head = B(HELLO),
	    .body = B("hello"),
	    .is_reused = REUSED },
	{ .name = "length-zero",
	    .head = B(OK_HEAD "Content-Length: 0\r\n\r\n"),
	    .body = B(""),
	    .is_reused = REUSED },
	{ .name = "length-dribble",
	    .head = B(HELLO),
	    .body = B("hello"),
	    .step = 1,
	    .is_reused = REUSED },
	{ .name = "length-plus",
	    .head = B(OK_HEAD "Content-Length: +5\r\n\r\n"),
	    .body = B("hello"),
	    .after = AFTER_CLOSE },
	{ .name = "length-text",
	    .head = B(OK_HEAD "Content-Length: five\r\n\r\n"),
	    .body = B("hello"),
	    .after = AFTER_CLOSE },
	{ .name = "length-negative",
	    .head = B(OK_HEAD "Content-Length: -5\r\n\r\n"),
	    .body = B("hello"),
	    .after = AFTER_CLOSE },
	{ .name = "length-overflow",
	    .head = B(
		OK_HEAD "Content-Length: 99999999999999999999999\r\n\r\n"),
	    .body = B("hello"),
	    .after = AFTER_CLOSE },
	{ .name = "length-huge",
	    .head = B(OK_HEAD "Content-Length: 9000000000000000000\r\n\r\n"),
	    .body = B("hello"),
	    .after = AFTER_CLOSE,
	    .outcome = "truncated-disconnect",
	    .truncated = "disconnect" },
	{ .name = "length-twice-equal",
	    .head = B(OK_HEAD "Content-Length: 5\r\nContent-Length: 5\r\n\r\n"),
	    .body = B("hello"),
	    .is_reused = REUSED },
	{ .name = "length-list-equal",
	    .head = B(OK_HEAD "Content-Length: 5, 5\r\n\r\n"),
	    .body = B("hello"),
	    .is_reused = REUSED },
	{ .name = "length-twice-different",
	    .head = B(OK_HEAD "Content-Length: 5\r\nContent-Length: 7\r\n\r\n"),
	    .body = B("hello!!"),
	    .after = AFTER_CLOSE },
	{ .name = "length-and-chunked",
	    .head = B(OK_HEAD "Content-Length: 3\r\n"
			      "Transfer-Encoding: chunked\r\n\r\n"),
	    .body = B("5\r\nhello\r\n0\r\n\r\n"),
	    .payload = B("hello") },
	{ .name = "length-extra",
	    .head = B(HELLO),
	    .body = B("hello"),
	    .extra = B("more than was said") },
	{ .name = "length-extra-response",
	    .head = B(HELLO),
	    .body = B("hello"),
	    .extra = B("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil") },
	{ .name = "length-cut",
	    .head = B(OK_HEAD "Content-Length: 50\r\n\r\n"),
	    .body = B("hello"),
	    .after = AFTER_CLOSE,
	    .outcome = "truncated-disconnect",
	    .truncated = "disconnect" },
	{ .name = "length-reset",
	    .head = B(OK_HEAD "Content-Length: 50\r\n\r\n"),
	    .body = B("hello"),
	    .after = AFTER_RESET,
	    .outcome = "truncated-disconnect",
	    .truncated = "disconnect" },
	{ .name = "length-then-reset",
	    .head = B(HELLO),
	    .body = B("hello"),
	    .after = AFTER_RESET },
	{ .name = "close",
	    .head = B(OK_HEAD "\r\n"),
	    .body = B("until end"),
	    .after = AFTER_CLOSE },
	{ .name = "close-empty",
	    .head = B(OK_HEAD "\r\n"),
	    .body = B(""),
	    .after = AFTER_CLOSE },
	{ .name = "close-rude",
	    .head = B(OK_HEAD "\r\n"),
	    .body = B("until end"),
	    .after = AFTER_RUDE },
	{ .name = "close-reset",
	    .head = B(OK_HEAD "\r\n"),
	    .body = B("until end"),
	    .after = AFTER_RESET,
	    .outcome = "truncated-disconnect",
	    .truncated = "disconnect" },
	{ .name = "close-said",
	    .head = B(OK_HEAD "Content-Length: 5\r\nConnection: close\r\n\r\n"),
	    .body = B("hello") },
	{ .name = "http10",
	    .head = B("HTTP/1.0 200 OK\r\n\r\n"),
	    .body = B("old"),
	    .after = AFTER_CLOSE },
	{ .name = "http10-length",
	    .head = B("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n"),
	    .body = B("old") },
	{ .name = "http10-keep-alive",
	    .head = B("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n"
		      "Connection: keep-alive\r\n\r\n"),
	    .body = B("old"),
	    .is_reused = REUSED },
	{ .name = "no-content",
	    .head = B("HTTP/1.1 204 No Content\r\nServer: s\r\n\r\n"),
	    .body = B(""),
	    .is_reused = REUSED },
	{ .name = "not-modified-with-length",
	    .head = B("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n"
		      "Content-Length: 1000\r\n\r\n"),
	    .body = B(""),
	    .outcome = "protocol-error", /* nobody asked */
	    .is_reused = REUSED },
	{ .name = "challenge-202",
	    .head = B("HTTP/1.1 202 Accepted\r\nx-amzn-waf-action: challenge"
		      "\r\nContent-Length: 5\r\n\r\n"),
	    .body = B("solve"),
	    .outcome = "challenge",
	    .is_reused = REUSED },
	{ .name = "challenge-405",
	    .head = B("HTTP/1.1 405 No\r\nx-amzn-waf-action: captcha"
		      "\r\nContent-Length: 5\r\n\r\n"),
	    .body = B("solve"),
	    .outcome = "challenge",
	    .is_reused = REUSED },
	{ .name = "challenge-429",
	    .head = B("HTTP/1.1 429 No\r\ncf-mitigated: challenge\r\n"
		      "Content-Length: 5\r\n\r\n"),
	    .body = B("solve"),
	    .outcome = "challenge",
	    .is_reused = REUSED },
	{ .name = "challenge-guard",
	    .head = B("HTTP/1.1 403 No\r\nX-DataDome: protected\r\n"
		      "Content-Length: 5\r\n\r\n"),
	    .body = B("solve"),
	    .outcome = "challenge",
	    .is_reused = REUSED },
	{ .name = "guarded-but-good",
	    .head = B("HTTP/1.1 200 OK\r\nX-DataDome: protected\r\n"
		      "Server: cloudflare\r\nContent-Length: 4\r\n\r\n"),
	    .body = B("good"),
	    .is_reused = REUSED },
	{ .name = "redirect-with-body",
	    .head = B("HTTP/1.1 302 Found\r\nLocation: /shape/length\r\n"
		      "Content-Length: 4\r\n\r\n"),
	    .body = B("gone"),
	    .outcome = "redirect",
	    .is_reused = REUSED },
	{ .name = "redirect-nowhere",
	    .head = B("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"),
	    .body = B(""),
	    .outcome = "protocol-error",
	    .is_reused = REUSED },
	{ .name = "partial-unasked",
	    .head = B(
		"HTTP/1.1 206 Partial Content\r\n"
		"Content-Range: bytes 0-4/10\r\nContent-Length: 5\r\n\r\n"),
	    .body = B("hello"),
	    .outcome = "protocol-error",
	    .is_reused = REUSED },
	{ .name = "chunked",
	    .head = B(CHUNKED),
	    .body = B("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"),
	    .payload = B("hello world"),
	    .is_reused = REUSED },
	{ .name = "chunked-empty",
	    .head = B(CHUNKED),
	    .body = B("0\r\n\r\n"),
	    .payload = B(""),
	    .is_reused = REUSED },
	{ .name = "chunked-extensions",
	    .head = B(CHUNKED),
	    .body = B("5;a=b;c=\"d e\"\r\nhello\r\n0;last\r\n\r\n"),
	    .payload = B("hello"),
	    .is_reused = REUSED },
	{ .name = "chunked-trailers",
	    .head = B(CHUNKED),
	    .body = B("5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n"),
	    .payload = B("hello"),
	    .is_reused = REUSED },
	{ .name = "chunked-dribble",
	    .head = B(CHUNKED),
	    .body = B("5;x=y\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"),
	    .payload = B("hello"),
	    .step = 3,
	    .is_reused = REUSED },
	{ .name = "chunked-hex",
	    .head = B(CHUNKED),
	    .body = B("000A\r\n0123456789\r\n0b\r\n0123456789a\r\n"
		      "000\r\n\r\n"),
	    .payload = B("01234567890123456789a"),
	    .is_reused = REUSED },
	{ .name = "chunked-blanks",
	    .head = B(CHUNKED),
	    .body = B("5  \r\nhello\r\n0 \r\n\r\n"),
	    .payload = B("hello"),
	    .is_reused = REUSED },
	{ .name = "chunked-lf",
	    .head = B(CHUNKED),
	    .body = B("5\nhello\n0\n\n"),
	    .payload = B("hello"),
	    .is_reused = REUSED },
	{ .name = "chunked-extra",
	    .head = B(CHUNKED),
	    .body = B("5\r\nhello\r\n0\r\n\r\n"),
	    .payload = B("hello"),
	    .extra = B("and more") },
	{ .name = "chunked-bad-size",
	    .head = B(CHUNKED),
	    .body = B("5\r\nhello\r\nxyz\r\nworld\r\n"),
	    .after = AFTER_CLOSE,
	    .outcome = "protocol-error" },
	{ .name = "chunked-size-overflow",
	    .head = B(CHUNKED),
	    .body = B("fffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
	    .after = AFTER_CLOSE,
	    .outcome = "protocol-error" },
	{ .name = "chunked-cut-data",
	    .head = B(CHUNKED),
	    .body = B("5\r\nhello\r\nff\r\nworld"),
	    .payload = B("helloworld"),
	    .after = AFTER_CLOSE,
	    .outcome = "truncated-disconnect",
	    .truncated = "disconnect" },
	{ .name = "chunked-cut-size",
	    .head = B(CHUNKED),
	    .body = B("5\r\nhello\r\nf"),
	    .payload = B("hello"),
	    .after = AFTER_CLOSE,
	    .outcome = "truncated-disconnect",
	    .truncated = "disconnect" },
	{ .name = "chunked-no-last",
	    .head = B(CHUNKED),
	    .body = B("5\r\nhello\r\n"),
	    .payload = B("hello"),
	    .after = AFTER_CLOSE,
	    .outcome = "truncated-disconnect",
	    .truncated = "disconnect" },
	{ .name = "chunked-cut-trailer",
	    .head = B(CHUNKED),
	    .body = B("5\r\nhello\r\n0\r\nX-Sum: 1\r\n"),
	    .payload = B("hello"),
	    .after = AFTER_CLOSE,
	    .outcome = "truncated-disconnect",
	    .truncated = "disconnect" },
	{ .name = "chunked-not",
	    .head = B(CHUNKED),
	    .body = B("<html>plain</html>"),
	    .after = AFTER_CLOSE,
	    .outcome = "protocol-error" },
	{ .name = "coding-gzip-chunked",
	    .head = B(OK_HEAD "Transfer-Encoding: gzip, chunked\r\n\r\n"),
	    .body = B("5\r\n\x1f\x8b\x08\x00\x00\r\n0\r\n\r\n"),
	    .payload = B("\x1f\x8b\x08\x00\x00"),
	    .is_reused = REUSED },
	{ .name = "coding-chunked-gzip",
	    .head = B(OK_HEAD "Transfer-Encoding: chunked, gzip\r\n\r\n"),
	    .body = B("whatever this is"),
	    .after = AFTER_CLOSE },
	{ .name = "coding-identity",
	    .head = B(OK_HEAD "Transfer-Encoding: identity\r\n"
			      "Content-Length: 5\r\n\r\n"),
	    .body = B("hello"),
	    .after = AFTER_CLOSE },
	{ .name = "encoding-unknown",
	    .head = B(OK_HEAD "Content-Encoding: rot13\r\n"
			      "Content-Length: 5\r\n\r\n"),
	    .body = B("uryyb"),
	    .is_reused = REUSED },
	{ .name = "interim-continue",
	    .interim = B("HTTP/1.1 100 Continue\r\n\r\n"),
	    .head = B(HELLO),
	    .body = B("hello"),
	    .is_reused = REUSED },
	{ .name = "interim-hints",
	    .interim = B("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
			 "HTTP/1.1 102 Processing\r\n\r\n"),
	    .head = B(HELLO),
	    .body = B("hello"),
	    .is_reused = REUSED },
	{ .name = "interim-dribble",
	    .interim = B("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"),
	    .head = B(HELLO),
	    .body = B("hello"),
	    .step = 2,
	    .is_reused = REUSED },
	{ .name = "interim-only",
	    .interim = B("HTTP/1.1 102 Processing\r\n\r\n"),
	    .head = B(""),
	    .body = B(""),
	    .after = AFTER_CLOSE,
	    .outcome = "protocol-error" },
	{ .name = "upgrade",
	    .head = B("HTTP/1.1 101 Switching Protocols\r\n"
		      "Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n"),
	    .body = B(""),
	    .outcome = "protocol-error" },
	{ .name = "obs-fold",
	    .head = B(OK_HEAD "X-Long: one\r\n  two\r\n\tthree\r\n"
			      "Content-Length: 5\r\n\r\n"),
	    .body = B("hello"),
	    .is_reused = REUSED },
	{ .name = "lf-only",
	    .head = B("HTTP/1.1 200 OK\nContent-Length: 5\n\n"),
	    .body = B("hello"),
	    .is_reused = REUSED },
	{ .name = "no-reason",
	    .head = B("HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n"),
	    .body = B("hello"),
	    .is_reused = REUSED },
	{ .name = "latin1",
	    .head = B("HTTP/1.1 200 Tr\xe8s bien\r\nX-Name: caf\xe9\r\n"
		      "Content-Length: 5\r\n\r\n"),
	    .body = B("hello"),
	    .is_reused = REUSED },
	{ .name = "control-bytes",
	    .head = B(OK_HEAD "X-Odd: a\x01\x02\x1b[31mb\x7f\r\n"
			      "Content-Length: 5\r\n\r\n"),
	    .body = B("hello"),
	    .is_reused = REUSED },
	{ .name = "nul-in-head",
	    .head = B(OK_HEAD "X-Nul: a\0b\r\nContent-Length: 5\r\n\r\n"),
	    .body = B("hello"),
	    .is_reused = REUSED },
	{ .name = "no-colon",
	    .head = B(OK_HEAD "this is no field\r\nContent-Length: 5\r\n\r\n"),
	    .body = B("hello") },
	{ .name = "space-before-colon",
	    .head = B(OK_HEAD "X-Odd : a\r\nContent-Length: 5\r\n\r\n"),
	    .body = B("hello") },
	{ .name = "blank-line-first",
	    .interim = B("\r\n"),
	    .head = B(HELLO),
	    .body = B("hello") },
	{ .name = "two-cookies",
	    .head = B(OK_HEAD "Set-Cookie: a=1\r\nSet-Cookie: b=2; Path=/\r\n"
			      "Content-Length: 5\r\n\r\n"),
	    .body = B("hello"),
	    .is_reused = REUSED },
	{ .name = "lower-case",
	    .head = B("http/1.1 200 ok\r\ncontent-length: 5\r\n\r\n"),
	    .body = B("hello") },
	{ .name = "http-9-9",
	    .head = B("HTTP/9.9 200 OK\r\nContent-Length: 5\r\n\r\n"),
	    .body = B("hello") },
	{ .name = "status-999",
	    .head = B("HTTP/1.1 999 Denied\r\nContent-Length: 5\r\n\r\n"),
	    .body = B("hello"),
	    .outcome = "protocol-error",
	    .is_reused = REUSED },
	{ .name = "icy",
	    .head = B("ICY 200 OK\r\nicy-name: radio\r\n\r\n"),
	    .body = B("noise"),
	    .after = AFTER_CLOSE },
	{ .name = "no-status-line",
	    .head = B(""),
	    .body = B("<html>no head at all</html>"),
	    .after = AFTER_CLOSE,
	    .outcome = "protocol-error" },
	{ .name = "no-status-line-dribble",
	    .head = B(""),
	    .body = B("HTML, not HTTP\r\n\r\nat all"),
	    .step = 1,
	    .after = AFTER_CLOSE,
	    .outcome = "protocol-error" },
	{ .name = "head-cut",
	    .head = B(OK_HEAD "X-Half: wo"),
	    .body = B(""),
	    .after = AFTER_CLOSE,
	    .outcome = "truncated-disconnect",
	    .truncated = "disconnect" },
	{ .name = "status-line-cut",
	    .head = B("HTTP/1.1 2"),
	    .body = B(""),
	    .after = AFTER_CLOSE,
	    .outcome = "truncated-disconnect",
	    .truncated = "disconnect" },
	{ .name = "nothing",
	    .head = B(""),
	    .body = B(""),
	    .after = AFTER_CLOSE,
	    .outcome = "protocol-error" },
	{ .name = "nothing-reset",
	    .head = B(""),
	    .body = B(""),
	    .after = AFTER_RESET,
	    .outcome = "connect" },
	{ .name = "body-like-response",
	    .head = B(OK_HEAD "Content-Length: 38\r\n\r\n"),
	    .body = B("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"),
	    .is_reused = REUSED },
};

static void
pour(struct buf *to, const struct bytes *from)
{
	if (from->len > 0)
		buf_add(to, from->p, from->len);
}

struct shape *
shapes_add(struct shapes *s, const char *name)
{
	struct shape *new;

	s->list = mem_grow(s->list, s->count + 1, sizeof(*s->list));
	new = &s->list[s->count++];
	*new = (struct shape){ .name = name,
		.has_payload = 1,
		.outcome = "captured",
		.truncated = "-",
		.is_reused = REUSED };
	return new;
}

static void
add_row(struct shapes *s, const struct row *r)
{
	struct shape *new = shapes_add(s, r->name);

	pour(&new->interim, &r->interim);
	pour(&new->message, &r->head);
	pour(&new->message, &r->body);
	pour(&new->extra, &r->extra);
	pour(&new->payload, r->payload.p != NULL ? &r->payload : &r->body);
	/* What a reader makes of broken framing is its own affair. */
	new->has_payload = r->payload.p != NULL ||
			   (strncmp(r->name, "chunked", 7) != 0 &&
			       r->body.len > 0 &&
			       strcmp(r->name, "coding-chunked-gzip") != 0);
	new->after = r->after;
	new->step = r->step;
	new->outcome = r->outcome != NULL ? r->outcome : "captured";
	new->truncated = r->truncated != NULL ? r->truncated : "-";
	new->is_reused = r->is_reused;
}

void
shapes_init(struct shapes *s)
{
	*s = (struct shapes){ 0 };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		add_row(s, &rows[i]);
	shapes_add_made(s);
}

void
shapes_clear(struct shapes *s)
{
	for (size_t i = 0; i < s->count; i++) {
		buf_clear(&s->list[i].interim);
		buf_clear(&s->list[i].message);
		buf_clear(&s->list[i].extra);
		buf_clear(&s->list[i].payload);
	}
	free(s->list);
}

const struct shape *
shapes_find(const struct shapes *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++) {
		if (strcmp(s->list[i].name, name) == 0)
			return &s->list[i];
	}
	return NULL;
}

void
shapes_print(const struct shapes *s, FILE *out)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct shape *p = &s->list[i];
		char digest[DIGEST_TEXT_MAX] = "-";

		if (p->has_payload)
			digest_text(DIGEST_SHA256, buf_text(&p->payload),
			    p->payload.len, digest);
		(void)fprintf(out, "%s\t%zu\t%zu\t%zu\t%s\t%s\t%s\t%d\n",
		    p->name, p->interim.len, p->message.len, p->extra.len,
		    p->outcome, p->truncated, digest, p->is_reused);
	}
}
