/* Connecting: what is refused, what fails, and what is known afterwards. */
#include "tests/fetching.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/base/digest.h"
#include "core/base/limits.h"
#include "tests/server/certificates.h"

/* A listener of our own on loopback that nobody may come to. */
struct trap {
	int fd;
	int port;
};

static struct trap
trap_set(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	struct trap t = { socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), 0 };

	CHECK(bind(t.fd, (struct sockaddr *)&a, len) == 0);
	CHECK(listen(t.fd, 16) == 0);
	CHECK(getsockname(t.fd, (struct sockaddr *)&a, &len) == 0);
	t.port = ntohs(a.sin_port);
	return t;
}

/* Closes it; 1 when somebody came. */
static int
trap_close(struct trap *t)
{
	int fd = accept(t->fd, NULL, NULL);

	(void)close(t->fd);
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

CASE(no_spelling_of_a_refused_address_makes_a_connection)
{
	static const char *const hosts[] = { "127.0.0.1", "127.1", "2130706433",
		"0x7f000001", "0177.0.0.1", "localhost", "LOCALHOST", "[::1]",
		"[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
		"0.0.0.0", "0", "127.0.0.1.", "%31%32%37.0.0.1",
		"[64:ff9b::7f00:1]", "[2002:7f00:1::]", "169.254.169.254" };
	static const char *const nothing[] = { "192.0.2.99/32", NULL };
	struct trap trap = trap_set();
	struct bench b;

	if (bench_init(&b, (struct fetch_options){ .allow_address = nothing },
		NULL) == 0)
		for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
			char url[128];
			struct exchange *x;

			(void)snprintf(url, sizeof(url), "http://%s:%d/",
			    hosts[i], trap.port);
			x = get(&b, url);
			CHECK_TEXT(outcome_name(x->outcome), "blocked-address");
			CHECK(x->connection == NULL && x->request == NULL);
			CHECK(strstr(x->reason, " is in ") != NULL);
			exchange_free(x);
		}
	bench_clear(&b);
	CHECK_INT(trap_close(&trap), 0);
}

CASE(of_a_mixed_answer_only_what_is_allowed_is_tried)
{
	static const char *const only_v6[] = { "::1/128", NULL };
	struct trap trap = trap_set();
	char url[64];
	struct bench b;

	/* libcurl knows localhost as 127.0.0.1 and, with IPv6, ::1. */
	(void)snprintf(url, sizeof(url), "http://localhost:%d/", trap.port);
	if (bench_init(&b, (struct fetch_options){ .allow_address = only_v6 },
		NULL) == 0) {
		struct exchange *x = get(&b, url);

		CHECK(x->outcome == OUTCOME_CONNECT ||
		      x->outcome == OUTCOME_BLOCKED_ADDRESS);
		exchange_free(x);
	}
	bench_clear(&b);
	CHECK_INT(trap_close(&trap), 0);
}

CASE(a_target_sent_elsewhere_still_passes_the_filter)
{
	struct trap trap = trap_set();
	char line[64];
	const char *const to[] = { line, NULL };
	static const char *const nothing[] = { "192.0.2.99/32", NULL };
	struct bench b;

	(void)snprintf(
	    line, sizeof(line), "site.test:80:127.0.0.1:%d", trap.port);
	if (bench_init(&b,
		(struct fetch_options){
		    .connect_to = to, .allow_address = nothing },
		NULL) == 0)
		CHECK_TEXT(outcome_only(get(&b, "http://site.test/")),
		    "blocked-address");
	bench_clear(&b);
	CHECK_INT(trap_close(&trap), 0);
}

CASE(what_is_not_for_us_is_refused_before_anything_moves)
{
	struct bench b;
	struct error e = { 0 };
	struct fetch_request bad = { .url = "not a url" };
	char *url = malloc(LIMIT_URL_BYTES + 64);

	if (bench_init(&b, (struct fetch_options){ 0 }, NULL) == 0) {
		CHECK_TEXT(outcome_only(get(&b, "http://u:p@127.0.0.1/")),
		    "blocked-scheme");
		CHECK_TEXT(outcome_only(get(&b, "http://u@127.0.0.1/")),
		    "blocked-scheme");
		CHECK_TEXT(outcome_only(get(&b, "ftp://127.0.0.1/")),
		    "blocked-scheme");
		CHECK_TEXT(outcome_only(get(&b, "file:///etc/passwd")),
		    "blocked-scheme");
		CHECK_TEXT(outcome_only(get(&b, "http://127.0.0.1:25/")),
		    "blocked-address");
		CHECK_INT(fetcher_start(b.fetcher, &bad, &e), -1);
		CHECK_INT(e.kind, ERROR_INPUT);
		CHECK_INT(fetcher_pending(b.fetcher), 0);

		memset(url, 'a', LIMIT_URL_BYTES + 64);
		memcpy(url, "http://127.0.0.1:1/", 19);
		url[LIMIT_URL_BYTES + 1] = '\0';
		CHECK_TEXT(outcome_only(get(&b, url)), "url-too-long");
		(void)snprintf(
		    url, 40, "http://127.0.0.1:%d/", b.raw.plain_port);
		url[strlen(url)] = 'a';
		url[LIMIT_URL_BYTES] = '\0';
		CHECK_TEXT(outcome_only(get(&b, url)), "not-found");
	}
	free(url);
	bench_clear(&b);
}

CASE(failures_to_connect_are_told_apart)
{
	struct trap trap = trap_set();
	char url[128];
	struct bench b;
	struct exchange *x;

	CHECK_INT(trap_close(&trap), 0); /* its port is free now */
	if (bench_init(&b, (struct fetch_options){ .connect_ms = 400 }, NULL) ==
	    0) {
		(void)snprintf(
		    url, sizeof(url), "http://127.0.0.1:%d/", trap.port);
		x = get(&b, url);
		CHECK_TEXT(outcome_name(x->outcome), "connect");
		CHECK(strstr(x->reason, "refused") != NULL);
		CHECK(x->connection == NULL && x->response == NULL);
		exchange_free(x);

		x = get(&b, "http://no-such-host.invalid/");
		CHECK_TEXT(outcome_name(x->outcome), "dns");
		CHECK(strstr(x->reason, "no-such-host.invalid") != NULL);
		exchange_free(x);

		(void)snprintf(url, sizeof(url), "https://127.0.0.1:%d/",
		    b.raw.plain_port);
		/* It waits for a request, we for a handshake. */
		CHECK_TEXT(outcome_only(get(&b, url)), "timeout");
	}
	bench_clear(&b);
}

CASE(certificates_that_do_not_hold_are_refused)
{
	static const char *const hosts[] = { "expired.site.test",
		"early.site.test", "self.site.test", "orphan.site.test",
		"elsewhere.test" };
	char lines[6][96];
	const char *to[7] = { NULL };
	struct bench b;
	struct exchange *x;
	struct raw raw;

	/* The port is known only when the server runs: one of our own. */
	if (raw_start(&raw) != 0) {
		CHECK(!"raw server");
		return;
	}
	for (size_t i = 0; i < 5; i++) {
		(void)snprintf(lines[i], sizeof(lines[i]),
		    "%s:443:127.0.0.1:%d", hosts[i], raw.tls_port);
		to[i] = lines[i];
	}
	(void)snprintf(lines[5], sizeof(lines[5]),
	    "www.site.test:443:127.0.0.1:%d", raw.tls_port);
	to[5] = lines[5];
	/* bench_init writes its server's root over ours. */
	CHECK(rename("ca.pem", "first.pem") == 0);
	if (bench_init(&b,
		(struct fetch_options){
		    .connect_to = to, .ca_file = "first.pem" },
		NULL) == 0) {
		for (size_t i = 0; i < 5; i++) {
			char url[128];

			(void)snprintf(
			    url, sizeof(url), "https://%s/", hosts[i]);
			x = get(&b, url);
			CHECK_TEXT(outcome_name(x->outcome), "tls-invalid");
			CHECK(x->reason[0] != '\0' && x->request == NULL);
			exchange_free(x);
		}
		CHECK_TEXT(outcome_only(get(&b, "https://www.site.test/")),
		    "captured");
		/* Signed by a root that nobody named. */
		CHECK_TEXT(outcome_only(get_path(&b, 1, "/")), "tls-invalid");
	}
	bench_clear(&b);
	raw_stop(&raw);
}

static void
check_chain(const struct connection *n)
{
	char digest[DIGEST_TEXT_MAX];

	CHECK_INT(n->chain_count, 2);
	for (size_t i = 0; i < n->chain_count; i++) {
		digest_text(
		    DIGEST_SHA256, n->chain[i].der, n->chain[i].len, digest);
		CHECK_TEXT(n->chain[i].digest, digest);
	}
}

CASE(a_connection_is_described_and_shared_by_its_exchanges)
{
	struct bench b;
	struct exchange *x, *y, *z;
	const struct connection *n;
	struct clock *clock = clock_system();
	int64_t before = clock->wall_us(clock);

	if (bench_init(&b, (struct fetch_options){ 0 }, NULL) == 0) {
		x = get_path(&b, 1, "/echo");
		y = get_path(&b, 1, "/shape/chunked");
		n = x->connection;
		CHECK(n != NULL && n == y->connection);
		CHECK_INT(n->number, 1);
		CHECK(n->opened_us >= before &&
		      n->opened_us <= clock->wall_us(clock));
		CHECK_TEXT(n->host, "127.0.0.1");
		CHECK_INT(n->port, b.raw.tls_port);
		CHECK_TEXT(n->peer, "127.0.0.1");
		CHECK_INT(n->peer_port, b.raw.tls_port);
		CHECK_TEXT(n->local, "127.0.0.1");
		CHECK(n->local_port > 0);
		CHECK_TEXT(n->resolved, "127.0.0.1");
		CHECK_TEXT(n->proxy, "");
		CHECK_TEXT(n->tls_version, "tls/1.3");
		CHECK(strncmp(n->cipher, "TLS_", 4) == 0);
		CHECK_TEXT(n->verify, "ok");
		CHECK_TEXT(n->trust_store, b.raw.ca);
		check_chain(n);
		CHECK(n->ocsp_len == strlen(CERTIFICATES_OCSP) &&
		      memcmp(n->ocsp, CERTIFICATES_OCSP, n->ocsp_len) == 0);
		CHECK(n->sct_len == sizeof(CERTIFICATES_SCT) - 1 &&
		      memcmp(n->sct, CERTIFICATES_SCT, n->sct_len) == 0);

		z = get_path(&b, 0, "/echo");
		CHECK_INT(z->connection->number, 2);
		CHECK_TEXT(z->connection->tls_version, "");
		CHECK_TEXT(z->connection->verify, "");
		CHECK_INT(z->connection->chain_count, 0);
		exchange_free(x);
		exchange_free(y);
		exchange_free(z);
	}
	bench_clear(&b);
}

CASE(a_real_host_can_be_stood_in_for)
{
	char line[64];
	const char *const to[] = { line, NULL };
	struct buf text = { 0 };
	struct raw raw;
	struct bench b;
	struct exchange *x;

	if (raw_start(&raw) != 0) {
		CHECK(!"raw server");
		return;
	}
	(void)snprintf(
	    line, sizeof(line), "news.example:80:127.0.0.1:%d", raw.plain_port);
	if (bench_init(&b, (struct fetch_options){ .connect_to = to }, NULL) ==
	    0) {
		x = get(&b, "http://news.example/echo?q=1");
		CHECK_TEXT(outcome_name(x->outcome), "captured");
		CHECK_TEXT(x->url, "http://news.example/echo?q=1");
		CHECK_TEXT(x->connection->host, "news.example");
		CHECK_TEXT(x->connection->peer, "127.0.0.1");
		CHECK_INT(x->connection->peer_port, raw.plain_port);
		CHECK(strstr(spool_text(x->request, &text),
			  "GET /echo?q=1 HTTP/1.1\r\nHost: news.example\r\n") !=
		      NULL);
		exchange_free(x);
	}
	buf_clear(&text);
	bench_clear(&b);
	raw_stop(&raw);
}

CASE(a_proxy_is_used_only_when_configured)
{
	struct trap trap = trap_set();
	char url[64], line[64];
	const char *const to[] = { line, NULL };
	struct raw raw;
	struct bench b;
	struct exchange *x;

	if (raw_start(&raw) != 0) {
		CHECK(!"raw server");
		return;
	}
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", trap.port);
	(void)setenv("http_proxy", url, 1);
	(void)setenv("https_proxy", url, 1);
	(void)setenv("ALL_PROXY", url, 1);
	if (bench_init(&b, (struct fetch_options){ 0 }, NULL) == 0) {
		CHECK_TEXT(outcome_only(get_path(&b, 0, "/")), "captured");
		CHECK_TEXT(outcome_only(get_path(&b, 1, "/")), "captured");
	}
	bench_clear(&b);
	CHECK_INT(trap_close(&trap), 0);
	(void)setenv("no_proxy", "*", 1);

	(void)snprintf(
	    url, sizeof(url), "http://me:secret@127.0.0.1:%d", raw.plain_port);
	(void)snprintf(line, sizeof(line), "x:1:y:2"); /* of no effect */
	if (bench_init(&b,
		(struct fetch_options){ .proxy = url, .connect_to = to },
		NULL) == 0) {
		x = get_path(&b, 1, "/shape/chunked");
		CHECK_TEXT(outcome_name(x->outcome), "captured");
		CHECK(strstr(x->connection->proxy, "secret") == NULL);
		CHECK(strstr(x->connection->proxy, "127.0.0.1") != NULL);
		CHECK_INT(x->connection->peer_port, raw.plain_port);
		CHECK_INT(x->connection->chain_count, 2);
		exchange_free(x);
		CHECK_TEXT(outcome_only(get_path(&b, 0, "/")), "captured");
		/* What is asked of a proxy is judged too. */
		CHECK_TEXT(outcome_only(get(&b, "http://10.0.0.1:8080/")),
		    "blocked-address");
	}
	bench_clear(&b);
	raw_stop(&raw);
	(void)unsetenv("http_proxy");
	(void)unsetenv("https_proxy");
	(void)unsetenv("ALL_PROXY");
	(void)unsetenv("no_proxy");
}

CASE(options_that_cannot_work_are_refused_at_once)
{
	static const char *const bad_range[] = { "10.0.0.0/99", NULL };
	static const char *const bad_to[] = { "host:80", NULL };
	static const char *const bad_header[] = { "no colon", NULL };
	static const char *const two_lines[] = { "A: b\r\nC: d", NULL };
	static const char *const ours[] = { "host: other", NULL };
	const struct fetch_options bad[] = {
		{ .allow_address = bad_range },
		{ .connect_to = bad_to },
		{ .headers = bad_header },
		{ .headers = two_lines },
		{ .headers = ours },
		{ .user_agent = "a\r\nb" },
		{ .ca_file = "absent.pem" },
		{ .cookies_file = "absent.txt" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct error e = { 0 };

		CHECK(fetcher_new(&bad[i], clock_system(), &e) == NULL);
		CHECK_INT(e.kind,
		    bad[i].ca_file != NULL || bad[i].cookies_file != NULL
			? ERROR_NOTFOUND
			: ERROR_USAGE);
	}
	CHECK(strncmp(fetch_libraries(), "libcurl/", 8) == 0);
	fetcher_free(NULL);
}

TESTS(T(no_spelling_of_a_refused_address_makes_a_connection),
    T(of_a_mixed_answer_only_what_is_allowed_is_tried),
    T(a_target_sent_elsewhere_still_passes_the_filter),
    T(what_is_not_for_us_is_refused_before_anything_moves),
    T(failures_to_connect_are_told_apart),
    T(certificates_that_do_not_hold_are_refused),
    T(a_connection_is_described_and_shared_by_its_exchanges),
    T(a_real_host_can_be_stood_in_for), T(a_proxy_is_used_only_when_configured),
    T(options_that_cannot_work_are_refused_at_once))
