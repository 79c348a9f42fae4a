/* Exchanges: names of outcomes, and memory that is counted. */
#include "core/web/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/spool.h"

static const char *const outcome_names[OUTCOME_COUNT] = {
	[OUTCOME_CAPTURED] = "captured",
	[OUTCOME_REVISIT] = "revisit",
	[OUTCOME_NOT_MODIFIED] = "not-modified",
	[OUTCOME_TRUNCATED_LENGTH] = "truncated-length",
	[OUTCOME_TRUNCATED_TIME] = "truncated-time",
	[OUTCOME_TRUNCATED_DISCONNECT] = "truncated-disconnect",
	[OUTCOME_REDIRECT] = "redirect",
	[OUTCOME_NOT_FOUND] = "not-found",
	[OUTCOME_GONE] = "gone",
	[OUTCOME_LEGAL] = "legal",
	[OUTCOME_FORBIDDEN] = "forbidden",
	[OUTCOME_CHALLENGE] = "challenge",
	[OUTCOME_RATE_LIMITED] = "rate-limited",
	[OUTCOME_SERVER_ERROR] = "server-error",
	[OUTCOME_CLIENT_ERROR] = "client-error",
	[OUTCOME_AUTH_REQUIRED] = "auth-required",
	[OUTCOME_PROTOCOL_ERROR] = "protocol-error",
	[OUTCOME_TLS_INVALID] = "tls-invalid",
	[OUTCOME_DNS] = "dns",
	[OUTCOME_CONNECT] = "connect",
	[OUTCOME_TIMEOUT] = "timeout",
	[OUTCOME_BLOCKED_ROBOTS] = "blocked-robots",
	[OUTCOME_BLOCKED_ADDRESS] = "blocked-address",
	[OUTCOME_BLOCKED_SCHEME] = "blocked-scheme",
	[OUTCOME_BLOCKED_SIZE] = "blocked-size",
	[OUTCOME_BLOCKED_BY_PROFILE] = "blocked-by-profile",
	[OUTCOME_URL_TOO_LONG] = "url-too-long",
	[OUTCOME_OUT_OF_SCOPE] = "out-of-scope",
	[OUTCOME_OUT_OF_SCOPE_MEDIA] = "out-of-scope-media",
	[OUTCOME_TRAP] = "trap",
	[OUTCOME_BUDGET] = "budget",
	[OUTCOME_NOT_TRIED] = "not-tried",
};

const char *
outcome_name(enum outcome o)
{
	return outcome_names[o];
}

int
outcome_find(const char *name, enum outcome *o)
{
	for (int i = 0; i < OUTCOME_COUNT; i++)
		if (strcmp(outcome_names[i], name) == 0) {
			*o = (enum outcome)i;
			return 1;
		}
	return 0;
}

int
outcome_is_good(enum outcome o)
{
	return o == OUTCOME_CAPTURED || o == OUTCOME_REVISIT ||
	       o == OUTCOME_NOT_MODIFIED || o == OUTCOME_REDIRECT;
}

int
outcome_is_left_out(enum outcome o)
{
	return o == OUTCOME_OUT_OF_SCOPE || o == OUTCOME_OUT_OF_SCOPE_MEDIA ||
	       o == OUTCOME_BLOCKED_BY_PROFILE;
}

/* The last one out frees: 1 when that is the caller. */
static int
counted_drop(int *references)
{
	return __atomic_sub_fetch(references, 1, __ATOMIC_ACQ_REL) == 0;
}

static void
counted_keep(int *references)
{
	(void)__atomic_add_fetch(references, 1, __ATOMIC_RELAXED);
}

struct connection *
connection_new(void)
{
	struct connection *c = mem_zero(1, sizeof(*c));

	c->references = 1;
	c->host = mem_text("");
	c->peer = mem_text("");
	c->local = mem_text("");
	c->resolved = mem_text("");
	c->proxy = mem_text("");
	c->tls_version = mem_text("");
	c->cipher = mem_text("");
	c->alpn = mem_text("");
	c->verify = mem_text("");
	c->trust_store = mem_text("");
	return c;
}

struct connection *
connection_keep(struct connection *c)
{
	if (c != NULL)
		counted_keep(&c->references);
	return c;
}

void
connection_free(struct connection *c)
{
	if (c == NULL || !counted_drop(&c->references))
		return;
	for (size_t i = 0; i < c->chain_count; i++)
		free(c->chain[i].der);
	free(c->chain);
	free(c->host);
	free(c->peer);
	free(c->local);
	free(c->resolved);
	free(c->proxy);
	free(c->tls_version);
	free(c->cipher);
	free(c->alpn);
	free(c->ocsp);
	free(c->sct);
	free(c->verify);
	free(c->trust_store);
	free(c);
}

struct exchange *
exchange_new(void)
{
	struct exchange *x = mem_zero(1, sizeof(*x));

	x->references = 1;
	x->outcome = OUTCOME_NOT_TRIED;
	x->url = mem_text("");
	x->method = mem_text("");
	x->reason = mem_text("");
	x->masked = mem_text("");
	x->content_type = mem_text("");
	x->content_encoding = mem_text("");
	x->location = mem_text("");
	x->retry_after = mem_text("");
	x->etag = mem_text("");
	x->last_modified = mem_text("");
	x->if_none_match = mem_text("");
	x->if_modified_since = mem_text("");
	return x;
}

struct exchange *
exchange_keep(struct exchange *x)
{
	if (x != NULL)
		counted_keep(&x->references);
	return x;
}

void
exchange_free(struct exchange *x)
{
	if (x == NULL || !counted_drop(&x->references))
		return;
	connection_free(x->connection);
	spool_free(x->request);
	spool_free(x->response);
	free(x->url);
	free(x->method);
	free(x->reason);
	free(x->masked);
	free(x->content_type);
	free(x->content_encoding);
	free(x->location);
	free(x->retry_after);
	free(x->etag);
	free(x->last_modified);
	free(x->if_none_match);
	free(x->if_modified_since);
	free(x);
}
