/* Exchanges: what is asked, how it ends, who waits for whom. */
#include "tests/fetching.h"

#include <poll.h>

#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/web/http_message.h"

/* A clock that runs FACTOR times as fast as the system's. */
struct fast_clock {
	struct clock clock;
	int64_t factor;
	int64_t wall_us; /* goes back by a second each time it is read */
};

static int64_t
fast_mono_ms(struct clock *c)
{
	struct clock *system = clock_system();

	return system->wall_us(system) / 1000 *
	       ((struct fast_clock *)(void *)c)->factor;
}

static int64_t
falling_wall_us(struct clock *c)
{
	return ((struct fast_clock *)(void *)c)->wall_us -= 1000000;
}

static struct fast_clock
fast(int64_t factor)
{
	return (struct fast_clock){ { falling_wall_us, fast_mono_ms }, factor,
		1700000000000000 };
}

CASE(a_status_says_how_the_exchange_ended)
{
	static const struct {
		const char *path;
		const char *outcome;
	} table[] = {
		{ "/status/200", "captured" },
		{ "/status/201", "captured" },
		{ "/status/206", "protocol-error" },
		{ "/status/300", "captured" },
		{ "/status/302", "protocol-error" },
		{ "/redirect/3", "redirect" },
		{ "/loop", "redirect" },
		{ "/status/400", "client-error" },
		{ "/status/401", "auth-required" },
		{ "/status/403", "forbidden" },
		{ "/status/403?challenge=1", "challenge" },
		{ "/status/403?challenge=2", "forbidden" },
		{ "/status/404", "not-found" },
		{ "/status/407", "auth-required" },
		{ "/status/410", "gone" },
		{ "/status/418", "client-error" },
		{ "/status/429", "rate-limited" },
		{ "/status/451", "legal" },
		{ "/status/500", "server-error" },
		{ "/status/503", "server-error" },
		{ "/status/503?challenge=1", "challenge" },
		{ "/status/600", "protocol-error" },
		{ "/reset", "connect" },
	};
	struct bench b;

	if (bench_init(&b, (struct fetch_options){ 0 }, NULL) == 0)
		for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
			struct exchange *x = get_path(&b, 0, table[i].path);

			CHECK_TEXT(outcome_name(x->outcome), table[i].outcome);
			CHECK((x->reason[0] == '\0') ==
			      (x->outcome == OUTCOME_CAPTURED));
			exchange_free(x);
		}
	bench_clear(&b);
}

CASE(fields_that_decide_are_handed_out)
{
	struct bench b;
	struct exchange *x;

	if (bench_init(&b, (struct fetch_options){ 0 }, NULL) == 0) {
		x = get_path(&b, 0, "/redirect/3");
		CHECK_INT(x->status, 302);
		CHECK_TEXT(x->location, "/redirect/2");
		CHECK_TEXT(x->method, "GET");
		exchange_free(x);
		x = get_path(&b, 0, "/status/429?retry=120");
		CHECK_TEXT(x->retry_after, "120");
		exchange_free(x);
		x = get_path(&b, 0, "/br");
		CHECK_TEXT(x->content_encoding, "br");
		CHECK_TEXT(x->content_type, "text/html");
		CHECK_TEXT(outcome_name(x->outcome), "captured");
		exchange_free(x);
		x = get_path(&b, 0, "/big?bytes=70000");
		CHECK_INT(x->announced_len, 70000);
		CHECK_INT(x->payload_len, 70000);
		CHECK_INT(spool_len(x->response), x->head_len + 70000);
		exchange_free(x);
	}
	bench_clear(&b);
}

CASE(a_request_is_what_the_server_reads)
{
	struct fetch_request r = { .accept = "text/html" };
	struct bench b;
	struct buf text = { 0 }, body = { 0 };
	struct exchange *x;
	struct error e = { 0 };
	char url[128];

	if (bench_init(&b, (struct fetch_options){ .user_agent = "hf/1 (+x)" },
		NULL) == 0) {
		(void)snprintf(url, sizeof(url),
		    "http://127.0.0.1:%d/echo?a=b&c", b.raw.plain_port);
		r.url = url;
		r.referer = "http://r.example/";
		CHECK_OK(fetcher_start(b.fetcher, &r, &e), &e);
		x = next(&b, NULL);
		(void)spool_text(x->request, &text);
		(void)spool_text(x->response, &body);
		CHECK_TEXT(
		    strstr(buf_text(&body), "\r\n\r\n") + 4, buf_text(&text));
		buf_reset(&body);
		buf_format(&body,
		    "GET /echo?a=b&c HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
		    "User-Agent: hf/1 (+x)\r\nAccept: text/html\r\n"
		    "Accept-Encoding: gzip\r\nReferer: http://r.example/\r\n"
		    "Connection: keep-alive\r\n\r\n",
		    b.raw.plain_port);
		CHECK_TEXT(buf_text(&text), buf_text(&body));
		CHECK_TEXT(x->masked, "");
		exchange_free(x);

		/* A referer that would add a line is not sent. */
		r.referer = "http://r.example/\r\nX: y";
		r.accept = NULL;
		CHECK_OK(fetcher_start(b.fetcher, &r, &e), &e);
		x = next(&b, NULL);
		CHECK(strstr(spool_text(x->request, &text), "Referer") == NULL);
		CHECK(strstr(buf_text(&text), "Accept: */*\r\n") != NULL);
		exchange_free(x);
	}
	buf_clear(&text);
	buf_clear(&body);
	bench_clear(&b);
}

CASE(secrets_are_sent_and_not_kept)
{
	static const char cookies[] =
	    "127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\tc00kie\n"
	    "other.test\tFALSE\t/\tFALSE\t0\tother\tfoe\n";
	static const char *const headers[] = { "Authorization: Basic s3cret",
		"X-Key: k3y", "Accept-Language: ar", "accept: mine/only",
		NULL };
	static const char *const mask[] = { "x-key", NULL };
	struct bench b;
	struct buf kept = { 0 }, seen = { 0 };
	struct exchange *x;
	struct error e = { 0 };

	CHECK_OK(file_put("cookies.txt", cookies, sizeof(cookies) - 1, &e), &e);
	if (bench_init(&b,
		(struct fetch_options){ .cookies_file = "cookies.txt",
		    .headers = headers,
		    .mask_headers = mask },
		NULL) == 0) {
		char digest[DIGEST_TEXT_MAX];

		x = get_path(&b, 0, "/echo");
		(void)spool_text(x->request, &kept);
		(void)spool_text(x->response, &seen);
		CHECK(strstr(buf_text(&seen),
			  "Cookie: session=c00kie\r\nAuthorization: Basic "
			  "s3cret\r\nX-Key: k3y\r\nAccept-Language: ar\r\n"
			  "accept: mine/only\r\n") != NULL);
		CHECK(strstr(buf_text(&kept),
			  "Cookie: <redacted>\r\nAuthorization: <redacted>"
			  "\r\nX-Key: <redacted>\r\nAccept-Language: ar\r\n") !=
		      NULL);
		CHECK(strstr(buf_text(&kept), "c00kie") == NULL &&
		      strstr(buf_text(&kept), "s3cret") == NULL &&
		      strstr(buf_text(&kept), "k3y") == NULL);
		CHECK(strstr(buf_text(&seen), "Accept: */*") == NULL);
		CHECK(strstr(buf_text(&seen), "foe") == NULL);
		CHECK_TEXT(x->masked, "Cookie Authorization X-Key");
		digest_text(DIGEST_SHA256, kept.data, kept.len, digest);
		CHECK_TEXT(x->request_digest, digest);
		exchange_free(x);
	}
	buf_clear(&kept);
	buf_clear(&seen);
	bench_clear(&b);
}

/* PATH under a limit of MAX payload bytes. */
static struct exchange *
get_limited(struct bench *b, const char *path, uint64_t max)
{
	char url[256];
	struct fetch_request r = { .url = url, .max_body = max };
	struct error e = { 0 };

	(void)snprintf(
	    url, sizeof(url), "http://127.0.0.1:%d%s", b->raw.plain_port, path);
	CHECK_OK(fetcher_start(b->fetcher, &r, &e), &e);
	return next(b, NULL);
}

CASE(a_body_over_the_limit_is_cut_exactly_and_one_at_it_is_whole)
{
	static const char *const paths[] = { "/big?bytes=200000",
		"/big?bytes=200000&chunked=1" };
	static const char *const endless[] = { "/endless",
		"/endless?chunked=1" };
	struct bench b;

	if (bench_init(&b, (struct fetch_options){ 0 }, NULL) == 0)
		for (size_t i = 0; i < 2; i++) {
			for (uint64_t max = 199999; max <= 200001; max++) {
				struct exchange *x = get_limited(
				    &b, paths[i], max);

				CHECK_TEXT(outcome_name(x->outcome),
				    max < 200000 ? "truncated-length"
						 : "captured");
				CHECK_INT(x->payload_len,
				    max < 200000 ? max : 200000);
				CHECK_INT(x->truncated, max < 200000
							    ? TRUNCATED_LENGTH
							    : TRUNCATED_NO);
				if (i == 0)
					CHECK_INT(spool_len(x->response) -
						      x->head_len,
					    x->payload_len);
				exchange_free(x);
			}
			CHECK_TEXT(
			    outcome_only(get_limited(&b, endless[i], 3000)),
			    "truncated-length");
		}
	bench_clear(&b);
}

CASE(a_body_beyond_memory_is_spooled_whole)
{
	struct bench b;
	struct exchange *x;

	if (bench_init(&b, (struct fetch_options){ .max_body = 20000000 },
		NULL) == 0) {
		x = get_path(&b, 1, "/big?bytes=15000000&chunked=1");
		CHECK_TEXT(outcome_name(x->outcome), "captured");
		CHECK_INT(x->payload_len, 15000000);
		CHECK(spool_memory(x->response) == NULL);
		exchange_free(x);
	}
	bench_clear(&b);
}

CASE(patience_ends_and_what_came_is_kept)
{
	struct bench b;
	struct exchange *x;
	struct buf text = { 0 };

	if (bench_init(&b,
		(struct fetch_options){
		    .first_byte_ms = 150, .idle_ms = 150, .total_ms = 400 },
		NULL) == 0) {
		x = get_path(&b, 0, "/hang");
		CHECK_TEXT(outcome_name(x->outcome), "timeout");
		CHECK_TEXT(x->reason, "no answer within 150 ms");
		CHECK(x->response == NULL && x->truncated == TRUNCATED_NO);
		exchange_free(x);

		x = get_path(&b, 0, "/drip?bytes=5&ms=1000");
		CHECK_TEXT(outcome_name(x->outcome), "truncated-time");
		CHECK_TEXT(x->reason, "nothing came for 150 ms");
		CHECK_INT(x->truncated, TRUNCATED_TIME);
		CHECK_INT(x->payload_len, 1);
		exchange_free(x);

		x = get_path(&b, 0, "/drip?bytes=50&ms=50");
		CHECK_TEXT(outcome_name(x->outcome), "truncated-time");
		CHECK_TEXT(x->reason, "not done after 400 ms");
		CHECK(x->duration_ms >= 400 && x->duration_ms < 2000);
		exchange_free(x);

		x = get_path(&b, 0, "/shape/length?step=1&ms=100");
		CHECK_TEXT(outcome_name(x->outcome), "timeout");
		CHECK(strncmp(spool_text(x->response, &text), "HT", 2) == 0);
		CHECK_INT(x->truncated, TRUNCATED_TIME);
		CHECK_INT(x->head_len, 0);
		exchange_free(x);
	}
	buf_clear(&text);
	bench_clear(&b);
}

/* For a clock that runs too fast to wait by. */
static struct exchange *
get_for_ever(struct bench *b, const char *path)
{
	char url[128];

	(void)snprintf(
	    url, sizeof(url), "http://127.0.0.1:%d%s", b->raw.plain_port, path);
	ask(b, url, NULL);
	return next_within(b, -1, NULL);
}

CASE(a_body_that_only_trickles_is_cut_after_a_window)
{
	struct fast_clock clock = fast(1000);
	struct bench b;
	struct exchange *x;

	if (bench_init(&b,
		(struct fetch_options){ .total_ms = 1000000000,
		    .connect_ms = 1000000000,
		    .first_byte_ms = 1000000000,
		    .idle_ms = 1000000000 },
		&clock.clock) == 0) {
		x = get_for_ever(&b, "/drip?bytes=1000&ms=5");
		CHECK_TEXT(outcome_name(x->outcome), "truncated-time");
		CHECK_TEXT(x->reason, "slower than 1024 bytes a second");
		exchange_free(x);
		/* Two windows long, but fast enough. */
		x = get_for_ever(&b, "/shape/length-2mb?step=20000&ms=2");
		CHECK_TEXT(outcome_name(x->outcome), "captured");
		exchange_free(x);
	}
	bench_clear(&b);
}

CASE(a_pooled_connection_that_died_is_replaced_once)
{
	struct bench b;
	struct exchange *x, *y;

	if (bench_init(&b, (struct fetch_options){ 0 }, NULL) == 0) {
		x = get_path(&b, 0, "/last");
		y = get_path(&b, 0, "/echo");
		CHECK_TEXT(outcome_name(y->outcome), "captured");
		CHECK_INT(x->connection->number, 1);
		CHECK_INT(y->connection->number, 2);
		exchange_free(x);
		exchange_free(y);
		/* One that dies each time is given up. */
		x = get_path(&b, 0, "/reset");
		CHECK_TEXT(outcome_name(x->outcome), "connect");
		CHECK_INT(x->connection->number, 3);
		exchange_free(x);
	}
	bench_clear(&b);
}

CASE(a_host_gets_no_more_connections_than_it_may)
{
	struct bench b;
	char url[128];
	struct buf text = { 0 };
	unsigned seen[61] = { 0 };

	if (bench_init(&b, (struct fetch_options){ .host_connections = 2 },
		NULL) == 0) {
		for (uintptr_t i = 1; i <= 60; i++) {
			(void)snprintf(url, sizeof(url),
			    "http://127.0.0.1:%d/echo?%u", b.raw.plain_port,
			    (unsigned)i);
			ask(&b, url, (void *)i);
		}
		CHECK_INT(fetcher_pending(b.fetcher), 60);
		while (fetcher_pending(b.fetcher) > 0) {
			void *tag = NULL;
			struct exchange *x = next(&b, &tag);
			char line[64];

			seen[(uintptr_t)tag]++;
			(void)snprintf(line, sizeof(line),
			    "\r\n\r\nGET /echo?%u HTTP",
			    (unsigned)(uintptr_t)tag);
			CHECK(strstr(spool_text(x->response, &text), line) !=
			      NULL);
			CHECK(x->connection->number <= 2);
			exchange_free(x);
		}
		for (int i = 1; i <= 60; i++)
			CHECK_INT(seen[i], 1);
	}
	buf_clear(&text);
	bench_clear(&b);
}

CASE(an_idle_connection_makes_way_for_another_host)
{
	struct bench b;
	char url[128];

	if (bench_init(&b, (struct fetch_options){ .all_connections = 2 },
		NULL) == 0) {
		for (int i = 1; i <= 9; i++) {
			(void)snprintf(url, sizeof(url),
			    "http://127.0.0.%d:%d/", i, b.raw.plain_port);
			ask(&b, url, NULL);
		}
		/* Only 127.0.0.1 listens. */
		for (int i = 1; i <= 9; i++) {
			struct exchange *x = next(&b, NULL);

			CHECK(x->outcome == OUTCOME_CAPTURED ||
			      x->outcome == OUTCOME_CONNECT);
			exchange_free(x);
		}
		CHECK_INT(fetcher_pending(b.fetcher), 0);
		CHECK_TEXT(outcome_only(get_path(&b, 0, "/")), "captured");
		CHECK_TEXT(outcome_only(get_path(&b, 1, "/")), "captured");
		CHECK_TEXT(
		    outcome_only(get(&b, "http://127.0.0.1:1999/")), "connect");
	}
	bench_clear(&b);
}

CASE(a_stopped_host_gets_no_further_request)
{
	struct bench b;
	char url[128];
	unsigned dropped = 0;

	if (bench_init(&b, (struct fetch_options){ .host_connections = 1 },
		NULL) == 0) {
		(void)snprintf(url, sizeof(url),
		    "http://127.0.0.1:%d/drip?bytes=3&ms=20", b.raw.plain_port);
		for (int i = 0; i < 5; i++)
			ask(&b, url, NULL);
		/* The first is under way by now. */
		CHECK_TEXT(outcome_only(next(&b, NULL)), "captured");
		fetcher_stop_host(b.fetcher, "127.0.0.1");
		fetcher_stop_host(b.fetcher, "127.0.0.1");
		while (fetcher_pending(b.fetcher) > 0) {
			struct exchange *x = next(&b, NULL);

			if (x->outcome == OUTCOME_NOT_TRIED) {
				CHECK(x->connection == NULL);
				dropped++;
			} else {
				CHECK_TEXT(
				    outcome_name(x->outcome), "captured");
			}
			exchange_free(x);
		}
		CHECK(dropped == 3 || dropped == 4);
		CHECK_TEXT(outcome_only(get_path(&b, 0, "/")), "not-tried");
		CHECK_TEXT(outcome_only(get_path(&b, 1, "/")), "not-tried");
	}
	bench_clear(&b);
}

CASE(a_hanging_host_holds_up_nobody_else)
{
	char line[64];
	char slow[] = "slow", good[] = "good";
	const char *const to[] = { line, NULL };
	struct raw other;
	struct bench b;
	char url[128];

	if (raw_start(&other) != 0) {
		CHECK(!"raw server");
		return;
	}
	(void)snprintf(line, sizeof(line), "slow.example:80:127.0.0.1:%d",
	    other.plain_port);
	if (bench_init(&b,
		(struct fetch_options){
		    .connect_to = to, .first_byte_ms = 1500 },
		NULL) == 0) {
		for (int i = 0; i < 3; i++)
			ask(&b, "http://slow.example/hang", slow);
		for (int i = 0; i < 20; i++) {
			(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/",
			    b.raw.plain_port);
			ask(&b, url, good);
		}
		for (int i = 0; i < 20; i++) {
			void *tag = NULL;
			struct exchange *x = next(&b, &tag);

			CHECK_TEXT(tag, "good");
			CHECK(x->duration_ms < 1000);
			exchange_free(x);
		}
		CHECK_INT(fetcher_pending(b.fetcher), 3);
	}
	bench_clear(&b); /* what is under way is dropped */
	raw_stop(&other);
}

CASE(other_descriptors_are_heard_while_fetching)
{
	struct bench b;
	int ends[2];
	struct exchange *x = NULL;
	struct error e = { 0 };
	void *tag;

	CHECK(pipe(ends) == 0);
	if (bench_init(&b, (struct fetch_options){ 0 }, NULL) == 0) {
		struct pollfd also = { .fd = ends[0], .events = POLLIN };
		char url[128];

		CHECK_INT(
		    fetcher_wait(b.fetcher, NULL, 0, -1, &x, &tag, &e), 0);
		CHECK_INT(
		    fetcher_wait(b.fetcher, &also, 1, 20, &x, &tag, &e), 0);
		CHECK_INT(also.revents, 0);
		(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/hang",
		    b.raw.plain_port);
		ask(&b, url, NULL);
		CHECK_INT(
		    fetcher_wait(b.fetcher, &also, 1, 20, &x, &tag, &e), 0);
		CHECK_INT(also.revents, 0);
		CHECK_INT(write(ends[1], "x", 1), 1);
		CHECK_INT(
		    fetcher_wait(b.fetcher, &also, 1, -1, &x, &tag, &e), 0);
		CHECK(also.revents & POLLIN);
		CHECK_INT(fetcher_pending(b.fetcher), 1);
	}
	bench_clear(&b);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

CASE(the_time_of_exchanges_never_goes_back)
{
	struct fast_clock clock = fast(1);
	struct bench b;
	int64_t last = 0;

	if (bench_init(&b, (struct fetch_options){ 0 }, &clock.clock) == 0)
		for (int i = 0; i < 5; i++) {
			struct exchange *x = get_path(&b, 0, "/");

			CHECK(x->started_us >= last);
			last = x->started_us;
			exchange_free(x);
		}
	bench_clear(&b);
}

TESTS(T(a_status_says_how_the_exchange_ended),
    T(fields_that_decide_are_handed_out), T(a_request_is_what_the_server_reads),
    T(secrets_are_sent_and_not_kept),
    T(a_body_over_the_limit_is_cut_exactly_and_one_at_it_is_whole),
    T(a_body_beyond_memory_is_spooled_whole),
    T(patience_ends_and_what_came_is_kept),
    T(a_body_that_only_trickles_is_cut_after_a_window),
    T(a_pooled_connection_that_died_is_replaced_once),
    T(a_host_gets_no_more_connections_than_it_may),
    T(an_idle_connection_makes_way_for_another_host),
    T(a_stopped_host_gets_no_further_request),
    T(a_hanging_host_holds_up_nobody_else),
    T(other_descriptors_are_heard_while_fetching),
    T(the_time_of_exchanges_never_goes_back))
