/* How an exchange ended, from what was received. */
#include "core/web/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/web/http_message.h"

static const char *
field(const struct http_reader *h, const char *name)
{
	const char *value = http_reader_field(h, name);

	return value == NULL ? "" : value;
}

/* A page that asks for a browser instead of answering. With a refusing status
 * these fields are known to come with one; most of them come with good answers
 * too. */
static int
is_challenge(const struct http_reader *h)
{
	static const char *const marks[] = { "cf-mitigated", "x-datadome",
		"x-sucuri-block", "x-amzn-waf-action" };
	static const char *const servers[] = { "cloudflare", "ddos-guard" };
	const char *server = field(h, "server");
	const char *type = field(h, "content-type");

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (field(h, marks[i])[0] != '\0')
			return 1;
	/* What they put in front is a page; what is none they hand on. */
	if (type[0] != '\0' && strcasestr(type, "html") == NULL)
		return 0;
	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++)
		if (text_equal_nocase(server, strlen(server), servers[i]))
			return 1;
	return 0;
}

/* These say so themselves, whatever the status. */
static int
is_said_challenge(const struct http_reader *h)
{
	return field(h, "cf-mitigated")[0] != '\0' ||
	       field(h, "x-amzn-waf-action")[0] != '\0';
}

static enum outcome
outcome_of_redirect(const struct http_reader *h, unsigned status)
{
	if (status == 304)
		return OUTCOME_NOT_MODIFIED;
	if (field(h, "location")[0] != '\0')
		return OUTCOME_REDIRECT;
	return status == 300 ? OUTCOME_CAPTURED : OUTCOME_PROTOCOL_ERROR;
}

static enum outcome
outcome_of_refusal(const struct http_reader *h, unsigned status)
{
	switch (status) {
	case 401:
	case 407:
		return OUTCOME_AUTH_REQUIRED;
	case 403:
		return is_challenge(h) ? OUTCOME_CHALLENGE : OUTCOME_FORBIDDEN;
	case 404:
		return OUTCOME_NOT_FOUND;
	case 410:
		return OUTCOME_GONE;
	case 429:
		return OUTCOME_RATE_LIMITED;
	case 451:
		return OUTCOME_LEGAL;
	default:
		return OUTCOME_CLIENT_ERROR;
	}
}

enum outcome
outcome_of_status(const struct http_reader *h)
{
	unsigned status = http_reader_status(h);

	if (is_said_challenge(h))
		return OUTCOME_CHALLENGE;
	switch (status / 100) {
	case 2:
		/* A part that nobody asked for is not the whole. */
		return status == 206 ? OUTCOME_PROTOCOL_ERROR
				     : OUTCOME_CAPTURED;
	case 3:
		return outcome_of_redirect(h, status);
	case 4:
		return outcome_of_refusal(h, status);
	case 5:
		return status == 503 && is_challenge(h) ? OUTCOME_CHALLENGE
							: OUTCOME_SERVER_ERROR;
	default: /* 101 too: nobody asked for another protocol */
		return OUTCOME_PROTOCOL_ERROR;
	}
}

static enum outcome
outcome_of_truncation(enum truncation t)
{
	switch (t) {
	case TRUNCATED_LENGTH:
		return OUTCOME_TRUNCATED_LENGTH;
	case TRUNCATED_TIME:
		return OUTCOME_TRUNCATED_TIME;
	case TRUNCATED_DISCONNECT:
		return OUTCOME_TRUNCATED_DISCONNECT;
	case TRUNCATED_NO:
		break;
	}
	return OUTCOME_CAPTURED;
}

static void
conclude(struct exchange *x, enum outcome o, const char *reason)
{
	x->outcome = o;
	free(x->reason);
	x->reason = mem_text(reason);
}

/* Nothing came that could be a head. */
static void
conclude_headless(struct exchange *x, enum receive_end end, const char *limit)
{
	switch (end) {
	case RECEIVE_LATE:
		conclude(x, OUTCOME_TIMEOUT, limit);
		break;
	case RECEIVE_FED:
		conclude(x, OUTCOME_PROTOCOL_ERROR, limit);
		break;
	case RECEIVE_CLOSED:
		if (x->response == NULL)
			conclude(x, OUTCOME_PROTOCOL_ERROR,
			    "the server closed without an answer");
		else
			conclude(x, OUTCOME_TRUNCATED_DISCONNECT,
			    "the connection ended within the head");
		break;
	case RECEIVE_BROKEN:
		if (x->response == NULL)
			conclude(x, OUTCOME_CONNECT,
			    "the connection was reset before an answer");
		else
			conclude(x, OUTCOME_TRUNCATED_DISCONNECT,
			    "the connection was reset within the head");
		break;
	}
}

/* Why a response that has a head is not simply captured. */
static char *
reason_of(const struct exchange *x, const char *limit)
{
	if (x->truncated == TRUNCATED_DISCONNECT)
		return mem_text("the connection ended within the body");
	if (x->truncated != TRUNCATED_NO)
		return mem_text(limit);
	if (x->status == 0)
		return mem_text("the answer has no status line");
	if (x->outcome == OUTCOME_PROTOCOL_ERROR &&
	    x->notes & HTTP_NOTE_BAD_CHUNK)
		return mem_text("the chunks of the body do not read");
	if (x->outcome == OUTCOME_PROTOCOL_ERROR)
		return mem_format(
		    "the server answered %u, which makes no sense here",
		    x->status);
	return mem_format("the server answered %u", x->status);
}

static const char *
opaque_tag(const char *etag)
{
	return text_starts(etag, "W/") ? etag + 2 : etag;
}

/* A 304 nobody asked for, or one that speaks of another version than the one
 * we have (weak comparison: RFC 9110, 8.8.3.2), says nothing about ours. */
static int
is_our_304(const struct exchange *x)
{
	if (x->if_none_match[0] == '\0')
		return x->if_modified_since[0] != '\0';
	return x->etag[0] == '\0' ||
	       strcmp(opaque_tag(x->etag), opaque_tag(x->if_none_match)) == 0;
}

void
outcome_conclude(struct exchange *x, const struct http_reader *h,
    enum receive_end end, const char *limit)
{
	if (!http_reader_head_done(h)) {
		conclude_headless(x, end, limit);
		return;
	}
	x->outcome = outcome_of_status(h);
	if (x->outcome == OUTCOME_NOT_MODIFIED && !is_our_304(x))
		x->outcome = OUTCOME_PROTOCOL_ERROR;
	if (x->outcome == OUTCOME_CAPTURED)
		x->outcome = outcome_of_truncation(x->truncated);
	if (x->outcome == OUTCOME_CAPTURED && x->notes & HTTP_NOTE_BAD_CHUNK)
		x->outcome = OUTCOME_PROTOCOL_ERROR;
	free(x->reason);
	x->reason = x->outcome == OUTCOME_CAPTURED ? mem_text("")
						   : reason_of(x, limit);
}
