#ifndef TESTS_FETCHING_H
#define TESTS_FETCHING_H

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/web/exchange.h"
#include "core/web/fetch.h"
#include "tests/raw.h"
#include "tests/test.h"

/* A raw-byte server and a fetcher beside it. */
struct bench {
	struct raw raw;
	struct fetcher *fetcher;
};

static const char *const loopback[] = { "127.0.0.0/8", NULL };

/* O is what the case needs besides access to 127.0.0.1. 0 / -1. */
static int
bench_init(struct bench *b, struct fetch_options o, struct clock *clock)
{
	struct error e = { 0 };

	b->fetcher = NULL;
	if (raw_start(&b->raw) != 0) {
		CHECK(!"raw server");
		return -1;
	}
	if (o.user_agent == NULL)
		o.user_agent = "test/1";
	o.spool_dir = ".";
	if (o.allow_address == NULL)
		o.allow_address = loopback;
	if (o.ca_file == NULL)
		o.ca_file = b->raw.ca;
	b->fetcher = fetcher_new(
	    &o, clock != NULL ? clock : clock_system(), &e);
	if (b->fetcher == NULL)
		printf("# %s\n", e.text);
	CHECK(b->fetcher != NULL);
	return b->fetcher == NULL ? -1 : 0;
}

static void
bench_clear(struct bench *b)
{
	fetcher_free(b->fetcher);
	raw_stop(&b->raw);
}

static void
ask(struct bench *b, const char *url, void *tag)
{
	struct fetch_request r = { .url = url, .tag = tag };
	struct error e = { 0 };

	CHECK_OK(fetcher_start(b->fetcher, &r, &e), &e);
}

/* The next exchange that ends within MS (-1: ever); never NULL. */
static struct exchange *
next_within(struct bench *b, int ms, void **tag)
{
	struct exchange *x = NULL;
	struct error e = { 0 };
	void *unused;

	CHECK_INT(fetcher_wait(b->fetcher, NULL, 0, ms, &x,
		      tag != NULL ? tag : &unused, &e),
	    1);
	return x != NULL ? x : exchange_new();
}

static struct exchange *
next(struct bench *b, void **tag)
{
	return next_within(b, 20000, tag);
}

static struct exchange *
get(struct bench *b, const char *url)
{
	ask(b, url, NULL);
	return next(b, NULL);
}

/* "http://127.0.0.1:PORT" and PATH; for TLS with https. */
static struct exchange *
get_path(struct bench *b, int is_tls, const char *path)
{
	char url[512];

	(void)snprintf(url, sizeof(url), "%s://127.0.0.1:%d%s",
	    is_tls ? "https" : "http",
	    is_tls ? b->raw.tls_port : b->raw.plain_port, path);
	return get(b, url);
}

/* All of a spool as text; "" for none. */
static const char *
spool_text(const struct spool *s, struct buf *out)
{
	struct stream *stream;
	struct error e = { 0 };

	buf_reset(out);
	if (s == NULL)
		return "";
	stream = spool_stream(s, 0, spool_len(s));
	CHECK_OK(stream_read(stream, out, 1 << 30, &e), &e);
	stream_free(stream);
	return buf_text(out);
}

/* The outcome of X, which is freed. */
static const char *
outcome_only(struct exchange *x)
{
	const char *name = outcome_name(x->outcome);

	exchange_free(x);
	return name;
}

#endif
