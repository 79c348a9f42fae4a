#ifndef WEB_EXCHANGE_H
#define WEB_EXCHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/digest.h"

struct spool;

/*
 * One HTTP request and its response as they crossed the wire, or the fact
 * that there was none: the evidence. Written once by the fetcher, immutable
 * afterwards, counted from any thread.
 */

/* How a target ended (DESIGN, 8). The list is closed. */
enum outcome {
	OUTCOME_CAPTURED,
	OUTCOME_REVISIT,
	OUTCOME_NOT_MODIFIED,
	OUTCOME_TRUNCATED_LENGTH,
	OUTCOME_TRUNCATED_TIME,
	OUTCOME_TRUNCATED_DISCONNECT,
	OUTCOME_REDIRECT,
	OUTCOME_NOT_FOUND,
	OUTCOME_GONE,
	OUTCOME_LEGAL,
	OUTCOME_FORBIDDEN,
	OUTCOME_CHALLENGE,
	OUTCOME_RATE_LIMITED,
	OUTCOME_SERVER_ERROR,
	OUTCOME_CLIENT_ERROR,
	OUTCOME_AUTH_REQUIRED,
	OUTCOME_PROTOCOL_ERROR,
	OUTCOME_TLS_INVALID,
	OUTCOME_DNS,
	OUTCOME_CONNECT,
	OUTCOME_TIMEOUT,
	OUTCOME_BLOCKED_ROBOTS,
	OUTCOME_BLOCKED_ADDRESS,
	OUTCOME_BLOCKED_SCHEME,
	OUTCOME_BLOCKED_SIZE,
	OUTCOME_BLOCKED_BY_PROFILE,
	OUTCOME_URL_TOO_LONG,
	OUTCOME_OUT_OF_SCOPE,
	OUTCOME_OUT_OF_SCOPE_MEDIA,
	OUTCOME_TRAP,
	OUTCOME_BUDGET,
	OUTCOME_NOT_TRIED
};

enum { OUTCOME_COUNT = OUTCOME_NOT_TRIED + 1 };

const char *outcome_name(enum outcome o);            /* "not-found" ... */
int outcome_find(const char *name, enum outcome *o); /* 1 / 0 */

/* The target's bytes are in the archive as they should be: captured, revisit,
 * not-modified, redirect. */
int outcome_is_good(enum outcome o);

/* Left out on purpose, not lost: out of scope, or blocked by the profile. */
int outcome_is_left_out(enum outcome o);

/* One certificate of the peer's chain, DER, leaf first. */
struct certificate {
	uint8_t *der;
	size_t len;
	char digest[DIGEST_TEXT_MAX]; /* sha256 of DER */
};

/* One connection, shared by its exchanges; counted. */
struct connection {
	int references;
	uint64_t number;   /* of this run, from 1 */
	int64_t opened_us; /* wall */
	char *host;        /* name asked for */
	int port;
	char *peer; /* address, RFC 5952, no brackets */
	int peer_port;
	char *local;
	int local_port;
	char *resolved;    /* addresses the resolver gave, blank separated */
	char *proxy;       /* "" for none */
	char *tls_version; /* "tls/1.3"; "" for plain */
	char *cipher;      /* IANA name */
	char *alpn;
	struct certificate *chain;
	size_t chain_count;
	uint8_t *ocsp; /* staple; NULL none */
	size_t ocsp_len;
	uint8_t *sct; /* TLS extension list; NULL none */
	size_t sct_len;
	char *verify;      /* "ok" or why not */
	char *trust_store; /* path of the CA file or directory */
};

/* A new one with empty texts and no chain; fill it before it is shared. */
struct connection *connection_new(void);
struct connection *connection_keep(struct connection *c);
void connection_free(struct connection *c);

/* Why a response is not whole: WARC-Truncated. */
enum truncation {
	TRUNCATED_NO,
	TRUNCATED_LENGTH,
	TRUNCATED_TIME,
	TRUNCATED_DISCONNECT
};

struct exchange {
	int references;
	char *url;    /* absolute, ASCII, no fragment */
	char *method; /* "GET" */
	enum outcome outcome;
	char *reason;        /* a sentence for people; "" when captured */
	int64_t started_us;  /* wall, start of the request */
	int64_t duration_ms; /* monotonic */
	struct connection *connection; /* NULL: none was made */
	struct spool *request;         /* bytes sent; NULL: none were */
	struct spool *response; /* final head and body; NULL: nothing came */
	uint64_t head_len;      /* of the final head in RESPONSE; 0: no head */
	unsigned status;        /* 0: none */
	unsigned notes;         /* enum http_note */
	enum truncation truncated;
	uint64_t payload_len;   /* transfer coding removed */
	uint64_t announced_len; /* Content-Length; 0: none */
	char *masked;           /* request fields masked, blank separated */
	char block_digest[DIGEST_TEXT_MAX]; /* sha256 of RESPONSE */
	char payload_digest[DIGEST_TEXT_MAX];
	char request_digest[DIGEST_TEXT_MAX];
	char *content_type;      /* header value as received; "" */
	char *content_encoding;  /* lower-case; "" */
	char *location;          /* "" */
	char *retry_after;       /* "" */
	char *etag;              /* as received; "" */
	char *last_modified;     /* as received; "" */
	char *if_none_match;     /* as sent; "" */
	char *if_modified_since; /* as sent; "" */
};

/* A new one with empty texts and no spools, not tried. It takes what is put
 * into it: texts are freed, the connection is dropped with it. */
struct exchange *exchange_new(void);
struct exchange *exchange_keep(struct exchange *x);
void exchange_free(struct exchange *x);

#endif
