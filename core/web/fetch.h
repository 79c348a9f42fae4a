#ifndef WEB_FETCH_H
#define WEB_FETCH_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

struct clock;
struct error;
struct exchange;

/*
 * Fetching: libcurl connects (resolver, address filter, proxy, TLS,
 * certificate check; CURLOPT_CONNECT_ONLY), http_message reads. Connections
 * are pooled per (scheme, host, port) and reused; HTTP/1.1 only; redirects
 * are not followed. One thread. SIGPIPE is ignored from fetcher_new on.
 *
 * A request on a reused connection that dies before the first byte of an
 * answer is sent once more on a fresh one. The time of an exchange
 * (started_us) never goes back within a fetcher.
 */

struct fetch_options {
	const char *user_agent;
	const char *spool_dir;            /* for bodies over 1 MiB */
	const char *ca_file;              /* NULL: the system's */
	const char *const *allow_address; /* CIDRs, NULL-terminated */
	const char *const *connect_to;    /* HOST:PORT:ADDRESS:PORT */
	const char *proxy; /* NULL: none; never the environment's */
	const char *const *mask_headers; /* names, beside the fixed ones */
	const char *const *headers; /* "Name: value" to send besides ours */
	const char *cookies_file;   /* Netscape format; NULL none */
	const char *const *cookies; /* "name=value; domain"; NULL none */
	unsigned host_connections;  /* 0: LIMIT_HOST_CONNECTIONS */
	unsigned all_connections;   /* 0: LIMIT_ALL_CONNECTIONS */
	int64_t total_ms, connect_ms, first_byte_ms, idle_ms; /* 0: limits.h */
	uint64_t rate_bytes; /* slowest rate; 0: limits.h */
	uint64_t max_body;   /* 0: by kind, fetch_request.max_body */
};

struct fetch_request {
	const char *url;     /* absolute http(s), ASCII, no fragment */
	const char *referer; /* NULL or "" none */
	const char *accept;  /* NULL: a default */
	uint64_t max_body;   /* payload bytes kept; 0: LIMIT_BODY_OTHER */
	/* Conditional (RFC 9110, 13): values as received earlier; NULL or ""
	 * none. Only then may 304 end as not-modified. */
	const char *if_none_match;
	const char *if_modified_since;
	/* Of another host than those asked for: what the owner sends to identify
	 * himself (Authorization, Cookie, fields to be masked) is left out. */
	int is_foreign;
	unsigned rank; /* of one host's requests the lowest goes first */
	void *tag;     /* handed back */
};

struct fetcher;

struct fetcher *fetcher_new(
    const struct fetch_options *o, struct clock *clock, struct error *e);
void fetcher_free(struct fetcher *f); /* drops what is under way */

/* Does not block; the request is copied. May be called for any number of
 * requests: they queue per host. */
int fetcher_start(
    struct fetcher *f, const struct fetch_request *r, struct error *e);
/* Requests whose exchange fetcher_wait has not handed out yet. */
size_t fetcher_pending(const struct fetcher *f);

/* At least so long a pause between the end of an answer of HOST (any scheme
 * and port) and the start of the next request to it, from now on. */
void fetcher_set_pause(struct fetcher *f, const char *host, int64_t pause_ms);

/* Requests to HOST that are not under way are dropped and come back from
 * fetcher_wait with OUTCOME_NOT_TRIED; further ones too. */
void fetcher_stop_host(struct fetcher *f, const char *host);

/*
 * Wait for an exchange to end, or for one of ALSO to become ready. 1: *OUT
 * (the caller's, exchange_free) and *TAG; 0: nothing ended (time, a signal,
 * nothing pending and no ALSO, or ALSO is ready); -1: ERROR_SYSTEM. The
 * revents of ALSO are set in any case.
 */
int fetcher_wait(struct fetcher *f, struct pollfd *also, size_t also_count,
    int timeout_ms, struct exchange **out, void **tag, struct error *e);

/* "libcurl/7.88.1 OpenSSL/3.0.19 ..." for warcinfo and --version. */
const char *fetch_libraries(void);

#endif
