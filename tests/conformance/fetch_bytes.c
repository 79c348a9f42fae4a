/* Byte identity: whatever shape a response has, what is kept of it is what
 * the server sent, or outcome and truncation say why not. */
#include "tests/test.h"

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/web/exchange.h"
#include "core/web/fetch.h"
#include "core/web/http_message.h"
#include "tests/raw.h"

enum { SHAPES_MAX = 200 };

/* A line of raw --list. */
struct shape {
	char name[64];
	size_t interim, message, extra;
	char outcome[32];
	char truncated[16];
	char payload[DIGEST_TEXT_MAX];
	int is_reused;
};

struct bench {
	struct raw raw;
	struct shape shapes[SHAPES_MAX];
	size_t count;
	struct fetcher *fetcher;
	unsigned number; /* of the last request */
};

static const char *const loopback[] = { "127.0.0.0/8", NULL };

static size_t
read_shapes(struct shape *shapes)
{
	struct raw list = { 0 };
	size_t n = 0;

	if (raw_run(&list, "--list") != 0)
		return 0;
	while (n < SHAPES_MAX &&
	       fscanf(list.out, "%63s %zu %zu %zu %31s %15s %143s %d",
		   shapes[n].name, &shapes[n].interim, &shapes[n].message,
		   &shapes[n].extra, shapes[n].outcome, shapes[n].truncated,
		   shapes[n].payload, &shapes[n].is_reused) == 8)
		n++;
	raw_stop(&list);
	return n;
}

/* 0: ready; 1 host connection, so that what follows a shape would reuse its
 * connection. */
static int
bench_init(struct bench *b)
{
	struct fetch_options o = { .user_agent = "test/1",
		.spool_dir = ".",
		.allow_address = loopback,
		.host_connections = 1 };
	struct error e = { 0 };

	b->number = 0;
	b->fetcher = NULL;
	b->count = read_shapes(b->shapes);
	if (b->count == 0 || raw_start(&b->raw) != 0)
		return -1;
	o.ca_file = b->raw.ca;
	b->fetcher = fetcher_new(&o, clock_system(), &e);
	if (b->fetcher == NULL)
		printf("# %s\n", e.text);
	return b->fetcher == NULL ? -1 : 0;
}

static void
bench_clear(struct bench *b)
{
	fetcher_free(b->fetcher);
	raw_stop(&b->raw);
}

static struct exchange *
get(struct bench *b, int is_tls, const char *shape, const char *query)
{
	char url[256];
	struct fetch_request r = { .url = url };
	struct exchange *x = NULL;
	struct error e = { 0 };
	void *tag;

	(void)snprintf(url, sizeof(url), "%s://127.0.0.1:%d/shape/%s?n=%u%s",
	    is_tls ? "https" : "http",
	    is_tls ? b->raw.tls_port : b->raw.plain_port, shape, ++b->number,
	    query);
	CHECK_OK(fetcher_start(b->fetcher, &r, &e), &e);
	CHECK_INT(fetcher_wait(b->fetcher, NULL, 0, 10000, &x, &tag, &e), 1);
	CHECK_INT(fetcher_pending(b->fetcher), 0);
	return x;
}

static void
read_spool(const struct spool *s, struct buf *out)
{
	struct stream *stream;
	struct error e = { 0 };

	buf_reset(out);
	if (s == NULL)
		return;
	stream = spool_stream(s, 0, spool_len(s));
	CHECK_OK(stream_read(stream, out, 1 << 30, &e), &e);
	stream_free(stream);
}

/* What the server says it sent for the last request, 1xx heads and what came
 * behind the end left out. */
static void
read_sent(const struct bench *b, const struct shape *s, struct buf *out)
{
	char path[64];
	size_t end = s->interim + s->message;
	struct error e = { 0 };

	buf_reset(out);
	(void)snprintf(path, sizeof(path), "%u.sent", b->number);
	CHECK_OK(file_get(path, out, 1 << 30, &e), &e);
	if (out->len > end)
		buf_cut(out, end);
	if (out->len <= s->interim) {
		buf_reset(out);
		return;
	}
	memmove(out->data, out->data + s->interim, out->len - s->interim);
	buf_cut(out, out->len - s->interim);
}

static const char *
truncation_name(enum truncation t)
{
	switch (t) {
	case TRUNCATED_NO:
		return "-";
	case TRUNCATED_LENGTH:
		return "length";
	case TRUNCATED_TIME:
		return "time";
	case TRUNCATED_DISCONNECT:
		return "disconnect";
	}
	return "?";
}

/* The block is SENT (a beginning of it when a limit of ours cut it), and the
 * digests are those of the bytes kept. */
static void
check_bytes(const struct exchange *x, const struct buf *sent)
{
	struct buf got = { 0 };
	char digest[DIGEST_TEXT_MAX];

	read_spool(x->response, &got);
	if (x->truncated == TRUNCATED_LENGTH) {
		CHECK(got.len <= sent->len);
		CHECK(got.len >= LIMIT_HEAD_BYTES ||
		      x->notes & HTTP_NOTE_HEAD_TOO_LONG);
	} else {
		CHECK_INT(got.len, sent->len);
	}
	CHECK(got.len <= sent->len &&
	      memcmp(buf_text(&got), buf_text(sent), got.len) == 0);
	if (x->response != NULL) {
		digest_text(DIGEST_SHA256, buf_text(&got), got.len, digest);
		CHECK_TEXT(x->block_digest, digest);
	}
	buf_clear(&got);
}

/* A reader of the stored block finds the payload that was digested. */
static void
check_payload(const struct exchange *x, const struct shape *s)
{
	if (strcmp(s->payload, "-") != 0)
		CHECK_TEXT(x->payload_digest, s->payload);
}

struct digesting {
	struct digester *d;
};

static void
on_payload(void *context, const uint8_t *p, size_t len)
{
	digester_add(((struct digesting *)context)->d, p, len);
}

/* What a verifier computes from the stored block alone. */
static void
check_reread(const struct exchange *x)
{
	struct http_reader *r = http_reader_new(HTTP_RESPONSE, NULL, 0);
	struct digesting d = { digester_new(DIGEST_SHA256) };
	struct buf got = { 0 };
	char digest[DIGEST_TEXT_MAX];
	size_t used = 0;

	read_spool(x->response, &got);
	http_reader_reset(r, "GET");
	http_reader_on_payload(r, on_payload, &d);
	(void)http_reader_feed(
	    r, (const uint8_t *)buf_text(&got), got.len, &used, NULL);
	(void)http_reader_end(r);
	digester_text(d.d, digest);
	CHECK_TEXT(x->payload_digest, digest);
	CHECK_INT(http_reader_payload_len(r), x->payload_len);
	CHECK_INT(http_reader_status(r), x->status);
	if (http_reader_head_done(r))
		CHECK_INT(http_reader_head_len(r), x->head_len);
	digester_free(d.d);
	http_reader_free(r);
	buf_clear(&got);
}

/* TLS that ends without saying so has cut what lasts until the end. */
static int
is_rude_over_tls(const struct shape *s, int is_tls)
{
	return is_tls && strcmp(s->name, "close-rude") == 0;
}

static void
check_shape(struct bench *b, const struct shape *s, int is_tls)
{
	int was_failed = test_failed;
	int rude = is_rude_over_tls(s, is_tls);
	struct exchange *x, *next;
	struct buf sent = { 0 };

	test_failed = 0;
	x = get(b, is_tls, s->name, "");
	read_sent(b, s, &sent);
	CHECK_TEXT(outcome_name(x->outcome),
	    rude ? "truncated-disconnect" : s->outcome);
	CHECK_TEXT(
	    truncation_name(x->truncated), rude ? "disconnect" : s->truncated);
	CHECK((x->reason[0] == '\0') == (x->outcome == OUTCOME_CAPTURED));
	check_bytes(x, &sent);
	check_payload(x, s);
	if (x->response != NULL)
		check_reread(x);

	next = get(b, is_tls, "length", "");
	read_spool(next->response, &sent);
	CHECK_TEXT(outcome_name(next->outcome), "captured");
	CHECK(strstr(buf_text(&sent), "\r\n\r\nhello") != NULL);
	if (x->connection != NULL)
		CHECK_INT(next->connection->number == x->connection->number,
		    s->is_reused);
	if (test_failed)
		printf("# in shape %s over %s: %s\n", s->name,
		    is_tls ? "TLS" : "TCP", x->reason);
	test_failed |= was_failed;
	exchange_free(x);
	exchange_free(next);
	buf_clear(&sent);
}

static void
check_shapes(int is_tls)
{
	struct bench b;

	if (bench_init(&b) == 0) {
		CHECK(b.count >= 40);
		for (size_t i = 0; i < b.count; i++)
			check_shape(&b, &b.shapes[i], is_tls);
		printf("# %zu shapes\n", b.count);
	} else {
		CHECK(!"bench");
	}
	bench_clear(&b);
}

CASE(every_shape_is_kept_byte_for_byte_over_tcp)
{
	check_shapes(0);
}

CASE(every_shape_is_kept_byte_for_byte_over_tls)
{
	check_shapes(1);
}

/* Closed behind each byte in turn: whole or marked, never silently short. */
static void
check_cuts(struct bench *b, const struct shape *s)
{
	struct buf sent = { 0 };

	for (size_t cut = 0; cut < s->interim + s->message; cut++) {
		char query[32];
		struct exchange *x;

		(void)snprintf(query, sizeof(query), "&cut=%zu", cut);
		x = get(b, 0, s->name, query);
		read_sent(b, s, &sent);
		/* A 1xx head that is cut short may be kept or not. */
		if (cut > s->interim)
			check_bytes(x, &sent);
		if (x->response != NULL)
			check_reread(x);
		CHECK_TEXT(outcome_name(x->outcome),
		    x->response == NULL ? "protocol-error"
					: "truncated-disconnect");
		CHECK_INT(x->truncated,
		    x->response == NULL ? TRUNCATED_NO : TRUNCATED_DISCONNECT);
		exchange_free(x);
	}
	buf_clear(&sent);
}

CASE(a_response_cut_at_any_byte_is_kept_and_marked)
{
	static const char *const names[] = { "length", "chunked",
		"chunked-extensions", "chunked-trailers", "interim-hints" };
	struct bench b;

	if (bench_init(&b) != 0)
		CHECK(!"bench");
	for (size_t i = 0; i < b.count && !test_failed; i++) {
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			if (strcmp(b.shapes[i].name, names[k]) == 0)
				check_cuts(&b, &b.shapes[i]);
		}
	}
	bench_clear(&b);
}

CASE(a_shape_is_the_same_however_the_wire_cuts_it)
{
	static const char *const names[] = { "chunked-trailers", "obs-fold",
		"interim-hints", "length-and-chunked", "no-status-line",
		"chunked-bad-size", "chunked-lf" };
	static const char *const queries[] = { "&step=1", "&step=2", "&step=7",
		"&step=16" };
	struct buf sent = { 0 };
	struct bench b;

	if (bench_init(&b) != 0)
		CHECK(!"bench");
	for (size_t i = 0; i < b.count && !test_failed; i++) {
		const struct shape *s = &b.shapes[i];
		size_t k = 0;

		while (k < sizeof(names) / sizeof(names[0]) &&
		       strcmp(s->name, names[k]) != 0)
			k++;
		if (k == sizeof(names) / sizeof(names[0]))
			continue;
		for (size_t q = 0; q < 4; q++) {
			struct exchange *x = get(&b, 0, s->name, queries[q]);

			read_sent(&b, s, &sent);
			check_bytes(x, &sent);
			check_reread(x);
			CHECK_TEXT(outcome_name(x->outcome), s->outcome);
			exchange_free(x);
		}
	}
	buf_clear(&sent);
	bench_clear(&b);
}

TESTS(T(every_shape_is_kept_byte_for_byte_over_tcp),
    T(every_shape_is_kept_byte_for_byte_over_tls),
    T(a_response_cut_at_any_byte_is_kept_and_marked),
    T(a_shape_is_the_same_however_the_wire_cuts_it))
