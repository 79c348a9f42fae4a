/* What robots.txt of a host means for its pages (RFC 9309, 2.3). */
#include <zlib.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/crawl/hosts.h"
#include "core/crawl/politeness.h"
#include "core/web/url.h"
#include "tests/test.h"

static const char rules[] = "User-agent: *\nDisallow: /private/\n"
			    "Allow: /private/open\n";

static struct url
parse(const char *text)
{
	struct error e = { 0 };
	struct url url = { 0 };

	CHECK_OK(url_parse(&url, text, strlen(text), NULL, &e), &e);
	return url;
}

/* An answer as it came over the wire; HEAD without its empty line. */
static struct exchange *
answer(unsigned status, const char *head, const void *body, size_t len)
{
	struct exchange *x = exchange_new();
	struct buf all = { 0 };

	x->status = status;
	x->outcome = status < 300 ? OUTCOME_CAPTURED : OUTCOME_SERVER_ERROR;
	buf_format(&all, "HTTP/1.1 %u Some\r\n%s\r\n", status, head);
	x->head_len = all.len;
	buf_add(&all, body, len);
	x->response = spool_new(".", 1 << 20);
	CHECK(spool_add(x->response, all.data, all.len, NULL) == 0);
	buf_clear(&all);
	return x;
}

static struct exchange *
failure(enum outcome outcome, const char *reason)
{
	struct exchange *x = exchange_new();

	x->outcome = outcome;
	free(x->reason);
	x->reason = mem_text(reason);
	return x;
}

/* Takes X: is the page at URL allowed after that answer? */
static int
allowed_after(struct exchange *x, enum robots_policy policy, const char *page,
    struct buf *decision)
{
	struct politeness *p = politeness_new(policy, "holdfast");
	struct url url = parse(page);
	struct host *h = politeness_host(p, &url);
	int allowed;

	CHECK_INT(h->state, HOST_ROBOTS_UNKNOWN);
	host_robots_answer(h, x);
	allowed = politeness_allows(p, h, &url, decision);
	url_clear(&url);
	politeness_free(p);
	exchange_free(x);
	return allowed;
}

static struct exchange *
plain_rules(void)
{
	return answer(
	    200, "Content-Type: text/plain\r\n", rules, strlen(rules));
}

CASE(a_host_is_scheme_name_and_port)
{
	struct politeness *p = politeness_new(ROBOTS_OBEY, "holdfast");
	struct url urls[] = { parse("https://a.example/x"),
		parse("https://a.example:443/y"), parse("http://a.example/x"),
		parse("https://a.example:8443/x"),
		parse("https://b.example/x") };
	struct host *first = politeness_host(p, &urls[0]);
	char *robots = host_robots_url(first);

	CHECK(politeness_host(p, &urls[1]) == first);
	for (size_t i = 2; i < 5; i++)
		CHECK(politeness_host(p, &urls[i]) != first);
	CHECK_TEXT(robots, "https://a.example/robots.txt");
	for (size_t i = 0; i < 5; i++)
		url_clear(&urls[i]);
	free(robots);
	politeness_free(p);
}

CASE(rules_are_obeyed_and_the_line_is_named)
{
	struct buf why = { 0 };

	CHECK_INT(allowed_after(plain_rules(), ROBOTS_OBEY,
		      "http://a.example/private/x", &why),
	    0);
	CHECK_TEXT(buf_text(&why), "robots.txt line 2");
	buf_reset(&why);
	CHECK_INT(allowed_after(plain_rules(), ROBOTS_OBEY,
		      "http://a.example/private/open", &why),
	    1);
	CHECK_TEXT(buf_text(&why), "robots.txt line 3");
	buf_reset(&why);
	CHECK_INT(allowed_after(plain_rules(), ROBOTS_OBEY,
		      "http://a.example/news", &why),
	    1);
	CHECK_TEXT(buf_text(&why), "");
	buf_clear(&why);
}

CASE(who_warns_or_ignores_goes_on_and_says_so)
{
	struct buf why = { 0 };

	CHECK_INT(allowed_after(plain_rules(), ROBOTS_WARN,
		      "http://a.example/private/x", &why),
	    1);
	CHECK_TEXT(
	    buf_text(&why), "robots.txt line 2 (fetched with a warning)");
	buf_reset(&why);
	CHECK_INT(allowed_after(plain_rules(), ROBOTS_IGNORE,
		      "http://a.example/private/x", &why),
	    1);
	CHECK_TEXT(buf_text(&why), "robots.txt line 2 (ignored)");
	buf_clear(&why);
}

/* RFC 9309, 2.3.1.3: unavailable means no rules. */
CASE(a_missing_file_allows_all)
{
	struct buf why = { 0 };
	static const unsigned statuses[] = { 400, 401, 403, 404, 410, 451 };

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		CHECK_INT(
		    allowed_after(answer(statuses[i], "", rules, strlen(rules)),
			ROBOTS_OBEY, "http://a.example/private/x", &why),
		    1);
	buf_clear(&why);
}

/* RFC 9309, 2.3.1.4: unreachable means that nothing is allowed. */
CASE(a_server_in_trouble_refuses_all)
{
	static const unsigned statuses[] = { 429, 500, 503, 599 };

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct buf why = { 0 };

		CHECK_INT(allowed_after(answer(statuses[i], "", "", 0),
			      ROBOTS_OBEY, "http://a.example/", &why),
		    0);
		CHECK(strncmp(buf_text(&why), "robots.txt: ", 12) == 0);
		buf_clear(&why);
	}
}

/* 2.3.1.4 too: what came may lack the line that matters. */
CASE(rules_that_are_no_whole_answer_refuse_all)
{
	static const struct {
		enum outcome outcome;
		unsigned status;
		int allowed;
	} table[] = {
		{ OUTCOME_CAPTURED, 200, 1 },
		{ OUTCOME_REVISIT, 200, 1 },
		{ OUTCOME_TRUNCATED_LENGTH, 200, 1 },
		{ OUTCOME_TRUNCATED_DISCONNECT, 200, 0 },
		{ OUTCOME_TRUNCATED_TIME, 200, 0 },
		{ OUTCOME_PROTOCOL_ERROR, 200, 0 },
		{ OUTCOME_PROTOCOL_ERROR, 206, 0 },
		{ OUTCOME_PROTOCOL_ERROR, 304, 0 },
		{ OUTCOME_PROTOCOL_ERROR, 101, 0 },
		{ OUTCOME_PROTOCOL_ERROR, 999, 0 },
		{ OUTCOME_CHALLENGE, 200, 0 },
		{ OUTCOME_CHALLENGE, 403, 0 },
		{ OUTCOME_FORBIDDEN, 403, 1 },
		{ OUTCOME_REDIRECT, 301, 1 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct exchange *x = answer(
		    table[i].status, "", rules, strlen(rules));
		struct buf why = { 0 };

		x->outcome = table[i].outcome;
		CHECK_INT(allowed_after(x, ROBOTS_OBEY,
			      "http://a.example/private/open", &why),
		    table[i].allowed);
		buf_clear(&why);
	}
}

CASE(silence_refuses_all)
{
	struct buf why = { 0 };

	CHECK_INT(allowed_after(failure(OUTCOME_TIMEOUT, "no answer in 30 s"),
		      ROBOTS_OBEY, "http://a.example/", &why),
	    0);
	CHECK_TEXT(buf_text(&why), "robots.txt: no answer in 30 s");
	buf_reset(&why);
	CHECK_INT(allowed_after(failure(OUTCOME_TIMEOUT, "no answer in 30 s"),
		      ROBOTS_IGNORE, "http://a.example/", &why),
	    1);
	buf_clear(&why);
}

/* RFC 9309, 2.3.1.4 again; its pages end as it did. */
CASE(pages_of_a_host_that_cannot_be_reached_end_as_its_rules_did)
{
	static const enum outcome walls[] = { OUTCOME_DNS, OUTCOME_CONNECT,
		OUTCOME_TLS_INVALID, OUTCOME_TIMEOUT };

	for (size_t i = 0; i < sizeof(walls) / sizeof(walls[0]); i++) {
		struct politeness *p = politeness_new(ROBOTS_OBEY, "holdfast");
		struct url url = parse("http://a.example/");
		struct host *h = politeness_host(p, &url);
		struct exchange *x = failure(walls[i], "wall");
		struct buf why = { 0 };

		host_robots_answer(h, x);
		CHECK_INT(politeness_allows(p, h, &url, &why), 0);
		CHECK_TEXT(buf_text(&why), "robots.txt: wall");
		CHECK_TEXT(outcome_name(h->wall), outcome_name(walls[i]));
		exchange_free(x);
		url_clear(&url);
		politeness_free(p);
		buf_clear(&why);
	}
}

/* The page shall be refused for the same reason. */
CASE(what_we_refuse_ourselves_is_no_answer)
{
	static const enum outcome ours[] = { OUTCOME_BLOCKED_ADDRESS,
		OUTCOME_BLOCKED_SCHEME, OUTCOME_NOT_TRIED };
	struct buf why = { 0 };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		CHECK_INT(allowed_after(failure(ours[i], "ours"), ROBOTS_OBEY,
			      "http://a.example/", &why),
		    1);
	buf_clear(&why);
}

/* After X (taken): how long its rules are good, in seconds; -1 not at all. */
static int64_t
kept_for_s(struct exchange *x)
{
	struct politeness *p = politeness_new(ROBOTS_OBEY, "holdfast");
	struct url url = parse("http://a.example/");
	struct host *h = politeness_host(p, &url);
	struct robots_kept kept;
	int64_t s = -1;

	host_robots_answer(h, x);
	if (host_robots_kept(h, x, &kept))
		s = (kept.until_us - kept.fetched_us) / 1000000;
	exchange_free(x);
	url_clear(&url);
	politeness_free(p);
	return s;
}

CASE(rules_are_good_for_a_day_or_less_if_they_say_so)
{
	static const struct {
		const char *fields;
		int64_t s;
	} table[] = {
		{ "", 86400 },
		{ "Cache-Control: max-age=7200\r\n", 7200 },
		{ "Cache-Control: public, Max-Age=7200, x\r\n", 7200 },
		{ "Cache-Control: max-age=86401\r\n", 86400 },
		{ "Cache-Control: max-age=99999999999999999999\r\n", 86400 },
		{ "Cache-Control: max-age=10\r\n", 300 },
		{ "Cache-Control: max-age=0\r\n", 300 },
		{ "Cache-Control: no-store\r\n", 300 },
		{ "Cache-Control: no-cache\r\n", 300 },
		{ "Cache-Control: s-maxage=60\r\n", 86400 },
		{ "Cache-Control: max-age=soon\r\n", 86400 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		CHECK_INT(kept_for_s(answer(
			      200, table[i].fields, rules, strlen(rules))),
		    table[i].s);
	CHECK_INT(kept_for_s(answer(404, "", "", 0)), 86400);
	CHECK_INT(kept_for_s(answer(503, "", "", 0)), -1);
	CHECK_INT(kept_for_s(answer(429, "", "", 0)), -1);
	CHECK_INT(kept_for_s(failure(OUTCOME_CONNECT, "x")), -1);
	CHECK_INT(kept_for_s(failure(OUTCOME_NOT_TRIED, "x")), -1);
}

CASE(rules_of_an_earlier_run_decide_and_say_which_they_are)
{
	struct politeness *p = politeness_new(ROBOTS_OBEY, "holdfast");
	struct url no = parse("https://a.example/private/x");
	struct url yes = parse("https://a.example/news");
	struct host *h = politeness_host(p, &no);
	struct robots_kept kept = { .status = 200,
		.fetched_us = 1795334400000000ll,
		.text = (const uint8_t *)rules,
		.len = strlen(rules),
		.digest = "sha256:ab" };
	struct buf why = { 0 };

	host_robots_use(h, &kept);
	CHECK_INT(politeness_allows(p, h, &no, &why), 0);
	CHECK_TEXT(buf_text(&why),
	    "robots.txt line 2 fetched 2026-11-22T08:00:00Z, "
	    "sha256:ab");
	buf_reset(&why);
	CHECK_INT(politeness_allows(p, h, &yes, &why), 1);
	CHECK_TEXT(buf_text(&why),
	    "robots.txt fetched 2026-11-22T08:00:00Z, sha256:ab");
	url_clear(&no);
	url_clear(&yes);
	politeness_free(p);
	buf_clear(&why);
}

CASE(rules_in_chunks_are_read)
{
	struct buf body = { 0 };
	struct buf why = { 0 };

	buf_format(&body, "5\r\n%.5s\r\n%zx\r\n%s\r\n0\r\n\r\n", rules,
	    strlen(rules) - 5, rules + 5);
	CHECK_INT(allowed_after(answer(200, "Transfer-Encoding: chunked\r\n",
				    body.data, body.len),
		      ROBOTS_OBEY, "http://a.example/private/x", &why),
	    0);
	CHECK_TEXT(buf_text(&why), "robots.txt line 2");
	buf_clear(&body);
	buf_clear(&why);
}

CASE(rules_in_gzip_are_read)
{
	uint8_t packed[256];
	z_stream z = { 0 };
	struct exchange *x;
	struct buf why = { 0 };

	CHECK(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) ==
	      Z_OK);
	z.next_in = (Bytef *)(uintptr_t)rules;
	z.avail_in = (uInt)strlen(rules);
	z.next_out = packed;
	z.avail_out = sizeof(packed);
	CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
	x = answer(200, "Content-Encoding: gzip\r\n", packed, z.total_out);
	(void)deflateEnd(&z);
	free(x->content_encoding);
	x->content_encoding = mem_text("gzip");
	CHECK_INT(
	    allowed_after(x, ROBOTS_OBEY, "http://a.example/private/x", &why),
	    0);
	buf_clear(&why);
}

/* RFC 9309, 2.5: what lies behind the limit is not read. */
CASE(a_file_beyond_the_limit_is_read_up_to_it)
{
	struct buf body = { 0 };
	struct buf why = { 0 };

	buf_add_text(&body, "User-agent: *\nDisallow: /early\n#");
	while (body.len < LIMIT_ROBOTS_BYTES)
		buf_add_text(&body, "0123456789abcdef");
	buf_add_text(&body, "\nDisallow: /late\n");
	CHECK_INT(allowed_after(answer(200, "", body.data, body.len),
		      ROBOTS_OBEY, "http://a.example/early", &why),
	    0);
	CHECK_INT(allowed_after(answer(200, "", body.data, body.len),
		      ROBOTS_OBEY, "http://a.example/late", &why),
	    1);
	buf_clear(&body);
	buf_clear(&why);
}

CASE(policies_have_names)
{
	enum robots_policy p;

	for (int i = ROBOTS_OBEY; i <= ROBOTS_IGNORE; i++) {
		CHECK(robots_policy_find(
		    robots_policy_name((enum robots_policy)i), &p));
		CHECK_INT(p, i);
	}
	CHECK(!robots_policy_find("Obey", &p));
	CHECK(!robots_policy_find("", &p));
}

TESTS(T(a_host_is_scheme_name_and_port),
    T(rules_are_obeyed_and_the_line_is_named),
    T(who_warns_or_ignores_goes_on_and_says_so), T(a_missing_file_allows_all),
    T(a_server_in_trouble_refuses_all),
    T(rules_that_are_no_whole_answer_refuse_all), T(silence_refuses_all),
    T(pages_of_a_host_that_cannot_be_reached_end_as_its_rules_did),
    T(what_we_refuse_ourselves_is_no_answer),
    T(rules_are_good_for_a_day_or_less_if_they_say_so),
    T(rules_of_an_earlier_run_decide_and_say_which_they_are),
    T(rules_in_chunks_are_read), T(rules_in_gzip_are_read),
    T(a_file_beyond_the_limit_is_read_up_to_it), T(policies_have_names))
