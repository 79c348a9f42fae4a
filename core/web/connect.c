/* Connections by libcurl and what is known of each; the only file that knows
 * libcurl. */
#include "core/web/connect.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/web/handshake.h"
#include "core/web/route.h"

enum { RECEIVE_BYTES = 64 * 1024 };

struct connector {
	CURLM *multi;
	struct clock *clock;
	struct route route;
	struct curl_slist *connect_to;
	const char *ca_file;    /* "" none */
	const char *ca_dir;     /* "" none */
	uint64_t number;        /* of the last connection */
	struct pollfd *watches; /* what libcurl waits for */
	size_t watch_count;
	size_t connecting;
	int system_errno; /* our own lack of something */
};

struct wire {
	struct connector *connector;
	CURL *easy;
	enum wire_state state;
	int is_looking; /* first pass: collect addresses */
	int64_t started_ms;
	char *host;
	int port;
	int is_tls;
	struct route_addresses addresses;
	struct buf sct;
	struct connection *connection;
	int fd;
	enum outcome outcome;
	char *reason;
	char text[CURL_ERROR_SIZE];
};

/* libcurl takes any type; a wrong value for it is our own mistake. */
#define SET(easy, option, value)                                       \
	do {                                                           \
		CURLcode set_ = curl_easy_setopt(easy, option, value); \
		assert(set_ == CURLE_OK);                              \
		(void)set_;                                            \
	} while (0)

static int
on_watch(CURL *easy, curl_socket_t fd, int what, void *context, void *unused)
{
	struct connector *c = context;
	short events = 0;
	size_t i = 0;

	(void)easy;
	(void)unused;
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		events |= POLLIN;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		events |= POLLOUT;
	while (i < c->watch_count && c->watches[i].fd != fd)
		i++;
	if (what == CURL_POLL_REMOVE) {
		if (i < c->watch_count)
			c->watches[i] = c->watches[--c->watch_count];
		return 0;
	}
	if (i == c->watch_count) {
		c->watches = mem_grow(
		    c->watches, ++c->watch_count, sizeof(*c->watches));
	}
	c->watches[i] = (struct pollfd){ .fd = fd, .events = events };
	return 0;
}

/* The door through which every connection goes. */
static curl_socket_t
on_socket(void *context, curlsocktype type, struct curl_sockaddr *address)
{
	struct wire *w = context;
	struct connector *c = w->connector;
	char why[ADDRESS_WHY_MAX] = "";
	int is_allowed;
	int fd;

	(void)type;
	is_allowed = route_allows(&c->route, &address->addr, why);
	if (w->is_looking) {
		route_note(&w->addresses, &address->addr, is_allowed, why);
		if (!is_allowed)
			log_event(c->clock->wall_us(c->clock),
			    "blocked-address", w->host, why);
		return CURL_SOCKET_BAD;
	}
	if (!is_allowed)
		return CURL_SOCKET_BAD;
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
	    address->protocol);
	if (fd < 0 && errno != EAFNOSUPPORT && errno != EPROTONOSUPPORT)
		c->system_errno = errno;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* Ask for what libcurl does not ask for. */
static CURLcode
on_tls(CURL *easy, void *ssl_ctx, void *context)
{
	struct wire *w = context;

	(void)easy;
	handshake_ask(ssl_ctx, &w->sct);
	return CURLE_OK;
}

static void
set_text(char **to, const char *text)
{
	free(*to);
	*to = mem_text(text);
}

/* OpenSSL's object; NULL for a plain connection or one that has not been
 * used since libcurl handed it over. */
static void *
tls_object(const struct wire *w)
{
	struct curl_tlssessioninfo *tls = NULL;

	if (!w->is_tls ||
	    curl_easy_getinfo(w->easy, CURLINFO_TLS_SSL_PTR, &tls) != CURLE_OK)
		return NULL;
	return tls->internals;
}

/* Connected and shaken hands, nothing sent: the one moment at which libcurl
 * shows everything. */
static int
on_connected(
    void *context, char *peer, char *local, int peer_port, int local_port)
{
	struct wire *w = context;
	struct connector *c = w->connector;
	struct connection *n = connection_new();
	void *ssl = tls_object(w);

	n->number = ++c->number;
	n->opened_us = c->clock->wall_us(c->clock);
	set_text(&n->host, w->host);
	n->port = w->port;
	set_text(&n->peer, peer);
	n->peer_port = peer_port;
	set_text(&n->local, local);
	n->local_port = local_port;
	set_text(&n->resolved, buf_text(&w->addresses.text));
	set_text(&n->proxy, c->route.proxy_shown);
	if (ssl != NULL) {
		handshake_note(n, ssl, &w->sct);
		set_text(&n->trust_store,
		    c->ca_file[0] != '\0' ? c->ca_file : c->ca_dir);
	}
	connection_free(w->connection);
	w->connection = n;
	return CURL_PREREQFUNC_OK;
}

/* Certificates are looked up in one file if there is one: only then does
 * libcurl keep what it has read for the next connection. */
static void
set_trust(struct connector *c)
{
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);

	c->ca_file = c->route.ca_file;
	c->ca_dir = "";
	if (c->ca_file[0] != '\0')
		return;
	if (v->cainfo != NULL && access(v->cainfo, R_OK) == 0)
		c->ca_file = v->cainfo;
	else if (v->capath != NULL)
		c->ca_dir = v->capath;
}

struct connector *
connector_new(
    const struct fetch_options *o, struct clock *clock, struct error *e)
{
	struct connector *c = mem_zero(1, sizeof(*c));

	c->clock = clock;
	if (route_init(&c->route, o, e) != 0)
		goto failed;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		(void)error_set(e, ERROR_SYSTEM, "libcurl does not start");
		goto failed;
	}
	(void)signal(SIGPIPE, SIG_IGN); /* cannot fail for this signal */
	set_trust(c);
	for (char **s = c->route.connect_to; *s != NULL; s++)
		c->connect_to = curl_slist_append(c->connect_to, *s);
	c->multi = curl_multi_init();
	/* Known options with right values. */
	(void)curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_watch);
	(void)curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	(void)curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, 1000L);
	return c;
failed:
	route_clear(&c->route);
	free(c);
	return NULL;
}

void
connector_free(struct connector *c)
{
	if (c == NULL)
		return;
	curl_multi_cleanup(c->multi);
	curl_slist_free_all(c->connect_to);
	route_clear(&c->route);
	free(c->watches);
	free(c);
	curl_global_cleanup();
}

const char *
connector_libraries(void)
{
	return curl_version();
}

size_t
connector_fd_count(const struct connector *c)
{
	return c->watch_count;
}

void
connector_fds(const struct connector *c, struct pollfd *fds)
{
	if (c->watch_count > 0)
		memcpy(fds, c->watches, c->watch_count * sizeof(*fds));
}

int
connector_wait_ms(struct connector *c)
{
	long ms = -1;

	if (c->connecting == 0)
		return -1;
	(void)curl_multi_timeout(c->multi, &ms); /* -1 stays when it fails */
	return ms < 0 || ms > 1000 ? 1000 : (int)ms;
}

static void
set_route(struct wire *w)
{
	const struct connector *c = w->connector;

	SET(w->easy, CURLOPT_PROXY, c->route.proxy);
	SET(w->easy, CURLOPT_NOPROXY, ""); /* not the environment's either */
	if (c->route.proxy[0] != '\0')
		SET(w->easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
	if (c->connect_to != NULL)
		SET(w->easy, CURLOPT_CONNECT_TO, c->connect_to);
	SET(w->easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	SET(w->easy, CURLOPT_OPENSOCKETDATA, w);
	SET(w->easy, CURLOPT_PREREQFUNCTION, on_connected);
	SET(w->easy, CURLOPT_PREREQDATA, w);
}

static void
set_tls(struct wire *w)
{
	const struct connector *c = w->connector;
	const char *ca_file = c->ca_file[0] == '\0' ? NULL : c->ca_file;
	const char *ca_dir = c->ca_dir[0] == '\0' ? NULL : c->ca_dir;

	SET(w->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(w->easy, CURLOPT_CAINFO, ca_file);
	SET(w->easy, CURLOPT_CAPATH, ca_dir);
	SET(w->easy, CURLOPT_SSL_CTX_FUNCTION, on_tls);
	SET(w->easy, CURLOPT_SSL_CTX_DATA, w);
	/* A resumed session shows no certificate. */
	SET(w->easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}

static void
set_up(struct wire *w)
{
	const char *bracket = strchr(w->host, ':') != NULL ? "[" : "";
	char *url = mem_format("%s://%s%s%s:%d/", w->is_tls ? "https" : "http",
	    bracket, w->host, bracket[0] == '\0' ? "" : "]", w->port);

	SET(w->easy, CURLOPT_URL, url);
	SET(w->easy, CURLOPT_PRIVATE, w);
	SET(w->easy, CURLOPT_ERRORBUFFER, w->text);
	SET(w->easy, CURLOPT_CONNECT_ONLY, 1L);
	SET(w->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	SET(w->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(w->easy, CURLOPT_USERAGENT, w->connector->route.user_agent);
	SET(w->easy, CURLOPT_NOSIGNAL, 1L);
	SET(w->easy, CURLOPT_QUICK_EXIT, 1L); /* leave a hanging resolver */
	SET(w->easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BYTES);
	set_route(w);
	set_tls(w);
	free(url);
}

static void
fail(struct wire *w, enum outcome outcome, const char *reason)
{
	w->state = WIRE_FAILED;
	w->outcome = outcome;
	free(w->reason);
	w->reason = mem_text(reason);
}

/* (Re)start: each pass has what is left of the time. */
static void
start_pass(struct wire *w)
{
	struct clock *clock = w->connector->clock;
	int64_t left = w->connector->route.connect_ms -
		       (clock->mono_ms(clock) - w->started_ms);

	SET(w->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(left < 1 ? 1 : left));
	if (curl_multi_add_handle(w->connector->multi, w->easy) != CURLM_OK)
		fail(w, OUTCOME_CONNECT, "libcurl refuses the connection");
}

struct wire *
wire_open(struct connector *c, const char *host, int port, int is_tls)
{
	struct wire *w = mem_zero(1, sizeof(*w));
	char why[ADDRESS_WHY_MAX];

	w->connector = c;
	w->easy = curl_easy_init();
	w->host = mem_text(host);
	w->port = port;
	w->is_tls = is_tls;
	w->fd = -1;
	w->reason = mem_text("");
	w->is_looking = c->route.proxy[0] == '\0';
	w->started_ms = c->clock->mono_ms(c->clock);
	if (w->easy == NULL) {
		fail(w, OUTCOME_CONNECT, "libcurl gives no handle");
		return w;
	}
	if (c->route.proxy[0] != '\0' &&
	    !address_text_is_allowed(c->route.filter, host, why)) {
		fail(w, OUTCOME_BLOCKED_ADDRESS, why);
		return w;
	}
	set_up(w);
	c->connecting++;
	start_pass(w);
	if (w->state == WIRE_FAILED)
		c->connecting--;
	return w;
}

void
wire_close(struct wire *w)
{
	if (w == NULL)
		return;
	if (w->state == WIRE_CONNECTING)
		w->connector->connecting--;
	(void)curl_multi_remove_handle(
	    w->connector->multi, w->easy); /* one not added is fine */
	curl_easy_cleanup(w->easy);
	connection_free(w->connection);
	buf_clear(&w->addresses.text);
	buf_clear(&w->sct);
	free(w->host);
	free(w->reason);
	free(w);
}

/* The system's own words where there are some. */
static void
fail_to_connect(struct wire *w)
{
	long number = 0;
	struct buf b = { 0 };

	(void)curl_easy_getinfo(
	    w->easy, CURLINFO_OS_ERRNO, &number); /* 0 stays */
	buf_format(&b, "%s port %d: %s", w->host, w->port,
	    number != 0 ? strerror((int)number) : w->text);
	fail(w, OUTCOME_CONNECT, buf_text(&b));
	buf_clear(&b);
}

/* What ended the handshake: the peer going away is no matter of trust. */
static void
fail_handshake(struct wire *w)
{
	int is_cut = strstr(w->text, "SSL_ERROR_SYSCALL") != NULL ||
		     strstr(w->text, "unexpected eof") != NULL ||
		     strstr(w->text, "reset") != NULL;

	fail(w, is_cut ? OUTCOME_CONNECT : OUTCOME_TLS_INVALID, w->text);
}

static void
fail_by_code(struct wire *w, CURLcode code)
{
	if (w->text[0] == '\0')
		(void)snprintf(w->text, sizeof(w->text), "%s",
		    curl_easy_strerror(code)); /* cut is fine */
	switch ((int)code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_URL_MALFORMAT: /* a host that libcurl cannot ask for */
		fail(w, OUTCOME_DNS, w->text);
		break;
	case CURLE_OPERATION_TIMEDOUT:
		fail(w, w->is_looking ? OUTCOME_DNS : OUTCOME_TIMEOUT, w->text);
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
		fail(w, OUTCOME_TLS_INVALID, w->text);
		break;
	case CURLE_SSL_CONNECT_ERROR:
		fail_handshake(w);
		break;
	case CURLE_COULDNT_CONNECT:
		fail_to_connect(w);
		break;
	default:
		fail(w, OUTCOME_CONNECT, w->text);
	}
}

static void
succeed(struct wire *w)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	if (curl_easy_getinfo(w->easy, CURLINFO_ACTIVESOCKET, &fd) !=
		CURLE_OK ||
	    fd == CURL_SOCKET_BAD || w->connection == NULL) {
		fail(w, OUTCOME_CONNECT, "libcurl shows no connection");
		return;
	}
	w->fd = fd;
	w->state = WIRE_OPEN;
}

/* A pass has ended. */
static void
conclude(struct wire *w, CURLcode code)
{
	if (w->is_looking && code == CURLE_COULDNT_CONNECT &&
	    w->addresses.allowed_count > 0) {
		(void)curl_multi_remove_handle(
		    w->connector->multi, w->easy); /* it is there */
		w->is_looking = 0;
		w->text[0] = '\0';
		start_pass(w);
	} else if (w->is_looking && w->addresses.count > 0) {
		fail(w, OUTCOME_BLOCKED_ADDRESS, w->addresses.denied);
	} else if (code == CURLE_OK) {
		succeed(w);
	} else {
		fail_by_code(w, code);
	}
	if (w->state != WIRE_CONNECTING)
		w->connector->connecting--;
}

static void
take_messages(struct connector *c)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(c->multi, &left)) != NULL) {
		char *private = NULL;

		if (m->msg != CURLMSG_DONE ||
		    curl_easy_getinfo(
			m->easy_handle, CURLINFO_PRIVATE, &private) != CURLE_OK)
			continue;
		conclude((struct wire *)(void *)private, m->data.result);
	}
}

int
connector_act(struct connector *c, const struct pollfd *fds, size_t count,
    struct error *e)
{
	int running;

	if (c->connecting == 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		int mask = 0;

		if (fds[i].revents & (POLLIN | POLLHUP))
			mask |= CURL_CSELECT_IN;
		if (fds[i].revents & POLLOUT)
			mask |= CURL_CSELECT_OUT;
		if (fds[i].revents & (POLLERR | POLLNVAL))
			mask |= CURL_CSELECT_ERR;
		if (mask != 0)
			(void)curl_multi_socket_action(c->multi, fds[i].fd,
			    mask, &running); /* failures are messages */
	}
	(void)curl_multi_socket_action(
	    c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	take_messages(c);
	if (c->system_errno != 0) {
		errno = c->system_errno;
		c->system_errno = 0;
		return error_system(e, "socket");
	}
	return 0;
}

enum wire_state
wire_state(const struct wire *w)
{
	return w->state;
}

enum outcome
wire_failure(const struct wire *w, const char **reason)
{
	*reason = w->reason;
	return w->outcome;
}

int
wire_fd(const struct wire *w)
{
	return w->fd;
}

struct connection *
wire_connection(const struct wire *w)
{
	return w->connection;
}

enum wire_result
wire_send(struct wire *w, const void *p, size_t cap, size_t *len)
{
	CURLcode code;

	*len = 0;
	code = curl_easy_send(w->easy, p, cap, len);
	if (code == CURLE_AGAIN || (code == CURLE_OK && *len == 0))
		return WIRE_AGAIN;
	return code == CURLE_OK ? WIRE_MOVED : WIRE_BROKEN;
}

enum wire_result
wire_receive(struct wire *w, void *p, size_t cap, size_t *len)
{
	CURLcode code;
	void *ssl;

	*len = 0;
	code = curl_easy_recv(w->easy, p, cap, len);
	if (code == CURLE_AGAIN)
		return WIRE_AGAIN;
	if (code != CURLE_OK)
		return WIRE_BROKEN;
	if (*len > 0)
		return WIRE_MOVED;
	/* RFC 9112, 9.8: without a goodbye it may have been cut. */
	ssl = tls_object(w);
	return ssl == NULL || handshake_ended(ssl) ? WIRE_END : WIRE_BROKEN;
}
