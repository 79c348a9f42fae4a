/* Fetching politely: pauses, ranks, and asking only for what has changed. */
#include "tests/fetching.h"

#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/web/request.h"

/* A request for PATH with these conditions; its exchange. */
static struct exchange *
get_if(struct bench *b, const char *none_match, const char *modified_since)
{
	char url[128];
	struct fetch_request r = { .url = url,
		.if_none_match = none_match,
		.if_modified_since = modified_since };
	struct error e = { 0 };

	(void)snprintf(url, sizeof(url),
	    "http://127.0.0.1:%d/shape/not-modified-with-length",
	    b->raw.plain_port);
	CHECK_OK(fetcher_start(b->fetcher, &r, &e), &e);
	return next(b, NULL);
}

CASE(only_what_was_asked_for_is_not_modified)
{
	static const char date[] = "Sun, 06 Nov 1994 08:49:37 GMT";
	/* The server's 304 says ETag: "x". */
	static const struct {
		const char *none_match, *modified_since, *outcome;
	} table[] = {
		{ NULL, NULL, "protocol-error" },
		{ "", "", "protocol-error" },
		{ "\"x\"", NULL, "not-modified" },
		{ "W/\"x\"", NULL, "not-modified" },
		{ "\"x\"", date, "not-modified" },
		{ NULL, date, "not-modified" },
		{ "\"y\"", NULL, "protocol-error" },
		{ "\"y\"", date, "protocol-error" },
		{ "\"x\"\r\nX-Evil: 1", NULL, "protocol-error" },
	};
	struct bench b;

	if (bench_init(&b, (struct fetch_options){ 0 }, NULL) == 0)
		for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
			struct exchange *x = get_if(
			    &b, table[i].none_match, table[i].modified_since);

			CHECK_INT(x->status, 304);
			CHECK_TEXT(outcome_name(x->outcome), table[i].outcome);
			exchange_free(x);
		}
	bench_clear(&b);
}

CASE(conditions_go_out_as_they_came_or_not_at_all)
{
	struct bench b;
	struct buf text = { 0 };
	char *longer = mem_zero(LIMIT_FIELD_SENT + 2, 1);
	struct exchange *x;

	memset(longer, 'a', LIMIT_FIELD_SENT + 1);
	if (bench_init(&b, (struct fetch_options){ 0 }, NULL) == 0) {
		x = get_if(&b, "W/\"a b\"", "yesterday");
		(void)spool_text(x->request, &text);
		CHECK(strstr(buf_text(&text),
			  "\r\nIf-None-Match: W/\"a b\"\r\n"
			  "If-Modified-Since: yesterday\r\n") != NULL);
		CHECK_TEXT(x->if_none_match, "W/\"a b\"");
		CHECK_TEXT(x->if_modified_since, "yesterday");
		exchange_free(x);
		x = get_if(&b, longer, "a\nb");
		(void)spool_text(x->request, &text);
		CHECK(strstr(buf_text(&text), "If-") == NULL);
		CHECK_TEXT(x->if_none_match, "");
		CHECK_TEXT(x->if_modified_since, "");
		exchange_free(x);
		x = get_if(&b, longer + 1, NULL);
		CHECK_INT(strlen(x->if_none_match), LIMIT_FIELD_SENT);
		exchange_free(x);
	}
	bench_clear(&b);
	buf_clear(&text);
	free(longer);
}

/* RFC 9110, 8.8.3 and 13.1.2. */
CASE(what_is_sent_back_names_one_version)
{
	static const char *const yes[] = { "\"a\"", "W/\"a\"", "\"\"",
		"\"a,b *\"", "5f3a-bc", "\"*\"", "W/5f3a" };
	static const char *const no[] = { "", "*", "W/", "W/*", "\"a\", \"b\"",
		"\"a", "a\"", "a,b", "a, *", "\"" };

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		CHECK(request_is_one_tag(yes[i]));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		CHECK(!request_is_one_tag(no[i]));
}

CASE(of_one_host_the_lowest_rank_goes_first)
{
	static const unsigned ranks[] = { 2, 2, 1, 0, 2, 1, 0 };
	static const int order[] = { 3, 6, 2, 5, 0, 1, 4 };
	int tags[7];
	char url[128];
	struct bench b;
	struct error e = { 0 };

	if (bench_init(&b, (struct fetch_options){ .host_connections = 1 },
		NULL) == 0) {
		(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/echo",
		    b.raw.plain_port);
		for (int i = 0; i < 7; i++) {
			struct fetch_request r = {
				.url = url, .rank = ranks[i], .tag = &tags[i]
			};

			CHECK_OK(fetcher_start(b.fetcher, &r, &e), &e);
		}
		for (int i = 0; i < 7; i++) {
			void *tag = NULL;

			exchange_free(next(&b, &tag));
			CHECK_INT((int *)tag - tags, order[i]);
		}
	}
	bench_clear(&b);
}

/* Ask for /echo of HOST on either port. */
static void
ask_echo(struct bench *b, const char *host, int is_tls, void *tag)
{
	char url[128];

	(void)snprintf(url, sizeof(url), "http%s://%s:%d/echo",
	    is_tls ? "s" : "", host,
	    is_tls ? b->raw.tls_port : b->raw.plain_port);
	ask(b, url, tag);
}

CASE(a_paused_host_waits_and_holds_up_no_other)
{
	enum { PAUSE_MS = 300, OTHERS = 20 };
	struct bench b;
	int slow, other;
	int others_seen = 0;
	int slow_seen = 0;
	int64_t last = 0;

	if (bench_init(&b, (struct fetch_options){ .host_connections = 4 },
		NULL) == 0) {
		fetcher_set_pause(b.fetcher, "127.0.0.1", PAUSE_MS);
		/* Two queues, one host. */
		for (int i = 0; i < 4; i++)
			ask_echo(&b, "127.0.0.1", i % 2, &slow);
		for (int i = 0; i < OTHERS; i++)
			ask_echo(&b, "localhost", 0, &other);
		while (fetcher_pending(b.fetcher) > 0) {
			void *tag = NULL;
			struct exchange *x = next(&b, &tag);
			int64_t start = x->started_us / 1000;

			CHECK_TEXT(outcome_name(x->outcome), "captured");
			others_seen += tag == &other;
			if (tag == &slow && slow_seen++ > 0) {
				CHECK(start - last >= PAUSE_MS - 2);
				CHECK(start - last < PAUSE_MS + 2000);
				CHECK_INT(others_seen, OTHERS);
			}
			if (tag == &slow)
				last = start;
			exchange_free(x);
		}
		CHECK_INT(slow_seen, 4);
	}
	bench_clear(&b);
}

CASE(a_pause_outlives_its_connections_and_can_be_ended)
{
	struct clock *clock = clock_system();
	struct bench b;
	int64_t start;

	if (bench_init(&b, (struct fetch_options){ 0 }, NULL) == 0) {
		fetcher_set_pause(b.fetcher, "127.0.0.1", 150);
		exchange_free(get_path(&b, 0, "/shape/close-said"));
		start = clock->mono_ms(clock);
		exchange_free(get_path(&b, 0, "/shape/close-said"));
		CHECK(clock->mono_ms(clock) - start >= 145);
		fetcher_set_pause(b.fetcher, "127.0.0.1", 60000);
		ask_echo(&b, "127.0.0.1", 0, NULL);
		fetcher_set_pause(b.fetcher, "127.0.0.1", 0);
		exchange_free(next_within(&b, 5000, NULL));
		/* What waits for a pause can be stopped. */
		fetcher_set_pause(b.fetcher, "127.0.0.1", 60000);
		ask_echo(&b, "127.0.0.1", 0, NULL);
		fetcher_stop_host(b.fetcher, "127.0.0.1");
		CHECK_TEXT(
		    outcome_only(next_within(&b, 5000, NULL)), "not-tried");
	}
	bench_clear(&b);
}

CASE(after_a_bad_answer_nothing_goes_out_before_it_was_looked_at)
{
	struct bench b;
	char url[128];

	if (bench_init(&b, (struct fetch_options){ .host_connections = 1 },
		NULL) == 0) {
		(void)snprintf(url, sizeof(url),
		    "http://127.0.0.1:%d/status/429", b.raw.plain_port);
		ask(&b, url, NULL);
		for (int i = 0; i < 3; i++)
			ask_echo(&b, "127.0.0.1", 0, NULL);
		CHECK_TEXT(outcome_only(next(&b, NULL)), "rate-limited");
		fetcher_stop_host(b.fetcher, "127.0.0.1");
		for (int i = 0; i < 3; i++)
			CHECK_TEXT(outcome_only(next(&b, NULL)), "not-tried");
	}
	bench_clear(&b);
	if (bench_init(&b, (struct fetch_options){ .host_connections = 1 },
		NULL) == 0) {
		(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/reset",
		    b.raw.plain_port);
		ask(&b, url, NULL);
		ask_echo(&b, "127.0.0.1", 0, NULL);
		CHECK_TEXT(outcome_only(next(&b, NULL)), "connect");
		CHECK_TEXT(outcome_only(next(&b, NULL)), "captured");
	}
	bench_clear(&b);
}

TESTS(T(only_what_was_asked_for_is_not_modified),
    T(conditions_go_out_as_they_came_or_not_at_all),
    T(what_is_sent_back_names_one_version),
    T(of_one_host_the_lowest_rank_goes_first),
    T(a_paused_host_waits_and_holds_up_no_other),
    T(a_pause_outlives_its_connections_and_can_be_ended),
    T(after_a_bad_answer_nothing_goes_out_before_it_was_looked_at))
